//! Remembered verdicts that the fast path replays: which, what they still owe to the engine's memory, and when they end.
//!
//! **Invariant: taking any of them back at any instant changes no verdict and no counter.** What a packet leaves behind
//! is counters, the time of a flow's last packet, and the windows of a connection. Counters are read before anybody asks
//! for them. Times are read at least every [`READ_WITHIN_SECS`], and a packet after an idle time that comes near a timeout
//! goes up, so that no flow can be thought idle that is not. Windows are read when a packet comes up that changes them.
//! Whatever moves a flow's state (the answer to a first datagram, FIN, RST, SYN) goes up too, and takes the flow back.

use std::collections::VecDeque;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use hashbrown::HashMap;
use openvpc_wire::Mac;
use openvpc_wire::packet::tcp_flag;

use crate::cache::{CacheKey, LEGS_MAX, Leg, Remembered};
use crate::cells::Addition;
use crate::conntrack::{Segment, Steady};
use crate::counters::{Count, EniCounters};
use crate::fast_path::{FastCounters, FastId, FastKey, FastPath, FastWay, FastWindow};
use crate::flow::{Direction, TcpFlags};
use crate::identity;
use crate::ids::{EniIndex, PortId, Time};
use crate::state::{State, side};
use crate::table::Handle;

/// Every delegation is read so often, be the ticks late or not.
const READ_WITHIN_SECS: u64 = 1;
/// A packet comes up this long before its flow would be idle: more than the times may be behind.
const IDLE_MARGIN_SECS: u32 = 2;
/// What is idle for so long makes room. Less than a flow cell's idle time, so that no cell is forgotten that is still
/// counted into.
const IDLE_MAX_SECS: u32 = 100;
/// Parts of the table that are read in one tick each.
const SLICES: usize = 4;
/// Directions of connections that wait for the other one.
const WAITING_MAX: usize = 65_536;

/// One direction of a flow that the fast path forwards.
struct Delegation {
    id: FastId,
    key: CacheKey,
    known: Remembered,
    /// What the engine has counted of it.
    taken: Count,
    read_at: Time,
    idle_secs: u16,
    follows: bool,
    /// The other direction, if they follow each other's windows.
    partner: Option<u32>,
}

impl Delegation {
    fn new(id: FastId, key: &CacheKey, known: &Remembered, ready: &Ready, now: Time) -> Delegation {
        Delegation {
            id,
            key: *key,
            known: *known,
            taken: Count::default(),
            read_at: now,
            idle_secs: ready.idle_secs,
            follows: ready.windows.is_some(),
            partner: None,
        }
    }
}

/// All of them.
pub(crate) struct Delegations {
    path: Option<Box<dyn FastPath>>,
    held: Vec<Option<Delegation>>,
    free: Vec<u32>,
    /// By a flow's place and direction: the number of the delegation that forwards it, and 1; 0 for none.
    by_flow: Vec<[u32; 2]>,
    /// By a flow's place: a remembered direction of a connection whose other one is not remembered yet.
    waiting: HashMap<usize, (Direction, CacheKey)>,
    /// Revoked, in order, and not yet retired; with the books of those that are counted by them.
    leaving: VecDeque<(FastId, Option<Delegation>)>,
    hand: usize,
    /// Everything was read since then.
    read_since: Time,
    cycle: Time,
    /// What goes between regions takes time, which only the caller can let pass.
    pub keeps_between_regions: bool,
    counters: FastCounters,
}

impl Delegations {
    pub(crate) fn new() -> Delegations {
        Delegations {
            path: None,
            held: Vec::new(),
            free: Vec::new(),
            by_flow: Vec::new(),
            waiting: HashMap::new(),
            leaving: VecDeque::new(),
            hand: 0,
            read_since: Time::default(),
            cycle: Time::default(),
            keeps_between_regions: false,
            counters: FastCounters::default(),
        }
    }

    pub(crate) fn begin(&mut self, path: Box<dyn FastPath>) {
        self.path = Some(path);
    }

    pub(crate) fn path(&mut self) -> Option<&mut Box<dyn FastPath>> {
        self.path.as_mut()
    }

    /// Takes back what is no delegation: what passed by it was reported.
    pub(crate) fn revoke_untold(&mut self, id: FastId) {
        if let Some(path) = &mut self.path {
            path.revoke(id);
            self.leaving.push_back((id, None));
        }
    }

    /// Waits until every packet has passed that had met what was revoked.
    pub(crate) fn settle(&mut self) {
        if let Some(path) = &mut self.path {
            path.settle();
        }
    }

    pub(crate) fn count_reported(&mut self, count: Count) {
        self.counters.packets += count.packets;
    }

