//! Known flows pass; new ones ask the security groups (SG-6, SG-7). The decision is made here, the state changes only
//! when the packet has passed everything else at this interface.
//!
//! Exits: `NoConnection`, `UnrelatedIcmpError`, `ConntrackFull`, and the security-group reasons.

use openvpc_wire::packet::protocol;

use crate::conntrack::Draft;
use crate::defects::{Defect, planted};
use crate::facts::Facts;
use crate::flow::Direction;
use crate::ids::{EniIndex, PortId};
use crate::snapshot::Eni;
use crate::stages::security_group::{self, Allowed};
use crate::stages::{load_balancer, vpc_endpoint};
use crate::table::Handle;
use crate::trace::Decision;
use crate::verdict::{DropReason, Stage};
use crate::walk::Walk;

/// Why a packet may pass an interface.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Admission {
    /// It belongs to this flow.
    Known(Handle),
    /// It begins this flow.
    Open(Draft),
    /// It leaves no state behind.
    Pass,
}

/// Decides whether the packet may pass `eni` in `direction`.
pub(crate) fn admit(
    walk: &mut Walk<'_>,
    index: EniIndex,
    eni: &Eni,
    direction: Direction,
) -> Result<Admission, DropReason> {
    let at = PortId::Eni(index);
    if is_icmp_error(&walk.facts) {
        return admit_icmp_error(walk, index, direction);
    }
    let Some(key) = walk.facts.flow_key(index, direction) else {
        ask_rules(walk, index, eni, direction)?;
        return Ok(Admission::Pass);
    };
    let opens = walk.segment.is_some_and(|segment| segment.opens());
    if let Some(flow) = walk.state.conntrack.find(&key, walk.now)
        && let Some(connection) = walk.state.conntrack.get(flow)
        && !(opens && connection.is_over())
        && (connection.tracked || !must_track(walk, eni, direction))
    {
        let (tracked, rule) = (connection.tracked, connection.rule);
        if tracked && !planted(Defect::GroupsForgetFlows) {
            let age = walk.state.conntrack.age(flow, walk.snapshot.generation());
            walk.why = walk.why.by_known_flow(rule, age);
            walk.step(Stage::Conntrack, at, Decision::KnownFlow, Some(rule));
        } else {
            ask_rules(walk, index, eni, direction)?;
        }
        return Ok(Admission::Known(flow));
    }
    let allowed = ask_rules(walk, index, eni, direction)?;
    let draft = Draft {
        key,
        originator: direction,
        protocol: walk.facts.protocol,
        tracked: allowed.tracked,
        rule: allowed.rule,
        generation: walk.snapshot.generation(),
        timeouts: eni.timeouts,
    };
    if allowed.tracked && walk.facts.protocol == protocol::TCP && !opens {
        return refuse(walk, at, DropReason::NoConnection);
    }
    if allowed.tracked && is_icmp_reply(&walk.facts) {
        return refuse(walk, at, DropReason::NoConnection);
    }
    match (
        walk.state.has_conntrack_room(index, walk.now),
        allowed.tracked,
    ) {
        (true, _) => Ok(Admission::Open(draft)),
        (false, false) => Ok(Admission::Pass),
        (false, true) => refuse(walk, at, DropReason::ConntrackFull),
    }
}

/// I-11: an error is related only if it goes to whoever sent the quoted packet, and that packet belongs to a live flow
/// of this interface, in the right direction. It creates and refreshes nothing.
fn admit_icmp_error(
    walk: &mut Walk<'_>,
    index: EniIndex,
    direction: Direction,
) -> Result<Admission, DropReason> {
    let at = PortId::Eni(index);
    let live = walk.quoted.is_some_and(|quoted| {
        let original = Facts::of_quoted(&quoted);
        let key = original.flow_key(index, direction.reverse());
        let flow = key.and_then(|key| walk.state.conntrack.find(&key, walk.now));
        if let Some(flow) = flow
            && planted(Defect::ErrorRefreshes)
        {
            let state = &mut walk.state.conntrack;
            state.touch(flow, direction, None, walk.now);
        }
        let addressed = quoted.source == walk.facts.destination || planted(Defect::ErrorToAnyone);
        addressed && flow.is_some()
    });
    if !live && !planted(Defect::ErrorUnrelated) {
        return refuse(walk, at, DropReason::UnrelatedIcmpError);
    }
    walk.step(Stage::Conntrack, at, Decision::KnownFlow, None);
    Ok(Admission::Pass)
}

fn ask_rules(
    walk: &mut Walk<'_>,
    index: EniIndex,
    eni: &Eni,
    direction: Direction,
) -> Result<Allowed, DropReason> {
    let at = PortId::Eni(index);
    let opens = walk.segment.is_some_and(|segment| segment.opens());
    let (facts, sender) = (&walk.facts, walk.sender);
    let Some(mut allowed) =
        security_group::evaluate(walk.snapshot, eni, direction, facts, sender, opens)
    else {
        let reason = match direction {
            Direction::Ingress => DropReason::SecurityGroupIngress,
            Direction::Egress => DropReason::SecurityGroupEgress,
        };
        walk.step(Stage::SecurityGroup, at, Decision::Drop(reason), None);
        return Err(reason);
    };
    allowed.tracked |= must_track(walk, eni, direction);
    let decision = if allowed.tracked {
        Decision::Pass
    } else {
        Decision::Untracked
    };
    walk.step(Stage::SecurityGroup, at, decision, Some(allowed.rule));
    Ok(allowed)
}

/// SG-7: what leaves through a gateway that keeps flows, comes to an endpoint or from a load balancer is tracked whatever
/// the rules say.
fn must_track(walk: &Walk<'_>, eni: &Eni, direction: Direction) -> bool {
    let sender = walk.sender.and_then(|sender| walk.snapshot.eni(sender));
    let balanced = direction == Direction::Ingress && load_balancer::is_at(sender);
    if vpc_endpoint::is_at(Some(eni)) || balanced {
        return true;
    }
    let family = match walk.facts.destination.is_ipv4() {
        true => Defect::NatUntracked,
        false => Defect::EgressOnlyUntracked,
    };
    walk.tracked_way && direction == Direction::Egress && !planted(family)
}

fn refuse(walk: &mut Walk<'_>, at: PortId, reason: DropReason) -> Result<Admission, DropReason> {
    walk.step(Stage::Conntrack, at, Decision::Drop(reason), None);
    Err(reason)
}

pub(crate) fn is_icmp_error(facts: &Facts) -> bool {
    match facts.protocol {
        protocol::ICMP => matches!(facts.icmp_kind, 3 | 4 | 11 | 12),
        protocol::ICMPV6 => (1..=127).contains(&facts.icmp_kind),
        _ => false,
    }
}

/// An answer that nobody asked for.
fn is_icmp_reply(facts: &Facts) -> bool {
    matches!(
        crate::facts::icmp_query(facts.protocol, facts.icmp_kind),
        Some((_, false))
    )
}
