//! The egress-only internet gateway: IPv6 out and its answers in, a one-way valve without translation (EO-20 … EO-34).
//!
//! It keeps no table: what left by it is noted at the sender's own tracked flow, so an answer passes the gateway only as
//! long as the interface knows the flow too. Reads: the VPC's gateway, owners of addresses, the receiver's flows. Writes:
//! the note. Exits: the `EgressOnly` reasons, none of which any interface logs.

use std::net::IpAddr;

use openvpc_wire::packet::protocol;

use crate::defects::{Defect, planted};
use crate::facts::Facts;
use crate::flow::Direction;
use crate::ids::{EniIndex, GatewayId, PortId, VpcIndex};
use crate::snapshot::Snapshot;
use crate::table::Handle;
use crate::trace::Decision;
use crate::verdict::{DropReason, Stage};
use crate::walk::Walk;

/// Whether `vpc` still has this gateway (EO-34).
pub(crate) fn exists(snapshot: &Snapshot, vpc: VpcIndex, gateway: GatewayId) -> bool {
    let vpc = snapshot.parts().vpcs.get(vpc);
    vpc.is_some_and(|vpc| vpc.egress_only_gateway == Some(gateway))
}

/// Lets a packet out of `vpc` and notes it at `flow`; an ICMPv6 error belongs to none.
pub(crate) fn outbound(
    walk: &mut Walk<'_>,
    vpc: VpcIndex,
    gateway: GatewayId,
    flow: Option<Handle>,
) -> Result<(), DropReason> {
    let Facts {
        source,
        destination,
        ..
    } = walk.facts;
    if walk.snapshot.owner(vpc, source).is_none() {
        return Err(DropReason::EgressOnlyForeignSource);
    }
    if !is_global(destination) {
        return Err(DropReason::EgressOnlyDestination);
    }
    if let Some(flow) = flow {
        walk.state.conntrack.leaves_by(flow, gateway);
    }
    pass(walk, Decision::Pass);
    Ok(())
}

/// Lets a packet in to an interface whose subnet sends the reply to `gateway`, if it answers what left by it: exactly
/// the same addresses, protocol and ports (EO-27), not too long ago (EO-28).
pub(crate) fn inbound(
    walk: &mut Walk<'_>,
    index: EniIndex,
    gateway: GatewayId,
) -> Result<(), DropReason> {
    let vpc = walk.snapshot.eni(index).map(|eni| eni.vpc);
    if !vpc.is_some_and(|vpc| exists(walk.snapshot, vpc, gateway)) {
        return Err(DropReason::NoReturnRoute);
    }
    if !answers(walk, index, gateway) && !planted(Defect::EgressOnlyUnsolicited) {
        return Err(DropReason::EgressOnlyUnsolicited);
    }
    walk.answers = true;
    pass(walk, Decision::KnownFlow);
    Ok(())
}

/// EO-23, and EO-26 for errors.
fn answers(walk: &Walk<'_>, index: EniIndex, gateway: GatewayId) -> bool {
    let key = if is_icmp_error(&walk.facts) {
        let quoted = walk.quoted.as_ref();
        quoted
            .filter(|quoted| quoted.source == walk.facts.destination)
            .and_then(|quoted| Facts::of_quoted(quoted).flow_key(index, Direction::Egress))
    } else {
        walk.facts.flow_key(index, Direction::Ingress)
    };
    let conntrack = &walk.state.conntrack;
    let flow = key.and_then(|key| conntrack.find_left_by(&key, gateway, walk.now));
    let begins_anew = |flow| {
        walk.segment.is_some_and(|segment| segment.opens())
            && conntrack.get(flow).is_some_and(|known| known.is_over())
    };
    flow.is_some_and(|flow| !begins_anew(flow))
}

fn pass(walk: &mut Walk<'_>, decision: Decision) {
    let stage = Stage::EgressOnlyInternetGateway;
    let at: PortId = walk.in_port;
    walk.step(stage, at, decision, None);
}

/// Destination Unreachable, Packet Too Big, Time Exceeded, Parameter Problem (RFC 4443 §2.1).
fn is_icmp_error(facts: &Facts) -> bool {
    facts.protocol == protocol::ICMPV6 && (1..=4).contains(&facts.icmp_kind)
}

/// EO-32.
fn is_global(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(_) => false,
        IpAddr::V6(address) => {
            !(address.is_unique_local()
                || address.is_unicast_link_local()
                || address.is_multicast())
        }
    }
}
