//! Bad UDP and ICMP, and protocols without ports (RFC 768, RFC 792, RFC 4443; I-11, SG-8).
//!
//! | Item | Test |
//! |---|---|
//! | UDP length 0, < 8, > payload | `udp_lengths` |
//! | IPv6 UDP checksum 0 | `a_datagram_without_checksum_stays_without` |
//! | ICMP error about an ICMP error | `an_error_about_an_error_is_dropped` |
//! | inner packet cut at 8 bytes, and before | `the_quotation_needs_eight_bytes` |
//! | inner tuple of another tenant | `a_quotation_of_anothers_flow_opens_nothing` |
//! | redirect, router advertisement | `redirects_are_nobodys_to_send`, `l2::ndp_lies_go_nowhere` |
//! | timestamp and mask requests | `timestamp_and_mask_requests_are_queries` |
//! | echo identifier collision through NAT | `two_pings_of_one_identifier_are_told_apart` |
//! | GRE, ESP, SCTP, IGMP | `other_protocols_are_tracked_by_number`, `igmp_goes_nowhere` |
//! | tunnels as payload | `tunnels_are_payload` |

use openvpc_engine::DropReason::{
    IcmpRedirect, Malformed, Multicast, NatProtocol, NdpUnanswered, NoConnection,
    SecurityGroupIngress, UnrelatedIcmpError,
};
use openvpc_testkit::{Host, L4, Lab, Shot, To, egress, ingress, ping, udp};
use openvpc_wire::Transport;

use super::{ipv6_chain, stage};

#[test]
fn udp_lengths() {
    let (lab, a, b) = stage();
    for length in [0u16, 7, 41, 65_535] {
        lab.send(
            udp(&a, &b, 1, 2).edit(|frame| frame[38..40].copy_from_slice(&length.to_be_bytes())),
        )
        .dropped(Malformed);
        lab.send(
            udp(&a, &b, 1, 2)
                .over_ipv6(&b)
                .edit(|frame| frame[58..60].copy_from_slice(&length.to_be_bytes())),
        )
        .dropped(Malformed);
    }
    for len in 0..8 {
        lab.send(Shot::new(&a, &b, true, L4::Raw(17, vec![0; len])))
            .dropped(Malformed);
        lab.send(Shot::new(&a, &b, true, L4::Raw(1, vec![8; len])))
            .dropped(Malformed);
    }
    lab.balances();
}

/// RFC 6936: not a router's to judge, and never "mended" into a wrong one.
#[test]
fn a_datagram_without_checksum_stays_without() {
    let (lab, a, b) = stage();
    let mut bytes = super::udp_bytes();
    bytes.1[6..8].fill(0);
    let out = lab.raw(&a, ipv6_chain(&a, &b, &[], bytes)).reaches(&b);
    assert_eq!(out.frames()[0][60..62], [0, 0]);
    let services = lab.services();
    let query = udp(&a, &b, 5_000, 53)
        .to_address("10.0.0.2")
        .edit(|frame| frame[40..42].fill(0));
    let out = lab.send(query).reaches(&services);
    assert_eq!(out.frames()[0][40..42], [0, 0]);
}

fn quoting(kind: u8, code: u8, inner: &[u8]) -> L4 {
    let mut message = vec![kind, code, 0, 0, 0, 0, 5, 0];
    message.extend_from_slice(inner);
    L4::Icmp(message)
}

#[test]
fn an_error_about_an_error_is_dropped() {
    let (lab, a, b) = stage();
    let sent = lab.send(udp(&a, &b, 4_000, 9)).reaches(&b);
    let error = sent.answered_by_error(3, 3, 600).reaches(&a);
    error
        .answered_by_error(3, 3, 600)
        .dropped(UnrelatedIcmpError);
    // Also a forged one, that quotes an error nobody sent.
    let inner = Shot::new(
        &a,
        &b,
        true,
        quoting(11, 0, &udp(&b, &a, 9, 4_000).bytes()[14..]),
    );
    lab.send(Shot::new(&b, &a, true, quoting(3, 1, &inner.bytes()[14..])))
        .dropped(UnrelatedIcmpError);
    let six = Shot::new(&a, &b, false, L4::Icmp(vec![1, 4, 0, 0, 0, 0, 0, 0]));
    lab.send(Shot::new(&b, &a, false, quoting(1, 4, &six.bytes()[14..])))
        .dropped(UnrelatedIcmpError);
    lab.balances();
}

