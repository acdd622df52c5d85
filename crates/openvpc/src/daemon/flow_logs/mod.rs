//! Flow logs: reads the engine's cells, closes windows, and puts their lines into the spool; [`sinks`] takes them out.
//!
//! The data plane keeps what was read until it is in the spool. A daemon that takes over a data plane therefore begins with
//! what its predecessor had read in vain, and the spool knows how far that is: it takes a window and the number of the last
//! reading in it together.
//!
//! It is the only reader of the engine's cells, so every reading goes to [`LiveFlows`] too, for whoever wants to see traffic.

mod bucket;
mod former;
mod sinks;

use std::collections::HashSet;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use openvpc_dataplane::{DataPlane, Ends, Numbered, Steps, Unread};
use openvpc_delivery::{Begun, Portion, ReadTo, Sink, Spool, portions};
use openvpc_engine::Time;
use openvpc_flowlog::{Aggregator, Batch, End, Plan};
use openvpc_host::Stopped;
use openvpc_model::World;
use openvpc_store::{Journal, StoreError};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::MissedTickBehavior;

use super::control_plane::{ControlPlane, now};
use super::live_flows::LiveFlows;
use super::rule_names::RuleNames;

pub use bucket::{NamedBucket, put_template};
pub use sinks::{Delivered, Sinks};

/// As on Nitro hosts, whatever a flow log asks for (spec 01 §2).
pub const WINDOW: Duration = Duration::from_secs(60);
/// How often the cells are read within a window: a record is seen within two seconds. And how often a spool that refused is
/// asked again.
const READ_EVERY: Duration = Duration::from_secs(1);
/// Lines held for a spool that cannot be written; beyond them portions are given up for SKIPDATA, oldest first.
const HELD_LINES_MAX: usize = 200_000;
/// Portions held at all, SKIPDATA included.
const HELD_PORTIONS_MAX: usize = 100_000;

/// Closes windows.
pub struct Recorder {
    pub control_plane: Arc<ControlPlane>,
    pub data_plane: DataPlane,
    pub spool: Arc<Spool>,
    pub live_flows: Arc<LiveFlows>,
    pub names: Arc<RuleNames>,
    /// What was seen before this time, in Unix milliseconds, is in the spool.
    pub spooled: watch::Sender<i64>,
    pub window: Option<Duration>,
    /// What an earlier daemon has left open.
    pub begun: Begun,
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
        let reading = self.recorder.data_plane.read(Ends::Window);
        let Ok((number, steps)) = reading.wait() else {
            return;
        };
        let Ok(end) = self.recorder.add(steps, &mut self.aggregator) else {
            return;
        };
        self.held.read_to = number;
        let closing = Some((&self.aggregator, end));
        self.recorder.put(&mut self.held, closing, None);
    }
}

impl Recorder {
    /// Runs until it is told to end.
    pub fn start(self, runtime: &tokio::runtime::Handle) -> RecorderHandle {
        let (sender, orders) = mpsc::unbounded_channel();
        runtime.spawn(self.run(orders));
        RecorderHandle(sender)
    }

    async fn run(self, orders: mpsc::UnboundedReceiver<Order>) {
        if let Err(Stopped) = self.record(orders).await {
            tracing::error!(
                "flow logs stand still until the next start: the data plane does not tell what it counts"
            );
        }
    }

