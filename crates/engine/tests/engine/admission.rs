//! Flows that begin without asking. That this changes no verdict, no counter and no cell is shown by every other test
//! here, for the laboratory runs each of them on such a path too; and for random worlds by the oracle's.

use openvpc_engine::{DropReason, Limits};
use openvpc_testkit::{Host, Lab, To, egress, ingress, listener, preserving_listener, udp};

/// Two short connections, after which the engine says what it would say to a third.
fn calls_twice(lab: &Lab, from: &Host, to: &Host) {
    for _ in 0..2 {
        let mut call = lab.tcp(from, to, 80);
        call.handshake();
        call.client(24, 100).reaches(to);
        call.server(24, 100).reaches(from);
        call.close();
    }
}

/// Whether a whole short connection never comes to the engine.
fn begins_without_asking(lab: &Lab, from: &Host, to: &Host) {
    calls_twice(lab, from, to);
    // Now and then the laboratory's path has no room to tell: of three connections one tells all at least.
    let whole = (0..3).any(|_| {
        let before = lab.forwarded_by_fast_path();
        let mut call = lab.tcp(from, to, 80);
        call.handshake();
        call.client(24, 100).reaches(to);
        call.server(24, 100).reaches(from);
        call.close();
        lab.forwarded_by_fast_path() - before == 8
    });
    assert!(whole, "{:?}", lab.fast_counters());
    lab.balances();
}

#[test]
fn connections_between_neighbours_subnets_and_peers() {
    let lab = Lab::vpc("10.0.0.0/16");
    let server = |address| {
        let rules = [
            ingress("tcp 80 from 10.0.0.0/8"),
            egress("all to 0.0.0.0/0"),
        ];
        lab.eni(address).security_group(rules)
    };
    let (a, b, c) = (
        server("10.0.1.10"),
        server("10.0.1.11"),
        server("10.0.2.10"),
    );
    begins_without_asking(&lab, &a, &b);
    begins_without_asking(&lab, &a, &c);
    let other = lab.another_vpc("10.1.0.0/16");
    let peer = other.eni("10.1.1.10").open();
    lab.route(&a, "10.1.0.0/16", To::Peer(&other));
    lab.route(&peer, "10.0.0.0/16", To::Peer(&lab.first()));
    begins_without_asking(&lab, &a, &peer);
    begins_without_asking(&lab, &peer, &a);
}

#[test]
fn connections_with_the_internet_both_ways() {
    let lab = Lab::vpc("10.0.0.0/16").internet_gateway();
    let web = lab.internet("198.51.100.80");
    let a = lab
        .eni("10.0.1.10")
        .security_group([ingress("tcp 80 from 0.0.0.0/0"), egress("all to 0.0.0.0/0")])
        .public("192.0.2.1");
    begins_without_asking(&lab, &a, &web);
    begins_without_asking(&lab, &web, &a);
}

#[test]
fn connections_over_ipv6() {
    let lab = Lab::vpc("10.0.0.0/16").ipv6("2001:db8:1234:1a00::/56");
    let a = lab.eni("10.0.1.10").ipv6(0x10).open();
    let b = lab.eni("10.0.2.10").ipv6(0x11).open();
    for _ in 0..5 {
        let mut call = lab.tcp(&a, &b, 80).over_ipv6();
        call.handshake();
        call.close();
    }
    lab.balances();
    assert!(lab.fast_counters().admitted > 0);
}

#[test]
fn what_keeps_flows_of_its_own_is_asked_about_each() {
    let lab = Lab::vpc("10.0.0.0/16").internet_gateway();
    let web = lab.internet("198.51.100.80");
    let nat = lab.nat_gateway("10.0.0.220").public("192.0.2.9");
    let inside = lab.eni("10.0.3.5").open();
    lab.route(&inside, "0.0.0.0/0", To::Nat(&nat));
    calls_twice(&lab, &inside, &web);
    calls_twice(&lab, &inside, &web);
    assert_eq!(lab.fast_counters().admissions, 0);

    let client = lab.eni("10.0.1.5").open();
    let target = lab.eni("10.0.2.10").open();
    let node = lab
        .first()
        .load_balancer("10.0.4.20", [listener(80, &["10.0.2.10:8080"])]);
    lab.target_is(&node, "10.0.2.10:8080", true);
    for _ in 0..4 {
        let mut call = lab.tcp(&client, &target, 8080).calling(&node, 80);
        call.handshake();
        call.close();
    }
    assert_eq!(lab.fast_counters().admissions, 0);
}

