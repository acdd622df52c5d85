//! Two VPCs with one block, a VPC without host names, one without a resolver, and someone who asks.
#![allow(clippy::unwrap_used, dead_code)]

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use hickory_proto::op::{Edns, Message, MessageType, OpCode, Query, ResponseCode};
use hickory_proto::rr::{Name, RecordType};
use openvpc_dns::*;

/// Interfaces: of VPC 1, of VPC 1's subnet with DNS64, of VPC 2 (the same block), of VPC 3 (no host names), of VPC 4 (no
/// resolver), of VPC 5 (peer of VPC 1, which lets it see its public names as its own).
pub const ONE: u32 = 1;
pub const ONE_DNS64: u32 = 11;
pub const TWO: u32 = 2;
pub const UNNAMED: u32 = 3;
pub const SILENT: u32 = 4;
pub const PEER: u32 = 5;
pub const STRANGER: u32 = 99;

pub fn addresses(list: &[&str]) -> Addresses {
    let list: Vec<_> = list.iter().map(|text| text.parse().unwrap()).collect();
    Addresses::of(&list)
}

fn view(key: u64, blocks: &[&str]) -> View {
    View {
        dns_support: true,
        host_names: true,
        domain: "ec2.internal".to_owned(),
        named_blocks: blocks.iter().map(|block| block.parse().unwrap()).collect(),
        near: HashSet::from([VpcKey(key)]),
        ..View::default()
    }
}

pub fn views() -> Views {
    let mut views = Views {
        revision: 7,
        ..Views::default()
    };
    let mut one = view(1, &["10.0.0.0/16"]);
    for (name, list) in [
        (
            "i-0aaaaaaaaaaaaaaaa",
            &["10.0.1.10", "2001:db8:1234::a"][..],
        ),
        ("i-0bbbbbbbbbbbbbbbb", &["10.0.1.11"]),
        ("i-0cccccccccccccccc", &[]),
    ] {
        one.resources
            .insert(format!("{name}.ec2.internal"), addresses(list));
    }
    one.ipv6_hosts.insert(
        "2001:db8:1234::a".parse().unwrap(),
        "i-0aaaaaaaaaaaaaaaa.ec2.internal".to_owned(),
    );
    one.private_names.insert(
        "logs.us-east-1.amazonaws.com".to_owned(),
        addresses(&["10.0.1.50", "10.0.2.50"]),
    );
    let mut unnamed = view(3, &["10.0.0.0/16"]);
    unnamed.host_names = false;
    let mut silent = view(4, &["10.0.0.0/16"]);
    silent.dns_support = false;
    let mut peer = view(5, &["10.5.0.0/16", "10.0.0.0/16"]);
    peer.near.insert(VpcKey(1));
    let all = [one, view(2, &["10.0.0.0/16"]), unnamed, silent, peer];
    for (number, view) in (1..).zip(all) {
        views.vpcs.insert(VpcKey(number), view);
        let asker = Asker {
            vpc: VpcKey(number),
            dns64: false,
        };
        views.askers.insert(number as u32, asker);
    }
    let asker = Asker {
        vpc: VpcKey(1),
        dns64: true,
    };
    views.askers.insert(ONE_DNS64, asker);
    let public = &mut views.public;
    public.domains.insert("compute-1.amazonaws.com".to_owned());
    for (vpc, last) in [(1, 25), (2, 26)] {
        let name = format!("ec2-192-0-2-{last}.compute-1.amazonaws.com");
        let host = PublicHost {
            vpc: VpcKey(vpc),
            private: "10.0.1.10".parse().unwrap(),
            public: [192, 0, 2, last].into(),
        };
        public.pointers.insert(host.public.into(), name.clone());
        public.hosts.insert(name, host);
    }
    for (name, list) in [
        (
            "web.example.com",
            &["198.51.100.80", "2001:db8:ffff::80"][..],
        ),
        ("ipv4.example.com", &["198.51.100.81"]),
        ("logs.us-east-1.amazonaws.com", &["198.18.30.10"]),
    ] {
        public.names.insert(name.to_owned(), addresses(list));
    }
    let many: Vec<String> = (0..200).map(|n| format!("198.18.40.{n}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    public
        .names
        .insert("many.example.com".to_owned(), addresses(&many));
    views
}

pub fn resolver(rules: &[&str]) -> Resolver {
    let rules = rules.iter().map(|rule| rule.parse().unwrap());
    let mut resolver = Resolver::new(rules.collect());
    resolver.install(Arc::new(views()));
    resolver
}

pub fn query(name: &str, kind: RecordType) -> Message {
    let mut message = Message::new(4711, MessageType::Query, OpCode::Query);
    message.metadata.recursion_desired = true;
    message.add_query(Query::query(Name::from_ascii(name).unwrap(), kind));
    message
}

pub fn with_edns(mut message: Message, payload: u16, dnssec_ok: bool) -> Message {
    let mut edns = Edns::new();
    edns.set_max_payload(payload);
    edns.set_dnssec_ok(dnssec_ok);
    message.set_edns(edns);
    message
}

/// The bytes that come back over UDP, and none for silence.
pub fn exchange(resolver: &mut Resolver, interface: u32, bytes: &[u8]) -> Option<Vec<u8>> {
    match resolver.answer(interface, bytes, Transport::Udp, Duration::ZERO) {
        Outcome::Silence => None,
        Outcome::Reply(bytes) => Some(bytes),
        Outcome::Forward(pending) => panic!("forwarded to {}", pending.server()),
    }
}

pub fn ask_message(interface: u32, message: &Message) -> Message {
    let bytes = exchange(&mut resolver(&[]), interface, &message.to_vec().unwrap()).unwrap();
    Message::from_vec(&bytes).unwrap()
}

/// Code and records as text, such as `NOERROR 10.0.1.5` or `NXDOMAIN`; empty for silence.
pub fn ask(interface: u32, name: &str, kind: RecordType) -> String {
    let bytes = query(name, kind).to_vec().unwrap();
    match exchange(&mut resolver(&[]), interface, &bytes) {
        None => String::new(),
        Some(bytes) => text(&bytes),
    }
}

pub fn text(bytes: &[u8]) -> String {
    let message = Message::from_vec(bytes).unwrap();
    let mut text = match message.metadata.response_code {
        ResponseCode::NoError => "NOERROR".to_owned(),
        ResponseCode::NXDomain => "NXDOMAIN".to_owned(),
        ResponseCode::ServFail => "SERVFAIL".to_owned(),
        other => format!("{other:?}").to_uppercase(),
    };
    for record in &message.answers {
        text.push_str(&format!(" {}", record.data));
    }
    text
}
