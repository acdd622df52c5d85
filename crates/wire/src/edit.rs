//! Editing a packet in place with every checksum kept right, finished or not (RFC 1624, RFC 3022 §4).

use std::net::{IpAddr, Ipv4Addr};

use crate::checksum::{self, Delta};
use crate::ethernet::HEADER_LEN;
use crate::packet::{Packet, Transport, be16, protocol, tcp_flag};
use crate::quoted::Quoted;
use crate::{Frame, Mac};

/// Which of two addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The sender's.
    Source,
    /// The receiver's.
    Destination,
}

const CHECKSUM_IPV4: usize = 10;
/// Fields of an ICMP query (RFC 792).
const ICMP_SUM: usize = 2;
const ICMP_ID: usize = 4;

/// Writes both Ethernet addresses.
#[inline]
pub fn set_macs(bytes: &mut [u8], destination: Mac, source: Mac) {
    bytes[0..6].copy_from_slice(&destination.0);
    bytes[6..12].copy_from_slice(&source.0);
}

/// Takes `hops` from the TTL or hop limit, which stops at 0.
#[inline]
pub fn decrement_ttl(bytes: &mut [u8], packet: &Packet, hops: u8) {
    if packet.is_ipv4() {
        let at = HEADER_LEN + 8;
        let old = be16(bytes, at);
        bytes[at] = bytes[at].saturating_sub(hops);
        let delta = Delta::of(old, be16(bytes, at));
        update(bytes, HEADER_LEN + CHECKSUM_IPV4, delta, false);
    } else {
        bytes[HEADER_LEN + 7] = bytes[HEADER_LEN + 7].saturating_sub(hops);
    }
}

/// Replaces an IPv4 address: in the header, in its checksum, and in the checksum of TCP or UDP, which may be unfinished
/// (`needs_csum`), absent (UDP 0) or in another fragment.
#[inline]
pub fn set_ipv4(frame: &mut Frame<'_>, packet: &Packet, side: Side, new: Ipv4Addr) {
    let delta = replace(frame.bytes, HEADER_LEN, side, new);
    update(frame.bytes, HEADER_LEN + CHECKSUM_IPV4, delta, false);
    mend_transport(frame, packet, delta);
}

/// What a packet's own headers are to say instead; what is none stays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ends {
    pub source: Option<Ipv4Addr>,
    pub destination: Option<Ipv4Addr>,
    /// Of TCP or UDP, or the identifier of an ICMP query.
    pub source_port: Option<u16>,
    /// Likewise.
    pub destination_port: Option<u16>,
}

/// Replaces addresses and ports as [`set_ipv4`] and [`set_port`] do, with one edit of each checksum over all of them.
#[inline]
pub fn set_ends(frame: &mut Frame<'_>, packet: &Packet, ends: &Ends) {
    let mut addresses = Delta::default();
    let sides = [
        (Side::Source, ends.source),
        (Side::Destination, ends.destination),
    ];
    for (side, address) in sides {
        if let Some(address) = address {
            addresses = addresses.and(replace(frame.bytes, HEADER_LEN, side, address));
        }
    }
    let moved = ends.source.is_some() || ends.destination.is_some();
    if moved {
        update(frame.bytes, HEADER_LEN + CHECKSUM_IPV4, addresses, false);
    }
    let (places, sum, covers_addresses) = match packet.transport {
        Transport::Tcp(_) => ([packet.l4, packet.l4 + 2], packet.l4 + 16, true),
        Transport::Udp { .. } => ([packet.l4, packet.l4 + 2], packet.l4 + 6, true),
        Transport::Icmp { .. } => ([packet.l4 + ICMP_ID; 2], packet.l4 + ICMP_SUM, false),
        Transport::Other | Transport::Later => return,
    };
    let mut ports = Delta::default();
    for (place, port) in places
        .into_iter()
        .zip([ends.source_port, ends.destination_port])
    {
        if let Some(port) = port {
            ports = ports.and(replace_port(frame.bytes, place, port));
        }
    }
    let renumbered = ends.source_port.is_some() || ends.destination_port.is_some();
    // A checksum left unfinished further in belongs to a packet inside this one.
    let partial = frame.offload.needs_csum && usize::from(frame.offload.csum_start) == packet.l4;
    // An unfinished sum covers the pseudo header only, in which there are no ports; one of ICMP covers none.
    let change = match (moved && covers_addresses, renumbered && !partial) {
        (false, false) => return,
        (true, false) => addresses,
        (false, true) => ports,
        (true, true) => addresses.and(ports),
    };
    if !partial && packet.protocol == protocol::UDP && be16(frame.bytes, sum) == 0 {
        return;
    }
    update(frame.bytes, sum, change, partial);
    if !partial {
        avoid_zero(frame.bytes, packet.protocol, sum);
    }
}