    pub(crate) fn count_admitted(&mut self) {
        self.counters.admitted += 1;
    }

    pub(crate) fn count_disagreed(&mut self) {
        self.counters.disagreed += 1;
    }

    #[inline]
    pub(crate) fn is_on(&self) -> bool {
        self.path.is_some()
    }

    pub(crate) fn counters(&self) -> FastCounters {
        FastCounters {
            entries: (self.held.len() - self.free.len()) as u64,
            ..self.counters
        }
    }

    /// Ticks were late.
    #[inline]
    pub(crate) fn is_overdue(&self, now: Time) -> bool {
        self.is_on() && now.since(self.read_since) > READ_WITHIN_SECS * 1_000_000_000
    }

    fn of_flow(&self, flow: Handle, direction: Direction) -> Option<u32> {
        let numbers = self.by_flow.get(flow.place())?;
        numbers[direction as usize].checked_sub(1)
    }

    fn has_flow(&self, flow: Handle) -> bool {
        let numbers = self.by_flow.get(flow.place());
        numbers.is_some_and(|numbers| *numbers != [0, 0])
    }

    fn get(&self, number: u32) -> Option<&Delegation> {
        self.held.get(number as usize)?.as_ref()
    }

    fn is_open(&self, number: u32) -> bool {
        let id = self.get(number).map(|held| held.id);
        let path = self.path.as_ref();
        path.zip(id).is_some_and(|(path, id)| path.is_open(id))
    }

    fn hold(&mut self, delegation: Delegation) -> u32 {
        let number = match self.free.pop() {
            Some(number) => number,
            None => {
                self.held.push(None);
                (self.held.len() - 1) as u32
            }
        };
        for leg in delegation.known.legs.iter().flatten() {
            let place = leg.flow.place();
            if self.by_flow.len() <= place {
                self.by_flow.resize(place + 1, [0, 0]);
            }
            self.by_flow[place][leg.direction as usize] = number + 1;
        }
        self.held[number as usize] = Some(delegation);
        self.counters.installed += 1;
        number
    }

    /// Takes it out of the books.
    fn let_go(&mut self, number: u32) -> Option<Delegation> {
        let delegation = self.held.get_mut(number as usize)?.take()?;
        self.free.push(number);
        for leg in delegation.known.legs.iter().flatten() {
            if let Some(numbers) = self.by_flow.get_mut(leg.flow.place())
                && numbers[leg.direction as usize] == number + 1
            {
                numbers[leg.direction as usize] = 0;
            }
        }
        Some(delegation)
    }
}

/// What legs and gateways say about handing a verdict over.
struct Ready {
    idle_secs: u16,
    /// How sender and receiver of the direction stand, if a leg follows the connection.
    windows: Option<[FastWindow; 2]>,
}

impl State {
    /// Before a recalled packet is noted: what the fast path knows better is taken from it; a connection's end, or what
    /// should not have come up, takes it back.
    pub(crate) fn meet(&mut self, known: &Remembered, segment: Option<&Segment>, now: Time) {
        use tcp_flag::{FIN, RST};
        let (Some(segment), Some(leg)) = (segment, known.common_leg()) else {
            return;
        };
        self.came_up(leg.flow);
        if !self.delegations.has_flow(leg.flow) {
            return;
        }
        let own = self.delegations.of_flow(leg.flow, leg.direction);
        let ends = segment.tcp.flags & (FIN | RST) != 0;
        if ends || own.is_some_and(|own| self.delegations.is_open(own)) {
            self.take_back_flow(leg.flow, now);
            return;
        }
        for direction in [Direction::Ingress, Direction::Egress] {
            if let Some(number) = self.delegations.of_flow(leg.flow, direction) {
                self.read_delegation(number, now);
            }
        }
    }

    /// Notes a packet that was walked with. A segment that no verdict was remembered for should not have come up.
    pub(crate) fn touch_walked(
        &mut self,
        flow: Handle,
        direction: Direction,
        segment: Option<&Segment>,
        now: Time,
    ) {
        if segment.is_some() {
            self.came_up(flow);
            if self.delegations.has_flow(flow) {
                self.take_back_flow(flow, now);
            }
        }
        self.touch_flow(flow, direction, segment, now);
    }

    /// Notes a packet at one interface; whatever moves the flow's state takes it back from the fast path.
    #[inline]
    pub(crate) fn touch_flow(
        &mut self,
        flow: Handle,
        direction: Direction,
        segment: Option<&Segment>,
        now: Time,
    ) {
        let moved = self.conntrack.touch(flow, direction, segment, now);
        if moved && self.delegations.has_flow(flow) {
            self.take_back_flow(flow, now);
        }
    }

