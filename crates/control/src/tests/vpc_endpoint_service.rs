//! The provider's side of PrivateLink: EP-1 … EP-7, EP-11, each refusal, and what consumers of other accounts see.

use openvpc_model::*;
use serde_json::{Value, json};

use crate::domain_proof;
use crate::testing::{Bench, count, text};

const CONSUMER: &str = "210987654321";

struct Stage {
    bench: Bench,
    vpc: String,
    balancers: [String; 2],
}

impl Stage {
    fn new() -> Stage {
        let mut bench = Bench::new();
        let vpc = bench.ok("CreateVpc", json!({"CidrBlock": "10.0.0.0/16"}));
        let vpc = text(&vpc, "/Vpc/VpcId");
        let balancers = [
            ("one", "10.0.1.0/24", "us-east-1a"),
            ("two", "10.0.2.0/24", "us-east-1b"),
        ];
        let balancers = balancers.map(|(name, cidr, zone)| {
            let subnet = json!({"VpcId": vpc, "CidrBlock": cidr, "AvailabilityZone": zone});
            let subnet = text(&bench.ok("CreateSubnet", subnet), "/Subnet/SubnetId");
            let input =
                json!({"Name": name, "Type": "network", "Scheme": "internal", "Subnets": [subnet]});
            let made = bench.elb_ok("CreateLoadBalancer", input);
            text(&made, "/LoadBalancers/0/LoadBalancerArn")
        });
        Stage {
            bench,
            vpc,
            balancers,
        }
    }

    fn offer(&mut self, more: Value) -> Value {
        let mut input = more;
        input["NetworkLoadBalancerArns"] = json!([self.balancers[0]]);
        let made = self
            .bench
            .ok("CreateVpcEndpointServiceConfiguration", input);
        made["ServiceConfiguration"].clone()
    }

    /// An endpoint of the consumer's, as its own calls would leave it.
    fn endpoint(&mut self, service: &str) -> String {
        let id = VpcEndpointId::from_random(7);
        let own = json!({
            "network_interfaces": {},
            "security_groups": [],
            "private_dns": false,
            "private_dns_only_for_inbound_resolver": false,
            "dns_label": "abcdefgh",
            "ip_address_type": "Ipv4",
        });
        let endpoint = VpcEndpoint {
            id,
            owner: CONSUMER.parse().unwrap(),
            vpc: self.vpc.parse().unwrap(),
            service: EndpointService::Customer(service.parse().unwrap()),
            state: VpcEndpointState::PendingAcceptance,
            policy: None,
            kind: VpcEndpointKind::Interface(serde_json::from_value(own).unwrap()),
            created_at: self.bench.now,
        };
        self.bench
            .apply("Test", vec![Event::VpcEndpointPut(endpoint)]);
        id.to_string()
    }

    fn as_consumer<T>(&mut self, call: impl FnOnce(&mut Bench) -> T) -> T {
        let owner = std::mem::replace(&mut self.bench.account, CONSUMER.parse().unwrap());
        let answer = call(&mut self.bench);
        self.bench.account = owner;
        answer
    }
}

#[test]
fn a_service_is_in_the_zones_of_its_load_balancers() {
    let mut stage = Stage::new();
    let service = stage.offer(json!({}));
    let id = text(&service, "/ServiceId");
    assert_eq!(
        service["ServiceName"],
        format!("com.amazonaws.vpce.us-east-1.{id}")
    );
    assert_eq!(service["AcceptanceRequired"], true);
    assert_eq!(service["AvailabilityZones"], json!(["us-east-1a"]));
    assert_eq!(
        service["BaseEndpointDnsNames"],
        json!([format!("{id}.us-east-1.vpce.amazonaws.com")])
    );
    let add = json!({"ServiceId": id, "AddNetworkLoadBalancerArns": [stage.balancers[1]]});
    stage.bench.ok("ModifyVpcEndpointServiceConfiguration", add);
    let seen = stage.bench.ok(
        "DescribeVpcEndpointServiceConfigurations",
        json!({"ServiceIds": [id]}),
    );
    let seen = &seen["ServiceConfigurations"][0];
    assert_eq!(
        seen["AvailabilityZones"],
        json!(["us-east-1a", "us-east-1b"])
    );
    // EP-2: what serves cannot go.
    let refused = stage.bench.elb_refused(
        "DeleteLoadBalancer",
        json!({"LoadBalancerArn": stage.balancers[0]}),
    );
    assert_eq!(refused, "ResourceInUse");
    stage.bench.ok(
        "DeleteVpcEndpointServiceConfigurations",
        json!({"ServiceIds": [id]}),
    );
    stage.bench.elb_ok(
        "DeleteLoadBalancer",
        json!({"LoadBalancerArn": stage.balancers[0]}),
    );
}

