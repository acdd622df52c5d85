//! Who carries most: records added up by what one asks for.
//!
//! Every record counts. Where both ends of a flow are recorded, both records count, as in AWS's own queries; a filter on
//! the direction or the interface takes one of them.

use std::hash::Hash;

use hashbrown::HashMap;
use openvpc_engine::{Action, Direction};
use openvpc_flowlog::Field;
use serde::Serialize;

use crate::address::Address;
use crate::filter::protocol_name;
use crate::row::{LogStatus, Row, Value};

/// Different keys added up; what comes then counts as `others`.
pub const KEYS_MAX: usize = 1_000_000;

/// Talkers that are looked up together.
const PENDING_MAX: usize = 256;

/// By what to add up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// Sources, as in the packets.
    Talkers,
    /// Source and destination.
    Pairs,
    /// What was refused: source, destination, protocol and port.
    Rejected,
    Interface,
    Subnet,
    Vpc,
    Instance,
    /// AWS's service by its addresses, else the name of the port.
    Service,
    /// The lower port, which is the server's more often than not.
    Port,
}

impl By {
    /// The fields that a record is asked for: what else it says counts for nothing. Filters may ask for more.
    pub fn fields(self) -> &'static [Field] {
        use Field::*;
        match self {
            By::Talkers => &[PktSrcaddr, Srcaddr, Packets, Bytes, LogStatus],
            By::Pairs => &[
                PktSrcaddr, PktDstaddr, Srcaddr, Dstaddr, Packets, Bytes, LogStatus,
            ],
            By::Rejected => &[
                PktSrcaddr,
                PktDstaddr,
                Srcaddr,
                Dstaddr,
                Dstport,
                Protocol,
                Action,
                FlowDirection,
                Packets,
                Bytes,
                LogStatus,
            ],
            By::Interface => &[InterfaceId, Packets, Bytes, LogStatus],
            By::Subnet => &[SubnetId, Packets, Bytes, LogStatus],
            By::Vpc => &[VpcId, Packets, Bytes, LogStatus],
            By::Instance => &[InstanceId, Packets, Bytes, LogStatus],
            By::Service => &[
                PktSrcAwsService,
                PktDstAwsService,
                Srcport,
                Dstport,
                Protocol,
                Packets,
                Bytes,
                LogStatus,
            ],
            By::Port => &[Srcport, Dstport, Protocol, Packets, Bytes, LogStatus],
        }
    }

    /// The columns of the key.
    pub fn columns(self) -> &'static [&'static str] {
        match self {
            By::Talkers => &["source"],
            By::Pairs => &["source", "destination"],
            By::Rejected => &["source", "destination", "protocol", "port", "direction"],
            By::Interface => &["interface"],
            By::Subnet => &["subnet"],
            By::Vpc => &["vpc"],
            By::Instance => &["instance"],
            By::Service => &["service"],
            By::Port => &["protocol", "port"],
        }
    }
}

/// What to rank by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    Bytes,
    Packets,
}

/// What was added up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Sum {
    pub bytes: u64,
    pub packets: u64,
    pub records: u64,
}

/// One row of the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ranked {
    /// As [`By::columns`]; `-` for what a record does not tell.
    pub key: Vec<String>,
    pub sum: Sum,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ranking {
    pub rows: Vec<Ranked>,
    /// All keys beyond the rows.
    pub others: Sum,
    pub total: Sum,
}

/// A key before it is text.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    Address(Address),
    Pair(Address, Address),
    Refused(Address, Address, u8, u16, Option<Direction>),
    Name(Option<Box<str>>),
    Port(u8, u16),
}

/// Adds records up.
#[derive(Debug)]
pub struct Top {
    by: By,
    sums: HashMap<Key, Sum>,
    /// In place of `sums` where an address is all of the key, for as little memory as many of them may take.
    talkers: HashMap<Address, Sum>,
    /// What is still to be added to `talkers`, one after the other: the table is larger than the processor's cache, and so the
    /// look-ups wait for memory together and not each by itself.
    pending: Vec<(Address, Sum)>,
    keys_max: usize,
    beyond: Sum,
    total: Sum,
}

