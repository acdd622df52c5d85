//! The way to resolver, metadata and time service, and back (D10, DNS-1, MD-1, MD-3): the sender's address becomes the
//! internal one of its identity, the service's address the one that the service listens at. Nothing here is filtered or
//! logged (SG-9, ACL-5); the TTL is left alone, so that a service's hop limit counts from the instance on.
//!
//! Reads: the interface, its VPC. Writes: identities. Exits: `LocalServiceAbsent`, `IdentityTableFull`,
//! `UnknownIdentity`, `ReceiverNotAttached`, `ZoneLost`, the `Fragment` reasons.

use openvpc_wire::Mac;
use openvpc_wire::Transport;
use openvpc_wire::arp::Arp;
use openvpc_wire::ip::Envelope;
use openvpc_wire::ndp::{self, Solicitation};
use openvpc_wire::packet::protocol;

use crate::counters::UnloggedClass;
use crate::facts::Facts;
use crate::flow::Direction;
use crate::identity::{Identity, MAC, ROUTER_MAC, Service, Via};
use crate::ids::PortId;
use crate::stages::local::Asker;
use crate::stages::{fragment, load_balancer, public_zone};
use crate::trace::Decision;
use crate::verdict::{DropReason, Stage};
use crate::walk::{Exit, Walk, subnet_of};

/// Takes a packet of an interface to a service.
pub(crate) fn toward(
    walk: &mut Walk<'_>,
    asker: &Asker<'_>,
    service: Service,
) -> Result<PortId, DropReason> {
    let silent = service == Service::Resolver && !asker.vpc.dns_support;
    if silent || !walk.state.attached.contains(&PortId::Services) {
        return Err(DropReason::LocalServiceAbsent);
    }
    // Also where the check is off: a service knows instances, not what they forward.
    if !asker.eni.owns(walk.facts.source) {
        return Err(DropReason::SourceCheck);
    }
    if walk.arrival.ethernet.destination != asker.subnet.router_mac {
        return Err(DropReason::UnknownMac);
    }
    fragment::resolve(walk)?;
    if !serves(service, walk.facts.protocol, walk.facts.destination_port) {
        return Err(DropReason::LocalServiceAbsent);
    }
    let identity = Identity {
        eni: asker.index,
        source: walk.facts.source,
        via: Via::LinkLocal(service, walk.facts.destination),
    };
    let (internal, _) = walk
        .state
        .identities
        .internal(identity, walk.now)
        .ok_or(DropReason::IdentityTableFull)?;
    let listens = service.internal(internal.is_ipv4());
    pass(walk, (internal, listens), (MAC, ROUTER_MAC));
    walk.state.count_unlogged(
        asker.index,
        Direction::Egress,
        UnloggedClass::LocalService,
        walk.arrival.count,
    );
    walk.step(
        Stage::Local,
        walk.in_port,
        Decision::Translated(internal),
        None,
    );
    Ok(PortId::Services)
}

/// Takes a packet of a service to the interface whose identity it is addressed to.
pub(crate) fn back(walk: &mut Walk<'_>) -> Result<PortId, Exit> {
    let packet = walk.packet();
    if walk.arrival.ethernet.source != MAC {
        return Err(Exit::Between(DropReason::ForeignMac));
    }
    if let Transport::Icmp { kind, .. } = packet.transport
        && packet.protocol == protocol::ICMPV6
        && ndp::is_ndp(kind)
    {
        return Err(answer_ndp(walk));
    }
    fragment::resolve(walk).map_err(Exit::Between)?;
    if public_zone::is_from(walk) {
        return public_zone::back(walk);
    }
    let (identity, _) = walk
        .state
        .identities
        .find(walk.facts.destination)
        .ok_or(Exit::Between(DropReason::UnknownIdentity))?;
    let (service, asked) = match identity.via {
        Via::LinkLocal(service, asked) => (service, asked),
        Via::HealthCheck => return load_balancer::probe(walk, identity),
        Via::GatewayEndpoint(..) | Via::InterfaceEndpoint(_) => {
            return Err(Exit::Between(DropReason::UnknownIdentity));
        }
    };
    let Facts {
        source,
        protocol,
        source_port,
        ..
    } = walk.facts;
    let answers =
        source == service.internal(source.is_ipv4()) && serves(service, protocol, source_port);
    let snapshot = walk.snapshot;
    let eni = snapshot
        .eni(identity.eni)
        .filter(|eni| answers && eni.owns(identity.source))
        .ok_or(Exit::Between(DropReason::UnknownIdentity))?;
    let port = PortId::Eni(identity.eni);
    let (Some(subnet), true) = (
        subnet_of(snapshot, eni),
        walk.state.attached.contains(&port),
    ) else {
        return Err(Exit::Between(DropReason::ReceiverNotAttached));
    };
    if subnet.lost {
        return Err(Exit::Between(DropReason::ZoneLost));
    }
    pass(walk, (asked, identity.source), (eni.mac, subnet.router_mac));
    let count = walk.arrival.count;
    let class = UnloggedClass::LocalService;
    walk.state
        .count_wire(identity.eni, Direction::Ingress, count);
    walk.state
        .count_unlogged(identity.eni, Direction::Ingress, class, count);
    walk.step(Stage::Deliver, port, Decision::Pass, None);
    Ok(port)
}

/// Plans the hand-over.
fn pass(walk: &mut Walk<'_>, addresses: (std::net::IpAddr, std::net::IpAddr), macs: (Mac, Mac)) {
    walk.repeatable = false;
    walk.rewrite.macs = Some(macs);
    walk.service = Some(addresses);
}

/// What each service takes; everything else would only be told that nobody is there.
fn serves(service: Service, number: u8, port: u16) -> bool {
    match service {
        Service::Resolver => matches!(number, protocol::TCP | protocol::UDP) && port == 53,
        Service::Metadata => number == protocol::TCP && port == 80,
        Service::TimeSync => number == protocol::UDP && port == 123,
    }
}

/// Answers an ARP request of the services into `reply`.
pub(crate) fn answer_arp(frame: &[u8], reply: &mut Vec<u8>) -> bool {
    let Some(arp) = Arp::parse(frame).filter(|arp| arp.request && arp.sender_mac == MAC) else {
        return false;
    };
    if is_own(arp.target.into()) {
        return false;
    }
    arp.answer(ROUTER_MAC).emit(reply);
    true
}

fn is_own(address: std::net::IpAddr) -> bool {
    [Service::Resolver, Service::Metadata, Service::TimeSync]
        .iter()
        .any(|service| service.internal(address.is_ipv4()) == address)
}

fn answer_ndp(walk: &mut Walk<'_>) -> Exit {
    let packet = walk.packet();
    match ndp::parse_solicitation(walk.bytes, packet) {
        Some(Solicitation::Neighbour { target })
            if !packet.source.is_unspecified()
                && target != MAC.link_local()
                && !is_own(target.into()) =>
        {
            let envelope = Envelope {
                source_mac: ROUTER_MAC,
                destination_mac: MAC,
                source: target.into(),
                destination: packet.source,
            };
            let reply = &mut walk.state.reply;
            ndp::emit_neighbour_advertisement(reply, &envelope, target, ROUTER_MAC, true, true);
            Exit::Answer(UnloggedClass::Ndp)
        }
        _ => Exit::Between(DropReason::NdpUnanswered),
    }
}
