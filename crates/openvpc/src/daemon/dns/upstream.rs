//! Asking another server: a fresh port and a random id for every attempt, so that an outsider has to guess both.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use openvpc_dns::{Pending, Progress, Transport};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;

use super::{read_message, write_message};

/// How long one attempt waits, and all of them: a client's own patience is mostly 5 s.
const ATTEMPT: Duration = Duration::from_millis(1_500);
const IN_ALL: Duration = Duration::from_millis(4_500);
const ATTEMPTS: usize = 3;
/// Questions that lead to one more: DNS64 has one.
const QUESTIONS_MAX: usize = 2;
const UDP_ANSWER_MAX: usize = 4_096;

/// The answer for the client: the server's, or that there is none.
pub async fn ask(mut pending: Pending) -> Vec<u8> {
    let failed = pending.failed();
    match timeout(IN_ALL, all(&mut pending)).await {
        Ok(Some(bytes)) => bytes,
        Ok(None) | Err(_) => failed,
    }
}

async fn all(pending: &mut Pending) -> Option<Vec<u8>> {
    for _ in 0..QUESTIONS_MAX {
        match question(pending).await? {
            Progress::Reply(bytes) => return Some(bytes),
            Progress::AskNext => {}
            Progress::Ignored | Progress::UseTcp => return None,
        }
    }
    None
}

async fn question(pending: &mut Pending) -> Option<Progress> {
    for _ in 0..ATTEMPTS {
        match timeout(ATTEMPT, over_udp(pending)).await {
            Ok(Ok(Progress::UseTcp)) => return over_tcp(pending).await.ok(),
            Ok(Ok(progress)) => return Some(progress),
            Ok(Err(error)) => {
                tracing::debug!(server = %pending.server(), %error, "a DNS server cannot be asked");
                return None;
            }
            Err(_late) => {}
        }
    }
    None
}

async fn over_udp(pending: &mut Pending) -> io::Result<Progress> {
    let server = pending.server();
    let any = match server {
        SocketAddr::V4(_) => SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)),
        SocketAddr::V6(_) => SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0)),
    };
    let socket = UdpSocket::bind(any).await?;
    // Only that server's packets arrive.
    socket.connect(server).await?;
    let id = rand::random();
    socket.send(&pending.request(id)).await?;
    let mut buffer = vec![0; UDP_ANSWER_MAX];
    loop {
        let len = socket.recv(&mut buffer).await?;
        match pending.accept(id, &buffer[..len], Transport::Udp) {
            Progress::Ignored => {}
            progress => return Ok(progress),
        }
    }
}

async fn over_tcp(pending: &mut Pending) -> io::Result<Progress> {
    let mut stream = TcpStream::connect(pending.server()).await?;
    let id = rand::random();
    write_message(&mut stream, &pending.request(id)).await?;
    let answer = read_message(&mut stream).await?;
    Ok(pending.accept(id, &answer, Transport::Tcp))
}
