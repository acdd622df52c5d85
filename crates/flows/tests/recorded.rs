//! Whatever a record says is read again, whatever its columns and their order.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use openvpc_delivery::object;
use openvpc_flowlog::{Field, FileFormat, Format, Records};
use openvpc_flows::row::Value;
use openvpc_flows::{Columns, Recorded, Row};
use proptest::prelude::*;

/// A text that the field may show.
fn text_of(field: Field) -> BoxedStrategy<String> {
    use Field::*;
    let addresses = prop_oneof![
        any::<std::net::Ipv4Addr>().prop_map(|a| a.to_string()),
        any::<std::net::Ipv6Addr>().prop_map(|a| a.to_string()),
    ];
    match field {
        Version | Protocol | TcpFlags | TrafficPath => {
            any::<u8>().prop_map(|n| n.to_string()).boxed()
        }
        Srcport | Dstport => any::<u16>().prop_map(|n| n.to_string()).boxed(),
        EncryptionStatus | OpenvpcRevision => any::<u32>().prop_map(|n| n.to_string()).boxed(),
        Packets | Bytes => (0..=i64::MAX).prop_map(|n| n.to_string()).boxed(),
        Start | End => any::<i64>().prop_map(|n| n.to_string()).boxed(),
        Srcaddr | Dstaddr | PktSrcaddr | PktDstaddr => addresses.boxed(),
        Action => prop_oneof!["ACCEPT", "REJECT"].boxed(),
        FlowDirection => prop_oneof!["ingress", "egress"].boxed(),
        LogStatus => prop_oneof!["OK", "NODATA", "SKIPDATA"].boxed(),
        // Told by the addresses; without one, it is a text of its own.
        Type => Just("EFA".to_owned()).boxed(),
        _ => "[a-zA-Z0-9:/_.][a-zA-Z0-9:/_.-]{0,30}".boxed(),
    }
}

/// Columns, each once, and a line of them, with `-` here and there.
fn lines() -> impl Strategy<Value = Vec<(Field, String)>> {
    // The address columns would tell the type.
    let fields: Vec<Field> = Field::ALL.to_vec();
    let len = fields.len();
    proptest::sample::subsequence(fields, 1..len)
        .prop_shuffle()
        .prop_flat_map(|fields| {
            let cell = |field: Field| {
                let dash = Just("-".to_owned());
                let text = if field == Field::LogStatus {
                    text_of(field)
                } else {
                    prop_oneof![1 => dash, 4 => text_of(field)].boxed()
                };
                text.prop_map(move |text| (field, text))
            };
            fields.into_iter().map(cell).collect::<Vec<_>>()
        })
}

fn shown(row: &Row, field: Field) -> String {
    match row.get(field) {
        None => "-".to_owned(),
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::Text(text)) => text.into_owned(),
    }
}

proptest! {
    #[test]
    fn what_a_record_says_is_read_again(cells in lines()) {
        let names: Vec<&str> = cells.iter().map(|(field, _)| field.name()).collect();
        let texts: Vec<&str> = cells.iter().map(|(_, text)| text.as_str()).collect();
        // Two lines of one interface, then one of nobody's: the second shares the first's place, the third does not.
        let dashes = vec!["-"; texts.len()].join(" ").replace('\n', " ");
        let has_status = cells.iter().any(|(field, _)| *field == Field::LogStatus);
        let third = if has_status { texts.join(" ") } else { dashes };
        let file = format!("{}\n{t}\n{t}\n{third}\n", names.join(" "), t = texts.join(" "));
        let rows: Vec<Row> = Recorded::open(file.as_bytes(), Columns::default())
            .unwrap()
            .map(Result::unwrap)
            .collect();
        prop_assert_eq!(rows.len(), 3);
        for (field, text) in &cells {
            // The addresses tell the type better than a text.
            if *field == Field::Type {
                continue;
            }
            prop_assert_eq!(&shown(&rows[0], *field), text);
            prop_assert_eq!(&shown(&rows[1], *field), text);
            if !has_status {
                prop_assert_eq!(shown(&rows[2], *field), if *field == Field::LogStatus { "OK" } else { "-" });
            }
        }
        let json = serde_json::to_string(&rows[0]).unwrap();
        prop_assert_eq!(&serde_json::from_str::<Row>(&json).unwrap(), &rows[0]);
    }

    #[test]
    fn bytes_of_anybody_end_the_reading_or_pass(bytes in proptest::collection::vec(any::<u8>(), 0..2_000)) {
        if let Ok(recorded) = Recorded::open(bytes.as_slice(), Columns::default()) {
            prop_assert!(recorded.count() <= bytes.len() + 1);
        }
    }
}

/// What a flow log delivers as Parquet says what it would as text.
#[test]
fn parquet_is_read_as_the_text_that_it_was_made_of() {
    let format: Format = "${version} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} ${protocol} ${packets} \
        ${bytes} ${start} ${end} ${action} ${log-status} ${flow-direction} ${openvpc-drop-reason}"
        .parse()
        .unwrap();
    let lines = "5 eni-1 203.0.113.12 10.0.1.10 40000 22 6 10 5000 1418530010 1418530070 ACCEPT OK ingress -\n\
        5 eni-2 2001:db8::1 2001:db8::2 0 0 58 1 104 1418530020 1418530071 REJECT OK ingress SecurityGroupIngress\n\
        5 eni-2 - - - - - - - 1418530010 1418530070 - NODATA - -\n";
    let read = |input: &[u8]| -> Vec<Row> {
        let recorded = Recorded::open(input, Columns::of(&format)).unwrap();
        recorded.map(Result::unwrap).collect()
    };
    let file = object(
        &format,
        FileFormat::Parquet,
        [Records::Lines(lines.to_owned())],
    )
    .unwrap();
    let rows = read(&file.bytes);
    assert_eq!(rows, read(lines.as_bytes()));
    assert_eq!(rows[1].bytes, Some(104));
    // Neither half a file nor a damaged one is taken for records.
    let cut = Recorded::open(&file.bytes[..file.bytes.len() / 2], Columns::default());
    assert!(cut.is_err());
    for at in 4..file.bytes.len() - 8 {
        let mut damaged = file.bytes.clone();
        damaged[at] ^= 0xff;
        if let Ok(recorded) = Recorded::open(damaged.as_slice(), Columns::default()) {
            assert!(recorded.take(10).count() < 10, "a file of three records");
        }
    }
}
