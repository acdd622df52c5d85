//! EP-8, EP-10: what Terraform's aws_lb, aws_lb_target_group, aws_lb_listener and aws_lb_target_group_attachment send and
//! read back, and every refusal.

use openvpc_model::*;
use serde_json::{Value, json};

use crate::testing::{Bench, count, text};

/// A VPC with a subnet in each of two zones.
struct Stage {
    bench: Bench,
    vpc: String,
    subnets: [String; 2],
}

impl Stage {
    fn new() -> Stage {
        let mut bench = Bench::new();
        let vpc = bench.ok("CreateVpc", json!({"CidrBlock": "10.0.0.0/16"}));
        let vpc = text(&vpc, "/Vpc/VpcId");
        let subnets = [("10.0.1.0/24", "us-east-1a"), ("10.0.2.0/24", "us-east-1b")];
        let subnets = subnets.map(|(cidr, zone)| {
            let input = json!({"VpcId": vpc, "CidrBlock": cidr, "AvailabilityZone": zone});
            text(&bench.ok("CreateSubnet", input), "/Subnet/SubnetId")
        });
        Stage {
            bench,
            vpc,
            subnets,
        }
    }

    fn balancer(&self, name: &str) -> Value {
        json!({"Name": name, "Type": "network", "Scheme": "internal", "Subnets": self.subnets})
    }

    fn create(&mut self, name: &str) -> String {
        let input = self.balancer(name);
        let made = self.bench.elb_ok("CreateLoadBalancer", input);
        text(&made, "/LoadBalancers/0/LoadBalancerArn")
    }

    fn group(&mut self, name: &str, kind: &str) -> String {
        let input = json!({"Name": name, "Protocol": "TCP", "Port": 80, "VpcId": self.vpc, "TargetType": kind});
        let made = self.bench.elb_ok("CreateTargetGroup", input);
        text(&made, "/TargetGroups/0/TargetGroupArn")
    }

    fn listen(&mut self, lb: &str, group: &str, port: u16) -> String {
        let made = self
            .bench
            .elb_ok("CreateListener", listener(lb, group, port));
        text(&made, "/Listeners/0/ListenerArn")
    }
}

fn listener(lb: &str, group: &str, port: u16) -> Value {
    let action = json!({"Type": "forward", "TargetGroupArn": group});
    json!({"LoadBalancerArn": lb, "Protocol": "TCP", "Port": port, "DefaultActions": [action]})
}

#[test]
fn a_load_balancer_has_one_node_a_subnet() {
    let mut stage = Stage::new();
    let arn = stage.create("web");
    let prefix = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/web/";
    let id = arn.strip_prefix(prefix).unwrap().to_owned();
    let seen = stage
        .bench
        .elb_ok("DescribeLoadBalancers", json!({"Names": ["web"]}));
    let seen = &seen["LoadBalancers"][0];
    assert_eq!(
        seen["DNSName"],
        format!("web-{id}.elb.us-east-1.amazonaws.com")
    );
    assert_eq!(seen["State"]["Code"], "active");
    assert_eq!(seen["CanonicalHostedZoneId"], "Z26RNL4JYFTOTI");
    assert_eq!(count(seen, "AvailabilityZones"), 2);
    let nodes = stage.bench.ok("DescribeNetworkInterfaces", json!({}));
    for node in nodes["NetworkInterfaces"].as_array().unwrap() {
        assert_eq!(node["InterfaceType"], "network_load_balancer");
        assert_eq!(node["Description"], format!("ELB net/web/{id}"));
        assert_eq!(node["RequesterManaged"], true);
    }
    assert_eq!(count(&nodes, "NetworkInterfaces"), 2);
    assert_eq!(
        stage
            .bench
            .refused("DeleteSubnet", json!({"SubnetId": stage.subnets[0]})),
        "DependencyViolation"
    );
    stage
        .bench
        .elb_ok("DeleteLoadBalancer", json!({"LoadBalancerArn": arn}));
    stage
        .bench
        .elb_ok("DeleteLoadBalancer", json!({"LoadBalancerArn": arn}));
    stage
        .bench
        .ok("DeleteSubnet", json!({"SubnetId": stage.subnets[0]}));
    assert_eq!(
        stage
            .bench
            .elb_refused("DescribeLoadBalancers", json!({"LoadBalancerArns": [arn]})),
        "LoadBalancerNotFound"
    );
}

