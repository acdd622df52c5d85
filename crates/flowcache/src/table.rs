//! The table of flows that the program works by: 4-way buckets in memory that both sides map.
//!
//! The engine's process takes a free slot, fills it and opens it by one store; it takes a slot back by one store, and fills
//! it anew only after every processor that was in the program at that moment has left it. So the program reads a slot that
//! does not change under it, without a lock. Nothing is evicted: where a bucket is full the engine goes on forwarding.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::os::fd::OwnedFd;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release, SeqCst};
use std::sync::atomic::{AtomicU64, fence};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use openvpc_engine::{
    Count, FastAdmission, FastId, FastKey, FastPath, FastReading, FastReport, FastWay, FastWindow,
    Mac, PortId, Time,
};

use crate::abi::{self, edit, port, report, slot, state};
use crate::ring::{Record, Ring};
use crate::shared::Shared;

const WAYS: usize = abi::WAYS as usize;
const SLOT_LEN: usize = abi::SLOT_LEN as usize;
const TICK: u64 = 1 << abi::TICK_SHIFT;

/// The maps.
pub(crate) struct Maps {
    pub buckets: Shared,
    pub ports: Shared,
    pub epochs: Shared,
    /// Absent where there is no program.
    pub reports: Option<Ring>,
}

/// The table; clones are the same one.
#[derive(Clone)]
pub struct Table {
    inner: Arc<Inner>,
}

struct Inner {
    maps: Maps,
    seed: u64,
    mask: u32,
    /// The clock's reading, in nanoseconds, at the engine's time 0.
    epoch: AtomicU64,
    ledger: Mutex<Ledger>,
}

/// What only this side knows.
#[derive(Default)]
struct Ledger {
    links: HashMap<PortId, Link>,
    ports: HashMap<u32, PortId>,
    /// What 32 bits cannot count.
    packets: HashMap<u32, (u32, u64)>,
    revoked: VecDeque<(u64, FastId)>,
    revocations: u64,
    /// Revocations up to this one are seen by every processor.
    settled: u64,
    /// Processors that were in the program, with their numbers, when the revocation of this number was made.
    waits: Option<(u64, Vec<(usize, u32)>)>,
}

/// Where a port is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// Of the host's end, in the switch namespace; less than [`abi::PORTS`].
    pub ifindex: u32,
    /// Of the other end.
    pub mac: [u8; 6],
}

/// What the program counts at a port; they wrap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PortCounters {
    /// Frames that went up.
    pub up: u32,
    /// Frames of a kind that nobody listens to, dropped.
    pub foreign: u32,
    /// Frames past the port's allowance, or of a flow that comes faster than the engine serves it; dropped.
    pub shed: u32,
}

impl Table {
    pub(crate) fn new(maps: Maps, seed: u64, mask: u32) -> Table {
        Table {
            inner: Arc::new(Inner {
                maps,
                seed,
                mask,
                epoch: AtomicU64::new(monotonic()),
                ledger: Mutex::default(),
            }),
        }
    }

    /// A table without a program, for tests of this side.
    ///
    /// # Errors
    /// Without memory.
    pub fn alone(slots: u32) -> std::io::Result<Table> {
        let buckets = (slots / abi::WAYS).max(1).next_power_of_two();
        let maps = Maps {
            buckets: Shared::alone(abi::SLOT_LEN * abi::WAYS, buckets)?,
            ports: Shared::alone(abi::PORT_LEN, abi::PORTS)?,
            epochs: Shared::alone(abi::EPOCH_LEN, abi::CPUS)?,
            reports: None,
        };
        Ok(Table::new(maps, 0x5eed, buckets - 1))
    }

    /// The engine's time 0 is now.
    pub fn start_clock(&self) {
        self.inner.epoch.store(monotonic(), Relaxed);
    }

    /// Slots in all.
    pub fn capacity(&self) -> u64 {
        (u64::from(self.inner.mask) + 1) * WAYS as u64
    }

