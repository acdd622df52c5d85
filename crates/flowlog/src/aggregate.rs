//! Adding readings up and closing windows.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use hashbrown::HashMap;
use hashbrown::hash_map::Entry;
use openvpc_engine::{Action, Count, Direction, EniIndex, FlowCell, TcpFlags, Time, TrafficPath};

use crate::clock::Clock;
use crate::{Batch, Field, Flow, FlowLog, Interface, Plan, Reading, Record, Status, batch};

/// Flow records held for one window, over all flow logs.
pub const RECORDS_MAX: usize = 500_000;

/// A window that would be shorter is joined to the next, so that a timer that fires a little early
/// does not make two windows of one.
const WINDOW_MIN_MS: i64 = 500;

/// Adds up what flow logs cover.
#[derive(Debug)]
pub struct Aggregator {
    window_len_ms: i64,
    clock: Clock,
    /// Unix milliseconds at which the open window began: where the one before ended.
    window_start_ms: i64,
    plan: Plan,
    logs: Vec<Open>,
    /// Which logs cover an interface, by place in `logs`.
    coverage: HashMap<EniIndex, Vec<usize>>,
    /// Overflow packets of the reading before.
    overflow: HashMap<EniIndex, u64>,
    records: usize,
    records_max: usize,
}

/// A flow log in the open window.
#[derive(Debug)]
struct Open {
    flow_log: Arc<FlowLog>,
    /// When it was configured, if in this window.
    since_ms: i64,
    /// Interfaces that it covers, or covered earlier in the window and that had traffic.
    interfaces: BTreeMap<EniIndex, Seen>,
}

/// What a flow log knows of an interface in the open window.
#[derive(Debug)]
struct Seen {
    interface: Arc<Interface>,
    /// By the present plan; otherwise it only waits for its last records.
    covered: bool,
    /// Any packet at all, kept by the filter or not.
    busy: bool,
    /// Something could not be recorded.
    skipped: bool,
    flows: HashMap<Key, Sum>,
}

/// What makes a record its own. The last three count only if the format shows them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Key {
    direction: Direction,
    source: IpAddr,
    destination: IpAddr,
    source_port: u16,
    destination_port: u16,
    protocol: u8,
    action: Action,
    packet_source: Option<IpAddr>,
    packet_destination: Option<IpAddr>,
    traffic_path: Option<TrafficPath>,
}

/// The packets of one key.
#[derive(Debug)]
struct Sum {
    flow: Flow,
    first_ms: i64,
    last_ms: i64,
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
            logs: Vec::new(),
            coverage: HashMap::new(),
            overflow: HashMap::new(),
            records: 0,
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

    /// Records by another plan from now on. Call [`Aggregator::read`] first, so that the time before
    /// goes to the old plan. Flow logs that are no longer there are forgotten with what they had
    /// not delivered (`FL-7`); interfaces that are no longer there still get their flows' records.
    pub fn configure(&mut self, plan: Plan, now: Time) {
        let now_ms = self.clock.unix_ms(now);
        let mut before: HashMap<String, Open> = self
            .logs
            .drain(..)
            .map(|open| (open.flow_log.id.clone(), open))
            .collect();
        for flow_log in &plan.flow_logs {
            let mut open = before.remove(&flow_log.id).unwrap_or_else(|| Open {
                flow_log: flow_log.clone(),
                since_ms: now_ms,
                interfaces: BTreeMap::new(),
            });
            open.flow_log = flow_log.clone();
            open.interfaces.retain(|_, seen| {
                seen.covered = false;
                seen.busy || seen.skipped
            });
            for eni in &flow_log.interfaces {
                if let Some(interface) = plan.interfaces.get(eni) {
                    let seen = open
                        .interfaces
                        .entry(*eni)
                        .or_insert_with(|| Seen::new(interface));
                    seen.interface = interface.clone();
                    seen.covered = true;
                }
            }
            self.logs.push(open);
        }
        self.records = self
            .logs
            .iter()
            .flat_map(|open| open.interfaces.values())
            .map(|seen| seen.flows.len())
            .sum();
        self.plan = plan;
        self.index_coverage();
    }

    fn index_coverage(&mut self) {
        self.coverage.clear();
        for (at, flow_log) in self.plan.flow_logs.iter().enumerate() {
            for eni in &flow_log.interfaces {
                self.coverage.entry(*eni).or_default().push(at);
            }
        }
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
        for cell in &reading.cells {
            for at in self.coverage.get(&cell.eni).into_iter().flatten() {
                let room = self.records < self.records_max;
                if self.logs[*at].add(cell, &self.clock, room) {
                    self.records += 1;
                }
            }
        }
        let known = std::mem::replace(
            &mut self.overflow,
            reading.overflow.iter().copied().collect(),
        );
        for (eni, packets) in &reading.overflow {
            if known.get(eni).is_none_or(|known| packets > known) {
                for at in self.coverage.get(eni).into_iter().flatten() {
                    self.logs[*at].skip(*eni);
                }
            }
        }
    }

