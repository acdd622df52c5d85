//! Interface endpoints as the API shows them (spec 04 §2, §3), a test a row.

use serde_json::{Value, json};

use crate::testing::{Bench, count, text};

const LOGS: &str = "com.amazonaws.us-east-1.logs";
const S3: &str = "com.amazonaws.us-east-1.s3";

/// A VPC with both DNS attributes, and a subnet each of zones a, b and a again.
struct Stage {
    bench: Bench,
    vpc: String,
    subnets: [String; 3],
}

impl Stage {
    fn new() -> Stage {
        let mut bench = Bench::new();
        let vpc = made_vpc(&mut bench, "10.0.0.0/16");
        hostnames(&mut bench, &vpc, true);
        let mut subnet = |third: u8, zone: &str| {
            let cidr = format!("10.0.{third}.0/24");
            let wanted = json!({"VpcId": vpc, "CidrBlock": cidr, "AvailabilityZone": zone});
            text(&bench.ok("CreateSubnet", wanted), "/Subnet/SubnetId")
        };
        let subnets = [
            subnet(1, "us-east-1a"),
            subnet(2, "us-east-1b"),
            subnet(3, "us-east-1a"),
        ];
        Stage {
            bench,
            vpc,
            subnets,
        }
    }

    /// A request for an endpoint of Logs in the first two subnets, with more or other members.
    fn request(&self, more: Value) -> Value {
        let mut request = json!({
            "VpcId": self.vpc,
            "ServiceName": LOGS,
            "VpcEndpointType": "Interface",
            "SubnetIds": &self.subnets[..2],
        });
        for (name, value) in more.as_object().unwrap() {
            request[name] = value.clone();
        }
        request
    }

    #[track_caller]
    fn make(&mut self, more: Value) -> Value {
        let request = self.request(more);
        self.bench.ok("CreateVpcEndpoint", request)["VpcEndpoint"].clone()
    }

    #[track_caller]
    fn refused(&mut self, more: Value) -> (String, String) {
        let request = self.request(more);
        let refusal = self.bench.refusal("CreateVpcEndpoint", request);
        (refusal.code().to_owned(), refusal.message().to_owned())
    }

    #[track_caller]
    fn modify(&mut self, id: &str, more: Value) {
        let request = modification(id, more);
        self.bench.ok("ModifyVpcEndpoint", request);
    }

    #[track_caller]
    fn modify_refused(&mut self, id: &str, more: Value) -> (String, String) {
        let request = modification(id, more);
        let refusal = self.bench.refusal("ModifyVpcEndpoint", request);
        (refusal.code().to_owned(), refusal.message().to_owned())
    }

    fn seen(&mut self, id: &str) -> Value {
        let ids = json!({"VpcEndpointIds": [id]});
        self.bench.ok("DescribeVpcEndpoints", ids)["VpcEndpoints"][0].clone()
    }

    fn interfaces(&mut self, id: &str) -> Vec<Value> {
        let filter =
            json!([{"Name": "description", "Values": [format!("VPC Endpoint Interface {id}")]}]);
        let seen = self
            .bench
            .ok("DescribeNetworkInterfaces", json!({"Filters": filter}));
        seen["NetworkInterfaces"].as_array().unwrap().clone()
    }

    fn group(&mut self, vpc: &str, name: &str) -> String {
        let group = json!({"VpcId": vpc, "GroupName": name, "Description": name});
        text(&self.bench.ok("CreateSecurityGroup", group), "/GroupId")
    }
}

fn modification(id: &str, more: Value) -> Value {
    let mut request = json!({"VpcEndpointId": id});
    for (name, value) in more.as_object().unwrap() {
        request[name] = value.clone();
    }
    request
}

fn made_vpc(bench: &mut Bench, cidr: &str) -> String {
    text(
        &bench.ok("CreateVpc", json!({"CidrBlock": cidr})),
        "/Vpc/VpcId",
    )
}

fn hostnames(bench: &mut Bench, vpc: &str, on: bool) {
    let attribute = json!({"VpcId": vpc, "EnableDnsHostnames": {"Value": on}});
    bench.ok("ModifyVpcAttribute", attribute);
}

