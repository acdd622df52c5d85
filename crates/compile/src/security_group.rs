//! Security groups (`SG-1` to `SG-5`).

use ipnet::IpNet;
use openvpc_engine::{Peer, PortRange, SecurityGroup, SecurityRule, Traffic};
use openvpc_model::{Region, RulePeer, RuleTraffic};

use crate::region::Numbers;
use crate::{Names, RuleName};

/// Compiles a group: one rule per peer, and per block of a prefix list. A rule whose peer is gone
/// matches nothing and is left out.
pub(crate) fn compile(
    region: &Region,
    group: &openvpc_model::SecurityGroup,
    numbers: &Numbers,
    names: &mut Names,
) -> SecurityGroup {
    let mut compiled = SecurityGroup::default();
    for rule in &group.rules {
        let peers: Vec<Peer> = match &rule.peer {
            RulePeer::Ipv4(net) => vec![Peer::Ipv4(*net)],
            RulePeer::Ipv6(net) => vec![Peer::Ipv6(*net)],
            RulePeer::SecurityGroup { id, peer_vpc, .. } => {
                let index = numbers.security_groups.get(id).copied();
                let peer = index.and_then(|index| match peer_vpc {
                    None => Some(Peer::Group(index)),
                    // Stale without a connection (PCX-42).
                    Some(vpc) => {
                        region.active_peering(group.vpc, *vpc)?;
                        Some(Peer::PeeredGroup(*numbers.vpcs.get(vpc)?, index))
                    }
                });
                peer.into_iter().collect()
            }
            RulePeer::PrefixList(id) => {
                let blocks = region.prefix_list_cidrs(*id).into_iter();
                blocks.map(block).collect()
            }
        };
        let reference = names.add_rule(RuleName::SecurityGroupRule {
            group: group.id,
            rule: rule.id,
        });
        let rules = if rule.is_egress {
            &mut compiled.egress
        } else {
            &mut compiled.ingress
        };
        rules.extend(peers.into_iter().map(|peer| SecurityRule {
            reference,
            traffic: traffic(rule.traffic),
            peer,
        }));
    }
    compiled
}

fn block(net: IpNet) -> Peer {
    match net {
        IpNet::V4(net) => Peer::Ipv4(net),
        IpNet::V6(net) => Peer::Ipv6(net),
    }
}

fn traffic(traffic: RuleTraffic) -> Traffic {
    match traffic {
        RuleTraffic::All => Traffic::All,
        RuleTraffic::Tcp { from, to } => Traffic::Tcp(PortRange { from, to }),
        RuleTraffic::Udp { from, to } => Traffic::Udp(PortRange { from, to }),
        RuleTraffic::Icmp { kind, code } => Traffic::Icmp { kind, code },
        RuleTraffic::Icmpv6 { kind, code } => Traffic::Icmpv6 { kind, code },
        RuleTraffic::Protocol(number) => Traffic::Protocol(number),
    }
}
