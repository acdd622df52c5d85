//! Reachability Analyzer's explanation codes. AWS: Reachability Analyzer guide, "Explanation codes".
#![allow(clippy::unwrap_used)]

mod common;

use common::{Owner, REGION, hosts};
use openvpc_model::AnalysisState;
use openvpc_reach::analysis::analyze;
use serde_json::{Value, json};

/// What an analysis from one resource to another explains; null if there is a path.
#[track_caller]
fn explained(owner: &mut Owner, source: &str, destination: &str, to: (&str, u16)) -> Value {
    found(owner, source, destination, to)["Explanations"][0].clone()
}

/// All that it finds.
#[track_caller]
fn found(
    owner: &mut Owner,
    source: &str,
    destination: &str,
    (protocol, port): (&str, u16),
) -> Value {
    let input = json!({
        "Source": source, "Destination": destination, "Protocol": protocol, "DestinationPort": port,
        "ClientToken": format!("{destination}-{protocol}-{port}"),
    });
    let pointer = "/NetworkInsightsPath/NetworkInsightsPathId";
    let id = owner.make("CreateNetworkInsightsPath", input, pointer);
    let path = &owner.world().regions[REGION].network_insights_paths[&id.parse().unwrap()];
    match analyze(&owner.workshop(&hosts()), owner.world(), REGION, path) {
        AnalysisState::Succeeded { findings, .. } => serde_json::from_str(&findings).unwrap(),
        other => panic!("{other:?}"),
    }
}

/// An instance `web` beside the node of a load balancer with a listener at 80 that has `targets`; the instance's id, the
/// node's interface and the listener's target group.
fn balanced(owner: &mut Owner, targets: &[&str]) -> (String, String, String) {
    let vpc = owner.vpc("10.0.0.0/16");
    let subnet = owner.subnet(&vpc, "10.0.1.0/24");
    let group = owner.group(&vpc, "web");
    let web = owner.instance("web", &subnet, &group, "10.0.1.10");
    let input =
        json!({"Name": "front", "Type": "network", "Scheme": "internal", "Subnets": [subnet]});
    let pointer = "/LoadBalancers/0/LoadBalancerArn";
    let balancer = owner.elb("CreateLoadBalancer", input, pointer);
    let input =
        json!({"Name": "back", "Protocol": "TCP", "Port": 80, "VpcId": vpc, "TargetType": "ip"});
    let targets_of = owner.elb("CreateTargetGroup", input, "/TargetGroups/0/TargetGroupArn");
    for target in targets {
        let zone = json!({"Id": target, "Port": 80});
        let input = json!({"TargetGroupArn": targets_of, "Targets": [zone]});
        owner.elb("RegisterTargets", input, "");
    }
    let forward = json!([{"Type": "forward", "TargetGroupArn": targets_of}]);
    let input = json!({"LoadBalancerArn": balancer, "Protocol": "TCP", "Port": 80, "DefaultActions": forward});
    owner.elb("CreateListener", input, "");
    let region = &owner.world().regions[REGION];
    let node = region
        .load_balancers
        .values()
        .next()
        .unwrap()
        .nodes
        .values()
        .next()
        .unwrap();
    let node = node.to_string();
    (web, node, targets_of)
}

#[test]
fn a_load_balancer_names_its_listener_and_its_targets() {
    let mut owner = Owner::new();
    let (web, node, group) = balanced(&mut owner, &[]);
    let empty = explained(&mut owner, &web, &node, ("tcp", 80));
    assert_eq!(
        empty["ExplanationCode"], "ELBV2_LISTENER_HAS_NO_TG",
        "{empty:#}"
    );
    assert_eq!(empty["LoadBalancerTargetGroup"]["Arn"], group);
    assert_eq!(empty["LoadBalancerListenerPort"], 80);
    let other = explained(&mut owner, &web, &node, ("tcp", 81));
    assert_eq!(other["ExplanationCode"], "ELBV2_LISTENERS_MISMATCH");
    assert_eq!(other["Component"]["Id"], node);
    assert_eq!(other["Port"], 81);
    let udp = explained(&mut owner, &web, &node, ("udp", 80));
    assert_eq!(udp["ExplanationCode"], "PROTOCOL_RESTRICTION");
    let arn = udp["LoadBalancerArn"].as_str().unwrap();
    assert!(arn.contains("loadbalancer/net/front/"), "{arn}");
}