impl Top {
    /// Nothing yet.
    pub fn new(by: By) -> Top {
        Top::with_keys_max(by, KEYS_MAX)
    }

    fn with_keys_max(by: By, keys_max: usize) -> Top {
        Top {
            by,
            sums: HashMap::new(),
            talkers: HashMap::new(),
            pending: Vec::new(),
            keys_max,
            beyond: Sum::default(),
            total: Sum::default(),
        }
    }

    /// Adds a record; one that is no flow counts nothing.
    pub fn add(&mut self, row: &Row) {
        if row.status != LogStatus::Ok {
            return;
        }
        let Some(key) = key(self.by, row) else {
            return;
        };
        let one = Sum {
            bytes: row.bytes.unwrap_or(0),
            packets: row.packets.unwrap_or(0),
            records: 1,
        };
        self.total.add(one);
        self.put(key, one);
    }

    /// Adds what another one has added up by the same key.
    pub fn merge(&mut self, mut other: Top) {
        other.settle();
        self.total.add(other.total);
        self.beyond.add(other.beyond);
        for (key, sum) in other.sums {
            self.put(key, sum);
        }
        for (address, sum) in other.talkers {
            self.put(Key::Address(address), sum);
        }
    }

    fn put(&mut self, key: Key, one: Sum) {
        match key {
            Key::Address(address) => {
                self.pending.push((address, one));
                if self.pending.len() >= PENDING_MAX {
                    self.settle();
                }
            }
            key => {
                let room = self.sums.len() < self.keys_max;
                put(&mut self.sums, room, &mut self.beyond, key, one);
            }
        }
    }

    fn settle(&mut self) {
        for (address, one) in self.pending.drain(..) {
            let room = self.talkers.len() < self.keys_max;
            put(&mut self.talkers, room, &mut self.beyond, address, one);
        }
    }

    /// The first `limit` keys by a measure.
    pub fn ranking(mut self, measure: Measure, limit: usize) -> Ranking {
        self.settle();
        let rank = |sum: &Sum| match measure {
            Measure::Bytes => (sum.bytes, sum.packets),
            Measure::Packets => (sum.packets, sum.bytes),
        };
        let talkers = self.talkers.into_iter();
        let talkers = talkers.map(|(address, sum)| (Key::Address(address), sum));
        let mut sums: Vec<(Key, Sum)> = self.sums.into_iter().chain(talkers).collect();
        // Only what may be shown becomes text: the first ones, and those that are level with the last of them.
        let shown = match limit.checked_sub(1) {
            Some(last) if last < sums.len() => {
                let order = |(_, a): &(Key, Sum), (_, b): &(Key, Sum)| rank(b).cmp(&rank(a));
                let (_, (_, last), beyond) = sums.select_nth_unstable_by(last, order);
                let last = rank(last);
                let level = gather(beyond, |(_, sum)| rank(sum) == last);
                limit + level
            }
            Some(_) => sums.len(),
            None => 0,
        };
        let mut others = self.beyond;
        for (_, sum) in sums.drain(shown..) {
            others.add(sum);
        }
        let ranked = sums.iter().map(|(key, sum)| Ranked {
            key: key.texts(),
            sum: *sum,
        });
        let mut rows: Vec<Ranked> = ranked.collect();
        rows.sort_by(|a, b| {
            let by_rank = rank(&b.sum).cmp(&rank(&a.sum));
            by_rank.then_with(|| a.key.cmp(&b.key))
        });
        for row in rows.iter().skip(limit) {
            others.add(row.sum);
        }
        rows.truncate(limit);
        Ranking {
            rows,
            others,
            total: self.total,
        }
    }
}

/// Adds to a key's sum, or to all others if there is no room for the key.
fn put<K: Eq + Hash>(sums: &mut HashMap<K, Sum>, room: bool, beyond: &mut Sum, key: K, one: Sum) {
    match sums.get_mut(&key) {
        Some(sum) => sum.add(one),
        None if room => drop(sums.insert(key, one)),
        None => beyond.add(one),
    }
}

