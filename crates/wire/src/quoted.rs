//! The packet that an ICMP error quotes (RFC 792, RFC 4443 §2.4): enough of it to find the flow it is about.

use std::net::IpAddr;

use crate::packet::{Packet, be16, protocol, read_ipv4, read_ipv6};
use crate::{checksum, ipv6};

/// A quoted packet. Offsets count from the start of the frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quoted {
    /// Start of the quoted IP header.
    pub ip: usize,
    /// Start of the quoted transport header.
    pub l4: usize,
    /// Who sent the packet the error is about.
    pub source: IpAddr,
    /// Whom it was for.
    pub destination: IpAddr,
    /// Upper-layer protocol.
    pub protocol: u8,
    /// Source port, or 0.
    pub source_port: u16,
    /// Destination port, or 0.
    pub destination_port: u16,
    /// ICMP type, if it is ICMP.
    pub icmp_kind: u8,
    /// ICMP identifier, if it is ICMP.
    pub icmp_id: u16,
}

impl Quoted {
    /// Reads the quotation in an ICMP error; `None` unless eight bytes of transport header are there, for a packet that
    /// was not itself a later fragment.
    pub fn parse(frame: &[u8], error: &Packet) -> Option<Quoted> {
        let ip = error.l4 + 8;
        let bytes = frame.get(..error.end)?;
        let (source, destination, protocol, l4) = if error.is_ipv4() {
            let header = bytes.get(ip..ip + 20)?;
            let header_len = usize::from(header[0] & 15) * 4;
            if header[0] >> 4 != 4 || header_len < 20 || be16(header, 6) & 0x1fff != 0 {
                return None;
            }
            (
                read_ipv4(header, 12).into(),
                read_ipv4(header, 16).into(),
                header[9],
                ip + header_len,
            )
        } else {
            let header = bytes.get(ip..ip + 40)?;
            if header[0] >> 4 != 6 {
                return None;
            }
            let chain = ipv6::walk_chain(bytes, header[6], ip + 40).ok()?;
            if chain.fragment.is_some_and(|fragment| fragment.offset != 0) {
                return None;
            }
            (
                IpAddr::from(read_ipv6(header, 8)),
                IpAddr::from(read_ipv6(header, 24)),
                chain.protocol,
                chain.l4,
            )
        };
        let header = bytes.get(l4..l4 + 8)?;
        let ports = matches!(protocol, protocol::TCP | protocol::UDP);
        let icmp = matches!(protocol, protocol::ICMP | protocol::ICMPV6);
        Some(Quoted {
            ip,
            l4,
            source,
            destination,
            protocol,
            source_port: if ports { be16(header, 0) } else { 0 },
            destination_port: if ports { be16(header, 2) } else { 0 },
            icmp_kind: if icmp { header[0] } else { 0 },
            icmp_id: if icmp { be16(header, 4) } else { 0 },
        })
    }

    /// The checksum field of the quoted transport header, if the quotation reaches that far.
    pub(crate) fn checksum_field(&self, frame: &[u8], error: &Packet) -> Option<usize> {
        let at = match self.protocol {
            protocol::TCP => self.l4 + 16,
            protocol::UDP => self.l4 + 6,
            _ => return None,
        };
        let unused = self.protocol == protocol::UDP && be16(frame, at) == 0;
        (at + 2 <= error.end && !unused).then_some(at)
    }
}

/// Checks the checksum of a whole ICMP message, so that a translated error is never healed by accident.
pub fn icmp_checksum_holds(frame: &[u8], packet: &Packet) -> bool {
    let start = if packet.is_ipv4() {
        0
    } else {
        let len = packet.end - packet.l4;
        checksum::pseudo_header(packet.source, packet.destination, packet.protocol, len)
    };
    checksum::sum(start, &frame[packet.l4..packet.end]) == 0xffff
}
