//! What a handler works with: the caller's account as it is, and the events so far.

use openvpc_ec2::Error;
use openvpc_model::{
    AccountId, Event, Iam, IamAccount, IamEntity, IamEvent, Tags, UnixMillis, World,
};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{Caller, Principal, keys, refuse};

/// One call.
pub struct Cx<'a> {
    iam: &'a Iam,
    own: &'a IamAccount,
    principal: &'a Principal,
    now: UnixMillis,
    rng: &'a mut dyn rand::RngCore,
    events: Vec<Event>,
}

impl<'a> Cx<'a> {
    pub fn new<'c: 'a>(world: &'a World, caller: &'a mut Caller<'c>) -> Cx<'a> {
        Cx {
            iam: &world.iam,
            own: world.iam.account(&caller.principal.account),
            principal: caller.principal,
            now: caller.now,
            rng: &mut *caller.rng,
            events: Vec::new(),
        }
    }

    /// What is to be written down, in order.
    pub fn into_events(self) -> Vec<Event> {
        self.events
    }

    pub fn iam(&self) -> &'a Iam {
        self.iam
    }

    /// The caller's account, without this call's own changes.
    pub fn own(&self) -> &'a IamAccount {
        self.own
    }

    pub fn account(&self) -> &'a AccountId {
        &self.principal.account
    }

    pub fn principal(&self) -> &'a Principal {
        self.principal
    }

    pub fn now(&self) -> UnixMillis {
        self.now
    }

    pub fn rng(&mut self) -> &mut dyn rand::RngCore {
        self.rng
    }

    /// Writes a change down.
    pub fn emit(&mut self, event: IamEvent) {
        self.events.push(Event::Iam(event));
    }

    /// A new named thing; `prefix` is that of its id, such as `AROA`.
    pub fn new_entity(&mut self, prefix: &str, name: &str, path: String, tags: Tags) -> IamEntity {
        IamEntity {
            name: name.to_owned(),
            path,
            id: keys::unique_id(prefix, self.rng),
            created_at: self.now,
            tags,
        }
    }
}

/// Turns a decoded request into a handler's own struct.
///
/// # Errors
/// `ValidationError` when a member has another type than the handler's.
pub fn read<T: DeserializeOwned>(input: Value) -> Result<T, Error> {
    serde_json::from_value(input).map_err(|e| refuse::validation(e.to_string()))
}

/// The answer of a call without result.
pub fn done() -> Result<Value, Error> {
    Ok(Value::Object(serde_json::Map::new()))
}
