//! Adding readings up and closing windows.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use hashbrown::hash_map::Entry;
use hashbrown::{HashMap, HashSet};
use openvpc_engine::{EniIndex, FlowCell, Time};

use crate::batch::Packer;
use crate::clock::Clock;
use crate::flows::{Flows, Sum};
use crate::order::{Order, Place};
use crate::record::{LogStatus, Shown};
use crate::text::Text;
use crate::{
    Batch, End, Field, Flow, FlowLog, Interface, Names, Plan, Reading, Record, Status, Told,
};

/// Flows held for one window, and records made of them for all flow logs.
pub const RECORDS_MAX: usize = 1 << 20;

/// A window that would be shorter is joined to the next, so that a timer that fires a little early
/// does not make two windows of one.
const WINDOW_MIN_MS: i64 = 500;

/// Sums that are looked at together.
const SUMS_AT_ONCE: usize = 16;

/// Adds up what flow logs cover.
#[derive(Debug)]
pub struct Aggregator {
    window_len_ms: i64,
    clock: Clock,
    /// Unix milliseconds at which the open window began: where the one before ended.
    window_start_ms: i64,
    plan: Plan,
    /// Interfaces of the plan that are there no longer: records of the open window may still speak of them.
    gone: HashSet<EniIndex>,
    logs: Vec<Open>,
    /// Interfaces that any log covers, or covered earlier in the open window.
    covered: HashSet<EniIndex>,
    /// The open window's sums. A change of the set of flow logs begins another segment, so that a new log sees nothing
    /// of the time before it.
    segments: Vec<Flows>,
    /// Overflow packets of the reading before.
    overflow: HashMap<EniIndex, u64>,
    records_max: usize,
}

/// A flow log in the open window.
#[derive(Debug)]
struct Open {
    flow_log: Arc<FlowLog>,
    /// When it was configured, if in this window.
    since_ms: i64,
    /// The first segment that is of its time.
    since_segment: usize,
    /// Interfaces that it covers, or covered earlier in the window.
    interfaces: BTreeMap<EniIndex, Seen>,
}

/// What a flow log knows of an interface in the open window.
#[derive(Debug)]
struct Seen {
    interface: Arc<Interface>,
    /// By the present plan; otherwise it only waits for its last records.
    covered: bool,
    /// Of a time that nobody has counted.
    skipped: bool,
}

/// A closed window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    /// Beginning and end, Unix milliseconds; the next window begins at the end.
    pub window_ms: (i64, i64),
    /// By flow log in the plan's order, then interface, then time.
    pub batches: Vec<Batch>,
}

impl Aggregator {
    /// An aggregator without flow logs; the first window begins now. Windows end at multiples of
    /// `window` since the Unix epoch: 60 s as on Nitro hosts (spec 01 §2), or the user's choice.
    pub fn new(window: Duration, now: Time, wall_ms: i64) -> Aggregator {
        Aggregator::with_records_max(window, now, wall_ms, RECORDS_MAX)
    }

    /// The same with another bound.
    pub fn with_records_max(
        window: Duration,
        now: Time,
        wall_ms: i64,
        records_max: usize,
    ) -> Aggregator {
        Aggregator {
            window_len_ms: (window.as_millis() as i64).max(1),
            clock: Clock::new(now, wall_ms),
            window_start_ms: wall_ms,
            plan: Plan::default(),
            gone: HashSet::new(),
            logs: Vec::new(),
            covered: HashSet::new(),
            segments: vec![Flows::default()],
            overflow: HashMap::new(),
            records_max,
        }
    }

    /// What is being recorded.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// When the open window is to be closed.
    pub fn deadline(&self) -> Time {
        let from = self.window_start_ms + WINDOW_MIN_MS.min(self.window_len_ms / 2);
        let boundary = (from.div_euclid(self.window_len_ms) + 1) * self.window_len_ms;
        self.clock.time_of(boundary)
    }

    /// Where the open window began, Unix milliseconds.
    pub fn open_since_ms(&self) -> i64 {
        self.window_start_ms
    }

    /// Says that a window was open since then and that what was counted in it is lost, as after a crash: every interface
    /// that a flow log covers gets a SKIPDATA record from there to the end of this window.
    pub fn declare_lost_since(&mut self, unix_ms: i64) {
        self.window_start_ms = unix_ms.min(self.window_start_ms);
        for open in &mut self.logs {
            open.since_ms = self.window_start_ms;
            for seen in open.interfaces.values_mut() {
                seen.skipped = true;
            }
        }
    }

