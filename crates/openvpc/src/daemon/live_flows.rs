//! The live view of flows: every record that the recorder reads, kept in a ring that `openvpc flows` and the console read from.
//!
//! The recorder is the only reader of the engine's cells. Each of its readings passes here as records, about once a second,
//! of every interface, whether a flow log covers it or not. Packets and bytes of a record are those since the reading before,
//! so records of one flow add up and no packet is shown twice. A flow log's own records are the sums of the same readings over
//! its window.
//!
//! Nobody waits for a reader: the ring is everybody's queue, and one who is too slow is told what went by. Records become rows,
//! with what decided in words, only for who reads them: most are never looked at.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use openvpc_flowlog::Record;
use openvpc_flows::ring::RECORDS_MAX;
use openvpc_flows::{Places, Ring, Row};
use tokio::sync::watch;

use super::rule_names::RuleNames;

/// Records that become rows at once, for who reads all.
const AT_ONCE: usize = 4_096;

/// The latest records, of every interface.
pub struct LiveFlows {
    ring: Mutex<Ring>,
    grown: watch::Sender<u64>,
    names: Arc<RuleNames>,
}

/// What a reader gets at once.
pub struct Portion {
    /// Records that went by unread before these.
    pub lost: u64,
    pub rows: Vec<Row>,
    /// Where to go on.
    pub next: u64,
}

impl LiveFlows {
    pub fn new(names: Arc<RuleNames>) -> LiveFlows {
        LiveFlows {
            ring: Mutex::new(Ring::new(RECORDS_MAX)),
            grown: watch::Sender::new(0),
            names,
        }
    }

    fn ring(&self) -> MutexGuard<'_, Ring> {
        // A ring is whole between any two of its operations.
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes what was read.
    pub fn push(&self, records: Vec<Record>) {
        let mut ring = self.ring();
        records.into_iter().for_each(|record| ring.push(record));
        self.grown.send_replace(ring.end());
    }

    /// Tells the number of the next record whenever it has grown.
    pub fn grown(&self) -> watch::Receiver<u64> {
        self.grown.subscribe()
    }

    /// The number of the oldest record that ended at `unix_secs` or later.
    pub fn since(&self, unix_secs: i64) -> u64 {
        self.ring().since(unix_secs)
    }

    /// The number that the next record will have: so many have passed.
    pub fn end(&self) -> u64 {
        self.ring().end()
    }

    /// Records in memory.
    pub fn len(&self) -> usize {
        self.ring().len()
    }

    /// At most `limit` records from a number on.
    pub fn read(&self, from: u64, limit: usize) -> Portion {
        let portion = self.ring().read(from, limit);
        let mut places = Places::default();
        let records = portion.records.iter();
        Portion {
            lost: portion.lost,
            rows: records
                .map(|record| places.row(record, &*self.names))
                .collect(),
            next: portion.next,
        }
    }

    /// All records from a number on that are there now, some at a time.
    pub fn each<E>(&self, from: u64, mut take: impl FnMut(Row) -> Result<(), E>) -> Result<(), E> {
        let (mut next, end) = (from, self.end());
        while next < end {
            let portion = self.read(next, AT_ONCE);
            next = portion.next;
            portion.rows.into_iter().try_for_each(&mut take)?;
        }
        Ok(())
    }

    /// Forgets all records.
    pub fn clear(&self) {
        self.ring().clear();
    }
}
