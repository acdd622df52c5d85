//! VPC user guide, "Internet gateways" (IGW-2 … IGW-5), and IPv6 through them (spec 02 §1).

use openvpc_engine::DropReason::{
    Blackhole, NoInternetHost, NoPublicAddress, NoReturnRoute, NoRoute, PrivateAtGateway,
    UnrelatedIcmpError,
};
use openvpc_engine::{GsoKind, Offload};
use openvpc_testkit::{Host, L4, Lab, Shot, To, ping, syn, udp};
use openvpc_wire::Transport;

fn stage() -> (Lab, Host, Host) {
    let lab = Lab::vpc("10.0.0.0/16")
        .ipv6("2001:db8:1234:1a00::/56")
        .internet_gateway();
    let web = lab.eni("10.0.1.10").ipv6(0x10).open().public("192.0.2.10");
    let bob = lab.internet("203.0.113.12");
    (lab, web, bob)
}

#[test]
fn the_private_and_the_public_address_change_places() {
    let (lab, web, bob) = stage();
    let arrived = lab
        .send(ping(&bob, &web))
        .reaches(&web)
        .seen_as("203.0.113.12", "10.0.1.10");
    arrived
        .answered()
        .reaches(&bob)
        .seen_as("192.0.2.10", "203.0.113.12");
    let mut call = lab.tcp(&bob, &web, 80);
    call.handshake();
    call.server(16, 1_000)
        .reaches(&bob)
        .seen_as("192.0.2.10", "203.0.113.12");
    lab.send(udp(&web, &bob, 5, 6))
        .reaches(&bob)
        .seen_as("192.0.2.10", "203.0.113.12")
        .answered()
        .reaches(&web);
}

#[test]
fn an_unfinished_checksum_is_translated_too() {
    let (lab, web, bob) = stage();
    let shot = udp(&web, &bob, 40_000, 53);
    let mut frame = shot.bytes().to_vec();
    let pseudo =
        openvpc_wire::checksum::pseudo_header(web.address(true), bob.address(true), 17, 40);
    frame[40..42].copy_from_slice(&pseudo.to_be_bytes());
    let offload = Offload {
        needs_csum: true,
        csum_start: 34,
        csum_offset: 6,
        ..Offload::default()
    };
    let out = lab
        .send(Shot::raw(&web, frame).offload(offload))
        .reaches(&bob);
    let frame = out.frames()[0];
    let expected = openvpc_wire::checksum::pseudo_header(
        "192.0.2.10".parse().unwrap(),
        bob.address(true),
        17,
        40,
    );
    assert_eq!(
        frame[40..42],
        expected.to_be_bytes(),
        "the pseudo-header of the new addresses"
    );
}

#[test]
fn a_udp_datagram_without_checksum_stays_without() {
    let (lab, web, bob) = stage();
    let shot = udp(&web, &bob, 40_000, 53).edit(|frame| frame[40..42].fill(0));
    let out = lab.send(shot).reaches(&bob);
    assert_eq!(out.frames()[0][40..42], [0, 0]);
}

#[test]
fn without_a_public_address_nothing_leaves() {
    let (lab, _, bob) = stage();
    let private = lab.eni("10.0.1.11").open();
    lab.send(ping(&private, &bob)).dropped(NoPublicAddress);
    lab.flow_log(&private)
        .reads(["10.0.1.11 203.0.113.12 ACCEPT"]);
}

#[test]
fn private_addresses_do_not_cross() {
    let (lab, web, bob) = stage();
    for address in ["10.9.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1"] {
        lab.send(ping(&web, &bob).to_address(address))
            .dropped(PrivateAtGateway);
        lab.send(ping(&bob, &web).from_address(address))
            .dropped(PrivateAtGateway);
    }
    lab.send(ping(&web, &bob).to_address("100.128.0.1"))
        .dropped(NoInternetHost);
}

/// IGW-3: a source that is no address of an interface in the VPC.
#[test]
fn a_foreign_source_does_not_leave_even_unchecked() {
    let (lab, _, bob) = stage();
    let router = lab.eni("10.0.1.20").open().without_source_dest_check();
    lab.send(ping(&router, &bob).from_address("10.77.0.1"))
        .dropped(NoPublicAddress);
}

