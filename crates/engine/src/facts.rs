//! What rules judge a packet by. A later fragment has the ports of its first one, a translated packet its new addresses.

use std::net::{IpAddr, Ipv6Addr};

use openvpc_wire::packet::protocol;
use openvpc_wire::{Packet, Quoted, Transport};

use crate::flow::Direction;
use crate::ids::EniIndex;
use crate::snapshot::Traffic;
use crate::trace::Seen;

/// Addresses and transport of a packet as it stands at one point of its walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Facts {
    pub source: IpAddr,
    pub destination: IpAddr,
    pub protocol: u8,
    /// 0 for portless protocols.
    pub source_port: u16,
    /// 0 for portless protocols.
    pub destination_port: u16,
    pub icmp_kind: u8,
    pub icmp_code: u8,
    pub icmp_id: u16,
}

impl Facts {
    pub(crate) fn of(packet: &Packet) -> Facts {
        let mut facts = Facts {
            source: packet.source,
            destination: packet.destination,
            protocol: packet.protocol,
            source_port: 0,
            destination_port: 0,
            icmp_kind: 0,
            icmp_code: 0,
            icmp_id: 0,
        };
        match packet.transport {
            Transport::Tcp(tcp) => {
                (facts.source_port, facts.destination_port) =
                    (tcp.source_port, tcp.destination_port)
            }
            Transport::Udp {
                source_port,
                destination_port,
            } => {
                (facts.source_port, facts.destination_port) = (source_port, destination_port);
            }
            Transport::Icmp { kind, code, id } => {
                (facts.icmp_kind, facts.icmp_code, facts.icmp_id) = (kind, code, id)
            }
            Transport::Other | Transport::Later => {}
        }
        facts
    }

    pub(crate) fn of_quoted(quoted: &Quoted) -> Facts {
        Facts {
            source: quoted.source,
            destination: quoted.destination,
            protocol: quoted.protocol,
            source_port: quoted.source_port,
            destination_port: quoted.destination_port,
            icmp_kind: quoted.icmp_kind,
            icmp_code: 0,
            icmp_id: quoted.icmp_id,
        }
    }

    /// What a trace shows of it.
    pub(crate) fn seen(&self) -> Seen {
        Seen {
            source: self.source,
            destination: self.destination,
            source_port: self.source_port,
            destination_port: self.destination_port,
        }
    }

    /// The other end, seen from an interface that the packet passes in `direction`.
    pub(crate) fn peer(&self, direction: Direction) -> IpAddr {
        match direction {
            Direction::Ingress => self.source,
            Direction::Egress => self.destination,
        }
    }

    /// The same packet with its ends exchanged.
    pub(crate) fn reversed(&self) -> Facts {
        Facts {
            source: self.destination,
            destination: self.source,
            source_port: self.destination_port,
            destination_port: self.source_port,
            ..*self
        }
    }

    /// Whether the protocol part of a rule matches. Ports of rules are destination ports.
    #[inline]
    pub(crate) fn matches(&self, traffic: Traffic) -> bool {
        match traffic {
            Traffic::All => true,
            Traffic::Tcp(ports) => {
                self.protocol == protocol::TCP && ports.contains(self.destination_port)
            }
            Traffic::Udp(ports) => {
                self.protocol == protocol::UDP && ports.contains(self.destination_port)
            }
            Traffic::Icmp { kind, code } => {
                self.protocol == protocol::ICMP && self.matches_icmp(kind, code)
            }
            Traffic::Icmpv6 { kind, code } => {
                self.protocol == protocol::ICMPV6 && self.matches_icmp(kind, code)
            }
            Traffic::Protocol(number) => self.protocol == number,
        }
    }

    fn matches_icmp(&self, kind: Option<u8>, code: Option<u8>) -> bool {
        kind.is_none_or(|kind| kind == self.icmp_kind)
            && code.is_none_or(|code| code == self.icmp_code)
    }

