//! What reading, ranking and judging recorded flows costs on one core (goals: replay judges 2 million flows/s; top
//! talkers of 10 million stored records in 2 s, which is 5 million/s).

#![allow(clippy::unwrap_used)]

use std::fmt::Write as _;
use std::hint::black_box;
use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use openvpc_engine::{Direction, Sighting, Snapshot};
use openvpc_flows::replay::{Configuration, Replay};
use openvpc_flows::top::{By, Measure, Top};
use openvpc_flows::{Columns, Recorded, Row};
use openvpc_testkit::{Lab, egress, ingress};

const RECORDS: usize = 100_000;
const FILES: usize = 20;

/// Two subnets; a server with 20 rules a direction of which the last lets in, 20 ACL entries of which the last decides.
fn lab() -> Lab {
    let lab = Lab::vpc("10.0.0.0/16").internet_gateway();
    let decoys = (1..20).map(|n| ingress(&format!("tcp {n} from 10.9.{n}.0/24")));
    let rules = decoys.chain([
        ingress("tcp 443 from 10.0.0.0/8"),
        egress("tcp 443 to 10.0.0.0/8"),
    ]);
    let web = lab.eni("10.0.1.10").security_group(rules);
    let _client = lab.eni("10.0.2.10").open();
    for n in 1..20 {
        lab.network_acl(&web)
            .inbound(&format!("{n} deny tcp {n} from 10.0.0.0/8"))
            .outbound(&format!("{n} deny tcp {n} to 10.0.0.0/8"));
    }
    lab
}

/// Both directions of many clients' connections.
fn log() -> String {
    let mut text = String::from(
        "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status\n",
    );
    for n in 0..RECORDS / 2 {
        let (client, port) = (
            format!("10.{}.{}.{}", n % 200 + 1, n % 250, n % 241),
            1_024 + n % 60_000,
        );
        for ends in [
            format!("{client} 10.0.1.10 {port} 443"),
            format!("10.0.1.10 {client} 443 {port}"),
        ] {
            writeln!(
                text,
                "2 123456789010 eni-0 {ends} 6 20 {} 1418530010 1418530070 ACCEPT OK",
                40 + n * 7_919 % 60_000
            )
            .unwrap();
        }
    }
    text
}

fn rows(log: &str) -> Vec<Row> {
    let recorded = Recorded::open(log.as_bytes(), Columns::default()).unwrap();
    recorded.map(Result::unwrap).collect()
}

fn packed(text: &str) -> Vec<u8> {
    let fast = flate2::Compression::fast();
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), fast);
    packed.write_all(text.as_bytes()).unwrap();
    packed.finish().unwrap()
}

fn talkers(file: &[u8]) -> Top {
    let mut top = Top::new(By::Talkers);
    let recorded = Recorded::open(file, Columns::default()).unwrap();
    let mut recorded = recorded.only(By::Talkers.fields());
    let mut row = Row::default();
    while let Some(read) = recorded.read(&mut row) {
        read.unwrap();
        top.add(&row);
    }
    top
}

fn judge(criterion: &mut Criterion) {
    let snapshot: Arc<Snapshot> = lab().snapshot();
    let first: Vec<Sighting> = rows(&log())
        .iter()
        .step_by(2)
        .map(|row| Sighting {
            eni: openvpc_engine::EniIndex(0),
            direction: Direction::Ingress,
            source: row.source.unwrap(),
            destination: row.destination.unwrap(),
            source_port: row.source_port.unwrap(),
            destination_port: row.destination_port.unwrap(),
            protocol: 6,
        })
        .collect();
    let mut group = criterion.benchmark_group("flows");
    // Both directions.
    group.throughput(Throughput::Elements(2 * first.len() as u64));
    group.bench_function("judge, 20 rules and 20 entries", |bencher| {
        bencher.iter(|| {
            for first in &first {
                let opening = snapshot.opening(first).unwrap();
                black_box((opening.judgement(), opening.answer()));
            }
        });
    });
    group.finish();
}

fn whole(criterion: &mut Criterion) {
    let lab = lab();
    let snapshot = lab.snapshot();
    let configuration = Configuration {
        interfaces: [("eni-0".to_owned(), openvpc_engine::EniIndex(0))]
            .into_iter()
            .collect(),
        vpcs: Default::default(),
        snapshot,
    };
    let text = log();
    let rows = rows(&text);
    let mut group = criterion.benchmark_group("flows");
    group.sample_size(20);
    group.throughput(Throughput::Elements(RECORDS as u64));
    group.bench_function("replay, rows in memory", |bencher| {
        bencher.iter(|| {
            let mut replay = Replay::new(&configuration);
            rows.iter().for_each(|row| replay.add(row));
            black_box(replay.report())
        });
    });
    group.bench_function("read text", |bencher| {
        bencher.iter(|| {
            Recorded::open(text.as_bytes(), Columns::default())
                .unwrap()
                .count()
        });
    });
    group.bench_function("top talkers of text", |bencher| {
        bencher.iter(|| {
            let top = talkers(text.as_bytes());
            black_box(top.ranking(Measure::Bytes, 50))
        });
    });
    // As `openvpc flows top --from FOLDER` does it: a thread takes the next file.
    let files: Vec<Vec<u8>> = (0..FILES).map(|_| packed(&text)).collect();
    group.throughput(Throughput::Elements((FILES * RECORDS) as u64));
    for threads in [1, 2] {
        let name = format!("top talkers of {FILES} gzip files, {threads} threads");
        group.bench_function(&name, |bencher| {
            bencher.iter(|| {
                let next = AtomicUsize::new(0);
                let part = || {
                    let mut top = Top::new(By::Talkers);
                    while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                        top.merge(talkers(file));
                    }
                    top
                };
                let mut whole = Top::new(By::Talkers);
                std::thread::scope(|scope| {
                    let running: Vec<_> = (0..threads).map(|_| scope.spawn(part)).collect();
                    for thread in running {
                        whole.merge(thread.join().unwrap());
                    }
                });
                black_box(whole.ranking(Measure::Bytes, 50))
            });
        });
    }
    group.throughput(Throughput::Elements(RECORDS as u64));
    group.bench_function("replay of text", |bencher| {
        bencher.iter(|| {
            let mut replay = Replay::new(&configuration);
            let mut recorded = Recorded::open(text.as_bytes(), Columns::default()).unwrap();
            let mut row = Row::default();
            while let Some(read) = recorded.read(&mut row) {
                read.unwrap();
                replay.add(&row);
            }
            black_box(replay.report())
        });
    });
    group.bench_function("top talkers, rows in memory", |bencher| {
        bencher.iter(|| {
            let mut top = Top::new(By::Talkers);
            rows.iter().for_each(|row| top.add(row));
            black_box(top.ranking(Measure::Bytes, 50))
        });
    });
    group.finish();
}

criterion_group!(benches, judge, whole);
criterion_main!(benches);
