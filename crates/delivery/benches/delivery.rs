//! From a reading of flow cells to what S3 gets, on one core (goals: 2 million records/s as gzip text, 3 million as
//! Parquet, 256 MiB for a million live flows).

#![allow(clippy::unwrap_used)]

use std::hint::black_box;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use criterion::{BatchSize, Bencher, Criterion, Throughput, criterion_group, criterion_main};
use openvpc_delivery::{object, portions};
use openvpc_engine::{Action, Count, Direction, EniIndex, FlowCell, TcpFlags, Time, Why};
use openvpc_flowlog::{
    Aggregator, Bucket, Closed, DEFAULT_FORMAT, Destination, FileFormat, Filter, FlowLog, Format,
    Interface, NoNames, Plan, Reading, Records,
};

const RECORDS: u32 = 200_000;
const ENIS: u32 = 16;
const WINDOW_SECS: u64 = 60;
/// When the first window begins, Unix milliseconds.
const BEGIN_MS: i64 = 1_735_787_100_000;

/// A bucket of objects of some kind.
fn bucket(file_format: FileFormat) -> Destination {
    Destination::Bucket(Bucket {
        name: "flow-logs".to_owned(),
        folder: String::new(),
        file_format,
        hive_compatible_partitions: false,
        per_hour_partition: false,
    })
}

fn plan(file_format: FileFormat) -> Plan {
    let interface = |eni: u32| {
        let interface = Interface {
            id: format!("eni-{eni:017x}"),
            account: "123456789012".to_owned(),
            vpc: "vpc-abcdefab012345678".to_owned(),
            subnet: "subnet-aaaaaaaa012345678".to_owned(),
            instance: Some("i-01234567890123456".to_owned()),
            region: "us-east-1".to_owned(),
            az_id: Some("use1-az1".to_owned()),
            interface_type: None,
        };
        (EniIndex(eni), Arc::new(interface))
    };
    Plan {
        interfaces: (0..ENIS).map(interface).collect(),
        flow_logs: vec![Arc::new(FlowLog {
            id: "fl-1234567890abcdef0".to_owned(),
            account: "123456789012".to_owned(),
            region: "us-east-1".to_owned(),
            destination: bucket(file_format),
            filter: Filter::All,
            format: DEFAULT_FORMAT.parse().unwrap(),
            interfaces: (0..ENIS).map(EniIndex).collect(),
        })],
    }
}

/// A cell of a window, which are numbered from 0 on.
fn cell(n: u32, window: u64) -> FlowCell {
    let second = |second: u64| Time((window * WINDOW_SECS + second) * 1_000_000_000);
    let own = Ipv4Addr::from(0x0a00_0100 | (n % ENIS)).into();
    let peer = Ipv4Addr::from(0x0a01_0000 | (n.wrapping_mul(2_654_435_761) >> 18)).into();
    let packets = u64::from(n % 37 + 1);
    FlowCell {
        eni: EniIndex(n % ENIS),
        direction: Direction::Ingress,
        action: Action::Accept,
        source: peer,
        destination: own,
        packet_source: peer,
        packet_destination: own,
        source_port: (n / ENIS) as u16 | 1_024,
        destination_port: 443 + (n >> 20) as u16,
        protocol: 6,
        traffic_path: None,
        total: Count {
            packets,
            bytes: packets * 1_117,
        },
        swept: Count::default(),
        first: second(u64::from(n % 60)),
        last: second(59),
        tcp_flags: TcpFlags::default(),
        why: Why::default(),
    }
}

fn reading(records: u32, window: u64) -> Reading {
    Reading {
        at: Time((window + 1) * WINDOW_SECS * 1_000_000_000),
        wall_ms: BEGIN_MS + ((window + 1) * WINDOW_SECS * 1_000) as i64,
        cells: (0..records).map(|n| cell(n, window)).collect(),
        overflow: Vec::new(),
    }
}

fn aggregator(file_format: FileFormat) -> Aggregator {
    let window = Duration::from_secs(WINDOW_SECS);
    let mut aggregator = Aggregator::new(window, Time(0), BEGIN_MS);
    aggregator.configure(plan(file_format), Time(0));
    aggregator
}

/// What becomes of windows that one aggregator closes one after the other, as the daemon's does.
fn windows<T>(
    b: &mut Bencher,
    file_format: FileFormat,
    mut closed: impl FnMut(&mut Aggregator, &Reading) -> T,
) {
    let mut aggregator = aggregator(file_format);
    let mut numbers = 0..;
    b.iter_batched_ref(
        || reading(RECORDS, numbers.next().unwrap()),
        |reading| closed(&mut aggregator, reading),
        BatchSize::PerIteration,
    );
}

fn records(closed: Closed) -> Vec<Records> {
    let portions = closed.batches.into_iter().flat_map(portions);
    portions.map(|portion| portion.records).collect()
}

fn delivery(c: &mut Criterion) {
    let format: Format = DEFAULT_FORMAT.parse().unwrap();
    let mut group = c.benchmark_group("delivery");
    group.throughput(Throughput::Elements(u64::from(RECORDS)));
    group.sample_size(20);
    for (name, kind) in [
        ("gzip text", FileFormat::PlainText),
        ("Parquet", FileFormat::Parquet),
    ] {
        group.bench_function(format!("aggregate and render for {name}"), |b| {
            windows(b, kind, |aggregator, reading| {
                aggregator.close(reading, &NoNames)
            });
        });
        group.bench_function(format!("aggregate and render to {name}"), |b| {
            windows(b, kind, |aggregator, reading| {
                let closed = aggregator.close(reading, &NoNames);
                object(&format, kind, records(closed)).unwrap()
            });
        });
        let told = records(aggregator(kind).close(&reading(RECORDS, 0), &NoNames));
        group.bench_function(format!("records to {name}"), |b| {
            b.iter_batched(
                || told.clone(),
                |told| object(&format, kind, told).unwrap(),
                BatchSize::LargeInput,
            );
        });
    }
    group.finish();
}

/// Prints what a million live flows cost in the aggregator, by the process's own account.
fn memory(_: &mut Criterion) {
    let resident = || {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib: u64 = line
            .unwrap()
            .trim()
            .trim_end_matches(" kB")
            .parse()
            .unwrap();
        kib / 1_024
    };
    let mut aggregator = aggregator(FileFormat::PlainText);
    let before = resident();
    for from in (0..1_000_000_u32).step_by(10_000) {
        let cells = (from..from + 10_000).map(|n| cell(n, 0)).collect();
        aggregator.read(&Reading {
            cells,
            ..reading(0, 0)
        });
    }
    println!(
        "a million flows in the aggregator: {} MiB",
        resident() - before
    );
    black_box(aggregator);
}

criterion_group!(benches, delivery, memory);
criterion_main!(benches);
