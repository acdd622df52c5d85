//! Fragments (I-12; RFC 791 §3.2, RFC 1858, RFC 3128, RFC 5722, RFC 6946, RFC 7112; reliability list "Fragments").

use openvpc_engine::DropReason::{
    FragmentOverlap, FragmentTableFull, FragmentWithoutFirst, HeaderChain, SecurityGroupIngress,
    TinyFragment,
};
use openvpc_engine::{DropReason, Limits, Verdict};
use openvpc_testkit::{FrameSpec, Host, L4, Lab, build, egress, ingress, mend_ipv4_header, udp};

fn stage() -> (Lab, Host, Host) {
    let lab = Lab::vpc("10.0.0.0/16")
        .ipv6("2001:db8:1:100::/56")
        .internet_gateway();
    let web = lab.eni("10.0.1.10").ipv6(0x10).security_group([
        ingress("udp 53 from 203.0.113.0/24"),
        ingress("icmp from 203.0.113.0/24"),
        egress("udp to 203.0.113.0/24"),
    ]);
    let bob = lab.internet("203.0.113.12");
    (lab, web.public("192.0.2.10"), bob)
}

/// One IPv4 fragment of the UDP datagram 4000 → `port`, whose transport header and data are `udp_bytes`.
fn fragment(from: &Host, to: &Host, id: u16, bytes: &[u8], offset: usize, more: bool) -> Vec<u8> {
    fragment_of(17, from, to, id, bytes, offset, more)
}

fn fragment_of(
    number: u8,
    from: &Host,
    to: &Host,
    id: u16,
    bytes: &[u8],
    offset: usize,
    more: bool,
) -> Vec<u8> {
    let destination = to.address_for(from, true);
    let mut frame = build(&FrameSpec {
        source_mac: from.mac(),
        destination_mac: from.next_mac(destination),
        source: from.address(true),
        destination,
        ttl: 64,
        l4: L4::Raw(number, bytes.to_vec()),
    });
    frame[18..20].copy_from_slice(&id.to_be_bytes());
    let flags = u16::from(more) << 13 | (offset / 8) as u16;
    frame[20..22].copy_from_slice(&flags.to_be_bytes());
    mend_ipv4_header(&mut frame);
    frame
}

/// The bytes of a whole datagram to `port`.
fn datagram(from: &Host, to: &Host, port: u16, len: usize) -> Vec<u8> {
    let spec = FrameSpec {
        source_mac: from.mac(),
        destination_mac: from.router_mac(),
        source: from.address(true),
        destination: to.address_for(from, true),
        ttl: 64,
        l4: L4::Udp {
            ports: (4_000, port),
            payload: vec![9; len],
        },
    };
    build(&spec)[34..].to_vec()
}

#[test]
fn later_fragments_follow_the_first() {
    let (lab, web, bob) = stage();
    let whole = datagram(&bob, &web, 53, 2_000);
    lab.raw(&bob, fragment(&bob, &web, 7, &whole[..800], 0, true))
        .reaches(&web);
    lab.raw(&bob, fragment(&bob, &web, 7, &whole[800..1_600], 800, true))
        .reaches(&web)
        .seen_as("203.0.113.12", "10.0.1.10");
    lab.raw(&bob, fragment(&bob, &web, 7, &whole[1_600..], 1_600, false))
        .reaches(&web);
    lab.flow_log(&web).reads_in_full([
        "203.0.113.12 10.0.1.10 4000 53 17 3 2068 ACCEPT 0 ingress - 203.0.113.12 10.0.1.10",
    ]);
    lab.balances();
}

#[test]
fn a_later_fragment_without_a_first_that_passed_never_passes() {
    let (lab, web, bob) = stage();
    let whole = datagram(&bob, &web, 53, 2_000);
    lab.raw(&bob, fragment(&bob, &web, 1, &whole[800..1_600], 800, true))
        .dropped(FragmentWithoutFirst);
    let refused = datagram(&bob, &web, 54, 2_000);
    lab.raw(&bob, fragment(&bob, &web, 2, &refused[..800], 0, true))
        .dropped(SecurityGroupIngress);
    lab.raw(
        &bob,
        fragment(&bob, &web, 2, &refused[800..1_600], 800, true),
    )
    .dropped(FragmentWithoutFirst);
    // Another host's first fragment of the same identification does not help.
    let eve = lab.internet("203.0.113.99");
    lab.raw(&eve, fragment(&eve, &web, 1, &whole[..800], 0, true))
        .reaches(&web);
    lab.raw(&bob, fragment(&bob, &web, 1, &whole[800..1_600], 800, true))
        .dropped(FragmentWithoutFirst);
}

