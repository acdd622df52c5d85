//! The Internet checksum (RFC 1071) and its incremental update (RFC 1624).

use std::net::IpAddr;

/// The folded, not complemented, one's-complement sum of `bytes`, starting from `start`.
pub fn sum(start: u16, bytes: &[u8]) -> u16 {
    let mut total = u64::from(start);
    let mut words = bytes.chunks_exact(2);
    for word in &mut words {
        total += u64::from(u16::from_be_bytes([word[0], word[1]]));
    }
    if let [last] = words.remainder() {
        total += u64::from(*last) << 8;
    }
    fold(total)
}

/// The sum over the pseudo-header of TCP, UDP and ICMPv6 (RFC 9293 §3.1, RFC 8200 §8.1), not complemented.
pub fn pseudo_header(source: IpAddr, destination: IpAddr, protocol: u8, len: usize) -> u16 {
    let addresses = match (source, destination) {
        (IpAddr::V4(source), IpAddr::V4(destination)) => {
            sum(sum(0, &source.octets()), &destination.octets())
        }
        (IpAddr::V6(source), IpAddr::V6(destination)) => {
            sum(sum(0, &source.octets()), &destination.octets())
        }
        _ => 0,
    };
    fold(u64::from(addresses) + u64::from(protocol) + (len as u64 >> 16) + (len as u64 & 0xffff))
}

/// How the sum changes when bytes of the covered data change: add it with [`apply`] or [`apply_partial`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Delta(u16);

impl Delta {
    /// The change from data that summed up to `old` to data that sums up to `new`.
    #[inline]
    pub fn of(old: u16, new: u16) -> Delta {
        Delta(fold(u64::from(!old) + u64::from(new)))
    }

    /// As [`Delta::of`], of two 16-bit words at once.
    #[inline]
    pub fn of_long(old: u32, new: u32) -> Delta {
        let words = |long: u32| u64::from(long >> 16) + u64::from(long & 0xffff);
        Delta(fold(words(!old) + words(new)))
    }

    /// The change from `old` to `new`, both of the same even length and at an even offset.
    pub fn between(old: &[u8], new: &[u8]) -> Delta {
        let removed = sum(0, old);
        Delta(sum(!removed, new))
    }

    /// Both changes.
    #[inline]
    pub fn and(self, other: Delta) -> Delta {
        Delta(fold(u64::from(self.0) + u64::from(other.0)))
    }
}

/// Updates a finished checksum: `HC' = ~(~HC + ~m + m')`.
#[inline]
pub fn apply(checksum: u16, delta: Delta) -> u16 {
    !fold(u64::from(!checksum) + u64::from(delta.0))
}

/// Updates a pseudo-header sum that waits for its data (`CHECKSUM_PARTIAL`): there is no complement.
#[inline]
pub fn apply_partial(sum: u16, delta: Delta) -> u16 {
    fold(u64::from(sum) + u64::from(delta.0))
}

#[inline]
fn fold(mut total: u64) -> u16 {
    while total >> 16 != 0 {
        total = (total & 0xffff) + (total >> 16);
    }
    total as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_rfc_1071() {
        assert_eq!(
            sum(0, &[0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]),
            0xddf2
        );
        assert_eq!(sum(0, &[0x01]), 0x0100);
    }

    #[test]
    fn the_example_of_rfc_1624() {
        let delta = Delta::between(&[0x55, 0x55], &[0x32, 0x85]);
        assert_eq!(apply(0xdd2f, delta), 0x0000);
        assert_eq!(Delta::of_long(0x0001_5555, 0x0001_3285), delta);
    }
}
