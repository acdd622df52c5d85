//! The tables and the rows in them.
//!
//! | Table | Key | Value |
//! |---|---|---|
//! | `groups` | account, region, name | [`Group`] as JSON |
//! | `streams` | group number, name | [`Stream`] as JSON |
//! | `events` | stream number, timestamp, sequence | ingestion time, message |
//! | `arrivals` | sequence | group number, stream number, timestamp: the order of discarding |
//! | `sizes` | group number | stored bytes |
//! | `meta` | name | a counter |
//!
//! Group and stream numbers and sequences come from counters and are never reused, so a page token
//! or a row of a deleted stream can never speak of its successor.

use std::collections::{BTreeMap, VecDeque};

use redb::{ReadTransaction, ReadableTable, Table, TableDefinition, WriteTransaction};
use serde::{Deserialize, Serialize};

use crate::LogsError;

pub(crate) type GroupKey = (&'static str, &'static str, &'static str);
pub(crate) type StreamKey = (u64, &'static str);
/// Stream, timestamp, sequence.
pub(crate) type EventKey = (u64, i64, u64);
/// Ingestion time and message.
pub(crate) type EventRow = (i64, &'static str);

pub(crate) const GROUPS: TableDefinition<GroupKey, &[u8]> = TableDefinition::new("groups");
pub(crate) const STREAMS: TableDefinition<StreamKey, &[u8]> = TableDefinition::new("streams");
pub(crate) const EVENTS: TableDefinition<EventKey, EventRow> = TableDefinition::new("events");
pub(crate) const ARRIVALS: TableDefinition<u64, (u64, u64, i64)> = TableDefinition::new("arrivals");
pub(crate) const SIZES: TableDefinition<u64, u64> = TableDefinition::new("sizes");
pub(crate) const META: TableDefinition<&str, u64> = TableDefinition::new("meta");

/// Counters in `meta`.
pub(crate) mod counter {
    pub const FORMAT: &str = "format";
    /// The last group or stream number given.
    pub const NUMBER: &str = "number";
    /// The last event sequence given.
    pub const SEQUENCE: &str = "sequence";
    /// Events kept.
    pub const EVENTS: &str = "events";
    /// Their bytes, as AWS counts them.
    pub const BYTES: &str = "bytes";
    /// Events discarded because of the limits.
    pub const DISCARDED: &str = "discarded";
}

/// Bytes that every event costs beside its message. AWS: PutLogEvents, batch size.
pub(crate) const EVENT_OVERHEAD_BYTES: u64 = 26;

/// What an event of this message counts for.
pub(crate) fn event_len_bytes(message: &str) -> u64 {
    message.len() as u64 + EVENT_OVERHEAD_BYTES
}

/// A log group.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Group {
    pub number: u64,
    pub created_at: i64,
    pub retention_days: Option<u32>,
    pub class: String,
    pub tags: BTreeMap<String, String>,
}

/// A log stream.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Stream {
    pub number: u64,
    pub created_at: i64,
    pub first_timestamp: Option<i64>,
    pub last_timestamp: Option<i64>,
    pub last_ingestion: Option<i64>,
    /// The latest internal batches taken, so that a repeated one is known; by who delivered them, the latest last.
    #[serde(default)]
    pub sources: VecDeque<Source>,
    /// The same of all together, in rows of a version before this one.
    #[serde(default, skip_serializing_if = "VecDeque::is_empty")]
    pub batches: VecDeque<String>,
}

/// What a stream remembers of one who delivers there.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Source {
    pub name: String,
    pub batches: VecDeque<String>,
}

/// All tables, to be changed together.
pub(crate) struct Tables<'t> {
    pub groups: Table<'t, GroupKey, &'static [u8]>,
    pub streams: Table<'t, StreamKey, &'static [u8]>,
    pub events: Table<'t, EventKey, EventRow>,
    pub arrivals: Table<'t, u64, (u64, u64, i64)>,
    pub sizes: Table<'t, u64, u64>,
    pub meta: Table<'t, &'static str, u64>,
}

impl<'t> Tables<'t> {
    pub fn open(transaction: &'t WriteTransaction) -> Result<Tables<'t>, redb::TableError> {
        Ok(Tables {
            groups: transaction.open_table(GROUPS)?,
            streams: transaction.open_table(STREAMS)?,
            events: transaction.open_table(EVENTS)?,
            arrivals: transaction.open_table(ARRIVALS)?,
            sizes: transaction.open_table(SIZES)?,
            meta: transaction.open_table(META)?,
        })
    }

    /// Counts a counter up and returns its new value.
    pub fn count(&mut self, name: &'static str, by: u64) -> Result<u64, LogsError> {
        let value = counter(&self.meta, name)? + by;
        self.meta.insert(name, value)?;
        Ok(value)
    }

    /// Counts a counter down.
    pub fn uncount(&mut self, name: &'static str, by: u64) -> Result<(), LogsError> {
        let value = counter(&self.meta, name)?.saturating_sub(by);
        self.meta.insert(name, value)?;
        Ok(())
    }

    pub fn put_group(&mut self, key: (&str, &str, &str), group: &Group) -> Result<(), LogsError> {
        self.groups
            .insert(key, serde_json::to_vec(group)?.as_slice())?;
        Ok(())
    }

    pub fn put_stream(&mut self, group: u64, name: &str, stream: &Stream) -> Result<(), LogsError> {
        self.streams
            .insert((group, name), serde_json::to_vec(stream)?.as_slice())?;
        Ok(())
    }

    /// Takes out events, each with its group's number, and everything that counts them.
    pub fn remove_events(
        &mut self,
        events: impl IntoIterator<Item = (u64, (u64, i64, u64))>,
    ) -> Result<(), LogsError> {
        let mut sizes: BTreeMap<u64, u64> = BTreeMap::new();
        let mut removed = 0;
        for (group, key) in events {
            self.arrivals.remove(key.2)?;
            if let Some(row) = self.events.remove(key)? {
                *sizes.entry(group).or_default() += event_len_bytes(row.value().1);
                removed += 1;
            }
        }
        for (group, len) in &sizes {
            let size = self.sizes.get(group)?.map_or(0, |size| size.value());
            self.sizes.insert(group, size.saturating_sub(*len))?;
        }
        self.uncount(counter::EVENTS, removed)?;
        self.uncount(counter::BYTES, sizes.values().sum())
    }
}

pub(crate) fn counter(
    meta: &impl ReadableTable<&'static str, u64>,
    name: &str,
) -> Result<u64, LogsError> {
    Ok(meta.get(name)?.map_or(0, |value| value.value()))
}

/// Reads a group.
pub(crate) fn group(
    groups: &impl ReadableTable<GroupKey, &'static [u8]>,
    key: (&str, &str, &str),
) -> Result<Group, LogsError> {
    match groups.get(key)? {
        Some(row) => Ok(serde_json::from_slice(row.value())?),
        None => Err(LogsError::no_group()),
    }
}

/// Reads a stream.
pub(crate) fn stream(
    streams: &impl ReadableTable<StreamKey, &'static [u8]>,
    group: u64,
    name: &str,
) -> Result<Stream, LogsError> {
    match streams.get((group, name))? {
        Some(row) => Ok(serde_json::from_slice(row.value())?),
        None => Err(LogsError::no_stream()),
    }
}

/// Reads a group in a transaction of its own.
pub(crate) fn read_group(
    transaction: &ReadTransaction,
    key: (&str, &str, &str),
) -> Result<Group, LogsError> {
    group(&transaction.open_table(GROUPS)?, key)
}
