//! The public zone (D9): AWS services on the internet, reached by a gateway or not at all.

use openvpc_engine::DropReason::{
    MartianSource, NoInternetHost, NoPublicAddress, NoReturnRoute, NoRoute, ReceiverNotAttached,
    UnknownIdentity,
};
use openvpc_testkit::{Host, Lab, To, ping, syn, udp};

const S3: &str = "198.18.10.10";

/// A public subnet with `web`, a private one with `app`.
fn stage() -> (Lab, Host, Host, Host) {
    let lab = Lab::vpc("10.0.0.0/16").internet_gateway();
    let web = lab.eni("10.0.1.10").open().public("192.0.2.10");
    let app = lab.eni("10.0.2.10").open();
    lab.no_route(&app, "0.0.0.0/0");
    lab.public_service(S3);
    let services = lab.services();
    (lab, web, app, services)
}

#[test]
fn a_service_sees_the_public_address_and_answers_to_it() {
    let (lab, web, _, services) = stage();
    lab.send(syn(&web, &services, 443).to_address(S3))
        .reaches(&services)
        .seen_as("192.0.2.10", S3)
        .answered()
        .reaches(&web)
        .seen_as(S3, "10.0.1.10");
    lab.flow_log(&web).reads([
        "10.0.1.10 198.18.10.10 ACCEPT",
        "198.18.10.10 10.0.1.10 ACCEPT",
    ]);
    lab.balances();
}

#[test]
fn without_a_route_or_a_public_address_nothing_arrives() {
    let (lab, web, app, services) = stage();
    lab.send(syn(&app, &services, 443).to_address(S3))
        .dropped(NoRoute);
    let bare = lab.eni("10.0.1.11").open();
    lab.send(syn(&bare, &services, 443).to_address(S3))
        .dropped(NoPublicAddress);
    // No service has this address, and the services have no other port.
    lab.send(syn(&web, &services, 443).to_address("198.18.10.11"))
        .dropped(NoInternetHost);
    lab.send(udp(&web, &services, 5, 443).to_address(S3))
        .dropped(NoInternetHost);
}

#[test]
fn behind_a_nat_gateway_a_service_sees_the_gateway() {
    let (lab, _, app, services) = stage();
    let nat = lab.nat_gateway("10.0.1.20").public("192.0.2.20");
    lab.route(&app, "0.0.0.0/0", To::Nat(&nat));
    let there = lab
        .send(syn(&app, &services, 443).to_address(S3))
        .reaches(&services);
    assert_eq!(there.packet().source.to_string(), "192.0.2.20");
    there.answered().reaches(&app).seen_as(S3, "10.0.2.10");
    lab.balances();
}

#[test]
fn a_host_of_the_internet_reaches_it_too() {
    let (lab, _, _, services) = stage();
    let bob = lab.internet("203.0.113.12");
    for shot in [syn(&bob, &services, 443), ping(&bob, &services)] {
        lab.send(shot.to_address(S3))
            .reaches(&services)
            .seen_as("203.0.113.12", S3)
            .answered()
            .reaches(&bob);
    }
    // Nobody outside speaks for a service, to a service.
    lab.send(syn(&bob, &services, 443).from_address(S3).to_address(S3))
        .dropped(MartianSource);
    lab.send(
        syn(&bob, &services, 443)
            .from_address("240.0.0.1")
            .to_address(S3),
    )
    .dropped(MartianSource);
}

#[test]
fn a_service_reaches_nobody_that_did_not_ask() {
    let (lab, web, app, services) = stage();
    let closed = lab.eni("10.0.1.30").public("192.0.2.30");
    lab.send(
        syn(&services, &closed, 80)
            .from_address(S3)
            .to_address("192.0.2.30"),
    )
    .dropped(openvpc_engine::DropReason::SecurityGroupIngress);
    lab.send(
        syn(&services, &web, 80)
            .from_address(S3)
            .to_address("240.0.0.1"),
    )
    .dropped(UnknownIdentity);
    let lone = app.public("192.0.2.40");
    lab.send(
        syn(&services, &lone, 80)
            .from_address(S3)
            .to_address("192.0.2.40"),
    )
    .dropped(NoReturnRoute);
}

#[test]
fn without_services_the_zone_is_silent() {
    let lab = Lab::vpc("10.0.0.0/16").internet_gateway();
    let web = lab.eni("10.0.1.10").open().public("192.0.2.10");
    lab.public_service(S3);
    let bob = lab.internet("203.0.113.12");
    lab.send(syn(&web, &bob, 443).to_address(S3))
        .dropped(ReceiverNotAttached);
}
