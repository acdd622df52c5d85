//! Flow-log delivery: reads the engine's cells, closes windows, and hands records to the logs.

use std::sync::Arc;
use std::time::Duration;

use openvpc_control::Settings;
use openvpc_engine::EniIndex;
use openvpc_flowlog::{Aggregator, Batch, Filter, FlowLog, Interface, Plan, Reading};
use openvpc_host::{DataPathHandle, Stopped};
use openvpc_logs::{Delivery, Logs};
use openvpc_model::{FlowLogDestination, NetworkInterface, TrafficType, World};
use openvpc_store::Journal;
use tokio::sync::mpsc;

use super::control_plane::{ControlPlane, now};

/// As on Nitro hosts, whatever a flow log asks for (spec 01 §2).
const WINDOW: Duration = Duration::from_secs(60);
/// Events that wait for a log store that refuses; the oldest windows are given up beyond it.
const PENDING_EVENTS_MAX: usize = 200_000;

pub struct FlowLogDelivery {
    control_plane: Arc<ControlPlane>,
    data_path: DataPathHandle,
    logs: Arc<Logs>,
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
        window: Option<Duration>,
    ) -> FlowLogDelivery {
        let (forget_sender, forget) = mpsc::unbounded_channel();
        FlowLogDelivery {
            control_plane,
            data_path,
            logs,
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
        loop {
            if self.follow_plan(&mut aggregator).await.is_err() {
                return;
            }
            let wait = Duration::from_nanos(aggregator.deadline().since(self.data_path.now()));
            tokio::select! {
                () = tokio::time::sleep(wait) => {
                    let Ok(reading) = self.read().await else { return };
                    pending.extend(aggregator.close(&reading).batches.into_iter().map(delivery));
                    self.deliver(&mut pending).await;
                }
                changed = progress.changed() => if changed.is_err() { return },
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

    async fn read(&self) -> Result<Reading, Stopped> {
        self.data_path.with_engine(|engine, at| Reading::take(engine, at, now())).await
    }

    /// Records by what the world says now. What was counted before goes to the old plan.
    async fn follow_plan(&self, aggregator: &mut Aggregator) -> Result<(), Stopped> {
        let plan = plan(&self.control_plane.world(), self.control_plane.settings());
        if plan != *aggregator.plan() {
            let reading = self.read().await?;
            aggregator.read(&reading);
            aggregator.configure(plan, reading.at);
        }
        Ok(())
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
            Ok((Ok(_), _)) => {}
            Ok((Err(error), mut deliveries)) => {
                tracing::warn!(?error, "flow-log records could not be delivered; trying again with the next window");
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

/// All flow logs of the world, and the interfaces that they cover.
fn plan(world: &World, settings: &Settings) -> Plan {
    let mut plan = Plan::default();
    for (name, region) in &world.regions {
        for flow_log in region.flow_logs.values() {
            let FlowLogDestination::CloudWatchLogs { log_group } = &flow_log.destination;
            let Ok(format) = flow_log.log_format.parse() else {
                tracing::error!(flow_log = %flow_log.id, "a stored format cannot be read");
                continue;
            };
            let covered: Vec<&NetworkInterface> =
                region.network_interfaces.values().filter(|eni| flow_log.covers(eni)).collect();
            for eni in &covered {
                plan.interfaces
                    .entry(EniIndex(eni.serial))
                    .or_insert_with(|| Arc::new(interface(name, eni, settings)));
            }
            plan.flow_logs.push(Arc::new(FlowLog {
                id: flow_log.id.to_string(),
                account: flow_log.owner.to_string(),
                region: name.clone(),
                log_group: log_group.clone(),
                filter: match flow_log.traffic_type {
                    TrafficType::Accept => Filter::Accept,
                    TrafficType::Reject => Filter::Reject,
                    TrafficType::All => Filter::All,
                },
                format,
                interfaces: covered.iter().map(|eni| EniIndex(eni.serial)).collect(),
            }));
        }
    }
    plan
}

fn interface(region_name: &str, eni: &NetworkInterface, settings: &Settings) -> Interface {
    let zone = settings.region(region_name).and_then(|region| region.zone(&eni.availability_zone));
    Interface {
        id: eni.id.to_string(),
        account: eni.owner.to_string(),
        vpc: eni.vpc.to_string(),
        subnet: eni.subnet.to_string(),
        instance: eni.attachment.as_ref().map(|attachment| attachment.instance.to_string()),
        region: region_name.to_owned(),
        az_id: zone.map(|zone| zone.id.clone()),
        // Only services' interfaces have one, and there are none yet.
        interface_type: None,
    }
}
