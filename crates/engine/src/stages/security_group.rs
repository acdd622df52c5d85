//! Security groups: allow rules of all groups of an interface, united (SG-1). They are asked only about flows that
//! connection tracking does not know.
//!
//! Reads: the interface's groups, the sender's groups for group peers. Exits: `SecurityGroupEgress`,
//! `SecurityGroupIngress` (by the caller). Source: VPC user guide, "Security groups"; EC2 user guide, "Security group
//! connection tracking".

use std::net::IpAddr;

use ipnet::{Ipv4Net, Ipv6Net};
use openvpc_wire::packet::protocol;

use crate::defects::{Defect, planted};
use crate::facts::Facts;
use crate::flow::Direction;
use crate::ids::{EniIndex, RuleRef, SecurityGroupIndex, VpcIndex};
use crate::snapshot::{Eni, EniKind, Peer, PortRange, SecurityRule, Snapshot, Traffic};

/// A packet that the rules allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Allowed {
    /// A rule that matches.
    pub rule: RuleRef,
    /// Whether the flow is to be tracked (SG-7).
    pub tracked: bool,
}

/// Asks the rules of `eni`; cost linear in their number. `sender` is the interface that an ingress packet left, if it
/// came straight from one in the same VPC; `opens` tells a TCP connection's first packet.
pub(crate) fn evaluate(
    snapshot: &Snapshot,
    eni: &Eni,
    direction: Direction,
    facts: &Facts,
    sender: Option<EniIndex>,
    opens: bool,
) -> Option<Allowed> {
    let peer = PeerView {
        snapshot,
        eni,
        direction,
        facts,
        sender,
    };
    let mut first = None;
    for rule in rules(snapshot, eni, direction) {
        if facts.matches(rule.traffic) && peer.matches(rule.peer) {
            first.get_or_insert(rule.reference);
            if is_open(rule.peer) {
                return Some(Allowed {
                    rule: rule.reference,
                    tracked: !is_untracked(snapshot, eni, direction, facts, opens),
                });
            }
        }
    }
    first.map(|rule| Allowed {
        rule,
        tracked: true,
    })
}

/// SG-7: TCP or UDP, allowed from or to everywhere one way, and everything allowed everywhere the other way. The packet
/// may be of either way, unless it opens a connection.
fn is_untracked(
    snapshot: &Snapshot,
    eni: &Eni,
    direction: Direction,
    facts: &Facts,
    opens: bool,
) -> bool {
    let stateful = planted(Defect::UntrackedTracked);
    if stateful || !matches!(facts.protocol, protocol::TCP | protocol::UDP) {
        return false;
    }
    let reverse = direction.reverse();
    allows_all_replies(snapshot, eni, reverse, facts)
        || ((!opens || planted(Defect::SynTakenForAnswer))
            && allows_all_replies(snapshot, eni, direction, facts)
            && is_open_to_all(snapshot, eni, reverse, &facts.reversed()))
}

fn is_open_to_all(snapshot: &Snapshot, eni: &Eni, direction: Direction, facts: &Facts) -> bool {
    rules(snapshot, eni, direction).any(|rule| {
        is_open(rule.peer) && same_family(rule.peer, facts) && facts.matches(rule.traffic)
    })
}

fn allows_all_replies(snapshot: &Snapshot, eni: &Eni, direction: Direction, facts: &Facts) -> bool {
    rules(snapshot, eni, direction).any(|rule| {
        let every_port = match rule.traffic {
            Traffic::All => true,
            Traffic::Tcp(ports) => ports == PortRange::ALL && facts.protocol == protocol::TCP,
            Traffic::Udp(ports) => ports == PortRange::ALL && facts.protocol == protocol::UDP,
            Traffic::Icmp { .. } | Traffic::Icmpv6 { .. } | Traffic::Protocol(_) => false,
        };
        every_port && is_open(rule.peer) && same_family(rule.peer, facts)
    })
}