/// Replaces an address by another one of its family. IPv6 as [`set_ipv4`], and for ICMPv6 too.
pub fn set_ip(frame: &mut Frame<'_>, packet: &Packet, side: Side, new: IpAddr) {
    match new {
        IpAddr::V4(new) => set_ipv4(frame, packet, side, new),
        IpAddr::V6(new) => {
            let at = HEADER_LEN + if side == Side::Source { 8 } else { 24 };
            let field = &mut frame.bytes[at..at + 16];
            let delta = Delta::between(field, &new.octets());
            field.copy_from_slice(&new.octets());
            mend_transport(frame, packet, delta);
        }
    }
}

/// Keeps the checksum of TCP, UDP or ICMPv6 right after its pseudo-header changed.
#[inline]
fn mend_transport(frame: &mut Frame<'_>, packet: &Packet, delta: Delta) {
    // A checksum left unfinished further in belongs to a packet inside this one.
    let partial = frame.offload.needs_csum && usize::from(frame.offload.csum_start) == packet.l4;
    let field = match packet.transport {
        Transport::Tcp(_) => packet.l4 + 16,
        Transport::Udp { .. } if partial || be16(frame.bytes, packet.l4 + 6) != 0 => packet.l4 + 6,
        // RFC 4443 §2.3: over a pseudo-header too, unlike ICMP for IPv4.
        Transport::Icmp { .. } if packet.protocol == protocol::ICMPV6 => packet.l4 + ICMP_SUM,
        _ => return,
    };
    update(frame.bytes, field, delta, partial);
    if !partial {
        avoid_zero(frame.bytes, packet.protocol, field);
    }
}

/// Zero and minus zero are one number, but not to every reader: in UDP, 0 is no checksum; and over an ICMP message that is
/// zero throughout, only minus zero holds, which editing a sum never leads to (RFC 1624 §3).
#[inline]
fn avoid_zero(bytes: &mut [u8], number: u8, sum: usize) {
    let either = !matches!(number, protocol::TCP);
    if either && be16(bytes, sum) == 0 {
        bytes[sum..sum + 2].fill(0xff);
    }
}

/// Replaces a TCP or UDP port, or (whichever side is named) the identifier of an ICMP query, and mends the checksum
/// over it, which may be unfinished or absent. A packet without a transport header of its own stays as it is.
#[inline]
pub fn set_port(frame: &mut Frame<'_>, packet: &Packet, side: Side, new: u16) {
    let (field, sum) = match packet.transport {
        Transport::Tcp(_) => (packet.l4 + port_offset(side), packet.l4 + 16),
        Transport::Udp { .. } => (packet.l4 + port_offset(side), packet.l4 + 6),
        Transport::Icmp { .. } => (packet.l4 + ICMP_ID, packet.l4 + ICMP_SUM),
        Transport::Other | Transport::Later => return,
    };
    let delta = replace_port(frame.bytes, field, new);
    // An unfinished sum covers the pseudo header only, in which there are no ports.
    let partial = frame.offload.needs_csum && usize::from(frame.offload.csum_start) == packet.l4;
    let udp = packet.protocol == protocol::UDP;
    if partial || (udp && be16(frame.bytes, sum) == 0) {
        return;
    }
    update(frame.bytes, sum, delta, false);
    avoid_zero(frame.bytes, packet.protocol, sum);
}

/// Replaces a port, or an ICMP query's identifier, in the packet that an ICMP error quotes, and mends the quoted
/// checksum, if it was quoted, and the error's own.
pub fn set_quoted_port(bytes: &mut [u8], error: &Packet, quoted: &Quoted, side: Side, new: u16) {
    let icmp = error.l4 + ICMP_SUM;
    let (field, sum) = match quoted.protocol {
        protocol::ICMP => (quoted.l4 + ICMP_ID, Some(quoted.l4 + ICMP_SUM)),
        protocol::TCP | protocol::UDP => (
            quoted.l4 + port_offset(side),
            quoted.checksum_field(bytes, error),
        ),
        _ => return,
    };
    let delta = replace_port(bytes, field, new);
    update(bytes, icmp, delta, false);
    if let Some(sum) = sum {
        let old = [bytes[sum], bytes[sum + 1]];
        update(bytes, sum, delta, false);
        let change = Delta::between(&old, &[bytes[sum], bytes[sum + 1]]);
        update(bytes, icmp, change, false);
    }
}