    /// After a recalled packet was noted: hands its direction over, or tells what the packet changed.
    pub(crate) fn delegate(&mut self, key: &CacheKey, known: &Remembered, now: Time) {
        let Some(leg) = known.common_leg() else {
            return;
        };
        if known.far && self.delegations.keeps_between_regions {
            return;
        }
        if self.admissions.is_young(leg.flow) {
            return;
        }
        if let Some(number) = self.delegations.of_flow(leg.flow, leg.direction)
            && let Some(held) = self.delegations.get(number)
            && held.key == *key
        {
            let (id, follows) = (held.id, held.follows);
            if follows
                && let Some(window) = self.ready(known).and_then(|ready| ready.windows)
                && let Some(path) = &mut self.delegations.path
            {
                path.follow(id, window[0]);
            }
            return;
        }
        let Some(ready) = self.ready(known) else {
            return;
        };
        match ready.windows {
            None => self.hand_over(key, known, &ready, now),
            Some(_) => self.hand_over_pair(key, known, leg, &ready, now),
        }
    }

    fn ready(&self, known: &Remembered) -> Option<Ready> {
        // The fast path edits packets in place, and cannot turn them into the other IP version.
        if known.rewrite.version.is_some() {
            return None;
        }
        let mut idle_secs = IDLE_MAX_SECS + IDLE_MARGIN_SECS;
        let mut windows = None;
        for leg in known.legs.iter().flatten() {
            let steady = self
                .conntrack
                .steady(leg.flow, leg.direction, leg.answers)?;
            let Steady {
                idle_secs: secs,
                windows: seen,
            } = steady;
            idle_secs = idle_secs.min(secs);
            if let Some(seen) = seen {
                // Interfaces that have seen different things cannot be told by one.
                if windows.is_some_and(|known| known != seen) {
                    return None;
                }
                windows = Some(seen);
            }
        }
        if let Some(passage) = &known.nat {
            idle_secs = idle_secs.min(self.nat.steady(passage.binding)?);
        }
        if known.pass.is_some() {
            idle_secs = idle_secs.min(identity::IDLE_SECS as u32);
        }
        let idle_secs = idle_secs.saturating_sub(IDLE_MARGIN_SECS) as u16;
        (idle_secs > 0).then_some(Ready { idle_secs, windows })
    }

    fn hand_over(&mut self, key: &CacheKey, known: &Remembered, ready: &Ready, now: Time) {
        self.make_room(known, now);
        let way = way(key, known, ready);
        let Some(path) = &mut self.delegations.path else {
            return;
        };
        match path.install(&way, now) {
            Some(id) => {
                let delegation = Delegation::new(id, key, known, ready, now);
                self.delegations.hold(delegation);
            }
            None => self.delegations.counters.refused += 1,
        }
    }

    /// Both directions, or none: each needs the other's window.
    fn hand_over_pair(
        &mut self,
        key: &CacheKey,
        known: &Remembered,
        leg: &Leg,
        ready: &Ready,
        now: Time,
    ) {
        let place = leg.flow.place();
        let back = self.delegations.waiting.get(&place).copied();
        let back = back.filter(|(direction, _)| *direction != leg.direction);
        let other = back.and_then(|(_, key)| Some((key, *self.cache.find(&key)?)));
        let paired = other.filter(|(_, other)| has_same_flows(known, other));
        let Some((back_key, back_known)) = paired else {
            if self.delegations.waiting.len() >= WAITING_MAX {
                self.delegations.waiting.clear();
            }
            self.delegations
                .waiting
                .insert(place, (leg.direction, *key));
            return;
        };
        let Some(back_ready) = self.ready(&back_known) else {
            return;
        };
        self.delegations.waiting.remove(&place);
        self.make_room(known, now);
        self.make_room(&back_known, now);
        let ways = [
            way(key, known, ready),
            way(&back_key, &back_known, &back_ready),
        ];
        let Some(path) = &mut self.delegations.path else {
            return;
        };
        let Some([id, back_id]) = path.install_pair([&ways[0], &ways[1]], now) else {
            self.delegations.counters.refused += 1;
            return;
        };
        let held = &mut self.delegations;
        let one = held.hold(Delegation::new(id, key, known, ready, now));
        let two = held.hold(Delegation::new(
            back_id,
            &back_key,
            &back_known,
            &back_ready,
            now,
        ));
        for (number, partner) in [(one, two), (two, one)] {
            if let Some(Some(delegation)) = held.held.get_mut(number as usize) {
                delegation.partner = Some(partner);
            }
        }
    }

