//! The engine's door: ports, snapshots, frames, time, and what can be read.

use std::sync::Arc;

use hashbrown::HashSet;
use openvpc_wire::Frame;

use crate::counters::{DropCounters, EniCounters};
use crate::flow::FlowCell;
use crate::ids::{Dense, EniIndex, PortId, Time};
use crate::limits::Limits;
use crate::snapshot::Snapshot;
use crate::trace::Trace;
use crate::verdict::{DropReason, Verdict};

/// Decides each frame against the installed snapshot; owns connection tracking and flow cells.
pub struct Engine {
    snapshot: Option<Arc<Snapshot>>,
    attached: HashSet<PortId>,
    counters: Dense<EniIndex, EniCounters>,
    drops: DropCounters,
    reply: Vec<u8>,
}

impl Engine {
    /// An engine without ports and without policy: it drops everything.
    pub fn new(_limits: Limits) -> Engine {
        Engine {
            snapshot: None,
            attached: HashSet::new(),
            counters: Dense::default(),
            drops: DropCounters::default(),
            reply: Vec::new(),
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
            self.snapshot = Some(snapshot);
        }
    }

    /// The installed snapshot.
    pub fn snapshot(&self) -> Option<&Arc<Snapshot>> {
        self.snapshot.as_ref()
    }

    /// Lets frames in and out of `port`; before that nothing passes (I-4).
    pub fn attach_port(&mut self, port: PortId) {
        self.attached.insert(port);
    }

    /// Stops everything at `port`; the tracked flows of its interface are forgotten.
    pub fn detach_port(&mut self, port: PortId) {
        self.attached.remove(&port);
    }

    /// Decides one frame. `now` never goes back.
    pub fn process(&mut self, in_port: PortId, frame: &mut Frame<'_>, now: Time) -> Verdict {
        self.decide(in_port, frame, now, None)
    }

    /// Decides one frame as [`Engine::process`] does, and tells how.
    pub fn process_traced(
        &mut self,
        in_port: PortId,
        frame: &mut Frame<'_>,
        now: Time,
        trace: &mut Trace,
    ) -> Verdict {
        self.decide(in_port, frame, now, Some(trace))
    }

    fn decide(
        &mut self,
        in_port: PortId,
        _frame: &mut Frame<'_>,
        _now: Time,
        _trace: Option<&mut Trace>,
    ) -> Verdict {
        let reason = if self.attached.contains(&in_port) {
            DropReason::NoPolicy
        } else {
            DropReason::PortNotAttached
        };
        self.drops.count(reason);
        Verdict::Drop(reason)
    }

    /// The frame of the latest [`Verdict::Reply`]: complete, no offload.
    pub fn reply(&self) -> &[u8] {
        &self.reply
    }

    /// A further frame that the latest [`Engine::process`] produced (later fragments), with its port; none most of the
    /// time. To be drained before the next call.
    pub fn next_extra(&mut self) -> Option<(PortId, Vec<u8>)> {
        None
    }

    /// Forgets what has timed out, a bounded amount per call; to be called about every 100 ms.
    pub fn handle_timeout(&mut self, _now: Time) {}

    /// Visits every flow cell that saw packets since the previous sweep, and then closes its window. Cells long idle
    /// are forgotten.
    pub fn sweep_flows(&mut self, _now: Time, _visit: impl FnMut(&FlowCell)) {}

    /// Cumulative counters of an interface; absent until its port was attached once.
    pub fn eni_counters(&self, eni: EniIndex) -> Option<&EniCounters> {
        self.counters.get(eni)
    }

    /// Frames dropped, by reason.
    pub fn drops(&self) -> &DropCounters {
        &self.drops
    }
}
