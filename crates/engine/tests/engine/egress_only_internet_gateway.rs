//! VPC user guide, "Egress-only internet gateways"; spec 02 §3 to §5 and acceptance scenario 2 (spec 07 §2).

use std::collections::HashMap;

use openvpc_engine::DropReason::{
    Blackhole, EgressOnlyDestination, EgressOnlyForeignSource, EgressOnlyUnsolicited,
    NetworkAclInbound, NoConnection, NoReturnRoute, NoRoute, ReceiverNotAttached,
    SecurityGroupEgress, UnroutableDestination,
};
use openvpc_engine::{GatewayId, Stage, Verdict};
use openvpc_testkit::{Call, Host, L4, Lab, Shot, To, egress, ingress, ping, syn, udp};
use openvpc_wire::Transport;
use proptest::prelude::*;

/// Spec 07 §2: `p` behind the egress-only gateway, `q` behind the internet gateway, everything open.
struct Stage2 {
    lab: Lab,
    gateway: GatewayId,
    p: Host,
    q: Host,
    web: Host,
    bob: Host,
}

fn stage() -> Stage2 {
    let lab = Lab::vpc("10.0.0.0/16")
        .ipv6("2001:db8:1234:1a00::/56")
        .internet_gateway();
    let gateway = lab.egress_only_gateway();
    let p = lab.eni("10.0.1.10").ipv6(0x10).open();
    let q = lab.eni("10.0.2.10").ipv6(0x10).open();
    lab.no_route(&p, "0.0.0.0/0");
    lab.route(&p, "::/0", To::EgressOnly(gateway));
    let web = lab.internet("2001:db8:ffff::80");
    let bob = lab.internet("2001:db8:ffff::12");
    Stage2 {
        lab,
        gateway,
        p,
        q,
        web,
        bob,
    }
}

const P: &str = "2001:db8:1234:1a01::10";
const WEB: &str = "2001:db8:ffff::80";

fn segment(from: &Host, to: &Host, ports: (u16, u16), flags: u8) -> Shot {
    let l4 = L4::Tcp {
        ports,
        sequence: 7,
        acknowledgement: if flags & 16 != 0 { 9 } else { 0 },
        flags,
        payload: vec![],
    };
    Shot::new(from, to, false, l4)
}

fn established(stage: &Stage2) -> Call {
    let mut call = stage.lab.tcp(&stage.p, &stage.web, 80);
    call.handshake();
    call.server(24, 10).reaches(&stage.p);
    call
}

#[test]
fn row_1_ping_out_is_answered_and_web_sees_the_instance_itself() {
    let Stage2 { lab, p, web, .. } = stage();
    let out = lab.send(ping(&p, &web).times(4)).reaches(&web);
    assert_eq!(out.packet().ttl, 63);
    let passed = |step: &&openvpc_engine::Step| step.stage == Stage::EgressOnlyInternetGateway;
    assert_eq!(out.trace().steps.iter().filter(passed).count(), 1);
    out.seen_as(P, WEB).answered().reaches(&p).seen_as(WEB, P);
    lab.flow_log(&p).reads_in_full([
        "2001:db8:1234:1a01::10 2001:db8:ffff::80 0 0 58 4 416 ACCEPT 0 egress 8 2001:db8:1234:1a01::10 2001:db8:ffff::80",
        "2001:db8:ffff::80 2001:db8:1234:1a01::10 0 0 58 4 416 ACCEPT 0 ingress - 2001:db8:ffff::80 2001:db8:1234:1a01::10",
    ]);
    lab.balances();
}

#[test]
fn row_2_a_short_connection_shows_its_flags() {
    let stage = stage();
    let mut call = established(&stage);
    call.close();
    let log = stage.lab.flow_log(&stage.p);
    let flags = |record: &openvpc_engine::FlowCell| {
        (record.source.to_string() == P, record.tcp_flags.value())
    };
    let mut flags: Vec<_> = log.cells().iter().map(flags).collect();
    flags.sort();
    assert_eq!(flags, [(false, Some(19)), (true, Some(3))]);
    let path = |record: &openvpc_engine::FlowCell| record.traffic_path.map(|path| path as u8);
    let out = log.cells().iter().find(|cell| cell.source.to_string() == P);
    assert_eq!(out.and_then(path), Some(8));
    stage.lab.balances();
}

