//! Several regions and several accounts in one daemon: what each API shows, and a connection between two of both
//! (AWS: "Regions and Zones"; VPC peering guide, "inter-Region" and "cross-account" connections).

use std::process::Output;

use serde_json::Value;

use crate::support::{Options, Privilege, User, aws_cli, stdout_of};

const OTHER: &str = "210987654321";

/// `aws WORDS` of the second account, in Ireland.
fn other(user: &User, words: &str) -> Output {
    let mut command = aws_cli(&user.daemon);
    command.env("AWS_ACCESS_KEY_ID", "other");
    command.env("AWS_SECRET_ACCESS_KEY", "secret");
    command.env("AWS_DEFAULT_REGION", "eu-west-1");
    command.env("AWS_REGION", "eu-west-1");
    command.args(words.split_whitespace());
    command.args(["--output", "json"]).output().unwrap()
}

fn other_ok(user: &User, words: &str) -> Value {
    let told = stdout_of(&other(user, words));
    match told.as_str() {
        "" => Value::Null,
        text => serde_json::from_str(text).unwrap(),
    }
}

fn other_text(user: &User, words: &str, pointer: &str) -> String {
    let answer = other_ok(user, words);
    let text = answer.pointer(pointer).and_then(Value::as_str);
    text.unwrap_or_else(|| panic!("{pointer} in {answer}"))
        .to_owned()
}

