//! The applier: follows durable revisions, compiles and installs snapshots, and makes sandboxes
//! follow the states of instances.
//!
//! One task owns all of it, so a snapshot is always installed before the sandbox that needs it is
//! launched, and an older one is never installed over a newer one.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use openvpc_control::lifecycle;
use openvpc_dataplane::DataPlane;
use openvpc_engine::PortId;
use openvpc_host::user_data::Part;
use openvpc_host::{HostEvent, InterfaceSpec, LaunchSpec, Stopped};
use openvpc_model::{
    AccountId, AnalysisState, AttachmentState, Event, InstanceId, NatGatewayId, NetworkInterfaceId,
    Region, UnixMillis,
};
use openvpc_reach::Workshop;
use openvpc_reach::analysis::analyze;
use openvpc_store::Journal;
use tokio::sync::{mpsc, watch};

use super::api::ResetRequest;
use super::consoles::Consoles;
use super::control_plane::{ControlPlane, now};
use super::questions;
use super::rule_names::RuleNames;
use super::user_data;
use super::wanted::{Wanted, wanted};

/// An instance that has no lease by then runs all the same, as one with a broken DHCP client does.
const LEASE_WAIT: Duration = Duration::from_secs(3);
/// After a failed change of interfaces.
const RETRY_AFTER: Duration = Duration::from_secs(1);
/// How often terminated instances are looked at for removal.
const EXPIRE_EVERY: Duration = Duration::from_secs(60);

pub struct Applier {
    pub control_plane: Arc<ControlPlane>,
    pub data_plane: DataPlane,
    pub applied: watch::Sender<u64>,
    /// The last revision enforced that changed more than rules, entries and routes: names may have changed with it.
    pub shaped: watch::Sender<u64>,
    pub names: Arc<RuleNames>,
    pub consoles: Arc<Consoles>,
    /// Whether `reset` is allowed.
    pub may_reset: bool,
    /// Told when everything was reset, to forget what it knows.
    pub on_reset: Box<dyn Fn() -> Result<(), String> + Send + Sync>,
}

/// What follows from the newest revision.
#[derive(Default)]
struct Follower {
    wanted: Vec<Wanted>,
    /// More than rules has changed since that was last told.
    is_shaped: bool,
}

/// What the applier knows of sandboxes beyond the world.
#[derive(Default)]
struct Sandboxes {
    /// Launched or being launched.
    present: HashSet<InstanceId>,
    /// Being ended.
    ending: HashSet<InstanceId>,
    /// What each sandbox that is up was last given, as far as it succeeded.
    interfaces: HashMap<InstanceId, Vec<InterfaceSpec>>,
    /// Being launched, or their interfaces being changed: nothing else is asked of them meanwhile.
    busy: HashSet<InstanceId>,
    /// A change of their interfaces failed, perhaps half-way.
    doubtful: HashSet<InstanceId>,
    /// How many reboots had been asked for when each was launched.
    reboots: HashMap<InstanceId, u64>,
}

impl Sandboxes {
    fn forget(&mut self, id: InstanceId) {
        self.present.remove(&id);
        self.interfaces.remove(&id);
        self.busy.remove(&id);
        self.doubtful.remove(&id);
        self.reboots.remove(&id);
    }

    /// Whether a sandbox that is up is to begin anew.
    fn is_to_reboot(&self, wanted: &Wanted) -> bool {
        let known = self.reboots.get(&wanted.id);
        wanted.launch.is_some()
            && !self.busy.contains(&wanted.id)
            && known.is_some_and(|known| *known != wanted.reboots)
    }
}

/// News from the tasks that launch and end sandboxes.
enum News {
    Launched(InstanceId, Vec<InterfaceSpec>, Result<(), String>),
    Interfaces(InstanceId, Result<Vec<InterfaceSpec>, String>),
    Ended(InstanceId),
}

