//! Recorded flow logs of anybody's making, plain or gzip: the reader, and what is made of its records.

use openvpc_flows::ipfix::Exporter;
use openvpc_flows::plot::{Point, plot};
use openvpc_flows::top::{By, Measure, Top};
use openvpc_flows::{Columns, Filter, Recorded, Row};

use crate::Target;

/// A file.
pub const RECORDED_FLOWS: Target = Target {
    name: "recorded_flows",
    run: recorded_flows,
    seeds: || {
        vec![
            (
                "default",
                b"2 123456789010 eni-1 172.31.16.139 172.31.16.21 20641 22 6 20 4249 1418530010 1418530070 ACCEPT OK\n2 123456789010 eni-1 - - - - - - - 1431280876 1431280934 - NODATA\n".to_vec(),
            ),
            (
                "header",
                b"instance-id interface-id srcaddr dstaddr pkt-srcaddr pkt-dstaddr flow-direction tcp-flags type reject-reason end bytes action\n- eni-1 10.0.1.5 10.0.0.220 10.0.1.5 203.0.113.5 ingress 19 IPv4 BPA 9 7 REJECT\n".to_vec(),
            ),
            (
                "json",
                b"{\"interface-id\":\"eni-1\",\"srcaddr\":\"2001:db8::1\",\"dstaddr\":\"2001:db8::2\",\"bytes\":84,\"end\":1}\n2026-01-31T12:00:00.000Z x\n".to_vec(),
            ),
            // A member that ends early, and bytes after it.
            ("gzip", b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x4b\x04\x00\x43\xbe\xb7\xe8\x01\x00\x00\x00\x1f\x8b".to_vec()),
        ]
    },
};

fn recorded_flows(bytes: &[u8]) {
    let Ok(recorded) = Recorded::open(bytes, Columns::default()) else {
        return;
    };
    // Gzip may hold far more than it weighs; a file is read as it comes, never whole.
    let rows: Vec<Row> = recorded.take(2_000).filter_map(Result::ok).collect();
    let mut exporter = Exporter::new(1);
    let mut top = Top::new(By::Rejected);
    for row in &rows {
        // What was read is written and read again, the same.
        let text = serde_json::to_string(row).expect("a row is written");
        let again: Row = serde_json::from_str(&text).expect("its own text is read");
        assert_eq!(again, *row, "{text}");
        assert!(Filter::default().keeps(row));
        top.add(row);
        if let Some(message) = exporter.add(row, 0) {
            assert!(message.len() <= 1_400);
        }
    }
    let last = exporter.finish(0);
    assert!(last.is_none_or(|message| message.len() <= 1_400));
    let ranking = top.ranking(Measure::Packets, 3);
    let shown: u64 = ranking.rows.iter().map(|row| row.sum.records).sum();
    assert_eq!(shown + ranking.others.records, ranking.total.records);
    let points: Vec<Point> = rows
        .iter()
        .filter_map(|row| Point::of(row, Measure::Bytes))
        .collect();
    assert!(plot(&points, 20).bars.len() <= 500);
}
