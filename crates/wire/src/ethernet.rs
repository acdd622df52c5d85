//! Ethernet II headers (IEEE 802.3 §3, DIX).

use crate::Mac;

/// Length of the header: two addresses and the ethertype.
pub const HEADER_LEN: usize = 14;

/// ARP (RFC 826).
pub const ARP: u16 = 0x0806;
/// IPv4 (RFC 894).
pub const IPV4: u16 = 0x0800;
/// IPv6 (RFC 2464).
pub const IPV6: u16 = 0x86dd;

/// The three fields of the header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ethernet {
    /// Receiver.
    pub destination: Mac,
    /// Sender.
    pub source: Mac,
    /// What follows; below 1,536 it is a length (802.3).
    pub ethertype: u16,
}

impl Ethernet {
    /// Reads the header; `None` if the frame is a runt.
    #[inline]
    pub fn parse(bytes: &[u8]) -> Option<Ethernet> {
        if bytes.len() < HEADER_LEN {
            return None;
        }
        Some(Ethernet {
            destination: Mac::read(bytes, 0)?,
            source: Mac::read(bytes, 6)?,
            ethertype: u16::from_be_bytes([bytes[12], bytes[13]]),
        })
    }

    /// Appends the header.
    pub fn emit(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.destination.0);
        out.extend_from_slice(&self.source.0);
        out.extend_from_slice(&self.ethertype.to_be_bytes());
    }
}
