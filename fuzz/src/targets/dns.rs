//! The resolver: queries of instances, and answers of servers elsewhere.

use std::sync::Arc;
use std::time::Duration;

use hickory_proto::op::{Edns, Message, MessageType, OpCode, Query};
use hickory_proto::rr::rdata::{A, AAAA, CNAME};
use hickory_proto::rr::{Name, RData, Record, RecordType};
use openvpc_dns::*;

use crate::Target;

/// A datagram to port 53.
pub const QUERY: Target = Target {
    name: "dns_query",
    run: query,
    seeds: query_seeds,
};

/// A datagram from a server that was asked.
pub const ANSWER: Target = Target {
    name: "dns_answer",
    run: answer,
    seeds: answer_seeds,
};

const ASKER: u32 = 7;
const ASKED: &str = "www.corp.example.";
const ID: u16 = 4_711;

const LOGS: &str = "logs.us-east-1.amazonaws.com";
const S3: &str = "s3.us-east-1.amazonaws.com";
const SECRET: &str = "secret.us-east-1.amazonaws.com";

fn two(first: &str, second: &str) -> Addresses {
    Addresses::of(&[first, second].map(|text| text.parse().unwrap()))
}

fn resolver() -> Resolver {
    let mut views = Views {
        revision: 1,
        ..Views::default()
    };
    let key = VpcKey(1);
    let view = View {
        dns_support: true,
        host_names: true,
        domain: "ec2.internal".to_owned(),
        named_blocks: vec!["10.0.0.0/16".parse().unwrap()],
        near: [key].into(),
        private_names: [(LOGS.to_owned(), two("10.0.1.50", "10.0.2.50"))].into(),
        private_families: [(S3.to_owned(), two("10.0.1.60", "10.0.2.60"))].into(),
        ..View::default()
    };
    views.vpcs.insert(key, view);
    // Another VPC's: never to be heard here.
    let other = View {
        dns_support: true,
        private_names: [(SECRET.to_owned(), two("10.66.6.6", "10.66.6.7"))].into(),
        private_families: [(SECRET.to_owned(), two("10.66.6.6", "10.66.6.7"))].into(),
        ..View::default()
    };
    views.vpcs.insert(VpcKey(2), other);
    let regional = "vpce-0a-abcd1234.logs.us-east-1.vpce.amazonaws.com".to_owned();
    views
        .public
        .names
        .insert(regional, two("10.0.1.50", "10.0.2.50"));
    let asker = Asker {
        vpc: key,
        dns64: true,
    };
    views.askers.insert(ASKER, asker);
    let mut resolver = Resolver::new(vec!["corp.example=192.0.2.53:53".parse().unwrap()]);
    resolver.install(Arc::new(views));
    resolver
}

fn message(name: &str, kind: RecordType) -> Message {
    let mut message = Message::new(ID, MessageType::Query, OpCode::Query);
    message.metadata.recursion_desired = true;
    message.add_query(Query::query(Name::from_ascii(name).unwrap(), kind));
    message
}

fn query_seeds() -> Vec<(&'static str, Vec<u8>)> {
    let of = |name, kind| message(name, kind).to_vec().unwrap();
    let mut edns = message("ip-10-0-1-5.ec2.internal.", RecordType::AAAA);
    edns.set_edns(Edns::new());
    vec![
        ("host", of("ip-10-0-1-5.ec2.internal.", RecordType::A)),
        ("reverse", of("5.1.0.10.in-addr.arpa.", RecordType::PTR)),
        ("any", of("localhost.", RecordType::ANY)),
        ("forwarded", of(ASKED, RecordType::A)),
        (
            "private",
            of("logs.us-east-1.amazonaws.com.", RecordType::A),
        ),
        ("bucket", of("b.s3.us-east-1.amazonaws.com.", RecordType::A)),
        (
            "secret",
            of("x.secret.us-east-1.amazonaws.com.", RecordType::A),
        ),
        ("edns", edns.to_vec().unwrap()),
    ]
}

