//! VPC user guide, "Get started": a VPC, two instances, the stock aws CLI, real packets, flow logs.

use serde_json::Value;

use crate::support::{DEFAULT_FORMAT, Daemon, Privilege, aws_cli, eventually, records, stdout_of};

/// A shell of one user: `aws …` and `openvpc …` against one daemon.
struct Shell {
    daemon: Daemon,
}

impl Shell {
    /// `aws ARGUMENTS`, words split at blanks; the answer as JSON.
    fn aws(&self, words: &str) -> Value {
        let output = aws_cli(&self.daemon)
            .args(words.split_whitespace())
            .args(["--output", "json"])
            .output()
            .unwrap();
        let text = stdout_of(&output);
        if text.is_empty() {
            Value::Null
        } else {
            serde_json::from_str(&text).unwrap()
        }
    }

    /// `aws ARGUMENTS` that must be refused; what it says.
    fn aws_refused(&self, words: &str) -> String {
        let output = aws_cli(&self.daemon)
            .args(words.split_whitespace())
            .output()
            .unwrap();
        assert!(!output.status.success(), "{words} succeeded");
        String::from_utf8_lossy(&output.stderr).trim().to_owned()
    }

    fn text(&self, words: &str, pointer: &str) -> String {
        let answer = self.aws(words);
        answer
            .pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_else(|| panic!("{pointer} in {answer}"))
            .to_owned()
    }

    fn run(&self, arguments: &[&str]) -> std::process::Output {
        self.daemon.openvpc(arguments).output().unwrap()
    }

    fn launch(&self, subnet: &str, group: &str, address: &str) -> String {
        let id = self.text(
            &format!("ec2 run-instances --image-id ami-0abcdef1234567890 --instance-type t3.micro --subnet-id {subnet} --security-group-ids {group} --private-ip-address {address}"),
            "/Instances/0/InstanceId",
        );
        self.aws(&format!("ec2 wait instance-running --instance-ids {id}"));
        id
    }
}