#[test]
fn creation_refuses_what_cannot_be() {
    let mut stage = Stage::new();
    let [one, two] = stage.balancers.clone();
    let unknown = one.replace("/net/one/", "/net/other/");
    for (input, code) in [
        (json!({}), "InvalidParameter"),
        (
            json!({"NetworkLoadBalancerArns": [one], "GatewayLoadBalancerArns": [two]}),
            "InvalidParameter",
        ),
        (
            json!({"NetworkLoadBalancerArns": ["arn:aws:s3:::b"]}),
            "InvalidNetworkLoadBalancerArn.Malformed",
        ),
        (
            json!({"NetworkLoadBalancerArns": [unknown]}),
            "InvalidNetworkLoadBalancerArn.NotFound",
        ),
        (
            json!({"GatewayLoadBalancerArns": [two]}),
            "InvalidGatewayLoadBalancerArn.NotFound",
        ),
        (
            json!({"NetworkLoadBalancerArns": [one], "SupportedIpAddressTypes": ["ipv6"]}),
            "UnsupportedOperation",
        ),
        (
            json!({"NetworkLoadBalancerArns": [one], "SupportedRegions": ["eu-west-1"]}),
            "UnsupportedOperation",
        ),
        (
            json!({"NetworkLoadBalancerArns": [one], "PrivateDnsName": "not a name"}),
            "InvalidParameter",
        ),
    ] {
        let refused = stage
            .bench
            .refused("CreateVpcEndpointServiceConfiguration", input.clone());
        assert_eq!(refused, code, "{input}");
    }
    stage.offer(json!({}));
    let again = json!({"NetworkLoadBalancerArns": [one]});
    assert_eq!(
        stage
            .bench
            .refused("CreateVpcEndpointServiceConfiguration", again),
        "InvalidParameter"
    );
}

/// EP-4, and what a consumer of another account is told.
#[test]
fn only_those_who_are_allowed_know_of_it() {
    let mut stage = Stage::new();
    let service = stage.offer(json!({"AcceptanceRequired": false}));
    let (id, name) = (text(&service, "/ServiceId"), text(&service, "/ServiceName"));
    let ask = json!({"ServiceNames": [name]});
    let refused =
        stage.as_consumer(|bench| bench.refused("DescribeVpcEndpointServices", ask.clone()));
    assert_eq!(refused, "InvalidServiceName");
    let web = "arn:aws:iam::210987654321:role/web";
    for (principal, who) in [
        ("*", None),
        ("arn:aws:iam::210987654321:root", None),
        ("arn:aws:iam::210987654321:root", Some(web)),
        (web, Some(web)),
    ] {
        stage.bench.identity = who.map(str::to_owned);
        let allow = json!({"ServiceId": id, "AddAllowedPrincipals": [principal]});
        let added = stage.bench.ok("ModifyVpcEndpointServicePermissions", allow);
        assert_eq!(added["AddedPrincipals"][0]["Principal"], principal);
        let seen = stage.as_consumer(|bench| bench.ok("DescribeVpcEndpointServices", ask.clone()));
        let seen = &seen["ServiceDetails"][0];
        assert_eq!(
            (&seen["Owner"], &seen["AcceptanceRequired"]),
            (&json!("123456789012"), &json!(false))
        );
        let listed = stage.bench.ok(
            "DescribeVpcEndpointServicePermissions",
            json!({"ServiceId": id}),
        );
        assert_eq!(count(&listed, "AllowedPrincipals"), 1);
        let deny = json!({"ServiceId": id, "RemoveAllowedPrincipals": [principal]});
        stage.bench.ok("ModifyVpcEndpointServicePermissions", deny);
    }
    // A role that is named lets in nobody else of its account, not even the root; nor does another account's root.
    for (principal, who) in [
        (web, None),
        (web, Some("arn:aws:iam::210987654321:role/db")),
        ("arn:aws:iam::000000000001:root", None),
    ] {
        let allow = json!({"ServiceId": id, "AddAllowedPrincipals": [principal]});
        stage.bench.ok("ModifyVpcEndpointServicePermissions", allow);
        stage.bench.identity = who.map(str::to_owned);
        let refused =
            stage.as_consumer(|bench| bench.refused("DescribeVpcEndpointServices", ask.clone()));
        assert_eq!(refused, "InvalidServiceName", "{principal} {who:?}");
        stage.bench.identity = None;
        let deny = json!({"ServiceId": id, "RemoveAllowedPrincipals": [principal]});
        stage.bench.ok("ModifyVpcEndpointServicePermissions", deny);
    }
    let wrong = json!({"ServiceId": id, "AddAllowedPrincipals": ["arn:aws:iam::1:root"]});
    assert_eq!(
        stage
            .bench
            .refused("ModifyVpcEndpointServicePermissions", wrong),
        "InvalidPrincipal"
    );
}

