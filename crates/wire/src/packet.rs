//! One look at an IP packet: every field the engine judges by, checked against the bytes that are really there.
//!
//! Sources: RFC 791, RFC 8200, RFC 7112 (header chains), RFC 1858 and RFC 3128 (tiny fragments), RFC 5095 (routing
//! header 0), RFC 6946 (atomic fragments).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::ethernet::{self, HEADER_LEN};
use crate::{checksum, ipv6};

/// IANA protocol numbers that have ports, types or a pseudo-header.
pub mod protocol {
    /// ICMP for IPv4.
    pub const ICMP: u8 = 1;
    /// TCP.
    pub const TCP: u8 = 6;
    /// UDP.
    pub const UDP: u8 = 17;
    /// ICMPv6.
    pub const ICMPV6: u8 = 58;
}

/// TCP header flags.
pub mod tcp_flag {
    /// Last data from this side.
    pub const FIN: u8 = 1;
    /// First segment of a side.
    pub const SYN: u8 = 2;
    /// Connection refused or broken.
    pub const RST: u8 = 4;
    /// The receiver is not to wait for more.
    pub const PSH: u8 = 8;
    /// The acknowledgement number counts.
    pub const ACK: u8 = 16;
}

/// Why a packet is not worth judging.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// Not IP at all by ethertype.
    #[error("not an IP packet")]
    NotIp,
    /// Lengths, versions or flags contradict each other.
    #[error("malformed header")]
    Malformed,
    /// IPv4 header checksum.
    #[error("bad header checksum")]
    BadChecksum,
    /// The sender chose the path.
    #[error("source routing")]
    SourceRouted,
    /// Too many or misplaced extension headers, or a chain not complete in the first fragment.
    #[error("extension header chain")]
    HeaderChain,
    /// A first fragment without the whole transport header.
    #[error("tiny first fragment")]
    TinyFragment,
    /// A fragment whose length or end is impossible.
    #[error("impossible fragment")]
    BadFragment,
}

/// What the engine needs to know about a packet. Offsets count from the start of the frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet {
    /// IP source.
    pub source: IpAddr,
    /// IP destination.
    pub destination: IpAddr,
    /// Upper-layer protocol, after all extension headers. For a later IPv6 fragment: what its fragment header names.
    pub protocol: u8,
    /// TTL or hop limit.
    pub ttl: u8,
    /// IPv4 DF; always true for IPv6.
    pub dont_fragment: bool,
    /// Set for a fragment that is not the whole datagram.
    pub fragment: Option<Fragment>,
    /// An IPv6 fragment header was there, even an atomic one (RFC 6980 forbids it for NDP).
    pub fragment_header: bool,
    /// Start of the transport header, or of the fragment's payload.
    pub l4: usize,
    /// End of the IP packet; what follows is padding.
    pub end: usize,
    /// The transport header.
    pub transport: Transport,
}

/// Place of a fragment in its datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fragment {
    /// Identification.
    pub id: u32,
    /// First byte of the payload in the datagram.
    pub offset: u16,
    /// More to come.
    pub more: bool,
}

/// The transport header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// TCP.
    Tcp(Tcp),
    /// UDP.
    Udp {
        /// Source port.
        source_port: u16,
        /// Destination port.
        destination_port: u16,
    },
    /// ICMP or ICMPv6.
    Icmp {
        /// Type.
        kind: u8,
        /// Code.
        code: u8,
        /// Identifier of echo, timestamp and mask messages; meaningless otherwise.
        id: u16,
    },
    /// Another protocol.
    Other,
    /// A later fragment: the header is elsewhere.
    Later,
}

/// The TCP fields that a connection tracker follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tcp {
    /// Source port.
    pub source_port: u16,
    /// Destination port.
    pub destination_port: u16,
    /// Sequence number of the first byte.
    pub sequence: u32,
    /// Acknowledgement number; counts only with ACK.
    pub acknowledgement: u32,
    /// Flag byte.
    pub flags: u8,
    /// Receive window, unscaled.
    pub window: u16,
    /// Header length with options.
    pub header_len: u8,
    /// Payload bytes here (in the first fragment, for a fragment).
    pub payload_len: u16,
}

