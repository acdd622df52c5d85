//! ICMP errors: related to a live flow, translated inside and out, or dropped (I-11; RFC 792, RFC 4443, RFC 5508 §4).

use openvpc_engine::DropReason::UnrelatedIcmpError;
use openvpc_testkit::{Host, L4, Lab, Shot, egress, ingress, udp};
use openvpc_wire::{Packet, Quoted};

fn stage() -> (Lab, Host, Host) {
    let lab = Lab::vpc("10.0.0.0/16")
        .ipv6("2001:db8:1234:1a00::/56")
        .internet_gateway();
    let rules = [
        ingress("udp 53 from 203.0.113.0/24"),
        egress("udp to 203.0.113.0/24"),
        egress("all to ::/0"),
    ];
    let web = lab
        .eni("10.0.1.10")
        .ipv6(0x10)
        .security_group(rules)
        .public("192.0.2.10");
    let bob = lab.internet("203.0.113.12");
    (lab, web, bob)
}

/// The quoted packet of a frame, with its header checksum verified.
fn quoted(frame: &[u8]) -> Quoted {
    let packet = Packet::parse(frame, 0x0800).unwrap();
    let quoted = Quoted::parse(frame, &packet).unwrap();
    let header = &frame[quoted.ip..quoted.ip + 20];
    assert_eq!(
        openvpc_wire::checksum::sum(0, header),
        0xffff,
        "the quoted header checksum"
    );
    quoted
}

#[test]
fn port_unreachable_comes_back_although_no_rule_allows_icmp() {
    let (lab, web, bob) = stage();
    let error = lab
        .send(udp(&web, &bob, 4_000, 9))
        .reaches(&bob)
        .answered_by_error(3, 3, 600)
        .reaches(&web);
    let inner = quoted(error.frames()[0]);
    assert_eq!(
        inner.source.to_string(),
        "10.0.1.10",
        "as the instance sent it"
    );
    assert_eq!(inner.destination, bob.address(true));
    lab.balances();
}

#[test]
fn an_error_that_leaves_quotes_the_public_address() {
    let (lab, web, bob) = stage();
    let error = lab
        .send(udp(&bob, &web, 4_000, 53))
        .reaches(&web)
        .answered_by_error(3, 3, 600)
        .reaches(&bob);
    assert_eq!(error.packet().source.to_string(), "192.0.2.10");
    let inner = quoted(error.frames()[0]);
    assert_eq!(
        inner.destination.to_string(),
        "192.0.2.10",
        "as Bob sent it"
    );
    lab.flow_log(&web).reads_in_full([
        "203.0.113.12 10.0.1.10 4000 53 17 1 60 ACCEPT 0 ingress - 203.0.113.12 10.0.1.10",
        "10.0.1.10 203.0.113.12 0 0 1 1 88 ACCEPT 0 egress 8 10.0.1.10 203.0.113.12",
    ]);
}

#[test]
fn eight_quoted_bytes_are_enough() {
    let (lab, web, bob) = stage();
    lab.send(udp(&web, &bob, 4_000, 9))
        .reaches(&bob)
        .answered_by_error(3, 3, 28)
        .reaches(&web);
    lab.send(udp(&web, &bob, 4_000, 9))
        .reaches(&bob)
        .answered_by_error(3, 3, 27)
        .dropped(UnrelatedIcmpError);
}

#[test]
fn an_error_about_another_flow_is_dropped() {
    let (lab, web, bob) = stage();
    lab.send(udp(&web, &bob, 4_000, 9)).reaches(&bob);
    let about = |source: &str, ports: (u16, u16)| {
        let inner = Shot::new(
            &web,
            &bob,
            true,
            L4::Udp {
                ports,
                payload: vec![0; 8],
            },
        )
        .from_address(source);
        let mut message = vec![3, 4, 0, 0, 0, 0, 5, 0];
        message.extend_from_slice(&inner.bytes()[14..]);
        Shot::new(&bob, &web, true, L4::Icmp(message))
    };
    lab.send(about("192.0.2.10", (4_000, 9))).reaches(&web);
    lab.send(about("192.0.2.10", (4_001, 9)))
        .dropped(UnrelatedIcmpError);
    lab.send(about("192.0.2.10", (9, 4_000)))
        .dropped(UnrelatedIcmpError);
    // The outer destination must be the inner source.
    lab.send(about("192.0.2.99", (4_000, 9)))
        .dropped(UnrelatedIcmpError);
}

