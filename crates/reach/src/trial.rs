//! A copy of the world on which calls are tried: by the very handlers that serve the API, and nothing of it is kept.

use std::net::IpAddr;

use openvpc_compile::{Changes, CompileError, Compiler};
use openvpc_control::{Caller, Settings, handle};
use openvpc_ec2::Error;
use openvpc_engine::Explainer;
use openvpc_model::{AccountId, Entry, UnixMillis, World};
use rand::SeedableRng;
use rand::rngs::SmallRng;
use serde_json::{Map, Value};

use crate::Call;
use crate::scene::{Host, Scene, moves_ports};

/// A copy of the world, and what calls on it have made.
#[derive(Clone)]
pub struct Trial {
    /// As it would be.
    pub world: World,
    /// What was compiled of it last, and what has changed since.
    compiler: Compiler,
    changes: Changes,
    /// Other ports may be attached than in the world that it is a copy of.
    has_moved_ports: bool,
    now: UnixMillis,
    rng: SmallRng,
    made: Map<String, Value>,
}

impl Trial {
    /// A copy as it is at `now`; the ids it draws follow from the world alone.
    pub fn of(world: &World, now: UnixMillis) -> Trial {
        Trial::compiled(world, Compiler::default(), now)
    }

    /// The same of a world that was compiled already.
    pub fn compiled(world: &World, compiler: Compiler, now: UnixMillis) -> Trial {
        Trial {
            world: world.clone(),
            compiler,
            changes: Changes::default(),
            has_moved_ports: false,
            now,
            rng: SmallRng::seed_from_u64(world.revision),
            made: Map::new(),
        }
    }

    /// Makes one call as its account's root would, in a region.
    ///
    /// # Errors
    /// What `control` refuses; the copy is as it was.
    pub fn call(
        &mut self,
        settings: &Settings,
        (region, account): (&str, &AccountId),
        call: &Call,
    ) -> Result<Value, Error> {
        let input = self.filled_in(&call.input);
        let answer = self.act(settings, (region, account), call.action, input)?;
        if let Some((variable, pointer)) = call.makes
            && let Some(made) = answer.pointer(pointer)
        {
            self.made.insert(variable.to_owned(), made.clone());
        }
        Ok(answer)
    }

    /// Makes one call with whole parameters.
    ///
    /// # Errors
    /// What `control` refuses; the copy is as it was.
    pub fn act(
        &mut self,
        settings: &Settings,
        (region, account): (&str, &AccountId),
        action: &str,
        input: Value,
    ) -> Result<Value, Error> {
        let mut caller = Caller {
            region,
            account: account.clone(),
            identity: None,
            now: self.now,
            bucket: None,
            rng: &mut self.rng,
        };
        let outcome = handle(&self.world, settings, &mut caller, action, input)?;
        if !outcome.events.is_empty() {
            let entry = Entry {
                revision: self.world.revision + 1,
                at: self.now,
                region: region.to_owned(),
                account: account.clone(),
                action: action.to_owned(),
                events: outcome.events,
            };
            self.changes.note(&self.world, &entry);
            let before = self.world.regions.get(region);
            let mut events = entry.events.iter();
            self.has_moved_ports |=
                events.any(|event| before.is_none_or(|region| moves_ports(region, event)));
            self.world.apply(entry);
        }
        Ok(outcome.response)
    }

    /// Whether other ports may be attached than in the world that it is a copy of.
    pub(crate) fn has_moved_ports(&self) -> bool {
        self.has_moved_ports
    }

    /// The copy as it is now, for questions; on an explainer of a scene with the same ports, if there is one.
    pub(crate) fn scene(
        &mut self,
        explainer: Option<Explainer>,
        hosts: &[Host],
        imagined: &[IpAddr],
    ) -> Result<Scene<'_>, CompileError> {
        let changes = std::mem::take(&mut self.changes);
        let (world, compiler) = (&self.world, &mut self.compiler);
        Scene::on(explainer, world, hosts, imagined, compiler, &changes)
    }

    fn filled_in(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => match text.strip_prefix('$') {
                Some(variable) => self.made.get(variable).unwrap_or(value).clone(),
                None => value.clone(),
            },
            Value::Array(items) => items.iter().map(|item| self.filled_in(item)).collect(),
            Value::Object(members) => {
                let members = members.iter();
                let members = members.map(|(name, value)| (name.clone(), self.filled_in(value)));
                Value::Object(members.collect())
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
        }
    }
}
