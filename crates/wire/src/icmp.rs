//! The ICMP and ICMPv6 messages of a router: echo replies and errors (RFC 792, RFC 1191, RFC 1812 §4.3, RFC 4443).

use crate::ip::{self, Envelope};
use crate::packet::Packet;

/// An echo request, per family.
pub fn is_echo_request(kind: u8, ipv4: bool) -> bool {
    kind == if ipv4 { 8 } else { 128 }
}

/// What an error says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IcmpError {
    /// TTL or hop limit used up in transit.
    TimeExceeded,
    /// Too long for the next link, whose MTU is given, and not to be cut.
    PacketTooBig {
        /// MTU of the next link.
        mtu: u16,
    },
}

/// Emits the error about the packet at the start of `frame`, quoting as much of it as the RFCs allow (576 bytes of IPv4,
/// 1,280 bytes of IPv6 in all).
pub fn emit_error(
    out: &mut Vec<u8>,
    envelope: &Envelope,
    error: IcmpError,
    frame: &[u8],
    packet: &Packet,
) {
    let ipv4 = packet.is_ipv4();
    let (kind, code, rest) = match (error, ipv4) {
        (IcmpError::TimeExceeded, true) => (11, 0, [0, 0, 0, 0]),
        (IcmpError::TimeExceeded, false) => (3, 0, [0, 0, 0, 0]),
        (IcmpError::PacketTooBig { mtu }, true) => (3, 4, u32::from(mtu).to_be_bytes()),
        (IcmpError::PacketTooBig { mtu }, false) => (2, 0, u32::from(mtu).to_be_bytes()),
    };
    let quote_max = if ipv4 { 576 - 28 } else { 1280 - 48 };
    let quote = &frame[crate::ethernet::HEADER_LEN..packet.end];
    let quote = &quote[..quote.len().min(quote_max)];
    let mut message = [0u8; 8 + 1280];
    message[0] = kind;
    message[1] = code;
    message[4..8].copy_from_slice(&rest);
    message[8..8 + quote.len()].copy_from_slice(quote);
    ip::emit_icmp(out, envelope, 64, &message[..8 + quote.len()]);
}

/// Emits the reply to the echo request at the start of `frame`: the same identifier, sequence and data.
pub fn emit_echo_reply(out: &mut Vec<u8>, envelope: &Envelope, frame: &[u8], packet: &Packet) {
    ip::emit_icmp(out, envelope, 64, &frame[packet.l4..packet.end]);
    let at = out.len() - (packet.end - packet.l4);
    let kind = if packet.is_ipv4() { 0 } else { 129 };
    let old = [out[at], out[at + 1]];
    out[at] = kind;
    let delta = crate::checksum::Delta::between(&old, &[kind, out[at + 1]]);
    let sum = crate::checksum::apply(crate::packet::be16(out, at + 2), delta);
    out[at + 2..at + 4].copy_from_slice(&sum.to_be_bytes());
}
