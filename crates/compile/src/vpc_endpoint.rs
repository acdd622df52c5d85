//! Interface endpoints: what stands behind their interfaces (`IE-7`), and their names (spec 04 §3).

use std::collections::HashSet;
use std::sync::Arc;

use hashbrown::HashMap;
use openvpc_dns::{Addresses, View, Views};
use openvpc_engine::{Backend, EndpointLabel, EniIndex, EniKind};
use openvpc_model::{
    EndpointIpAddressType, EndpointService, InterfaceEndpoint, NetworkInterface,
    NetworkInterfaceId, Region, VpcEndpoint, VpcEndpointService, VpcEndpointServiceId,
    public_services,
};

use crate::dns::{has_host_names, key};

/// The interfaces of all interface endpoints, and what packets to them meet.
pub(crate) fn interfaces<'r>(
    name: &'r str,
    region: &'r Region,
) -> impl Iterator<Item = (NetworkInterfaceId, EniKind)> + 'r {
    region.vpc_endpoints.values().flat_map(move |endpoint| {
        let interfaces = interfaces_of(endpoint);
        interfaces.map(move |id| (id, kind(name, region, endpoint, id)))
    })
}

/// The interfaces of an interface endpoint; of a gateway endpoint none.
pub(crate) fn interfaces_of(endpoint: &VpcEndpoint) -> impl Iterator<Item = NetworkInterfaceId> {
    let interfaces = endpoint.interface().into_iter();
    interfaces.flat_map(|it| it.network_interfaces.values().copied())
}

/// What packets to an interface meet, if it is an endpoint's.
pub(crate) fn kind_of(name: &str, region: &Region, eni: &NetworkInterface) -> Option<EniKind> {
    let mut endpoints = region.vpc_endpoints.values();
    let endpoint = endpoints.find(|endpoint| {
        endpoint.vpc == eni.vpc && interfaces_of(endpoint).any(|id| id == eni.id)
    })?;
    Some(kind(name, region, endpoint, eni.id))
}

fn kind(name: &str, region: &Region, endpoint: &VpcEndpoint, id: NetworkInterfaceId) -> EniKind {
    EniKind::VpcEndpoint(match &endpoint.service {
        _ if !endpoint.is_available() => Backend::Nobody,
        EndpointService::Aws(short) => of_aws(name, short),
        EndpointService::Customer(service) => of_customer(region, *service, id),
    })
}

/// What targets are told of the endpoints that lead to each node of a load balancer, by the node's interface.
pub(crate) fn labels(region: &Region) -> HashMap<EniIndex, Vec<(EniIndex, EndpointLabel)>> {
    let mut labels: HashMap<EniIndex, Vec<(EniIndex, EndpointLabel)>> = HashMap::new();
    for endpoint in region.vpc_endpoints.values() {
        let EndpointService::Customer(service) = endpoint.service else {
            continue;
        };
        let text: Arc<str> = endpoint.id.to_string().into();
        let interfaces = endpoint.interface().into_iter();
        for id in interfaces.flat_map(|own| own.network_interfaces.values()) {
            let eni = region.network_interfaces.get(id);
            if let (Some(eni), Backend::LoadBalancer(node)) =
                (eni, of_customer(region, service, *id))
            {
                let label = EndpointLabel(text.clone());
                labels
                    .entry(node)
                    .or_default()
                    .push((EniIndex(eni.serial), label));
            }
        }
    }
    labels
}

/// Adds the names of a region's interface endpoints: public ones, which lead to private addresses wherever they are asked
/// (`IN-1`), and in the endpoint's own VPC the private ones (`IN-2`). A zone that is lost drops out of the regional name;
/// its zonal name has no address (`IN-4`). One that leads to an idle node drops out of the regional name too, unless all
/// do.
pub(crate) fn add_names(
    (region_name, region): (&str, &Region),
    idle: &HashSet<EniIndex>,
    views: &mut Views,
) {
    for endpoint in region.vpc_endpoints.values() {
        let Some(own) = endpoint.interface().filter(|_| endpoint.is_available()) else {
            continue;
        };
        let below = endpoint
            .service
            .aws()
            .is_some_and(|it| it.has_names_below());
        let mut name = |name: Option<String>, addresses: &Addresses| {
            let Some(name) = name else { return };
            if below {
                let families = &mut views.public.families;
                families.insert(name.clone(), addresses.clone());
            }
            views.public.names.insert(name, addresses.clone());
        };
        let interfaces = own.network_interfaces.values();
        let interfaces = interfaces.filter_map(|id| region.network_interfaces.get(id));
        let (mut all, mut living) = (Addresses::default(), Addresses::default());
        let told = own.dns_records();
        for eni in interfaces {
            let addresses = addresses(region, eni, told);
            extend(&mut all, &addresses);
            if !leads_to_one_of(idle, region, endpoint, eni.id) {
                extend(&mut living, &addresses);
            }
            name(
                endpoint.zonal_dns_name(region_name, &eni.availability_zone),
                &addresses,
            );
        }
        let whole = match living == Addresses::default() {
            true => all,
            false => living,
        };
        name(endpoint.dns_name(region_name), &whole);
        let vpc = region.vpcs.get(&endpoint.vpc);
        let vpc = vpc.filter(|vpc| has_host_names(vpc)).map(key);
        if let Some(view) = vpc.and_then(|key| views.vpcs.get_mut(&key)) {
            add_private_names((region_name, region), endpoint, own, &whole, view);
        }
    }
}