    /// Lets the program serve what comes in at a link, which is the port's from now on; at most `rate` frames a second go
    /// up, in bursts of `burst` (0: any number).
    pub fn attach(&self, id: PortId, link: Link, rate: u32, burst: u32) {
        let at = link.ifindex as usize;
        let ports = &self.inner.maps.ports;
        for offset in (0..abi::PORT_LEN as usize).step_by(4) {
            ports.u32(at, offset).store(0, Relaxed);
        }
        for (place, byte) in link.mac.iter().enumerate() {
            ports.u8(at, port("mac") + place).store(*byte, Relaxed);
        }
        ports.u32(at, port("rate")).store(rate, Relaxed);
        ports.u32(at, port("burst")).store(burst, Relaxed);
        ports
            .u64(at, port("tokens"))
            .store(u64::from(burst), Relaxed);
        ports.u16(at, port("attached")).store(1, Release);
        let mut ledger = self.inner.ledger();
        ledger.links.insert(id, link);
        ledger.ports.insert(link.ifindex, id);
    }

    /// Nothing passes the port any more.
    pub fn detach(&self, id: PortId) {
        let mut ledger = self.inner.ledger();
        if let Some(link) = ledger.links.remove(&id) {
            ledger.ports.remove(&link.ifindex);
            let attached = self
                .inner
                .maps
                .ports
                .u16(link.ifindex as usize, port("attached"));
            attached.store(0, SeqCst);
        }
    }

    /// Readable when many reports wait; with it whoever sleeps is woken to take them over.
    pub fn wakes(&self) -> Option<Arc<OwnedFd>> {
        let ring = self.inner.maps.reports.as_ref();
        ring.map(|ring| ring.fd.clone())
    }

    /// Notes that so many frames of a link, which had gone up, were served or are lost.
    pub fn served(&self, ifindex: u32, frames: u32) {
        let seen = self.inner.maps.ports.u32(ifindex as usize, port("seen"));
        // One thread writes it.
        seen.store(seen.load(Relaxed).wrapping_add(frames), Release);
    }

    /// Frames of a link that have gone up and were not served yet.
    pub fn waiting(&self, ifindex: u32) -> u32 {
        let ports = &self.inner.maps.ports;
        let seen = ports.u32(ifindex as usize, port("seen")).load(Relaxed);
        let up = ports.u32(ifindex as usize, port("up")).load(Acquire);
        up.wrapping_sub(seen)
    }

    /// What the program has counted at a link.
    pub fn port_counters(&self, ifindex: u32) -> PortCounters {
        let read = |name| {
            self.inner
                .maps
                .ports
                .u32(ifindex as usize, name)
                .load(Relaxed)
        };
        PortCounters {
            up: read(const { port("up") }),
            foreign: read(const { port("foreign") }),
            shed: read(const { port("shed") }),
        }
    }
}

impl FastPath for Table {
    fn install(&mut self, way: &FastWay, now: Time) -> Option<FastId> {
        let inner = &self.inner;
        let id = inner.fill(&inner.ledger(), way, Kind::Flow, now)?;
        inner.set_state(id, state::OPENING);
        Some(id)
    }

    fn install_pair(&mut self, ways: [&FastWay; 2], now: Time) -> Option<[FastId; 2]> {
        let inner = &self.inner;
        let ledger = inner.ledger();
        let pair = inner.fill_pair(&ledger, ways, Kind::Flow, now)?;
        for id in pair {
            inner.set_state(id, state::OPENING);
        }
        Some(pair)
    }

    fn admit(&mut self, admission: &FastAdmission, now: Time) -> Option<(FastId, Option<FastId>)> {
        let inner = &self.inner;
        let ledger = inner.ledger();
        let kind = Kind::Admission;
        let (own, back) = match &admission.back {
            Some(back) => {
                let [own, back] = inner.fill_pair(&ledger, [&admission.way, back], kind, now)?;
                (own, Some(back))
            }
            None => (inner.fill(&ledger, &admission.way, kind, now)?, None),
        };
        let (first, last) = admission.source_ports.clone().into_inner();
        inner.at(own, END).store(u32::from(first), Relaxed);
        inner.at(own, ACK).store(u32::from(last), Relaxed);
        // What answers by it is found by its place alone: it stays what it is.
        inner.set_state(own, state::ADMISSION);
        Some((own, back))
    }

    fn next_report(&mut self, frame: &mut [u8]) -> Option<FastReport> {
        let ring = self.inner.maps.reports.as_ref()?;
        if ring.is_empty() {
            return None;
        }
        let ledger = self.inner.ledger();
        let epoch = self.inner.epoch.load(Relaxed);
        ring.next(|record| read_report(&record, &ledger, epoch, frame))
    }

