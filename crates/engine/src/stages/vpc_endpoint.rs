//! The interface endpoint: private addresses in a subnet that stand for a service elsewhere (IE-7, IP-1 … IP-5).
//!
//! Up to its interface a packet walks as to any other ([`deliver`](super::deliver)); the interface's flows are always tracked
//! (SG-7). Here it goes on: the service sees the internal address of the sender's identity (D10), the sender only ever sees
//! the endpoint. An answer starts at the interface and takes the way of its subnet: network ACL, route table, peering. What
//! answers nothing goes nowhere: a service opens no connections (IP-4). No group is asked about it, no outbound rule needed.
//!
//! Reads: the interface's backend, its flows, identities. Writes: identities, the interface's cells and counters. Exits:
//! `EndpointProtocol`, `EndpointOverMtu`, `EndpointUnused`, `EndpointUnsolicited`, `EndpointFull`, `ZoneLost`,
//! `ReceiverNotAttached`, `UnknownIdentity`, none of which any interface logs: the endpoint's has accepted by then, or never
//! saw the packet. What its network ACL refuses it rejects.

use std::net::{IpAddr, Ipv4Addr};

use openvpc_wire::packet::protocol;

use crate::flow::Direction;
use crate::identity::{Identity, MAC, Pass, ROUTER_MAC, Via, service_ipv6};
use crate::ids::{EniIndex, PortId};
use crate::pipeline;
use crate::snapshot::{Backend, Eni, EniKind, Subnet};
use crate::stages::conntrack::Admission;
use crate::stages::deliver::Way;
use crate::stages::{load_balancer, network_acl, route};
use crate::trace::Decision;
use crate::verdict::{DropReason, Stage};
use crate::walk::{Exit, Walk, subnet_of};

/// The longest packet that an endpoint carries (IP-5). Beyond, it says nothing.
const MTU: u16 = 8_500;

/// Takes a packet that the endpoint's interface has accepted to what stands behind it.
pub(crate) fn onward(
    walk: &mut Walk<'_>,
    index: EniIndex,
    backend: Backend,
) -> Result<PortId, Exit> {
    check_fit(walk).map_err(Exit::Between)?;
    match backend {
        Backend::Service(IpAddr::V4(service)) => to_service(walk, index, service),
        Backend::LoadBalancer(node) => {
            let port = load_balancer::from_endpoint(walk, index, node)?;
            clamp(walk);
            Ok(port)
        }
        Backend::Service(IpAddr::V6(_)) | Backend::Nobody => {
            Err(Exit::Between(DropReason::EndpointUnused))
        }
    }
}

/// TCP (IP-3), no longer than it carries (IP-5).
fn check_fit(walk: &mut Walk<'_>) -> Result<(), DropReason> {
    if walk.facts.protocol != protocol::TCP {
        return Err(DropReason::EndpointProtocol);
    }
    if walk.segment_len() > usize::from(MTU) {
        return Err(DropReason::EndpointOverMtu);
    }
    walk.mtu = walk.mtu.min(walk.as_it_came(MTU));
    Ok(())
}

fn to_service(walk: &mut Walk<'_>, index: EniIndex, service: Ipv4Addr) -> Result<PortId, Exit> {
    let port = PortId::Services;
    if !walk.state.attached.contains(&port) {
        return Err(Exit::Between(DropReason::ReceiverNotAttached));
    }
    let service = in_family(service, walk.facts.source);
    let identity = Identity {
        eni: index,
        source: walk.facts.source,
        via: Via::InterfaceEndpoint(service),
    };
    let known = walk.state.identities.internal(identity, walk.now);
    let (internal, pass) = known.ok_or(Exit::Between(DropReason::EndpointFull))?;
    readdress(walk, internal, service);
    walk.rewrite.macs = Some((MAC, ROUTER_MAC));
    walk.pass = Some(pass);
    clamp(walk);
    walk.step(
        Stage::VpcEndpoint,
        PortId::Eni(index),
        Decision::Translated(internal),
        None,
    );
    Ok(port)
}

/// The address of a service in the family of `like`.
fn in_family(service: Ipv4Addr, like: IpAddr) -> IpAddr {
    match like {
        IpAddr::V4(_) => service.into(),
        IpAddr::V6(_) => service_ipv6(service).into(),
    }
}

/// New ends for the packet. Over IPv6 they are written anew each time: a remembered rewrite holds IPv4 addresses only.
fn readdress(walk: &mut Walk<'_>, source: IpAddr, destination: IpAddr) {
    match (source, destination) {
        (IpAddr::V4(source), IpAddr::V4(destination)) => {
            walk.rewrite.source = Some(source);
            walk.rewrite.destination = Some(destination);
        }
        ends => {
            walk.service = Some(ends);
            walk.repeatable = false;
        }
    }
}

