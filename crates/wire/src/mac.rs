//! Ethernet addresses (IEEE 802.3; EUI-64 form after RFC 4291 appendix A).

use std::fmt;
use std::net::Ipv6Addr;
use std::str::FromStr;

/// A 48-bit Ethernet address.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Mac(pub [u8; 6]);

impl Mac {
    /// The all-ones address.
    pub const BROADCAST: Mac = Mac([0xff; 6]);

    /// Reads six bytes at `offset`, if they are there.
    pub fn read(bytes: &[u8], offset: usize) -> Option<Mac> {
        let slice = bytes.get(offset..offset + 6)?;
        slice.try_into().ok().map(Mac)
    }

    /// Tells whether the group bit is set (multicast and broadcast).
    pub fn is_group(self) -> bool {
        self.0[0] & 1 != 0
    }

    /// The modified EUI-64 link-local address of an interface with this address (RFC 4291 §2.5.6).
    pub fn link_local(self) -> Ipv6Addr {
        let m = self.0;
        let mut octets = [0u8; 16];
        octets[..2].copy_from_slice(&[0xfe, 0x80]);
        octets[8..].copy_from_slice(&[m[0] ^ 2, m[1], m[2], 0xff, 0xfe, m[3], m[4], m[5]]);
        Ipv6Addr::from(octets)
    }
}

impl fmt::Display for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let m = self.0;
        write!(
            f,
            "{:02x}:{:02x}:{:02x}:{:02x}:{:02x}:{:02x}",
            m[0], m[1], m[2], m[3], m[4], m[5]
        )
    }
}

impl fmt::Debug for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The text was not six colon-separated hexadecimal octets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an Ethernet address is six hexadecimal octets separated by colons")]
pub struct MacParseError;

impl FromStr for Mac {
    type Err = MacParseError;

    fn from_str(text: &str) -> Result<Mac, MacParseError> {
        let mut octets = [0u8; 6];
        let mut parts = text.split(':');
        for octet in &mut octets {
            let part = parts.next().ok_or(MacParseError)?;
            if part.len() != 2 {
                return Err(MacParseError);
            }
            *octet = u8::from_str_radix(part, 16).map_err(|_| MacParseError)?;
        }
        match parts.next() {
            None => Ok(Mac(octets)),
            Some(_) => Err(MacParseError),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_form_round_trips() {
        let mac: Mac = "02:00:5e:10:00:ff".parse().unwrap();
        assert_eq!(mac.to_string(), "02:00:5e:10:00:ff");
        assert_eq!("02:00:5e:10:00".parse::<Mac>(), Err(MacParseError));
        assert_eq!("02:00:5e:10:00:ff:1".parse::<Mac>(), Err(MacParseError));
    }

    #[test]
    fn link_local_flips_the_universal_bit() {
        let mac: Mac = "02:00:00:00:00:01".parse().unwrap();
        assert_eq!(
            mac.link_local(),
            "fe80::ff:fe00:1".parse::<Ipv6Addr>().unwrap()
        );
    }
}
