//! Whom a host gives its packet to: a neighbour on its link, whom it asks for by ARP or neighbour discovery, or its router.

use std::net::{IpAddr, Ipv6Addr};

use openvpc_wire::arp::Arp;
use openvpc_wire::ethernet::{self, Ethernet};
use openvpc_wire::ip::{self, Envelope};
use openvpc_wire::{Frame, Mac};

use super::{Header, NOW};
use crate::engine::Engine;
use crate::identity;
use crate::ids::PortId;
use crate::snapshot::{Eni, Snapshot, Subnet};
use crate::verdict::{DropReason, Verdict};

/// Neighbour solicitations bear this hop limit (RFC 4861 §7.1.1).
const HOP_LIMIT: u8 = 255;

/// The Ethernet source and destination of a packet that leaves `from`.
///
/// # Errors
/// Nobody on the link answers for the destination, or the port is nobody's.
pub(super) fn resolve(
    engine: &mut Engine,
    snapshot: &Snapshot,
    from: PortId,
    header: &Header,
) -> Result<[Mac; 2], DropReason> {
    match from {
        PortId::Services => Ok([identity::MAC, identity::ROUTER_MAC]),
        PortId::Outside(number) => {
            let host = snapshot.outside(number).ok_or(DropReason::NoPolicy)?;
            Ok([host.mac, host.router_mac])
        }
        PortId::Eni(index) => {
            let eni = snapshot.eni(index).ok_or(DropReason::NoPolicy)?;
            let subnet = snapshot.parts().subnets.get(eni.subnet);
            let subnet = subnet.ok_or(DropReason::NoPolicy)?;
            let destination = header.destination;
            if !is_on_link(subnet, destination) || eni.owns(destination) {
                return Ok([eni.mac, subnet.router_mac]);
            }
            Ok([eni.mac, ask(engine, from, eni, destination)?])
        }
    }
}

fn is_on_link(subnet: &Subnet, destination: IpAddr) -> bool {
    match destination {
        IpAddr::V4(address) => subnet.ipv4.is_some_and(|block| block.contains(&address)),
        IpAddr::V6(address) => subnet.ipv6.is_some_and(|block| block.contains(&address)),
    }
}

/// Asks the link, as the host does.
fn ask(
    engine: &mut Engine,
    from: PortId,
    eni: &Eni,
    destination: IpAddr,
) -> Result<Mac, DropReason> {
    let mut question = Vec::new();
    match (destination, eni.primary(destination)) {
        (IpAddr::V4(target), Some(IpAddr::V4(sender))) => {
            let arp = Arp {
                request: true,
                sender_mac: eni.mac,
                sender,
                target_mac: Mac::default(),
                target,
            };
            arp.emit(&mut question);
        }
        (IpAddr::V6(target), Some(source)) => solicit(&mut question, eni.mac, source, target),
        (IpAddr::V4(_), _) => return Err(DropReason::ArpUnanswered),
        (IpAddr::V6(_), None) => return Err(DropReason::NdpUnanswered),
    }
    match engine.process(from, &mut Frame::new(&mut question), NOW) {
        Verdict::Reply => answered(engine.reply()).ok_or(DropReason::UnknownMac),
        Verdict::Drop(reason) => Err(reason),
        Verdict::Forward { .. } | Verdict::Translated { .. } | Verdict::Replaced { .. } => {
            Err(DropReason::UnknownMac)
        }
    }
}

/// The Ethernet address that an ARP answer or a neighbour advertisement comes from speaks for whom was asked: the router
/// answers both, and an ARP answer names the owner as its sender.
fn answered(reply: &[u8]) -> Option<Mac> {
    match Ethernet::parse(reply)?.ethertype {
        ethernet::ARP => Arp::parse(reply).map(|arp| arp.sender_mac),
        // The target link-layer address is the advertisement's only option (RFC 4861 §4.4).
        _ => Mac::read(reply, reply.len().checked_sub(6)?),
    }
}

fn solicit(out: &mut Vec<u8>, mac: Mac, source: IpAddr, target: Ipv6Addr) {
    let mut message = [0u8; 32];
    message[0] = 135;
    message[8..24].copy_from_slice(&target.octets());
    message[24..26].copy_from_slice(&[1, 1]);
    message[26..32].copy_from_slice(&mac.0);
    let [.., a, b, c] = target.octets();
    // The solicited-node group of the target (RFC 4291 §2.7.1).
    let group = Ipv6Addr::new(
        0xff02,
        0,
        0,
        0,
        0,
        1,
        0xff00 | u16::from(a),
        u16::from_be_bytes([b, c]),
    );
    let envelope = Envelope {
        source_mac: mac,
        destination_mac: Mac([0x33, 0x33, 0xff, a, b, c]),
        source,
        destination: group.into(),
    };
    ip::emit_icmp(out, &envelope, HOP_LIMIT, &message);
}