#[test]
fn the_rules_are_asked_again_for_each_fragment() {
    let (lab, web, bob) = stage();
    let whole = datagram(&bob, &web, 53, 2_000);
    lab.raw(&bob, fragment(&bob, &web, 7, &whole[..800], 0, true))
        .reaches(&web);
    lab.network_acl(&web)
        .inbound("1 deny udp 53 from 0.0.0.0/0");
    lab.raw(&bob, fragment(&bob, &web, 7, &whole[800..1_600], 800, true))
        .dropped(DropReason::NetworkAclInbound);
}

#[test]
fn overlaps_lose_the_datagram() {
    let (lab, web, bob) = stage();
    let whole = datagram(&bob, &web, 53, 3_000);
    let piece =
        |id, from: usize, to: usize, more| fragment(&bob, &web, id, &whole[from..to], from, more);
    // Forward, backward, contained, the same again, the first again.
    for (id, from, to) in [
        (1, 792, 1_600),
        (2, 1_592, 2_400),
        (3, 808, 816),
        (4, 800, 1_600),
    ] {
        lab.raw(&bob, piece(id, 0, 800, true)).reaches(&web);
        lab.raw(&bob, piece(id, 800, 1_600, true)).reaches(&web);
        lab.raw(&bob, piece(id, from, to, true))
            .dropped(FragmentOverlap);
        lab.raw(&bob, piece(id, 2_400, 3_008, false))
            .dropped(FragmentOverlap);
    }
    // Into the front of a stretch behind a hole.
    lab.raw(&bob, piece(6, 0, 800, true)).reaches(&web);
    lab.raw(&bob, piece(6, 1_600, 2_400, true)).reaches(&web);
    lab.raw(&bob, piece(6, 800, 1_608, true))
        .dropped(FragmentOverlap);
    lab.raw(&bob, piece(5, 0, 800, true)).reaches(&web);
    lab.raw(&bob, piece(5, 0, 800, true))
        .dropped(FragmentOverlap);
    lab.raw(&bob, piece(5, 800, 1_600, true))
        .dropped(FragmentOverlap);
}

#[test]
fn holes_and_disorder_are_followed() {
    let (lab, web, bob) = stage();
    let whole = datagram(&bob, &web, 53, 3_000);
    let piece =
        |from: usize, to: usize, more| fragment(&bob, &web, 9, &whole[from..to], from, more);
    lab.raw(&bob, piece(0, 800, true)).reaches(&web);
    lab.raw(&bob, piece(2_400, 3_008, false)).reaches(&web);
    lab.raw(&bob, piece(1_600, 2_400, true)).reaches(&web);
    lab.raw(&bob, piece(800, 1_600, true)).reaches(&web);
    lab.raw(&bob, fragment(&bob, &web, 9, &[0; 8], 3_008, true))
        .dropped(FragmentOverlap);
}

#[test]
fn impossible_places_are_refused() {
    let (lab, web, bob) = stage();
    let whole = datagram(&bob, &web, 53, 2_000);
    lab.raw(&bob, fragment(&bob, &web, 1, &whole[..800], 0, true))
        .reaches(&web);
    lab.raw(&bob, fragment(&bob, &web, 1, &[0; 16], 65_528, false))
        .dropped(FragmentOverlap);
    lab.raw(&bob, fragment(&bob, &web, 1, &[0; 9], 800, true))
        .dropped(FragmentOverlap);
    lab.raw(&bob, fragment(&bob, &web, 1, &[], 800, false))
        .dropped(FragmentOverlap);
}

#[test]
fn tiny_first_fragments_are_refused() {
    let (lab, web, bob) = stage();
    lab.raw(&bob, fragment_of(6, &bob, &web, 1, &[0; 8], 0, true))
        .dropped(TinyFragment);
    lab.raw(&bob, fragment_of(6, &bob, &web, 1, &[0; 16], 8, true))
        .dropped(TinyFragment);
    lab.raw(&bob, fragment_of(6, &bob, &web, 1, &[0; 16], 0, true))
        .dropped(TinyFragment);
}

