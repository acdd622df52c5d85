//! One packet in the other IP version, its transport checksum kept right, finished or not: the translation of NAT64.
//!
//! Sources: RFC 7915 (headers, fragments, ICMP messages), RFC 6052 (IPv4 addresses inside of IPv6 ones). Options and extension
//! headers are left behind; those that choose a path are never translated, as [`Packet::parse`] refuses them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::checksum::{self, Delta};
use crate::cut::finish_checksum;
use crate::ethernet::{self, HEADER_LEN};
use crate::ip::{self, Envelope};
use crate::packet::{Packet, Transport, be16, be32, protocol};
use crate::{Frame, GsoKind, Mac, Offload, Quoted};

const IPV4_LEN: usize = 20;
const IPV6_LEN: usize = 40;
const FRAGMENT_LEN: usize = 8;
const ICMP_LEN: usize = 8;
/// Whole ICMP errors: RFC 1812 §4.3.2.3, RFC 4443 §2.4 (c).
const ERROR_MAX: [usize; 2] = [576, 1_280];
/// RFC 7915 §5.1: a shorter packet may be cut on its way.
const CUT_MAX: usize = 1_260;
/// The well-known prefix 64:ff9b::/96 (RFC 6052 §2.1).
const PREFIX: u128 = 0x0064_ff9b << 96;
/// What paths carry, for routers that report no MTU (RFC 1191 §7).
const PLATEAUS: [u32; 10] = [
    65_535, 32_000, 17_914, 8_166, 4_352, 2_002, 1_492, 1_006, 508, 296,
];

/// The IPv6 address that stands for an IPv4 one.
pub fn embed(address: Ipv4Addr) -> Ipv6Addr {
    Ipv6Addr::from(PREFIX | u128::from(u32::from(address)))
}

/// The IPv4 address that an IPv6 one stands for; `None` outside of 64:ff9b::/96.
pub fn extract(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let bits = u128::from(address);
    (bits >> 32 == PREFIX >> 32).then(|| Ipv4Addr::from(bits as u32))
}

/// The addresses of the translated packet, which is of their version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ends {
    /// Of an IPv4 packet.
    Ipv4 {
        /// IP source.
        source: Ipv4Addr,
        /// IP destination.
        destination: Ipv4Addr,
    },
    /// Of an IPv6 packet.
    Ipv6 {
        /// IP source.
        source: Ipv6Addr,
        /// IP destination.
        destination: Ipv6Addr,
    },
}

impl Ends {
    /// Source and destination.
    pub fn addresses(self) -> (IpAddr, IpAddr) {
        match self {
            Ends::Ipv4 {
                source,
                destination,
            } => (source.into(), destination.into()),
            Ends::Ipv6 {
                source,
                destination,
            } => (source.into(), destination.into()),
        }
    }
}

/// The protocol number and ICMP type of an echo in the other version; other protocols have no ICMP type and stay.
pub fn other_protocol(number: u8, icmp_kind: u8) -> Option<(u8, u8)> {
    match (number, icmp_kind) {
        (protocol::ICMP, 8) => Some((protocol::ICMPV6, 128)),
        (protocol::ICMP, 0) => Some((protocol::ICMPV6, 129)),
        (protocol::ICMPV6, 128) => Some((protocol::ICMP, 8)),
        (protocol::ICMPV6, 129) => Some((protocol::ICMP, 0)),
        (protocol::ICMP | protocol::ICMPV6, _) => None,
        (number, _) => Some((number, 0)),
    }
}

/// Bytes from the IP header on that a packet has in the other version; `quoted` if it is an ICMP error.
pub fn translated_len(packet: &Packet, quoted: Option<&Quoted>) -> usize {
    let to_ipv6 = packet.is_ipv4();
    let header = if to_ipv6 { IPV6_LEN } else { IPV4_LEN };
    match quoted {
        Some(quoted) => {
            let data = packet.end - quoted.l4;
            (2 * header + ICMP_LEN + data).min(ERROR_MAX[usize::from(to_ipv6)])
        }
        None => {
            let fragment = packet.fragment.is_some() && to_ipv6;
            let fragment = if fragment { FRAGMENT_LEN } else { 0 };
            header + fragment + packet.end - packet.l4
        }
    }
}

