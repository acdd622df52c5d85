//! The resolver's edge: its sockets, its clock, and the views that follow the world. What is answered is decided in
//! `openvpc_dns` alone.

pub mod shares;
pub mod upstream;

use std::future::Future;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use openvpc_dns::{ForwardRule, Outcome, Resolver, Transport, Views};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::sync::{Mutex, watch};

use shares::Shares;

/// Longer datagrams are no queries that anybody sends.
const UDP_QUERY_MAX: usize = 4_096;
/// Questions under way to other servers: of all interfaces, and of one. Beyond, `SERVFAIL`.
const FORWARDS_MAX: (usize, usize) = (512, 64);
/// TCP connections: of all interfaces, and of one. Beyond, a new one is closed.
const CONNECTIONS_MAX: (usize, usize) = (512, 16);
/// A connection that says nothing for so long is closed.
const IDLE_MAX: Duration = Duration::from_secs(10);
/// After a failed `accept`, such as for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Says which interface (its serial number) is behind a peer's address.
pub trait Identify: Send + Sync + 'static {
    fn identify(&self, peer: IpAddr) -> impl Future<Output = Option<u32>> + Send;
}

/// Makes the views of what is enforced now.
pub type MakeViews = Box<dyn Fn() -> Views + Send + Sync>;

/// The resolver of all VPCs, behind whatever sockets it is given.
pub struct DnsService<I> {
    state: Mutex<State>,
    make_views: MakeViews,
    identify: I,
    started: Instant,
    forwards: Arc<Shares<u32>>,
    connections: Arc<Shares<u32>>,
}

struct State {
    resolver: Resolver,
    /// Tells of every revision that was applied and may have changed names. Views are made when the first query after it
    /// comes.
    applied: watch::Receiver<u64>,
}

impl<I: Identify> DnsService<I> {
    pub fn new(
        rules: Vec<ForwardRule>,
        make_views: MakeViews,
        mut applied: watch::Receiver<u64>,
        identify: I,
    ) -> Arc<DnsService<I>> {
        applied.mark_changed();
        Arc::new(DnsService {
            state: Mutex::new(State {
                resolver: Resolver::new(rules),
                applied,
            }),
            make_views,
            identify,
            started: Instant::now(),
            forwards: Shares::new(FORWARDS_MAX),
            connections: Shares::new(CONNECTIONS_MAX),
        })
    }

    /// Answers datagrams until the socket breaks.
    pub async fn serve_udp(self: Arc<Self>, socket: UdpSocket) -> io::Error {
        let socket = Arc::new(socket);
        let mut buffer = vec![0; UDP_QUERY_MAX];
        loop {
            let (len, peer) = match socket.recv_from(&mut buffer).await {
                Ok(received) => received,
                // An ICMP error about an earlier answer.
                Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => continue,
                Err(error) => return error,
            };
            let Some(interface) = self.identify.identify(peer.ip()).await else {
                continue;
            };
            match self.judge(interface, &buffer[..len], Transport::Udp).await {
                Outcome::Silence => {}
                Outcome::Reply(bytes) => drop(socket.send_to(&bytes, peer).await),
                Outcome::Forward(pending) => {
                    let Some(share) = self.forwards.take(interface) else {
                        drop(socket.send_to(&pending.failed(), peer).await);
                        continue;
                    };
                    let socket = socket.clone();
                    tokio::spawn(async move {
                        let bytes = upstream::ask(*pending).await;
                        drop(socket.send_to(&bytes, peer).await);
                        drop(share);
                    });
                }
            }
        }
    }

    /// Answers connections for as long as it is polled.
    pub async fn serve_tcp(self: Arc<Self>, listener: TcpListener) {
        loop {
            let Ok((stream, peer)) = listener.accept().await else {
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            };
            let Some(interface) = self.identify.identify(peer.ip()).await else {
                continue;
            };
            let Some(share) = self.connections.take(interface) else {
                continue;
            };
            let service = self.clone();
            tokio::spawn(async move {
                let _ = service.converse(interface, stream).await;
                drop(share);
            });
        }
    }

    /// One connection, one query after the other (RFC 7766).
    async fn converse(&self, interface: u32, mut stream: TcpStream) -> io::Result<()> {
        loop {
            let query = tokio::time::timeout(IDLE_MAX, read_message(&mut stream)).await??;
            let bytes = match self.judge(interface, &query, Transport::Tcp).await {
                // Who gets no answer learns so at once.
                Outcome::Silence => return Ok(()),
                Outcome::Reply(bytes) => bytes,
                Outcome::Forward(pending) => match self.forwards.take(interface) {
                    Some(_share) => upstream::ask(*pending).await,
                    None => pending.failed(),
                },
            };
            tokio::time::timeout(IDLE_MAX, write_message(&mut stream, &bytes)).await??;
        }
    }

    async fn judge(&self, interface: u32, bytes: &[u8], transport: Transport) -> Outcome {
        let mut state = self.state.lock().await;
        if state.applied.has_changed().unwrap_or(false) {
            state.applied.mark_unchanged();
            state.resolver.install(Arc::new((self.make_views)()));
        }
        state
            .resolver
            .answer(interface, bytes, transport, self.started.elapsed())
    }
}

/// A message behind its length (RFC 1035 §4.2.2).
async fn read_message(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let len = stream.read_u16().await?;
    let mut message = vec![0; usize::from(len)];
    stream.read_exact(&mut message).await?;
    Ok(message)
}

async fn write_message(stream: &mut TcpStream, message: &[u8]) -> io::Result<()> {
    let len = u16::try_from(message.len()).map_err(io::Error::other)?;
    let mut framed = Vec::with_capacity(2 + message.len());
    framed.extend_from_slice(&len.to_be_bytes());
    framed.extend_from_slice(message);
    stream.write_all(&framed).await
}

#[cfg(test)]
mod tests;
