//! Hosts of the simulated internet: point-to-point links whose router answers for every address, and forwards to other
//! hosts or to the gateways of VPCs. An outside host may send any source address, as the internet may.

use openvpc_wire::Transport;
use openvpc_wire::arp::Arp;
use openvpc_wire::ip::Envelope;
use openvpc_wire::ndp::{self, Solicitation};
use openvpc_wire::packet::protocol;

use crate::counters::UnloggedClass;
use crate::ids::PortId;
use crate::snapshot::OutsideHost;
use crate::stages::admit::is_martian;
use crate::trace::Decision;
use crate::verdict::{DropReason, Stage};
use crate::walk::{Exit, Walk};

/// Answers an ARP request of a host into `reply`: the link's router has every address but the host's own.
pub(crate) fn answer_arp(host: &OutsideHost, frame: &[u8], reply: &mut Vec<u8>) -> bool {
    let Some(arp) = Arp::parse(frame).filter(|arp| arp.request && arp.sender_mac == host.mac)
    else {
        return false;
    };
    if host.addresses.contains(&arp.target.into()) {
        return false;
    }
    arp.answer(host.router_mac).emit(reply);
    true
}

/// Lets in what may be forwarded; answers neighbour discovery.
pub(crate) fn admit(walk: &mut Walk<'_>, host: &OutsideHost) -> Result<(), Exit> {
    let packet = walk.packet();
    let ethernet = &walk.arrival.ethernet;
    if ethernet.source != host.mac {
        return Err(Exit::Between(DropReason::ForeignMac));
    }
    if let Transport::Icmp { kind, .. } = packet.transport
        && packet.protocol == protocol::ICMPV6
        && ndp::is_ndp(kind)
    {
        return Err(answer_ndp(walk, host));
    }
    if matches!(packet.transport, Transport::Icmp { kind: 5, .. })
        && packet.protocol == protocol::ICMP
    {
        return Err(Exit::Between(DropReason::IcmpRedirect));
    }
    if is_martian(packet.source) {
        return Err(Exit::Between(DropReason::MartianSource));
    }
    if is_martian(packet.destination) {
        return Err(Exit::Between(DropReason::UnroutableDestination));
    }
    if ethernet.destination != host.router_mac {
        return Err(Exit::Between(DropReason::UnknownMac));
    }
    Ok(())
}

/// The link's router has every IPv6 address but the host's own; nothing else is answered.
fn answer_ndp(walk: &mut Walk<'_>, host: &OutsideHost) -> Exit {
    let packet = walk.packet();
    match ndp::parse_solicitation(walk.bytes, packet) {
        Some(Solicitation::Neighbour { target })
            if !packet.source.is_unspecified()
                && target != host.mac.link_local()
                && !host.addresses.contains(&target.into()) =>
        {
            let envelope = Envelope {
                source_mac: host.router_mac,
                destination_mac: host.mac,
                source: target.into(),
                destination: packet.source,
            };
            let reply = &mut walk.state.reply;
            ndp::emit_neighbour_advertisement(
                reply,
                &envelope,
                target,
                host.router_mac,
                true,
                true,
            );
            Exit::Answer(UnloggedClass::Ndp)
        }
        _ => Exit::Between(DropReason::NdpUnanswered),
    }
}

/// Hands a packet to an outside host.
pub(crate) fn deliver(walk: &mut Walk<'_>, number: u16) -> Result<PortId, Exit> {
    let port = PortId::Outside(number);
    let (Some(host), true) = (
        walk.snapshot.outside(number),
        walk.state.attached.contains(&port),
    ) else {
        return Err(Exit::Between(DropReason::ReceiverNotAttached));
    };
    if port == walk.in_port {
        return Err(Exit::Between(DropReason::RouteLoop));
    }
    walk.rewrite.macs = Some((host.mac, host.router_mac));
    walk.step(Stage::Deliver, port, Decision::Pass, None);
    Ok(port)
}
