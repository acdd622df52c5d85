use serde_json::json;

use crate::testing::{Bench, count, text};

fn bench_with_vpc() -> (Bench, String) {
    let mut bench = Bench::new();
    let vpc = bench.ok("CreateVpc", json!({"CidrBlock": "10.0.0.0/16"}));
    (bench, text(&vpc, "/Vpc/VpcId"))
}

fn subnet(bench: &mut Bench, vpc: &str, cidr: &str) -> String {
    let made = bench.ok("CreateSubnet", json!({"VpcId": vpc, "CidrBlock": cidr}));
    text(&made, "/Subnet/SubnetId")
}

#[test]
fn sub_1_a_block_lies_inside_the_vpc_and_beside_its_siblings() {
    let (mut bench, vpc) = bench_with_vpc();
    subnet(&mut bench, &vpc, "10.0.1.0/24");
    for (cidr, code) in [
        ("10.0.0.0/15", "InvalidSubnet.Range"),
        ("10.0.2.0/29", "InvalidSubnet.Range"),
        ("10.1.0.0/24", "InvalidSubnet.Range"),
        ("10.0.1.0/24", "InvalidSubnet.Conflict"),
        ("10.0.1.128/25", "InvalidSubnet.Conflict"),
        ("10.0.0.0/16", "InvalidSubnet.Conflict"),
        ("ten", "InvalidParameterValue"),
    ] {
        let input = json!({"VpcId": vpc, "CidrBlock": cidr});
        assert_eq!(bench.refused("CreateSubnet", input), code, "{cidr}");
    }
    let made = bench.ok(
        "CreateSubnet",
        json!({"VpcId": vpc, "CidrBlock": "10.0.2.77/28"}),
    );
    assert_eq!(text(&made, "/Subnet/CidrBlock"), "10.0.2.64/28");
}

#[test]
fn sub_1_an_ipv6_block_is_a_64_of_the_vpc() {
    let (mut bench, vpc) = bench_with_vpc();
    let ipv6 = json!({"VpcId": vpc, "Ipv6CidrBlock": "2001:db8:1234:1a00::/56"});
    bench.ok("AssociateVpcCidrBlock", ipv6);
    let create = |n: u8, block: &str| json!({"VpcId": vpc, "CidrBlock": format!("10.0.{n}.0/24"), "Ipv6CidrBlock": block});
    let made = bench.ok("CreateSubnet", create(1, "2001:db8:1234:1a01::/64"));
    let state = "/Subnet/Ipv6CidrBlockAssociationSet/0/Ipv6CidrBlockState/State";
    assert_eq!(text(&made, state), "associating");
    for (block, code) in [
        ("2001:db8:1234:1a01::/64", "InvalidSubnet.Conflict"),
        ("2001:db8:1234:1b01::/64", "InvalidSubnet.Range"),
        ("2001:db8:1234:1a02::/65", "InvalidSubnet.Range"),
        ("2001:db8:1234:1a00::/56", "InvalidSubnet.Range"),
    ] {
        assert_eq!(
            bench.refused("CreateSubnet", create(2, block)),
            code,
            "{block}"
        );
    }
}

#[test]
fn sub_3_five_addresses_are_reserved_and_interfaces_take_theirs() {
    let (mut bench, vpc) = bench_with_vpc();
    let free = |bench: &mut Bench, id: &str| {
        let seen = bench.ok("DescribeSubnets", json!({"SubnetIds": [id]}));
        seen["Subnets"][0]["AvailableIpAddressCount"]
            .as_i64()
            .unwrap()
    };
    let wide = subnet(&mut bench, &vpc, "10.0.1.0/24");
    let narrow = subnet(&mut bench, &vpc, "10.0.2.0/28");
    assert_eq!(free(&mut bench, &wide), 251);
    assert_eq!(free(&mut bench, &narrow), 11);
    let mut eni = bench.place_interface(&wide, "10.0.1.10");
    assert_eq!(free(&mut bench, &wide), 250);
    eni.private_ips.push("10.0.1.11".parse().unwrap());
    bench.apply("Test", vec![openvpc_model::Event::NetworkInterfacePut(eni)]);
    assert_eq!(free(&mut bench, &wide), 249);
    assert_eq!(free(&mut bench, &narrow), 11);
}

