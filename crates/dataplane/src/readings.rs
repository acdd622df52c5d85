//! What was read and is not known to be written down: a daemon that dies takes none of it along.
//!
//! Readings between two ends are added up; so there are never more cells for a window than the engine had, but where flow
//! logs begin in it.
//! Bounded: past [`CELLS_MAX`] the oldest window is given up, and whoever takes over is told.

use std::collections::VecDeque;
use std::hash::{BuildHasher, Hash};

use hashbrown::{DefaultHashBuilder, HashTable};
use openvpc_engine::{EniIndex, FlowCell};
use openvpc_flowlog::Reading;
use serde::{Deserialize, Serialize};

/// Cells kept for who takes over: about 200 bytes each.
const CELLS_MAX: usize = 1 << 19;

/// What ends with a reading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ends {
    /// Nothing: the next one is added to it.
    Nothing,
    /// The time before these flow logs, which are told nothing of it.
    TimeBefore(Vec<String>),
    /// A window.
    Window,
}

impl Ends {
    /// The flow logs that begin then.
    pub fn flow_logs(&self) -> &[String] {
        match self {
            Ends::TimeBefore(flow_logs) => flow_logs,
            Ends::Nothing | Ends::Window => &[],
        }
    }
}

/// A reading, or several that were added up, of one window.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Numbered {
    /// Of the last of them.
    pub number: u64,
    /// What ends with it.
    pub ends: Ends,
    /// What was counted.
    pub reading: Reading,
}

/// What tells cells of a window apart.
fn key(cell: &FlowCell) -> impl Hash + Eq {
    (
        cell.eni,
        cell.direction,
        cell.action,
        [cell.packet_source, cell.packet_destination],
        [cell.source_port, cell.destination_port],
        cell.protocol,
    )
}

#[derive(Debug)]
struct Kept {
    numbered: Numbered,
    hasher: DefaultHashBuilder,
    /// Of the cells by their key, but for those that came last.
    places: HashTable<u32>,
}

/// Readings by number, the oldest first.
#[derive(Debug, Default)]
pub struct Readings {
    kept: VecDeque<Kept>,
    next: u64,
    cells: usize,
    /// Overflow as the last reading knew it that is written down or given up.
    before: Vec<(EniIndex, u64)>,
    lost: bool,
}

impl Readings {
    /// Takes a reading in; its number.
    pub fn add(&mut self, reading: Reading, ends: Ends) -> u64 {
        self.next += 1;
        let number = self.next;
        let open = self.kept.back_mut();
        match open.filter(|kept| kept.numbered.ends == Ends::Nothing) {
            Some(open) => self.cells += open.merge(number, ends, reading),
            None => {
                self.cells += reading.cells.len();
                let numbered = Numbered {
                    number,
                    ends,
                    reading,
                };
                self.kept.push_back(Kept {
                    numbered,
                    hasher: DefaultHashBuilder::default(),
                    places: HashTable::new(),
                });
            }
        }
        while self.cells > CELLS_MAX && self.kept.len() > 1 {
            self.lost |= self.forget_oldest();
        }
        number
    }

    /// What was read up to this number need not be kept.
    pub fn written(&mut self, number: u64) {
        while self
            .kept
            .front()
            .is_some_and(|kept| kept.numbered.number <= number)
        {
            self.forget_oldest();
        }
        self.lost &= !self.kept.is_empty();
    }

    fn forget_oldest(&mut self) -> bool {
        let Some(kept) = self.kept.pop_front() else {
            return false;
        };
        self.cells -= kept.numbered.reading.cells.len();
        self.before = kept.numbered.reading.overflow;
        true
    }

    /// All that is kept: readings, overflow before the first of them, and whether some were given up.
    pub fn all(&self) -> (Vec<Numbered>, Vec<(EniIndex, u64)>, bool) {
        let kept = self.kept.iter().map(|kept| kept.numbered.clone());
        (kept.collect(), self.before.clone(), self.lost)
    }

    /// Whether there is room for a reading of so many cells more.
    pub fn has_room(&self) -> bool {
        self.cells < CELLS_MAX / 2
    }

    /// Forgets everything, numbers excepted.
    pub fn clear(&mut self) {
        *self = Readings {
            next: self.next,
            ..Readings::default()
        };
    }
}

impl Kept {
    /// Adds a later reading; how many cells are new.
    fn merge(&mut self, number: u64, ends: Ends, later: Reading) -> usize {
        let reading = &mut self.numbered.reading;
        let before = reading.cells.len();
        let hash = |cell: &FlowCell| self.hasher.hash_one(key(cell));
        for place in self.places.len()..before {
            let hash_of = |place: &u32| hash(&reading.cells[*place as usize]);
            let of_place = hash(&reading.cells[place]);
            self.places.insert_unique(of_place, place as u32, hash_of);
        }
        for cell in later.cells {
            let is_same = |place: &u32| key(&reading.cells[*place as usize]) == key(&cell);
            match self.places.find(hash(&cell), is_same) {
                Some(place) => add(&mut reading.cells[*place as usize], &cell),
                None => reading.cells.push(cell),
            }
        }
        reading.at = later.at;
        reading.wall_ms = later.wall_ms;
        reading.overflow = later.overflow;
        self.numbered.number = number;
        self.numbered.ends = ends;
        reading.cells.len() - before
    }
}

