//! Log streams.

use std::collections::VecDeque;

use redb::{ReadableTable, ReadableTableMetadata};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::name::{check_stream, group_of, stream_arn};
use crate::request::{page_size, required};
use crate::tables::{STREAMS, Stream, Tables, counter, group, read_group, stream};
use crate::{Caller, Limits, Logs, LogsError};

/// Streams on one page. AWS: DescribeLogStreams.
const PAGE_MAX: usize = 50;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NamedStream {
    log_group_name: Option<String>,
    log_stream_name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DescribeLogStreams {
    log_group_name: Option<String>,
    log_group_identifier: Option<String>,
    log_stream_name_prefix: Option<String>,
    order_by: Option<String>,
    descending: Option<bool>,
    limit: Option<i64>,
    next_token: Option<String>,
}

impl Logs {
    pub(crate) fn create_log_stream(
        &self,
        caller: Caller,
        req: NamedStream,
    ) -> Result<Value, LogsError> {
        let name = required(&req.log_stream_name, "logStreamName")?;
        check_stream(name)?;
        let key = (
            caller.account,
            caller.region,
            group_of(caller, req.log_group_name.as_deref(), None)?,
        );
        self.write(|tables| {
            let group = group(&tables.groups, key)?.number;
            if tables.streams.get((group, name))?.is_some() {
                return Err(LogsError::stream_exists());
            }
            tables.new_stream(group, name, caller.now_ms, self.limits)?;
            Ok(json!({}))
        })
    }

    pub(crate) fn delete_log_stream(
        &self,
        caller: Caller,
        req: NamedStream,
    ) -> Result<Value, LogsError> {
        let name = required(&req.log_stream_name, "logStreamName")?;
        let key = (
            caller.account,
            caller.region,
            required(&req.log_group_name, "logGroupName")?,
        );
        self.remove(|tables| {
            let group = group(&tables.groups, key)?.number;
            let number = stream(&tables.streams, group, name)?.number;
            tables.remove_stream(group, name, number)?;
            Ok(json!({}))
        })
    }

    pub(crate) fn describe_log_streams(
        &self,
        caller: Caller,
        req: DescribeLogStreams,
    ) -> Result<Value, LogsError> {
        let limit = page_size(req.limit, PAGE_MAX)?;
        let name = group_of(
            caller,
            req.log_group_name.as_deref(),
            req.log_group_identifier.as_deref(),
        )?;
        let by_time = match req.order_by.as_deref() {
            None | Some("LogStreamName") => false,
            Some("LastEventTime") => true,
            Some(other) => {
                return Err(LogsError::constraint(
                    "orderBy",
                    other,
                    "satisfy enum value set: [LogStreamName, LastEventTime]",
                ));
            }
        };
        let prefix = req.log_stream_name_prefix.unwrap_or_default();
        if by_time && !prefix.is_empty() {
            return Err(LogsError::invalid(
                "Cannot order by LastEventTime with a logStreamNamePrefix.",
            ));
        }
        let transaction = self.database.begin_read()?;
        let group = read_group(&transaction, (caller.account, caller.region, name))?.number;
        let streams = transaction.open_table(STREAMS)?;
        let mut found = Vec::new();
        for row in streams.range((group, prefix.as_str())..(group + 1, ""))? {
            let (key, row) = row?;
            let stream_name = key.value().1;
            if !stream_name.starts_with(&prefix) {
                break;
            }
            let stream: Stream = serde_json::from_slice(row.value())?;
            found.push((stream_name.to_owned(), stream));
        }
        if by_time {
            found.sort_by_key(|(_, stream)| stream.last_timestamp);
        }
        if req.descending == Some(true) {
            found.reverse();
        }
        // A page token is the last name of the page before, wherever it stands now.
        let start = match &req.next_token {
            None => 0,
            Some(after) => match found.iter().position(|(name, _)| name == after) {
                Some(at) => at + 1,
                None => return Err(LogsError::invalid("The specified nextToken is invalid.")),
            },
        };
        let page = &found[start..found.len().min(start + limit)];
        let mut answer = json!({
            "logStreams": page.iter().map(|(stream_name, stream)| describe(caller, name, stream_name, stream)).collect::<Vec<_>>(),
        });
        if let (Some((last, _)), true) = (page.last(), start + page.len() < found.len()) {
            answer["nextToken"] = json!(last);
        }
        Ok(answer)
    }
}

fn describe(caller: Caller, group: &str, name: &str, stream: &Stream) -> Value {
    let mut shown = json!({
        "logStreamName": name,
        "creationTime": stream.created_at,
        "arn": stream_arn(caller, group, name),
        // AWS has answered 0 here since June 2019.
        "storedBytes": 0,
    });
    let times = [
        ("firstEventTimestamp", stream.first_timestamp),
        ("lastEventTimestamp", stream.last_timestamp),
        ("lastIngestionTime", stream.last_ingestion),
    ];
    for (member, time) in times {
        if let Some(time) = time {
            shown[member] = json!(time);
        }
    }
    if stream.last_ingestion.is_some() {
        shown["uploadSequenceToken"] = json!(crate::put::SEQUENCE_TOKEN);
    }
    shown
}

impl Tables<'_> {
    /// Makes a stream that is not there yet.
    pub fn new_stream(
        &mut self,
        group: u64,
        name: &str,
        now_ms: i64,
        limits: Limits,
    ) -> Result<Stream, LogsError> {
        if self.streams.len()? >= limits.streams_max {
            return Err(LogsError::limit_exceeded());
        }
        let stream = Stream {
            number: self.count(counter::NUMBER, 1)?,
            created_at: now_ms,
            first_timestamp: None,
            last_timestamp: None,
            last_ingestion: None,
            sources: VecDeque::new(),
            batches: VecDeque::new(),
        };
        self.put_stream(group, name, &stream)?;
        Ok(stream)
    }

    /// Takes out a stream with its events.
    pub fn remove_stream(&mut self, group: u64, name: &str, number: u64) -> Result<(), LogsError> {
        let mut keys = Vec::new();
        for row in self
            .events
            .range((number, i64::MIN, 0)..(number + 1, i64::MIN, 0))?
        {
            keys.push(row?.0.value());
        }
        self.remove_events(keys.into_iter().map(|key| (group, key)))?;
        self.streams.remove((group, name))?;
        Ok(())
    }
}
