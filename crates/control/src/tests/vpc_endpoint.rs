//! Endpoints as the API shows them: gateway endpoints whole, and what every kind shares.

use openvpc_model::*;
use serde_json::{Value, json};

use crate::testing::{Bench, count, text};

const S3: &str = "com.amazonaws.us-east-1.s3";
const DYNAMODB: &str = "com.amazonaws.us-east-1.dynamodb";
const S3_LIST: &str = "pl-63a5400a";
const DEFAULT_POLICY: &str = r#"{"Version":"2008-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#;

fn vpc(bench: &mut Bench, cidr: &str) -> String {
    let made = bench.ok("CreateVpc", json!({"CidrBlock": cidr}));
    text(&made, "/Vpc/VpcId")
}

fn table(bench: &mut Bench, vpc: &str) -> String {
    let made = bench.ok("CreateRouteTable", json!({"VpcId": vpc}));
    text(&made, "/RouteTable/RouteTableId")
}

fn endpoint(bench: &mut Bench, vpc: &str, service: &str, tables: &[&str]) -> String {
    let made = bench.ok("CreateVpcEndpoint", request(vpc, service, tables));
    text(&made, "/VpcEndpoint/VpcEndpointId")
}

fn request(vpc: &str, service: &str, tables: &[&str]) -> Value {
    json!({"VpcId": vpc, "ServiceName": service, "RouteTableIds": tables})
}

/// The members of a request and more.
fn with(mut request: Value, more: Value) -> Value {
    for (name, value) in more.as_object().unwrap() {
        request[name] = value.clone();
    }
    request
}

/// The routes of a table but the local ones.
fn routes(bench: &mut Bench, table: &str) -> Vec<Value> {
    let seen = bench.ok("DescribeRouteTables", json!({"RouteTableIds": [table]}));
    let routes = seen["RouteTables"][0]["Routes"].as_array().unwrap();
    let routes = routes.iter().filter(|route| route["GatewayId"] != "local");
    routes.cloned().collect()
}

fn described(bench: &mut Bench, id: &str) -> Value {
    let seen = bench.ok("DescribeVpcEndpoints", json!({"VpcEndpointIds": [id]}));
    seen["VpcEndpoints"][0].clone()
}

#[test]
fn golden_vpc_endpoint() {
    let mut bench = Bench::new();
    let vpc = vpc(&mut bench, "10.0.0.0/16");
    let main = bench.ok(
        "DescribeRouteTables",
        json!({"Filters": [{"Name": "vpc-id", "Values": [vpc]}]}),
    );
    let main = text(&main, "/RouteTables/0/RouteTableId");
    let tags = json!([{"ResourceType": "vpc-endpoint", "Tags": [{"Key": "Name", "Value": "s3"}]}]);
    let create = with(
        request(&vpc, S3, &[&main]),
        json!({"ClientToken": "once", "TagSpecifications": tags}),
    );
    let made = bench.golden("CreateVpcEndpoint", create);
    let id = text(&made, "/VpcEndpoint/VpcEndpointId");
    bench.golden("DescribeVpcEndpoints", json!({"VpcEndpointIds": [id]}));
    bench.golden(
        "ModifyVpcEndpoint",
        json!({"VpcEndpointId": id, "ResetPolicy": true}),
    );
    bench.golden("DescribeVpcEndpointAssociations", json!({}));
    let services = json!({"ServiceNames": [S3]});
    bench.golden("DescribeVpcEndpointServices", services);
    let gone = "vpce-0aaaaaaaaaaaaaaaa";
    bench.golden("DeleteVpcEndpoints", json!({"VpcEndpointIds": [id, gone]}));
}

