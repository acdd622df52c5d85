//! The components of a path, in the order in which the packet meets them.

use openvpc_compile::RuleName;
use openvpc_control::entity::{Entity, arn};
use openvpc_engine::explain::{Header, Journey, Leg};
use openvpc_engine::trace::{Decision, Seen, Step};
use openvpc_engine::{EniIndex, PortId, Stage};
use openvpc_model::{
    AclTraffic, NetworkAclEntry, Region, Route, RouteDestination, RouteTarget, RulePeer,
    RuleTraffic, SecurityGroupRule,
};
use serde_json::{Map, Value, json};

use crate::reason::refuses;
use crate::rule_text;
use crate::scene::{Scene, instance_of};

/// A resource as a component.
pub(crate) fn of<T: Entity>(region: &str, resource: &T) -> Value {
    json!({"Id": resource.id().to_string(), "Arn": arn(region, resource)})
}

/// The components of one packet's way, numbered from 1.
pub(crate) fn components(scene: &Scene<'_>, region: &str, journey: &Journey) -> Vec<Value> {
    let mut found: Vec<Value> = Vec::new();
    for leg in &journey.legs {
        if let PortId::Eni(index) = leg.from {
            let header = header(&leg.sent, leg.sent.seen());
            found.extend(interface(
                scene,
                region,
                index,
                ("OutboundHeader", header),
                true,
            ));
        }
        let steps = leg.trace.steps.iter().filter(|step| !refuses(step));
        found.extend(steps.filter_map(|step| component(scene, region, leg, step)));
        if let Some(arrived) = &leg.arrived
            && let Some(PortId::Eni(index)) = leg.verdict.port()
        {
            let header = header(arrived, arrived.seen());
            found.extend(interface(
                scene,
                region,
                index,
                ("InboundHeader", header),
                false,
            ));
        }
    }
    for (number, component) in found.iter_mut().enumerate() {
        component["SequenceNumber"] = json!(number + 1);
    }
    found
}

/// An interface and the instance behind it: the instance first where the packet leaves, last where it arrives.
fn interface(
    scene: &Scene<'_>,
    region_name: &str,
    index: EniIndex,
    (member, header): (&str, Value),
    leaves: bool,
) -> Vec<Value> {
    let Some((_, region, eni)) = scene.interface(index) else {
        return Vec::new();
    };
    let mut own = json!({"Component": of(region_name, eni)});
    own[member] = header;
    if let Some(subnet) = region.subnets.get(&eni.subnet) {
        own["Subnet"] = of(region_name, subnet);
    }
    if let Some(vpc) = region.vpcs.get(&eni.vpc) {
        own["Vpc"] = of(region_name, vpc);
    }
    let instance = instance_of(region, eni).map(|instance| of(region_name, instance));
    if let Some(instance) = &instance {
        own["AttachedTo"] = instance.clone();
    }
    let instance = instance.map(|instance| json!({"Component": instance}));
    let mut both: Vec<Value> = instance.into_iter().chain([own]).collect();
    if !leaves {
        both.reverse();
    }
    both
}

