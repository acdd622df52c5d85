//! `wire`: frames read, edited, cut.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use openvpc_testkit::{FrameSpec, L4, build};
use openvpc_wire::edit::{self, Side};
use openvpc_wire::ethernet::{self, Ethernet, HEADER_LEN};
use openvpc_wire::icmp::{self, IcmpError};
use openvpc_wire::ip::Envelope;
use openvpc_wire::packet::protocol;
use openvpc_wire::{Frame, Mac, Packet, Quoted, Transport, checksum, cut, ndp, quoted, tcp};

use super::Input;
use crate::Target;

/// Bytes as a frame.
pub const FRAME: Target = Target {
    name: "frame",
    run: frame,
    seeds,
};

/// A selector of edits, then a frame.
pub const EDIT: Target = Target {
    name: "edit",
    run: edit,
    seeds: || {
        let prefixed =
            |(name, frame): (&'static str, Vec<u8>)| (name, [vec![0xff; 8], frame].concat());
        let mut all: Vec<_> = seeds().into_iter().map(prefixed).collect();
        // To be cut for an MTU of 76.
        let long = build(&FrameSpec {
            source_mac: MAC,
            destination_mac: MAC,
            source: Ipv4Addr::new(10, 0, 1, 10).into(),
            destination: Ipv4Addr::new(10, 0, 2, 10).into(),
            ttl: 64,
            l4: L4::Raw(47, (0..200).collect()),
        });
        all.push(("long", [&[0, 0, 0, 0, 0, 8, 0, 64][..], &long].concat()));
        all
    },
};

const MAC: Mac = Mac([2, 0, 0, 0, 0, 1]);

/// One good frame of every kind.
pub fn seeds() -> Vec<(&'static str, Vec<u8>)> {
    let v4 = [[10, 0, 1, 10], [10, 0, 2, 10]].map(|octets| IpAddr::V4(Ipv4Addr::from(octets)));
    let v6 = [0x10u16, 0x20]
        .map(|host| IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 1, 0x101, 0, 0, 0, host)));
    let of = |[source, destination]: [IpAddr; 2], l4: L4| {
        build(&FrameSpec {
            source_mac: MAC,
            destination_mac: Mac([2, 0, 0, 0, 0, 2]),
            source,
            destination,
            ttl: 64,
            l4,
        })
    };
    let udp = || L4::Udp {
        ports: (4_000, 53),
        payload: vec![0x55; 12],
    };
    let syn = || L4::Tcp {
        ports: (40_000, 80),
        sequence: 1_000,
        acknowledgement: 0,
        flags: 2,
        payload: vec![],
    };
    let error = |kind: u8, code: u8, inner: Vec<u8>| {
        L4::Icmp([vec![kind, code, 0, 0, 0, 0, 5, 0], inner[14..].to_vec()].concat())
    };
    let back = |[a, b]: [IpAddr; 2]| [b, a];
    let mut options = of(v4, udp());
    options.splice(34..34, [1, 1, 1, 0]);
    options[14] = 0x46;
    options[17] += 4;
    openvpc_testkit::mend_ipv4_header(&mut options);
    let mut fragment = of(v4, L4::Raw(17, vec![7; 16]));
    fragment[20] = 0x20;
    openvpc_testkit::mend_ipv4_header(&mut fragment);
    let chain = |first: u8, header: [u8; 8]| {
        of(
            v6,
            L4::Raw(
                first,
                [&header[..], &[0x0f, 0xa0, 0, 53, 0, 8, 0, 0]].concat(),
            ),
        )
    };
    vec![
        ("udp", of(v4, udp())),
        ("udp6", of(v6, udp())),
        ("syn", of(v4, syn())),
        ("syn6", of(v6, syn())),
        ("ping", of(v4, L4::Icmp(vec![8, 0, 0, 0, 0, 7, 0, 1]))),
        ("ping6", of(v6, L4::Icmp(vec![128, 0, 0, 0, 0, 7, 0, 1]))),
        ("unreachable", of(back(v4), error(3, 3, of(v4, udp())))),
        ("exceeded", of(back(v4), error(11, 0, of(v4, syn())))),
        ("too_big6", of(back(v6), error(2, 0, of(v6, udp())))),
        ("options", options),
        ("fragment", fragment),
        ("fragment6", chain(44, [17, 0, 0, 1, 0, 0, 0, 9])),
        ("hop_by_hop", chain(0, [17, 0, 5, 2, 0, 0, 1, 0])),
        ("routing", chain(43, [17, 0, 4, 0, 0, 0, 0, 0])),
        ("gre", of(v4, L4::Raw(47, vec![0; 8]))),
    ]
}

