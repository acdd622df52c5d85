//! Why there is no path, in AWS's codes. AWS: Reachability Analyzer guide, "Explanation codes".

use openvpc_engine::{DropReason, PortId};
use openvpc_model::{NetworkInterface, Region};
use serde_json::{Value, json};

use super::component::{acl_rule, find_route, of, route_of};
use crate::flow::Flow;
use crate::reason::{Stop, is_without_public_address};
use crate::scene::Scene;

/// The explanation of where a flow was stopped.
pub(crate) fn explain(scene: &Scene<'_>, region_name: &str, flow: &Flow, stop: &Stop<'_>) -> Value {
    let home = match stop.step.at {
        PortId::Eni(index) => scene.interface(index),
        PortId::Outside(_) | PortId::Services => None,
    };
    let home = home.map(|(_, region, eni)| (region, eni));
    let mut explained = json!({"ExplanationCode": code(scene, flow, stop, home)});
    if let Some((region, eni)) = home {
        explained["ComponentAccount"] = json!(eni.owner);
        explained["ComponentRegion"] = json!(region_name);
        tell(&mut explained, scene, region_name, (region, eni), stop);
    }
    explained
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
        DropReason::NoRoute => "NO_ROUTE_TO_DESTINATION",
        DropReason::Blackhole => match find_route(scene, stop.step) {
            Some(_) => "BAD_STATE_ROUTE",
            None => "BAD_STATE",
        },
        DropReason::SourceCheck => "ENI_ADDRESS_RESTRICTION",
        DropReason::DestinationCheck => "ENI_SOURCE_DEST_CHECK_RESTRICTION",
        DropReason::NoPublicAddress => "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS",
        DropReason::PrivateAtGateway => "IGW_DESTINATION_ADDRESS_NOT_IN_RFC1918_EGRESS",
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
        DropReason::ReceiverNotAttached | DropReason::PortNotAttached => "BAD_STATE",
        // What AWS's analyzer has no word for.
        _ => "NO_PATH",
    }
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
        _ => explained["Component"] = of(region_name, eni),
    }
}
