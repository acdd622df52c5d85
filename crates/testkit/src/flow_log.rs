//! Flow cells as lines.

use std::collections::BTreeSet;

use openvpc_engine::{Action, Direction, FlowCell};

/// The records of one interface for one window.
pub struct FlowLog {
    cells: Vec<FlowCell>,
}

impl FlowLog {
    pub(crate) fn new(cells: Vec<FlowCell>) -> FlowLog {
        FlowLog { cells }
    }

    /// Exactly these records, any order, as `srcaddr dstaddr action`.
    #[track_caller]
    pub fn reads<'a>(&self, lines: impl IntoIterator<Item = &'a str>) {
        let short =
            |cell: &FlowCell| format!("{} {} {}", cell.source, cell.destination, action(cell));
        self.compare(lines, short);
    }

    /// Exactly these records, any order, as `srcaddr dstaddr srcport dstport protocol packets bytes action tcp-flags
    /// flow-direction traffic-path pkt-srcaddr pkt-dstaddr`.
    #[track_caller]
    pub fn reads_in_full<'a>(&self, lines: impl IntoIterator<Item = &'a str>) {
        self.compare(lines, full);
    }

    /// No record.
    #[track_caller]
    pub fn is_empty(&self) {
        self.reads([]);
    }

    /// The cells themselves.
    pub fn cells(&self) -> &[FlowCell] {
        &self.cells
    }

    #[track_caller]
    fn compare<'a>(
        &self,
        lines: impl IntoIterator<Item = &'a str>,
        render: impl Fn(&FlowCell) -> String,
    ) {
        let expected: BTreeSet<String> = lines.into_iter().map(str::to_owned).collect();
        let seen: BTreeSet<String> = self.cells.iter().map(render).collect();
        assert_eq!(seen, expected);
    }
}

fn action(cell: &FlowCell) -> &'static str {
    match cell.action {
        Action::Accept => "ACCEPT",
        Action::Reject => "REJECT",
    }
}

fn full(cell: &FlowCell) -> String {
    let window = cell.window();
    let dash = |value: Option<u8>| value.map_or("-".to_owned(), |value| value.to_string());
    format!(
        "{} {} {} {} {} {} {} {} {} {} {} {} {}",
        cell.source,
        cell.destination,
        cell.source_port,
        cell.destination_port,
        cell.protocol,
        window.packets,
        window.bytes,
        action(cell),
        dash(cell.tcp_flags.value()),
        match cell.direction {
            Direction::Ingress => "ingress",
            Direction::Egress => "egress",
        },
        dash(cell.traffic_path.map(|path| path as u8)),
        cell.packet_source,
        cell.packet_destination,
    )
}