/// EP-5, EP-6, IE-8.
#[test]
fn a_provider_accepts_and_rejects() {
    let mut stage = Stage::new();
    let id = text(&stage.offer(json!({})), "/ServiceId");
    let endpoint = stage.endpoint(&id);
    let state = |stage: &mut Stage| {
        let seen = stage.bench.ok("DescribeVpcEndpointConnections", json!({}));
        assert_eq!(
            seen["VpcEndpointConnections"][0]["VpcEndpointOwner"],
            CONSUMER
        );
        text(&seen, "/VpcEndpointConnections/0/VpcEndpointState")
    };
    let these = json!({"ServiceId": id, "VpcEndpointIds": [endpoint]});
    assert_eq!(state(&mut stage), "pendingAcceptance");
    let done = stage
        .bench
        .ok("AcceptVpcEndpointConnections", these.clone());
    assert_eq!(count(&done, "Unsuccessful"), 0);
    assert_eq!(state(&mut stage), "available");
    let delete = json!({"ServiceIds": [id]});
    let unknown = json!({"ServiceIds": ["vpce-svc-0aaaaaaaaaaaaaaaa"]});
    let missed = stage
        .bench
        .ok("DeleteVpcEndpointServiceConfigurations", unknown);
    assert_eq!(
        missed["Unsuccessful"][0]["Error"]["Code"],
        "InvalidVpcEndpointService.NotFound"
    );
    let kept = stage
        .bench
        .ok("DeleteVpcEndpointServiceConfigurations", delete.clone());
    assert_eq!(
        kept["Unsuccessful"][0]["Error"]["Code"],
        "ExistingVpcEndpointConnections"
    );
    let change = json!({"ServiceId": id, "AddNetworkLoadBalancerArns": [stage.balancers[1]]});
    let refused = stage
        .bench
        .refused("ModifyVpcEndpointServiceConfiguration", change);
    assert_eq!(refused, "ExistingVpcEndpointConnections");
    stage
        .bench
        .ok("RejectVpcEndpointConnections", these.clone());
    assert_eq!(state(&mut stage), "rejected");
    let done = stage
        .bench
        .ok("AcceptVpcEndpointConnections", these.clone());
    assert_eq!(done["Unsuccessful"][0]["Error"]["Code"], "InvalidState");
    let other = json!({"ServiceId": id, "VpcEndpointIds": ["vpce-0123456789abcdef0"]});
    let done = stage.bench.ok("AcceptVpcEndpointConnections", other);
    assert_eq!(
        done["Unsuccessful"][0]["ResourceId"],
        "vpce-0123456789abcdef0"
    );
    // A consumer is no provider; one that was rejected holds nothing.
    let refused = stage.as_consumer(|bench| bench.refused("AcceptVpcEndpointConnections", these));
    assert_eq!(refused, "InvalidVpcEndpointServiceId.NotFound");
    let gone = stage
        .bench
        .ok("DeleteVpcEndpointServiceConfigurations", delete);
    assert_eq!(count(&gone, "Unsuccessful"), 0);
}

