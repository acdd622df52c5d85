//! One record, and how it reads.

use std::net::IpAddr;
use std::sync::Arc;

use openvpc_engine::{Action, Direction, RuleRef, TcpFlags, TrafficPath, Why};

use crate::digits::{put_address, put_number};
use crate::{Field, Format, Interface, Names, Plan, RuleText};

/// TCP's protocol number.
const TCP: u8 = 6;

/// One record of one interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    pub interface: Arc<Interface>,
    /// Unix seconds of the first packet, or of the window's beginning.
    pub start: i64,
    /// Unix seconds of the last packet, or of the window's end.
    pub end: i64,
    pub status: Status,
}

/// What a record tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// OK: a flow.
    Flow(Flow),
    /// No traffic at the interface in the window.
    NoData,
    /// Some flows of the window could not be recorded.
    SkipData,
}

/// One flow in one window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flow {
    pub direction: Direction,
    pub action: Action,
    pub source: IpAddr,
    pub destination: IpAddr,
    pub packet_source: IpAddr,
    pub packet_destination: IpAddr,
    pub source_port: u16,
    pub destination_port: u16,
    pub protocol: u8,
    pub traffic_path: Option<TrafficPath>,
    pub tcp_flags: TcpFlags,
    pub packets: u64,
    pub bytes: u64,
    /// What decided about the latest of its packets that something had to be decided about.
    pub why: Why,
}

/// What records are rendered with.
#[derive(Clone, Copy)]
pub struct Told<'a> {
    pub plan: &'a Plan,
    pub names: &'a dyn Names,
}

/// How the lines of one interface read in a format: what is the same in all of them is rendered once.
#[derive(Debug)]
pub(crate) struct Template(Vec<Piece>);

#[derive(Debug)]
enum Piece {
    Same(Vec<u8>),
    Field(Field),
}

impl Template {
    pub(crate) fn of(format: &Format, interface: &Interface) -> Template {
        let (mut pieces, mut same) = (Vec::new(), Vec::new());
        for (at, field) in format.fields().iter().enumerate() {
            if at > 0 {
                same.push(b' ');
            }
            if !put_same(*field, format, interface, &mut same) {
                pieces.push(Piece::Same(std::mem::take(&mut same)));
                pieces.push(Piece::Field(*field));
            }
        }
        pieces.push(Piece::Same(same));
        Template(pieces)
    }
}

/// What a field shows in every record of an interface; whether it does.
fn put_same(field: Field, format: &Format, interface: &Interface, out: &mut Vec<u8>) -> bool {
    match field {
        Field::Version => put_number(out, u64::from(format.version())),
        Field::AccountId => put(out, &interface.account),
        Field::InterfaceId => put(out, &interface.id),
        Field::VpcId => put(out, &interface.vpc),
        Field::SubnetId => put(out, &interface.subnet),
        Field::InstanceId => put_text(out, interface.instance.as_deref()),
        Field::Region => put(out, &interface.region),
        Field::AzId => put_text(out, interface.az_id.as_deref()),
        Field::InterfaceType => put_text(out, interface.interface_type.as_deref()),
        _ => return false,
    }
    true
}

impl Record {
    /// Adds the record as a line of its interface's template, without its end.
    pub(crate) fn render(&self, template: &Template, told: Told<'_>, out: &mut Vec<u8>) {
        for piece in &template.0 {
            match piece {
                Piece::Same(text) => match text[..] {
                    [byte] => out.push(byte),
                    _ => out.extend_from_slice(text),
                },
                Piece::Field(field) => self.put_field(*field, told, out),
            }
        }
    }

    fn put_field(&self, field: Field, told: Told<'_>, out: &mut Vec<u8>) {
        match field {
            Field::Start => put_number(out, self.start.unsigned_abs()),
            Field::End => put_number(out, self.end.unsigned_abs()),
            Field::LogStatus => put(
                out,
                match self.status {
                    Status::Flow(_) => "OK",
                    Status::NoData => "NODATA",
                    Status::SkipData => "SKIPDATA",
                },
            ),
            _ => match &self.status {
                Status::Flow(flow) => flow.put_field(field, told, out),
                Status::NoData | Status::SkipData => out.push(b'-'),
            },
        }
    }
}

