//! A small world for tests of handlers: deterministic ids, every outcome applied.

use openvpc_ec2::Error;
use openvpc_model::{AccountId, Entry, UnixMillis, World};
use rand::SeedableRng;
use rand::rngs::SmallRng;
use serde_json::Value;

use crate::{Caller, Outcome, Settings, handle};

pub const ACCOUNT: &str = "123456789012";
/// 2025-01-02T03:04:05Z.
pub const START: UnixMillis = 1_735_787_045_000;

/// A control plane whose journal is memory.
pub struct Bench {
    pub world: World,
    pub settings: Settings,
    pub region: String,
    pub account: AccountId,
    pub now: UnixMillis,
    rng: SmallRng,
}

impl Bench {
    pub fn new() -> Bench {
        Bench {
            world: World::default(),
            settings: Settings::default(),
            region: "us-east-1".to_owned(),
            account: ACCOUNT.parse().unwrap(),
            now: START,
            rng: SmallRng::seed_from_u64(7),
        }
    }

    /// Calls an action and applies what it writes down.
    pub fn call(&mut self, action: &str, input: Value) -> Result<Value, Error> {
        let outcome = self.judge(action, input)?;
        self.world.apply(Entry {
            revision: self.world.revision + 1,
            at: self.now,
            region: self.region.clone(),
            account: self.account.clone(),
            action: action.to_owned(),
            events: outcome.events,
        });
        Ok(outcome.response)
    }

    /// Calls an action without applying anything.
    pub fn judge(&mut self, action: &str, input: Value) -> Result<Outcome, Error> {
        let mut caller = Caller {
            region: &self.region,
            account: self.account.clone(),
            arn: "arn:aws:iam::123456789012:root",
            user_id: ACCOUNT,
            now: self.now,
            rng: &mut self.rng,
        };
        handle(&self.world, &self.settings, &mut caller, action, input)
    }

    /// Calls an action that must succeed.
    #[track_caller]
    pub fn ok(&mut self, action: &str, input: Value) -> Value {
        let shown = input.to_string();
        self.call(action, input)
            .unwrap_or_else(|e| panic!("{action} {shown} → {e}"))
    }

    /// Calls an action that must be refused and change nothing; answers the code.
    #[track_caller]
    pub fn refused(&mut self, action: &str, input: Value) -> String {
        let shown = input.to_string();
        match self.call(action, input) {
            Err(e) => e.code().to_owned(),
            Ok(answer) => panic!("{action} {shown} succeeded: {answer}"),
        }
    }
}

/// A string member of an answer by JSON pointer, such as `/Vpc/VpcId`.
#[track_caller]
pub fn text(answer: &Value, pointer: &str) -> String {
    match answer.pointer(pointer) {
        Some(Value::String(text)) => text.clone(),
        other => panic!("{pointer} is {other:?} in {answer}"),
    }
}