/// Whatever the bytes, what is said of them lies within them.
fn frame(bytes: &[u8]) {
    let Some(ethernet) = Ethernet::parse(bytes) else {
        assert!(bytes.len() < HEADER_LEN);
        return;
    };
    let mut again = Vec::new();
    ethernet.emit(&mut again);
    assert_eq!(again, bytes[..HEADER_LEN]);
    for ethertype in [ethernet.ethertype, ethernet::IPV4, ethernet::IPV6] {
        let Ok(packet) = Packet::parse(bytes, ethertype) else {
            continue;
        };
        assert!(HEADER_LEN < packet.l4 && packet.l4 <= packet.end && packet.end <= bytes.len());
        assert_eq!(packet.is_ipv4(), ethertype == ethernet::IPV4);
        if let Some(fragment) = packet.fragment {
            assert!(fragment.more || fragment.offset != 0);
            assert!(usize::from(fragment.offset) + packet.end - packet.l4 <= 65_535);
        }
        // What follows the packet is nobody's business.
        assert_eq!(Packet::parse(&bytes[..packet.end], ethertype), Ok(packet));
        if let Transport::Tcp(tcp) = packet.transport {
            assert!(tcp.window_scale(bytes, packet.l4) <= 14);
            let header = packet.l4 + usize::from(tcp.header_len);
            assert_eq!(header + usize::from(tcp.payload_len), packet.end);
        }
        if packet.is_icmp_error()
            && let Some(quoted) = Quoted::parse(bytes, &packet)
        {
            assert!(packet.l4 + 8 <= quoted.ip && quoted.ip + 20 <= quoted.l4);
            assert!(quoted.l4 + 8 <= packet.end);
        }
        let _ = ndp::parse_solicitation(bytes, &packet);
        answers(bytes, &packet);
    }
}

/// What a router says about a packet is a good packet itself.
fn answers(bytes: &[u8], packet: &Packet) {
    let envelope = Envelope {
        source_mac: MAC,
        destination_mac: MAC,
        source: packet.destination,
        destination: packet.source,
    };
    let mut out = Vec::new();
    let reads = |out: &[u8]| {
        let read = Ethernet::parse(out).map(|ethernet| Packet::parse(out, ethernet.ethertype));
        let Some(Ok(read)) = read else {
            panic!("{read:?}: {out:02x?}");
        };
        assert_eq!((read.end, read.source), (out.len(), packet.destination));
        assert!(transport_sum_holds(out, &read));
        read
    };
    for error in [
        IcmpError::TimeExceeded,
        IcmpError::PacketTooBig { mtu: 1_500 },
    ] {
        icmp::emit_error(&mut out, &envelope, error, bytes, packet);
        let read = reads(&out);
        assert!(read.is_icmp_error() && read.ip_len() <= if read.is_ipv4() { 576 } else { 1_280 });
    }
    match packet.transport {
        Transport::Tcp(segment) => {
            tcp::emit_reset(&mut out, &envelope, &segment);
            reads(&out);
        }
        Transport::Icmp { kind, .. }
            if icmp::is_echo_request(kind, packet.is_ipv4())
                && packet.fragment.is_none()
                && quoted::icmp_checksum_holds(bytes, packet) =>
        {
            icmp::emit_echo_reply(&mut out, &envelope, bytes, packet);
            reads(&out);
        }
        _ => {}
    }
}

