//! The engine's door: ports, snapshots, frames, time, and what can be read.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use hashbrown::HashSet;
use openvpc_wire::{Frame, Offload};

use crate::admission;
use crate::cells::Sweep;
use crate::counters::{Count, DropCounters, EniCounters};
use crate::defects::{Defect, planted};
use crate::fast_path::{FastCounters, FastPath};
use crate::flow::FlowCell;
use crate::identity::{Identity, Via};
use crate::ids::{EniIndex, PortId, Time};
use crate::limits::Limits;
use crate::nat::{Endpoint, NatGatewayCounters};
use crate::pipeline;
use crate::snapshot::{Eni, Snapshot};
use crate::stages::admit::{self, Reading};
use crate::state::State;
use crate::trace::Trace;
use crate::verdict::{DropReason, Verdict};
use crate::walk::subnet_of;

/// Interfaces whose flows end with a new snapshot: of a zone that is lost (what it carried does not heal when it comes
/// back), or gone without a port that could be detached.
fn ended(old: &Snapshot, new: &Snapshot) -> HashSet<EniIndex> {
    let is_lost =
        |snapshot: &Snapshot, eni: &Eni| subnet_of(snapshot, eni).is_some_and(|subnet| subnet.lost);
    let ends = |(index, eni): (EniIndex, &Arc<Eni>)| {
        let ends = match new.eni(index) {
            Some(now) => is_lost(new, now) && !is_lost(old, eni),
            None => !eni.kind.has_port(),
        };
        ends.then_some(index)
    };
    old.parts().enis.iter().filter_map(ends).collect()
}

/// Decides each frame against the installed snapshot; owns connection tracking and flow cells.
pub struct Engine {
    snapshot: Option<Arc<Snapshot>>,
    state: State,
}

impl Engine {
    /// An engine without ports and without policy: it drops everything.
    pub fn new(limits: Limits) -> Engine {
        Engine {
            snapshot: None,
            state: State::new(limits),
        }
    }

    /// Judges by `snapshot` from the next frame on. Remembered verdicts are void, tracked flows stay (D5). A snapshot
    /// older than the installed one is ignored (I-20).
    pub fn install(&mut self, snapshot: Arc<Snapshot>) {
        if self
            .snapshot
            .as_ref()
            .is_none_or(|installed| installed.generation() <= snapshot.generation())
        {
            if !planted(Defect::CacheOutlivesSnapshot) {
                self.quiesce();
            }
            // An interface without a port counts from its first snapshot on.
            for index in snapshot.without_port() {
                if self.state.counters.get(*index).is_none() {
                    self.state.counters.insert(*index, EniCounters::default());
                }
            }
            if let Some(old) = &self.snapshot
                && !old.has_interfaces_of(&snapshot)
            {
                let ended = ended(old, &snapshot);
                if !ended.is_empty() {
                    self.state.forget_flows(|eni| ended.contains(&eni));
                }
            }
            self.state
                .balance
                .retain(|node| snapshot.eni(node).is_some());
            self.snapshot = Some(snapshot);
        }
    }

    /// The installed snapshot.
    pub fn snapshot(&self) -> Option<&Arc<Snapshot>> {
        self.snapshot.as_ref()
    }

    /// Lets frames in and out of `port`; before that nothing passes (I-4).
    pub fn attach_port(&mut self, port: PortId) {
        self.state.attached.insert(port);
        if let PortId::Eni(eni) = port
            && self.state.counters.get(eni).is_none()
        {
            self.state.counters.insert(eni, EniCounters::default());
        }
    }

    /// Stops everything at `port`; the tracked flows of its interface are forgotten, its flow cells and counters stay
    /// until they were swept. Cost linear in the number of tracked flows.
    pub fn detach_port(&mut self, port: PortId) {
        self.quiesce();
        self.state.attached.remove(&port);
        self.state.fragments.forget(port);
        if let PortId::Eni(eni) = port {
            self.state.forget_flows(|gone| gone == eni);
            self.state.announcements.forget(eni);
        }
    }

    /// What the NAT gateway at an interface has counted; zeros for any other interface.
    pub fn nat_gateway_counters(&self, gateway: EniIndex) -> NatGatewayCounters {
        self.state.nat.counters(gateway)
    }

    /// As whom a NAT gateway speaks for a flow: what it last mapped the inside address and port (or identifier) to,
    /// towards a remote one (0 for ICMP). The protocol is the one on the IPv4 side.
    pub fn nat_mapping(
        &self,
        gateway: EniIndex,
        protocol: u8,
        inside: (IpAddr, u16),
        remote: (Ipv4Addr, u16),
    ) -> Option<(Ipv4Addr, u16)> {
        self.state.nat.mapping(gateway, protocol, inside, remote)
    }

    /// Notes how the node of a load balancer finds a target; none is chosen before it was found healthy. Remembered
    /// verdicts are void. The caller bounds the number of targets.
    pub fn set_target_health(&mut self, node: EniIndex, target: Endpoint, healthy: bool) {
        self.quiesce();
        self.state.balance.set(node, target, healthy);
    }

