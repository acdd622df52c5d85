//! The stock Ansible with the stock AWS collection: `examples/ansible`, built, found as it should be, and taken down.

use std::path::Path;

use crate::support::{Daemon, Options, ansible_playbook, aws_cli, stdout_of};

/// Runs the example; how many tasks have changed something. Ansible itself fails when one of them could not.
fn changed(daemon: &Daemon, arguments: &[&str]) -> u32 {
    let playbook = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/ansible/site.yml");
    let mut play = ansible_playbook(daemon);
    let output = stdout_of(&play.arg(playbook).args(arguments).output().unwrap());
    let recap = output.lines().last().unwrap();
    let changed = recap
        .split_whitespace()
        .find_map(|word| word.strip_prefix("changed="));
    changed.expect(recap).parse().unwrap()
}

#[test]
fn a_network_is_built_once_and_taken_down() {
    let daemon = Daemon::start_with(Options::default());
    assert!(changed(&daemon, &[]) > 10, "everything was to be made");
    assert_eq!(changed(&daemon, &[]), 0, "nothing was left to do");
    assert!(changed(&daemon, &["-e", "state=absent"]) > 0);
    let mut vpcs = aws_cli(&daemon);
    vpcs.args(["ec2", "describe-vpcs", "--output", "text"]);
    vpcs.args(["--query", "Vpcs[?!IsDefault].VpcId"]);
    assert_eq!(stdout_of(&vpcs.output().unwrap()), "");
}