impl Applier {
    /// Runs until the daemon stops.
    pub async fn run(
        self,
        mut events: mpsc::UnboundedReceiver<HostEvent>,
        mut resets: mpsc::Receiver<ResetRequest>,
    ) {
        let mut progress = self.control_plane.store().progress();
        let (news_sender, mut news) = mpsc::unbounded_channel();
        let mut sandboxes = self.found(&news_sender).await;
        let mut follower = Follower::default();
        let mut expiry = tokio::time::interval(EXPIRE_EVERY);
        loop {
            if self.apply(&mut follower).await {
                self.reconcile(&follower.wanted, &mut sandboxes, &news_sender);
                self.settle(&follower.wanted, &sandboxes).await;
                self.end_analyses().await;
            }
            tokio::select! {
                changed = progress.changed() => if changed.is_err() { return },
                Some(told) = news.recv() => self.hear(told, &mut sandboxes).await,
                Some(event) = events.recv() => self.lost(event, &mut sandboxes).await,
                Some(reset) = resets.recv() => {
                    let outcome = self.reset(&mut follower, &mut sandboxes).await;
                    // What the old tasks still have to tell is about a world that is gone.
                    while news.try_recv().is_ok() {}
                    let _ = reset.send(outcome);
                }
                _ = expiry.tick() => self.expire().await,
            }
        }
    }

    /// Has the newest revision enforced, at the cost of what has changed since the one before. Tells whether it is, so that
    /// sandboxes may follow.
    async fn apply(&self, follower: &mut Follower) -> bool {
        let (step, revision) = {
            let world = self.control_plane.world();
            if self.control_plane.take_shape() {
                follower.wanted = wanted(&world, self.control_plane.settings());
                follower.is_shaped = true;
            }
            if world.revision == *self.applied.borrow() && world.revision != 0 {
                return true;
            }
            (self.control_plane.take_step(&world), world.revision)
        };
        // What is enforced must not be undone by a crash.
        let durable = self.control_plane.store().wait_durable(revision).await;
        let outcome = match durable {
            Ok(()) => self.data_plane.step(&step).await,
            Err(_) => Err(Stopped),
        };
        if let Ok(Err(error)) = &outcome {
            // The last good snapshot goes on being enforced (I-20).
            tracing::error!(%error, revision, "a revision is not enforced");
        }
        if !matches!(outcome, Ok(Ok(()))) {
            self.control_plane.tell_again();
            return false;
        }
        self.applied.send_replace(revision);
        if std::mem::take(&mut follower.is_shaped) {
            self.shaped.send_replace(revision);
        }
        true
    }

    /// Launches what should be there, ends what should not.
    fn reconcile(
        &self,
        wanted: &[Wanted],
        sandboxes: &mut Sandboxes,
        news: &mpsc::UnboundedSender<News>,
    ) {
        let by_id: HashMap<InstanceId, &Wanted> = wanted.iter().map(|w| (w.id, w)).collect();
        for wanted in wanted {
            if let Some(spec) = &wanted.launch
                && !sandboxes.ending.contains(&wanted.id)
                && sandboxes.present.insert(wanted.id)
            {
                sandboxes.busy.insert(wanted.id);
                sandboxes.reboots.insert(wanted.id, wanted.reboots);
                self.launch(wanted.id, spec.clone(), news.clone());
            } else if let Some(spec) = &wanted.launch
                && !sandboxes.ending.contains(&wanted.id)
                && let Some(given) = sandboxes.interfaces.get(&wanted.id)
                && (*given != spec.interfaces || sandboxes.doubtful.contains(&wanted.id))
                && sandboxes.busy.insert(wanted.id)
            {
                self.change(wanted.id, spec.interfaces.clone(), news.clone());
            }
        }
        let unwanted: Vec<InstanceId> = sandboxes
            .present
            .iter()
            .copied()
            .filter(|id| by_id.get(id).is_none_or(|w| w.launch.is_none()))
            .chain(wanted.iter().filter(|w| w.ends).map(|w| w.id))
            // One that reboots ends, and is wanted all the same: the next round launches it.
            .chain(
                wanted
                    .iter()
                    .filter(|w| sandboxes.is_to_reboot(w))
                    .map(|w| w.id),
            )
            .collect();
        for id in unwanted {
            if sandboxes.ending.insert(id) {
                self.end(id, news.clone());
            }
        }
    }

    /// The sandboxes that a data plane has kept from an earlier daemon, as if they had just been launched.
    async fn found(&self, news: &mpsc::UnboundedSender<News>) -> Sandboxes {
        let mut sandboxes = Sandboxes::default();
        for spec in self.data_plane.running().await.unwrap_or_default() {
            let Ok(id) = spec.name.parse::<InstanceId>() else {
                continue;
            };
            sandboxes.present.insert(id);
            sandboxes.busy.insert(id);
            // The last change of its interfaces may have gone half-way; asking again for what is there does nothing.
            sandboxes.doubtful.insert(id);
            sandboxes.reboots.insert(id, spec.reboots);
            let (data_plane, news) = (self.data_plane.clone(), news.clone());
            tokio::spawn(async move {
                let ready = data_plane.ready(&spec.name);
                let _ = tokio::time::timeout(LEASE_WAIT, ready).await;
                let _ = news.send(News::Launched(id, spec.interfaces, Ok(())));
            });
        }
        sandboxes
    }

