//! Gateway endpoints: a route to the service's prefix list in each chosen table (`GE-3` to `GE-8`).
//!
//! The routes stand in the tables and nowhere else: which tables an endpoint has is read off them, and no call can make,
//! change or remove such a route but those about the endpoint.

use openvpc_ec2::{Error, Resource};
use openvpc_model::*;

use super::request::{CreateRequest, DnsOptions, ModifyRequest};
use crate::ids::parse_id;
use crate::route_table::check_edge_route;
use crate::{Cx, prefix_list};

/// Writes the endpoint down, with a route in each table; without a table it does nothing yet (`GE-6`).
pub fn create(cx: &mut Cx, req: &CreateRequest, endpoint: VpcEndpoint) -> Result<(), Error> {
    let subnets = !req.subnet_ids.is_empty() || !req.subnet_configurations.is_empty();
    refuse_foreign(&[
        (SUBNETS, subnets),
        (SECURITY_GROUPS, !req.security_group_ids.is_empty()),
        (PRIVATE_DNS, req.private_dns_enabled == Some(true)),
    ])?;
    check_addressing(req.ip_address_type.as_deref(), req.dns_options.as_ref())?;
    check_quotas(cx, endpoint.vpc)?;
    add_routes(cx, &endpoint, &req.route_table_ids)?;
    cx.put(endpoint);
    Ok(())
}

/// Writes a changed endpoint down; its policy is changed already (`GE-8`).
pub fn modify(cx: &mut Cx, req: &ModifyRequest, endpoint: VpcEndpoint) -> Result<(), Error> {
    let subnets = [&req.add_subnet_ids, &req.remove_subnet_ids];
    let subnets = subnets.iter().any(|ids| !ids.is_empty());
    let groups = [&req.add_security_group_ids, &req.remove_security_group_ids];
    refuse_foreign(&[
        (SUBNETS, subnets || !req.subnet_configurations.is_empty()),
        (SECURITY_GROUPS, groups.iter().any(|ids| !ids.is_empty())),
        (PRIVATE_DNS, req.private_dns_enabled == Some(true)),
    ])?;
    check_addressing(req.ip_address_type.as_deref(), req.dns_options.as_ref())?;
    for text in &req.remove_route_table_ids {
        let mut table = table(cx, &endpoint, text)?;
        let routes = table.routes.len();
        table.routes.retain(|route| !is_to(route, endpoint.id));
        if table.routes.len() == routes {
            return Err(Error::invalid_parameter(format!(
                "Route table {} is not associated with the VPC endpoint {}",
                table.id, endpoint.id
            )));
        }
        cx.put(table);
    }
    add_routes(cx, &endpoint, &req.add_route_table_ids)?;
    cx.put(endpoint);
    Ok(())
}

/// Takes the routes of an endpoint out of their tables (`GE-9`).
pub fn delete(cx: &mut Cx, id: VpcEndpointId) {
    for table in route_tables(cx, id) {
        if let Some(mut table) = cx.get::<RouteTable>(table).cloned() {
            table.routes.retain(|route| !is_to(route, id));
            cx.put(table);
        }
    }
}

/// The tables with a route to an endpoint, ascending.
pub fn route_tables(cx: &Cx, id: VpcEndpointId) -> Vec<RouteTableId> {
    let tables = cx.all::<RouteTable>();
    let tables = tables.filter(|table| table.routes.iter().any(|route| is_to(route, id)));
    let mut tables: Vec<RouteTableId> = tables.map(|table| table.id).collect();
    tables.sort_unstable();
    tables
}

/// That a route is none of an endpoint's, which route calls leave alone (`GE-4`).
///
/// # Errors
/// `InvalidParameterValue`.
pub fn check_is_no_endpoints(table: &RouteTable, route: &Route, verb: &str) -> Result<(), Error> {
    match route.target {
        RouteTarget::VpcEndpoint(_) => Err(Error::invalid_parameter_value(format!(
            "cannot {verb} VPC endpoint route {} in route table {}",
            route.destination, table.id
        ))),
        _ => Ok(()),
    }
}

fn is_to(route: &Route, id: VpcEndpointId) -> bool {
    route.target == RouteTarget::VpcEndpoint(id)
}