fn rules<'a>(
    snapshot: &'a Snapshot,
    eni: &'a Eni,
    direction: Direction,
) -> impl Iterator<Item = &'a SecurityRule> {
    let groups = eni
        .security_groups
        .iter()
        .filter_map(|group| snapshot.parts().security_groups.get(*group));
    groups.flat_map(move |group| match direction {
        Direction::Ingress => &group.ingress,
        Direction::Egress => &group.egress,
    })
}

fn is_open(peer: Peer) -> bool {
    match peer {
        Peer::Ipv4(block) => block.prefix_len() == 0,
        Peer::Ipv6(block) => block.prefix_len() == 0,
        Peer::Group(_) | Peer::PeeredGroup(..) => false,
    }
}

fn same_family(peer: Peer, facts: &Facts) -> bool {
    match peer {
        Peer::Ipv4(_) => facts.source.is_ipv4(),
        Peer::Ipv6(_) => facts.source.is_ipv6(),
        Peer::Group(_) | Peer::PeeredGroup(..) => true,
    }
}

struct PeerView<'a> {
    snapshot: &'a Snapshot,
    eni: &'a Eni,
    direction: Direction,
    facts: &'a Facts,
    sender: Option<EniIndex>,
}

impl PeerView<'_> {
    #[inline]
    fn matches(&self, peer: Peer) -> bool {
        use IpAddr::{V4, V6};
        match (peer, self.facts.peer(self.direction)) {
            (Peer::Ipv4(block), V4(address)) => ipv4_contains(block, address),
            (Peer::Ipv6(block), V6(address)) => ipv6_contains(block, address),
            (Peer::Group(group), address) => self.is_member(group, self.eni.vpc, address),
            (Peer::PeeredGroup(vpc, group), address) => self.is_member(group, vpc, address),
            (Peer::Ipv4(_), V6(_)) | (Peer::Ipv6(_), V4(_)) => false,
        }
    }

    fn is_member(&self, group: SecurityGroupIndex, vpc: VpcIndex, address: IpAddr) -> bool {
        let interface = self.peer_interface(vpc, address);
        let interface = interface.and_then(|index| self.snapshot.eni(index));
        interface.is_some_and(|eni| eni.security_groups.contains(&group))
    }

    /// SG-5: the owner of the private address; for ingress only if the packet comes from that very interface, so not
    /// when a middlebox forwarded it.
    fn peer_interface(&self, vpc: VpcIndex, address: IpAddr) -> Option<EniIndex> {
        // Where a load balancer preserves its clients' addresses, its groups stand for it all the same.
        let sender = self.sender.and_then(|sender| self.snapshot.eni(sender));
        if self.direction == Direction::Ingress
            && sender
                .is_some_and(|sender| sender.kind == EniKind::LoadBalancer && sender.vpc == vpc)
        {
            return self.sender;
        }
        let owner = self.snapshot.owner(vpc, address)?;
        match self.direction {
            Direction::Ingress if planted(Defect::GroupMatchesForwarded) => Some(owner),
            Direction::Ingress => (self.sender == Some(owner)).then_some(owner),
            Direction::Egress => Some(owner),
        }
    }
}

/// Whether the address lies in the block, canonical or not.
#[inline]
pub(crate) fn ipv4_contains(block: Ipv4Net, address: std::net::Ipv4Addr) -> bool {
    let differ = u32::from(block.addr()) ^ u32::from(address);
    differ
        .checked_shr(32 - u32::from(block.prefix_len()))
        .unwrap_or(0)
        == 0
}

/// Whether the address lies in the block, canonical or not.
#[inline]
pub(crate) fn ipv6_contains(block: Ipv6Net, address: std::net::Ipv6Addr) -> bool {
    let differ = u128::from(block.addr()) ^ u128::from(address);
    differ
        .checked_shr(128 - u32::from(block.prefix_len()))
        .unwrap_or(0)
        == 0
}