#[test]
fn the_quotation_needs_eight_bytes() {
    let (lab, a, b) = stage();
    let inner = udp(&a, &b, 4_000, 9);
    lab.send(inner.clone()).reaches(&b);
    let quote = |len: usize| {
        let shot = Shot::new(&b, &a, true, quoting(3, 3, &inner.bytes()[14..14 + len]));
        lab.send(shot)
    };
    quote(28).reaches(&a);
    for len in 0..28 {
        quote(len).dropped(UnrelatedIcmpError);
    }
    let six = udp(&a, &b, 4_000, 9).over_ipv6(&b);
    lab.send(six.clone()).reaches(&b);
    let quote = |len: usize| {
        let shot = Shot::new(&b, &a, false, quoting(1, 4, &six.bytes()[14..14 + len]));
        lab.send(shot)
    };
    quote(48).reaches(&a);
    for len in 0..48 {
        quote(len).dropped(UnrelatedIcmpError);
    }
    // Quoted headers that lie about their lengths.
    for first in [0x40u8, 0x44, 0x4f, 0x65, 0x05] {
        let mut lie = inner.bytes()[14..].to_vec();
        lie[0] = first;
        lab.send(Shot::new(&b, &a, true, quoting(3, 3, &lie[..28])))
            .dropped(UnrelatedIcmpError);
    }
    lab.balances();
}

/// I-5, I-11: the same addresses and ports are live in the other VPC.
#[test]
fn a_quotation_of_anothers_flow_opens_nothing() {
    let lab = Lab::vpc("10.0.0.0/16");
    let other = lab.another_vpc("10.0.0.0/16");
    let rules = || {
        [
            egress("all to 10.0.0.0/16"),
            ingress("udp from 10.0.0.0/16"),
        ]
    };
    let (a, b) = (
        lab.eni("10.0.1.10").security_group(rules()),
        lab.eni("10.0.2.10").security_group(rules()),
    );
    let (twin_a, twin_b) = (
        other.eni("10.0.1.10").security_group(rules()),
        other.eni("10.0.2.10").security_group(rules()),
    );
    lab.send(udp(&twin_a, &twin_b, 4_000, 9)).reaches(&twin_b);
    let inner = udp(&a, &b, 4_000, 9);
    let error =
        |from: &Host, to: &Host| Shot::new(from, to, true, quoting(3, 4, &inner.bytes()[14..]));
    lab.send(error(&b, &a)).dropped(UnrelatedIcmpError);
    lab.send(error(&twin_b, &twin_a)).reaches(&twin_a);
    lab.balances();
}

/// Only one's own router may redirect, and it never does: neither an instance nor the internet.
#[test]
fn redirects_are_nobodys_to_send() {
    let (lab, a, b) = stage();
    let neighbour = lab.eni("10.0.1.11").ipv6(0x11).open();
    let a = a.public("192.0.2.10");
    let bob = lab.internet("203.0.113.12");
    let six = lab.internet("2001:db8:ffff::12");
    lab.send(udp(&a, &b, 4_000, 9)).reaches(&b);
    lab.send(udp(&a, &bob, 4_000, 9)).reaches(&bob);
    for code in 0..4 {
        let redirect = |inner: Shot| {
            let mut message = vec![5, code, 0, 0, 10, 0, 1, 11];
            message.extend_from_slice(&inner.bytes()[14..]);
            L4::Icmp(message)
        };
        for (from, to) in [(&b, &a), (&neighbour, &a), (&bob, &a)] {
            lab.send(Shot::new(from, to, true, redirect(udp(to, from, 4_000, 9))))
                .dropped(IcmpRedirect);
        }
    }
    for kind in [133, 134, 135, 136, 137] {
        let message = [vec![kind, 0, 0, 0], vec![0; 36]].concat();
        for (from, to) in [(&b, &a), (&neighbour, &a), (&six, &a)] {
            lab.send(Shot::new(from, to, false, L4::Icmp(message.clone())))
                .dropped(NdpUnanswered);
        }
    }
    lab.flow_log(&neighbour).is_empty();
    lab.balances();
}

/// RFC 792, RFC 950: answers pass because they were asked for, not otherwise.
#[test]
fn timestamp_and_mask_requests_are_queries() {
    let lab = Lab::vpc("10.0.0.0/16");
    let a = lab
        .eni("10.0.1.10")
        .security_group([egress("icmp to 10.0.0.0/16")]);
    let b = lab.eni("10.0.2.10").security_group([
        ingress("icmp 13/0 from 10.0.0.0/16"),
        ingress("icmp 17/0 from 10.0.0.0/16"),
    ]);
    let of = |from: &Host, to: &Host, kind: u8, len: usize| {
        let mut message = vec![kind, 0, 0, 0, 0, 7, 0, 1];
        message.resize(len, 0);
        lab.send(Shot::new(from, to, true, L4::Icmp(message)))
    };
    for (request, reply, len) in [(13, 14, 20), (17, 18, 12)] {
        of(&b, &a, reply, len).dropped(openvpc_engine::DropReason::SecurityGroupEgress);
        of(&a, &b, reply, len).dropped(NoConnection);
        of(&a, &b, request, len).reaches(&b);
        of(&b, &a, reply, len).reaches(&a);
    }
    // The router answers pings only, and information requests are of no rule.
    of(&a, &b, 15, 8).dropped(SecurityGroupIngress);
    let to_router = Shot::new(&a, &b, true, L4::Icmp(vec![13, 0, 0, 0, 0, 7, 0, 1]));
    lab.send(to_router.to_address("10.0.1.1"))
        .dropped(openvpc_engine::DropReason::RouterAddress);
    lab.balances();
}

