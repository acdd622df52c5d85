//! What NAT gateways remember: which inside endpoint stands behind which port of theirs (NAT-5, NAT-6; RFC 4787, RFC 5382,
//! with the endpoint-dependent mapping that AWS's 55,000 flows per destination imply). Nodes of load balancers remember
//! the same of their clients, and for whom each takes the node: its *front* is what the client calls, its *remote* the
//! target that answers.
//!
//! An IPv6 inside (NAT-11) is kept in the key only: its binding's inside has no address.
//!
//! Like connection tracking this is meaning, not memory: it survives every new snapshot. The gateway is named by its
//! interface, whose number is never given again, so what is left of a deleted gateway matches nothing and idles out.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use hashbrown::HashMap;
use openvpc_wire::packet::tcp_flag;
use serde::{Deserialize, Serialize};

use crate::defects::{Defect, planted};
use crate::facts::{FlowKey, FlowKeyParts, flow_key};
use crate::ids::{EniIndex, Time};
use crate::table::{Handle, Slot, Table};

/// Simultaneous flows of one address to one destination address, port and protocol (NAT-5).
const FLOWS_PER_DESTINATION_MAX: u32 = 55_000;
/// NAT-6.
pub(crate) const IDLE_SECS: u16 = 350;
/// How long ports stay taken after a connection's end, for what is still on the way (choice; AWS publishes none).
const CLOSED_SECS: u16 = 60;
/// NAT-5.
const PORTS: std::ops::RangeInclusive<u16> = 1_024..=u16::MAX;
/// Ports tried before giving up. 15 % are free at the bound, so that all are taken once in 10¹⁸ times.
const TRIES_MAX: u32 = 256;
/// Entries looked at per call to [`Bindings::expire`].
const EXPIRE_SLOTS_MAX: usize = 8_192;

/// An address and a port, or the identifier of an ICMP query.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Endpoint {
    /// The address.
    pub address: Ipv4Addr,
    /// The port.
    pub port: u16,
}

/// A flow through a gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Binding {
    pub gateway: EniIndex,
    /// Where it came in: the gateway, or the endpoint's interface that leads to a load balancer's node.
    pub entrance: EniIndex,
    pub protocol: u8,
    /// Who began it; without an address if it is an IPv6 one: see [`Bindings::inside`].
    pub inside: Endpoint,
    /// As whom the gateway speaks for it: as itself, where a load balancer preserves its clients' addresses.
    pub mapped: Endpoint,
    /// Whom it called: the remote, unless the gateway is a load balancer's node.
    pub front: Endpoint,
    /// With whom; the port is 0 for ICMP.
    pub remote: Endpoint,
    idle_secs: u16,
    last: Time,
    /// The other key's entry.
    back: Handle,
    /// Which side has finished its connection: inside, remote.
    finished: [bool; 2],
}

/// A binding has two keys: as its packets leave, and as answers come.
#[derive(Clone, Copy, Debug)]
enum Entry {
    Outward(Binding),
    /// The outward entry.
    Inward(Handle),
}

/// A packet touches one cache line of a flow.
const _: () = assert!(size_of::<Slot<Entry>>() == 64);

/// What a gateway counts, cumulatively (CloudWatch's `ActiveConnectionCount` and `ErrorPortAllocation`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NatGatewayCounters {
    /// Flows that it translates now.
    pub active: u32,
    /// Packets dropped since no port was free for them.
    pub error_port_allocation: u64,
}

/// All bindings of all gateways.
pub(crate) struct Bindings {
    table: Table<44, Entry>,
    /// Flows by mapped address and destination.
    per_destination: HashMap<FlowKey, u32>,
    /// Flows with preserved addresses.
    preserved: u32,
    /// Flows whose target is yet to learn who calls.
    introductions: HashMap<Handle, Introduction>,
    counters: HashMap<EniIndex, NatGatewayCounters>,
    random: u64,
    hand: usize,
}

/// The header of the PROXY protocol that a connection's target has not acknowledged yet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Introduction {
    /// Sequence number of the first byte that the client says, behind the header.
    pub first: u32,
    /// When the header was last sent.
    pub sent: Option<Time>,
}

