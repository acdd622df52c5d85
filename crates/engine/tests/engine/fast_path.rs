//! What is handed over to a fast path. That it changes nothing is shown by every other test here, for the laboratory runs
//! each of them on one too.

use openvpc_testkit::{Call, Lab, To, egress, ingress, listener};

/// Soon after the handshake nothing of a connection comes to the engine.
fn is_handed_over(lab: &Lab, call: &mut Call) {
    call.handshake();
    // The laboratory's path lets at most two packets up before it opens.
    for _ in 0..4 {
        call.client(24, 100);
        call.server(24, 100);
    }
    let before = lab.forwarded_by_fast_path();
    for _ in 0..5 {
        call.client(24, 100);
        call.server(24, 100);
    }
    assert_eq!(lab.forwarded_by_fast_path() - before, 10);
    lab.balances();
}

#[test]
fn connections_between_neighbours() {
    let lab = Lab::vpc("10.0.0.0/16");
    let (a, b) = (lab.eni("10.0.1.10").open(), lab.eni("10.0.1.11").open());
    is_handed_over(&lab, &mut lab.tcp(&a, &b, 80));
    is_handed_over(&lab, &mut lab.tcp(&b, &a, 80));
}

#[test]
fn connections_between_subnets() {
    let lab = Lab::vpc("10.0.0.0/16");
    let a = lab.eni("10.0.1.10").open();
    let b = lab
        .eni("10.0.2.10")
        .security_group([ingress("tcp 80 from 10.0.0.0/16")]);
    is_handed_over(&lab, &mut lab.tcp(&a, &b, 80));
}

#[test]
fn connections_with_the_internet() {
    let lab = Lab::vpc("10.0.0.0/16").internet_gateway();
    let a = lab.eni("10.0.1.10").open().public("192.0.2.1");
    let web = lab.internet("198.51.100.80");
    is_handed_over(&lab, &mut lab.tcp(&a, &web, 80));
    let nat = lab.nat_gateway("10.0.0.220").public("192.0.2.9");
    let inside = lab.eni("10.0.3.5").open();
    lab.route(&inside, "0.0.0.0/0", To::Nat(&nat));
    is_handed_over(&lab, &mut lab.tcp(&inside, &web, 80));
}

#[test]
fn connections_between_peers() {
    let lab = Lab::vpc("10.0.0.0/16");
    let other = lab.another_vpc("10.1.0.0/16");
    let (a, b) = (lab.eni("10.0.1.10").open(), other.eni("10.1.1.10").open());
    lab.route(&a, "10.1.0.0/16", To::Peer(&other));
    lab.route(&b, "10.0.0.0/16", To::Peer(&lab.first()));
    is_handed_over(&lab, &mut lab.tcp(&a, &b, 80));
}

#[test]
fn connections_through_a_load_balancer() {
    let lab = Lab::vpc("10.0.0.0/16");
    let client = lab.eni("10.0.1.5").open();
    let target = lab.eni("10.0.2.10").open();
    let node = lab
        .first()
        .load_balancer("10.0.3.20", [listener(80, &["10.0.2.10:8080"])]);
    lab.target_is(&node, "10.0.2.10:8080", true);
    is_handed_over(
        &lab,
        &mut lab.tcp(&client, &target, 8080).calling(&node, 80),
    );
}

#[test]
fn connections_that_are_tracked_at_one_end_or_at_both() {
    let lab = Lab::vpc("10.0.0.0/16").internet_gateway();
    let client = lab
        .eni("10.0.1.10")
        .security_group([egress("all to 0.0.0.0/0")])
        .public("192.0.2.1");
    let server = lab
        .eni("10.0.2.10")
        .security_group([ingress("tcp 80 from 0.0.0.0/0")])
        .public("192.0.2.2");
    let (open, bob) = (lab.eni("10.0.2.11").open(), lab.internet("203.0.113.12"));
    for (from, to) in [
        (&client, &server),
        (&client, &open),
        (&open, &server),
        (&client, &bob),
        (&bob, &server),
    ] {
        is_handed_over(&lab, &mut lab.tcp(from, to, 80));
    }
}

#[test]
fn connections_through_an_egress_only_internet_gateway() {
    let lab = Lab::vpc("10.0.0.0/16")
        .ipv6("2001:db8:1234:1a00::/56")
        .internet_gateway();
    let gateway = lab.egress_only_gateway();
    let inside = lab.eni("10.0.1.10").ipv6(0x10);
    let inside = inside.security_group([egress("all to ::/0")]);
    lab.route(&inside, "::/0", To::EgressOnly(gateway));
    let web = lab.internet("2001:db8:ffff::80");
    is_handed_over(&lab, &mut lab.tcp(&inside, &web, 80));
}

#[test]
fn connections_through_endpoints() {
    const S3: &str = "198.18.10.11";
    let lab = Lab::vpc("10.0.0.0/16");
    lab.public_service(S3);
    let services = lab.services();
    let client = lab.eni("10.0.1.10");
    let client = client.security_group([egress("all to 0.0.0.0/0")]);
    let interface = lab
        .vpc_endpoint("10.0.2.5", S3)
        .security_group([ingress("tcp 443 from 10.0.0.0/8")]);
    let call = lab.tcp(&client, &services, 443);
    is_handed_over(&lab, &mut call.through(&interface, S3));
    let gateway = lab.gateway_endpoint();
    lab.route(&client, "198.18.10.0/24", To::GatewayEndpoint(gateway));
    let call = lab.tcp(&client, &services, 443);
    is_handed_over(&lab, &mut call.to_service(S3));
}
