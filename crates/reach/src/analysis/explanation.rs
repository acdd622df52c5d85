//! Why there is no path, in AWS's codes. AWS: Reachability Analyzer guide, "Explanation codes".

use std::net::IpAddr;

use openvpc_engine::{DropReason, PortId};
use openvpc_model::{
    Listener, LoadBalancer, NetworkInterface, Region, TargetGroup, VpcEndpoint, VpcId, World,
};
use serde_json::{Value, json};

use super::component::{acl_rule, find_route, of, route_of};
use crate::flow::Flow;
use crate::place::At;
use crate::reason::{Stop, is_without_public_address};
use crate::scene::{Scene, find_interface};

/// The explanation of where a flow was stopped.
pub(crate) fn explain(scene: &Scene<'_>, region_name: &str, flow: &Flow, stop: &Stop<'_>) -> Value {
    let home = match stop.step.at {
        PortId::Eni(index) => scene.interface(index),
        PortId::Outside(_) | PortId::Services => None,
    };
    let home = home.map(|(_, region, eni)| (region, eni));
    let home = called(scene, flow, stop).or(home);
    let mut explained = json!({"ExplanationCode": code(scene, flow, stop, home)});
    if let Some((region, eni)) = home {
        explained["ComponentAccount"] = json!(eni.owner);
        explained["ComponentRegion"] = json!(region_name);
        tell(&mut explained, scene, region_name, (region, eni), stop);
    }
    explained
}

/// The endpoint's or node's interface that was called, where what stands behind it has no use for the packet.
fn called<'w>(
    scene: &Scene<'w>,
    flow: &Flow,
    stop: &Stop<'_>,
) -> Option<(&'w Region, &'w NetworkInterface)> {
    let behind = matches!(
        stop.reason,
        DropReason::EndpointProtocol | DropReason::EndpointUnused | DropReason::BalancerProtocol
    );
    match flow.destination.at {
        At::Interface(id, _) if behind => {
            find_interface(scene.world, id).map(|(_, region, eni)| (region, eni))
        }
        _ => None,
    }
}

fn code(
    scene: &Scene<'_>,
    flow: &Flow,
    stop: &Stop<'_>,
    home: Option<(&Region, &NetworkInterface)>,
) -> &'static str {
    match stop.reason {
        DropReason::SecurityGroupIngress | DropReason::SecurityGroupEgress => {
            let egress = stop.reason == DropReason::SecurityGroupEgress;
            match home.is_some_and(|(region, eni)| has_no_rules(region, eni, egress)) {
                true => "SG_HAS_NO_RULES",
                false => "ENI_SG_RULES_MISMATCH",
            }
        }
        DropReason::NetworkAclInbound | DropReason::NetworkAclOutbound => "SUBNET_ACL_RESTRICTION",
        DropReason::NoRoute | DropReason::PrivateAtGateway if are_disconnected(scene, flow) => {
            "DISCONNECTED_VPCS"
        }
        DropReason::NoRoute => "NO_ROUTE_TO_DESTINATION",
        DropReason::Blackhole => match find_route(scene, stop.step) {
            Some(_) => "BAD_STATE_ROUTE",
            None => "BAD_STATE",
        },
        DropReason::SourceCheck => "ENI_ADDRESS_RESTRICTION",
        DropReason::DestinationCheck => "ENI_SOURCE_DEST_CHECK_RESTRICTION",
        DropReason::NoPublicAddress => "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS",
        DropReason::PrivateAtGateway => match stop.step.packet.destination {
            IpAddr::V4(address) if is_shared(address) => {
                "IGW_DESTINATION_ADDRESS_NOT_IN_RFC6598_EGRESS"
            }
            IpAddr::V4(_) | IpAddr::V6(_) => "IGW_DESTINATION_ADDRESS_NOT_IN_RFC1918_EGRESS",
        },
        DropReason::NoInternetHost if is_without_public_address(flow, stop) => {
            "IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS"
        }
        DropReason::NoReturnRoute => "NO_ROUTE_TO_DESTINATION",
        DropReason::NatForeignSource => "NGW_REQUIRES_SOURCE_IN_VPC",
        DropReason::PeeringNotTransitive => "PCX_REQUIRES_ADDRESS_IN_VPC_CIDR",
        DropReason::GatewayEndpointProtocol => "VPCE_GATEWAY_PROTOCOL_RESTRICTION",
        DropReason::GatewayEndpointForeignSource => {
            "VPCE_GATEWAY_EGRESS_SOURCE_ADDRESS_RESTRICTION"
        }
        DropReason::EgressOnlyForeignSource => "GATEWAY_REJECTS_SPOOFED_TRAFFIC",
        DropReason::NatProtocol | DropReason::EndpointProtocol | DropReason::BalancerProtocol => {
            "PROTOCOL_RESTRICTION"
        }
        DropReason::BalancerNoListener => "ELBV2_LISTENERS_MISMATCH",
        DropReason::BalancerNoTarget => match home.and_then(|home| listener_at(home, stop)) {
            Some((_, _, group)) if group.targets.is_empty() => "ELBV2_LISTENER_HAS_NO_TG",
            _ => "ELBV2_NO_TARGETS_IN_AZ",
        },
        DropReason::NoSuchHost
        | DropReason::NoInternetHost
        | DropReason::GatewayEndpointNoService => "NO_POSSIBLE_DESTINATION",
        // Of an endpoint: nobody has accepted it, or nobody stands behind it.
        DropReason::EndpointUnused
        | DropReason::ReceiverNotAttached
        | DropReason::PortNotAttached => "BAD_STATE",
        // What AWS's analyzer has no word for.
        _ => "NO_PATH",
    }
}