    /// The key under which `eni` tracks the flow of this packet, one for both directions; `None` for an ICMP message
    /// that is neither request nor reply.
    pub(crate) fn flow_key(&self, eni: EniIndex, direction: Direction) -> Option<FlowKey> {
        let (mut near, mut far) = match direction {
            Direction::Ingress => (self.destination_port, self.source_port),
            Direction::Egress => (self.source_port, self.destination_port),
        };
        if let protocol::ICMP | protocol::ICMPV6 = self.protocol {
            let (request, question) = icmp_query(self.protocol, self.icmp_kind)?;
            let asked_by = if question {
                direction
            } else {
                direction.reverse()
            };
            near = self.icmp_id;
            far = u16::from(request) << 8 | asked_by as u16;
        }
        let (local, remote) = match direction {
            Direction::Ingress => (self.destination, self.source),
            Direction::Egress => (self.source, self.destination),
        };
        Some(flow_key(
            eni,
            self.protocol,
            0,
            [near, far],
            [local, remote],
        ))
    }
}

/// An interface, a protocol, two ports and two addresses, as bytes to hash and compare at once.
pub(crate) type FlowKey = [u8; 44];

/// Packs a key; `tag` separates keys that would else be equal.
#[inline]
pub(crate) fn flow_key(
    eni: EniIndex,
    protocol: u8,
    tag: u16,
    ports: [u16; 2],
    addresses: [IpAddr; 2],
) -> FlowKey {
    let mut key = [0u8; 44];
    key[0..4].copy_from_slice(&eni.0.to_ne_bytes());
    key[4] = protocol;
    key[5] = u8::from(addresses[0].is_ipv4());
    key[6..8].copy_from_slice(&tag.to_ne_bytes());
    key[8..10].copy_from_slice(&ports[0].to_ne_bytes());
    key[10..12].copy_from_slice(&ports[1].to_ne_bytes());
    put_address(&mut key[12..28], addresses[0]);
    put_address(&mut key[28..44], addresses[1]);
    key
}

/// What [`flow_key`] packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FlowKeyParts {
    pub eni: EniIndex,
    pub protocol: u8,
    pub tag: u16,
    pub ports: [u16; 2],
    pub addresses: [IpAddr; 2],
}

impl FlowKeyParts {
    pub(crate) fn of(key: &FlowKey) -> FlowKeyParts {
        let number = |at: usize| u16::from_ne_bytes([key[at], key[at + 1]]);
        let address = |at: usize| -> IpAddr {
            let mut octets = [0u8; 16];
            octets.copy_from_slice(&key[at..at + 16]);
            match key[5] {
                0 => octets.into(),
                _ => [octets[0], octets[1], octets[2], octets[3]].into(),
            }
        };
        FlowKeyParts {
            eni: eni_of(key),
            protocol: key[4],
            tag: number(6),
            ports: [number(8), number(10)],
            addresses: [address(12), address(28)],
        }
    }
}

/// The interface that a key belongs to.
pub(crate) fn eni_of(key: &FlowKey) -> EniIndex {
    EniIndex(u32::from_ne_bytes([key[0], key[1], key[2], key[3]]))
}

/// Writes an address into 16 bytes.
#[inline]
pub(crate) fn put_address(field: &mut [u8], address: IpAddr) {
    match address {
        IpAddr::V4(address) => field[..4].copy_from_slice(&address.octets()),
        IpAddr::V6(address) => field.copy_from_slice(&Ipv6Addr::octets(&address)),
    }
}

/// The request type of a query message, and whether this type is the request (RFC 792, RFC 950, RFC 4443).
pub(crate) fn icmp_query(protocol: u8, kind: u8) -> Option<(u8, bool)> {
    match (protocol, kind) {
        (protocol::ICMP, 8 | 13 | 15 | 17) => Some((kind, true)),
        (protocol::ICMP, 0) => Some((8, false)),
        (protocol::ICMP, 14 | 16 | 18) => Some((kind - 1, false)),
        (protocol::ICMPV6, 128) => Some((128, true)),
        (protocol::ICMPV6, 129) => Some((128, false)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_flow_key_packs_comes_out_again() {
        for [source, destination] in [
            ["10.0.0.1", "0.0.0.0"],
            ["2001:db8::1", "::"],
            ["::ffff:10.0.0.1", "ff02::1"],
        ] {
            let parts = FlowKeyParts {
                eni: EniIndex(0x0102_0304),
                protocol: 17,
                tag: 0x0803,
                ports: [53, 65_535],
                addresses: [source, destination].map(|text| text.parse().unwrap()),
            };
            let key = flow_key(parts.eni, 17, parts.tag, parts.ports, parts.addresses);
            assert_eq!(FlowKeyParts::of(&key), parts);
        }
    }
}
