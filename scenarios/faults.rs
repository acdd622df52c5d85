//! `openvpc fault`: an availability zone that is lost, until it is restored.

use crate::support::{Options, User, stdout_of};

impl User {
    /// Loses or restores a zone; what the command says.
    fn zone(&self, zone: &str, state: &str) -> String {
        let arguments = ["fault", "zone", zone, state];
        stdout_of(&self.daemon.openvpc(&arguments).output().unwrap())
    }
}

#[test]
fn a_lost_zone_is_silent_and_stays_so_over_a_restart() {
    let state = tempfile::tempdir().unwrap();
    let options = || Options {
        data_dir: Some(state.path().to_owned()),
        ..Options::default()
    };
    let user = User::of_daemon_with(options());
    let network = user.network();
    let far = user.text(
        &format!(
            "ec2 create-subnet --vpc-id {} --cidr-block 10.0.3.0/24 --availability-zone us-east-1b",
            network.vpc
        ),
        "/Subnet/SubnetId",
    );
    let launch = |subnet: &str, address: &str| {
        let group = &network.group;
        user.launch(&format!(
            "--subnet-id {subnet} --private-ip-address {address} --security-group-ids {group}"
        ))
    };
    let lost = launch(&network.subnets[0], "10.0.1.10");
    let whole = launch(&far, "10.0.3.10");
    assert!(user.pings(&whole, "10.0.1.10"));
    assert_eq!(
        user.zone("use1-az1", "down"),
        "use1-az1 (us-east-1a) is lost"
    );
    assert!(!user.pings(&whole, "10.0.1.10"));
    assert!(!user.pings(&lost, "10.0.3.10"));
    let zones = user.aws("ec2 describe-availability-zones --zone-ids use1-az1");
    assert_eq!(zones["AvailabilityZones"][0]["State"], "unavailable");

    drop(user);
    let user = User::of_daemon_with(options());
    let status = user
        .daemon
        .openvpc(&["status", "--output", "json"])
        .output();
    let status: serde_json::Value = serde_json::from_str(&stdout_of(&status.unwrap())).unwrap();
    assert_eq!(status["lost zones"], serde_json::json!(["use1-az1"]));
    user.aws(&format!(
        "ec2 wait instance-running --instance-ids {whole} {lost}"
    ));
    assert!(!user.pings(&whole, "10.0.1.10"));
    assert_eq!(user.zone("us-east-1a", "up"), "no zone is lost");
    user.soon(&whole, "ping -c 1 -W 1 10.0.1.10");

    let unknown = user.daemon.openvpc(&["fault", "zone", "use1-az9", "down"]);
    let unknown = { unknown }.output().unwrap();
    assert!(!unknown.status.success());
    let said = String::from_utf8_lossy(&unknown.stderr);
    assert!(said.contains("there is no zone use1-az9"), "{said}");
}