/// The shared address space of RFC 6598.
fn is_shared(address: std::net::Ipv4Addr) -> bool {
    let [first, second, ..] = address.octets();
    first == 100 && second & 0xc0 == 64
}

/// Whether the ends are in two VPCs that no peering connections lead from one to the other, however many there are between.
fn are_disconnected(scene: &Scene<'_>, flow: &Flow) -> bool {
    let vpc = |at: &At| match at {
        At::Interface(id, _) => find_interface(scene.world, *id).map(|(_, _, eni)| eni.vpc),
        _ => None,
    };
    match (vpc(&flow.source.at), vpc(&flow.destination.at)) {
        (Some(from), Some(to)) => !neighbours(scene.world, from).contains(&to),
        _ => false,
    }
}

/// A VPC and all that peering connections join to it, one by one.
fn neighbours(world: &World, from: VpcId) -> Vec<VpcId> {
    let mut found = vec![from];
    let mut next = 0;
    while let Some(&vpc) = found.get(next) {
        next += 1;
        for region in world.regions.values() {
            let peerings = region.vpc_peering_connections.values();
            for peering in peerings.filter(|peering| peering.is_active()) {
                let far = peering.far_end(vpc).map(|end| end.vpc);
                found.extend(far.filter(|far| !found.contains(far)));
            }
        }
    }
    found
}

/// The listener that a packet met at a load balancer's node.
fn listener_at<'w>(
    (region, eni): (&'w Region, &NetworkInterface),
    stop: &Stop<'_>,
) -> Option<(&'w LoadBalancer, &'w Listener, &'w TargetGroup)> {
    let balancer = balancer_of(region, eni)?;
    let port = stop.step.packet.destination_port;
    let mut listeners = region.listeners.values();
    let listener = listeners.find(|l| l.load_balancer == balancer.id && l.port == port)?;
    let group = region.target_groups.get(&listener.target_group)?;
    Some((balancer, listener, group))
}

/// The load balancer that an interface is a node of.
fn balancer_of<'w>(region: &'w Region, eni: &NetworkInterface) -> Option<&'w LoadBalancer> {
    let mut balancers = region.load_balancers.values();
    balancers.find(|balancer| balancer.nodes.values().any(|node| *node == eni.id))
}

/// The interface endpoint that an interface belongs to.
fn endpoint_of<'w>(region: &'w Region, eni: &NetworkInterface) -> Option<&'w VpcEndpoint> {
    let mut endpoints = region.vpc_endpoints.values();
    endpoints.find(|endpoint| {
        let own = endpoint.interface().map(|i| &i.network_interfaces);
        own.is_some_and(|own| own.values().any(|id| *id == eni.id))
    })
}

fn has_no_rules(region: &Region, eni: &NetworkInterface, egress: bool) -> bool {
    let groups = eni.security_groups.iter();
    let groups = groups.filter_map(|id| region.security_groups.get(id));
    let mut rules = groups.flat_map(|group| &group.rules);
    !rules.any(|rule| rule.is_egress == egress)
}

