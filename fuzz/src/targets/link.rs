//! ARP, neighbour discovery and DHCP of both families: read, answered, and read again by another implementation.

use std::net::Ipv4Addr;

use openvpc_engine::Verdict;
use openvpc_testkit::{Host, Lab};
use openvpc_wire::arp::Arp;
use openvpc_wire::dhcp::{self, Answer, Lease, Question};
use openvpc_wire::dhcpv6::{self, Address, Kind, Message, Writer, option};
use openvpc_wire::ethernet::{self, Ethernet};
use openvpc_wire::ip::{self, Envelope};
use openvpc_wire::ndp::{self, Solicitation};
use openvpc_wire::{Mac, Packet, Transport};
use smoltcp::wire::{DhcpPacket, DhcpRepr};

use super::Input;
use crate::Target;

/// A frame with ARP or neighbour discovery.
pub const ARP_NDP: Target = Target {
    name: "arp_ndp",
    run: arp_ndp,
    seeds: arp_ndp_seeds,
};

/// A DHCP message without its headers.
pub const DHCP: Target = Target {
    name: "dhcp",
    run: dhcp,
    seeds: dhcp_seeds,
};

/// A DHCPv6 message without its headers, sent to a subnet's router.
pub const DHCPV6: Target = Target {
    name: "dhcpv6",
    run: dhcpv6,
    seeds: dhcpv6_seeds,
};

const ROUTER: Mac = Mac([2, 0, 0, 0, 0, 1]);
const CLIENT: Mac = Mac([2, 0, 0, 0, 0, 2]);

fn arp_ndp_seeds() -> Vec<(&'static str, Vec<u8>)> {
    let mut request = Vec::new();
    let question = Arp {
        request: true,
        sender_mac: CLIENT,
        sender: Ipv4Addr::new(10, 0, 1, 10),
        target_mac: Mac([0; 6]),
        target: Ipv4Addr::new(10, 0, 1, 1),
    };
    question.emit(&mut request);
    let mut reply = Vec::new();
    question.answer(ROUTER).emit(&mut reply);
    let link = CLIENT.link_local();
    let envelope = Envelope {
        source_mac: CLIENT,
        destination_mac: ROUTER,
        source: link.into(),
        destination: ROUTER.link_local().into(),
    };
    let icmp = |message: &[u8]| {
        let mut out = Vec::new();
        ip::emit_icmp(&mut out, &envelope, 255, message);
        out
    };
    let target = ROUTER.link_local().octets();
    let solicitation = [
        &[135, 0, 0, 0, 0, 0, 0, 0][..],
        &target,
        &[1, 1, 2, 0, 0, 0, 0, 2],
    ]
    .concat();
    let mut advertisement = Vec::new();
    ndp::emit_neighbour_advertisement(&mut advertisement, &envelope, link, CLIENT, false, true);
    vec![
        ("request", request),
        ("reply", reply),
        ("solicitation", icmp(&solicitation)),
        ("router_solicitation", icmp(&[133, 0, 0, 0, 0, 0, 0, 0])),
        ("advertisement", advertisement),
    ]
}

fn arp_ndp(bytes: &[u8]) {
    if let Some(arp) = Arp::parse(bytes) {
        let mut out = Vec::new();
        arp.emit(&mut out);
        assert_eq!(Arp::parse(&out), Some(arp));
        assert_eq!(out[14..], bytes[14..42]);
        arp.answer(ROUTER).emit(&mut out);
        let answer = Arp::parse(&out).expect("an answer");
        assert_eq!((answer.sender, answer.target), (arp.target, arp.sender));
        assert_eq!(out[..6], arp.sender_mac.0);
    }
    let Ok(packet) = Packet::parse(bytes, ethernet::IPV6) else {
        return;
    };
    match ndp::parse_solicitation(bytes, &packet) {
        None => {}
        Some(solicited) => {
            assert!(packet.ttl == 255 && !packet.fragment_header);
            let mut out = Vec::new();
            let envelope = Envelope {
                source_mac: ROUTER,
                destination_mac: CLIENT,
                source: packet.destination,
                destination: packet.source,
            };
            let kind = match solicited {
                Solicitation::Neighbour { target } => {
                    assert!(!target.is_multicast());
                    ndp::emit_neighbour_advertisement(
                        &mut out, &envelope, target, ROUTER, true, true,
                    );
                    136
                }
                Solicitation::Router => {
                    let advertisement = ndp::RouterAdvertisement {
                        mac: ROUTER,
                        mtu: 9_001,
                        prefix: "2001:db8::".parse().unwrap(),
                    };
                    advertisement.emit(&mut out, ndp::ALL_NODES, CLIENT);
                    134
                }
            };
            let ethernet = Ethernet::parse(&out).expect("a header");
            let sent = Packet::parse(&out, ethernet.ethertype).expect("a packet");
            assert!(matches!(sent.transport, Transport::Icmp { kind: sent, .. } if sent == kind));
            assert!(openvpc_wire::quoted::icmp_checksum_holds(&out, &sent));
        }
    }
}

fn message(kind: u8, options: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0; 240];
    bytes[..4].copy_from_slice(&[1, 1, 6, 0]);
    bytes[4..8].copy_from_slice(&[0, 0, 0x12, 0x34]);
    bytes[28..34].copy_from_slice(&CLIENT.0);
    bytes[236..].copy_from_slice(&[99, 130, 83, 99]);
    bytes.extend_from_slice(&[53, 1, kind]);
    bytes.extend_from_slice(options);
    bytes.push(255);
    bytes
}