#[test]
fn the_same_request_again_gets_the_same_and_another_is_refused() {
    let mut stage = Stage::new();
    let first = stage.create("web");
    assert_eq!(stage.create("web"), first);
    let mut other = stage.balancer("web");
    other["Subnets"] = json!([stage.subnets[0]]);
    assert_eq!(
        stage.bench.elb_refused("CreateLoadBalancer", other),
        "DuplicateLoadBalancerName"
    );
    let group = stage.group("g", "ip");
    assert_eq!(stage.group("g", "ip"), group);
    let other =
        json!({"Name": "g", "Protocol": "TCP", "Port": 81, "VpcId": stage.vpc, "TargetType": "ip"});
    assert_eq!(
        stage.bench.elb_refused("CreateTargetGroup", other),
        "DuplicateTargetGroupName"
    );
}

#[test]
fn creation_refuses_what_cannot_be() {
    let mut stage = Stage::new();
    let third =
        json!({"VpcId": stage.vpc, "CidrBlock": "10.0.3.0/24", "AvailabilityZone": "us-east-1a"});
    let third = text(&stage.bench.ok("CreateSubnet", third), "/Subnet/SubnetId");
    let [a, _] = stage.subnets.clone();
    for (changed, to, code) in [
        ("Type", json!("application"), "InvalidConfigurationRequest"),
        ("Type", json!("gateway"), "InvalidConfigurationRequest"),
        ("Type", json!("other"), "ValidationError"),
        ("Scheme", json!("outward"), "InvalidScheme"),
        ("Scheme", json!("internet-facing"), "InvalidSubnet"),
        ("Subnets", json!([]), "ValidationError"),
        (
            "Subnets",
            json!(["subnet-0123456789abcdef0"]),
            "SubnetNotFound",
        ),
        ("Subnets", json!([a, third]), "InvalidConfigurationRequest"),
        (
            "SubnetMappings",
            json!([{"SubnetId": a}]),
            "ValidationError",
        ),
        (
            "SecurityGroups",
            json!(["sg-0123456789abcdef0"]),
            "InvalidSecurityGroup",
        ),
        (
            "IpAddressType",
            json!("dualstack"),
            "InvalidConfigurationRequest",
        ),
        ("Name", json!("-web"), "ValidationError"),
        ("Name", json!("internal-web"), "ValidationError"),
        ("Name", json!("w_b"), "ValidationError"),
        ("Name", json!("a".repeat(33)), "ValidationError"),
        (
            "Tags",
            json!([{"Key": "k"}, {"Key": "k"}]),
            "DuplicateTagKeys",
        ),
    ] {
        let mut input = stage.balancer("web");
        input[changed] = to.clone();
        let refused = stage.bench.elb_refused("CreateLoadBalancer", input);
        assert_eq!(refused, code, "{changed} {to}");
    }
    let enis = stage.bench.ok("DescribeNetworkInterfaces", json!({}));
    assert_eq!(
        count(&enis, "NetworkInterfaces"),
        0,
        "a refusal leaves nothing"
    );
}

#[test]
fn nodes_stand_where_they_are_asked_to() {
    let mut stage = Stage::new();
    let [a, b] = stage.subnets.clone();
    let input = json!({"Name": "web", "Type": "network", "Scheme": "internal", "SubnetMappings": [
        {"SubnetId": a, "PrivateIPv4Address": "10.0.1.20"},
    ]});
    let made = stage.bench.elb_ok("CreateLoadBalancer", input);
    let arn = text(&made, "/LoadBalancers/0/LoadBalancerArn");
    let set = stage.bench.elb_ok(
        "SetSubnets",
        json!({"LoadBalancerArn": arn, "Subnets": [a, b]}),
    );
    assert_eq!(count(&set, "AvailabilityZones"), 2);
    let enis = stage.bench.ok("DescribeNetworkInterfaces", json!({}));
    let enis = enis["NetworkInterfaces"].as_array().unwrap();
    assert!(
        enis.iter()
            .any(|eni| eni["PrivateIpAddress"] == "10.0.1.20")
    );
    let set = stage.bench.elb_ok(
        "SetSubnets",
        json!({"LoadBalancerArn": arn, "Subnets": [b]}),
    );
    assert_eq!(set["AvailabilityZones"][0]["ZoneName"], "us-east-1b");
    stage.bench.ok("DeleteSubnet", json!({"SubnetId": a}));
}

