//! Objects as any reader of them sees them.
#![allow(clippy::unwrap_used)]

use std::io::Read;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::time::Duration;

use openvpc_delivery::{Portion, object, portions};
use openvpc_engine::{Action, Count, Direction, EniIndex, FlowCell, TcpFlags, Time, Why};
use openvpc_flowlog::{
    Aggregator, Bucket, DEFAULT_FORMAT, Destination, FileFormat, Filter, FlowLog, Format,
    Interface, NoNames, Plan, Reading, Records,
};
use parquet::basic::{ConvertedType, Type};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field as Value;

const OK: &str = "2 123456789010 eni-1235b8ca123456789 172.31.16.139 172.31.16.21 20641 22 6 20 4249 1418530010 1418530070 ACCEPT OK\n";
const NODATA: &str =
    "2 123456789010 eni-1235b8ca123456789 - - - - - - - 1431280876 1431280934 - NODATA\n";

fn default_format() -> Format {
    DEFAULT_FORMAT.parse().unwrap()
}

/// `S3-2`: one head line, then the records of all portions; the same lines give the same bytes.
#[test]
fn a_text_object_is_gzip_with_the_fields_names_first() {
    let make = || {
        let texts = [OK, NODATA].map(|line| Records::Lines(line.to_owned()));
        object(&default_format(), FileFormat::PlainText, texts).unwrap()
    };
    let mut text = String::new();
    flate2::read::GzDecoder::new(make().bytes.as_slice())
        .read_to_string(&mut text)
        .unwrap();
    let head = "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status\n";
    assert_eq!(text, format!("{head}{OK}{NODATA}"));
    assert_eq!(make(), make());
}

/// `S3-6` and the types of spec 01 §2: `_` for `-`; what is not there is null in a column of numbers.
#[test]
fn a_parquet_object_has_a_typed_column_per_field() {
    let texts = [OK, NODATA].map(|line| Records::Lines(line.to_owned()));
    let made = object(&default_format(), FileFormat::Parquet, texts).unwrap();
    let reader = SerializedFileReader::new(bytes::Bytes::from(made.bytes)).unwrap();
    let schema = reader.metadata().file_metadata().schema_descr_ptr();
    let columns: Vec<(&str, Type, ConvertedType)> = schema
        .columns()
        .iter()
        .map(|column| {
            (
                column.name(),
                column.physical_type(),
                column.converted_type(),
            )
        })
        .collect();
    let int_32 = (Type::INT32, ConvertedType::INT_32);
    let int_64 = (Type::INT64, ConvertedType::INT_64);
    let string = (Type::BYTE_ARRAY, ConvertedType::UTF8);
    let wanted = [
        ("version", int_32),
        ("account_id", string),
        ("interface_id", string),
        ("srcaddr", string),
        ("dstaddr", string),
        ("srcport", int_32),
        ("dstport", int_32),
        ("protocol", int_32),
        ("packets", int_64),
        ("bytes", int_64),
        ("start", int_64),
        ("end", int_64),
        ("action", string),
        ("log_status", string),
    ];
    assert_eq!(
        columns,
        wanted.map(|(name, (kind, logical))| (name, kind, logical))
    );

    let rows: Vec<_> = reader
        .get_row_iter(None)
        .unwrap()
        .map(|row| row.unwrap())
        .collect();
    assert_eq!(rows.len(), 2);
    let value = |row: usize, name: &str| {
        let columns = rows[row].get_column_iter();
        let mut found = columns.filter(|(column, _)| *column == name);
        found.next().unwrap().1.clone()
    };
    assert_eq!(value(0, "srcaddr"), Value::Str("172.31.16.139".to_owned()));
    assert_eq!(value(0, "dstport"), Value::Int(22));
    assert_eq!(value(0, "bytes"), Value::Long(4249));
    assert_eq!(value(1, "bytes"), Value::Null);
    assert_eq!(value(1, "action"), Value::Str("-".to_owned()));
    assert_eq!(value(1, "end"), Value::Long(1_431_280_934));
}

/// More rows than one group holds.
#[test]
fn every_line_is_a_row() {
    let texts = (0..30).map(|_| Records::Lines(OK.repeat(10_000)));
    let made = object(&default_format(), FileFormat::Parquet, texts).unwrap();
    let reader = SerializedFileReader::new(bytes::Bytes::from(made.bytes)).unwrap();
    assert_eq!(reader.metadata().file_metadata().num_rows(), 300_000);
    assert_eq!(reader.num_row_groups(), 3);
}

