use serde_json::{Value, json};

use crate::testing::{Bench, count, text};

fn vpc(bench: &mut Bench, cidr: &str) -> String {
    text(
        &bench.ok("CreateVpc", json!({"CidrBlock": cidr})),
        "/Vpc/VpcId",
    )
}

#[test]
fn vpc_1_a_block_is_between_16_and_28_bits_and_no_reserved_range() {
    let mut bench = Bench::new();
    for (cidr, code) in [
        ("10.0.0.0/15", "InvalidVpc.Range"),
        ("10.0.0.0/29", "InvalidVpc.Range"),
        ("169.254.0.0/16", "InvalidVpc.Range"),
        ("127.0.0.0/16", "InvalidVpc.Range"),
        ("224.0.0.0/16", "InvalidVpc.Range"),
        ("10.0.0.0", "InvalidParameterValue"),
        ("10.0.0.0/33", "InvalidParameterValue"),
        ("2001:db8::/56", "InvalidParameterValue"),
        ("", "MissingParameter"),
    ] {
        assert_eq!(
            bench.refused("CreateVpc", json!({"CidrBlock": cidr})),
            code,
            "{cidr}"
        );
    }
    assert_eq!(bench.refused("CreateVpc", json!({})), "MissingParameter");
    bench.ok("CreateVpc", json!({"CidrBlock": "10.0.0.0/16"}));
    bench.ok("CreateVpc", json!({"CidrBlock": "10.0.0.0/28"}));
}

#[test]
fn vpc_2_host_bits_are_dropped() {
    let mut bench = Bench::new();
    let made = bench.ok("CreateVpc", json!({"CidrBlock": "100.68.0.18/18"}));
    assert_eq!(text(&made, "/Vpc/CidrBlock"), "100.68.0.0/18");
}

#[test]
fn vpc_3_a_vpc_is_pending_at_first_and_available_when_described() {
    let mut bench = Bench::new();
    let made = bench.ok("CreateVpc", json!({"CidrBlock": "10.0.0.0/16"}));
    assert_eq!(text(&made, "/Vpc/State"), "pending");
    let id = text(&made, "/Vpc/VpcId");
    let seen = bench.ok("DescribeVpcs", json!({"VpcIds": [id]}));
    assert_eq!(text(&seen, "/Vpcs/0/State"), "available");
}

#[test]
fn vpc_3_a_vpc_is_born_with_main_table_default_acl_default_group_and_default_dhcp_options() {
    let mut bench = Bench::new();
    let id = vpc(&mut bench, "10.0.0.0/16");
    let of_vpc = json!({"Name": "vpc-id", "Values": [id]});
    let main = json!({"Name": "association.main", "Values": ["true"]});
    let tables = bench.ok("DescribeRouteTables", json!({"Filters": [of_vpc, main]}));
    assert_eq!(count(&tables, "RouteTables"), 1);
    assert_eq!(
        tables["RouteTables"][0]["Routes"],
        json!([{
            "DestinationCidrBlock": "10.0.0.0/16",
            "GatewayId": "local",
            "Origin": "CreateRouteTable",
            "State": "active",
        }])
    );
    let region = &bench.world.regions["us-east-1"];
    let id = id.parse().unwrap();
    let acl = region.network_acls.values().find(|a| a.vpc == id).unwrap();
    assert!(acl.is_default);
    assert_eq!(acl.entries.len(), 2, "100 allow in each direction");
    let group = region
        .security_groups
        .values()
        .find(|g| g.vpc == id)
        .unwrap();
    assert_eq!(group.name, "default");
    assert_eq!(
        group.rules.len(),
        2,
        "ingress from itself, egress to all IPv4"
    );
    let set = region.vpcs[&id].dhcp_options.unwrap();
    assert!(region.dhcp_options[&set].is_default);
}