#[test]
fn an_internet_facing_one_has_public_addresses() {
    let mut stage = Stage::new();
    let igw = stage.bench.ok("CreateInternetGateway", json!({}));
    let igw = text(&igw, "/InternetGateway/InternetGatewayId");
    let attach = json!({"VpcId": stage.vpc, "InternetGatewayId": igw});
    stage.bench.ok("AttachInternetGateway", attach);
    let eip = stage
        .bench
        .ok("AllocateAddress", json!({"Address": "192.0.2.10"}));
    let eip = text(&eip, "/AllocationId");
    let [a, b] = stage.subnets.clone();
    let input = |eip: &str| {
        json!({"Name": "web", "Type": "network", "SubnetMappings": [
            {"SubnetId": a, "AllocationId": eip}, {"SubnetId": b},
        ]})
    };
    assert_eq!(
        stage
            .bench
            .elb_refused("CreateLoadBalancer", input("eipalloc-0123456789abcdef0")),
        "AllocationIdNotFound"
    );
    let made = stage.bench.elb_ok("CreateLoadBalancer", input(&eip));
    let zones = made["LoadBalancers"][0]["AvailabilityZones"]
        .as_array()
        .unwrap();
    let of_a = zones
        .iter()
        .find(|zone| zone["SubnetId"] == a.as_str())
        .unwrap();
    assert_eq!(of_a["LoadBalancerAddresses"][0]["IpAddress"], "192.0.2.10");
    let enis = stage.bench.ok("DescribeNetworkInterfaces", json!({}));
    for eni in enis["NetworkInterfaces"].as_array().unwrap() {
        assert!(eni["Association"]["PublicIp"].is_string());
    }
    let arn = text(&made, "/LoadBalancers/0/LoadBalancerArn");
    stage
        .bench
        .elb_ok("DeleteLoadBalancer", json!({"LoadBalancerArn": arn}));
    let seen = stage.bench.ok("DescribeAddresses", json!({}));
    assert!(seen["Addresses"][0]["AssociationId"].is_null());
}

#[test]
fn attributes_are_read_back_as_they_were_sent() {
    let mut stage = Stage::new();
    let arn = stage.create("web");
    let set = json!({"LoadBalancerArn": arn, "Attributes": [
        {"Key": "access_logs.s3.enabled", "Value": "false"},
        {"Key": "deletion_protection.enabled", "Value": "true"},
        {"Key": "load_balancing.cross_zone.enabled", "Value": "true"},
        {"Key": "dns_record.client_routing_policy", "Value": "any_availability_zone"},
    ]});
    stage.bench.elb_ok("ModifyLoadBalancerAttributes", set);
    let seen = stage.bench.elb_ok(
        "DescribeLoadBalancerAttributes",
        json!({"LoadBalancerArn": arn}),
    );
    for key in [
        "deletion_protection.enabled",
        "load_balancing.cross_zone.enabled",
    ] {
        assert!(
            seen["Attributes"]
                .as_array()
                .unwrap()
                .contains(&json!({"Key": key, "Value": "true"}))
        );
    }
    assert_eq!(
        stage
            .bench
            .elb_refused("DeleteLoadBalancer", json!({"LoadBalancerArn": arn})),
        "OperationNotPermitted"
    );
    for (key, value, code) in [
        (
            "access_logs.s3.enabled",
            "true",
            "InvalidConfigurationRequest",
        ),
        ("deletion_protection.enabled", "yes", "ValidationError"),
        ("no_such", "true", "ValidationError"),
    ] {
        let set = json!({"LoadBalancerArn": arn, "Attributes": [{"Key": key, "Value": value}]});
        assert_eq!(
            stage.bench.elb_refused("ModifyLoadBalancerAttributes", set),
            code,
            "{key}"
        );
    }
    let group = stage.group("g", "ip");
    let set = |key: &str, value: &str| json!({"TargetGroupArn": group, "Attributes": [{"Key": key, "Value": value}]});
    for (key, value) in [
        ("deregistration_delay.timeout_seconds", "10"),
        ("preserve_client_ip.enabled", "true"),
        ("load_balancing.cross_zone.enabled", "false"),
        (
            "load_balancing.cross_zone.enabled",
            "use_load_balancer_configuration",
        ),
        ("proxy_protocol_v2.enabled", "true"),
        ("proxy_protocol_v2.enabled", "false"),
    ] {
        let seen = stage
            .bench
            .elb_ok("ModifyTargetGroupAttributes", set(key, value));
        assert!(
            seen["Attributes"]
                .as_array()
                .unwrap()
                .contains(&json!({"Key": key, "Value": value}))
        );
    }
    let refused = stage.bench.elb_refused(
        "ModifyTargetGroupAttributes",
        set("stickiness.enabled", "true"),
    );
    assert_eq!(refused, "InvalidConfigurationRequest");
}