    fn settle(&mut self) {
        let inner = &self.inner;
        loop {
            let mut ledger = inner.ledger();
            inner.settle(&mut ledger);
            if ledger.settled == ledger.revocations {
                return;
            }
            drop(ledger);
            // A processor stays in the program for a microsecond or so.
            std::thread::yield_now();
        }
    }

    fn revoke(&mut self, id: FastId) {
        let inner = &self.inner;
        inner.at(id, STATE).store(state::REVOKED, SeqCst);
        let mut ledger = inner.ledger();
        ledger.revocations += 1;
        let number = ledger.revocations;
        ledger.revoked.push_back((number, id));
    }

    fn next_retired(&mut self) -> Option<FastId> {
        let inner = &self.inner;
        let mut ledger = inner.ledger();
        let (number, id) = *ledger.revoked.front()?;
        if number > ledger.settled {
            inner.settle(&mut ledger);
        }
        if number > ledger.settled {
            return None;
        }
        ledger.revoked.pop_front();
        Some(id)
    }

    fn release(&mut self, id: FastId) {
        self.inner.ledger().packets.remove(&id.0);
        self.inner.at(id, STATE).store(state::FREE, Release);
    }

    fn read(&mut self, id: FastId, now: Time) -> FastReading {
        let inner = &self.inner;
        let (bucket, way) = place(id);
        let bytes = inner
            .maps
            .buckets
            .u64(bucket, way + const { slot("bytes") });
        let packets = inner.at(id, PACKETS).load(Acquire);
        let bytes = bytes.load(Relaxed);
        let (first, last) = (
            inner.at(id, FIRST).load(Relaxed),
            inner.at(id, LAST).load(Relaxed),
        );
        inner.at(id, READ).store(packets, Relaxed);
        let mut ledger = inner.ledger();
        let (before, total) = ledger.packets.entry(id.0).or_default();
        *total += u64::from(packets.wrapping_sub(*before));
        *before = packets;
        let count = Count {
            packets: *total,
            bytes,
        };
        FastReading {
            count,
            first: inner.time(first, now),
            last: inner.time(last, now),
            window: FastWindow {
                end: inner.at(id, END).load(Relaxed),
                ack: inner.at(id, ACK).load(Relaxed),
                right_edge: inner.at(id, RIGHT_EDGE).load(Relaxed),
                scale: inner
                    .maps
                    .buckets
                    .u8(bucket, way + const { slot("scale") })
                    .load(Relaxed),
            },
        }
    }

    fn is_open(&self, id: FastId) -> bool {
        self.inner.at(id, STATE).load(Acquire) == state::OPEN
    }

    fn follow(&mut self, id: FastId, window: FastWindow) {
        self.inner.write_window(id, &window);
    }
}

const STATE: usize = slot("state");
const PARTNER: usize = slot("partner");
const PACKETS: usize = slot("packets");
const READ: usize = slot("read");
const FIRST: usize = slot("first");
const LAST: usize = slot("last");
const END: usize = slot("end");
const ACK: usize = slot("ack");
const RIGHT_EDGE: usize = slot("right_edge");

/// The bucket of a slot, and where in it the slot begins.
fn place(id: FastId) -> (usize, usize) {
    (id.0 as usize / WAYS, id.0 as usize % WAYS * SLOT_LEN)
}

impl Inner {
    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn at(&self, id: FastId, offset: usize) -> &std::sync::atomic::AtomicU32 {
        let (bucket, way) = place(id);
        self.maps.buckets.u32(bucket, way + offset)
    }

    /// Fills two slots that name each other, or none.
    fn fill_pair(
        &self,
        ledger: &Ledger,
        ways: [&FastWay; 2],
        kind: Kind,
        now: Time,
    ) -> Option<[FastId; 2]> {
        let one = self.fill(ledger, ways[0], kind, now)?;
        let Some(two) = self.fill(ledger, ways[1], kind, now) else {
            self.set_state(one, state::FREE);
            return None;
        };
        for (id, partner) in [(one, two), (two, one)] {
            self.at(id, PARTNER).store(partner.0 + 1, Relaxed);
        }
        Some([one, two])
    }

