//! The service of the outside host `web` (spec 07, common stage): HTTP on port 80, echo (RFC 862) on TCP and UDP 7.

use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv6Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

const CONNECTIONS_MAX: usize = 256;
const REQUEST_LEN_MAX: usize = 8 * 1024;
const STACK_LEN: usize = 64 * 1024;
const IDLE_MAX: Duration = Duration::from_secs(60);

static CONNECTIONS: AtomicUsize = AtomicUsize::new(0);

pub fn main() -> i32 {
    match serve() {
        Ok(()) => 0,
        Err(error) => {
            eprintln!("openvpc-web: {error}");
            1
        }
    }
}

fn serve() -> io::Result<()> {
    // An IPv6 socket takes IPv4 as well, unless the kernel has no IPv6.
    let any = SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0));
    let address = if UdpSocket::bind(any).is_ok() {
        any.ip()
    } else {
        [0, 0, 0, 0].into()
    };
    let http = TcpListener::bind((address, 80))?;
    let echo = TcpListener::bind((address, 7))?;
    let datagrams = UdpSocket::bind((address, 7))?;
    spawn(move || accept(&echo, echo_stream))?;
    spawn(move || {
        let mut datagram = vec![0; 65_536];
        while let Ok((len, from)) = datagrams.recv_from(&mut datagram) {
            // Lost answers are the asker's to repeat.
            let _ = datagrams.send_to(&datagram[..len], from);
        }
    })?;
    accept(&http, answer_request);
    Ok(())
}

fn accept(listener: &TcpListener, handle: fn(TcpStream) -> io::Result<()>) {
    for stream in listener.incoming().flatten() {
        if CONNECTIONS.fetch_add(1, Ordering::Relaxed) >= CONNECTIONS_MAX {
            CONNECTIONS.fetch_sub(1, Ordering::Relaxed);
            continue;
        }
        let started = spawn(move || {
            // A client that goes away in the middle harms nobody else.
            let _ = handle(stream);
            CONNECTIONS.fetch_sub(1, Ordering::Relaxed);
        });
        if started.is_err() {
            CONNECTIONS.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

fn spawn(body: impl FnOnce() + Send + 'static) -> io::Result<()> {
    thread::Builder::new()
        .stack_size(STACK_LEN)
        .spawn(body)
        .map(drop)
}

fn echo_stream(mut stream: TcpStream) -> io::Result<()> {
    stream.set_read_timeout(Some(IDLE_MAX))?;
    let mut output = stream.try_clone()?;
    io::copy(&mut stream, &mut output).map(drop)
}

/// Answers any request with the client's address, so that tests see what the internet sees.
fn answer_request(mut stream: TcpStream) -> io::Result<()> {
    stream.set_read_timeout(Some(IDLE_MAX))?;
    let client = stream.peer_addr()?;
    let address = match client.ip() {
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or(IpAddr::V6(v6), IpAddr::V4),
        v4 => v4,
    };
    let mut request = Vec::new();
    let mut piece = [0; 1024];
    while !request.windows(4).any(|end| end == b"\r\n\r\n") {
        let len = stream.read(&mut piece)?;
        if len == 0 || request.len() + len > REQUEST_LEN_MAX {
            return Ok(());
        }
        request.extend_from_slice(&piece[..len]);
    }
    let body = format!("{address}\n");
    let body_shown = if request.starts_with(b"HEAD ") {
        ""
    } else {
        &body
    };
    write!(
        stream,
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body_shown}",
        body.len()
    )
}
