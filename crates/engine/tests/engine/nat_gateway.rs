//! VPC user guide, "NAT gateways"; NAT-1 … NAT-10, SG-7, and the records of spec 01 §6.

use openvpc_engine::DropReason::{
    Blackhole, ErrorPortAllocation, NatFragment, NatProtocol, NatUnsolicited, NetworkAclInbound,
    NetworkAclOutbound, NoPublicAddress, RouteLoop, TtlExceeded,
};
use openvpc_engine::{DropReason, Limits};
use openvpc_testkit::{Host, L4, Lab, Shot, To, egress, ping, syn, udp};
use openvpc_wire::Transport;

/// A private subnet behind a public NAT gateway in a public one, everything open; both have IPv6 too.
pub(crate) struct Behind {
    pub lab: Lab,
    pub inside: Host,
    pub nat: Host,
    pub web: Host,
    pub bob: Host,
}

pub(crate) fn behind(limits: Limits) -> Behind {
    let lab = Lab::with_limits("10.0.0.0/16", limits)
        .ipv6("2001:db8:1234:1a00::/56")
        .internet_gateway();
    let nat = lab.nat_gateway("10.0.0.220").public("192.0.2.9");
    let inside = lab.eni("10.0.1.5").ipv6(0x10).open();
    lab.route(&inside, "0.0.0.0/0", To::Nat(&nat));
    let web = lab.internet("198.51.100.80");
    let bob = lab.internet("203.0.113.5");
    Behind {
        lab,
        inside,
        nat,
        web,
        bob,
    }
}

fn stage() -> Behind {
    behind(Limits::default())
}

/// The source port of a segment or datagram, the identifier of an echo.
pub(crate) fn source_port(transport: Transport) -> u16 {
    match transport {
        Transport::Tcp(tcp) => tcp.source_port,
        Transport::Udp { source_port, .. } => source_port,
        Transport::Icmp { id, .. } => id,
        _ => 0,
    }
}

#[test]
fn ping_leaves_as_the_elastic_address_and_its_answer_comes_back() {
    let Behind {
        lab,
        inside,
        nat,
        bob,
        ..
    } = stage();
    let out = lab.send(ping(&inside, &bob).times(4)).reaches(&bob);
    // The router of the subnet, and the gateway (NAT-4).
    assert_eq!(out.packet().ttl, 62);
    let back = out
        .seen_as("192.0.2.9", "203.0.113.5")
        .answered()
        .reaches(&inside)
        .seen_as("203.0.113.5", "10.0.1.5");
    assert_eq!(back.packet().ttl, 62);
    lab.flow_log(&inside).reads_in_full([
        "10.0.1.5 203.0.113.5 0 0 1 4 336 ACCEPT 0 egress 1 10.0.1.5 203.0.113.5",
        "203.0.113.5 10.0.1.5 0 0 1 4 336 ACCEPT 0 ingress - 203.0.113.5 10.0.1.5",
    ]);
    lab.flow_log(&nat).reads_in_full([
        "10.0.1.5 10.0.0.220 0 0 1 4 336 ACCEPT 0 ingress - 10.0.1.5 203.0.113.5",
        "10.0.0.220 203.0.113.5 0 0 1 4 336 ACCEPT 0 egress 8 10.0.0.220 203.0.113.5",
        "203.0.113.5 10.0.0.220 0 0 1 4 336 ACCEPT 0 ingress - 203.0.113.5 10.0.0.220",
        "10.0.0.220 10.0.1.5 0 0 1 4 336 ACCEPT 0 egress 1 203.0.113.5 10.0.1.5",
    ]);
    lab.balances();
}