fn id_of(endpoint: &Value) -> String {
    text(endpoint, "/VpcEndpointId")
}

fn names(endpoint: &Value) -> Vec<String> {
    let entries = endpoint["DnsEntries"].as_array().unwrap();
    entries.iter().map(|it| text(it, "/DnsName")).collect()
}

/// `IE-1`, `IE-7`, `IE-8`, `IE-11`.
#[test]
fn ie_7_each_subnet_gets_an_interface() {
    let mut stage = Stage::new();
    let made = stage.make(json!({}));
    assert_eq!(made["State"], "pending");
    let id = id_of(&made);
    let seen = stage.seen(&id);
    assert_eq!(seen["State"], "available");
    assert_eq!(seen["VpcEndpointType"], "Interface");
    assert_eq!(count(&seen, "SubnetIds"), 2);
    assert_eq!(count(&seen, "NetworkInterfaceIds"), 2);
    assert_eq!(count(&seen, "RouteTableIds"), 0);
    assert_eq!(seen["Groups"][0]["GroupName"], "default");
    assert_eq!(seen["IpAddressType"], "ipv4");
    assert_eq!(
        seen["PolicyDocument"],
        r#"{"Statement":[{"Action":"*","Effect":"Allow","Principal":"*","Resource":"*"}]}"#
    );
    let interfaces = stage.interfaces(&id);
    assert_eq!(interfaces.len(), 2);
    for eni in &interfaces {
        assert_eq!(eni["InterfaceType"], "vpc_endpoint");
        assert_eq!(eni["RequesterManaged"], true);
        assert_eq!(eni["SourceDestCheck"], true);
        assert_eq!(eni["Status"], "in-use");
        assert_eq!(eni["Groups"], seen["Groups"]);
    }
    let eni = text(&interfaces[0], "/NetworkInterfaceId");
    for (action, request) in [
        ("DeleteNetworkInterface", json!({"NetworkInterfaceId": eni})),
        (
            "ModifyNetworkInterfaceAttribute",
            json!({"NetworkInterfaceId": eni, "SourceDestCheck": {"Value": false}}),
        ),
    ] {
        assert_eq!(
            stage.bench.refused(action, request),
            "OperationNotPermitted"
        );
    }
    let tags = json!({"Resources": [eni], "Tags": [{"Key": "a", "Value": "b"}]});
    stage.bench.ok("CreateTags", tags);
}

/// `IN-3` and the forms of spec 04 §3.
#[test]
fn in_3_names_are_regional_zonal_private() {
    let mut stage = Stage::new();
    let made = stage.make(json!({}));
    let seen = names(&made);
    let regional = seen[0]
        .strip_suffix(".logs.us-east-1.vpce.amazonaws.com")
        .unwrap();
    let label = regional
        .strip_prefix(&format!("{}-", id_of(&made)))
        .unwrap();
    assert_eq!(label.len(), 8);
    assert!(
        label
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    );
    let zonal =
        |zone: &str| format!("{regional}-us-east-1{zone}.logs.us-east-1.vpce.amazonaws.com");
    assert_eq!(seen[1..3], [zonal("a"), zonal("b")]);
    assert_eq!(seen[3..], ["logs.us-east-1.amazonaws.com"]);
    let off = stage.make(json!({"PrivateDnsEnabled": false}));
    assert_eq!(names(&off).len(), 3);
    assert_ne!(names(&off)[0], seen[0]);
}

