use openvpc_model::*;
use serde_json::{Value, json};

use crate::lifecycle;
use crate::testing::{Bench, START, count, text};

/// A VPC with an internet gateway, a subnet, a custom table and two Elastic IP addresses.
struct Stage {
    bench: Bench,
    vpc: String,
    igw: String,
    subnet: String,
    table: String,
    addresses: [String; 2],
}

impl Stage {
    fn new() -> Stage {
        Stage::with_subnet("10.0.1.0/24")
    }

    fn with_subnet(cidr: &str) -> Stage {
        let mut bench = Bench::new();
        let vpc = bench.ok("CreateVpc", json!({"CidrBlock": "10.0.0.0/16"}));
        let vpc = text(&vpc, "/Vpc/VpcId");
        let igw = bench.ok("CreateInternetGateway", json!({}));
        let igw = text(&igw, "/InternetGateway/InternetGatewayId");
        bench.ok(
            "AttachInternetGateway",
            json!({"VpcId": vpc, "InternetGatewayId": igw}),
        );
        let subnet = bench.ok("CreateSubnet", json!({"VpcId": vpc, "CidrBlock": cidr}));
        let subnet = text(&subnet, "/Subnet/SubnetId");
        let table = bench.ok("CreateRouteTable", json!({"VpcId": vpc}));
        let table = text(&table, "/RouteTable/RouteTableId");
        let addresses = ["192.0.2.10", "192.0.2.11"];
        let addresses = addresses.map(|ip| {
            let address = bench.ok("AllocateAddress", json!({"Address": ip}));
            text(&address, "/AllocationId")
        });
        Stage {
            bench,
            vpc,
            igw,
            subnet,
            table,
            addresses,
        }
    }

    fn public(&mut self) -> String {
        let input = json!({"SubnetId": self.subnet, "AllocationId": self.addresses[0]});
        text(
            &self.bench.ok("CreateNatGateway", input),
            "/NatGateway/NatGatewayId",
        )
    }

    fn private(&mut self) -> String {
        let input = json!({"SubnetId": self.subnet, "ConnectivityType": "private"});
        text(
            &self.bench.ok("CreateNatGateway", input),
            "/NatGateway/NatGatewayId",
        )
    }

    fn seen(&mut self, nat: &str) -> Value {
        let seen = self
            .bench
            .ok("DescribeNatGateways", json!({"NatGatewayIds": [nat]}));
        seen["NatGateways"][0].clone()
    }

    fn route(&self, nat: &str) -> Value {
        json!({"RouteTableId": self.table, "DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": nat})
    }

    fn route_state(&mut self) -> Value {
        let seen = self.bench.ok(
            "DescribeRouteTables",
            json!({"RouteTableIds": [self.table]}),
        );
        seen["RouteTables"][0]["Routes"][1].clone()
    }

    fn detach_igw(&mut self) -> Result<Value, openvpc_ec2::Error> {
        let input = json!({"VpcId": self.vpc, "InternetGatewayId": self.igw});
        self.bench.call("DetachInternetGateway", input)
    }
}

#[test]
fn golden_nat_gateways() {
    let mut s = Stage::new();
    let create = json!({
        "SubnetId": s.subnet,
        "AllocationId": s.addresses[0],
        "PrivateIpAddress": "10.0.1.20",
        "ClientToken": "once",
        "TagSpecifications": [{"ResourceType": "natgateway", "Tags": [{"Key": "Name", "Value": "out"}]}],
    });
    let nat = text(
        &s.bench.golden("CreateNatGateway", create),
        "/NatGateway/NatGatewayId",
    );
    let more = json!({
        "NatGatewayId": nat,
        "AllocationIds": [s.addresses[1]],
        "PrivateIpAddresses": ["10.0.1.21"],
    });
    let more = s.bench.golden("AssociateNatGatewayAddress", more);
    s.bench
        .golden("DescribeNatGateways", json!({"NatGatewayIds": [nat]}));
    let association = more["NatGatewayAddresses"][0]["AssociationId"].clone();
    let less = json!({"NatGatewayId": nat, "AssociationIds": [association]});
    s.bench.golden("DisassociateNatGatewayAddress", less);
    s.bench
        .golden("DeleteNatGateway", json!({"NatGatewayId": nat}));

    let create = json!({"SubnetId": s.subnet, "ConnectivityType": "private", "PrivateIpAddress": "10.0.1.30"});
    let nat = text(
        &s.bench.ok("CreateNatGateway", create),
        "/NatGateway/NatGatewayId",
    );
    let named = json!({"NatGatewayId": nat, "PrivateIpAddresses": ["10.0.1.31"]});
    s.bench
        .golden("AssignPrivateNatGatewayAddress", named.clone());
    s.bench.golden("UnassignPrivateNatGatewayAddress", named);
}