    async fn record(self, mut orders: mpsc::UnboundedReceiver<Order>) -> Result<(), Stopped> {
        let mut progress = self.control_plane.store().progress();
        let mut aggregator = self.aggregator();
        let mut held = Held::default();
        let mut followed = None;
        self.resume(&mut aggregator, &mut held).await?;
        let mut due = tokio::time::interval(READ_EVERY);
        due.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            self.follow_plan(&mut aggregator, &mut followed).await?;
            let wait = Duration::from_nanos(aggregator.deadline().since(self.data_plane.now()));
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
                        return Ok(());
                    }
                },
                () = tokio::time::sleep(wait) => {
                    let seen_before = now();
                    let (number, end) = self.read(&mut aggregator, Ends::Window).await?;
                    held.seen_before = seen_before;
                    self.close(&mut aggregator, &mut held, (number, end));
                }
                changed = progress.changed() => if changed.is_err() { return Ok(()) },
                _ = due.tick() => {
                    if held.is_refused {
                        let open_since = Some(aggregator.open_since_ms());
                        tokio::task::block_in_place(|| self.put(&mut held, None, open_since));
                    }
                    self.read(&mut aggregator, Ends::Nothing).await?;
                },
            }
        }
    }

    fn aggregator(&self) -> Aggregator {
        let window = self.window.unwrap_or(WINDOW);
        Aggregator::new(window, self.data_plane.now(), now())
    }

    /// Goes on where an earlier daemon was cut off. What it had read, and what has passed since, comes from the data plane;
    /// if that is gone too, what it had counted is declared as lost.
    async fn resume(&self, aggregator: &mut Aggregator, held: &mut Held) -> Result<(), Stopped> {
        let source = self.data_plane.id();
        let Some(since) = self.begun.open_since else {
            let begins = ReadTo { source, number: 0 };
            if let Err(error) = self.spool.read_from(begins) {
                tracing::warn!(%error, "a crash before the first window would be declared as a loss");
            }
            return Ok(());
        };
        let written = self.begun.read.filter(|read| read.source == source);
        let number = written.map_or(0, |read| read.number);
        let unread = match self.data_plane.ran_before() {
            true => self.data_plane.unread(number).await?,
            false => Unread::default(),
        };
        let plans = self.plans_since(since);
        let ends = unread.readings.iter().map(|numbered| &numbered.ends);
        let mut later: HashSet<&String> = ends.flat_map(Ends::flow_logs).collect();
        let configure = |aggregator: &mut Aggregator, later: &HashSet<&String>, at: Time| {
            for mut plan in plans.iter().cloned() {
                plan.flow_logs.retain(|log| !later.contains(&log.id));
                aggregator.configure(plan, at);
            }
        };
        let both_clocks = (self.data_plane.now(), now());
        configure(aggregator, &later, both_clocks.0);
        aggregator.resume_since(since, both_clocks, &unread.before);
        if unread.lost || written.is_none() {
            aggregator.declare_lost_since(since);
        }
        for numbered in &unread.readings {
            let Numbered {
                number,
                ends,
                reading,
            } = numbered;
            aggregator.read(reading);
            if *ends == Ends::Window {
                self.close(aggregator, held, (*number, reading.end()));
            }
            later.retain(|id| !ends.flow_logs().contains(id));
            // What is gone was perhaps there after a window's end, too.
            configure(aggregator, &later, reading.at);
        }
        Ok(())
    }

    /// What is to be recorded of the time since then, the last plan being the present one.
    fn plans_since(&self, unix_ms: i64) -> Vec<Plan> {
        let former = former::with_former_interfaces(self.control_plane.store(), unix_ms);
        let told = |error: &StoreError| tracing::warn!(%error, "flows of interfaces that are gone are not recorded");
        let former = former.inspect_err(told).ok();
        let former = former.map(|world| self.plan(&world));
        let present = self.plan(&self.control_plane.world());
        former.into_iter().chain([present]).collect()
    }

    /// Reads the cells, for the aggregator and for the live view: the reading's number and its time.
    async fn read(&self, aggregator: &mut Aggregator, ends: Ends) -> Result<(u64, End), Stopped> {
        let (number, steps) = self.data_plane.read(ends).await?;
        let end = tokio::task::block_in_place(|| self.add(steps, aggregator))?;
        Ok((number, end))
    }

    /// Adds a reading's steps up; when the last of them was.
    fn add(&self, steps: Steps, aggregator: &mut Aggregator) -> Result<End, Stopped> {
        let mut end = Err(Stopped);
        for step in steps {
            let reading = step?;
            self.live_flows.push(aggregator.records(&reading));
            aggregator.read(&reading);
            end = Ok(reading.end());
        }
        end
    }

    fn plan(&self, world: &World) -> Plan {
        let settings = self.control_plane.settings();
        let zone_id =
            |region: &str, zone: &str| Some(settings.region(region)?.zone(zone)?.id.clone());
        openvpc_compile::flow_log_plan(world, zone_id)
    }

    /// Records by what the world says now; `followed` is the revision of interfaces and flow logs that was seen last. What was counted before goes to the old plan.
    async fn follow_plan(
        &self,
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
            let known = &aggregator.plan().flow_logs;
            let is_new = |id: &String| known.iter().all(|known| known.id != *id);
            let ids = plan.flow_logs.iter().map(|log| log.id.clone());
            let new: Vec<String> = ids.filter(is_new).collect();
            let ends = match new.is_empty() {
                true => Ends::Nothing,
                false => Ends::TimeBefore(new),
            };
            let (_, end) = self.read(aggregator, ends).await?;
            aggregator.configure(plan, end.at);
        }
        Ok(())
    }

    /// Closes the window with the reading of this number, and begins the next.
    fn close(&self, aggregator: &mut Aggregator, held: &mut Held, (number, end): (u64, End)) {
        held.read_to = number;
        let (_, open_since) = aggregator.window(end);
        tokio::task::block_in_place(|| self.put(held, Some((aggregator, end)), Some(open_since)));
        aggregator.begin_next(end);
    }

    /// Puts what is held into the spool, and the window that ends then; or holds both. The window's records are made as the
    /// spool takes them: all of them at once would be the most of what this process has in memory.
    fn put(&self, held: &mut Held, closing: Option<(&Aggregator, End)>, open_since: Option<i64>) {
        let read = ReadTo {
            source: self.data_plane.id(),
            number: held.read_to,
        };
        let put = self.spool.fill(open_since, Some(read), |filling| {
            filling.all(&held.sinks, &held.portions)?;
            match closing {
                Some((aggregator, end)) => {
                    aggregator.tell(end, &*self.names, |batch| filling.batch(batch))
                }
                None => Ok(()),
            }
        });
        match put {
            Ok(lost) => {
                self.data_plane.written(held.read_to);
                if lost > 0 {
                    tracing::error!(
                        lost,
                        "flow-log records are given up for SKIPDATA: the spool is full"
                    );
                }
                *held = Held {
                    read_to: held.read_to,
                    seen_before: held.seen_before,
                    ..Held::default()
                };
                self.spooled.send_replace(held.seen_before);
            }
            Err(error) => {
                if let Some((aggregator, end)) = closing {
                    let hold = |batch| {
                        held.add(batch);
                        Ok::<(), Infallible>(())
                    };
                    let Ok(()) = aggregator.tell(end, &*self.names, hold);
                }
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
    /// They hold all that was read up to this number.
    read_to: u64,
    /// ... which is all that was seen before this time, in Unix milliseconds.
    seen_before: i64,
    /// The spool has refused them.
    is_refused: bool,
}

impl Held {
    fn add(&mut self, batch: Batch) {
        let mut sinks = self.sinks.iter();
        if !sinks.any(|sink| sink.flow_log == batch.flow_log.id) {
            self.sinks.push(Sink::of(&batch.flow_log));
        }
        self.portions.extend(portions(batch));
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