/// IGW-4.
#[test]
fn a_private_subnet_cannot_be_reached_even_with_a_public_address() {
    let (lab, web, bob) = stage();
    lab.no_route(&web, "0.0.0.0/0");
    lab.send(ping(&bob, &web)).dropped(NoReturnRoute);
    lab.flow_log(&web).is_empty();
    let middlebox = lab.eni("10.0.9.10").open();
    for elsewhere in [To::Blackhole, To::Host(&middlebox)] {
        lab.route(&web, "203.0.113.0/24", elsewhere);
        lab.send(ping(&bob, &web)).dropped(NoReturnRoute);
    }
    lab.route(&web, "203.0.113.0/24", To::InternetGateway);
    lab.send(ping(&bob, &web))
        .reaches(&web)
        .answered()
        .reaches(&bob);
}

/// RT-9; spec 01 §5: dropped by routing means no REJECT anywhere.
#[test]
fn no_route_and_blackhole_drop_after_the_record() {
    let (lab, web, bob) = stage();
    lab.route(&web, "0.0.0.0/0", To::Blackhole);
    lab.send(ping(&web, &bob)).dropped(Blackhole);
    lab.no_route(&web, "0.0.0.0/0");
    lab.send(ping(&web, &bob)).dropped(NoRoute);
    lab.flow_log(&web).reads_in_full([
        "10.0.1.10 203.0.113.12 0 0 1 2 168 ACCEPT 0 egress - 10.0.1.10 203.0.113.12",
    ]);
    lab.balances();
}

#[test]
fn an_address_nobody_has_goes_nowhere() {
    let (lab, web, bob) = stage();
    lab.send(syn(&web, &bob, 80).to_address("203.0.113.99"))
        .dropped(NoInternetHost);
    lab.send(ping(&bob, &web).to_address("192.0.2.99"))
        .dropped(NoInternetHost);
}

#[test]
fn two_instances_meet_over_their_public_addresses() {
    let (lab, web, _) = stage();
    let other = lab.eni("10.0.2.10").open().public("192.0.2.20");
    let arrived = lab
        .send(ping(&web, &other).to_address("192.0.2.20"))
        .reaches(&other);
    let answer = arrived
        .seen_as("192.0.2.10", "10.0.2.10")
        .answered()
        .reaches(&web);
    let _ = answer.seen_as("192.0.2.20", "10.0.1.10");
    lab.flow_log(&web)
        .reads(["10.0.1.10 192.0.2.20 ACCEPT", "192.0.2.20 10.0.1.10 ACCEPT"]);
    lab.balances();
}

#[test]
fn outside_hosts_reach_each_other() {
    let (lab, _, bob) = stage();
    let web = lab.internet("198.51.100.80");
    lab.send(ping(&bob, &web))
        .reaches(&web)
        .answered()
        .reaches(&bob);
    lab.tcp(&bob, &web, 80).handshake();
}

/// Spec 02 §1 and check 3: IPv6 is not translated, and a public subnet is open both ways.
#[test]
fn ipv6_crosses_untranslated() {
    let (lab, web, _) = stage();
    let bob = lab.internet("2001:db8:ffff::12");
    let own = web.address(false).to_string();
    let arrived = lab
        .send(ping(&bob, &web))
        .reaches(&web)
        .seen_as("2001:db8:ffff::12", &own);
    assert_eq!(arrived.packet().ttl, 63);
    arrived
        .answered()
        .reaches(&bob)
        .seen_as(&own, "2001:db8:ffff::12");
    lab.tcp(&web, &bob, 80).over_ipv6().handshake();
    lab.no_route(&web, "::/0");
    lab.send(ping(&bob, &web)).dropped(NoReturnRoute);
    lab.send(ping(&bob, &web).from_address("fd00:1::1"))
        .dropped(PrivateAtGateway);
    lab.balances();
}

/// IGW-5 and RFC 1191.
#[test]
fn what_is_too_long_and_may_not_be_cut_is_reported() {
    let (lab, web, bob) = stage();
    let long = |payload: usize| {
        Shot::new(
            &web,
            &bob,
            true,
            L4::Udp {
                ports: (5, 6),
                payload: vec![1; payload],
            },
        )
        .edit(|frame| {
            frame[20] |= 0x40;
            openvpc_testkit::mend_ipv4_header(frame);
        })
    };
    lab.send(long(1_472)).reaches(&bob);
    let out = lab.send(long(1_473)).replied();
    let packet = out.packet();
    assert!(matches!(
        packet.transport,
        Transport::Icmp {
            kind: 3,
            code: 4,
            ..
        }
    ));
    assert_eq!(packet.source.to_string(), "10.0.1.1");
    let frame = out.frames()[0];
    assert_eq!(frame[packet.l4 + 4..packet.l4 + 8], 1_500u32.to_be_bytes());
    assert_eq!(packet.ip_len(), 576);
    lab.balances();
}