#[test]
fn nat_1_a_public_one_stands_on_an_elastic_address_and_its_own_interface() {
    let mut s = Stage::new();
    let created = json!({"SubnetId": s.subnet, "AllocationId": s.addresses[0]});
    let created = s.bench.ok("CreateNatGateway", created);
    assert_eq!(created["NatGateway"]["State"], "pending");
    let id = text(&created, "/NatGateway/NatGatewayId");
    let seen = s.seen(&id);
    assert_eq!(seen["State"], "available");
    assert_eq!(seen["ConnectivityType"], "public");
    let address = &seen["NatGatewayAddresses"][0];
    assert_eq!(address["PublicIp"], "192.0.2.10");
    assert_eq!(address["IsPrimary"], true);
    assert_eq!(address["Status"], "succeeded");

    let eni = json!({"NetworkInterfaceIds": [address["NetworkInterfaceId"]]});
    let eni = s.bench.ok("DescribeNetworkInterfaces", eni)["NetworkInterfaces"][0].clone();
    assert_eq!(eni["InterfaceType"], "nat_gateway");
    assert_eq!(
        eni["Description"],
        format!("Interface for NAT Gateway {id}")
    );
    assert_eq!(eni["RequesterManaged"], true);
    assert_eq!(eni["Status"], "in-use");
    assert_eq!(eni["SourceDestCheck"], false);
    assert_eq!(eni["Groups"], json!([]));
    let elastic = s.bench.ok(
        "DescribeAddresses",
        json!({"AllocationIds": [s.addresses[0]]}),
    );
    assert_eq!(
        elastic["Addresses"][0]["NetworkInterfaceId"],
        eni["NetworkInterfaceId"]
    );
    assert_eq!(
        elastic["Addresses"][0]["PrivateIpAddress"],
        eni["PrivateIpAddress"]
    );
}

#[test]
fn nat_1_a_private_one_has_no_elastic_address() {
    let mut s = Stage::new();
    let id = s.private();
    let seen = s.seen(&id);
    assert_eq!(seen["ConnectivityType"], "private");
    assert!(seen["NatGatewayAddresses"][0].get("PublicIp").is_none());
    assert!(s.detach_igw().is_ok());
}

#[test]
fn nat_1_parameters_at_odds_are_refused_at_once() {
    let mut s = Stage::new();
    let (subnet, address) = (s.subnet.clone(), s.addresses[0].clone());
    for (input, code) in [
        (json!({"SubnetId": subnet}), "MissingParameter"),
        (json!({"AllocationId": address}), "MissingParameter"),
        (
            json!({"SubnetId": "subnet-00000000000000001", "AllocationId": address}),
            "InvalidSubnetID.NotFound",
        ),
        (
            json!({"SubnetId": subnet, "AllocationId": "eip-1"}),
            "InvalidAllocationID.Malformed",
        ),
        (
            json!({"SubnetId": subnet, "AllocationId": address, "ConnectivityType": "private"}),
            "InvalidParameterCombination",
        ),
        (
            json!({"SubnetId": subnet, "AllocationId": address, "ConnectivityType": "secret"}),
            "InvalidParameterValue",
        ),
        (
            json!({"SubnetId": subnet, "AllocationId": address, "AvailabilityMode": "regional"}),
            "UnsupportedOperation",
        ),
        (
            json!({"SubnetId": subnet, "AllocationId": address, "SecondaryPrivateIpAddressCount": 1}),
            "InvalidParameterCombination",
        ),
        (
            json!({"SubnetId": subnet, "AllocationId": address, "PrivateIpAddress": "10.0.2.9"}),
            "InvalidParameterValue",
        ),
        (
            json!({"SubnetId": subnet, "AllocationId": address, "SecondaryPrivateIpAddresses": ["10.0.1.9"]}),
            "InvalidParameterCombination",
        ),
        (
            json!({"SubnetId": subnet, "ConnectivityType": "private", "SecondaryPrivateIpAddressCount": 8}),
            "PrivateIpAddressLimitExceeded",
        ),
    ] {
        let shown = input.to_string();
        assert_eq!(s.bench.refused("CreateNatGateway", input), code, "{shown}");
    }
    assert_eq!(
        count(&s.bench.ok("DescribeNatGateways", json!({})), "NatGateways"),
        0
    );
}