#[test]
fn sub_4_a_zone_is_named_by_name_or_id() {
    let (mut bench, vpc) = bench_with_vpc();
    let create = |n: u8, member: &str, zone: &str| json!({"VpcId": vpc, "CidrBlock": format!("10.0.{n}.0/24"), member: zone});
    let by_name = bench.ok("CreateSubnet", create(1, "AvailabilityZone", "us-east-1b"));
    assert_eq!(text(&by_name, "/Subnet/AvailabilityZoneId"), "use1-az2");
    let by_id = bench.ok("CreateSubnet", create(2, "AvailabilityZoneId", "use1-az3"));
    assert_eq!(text(&by_id, "/Subnet/AvailabilityZone"), "us-east-1c");
    for (member, zone) in [
        ("AvailabilityZone", "eu-west-1a"),
        ("AvailabilityZoneId", "euw1-az1"),
    ] {
        let code = bench.refused("CreateSubnet", create(3, member, zone));
        assert_eq!(code, "InvalidParameterValue");
    }
}

#[test]
fn sub_5_a_new_subnet_has_everything_off_and_attributes_change_one_by_one() {
    let (mut bench, vpc) = bench_with_vpc();
    let id = subnet(&mut bench, &vpc, "10.0.1.0/24");
    let show = |bench: &mut Bench| {
        bench.ok("DescribeSubnets", json!({"SubnetIds": [id]}))["Subnets"][0].clone()
    };
    let fresh = show(&mut bench);
    for member in [
        "MapPublicIpOnLaunch",
        "AssignIpv6AddressOnCreation",
        "EnableDns64",
        "DefaultForAz",
    ] {
        assert_eq!(fresh[member], false, "{member}");
    }
    assert_eq!(
        fresh["PrivateDnsNameOptionsOnLaunch"]["HostnameType"],
        "ip-name"
    );
    for (input, pointer, value) in [
        (
            json!({"MapPublicIpOnLaunch": {"Value": true}}),
            "/MapPublicIpOnLaunch",
            json!(true),
        ),
        (
            json!({"EnableDns64": {"Value": true}}),
            "/EnableDns64",
            json!(true),
        ),
        (
            json!({"PrivateDnsHostnameTypeOnLaunch": "resource-name"}),
            "/PrivateDnsNameOptionsOnLaunch/HostnameType",
            json!("resource-name"),
        ),
        (
            json!({"EnableResourceNameDnsARecordOnLaunch": {"Value": true}}),
            "/PrivateDnsNameOptionsOnLaunch/EnableResourceNameDnsARecord",
            json!(true),
        ),
        (
            json!({"EnableResourceNameDnsAAAARecordOnLaunch": {"Value": true}}),
            "/PrivateDnsNameOptionsOnLaunch/EnableResourceNameDnsAAAARecord",
            json!(true),
        ),
        (
            json!({"MapPublicIpOnLaunch": {"Value": false}}),
            "/MapPublicIpOnLaunch",
            json!(false),
        ),
    ] {
        let mut input = input;
        input["SubnetId"] = json!(id);
        bench.ok("ModifySubnetAttribute", input);
        assert_eq!(show(&mut bench).pointer(pointer), Some(&value), "{pointer}");
    }
    for (input, code) in [
        (json!({"SubnetId": id}), "InvalidParameterCombination"),
        (
            json!({"SubnetId": id, "EnableDns64": {"Value": true}, "MapPublicIpOnLaunch": {"Value": true}}),
            "InvalidParameterCombination",
        ),
        (
            json!({"SubnetId": id, "PrivateDnsHostnameTypeOnLaunch": "x"}),
            "InvalidParameterValue",
        ),
        (
            json!({"SubnetId": id, "AssignIpv6AddressOnCreation": {"Value": true}}),
            "InvalidParameterValue",
        ),
        (
            json!({"SubnetId": id, "CustomerOwnedIpv4Pool": "x"}),
            "UnsupportedOperation",
        ),
    ] {
        assert_eq!(bench.refused("ModifySubnetAttribute", input), code);
    }
}

