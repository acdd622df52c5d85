//! DNS messages: which bytes are a question, and how answers to it look.
//!
//! What cannot be a question is refused by the header's counts before anything is decoded, so hostile bytes cost one name
//! and at most two records. Source: RFC 1035 §4, RFC 6891 (EDNS), RFC 9619 (one question), RFC 8482 (ANY), RFC 9267.

use hickory_proto::op::{Edns, Message, MessageType, OpCode, Query, ResponseCode};
use hickory_proto::rr::rdata::{HINFO, SOA};
use hickory_proto::rr::{DNSClass, Name, RData, Record, RecordType};
use hickory_proto::serialize::binary::BinEncodable;

/// Seconds that an answer may be kept, as AWS answers for its host names.
pub(crate) const TTL: u32 = 60;
/// The largest datagram sent: it fits every path unfragmented (RFC 9715).
const UDP_MAX: u16 = 1_232;
/// What a client without EDNS takes (RFC 1035 §4.2.1).
const UDP_MIN: u16 = 512;
const HEADER_LEN: usize = 12;

/// How a query came, and how its answer leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    Udp,
    Tcp,
}

/// A question, and what its answer must heed.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    pub id: u16,
    pub query: Query,
    pub recursion_desired: bool,
    pub checking_disabled: bool,
    pub edns: Option<AskedEdns>,
    limit: usize,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct AskedEdns {
    pub version: u8,
    pub dnssec_ok: bool,
}

/// What bytes from a client are.
pub(crate) enum Read {
    Question(Box<Question>),
    /// Not a question that can be answered: say so.
    Refused(Vec<u8>),
    /// An answer, or too short to bear an id: whoever sent it waits for nothing.
    Silence,
}

/// Reads what a client sent.
pub(crate) fn read(bytes: &[u8], transport: Transport) -> Read {
    let Some(header) = bytes.get(..HEADER_LEN) else {
        return Read::Silence;
    };
    let field = |at: usize| u16::from_be_bytes([header[at], header[at + 1]]);
    if header[2] & 0x80 != 0 {
        return Read::Silence;
    }
    let op_code = OpCode::from_u8(header[2] >> 3 & 0xf);
    let refuse = |code: ResponseCode| {
        let mut message = Message::error_msg(field(0), op_code, code);
        message.metadata.recursion_desired = header[2] & 1 != 0;
        message.metadata.recursion_available = true;
        message.to_bytes().map_or(Read::Silence, Read::Refused)
    };
    if op_code != OpCode::Query {
        return refuse(ResponseCode::NotImp);
    }
    // One question, no records but EDNS and a signature.
    if field(4) != 1 || field(6) != 0 || field(8) != 0 || field(10) > 2 {
        return refuse(ResponseCode::FormErr);
    }
    let Ok(message) = Message::from_vec(bytes) else {
        return refuse(ResponseCode::FormErr);
    };
    let Some(query) = message.queries.first().cloned() else {
        return refuse(ResponseCode::FormErr);
    };
    let payload = match (&message.edns, transport) {
        (_, Transport::Tcp) => u16::MAX,
        (Some(edns), Transport::Udp) => edns.max_payload().clamp(UDP_MIN, UDP_MAX),
        (None, Transport::Udp) => UDP_MIN,
    };
    Read::Question(Box::new(Question {
        id: message.metadata.id,
        query,
        recursion_desired: message.metadata.recursion_desired,
        checking_disabled: message.metadata.checking_disabled,
        edns: message.edns.as_ref().map(|edns| AskedEdns {
            version: edns.version(),
            dnssec_ok: edns.flags().dnssec_ok,
        }),
        limit: usize::from(payload),
    }))
}

impl Question {
    /// A question of the resolver's own.
    pub fn of(name: Name, record_type: RecordType) -> Question {
        Question {
            id: 0,
            query: Query::query(name, record_type),
            recursion_desired: true,
            checking_disabled: false,
            edns: None,
            limit: usize::from(u16::MAX),
        }
    }