    /// Goes on from a window that another aggregator had open since then: nothing that was counted in it is lost, for the
    /// readings of it come next. `overflow` is that of the reading before them. To be called once the plan is known, with
    /// the time on both clocks.
    pub fn resume_since(
        &mut self,
        unix_ms: i64,
        (now, wall_ms): (Time, i64),
        overflow: &[(EniIndex, u64)],
    ) {
        self.window_start_ms = unix_ms.min(wall_ms);
        let since = wall_ms.saturating_sub(self.window_start_ms).max(0) as u64;
        let then = Time(now.0.saturating_sub(since.saturating_mul(1_000_000)));
        self.clock = Clock::new(then, self.window_start_ms);
        for open in &mut self.logs {
            open.since_ms = self.window_start_ms;
        }
        self.overflow = overflow.iter().copied().collect();
    }

    /// Records by another plan from now on. Call [`Aggregator::read`] first, so that the time before
    /// goes to the old plan. Flow logs that are no longer there are forgotten with what they had
    /// not delivered (`FL-7`); interfaces that are no longer there still get their flows' records, also of readings that
    /// come late in the window, and records still name them, as they were.
    pub fn configure(&mut self, mut plan: Plan, now: Time) {
        let now_ms = self.clock.unix_ms(now);
        let mut before: HashMap<String, Open> = self
            .logs
            .drain(..)
            .map(|open| (open.flow_log.id.clone(), open))
            .collect();
        let is_new = |flow_log: &Arc<FlowLog>| !before.contains_key(&flow_log.id);
        if plan.flow_logs.iter().any(is_new) && self.segments.iter().any(|flows| flows.len() > 0) {
            self.segments.push(Flows::default());
        }
        let since_segment = self.segments.len() - 1;
        for flow_log in &plan.flow_logs {
            let mut open = before.remove(&flow_log.id).unwrap_or_else(|| Open {
                flow_log: flow_log.clone(),
                since_ms: now_ms,
                since_segment,
                interfaces: BTreeMap::new(),
            });
            open.flow_log = flow_log.clone();
            for seen in open.interfaces.values_mut() {
                seen.covered = false;
            }
            for eni in &flow_log.interfaces {
                if let Some(interface) = plan.interfaces.get(eni) {
                    let seen = open.interfaces.entry(*eni).or_insert_with(|| Seen {
                        interface: interface.clone(),
                        covered: true,
                        skipped: false,
                    });
                    // One that was detached has carried packets only while it was attached.
                    if interface.instance.is_some() || seen.interface.instance.is_none() {
                        seen.interface = interface.clone();
                    }
                    seen.covered = true;
                }
            }
            self.logs.push(open);
        }
        self.note_covered();
        self.gone.retain(|eni| !plan.interfaces.contains_key(eni));
        for (eni, interface) in self.plan.interfaces.drain() {
            plan.interfaces.entry(eni).or_insert_with(|| {
                self.gone.insert(eni);
                interface
            });
        }
        self.plan = plan;
    }

    /// What is read of others is nobody's.
    fn note_covered(&mut self) {
        let logs = self.logs.iter();
        let interfaces = logs.flat_map(|open| open.interfaces.keys().copied());
        self.covered = interfaces.collect();
    }

    /// A reading as records, for whoever watches: all its flows, of every interface that the plan knows, and SKIPDATA
    /// where packets found no cell since the reading before. To be asked before the reading is added.
    pub fn records(&self, reading: &Reading) -> Vec<Record> {
        let seconds = |at| self.clock.unix_ms(at).div_euclid(1_000);
        let record = |cell: &FlowCell| {
            Some(Record {
                interface: self.plan.interfaces.get(&cell.eni)?.clone(),
                start: seconds(cell.first),
                end: seconds(cell.last),
                status: Status::Flow(flow_of(cell)),
            })
        };
        let skipped = |(eni, packets): &(EniIndex, u64)| {
            let grew = self.overflow.get(eni).is_none_or(|known| packets > known);
            Some(Record {
                interface: self.plan.interfaces.get(eni).filter(|_| grew)?.clone(),
                start: seconds(reading.at),
                end: seconds(reading.at),
                status: Status::SkipData,
            })
        };
        let flows = reading.cells.iter().filter_map(record);
        flows
            .chain(reading.overflow.iter().filter_map(skipped))
            .collect()
    }

