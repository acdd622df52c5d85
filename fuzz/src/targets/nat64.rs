//! NAT64: any packet in the other IP version.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use openvpc_wire::ethernet::Ethernet;
use openvpc_wire::nat64::{self, Ends};
use openvpc_wire::packet::protocol;
use openvpc_wire::quoted::icmp_checksum_holds;
use openvpc_wire::{Frame, Packet, Quoted, Transport, checksum};

use super::frame;
use crate::Target;

/// Bytes as a frame.
pub const NAT64: Target = Target {
    name: "nat64",
    run,
    seeds: frame::seeds,
};

const HERE: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 9);
const THERE: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 80);
const INSIDE: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0x10);

fn run(data: &[u8]) {
    let Some(ethernet) = Ethernet::parse(data) else {
        return;
    };
    let Ok(packet) = Packet::parse(data, ethernet.ethertype) else {
        return;
    };
    let ends = match packet.source {
        IpAddr::V4(source) => Ends::Ipv6 {
            source: nat64::embed(source),
            destination: INSIDE,
        },
        IpAddr::V6(_) => Ends::Ipv4 {
            source: HERE,
            destination: THERE,
        },
    };
    match packet.is_icmp_error() {
        true => error(data, &packet, ends),
        false => whole(data, &packet, ends),
    }
}

fn reread(out: &[u8], len: usize) -> Packet {
    let ethernet = Ethernet::parse(out).unwrap();
    let again = Packet::parse(out, ethernet.ethertype).unwrap();
    assert_eq!(again.end, out.len());
    assert_eq!(again.ip_len(), len);
    again
}

fn whole(data: &[u8], packet: &Packet, ends: Ends) {
    let kind = match packet.transport {
        Transport::Icmp { kind, .. } => kind,
        _ => 0,
    };
    let carried = matches!(packet.protocol, protocol::TCP | protocol::UDP)
        || matches!(packet.transport, Transport::Icmp { .. })
            && nat64::other_protocol(packet.protocol, kind).is_some();
    let in_pieces = packet.fragment.is_some() && packet.protocol != protocol::UDP;
    if !carried || in_pieces || !nat64::fragment_fits(data, packet) {
        return;
    }
    let held = holds(data, packet);
    let (mut bytes, mut out) = (data.to_vec(), Vec::new());
    let mut frame = Frame::new(&mut bytes);
    let (told, _) = nat64::translate(&mut frame, packet, ends, 7, &mut out);
    let again = reread(&out, nat64::translated_len(packet, None));
    assert_eq!(
        (again.source, again.destination, again.protocol, again.ttl),
        (told.source, told.destination, told.protocol, told.ttl)
    );
    assert_eq!((again.l4, again.transport), (told.l4, told.transport));
    match (packet.transport, again.transport) {
        (Transport::Icmp { id, .. }, Transport::Icmp { id: same, .. }) => assert_eq!(id, same),
        (was, is) => assert_eq!(was, is),
    }
    let place = |packet: &Packet| packet.fragment.map(|it| (it.offset, it.more, it.id as u16));
    assert_eq!(place(packet), place(&again));
    if let Some(held) = held {
        assert_eq!(holds(&out, &again), Some(held));
    }
}

/// Whether the transport's checksum holds; nothing if it has none, or is in pieces.
fn holds(bytes: &[u8], packet: &Packet) -> Option<bool> {
    if packet.fragment.is_some() {
        return None;
    }
    let mut len = packet.end - packet.l4;
    match packet.transport {
        Transport::Icmp { .. } => return Some(icmp_checksum_holds(bytes, packet)),
        Transport::Udp { .. } => {
            let udp = &bytes[packet.l4..];
            if udp[6..8] == [0, 0] {
                return packet.is_ipv4().then_some(true);
            }
            len = usize::from(u16::from_be_bytes([udp[4], udp[5]]));
        }
        _ => {}
    }
    let (source, destination) = (packet.source, packet.destination);
    let start = checksum::pseudo_header(source, destination, packet.protocol, len);
    Some(checksum::sum(start, &bytes[packet.l4..packet.l4 + len]) == 0xffff)
}

fn error(data: &[u8], packet: &Packet, ends: Ends) {
    let Some(quoted) = Quoted::parse(data, packet) else {
        return;
    };
    let told = nat64::error_in_other_version(data, packet, &quoted);
    let other = nat64::other_protocol(quoted.protocol, quoted.icmp_kind);
    let (Some(told), Some((number, icmp_kind))) = (told, other) else {
        return;
    };
    if packet.fragment.is_some() {
        return;
    }
    let (source, destination): (IpAddr, IpAddr) = match packet.is_ipv4() {
        true => (INSIDE.into(), nat64::embed(THERE).into()),
        false => (THERE.into(), HERE.into()),
    };
    let shown = Quoted {
        source,
        destination,
        protocol: number,
        icmp_kind,
        ..quoted
    };
    let mut out = Vec::new();
    nat64::translate_error(data, packet, ends, told, &shown, &mut out);
    let again = reread(&out, nat64::translated_len(packet, Some(&quoted)));
    assert!(icmp_checksum_holds(&out, &again));
    assert!(again.is_icmp_error());
    // What stands for extension headers there cannot be told from them.
    let reads = !matches!(number, 0 | 43 | 44 | 59 | 60);
    if let Some(requoted) = Quoted::parse(&out, &again).filter(|_| reads) {
        let shows = |quoted: &Quoted| {
            let (ports, icmp) = (
                (quoted.source_port, quoted.destination_port),
                (quoted.icmp_kind, quoted.icmp_id),
            );
            (
                quoted.source,
                quoted.destination,
                quoted.protocol,
                ports,
                icmp,
            )
        };
        assert_eq!(shows(&requoted), shows(&shown));
    }
}