    /// Fills a free slot of the key's bucket; nobody looks at it yet.
    fn fill(&self, ledger: &Ledger, way: &FastWay, kind: Kind, now: Time) -> Option<FastId> {
        let link = ledger.links.get(&way.key.port)?;
        let out = ledger.links.get(&way.out_port)?;
        if way.key.source_mac.0 != link.mac || way.rewrite.version.is_some() {
            return None;
        }
        let key = key_bytes(&way.key, link.ifindex, kind);
        let bucket = (hash(self.seed, &key) & self.mask) as usize;
        let free = (0..WAYS)
            .map(|way| FastId((bucket * WAYS + way) as u32))
            .find(|id| {
                // The program takes free slots too.
                let taken = self.at(*id, STATE).compare_exchange(
                    state::FREE,
                    state::FILLING,
                    SeqCst,
                    Relaxed,
                );
                taken.is_ok()
            })?;
        let (_, start) = place(free);
        let slots = &self.maps.buckets;
        for (at, word) in key.chunks_exact(8).enumerate() {
            let word = u64::from_ne_bytes(word.try_into().ok()?);
            slots.u64(bucket, start + at * 8).store(word, Relaxed);
        }
        let u8s = |offset: usize, value: u8| slots.u8(bucket, start + offset).store(value, Relaxed);
        let u16s =
            |offset: usize, value: u16| slots.u16(bucket, start + offset).store(value, Relaxed);
        let u32s =
            |offset: usize, value: u32| slots.u32(bucket, start + offset).store(value, Relaxed);
        let (rewrite, mut edits) = (&way.rewrite, 0);
        if let Some((destination, source)) = rewrite.macs {
            edits |= edit::MACS;
            for at in 0..6 {
                u8s(const { slot("destination_mac") } + at, destination.0[at]);
                u8s(const { slot("source_mac") } + at, source.0[at]);
            }
        }
        if let Some(source) = rewrite.source {
            edits |= edit::SOURCE;
            u32s(
                const { slot("source") },
                u32::from_ne_bytes(source.octets()),
            );
        }
        if let Some(destination) = rewrite.destination {
            edits |= edit::DESTINATION;
            u32s(
                const { slot("destination") },
                u32::from_ne_bytes(destination.octets()),
            );
        }
        if let Some(port) = rewrite.source_port {
            edits |= edit::SOURCE_PORT;
            u16s(const { slot("source_port") }, port.to_be());
        }
        if let Some(port) = rewrite.destination_port {
            edits |= edit::DESTINATION_PORT;
            u16s(const { slot("destination_port") }, port.to_be());
        }
        if way.window.is_some() {
            edits |= edit::TCP;
        }
        u8s(const { slot("edits") }, edits);
        u8s(const { slot("hops") }, rewrite.hops);
        u8s(const { slot("behind") }, 0);
        u16s(const { slot("mtu") }, way.mtu);
        u32s(const { slot("out_ifindex") }, out.ifindex);
        let idle =
            (u64::from(way.idle_secs) * 1_000_000_000) >> (abi::TICK_SHIFT + abi::IDLE_SHIFT);
        u16s(const { slot("idle") }, (idle as u16).max(1));
        slots
            .u64(bucket, start + const { slot("bytes") })
            .store(0, Relaxed);
        u32s(PACKETS, 0);
        u32s(READ, 0);
        u32s(LAST, self.tick(now));
        // What has gone up so far must be served before: the flow's packets are among it.
        let up = self
            .maps
            .ports
            .u32(link.ifindex as usize, const { port("up") });
        u32s(FIRST, up.load(Acquire));
        self.write_window(free, &way.window.unwrap_or_default());
        u32s(PARTNER, 0);
        Some(free)
    }

    fn write_window(&self, id: FastId, window: &FastWindow) {
        let (bucket, way) = place(id);
        let scale = self.maps.buckets.u8(bucket, way + const { slot("scale") });
        scale.store(window.scale, Relaxed);
        self.at(id, END).store(window.end, Relaxed);
        self.at(id, ACK).store(window.ack, Relaxed);
        self.at(id, RIGHT_EDGE).store(window.right_edge, Relaxed);
    }

    /// After all else of the slot was written.
    fn set_state(&self, id: FastId, state: u32) {
        self.at(id, STATE).store(state, Release);
    }

