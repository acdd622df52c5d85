//! Interface endpoints: what stands behind their interfaces (`IE-7`).

use openvpc_engine::{Backend, EniIndex, EniKind};
use openvpc_model::{
    EndpointService, NetworkInterfaceId, Region, VpcEndpointServiceId, public_services,
};

/// The interfaces of all interface endpoints, and what packets to them meet.
pub(crate) fn interfaces<'r>(
    name: &'r str,
    region: &'r Region,
) -> impl Iterator<Item = (NetworkInterfaceId, EniKind)> + 'r {
    region.vpc_endpoints.values().flat_map(move |endpoint| {
        let interfaces = endpoint.interface().into_iter();
        let interfaces = interfaces.flat_map(|it| it.network_interfaces.values());
        interfaces.map(move |id| {
            let backend = match &endpoint.service {
                _ if !endpoint.is_available() => Backend::Nobody,
                EndpointService::Aws(short) => of_aws(name, short),
                EndpointService::Customer(service) => of_customer(region, *service, *id),
            };
            (*id, EniKind::VpcEndpoint(backend))
        })
    })
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
