//! The one place where every flow record passes, for whoever watches traffic live.
//!
//! Flow-log delivery is the only reader of the engine's cells. Each of its readings passes here as records: about once a
//! second while somebody watches, of every interface, whether a flow log covers it or not. Packets and bytes of a record
//! are those since the reading before, so records of one flow add up and no packet is shown twice; the first readings
//! after a subscription may tell of up to a minute before it. A flow log's own records are the sums of the same readings
//! over its window.

use std::sync::Arc;

use openvpc_flowlog::Record;
use tokio::sync::broadcast;

/// Readings kept for a watcher that is slow; then it learns how many it has missed.
const READINGS_MAX: usize = 64;

/// One reading's records, by order of the engine's cells.
pub type Seen = Arc<Vec<Record>>;

/// Where records pass. Clones are one place.
#[derive(Clone)]
pub struct FlowRecords(broadcast::Sender<Seen>);

impl FlowRecords {
    pub fn new() -> FlowRecords {
        FlowRecords(broadcast::Sender::new(READINGS_MAX))
    }

    /// Everything that passes from now on. A receiver that falls behind is told so (`RecvError::Lagged`, in readings).
    pub fn subscribe(&self) -> broadcast::Receiver<Seen> {
        self.0.subscribe()
    }

    /// Whether anybody looks.
    pub fn is_watched(&self) -> bool {
        self.0.receiver_count() > 0
    }

    /// Lets a reading pass, if anybody looks.
    pub fn pass(&self, records: impl FnOnce() -> Vec<Record>) {
        if self.is_watched() {
            // Everybody may have gone in between.
            let _ = self.0.send(Arc::new(records()));
        }
    }
}