/// SG-7: a flow through a NAT gateway is tracked although every rule is open.
#[test]
fn a_connection_lives_and_ends_through_it() {
    let Behind {
        lab, inside, web, ..
    } = stage();
    let mut call = lab.tcp(&inside, &web, 80);
    call.handshake();
    for size in [10, 900, 1_400] {
        call.client(24, size)
            .reaches(&web)
            .seen_as("192.0.2.9", "198.51.100.80");
        call.server(24, size)
            .reaches(&inside)
            .seen_as("198.51.100.80", "10.0.1.5");
    }
    call.close();
    lab.balances();
}

#[test]
fn two_hosts_with_the_same_port_are_told_apart() {
    let Behind {
        lab, inside, web, ..
    } = stage();
    let other = lab.eni("10.0.1.6").open();
    let a = lab.send(udp(&inside, &web, 5_000, 53)).reaches(&web);
    let b = lab.send(udp(&other, &web, 5_000, 53)).reaches(&web);
    let ports = [&a, &b].map(|out| source_port(out.packet().transport));
    assert_ne!(ports[0], ports[1]);
    assert!(ports.iter().all(|port| *port >= 1_024), "{ports:?}");
    b.answered()
        .reaches(&other)
        .seen_as("198.51.100.80", "10.0.1.6");
    a.answered()
        .reaches(&inside)
        .seen_as("198.51.100.80", "10.0.1.5");
}

/// NAT-4: no port forwarding, no ping to itself; and only the very far end may answer.
#[test]
fn nothing_begins_outside() {
    let Behind {
        lab,
        inside,
        nat,
        web,
        bob,
    } = stage();
    lab.send(ping(&bob, &nat)).dropped(NatUnsolicited);
    lab.send(syn(&bob, &nat, 22)).dropped(NatUnsolicited);
    lab.send(ping(&inside, &nat)).dropped(NatUnsolicited);
    // The gateway's interface accepted each of them, so its records tell why they went no further; the sender's do not.
    let drops = |host| -> Vec<_> {
        let log = lab.flow_log(host);
        log.cells().iter().map(|cell| cell.why.drop()).collect()
    };
    assert_eq!(drops(&nat), [Some(NatUnsolicited); 3]);
    assert_eq!(drops(&inside), [None]);
    let out = lab.send(udp(&inside, &web, 5_000, 53)).reaches(&web);
    let port = source_port(out.packet().transport);
    lab.send(udp(&web, &nat, 53, port)).reaches(&inside);
    lab.send(udp(&web, &nat, 54, port)).dropped(NatUnsolicited);
    lab.send(udp(&bob, &nat, 53, port)).dropped(NatUnsolicited);
    lab.balances();
}

/// NAT-6: idle for 350 s, then a reset, never a FIN.
#[test]
fn an_idle_flow_ends_with_a_reset() {
    let Behind {
        lab, inside, web, ..
    } = stage();
    let mut call = lab.tcp(&inside, &web, 80);
    call.handshake();
    lab.wait_secs(349);
    call.client(24, 10).reaches(&web);
    lab.wait_secs(350);
    call.server(24, 10).dropped(NatUnsolicited);
    let reset = call.client(24, 10).replied();
    let segment = reset.segment();
    assert_eq!(segment.flags, 4, "RST and nothing else");
    assert_eq!(segment.destination_port, call.client_port());
    reset.seen_as("198.51.100.80", "10.0.1.5");
}

#[test]
fn a_translated_udp_flow_idles_out() {
    let Behind {
        lab,
        inside,
        nat,
        web,
        ..
    } = stage();
    let out = lab.send(udp(&inside, &web, 5_000, 53)).reaches(&web);
    let port = source_port(out.packet().transport);
    lab.wait_secs(350);
    lab.send(udp(&web, &nat, 53, port)).dropped(NatUnsolicited);
}

