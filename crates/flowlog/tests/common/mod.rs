//! Cells, interfaces and plans for tests.
#![allow(dead_code, clippy::unwrap_used)]

use std::sync::Arc;
use std::time::Duration;

use openvpc_engine::{Action, Count, Direction, EniIndex, FlowCell, TcpFlags, Time, Why};
use openvpc_flowlog::*;

/// When tests begin, on the wall clock; a multiple of a minute.
pub const BEGIN: i64 = 1_418_530_020;

pub fn ms(seconds: i64) -> i64 {
    seconds * 1_000
}

/// The engine's time at a Unix second; its clock began with the test.
pub fn at(unix: i64) -> Time {
    Time::from_secs((unix - BEGIN) as u64)
}

pub fn interface(id: &str) -> Arc<Interface> {
    Arc::new(Interface {
        id: id.to_owned(),
        account: "123456789010".to_owned(),
        vpc: "vpc-abcdefab012345678".to_owned(),
        subnet: "subnet-aaaaaaaa012345678".to_owned(),
        instance: Some("i-01234567890123456".to_owned()),
        region: "us-east-1".to_owned(),
        az_id: Some("use1-az1".to_owned()),
        interface_type: None,
    })
}

pub fn flow_log(id: &str, filter: Filter, format: &str, enis: &[u32]) -> Arc<FlowLog> {
    Arc::new(FlowLog {
        id: id.to_owned(),
        account: "123456789010".to_owned(),
        region: "us-east-1".to_owned(),
        destination: Destination::LogGroup("flow".to_owned()),
        filter,
        format: format.parse().unwrap(),
        interfaces: enis.iter().copied().map(EniIndex).collect(),
    })
}

/// Interfaces `eni-0`, `eni-1` … as many as any log names.
pub fn plan(flow_logs: Vec<Arc<FlowLog>>) -> Plan {
    let enis = flow_logs.iter().flat_map(|log| log.interfaces.clone());
    Plan {
        interfaces: enis
            .map(|eni| (eni, interface(&format!("eni-{}", eni.0))))
            .collect(),
        flow_logs,
    }
}

/// A TCP flow of an interface, in one window: 172.31.16.139:20641 → 172.31.16.21:22.
pub fn cell(eni: u32, packets: u64, bytes: u64, first: i64, last: i64) -> FlowCell {
    FlowCell {
        eni: EniIndex(eni),
        direction: Direction::Ingress,
        action: Action::Accept,
        source: "172.31.16.139".parse().unwrap(),
        destination: "172.31.16.21".parse().unwrap(),
        packet_source: "172.31.16.139".parse().unwrap(),
        packet_destination: "172.31.16.21".parse().unwrap(),
        source_port: 20641,
        destination_port: 22,
        protocol: 6,
        traffic_path: None,
        total: Count { packets, bytes },
        swept: Count::default(),
        first: at(first),
        last: at(last),
        tcp_flags: TcpFlags::default(),
        why: Why::default(),
    }
}

pub fn reading(unix: i64, cells: Vec<FlowCell>) -> Reading {
    Reading {
        at: at(unix),
        wall_ms: ms(unix),
        cells,
        overflow: Vec::new(),
    }
}

/// Closing where nobody asks for names.
pub trait Close {
    fn close_now(&mut self, reading: &Reading) -> Closed;
}

impl Close for Aggregator {
    fn close_now(&mut self, reading: &Reading) -> Closed {
        self.close(reading, &NoNames)
    }
}

/// An aggregator of one-minute windows that began with the test.
pub fn aggregator(plan: Plan) -> Aggregator {
    let mut aggregator = Aggregator::new(Duration::from_secs(60), at(BEGIN), ms(BEGIN));
    aggregator.configure(plan, at(BEGIN));
    aggregator
}

/// Every line, with the flow log and stream it goes to.
pub fn lines(closed: &Closed) -> Vec<String> {
    let of = |batch: &Batch| -> Vec<String> {
        let head = format!("{} {}", batch.flow_log.id, batch.log_stream());
        let lines = batch.events().map(|(_, line)| format!("{head}: {line}"));
        lines.collect()
    };
    closed.batches.iter().flat_map(of).collect()
}
