//! The table of flow cells: found by key on a flow's first packet, by handle afterwards, swept once per window.

use std::net::IpAddr;

use crate::counters::Count;
use crate::defects::{Defect, planted};
use crate::facts::{Facts, FlowKey, FlowKeyParts, eni_of, flow_key};
use crate::flow::{Action, Direction, FlowCell, TcpFlags, TrafficPath, Why};
use crate::ids::{EniIndex, Time};
use crate::table::{Handle, Slot, Table};
use crate::verdict::DropReason;

/// A cell that saw nothing for this long is forgotten at the next sweep.
const IDLE_SECS: u64 = 120;
/// What one step of a sweep takes at most, so that no packet waits for longer than a millisecond or so: cells that are visited,
/// and places that are looked at.
const VISITED_MAX: usize = 4_096;
const LOOKED_AT_MAX: usize = 65_536;

/// How far a sweep is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sweep {
    /// The next place of the table.
    place: usize,
}

impl Sweep {
    /// Whether nothing was swept yet.
    pub(crate) fn is_new(self) -> bool {
        self.place == 0
    }
}

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
    pub why: Why,
}

/// What the key does not tell, and only a packet that is walked with may change.
#[derive(Clone, Copy, Debug)]
struct Note {
    /// The interface's primary address, which records show instead of the one that the packet bears.
    primary: IpAddr,
    why: Why,
}

/// What one packet adds, or several plain ones.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Addition {
    pub count: Count,
    pub flags: TcpFlags,
    /// The first of the packets.
    pub first: Time,
    /// The last of them.
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

/// All cells of all interfaces: what changes, and beside it, by place, what the key does not tell.
pub(crate) struct Cells {
    table: Table<44, Tally>,
    notes: Vec<Note>,
}

impl Cells {
    pub(crate) fn new(seed: u64) -> Cells {
        Cells {
            table: Table::new(seed),
            notes: Vec::new(),
        }
    }

    /// The cell of this kind of packet, if there is one.
    pub(crate) fn find(&self, seen: &Observation<'_>) -> Option<Handle> {
        self.table.find(&key(seen))
    }

    /// Makes the cell; it must not exist.
    pub(crate) fn open(&mut self, seen: &Observation<'_>, now: Time) -> Handle {
        let tally = Tally {
            total: Count::default(),
            swept: Count::default(),
            first: now,
            last: now,
            flags: TcpFlags::default(),
        };
        let handle = self.table.insert(key(seen), tally);
        let note = Note {
            primary: seen.primary,
            why: seen.why,
        };
        match self.notes.get_mut(handle.place()) {
            Some(place) => *place = note,
            None => self.notes.push(note),
        }
        handle
    }

    /// Takes note of what decided about a further packet.
    pub(crate) fn note(&mut self, handle: Handle, why: Why) {
        if let Some(note) = self.note_of(handle) {
            note.why = why;
        }
    }

    /// Takes note of where a packet went after its interface had accepted it.
    pub(crate) fn note_next_hop(&mut self, handle: Handle, eni: EniIndex) {
        if let Some(note) = self.note_of(handle) {
            note.why = note.why.with_next_hop(Some(eni));
        }
    }

    /// Takes note of where a packet ended after its interface had accepted it.
    pub(crate) fn note_drop(&mut self, handle: Handle, reason: DropReason) {
        if let Some(note) = self.note_of(handle) {
            note.why = note.why.dropped(Some(reason));
        }
    }

    fn note_of(&mut self, handle: Handle) -> Option<&mut Note> {
        self.table.get(handle)?;
        self.notes.get_mut(handle.place())
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
                cell.first = addition.first;
                cell.last = addition.now;
            }
            cell.first = cell.first.min(addition.first);
            cell.last = cell.last.max(addition.now);
            cell.total.add(addition.count);
            cell.flags.add(addition.flags);
        }
    }

    /// Visits some cells with packets since their last sweep and closes their windows; drops idle cells and reports whose.
    /// Where to go on, unless it was the last step.
    pub(crate) fn sweep(
        &mut self,
        sweep: Sweep,
        now: Time,
        mut visit: impl FnMut(&FlowCell),
        mut dropped: impl FnMut(EniIndex),
    ) -> Option<Sweep> {
        let mut visited = 0;
        let end = self.table.slots();
        for place in sweep.place..end {
            if visited == VISITED_MAX || place - sweep.place == LOOKED_AT_MAX {
                return Some(Sweep { place });
            }
            let (Some((handle, key, tally)), Some(note)) =
                (self.table.at(place), self.notes.get(place))
            else {
                continue;
            };
            if tally.total != tally.swept {
                visit(&cell(key, note, tally));
                visited += 1;
                if planted(Defect::CountersReadDestructively) {
                    tally.total = Count::default();
                }
                tally.swept = tally.total;
                tally.flags = TcpFlags::default();
            } else if now.since(tally.last) >= IDLE_SECS * 1_000_000_000 {
                dropped(eni_of(key));
                self.table.remove(handle);
            }
        }
        None
    }
}

