//! What the engine remembers between frames, and the one place where traffic is accounted.

use std::collections::VecDeque;
use std::net::IpAddr;

use hashbrown::HashSet;
use openvpc_wire::{Frame, Offload, Packet, Quoted, nat64::Told, ndp};

use crate::admission::Admissions;
use crate::announcements::Announcements;
use crate::balance::Balance;
use crate::cache::{self, Cache, CacheKey, Leg, Remembered};
use crate::cells::{Addition, Cells, Observation};
use crate::conntrack::{Conntrack, Segment};
use crate::counters::{Count, DirectionCounters, DropCounters, EniCounters, UnloggedClass};
use crate::delegation::Delegations;
use crate::facts::Facts;
use crate::flow::{Action, Direction, TcpFlags, TrafficPath, Why};
use crate::fragments::Fragments;
use crate::identity::Identities;
use crate::ids::{Dense, EniIndex, PortId, Time};
use crate::limits::Limits;
use crate::nat::Bindings;
use crate::rewrite::Rewrite;
use crate::snapshot::Snapshot;
use crate::stages::admit::Arrival;
use crate::stages::local::{self, Asker};
use crate::table::Handle;
use crate::verdict::{Account, DropReason, Verdict};

/// All memory of the engine but the snapshot.
pub(crate) struct State {
    pub limits: Limits,
    pub attached: HashSet<PortId>,
    pub counters: Dense<EniIndex, EniCounters>,
    pub drops: DropCounters,
    pub conntrack: Conntrack,
    pub nat: Bindings,
    pub balance: Balance,
    pub cells: Cells,
    pub fragments: Fragments,
    pub cache: Cache,
    pub delegations: Delegations,
    pub admissions: Admissions,
    /// The latest time that was told.
    pub clock: Time,
    pub identities: Identities,
    pub announcements: Announcements,
    /// The frame of a `Reply`.
    pub reply: Vec<u8>,
    /// The frame of a `Translated`, and what is left to do on it.
    pub translated: Vec<u8>,
    pub translated_offload: Offload,
    /// The latest identification of a translated IPv4 packet (RFC 7915 §5.1).
    ids: u16,
    /// Frames beyond the one the caller passed in.
    pub extras: VecDeque<(PortId, Vec<u8>)>,
}

/// A packet as an interface records it.
#[derive(Clone, Copy)]
pub(crate) struct Sight<'a> {
    pub eni: EniIndex,
    pub direction: Direction,
    pub facts: &'a Facts,
    pub primary: IpAddr,
    pub path: Option<TrafficPath>,
    pub addition: Addition,
    pub why: Why,
}

impl State {
    pub(crate) fn new(limits: Limits) -> State {
        State {
            limits,
            attached: HashSet::new(),
            counters: Dense::default(),
            drops: DropCounters::default(),
            conntrack: Conntrack::new(limits.hash_seed),
            nat: Bindings::new(limits.hash_seed.rotate_left(29)),
            balance: Balance::new(limits.hash_seed.rotate_left(43)),
            cells: Cells::new(limits.hash_seed.rotate_left(17)),
            fragments: Fragments::new(limits.fragments_per_port_max),
            cache: Cache::new(limits.hash_seed.rotate_left(37), limits.cache_entries_max),
            delegations: Delegations::new(),
            admissions: Admissions::new(limits.hash_seed.rotate_left(51)),
            clock: Time::default(),
            identities: Identities::new(limits.identities_max),
            announcements: Announcements::default(),
            reply: Vec::new(),
            translated: Vec::new(),
            translated_offload: Offload::default(),
            ids: 0,
            extras: VecDeque::new(),
        }
    }

    /// Forgets all but where frames enter and leave, by which path, and the time.
    pub(crate) fn begin_anew(&mut self) {
        let fresh = State::new(self.limits);
        let between = std::mem::replace(&mut self.delegations, Delegations::new());
        *self = State {
            attached: std::mem::take(&mut self.attached),
            delegations: between,
            clock: self.clock,
            ..fresh
        };
        let ports = self.attached.iter().filter_map(|port| match port {
            PortId::Eni(eni) => Some(*eni),
            PortId::Outside(_) | PortId::Services => None,
        });
        for eni in ports {
            self.counters.insert(eni, EniCounters::default());
        }
    }

