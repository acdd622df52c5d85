//! DHCP for IPv6 (RFC 8415): messages and options, read by the server and by the client and written by both.
//!
//! A message is a list of options, and some options hold lists of options in turn. [`Options`] is a checked view of one
//! list; [`Writer`] writes them.

use std::net::Ipv6Addr;

/// The server's UDP port.
pub const SERVER_PORT: u16 = 547;
/// The client's UDP port.
pub const CLIENT_PORT: u16 = 546;
/// All servers and relay agents on the link.
pub const ALL_SERVERS: Ipv6Addr = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 1, 2);

/// Longest DUID: type and 128 bytes (RFC 8415 §11.1).
pub const DUID_LEN_MAX: usize = 130;

/// Option codes (RFC 8415 §21, RFC 3646, RFC 5908).
pub mod option {
    /// The client's DUID.
    pub const CLIENT_ID: u16 = 1;
    /// The server's DUID.
    pub const SERVER_ID: u16 = 2;
    /// Identity association for addresses.
    pub const IA_NA: u16 = 3;
    /// Identity association for temporary addresses.
    pub const IA_TA: u16 = 4;
    /// One address of an association.
    pub const IA_ADDRESS: u16 = 5;
    /// Codes of the options that a client asks for.
    pub const REQUESTED: u16 = 6;
    /// How much a server wants to be chosen.
    pub const PREFERENCE: u16 = 7;
    /// How long the client has been trying, in hundredths of a second.
    pub const ELAPSED_TIME: u16 = 8;
    /// An outcome, at the top or in an association.
    pub const STATUS: u16 = 13;
    /// Two messages instead of four.
    pub const RAPID_COMMIT: u16 = 14;
    /// Recursive resolvers.
    pub const NAME_SERVERS: u16 = 23;
    /// Domain search list.
    pub const DOMAINS: u16 = 24;
    /// Identity association for prefixes.
    pub const IA_PD: u16 = 25;
    /// Time servers.
    pub const NTP: u16 = 56;
}

/// Status codes (RFC 8415 §21.13).
pub mod status {
    /// As asked.
    pub const SUCCESS: u16 = 0;
    /// Nothing to give.
    pub const NO_ADDRESSES: u16 = 2;
    /// The association is unknown.
    pub const NO_BINDING: u16 = 3;
    /// The address belongs to another link.
    pub const NOT_ON_LINK: u16 = 4;
    /// The server listens to the multicast address only.
    pub const USE_MULTICAST: u16 = 5;
    /// No prefix to delegate.
    pub const NO_PREFIX: u16 = 6;
}

/// Message types (RFC 8415 §7.3); those of relays are not among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Which servers are there?
    Solicit = 1,
    /// I am.
    Advertise = 2,
    /// Give me what you advertised.
    Request = 3,
    /// Are these addresses right for this link?
    Confirm = 4,
    /// Let me keep them (to the server that gave them).
    Renew = 5,
    /// Let me keep them (to any server).
    Rebind = 6,
    /// A server's answer.
    Reply = 7,
    /// I need them no more.
    Release = 8,
    /// Somebody else uses them.
    Decline = 9,
    /// A server wants to be asked.
    Reconfigure = 10,
    /// Tell me the options only.
    InformationRequest = 11,
}

impl Kind {
    fn of(byte: u8) -> Option<Kind> {
        use Kind::*;
        [
            Solicit,
            Advertise,
            Request,
            Confirm,
            Renew,
            Rebind,
            Reply,
            Release,
            Decline,
            Reconfigure,
            InformationRequest,
        ]
        .into_iter()
        .find(|kind| *kind as u8 == byte)
    }
}

/// A list of options, each of which fits into it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options<'a>(&'a [u8]);

impl<'a> Options<'a> {
    /// Reads a list; `None` unless it consists of whole options.
    pub fn parse(bytes: &'a [u8]) -> Option<Options<'a>> {
        let mut rest = bytes;
        while !rest.is_empty() {
            rest = take(rest)?.1;
        }
        Some(Options(bytes))
    }

    /// All of them, in their order.
    pub fn iter(self) -> impl Iterator<Item = (u16, &'a [u8])> {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            let (option, after) = take(rest)?;
            rest = after;
            Some(option)
        })
    }

    /// The first option with a code.
    pub fn find(self, code: u16) -> Option<&'a [u8]> {
        self.iter()
            .find(|(found, _)| *found == code)
            .map(|(_, value)| value)
    }

    /// The status that the list tells; without one, all is well.
    pub fn status(self) -> u16 {
        let told = self.find(option::STATUS).and_then(|value| be16(value, 0));
        told.unwrap_or(status::SUCCESS)
    }

    /// The addresses of an association.
    pub fn addresses(self) -> impl Iterator<Item = Address> {
        let addresses = self.iter().filter(|(code, _)| *code == option::IA_ADDRESS);
        addresses.filter_map(|(_, value)| Address::parse(value))
    }
}

type Taken<'a> = ((u16, &'a [u8]), &'a [u8]);

