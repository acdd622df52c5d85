//! A small world for tests of handlers: deterministic ids, every outcome applied, every request
//! and answer held against the generated table of the service.

use std::net::Ipv4Addr;
use std::path::Path;

use openvpc_ec2::generated::{EC2, ELBV2};
use openvpc_ec2::table::{Shape, Structure};
use openvpc_ec2::{Error, encode};
use openvpc_model::*;
use rand::SeedableRng;
use rand::rngs::SmallRng;
use serde_json::Value;

use crate::{Caller, Outcome, Settings, handle, handle_elb};

pub const ACCOUNT: &str = "123456789012";
/// 2025-01-02T03:04:05Z.
pub const START: UnixMillis = 1_735_787_045_000;

/// A control plane whose journal is memory.
pub struct Bench {
    pub world: World,
    pub settings: Settings,
    pub region: String,
    pub account: AccountId,
    /// The user or role that calls, instead of the account's root.
    pub identity: Option<String>,
    pub now: UnixMillis,
    /// What probes of targets found.
    pub health: TargetHealth,
    /// What S3 says of every bucket.
    pub bucket: Option<crate::Bucket>,
    rng: SmallRng,
}

impl Bench {
    pub fn new() -> Bench {
        Bench {
            world: World::default(),
            settings: Settings::default(),
            region: "us-east-1".to_owned(),
            account: ACCOUNT.parse().unwrap(),
            identity: None,
            now: START,
            health: TargetHealth::default(),
            bucket: None,
            rng: SmallRng::seed_from_u64(7),
        }
    }

    /// Calls an action and applies what it writes down.
    pub fn call(&mut self, action: &str, input: Value) -> Result<Value, Error> {
        let outcome = self.judge(action, input)?;
        self.apply(action, outcome.events);
        Ok(outcome.response)
    }

    /// Applies events as the store would.
    pub fn apply(&mut self, action: &str, events: Vec<Event>) {
        self.world.apply(Entry {
            revision: self.world.revision + 1,
            at: self.now,
            region: self.region.clone(),
            account: self.account.clone(),
            action: action.to_owned(),
            events,
        });
    }

    /// Calls an action without applying anything. Request and answer must have members that the
    /// service's model has.
    pub fn judge(&mut self, action: &str, input: Value) -> Result<Outcome, Error> {
        let row = EC2.action(action);
        if let Some(structure) = row.and_then(|row| row.input) {
            check_members(structure, &input, action);
        }
        let mut caller = Caller {
            region: &self.region,
            account: self.account.clone(),
            identity: self.identity.as_deref(),
            now: self.now,
            bucket: self.bucket,
            rng: &mut self.rng,
        };
        let outcome = handle(&self.world, &self.settings, &mut caller, action, input)?;
        if let Some(row) = row {
            encode::response(&EC2, row, "request", &outcome.response).unwrap();
        }
        Ok(outcome)
    }

    /// Calls an action of Elastic Load Balancing, as [`Bench::call`].
    pub fn elb(&mut self, action: &str, input: Value) -> Result<Value, Error> {
        let row = ELBV2.action(action).unwrap_or_else(|| panic!("{action}"));
        if let Some(structure) = row.input {
            check_members(structure, &input, action);
        }
        let mut caller = Caller {
            region: &self.region,
            account: self.account.clone(),
            identity: self.identity.as_deref(),
            now: self.now,
            bucket: None,
            rng: &mut self.rng,
        };
        let (world, settings) = (&self.world, &self.settings);
        let outcome = handle_elb(world, settings, &mut caller, &self.health, action, input)?;
        encode::response(&ELBV2, row, "request", &outcome.response).unwrap();
        self.apply(action, outcome.events);
        Ok(outcome.response)
    }

    /// Calls one that must succeed.
    #[track_caller]
    pub fn elb_ok(&mut self, action: &str, input: Value) -> Value {
        let shown = input.to_string();
        self.elb(action, input)
            .unwrap_or_else(|e| panic!("{action} {shown} → {e}"))
    }

    /// Calls one that must be refused; answers the code.
    #[track_caller]
    pub fn elb_refused(&mut self, action: &str, input: Value) -> String {
        let shown = input.to_string();
        match self.elb(action, input) {
            Err(e) => e.code().to_owned(),
            Ok(answer) => panic!("{action} {shown} succeeded: {answer}"),
        }
    }

