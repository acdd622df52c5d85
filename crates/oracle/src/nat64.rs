//! NAT-11: a packet told again in the other IP version. IPv4 addresses are those inside of 64:ff9b::/96.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::packet::{Body, Packet, Quote};

/// The IPv4 address that an IPv6 one bears.
pub(crate) fn inside_of(address: Ipv6Addr) -> Option<Ipv4Addr> {
    match address.segments() {
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            Some(Ipv4Addr::from(u32::from(high) << 16 | u32::from(low)))
        }
        _ => None,
    }
}

/// The IPv6 address that bears an IPv4 one.
pub(crate) fn bearing(address: Ipv4Addr) -> Ipv6Addr {
    let [a, b, c, d] = address.octets().map(u16::from);
    Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, a << 8 | b, c << 8 | d)
}

/// The packet from and to these addresses, which are of the other version; `None` if that has no word for it.
pub(crate) fn retold(packet: &Packet, source: IpAddr, destination: IpAddr) -> Option<Packet> {
    let body = match packet.body {
        Body::Error { kind, about, .. } => {
            let (kind, rest) = match packet.source.is_ipv4() {
                true => error_to_ipv6(kind, about.packet().ip_bytes() as u32)?,
                false => error_to_ipv4(kind)?,
            };
            Body::Error { kind, rest, about }
        }
        body => body,
    };
    Some(Packet {
        source,
        destination,
        body,
        // One piece that is all of it is no piece.
        piece: packet.piece.filter(|_| packet.is_fragment()),
        ..*packet
    })
}

/// A quotation between these addresses, which are of the other version.
pub(crate) fn requoted(about: &Quote, source: IpAddr, destination: IpAddr) -> Quote {
    Quote {
        source,
        destination,
        protocol: match about.protocol {
            1 => 58,
            58 => 1,
            other => other,
        },
        ..*about
    }
}

/// RFC 7915 §4.2, of the kinds that are sent here, all with an empty second word.
fn error_to_ipv6(kind: (u8, u8), quoted_bytes: u32) -> Option<((u8, u8), u32)> {
    Some(match kind {
        (3, 1) => ((1, 0), 0),
        (3, 3) => ((1, 4), 0),
        // RFC 1191 §7: no MTU was told, and none is less than IPv6 demands.
        (3, 4) if quoted_bytes < 1_492 => ((2, 0), 1_280),
        (11, 0) => ((3, 0), 0),
        (12, 0) => ((4, 0), 0),
        _ => return None,
    })
}

/// RFC 7915 §5.2, likewise.
fn error_to_ipv4(kind: (u8, u8)) -> Option<((u8, u8), u32)> {
    Some(match kind {
        (1, 4) => ((3, 3), 0),
        // No MTU was told: the least that IPv4 has.
        (2, 0) => ((3, 4), 68),
        (3, 0) => ((11, 0), 0),
        (4, 0) => ((12, 0), 0),
        _ => return None,
    })
}