    fn launch(&self, id: InstanceId, spec: LaunchSpec, news: mpsc::UnboundedSender<News>) {
        let data_plane = self.data_plane.clone();
        tokio::spawn(async move {
            let name = spec.name.clone();
            let interfaces = spec.interfaces.clone();
            let outcome = match data_plane.launch(spec).await {
                Ok(Ok(())) => Ok(()),
                Ok(Err(error)) => Err(error.to_string()),
                Err(stopped) => Err(stopped.to_string()),
            };
            if outcome.is_ok() {
                let _ = tokio::time::timeout(LEASE_WAIT, data_plane.ready(&name)).await;
            }
            let _ = news.send(News::Launched(id, interfaces, outcome));
        });
    }

    /// Gives a running sandbox other interfaces. One that fails is asked again after a while.
    fn change(
        &self,
        id: InstanceId,
        interfaces: Vec<InterfaceSpec>,
        news: mpsc::UnboundedSender<News>,
    ) {
        let data_plane = self.data_plane.clone();
        tokio::spawn(async move {
            let outcome = data_plane
                .set_interfaces(&id.to_string(), interfaces.clone())
                .await;
            let outcome = match outcome {
                Ok(Ok(())) => Ok(interfaces),
                Ok(Err(error)) => Err(error.to_string()),
                Err(stopped) => Err(stopped.to_string()),
            };
            if outcome.is_err() {
                tokio::time::sleep(RETRY_AFTER).await;
            }
            let _ = news.send(News::Interfaces(id, outcome));
        });
    }

    /// Writes down which interfaces are in or out of their instances by now. An interface is out only when its sandbox
    /// has let go of it, so that nobody else is given it before.
    async fn settle(&self, wanted: &[Wanted], sandboxes: &Sandboxes) {
        for wanted in wanted {
            for (eni, port, state) in &wanted.unsettled {
                if is_settled(sandboxes, wanted.id, *port, *state) {
                    self.interface_settled(wanted.id, *eni).await;
                }
            }
        }
    }

    async fn interface_settled(&self, id: InstanceId, eni: NetworkInterfaceId) {
        let settled = |region: &Region, _, now| lifecycle::interface_settled(region, eni, now);
        self.happen(id, "InterfaceSettled", settled).await;
    }

    /// Ends what Reachability Analyzer was asked, now that the configuration of that time is enforced.
    async fn end_analyses(&self) {
        let waits = |region: &Region| lifecycle::running_analyses(region).next().is_some();
        if !self.control_plane.world().regions.values().any(waits) {
            return;
        }
        let (world, compiler) = questions::copy(&self.control_plane);
        let workshop = Workshop {
            settings: self.control_plane.settings(),
            hosts: &questions::hosts(),
            now: now(),
            compiler,
        };
        for (name, region) in &world.regions {
            for analysis in lifecycle::running_analyses(region) {
                let path = region.network_insights_paths.get(&analysis.path);
                let state = match path {
                    Some(path) => analyze(&workshop, &world, name, path),
                    None => AnalysisState::Failed {
                        message: format!("the path {} is gone", analysis.path),
                    },
                };
                let ended = self.control_plane.happen(
                    name,
                    &analysis.owner,
                    "NetworkInsightsAnalysisEnded",
                    |world| match world.regions.get(name) {
                        Some(region) => lifecycle::analysis_ended(region, analysis.id, state),
                        None => Vec::new(),
                    },
                );
                if let Err(error) = ended.await {
                    tracing::error!(id = %analysis.id, %error, "could not be written down");
                }
            }
        }
    }

    fn end(&self, id: InstanceId, news: mpsc::UnboundedSender<News>) {
        let data_plane = self.data_plane.clone();
        tokio::spawn(async move {
            // One that is not running has ended already.
            let _ = data_plane.terminate(&id.to_string()).await;
            let _ = news.send(News::Ended(id));
        });
    }