impl Packet {
    /// Reads the IP packet behind an Ethernet header.
    ///
    /// # Errors
    /// The first thing that is wrong.
    #[inline]
    pub fn parse(frame: &[u8], ethertype: u16) -> Result<Packet, ParseError> {
        match ethertype {
            ethernet::IPV4 => parse_ipv4(frame),
            ethernet::IPV6 => parse_ipv6(frame),
            _ => Err(ParseError::NotIp),
        }
    }

    /// Bytes from the IP header on, as flow logs count them.
    pub fn ip_len(&self) -> usize {
        self.end - HEADER_LEN
    }

    /// Whether the packet is of IP version 4.
    pub fn is_ipv4(&self) -> bool {
        self.source.is_ipv4()
    }

    /// Whether it is an ICMP or ICMPv6 error message, which quotes another packet.
    pub fn is_icmp_error(&self) -> bool {
        let Transport::Icmp { kind, .. } = self.transport else {
            return false;
        };
        match self.protocol {
            protocol::ICMP => matches!(kind, 3 | 4 | 11 | 12),
            _ => (1..=127).contains(&kind),
        }
    }
}

impl Tcp {
    /// The window scale that a SYN announces (RFC 7323 §2), at most 14; 0 without the option. `l4` is where the TCP
    /// header begins in `frame`.
    pub fn window_scale(&self, frame: &[u8], l4: usize) -> u8 {
        match self.option(frame, l4, 3, 3) {
            Some(at) => frame[at].min(14),
            None => 0,
        }
    }

    /// Where in `frame` the longest segment stands that a SYN announces (RFC 9293 §3.7.1), two bytes. `l4` as above.
    pub fn mss(&self, frame: &[u8], l4: usize) -> Option<usize> {
        self.option(frame, l4, 2, 4)
    }

    /// Where the data of the first option of this kind and length begins; it lies within the header.
    fn option(&self, frame: &[u8], l4: usize, kind: u8, len: u8) -> Option<usize> {
        let end = l4 + usize::from(self.header_len);
        let mut at = l4 + 20;
        loop {
            match frame.get(at..end)? {
                [1, ..] => at += 1,
                [k, l, rest @ ..]
                    if (*k, *l) == (kind, len) && rest.len() >= usize::from(len) - 2 =>
                {
                    return Some(at + 2);
                }
                [0, ..] | [_] | [] => return None,
                [_, len, ..] => at += usize::from(*len).max(2),
            }
        }
    }
}

#[inline]
fn parse_ipv4(frame: &[u8]) -> Result<Packet, ParseError> {
    let ip = frame.get(HEADER_LEN..).ok_or(ParseError::Malformed)?;
    if ip.len() < 20 || ip[0] >> 4 != 4 {
        return Err(ParseError::Malformed);
    }
    let header_len = usize::from(ip[0] & 15) * 4;
    let total_len = usize::from(be16(ip, 2));
    if header_len < 20 || total_len < header_len || total_len > ip.len() {
        return Err(ParseError::Malformed);
    }
    if checksum::sum(0, &ip[..header_len]) != 0xffff {
        return Err(ParseError::BadChecksum);
    }
    if header_len > 20 {
        check_ipv4_options(&ip[20..header_len])?;
    }
    let flags = be16(ip, 6);
    if flags & 0x8000 != 0 {
        return Err(ParseError::Malformed);
    }
    let offset = (flags & 0x1fff) << 3;
    let more = flags & 0x2000 != 0;
    let fragment = (more || offset != 0).then(|| Fragment {
        id: u32::from(be16(ip, 4)),
        offset,
        more,
    });
    let mut packet = Packet {
        source: Ipv4Addr::new(ip[12], ip[13], ip[14], ip[15]).into(),
        destination: Ipv4Addr::new(ip[16], ip[17], ip[18], ip[19]).into(),
        protocol: ip[9],
        ttl: ip[8],
        dont_fragment: flags & 0x4000 != 0,
        fragment,
        fragment_header: fragment.is_some(),
        l4: HEADER_LEN + header_len,
        end: HEADER_LEN + total_len,
        transport: Transport::Later,
    };
    packet.finish(frame)?;
    Ok(packet)
}

/// Walks the options (RFC 791 §3.1); loose and strict source routes are refused.
fn check_ipv4_options(mut options: &[u8]) -> Result<(), ParseError> {
    while let [kind, rest @ ..] = options {
        match kind {
            0 => return Ok(()),
            1 => options = rest,
            131 | 137 => return Err(ParseError::SourceRouted),
            _ => {
                let len = usize::from(*rest.first().ok_or(ParseError::Malformed)?);
                if len < 2 || len > options.len() {
                    return Err(ParseError::Malformed);
                }
                options = &options[len..];
            }
        }
    }
    Ok(())
}