    /// Calls an action that must succeed.
    #[track_caller]
    pub fn ok(&mut self, action: &str, input: Value) -> Value {
        let shown = input.to_string();
        self.call(action, input)
            .unwrap_or_else(|e| panic!("{action} {shown} → {e}"))
    }

    /// Calls an action that must be refused; answers the code.
    #[track_caller]
    pub fn refused(&mut self, action: &str, input: Value) -> String {
        self.refusal(action, input).code().to_owned()
    }

    /// Calls an action that must be refused; answers the whole refusal.
    #[track_caller]
    pub fn refusal(&mut self, action: &str, input: Value) -> Error {
        let shown = input.to_string();
        match self.call(action, input) {
            Err(e) => e,
            Ok(answer) => panic!("{action} {shown} succeeded: {answer}"),
        }
    }

    /// Calls an action that must succeed and compares its XML with `tests/golden/<action>.xml`,
    /// or writes that file when `UPDATE_GOLDEN` is set.
    #[track_caller]
    pub fn golden(&mut self, action: &str, input: Value) -> Value {
        let answer = self.ok(action, input);
        let row = EC2.action(action).unwrap();
        let request_id = "59dbff89-35bd-4eac-99ed-be587ecd0fa8";
        let xml = encode::response(&EC2, row, request_id, &answer).unwrap();
        let xml = xml.replace("><", ">\n<") + "\n";
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
        let path = path.join(format!("{action}.xml"));
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, &xml).unwrap();
        }
        let wanted = std::fs::read_to_string(&path)
            .unwrap_or_else(|e| panic!("{}: {e}; make it with UPDATE_GOLDEN=1", path.display()));
        assert_eq!(xml, wanted, "{action}");
        answer
    }

    /// Tells what the data path does by itself: an interface is in its instance, or out of it.
    pub fn settle(&mut self, eni: &str) {
        let region = &self.world.regions[&self.region];
        let events = crate::lifecycle::interface_settled(region, eni.parse().unwrap(), self.now);
        self.apply("InterfaceSettled", events);
    }

    /// Puts an interface into a subnet without asking any handler.
    pub fn place_interface(&mut self, subnet: &str, ip: &str) -> NetworkInterface {
        let region = &self.world.regions[&self.region];
        let subnet = &region.subnets[&subnet.parse().unwrap()];
        let serial = self.world.next_interface_serial;
        let eni = NetworkInterface {
            id: NetworkInterfaceId::from_random(u128::from(serial) + 1),
            serial,
            owner: self.account.clone(),
            vpc: subnet.vpc,
            subnet: subnet.id,
            availability_zone: subnet.availability_zone.clone(),
            description: String::new(),
            mac: MacAddress::from_random(u64::from(serial)),
            private_ips: vec![ip.parse::<Ipv4Addr>().unwrap()],
            ipv6_addresses: Vec::new(),
            auto_public_ip: None,
            security_groups: Vec::new(),
            source_dest_check: true,
            connection_tracking: ConnectionTracking::default(),
            attachment: None,
            kind: NetworkInterfaceKind::Interface,
            detached: None,
            requester_id: None,
        };
        self.apply("Test", vec![Event::NetworkInterfacePut(eni.clone())]);
        eni
    }
}

/// Every member of a request is one of the model's; a slip in a test would else test nothing.
fn check_members(structure: &Structure, value: &Value, path: &str) {
    for (name, value) in value.as_object().into_iter().flatten() {
        let path = format!("{path}.{name}");
        let member = structure.member(name).unwrap_or_else(|| panic!("{path}"));
        match member.shape {
            Shape::Structure(structure) => check_members(structure, value, &path),
            Shape::List(list) => {
                if let Shape::Structure(structure) = list.shape {
                    for item in value.as_array().unwrap() {
                        check_members(structure, item, &path);
                    }
                }
            }
            _ => {}
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

/// How many items a list of an answer has.
#[track_caller]
pub fn count(answer: &Value, list: &str) -> usize {
    answer[list]
        .as_array()
        .unwrap_or_else(|| panic!("no list {list} in {answer}"))
        .len()
}
