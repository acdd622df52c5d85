//! The live view of flows: what passes [`FlowRecords`], kept in a ring that `openvpc flows` reads from.
//!
//! Nobody waits for a reader: the ring is everybody's queue, and one who is too slow is told what went by.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use openvpc_flows::ring::ROWS_MAX;
use openvpc_flows::{Places, Ring};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch;

use super::flow_records::FlowRecords;
use super::rule_names::RuleNames;

/// The latest records, of every interface.
pub struct LiveFlows {
    ring: Mutex<Ring>,
    grown: watch::Sender<u64>,
}

impl LiveFlows {
    pub fn new() -> LiveFlows {
        LiveFlows {
            ring: Mutex::new(Ring::new(ROWS_MAX)),
            grown: watch::Sender::new(0),
        }
    }

    /// The ring, for a moment.
    pub fn ring(&self) -> MutexGuard<'_, Ring> {
        // A ring is whole between any two of its operations.
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells the number of the next record whenever it has grown.
    pub fn grown(&self) -> watch::Receiver<u64> {
        self.grown.subscribe()
    }

    /// Keeps what passes, until the daemon stops.
    pub async fn keep(self: Arc<Self>, records: FlowRecords, names: Arc<RuleNames>) {
        let mut passing = records.subscribe();
        let mut places = Places::default();
        loop {
            match passing.recv().await {
                Ok(seen) => {
                    let mut ring = self.ring();
                    for record in seen.iter() {
                        ring.push(places.row(record, &*names));
                    }
                    self.grown.send_replace(ring.end());
                }
                Err(RecvError::Lagged(readings)) => {
                    tracing::error!(readings, "readings of flows went by unseen");
                }
                Err(RecvError::Closed) => return,
            }
        }
    }
}
