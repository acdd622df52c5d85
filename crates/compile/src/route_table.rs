//! Route tables (`RT-1` to `RT-3`, `RT-9`).

use ipnet::IpNet;
use openvpc_engine::{Route, RouteTable, Target};
use openvpc_model::{Region, RouteDestination, RouteOrigin, RouteTarget, VpcId};

use crate::region::Numbers;
use crate::{Names, RuleName};

/// Compiles a table. Of two routes to one destination local comes before static before those of a
/// prefix list, each of whose blocks is a route, before propagated (`RT-3`).
pub(crate) fn compile(
    region: &Region,
    table: &openvpc_model::RouteTable,
    numbers: &Numbers,
    names: &mut Names,
) -> RouteTable {
    let mut routes: Vec<&openvpc_model::Route> = table.routes.iter().collect();
    routes.sort_by_key(|route| match (route.target, route.origin) {
        (RouteTarget::Local, _) => 0,
        (_, RouteOrigin::CreateRouteTable | RouteOrigin::CreateRoute) => match route.destination {
            RouteDestination::Ipv4(_) | RouteDestination::Ipv6(_) => 1,
            RouteDestination::PrefixList(_) => 2,
        },
        (_, RouteOrigin::EnableVgwRoutePropagation) => 3,
    });
    let blocks = routes.into_iter().flat_map(|route| {
        let blocks = match route.destination {
            RouteDestination::Ipv4(net) => vec![IpNet::V4(net)],
            RouteDestination::Ipv6(net) => vec![IpNet::V6(net)],
            RouteDestination::PrefixList(id) => region.prefix_list_cidrs(id),
        };
        blocks.into_iter().map(move |block| (block, route.target))
    });
    RouteTable::new(blocks.map(|(destination, way)| Route {
        destination,
        target: target(table.vpc, way, numbers),
        reference: {
            let reference = names.add_rule(RuleName::Route {
                table: table.id,
                destination,
            });
            if way != RouteTarget::Local {
                names.gateways.insert(reference, way);
            }
            reference
        },
    }))
}

/// Where a route leads now; what is gone or attached elsewhere is a blackhole.
fn target(vpc: VpcId, target: RouteTarget, numbers: &Numbers) -> Target {
    match target {
        RouteTarget::Local => Target::Local,
        RouteTarget::InternetGateway(id) => match numbers.internet_gateways.get(&id) {
            Some(attached) if *attached == vpc => Target::InternetGateway,
            Some(_) | None => Target::Blackhole,
        },
        RouteTarget::NetworkInterface(id) => match numbers.network_interfaces.get(&id) {
            Some(eni) => Target::NetworkInterface(*eni),
            None => Target::Blackhole,
        },
        RouteTarget::EgressOnlyInternetGateway(id) => match numbers.egress_only_gateways.get(&id) {
            Some((owner, gateway)) if *owner == vpc => Target::EgressOnlyInternetGateway(*gateway),
            Some(_) | None => Target::Blackhole,
        },
        RouteTarget::VpcPeeringConnection(id) => match numbers.peerings.get(&(vpc, id)) {
            Some(peering) => Target::Peering(*peering),
            None => Target::Blackhole,
        },
        RouteTarget::VpcEndpoint(id) => match numbers.gateway_endpoints.get(&id) {
            Some((owner, endpoint)) if *owner == vpc => Target::GatewayEndpoint(*endpoint),
            Some(_) | None => Target::Blackhole,
        },
        RouteTarget::NatGateway(id) => match numbers.nat_gateways.get(&id) {
            Some((owner, eni)) if *owner == vpc => {
                let eni = numbers.network_interfaces.get(eni);
                eni.map_or(Target::Blackhole, |eni| Target::NatGateway(*eni))
            }
            Some(_) | None => Target::Blackhole,
        },
    }
}
