//! VPC user guide, "Flow log record examples" and "Logging IP traffic"; acceptance scenario 1 (spec 07 §1).

use openvpc_engine::DropReason::{NetworkAclInbound, NetworkAclOutbound, SecurityGroupIngress};
use openvpc_testkit::{Host, Lab, egress, ingress, ping, syn, udp};

/// Spec 07 §1: one public subnet, `web` with an Elastic address, `peer`, and Bob outside.
fn stage() -> (Lab, Host, Host, Host) {
    let lab = Lab::vpc("10.0.0.0/16").internet_gateway();
    let rules = || {
        [
            ingress("icmp from 0.0.0.0/0"),
            ingress("tcp 22 from 203.0.113.12/32"),
            egress("all to 0.0.0.0/0"),
        ]
    };
    let web = lab
        .eni("10.0.1.10")
        .security_group(rules())
        .public("192.0.2.10");
    let peer = lab.eni("10.0.1.11").security_group(rules());
    let bob = lab.internet("203.0.113.12");
    (lab, web, peer, bob)
}

const IN: &str = "203.0.113.12 10.0.1.10 0 0 1 4 336 ACCEPT 0 ingress - 203.0.113.12 10.0.1.10";
const OUT: &str = "10.0.1.10 203.0.113.12 0 0 1 4 336 ACCEPT 0 egress 8 10.0.1.10 203.0.113.12";

#[test]
fn row_1_bobs_ping_and_its_replies_are_two_accepted_flows() {
    let (lab, web, _, bob) = stage();
    lab.send(ping(&bob, &web).times(4))
        .reaches(&web)
        .answered()
        .reaches(&bob);
    lab.flow_log(&web).reads_in_full([IN, OUT]);
    lab.balances();
}

#[test]
fn row_2_without_egress_rules_the_replies_still_pass() {
    let (lab, web, _, bob) = stage();
    let web = web.security_group([ingress("icmp from 0.0.0.0/0")]);
    lab.send(ping(&bob, &web).times(4))
        .reaches(&web)
        .answered()
        .reaches(&bob);
    lab.flow_log(&web).reads_in_full([IN, OUT]);
}

#[test]
fn row_3_network_acl_stops_the_ping_reply_that_the_security_group_allows() {
    let (lab, web, _, bob) = stage();
    lab.network_acl(&web).outbound("90 deny icmp to 0.0.0.0/0");
    lab.send(ping(&bob, &web).times(4))
        .reaches(&web)
        .answered()
        .dropped(NetworkAclOutbound);
    let refused = "10.0.1.10 203.0.113.12 0 0 1 4 336 REJECT 0 egress - 10.0.1.10 203.0.113.12";
    lab.flow_log(&web).reads_in_full([IN, refused]);
    lab.balances();
}

#[test]
fn row_4_network_acl_inbound_denies_and_the_reject_shows_at_the_receiver() {
    let (lab, web, _, bob) = stage();
    lab.network_acl(&web).inbound("90 deny icmp from 0.0.0.0/0");
    lab.send(ping(&bob, &web).times(4))
        .dropped(NetworkAclInbound);
    let refused = "203.0.113.12 10.0.1.10 0 0 1 4 336 REJECT 0 ingress - 203.0.113.12 10.0.1.10";
    lab.flow_log(&web).reads_in_full([refused]);
    lab.balances();
}

#[test]
fn row_5_without_an_icmp_rule_the_same_reject() {
    let (lab, web, _, bob) = stage();
    let web = web.security_group([ingress("tcp 22 from 203.0.113.12/32")]);
    lab.send(ping(&bob, &web).times(4))
        .dropped(SecurityGroupIngress);
    lab.flow_log(&web).reads(["203.0.113.12 10.0.1.10 REJECT"]);
    lab.balances();
}

#[test]
fn row_6_inside_a_subnet_the_network_acl_is_not_asked() {
    let (lab, web, peer, _) = stage();
    lab.network_acl(&web)
        .inbound("1 deny all from 0.0.0.0/0")
        .outbound("1 deny all to 0.0.0.0/0");
    lab.send(ping(&peer, &web).times(4))
        .reaches(&web)
        .answered()
        .reaches(&peer);
    lab.flow_log(&peer).reads_in_full([
        "10.0.1.11 10.0.1.10 0 0 1 4 336 ACCEPT 0 egress 1 10.0.1.11 10.0.1.10",
        "10.0.1.10 10.0.1.11 0 0 1 4 336 ACCEPT 0 ingress - 10.0.1.10 10.0.1.11",
    ]);
    lab.flow_log(&web).reads_in_full([
        "10.0.1.11 10.0.1.10 0 0 1 4 336 ACCEPT 0 ingress - 10.0.1.11 10.0.1.10",
        "10.0.1.10 10.0.1.11 0 0 1 4 336 ACCEPT 0 egress 1 10.0.1.10 10.0.1.11",
    ]);
    lab.balances();
}