#[test]
fn vpc_4_attributes_have_aws_defaults_and_change_one_at_a_time() {
    let mut bench = Bench::new();
    let id = vpc(&mut bench, "10.0.0.0/16");
    let ask = |bench: &mut Bench, attribute: &str| {
        let input = json!({"VpcId": id, "Attribute": attribute});
        bench.ok("DescribeVpcAttribute", input)
    };
    assert_eq!(
        ask(&mut bench, "enableDnsSupport"),
        json!({"VpcId": id, "EnableDnsSupport": {"Value": true}}),
        "only the attribute asked for"
    );
    let hostnames = ask(&mut bench, "enableDnsHostnames");
    assert_eq!(hostnames["EnableDnsHostnames"]["Value"], false);
    let metrics = ask(&mut bench, "enableNetworkAddressUsageMetrics");
    assert_eq!(metrics["EnableNetworkAddressUsageMetrics"]["Value"], false);

    bench.ok(
        "ModifyVpcAttribute",
        json!({"VpcId": id, "EnableDnsHostnames": {"Value": true}}),
    );
    let hostnames = ask(&mut bench, "enableDnsHostnames");
    assert_eq!(hostnames["EnableDnsHostnames"]["Value"], true);
    let both = json!({"VpcId": id, "EnableDnsHostnames": {"Value": true}, "EnableDnsSupport": {"Value": true}});
    assert_eq!(
        bench.refused("ModifyVpcAttribute", both),
        "InvalidParameterCombination"
    );
    let unknown = json!({"VpcId": id, "Attribute": "colour"});
    assert_eq!(
        bench.refused("DescribeVpcAttribute", unknown),
        "InvalidParameterValue"
    );
}

#[test]
fn vpc_4_the_default_vpc_gives_host_names() {
    let mut bench = Bench::new();
    let is_default = json!({"Filters": [{"Name": "is-default", "Values": ["true"]}]});
    let id = text(&bench.ok("DescribeVpcs", is_default), "/Vpcs/0/VpcId");
    let input = json!({"VpcId": id, "Attribute": "enableDnsHostnames"});
    let answer = bench.ok("DescribeVpcAttribute", input);
    assert_eq!(answer["EnableDnsHostnames"]["Value"], true);
}

#[test]
fn vpc_5_an_ipv6_block_is_a_56_of_the_pool_unique_in_the_world() {
    let mut bench = Bench::new();
    bench.settings.quotas.vpcs_per_region = 300;
    let mut seen = std::collections::HashSet::new();
    for n in 0..256 {
        bench.region = if n % 2 == 0 { "us-east-1" } else { "eu-west-1" }.to_owned();
        let input = json!({"CidrBlock": "10.0.0.0/16", "AmazonProvidedIpv6CidrBlock": true});
        let made = bench.ok("CreateVpc", input);
        let block = &made["Vpc"]["Ipv6CidrBlockAssociationSet"][0];
        assert_eq!(block["Ipv6CidrBlockState"]["State"], "associating");
        assert_eq!(block["Ipv6Pool"], "Amazon");
        assert_eq!(block["NetworkBorderGroup"], bench.region);
        let cidr = text(block, "/Ipv6CidrBlock");
        assert!(
            cidr.starts_with("2001:db8:1234:") && cidr.ends_with("/56"),
            "{cidr}"
        );
        assert!(seen.insert(cidr), "given twice");
        let id = text(&made, "/Vpc/VpcId");
        let described = bench.ok("DescribeVpcs", json!({"VpcIds": [id]}));
        let block = &described["Vpcs"][0]["Ipv6CidrBlockAssociationSet"][0];
        assert_eq!(block["Ipv6CidrBlockState"]["State"], "associated");
    }
    let input = json!({"CidrBlock": "10.0.0.0/16", "AmazonProvidedIpv6CidrBlock": true});
    assert_eq!(
        bench.refused("CreateVpc", input),
        "InsufficientAddressCapacity"
    );
}