#[test]
fn nat_2_five_per_zone_of_those_that_live() {
    let mut s = Stage::new();
    let first = s.private();
    for _ in 0..4 {
        s.private();
    }
    let sixth = json!({"SubnetId": s.subnet, "ConnectivityType": "private"});
    assert_eq!(
        s.bench.refused("CreateNatGateway", sixth),
        "NatGatewayLimitExceeded"
    );
    s.bench
        .ok("DeleteNatGateway", json!({"NatGatewayId": first}));
    s.private();
}

#[test]
fn nat_2_ended_ones_are_seen_for_an_hour_then_forgotten() {
    let mut s = Stage::new();
    let id = s.public();
    let delete = json!({"NatGatewayId": id});
    assert_eq!(s.bench.ok("DeleteNatGateway", delete.clone()), delete);
    let seen = s.seen(&id);
    assert_eq!(seen["State"], "deleted");
    assert_eq!(seen["DeleteTime"], START);
    assert_eq!(seen["NatGatewayAddresses"][0]["PublicIp"], "192.0.2.10");
    assert_eq!(
        s.bench.refused("DeleteNatGateway", delete),
        "NatGatewayNotFound"
    );

    let due = |s: &Stage, now| {
        let region = &s.bench.world.regions["us-east-1"];
        let due = lifecycle::expired_nat_gateways(region, now);
        due.iter().map(|nat| nat.id.to_string()).collect::<Vec<_>>()
    };
    assert!(due(&s, START + 3_599_999).is_empty());
    assert_eq!(due(&s, START + 3_600_000), std::slice::from_ref(&id));
    let region = &s.bench.world.regions["us-east-1"];
    let events = lifecycle::remove_nat_gateway(region, id.parse().unwrap());
    s.bench.apply("NatGatewayExpired", events);
    let ids = json!({"NatGatewayIds": [id]});
    assert_eq!(
        s.bench.refused("DescribeNatGateways", ids),
        "NatGatewayNotFound"
    );

    let living = s.private();
    let region = &s.bench.world.regions["us-east-1"];
    assert!(lifecycle::remove_nat_gateway(region, living.parse().unwrap()).is_empty());
}