    /// Forgets all that packets leave behind, but counters; what probes found is kept.
    pub(crate) fn start_over(&mut self) {
        let fresh = State::new(self.limits);
        *self = State {
            attached: std::mem::take(&mut self.attached),
            counters: std::mem::take(&mut self.counters),
            drops: std::mem::take(&mut self.drops),
            balance: std::mem::replace(&mut self.balance, Balance::new(0)),
            ..fresh
        };
    }

    /// Forwards a packet as the last one of its kind was, if all that this rested on still holds.
    #[inline]
    pub(crate) fn recall(
        &mut self,
        in_port: PortId,
        frame: &mut Frame<'_>,
        arrival: &Arrival,
        now: Time,
    ) -> Option<Verdict> {
        let key = cache::key(in_port, frame.bytes, &arrival.packet)?;
        let known = *self.cache.find(&key)?;
        let enough_ttl = arrival.packet.ttl > known.rewrite.hops;
        if arrival.segment_len > usize::from(known.mtu) || !enough_ttl {
            return None;
        }
        if let Some(passage) = &known.nat
            && (!self.nat.is_live(passage.binding, now)
                || !passage
                    .cells
                    .iter()
                    .flatten()
                    .all(|cell| self.cells.is_live(*cell)))
        {
            return None;
        }
        let turned = known.rewrite.version.is_some();
        if turned && !arrival.has_plain_header() {
            return None;
        }
        if known.pass.is_some_and(|pass| !self.identities.holds(pass)) {
            return None;
        }
        for leg in known.legs.iter().flatten() {
            let admits = if leg.answers {
                self.conntrack.awaits_answer(leg.flow, now)
            } else {
                self.conntrack.is_live(leg.flow, now)
            };
            if !admits || leg.cell.is_some_and(|cell| !self.cells.is_live(cell)) {
                return None;
            }
        }
        let segment = arrival.segment(frame.bytes);
        let addition = arrival.addition(now);
        let delegates = self.delegations.is_on();
        if delegates {
            self.meet(&known, segment.as_ref(), now);
        }
        // What interfaces see of it after a NAT gateway has turned it into the other IP version.
        let beyond = match turned {
            true => arrival.turned(now),
            false => addition,
        };
        for leg in known.legs.iter().flatten() {
            let Leg {
                direction, flow, ..
            } = *leg;
            self.touch_flow(flow, direction, segment.as_ref(), now);
        }
        if let Some(passage) = &known.nat {
            let flags = segment.map_or(0, |segment| segment.tcp.flags);
            self.nat.touch(passage.binding, passage.outward, flags, now);
        }
        self.count_known(&known, &addition, &beyond);
        if delegates {
            self.delegate(&key, &known, now);
        }
        if let Some(pass) = known.pass.filter(|_| !known.from_services) {
            self.identities.touch(pass, now);
        }
        self.admissions.note(Some(known));
        let (port, rewrite) = (known.port, &known.rewrite);
        if turned {
            let rewrite = *rewrite;
            self.carry_over(&rewrite, frame, &arrival.packet, None)?;
            return Some(Verdict::Translated { port });
        }
        rewrite.apply(frame, &arrival.packet);
        frame.truncate(arrival.packet.end);
        Some(Verdict::Forward { port })
    }

    /// Writes the packet as one of the other version into the buffer for it; returns the packet there.
    pub(crate) fn carry_over(
        &mut self,
        rewrite: &Rewrite,
        frame: &mut Frame<'_>,
        packet: &Packet,
        error: Option<(Told, Quoted)>,
    ) -> Option<Packet> {
        self.ids = self.ids.wrapping_add(1).max(1);
        let out = &mut self.translated;
        let (packet, offload) = rewrite.carry_over(frame, packet, error, self.ids, out)?;
        self.translated_offload = offload;
        Some(packet)
    }

