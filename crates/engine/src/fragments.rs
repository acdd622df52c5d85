//! Datagrams seen in fragments: later ones follow the first (I-12), and nothing may overlap (RFC 5722, RFC 3128).

use std::collections::VecDeque;
use std::net::IpAddr;

use hashbrown::HashMap;

use crate::defects::{Defect, planted};
use crate::facts::Facts;
use crate::ids::{PortId, Time};
use crate::verdict::DropReason;

/// How long a datagram may take to arrive.
const LIFETIME_SECS: u64 = 30;
/// Separate stretches of one datagram that are followed at once; a datagram in more pieces out of order is dropped.
const STRETCHES_MAX: usize = 8;
/// Datagrams forgotten per call, at most.
const EXPIRE_MAX: usize = 1_024;

/// Which datagram a fragment belongs to (RFC 791 §2.3, RFC 8200 §4.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct DatagramKey {
    pub port: PortId,
    pub source: IpAddr,
    pub destination: IpAddr,
    /// 0 for IPv6.
    pub protocol: u8,
    pub id: u32,
}

/// What is known of it.
struct Datagram {
    facts: Facts,
    passed: bool,
    lost: bool,
    born: Time,
    /// The end, once the last fragment was seen.
    end: Option<u32>,
    stretches: [(u32, u32); STRETCHES_MAX],
    stretch_count: usize,
}

/// All datagrams in flight, bounded per port.
pub(crate) struct Fragments {
    per_port_max: u32,
    datagrams: HashMap<DatagramKey, Datagram>,
    order: VecDeque<(Time, DatagramKey)>,
    held: HashMap<PortId, u32>,
}

impl Fragments {
    pub(crate) fn new(per_port_max: u32) -> Fragments {
        Fragments {
            per_port_max,
            datagrams: HashMap::new(),
            order: VecDeque::new(),
            held: HashMap::new(),
        }
    }

    /// Datagrams followed, or still to be forgotten.
    pub(crate) fn len(&self) -> usize {
        self.datagrams.len().max(self.order.len())
    }

    /// Takes in a first fragment, which does not pass yet.
    pub(crate) fn first(
        &mut self,
        key: DatagramKey,
        facts: Facts,
        len: u32,
        now: Time,
    ) -> Result<(), DropReason> {
        self.expire(now);
        if let Some(datagram) = self.datagrams.get_mut(&key) {
            datagram.lost = true;
            return Err(DropReason::FragmentOverlap);
        }
        let held = self.held.entry(key.port).or_default();
        if *held >= self.per_port_max {
            return Err(DropReason::FragmentTableFull);
        }
        *held += 1;
        let mut stretches = [(0, 0); STRETCHES_MAX];
        stretches[0] = (0, len);
        let datagram = Datagram {
            facts,
            passed: false,
            lost: false,
            born: now,
            end: None,
            stretches,
            stretch_count: 1,
        };
        self.datagrams.insert(key, datagram);
        self.order.push_back((now, key));
        Ok(())
    }

    /// Notes that the first fragment passed.
    pub(crate) fn pass(&mut self, key: &DatagramKey) {
        if let Some(datagram) = self.datagrams.get_mut(key) {
            datagram.passed = true;
        }
    }

    /// Takes in a later fragment; returns what its datagram is judged by.
    pub(crate) fn later(
        &mut self,
        key: &DatagramKey,
        offset: u32,
        len: u32,
        more: bool,
        now: Time,
    ) -> Result<Facts, DropReason> {
        self.expire(now);
        let datagram = self
            .datagrams
            .get_mut(key)
            .ok_or(DropReason::FragmentWithoutFirst)?;
        if !datagram.passed && !planted(Defect::FragmentOfRefused) {
            return Err(DropReason::FragmentWithoutFirst);
        }
        datagram.lost |= !datagram.cover(offset, offset + len, more);
        datagram.lost &= !planted(Defect::FragmentOverlaps);
        if datagram.lost {
            Err(DropReason::FragmentOverlap)
        } else {
            Ok(datagram.facts)
        }
    }

    /// Forgets old datagrams.
    pub(crate) fn expire(&mut self, now: Time) {
        for _ in 0..EXPIRE_MAX {
            match self.order.front() {
                Some((born, _)) if now.since(*born) >= LIFETIME_SECS * 1_000_000_000 => {}
                _ => return,
            }
            let Some((born, key)) = self.order.pop_front() else {
                return;
            };
            if self
                .datagrams
                .get(&key)
                .is_some_and(|datagram| datagram.born == born)
            {
                self.datagrams.remove(&key);
                self.release(key.port);
            }
        }
    }

    /// Forgets what a port had begun.
    pub(crate) fn forget(&mut self, port: PortId) {
        self.datagrams.retain(|key, _| key.port != port);
        self.order.retain(|(_, key)| key.port != port);
        self.held.remove(&port);
    }

    fn release(&mut self, port: PortId) {
        if let Some(held) = self.held.get_mut(&port) {
            *held -= 1;
            if *held == 0 {
                self.held.remove(&port);
            }
        }
    }
}

impl Datagram {
    /// Adds a stretch; false if it overlaps, contradicts the end, or is one too many.
    fn cover(&mut self, from: u32, to: u32, more: bool) -> bool {
        let known = &self.stretches[..self.stretch_count];
        if known.iter().any(|(start, end)| from < *end && *start < to) {
            return false;
        }
        if self.end.is_some_and(|end| to > end || !more) {
            return false;
        }
        if !more {
            if known.iter().any(|(_, end)| *end > to) {
                return false;
            }
            self.end = Some(to);
        }
        let known = &mut self.stretches[..self.stretch_count];
        if let Some(before) = known.iter_mut().find(|(_, end)| *end == from) {
            before.1 = to;
        } else if let Some(after) = known.iter_mut().find(|(start, _)| *start == to) {
            after.0 = from;
        } else if self.stretch_count < STRETCHES_MAX {
            self.stretches[self.stretch_count] = (from, to);
            self.stretch_count += 1;
        } else {
            return false;
        }
        true
    }
}