/// EO-24; spec 02 §5, check 2.
#[test]
fn row_3_nobody_outside_can_begin_and_no_record_shows_it() {
    let Stage2 { lab, p, bob, .. } = stage();
    lab.send(ping(&bob, &p)).dropped(EgressOnlyUnsolicited);
    for port in [22, 80, 443] {
        lab.send(syn(&bob, &p, port)).dropped(EgressOnlyUnsolicited);
    }
    lab.send(udp(&bob, &p, 53, 53))
        .dropped(EgressOnlyUnsolicited);
    lab.send(Shot::new(&bob, &p, false, L4::Raw(47, vec![0; 16])))
        .dropped(EgressOnlyUnsolicited);
    lab.flow_log(&p).is_empty();
    lab.balances();
}

/// EO-24; spec 02 §5, check 2: no port whatever, by any of the three.
#[test]
fn every_port_is_closed() {
    let Stage2 { lab, p, bob, .. } = stage();
    for port in 1..=u16::MAX {
        lab.send(syn(&bob, &p, port)).dropped(EgressOnlyUnsolicited);
        lab.send(udp(&bob, &p, port, port))
            .dropped(EgressOnlyUnsolicited);
    }
    lab.flow_log(&p).is_empty();
    assert_eq!(lab.counters(&p).conntrack_entries, 0);
    lab.balances();
}

/// EO-25.
#[test]
fn row_4_stray_segments_are_dropped() {
    let Stage2 { lab, p, bob, .. } = stage();
    for flags in [16, 4, 20, 18, 17] {
        lab.send(segment(&bob, &p, (80, 4_000), flags))
            .dropped(EgressOnlyUnsolicited);
    }
    lab.flow_log(&p).is_empty();
}

/// EO-27; spec 02 §5, check 6.
#[test]
fn row_5_one_connection_opens_no_other_port() {
    let stage = stage();
    let mut call = established(&stage);
    let Stage2 {
        lab, p, web, bob, ..
    } = &stage;
    let port = call.client_port();
    lab.send(segment(web, p, (80, port + 1), 2))
        .dropped(EgressOnlyUnsolicited);
    lab.send(segment(web, p, (81, port), 16))
        .dropped(EgressOnlyUnsolicited);
    lab.send(segment(bob, p, (80, port), 16))
        .dropped(EgressOnlyUnsolicited);
    lab.send(segment(bob, p, (80, port), 16).from_address(WEB))
        .reaches(p);
    call.server(24, 100).reaches(p);
    call.client(16, 0).reaches(web);
    assert_eq!(lab.flow_log(p).cells().len(), 2, "only the open one");
}

#[test]
fn row_6_udp_comes_back_from_the_port_it_was_sent_to() {
    let Stage2 { lab, p, bob, .. } = stage();
    lab.send(udp(&p, &bob, 5_000, 9_000))
        .reaches(&bob)
        .answered()
        .reaches(&p);
    lab.send(udp(&bob, &p, 9_001, 5_000))
        .dropped(EgressOnlyUnsolicited);
    lab.send(udp(&bob, &p, 9_000, 5_001))
        .dropped(EgressOnlyUnsolicited);
    assert_eq!(lab.flow_log(&p).cells().len(), 2);
}

/// Spec 02 §5, check 3: the other gateway is the only difference.
#[test]
fn row_7_behind_the_internet_gateway_bob_may_begin() {
    let Stage2 { lab, p, q, bob, .. } = stage();
    lab.send(ping(&bob, &q))
        .reaches(&q)
        .answered()
        .reaches(&bob);
    lab.tcp(&bob, &q, 80).handshake();
    lab.route(&p, "::/0", To::InternetGateway);
    lab.send(ping(&bob, &p))
        .reaches(&p)
        .answered()
        .reaches(&bob);
}