/// NAT-5: a flow that finds no free port is dropped, while those that have one go on.
#[test]
fn ports_run_out_by_destination() {
    let Behind {
        lab,
        inside,
        nat,
        web,
        bob,
    } = behind(Limits {
        conntrack_per_eni_max: 200_000,
        flow_cells_per_eni_max: 16,
        ..Limits::default()
    });
    for number in 0..55_000u32 {
        let port = 1_024 + number as u16;
        lab.send(udp(&inside, &web, port, 53)).reaches(&web);
    }
    lab.send(udp(&inside, &web, 60_000, 53))
        .dropped(ErrorPortAllocation);
    assert_eq!(lab.nat_gateway_counters(&nat).error_port_allocation, 1);
    assert_eq!(lab.nat_gateway_counters(&nat).active, 55_000);
    lab.send(udp(&inside, &web, 1_024, 53)).reaches(&web);
    // Another port, another protocol, another host: 55,000 each.
    lab.send(udp(&inside, &web, 60_000, 54)).reaches(&web);
    lab.send(syn(&inside, &web, 53)).reaches(&web);
    lab.send(udp(&inside, &bob, 60_000, 53)).reaches(&bob);
    lab.wait_secs(350);
    lab.send(udp(&inside, &web, 60_000, 53)).reaches(&web);
}

/// NAT-5: a second address has 55,000 of its own.
#[test]
fn a_second_address_carries_on() {
    let limits = Limits {
        conntrack_per_eni_max: 200_000,
        flow_cells_per_eni_max: 16,
        ..Limits::default()
    };
    let Behind {
        lab,
        inside,
        nat,
        web,
        ..
    } = behind(limits);
    let nat = nat.secondary("10.0.0.221").public_to_last("192.0.2.10");
    let mut seen = std::collections::BTreeMap::new();
    for number in 0..60_000u32 {
        let out = lab
            .send(udp(&inside, &web, 1_024 + number as u16, 53))
            .reaches(&web);
        *seen.entry(out.packet().source.to_string()).or_insert(0u32) += 1;
    }
    assert_eq!(seen.len(), 2, "{seen:?}");
    assert_eq!(lab.drops(ErrorPortAllocation), 0);
    drop(nat);
}

/// NAT-4: fragments of UDP pass, those of TCP and ICMP do not.
#[test]
fn only_datagrams_of_udp_may_come_in_pieces() {
    let Behind {
        lab, inside, web, ..
    } = stage();
    let first = |shot: Shot| {
        shot.edit(|bytes| {
            bytes[20] |= 0x20;
            openvpc_testkit::mend_ipv4_header(bytes);
        })
    };
    lab.send(first(ping(&inside, &web))).dropped(NatFragment);
    let segment = L4::Tcp {
        ports: (5_000, 80),
        sequence: 7,
        acknowledgement: 0,
        flags: 2,
        payload: vec![0; 4],
    };
    lab.send(first(Shot::new(&inside, &web, true, segment)))
        .dropped(NatFragment);
    let big = L4::Udp {
        ports: (5_000, 53),
        payload: vec![7; 64],
    };
    lab.send(first(Shot::new(&inside, &web, true, big)))
        .reaches(&web)
        .seen_as("192.0.2.9", "198.51.100.80");
}

/// NAT-4.
#[test]
fn other_protocols_end_here() {
    let Behind {
        lab, inside, web, ..
    } = stage();
    let gre = Shot::new(&inside, &web, true, L4::Raw(47, vec![0; 16]));
    lab.send(gre).dropped(NatProtocol);
}

/// NAT-7: the ACL of the gateway's subnet is asked on both legs, each way; REJECT is the gateway's.
#[test]
fn the_acl_of_its_subnet_holds_on_both_legs() {
    let Behind {
        lab,
        inside,
        nat,
        web,
        ..
    } = stage();
    let acl = lab.network_acl(&nat);
    acl.inbound("90 deny icmp from 10.0.1.0/24");
    lab.send(ping(&inside, &web)).dropped(NetworkAclInbound);
    acl.remove(90);
    acl.outbound("90 deny icmp to 198.51.100.0/24");
    lab.send(ping(&inside, &web)).dropped(NetworkAclOutbound);
    acl.remove(90);
    acl.inbound("90 deny icmp from 198.51.100.0/24");
    lab.send(ping(&inside, &web))
        .reaches(&web)
        .answered()
        .dropped(NetworkAclInbound);
    acl.remove(90);
    acl.outbound("90 deny icmp to 10.0.1.0/24");
    lab.send(ping(&inside, &web))
        .reaches(&web)
        .answered()
        .dropped(NetworkAclOutbound);
    lab.balances();
}