/// A group cannot be given to one that was made without any (Network Load Balancer guide, "Security groups").
#[test]
fn security_groups_are_for_life() {
    let mut stage = Stage::new();
    let plain = stage.create("plain");
    let group = |stage: &mut Stage, name: &str| {
        let input = json!({"GroupName": name, "Description": "d", "VpcId": stage.vpc});
        text(&stage.bench.ok("CreateSecurityGroup", input), "/GroupId")
    };
    let (one, two) = (group(&mut stage, "one"), group(&mut stage, "two"));
    let set = |arn: &str, groups: Value| json!({"LoadBalancerArn": arn, "SecurityGroups": groups});
    let refused = stage
        .bench
        .elb_refused("SetSecurityGroups", set(&plain, json!([one])));
    assert_eq!(refused, "InvalidConfigurationRequest");
    let mut input = stage.balancer("grouped");
    input["SecurityGroups"] = json!([one]);
    let made = stage.bench.elb_ok("CreateLoadBalancer", input);
    let arn = text(&made, "/LoadBalancers/0/LoadBalancerArn");
    let mut change = set(&arn, json!([two]));
    change["EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic"] = "off".into();
    stage.bench.elb_ok("SetSecurityGroups", change);
    let seen = stage
        .bench
        .elb_ok("DescribeLoadBalancers", json!({"Names": ["grouped"]}));
    let seen = &seen["LoadBalancers"][0];
    assert_eq!(seen["SecurityGroups"], json!([two]));
    assert_eq!(
        seen["EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic"],
        "off"
    );
    let refused = stage
        .bench
        .refused("DeleteSecurityGroup", json!({"GroupId": two}));
    assert_eq!(refused, "DependencyViolation");
    stage
        .bench
        .ok("DeleteSecurityGroup", json!({"GroupId": one}));
    let refused = stage
        .bench
        .elb_refused("SetSecurityGroups", set(&arn, json!([])));
    assert_eq!(refused, "InvalidConfigurationRequest");
}

#[test]
fn a_listener_forwards_to_one_group_of_its_load_balancer() {
    let mut stage = Stage::new();
    let (lb, group) = (stage.create("web"), stage.group("g", "ip"));
    let arn = stage.listen(&lb, &group, 80);
    let id = lb.replace(":loadbalancer/", ":listener/");
    assert!(arn.starts_with(&format!("{id}/")), "{arn}");
    let seen = stage
        .bench
        .elb_ok("DescribeListeners", json!({"LoadBalancerArn": lb}));
    assert_eq!(
        seen["Listeners"][0]["DefaultActions"][0]["TargetGroupArn"],
        group.as_str()
    );
    let other = stage.create("other");
    for (input, code) in [
        (listener(&lb, &group, 80), "DuplicateListener"),
        (listener(&other, &group, 80), "TargetGroupAssociationLimit"),
        (listener(&lb, &lb, 81), "ValidationError"),
        (
            listener(&lb, &group.replace(":targetgroup/g", ":targetgroup/h"), 81),
            "TargetGroupNotFound",
        ),
        (listener(&group, &group, 81), "ValidationError"),
        (listener(&lb, &group, 0), "ValidationError"),
    ] {
        assert_eq!(
            stage.bench.elb_refused("CreateListener", input.clone()),
            code,
            "{input}"
        );
    }
    let mut udp = listener(&lb, &group, 81);
    udp["Protocol"] = "UDP".into();
    assert_eq!(
        stage.bench.elb_refused("CreateListener", udp),
        "UnsupportedProtocol"
    );
    let in_use = json!({"TargetGroupArn": group});
    assert_eq!(
        stage.bench.elb_refused("DeleteTargetGroup", in_use.clone()),
        "ResourceInUse"
    );
    stage
        .bench
        .elb_ok("ModifyListener", json!({"ListenerArn": arn, "Port": 8080}));
    let idle = |secs: &str| json!({"ListenerArn": arn, "Attributes": [{"Key": "tcp.idle_timeout.seconds", "Value": secs}]});
    stage.bench.elb_ok("ModifyListenerAttributes", idle("60"));
    assert_eq!(
        stage
            .bench
            .elb_refused("ModifyListenerAttributes", idle("59")),
        "ValidationError"
    );
    stage
        .bench
        .elb_ok("DeleteListener", json!({"ListenerArn": arn}));
    assert_eq!(
        stage
            .bench
            .elb_refused("DeleteListener", json!({"ListenerArn": arn})),
        "ListenerNotFound"
    );
    stage.bench.elb_ok("DeleteTargetGroup", in_use);
}

