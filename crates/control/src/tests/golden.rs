//! Golden XML of each action: what is on the wire, byte for byte.
//!
//! `UPDATE_GOLDEN=1 cargo nextest run -p openvpc-control golden` writes the files anew.

use serde_json::json;

use crate::testing::{Bench, text};

fn tags(kind: &str) -> serde_json::Value {
    json!([{"ResourceType": kind, "Tags": [{"Key": "Name", "Value": "a <b> & \"c\""}]}])
}

#[test]
fn golden_vpc_subnet_and_their_blocks() {
    let mut bench = Bench::new();
    let vpc = json!({
        "CidrBlock": "10.0.0.0/16",
        "AmazonProvidedIpv6CidrBlock": true,
        "TagSpecifications": tags("vpc"),
    });
    let vpc = text(&bench.golden("CreateVpc", vpc), "/Vpc/VpcId");
    bench.golden("DescribeVpcs", json!({"VpcIds": [vpc]}));
    bench.golden(
        "DescribeVpcAttribute",
        json!({"VpcId": vpc, "Attribute": "enableDnsSupport"}),
    );
    bench.golden(
        "ModifyVpcAttribute",
        json!({"VpcId": vpc, "EnableDnsHostnames": {"Value": true}}),
    );
    bench.golden(
        "ModifyVpcTenancy",
        json!({"VpcId": vpc, "InstanceTenancy": "default"}),
    );
    let block = json!({"VpcId": vpc, "CidrBlock": "10.1.0.0/16"});
    let block = bench.golden("AssociateVpcCidrBlock", block);
    let block = text(&block, "/CidrBlockAssociation/AssociationId");
    bench.golden("DisassociateVpcCidrBlock", json!({"AssociationId": block}));

    let block = json!({"VpcId": vpc, "Ipv6CidrBlock": "2001:db8:1234:1a00::/56"});
    bench.ok("AssociateVpcCidrBlock", block);
    let subnet = json!({
        "VpcId": vpc,
        "CidrBlock": "10.0.1.0/24",
        "AvailabilityZone": "us-east-1b",
        "TagSpecifications": tags("subnet"),
    });
    let subnet = text(&bench.golden("CreateSubnet", subnet), "/Subnet/SubnetId");
    let block = json!({"SubnetId": subnet, "Ipv6CidrBlock": "2001:db8:1234:1a01::/64"});
    let block = bench.golden("AssociateSubnetCidrBlock", block);
    bench.golden("DescribeSubnets", json!({"SubnetIds": [subnet]}));
    let block = text(&block, "/Ipv6CidrBlockAssociation/AssociationId");
    bench.golden(
        "DisassociateSubnetCidrBlock",
        json!({"AssociationId": block}),
    );
    let attribute = json!({"SubnetId": subnet, "MapPublicIpOnLaunch": {"Value": true}});
    bench.golden("ModifySubnetAttribute", attribute);
    let reservation = json!({
        "SubnetId": subnet,
        "Cidr": "10.0.1.16/28",
        "ReservationType": "explicit",
        "Description": "for hand-picked addresses",
        "TagSpecifications": tags("subnet-cidr-reservation"),
    });
    let reservation = bench.golden("CreateSubnetCidrReservation", reservation);
    let reservation = text(
        &reservation,
        "/SubnetCidrReservation/SubnetCidrReservationId",
    );
    bench.golden("GetSubnetCidrReservations", json!({"SubnetId": subnet}));
    let reservation = json!({"SubnetCidrReservationId": reservation});
    bench.golden("DeleteSubnetCidrReservation", reservation);
    bench.golden("DeleteSubnet", json!({"SubnetId": subnet}));
    bench.golden("DeleteVpc", json!({"VpcId": vpc}));
}