    /// Where a service may call the target at `address` as the node of a load balancer would; `None` when the table of
    /// identities is full. Holds for as long as it is used.
    pub fn probe_address(
        &mut self,
        node: EniIndex,
        address: Ipv4Addr,
        now: Time,
    ) -> Option<IpAddr> {
        let target = Identity {
            eni: node,
            source: address.into(),
            via: Via::HealthCheck,
        };
        let known = self.state.identities.internal(target, now);
        known.map(|(address, _)| address)
    }

    /// Lets remembered verdicts be replayed by `path` from now on, so far as their packets change nothing that it could
    /// not tell.
    pub fn set_fast_path(&mut self, path: Box<dyn FastPath>) {
        self.state.forget_verdicts();
        self.state.delegations.begin(path);
    }

    /// Whether what goes between regions is to be forwarded by the engine alone, for a caller that delays it.
    pub fn keep_between_regions(&mut self, keep: bool) {
        self.quiesce();
        self.state.delegations.keeps_between_regions = keep;
    }

    /// Takes over what the fast path has counted so far: counters and cells are then those of `now`.
    pub fn read_fast_path(&mut self, now: Time) {
        self.catch_up_to(now);
        self.state.read_all_delegations(now);
    }

    /// What became of verdicts that the fast path might replay.
    pub fn fast_counters(&self) -> FastCounters {
        FastCounters {
            admissions: self.state.admissions.len(),
            ..self.state.delegations.counters()
        }
    }

    /// Counts a frame that came to a port and was dropped unread, for it bears no packet.
    pub fn drop_foreign(&mut self, in_port: PortId) {
        let count = Count {
            packets: 1,
            bytes: 0,
        };
        self.state
            .drop_unread(in_port, count, DropReason::UnknownEtherType);
    }

    /// Decides one frame. `now` never goes back.
    pub fn process(&mut self, in_port: PortId, frame: &mut Frame<'_>, now: Time) -> Verdict {
        if self.state.delegations.is_on() {
            self.catch_up();
        }
        let reading = admit::read(frame);
        // What was reported may have passed since the caller looked at its clock.
        self.judge(in_port, frame, reading, now.max(self.state.clock))
    }

    /// Judges what the fast path has forwarded without asking, in order. Called before each frame; to be called too when
    /// the fast path wakes its reader.
    pub fn catch_up(&mut self) {
        while let Some((report, mut bytes)) = self.state.next_report() {
            let at = report.at.max(self.state.clock);
            let len = report.len.min(bytes.len());
            let whole = &mut bytes[..len];
            let offload = admission::offload(&report, whole);
            let mut frame = Frame::with_offload(whole, offload);
            let reading = admit::read(&frame);
            if let Reading::Ip(arrival) = &reading {
                self.state.delegations.count_reported(arrival.count);
            }
            let verdict = self.judge(report.port, &mut frame, reading, at);
            self.state.settle_report(&report, bytes, verdict, at);
        }
    }

    /// So that what is told later counts for later; the engine's time then.
    fn catch_up_to(&mut self, now: Time) -> Time {
        self.catch_up();
        self.state.clock = self.state.clock.max(now);
        self.state.clock
    }

    /// Before anything changes that a verdict may rest on: takes all back from the fast path, waits until no packet can
    /// meet it any more, and judges what has passed by what was true when it did.
    fn quiesce(&mut self) {
        self.state.forget_verdicts();
        if !self.state.delegations.is_on() {
            return;
        }
        self.state.admissions.set_closed(true);
        // Reports may tell of connections that nobody knew of, whose packets go on until then.
        for _ in 0..2 {
            self.state.delegations.settle();
            self.catch_up();
            self.state.end_admissions();
        }
        self.state.forget_verdicts();
        self.state.admissions.set_closed(false);
    }

    fn judge(
        &mut self,
        in_port: PortId,
        frame: &mut Frame<'_>,
        reading: Reading,
        now: Time,
    ) -> Verdict {
        self.state.clock = now;
        if self.state.delegations.is_overdue(now) {
            self.state.read_all_delegations(now);
        }
        // Only attached ports are remembered, and detaching one empties the memory.
        if let Reading::Ip(arrival) = &reading
            && let Some(verdict) = self.state.recall(in_port, frame, arrival, now)
        {
            return verdict;
        }
        self.decide(in_port, frame, reading, now, None)
    }

    /// Decides one frame as [`Engine::process`] does, and tells how.
    pub fn process_traced(
        &mut self,
        in_port: PortId,
        frame: &mut Frame<'_>,
        now: Time,
        trace: &mut Trace,
    ) -> Verdict {
        self.state.clock = now;
        let reading = admit::read(frame);
        self.decide(in_port, frame, reading, now, Some(trace))
    }

    fn decide(
        &mut self,
        in_port: PortId,
        frame: &mut Frame<'_>,
        reading: Reading,
        now: Time,
        trace: Option<&mut Trace>,
    ) -> Verdict {
        let bytes = frame
            .bytes
            .len()
            .saturating_sub(openvpc_wire::ethernet::HEADER_LEN) as u64;
        let whole = Count { packets: 1, bytes };
        if !self.state.attached.contains(&in_port) {
            return self
                .state
                .drop_unread(in_port, whole, DropReason::PortNotAttached);
        }
        let Some(snapshot) = &self.snapshot else {
            return self.state.drop_unread(in_port, whole, DropReason::NoPolicy);
        };
        pipeline::decide(
            snapshot,
            &mut self.state,
            in_port,
            frame,
            reading,
            now,
            trace,
        )
    }