fn state(stage: &mut Stage, group: &str, target: Value) -> (String, Option<String>) {
    let asked = json!({"TargetGroupArn": group, "Targets": [target]});
    let seen = stage.bench.elb_ok("DescribeTargetHealth", asked);
    let health = &seen["TargetHealthDescriptions"][0]["TargetHealth"];
    let reason = health["Reason"].as_str().map(str::to_owned);
    (text(health, "/State"), reason)
}

#[test]
fn a_target_is_as_its_probes_found_it() {
    let mut stage = Stage::new();
    let (lb, group) = (stage.create("web"), stage.group("g", "ip"));
    let target = json!({"Id": "10.0.1.5"});
    let register = json!({"TargetGroupArn": group, "Targets": [target]});
    let is = |state: &str, reason: &str| (state.to_owned(), Some(reason.to_owned()));
    assert_eq!(
        state(&mut stage, &group, target.clone()),
        is("unused", "Target.NotRegistered")
    );
    stage.bench.elb_ok("RegisterTargets", register.clone());
    assert_eq!(
        state(&mut stage, &group, target.clone()),
        is("unused", "Target.NotInUse")
    );
    stage.listen(&lb, &group, 80);
    assert_eq!(
        state(&mut stage, &group, target.clone()),
        is("initial", "Elb.InitialHealthChecking")
    );
    let id = *stage.bench.world.regions["us-east-1"]
        .target_groups
        .keys()
        .next()
        .unwrap();
    let named = Target {
        id: TargetId::Ip("10.0.1.5".parse().unwrap()),
        port: 80,
    };
    for (found, wanted) in [
        (TargetState::Healthy, ("healthy".to_owned(), None)),
        (
            TargetState::Unhealthy(ProbeFailure::Timeout),
            is("unhealthy", "Target.Timeout"),
        ),
        (
            TargetState::Unhealthy(ProbeFailure::Failed),
            is("unhealthy", "Target.FailedHealthChecks"),
        ),
        (
            TargetState::Unhealthy(ProbeFailure::ResponseCode(404)),
            is("unhealthy", "Target.ResponseCodeMismatch"),
        ),
    ] {
        stage.bench.health.states.insert((id, named), found);
        assert_eq!(state(&mut stage, &group, target.clone()), wanted);
    }
    stage.bench.elb_ok("DeregisterTargets", register);
    assert_eq!(
        state(&mut stage, &group, target.clone()),
        is("draining", "Target.DeregistrationInProgress")
    );
    stage.bench.now += 300_000;
    assert_eq!(
        state(&mut stage, &group, target),
        is("unused", "Target.NotRegistered")
    );
}

#[test]
fn targets_are_what_the_group_takes() {
    let mut stage = Stage::new();
    let by_ip = stage.group("ip", "ip");
    let by_id = stage.group("id", "instance");
    for (group, target, code) in [
        (&by_ip, json!({"Id": "10.0.1.256"}), "ValidationError"),
        (&by_ip, json!({"Id": "10.9.0.1"}), "InvalidTarget"),
        (
            &by_ip,
            json!({"Id": "203.0.113.5", "AvailabilityZone": "all"}),
            "InvalidTarget",
        ),
        (
            &by_ip,
            json!({"Id": "10.0.1.5", "AvailabilityZone": "us-east-1b"}),
            "InvalidTarget",
        ),
        (
            &by_ip,
            json!({"Id": "10.0.1.5", "Port": 0}),
            "ValidationError",
        ),
        (&by_id, json!({"Id": "10.0.1.5"}), "InvalidTarget"),
        (
            &by_id,
            json!({"Id": "i-0123456789abcdef0"}),
            "InvalidTarget",
        ),
    ] {
        let input = json!({"TargetGroupArn": group, "Targets": [target]});
        assert_eq!(
            stage.bench.elb_refused("RegisterTargets", input.clone()),
            code,
            "{input}"
        );
    }
    let far = json!({"TargetGroupArn": by_ip, "Targets": [{"Id": "10.9.0.1", "AvailabilityZone": "all"}]});
    stage.bench.elb_ok("RegisterTargets", far);
    let run = json!({"ImageId": "ami-0abcdef1234567890", "MinCount": 1, "MaxCount": 1, "SubnetId": stage.subnets[0]});
    let instance = text(
        &stage.bench.ok("RunInstances", run),
        "/Instances/0/InstanceId",
    );
    let input = json!({"TargetGroupArn": by_id, "Targets": [{"Id": instance}]});
    stage.bench.elb_ok("RegisterTargets", input);
}