#[test]
fn nat_3_what_shows_only_later_is_a_failed_gateway_with_code_and_message() {
    let fail = |s: &mut Stage, allocation: &str| {
        let input = json!({"SubnetId": s.subnet, "AllocationId": allocation});
        let created = s.bench.ok("CreateNatGateway", input);
        assert_eq!(created["NatGateway"]["State"], "pending");
        assert!(created["NatGateway"].get("FailureCode").is_none());
        let seen = s.seen(&text(&created, "/NatGateway/NatGatewayId"));
        assert_eq!(seen["State"], "failed");
        assert_eq!(seen["NatGatewayAddresses"][0]["Status"], "failed");
        (text(&seen, "/FailureCode"), text(&seen, "/FailureMessage"))
    };
    let mut s = Stage::new();
    s.public();
    let used = s.addresses[0].clone();
    let wanted = format!("Elastic IP address {used} is already associated");
    assert_eq!(
        fail(&mut s, &used),
        ("Resource.AlreadyAssociated".to_owned(), wanted)
    );
    let unknown = "eipalloc-00000000000000001";
    let wanted =
        format!("Elastic IP address {unknown} could not be associated with this NAT gateway");
    assert_eq!(
        fail(&mut s, unknown),
        ("InvalidAllocationID.NotFound".to_owned(), wanted)
    );

    let mut s = Stage::new();
    s.detach_igw().unwrap();
    let free = s.addresses[0].clone();
    let wanted = format!("Network {} has no Internet gateway attached", s.vpc);
    assert_eq!(
        fail(&mut s, &free),
        ("Gateway.NotAttached".to_owned(), wanted)
    );
    let elastic = s
        .bench
        .ok("DescribeAddresses", json!({"AllocationIds": [free]}));
    assert!(elastic["Addresses"][0].get("AssociationId").is_none());

    let mut s = Stage::with_subnet("10.0.1.0/28");
    for n in 4..15 {
        s.bench
            .place_interface(&s.subnet.clone(), &format!("10.0.1.{n}"));
    }
    let free = s.addresses[0].clone();
    let wanted = "Subnet has insufficient free addresses to create this NAT gateway";
    assert_eq!(
        fail(&mut s, &free),
        (
            "InsufficientFreeAddressesInSubnet".to_owned(),
            wanted.to_owned()
        )
    );
    assert_eq!(
        count(
            &s.bench.ok("DescribeNetworkInterfaces", json!({})),
            "NetworkInterfaces"
        ),
        11
    );
}

#[test]
fn nat_10_deletion_frees_the_address_and_leaves_a_blackhole() {
    let mut s = Stage::new();
    let nat = s.public();
    let route = s.route(&nat);
    s.bench.ok("CreateRoute", route.clone());
    let active = s.route_state();
    assert_eq!(active["NatGatewayId"], nat);
    assert_eq!(active["State"], "active");
    s.bench.ok("DeleteNatGateway", json!({"NatGatewayId": nat}));
    assert_eq!(s.route_state()["State"], "blackhole");
    let elastic = s.bench.ok(
        "DescribeAddresses",
        json!({"AllocationIds": [s.addresses[0]]}),
    );
    assert_eq!(elastic["Addresses"][0]["PublicIp"], "192.0.2.10");
    assert!(elastic["Addresses"][0].get("AssociationId").is_none());
    assert_eq!(s.bench.refused("ReplaceRoute", route), "NatGatewayNotFound");
    assert_eq!(
        count(
            &s.bench.ok("DescribeNetworkInterfaces", json!({})),
            "NetworkInterfaces"
        ),
        0
    );
}

#[test]
fn rt_4_a_route_inside_the_vpc_may_lead_to_a_nat_gateway_for_a_whole_subnet() {
    let mut s = Stage::new();
    let nat = s.private();
    let mut route = s.route(&nat);
    route["DestinationCidrBlock"] = json!("10.0.1.0/24");
    s.bench.ok("CreateRoute", route.clone());
    route["DestinationCidrBlock"] = json!("10.0.1.0/25");
    assert_eq!(
        s.bench.refused("CreateRoute", route),
        "InvalidParameterValue"
    );
}

#[test]
fn a_route_wants_a_nat_gateway_of_its_own_vpc() {
    let mut s = Stage::new();
    let nat = s.private();
    let vpc = text(
        &s.bench.ok("CreateVpc", json!({"CidrBlock": "10.1.0.0/16"})),
        "/Vpc/VpcId",
    );
    let table = s.bench.ok("CreateRouteTable", json!({"VpcId": vpc}));
    let mut route = s.route(&nat);
    route["RouteTableId"] = table["RouteTable"]["RouteTableId"].clone();
    assert_eq!(
        s.bench.refused("CreateRoute", route),
        "InvalidParameterValue"
    );
    let unknown = s.route("nat-00000000000000001");
    assert_eq!(
        s.bench.refused("CreateRoute", unknown),
        "NatGatewayNotFound"
    );
    let malformed = s.route("nat-x");
    assert_eq!(
        s.bench.refused("CreateRoute", malformed),
        "NatGatewayMalformed"
    );
}

