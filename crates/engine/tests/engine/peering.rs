//! VPC peering guide; PCX-30 … PCX-37, PCX-40, PCX-42 and the records of spec 05 §8.

use openvpc_engine::DropReason::{
    NetworkAclOutbound, NoRoute, NoSuchHost, PacketTooBig, PeeringNotTransitive,
    SecurityGroupEgress, SecurityGroupIngress,
};
use openvpc_engine::Stage;
use openvpc_testkit::{
    Host, L4, Lab, Shot, To, VpcRef, egress, ingress, mend_ipv4_header, ping, syn,
};

/// A 10.0.0.0/16 and B 10.1.0.0/16, peered, with routes on both sides and everything open.
struct Peered {
    lab: Lab,
    a_vpc: VpcRef,
    b_vpc: VpcRef,
    a: Host,
    b: Host,
}

fn peered() -> Peered {
    let lab = Lab::vpc("10.0.0.0/16");
    let (a_vpc, b_vpc) = (lab.first(), lab.another_vpc("10.1.0.0/16"));
    let (a, b) = (a_vpc.eni("10.0.1.10").open(), b_vpc.eni("10.1.1.10").open());
    lab.route(&a, "10.1.0.0/16", To::Peer(&b_vpc));
    lab.route(&b, "10.0.0.0/16", To::Peer(&a_vpc));
    Peered {
        lab,
        a_vpc,
        b_vpc,
        a,
        b,
    }
}

#[test]
fn a_ping_crosses_and_comes_back_untranslated() {
    let Peered { lab, a, b, .. } = peered();
    let out = lab.send(ping(&a, &b).times(4)).reaches(&b);
    assert!(
        out.trace()
            .steps
            .iter()
            .any(|step| step.stage == Stage::Peering),
        "{:?}",
        out.trace()
    );
    out.seen_as("10.0.1.10", "10.1.1.10")
        .answered()
        .reaches(&a)
        .seen_as("10.1.1.10", "10.0.1.10");
    lab.flow_log(&a).reads_in_full([
        "10.0.1.10 10.1.1.10 0 0 1 4 336 ACCEPT 0 egress 4 10.0.1.10 10.1.1.10",
        "10.1.1.10 10.0.1.10 0 0 1 4 336 ACCEPT 0 ingress - 10.1.1.10 10.0.1.10",
    ]);
    lab.flow_log(&b).reads_in_full([
        "10.0.1.10 10.1.1.10 0 0 1 4 336 ACCEPT 0 ingress - 10.0.1.10 10.1.1.10",
        "10.1.1.10 10.0.1.10 0 0 1 4 336 ACCEPT 0 egress 4 10.1.1.10 10.0.1.10",
    ]);
    lab.balances();
}

#[test]
fn connections_live_through_it() {
    let Peered { lab, a, b, .. } = peered();
    let mut call = lab.tcp(&a, &b, 80);
    call.handshake();
    call.client(24, 900).reaches(&b);
    call.server(24, 900).reaches(&a);
    call.close();
    lab.balances();
}

/// PCX-30: a packet needs the sender's route, a conversation both.
#[test]
fn with_a_route_on_one_side_requests_arrive_and_answers_do_not() {
    let Peered { lab, a, b, .. } = peered();
    lab.no_route(&b, "10.0.0.0/16");
    lab.send(ping(&a, &b))
        .reaches(&b)
        .answered()
        .dropped(NoRoute);
    lab.send(ping(&b, &a)).dropped(NoRoute);
    lab.flow_log(&a).reads(["10.0.1.10 10.1.1.10 ACCEPT"]);
    lab.flow_log(&b)
        .reads(["10.0.1.10 10.1.1.10 ACCEPT", "10.1.1.10 10.0.1.10 ACCEPT"]);
    lab.balances();
}

