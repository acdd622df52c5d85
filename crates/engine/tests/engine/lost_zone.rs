//! A lost availability zone (D13): its interfaces carry nothing, and what they carried does not heal.

use openvpc_engine::DropReason::{NoConnection, ZoneLost};
use openvpc_testkit::{Lab, To, egress, ingress, ping, syn};

#[test]
fn nothing_enters_or_leaves_its_interfaces() {
    let lab = Lab::vpc("10.0.0.0/16").internet_gateway();
    let here = lab.eni("10.0.1.10").open().public("192.0.2.10");
    let neighbour = lab.eni("10.0.1.11").open();
    let elsewhere = lab.eni("10.0.2.10").open().public("192.0.2.20");
    let bob = lab.internet("203.0.113.12");
    lab.zone_lost(&here, true);
    lab.flow_log(&here);
    lab.send(ping(&here, &elsewhere)).dropped(ZoneLost);
    lab.send(ping(&here, &neighbour)).dropped(ZoneLost);
    lab.send(ping(&here, &bob)).dropped(ZoneLost);
    lab.send(ping(&elsewhere, &here)).dropped(ZoneLost);
    lab.send(ping(&bob, &here)).dropped(ZoneLost);
    // The gateway to the internet is of no zone.
    lab.send(ping(&elsewhere, &bob))
        .reaches(&bob)
        .answered()
        .reaches(&elsewhere);
    lab.flow_log(&here).is_empty();
    lab.zone_lost(&here, false);
    lab.send(ping(&elsewhere, &here))
        .reaches(&here)
        .answered()
        .reaches(&elsewhere);
    lab.balances();
}

/// What an interface of the zone knew of its connections is gone when it comes back.
#[test]
fn a_connection_does_not_outlive_it() {
    let lab = Lab::vpc("10.0.0.0/16");
    let client = lab
        .eni("10.0.1.10")
        .security_group([egress("tcp 80 to 10.0.0.0/16")]);
    let server = lab
        .eni("10.0.2.10")
        .security_group([ingress("tcp 80 from 10.0.0.0/16")]);
    let mut call = lab.tcp(&client, &server, 80);
    call.handshake();
    lab.zone_lost(&server, true);
    call.client(24, 100).dropped(ZoneLost);
    lab.zone_lost(&server, false);
    call.client(24, 100).dropped(NoConnection);
    lab.send(syn(&client, &server, 80)).reaches(&server);
    lab.balances();
}

#[test]
fn its_nat_gateway_goes_with_it() {
    let lab = Lab::vpc("10.0.0.0/16").internet_gateway();
    let nat = lab.nat_gateway("10.0.0.220").public("192.0.2.9");
    let inside = lab.eni("10.0.1.10").open();
    let web = lab.internet("198.51.100.80");
    lab.route(&inside, "0.0.0.0/0", To::Nat(&nat));
    let mut call = lab.tcp(&inside, &web, 80);
    call.handshake();
    lab.zone_lost(&nat, true);
    lab.send(ping(&inside, &web)).dropped(ZoneLost);
    call.client(24, 100).dropped(ZoneLost);
    lab.zone_lost(&nat, false);
    lab.send(ping(&inside, &web))
        .reaches(&web)
        .answered()
        .reaches(&inside);
    // The gateway has forgotten the flow, and says so to its inside (NAT-6).
    call.client(24, 100).replied();
    lab.balances();
}
