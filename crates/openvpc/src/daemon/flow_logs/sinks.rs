//! From the spool to the sinks: log groups and buckets, each flow log by itself, so that none waits for another's sink.
//!
//! A sink that refuses or fails is asked again, sooner at first and then about every half minute, a full disk every few
//! seconds; DescribeFlowLogs tells meanwhile. What waits stays in the spool.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use openvpc_control::lifecycle;
use openvpc_delivery::{
    PERIOD_SECS, Portion, RAW_LEN_MAX_BYTES, Sink, Spool, Waiting, object, object_key,
};
use openvpc_flowlog::{Bucket, Destination, Format};
use openvpc_iam::judge::Evaluator;
use openvpc_logs::{Delivery, Logs};
use openvpc_model::{AccountId, FlowLogDelivery, FlowLogId};
use openvpc_services::s3::{ServicePut, ServicePutError, Store};
use tokio::sync::Notify;

use super::bucket::log_delivery;
use crate::daemon::control_plane::{ControlPlane, now};

/// Batches that a log stream remembers are 64; so many at most go there at once, or a repetition would not be known.
const PORTIONS_AT_ONCE_MAX: usize = 64;
const PORTIONS_LEN_MAX_BYTES: usize = 8 << 20;
const RETRY_FIRST: Duration = Duration::from_millis(500);
const RETRY_MAX: Duration = Duration::from_secs(30);
/// What is not refused but fails is a disk, nearly always a full one: once there is room, delivery goes on by itself (`C-6`).
const RETRY_FAULT_MAX: Duration = Duration::from_secs(4);
/// How often periods are looked at that have ended.
const LOOK_EVERY: Duration = Duration::from_secs(10);
const EXPIRE_EVERY: Duration = Duration::from_secs(60);

/// Delivers what waits.
pub struct Sinks {
    pub control_plane: Arc<ControlPlane>,
    pub spool: Arc<Spool>,
    pub logs: Arc<Logs>,
    pub store: Arc<Store>,
    pub evaluator: Arc<dyn Evaluator>,
    pub spooled: Arc<Notify>,
    /// Objects are put as often as this; without it, when their five minutes are over.
    pub interval: Option<Duration>,
}

/// A sink that did not take what it should.
struct Failing {
    again_at: Instant,
    patience: Duration,
}

/// Why a sink did not take it.
enum Refusal {
    Access,
    Fault(String),
}

impl Sinks {
    /// Runs until the daemon stops.
    pub async fn run(self) {
        let mut failing: HashMap<String, Failing> = HashMap::new();
        let mut expiry = tokio::time::interval(EXPIRE_EVERY);
        loop {
            let next = failing.values().map(|failing| failing.again_at).min();
            let next = next.unwrap_or_else(|| Instant::now() + LOOK_EVERY);
            tokio::select! {
                () = self.spooled.notified() => {}
                () = tokio::time::sleep_until(next.into()) => {}
                _ = expiry.tick() => tokio::task::block_in_place(|| self.expire()),
            }
            let waiting = match self.spool.flow_logs() {
                Ok(waiting) => waiting,
                Err(error) => {
                    tracing::warn!(%error, "the spool of flow logs cannot be read");
                    tokio::time::sleep(RETRY_FIRST).await;
                    continue;
                }
            };
            failing.retain(|flow_log, _| waiting.contains(flow_log));
            for flow_log in waiting {
                if failing
                    .get(&flow_log)
                    .is_some_and(|failing| failing.again_at > Instant::now())
                {
                    continue;
                }
                // Disk and packing: the thread may take its time, the others go on.
                let outcome = tokio::task::block_in_place(|| self.deliver(&flow_log));
                let delivery = match &outcome {
                    Ok(()) => FlowLogDelivery::Success,
                    Err(Refusal::Access) => FlowLogDelivery::AccessError,
                    Err(Refusal::Fault(error)) => {
                        tracing::warn!(flow_log, error, "flow-log records could not be delivered");
                        FlowLogDelivery::UnknownError
                    }
                };
                match outcome {
                    Ok(()) => drop(failing.remove(&flow_log)),
                    Err(refusal) => {
                        let longest = match refusal {
                            Refusal::Access => RETRY_MAX,
                            Refusal::Fault(_) => RETRY_FAULT_MAX,
                        };
                        let before = failing.get(&flow_log).map(|failing| failing.patience);
                        let patience = before.map_or(RETRY_FIRST, |p| (p * 2).min(longest));
                        let again_at = Instant::now() + patience;
                        failing.insert(flow_log.clone(), Failing { again_at, patience });
                    }
                }
                self.tell(&flow_log, delivery).await;
            }
        }
    }

    /// Applies the log groups' retention.
    fn expire(&self) {
        if let Err(error) = self.logs.expire(now()) {
            tracing::warn!(?error, "old log events could not be removed");
        }
    }

    /// Writes down how a flow log's delivery fares, if that has changed (`CW-5`).
    async fn tell(&self, flow_log: &str, delivery: FlowLogDelivery) {
        let Some((region, account, id)) = self.changed(flow_log, delivery) else {
            return;
        };
        let what = "FlowLogDeliveryChanged";
        let told = self.control_plane.happen(&region, &account, what, |world| {
            let region = world.regions.get(&region);
            region.map_or_else(Vec::new, |region| {
                lifecycle::flow_log_delivery(region, id, delivery)
            })
        });
        if let Err(error) = told.await {
            tracing::error!(flow_log, %error, "could not be written down");
        }
    }

