//! Network ACLs: numbered entries at the subnet edge, lowest first, first match wins, else deny (ACL-1, ACL-2).
//! Stateless: each packet is judged, replies too.
//!
//! Exits: `NetworkAclOutbound`, `NetworkAclInbound`. Source: VPC user guide, "Network ACLs".

use ipnet::IpNet;

use crate::defects::{Defect, planted};
use crate::facts::Facts;
use crate::flow::Direction;
use crate::ids::{PortId, RuleRef, SubnetIndex};
use crate::snapshot::Snapshot;
use crate::stages::security_group::{ipv4_contains, ipv6_contains};
use crate::trace::Decision;
use crate::verdict::{DropReason, Stage};
use crate::walk::Walk;

/// The entry that decides, and what it says; no entry means deny.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Decided {
    pub allow: bool,
    pub rule: Option<RuleRef>,
}

/// Judges a packet at the edge of `subnet`, for the interface behind `at`.
pub(crate) fn pass(
    walk: &mut Walk<'_>,
    at: PortId,
    subnet: SubnetIndex,
    direction: Direction,
) -> Result<(), DropReason> {
    if planted(Defect::AclSparesReplies)
        && let PortId::Eni(index) = at
        && let Some(key) = walk.facts.flow_key(index, direction)
        && walk.state.conntrack.find(&key, walk.now).is_some()
    {
        return Ok(());
    }
    let decided = evaluate(walk.snapshot, subnet, direction, &walk.facts);
    if decided.allow {
        walk.step(Stage::NetworkAcl, at, Decision::Pass, decided.rule);
        return Ok(());
    }
    let reason = match direction {
        Direction::Ingress => DropReason::NetworkAclInbound,
        Direction::Egress => DropReason::NetworkAclOutbound,
    };
    walk.step(Stage::NetworkAcl, at, Decision::Drop(reason), decided.rule);
    Err(reason)
}

/// Asks the ACL of `subnet` about a packet that leaves (`Egress`) or enters (`Ingress`) it; cost linear in the entries.
pub(crate) fn evaluate(
    snapshot: &Snapshot,
    subnet: SubnetIndex,
    direction: Direction,
    facts: &Facts,
) -> Decided {
    let denied = Decided {
        allow: false,
        rule: None,
    };
    let parts = snapshot.parts();
    let Some(acl) = parts
        .subnets
        .get(subnet)
        .and_then(|subnet| parts.network_acls.get(subnet.network_acl))
    else {
        return denied;
    };
    let entries = match direction {
        Direction::Ingress => &acl.inbound,
        Direction::Egress => &acl.outbound,
    };
    let peer = facts.peer(direction);
    let mut matching = entries
        .iter()
        .filter(|entry| facts.matches(entry.traffic) && contains(entry.cidr, peer));
    let decides = match planted(Defect::AclOrderReversed) {
        true => matching.next_back(),
        false => matching.next(),
    };
    decides.map_or(denied, |entry| Decided {
        allow: entry.allow,
        rule: Some(entry.reference),
    })
}

fn contains(block: IpNet, address: std::net::IpAddr) -> bool {
    match (block, address) {
        (IpNet::V4(block), std::net::IpAddr::V4(address)) => ipv4_contains(block, address),
        (IpNet::V6(block), std::net::IpAddr::V6(address)) => ipv6_contains(block, address),
        _ => false,
    }
}