/// Brings what is wanted to the front; how much that is.
fn gather<T>(items: &mut [T], is_wanted: impl Fn(&T) -> bool) -> usize {
    let mut wanted = 0;
    for at in 0..items.len() {
        if is_wanted(&items[at]) {
            items.swap(wanted, at);
            wanted += 1;
        }
    }
    wanted
}

impl Sum {
    pub(crate) fn add(&mut self, other: Sum) {
        self.bytes = self.bytes.saturating_add(other.bytes);
        self.packets = self.packets.saturating_add(other.packets);
        self.records += other.records;
    }
}

fn key(by: By, row: &Row) -> Option<Key> {
    let name = |name: &Option<Box<str>>| Some(Key::Name(name.clone()));
    let place = &row.place;
    let source = || Address::from(row.true_source());
    let destination = || Address::from(row.true_destination());
    match by {
        By::Talkers => Some(Key::Address(source())),
        By::Pairs => Some(Key::Pair(source(), destination())),
        By::Rejected => (row.action == Some(Action::Reject)).then(|| {
            Key::Refused(
                source(),
                destination(),
                row.protocol.unwrap_or(0),
                row.destination_port.unwrap_or(0),
                row.direction,
            )
        }),
        By::Interface => name(&place.interface),
        By::Subnet => name(&place.subnet),
        By::Vpc => name(&place.vpc),
        By::Instance => name(&place.instance),
        By::Service => Some(Key::Name(Some(service(row).into()))),
        By::Port => Some(Key::Port(row.protocol.unwrap_or(0), lower_port(row))),
    }
}

fn lower_port(row: &Row) -> u16 {
    let ports = [row.source_port, row.destination_port];
    ports.into_iter().flatten().min().unwrap_or(0)
}

fn service(row: &Row) -> String {
    let fields = [Field::PktDstAwsService, Field::PktSrcAwsService];
    if let Some(Value::Text(name)) = fields.into_iter().find_map(|field| row.get(field)) {
        return name.into_owned();
    }
    let port = lower_port(row);
    match SERVICES.iter().find(|(known, _)| *known == port) {
        Some((_, name)) => (*name).to_owned(),
        None => {
            let protocol = protocol_name(row.protocol.unwrap_or(0));
            match port {
                0 => protocol,
                port => format!("{protocol}/{port}"),
            }
        }
    }
}

/// Services that people know by name (IANA's, but for the two databases' common names).
#[rustfmt::skip]
const SERVICES: &[(u16, &str)] = &[
    (20, "ftp-data"), (21, "ftp"), (22, "ssh"), (23, "telnet"), (25, "smtp"), (53, "dns"), (80, "http"),
    (110, "pop3"), (123, "ntp"), (143, "imap"), (161, "snmp"), (389, "ldap"), (443, "https"), (445, "smb"),
    (465, "smtps"), (514, "syslog"), (587, "submission"), (636, "ldaps"), (853, "dns-tls"), (993, "imaps"),
    (995, "pop3s"), (1433, "mssql"), (2049, "nfs"), (3306, "mysql"), (3389, "rdp"), (5432, "postgresql"),
    (6379, "redis"), (8080, "http-alt"), (9092, "kafka"), (27017, "mongodb"),
];