/// §5: A–B and B–C do not make A–C, with routes everywhere.
#[test]
fn it_is_never_transitive() {
    let Peered {
        lab, b_vpc, a, b, ..
    } = peered();
    let c_vpc = lab.another_vpc("10.2.0.0/16");
    let c = c_vpc.eni("10.2.1.10").open();
    lab.route(&b, "10.2.0.0/16", To::Peer(&c_vpc));
    lab.route(&c, "10.1.0.0/16", To::Peer(&b_vpc));
    lab.send(ping(&b, &c)).reaches(&c).answered().reaches(&b);
    lab.route(&a, "10.2.0.0/16", To::Peer(&b_vpc));
    lab.route(&c, "10.0.0.0/16", To::Peer(&b_vpc));
    lab.flow_log(&b);
    lab.flow_log(&c);
    lab.send(ping(&a, &c)).dropped(PeeringNotTransitive);
    lab.send(ping(&c, &a)).dropped(PeeringNotTransitive);
    lab.flow_log(&a).reads(["10.0.1.10 10.2.1.10 ACCEPT"]);
    lab.flow_log(&b).is_empty();
    lab.flow_log(&c).reads(["10.2.1.10 10.0.1.10 ACCEPT"]);
    lab.balances();
}

/// §5: no edge-to-edge routing, neither by B's internet gateway nor by its NAT gateway or egress-only gateway.
#[test]
fn the_peers_gateways_are_out_of_reach() {
    let lab = Lab::vpc("10.1.0.0/16")
        .internet_gateway()
        .ipv6("2001:db8:1:b00::/56");
    let b_vpc = lab.first();
    let eigw = lab.egress_only_gateway();
    let nat = lab.nat_gateway("10.1.0.220").public("192.0.2.9");
    let b = lab.eni("10.1.1.10").ipv6(0x10).open().public("192.0.2.10");
    lab.route(&b, "0.0.0.0/0", To::Nat(&nat));
    lab.route(&b, "::/0", To::EgressOnly(eigw));
    let a_vpc = lab.another_vpc("10.0.0.0/16");
    a_vpc.ipv6("2001:db8:1:a00::/56");
    let a = a_vpc.eni("10.0.1.10").ipv6(0x10).open();
    let web = lab.internet("198.51.100.80");
    let web6 = lab.internet("2001:db8:ffff::80");
    lab.route(&a, "0.0.0.0/0", To::Peer(&b_vpc));
    lab.route(&a, "::/0", To::Peer(&b_vpc));
    lab.route(&b, "10.0.0.0/16", To::Peer(&a_vpc));
    lab.send(ping(&a, &web)).dropped(PeeringNotTransitive);
    lab.send(ping(&a, &web6).over_ipv6(&web6))
        .dropped(PeeringNotTransitive);
    // B's public address is no address of B.
    lab.send(ping(&a, &b)).dropped(PeeringNotTransitive);
    lab.send(ping(&a, &b).to_address("10.1.1.10")).reaches(&b);
    lab.flow_log(&nat).is_empty();
    lab.balances();
}

/// 02, EO-30, EO-31: a peer's block is reached by the connection although ::/0 leads to the egress-only gateway, and what
/// comes by the connection never leaves by the far side's gateway.
#[test]
fn an_egress_only_gateway_beside_a_connection() {
    let lab = Lab::vpc("10.0.0.0/16").ipv6("2001:db8:1:a00::/56");
    let a_vpc = lab.first();
    let b_vpc = lab.another_vpc("10.1.0.0/16");
    b_vpc.ipv6("2001:db8:1:b00::/56");
    let a = a_vpc.eni("10.0.1.10").ipv6(0x10).open();
    let b = b_vpc.eni("10.1.1.10").ipv6(0x10).open();
    let web = lab.internet("2001:db8:ffff::80");
    for (host, vpc, peer, block) in [
        (&a, &a_vpc, &b_vpc, "2001:db8:1:b00::/56"),
        (&b, &b_vpc, &a_vpc, "2001:db8:1:a00::/56"),
    ] {
        lab.route(host, "::/0", To::EgressOnly(vpc.egress_only_gateway()));
        lab.route(host, block, To::Peer(peer));
    }
    lab.send(ping(&a, &b).over_ipv6(&b))
        .reaches(&b)
        .answered()
        .reaches(&a);
    lab.send(ping(&a, &web).over_ipv6(&web)).reaches(&web);
    // Without a gateway of its own, A leads everything to B, whose gateway is for B's own.
    lab.route(&a, "::/0", To::Peer(&b_vpc));
    lab.send(ping(&a, &web).over_ipv6(&web))
        .dropped(PeeringNotTransitive);
    lab.send(ping(&b, &web).over_ipv6(&web)).reaches(&web);
    lab.balances();
}

