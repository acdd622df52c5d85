//! Resources, as short as they can be.
#![allow(dead_code, clippy::unwrap_used)]

use std::str::FromStr;

use openvpc_model::*;

pub fn id<T: FromStr<Err = ParseIdError>>(prefix: &str, n: u32) -> T {
    format!("{prefix}{n:017x}").parse().unwrap()
}

pub fn owner() -> AccountId {
    "123456789012".parse().unwrap()
}

pub fn vpc(n: u32, cidr: &str) -> Vpc {
    Vpc {
        id: id("vpc-", n),
        owner: owner(),
        cidr_blocks: vec![VpcCidrBlock {
            association_id: id("vpc-cidr-assoc-", n),
            cidr: cidr.parse().unwrap(),
        }],
        ipv6_cidr_blocks: vec![],
        dhcp_options: Some(id("dopt-", 1)),
        is_default: false,
        enable_dns_support: true,
        enable_dns_hostnames: true,
        enable_network_address_usage_metrics: false,
        instance_tenancy: "default".to_owned(),
    }
}

pub fn subnet(n: u32, vpc: u32, cidr: &str) -> Subnet {
    Subnet {
        id: id("subnet-", n),
        owner: owner(),
        vpc: id("vpc-", vpc),
        cidr: Some(cidr.parse().unwrap()),
        ipv6_cidr_blocks: vec![],
        availability_zone: "us-east-1a".to_owned(),
        network_acl: id("acl-", vpc),
        network_acl_association: id("aclassoc-", n),
        default_for_az: false,
        map_public_ip_on_launch: false,
        assign_ipv6_address_on_creation: false,
        enable_dns64: false,
        private_dns_hostname_type: "ip-name".to_owned(),
        enable_resource_name_dns_a_record: false,
        enable_resource_name_dns_aaaa_record: false,
    }
}

pub fn route(destination: &str, target: RouteTarget) -> Route {
    Route {
        destination: RouteDestination::Ipv4(destination.parse().unwrap()),
        target,
        origin: RouteOrigin::CreateRoute,
    }
}

pub fn table(n: u32, vpc: u32, routes: Vec<Route>, target: AssociationTarget) -> RouteTable {
    RouteTable {
        id: id("rtb-", n),
        owner: owner(),
        vpc: id("vpc-", vpc),
        routes,
        associations: vec![RouteTableAssociation {
            id: id("rtbassoc-", n),
            target,
        }],
    }
}

pub fn eni(serial: u32, subnet: &Subnet, address: &str) -> NetworkInterface {
    let [a, b, c, d] = serial.to_be_bytes();
    NetworkInterface {
        id: id("eni-", serial),
        serial,
        owner: owner(),
        vpc: subnet.vpc,
        subnet: subnet.id,
        availability_zone: subnet.availability_zone.clone(),
        description: String::new(),
        mac: MacAddress([2, 0, a, b, c, d]),
        private_ips: vec![address.parse().unwrap()],
        ipv6_addresses: vec![],
        auto_public_ip: None,
        security_groups: vec![id("sg-", 1)],
        source_dest_check: true,
        connection_tracking: ConnectionTracking::default(),
        attachment: None,
        kind: NetworkInterfaceKind::Interface,
        detached: None,
        requester_id: None,
    }
}

pub fn rule(n: u32, is_egress: bool, traffic: RuleTraffic, peer: RulePeer) -> SecurityGroupRule {
    SecurityGroupRule {
        id: id("sgr-", n),
        is_egress,
        traffic,
        peer,
        description: None,
    }
}

pub fn everyone() -> RulePeer {
    RulePeer::Ipv4("0.0.0.0/0".parse().unwrap())
}

pub fn group_peer(n: u32) -> RulePeer {
    RulePeer::SecurityGroup {
        peer_vpc: None,
        id: id("sg-", n),
        owner: owner(),
    }
}

pub fn acl_entry(number: u16, is_egress: bool, allow: bool) -> NetworkAclEntry {
    NetworkAclEntry {
        rule_number: RuleNumber::try_from(number).unwrap(),
        is_egress,
        allow,
        traffic: AclTraffic::All,
        cidr: "0.0.0.0/0".parse().unwrap(),
    }
}

pub fn world_of(events: Vec<Event>) -> World {
    let mut world = World::default();
    apply(&mut world, "us-east-1", events);
    world
}

pub fn apply(world: &mut World, region: &str, events: Vec<Event>) {
    world.apply(Entry {
        revision: world.revision + 1,
        at: 0,
        region: region.to_owned(),
        account: owner(),
        action: "Test".to_owned(),
        events,
    });
}