#[test]
fn sub_7_the_default_vpc_has_a_public_20_in_every_zone() {
    let mut bench = Bench::new();
    let subnets = bench.ok("DescribeSubnets", json!({}));
    let subnets = subnets["Subnets"].as_array().unwrap().clone();
    let mut seen: Vec<_> = subnets
        .iter()
        .map(|s| (text(s, "/AvailabilityZone"), text(s, "/CidrBlock")))
        .collect();
    seen.sort();
    let wanted = ["a", "b", "c", "d", "e", "f"].iter().enumerate();
    let wanted: Vec<_> = wanted
        .map(|(n, zone)| {
            (
                format!("us-east-1{zone}"),
                format!("172.31.{}.0/20", n * 16),
            )
        })
        .collect();
    assert_eq!(seen, wanted);
    assert!(
        subnets
            .iter()
            .all(|s| s["MapPublicIpOnLaunch"] == true && s["DefaultForAz"] == true)
    );
    assert!(subnets.iter().all(|s| s["AvailableIpAddressCount"] == 4091));
    let tables = bench.ok("DescribeRouteTables", json!({}));
    let way_out = &tables["RouteTables"][0]["Routes"][1];
    assert_eq!(text(way_out, "/DestinationCidrBlock"), "0.0.0.0/0");
    assert_eq!(text(way_out, "/State"), "active");
    assert!(text(way_out, "/GatewayId").starts_with("igw-"));
}

#[test]
fn sub_7_a_default_subnet_is_made_again_only_after_it_was_deleted() {
    let mut bench = Bench::new();
    let zone = json!({"AvailabilityZone": "us-east-1a"});
    let code = bench.refused("CreateDefaultSubnet", zone.clone());
    assert_eq!(code, "DefaultSubnetAlreadyExistsInAvailabilityZone");
    let filter = json!({"Filters": [{"Name": "availability-zone", "Values": ["us-east-1a"]}]});
    let old = bench.ok("DescribeSubnets", filter);
    bench.ok(
        "DeleteSubnet",
        json!({"SubnetId": text(&old, "/Subnets/0/SubnetId")}),
    );
    let made = bench.ok("CreateDefaultSubnet", zone);
    assert_eq!(made["Subnet"]["DefaultForAz"], true);
    assert_eq!(made["Subnet"]["CidrBlock"], "172.31.0.0/20");
}

#[test]
fn a_subnet_with_an_interface_stays() {
    let (mut bench, vpc) = bench_with_vpc();
    let id = subnet(&mut bench, &vpc, "10.0.1.0/24");
    let eni = bench.place_interface(&id, "10.0.1.10");
    assert_eq!(
        bench.refused("DeleteSubnet", json!({"SubnetId": id})),
        "DependencyViolation"
    );
    bench.apply(
        "Test",
        vec![openvpc_model::Event::NetworkInterfaceDeleted(eni.id)],
    );
    bench.ok("DeleteSubnet", json!({"SubnetId": id}));
    assert_eq!(
        bench.refused("DeleteSubnet", json!({"SubnetId": id})),
        "InvalidSubnetID.NotFound"
    );
}

#[test]
fn deleting_a_subnet_ends_its_association_with_a_table() {
    let (mut bench, vpc) = bench_with_vpc();
    let id = subnet(&mut bench, &vpc, "10.0.1.0/24");
    let table = bench.ok("CreateRouteTable", json!({"VpcId": vpc}));
    let table = text(&table, "/RouteTable/RouteTableId");
    bench.ok(
        "AssociateRouteTable",
        json!({"RouteTableId": table, "SubnetId": id}),
    );
    bench.ok("DeleteSubnet", json!({"SubnetId": id}));
    bench.ok("DeleteRouteTable", json!({"RouteTableId": table}));
}

