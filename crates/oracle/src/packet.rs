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
    /// Which part of the datagram this is; all of it unless told.
    pub piece: Option<Piece>,
}

/// A fragment: some bytes of what stands above the IP header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Identification.
    pub id: u16,
    /// First byte, a multiple of eight.
    pub from: u16,
    /// After the last byte.
    pub to: u16,
}

/// The packet that an ICMP error is about, as far as errors tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quote {
    /// Who sent it.
    pub source: IpAddr,
    /// Whom it was for.
    pub destination: IpAddr,
    /// IANA number.
    pub protocol: u8,
    /// Its ports, or twice the identifier of an echo.
    pub ports: (u16, u16),
    /// It was an echo reply.
    pub reply: bool,
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
    /// An ICMP error.
    Error {
        /// Type and code.
        kind: (u8, u8),
        /// The second word: an MTU, or nothing.
        rest: u32,
        /// What it is about.
        about: Quote,
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
            Body::Echo { .. } | Body::Error { .. } if self.source.is_ipv4() => 1,
            Body::Echo { .. } | Body::Error { .. } => 58,
            Body::Other(number) => number,
        }
    }

    /// Ports as flow logs show them: 0 where there are none.
    pub fn ports(&self) -> (u16, u16) {
        match self.body {
            Body::Tcp { ports, .. } | Body::Udp { ports } => ports,
            Body::Echo { .. } | Body::Error { .. } | Body::Other(_) => (0, 0),
        }
    }

    /// Type and code of an ICMP message.
    pub fn icmp(&self) -> Option<(u8, u8)> {
        let reply = match self.body {
            Body::Echo { reply, .. } => reply,
            Body::Error { kind, .. } => return Some(kind),
            Body::Tcp { .. } | Body::Udp { .. } | Body::Other(_) => return None,
        };
        let kind = match (self.source.is_ipv4(), reply) {
            (true, false) => 8,
            (true, true) => 0,
            (false, false) => 128,
            (false, true) => 129,
        };
        Some((kind, 0))
    }

    /// Only a part of a datagram; one piece that is all of it is a packet like any other (RFC 6946).
    pub fn is_fragment(&self) -> bool {
        self.piece
            .is_some_and(|piece| piece.from > 0 || piece.to < self.l4_len())
    }

    /// A fragment that does not begin its datagram.
    pub fn is_later(&self) -> bool {
        self.piece.is_some_and(|piece| piece.from > 0)
    }

    /// A first segment of a TCP connection.
    pub fn opens_tcp(&self) -> bool {
        !self.is_later()
            && matches!(self.body, Body::Tcp { flags, .. } if flags & (SYN | ACK | RST | FIN) == SYN)
    }

    /// Bytes from the IP header on.
    pub fn ip_bytes(&self) -> u64 {
        let ipv4 = self.source.is_ipv4();
        let ip = if ipv4 { 20 } else { 40 };
        match self.piece {
            None => ip + u64::from(self.l4_len()),
            Some(piece) => {
                let header = if ipv4 { 0 } else { 8 };
                ip + header + u64::from(piece.to - piece.from)
            }
        }
    }

    /// Bytes from the IP header on in the other IP version.
    pub fn ip_bytes_otherwise(&self) -> u64 {
        let (mut less, mut more) = match self.source.is_ipv4() {
            true => (0, 20),
            false => (20, 0),
        };
        if let Body::Error { .. } = self.body {
            (less, more) = (2 * less, 2 * more);
        }
        match self.source.is_ipv4() {
            true if self.is_fragment() => more += 8,
            false if self.piece.is_some() => less += 8,
            _ => {}
        }
        self.ip_bytes() + more - less
    }

    /// Bytes above the IP header, of the whole datagram.
    pub fn l4_len(&self) -> u16 {
        let header = match self.body {
            Body::Tcp { .. } => 20,
            Body::Udp { .. } | Body::Echo { .. } => 8,
            Body::Error { about, .. } => 8 + about.packet().ip_bytes() as u16,
            Body::Other(_) => 0,
        };
        header + u16::from(self.payload)
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
            Body::Error { kind, rest, about } => {
                let mut message = vec![kind.0, kind.1, 0, 0];
                message.extend(rest.to_be_bytes());
                message.extend_from_slice(&about.packet().frame(None)[14..]);
                message.extend(payload);
                L4::Icmp(message)
            }
            Body::Other(number) => L4::Raw(number, payload),
        };
        let whole = build(&FrameSpec {
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
        });
        match self.piece {
            None => whole,
            Some(piece) => cut(&whole, piece),
        }
    }
}

impl Quote {
    /// Of what is known about a packet.
    pub fn of(packet: &Packet) -> Quote {
        Quote {
            source: packet.source,
            destination: packet.destination,
            protocol: packet.protocol(),
            ports: match packet.body {
                Body::Echo { id, .. } => (id, id),
                _ => packet.ports(),
            },
            reply: matches!(packet.body, Body::Echo { reply: true, .. }),
        }
    }

    /// A packet of which this would be the quotation.
    pub fn packet(&self) -> Packet {
        let (ports, flags, numbers) = (self.ports, ACK, (1, 1));
        Packet {
            from: Port::Outside(0),
            to: NextHop::Nobody,
            source: self.source,
            destination: self.destination,
            body: match self.protocol {
                6 => Body::Tcp {
                    ports,
                    flags,
                    numbers,
                },
                17 => Body::Udp { ports },
                1 | 58 => Body::Echo {
                    reply: self.reply,
                    id: ports.0,
                },
                other => Body::Other(other),
            },
            payload: 12,
            piece: None,
        }
    }
}

/// The frame of one fragment (RFC 791 §3.2, RFC 8200 §4.5).
fn cut(whole: &[u8], piece: Piece) -> Vec<u8> {
    let ipv4 = whole[14] >> 4 == 4;
    let header = if ipv4 { 34 } else { 54 };
    let above = &whole[header..];
    let more = usize::from(piece.to) < above.len();
    let part = &above[usize::from(piece.from)..usize::from(piece.to)];
    let mut out = whole[..header].to_vec();
    if ipv4 {
        let place = (u16::from(more) << 13) | (piece.from / 8);
        out[16..18].copy_from_slice(&(20 + part.len() as u16).to_be_bytes());
        out[18..20].copy_from_slice(&piece.id.to_be_bytes());
        out[20..22].copy_from_slice(&place.to_be_bytes());
        openvpc_testkit::mend_ipv4_header(&mut out);
    } else {
        out[18..20].copy_from_slice(&(8 + part.len() as u16).to_be_bytes());
        out.extend([out[20], 0]);
        out[20] = 44;
        out.extend((piece.from | u16::from(more)).to_be_bytes());
        out.extend(u32::from(piece.id).to_be_bytes());
    }
    out.extend_from_slice(part);
    out
}
