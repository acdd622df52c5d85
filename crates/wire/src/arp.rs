//! ARP for IPv4 over Ethernet (RFC 826).

use std::net::Ipv4Addr;

use crate::Mac;
use crate::ethernet::{self, Ethernet, HEADER_LEN};
use crate::packet::{be16, read_ipv4};

/// An ARP message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arp {
    /// A question (1) rather than an answer (2).
    pub request: bool,
    /// Sender, Ethernet.
    pub sender_mac: Mac,
    /// Sender, IPv4; unspecified in a probe (RFC 5227).
    pub sender: Ipv4Addr,
    /// Asked for, Ethernet.
    pub target_mac: Mac,
    /// Asked for, IPv4.
    pub target: Ipv4Addr,
}

impl Arp {
    /// Reads the message behind an Ethernet header; `None` if it is short, of another kind of network, or of another
    /// operation.
    pub fn parse(frame: &[u8]) -> Option<Arp> {
        let body = frame.get(HEADER_LEN..HEADER_LEN + 28)?;
        if be16(body, 0) != 1 || be16(body, 2) != ethernet::IPV4 || body[4] != 6 || body[5] != 4 {
            return None;
        }
        let operation = be16(body, 6);
        Some(Arp {
            request: match operation {
                1 => true,
                2 => false,
                _ => return None,
            },
            sender_mac: Mac::read(body, 8)?,
            sender: read_ipv4(body, 14),
            target_mac: Mac::read(body, 18)?,
            target: read_ipv4(body, 24),
        })
    }

    /// The answer that names `mac` as the owner of what was asked for.
    pub fn answer(&self, mac: Mac) -> Arp {
        Arp {
            request: false,
            sender_mac: mac,
            sender: self.target,
            target_mac: self.sender_mac,
            target: self.sender,
        }
    }

    /// Overwrites `out` with a frame that bears the message.
    pub fn emit(&self, out: &mut Vec<u8>) {
        out.clear();
        let destination = if self.request {
            Mac::BROADCAST
        } else {
            self.target_mac
        };
        Ethernet {
            destination,
            source: self.sender_mac,
            ethertype: ethernet::ARP,
        }
        .emit(out);
        out.extend_from_slice(&[0, 1, 8, 0, 6, 4, 0, if self.request { 1 } else { 2 }]);
        out.extend_from_slice(&self.sender_mac.0);
        out.extend_from_slice(&self.sender.octets());
        out.extend_from_slice(&self.target_mac.0);
        out.extend_from_slice(&self.target.octets());
    }
}