    fn changed(
        &self,
        flow_log: &str,
        delivery: FlowLogDelivery,
    ) -> Option<(String, AccountId, FlowLogId)> {
        let id: FlowLogId = flow_log.parse().ok()?;
        let world = self.control_plane.world();
        world.regions.iter().find_map(|(name, region)| {
            let log = region.flow_logs.get(&id)?;
            // A role that IAM refuses shows of itself.
            let by_role = !openvpc_control::may_deliver(&world.iam, name, log);
            let changed = log.delivery != delivery && !by_role;
            changed.then(|| (name.clone(), log.owner.clone(), id))
        })
    }

    /// Delivers what waits for one flow log's sink and may go.
    fn deliver(&self, flow_log: &str) -> Result<(), Refusal> {
        loop {
            let fault = |error: openvpc_delivery::SpoolError| Refusal::Fault(error.to_string());
            let len_max = PORTIONS_LEN_MAX_BYTES.max(RAW_LEN_MAX_BYTES);
            let waiting = self.spool.waiting(flow_log, len_max).map_err(fault)?;
            let Some(waiting) = waiting.filter(|waiting| !waiting.portions.is_empty()) else {
                return Ok(());
            };
            let went = match waiting.sink.destination.clone() {
                Destination::LogGroup(group) => self.to_log_group(&group, waiting)?,
                Destination::Bucket(bucket) => self.to_bucket(&bucket, waiting)?,
            };
            if !went {
                return Ok(());
            }
        }
    }

    /// `CW-1` to `CW-5`. A log whose role may not write waits.
    fn to_log_group(&self, group: &str, waiting: Waiting) -> Result<bool, Refusal> {
        let Waiting { sink, portions } = waiting;
        if !self.role_may_deliver(&sink) {
            return Err(Refusal::Access);
        }
        let portions: Vec<(u64, Portion)> =
            portions.into_iter().take(PORTIONS_AT_ONCE_MAX).collect();
        let deliveries: Vec<Delivery> = portions
            .iter()
            .map(|(_, portion)| Delivery {
                account: sink.account.clone(),
                region: sink.region.clone(),
                log_group: group.to_owned(),
                log_stream: portion.log_stream.clone(),
                batch_id: portion.id.clone(),
                events: portion
                    .events()
                    .map(|(at, line)| (at, line.to_owned()))
                    .collect(),
            })
            .collect();
        let delivered = self.logs.deliver(&deliveries, now());
        let delivered = delivered.map_err(|error| Refusal::Fault(error.message))?;
        for (_, error) in &delivered.refused {
            tracing::error!(?error, "flow-log records were refused for good");
        }
        let numbers = portions.iter().map(|(number, _)| *number);
        self.spool
            .delivered(&sink.flow_log, numbers, None)
            .map_err(|error| Refusal::Fault(error.to_string()))?;
        Ok(true)
    }

    fn role_may_deliver(&self, sink: &Sink) -> bool {
        let world = self.control_plane.world();
        let region = world.regions.get(&sink.region);
        let id = sink.flow_log.parse().ok();
        let log = region
            .zip(id)
            .and_then(|(region, id)| region.flow_logs.get(&id));
        log.is_none_or(|log| openvpc_control::may_deliver(&world.iam, &sink.region, log))
    }

    /// `S3-1` to `S3-7`: the oldest period's object, if its time has come. Whether one went.
    fn to_bucket(&self, bucket: &Bucket, waiting: Waiting) -> Result<bool, Refusal> {
        let Waiting { sink, portions } = waiting;
        let Some(period) = portions.iter().map(|(_, portion)| portion.period).min() else {
            return Ok(false);
        };
        let portions: Vec<(u64, Portion)> = portions
            .into_iter()
            .filter(|(_, portion)| portion.period == period)
            .collect();
        let raw_len: usize = portions.iter().map(|(_, portion)| portion.text.len()).sum();
        let is_over = now() / 1_000 >= period + PERIOD_SECS;
        let is_full = raw_len > RAW_LEN_MAX_BYTES / 10 * 9;
        if self.interval.is_none() && !is_over && !is_full {
            return Ok(false);
        }
        let fault = |error: String| Refusal::Fault(error);
        let spool_fault = |error: openvpc_delivery::SpoolError| Refusal::Fault(error.to_string());
        let format: Format = sink
            .format
            .parse()
            .map_err(|e: openvpc_flowlog::FormatError| fault(e.to_string()))?;
        let part = self
            .spool
            .next_part(&sink.flow_log, period)
            .map_err(spool_fault)?;
        let numbers: Vec<u64> = portions.iter().map(|(number, _)| *number).collect();
        let texts = portions.into_iter().map(|(_, portion)| portion.text);
        let object = object(&format, bucket.file_format, texts).map_err(fault)?;
        let put = ServicePut {
            bucket: &bucket.name,
            key: &object_key(&sink, bucket, period, part),
            content_type: object.content_type,
            bytes: &object.bytes,
        };
        let arn = log_delivery::source_arn(&sink.region, &sink.account);
        let caller = log_delivery::caller(&sink.account, &arn);
        self.store
            .service_put(&*self.evaluator, &caller, &put)
            .map_err(|error| match error {
                ServicePutError::AccessDenied | ServicePutError::NoSuchBucket => Refusal::Access,
                ServicePutError::Storage(error) => Refusal::Fault(error),
            })?;
        self.spool
            .delivered(&sink.flow_log, numbers, Some((period, part)))
            .map_err(spool_fault)?;
        Ok(true)
    }
}