#[test]
fn unfinished_datagrams_are_bounded_and_expire() {
    let lab = Lab::with_limits(
        "10.0.0.0/16",
        Limits {
            fragments_per_port_max: 4,
            ..Limits::default()
        },
    );
    let [a, b, c] = ["10.0.1.10", "10.0.2.10", "10.0.1.11"].map(|address| lab.eni(address).open());
    let first =
        |from: &Host, id| fragment(from, &b, id, &datagram(from, &b, 53, 1_000)[..800], 0, true);
    for id in 0..4 {
        lab.raw(&a, first(&a, id)).reaches(&b);
    }
    for id in 4..100 {
        lab.raw(&a, first(&a, id)).dropped(FragmentTableFull);
    }
    lab.raw(&c, first(&c, 1)).reaches(&b);
    lab.wait_secs(30);
    lab.raw(&a, first(&a, 200)).reaches(&b);
    lab.raw(&a, fragment(&a, &b, 1, &[0; 8], 800, false))
        .dropped(FragmentWithoutFirst);
    lab.balances();
}

/// One IPv6 packet: UDP 4000 → 53 behind a chain of extension headers, given as (number, bytes after the first).
pub(crate) fn ipv6_chain(
    from: &Host,
    to: &Host,
    headers: &[(u8, Vec<u8>)],
    upper: (u8, Vec<u8>),
) -> Vec<u8> {
    let mut payload = Vec::new();
    for (place, (_, bytes)) in headers.iter().enumerate() {
        payload.push(headers.get(place + 1).map_or(upper.0, |(next, _)| *next));
        payload.extend_from_slice(bytes);
    }
    payload.extend_from_slice(&upper.1);
    build(&FrameSpec {
        source_mac: from.mac(),
        destination_mac: from.next_mac(to.address(false)),
        source: from.address(false),
        destination: to.address(false),
        ttl: 64,
        l4: L4::Raw(
            headers.first().map_or(upper.0, |(number, _)| *number),
            payload,
        ),
    })
}

pub(crate) fn fragment_header(offset: u16, more: bool) -> (u8, Vec<u8>) {
    let [high, low] = (offset | u16::from(more)).to_be_bytes();
    (44, vec![0, high, low, 0, 0, 0, 9])
}

pub(crate) fn udp_bytes() -> (u8, Vec<u8>) {
    let mut bytes = vec![0x0f, 0xa0, 0, 53, 0, 16, 0x12, 0x34];
    bytes.extend_from_slice(&[0; 8]);
    (17, bytes)
}

#[test]
fn ipv6_fragments_follow_the_first_too() {
    let lab = Lab::vpc("10.0.0.0/16").ipv6("2001:db8:1:100::/56");
    let (a, b) = (
        lab.eni("10.0.1.10").ipv6(0x10).open(),
        lab.eni("10.0.2.10").ipv6(0x10).open(),
    );
    lab.raw(
        &a,
        ipv6_chain(&a, &b, &[fragment_header(16, false)], (17, vec![0; 8])),
    )
    .dropped(FragmentWithoutFirst);
    lab.raw(
        &a,
        ipv6_chain(&a, &b, &[fragment_header(0, true)], udp_bytes()),
    )
    .reaches(&b);
    lab.raw(
        &a,
        ipv6_chain(&a, &b, &[fragment_header(16, false)], (17, vec![0; 8])),
    )
    .reaches(&b);
    lab.raw(
        &a,
        ipv6_chain(&a, &b, &[fragment_header(8, false)], (17, vec![0; 8])),
    )
    .dropped(FragmentOverlap);
    // Two fragment headers (I-12).
    let twice = [fragment_header(0, true), fragment_header(0, true)];
    lab.raw(&a, ipv6_chain(&a, &b, &twice, udp_bytes()))
        .dropped(HeaderChain);
    lab.balances();
}

/// RFC 6946: an atomic fragment is a whole packet.
#[test]
fn an_atomic_fragment_is_a_packet_of_its_own() {
    let lab = Lab::vpc("10.0.0.0/16").ipv6("2001:db8:1:100::/56");
    let (a, b) = (
        lab.eni("10.0.1.10").ipv6(0x10).open(),
        lab.eni("10.0.2.10").ipv6(0x10).open(),
    );
    for _ in 0..2 {
        let frame = ipv6_chain(&a, &b, &[fragment_header(0, false)], udp_bytes());
        let outcome = lab.raw(&a, frame);
        assert!(matches!(outcome.verdict(), Verdict::Forward { .. }));
    }
    lab.send(udp(&a, &b, 4_000, 53)).reaches(&b);
}
