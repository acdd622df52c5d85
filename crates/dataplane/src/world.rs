//! The world as the data plane knows it, and the snapshots that it makes of it.

use std::sync::Arc;

use openvpc_compile::{Changes, CompileError, Compiler, Names};
use openvpc_engine::{OutsideHost, Snapshot};
use openvpc_host::outside;
use openvpc_model::{Entry, Event, World};

/// A step from one world to a later one.
#[derive(Debug, Clone)]
pub enum Step {
    /// To this world, whatever was before.
    World(Box<World>),
    /// By these entries, which follow on what was told before.
    Entries(Vec<Entry>),
}

impl Step {
    /// A whole world, without its identities.
    pub fn whole(world: &World) -> Step {
        Step::World(Box::new(world.without_identities()))
    }

    /// What the data plane needs of an entry.
    pub fn part_of(entry: &Entry) -> Entry {
        let events = entry.events.iter();
        let judges = events.filter(|event| !matches!(event, Event::Iam(_)));
        Entry {
            events: judges.cloned().collect(),
            ..entry.clone()
        }
    }
}

/// Follows a world.
#[derive(Default)]
pub(crate) struct Follower {
    world: World,
    compiler: Compiler,
    changes: Changes,
    outside: Vec<Arc<OutsideHost>>,
}

impl Follower {
    pub(crate) fn new() -> Follower {
        Follower {
            outside: outside::engine_hosts(),
            ..Follower::default()
        }
    }

    /// Makes a step, and compiles what it leads to at the cost of what has changed.
    ///
    /// # Errors
    /// Entries that do not follow, or a world that contradicts itself: what was compiled before goes on being enforced,
    /// and the next step has to be a whole world.
    pub(crate) fn step(&mut self, step: Step) -> Result<(Snapshot, &Names), StepError> {
        match step {
            Step::World(world) => {
                self.world = *world;
                self.changes = Changes::everything();
            }
            Step::Entries(entries) => {
                for entry in entries {
                    if entry.revision != self.world.revision + 1 {
                        return Err(StepError::Gap {
                            known: self.world.revision,
                            told: entry.revision,
                        });
                    }
                    self.changes.note(&self.world, &entry);
                    self.world.apply(entry);
                }
            }
        }
        let changes = std::mem::take(&mut self.changes);
        let compiled = self
            .compiler
            .compile(&self.world, &self.outside, &changes)?;
        Ok((compiled.snapshot.clone(), &compiled.names))
    }
}

/// Why a step led nowhere.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StepError {
    #[error("revision {told} does not follow {known}")]
    Gap { known: u64, told: u64 },
    #[error(transparent)]
    Compile(#[from] CompileError),
}
