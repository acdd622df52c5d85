//! Neighbour discovery (RFC 4861): solicitations read, advertisements written.

use std::net::{IpAddr, Ipv6Addr};

use crate::Mac;
use crate::ip::{self, Envelope};
use crate::packet::{Packet, Transport, read_ipv6};

/// All nodes on the link.
pub const ALL_NODES: Ipv6Addr = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 1);

/// A neighbour-discovery message that a router may answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Solicitation {
    /// Who has this address?
    Neighbour {
        /// The address.
        target: Ipv6Addr,
    },
    /// Is there a router?
    Router,
}

/// Whether an ICMPv6 type belongs to neighbour discovery.
pub fn is_ndp(kind: u8) -> bool {
    (133..=137).contains(&kind)
}

/// Reads a solicitation; `None` for anything else, and for what RFC 4861 §6.1.1 and §7.1.1 and RFC 6980 tell to ignore.
pub fn parse_solicitation(frame: &[u8], packet: &Packet) -> Option<Solicitation> {
    let Transport::Icmp { kind, code: 0, .. } = packet.transport else {
        return None;
    };
    if packet.ttl != 255
        || packet.fragment_header
        || !crate::quoted::icmp_checksum_holds(frame, packet)
    {
        return None;
    }
    let body = &frame[packet.l4..packet.end];
    match kind {
        133 => Some(Solicitation::Router),
        135 if body.len() >= 24 => {
            let target = read_ipv6(body, 8);
            (!target.is_multicast()).then_some(Solicitation::Neighbour { target })
        }
        _ => None,
    }
}

/// Emits the advertisement that `target` is at `mac`. `solicited` is false in answer to a duplicate-address probe.
pub fn emit_neighbour_advertisement(
    out: &mut Vec<u8>,
    envelope: &Envelope,
    target: Ipv6Addr,
    mac: Mac,
    router: bool,
    solicited: bool,
) {
    let mut message = [0u8; 32];
    message[0] = 136;
    message[4] = (u8::from(router) << 7) | (u8::from(solicited) << 6) | 0x20;
    message[8..24].copy_from_slice(&target.octets());
    message[24..26].copy_from_slice(&[2, 1]);
    message[26..32].copy_from_slice(&mac.0);
    ip::emit_icmp(out, envelope, 255, &message);
}

/// What a router advertisement tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RouterAdvertisement {
    /// Ethernet address of the router.
    pub mac: Mac,
    /// Link MTU.
    pub mtu: u32,
    /// On-link prefix (/64), not for autoconfiguration: addresses are the VPC's to give.
    pub prefix: Ipv6Addr,
}

/// How long a router's word holds, in seconds: three times the longest interval between two of its advertisements (RFC
/// 4861 §6.2.1).
pub const ROUTER_LIFETIME_SECS: u16 = 1_800;
/// Addresses come from DHCPv6, and so does the rest (RFC 4861 §4.2: M and O).
const MANAGED_AND_OTHER: u8 = 0xc0;

impl RouterAdvertisement {
    /// Emits the advertisement, from the router's link-local address.
    pub fn emit(&self, out: &mut Vec<u8>, destination: Ipv6Addr, destination_mac: Mac) {
        let mut message = Vec::with_capacity(64);
        message.extend_from_slice(&[134, 0, 0, 0, 64, MANAGED_AND_OTHER]);
        message.extend_from_slice(&ROUTER_LIFETIME_SECS.to_be_bytes());
        message.extend_from_slice(&[0; 8]);
        message.extend_from_slice(&[1, 1]);
        message.extend_from_slice(&self.mac.0);
        message.extend_from_slice(&[5, 1, 0, 0]);
        message.extend_from_slice(&self.mtu.to_be_bytes());
        message.extend_from_slice(&[3, 4, 64, 0x80]);
        message.extend_from_slice(&u32::MAX.to_be_bytes());
        message.extend_from_slice(&u32::MAX.to_be_bytes());
        message.extend_from_slice(&[0; 4]);
        message.extend_from_slice(&self.prefix.octets());
        let envelope = Envelope {
            source_mac: self.mac,
            destination_mac,
            source: IpAddr::from(self.mac.link_local()),
            destination: IpAddr::from(destination),
        };
        ip::emit_icmp(out, &envelope, 255, &message);
    }
}