fn a_vpc_carries_judges_and_logs(privilege: Privilege) {
    let shell = Shell {
        daemon: Daemon::start(privilege),
    };
    let vpc = shell.text("ec2 create-vpc --cidr-block 10.0.0.0/16", "/Vpc/VpcId");
    let subnet = shell.text(
        &format!("ec2 create-subnet --vpc-id {vpc} --cidr-block 10.0.1.0/24"),
        "/Subnet/SubnetId",
    );
    let other = shell.text(
        &format!("ec2 create-subnet --vpc-id {vpc} --cidr-block 10.0.2.0/24"),
        "/Subnet/SubnetId",
    );
    let igw = shell.text(
        "ec2 create-internet-gateway",
        "/InternetGateway/InternetGatewayId",
    );
    shell.aws(&format!(
        "ec2 attach-internet-gateway --internet-gateway-id {igw} --vpc-id {vpc}"
    ));
    let table = shell.text(
        &format!("ec2 describe-route-tables --filters Name=vpc-id,Values={vpc} Name=association.main,Values=true"),
        "/RouteTables/0/RouteTableId",
    );
    let added = shell.aws(&format!(
        "ec2 create-route --route-table-id {table} --destination-cidr-block 0.0.0.0/0 --gateway-id {igw}"
    ));
    assert_eq!(added["Return"], true);
    let group = shell.text(
        &format!("ec2 create-security-group --group-name web --description web --vpc-id {vpc}"),
        "/GroupId",
    );
    shell.aws(&format!(
        "ec2 authorize-security-group-ingress --group-id {group} --protocol icmp --port -1 --cidr 0.0.0.0/0"
    ));
    let acl = shell.text(
        &format!("ec2 describe-network-acls --filters Name=vpc-id,Values={vpc}"),
        "/NetworkAcls/0/NetworkAclId",
    );
    let a = shell.launch(&subnet, &group, "10.0.1.10");
    let b = shell.launch(&other, &group, "10.0.2.10");
    let flow_log = shell.aws(&format!(
        "ec2 create-flow-logs --resource-type VPC --resource-ids {vpc} --traffic-type ALL --log-group-name fl --deliver-logs-permission-arn arn:aws:iam::123456789012:role/r --max-aggregation-interval 60"
    ));
    assert_eq!(
        flow_log["Unsuccessful"]
            .as_array()
            .map(Vec::len)
            .unwrap_or(0),
        0,
        "{flow_log}"
    );

    // Between subnets: routed, and out of one network ACL into the other.
    stdout_of(&shell.run(&[
        "exec",
        &a,
        "--",
        "ping",
        "-c",
        "2",
        "-i",
        "0.1",
        "-W",
        "1",
        "10.0.2.10",
    ]));
    shell.aws(&format!(
        "ec2 create-network-acl-entry --network-acl-id {acl} --ingress --rule-number 90 --protocol 1 --icmp-type-code Type=-1,Code=-1 --rule-action deny --cidr-block 10.0.1.10/32"
    ));
    let refused = shell.run(&["exec", &a, "--", "ping", "-c", "1", "-W", "1", "10.0.2.10"]);
    assert_eq!(
        refused.status.code(),
        Some(1),
        "the network ACL lets no ping in"
    );
    shell.aws(&format!(
        "ec2 delete-network-acl-entry --network-acl-id {acl} --ingress --rule-number 90"
    ));

    // From outside: only through the Elastic IP.
    let outside = [
        "internet", "exec", "bob", "--", "ping", "-c", "1", "-W", "1",
    ];
    let allocation = shell.aws("ec2 allocate-address --domain vpc");
    let public = allocation["PublicIp"].as_str().unwrap();
    let ping_public: Vec<&str> = outside.iter().copied().chain([public]).collect();
    assert_eq!(
        shell.run(&ping_public).status.code(),
        Some(1),
        "the address stands for nobody yet"
    );
    shell.aws(&format!(
        "ec2 associate-address --allocation-id {} --instance-id {a}",
        allocation["AllocationId"].as_str().unwrap()
    ));
    stdout_of(&shell.run(&ping_public));
    let ping_private: Vec<&str> = outside.iter().copied().chain(["10.0.1.10"]).collect();
    assert_ne!(
        shell.run(&ping_private).status.code(),
        Some(0),
        "a private address is nobody's outside"
    );

    let eni_b = shell.text(
        &format!(
            "ec2 describe-network-interfaces --filters Name=attachment.instance-id,Values={b}"
        ),
        "/NetworkInterfaces/0/NetworkInterfaceId",
    );
    for (action, packets, bytes) in [("ACCEPT", 2, 168), ("REJECT", 1, 84)] {
        // Echoes of 84 bytes, of which one was refused.
        let wanted = format!(
            "2 123456789012 {eni_b} 10.0.1.10 10.0.2.10 0 0 1 {packets} {bytes} {action} OK"
        );
        eventually(&wanted, || {
            let found = records(&shell.daemon, "fl", DEFAULT_FORMAT);
            found.contains(&wanted).then_some(())
        });
    }

    // What depends on something is not deleted; afterwards it is.
    assert!(
        shell
            .aws_refused(&format!("ec2 delete-vpc --vpc-id {vpc}"))
            .contains("DependencyViolation")
    );
    shell.aws(&format!("ec2 terminate-instances --instance-ids {a} {b}"));
    shell.aws(&format!(
        "ec2 wait instance-terminated --instance-ids {a} {b}"
    ));
    shell.aws(&format!("ec2 delete-subnet --subnet-id {subnet}"));
}

#[test]
fn a_vpc_carries_judges_and_logs_for_this_user() {
    a_vpc_carries_judges_and_logs(Privilege::Own);
}

