//! What is handed over to a fast path. That it changes nothing is shown by every other test here, for the laboratory runs
//! each of them on one too.

use openvpc_testkit::{Call, Lab, To, ingress, listener};

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