    /// The name as views hold it.
    pub fn name(&self) -> String {
        let mut name = self.query.name().to_ascii().to_ascii_lowercase();
        if name.len() > 1 && name.ends_with('.') {
            name.pop();
        }
        name
    }

    /// Refused before the name is looked at, and why.
    pub fn refusal(&self) -> Option<ResponseCode> {
        if self.edns.is_some_and(|edns| edns.version != 0) {
            return Some(ResponseCode::BADVERS);
        }
        if self.query.query_class() != DNSClass::IN {
            return Some(ResponseCode::Refused);
        }
        match self.query.query_type() {
            // A resolver holds no zones to hand over, and OPT is no data.
            RecordType::AXFR | RecordType::IXFR => Some(ResponseCode::Refused),
            RecordType::OPT | RecordType::TSIG => Some(ResponseCode::FormErr),
            _ => None,
        }
    }

    /// Whether missing IPv6 addresses may be made up: not for one who checks signatures (RFC 6147 §5.5).
    pub fn may_synthesise(&self) -> bool {
        let validates = self.checking_disabled && self.edns.is_some_and(|edns| edns.dnssec_ok);
        self.query.query_type() == RecordType::AAAA && !validates
    }

    /// An answer with these records of the asked name.
    pub fn records(&self, data: Vec<RData>) -> Vec<u8> {
        let name = self.query.name();
        let records = data
            .into_iter()
            .map(|data| Record::from_rdata(name.clone(), TTL, data));
        self.encode(ResponseCode::NoError, records.collect(), Vec::new())
    }

    /// The least that may be said to one who wants everything (RFC 8482 §4.2).
    pub fn minimal_any(&self) -> Vec<u8> {
        self.records(vec![RData::HINFO(HINFO::new(
            "RFC8482".to_owned(),
            String::new(),
        ))])
    }

    /// The name is not there (`NXDomain`), or has nothing of this type (`NoError`): for how long is in the zone's SOA
    /// record (RFC 2308), which names nobody in charge (RFC 6303 §3).
    pub fn negative(&self, code: ResponseCode, zone: &str) -> Vec<u8> {
        let zone = Name::from_ascii(format!("{}.", zone.trim_end_matches('.')));
        let nobody = Name::from_ascii("nobody.invalid.");
        let soa = match (zone, nobody) {
            (Ok(zone), Ok(nobody)) => {
                let soa = SOA::new(zone.clone(), nobody, 1, 3_600, 1_200, 604_800, TTL);
                vec![Record::from_rdata(zone, TTL, RData::SOA(soa))]
            }
            _ => Vec::new(),
        };
        self.encode(code, Vec::new(), soa)
    }

    /// An answer without any record.
    pub fn bare(&self, code: ResponseCode) -> Vec<u8> {
        self.encode(code, Vec::new(), Vec::new())
    }

    /// The answer's bytes. One that is longer than the client takes says only that it is cut off, and the client asks
    /// again over TCP.
    pub fn encode(
        &self,
        code: ResponseCode,
        answers: Vec<Record>,
        authorities: Vec<Record>,
    ) -> Vec<u8> {
        let mut message = Message::new(self.id, MessageType::Response, OpCode::Query);
        message.metadata.recursion_desired = self.recursion_desired;
        message.metadata.recursion_available = true;
        message.metadata.checking_disabled = self.checking_disabled;
        message.metadata.response_code = code;
        message.add_query(self.query.clone());
        message.answers = answers;
        message.authorities = authorities;
        if let Some(asked) = self.edns {
            let mut edns = Edns::new();
            edns.set_max_payload(UDP_MAX);
            edns.set_dnssec_ok(asked.dnssec_ok);
            message.set_edns(edns);
        }
        match message.to_bytes() {
            Ok(bytes) if bytes.len() <= self.limit => bytes,
            _ => {
                message.answers = Vec::new();
                message.authorities = Vec::new();
                message.metadata.truncation = true;
                message.to_bytes().unwrap_or_default()
            }
        }
    }
}