/// A question for a binding: the gateway, the protocol, and the two ends of the flow as a packet shows them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Query {
    pub gateway: EniIndex,
    pub protocol: u8,
    /// The inside end of a packet on its way out; the mapped one of a packet on its way in.
    pub near: Endpoint,
    /// The address of the inside, if it is an IPv6 one.
    pub inside: Option<Ipv6Addr>,
    pub remote: Endpoint,
}

/// Which of a binding's keys, as a tag.
#[derive(Clone, Copy)]
enum Key {
    /// By the entrance: from the inside, to the front.
    Outward = 0,
    /// By the gateway: from the remote, to what is mapped.
    Inward = 1,
    /// By the remote's own interface: from the remote, to the inside, whose address was preserved.
    Preserved = 2,
}

impl Query {
    pub(crate) fn of(
        gateway: EniIndex,
        protocol: u8,
        (near, near_port): (IpAddr, u16),
        (address, port): (Ipv4Addr, u16),
    ) -> Query {
        let (near, inside) = match near {
            IpAddr::V4(near) => (near, None),
            IpAddr::V6(inside) => (Ipv4Addr::UNSPECIFIED, Some(inside)),
        };
        Query {
            gateway,
            protocol,
            near: Endpoint {
                address: near,
                port: near_port,
            },
            inside,
            remote: Endpoint { address, port },
        }
    }

    fn key(&self, key: Key) -> FlowKey {
        let remote = match key {
            Key::Inward if planted(Defect::NatAnswersFromAnyPort) => 0,
            _ => self.remote.port,
        };
        let ports = [self.near.port, remote];
        let near = match (key, self.inside) {
            (Key::Outward, Some(inside)) => inside.into(),
            _ => self.near.address.into(),
        };
        let addresses = [near, self.remote.address.into()];
        flow_key(self.gateway, self.protocol, key as u16, ports, addresses)
    }

    fn destination(&self, mapped: Ipv4Addr) -> FlowKey {
        let near = Endpoint {
            address: mapped,
            port: 0,
        };
        Query { near, ..*self }.key(Key::Inward)
    }
}

/// A flow about to be bound: what its packets ask, and what becomes of them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Opening<'a> {
    /// By its entrance, from the inside to the front.
    pub query: Query,
    pub gateway: EniIndex,
    pub remote: Endpoint,
    pub mapping: Mapping<'a>,
    pub idle_secs: u16,
    /// Flows that the gateway may have.
    pub max: u32,
}

/// As whom the gateway is to speak.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Mapping<'a> {
    /// As one of these addresses, at a free port.
    Ports(&'a [Ipv4Addr]),
    /// As the inside itself, whose answers are caught at this interface of the remote.
    Preserved(EniIndex),
}

impl Bindings {
    pub(crate) fn new(seed: u64) -> Bindings {
        Bindings {
            table: Table::new(seed),
            per_destination: HashMap::new(),
            preserved: 0,
            introductions: HashMap::new(),
            counters: HashMap::new(),
            random: seed | 1,
            hand: 0,
        }
    }

    /// The live binding of a packet on its way out.
    pub(crate) fn outward(&self, query: &Query, now: Time) -> Option<(Handle, Binding)> {
        let handle = self.table.find(&query.key(Key::Outward))?;
        Some((handle, self.live(handle, now)?))
    }

    /// What a flow is or was last mapped to.
    pub(crate) fn mapping(
        &self,
        gateway: EniIndex,
        protocol: u8,
        inside: (IpAddr, u16),
        remote: (Ipv4Addr, u16),
    ) -> Option<(Ipv4Addr, u16)> {
        let query = Query::of(gateway, protocol, inside, remote);
        match self.table.get(self.table.find(&query.key(Key::Outward))?)? {
            Entry::Outward(binding) => Some((binding.mapped.address, binding.mapped.port)),
            Entry::Inward(_) => None,
        }
    }

    /// The live binding of a packet on its way in.
    pub(crate) fn inward(&self, query: &Query, now: Time) -> Option<(Handle, Binding)> {
        self.answered(&query.key(Key::Inward), now)
    }