#[test]
fn an_ipv6_block_comes_and_goes() {
    let (mut bench, vpc) = bench_with_vpc();
    let ipv6 = json!({"VpcId": vpc, "Ipv6CidrBlock": "2001:db8:1234:1a00::/56"});
    let vpc_block = bench.ok("AssociateVpcCidrBlock", ipv6);
    let vpc_block =
        json!({"AssociationId": vpc_block["Ipv6CidrBlockAssociation"]["AssociationId"]});
    let id = subnet(&mut bench, &vpc, "10.0.1.0/24");
    let associate = json!({"SubnetId": id, "Ipv6CidrBlock": "2001:db8:1234:1a01::/64"});
    let made = bench.ok("AssociateSubnetCidrBlock", associate);
    let again = json!({"SubnetId": id, "Ipv6CidrBlock": "2001:db8:1234:1a02::/64"});
    assert_eq!(
        bench.refused("AssociateSubnetCidrBlock", again),
        "CidrLimitExceeded"
    );
    bench.ok(
        "ModifySubnetAttribute",
        json!({"SubnetId": id, "AssignIpv6AddressOnCreation": {"Value": true}}),
    );
    assert_eq!(
        bench.refused("DisassociateVpcCidrBlock", vpc_block.clone()),
        "DependencyViolation"
    );

    let association = json!({"AssociationId": made["Ipv6CidrBlockAssociation"]["AssociationId"]});
    let mut eni = bench.place_interface(&id, "10.0.1.10");
    eni.ipv6_addresses
        .push("2001:db8:1234:1a01::10".parse().unwrap());
    bench.apply(
        "Test",
        vec![openvpc_model::Event::NetworkInterfacePut(eni.clone())],
    );
    assert_eq!(
        bench.refused("DisassociateSubnetCidrBlock", association.clone()),
        "DependencyViolation"
    );
    bench.apply(
        "Test",
        vec![openvpc_model::Event::NetworkInterfaceDeleted(eni.id)],
    );
    bench.ok("DisassociateSubnetCidrBlock", association.clone());
    assert_eq!(
        bench.refused("DisassociateSubnetCidrBlock", association),
        "InvalidSubnetCidrBlockAssociationID.NotFound"
    );
    bench.ok("DisassociateVpcCidrBlock", vpc_block);
    let seen = bench.ok("DescribeSubnets", json!({"SubnetIds": [id]}));
    assert_eq!(seen["Subnets"][0]["AssignIpv6AddressOnCreation"], false);
    assert_eq!(seen["Subnets"][0]["Ipv6CidrBlockAssociationSet"], json!([]));
}

#[test]
fn two_hundred_subnets_in_a_vpc() {
    let (mut bench, vpc) = bench_with_vpc();
    for n in 0..200 {
        subnet(&mut bench, &vpc, &format!("10.0.{n}.0/24"));
    }
    let input = json!({"VpcId": vpc, "CidrBlock": "10.0.200.0/24"});
    assert_eq!(bench.refused("CreateSubnet", input), "SubnetLimitExceeded");
    let filter = json!({"Filters": [{"Name": "vpc-id", "Values": [vpc]}]});
    assert_eq!(count(&bench.ok("DescribeSubnets", filter), "Subnets"), 200);
}

#[test]
fn reservations_lie_in_the_subnet_beside_each_other() {
    let (mut bench, vpc) = bench_with_vpc();
    let id = subnet(&mut bench, &vpc, "10.0.1.0/24");
    let reserve =
        |cidr: &str, kind: &str| json!({"SubnetId": id, "Cidr": cidr, "ReservationType": kind});
    let made = bench.ok(
        "CreateSubnetCidrReservation",
        reserve("10.0.1.16/28", "explicit"),
    );
    for (cidr, kind) in [
        ("10.0.2.0/28", "explicit"),
        ("10.0.1.16/29", "explicit"),
        ("10.0.1.0/24", "prefix"),
        ("2001:db8::/80", "prefix"),
        ("10.0.1.32/28", "both"),
        ("x", "prefix"),
    ] {
        let code = bench.refused("CreateSubnetCidrReservation", reserve(cidr, kind));
        assert_eq!(code, "InvalidParameterValue", "{cidr} {kind}");
    }
    bench.ok(
        "CreateSubnetCidrReservation",
        reserve("10.0.1.32/28", "prefix"),
    );
    let mut ask = json!({"SubnetId": id});
    let seen = bench.ok("GetSubnetCidrReservations", ask.clone());
    assert_eq!(count(&seen, "SubnetIpv4CidrReservations"), 2);
    assert_eq!(count(&seen, "SubnetIpv6CidrReservations"), 0);
    ask["Filters"] = json!([{"Name": "reservationType", "Values": ["prefix"]}]);
    let seen = bench.ok("GetSubnetCidrReservations", ask);
    let cidr = text(&seen, "/SubnetIpv4CidrReservations/0/Cidr");
    assert_eq!(cidr, "10.0.1.32/28");

    let first = text(&made, "/SubnetCidrReservation/SubnetCidrReservationId");
    let delete = json!({"SubnetCidrReservationId": first});
    bench.ok("DeleteSubnetCidrReservation", delete.clone());
    let code = bench.refused("DeleteSubnetCidrReservation", delete);
    assert_eq!(code, "InvalidSubnetCidrReservationID.NotFound");
    bench.ok("DeleteSubnet", json!({"SubnetId": id}));
    assert!(
        bench.world.regions["us-east-1"]
            .subnet_cidr_reservations
            .is_empty()
    );
}