impl Flow {
    fn put_field(&self, field: Field, told: Told<'_>, out: &mut Vec<u8>) {
        match field {
            Field::Srcaddr => put_address(out, self.source),
            Field::Dstaddr => put_address(out, self.destination),
            Field::Srcport => put_number(out, u64::from(self.source_port)),
            Field::Dstport => put_number(out, u64::from(self.destination_port)),
            Field::Protocol => put_number(out, u64::from(self.protocol)),
            Field::Packets => put_number(out, self.packets),
            Field::Bytes => put_number(out, self.bytes),
            Field::Action => put(
                out,
                match self.action {
                    Action::Accept => "ACCEPT",
                    Action::Reject => "REJECT",
                },
            ),
            Field::TcpFlags => match (self.protocol, self.tcp_flags.value()) {
                (TCP, Some(flags)) => put_number(out, u64::from(flags)),
                (TCP, None) => out.push(b'-'),
                _ => out.push(b'0'),
            },
            Field::Type => put(
                out,
                if self.source.is_ipv4() {
                    "IPv4"
                } else {
                    "IPv6"
                },
            ),
            Field::PktSrcaddr => put_address(out, self.packet_source),
            Field::PktDstaddr => put_address(out, self.packet_destination),
            Field::PktSrcAwsService => put_text(out, told.names.service(self.packet_source)),
            Field::PktDstAwsService => put_text(out, told.names.service(self.packet_destination)),
            Field::FlowDirection => put(
                out,
                match self.direction {
                    Direction::Ingress => "ingress",
                    Direction::Egress => "egress",
                },
            ),
            Field::TrafficPath => match (self.direction, self.traffic_path) {
                (Direction::Egress, Some(path)) => put_number(out, path as u64),
                _ => out.push(b'-'),
            },
            Field::NextHopInterfaceId => put_text(out, self.next_hop(told).map(|next| &*next.id)),
            Field::NextHopSubnetId => put_text(out, self.next_hop(told).map(|next| &*next.subnet)),
            Field::NextHopVpcId => put_text(out, self.next_hop(told).map(|next| &*next.vpc)),
            Field::NextHopAzId => put_text(
                out,
                self.next_hop(told).and_then(|next| next.az_id.as_deref()),
            ),
            Field::NextHopInterfaceType => {
                let next = self.next_hop(told);
                put_text(out, next.and_then(|next| next.interface_type.as_deref()));
            }
            field if field.is_own() => self.put_own(field, told, out),
            // What no part of this version can know: encryption control, block public access, containers, tags.
            _ => out.push(b'-'),
        }
    }

    fn next_hop<'a>(&self, told: Told<'a>) -> Option<&'a Interface> {
        let next = told.plan.interfaces.get(&self.why.next_hop()?)?;
        Some(next)
    }

    /// What decided, in words of the configuration.
    fn put_own(&self, field: Field, told: Told<'_>, out: &mut Vec<u8>) {
        let why = &self.why;
        let now = |rule: RuleRef| told.names.rule(why.generation(), rule);
        match field {
            Field::OpenvpcSecurityGroupRule => {
                let rule = why.security_group_rule();
                match rule.and_then(|(revision, rule)| told.names.rule(revision, rule)) {
                    Some(RuleText::SecurityGroupRule(id)) => put(out, &id),
                    _ => out.push(b'-'),
                }
            }
            Field::OpenvpcNetworkAcl | Field::OpenvpcNetworkAclRule => {
                match (why.network_acl_entry().and_then(now), field) {
                    (Some(RuleText::NetworkAclEntry { acl, .. }), Field::OpenvpcNetworkAcl) => {
                        put(out, &acl)
                    }
                    (Some(RuleText::NetworkAclEntry { number, .. }), _) => put(out, &number),
                    _ => out.push(b'-'),
                }
            }
            Field::OpenvpcRevision => put_number(out, why.generation()),
            Field::OpenvpcDropReason => put_text(out, why.drop().map(|reason| reason.name())),
            _ => match (why.route().and_then(now), field) {
                (Some(RuleText::Route { table, .. }), Field::OpenvpcRouteTable) => put(out, &table),
                (Some(RuleText::Route { destination, .. }), Field::OpenvpcRoute) => {
                    put(out, &destination)
                }
                (Some(RuleText::Route { gateway, .. }), _) => put_text(out, gateway.as_deref()),
                _ => out.push(b'-'),
            },
        }
    }
}

fn put(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(text.as_bytes());
}

fn put_text(out: &mut Vec<u8>, text: Option<&str>) {
    put(out, text.unwrap_or("-"));
}

/// Rendered records: digits, and texts that were `str`.
pub(crate) fn text(rendered: Vec<u8>) -> String {
    String::from_utf8(rendered).unwrap_or_default()
}

/// The line of a SKIPDATA record in which `\u{1}` and `\u{2}` stand for its start and end, so that it can be completed by
/// who has to give records up and knows nothing of formats.
pub(crate) fn skipped_line(interface: &Arc<Interface>, format: &Format, told: Told<'_>) -> String {
    let record = Record {
        interface: interface.clone(),
        start: 0,
        end: 0,
        status: Status::SkipData,
    };
    let mut line = Vec::new();
    for (at, field) in format.fields().iter().enumerate() {
        if at > 0 {
            line.push(b' ');
        }
        match field {
            Field::Start => line.push(1),
            Field::End => line.push(2),
            _ if put_same(*field, format, interface, &mut line) => {}
            _ => record.put_field(*field, told, &mut line),
        }
    }
    text(line)
}

impl Record {
    /// The record as a line of its own.
    pub fn line(&self, format: &Format, told: Told<'_>) -> String {
        let mut line = Vec::with_capacity(format.fields().len() * 10);
        self.render(&Template::of(format, &self.interface), told, &mut line);
        text(line)
    }
}

impl std::fmt::Debug for Told<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Told")
    }
}
