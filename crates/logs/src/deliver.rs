//! Delivery from inside: flow logs write here, past the API's checks for outsiders.

use std::collections::BTreeMap;

use redb::ReadableTable;

use crate::name::{check_group, check_stream};
use crate::{Caller, Logs, LogsError};

/// Batches that a stream remembers. A delivery is repeated, if ever, right after a restart.
const BATCHES_REMEMBERED_MAX: usize = 64;

/// One batch for one stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    pub account: String,
    pub region: String,
    pub log_group: String,
    pub log_stream: String,
    /// The same for a repeated delivery of the same events, different for every other one.
    pub batch_id: String,
    /// Timestamp (milliseconds since the Unix epoch) and message.
    pub events: Vec<(i64, String)>,
}

/// What became of deliveries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Delivered {
    pub events: u64,
    /// Batches that had been taken before.
    pub repeated_batches: u64,
    /// Batches that can never be taken, by place, and why: a name that cannot be, or too many
    /// groups or streams. One bad flow log shall not hold up the others.
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
        if stream.batches.contains(&delivery.batch_id) {
            return Ok(false);
        }
        if stream.batches.len() == BATCHES_REMEMBERED_MAX {
            stream.batches.pop_front();
        }
        stream.batches.push_back(delivery.batch_id.clone());
        let events = delivery
            .events
            .iter()
            .map(|(at, message)| (*at, message.as_str()));
        tables.add_events(group.number, &mut stream, events, caller.now_ms)?;
        tables.put_stream(group.number, name, &stream)?;
        Ok(true)
    }
}
