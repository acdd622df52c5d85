//! What a small world's resolvers know (spec 00 §10).
#![allow(clippy::unwrap_used)]

mod common;

use common::*;
use openvpc_compile::dns_views;
use openvpc_dns::{Addresses, Asker, Found, Views, VpcKey};
use openvpc_model::*;

const WEB: &str = "ec2-192-0-2-9.compute-1.amazonaws.com";
const ELASTIC: &str = "ec2-192-0-2-10.compute-1.amazonaws.com";
const RESOURCE: &str = "i-00000000000000001.ec2.internal";

fn key(n: u32) -> VpcKey {
    VpcKey(id::<VpcId>("vpc-", n).low_bits())
}

fn instance(n: u32, subnet: &Subnet, eth0: u32) -> Instance {
    Instance {
        id: id("i-", n),
        owner: owner(),
        reservation: id("r-", n),
        launch_index: 0,
        image: id("ami-", 1),
        instance_type: "t3.micro".to_owned(),
        state: InstanceState::Running,
        state_reason: None,
        vpc: subnet.vpc,
        subnet: subnet.id,
        primary_interface: id("eni-", eth0),
        key_name: None,
        user_data: None,
        booted: true,
        reboots: 0,
        launched_at: 0,
        terminated_at: None,
        client_token: None,
        associate_public_ip: false,
        disable_api_termination: false,
        shutdown_behavior: "stop".to_owned(),
        metadata_options: MetadataOptions::default(),
        profile: None,
    }
}

/// Two VPCs with one block; in the first an instance with a public address at `eth0` and an Elastic one at a secondary
/// address.
fn world(change: impl FnOnce(&mut Vpc, &mut Subnet)) -> Views {
    let (mut one, mut subnet_one) = (vpc(1, "10.0.0.0/16"), subnet(1, 1, "10.0.1.0/24"));
    change(&mut one, &mut subnet_one);
    let mut eth0 = eni(3, &subnet_one, "10.0.1.10");
    eth0.private_ips.push("10.0.1.11".parse().unwrap());
    eth0.ipv6_addresses
        .push("2001:db8:1234::a".parse().unwrap());
    eth0.auto_public_ip = Some("192.0.2.9".parse().unwrap());
    eth0.attachment = Some(Attachment {
        id: id("eni-attach-", 1),
        instance: id("i-", 1),
        device_index: 0,
        delete_on_termination: true,
        attached_at: 0,
        state: AttachmentState::Attached,
    });
    let address = Address {
        id: id("eipalloc-", 1),
        owner: owner(),
        public_ip: "192.0.2.10".parse().unwrap(),
        association: Some(AddressAssociation {
            id: id("eipassoc-", 1),
            network_interface: eth0.id,
            private_ip: "10.0.1.11".parse().unwrap(),
        }),
    };
    let subnet_two = subnet(2, 2, "10.0.1.0/24");
    let world = world_of(vec![
        Event::InstancePut(instance(1, &subnet_one, 3)),
        Event::NetworkInterfacePut(eth0),
        Event::NetworkInterfacePut(eni(4, &subnet_two, "10.0.1.10")),
        Event::AddressPut(address),
        Event::VpcPut(one),
        Event::VpcPut(vpc(2, "10.0.0.0/16")),
        Event::SubnetPut(subnet_one),
        Event::SubnetPut(subnet_two),
    ]);
    let web = [
        "198.51.100.80".parse().unwrap(),
        "2001:db8:ffff::80".parse().unwrap(),
    ];
    dns_views(&world, &[("Web.example.com".to_owned(), web.to_vec())])
}

fn find(views: &Views, vpc: u32, name: &str) -> Found {
    views.vpcs[&key(vpc)].find(&views.public, name)
}

fn host(list: &[&str]) -> Found {
    let list: Vec<_> = list.iter().map(|text| text.parse().unwrap()).collect();
    Found::Host(Addresses::of(&list))
}

fn nothing(zone: &str) -> Found {
    Found::Nothing {
        zone: zone.to_owned(),
    }
}