/// Lowers the longest segment that a SYN announces (RFC 9293 §3.7.1). Other packets, and a SYN that announces none, stay as
/// they are.
pub fn clamp_mss(frame: &mut Frame<'_>, packet: &Packet, max: u16) {
    let Transport::Tcp(tcp) = packet.transport else {
        return;
    };
    let Some(at) = tcp.mss(frame.bytes, packet.l4) else {
        return;
    };
    if tcp.flags & tcp_flag::SYN == 0 || be16(frame.bytes, at) <= max {
        return;
    }
    // The sum sees words of the header, in whose middle an option may begin.
    let first = at & !1;
    let words = first..first + 2 * (1 + at % 2);
    let mut old = [0; 4];
    let old = &mut old[..words.len()];
    old.copy_from_slice(&frame.bytes[words.clone()]);
    frame.bytes[at..at + 2].copy_from_slice(&max.to_be_bytes());
    let partial = frame.offload.needs_csum && usize::from(frame.offload.csum_start) == packet.l4;
    if !partial {
        let delta = Delta::between(old, &frame.bytes[words]);
        update(frame.bytes, packet.l4 + 16, delta, false);
    }
}

/// Which number of a TCP segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Number {
    /// Of its first byte.
    Sequence,
    /// Of the byte that is awaited next.
    Acknowledgement,
}

/// Replaces a number of a TCP segment and mends its checksum, which may be unfinished. Other packets stay as they are.
pub fn set_number(frame: &mut Frame<'_>, packet: &Packet, number: Number, new: u32) {
    let Transport::Tcp(_) = packet.transport else {
        return;
    };
    let at = packet.l4 + if number == Number::Sequence { 4 } else { 8 };
    let field = &mut frame.bytes[at..at + 4];
    let delta = Delta::between(field, &new.to_be_bytes());
    field.copy_from_slice(&new.to_be_bytes());
    // An unfinished sum covers the pseudo header only.
    let partial = frame.offload.needs_csum && usize::from(frame.offload.csum_start) == packet.l4;
    if !partial {
        update(frame.bytes, packet.l4 + 16, delta, false);
    }
}

fn port_offset(side: Side) -> usize {
    if side == Side::Source { 0 } else { 2 }
}

#[inline]
fn replace_port(bytes: &mut [u8], at: usize, new: u16) -> Delta {
    let delta = Delta::of(be16(bytes, at), new);
    bytes[at..at + 2].copy_from_slice(&new.to_be_bytes());
    delta
}

/// Replaces an IPv4 address in the packet that an ICMP error quotes, and mends the quoted checksums and the error's own.
pub fn set_quoted_ipv4(
    bytes: &mut [u8],
    error: &Packet,
    quoted: &Quoted,
    side: Side,
    new: Ipv4Addr,
) {
    let icmp = error.l4 + 2;
    let header_sum = quoted.ip + CHECKSUM_IPV4;
    let delta = replace(bytes, quoted.ip, side, new);
    update(bytes, icmp, delta, false);
    for field in [Some(header_sum), quoted.checksum_field(bytes, error)]
        .into_iter()
        .flatten()
    {
        let old = [bytes[field], bytes[field + 1]];
        update(bytes, field, delta, false);
        let change = Delta::between(&old, &[bytes[field], bytes[field + 1]]);
        update(bytes, icmp, change, false);
    }
}

/// Writes the address into the IPv4 header at `ip` and says how sums over it change.
#[inline]
fn replace(bytes: &mut [u8], ip: usize, side: Side, new: Ipv4Addr) -> Delta {
    let at = ip + if side == Side::Source { 12 } else { 16 };
    let old = u32::from(be16(bytes, at)) << 16 | u32::from(be16(bytes, at + 2));
    bytes[at..at + 4].copy_from_slice(&new.octets());
    Delta::of_long(old, u32::from(new))
}

#[inline]
fn update(bytes: &mut [u8], field: usize, delta: Delta, partial: bool) {
    let old = be16(bytes, field);
    let new = if partial {
        checksum::apply_partial(old, delta)
    } else {
        checksum::apply(old, delta)
    };
    bytes[field..field + 2].copy_from_slice(&new.to_be_bytes());
}