fn leads_to_one_of(
    idle: &HashSet<EniIndex>,
    region: &Region,
    endpoint: &VpcEndpoint,
    interface: NetworkInterfaceId,
) -> bool {
    match endpoint.service {
        EndpointService::Customer(service) if !idle.is_empty() => {
            let backend = of_customer(region, service, interface);
            matches!(backend, Backend::LoadBalancer(node) if idle.contains(&node))
        }
        EndpointService::Customer(_) | EndpointService::Aws(_) => false,
    }
}

fn extend(all: &mut Addresses, more: &Addresses) {
    all.ipv4.extend(&more.ipv4);
    all.ipv6.extend(&more.ipv6);
}

/// Those of an interface, of the families that names tell; none while its zone is lost.
fn addresses(region: &Region, eni: &NetworkInterface, told: EndpointIpAddressType) -> Addresses {
    let lost = region.lost_zones.contains(&eni.availability_zone);
    let ipv4 = told != EndpointIpAddressType::Ipv6 && !lost;
    let ipv6 = told != EndpointIpAddressType::Ipv4 && !lost;
    Addresses {
        ipv4: eni.private_ips.iter().filter(|_| ipv4).copied().collect(),
        ipv6: eni
            .ipv6_addresses
            .iter()
            .filter(|_| ipv6)
            .copied()
            .collect(),
    }
}

fn add_private_names(
    (region_name, region): (&str, &Region),
    endpoint: &VpcEndpoint,
    own: &InterfaceEndpoint,
    addresses: &Addresses,
    view: &mut View,
) {
    if !own.private_dns || own.private_dns_only_for_inbound_resolver {
        return;
    }
    for name in private_names(region_name, region, &endpoint.service) {
        match name.strip_prefix("*.") {
            Some(family) => view
                .private_families
                .insert(family.to_owned(), addresses.clone()),
            None => view.private_names.insert(name, addresses.clone()),
        };
    }
}

/// The names that private DNS takes over: AWS's, or the provider's own once it is shown to be his (`EP-7`).
fn private_names(region_name: &str, region: &Region, service: &EndpointService) -> Vec<String> {
    match service {
        EndpointService::Aws(_) => {
            let service = service.aws();
            service.map_or_else(Vec::new, |it| it.private_dns_names(region_name))
        }
        EndpointService::Customer(id) => {
            let service = region.vpc_endpoint_services.get(id);
            let name = service.and_then(VpcEndpointService::verified_dns_name);
            name.map(str::to_ascii_lowercase).into_iter().collect()
        }
    }
}

/// A service that is not served here leads to one that says so.
fn of_aws(region: &str, name: &str) -> Backend {
    let services: Vec<_> = public_services()
        .into_iter()
        .filter(|service| service.region == region)
        .collect();
    let named = |name: &str| services.iter().find(|service| service.name == name);
    let service = named(name).or_else(|| named("ec2"));
    service.map_or(Backend::Nobody, |it| Backend::Service(it.address.into()))
}

/// The node of the interface's own zone, of the first load balancer that has one there (`EP-2`).
fn of_customer(
    region: &Region,
    id: VpcEndpointServiceId,
    interface: NetworkInterfaceId,
) -> Backend {
    let zone = region.network_interfaces.get(&interface);
    let zone = zone.map(|eni| &eni.availability_zone);
    let service = region.vpc_endpoint_services.get(&id).into_iter();
    let balancers = service.flat_map(|service| &service.load_balancers);
    let balancers = balancers.filter_map(|lb| region.load_balancers.get(lb));
    let mut nodes = balancers
        .flat_map(|lb| lb.nodes.values())
        .filter_map(|eni| region.network_interfaces.get(eni));
    let node = nodes.find(|node| Some(&node.availability_zone) == zone);
    node.map_or(Backend::Nobody, |node| {
        Backend::LoadBalancer(EniIndex(node.serial))
    })
}