#[test]
fn segments_that_fit_pass_and_longer_ones_are_reported() {
    let (lab, web, bob) = stage();
    let mut call = lab.tcp(&web, &bob, 80);
    call.handshake();
    let [sequence, acknowledgement] = call.next_sequences();
    let l4 = L4::Tcp {
        ports: (call.client_port(), 80),
        sequence,
        acknowledgement,
        flags: 16,
        payload: vec![0; 9_000],
    };
    let offload = |gso_size| Offload {
        needs_csum: true,
        csum_start: 34,
        csum_offset: 16,
        gso: GsoKind::Tcp4,
        gso_size,
        hdr_len: 54,
    };
    let shot = Shot::new(&web, &bob, true, l4).edit(|frame| {
        frame[20] |= 0x40;
        openvpc_testkit::mend_ipv4_header(frame);
    });
    lab.send(shot.clone().offload(offload(1_460))).reaches(&bob);
    lab.send(shot.offload(offload(1_461))).replied();
}

#[test]
fn an_ipv6_packet_too_long_is_reported() {
    let (lab, web, _) = stage();
    let bob = lab.internet("2001:db8:ffff::12");
    let shot = Shot::new(
        &web,
        &bob,
        false,
        L4::Udp {
            ports: (5, 6),
            payload: vec![1; 1_453],
        },
    );
    let out = lab.send(shot).replied();
    assert!(matches!(
        out.packet().transport,
        Transport::Icmp {
            kind: 2,
            code: 0,
            ..
        }
    ));
    assert_eq!(out.packet().ip_len(), 1_280);
}

/// RFC 791 §3.2: without DF the router cuts.
#[test]
fn what_may_be_cut_is_cut() {
    let (lab, web, bob) = stage();
    let payload: Vec<u8> = (0..4_000).map(|n| n as u8).collect();
    let shot = Shot::new(
        &web,
        &bob,
        true,
        L4::Udp {
            ports: (5, 6),
            payload: payload.clone(),
        },
    );
    let whole = shot.bytes()[34..].to_vec();
    let out = lab.send(shot).reaches(&bob);
    assert_eq!(out.frames().len(), 3);
    let mut back = Vec::new();
    for (number, frame) in out.frames().iter().enumerate() {
        let packet = openvpc_wire::Packet::parse(frame, 0x0800).unwrap();
        assert!(packet.ip_len() <= 1_500);
        assert_eq!(packet.source.to_string(), "192.0.2.10");
        let fragment = packet.fragment.unwrap();
        assert_eq!(usize::from(fragment.offset), back.len());
        assert_eq!(fragment.more, number < 2);
        back.extend_from_slice(&frame[packet.l4..packet.end]);
    }
    assert_eq!(back[8..], payload, "nothing lost, nothing doubled");
    assert_ne!(
        back[6..8],
        whole[6..8],
        "the checksum is of the public address"
    );
    lab.send(Shot::raw(&bob, back_frame(&lab, &bob, &web)))
        .dropped(UnrelatedIcmpError);
}

/// An ICMP error about a flow that never was.
fn back_frame(_lab: &Lab, bob: &Host, web: &Host) -> Vec<u8> {
    let mut message = vec![3, 3, 0, 0, 0, 0, 0, 0];
    let never = Shot::new(
        web,
        bob,
        true,
        L4::Udp {
            ports: (1, 1),
            payload: vec![0; 8],
        },
    )
    .from_address("192.0.2.10");
    message.extend_from_slice(&never.bytes()[14..]);
    Shot::new(bob, web, true, L4::Icmp(message))
        .bytes()
        .to_vec()
}

#[test]
fn a_router_on_the_way_spends_ttl() {
    let (lab, web, bob) = stage();
    assert_eq!(
        lab.send(ping(&web, &bob).ttl(2)).reaches(&bob).packet().ttl,
        1
    );
    let flow = |ttl| udp(&web, &bob, 7, 8).edit(|frame| openvpc_testkit::set_ttl(frame, ttl));
    lab.send(flow(64)).reaches(&bob);
    lab.send(flow(64)).reaches(&bob);
    lab.send(flow(1)).replied();
    let out = lab.send(ping(&web, &bob).ttl(1)).replied();
    assert!(matches!(
        out.packet().transport,
        Transport::Icmp {
            kind: 11,
            code: 0,
            ..
        }
    ));
    assert_eq!(out.packet().source.to_string(), "10.0.1.1");
    let back = lab.send(ping(&bob, &web).ttl(1)).replied();
    assert!(matches!(
        back.packet().transport,
        Transport::Icmp {
            kind: 11,
            code: 0,
            ..
        }
    ));
    lab.balances();
}