    /// Adds a reading to the open window.
    pub fn read(&mut self, reading: &Reading) {
        let held: usize = self.segments.iter().map(Flows::len).sum();
        let Some(flows) = self.segments.last_mut() else {
            return;
        };
        let before = held - flows.len();
        for cell in &reading.cells {
            if self.covered.contains(&cell.eni) {
                let room = before + flows.len() < self.records_max;
                flows.add(cell, &self.clock, room);
            }
        }
        let known = std::mem::replace(
            &mut self.overflow,
            reading.overflow.iter().copied().collect(),
        );
        for (eni, packets) in &reading.overflow {
            if known.get(eni).is_none_or(|known| packets > known) {
                flows.skipped.insert(*eni);
            }
        }
    }

    /// Adds a last reading, ends the window there and begins the next: for few records, which are all in memory then.
    pub fn close(&mut self, reading: &Reading, names: &dyn Names) -> Closed {
        self.read(reading);
        let (end, mut batches) = (reading.end(), Vec::new());
        let Ok(()) = self.tell(end, names, |batch| {
            batches.push(batch);
            Ok::<(), Infallible>(())
        });
        let window_ms = self.window(end);
        self.begin_next(end);
        Closed { window_ms, batches }
    }

    /// Beginning and end of the open window, Unix milliseconds, if it ends then.
    pub fn window(&self, end: End) -> (i64, i64) {
        (self.window_start_ms, self.clock.unix_ms(end.at))
    }

    /// Tells the open window's records, as it ends: by flow log in the plan's order, then interface, then time. Whoever has
    /// put them away begins the next window ([`Aggregator::begin_next`]); until then they may be told again, and are the
    /// same.
    ///
    /// # Errors
    /// That of `tell`, after which no more is told.
    pub fn tell<E>(
        &self,
        end: End,
        names: &dyn Names,
        mut tell: impl FnMut(Batch) -> Result<(), E>,
    ) -> Result<(), E> {
        let telling = Telling {
            segments: &self.segments,
            order: &Order::of(&self.segments),
            window_ms: self.window(end),
            told: Told {
                plan: &self.plan,
                names,
            },
        };
        let mut room = self.records_max;
        let (mut lines, mut batches) = (Text::default(), Vec::new());
        for open in &self.logs {
            for (eni, seen) in &open.interfaces {
                open.tell(&telling, (*eni, seen), &mut room, &mut lines, &mut batches);
                batches.drain(..).try_for_each(&mut tell)?;
            }
        }
        Ok(())
    }

    /// Forgets the window that ends, and begins the next.
    pub fn begin_next(&mut self, end: End) {
        self.window_start_ms = self.window(end).1;
        self.segments.truncate(1);
        self.segments.iter_mut().for_each(Flows::clear);
        for open in &mut self.logs {
            open.begin_next(&self.plan);
        }
        self.note_covered();
        for eni in self.gone.drain() {
            self.plan.interfaces.remove(&eni);
        }
        self.clock.adjust(end.at, end.wall_ms);
    }
}

/// What records are told of: the window's sums, in their order.
struct Telling<'a> {
    segments: &'a [Flows],
    order: &'a Order,
    window_ms: (i64, i64),
    told: Told<'a>,
}

