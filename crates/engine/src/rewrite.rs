//! What is done to the bytes of a packet that passes. Stages only plan; the frame is touched once, at the end, so that a
//! dropped frame, or one quoted in an ICMP error, is still as it came.

use std::net::Ipv4Addr;

use openvpc_wire::edit::{self, Side};
use openvpc_wire::{Frame, Mac, Packet, Quoted};

/// The plan of edits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rewrite {
    /// New Ethernet destination and source; a neighbour's frame keeps both.
    pub macs: Option<(Mac, Mac)>,
    /// Routers that the packet crossed, NAT gateways among them.
    pub hops: u8,
    pub source: Option<Ipv4Addr>,
    pub destination: Option<Ipv4Addr>,
    /// A port, or the identifier of an ICMP query.
    pub source_port: Option<u16>,
    /// Likewise.
    pub destination_port: Option<u16>,
}

/// New addresses and ports in the packet that an ICMP error quotes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct QuotedRewrite {
    pub source: Option<Ipv4Addr>,
    pub destination: Option<Ipv4Addr>,
    pub source_port: Option<u16>,
    pub destination_port: Option<u16>,
}

impl Rewrite {
    #[inline]
    pub(crate) fn apply(&self, frame: &mut Frame<'_>, packet: &Packet) {
        if let Some((destination, source)) = self.macs {
            edit::set_macs(frame.bytes, destination, source);
        }
        if self.hops != 0 {
            edit::decrement_ttl(frame.bytes, packet, self.hops);
        }
        let sides = [
            (Side::Source, self.source, self.source_port),
            (Side::Destination, self.destination, self.destination_port),
        ];
        for (side, address, port) in sides {
            match (address, port) {
                (Some(address), Some(port)) => {
                    edit::set_endpoint(frame, packet, side, address, port);
                }
                (Some(address), None) => edit::set_ipv4(frame, packet, side, address),
                (None, Some(port)) => edit::set_port(frame, packet, side, port),
                (None, None) => {}
            }
        }
    }
}

impl QuotedRewrite {
    pub(crate) fn apply(&self, frame: &mut Frame<'_>, error: &Packet, quoted: &Quoted) {
        if let Some(source) = self.source {
            edit::set_quoted_ipv4(frame.bytes, error, quoted, Side::Source, source);
        }
        if let Some(destination) = self.destination {
            edit::set_quoted_ipv4(frame.bytes, error, quoted, Side::Destination, destination);
        }
        if let Some(port) = self.source_port {
            edit::set_quoted_port(frame.bytes, error, quoted, Side::Source, port);
        }
        if let Some(port) = self.destination_port {
            edit::set_quoted_port(frame.bytes, error, quoted, Side::Destination, port);
        }
    }
}