fn other_refused(user: &User, words: &str) -> String {
    let output = other(user, words);
    assert!(!output.status.success(), "{words} succeeded");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn two_regions_and_two_accounts(privilege: Privilege) {
    let arguments = [
        "--regions=us-east-1,eu-west-1",
        "--region-latency=30",
        "--credential=other:secret:210987654321",
    ];
    let user = User::of_daemon_with(Options {
        privilege,
        arguments: arguments.map(str::to_owned).to_vec(),
        ..Options::default()
    });

    // The regions that are served, and one that the account has not opted in to.
    let served = user.aws("ec2 describe-regions --query Regions[].RegionName");
    assert_eq!(served, serde_json::json!(["eu-west-1", "us-east-1"]));
    let refused = user.aws_refused("ec2 describe-vpcs --region ap-south-1");
    assert!(refused.contains("(AuthFailure)"), "{refused}");
    let zones = "ec2 describe-availability-zones --region eu-west-1";
    assert_eq!(user.text(zones, "/AvailabilityZones/0/ZoneId"), "euw1-az1");

    // A, of the first account in Virginia; B, of the second account in Ireland.
    let a = crate::peering::end(&user, "10.0.0.0/16", "10.0.1.0/24", "10.0.1.10");
    let made = other_ok(&user, "ec2 create-vpc --cidr-block 10.1.0.0/16");
    let b = made["Vpc"]["VpcId"].as_str().unwrap().to_owned();
    let words = format!("ec2 create-subnet --vpc-id {b} --cidr-block 10.1.1.0/24");
    let subnet = other_text(&user, &words, "/Subnet/SubnetId");
    let words = format!("ec2 create-security-group --group-name g --description g --vpc-id {b}");
    let group = other_text(&user, &words, "/GroupId");
    let open = "--protocol icmp --port -1 --cidr 0.0.0.0/0";
    other_ok(
        &user,
        &format!("ec2 authorize-security-group-ingress --group-id {group} {open}"),
    );
    let words = format!(
        "ec2 run-instances --image-id ami-0abcdef1234567890 --instance-type t3.large --subnet-id {subnet} \
         --security-group-ids {group} --private-ip-address 10.1.1.10"
    );
    let instance = other_text(&user, &words, "/Instances/0/InstanceId");
    other_ok(
        &user,
        &format!("ec2 wait instance-running --instance-ids {instance}"),
    );
    for vpc in [&a.vpc, &b] {
        let hostnames = format!("ec2 modify-vpc-attribute --vpc-id {vpc} --enable-dns-hostnames");
        match vpc == &b {
            true => drop(other_ok(&user, &hostnames)),
            false => drop(user.aws(&hostnames)),
        }
    }

    // Neither API shows what is the other's, by region or by account.
    let look = format!("ec2 describe-vpcs --vpc-ids {b}");
    for words in [look.clone(), format!("{look} --region eu-west-1")] {
        let refused = user.aws_refused(&words);
        assert!(refused.contains("InvalidVpcID.NotFound"), "{refused}");
    }
    let refused = other_refused(&user, &format!("ec2 describe-vpcs --vpc-ids {}", a.vpc));
    assert!(refused.contains("InvalidVpcID.NotFound"), "{refused}");

    // Asked for in Virginia, accepted in Ireland, by its owner and nowhere else.
    let words = format!(
        "ec2 create-vpc-peering-connection --vpc-id {} --peer-vpc-id {b} --peer-owner-id {OTHER} --peer-region eu-west-1",
        a.vpc
    );
    let id = "/VpcPeeringConnection/VpcPeeringConnectionId";
    let peering = user.text(&words, id);
    let accept = format!("ec2 accept-vpc-peering-connection --vpc-peering-connection-id {peering}");
    let refused = user.aws_refused(&accept);
    assert!(refused.contains("OperationNotPermitted"), "{refused}");
    let refused = other_refused(&user, &format!("{accept} --region us-east-1"));
    assert!(
        refused.contains("must be accepted in region eu-west-1"),
        "{refused}"
    );
    other_ok(&user, &accept);
    crate::peering::route(&user, &a, "10.1.0.0/16", &peering);
    let words = format!("ec2 describe-route-tables --filters Name=vpc-id,Values={b}");
    let table = other_text(&user, &words, "/RouteTables/0/RouteTableId");
    other_ok(
        &user,
        &format!(
            "ec2 create-route --route-table-id {table} --destination-cidr-block 10.0.0.0/16 \
             --vpc-peering-connection-id {peering}"
        ),
    );
    crate::peering::applied(&user);

    // Packets take 30 ms each way, and 1,500 bytes at most.
    let told = user.ok(&a.instance, "ping -c 1 -W 2 10.1.1.10");
    let time = told
        .split("time=")
        .nth(1)
        .unwrap_or_else(|| panic!("{told}"));
    let milliseconds: f64 = time.split_whitespace().next().unwrap().parse().unwrap();
    assert!((60.0..1_000.0).contains(&milliseconds), "{told}");
    user.ok(&a.instance, "ping -c 1 -W 2 -M do -s 1472 10.1.1.10");
    let ran = user.sh(&a.instance, "ping -c 1 -W 1 -M do -s 1473 10.1.1.10");
    let out = String::from_utf8_lossy(&ran.stdout).into_owned();
    assert!(!ran.status.success() && out.contains("mtu = 1500"), "{out}");

    // Groups are of one region (PCX-41); names need the peer's consent (spec 05 §3).
    let refused = user.aws_refused(&format!(
        "ec2 authorize-security-group-ingress --group-id {} --protocol tcp --port 80 --source-group {group}",
        a.group
    ));
    assert!(refused.contains("InvalidGroup.NotFound"), "{refused}");
    let name = "ip-10-1-1-10.eu-west-1.compute.internal";
    let resolve = format!("getent ahostsv4 {name}");
    assert!(!user.sh(&a.instance, &resolve).status.success());
    let options =
        format!("ec2 modify-vpc-peering-connection-options --vpc-peering-connection-id {peering}");
    let mine = "--accepter-peering-connection-options AllowDnsResolutionFromRemoteVpc=true";
    let refused = user.aws_refused(&format!("{options} {mine}"));
    assert!(refused.contains("OperationNotPermitted"), "{refused}");
    other_ok(&user, &format!("{options} {mine}"));
    let told = user.ok(&a.instance, &resolve);
    assert!(told.starts_with("10.1.1.10 "), "{told}");

    // The second account leaves; the first one sees who it was.
    other_ok(
        &user,
        &format!("ec2 delete-vpc-peering-connection --vpc-peering-connection-id {peering}"),
    );
    let words =
        format!("ec2 describe-vpc-peering-connections --vpc-peering-connection-ids {peering}");
    let message = user.text(&words, "/VpcPeeringConnections/0/Status/Message");
    assert_eq!(message, format!("Deleted by {OTHER}"));
    crate::peering::applied(&user);
    assert!(!user.pings(&a.instance, "10.1.1.10"));
}

#[test]
fn two_regions_and_two_accounts_as_whoever_runs_this() {
    two_regions_and_two_accounts(Privilege::Own);
}

#[test]
fn two_regions_and_two_accounts_without_privileges() {
    two_regions_and_two_accounts(Privilege::Rootless);
}
