//! The packets of a flow that nobody sends: the first one, and the answer to it.

use std::net::IpAddr;

use openvpc_wire::ethernet::Ethernet;
use openvpc_wire::ip::{self, Envelope};
use openvpc_wire::packet::{protocol, tcp_flag};
use openvpc_wire::tcp::{self, Segment};
use openvpc_wire::{Mac, Packet, Transport};

use crate::trace::Seen;

/// TTL of a host that was not told otherwise.
const TTL: u8 = 64;
/// What a packet of an unknown protocol bears: to IPv6 no length at all means a jumbogram (RFC 2675).
const DATA: [u8; 8] = [0; 8];
/// Window of either side.
const WINDOW: u16 = 0xffff;

/// What a flow is, beyond its addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Probe {
    /// A TCP connection is opened.
    Tcp {
        /// Of the opener.
        source_port: u16,
        /// Of the listener.
        destination_port: u16,
    },
    /// A datagram, answered by another.
    Udp {
        /// Of whoever begins.
        source_port: u16,
        /// Of whoever answers.
        destination_port: u16,
    },
    /// A ping.
    Echo {
        /// Identifier.
        id: u16,
    },
    /// Another protocol by its IANA number, answered by the same.
    Protocol(u8),
}

/// A packet of a flow in one direction, as it stands at one point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// IP source.
    pub source: IpAddr,
    /// IP destination.
    pub destination: IpAddr,
    /// Ports as in this packet: those of an answer are exchanged.
    pub probe: Probe,
    /// It is the answer.
    pub answer: bool,
}

impl Header {
    /// The packet that answers this one.
    pub(super) fn answered(&self) -> Header {
        let probe = match self.probe {
            Probe::Tcp {
                source_port,
                destination_port,
            } => Probe::Tcp {
                source_port: destination_port,
                destination_port: source_port,
            },
            Probe::Udp {
                source_port,
                destination_port,
            } => Probe::Udp {
                source_port: destination_port,
                destination_port: source_port,
            },
            Probe::Echo { id } => Probe::Echo { id },
            Probe::Protocol(number) => Probe::Protocol(number),
        };
        Header {
            source: self.destination,
            destination: self.source,
            probe,
            answer: !self.answer,
        }
    }

    /// What a trace shows of it.
    pub fn seen(&self) -> Seen {
        let (source_port, destination_port) = match self.probe {
            Probe::Tcp {
                source_port,
                destination_port,
            }
            | Probe::Udp {
                source_port,
                destination_port,
            } => (source_port, destination_port),
            Probe::Echo { .. } | Probe::Protocol(_) => (0, 0),
        };
        Seen {
            source: self.source,
            destination: self.destination,
            source_port,
            destination_port,
        }
    }

    /// IANA number.
    pub fn protocol(&self) -> u8 {
        match self.probe {
            Probe::Tcp { .. } => protocol::TCP,
            Probe::Udp { .. } => protocol::UDP,
            Probe::Echo { .. } if self.source.is_ipv4() => protocol::ICMP,
            Probe::Echo { .. } => protocol::ICMPV6,
            Probe::Protocol(number) => number,
        }
    }

    /// Writes the frame from and to these Ethernet addresses.
    pub(super) fn emit(&self, [source_mac, destination_mac]: [Mac; 2], out: &mut Vec<u8>) {
        let envelope = Envelope {
            source_mac,
            destination_mac,
            source: self.source,
            destination: self.destination,
        };
        match self.probe {
            Probe::Tcp {
                source_port,
                destination_port,
            } => {
                let (acknowledgement, flags) = match self.answer {
                    false => (0, tcp_flag::SYN),
                    true => (1, tcp_flag::SYN | tcp_flag::ACK),
                };
                let segment = Segment {
                    ports: (source_port, destination_port),
                    sequence: 0,
                    acknowledgement,
                    flags,
                    window: WINDOW,
                };
                tcp::emit(out, &envelope, &segment, &[]);
            }
            Probe::Udp {
                source_port,
                destination_port,
            } => ip::emit_udp(out, &envelope, source_port, destination_port, &[]),
            Probe::Echo { id } => {
                let [high, low] = id.to_be_bytes();
                let message = [self.echo_type(), 0, 0, 0, high, low, 0, 1];
                ip::emit_icmp(out, &envelope, TTL, &message);
            }
            Probe::Protocol(number) => {
                ip::emit(out, &envelope, number, TTL, &DATA);
            }
        }
    }

    fn echo_type(&self) -> u8 {
        match (self.source.is_ipv4(), self.answer) {
            (true, false) => 8,
            (true, true) => 0,
            (false, false) => 128,
            (false, true) => 129,
        }
    }

    /// The same packet as a frame bears it after its walk; `None` for a frame that bears none.
    pub(super) fn read_back(&self, frame: &[u8]) -> Option<Header> {
        let ethernet = Ethernet::parse(frame)?;
        let packet = Packet::parse(frame, ethernet.ethertype).ok()?;
        let probe = match packet.transport {
            Transport::Tcp(tcp) => Probe::Tcp {
                source_port: tcp.source_port,
                destination_port: tcp.destination_port,
            },
            Transport::Udp {
                source_port,
                destination_port,
            } => Probe::Udp {
                source_port,
                destination_port,
            },
            Transport::Icmp { id, .. } if matches!(self.probe, Probe::Echo { .. }) => {
                Probe::Echo { id }
            }
            Transport::Icmp { .. } | Transport::Other | Transport::Later => self.probe,
        };
        Some(Header {
            source: packet.source,
            destination: packet.destination,
            probe,
            answer: self.answer,
        })
    }
}
