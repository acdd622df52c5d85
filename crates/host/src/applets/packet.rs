//! `openvpc-packet`: one packet that no well-behaved kernel would send, to see what the network makes of it.
//!
//! It goes out as it was built (a raw socket with headers included), so what the kernel here knows of connections does
//! not count: a bare ACK, an answer from the wrong port, an error about a flow that may not exist.

use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::os::fd::AsRawFd;

use nix::sys::socket::{
    AddressFamily, MsgFlags, SockFlag, SockProtocol, SockType, SockaddrStorage, sendto, socket,
};
use openvpc_wire::ethernet::HEADER_LEN;
use openvpc_wire::icmp::{self, IcmpError};
use openvpc_wire::ip::{self, Envelope};
use openvpc_wire::packet::tcp_flag;
use openvpc_wire::tcp::{self, Segment};
use openvpc_wire::{Mac, Packet};

const USAGE: &str = "\
usage: openvpc-packet tcp FLAGS PORT ADDRESS ITS-PORT          a segment; FLAGS are letters of FSRPA
       openvpc-packet udp PORT ADDRESS ITS-PORT [TEXT]         a datagram
       openvpc-packet too-big MTU PORT ADDRESS ITS-PORT [TO]   the ICMP error about a datagram from ADDRESS and ITS-PORT to
                                                               TO (this host, unless told) and PORT
       openvpc-packet hex ADDRESS BYTES                        an IP packet, whole; ADDRESS says where to";

/// Exit status of a wrong call.
const MISUSED: i32 = 2;

pub fn main(arguments: &[String]) -> i32 {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let Some((to, packet)) = build(&words, source_for) else {
        eprintln!("{USAGE}");
        return MISUSED;
    };
    match packet.and_then(|packet| send(to, &packet)) {
        Ok(()) => 0,
        Err(error) => {
            eprintln!("openvpc-packet: {error}");
            1
        }
    }
}

/// The packet that the command line describes and where it goes; `None` if it describes none. `source_for` tells this
/// host's address towards another.
fn build(
    words: &[&str],
    source_for: fn(IpAddr) -> io::Result<IpAddr>,
) -> Option<(IpAddr, io::Result<Vec<u8>>)> {
    let port = |word: &str| word.parse::<u16>().ok();
    let address = |word: &str| word.parse::<IpAddr>().ok();
    match *words {
        ["tcp", flags, from, to, its] => {
            let segment = Segment {
                ports: (port(from)?, port(its)?),
                sequence: 0x1000,
                acknowledgement: 0x2000,
                flags: flags_of(flags)?,
                window: u16::MAX,
            };
            let to = address(to)?;
            let packet = from_here(to, source_for, |out, envelope| {
                tcp::emit(out, envelope, &segment, &[]);
            });
            Some((to, packet))
        }
        ["udp", from, to, its, ref text @ ..] => {
            let (from, to, its) = (port(from)?, address(to)?, port(its)?);
            let text = text.join(" ");
            let packet = from_here(to, source_for, |out, envelope| {
                ip::emit_udp(out, envelope, from, its, text.as_bytes());
            });
            Some((to, packet))
        }
        ["too-big", mtu, from, to, its, ref about @ ..] if about.len() <= 1 => {
            let (mtu, from, to, its) = (port(mtu)?, port(from)?, address(to)?, port(its)?);
            let about = match about.first() {
                Some(word) => Some(address(word)?),
                None => None,
            };
            if about.is_some_and(|about| about.is_ipv4() != to.is_ipv4()) {
                return None;
            }
            let packet = from_here(to, source_for, |out, envelope| {
                let quoted = Envelope {
                    source: to,
                    destination: about.unwrap_or(envelope.source),
                    ..*envelope
                };
                let mut datagram = Vec::new();
                ip::emit_udp(&mut datagram, &quoted, its, from, &[0; 32]);
                let ethertype = u16::from_be_bytes([datagram[12], datagram[13]]);
                if let Ok(packet) = Packet::parse(&datagram, ethertype) {
                    let error = IcmpError::PacketTooBig { mtu };
                    icmp::emit_error(out, envelope, error, &datagram, &packet);
                }
            });
            Some((to, packet))
        }
        ["hex", to, bytes] => Some((address(to)?, Ok(unhex(bytes)?))),
        _ => None,
    }
}