#[test]
fn eni_4_the_gateways_interface_and_address_are_not_the_users_to_change() {
    let mut s = Stage::new();
    let nat = s.public();
    let address = s.seen(&nat)["NatGatewayAddresses"][0].clone();
    let eni = address["NetworkInterfaceId"].clone();
    for (action, input) in [
        ("DeleteNetworkInterface", json!({"NetworkInterfaceId": eni})),
        (
            "ModifyNetworkInterfaceAttribute",
            json!({"NetworkInterfaceId": eni, "SourceDestCheck": {"Value": true}}),
        ),
        (
            "AssignPrivateIpAddresses",
            json!({"NetworkInterfaceId": eni, "SecondaryPrivateIpAddressCount": 1}),
        ),
        (
            "AssociateAddress",
            json!({"NetworkInterfaceId": eni, "AllocationId": s.addresses[1]}),
        ),
        (
            "DisassociateAddress",
            json!({"AssociationId": address["AssociationId"]}),
        ),
    ] {
        assert_eq!(
            s.bench.refused(action, input),
            "OperationNotPermitted",
            "{action}"
        );
    }
    let mine = s.bench.place_interface(&s.subnet.clone(), "10.0.1.10").id;
    let take = json!({"NetworkInterfaceId": mine, "AllocationId": s.addresses[0], "AllowReassociation": true});
    assert_eq!(
        s.bench.refused("AssociateAddress", take),
        "OperationNotPermitted"
    );
    let release = json!({"AllocationId": s.addresses[0]});
    assert_eq!(
        s.bench.refused("ReleaseAddress", release),
        "InvalidIPAddress.InUse"
    );
    s.bench.ok(
        "CreateTags",
        json!({"Resources": [eni], "Tags": [{"Key": "a", "Value": "b"}]}),
    );
}

#[test]
fn what_a_nat_gateway_stands_on_cannot_be_deleted_before_it() {
    let mut s = Stage::new();
    let nat = s.public();
    let (vpc, subnet) = (json!({"VpcId": s.vpc}), json!({"SubnetId": s.subnet}));
    assert_eq!(
        s.bench.refused("DeleteVpc", vpc.clone()),
        "DependencyViolation"
    );
    assert_eq!(
        s.bench.refused("DeleteSubnet", subnet.clone()),
        "DependencyViolation"
    );
    assert_eq!(s.detach_igw().unwrap_err().code(), "DependencyViolation");
    s.bench.ok("DeleteNatGateway", json!({"NatGatewayId": nat}));
    s.detach_igw().unwrap();
    s.bench.ok("DeleteSubnet", subnet);
    s.bench
        .ok("DeleteRouteTable", json!({"RouteTableId": s.table}));
    s.bench.ok("DeleteVpc", vpc);
    assert_eq!(s.seen(&nat)["State"], "deleted");
}

#[test]
fn nat_5_secondary_elastic_addresses_come_with_private_ones_and_go() {
    let mut s = Stage::new();
    let nat = s.public();
    let add = json!({"NatGatewayId": nat, "AllocationIds": [s.addresses[1]]});
    let added = s.bench.ok("AssociateNatGatewayAddress", add.clone());
    let added = added["NatGatewayAddresses"][0].clone();
    assert_eq!(added["Status"], "associating");
    assert_eq!(added["IsPrimary"], false);
    assert_eq!(count(&s.seen(&nat), "NatGatewayAddresses"), 2);
    assert_eq!(
        s.bench.refused("AssociateNatGatewayAddress", add),
        "Resource.AlreadyAssociated"
    );
    let third = s.bench.ok("AllocateAddress", json!({}));
    let third = json!({"NatGatewayId": nat, "AllocationIds": [third["AllocationId"]]});
    assert_eq!(
        s.bench.refused("AssociateNatGatewayAddress", third),
        "AddressLimitExceeded"
    );

    let primary = s.seen(&nat)["NatGatewayAddresses"][0]["AssociationId"].clone();
    let remove =
        |association: &Value| json!({"NatGatewayId": nat, "AssociationIds": [association]});
    let action = "DisassociateNatGatewayAddress";
    assert_eq!(
        s.bench.refused(action, remove(&primary)),
        "InvalidParameterValue"
    );
    let mut slow = remove(&added["AssociationId"]);
    slow["MaxDrainDurationSeconds"] = json!(4001);
    assert_eq!(s.bench.refused(action, slow), "InvalidParameterValue");
    let gone = s.bench.ok(action, remove(&added["AssociationId"]));
    assert_eq!(gone["NatGatewayAddresses"][0]["Status"], "disassociating");
    assert_eq!(count(&s.seen(&nat), "NatGatewayAddresses"), 1);
    assert_eq!(
        s.bench.refused(action, remove(&added["AssociationId"])),
        "InvalidAssociationID.NotFound"
    );
    s.bench
        .ok("ReleaseAddress", json!({"AllocationId": s.addresses[1]}));

    let private = json!({"NatGatewayId": nat, "PrivateIpAddressCount": 1});
    assert_eq!(
        s.bench.refused("AssignPrivateNatGatewayAddress", private),
        "UnsupportedOperation"
    );
}

