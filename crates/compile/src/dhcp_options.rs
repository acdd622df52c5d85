//! What DHCP tells instances (`DHCP-1`, `DHCP-2`).

use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use openvpc_engine::DhcpOptions;
use openvpc_model::{Region, Vpc};

const RESOLVER_IPV6: Ipv6Addr = Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x253);

/// Resolves a VPC's options. `AmazonProvidedDNS` is the resolver at the primary block's base plus
/// two (`DNS-1`); without a set there are no options at all.
pub(crate) fn compile(region: &Region, vpc: &Vpc) -> DhcpOptions {
    let mut compiled = DhcpOptions::default();
    let set = vpc.dhcp_options.and_then(|id| region.dhcp_options.get(&id));
    for (key, values) in set.into_iter().flat_map(|set| &set.configurations) {
        match key.as_str() {
            "domain-name" => compiled.domain_name = values.first().cloned(),
            "domain-name-servers" => {
                compiled.domain_name_servers = servers(values, vpc);
                compiled.ipv6_name_servers = servers_ipv6(values);
            }
            "ntp-servers" => {
                compiled.ntp_servers = addresses(values);
                compiled.ipv6_ntp_servers = addresses(values);
            }
            "netbios-name-servers" => compiled.netbios_name_servers = addresses(values),
            "netbios-node-type" => {
                compiled.netbios_node_type = values.first().and_then(|value| value.parse().ok());
            }
            "ipv6-address-preferred-lease-time" => {
                compiled.ipv6_preferred_secs = values.first().and_then(|value| value.parse().ok());
            }
            // Unknown to DHCP.
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

/// As DHCPv6 tells them; `AmazonProvidedDNS` is the resolver's address in every VPC (`DNS-1`).
fn servers_ipv6(values: &[String]) -> Vec<Ipv6Addr> {
    let server = |value: &String| match value.as_str() {
        "AmazonProvidedDNS" => Some(RESOLVER_IPV6),
        address => address.parse().ok(),
    };
    values.iter().filter_map(server).collect()
}

/// The addresses of one family among the values; the others are for the other DHCP.
fn addresses<A: FromStr>(values: &[String]) -> Vec<A> {
    values
        .iter()
        .filter_map(|value| value.parse().ok())
        .collect()
}
