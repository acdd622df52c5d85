//! The guided tours must find nothing to complain about.

use crate::support::{Daemon, Privilege, stdout_of};

fn tour_succeeds(name: &str, privilege: Privilege) {
    // A daemon only for its copy of the program and its user; the tour starts one of its own.
    let daemon = Daemon::start(privilege);
    let output = daemon.openvpc(&["demo", name]).output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    // What was wrong comes first: a long report may be cut in its middle.
    let wrong: Vec<&str> = told.lines().filter(|line| line.contains('✗')).collect();
    assert!(
        wrong.is_empty() && output.status.success(),
        "{wrong:#?}\n{}\n{told}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(
        told.contains("Everything was as AWS documents it"),
        "{told}"
    );
}

#[test]
fn the_flow_logs_tour() {
    tour_succeeds("flow-logs", Privilege::Own);
}

#[test]
fn the_flow_logs_tour_without_privileges() {
    tour_succeeds("flow-logs", Privilege::Rootless);
}

#[test]
fn the_egress_only_tour() {
    tour_succeeds("egress-only", Privilege::Own);
}

#[test]
fn the_egress_only_tour_without_privileges() {
    tour_succeeds("egress-only", Privilege::Rootless);
}

#[test]
fn the_gateways_tour() {
    tour_succeeds("gateways", Privilege::Own);
}

#[test]
fn the_gateways_tour_without_privileges() {
    tour_succeeds("gateways", Privilege::Rootless);
}

#[test]
fn the_gateway_endpoint_tour() {
    tour_succeeds("gateway-endpoint", Privilege::Own);
}

#[test]
fn the_gateway_endpoint_tour_without_privileges() {
    tour_succeeds("gateway-endpoint", Privilege::Rootless);
}

#[test]
fn the_leaky_bucket_tour() {
    tour_succeeds("leaky-bucket", Privilege::Own);
}

#[test]
fn the_leaky_bucket_tour_without_privileges() {
    tour_succeeds("leaky-bucket", Privilege::Rootless);
}

#[test]
fn the_peering_tour() {
    tour_succeeds("peering", Privilege::Own);
}

#[test]
fn the_peering_tour_without_privileges() {
    tour_succeeds("peering", Privilege::Rootless);
}

#[test]
fn the_interface_endpoint_tour() {
    tour_succeeds("interface-endpoint", Privilege::Own);
}

#[test]
fn the_interface_endpoint_tour_without_privileges() {
    tour_succeeds("interface-endpoint", Privilege::Rootless);
}

#[test]
fn the_endpoint_architectures_tour() {
    tour_succeeds("endpoint-architectures", Privilege::Own);
}

#[test]
fn the_all_together_tour() {
    tour_succeeds("all-together", Privilege::Own);
}

#[test]
fn the_all_together_tour_without_privileges() {
    tour_succeeds("all-together", Privilege::Rootless);
}

#[test]
fn without_a_name_the_tours_are_listed() {
    let daemon = Daemon::start(Privilege::Own);
    let list = stdout_of(&daemon.openvpc(&["demo"]).output().unwrap());
    assert!(
        list.lines().any(|line| line.starts_with("flow-logs ")),
        "{list}"
    );
    let json = stdout_of(
        &daemon
            .openvpc(&["demo", "--output", "json"])
            .output()
            .unwrap(),
    );
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(&json).unwrap()[0]["name"],
        "flow-logs"
    );
}