#[test]
fn ge_1_only_services_of_this_region_and_kind() {
    let mut bench = Bench::new();
    let vpc = vpc(&mut bench, "10.0.0.0/16");
    for service in [
        "com.amazonaws.eu-west-1.s3",
        "com.amazonaws.us-east-1.nothing",
        "s3",
        "com.amazonaws.vpce.us-east-1.vpce-svc-0aaaaaaaaaaaaaaaa",
    ] {
        let refusal = bench.refusal("CreateVpcEndpoint", request(&vpc, service, &[]));
        assert_eq!(refusal.code(), "InvalidServiceName");
        let wanted = format!("The Vpc Endpoint Service '{service}' does not exist");
        assert_eq!(refusal.message(), wanted);
    }
    let logs = request(&vpc, "com.amazonaws.us-east-1.logs", &[]);
    let refusal = bench.refusal("CreateVpcEndpoint", logs);
    assert_eq!(refusal.code(), "InvalidParameter");
    assert!(refusal.message().contains("[Interface]"), "{refusal}");
    for (more, code) in [
        (
            json!({"VpcEndpointType": "Tunnel"}),
            "InvalidVpcEndpointType",
        ),
        (
            json!({"VpcEndpointType": "GatewayLoadBalancer"}),
            "UnsupportedOperation",
        ),
        (json!({"ServiceRegion": "eu-west-1"}), "InvalidServiceName"),
        (
            json!({"VpcId": "vpc-0aaaaaaaaaaaaaaaa"}),
            "InvalidVpcID.NotFound",
        ),
        (json!({"ServiceName": null}), "MissingParameter"),
    ] {
        let wrong = with(request(&vpc, S3, &[]), more);
        assert_eq!(bench.refused("CreateVpcEndpoint", wrong), code);
    }
}

#[test]
fn ge_2_and_10_it_is_available_at_once_and_shows_everything() {
    let mut bench = Bench::new();
    let vpc = vpc(&mut bench, "10.0.0.0/16");
    let made = bench.ok("CreateVpcEndpoint", request(&vpc, S3, &[]));
    let id = text(&made, "/VpcEndpoint/VpcEndpointId");
    let seen = described(&mut bench, &id);
    assert_eq!(seen, made["VpcEndpoint"]);
    for (member, wanted) in [
        ("VpcEndpointType", json!("Gateway")),
        ("VpcId", json!(vpc)),
        ("ServiceName", json!(S3)),
        ("State", json!("available")),
        ("PolicyDocument", json!(DEFAULT_POLICY)),
        ("RouteTableIds", json!([])),
        ("SubnetIds", json!([])),
        ("Groups", json!([])),
        ("NetworkInterfaceIds", json!([])),
        ("DnsEntries", json!([])),
        ("PrivateDnsEnabled", json!(false)),
        ("RequesterManaged", json!(false)),
        ("OwnerId", json!(crate::testing::ACCOUNT)),
        ("CreationTimestamp", json!(bench.now)),
    ] {
        assert_eq!(seen[member], wanted, "{member}");
    }
}

#[test]
fn a_client_token_makes_one_endpoint_and_a_dry_run_none() {
    let mut bench = Bench::new();
    let vpc = vpc(&mut bench, "10.0.0.0/16");
    let create = with(request(&vpc, S3, &[]), json!({"ClientToken": "t"}));
    let first = bench.ok("CreateVpcEndpoint", create.clone());
    assert_eq!(first["ClientToken"], "t");
    assert_eq!(bench.ok("CreateVpcEndpoint", create), first);
    let other = with(request(&vpc, DYNAMODB, &[]), json!({"ClientToken": "t"}));
    let refused = bench.refused("CreateVpcEndpoint", other);
    assert_eq!(refused, "IdempotentParameterMismatch");
    let dry = with(request(&vpc, S3, &[]), json!({"DryRun": true}));
    assert_eq!(bench.refused("CreateVpcEndpoint", dry), "DryRunOperation");
    let all = bench.ok("DescribeVpcEndpoints", json!({}));
    assert_eq!(count(&all, "VpcEndpoints"), 1);
}

