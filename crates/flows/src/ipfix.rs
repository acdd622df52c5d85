//! Records as IPFIX messages (RFC 7011), for any collector: one template for IPv4, one for IPv6, elements of IANA's
//! registry only. A file of messages one after another is an IPFIX file (RFC 5655).
//!
//! Acceptance is `forwardingStatus` (RFC 7270 §4.12): 64 forwarded, 129 dropped by an access list. The interface is
//! `interfaceName`, its VPC `VRFname`.

use std::net::IpAddr;

use openvpc_engine::{Action, Direction};

use crate::row::{LogStatus, Row};

const VERSION: u16 = 10;
const HEADER_LEN: usize = 16;
const SET_HEADER_LEN: usize = 4;
const TEMPLATE_SET: u16 = 2;
const IPV4: u16 = 256;
const IPV6: u16 = 257;
/// Fits every path (RFC 7011 §10.3.3) with room for IP and UDP.
const MESSAGE_LEN_MAX: usize = 1_400;
/// Over UDP templates are repeated (RFC 7011 §8.4), for collectors that come late: with every so many messages, and with the
/// first after so long.
const TEMPLATES_EVERY: u64 = 16;
const TEMPLATES_EVERY_SECS: u32 = 30;
/// Of a name, beyond which it is cut: AWS's have about 25 bytes.
const NAME_LEN_MAX: usize = 64;
const VARIABLE: u16 = 0xffff;

/// Element and length; the addresses come first.
const COMMON: &[(u16, u16)] = &[
    (7, 2),          // sourceTransportPort
    (11, 2),         // destinationTransportPort
    (4, 1),          // protocolIdentifier
    (6, 2),          // tcpControlBits
    (61, 1),         // flowDirection
    (89, 1),         // forwardingStatus
    (2, 8),          // packetDeltaCount
    (1, 8),          // octetDeltaCount
    (150, 4),        // flowStartSeconds
    (151, 4),        // flowEndSeconds
    (82, VARIABLE),  // interfaceName
    (236, VARIABLE), // VRFname
];

/// Makes messages of records.
#[derive(Debug)]
pub struct Exporter {
    domain: u32,
    /// Data records sent before the open message (RFC 7011 §3.1).
    sequence: u32,
    messages: u64,
    /// When templates were sent last.
    templates_at: u32,
    open: Vec<u8>,
    records: u32,
    /// Where the open set begins, and its template.
    set: Option<(usize, u16)>,
}

impl Exporter {
    /// An exporter of an observation domain.
    pub fn new(domain: u32) -> Exporter {
        Exporter {
            domain,
            sequence: 0,
            messages: 0,
            templates_at: 0,
            open: Vec::new(),
            records: 0,
            set: None,
        }
    }

    /// Adds a record; a message that is full comes out. What is no flow of two addresses of one family is left out.
    pub fn add(&mut self, row: &Row, now: u32) -> Option<Vec<u8>> {
        let (template, record) = encode(row)?;
        let fits = self.open.len() + SET_HEADER_LEN + record.len() <= MESSAGE_LEN_MAX;
        let full = if self.open.is_empty() || fits {
            None
        } else {
            self.finish(now)
        };
        if self.open.is_empty() {
            self.begin(now);
        }
        if self.set.is_none_or(|(_, open)| open != template) {
            self.end_set();
            self.set = Some((self.open.len(), template));
            self.open.extend([0; SET_HEADER_LEN]);
        }
        self.open.extend(record);
        self.records += 1;
        full
    }

    /// The open message, if there is one.
    pub fn finish(&mut self, now: u32) -> Option<Vec<u8>> {
        if self.open.is_empty() {
            return None;
        }
        self.end_set();
        let mut message = std::mem::take(&mut self.open);
        let len = message.len() as u16;
        message[0..2].copy_from_slice(&VERSION.to_be_bytes());
        message[2..4].copy_from_slice(&len.to_be_bytes());
        message[4..8].copy_from_slice(&now.to_be_bytes());
        message[8..12].copy_from_slice(&self.sequence.to_be_bytes());
        message[12..16].copy_from_slice(&self.domain.to_be_bytes());
        self.sequence = self.sequence.wrapping_add(self.records);
        self.records = 0;
        self.messages += 1;
        Some(message)
    }

    fn begin(&mut self, now: u32) {
        self.open.extend([0; HEADER_LEN]);
        let long_ago = now.wrapping_sub(self.templates_at) >= TEMPLATES_EVERY_SECS;
        if self.messages.is_multiple_of(TEMPLATES_EVERY) || long_ago {
            self.templates_at = now;
            self.set = Some((self.open.len(), TEMPLATE_SET));
            self.open.extend([0; SET_HEADER_LEN]);
            for (template, addresses) in [(IPV4, [(8, 4), (12, 4)]), (IPV6, [(27, 16), (28, 16)])] {
                let elements = addresses.iter().chain(COMMON);
                let count = (addresses.len() + COMMON.len()) as u16;
                self.open.extend(template.to_be_bytes());
                self.open.extend(count.to_be_bytes());
                for (element, len) in elements {
                    self.open.extend(element.to_be_bytes());
                    self.open.extend(len.to_be_bytes());
                }
            }
        }
    }

    fn end_set(&mut self) {
        if let Some((at, id)) = self.set.take() {
            let len = (self.open.len() - at) as u16;
            self.open[at..at + 2].copy_from_slice(&id.to_be_bytes());
            self.open[at + 2..at + 4].copy_from_slice(&len.to_be_bytes());
        }
    }
}