/// Builds a packet from here to `to`, without its Ethernet header.
fn from_here(
    to: IpAddr,
    source_for: fn(IpAddr) -> io::Result<IpAddr>,
    emit: impl FnOnce(&mut Vec<u8>, &Envelope),
) -> io::Result<Vec<u8>> {
    let envelope = Envelope {
        source_mac: Mac([0; 6]),
        destination_mac: Mac([0; 6]),
        source: source_for(to)?,
        destination: to,
    };
    let mut frame = Vec::new();
    emit(&mut frame, &envelope);
    Ok(frame.split_off(HEADER_LEN.min(frame.len())))
}

fn flags_of(letters: &str) -> Option<u8> {
    letters.chars().try_fold(0, |flags, letter| {
        let flag = match letter {
            'F' => tcp_flag::FIN,
            'S' => tcp_flag::SYN,
            'R' => tcp_flag::RST,
            'P' => 8,
            'A' => tcp_flag::ACK,
            _ => return None,
        };
        Some(flags | flag)
    })
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text
        .chars()
        .map(|digit| digit.to_digit(16).map(|digit| digit as u8))
        .collect();
    let digits = digits.filter(|digits| digits.len() % 2 == 0 && !digits.is_empty())?;
    Some(
        digits
            .chunks_exact(2)
            .map(|pair| (pair[0] << 4) | pair[1])
            .collect(),
    )
}

/// The address with which this host speaks to another.
fn source_for(to: IpAddr) -> io::Result<IpAddr> {
    let any: SocketAddr = match to {
        IpAddr::V4(_) => ([0, 0, 0, 0], 0).into(),
        IpAddr::V6(_) => (std::net::Ipv6Addr::UNSPECIFIED, 0).into(),
    };
    let socket = UdpSocket::bind(any)?;
    socket.connect((to, 9))?;
    Ok(socket.local_addr()?.ip())
}

fn send(to: IpAddr, packet: &[u8]) -> io::Result<()> {
    let family = match to {
        IpAddr::V4(_) => AddressFamily::Inet,
        IpAddr::V6(_) => AddressFamily::Inet6,
    };
    // This protocol says that headers are included, in both families (raw(7), Linux's rawv6).
    let protocol = SockProtocol::Raw;
    let socket = socket(family, SockType::Raw, SockFlag::SOCK_CLOEXEC, protocol)?;
    let target = SockaddrStorage::from(SocketAddr::new(to, 0));
    sendto(socket.as_raw_fd(), packet, &target, MsgFlags::empty())?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use openvpc_wire::Transport;

    use super::*;

    fn built(line: &str) -> Option<Vec<u8>> {
        let words: Vec<&str> = line.split(' ').collect();
        let (_, packet) = build(&words, |_| Ok("2001:db8:ffff::12".parse().unwrap()))?;
        Some(packet.unwrap())
    }

    fn read(packet: &[u8]) -> Packet {
        let mut frame = vec![0; 12];
        frame.extend_from_slice(&[0x86, 0xdd]);
        frame.extend_from_slice(packet);
        Packet::parse(&frame, 0x86dd).unwrap()
    }

    #[test]
    fn a_segment_bears_the_flags_that_were_asked_for() {
        let packet = read(&built("tcp SA 80 2001:db8::1 4000").unwrap());
        let Transport::Tcp(tcp) = packet.transport else {
            panic!("no TCP");
        };
        let ports = (tcp.source_port, tcp.destination_port);
        assert_eq!((tcp.flags, ports), (18, (80, 4000)));
    }

    #[test]
    fn an_error_quotes_the_datagram_it_is_about() {
        let bytes = built("too-big 1400 9000 2001:db8::1 5000").unwrap();
        let packet = read(&bytes);
        assert!(matches!(packet.transport, Transport::Icmp { kind: 2, .. }));
        assert_eq!(bytes[44..48], 1400u32.to_be_bytes());
        assert_eq!(bytes[56..72], bytes[24..40], "sent by the error's receiver");
        assert_eq!(bytes[72..88], bytes[8..24], "to its sender");
        assert_eq!(
            bytes[88..92],
            [5000u16.to_be_bytes(), 9000u16.to_be_bytes()].concat()
        );
    }

    #[test]
    fn what_it_does_not_know_is_refused() {
        for line in [
            "tcp SX 1 ::1 2",
            "tcp S 1 ::1",
            "udp 1 nowhere 2",
            "too-big 1400 1 ::1 2 10.0.0.1",
            "hex ::1 abc",
            "hex ::1 zz",
            "",
        ] {
            assert!(built(line).is_none(), "{line:?}");
        }
    }
}