/// Edits keep a checksum that held, and change nothing that they were not asked to.
fn edit(bytes: &[u8]) {
    let mut input = Input(bytes);
    let (new, port, what) = (input.bytes(4).to_vec(), input.word(), input.word());
    let (Ok(new), Some(ethernet)) = (<[u8; 4]>::try_from(new), Ethernet::parse(input.0)) else {
        return;
    };
    let mut bytes = input.0.to_vec();
    let Ok(packet) = Packet::parse(&bytes, ethernet.ethertype) else {
        return;
    };
    let held = transport_sum_holds(&bytes, &packet);
    let quote = packet
        .is_icmp_error()
        .then(|| Quoted::parse(&bytes, &packet))
        .flatten();
    let on = |bit: u16| what & (1 << bit) != 0;
    let side = if on(0) {
        Side::Source
    } else {
        Side::Destination
    };
    if on(1) && packet.ttl > 0 {
        edit::decrement_ttl(&mut bytes, &packet, 1);
    }
    if on(2) {
        let new = match packet.is_ipv4() {
            true => IpAddr::V4(new.into()),
            false => IpAddr::V6(Ipv4Addr::from(new).to_ipv6_mapped()),
        };
        edit::set_ip(&mut Frame::new(&mut bytes), &packet, side, new);
    }
    let error = packet.is_icmp_error();
    if on(3) && !error && packet.fragment.is_none() {
        edit::set_port(&mut Frame::new(&mut bytes), &packet, side, port);
    }
    if on(6) && !error && packet.is_ipv4() && packet.fragment.is_none() {
        let ends = edit::Ends {
            source: on(7).then(|| new.into()),
            destination: on(8).then(|| new.into()),
            source_port: on(9).then_some(port),
            destination_port: on(10).then_some(port),
        };
        edit::set_ends(&mut Frame::new(&mut bytes), &packet, &ends);
    }
    if let Some(quote) = quote.filter(|quote| on(4) && packet.is_ipv4() && quote.source.is_ipv4()) {
        edit::set_quoted_ipv4(&mut bytes, &packet, &quote, side, new.into());
        if on(5) {
            edit::set_quoted_port(&mut bytes, &packet, &quote, side, port);
        }
    }
    let after = Packet::parse(&bytes, ethernet.ethertype).expect("still a packet");
    assert_eq!((after.l4, after.end), (packet.l4, packet.end));
    assert_eq!(after.protocol, packet.protocol);
    if held && packet.fragment.is_none() {
        assert!(transport_sum_holds(&bytes, &after), "{what:#x}");
    }
    if on(6) && after.is_ipv4() {
        pieces(bytes, &after, 68 + port % 9_000);
    }
}

/// Fragments are packets, and together they are the datagram.
fn pieces(mut bytes: Vec<u8>, packet: &Packet, mtu: u16) {
    if packet.ip_len() <= usize::from(mtu) || packet.fragment.is_some() {
        return;
    }
    let whole = bytes[packet.l4..packet.end].to_vec();
    let mut rest = Vec::new();
    let mut frame = Frame::new(&mut bytes);
    cut::fragment_to(&mut frame, packet, mtu, |piece| rest.push(piece));
    let mut joined = Vec::new();
    for (place, piece) in [frame.bytes.to_vec()].iter().chain(&rest).enumerate() {
        // A tiny or split transport header is the reader's to refuse; the IP header must be good.
        assert_eq!(checksum::sum(0, &piece[HEADER_LEN..packet.l4]), 0xffff);
        assert!(piece.len() - HEADER_LEN <= usize::from(mtu));
        let field = u16::from_be_bytes([piece[20], piece[21]]);
        assert_eq!(usize::from(field & 0x1fff) * 8, joined.len());
        assert_eq!(field & 0x2000 != 0, place < rest.len());
        joined.extend_from_slice(&piece[packet.l4..]);
    }
    assert_eq!(joined, whole);
}

/// Whether the transport checksum holds, is absent, or is of a protocol without.
pub fn transport_sum_holds(bytes: &[u8], packet: &Packet) -> bool {
    let payload = &bytes[packet.l4..packet.end];
    let pseudo = || {
        checksum::pseudo_header(
            packet.source,
            packet.destination,
            packet.protocol,
            payload.len(),
        )
    };
    match packet.transport {
        Transport::Tcp(_) => checksum::sum(pseudo(), payload) == 0xffff,
        Transport::Udp { .. } => {
            let len = usize::from(u16::from_be_bytes([payload[4], payload[5]]));
            let absent = payload[6..8] == [0, 0];
            // A datagram shorter than its packet is summed over its own length.
            absent || (len == payload.len() && checksum::sum(pseudo(), payload) == 0xffff)
        }
        Transport::Icmp { .. } if packet.protocol == protocol::ICMP => {
            checksum::sum(0, payload) == 0xffff
        }
        Transport::Icmp { .. } => checksum::sum(pseudo(), payload) == 0xffff,
        Transport::Other | Transport::Later => true,
    }
}