fn take(bytes: &[u8]) -> Option<Taken<'_>> {
    let (code, len) = (be16(bytes, 0)?, be16(bytes, 2)?);
    let (value, rest) = bytes.get(4..)?.split_at_checked(usize::from(len))?;
    Some(((code, value), rest))
}

/// An address that is given, kept or taken away (lifetimes of zero).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address {
    /// The address.
    pub address: Ipv6Addr,
    /// Seconds; from then on it is not to be used for what is new.
    pub preferred_secs: u32,
    /// Seconds; from then on it is not to be used.
    pub valid_secs: u32,
}

impl Address {
    fn parse(value: &[u8]) -> Option<Address> {
        Some(Address {
            address: Ipv6Addr::from(*value.first_chunk::<16>()?),
            preferred_secs: be32(value, 16)?,
            valid_secs: be32(value, 20)?,
        })
    }
}

/// An identity association as it stands in a message: `IA_NA`, `IA_TA` or `IA_PD`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Association<'a> {
    /// Which of the three, by its option code.
    pub code: u16,
    /// The client's number for it.
    pub id: u32,
    /// When to renew, in seconds; zero leaves it to the client.
    pub t1_secs: u32,
    /// When to rebind.
    pub t2_secs: u32,
    /// Addresses and status.
    pub options: Options<'a>,
}

/// A message between a client and a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message<'a> {
    /// What it is.
    pub kind: Kind,
    /// 24 bits that an answer repeats.
    pub transaction: u32,
    /// What it says.
    pub options: Options<'a>,
}

impl<'a> Message<'a> {
    /// Reads the payload of a UDP datagram; `None` for relays' messages, and unless every option and every association
    /// is whole.
    pub fn parse(payload: &'a [u8]) -> Option<Message<'a>> {
        let first = be32(payload, 0)?;
        let message = Message {
            kind: Kind::of((first >> 24) as u8)?,
            transaction: first & 0xff_ffff,
            options: Options::parse(&payload[4..])?,
        };
        let claimed = message.options.iter();
        let claimed = claimed.filter(|(code, _)| is_association(*code)).count();
        (message.associations().count() == claimed).then_some(message)
    }

    /// The client's DUID, if there is a proper one.
    pub fn client(&self) -> Option<&'a [u8]> {
        duid(self.options.find(option::CLIENT_ID)?)
    }

    /// The server's DUID, if one is named.
    pub fn server(&self) -> Option<&'a [u8]> {
        self.options.find(option::SERVER_ID)
    }

    /// Tells whether the sender asks for an option.
    pub fn asks_for(&self, code: u16) -> bool {
        let codes = self.options.find(option::REQUESTED).unwrap_or_default();
        codes.chunks_exact(2).any(|pair| pair == code.to_be_bytes())
    }

    /// The identity associations in it.
    pub fn associations(&self) -> impl Iterator<Item = Association<'a>> {
        self.options.iter().filter_map(|(code, value)| {
            // Temporary addresses have no timers.
            let (timers, rest) = match code {
                option::IA_NA | option::IA_PD => ((be32(value, 4)?, be32(value, 8)?), 12),
                option::IA_TA => ((0, 0), 4),
                _ => return None,
            };
            Some(Association {
                code,
                id: be32(value, 0)?,
                t1_secs: timers.0,
                t2_secs: timers.1,
                options: Options::parse(value.get(rest..)?)?,
            })
        })
    }
}

fn is_association(code: u16) -> bool {
    matches!(code, option::IA_NA | option::IA_TA | option::IA_PD)
}

fn duid(value: &[u8]) -> Option<&[u8]> {
    (3..=DUID_LEN_MAX).contains(&value.len()).then_some(value)
}

/// The DUID of a host by its Ethernet address (DUID-LL, RFC 8415 §11.4).
pub fn duid_of(mac: crate::Mac) -> [u8; 10] {
    let mut duid = [0, 3, 0, 1, 0, 0, 0, 0, 0, 0];
    duid[4..].copy_from_slice(&mac.0);
    duid
}

/// Writes one message.
pub struct Writer<'a> {
    out: &'a mut Vec<u8>,
}

