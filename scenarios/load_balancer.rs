//! Network Load Balancer guide: connections of the stock clients' making, real servers, real probes (EP-8 … EP-10).

use serde_json::Value;

use crate::support::{Privilege, User};

/// A VPC with a subnet in each of two zones, its one group open, a client, and a server in each zone that says its zone.
pub struct Stage {
    pub user: User,
    pub vpc: String,
    pub subnets: [String; 2],
    pub client: String,
    pub servers: [String; 2],
}

impl Stage {
    pub fn new(privilege: Privilege) -> Stage {
        let stage = Stage::of(User::of_new_daemon(privilege));
        for (server, zone) in stage.servers.iter().zip(["a", "b"]) {
            stage.serve(server, zone);
        }
        stage
    }

    /// The same, whose servers serve nothing yet.
    pub fn of(user: User) -> Stage {
        let vpc = user.text("ec2 create-vpc --cidr-block 10.0.0.0/16", "/Vpc/VpcId");
        let subnets = [("10.0.1.0/24", "us-east-1a"), ("10.0.2.0/24", "us-east-1b")];
        let subnets = subnets.map(|(cidr, zone)| {
            let words = format!(
                "ec2 create-subnet --vpc-id {vpc} --cidr-block {cidr} --availability-zone {zone}"
            );
            user.text(&words, "/Subnet/SubnetId")
        });
        let words =
            format!("ec2 create-security-group --group-name g --description g --vpc-id {vpc}");
        let group = user.text(&words, "/GroupId");
        user.aws(&format!(
            "ec2 authorize-security-group-ingress --group-id {group} --protocol -1 --cidr 0.0.0.0/0"
        ));
        let launch = |subnet: &str, address: &str| {
            user.launch(&format!(
                "--subnet-id {subnet} --security-group-ids {group} --private-ip-address {address}"
            ))
        };
        let client = launch(&subnets[0], "10.0.1.10");
        let servers = [
            launch(&subnets[0], "10.0.1.20"),
            launch(&subnets[1], "10.0.2.20"),
        ];
        Stage {
            user,
            vpc,
            subnets,
            client,
            servers,
        }
    }

    /// Starts a web server that says `text`, and writes down who calls.
    pub fn serve(&self, server: &str, text: &str) {
        self.user.ok(
            server,
            &format!(
                "mkdir -p /tmp/www && echo {text} > /tmp/www/zone && cd /tmp/www && \
                 (nohup python3 -u -m http.server 8080 >/tmp/log 2>&1 & echo $! >/tmp/pid)"
            ),
        );
    }

    /// A load balancer with a node in each subnet, and one listener on port 80; its ARN and name.
    pub fn balance(&self, name: &str, group: &str) -> (String, String) {
        let [a, b] = &self.subnets;
        let made = self.user.aws(&format!(
            "elbv2 create-load-balancer --name {name} --type network --scheme internal --subnets {a} {b}"
        ));
        let text = |member: &str| {
            made["LoadBalancers"][0][member]
                .as_str()
                .unwrap()
                .to_owned()
        };
        let (arn, dns) = (text("LoadBalancerArn"), text("DNSName"));
        self.user.aws(&format!(
            "elbv2 create-listener --load-balancer-arn {arn} --protocol TCP --port 80 \
             --default-actions Type=forward,TargetGroupArn={group}"
        ));
        (arn, dns)
    }

    /// A target group for port 8080, probed every five seconds over HTTP.
    pub fn group(&self, name: &str, kind: &str, targets: &[&str]) -> String {
        let arn = self.user.text(
            &format!(
                "elbv2 create-target-group --name {name} --protocol TCP --port 8080 --vpc-id {} \
                 --target-type {kind} --health-check-protocol HTTP --health-check-path /zone \
                 --health-check-interval-seconds 5 --health-check-timeout-seconds 2 \
                 --healthy-threshold-count 2 --unhealthy-threshold-count 2",
                self.vpc
            ),
            "/TargetGroups/0/TargetGroupArn",
        );
        let targets: Vec<String> = targets.iter().map(|id| format!("Id={id}")).collect();
        let targets = targets.join(" ");
        self.user.aws(&format!(
            "elbv2 register-targets --target-group-arn {arn} --targets {targets}"
        ));
        arn
    }

    /// Waits until a target is in a state, which takes probes some rounds; the reason that is told with it.
    pub fn becomes(&self, group: &str, target: &str, state: &str) -> Option<String> {
        let words = format!(
            "elbv2 describe-target-health --target-group-arn {group} --targets Id={target}"
        );
        let end = std::time::Instant::now() + std::time::Duration::from_secs(40);
        loop {
            let seen = self.user.aws(&words);
            let health = &seen["TargetHealthDescriptions"][0]["TargetHealth"];
            if health["State"] == state {
                return health["Reason"].as_str().map(str::to_owned);
            }
            assert!(
                std::time::Instant::now() < end,
                "{target}: {health}, not {state}"
            );
            std::thread::sleep(std::time::Duration::from_millis(500));
        }
    }