/// Whether a fragment can be translated: not if the datagram's checksum, which IPv6 demands, would have to be made from the
/// pieces (RFC 7915 §4.5).
pub fn fragment_fits(frame: &[u8], packet: &Packet) -> bool {
    let unsummed = packet.is_ipv4()
        && packet.fragment.is_some()
        && matches!(packet.transport, Transport::Udp { .. })
        && be16(frame, packet.l4 + 6) == 0;
    !unsummed
}

/// Writes the packet (whole or a fragment; TCP, UDP or an echo) as one of the other version into `out`, Ethernet addresses as
/// they were; returns the packet there and what is left to do on it. `id` identifies an IPv4 packet that may be cut.
pub fn translate(
    frame: &mut Frame<'_>,
    packet: &Packet,
    ends: Ends,
    id: u16,
    out: &mut Vec<u8>,
) -> (Packet, Offload) {
    if let Transport::Icmp { .. } = packet.transport {
        finish_checksum(frame, packet);
    }
    let kind = match packet.transport {
        Transport::Icmp { kind, .. } => kind,
        _ => 0,
    };
    let (number, kind) = other_protocol(packet.protocol, kind).unwrap_or((packet.protocol, kind));
    out.clear();
    out.extend_from_slice(&frame.bytes[..12]);
    let ip = &frame.bytes[HEADER_LEN..];
    match ends {
        Ends::Ipv4 {
            source,
            destination,
        } => ipv4_header(out, ip, packet, number, (source, destination), id),
        Ends::Ipv6 {
            source,
            destination,
        } => ipv6_header(out, ip, packet, number, (source, destination)),
    }
    let l4 = out.len();
    out.extend_from_slice(&frame.bytes[packet.l4..packet.end]);
    let (source, destination) = ends.addresses();
    let moved = |at: u16| (usize::from(at) + l4).saturating_sub(packet.l4) as u16;
    let offload = Offload {
        csum_start: moved(frame.offload.csum_start),
        hdr_len: moved(frame.offload.hdr_len),
        gso: match frame.offload.gso {
            GsoKind::Tcp4 => GsoKind::Tcp6,
            GsoKind::Tcp6 => GsoKind::Tcp4,
            other => other,
        },
        ..frame.offload
    };
    let translated = Packet {
        source,
        destination,
        protocol: number,
        ttl: packet.ttl,
        dont_fragment: packet.dont_fragment,
        fragment: packet.fragment,
        fragment_header: packet.fragment.is_some(),
        l4,
        end: out.len(),
        transport: match packet.transport {
            Transport::Icmp { code, id, .. } => Transport::Icmp { kind, code, id },
            other => other,
        },
    };
    mend(out, packet, &translated, frame.offload, kind);
    (translated, offload)
}

fn ipv4_header(
    out: &mut Vec<u8>,
    ip: &[u8],
    packet: &Packet,
    number: u8,
    (source, destination): (Ipv4Addr, Ipv4Addr),
    id: u16,
) {
    let len = IPV4_LEN + packet.end - packet.l4;
    let (id, place) = match packet.fragment {
        Some(fragment) => {
            let more = if fragment.more { 0x2000 } else { 0 };
            (fragment.id as u16, more | fragment.offset >> 3)
        }
        None if len > CUT_MAX => (0, 0x4000),
        None => (id, 0),
    };
    let mut header = [0u8; IPV4_LEN];
    header[0] = 0x45;
    header[1] = (be16(ip, 0) >> 4) as u8;
    header[2..4].copy_from_slice(&(len as u16).to_be_bytes());
    header[4..6].copy_from_slice(&id.to_be_bytes());
    header[6..8].copy_from_slice(&place.to_be_bytes());
    header[8] = packet.ttl;
    header[9] = number;
    header[12..16].copy_from_slice(&source.octets());
    header[16..20].copy_from_slice(&destination.octets());
    let sum = !checksum::sum(0, &header);
    header[10..12].copy_from_slice(&sum.to_be_bytes());
    out.extend_from_slice(&ethernet::IPV4.to_be_bytes());
    out.extend_from_slice(&header);
}