    /// The frame of the latest [`Verdict::Translated`], and what is left to do on it.
    pub fn translated(&self) -> (&[u8], Offload) {
        (&self.state.translated, self.state.translated_offload)
    }

    /// The frame of the latest [`Verdict::Reply`]: complete, no offload.
    pub fn reply(&self) -> &[u8] {
        &self.state.reply
    }

    /// A further frame that [`Engine::process`] (later fragments) or [`Engine::handle_timeout`] (advertisements of
    /// routers) produced, with its port; none most of the time. To be drained after each call.
    pub fn next_extra(&mut self) -> Option<(PortId, Vec<u8>)> {
        self.state.extras.pop_front()
    }

    /// Forgets what has timed out and advertises what is due, a bounded amount per call; to be called about every
    /// 100 ms.
    pub fn handle_timeout(&mut self, now: Time) {
        let now = self.catch_up_to(now);
        self.state.expire(now);
        if let Some(snapshot) = &self.snapshot {
            self.state.announce(snapshot, now);
        }
    }

    /// Forgets everything but the ports and the fast path: policy, flows and counters, as if nothing had ever been.
    pub fn begin_anew(&mut self) {
        self.quiesce();
        self.snapshot = None;
        self.state.begin_anew();
    }

    /// Forgets every flow, and what the interfaces of these ports counted of them: as if nothing had been sent yet.
    pub(crate) fn start_over(&mut self, touched: impl Iterator<Item = PortId>) {
        self.state.start_over();
        for port in touched {
            if let PortId::Eni(eni) = port
                && let Some(counters) = self.state.counters.get_mut(eni)
            {
                *counters = EniCounters::default();
            }
        }
    }

    /// Forgets all remembered verdicts; changes none (I-13).
    pub fn forget_verdicts(&mut self) {
        self.quiesce();
    }

    /// Visits every flow cell that saw packets since the previous sweep, and then closes its window. Cells long idle
    /// are forgotten, and so are the counters of interfaces that are gone.
    pub fn sweep_flows(&mut self, now: Time, mut visit: impl FnMut(&FlowCell)) {
        let mut sweep = Some(Sweep::default());
        while let Some(so_far) = sweep {
            sweep = self.sweep_some_flows(so_far, now, &mut visit);
        }
    }

    /// One step of [`Engine::sweep_flows`], of a bounded length: packets may pass before the next one. How far the sweep is
    /// then, unless that was the last step.
    pub fn sweep_some_flows(
        &mut self,
        sweep: Sweep,
        now: Time,
        visit: impl FnMut(&FlowCell),
    ) -> Option<Sweep> {
        if sweep.is_new() {
            self.catch_up_to(now);
            self.state.read_all_delegations(now);
        }
        let counters = &mut self.state.counters;
        let max = self.state.limits.flow_cells_per_eni_max;
        let mut has_room_again = false;
        let next = self.state.cells.sweep(sweep, now, visit, |eni| {
            if let Some(counters) = counters.get_mut(eni) {
                has_room_again |= counters.flow_cells >= max;
                counters.flow_cells = counters.flow_cells.saturating_sub(1);
            }
        });
        if has_room_again {
            // What found no cell may have one now.
            self.quiesce();
        }
        if next.is_none() {
            self.forget_counters();
        }
        next
    }

    /// Forgets the counters of interfaces that are gone.
    fn forget_counters(&mut self) {
        let known = |eni: EniIndex| {
            self.snapshot
                .as_ref()
                .is_some_and(|snapshot| snapshot.eni(eni).is_some())
        };
        let attached = &self.state.attached;
        let gone = |(eni, counters): (EniIndex, &EniCounters)| {
            let idle =
                counters.flow_cells == 0 && !known(eni) && !attached.contains(&PortId::Eni(eni));
            idle.then_some(eni)
        };
        let gone: Vec<EniIndex> = self.state.counters.iter().filter_map(gone).collect();
        for eni in gone {
            self.state.counters.remove(eni);
        }
    }

    /// Who is behind a source address that a service sees (D10). Holds as long as the services hear from it; `None`
    /// once it was forgotten.
    pub fn identity(&self, internal: IpAddr) -> Option<Identity> {
        self.state
            .identities
            .find(internal)
            .map(|(identity, _)| identity)
    }

    /// Cumulative counters of an interface; absent until its port was attached once.
    pub fn eni_counters(&self, eni: EniIndex) -> Option<&EniCounters> {
        self.state.counters.get(eni)
    }

    /// Datagrams of which fragments were seen, of all ports, until they are forgotten.
    pub fn datagrams_in_fragments(&self) -> usize {
        self.state.fragments.len()
    }

    /// Frames dropped, by reason.
    pub fn drops(&self) -> &DropCounters {
        &self.state.drops
    }
}
