use serde_json::{Value, json};

use crate::testing::{Bench, count, text};

/// A VPC with an internet gateway, a subnet with an interface in it, and a custom table.
struct Stage {
    bench: Bench,
    vpc: String,
    igw: String,
    subnet: String,
    eni: String,
    table: String,
}

impl Stage {
    fn new() -> Stage {
        let mut bench = Bench::new();
        let vpc = text(
            &bench.ok("CreateVpc", json!({"CidrBlock": "10.0.0.0/16"})),
            "/Vpc/VpcId",
        );
        let igw = bench.ok("CreateInternetGateway", json!({}));
        let igw = text(&igw, "/InternetGateway/InternetGatewayId");
        bench.ok(
            "AttachInternetGateway",
            json!({"VpcId": vpc, "InternetGatewayId": igw}),
        );
        let subnet = bench.ok(
            "CreateSubnet",
            json!({"VpcId": vpc, "CidrBlock": "10.0.1.0/24"}),
        );
        let subnet = text(&subnet, "/Subnet/SubnetId");
        let eni = bench.place_interface(&subnet, "10.0.1.10").id.to_string();
        let table = bench.ok("CreateRouteTable", json!({"VpcId": vpc}));
        let table = text(&table, "/RouteTable/RouteTableId");
        Stage {
            bench,
            vpc,
            igw,
            subnet,
            eni,
            table,
        }
    }

    fn route(&self, destination: &str, member: &str, target: &str) -> Value {
        let family = match destination.contains(':') {
            true => "DestinationIpv6CidrBlock",
            false => "DestinationCidrBlock",
        };
        json!({"RouteTableId": self.table, family: destination, member: target})
    }

    fn routes(&mut self) -> Vec<Value> {
        let seen = self.bench.ok(
            "DescribeRouteTables",
            json!({"RouteTableIds": [self.table]}),
        );
        seen["RouteTables"][0]["Routes"].as_array().unwrap().clone()
    }

    fn main_association(&mut self) -> (String, String) {
        let filters = json!({"Filters": [
            {"Name": "vpc-id", "Values": [self.vpc]},
            {"Name": "association.main", "Values": ["true"]},
        ]});
        let seen = self.bench.ok("DescribeRouteTables", filters);
        assert_eq!(count(&seen, "RouteTables"), 1);
        (
            text(&seen, "/RouteTables/0/RouteTableId"),
            text(
                &seen,
                "/RouteTables/0/Associations/0/RouteTableAssociationId",
            ),
        )
    }
}

#[test]
fn rt_1_local_routes_cannot_be_deleted_but_retargeted_and_restored() {
    let mut s = Stage::new();
    let local = json!({"RouteTableId": s.table, "DestinationCidrBlock": "10.0.0.0/16"});
    let refusal = s.bench.refusal("DeleteRoute", local.clone());
    assert_eq!(refusal.code(), "InvalidParameterValue");
    assert!(
        refusal
            .message()
            .starts_with("cannot remove local route 10.0.0.0/16")
    );

    let to_eni = s.route("10.0.0.0/16", "NetworkInterfaceId", &s.eni);
    s.bench.ok("ReplaceRoute", to_eni);
    let route = s.routes().remove(0);
    assert_eq!(text(&route, "/NetworkInterfaceId"), s.eni);
    assert_eq!(
        s.bench.refused("DeleteRoute", local.clone()),
        "InvalidParameterValue"
    );

    let mut restore = local;
    restore["LocalTarget"] = json!(true);
    s.bench.ok("ReplaceRoute", restore.clone());
    let route = s.routes().remove(0);
    assert_eq!(text(&route, "/GatewayId"), "local");
    assert_eq!(text(&route, "/Origin"), "CreateRouteTable");
    restore["DestinationCidrBlock"] = json!("10.0.1.0/24");
    assert_eq!(
        s.bench.refused("ReplaceRoute", restore),
        "InvalidParameterValue"
    );
}