/// EP-7: a name is pending until its domain was shown to be the provider's.
#[test]
fn a_private_name_waits_for_its_proof() {
    let mut stage = Stage::new();
    let service = stage.offer(json!({"PrivateDnsName": "*.Example.com"}));
    let own = &service["PrivateDnsNameConfiguration"];
    assert_eq!(
        (&own["State"], &own["Type"]),
        (&json!("pendingVerification"), &json!("TXT"))
    );
    assert!(text(own, "/Name").starts_with('_') && text(own, "/Value").starts_with("vpce:"));
    let id = text(&service, "/ServiceId");
    let (name, value) = (text(own, "/Name"), text(own, "/Value"));
    let start = |stage: &mut Stage| {
        stage.bench.ok(
            "StartVpcEndpointServicePrivateDnsVerification",
            json!({"ServiceId": id}),
        )
    };
    let state = |stage: &mut Stage| {
        let seen = stage.bench.ok(
            "DescribeVpcEndpointServiceConfigurations",
            json!({"ServiceIds": [id]}),
        );
        text(
            &seen,
            "/ServiceConfigurations/0/PrivateDnsNameConfiguration/State",
        )
    };
    let wanted = |stage: &Stage| {
        let region = &stage.bench.world.regions["us-east-1"];
        domain_proof::wanted(region).collect::<Vec<_>>()
    };
    let look = |stage: &mut Stage, found: &[&str], secs: i64| {
        let proof = wanted(stage).remove(0);
        let found: Vec<String> = found.iter().map(|text| (*text).to_owned()).collect();
        let region = &stage.bench.world.regions["us-east-1"];
        let events = domain_proof::looked(region, &proof, &found, proof.asked_at + secs * 1000);
        stage.bench.apply("Test", events);
    };
    assert!(wanted(&stage).is_empty(), "nobody has asked for it");
    start(&mut stage);
    let proof = wanted(&stage).remove(0);
    assert_eq!(
        (proof.name, &proof.value),
        (format!("{name}.example.com"), &value)
    );
    look(&mut stage, &["vpce:another"], 599);
    assert_eq!(state(&mut stage), "pendingVerification");
    look(&mut stage, &[], 600);
    assert_eq!(state(&mut stage), "failed");
    assert!(wanted(&stage).is_empty());
    start(&mut stage);
    assert_eq!(state(&mut stage), "pendingVerification");
    look(&mut stage, &["v=spf1 -all", &value], 1);
    assert_eq!(state(&mut stage), "verified");
    let refused = stage.bench.refused(
        "StartVpcEndpointServicePrivateDnsVerification",
        json!({"ServiceId": id}),
    );
    assert_eq!(refused, "InvalidParameter", "it is verified already");
    stage.bench.ok(
        "ModifyVpcEndpointServiceConfiguration",
        json!({"ServiceId": id, "RemovePrivateDnsName": true}),
    );
    let refused = stage.bench.refused(
        "StartVpcEndpointServicePrivateDnsVerification",
        json!({"ServiceId": id}),
    );
    assert_eq!(refused, "InvalidParameter");
}

/// EP-11.
#[test]
fn notifications_are_kept() {
    let mut stage = Stage::new();
    let id = text(&stage.offer(json!({})), "/ServiceId");
    let topic = "arn:aws:sns:us-east-1:123456789012:t";
    let input = json!({"ServiceId": id, "ConnectionNotificationArn": topic, "ConnectionEvents": ["Accept", "Reject"]});
    let made = stage
        .bench
        .ok("CreateVpcEndpointConnectionNotification", input.clone());
    let nfn = text(&made, "/ConnectionNotification/ConnectionNotificationId");
    let change = json!({"ConnectionNotificationId": nfn, "ConnectionEvents": ["Connect"]});
    stage
        .bench
        .ok("ModifyVpcEndpointConnectionNotification", change);
    let seen = stage.bench.ok(
        "DescribeVpcEndpointConnectionNotifications",
        json!({"ConnectionNotificationId": nfn}),
    );
    assert_eq!(
        seen["ConnectionNotificationSet"][0]["ConnectionEvents"],
        json!(["Connect"])
    );
    for (member, to) in [
        ("ConnectionEvents", json!(["Wink"])),
        ("ConnectionNotificationArn", json!("arn:aws:sqs:::q")),
        ("VpcEndpointId", json!("vpce-0123456789abcdef0")),
    ] {
        let mut wrong = input.clone();
        wrong[member] = to;
        let refused = stage
            .bench
            .refused("CreateVpcEndpointConnectionNotification", wrong);
        assert_eq!(refused, "InvalidParameter", "{member}");
    }
    let ids = json!({"ConnectionNotificationIds": [nfn]});
    let gone = stage
        .bench
        .ok("DeleteVpcEndpointConnectionNotifications", ids.clone());
    assert_eq!(count(&gone, "Unsuccessful"), 0);
    let gone = stage
        .bench
        .ok("DeleteVpcEndpointConnectionNotifications", ids);
    assert_eq!(count(&gone, "Unsuccessful"), 1);
}

