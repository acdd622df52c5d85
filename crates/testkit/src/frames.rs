//! Frames from a few words.

use std::net::IpAddr;

use openvpc_engine::Mac;
use openvpc_wire::checksum;
use openvpc_wire::ip::{self, Envelope};
use openvpc_wire::packet::protocol;

/// What a frame is to be.
#[derive(Clone, Debug)]
pub struct FrameSpec {
    /// Ethernet source.
    pub source_mac: Mac,
    /// Ethernet destination.
    pub destination_mac: Mac,
    /// IP source.
    pub source: IpAddr,
    /// IP destination.
    pub destination: IpAddr,
    /// TTL or hop limit.
    pub ttl: u8,
    /// The transport.
    pub l4: L4,
}

/// The transport part of a frame.
#[derive(Clone, Debug)]
pub enum L4 {
    /// A TCP segment.
    Tcp {
        /// Source and destination port.
        ports: (u16, u16),
        /// Sequence number.
        sequence: u32,
        /// Acknowledgement number.
        acknowledgement: u32,
        /// Flag byte.
        flags: u8,
        /// Data.
        payload: Vec<u8>,
    },
    /// A UDP datagram.
    Udp {
        /// Source and destination port.
        ports: (u16, u16),
        /// Data.
        payload: Vec<u8>,
    },
    /// An ICMP or ICMPv6 message, checksum ignored.
    Icmp(Vec<u8>),
    /// Any protocol.
    Raw(u8, Vec<u8>),
}

/// Builds the frame with right lengths and checksums.
pub fn build(spec: &FrameSpec) -> Vec<u8> {
    let envelope = Envelope {
        source_mac: spec.source_mac,
        destination_mac: spec.destination_mac,
        source: spec.source,
        destination: spec.destination,
    };
    let mut out = Vec::new();
    match &spec.l4 {
        L4::Udp { ports, payload } => ip::emit_udp(&mut out, &envelope, ports.0, ports.1, payload),
        L4::Icmp(message) => ip::emit_icmp(&mut out, &envelope, spec.ttl, message),
        L4::Raw(number, payload) => {
            ip::emit(&mut out, &envelope, *number, spec.ttl, payload);
        }
        L4::Tcp {
            ports,
            sequence,
            acknowledgement,
            flags,
            payload,
        } => {
            let mut segment = vec![0u8; 20];
            segment[0..2].copy_from_slice(&ports.0.to_be_bytes());
            segment[2..4].copy_from_slice(&ports.1.to_be_bytes());
            segment[4..8].copy_from_slice(&sequence.to_be_bytes());
            segment[8..12].copy_from_slice(&acknowledgement.to_be_bytes());
            segment[12] = 5 << 4;
            segment[13] = *flags;
            segment[14..16].copy_from_slice(&0xffff_u16.to_be_bytes());
            segment.extend_from_slice(payload);
            let start = checksum::pseudo_header(
                spec.source,
                spec.destination,
                protocol::TCP,
                segment.len(),
            );
            let sum = !checksum::sum(start, &segment);
            segment[16..18].copy_from_slice(&sum.to_be_bytes());
            ip::emit(&mut out, &envelope, protocol::TCP, spec.ttl, &segment);
        }
    }
    set_ttl(&mut out, spec.ttl);
    out
}

/// Sets the TTL or hop limit of the packet in a frame.
pub fn set_ttl(frame: &mut [u8], ttl: u8) {
    if frame[14] >> 4 == 6 {
        frame[21] = ttl;
        return;
    }
    frame[22] = ttl;
    mend_ipv4_header(frame);
}

/// Makes the IPv4 header checksum of a frame right again after an edit.
pub fn mend_ipv4_header(frame: &mut [u8]) {
    let len = usize::from(frame[14] & 15) * 4;
    frame[24..26].fill(0);
    let sum = !checksum::sum(0, &frame[14..14 + len]);
    frame[24..26].copy_from_slice(&sum.to_be_bytes());
}