fn ipv6_header(
    out: &mut Vec<u8>,
    ip: &[u8],
    packet: &Packet,
    number: u8,
    (source, destination): (Ipv6Addr, Ipv6Addr),
) {
    let fragment = packet.fragment.map(|fragment| {
        let mut header = [0u8; FRAGMENT_LEN];
        header[0] = number;
        let place = fragment.offset | u16::from(fragment.more);
        header[2..4].copy_from_slice(&place.to_be_bytes());
        header[4..8].copy_from_slice(&fragment.id.to_be_bytes());
        header
    });
    let len = packet.end - packet.l4 + fragment.map_or(0, |header| header.len());
    out.extend_from_slice(&ethernet::IPV6.to_be_bytes());
    out.extend_from_slice(&[0x60 | ip[1] >> 4, ip[1] << 4, 0, 0]);
    out.extend_from_slice(&(len as u16).to_be_bytes());
    out.push(fragment.map_or(number, |_| 44));
    out.push(packet.ttl);
    out.extend_from_slice(&source.octets());
    out.extend_from_slice(&destination.octets());
    if let Some(header) = fragment {
        out.extend_from_slice(&header);
    }
}

/// Mends the checksum of the transport, whose pseudo-header, and with ICMP whose type, are others now.
fn mend(out: &mut [u8], was: &Packet, is: &Packet, offload: Offload, kind: u8) {
    let field = match is.transport {
        Transport::Tcp(_) => is.l4 + 16,
        Transport::Udp { .. } => is.l4 + 6,
        Transport::Icmp { .. } => is.l4 + 2,
        Transport::Other | Transport::Later => return,
    };
    let partial = offload.needs_csum && usize::from(offload.csum_start) == was.l4;
    let old = be16(out, field);
    if is.protocol == protocol::UDP && old == 0 && !partial {
        let whole = is.fragment.is_none() && offload.gso == GsoKind::None;
        if !is.is_ipv4() && whole {
            sum_up(out, is, field);
        }
        return;
    }
    let len = is.end - is.l4;
    let mut delta = Delta::of(pseudo(was, len), pseudo(is, len));
    if let Transport::Icmp { .. } = is.transport {
        let typed = [out[is.l4], out[is.l4 + 1]];
        out[is.l4] = kind;
        delta = delta.and(Delta::between(&typed, &[kind, typed[1]]));
    }
    let mut sum = match partial {
        true => checksum::apply_partial(old, delta),
        false => checksum::apply(old, delta),
    };
    // As `edit` does: zero and minus zero are one number, but not to every reader.
    if !partial && sum == 0 && is.protocol != protocol::TCP {
        sum = 0xffff;
    }
    out[field..field + 2].copy_from_slice(&sum.to_be_bytes());
}

/// Makes the checksum that IPv6 demands of UDP.
fn sum_up(out: &mut [u8], packet: &Packet, field: usize) {
    let len = usize::from(be16(out, packet.l4 + 4)).min(packet.end - packet.l4);
    let start = checksum::pseudo_header(packet.source, packet.destination, packet.protocol, len);
    let sum = !checksum::sum(start, &out[packet.l4..packet.l4 + len]);
    let sum = if sum == 0 { 0xffff } else { sum };
    out[field..field + 2].copy_from_slice(&sum.to_be_bytes());
}

/// ICMP for IPv4 is summed without a pseudo-header.
fn pseudo(packet: &Packet, len: usize) -> u16 {
    match packet.protocol {
        protocol::ICMP => 0,
        number => checksum::pseudo_header(packet.source, packet.destination, number, len),
    }
}

/// What an ICMP error says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// Type.
    pub kind: u8,
    /// Code.
    pub code: u8,
    /// The second word: an MTU or a pointer.
    pub rest: u32,
}

/// What an ICMP error says in the other version; `None` if that has no word for it (RFC 7915 §4.2, §5.2).
pub fn error_in_other_version(frame: &[u8], error: &Packet, quoted: &Quoted) -> Option<Told> {
    let Transport::Icmp { kind, code, .. } = error.transport else {
        return None;
    };
    let rest = be32(frame, error.l4 + 4);
    match error.is_ipv4() {
        true => error_to_ipv6(kind, code, rest, be16(frame, quoted.ip + 2)),
        false => error_to_ipv4(kind, code, rest),
    }
}