/// Adds what a cell counted later. A cell may have been forgotten and made again in between, so that only differences count.
fn add(cell: &mut FlowCell, later: &FlowCell) {
    cell.total.add(later.window());
    cell.first = cell.first.min(later.first);
    cell.tcp_flags.add(later.tcp_flags);
    if later.last >= cell.last {
        cell.last = later.last;
        cell.why = later.why;
        cell.traffic_path = later.traffic_path;
        cell.source = later.source;
        cell.destination = later.destination;
    }
}

#[cfg(test)]
mod tests {
    use openvpc_engine::{Action, Count, Direction, TcpFlags, Time, Why};

    use super::*;

    fn cell(port: u16, packets: [u64; 2], at: u64) -> FlowCell {
        let count = |packets| Count {
            packets,
            bytes: 100 * packets,
        };
        FlowCell {
            eni: EniIndex(1),
            direction: Direction::Egress,
            action: Action::Accept,
            source: [10, 0, 0, 4].into(),
            destination: [10, 0, 0, 5].into(),
            packet_source: [10, 0, 0, 4].into(),
            packet_destination: [10, 0, 0, 5].into(),
            source_port: port,
            destination_port: 443,
            protocol: 6,
            traffic_path: None,
            total: count(packets[1]),
            swept: count(packets[0]),
            first: Time(at),
            last: Time(at + 5),
            tcp_flags: TcpFlags::default(),
            why: Why::default(),
        }
    }

    fn reading(at: u64, cells: Vec<FlowCell>) -> Reading {
        Reading {
            at: Time(at),
            wall_ms: at as i64,
            cells,
            overflow: vec![(EniIndex(1), at)],
        }
    }

    #[test]
    fn readings_of_one_window_are_added_up_and_windows_stay_apart() {
        let mut readings = Readings::default();
        readings.add(reading(10, vec![cell(1, [0, 3], 1)]), Ends::Nothing);
        // The cell was forgotten and made again.
        readings.add(
            reading(20, vec![cell(1, [0, 2], 12), cell(2, [5, 6], 13)]),
            Ends::Window,
        );
        let third = readings.add(reading(30, vec![cell(1, [2, 4], 22)]), Ends::Nothing);
        let (kept, before, lost) = readings.all();
        assert_eq!((kept.len(), third, lost), (2, 3, false));
        assert!(before.is_empty());
        let first = &kept[0];
        assert_eq!((&first.ends, first.number), (&Ends::Window, 2));
        let packets: Vec<u64> = first
            .reading
            .cells
            .iter()
            .map(|c| c.window().packets)
            .collect();
        assert_eq!(packets, [5, 1]);
        assert_eq!(first.reading.cells[0].first, Time(1));
        assert_eq!(first.reading.cells[0].last, Time(17));

        readings.written(2);
        let (kept, before, _) = readings.all();
        assert_eq!(kept.len(), 1);
        assert_eq!(before, [(EniIndex(1), 20)], "what the window before knew");
        readings.written(3);
        assert_eq!(readings.cells, 0);
    }

    #[test]
    fn what_passed_before_a_flow_log_began_stays_apart() {
        let mut readings = Readings::default();
        let before = Ends::TimeBefore(vec!["fl-1".to_owned()]);
        readings.add(reading(10, vec![cell(1, [0, 3], 1)]), Ends::Nothing);
        readings.add(reading(20, vec![cell(1, [3, 4], 12)]), before.clone());
        readings.add(reading(30, vec![cell(1, [4, 6], 22)]), Ends::Nothing);
        let (kept, ..) = readings.all();
        let packets = |numbered: &Numbered| numbered.reading.cells[0].window().packets;
        let told: Vec<_> = kept.iter().map(|n| (n.ends.clone(), packets(n))).collect();
        assert_eq!(told, [(before, 4), (Ends::Nothing, 2)]);
    }

    #[test]
    fn past_the_bound_the_oldest_window_goes_and_that_is_told() {
        let mut readings = Readings::default();
        for window in 0..3 {
            let cells = (0..CELLS_MAX as u32 / 2).map(|number| {
                let mut cell = cell(number as u16, [0, 1], window);
                cell.eni = EniIndex(number >> 16);
                cell
            });
            readings.add(reading(window, cells.collect()), Ends::Window);
        }
        let (kept, _, lost) = readings.all();
        assert_eq!((kept.len(), lost), (2, true));
        assert!(readings.cells <= CELLS_MAX && !readings.has_room());
        readings.written(3);
        assert!(!readings.all().2, "told once");
    }
}
