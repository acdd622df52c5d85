use serde_json::{Value, json};

use crate::testing::{Bench, count, text};

struct Stage {
    bench: Bench,
    vpc: String,
    igw: String,
    eni: openvpc_model::NetworkInterface,
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
        let eni = bench.place_interface(&text(&subnet, "/Subnet/SubnetId"), "10.0.1.10");
        Stage {
            bench,
            vpc,
            igw,
            eni,
        }
    }

    fn allocate(&mut self) -> String {
        text(
            &self.bench.ok("AllocateAddress", json!({})),
            "/AllocationId",
        )
    }

    fn associate(&mut self, allocation: &str) -> Value {
        json!({"AllocationId": allocation, "NetworkInterfaceId": self.eni.id})
    }

    fn show(&mut self, allocation: &str) -> Value {
        let seen = self
            .bench
            .ok("DescribeAddresses", json!({"AllocationIds": [allocation]}));
        seen["Addresses"][0].clone()
    }
}

#[test]
fn eip_1_addresses_come_from_the_pool_unique_in_the_world() {
    let mut bench = Bench::new();
    bench.settings.quotas.addresses_per_region = 300;
    let mut seen = std::collections::HashSet::new();
    for n in 0..254 {
        bench.region = if n % 2 == 0 { "us-east-1" } else { "eu-west-1" }.to_owned();
        let made = bench.ok("AllocateAddress", json!({"Domain": "vpc"}));
        assert_eq!(made["Domain"], "vpc");
        let ip: std::net::Ipv4Addr = text(&made, "/PublicIp").parse().unwrap();
        assert_eq!(ip.octets()[..3], [192, 0, 2]);
        assert!(
            !matches!(ip.octets()[3], 0 | 255),
            "{ip} is no host address"
        );
        assert!(seen.insert(ip), "{ip} given twice");
    }
    assert_eq!(
        bench.refused("AllocateAddress", json!({})),
        "InsufficientAddressCapacity"
    );
}

#[test]
fn eip_1_a_named_address_is_given_once_and_chance_leaves_the_lower_half_alone() {
    let mut bench = Bench::new();
    for _ in 0..3 {
        let made = bench.ok("AllocateAddress", json!({}));
        let ip: std::net::Ipv4Addr = text(&made, "/PublicIp").parse().unwrap();
        assert!(ip.octets()[3] >= 128, "{ip}");
    }
    let named = json!({"Address": "192.0.2.10"});
    assert_eq!(
        text(&bench.ok("AllocateAddress", named.clone()), "/PublicIp"),
        "192.0.2.10"
    );
    assert_eq!(
        bench.refused("AllocateAddress", named),
        "InvalidAddress.NotFound"
    );
    for wrong in ["192.0.2.0", "192.0.2.255", "203.0.113.12", "x"] {
        let code = bench.refused("AllocateAddress", json!({"Address": wrong}));
        assert_eq!(code, "InvalidParameterValue", "{wrong}");
    }
}

#[test]
fn eip_1_five_addresses_in_a_region() {
    let mut bench = Bench::new();
    for _ in 0..5 {
        bench.ok("AllocateAddress", json!({}));
    }
    assert_eq!(
        bench.refused("AllocateAddress", json!({})),
        "AddressLimitExceeded"
    );
    bench.region = "eu-west-1".to_owned();
    bench.ok("AllocateAddress", json!({}));
}

#[test]
fn eip_1_an_association_shows_whom_the_address_stands_for() {
    let mut s = Stage::new();
    let id = s.allocate();
    assert!(s.show(&id).get("AssociationId").is_none());
    let associate = s.associate(&id);
    let association = s.bench.ok("AssociateAddress", associate.clone());
    assert_eq!(
        s.bench.ok("AssociateAddress", associate),
        association,
        "twice is once"
    );
    let shown = s.show(&id);
    assert_eq!(shown["AssociationId"], association["AssociationId"]);
    assert_eq!(text(&shown, "/PrivateIpAddress"), "10.0.1.10");
    assert_eq!(text(&shown, "/NetworkInterfaceOwnerId"), "123456789012");
    assert!(
        shown.get("InstanceId").is_none(),
        "the interface is attached to nothing"
    );
    let filter = json!({"Filters": [{"Name": "private-ip-address", "Values": ["10.0.1.*"]}]});
    assert_eq!(
        count(&s.bench.ok("DescribeAddresses", filter), "Addresses"),
        1
    );
}