#[test]
fn rt_4_inside_the_vpc_a_route_leads_to_an_interface_for_a_whole_subnet() {
    let mut s = Stage::new();
    for (destination, member, target) in [
        ("10.0.1.0/24", "GatewayId", s.igw.clone()),
        ("10.0.0.0/16", "GatewayId", s.igw.clone()),
        ("10.0.1.0/25", "NetworkInterfaceId", s.eni.clone()),
        ("10.0.2.0/24", "NetworkInterfaceId", s.eni.clone()),
    ] {
        let input = s.route(destination, member, &target);
        let refusal = s.bench.refusal("CreateRoute", input);
        assert_eq!(
            refusal.code(),
            "InvalidParameterValue",
            "{destination} → {target}"
        );
        let start = format!(
            "The destination CIDR block {destination} is equal to or more specific than one of this VPC's CIDR blocks."
        );
        assert!(refusal.message().starts_with(&start), "{refusal}");
    }
    let whole = s.route("10.0.1.0/24", "NetworkInterfaceId", &s.eni);
    s.bench.ok("CreateRoute", whole);
}

#[test]
fn rt_5_one_destination_and_one_target() {
    let mut s = Stage::new();
    let table = s.table.clone();
    for (input, code) in [
        (
            json!({"RouteTableId": table, "GatewayId": s.igw}),
            "MissingParameter",
        ),
        (
            json!({"RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0"}),
            "MissingParameter",
        ),
        (
            json!({"RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0", "DestinationIpv6CidrBlock": "::/0", "GatewayId": s.igw}),
            "InvalidParameterCombination",
        ),
        (
            json!({"RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": s.igw, "NetworkInterfaceId": s.eni}),
            "InvalidParameterCombination",
        ),
        (
            json!({"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": s.igw}),
            "MissingParameter",
        ),
        (
            json!({"RouteTableId": table, "DestinationCidrBlock": "x", "GatewayId": s.igw}),
            "InvalidParameterValue",
        ),
    ] {
        assert_eq!(
            s.bench.refused("CreateRoute", input.clone()),
            code,
            "{input}"
        );
    }
}

#[test]
fn rt_5_targets_that_do_not_exist() {
    let mut s = Stage::new();
    for (member, target, code) in [
        (
            "GatewayId",
            "igw-00000000000000001",
            "InvalidGatewayID.NotFound",
        ),
        ("GatewayId", "local", "InvalidGatewayID.NotFound"),
        (
            "NetworkInterfaceId",
            "eni-0000000000000ffff",
            "InvalidNetworkInterfaceID.NotFound",
        ),
        (
            "NetworkInterfaceId",
            "eni",
            "InvalidNetworkInterfaceId.Malformed",
        ),
        (
            "InstanceId",
            "i-00000000000000001",
            "InvalidInstanceID.NotFound",
        ),
        (
            "NatGatewayId",
            "nat-00000000000000001",
            "NatGatewayNotFound",
        ),
        (
            "VpcPeeringConnectionId",
            "pcx-00000000000000001",
            "InvalidVpcPeeringConnectionID.NotFound",
        ),
        (
            "EgressOnlyInternetGatewayId",
            "eigw-00000000000000001",
            "InvalidGatewayID.NotFound",
        ),
        (
            "TransitGatewayId",
            "tgw-00000000000000001",
            "UnsupportedOperation",
        ),
    ] {
        let input = s.route("0.0.0.0/0", member, target);
        assert_eq!(
            s.bench.refused("CreateRoute", input),
            code,
            "{member} {target}"
        );
    }
    let list = json!({"RouteTableId": s.table, "DestinationPrefixListId": "pl-00000000000000001", "GatewayId": s.igw});
    assert_eq!(
        s.bench.refused("CreateRoute", list),
        "InvalidPrefixListID.NotFound"
    );
}

