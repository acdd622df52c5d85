//! Sums of flow cells by key, in a form of which a million fits: what records are made of, once for all flow logs.

use std::hash::{BuildHasher, Hash, Hasher};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use hashbrown::{DefaultHashBuilder, HashSet, HashTable};
use openvpc_engine::{Action, Direction, EniIndex, FlowCell, TcpFlags, TrafficPath, Why};

use crate::Flow;
use crate::clock::Clock;

/// What is added up separately: interface, direction, action, protocol, ports and the packet's own addresses. In whole words:
/// bytes that were just put together one by one cannot be looked at in larger pieces at once.
#[derive(Debug, Clone, Copy, Eq)]
pub(crate) struct Key {
    /// Interface, source port, destination port.
    ends: u64,
    /// Action, direction, whether the addresses are IPv4, protocol: a bit each, and from the ninth on eight.
    kind: u64,
    source: [u64; 2],
    destination: [u64; 2],
}

impl Key {
    const REJECT: u64 = 1;
    const EGRESS: u64 = 2;
    const V4: u64 = 4;

    fn of(cell: &FlowCell) -> Key {
        let of = |is: bool, bit: u64| if is { bit } else { 0 };
        let ports = u64::from(cell.source_port) << 16 | u64::from(cell.destination_port);
        Key {
            ends: u64::from(cell.eni.0) << 32 | ports,
            kind: of(cell.action == Action::Reject, Key::REJECT)
                | of(cell.direction == Direction::Egress, Key::EGRESS)
                | of(cell.packet_source.is_ipv4(), Key::V4)
                | u64::from(cell.protocol) << 8,
            source: words(cell.packet_source),
            destination: words(cell.packet_destination),
        }
    }

    fn words(&self) -> [u64; 6] {
        let ([a, b], [c, d]) = (self.source, self.destination);
        [self.ends, self.kind, a, b, c, d]
    }

    fn address(&self, [high, low]: [u64; 2]) -> IpAddr {
        match self.kind & Key::V4 {
            0 => Ipv6Addr::from_bits(u128::from(high) << 64 | u128::from(low)).into(),
            _ => Ipv4Addr::from_bits(low as u32).into(),
        }
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Key) -> bool {
        let pairs = self.words().into_iter().zip(other.words());
        pairs.fold(0, |different, (a, b)| different | a ^ b) == 0
    }
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.words()
            .into_iter()
            .for_each(|word| state.write_u64(word));
    }
}

fn words(address: IpAddr) -> [u64; 2] {
    match address {
        IpAddr::V4(address) => [0, address.to_bits().into()],
        IpAddr::V6(address) => {
            let bits = address.to_bits();
            [(bits >> 64) as u64, bits as u64]
        }
    }
}

/// Sums since some moment of a window.
#[derive(Debug, Default)]
pub(crate) struct Flows {
    hasher: DefaultHashBuilder,
    index: HashTable<Entry>,
    sums: Vec<Sum>,
    /// Interfaces of which something could not be added up.
    pub skipped: HashSet<EniIndex>,
}

/// Where a key's sum is. The hash is kept beside, so that a table that grows looks at no sum.
#[derive(Debug)]
struct Entry {
    hash: u32,
    at: u32,
}

impl Entry {
    /// The hash that the table knows it by.
    fn spread(hash: u32) -> u64 {
        // The table takes its groups from the low bits and its tags from the high ones.
        u64::from(hash) | u64::from(hash) << 32
    }
}

/// The packets of one key.
#[derive(Debug, Clone)]
pub(crate) struct Sum {
    key: Key,
    traffic_path: Option<TrafficPath>,
    tcp_flags: TcpFlags,
    /// The interface's own side as records show it: its primary address.
    primary: IpAddr,
    first_ms: i64,
    last_ms: i64,
    packets: u64,
    bytes: u64,
    why: Why,
}

