//! Admission: is this a packet at all, and may this port send it?
//!
//! Reads: the frame, the sender's interface. Writes: nothing. Exits: the `Admit` reasons. Sources: ENI-2, I-1, I-2.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use openvpc_wire::ethernet::{self, Ethernet, HEADER_LEN};
use openvpc_wire::packet::protocol;
use openvpc_wire::{Frame, GsoKind, Packet, ParseError, Transport};

use crate::counters::Count;
use crate::defects::{Defect, planted};
use crate::snapshot::Eni;
use crate::verdict::DropReason;

/// MTU inside a VPC (00 §12).
pub(crate) const VPC_MTU: u16 = 9_001;

/// A frame that bears a well-formed packet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arrival {
    pub ethernet: Ethernet,
    pub packet: Packet,
    /// As flow logs count it.
    pub count: Count,
    /// IP length of each packet after segmentation.
    pub segment_len: usize,
}

/// What a frame is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Reading {
    Ip(Arrival),
    Arp(Ethernet),
    /// Not worth judging, with the bytes it counts for.
    Bad(DropReason, Count),
}

/// Looks at a frame once.
#[inline]
pub(crate) fn read(frame: &Frame<'_>) -> Reading {
    let Some(ethernet) = Ethernet::parse(frame.bytes) else {
        return Reading::Bad(
            DropReason::RuntFrame,
            Count {
                packets: 1,
                bytes: 0,
            },
        );
    };
    match ethernet.ethertype {
        ethernet::ARP => return Reading::Arp(ethernet),
        ethernet::IPV4 | ethernet::IPV6 => {}
        _ => {
            return Reading::Bad(
                DropReason::UnknownEtherType,
                Count {
                    packets: 1,
                    bytes: 0,
                },
            );
        }
    }
    let whole = Count {
        packets: 1,
        bytes: (frame.bytes.len() - HEADER_LEN) as u64,
    };
    let packet = match Packet::parse(frame.bytes, ethernet.ethertype) {
        Ok(packet) => packet,
        Err(error) => return Reading::Bad(reason(error), whole),
    };
    match measure(frame, &packet) {
        Some((count, segment_len)) if segment_len <= usize::from(VPC_MTU) => Reading::Ip(Arrival {
            ethernet,
            packet,
            count,
            segment_len,
        }),
        Some(_) => Reading::Bad(DropReason::OverMtu, whole),
        None => Reading::Bad(DropReason::BadOffload, whole),
    }
}

fn reason(error: ParseError) -> DropReason {
    match error {
        ParseError::NotIp => DropReason::UnknownEtherType,
        ParseError::Malformed => DropReason::Malformed,
        ParseError::BadChecksum => DropReason::BadChecksum,
        ParseError::SourceRouted => DropReason::SourceRouted,
        ParseError::HeaderChain => DropReason::HeaderChain,
        ParseError::TinyFragment => DropReason::TinyFragment,
        ParseError::BadFragment => DropReason::FragmentOverlap,
    }
}

/// Counts the packets a frame will become and the length of each; `None` if the offload state does not fit the headers.
#[inline]
fn measure(frame: &Frame<'_>, packet: &Packet) -> Option<(Count, usize)> {
    let offload = &frame.offload;
    if offload.needs_csum && !checksum_fits(frame, packet) {
        return None;
    }
    let len = packet.ip_len();
    if offload.gso == GsoKind::None {
        return Some((
            Count {
                packets: 1,
                bytes: len as u64,
            },
            len,
        ));
    }
    let l4_len = match (offload.gso, packet.transport) {
        (GsoKind::Tcp4, Transport::Tcp(tcp)) if packet.is_ipv4() => usize::from(tcp.header_len),
        (GsoKind::Tcp6, Transport::Tcp(tcp)) if !packet.is_ipv4() => usize::from(tcp.header_len),
        (GsoKind::UdpL4, Transport::Udp { .. }) => 8,
        _ => return None,
    };
    let size = usize::from(offload.gso_size);
    if size == 0 || packet.fragment.is_some() {
        return None;
    }
    let headers = packet.l4 - HEADER_LEN + l4_len;
    let payload = len - headers;
    let packets = payload.div_ceil(size).max(1);
    let count = Count {
        packets: packets as u64,
        bytes: (payload + packets * headers) as u64,
    };
    Some((count, headers + size.min(payload)))
}

/// The unfinished checksum is the transport's own, or lies further in (a tunnel's).
fn checksum_fits(frame: &Frame<'_>, packet: &Packet) -> bool {
    let (start, offset) = (
        usize::from(frame.offload.csum_start),
        usize::from(frame.offload.csum_offset),
    );
    if start == packet.l4 {
        match packet.transport {
            Transport::Tcp(_) => return offset == 16,
            Transport::Udp { .. } => return offset == 6,
            Transport::Icmp { .. } | Transport::Other | Transport::Later => {}
        }
    }
    start >= packet.l4 && start + offset + 2 <= packet.end
}

/// Whose source address an interface used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SourceKind {
    /// One that may travel.
    Routable,
    /// None yet (DHCP, duplicate-address detection), or a link-local one, which a host makes up as it likes (RFC 4291
    /// §2.5.6, RFC 7217): for the router only.
    LinkOnly,
}

/// Checks the source address of a packet that `eni` sends (I-1, I-2).
pub(crate) fn check_source(eni: &Eni, packet: &Packet) -> Result<SourceKind, DropReason> {
    if is_link_only(packet) {
        return Ok(SourceKind::LinkOnly);
    }
    if is_martian(packet.source) {
        return Err(DropReason::MartianSource);
    }
    if eni.source_dest_check && !eni.owns(packet.source) && !planted(Defect::SourceCheckSkipped) {
        return Err(DropReason::SourceCheck);
    }
    Ok(SourceKind::Routable)
}

fn is_link_only(packet: &Packet) -> bool {
    match packet.source {
        IpAddr::V4(source) => {
            let dhcp = matches!(
                packet.transport,
                Transport::Udp {
                    source_port: 68,
                    destination_port: 67
                }
            );
            source.is_unspecified() && dhcp
        }
        IpAddr::V6(source) => {
            source.is_unicast_link_local()
                || (source.is_unspecified() && packet.protocol == protocol::ICMPV6)
        }
    }
}

/// Addresses that never travel, as a source (I-2) or as a destination.
pub(crate) fn is_martian(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_martian_ipv4(address),
        IpAddr::V6(address) => is_martian_ipv6(address),
    }
}

fn is_martian_ipv4(address: Ipv4Addr) -> bool {
    let [first, ..] = address.octets();
    first == 0 || first >= 224 || address.is_loopback() || address.is_link_local()
}

fn is_martian_ipv6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    let embeds_ipv4 = segments[..5] == [0; 5] && (segments[5] == 0 || segments[5] == 0xffff);
    address.is_multicast() || address.is_unicast_link_local() || embeds_ipv4
}
