//! TCP segments that a router originates.

use crate::checksum;
use crate::ethernet::HEADER_LEN;
use crate::ip::{self, Envelope};
use crate::packet::{Packet, Tcp, Transport, protocol, tcp_flag};

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

/// A segment that stands before one over IPv4 in its stream: the same headers and options, `data` instead of its own, which
/// ends where its own begins. The frame's addresses and ports may have been edited since it was parsed. Nothing for
/// another packet.
pub fn before(frame: &[u8], packet: &Packet, data: &[u8], sequence: u32) -> Option<Vec<u8>> {
    let Transport::Tcp(tcp) = packet.transport else {
        return None;
    };
    let payload = packet.l4 + usize::from(tcp.header_len);
    let mut bytes = frame.get(..payload)?.to_vec();
    if !packet.is_ipv4() {
        return None;
    }
    bytes.extend_from_slice(data);
    let len = u16::try_from(bytes.len() - HEADER_LEN).ok()?;
    bytes[HEADER_LEN + 2..HEADER_LEN + 4].copy_from_slice(&len.to_be_bytes());
    bytes[HEADER_LEN + 10..HEADER_LEN + 12].fill(0);
    let sum = !checksum::sum(0, &bytes[HEADER_LEN..packet.l4]);
    bytes[HEADER_LEN + 10..HEADER_LEN + 12].copy_from_slice(&sum.to_be_bytes());
    let (l4, l4_len) = (packet.l4, bytes.len() - packet.l4);
    bytes[l4 + 4..l4 + 8].copy_from_slice(&sequence.to_be_bytes());
    bytes[l4 + 13] = tcp_flag::ACK | tcp_flag::PSH;
    bytes[l4 + 16..l4 + 18].fill(0);
    // The edited addresses, not those that were parsed.
    let ends = checksum::sum(0, &bytes[HEADER_LEN + 12..HEADER_LEN + 20]);
    let start = checksum::sum(ends, &[0, protocol::TCP, (l4_len >> 8) as u8, l4_len as u8]);
    let sum = !checksum::sum(start, &bytes[l4..]);
    bytes[l4 + 16..l4 + 18].copy_from_slice(&sum.to_be_bytes());
    Some(bytes)
}