impl Open {
    /// An interface's records of the window, NODATA only if it is still covered.
    fn tell(
        &self,
        telling: &Telling<'_>,
        (eni, seen): (EniIndex, &Seen),
        room: &mut usize,
        lines: &mut Text,
        out: &mut Vec<Batch>,
    ) {
        let Telling {
            segments,
            order,
            window_ms,
            told,
        } = *telling;
        let since = self.since_segment;
        let from_ms = self.since_ms.clamp(window_ms.0, window_ms.1);
        let places = order.places(eni);
        let of_its_time = |place: &&Place| place.segment() >= since;
        let busy = places.iter().any(|place| of_its_time(&place));
        let filter = self.flow_log.filter;
        let is_told = |place: &&Place| of_its_time(place) && filter.keeps(place.action());
        let marked = segments[since..]
            .iter()
            .any(|flows| flows.skipped.contains(&eni));
        let needed = places.iter().filter(is_told).count();
        let fits = needed <= *room;
        let mut packer = Packer::new(&self.flow_log, window_ms, told, needed + 1, lines);
        *room -= needed.min(*room);
        let status = match (seen.skipped || marked || !fits, busy) {
            (true, _) => Some(LogStatus::SkipData),
            (false, false) if seen.covered => Some(LogStatus::NoData),
            (false, _) => None,
        };
        // It bears the window's beginning, which no flow precedes.
        if let Some(log_status) = status {
            let record = Shown {
                start: from_ms.div_euclid(1_000),
                end: window_ms.1.div_euclid(1_000),
                flow: None,
                log_status,
            };
            packer.add(&seen.interface, &[record], out);
        }
        if fits {
            let mut shown = Vec::with_capacity(SUMS_AT_ONCE);
            let were_cut = segments.len() > since + 1;
            if self.flow_log.may_merge(places, were_cut) {
                let sums = places.iter().filter(is_told);
                let merged = self.flow_log.merged(sums.map(|place| place.sum(segments)));
                for sums in merged.chunks(SUMS_AT_ONCE) {
                    shown.clear();
                    shown.extend(sums.iter().map(Shown::of));
                    packer.add(&seen.interface, &shown, out);
                }
            } else {
                for places in places.chunks(SUMS_AT_ONCE) {
                    look_at(places, segments);
                    let sums = places.iter().filter(is_told);
                    shown.clear();
                    shown.extend(sums.map(|place| Shown::of(place.sum(segments))));
                    packer.add(&seen.interface, &shown, out);
                }
            }
        }
        packer.finish(out);
    }

    /// It knows nothing of the window any more.
    fn begin_next(&mut self, plan: &Plan) {
        self.interfaces.retain(|_, seen| seen.covered);
        for (eni, seen) in &mut self.interfaces {
            seen.skipped = false;
            if let Some(interface) = plan.interfaces.get(eni) {
                seen.interface = interface.clone();
            }
        }
        (self.since_ms, self.since_segment) = (i64::MIN, 0);
    }
}

/// Looks at sums, so that the processor has them all at hand when records are made of them: a look does not wait for the one
/// before, while a record is so much work that the next sum would be asked for only after it.
fn look_at(places: &[Place], segments: &[Flows]) {
    let looks = places.iter().map(|place| place.sum(segments).look());
    std::hint::black_box(looks.fold(0, |seen, look| seen ^ look));
}

impl FlowLog {
    /// Which of a packet's own addresses the format hides: source, destination.
    fn hides(&self) -> [bool; 2] {
        let hides = |fields: [Field; 2]| !fields.iter().any(|field| self.format.shows(*field));
        [
            hides([Field::PktSrcaddr, Field::PktSrcAwsService]),
            hides([Field::PktDstaddr, Field::PktDstAwsService]),
        ]
    }

    /// Whether the format may show some of an interface's sums as one: those to a secondary address, for a format without
    /// the packet's own, and those that a change of flow logs cut in two.
    fn may_merge(&self, places: &[Place], were_cut: bool) -> bool {
        let hides_any = || self.hides().contains(&true);
        were_cut || places.iter().any(|place| place.differs_from_packet()) && hides_any()
    }

    /// An interface's sums as the format tells them apart.
    fn merged<'s>(&self, sums: impl Iterator<Item = &'s Sum>) -> Vec<Sum> {
        let [hides_source, hides_destination] = self.hides();
        let mut places = HashMap::new();
        let mut merged: Vec<Sum> = Vec::new();
        for sum in sums {
            match places.entry(sum.shown_key(hides_source, hides_destination)) {
                Entry::Occupied(at) => {
                    let at: usize = *at.get();
                    merged[at].merge(sum);
                }
                Entry::Vacant(place) => {
                    place.insert(merged.len());
                    merged.push(sum.clone());
                }
            }
        }
        merged.sort_by_key(|sum| sum.times().0);
        merged
    }
}

fn flow_of(cell: &FlowCell) -> Flow {
    let count = cell.window();
    Flow {
        direction: cell.direction,
        action: cell.action,
        source: cell.source,
        destination: cell.destination,
        packet_source: cell.packet_source,
        packet_destination: cell.packet_destination,
        source_port: cell.source_port,
        destination_port: cell.destination_port,
        protocol: cell.protocol,
        traffic_path: cell.traffic_path,
        tcp_flags: cell.tcp_flags,
        packets: count.packets,
        bytes: count.bytes,
        why: cell.why,
    }
}
