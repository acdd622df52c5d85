//! Bad IPv4 headers (RFC 791, RFC 1812).
//!
//! | Item | Test |
//! |---|---|
//! | IHL < 5 or past the end; total length < header or > frame; reserved flag; bad checksum | `lengths_flags_and_checksum` |
//! | trailing bytes must not be flow-logged | `ethernet_padding_is_cut_off` |
//! | options, source routes among them | `options` |
//! | TTL 0 and 1 | `a_ttl_that_is_used_up` |
//! | protocol 0 and 255 (the class of CVE-2023-1668) | `odd_protocol_numbers_are_judged_by_the_rules`, `an_odd_protocol_poisons_no_later_packet` |
//! | source = destination, Land | `source_equal_to_destination`, `land_from_the_internet` |
//! | broadcast of one's own and of another subnet | `there_is_no_broadcast` |

use openvpc_engine::DropReason::{
    BadChecksum, Malformed, Multicast, NoReturnRoute, NoSuchHost, PrivateAtGateway, RouteLoop,
    SecurityGroupIngress, SourceRouted,
};
use openvpc_engine::{Mac, UnloggedClass};
use openvpc_testkit::{L4, Shot, ingress, mend_ipv4_header, syn, udp};
use openvpc_wire::Transport;

use super::{edited, stage};

#[test]
fn lengths_flags_and_checksum() {
    let (lab, a, b) = stage();
    for ihl in 0..5 {
        edited(&lab, &a, &b, |frame| frame[14] = 0x40 | 5).reaches(&b);
        lab.send(udp(&a, &b, 1, 2).edit(|frame| frame[14] = 0x40 | ihl))
            .dropped(Malformed);
    }
    // A header as long as it may be, which ends in the data; then one that ends past the packet.
    lab.send(udp(&a, &b, 1, 2).edit(|frame| frame[14] = 0x4f))
        .dropped(BadChecksum);
    lab.send(Shot::new(&a, &b, true, L4::Raw(17, vec![0; 8])).edit(|frame| frame[14] = 0x48))
        .dropped(Malformed);
    let total = |len: u16| {
        edited(&lab, &a, &b, |frame| {
            frame[16..18].copy_from_slice(&len.to_be_bytes())
        })
    };
    for len in [0, 19, 61, 65_535] {
        total(len).dropped(Malformed);
    }
    // It ends within the UDP header.
    for len in 20..28 {
        total(len).dropped(Malformed);
    }
    edited(&lab, &a, &b, |frame| frame[20] |= 0x80).dropped(Malformed);
    for at in [24, 25, 22, 26, 33] {
        lab.send(udp(&a, &b, 1, 2).edit(|frame| frame[at] ^= 1))
            .dropped(BadChecksum);
    }
    let malformed = lab.counters(&a).egress.unlogged(UnloggedClass::Malformed);
    assert_eq!(malformed.packets, 5 + 2 + 12 + 1 + 5);
    lab.balances();
}

/// Trailing bytes are neither logged nor forwarded.
#[test]
fn ethernet_padding_is_cut_off() {
    let (lab, a, b) = stage();
    let out = lab
        .send(udp(&a, &b, 1, 2).edit(|frame| frame.extend_from_slice(&[0xaa; 40])))
        .reaches(&b);
    assert_eq!(out.frames()[0].len(), 14 + 60);
    assert_eq!(lab.flow_log(&a).cells()[0].window().bytes, 60);
}

#[test]
fn options() {
    let (lab, a, b) = stage();
    let with = |options: [u8; 4]| {
        let mut frame = udp(&a, &b, 1, 2).bytes().to_vec();
        frame.splice(34..34, options);
        frame[14] = 0x46;
        frame[16..18].copy_from_slice(&64u16.to_be_bytes());
        mend_ipv4_header(&mut frame);
        lab.raw(&a, frame)
    };
    with([131, 3, 4, 0]).dropped(SourceRouted);
    with([137, 3, 4, 0]).dropped(SourceRouted);
    with([1, 131, 3, 4]).dropped(SourceRouted);
    with([7, 0, 0, 0]).dropped(Malformed);
    with([7, 1, 0, 0]).dropped(Malformed);
    with([7, 5, 0, 0]).dropped(Malformed);
    with([1, 1, 1, 7]).dropped(Malformed);
    with([148, 4, 0, 0]).reaches(&b);
    with([0, 131, 131, 131]).reaches(&b);
}