#[test]
fn an_endpoint_that_nobody_accepted_is_in_no_state_to_carry() {
    let mut owner = Owner::new();
    let (web, _, _) = balanced(&mut owner, &["10.0.1.10"]);
    let region = &owner.world().regions[REGION];
    let balancer = region.load_balancers.values().next().unwrap();
    let (arn, vpc) = (balancer.arn(REGION), balancer.vpc.to_string());
    let input = json!({"NetworkLoadBalancerArns": [arn], "AcceptanceRequired": true});
    let pointer = "/ServiceConfiguration/ServiceName";
    let service = owner.make("CreateVpcEndpointServiceConfiguration", input, pointer);
    let subnet = owner.subnet(&vpc, "10.0.2.0/24");
    for (name, protocol, code) in [
        (service.as_str(), "tcp", "BAD_STATE"),
        (
            "com.amazonaws.us-east-1.logs",
            "udp",
            "PROTOCOL_RESTRICTION",
        ),
    ] {
        let groups = owner.group(&vpc, name.rsplit('.').next().unwrap());
        let everything = json!([{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]);
        let input = json!({"GroupId": groups, "IpPermissions": everything});
        owner.call("AuthorizeSecurityGroupIngress", input);
        let made = owner.call(
            "CreateVpcEndpoint",
            json!({
                "VpcId": vpc, "ServiceName": name, "VpcEndpointType": "Interface", "SubnetIds": [subnet],
                "SecurityGroupIds": [groups], "PrivateDnsEnabled": false,
            }),
        );
        let endpoint = &made["VpcEndpoint"];
        let interface = endpoint["NetworkInterfaceIds"][0].as_str().unwrap();
        let explained = explained(&mut owner, &web, interface, (protocol, 443));
        assert_eq!(explained["ExplanationCode"], code, "{explained:#}");
        assert_eq!(explained["VpcEndpoint"]["Id"], endpoint["VpcEndpointId"]);
    }
}

#[test]
fn vpcs_that_nothing_joins_are_disconnected() {
    let mut owner = Owner::new();
    let mut hosts = Vec::new();
    for block in ["10.1", "10.2", "10.3"] {
        let vpc = owner.vpc(&format!("{block}.0.0/16"));
        let subnet = owner.subnet(&vpc, &format!("{block}.1.0/24"));
        let group = owner.group(&vpc, "host");
        let host = owner.instance(block, &subnet, &group, &format!("{block}.1.10"));
        hosts.push((vpc, host));
    }
    let (first, last) = (hosts[0].1.clone(), hosts[2].1.clone());
    let apart = explained(&mut owner, &first, &last, ("tcp", 22));
    assert_eq!(apart["ExplanationCode"], "DISCONNECTED_VPCS");
    // A chain joins them, though no route leads along it; its near end is a way that was not taken.
    let mut chain = Vec::new();
    for pair in hosts.windows(2) {
        let input = json!({"VpcId": pair[0].0, "PeerVpcId": pair[1].0});
        let pointer = "/VpcPeeringConnection/VpcPeeringConnectionId";
        let id = owner.make("CreateVpcPeeringConnection", input, pointer);
        owner.call(
            "AcceptVpcPeeringConnection",
            json!({"VpcPeeringConnectionId": id}),
        );
        chain.push(id);
    }
    let joined = found(&mut owner, &first, &last, ("tcp", 23));
    let explained = &joined["Explanations"][0];
    assert_eq!(explained["ExplanationCode"], "NO_ROUTE_TO_DESTINATION");
    let hints = joined["AlternatePathHints"].as_array().unwrap();
    let hints: Vec<&Value> = hints.iter().map(|hint| &hint["ComponentId"]).collect();
    assert_eq!(hints, [&json!(chain[0])]);
}