/// EO-21.
#[test]
fn row_8_ipv4_has_no_way_through() {
    let Stage2 {
        lab, p, gateway, ..
    } = stage();
    let old = lab.internet("198.51.100.80");
    let p = p.public("192.0.2.10");
    lab.send(ping(&p, &old)).dropped(NoRoute);
    lab.route(&p, "0.0.0.0/0", To::EgressOnly(gateway));
    lab.send(ping(&p, &old)).dropped(Blackhole);
    lab.send(ping(&old, &p)).dropped(EgressOnlyUnsolicited);
    lab.flow_log(&p).reads_in_full([
        "10.0.1.10 198.51.100.80 0 0 1 2 168 ACCEPT 0 egress - 10.0.1.10 198.51.100.80",
    ]);
    lab.balances();
}

#[test]
fn row_9_the_network_acl_refuses_what_the_gateway_let_in() {
    let Stage2 { lab, p, web, .. } = stage();
    lab.network_acl(&p).inbound("90 deny all from ::/0");
    lab.send(ping(&p, &web))
        .reaches(&web)
        .answered()
        .dropped(NetworkAclInbound);
    lab.flow_log(&p).reads([
        "2001:db8:1234:1a01::10 2001:db8:ffff::80 ACCEPT",
        "2001:db8:ffff::80 2001:db8:1234:1a01::10 REJECT",
    ]);
    lab.balances();
}

#[test]
fn row_10_what_the_security_group_refuses_never_leaves() {
    let Stage2 { lab, p, web, .. } = stage();
    let p = p.security_group([ingress("all from ::/0")]);
    lab.send(ping(&p, &web)).dropped(SecurityGroupEgress);
    lab.flow_log(&p)
        .reads(["2001:db8:1234:1a01::10 2001:db8:ffff::80 REJECT"]);
}

/// EO-34; spec 02 §5, check 7.
#[test]
fn row_11_with_the_gateway_gone_both_directions_stop() {
    let stage = stage();
    let mut call = established(&stage);
    let Stage2 { lab, p, web, .. } = &stage;
    lab.flow_log(p);
    lab.no_egress_only_gateway();
    lab.send(ping(p, web)).dropped(Blackhole);
    call.client(16, 1).dropped(Blackhole);
    call.server(16, 1).dropped(NoReturnRoute);
    let log = lab.flow_log(p);
    assert!(log.cells().iter().all(|cell| cell.source.to_string() == P));
    let new = lab.egress_only_gateway();
    lab.send(ping(p, web)).dropped(Blackhole);
    lab.route(p, "::/0", To::EgressOnly(new));
    call.server(16, 1).dropped(EgressOnlyUnsolicited);
    call.client(16, 1).reaches(web);
    call.server(16, 1).reaches(p);
    lab.balances();
}

/// EO-22.
#[test]
fn a_foreign_source_does_not_leave_even_unchecked() {
    let Stage2 { lab, p, q, web, .. } = stage();
    let p = p.without_source_dest_check();
    lab.send(ping(&p, &web).from_address("2001:db8:7::7"))
        .dropped(EgressOnlyForeignSource);
    let neighbour = lab.eni("10.0.1.11").ipv6(0x11).open();
    let relayed = ping(&p, &web).from_address("2001:db8:1234:1a01::11");
    lab.send(relayed).reaches(&web);
    lab.send(Shot::new(
        &web,
        &neighbour,
        false,
        L4::Udp {
            ports: (1, 1),
            payload: vec![1],
        },
    ))
    .dropped(EgressOnlyUnsolicited);
    lab.send(ping(&p, &web).from_address(&q.address(false).to_string()))
        .reaches(&web)
        .answered()
        .dropped(NoConnection);
}

/// EO-29: the local route wins, and does not ask the gateway.
#[test]
fn another_instance_is_reached_without_the_gateway() {
    let Stage2 { lab, p, q, .. } = stage();
    let out = lab.send(ping(&p, &q)).reaches(&q);
    let gateway = |step: &&openvpc_engine::Step| step.stage == Stage::EgressOnlyInternetGateway;
    assert!(out.trace().steps.iter().find(gateway).is_none());
    lab.send(ping(&q, &p)).reaches(&p);
}

/// EO-32.
#[test]
fn only_global_destinations_leave() {
    let Stage2 { lab, p, web, .. } = stage();
    let to = |address| ping(&p, &web).to_address(address);
    lab.send(to("fd00:1::1")).dropped(EgressOnlyDestination);
    lab.send(to("fe80::1")).dropped(UnroutableDestination);
    let group = lab.send(to("ff0e::1"));
    assert!(matches!(group.verdict(), Verdict::Drop(_)));
}

