//! VPC user guide, "Middlebox routing wizard" and "Gateway route tables" (RT-1, RT-4, RT-12): a firewall between the
//! internet and a subnet, and between two subnets.

use openvpc_engine::DropReason::{
    Blackhole, DestinationCheck, NetworkAclInbound, NoReturnRoute, RouteLoop, SecurityGroupIngress,
};
use openvpc_testkit::{Host, Lab, Outcome, To, ingress, ping, syn};

/// The guide's example: the firewall's subnet leads to the gateway, the application's to the firewall, and the gateway's
/// own table sends what comes for the application to the firewall.
fn stage() -> (Lab, Host, Host, Host) {
    let lab = Lab::vpc("10.0.0.0/16")
        .ipv6("2001:db8:1234:1a00::/56")
        .internet_gateway();
    let app = lab.eni("10.0.1.10").ipv6(0x10).open().public("192.0.2.10");
    let firewall = lab
        .eni("10.0.9.10")
        .ipv6(0x90)
        .open()
        .without_source_dest_check();
    let bob = lab.internet("203.0.113.12");
    lab.route(&app, "0.0.0.0/0", To::Host(&firewall));
    lab.route(&app, "::/0", To::Host(&firewall));
    lab.edge_route("10.0.1.0/24", To::Host(&firewall));
    (lab, app, firewall, bob)
}

/// The firewall hands a packet that it got back to its router.
fn forwarded(lab: &Lab, firewall: &Host, got: &Outcome) -> Outcome {
    let mut frame = got.frames()[0].to_vec();
    frame[0..6].copy_from_slice(&firewall.router_mac().0);
    frame[6..12].copy_from_slice(&firewall.mac().0);
    lab.raw(firewall, frame)
}

#[test]
fn both_directions_lead_through_the_firewall() {
    let (lab, app, firewall, bob) = stage();
    let got = lab
        .send(ping(&bob, &app))
        .reaches(&firewall)
        .seen_as("203.0.113.12", "10.0.1.10");
    let answer = forwarded(&lab, &firewall, &got)
        .reaches(&app)
        .answered()
        .reaches(&firewall);
    forwarded(&lab, &firewall, &answer)
        .reaches(&bob)
        .seen_as("192.0.2.10", "203.0.113.12");
    lab.flow_log(&firewall).reads_in_full([
        "203.0.113.12 10.0.9.10 0 0 1 1 84 ACCEPT 0 ingress - 203.0.113.12 10.0.1.10",
        "10.0.9.10 10.0.1.10 0 0 1 1 84 ACCEPT 0 egress 1 203.0.113.12 10.0.1.10",
        "10.0.1.10 10.0.9.10 0 0 1 1 84 ACCEPT 0 ingress - 10.0.1.10 203.0.113.12",
        "10.0.9.10 203.0.113.12 0 0 1 1 84 ACCEPT 0 egress 8 10.0.1.10 203.0.113.12",
    ]);
    lab.balances();
}

#[test]
fn an_edge_table_steers_ipv6_too() {
    let (lab, app, firewall, _) = stage();
    let bob = lab.internet("2001:db8:ffff::12");
    lab.send(ping(&bob, &app)).dropped(NoReturnRoute);
    let block = format!("{}/64", app.address(false));
    let block: ipnet::Ipv6Net = block.parse().unwrap();
    lab.edge_route(&block.trunc().to_string(), To::Host(&firewall));
    let got = lab.send(ping(&bob, &app)).reaches(&firewall);
    forwarded(&lab, &firewall, &got).reaches(&app);
}

/// Only what is routed to the firewall goes there; the rest of the VPC is local.
#[test]
fn the_rest_of_the_vpc_is_local() {
    let (lab, _, firewall, bob) = stage();
    let web = lab.eni("10.0.2.10").open().public("192.0.2.20");
    lab.send(ping(&bob, &web)).reaches(&web);
    lab.edge_route("10.0.0.0/16", To::Host(&firewall));
    lab.send(ping(&bob, &web)).reaches(&firewall);
    lab.edge_route("10.0.0.0/16", To::Local);
    lab.send(ping(&bob, &web)).reaches(&web);
}

