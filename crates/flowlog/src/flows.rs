//! Sums of flow cells by key, in a form of which a million fits: what records are made of, once for all flow logs.

use std::net::IpAddr;

use hashbrown::{DefaultHashBuilder, HashSet, HashTable};
use openvpc_engine::{Action, Direction, EniIndex, FlowCell, TcpFlags, TrafficPath, Why};
use std::hash::BuildHasher;

use crate::Flow;
use crate::clock::Clock;

/// What is added up separately: interface, direction, action, protocol, ports and the packet's own addresses.
type Key = [u8; 42];

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
        let key = key(cell);
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
        EniIndex(u32::from_ne_bytes([
            self.key[0],
            self.key[1],
            self.key[2],
            self.key[3],
        ]))
    }

    pub(crate) fn action(&self) -> Action {
        match self.key[5] & 1 {
            0 => Action::Accept,
            _ => Action::Reject,
        }
    }

    fn direction(&self) -> Direction {
        match self.key[5] & 2 {
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
            Direction::Egress if hides_source => put(&mut key[10..26], self.primary),
            Direction::Ingress if hides_destination => put(&mut key[26..42], self.primary),
            Direction::Egress | Direction::Ingress => {}
        }
        key
    }

    fn own_in_packet(&self) -> IpAddr {
        match self.direction() {
            Direction::Ingress => self.address(26),
            Direction::Egress => self.address(10),
        }
    }

    fn address(&self, at: usize) -> IpAddr {
        let mut octets = [0_u8; 16];
        octets.copy_from_slice(&self.key[at..at + 16]);
        match self.key[5] & 4 {
            0 => octets.into(),
            _ => [octets[0], octets[1], octets[2], octets[3]].into(),
        }
    }

    pub(crate) fn flow(&self) -> Flow {
        let (packet_source, packet_destination) = (self.address(10), self.address(26));
        let direction = self.direction();
        let (source, destination) = match direction {
            Direction::Ingress => (packet_source, self.primary),
            Direction::Egress => (self.primary, packet_destination),
        };
        let port = |at: usize| u16::from_ne_bytes([self.key[at], self.key[at + 1]]);
        Flow {
            direction,
            action: self.action(),
            source,
            destination,
            packet_source,
            packet_destination,
            source_port: port(6),
            destination_port: port(8),
            protocol: self.key[4],
            traffic_path: self.traffic_path,
            tcp_flags: self.tcp_flags,
            packets: self.packets,
            bytes: self.bytes,
            why: self.why,
        }
    }
}

fn key(cell: &FlowCell) -> Key {
    let mut key = [0_u8; 42];
    key[0..4].copy_from_slice(&cell.eni.0.to_ne_bytes());
    key[4] = cell.protocol;
    let v4 = u8::from(cell.packet_source.is_ipv4());
    key[5] = v4 << 2 | (cell.direction as u8) << 1 | cell.action as u8;
    key[6..8].copy_from_slice(&cell.source_port.to_ne_bytes());
    key[8..10].copy_from_slice(&cell.destination_port.to_ne_bytes());
    put(&mut key[10..26], cell.packet_source);
    put(&mut key[26..42], cell.packet_destination);
    key
}

fn put(field: &mut [u8], address: IpAddr) {
    field.fill(0);
    match address {
        IpAddr::V4(address) => field[..4].copy_from_slice(&address.octets()),
        IpAddr::V6(address) => field.copy_from_slice(&address.octets()),
    }
}
