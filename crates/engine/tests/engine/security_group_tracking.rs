//! EC2 user guide, "Security group connection tracking" and "Security group rules" (SG-1 … SG-9).

use openvpc_engine::DropReason::{
    ConntrackFull, NoConnection, SecurityGroupEgress, SecurityGroupIngress,
};
use openvpc_engine::{Limits, RuleRef};
use openvpc_testkit::{L4, Lab, Shot, egress, ingress, ping, syn, udp};

#[test]
fn nothing_is_allowed_by_default() {
    let lab = Lab::vpc("10.0.0.0/16");
    let (a, b) = (lab.eni("10.0.1.10"), lab.eni("10.0.1.11").open());
    lab.send(ping(&a, &b)).dropped(SecurityGroupEgress);
    lab.send(ping(&b, &a)).dropped(SecurityGroupIngress);
    lab.flow_log(&a)
        .reads(["10.0.1.10 10.0.1.11 REJECT", "10.0.1.11 10.0.1.10 REJECT"]);
}

#[test]
fn rules_of_all_groups_are_united() {
    let lab = Lab::vpc("10.0.0.0/16");
    lab.group("http", [ingress("tcp 80 from 10.0.0.0/16")]);
    lab.group("ssh", [ingress("tcp 22 from 10.0.0.0/16")]);
    let (a, b) = (
        lab.eni("10.0.1.10").open(),
        lab.eni("10.0.1.11").in_group("http").in_group("ssh"),
    );
    lab.send(syn(&a, &b, 80)).reaches(&b);
    lab.send(syn(&a, &b, 22)).reaches(&b);
    lab.send(syn(&a, &b, 23)).dropped(SecurityGroupIngress);
}

/// SG-5.
#[test]
fn a_group_peer_means_the_private_addresses_of_its_members() {
    let lab = Lab::vpc("10.0.0.0/16").internet_gateway();
    lab.group("app", [egress("all to 0.0.0.0/0")]);
    let member = lab.eni("10.0.1.10").in_group("app").public("192.0.2.1");
    let stranger = lab.eni("10.0.1.12").open();
    let db = lab
        .eni("10.0.2.10")
        .security_group([ingress("tcp 5432 from group:app")])
        .public("192.0.2.2");
    lab.send(syn(&member, &db, 5432)).reaches(&db);
    lab.send(syn(&stranger, &db, 5432))
        .dropped(SecurityGroupIngress);
    // Over the public addresses the same host is a stranger.
    lab.send(syn(&member, &db, 5432).to_address("192.0.2.2"))
        .dropped(SecurityGroupIngress);
}

#[test]
fn an_egress_rule_may_name_a_group_too() {
    let lab = Lab::vpc("10.0.0.0/16");
    lab.group("db", [ingress("all from 0.0.0.0/0")]);
    let a = lab
        .eni("10.0.1.10")
        .security_group([egress("tcp 5432 to group:db")]);
    let (db, other) = (
        lab.eni("10.0.2.10").in_group("db"),
        lab.eni("10.0.2.11").open(),
    );
    lab.send(syn(&a, &db, 5432)).reaches(&db);
    lab.send(syn(&a, &other, 5432)).dropped(SecurityGroupEgress);
}

/// SG-5: not when a middlebox forwarded the packet.
#[test]
fn a_group_peer_does_not_match_through_a_middlebox() {
    let lab = Lab::vpc("10.0.0.0/16");
    lab.group("app", [egress("all to 0.0.0.0/0")]);
    let _member = lab.eni("10.0.1.10").in_group("app");
    let middlebox = lab.eni("10.0.9.10").open().without_source_dest_check();
    let db = lab
        .eni("10.0.2.10")
        .security_group([ingress("icmp from group:app")]);
    lab.send(ping(&middlebox, &db).from_address("10.0.1.10"))
        .dropped(SecurityGroupIngress);
}

/// SG-7, I-14: the example of the guide.
#[test]
fn a_tracked_flow_outlives_its_rule() {
    let lab = Lab::vpc("10.0.0.0/16").internet_gateway();
    let rules = || {
        [
            ingress("tcp 22 from 203.0.113.12/32"),
            egress("all to 0.0.0.0/0"),
        ]
    };
    let web = lab
        .eni("10.0.1.10")
        .security_group(rules())
        .public("192.0.2.10");
    let bob = lab.internet("203.0.113.12");
    let mut call = lab.tcp(&bob, &web, 22);
    call.handshake();
    let web = web.security_group([]);
    call.client(16, 10).reaches(&web);
    call.server(16, 10).reaches(&bob);
    lab.send(syn(&bob, &web, 22)).dropped(SecurityGroupIngress);
}

