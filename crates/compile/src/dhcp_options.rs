//! What DHCP tells instances (`DHCP-1`, `DHCP-2`).

use std::net::Ipv4Addr;

use openvpc_engine::DhcpOptions;
use openvpc_model::{Region, Vpc};

/// Resolves a VPC's options. `AmazonProvidedDNS` is the resolver at the primary block's base plus
/// two (`DNS-1`); without a set there are no options at all.
pub(crate) fn compile(region: &Region, vpc: &Vpc) -> DhcpOptions {
    let mut compiled = DhcpOptions::default();
    let set = vpc.dhcp_options.and_then(|id| region.dhcp_options.get(&id));
    for (key, values) in set.into_iter().flat_map(|set| &set.configurations) {
        match key.as_str() {
            "domain-name" => compiled.domain_name = values.first().cloned(),
            "domain-name-servers" => compiled.domain_name_servers = servers(values, vpc),
            "ntp-servers" => compiled.ntp_servers = addresses(values),
            "netbios-name-servers" => compiled.netbios_name_servers = addresses(values),
            "netbios-node-type" => {
                compiled.netbios_node_type = values.first().and_then(|value| value.parse().ok());
            }
            // DHCPv6's, or unknown to DHCP.
            _ => {}
        }
    }
    compiled
}

fn servers(values: &[String], vpc: &Vpc) -> Vec<Ipv4Addr> {
    let resolver = || Ipv4Addr::from(u32::from(vpc.primary_cidr().network()).wrapping_add(2));
    let server = |value: &String| match value.as_str() {
        "AmazonProvidedDNS" => Some(resolver()),
        address => address.parse().ok(),
    };
    values.iter().filter_map(server).collect()
}

/// The IPv4 addresses among the values; IPv6 ones have no place in DHCP for IPv4.
fn addresses(values: &[String]) -> Vec<Ipv4Addr> {
    values
        .iter()
        .filter_map(|value| value.parse().ok())
        .collect()
}