/// A ULA destination that never got out opens nothing for the same source, though its flow has the place of one that
/// did.
#[test]
fn what_did_not_leave_opens_nothing() {
    let Stage2 { lab, p, bob, .. } = stage();
    lab.send(udp(&p, &bob, 5, 6)).reaches(&bob);
    lab.wait_secs(30);
    lab.send(udp(&p, &bob, 5, 6).to_address("fd00:1::1"))
        .dropped(EgressOnlyDestination);
    lab.send(udp(&bob, &p, 6, 5).from_address("fd00:1::1"))
        .dropped(EgressOnlyUnsolicited);
}

/// EO-28: every timer, just before and just after, with and without remembered verdicts (I-13).
#[test]
fn answers_come_in_only_for_so_long() {
    let stage = stage();
    let Stage2 { lab, p, web, .. } = &stage;
    let late = |wait: u64, answer: &mut dyn FnMut() -> openvpc_testkit::Outcome| {
        lab.wait_secs(wait);
        answer().reaches(p);
        lab.wait_secs(wait + 1);
        answer().dropped(EgressOnlyUnsolicited);
    };
    let mut call = established(&stage);
    late(349, &mut || call.server(24, 1));
    call.client(24, 1).reaches(web);
    call.server(24, 1).reaches(p);
    let mut opening = lab.tcp(p, web, 81);
    opening.syn().reaches(web);
    lab.wait_secs(60);
    opening.syn_ack().dropped(EgressOnlyUnsolicited);
    let mut closing = established(&stage);
    closing.client(17, 0).reaches(web);
    late(59, &mut || closing.server(24, 1));
    lab.send(udp(p, web, 1, 2)).reaches(web);
    lab.wait_secs(30);
    lab.send(udp(web, p, 2, 1)).dropped(EgressOnlyUnsolicited);
    for _ in 0..2 {
        lab.send(udp(p, web, 1, 2))
            .reaches(web)
            .answered()
            .reaches(p);
    }
    late(179, &mut || lab.send(udp(web, p, 2, 1)));
    let echo = lab.send(ping(p, web)).reaches(web);
    lab.wait_secs(30);
    echo.answered().dropped(EgressOnlyUnsolicited);
    lab.balances();
}

/// Spec 02 §5, check 5: by TCP's timer, not by UDP's, and each segment counts.
#[test]
fn an_open_connection_goes_on_receiving() {
    let stage = stage();
    let mut call = established(&stage);
    for _ in 0..5 {
        stage.lab.wait_secs(300);
        call.server(24, 1_000).reaches(&stage.p);
    }
}

/// After the end the same ports do not let a new connection in.
#[test]
fn a_closed_connection_is_no_way_in() {
    let stage = stage();
    let mut call = established(&stage);
    call.close();
    let Stage2 { lab, p, web, .. } = &stage;
    lab.send(segment(web, p, (80, call.client_port()), 2))
        .dropped(EgressOnlyUnsolicited);
}

/// SG-7: tracked although every rule is open; so rules taken away later do not cut the flow.
#[test]
fn flows_through_the_gateway_are_always_tracked() {
    let stage = stage();
    let mut call = established(&stage);
    let p = stage.p.clone().security_group([]);
    call.client(24, 1).reaches(&stage.web);
    call.server(24, 1).reaches(&p);
    stage
        .lab
        .send(segment(&p, &stage.web, (9, 9), 16))
        .dropped(SecurityGroupEgress);
    let p = p.open();
    stage
        .lab
        .send(segment(&p, &stage.web, (9, 9), 16))
        .dropped(NoConnection);
}

/// EO-33.
#[test]
fn without_the_route_nothing_goes_either_way() {
    let stage = stage();
    let mut call = established(&stage);
    let Stage2 {
        lab,
        gateway,
        p,
        web,
        ..
    } = &stage;
    lab.no_route(p, "::/0");
    call.client(24, 1).dropped(NoRoute);
    call.server(24, 1).dropped(NoReturnRoute);
    lab.route(p, "::/0", To::EgressOnly(*gateway));
    call.server(24, 1).reaches(p);
    call.client(24, 1).reaches(web);
}

