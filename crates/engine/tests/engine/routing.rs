//! VPC user guide, "Configure route tables" and "Middlebox routing" (RT-2, RT-9, RT-10, ENI-2).

use openvpc_engine::DropReason::{
    DestinationCheck, NetworkAclOutbound, NoSuchHost, ReceiverNotAttached, RouteLoop,
    UnroutableDestination,
};
use openvpc_testkit::{Lab, To, ping, udp};

#[test]
fn the_local_route_joins_the_subnets() {
    let lab = Lab::vpc("10.0.0.0/16").ipv6("2001:db8:1:100::/56");
    let (a, b) = (
        lab.eni("10.0.1.10").ipv6(0x10).open(),
        lab.eni("10.0.2.10").ipv6(0x10).open(),
    );
    assert_eq!(lab.send(ping(&a, &b)).reaches(&b).packet().ttl, 63);
    lab.send(ping(&a, &b).over_ipv6(&b))
        .reaches(&b)
        .answered()
        .reaches(&a);
    lab.tcp(&a, &b, 80).handshake();
    lab.send(ping(&a, &b).to_address("10.0.2.77"))
        .dropped(NoSuchHost);
    lab.balances();
}

#[test]
fn inside_a_subnet_the_ttl_is_left_alone() {
    let lab = Lab::vpc("10.0.0.0/16");
    let (a, b) = (lab.eni("10.0.1.10").open(), lab.eni("10.0.1.11").open());
    assert_eq!(lab.send(ping(&a, &b).ttl(1)).reaches(&b).packet().ttl, 1);
}

/// RT-2: longest prefix, whatever else matches.
#[test]
fn the_longest_prefix_wins() {
    let lab = Lab::vpc("10.0.0.0/16").internet_gateway();
    let web = lab.eni("10.0.1.10").open().public("192.0.2.10");
    let middlebox = lab.eni("10.0.9.10").open().without_source_dest_check();
    let bob = lab.internet("203.0.113.12");
    lab.route(&web, "203.0.113.0/24", To::Host(&middlebox));
    lab.send(ping(&web, &bob)).reaches(&middlebox);
    lab.route(&web, "203.0.113.12/32", To::InternetGateway);
    lab.send(ping(&web, &bob)).reaches(&bob);
}

/// A NAT instance or firewall: both legs are logged, with the packet's own addresses beside the interface's.
#[test]
fn a_route_may_lead_through_an_interface() {
    let lab = Lab::vpc("10.0.0.0/16");
    let (a, b) = (lab.eni("10.0.1.10").open(), lab.eni("10.0.2.10").open());
    let middlebox = lab.eni("10.0.9.10").open();
    lab.route(&a, "10.0.2.0/24", To::Host(&middlebox));
    lab.send(ping(&a, &b)).dropped(DestinationCheck);
    let middlebox = middlebox.without_source_dest_check();
    let shot = ping(&a, &b);
    let arrived = lab.send(shot).reaches(&middlebox);
    // The middlebox sends it on.
    let mut frame = arrived.frames()[0].to_vec();
    frame[0..6].copy_from_slice(&middlebox.router_mac().0);
    frame[6..12].copy_from_slice(&middlebox.mac().0);
    lab.raw(&middlebox, frame)
        .reaches(&b)
        .answered()
        .reaches(&a);
    lab.flow_log(&middlebox).reads_in_full([
        "10.0.1.10 10.0.9.10 0 0 1 1 84 ACCEPT 0 ingress - 10.0.1.10 10.0.2.10",
        "10.0.9.10 10.0.2.10 0 0 1 1 84 ACCEPT 0 egress 1 10.0.1.10 10.0.2.10",
    ]);
    lab.balances();
}

#[test]
fn a_route_back_to_the_sender_is_a_loop() {
    let lab = Lab::vpc("10.0.0.0/16").internet_gateway();
    let middlebox = lab.eni("10.0.9.10").open().without_source_dest_check();
    let bob = lab.internet("203.0.113.12");
    lab.route(&middlebox, "203.0.113.0/24", To::Host(&middlebox));
    lab.send(ping(&middlebox, &bob)).dropped(RouteLoop);
    let router = middlebox.router_mac();
    lab.send(
        ping(&middlebox, &bob)
            .to_address("10.0.9.10")
            .to_mac(router),
    )
    .dropped(RouteLoop);
}

/// RT-10: a neighbour reached by way of the router is still a neighbour.
#[test]
fn the_router_does_not_ask_the_acl_for_a_neighbour() {
    let lab = Lab::vpc("10.0.0.0/16");
    let (a, b, far) = (
        lab.eni("10.0.1.10").open(),
        lab.eni("10.0.1.11").open(),
        lab.eni("10.0.2.10").open(),
    );
    lab.network_acl(&a).outbound("1 deny all to 0.0.0.0/0");
    lab.send(ping(&a, &b).to_mac(a.router_mac())).reaches(&b);
    lab.send(ping(&a, &far)).dropped(NetworkAclOutbound);
}

/// An instance may hand a packet to a neighbour by its Ethernet address; the neighbour's check still counts.
#[test]
fn a_neighbour_may_be_the_next_hop() {
    let lab = Lab::vpc("10.0.0.0/16");
    let (a, far) = (lab.eni("10.0.1.10").open(), lab.eni("10.0.2.10").open());
    let gateway = lab.eni("10.0.1.11").open();
    lab.send(ping(&a, &far).to_mac(gateway.mac()))
        .dropped(DestinationCheck);
    let gateway = gateway.without_source_dest_check();
    lab.send(ping(&a, &far).to_mac(gateway.mac()))
        .reaches(&gateway);
    lab.balances();
}

#[test]
fn a_detached_receiver_gets_and_logs_nothing() {
    let lab = Lab::vpc("10.0.0.0/16");
    let (a, b) = (lab.eni("10.0.1.10").open(), lab.eni("10.0.2.10").open());
    b.detach();
    lab.send(ping(&a, &b)).dropped(ReceiverNotAttached);
    lab.flow_log(&a).reads(["10.0.1.10 10.0.2.10 ACCEPT"]);
    lab.flow_log(&b).is_empty();
}

/// RT-8, I-15.
#[test]
fn link_local_ranges_are_never_routed() {
    let lab = Lab::vpc("10.0.0.0/16")
        .ipv6("2001:db8:1:100::/56")
        .internet_gateway();
    let web = lab.eni("10.0.1.10").ipv6(0x10).open().public("192.0.2.10");
    let (bob, bob6) = (
        lab.internet("203.0.113.12"),
        lab.internet("2001:db8:ffff::12"),
    );
    for address in ["169.254.168.1", "169.254.1.1", "127.0.0.1", "0.0.0.1"] {
        lab.send(udp(&web, &bob, 1, 2).to_address(address))
            .dropped(UnroutableDestination);
    }
    for address in ["fd00:ec2::1", "fe80::1234", "::1", "::ffff:10.0.2.10"] {
        lab.send(ping(&web, &bob6).to_address(address))
            .dropped(UnroutableDestination);
    }
    lab.balances();
}
