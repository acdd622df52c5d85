//! The world, and the one road by which it changes: judge, apply, make durable, answer.
//!
//! A call is judged and applied under a lock, and its entry queued for the journal before the lock
//! is released; the answer leaves only when the entry is durable. A read leaves only when what it
//! has seen is durable. So many calls share one sync, and no caller ever sees what a crash could
//! undo (I-19).

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::{SystemTime, UNIX_EPOCH};

use openvpc_compile::{Changes, CompileError, Compiled, Compiler};
use openvpc_control::{Bucket, Caller, Settings};
use openvpc_dataplane::Step;
use openvpc_ec2::Error;
use openvpc_engine::OutsideHost;
use openvpc_host::outside;
use openvpc_iam::judge::Evaluator;
use openvpc_iam::{Principal, sts};
use openvpc_model::{AccountId, Entry, Event, TargetHealth, UnixMillis, World};
use openvpc_store::{Journal, Store, StoreError, Ticket};
use rand::rngs::StdRng;
use rand::{RngCore, SeedableRng};
use serde_json::Value;

/// Who calls, as the signature proved it.
#[derive(Clone)]
pub struct Identity {
    /// Of the signature's scope.
    pub region: String,
    pub principal: Principal,
}

impl Identity {
    pub fn account(&self) -> &AccountId {
        &self.principal.account
    }
}

/// An answer, and the revision that it shows.
pub struct Answer {
    pub response: Value,
    pub revision: u64,
}

pub struct ControlPlane {
    world: RwLock<World>,
    following: Mutex<Following>,
    untold: Mutex<Untold>,
    store: Store,
    settings: Settings,
}

/// How the world is compiled, revision after revision, for all who ask.
struct Following {
    compiler: Compiler,
    /// What has changed since it compiled. Written under the world's write lock only, so that whoever reads the world sees
    /// just the changes that it shows.
    changes: Changes,
    outside: Vec<Arc<OutsideHost>>,
    /// More than rules has changed since that was last asked.
    is_shaped: bool,
    /// The last revision that changed what flow logs are about.
    recorded: u64,
}

/// What the data plane was not told yet.
struct Untold {
    /// In their order; `None` if it has to be told the whole world.
    entries: Option<Vec<Entry>>,
}

/// Past as many entries a whole world is told instead.
const UNTOLD_MAX: usize = 10_000;

impl Untold {
    fn add(&mut self, entry: &Entry) {
        if let Some(entries) = &mut self.entries {
            entries.push(Step::part_of(entry));
            if entries.len() > UNTOLD_MAX {
                self.entries = None;
            }
        }
    }
}

impl Following {
    fn new() -> Following {
        Following {
            compiler: Compiler::default(),
            changes: Changes::everything(),
            outside: outside::engine_hosts(),
            is_shaped: true,
            recorded: 0,
        }
    }

    fn compile(&mut self, world: &World) -> Result<&Compiled, CompileError> {
        let changes = std::mem::take(&mut self.changes);
        self.compiler.compile(world, &self.outside, &changes)
    }
}

impl ControlPlane {
    pub fn new(store: Store, world: World, settings: Settings) -> ControlPlane {
        ControlPlane {
            world: RwLock::new(world),
            following: Mutex::new(Following::new()),
            untold: Mutex::new(Untold { entries: None }),
            store,
            settings,
        }
    }

    pub fn store(&self) -> &Store {
        &self.store
    }

    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The world as it is now, perhaps ahead of what is durable.
    pub fn world(&self) -> RwLockReadGuard<'_, World> {
        // Applying an entry cannot fail half-way, so a poisoned lock still guards a whole world.
        self.world.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// A compiler that goes on from a world that is being read; from nothing if that contradicts itself.
    pub fn compiler(&self, world: &RwLockReadGuard<'_, World>) -> Compiler {
        let mut following = self.following();
        match following.compile(world) {
            Ok(_) => following.compiler.clone(),
            Err(_) => Compiler::default(),
        }
    }