#[test]
fn nat_5_a_private_gateway_has_up_to_eight_addresses() {
    let mut s = Stage::new();
    let nat = s.private();
    let add = |count: i64| json!({"NatGatewayId": nat, "PrivateIpAddressCount": count});
    let action = "AssignPrivateNatGatewayAddress";
    assert_eq!(
        s.bench.refused(action, add(8)),
        "PrivateIpAddressLimitExceeded"
    );
    assert_eq!(count(&s.bench.ok(action, add(7)), "NatGatewayAddresses"), 7);
    let addresses = s.seen(&nat)["NatGatewayAddresses"]
        .as_array()
        .unwrap()
        .clone();
    assert_eq!(addresses.len(), 8);
    let remove = |ip: &Value| json!({"NatGatewayId": nat, "PrivateIpAddresses": [ip]});
    let action = "UnassignPrivateNatGatewayAddress";
    assert_eq!(
        s.bench.refused(action, remove(&addresses[0]["PrivateIp"])),
        "InvalidParameterValue"
    );
    assert_eq!(
        s.bench.refused(action, remove(&json!("10.0.1.250x"))),
        "InvalidParameterValue"
    );
    s.bench.ok(action, remove(&addresses[7]["PrivateIp"]));
    assert_eq!(count(&s.seen(&nat), "NatGatewayAddresses"), 7);
}

#[test]
fn describe_filters_by_state_subnet_vpc_and_tag() {
    let mut s = Stage::new();
    let (nat, gone) = (s.private(), s.private());
    s.bench
        .ok("DeleteNatGateway", json!({"NatGatewayId": gone}));
    s.bench.ok(
        "CreateTags",
        json!({"Resources": [nat], "Tags": [{"Key": "a", "Value": "b"}]}),
    );
    for (name, value, found) in [
        ("state", "available", 1),
        ("state", "deleted", 1),
        ("subnet-id", s.subnet.clone().as_str(), 2),
        ("vpc-id", s.vpc.clone().as_str(), 2),
        ("nat-gateway-id", nat.as_str(), 1),
        ("tag:a", "b", 1),
    ] {
        let filter = json!({"Filter": [{"Name": name, "Values": [value]}]});
        let seen = s.bench.ok("DescribeNatGateways", filter);
        assert_eq!(count(&seen, "NatGateways"), found, "{name}");
    }
    let unknown = json!({"Filter": [{"Name": "colour", "Values": ["red"]}]});
    assert_eq!(
        s.bench.refused("DescribeNatGateways", unknown),
        "InvalidParameterValue"
    );
}

#[test]
fn the_stored_interface_is_of_its_own_kind() {
    let mut s = Stage::new();
    s.public();
    let region = &s.bench.world.regions["us-east-1"];
    let eni = region.network_interfaces.values().next().unwrap();
    assert_eq!(eni.kind, NetworkInterfaceKind::NatGateway);
    let nat = region.nat_gateways.values().next().unwrap();
    assert_eq!(nat.network_interface, Some(eni.id));
}
