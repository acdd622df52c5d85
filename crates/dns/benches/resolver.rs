//! Queries from bytes to bytes, of a region with many VPCs and endpoints: goal ≥ 100,000 answers a second on one core.

#![allow(clippy::expect_used)]

use std::collections::HashSet;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use openvpc_dns::{Addresses, Asker, Outcome, Resolver, Transport, View, Views, VpcKey};

const VPCS: u64 = 1_000;
/// Each within its allowance, whatever the pace.
const ASKERS: u32 = 10_000;

fn views() -> Views {
    let mut views = Views::default();
    let two = |n: u64| {
        let [.., third, fourth] = n.to_be_bytes();
        Addresses {
            ipv4: vec![[10, 1, third, fourth].into(), [10, 2, third, fourth].into()],
            ipv6: Vec::new(),
        }
    };
    for n in 0..VPCS {
        let mut view = View {
            dns_support: true,
            host_names: true,
            domain: "ec2.internal".to_owned(),
            named_blocks: vec!["10.0.0.0/8".parse().expect("a block")],
            near: HashSet::from([VpcKey(n)]),
            ..View::default()
        };
        let private = "logs.us-east-1.amazonaws.com".to_owned();
        view.private_names.insert(private, two(n));
        view.private_families
            .insert("s3.us-east-1.amazonaws.com".to_owned(), two(n));
        views.vpcs.insert(VpcKey(n), view);
        let regional = format!("vpce-{n:017x}-abcd1234.logs.us-east-1.vpce.amazonaws.com");
        views.public.names.insert(regional, two(n));
    }
    for serial in 0..ASKERS {
        let asker = Asker {
            vpc: VpcKey(u64::from(serial) % VPCS),
            dns64: false,
        };
        views.askers.insert(serial, asker);
    }
    views
}

/// A query as a stub resolver sends it: one question, recursion desired.
fn query(name: &str) -> Vec<u8> {
    let mut bytes = vec![0x12, 0x67, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    for label in name.split('.') {
        bytes.push(label.len() as u8);
        bytes.extend_from_slice(label.as_bytes());
    }
    bytes.extend_from_slice(&[0, 0, 1, 0, 1]);
    bytes
}

fn answers(criterion: &mut Criterion) {
    let mut resolver = Resolver::new(Vec::new());
    resolver.install(Arc::new(views()));
    let mut group = criterion.benchmark_group("resolver");
    group.throughput(Throughput::Elements(1));
    let regional = format!("vpce-{:017x}-abcd1234.logs.us-east-1.vpce.amazonaws.com", 7);
    for (what, name) in [
        (
            "private name of an endpoint",
            "logs.us-east-1.amazonaws.com",
        ),
        ("regional name of an endpoint", &regional),
        ("a bucket of S3", "mine.s3.us-east-1.amazonaws.com"),
        ("private name of an address", "ip-10-0-1-5.ec2.internal"),
        ("a name that is not there", "nothing.example.org"),
    ] {
        let bytes = query(name);
        let (mut interface, mut micros) = (0, 0);
        group.bench_function(what, |bencher| {
            bencher.iter(|| {
                interface = (interface + 1) % ASKERS;
                micros += 1;
                let now = Duration::from_micros(micros);
                let outcome = resolver.answer(interface, black_box(&bytes), Transport::Udp, now);
                assert!(matches!(outcome, Outcome::Reply(_)));
            });
        });
    }
    group.finish();
}

criterion_group!(benches, answers);
criterion_main!(benches);
