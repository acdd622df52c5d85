//! The latest records, in a ring that is everybody's queue: a reader is a number, and one who falls behind by more than
//! the ring holds is told how many records went by unread. So a slow reader costs nobody anything.

use std::collections::VecDeque;

use openvpc_flowlog::Record;

/// Records kept; about 200 bytes each.
pub const RECORDS_MAX: usize = 131_072;

/// The latest records, numbered from the first that ever was.
#[derive(Debug)]
pub struct Ring {
    records: VecDeque<Record>,
    /// The number of the oldest one.
    first: u64,
    records_max: usize,
}

/// What a reader gets at once.
#[derive(Debug, Clone, PartialEq)]
pub struct Portion {
    /// Records that went by unread before these.
    pub lost: u64,
    pub records: Vec<Record>,
    /// Where to go on.
    pub next: u64,
}

impl Ring {
    /// An empty ring of a size.
    pub fn new(records_max: usize) -> Ring {
        Ring {
            records: VecDeque::new(),
            first: 0,
            records_max: records_max.max(1),
        }
    }

    /// Adds a record; the oldest one makes room.
    pub fn push(&mut self, record: Record) {
        if self.records.len() == self.records_max {
            self.records.pop_front();
            self.first += 1;
        }
        self.records.push_back(record);
    }

    /// Records in it.
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// The number that the next record will have.
    pub fn end(&self) -> u64 {
        self.first + self.records.len() as u64
    }

    /// The number of the oldest record that ended at `unix_secs` or later. Records come about in the order of their ends.
    pub fn since(&self, unix_secs: i64) -> u64 {
        let at = self
            .records
            .iter()
            .position(|record| record.end >= unix_secs);
        self.first + at.unwrap_or(self.records.len()) as u64
    }

    /// At most `limit` records from a number on.
    pub fn read(&self, from: u64, limit: usize) -> Portion {
        let begin = from.clamp(self.first, self.end());
        let at = (begin - self.first) as usize;
        let end = at.saturating_add(limit).min(self.records.len());
        let records: Vec<Record> = self.records.range(at..end).cloned().collect();
        Portion {
            lost: begin.saturating_sub(from),
            next: begin + records.len() as u64,
            records,
        }
    }

    /// Forgets all records; their numbers are not given again.
    pub fn clear(&mut self) {
        self.first = self.end();
        self.records.clear();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use openvpc_flowlog::{Interface, Status};

    use super::*;

    fn record(end: i64) -> Record {
        let interface = Interface {
            id: "eni-1".to_owned(),
            account: "123456789012".to_owned(),
            vpc: "vpc-1".to_owned(),
            subnet: "subnet-1".to_owned(),
            instance: None,
            region: "us-east-1".to_owned(),
            az_id: None,
            interface_type: None,
        };
        Record {
            interface: Arc::new(interface),
            start: end,
            end,
            status: Status::NoData,
        }
    }

    fn ends(portion: &Portion) -> Vec<i64> {
        portion.records.iter().map(|record| record.end).collect()
    }

    #[test]
    fn a_reader_goes_on_where_it_was() {
        let mut ring = Ring::new(8);
        let start = ring.end();
        (1..=3).for_each(|end| ring.push(record(end)));
        let first = ring.read(start, 2);
        assert_eq!((ends(&first), first.lost), (vec![1, 2], 0));
        let second = ring.read(first.next, 2);
        assert_eq!((ends(&second), second.lost), (vec![3], 0));
        assert!(ring.read(second.next, 2).records.is_empty());
    }

    #[test]
    fn who_is_too_slow_is_told_how_much_went_by() {
        let mut ring = Ring::new(4);
        let start = ring.end();
        (0..10).for_each(|end| ring.push(record(end)));
        let portion = ring.read(start, 100);
        assert_eq!((portion.lost, ends(&portion)), (6, vec![6, 7, 8, 9]));
    }

    #[test]
    fn the_last_minutes_begin_with_the_first_record_that_reaches_into_them() {
        let mut ring = Ring::new(8);
        [10, 20, 30]
            .into_iter()
            .for_each(|end| ring.push(record(end)));
        assert_eq!(ends(&ring.read(ring.since(20), 9)), [20, 30]);
        assert_eq!(ring.since(31), ring.end());
        ring.clear();
        assert_eq!(ring.read(0, 9).lost, 3, "forgotten ones are not there");
    }
}
