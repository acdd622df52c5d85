//! Cutting an IPv4 packet into fragments (RFC 791 §3.2), for a path with a smaller MTU.

use crate::checksum;
use crate::ethernet::HEADER_LEN;
use crate::packet::{Packet, be16};
use crate::{Frame, GsoKind, Offload};

/// Shortens `frame` to its first fragment of at most `mtu` bytes of IP, and hands the later ones to `emit`. Options are
/// repeated in every fragment, which RFC 791 leaves to each option; those that choose a path never come this far.
pub fn fragment_to(
    frame: &mut Frame<'_>,
    packet: &Packet,
    mtu: u16,
    mut emit: impl FnMut(Vec<u8>),
) {
    finish_checksum(frame, packet);
    let header_len = packet.l4 - HEADER_LEN;
    let step = (usize::from(mtu) - header_len) & !7;
    let flags = be16(frame.bytes, HEADER_LEN + 6);
    let mut at = packet.l4 + step;
    while at < packet.end {
        let end = (at + step).min(packet.end);
        let mut piece = frame.bytes[..packet.l4].to_vec();
        piece.extend_from_slice(&frame.bytes[at..end]);
        let more = if end < packet.end {
            0x2000
        } else {
            flags & 0x2000
        };
        set_place(
            &mut piece,
            packet.l4,
            ((flags & !0x2000) + ((at - packet.l4) / 8) as u16) | more,
        );
        emit(piece);
        at = end;
    }
    frame.truncate(packet.l4 + step);
    set_place(frame.bytes, packet.l4, flags | 0x2000);
}

/// Sets length, flags and offset of the packet at the start of `bytes`, which ends with it.
fn set_place(bytes: &mut [u8], l4: usize, flags: u16) {
    let len = (bytes.len() - HEADER_LEN) as u16;
    bytes[HEADER_LEN + 2..HEADER_LEN + 4].copy_from_slice(&len.to_be_bytes());
    bytes[HEADER_LEN + 6..HEADER_LEN + 8].copy_from_slice(&flags.to_be_bytes());
    bytes[HEADER_LEN + 10..HEADER_LEN + 12].fill(0);
    let sum = !checksum::sum(0, &bytes[HEADER_LEN..l4]);
    bytes[HEADER_LEN + 10..HEADER_LEN + 12].copy_from_slice(&sum.to_be_bytes());
}

/// Fills in a checksum that the sender's stack left unfinished.
pub fn finish_checksum(frame: &mut Frame<'_>, packet: &Packet) {
    let Offload {
        needs_csum,
        csum_start,
        csum_offset,
        ..
    } = frame.offload;
    if !needs_csum || frame.offload.gso != GsoKind::None {
        return;
    }
    let start = usize::from(csum_start);
    let field = start + usize::from(csum_offset);
    if field + 2 > packet.end {
        return;
    }
    // The field holds the pseudo-header's sum, so summing it along with the data includes both.
    let sum = !checksum::sum(0, &frame.bytes[start..packet.end]);
    let sum = if sum == 0 { 0xffff } else { sum };
    frame.bytes[field..field + 2].copy_from_slice(&sum.to_be_bytes());
    frame.offload.needs_csum = false;
}