fn dhcp_seeds() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("discover", message(1, &[55, 4, 1, 3, 6, 26])),
        (
            "request",
            message(3, &[50, 4, 10, 0, 1, 10, 54, 4, 10, 0, 1, 1]),
        ),
        ("inform", message(8, &[61, 7, 1, 2, 0, 0, 0, 0, 2])),
        ("release", message(7, &[54, 4, 10, 0, 1, 1])),
        ("offer", message(2, &[51, 4, 0, 0, 14, 16])),
    ]
}

fn dhcp(bytes: &[u8]) {
    let mut input = Input(bytes);
    let payload = input.bytes(1_400);
    let envelope = Envelope {
        source_mac: CLIENT,
        destination_mac: Mac::BROADCAST,
        source: Ipv4Addr::UNSPECIFIED.into(),
        destination: Ipv4Addr::BROADCAST.into(),
    };
    let mut frame = Vec::new();
    ip::emit_udp(&mut frame, &envelope, 68, 67, payload);
    let packet = Packet::parse(&frame, ethernet::IPV4).expect("just built");
    let Some(question) = Question::parse(&frame, &packet) else {
        return;
    };
    let server = Ipv4Addr::new(10, 0, 1, 1);
    let lease = Lease {
        address: Ipv4Addr::new(10, 0, 1, 10),
        mask: Ipv4Addr::new(255, 255, 255, 0),
        router: server,
        duration_secs: 3_600,
        mtu: 9_001,
        options: &[(6, &[10, 0, 0, 2]), (15, b"ec2.internal")],
    };
    for answer in [Answer::Configure(&lease), Answer::Refuse] {
        let mut out = Vec::new();
        assert!(dhcp::emit(&mut out, &question, answer, server, ROUTER));
        let sent = Packet::parse(&out, ethernet::IPV4).expect("a packet");
        let read = DhcpPacket::new_checked(&out[sent.l4 + 8..sent.end]).expect("a message");
        let read = DhcpRepr::parse(&read).expect("whole");
        assert_eq!(read.transaction_id, question.transaction);
        assert_eq!(read.client_hardware_address.0, question.client.0);
        assert_eq!(read.server_identifier, Some(server));
        assert!([Mac::BROADCAST.0, question.client.0].contains(&out[..6].try_into().unwrap()));
    }
}

fn dhcpv6_seeds() -> Vec<(&'static str, Vec<u8>)> {
    let duid = dhcpv6::duid_of(CLIENT);
    let of = |kind: Kind, server: Option<&[u8]>| {
        let mut out = Vec::new();
        let mut writer = Writer::begin(&mut out, kind, 0x1234);
        writer.option(option::CLIENT_ID, &duid);
        if let Some(server) = server {
            writer.option(option::SERVER_ID, server);
        }
        writer.association((option::IA_NA, 7), (0, 0), |inner| {
            inner.address(&Address {
                address: "2001:db8:1:101::10".parse().unwrap(),
                preferred_secs: 140,
                valid_secs: 450,
            });
        });
        writer.option(option::REQUESTED, &[0, 23, 0, 24]);
        out
    };
    // The router of the laboratory's first subnet.
    let server = dhcpv6::duid_of(lab6().1.router_mac());
    vec![
        ("solicit", of(Kind::Solicit, None)),
        ("request", of(Kind::Request, Some(&server))),
        ("renew", of(Kind::Renew, Some(&server))),
        ("rebind", of(Kind::Rebind, None)),
        ("confirm", of(Kind::Confirm, None)),
        ("release", of(Kind::Release, Some(&server))),
        ("reply", of(Kind::Reply, Some(&server))),
    ]
}

fn lab6() -> (Lab, Host) {
    let lab = Lab::vpc("10.0.0.0/16").ipv6("2001:db8:1:100::/56");
    let host = lab.eni("10.0.1.10").ipv6(0x10);
    lab.eni("10.0.1.11").ipv6(0x11);
    (lab, host)
}

/// Nobody is given another's address, and an answer is one to its question.
fn dhcpv6(bytes: &[u8]) {
    let (lab, host) = lab6();
    let payload = Input(bytes).bytes(1_400);
    let envelope = Envelope {
        source_mac: host.mac(),
        destination_mac: Mac([0x33, 0x33, 0, 1, 0, 2]),
        source: host.mac().link_local().into(),
        destination: dhcpv6::ALL_SERVERS.into(),
    };
    let mut frame = Vec::new();
    ip::emit_udp(&mut frame, &envelope, 546, 547, payload);
    let outcome = lab.raw(&host, frame);
    if outcome.verdict() != Verdict::Reply {
        return;
    }
    let reply = outcome.frames()[0];
    let packet = Packet::parse(reply, ethernet::IPV6).expect("a packet");
    let answer = Message::parse(&reply[packet.l4 + 8..packet.end]).expect("a message");
    let asked = Message::parse(payload).expect("what was answered");
    assert_eq!(answer.transaction, asked.transaction);
    assert_eq!(answer.client(), asked.client());
    assert!(matches!(answer.kind, Kind::Advertise | Kind::Reply));
    for given in answer
        .associations()
        .flat_map(|own| own.options.addresses())
    {
        let own = host.address(false) == given.address;
        assert!(own || given.valid_secs == 0, "{given:?}");
    }
}