    /// Whether more than rules, entries and routes has changed since this was last asked. To be asked by whoever reads the
    /// world.
    pub fn take_shape(&self) -> bool {
        std::mem::take(&mut self.following().is_shaped)
    }

    /// What leads the data plane to a world that is being read, from the one that this led to last.
    pub fn take_step(&self, world: &RwLockReadGuard<'_, World>) -> Step {
        match self.untold().entries.replace(Vec::new()) {
            Some(entries) => Step::Entries(entries),
            None => Step::whole(world),
        }
    }

    /// The data plane may not have made its last step: the next one is to a whole world.
    pub fn tell_again(&self) {
        self.untold().entries = None;
    }

    fn untold(&self) -> MutexGuard<'_, Untold> {
        self.untold.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The last revision that changed interfaces or flow logs.
    pub fn recorded_revision(&self) -> u64 {
        self.following().recorded
    }

    fn following(&self) -> MutexGuard<'_, Following> {
        self.following
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn world_mut(&self) -> RwLockWriteGuard<'_, World> {
        self.world.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Carries out one EC2 call; `bucket` is what S3 says of the one that it names.
    pub async fn call(
        &self,
        identity: &Identity,
        bucket: Option<Bucket>,
        action: &str,
        input: Value,
    ) -> Result<Answer, Error> {
        let handle = |world: &World, rng: &mut StdRng| {
            let mut caller = caller(identity, bucket, rng);
            let input = input.clone();
            let outcome =
                openvpc_control::handle(world, &self.settings, &mut caller, action, input)?;
            Ok((outcome.response, outcome.events))
        };
        self.carry_out(identity, action, handle).await
    }

    /// Carries out one call of Elastic Load Balancing.
    pub async fn call_elb(
        &self,
        identity: &Identity,
        health: &RwLock<TargetHealth>,
        action: &str,
        input: Value,
    ) -> Result<Answer, Error> {
        let handle = |world: &World, rng: &mut StdRng| {
            let health = health.read().unwrap_or_else(PoisonError::into_inner);
            let (settings, input) = (&self.settings, input.clone());
            let mut caller = caller(identity, None, rng);
            let outcome =
                openvpc_control::handle_elb(world, settings, &mut caller, &health, action, input)?;
            Ok((outcome.response, outcome.events))
        };
        self.carry_out(identity, action, handle).await
    }

    /// Carries out one IAM call.
    pub async fn call_iam(
        &self,
        identity: &Identity,
        action: &str,
        input: Value,
    ) -> Result<Answer, Error> {
        let handle = |world: &World, rng: &mut StdRng| {
            let mut caller = openvpc_iam::Caller {
                principal: &identity.principal,
                now: now(),
                rng,
            };
            let outcome = openvpc_iam::handle(world, &mut caller, action, input.clone())?;
            Ok((outcome.response, outcome.events))
        };
        self.carry_out(identity, action, handle).await
    }

    async fn carry_out(
        &self,
        identity: &Identity,
        action: &str,
        handle: impl Fn(&World, &mut StdRng) -> Result<(Value, Vec<Event>), Error>,
    ) -> Result<Answer, Error> {
        let (response, revision, ticket) = self.judge(identity, action, handle)?;
        match ticket {
            Some(ticket) => ticket.durable().await,
            None => self.store.wait_durable(revision).await,
        }
        .map_err(unavailable)?;
        Ok(Answer { response, revision })
    }

    /// Carries out one STS call. Only the first one that makes temporary credentials changes anything.
    pub async fn call_sts(
        &self,
        identity: &Identity,
        evaluator: &dyn Evaluator,
        action: &str,
        input: Value,
    ) -> Result<Answer, Error> {
        let handle = |world: &World, rng: &mut StdRng| {
            let mut caller = openvpc_iam::Caller {
                principal: &identity.principal,
                now: now(),
                rng,
            };
            let input = input.clone();
            let outcome = sts::handle_sts(world, &mut caller, evaluator, action, input)?;
            Ok((outcome.response, outcome.events))
        };
        self.carry_out(identity, action, handle).await
    }

