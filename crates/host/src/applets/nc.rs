//! `nc`: the few uses of netcat that trying a security group takes, spelled as OpenBSD's.
//!
//! `nc [-z] [-u] [-p PORT] [-w SECONDS] HOST PORT` connects; `nc -l [-k] [-u] PORT` listens. What a connection carries:
//! [`carry`](super::carry).

use std::fs::File;
use std::io::{self, Read, Write};
use std::net::{Ipv6Addr, SocketAddr, TcpListener, TcpStream, ToSocketAddrs, UdpSocket};
use std::os::fd::AsFd;
use std::time::Duration;

use super::carry::{Carrier, Side};

const USAGE: &str =
    "usage: nc [-z] [-u] [-p PORT] [-w SECONDS] HOST PORT\n       nc -l [-k] [-u] PORT";

/// Exit status of a wrong call.
const MISUSED: i32 = 2;

#[derive(Default)]
struct Options {
    listen: bool,
    keep: bool,
    udp: bool,
    /// Only whether it connects.
    scan: bool,
    /// For a connection, and for the next byte over it.
    wait: Option<Duration>,
    /// The port to send datagrams from; any free one unless told.
    port: Option<u16>,
    operands: Vec<String>,
}

pub fn main(arguments: &[String]) -> i32 {
    let Some(options) = parse(arguments) else {
        eprintln!("{USAGE}");
        return MISUSED;
    };
    let outcome = match (options.listen, &options.operands[..]) {
        (true, [port]) => port.parse().map(|port| listen(&options, port)),
        (false, [host, port]) => port.parse().map(|port| connect(&options, host, port)),
        _ => {
            eprintln!("{USAGE}");
            return MISUSED;
        }
    };
    match outcome {
        Ok(Ok(())) => 0,
        Ok(Err(error)) => {
            eprintln!("nc: {error}");
            1
        }
        Err(_) => {
            eprintln!("nc: a port is a number from 0 to 65535");
            MISUSED
        }
    }
}

fn parse(arguments: &[String]) -> Option<Options> {
    let mut options = Options::default();
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        match word.strip_prefix('-') {
            Some("w") => {
                options.wait = Some(Duration::from_secs(
                    words.next()?.parse().ok().filter(|s| *s > 0)?,
                ))
            }
            Some("p") => options.port = Some(words.next()?.parse().ok()?),
            Some(flags) if !flags.is_empty() => {
                for flag in flags.chars() {
                    match flag {
                        'l' => options.listen = true,
                        'k' => options.keep = true,
                        'u' => options.udp = true,
                        'z' => options.scan = true,
                        // The end of the input is always told.
                        'N' => {}
                        _ => return None,
                    }
                }
            }
            _ => options.operands.push(word.clone()),
        }
    }
    Some(options)
}

fn connect(options: &Options, host: &str, port: u16) -> io::Result<()> {
    let address = (host, port)
        .to_socket_addrs()?
        .next()
        .ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, format!("{host} has no address")))?;
    if options.port.is_some() && !options.udp {
        return Err(io::Error::new(
            io::ErrorKind::Unsupported,
            "-p goes with -u only",
        ));
    }
    if options.udp {
        return exchange_datagrams(options, address);
    }
    let stream = match options.wait {
        Some(wait) => TcpStream::connect_timeout(&address, wait)?,
        None => TcpStream::connect(address)?,
    };
    match options.scan {
        true => Ok(()),
        false => carry(stream, Side::Caller, options.wait),
    }
}

/// Sends one datagram; unless scanning, what standard input holds, and prints the answer.
fn exchange_datagrams(options: &Options, address: SocketAddr) -> io::Result<()> {
    let port = options.port.unwrap_or(0);
    let any: SocketAddr = if address.is_ipv4() {
        ([0, 0, 0, 0], port).into()
    } else {
        (Ipv6Addr::UNSPECIFIED, port).into()
    };
    let socket = UdpSocket::bind(any)?;
    socket.connect(address)?;
    if options.scan {
        return socket.send(b"X").map(drop);
    }
    let mut datagram = vec![0; 65_507];
    let len = io::stdin().read(&mut datagram)?;
    socket.send(&datagram[..len])?;
    socket.set_read_timeout(options.wait)?;
    let len = socket.recv(&mut datagram)?;
    io::stdout().write_all(&datagram[..len])
}

fn listen(options: &Options, port: u16) -> io::Result<()> {
    // An IPv6 socket takes IPv4 as well, unless the kernel has no IPv6.
    let both: SocketAddr = (Ipv6Addr::UNSPECIFIED, port).into();
    let ipv4: SocketAddr = ([0, 0, 0, 0], port).into();
    if options.udp {
        let socket = UdpSocket::bind(both).or_else(|_| UdpSocket::bind(ipv4))?;
        let mut datagram = vec![0; 65_507];
        loop {
            let len = socket.recv(&mut datagram)?;
            let mut output = io::stdout();
            output.write_all(&datagram[..len])?;
            output.flush()?;
            if !options.keep {
                return Ok(());
            }
        }
    }
    let listener = TcpListener::bind(both).or_else(|_| TcpListener::bind(ipv4))?;
    loop {
        let (stream, _) = listener.accept()?;
        let carried = carry(stream, Side::Listener, None);
        if !options.keep {
            return carried;
        }
    }
}

fn carry(stream: TcpStream, side: Side, idle_max: Option<Duration>) -> io::Result<()> {
    let carrier = Carrier {
        side,
        idle_max,
        // Unbuffered: what a buffer holds, waiting for a descriptor does not see.
        input: File::from(io::stdin().as_fd().try_clone_to_owned()?),
        output: io::stdout(),
    };
    carrier.carry(stream)
}