    /// Remembers a verdict. A direction of a connection is told at once to the other one, which may wait for it.
    pub(crate) fn remember(&mut self, key: CacheKey, remembered: Remembered) {
        if self.cache.is_full() {
            self.forget_verdicts();
        }
        self.cache.insert(key, remembered);
        if self.delegations.is_on() && key[20] == openvpc_wire::packet::protocol::TCP {
            self.delegate(&key, &remembered, self.clock);
        }
    }

    /// Empties the cache, and with it the fast path.
    pub(crate) fn forget_verdicts(&mut self) {
        self.cache.clear();
        self.take_back_all(self.clock);
    }

    /// Drops a frame before anything in it could be judged.
    pub(crate) fn drop_unread(
        &mut self,
        in_port: PortId,
        count: Count,
        reason: DropReason,
    ) -> Verdict {
        self.drops.count(reason);
        if let Account::Unlogged(class) = reason.account() {
            self.count_request(in_port, class, count);
        }
        Verdict::Drop(reason)
    }

    /// Counts an unlogged frame of an interface: both as seen and by class.
    pub(crate) fn count_request(&mut self, in_port: PortId, class: UnloggedClass, count: Count) {
        if let PortId::Eni(index) = in_port {
            self.count_wire(index, Direction::Egress, count);
            self.count_unlogged(index, Direction::Egress, class, count);
        }
    }

    /// Counts the frame in the reply buffer.
    pub(crate) fn count_reply(&mut self, in_port: PortId, class: UnloggedClass) {
        let bytes = match class {
            UnloggedClass::NonIp => 0,
            _ => self
                .reply
                .len()
                .saturating_sub(openvpc_wire::ethernet::HEADER_LEN) as u64,
        };
        if let PortId::Eni(index) = in_port {
            let count = Count { packets: 1, bytes };
            self.count_wire(index, Direction::Ingress, count);
            self.count_unlogged(index, Direction::Ingress, class, count);
        }
    }

    /// Counts what reached an interface's edge, before it is known what becomes of it.
    pub(crate) fn count_wire(&mut self, eni: EniIndex, direction: Direction, count: Count) {
        if let Some(counters) = self.counters.get_mut(eni) {
            side(counters, direction).wire.add(count);
        }
    }

    /// Counts what no flow log shows.
    pub(crate) fn count_unlogged(
        &mut self,
        eni: EniIndex,
        direction: Direction,
        class: UnloggedClass,
        count: Count,
    ) {
        if let Some(counters) = self.counters.get_mut(eni) {
            side(counters, direction).unlogged[class as usize].add(count);
        }
    }

    /// Counts what a flow log shows, in its cell or, past the interface's allowance of cells, as overflow.
    pub(crate) fn record(&mut self, sight: &Sight<'_>, action: Action) -> Option<Handle> {
        let Sight {
            eni,
            direction,
            facts,
            primary,
            path,
            addition,
            why,
        } = *sight;
        let counters = self.counters.get_mut(eni)?;
        let total = side(counters, direction);
        match action {
            Action::Accept => total.accept.add(addition.count),
            Action::Reject => total.reject.add(addition.count),
        }
        let seen = Observation {
            eni,
            direction,
            action,
            path,
            facts,
            primary,
            why,
        };
        let cell = match self.cells.find(&seen) {
            Some(cell) => {
                self.cells.note(cell, why);
                cell
            }
            None if counters.flow_cells < self.limits.flow_cells_per_eni_max => {
                counters.flow_cells += 1;
                self.cells.open(&seen, addition.now)
            }
            None => {
                side(counters, direction).overflow.add(addition.count);
                return None;
            }
        };
        self.cells.add(cell, &addition);
        Some(cell)
    }

    /// Whether the interface may track one more flow; makes a bounded effort to find room.
    pub(crate) fn has_conntrack_room(&mut self, eni: EniIndex, now: Time) -> bool {
        let max = self.limits.conntrack_per_eni_max;
        let has_room = |counters: &Dense<EniIndex, EniCounters>| {
            counters
                .get(eni)
                .is_some_and(|counters| counters.conntrack_entries < max)
        };
        if !has_room(&self.counters) {
            let counters = &mut self.counters;
            self.conntrack
                .expire_few(now, |eni| lose_flow(counters, eni));
        }
        has_room(&self.counters)
    }