#[test]
fn vpc_5_a_named_ipv6_block_is_given_once() {
    let mut bench = Bench::new();
    let input = json!({
        "CidrBlock": "10.0.0.0/16",
        "Ipv6CidrBlock": "2001:db8:1234:1a00::/56",
        "Ipv6Pool": "Amazon",
    });
    let made = bench.ok("CreateVpc", input.clone());
    let block = &made["Vpc"]["Ipv6CidrBlockAssociationSet"][0];
    assert_eq!(block["Ipv6CidrBlock"], "2001:db8:1234:1a00::/56");
    assert_eq!(bench.refused("CreateVpc", input), "InvalidParameterValue");
    let outside = json!({"CidrBlock": "10.0.0.0/16", "Ipv6CidrBlock": "2001:db8:9999::/56"});
    assert_eq!(bench.refused("CreateVpc", outside), "InvalidParameterValue");
}

#[test]
fn vpc_6_five_blocks_of_a_family_and_the_primary_stays() {
    let mut bench = Bench::new();
    let id = vpc(&mut bench, "10.1.0.0/16");
    let associate = |n: u8| json!({"VpcId": id, "CidrBlock": format!("10.{n}.0.0/16")});
    for n in 2..=5 {
        bench.ok("AssociateVpcCidrBlock", associate(n));
    }
    assert_eq!(
        bench.refused("AssociateVpcCidrBlock", associate(6)),
        "CidrLimitExceeded"
    );
    let ipv6 = json!({"VpcId": id, "AmazonProvidedIpv6CidrBlock": true});
    for _ in 0..5 {
        bench.ok("AssociateVpcCidrBlock", ipv6.clone());
    }
    assert_eq!(
        bench.refused("AssociateVpcCidrBlock", ipv6),
        "CidrLimitExceeded"
    );

    let described = bench.ok("DescribeVpcs", json!({"VpcIds": [id]}));
    let blocks = &described["Vpcs"][0]["CidrBlockAssociationSet"];
    assert_eq!(blocks.as_array().unwrap().len(), 5);
    let drop = |n: usize| json!({"AssociationId": blocks[n]["AssociationId"]});
    assert_eq!(
        bench.refused("DisassociateVpcCidrBlock", drop(0)),
        "OperationNotPermitted"
    );
    let dropped = bench.ok("DisassociateVpcCidrBlock", drop(1));
    assert_eq!(dropped["CidrBlockAssociation"]["CidrBlock"], "10.2.0.0/16");
    assert_eq!(
        dropped["CidrBlockAssociation"]["CidrBlockState"]["State"],
        "disassociating"
    );
    assert_eq!(
        bench.refused("DisassociateVpcCidrBlock", drop(1)),
        "InvalidVpcCidrBlockAssociationID.NotFound"
    );
    bench.ok("AssociateVpcCidrBlock", associate(6));
}

#[test]
fn vpc_6_a_block_with_a_subnet_in_it_stays() {
    let mut bench = Bench::new();
    let id = vpc(&mut bench, "10.1.0.0/16");
    let made = bench.ok(
        "AssociateVpcCidrBlock",
        json!({"VpcId": id, "CidrBlock": "10.2.0.0/16"}),
    );
    let association = json!({"AssociationId": made["CidrBlockAssociation"]["AssociationId"]});
    let subnet = bench.ok(
        "CreateSubnet",
        json!({"VpcId": id, "CidrBlock": "10.2.3.0/24"}),
    );
    assert_eq!(
        bench.refused("DisassociateVpcCidrBlock", association.clone()),
        "DependencyViolation"
    );
    bench.ok(
        "DeleteSubnet",
        json!({"SubnetId": subnet["Subnet"]["SubnetId"]}),
    );
    bench.ok("DisassociateVpcCidrBlock", association);
}

