//! Delivery from inside: flow logs write here, past the API's checks for outsiders.

use std::collections::BTreeMap;

use redb::ReadableTable;

use crate::name::{check_group, check_stream};
use crate::tables::{Source, Stream};
use crate::{Caller, Logs, LogsError};

/// Batches of one source that a stream remembers. A delivery is repeated, if ever, before its source sends another one.
const BATCHES_REMEMBERED_MAX: usize = 64;
/// Sources whose batches a stream remembers: those that delivered last. Flow logs of a VPC, its subnets and their interfaces
/// may share a stream; a memory of their own keeps one's batches known, however many the others deliver meanwhile.
const SOURCES_REMEMBERED_MAX: usize = 64;

/// One batch for one stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    pub account: String,
    pub region: String,
    pub log_group: String,
    pub log_stream: String,
    /// Who delivers, such as a flow log: its batches come one call after the other, and only the last call is repeated.
    pub source: String,
    /// The same for a repeated delivery of the same events, different for every other one.
    pub batch_id: String,
    /// Whether it may make its group, if that is not there.
    pub makes_group: bool,
    /// Timestamp (milliseconds since the Unix epoch) and message.
    pub events: Vec<(i64, String)>,
}

/// What became of deliveries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Delivered {
    pub events: u64,
    /// Batches that had been taken before.
    pub repeated_batches: u64,
    /// Batches that cannot be taken, by place, and why: a name that cannot be, too many groups or streams, or a group that
    /// is not there and may not be made. One bad flow log shall not hold up the others.
    pub refused: Vec<(usize, LogsError)>,
}

impl Logs {
    /// Takes the batches in one durable transaction. Makes groups and streams that are not there
    /// (`CW-3`); a batch that its stream remembers is skipped, so that a delivery repeated after a
    /// failure or a crash is not doubled.
    ///
    /// # Errors
    /// Only when the storage fails; nothing was taken then, and all may be delivered again.
    pub fn deliver(&self, deliveries: &[Delivery], now_ms: i64) -> Result<Delivered, LogsError> {
        self.write(|tables| {
            let mut delivered = Delivered::default();
            for (at, delivery) in deliveries.iter().enumerate() {
                let caller = Caller {
                    account: &delivery.account,
                    region: &delivery.region,
                    now_ms,
                };
                match self.deliver_one(tables, caller, delivery) {
                    Ok(true) => delivered.events += delivery.events.len() as u64,
                    Ok(false) => delivered.repeated_batches += 1,
                    Err(error) if error.status() == 400 => delivered.refused.push((at, error)),
                    Err(error) => return Err(error),
                }
            }
            tables.discard_beyond(self.limits)?;
            Ok(delivered)
        })
    }

    fn deliver_one(
        &self,
        tables: &mut crate::tables::Tables,
        caller: Caller,
        delivery: &Delivery,
    ) -> Result<bool, LogsError> {
        check_group(&delivery.log_group)?;
        check_stream(&delivery.log_stream)?;
        let key = (caller.account, caller.region, delivery.log_group.as_str());
        let row = tables.groups.get(key)?.map(|row| row.value().to_vec());
        let group = match row {
            Some(row) => serde_json::from_slice(&row)?,
            None if !delivery.makes_group => return Err(LogsError::no_group()),
            None => {
                let class = "STANDARD".to_owned();
                tables.new_group(key, class, BTreeMap::new(), caller.now_ms, self.limits)?
            }
        };
        let name = delivery.log_stream.as_str();
        let row = tables
            .streams
            .get((group.number, name))?
            .map(|row| row.value().to_vec());
        let mut stream = match row {
            Some(row) => serde_json::from_slice(&row)?,
            None => tables.new_stream(group.number, name, caller.now_ms, self.limits)?,
        };
        if !stream.remember(&delivery.source, &delivery.batch_id) {
            return Ok(false);
        }
        let events = delivery
            .events
            .iter()
            .map(|(at, message)| (*at, message.as_str()));
        tables.add_events(group.number, &mut stream, events, caller.now_ms)?;
        tables.put_stream(group.number, name, &stream)?;
        Ok(true)
    }
}

impl Stream {
    /// Remembers a batch; whether it has not been taken yet.
    fn remember(&mut self, source: &str, batch: &str) -> bool {
        // Of all sources together, as a version before this one remembered them: they go as new ones come.
        if self.batches.iter().any(|known| known == batch) {
            return false;
        }
        self.batches.pop_front();
        let place = self.sources.iter().position(|known| known.name == source);
        let mut known = match place {
            Some(place) => self.sources.remove(place).unwrap_or_default(),
            None => Source {
                name: source.to_owned(),
                ..Source::default()
            },
        };
        let is_news = !known.batches.iter().any(|known| known == batch);
        if is_news {
            known.batches.push_back(batch.to_owned());
            let beyond = known.batches.len().saturating_sub(BATCHES_REMEMBERED_MAX);
            known.batches.drain(..beyond);
        }
        self.sources.push_back(known);
        let beyond = self.sources.len().saturating_sub(SOURCES_REMEMBERED_MAX);
        self.sources.drain(..beyond);
        is_news
    }
}
