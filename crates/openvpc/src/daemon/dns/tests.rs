//! The edge on loopback: real sockets, a server elsewhere that behaves as told.
#![allow(clippy::unwrap_used)]

use std::collections::HashSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Mutex as StdMutex;

use openvpc_dns::{Asker, View, VpcKey};

use super::*;

/// `ip-10-0-1-<last>.ec2.internal` or any other name, type A, recursion desired, no EDNS.
fn query(name: &str) -> Vec<u8> {
    let mut bytes = vec![0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    for label in name.split('.') {
        bytes.push(label.len() as u8);
        bytes.extend_from_slice(label.as_bytes());
    }
    bytes.extend_from_slice(&[0, 0, 1, 0, 1]);
    bytes
}

fn code(answer: &[u8]) -> u8 {
    assert_eq!(&answer[..2], &[0x12, 0x34]);
    answer[3] & 0xf
}

/// The last four bytes: the address of an answer with one A record and no EDNS.
fn address(answer: &[u8]) -> Ipv4Addr {
    assert_eq!((code(answer), answer[7]), (0, 1), "one record");
    let last: [u8; 4] = answer[answer.len() - 4..].try_into().unwrap();
    last.into()
}

struct Everyone(u32);

impl Identify for Everyone {
    async fn identify(&self, _: IpAddr) -> Option<u32> {
        Some(self.0)
    }
}

/// Interface 7 in a VPC with this block.
fn views(block: &str) -> Views {
    let mut views = Views::default();
    let (vpc, dns64) = (VpcKey(1), false);
    views.askers.insert(7, Asker { vpc, dns64 });
    let view = View {
        dns_support: true,
        host_names: true,
        domain: "ec2.internal".to_owned(),
        named_blocks: vec![block.parse().unwrap()],
        near: HashSet::from([vpc]),
        ..View::default()
    };
    views.vpcs.insert(vpc, view);
    views
}

struct Lab {
    address: SocketAddr,
    block: Arc<StdMutex<&'static str>>,
    applied: watch::Sender<u64>,
}

async fn lab(interface: u32, rules: Vec<ForwardRule>) -> Lab {
    let block = Arc::new(StdMutex::new("10.0.0.0/16"));
    let (applied, follow) = watch::channel(0);
    let now = block.clone();
    let make = Box::new(move || views(*now.lock().unwrap()));
    let service = DnsService::new(rules, make, follow, Everyone(interface));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let socket = UdpSocket::bind(address).await.unwrap();
    tokio::spawn(service.clone().serve_udp(socket));
    tokio::spawn(service.serve_tcp(listener));
    Lab {
        address,
        block,
        applied,
    }
}

async fn ask(lab: &Lab, name: &str) -> Vec<u8> {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    socket.connect(lab.address).await.unwrap();
    socket.send(&query(name)).await.unwrap();
    let mut buffer = vec![0; 4_096];
    let len = socket.recv(&mut buffer).await.unwrap();
    buffer.truncate(len);
    buffer
}

#[tokio::test]
async fn answers_follow_what_is_applied() {
    let lab = lab(7, Vec::new()).await;
    let name = "ip-10-1-0-5.ec2.internal";
    assert_eq!(code(&ask(&lab, name).await), 3);
    *lab.block.lock().unwrap() = "10.1.0.0/16";
    assert_eq!(code(&ask(&lab, name).await), 3, "not applied yet");
    lab.applied.send_replace(0);
    assert_eq!(address(&ask(&lab, name).await), Ipv4Addr::new(10, 1, 0, 5));
}

#[tokio::test]
async fn a_connection_carries_query_after_query() {
    let lab = lab(7, Vec::new()).await;
    let mut stream = TcpStream::connect(lab.address).await.unwrap();
    for last in 1..4 {
        let name = format!("ip-10-0-1-{last}.ec2.internal");
        write_message(&mut stream, &query(&name)).await.unwrap();
        let answer = read_message(&mut stream).await.unwrap();
        assert_eq!(address(&answer), Ipv4Addr::new(10, 0, 1, last));
    }
}

/// Nothing, less than a header, less or more than the query: hung up, or refused, and others are served.
#[tokio::test]
async fn a_length_that_lies_ends_the_connection() {
    let lab = lab(7, Vec::new()).await;
    let good = query("ip-10-0-1-9.ec2.internal");
    let said = |len: u16| [&len.to_be_bytes()[..], &good].concat();
    let whole = u16::try_from(good.len()).unwrap();
    for bytes in [
        vec![0, 0],
        vec![0, 1, 9],
        said(11),
        said(whole + 1),
        said(u16::MAX),
        vec![0],
    ] {
        let mut stream = TcpStream::connect(lab.address).await.unwrap();
        stream.write_all(&bytes).await.unwrap();
        stream.shutdown().await.unwrap();
        assert!(read_message(&mut stream).await.is_err(), "{bytes:?}");
    }
    let mut stream = TcpStream::connect(lab.address).await.unwrap();
    stream.write_all(&said(whole - 1)).await.unwrap();
    assert_eq!(code(&read_message(&mut stream).await.unwrap()), 1);
    assert_eq!(code(&ask(&lab, "ip-10-0-1-9.ec2.internal").await), 0);
}

#[tokio::test]
async fn one_interface_holds_so_many_connections() {
    let lab = lab(7, Vec::new()).await;
    let mut held = Vec::new();
    for _ in 0..CONNECTIONS_MAX.1 {
        let mut stream = TcpStream::connect(lab.address).await.unwrap();
        let message = query("ip-10-0-1-9.ec2.internal");
        write_message(&mut stream, &message).await.unwrap();
        read_message(&mut stream).await.unwrap();
        held.push(stream);
    }
    let mut one_more = TcpStream::connect(lab.address).await.unwrap();
    assert!(read_message(&mut one_more).await.is_err(), "hung up");
    assert_eq!(code(&ask(&lab, "ip-10-0-1-9.ec2.internal").await), 0);
}

/// A server that first answers under a wrong id, then cut off, and whole over TCP.
#[tokio::test]
async fn other_servers_are_asked_and_believed_only_when_they_answer() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = listener.local_addr().unwrap();
    let socket = UdpSocket::bind(server).await.unwrap();
    tokio::spawn(async move {
        let mut buffer = vec![0; 512];
        let (len, peer) = socket.recv_from(&mut buffer).await.unwrap();
        let mut lie = answer(&buffer[..len], Some([203, 0, 113, 66]));
        lie[0] ^= 0xff;
        socket.send_to(&lie, peer).await.unwrap();
        let mut cut = answer(&buffer[..len], None);
        cut[2] |= 2;
        socket.send_to(&cut, peer).await.unwrap();
        let (mut stream, _) = listener.accept().await.unwrap();
        let asked = read_message(&mut stream).await.unwrap();
        let whole = answer(&asked, Some([198, 51, 100, 7]));
        write_message(&mut stream, &whole).await.unwrap();
    });
    let rule: ForwardRule = format!("corp.example={server}").parse().unwrap();
    let lab = lab(7, vec![rule]).await;
    let given = ask(&lab, "x.corp.example").await;
    assert_eq!(address(&given), Ipv4Addr::new(198, 51, 100, 7));
    assert_eq!(code(&ask(&lab, "x.other.example").await), 3);
}

/// A server's answer: the question as it came, and one record of it.
fn answer(asked: &[u8], address: Option<[u8; 4]>) -> Vec<u8> {
    // Without the EDNS record at the end, 11 bytes.
    let mut bytes = asked[..asked.len() - 11].to_vec();
    bytes[2] |= 0x80;
    bytes[11] = 0;
    if let Some(address) = address {
        bytes[7] = 1;
        bytes.extend_from_slice(&[0xc0, 12, 0, 1, 0, 1, 0, 0, 1, 44, 0, 4]);
        bytes.extend_from_slice(&address);
    }
    bytes
}

#[tokio::test]
async fn a_server_that_is_not_there_is_a_failure_not_silence() {
    let gone = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let rule = format!(".={}", gone.local_addr().unwrap());
    drop(gone);
    let lab = lab(7, vec![rule.parse().unwrap()]).await;
    assert_eq!(code(&ask(&lab, "x.example").await), 2);
}
