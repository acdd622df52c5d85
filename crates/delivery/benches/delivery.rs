//! From a reading of flow cells to what S3 gets, on one core (goals: 2 million records/s as gzip text, 3 million as
//! Parquet, 256 MiB for a million live flows).

#![allow(clippy::unwrap_used)]

use std::hint::black_box;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use openvpc_delivery::{object, portions};
use openvpc_engine::{Action, Count, Direction, EniIndex, FlowCell, TcpFlags, Time, Why};
use openvpc_flowlog::{
    Aggregator, Closed, DEFAULT_FORMAT, Destination, FileFormat, Filter, FlowLog, Format,
    Interface, NoNames, Plan, Reading,
};

const RECORDS: u32 = 200_000;
const ENIS: u32 = 16;

fn plan() -> Plan {
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
            destination: Destination::LogGroup("fl".to_owned()),
            filter: Filter::All,
            format: DEFAULT_FORMAT.parse().unwrap(),
            interfaces: (0..ENIS).map(EniIndex).collect(),
        })],
    }
}

fn cell(n: u32) -> FlowCell {
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
        first: Time(u64::from(n % 60) * 1_000_000_000),
        last: Time(59_000_000_000),
        tcp_flags: TcpFlags::default(),
        why: Why::default(),
    }
}

fn reading(records: u32) -> Reading {
    Reading {
        at: Time(60_000_000_000),
        wall_ms: 1_735_787_160_000,
        cells: (0..records).map(cell).collect(),
        overflow: Vec::new(),
    }
}

fn close(reading: &Reading) -> Closed {
    let begin = Time(0);
    let wall_ms = 1_735_787_100_000;
    let mut aggregator = Aggregator::new(Duration::from_secs(60), begin, wall_ms);
    aggregator.configure(plan(), begin);
    aggregator.close(reading, &NoNames)
}

fn texts(closed: Closed) -> Vec<String> {
    let portions = closed.batches.into_iter().flat_map(portions);
    portions.map(|portion| portion.text).collect()
}

fn delivery(c: &mut Criterion) {
    let reading = reading(RECORDS);
    let format: Format = DEFAULT_FORMAT.parse().unwrap();
    let mut group = c.benchmark_group("delivery");
    group.throughput(Throughput::Elements(u64::from(RECORDS)));
    group.sample_size(10);
    group.bench_function("aggregate and render", |b| {
        b.iter(|| black_box(close(&reading)));
    });
    group.bench_function("aggregate and render to gzip text", |b| {
        b.iter(|| {
            let texts = texts(close(&reading));
            black_box(object(&format, FileFormat::PlainText, texts).unwrap())
        });
    });
    let lines = texts(close(&reading));
    group.bench_function("lines to Parquet", |b| {
        b.iter_batched(
            || lines.clone(),
            |lines| black_box(object(&format, FileFormat::Parquet, lines).unwrap()),
            BatchSize::LargeInput,
        );
    });
    group.bench_function("aggregate and render to Parquet", |b| {
        b.iter(|| {
            let texts = texts(close(&reading));
            black_box(object(&format, FileFormat::Parquet, texts).unwrap())
        });
    });
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
    let mut aggregator = Aggregator::new(Duration::from_secs(60), Time(0), 1_735_787_100_000);
    aggregator.configure(plan(), Time(0));
    let before = resident();
    for from in (0..1_000_000_u32).step_by(10_000) {
        let cells = (from..from + 10_000).map(cell).collect();
        aggregator.read(&Reading {
            cells,
            ..reading(0)
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