#[test]
fn each_vpc_sees_its_own_names_and_everyone_the_public_ones() {
    let views = world(|_, subnet| {
        subnet.enable_resource_name_dns_a_record = true;
        subnet.enable_dns64 = true;
    });
    let ip_name = "ip-10-0-1-10.ec2.internal";
    for (vpc, name, expected) in [
        (1, ip_name, host(&["10.0.1.10"])),
        (1, WEB, host(&["10.0.1.10"])),
        (2, WEB, host(&["192.0.2.9"])),
        // The Elastic address leads to the private one it stands for.
        (1, ELASTIC, host(&["10.0.1.11"])),
        (2, ELASTIC, host(&["192.0.2.10"])),
        (1, RESOURCE, host(&["10.0.1.10"])),
        (2, RESOURCE, nothing("ec2.internal")),
        (
            2,
            "web.example.com",
            host(&["198.51.100.80", "2001:db8:ffff::80"]),
        ),
        (
            1,
            "10.1.0.10.in-addr.arpa",
            Found::Pointer(ip_name.to_owned()),
        ),
        (
            1,
            "10.2.0.192.in-addr.arpa",
            Found::Pointer(ELASTIC.to_owned()),
        ),
        (
            1,
            "80.100.51.198.in-addr.arpa",
            Found::Pointer("web.example.com".to_owned()),
        ),
    ] {
        assert_eq!(find(&views, vpc, name), expected, "{name} in VPC {vpc}");
    }
    let asker = |vpc, dns64| Asker {
        vpc: key(vpc),
        dns64,
    };
    assert_eq!(views.askers[&3], asker(1, true));
    assert_eq!(views.askers[&4], asker(2, false));
    assert_eq!(views.askers.len(), 2);
}

/// `DNS-2`, `DNS-3`: without both attributes there are no host names, for anybody.
#[test]
fn attributes_take_names_away() {
    for change in [
        (|vpc, _| vpc.enable_dns_hostnames = false) as fn(&mut Vpc, &mut Subnet),
        |vpc, _| vpc.enable_dns_support = false,
    ] {
        let views = world(change);
        assert_eq!(
            find(&views, 1, "ip-10-0-1-10.ec2.internal"),
            nothing("ec2.internal")
        );
        assert_eq!(find(&views, 2, WEB), nothing("compute-1.amazonaws.com"));
        assert_eq!(find(&views, 2, "9.2.0.192.in-addr.arpa"), Found::Unknown);
    }
    assert!(!world(|vpc, _| vpc.enable_dns_support = false).vpcs[&key(1)].dns_support);
}

/// `SUB-5`: each family of the resource name has its own switch.
#[test]
fn resource_names_have_the_families_that_the_subnet_says() {
    let of = |ipv4, ipv6| {
        let views = world(|_, subnet| {
            subnet.enable_resource_name_dns_a_record = ipv4;
            subnet.enable_resource_name_dns_aaaa_record = ipv6;
        });
        find(&views, 1, RESOURCE)
    };
    assert_eq!(of(false, false), nothing("ec2.internal"));
    assert_eq!(of(true, false), host(&["10.0.1.10"]));
    assert_eq!(of(false, true), host(&["2001:db8:1234::a"]));
    assert_eq!(of(true, true), host(&["10.0.1.10", "2001:db8:1234::a"]));
}

/// An endpoint of Logs in VPC 1, in zones a and b, with private names if its VPC has the attributes.
fn endpoint_world(service: &str, change: impl FnOnce(&mut InterfaceEndpoint)) -> Vec<Event> {
    let subnets = [subnet(1, 1, "10.0.1.0/24"), {
        let mut other = subnet(3, 1, "10.0.2.0/24");
        other.availability_zone = "us-east-1b".to_owned();
        other
    }];
    let enis = [
        eni(3, &subnets[0], "10.0.1.50"),
        eni(4, &subnets[1], "10.0.2.50"),
    ];
    let mut own = InterfaceEndpoint {
        network_interfaces: [(subnets[0].id, enis[0].id), (subnets[1].id, enis[1].id)].into(),
        security_groups: Vec::new(),
        private_dns: true,
        private_dns_only_for_inbound_resolver: false,
        dns_label: "abcd1234".to_owned(),
        ip_address_type: EndpointIpAddressType::Ipv4,
        dns_record_ip_type: None,
    };
    change(&mut own);
    let endpoint = VpcEndpoint {
        id: id("vpce-", 7),
        owner: owner(),
        vpc: id("vpc-", 1),
        service: EndpointService::Aws(service.to_owned()),
        state: VpcEndpointState::Available,
        policy: None,
        kind: VpcEndpointKind::Interface(own),
        created_at: 0,
    };
    let [first, second] = subnets;
    let [a, b] = enis;
    vec![
        Event::VpcPut(vpc(1, "10.0.0.0/16")),
        Event::VpcPut(vpc(2, "10.0.0.0/16")),
        Event::SubnetPut(first),
        Event::SubnetPut(second),
        Event::NetworkInterfacePut(a),
        Event::NetworkInterfacePut(b),
        Event::VpcEndpointPut(endpoint),
    ]
}