#[test]
fn eip_2_refusals() {
    let mut s = Stage::new();
    let (one, two) = (s.allocate(), s.allocate());
    let associate = s.associate(&one);
    let association = s.bench.ok("AssociateAddress", associate);
    let release = json!({"AllocationId": one});
    assert_eq!(
        s.bench.refused("ReleaseAddress", release.clone()),
        "InvalidIPAddress.InUse"
    );

    let mut other = s.eni.clone();
    other.id = openvpc_model::NetworkInterfaceId::from_random(99);
    other.serial = 99;
    other.private_ips = vec!["10.0.1.99".parse().unwrap()];
    s.bench.apply(
        "Test",
        vec![openvpc_model::Event::NetworkInterfacePut(other.clone())],
    );
    let mut steal =
        json!({"AllocationId": one, "NetworkInterfaceId": other.id, "AllowReassociation": false});
    assert_eq!(
        s.bench.refused("AssociateAddress", steal.clone()),
        "Resource.AlreadyAssociated"
    );
    steal["AllowReassociation"] = json!(true);
    let moved = s.bench.ok("AssociateAddress", steal);
    assert_ne!(moved, association);
    assert_eq!(
        s.bench.refused("DisassociateAddress", association),
        "InvalidAssociationID.NotFound"
    );
    s.bench.ok("DisassociateAddress", moved);
    s.bench.ok("ReleaseAddress", release.clone());
    assert_eq!(
        s.bench.refused("ReleaseAddress", release),
        "InvalidAllocationID.NotFound"
    );

    for (input, code) in [
        (
            json!({"AllocationId": "eipalloc-x", "NetworkInterfaceId": s.eni.id}),
            "InvalidAllocationID.Malformed",
        ),
        (
            json!({"PublicIp": "192.0.2.1", "NetworkInterfaceId": s.eni.id}),
            "InvalidAddress.NotFound",
        ),
        (json!({"AllocationId": two}), "MissingParameter"),
        (json!({"NetworkInterfaceId": s.eni.id}), "MissingParameter"),
        (
            json!({"AllocationId": two, "InstanceId": "i-00000000000000001"}),
            "InvalidInstanceID.NotFound",
        ),
        (
            json!({"AllocationId": two, "NetworkInterfaceId": s.eni.id, "PrivateIpAddress": "10.0.1.11"}),
            "InvalidParameterValue",
        ),
    ] {
        assert_eq!(
            s.bench.refused("AssociateAddress", input.clone()),
            code,
            "{input}"
        );
    }
    s.bench.ok(
        "DetachInternetGateway",
        json!({"VpcId": s.vpc, "InternetGatewayId": s.igw}),
    );
    let associate = s.associate(&two);
    assert_eq!(
        s.bench.refused("AssociateAddress", associate),
        "Gateway.NotAttached"
    );
}

#[test]
fn eip_3_an_elastic_address_replaces_the_automatic_one_of_the_primary_address() {
    let mut s = Stage::new();
    s.eni.private_ips.push("10.0.1.11".parse().unwrap());
    s.eni.auto_public_ip = Some("192.0.2.200".parse().unwrap());
    s.bench.apply(
        "Test",
        vec![openvpc_model::Event::NetworkInterfacePut(s.eni.clone())],
    );
    let automatic =
        |s: &Stage| s.bench.world.regions["us-east-1"].network_interfaces[&s.eni.id].auto_public_ip;
    let id = s.allocate();
    let mut associate = s.associate(&id);
    associate["PrivateIpAddress"] = json!("10.0.1.11");
    s.bench.ok("AssociateAddress", associate);
    assert!(
        automatic(&s).is_some(),
        "a secondary address leaves it alone"
    );
    let taken = json!({"Address": "192.0.2.200"});
    assert_eq!(
        s.bench.refused("AllocateAddress", taken.clone()),
        "InvalidAddress.NotFound"
    );

    let second = s.allocate();
    let associate = s.associate(&second);
    s.bench.ok("AssociateAddress", associate);
    assert_eq!(automatic(&s), None);
    s.bench.ok("AllocateAddress", taken);
}

#[test]
fn eip_3_a_second_elastic_address_takes_the_place_of_the_first() {
    let mut s = Stage::new();
    let (one, two) = (s.allocate(), s.allocate());
    for id in [&one, &two] {
        let associate = s.associate(id);
        s.bench.ok("AssociateAddress", associate);
    }
    assert!(s.show(&one).get("AssociationId").is_none());
    assert!(s.show(&two).get("AssociationId").is_some());
}

#[test]
fn addresses_are_described_by_address_and_have_no_reverse_name() {
    let mut s = Stage::new();
    let id = s.allocate();
    let ip = text(&s.show(&id), "/PublicIp");
    let seen = s.bench.ok("DescribeAddresses", json!({"PublicIps": [ip]}));
    assert_eq!(text(&seen, "/Addresses/0/AllocationId"), id);
    let unknown = json!({"PublicIps": ["192.0.2.1"]});
    assert_eq!(
        s.bench.refused("DescribeAddresses", unknown),
        "InvalidAddress.NotFound"
    );
    let input = json!({"AllocationIds": [id], "Attribute": "domain-name"});
    let seen = s.bench.ok("DescribeAddressesAttribute", input);
    assert_eq!(
        seen["Addresses"],
        json!([{"PublicIp": ip, "AllocationId": id}])
    );
    s.bench.ok("ReleaseAddress", json!({"PublicIp": ip}));
}
