//! DNS64 (`NAT-11`; RFC 6147): an IPv6 address for a name that has IPv4 ones only, by which a NAT gateway reaches it.

use std::net::{Ipv4Addr, Ipv6Addr};

/// The address that stands for an IPv4 one under the well-known prefix 64:ff9b::/96 (RFC 6052 §2.1).
pub(crate) fn synthesise(address: Ipv4Addr) -> Ipv6Addr {
    let [a, b, c, d] = address.octets();
    let high = u16::from_be_bytes([a, b]);
    let low = u16::from_be_bytes([c, d]);
    Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, high, low)
}