impl Flows {
    /// Forgets everything, and keeps room for about as much: the next window is likely to have as many flows.
    pub(crate) fn clear(&mut self) {
        let len = self.sums.len();
        self.index.clear();
        self.sums.clear();
        self.skipped.clear();
        if self.sums.capacity() > 4 * len {
            self.index = HashTable::new();
            self.sums = Vec::with_capacity(len);
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.sums.len()
    }

    pub(crate) fn sums(&self) -> &[Sum] {
        &self.sums
    }

    /// Adds a cell's packets since the reading before; without room for a new sum its interface is marked.
    pub(crate) fn add(&mut self, cell: &FlowCell, clock: &Clock, room: bool) {
        let key = Key::of(cell);
        let (first_ms, last_ms) = (clock.unix_ms(cell.first), clock.unix_ms(cell.last));
        let hash = self.hasher.hash_one(key) as u32;
        let sums = &mut self.sums;
        let is_same = |entry: &Entry| entry.hash == hash && sums[entry.at as usize].key == key;
        let known = self.index.find(Entry::spread(hash), is_same);
        if let Some(entry) = known {
            sums[entry.at as usize].add(cell, first_ms, last_ms);
        } else if room {
            let at = sums.len() as u32;
            let hash_of = |entry: &Entry| Entry::spread(entry.hash);
            let entry = Entry { hash, at };
            self.index
                .insert_unique(Entry::spread(hash), entry, hash_of);
            sums.push(Sum::of(cell, key, first_ms, last_ms));
        } else {
            self.skipped.insert(cell.eni);
        }
    }
}

impl Sum {
    fn of(cell: &FlowCell, key: Key, first_ms: i64, last_ms: i64) -> Sum {
        let count = cell.window();
        Sum {
            key,
            traffic_path: cell.traffic_path,
            tcp_flags: cell.tcp_flags,
            primary: match cell.direction {
                Direction::Ingress => cell.destination,
                Direction::Egress => cell.source,
            },
            first_ms,
            last_ms,
            packets: count.packets,
            bytes: count.bytes,
            why: cell.why,
        }
    }

    fn add(&mut self, cell: &FlowCell, first_ms: i64, last_ms: i64) {
        let count = cell.window();
        self.packets += count.packets;
        self.bytes += count.bytes;
        self.tcp_flags.add(cell.tcp_flags);
        self.first_ms = self.first_ms.min(first_ms);
        if last_ms >= self.last_ms {
            self.last_ms = last_ms;
            self.why = cell.why;
            self.traffic_path = cell.traffic_path;
        }
    }

    /// Takes in the sum of what a format cannot tell from it.
    pub(crate) fn merge(&mut self, other: &Sum) {
        self.packets += other.packets;
        self.bytes += other.bytes;
        self.tcp_flags.add(other.tcp_flags);
        self.first_ms = self.first_ms.min(other.first_ms);
        if other.last_ms >= self.last_ms {
            self.last_ms = other.last_ms;
            self.why = other.why;
            self.traffic_path = other.traffic_path;
        }
    }

    pub(crate) fn eni(&self) -> EniIndex {
        EniIndex((self.key.ends >> 32) as u32)
    }

    pub(crate) fn action(&self) -> Action {
        match self.key.kind & Key::REJECT {
            0 => Action::Accept,
            _ => Action::Reject,
        }
    }

    fn direction(&self) -> Direction {
        match self.key.kind & Key::EGRESS {
            0 => Direction::Ingress,
            _ => Direction::Egress,
        }
    }

    /// Unix seconds of the first and of the last packet.
    pub(crate) fn times(&self) -> (i64, i64) {
        (
            self.first_ms.div_euclid(1_000),
            self.last_ms.div_euclid(1_000),
        )
    }

    /// Whether its own side's address is another than the packets bear, so that formats without the packet's addresses
    /// may show several sums as one record.
    pub(crate) fn differs_from_packet(&self) -> bool {
        self.own_in_packet() != self.primary
    }

    /// The key as formats see it that do not show these addresses of the packet.
    pub(crate) fn shown_key(&self, hides_source: bool, hides_destination: bool) -> Key {
        let mut key = self.key;
        match self.direction() {
            Direction::Egress if hides_source => key.source = words(self.primary),
            Direction::Ingress if hides_destination => key.destination = words(self.primary),
            Direction::Egress | Direction::Ingress => {}
        }
        key
    }

    /// Something of every part of it.
    pub(crate) fn look(&self) -> u64 {
        self.key.ends ^ self.packets ^ self.first_ms as u64 ^ self.why.generation()
    }

    fn own_in_packet(&self) -> IpAddr {
        match self.direction() {
            Direction::Ingress => self.key.address(self.key.destination),
            Direction::Egress => self.key.address(self.key.source),
        }
    }

    pub(crate) fn flow(&self) -> Flow {
        let key = &self.key;
        let packet_source = key.address(key.source);
        let packet_destination = key.address(key.destination);
        let direction = self.direction();
        let (source, destination) = match direction {
            Direction::Ingress => (packet_source, self.primary),
            Direction::Egress => (self.primary, packet_destination),
        };
        Flow {
            direction,
            action: self.action(),
            source,
            destination,
            packet_source,
            packet_destination,
            source_port: (key.ends >> 16) as u16,
            destination_port: key.ends as u16,
            protocol: (key.kind >> 8) as u8,
            traffic_path: self.traffic_path,
            tcp_flags: self.tcp_flags,
            packets: self.packets,
            bytes: self.bytes,
            why: self.why,
        }
    }
}