#[test]
fn addresses_of_a_reservation_are_taken_only_by_name() {
    let (mut bench, vpc) = bench_with_vpc();
    let id = subnet(&mut bench, &vpc, "10.0.1.0/28");
    let reserve = json!({"SubnetId": id, "Cidr": "10.0.1.8/29", "ReservationType": "explicit"});
    bench.ok("CreateSubnetCidrReservation", reserve);
    for _ in 4..8 {
        let made = bench.ok("CreateNetworkInterface", json!({"SubnetId": id}));
        let ip: std::net::Ipv4Addr = text(&made, "/NetworkInterface/PrivateIpAddress")
            .parse()
            .unwrap();
        assert!((4..8).contains(&ip.octets()[3]), "{ip}");
    }
    let any = json!({"SubnetId": id});
    let code = bench.refused("CreateNetworkInterface", any);
    assert_eq!(code, "InsufficientFreeAddressesInSubnet");
    let named = json!({"SubnetId": id, "PrivateIpAddress": "10.0.1.9"});
    bench.ok("CreateNetworkInterface", named);
}

/// VPC user guide, "Subnet types"; EC2 user guide, "EC2 instance hostnames".
#[test]
fn an_ipv6_only_subnet_has_no_ipv4_address_for_anybody() {
    let (mut bench, vpc) = bench_with_vpc();
    let ipv6 = json!({"VpcId": vpc, "Ipv6CidrBlock": "2001:db8:1234:1a00::/56"});
    bench.ok("AssociateVpcCidrBlock", ipv6);
    let block = "2001:db8:1234:1a01::/64";
    for (more, code) in [
        (json!({}), "MissingParameter"),
        (
            json!({"CidrBlock": "10.0.1.0/24", "Ipv6CidrBlock": block}),
            "InvalidParameterCombination",
        ),
    ] {
        let mut input = json!({"VpcId": vpc, "Ipv6Native": true});
        for (name, value) in more.as_object().unwrap() {
            input[name] = value.clone();
        }
        assert_eq!(bench.refused("CreateSubnet", input), code, "{more}");
    }
    let input = json!({"VpcId": vpc, "Ipv6Native": true, "Ipv6CidrBlock": block});
    let made = bench.ok("CreateSubnet", input);
    let id = text(&made, "/Subnet/SubnetId");
    let shown = &made["Subnet"];
    assert!(shown.get("CidrBlock").is_none_or(|cidr| cidr.is_null()));
    assert_eq!(shown["Ipv6Native"], true);
    assert_eq!(shown["AvailableIpAddressCount"], 0);
    assert_eq!(shown["AssignIpv6AddressOnCreation"], true);
    let names = &shown["PrivateDnsNameOptionsOnLaunch"];
    assert_eq!(names["HostnameType"], "resource-name");
    let native = json!({"Filters": [{"Name": "ipv6-native", "Values": ["true"]}]});
    assert_eq!(count(&bench.ok("DescribeSubnets", native), "Subnets"), 1);

    for change in [
        json!({"MapPublicIpOnLaunch": {"Value": true}}),
        json!({"AssignIpv6AddressOnCreation": {"Value": false}}),
        json!({"EnableResourceNameDnsARecordOnLaunch": {"Value": true}}),
        json!({"PrivateDnsHostnameTypeOnLaunch": "ip-name"}),
    ] {
        let mut input = change.clone();
        input["SubnetId"] = json!(id);
        let code = bench.refused("ModifySubnetAttribute", input);
        assert_eq!(code, "InvalidParameterValue", "{change}");
    }
    let dns64 = json!({"SubnetId": id, "EnableDns64": {"Value": true}});
    bench.ok("ModifySubnetAttribute", dns64);
    let association = text(&made, "/Subnet/Ipv6CidrBlockAssociationSet/0/AssociationId");
    let away = json!({"AssociationId": association});
    let code = bench.refused("DisassociateSubnetCidrBlock", away);
    assert_eq!(code, "OperationNotPermitted");

    // An interface has an address though none was asked for, and only of its own family.
    let made = bench.ok("CreateNetworkInterface", json!({"SubnetId": id}));
    let eni = &made["NetworkInterface"];
    assert!(eni["PrivateIpAddress"].is_null(), "{eni}");
    assert_eq!(eni["PrivateIpAddresses"].as_array().map_or(0, Vec::len), 0);
    assert_eq!(eni["Ipv6Addresses"].as_array().map_or(0, Vec::len), 1);
    assert_eq!(eni["Ipv6Native"], true);
    let eni_id = text(&made, "/NetworkInterface/NetworkInterfaceId");
    for (action, input) in [
        (
            "CreateNetworkInterface",
            json!({"SubnetId": id, "PrivateIpAddress": "10.0.1.10"}),
        ),
        (
            "CreateNetworkInterface",
            json!({"SubnetId": id, "SecondaryPrivateIpAddressCount": 1}),
        ),
        (
            "AssignPrivateIpAddresses",
            json!({"NetworkInterfaceId": eni_id, "SecondaryPrivateIpAddressCount": 1}),
        ),
        (
            "UnassignIpv6Addresses",
            json!({"NetworkInterfaceId": eni_id, "Ipv6Addresses": [eni["Ipv6Addresses"][0]["Ipv6Address"]]}),
        ),
    ] {
        let code = bench.refused(action, input.clone());
        assert_eq!(code, "InvalidParameterValue", "{action} {input}");
    }
    let address = bench.ok("AllocateAddress", json!({}));
    let input = json!({"AllocationId": address["AllocationId"], "NetworkInterfaceId": eni_id});
    assert_eq!(
        bench.refused("AssociateAddress", input),
        "InvalidParameterValue"
    );
}