/// §3: a peer's resolver never answers; nor does its router.
#[test]
fn the_peers_resolver_and_router_are_out_of_reach() {
    let Peered { lab, a, b, .. } = peered();
    for address in ["10.1.0.2", "10.1.1.1", "10.1.255.255"] {
        lab.send(ping(&a, &b).to_address(address))
            .dropped(NoSuchHost);
    }
}

/// PCX-35.
#[test]
fn groups_and_acls_act_at_both_ends() {
    let Peered { lab, a, b, .. } = peered();
    lab.network_acl(&b).outbound("90 deny icmp to 0.0.0.0/0");
    lab.send(ping(&a, &b))
        .reaches(&b)
        .answered()
        .dropped(NetworkAclOutbound);
    lab.flow_log(&b)
        .reads(["10.0.1.10 10.1.1.10 ACCEPT", "10.1.1.10 10.0.1.10 REJECT"]);
    lab.network_acl(&b).remove(90);
    let closed = lab.another_vpc("10.3.0.0/16");
    let c = closed.eni("10.3.1.10");
    lab.route(&a, "10.3.0.0/16", To::Peer(&closed));
    lab.send(ping(&a, &c)).dropped(SecurityGroupIngress);
    lab.flow_log(&c).reads(["10.0.1.10 10.3.1.10 REJECT"]);
    lab.balances();
}

/// PCX-40: a rule names a group of the peer, which means the private addresses of its members.
#[test]
fn a_rule_may_name_a_group_of_the_peer() {
    let Peered {
        lab, a_vpc, b_vpc, ..
    } = peered();
    lab.group("ga", []);
    lab.group("gb", []);
    let member = a_vpc
        .eni("10.0.1.20")
        .in_group("ga")
        .security_group([egress("tcp 80 to peer:1:gb")]);
    let stranger = a_vpc.eni("10.0.1.21").open();
    let b = b_vpc
        .eni("10.1.1.20")
        .in_group("gb")
        .security_group([ingress("tcp 80 from peer:0:ga")]);
    let other = b_vpc.eni("10.1.1.21").open();
    let mut call = lab.tcp(&member, &b, 80);
    call.handshake();
    call.close();
    lab.send(syn(&stranger, &b, 80))
        .dropped(SecurityGroupIngress);
    lab.send(syn(&member, &other, 80))
        .dropped(SecurityGroupEgress);
    // The group of the other VPC, not a namesake's address in one's own.
    let near = a_vpc.eni("10.0.1.22").in_group("gb").open();
    lab.send(syn(&member, &near, 80))
        .dropped(SecurityGroupEgress);
    lab.balances();
}

/// SG-5 across a connection: what a middlebox passes on does not come from the member.
#[test]
fn a_forwarded_packet_is_no_members() {
    let Peered {
        lab,
        a_vpc,
        b_vpc,
        a,
        ..
    } = peered();
    lab.group("ga", []);
    let member = a_vpc.eni("10.0.2.20").in_group("ga").open();
    let middlebox = a.without_source_dest_check();
    let b = b_vpc
        .eni("10.1.1.20")
        .security_group([ingress("icmp from peer:0:ga")]);
    lab.route(&member, "10.1.0.0/16", To::Peer(&b_vpc));
    lab.send(ping(&member, &b)).reaches(&b);
    lab.send(ping(&middlebox, &b).from_address("10.0.2.20"))
        .dropped(SecurityGroupIngress);
}

