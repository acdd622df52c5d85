//! TCP segments that a router originates.

use crate::checksum;
use crate::ip::{self, Envelope};
use crate::packet::{Tcp, protocol, tcp_flag};

/// Emits the reset that answers a segment of a connection that is not there (RFC 9293 §3.10.7.1). `envelope` already goes
/// back to the segment's sender.
pub fn emit_reset(out: &mut Vec<u8>, envelope: &Envelope, segment: &Tcp) {
    let has_ack = segment.flags & tcp_flag::ACK != 0;
    let length = u32::from(segment.payload_len)
        + u32::from(segment.flags & tcp_flag::SYN != 0)
        + u32::from(segment.flags & tcp_flag::FIN != 0);
    let (sequence, acknowledgement, flags) = match has_ack {
        true => (segment.acknowledgement, 0, tcp_flag::RST),
        false => (
            0,
            segment.sequence.wrapping_add(length),
            tcp_flag::RST | tcp_flag::ACK,
        ),
    };
    let reset = Segment {
        ports: (segment.destination_port, segment.source_port),
        sequence,
        acknowledgement,
        flags,
        window: 0,
    };
    emit(out, envelope, &reset, &[]);
}

/// What a segment without options says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Source and destination port.
    pub ports: (u16, u16),
    /// Sequence number.
    pub sequence: u32,
    /// Acknowledgement number.
    pub acknowledgement: u32,
    /// Flag byte.
    pub flags: u8,
    /// Window, unscaled.
    pub window: u16,
}

/// Emits a segment with its checksum.
pub fn emit(out: &mut Vec<u8>, envelope: &Envelope, segment: &Segment, data: &[u8]) {
    let mut bytes = vec![0u8; 20];
    bytes[0..2].copy_from_slice(&segment.ports.0.to_be_bytes());
    bytes[2..4].copy_from_slice(&segment.ports.1.to_be_bytes());
    bytes[4..8].copy_from_slice(&segment.sequence.to_be_bytes());
    bytes[8..12].copy_from_slice(&segment.acknowledgement.to_be_bytes());
    bytes[12] = 5 << 4;
    bytes[13] = segment.flags;
    bytes[14..16].copy_from_slice(&segment.window.to_be_bytes());
    bytes.extend_from_slice(data);
    let at = ip::emit(out, envelope, protocol::TCP, 64, &bytes);
    let (source, destination) = (envelope.source, envelope.destination);
    let start = checksum::pseudo_header(source, destination, protocol::TCP, bytes.len());
    let sum = !checksum::sum(start, &out[at..]);
    out[at + 16..at + 18].copy_from_slice(&sum.to_be_bytes());
}