fn add_routes(cx: &mut Cx, endpoint: &VpcEndpoint, tables: &[String]) -> Result<(), Error> {
    let list = prefix_list::of_service(cx, &endpoint.service).ok_or_else(Error::internal)?;
    let destination = RouteDestination::PrefixList(list);
    let target = RouteTarget::VpcEndpoint(endpoint.id);
    let mut given = std::collections::BTreeSet::new();
    for text in tables {
        let mut table = table(cx, endpoint, text)?;
        if !given.insert(table.id) {
            continue;
        }
        if table.routes.iter().any(|r| r.destination == destination) {
            return Err(Error::new(
                "RouteAlreadyExists",
                format!(
                    "route table {} already has a route with destination-prefix-list-id {list}",
                    table.id
                ),
            ));
        }
        if table.is_edge() {
            check_edge_route(cx, table.vpc, destination, target)?;
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
    }
    Ok(())
}

/// A table of the endpoint's VPC.
fn table(cx: &Cx, endpoint: &VpcEndpoint, text: &str) -> Result<RouteTable, Error> {
    let id = parse_id::<RouteTableId>(text)?;
    let own = cx.get::<RouteTable>(id);
    let own = own.filter(|table| table.owner == *cx.account());
    // Spelt as no route call spells it (`GE-6`).
    let table = own.ok_or_else(|| {
        let refusal = Error::not_found(Resource::RouteTable, text);
        Error::new("InvalidRouteTableId.NotFound", refusal.message())
    })?;
    match table.vpc == endpoint.vpc {
        true => Ok(table.clone()),
        false => Err(Error::invalid_parameter(format!(
            "Route table {id} does not belong to {}",
            endpoint.vpc
        ))),
    }
}

/// AWS's words for the first and for names of inbound resolvers, and its pattern for the others.
const SUBNETS: &str =
    "Subnet IDs are only supported for Interface and GatewayLoadBalancer type VPC Endpoints.";
const SECURITY_GROUPS: &str =
    "Security group IDs are only supported for Interface type VPC Endpoints.";
const PRIVATE_DNS: &str = "Private DNS is only supported for Interface type VPC Endpoints.";
const INBOUND_NAMES: &str = "DnsOptions PrivateDnsOnlyForInboundResolverEndpoint is applicable only to Interface VPC Endpoints.";

/// Refuses what only interface endpoints have (`GE-7`).
fn refuse_foreign(given: &[(&str, bool)]) -> Result<(), Error> {
    match given.iter().find(|(_, is_given)| *is_given) {
        None => Ok(()),
        Some((why, _)) => Err(Error::invalid_parameter(*why)),
    }
}

/// Gateway endpoints carry IPv4 and change no name (`GE-24`, `GE-28`).
fn check_addressing(
    ip_address_type: Option<&str>,
    dns_options: Option<&DnsOptions>,
) -> Result<(), Error> {
    if let Some(other) = ip_address_type.filter(|kind| !matches!(*kind, "" | "ipv4")) {
        return Err(Error::invalid_parameter(format!(
            "The IP address type {other} is not supported by VPC endpoints of the type Gateway"
        )));
    }
    let Some(options) = dns_options else {
        return Ok(());
    };
    let record_type = options.dns_record_ip_type.as_deref();
    if let Some(other) =
        record_type.filter(|kind| !matches!(*kind, "" | "ipv4" | "service-defined"))
    {
        return Err(Error::invalid_parameter(format!(
            "The DNS record IP type {other} is not supported by VPC endpoints of the type Gateway"
        )));
    }
    refuse_foreign(&[(
        INBOUND_NAMES,
        options.private_dns_only_for_inbound_resolver_endpoint == Some(true),
    )])
}

/// `GE-11`.
fn check_quotas(cx: &Cx, vpc: VpcId) -> Result<(), Error> {
    let gateways = cx.own::<VpcEndpoint>();
    let gateways = gateways.filter(|endpoint| endpoint.kind == VpcEndpointKind::Gateway);
    let (mut in_region, mut in_vpc) = (0, 0);
    for endpoint in gateways {
        in_region += 1;
        in_vpc += usize::from(endpoint.vpc == vpc);
    }
    let quotas = cx.quotas();
    match in_region >= quotas.gateway_endpoints_per_region
        || in_vpc >= quotas.gateway_endpoints_per_vpc
    {
        false => Ok(()),
        true => Err(Error::limit_exceeded(
            "VpcEndpointLimitExceeded",
            "gateway VPC endpoints",
        )),
    }
}