fn error_to_ipv6(kind: u8, code: u8, rest: u32, quoted_len: u16) -> Option<Told> {
    let told = |kind, code| Told {
        kind,
        code,
        rest: 0,
    };
    Some(match (kind, code) {
        (3, 2) => Told {
            rest: 6,
            ..told(4, 1)
        },
        (3, 3) => told(1, 4),
        (3, 4) => {
            let mtu = match rest & 0xffff {
                0 => {
                    let len = u32::from(quoted_len);
                    PLATEAUS.into_iter().find(|mtu| *mtu < len).unwrap_or(68)
                }
                mtu => mtu,
            };
            Told {
                rest: (mtu + 20).max(1_280),
                ..told(2, 0)
            }
        }
        (3, 9 | 10 | 13 | 15) => told(1, 1),
        (3, 0 | 1 | 5..=8 | 11 | 12) => told(1, 0),
        (11, code) => told(3, code),
        (12, 0 | 2) => {
            let pointer = match rest >> 24 {
                at @ (0 | 1) => at,
                2 | 3 => 4,
                8 => 7,
                9 => 6,
                12..=15 => 8,
                16..=19 => 24,
                _ => return None,
            };
            Told {
                rest: pointer,
                ..told(4, 0)
            }
        }
        _ => return None,
    })
}

fn error_to_ipv4(kind: u8, code: u8, rest: u32) -> Option<Told> {
    let told = |kind, code| Told {
        kind,
        code,
        rest: 0,
    };
    Some(match (kind, code) {
        (1, 1) => told(3, 10),
        (1, 4) => told(3, 3),
        (1, 0 | 2 | 3) => told(3, 1),
        (2, _) => Told {
            rest: rest.saturating_sub(20).clamp(68, 0xffff),
            ..told(3, 4)
        },
        (3, code) => told(11, code),
        (4, 0) => {
            let pointer = match rest {
                at @ (0 | 1) => at,
                4 | 5 => 2,
                6 => 9,
                7 => 8,
                8..=23 => 12,
                24..=39 => 16,
                _ => return None,
            };
            Told {
                rest: pointer << 24,
                ..told(12, 0)
            }
        }
        (4, 1) => told(3, 2),
        _ => return None,
    })
}

/// Writes an ICMP error as one of the other version into `out`, Ethernet addresses as they were; returns the packet there.
/// `quoted` says where the quotation is and what it is to show: both addresses of the other version, its protocol's number
/// there, new ports or identifier.
pub fn translate_error(
    frame: &[u8],
    error: &Packet,
    ends: Ends,
    told: Told,
    quoted: &Quoted,
    out: &mut Vec<u8>,
) -> Packet {
    let to_ipv6 = error.is_ipv4();
    let mut message = [0u8; ERROR_MAX[1]];
    message[0] = told.kind;
    message[1] = told.code;
    message[4..8].copy_from_slice(&told.rest.to_be_bytes());
    let header = if to_ipv6 { IPV6_LEN } else { IPV4_LEN };
    let mut data = frame[quoted.l4..error.end].to_vec();
    data.truncate(ERROR_MAX[usize::from(to_ipv6)] - 2 * header - ICMP_LEN);
    let upper_len = write_quotation(frame, error, quoted, &mut message[ICMP_LEN..]);
    mend_quotation(frame, error, quoted, &mut data, upper_len);
    let len = ICMP_LEN + header + data.len();
    message[ICMP_LEN + header..len].copy_from_slice(&data);
    let (source, destination) = ends.addresses();
    let mac = |at: usize| {
        let mut octets = [0; 6];
        octets.copy_from_slice(&frame[at..at + 6]);
        Mac(octets)
    };
    let envelope = Envelope {
        source_mac: mac(6),
        destination_mac: mac(0),
        source,
        destination,
    };
    ip::emit_icmp(out, &envelope, error.ttl, &message[..len]);
    Packet {
        source,
        destination,
        protocol: match to_ipv6 {
            true => protocol::ICMPV6,
            false => protocol::ICMP,
        },
        ttl: error.ttl,
        dont_fragment: to_ipv6,
        fragment: None,
        fragment_header: false,
        l4: out.len() - len,
        end: out.len(),
        transport: Transport::Icmp {
            kind: told.kind,
            code: told.code,
            id: 0,
        },
    }
}