#[test]
fn golden_routes_gateways_and_addresses() {
    let mut bench = Bench::new();
    let vpc = text(
        &bench.ok("CreateVpc", json!({"CidrBlock": "10.0.0.0/16"})),
        "/Vpc/VpcId",
    );
    let subnet = bench.ok(
        "CreateSubnet",
        json!({"VpcId": vpc, "CidrBlock": "10.0.1.0/24"}),
    );
    let subnet = text(&subnet, "/Subnet/SubnetId");
    let eni = bench.place_interface(&subnet, "10.0.1.10").id;

    let igw = json!({"TagSpecifications": tags("internet-gateway")});
    let igw = bench.golden("CreateInternetGateway", igw);
    let igw = text(&igw, "/InternetGateway/InternetGatewayId");
    let attachment = json!({"VpcId": vpc, "InternetGatewayId": igw});
    bench.golden("AttachInternetGateway", attachment.clone());
    bench.golden(
        "DescribeInternetGateways",
        json!({"InternetGatewayIds": [igw]}),
    );

    let table = json!({"VpcId": vpc, "ClientToken": "t", "TagSpecifications": tags("route-table")});
    let table = text(
        &bench.golden("CreateRouteTable", table),
        "/RouteTable/RouteTableId",
    );
    let way_out =
        json!({"RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": igw});
    bench.golden("CreateRoute", way_out.clone());
    bench.golden("ReplaceRoute", way_out);
    let to_eni = json!({"RouteTableId": table, "DestinationIpv6CidrBlock": "::/0", "NetworkInterfaceId": eni});
    bench.ok("CreateRoute", to_eni);
    let association = bench.golden(
        "AssociateRouteTable",
        json!({"RouteTableId": table, "SubnetId": subnet}),
    );
    bench.golden("DescribeRouteTables", json!({"RouteTableIds": [table]}));
    let again = json!({"AssociationId": association["AssociationId"], "RouteTableId": table});
    let association = bench.golden("ReplaceRouteTableAssociation", again);
    bench.golden(
        "DeleteRoute",
        json!({"RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0"}),
    );
    bench.golden(
        "DisassociateRouteTable",
        json!({"AssociationId": association["NewAssociationId"]}),
    );
    bench.golden("DeleteRouteTable", json!({"RouteTableId": table}));

    let address = json!({"Address": "192.0.2.10", "TagSpecifications": tags("elastic-ip")});
    let address = text(&bench.golden("AllocateAddress", address), "/AllocationId");
    let associate = json!({"AllocationId": address, "NetworkInterfaceId": eni});
    let association = bench.golden("AssociateAddress", associate);
    bench.golden("DescribeAddresses", json!({"AllocationIds": [address]}));
    bench.golden(
        "DescribeAddressesAttribute",
        json!({"AllocationIds": [address], "Attribute": "domain-name"}),
    );
    bench.golden("DisassociateAddress", association);
    bench.golden("ReleaseAddress", json!({"AllocationId": address}));
    bench.golden("DetachInternetGateway", attachment);
    bench.golden("DeleteInternetGateway", json!({"InternetGatewayId": igw}));
}

#[test]
fn golden_options_tags_regions_and_defaults() {
    let mut bench = Bench::new();
    let set = json!({
        "DhcpConfigurations": [
            {"Key": "domain-name", "Values": ["example.com"]},
            {"Key": "domain-name-servers", "Values": ["10.0.0.2", "10.0.0.3"]},
        ],
        "TagSpecifications": tags("dhcp-options"),
    });
    let set = text(
        &bench.golden("CreateDhcpOptions", set),
        "/DhcpOptions/DhcpOptionsId",
    );
    bench.golden("DescribeDhcpOptions", json!({"DhcpOptionsIds": [set]}));
    let tag = json!({"Resources": [set], "Tags": [{"Key": "stage", "Value": "test"}]});
    bench.golden("CreateTags", tag.clone());
    bench.golden("DescribeTags", json!({}));
    bench.golden("DeleteTags", tag);
    let vpc = text(&bench.ok("DescribeVpcs", json!({})), "/Vpcs/0/VpcId");
    bench.golden(
        "AssociateDhcpOptions",
        json!({"DhcpOptionsId": "default", "VpcId": vpc}),
    );
    bench.golden("DeleteDhcpOptions", json!({"DhcpOptionsId": set}));
    bench.golden("DescribeRegions", json!({"RegionNames": ["us-east-1"]}));
    bench.golden(
        "DescribeAvailabilityZones",
        json!({"ZoneNames": ["us-east-1a"]}),
    );
    bench.golden("DescribeAccountAttributes", json!({}));

    let zone = json!({"Filters": [{"Name": "availability-zone", "Values": ["us-east-1a"]}]});
    let subnet = bench.ok("DescribeSubnets", zone);
    bench.ok(
        "DeleteSubnet",
        json!({"SubnetId": subnet["Subnets"][0]["SubnetId"]}),
    );
    bench.golden(
        "CreateDefaultSubnet",
        json!({"AvailabilityZone": "us-east-1a"}),
    );
    let subnets = bench.ok("DescribeSubnets", json!({}));
    for subnet in subnets["Subnets"].as_array().unwrap() {
        bench.ok("DeleteSubnet", json!({"SubnetId": subnet["SubnetId"]}));
    }
    let igw = bench.ok("DescribeInternetGateways", json!({}));
    let igw = text(&igw, "/InternetGateways/0/InternetGatewayId");
    bench.ok(
        "DetachInternetGateway",
        json!({"VpcId": vpc, "InternetGatewayId": igw}),
    );
    bench.ok("DeleteVpc", json!({"VpcId": vpc}));
    bench.golden("CreateDefaultVpc", json!({}));
}