    /// A flow has one delegation a direction.
    fn make_room(&mut self, known: &Remembered, now: Time) {
        for leg in known.legs.iter().flatten() {
            if let Some(number) = self.delegations.of_flow(leg.flow, leg.direction) {
                self.take_back(number, now);
            }
        }
    }

    /// Takes both directions of a flow back.
    pub(crate) fn take_back_flow(&mut self, flow: Handle, now: Time) {
        for direction in [Direction::Ingress, Direction::Egress] {
            if let Some(number) = self.delegations.of_flow(flow, direction) {
                self.take_back(number, now);
            }
        }
    }

    /// Takes all back, at once.
    pub(crate) fn take_back_all(&mut self, now: Time) {
        if !self.delegations.is_on() {
            return;
        }
        for number in 0..self.delegations.held.len() as u32 {
            self.take_back(number, now);
        }
        self.delegations.waiting.clear();
        self.end_admissions();
    }

    fn take_back(&mut self, number: u32, now: Time) {
        let Some(held) = self.delegations.get(number) else {
            return;
        };
        let (id, partner) = (held.id, held.partner);
        if let Some(path) = &mut self.delegations.path {
            path.revoke(id);
        }
        self.read_delegation(number, now);
        if let Some(gone) = self.delegations.let_go(number) {
            self.delegations.leaving.push_back((id, Some(gone)));
        }
        if let Some(partner) = partner {
            self.take_back(partner, now);
        }
    }

    /// Reads what is due, and lets go of what is idle or has retired.
    pub(crate) fn read_some_delegations(&mut self, now: Time) {
        if !self.delegations.is_on() {
            return;
        }
        if self.delegations.is_overdue(now) {
            self.read_all_delegations(now);
        } else {
            let len = self.delegations.held.len();
            for _ in 0..len.div_ceil(SLICES) {
                if self.delegations.hand >= len {
                    break;
                }
                let number = self.delegations.hand as u32;
                self.delegations.hand += 1;
                self.read_or_retire(number, now);
            }
            if self.delegations.hand >= len {
                self.delegations.hand = 0;
                self.delegations.read_since = self.delegations.cycle;
                self.delegations.cycle = now;
            }
        }
        self.bury_delegations(now);
    }

    /// Reads all, so that counters and cells are those of now.
    pub(crate) fn read_all_delegations(&mut self, now: Time) {
        if !self.delegations.is_on() {
            return;
        }
        for number in 0..self.delegations.held.len() as u32 {
            self.read_or_retire(number, now);
        }
        self.bury_delegations(now);
        self.delegations.hand = 0;
        self.delegations.read_since = now;
        self.delegations.cycle = now;
    }

    fn read_or_retire(&mut self, number: u32, now: Time) {
        let Some(last) = self.read_delegation(number, now) else {
            return;
        };
        let idle_secs = self
            .delegations
            .get(number)
            .map_or(0, |held| held.idle_secs);
        if now.since(last) > u64::from(idle_secs) * 1_000_000_000 {
            self.take_back(number, now);
        }
    }

    /// Takes over what it has forwarded since the last time; returns the time of its last packet.
    fn read_delegation(&mut self, number: u32, now: Time) -> Option<Time> {
        let delegations = &mut self.delegations;
        let held = delegations.held.get_mut(number as usize)?.as_mut()?;
        let reading = delegations.path.as_mut()?.read(held.id, now);
        let came = reading.count.since(held.taken);
        let (known, follows) = (held.known, held.follows);
        let since = std::mem::replace(&mut held.read_at, now);
        held.taken = reading.count;
        if came.packets > 0 {
            delegations.counters.packets += came.packets;
            let first = reading.first.max(since);
            self.credit(&known, came, first, reading.last.max(first));
            if follows {
                for leg in known.legs.iter().flatten() {
                    self.conntrack
                        .take_window(leg.flow, leg.direction, &reading.window);
                }
            }
        }
        Some(reading.last)
    }

    /// Packets that were on their way as their delegation ended.
    fn bury_delegations(&mut self, now: Time) {
        loop {
            let delegations = &mut self.delegations;
            let Some(path) = &mut delegations.path else {
                return;
            };
            let Some(id) = path.next_retired() else {
                return;
            };
            let Some((left, gone)) = delegations.leaving.pop_front() else {
                return;
            };
            debug_assert_eq!(left, id, "retired in the order of revocation");
            let Some(gone) = gone else {
                path.release(id);
                continue;
            };
            let reading = path.read(gone.id, now);
            path.release(gone.id);
            let came = reading.count.since(gone.taken);
            if came.packets > 0 {
                delegations.counters.packets += came.packets;
                let first = gone.read_at;
                self.credit(&gone.known, came, first, reading.last.max(first));
            }
        }
    }