fn query(bytes: &[u8]) {
    for transport in [Transport::Udp, Transport::Tcp] {
        match resolver().answer(ASKER, bytes, transport, Duration::ZERO) {
            Outcome::Silence => {}
            Outcome::Reply(answer) => {
                is_answer(&answer, bytes);
                is_ours(&answer);
                assert!(transport == Transport::Tcp || answer.len() <= 1_232);
            }
            Outcome::Forward(pending) => {
                let request = Message::from_vec(&pending.request(ID)).expect("a question");
                assert_eq!((request.metadata.id, request.queries.len()), (ID, 1));
                is_answer(&pending.failed(), bytes);
            }
        }
    }
    // Nobody else's question is answered.
    let stranger = resolver().answer(99, bytes, Transport::Udp, Duration::ZERO);
    assert!(matches!(stranger, Outcome::Silence));
}

/// Nothing of another VPC's own names, whatever was asked.
fn is_ours(answer: &[u8]) {
    for record in Message::from_vec(answer).expect("a message").answers {
        if let RData::A(address) = record.data {
            assert_ne!(address.0.octets()[..2], [10, 66], "a name of another VPC");
        }
    }
}

/// A message that answers this one, never longer by much: no amplifier.
fn is_answer(answer: &[u8], asked: &[u8]) {
    let read = Message::from_vec(answer).expect("a message");
    assert_eq!(answer[..2], asked[..2]);
    assert_eq!(read.metadata.message_type, MessageType::Response);
    assert!(read.queries.len() <= 1);
    assert!(answer.len() <= asked.len() + 400, "{}", answer.len());
}

fn pending(kind: RecordType) -> Box<Pending> {
    let asked = message(ASKED, kind).to_vec().unwrap();
    match resolver().answer(ASKER, &asked, Transport::Udp, Duration::ZERO) {
        Outcome::Forward(pending) => pending,
        other => panic!("to be forwarded: {other:?}"),
    }
}

fn answer_seeds() -> Vec<(&'static str, Vec<u8>)> {
    let name = || Name::from_ascii(ASKED).unwrap();
    let of = |kind, records: Vec<RData>| {
        let mut answer = message(ASKED, kind);
        answer.metadata.message_type = MessageType::Response;
        answer.answers = records
            .into_iter()
            .map(|data| Record::from_rdata(name(), 60, data))
            .collect();
        answer.to_vec().unwrap()
    };
    let private = RData::A(A([10, 0, 0, 1].into()));
    let loopback = RData::A(A([127, 0, 0, 1].into()));
    let alias = RData::CNAME(CNAME(Name::from_ascii("x.example.").unwrap()));
    let six = RData::AAAA(AAAA("2001:db8::1".parse().unwrap()));
    let mut cut = message(ASKED, RecordType::A);
    cut.metadata.message_type = MessageType::Response;
    cut.metadata.truncation = true;
    vec![
        ("address", of(RecordType::A, vec![private])),
        ("loopback", of(RecordType::A, vec![loopback])),
        ("alias", of(RecordType::A, vec![alias])),
        ("ipv6", of(RecordType::AAAA, vec![six])),
        ("none", of(RecordType::AAAA, vec![])),
        ("cut", cut.to_vec().unwrap()),
    ]
}

fn answer(bytes: &[u8]) {
    for kind in [RecordType::A, RecordType::AAAA] {
        for transport in [Transport::Udp, Transport::Tcp] {
            let mut pending = pending(kind);
            let mut step = pending.accept(ID, bytes, transport);
            if let Progress::AskNext = step {
                step = pending.accept(ID, bytes, transport);
                assert!(!matches!(step, Progress::AskNext), "it asks on and on");
            }
            let Progress::Reply(reply) = step else {
                continue;
            };
            assert!(transport == Transport::Tcp || reply.len() <= 1_232);
            let reply = Message::from_vec(&reply).expect("a message");
            for record in &reply.answers {
                let harmful = match &record.data {
                    RData::A(address) => address.0.is_loopback() || address.0.is_link_local(),
                    RData::AAAA(address) => address.0.is_loopback(),
                    _ => false,
                };
                assert!(!harmful, "{record}");
            }
        }
    }
}