#[test]
fn row_7_a_short_connection_shows_3_and_19() {
    let (lab, web, _, bob) = stage();
    let mut call = lab.tcp(&bob, &web, 22);
    call.handshake();
    call.close();
    let port = call.client_port();
    lab.flow_log(&web).reads_in_full([
        format!(
            "203.0.113.12 10.0.1.10 {port} 22 6 4 160 ACCEPT 3 ingress - 203.0.113.12 10.0.1.10"
        )
        .as_str(),
        format!(
            "10.0.1.10 203.0.113.12 22 {port} 6 2 80 ACCEPT 19 egress 8 10.0.1.10 203.0.113.12"
        )
        .as_str(),
    ]);
    lab.balances();
}

#[test]
fn row_8_a_closed_port_answers_with_a_reset() {
    let (lab, web, _, bob) = stage();
    let web = web.security_group([ingress("tcp 22-23 from 203.0.113.12/32")]);
    let mut call = lab.tcp(&bob, &web, 23);
    call.syn().reaches(&web);
    call.server_refuses().reaches(&bob);
    let flags: Vec<_> = lab
        .flow_log(&web)
        .cells()
        .iter()
        .map(|cell| (cell.action, cell.tcp_flags.value()))
        .collect();
    assert_eq!(
        flags,
        [
            (openvpc_engine::Action::Accept, Some(2)),
            (openvpc_engine::Action::Accept, Some(4))
        ]
    );
}

#[test]
fn row_9_a_refused_syn_is_one_reject_with_flags_2() {
    let (lab, web, _, bob) = stage();
    lab.send(syn(&bob, &web, 23)).dropped(SecurityGroupIngress);
    lab.flow_log(&web).reads_in_full([
        "203.0.113.12 10.0.1.10 40000 23 6 1 40 REJECT 2 ingress - 203.0.113.12 10.0.1.10",
    ]);
}

#[test]
fn row_10_an_idle_window_has_no_cells() {
    let (lab, web, peer, bob) = stage();
    lab.send(ping(&bob, &web)).reaches(&web);
    lab.flow_log(&peer).is_empty();
    assert_eq!(lab.flow_log(&web).cells().len(), 1);
    lab.flow_log(&web).is_empty();
}

#[test]
fn row_12_your_own_dns_server_is_logged() {
    let (lab, web, _, _) = stage();
    let resolver = lab.internet("198.51.100.80");
    lab.send(udp(&web, &resolver, 40_053, 53))
        .reaches(&resolver);
    lab.flow_log(&web).reads_in_full([
        "10.0.1.10 198.51.100.80 40053 53 17 1 60 ACCEPT 0 egress 8 10.0.1.10 198.51.100.80",
    ]);
}

#[test]
fn row_13_an_interface_made_later_is_counted_from_its_first_packet() {
    let (lab, web, _, bob) = stage();
    lab.send(ping(&bob, &web)).reaches(&web);
    let web2 = lab
        .eni("10.0.1.12")
        .security_group([ingress("icmp from 0.0.0.0/0")])
        .public("192.0.2.12");
    lab.send(ping(&bob, &web2))
        .reaches(&web2)
        .answered()
        .reaches(&bob);
    lab.flow_log(&web2).reads([
        "203.0.113.12 10.0.1.12 ACCEPT",
        "10.0.1.12 203.0.113.12 ACCEPT",
    ]);
}

/// Spec 01 §5, two logged instances.
#[test]
fn the_receivers_refusal_leaves_the_senders_record_accepted() {
    let (lab, web, peer, _) = stage();
    lab.send(syn(&peer, &web, 80)).dropped(SecurityGroupIngress);
    lab.flow_log(&peer).reads(["10.0.1.11 10.0.1.10 ACCEPT"]);
    lab.flow_log(&web).reads(["10.0.1.11 10.0.1.10 REJECT"]);
}

/// Spec 01 §6: traffic to a secondary address.
#[test]
fn a_secondary_address_shows_as_pkt_dstaddr() {
    let (lab, web, peer, _) = stage();
    let web = web.secondary("10.0.1.99");
    lab.send(ping(&peer, &web).to_address("10.0.1.99"))
        .reaches(&web);
    lab.flow_log(&web)
        .reads_in_full(["10.0.1.11 10.0.1.10 0 0 1 1 84 ACCEPT 0 ingress - 10.0.1.11 10.0.1.99"]);
}

/// Spec 01 §2: each window shows what came since the last one.
#[test]
fn a_long_flow_gives_one_record_per_window() {
    let (lab, web, _, bob) = stage();
    let mut call = lab.tcp(&bob, &web, 22);
    call.handshake();
    assert_eq!(lab.flow_log(&web).cells()[0].tcp_flags.value(), Some(2));
    call.client(16, 100).reaches(&web);
    let log = lab.flow_log(&web);
    let cell = &log.cells()[0];
    assert_eq!(
        (
            cell.window().packets,
            cell.window().bytes,
            cell.tcp_flags.value()
        ),
        (1, 140, Some(0))
    );
    assert_eq!(cell.total.packets, 3, "the total goes on");
}