    async fn hear(&self, news: News, sandboxes: &mut Sandboxes) {
        match news {
            News::Launched(id, interfaces, Ok(())) => {
                sandboxes.busy.remove(&id);
                // One that ended meanwhile has been told of already.
                if sandboxes.present.contains(&id) {
                    sandboxes.interfaces.insert(id, interfaces);
                }
                let parts = self.boot(id);
                self.happen(id, "InstanceStarted", lifecycle::started).await;
                if let Some(parts) = parts {
                    let (data_plane, consoles) = (self.data_plane.clone(), self.consoles.clone());
                    tokio::spawn(user_data::run(data_plane, consoles, id, parts));
                }
            }
            News::Interfaces(id, outcome) => {
                sandboxes.busy.remove(&id);
                if !sandboxes.present.contains(&id) {
                    return;
                }
                match outcome {
                    Ok(interfaces) => {
                        sandboxes.doubtful.remove(&id);
                        sandboxes.interfaces.insert(id, interfaces);
                    }
                    Err(reason) => {
                        tracing::warn!(%id, %reason, "interfaces could not be changed");
                        sandboxes.doubtful.insert(id);
                    }
                }
            }
            News::Launched(id, _, Err(reason)) => {
                tracing::error!(%id, %reason, "an instance could not be started");
                self.consoles
                    .tell(id, &format!("could not be started: {reason}"));
                sandboxes.forget(id);
                let failed =
                    |region: &Region, id, now| lifecycle::start_failed(region, id, now, &reason);
                self.happen(id, "InstanceStartFailed", failed).await;
            }
            News::Ended(id) => {
                sandboxes.forget(id);
                sandboxes.ending.remove(&id);
                self.consoles.tell(id, "powered down");
                self.happen(id, "InstanceEnded", lifecycle::ended).await;
            }
        }
    }

    /// An instance's first process ended by itself: it has shut itself down, or begins anew with the next round.
    async fn lost(&self, event: HostEvent, sandboxes: &mut Sandboxes) {
        let (name, reason) = match event {
            HostEvent::Ended { name, reason } => (name, reason),
            HostEvent::Rebooted { name } => {
                if let Ok(id) = name.parse::<InstanceId>()
                    && !sandboxes.ending.contains(&id)
                {
                    sandboxes.forget(id);
                }
                return;
            }
            HostEvent::Ready { .. } => return,
        };
        let Ok(id) = name.parse::<InstanceId>() else {
            tracing::error!(host = name, reason, "an outside host ended");
            return;
        };
        if sandboxes.ending.contains(&id) {
            return;
        }
        tracing::warn!(%id, reason, "an instance ended by itself");
        self.consoles
            .tell(id, &format!("ended by itself: {reason}"));
        sandboxes.forget(id);
        self.happen(id, "InstanceShutDown", lifecycle::shut_down)
            .await;
    }

    /// Writes down what happened to an instance.
    async fn happen(
        &self,
        id: InstanceId,
        what: &str,
        judge: impl FnOnce(&Region, InstanceId, i64) -> Vec<openvpc_model::Event>,
    ) {
        let Some((region, account)) = self.home_of(id) else {
            return;
        };
        let written = self.control_plane.happen(&region, &account, what, |world| {
            world
                .regions
                .get(&region)
                .map_or_else(Vec::new, |region| judge(region, id, now()))
        });
        if let Err(error) = written.await {
            tracing::error!(%id, what, %error, "could not be written down");
        }
    }

    /// Tells on its console what an instance has come up as; what user data it is to read now.
    fn boot(&self, id: InstanceId) -> Option<Vec<Part>> {
        let world = self.control_plane.world();
        let mut regions = world.regions.values();
        let region = regions.find(|region| region.instances.contains_key(&id))?;
        let instance = region.instances.get(&id)?;
        self.consoles
            .tell(id, &format!("{id} ({}) is up", instance.instance_type));
        let attached = |eni: &&openvpc_model::NetworkInterface| {
            eni.attachment
                .as_ref()
                .is_some_and(|bond| bond.instance == id)
        };
        let mut interfaces: Vec<_> = region
            .network_interfaces
            .values()
            .filter(attached)
            .collect();
        interfaces.sort_by_key(|eni| eni.attachment.as_ref().map(|bond| bond.device_index));
        for (eni, index) in interfaces.iter().filter_map(|eni| {
            let index = eni.attachment.as_ref()?.device_index;
            Some((eni, index))
        }) {
            let mac = openvpc_engine::Mac(eni.mac.0);
            let ipv4 = eni.private_ips.iter().map(ToString::to_string);
            let addresses: Vec<String> = ipv4
                .chain(eni.ipv6_addresses.iter().map(ToString::to_string))
                .collect();
            let line = format!("eth{index}: {} {mac} {}", eni.id, addresses.join(" "));
            self.consoles.tell(id, &line);
        }
        user_data::first_boot(instance)
    }

