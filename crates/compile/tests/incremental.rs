//! Compiling change by change is compiling from scratch: over random calls to the API, whatever they do.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use openvpc_compile::{Changes, Compiled, Compiler, compile};
use openvpc_control::{Caller, Settings, handle};
use openvpc_engine::{
    NetworkAclIndex, RouteTableIndex, RuleRef, SecurityGroupIndex, SubnetIndex, VpcIndex,
};
use openvpc_model::*;
use rand::rngs::SmallRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};

const REGIONS: [&str; 2] = ["us-east-1", "eu-west-1"];
const CALLS: usize = 400;

struct Plane {
    world: World,
    settings: Settings,
    rng: SmallRng,
    compiler: Compiler,
    changes: Changes,
    /// Revisions that were compiled from what they change.
    followed: usize,
    /// Parts of each kind that were.
    parts: BTreeMap<String, usize>,
    /// Events since the last comparison, and those of each kind that were followed.
    latest: Vec<String>,
    events: BTreeMap<String, usize>,
}

/// The name of a variant.
fn kind(value: &impl std::fmt::Debug) -> String {
    let text = format!("{value:?}");
    let end = text.find(|c: char| !c.is_alphanumeric());
    text[..end.unwrap_or(text.len())].to_owned()
}

impl Plane {
    fn new(seed: u64) -> Plane {
        let mut settings = Settings::default();
        settings.quotas.vpcs_per_region = 12;
        Plane {
            world: World::default(),
            settings,
            rng: SmallRng::seed_from_u64(seed),
            compiler: Compiler::default(),
            changes: Changes::everything(),
            followed: 0,
            parts: BTreeMap::new(),
            latest: Vec::new(),
            events: BTreeMap::new(),
        }
    }

    /// Calls an action; refusals are as good as anything.
    fn call(&mut self, region: &str, action: &str, input: Value) {
        let account: AccountId = "123456789012".parse().unwrap();
        let mut caller = Caller {
            region,
            account: account.clone(),
            identity: None,
            now: 1_735_787_045_000,
            bucket: None,
            rng: &mut self.rng,
        };
        let outcome = handle(&self.world, &self.settings, &mut caller, action, input);
        let Ok(outcome) = outcome else { return };
        if outcome.events.is_empty() {
            return;
        }
        let entry = Entry {
            revision: self.world.revision + 1,
            at: 0,
            region: region.to_owned(),
            account,
            action: action.to_owned(),
            events: outcome.events,
        };
        self.latest
            .extend(entry.events.iter().map(|event| match event {
                Event::VpcEndpointPut(endpoint) if endpoint.interface().is_some() => {
                    "InterfaceEndpointPut".to_owned()
                }
                event => kind(event),
            }));
        self.changes.note(&self.world, &entry);
        self.world.apply(entry);
    }

    /// Compiles what has changed and everything, and compares.
    fn compare(&mut self) {
        let changes = std::mem::take(&mut self.changes);
        self.followed += usize::from(changes.parts().is_some_and(|parts| !parts.is_empty()));
        for (_, part) in changes.parts().into_iter().flatten() {
            *self.parts.entry(kind(part)).or_default() += 1;
        }
        let latest = std::mem::take(&mut self.latest);
        let is_followed = |_: &String| changes.parts().is_some();
        for event in latest.into_iter().filter(is_followed) {
            *self.events.entry(event).or_default() += 1;
        }
        let fresh = compile(&self.world, Vec::new()).unwrap();
        let followed = self.compiler.compile(&self.world, &[], &changes).unwrap();
        assert_eq!(followed.snapshot.generation(), self.world.revision);
        assert!(followed.snapshot.is_whole(), "after {changes:?}");
        let (followed, fresh) = (picture(followed), picture(&fresh));
        assert_eq!(followed.len(), fresh.len());
        for (followed, fresh) in followed.iter().zip(&fresh) {
            assert_eq!(followed, fresh, "after {changes:?}");
        }
    }

    fn some<T: ToString>(&mut self, all: impl Iterator<Item = T>) -> String {
        let all: Vec<String> = all.map(|id| id.to_string()).collect();
        let chosen = all.choose(&mut self.rng).cloned();
        chosen.unwrap_or_else(|| "vpc-00000000000000000".to_owned())
    }

