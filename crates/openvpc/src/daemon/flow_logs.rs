//! Flow-log delivery: reads the engine's cells, closes windows, and hands records to the logs.
//!
//! It is the only reader of the engine's cells, so whoever wants to see traffic subscribes to [`FlowRecords`], by which
//! every reading passes.

use std::sync::Arc;
use std::time::Duration;

use openvpc_flowlog::{Aggregator, Batch, Reading};
use openvpc_host::{DataPathHandle, Stopped};
use openvpc_logs::{Delivery, Logs};
use openvpc_store::Journal;
use tokio::sync::mpsc;
use tokio::time::MissedTickBehavior;

use super::control_plane::{ControlPlane, now};
use super::flow_records::FlowRecords;

/// As on Nitro hosts, whatever a flow log asks for (spec 01 §2).
const WINDOW: Duration = Duration::from_secs(60);
const EXPIRE_EVERY: Duration = Duration::from_secs(60);
/// How often the cells are read within a window while somebody watches: a record is seen within two seconds.
const WATCHED_EVERY: Duration = Duration::from_secs(1);
/// Events that wait for a log store that refuses; the oldest windows are given up beyond it.
const PENDING_EVENTS_MAX: usize = 200_000;

pub struct FlowLogDelivery {
    control_plane: Arc<ControlPlane>,
    data_path: DataPathHandle,
    logs: Arc<Logs>,
    records: FlowRecords,
    window: Duration,
    forget: mpsc::UnboundedReceiver<()>,
    forget_sender: mpsc::UnboundedSender<()>,
}

/// Makes the delivery forget all that it has not delivered.
pub struct ForgetHandle(mpsc::UnboundedSender<()>);

impl ForgetHandle {
    pub fn forget(&self) {
        // A delivery that has ended remembers nothing.
        let _ = self.0.send(());
    }
}

impl FlowLogDelivery {
    pub fn new(
        control_plane: Arc<ControlPlane>,
        data_path: DataPathHandle,
        logs: Arc<Logs>,
        records: FlowRecords,
        window: Option<Duration>,
    ) -> FlowLogDelivery {
        let (forget_sender, forget) = mpsc::unbounded_channel();
        FlowLogDelivery {
            control_plane,
            data_path,
            logs,
            records,
            window: window.unwrap_or(WINDOW),
            forget,
            forget_sender,
        }
    }

    pub fn forget_handle(&self) -> ForgetHandle {
        ForgetHandle(self.forget_sender.clone())
    }

    /// Runs until the daemon stops.
    pub async fn run(mut self) {
        let mut progress = self.control_plane.store().progress();
        let mut aggregator = self.aggregator();
        let mut pending: Vec<Delivery> = Vec::new();
        let mut expiry = tokio::time::interval(EXPIRE_EVERY);
        let mut watched = tokio::time::interval(WATCHED_EVERY);
        watched.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            if self.follow_plan(&mut aggregator).await.is_err() {
                return;
            }
            let wait = Duration::from_nanos(aggregator.deadline().since(self.data_path.now()));
            tokio::select! {
                () = tokio::time::sleep(wait) => {
                    let Ok(reading) = self.read(&aggregator).await else { return };
                    let closed = aggregator.close(&reading).batches;
                    pending.extend(self.permitted(closed).map(delivery));
                    self.deliver(&mut pending).await;
                }
                changed = progress.changed() => if changed.is_err() { return },
                _ = watched.tick() => if self.records.is_watched() {
                    let Ok(reading) = self.read(&aggregator).await else { return };
                    aggregator.read(&reading);
                },
                _ = expiry.tick() => self.expire().await,
                Some(()) = self.forget.recv() => {
                    aggregator = self.aggregator();
                    pending.clear();
                }
            }
        }
    }

    fn aggregator(&self) -> Aggregator {
        Aggregator::new(self.window, self.data_path.now(), now())
    }

    /// Applies the log groups' retention.
    async fn expire(&self) {
        let logs = self.logs.clone();
        let expired = tokio::task::spawn_blocking(move || logs.expire(now()));
        if let Ok(Err(error)) = expired.await {
            tracing::warn!(?error, "old log events could not be removed");
        }
    }

    /// Reads the cells, for the aggregator and for whoever watches.
    async fn read(&self, aggregator: &Aggregator) -> Result<Reading, Stopped> {
        let reading = self
            .data_path
            .with_engine(|engine, at| Reading::take(engine, at, now()))
            .await?;
        self.records.pass(|| aggregator.records(&reading));
        Ok(reading)
    }

    /// Records by what the world says now. What was counted before goes to the old plan.
    async fn follow_plan(&self, aggregator: &mut Aggregator) -> Result<(), Stopped> {
        let settings = self.control_plane.settings();
        let zone_id =
            |region: &str, zone: &str| Some(settings.region(region)?.zone(zone)?.id.clone());
        let plan = openvpc_compile::flow_log_plan(&self.control_plane.world(), zone_id);
        if plan != *aggregator.plan() {
            let reading = self.read(aggregator).await?;
            aggregator.read(&reading);
            aggregator.configure(plan, reading.at);
        }
        Ok(())
    }

    /// Without the batches whose role may not write them: DescribeFlowLogs tells, and they are gone (`CW-5`).
    fn permitted(&self, batches: Vec<Batch>) -> impl Iterator<Item = Batch> + use<> {
        let world = self.control_plane.world();
        let mut batches = batches;
        batches.retain(|batch| {
            let region = &batch.flow_log.region;
            let known = world.regions.get(region);
            let id = batch.flow_log.id.parse().ok();
            let log = known
                .zip(id)
                .and_then(|(known, id)| known.flow_logs.get(&id));
            log.is_none_or(|log| openvpc_control::may_deliver(&world.iam, region, log))
        });
        batches.into_iter()
    }

    /// Delivers everything that waits, or keeps it for the next time. Batches carry an identity, so
    /// that one delivered twice counts once.
    async fn deliver(&self, pending: &mut Vec<Delivery>) {
        if pending.is_empty() {
            return;
        }
        let deliveries = std::mem::take(pending);
        let logs = self.logs.clone();
        let outcome = tokio::task::spawn_blocking(move || {
            let delivered = logs.deliver(&deliveries, now());
            (delivered, deliveries)
        });
        match outcome.await {
            Ok((Ok(delivered), _)) => {
                for (_, error) in delivered.refused {
                    tracing::error!(?error, "flow-log records were refused for good");
                }
            }
            Ok((Err(error), mut deliveries)) => {
                tracing::warn!(
                    ?error,
                    "flow-log records could not be delivered; trying again with the next window"
                );
                let mut events: usize = deliveries.iter().map(|d| d.events.len()).sum();
                while events > PENDING_EVENTS_MAX {
                    let given_up = deliveries.remove(0).events.len();
                    tracing::error!(given_up, "flow-log records are lost");
                    events -= given_up;
                }
                *pending = deliveries;
            }
            Err(_) => {}
        }
    }
}

fn delivery(batch: Batch) -> Delivery {
    Delivery {
        account: batch.flow_log.account.clone(),
        region: batch.flow_log.region.clone(),
        log_group: batch.flow_log.log_group.clone(),
        log_stream: batch.log_stream,
        batch_id: batch.id,
        events: batch.events,
    }
}