impl Key {
    fn texts(&self) -> Vec<String> {
        match self {
            Key::Address(address) => vec![address.text()],
            Key::Pair(source, destination) => vec![source.text(), destination.text()],
            Key::Refused(source, destination, protocol, port, direction) => vec![
                source.text(),
                destination.text(),
                protocol_name(*protocol),
                port.to_string(),
                direction.map_or("-", crate::row::direction_name).to_owned(),
            ],
            Key::Name(name) => vec![name.as_deref().unwrap_or("-").to_owned()],
            Key::Port(protocol, port) => vec![protocol_name(*protocol), port.to_string()],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recorded::{Columns, Recorded};

    const LOG: &str = "\
interface-id srcaddr dstaddr srcport dstport protocol packets bytes action log-status pkt-dst-aws-service
eni-1 10.0.1.5 10.0.2.6 40000 443 6 10 5000 ACCEPT OK -
eni-1 10.0.1.5 10.0.2.7 40001 443 6 1 60 REJECT OK -
eni-2 10.0.2.6 10.0.1.5 443 40000 6 20 9000 ACCEPT OK -
eni-2 10.0.2.6 52.216.0.1 40002 443 6 100 800 ACCEPT OK S3
eni-3 - - - - - - - - NODATA -
";

    fn top(by: By, measure: Measure, limit: usize, keys_max: usize) -> (Vec<String>, Ranking) {
        let mut top = Top::with_keys_max(by, keys_max);
        for row in Recorded::open(LOG.as_bytes(), Columns::default()).unwrap() {
            top.add(&row.unwrap());
        }
        let ranking = top.ranking(measure, limit);
        let shown = |row: &Ranked| format!("{} {}", row.key.join(" "), row.sum.bytes);
        (ranking.rows.iter().map(shown).collect(), ranking)
    }

    #[test]
    fn each_question_has_its_key() {
        let rows = |by| top(by, Measure::Bytes, 10, 100).0;
        assert_eq!(rows(By::Talkers), ["10.0.2.6 9800", "10.0.1.5 5060"]);
        assert_eq!(rows(By::Pairs)[0], "10.0.2.6 10.0.1.5 9000");
        assert_eq!(rows(By::Rejected), ["10.0.1.5 10.0.2.7 tcp 443 - 60"]);
        assert_eq!(rows(By::Interface), ["eni-2 9800", "eni-1 5060"]);
        assert_eq!(rows(By::Service), ["https 14060", "S3 800"]);
        assert_eq!(rows(By::Port), ["tcp 443 14860"]);
        assert_eq!(rows(By::Subnet), ["- 14860"]);
        assert_eq!(
            top(By::Pairs, Measure::Packets, 1, 100).0,
            ["10.0.2.6 52.216.0.1 800"]
        );
    }

    #[test]
    fn the_fields_of_a_question_are_all_that_it_asks_for() {
        use By::*;
        for by in [
            Talkers, Pairs, Rejected, Interface, Subnet, Vpc, Instance, Service, Port,
        ] {
            let recorded = Recorded::open(LOG.as_bytes(), Columns::default()).unwrap();
            let (mut top, mut other) = (Top::new(by), Top::new(by));
            for (n, row) in recorded.only(by.fields()).enumerate() {
                match n % 2 {
                    0 => top.add(&row.unwrap()),
                    _ => other.add(&row.unwrap()),
                }
            }
            top.merge(other);
            let whole = super::tests::top(by, Measure::Bytes, 10, 100).1;
            assert_eq!(top.ranking(Measure::Bytes, 10), whole, "{by:?}");
        }
    }

    #[test]
    fn of_those_that_are_level_the_first_by_name_are_shown() {
        let mut top = Top::new(By::Talkers);
        for n in (0..200_u8).rev() {
            top.add(&Row {
                source: Some([10, 0, 0, n].into()),
                bytes: Some(u64::from(n < 2)),
                ..Row::default()
            });
        }
        let ranking = top.ranking(Measure::Bytes, 4);
        let keys: Vec<&str> = ranking.rows.iter().map(|row| &*row.key[0]).collect();
        assert_eq!(keys, ["10.0.0.0", "10.0.0.1", "10.0.0.10", "10.0.0.100"]);
        assert_eq!(ranking.others.records, 196);
    }

    #[test]
    fn what_is_not_shown_is_in_the_others() {
        for (limit, keys_max) in [(1, 100), (100, 1)] {
            let (rows, ranking) = top(By::Pairs, Measure::Bytes, limit, keys_max);
            assert_eq!(rows.len(), 1);
            let shown = ranking.rows[0].sum;
            assert_eq!(shown.bytes + ranking.others.bytes, ranking.total.bytes);
            assert_eq!(shown.records + ranking.others.records, 4);
        }
    }
}
