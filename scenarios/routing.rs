//! VPC user guide, "Configure route tables" and "Control traffic": rules, lists, ACLs and routes change under packets that
//! run.

use crate::support::{Daemon, Privilege, boto3, stdout_of};

/// A boto3 program that also sends packets with `openvpc exec`.
fn tour(program: &str) -> String {
    let daemon = Daemon::start(Privilege::Own);
    let output = boto3(&daemon, program)
        .env("OPENVPC", daemon.openvpc(&[]).get_program())
        .env("OPENVPC_SOCKET", daemon.socket())
        .output()
        .unwrap();
    stdout_of(&output)
}

/// SG-5, SG-7, PL-1, ACL-1 to ACL-8, RT-4, RT-9.
#[test]
fn every_rule_counts_from_its_change_on() {
    assert_eq!(
        tour(include_str!("clients/rules_tour.py")),
        "groups\nprefix lists\ntracking\nnetwork ACLs\nroutes"
    );
}

/// RT-12.
#[test]
fn a_firewall_stands_before_a_subnet() {
    assert_eq!(tour(include_str!("clients/middlebox_tour.py")), "done");
}
