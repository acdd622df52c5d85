//! Which records somebody wants to see, in the words of the fields.

use std::net::IpAddr;

use ipnet::IpNet;
use openvpc_engine::{Action, Direction};
use serde::{Deserialize, Serialize};

use crate::row::{LogStatus, Row};

/// All that is set must hold. A list holds if one of it does.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filter {
    /// `interface-id`.
    pub interfaces: Vec<String>,
    /// `vpc-id`.
    pub vpcs: Vec<String>,
    /// `subnet-id`.
    pub subnets: Vec<String>,
    /// `instance-id`.
    pub instances: Vec<String>,
    /// Source, as recorded or as in the packet.
    pub sources: Vec<IpNet>,
    /// Destination, as recorded or as in the packet.
    pub destinations: Vec<IpNet>,
    /// Either end.
    pub addresses: Vec<IpNet>,
    /// Either port.
    pub ports: Vec<Ports>,
    pub source_ports: Vec<Ports>,
    pub destination_ports: Vec<Ports>,
    /// IANA numbers.
    pub protocols: Vec<u8>,
    pub accepted: bool,
    pub rejected: bool,
    pub ingress: bool,
    pub egress: bool,
}

/// One port, or a range of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ports {
    pub from: u16,
    pub to: u16,
}

impl Ports {
    fn contain(self, port: Option<u16>) -> bool {
        port.is_some_and(|port| (self.from..=self.to).contains(&port))
    }
}

impl Filter {
    /// Whether a record is wanted. Records that are no flows (NODATA, SKIPDATA) are wanted only where nothing is asked
    /// of the flow.
    pub fn keeps(&self, row: &Row) -> bool {
        let place = &row.place;
        one_of(&self.interfaces, &place.interface)
            && one_of(&self.vpcs, &place.vpc)
            && one_of(&self.subnets, &place.subnet)
            && one_of(&self.instances, &place.instance)
            && self.keeps_flow(row)
    }

    fn keeps_flow(&self, row: &Row) -> bool {
        let sources = [row.source, row.packet_source];
        let destinations = [row.destination, row.packet_destination];
        let all = |ports: &[Ports], seen: &[Option<u16>]| {
            let wanted = |ports: &Ports| seen.iter().any(|port| ports.contain(*port));
            ports.is_empty() || ports.iter().any(wanted)
        };
        within(&self.sources, &sources)
            && within(&self.destinations, &destinations)
            && (within(&self.addresses, &sources) || within(&self.addresses, &destinations))
            && all(&self.ports, &[row.source_port, row.destination_port])
            && all(&self.source_ports, &[row.source_port])
            && all(&self.destination_ports, &[row.destination_port])
            && (self.protocols.is_empty()
                || row.protocol.is_some_and(|p| self.protocols.contains(&p)))
            && either(self.accepted, self.rejected, |accepted| {
                let wanted = if accepted {
                    Action::Accept
                } else {
                    Action::Reject
                };
                row.action == Some(wanted)
            })
            && either(self.ingress, self.egress, |ingress| {
                let wanted = if ingress {
                    Direction::Ingress
                } else {
                    Direction::Egress
                };
                row.direction == Some(wanted)
            })
    }

    /// Whether a record is a flow, and wanted.
    pub fn keeps_as_flow(&self, row: &Row) -> bool {
        row.status == LogStatus::Ok && self.keeps(row)
    }
}

/// Both or neither asked for: whatever it is.
fn either(first: bool, second: bool, holds: impl Fn(bool) -> bool) -> bool {
    first == second || holds(first)
}

fn one_of(wanted: &[String], name: &Option<Box<str>>) -> bool {
    let name = name.as_deref();
    wanted.is_empty() || name.is_some_and(|name| wanted.iter().any(|wanted| wanted == name))
}

fn within(blocks: &[IpNet], addresses: &[Option<IpAddr>]) -> bool {
    let holds = |block: &IpNet| addresses.iter().flatten().any(|a| block.contains(a));
    blocks.is_empty() || blocks.iter().any(holds)
}

/// `10.0.0.0/8`, or an address by itself.
///
/// # Errors
/// What was to be there.
pub fn parse_block(text: &str) -> Result<IpNet, String> {
    let address = || text.parse::<IpAddr>().map(IpNet::from);
    text.parse::<IpNet>()
        .or_else(|_| address())
        .map_err(|_| "an address or a CIDR block, such as 10.0.1.5 or 10.0.0.0/16".to_owned())
}