    /// Advertises the router where it is time, as further frames.
    pub(crate) fn announce(&mut self, snapshot: &Snapshot, now: Time) {
        for index in self.announcements.take_due(now) {
            let port = PortId::Eni(index);
            let asker = Asker::of(snapshot, index)
                .filter(|asker| !asker.subnet.lost && self.attached.contains(&port));
            let Some((asker, advertisement)) =
                asker.and_then(|asker| Some((asker, local::advertisement(asker.subnet)?)))
            else {
                continue;
            };
            advertisement.emit(&mut self.reply, ndp::ALL_NODES, asker.eni.mac);
            self.count_reply(port, UnloggedClass::Ndp);
            self.extras.push_back((port, self.reply.clone()));
            self.announcements.told(index, now);
        }
    }

    /// Forgets what interfaces know of their flows. Cost linear in the number of tracked flows.
    pub(crate) fn forget_flows(&mut self, gone: impl Fn(EniIndex) -> bool) {
        self.conntrack.forget(&gone);
        self.nat.forget(&gone);
        self.identities.forget(&gone);
        for (index, counters) in self.counters.iter_mut() {
            if gone(index) {
                counters.conntrack_entries = 0;
            }
        }
    }

    /// Lets time pass: a bounded amount of forgetting.
    pub(crate) fn expire(&mut self, now: Time) {
        self.end_idle_admissions(now);
        self.read_some_delegations(now);
        let counters = &mut self.counters;
        self.conntrack.expire(now, |eni| lose_flow(counters, eni));
        self.nat.expire(now);
        self.fragments.expire(now);
        self.identities.expire(now);
    }
}

impl Arrival {
    /// The TCP part, if it is one.
    #[inline]
    pub(crate) fn segment(&self, bytes: &[u8]) -> Option<Segment> {
        let openvpc_wire::Transport::Tcp(tcp) = self.packet.transport else {
            return None;
        };
        let syn = tcp.flags & openvpc_wire::packet::tcp_flag::SYN != 0;
        let scale = if syn {
            tcp.window_scale(bytes, self.packet.l4)
        } else {
            0
        };
        Some(Segment { tcp, scale })
    }

    /// It has an IP header without options and extension headers.
    #[inline]
    pub(crate) fn has_plain_header(&self) -> bool {
        let header = if self.packet.is_ipv4() { 20 } else { 40 };
        self.packet.l4 == openvpc_wire::ethernet::HEADER_LEN + header
    }

    /// What it adds to counters in the other IP version, if its header is plain.
    #[inline]
    fn turned(&self, now: Time) -> Addition {
        let mut addition = self.addition(now);
        let change = 20 * addition.count.packets;
        let bytes = &mut addition.count.bytes;
        *bytes = match self.packet.is_ipv4() {
            true => *bytes + change,
            false => bytes.saturating_sub(change),
        };
        addition
    }

    /// What it adds to counters.
    #[inline]
    pub(crate) fn addition(&self, now: Time) -> Addition {
        let flags = match self.packet.transport {
            openvpc_wire::Transport::Tcp(tcp) => TcpFlags::of_header(tcp.flags),
            _ => TcpFlags::default(),
        };
        Addition {
            count: self.count,
            flags,
            first: now,
            now,
        }
    }
}

fn lose_flow(counters: &mut Dense<EniIndex, EniCounters>, eni: EniIndex) {
    if let Some(counters) = counters.get_mut(eni) {
        counters.conntrack_entries = counters.conntrack_entries.saturating_sub(1);
    }
}

#[inline]
pub(crate) fn side(counters: &mut EniCounters, direction: Direction) -> &mut DirectionCounters {
    match direction {
        Direction::Ingress => &mut counters.ingress,
        Direction::Egress => &mut counters.egress,
    }
}