impl<'a> Writer<'a> {
    /// Begins a message at the end of `out`.
    pub fn begin(out: &'a mut Vec<u8>, kind: Kind, transaction: u32) -> Writer<'a> {
        let first = (u32::from(kind as u8) << 24) | (transaction & 0xff_ffff);
        out.extend_from_slice(&first.to_be_bytes());
        Writer { out }
    }

    /// Writes an option. A value that no length field can tell (64 KiB and more) is left out.
    pub fn option(&mut self, code: u16, value: &[u8]) {
        self.nested(code, |inner| inner.out.extend_from_slice(value));
    }

    /// Writes a status.
    pub fn status(&mut self, code: u16, text: &str) {
        self.nested(option::STATUS, |inner| {
            inner.out.extend_from_slice(&code.to_be_bytes());
            inner.out.extend_from_slice(text.as_bytes());
        });
    }

    /// Writes an association and what `fill` puts into it.
    pub fn association(
        &mut self,
        (code, id): (u16, u32),
        (t1_secs, t2_secs): (u32, u32),
        fill: impl FnOnce(&mut Writer<'_>),
    ) {
        self.nested(code, |inner| {
            inner.out.extend_from_slice(&id.to_be_bytes());
            if code != option::IA_TA {
                inner.out.extend_from_slice(&t1_secs.to_be_bytes());
                inner.out.extend_from_slice(&t2_secs.to_be_bytes());
            }
            fill(inner);
        });
    }

    /// Writes an address into an association.
    pub fn address(&mut self, address: &Address) {
        self.nested(option::IA_ADDRESS, |inner| {
            inner.out.extend_from_slice(&address.address.octets());
            inner
                .out
                .extend_from_slice(&address.preferred_secs.to_be_bytes());
            inner
                .out
                .extend_from_slice(&address.valid_secs.to_be_bytes());
        });
    }

    fn nested(&mut self, code: u16, fill: impl FnOnce(&mut Writer<'_>)) {
        let start = self.out.len();
        self.out.extend_from_slice(&code.to_be_bytes());
        self.out.extend_from_slice(&[0, 0]);
        fill(&mut Writer { out: self.out });
        match u16::try_from(self.out.len() - start - 4) {
            Ok(len) => self.out[start + 2..start + 4].copy_from_slice(&len.to_be_bytes()),
            Err(_) => self.out.truncate(start),
        }
    }
}

/// Domain names as DNS writes them (RFC 3646 §4), from names separated by spaces; `None` if one is no name.
pub fn encode_domains(names: &str) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    for name in names.split_ascii_whitespace() {
        let start = out.len();
        for label in name.trim_end_matches('.').split('.') {
            let len = u8::try_from(label.len()).ok()?;
            if !(1..=63).contains(&len) {
                return None;
            }
            out.push(len);
            out.extend_from_slice(label.as_bytes());
        }
        out.push(0);
        if out.len() - start > 255 {
            return None;
        }
    }
    Some(out)
}

fn be16(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn solicit() -> Vec<u8> {
        let mut out = Vec::new();
        let mut writer = Writer::begin(&mut out, Kind::Solicit, 0x00ab_cdef);
        writer.option(option::CLIENT_ID, &duid_of(crate::Mac([2, 0, 0, 0, 0, 1])));
        writer.option(option::REQUESTED, &[0, 23, 0, 24]);
        writer.association((option::IA_NA, 7), (0, 0), |inner| {
            inner.address(&Address {
                address: Ipv6Addr::LOCALHOST,
                preferred_secs: 1,
                valid_secs: 2,
            });
            inner.status(status::NO_BINDING, "gone");
        });
        out
    }

    #[test]
    fn what_is_written_is_read() {
        let bytes = solicit();
        let message = Message::parse(&bytes).unwrap();
        assert_eq!(
            (message.kind, message.transaction),
            (Kind::Solicit, 0xab_cdef)
        );
        assert_eq!(message.client(), Some(&[0, 3, 0, 1, 2, 0, 0, 0, 0, 1][..]));
        assert!(message.asks_for(23) && message.asks_for(24) && !message.asks_for(56));
        let association = message.associations().next().unwrap();
        assert_eq!((association.id, association.options.status()), (7, 3));
        let address = association.options.addresses().next().unwrap();
        assert_eq!((address.preferred_secs, address.valid_secs), (1, 2));
    }

    #[test]
    fn half_a_message_is_none() {
        let whole = solicit();
        // Where a top-level option ends, a shorter message ends well.
        let ends = [4, 18, 26, whole.len()];
        for len in 0..whole.len() {
            let read = Message::parse(&whole[..len]).is_some();
            assert_eq!(read, ends.contains(&len), "{len}");
        }
        let mut relay = whole;
        relay[0] = 12;
        assert_eq!(Message::parse(&relay), None);
    }

    /// An association cut short inside a whole option.
    #[test]
    fn half_an_association_is_none() {
        for code in [option::IA_NA, option::IA_TA, option::IA_PD] {
            let mut out = Vec::new();
            let mut writer = Writer::begin(&mut out, Kind::Request, 1);
            writer.option(code, &[0, 0, 0]);
            assert_eq!(Message::parse(&out), None);
        }
        let mut out = Vec::new();
        let mut writer = Writer::begin(&mut out, Kind::Request, 1);
        writer.option(option::IA_TA, &[0, 0, 0, 1, 0, 5, 0, 24]);
        assert_eq!(Message::parse(&out), None);
    }

    #[test]
    fn names_are_written_as_dns_writes_them() {
        let wire = encode_domains("ec2.internal corp.example.").unwrap();
        assert_eq!(wire, b"\x03ec2\x08internal\0\x04corp\x07example\0");
        for bad in ["a..b", &"x".repeat(64)] {
            assert_eq!(encode_domains(bad), None);
        }
    }

    #[test]
    fn an_option_too_long_for_its_length_is_left_out() {
        let mut out = Vec::new();
        let mut writer = Writer::begin(&mut out, Kind::Reply, 1);
        writer.option(9, &vec![0; 65_536]);
        assert_eq!(out.len(), 4);
    }
}
