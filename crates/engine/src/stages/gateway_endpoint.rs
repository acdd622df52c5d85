//! The gateway endpoint: from a VPC to one service of the public zone and back, without leaving AWS (GE-20 … GE-30).
//!
//! The sender's private address becomes the internal one of its identity (D10), by which the service learns interface,
//! endpoint and address; the service's address stays. Only a route leads here, and only those of a subnet's table do: not
//! a peer's, not the internet's. Reads: the sender's VPC, its route table, the zone's addresses. Writes: identities. Exits:
//! the `GatewayEndpoint` reasons, `UnknownIdentity`, `NoReturnRoute`, `ReceiverNotAttached`, none of which any interface
//! logs.

use std::net::IpAddr;

use openvpc_wire::packet::protocol;

use crate::facts::Facts;
use crate::identity::{Identity, MAC, ROUTER_MAC, Via};
use crate::ids::{EniIndex, GatewayId, PortId};
use crate::route::Target;
use crate::snapshot::{Eni, PublicOwner, Snapshot};
use crate::stages::deliver::{self, Way};
use crate::trace::Decision;
use crate::verdict::{DropReason, Stage};
use crate::walk::{Exit, Walk, subnet_of};

/// 00 §12.
const MTU: u16 = 8_500;
const ECHO_REQUEST: u8 = 8;
const ECHO_REPLY: u8 = 0;

/// Takes a packet that a route leads from the interface `sender` to the service that it is addressed to.
pub(crate) fn outbound(
    walk: &mut Walk<'_>,
    sender: EniIndex,
    endpoint: GatewayId,
) -> Result<PortId, Exit> {
    let port = PortId::Services;
    let Facts {
        source,
        destination,
        ..
    } = walk.facts;
    let vpc = walk.snapshot.eni(sender).map(|eni| eni.vpc);
    if vpc.is_none_or(|vpc| walk.snapshot.owner(vpc, source).is_none()) {
        return Err(Exit::Between(DropReason::GatewayEndpointForeignSource));
    }
    if !carries(&walk.facts, ECHO_REQUEST) {
        return Err(Exit::Between(DropReason::GatewayEndpointProtocol));
    }
    if walk.snapshot.public_owner(destination) != Some(PublicOwner::Service) {
        return Err(Exit::Between(DropReason::GatewayEndpointNoService));
    }
    check_size(walk)?;
    if !walk.state.attached.contains(&port) {
        return Err(Exit::Between(DropReason::ReceiverNotAttached));
    }
    let identity = Identity {
        eni: sender,
        source,
        via: Via::GatewayEndpoint(endpoint, destination),
    };
    let known = walk.state.identities.internal(identity, walk.now);
    let Some((IpAddr::V4(internal), pass)) = known else {
        return Err(Exit::Between(DropReason::GatewayEndpointFull));
    };
    walk.facts.source = internal.into();
    walk.rewrite.source = Some(internal);
    walk.rewrite.macs = Some((MAC, ROUTER_MAC));
    walk.pass = Some(pass);
    translated(walk, internal.into());
    walk.step(Stage::Deliver, port, Decision::Pass, None);
    Ok(port)
}

/// Takes a packet that a service sends to an identity: back to the interface that asked it, as long as that one's subnet
/// still has the route to the endpoint (GE-27).
pub(crate) fn back(walk: &mut Walk<'_>) -> Result<PortId, Exit> {
    let unknown = Exit::Between(DropReason::UnknownIdentity);
    let found = walk.state.identities.find(walk.facts.destination);
    let (identity, pass) = found.ok_or(unknown)?;
    let (Via::GatewayEndpoint(endpoint, asked), IpAddr::V4(source)) =
        (identity.via, identity.source)
    else {
        return Err(unknown);
    };
    if walk.facts.source != asked || !carries(&walk.facts, ECHO_REPLY) {
        return Err(unknown);
    }
    let snapshot = walk.snapshot;
    let eni = snapshot.eni(identity.eni).ok_or(unknown)?;
    if !leads_to(snapshot, eni, asked, endpoint) {
        return Err(Exit::Between(DropReason::NoReturnRoute));
    }
    check_size(walk)?;
    let owner = snapshot.owner(eni.vpc, source.into());
    let owner = owner.ok_or(Exit::Between(DropReason::ReceiverNotAttached))?;
    walk.spend_ttl(None)?;
    walk.facts.destination = source.into();
    walk.rewrite.destination = Some(source);
    walk.pass = Some(pass);
    translated(walk, source.into());
    deliver::to_interface(walk, owner, Way::AcrossSubnets)
}

fn leads_to(snapshot: &Snapshot, eni: &Eni, asked: IpAddr, endpoint: GatewayId) -> bool {
    let tables = &snapshot.parts().route_tables;
    let table = subnet_of(snapshot, eni).and_then(|subnet| tables.get(subnet.route_table));
    let route = table.and_then(|table| table.lookup(asked));
    route.is_some_and(|route| route.target == Target::GatewayEndpoint(endpoint))
}

/// GE-26.
fn carries(facts: &Facts, echo: u8) -> bool {
    match facts.protocol {
        protocol::TCP => facts.source.is_ipv4(),
        protocol::ICMP => facts.icmp_kind == echo,
        _ => false,
    }
}

/// No error tells the sender: the service's own MTU keeps segments short enough.
fn check_size(walk: &mut Walk<'_>) -> Result<(), Exit> {
    walk.mtu = walk.mtu.min(walk.as_it_came(MTU));
    match walk.segment_len() <= usize::from(MTU) {
        true => Ok(()),
        false => Err(Exit::Between(DropReason::GatewayEndpointTooBig)),
    }
}

fn translated(walk: &mut Walk<'_>, address: IpAddr) {
    let decision = Decision::Translated(address);
    walk.step(Stage::GatewayEndpoint, walk.in_port, decision, None);
}
