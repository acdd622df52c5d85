//! From the spool to the services: CloudWatch Logs and S3, each by a task of its own, so that neither waits for the other.
//! [`Courier`] says what goes when; DescribeFlowLogs tells how it fares.

use std::sync::Arc;
use std::time::{Duration, Instant};

use openvpc_control::lifecycle;
use openvpc_delivery::{Courier, Object, Portion, Refusal, Service, Sink, Spool};
use openvpc_iam::judge::Evaluator;
use openvpc_logs::{Delivery, Logs};
use openvpc_model::{AccountId, FlowLog, FlowLogDelivery, FlowLogId, Iam};
use openvpc_services::s3::{ServicePut, ServicePutError, Store};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::bucket::log_delivery;
use crate::daemon::control_plane::{ControlPlane, now};

/// How long a spool that cannot be read is left alone.
const UNREADABLE_FOR: Duration = Duration::from_millis(500);
const EXPIRE_EVERY: Duration = Duration::from_secs(60);

/// How far delivery is.
#[derive(Clone, Default)]
pub struct Delivered {
    logs: watch::Sender<i64>,
    s3: watch::Sender<i64>,
}

impl Delivered {
    fn note(&self, service: Service, spooled: i64) {
        match service {
            Service::Logs => self.logs.send_replace(spooled),
            Service::S3 => self.s3.send_replace(spooled),
        };
    }

    /// Waits until all that was seen before this time, in Unix milliseconds, has been offered to its sinks; but for what
    /// still waits for its object's five minutes.
    pub async fn wait_for(&self, seen_before: i64) {
        for service in [&self.logs, &self.s3] {
            // The sender is here: it cannot have gone.
            let _ = service
                .subscribe()
                .wait_for(|offered| *offered >= seen_before)
                .await;
        }
    }
}

/// Delivers what waits.
#[derive(Clone)]
pub struct Sinks {
    pub control_plane: Arc<ControlPlane>,
    pub spool: Arc<Spool>,
    pub logs: Arc<Logs>,
    pub store: Arc<Store>,
    pub evaluator: Arc<dyn Evaluator>,
    /// What was seen before this time is in the spool.
    pub spooled: watch::Receiver<i64>,
    pub delivered: Delivered,
    /// Objects are put as often as this; without it, when their five minutes are over.
    pub interval: Option<Duration>,
}

impl Sinks {
    /// Runs until the daemon stops.
    pub fn start(self, tasks: &mut JoinSet<()>) {
        tasks.spawn(self.clone().run(Service::Logs));
        tasks.spawn(self.clone().run(Service::S3));
        tasks.spawn(self.expire());
    }

    async fn run(mut self, service: Service) {
        let mut courier = Courier::new(self.spool.clone(), service, self.interval.is_some());
        loop {
            let spooled = *self.spooled.borrow_and_update();
            let due = match courier.due(Instant::now()) {
                Ok(due) => due,
                Err(error) => {
                    tracing::warn!(%error, "the spool of flow logs cannot be read");
                    tokio::time::sleep(UNREADABLE_FOR).await;
                    continue;
                }
            };
            for flow_log in due {
                // Disk and packing: the thread may take its time, the others go on.
                let deliver = || courier.deliver(&flow_log, now(), &self);
                let outcome = tokio::task::block_in_place(deliver);
                courier.settle(&flow_log, &outcome, Instant::now());
                let delivery = match &outcome {
                    Ok(()) => FlowLogDelivery::Success,
                    Err(Refusal::Access) => FlowLogDelivery::AccessError,
                    Err(Refusal::Fault(error)) => {
                        tracing::warn!(flow_log, error, "flow-log records could not be delivered");
                        FlowLogDelivery::UnknownError
                    }
                };
                self.tell(&flow_log, delivery).await;
            }
            self.delivered.note(service, spooled);
            let again_at = courier.again_at(Instant::now());
            tokio::select! {
                changed = self.spooled.changed() => if changed.is_err() { return },
                () = tokio::time::sleep_until(again_at.into()) => {}
            }
        }
    }

    /// Applies the log groups' retention.
    async fn expire(self) {
        let mut expiry = tokio::time::interval(EXPIRE_EVERY);
        loop {
            expiry.tick().await;
            if let Err(error) = tokio::task::block_in_place(|| self.logs.expire(now())) {
                tracing::warn!(?error, "old log events could not be removed");
            }
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

    /// Whether the role may deliver, and whether it may make the log group; that of a flow log which is gone is not asked.
    fn role_may(&self, sink: &Sink) -> (bool, bool) {
        let world = self.control_plane.world();
        let region = world.regions.get(&sink.region);
        let id = sink.flow_log.parse().ok();
        let log = region
            .zip(id)
            .and_then(|(region, id)| region.flow_logs.get(&id));
        let asked = |may: fn(&Iam, &str, &FlowLog) -> bool| {
            log.is_none_or(|log| may(&world.iam, &sink.region, log))
        };
        (
            asked(openvpc_control::may_deliver),
            asked(openvpc_control::may_make_log_group),
        )
    }
}

impl openvpc_delivery::Sinks for Sinks {
    /// A log whose role may not write waits (`CW-4`, `CW-5`).
    fn put_events(&self, sink: &Sink, group: &str, portions: &[Portion]) -> Result<(), Refusal> {
        let (may_deliver, makes_group) = self.role_may(sink);
        if !may_deliver {
            return Err(Refusal::Access);
        }
        let delivery = |portion: &Portion| Delivery {
            account: sink.account.clone(),
            region: sink.region.clone(),
            log_group: group.to_owned(),
            log_stream: portion.log_stream.clone(),
            source: sink.flow_log.clone(),
            batch_id: portion.id.clone(),
            makes_group,
            events: portion
                .events()
                .map(|(at, line)| (at, line.to_owned()))
                .collect(),
        };
        let deliveries: Vec<Delivery> = portions.iter().map(delivery).collect();
        let delivered = self.logs.deliver(&deliveries, now());
        let delivered = delivered.map_err(|error| Refusal::Fault(error.message))?;
        // No more groups or streams: nothing is thrown away for that, it waits until there is room, or is declared.
        match delivered.refused.into_iter().next() {
            Some((_, error)) if error.is_not_found() => Err(Refusal::Access),
            Some((_, error)) => Err(Refusal::Fault(error.message)),
            None => Ok(()),
        }
    }

    /// `S3-7`: the bucket's policy has the say.
    fn put_object(
        &self,
        sink: &Sink,
        bucket: &str,
        key: &str,
        object: &Object,
    ) -> Result<(), Refusal> {
        let put = ServicePut {
            bucket,
            key,
            content_type: object.content_type,
            bytes: &object.bytes,
        };
        let arn = log_delivery::source_arn(&sink.region, &sink.account);
        let caller = log_delivery::caller(&sink.account, &arn);
        let done = self.store.service_put(&*self.evaluator, &caller, &put);
        done.map_err(|error| match error {
            ServicePutError::AccessDenied | ServicePutError::NoSuchBucket => Refusal::Access,
            ServicePutError::Storage(error) => Refusal::Fault(error),
        })
    }
}
