//! A user at a terminal: `aws …` and `openvpc …` against one daemon.

use std::process::Output;

use serde_json::{Value, json};

use super::{Daemon, Options, Privilege, aws_cli, eventually, stdout_of};

pub struct User {
    pub daemon: Daemon,
}

impl User {
    pub fn of_new_daemon(privilege: Privilege) -> User {
        User {
            daemon: Daemon::start(privilege),
        }
    }

    pub fn of_daemon_with(options: Options) -> User {
        User {
            daemon: Daemon::start_with(options),
        }
    }

    /// `aws WORDS`; the answer as JSON.
    #[track_caller]
    pub fn aws(&self, words: &str) -> Value {
        let output = aws_cli(&self.daemon)
            .args(words.split_whitespace())
            .args(["--output", "json"])
            .output()
            .unwrap();
        match stdout_of(&output).as_str() {
            "" => Value::Null,
            text => serde_json::from_str(text).unwrap(),
        }
    }

    /// `aws WORDS` that must be refused; what it says.
    #[track_caller]
    pub fn aws_refused(&self, words: &str) -> String {
        let mut command = aws_cli(&self.daemon);
        let output = command.args(words.split_whitespace()).output().unwrap();
        assert!(!output.status.success(), "{words} succeeded");
        String::from_utf8_lossy(&output.stderr).trim().to_owned()
    }

    /// One text of an answer, by its JSON pointer.
    #[track_caller]
    pub fn text(&self, words: &str, pointer: &str) -> String {
        let answer = self.aws(words);
        let text = answer.pointer(pointer).and_then(Value::as_str);
        text.unwrap_or_else(|| panic!("{pointer} in {answer}"))
            .to_owned()
    }

    /// What the daemon itself answers to a GET of a path.
    #[track_caller]
    pub fn get(&self, path: &str) -> String {
        use std::io::{Read, Write};
        let address = self.daemon.endpoint().trim_start_matches("http://");
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        body.to_owned()
    }

    /// A shell line in a host.
    pub fn sh(&self, host: &str, line: &str) -> Output {
        let arguments: &[&str] = match host.starts_with("i-") {
            true => &["exec", host, "--", "sh", "-c", line],
            false => &["internet", "exec", host, "--", "sh", "-c", line],
        };
        self.daemon.openvpc(arguments).output().unwrap()
    }

    /// A shell line that must succeed; what it printed.
    #[track_caller]
    pub fn ok(&self, host: &str, line: &str) -> String {
        stdout_of(&self.sh(host, line))
    }

    /// A shell line that succeeds soon.
    pub fn soon(&self, host: &str, line: &str) {
        let what = format!("in {host}: {line}");
        eventually(&what, || self.sh(host, line).status.success().then_some(()));
    }

    /// Whether one ping is answered.
    pub fn pings(&self, host: &str, to: &str) -> bool {
        let line = format!("ping -c 1 -W 1 {to}");
        self.sh(host, &line).status.success()
    }

    /// A VPC 10.0.0.0/16 with subnets 10.0.1.0/24 and 10.0.2.0/24 in one zone, an internet gateway as its default
    /// route, and a group that lets everything in.
    pub fn network(&self) -> Network {
        let vpc = self.text("ec2 create-vpc --cidr-block 10.0.0.0/16", "/Vpc/VpcId");
        let subnet = |cidr: &str| {
            let words = format!(
                "ec2 create-subnet --vpc-id {vpc} --cidr-block {cidr} --availability-zone us-east-1a"
            );
            self.text(&words, "/Subnet/SubnetId")
        };
        let subnets = ["10.0.1.0/24", "10.0.2.0/24"].map(subnet);
        let gateway = self.text(
            "ec2 create-internet-gateway",
            "/InternetGateway/InternetGatewayId",
        );
        self.aws(&format!(
            "ec2 attach-internet-gateway --internet-gateway-id {gateway} --vpc-id {vpc}"
        ));
        let table = self.text(
            &format!("ec2 describe-route-tables --filters Name=vpc-id,Values={vpc}"),
            "/RouteTables/0/RouteTableId",
        );
        self.aws(&format!(
            "ec2 create-route --route-table-id {table} --destination-cidr-block 0.0.0.0/0 --gateway-id {gateway}"
        ));
        let group = self.text(
            &format!(
                "ec2 create-security-group --group-name open --description open --vpc-id {vpc}"
            ),
            "/GroupId",
        );
        self.aws(&format!(
            "ec2 authorize-security-group-ingress --group-id {group} --protocol -1 --cidr 0.0.0.0/0"
        ));
        Network {
            vpc,
            subnets,
            group,
        }
    }

    /// An instance profile of one name with its role, which may do these actions on everything.
    pub fn make_role(&self, name: &str, actions: &[&str]) {
        let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
            "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]});
        let may = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
            "Action": actions, "Resource": "*"}]});
        for words in [
            format!("iam create-role --role-name {name} --assume-role-policy-document {trust}"),
            format!(
                "iam put-role-policy --role-name {name} --policy-name p --policy-document {may}"
            ),
            format!("iam create-instance-profile --instance-profile-name {name}"),
            format!(
                "iam add-role-to-instance-profile --instance-profile-name {name} --role-name {name}"
            ),
        ] {
            self.aws(&words);
        }
    }

    /// A NAT gateway in a subnet, with more words for `create-nat-gateway`; available when it is told.
    #[track_caller]
    pub fn nat_gateway(&self, subnet: &str, more: &str) -> String {
        let words = format!("ec2 create-nat-gateway --subnet-id {subnet} {more}");
        let id = self.text(&words, "/NatGateway/NatGatewayId");
        self.aws(&format!(
            "ec2 wait nat-gateway-available --nat-gateway-ids {id}"
        ));
        id
    }

    /// An Elastic address: the id of its allocation, and itself.
    pub fn elastic_address(&self) -> (String, String) {
        let answer = self.aws("ec2 allocate-address");
        let text = |member: &str| answer[member].as_str().unwrap().to_owned();
        (text("AllocationId"), text("PublicIp"))
    }

    /// A table for one of a network's subnets that leads nowhere; its id.
    pub fn lone_table(&self, network: &Network, subnet: usize) -> String {
        let words = format!("ec2 create-route-table --vpc-id {}", network.vpc);
        let table = self.text(&words, "/RouteTable/RouteTableId");
        let subnet = &network.subnets[subnet];
        self.aws(&format!(
            "ec2 associate-route-table --route-table-id {table} --subnet-id {subnet}"
        ));
        table
    }

    /// Launches an instance with more words for `run-instances`, and waits until it runs.
    #[track_caller]
    pub fn launch(&self, more: &str) -> String {
        let id = self.text(
            &format!(
                "ec2 run-instances --image-id ami-0abcdef1234567890 --instance-type t3.large {more}"
            ),
            "/Instances/0/InstanceId",
        );
        self.aws(&format!("ec2 wait instance-running --instance-ids {id}"));
        id
    }

    /// Waits until the bond of an interface has a status.
    pub fn bond_becomes(&self, eni: &str, status: &str) {
        eventually(&format!("{eni} {status}"), || {
            let words = format!("ec2 describe-network-interfaces --network-interface-ids {eni}");
            let answer = self.aws(&words);
            let shown = answer.pointer("/NetworkInterfaces/0/Attachment/Status");
            (shown == Some(&Value::from(status))).then_some(())
        });
    }
}

/// What [`User::network`] made.
pub struct Network {
    pub vpc: String,
    pub subnets: [String; 2],
    pub group: String,
}