/// Names what stands in the way.
fn tell(
    explained: &mut Value,
    scene: &Scene<'_>,
    region_name: &str,
    (region, eni): (&Region, &NetworkInterface),
    stop: &Stop<'_>,
) {
    let subnet = region.subnets.get(&eni.subnet);
    if let Some(subnet) = subnet {
        explained["Subnet"] = of(region_name, subnet);
    }
    if let Some(vpc) = region.vpcs.get(&eni.vpc) {
        explained["Vpc"] = of(region_name, vpc);
    }
    let direction = |egress: bool| if egress { "egress" } else { "ingress" };
    match stop.reason {
        DropReason::SecurityGroupIngress | DropReason::SecurityGroupEgress => {
            let groups = eni.security_groups.iter();
            let groups = groups.filter_map(|id| region.security_groups.get(id));
            let groups: Vec<Value> = groups.map(|group| of(region_name, group)).collect();
            explained["SecurityGroups"] = json!(groups);
            explained["NetworkInterface"] = of(region_name, eni);
            let egress = stop.reason == DropReason::SecurityGroupEgress;
            explained["Direction"] = json!(direction(egress));
        }
        DropReason::NetworkAclInbound | DropReason::NetworkAclOutbound => {
            let acl = subnet.and_then(|subnet| region.network_acls.get(&subnet.network_acl));
            if let Some(acl) = acl {
                explained["Acl"] = of(region_name, acl);
            }
            if let Some(rule) = acl_rule(scene, stop.step) {
                explained["AclRule"] = rule;
            }
            let egress = stop.reason == DropReason::NetworkAclOutbound;
            explained["Direction"] = json!(direction(egress));
        }
        DropReason::NoRoute | DropReason::Blackhole | DropReason::NoReturnRoute => {
            let table = subnet.and_then(|subnet| region.route_table_of(subnet));
            if let Some(table) = table {
                explained["RouteTable"] = of(region_name, table);
            }
            if let Some(route) = route_of(scene, stop.step) {
                explained["RouteTableRoute"] = route;
            }
            explained["Address"] = json!(stop.step.packet.destination.to_string());
        }
        DropReason::NoPublicAddress | DropReason::PrivateAtGateway => {
            if let Some(gateway) = region.internet_gateway_of(eni.vpc) {
                explained["InternetGateway"] = of(region_name, gateway);
                explained["Component"] = of(region_name, gateway);
            }
            explained["NetworkInterface"] = of(region_name, eni);
        }
        DropReason::PeeringNotTransitive => {
            let mut steps = stop.leg.trace.steps.iter().rev();
            let route = steps.find_map(|step| find_route(scene, step));
            let id = route.map(|route| route.target);
            if let Some(openvpc_model::RouteTarget::VpcPeeringConnection(id)) = id
                && let Some(peering) = region.vpc_peering_connections.get(&id)
            {
                explained["VpcPeeringConnection"] = of(region_name, peering);
            }
            explained["Address"] = json!(stop.step.packet.destination.to_string());
        }
        DropReason::BalancerNoListener
        | DropReason::BalancerNoTarget
        | DropReason::BalancerProtocol => {
            if let Some(balancer) = balancer_of(region, eni) {
                explained["LoadBalancerArn"] = json!(balancer.arn(region_name));
            }
            if let Some((balancer, listener, group)) = listener_at((region, eni), stop) {
                let id = listener.arn(region_name, balancer);
                explained["ElasticLoadBalancerListener"] = json!({"Id": id, "Arn": id});
                explained["LoadBalancerListenerPort"] = json!(listener.port);
                let id = group.arn(region_name);
                explained["LoadBalancerTargetGroup"] = json!({"Id": id, "Arn": id});
            }
            explained["Port"] = json!(stop.step.packet.destination_port);
            explained["Component"] = of(region_name, eni);
        }
        DropReason::EndpointUnused | DropReason::EndpointProtocol => {
            let endpoint = endpoint_of(region, eni);
            explained["Component"] = match endpoint {
                Some(endpoint) => of(region_name, endpoint),
                None => of(region_name, eni),
            };
            if let Some(endpoint) = endpoint {
                explained["VpcEndpoint"] = of(region_name, endpoint);
            }
        }
        _ => explained["Component"] = of(region_name, eni),
    }
}