/// What Bob began through the internet gateway does not become an answer when the subnet turns private.
#[test]
fn what_came_in_by_the_internet_gateway_stops_with_it() {
    let Stage2 {
        lab,
        gateway,
        q,
        bob,
        ..
    } = stage();
    let q = q.security_group([
        ingress("tcp 80 from 2001:db8:ffff::/48"),
        ingress("icmpv6 from ::/0"),
    ]);
    let mut call = lab.tcp(&bob, &q, 80);
    call.handshake();
    lab.route(&q, "::/0", To::EgressOnly(gateway));
    call.client(24, 1).dropped(EgressOnlyUnsolicited);
    call.server(24, 1).reaches(&bob);
    call.client(24, 1).dropped(EgressOnlyUnsolicited);
}

/// SG-7: a flow that was untracked by the internet gateway begins anew, tracked; TCP begins with a SYN.
#[test]
fn an_untracked_flow_begins_anew_at_the_gateway() {
    let Stage2 {
        lab,
        gateway,
        q,
        web,
        ..
    } = stage();
    let mut call = lab.tcp(&q, &web, 80);
    call.handshake();
    lab.send(udp(&q, &web, 5, 6)).reaches(&web);
    lab.route(&q, "::/0", To::EgressOnly(gateway));
    call.server(24, 1).dropped(EgressOnlyUnsolicited);
    call.client(24, 1).dropped(NoConnection);
    lab.send(udp(&web, &q, 6, 5)).dropped(EgressOnlyUnsolicited);
    lab.send(udp(&q, &web, 5, 6)).reaches(&web);
    let q = q.security_group([]);
    lab.send(udp(&web, &q, 6, 5)).reaches(&q);
    lab.tcp(&q.open(), &web, 80).handshake();
    lab.balances();
}

/// EO-26; spec 02 §5, check 9: `kind` 2 is Packet Too Big.
#[test]
fn errors_about_a_live_flow_come_in_and_no_others() {
    let Stage2 {
        lab, p, web, bob, ..
    } = stage();
    for kind in 1..=4 {
        lab.send(udp(&p, &web, 4_000, 9))
            .reaches(&web)
            .answered_by_error(kind, 0, 600)
            .reaches(&p);
    }
    let never = udp(&p, &web, 4_001, 9);
    let target = p.clone();
    let about = |shot: &Shot, kind: u8| {
        let mut message = vec![kind, 0, 0, 0, 0, 0, 5, 0];
        message.extend_from_slice(&shot.bytes()[14..]);
        Shot::new(&bob, &target, false, L4::Icmp(message))
    };
    lab.send(about(&never, 2)).dropped(EgressOnlyUnsolicited);
    lab.send(about(&udp(&p, &web, 4_000, 9), 2)).reaches(&p);
    lab.send(about(&udp(&p, &web, 4_000, 9), 5))
        .dropped(EgressOnlyUnsolicited);
    lab.send(about(&udp(&web, &p, 9, 4_000), 2))
        .dropped(EgressOnlyUnsolicited);
    let p = p.ipv6(0x11);
    let other = p.addresses()[2].to_string();
    lab.send(about(&udp(&p, &web, 4_000, 9), 2).to_address(&other))
        .dropped(EgressOnlyUnsolicited);
    lab.wait_secs(30);
    lab.send(about(&udp(&p, &web, 4_000, 9), 2))
        .dropped(EgressOnlyUnsolicited);
    lab.balances();
}

/// IGW-5 holds for this gateway too.
#[test]
fn what_is_too_long_is_reported() {
    let Stage2 { lab, p, web, .. } = stage();
    let long = |payload: usize| {
        let l4 = L4::Udp {
            ports: (5, 6),
            payload: vec![1; payload],
        };
        Shot::new(&p, &web, false, l4)
    };
    lab.send(long(1_452)).reaches(&web);
    let out = lab.send(long(1_453)).replied();
    let Transport::Icmp { kind, code, .. } = out.packet().transport else {
        panic!("no ICMPv6");
    };
    assert_eq!((kind, code), (2, 0));
    assert_eq!(out.frames()[0][14 + 40 + 4..][..4], 1_500u32.to_be_bytes());
    let out = lab.send(ping(&p, &web).ttl(1)).replied();
    assert!(matches!(
        out.packet().transport,
        Transport::Icmp { kind: 3, .. }
    ));
}