/// Takes an answer of a service back to who asked by the endpoint.
pub(crate) fn back(walk: &mut Walk<'_>, identity: Identity, pass: Pass) -> Result<PortId, Exit> {
    let (snapshot, index) = (walk.snapshot, identity.eni);
    let nobody = Exit::Between(DropReason::UnknownIdentity);
    let eni = snapshot.eni(index).ok_or(nobody)?;
    let subnet = subnet_of(snapshot, eni).ok_or(nobody)?;
    let asker = identity.source;
    let answers = match eni.kind {
        EniKind::VpcEndpoint(Backend::Service(IpAddr::V4(service))) => {
            in_family(service, asker) == walk.facts.source
        }
        _ => false,
    };
    let own = eni.primary(asker).filter(|_| answers).ok_or(nobody)?;
    if subnet.lost {
        return Err(Exit::Between(DropReason::ZoneLost));
    }
    (walk.facts.source, walk.facts.destination) = (own, asker);
    readdress(walk, own, asker);
    walk.pass = Some(pass);
    let at = PortId::Eni(index);
    walk.step(Stage::VpcEndpoint, at, Decision::Translated(asker), None);
    answer(walk, index, eni, subnet)
}

/// Takes an answer of the load balancer's node behind an endpoint back to who asked by it: it bears both addresses by
/// now. An endpoint that was rejected, or leads elsewhere now, lets nothing out (EP-5).
pub(crate) fn back_from_node(
    walk: &mut Walk<'_>,
    index: EniIndex,
    node: EniIndex,
) -> Result<PortId, Exit> {
    let unused = Exit::Between(DropReason::EndpointUnused);
    let eni = walk.snapshot.eni(index).ok_or(unused)?;
    let subnet = subnet_of(walk.snapshot, eni).ok_or(unused)?;
    if eni.kind != EniKind::VpcEndpoint(Backend::LoadBalancer(node)) {
        return Err(unused);
    }
    if subnet.lost {
        return Err(Exit::Between(DropReason::ZoneLost));
    }
    answer(walk, index, eni, subnet)
}

/// Out of the endpoint's interface, if it answers a flow of it.
fn answer(
    walk: &mut Walk<'_>,
    index: EniIndex,
    eni: &Eni,
    subnet: &Subnet,
) -> Result<PortId, Exit> {
    let (snapshot, at) = (walk.snapshot, PortId::Eni(index));
    check_fit(walk).map_err(Exit::Between)?;
    let key = walk.facts.flow_key(index, Direction::Egress);
    let flow = key.and_then(|key| walk.state.conntrack.find(&key, walk.now));
    let flow = flow.ok_or(Exit::Between(DropReason::EndpointUnsolicited))?;
    let count = walk.count();
    walk.state.count_wire(index, Direction::Egress, count);
    let routed = route::decide(snapshot, index, eni, subnet, &walk.facts);
    let decision = routed.hop.map_or_else(Decision::Drop, |_| Decision::Pass);
    walk.step(Stage::Route, at, decision, routed.rule);
    let way = route::way(snapshot, eni, &routed, &walk.facts);
    if way == Way::AcrossSubnets {
        network_acl::pass(walk, at, eni.subnet, Direction::Egress)
            .map_err(|reason| Exit::Middle(index, reason))?;
    }
    let (known, path) = (Admission::Known(flow), routed.path());
    walk.accept(index, eni, Direction::Egress, known, path);
    walk.sender = Some(index);
    let hop = routed.hop.map_err(Exit::Between)?;
    if way == Way::AcrossSubnets {
        walk.spend_ttl(None)?;
    }
    let port = pipeline::follow(walk, hop, (index, eni), way)?;
    clamp(walk);
    Ok(port)
}

/// Keeps both ends from sending longer segments than the way carries, since nobody will tell them (IP-5).
fn clamp(walk: &mut Walk<'_>) {
    // Where a NAT gateway has turned the packet, its IPv4 is what this interface sees of it.
    let onward = usize::from(walk.mtu).saturating_add_signed(walk.growth.min(0));
    let headers = if walk.facts.source.is_ipv4() { 40 } else { 60 };
    walk.mss_max = Some(onward.saturating_sub(headers) as u16);
}

/// Whether an interface is an endpoint's.
pub(crate) fn is_at(eni: Option<&Eni>) -> bool {
    eni.is_some_and(|eni| matches!(eni.kind, EniKind::VpcEndpoint(_)))
}