/// SG-7.
#[test]
fn an_untracked_flow_stops_with_its_rule() {
    let lab = Lab::vpc("10.0.0.0/16").internet_gateway();
    let open = || [ingress("tcp 80 from 0.0.0.0/0"), egress("all to 0.0.0.0/0")];
    let web = lab
        .eni("10.0.1.10")
        .security_group(open())
        .public("192.0.2.10");
    let bob = lab.internet("203.0.113.12");
    let mut call = lab.tcp(&bob, &web, 80);
    call.handshake();
    call.client(16, 10).reaches(&web);
    let web = web.security_group([egress("all to 0.0.0.0/0")]);
    call.client(16, 10).dropped(SecurityGroupIngress);
    let web = web.security_group(open());
    call.client(16, 10).reaches(&web);
    let _web = web.security_group([ingress("tcp 80 from 0.0.0.0/0")]);
    call.server(16, 10).dropped(SecurityGroupEgress);
}

/// SG-7: an untracked flow has no idle timeout either.
#[test]
fn an_untracked_flow_never_times_out() {
    let lab = Lab::vpc("10.0.0.0/16").internet_gateway();
    let web = lab.eni("10.0.1.10").open().public("192.0.2.10");
    let bob = lab.internet("203.0.113.12");
    let mut call = lab.tcp(&bob, &web, 80);
    call.handshake();
    lab.wait_secs(500_000);
    call.server(16, 10).reaches(&bob);
    call.client(16, 10).reaches(&web);
}

#[test]
fn icmp_is_always_tracked() {
    let lab = Lab::vpc("10.0.0.0/16");
    let (a, b) = (lab.eni("10.0.1.10").open(), lab.eni("10.0.1.11").open());
    let arrived = lab.send(ping(&a, &b)).reaches(&b);
    let b = b.security_group([]);
    arrived.answered().reaches(&a);
    lab.send(ping(&a, &b)).dropped(SecurityGroupIngress);
}

#[test]
fn an_unasked_echo_reply_is_nobodys() {
    let lab = Lab::vpc("10.0.0.0/16");
    let (a, b) = (lab.eni("10.0.1.10").open(), lab.eni("10.0.1.11").open());
    let reply = Shot::new(&a, &b, true, L4::Icmp(vec![0, 0, 0, 0, 9, 9, 0, 1]));
    lab.send(reply).dropped(NoConnection);
}

/// SG-8.
#[test]
fn idle_flows_time_out() {
    let lab = Lab::vpc("10.0.0.0/16");
    let tight = || {
        [
            ingress("all from 10.0.0.0/16"),
            egress("all to 10.0.0.0/16"),
        ]
    };
    let (a, b) = (
        lab.eni("10.0.1.10").security_group(tight()),
        lab.eni("10.0.1.11").security_group(tight()),
    );
    let mut call = lab.tcp(&a, &b, 80);
    call.handshake();
    lab.wait_secs(431_999);
    call.client(16, 1).reaches(&b);
    lab.wait_secs(432_000);
    call.client(16, 1).dropped(NoConnection);
}

/// SG-8: 30 s after one request and response, 180 s after more.
#[test]
fn a_udp_stream_lives_longer_than_a_single_exchange() {
    let lab = Lab::vpc("10.0.0.0/16");
    let a = lab
        .eni("10.0.1.10")
        .security_group([egress("udp to 10.0.0.0/16")]);
    let b = lab
        .eni("10.0.1.11")
        .security_group([ingress("udp 53 from 10.0.0.0/16")]);
    let query = || udp(&a, &b, 4_000, 53);
    lab.send(query()).reaches(&b);
    lab.wait_secs(29);
    lab.send(query()).reaches(&b).answered().reaches(&a);
    lab.wait_secs(30);
    let late = || {
        Shot::new(
            &b,
            &a,
            true,
            L4::Udp {
                ports: (53, 4_000),
                payload: vec![1],
            },
        )
    };
    lab.send(late()).dropped(SecurityGroupEgress);
    lab.send(query()).reaches(&b).answered().reaches(&a);
    lab.send(query()).reaches(&b).answered().reaches(&a);
    lab.wait_secs(179);
    lab.send(late()).reaches(&a);
    lab.wait_secs(180);
    lab.send(late()).dropped(SecurityGroupEgress);
}

/// SG-8: other protocols by address and protocol only, 600 s.
#[test]
fn other_protocols_are_tracked_by_address() {
    let lab = Lab::vpc("10.0.0.0/16");
    let a = lab
        .eni("10.0.1.10")
        .security_group([egress("47 to 10.0.0.0/16")]);
    let b = lab
        .eni("10.0.1.11")
        .security_group([ingress("47 from 10.0.0.0/16")]);
    let gre = || Shot::new(&a, &b, true, L4::Raw(47, vec![0; 24]));
    let back = || Shot::new(&b, &a, true, L4::Raw(47, vec![0; 24]));
    lab.send(back()).dropped(SecurityGroupEgress);
    lab.send(gre()).reaches(&b);
    lab.wait_secs(599);
    lab.send(back()).reaches(&a);
    lab.wait_secs(600);
    lab.send(back()).dropped(SecurityGroupEgress);
}

