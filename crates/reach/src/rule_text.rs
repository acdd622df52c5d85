//! What a rule, entry or route says, in the words of the guide.

use ipnet::IpNet;
use openvpc_compile::RuleName;
use openvpc_model::{
    AclTraffic, Region, Route, RouteDestination, RouteTable, RouteTableId, RouteTarget, RulePeer,
    RuleTraffic, SecurityGroup, SecurityGroupId, World,
};

use crate::place::name_of;

/// The text of a rule that a trace names, such as `tcp 443 from 10.0.0.0/16`; `None` once it is gone.
pub fn text(world: &World, rule: RuleName) -> Option<String> {
    match rule {
        RuleName::SecurityGroupRule { group, rule } => {
            let (region, group) = find_group(world, group)?;
            let rule = group.rules.iter().find(|known| known.id == rule)?;
            let way = if rule.is_egress { "to" } else { "from" };
            let peer = peer(region, &rule.peer);
            Some(format!("{} {way} {peer}", rule_traffic(rule.traffic)))
        }
        RuleName::NetworkAclEntry {
            acl,
            is_egress,
            rule_number,
        } => {
            let way = if is_egress { "to" } else { "from" };
            let mut regions = world.regions.values();
            let acl = regions.find_map(|region| region.network_acls.get(&acl))?;
            let entry = acl.entries.iter().find(|entry| {
                entry.is_egress == is_egress && entry.rule_number.get() == rule_number
            });
            Some(match entry {
                Some(entry) => {
                    let action = if entry.allow { "allow" } else { "deny" };
                    let traffic = acl_traffic(entry.traffic);
                    format!("{action} {traffic} {way} {}", entry.cidr)
                }
                None => format!("deny all that no entry before it matches, {way} anywhere"),
            })
        }
        RuleName::Route { table, destination } => {
            let (region, route) = find_route(world, table, destination)?;
            let list = match route.destination {
                RouteDestination::PrefixList(id) => format!(" of {id}"),
                RouteDestination::Ipv4(_) | RouteDestination::Ipv6(_) => String::new(),
            };
            let state = match region.is_route_active(find_table(world, table)?.1.vpc, route.target)
            {
                true => "",
                false => " (blackhole)",
            };
            let target = target(route.target);
            Some(format!("{destination}{list} → {target}{state}"))
        }
    }
}

/// A security group of any region.
pub fn find_group(world: &World, id: SecurityGroupId) -> Option<(&Region, &SecurityGroup)> {
    let mut regions = world.regions.values();
    regions.find_map(|region| Some((region, region.security_groups.get(&id)?)))
}

/// A route table of any region.
pub fn find_table(world: &World, id: RouteTableId) -> Option<(&Region, &RouteTable)> {
    let mut regions = world.regions.values();
    regions.find_map(|region| Some((region, region.route_tables.get(&id)?)))
}

/// The route of a table that stands behind a compiled one.
pub fn find_route(
    world: &World,
    table: RouteTableId,
    destination: IpNet,
) -> Option<(&Region, &Route)> {
    let (region, table) = find_table(world, table)?;
    let is_it = |route: &&Route| match route.destination {
        RouteDestination::PrefixList(id) => region.prefix_list_cidrs(id).contains(&destination),
        RouteDestination::Ipv4(_) | RouteDestination::Ipv6(_) => {
            route.destination.network() == Some(destination)
        }
    };
    Some((region, table.routes.iter().find(is_it)?))
}

/// The id of a route's target.
pub fn target(target: RouteTarget) -> String {
    match target {
        RouteTarget::Local => "local".to_owned(),
        RouteTarget::InternetGateway(id) => id.to_string(),
        RouteTarget::NetworkInterface(id) => id.to_string(),
        RouteTarget::NatGateway(id) => id.to_string(),
        RouteTarget::EgressOnlyInternetGateway(id) => id.to_string(),
        RouteTarget::VpcPeeringConnection(id) => id.to_string(),
        RouteTarget::VpcEndpoint(id) => id.to_string(),
    }
}

fn peer(region: &Region, peer: &RulePeer) -> String {
    match peer {
        RulePeer::Ipv4(block) => block.to_string(),
        RulePeer::Ipv6(block) => block.to_string(),
        RulePeer::PrefixList(id) => id.to_string(),
        RulePeer::SecurityGroup { id, .. } => match region.security_groups.get(id) {
            Some(group) => format!("members of {id} ({})", group.name),
            None => format!("members of {id}"),
        },
    }
}

/// Protocol and ports of a group's rule.
pub fn rule_traffic(traffic: RuleTraffic) -> String {
    match traffic {
        RuleTraffic::All => "all".to_owned(),
        RuleTraffic::Tcp { from, to } => ports("tcp", from, to),
        RuleTraffic::Udp { from, to } => ports("udp", from, to),
        RuleTraffic::Icmp { kind, code } => icmp("icmp", kind, code),
        RuleTraffic::Icmpv6 { kind, code } => icmp("icmpv6", kind, code),
        RuleTraffic::Protocol(number) => format!("protocol {number}"),
    }
}

fn acl_traffic(traffic: AclTraffic) -> String {
    rule_traffic(match traffic {
        AclTraffic::All => RuleTraffic::All,
        AclTraffic::Tcp { from, to } => RuleTraffic::Tcp { from, to },
        AclTraffic::Udp { from, to } => RuleTraffic::Udp { from, to },
        AclTraffic::Icmp { kind, code } => RuleTraffic::Icmp { kind, code },
        AclTraffic::Icmpv6 { kind, code } => RuleTraffic::Icmpv6 { kind, code },
        AclTraffic::Protocol(number) => RuleTraffic::Protocol(number),
    })
}

fn ports(protocol: &str, from: u16, to: u16) -> String {
    match (from, to) {
        (0, u16::MAX) => protocol.to_owned(),
        (from, to) if from == to => format!("{protocol} {from}"),
        (from, to) => format!("{protocol} {from}-{to}"),
    }
}

fn icmp(protocol: &str, kind: Option<u8>, code: Option<u8>) -> String {
    match (kind, code) {
        (None, _) => protocol.to_owned(),
        (Some(kind), None) => format!("{protocol} type {kind}"),
        (Some(kind), Some(code)) => format!("{protocol} type {kind} code {code}"),
    }
}

/// An id with its Name tag, such as `rtb-… (private)`.
pub fn with_name(region: &Region, id: &str) -> String {
    match name_of(region, id) {
        Some(name) => format!("{id} ({name})"),
        None => id.to_owned(),
    }
}
