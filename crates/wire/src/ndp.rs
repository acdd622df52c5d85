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

/// All routers on the link.
pub const ALL_ROUTERS: Ipv6Addr = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 2);

/// Emits a host's question for routers, from its link-local address.
pub fn emit_router_solicitation(out: &mut Vec<u8>, host: Mac) {
    let mut message = [0u8; 16];
    message[0] = 133;
    message[8..10].copy_from_slice(&[1, 1]);
    message[10..16].copy_from_slice(&host.0);
    let envelope = Envelope {
        source_mac: host,
        destination_mac: Mac([0x33, 0x33, 0, 0, 0, 2]),
        source: IpAddr::from(host.link_local()),
        destination: IpAddr::from(ALL_ROUTERS),
    };
    ip::emit_icmp(out, &envelope, 255, &message);
}

/// What a host makes of a router advertisement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Advertised {
    /// Link-local address of the router; a default router if `lifetime_secs` is not zero.
    pub router: Ipv6Addr,
    /// How long it is one.
    pub lifetime_secs: u16,
    /// Addresses are to be had by DHCPv6.
    pub managed: bool,
    /// The first prefix on the link.
    pub on_link: Option<(Ipv6Addr, u8)>,
}

/// Reads an advertisement; `None` for anything else, and for what RFC 4861 §6.1.2 and RFC 6980 tell to ignore.
pub fn parse_router_advertisement(frame: &[u8], packet: &Packet) -> Option<Advertised> {
    let Transport::Icmp {
        kind: 134, code: 0, ..
    } = packet.transport
    else {
        return None;
    };
    let IpAddr::V6(router) = packet.source else {
        return None;
    };
    let from_link = packet.ttl == 255 && router.is_unicast_link_local() && !packet.fragment_header;
    if !from_link || !crate::quoted::icmp_checksum_holds(frame, packet) {
        return None;
    }
    let body = frame.get(packet.l4..packet.end)?;
    let mut advertised = Advertised {
        router,
        lifetime_secs: u16::from_be_bytes([*body.get(6)?, *body.get(7)?]),
        managed: body.get(5)? & 0x80 != 0,
        on_link: None,
    };
    let mut options = body.get(16..)?;
    while !options.is_empty() {
        let len = usize::from(*options.get(1)?) * 8;
        if len == 0 {
            return None;
        }
        let (option, rest) = options.split_at_checked(len)?;
        // Prefix information, with its flag for "on-link".
        if option[0] == 3 && len == 32 && option[2] <= 128 && option[3] & 0x80 != 0 {
            let prefix = (read_ipv6(option, 16), option[2]);
            advertised.on_link = advertised.on_link.or(Some(prefix));
        }
        options = rest;
    }
    Some(advertised)
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

#[cfg(test)]
mod tests {
    use super::*;

    const MAC: Mac = Mac([2, 0, 0, 0, 0, 1]);

    fn read(frame: &[u8]) -> Option<Advertised> {
        let packet = Packet::parse(frame, crate::ethernet::IPV6).ok()?;
        parse_router_advertisement(frame, &packet)
    }

    fn advertisement() -> Vec<u8> {
        let mut frame = Vec::new();
        let prefix = Ipv6Addr::new(0x2001, 0xdb8, 0, 1, 0, 0, 0, 0);
        let advertisement = RouterAdvertisement {
            mac: MAC,
            mtu: 9_001,
            prefix,
        };
        advertisement.emit(&mut frame, ALL_NODES, MAC);
        frame
    }

    #[test]
    fn an_advertisement_is_read_as_it_was_written() {
        let expected = Advertised {
            router: MAC.link_local(),
            lifetime_secs: ROUTER_LIFETIME_SECS,
            managed: true,
            on_link: Some((Ipv6Addr::new(0x2001, 0xdb8, 0, 1, 0, 0, 0, 0), 64)),
        };
        assert_eq!(read(&advertisement()), Some(expected));
    }

    /// RFC 4861 §6.1.2.
    #[test]
    fn what_may_come_from_afar_or_is_broken_is_ignored() {
        let mut far = advertisement();
        far[21] = 254;
        assert_eq!(read(&far), None);
        let mut broken = advertisement();
        broken[60] ^= 1;
        assert_eq!(read(&broken), None);
        // An option of no length, and one that leaves the packet; the checksum is made right again.
        for len in [0u8, 9] {
            let mut frame = advertisement();
            let source = frame[22..38].to_vec();
            frame[71] = len;
            let body = frame.split_off(54);
            let envelope = Envelope {
                source_mac: MAC,
                destination_mac: MAC,
                source: IpAddr::from(Ipv6Addr::from(<[u8; 16]>::try_from(source).unwrap())),
                destination: ALL_NODES.into(),
            };
            ip::emit_icmp(&mut frame, &envelope, 255, &body);
            assert_eq!(read(&frame), None, "{len}");
        }
    }

    #[test]
    fn a_solicitation_is_understood_by_the_router() {
        let mut frame = Vec::new();
        emit_router_solicitation(&mut frame, MAC);
        let packet = Packet::parse(&frame, crate::ethernet::IPV6).unwrap();
        assert_eq!(
            parse_solicitation(&frame, &packet),
            Some(Solicitation::Router)
        );
    }
}