#[test]
fn a_vpc_carries_judges_and_logs_without_privileges() {
    a_vpc_carries_judges_and_logs(Privilege::Rootless);
}

#[test]
fn two_vpcs_with_one_cidr_do_not_see_each_other() {
    let shell = Shell {
        daemon: Daemon::start(Privilege::Own),
    };
    let mut instances = Vec::new();
    for _ in 0..2 {
        let vpc = shell.text("ec2 create-vpc --cidr-block 10.0.0.0/16", "/Vpc/VpcId");
        let subnet = shell.text(
            &format!("ec2 create-subnet --vpc-id {vpc} --cidr-block 10.0.1.0/24"),
            "/Subnet/SubnetId",
        );
        let group = shell.text(
            &format!("ec2 describe-security-groups --filters Name=vpc-id,Values={vpc}"),
            "/SecurityGroups/0/GroupId",
        );
        let first = shell.launch(&subnet, &group, "10.0.1.10");
        let second = shell.launch(
            &subnet,
            &group,
            &format!("10.0.1.1{}", 1 + instances.len() / 2),
        );
        instances.push(first);
        instances.push(second);
    }
    let ping = |from: usize, to: &str| {
        shell
            .run(&[
                "exec",
                &instances[from],
                "--",
                "ping",
                "-c",
                "1",
                "-W",
                "1",
                to,
            ])
            .status
            .code()
    };
    assert_eq!(
        ping(0, "10.0.1.11"),
        Some(0),
        "a neighbour in the same VPC answers"
    );
    assert_eq!(
        ping(2, "10.0.1.11"),
        Some(1),
        "that address is nobody's in the other VPC"
    );
    assert_eq!(ping(2, "10.0.1.12"), Some(0));
    assert_eq!(ping(0, "10.0.1.12"), Some(1));
}

#[test]
fn bad_input_gets_the_documented_codes() {
    let shell = Shell {
        daemon: Daemon::start(Privilege::Own),
    };
    let vpc = shell.text("ec2 create-vpc --cidr-block 10.0.0.0/16", "/Vpc/VpcId");
    shell.text(
        &format!("ec2 create-subnet --vpc-id {vpc} --cidr-block 10.0.1.0/24"),
        "/Subnet/SubnetId",
    );
    for (words, code) in [
        ("ec2 create-vpc --cidr-block 10.0.0.0/8", "InvalidVpc.Range"),
        ("ec2 create-vpc --cidr-block ten", "InvalidParameterValue"),
        (
            "ec2 describe-vpcs --vpc-ids vpc-0aaaaaaaaaaaaaaaa",
            "InvalidVpcID.NotFound",
        ),
        (
            "ec2 describe-vpcs --vpc-ids vpc-xyz",
            "InvalidVpcID.Malformed",
        ),
        (
            "ec2 describe-vpcs --filters Name=no-such-filter,Values=x",
            "InvalidParameterValue",
        ),
        (
            "ec2 create-vpc --cidr-block 10.0.0.0/16 --dry-run",
            "DryRunOperation",
        ),
        (
            &format!("ec2 create-subnet --vpc-id {vpc} --cidr-block 10.0.1.128/25"),
            "InvalidSubnet.Conflict",
        ),
        (
            &format!("ec2 create-subnet --vpc-id {vpc} --cidr-block 10.1.1.0/24"),
            "InvalidSubnet.Range",
        ),
        (
            "ec2 create-nat-gateway --subnet-id subnet-0aaaaaaaaaaaaaaaa --connectivity-type private",
            "InvalidSubnetID.NotFound",
        ),
    ] {
        let said = shell.aws_refused(words);
        assert!(said.contains(code), "{words}: wanted {code}, got {said}");
    }
    let vpcs = shell.aws("ec2 describe-vpcs --filters Name=is-default,Values=false");
    assert_eq!(
        vpcs["Vpcs"].as_array().unwrap().len(),
        1,
        "nothing is half-created"
    );
}