#[test]
fn ie_2_one_subnet_a_zone() {
    let mut stage = Stage::new();
    let all = stage.subnets.clone();
    let (code, message) = stage.refused(json!({"SubnetIds": all}));
    assert_eq!(code, "DuplicateSubnetsInSameZone");
    let wanted = format!(
        "Found another VPC endpoint subnet in the availability zone of {}",
        all[0]
    );
    assert!(message.starts_with(&wanted), "{message}");
    let id = id_of(&stage.make(json!({})));
    let (code, _) = stage.modify_refused(&id, json!({"AddSubnetIds": [all[2]]}));
    assert_eq!(code, "DuplicateSubnetsInSameZone");
    // In the other's place it may stand.
    let exchange = json!({"AddSubnetIds": [all[2]], "RemoveSubnetIds": [all[0]]});
    stage.modify(&id, exchange);
    assert_eq!(stage.interfaces(&id).len(), 2);
    let none = stage.make(json!({"SubnetIds": [], "PrivateDnsEnabled": false}));
    assert_eq!(count(&none, "NetworkInterfaceIds"), 0);
    let elsewhere = made_vpc(&mut stage.bench, "10.5.0.0/16");
    let foreign = json!({"VpcId": elsewhere, "CidrBlock": "10.5.0.0/24"});
    let foreign = text(&stage.bench.ok("CreateSubnet", foreign), "/Subnet/SubnetId");
    assert_eq!(
        stage.refused(json!({"SubnetIds": [foreign]})).0,
        "InvalidParameter"
    );
    let gone = json!({"SubnetIds": ["subnet-0aaaaaaaaaaaaaaaa"]});
    assert_eq!(stage.refused(gone).0, "InvalidSubnetID.NotFound");
}

#[test]
fn ie_3_given_groups_replace_the_default_one() {
    let mut stage = Stage::new();
    let vpc = stage.vpc.clone();
    let group = stage.group(&vpc, "se");
    let made = stage.make(json!({"SecurityGroupIds": [group]}));
    assert_eq!(
        made["Groups"],
        json!([{"GroupId": group, "GroupName": "se"}])
    );
    let other = made_vpc(&mut stage.bench, "10.5.0.0/16");
    let foreign = stage.group(&other, "se");
    let refused = stage.refused(json!({"SecurityGroupIds": [foreign], "PrivateDnsEnabled": false}));
    assert_eq!(refused.0, "InvalidGroup.NotFound");
}

/// `IE-5`, and row 15 of the acceptance test.
#[test]
fn ie_5_private_dns_needs_both_attributes() {
    let mut stage = Stage::new();
    let vpc = stage.vpc.clone();
    hostnames(&mut stage.bench, &vpc, false);
    let wanted = format!(
        "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true for {vpc}"
    );
    let refused = ("InvalidParameter".to_owned(), wanted);
    assert_eq!(stage.refused(json!({"PrivateDnsEnabled": true})), refused);
    assert_eq!(stage.refused(json!({})), refused, "IE-4");
    let id = id_of(&stage.make(json!({"PrivateDnsEnabled": false})));
    let on = json!({"PrivateDnsEnabled": true});
    assert_eq!(stage.modify_refused(&id, on.clone()), refused);
    hostnames(&mut stage.bench, &vpc, true);
    stage.modify(&id, on);
    assert_eq!(stage.seen(&id)["PrivateDnsEnabled"], true);
}

#[test]
fn ie_6_a_private_name_is_taken_once() {
    let mut stage = Stage::new();
    let first = id_of(&stage.make(json!({})));
    let (code, message) = stage.refused(json!({}));
    assert_eq!(code, "InvalidParameter");
    let wanted = format!(
        "private-dns-enabled cannot be set because there is already a conflicting DNS domain for logs.us-east-1.amazonaws.com in the VPC {}",
        stage.vpc
    );
    assert_eq!(message, wanted);
    let second = id_of(&stage.make(json!({"PrivateDnsEnabled": false})));
    let on = json!({"PrivateDnsEnabled": true});
    assert_eq!(stage.modify_refused(&second, on.clone()).1, wanted);
    stage.modify(&first, json!({"PrivateDnsEnabled": false}));
    stage.modify(&second, on);
}