fn parse_ipv6(frame: &[u8]) -> Result<Packet, ParseError> {
    let ip = frame.get(HEADER_LEN..).ok_or(ParseError::Malformed)?;
    if ip.len() < 40 || ip[0] >> 4 != 6 {
        return Err(ParseError::Malformed);
    }
    let payload_len = usize::from(be16(ip, 4));
    if payload_len == 0 || 40 + payload_len > ip.len() {
        return Err(ParseError::Malformed);
    }
    let end = HEADER_LEN + 40 + payload_len;
    let chain = ipv6::walk_chain(&frame[..end], ip[6], HEADER_LEN + 40)?;
    let mut packet = Packet {
        source: read_ipv6(ip, 8).into(),
        destination: read_ipv6(ip, 24).into(),
        protocol: chain.protocol,
        ttl: ip[7],
        dont_fragment: true,
        fragment: chain
            .fragment
            .filter(|fragment| fragment.more || fragment.offset != 0),
        fragment_header: chain.fragment.is_some(),
        l4: chain.l4,
        end,
        transport: Transport::Later,
    };
    packet.finish(frame)?;
    Ok(packet)
}

impl Packet {
    /// Checks the fragment's place and reads the transport header.
    #[inline]
    fn finish(&mut self, frame: &[u8]) -> Result<(), ParseError> {
        let payload = &frame[self.l4..self.end];
        if let Some(fragment) = self.fragment {
            let len = payload.len();
            if len == 0 && fragment.offset == 0 {
                return Err(ParseError::TinyFragment);
            }
            let odd = fragment.more && !len.is_multiple_of(8);
            if odd || len == 0 || usize::from(fragment.offset) + len > 65_535 {
                return Err(ParseError::BadFragment);
            }
            if fragment.offset != 0 {
                // RFC 3128: the second eight bytes of a TCP header may not travel alone.
                let splits_header = self.protocol == protocol::TCP && fragment.offset < 20;
                return if splits_header {
                    Err(ParseError::TinyFragment)
                } else {
                    Ok(())
                };
            }
        }
        let ours = match self.protocol {
            protocol::ICMP => self.is_ipv4(),
            protocol::ICMPV6 => !self.is_ipv4(),
            _ => true,
        };
        if !ours {
            return Err(ParseError::Malformed);
        }
        self.transport = match parse_transport(self.protocol, payload, self.fragment.is_some()) {
            Err(ParseError::Malformed) if self.fragment.is_some() => {
                return Err(ParseError::TinyFragment);
            }
            read => read?,
        };
        Ok(())
    }
}

#[inline]
fn parse_transport(protocol: u8, payload: &[u8], fragment: bool) -> Result<Transport, ParseError> {
    match protocol {
        protocol::TCP => {
            if payload.len() < 20 {
                return Err(ParseError::Malformed);
            }
            let header_len = usize::from(payload[12] >> 4) * 4;
            if header_len < 20 || header_len > payload.len() {
                return Err(ParseError::Malformed);
            }
            Ok(Transport::Tcp(Tcp {
                source_port: be16(payload, 0),
                destination_port: be16(payload, 2),
                sequence: be32(payload, 4),
                acknowledgement: be32(payload, 8),
                flags: payload[13] & 0x3f,
                window: be16(payload, 14),
                header_len: header_len as u8,
                payload_len: (payload.len() - header_len) as u16,
            }))
        }
        protocol::UDP => {
            if payload.len() < 8 {
                return Err(ParseError::Malformed);
            }
            let len = usize::from(be16(payload, 4));
            if len < 8 || (len > payload.len() && !fragment) {
                return Err(ParseError::Malformed);
            }
            Ok(Transport::Udp {
                source_port: be16(payload, 0),
                destination_port: be16(payload, 2),
            })
        }
        protocol::ICMP | protocol::ICMPV6 => {
            if payload.len() < 8 {
                return Err(ParseError::Malformed);
            }
            Ok(Transport::Icmp {
                kind: payload[0],
                code: payload[1],
                id: be16(payload, 4),
            })
        }
        _ => Ok(Transport::Other),
    }
}

#[inline]
pub(crate) fn be16(bytes: &[u8], at: usize) -> u16 {
    u16::from_be_bytes([bytes[at], bytes[at + 1]])
}