/// D6: past the allowance of cells traffic passes, and what is missing is counted (SKIPDATA).
#[test]
fn overflow_is_counted_and_harms_no_traffic() {
    use openvpc_engine::{Count, Limits};
    let limits = Limits {
        flow_cells_per_eni_max: 3,
        ..Limits::default()
    };
    let lab = Lab::with_limits("10.0.0.0/16", limits);
    let (a, b) = (lab.eni("10.0.1.10").open(), lab.eni("10.0.1.11").open());
    for port in 1..=5 {
        lab.send(udp(&a, &b, port, 53)).reaches(&b);
    }
    assert_eq!(lab.flow_log(&a).cells().len(), 3);
    let counters = lab.counters(&a);
    assert_eq!(
        counters.egress.overflow,
        Count {
            packets: 2,
            bytes: 120
        }
    );
    assert_eq!(
        counters.egress.accept,
        Count {
            packets: 5,
            bytes: 300
        }
    );
    // Idle cells make room.
    lab.wait_secs(120);
    let _ = lab.flow_log(&a);
    lab.send(udp(&a, &b, 9, 53)).reaches(&b);
    assert_eq!(lab.flow_log(&a).cells().len(), 1);
    lab.balances();
}

/// What finds no cell is remembered all the same, and handed over; once there is room it has a cell of its own.
#[test]
fn flows_beyond_the_allowance_are_as_quick_as_others() {
    let limits = openvpc_engine::Limits {
        flow_cells_per_eni_max: 2,
        ..openvpc_engine::Limits::default()
    };
    let lab = Lab::with_limits("10.0.0.0/16", limits);
    let (a, b) = (lab.eni("10.0.1.10").open(), lab.eni("10.0.1.11").open());
    lab.send(udp(&a, &b, 1, 53)).reaches(&b);
    lab.send(udp(&a, &b, 2, 53)).reaches(&b);
    let mut call = lab.tcp(&a, &b, 80);
    call.handshake();
    for _ in 0..4 {
        call.client(24, 100).reaches(&b);
        call.server(24, 100).reaches(&a);
    }
    let before = lab.forwarded_by_fast_path();
    for _ in 0..5 {
        call.client(24, 100).reaches(&b);
        call.server(24, 100).reaches(&a);
    }
    assert_eq!(lab.forwarded_by_fast_path() - before, 10);
    lab.balances();
    let overflow = lab.counters(&a).egress.overflow;
    assert_eq!(overflow.packets, 2 + 9, "SYN, ACK and what followed");
    // Idle cells make room, and the connection goes on in cells.
    let _ = lab.flow_log(&a);
    lab.wait_secs(120);
    let _ = lab.flow_log(&a);
    call.client(24, 100).reaches(&b);
    call.client(24, 100).reaches(&b);
    lab.balances();
    assert_eq!(lab.counters(&a).egress.overflow, overflow);
    assert_eq!(lab.flow_log(&a).cells().len(), 1);
}

/// A flow outlives its cell: the packet after a long silence is counted in a new one.
#[test]
fn a_cell_forgotten_while_idle_is_made_anew() {
    let (lab, web, _, bob) = stage();
    let mut call = lab.tcp(&bob, &web, 22);
    call.handshake();
    call.client(16, 10).reaches(&web);
    assert_eq!(lab.flow_log(&web).cells().len(), 2);
    lab.wait_secs(121);
    lab.flow_log(&web).is_empty();
    call.client(16, 10).reaches(&web);
    let log = lab.flow_log(&web);
    assert_eq!(
        (
            log.cells()[0].window().packets,
            log.cells()[0].total.packets
        ),
        (1, 1)
    );
    lab.balances();
}

/// A segmented frame counts as the packets it becomes.
#[test]
fn segmentation_offload_is_counted_in_packets() {
    let (lab, web, _, bob) = stage();
    let mut call = lab.tcp(&bob, &web, 22);
    call.handshake();
    let _ = lab.flow_log(&web);
    let shot = big_segment(&web, &bob, call.client_port(), call.next_sequences());
    lab.send(shot).reaches(&bob);
    let log = lab.flow_log(&web);
    let window = log.cells()[0].window();
    assert_eq!((window.packets, window.bytes), (3, 3_000 + 3 * 40));
}

fn big_segment(
    from: &Host,
    to: &Host,
    port: u16,
    [client, server]: [u32; 2],
) -> openvpc_testkit::Shot {
    use openvpc_testkit::{L4, Shot};
    let payload = vec![7; 3_000];
    let l4 = L4::Tcp {
        ports: (22, port),
        sequence: server,
        acknowledgement: client,
        flags: 16,
        payload,
    };
    Shot::new(from, to, true, l4).offload(openvpc_engine::Offload {
        needs_csum: true,
        csum_start: 34,
        csum_offset: 16,
        gso: openvpc_engine::GsoKind::Tcp4,
        gso_size: 1_000,
        hdr_len: 54,
    })
}