/// What a cell's key and tally say together.
fn cell(key: &FlowKey, note: &Note, tally: &Tally) -> FlowCell {
    let parts = FlowKeyParts::of(key);
    let [packet_source, packet_destination] = parts.addresses;
    let (direction, action, traffic_path) = read_tag(parts.tag);
    let (source, destination) = match direction {
        Direction::Ingress => (packet_source, note.primary),
        Direction::Egress => (note.primary, packet_destination),
    };
    FlowCell {
        eni: parts.eni,
        direction,
        action,
        source,
        destination,
        packet_source,
        packet_destination,
        source_port: parts.ports[0],
        destination_port: parts.ports[1],
        protocol: parts.protocol,
        traffic_path,
        total: tally.total,
        swept: tally.swept,
        first: tally.first,
        last: tally.last,
        tcp_flags: tally.flags,
        why: note.why,
    }
}

fn tag(direction: Direction, action: Action, path: Option<TrafficPath>) -> u16 {
    let path = path.map_or(0, |path| path as u16);
    path << 8 | (direction as u16) << 1 | action as u16
}

/// The inverse of [`tag`].
fn read_tag(tag: u16) -> (Direction, Action, Option<TrafficPath>) {
    let direction = match tag & 2 {
        0 => Direction::Ingress,
        _ => Direction::Egress,
    };
    let action = match tag & 1 {
        0 => Action::Accept,
        _ => Action::Reject,
    };
    (direction, action, TrafficPath::of_number(tag >> 8))
}

fn key(seen: &Observation<'_>) -> FlowKey {
    let tag = tag(seen.direction, seen.action, seen.path);
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

#[cfg(test)]
mod tests {
    use super::*;

    fn addition(packets: u64, now: Time) -> Addition {
        Addition {
            count: Count {
                packets,
                bytes: 100 * packets,
            },
            flags: TcpFlags::default(),
            first: now,
            now,
        }
    }

    /// Cells of so many flows, with a packet in each.
    fn cells(count: u32) -> (Cells, Vec<Handle>) {
        let mut cells = Cells::new(1);
        let open = |number: u32| {
            let facts = Facts {
                source: [10, 0, 1, 10].into(),
                destination: [10, 0, 2, (number >> 16) as u8].into(),
                protocol: 17,
                source_port: number as u16,
                destination_port: 53,
                icmp_kind: 0,
                icmp_code: 0,
                icmp_id: 0,
            };
            let seen = Observation {
                eni: EniIndex(1),
                direction: Direction::Egress,
                action: Action::Accept,
                path: None,
                facts: &facts,
                primary: facts.source,
                why: Why::default(),
            };
            let handle = cells.open(&seen, Time(0));
            cells.add(handle, &addition(1, Time(0)));
            handle
        };
        let handles = (0..count).map(open).collect();
        (cells, handles)
    }

    #[test]
    fn a_sweep_in_steps_visits_each_cell_once_and_loses_no_packet_between_them() {
        const CELLS: u32 = 10_000;
        let (mut cells, handles) = cells(CELLS);
        let (mut sweep, mut steps) = (Some(Sweep::default()), Vec::new());
        let mut packets = 0;
        while let Some(so_far) = sweep {
            let (mut visited, now) = (0, Time(steps.len() as u64));
            let visit = |cell: &FlowCell| {
                visited += 1;
                packets += cell.window().packets;
            };
            sweep = cells.sweep(so_far, now, visit, |_| ());
            steps.push(visited);
            // Of a cell that has been visited, and of one that is still to be.
            for handle in [handles[0], handles[CELLS as usize - 1]] {
                cells.add(handle, &addition(1, now));
            }
        }
        assert_eq!(steps, [4_096, 4_096, 1_808]);
        assert_eq!(packets, u64::from(CELLS) + 2);
        let mut later = Vec::new();
        let next = cells.sweep(
            Sweep::default(),
            Time(9),
            |cell| later.push((cell.source_port, cell.window().packets)),
            |_| (),
        );
        assert_eq!((next, later), (None, vec![(0, 3), (CELLS as u16 - 1, 1)]));
    }

    #[test]
    fn a_step_looks_at_no_more_than_so_many_places_though_it_finds_nothing() {
        let (mut cells, _) = cells(LOOKED_AT_MAX as u32 + 1);
        let mut dropped = 0;
        let mut steps = |now: Time| {
            let (mut sweep, mut steps) = (Some(Sweep::default()), 0);
            while let Some(so_far) = sweep {
                sweep = cells.sweep(so_far, now, |_| (), |_| dropped += 1);
                steps += 1;
            }
            steps
        };
        assert_eq!(steps(Time(1)), 17, "4,096 that are visited");
        assert_eq!(steps(Time(2)), 2, "65,536 that are not");
        assert_eq!(steps(Time((IDLE_SECS + 1) * 1_000_000_000)), 2);
        assert_eq!(dropped, LOOKED_AT_MAX + 1);
    }

    #[test]
    fn what_a_tag_packs_comes_out_again() {
        for direction in [Direction::Ingress, Direction::Egress] {
            for action in [Action::Accept, Action::Reject] {
                for path in [
                    None,
                    Some(TrafficPath::SameVpc),
                    Some(TrafficPath::PeeringCrossRegion),
                    Some(TrafficPath::InternetGateway),
                ] {
                    let packed = tag(direction, action, path);
                    assert_eq!(read_tag(packed), (direction, action, path));
                }
            }
        }
    }
}
