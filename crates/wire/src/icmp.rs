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
    let kind = if packet.is_ipv4() { 0 } else { 129 };
    let at = ip::emit(
        out,
        envelope,
        packet.protocol,
        64,
        &frame[packet.l4..packet.end],
    );
    out[at] = kind;
    ip::finish_icmp(out, at, envelope);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edit::{self, Side};
    use crate::quoted::icmp_checksum_holds;
    use crate::{Frame, Mac};

    fn echo(ipv4: bool, message: &[u8]) -> (Vec<u8>, Packet, Envelope) {
        let addresses = match ipv4 {
            true => ["10.0.1.10", "10.0.1.1"],
            false => ["2001:db8::10", "2001:db8::1"],
        };
        let [source, destination] = addresses.map(|text| text.parse().expect("an address"));
        let envelope = Envelope {
            source_mac: Mac([2, 0, 0, 0, 0, 1]),
            destination_mac: Mac([2, 0, 0, 0, 0, 2]),
            source,
            destination,
        };
        let mut frame = Vec::new();
        ip::emit_icmp(&mut frame, &envelope, 64, message);
        let packet = read(&frame);
        (frame, packet, envelope)
    }

    fn read(frame: &[u8]) -> Packet {
        let ethertype = u16::from_be_bytes([frame[12], frame[13]]);
        Packet::parse(frame, ethertype).expect("a packet")
    }

    /// The sum over nothing but zeros is minus zero, which no editing of the request's sum leads to. Found by fuzzing.
    #[test]
    fn a_reply_of_zeros_has_a_checksum_that_holds() {
        for ipv4 in [true, false] {
            let kind = if ipv4 { 8 } else { 128 };
            let (frame, packet, envelope) = echo(ipv4, &[kind, 0, 0, 0, 0, 0, 0, 0]);
            let mut reply = Vec::new();
            emit_echo_reply(&mut reply, &envelope, &frame, &packet);
            assert!(icmp_checksum_holds(&reply, &read(&reply)), "{reply:02x?}");
        }
    }

    /// As on the way back through a NAT gateway, to a client whose identifier is 0.
    #[test]
    fn an_identifier_set_to_zero_leaves_a_checksum_that_holds() {
        let (mut frame, packet, _) = echo(true, &[0, 0, 0, 0, 0x12, 0x34, 0, 0]);
        edit::set_port(&mut Frame::new(&mut frame), &packet, Side::Destination, 0);
        assert!(icmp_checksum_holds(&frame, &packet), "{frame:02x?}");
    }

    /// RFC 4443 §2.3: the addresses are in the sum. Found by fuzzing.
    #[test]
    fn another_address_changes_the_checksum_of_icmpv6() {
        let (mut frame, packet, _) = echo(false, &[128, 0, 0, 0, 0, 7, 0, 1]);
        let new = "2001:db8:ffff::99".parse().expect("an address");
        edit::set_ip(&mut Frame::new(&mut frame), &packet, Side::Source, new);
        let edited = read(&frame);
        assert_eq!(edited.source, new);
        assert!(icmp_checksum_holds(&frame, &edited), "{frame:02x?}");
    }
}