#[test]
fn rt_6_repeating_a_route_is_fine_and_contradicting_it_is_not() {
    let mut s = Stage::new();
    let out = s.route("0.0.0.0/0", "GatewayId", &s.igw);
    let to_eni = s.route("0.0.0.0/0", "NetworkInterfaceId", &s.eni);
    let gone = json!({"RouteTableId": s.table, "DestinationCidrBlock": "0.0.0.0/0"});

    let refusal = s.bench.refusal("ReplaceRoute", out.clone());
    assert_eq!(refusal.code(), "InvalidParameterValue");
    assert!(refusal.message().contains(
        "There is no route defined for '0.0.0.0/0' in the route table. Use CreateRoute instead."
    ));
    assert_eq!(
        s.bench.refused("DeleteRoute", gone.clone()),
        "InvalidRoute.NotFound"
    );

    assert_eq!(
        s.bench.ok("CreateRoute", out.clone()),
        json!({"Return": true})
    );
    s.bench.ok("CreateRoute", out);
    assert_eq!(
        s.bench.refused("CreateRoute", to_eni.clone()),
        "RouteAlreadyExists"
    );
    s.bench.ok("ReplaceRoute", to_eni);
    assert_eq!(s.routes().len(), 2);
    s.bench.ok("DeleteRoute", gone);
    assert_eq!(s.routes().len(), 1);
}

#[test]
fn rt_7_a_gateway_of_another_vpc_is_refused() {
    let mut s = Stage::new();
    let filter = json!({"Filters": [{"Name": "attachment.vpc-id", "Values": ["vpc-*"]}]});
    let gateways = s.bench.ok("DescribeInternetGateways", filter);
    let gateways = gateways["InternetGateways"].as_array().unwrap().clone();
    let other = gateways
        .iter()
        .map(|g| text(g, "/InternetGatewayId"))
        .find(|id| *id != s.igw)
        .unwrap();
    let input = s.route("0.0.0.0/0", "GatewayId", &other);
    let refusal = s.bench.refusal("CreateRoute", input);
    assert_eq!(refusal.code(), "InvalidParameterValue");
    let words = format!(
        "route table {} and network gateway {other} belong to different networks",
        s.table
    );
    assert_eq!(refusal.message(), words);
}

#[test]
fn rt_8_addresses_of_services_cannot_be_routed_but_what_holds_them_can() {
    let mut s = Stage::new();
    for destination in [
        "169.254.168.0/22",
        "169.254.169.254/32",
        "fd00:ec2::/32",
        "fd00:ec2::254/128",
    ] {
        let input = s.route(destination, "NetworkInterfaceId", &s.eni);
        assert_eq!(
            s.bench.refused("CreateRoute", input),
            "InvalidParameterValue",
            "{destination}"
        );
    }
    for destination in ["169.254.0.0/16", "fd00::/16"] {
        let input = s.route(destination, "NetworkInterfaceId", &s.eni);
        s.bench.ok("CreateRoute", input);
    }
}

#[test]
fn rt_9_a_route_whose_target_is_gone_or_idle_is_a_blackhole_until_it_is_removed() {
    let mut s = Stage::new();
    let out = s.route("0.0.0.0/0", "GatewayId", &s.igw);
    s.bench.ok("CreateRoute", out);
    let to_eni = s.route("192.168.0.0/16", "NetworkInterfaceId", &s.eni);
    s.bench.ok("CreateRoute", to_eni);
    let states = |s: &mut Stage| {
        s.routes()
            .iter()
            .map(|r| text(r, "/State"))
            .collect::<Vec<_>>()
    };
    assert_eq!(states(&mut s), ["active", "active", "blackhole"]);
    let region = &s.bench.world.regions["us-east-1"];
    let mut eni = region.network_interfaces[&s.eni.parse().unwrap()].clone();
    eni.attachment = Some(openvpc_model::Attachment {
        id: "eni-attach-00000000000000001".parse().unwrap(),
        instance: "i-00000000000000001".parse().unwrap(),
        device_index: 0,
        delete_on_termination: false,
        attached_at: 0,
        state: openvpc_model::AttachmentState::Attached,
    });
    let attached = openvpc_model::Event::NetworkInterfacePut(eni);
    s.bench.apply("Test", vec![attached]);
    assert_eq!(states(&mut s), ["active", "active", "active"]);
    s.bench.ok(
        "DetachInternetGateway",
        json!({"VpcId": s.vpc, "InternetGatewayId": s.igw}),
    );
    assert_eq!(states(&mut s), ["active", "blackhole", "active"]);
    let gone = openvpc_model::Event::NetworkInterfaceDeleted(s.eni.parse().unwrap());
    s.bench.apply("Test", vec![gone]);
    assert_eq!(states(&mut s), ["active", "blackhole", "blackhole"]);
    let filter = json!({"Filters": [{"Name": "route.state", "Values": ["blackhole"]}]});
    assert_eq!(
        count(&s.bench.ok("DescribeRouteTables", filter), "RouteTables"),
        1
    );
}

