//! Flow logs: reads the engine's cells, closes windows, and puts their lines into the spool; [`sinks`] takes them out.
//!
//! It is the only reader of the engine's cells, so whoever wants to see traffic subscribes to [`FlowRecords`], by which
//! every reading passes.

mod bucket;
mod sinks;

use std::sync::Arc;
use std::time::Duration;

use openvpc_delivery::{Portion, Sink, Spool, portions};
use openvpc_flowlog::{Aggregator, Closed, Plan, Reading};
use openvpc_host::{DataPathHandle, Stopped};
use openvpc_model::World;
use openvpc_store::Journal;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::MissedTickBehavior;

use super::control_plane::{ControlPlane, now};
use super::flow_records::FlowRecords;
use super::rule_names::RuleNames;

pub use bucket::{NamedBucket, put_template};
pub use sinks::Sinks;

/// As on Nitro hosts, whatever a flow log asks for (spec 01 §2).
const WINDOW: Duration = Duration::from_secs(60);
/// How often the cells are read within a window while somebody watches: a record is seen within two seconds. And how often
/// a spool that refused is asked again.
const WATCHED_EVERY: Duration = Duration::from_secs(1);
/// Lines held for a spool that cannot be written; beyond them portions are given up for SKIPDATA, oldest first.
const HELD_LINES_MAX: usize = 200_000;
/// Portions held at all, SKIPDATA included.
const HELD_PORTIONS_MAX: usize = 100_000;

/// Closes windows.
pub struct Recorder {
    pub control_plane: Arc<ControlPlane>,
    pub data_path: DataPathHandle,
    pub spool: Arc<Spool>,
    pub records: FlowRecords,
    pub names: Arc<RuleNames>,
    /// Something has come into the spool.
    pub spooled: watch::Sender<()>,
    pub window: Option<Duration>,
    /// Since when a window was open that a crash has cut off, Unix milliseconds.
    pub cut_off_since: Option<i64>,
}

/// What others tell the recorder.
pub enum Order {
    /// Forget everything that was not delivered.
    Forget,
    /// End, and hand over what is open.
    End(oneshot::Sender<OpenWindow>),
}

/// Tells the recorder.
#[derive(Clone)]
pub struct RecorderHandle(mpsc::UnboundedSender<Order>);

impl RecorderHandle {
    /// Makes it forget all that it has not delivered.
    pub fn forget(&self) {
        // One that has ended remembers nothing.
        let _ = self.0.send(Order::Forget);
    }

    /// Ends it; what is open can be closed when the last packet has passed.
    pub async fn end(&self) -> Option<OpenWindow> {
        let (sender, receiver) = oneshot::channel();
        self.0.send(Order::End(sender)).ok()?;
        receiver.await.ok()
    }
}

/// The window that is open at an orderly end.
pub struct OpenWindow {
    recorder: Recorder,
    aggregator: Aggregator,
    held: Held,
}

impl OpenWindow {
    /// Reads the cells for the last time, so that the next start finds nothing to declare. Not from asynchronous code.
    pub fn close(mut self) {
        let reading = self
            .recorder
            .data_path
            .with_engine(|engine, at| Reading::take(engine, at, now()));
        let Ok(reading) = reading.wait() else { return };
        let closed = self.aggregator.close(&reading, &*self.recorder.names);
        self.held.add(closed);
        self.recorder.put(&mut self.held, None);
    }
}

impl Recorder {
    /// Runs until it is told to end.
    pub fn start(self, runtime: &tokio::runtime::Handle) -> RecorderHandle {
        let (sender, orders) = mpsc::unbounded_channel();
        runtime.spawn(self.run(orders));
        RecorderHandle(sender)
    }