#[test]
fn a_target_that_sees_its_clients_is_asked_for_each_flow_it_begins() {
    let lab = Lab::vpc("10.0.0.0/16");
    let client = lab.eni("10.0.1.5").open();
    let target = lab.eni("10.0.2.10").open();
    let node = lab
        .first()
        .load_balancer("10.0.4.20", [preserving_listener(80, &["10.0.2.10:8080"])]);
    lab.target_is(&node, "10.0.2.10:8080", true);
    calls_twice(&lab, &target, &client);
    assert_eq!(lab.fast_counters().admissions, 0);
    calls_twice(&lab, &client, &target);
    assert_eq!(lab.fast_counters().admissions, 1);
}

/// The network ACL lets answers out to ports 1024-65535 alone, as AWS's example for ephemeral ports does.
#[test]
fn the_source_ports_are_those_that_may_be_answered() {
    let lab = Lab::vpc("10.0.0.0/16");
    let client = lab.eni("10.0.1.10").open();
    let server = lab.eni("10.0.2.10").open();
    lab.network_acl(&server)
        .remove(100)
        .inbound("100 allow all from 0.0.0.0/0")
        .outbound("90 deny tcp 40000-40009 to 0.0.0.0/0")
        .outbound("100 allow tcp 1024-65535 to 10.0.0.0/8");
    for port in [50_000, 50_001, 50_002] {
        let mut call = lab.tcp(&client, &server, 80).from_port(port);
        call.handshake();
        call.close();
    }
    let known = lab.admissions();
    let ranges: Vec<_> = known
        .iter()
        .map(|known| known.source_ports.clone())
        .collect();
    assert_eq!(ranges, [40_010..=65_535]);
    // The rest is judged one by one, and as ever.
    let mut low = lab.tcp(&client, &server, 80).from_port(1_023);
    low.syn().reaches(&server);
    low.syn_ack().dropped(DropReason::NetworkAclOutbound);
    let mut high = lab.tcp(&client, &server, 80).from_port(1_024);
    high.syn().reaches(&server);
    high.syn_ack().reaches(&client);
}

#[test]
fn a_revoked_rule_ends_what_it_let_begin() {
    let lab = Lab::vpc("10.0.0.0/16");
    let client = lab.eni("10.0.1.10").open();
    let server = lab
        .eni("10.0.2.10")
        .security_group([ingress("tcp 80 from 10.0.0.0/16")]);
    calls_twice(&lab, &client, &server);
    assert_eq!(lab.fast_counters().admissions, 1);
    let mut open = lab.tcp(&client, &server, 80);
    open.handshake();
    let server = server.security_group([]);
    let refused = lab.tcp(&client, &server, 80).syn();
    refused.dropped(DropReason::SecurityGroupIngress);
    assert_eq!(lab.fast_counters().admissions, 0);
    // What had begun is tracked (SG-6).
    open.client(24, 100).reaches(&server);
    open.server(24, 100).reaches(&client);
    lab.balances();
}

#[test]
fn an_interface_that_might_run_out_of_flows_is_asked_about_each() {
    let limits = Limits {
        conntrack_per_eni_max: 8_200,
        ..Limits::default()
    };
    let lab = Lab::with_limits("10.0.0.0/16", limits);
    let (client, server) = (lab.eni("10.0.1.10").open(), lab.eni("10.0.2.10").open());
    calls_twice(&lab, &client, &server);
    assert_eq!(lab.fast_counters().admissions, 1);
    for _ in 0..8 {
        lab.tcp(&client, &server, 80).syn().reaches(&server);
    }
    lab.balances();
    assert_eq!(lab.fast_counters().admissions, 0);
}

#[test]
fn datagrams_pass_without_asking_and_their_answers_come_up() {
    let lab = Lab::vpc("10.0.0.0/16");
    let client = lab.eni("10.0.1.10").open();
    let server = lab
        .eni("10.0.2.10")
        .security_group([ingress("udp 53 from 10.0.0.0/16")]);
    for port in 5_000..5_020 {
        lab.send(udp(&client, &server, port, 53)).reaches(&server);
        lab.send(udp(&server, &client, 53, port)).reaches(&client);
    }
    lab.balances();
    assert!(lab.fast_counters().admitted > 10);
    lab.wait_secs(70);
    lab.balances();
}
