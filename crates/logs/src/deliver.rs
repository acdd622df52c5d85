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
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Delivered {
    pub events: u64,
    /// Batches that had been taken before.
    pub repeated_batches: u64,
}

impl Logs {
    /// Takes all batches in one durable transaction, or none. Makes groups and streams that are not
    /// there (`CW-3`); a batch that its stream remembers is skipped, so that a delivery repeated
    /// after a crash is not doubled.
    ///
    /// # Errors
    /// `InvalidParameterException` for a name that cannot be; `LimitExceededException` when there
    /// are too many groups or streams; else only when the storage fails.
    pub fn deliver(&self, deliveries: &[Delivery], now_ms: i64) -> Result<Delivered, LogsError> {
        for delivery in deliveries {
            check_group(&delivery.log_group)?;
            check_stream(&delivery.log_stream)?;
        }
        self.write(|tables| {
            let mut delivered = Delivered::default();
            for delivery in deliveries {
                let caller = Caller {
                    account: &delivery.account,
                    region: &delivery.region,
                    now_ms,
                };
                if self.deliver_one(tables, caller, delivery)? {
                    delivered.events += delivery.events.len() as u64;
                } else {
                    delivered.repeated_batches += 1;
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
