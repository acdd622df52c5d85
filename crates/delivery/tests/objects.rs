//! Objects as any reader of them sees them.
#![allow(clippy::unwrap_used)]

use std::io::Read;

use openvpc_delivery::object;
use openvpc_flowlog::{DEFAULT_FORMAT, FileFormat, Format};
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
        let texts = [OK.to_owned(), NODATA.to_owned()];
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
    let texts = [OK.to_owned(), NODATA.to_owned()];
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
    let texts = (0..30).map(|_| OK.repeat(10_000));
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
        let made = object(&default_format(), FileFormat::Parquet, [text.to_owned()]);
        assert!(made.is_err(), "{text}");
    }
}