/// PCX-32: no reverse-path check; of two peers with one CIDR the more specific route tells, and the reply follows
/// B's own table, even to the wrong one.
#[test]
fn the_reply_follows_the_receivers_own_table() {
    let Peered { lab, b, .. } = peered();
    let twin_vpc = lab.another_vpc("10.0.0.0/16");
    let twin = twin_vpc.eni("10.0.1.10").open();
    let other = twin_vpc.eni("10.0.7.7").open();
    lab.route(&twin, "10.1.0.0/16", To::Peer(&lab.vpc_number(1)));
    let out = lab.send(ping(&twin, &b)).reaches(&b).answered();
    out.dropped(openvpc_engine::DropReason::NoConnection);
    lab.route(&b, "10.0.7.0/24", To::Peer(&twin_vpc));
    lab.send(ping(&b, &other)).reaches(&other);
}

/// PCX-36.
#[test]
fn ipv6_crosses_too() {
    let lab = Lab::vpc("10.0.0.0/16").ipv6("2001:db8:1:a00::/56");
    let (a_vpc, b_vpc) = (lab.first(), lab.another_vpc("10.1.0.0/16"));
    b_vpc.ipv6("2001:db8:1:b00::/56");
    let (a, b) = (
        a_vpc.eni("10.0.1.10").ipv6(0x10).open(),
        b_vpc.eni("10.1.1.10").ipv6(0x10).open(),
    );
    lab.send(ping(&a, &b).over_ipv6(&b)).dropped(NoRoute);
    lab.route(&a, "2001:db8:1:b00::/56", To::Peer(&b_vpc));
    lab.route(&b, "2001:db8:1:a00::/56", To::Peer(&a_vpc));
    lab.send(ping(&a, &b).over_ipv6(&b))
        .reaches(&b)
        .answered()
        .reaches(&a);
    lab.balances();
}

/// PCX-37.
#[test]
fn packets_are_large_within_a_region_and_small_between() {
    let Peered {
        lab, b_vpc, a, b, ..
    } = peered();
    let large = |size: usize| {
        let mut message = vec![8, 0, 0, 0, 0, 1, 0, 1];
        message.resize(size - 20, 0);
        Shot::new(&a, &b, true, L4::Icmp(message)).edit(|bytes| {
            bytes[20] |= 0x40;
            mend_ipv4_header(bytes);
        })
    };
    lab.send(large(9_001)).reaches(&b);
    lab.route(&a, "10.1.0.0/16", To::FarPeer(&b_vpc));
    lab.send(large(1_500)).reaches(&b);
    let told = lab.send(large(1_501)).replied();
    assert_eq!(told.frames()[0][34..36], [3, 4], "fragmentation needed");
    assert_eq!(lab.drops(PacketTooBig), 0, "it was answered");
    assert_eq!(told.frames()[0][40..42], 1_500u16.to_be_bytes());
    lab.flow_log(&a).reads_in_full([
        "10.0.1.10 10.1.1.10 0 0 1 1 9001 ACCEPT 0 egress 4 10.0.1.10 10.1.1.10",
        "10.0.1.10 10.1.1.10 0 0 1 2 3001 ACCEPT 0 egress 5 10.0.1.10 10.1.1.10",
    ]);
}

/// A private NAT gateway's way to a network whose hosts know only its address.
#[test]
fn a_private_nat_gateway_leads_across() {
    let Peered { lab, a_vpc, b, .. } = peered();
    let nat = lab.nat_gateway("10.0.9.220");
    let inside = a_vpc.eni("10.0.5.5").open();
    lab.route(&nat, "10.1.0.0/16", To::Peer(&lab.vpc_number(1)));
    lab.route(&inside, "10.1.0.0/16", To::Nat(&nat));
    lab.send(ping(&inside, &b))
        .reaches(&b)
        .seen_as("10.0.9.220", "10.1.1.10")
        .answered()
        .reaches(&inside)
        .seen_as("10.1.1.10", "10.0.5.5");
    lab.balances();
}