    fn step(&mut self) {
        let name = *REGIONS.choose(&mut self.rng).unwrap();
        let empty = Region::default();
        let region = self.world.regions.get(name).cloned().unwrap_or(empty);
        let vpc = self.some(region.vpcs.keys());
        let subnet = self.some(region.subnets.keys());
        let group = self.some(region.security_groups.keys());
        let other_group = self.some(region.security_groups.keys());
        let other_vpc = region.security_groups.values();
        let mut other_vpc = other_vpc.filter(|group| group.id.to_string() == other_group);
        let other_vpc = other_vpc.next().map(|group| group.vpc.to_string());
        let acl = self.some(region.network_acls.keys());
        let table = self.some(region.route_tables.keys());
        let gateway = self.some(region.internet_gateways.keys());
        let peering = self.some(region.vpc_peering_connections.keys());
        let list = self.some(region.prefix_lists.keys());
        let eni = self.some(region.network_interfaces.keys());
        let nat = self.some(region.nat_gateways.keys());
        let egress_only = self.some(region.egress_only_internet_gateways.keys());
        let endpoint = self.some(region.vpc_endpoints.keys());
        let address = self.some(region.addresses.keys());
        let associations = region.route_tables.values().flat_map(|t| &t.associations);
        let association = self.some(associations.map(|a| a.id));
        let (a, b) = (self.rng.random_range(0..4u8), self.rng.random_range(0..8u8));
        let number = self.rng.random_range(1..40u32);
        let cidr = format!("10.{a}.{b}.0/24");
        let permission = match self.rng.random_range(0..4) {
            0 => {
                json!({"IpProtocol": "tcp", "FromPort": number, "ToPort": number, "IpRanges": [{"CidrIp": cidr}]})
            }
            1 => json!({"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": other_group}]}),
            2 => {
                json!({"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": other_group, "VpcId": other_vpc, "VpcPeeringConnectionId": peering}]})
            }
            _ => {
                json!({"IpProtocol": "udp", "FromPort": 53, "ToPort": 53, "PrefixListIds": [{"PrefixListId": list}]})
            }
        };
        let rule = json!({"GroupId": group, "IpPermissions": [permission]});
        let route = match self.rng.random_range(0..6) {
            4 => {
                json!({"RouteTableId": table, "DestinationCidrBlock": cidr, "NatGatewayId": nat})
            }
            5 => {
                json!({"RouteTableId": table, "DestinationIpv6CidrBlock": "::/0", "EgressOnlyInternetGatewayId": egress_only})
            }
            0 => {
                json!({"RouteTableId": table, "DestinationCidrBlock": cidr, "VpcPeeringConnectionId": peering})
            }
            1 => {
                json!({"RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": gateway})
            }
            2 => {
                json!({"RouteTableId": table, "DestinationPrefixListId": list, "NetworkInterfaceId": eni})
            }
            _ => {
                json!({"RouteTableId": table, "DestinationCidrBlock": cidr, "NetworkInterfaceId": eni})
            }
        };
        let (action, input) = match self.rng.random_range(0..53) {
            0 => ("CreateVpc", json!({"CidrBlock": format!("10.{a}.0.0/16")})),
            1 => ("CreateSubnet", json!({"VpcId": vpc, "CidrBlock": cidr})),
            2 => (
                "CreateSecurityGroup",
                json!({"VpcId": vpc, "GroupName": format!("g{number}"), "GroupDescription": "g", "Description": "g"}),
            ),
            3..=6 => ("AuthorizeSecurityGroupIngress", rule),
            7 => ("AuthorizeSecurityGroupEgress", rule),
            8 | 9 => ("RevokeSecurityGroupIngress", rule),
            10..=13 => ("CreateRoute", route),
            14 => ("ReplaceRoute", route),
            15 | 16 => (
                "DeleteRoute",
                json!({"RouteTableId": table, "DestinationCidrBlock": cidr}),
            ),
            17 | 18 => (
                "CreateNetworkAclEntry",
                json!({"NetworkAclId": acl, "RuleNumber": number, "Protocol": "-1", "RuleAction": "deny", "Egress": number % 2 == 0, "CidrBlock": cidr}),
            ),
            19 => (
                "DeleteNetworkAclEntry",
                json!({"NetworkAclId": acl, "RuleNumber": number, "Egress": number % 2 == 0}),
            ),
            20 => ("CreateRouteTable", json!({"VpcId": vpc})),
            21 => (
                "AssociateRouteTable",
                json!({"RouteTableId": table, "SubnetId": subnet}),
            ),
            22 => (
                "AttachInternetGateway",
                json!({"InternetGatewayId": gateway, "VpcId": vpc}),
            ),
            23 => ("CreateInternetGateway", json!({})),
            24 => (
                "DetachInternetGateway",
                json!({"InternetGatewayId": gateway, "VpcId": vpc}),
            ),
            25 => {
                let far = self.some(region.vpcs.keys());
                (
                    "CreateVpcPeeringConnection",
                    json!({"VpcId": vpc, "PeerVpcId": far}),
                )
            }
            26 => (
                "AcceptVpcPeeringConnection",
                json!({"VpcPeeringConnectionId": peering}),
            ),
            27 => (
                "DeleteVpcPeeringConnection",
                json!({"VpcPeeringConnectionId": peering}),
            ),
            28 => (
                "CreateManagedPrefixList",
                json!({"PrefixListName": "l", "MaxEntries": 3, "AddressFamily": "IPv4", "Entries": [{"Cidr": cidr}]}),
            ),
            29 => (
                "ModifyManagedPrefixList",
                json!({"PrefixListId": list, "CurrentVersion": 1, "AddEntries": [{"Cidr": cidr}]}),
            ),
            30 => (
                "CreateNetworkInterface",
                json!({"SubnetId": subnet, "Groups": [group]}),
            ),
            31 => (
                "AssociateVpcCidrBlock",
                json!({"VpcId": vpc, "AmazonProvidedIpv6CidrBlock": true}),
            ),
            32 => (
                "CreateTags",
                json!({"Resources": [vpc], "Tags": [{"Key": "a", "Value": cidr}]}),
            ),
            33 => ("AllocateAddress", json!({"Domain": "vpc"})),
            34 | 35 => (
                "AssociateAddress",
                json!({"AllocationId": address, "NetworkInterfaceId": eni, "AllowReassociation": true}),
            ),
            36 => (
                "ReplaceRouteTableAssociation",
                json!({"AssociationId": association, "RouteTableId": table}),
            ),
            37 => (
                "DisassociateRouteTable",
                json!({"AssociationId": association}),
            ),
            38 => (
                "AssignPrivateIpAddresses",
                json!({"NetworkInterfaceId": eni, "SecondaryPrivateIpAddressCount": 1}),
            ),
            39 => ("CreateNetworkAcl", json!({"VpcId": vpc})),
            40 => (
                "ModifyVpcAttribute",
                json!({"VpcId": vpc, "EnableDnsHostnames": {"Value": number % 2 == 0}}),
            ),
            41 => (
                "CreateNatGateway",
                json!({"SubnetId": subnet, "ConnectivityType": "private"}),
            ),
            42 => (
                "CreateNatGateway",
                json!({"SubnetId": subnet, "AllocationId": address}),
            ),
            43 => ("DeleteNatGateway", json!({"NatGatewayId": nat})),
            44 => ("CreateEgressOnlyInternetGateway", json!({"VpcId": vpc})),
            45 => (
                "DeleteEgressOnlyInternetGateway",
                json!({"EgressOnlyInternetGatewayId": egress_only}),
            ),
            46 if number % 2 == 0 => (
                "CreateVpcEndpoint",
                json!({"VpcId": vpc, "VpcEndpointType": "Interface", "ServiceName": format!("com.amazonaws.{name}.logs"), "SubnetIds": [subnet], "PrivateDnsEnabled": false}),
            ),
            46 => (
                "CreateVpcEndpoint",
                json!({"VpcId": vpc, "ServiceName": format!("com.amazonaws.{name}.s3"), "RouteTableIds": [table]}),
            ),
            47 => ("DeleteVpcEndpoints", json!({"VpcEndpointIds": [endpoint]})),
            48 => (
                "AcceptVpcPeeringConnection",
                json!({"VpcPeeringConnectionId": peering}),
            ),
            // Not often, or little else is done.
            49 if number < 20 => ("DeleteVpc", json!({"VpcId": vpc})),
            49 | 50 => match self.rng.random_range(0..7) {
                5 => (
                    "ModifyVpcEndpoint",
                    json!({"VpcEndpointId": endpoint, "AddSubnetIds": [subnet]}),
                ),
                6 => (
                    "ModifyVpcEndpoint",
                    json!({"VpcEndpointId": endpoint, "RemoveSubnetIds": [subnet]}),
                ),
                0 => (
                    "DeleteInternetGateway",
                    json!({"InternetGatewayId": gateway}),
                ),
                1 => ("DeleteNetworkAcl", json!({"NetworkAclId": acl})),
                2 => ("DeleteManagedPrefixList", json!({"PrefixListId": list})),
                3 => ("ReleaseAddress", json!({"AllocationId": address})),
                _ => (
                    "CreateDhcpOptions",
                    json!({"DhcpConfigurations": [{"Key": "domain-name", "Values": ["a.example"]}]}),
                ),
            },
            _ => match self.rng.random_range(0..5) {
                0 => ("DeleteNetworkInterface", json!({"NetworkInterfaceId": eni})),
                1 => ("DeleteSecurityGroup", json!({"GroupId": group})),
                2 => ("DeleteRouteTable", json!({"RouteTableId": table})),
                3 => (
                    "ModifyNetworkInterfaceAttribute",
                    json!({"NetworkInterfaceId": eni, "Groups": [group]}),
                ),
                _ => ("DeleteSubnet", json!({"SubnetId": subnet})),
            },
        };
        self.call(name, action, input);
    }
}

