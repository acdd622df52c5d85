//! One query, from bytes to bytes.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::time::Duration;

use hickory_proto::op::ResponseCode;
use hickory_proto::rr::rdata::{A, AAAA, PTR};
use hickory_proto::rr::{Name, RData, RecordType};

use crate::allowance::Allowance;
use crate::dns64::synthesise;
use crate::forward::{ForwardRule, Pending};
use crate::message::{self, Question, Read, Transport};
use crate::view::{Addresses, Found, Views};

/// What becomes of a query.
#[derive(Debug)]
pub enum Outcome {
    /// No answer: too many queries, no resolver in this VPC, or not a query at all.
    Silence,
    Reply(Vec<u8>),
    /// A server elsewhere knows.
    Forward(Box<Pending>),
}

/// The resolver of all VPCs.
#[derive(Debug, Default)]
pub struct Resolver {
    views: Arc<Views>,
    rules: Vec<ForwardRule>,
    allowance: Allowance,
    /// Counts answers with several addresses, each of which begins with another one.
    turn: usize,
}

impl Resolver {
    /// A resolver that knows no VPC yet.
    pub fn new(rules: Vec<ForwardRule>) -> Resolver {
        Resolver {
            rules,
            ..Resolver::default()
        }
    }

    /// Answers by these views from now on.
    pub fn install(&mut self, views: Arc<Views>) {
        self.views = views;
    }

    /// The world's revision that answers come from.
    pub fn revision(&self) -> u64 {
        self.views.revision
    }

    /// Answers one query of the interface with that serial number. `now` only ever grows.
    pub fn answer(
        &mut self,
        interface: u32,
        bytes: &[u8],
        transport: Transport,
        now: Duration,
    ) -> Outcome {
        let Some(asker) = self.views.askers.get(&interface).copied() else {
            return Outcome::Silence;
        };
        let Some(view) = self
            .views
            .vpcs
            .get(&asker.vpc)
            .filter(|view| view.dns_support)
        else {
            return Outcome::Silence;
        };
        if !self.allowance.take(interface, now) {
            return Outcome::Silence;
        }
        let question = match message::read(bytes, transport) {
            Read::Question(question) => question,
            Read::Refused(bytes) => return Outcome::Reply(bytes),
            Read::Silence => return Outcome::Silence,
        };
        if let Some(code) = question.refusal() {
            return Outcome::Reply(question.bare(code));
        }
        let name = question.name();
        let found = match is_localhost(&name) {
            true => Found::Host(Addresses {
                ipv4: vec![Ipv4Addr::LOCALHOST],
                ipv6: vec![Ipv6Addr::LOCALHOST],
            }),
            false => view.find(&self.views.public, &name),
        };
        let zone = match found {
            Found::Host(mut addresses) if addresses != Addresses::default() => {
                if addresses.ipv4.len() > 1 || addresses.ipv6.len() > 1 {
                    addresses.rotate(self.turn);
                    self.turn = self.turn.wrapping_add(1);
                }
                return Outcome::Reply(host(&question, &name, &addresses, asker.dns64));
            }
            Found::Pointer(target) => return Outcome::Reply(pointer(&question, &name, &target)),
            Found::Host(_) => Some((ResponseCode::NoError, name.clone())),
            Found::Nothing { zone } => Some((ResponseCode::NXDomain, zone)),
            Found::Unknown => None,
        };
        let known_zone = zone.as_ref().map(|(_, zone)| zone.as_str());
        if let Some(rule) = ForwardRule::choose(&self.rules, &name, known_zone) {
            return match question.recursion_desired {
                true => {
                    Outcome::Forward(Box::new(Pending::new(*question, rule.server, asker.dns64)))
                }
                // To ask others is all that could be done, and it was not asked for.
                false => Outcome::Reply(question.bare(ResponseCode::Refused)),
            };
        }
        let (code, zone) = zone.unwrap_or((ResponseCode::NXDomain, String::new()));
        Outcome::Reply(question.negative(code, &zone))
    }
}

/// RFC 6761 §6.3: never asked of anyone.
fn is_localhost(name: &str) -> bool {
    name == "localhost" || name.ends_with(".localhost")
}

fn host(question: &Question, name: &str, addresses: &Addresses, dns64: bool) -> Vec<u8> {
    let ipv4 = || addresses.ipv4.iter();
    let data: Vec<RData> = match question.query.query_type() {
        RecordType::ANY => return question.minimal_any(),
        RecordType::A => ipv4().map(|address| RData::A(A(*address))).collect(),
        RecordType::AAAA if addresses.ipv6.is_empty() && dns64 && question.may_synthesise() => {
            ipv4()
                .map(|address| RData::AAAA(AAAA(synthesise(*address))))
                .collect()
        }
        RecordType::AAAA => addresses
            .ipv6
            .iter()
            .map(|address| RData::AAAA(AAAA(*address)))
            .collect(),
        _ => Vec::new(),
    };
    answered(question, name, data)
}

fn pointer(question: &Question, name: &str, target: &str) -> Vec<u8> {
    let data = match question.query.query_type() {
        RecordType::ANY => return question.minimal_any(),
        RecordType::PTR => Name::from_ascii(format!("{target}."))
            .map(|target| RData::PTR(PTR(target)))
            .into_iter()
            .collect(),
        _ => Vec::new(),
    };
    answered(question, name, data)
}

/// The records, or that there are none of this type.
fn answered(question: &Question, name: &str, data: Vec<RData>) -> Vec<u8> {
    if data.is_empty() {
        let zone = name.split_once('.').map_or("", |(_, zone)| zone);
        return question.negative(ResponseCode::NoError, zone);
    }
    question.records(data)
}
