//! FilterLogEvents: many streams in the order of time, through a pattern.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use redb::{ReadOnlyTable, ReadTransaction};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::events::{PAGE_LEN_MAX_BYTES, PAGE_MAX};
use crate::name::group_of;
use crate::pattern::Pattern;
use crate::request::page_size;
use crate::tables::{
    EVENTS, EventKey, EventRow, STREAMS, Stream, event_len_bytes, read_group, stream,
};
use crate::{Caller, Logs, LogsError};

/// Events looked at for one page; a page may be short or empty and still have a next one.
const SCANNED_MAX: usize = 100_000;

/// Stream names in one request. AWS: FilterLogEvents.
const STREAM_NAMES_MAX: usize = 100;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FilterLogEvents {
    log_group_name: Option<String>,
    log_group_identifier: Option<String>,
    log_stream_names: Option<Vec<String>>,
    log_stream_name_prefix: Option<String>,
    start_time: Option<i64>,
    end_time: Option<i64>,
    filter_pattern: Option<String>,
    next_token: Option<String>,
    limit: Option<i64>,
}

impl Logs {
    pub(crate) fn filter_log_events(
        &self,
        caller: Caller,
        req: FilterLogEvents,
    ) -> Result<Value, LogsError> {
        let limit = page_size(req.limit, PAGE_MAX)?;
        let pattern: Pattern = req.filter_pattern.as_deref().unwrap_or_default().parse()?;
        let name = group_of(
            caller,
            req.log_group_name.as_deref(),
            req.log_group_identifier.as_deref(),
        )?;
        let transaction = self.database.begin_read()?;
        let group = read_group(&transaction, (caller.account, caller.region, name))?;
        let streams = chosen_streams(&transaction, group.number, &req)?;
        let since = req
            .start_time
            .unwrap_or(0)
            .max(group.kept_since(caller.now_ms))
            .max(0);
        let start = match &req.next_token {
            Some(token) => parse_token(token)?.max((since, 0)),
            None => (since, 0),
        };
        let end = (req.end_time.unwrap_or(i64::MAX - 1).saturating_add(1), 0);
        let mut merged = Merged::open(&transaction.open_table(EVENTS)?, &streams, start, end)?;

        let mut page = Vec::new();
        let (mut scanned, mut len_bytes) = (0, 0);
        let mut next = None;
        while let Some(event) = merged.next()? {
            let (timestamp, sequence) = event.at;
            if page.len() == limit || scanned == SCANNED_MAX || len_bytes > PAGE_LEN_MAX_BYTES {
                next = Some(format!("{timestamp:019}{sequence:020}"));
                break;
            }
            scanned += 1;
            if pattern.matches(&event.message) {
                len_bytes += event_len_bytes(&event.message);
                page.push(json!({
                    "logStreamName": streams[event.stream].0,
                    "timestamp": timestamp,
                    "message": event.message,
                    "ingestionTime": event.ingested,
                    "eventId": format!("{timestamp:019}{sequence:037}"),
                }));
            }
        }
        let mut answer = json!({ "events": page, "searchedLogStreams": [] });
        if let Some(next) = next {
            answer["nextToken"] = json!(next);
        }
        Ok(answer)
    }
}

/// A page token is the place of the first event not yet looked at.
fn parse_token(token: &str) -> Result<(i64, u64), LogsError> {
    let refuse = || LogsError::invalid("The specified nextToken is invalid.");
    if token.len() != 39 || !token.bytes().all(|b| b.is_ascii_digit()) {
        return Err(refuse());
    }
    Ok((
        token[..19].parse().map_err(|_| refuse())?,
        token[19..].parse().map_err(|_| refuse())?,
    ))
}

/// Names and numbers of the streams asked for: those named, those with a prefix, or all.
fn chosen_streams(
    transaction: &ReadTransaction,
    group: u64,
    req: &FilterLogEvents,
) -> Result<Vec<(String, u64)>, LogsError> {
    let table = transaction.open_table(STREAMS)?;
    if let Some(names) = &req.log_stream_names {
        if req.log_stream_name_prefix.is_some() {
            return Err(LogsError::invalid(
                "Cannot specify both logStreamNames and logStreamNamePrefix.",
            ));
        }
        if names.is_empty() || names.len() > STREAM_NAMES_MAX {
            return Err(LogsError::constraint(
                "logStreamNames",
                &format!("{} names", names.len()),
                "have length between 1 and 100",
            ));
        }
        let mut names = names.clone();
        names.sort();
        names.dedup();
        return names
            .into_iter()
            .map(|name| Ok((name.clone(), stream(&table, group, &name)?.number)))
            .collect();
    }
    let prefix = req.log_stream_name_prefix.as_deref().unwrap_or_default();
    let mut streams = Vec::new();
    for row in table.range((group, prefix)..(group + 1, ""))? {
        let (key, row) = row?;
        let name = key.value().1;
        if !name.starts_with(prefix) {
            break;
        }
        let stream: Stream = serde_json::from_slice(row.value())?;
        streams.push((name.to_owned(), stream.number));
    }
    Ok(streams)
}

/// Several streams read as one.
struct Merged {
    sources: Vec<redb::Range<'static, EventKey, EventRow>>,
    heads: BinaryHeap<Reverse<Event>>,
}

/// One event of the merged streams.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Event {
    /// Timestamp and sequence: one order over all streams.
    at: (i64, u64),
    stream: usize,
    ingested: i64,
    message: String,
}

impl Merged {
    fn open(
        events: &ReadOnlyTable<EventKey, EventRow>,
        streams: &[(String, u64)],
        start: (i64, u64),
        end: (i64, u64),
    ) -> Result<Merged, LogsError> {
        let mut merged = Merged {
            sources: Vec::new(),
            heads: BinaryHeap::new(),
        };
        if start < end {
            for (at, (_, number)) in streams.iter().enumerate() {
                let keys = (*number, start.0, start.1)..(*number, end.0, end.1);
                merged.sources.push(events.range(keys)?);
                merged.pull(at)?;
            }
        }
        Ok(merged)
    }

    /// Puts the next event of one stream among the heads.
    fn pull(&mut self, stream: usize) -> Result<(), LogsError> {
        if let Some(row) = self.sources[stream].next() {
            let (key, row) = row?;
            let ((_, timestamp, sequence), (ingested, message)) = (key.value(), row.value());
            self.heads.push(Reverse(Event {
                at: (timestamp, sequence),
                stream,
                ingested,
                message: message.to_owned(),
            }));
        }
        Ok(())
    }

    fn next(&mut self) -> Result<Option<Event>, LogsError> {
        let Some(Reverse(head)) = self.heads.pop() else {
            return Ok(None);
        };
        self.pull(head.stream)?;
        Ok(Some(head))
    }
}