/// Every part of a snapshot in words, with the meaning of each number in its place.
fn picture(compiled: &Compiled) -> Vec<String> {
    let parts = compiled.snapshot.parts();
    let mut words: Vec<String> = parts.vpcs.iter().map(|part| format!("{part:?}")).collect();
    words.extend(parts.regions.iter().map(|part| format!("{part:?}")));
    words.extend(parts.subnets.iter().map(|part| format!("{part:?}")));
    words.extend(parts.enis.iter().map(|part| format!("{part:?}")));
    words.extend(parts.security_groups.iter().map(|part| format!("{part:?}")));
    words.extend(parts.network_acls.iter().map(|part| format!("{part:?}")));
    words.extend(parts.route_tables.iter().map(|part| format!("{part:?}")));
    let named = words.iter().map(|words| with_names(compiled, words));
    let mut named: Vec<String> = named.collect();
    named.sort();
    named
}

fn with_names(compiled: &Compiled, words: &str) -> String {
    let names = &compiled.names;
    type Name<'a> = Box<dyn Fn(u32) -> String + 'a>;
    let kinds: [(&str, Name<'_>); 6] = [
        (
            "RuleRef(",
            Box::new(|n| format!("{:?}", names.rule(RuleRef(n)).unwrap())),
        ),
        (
            "VpcIndex(",
            Box::new(|n| format!("{:?}", names.vpc(VpcIndex(n)).unwrap())),
        ),
        (
            "SubnetIndex(",
            Box::new(|n| format!("{:?}", names.subnet(SubnetIndex(n)).unwrap())),
        ),
        (
            "SecurityGroupIndex(",
            Box::new(|n| format!("{:?}", names.security_group(SecurityGroupIndex(n)).unwrap())),
        ),
        (
            "NetworkAclIndex(",
            Box::new(|n| format!("{:?}", names.network_acl(NetworkAclIndex(n)))),
        ),
        (
            "RouteTableIndex(",
            Box::new(|n| format!("{:?}", names.route_table(RouteTableIndex(n)))),
        ),
    ];
    let mut words = words.to_owned();
    for (kind, name) in kinds {
        let mut named = String::new();
        let mut pieces = words.split(kind);
        named.push_str(pieces.next().unwrap_or_default());
        for piece in pieces {
            let (number, rest) = piece.split_once(')').unwrap();
            named.push_str(&name(number.parse().unwrap()));
            named.push_str(rest);
        }
        words = named;
    }
    words
}

/// What is new is named at once, by parts that are compiled before it.
#[test]
fn what_is_new_may_be_named_in_the_same_breath() {
    let mut plane = Plane::new(1);
    let name = REGIONS[0];
    plane.call(name, "CreateVpc", json!({"CidrBlock": "10.0.0.0/16"}));
    let first = |plane: &Plane| {
        let region = &plane.world.regions[name];
        let own = region.vpcs.values().find(|vpc| !vpc.is_default).unwrap().id;
        let tables = region.route_tables.values();
        let table = tables
            .filter(|table| table.vpc == own)
            .map(|table| table.id);
        (own.to_string(), table.min().unwrap().to_string())
    };
    let (vpc, table) = first(&plane);
    let subnet = json!({"VpcId": vpc, "CidrBlock": "10.0.1.0/24"});
    plane.call(name, "CreateSubnet", subnet);
    plane.compare();
    for round in 0..10 {
        // Ids are random: in some of ten rounds the new group comes after the one whose rule names it.
        let group = |number: u32| json!({"VpcId": vpc, "GroupName": format!("{round}-{number}"), "Description": "d"});
        let before: Vec<_> = plane.world.regions[name]
            .security_groups
            .keys()
            .copied()
            .collect();
        plane.call(name, "CreateSecurityGroup", group(0));
        plane.call(name, "CreateSecurityGroup", group(1));
        let groups = plane.world.regions[name].security_groups.keys();
        let new: Vec<_> = groups.filter(|id| !before.contains(id)).collect();
        let permission = json!({"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": new[1]}]});
        let rule = json!({"GroupId": new[0], "IpPermissions": [permission]});
        plane.call(name, "AuthorizeSecurityGroupIngress", rule);
        let subnets = plane.world.regions[name].subnets.values();
        let subnet = subnets
            .filter(|subnet| subnet.vpc.to_string() == vpc)
            .map(|subnet| subnet.id)
            .next();
        plane.call(
            name,
            "CreateNetworkInterface",
            json!({"SubnetId": subnet.unwrap()}),
        );
        let newest = plane.world.regions[name].network_interfaces.values();
        let newest = newest.max_by_key(|eni| eni.serial).unwrap().id;
        let cidr = format!("192.168.{round}.0/24");
        let route = json!({"RouteTableId": table, "DestinationCidrBlock": cidr, "NetworkInterfaceId": newest});
        plane.call(name, "CreateRoute", route);
        plane.compare();
        plane.call(
            name,
            "DeleteNetworkInterface",
            json!({"NetworkInterfaceId": newest}),
        );
        plane.compare();
    }
    assert_eq!(plane.followed, 20);
}

