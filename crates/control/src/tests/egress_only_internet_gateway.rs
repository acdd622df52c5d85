use openvpc_model::*;
use serde_json::{Value, json};

use crate::testing::{Bench, count, text};

fn vpc(bench: &mut Bench, cidr: &str) -> String {
    text(
        &bench.ok("CreateVpc", json!({"CidrBlock": cidr})),
        "/Vpc/VpcId",
    )
}

fn gateway(bench: &mut Bench, vpc: &str) -> String {
    let made = bench.ok("CreateEgressOnlyInternetGateway", json!({"VpcId": vpc}));
    text(
        &made,
        "/EgressOnlyInternetGateway/EgressOnlyInternetGatewayId",
    )
}

/// A table of a VPC with `::/0` to its egress-only gateway.
fn routed(bench: &mut Bench) -> (String, String, String) {
    let vpc = vpc(bench, "10.0.0.0/16");
    let gateway = gateway(bench, &vpc);
    let table = bench.ok("CreateRouteTable", json!({"VpcId": vpc}));
    let table = text(&table, "/RouteTable/RouteTableId");
    bench.ok("CreateRoute", route(&table, "::/0", &gateway));
    (vpc, gateway, table)
}

fn route(table: &str, destination: &str, gateway: &str) -> Value {
    let family = match destination.contains(':') {
        true => "DestinationIpv6CidrBlock",
        false => "DestinationCidrBlock",
    };
    json!({"RouteTableId": table, family: destination, "EgressOnlyInternetGatewayId": gateway})
}

fn last_route(bench: &mut Bench, table: &str) -> Value {
    let seen = bench.ok("DescribeRouteTables", json!({"RouteTableIds": [table]}));
    let routes = seen["RouteTables"][0]["Routes"].as_array().unwrap();
    routes.last().unwrap().clone()
}

#[test]
fn golden_egress_only_internet_gateway() {
    let mut bench = Bench::new();
    let vpc = vpc(&mut bench, "10.0.0.0/16");
    let create = json!({
        "VpcId": vpc,
        "ClientToken": "once",
        "TagSpecifications": [{
            "ResourceType": "egress-only-internet-gateway",
            "Tags": [{"Key": "Name", "Value": "out"}],
        }],
    });
    let made = bench.golden("CreateEgressOnlyInternetGateway", create);
    let id = text(
        &made,
        "/EgressOnlyInternetGateway/EgressOnlyInternetGatewayId",
    );
    let ids = json!({"EgressOnlyInternetGatewayIds": [id]});
    bench.golden("DescribeEgressOnlyInternetGateways", ids);
    let id = json!({"EgressOnlyInternetGatewayId": id});
    bench.golden("DeleteEgressOnlyInternetGateway", id);
}

#[test]
fn eo_1_and_4_it_is_attached_from_birth_also_without_ipv6() {
    let mut bench = Bench::new();
    let vpc = vpc(&mut bench, "10.0.0.0/16");
    let made = bench.ok("CreateEgressOnlyInternetGateway", json!({"VpcId": vpc}));
    let made = &made["EgressOnlyInternetGateway"];
    assert!(text(made, "/EgressOnlyInternetGatewayId").starts_with("eigw-"));
    assert_eq!(
        made["Attachments"],
        json!([{"VpcId": vpc, "State": "attached"}])
    );
    assert_eq!(made["Tags"], json!([]));
}

#[test]
fn eo_3_one_per_vpc_five_per_region_and_no_unknown_vpc() {
    let mut bench = Bench::new();
    bench.settings.quotas.vpcs_per_region = 10;
    for n in 0..5 {
        let vpc = vpc(&mut bench, &format!("10.{n}.0.0/16"));
        gateway(&mut bench, &vpc);
        let again = bench.refused("CreateEgressOnlyInternetGateway", json!({"VpcId": vpc}));
        assert_eq!(again, "InvalidParameterValue");
    }
    let sixth = vpc(&mut bench, "10.6.0.0/16");
    for (input, code) in [
        (
            json!({"VpcId": sixth}),
            "EgressOnlyInternetGatewayLimitExceeded",
        ),
        (
            json!({"VpcId": "vpc-00000000000000001"}),
            "InvalidVpcID.NotFound",
        ),
        (json!({}), "MissingParameter"),
        (
            json!({"VpcId": sixth, "TagSpecifications": [{"ResourceType": "vpc", "Tags": [{"Key": "a"}]}]}),
            "InvalidParameterValue",
        ),
    ] {
        assert_eq!(
            bench.refused("CreateEgressOnlyInternetGateway", input),
            code
        );
    }
}