#[test]
fn vpc_7_a_secondary_block_adds_a_local_route_to_every_table_and_takes_it_away_again() {
    let mut bench = Bench::new();
    let id = vpc(&mut bench, "10.1.0.0/16");
    bench.ok("CreateRouteTable", json!({"VpcId": id}));
    let destinations = |bench: &mut Bench| -> Vec<Vec<Value>> {
        let filter = json!({"Filters": [{"Name": "vpc-id", "Values": [id]}]});
        let tables = bench.ok("DescribeRouteTables", filter);
        let tables = tables["RouteTables"].as_array().unwrap().iter();
        let routes = |t: &Value| t["Routes"].as_array().unwrap().clone();
        tables
            .map(|t| {
                routes(t)
                    .iter()
                    .map(|r| r["DestinationCidrBlock"].clone())
                    .collect()
            })
            .collect()
    };
    let made = bench.ok(
        "AssociateVpcCidrBlock",
        json!({"VpcId": id, "CidrBlock": "10.2.0.0/16"}),
    );
    let both = vec![json!("10.1.0.0/16"), json!("10.2.0.0/16")];
    assert_eq!(destinations(&mut bench), [both.clone(), both]);
    let association = json!({"AssociationId": made["CidrBlockAssociation"]["AssociationId"]});
    bench.ok("DisassociateVpcCidrBlock", association);
    assert_eq!(
        destinations(&mut bench),
        [[json!("10.1.0.0/16")], [json!("10.1.0.0/16")]]
    );
}

#[test]
fn vpc_7_a_secondary_block_neither_overlaps_nor_swallows_a_route() {
    let mut bench = Bench::new();
    let id = vpc(&mut bench, "10.1.0.0/16");
    let igw = bench.ok("CreateInternetGateway", json!({}));
    let igw = text(&igw, "/InternetGateway/InternetGatewayId");
    bench.ok(
        "AttachInternetGateway",
        json!({"VpcId": id, "InternetGatewayId": igw}),
    );
    let table = bench.ok("CreateRouteTable", json!({"VpcId": id}));
    let table = text(&table, "/RouteTable/RouteTableId");
    let route =
        json!({"RouteTableId": table, "DestinationCidrBlock": "10.9.1.0/24", "GatewayId": igw});
    bench.ok("CreateRoute", route);
    for (cidr, code) in [
        ("10.1.0.0/16", "InvalidVpc.Range"),
        ("10.1.2.0/24", "InvalidVpc.Range"),
        ("10.9.1.0/24", "InvalidVpc.Range"),
        ("10.9.0.0/16", "InvalidVpc.Range"),
        ("10.8.0.0/15", "InvalidVpc.Range"),
    ] {
        let input = json!({"VpcId": id, "CidrBlock": cidr});
        assert_eq!(
            bench.refused("AssociateVpcCidrBlock", input),
            code,
            "{cidr}"
        );
    }
    bench.ok(
        "AssociateVpcCidrBlock",
        json!({"VpcId": id, "CidrBlock": "10.9.1.0/28"}),
    );
}

