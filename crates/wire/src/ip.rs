//! Emitting IP packets that a router originates.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::Mac;
use crate::checksum;
use crate::ethernet::{self, Ethernet};
use crate::packet::protocol;

/// Who sends the packet and who gets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// Ethernet source.
    pub source_mac: Mac,
    /// Ethernet destination.
    pub destination_mac: Mac,
    /// IP source; decides the version.
    pub source: IpAddr,
    /// IP destination, of the same version.
    pub destination: IpAddr,
}

/// Overwrites `out` with Ethernet and IP headers and `payload`; returns where the payload begins. TTL is `ttl`, DF is
/// clear, the transport checksum is the caller's affair.
pub fn emit(
    out: &mut Vec<u8>,
    envelope: &Envelope,
    protocol: u8,
    ttl: u8,
    payload: &[u8],
) -> usize {
    out.clear();
    let ethertype = if envelope.source.is_ipv4() {
        ethernet::IPV4
    } else {
        ethernet::IPV6
    };
    Ethernet {
        destination: envelope.destination_mac,
        source: envelope.source_mac,
        ethertype,
    }
    .emit(out);
    match (envelope.source, envelope.destination) {
        (IpAddr::V4(source), IpAddr::V4(destination)) => {
            ipv4_header(out, source, destination, protocol, ttl, payload.len())
        }
        (source, destination) => ipv6_header(
            out,
            v6(source),
            v6(destination),
            protocol,
            ttl,
            payload.len(),
        ),
    }
    out.extend_from_slice(payload);
    out.len() - payload.len()
}

/// Emits an ICMP or ICMPv6 message with its checksum; the checksum field of `message` is ignored.
pub fn emit_icmp(out: &mut Vec<u8>, envelope: &Envelope, ttl: u8, message: &[u8]) {
    let protocol = if envelope.source.is_ipv4() {
        protocol::ICMP
    } else {
        protocol::ICMPV6
    };
    let at = emit(out, envelope, protocol, ttl, message);
    finish_icmp(out, at, envelope);
}

/// Fills in the checksum of the ICMP or ICMPv6 message from `at` to the end.
pub(crate) fn finish_icmp(out: &mut [u8], at: usize, envelope: &Envelope) {
    out[at + 2..at + 4].fill(0);
    let (source, destination) = (envelope.source, envelope.destination);
    let start = match source.is_ipv4() {
        true => 0,
        false => {
            let len = out.len() - at;
            checksum::pseudo_header(source, destination, protocol::ICMPV6, len)
        }
    };
    let sum = !checksum::sum(start, &out[at..]);
    out[at + 2..at + 4].copy_from_slice(&sum.to_be_bytes());
}

/// Emits a UDP datagram with its checksum.
pub fn emit_udp(
    out: &mut Vec<u8>,
    envelope: &Envelope,
    source_port: u16,
    destination_port: u16,
    payload: &[u8],
) {
    let len = payload.len() + 8;
    let mut header = [0u8; 8];
    header[0..2].copy_from_slice(&source_port.to_be_bytes());
    header[2..4].copy_from_slice(&destination_port.to_be_bytes());
    header[4..6].copy_from_slice(&(len as u16).to_be_bytes());
    let start = checksum::pseudo_header(envelope.source, envelope.destination, protocol::UDP, len);
    let sum = !checksum::sum(checksum::sum(start, &header), payload);
    header[6..8].copy_from_slice(&(if sum == 0 { 0xffff } else { sum }).to_be_bytes());
    let at = emit(out, envelope, protocol::UDP, 64, &header);
    out.extend_from_slice(payload);
    set_ip_payload_len(out, at, len);
}

/// Sets the length fields of the IP header in front of `l4`.
fn set_ip_payload_len(out: &mut [u8], l4: usize, len: usize) {
    let ip = ethernet::HEADER_LEN;
    if out[ip] >> 4 == 4 {
        out[ip + 2..ip + 4].copy_from_slice(&((l4 - ip + len) as u16).to_be_bytes());
        out[ip + 10..ip + 12].fill(0);
        let sum = !checksum::sum(0, &out[ip..l4]);
        out[ip + 10..ip + 12].copy_from_slice(&sum.to_be_bytes());
    } else {
        out[ip + 4..ip + 6].copy_from_slice(&(len as u16).to_be_bytes());
    }
}

fn ipv4_header(
    out: &mut Vec<u8>,
    source: Ipv4Addr,
    destination: Ipv4Addr,
    protocol: u8,
    ttl: u8,
    len: usize,
) {
    let mut header = [0u8; 20];
    header[0] = 0x45;
    header[2..4].copy_from_slice(&((20 + len) as u16).to_be_bytes());
    header[8] = ttl;
    header[9] = protocol;
    header[12..16].copy_from_slice(&source.octets());
    header[16..20].copy_from_slice(&destination.octets());
    let sum = !checksum::sum(0, &header);
    header[10..12].copy_from_slice(&sum.to_be_bytes());
    out.extend_from_slice(&header);
}

fn ipv6_header(
    out: &mut Vec<u8>,
    source: Ipv6Addr,
    destination: Ipv6Addr,
    protocol: u8,
    ttl: u8,
    len: usize,
) {
    out.extend_from_slice(&[0x60, 0, 0, 0]);
    out.extend_from_slice(&(len as u16).to_be_bytes());
    out.extend_from_slice(&[protocol, ttl]);
    out.extend_from_slice(&source.octets());
    out.extend_from_slice(&destination.octets());
}

fn v6(address: IpAddr) -> Ipv6Addr {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped(),
        IpAddr::V6(address) => address,
    }
}