#[test]
fn instances_of_an_ipv6_only_subnet_are_named_after_themselves() {
    let (mut bench, vpc) = bench_with_vpc();
    let ipv6 = json!({"VpcId": vpc, "Ipv6CidrBlock": "2001:db8:1234:1a00::/56"});
    bench.ok("AssociateVpcCidrBlock", ipv6);
    let input =
        json!({"VpcId": vpc, "Ipv6Native": true, "Ipv6CidrBlock": "2001:db8:1234:1a01::/64"});
    let made = bench.ok("CreateSubnet", input);
    let subnet = text(&made, "/Subnet/SubnetId");
    let launch = |more: serde_json::Value| {
        let mut input = json!({"ImageId": "ami-0abcdef1234567890", "InstanceType": "t3.micro",
            "MinCount": 2, "MaxCount": 2});
        for (name, value) in more.as_object().unwrap() {
            input[name] = value.clone();
        }
        input
    };
    let made = bench.ok("RunInstances", launch(json!({"SubnetId": subnet})));
    let instances = made["Instances"].as_array().unwrap();
    assert_eq!(instances.len(), 2, "IPv6 has room for all");
    for instance in instances {
        let id = instance["InstanceId"].as_str().unwrap();
        assert_eq!(instance["PrivateDnsName"], format!("{id}.ec2.internal"));
        assert!(instance["PrivateIpAddress"].is_null());
        assert!(instance["Ipv6Address"].is_string());
    }
    let public = json!({"NetworkInterfaces": [
        {"DeviceIndex": 0, "SubnetId": subnet, "AssociatePublicIpAddress": true}]});
    let code = bench.refused("RunInstances", launch(public));
    assert_eq!(code, "InvalidParameterCombination");
    let code = bench.refused(
        "CreateNatGateway",
        json!({"SubnetId": subnet, "ConnectivityType": "private"}),
    );
    assert_eq!(code, "InvalidParameterValue");
}