    /// Finds out which revocations every processor has seen: one that was in the program when it was made must have left
    /// it since.
    fn settle(&self, ledger: &mut Ledger) {
        if let Some((number, inside)) = &mut ledger.waits {
            inside.retain(|(cpu, epoch)| self.epoch_of(*cpu) == *epoch);
            if !inside.is_empty() {
                return;
            }
            ledger.settled = *number;
            ledger.waits = None;
        }
        if ledger.settled == ledger.revocations {
            return;
        }
        fence(SeqCst);
        let inside: Vec<_> = (0..abi::CPUS as usize)
            .map(|cpu| (cpu, self.epoch_of(cpu)))
            .filter(|(_, epoch)| epoch & 1 == 1)
            .collect();
        match inside.is_empty() {
            true => ledger.settled = ledger.revocations,
            false => ledger.waits = Some((ledger.revocations, inside)),
        }
    }

    fn epoch_of(&self, cpu: usize) -> u32 {
        self.maps.epochs.u32(cpu, 0).load(SeqCst)
    }

    /// The program's reading of the engine's time.
    fn tick(&self, time: Time) -> u32 {
        ((self.epoch.load(Relaxed) + time.0) / TICK) as u32
    }

    /// When a tick near `now` began.
    fn time(&self, tick: u32, now: Time) -> Time {
        let epoch = self.epoch.load(Relaxed);
        let here = (epoch + now.0) / TICK;
        let back = i64::from((here as u32).wrapping_sub(tick) as i32);
        let ticks = (here as i64 - back).max(0) as u64;
        Time((ticks * TICK).saturating_sub(epoch))
    }
}

/// What a slot is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Flow,
    Admission,
}

/// Copies a report's headers to the beginning of `frame`. None for one of a port that is gone.
fn read_report(
    record: &Record<'_>,
    ledger: &Ledger,
    epoch: u64,
    frame: &mut [u8],
) -> Option<FastReport> {
    let port = *ledger.ports.get(&record.u32(const { report("ifindex") }))?;
    let captured = usize::from(record.u16(const { report("captured") }));
    let len = record.u32(const { report("len") }) as usize;
    if captured > abi::HEADER_MAX as usize || captured > len || len > frame.len() {
        return None;
    }
    record.copy(const { report("header") }, &mut frame[..captured]);
    let time = record.u64(const { report("time") }).saturating_sub(epoch);
    // Places and 1; 0 for none.
    let id = |name| record.u32(name).checked_sub(1).map(FastId);
    let began = id(const { report("slot") }).zip(id(const { report("partner") }));
    let began = began.map(|(own, back)| [own, back]);
    Some(FastReport {
        port,
        at: Time(time),
        admission: id(const { report("admission") }).map(|admission| (admission, began)),
        len,
        gso_size: record.u16(const { report("gso_size") }),
    })
}

/// `struct key`.
fn key_bytes(key: &FastKey, ifindex: u32, kind: Kind) -> [u8; abi::KEY_LEN as usize] {
    let mut bytes = [0; abi::KEY_LEN as usize];
    let mut put =
        |offset: usize, field: &[u8]| bytes[offset..offset + field.len()].copy_from_slice(field);
    put(const { abi::key("ifindex") }, &ifindex.to_ne_bytes());
    let Mac(destination_mac) = key.destination_mac;
    put(const { abi::key("destination_mac") }, &destination_mac);
    put(const { abi::key("protocol") }, &[key.protocol]);
    put(
        const { abi::key("source_port") },
        &key.source_port.to_be_bytes(),
    );
    put(
        const { abi::key("destination_port") },
        &key.destination_port.to_be_bytes(),
    );
    let addresses = [
        (const { abi::key("source") }, key.source),
        (const { abi::key("destination") }, key.destination),
    ];
    for (offset, address) in addresses {
        match address {
            IpAddr::V4(address) => put(offset, &address.octets()),
            IpAddr::V6(address) => put(offset, &address.octets()),
        }
    }
    let family = if key.source.is_ipv4() { 4 } else { 6 };
    let family = match kind {
        Kind::Flow => family,
        Kind::Admission => family | abi::FAMILY_ADMISSION,
    };
    put(const { abi::key("family") }, &[family]);
    bytes
}