/// EP-11: a notification about an endpoint ends with it.
#[test]
fn notifications_end_with_what_they_are_about() {
    let mut stage = Stage::new();
    let id = text(&stage.offer(json!({})), "/ServiceId");
    let endpoint = stage.endpoint(&id);
    let topic = "arn:aws:sns:us-east-1:210987654321:t";
    stage.as_consumer(|bench| {
        let input = json!({"VpcEndpointId": endpoint, "ConnectionNotificationArn": topic, "ConnectionEvents": ["Reject"]});
        bench.ok("CreateVpcEndpointConnectionNotification", input);
        let known = |bench: &mut Bench| {
            let seen = bench.ok("DescribeVpcEndpointConnectionNotifications", json!({}));
            count(&seen, "ConnectionNotificationSet")
        };
        assert_eq!(known(bench), 1);
        bench.ok("DeleteVpcEndpoints", json!({"VpcEndpointIds": [endpoint]}));
        assert_eq!(known(bench), 0);
    });
}

/// Nobody reads policies before a provider's own service: one that would filter is not taken (PrivateLink guide, "Control
/// access using endpoint policies").
#[test]
fn an_endpoint_of_a_customers_service_filters_nothing() {
    let mut stage = Stage::new();
    let service = stage.offer(json!({"AcceptanceRequired": false}));
    let name = text(&service, "/ServiceName");
    let subnet =
        json!({"VpcId": stage.vpc, "CidrBlock": "10.0.9.0/24", "AvailabilityZone": "us-east-1a"});
    let subnet = text(&stage.bench.ok("CreateSubnet", subnet), "/Subnet/SubnetId");
    let statement = |effect: &str, action: &str, more: &str| {
        format!(
            r#"{{"Effect":"{effect}","Principal":"*","Action":"{action}","Resource":"*"{more}}}"#
        )
    };
    let all = statement("Allow", "*", "");
    let endpoint = |policy: &str| {
        json!({
            "VpcEndpointType": "Interface",
            "VpcId": stage.vpc,
            "ServiceName": name,
            "SubnetIds": [subnet],
            "PolicyDocument": format!(r#"{{"Statement":[{policy}]}}"#),
        })
    };
    let narrow = r#","Condition":{"StringEquals":{"aws:SourceVpc":"vpc-1a2b3c4d"}}"#;
    for policy in [
        statement("Allow", "s3:*", ""),
        statement("Allow", "*", narrow),
        format!("{all},{}", statement("Deny", "s3:*", "")),
    ] {
        let refusal = stage.bench.refusal("CreateVpcEndpoint", endpoint(&policy));
        assert_eq!(refusal.code(), "InvalidParameter");
        let wanted = format!("Service {name} only supports the full-access endpoint policy.");
        assert_eq!(refusal.message(), wanted);
    }
    let made = stage.bench.ok("CreateVpcEndpoint", endpoint(&all));
    let id = text(&made, "/VpcEndpoint/VpcEndpointId");
    let narrowed = format!(r#"{{"Statement":[{}]}}"#, statement("Deny", "*", ""));
    let change = json!({"VpcEndpointId": id, "PolicyDocument": narrowed});
    assert_eq!(
        stage.bench.refused("ModifyVpcEndpoint", change),
        "InvalidParameter"
    );
}

/// EP-3: an endpoint is where its service is.
#[test]
fn an_endpoint_is_in_the_zones_of_its_service() {
    let mut stage = Stage::new();
    let service = stage.offer(json!({"AcceptanceRequired": false}));
    let name = text(&service, "/ServiceName");
    let vpc = stage.vpc.clone();
    for (cidr, zone, wanted) in [
        ("10.0.3.0/24", "us-east-1a", None),
        ("10.0.4.0/24", "us-east-1b", Some("InvalidParameter")),
    ] {
        let subnet = json!({"VpcId": vpc, "CidrBlock": cidr, "AvailabilityZone": zone});
        let subnet = text(&stage.bench.ok("CreateSubnet", subnet), "/Subnet/SubnetId");
        let endpoint = json!({
            "VpcEndpointType": "Interface",
            "VpcId": vpc,
            "ServiceName": name,
            "SubnetIds": [subnet],
            "PrivateDnsEnabled": false,
        });
        match wanted {
            None => drop(stage.bench.ok("CreateVpcEndpoint", endpoint)),
            Some(code) => {
                assert_eq!(stage.bench.refused("CreateVpcEndpoint", endpoint), code);
            }
        }
    }
}