/// Writes the quoted IP header in the other version; returns how long its payload was.
fn write_quotation(frame: &[u8], error: &Packet, quoted: &Quoted, out: &mut [u8]) -> usize {
    let ip = &frame[quoted.ip..];
    let header_len = quoted.l4 - quoted.ip;
    match (quoted.source, quoted.destination) {
        (IpAddr::V6(source), IpAddr::V6(destination)) if error.is_ipv4() => {
            let len = usize::from(be16(ip, 2)).saturating_sub(header_len);
            out[0..2].copy_from_slice(&[0x60 | ip[1] >> 4, ip[1] << 4]);
            out[4..6].copy_from_slice(&(len as u16).to_be_bytes());
            out[6..8].copy_from_slice(&[quoted.protocol, ip[8]]);
            out[8..24].copy_from_slice(&source.octets());
            out[24..40].copy_from_slice(&destination.octets());
            len
        }
        (IpAddr::V4(source), IpAddr::V4(destination)) => {
            let len = (IPV6_LEN + usize::from(be16(ip, 4))).saturating_sub(header_len);
            out[0..2].copy_from_slice(&[0x45, (be16(ip, 0) >> 4) as u8]);
            let total = (IPV4_LEN + len).min(usize::from(u16::MAX));
            out[2..4].copy_from_slice(&(total as u16).to_be_bytes());
            out[8..10].copy_from_slice(&[ip[7], quoted.protocol]);
            out[12..16].copy_from_slice(&source.octets());
            out[16..20].copy_from_slice(&destination.octets());
            let sum = !checksum::sum(0, &out[..IPV4_LEN]);
            out[10..12].copy_from_slice(&sum.to_be_bytes());
            len
        }
        _ => 0,
    }
}

/// Writes the quoted transport header's ports, or identifier and type, and mends its checksum, as far as it was quoted.
fn mend_quotation(
    frame: &[u8],
    error: &Packet,
    quoted: &Quoted,
    data: &mut [u8],
    upper_len: usize,
) {
    let icmp = matches!(quoted.protocol, protocol::ICMP | protocol::ICMPV6);
    let (field, words): (usize, [usize; 2]) = match quoted.protocol {
        protocol::TCP => (16, [0, 2]),
        protocol::UDP => (6, [0, 2]),
        _ if icmp => (2, [0, 4]),
        _ => return,
    };
    let old = words.map(|at| be16(data, at));
    if icmp {
        data[0] = quoted.icmp_kind;
        data[4..6].copy_from_slice(&quoted.icmp_id.to_be_bytes());
    } else {
        data[0..2].copy_from_slice(&quoted.source_port.to_be_bytes());
        data[2..4].copy_from_slice(&quoted.destination_port.to_be_bytes());
    }
    if data.len() < field + 2 {
        return;
    }
    let sum = be16(data, field);
    if quoted.protocol == protocol::UDP && sum == 0 {
        return;
    }
    // The addresses as they were quoted.
    let Some(was) = Quoted::parse(frame, error) else {
        return;
    };
    let of = |number, source, destination| match number {
        protocol::ICMP => 0,
        number => checksum::pseudo_header(source, destination, number, upper_len),
    };
    let mut delta = Delta::of(
        of(was.protocol, was.source, was.destination),
        of(quoted.protocol, quoted.source, quoted.destination),
    );
    for (at, old) in words.into_iter().zip(old) {
        delta = delta.and(Delta::between(&old.to_be_bytes(), &data[at..at + 2]));
    }
    let mut sum = checksum::apply(sum, delta);
    if sum == 0 && quoted.protocol != protocol::TCP {
        sum = 0xffff;
    }
    data[field..field + 2].copy_from_slice(&sum.to_be_bytes());
}