#[test]
fn rt_11_a_table_serves_subnets_and_is_kept_while_it_does() {
    let mut s = Stage::new();
    let associate = json!({"RouteTableId": s.table, "SubnetId": s.subnet});
    let made = s.bench.ok("AssociateRouteTable", associate.clone());
    assert_eq!(text(&made, "/AssociationState/State"), "associated");
    let association = text(&made, "/AssociationId");
    assert_eq!(
        text(
            &s.bench.ok("AssociateRouteTable", associate),
            "/AssociationId"
        ),
        association
    );

    let other = text(
        &s.bench.ok("CreateRouteTable", json!({"VpcId": s.vpc})),
        "/RouteTable/RouteTableId",
    );
    let conflict = json!({"RouteTableId": other, "SubnetId": s.subnet});
    assert_eq!(
        s.bench.refused("AssociateRouteTable", conflict),
        "Resource.AlreadyAssociated"
    );
    let delete = json!({"RouteTableId": s.table});
    assert_eq!(
        s.bench.refused("DeleteRouteTable", delete.clone()),
        "DependencyViolation"
    );

    let moved = json!({"AssociationId": association, "RouteTableId": other});
    let moved = s.bench.ok("ReplaceRouteTableAssociation", moved);
    let new = text(&moved, "/NewAssociationId");
    assert_ne!(new, association);
    let filter =
        json!({"Filters": [{"Name": "association.route-table-association-id", "Values": [new]}]});
    let seen = s.bench.ok("DescribeRouteTables", filter);
    assert_eq!(text(&seen, "/RouteTables/0/RouteTableId"), other);
    s.bench.ok("DeleteRouteTable", delete);

    assert_eq!(
        s.bench.refused(
            "DisassociateRouteTable",
            json!({"AssociationId": association})
        ),
        "InvalidAssociationID.NotFound"
    );
    s.bench
        .ok("DisassociateRouteTable", json!({"AssociationId": new}));
    s.bench
        .ok("DeleteRouteTable", json!({"RouteTableId": other}));
}

#[test]
fn rt_11_the_main_table_is_swapped_not_deleted() {
    let mut s = Stage::new();
    let (main, association) = s.main_association();
    assert_eq!(
        s.bench
            .refused("DeleteRouteTable", json!({"RouteTableId": main})),
        "DependencyViolation"
    );
    let refusal = s.bench.refusal(
        "DisassociateRouteTable",
        json!({"AssociationId": association}),
    );
    assert_eq!(refusal.code(), "InvalidParameterValue");
    let words = format!("cannot disassociate the main route table association {association}");
    assert_eq!(refusal.message(), words);

    let swap = json!({"AssociationId": association, "RouteTableId": s.table});
    s.bench.ok("ReplaceRouteTableAssociation", swap);
    let (now_main, new) = s.main_association();
    assert_eq!(now_main, s.table);
    assert_ne!(new, association);
    s.bench
        .ok("DeleteRouteTable", json!({"RouteTableId": main}));
}

