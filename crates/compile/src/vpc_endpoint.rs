//! Interface endpoints: what stands behind their interfaces (`IE-7`).

use openvpc_engine::{Backend, EniKind};
use openvpc_model::{EndpointService, NetworkInterfaceId, Region, VpcEndpoint, public_services};

/// The interfaces of all interface endpoints, and what packets to them meet.
pub(crate) fn interfaces<'r>(
    name: &'r str,
    region: &'r Region,
) -> impl Iterator<Item = (NetworkInterfaceId, EniKind)> + 'r {
    region.vpc_endpoints.values().flat_map(|endpoint| {
        let kind = EniKind::VpcEndpoint(backend(name, endpoint));
        let interfaces = endpoint.interface().into_iter();
        let interfaces = interfaces.flat_map(|it| it.network_interfaces.values());
        interfaces.map(move |id| (*id, kind))
    })
}

fn backend(region: &str, endpoint: &VpcEndpoint) -> Backend {
    match &endpoint.service {
        // A service that is not served here leads to one that says so.
        EndpointService::Aws(name) if endpoint.is_available() => {
            let services: Vec<_> = public_services()
                .into_iter()
                .filter(|service| service.region == region)
                .collect();
            let named = |name: &str| services.iter().find(|service| service.name == name);
            let service = named(name).or_else(|| named("ec2"));
            service.map_or(Backend::Nobody, |it| Backend::Service(it.address.into()))
        }
        EndpointService::Aws(_) | EndpointService::Customer(_) => Backend::Nobody,
    }
}