    /// The live binding of an answer to a preserved address; the query names the interface that it leaves.
    pub(crate) fn preserved(&self, query: &Query, now: Time) -> Option<(Handle, Binding)> {
        self.answered(&query.key(Key::Preserved), now)
    }

    /// Who began a live flow.
    pub(crate) fn inside(&self, handle: Handle, binding: &Binding) -> Option<(IpAddr, u16)> {
        let Endpoint { address, port } = binding.inside;
        if !address.is_unspecified() {
            return Some((address.into(), port));
        }
        let parts = FlowKeyParts::of(self.table.key(handle)?);
        Some((parts.addresses[0], port))
    }

    fn answered(&self, key: &FlowKey, now: Time) -> Option<(Handle, Binding)> {
        let Entry::Inward(handle) = *self.table.get(self.table.find(key)?)? else {
            return None;
        };
        Some((handle, self.live(handle, now)?))
    }

    /// Whether no flow has a preserved address.
    #[inline]
    pub(crate) fn has_no_preserved(&self) -> bool {
        self.preserved == 0
    }

    /// The binding, unless it is gone or has idled out.
    #[inline]
    fn live(&self, handle: Handle, now: Time) -> Option<Binding> {
        match self.table.get(handle)? {
            Entry::Outward(binding) if !binding.has_expired(now) => Some(*binding),
            _ => None,
        }
    }

    /// Whether the flow is still there and has not idled out.
    #[inline]
    pub(crate) fn is_live(&self, handle: Handle, now: Time) -> bool {
        matches!(self.table.get(handle), Some(Entry::Outward(binding)) if !binding.has_expired(now))
    }

    /// A free port of one of `addresses` for a new flow; `None` if there is none, or the gateway has `max` flows. It is
    /// taken once the flow is [opened](Self::open).
    pub(crate) fn choose(
        &mut self,
        query: &Query,
        addresses: &[Ipv4Addr],
        max: u32,
    ) -> Option<Endpoint> {
        if let Some(dead) = self.table.find(&query.key(Key::Outward)) {
            self.remove(dead);
        }
        let room = self.counters(query.gateway).active < max;
        let mapped = room.then(|| self.allocate(query, addresses)).flatten();
        if mapped.is_none() {
            let counters = self.counters.entry(query.gateway).or_default();
            counters.error_port_allocation += 1;
        }
        mapped
    }

    /// Binds a new flow to a port that was chosen for it.
    pub(crate) fn open(&mut self, query: &Query, mapped: Endpoint, now: Time) -> Handle {
        let near = mapped;
        let back_key = Query { near, ..*query }.key(Key::Inward);
        let binding = Binding {
            gateway: query.gateway,
            entrance: query.gateway,
            protocol: query.protocol,
            inside: query.near,
            mapped,
            front: query.remote,
            remote: query.remote,
            idle_secs: IDLE_SECS,
            last: now,
            back: Handle::NOTHING,
            finished: [false; 2],
        };
        self.enter(binding, query.key(Key::Outward), back_key).0
    }

    /// Binds a new flow through the node of a load balancer; `None` if no port is free for it, or the node has all the
    /// flows that it may have.
    pub(crate) fn balance(
        &mut self,
        opening: &Opening<'_>,
        now: Time,
    ) -> Option<(Handle, Binding)> {
        let Opening {
            query,
            gateway,
            remote,
            mapping,
            idle_secs,
            max,
        } = *opening;
        let toward = Query {
            gateway,
            remote,
            ..query
        };
        let (mapped, back_key) = match mapping {
            Mapping::Ports(addresses) => {
                self.remove_outward(&query);
                let near = self.choose(&toward, addresses, max)?;
                (near, Query { near, ..toward }.key(Key::Inward))
            }
            Mapping::Preserved(at) => {
                self.remove_outward(&query);
                let room = self.counters(gateway).active < max;
                let at = Query {
                    gateway: at,
                    ..toward
                };
                room.then(|| self.preserve(&at, now)).flatten()?
            }
        };
        let binding = Binding {
            gateway,
            entrance: query.gateway,
            protocol: query.protocol,
            inside: query.near,
            mapped,
            front: query.remote,
            remote,
            idle_secs,
            last: now,
            back: Handle::NOTHING,
            finished: [false; 2],
        };
        Some(self.enter(binding, query.key(Key::Outward), back_key))
    }

