//! The table of flow cells: found by key on a flow's first packet, by handle afterwards, swept once per window.

use std::net::IpAddr;

use crate::counters::Count;
use crate::defects::{Defect, planted};
use crate::facts::{Facts, FlowKey, flow_key};
use crate::flow::{Action, Direction, FlowCell, TcpFlags, TrafficPath};
use crate::ids::{EniIndex, Time};
use crate::table::{Handle, Slot, Table};

/// A cell that saw nothing for this long is forgotten at the next sweep.
const IDLE_SECS: u64 = 120;

/// What is to be counted, and where.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Observation<'a> {
    pub eni: EniIndex,
    pub direction: Direction,
    pub action: Action,
    pub path: Option<TrafficPath>,
    /// As they are at this interface.
    pub facts: &'a Facts,
    /// The interface's primary address of the packet's family.
    pub primary: IpAddr,
}

/// What one packet adds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Addition {
    pub count: Count,
    pub flags: TcpFlags,
    pub now: Time,
}

/// What a packet changes in a cell.
#[derive(Clone, Copy, Debug)]
struct Tally {
    total: Count,
    swept: Count,
    first: Time,
    last: Time,
    flags: TcpFlags,
}

/// A packet touches one cache line of a cell.
const _: () = assert!(size_of::<Slot<Tally>>() == 64);

/// All cells of all interfaces: what changes, and beside it, by place, what each one is about.
pub(crate) struct Cells {
    table: Table<44, Tally>,
    subjects: Vec<FlowCell>,
}

impl Cells {
    pub(crate) fn new(seed: u64) -> Cells {
        Cells {
            table: Table::new(seed),
            subjects: Vec::new(),
        }
    }

    /// The cell of this kind of packet, if there is one.
    pub(crate) fn find(&self, seen: &Observation<'_>) -> Option<Handle> {
        self.table.find(&key(seen))
    }

    /// Makes the cell; it must not exist.
    pub(crate) fn open(&mut self, seen: &Observation<'_>, now: Time) -> Handle {
        let facts = seen.facts;
        let (source, destination) = match seen.direction {
            Direction::Ingress => (facts.source, seen.primary),
            Direction::Egress => (seen.primary, facts.destination),
        };
        let subject = FlowCell {
            eni: seen.eni,
            direction: seen.direction,
            action: seen.action,
            source,
            destination,
            packet_source: facts.source,
            packet_destination: facts.destination,
            source_port: facts.source_port,
            destination_port: facts.destination_port,
            protocol: facts.protocol,
            traffic_path: seen.path,
            total: Count::default(),
            swept: Count::default(),
            first: now,
            last: now,
            tcp_flags: TcpFlags::default(),
        };
        let tally = Tally {
            total: Count::default(),
            swept: Count::default(),
            first: now,
            last: now,
            flags: TcpFlags::default(),
        };
        let handle = self.table.insert(key(seen), tally);
        match self.subjects.get_mut(handle.place()) {
            Some(place) => *place = subject,
            None => self.subjects.push(subject),
        }
        handle
    }

    /// Whether the handle still leads to a cell.
    #[inline]
    pub(crate) fn is_live(&self, handle: Handle) -> bool {
        self.table.get(handle).is_some()
    }

    /// Counts packets in a cell.
    #[inline]
    pub(crate) fn add(&mut self, handle: Handle, addition: &Addition) {
        if let Some(cell) = self.table.get_mut(handle) {
            if cell.total == cell.swept {
                cell.first = addition.now;
            }
            cell.last = addition.now;
            cell.total.add(addition.count);
            cell.flags.add(addition.flags);
        }
    }

    /// Visits each cell with packets since its last sweep and closes its window; drops idle cells and reports whose.
    pub(crate) fn sweep(
        &mut self,
        now: Time,
        mut visit: impl FnMut(&FlowCell),
        mut dropped: impl FnMut(EniIndex),
    ) {
        for place in 0..self.table.slots() {
            let (Some((handle, _, tally)), Some(cell)) =
                (self.table.at(place), self.subjects.get_mut(place))
            else {
                continue;
            };
            if tally.total != tally.swept {
                (cell.total, cell.swept) = (tally.total, tally.swept);
                (cell.first, cell.last, cell.tcp_flags) = (tally.first, tally.last, tally.flags);
                visit(cell);
                if planted(Defect::CountersReadDestructively) {
                    tally.total = Count::default();
                }
                tally.swept = tally.total;
                tally.flags = TcpFlags::default();
            } else if now.since(tally.last) >= IDLE_SECS * 1_000_000_000 {
                dropped(cell.eni);
                self.table.remove(handle);
            }
        }
    }
}

fn key(seen: &Observation<'_>) -> FlowKey {
    let path = seen.path.map_or(0, |path| path as u16);
    let tag = path << 8 | (seen.direction as u16) << 1 | seen.action as u16;
    let facts = seen.facts;
    let ports = [facts.source_port, facts.destination_port];
    flow_key(
        seen.eni,
        facts.protocol,
        tag,
        ports,
        [facts.source, facts.destination],
    )
}
