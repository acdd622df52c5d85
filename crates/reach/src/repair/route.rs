//! A route, to whatever the VPC has that leads there: its internet gateway, a peering connection, a NAT gateway; or the
//! gateway itself, where there is none.

use std::net::IpAddr;

use openvpc_engine::explain::Leg;
use openvpc_engine::{DropReason, PortId};
use openvpc_model::{NatConnectivity, Region, RouteDestination, RouteTable};
use serde_json::{Value, json};

use super::{Owner, Remedy};
use crate::Call;
use crate::reason::Stop;
use crate::rule_text;
use crate::scene::Scene;

pub(crate) fn remedies(scene: &Scene<'_>, stop: &Stop<'_>) -> Vec<Remedy> {
    let Some(owner) = Owner::of(scene, stop.step.at) else {
        return Vec::new();
    };
    let subnet = owner.region.subnets.get(&owner.eni.subnet);
    let Some(table) = subnet.and_then(|subnet| owner.region.route_table_of(subnet)) else {
        return Vec::new();
    };
    let destination = stop.step.packet.destination;
    let replaced = match stop.reason {
        DropReason::Blackhole => replaced_block(scene, stop, table),
        _ => None,
    };
    let mut remedies = towards_peers(scene, &owner, table, destination, replaced.as_ref());
    if !is_private(destination) {
        remedies.extend(to_the_internet(
            &owner,
            table,
            destination,
            replaced.as_ref(),
        ));
    }
    remedies
}

/// The destination of the route that is a blackhole, if calls can name it.
fn replaced_block(
    scene: &Scene<'_>,
    stop: &Stop<'_>,
    table: &RouteTable,
) -> Option<RouteDestination> {
    let name = scene.names.rule(stop.step.rule?)?;
    let openvpc_compile::RuleName::Route { destination, .. } = name else {
        return None;
    };
    let (_, route) = rule_text::find_route(scene.world, table.id, destination)?;
    Some(route.destination)
}

/// A call that makes a route, or gives one another target.
fn route(
    table: &RouteTable,
    block: &str,
    replaced: Option<&RouteDestination>,
    target: (&str, &str),
) -> Call {
    let (action, block) = match replaced {
        Some(destination) => ("ReplaceRoute", destination.to_string()),
        None => ("CreateRoute", block.to_owned()),
    };
    let member = match (replaced, block.contains(':')) {
        (Some(RouteDestination::PrefixList(_)), _) => "DestinationPrefixListId",
        (_, true) => "DestinationIpv6CidrBlock",
        (_, false) => "DestinationCidrBlock",
    };
    let (name, id) = target;
    let mut input = json!({"RouteTableId": table.id});
    input[member] = json!(block);
    input[name] = json!(id);
    Call::new(action, input)
}

/// Over an active peering connection to a VPC that has the address, a pending one accepted first.
fn towards_peers(
    scene: &Scene<'_>,
    owner: &Owner<'_>,
    table: &RouteTable,
    destination: IpAddr,
    replaced: Option<&RouteDestination>,
) -> Vec<Remedy> {
    let peerings = owner.region.vpc_peering_connections.values();
    let live = peerings.filter(|peering| peering.status.is_live());
    let remedies = live.filter_map(|peering| {
        let far = peering.far_end(owner.eni.vpc)?;
        let home = scene.world.regions.get(&far.region)?;
        let block = block_with(home, far.vpc, destination)?;
        let pcx = peering.id.to_string();
        let mut calls = Vec::new();
        if !peering.is_active() {
            let input = json!({"VpcPeeringConnectionId": pcx});
            calls.push(Call::new("AcceptVpcPeeringConnection", input));
        }
        let target = ("VpcPeeringConnectionId", pcx.as_str());
        calls.push(route(table, &block, replaced, target));
        let summary = format!("route {block} of {} to {pcx}", table.id);
        Some(owner.remedy(summary, calls))
    });
    remedies.collect()
}