/// `443`, or `1024-65535`.
///
/// # Errors
/// What was to be there.
pub fn parse_ports(text: &str) -> Result<Ports, String> {
    let (from, to) = text.split_once('-').unwrap_or((text, text));
    match (from.parse(), to.parse()) {
        (Ok(from), Ok(to)) if from <= to => Ok(Ports { from, to }),
        _ => Err("a port or a range of ports, such as 443 or 1024-65535".to_owned()),
    }
}

/// Protocols by name, as people call them.
pub const PROTOCOLS: &[(&str, u8)] = &[
    ("icmp", 1),
    ("tcp", 6),
    ("udp", 17),
    ("gre", 47),
    ("esp", 50),
    ("icmpv6", 58),
    ("sctp", 132),
];

/// `tcp`, `udp`, `icmp` …, or a number.
///
/// # Errors
/// What was to be there.
pub fn parse_protocol(text: &str) -> Result<u8, String> {
    let lower = text.to_ascii_lowercase();
    let known = PROTOCOLS.iter().find(|(name, _)| *name == lower);
    known
        .map(|(_, number)| *number)
        .or_else(|| text.parse().ok())
        .ok_or_else(|| "tcp, udp, icmp, icmpv6, … or a number".to_owned())
}

/// `tcp` for 6; the number where no name is known.
pub fn protocol_name(number: u8) -> String {
    let known = PROTOCOLS.iter().find(|(_, known)| *known == number);
    known.map_or_else(|| number.to_string(), |(name, _)| (*name).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recorded::{Columns, Recorded};

    fn row(line: &str) -> Row {
        let header = "interface-id vpc-id srcaddr dstaddr srcport dstport protocol action flow-direction pkt-srcaddr pkt-dstaddr log-status\n";
        let text = format!("{header}{line}\n");
        let mut recorded = Recorded::open(text.as_bytes(), Columns::default()).unwrap();
        recorded.next().unwrap().unwrap()
    }

    #[test]
    fn each_filter_asks_its_field() {
        let row =
            row("eni-1 vpc-1 10.0.1.5 10.0.2.6 40000 443 6 REJECT egress 203.0.113.9 10.0.2.6 OK");
        let with = |change: fn(&mut Filter)| {
            let mut filter = Filter::default();
            change(&mut filter);
            filter.keeps(&row)
        };
        assert!(with(|_| {}));
        assert!(with(|f| f.interfaces = vec!["eni-0".into(), "eni-1".into()]));
        assert!(!with(|f| f.interfaces = vec!["eni-0".into()]));
        assert!(!with(|f| f.instances = vec!["i-1".into()]));
        assert!(with(
            |f| f.sources = vec![parse_block("10.0.0.0/16").unwrap()]
        ));
        assert!(with(
            |f| f.sources = vec![parse_block("203.0.113.9").unwrap()]
        ));
        assert!(!with(
            |f| f.destinations = vec![parse_block("10.0.1.0/24").unwrap()]
        ));
        assert!(with(
            |f| f.addresses = vec![parse_block("10.0.1.0/24").unwrap()]
        ));
        assert!(with(|f| f.ports = vec![parse_ports("440-445").unwrap()]));
        assert!(!with(|f| f.source_ports = vec![parse_ports("443").unwrap()]));
        assert!(with(|f| f.protocols = vec![17, 6]));
        assert!(with(|f| f.rejected = true));
        assert!(!with(|f| f.accepted = true));
        assert!(with(|f| (f.accepted, f.rejected) = (true, true)));
        assert!(!with(|f| f.ingress = true));
    }

    #[test]
    fn what_is_no_flow_passes_only_questions_about_its_interface() {
        let row = row("eni-1 vpc-1 - - - - - - - - - NODATA");
        let mut filter = Filter {
            interfaces: vec!["eni-1".into()],
            ..Filter::default()
        };
        assert!(filter.keeps(&row));
        assert!(!filter.keeps_as_flow(&row));
        filter.ports = vec![parse_ports("443").unwrap()];
        assert!(!filter.keeps(&row));
    }

    #[test]
    fn words_of_filters_are_read_strictly() {
        assert!(parse_block("10.0.0.0/33").is_err());
        assert!(parse_ports("9-1").is_err());
        assert!(parse_ports("65536").is_err());
        assert_eq!(parse_protocol("TCP"), Ok(6));
        assert_eq!(parse_protocol("89"), Ok(89));
        assert!(parse_protocol("tls").is_err());
    }
}