#[test]
fn eo_5_describe_filters_by_tags_only_and_pages_by_five() {
    let mut bench = Bench::new();
    let vpc = vpc(&mut bench, "10.0.0.0/16");
    let id = gateway(&mut bench, &vpc);
    bench.ok(
        "CreateTags",
        json!({"Resources": [id], "Tags": [{"Key": "a", "Value": "b"}]}),
    );
    let action = "DescribeEgressOnlyInternetGateways";
    for (name, value, found) in [("tag:a", "b", 1), ("tag:a", "c", 0), ("tag-key", "a", 1)] {
        let filters = json!({"Filters": [{"Name": name, "Values": [value]}]});
        assert_eq!(
            count(&bench.ok(action, filters), "EgressOnlyInternetGateways"),
            found
        );
    }
    let unknown = "eigw-00000000000000001";
    for (input, code) in [
        (
            json!({"Filters": [{"Name": "vpc-id", "Values": [vpc]}]}),
            "InvalidParameterValue",
        ),
        (
            json!({"EgressOnlyInternetGatewayIds": [unknown]}),
            "InvalidGatewayID.NotFound",
        ),
        (json!({"MaxResults": 4}), "InvalidParameterValue"),
        (json!({"MaxResults": 256}), "InvalidParameterValue"),
    ] {
        assert_eq!(bench.refused(action, input), code);
    }
}

#[test]
fn eo_6_deletion_leaves_a_blackhole_that_no_new_gateway_revives() {
    let mut bench = Bench::new();
    let (vpc, id, table) = routed(&mut bench);
    let active = json!({
        "DestinationIpv6CidrBlock": "::/0",
        "EgressOnlyInternetGatewayId": id,
        "Origin": "CreateRoute",
        "State": "active",
    });
    assert_eq!(last_route(&mut bench, &table), active);
    let delete = json!({"EgressOnlyInternetGatewayId": id});
    let answer = bench.ok("DeleteEgressOnlyInternetGateway", delete.clone());
    assert_eq!(answer, json!({"ReturnCode": true}));
    let refusal = bench.refusal("DeleteEgressOnlyInternetGateway", delete);
    assert_eq!(refusal.code(), "InvalidGatewayID.NotFound");
    assert_eq!(
        refusal.message(),
        format!("The eigw ID '{id}' does not exist")
    );

    assert_eq!(last_route(&mut bench, &table)["State"], "blackhole");
    let new = gateway(&mut bench, &vpc);
    assert_eq!(last_route(&mut bench, &table)["State"], "blackhole");
    bench.ok("ReplaceRoute", route(&table, "::/0", &new));
    assert_eq!(last_route(&mut bench, &table)["State"], "active");
}

#[test]
fn eo_7_and_9_any_ipv6_destination_no_ipv4_one_no_other_vpcs_gateway() {
    let mut bench = Bench::new();
    let (_, id, table) = routed(&mut bench);
    bench.ok("CreateRoute", route(&table, "2001:db8:ffff::/48", &id));
    // The member for gateways of any kind takes it; the answer has the member of its own.
    let any = json!({"RouteTableId": table, "DestinationIpv6CidrBlock": "2001:db8:fffe::/48", "GatewayId": id});
    bench.ok("CreateRoute", any);
    assert_eq!(
        last_route(&mut bench, &table)["EgressOnlyInternetGatewayId"],
        id
    );
    let ipv4 = route(&table, "0.0.0.0/0", &id);
    assert_eq!(bench.refused("CreateRoute", ipv4), "InvalidParameterValue");

    let other = vpc(&mut bench, "10.1.0.0/16");
    let other = gateway(&mut bench, &other);
    for action in ["CreateRoute", "ReplaceRoute"] {
        let refusal = bench.refusal(action, route(&table, "::/0", &other));
        assert_eq!(refusal.code(), "InvalidParameterValue");
        let wanted =
            format!("route table {table} and network gateway {other} belong to different networks");
        assert_eq!(refusal.message(), wanted);
    }
    let unknown = route(&table, "::/0", "eigw-00000000000000001");
    assert_eq!(
        bench.refused("CreateRoute", unknown),
        "InvalidGatewayID.NotFound"
    );
}

#[test]
fn eo_8_a_vpc_with_one_cannot_be_deleted() {
    let mut bench = Bench::new();
    let vpc = vpc(&mut bench, "10.0.0.0/16");
    let id = gateway(&mut bench, &vpc);
    let delete = json!({"VpcId": vpc});
    assert_eq!(
        bench.refused("DeleteVpc", delete.clone()),
        "DependencyViolation"
    );
    bench.ok(
        "DeleteEgressOnlyInternetGateway",
        json!({"EgressOnlyInternetGatewayId": id}),
    );
    bench.ok("DeleteVpc", delete);
}

#[test]
fn a_route_is_judged_alike_by_model_and_handler() {
    let mut bench = Bench::new();
    let (vpc, id, _) = routed(&mut bench);
    let region = &bench.world.regions["us-east-1"];
    let target = RouteTarget::EgressOnlyInternetGateway(id.parse().unwrap());
    assert!(region.is_route_active(vpc.parse().unwrap(), target));
    assert!(!region.is_route_active(VpcId::from_random(1), target));
}