#[test]
fn ge_3_and_9_routes_come_and_go_with_the_endpoint() {
    let mut bench = Bench::new();
    let vpc = vpc(&mut bench, "10.0.0.0/16");
    let (one, two) = (table(&mut bench, &vpc), table(&mut bench, &vpc));
    let id = endpoint(&mut bench, &vpc, S3, &[&one]);
    let route = json!({
        "DestinationPrefixListId": S3_LIST,
        "GatewayId": id,
        "Origin": "CreateRoute",
        "State": "active",
    });
    assert_eq!(routes(&mut bench, &one), [route]);
    assert!(routes(&mut bench, &two).is_empty());
    assert_eq!(described(&mut bench, &id)["RouteTableIds"], json!([one]));
    let listed = bench.ok(
        "DescribeRouteTables",
        json!({"Filters": [{"Name": "route.gateway-id", "Values": [id]}]}),
    );
    assert_eq!(count(&listed, "RouteTables"), 1);
    let users = bench.ok(
        "GetManagedPrefixListAssociations",
        json!({"PrefixListId": S3_LIST}),
    );
    assert_eq!(users["PrefixListAssociations"][0]["ResourceId"], json!(one));

    let gone = bench.ok("DeleteVpcEndpoints", json!({"VpcEndpointIds": [id]}));
    assert_eq!(gone, json!({"Unsuccessful": []}));
    assert!(routes(&mut bench, &one).is_empty(), "no blackhole");
    let seen = json!({"VpcEndpointIds": [id]});
    let refusal = bench.refusal("DescribeVpcEndpoints", seen.clone());
    assert_eq!(refusal.code(), "InvalidVpcEndpointId.NotFound");
    let again = bench.ok("DeleteVpcEndpoints", seen);
    let error = &again["Unsuccessful"][0]["Error"];
    assert_eq!(error["Code"], "InvalidVpcEndpoint.NotFound");
    let wanted = format!("The Vpc Endpoint Id '{id}' does not exist");
    assert_eq!(error["Message"], json!(wanted));
}

#[test]
fn ge_4_route_calls_leave_its_routes_alone() {
    let mut bench = Bench::new();
    let vpc = vpc(&mut bench, "10.0.0.0/16");
    let table = table(&mut bench, &vpc);
    let id = endpoint(&mut bench, &vpc, S3, &[&table]);
    let igw = bench.ok("CreateInternetGateway", json!({}));
    let igw = text(&igw, "/InternetGateway/InternetGatewayId");
    let attach = json!({"InternetGatewayId": igw, "VpcId": vpc});
    bench.ok("AttachInternetGateway", attach);
    let to_list = json!({"RouteTableId": table, "DestinationPrefixListId": S3_LIST});

    let refusal = bench.refusal("DeleteRoute", to_list.clone());
    assert_eq!(refusal.code(), "InvalidParameterValue");
    let wanted = format!("cannot remove VPC endpoint route {S3_LIST} in route table {table}");
    assert_eq!(refusal.message(), wanted);
    let elsewhere = with(to_list, json!({"GatewayId": igw}));
    let refused = bench.refused("ReplaceRoute", elsewhere.clone());
    assert_eq!(refused, "InvalidParameterValue");
    assert_eq!(
        bench.refused("CreateRoute", elsewhere),
        "RouteAlreadyExists"
    );
    for member in ["GatewayId", "VpcEndpointId"] {
        let mine = json!({"RouteTableId": table, "DestinationCidrBlock": "9.0.0.0/8", member: id});
        assert_eq!(bench.refused("CreateRoute", mine), "RouteNotSupported");
    }
    let unknown = json!({
        "RouteTableId": table,
        "DestinationCidrBlock": "9.0.0.0/8",
        "VpcEndpointId": "vpce-0aaaaaaaaaaaaaaaa",
    });
    let refused = bench.refused("CreateRoute", unknown);
    assert_eq!(refused, "InvalidVpcEndpointId.NotFound");
    assert_eq!(routes(&mut bench, &table).len(), 1);
    // A route of one's own to the same addresses stands beside it, and wins (`GE-21`).
    let block =
        json!({"RouteTableId": table, "DestinationCidrBlock": "198.18.10.0/24", "GatewayId": igw});
    bench.ok("CreateRoute", block);
    assert_eq!(routes(&mut bench, &table).len(), 2);
}