#[test]
fn rt_11_a_table_serves_its_own_vpc_only() {
    let mut s = Stage::new();
    let subnets = json!({"Filters": [{"Name": "default-for-az", "Values": ["true"]}]});
    let foreign = text(
        &s.bench.ok("DescribeSubnets", subnets),
        "/Subnets/0/SubnetId",
    );
    let input = json!({"RouteTableId": s.table, "SubnetId": foreign});
    assert_eq!(
        s.bench.refused("AssociateRouteTable", input),
        "InvalidParameterValue"
    );
    let (_, association) = s.main_association();
    let tables = json!({"Filters": [{"Name": "route.gateway-id", "Values": ["igw-*"]}]});
    let foreign = text(
        &s.bench.ok("DescribeRouteTables", tables),
        "/RouteTables/0/RouteTableId",
    );
    let swap = json!({"AssociationId": association, "RouteTableId": foreign});
    assert_eq!(
        s.bench.refused("ReplaceRouteTableAssociation", swap),
        "InvalidParameterValue"
    );
}

#[test]
fn rt_12_an_edge_table_leads_only_to_local_or_an_interface() {
    let mut s = Stage::new();
    let edge = json!({"RouteTableId": s.table, "GatewayId": s.igw});
    let made = s.bench.ok("AssociateRouteTable", edge);
    let filter = json!({"Filters": [{"Name": "association.gateway-id", "Values": [s.igw]}]});
    let seen = s.bench.ok("DescribeRouteTables", filter);
    assert_eq!(
        text(
            &seen,
            "/RouteTables/0/Associations/0/RouteTableAssociationId"
        ),
        text(&made, "/AssociationId")
    );
    for (destination, member, target, code) in [
        ("0.0.0.0/0", "GatewayId", s.igw.clone(), "RouteNotSupported"),
        (
            "192.168.0.0/16",
            "NetworkInterfaceId",
            s.eni.clone(),
            "InvalidParameterValue",
        ),
        (
            "10.0.1.0/25",
            "NetworkInterfaceId",
            s.eni.clone(),
            "InvalidParameterValue",
        ),
    ] {
        let input = s.route(destination, member, &target);
        assert_eq!(s.bench.refused("CreateRoute", input), code, "{destination}");
    }
    let whole = s.route("10.0.1.0/24", "NetworkInterfaceId", &s.eni);
    s.bench.ok("CreateRoute", whole);

    let ordinary = s.bench.ok("CreateRouteTable", json!({"VpcId": s.vpc}));
    let ordinary = text(&ordinary, "/RouteTable/RouteTableId");
    s.bench.ok(
        "DetachInternetGateway",
        json!({"VpcId": s.vpc, "InternetGatewayId": s.igw}),
    );
    s.bench.ok(
        "AttachInternetGateway",
        json!({"VpcId": s.vpc, "InternetGatewayId": s.igw}),
    );
    let out =
        json!({"RouteTableId": ordinary, "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": s.igw});
    s.bench.ok("CreateRoute", out);
    let edge = json!({"RouteTableId": ordinary, "GatewayId": s.igw});
    assert_eq!(
        s.bench.refused("AssociateRouteTable", edge),
        "RouteNotSupported"
    );
}

#[test]
fn rt_13_fifty_routes_of_a_family_in_a_table() {
    let mut s = Stage::new();
    for n in 0..50 {
        let input = s.route(&format!("192.168.{n}.0/24"), "NetworkInterfaceId", &s.eni);
        s.bench.ok("CreateRoute", input);
    }
    let one_more = s.route("192.168.50.0/24", "NetworkInterfaceId", &s.eni);
    assert_eq!(
        s.bench.refused("CreateRoute", one_more),
        "RouteLimitExceeded"
    );
    let other_family = s.route("2001:db8:9::/48", "NetworkInterfaceId", &s.eni);
    s.bench.ok("CreateRoute", other_family);
    let route = s.routes().pop().unwrap();
    assert_eq!(text(&route, "/DestinationIpv6CidrBlock"), "2001:db8:9::/48");
    assert_eq!(text(&route, "/Origin"), "CreateRoute");
}

#[test]
fn a_dry_run_of_a_route_call_judges_the_permission_before_the_arguments() {
    let mut s = Stage::new();
    for action in ["CreateRoute", "ReplaceRoute", "DeleteRoute"] {
        let input = json!({"RouteTableId": "rtb-00000000000000001", "DryRun": true});
        assert_eq!(s.bench.refused(action, input), "DryRunOperation");
    }
}