    fn home_of(&self, id: InstanceId) -> Option<(String, AccountId)> {
        let world = self.control_plane.world();
        world.regions.iter().find_map(|(name, region)| {
            Some((name.clone(), region.instances.get(&id)?.owner.clone()))
        })
    }

    async fn expire(&self) {
        let due: Vec<InstanceId> = {
            let world = self.control_plane.world();
            let now = now();
            world
                .regions
                .values()
                .flat_map(|region| lifecycle::expired(region, now))
                .collect()
        };
        for id in due {
            self.happen(id, "InstanceExpired", lifecycle::remove).await;
        }
        {
            let world = self.control_plane.world();
            let is_known = |id| {
                let mut regions = world.regions.values();
                regions.any(|region| region.instances.contains_key(&id))
            };
            self.consoles.retain(is_known);
        }
        let nat_gateways = |_: &str, region: &Region, now| -> Vec<(AccountId, NatGatewayId)> {
            let expired = lifecycle::expired_nat_gateways(region, now).into_iter();
            expired.map(|nat| (nat.owner.clone(), nat.id)).collect()
        };
        self.happen_when_due("NatGatewayExpired", nat_gateways, |region, id, _| {
            lifecycle::remove_nat_gateway(region, id)
        })
        .await;
        let peerings = |name: &str, region: &Region, now| -> Vec<_> {
            let due = lifecycle::due_peerings(name, region, now);
            due.map(|peering| (peering.owner.clone(), peering.id))
                .collect()
        };
        let what = "VpcPeeringConnectionExpired";
        self.happen_when_due(what, peerings, lifecycle::settle_peering)
            .await;
    }

    /// Writes down what has become of everything that is `due`, region by region.
    async fn happen_when_due<I: Copy + std::fmt::Display>(
        &self,
        what: &str,
        due: impl Fn(&str, &Region, UnixMillis) -> Vec<(AccountId, I)>,
        events: impl Fn(&Region, I, UnixMillis) -> Vec<Event>,
    ) {
        let due: Vec<(String, AccountId, I)> = {
            let world = self.control_plane.world();
            let now = now();
            let of = |(name, region): (&String, &Region)| {
                let name = name.clone();
                let due = due(&name, region, now).into_iter();
                due.map(move |(account, id)| (name.clone(), account, id))
            };
            world.regions.iter().flat_map(of).collect()
        };
        for (region, account, id) in due {
            let written = self.control_plane.happen(&region, &account, what, |world| {
                let region = world.regions.get(&region);
                region.map_or_else(Vec::new, |region| events(region, id, now()))
            });
            if let Err(error) = written.await {
                tracing::error!(%id, %error, "could not be written down");
            }
        }
    }

    /// Ends every instance and forgets everything.
    async fn reset(
        &self,
        follower: &mut Follower,
        sandboxes: &mut Sandboxes,
    ) -> Result<(), String> {
        if !self.may_reset {
            return Err("state is kept in a data directory: start the daemon with --allow-reset to allow a reset, or with --ephemeral".to_owned());
        }
        self.control_plane
            .reset()
            .await
            .map_err(|error| error.to_string())?;
        (self.on_reset)()?;
        let ended: Vec<_> = sandboxes
            .present
            .iter()
            .map(|id| self.data_plane.terminate(&id.to_string()))
            .collect();
        for reply in ended {
            let _ = reply.await;
        }
        *sandboxes = Sandboxes::default();
        self.names.forget();
        // Serials of interfaces start again, so nothing may be remembered of the old ones.
        let fresh = self.data_plane.begin_anew();
        fresh.await.map_err(|stopped| stopped.to_string())?;
        self.applied.send_replace(0);
        self.apply(follower).await;
        Ok(())
    }
}

/// Whether the data path has done what a bond waits for.
fn is_settled(sandboxes: &Sandboxes, id: InstanceId, port: PortId, state: AttachmentState) -> bool {
    let given = sandboxes.interfaces.get(&id);
    let is_in = given.is_some_and(|given| given.iter().any(|i| i.port == port));
    match state {
        AttachmentState::Attaching => is_in,
        // One that is being changed or launched may still hold it.
        AttachmentState::Detaching => {
            !is_in && !sandboxes.busy.contains(&id) && !sandboxes.doubtful.contains(&id)
        }
        AttachmentState::Attached => false,
    }
}
