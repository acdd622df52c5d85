//! A small world for tests of handlers, every request and answer held against the generated table.

use openvpc_ec2::generated::IAM;
use openvpc_ec2::{Error, encode};
use openvpc_model::*;
use rand::SeedableRng;
use rand::rngs::SmallRng;
use serde_json::Value;

use crate::{Caller, Principal, handle};

pub const ACCOUNT: &str = "123456789012";
/// 2025-01-02T03:04:05Z.
pub const START: UnixMillis = 1_735_787_045_000;

pub struct Bench {
    pub world: World,
    pub principal: Principal,
    pub now: UnixMillis,
    pub rng: SmallRng,
}

impl Bench {
    pub fn new() -> Bench {
        Bench {
            world: World::default(),
            principal: Principal::root(ACCOUNT.parse().unwrap()),
            now: START,
            rng: SmallRng::seed_from_u64(7),
        }
    }

    pub fn call(&mut self, action: &str, input: Value) -> Result<Value, Error> {
        let row = IAM.action(action).unwrap();
        for name in input.as_object().unwrap().keys() {
            let known = row.input.and_then(|shape| shape.member(name));
            assert!(known.is_some(), "{action} has no member {name}");
        }
        let mut caller = Caller {
            principal: &self.principal,
            now: self.now,
            rng: &mut self.rng,
        };
        let outcome = handle(&self.world, &mut caller, action, input)?;
        encode::response(&IAM, row, "request", &outcome.response).unwrap();
        if !outcome.events.is_empty() {
            self.apply(action, outcome.events);
        }
        Ok(outcome.response)
    }

    pub fn apply(&mut self, action: &str, events: Vec<Event>) {
        let entry = Entry {
            revision: self.world.revision + 1,
            at: self.now,
            region: "us-east-1".to_owned(),
            account: self.principal.account.clone(),
            action: action.to_owned(),
            events,
        };
        // What is written down is read back the same.
        let text = serde_json::to_string(&entry).unwrap();
        assert_eq!(serde_json::from_str::<Entry>(&text).unwrap(), entry);
        self.world.apply(entry);
    }

    #[track_caller]
    pub fn ok(&mut self, action: &str, input: Value) -> Value {
        let shown = input.to_string();
        self.call(action, input)
            .unwrap_or_else(|e| panic!("{action} {shown} → {e}"))
    }

    #[track_caller]
    pub fn refusal(&mut self, action: &str, input: Value) -> Error {
        let shown = input.to_string();
        match self.call(action, input) {
            Err(e) => e,
            Ok(answer) => panic!("{action} {shown} succeeded: {answer}"),
        }
    }

    #[track_caller]
    pub fn refused(&mut self, action: &str, input: Value) -> String {
        self.refusal(action, input).code().to_owned()
    }
}
