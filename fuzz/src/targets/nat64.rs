//! `wire::nat64`: frames in the other IP version, and back.

use std::net::{Ipv4Addr, Ipv6Addr};

use openvpc_wire::ethernet::{Ethernet, HEADER_LEN};
use openvpc_wire::nat64::{self, Ends};
use openvpc_wire::packet::protocol;
use openvpc_wire::{Frame, Packet, Quoted, Transport};

use super::Input;
use super::frame::{seeds, transport_sum_holds};
use crate::Target;

/// An identification and the low bits of the new addresses, then a frame.
pub const NAT64: Target = Target {
    name: "nat64",
    run: translate,
    seeds: || {
        let prefixed = |(name, frame)| (name, [vec![0x12, 0x34, 5, 6], frame].concat());
        seeds().into_iter().map(prefixed).collect()
    },
};

const BLOCK: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 1, 0, 0, 0, 0, 0);

/// Addresses of the version that `packet` is not of, told apart by `low`.
fn other_ends(packet: &Packet, low: [u8; 2]) -> Ends {
    let [source, destination] = low.map(|low| Ipv4Addr::new(10, 0, low, 9));
    match packet.is_ipv4() {
        true => Ends::Ipv6 {
            source: nat64::embed(source),
            destination: Ipv6Addr::from(u128::from(BLOCK) | u128::from(low[1])),
        },
        false => Ends::Ipv4 {
            source,
            destination,
        },
    }
}

/// What is translated is a good packet of the other version with the same payload, and its checksum holds if it held.
fn translate(bytes: &[u8]) {
    let mut input = Input(bytes);
    let (id, low) = (input.word(), [input.byte(), input.byte()]);
    let mut bytes = input.0.to_vec();
    let Some(ethernet) = Ethernet::parse(&bytes) else {
        return;
    };
    let Ok(packet) = Packet::parse(&bytes, ethernet.ethertype) else {
        return;
    };
    let ends = other_ends(&packet, low);
    let quoted = packet
        .is_icmp_error()
        .then(|| Quoted::parse(&bytes, &packet));
    if let Some(quoted) = quoted {
        return quoted.map_or((), |quoted| error(&bytes, &packet, &quoted, ends, low));
    }
    // As the gateway asks before: it carries nothing else.
    let carried = match packet.transport {
        Transport::Tcp(_) => packet.fragment.is_none(),
        Transport::Udp { .. } => nat64::fragment_fits(&bytes, &packet),
        Transport::Icmp { kind, .. } => {
            packet.fragment.is_none() && nat64::other_protocol(packet.protocol, kind).is_some()
        }
        Transport::Later => packet.protocol == protocol::UDP,
        Transport::Other => false,
    };
    if !carried {
        return;
    }
    let held = transport_sum_holds(&bytes, &packet);
    let mut out = Vec::new();
    let told = nat64::translated_len(&packet, None);
    let mut frame = Frame::new(&mut bytes);
    let (translated, _) = nat64::translate(&mut frame, &packet, ends, id, &mut out);
    assert_eq!(out.len(), HEADER_LEN + told);
    let read = reads(&out);
    assert_eq!((read.l4, read.end), (translated.l4, translated.end));
    assert_eq!(
        (read.source, read.destination, read.protocol, read.ttl),
        (
            translated.source,
            translated.destination,
            translated.protocol,
            packet.ttl
        )
    );
    let place = |packet: &Packet| packet.fragment.map(|piece| (piece.offset, piece.more));
    assert_eq!(place(&read), place(&packet));
    assert_eq!(read.end - read.l4, packet.end - packet.l4);
    // The sum of a fragment is of the whole datagram.
    if packet.fragment.is_none() && held {
        assert!(transport_sum_holds(&out, &read), "{packet:?} → {read:?}");
    }
}

/// An error is short enough for its version, quotes what it is told to, and its own checksum holds.
fn error(bytes: &[u8], packet: &Packet, quoted: &Quoted, ends: Ends, low: [u8; 2]) {
    let Some(told) = nat64::error_in_other_version(bytes, packet, quoted) else {
        return;
    };
    // As the gateway asks before: a flow that it carries.
    let carried = [
        protocol::TCP,
        protocol::UDP,
        protocol::ICMP,
        protocol::ICMPV6,
    ];
    if !carried.contains(&quoted.protocol) {
        return;
    }
    let Some((number, kind)) = nat64::other_protocol(quoted.protocol, quoted.icmp_kind) else {
        return;
    };
    let (source, destination) = other_ends(packet, [low[1], low[0]]).addresses();
    let shown = Quoted {
        source,
        destination,
        protocol: number,
        icmp_kind: kind,
        source_port: quoted.source_port ^ 1,
        ..*quoted
    };
    let mut out = Vec::new();
    nat64::translate_error(bytes, packet, ends, told, &shown, &mut out);
    assert_eq!(
        out.len(),
        HEADER_LEN + nat64::translated_len(packet, Some(quoted))
    );
    let read = reads(&out);
    assert!(read.is_icmp_error() && transport_sum_holds(&out, &read));
    assert!(read.ip_len() <= if read.is_ipv4() { 576 } else { 1_280 });
    let again = Quoted::parse(&out, &read).expect("a quotation");
    assert_eq!((again.source, again.destination), (source, destination));
    assert_eq!(again.protocol, number);
    if matches!(number, protocol::TCP | protocol::UDP) {
        assert_eq!(again.source_port, shown.source_port);
    }
}

fn reads(out: &[u8]) -> Packet {
    let ethernet = Ethernet::parse(out).expect("a frame");
    match Packet::parse(out, ethernet.ethertype) {
        Ok(packet) => packet,
        Err(error) => panic!("{error:?}: {out:02x?}"),
    }
}