    /// Counts packets that were forwarded as a remembered verdict says, plain ones of a flow that is known.
    fn credit(&mut self, known: &Remembered, count: Count, first: Time, last: Time) {
        let addition = Addition {
            count,
            flags: TcpFlags::default(),
            first,
            now: last,
        };
        for leg in known.legs.iter().flatten() {
            self.conntrack.refresh(leg.flow, last);
        }
        if let Some(passage) = &known.nat {
            self.nat.refresh(passage.binding, last);
        }
        self.count_known(known, &addition, &addition);
        if let Some(pass) = known.pass.filter(|_| !known.from_services) {
            self.identities.touch(pass, last);
        }
    }

    /// Counts packets in every cell and counter that their verdict names; `beyond` is what they are after a NAT gateway has
    /// turned them into the other IP version.
    #[inline]
    pub(crate) fn count_known(
        &mut self,
        known: &Remembered,
        addition: &Addition,
        beyond: &Addition,
    ) {
        for leg in known.legs.iter().flatten() {
            let addition = if leg.beyond { beyond } else { addition };
            if let Some(cell) = leg.cell {
                self.cells.add(cell, addition);
            }
            if let Some(counters) = self.counters.get_mut(leg.eni) {
                let counters = side(counters, leg.direction);
                counters.wire.add(addition.count);
                counters.accept.add(addition.count);
                if leg.cell.is_none() {
                    counters.overflow.add(addition.count);
                }
            }
        }
        if let Some(passage) = &known.nat {
            let counters = self.counters.get_mut(passage.gateway);
            if let Some(EniCounters {
                ingress, egress, ..
            }) = counters
            {
                let sides = [(ingress, addition), (egress, beyond)];
                for ((side, addition), cell) in sides.into_iter().zip(passage.cells) {
                    if cell.is_some() {
                        side.wire.add(addition.count);
                        side.accept.add(addition.count);
                    }
                }
            }
            for (cell, addition) in passage.cells.into_iter().zip([addition, beyond]) {
                if let Some(cell) = cell {
                    self.cells.add(cell, addition);
                }
            }
        }
    }
}

/// Whether two directions pass the same flows.
fn has_same_flows(one: &Remembered, other: &Remembered) -> bool {
    let flows = |known: &Remembered| -> [Option<(Handle, bool)>; LEGS_MAX] {
        let mut flows = known
            .legs
            .map(|leg| leg.map(|leg| (leg.flow, leg.direction == Direction::Egress)));
        flows.sort_by_key(|flow| flow.map(|(flow, _)| flow.place()));
        flows
    };
    let turned = flows(other).map(|flow| flow.map(|(flow, egress)| (flow, !egress)));
    flows(one) == turned
}

/// Whatever the windows: of an admission, whose packets are all reported.
pub(crate) fn way_of(key: &CacheKey, known: &Remembered) -> FastWay {
    let ready = Ready {
        idle_secs: 1,
        windows: None,
    };
    way(key, known, &ready)
}

fn way(key: &CacheKey, known: &Remembered, ready: &Ready) -> FastWay {
    FastWay {
        key: fast_key(key),
        out_port: known.port,
        rewrite: known.rewrite,
        mtu: known.mtu,
        idle_secs: ready.idle_secs,
        window: ready.windows.map(|[own, _]| own),
    }
}

/// What [`crate::cache::key`] packed.
pub(crate) fn fast_key(key: &CacheKey) -> FastKey {
    let mac = |at: usize| {
        Mac([
            key[at],
            key[at + 1],
            key[at + 2],
            key[at + 3],
            key[at + 4],
            key[at + 5],
        ])
    };
    let word = |at: usize| u16::from_ne_bytes([key[at], key[at + 1]]);
    let number = u32::from_ne_bytes([key[12], key[13], key[14], key[15]]);
    let address = |at: usize| -> IpAddr {
        let mut octets = [0; 16];
        octets.copy_from_slice(&key[at..at + 16]);
        let address = Ipv6Addr::from(octets);
        match key[22] {
            1 => Ipv4Addr::new(octets[0], octets[1], octets[2], octets[3]).into(),
            _ => address.into(),
        }
    };
    FastKey {
        port: match key[21] {
            1 => PortId::Eni(EniIndex(number)),
            2 => PortId::Outside(number as u16),
            _ => PortId::Services,
        },
        destination_mac: mac(0),
        source_mac: mac(6),
        protocol: key[20],
        source: address(24),
        destination: address(40),
        source_port: word(16),
        destination_port: word(18),
    }
}
