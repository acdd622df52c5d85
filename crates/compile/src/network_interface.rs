//! Network interfaces and the public addresses mapped to them (`ENI-1`, `EIP-1`, `EIP-3`).

use std::net::Ipv4Addr;

use hashbrown::HashMap;
use openvpc_engine::{ConntrackTimeouts, Eni, EniKind, Mac, PrivateIpv4};
use openvpc_model::{ConnectionTracking, NetworkInterface, NetworkInterfaceId, Region};

use crate::region::Numbers;
use crate::vpc_endpoint;

/// Elastic addresses by what they stand for.
pub(crate) struct PublicAddresses(HashMap<(NetworkInterfaceId, Ipv4Addr), Ipv4Addr>);

impl PublicAddresses {
    pub fn of(region: &Region) -> PublicAddresses {
        let associated = region.addresses.values().filter_map(|address| {
            let to = address.association.as_ref()?;
            Some(((to.network_interface, to.private_ip), address.public_ip))
        });
        PublicAddresses(associated.collect())
    }

    /// Those of one interface alone.
    pub fn of_one(region: &Region, eni: NetworkInterfaceId) -> PublicAddresses {
        let theirs = region.addresses.values().filter_map(|address| {
            let to = address.association.as_ref()?;
            (to.network_interface == eni).then_some(((eni, to.private_ip), address.public_ip))
        });
        PublicAddresses(theirs.collect())
    }
}

/// What the interfaces without a port are for.
pub(crate) fn kinds(
    name: &str,
    region: &Region,
    numbers: &Numbers,
) -> HashMap<NetworkInterfaceId, EniKind> {
    let translating = numbers.nat_gateways.values();
    let translating = translating.map(|(_, eni)| (*eni, EniKind::NatGateway));
    let nodes = region.load_balancers.values();
    let nodes = nodes.flat_map(|lb| lb.nodes.values());
    translating
        .chain(nodes.map(|eni| (*eni, EniKind::LoadBalancer)))
        .chain(vpc_endpoint::interfaces(name, region))
        .collect()
}

/// Compiles an interface, attached or not; `None` if its VPC or subnet is not there.
pub(crate) fn compile(
    region: &Region,
    eni: &NetworkInterface,
    numbers: &Numbers,
    public: &PublicAddresses,
) -> Option<Eni> {
    let groups = eni.security_groups.iter();
    Some(Eni {
        vpc: *numbers.vpcs.get(&eni.vpc)?,
        subnet: *numbers.subnets.get(&eni.subnet)?,
        mac: Mac(eni.mac.0),
        ipv4: eni
            .private_ips
            .iter()
            .enumerate()
            .map(|(at, address)| PrivateIpv4 {
                address: *address,
                // An Elastic address takes the place of the automatic one (EIP-3).
                public: match public.0.get(&(eni.id, *address)) {
                    Some(elastic) => Some(*elastic),
                    None if at == 0 => eni.auto_public_ip,
                    None => None,
                },
            })
            .collect(),
        ipv6: eni.ipv6_addresses.clone(),
        security_groups: groups
            .filter_map(|id| numbers.security_groups.get(id).copied())
            .collect(),
        kind: EniKind::Port,
        source_dest_check: eni.source_dest_check,
        hostname: hostname(region, eni),
        timeouts: timeouts(&eni.connection_tracking),
    })
}

/// Idle times as they were set, else AWS's defaults (`SG-8`).
fn timeouts(set: &ConnectionTracking) -> ConntrackTimeouts {
    let aws = ConntrackTimeouts::default();
    ConntrackTimeouts {
        tcp_established_secs: set.tcp_established_secs.unwrap_or(aws.tcp_established_secs),
        udp_stream_secs: set.udp_stream_secs.unwrap_or(aws.udp_stream_secs),
        udp_single_secs: set.udp_single_secs.unwrap_or(aws.udp_single_secs),
    }
}

/// The host part of the private DNS name, by the subnet's choice of kind (`DNS-2`).
fn hostname(region: &Region, eni: &NetworkInterface) -> String {
    let by_resource = region
        .subnets
        .get(&eni.subnet)
        .is_some_and(|subnet| subnet.private_dns_hostname_type == "resource-name");
    match (&eni.attachment, by_resource) {
        (Some(attachment), true) => attachment.instance.to_string(),
        _ => match eni.private_ips.first() {
            Some(address) => format!("ip-{}", address.to_string().replace('.', "-")),
            None => eni.id.to_string(),
        },
    }
}