    /// Which zones answer a few calls.
    fn zones(&self, name: &str) -> String {
        let line = format!(
            "for i in $(seq 20); do curl -s -m 2 http://{name}/zone; done | sort -u | tr -d '\\n'"
        );
        self.user.ok(&self.client, &line).trim().to_owned()
    }
}

fn connections_are_balanced(privilege: Privilege) {
    let stage = Stage::new(privilege);
    let [a, b] = &stage.servers;
    let group = stage.group("web", "instance", &[a, b]);
    let user = &stage.user;
    let (arn, name) = stage.balance("web", &group);
    for server in &stage.servers {
        assert_eq!(stage.becomes(&group, server, "healthy"), None);
    }
    // The name leads to both nodes; each chooses in its own zone.
    let line = format!("getent ahostsv4 {name} | awk '{{print $1}}' | sort -u | wc -l");
    assert_eq!(user.ok(&stage.client, &line).trim(), "2");
    assert_eq!(stage.zones(&format!("us-east-1a.{name}")), "a");
    assert_eq!(stage.zones(&format!("us-east-1b.{name}")), "b");
    // Targets by instance see who calls, and the probes of their zone's node.
    let log = user.ok(a, "cat /tmp/log");
    assert!(log.contains("10.0.1.10 - - "), "{log}");

    // EP-9: a zone without a living target answers nobody, unless nodes choose across zones. It leaves the name.
    user.ok(a, "kill $(cat /tmp/pid)");
    let reason = stage.becomes(&group, a, "unhealthy");
    assert_eq!(reason.as_deref(), Some("Target.FailedHealthChecks"));
    assert_eq!(user.ok(&stage.client, &line).trim(), "1");
    assert_eq!(stage.zones(&name), "b");
    let zonal = format!("curl -s -m 2 http://us-east-1a.{name}/zone");
    assert!(!user.sh(&stage.client, &zonal).status.success());
    user.aws(&format!(
        "elbv2 modify-load-balancer-attributes --load-balancer-arn {arn} \
         --attributes Key=load_balancing.cross_zone.enabled,Value=true"
    ));
    user.soon(&stage.client, &zonal);
    assert_eq!(stage.zones(&name), "b");
    stage.serve(a, "a");
    stage.becomes(&group, a, "healthy");
    assert_eq!(stage.zones(&format!("us-east-1b.{name}")), "ab");

    // Deregistered: no new connections.
    user.aws(&format!(
        "elbv2 deregister-targets --target-group-arn {group} --targets Id={a}"
    ));
    let reason = stage.becomes(&group, a, "draining");
    assert_eq!(reason.as_deref(), Some("Target.DeregistrationInProgress"));
    let output = user.daemon.openvpc(&["wait-applied"]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(stage.zones(&name), "b");

    let refused = user.aws_refused(&format!(
        "elbv2 delete-target-group --target-group-arn {group}"
    ));
    assert!(refused.contains("ResourceInUse"), "{refused}");
    user.aws(&format!(
        "elbv2 delete-load-balancer --load-balancer-arn {arn}"
    ));
    user.aws(&format!(
        "elbv2 wait load-balancers-deleted --load-balancer-arns {arn}"
    ));
    user.aws(&format!(
        "elbv2 delete-target-group --target-group-arn {group}"
    ));
    let nodes = "ec2 describe-network-interfaces --filters Name=interface-type,Values=network_load_balancer";
    assert_eq!(
        user.aws(nodes)["NetworkInterfaces"],
        Value::Array(Vec::new())
    );
}

#[test]
fn connections_are_balanced_as_whoever_runs_this() {
    connections_are_balanced(Privilege::Own);
}

#[test]
fn connections_are_balanced_without_privileges() {
    connections_are_balanced(Privilege::Rootless);
}

/// Targets by address see the node; a group that lets only clients in keeps probes out.
#[test]
fn targets_by_address_see_the_node() {
    let stage = Stage::new(Privilege::Own);
    let group = stage.group("web", "ip", &["10.0.2.20"]);
    let (_, name) = stage.balance("web", &group);
    stage.becomes(&group, "10.0.2.20", "healthy");
    let user = &stage.user;
    assert_eq!(stage.zones(&format!("us-east-1b.{name}")), "b");
    let nodes = user.aws(
        "ec2 describe-network-interfaces --filters Name=interface-type,Values=network_load_balancer \
         Name=availability-zone,Values=us-east-1b",
    );
    let node = nodes["NetworkInterfaces"][0]["PrivateIpAddress"]
        .as_str()
        .unwrap();
    let log = user.ok(&stage.servers[1], "cat /tmp/log");
    let callers: Vec<&str> = log
        .lines()
        .filter(|line| line.contains("GET /zone"))
        .collect();
    assert!(callers.iter().all(|line| line.starts_with(node)), "{log}");
}