#[test]
fn health_checks_are_checked() {
    let mut stage = Stage::new();
    let group = stage.group("g", "ip");
    let input = |more: Value| {
        let mut input = more;
        input["TargetGroupArn"] = group.as_str().into();
        input
    };
    for (more, code) in [
        (
            json!({"HealthCheckPath": "/up"}),
            "InvalidConfigurationRequest",
        ),
        (
            json!({"HealthCheckProtocol": "HTTP", "HealthCheckPath": "up"}),
            "ValidationError",
        ),
        (
            json!({"HealthCheckProtocol": "HTTPS"}),
            "InvalidConfigurationRequest",
        ),
        (json!({"HealthCheckIntervalSeconds": 4}), "ValidationError"),
        (
            json!({"HealthCheckIntervalSeconds": 5, "HealthCheckTimeoutSeconds": 6}),
            "ValidationError",
        ),
        (json!({"HealthyThresholdCount": 11}), "ValidationError"),
        (json!({"HealthCheckPort": "0"}), "ValidationError"),
        (
            json!({"HealthCheckEnabled": false}),
            "InvalidConfigurationRequest",
        ),
        (
            json!({"HealthCheckProtocol": "HTTP", "Matcher": {"HttpCode": "99"}}),
            "ValidationError",
        ),
    ] {
        assert_eq!(
            stage
                .bench
                .elb_refused("ModifyTargetGroup", input(more.clone())),
            code,
            "{more}"
        );
    }
    let more = json!({"HealthCheckProtocol": "HTTP", "HealthCheckPath": "/up", "Matcher": {"HttpCode": "200-299"},
        "HealthCheckIntervalSeconds": 10, "HealthCheckTimeoutSeconds": 2, "HealthyThresholdCount": 2});
    let seen = stage.bench.elb_ok("ModifyTargetGroup", input(more));
    let seen = &seen["TargetGroups"][0];
    assert_eq!(seen["HealthCheckPath"], "/up");
    assert_eq!(seen["Matcher"]["HttpCode"], "200-299");
    assert_eq!(seen["HealthCheckPort"], "traffic-port");
}

#[test]
fn tags_belong_to_arns() {
    let mut stage = Stage::new();
    let (lb, group) = (stage.create("web"), stage.group("g", "ip"));
    let tags = json!([{"Key": "Name", "Value": "x"}]);
    stage.bench.elb_ok(
        "AddTags",
        json!({"ResourceArns": [lb, group], "Tags": tags}),
    );
    let seen = stage
        .bench
        .elb_ok("DescribeTags", json!({"ResourceArns": [lb]}));
    assert_eq!(seen["TagDescriptions"][0]["Tags"], tags);
    stage.bench.elb_ok(
        "RemoveTags",
        json!({"ResourceArns": [lb], "TagKeys": ["Name"]}),
    );
    let seen = stage
        .bench
        .elb_ok("DescribeTags", json!({"ResourceArns": [lb]}));
    assert_eq!(seen["TagDescriptions"][0]["Tags"], json!([]));
    let ec2 = stage.bench.ok("DescribeTags", json!({}));
    assert_eq!(count(&ec2, "Tags"), 0, "EC2 knows nothing of them");
    let mut other = stage.balancer("web");
    stage.bench.account = "210987654321".parse().unwrap();
    assert_eq!(
        stage
            .bench
            .elb_refused("DescribeTags", json!({"ResourceArns": [lb]})),
        "LoadBalancerNotFound"
    );
    other["Subnets"] = json!(stage.subnets);
    assert_eq!(
        stage.bench.elb_refused("CreateLoadBalancer", other),
        "SubnetNotFound"
    );
}