    async fn run(mut self, mut orders: mpsc::UnboundedReceiver<Order>) {
        let mut progress = self.control_plane.store().progress();
        let mut aggregator = self.aggregator();
        let mut held = Held::default();
        let mut followed = None;
        let mut watched = tokio::time::interval(WATCHED_EVERY);
        watched.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            if self
                .follow_plan(&mut aggregator, &mut followed)
                .await
                .is_err()
            {
                return;
            }
            let wait = Duration::from_nanos(aggregator.deadline().since(self.data_path.now()));
            tokio::select! {
                biased;
                Some(order) = orders.recv() => match order {
                    Order::Forget => {
                        aggregator = self.aggregator();
                        held = Held::default();
                        followed = None;
                    }
                    Order::End(receiver) => {
                        let open = OpenWindow { recorder: self, aggregator, held };
                        // Who asked for it and is gone does not want it.
                        let _ = receiver.send(open);
                        return;
                    }
                },
                () = tokio::time::sleep(wait) => {
                    let Ok(reading) = self.read(&aggregator).await else { return };
                    let closed = aggregator.close(&reading, &*self.names);
                    held.add(closed);
                    let open_since = aggregator.open_since_ms();
                    tokio::task::block_in_place(|| self.put(&mut held, Some(open_since)));
                }
                changed = progress.changed() => if changed.is_err() { return },
                _ = watched.tick() => {
                    if held.is_refused {
                        let open_since = aggregator.open_since_ms();
                        tokio::task::block_in_place(|| self.put(&mut held, Some(open_since)));
                    }
                    if self.records.is_watched() {
                        let Ok(reading) = self.read(&aggregator).await else { return };
                        aggregator.read(&reading);
                    }
                },
            }
        }
    }

    fn aggregator(&self) -> Aggregator {
        let window = self.window.unwrap_or(WINDOW);
        Aggregator::new(window, self.data_path.now(), now())
    }

    /// Reads the cells, for the aggregator and for whoever watches.
    async fn read(&self, aggregator: &Aggregator) -> Result<Reading, Stopped> {
        let reading = self
            .data_path
            .with_engine(|engine, at| Reading::take(engine, at, now()))
            .await?;
        self.records.pass(|| aggregator.records(&reading));
        Ok(reading)
    }

    fn plan(&self, world: &World) -> Plan {
        let settings = self.control_plane.settings();
        let zone_id =
            |region: &str, zone: &str| Some(settings.region(region)?.zone(zone)?.id.clone());
        openvpc_compile::flow_log_plan(world, zone_id)
    }

    /// Records by what the world says now; `followed` is the revision of interfaces and flow logs that was seen last. What was counted before goes to the old plan.
    async fn follow_plan(
        &mut self,
        aggregator: &mut Aggregator,
        followed: &mut Option<u64>,
    ) -> Result<(), Stopped> {
        let plan = {
            let world = self.control_plane.world();
            let revision = Some(self.control_plane.recorded_revision());
            let is_new = std::mem::replace(followed, revision) != revision;
            is_new.then(|| self.plan(&world))
        };
        if let Some(plan) = plan.filter(|plan| plan != aggregator.plan()) {
            let reading = self.read(aggregator).await?;
            aggregator.read(&reading);
            aggregator.configure(plan, reading.at);
        }
        if let Some(since) = self.cut_off_since.take() {
            aggregator.declare_lost_since(since);
        }
        Ok(())
    }

    /// Puts what is held into the spool, or goes on holding it.
    fn put(&self, held: &mut Held, open_since: Option<i64>) {
        match self.spool.put(&held.sinks, &held.portions, open_since) {
            Ok(lost) => {
                if lost > 0 {
                    tracing::error!(
                        lost,
                        "flow-log records are given up for SKIPDATA: the spool is full"
                    );
                }
                *held = Held::default();
                self.spooled.send_replace(());
            }
            Err(error) => {
                let lost = held.give_up_beyond(HELD_LINES_MAX, HELD_PORTIONS_MAX);
                let is_news = !std::mem::replace(&mut held.is_refused, true);
                if is_news || lost > 0 {
                    tracing::warn!(%error, lost, "flow-log records cannot be stored; trying again every second");
                }
            }
        }
    }
}

/// Closed windows that are not in the spool yet.
#[derive(Default)]
struct Held {
    sinks: Vec<Sink>,
    portions: Vec<Portion>,
    /// The spool has refused them.
    is_refused: bool,
}

impl Held {
    fn add(&mut self, closed: Closed) {
        for batch in closed.batches {
            let known = self
                .sinks
                .iter()
                .any(|sink| sink.flow_log == batch.flow_log.id);
            if !known {
                self.sinks.push(Sink::of(&batch.flow_log));
            }
            self.portions.extend(portions(batch));
        }
    }

    /// Gives up the oldest portions for SKIPDATA until so many lines are left; how many lines are lost. Past the number
    /// of portions, SKIPDATA lines of one flow log and interface become one.
    fn give_up_beyond(&mut self, lines_max: usize, portions_max: usize) -> usize {
        let mut lines: usize = self.portions.iter().map(Portion::lines).sum();
        let before = lines;
        for portion in &mut self.portions {
            if lines <= lines_max {
                break;
            }
            lines -= portion.lines();
            portion.give_up();
            lines += 1;
        }
        if self.portions.len() > portions_max {
            self.portions = Portion::merged(std::mem::take(&mut self.portions));
        }
        before - lines
    }
}
