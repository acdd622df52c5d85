//! Columns show what lines do.
#![allow(clippy::unwrap_used)]

mod common;

use std::sync::Arc;

use common::*;
use openvpc_engine::{Action, Direction, DropReason, FlowCell, RuleRef, TcpFlags, Why};
use openvpc_flowlog::*;

/// Every second rule has a name, and one address a service.
struct EverySecond;

impl Names for EverySecond {
    fn rule(&self, revision: u64, rule: RuleRef) -> Option<RuleText> {
        let id = format!("sgr-{}-of-{revision}", rule.0);
        rule.0
            .is_multiple_of(2)
            .then_some(RuleText::SecurityGroupRule(id))
    }

    fn service(&self, address: std::net::IpAddr) -> Option<&'static str> {
        (address.to_string() == "198.18.10.10").then_some("S3")
    }
}

fn bucket(file_format: FileFormat) -> Destination {
    Destination::Bucket(Bucket {
        name: "flow-logs".to_owned(),
        folder: String::new(),
        file_format,
        hive_compatible_partitions: false,
        per_hour_partition: false,
    })
}

/// A flow log of all fields, as lines and as columns.
fn logs() -> Vec<Arc<FlowLog>> {
    let fields: Vec<String> = Field::ALL
        .iter()
        .map(|field| format!("${{{}}}", field.name()))
        .collect();
    let log = flow_log("fl-1", Filter::All, &fields.join(" "), &[1, 2]);
    let of = |id: &str, destination| {
        Arc::new(FlowLog {
            id: id.to_owned(),
            destination,
            ..(*log).clone()
        })
    };
    vec![
        of("fl-1", bucket(FileFormat::PlainText)),
        of("fl-2", bucket(FileFormat::Parquet)),
    ]
}

/// Flows of all kinds, and more of them than a portion holds; every third of IPv6, if any is.
fn cells(any_is_v6: bool) -> Vec<FlowCell> {
    let one = |n: u32| {
        let is_v6 = any_is_v6 && n % 3 == 2;
        let peer = match (is_v6, n % 5) {
            (true, _) => format!("2001:db8::{:x}", n % 50),
            (false, 0) => "198.18.10.10".to_owned(),
            (false, _) => format!("10.{}.{}.9", n % 7, n % 200),
        };
        let own = if is_v6 {
            "2001:db8:1::1"
        } else {
            "172.31.16.21"
        };
        let (own, peer) = (own.parse().unwrap(), peer.parse().unwrap());
        let is_egress = n.is_multiple_of(2);
        let (source, destination) = if is_egress { (own, peer) } else { (peer, own) };
        let rule = Why::under(u64::from(n % 4)).by_known_flow(RuleRef(n % 20), 2);
        FlowCell {
            direction: if is_egress {
                Direction::Egress
            } else {
                Direction::Ingress
            },
            action: if n.is_multiple_of(11) {
                Action::Reject
            } else {
                Action::Accept
            },
            source,
            destination,
            packet_source: source,
            packet_destination: destination,
            source_port: n as u16,
            destination_port: (n * 7) as u16,
            protocol: [6, 17, 1, 132][n as usize % 4],
            tcp_flags: TcpFlags::default(),
            why: match n % 11 {
                0 => rule.dropped(Some(DropReason::NoInternetHost)),
                _ => rule,
            },
            ..cell(
                1,
                u64::from(n) + 1,
                u64::from(n) << 20,
                BEGIN,
                BEGIN + i64::from(n % 60),
            )
        }
    };
    (0..12_000).map(one).collect()
}

fn shown(columns: &Columns, row: usize) -> String {
    let shown = |column: &Column| {
        if column.absent.binary_search(&(row as u32)).is_ok() {
            return "-".to_owned();
        }
        match &column.values {
            Values::Same(text) => text.clone(),
            Values::Int32(values) => values[row].to_string(),
            Values::Int64(values) => values[row].to_string(),
            Values::Addresses(values) => values[row].to_string(),
            Values::Ipv4(values) => values[row].to_string(),
            Values::Texts { texts, places } => texts[places[row] as usize].clone(),
        }
    };
    let words: Vec<String> = columns.columns.iter().map(shown).collect();
    words.join(" ")
}

fn all_shown(columns: &Columns) -> Vec<String> {
    let mut of_fields = columns.columns.iter().zip(Field::ALL);
    assert!(of_fields.all(|(column, field)| column.is_whole(field.kind(), columns.rows)));
    (0..columns.rows).map(|row| shown(columns, row)).collect()
}

#[test]
fn columns_show_what_lines_do() {
    // A portion of lines has a bound of bytes, which longer addresses reach earlier.
    for (any_is_v6, portions_of_lines) in [(false, 5), (true, 6)] {
        compare(cells(any_is_v6), portions_of_lines);
    }
}

fn compare(cells: Vec<FlowCell>, portions_of_lines: usize) {
    let closed = aggregator(plan(logs())).close(&reading(BEGIN + 60, cells), &EverySecond);
    let of = |id: &str| -> Vec<&Batch> {
        let batches = closed.batches.iter();
        batches.filter(|batch| batch.flow_log.id == id).collect()
    };
    // The second interface has no data.
    let portions = (of("fl-1").len(), of("fl-2").len());
    assert_eq!(portions, (portions_of_lines, 3));
    let format = &closed.batches[0].flow_log.format;
    let (mut lines, mut rows) = (Vec::new(), Vec::new());
    for batch in of("fl-1") {
        let text = batch.records.lines();
        lines.extend(text.lines().map(str::to_owned));
        let taken_apart = Columns::of_lines(format, text).unwrap();
        assert!(all_shown(&taken_apart).iter().eq(text.lines()));
    }
    for batch in of("fl-2") {
        let Records::Columns(columns) = &batch.records else {
            panic!("not columns: {batch:?}");
        };
        assert_eq!(batch.times.len(), columns.rows);
        rows.extend(all_shown(columns));
        let some: Vec<usize> = (0..columns.rows).filter(|row| row % 3 == 0).collect();
        let wanted: Vec<String> = some.iter().map(|row| shown(columns, *row)).collect();
        assert_eq!(all_shown(&columns.select(&some)), wanted);
    }
    assert_eq!(lines.len(), 12_001);
    assert!(lines == rows);
}

#[test]
fn a_line_of_another_format_is_refused() {
    let format: Format = "${srcaddr} ${srcport}".parse().unwrap();
    for (lines, wanted) in [
        ("10.0.0.1 1\n10.0.0.1\n", "a line has too few fields"),
        ("10.0.0.1 1 2\n", "a line has too many fields"),
        ("10.0.0.1 ssh\n", "a field of numbers shows \"ssh\""),
        ("10.0.0.1 \n", "a field of numbers shows \"\""),
    ] {
        assert_eq!(Columns::of_lines(&format, lines), Err(wanted.to_owned()));
    }
}