    /// Removes what is left of a flow that has ended.
    fn remove_outward(&mut self, query: &Query) {
        if let Some(dead) = self.table.find(&query.key(Key::Outward)) {
            self.remove(dead);
        }
    }

    fn enter(
        &mut self,
        binding: Binding,
        outward_key: FlowKey,
        back_key: FlowKey,
    ) -> (Handle, Binding) {
        let handle = self.table.insert(outward_key, Entry::Outward(binding));
        let back = self.table.insert(back_key, Entry::Inward(handle));
        let binding = Binding { back, ..binding };
        if let Some(entry) = self.table.get_mut(handle) {
            *entry = Entry::Outward(binding);
        }
        match binding.is_preserved() {
            true => self.preserved += 1,
            false => {
                let destination = binding.toward().destination(binding.mapped.address);
                *self.per_destination.entry(destination).or_default() += 1;
            }
        }
        self.counters.entry(binding.gateway).or_default().active += 1;
        (handle, binding)
    }

    /// The inside's own endpoint, unless it has a flow to the same remote by another node: answers could not tell them
    /// apart (Network Load Balancer guide, "Client IP preservation").
    fn preserve(&mut self, query: &Query, now: Time) -> Option<(Endpoint, FlowKey)> {
        let key = query.key(Key::Preserved);
        match self.answered(&key, now) {
            Some(_) => None,
            None => {
                self.remove_answered(&key);
                Some((query.near, key))
            }
        }
    }

    /// Removes what is left of a flow that has idled out.
    fn remove_answered(&mut self, key: &FlowKey) {
        if let Some(back) = self.table.find(key)
            && let Some(Entry::Inward(outward)) = self.table.get(back).copied()
        {
            self.remove(outward);
        }
    }

    /// A free port, at an address picked by chance unless all its flows to the destination are taken.
    fn allocate(&mut self, query: &Query, addresses: &[Ipv4Addr]) -> Option<Endpoint> {
        if addresses.is_empty() {
            return None;
        }
        let first = self.draw() as usize;
        for at in 0..addresses.len() {
            let address = addresses[(first + at) % addresses.len()];
            let taken = self.per_destination.get(&query.destination(address));
            if taken.is_some_and(|taken| *taken >= FLOWS_PER_DESTINATION_MAX) {
                continue;
            }
            let span = u32::from(PORTS.end() - PORTS.start()) + 1;
            for _ in 0..TRIES_MAX {
                let drawn = (self.draw() % span) as u16;
                let port = match planted(Defect::NatLowPorts) {
                    true => drawn % 2_048,
                    false => PORTS.start() + drawn,
                };
                let near = Endpoint { address, port };
                let key = Query { near, ..*query }.key(Key::Inward);
                if self.table.find(&key).is_none() {
                    return Some(near);
                }
            }
        }
        None
    }