/// Routed, it is reported (RFC 1812 §5.3.1); between neighbours no router looks at it.
#[test]
fn a_ttl_that_is_used_up() {
    let (lab, a, b) = stage();
    let neighbour = lab.eni("10.0.1.11").open();
    for ttl in [0, 1] {
        let error = lab.send(udp(&a, &b, 1, 2).ttl(ttl)).replied();
        assert!(matches!(
            error.packet().transport,
            Transport::Icmp {
                kind: 11,
                code: 0,
                ..
            }
        ));
        lab.send(udp(&a, &neighbour, 1, 2).ttl(ttl))
            .reaches(&neighbour);
    }
    let out = lab.send(udp(&a, &b, 1, 2).ttl(2)).reaches(&b);
    assert_eq!(out.packet().ttl, 1);
    lab.balances();
}

#[test]
fn odd_protocol_numbers_are_judged_by_the_rules() {
    let (lab, a, b) = stage();
    let b = b.security_group([ingress("17 from 10.0.0.0/16")]);
    for number in [0u8, 255, 2, 47, 50, 132] {
        let shot = Shot::new(&a, &b, true, L4::Raw(number, vec![0; 24]));
        lab.send(shot).dropped(SecurityGroupIngress);
    }
    lab.send(Shot::new(&a, &b, true, L4::Raw(58, vec![0; 24])))
        .dropped(Malformed);
}

/// CVE-2023-1668: a packet of protocol 0 must not decide for what comes after it.
#[test]
fn an_odd_protocol_poisons_no_later_packet() {
    let (lab, a, b) = stage();
    let b = b.security_group([
        ingress("0 from 10.0.0.0/16"),
        ingress("255 from 10.0.0.0/16"),
    ]);
    for number in [0u8, 255] {
        for _ in 0..3 {
            let shot = Shot::new(&a, &b, true, L4::Raw(number, vec![0; 24]));
            lab.send(shot).reaches(&b);
            lab.send(udp(&a, &b, 0, 0)).dropped(SecurityGroupIngress);
            lab.send(udp(&a, &b, 1, 2)).dropped(SecurityGroupIngress);
        }
    }
    let b = b.security_group([ingress("udp from 10.0.0.0/16")]);
    lab.send(udp(&a, &b, 1, 2)).reaches(&b);
    lab.send(Shot::new(
        &a,
        &b,
        true,
        L4::Raw(1, vec![8, 0, 0, 0, 0, 1, 0, 1]),
    ))
    .dropped(SecurityGroupIngress);
    lab.balances();
}

#[test]
fn source_equal_to_destination() {
    let (lab, a, b) = stage();
    let router = a.router_mac();
    lab.send(syn(&a, &b, 139).to_address("10.0.1.10").to_mac(router))
        .dropped(RouteLoop);
    lab.send(
        udp(&a, &b, 7, 7)
            .over_ipv6(&b)
            .to_address(&a.address(false).to_string())
            .to_mac(router),
    )
    .dropped(RouteLoop);
    // Even an unchecked interface cannot put the victim's own address into its mouth.
    let a = a.without_source_dest_check();
    let land = lab
        .send(syn(&a, &b, 139).from_address("10.0.2.10"))
        .reaches(&b);
    assert_eq!(land.packet().source, land.packet().destination);
}

/// The victim's own address as a source, from outside.
#[test]
fn land_from_the_internet() {
    let (lab, a, _) = stage();
    let a = a.public("192.0.2.10");
    let bob = lab.internet("203.0.113.12");
    lab.send(syn(&bob, &a, 139).from_address("10.0.1.10"))
        .dropped(PrivateAtGateway);
    // Its public address: by the time the instance sees the packet, the two differ.
    lab.send(syn(&bob, &a, 139).from_address("192.0.2.10"))
        .reaches(&a)
        .seen_as("192.0.2.10", "10.0.1.10");
    let six = lab.internet("2001:db8:ffff::12");
    let own = a.address(false).to_string();
    lab.send(syn(&six, &a, 139).from_address(&own))
        .dropped(NoReturnRoute);
}

/// SUB-2.
#[test]
fn there_is_no_broadcast() {
    let (lab, a, b) = stage();
    for address in [
        "10.0.1.255",
        "10.0.2.255",
        "10.0.1.0",
        "10.0.2.0",
        "10.0.255.255",
    ] {
        lab.send(udp(&a, &b, 1, 2).to_address(address))
            .dropped(NoSuchHost);
        lab.send(udp(&a, &b, 1, 2).to_address(address).to_mac(Mac::BROADCAST))
            .dropped(Multicast);
    }
    lab.send(udp(&a, &b, 1, 2).to_address("255.255.255.255"))
        .dropped(Multicast);
    lab.flow_log(&b).is_empty();
    lab.balances();
}
