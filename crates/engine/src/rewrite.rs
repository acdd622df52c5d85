//! What is done to the bytes of a packet that passes. Stages only plan; the frame is touched once, at the end, so that a
//! dropped frame, or one quoted in an ICMP error, is still as it came.

use std::net::{Ipv4Addr, Ipv6Addr};

use openvpc_wire::edit::{self, Side};
use openvpc_wire::nat64::{self, Ends, Told};
use openvpc_wire::{Frame, Mac, Offload, Packet, Quoted};

/// The plan of edits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rewrite {
    /// New Ethernet destination and source; a neighbour's frame keeps both.
    pub macs: Option<(Mac, Mac)>,
    /// Routers that the packet crossed, NAT gateways among them: taken from the TTL, which must be greater.
    pub hops: u8,
    /// New source address.
    pub source: Option<Ipv4Addr>,
    /// New destination address.
    pub destination: Option<Ipv4Addr>,
    /// New source port, or the identifier of an ICMP query.
    pub source_port: Option<u16>,
    /// New destination port, or likewise.
    pub destination_port: Option<u16>,
    /// The other IP version, in which it leaves.
    pub version: Option<Version>,
}

/// The IP version that a packet did not come in (NAT-11).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// With the plan's new source and destination.
    Ipv4,
    /// With these addresses.
    Ipv6 {
        /// Embedded in 64:ff9b::/96 (RFC 6052).
        source: Ipv4Addr,
        /// As it is.
        destination: Ipv6Addr,
    },
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
    /// Edits the packet where it lies, in the version that it came in; checksums stay right, finished or not.
    #[inline]
    pub fn apply(&self, frame: &mut Frame<'_>, packet: &Packet) {
        if let Some((destination, source)) = self.macs {
            edit::set_macs(frame.bytes, destination, source);
        }
        if self.hops != 0 {
            edit::decrement_ttl(frame.bytes, packet, self.hops);
        }
        let ends = edit::Ends {
            source: self.source,
            destination: self.destination,
            source_port: self.source_port,
            destination_port: self.destination_port,
        };
        if ends != edit::Ends::default() {
            edit::set_ends(frame, packet, &ends);
        }
    }
}

impl Rewrite {
    /// Writes the packet as one of the other version into `out`, if the plan is to; returns the packet there, and what is
    /// left to do on it. What an ICMP error is then to say and to quote is told; `id` identifies an IPv4 packet.
    pub(crate) fn carry_over(
        &self,
        frame: &mut Frame<'_>,
        packet: &Packet,
        error: Option<(Told, Quoted)>,
        id: u16,
        out: &mut Vec<u8>,
    ) -> Option<(Packet, Offload)> {
        let ends = match self.version? {
            Version::Ipv4 => Ends::Ipv4 {
                source: self.source?,
                destination: self.destination?,
            },
            Version::Ipv6 {
                source,
                destination,
            } => Ends::Ipv6 {
                source: nat64::embed(source),
                destination,
            },
        };
        let (translated, offload) = match error {
            Some((told, quoted)) => {
                let error = nat64::translate_error(frame.bytes, packet, ends, told, &quoted, out);
                (error, Offload::default())
            }
            None => nat64::translate(frame, packet, ends, id, out),
        };
        let rest = Rewrite {
            source: None,
            destination: None,
            version: None,
            ..*self
        };
        let mut frame = Frame::with_offload(out, offload);
        rest.apply(&mut frame, &translated);
        Some((translated, frame.offload))
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