#[test]
fn ge_5_one_endpoint_of_a_service_for_each_table() {
    let mut bench = Bench::new();
    let vpc = vpc(&mut bench, "10.0.0.0/16");
    let (one, two) = (table(&mut bench, &vpc), table(&mut bench, &vpc));
    endpoint(&mut bench, &vpc, S3, &[&one]);
    let refusal = bench.refusal("CreateVpcEndpoint", request(&vpc, S3, &[&two, &one]));
    assert_eq!(refusal.code(), "RouteAlreadyExists");
    let wanted =
        format!("route table {one} already has a route with destination-prefix-list-id {S3_LIST}");
    assert_eq!(refusal.message(), wanted);
    assert!(routes(&mut bench, &two).is_empty(), "all or nothing");
    endpoint(&mut bench, &vpc, S3, &[&two]);
    endpoint(&mut bench, &vpc, DYNAMODB, &[&one, &one]);
    assert_eq!(routes(&mut bench, &one).len(), 2);
}

#[test]
fn ge_6_tables_of_the_same_vpc_only() {
    let mut bench = Bench::new();
    let (here, there) = (
        vpc(&mut bench, "10.0.0.0/16"),
        vpc(&mut bench, "10.1.0.0/16"),
    );
    let foreign = table(&mut bench, &there);
    let edge = table(&mut bench, &here);
    let igw = bench.ok("CreateInternetGateway", json!({}));
    let igw = text(&igw, "/InternetGateway/InternetGatewayId");
    let attach = json!({"InternetGatewayId": igw, "VpcId": here});
    bench.ok("AttachInternetGateway", attach);
    let associate = json!({"RouteTableId": edge, "GatewayId": igw});
    bench.ok("AssociateRouteTable", associate);
    for (table, code) in [
        (foreign.as_str(), "InvalidParameter"),
        ("rtb-0aaaaaaaaaaaaaaaa", "InvalidRouteTableId.NotFound"),
        ("rtb-x", "InvalidRouteTableId.Malformed"),
        (edge.as_str(), "RouteNotSupported"),
    ] {
        let refused = bench.refused("CreateVpcEndpoint", request(&here, S3, &[table]));
        assert_eq!(refused, code, "{table}");
    }
    // Nor does a table with such a route become a gateway's (`RT-12`).
    let with_endpoint = table(&mut bench, &there);
    endpoint(&mut bench, &there, S3, &[&with_endpoint]);
    let igw = bench.ok("CreateInternetGateway", json!({}));
    let igw = text(&igw, "/InternetGateway/InternetGatewayId");
    let attach = json!({"InternetGatewayId": igw, "VpcId": there});
    bench.ok("AttachInternetGateway", attach);
    let associate = json!({"RouteTableId": with_endpoint, "GatewayId": igw});
    assert_eq!(
        bench.refused("AssociateRouteTable", associate),
        "RouteNotSupported"
    );
}

