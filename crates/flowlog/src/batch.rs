//! Delivery to CloudWatch Logs (`CW-1`, `CW-2`): which lines go to which stream, in which portions.

use std::sync::Arc;

use crate::{FlowLog, Record};

/// Events and bytes of one portion: what PutLogEvents takes.
const EVENTS_MAX: usize = 10_000;
const LEN_MAX_BYTES: usize = 1_048_576;
const EVENT_OVERHEAD_BYTES: usize = 26;

/// Lines of one flow log for one interface's stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    pub flow_log: Arc<FlowLog>,
    /// `<eni-id>-all`, `-accept` or `-reject`.
    pub log_stream: String,
    /// Flow log, window and portion: the same if the same window is delivered again.
    pub id: String,
    /// Record start in milliseconds and line, ascending by time.
    pub events: Vec<(i64, String)>,
}

/// Packs one interface's records of one window; they are sorted by their start.
pub(crate) fn pack(
    flow_log: &Arc<FlowLog>,
    window_ms: (i64, i64),
    records: &[Record],
) -> Vec<Batch> {
    let Some(first) = records.first() else {
        return Vec::new();
    };
    let log_stream = format!("{}-{}", first.interface.id, flow_log.filter.suffix());
    let (from, to) = window_ms;
    let mut batches: Vec<Batch> = Vec::new();
    let mut len_bytes = 0;
    for record in records {
        let line = record.render(&flow_log.format);
        let event_len = line.len() + EVENT_OVERHEAD_BYTES;
        let fits = |batch: &Batch| {
            batch.events.len() < EVENTS_MAX && len_bytes + event_len <= LEN_MAX_BYTES
        };
        if !batches.last().is_some_and(fits) {
            batches.push(Batch {
                flow_log: flow_log.clone(),
                log_stream: log_stream.clone(),
                id: format!("{}/{from}-{to}/{}", flow_log.id, batches.len()),
                events: Vec::new(),
            });
            len_bytes = 0;
        }
        len_bytes += event_len;
        if let Some(batch) = batches.last_mut() {
            batch.events.push((record.start * 1_000, line));
        }
    }
    batches
}
