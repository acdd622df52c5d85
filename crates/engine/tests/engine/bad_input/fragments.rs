//! Fragments (I-12; RFC 791 §3.2, RFC 1858, RFC 3128, RFC 5722, RFC 6946, RFC 7112).
//!
//! | Item | Test |
//! |---|---|
//! | tiny first, the ports not in it | `tiny_first_fragments_are_refused` |
//! | overlap in both orders, the same offset twice | `overlaps_lose_the_datagram` |
//! | hole, first last | `holes_and_disorder_are_followed`, `a_later_fragment_without_a_first_that_passed_never_passes` |
//! | offset + length > 65,535, odd lengths, empty | `impossible_places_are_refused` |
//! | 10⁴ unfinished datagrams: bounded per port, gone after 30 s | `unfinished_datagrams_are_bounded_and_expire`, `ten_thousand_unfinished_datagrams` |
//! | one identification, several tenants | `equal_identifications_of_two_tenants_do_not_meet` |
//! | ICMP, UDP and TCP fragments through NAT | `nat_gateway::only_datagrams_of_udp_may_come_in_pieces`, `every_piece_is_translated` |
//! | IPv6: two fragment headers, atomic fragments | `two_fragment_headers`, `an_atomic_fragment_is_a_packet_of_its_own` |

use openvpc_engine::DropReason::{
    FragmentOverlap, FragmentTableFull, FragmentWithoutFirst, HeaderChain, SecurityGroupIngress,
    TinyFragment,
};
use openvpc_engine::{DropReason, Limits, Verdict};
use openvpc_testkit::{
    FrameSpec, Host, L4, Lab, To, build, egress, ingress, mend_ipv4_header, udp,
};

use super::{fragment_header, ipv6_chain, udp_bytes};

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
    lab.wait_secs(29);
    lab.raw(&a, first(&a, 200)).dropped(FragmentTableFull);
    lab.wait_secs(1);
    lab.raw(&a, first(&a, 200)).reaches(&b);
    lab.raw(&a, fragment(&a, &b, 1, &[0; 8], 800, false))
        .dropped(FragmentWithoutFirst);
    lab.balances();
}

/// Whatever one interface begins and never ends, another's datagrams come whole, and so do its own half a minute later.
#[test]
fn ten_thousand_unfinished_datagrams() {
    let lab = Lab::vpc("10.0.0.0/16");
    let [a, b, c] = ["10.0.1.10", "10.0.2.10", "10.0.1.11"].map(|address| lab.eni(address).open());
    let whole = |from: &Host| datagram(from, &b, 53, 1_000);
    let bytes = whole(&a);
    let mut verdicts = [0; 2];
    for id in 0..10_000 {
        match lab
            .raw(&a, fragment(&a, &b, id, &bytes[..800], 0, true))
            .verdict()
        {
            Verdict::Forward { .. } | Verdict::Translated { .. } => verdicts[0] += 1,
            Verdict::Drop(FragmentTableFull) => verdicts[1] += 1,
            other => panic!("{other:?}"),
        }
    }
    let held = usize::try_from(Limits::default().fragments_per_port_max).unwrap();
    assert_eq!(verdicts, [held, 10_000 - held]);
    let finish = |from: &Host, id| {
        let bytes = whole(from);
        lab.raw(from, fragment(from, &b, id, &bytes[..800], 0, true))
            .reaches(&b);
        lab.raw(from, fragment(from, &b, id, &bytes[800..], 800, false))
            .reaches(&b);
    };
    finish(&c, 3);
    lab.wait_secs(30);
    finish(&a, 20_000);
    lab.balances();
}

/// I-5: the port is part of a datagram's key.
#[test]
fn equal_identifications_of_two_tenants_do_not_meet() {
    let lab = Lab::vpc("10.0.0.0/16");
    let other = lab.another_vpc("10.0.0.0/16");
    let (a, b) = (lab.eni("10.0.1.10").open(), lab.eni("10.0.2.10").open());
    let (twin_a, twin_b) = (other.eni("10.0.1.10").open(), other.eni("10.0.2.10").open());
    let bytes = datagram(&a, &b, 53, 1_000);
    lab.raw(&a, fragment(&a, &b, 7, &bytes[..800], 0, true))
        .reaches(&b);
    let end = |from: &Host, to: &Host| fragment(from, to, 7, &bytes[800..], 800, false);
    lab.raw(&twin_a, end(&twin_a, &twin_b))
        .dropped(FragmentWithoutFirst);
    lab.raw(
        &twin_a,
        fragment(&twin_a, &twin_b, 7, &bytes[..800], 0, true),
    )
    .reaches(&twin_b);
    lab.raw(&a, end(&a, &b)).reaches(&b);
    lab.raw(&twin_a, end(&twin_a, &twin_b)).reaches(&twin_b);
    lab.balances();
}

/// NAT-4: later fragments of UDP bear no port, and yet belong to the flow of the first.
#[test]
fn every_piece_is_translated() {
    let lab = Lab::vpc("10.0.0.0/16").internet_gateway();
    let nat = lab.nat_gateway("10.0.0.220").public("192.0.2.9");
    let inside = lab.eni("10.0.1.5").open();
    lab.route(&inside, "0.0.0.0/0", To::Nat(&nat));
    let bob = lab.internet("203.0.113.5");
    let bytes = datagram(&inside, &bob, 53, 2_000);
    for (from, to, more) in [(0, 800, true), (800, 1_600, true), (1_600, 2_008, false)] {
        let piece = fragment(&inside, &bob, 7, &bytes[from..to], from, more);
        lab.raw(&inside, piece)
            .reaches(&bob)
            .seen_as("192.0.2.9", "203.0.113.5");
    }
    for (number, reason) in [(1, DropReason::NatFragment), (6, DropReason::NatFragment)] {
        let mut header = vec![0x50; 24];
        header[..8].copy_from_slice(&[8, 0, 0, 0, 0, 1, 0, 1]);
        if number == 6 {
            header[13] = 2;
        }
        let piece = fragment_of(number, &inside, &bob, 9, &header, 0, true);
        lab.raw(&inside, piece).dropped(reason);
    }
    lab.balances();
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
    lab.balances();
}

/// I-12, CVE-2023-4809: one after the other, and with another header between.
#[test]
fn two_fragment_headers() {
    let (lab, a, b) = super::stage();
    for (first, second) in [(true, true), (true, false), (false, true), (false, false)] {
        let between = (60, vec![0, 1, 4, 0, 0, 0, 0]);
        let [first, second] = [first, second].map(|more| fragment_header(0, more));
        let near = [first.clone(), second.clone()];
        lab.raw(&a, ipv6_chain(&a, &b, &near, udp_bytes()))
            .dropped(HeaderChain);
        let apart = [first, between, second];
        lab.raw(&a, ipv6_chain(&a, &b, &apart, udp_bytes()))
            .dropped(HeaderChain);
    }
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
