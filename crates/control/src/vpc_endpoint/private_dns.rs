//! Names of interface endpoints: the public ones, and the service's own name in this VPC alone (spec 04 §3).

use openvpc_ec2::Error;
use openvpc_model::*;
use serde_json::{Value, json};

use super::request::DnsOptions;
use crate::Cx;

/// Of the domain `vpce.amazonaws.com`, and of every private zone (`IN-3`: a constant; one for all regions is a choice).
const HOSTED_ZONE: &str = "Z7HUB22UULQXV";

/// Whether an endpoint has private names unless its maker says so (`IE-4`): those of AWS's services, but for S3, whose
/// private names need a gateway endpoint beside it (`IN-5`).
pub fn default(endpoint: &VpcEndpoint) -> bool {
    let service = endpoint.service.aws();
    service.is_some_and(|service| !service.has_inbound_only_names())
}

/// Turns private names on or off, or leaves them as they are (`IE-5`, `IE-6`, `IN-5`).
///
/// # Errors
/// `InvalidParameter`.
pub fn set(
    cx: &Cx,
    endpoint: &VpcEndpoint,
    own: &mut InterfaceEndpoint,
    enabled: Option<bool>,
    options: Option<&DnsOptions>,
) -> Result<(), Error> {
    let was_on = own.private_dns;
    own.private_dns = enabled.unwrap_or(was_on);
    let inbound = options.and_then(|it| it.private_dns_only_for_inbound_resolver_endpoint);
    set_inbound(cx, endpoint, own, inbound, was_on)?;
    if !own.private_dns || was_on {
        return Ok(());
    }
    let vpc = cx.get::<Vpc>(endpoint.vpc).ok_or_else(Error::internal)?;
    if !vpc.enable_dns_support || !vpc.enable_dns_hostnames {
        return Err(Error::invalid_parameter(format!(
            "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true for {}",
            vpc.id
        )));
    }
    let names = private_names(cx, endpoint);
    if names.is_empty() {
        return Err(Error::invalid_parameter(format!(
            "Private DNS can't be enabled because the service {} does not provide a private DNS name.",
            endpoint.service.name(cx.region_name())
        )));
    }
    let others = cx.all::<VpcEndpoint>();
    let mut others = others.filter(|other| other.vpc == vpc.id && other.id != endpoint.id);
    let taken = others.find_map(|other| {
        other.interface().filter(|own| own.private_dns)?;
        let theirs = private_names(cx, other);
        names.iter().find(|name| theirs.contains(name))
    });
    match taken {
        None => Ok(()),
        Some(name) => Err(Error::invalid_parameter(format!(
            "private-dns-enabled cannot be set because there is already a conflicting DNS domain for {name} in the VPC {}",
            vpc.id
        ))),
    }
}

/// `IN-5`: private names that are not for the VPC itself, whose own packets go by the gateway endpoint.
fn set_inbound(
    cx: &Cx,
    endpoint: &VpcEndpoint,
    own: &mut InterfaceEndpoint,
    asked: Option<bool>,
    was_on: bool,
) -> Result<(), Error> {
    let knows = endpoint
        .service
        .aws()
        .is_some_and(|s| s.has_inbound_only_names());
    if !knows {
        return match asked {
            Some(true) => Err(Error::invalid_parameter(
                "PrivateDnsOnlyForInboundResolverEndpoint not supported for this service.",
            )),
            _ => Ok(()),
        };
    }
    let kept = was_on.then_some(own.private_dns_only_for_inbound_resolver);
    let only_inbound = asked.or(kept).unwrap_or(true);
    own.private_dns_only_for_inbound_resolver = own.private_dns && only_inbound;
    let beside = |other: &VpcEndpoint| {
        let same = other.vpc == endpoint.vpc && other.service == endpoint.service;
        same && other.kind == VpcEndpointKind::Gateway
    };
    match own.private_dns_only_for_inbound_resolver && !cx.all::<VpcEndpoint>().any(beside) {
        false => Ok(()),
        true => Err(Error::invalid_parameter(format!(
            "To set PrivateDnsOnlyForInboundResolverEndpoint to true, the VPC {} must have a Gateway endpoint for the service.",
            endpoint.vpc
        ))),
    }
}

/// The names that private DNS of an endpoint takes over.
fn private_names(cx: &Cx, endpoint: &VpcEndpoint) -> Vec<String> {
    match &endpoint.service {
        EndpointService::Aws(_) => {
            let service = endpoint.service.aws();
            service.map_or_else(Vec::new, |it| it.private_dns_names(cx.region_name()))
        }
        EndpointService::Customer(id) => {
            let service = cx.get::<VpcEndpointService>(*id);
            let name = service.and_then(VpcEndpointService::verified_dns_name);
            name.map(str::to_owned).into_iter().collect()
        }
    }
}

/// `dnsEntrySet`: regional, zonal, private (`IN-3`).
pub fn entries(cx: &Cx, endpoint: &VpcEndpoint, own: &InterfaceEndpoint) -> Value {
    let region = cx.region_name();
    let below = endpoint
        .service
        .aws()
        .is_some_and(|it| it.has_names_below());
    let wild = if below { "*." } else { "" };
    let zones = own.network_interfaces.keys();
    let mut zones: Vec<&String> = zones
        .filter_map(|id| Some(&cx.get::<Subnet>(*id)?.availability_zone))
        .collect();
    zones.sort_unstable();
    let zonal = zones.into_iter();
    let zonal = zonal.filter_map(|zone| endpoint.zonal_dns_name(region, zone));
    let public = endpoint.dns_name(region).into_iter().chain(zonal);
    let public = public.map(|name| format!("{wild}{name}"));
    let private = match own.private_dns {
        true => private_names(cx, endpoint),
        false => Vec::new(),
    };
    public
        .chain(private)
        .map(|name| json!({"DnsName": name, "HostedZoneId": HOSTED_ZONE}))
        .collect()
}