fn encode(row: &Row) -> Option<(u16, Vec<u8>)> {
    if row.status != LogStatus::Ok {
        return None;
    }
    let mut record = Vec::with_capacity(128);
    let template = match (row.true_source()?, row.true_destination()?) {
        (IpAddr::V4(source), IpAddr::V4(destination)) => {
            record.extend(source.octets());
            record.extend(destination.octets());
            IPV4
        }
        (IpAddr::V6(source), IpAddr::V6(destination)) => {
            record.extend(source.octets());
            record.extend(destination.octets());
            IPV6
        }
        _ => return None,
    };
    record.extend(row.source_port.unwrap_or(0).to_be_bytes());
    record.extend(row.destination_port.unwrap_or(0).to_be_bytes());
    record.push(row.protocol.unwrap_or(0));
    record.extend(u16::from(row.tcp_flags.unwrap_or(0)).to_be_bytes());
    record.push(match row.direction {
        Some(Direction::Egress) => 1,
        Some(Direction::Ingress) => 0,
        None => 0xff,
    });
    record.push(match row.action {
        Some(Action::Accept) => 64,
        Some(Action::Reject) => 129,
        None => 0,
    });
    record.extend(row.packets.unwrap_or(0).to_be_bytes());
    record.extend(row.bytes.unwrap_or(0).to_be_bytes());
    // Unsigned seconds since 1970 (RFC 7011 §6.1.7): good until 2106.
    let seconds = |time: Option<i64>| u32::try_from(time.unwrap_or(0)).unwrap_or(0);
    record.extend(seconds(row.start).to_be_bytes());
    record.extend(seconds(row.end).to_be_bytes());
    push_name(&mut record, &row.place.interface);
    push_name(&mut record, &row.place.vpc);
    Some((template, record))
}

/// A text with its length before it (RFC 7011 §7).
fn push_name(record: &mut Vec<u8>, name: &Option<Box<str>>) {
    let name = name.as_deref().unwrap_or_default();
    let mut len = name.len().min(NAME_LEN_MAX);
    while !name.is_char_boundary(len) {
        len -= 1;
    }
    record.push(len as u8);
    record.extend(&name.as_bytes()[..len]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recorded::{Columns, Recorded};

    fn row(line: &str) -> Row {
        let header = "interface-id vpc-id srcaddr dstaddr srcport dstport protocol packets bytes start end action tcp-flags flow-direction log-status\n";
        let text = format!("{header}{line}\n");
        let mut recorded = Recorded::open(text.as_bytes(), Columns::default()).unwrap();
        recorded.next().unwrap().unwrap()
    }

    fn word(bytes: &[u8], at: usize) -> u16 {
        u16::from_be_bytes([bytes[at], bytes[at + 1]])
    }

    /// Identifiers and lengths of a message's sets.
    fn sets(message: &[u8]) -> Vec<(u16, usize)> {
        let (mut at, mut found) = (HEADER_LEN, Vec::new());
        while at < message.len() {
            let len = usize::from(word(message, at + 2));
            found.push((word(message, at), len));
            at += len;
        }
        assert_eq!(at, message.len());
        found
    }

    const WEB: &str = "eni-1 vpc-1 10.0.1.5 10.0.2.6 40000 443 6 3 180 100 160 REJECT 2 ingress OK";
    const WEB6: &str =
        "eni-1 vpc-1 2001:db8::1 2001:db8::2 40000 443 6 3 180 100 160 ACCEPT 2 egress OK";

    #[test]
    fn a_message_has_templates_and_a_set_for_each_family() {
        let mut exporter = Exporter::new(7);
        for line in [WEB, WEB, WEB6, "eni-1 vpc-1 - - - - - - - 1 2 - - - NODATA"] {
            assert_eq!(exporter.add(&row(line), 1_000), None);
        }
        let message = exporter.finish(1_000).unwrap();
        assert_eq!(
            (word(&message, 0), usize::from(word(&message, 2))),
            (10, message.len())
        );
        let record_len = 8 + 33 + 6 + 6;
        assert_eq!(
            sets(&message),
            [
                (2, 4 + 2 * (4 + 14 * 4)),
                (256, 4 + 2 * record_len),
                (257, 4 + record_len + 24)
            ]
        );
        assert_eq!(exporter.finish(1_000), None);
    }

    #[test]
    fn a_collector_that_comes_late_is_told_the_templates_soon() {
        let mut exporter = Exporter::new(7);
        let mut has_templates = |now| {
            exporter.add(&row(WEB), now);
            sets(&exporter.finish(now).unwrap())[0].0 == TEMPLATE_SET
        };
        let told = [1_000, 1_001, 1_029, 1_030, 1_031, 1_060].map(&mut has_templates);
        assert_eq!(told, [true, false, false, true, false, true]);
    }

    #[test]
    fn full_messages_come_out_and_sequence_numbers_count_records() {
        let mut exporter = Exporter::new(7);
        let mut messages: Vec<Vec<u8>> = Vec::new();
        for _ in 0..1_000 {
            messages.extend(exporter.add(&row(WEB), 1_000));
        }
        messages.extend(exporter.finish(1_000));
        let mut expected = 0;
        for (number, message) in messages.iter().enumerate() {
            assert!(message.len() <= MESSAGE_LEN_MAX);
            let sequence = u32::from_be_bytes(message[8..12].try_into().unwrap());
            assert_eq!(sequence, expected);
            let sets = sets(message);
            assert_eq!(sets[0].0 == 2, number % 16 == 0, "templates are repeated");
            expected += (sets.last().unwrap().1 as u32 - 4) / 53;
        }
        assert_eq!(expected, 1_000);
    }
}
