//! The public zone (D9): services with public addresses, behind the services port. The internet leads there as to any
//! host; what comes from there crosses the internet again.
//!
//! By the internet the sender's source stays: it is public, so it is nobody else's, and it is what the service may know
//! of the sender (`aws:SourceIp`). By an endpoint the source is private, and the sender gets an internal address, which
//! answers come back by ([`gateway_endpoint`], [`vpc_endpoint`]).
//! Reads: the zone's addresses, identities. Exits: `ReceiverNotAttached`, `NoInternetHost`, `UnknownIdentity`,
//! `MartianSource`, none of which any interface logs.

use std::net::IpAddr;

use openvpc_wire::packet::protocol;

use crate::facts::Facts;
use crate::identity::{self, MAC, ROUTER_MAC, Via};
use crate::ids::PortId;
use crate::snapshot::PublicOwner;
use crate::stages::{gateway_endpoint, internet_gateway, vpc_endpoint};
use crate::trace::Decision;
use crate::verdict::{DropReason, Stage};
use crate::walk::{Exit, Walk};

/// Hands a packet from the internet to the services.
pub(crate) fn deliver(walk: &mut Walk<'_>) -> Result<PortId, Exit> {
    let port = PortId::Services;
    if !walk.state.attached.contains(&port) {
        return Err(Exit::Between(DropReason::ReceiverNotAttached));
    }
    // The zone's own sources never come from elsewhere, and an identity is no address of the internet.
    if port == walk.in_port || is_inner(walk, walk.facts.source) {
        return Err(Exit::Between(DropReason::MartianSource));
    }
    if !carries(&walk.facts) {
        return Err(Exit::Between(DropReason::NoInternetHost));
    }
    walk.rewrite.macs = Some((MAC, ROUTER_MAC));
    walk.step(Stage::Deliver, port, Decision::Pass, None);
    Ok(port)
}

/// Whether a packet from the services port is of the zone, rather than of a link-local service.
pub(crate) fn is_from(walk: &Walk<'_>) -> bool {
    walk.snapshot.public_owner(walk.facts.source) == Some(PublicOwner::Service)
}

/// Takes a packet of the zone to where it is addressed.
pub(crate) fn back(walk: &mut Walk<'_>) -> Result<PortId, Exit> {
    if identity::is_internal(walk.facts.destination) {
        let found = walk.state.identities.find(walk.facts.destination);
        return match found {
            Some((identity, pass)) if identity.via == Via::InterfaceEndpoint(walk.facts.source) => {
                vpc_endpoint::back(walk, identity, pass)
            }
            _ => gateway_endpoint::back(walk),
        };
    }
    if !carries(&walk.facts) {
        return Err(Exit::Between(DropReason::UnknownIdentity));
    }
    internet_gateway::cross(walk)
}

fn is_inner(walk: &Walk<'_>, source: IpAddr) -> bool {
    identity::is_internal(source)
        || walk.snapshot.public_owner(source) == Some(PublicOwner::Service)
}

/// Nobody in the zone talks anything else.
fn carries(facts: &Facts) -> bool {
    matches!(facts.protocol, protocol::TCP | protocol::ICMP)
}
