//! What NAT gateways remember: which inside endpoint stands behind which port of theirs (NAT-5, NAT-6; RFC 4787, RFC 5382,
//! with the endpoint-dependent mapping that AWS's 55,000 flows per destination imply).
//!
//! Like connection tracking this is meaning, not memory: it survives every new snapshot. The gateway is named by its
//! interface, whose number is never given again, so what is left of a deleted gateway matches nothing and idles out.

use std::net::Ipv4Addr;

use hashbrown::HashMap;
use openvpc_wire::packet::tcp_flag;

use crate::defects::{Defect, planted};
use crate::facts::{FlowKey, flow_key};
use crate::ids::{EniIndex, Time};
use crate::table::{Handle, Table};

/// Simultaneous flows of one address to one destination address, port and protocol (NAT-5).
const FLOWS_PER_DESTINATION_MAX: u32 = 55_000;
/// NAT-6.
const IDLE_SECS: u64 = 350;
/// How long ports stay taken after a connection's end, for what is still on the way (choice; AWS publishes none).
const CLOSED_SECS: u64 = 60;
/// NAT-5.
const PORTS: std::ops::RangeInclusive<u16> = 1_024..=u16::MAX;
/// Ports tried before giving up. 15 % are free at the bound, so that all are taken once in 10¹⁸ times.
const TRIES_MAX: u32 = 256;
/// Entries looked at per call to [`Bindings::expire`].
const EXPIRE_SLOTS_MAX: usize = 8_192;

/// An address and a port, or the identifier of an ICMP query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Endpoint {
    pub address: Ipv4Addr,
    pub port: u16,
}

/// A flow through a gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Binding {
    pub gateway: EniIndex,
    pub protocol: u8,
    /// Who began it.
    pub inside: Endpoint,
    /// As whom the gateway speaks for it.
    pub mapped: Endpoint,
    /// With whom; the port is 0 for ICMP.
    pub remote: Endpoint,
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

/// What a gateway counts, cumulatively (CloudWatch's `ActiveConnectionCount` and `ErrorPortAllocation`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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
    counters: HashMap<EniIndex, NatGatewayCounters>,
    random: u64,
    hand: usize,
}

/// A question for a binding: the gateway, the protocol, and the two ends of the flow as a packet shows them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Query {
    pub gateway: EniIndex,
    pub protocol: u8,
    /// The inside end of a packet on its way out; the mapped one of a packet on its way in.
    pub near: Endpoint,
    pub remote: Endpoint,
}

impl Query {
    fn key(&self, inward: bool) -> FlowKey {
        let remote = match inward && planted(Defect::NatAnswersFromAnyPort) {
            true => 0,
            false => self.remote.port,
        };
        let ports = [self.near.port, remote];
        let addresses = [self.near.address.into(), self.remote.address.into()];
        flow_key(
            self.gateway,
            self.protocol,
            u16::from(inward),
            ports,
            addresses,
        )
    }

    fn destination(&self, mapped: Ipv4Addr) -> FlowKey {
        let near = Endpoint {
            address: mapped,
            port: 0,
        };
        Query { near, ..*self }.key(true)
    }
}

impl Bindings {
    pub(crate) fn new(seed: u64) -> Bindings {
        Bindings {
            table: Table::new(seed),
            per_destination: HashMap::new(),
            counters: HashMap::new(),
            random: seed | 1,
            hand: 0,
        }
    }

    /// The live binding of a packet on its way out.
    pub(crate) fn outward(&self, query: &Query, now: Time) -> Option<(Handle, Binding)> {
        let handle = self.table.find(&query.key(false))?;
        Some((handle, self.live(handle, now)?))
    }

    /// What a flow is or was last mapped to.
    pub(crate) fn mapping(
        &self,
        gateway: EniIndex,
        protocol: u8,
        inside: (Ipv4Addr, u16),
        remote: (Ipv4Addr, u16),
    ) -> Option<(Ipv4Addr, u16)> {
        let endpoint = |(address, port)| Endpoint { address, port };
        let query = Query {
            gateway,
            protocol,
            near: endpoint(inside),
            remote: endpoint(remote),
        };
        match self.table.get(self.table.find(&query.key(false))?)? {
            Entry::Outward(binding) => Some((binding.mapped.address, binding.mapped.port)),
            Entry::Inward(_) => None,
        }
    }

    /// The live binding of a packet on its way in.
    pub(crate) fn inward(&self, query: &Query, now: Time) -> Option<(Handle, Binding)> {
        let Entry::Inward(handle) = *self.table.get(self.table.find(&query.key(true))?)? else {
            return None;
        };
        Some((handle, self.live(handle, now)?))
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
        if let Some(dead) = self.table.find(&query.key(false)) {
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
        let inward = Query {
            near: mapped,
            ..*query
        };
        let binding = Binding {
            gateway: query.gateway,
            protocol: query.protocol,
            inside: query.near,
            mapped,
            remote: query.remote,
            last: now,
            back: Handle::NOTHING,
            finished: [false; 2],
        };
        let handle = self.table.insert(query.key(false), Entry::Outward(binding));
        let back = self.table.insert(inward.key(true), Entry::Inward(handle));
        let binding = Binding { back, ..binding };
        if let Some(entry) = self.table.get_mut(handle) {
            *entry = Entry::Outward(binding);
        }
        let destination = query.destination(mapped.address);
        *self.per_destination.entry(destination).or_default() += 1;
        self.counters.entry(query.gateway).or_default().active += 1;
        handle
    }

    /// A free port, at an address picked by chance unless all its flows to the destination are taken.
    fn allocate(&mut self, query: &Query, addresses: &[Ipv4Addr]) -> Option<Endpoint> {
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
                let inward = Query { near, ..*query };
                if self.table.find(&inward.key(true)).is_none() {
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

    /// Ends a flow.
    pub(crate) fn remove(&mut self, handle: Handle) {
        let Some(Entry::Outward(binding)) = self.table.remove(handle) else {
            return;
        };
        self.table.remove(binding.back);
        let query = Query {
            gateway: binding.gateway,
            protocol: binding.protocol,
            near: binding.mapped,
            remote: binding.remote,
        };
        let destination = query.destination(binding.mapped.address);
        if let Some(taken) = self.per_destination.get_mut(&destination) {
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
                && gone(binding.gateway)
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

    #[inline]
    fn has_expired(&self, now: Time) -> bool {
        let secs = if self.is_closed() {
            CLOSED_SECS
        } else {
            IDLE_SECS
        };
        now.since(self.last) >= secs * 1_000_000_000 && !planted(Defect::NatNeverExpires)
    }
}