#[test]
fn vpc_8_a_secondary_block_keeps_to_the_private_range_of_the_primary() {
    for (primary, secondary, allowed) in [
        ("10.1.0.0/16", "10.2.0.0/16", true),
        ("10.1.0.0/16", "10.0.0.0/24", false),
        ("10.2.0.0/16", "10.0.0.0/24", true),
        ("10.2.0.0/16", "172.16.0.0/16", false),
        ("10.2.0.0/16", "192.168.0.0/16", false),
        ("10.2.0.0/16", "198.19.0.0/16", false),
        ("10.2.0.0/16", "100.64.0.0/16", true),
        ("10.2.0.0/16", "203.0.113.0/24", true),
        ("172.16.0.0/16", "172.17.0.0/16", true),
        ("172.16.0.0/16", "172.31.0.0/16", false),
        ("172.16.0.0/16", "10.0.0.0/16", false),
        ("172.16.0.0/16", "192.168.0.0/16", false),
        ("172.16.0.0/16", "198.19.0.0/16", false),
        ("192.168.0.0/24", "192.168.1.0/24", true),
        ("192.168.0.0/24", "10.0.0.0/16", false),
        ("192.168.0.0/24", "172.16.0.0/16", false),
        ("192.168.0.0/24", "198.19.0.0/16", false),
        ("198.19.0.0/24", "198.19.1.0/24", true),
        ("198.19.0.0/24", "10.0.0.0/16", false),
        ("100.64.0.0/16", "10.0.0.0/16", false),
        ("100.64.0.0/16", "100.65.0.0/16", true),
        ("203.0.113.0/24", "172.16.0.0/16", false),
        ("203.0.113.0/24", "198.19.0.0/16", false),
        ("203.0.113.0/24", "100.64.0.0/16", true),
        ("203.0.113.0/24", "169.254.0.0/24", false),
    ] {
        let mut bench = Bench::new();
        let id = vpc(&mut bench, primary);
        let answer = bench.call(
            "AssociateVpcCidrBlock",
            json!({"VpcId": id, "CidrBlock": secondary}),
        );
        let code = answer.map_err(|e| e.code().to_owned()).err();
        let wanted = (!allowed).then(|| "InvalidVpc.Range".to_owned());
        assert_eq!(code, wanted, "{secondary} beside {primary}");
    }
}

#[test]
fn vpc_10_a_vpc_with_anything_in_it_stays() {
    let mut bench = Bench::new();
    let id = vpc(&mut bench, "10.0.0.0/16");
    let delete = json!({"VpcId": id});

    let subnet = bench.ok(
        "CreateSubnet",
        json!({"VpcId": id, "CidrBlock": "10.0.1.0/24"}),
    );
    assert_eq!(
        bench.refused("DeleteVpc", delete.clone()),
        "DependencyViolation"
    );
    bench.ok(
        "DeleteSubnet",
        json!({"SubnetId": subnet["Subnet"]["SubnetId"]}),
    );

    let igw = bench.ok("CreateInternetGateway", json!({}));
    let attachment =
        json!({"VpcId": id, "InternetGatewayId": igw["InternetGateway"]["InternetGatewayId"]});
    bench.ok("AttachInternetGateway", attachment.clone());
    assert_eq!(
        bench.refused("DeleteVpc", delete.clone()),
        "DependencyViolation"
    );
    bench.ok("DetachInternetGateway", attachment);

    let table = bench.ok("CreateRouteTable", json!({"VpcId": id}));
    assert_eq!(
        bench.refused("DeleteVpc", delete.clone()),
        "DependencyViolation"
    );
    bench.ok(
        "DeleteRouteTable",
        json!({"RouteTableId": table["RouteTable"]["RouteTableId"]}),
    );

    bench.ok("DeleteVpc", delete.clone());
    assert_eq!(bench.refused("DeleteVpc", delete), "InvalidVpcID.NotFound");
    let region = &bench.world.regions["us-east-1"];
    let vpc = id.parse().unwrap();
    assert!(region.route_tables.values().all(|t| t.vpc != vpc));
    assert!(region.network_acls.values().all(|a| a.vpc != vpc));
    assert!(region.security_groups.values().all(|g| g.vpc != vpc));
}

#[test]
fn five_vpcs_in_a_region() {
    let mut bench = Bench::new();
    for n in 1..=4 {
        vpc(&mut bench, &format!("10.{n}.0.0/16"));
    }
    let input = json!({"CidrBlock": "10.9.0.0/16"});
    assert_eq!(
        bench.refused("CreateVpc", input),
        "VpcLimitExceeded",
        "the default VPC counts"
    );
}

