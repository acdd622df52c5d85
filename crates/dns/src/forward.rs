//! Questions for servers elsewhere: which server, what to send, and what to believe of its answer.
//!
//! [`Pending`] is one question under way, as a value. Whoever owns the sockets sends [`Pending::request`] from a fresh
//! port with a random id, and hands over what comes back; nothing is kept between questions.

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use hickory_proto::op::{Edns, Message, MessageType, OpCode, Query, ResponseCode};
use hickory_proto::rr::rdata::AAAA;
use hickory_proto::rr::{Name, RData, Record, RecordType};
use hickory_proto::serialize::binary::BinEncodable;

use crate::dns64::synthesise;
use crate::message::{Question, Transport};

const DNS_PORT: u16 = 53;
/// What we take from servers in one datagram.
const UDP_PAYLOAD: u16 = 1_232;

/// `DOMAIN=ADDRESS[:PORT]`: names in a domain are asked of a server. `.` is every name that is not known here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForwardRule {
    /// In lower case, without the closing dot; empty for the root.
    domain: String,
    pub server: SocketAddr,
}

/// Why a text is no rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not DOMAIN=ADDRESS[:PORT]: {text:?} (such as corp.example=10.9.0.2 or .=192.0.2.53:5353)")]
pub struct ParseForwardRuleError {
    text: String,
}

impl FromStr for ForwardRule {
    type Err = ParseForwardRuleError;

    fn from_str(text: &str) -> Result<ForwardRule, ParseForwardRuleError> {
        let refuse = || ParseForwardRuleError {
            text: text.to_owned(),
        };
        let (domain, server) = text.split_once('=').ok_or_else(refuse)?;
        let server = server
            .parse()
            .or_else(|_| Ok(SocketAddr::new(server.parse::<IpAddr>()?, DNS_PORT)))
            .map_err(|_: std::net::AddrParseError| refuse())?;
        let name = Name::from_ascii(domain).map_err(|_| refuse())?;
        if domain.is_empty() || server.port() == 0 || server.ip().is_unspecified() {
            return Err(refuse());
        }
        let domain = name.to_ascii().to_ascii_lowercase();
        Ok(ForwardRule {
            domain: domain.trim_end_matches('.').to_owned(),
            server,
        })
    }
}

impl ForwardRule {
    fn covers(&self, name: &str) -> bool {
        match name.strip_suffix(self.domain.as_str()) {
            Some(rest) => self.domain.is_empty() || rest.is_empty() || rest.ends_with('.'),
            None => false,
        }
    }

    /// The rule for a name: that of the longest domain. Inside a zone that is known here whole, only a rule for the zone
    /// or a part of it counts.
    pub(crate) fn choose<'r>(
        rules: &'r [ForwardRule],
        name: &str,
        known_zone: Option<&str>,
    ) -> Option<&'r ForwardRule> {
        rules
            .iter()
            .filter(|rule| rule.covers(name))
            .filter(|rule| known_zone.is_none_or(|zone| rule.domain.len() >= zone.len()))
            .max_by_key(|rule| rule.domain.len())
    }
}

/// One question under way.
#[derive(Debug, Clone)]
pub struct Pending {
    question: Question,
    server: SocketAddr,
    stage: Stage,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Plain,
    /// An IPv6 address is wanted, and may be made of an IPv4 one if there is none.
    Ipv6OrSynthesised,
    /// There is none: the IPv4 ones are asked for.
    Ipv4ToSynthesise,
}

/// What becomes of a question when something came back.
#[derive(Debug)]
pub enum Progress {
    /// Not the answer to this question: keep waiting.
    Ignored,
    /// Cut off: send the same over TCP.
    UseTcp,
    /// Answered, and one more thing is to be asked.
    AskNext,
    /// For the client.
    Reply(Vec<u8>),
}

impl Pending {
    pub(crate) fn new(question: Question, server: SocketAddr, dns64: bool) -> Pending {
        let stage = match dns64 && question.may_synthesise() {
            true => Stage::Ipv6OrSynthesised,
            false => Stage::Plain,
        };
        Pending {
            question,
            server,
            stage,
        }
    }

    /// Whom to ask.
    pub fn server(&self) -> SocketAddr {
        self.server
    }

    /// What to send, under an id that an outsider cannot guess.
    pub fn request(&self, id: u16) -> Vec<u8> {
        let mut message = Message::new(id, MessageType::Query, OpCode::Query);
        message.metadata.recursion_desired = true;
        message.metadata.checking_disabled = self.question.checking_disabled;
        message.add_query(self.query());
        let mut edns = Edns::new();
        edns.set_max_payload(UDP_PAYLOAD);
        edns.set_dnssec_ok(self.question.edns.is_some_and(|edns| edns.dnssec_ok));
        message.set_edns(edns);
        message.to_bytes().unwrap_or_default()
    }

    fn query(&self) -> Query {
        let mut query = self.question.query.clone();
        if self.stage == Stage::Ipv4ToSynthesise {
            query.set_query_type(RecordType::A);
        }
        query
    }

    /// Takes what came from the server in answer to `request(id)`.
    pub fn accept(&mut self, id: u16, bytes: &[u8], transport: Transport) -> Progress {
        let Ok(message) = Message::from_vec(bytes) else {
            return Progress::Ignored;
        };
        let ours = message.metadata.id == id
            && message.metadata.message_type == MessageType::Response
            && message.metadata.op_code == OpCode::Query
            && message.queries == [self.query()];
        if !ours {
            return Progress::Ignored;
        }
        if message.metadata.truncation && transport == Transport::Udp {
            return Progress::UseTcp;
        }
        let code = message.metadata.response_code;
        let has_ipv6 = message
            .answers
            .iter()
            .any(|record| record.record_type() == RecordType::AAAA);
        if self.stage == Stage::Ipv6OrSynthesised && code == ResponseCode::NoError && !has_ipv6 {
            self.stage = Stage::Ipv4ToSynthesise;
            return Progress::AskNext;
        }
        let answers = message.answers.into_iter().filter(is_plausible);
        let answers = match self.stage {
            Stage::Ipv4ToSynthesise => answers.map(to_ipv6).collect(),
            Stage::Plain | Stage::Ipv6OrSynthesised => answers.collect(),
        };
        Progress::Reply(self.question.encode(code, answers, message.authorities))
    }

    /// The server did not answer in time, or there is no room to ask it.
    pub fn failed(&self) -> Vec<u8> {
        self.question.bare(ResponseCode::ServFail)
    }
}

fn to_ipv6(mut record: Record) -> Record {
    if let RData::A(address) = &record.data {
        record.data = RData::AAAA(AAAA(synthesise(address.0)));
    }
    record
}

/// Whether an answer from elsewhere may be passed on: one that leads to the client itself or to its own link is an
/// attack on what listens there. Private addresses pass, as on AWS.
fn is_plausible(record: &Record) -> bool {
    match &record.data {
        RData::A(address) => {
            let address = address.0;
            !(address.is_loopback() || address.is_link_local() || address.is_unspecified())
        }
        RData::AAAA(address) => {
            let address = address.0;
            let mapped = address.to_ipv4_mapped().is_some();
            !(address.is_loopback()
                || address.is_unspecified()
                || address.is_unicast_link_local()
                || mapped)
        }
        _ => true,
    }
}
