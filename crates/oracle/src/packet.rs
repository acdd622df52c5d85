//! What is sent, in the words of the rules.

use std::net::IpAddr;

use openvpc_engine::{EniIndex, PortId};
use openvpc_testkit::{FrameSpec, L4, build};

use crate::convert;

/// A place where packets enter and leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Port {
    /// An interface.
    Eni(usize),
    /// A host of the simulated internet.
    Outside(usize),
}

impl Port {
    /// As the engine names it.
    pub fn id(self) -> PortId {
        match self {
            Port::Eni(eni) => PortId::Eni(EniIndex(eni as u32)),
            Port::Outside(host) => PortId::Outside(host as u16),
        }
    }
}

/// Whose Ethernet address the frame bears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NextHop {
    /// The router of the subnet or link.
    Router,
    /// An interface, of the same subnet or not.
    Neighbour(usize),
    /// Nobody's.
    Nobody,
}

/// One packet on its way out of a port.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Packet {
    /// The port that sends it.
    pub from: Port,
    /// Ethernet destination.
    pub to: NextHop,
    /// IP source.
    pub source: IpAddr,
    /// IP destination.
    pub destination: IpAddr,
    /// The rest.
    pub body: Body,
    /// Bytes of payload.
    pub payload: u8,
}

/// Header fields above IP that the rules know.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Body {
    /// A TCP segment.
    Tcp {
        /// Source and destination port.
        ports: (u16, u16),
        /// Flag byte.
        flags: u8,
        /// Sequence and acknowledgement number.
        numbers: (u32, u32),
    },
    /// A UDP datagram.
    Udp {
        /// Source and destination port.
        ports: (u16, u16),
    },
    /// An echo request or reply.
    Echo {
        /// Reply.
        reply: bool,
        /// Identifier.
        id: u16,
    },
    /// Another protocol, by number.
    Other(u8),
}

/// FIN, SYN, RST, ACK.
pub const FIN: u8 = 1;
/// First segment of a side.
pub const SYN: u8 = 2;
/// Reset.
pub const RST: u8 = 4;
/// Acknowledgement counts.
pub const ACK: u8 = 16;

impl Packet {
    /// IANA number.
    pub fn protocol(&self) -> u8 {
        match self.body {
            Body::Tcp { .. } => 6,
            Body::Udp { .. } => 17,
            Body::Echo { .. } if self.source.is_ipv4() => 1,
            Body::Echo { .. } => 58,
            Body::Other(number) => number,
        }
    }

    /// Ports as flow logs show them: 0 where there are none.
    pub fn ports(&self) -> (u16, u16) {
        match self.body {
            Body::Tcp { ports, .. } | Body::Udp { ports } => ports,
            Body::Echo { .. } | Body::Other(_) => (0, 0),
        }
    }

    /// Type and code of an ICMP message.
    pub fn icmp(&self) -> Option<(u8, u8)> {
        let Body::Echo { reply, .. } = self.body else {
            return None;
        };
        let kind = match (self.source.is_ipv4(), reply) {
            (true, false) => 8,
            (true, true) => 0,
            (false, false) => 128,
            (false, true) => 129,
        };
        Some((kind, 0))
    }

    /// A first segment of a TCP connection.
    pub fn opens_tcp(&self) -> bool {
        matches!(self.body, Body::Tcp { flags, .. } if flags & (SYN | ACK | RST | FIN) == SYN)
    }

    /// Bytes from the IP header on.
    pub fn ip_bytes(&self) -> u64 {
        let ip = if self.source.is_ipv4() { 20 } else { 40 };
        let l4 = match self.body {
            Body::Tcp { .. } => 20,
            Body::Udp { .. } | Body::Echo { .. } => 8,
            Body::Other(_) => 0,
        };
        ip + l4 + u64::from(self.payload)
    }

    /// The frame on the wire.
    pub fn frame(&self, subnet: Option<usize>) -> Vec<u8> {
        let payload = vec![0x2a; usize::from(self.payload)];
        let l4 = match self.body {
            Body::Tcp {
                ports,
                flags,
                numbers,
            } => L4::Tcp {
                ports,
                sequence: numbers.0,
                acknowledgement: numbers.1,
                flags,
                payload,
            },
            Body::Udp { ports } => L4::Udp { ports, payload },
            Body::Echo { id, .. } => {
                let (kind, code) = self.icmp().unwrap_or_default();
                let [high, low] = id.to_be_bytes();
                let mut message = vec![kind, code, 0, 0, high, low, 0, 1];
                message.extend(payload);
                L4::Icmp(message)
            }
            Body::Other(number) => L4::Raw(number, payload),
        };
        build(&FrameSpec {
            source_mac: match self.from {
                Port::Eni(eni) => convert::eni_mac(eni),
                Port::Outside(host) => convert::outside_mac(host),
            },
            destination_mac: match (self.to, self.from, subnet) {
                (NextHop::Neighbour(eni), ..) => convert::eni_mac(eni),
                (NextHop::Nobody, ..) => convert::nobodys_mac(),
                (NextHop::Router, Port::Eni(_), Some(subnet)) => convert::router_mac(subnet),
                (NextHop::Router, Port::Outside(host), _) => convert::link_mac(host),
                (NextHop::Router, Port::Eni(_), None) => convert::nobodys_mac(),
            },
            source: self.source,
            destination: self.destination,
            ttl: 64,
            l4,
        })
    }
}
