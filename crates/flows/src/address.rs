//! An address that a record may tell, as two numbers: they are hashed and compared more quickly than an address is.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Address(u64, u64);

impl Address {
    /// The first half of every IPv4 address, and of what no record tells: multicast (RFC 4291 §2.7) of no scope, which no
    /// packet bears.
    const V4: u64 = 0xffff_0000_0000_0004;
    pub(crate) const NONE: Address = Address(0xffff_0000_0000_0000, 0);

    /// The address that it was made of, if it was made of one.
    pub(crate) fn ip(self) -> IpAddr {
        match self {
            Address(Address::V4, bits) => Ipv4Addr::from_bits(bits as u32).into(),
            Address(high, low) => {
                let bits = u128::from(high) << 64 | u128::from(low);
                Ipv6Addr::from_bits(bits).into()
            }
        }
    }

    /// The address, or `-`.
    pub(crate) fn text(self) -> String {
        match self {
            Address::NONE => "-".to_owned(),
            address => address.ip().to_string(),
        }
    }
}

impl From<IpAddr> for Address {
    #[inline]
    fn from(address: IpAddr) -> Address {
        match address {
            IpAddr::V4(address) => Address(Address::V4, u64::from(address.to_bits())),
            IpAddr::V6(address) => {
                let bits = address.to_bits();
                Address((bits >> 64) as u64, bits as u64)
            }
        }
    }
}

impl From<Option<IpAddr>> for Address {
    #[inline]
    fn from(address: Option<IpAddr>) -> Address {
        address.map_or(Address::NONE, Address::from)
    }
}
