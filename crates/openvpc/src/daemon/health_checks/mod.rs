//! Health checks of load balancers' targets: real connections from the nodes' own addresses, through the engine.
//!
//! What they find is told to the engine and to DescribeTargetHealth, and never written down: a target that flaps costs no
//! durable write. Everything here runs on one thread, which lives in the services' namespace: its sockets reach the
//! internal addresses that stand for targets as nodes see them ([`openvpc_engine::Engine::probe_address`]).

mod probe;
mod verdict;

use std::collections::{HashMap, HashSet};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use openvpc_compile::{Probe, probes};
use openvpc_dataplane::DataPlane;
use openvpc_engine::{Endpoint, EniIndex};
use openvpc_model::{ProbeFailure, Target, TargetGroupId, TargetHealth, TargetState};
use tokio::sync::{mpsc, watch};
use tokio::task::AbortHandle;

use super::control_plane::ControlPlane;
use super::services::ServiceSockets;
use verdict::Verdict;

/// Pairs of node and target that are probed; more stay without a verdict, and so get no connections.
const PROBES_MAX: usize = 10_000;
/// Results that may wait to be taken in; probes wait for room.
const RESULTS_MAX: usize = 1_024;

/// A target of a group, as one node sees it.
type Pair = (TargetGroupId, Target, EniIndex);

pub struct HealthChecks {
    pub control_plane: Arc<ControlPlane>,
    pub data_plane: DataPlane,
    pub health: Arc<RwLock<TargetHealth>>,
    /// Revisions that the engine judges by.
    pub applied: watch::Receiver<u64>,
    /// The nodes without any living target, and who is to be told that these have changed: the resolver.
    pub idle: Arc<RwLock<HashSet<EniIndex>>>,
    pub renamed: watch::Sender<u64>,
}

/// One pair under watch.
struct Watched {
    probe: Probe,
    verdict: Verdict,
    task: AbortHandle,
}

impl HealthChecks {
    /// Starts the thread, which ends with the daemon.
    pub fn start(self, sockets: &ServiceSockets) -> io::Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        sockets.spawn("health-checks", move || runtime.block_on(self.run()))
    }

    async fn run(mut self) {
        let (sender, mut results) = mpsc::channel(RESULTS_MAX);
        let mut watched: HashMap<Pair, Watched> = HashMap::new();
        self.follow(&mut watched, &sender);
        loop {
            tokio::select! {
                changed = self.applied.changed() => match changed {
                    Ok(()) => self.follow(&mut watched, &sender),
                    Err(_) => return,
                },
                Some((pair, found)) = results.recv() => self.note(&mut watched, pair, found),
            }
        }
    }

    /// Probes what the world says now, and nothing else.
    fn follow(
        &self,
        watched: &mut HashMap<Pair, Watched>,
        results: &mpsc::Sender<(Pair, Result<(), ProbeFailure>)>,
    ) {
        let mut wanted = probes(&self.control_plane.world());
        if wanted.len() > PROBES_MAX {
            tracing::warn!(
                wanted = wanted.len(),
                PROBES_MAX,
                "targets are left unprobed"
            );
            wanted.truncate(PROBES_MAX);
        }
        let mut wanted: HashMap<Pair, Probe> = wanted
            .into_iter()
            .map(|probe| (pair(&probe), probe))
            .collect();
        watched.retain(|pair, known| {
            let stays = wanted
                .get(pair)
                .is_some_and(|probe| probe.endpoint == known.probe.endpoint);
            if !stays {
                known.task.abort();
                self.tell(known.probe.node, known.probe.endpoint, false);
            }
            stays
        });
        for (pair, known) in watched.iter_mut() {
            if let Some(probe) = wanted.remove(pair)
                && probe != known.probe
            {
                known.task.abort();
                known.task = self.watch(probe.clone(), results.clone());
                known.probe = probe;
            }
        }
        for (pair, probe) in wanted {
            let task = self.watch(probe.clone(), results.clone());
            let verdict = Verdict::default();
            watched.insert(
                pair,
                Watched {
                    probe,
                    verdict,
                    task,
                },
            );
        }
        self.publish(watched);
    }

    fn watch(
        &self,
        probe: Probe,
        results: mpsc::Sender<(Pair, Result<(), ProbeFailure>)>,
    ) -> AbortHandle {
        let data_plane = self.data_plane.clone();
        let watch = async move {
            let every = Duration::from_secs(probe.check.interval_secs.into());
            let mut clock = tokio::time::interval(every);
            clock.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            loop {
                clock.tick().await;
                let found = match address(&data_plane, &probe).await {
                    Some(at) => probe::call(at, &probe.check, probe.introduces).await,
                    None => Err(ProbeFailure::Failed),
                };
                if results.send((pair(&probe), found)).await.is_err() {
                    return;
                }
            }
        };
        tokio::spawn(watch).abort_handle()
    }

    fn note(
        &self,
        watched: &mut HashMap<Pair, Watched>,
        pair: Pair,
        found: Result<(), ProbeFailure>,
    ) {
        // One that is watched no more may still have had something to say.
        let Some(known) = watched.get_mut(&pair) else {
            return;
        };
        let before = known.verdict.state();
        known.verdict.note(&known.probe.check, found);
        let after = known.verdict.state();
        if before != after {
            let healthy = after == TargetState::Healthy;
            self.tell(known.probe.node, known.probe.endpoint, healthy);
            self.publish(watched);
        }
    }

    fn tell(&self, node: EniIndex, target: Endpoint, healthy: bool) {
        self.data_plane.set_target_health(node, target, healthy);
    }

    /// Tells the API: a target is healthy if some node finds it so.
    fn publish(&self, watched: &HashMap<Pair, Watched>) {
        let mut states = std::collections::BTreeMap::new();
        for ((group, target, _), known) in watched {
            let seen = known.verdict.state();
            let state = states.entry((*group, *target)).or_insert(seen);
            if rank(seen) > rank(*state) {
                *state = seen;
            }
        }
        *self.health.write().unwrap_or_else(PoisonError::into_inner) = TargetHealth { states };
        let idle = idle_nodes(watched);
        let mut known = self.idle.write().unwrap_or_else(PoisonError::into_inner);
        if *known != idle {
            *known = idle;
            drop(known);
            self.renamed.send_modify(|_revision| {});
        }
    }
}

/// Nodes that found none of their targets healthy, of one of their groups at least (Network Load Balancer guide, "Zonal
/// health": a minimum of one).
fn idle_nodes(watched: &HashMap<Pair, Watched>) -> HashSet<EniIndex> {
    let mut living: HashMap<(EniIndex, TargetGroupId), bool> = HashMap::new();
    for ((group, _, node), known) in watched {
        let lives = living.entry((*node, *group)).or_default();
        *lives |= known.verdict.state() == TargetState::Healthy;
    }
    let idle = living.into_iter().filter(|(_, lives)| !lives);
    idle.map(|((node, _), _)| node).collect()
}

fn rank(state: TargetState) -> u8 {
    match state {
        TargetState::Unhealthy(_) => 0,
        TargetState::Initial => 1,
        TargetState::Healthy => 2,
    }
}

fn pair(probe: &Probe) -> Pair {
    (probe.group, probe.target, probe.node)
}

/// Where the target is reached as the node reaches it.
async fn address(data_plane: &DataPlane, probe: &Probe) -> Option<SocketAddr> {
    let asked = data_plane.probe_address(probe.node, probe.endpoint.address);
    let internal: IpAddr = asked.await.ok().flatten()?;
    Some(SocketAddr::new(internal, probe.port))
}
