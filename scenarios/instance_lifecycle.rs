//! EC2 user guide, "Instance lifecycle": what an instance does to itself.

use crate::support::{Privilege, User, aws_cli, eventually, stdout_of};

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

/// EC2 user guide, "Instance console output" and "User data and the AWS CLI": a packed MIME message with a script, a part that
/// is none, and another script; what they print, in order.
#[test]
fn the_console_shows_what_user_data_printed() {
    let user = User::of_new_daemon(Privilege::Own);
    let network = user.network();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("data.gz");
    let part = |kind: &str, body: &str| {
        format!(
            "--==x==\nContent-Type: {kind}; charset=\"us-ascii\"\nMIME-Version: 1.0\n\n{body}\n"
        )
    };
    let message = format!(
        "Content-Type: multipart/mixed; boundary=\"==x==\"\nMIME-Version: 1.0\n\n{}{}{}--==x==--\n",
        part(
            "text/x-shellscript",
            "#!/bin/sh\necho first; echo wrong >&2; exit 3"
        ),
        part("text/cloud-config", "#cloud-config\npackages: [nginx]"),
        part(
            "text/x-shellscript",
            "#!/usr/bin/env python3\nprint('second')"
        ),
    );
    let packed = std::process::Command::new("python3")
        .args([
            "-c",
            "import gzip,sys; open(sys.argv[1],'wb').write(gzip.compress(sys.argv[2].encode()))",
        ])
        .arg(&file)
        .arg(message)
        .status();
    assert!(packed.unwrap().success());
    let (subnet, group) = (&network.subnets[0], &network.group);
    let id = user.launch(&format!(
        "--subnet-id {subnet} --security-group-ids {group} --private-ip-address 10.0.1.10 --user-data fileb://{}",
        file.display()
    ));
    let console = || {
        let words = format!("ec2 get-console-output --instance-id {id} --latest --output text");
        let mut command = aws_cli(&user.daemon);
        let output = command.args(words.split_whitespace()).output().unwrap();
        stdout_of(&output)
    };
    let wanted = [
        "(t3.large) is up",
        "eth0: eni-",
        "10.0.1.10",
        "first",
        "wrong",
        "user data part-001: exit status 3",
        "user data part-002: skipped: text/cloud-config is not supported",
        "second",
        "user data part-003: exit status 0",
    ];
    let in_order = |text: &str| {
        let mut rest = text;
        wanted.iter().all(|line| match rest.find(line) {
            Some(at) => {
                rest = &rest[at + line.len()..];
                true
            }
            None => false,
        })
    };
    eventually("the console's lines", || in_order(&console()).then_some(()));
    let log = user.ok(&id, "cat /tmp/cloud-init-output.log");
    assert_eq!(log.trim_end(), "first\nwrong\nsecond");
    user.aws(&format!("ec2 terminate-instances --instance-ids {id}"));
    user.aws(&format!("ec2 wait instance-terminated --instance-ids {id}"));
    eventually("its end", || {
        console().contains("powered down").then_some(())
    });
    let refused = user.aws_refused("ec2 get-console-output --instance-id i-0123456789abcdef0");
    assert!(refused.contains("InvalidInstanceID.NotFound"), "{refused}");
}

/// EC2 user guide, "Reboot your instance": it keeps its addresses, public ones too, and its state; what ran, runs no more;
/// user data is not run again.
fn a_reboot_begins_an_instance_anew(privilege: Privilege) {
    let user = User::of_new_daemon(privilege);
    let network = user.network();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("boot.sh");
    let script = "#!/bin/sh\nnohup python3 -m http.server 80 --directory /tmp > /dev/null 2>&1 &\n";
    std::fs::write(&file, script).unwrap();
    let placed = format!(
        "--subnet-id {} --security-group-ids {} --associate-public-ip-address",
        network.subnets[0], network.group
    );
    let web = user.launch(&format!(
        "{placed} --private-ip-address 10.0.1.10 --user-data file://{}",
        file.display()
    ));
    let other = user.launch(&placed);
    user.soon(&other, "nc -z -w 1 10.0.1.10 80");
    let addresses = || {
        let instance = format!("ec2 describe-instances --instance-ids {web}");
        ["State/Name", "PublicIpAddress", "PrivateIpAddress"]
            .map(|part| user.text(&instance, &format!("/Reservations/0/Instances/0/{part}")))
    };
    let before = addresses();
    assert_eq!(before[0], "running");
    user.aws(&format!("ec2 reboot-instances --instance-ids {web}"));
    user.soon(&other, "! nc -z -w 1 10.0.1.10 80");
    user.soon(&other, "ping -c 1 -W 1 10.0.1.10");
    assert_eq!(addresses(), before);
    user.soon(&web, "ip -4 addr show eth0 | grep 10.0.1.10/24");
    let asked = user.sh(&other, "sleep 1; nc -z -w 1 10.0.1.10 80");
    assert!(!asked.status.success(), "its user data ran again");
    // The same from inside.
    user.ok(&web, "touch /tmp/before");
    user.sh(&web, "reboot; sleep 5");
    user.soon(&web, "ip -4 addr show eth0 | grep 10.0.1.10/24");
    assert!(!user.sh(&web, "ls /tmp/before").status.success());
    assert_eq!(addresses(), before);
}

/// A command that runs while another instance is launched ends when it ends: no sandbox holds what is the daemon's.
#[test]
fn a_command_ends_whatever_is_launched_meanwhile() {
    let user = User::of_new_daemon(Privilege::Own);
    let network = user.network();
    let placed = format!(
        "--subnet-id {} --security-group-ids {}",
        network.subnets[0], network.group
    );
    let (busy, quiet) = (user.launch(&placed), user.launch(&placed));
    for _ in 0..3 {
        let mut running = user
            .daemon
            .openvpc(&[
                "exec",
                &quiet,
                "--",
                "sh",
                "-c",
                "cat /proc/uptime; sleep 4",
            ])
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        user.aws(&format!("ec2 reboot-instances --instance-ids {busy}"));
        user.soon(&busy, "ip -4 addr show eth0 | grep 10.0.1.");
        eventually("the command's end", || running.try_wait().unwrap());
    }
}

#[test]
fn a_reboot_begins_an_instance_anew_as_whoever_runs_this() {
    a_reboot_begins_an_instance_anew(Privilege::Own);
}

#[test]
fn a_reboot_begins_an_instance_anew_without_privileges() {
    a_reboot_begins_an_instance_anew(Privilege::Rootless);
}

#[test]
fn user_data_runs_at_the_first_boot_as_whoever_runs_this() {
    user_data_runs_at_the_first_boot(Privilege::Own);
}

#[test]
fn user_data_runs_at_the_first_boot_without_privileges() {
    user_data_runs_at_the_first_boot(Privilege::Rootless);
}
