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
    let mut header = [0u8; 20];
    header[0..2].copy_from_slice(&segment.destination_port.to_be_bytes());
    header[2..4].copy_from_slice(&segment.source_port.to_be_bytes());
    header[4..8].copy_from_slice(&sequence.to_be_bytes());
    header[8..12].copy_from_slice(&acknowledgement.to_be_bytes());
    header[12] = 5 << 4;
    header[13] = flags;
    let at = ip::emit(out, envelope, protocol::TCP, 64, &header);
    let start = checksum::pseudo_header(
        envelope.source,
        envelope.destination,
        protocol::TCP,
        header.len(),
    );
    let sum = !checksum::sum(start, &out[at..]);
    out[at + 16..at + 18].copy_from_slice(&sum.to_be_bytes());
}