/// `IE-9`: all or nothing.
#[test]
fn ie_9_subnets_and_groups_come_and_go() {
    let mut stage = Stage::new();
    let (vpc, [a, b, _]) = (stage.vpc.clone(), stage.subnets.clone());
    let made = stage.make(json!({"SubnetIds": [a]}));
    let id = id_of(&made);
    let kept = stage.interfaces(&id)[0].clone();
    stage.modify(&id, json!({"AddSubnetIds": [b]}));
    assert_eq!(names(&stage.seen(&id)).len(), 4);
    stage.modify(&id, json!({"RemoveSubnetIds": [b]}));
    assert_eq!(stage.interfaces(&id), std::slice::from_ref(&kept));
    let refused = stage.modify_refused(&id, json!({"RemoveSubnetIds": [b]}));
    assert_eq!(refused.0, "InvalidParameter");
    let group = stage.group(&vpc, "se");
    let default = text(&kept, "/Groups/0/GroupId");
    let none = json!({"RemoveSecurityGroupIds": [default]});
    assert_eq!(stage.modify_refused(&id, none).0, "InvalidParameter");
    let exchange = json!({"AddSecurityGroupIds": [group], "RemoveSecurityGroupIds": [default]});
    stage.modify(&id, exchange);
    assert_eq!(
        stage.interfaces(&id)[0]["Groups"][0]["GroupId"],
        json!(group)
    );
    let policy = r#"{"Statement":[{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}]}"#;
    stage.modify(&id, json!({"PolicyDocument": policy}));
    assert_eq!(stage.seen(&id)["PolicyDocument"], policy);
    stage.modify(&id, json!({"ResetPolicy": true}));
    assert_ne!(stage.seen(&id)["PolicyDocument"], policy);
    let half = json!({"RemoveSubnetIds": [a], "AddSubnetIds": ["subnet-0aaaaaaaaaaaaaaaa"]});
    assert_eq!(
        stage.modify_refused(&id, half).0,
        "InvalidSubnetID.NotFound"
    );
    assert_eq!(stage.interfaces(&id).len(), 1, "nothing was changed");
    let table = json!({"AddRouteTableIds": ["rtb-0aaaaaaaaaaaaaaaa"]});
    assert_eq!(stage.modify_refused(&id, table).0, "InvalidParameter");
}

#[test]
fn ie_10_its_parts_go_with_it_and_hold_others_until_then() {
    let mut stage = Stage::new();
    let (vpc, [a, ..]) = (stage.vpc.clone(), stage.subnets.clone());
    let group = stage.group(&vpc, "se");
    let made = stage.make(json!({"SecurityGroupIds": [group]}));
    let id = id_of(&made);
    let subnet = json!({"SubnetId": a});
    let refused = stage.bench.refused("DeleteSubnet", subnet.clone());
    assert_eq!(refused, "DependencyViolation");
    let of_group = json!({"GroupId": group});
    let refused = stage.bench.refused("DeleteSecurityGroup", of_group.clone());
    assert_eq!(refused, "DependencyViolation");
    // Without a subnet it still holds its group and its VPC.
    let subnets = stage.subnets[..2].to_vec();
    stage.modify(&id, json!({"RemoveSubnetIds": subnets}));
    let refused = stage.bench.refused("DeleteSecurityGroup", of_group.clone());
    assert_eq!(refused, "DependencyViolation");
    stage.modify(&id, json!({"AddSubnetIds": [a]}));
    let gone = json!({"VpcEndpointIds": [id]});
    let answer = stage.bench.ok("DeleteVpcEndpoints", gone);
    assert_eq!(count(&answer, "Unsuccessful"), 0);
    assert!(stage.interfaces(&id).is_empty());
    stage.bench.ok("DeleteSubnet", subnet);
    stage.bench.ok("DeleteSecurityGroup", of_group);
}