#[test]
fn following_changes_is_compiling_from_scratch() {
    let (mut followed, mut parts) = (0, BTreeMap::<String, usize>::new());
    let mut events = BTreeMap::<String, usize>::new();
    for seed in 0..8 {
        let mut plane = Plane::new(seed);
        for call in 0..CALLS {
            plane.step();
            if call % 7 == 0 || plane.rng.random_bool(0.5) {
                plane.compare();
            }
        }
        followed += plane.followed;
        for (kind, number) in plane.parts {
            *parts.entry(kind).or_default() += number;
        }
        for (kind, number) in plane.events {
            *events.entry(kind).or_default() += number;
        }
    }
    for kind in [
        "InternetGateway",
        "NatGateway",
        "EgressOnlyGateway",
        "GatewayEndpoint",
        "Peering",
        "Vpc",
        "SecurityGroup",
        "NetworkAcl",
        "Associations",
        "RouteTable",
        "Subnet",
        "NetworkInterface",
    ] {
        let number = parts.get(kind).copied().unwrap_or_default();
        assert!(number > 10, "{number} of {kind} in {parts:?}");
    }
    for kind in [
        "DhcpOptionsPut",
        "InterfaceEndpointPut",
        "InternetGatewayDeleted",
        "NetworkAclDeleted",
        "NetworkInterfaceDeleted",
        "PrefixListPut",
        "PrefixListDeleted",
        "RouteTableDeleted",
        "SecurityGroupDeleted",
        "SubnetDeleted",
        "VpcDeleted",
        "VpcEndpointDeleted",
    ] {
        let number = events.get(kind).copied().unwrap_or_default();
        assert!(number > 0, "{number} of {kind} in {events:?}");
    }
    assert!(
        followed > 150,
        "{followed} revisions came from what they change"
    );
}
