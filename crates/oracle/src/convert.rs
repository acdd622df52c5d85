//! The world as the engine wants it.

use std::net::Ipv4Addr;
use std::sync::Arc;

use ipnet::IpNet;
use openvpc_engine as engine;
use openvpc_engine::{
    EniIndex, Mac, NetworkAclIndex, PortRange, RouteTableIndex, RuleRef, SecurityGroupIndex,
    SnapshotParts, SubnetIndex, Traffic, VpcIndex,
};

use crate::world::{Acl, Entry, Group, Kind, Peer, Rule, Target, User, World};

/// Ethernet address of an interface.
pub fn eni_mac(eni: usize) -> Mac {
    Mac([2, 0, 0, 0, 1, eni as u8])
}

/// Ethernet address of a subnet's router.
pub fn router_mac(subnet: usize) -> Mac {
    Mac([2, 0, 0, 0, 2, subnet as u8])
}

/// Ethernet address of an outside host.
pub fn outside_mac(host: usize) -> Mac {
    Mac([2, 0, 0, 0, 3, host as u8])
}

/// Ethernet address of an outside host's router.
pub fn link_mac(host: usize) -> Mac {
    Mac([2, 0, 0, 0, 4, host as u8])
}

/// An Ethernet address that is not in use.
pub fn nobodys_mac() -> Mac {
    Mac([2, 0, 0, 0, 5, 5])
}

/// The snapshot parts of a world.
pub fn parts(world: &World, generation: u64) -> SnapshotParts {
    let mut parts = SnapshotParts {
        generation,
        ..SnapshotParts::default()
    };
    for vpc in &world.vpcs {
        let _: VpcIndex = parts.vpcs.push(Arc::new(engine::Vpc {
            ipv4: vpc.ipv4.clone(),
            ipv6: vpc.ipv6.clone(),
            internet_gateway: vpc.internet_gateway,
            edge_table: vpc.edge.map(|table| RouteTableIndex(table as u32)),
            egress_only_gateway: vpc.egress_only.map(engine::GatewayId),
            dns_support: true,
            dhcp: Arc::default(),
        }));
    }
    for (number, subnet) in world.subnets.iter().enumerate() {
        let _: SubnetIndex = parts.subnets.push(Arc::new(engine::Subnet {
            vpc: VpcIndex(subnet.vpc as u32),
            ipv4: Some(subnet.ipv4),
            ipv6: subnet.ipv6,
            router_mac: router_mac(number),
            network_acl: NetworkAclIndex(subnet.acl as u32),
            route_table: RouteTableIndex(subnet.table as u32),
            lost: false,
        }));
    }
    for (number, table) in world.tables.iter().enumerate() {
        let of = world.subnets.iter().find(|subnet| subnet.table == number);
        let valve = of.and_then(|subnet| world.vpcs[subnet.vpc].egress_only);
        let peer = |peering: usize| {
            let far = world.peer(of?.vpc, peering)?;
            Some(engine::Peering {
                far: VpcIndex(far as u32),
                between_regions: world.peerings[peering].between_regions,
            })
        };
        let routes = table.iter().map(|route| engine::Route {
            destination: route.to,
            target: match route.via {
                Target::Local => engine::Target::Local,
                Target::InternetGateway => engine::Target::InternetGateway,
                // RT-9: as it is compiled once its gateway is gone.
                Target::EgressOnly(number) if valve != Some(number) => engine::Target::Blackhole,
                Target::EgressOnly(number) => {
                    engine::Target::EgressOnlyInternetGateway(engine::GatewayId(number))
                }
                Target::NatGateway(eni) if world.enis[eni].user != User::NatGateway => {
                    engine::Target::Blackhole
                }
                Target::NatGateway(eni) => engine::Target::NatGateway(EniIndex(eni as u32)),
                // PCX-31.
                Target::Peering(peering) => {
                    peer(peering).map_or(engine::Target::Blackhole, engine::Target::Peering)
                }
                Target::Eni(eni) => engine::Target::NetworkInterface(EniIndex(eni as u32)),
                Target::Blackhole => engine::Target::Blackhole,
            },
            reference: RuleRef(0),
        });
        let _: RouteTableIndex = parts
            .route_tables
            .push(Arc::new(engine::RouteTable::new(routes)));
    }
    for acl in &world.acls {
        let _: NetworkAclIndex = parts.network_acls.push(Arc::new(network_acl(acl)));
    }
    for group in &world.groups {
        let rules = |rules: &[Rule]| {
            let of = |rule| security_rule(world, group, rule);
            rules.iter().filter_map(of).collect()
        };
        let group = engine::SecurityGroup {
            ingress: rules(&group.ingress),
            egress: rules(&group.egress),
        };
        let _: SecurityGroupIndex = parts.security_groups.push(Arc::new(group));
    }
    for (number, eni) in world.enis.iter().enumerate() {
        if eni.user == User::Deleted {
            continue;
        }
        let [established, stream, single] = eni.timeouts;
        let private = |own: &(Ipv4Addr, Option<Ipv4Addr>)| engine::PrivateIpv4 {
            address: own.0,
            public: own.1,
        };
        let state = engine::Eni {
            vpc: VpcIndex(world.subnets[eni.subnet].vpc as u32),
            subnet: SubnetIndex(eni.subnet as u32),
            mac: eni_mac(number),
            ipv4: eni.ipv4.iter().map(private).collect(),
            ipv6: eni.ipv6.clone(),
            security_groups: eni
                .groups
                .iter()
                .map(|group| SecurityGroupIndex(*group as u32))
                .collect(),
            kind: match eni.user {
                User::Host | User::Deleted => engine::EniKind::Port,
                User::NatGateway => engine::EniKind::NatGateway,
            },
            source_dest_check: eni.check,
            hostname: String::new(),
            timeouts: engine::ConntrackTimeouts {
                tcp_established_secs: established as u32,
                udp_stream_secs: stream as u32,
                udp_single_secs: single as u32,
            },
        };
        parts.enis.insert(EniIndex(number as u32), Arc::new(state));
    }
    for (number, addresses) in world.outside.iter().enumerate() {
        parts.outside.push(Arc::new(engine::OutsideHost {
            mac: outside_mac(number),
            addresses: addresses.clone(),
            router_mac: link_mac(number),
            router_ipv4: Ipv4Addr::new(192, 0, 0, 1),
            router_ipv6: "2001:db8:ffff::1".parse().unwrap(),
        }));
    }
    parts
}