fn component(scene: &Scene<'_>, region_name: &str, leg: &Leg, step: &Step) -> Option<Value> {
    let name = step.rule.and_then(|rule| scene.names.rule(rule));
    let home = |index: EniIndex| scene.interface(index);
    match (step.stage, name) {
        (_, Some(RuleName::SecurityGroupRule { group, rule })) => {
            let (_, group) = rule_text::find_group(scene.world, group)?;
            let mut component = json!({"Component": of(region_name, group)});
            let rule = group.rules.iter().find(|known| known.id == rule);
            if let (Some(rule), true) = (rule, step.decision != Decision::KnownFlow) {
                component["SecurityGroupRule"] = security_group_rule(rule);
            }
            Some(component)
        }
        (_, Some(RuleName::NetworkAclEntry { acl, .. })) => {
            let mut regions = scene.world.regions.values();
            let acl = regions.find_map(|region| region.network_acls.get(&acl))?;
            let mut component = json!({"Component": of(region_name, acl)});
            component["AclRule"] = acl_rule(scene, step)?;
            Some(component)
        }
        (_, Some(RuleName::Route { table, .. })) => {
            let (_, table) = rule_text::find_table(scene.world, table)?;
            let mut component = json!({"Component": of(region_name, table)});
            component["RouteTableRoute"] = route_of(scene, step)?;
            Some(component)
        }
        (Stage::InternetGateway, None) => {
            let vpc = crate::report::gateway_vpc(scene, leg, step)?;
            let mut regions = scene.world.regions.values();
            let gateway = regions.find_map(|region| region.internet_gateway_of(vpc))?;
            Some(json!({
                "Component": of(region_name, gateway),
                "OutboundHeader": header(&leg.sent, step.packet),
            }))
        }
        (Stage::NatGateway, None) => {
            let PortId::Eni(index) = step.at else {
                return None;
            };
            let (_, region, eni) = home(index)?;
            let mut all = region.nat_gateways.values();
            let nat = all.find(|nat| nat.network_interface == Some(eni.id))?;
            Some(json!({
                "Component": of(region_name, nat),
                "OutboundHeader": header(&leg.sent, step.packet),
            }))
        }
        (Stage::EgressOnlyInternetGateway, None) => {
            let PortId::Eni(index) = step.at else {
                return None;
            };
            let (_, region, eni) = home(index)?;
            let mut all = region.egress_only_internet_gateways.values();
            let gateway = all.find(|gateway| gateway.vpc == eni.vpc)?;
            Some(json!({"Component": of(region_name, gateway)}))
        }
        (Stage::Peering, None) => Some(json!({"Component": peering(scene, region_name, leg)?})),
        (Stage::GatewayEndpoint, None) => {
            Some(json!({"Component": endpoint(scene, region_name, leg)?}))
        }
        // The component was named by another step, or nobody but us has one there.
        (_, None) => None,
    }
}

/// The connection that the leg's route leads to.
fn peering(scene: &Scene<'_>, region_name: &str, leg: &Leg) -> Option<Value> {
    let mut steps = leg.trace.steps.iter().rev();
    steps.find_map(|step| {
        let route = find_route(scene, step)?;
        let RouteTarget::VpcPeeringConnection(id) = route.target else {
            return None;
        };
        let mut regions = scene.world.regions.values();
        let peering = regions.find_map(|region| region.vpc_peering_connections.get(&id))?;
        Some(of(region_name, peering))
    })
}

/// The gateway endpoint that the leg's route leads to.
fn endpoint(scene: &Scene<'_>, region_name: &str, leg: &Leg) -> Option<Value> {
    let mut steps = leg.trace.steps.iter().rev();
    steps.find_map(|step| {
        let route = find_route(scene, step)?;
        let RouteTarget::VpcEndpoint(id) = route.target else {
            return None;
        };
        let mut regions = scene.world.regions.values();
        let endpoint = regions.find_map(|region| region.vpc_endpoints.get(&id))?;
        Some(of(region_name, endpoint))
    })
}

/// The route that a step rests on.
pub(crate) fn find_route<'w>(scene: &Scene<'w>, step: &Step) -> Option<&'w Route> {
    match scene.names.rule(step.rule?)? {
        RuleName::Route { table, destination } => {
            let (_, route) = rule_text::find_route(scene.world, table, destination)?;
            Some(route)
        }
        RuleName::SecurityGroupRule { .. } | RuleName::NetworkAclEntry { .. } => None,
    }
}

/// A packet at one point.
fn header(sent: &Header, seen: Seen) -> Value {
    let protocol = sent.protocol().to_string();
    let mut header = json!({
        "SourceAddresses": [format!("{}/32", seen.source)],
        "DestinationAddresses": [format!("{}/32", seen.destination)],
        "Protocol": protocol,
    });
    if seen.destination_port != 0 {
        let port = |port: u16| json!([{"From": port, "To": port}]);
        header["SourcePortRanges"] = port(seen.source_port);
        header["DestinationPortRanges"] = port(seen.destination_port);
    }
    header
}

fn ports(from: u16, to: u16) -> Value {
    json!({"From": from, "To": to})
}

fn security_group_rule(rule: &SecurityGroupRule) -> Value {
    let direction = if rule.is_egress { "egress" } else { "ingress" };
    let (protocol, range) = match rule.traffic {
        RuleTraffic::All => ("all".to_owned(), Value::Null),
        RuleTraffic::Tcp { from, to } => ("tcp".to_owned(), ports(from, to)),
        RuleTraffic::Udp { from, to } => ("udp".to_owned(), ports(from, to)),
        RuleTraffic::Icmp { .. } => ("icmp".to_owned(), Value::Null),
        RuleTraffic::Icmpv6 { .. } => ("icmpv6".to_owned(), Value::Null),
        RuleTraffic::Protocol(number) => (number.to_string(), Value::Null),
    };
    let mut shown = json!({"Direction": direction, "Protocol": protocol, "PortRange": range});
    match &rule.peer {
        RulePeer::Ipv4(block) => shown["Cidr"] = json!(block),
        RulePeer::Ipv6(block) => shown["Cidr"] = json!(block),
        RulePeer::PrefixList(id) => shown["PrefixListId"] = json!(id),
        RulePeer::SecurityGroup { id, .. } => shown["SecurityGroupId"] = json!(id),
    }
    shown
}

