//! EC2 user guide, "Instance lifecycle": what an instance does to itself.

use crate::support::{Privilege, User, eventually};

fn an_instance_shuts_itself_down(privilege: Privilege) {
    let user = User::of_new_daemon(privilege);
    let net = user.network();
    let (subnet, group) = (&net.subnets[0], &net.group);
    let run = |more: &str| {
        user.text(
            &format!("ec2 run-instances --image-id ami-0abcdef1234567890 --instance-type t3.micro --subnet-id {subnet} --security-group-ids {group} {more}"),
            "/Instances/0/InstanceId",
        )
    };
    let is = |id: &str, state: &str| {
        eventually(&format!("{id} {state}"), || {
            let words = format!("ec2 describe-instances --instance-ids {id}");
            let found = user.text(&words, "/Reservations/0/Instances/0/State/Name");
            (found == state).then_some(())
        });
    };
    // A command may follow the launch at once: it waits.
    let stops = run("");
    user.ok(&stops, "true");
    user.sh(&stops, "shutdown -h now; sleep 5");
    is(&stops, "stopped");
    let answer = user.aws(&format!("ec2 describe-instances --instance-ids {stops}"));
    let reason = answer.pointer("/Reservations/0/Instances/0/StateReason/Code");
    assert_eq!(reason.unwrap(), "Client.InstanceInitiatedShutdown");
    user.aws(&format!("ec2 start-instances --instance-ids {stops}"));
    user.ok(&stops, "true");

    let goes = run("--instance-initiated-shutdown-behavior terminate");
    user.ok(&goes, "true");
    user.sh(&goes, "kill 1; sleep 5");
    is(&goes, "terminated");

    let refusal = user.aws_refused(&format!(
        "ec2 run-instances --image-id ami-0abcdef1234567890 --instance-type t9.nano --subnet-id {subnet}"
    ));
    assert!(
        refusal.contains("Invalid value 't9.nano' for InstanceType."),
        "{refusal}"
    );
}

#[test]
fn an_instance_shuts_itself_down_as_whoever_runs_this() {
    an_instance_shuts_itself_down(Privilege::Own);
}

#[test]
fn an_instance_shuts_itself_down_without_privileges() {
    an_instance_shuts_itself_down(Privilege::Rootless);
}