#[test]
fn ge_7_what_only_interface_endpoints_have_is_refused() {
    let mut bench = Bench::new();
    let vpc = vpc(&mut bench, "10.0.0.0/16");
    let id = endpoint(&mut bench, &vpc, S3, &[]);
    let subnet = "subnet-0aaaaaaaaaaaaaaaa";
    let subnets = with(request(&vpc, S3, &[]), json!({"SubnetIds": [subnet]}));
    let refusal = bench.refusal("CreateVpcEndpoint", subnets);
    let wanted =
        "Subnet IDs are only supported for Interface and GatewayLoadBalancer type VPC Endpoints.";
    assert_eq!(refusal.message(), wanted);
    for more in [
        json!({"SubnetIds": [subnet]}),
        json!({"SubnetConfigurations": [{"SubnetId": subnet, "Ipv4": "10.0.0.9"}]}),
        json!({"SecurityGroupIds": ["sg-0aaaaaaaaaaaaaaaa"]}),
        json!({"PrivateDnsEnabled": true}),
        json!({"IpAddressType": "ipv6"}),
        json!({"DnsOptions": {"DnsRecordIpType": "dualstack"}}),
        json!({"DnsOptions": {"PrivateDnsOnlyForInboundResolverEndpoint": true}}),
    ] {
        let wrong = with(request(&vpc, S3, &[]), more);
        assert_eq!(
            bench.refused("CreateVpcEndpoint", wrong),
            "InvalidParameter"
        );
    }
    for more in [
        json!({"AddSubnetIds": [subnet]}),
        json!({"RemoveSecurityGroupIds": ["sg-0aaaaaaaaaaaaaaaa"]}),
        json!({"PrivateDnsEnabled": true}),
    ] {
        let wrong = with(json!({"VpcEndpointId": id}), more);
        assert_eq!(
            bench.refused("ModifyVpcEndpoint", wrong),
            "InvalidParameter"
        );
    }
    // What Terraform sends for every endpoint.
    let terraform = json!({
        "PrivateDnsEnabled": false,
        "IpAddressType": "ipv4",
        "DnsOptions": {"DnsRecordIpType": "service-defined"},
    });
    bench.ok("CreateVpcEndpoint", with(request(&vpc, S3, &[]), terraform));
}