/// The entry that a step rests on; the closing deny has AWS's number for it.
pub(crate) fn acl_rule(scene: &Scene<'_>, step: &Step) -> Option<Value> {
    let RuleName::NetworkAclEntry {
        acl,
        is_egress,
        rule_number,
    } = scene.names.rule(step.rule?)?
    else {
        return None;
    };
    let mut regions = scene.world.regions.values();
    let acl = regions.find_map(|region| region.network_acls.get(&acl))?;
    let is_it = |entry: &&NetworkAclEntry| {
        entry.is_egress == is_egress && entry.rule_number.get() == rule_number
    };
    let (cidr, allow, traffic) = match acl.entries.iter().find(is_it) {
        Some(entry) => (entry.cidr.to_string(), entry.allow, entry.traffic),
        None => ("0.0.0.0/0".to_owned(), false, AclTraffic::All),
    };
    let (protocol, range) = match traffic {
        AclTraffic::All => ("all".to_owned(), Value::Null),
        AclTraffic::Tcp { from, to } => ("tcp".to_owned(), ports(from, to)),
        AclTraffic::Udp { from, to } => ("udp".to_owned(), ports(from, to)),
        AclTraffic::Icmp { .. } => ("icmp".to_owned(), Value::Null),
        AclTraffic::Icmpv6 { .. } => ("icmpv6".to_owned(), Value::Null),
        AclTraffic::Protocol(number) => (number.to_string(), Value::Null),
    };
    Some(json!({
        "Cidr": cidr,
        "Egress": is_egress,
        "PortRange": range,
        "Protocol": protocol,
        "RuleAction": if allow { "allow" } else { "deny" },
        "RuleNumber": rule_number,
    }))
}

/// The route that a step rests on, as a component shows it.
pub(crate) fn route_of(scene: &Scene<'_>, step: &Step) -> Option<Value> {
    let RuleName::Route { table, destination } = scene.names.rule(step.rule?)? else {
        return None;
    };
    let (region, table) = rule_text::find_table(scene.world, table)?;
    let route = find_route(scene, step)?;
    let mut shown = target(route.target);
    match route.destination {
        RouteDestination::PrefixList(id) => shown["DestinationPrefixListId"] = json!(id),
        RouteDestination::Ipv4(_) | RouteDestination::Ipv6(_) => {
            shown["DestinationCidr"] = json!(destination);
        }
    }
    shown["Origin"] = json!(origin(route));
    shown["State"] = json!(state(region, table.vpc, route.target));
    Some(shown)
}

fn origin(route: &Route) -> &'static str {
    match route.origin {
        openvpc_model::RouteOrigin::CreateRouteTable => "createroutetable",
        openvpc_model::RouteOrigin::CreateRoute => "createroute",
        openvpc_model::RouteOrigin::EnableVgwRoutePropagation => "enablevgwroutepropagation",
    }
}

fn state(region: &Region, vpc: openvpc_model::VpcId, target: RouteTarget) -> &'static str {
    match region.is_route_active(vpc, target) {
        true => "active",
        false => "blackhole",
    }
}

fn target(target: RouteTarget) -> Value {
    let (member, id) = match target {
        RouteTarget::Local => ("GatewayId", "local".to_owned()),
        RouteTarget::InternetGateway(id) => ("GatewayId", id.to_string()),
        RouteTarget::NetworkInterface(id) => ("NetworkInterfaceId", id.to_string()),
        RouteTarget::NatGateway(id) => ("NatGatewayId", id.to_string()),
        RouteTarget::EgressOnlyInternetGateway(id) => {
            ("EgressOnlyInternetGatewayId", id.to_string())
        }
        RouteTarget::VpcPeeringConnection(id) => ("VpcPeeringConnectionId", id.to_string()),
        // AWS shows an endpoint as a gateway.
        RouteTarget::VpcEndpoint(id) => ("GatewayId", id.to_string()),
    };
    let mut shown = Map::new();
    shown.insert(member.to_owned(), Value::String(id));
    Value::Object(shown)
}
