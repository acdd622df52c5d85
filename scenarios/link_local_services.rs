//! VPC user guide, "DNS attributes for your VPC"; EC2 user guide, "Set the time using the Amazon Time Sync Service": what
//! answers at the addresses that every subnet has, asked by real programs in instances.

use serde_json::Value;

use crate::support::{Daemon, Privilege, aws_cli, eventually, stdout_of};

/// Asks the time once (RFC 4330) and prints how far it is from the clock here, in whole seconds.
const SNTP: &str = "import socket,struct,time\n\
s=socket.socket(socket.AF_INET,socket.SOCK_DGRAM); s.settimeout(5)\n\
s.sendto(b'\\x23'+47*b'\\0',('169.254.169.123',123)); d,a=s.recvfrom(512)\n\
print(a[0], d[0]&7, abs(struct.unpack('!I',d[40:44])[0]-2208988800-int(time.time()))<3)";

/// Asks the VPC's resolver for the instance's own private name; the programs' resolver would look into `/etc/hosts` first.
const QUERY: &str = "import socket\n\
s=socket.socket(socket.AF_INET,socket.SOCK_DGRAM); s.settimeout(1)\n\
s.sendto(b'\\x12\\x34\\1\\0\\0\\1\\0\\0\\0\\0\\0\\0\\x0cip-10-0-1-10\\3ec2\\x08internal\\0\\0\\1\\0\\1',('10.0.0.2',53))\n\
print(s.recvfrom(512)[0][-4:]==bytes([10,0,1,10]))";

pub fn aws(daemon: &Daemon, words: &str) -> Value {
    let output = aws_cli(daemon)
        .args(words.split_whitespace())
        .args(["--output", "json"])
        .output()
        .unwrap();
    serde_json::from_str(&stdout_of(&output)).unwrap_or(Value::Null)
}

/// A VPC of the same CIDR as any other, and an instance in it at 10.0.1.10 that no rule lets out.
pub fn network(daemon: &Daemon) -> (String, String) {
    let text = |words: &str, at: &str| {
        aws(daemon, words)
            .pointer(at)
            .unwrap()
            .as_str()
            .unwrap()
            .to_owned()
    };
    let vpc = text("ec2 create-vpc --cidr-block 10.0.0.0/16", "/Vpc/VpcId");
    aws(
        daemon,
        &format!("ec2 modify-vpc-attribute --vpc-id {vpc} --enable-dns-hostnames"),
    );
    let subnet = text(
        &format!("ec2 create-subnet --vpc-id {vpc} --cidr-block 10.0.1.0/24"),
        "/Subnet/SubnetId",
    );
    let group = text(
        &format!(
            "ec2 create-security-group --group-name closed --description closed --vpc-id {vpc}"
        ),
        "/GroupId",
    );
    aws(
        daemon,
        &format!(
            "ec2 revoke-security-group-egress --group-id {group} --protocol -1 --port -1 --cidr 0.0.0.0/0"
        ),
    );
    let instance = text(
        &format!(
            "ec2 run-instances --image-id ami-0abcdef1234567890 --instance-type t3.micro --subnet-id {subnet} --security-group-ids {group} --private-ip-address 10.0.1.10"
        ),
        "/Instances/0/InstanceId",
    );
    aws(
        daemon,
        &format!("ec2 wait instance-running --instance-ids {instance}"),
    );
    (vpc, instance)
}

pub fn said(daemon: &Daemon, instance: &str, command: &[&str]) -> (bool, String) {
    let output = daemon
        .openvpc(&[&["exec", instance, "--"], command].concat())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    (output.status.success(), text)
}

fn services_answer_behind_closed_groups(privilege: Privilege) {
    let daemon = Daemon::start(privilege);
    let (vpc, first) = network(&daemon);
    let (_, second) = network(&daemon);

    for instance in [&first, &second] {
        let (answered, text) = said(&daemon, instance, &["python3", "-c", SNTP]);
        assert!(answered && text == "169.254.169.123 4 True", "{text:?}");
        eventually("the private name is known", || {
            (said(&daemon, instance, &["python3", "-c", QUERY]) == (true, "True".to_owned()))
                .then_some(())
        });
    }

    // Without DNS support the first VPC's resolver is silent; the second's, of the same addresses, goes on.
    aws(
        &daemon,
        &format!("ec2 modify-vpc-attribute --vpc-id {vpc} --no-enable-dns-support"),
    );
    eventually("the resolver falls silent", || {
        let (answered, _) = said(&daemon, &first, &["python3", "-c", QUERY]);
        (!answered).then_some(())
    });
    assert_eq!(
        said(&daemon, &second, &["python3", "-c", QUERY]),
        (true, "True".to_owned())
    );
}

#[test]
fn services_answer_behind_closed_groups_as_the_tests_user() {
    services_answer_behind_closed_groups(Privilege::Own);
}

#[test]
fn services_answer_behind_closed_groups_rootless() {
    services_answer_behind_closed_groups(Privilege::Rootless);
}