/// Two VPCs, each behind its own gateway: neither can begin, but what both began meets.
#[test]
fn two_private_subnets_meet_only_if_both_began() {
    let Stage2 { lab, p, .. } = stage();
    let other = lab.another_vpc("10.0.0.0/16");
    other.ipv6("2001:db8:5678:1a00::/56");
    let gateway = other.egress_only_gateway();
    let r = other.eni("10.0.1.10").ipv6(0x10).open();
    lab.route(&r, "::/0", To::EgressOnly(gateway));
    lab.send(udp(&p, &r, 7, 8).over_ipv6(&r))
        .dropped(EgressOnlyUnsolicited);
    lab.send(udp(&r, &p, 8, 7).over_ipv6(&p)).reaches(&p);
    lab.send(udp(&p, &r, 7, 8).over_ipv6(&r)).reaches(&r);
    lab.wait_secs(30);
    lab.send(udp(&p, &r, 7, 8).over_ipv6(&r))
        .dropped(EgressOnlyUnsolicited);
}

/// A port taken away forgets its flows, and with them what may come in.
#[test]
fn a_detached_interface_forgets_whom_it_asked() {
    let Stage2 { lab, p, web, .. } = stage();
    lab.send(udp(&p, &web, 1, 2)).reaches(&web);
    p.detach();
    lab.send(udp(&web, &p, 2, 1)).dropped(EgressOnlyUnsolicited);
    p.attach();
    lab.send(udp(&web, &p, 2, 1)).dropped(EgressOnlyUnsolicited);
    lab.send(udp(&p, &web, 1, 2)).reaches(&web);
    web.detach();
    lab.send(udp(&p, &web, 1, 2)).dropped(ReceiverNotAttached);
}

/// What an obvious list says of UDP: when the last packet passed, how many of the interface's own were sent before the
/// first answer and after it.
#[derive(Default)]
struct Asked {
    last: u64,
    answered: bool,
    again: bool,
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// EO-23, EO-24, EO-27, EO-28 against a list.
    #[test]
    fn udp_comes_in_as_an_obvious_list_says(
        history in prop::collection::vec((any::<bool>(), 0u16..3, 0u16..3, prop::sample::select(vec![0u64, 0, 0, 9, 29, 31, 179, 181])), 1..60),
    ) {
        let Stage2 { lab, p, web, .. } = stage();
        let mut list: HashMap<(u16, u16), Asked> = HashMap::new();
        // Thousandths of a second; each frame takes one.
        let mut now = 0;
        for (out, near, far, wait) in history {
            lab.wait_secs(wait);
            now += wait * 1_000 + 1;
            let live = |asked: &Asked| {
                now - asked.last < if asked.again { 180_000 } else { 30_000 }
            };
            let flow = list.get(&(near, far)).is_some_and(live);
            if out {
                lab.send(udp(&p, &web, near, far)).reaches(&web);
                let asked = list.entry((near, far)).or_default();
                if !flow {
                    *asked = Asked::default();
                }
                asked.again |= asked.answered;
                asked.last = now;
            } else if flow {
                lab.send(udp(&web, &p, far, near)).reaches(&p);
                let asked = list.entry((near, far)).or_default();
                asked.answered = true;
                asked.last = now;
            } else {
                lab.send(udp(&web, &p, far, near)).dropped(EgressOnlyUnsolicited);
            }
        }
        lab.balances();
    }
}

/// Rules that are narrow change nothing: the valve is the gateway's.
#[test]
fn narrow_rules_and_the_gateway_agree() {
    let Stage2 {
        lab, p, web, bob, ..
    } = stage();
    let p = p.security_group([egress("tcp 443 to ::/0")]);
    lab.tcp(&p, &web, 443).handshake();
    lab.send(syn(&p, &web, 80)).dropped(SecurityGroupEgress);
    lab.send(syn(&bob, &p, 443)).dropped(EgressOnlyUnsolicited);
}