#[test]
fn tenancy_is_default_or_dedicated_and_can_only_be_given_up() {
    let mut bench = Bench::new();
    let host = json!({"CidrBlock": "10.0.0.0/16", "InstanceTenancy": "host"});
    assert_eq!(bench.refused("CreateVpc", host), "UnsupportedTenancy");
    let made = bench.ok(
        "CreateVpc",
        json!({"CidrBlock": "10.0.0.0/16", "InstanceTenancy": "dedicated"}),
    );
    assert_eq!(text(&made, "/Vpc/InstanceTenancy"), "dedicated");
    let id = text(&made, "/Vpc/VpcId");
    let back = json!({"VpcId": id, "InstanceTenancy": "dedicated"});
    assert_eq!(
        bench.refused("ModifyVpcTenancy", back),
        "UnsupportedTenancy"
    );
    bench.ok(
        "ModifyVpcTenancy",
        json!({"VpcId": id, "InstanceTenancy": "default"}),
    );
    let described = bench.ok("DescribeVpcs", json!({"VpcIds": [id]}));
    assert_eq!(text(&described, "/Vpcs/0/InstanceTenancy"), "default");
}

#[test]
fn a_default_vpc_is_made_again_only_after_it_was_deleted() {
    let mut bench = Bench::new();
    assert_eq!(
        bench.refused("CreateDefaultVpc", json!({})),
        "DefaultVpcAlreadyExists"
    );
    let described = bench.ok("DescribeVpcs", json!({}));
    let id = text(&described, "/Vpcs/0/VpcId");
    let subnets = bench.ok("DescribeSubnets", json!({}));
    for subnet in subnets["Subnets"].as_array().unwrap() {
        bench.ok("DeleteSubnet", json!({"SubnetId": subnet["SubnetId"]}));
    }
    let igw = bench.ok("DescribeInternetGateways", json!({}));
    let igw = text(&igw, "/InternetGateways/0/InternetGatewayId");
    bench.ok(
        "DetachInternetGateway",
        json!({"VpcId": id, "InternetGatewayId": igw}),
    );
    bench.ok("DeleteVpc", json!({"VpcId": id}));
    assert_eq!(count(&bench.ok("DescribeVpcs", json!({})), "Vpcs"), 0);
    let made = bench.ok("CreateDefaultVpc", json!({}));
    assert_eq!(made["Vpc"]["IsDefault"], true);
    assert_eq!(count(&bench.ok("DescribeSubnets", json!({})), "Subnets"), 6);
}

#[test]
fn acl_3_and_sg_2_a_first_ipv6_block_opens_what_nobody_edited() {
    let mut bench = Bench::new();
    let id = vpc(&mut bench, "10.0.0.0/16");
    let parts = |bench: &Bench| {
        let region = &bench.world.regions["us-east-1"];
        let id = id.parse().unwrap();
        let acl = region.network_acls.values().find(|a| a.vpc == id).unwrap();
        let group = region
            .security_groups
            .values()
            .find(|g| g.vpc == id)
            .unwrap();
        (acl.clone(), group.clone())
    };
    let (mut acl, _) = parts(&bench);
    acl.entries.retain(|e| e.is_egress);
    bench.apply("Test", vec![openvpc_model::Event::NetworkAclPut(acl)]);
    bench.ok(
        "AssociateVpcCidrBlock",
        json!({"VpcId": id, "AmazonProvidedIpv6CidrBlock": true}),
    );
    let (acl, group) = parts(&bench);
    let entries: Vec<_> = acl
        .entries
        .iter()
        .map(|e| (e.is_egress, e.rule_number.get()))
        .collect();
    assert_eq!(
        entries,
        [(true, 100), (true, 101)],
        "the edited direction is left alone"
    );
    assert_eq!(group.rules.iter().filter(|r| r.is_egress).count(), 2);
    bench.ok(
        "AssociateVpcCidrBlock",
        json!({"VpcId": id, "AmazonProvidedIpv6CidrBlock": true}),
    );
    assert_eq!(parts(&bench), (acl, group), "the second block adds nothing");
}

#[test]
fn classic_link_is_refused_in_words() {
    let mut bench = Bench::new();
    for action in ["DescribeVpcClassicLink", "DescribeVpcClassicLinkDnsSupport"] {
        assert_eq!(bench.refused(action, json!({})), "UnsupportedOperation");
    }
}