#[test]
fn ie_1_addresses_can_be_picked() {
    let mut stage = Stage::new();
    let [a, b, _] = stage.subnets.clone();
    let picked = json!({
        "SubnetIds": [a, b],
        "SubnetConfigurations": [{"SubnetId": a, "Ipv4": "10.0.1.77"}],
    });
    let id = id_of(&stage.make(picked));
    let addresses: Vec<Value> = stage
        .interfaces(&id)
        .iter()
        .map(|eni| eni["PrivateIpAddress"].clone())
        .collect();
    assert!(addresses.contains(&json!("10.0.1.77")), "{addresses:?}");
    for (configuration, code) in [
        (
            json!({"SubnetId": a, "Ipv4": "10.0.1.77"}),
            "InvalidIPAddress.InUse",
        ),
        (
            json!({"SubnetId": a, "Ipv4": "10.0.9.77"}),
            "InvalidParameterValue",
        ),
        (
            json!({"SubnetId": a, "Ipv6": "2001:db8::1"}),
            "InvalidParameter",
        ),
        (
            json!({"SubnetId": "subnet-0aaaaaaaaaaaaaaaa", "Ipv4": "10.0.1.78"}),
            "InvalidParameter",
        ),
    ] {
        let more = json!({"SubnetIds": [a], "SubnetConfigurations": [configuration], "PrivateDnsEnabled": false});
        let request = match configuration["SubnetId"] == json!(a) {
            true => more,
            // On its own, a configuration names a subnet too.
            false => {
                json!({"SubnetIds": [], "SubnetConfigurations": [configuration], "PrivateDnsEnabled": false})
            }
        };
        let code = match configuration["SubnetId"] == json!(a) {
            true => code,
            false => "InvalidSubnetID.NotFound",
        };
        assert_eq!(stage.refused(request).0, code, "{configuration}");
    }
    for more in [
        json!({"IpAddressType": "dualstack"}),
        json!({"IpAddressType": "ipv6"}),
        json!({"DnsOptions": {"DnsRecordIpType": "dualstack"}}),
        json!({"RouteTableIds": ["rtb-0aaaaaaaaaaaaaaaa"]}),
        json!({"DnsOptions": {"PrivateDnsOnlyForInboundResolverEndpoint": true}}),
    ] {
        let mut more = more;
        more["PrivateDnsEnabled"] = json!(false);
        assert_eq!(stage.refused(more.clone()).0, "InvalidParameter", "{more}");
    }
}

#[test]
fn ie_12_the_quota_is_the_vpcs() {
    let mut stage = Stage::new();
    stage.bench.settings.quotas.interface_endpoints_per_vpc = 1;
    stage.make(json!({}));
    let second = stage.refused(json!({"PrivateDnsEnabled": false}));
    assert_eq!(second.0, "VpcEndpointLimitExceeded");
}

/// `IN-5`: names of S3 are below the endpoint's; private ones are for others than the VPC, unless told.
#[test]
fn in_5_private_names_of_s3_need_a_gateway_endpoint_or_leave() {
    let mut stage = Stage::new();
    let made = stage.make(json!({"ServiceName": S3}));
    assert_eq!(made["PrivateDnsEnabled"], false, "IE-4");
    assert!(names(&made)[0].starts_with("*.vpce-"), "{made}");
    let id = id_of(&made);
    let (code, message) = stage.modify_refused(&id, json!({"PrivateDnsEnabled": true}));
    assert_eq!(code, "InvalidParameter");
    assert!(
        message.contains("must have a Gateway endpoint"),
        "{message}"
    );
    let whole = json!({"PrivateDnsOnlyForInboundResolverEndpoint": false});
    stage.modify(&id, json!({"PrivateDnsEnabled": true, "DnsOptions": whole}));
    let seen = stage.seen(&id);
    assert_eq!(
        seen["DnsOptions"]["PrivateDnsOnlyForInboundResolverEndpoint"],
        false
    );
    assert_eq!(names(&seen).len(), 7);
    stage.modify(&id, json!({"PrivateDnsEnabled": false}));
    let gateway = json!({"VpcId": stage.vpc, "ServiceName": S3});
    stage.bench.ok("CreateVpcEndpoint", gateway);
    stage.modify(&id, json!({"PrivateDnsEnabled": true}));
    let seen = stage.seen(&id);
    assert_eq!(
        seen["DnsOptions"]["PrivateDnsOnlyForInboundResolverEndpoint"],
        true
    );
}