/// The rules of the instance go on holding (NAT-7).
#[test]
fn the_instance_keeps_its_own_rules() {
    let Behind { lab, nat, web, .. } = stage();
    let shy = lab
        .eni("10.0.1.7")
        .security_group([egress("tcp 443 to 0.0.0.0/0")]);
    lab.send(syn(&shy, &web, 80))
        .dropped(DropReason::SecurityGroupEgress);
    lab.send(syn(&shy, &web, 443)).reaches(&web);
    assert_eq!(lab.nat_gateway_counters(&nat).active, 1);
}

/// NAT-8: without an Elastic address the internet gateway does not know it.
#[test]
fn a_private_gateway_does_not_reach_the_internet() {
    let lab = Lab::vpc("10.0.0.0/16").internet_gateway();
    let nat = lab.nat_gateway("10.0.0.220");
    let inside = lab.eni("10.0.1.5").open();
    let web = lab.internet("198.51.100.80");
    lab.route(&inside, "0.0.0.0/0", To::Nat(&nat));
    lab.send(ping(&inside, &web)).dropped(NoPublicAddress);
}

/// A private gateway between two subnets of one VPC (RT-4 lets a NAT gateway be the target of a subnet's block).
#[test]
fn a_private_gateway_hides_a_subnet_from_another() {
    let lab = Lab::vpc("10.0.0.0/16");
    let nat = lab.nat_gateway("10.0.9.220");
    let inside = lab.eni("10.0.1.5").open();
    let server = lab.eni("10.0.2.5").open();
    lab.route(&inside, "10.0.2.0/24", To::Nat(&nat));
    lab.send(udp(&inside, &server, 5_000, 53))
        .reaches(&server)
        .seen_as("10.0.9.220", "10.0.2.5")
        .answered()
        .reaches(&inside)
        .seen_as("10.0.2.5", "10.0.1.5");
    lab.balances();
}

#[test]
fn gateways_may_stand_in_a_row_but_not_in_a_circle() {
    let Behind {
        lab,
        inside,
        nat,
        web,
        ..
    } = stage();
    let first = lab.nat_gateway("10.0.5.220");
    lab.route(&inside, "0.0.0.0/0", To::Nat(&first));
    lab.route(&first, "0.0.0.0/0", To::Nat(&nat));
    let out = lab.send(udp(&inside, &web, 5_000, 53)).reaches(&web);
    out.seen_as("192.0.2.9", "198.51.100.80")
        .answered()
        .reaches(&inside)
        .seen_as("198.51.100.80", "10.0.1.5");
    lab.route(&nat, "0.0.0.0/0", To::Nat(&first));
    lab.send(udp(&inside, &web, 5_001, 53)).dropped(RouteLoop);
    lab.route(&first, "0.0.0.0/0", To::Nat(&first));
    lab.send(udp(&inside, &web, 5_002, 53)).dropped(RouteLoop);
    lab.balances();
}

/// To the gateway's own public address from behind it: nobody listens there.
#[test]
fn there_is_no_hairpin() {
    let Behind {
        lab, inside, nat, ..
    } = stage();
    let public = nat.public_address().unwrap().to_string();
    lab.send(udp(&inside, &nat, 5_000, 53).to_address(&public))
        .dropped(NatUnsolicited);
}

/// NAT-10.
#[test]
fn a_route_to_what_is_no_gateway_is_a_blackhole() {
    let Behind {
        lab, inside, web, ..
    } = stage();
    let other = lab.eni("10.0.7.7").open();
    lab.route(&inside, "0.0.0.0/0", To::Nat(&other));
    lab.send(ping(&inside, &web)).dropped(Blackhole);
}