/// NAT-6: the identifier plays the part of the port.
#[test]
fn two_pings_of_one_identifier_are_told_apart() {
    let lab = Lab::vpc("10.0.0.0/16").internet_gateway();
    let nat = lab.nat_gateway("10.0.0.220").public("192.0.2.9");
    let (one, two) = (lab.eni("10.0.1.5").open(), lab.eni("10.0.1.6").open());
    lab.route(&one, "0.0.0.0/0", To::Nat(&nat));
    let bob = lab.internet("203.0.113.5");
    let echo = |from: &Host, kind: u8| {
        lab.send(Shot::new(
            from,
            &bob,
            true,
            L4::Icmp(vec![kind, 0, 0, 0, 0, 7, 0, 1]),
        ))
    };
    let (first, second) = (echo(&one, 8).reaches(&bob), echo(&two, 8).reaches(&bob));
    let id = |outcome: &openvpc_testkit::Outcome| match outcome.packet().transport {
        Transport::Icmp { id, .. } => id,
        other => panic!("{other:?}"),
    };
    assert_ne!(id(&first), id(&second));
    second
        .answered()
        .reaches(&two)
        .seen_as("203.0.113.5", "10.0.1.6");
    first
        .answered()
        .reaches(&one)
        .seen_as("203.0.113.5", "10.0.1.5");
    for kind in [13, 17] {
        echo(&one, kind).dropped(NatProtocol);
    }
    lab.balances();
}

/// SG-8: by address and protocol, for 600 s.
#[test]
fn other_protocols_are_tracked_by_number() {
    let lab = Lab::vpc("10.0.0.0/16");
    for (place, number) in [47u8, 50, 132, 2].into_iter().enumerate() {
        let a = lab
            .eni(&format!("10.0.1.{}", 10 + place))
            .security_group([egress(&format!("{number} to 10.0.0.0/16"))]);
        let b = lab
            .eni(&format!("10.0.2.{}", 10 + place))
            .security_group([ingress(&format!("{number} from 10.0.0.0/16"))]);
        let of = |from: &Host, to: &Host, number: u8| {
            lab.send(Shot::new(from, to, true, L4::Raw(number, vec![0; 20])))
        };
        of(&b, &a, number).dropped(openvpc_engine::DropReason::SecurityGroupEgress);
        of(&a, &b, number).reaches(&b);
        lab.wait_secs(599);
        of(&b, &a, number).reaches(&a);
        of(&b, &a, number ^ 1).dropped(openvpc_engine::DropReason::SecurityGroupEgress);
        lab.wait_secs(600);
        of(&b, &a, number).dropped(openvpc_engine::DropReason::SecurityGroupEgress);
    }
    lab.balances();
}

/// Membership reports go to groups, and there are none.
#[test]
fn igmp_goes_nowhere() {
    let (lab, a, b) = stage();
    let report = Shot::new(&a, &b, true, L4::Raw(2, vec![0x22, 0, 0, 0, 0, 0, 0, 1]));
    lab.send(report.to_address("224.0.0.22")).dropped(Multicast);
    lab.flow_log(&b).is_empty();
    lab.balances();
}

/// A tunnel is somebody's payload, also on its way to the host's own addresses.
#[test]
fn tunnels_are_payload() {
    let (lab, a, b) = stage();
    let inner = ping(&b, &a).bytes().to_vec();
    let payload = [vec![8, 0, 0, 0, 0, 0, 1, 0], inner].concat();
    let vxlan = |port| {
        let payload = payload.clone();
        let ports = (1, port);
        Shot::new(&a, &b, true, L4::Udp { ports, payload })
    };
    for port in [4_789, 6_081, 8_472] {
        lab.send(vxlan(port)).reaches(&b);
    }
    lab.flow_log(&a).reads(["10.0.1.10 10.0.2.10 ACCEPT"; 3]);
    let gre = [vec![0, 0, 0x65, 0x58], payload.clone()].concat();
    lab.send(Shot::new(&a, &b, true, L4::Raw(47, gre)))
        .reaches(&b);
    lab.send(vxlan(4_789).to_address("127.0.0.1"))
        .dropped(openvpc_engine::DropReason::UnroutableDestination);
    lab.send(vxlan(4_789).to_address("10.0.1.1"))
        .dropped(openvpc_engine::DropReason::RouterAddress);
    lab.balances();
}
