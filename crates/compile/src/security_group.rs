//! Security groups (`SG-1` to `SG-5`).

use openvpc_engine::{Peer, PortRange, SecurityGroup, SecurityRule, Traffic};
use openvpc_model::{RulePeer, RuleTraffic};

use crate::region::Numbers;
use crate::{Names, RuleName};

/// Compiles a group. A rule whose peer group is gone matches nothing and is left out.
pub(crate) fn compile(
    group: &openvpc_model::SecurityGroup,
    numbers: &Numbers,
    names: &mut Names,
) -> SecurityGroup {
    let mut compiled = SecurityGroup::default();
    for rule in &group.rules {
        let peer = match &rule.peer {
            RulePeer::Ipv4(net) => Peer::Ipv4(*net),
            RulePeer::Ipv6(net) => Peer::Ipv6(*net),
            RulePeer::SecurityGroup { id, .. } => match numbers.security_groups.get(id) {
                Some(index) => Peer::Group(*index),
                None => continue,
            },
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
        rules.push(SecurityRule {
            reference,
            traffic: traffic(rule.traffic),
            peer,
        });
    }
    compiled
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
