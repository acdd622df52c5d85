//! The latest records, in a ring that is everybody's queue: a reader is a number, and one who falls behind by more than
//! the ring holds is told how many records went by unread. So a slow reader costs nobody anything.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::row::Row;

/// Records kept; about 250 bytes each.
pub const ROWS_MAX: usize = 131_072;

/// The latest records, numbered from the first that ever was.
#[derive(Debug)]
pub struct Ring {
    rows: VecDeque<Arc<Row>>,
    /// The number of the oldest one.
    first: u64,
    rows_max: usize,
}

/// What a reader gets at once.
#[derive(Debug, Clone, PartialEq)]
pub struct Portion {
    /// Records that went by unread before these.
    pub lost: u64,
    pub rows: Vec<Arc<Row>>,
    /// Where to go on.
    pub next: u64,
}

impl Ring {
    /// An empty ring of a size.
    pub fn new(rows_max: usize) -> Ring {
        Ring {
            rows: VecDeque::new(),
            first: 0,
            rows_max: rows_max.max(1),
        }
    }

    /// Adds a record; the oldest one makes room.
    pub fn push(&mut self, row: Row) {
        if self.rows.len() == self.rows_max {
            self.rows.pop_front();
            self.first += 1;
        }
        self.rows.push_back(Arc::new(row));
    }

    /// Records in it.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The number that the next record will have.
    pub fn end(&self) -> u64 {
        self.first + self.rows.len() as u64
    }

    /// The number of the oldest record that ended at `unix_secs` or later. Records come about in the order of their ends.
    pub fn since(&self, unix_secs: i64) -> u64 {
        let earlier = |row: &Arc<Row>| row.end.is_some_and(|end| end < unix_secs);
        let at = self.rows.iter().position(|row| !earlier(row));
        self.first + at.unwrap_or(self.rows.len()) as u64
    }

    /// At most `limit` records from a number on.
    pub fn read(&self, from: u64, limit: usize) -> Portion {
        let begin = from.clamp(self.first, self.end());
        let at = (begin - self.first) as usize;
        let rows: Vec<Arc<Row>> = self.rows.iter().skip(at).take(limit).cloned().collect();
        Portion {
            lost: begin.saturating_sub(from),
            next: begin + rows.len() as u64,
            rows,
        }
    }

    /// Forgets all records; their numbers are not given again.
    pub fn clear(&mut self) {
        self.first = self.end();
        self.rows.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(end: i64) -> Row {
        Row {
            end: Some(end),
            ..Row::default()
        }
    }

    fn ends(portion: &Portion) -> Vec<i64> {
        portion.rows.iter().filter_map(|row| row.end).collect()
    }

    #[test]
    fn a_reader_goes_on_where_it_was() {
        let mut ring = Ring::new(8);
        let start = ring.end();
        (1..=3).for_each(|end| ring.push(row(end)));
        let first = ring.read(start, 2);
        assert_eq!((ends(&first), first.lost), (vec![1, 2], 0));
        let second = ring.read(first.next, 2);
        assert_eq!((ends(&second), second.lost), (vec![3], 0));
        assert!(ring.read(second.next, 2).rows.is_empty());
    }

    #[test]
    fn who_is_too_slow_is_told_how_much_went_by() {
        let mut ring = Ring::new(4);
        let start = ring.end();
        (0..10).for_each(|end| ring.push(row(end)));
        let portion = ring.read(start, 100);
        assert_eq!((portion.lost, ends(&portion)), (6, vec![6, 7, 8, 9]));
    }

    #[test]
    fn the_last_minutes_begin_with_the_first_record_that_reaches_into_them() {
        let mut ring = Ring::new(8);
        [10, 20, 30].into_iter().for_each(|end| ring.push(row(end)));
        assert_eq!(ends(&ring.read(ring.since(20), 9)), [20, 30]);
        assert_eq!(ring.since(31), ring.end());
        ring.clear();
        assert_eq!(ring.read(0, 9).lost, 3, "forgotten ones are not there");
    }
}