/// NAT-4: it is a hop, with its private address.
#[test]
fn traceroute_shows_it() {
    let Behind {
        lab,
        inside,
        nat,
        web,
        ..
    } = stage();
    let probe = |port| udp(&inside, &web, port, 33_434);
    let router = lab.send(probe(40_001).ttl(1)).replied();
    assert_eq!(router.packet().source.to_string(), "10.0.1.1");
    let gateway = lab.send(probe(40_002).ttl(2)).replied();
    assert_eq!(gateway.packet().source.to_string(), "10.0.0.220");
    // Who accepted the packet last tells why it went no further, though its sender was told.
    let drops = |host| -> Vec<_> {
        let log = lab.flow_log(host);
        let told = log.cells().iter();
        let mut told: Vec<_> = told
            .map(|cell| (cell.source_port, cell.why.drop()))
            .collect();
        told.sort_by_key(|(port, _)| *port);
        told
    };
    let spent = Some(TtlExceeded);
    assert_eq!(drops(&inside), [(40_001, spent), (40_002, None)]);
    assert_eq!(drops(&nat), [(40_002, spent)]);
}

/// NAT-6: errors about a translated flow, turned inside out in both directions.
#[test]
fn icmp_errors_are_translated_with_what_they_quote() {
    let Behind {
        lab,
        inside,
        nat,
        web,
        bob,
    } = stage();
    let out = lab.send(udp(&inside, &web, 5_000, 53)).reaches(&web);
    let port = source_port(out.packet().transport);
    // Web has no such port: its error quotes what it saw.
    let quote = out.frames()[0][14..42].to_vec();
    let unreachable = |quote: Vec<u8>| {
        let mut message = vec![3, 3, 0, 0, 0, 0, 0, 0];
        message.extend(quote);
        L4::Icmp(message)
    };
    let error = Shot::new(&web, &nat, true, unreachable(quote.clone()));
    let arrived = lab
        .send(error)
        .reaches(&inside)
        .seen_as("198.51.100.80", "10.0.1.5");
    let bytes = arrived.frames()[0].to_vec();
    let quoted = &bytes[14 + 20 + 8..];
    assert_eq!(quoted[12..16], [10, 0, 1, 5], "the inside address");
    assert_eq!(quoted[20..22], 5_000u16.to_be_bytes(), "the inside port");
    // The same from somebody who only guesses: another port of the gateway's.
    let mut forged = quote;
    forged[20..22].copy_from_slice(&(port ^ 1).to_be_bytes());
    lab.send(Shot::new(&bob, &nat, true, unreachable(forged)))
        .dropped(NatUnsolicited);

    // An error about an answer, on its way out.
    let answer = lab.send(udp(&web, &nat, 53, port)).reaches(&inside);
    let quote = answer.frames()[0][14..42].to_vec();
    let out = lab
        .send(Shot::new(&inside, &web, true, unreachable(quote)))
        .reaches(&web)
        .seen_as("192.0.2.9", "198.51.100.80");
    let bytes = out.frames()[0].to_vec();
    let quoted = &bytes[14 + 20 + 8..];
    assert_eq!(quoted[16..20], [192, 0, 2, 9], "nobody inside is shown");
    assert_eq!(quoted[22..24], port.to_be_bytes());
    lab.balances();
}

/// D5: the same with everything remembered forgotten between packets, which the laboratory compares packet by packet.
#[test]
fn an_unrelated_change_breaks_no_flow() {
    let Behind {
        lab, inside, web, ..
    } = stage();
    let mut call = lab.tcp(&inside, &web, 80);
    call.handshake();
    for _ in 0..3 {
        call.client(24, 10).reaches(&web);
        lab.recompile();
        call.server(24, 10).reaches(&inside);
    }
    lab.balances();
}