/// As `hash` in `table.h`.
fn hash(seed: u64, key: &[u8; abi::KEY_LEN as usize]) -> u32 {
    let mut code = seed;
    for word in key.chunks_exact(8) {
        let mut octets = [0; 8];
        octets.copy_from_slice(word);
        code = (code ^ u64::from_ne_bytes(octets)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        code ^= code >> 32;
    }
    code as u32
}

/// `CLOCK_MONOTONIC` in nanoseconds, which `bpf_ktime_get_ns` reads.
pub fn monotonic() -> u64 {
    let clock = nix::time::ClockId::CLOCK_MONOTONIC;
    match nix::time::clock_gettime(clock) {
        Ok(time) => time.tv_sec() as u64 * 1_000_000_000 + time.tv_nsec() as u64,
        Err(_) => 0,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use openvpc_engine::{EniIndex, Rewrite};

    const A: PortId = PortId::Eni(EniIndex(1));

    fn way(source_port: u16) -> FastWay {
        let address = |last| IpAddr::from([10, 0, 0, last]);
        FastWay {
            key: FastKey {
                port: A,
                destination_mac: Mac([2; 6]),
                source_mac: Mac([1; 6]),
                protocol: 17,
                source: address(1),
                destination: address(2),
                source_port,
                destination_port: 53,
            },
            out_port: A,
            rewrite: Rewrite::default(),
            mtu: 1_500,
            idle_secs: 60,
            window: None,
        }
    }

    fn table(slots: u32) -> Table {
        let table = Table::alone(slots).unwrap();
        let link = Link {
            ifindex: 2,
            mac: [1; 6],
        };
        table.attach(A, link, 0, 0);
        table
    }

    #[test]
    fn a_full_bucket_refuses_and_forgets_nothing() {
        let mut table = table(4);
        let ids: Vec<_> = (0..4)
            .map(|port| table.install(&way(port), Time(0)).unwrap())
            .collect();
        assert_eq!(table.install(&way(4), Time(0)), None);
        let pair = [way(5), way(6)];
        table.revoke(ids[0]);
        assert_eq!(
            table.install(&way(4), Time(0)),
            None,
            "it may still be looked at"
        );
        assert_eq!(table.next_retired(), Some(ids[0]));
        table.release(ids[0]);
        assert_eq!(
            table.install_pair([&pair[0], &pair[1]], Time(0)),
            None,
            "room for one"
        );
        assert!(
            table.install(&way(4), Time(0)).is_some(),
            "the one was not lost"
        );
    }

    #[test]
    fn a_place_is_given_away_when_every_processor_has_left() {
        let mut table = table(4);
        let epoch = |cpu, number| table.inner.maps.epochs.u32(cpu, 0).store(number, SeqCst);
        epoch(0, 7);
        epoch(3, 9);
        let (mut one, mut other) = (table.clone(), table.clone());
        let id = one.install(&way(1), Time(0)).unwrap();
        one.revoke(id);
        assert_eq!(other.next_retired(), None, "two are inside");
        epoch(0, 8);
        assert_eq!(other.next_retired(), None, "one is");
        epoch(3, 11);
        assert_eq!(other.next_retired(), Some(id), "it came in anew");
        assert_eq!(table.next_retired(), None);
    }

    #[test]
    fn a_port_of_another_ethernet_address_is_not_served() {
        let mut table = table(4);
        let mut forged = way(1);
        forged.key.source_mac = Mac([3; 6]);
        assert_eq!(table.install(&forged, Time(0)), None);
        table.detach(A);
        assert_eq!(table.install(&way(1), Time(0)), None);
    }

    #[test]
    fn counts_go_on_where_32_bits_end() {
        let mut table = table(4);
        let id = table.install(&way(1), Time(0)).unwrap();
        let packets = |number: u32| table.inner.at(id, PACKETS).store(number, SeqCst);
        packets(u32::MAX);
        let mut reader = table.clone();
        assert_eq!(reader.read(id, Time(0)).count.packets, u64::from(u32::MAX));
        packets(4);
        assert_eq!(
            reader.read(id, Time(0)).count.packets,
            u64::from(u32::MAX) + 5
        );
    }

    #[test]
    fn a_tick_is_read_as_a_time_near_now() {
        let table = table(4);
        let now = Time(50_000_000_000);
        let then = table
            .inner
            .time(table.inner.tick(Time(20_000_000_000)), now);
        assert!(Time(20_000_000_000).since(then) < TICK, "{then:?}");
    }
}
