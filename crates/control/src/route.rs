//! Actions on single routes: what a route may match and where it may lead (`RT-1` to `RT-9`).

use std::net::{Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use openvpc_ec2::{Error, Resource};
use openvpc_model::*;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::address::only_interface_of;
use crate::prefix_list;
use crate::request::{done, ipv4_cidr, ipv6_cidr, read, required, unsupported};
use crate::route_table::{check_edge_route, is_subnet_block, is_vpc_block};
use crate::vpc_endpoint::check_is_no_endpoints;
use crate::{Action, Cx};

#[rustfmt::skip]
pub const ACTIONS: &[Action] = &[
    ("CreateRoute", |cx, input| create_route(cx, read(input)?)),
    ("ReplaceRoute", |cx, input| replace_route(cx, read(input)?)),
    ("DeleteRoute", |cx, input| delete_route(cx, read(input)?)),
];

/// Link-local services: a route may not take their addresses away (`RT-8`).
const SERVICES_IPV4: Ipv4Net = Ipv4Net::new_assert(Ipv4Addr::new(169, 254, 168, 0), 22);
const SERVICES_IPV6: Ipv6Net =
    Ipv6Net::new_assert(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0), 32);

/// A route as it stands in an answer (`RT-13`).
pub fn render(cx: &Cx, vpc: VpcId, route: &Route) -> Value {
    let state = match is_active(cx, vpc, route.target) {
        true => "active",
        false => "blackhole",
    };
    let origin = match route.origin {
        RouteOrigin::CreateRouteTable => "CreateRouteTable",
        RouteOrigin::CreateRoute => "CreateRoute",
        RouteOrigin::EnableVgwRoutePropagation => "EnableVgwRoutePropagation",
    };
    let mut rendered = json!({"Origin": origin, "State": state});
    match route.destination {
        RouteDestination::Ipv4(net) => rendered["DestinationCidrBlock"] = json!(net),
        RouteDestination::Ipv6(net) => rendered["DestinationIpv6CidrBlock"] = json!(net),
        RouteDestination::PrefixList(id) => rendered["DestinationPrefixListId"] = json!(id),
    }
    match route.target {
        RouteTarget::Local => rendered["GatewayId"] = json!("local"),
        RouteTarget::InternetGateway(id) => rendered["GatewayId"] = json!(id),
        RouteTarget::NetworkInterface(id) => {
            rendered["NetworkInterfaceId"] = json!(id);
            let eni = cx.get::<NetworkInterface>(id);
            if let Some(attachment) = eni.and_then(|eni| eni.attachment.as_ref()) {
                rendered["InstanceId"] = json!(attachment.instance);
                let instance = cx.get::<Instance>(attachment.instance);
                rendered["InstanceOwnerId"] = json!(instance.map(|i| &i.owner));
            }
        }
        RouteTarget::NatGateway(id) => rendered["NatGatewayId"] = json!(id),
        RouteTarget::EgressOnlyInternetGateway(id) => {
            rendered["EgressOnlyInternetGatewayId"] = json!(id);
        }
        RouteTarget::VpcPeeringConnection(id) => rendered["VpcPeeringConnectionId"] = json!(id),
        RouteTarget::VpcEndpoint(id) => rendered["GatewayId"] = json!(id),
    }
    rendered
}