    /// Adds a last reading, ends the window there and begins the next.
    pub fn close(&mut self, reading: &Reading) -> Closed {
        self.read(reading);
        let window_ms = (self.window_start_ms, self.clock.unix_ms(reading.at));
        let mut batches = Vec::new();
        for open in &mut self.logs {
            let from_ms = open.since_ms.clamp(window_ms.0, window_ms.1);
            for seen in open.interfaces.values_mut() {
                let records = seen.records((from_ms, window_ms.1));
                batches.extend(batch::pack(&open.flow_log, window_ms, &records));
            }
            open.interfaces.retain(|_, seen| {
                (seen.busy, seen.skipped) = (false, false);
                seen.covered
            });
        }
        self.records = 0;
        self.clock.adjust(reading.at, reading.wall_ms);
        self.window_start_ms = window_ms.1;
        Closed { window_ms, batches }
    }
}

impl Open {
    /// Adds a cell's window; whether that made a new record.
    fn add(&mut self, cell: &FlowCell, clock: &Clock, room: bool) -> bool {
        let format = &self.flow_log.format;
        let Some(seen) = self.interfaces.get_mut(&cell.eni) else {
            return false;
        };
        seen.busy = true;
        if !self.flow_log.filter.keeps(cell.action) {
            return false;
        }
        let key = Key {
            direction: cell.direction,
            source: cell.source,
            destination: cell.destination,
            source_port: cell.source_port,
            destination_port: cell.destination_port,
            protocol: cell.protocol,
            action: cell.action,
            packet_source: format
                .shows(Field::PktSrcaddr)
                .then_some(cell.packet_source),
            packet_destination: format
                .shows(Field::PktDstaddr)
                .then_some(cell.packet_destination),
            traffic_path: cell
                .traffic_path
                .filter(|_| format.shows(Field::TrafficPath)),
        };
        let (first_ms, last_ms) = (clock.unix_ms(cell.first), clock.unix_ms(cell.last));
        match seen.flows.entry(key) {
            Entry::Occupied(mut sum) => {
                sum.get_mut()
                    .add(cell.window(), cell.tcp_flags, first_ms, last_ms);
                false
            }
            Entry::Vacant(place) if room => {
                place.insert(Sum {
                    flow: flow_of(cell),
                    first_ms,
                    last_ms,
                });
                true
            }
            Entry::Vacant(_) => {
                seen.skipped = true;
                false
            }
        }
    }

    fn skip(&mut self, eni: EniIndex) {
        if let Some(seen) = self.interfaces.get_mut(&eni) {
            seen.busy = true;
            seen.skipped = true;
        }
    }
}

impl Seen {
    fn new(interface: &Arc<Interface>) -> Seen {
        Seen {
            interface: interface.clone(),
            covered: false,
            busy: false,
            skipped: false,
            flows: HashMap::new(),
        }
    }

    /// The window's records, by start, then by key; NODATA only for an interface still covered.
    fn records(&mut self, window_ms: (i64, i64)) -> Vec<Record> {
        let of_window = |status| Record {
            interface: self.interface.clone(),
            start: window_ms.0.div_euclid(1_000),
            end: window_ms.1.div_euclid(1_000),
            status,
        };
        let mut records = Vec::with_capacity(self.flows.len() + 1);
        if self.skipped {
            records.push(of_window(Status::SkipData));
        } else if !self.busy && self.covered {
            records.push(of_window(Status::NoData));
        }
        let mut flows: Vec<(Key, Sum)> = self.flows.drain().collect();
        flows.sort_by_key(|(key, sum)| (sum.first_ms.div_euclid(1_000), *key));
        records.extend(flows.into_iter().map(|(_, sum)| Record {
            interface: self.interface.clone(),
            start: sum.first_ms.div_euclid(1_000),
            end: sum.last_ms.div_euclid(1_000),
            status: Status::Flow(sum.flow),
        }));
        // A SKIPDATA record bears the window's beginning, which no flow precedes.
        records.sort_by_key(|record| record.start);
        records
    }
}

impl Sum {
    fn add(&mut self, count: Count, flags: TcpFlags, first_ms: i64, last_ms: i64) {
        self.flow.packets += count.packets;
        self.flow.bytes += count.bytes;
        self.flow.tcp_flags.add(flags);
        self.first_ms = self.first_ms.min(first_ms);
        self.last_ms = self.last_ms.max(last_ms);
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
    }
}
