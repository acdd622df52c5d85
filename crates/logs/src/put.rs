//! PutLogEvents: what a batch may be, and how it is kept.

use redb::ReadableTable;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::limits::DAY_MS;
use crate::name::group_of;
use crate::request::required;
use crate::tables::{Stream, Tables, counter, event_len_bytes, group, stream};
use crate::{Caller, Logs, LogsError};

/// Events in a batch. AWS: PutLogEvents.
const BATCH_EVENTS_MAX: usize = 10_000;
/// Bytes of a batch, messages and 26 for each event.
const BATCH_LEN_MAX_BYTES: u64 = 1_048_576;
/// From the first to the last event of a batch.
const BATCH_SPAN_MAX_MS: i64 = DAY_MS;
/// Older events are rejected.
const PAST_MAX_MS: i64 = 14 * DAY_MS;
/// Later events are rejected.
const FUTURE_MAX_MS: i64 = 2 * 3_600_000;

/// Sequence tokens are answered but, as on AWS since 2023, not looked at.
pub(crate) const SEQUENCE_TOKEN: &str = "49660000000000000000000000000000000000000000000000000001";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PutLogEvents {
    log_group_name: Option<String>,
    log_stream_name: Option<String>,
    log_events: Option<Vec<InputLogEvent>>,
}

#[derive(Deserialize)]
pub(crate) struct InputLogEvent {
    timestamp: i64,
    message: String,
}

impl Logs {
    pub(crate) fn put_log_events(
        &self,
        caller: Caller,
        req: PutLogEvents,
    ) -> Result<Value, LogsError> {
        let events = req
            .log_events
            .ok_or_else(|| LogsError::missing("logEvents"))?;
        check_batch(&events)?;
        let group_name = group_of(caller, req.log_group_name.as_deref(), None)?;
        let stream_name = required(&req.log_stream_name, "logStreamName")?;
        self.write(|tables| {
            let group = group(&tables.groups, (caller.account, caller.region, group_name))?;
            let mut stream = stream(&tables.streams, group.number, stream_name)?;
            let window = Window::of(&events, group.kept_since(caller.now_ms), caller.now_ms);
            let accepted = events[window.from..window.to]
                .iter()
                .map(|event| (event.timestamp, event.message.as_str()));
            tables.add_events(group.number, &mut stream, accepted, caller.now_ms)?;
            tables.put_stream(group.number, stream_name, &stream)?;
            tables.discard_beyond(self.limits)?;
            let mut answer = json!({ "nextSequenceToken": SEQUENCE_TOKEN });
            if let Some(rejected) = window.rejected(events.len()) {
                answer["rejectedLogEventsInfo"] = rejected;
            }
            Ok(answer)
        })
    }
}

fn check_batch(events: &[InputLogEvent]) -> Result<(), LogsError> {
    if events.is_empty() || events.len() > BATCH_EVENTS_MAX {
        return Err(LogsError::constraint(
            "logEvents",
            &format!("{} events", events.len()),
            "have length between 1 and 10000",
        ));
    }
    if events.iter().any(|event| event.message.is_empty()) {
        return Err(LogsError::constraint(
            "logEvents.member.message",
            "",
            "have length greater than or equal to 1",
        ));
    }
    if events.iter().any(|event| event.timestamp < 0) {
        return Err(LogsError::constraint(
            "logEvents.member.timestamp",
            "negative",
            "have value greater than or equal to 0",
        ));
    }
    let len: u64 = events
        .iter()
        .map(|event| event_len_bytes(&event.message))
        .sum();
    if len > BATCH_LEN_MAX_BYTES {
        return Err(LogsError::invalid(format!(
            "Upload too large: {len} bytes exceeds limit of {BATCH_LEN_MAX_BYTES}"
        )));
    }
    if !events.is_sorted_by_key(|event| event.timestamp) {
        return Err(LogsError::invalid(
            "Log events in a single PutLogEvents request must be in chronological order.",
        ));
    }
    let span = events[events.len() - 1].timestamp - events[0].timestamp;
    if span > BATCH_SPAN_MAX_MS {
        return Err(LogsError::invalid(
            "The batch of log events in a single PutLogEvents request cannot span more than 24 hours.",
        ));
    }
    Ok(())
}

/// The part of a sorted batch that is accepted.
struct Window {
    /// Events before are older than 14 days.
    too_old: usize,
    /// Events before are older than the group's retention.
    expired: usize,
    from: usize,
    to: usize,
}

impl Window {
    fn of(events: &[InputLogEvent], kept_since: i64, now_ms: i64) -> Window {
        let before = |time: i64| events.partition_point(|event| event.timestamp < time);
        let too_old = before(now_ms - PAST_MAX_MS);
        let expired = before(kept_since);
        let from = too_old.max(expired);
        Window {
            too_old,
            expired,
            from,
            to: before(now_ms + FUTURE_MAX_MS + 1).max(from),
        }
    }

    /// `rejectedLogEventsInfo`: ends are exclusive, the start is inclusive.
    fn rejected(&self, len: usize) -> Option<Value> {
        let mut info = json!({});
        if self.too_old > 0 {
            info["tooOldLogEventEndIndex"] = json!(self.too_old);
        }
        if self.expired > self.too_old {
            info["expiredLogEventEndIndex"] = json!(self.expired);
        }
        if self.to < len {
            info["tooNewLogEventStartIndex"] = json!(self.to);
        }
        (info != json!({})).then_some(info)
    }
}

impl Tables<'_> {
    /// Adds events to a stream; the caller puts the changed stream back.
    pub fn add_events<'a>(
        &mut self,
        group: u64,
        stream: &mut Stream,
        events: impl Iterator<Item = (i64, &'a str)>,
        now_ms: i64,
    ) -> Result<(), LogsError> {
        let before = crate::tables::counter(&self.meta, counter::SEQUENCE)?;
        let mut sequence = before;
        let mut bytes = 0;
        for (timestamp, message) in events {
            sequence += 1;
            bytes += event_len_bytes(message);
            self.events
                .insert((stream.number, timestamp, sequence), (now_ms, message))?;
            self.arrivals
                .insert(sequence, (group, stream.number, timestamp))?;
            let first = stream.first_timestamp.get_or_insert(timestamp);
            *first = timestamp.min(*first);
            stream.last_timestamp = stream.last_timestamp.max(Some(timestamp));
            stream.last_ingestion = Some(now_ms);
        }
        let size = self.sizes.get(group)?.map_or(0, |size| size.value());
        self.sizes.insert(group, size + bytes)?;
        self.count(counter::SEQUENCE, sequence - before)?;
        self.count(counter::EVENTS, sequence - before)?;
        self.count(counter::BYTES, bytes)?;
        Ok(())
    }
}
