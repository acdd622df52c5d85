//! The header of PROXY protocol version 2 as Network Load Balancers send it: 100 bytes before everything that the client
//! says, whatever there is to tell (PROXY protocol specification §2.2; Network Load Balancer guide, "Proxy protocol").

use std::net::Ipv4Addr;

/// Length of every header about a connection over IPv4.
pub const HEADER_LEN: usize = 100;

const SIGNATURE: [u8; 12] = *b"\r\n\r\n\0\r\nQUIT\n";
/// Version 2; the connection is a client's.
const PROXY: u8 = 0x21;
/// Version 2; the connection is the proxy's own, such as a health check.
const LOCAL: u8 = 0x20;
/// TCP over IPv4.
const TCP4: u8 = 0x11;
const TYPE_CRC32C: u8 = 0x03;
const TYPE_NOOP: u8 = 0x04;
const TYPE_AWS: u8 = 0xea;
/// `PP2_SUBTYPE_AWS_VPCE_ID`.
const SUBTYPE_ENDPOINT_ID: u8 = 0x01;

/// Where the checksum stands, behind its type and length.
const CHECKSUM: std::ops::Range<usize> = 31..35;

/// The header about a client's connection: both of its ends, a checksum over it all, and the id of the endpoint that it
/// came by. What is left is padding. An id that does not fit is left out.
pub fn header(
    source: (Ipv4Addr, u16),
    destination: (Ipv4Addr, u16),
    endpoint_id: Option<&[u8]>,
) -> [u8; HEADER_LEN] {
    let mut bytes = Vec::with_capacity(HEADER_LEN);
    bytes.extend_from_slice(&SIGNATURE);
    bytes.extend_from_slice(&[PROXY, TCP4]);
    bytes.extend_from_slice(&((HEADER_LEN - 16) as u16).to_be_bytes());
    bytes.extend_from_slice(&source.0.octets());
    bytes.extend_from_slice(&destination.0.octets());
    bytes.extend_from_slice(&source.1.to_be_bytes());
    bytes.extend_from_slice(&destination.1.to_be_bytes());
    bytes.extend_from_slice(&[TYPE_CRC32C, 0, 4, 0, 0, 0, 0]);
    // Its own head, its subtype, and the head of what pads.
    let fits = |id: &&[u8]| bytes.len() + 4 + id.len() + 3 <= HEADER_LEN;
    if let Some(id) = endpoint_id.filter(fits) {
        bytes.extend_from_slice(&[TYPE_AWS, 0, (1 + id.len()) as u8, SUBTYPE_ENDPOINT_ID]);
        bytes.extend_from_slice(id);
    }
    let padding = HEADER_LEN - bytes.len() - 3;
    bytes.extend_from_slice(&[TYPE_NOOP, 0, padding as u8]);
    let mut whole = [0; HEADER_LEN];
    whole[..bytes.len()].copy_from_slice(&bytes);
    let checksum = crc32c(&whole);
    whole[CHECKSUM].copy_from_slice(&checksum.to_be_bytes());
    whole
}

/// The header of a connection that no client asked for.
pub fn local_header() -> [u8; 16] {
    let mut whole = [0; 16];
    whole[..12].copy_from_slice(&SIGNATURE);
    whole[12] = LOCAL;
    whole
}

/// CRC-32C (RFC 9260 appendix A), bit by bit: one header a connection is worth no table.
fn crc32c(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            let carry = crc & 1;
            crc = (crc >> 1) ^ (0x82f6_3b78 * carry);
        }
    }
    !crc
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_value_of_crc_32c() {
        assert_eq!(crc32c(b"123456789"), 0xe306_9283);
    }

    /// Each thing at its place, and 100 bytes in all.
    #[test]
    fn a_header_tells_both_ends_and_the_endpoint() {
        let ends = (
            (Ipv4Addr::new(172, 31, 7, 113), 51_442),
            (Ipv4Addr::new(172, 31, 10, 31), 80),
        );
        let id = b"vpce-08d2bf15fac5001c9";
        let header = header(ends.0, ends.1, Some(id));
        assert_eq!(&header[..12], b"\r\n\r\n\0\r\nQUIT\n");
        assert_eq!(header[12..16], [0x21, 0x11, 0x00, 0x54]);
        assert_eq!(header[16..24], [172, 31, 7, 113, 172, 31, 10, 31]);
        assert_eq!(header[24..28], [0xc8, 0xf2, 0x00, 0x50]);
        // What a real load balancer wrote for this connection.
        assert_eq!(header[28..35], [0x03, 0x00, 0x04, 0xe8, 0xd6, 0x89, 0x2d]);
        assert_eq!(header[35..39], [0xea, 0x00, 0x17, 0x01]);
        assert_eq!(&header[39..61], id);
        assert_eq!(header[61..64], [0x04, 0x00, 0x24]);
        assert_eq!(header[64..], [0; 36]);
    }

    #[test]
    fn without_an_endpoint_there_is_padding_in_its_place() {
        let end = (Ipv4Addr::LOCALHOST, 1);
        for id in [None, Some(&[b'x'; 59][..])] {
            let header = header(end, end, id);
            assert_eq!(header[35..38], [0x04, 0x00, 0x3e]);
            assert_eq!(header[38..], [0; 62]);
        }
    }

    #[test]
    fn a_probe_says_that_it_is_nobodys() {
        assert_eq!(local_header()[12..], [0x20, 0, 0, 0]);
    }
}
