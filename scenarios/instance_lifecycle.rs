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

/// EC2 user guide, "Run commands when you launch an EC2 instance with user data input": once, as root, with the network
/// up; a neighbour sees what it started.
fn user_data_runs_at_the_first_boot(privilege: Privilege) {
    let user = User::of_new_daemon(privilege);
    let network = user.network();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("boot.sh");
    let script = "#!/bin/sh\nset -e\nid -u\necho boot >> /tmp/boots\n\
                  nohup python3 -m http.server 80 --directory /tmp > /dev/null 2>&1 &\n";
    std::fs::write(&file, script).unwrap();
    let placed = format!(
        "--subnet-id {} --security-group-ids {}",
        network.subnets[0], network.group
    );
    let web = user.launch(&format!(
        "{placed} --private-ip-address 10.0.1.10 --user-data file://{}",
        file.display()
    ));
    let other = user.launch(&placed);
    user.soon(&other, "nc -z -w 1 10.0.1.10 80");
    let seen = user.ok(&web, "cat /tmp/cloud-init-output.log /tmp/boots");
    assert_eq!(seen.split_whitespace().collect::<Vec<_>>(), ["0", "boot"]);
    user.aws(&format!("ec2 stop-instances --instance-ids {web}"));
    user.aws(&format!("ec2 wait instance-stopped --instance-ids {web}"));
    user.aws(&format!("ec2 start-instances --instance-ids {web}"));
    user.aws(&format!("ec2 wait instance-running --instance-ids {web}"));
    user.soon(&other, "ping -c 1 -W 1 10.0.1.10");
    assert!(
        !user
            .sh(&other, "sleep 1; nc -z -w 1 10.0.1.10 80")
            .status
            .success()
    );
}

#[test]
fn user_data_runs_at_the_first_boot_as_whoever_runs_this() {
    user_data_runs_at_the_first_boot(Privilege::Own);
}

#[test]
fn user_data_runs_at_the_first_boot_without_privileges() {
    user_data_runs_at_the_first_boot(Privilege::Rootless);
}