#[test]
fn a_line_of_another_format_is_refused() {
    for text in [
        "2 123\n",
        "x 123456789010 eni-1 - - - - - - - 1 2 - NODATA\n",
    ] {
        let made = object(
            &default_format(),
            FileFormat::Parquet,
            [Records::Lines(text.to_owned())],
        );
        assert!(made.is_err(), "{text}");
    }
}

/// `S3-6`: there is one way only in which a record is told.
#[test]
fn columns_make_the_object_that_their_lines_make() {
    let log = |id: &str, file_format| {
        Arc::new(FlowLog {
            id: id.to_owned(),
            account: "123456789012".to_owned(),
            region: "us-east-1".to_owned(),
            destination: Destination::Bucket(Bucket {
                name: "flow-logs".to_owned(),
                folder: String::new(),
                file_format,
                hive_compatible_partitions: false,
                per_hour_partition: false,
            }),
            filter: Filter::All,
            format: default_format(),
            interfaces: [1, 2].map(EniIndex).to_vec(),
        })
    };
    let interface = |eni: u32| {
        let interface = Interface {
            id: format!("eni-{eni:017x}"),
            account: "123456789012".to_owned(),
            vpc: "vpc-1".to_owned(),
            subnet: "subnet-1".to_owned(),
            instance: None,
            region: "us-east-1".to_owned(),
            az_id: None,
            interface_type: None,
        };
        (EniIndex(eni), Arc::new(interface))
    };
    let cell = |n: u32| {
        let peer: IpAddr = match n % 3 {
            0 => Ipv6Addr::from((u128::from(n % 100) << 64) | 1).into(),
            _ => Ipv4Addr::from(0x0a00_0000 | (n % 1_000)).into(),
        };
        FlowCell {
            eni: EniIndex(1),
            direction: Direction::Ingress,
            action: if n.is_multiple_of(7) {
                Action::Reject
            } else {
                Action::Accept
            },
            source: peer,
            destination: peer,
            packet_source: peer,
            packet_destination: peer,
            source_port: n as u16,
            destination_port: 443,
            protocol: 6,
            traffic_path: None,
            total: Count {
                packets: u64::from(n) + 1,
                bytes: u64::from(n) << 24,
            },
            swept: Count::default(),
            first: Time::from_secs(u64::from(n % 400)),
            last: Time::from_secs(u64::from(n % 400)),
            tcp_flags: TcpFlags::default(),
            why: Why::default(),
        }
    };
    let begin_ms = 1_735_787_100_000;
    // Two periods: a portion of each.
    let mut aggregator = Aggregator::new(Duration::from_secs(600), Time(0), begin_ms);
    let plan = Plan {
        interfaces: [1, 2].map(interface).into_iter().collect(),
        flow_logs: vec![
            log("fl-1", FileFormat::PlainText),
            log("fl-2", FileFormat::Parquet),
        ],
    };
    aggregator.configure(plan, Time(0));
    let reading = Reading {
        at: Time::from_secs(400),
        wall_ms: begin_ms + 400_000,
        cells: (0..4_000).map(cell).collect(),
        overflow: Vec::new(),
    };
    let closed = aggregator.close(&reading, &NoNames);
    let of = |id: &str| -> Vec<Portion> {
        let batches = closed
            .batches
            .iter()
            .filter(|batch| batch.flow_log.id == id);
        batches.cloned().flat_map(portions).collect()
    };
    let (lines, columns) = (of("fl-1"), of("fl-2"));
    assert_eq!(columns.len(), 3);
    for (lines, columns) in lines.iter().zip(&columns) {
        assert!(matches!(columns.records, Records::Columns(_)));
        assert_eq!(columns.starts, lines.starts);
        assert_eq!(columns.period, lines.period);
    }
    let object = |portions: Vec<Portion>| {
        let records = portions.into_iter().map(|portion| portion.records);
        object(&default_format(), FileFormat::Parquet, records).unwrap()
    };
    let mut declared = columns.clone();
    declared[1].give_up();
    let mut declared_lines = lines.clone();
    declared_lines[1].give_up();
    assert!(object(lines) == object(columns));
    assert!(object(declared_lines) == object(declared));
}
