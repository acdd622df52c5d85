//! Network ACLs (`ACL-1`, `ACL-2`).

use std::net::{Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use openvpc_engine::{AclEntry, NetworkAcl, PortRange, Traffic};
use openvpc_model::AclTraffic;

use crate::{Names, RuleName};

/// The closing deny for IPv4.
const LAST_IPV4: u16 = 32_767;
/// The closing deny for IPv6, where the VPC has any.
const LAST_IPV6: u16 = 32_768;

/// Compiles an ACL, ascending by rule number, with its closing denies.
pub(crate) fn compile(
    acl: &openvpc_model::NetworkAcl,
    has_ipv6: bool,
    names: &mut Names,
) -> NetworkAcl {
    let mut direction = |is_egress: bool| {
        let mut entries: Vec<AclEntry> = acl
            .entries
            .iter()
            .filter(|entry| entry.is_egress == is_egress)
            .map(|entry| {
                (
                    entry.rule_number.get(),
                    entry.allow,
                    traffic(entry.traffic),
                    entry.cidr,
                )
            })
            .chain([(LAST_IPV4, false, Traffic::All, IpNet::V4(EVERY_IPV4))])
            .chain(has_ipv6.then_some((LAST_IPV6, false, Traffic::All, IpNet::V6(EVERY_IPV6))))
            .map(|(rule_number, allow, traffic, cidr)| AclEntry {
                reference: names.add_rule(RuleName::NetworkAclEntry {
                    acl: acl.id,
                    is_egress,
                    rule_number,
                }),
                rule_number,
                allow,
                traffic,
                cidr,
            })
            .collect();
        entries.sort_by_key(|entry| entry.rule_number);
        entries
    };
    NetworkAcl {
        inbound: direction(false),
        outbound: direction(true),
    }
}

const EVERY_IPV4: Ipv4Net = Ipv4Net::new_assert(Ipv4Addr::UNSPECIFIED, 0);
const EVERY_IPV6: Ipv6Net = Ipv6Net::new_assert(Ipv6Addr::UNSPECIFIED, 0);

fn traffic(traffic: AclTraffic) -> Traffic {
    match traffic {
        AclTraffic::All => Traffic::All,
        AclTraffic::Tcp { from, to } => Traffic::Tcp(PortRange { from, to }),
        AclTraffic::Udp { from, to } => Traffic::Udp(PortRange { from, to }),
        AclTraffic::Icmp { kind, code } => Traffic::Icmp { kind, code },
        AclTraffic::Icmpv6 { kind, code } => Traffic::Icmpv6 { kind, code },
        AclTraffic::Protocol(number) => Traffic::Protocol(number),
    }
}