fn ipv4(found: Found) -> Vec<String> {
    match found {
        Found::Host(addresses) => addresses.ipv4.iter().map(ToString::to_string).collect(),
        other => panic!("{other:?}"),
    }
}

/// `IN-1`, `IN-2`: endpoint names are everybody's, the service's own leads to the endpoint in its VPC alone.
#[test]
fn endpoint_names_are_public_and_private_ones_the_vpcs() {
    let views = dns_views(&world_of(endpoint_world("logs", |_| {})), &[]);
    let find = |vpc: u32, name: &str| views.vpcs[&key(vpc)].find(&views.public, name);
    let regional = "vpce-00000000000000007-abcd1234.logs.us-east-1.vpce.amazonaws.com";
    let zonal = |zone: &str| {
        format!("vpce-00000000000000007-abcd1234-us-east-1{zone}.logs.us-east-1.vpce.amazonaws.com")
    };
    for vpc in [1, 2] {
        assert_eq!(ipv4(find(vpc, regional)), ["10.0.1.50", "10.0.2.50"]);
        assert_eq!(ipv4(find(vpc, &zonal("a"))), ["10.0.1.50"]);
        assert_eq!(ipv4(find(vpc, &zonal("b"))), ["10.0.2.50"]);
        assert_eq!(find(vpc, &zonal("c")), Found::Unknown);
        assert_eq!(find(vpc, &format!("x.{regional}")), Found::Unknown);
    }
    let private = "logs.us-east-1.amazonaws.com";
    assert_eq!(ipv4(find(1, private)), ["10.0.1.50", "10.0.2.50"]);
    assert_eq!(
        find(2, private),
        Found::Unknown,
        "public services are named elsewhere"
    );
}

/// `IN-4`.
#[test]
fn a_lost_zone_leaves_the_names() {
    let mut events = endpoint_world("logs", |_| {});
    events.push(Event::ZoneLost("us-east-1b".to_owned()));
    let views = dns_views(&world_of(events), &[]);
    let find = |name: &str| views.vpcs[&key(1)].find(&views.public, name);
    let end = "logs.us-east-1.vpce.amazonaws.com";
    let id = "vpce-00000000000000007-abcd1234";
    assert_eq!(ipv4(find(&format!("{id}.{end}"))), ["10.0.1.50"]);
    assert_eq!(ipv4(find("logs.us-east-1.amazonaws.com")), ["10.0.1.50"]);
    assert!(ipv4(find(&format!("{id}-us-east-1b.{end}"))).is_empty());
}

/// `IN-5`.
#[test]
fn names_of_s3_have_names_below() {
    let of = |inbound| {
        let events = endpoint_world("s3", |own| {
            own.private_dns_only_for_inbound_resolver = inbound
        });
        dns_views(&world_of(events), &[])
    };
    let views = of(false);
    let find = |vpc: u32, name: &str| views.vpcs[&key(vpc)].find(&views.public, name);
    let name = "vpce-00000000000000007-abcd1234.s3.us-east-1.vpce.amazonaws.com";
    for front in ["bucket.", "mine.bucket.", "control.", "accesspoint."] {
        assert_eq!(ipv4(find(2, &format!("{front}{name}"))).len(), 2, "{front}");
    }
    for name in [
        "s3",
        "mine.s3",
        "a.b.s3",
        "123456789012.s3-control",
        "ap-1.s3-accesspoint",
    ] {
        let name = format!("{name}.us-east-1.amazonaws.com");
        assert_eq!(ipv4(find(1, &name)).len(), 2, "{name}");
        assert_eq!(find(2, &name), Found::Unknown, "{name}");
    }
    let kept = of(true);
    let private = kept.vpcs[&key(1)].find(&kept.public, "s3.us-east-1.amazonaws.com");
    assert_eq!(
        private,
        Found::Unknown,
        "the VPC itself goes by the gateway endpoint"
    );
}

/// `IE-5`: without both attributes there are no private names, though the endpoint says so.
#[test]
fn private_names_end_with_the_vpcs_attributes() {
    let mut events = endpoint_world("logs", |_| {});
    let Event::VpcPut(vpc) = &mut events[0] else {
        unreachable!()
    };
    vpc.enable_dns_hostnames = false;
    let views = dns_views(&world_of(events), &[]);
    let private = views.vpcs[&key(1)].find(&views.public, "logs.us-east-1.amazonaws.com");
    assert_eq!(private, Found::Unknown);
}
