//! What was answered survives the daemon.

use nix::sys::signal::Signal;
use serde_json::Value;

use crate::support::{Daemon, Options, aws_cli, eventually, stdout_of};

fn describe(daemon: &Daemon, words: &str) -> Value {
    let output = aws_cli(daemon)
        .args(words.split(' '))
        .args(["--output", "json"])
        .output()
        .unwrap();
    serde_json::from_str(&stdout_of(&output)).unwrap()
}

#[test]
fn a_killed_daemon_comes_back_with_ids_policy_and_running_instances() {
    let folder = tempfile::tempdir().unwrap();
    let start = || Daemon::start_with(Options::kept_in(folder.path()));
    let before = start();
    let launched = describe(
        &before,
        "ec2 run-instances --image-id ami-0abcdef1234567890 --instance-type t3.micro --count 2",
    );
    let ids: Vec<&str> = launched["Instances"]
        .as_array()
        .unwrap()
        .iter()
        .map(|i| i["InstanceId"].as_str().unwrap())
        .collect();
    let address = launched["Instances"][1]["PrivateIpAddress"]
        .as_str()
        .unwrap();
    stdout_of(
        &aws_cli(&before)
            .args(["ec2", "wait", "instance-running", "--instance-ids"])
            .args(&ids)
            .output()
            .unwrap(),
    );
    let questions = [
        "ec2 describe-vpcs",
        "ec2 describe-security-groups",
        "ec2 describe-network-interfaces",
        "ec2 describe-route-tables",
    ];
    let answers: Vec<Value> = questions.iter().map(|q| describe(&before, q)).collect();
    before.end_with(Signal::SIGKILL);

    let after = start();
    for (question, answer) in questions.iter().zip(&answers) {
        assert_eq!(&describe(&after, question), answer, "{question}");
    }
    // The default security group lets its own members reach each other: policy is enforced again.
    eventually("the instances answer each other again", || {
        let ping = ["exec", ids[0], "--", "ping", "-c", "1", "-W", "1", address];
        after
            .openvpc(&ping)
            .output()
            .unwrap()
            .status
            .success()
            .then_some(())
    });
    let bob = after
        .openvpc(&[
            "internet", "exec", "bob", "--", "ping", "-c", "1", "-W", "1", address,
        ])
        .output()
        .unwrap();
    assert!(!bob.status.success());
}
