//! A small world for tests of handlers, every request and answer held against the generated table.

use openvpc_ec2::generated::{IAM, STS};
use openvpc_ec2::{Error, encode};
use openvpc_model::*;
use rand::SeedableRng;
use rand::rngs::SmallRng;
use serde_json::{Value, json};

use crate::judge::{self, Effect, Evaluator, Named, Request};
use crate::principal::look_up_key;
use crate::sts::handle_sts;
use crate::{Caller, Principal, handle};

pub const ACCOUNT: &str = "123456789012";
/// 2025-01-02T03:04:05Z.
pub const START: UnixMillis = 1_735_787_045_000;

pub struct Bench {
    pub world: World,
    pub principal: Principal,
    pub now: UnixMillis,
    pub rng: SmallRng,
    /// Every entry, as it was written down.
    pub journal: Vec<String>,
}

impl Bench {
    pub fn new() -> Bench {
        Bench {
            world: World::default(),
            principal: Principal::root(ACCOUNT.parse().unwrap()),
            now: START,
            rng: SmallRng::seed_from_u64(7),
            journal: Vec::new(),
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
        self.journal.push(text);
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

/// Reads documents without wildcards within words and without conditions, but for `sts:ExternalId`.
pub struct Plain;

impl Plain {
    fn read(document: &str, request: &Request, is_meant: impl Fn(&Value) -> bool) -> Effect {
        let document: Value = serde_json::from_str(document).unwrap();
        let one_of = |wanted: &Value, text: &str| match wanted {
            Value::Array(all) => all.iter().any(|one| one == text || one == "*"),
            one => one.is_null() || one == text || *one == "*",
        };
        let mut effect = Effect::Nothing;
        for statement in document["Statement"].as_array().unwrap() {
            let external = &statement["Condition"]["StringEquals"]["sts:ExternalId"];
            let external = external.is_null()
                || request
                    .context
                    .iter()
                    .any(|(key, value)| key == "sts:ExternalId" && external == value);
            if is_meant(&statement["Principal"])
                && one_of(&statement["Action"], request.action)
                && one_of(&statement["Resource"], request.resource)
                && external
            {
                match statement["Effect"] == "Deny" {
                    true => return Effect::Deny,
                    false => effect = Effect::Allow,
                }
            }
        }
        effect
    }
}

impl Evaluator for Plain {
    fn identity(&self, document: &str, request: &Request) -> Effect {
        Plain::read(document, request, |_| true)
    }

    fn to_principal(&self, document: &str, named: Named, request: &Request) -> Effect {
        Plain::read(document, request, |principal| match named {
            Named::Arn(arn) => principal["AWS"] == arn || principal == "*",
            Named::Account(id) => principal["AWS"] == format!("arn:aws:iam::{id}:root"),
            Named::Service(name) => principal["Service"] == name,
        })
    }

    fn to_caller(&self, _: &str, _: &judge::Caller, _: &Request) -> judge::Said {
        // STS asks of roles only.
        judge::Said::Deny
    }
}

impl Bench {
    /// One call of STS.
    pub fn sts(&mut self, action: &str, input: Value) -> Result<Value, Error> {
        let row = STS.action(action).unwrap();
        let mut caller = Caller {
            principal: &self.principal,
            now: self.now,
            rng: &mut self.rng,
        };
        let outcome = handle_sts(&self.world, &mut caller, &Plain, action, input)?;
        encode::response(&STS, row, "request", &outcome.response).unwrap();
        if !outcome.events.is_empty() {
            self.apply(action, outcome.events);
        }
        Ok(outcome.response)
    }

    /// Whoever bears what STS handed out.
    pub fn bearer(&self, answer: &Value) -> Principal {
        let text = |name: &str| answer["Credentials"][name].as_str().unwrap();
        let known =
            look_up_key(&self.world, text("AccessKeyId"), Some(text("SessionToken"))).unwrap();
        assert_eq!(known.secret.0, text("SecretAccessKey"));
        known.principal
    }

    /// A user, with one inline policy, as a caller.
    pub fn user(&mut self, name: &str, document: &str) -> Principal {
        self.ok("CreateUser", json!({"UserName": name}));
        self.ok(
            "PutUserPolicy",
            json!({"UserName": name, "PolicyName": "p", "PolicyDocument": document}),
        );
        let key = self.ok("CreateAccessKey", json!({"UserName": name}));
        let id = key["AccessKey"]["AccessKeyId"].as_str().unwrap();
        look_up_key(&self.world, id, None).unwrap().principal
    }
}