/// Spec 01 §2: REJECT also means a packet after the connection closed.
#[test]
fn what_comes_long_after_the_close_is_rejected() {
    let lab = Lab::vpc("10.0.0.0/16").internet_gateway();
    let web = lab
        .eni("10.0.1.10")
        .security_group([ingress("tcp 22 from 203.0.113.12/32")])
        .public("192.0.2.10");
    let bob = lab.internet("203.0.113.12");
    let mut call = lab.tcp(&bob, &web, 22);
    call.handshake();
    call.close();
    // What trickles in after the close does not keep it alive.
    lab.wait_secs(40);
    call.client(16, 0).reaches(&web);
    lab.wait_secs(20);
    call.client(16, 0).dropped(NoConnection);
}

/// RFC 9293 §3.6.1: a fresh SYN on a finished connection opens another, if the rules still allow.
#[test]
fn a_syn_after_the_close_asks_the_rules_again() {
    let lab = Lab::vpc("10.0.0.0/16");
    let rules = || [ingress("tcp 22 from 10.0.1.10/32")];
    let (a, b) = (
        lab.eni("10.0.1.10").open(),
        lab.eni("10.0.1.11").security_group(rules()),
    );
    let mut call = lab.tcp(&a, &b, 22);
    call.handshake();
    call.close();
    let b = b.security_group([]);
    call.syn().dropped(SecurityGroupIngress);
    let b = b.security_group(rules());
    call.syn().reaches(&b);
}

/// RFC 5961: a reset that the receiver would not believe does not end tracking.
#[test]
fn a_blind_reset_changes_nothing() {
    let lab = Lab::vpc("10.0.0.0/16").internet_gateway();
    let web = lab
        .eni("10.0.1.10")
        .security_group([ingress("tcp 22 from 203.0.113.12/32")])
        .public("192.0.2.10");
    let bob = lab.internet("203.0.113.12");
    let mut call = lab.tcp(&bob, &web, 22);
    call.handshake();
    let [client, server] = call.next_sequences();
    let forged = |sequence: u32| {
        let ports = (call.client_port(), 22);
        Shot::new(
            &bob,
            &web,
            true,
            L4::Tcp {
                ports,
                sequence,
                acknowledgement: server,
                flags: 4,
                payload: vec![],
            },
        )
    };
    for offset in [1u32, 70_000, 1 << 30, u32::MAX] {
        lab.send(forged(client.wrapping_add(offset))).reaches(&web);
    }
    lab.wait_secs(400_000);
    call.client(16, 5).reaches(&web);
    call.client_reset().reaches(&web);
    lab.wait_secs(10);
    call.client(16, 5).dropped(NoConnection);
}

/// T-5: past the allowance packets are dropped and counted, and nobody else notices.
#[test]
fn the_allowance_is_per_interface() {
    let lab = Lab::with_limits(
        "10.0.0.0/16",
        Limits {
            conntrack_per_eni_max: 10,
            ..Limits::default()
        },
    );
    let tight = || {
        [
            ingress("all from 10.0.0.0/16"),
            egress("all to 10.0.0.0/16"),
        ]
    };
    let [a, b, c] = ["10.0.1.10", "10.0.1.11", "10.0.1.12"]
        .map(|address| lab.eni(address).security_group(tight()));
    for port in 0..10 {
        lab.send(udp(&a, &b, 5_000 + port, 53)).reaches(&b);
    }
    for port in 0..5 {
        lab.send(udp(&a, &b, 6_000 + port, 53))
            .dropped(ConntrackFull);
    }
    assert_eq!(lab.drops(ConntrackFull), 5);
    lab.send(udp(&c, &a, 1, 2)).dropped(ConntrackFull);
    lab.send(udp(&a, &b, 5_000, 53)).reaches(&b);
    lab.wait_secs(30);
    lab.send(udp(&a, &b, 6_000, 53)).reaches(&b);
    lab.balances();
}

#[test]
fn the_trace_names_the_rule_that_opened_the_flow() {
    let lab = Lab::vpc("10.0.0.0/16");
    let a = lab.eni("10.0.1.10").open();
    let rules = [
        ingress("tcp 22 from 10.0.0.0/8"),
        ingress("tcp 80 from 10.0.0.0/8"),
    ];
    let b = lab.eni("10.0.1.11").security_group(rules);
    let mut call = lab.tcp(&a, &b, 80);
    let outcome = call.syn().reaches(&b);
    assert!(
        outcome
            .trace()
            .steps
            .iter()
            .any(|step| step.rule == Some(RuleRef(1))),
        "{:?}",
        outcome.trace()
    );
}