    /// Draws the key that seals temporary credentials, if there is none. Durable when this returns.
    pub async fn draw_session_key(&self, account: &AccountId) -> Result<(), Error> {
        let draw = |world: &World| sts::session_key(world, &mut StdRng::from_os_rng()).1;
        self.happen("us-east-1", account, "SessionKeyDrawn", draw)
            .await
    }

    fn judge(
        &self,
        identity: &Identity,
        action: &str,
        handle: impl Fn(&World, &mut StdRng) -> Result<(Value, Vec<Event>), Error>,
    ) -> Result<(Value, u64, Option<Ticket>), Error> {
        let mut rng = StdRng::from_os_rng();
        if reads_only(action) {
            let world = self.world();
            let (response, events) = handle(&world, &mut rng)?;
            if events.is_empty() {
                return Ok((response, world.revision, None));
            }
            // The account's first call in this region: it changes the world after all.
        }
        let mut world = self.world_mut();
        let (response, events) = handle(&world, &mut rng)?;
        if events.is_empty() {
            return Ok((response, world.revision, None));
        }
        let (region, account) = (&identity.region, identity.account());
        let ticket = self.commit(&mut world, region, account, action, events)?;
        Ok((response, world.revision, Some(ticket)))
    }

    /// Writes down something that happened to the world without a call; `judge` names the events.
    /// Durable when this returns.
    pub async fn happen(
        &self,
        region: &str,
        account: &AccountId,
        what: &str,
        judge: impl FnOnce(&World) -> Vec<Event>,
    ) -> Result<(), Error> {
        let ticket = {
            let mut world = self.world_mut();
            let events = judge(&world);
            if events.is_empty() {
                return Ok(());
            }
            self.commit(&mut world, region, account, what, events)?
        };
        ticket.durable().await.map_err(unavailable)
    }

    fn commit(
        &self,
        world: &mut World,
        region: &str,
        account: &AccountId,
        action: &str,
        events: Vec<Event>,
    ) -> Result<Ticket, Error> {
        let entry = Entry {
            revision: world.revision + 1,
            at: now(),
            region: region.to_owned(),
            account: account.clone(),
            action: action.to_owned(),
            events,
        };
        let ticket = self.store.append(entry.clone()).map_err(unavailable)?;
        let mut following = self.following();
        following.is_shaped |= following.changes.note(world, &entry);
        if entry.events.iter().any(is_recorded) {
            following.recorded = entry.revision;
        }
        drop(following);
        self.untold().add(&entry);
        world.apply(entry);
        Ok(ticket)
    }

    /// Empties the world and its journal.
    pub async fn reset(&self) -> Result<(), StoreError> {
        let ticket = {
            let mut world = self.world_mut();
            let ticket = self.store.reset()?;
            *world = World::default();
            *self.following() = Following::new();
            self.tell_again();
            ticket
        };
        ticket.durable().await
    }
}

fn caller<'a>(
    identity: &'a Identity,
    bucket: Option<Bucket>,
    rng: &'a mut dyn RngCore,
) -> Caller<'a> {
    let principal = &identity.principal;
    Caller {
        region: &identity.region,
        account: identity.account().clone(),
        identity: (!principal.is_root()).then_some(&principal.identity_arn),
        now: now(),
        bucket,
        rng,
    }
}

/// Calls that change nothing, apart from the very first one of an account, or of STS.
fn reads_only(action: &str) -> bool {
    ["Describe", "Get", "List", "Search", "AssumeRole"]
        .iter()
        .any(|verb| action.starts_with(verb))
}

fn unavailable(error: StoreError) -> Error {
    Error::new("Unavailable", error.to_string())
}

/// Whether an event changes what flow logs are about: which there are, which interfaces, and what is told of those.
fn is_recorded(event: &Event) -> bool {
    matches!(
        event,
        Event::NetworkInterfacePut(_)
            | Event::NetworkInterfaceDeleted(_)
            | Event::FlowLogPut(_)
            | Event::FlowLogDeleted(_)
    )
}

/// Wall-clock time.
pub fn now() -> UnixMillis {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_millis() as UnixMillis)
}