/// I-11: to whoever sent the quoted packet, not to another address of the same interface.
#[test]
fn an_error_goes_to_the_address_it_quotes() {
    let lab = Lab::vpc("10.0.0.0/16");
    let a = lab.eni("10.0.1.10").open().secondary("10.0.1.20");
    let b = lab.eni("10.0.2.10").open();
    lab.send(udp(&a, &b, 4_000, 9)).reaches(&b);
    let mut message = vec![3, 4, 0, 0, 0, 0, 5, 0];
    message.extend_from_slice(&udp(&a, &b, 4_000, 9).bytes()[14..]);
    let error = Shot::new(&b, &a, true, L4::Icmp(message));
    lab.send(error.clone()).reaches(&a);
    lab.send(error.to_address("10.0.1.20"))
        .dropped(UnrelatedIcmpError);
}

#[test]
fn an_error_refreshes_nothing() {
    let (lab, web, bob) = stage();
    let arrived = lab.send(udp(&web, &bob, 4_000, 9)).reaches(&bob);
    lab.wait_secs(29);
    let error = arrived.answered_by_error(3, 3, 600).reaches(&web);
    lab.wait_secs(2);
    lab.raw(&bob, back_to_wire(error.frames()[0], &bob, &web))
        .dropped(UnrelatedIcmpError);
}

/// The error as Bob sent it.
fn back_to_wire(_frame: &[u8], bob: &Host, web: &Host) -> Vec<u8> {
    let inner = Shot::new(
        web,
        bob,
        true,
        L4::Udp {
            ports: (4_000, 9),
            payload: vec![0x55; 32],
        },
    )
    .from_address("192.0.2.10");
    let mut message = vec![3, 3, 0, 0, 0, 0, 0, 0];
    message.extend_from_slice(&inner.bytes()[14..]);
    Shot::new(bob, web, true, L4::Icmp(message))
        .bytes()
        .to_vec()
}

#[test]
fn an_error_about_an_error_is_dropped() {
    let (lab, web, bob) = stage();
    let first = lab
        .send(udp(&web, &bob, 4_000, 9))
        .reaches(&bob)
        .answered_by_error(3, 3, 600)
        .reaches(&web);
    first
        .answered_by_error(3, 3, 600)
        .dropped(UnrelatedIcmpError);
}

/// RFC 8201: Packet Too Big must get through.
#[test]
fn ipv6_packet_too_big_gets_through_and_a_forged_one_does_not() {
    let (lab, web, _) = stage();
    let bob = lab.internet("2001:db8:ffff::12");
    let sent = Shot::new(
        &web,
        &bob,
        false,
        L4::Udp {
            ports: (4_000, 9),
            payload: vec![0; 100],
        },
    );
    lab.send(sent)
        .reaches(&bob)
        .answered_by_error(2, 0, 1_200)
        .reaches(&web);
    let forged = Shot::new(
        &web,
        &bob,
        false,
        L4::Udp {
            ports: (4_000, 10),
            payload: vec![0; 100],
        },
    );
    let mut message = vec![2, 0, 0, 0, 0, 0, 5, 0];
    message.extend_from_slice(&forged.bytes()[14..]);
    lab.send(Shot::new(&bob, &web, false, L4::Icmp(message)))
        .dropped(UnrelatedIcmpError);
}

/// An untracked flow is remembered just enough for its errors (SG-7).
#[test]
fn an_untracked_flow_gets_its_errors_too() {
    let lab = Lab::vpc("10.0.0.0/16").internet_gateway();
    let web = lab.eni("10.0.1.10").open().public("192.0.2.10");
    let bob = lab.internet("203.0.113.12");
    lab.send(udp(&web, &bob, 4_000, 9))
        .reaches(&bob)
        .answered_by_error(3, 4, 600)
        .reaches(&web);
}