/// The firewall is the receiver in every respect: its check, its groups, its subnet's ACL, its way back.
#[test]
fn the_firewall_is_asked_in_the_owners_stead() {
    let (lab, app, firewall, bob) = stage();
    let checked = lab.eni("10.0.9.11").open();
    lab.edge_route("10.0.1.0/24", To::Host(&checked));
    lab.send(ping(&bob, &app)).dropped(DestinationCheck);
    let closed = lab.eni("10.0.9.12").without_source_dest_check();
    lab.edge_route("10.0.1.0/24", To::Host(&closed));
    lab.send(ping(&bob, &app)).dropped(SecurityGroupIngress);
    let closed = closed.security_group([ingress("icmp from 203.0.113.12/32")]);
    lab.send(ping(&bob, &app)).reaches(&closed);
    lab.edge_route("10.0.1.0/24", To::Host(&firewall));
    lab.network_acl(&firewall)
        .inbound("1 deny tcp 80 from 0.0.0.0/0");
    lab.send(syn(&bob, &app, 80)).dropped(NetworkAclInbound);
    lab.no_route(&firewall, "0.0.0.0/0");
    lab.send(ping(&bob, &app)).dropped(NoReturnRoute);
}

/// RT-9: a deleted firewall lets nothing in; without an edge table the owner's subnet decides again.
#[test]
fn a_firewall_that_is_gone_is_a_blackhole() {
    let (lab, app, _, bob) = stage();
    lab.edge_route("10.0.1.0/24", To::Blackhole);
    lab.send(ping(&bob, &app)).dropped(Blackhole);
    lab.flow_log(&app).is_empty();
    lab.no_edge_table();
    lab.send(ping(&bob, &app)).dropped(NoReturnRoute);
    lab.route(&app, "0.0.0.0/0", To::InternetGateway);
    lab.send(ping(&bob, &app)).reaches(&app);
}

/// The firewall calls the application by its public address: the packet comes back to the firewall itself.
#[test]
fn what_the_firewall_sends_to_the_public_address_does_not_return_to_it() {
    let (lab, app, firewall, _) = stage();
    let firewall = firewall.public("192.0.2.90");
    lab.send(ping(&firewall, &app).to_address("192.0.2.10"))
        .dropped(RouteLoop);
}

/// RT-4: a route to a whole subnet beats the local route, one way at a time.
#[test]
fn a_more_specific_route_leads_between_subnets() {
    let lab = Lab::vpc("10.0.0.0/16");
    let (a, b) = (lab.eni("10.0.1.10").open(), lab.eni("10.0.2.10").open());
    let other = lab.eni("10.0.3.10").open();
    let firewall = lab.eni("10.0.9.10").open().without_source_dest_check();
    lab.route(&a, "10.0.2.0/24", To::Host(&firewall));
    let got = lab.send(ping(&a, &b)).reaches(&firewall);
    // Nothing leads the answer back by the firewall.
    forwarded(&lab, &firewall, &got)
        .reaches(&b)
        .answered()
        .reaches(&a);
    lab.send(ping(&a, &other)).reaches(&other);
    lab.route(&a, "10.0.2.0/24", To::Blackhole);
    lab.send(ping(&a, &b)).dropped(Blackhole);
    lab.no_route(&a, "10.0.2.0/24");
    lab.send(ping(&a, &b)).reaches(&b);
}

/// RT-1: the local route itself retargeted, and restored.
#[test]
fn the_local_route_may_lead_to_a_firewall() {
    let lab = Lab::vpc("10.0.0.0/16");
    let (a, b) = (lab.eni("10.0.1.10").open(), lab.eni("10.0.2.10").open());
    let neighbour = lab.eni("10.0.1.11").open();
    let firewall = lab.eni("10.0.9.10").open().without_source_dest_check();
    lab.route(&a, "10.0.0.0/16", To::Host(&firewall));
    lab.send(ping(&a, &b)).reaches(&firewall);
    // RT-10: neighbours stay neighbours.
    lab.send(ping(&a, &neighbour)).reaches(&neighbour);
    lab.route(&a, "10.0.0.0/16", To::Local);
    lab.send(ping(&a, &b)).reaches(&b);
}

/// 00 §12: only a packet for the same subnet goes from step 4 to step 8; one for elsewhere left the subnet (RT-10) and comes
/// in again, through both ACLs, even if the firewall stands beside its sender.
#[test]
fn a_firewall_in_the_senders_own_subnet() {
    let lab = Lab::vpc("10.0.0.0/16");
    let (a, b) = (lab.eni("10.0.1.10").open(), lab.eni("10.0.2.10").open());
    let firewall = lab.eni("10.0.1.11").open().without_source_dest_check();
    lab.route(&a, "10.0.2.0/24", To::Host(&firewall));
    lab.send(ping(&a, &b)).reaches(&firewall);
    lab.network_acl(&a).inbound("1 deny all from 10.0.1.0/24");
    lab.send(ping(&a, &b)).dropped(NetworkAclInbound);
    lab.send(ping(&a, &firewall)).reaches(&firewall);
    lab.network_acl(&a).outbound("1 deny all to 10.0.2.0/24");
    lab.send(ping(&a, &b))
        .dropped(openvpc_engine::DropReason::NetworkAclOutbound);
}