    /// Ports in an order that only the seed knows (RFC 6056 §3.3.1).
    fn draw(&mut self) -> u32 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        (self.random >> 32) as u32
    }

    /// Notes when the last of the packets passed that the fast path has forwarded.
    pub(crate) fn refresh(&mut self, handle: Handle, last: Time) {
        if let Some(Entry::Outward(binding)) = self.table.get_mut(handle)
            && !binding.is_closed()
        {
            binding.last = binding.last.max(last);
        }
    }

    /// After how long the flow idles out, if further packets change nothing but its time.
    pub(crate) fn steady(&self, handle: Handle) -> Option<u32> {
        match self.table.get(handle)? {
            Entry::Outward(binding) if !binding.is_closed() => Some(u32::from(binding.idle_secs)),
            _ => None,
        }
    }

    /// Notes a packet of a flow, with its TCP flags, or 0.
    #[inline]
    pub(crate) fn touch(&mut self, handle: Handle, outward: bool, tcp_flags: u8, now: Time) {
        use tcp_flag::{ACK, FIN, RST, SYN};
        if let Some(Entry::Outward(binding)) = self.table.get_mut(handle) {
            let opens = tcp_flags & (SYN | ACK | FIN | RST) == SYN;
            if outward && opens && !planted(Defect::NatClosedForGood) {
                // Another connection of the same endpoints, before the ports of the last one were free again.
                binding.finished = [false; 2];
            }
            if !binding.is_closed() {
                binding.last = now;
            }
            binding.finished[usize::from(!outward)] |= tcp_flags & FIN != 0;
            if tcp_flags & RST != 0 && outward {
                // Only the inside is believed: anybody outside may guess a reset.
                binding.finished = [true; 2];
            }
        }
    }

    /// The target of a flow, whose client speaks from sequence number `first` on, is to learn who calls.
    pub(crate) fn introduce(&mut self, handle: Handle, first: u32) {
        let introduction = Introduction { first, sent: None };
        self.introductions.insert(handle, introduction);
    }

    /// What the target of a flow is still to learn.
    #[inline]
    pub(crate) fn introduction(&self, handle: Handle) -> Option<Introduction> {
        match self.introductions.is_empty() {
            true => None,
            false => self.introductions.get(&handle).copied(),
        }
    }

    /// The header was sent to the target of a flow.
    pub(crate) fn has_introduced(&mut self, handle: Handle, now: Time) {
        if let Some(introduction) = self.introductions.get_mut(&handle) {
            introduction.sent = Some(now);
        }
    }

    /// The target of a flow has it.
    pub(crate) fn is_introduced(&mut self, handle: Handle) {
        self.introductions.remove(&handle);
    }

    /// Ends a flow.
    pub(crate) fn remove(&mut self, handle: Handle) {
        self.introductions.remove(&handle);
        let Some(Entry::Outward(binding)) = self.table.remove(handle) else {
            return;
        };
        self.table.remove(binding.back);
        let destination = binding.toward().destination(binding.mapped.address);
        if binding.is_preserved() {
            self.preserved = self.preserved.saturating_sub(1);
        } else if let Some(taken) = self.per_destination.get_mut(&destination) {
            *taken -= 1;
            if *taken == 0 {
                self.per_destination.remove(&destination);
            }
        }
        if let Some(counters) = self.counters.get_mut(&binding.gateway) {
            counters.active = counters.active.saturating_sub(1);
        }
    }

    /// Ends flows that have idled out, looking at a bounded number.
    pub(crate) fn expire(&mut self, now: Time) {
        for _ in 0..EXPIRE_SLOTS_MAX.min(self.table.slots()) {
            self.hand = match self.hand + 1 < self.table.slots() {
                true => self.hand + 1,
                false => 0,
            };
            if let Some((handle, _, Entry::Outward(binding))) = self.table.at(self.hand)
                && binding.has_expired(now)
            {
                self.remove(handle);
            }
        }
    }

    /// Ends all flows of gateways.
    pub(crate) fn forget(&mut self, gone: impl Fn(EniIndex) -> bool) {
        for place in 0..self.table.slots() {
            if let Some((handle, _, Entry::Outward(binding))) = self.table.at(place)
                && (gone(binding.gateway) || gone(binding.entrance))
            {
                self.remove(handle);
            }
        }
    }

    /// What a gateway has counted.
    pub(crate) fn counters(&self, gateway: EniIndex) -> NatGatewayCounters {
        self.counters.get(&gateway).copied().unwrap_or_default()
    }
}

impl Binding {
    /// Its connection is over: a SYN from outside is no answer.
    pub(crate) fn is_closed(&self) -> bool {
        self.finished == [true; 2]
    }

    /// The flow as the gateway speaks in it.
    fn toward(&self) -> Query {
        Query {
            gateway: self.gateway,
            protocol: self.protocol,
            near: self.mapped,
            inside: None,
            remote: self.remote,
        }
    }

    /// Whether the remote sees the inside's own address.
    pub(crate) fn is_preserved(&self) -> bool {
        self.mapped == self.inside
    }

    #[inline]
    fn has_expired(&self, now: Time) -> bool {
        let secs = if self.is_closed() {
            CLOSED_SECS
        } else {
            self.idle_secs
        };
        now.since(self.last) >= u64::from(secs) * 1_000_000_000 && !planted(Defect::NatNeverExpires)
    }
}