/// The block of a VPC that holds an address.
fn block_with(region: &Region, vpc: openvpc_model::VpcId, address: IpAddr) -> Option<String> {
    let vpc = region.vpcs.get(&vpc)?;
    match address {
        IpAddr::V4(address) => {
            let mut blocks = vpc.cidr_blocks.iter().map(|block| block.cidr);
            Some(blocks.find(|block| block.contains(&address))?.to_string())
        }
        IpAddr::V6(address) => {
            let mut blocks = vpc.ipv6_cidr_blocks.iter().map(|block| block.cidr);
            Some(blocks.find(|block| block.contains(&address))?.to_string())
        }
    }
}

/// By the internet gateway, made and attached where there is none; by a NAT gateway that stands in another subnet.
fn to_the_internet(
    owner: &Owner<'_>,
    table: &RouteTable,
    destination: IpAddr,
    replaced: Option<&RouteDestination>,
) -> Vec<Remedy> {
    let block = match destination {
        IpAddr::V4(_) => "0.0.0.0/0",
        IpAddr::V6(_) => "::/0",
    };
    let default = |target: (&str, &str)| route(table, block, replaced, target);
    let mut remedies = Vec::new();
    let nat = owner.region.nat_gateways.values().find(|nat| {
        nat.is_live()
            && nat.vpc == owner.eni.vpc
            && nat.subnet != owner.eni.subnet
            && nat.connectivity == NatConnectivity::Public
    });
    if let (Some(nat), IpAddr::V4(_)) = (nat, destination) {
        let id = nat.id.to_string();
        let summary = format!("route {block} of {} to {id}", table.id);
        remedies.push(owner.remedy(summary, vec![default(("NatGatewayId", &id))]));
    }
    let (id, mut calls) = internet_gateway(owner);
    calls.push(default(("GatewayId", &id)));
    let named = id.trim_start_matches('$');
    let summary = format!("route {block} of {} to {named}", table.id);
    let summary = match calls.len() {
        1 => summary,
        _ => format!("give {} an internet gateway and {summary}", owner.eni.vpc),
    };
    remedies.push(owner.remedy(summary, calls));
    remedies
}

/// The internet gateway of an interface's VPC, and the calls that give it one if it has none.
pub(crate) fn internet_gateway(owner: &Owner<'_>) -> (String, Vec<Call>) {
    let vpc = owner.eni.vpc;
    let attach = |gateway: Value| {
        let input = json!({"InternetGatewayId": gateway, "VpcId": vpc});
        Call::new("AttachInternetGateway", input)
    };
    if let Some(gateway) = owner.region.internet_gateway_of(vpc) {
        return (gateway.id.to_string(), Vec::new());
    }
    let mut idle = owner.region.internet_gateways.values();
    let idle = idle.find(|gateway| gateway.vpc.is_none() && gateway.owner == owner.eni.owner);
    if let Some(gateway) = idle {
        return (gateway.id.to_string(), vec![attach(json!(gateway.id))]);
    }
    let pointer = "/InternetGateway/InternetGatewayId";
    let create = Call::making("CreateInternetGateway", json!({}), "igw", pointer);
    ("$igw".to_owned(), vec![create, attach(json!("$igw"))])
}

/// A route of the interface's subnet back to the internet gateway.
pub(crate) fn way_back(scene: &Scene<'_>, port: PortId, leg: &Leg) -> Vec<Remedy> {
    let Some(owner) = Owner::of(scene, port) else {
        return Vec::new();
    };
    let subnet = owner.region.subnets.get(&owner.eni.subnet);
    let Some(table) = subnet.and_then(|subnet| owner.region.route_table_of(subnet)) else {
        return Vec::new();
    };
    let block = match leg.sent.source {
        IpAddr::V4(_) => "0.0.0.0/0",
        IpAddr::V6(_) => "::/0",
    };
    let mut routes = table.routes.iter();
    let replaced = routes.find(|route| route.destination.to_string() == block);
    let replaced = replaced.map(|route| route.destination);
    let (id, mut calls) = internet_gateway(&owner);
    calls.push(route(table, block, replaced.as_ref(), ("GatewayId", &id)));
    let named = id.trim_start_matches('$');
    let summary = format!("route {block} of {} to {named}", table.id);
    vec![owner.remedy(summary, calls)]
}

fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_private() || address.is_link_local(),
        IpAddr::V6(address) => address.is_unique_local() || address.is_unicast_link_local(),
    }
}