/// `IE-1`: both families where the subnets have both; names tell those that they are to.
#[test]
fn ie_1_an_endpoint_may_have_addresses_of_both_families() {
    let mut stage = Stage::new();
    let vpc = stage.vpc.clone();
    let input = json!({"VpcId": vpc, "AmazonProvidedIpv6CidrBlock": true});
    let block = stage.bench.ok("AssociateVpcCidrBlock", input);
    let block = text(&block, "/Ipv6CidrBlockAssociation/Ipv6CidrBlock");
    let block = block.replace("::/56", "::/64");
    let input = json!({"VpcId": vpc, "CidrBlock": "10.0.77.0/24", "Ipv6CidrBlock": block, "AvailabilityZone": "us-east-1c"});
    let subnet = stage.bench.ok("CreateSubnet", input);
    let subnet = text(&subnet, "/Subnet/SubnetId");
    let own = format!("{}77", block.trim_end_matches("/64"));
    let made = stage.make(json!({
        "SubnetIds": [subnet],
        "IpAddressType": "dualstack",
        "SubnetConfigurations": [{"SubnetId": subnet, "Ipv4": "10.0.77.7", "Ipv6": own}],
        "PrivateDnsEnabled": false,
    }));
    let id = id_of(&made);
    assert_eq!(made["IpAddressType"], "dualstack");
    assert_eq!(made["DnsOptions"]["DnsRecordIpType"], "dualstack");
    let addresses = |stage: &mut Stage, id: &str| {
        let eni = stage.seen(id)["NetworkInterfaceIds"][0].clone();
        let seen = stage.bench.ok(
            "DescribeNetworkInterfaces",
            json!({"NetworkInterfaceIds": [eni]}),
        );
        let eni = seen["NetworkInterfaces"][0].clone();
        (
            eni["PrivateIpAddress"].clone(),
            eni["Ipv6Addresses"][0]["Ipv6Address"].clone(),
        )
    };
    assert_eq!(addresses(&mut stage, &id), (json!("10.0.77.7"), json!(own)));
    for records in ["ipv6", "ipv4", "dualstack"] {
        let options = json!({"DnsOptions": {"DnsRecordIpType": records}});
        stage.modify(&id, options);
        let seen = stage.seen(&id);
        assert_eq!(seen["DnsOptions"]["DnsRecordIpType"], records);
    }
    // Back to one family and again to both, at another address.
    stage.modify(&id, json!({"IpAddressType": "ipv4"}));
    assert_eq!(addresses(&mut stage, &id).1, Value::Null);
    let ipv6 = json!({"DnsOptions": {"DnsRecordIpType": "ipv6"}});
    assert_eq!(stage.modify_refused(&id, ipv6).0, "InvalidParameter");
    stage.modify(&id, json!({"IpAddressType": "dualstack"}));
    assert!(addresses(&mut stage, &id).1.is_string());
    // This subnet is not IPv6-only, and one that is has no IPv4.
    let ipv6 = json!({"SubnetIds": [subnet], "IpAddressType": "ipv6", "PrivateDnsEnabled": false});
    let (code, message) = stage.refused(ipv6);
    assert_eq!(code, "InvalidParameter");
    assert!(message.contains("not an IPv6 only subnet"), "{message}");
    let second = block.replace("00::/64", "01::/64");
    let made = stage.bench.ok(
        "CreateSubnet",
        json!({"VpcId": vpc, "Ipv6Native": true, "Ipv6CidrBlock": second}),
    );
    let only = text(&made, "/Subnet/SubnetId");
    for families in ["ipv4", "dualstack"] {
        let asked =
            json!({"SubnetIds": [only], "IpAddressType": families, "PrivateDnsEnabled": false});
        let (code, message) = stage.refused(asked);
        assert_eq!(code, "InvalidParameter");
        assert!(message.contains("no IPv4 CIDR block"), "{message}");
    }
    let made = stage
        .make(json!({"SubnetIds": [only], "IpAddressType": "ipv6", "PrivateDnsEnabled": false}));
    let id = id_of(&made);
    assert_eq!(made["IpAddressType"], "ipv6");
    let (ipv4, ipv6) = addresses(&mut stage, &id);
    assert!(ipv4.is_null() && ipv6.is_string(), "{ipv4} {ipv6}");
    let both = json!({"IpAddressType": "dualstack"});
    assert_eq!(stage.modify_refused(&id, both).0, "InvalidParameter");
}