/// A rule that names a group of no peer is stale (PCX-42): it is compiled to nothing.
fn security_rule(world: &World, of: &Group, rule: &Rule) -> Option<engine::SecurityRule> {
    let peer = match rule.peer {
        Peer::Cidr(IpNet::V4(block)) => engine::Peer::Ipv4(block),
        Peer::Cidr(IpNet::V6(block)) => engine::Peer::Ipv6(block),
        Peer::Group(group) => {
            let (vpc, index) = (world.groups[group].vpc, SecurityGroupIndex(group as u32));
            match vpc == of.vpc {
                true => engine::Peer::Group(index),
                false if !world.shares_groups(of.vpc, vpc) => return None,
                false => engine::Peer::PeeredGroup(VpcIndex(vpc as u32), index),
            }
        }
    };
    Some(engine::SecurityRule {
        reference: RuleRef(0),
        traffic: traffic(rule.kind),
        peer,
    })
}

fn network_acl(acl: &Acl) -> engine::NetworkAcl {
    let side = |entries: &[Entry]| {
        let mut entries: Vec<engine::AclEntry> = entries
            .iter()
            .map(|entry| engine::AclEntry {
                reference: RuleRef(0),
                rule_number: entry.number,
                allow: entry.allow,
                traffic: traffic(entry.kind),
                cidr: entry.peer,
            })
            .collect();
        entries.sort_by_key(|entry| entry.rule_number);
        entries
    };
    engine::NetworkAcl {
        inbound: side(&acl.inbound),
        outbound: side(&acl.outbound),
    }
}

fn traffic(kind: Kind) -> Traffic {
    let ports = PortRange {
        from: kind.from as u16,
        to: kind.to as u16,
    };
    let any = |n: i32| u8::try_from(n).ok();
    match kind.protocol {
        -1 => Traffic::All,
        6 => Traffic::Tcp(ports),
        17 => Traffic::Udp(ports),
        1 => Traffic::Icmp {
            kind: any(kind.from),
            code: any(kind.to),
        },
        58 => Traffic::Icmpv6 {
            kind: any(kind.from),
            code: any(kind.to),
        },
        other => Traffic::Protocol(other as u8),
    }
}