#[inline]
pub(crate) fn be32(bytes: &[u8], at: usize) -> u32 {
    u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

#[inline]
pub(crate) fn read_ipv4(bytes: &[u8], at: usize) -> Ipv4Addr {
    Ipv4Addr::from(be32(bytes, at))
}

#[inline]
pub(crate) fn read_ipv6(bytes: &[u8], at: usize) -> Ipv6Addr {
    let mut octets = [0u8; 16];
    octets.copy_from_slice(&bytes[at..at + 16]);
    Ipv6Addr::from(octets)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A frame with a TCP header with options.
    fn syn_with(options: &[u8]) -> (Vec<u8>, Tcp) {
        let mut frame = vec![0; 34 + 20];
        frame.extend_from_slice(options);
        let tcp = Tcp {
            source_port: 1,
            destination_port: 2,
            sequence: 0,
            acknowledgement: 0,
            flags: tcp_flag::SYN,
            window: 0,
            header_len: (20 + options.len()) as u8,
            payload_len: 0,
        };
        (frame, tcp)
    }

    fn scale_of(options: &[u8]) -> u8 {
        let (frame, tcp) = syn_with(options);
        tcp.window_scale(&frame, 34)
    }

    #[test]
    fn window_scale_is_found_among_the_options() {
        assert_eq!(scale_of(&[]), 0);
        assert_eq!(scale_of(&[2, 4, 5, 0xb4, 1, 3, 3, 7]), 7);
        assert_eq!(scale_of(&[3, 3, 200, 0]), 14, "RFC 7323: at most 14");
        assert_eq!(scale_of(&[0, 3, 3, 7]), 0, "after the end of options");
        assert_eq!(scale_of(&[8, 0, 3, 3, 7, 0, 0, 0]), 7, "a length that lies");
        assert_eq!(scale_of(&[8, 200, 3, 3]), 0, "a length past the end");
        assert_eq!(scale_of(&[1, 1, 1, 3]), 0, "cut off");
    }

    #[test]
    fn the_longest_segment_is_found_among_the_options() {
        let at = |options: &[u8]| {
            let (frame, tcp) = syn_with(options);
            tcp.mss(&frame, 34)
        };
        assert_eq!(at(&[2, 4, 5, 0xb4]), Some(56));
        assert_eq!(at(&[1, 2, 4, 5, 0xb4]), Some(57));
        assert_eq!(at(&[3, 3, 7, 2, 4, 5, 0xb4]), Some(59));
        assert_eq!(at(&[2, 3, 5, 0]), None, "a length that lies");
        assert_eq!(at(&[1, 1, 2, 4]), None, "cut off");
        assert_eq!(at(&[0, 2, 4, 5, 0xb4]), None, "after the end of options");
    }

    /// Whatever the bytes, parsing ends, and what it says lies within the frame.
    #[test]
    fn no_frame_is_too_strange() {
        let mut seed = 0x9e37_79b9_7f4a_7c15u64;
        let mut random = move || {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            seed
        };
        for round in 0..200_000u32 {
            let mut frame: Vec<u8> = (0..random() % 160).map(|_| random() as u8).collect();
            let ethertype = if round % 2 == 0 {
                ethernet::IPV4
            } else {
                ethernet::IPV6
            };
            if frame.len() > 34 {
                frame[14] = if round % 2 == 0 { 0x45 } else { 0x60 };
                let len = (frame.len() - 14) as u16;
                if round % 2 == 0 {
                    frame[16..18].copy_from_slice(&len.to_be_bytes());
                    frame[24..26].fill(0);
                    let sum = !checksum::sum(0, &frame[14..34]);
                    frame[24..26].copy_from_slice(&sum.to_be_bytes());
                } else {
                    frame[18..20].copy_from_slice(&len.saturating_sub(40).to_be_bytes());
                    frame[20] = [0, 6, 17, 43, 44, 58, 60][random() as usize % 7];
                }
            }
            if let Ok(packet) = Packet::parse(&frame, ethertype) {
                assert!(
                    HEADER_LEN < packet.l4 && packet.l4 <= packet.end && packet.end <= frame.len()
                );
                if packet.is_icmp_error()
                    && let Some(quoted) = crate::Quoted::parse(&frame, &packet)
                {
                    assert!(quoted.l4 + 8 <= packet.end);
                }
            }
        }
    }
}
