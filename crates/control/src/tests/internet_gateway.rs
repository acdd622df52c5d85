use serde_json::json;

use crate::testing::{Bench, count, text};

fn stage() -> (Bench, String, String) {
    let mut bench = Bench::new();
    let vpc = text(
        &bench.ok("CreateVpc", json!({"CidrBlock": "10.0.0.0/16"})),
        "/Vpc/VpcId",
    );
    let igw = bench.ok("CreateInternetGateway", json!({}));
    assert_eq!(igw["InternetGateway"]["Attachments"], json!([]));
    (bench, vpc, text(&igw, "/InternetGateway/InternetGatewayId"))
}

#[test]
fn igw_1_one_gateway_per_vpc_and_one_vpc_per_gateway() {
    let (mut bench, vpc, igw) = stage();
    let attach = json!({"VpcId": vpc, "InternetGatewayId": igw});
    bench.ok("AttachInternetGateway", attach.clone());
    assert_eq!(
        bench.refused("AttachInternetGateway", attach),
        "Resource.AlreadyAssociated"
    );
    let seen = bench.ok(
        "DescribeInternetGateways",
        json!({"InternetGatewayIds": [igw]}),
    );
    let attachments = &seen["InternetGateways"][0]["Attachments"];
    assert_eq!(*attachments, json!([{"VpcId": vpc, "State": "available"}]));

    let second = bench.ok("CreateInternetGateway", json!({}));
    let second = text(&second, "/InternetGateway/InternetGatewayId");
    let refusal = bench.refusal(
        "AttachInternetGateway",
        json!({"VpcId": vpc, "InternetGatewayId": second}),
    );
    assert_eq!(refusal.code(), "InvalidParameterValue");
    assert_eq!(
        refusal.message(),
        format!("Network {vpc} already has an internet gateway attached")
    );
}

#[test]
fn igw_5_detach_wants_the_right_vpc_and_no_mapped_address() {
    let (mut bench, vpc, igw) = stage();
    let attachment = json!({"VpcId": vpc, "InternetGatewayId": igw});
    assert_eq!(
        bench.refused("DetachInternetGateway", attachment.clone()),
        "Gateway.NotAttached"
    );
    // One that is attached to nothing is not attached to a VPC that is gone either.
    let gone = json!({"VpcId": "vpc-0aaaaaaaaaaaaaaaa", "InternetGatewayId": igw});
    assert_eq!(
        bench.refused("DetachInternetGateway", gone.clone()),
        "Gateway.NotAttached"
    );
    let none = json!({"VpcId": "vpc", "InternetGatewayId": igw});
    assert_eq!(
        bench.refused("DetachInternetGateway", none),
        "InvalidVpcID.Malformed"
    );
    bench.ok("AttachInternetGateway", attachment.clone());
    assert_eq!(
        bench.refused("DetachInternetGateway", gone),
        "InvalidVpcID.NotFound"
    );
    let delete = json!({"InternetGatewayId": igw});
    assert_eq!(
        bench.refused("DeleteInternetGateway", delete.clone()),
        "DependencyViolation"
    );

    let subnet = bench.ok(
        "CreateSubnet",
        json!({"VpcId": vpc, "CidrBlock": "10.0.1.0/24"}),
    );
    let subnet = text(&subnet, "/Subnet/SubnetId");
    let mut eni = bench.place_interface(&subnet, "10.0.1.10");
    let address = bench.ok("AllocateAddress", json!({}));
    let associate = json!({"AllocationId": address["AllocationId"], "NetworkInterfaceId": eni.id});
    let association = bench.ok("AssociateAddress", associate);
    assert_eq!(
        bench.refused("DetachInternetGateway", attachment.clone()),
        "DependencyViolation"
    );
    bench.ok("DisassociateAddress", association);

    eni.auto_public_ip = Some("192.0.2.77".parse().unwrap());
    bench.apply(
        "Test",
        vec![openvpc_model::Event::NetworkInterfacePut(eni.clone())],
    );
    assert_eq!(
        bench.refused("DetachInternetGateway", attachment.clone()),
        "DependencyViolation"
    );
    eni.auto_public_ip = None;
    bench.apply("Test", vec![openvpc_model::Event::NetworkInterfacePut(eni)]);
    bench.ok("DetachInternetGateway", attachment);
    bench.ok("DeleteInternetGateway", delete.clone());
    assert_eq!(
        bench.refused("DeleteInternetGateway", delete),
        "InvalidInternetGatewayID.NotFound"
    );
}

#[test]
fn five_gateways_in_a_region() {
    let mut bench = Bench::new();
    for _ in 0..4 {
        bench.ok("CreateInternetGateway", json!({}));
    }
    assert_eq!(
        bench.refused("CreateInternetGateway", json!({})),
        "InternetGatewayLimitExceeded"
    );
    assert_eq!(
        count(
            &bench.ok("DescribeInternetGateways", json!({})),
            "InternetGateways"
        ),
        5
    );
}