#[test]
fn ge_8_tables_and_policy_can_change() {
    let mut bench = Bench::new();
    let vpc = vpc(&mut bench, "10.0.0.0/16");
    let (one, two) = (table(&mut bench, &vpc), table(&mut bench, &vpc));
    let id = endpoint(&mut bench, &vpc, S3, &[&one]);
    let modify = |more| with(json!({"VpcEndpointId": id}), more);
    let done = json!({"Return": true});
    let move_it = modify(json!({"AddRouteTableIds": [two], "RemoveRouteTableIds": [one]}));
    assert_eq!(bench.ok("ModifyVpcEndpoint", move_it.clone()), done);
    assert_eq!(described(&mut bench, &id)["RouteTableIds"], json!([two]));
    assert_eq!(
        bench.refused("ModifyVpcEndpoint", move_it),
        "InvalidParameter"
    );
    let again = modify(json!({"AddRouteTableIds": [two]}));
    assert_eq!(
        bench.refused("ModifyVpcEndpoint", again),
        "RouteAlreadyExists"
    );

    let policy = r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::good/*"}]}"#;
    bench.ok(
        "ModifyVpcEndpoint",
        modify(json!({"PolicyDocument": policy})),
    );
    assert_eq!(described(&mut bench, &id)["PolicyDocument"], policy);
    bench.ok("ModifyVpcEndpoint", modify(json!({"ResetPolicy": true})));
    assert_eq!(described(&mut bench, &id)["PolicyDocument"], DEFAULT_POLICY);
    let both = modify(json!({"ResetPolicy": true, "PolicyDocument": policy}));
    let refused = bench.refused("ModifyVpcEndpoint", both);
    assert_eq!(refused, "InvalidParameterCombination");
    let unknown = json!({"VpcEndpointId": "vpce-0aaaaaaaaaaaaaaaa"});
    let refused = bench.refused("ModifyVpcEndpoint", unknown);
    assert_eq!(refused, "InvalidVpcEndpointId.NotFound");
}

/// `GP-2`.
#[test]
fn a_bad_policy_is_refused_with_its_place() {
    let mut bench = Bench::new();
    let vpc = vpc(&mut bench, "10.0.0.0/16");
    let long = format!(
        r#"{{"Statement":[{{"Sid":"{}","Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}]}}"#,
        "a".repeat(20_480)
    );
    for (policy, place) in [
        (r#"{"Statement":[{"Effect":"Allow""#, "line 1"),
        ("[]", "not an object"),
        (
            r#"{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#,
            "Principal",
        ),
        (
            r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"},{"Effect":"Maybe","Principal":"*","Action":"*","Resource":"*"}]}"#,
            "Statement[1]",
        ),
        (&long, "20480"),
    ] {
        let wrong = with(request(&vpc, S3, &[]), json!({"PolicyDocument": policy}));
        let refusal = bench.refusal("CreateVpcEndpoint", wrong);
        assert_eq!(refusal.code(), "InvalidPolicyDocument");
        assert!(refusal.message().contains(place), "{refusal}");
    }
}

#[test]
fn ge_11_quotas_of_region_and_vpc() {
    let mut bench = Bench::new();
    bench.settings.quotas.gateway_endpoints_per_region = 3;
    bench.settings.quotas.gateway_endpoints_per_vpc = 2;
    let (one, two) = (
        vpc(&mut bench, "10.0.0.0/16"),
        vpc(&mut bench, "10.1.0.0/16"),
    );
    for _ in 0..2 {
        endpoint(&mut bench, &one, S3, &[]);
    }
    let full = "VpcEndpointLimitExceeded";
    assert_eq!(
        bench.refused("CreateVpcEndpoint", request(&one, S3, &[])),
        full
    );
    endpoint(&mut bench, &two, S3, &[]);
    assert_eq!(
        bench.refused("CreateVpcEndpoint", request(&two, S3, &[])),
        full
    );
}

#[test]
fn ge_12_each_region_has_prefix_lists_of_its_own() {
    let mut bench = Bench::new();
    let lists = bench.ok("DescribePrefixLists", json!({}));
    let s3 = json!({"PrefixListId": S3_LIST, "PrefixListName": S3, "Cidrs": ["198.18.10.0/24"]});
    assert!(lists["PrefixLists"].as_array().unwrap().contains(&s3));
    assert_eq!(count(&lists, "PrefixLists"), 2);
    bench.region = "eu-west-1".to_owned();
    let filters = json!({"Filters": [{"Name": "prefix-list-name", "Values": ["com.amazonaws.eu-west-1.s3"]}]});
    let there = bench.ok("DescribePrefixLists", filters);
    let there = &there["PrefixLists"][0];
    assert_ne!(there["PrefixListId"], S3_LIST);
    assert_ne!(there["Cidrs"], json!(["198.18.10.0/24"]));
    let entries = json!({"PrefixListId": there["PrefixListId"]});
    let entries = bench.ok("GetManagedPrefixListEntries", entries);
    assert_eq!(entries["Entries"][0]["Cidr"], there["Cidrs"][0]);
    let foreign = bench.refused(
        "GetManagedPrefixListEntries",
        json!({"PrefixListId": S3_LIST}),
    );
    assert_eq!(foreign, "InvalidPrefixListID.NotFound");
}

#[test]
fn ge_13_services_are_listed_by_the_ways_to_them() {
    let mut bench = Bench::new();
    let action = "DescribeVpcEndpointServices";
    let s3 = bench.ok(action, json!({"ServiceNames": [S3]}));
    assert_eq!(s3["ServiceNames"], json!([S3]));
    let kinds = |details: &Value| -> Vec<String> {
        let details = details["ServiceDetails"].as_array().unwrap().iter();
        details
            .map(|detail| text(detail, "/ServiceType/0/ServiceType"))
            .collect()
    };
    assert_eq!(kinds(&s3), ["Gateway", "Interface"]);
    let gateway = &s3["ServiceDetails"][0];
    assert_eq!(gateway["VpcEndpointPolicySupported"], true);
    assert_eq!(gateway["AcceptanceRequired"], false);
    assert_eq!(count(gateway, "AvailabilityZones"), 6);
    let only = json!({"Filters": [{"Name": "service-type", "Values": ["Gateway"]}]});
    let only = bench.ok(action, only);
    assert_eq!(only["ServiceNames"], json!([DYNAMODB, S3]));
    let all = bench.ok(action, json!({}));
    assert_eq!(count(&all, "ServiceNames"), 11);
    assert_eq!(count(&all, "ServiceDetails"), 13);
    let page = bench.ok(action, json!({"MaxResults": 5}));
    assert_eq!(count(&page, "ServiceDetails"), 5);
    let rest = bench.ok(action, json!({"NextToken": page["NextToken"]}));
    assert_eq!(count(&rest, "ServiceDetails"), 8);
    let unknown = json!({"ServiceNames": ["com.amazonaws.us-east-1.nothing"]});
    assert_eq!(bench.refused(action, unknown), "InvalidServiceName");
}

#[test]
fn a_vpc_with_an_endpoint_stays_and_a_table_takes_its_route_along() {
    let mut bench = Bench::new();
    let vpc = vpc(&mut bench, "10.0.0.0/16");
    let table = table(&mut bench, &vpc);
    let id = endpoint(&mut bench, &vpc, S3, &[&table]);
    bench.ok("DeleteRouteTable", json!({"RouteTableId": table}));
    assert_eq!(described(&mut bench, &id)["RouteTableIds"], json!([]));
    let delete = json!({"VpcId": vpc});
    assert_eq!(
        bench.refused("DeleteVpc", delete.clone()),
        "DependencyViolation"
    );
    bench.ok("DeleteVpcEndpoints", json!({"VpcEndpointIds": [id]}));
    bench.ok("DeleteVpc", delete);
}

#[test]
fn endpoints_are_found_by_filters_and_tags() {
    let mut bench = Bench::new();
    let vpc = vpc(&mut bench, "10.0.0.0/16");
    let id = endpoint(&mut bench, &vpc, S3, &[]);
    endpoint(&mut bench, &vpc, DYNAMODB, &[]);
    let tags = json!({"Resources": [id], "Tags": [{"Key": "a", "Value": "b"}]});
    bench.ok("CreateTags", tags);
    for (name, value, found) in [
        ("vpc-id", vpc.as_str(), 2),
        ("service-name", S3, 1),
        ("vpc-endpoint-state", "available", 2),
        ("vpc-endpoint-state", "pending", 0),
        ("vpc-endpoint-type", "Interface", 0),
        ("vpc-endpoint-id", &id, 1),
        ("ip-address-type", "ipv4", 2),
        ("tag:a", "b", 1),
    ] {
        let filters = json!({"Filters": [{"Name": name, "Values": [value]}]});
        let seen = bench.ok("DescribeVpcEndpoints", filters);
        assert_eq!(count(&seen, "VpcEndpoints"), found, "{name} {value}");
    }
    bench.account = "210987654321".parse().unwrap();
    let all = bench.ok("DescribeVpcEndpoints", json!({}));
    assert_eq!(count(&all, "VpcEndpoints"), 0);
    let foreign = bench.ok("DeleteVpcEndpoints", json!({"VpcEndpointIds": [id]}));
    assert_eq!(count(&foreign, "Unsuccessful"), 1);
}

#[test]
fn a_route_is_judged_alike_by_model_and_handler() {
    let mut bench = Bench::new();
    let vpc = vpc(&mut bench, "10.0.0.0/16");
    let id = endpoint(&mut bench, &vpc, S3, &[]);
    let region = &bench.world.regions["us-east-1"];
    let target = RouteTarget::VpcEndpoint(id.parse().unwrap());
    assert!(region.is_route_active(vpc.parse().unwrap(), target));
    assert!(!region.is_route_active(VpcId::from_random(1), target));
}