/// `Region::is_route_active`, over what this call has changed.
fn is_active(cx: &Cx, vpc: VpcId, target: RouteTarget) -> bool {
    match target {
        RouteTarget::Local => true,
        RouteTarget::InternetGateway(id) => {
            let igw = cx.get::<InternetGateway>(id);
            igw.is_some_and(|igw| igw.vpc == Some(vpc))
        }
        RouteTarget::NetworkInterface(id) => cx
            .get::<NetworkInterface>(id)
            .is_some_and(NetworkInterface::can_carry),
        RouteTarget::NatGateway(id) => {
            let nat = cx.get::<NatGateway>(id);
            nat.is_some_and(|nat| nat.is_live() && nat.vpc == vpc)
        }
        RouteTarget::EgressOnlyInternetGateway(id) => {
            let gateway = cx.get::<EgressOnlyInternetGateway>(id);
            gateway.is_some_and(|gateway| gateway.vpc == vpc)
        }
        RouteTarget::VpcPeeringConnection(id) => {
            let peering = cx.get::<VpcPeeringConnection>(id);
            peering.is_some_and(|p| p.is_active() && p.far_end(vpc).is_some())
        }
        RouteTarget::VpcEndpoint(id) => {
            let endpoint = cx.get::<VpcEndpoint>(id);
            endpoint.is_some_and(|e| e.is_available() && e.vpc == vpc)
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct RouteRequest {
    route_table_id: Option<String>,
    destination_cidr_block: Option<String>,
    destination_ipv6_cidr_block: Option<String>,
    destination_prefix_list_id: Option<String>,
    gateway_id: Option<String>,
    instance_id: Option<String>,
    network_interface_id: Option<String>,
    nat_gateway_id: Option<String>,
    egress_only_internet_gateway_id: Option<String>,
    vpc_peering_connection_id: Option<String>,
    vpc_endpoint_id: Option<String>,
    transit_gateway_id: Option<String>,
    local_gateway_id: Option<String>,
    carrier_gateway_id: Option<String>,
    core_network_arn: Option<String>,
    odb_network_arn: Option<String>,
    local_target: Option<bool>,
}

impl RouteRequest {
    fn table(&self, cx: &Cx) -> Result<RouteTable, Error> {
        let text = required(&self.route_table_id, "routeTableId")?;
        cx.find::<RouteTable>(text).cloned()
    }

    /// The one destination (`RT-5`), without host bits.
    fn destination(&self, cx: &Cx) -> Result<RouteDestination, Error> {
        let ipv4 = &self.destination_cidr_block;
        let ipv6 = &self.destination_ipv6_cidr_block;
        let list = &self.destination_prefix_list_id;
        match (ipv4, ipv6, list) {
            (Some(text), None, None) => {
                let net = ipv4_cidr(text, "destinationCidrBlock")?;
                Ok(RouteDestination::Ipv4(net))
            }
            (None, Some(text), None) => {
                let net = ipv6_cidr(text, "destinationIpv6CidrBlock")?;
                Ok(RouteDestination::Ipv6(net))
            }
            (None, None, Some(id)) => Ok(RouteDestination::PrefixList(prefix_list::named(cx, id)?)),
            (None, None, None) => Err(Error::missing_parameter("destinationCidrBlock")),
            _ => Err(Error::invalid_parameter_combination(
                "Exactly one destination of destinationCidrBlock, destinationIpv6CidrBlock \
                 and destinationPrefixListId may be given.",
            )),
        }
    }

    /// The one target (`RT-5`), of the table's VPC (`RT-7`).
    fn target(&self, cx: &Cx, table: &RouteTable) -> Result<RouteTarget, Error> {
        unsupported(&self.transit_gateway_id, "TransitGatewayId")?;
        unsupported(&self.local_gateway_id, "LocalGatewayId")?;
        unsupported(&self.carrier_gateway_id, "CarrierGatewayId")?;
        unsupported(&self.core_network_arn, "CoreNetworkArn")?;
        unsupported(&self.odb_network_arn, "OdbNetworkArn")?;
        type Find = fn(&Cx, &RouteTable, &str) -> Result<RouteTarget, Error>;
        let targets: [(&Option<String>, Find); 7] = [
            (&self.gateway_id, gateway),
            (&self.network_interface_id, network_interface),
            (&self.instance_id, instance),
            (&self.nat_gateway_id, nat_gateway),
            (&self.egress_only_internet_gateway_id, egress_only),
            (&self.vpc_peering_connection_id, vpc_peering_connection),
            (&self.vpc_endpoint_id, vpc_endpoint),
        ];
        let mut given = targets
            .into_iter()
            .filter_map(|(id, find)| Some((id.as_deref()?, find)));
        let local = self.local_target == Some(true);
        match (given.next(), given.next(), local) {
            (None, _, true) => Ok(RouteTarget::Local),
            (Some((id, find)), None, false) => find(cx, table, id),
            (None, _, false) => Err(Error::missing_parameter("gatewayId")),
            _ => Err(Error::invalid_parameter_combination(
                "Exactly one target may be given for a route.",
            )),
        }
    }
}

fn is_service(net: IpNet) -> bool {
    match net {
        IpNet::V4(net) => SERVICES_IPV4.contains(&net),
        IpNet::V6(net) => SERVICES_IPV6.contains(&net),
    }
}

fn check_not_service(inside: bool, text: &str) -> Result<(), Error> {
    match inside {
        false => Ok(()),
        true => Err(Error::invalid_parameter_value(format!(
            "The destination CIDR block {text} is reserved for services and cannot be routed."
        ))),
    }
}

/// No route call leads to an endpoint: a gateway endpoint's routes come and go with it, an interface endpoint has none
/// (`GE-4`).
fn vpc_endpoint(cx: &Cx, _table: &RouteTable, text: &str) -> Result<RouteTarget, Error> {
    let endpoint = cx.find::<VpcEndpoint>(text)?;
    Err(Error::new(
        "RouteNotSupported",
        format!(
            "Route to the VPC endpoint {} is not supported.",
            endpoint.id
        ),
    ))
}

/// An internet gateway. AWS takes the other kinds of gateways in this member too, and answers with the member of their kind
/// (Terraform, `aws_route`: "Route Target Arguments"; the Ansible module of route tables relies on it). An endpoint, which
/// stands in the same member of an answer, is refused as one.
fn gateway(cx: &Cx, table: &RouteTable, text: &str) -> Result<RouteTarget, Error> {
    if text.starts_with(VpcEndpointId::PREFIX) {
        return vpc_endpoint(cx, table, text);
    }
    if text.starts_with(NatGatewayId::PREFIX) {
        return nat_gateway(cx, table, text);
    }
    if text.starts_with(EgressOnlyInternetGatewayId::PREFIX) {
        return egress_only(cx, table, text);
    }
    let igw = cx
        .find::<InternetGateway>(text)
        .map_err(|_| Error::not_found(Resource::Gateway, text))?;
    match igw.vpc == Some(table.vpc) {
        true => Ok(RouteTarget::InternetGateway(igw.id)),
        false => Err(different_networks(table, "network gateway", text)),
    }
}

fn network_interface(cx: &Cx, table: &RouteTable, text: &str) -> Result<RouteTarget, Error> {
    let eni = cx.find::<NetworkInterface>(text)?;
    to_interface(table, eni)
}

/// A route to an instance is one to its interface.
fn instance(cx: &Cx, table: &RouteTable, text: &str) -> Result<RouteTarget, Error> {
    to_interface(table, only_interface_of(cx, text)?)
}

fn to_interface(table: &RouteTable, eni: &NetworkInterface) -> Result<RouteTarget, Error> {
    match eni.vpc == table.vpc {
        true => Ok(RouteTarget::NetworkInterface(eni.id)),
        false => Err(different_networks(table, "interface", &eni.id.to_string())),
    }
}

/// A NAT gateway that is or will be there: a failed or deleted one is as good as unknown.
fn nat_gateway(cx: &Cx, table: &RouteTable, text: &str) -> Result<RouteTarget, Error> {
    let nat = cx.find::<NatGateway>(text)?;
    if !nat.is_live() {
        return Err(Error::not_found(Resource::NatGateway, text));
    }
    match nat.vpc == table.vpc {
        true => Ok(RouteTarget::NatGateway(nat.id)),
        false => Err(different_networks(table, "NAT gateway", text)),
    }
}

fn egress_only(cx: &Cx, table: &RouteTable, text: &str) -> Result<RouteTarget, Error> {
    let gateway = cx.find::<EgressOnlyInternetGateway>(text)?;
    match gateway.vpc == table.vpc {
        true => Ok(RouteTarget::EgressOnlyInternetGateway(gateway.id)),
        false => Err(different_networks(table, "network gateway", text)),
    }
}

/// A connection of this VPC in any live state: the route is a blackhole until it is active (`PCX-31`, `PCX-33`).
fn vpc_peering_connection(cx: &Cx, table: &RouteTable, text: &str) -> Result<RouteTarget, Error> {
    let peering = cx.find::<VpcPeeringConnection>(text)?;
    if !peering.status.is_live() {
        return Err(Error::not_found(Resource::VpcPeeringConnection, text));
    }
    match peering.far_end(table.vpc) {
        Some(_) => Ok(RouteTarget::VpcPeeringConnection(peering.id)),
        None => Err(different_networks(table, "peering connection", text)),
    }
}

fn different_networks(table: &RouteTable, noun: &str, id: &str) -> Error {
    Error::invalid_parameter_value(format!(
        "route table {} and {noun} {id} belong to different networks",
        table.id
    ))
}

fn create_route(cx: &mut Cx, req: RouteRequest) -> Result<Value, Error> {
    let mut table = req.table(cx)?;
    let destination = req.destination(cx)?;
    let target = req.target(cx, &table)?;
    check_route(cx, &table, destination, target)?;
    if let Some(existing) = table.routes.iter().find(|r| r.destination == destination) {
        return match existing.target == target {
            true => Ok(json!({"Return": true})),
            false => Err(Error::route_already_exists(&destination.to_string())),
        };
    }
    table.routes.push(Route {
        destination,
        target,
        origin: RouteOrigin::CreateRoute,
    });
    if prefix_list::exceeds_routes(cx, &table) {
        return Err(Error::limit_exceeded(
            "RouteLimitExceeded",
            "routes for this route table",
        ));
    }
    cx.put(table);
    Ok(json!({"Return": true}))
}

/// Retargets a route that is there, a local one too, which `LocalTarget` restores (`RT-1`, `RT-6`).
fn replace_route(cx: &mut Cx, req: RouteRequest) -> Result<Value, Error> {
    let mut table = req.table(cx)?;
    let destination = req.destination(cx)?;
    let target = req.target(cx, &table)?;
    let name = destination.to_string();
    let vpc = table.vpc;
    if target == RouteTarget::Local
        && destination
            .network()
            .is_none_or(|net| !is_vpc_block(cx, vpc, net))
    {
        return Err(Error::invalid_value_because(
            "localTarget",
            "true",
            "Only the route of a CIDR block of the VPC can lead to local.",
        ));
    }
    match table.routes.iter().find(|r| r.destination == destination) {
        None => return Err(Error::no_route_to_replace(&table.id.to_string(), &name)),
        Some(route) => check_is_no_endpoints(&table, route, "replace")?,
    }
    check_route(cx, &table, destination, target)?;
    for route in table
        .routes
        .iter_mut()
        .filter(|r| r.destination == destination)
    {
        route.target = target;
    }
    cx.put(table);
    done()
}

fn delete_route(cx: &mut Cx, req: RouteRequest) -> Result<Value, Error> {
    let mut table = req.table(cx)?;
    let destination = req.destination(cx)?;
    let name = destination.to_string();
    let n = table
        .routes
        .iter()
        .position(|r| r.destination == destination);
    let n = n.ok_or_else(|| Error::route_not_found(&table.id.to_string(), &name))?;
    check_is_no_endpoints(&table, &table.routes[n], "remove")?;
    if table.routes.remove(n).origin == RouteOrigin::CreateRouteTable {
        return Err(Error::invalid_parameter_value(format!(
            "cannot remove local route {name} in route table {}",
            table.id
        )));
    }
    cx.put(table);
    done()
}

/// Whether a destination may lead to a target in this table (`RT-4`, `RT-8`, `RT-12`, `EO-7`).
fn check_route(
    cx: &Cx,
    table: &RouteTable,
    destination: RouteDestination,
    target: RouteTarget,
) -> Result<(), Error> {
    if table.is_edge() {
        check_edge_route(cx, table.vpc, destination, target)?;
    }
    let blocks = match destination {
        RouteDestination::PrefixList(id) => prefix_list::blocks(cx, id),
        RouteDestination::Ipv4(_) | RouteDestination::Ipv6(_) => {
            destination.network().into_iter().collect()
        }
    };
    let to_ipv4 = match destination {
        RouteDestination::PrefixList(id) => prefix_list::family(cx, id) == AddressFamily::Ipv4,
        RouteDestination::Ipv4(_) => true,
        RouteDestination::Ipv6(_) => false,
    };
    if let (true, RouteTarget::EgressOnlyInternetGateway(id)) = (to_ipv4, target) {
        return Err(Error::invalid_parameter_value(format!(
            "The IPv4 destination {destination} cannot be routed to the egress-only internet \
             gateway {id}, which carries IPv6 only."
        )));
    }
    blocks.into_iter().try_for_each(|net| {
        check_not_service(is_service(net), &net.to_string())?;
        check_inside(cx, table, net, target)
    })
}

/// Whether a block may lead to a target, should it lie inside the VPC (`RT-4`).
fn check_inside(cx: &Cx, table: &RouteTable, net: IpNet, target: RouteTarget) -> Result<(), Error> {
    let local = table
        .routes
        .iter()
        .filter(|r| r.origin == RouteOrigin::CreateRouteTable);
    let mut local = local.filter_map(|r| r.destination.network());
    if target == RouteTarget::Local || !local.any(|block| contains(block, net)) {
        return Ok(());
    }
    let to_interface = matches!(
        target,
        RouteTarget::NetworkInterface(_) | RouteTarget::NatGateway(_)
    );
    let whole = is_vpc_block(cx, table.vpc, net) || is_subnet_block(cx, table.vpc, net);
    if to_interface && whole {
        return Ok(());
    }
    let why = match to_interface {
        false => "This route can target only an interface or an instance.",
        true => "Its destination must be the whole CIDR block of a subnet.",
    };
    Err(Error::invalid_parameter_value(format!(
        "The destination CIDR block {net} is equal to or more specific than one of this VPC's CIDR blocks. {why}"
    )))
}

fn contains(block: IpNet, net: IpNet) -> bool {
    block.contains(&net)
}
