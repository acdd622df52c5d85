//! How much is kept, and what goes when it is more.

use redb::ReadableTable;

use crate::tables::{
    EVENTS, GROUPS, Group, META, STREAMS, Stream, Tables, counter, event_len_bytes,
};
use crate::{Logs, LogsError};

/// Milliseconds in a day.
pub(crate) const DAY_MS: i64 = 86_400_000;

/// Events removed in one transaction by [`Logs::expire`]; the rest waits for the next call.
const EXPIRE_MAX: usize = 50_000;

/// Bounds of the whole service, all accounts and regions together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    pub events_max: u64,
    /// As AWS counts them: message and 26 bytes for each event.
    pub bytes_max: u64,
    pub groups_max: u64,
    pub streams_max: u64,
}

impl Limits {
    /// For a data directory.
    pub const DURABLE: Limits = Limits {
        events_max: 2_000_000,
        bytes_max: 512 << 20,
        groups_max: 10_000,
        streams_max: 200_000,
    };
    /// For memory.
    pub const EPHEMERAL: Limits = Limits {
        events_max: 100_000,
        bytes_max: 16 << 20,
        groups_max: 10_000,
        streams_max: 50_000,
    };
}

/// What is kept, and what had to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    pub events: u64,
    pub bytes: u64,
    /// Events discarded by the limits, never counting those that expired or were deleted.
    pub discarded: u64,
}

impl Group {
    /// Events before this time are expired.
    pub fn kept_since(&self, now_ms: i64) -> i64 {
        match self.retention_days {
            Some(days) => now_ms - i64::from(days) * DAY_MS,
            None => 0,
        }
    }
}

/// An event's group and key.
type GroupedEvent = (u64, (u64, i64, u64));

impl Logs {
    /// What is kept now.
    ///
    /// # Errors
    /// Only when the storage fails.
    pub fn usage(&self) -> Result<Usage, LogsError> {
        let meta = self.database.begin_read()?.open_table(META)?;
        Ok(Usage {
            events: crate::tables::counter(&meta, counter::EVENTS)?,
            bytes: crate::tables::counter(&meta, counter::BYTES)?,
            discarded: crate::tables::counter(&meta, counter::DISCARDED)?,
        })
    }

    /// Removes expired events, at most 50,000; returns how many. To be called now and then.
    ///
    /// # Errors
    /// Only when the storage fails.
    pub fn expire(&self, now_ms: i64) -> Result<usize, LogsError> {
        let expired = self.expired(now_ms)?;
        if !expired.is_empty() {
            self.remove(|tables| tables.remove_events(expired.iter().copied()))?;
        }
        Ok(expired.len())
    }

    fn expired(&self, now_ms: i64) -> Result<Vec<GroupedEvent>, LogsError> {
        let transaction = self.database.begin_read()?;
        let streams = transaction.open_table(STREAMS)?;
        let events = transaction.open_table(EVENTS)?;
        let mut expired = Vec::new();
        for row in transaction.open_table(GROUPS)?.iter()? {
            let group: Group = serde_json::from_slice(row?.1.value())?;
            let cutoff = group.kept_since(now_ms);
            if group.retention_days.is_none() {
                continue;
            }
            for row in streams.range((group.number, "")..(group.number + 1, ""))? {
                let stream: Stream = serde_json::from_slice(row?.1.value())?;
                let old = (stream.number, i64::MIN, 0)..(stream.number, cutoff, 0);
                for event in events.range(old)?.take(EXPIRE_MAX - expired.len()) {
                    expired.push((group.number, event?.0.value()));
                }
            }
        }
        Ok(expired)
    }
}

impl Tables<'_> {
    /// Discards what arrived first until the limits hold again.
    pub fn discard_beyond(&mut self, limits: Limits) -> Result<(), LogsError> {
        let mut events = crate::tables::counter(&self.meta, counter::EVENTS)?;
        let mut bytes = crate::tables::counter(&self.meta, counter::BYTES)?;
        let mut oldest = Vec::new();
        for row in self.arrivals.iter()? {
            if events <= limits.events_max && bytes <= limits.bytes_max {
                break;
            }
            let (sequence, row) = row?;
            let (group, stream, timestamp) = row.value();
            let key = (stream, timestamp, sequence.value());
            let len = self
                .events
                .get(key)?
                .map(|row| event_len_bytes(row.value().1));
            events = events.saturating_sub(1);
            bytes = bytes.saturating_sub(len.unwrap_or(0));
            oldest.push((group, key));
        }
        self.count(counter::DISCARDED, oldest.len() as u64)?;
        self.remove_events(oldest)
    }
}
