//! One record, and how it reads.

use std::net::IpAddr;
use std::sync::Arc;

use openvpc_engine::{Action, Direction, RuleRef, TcpFlags, TrafficPath, Why};

use crate::flows::Sum;
use crate::text::{Out, Text, address_text};
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

/// A record as it is rendered.
#[derive(Debug)]
pub(crate) struct Shown {
    /// Unix seconds.
    pub start: i64,
    pub end: i64,
    pub flow: Option<Flow>,
    pub log_status: LogStatus,
}

impl Shown {
    pub(crate) fn of(sum: &Sum) -> Shown {
        let (start, end) = sum.times();
        Shown {
            start,
            end,
            flow: Some(sum.flow()),
            log_status: LogStatus::Ok,
        }
    }
}

/// What [`Status`] says, without the flow.
#[derive(Debug, Clone, Copy)]
pub(crate) enum LogStatus {
    Ok,
    NoData,
    SkipData,
}

/// How the lines of one interface read in a format: what is the same in all of them is rendered once.
#[derive(Debug)]
pub(crate) struct Template {
    /// A text that is the same in all, and a field behind it.
    pieces: Vec<(Box<[u8]>, Field)>,
    end: Box<[u8]>,
}

impl Template {
    pub(crate) fn of(format: &Format, interface: &Interface) -> Template {
        let (mut pieces, mut same) = (Vec::new(), Text::default());
        let piece = |same: &mut Text| {
            let text = same.copy().into_bytes().into();
            same.clear();
            text
        };
        for (at, field) in format.fields().iter().enumerate() {
            if at > 0 {
                same.put_bytes(b" ");
            }
            if !put_same(*field, format, interface, &mut same) {
                pieces.push((piece(&mut same), *field));
            }
        }
        same.put_bytes(b"\n");
        Template {
            pieces,
            end: piece(&mut same),
        }
    }
}

/// What a field shows in every record of an interface; whether it does.
pub(crate) fn put_same(
    field: Field,
    format: &Format,
    interface: &Interface,
    out: &mut impl Out,
) -> bool {
    match field {
        Field::Version => out.number(u64::from(format.version())),
        Field::AccountId => out.word(&interface.account),
        Field::InterfaceId => out.word(&interface.id),
        Field::VpcId => out.word(&interface.vpc),
        Field::SubnetId => out.word(&interface.subnet),
        Field::InstanceId => put_text(out, interface.instance.as_deref()),
        Field::Region => out.word(&interface.region),
        Field::AzId => put_text(out, interface.az_id.as_deref()),
        Field::InterfaceType => put_text(out, interface.interface_type.as_deref()),
        _ => return false,
    }
    true
}

impl Record {
    fn shown(&self) -> Shown {
        let (flow, log_status) = match &self.status {
            Status::Flow(flow) => (Some(flow.clone()), LogStatus::Ok),
            Status::NoData => (None, LogStatus::NoData),
            Status::SkipData => (None, LogStatus::SkipData),
        };
        Shown {
            start: self.start,
            end: self.end,
            flow,
            log_status,
        }
    }
}

impl Shown {
    /// Adds the record as a line of its interface's template, with its end.
    pub(crate) fn render(&self, template: &Template, told: Told<'_>, out: &mut Text) {
        for (same, field) in &template.pieces {
            // A space, nearly always.
            match same[..] {
                [byte] => out.put_bytes(&[byte]),
                _ => out.put(same),
            }
            self.put_field(*field, told, out);
        }
        out.put(&template.end);
    }

    // For who knows the field while compiling, it is one line of all of these.
    #[inline(always)]
    pub(crate) fn put_field(&self, field: Field, told: Told<'_>, out: &mut impl Out) {
        match (field, &self.flow) {
            (Field::Start, _) => out.number_again(0, self.start.unsigned_abs()),
            (Field::End, _) => out.number_again(1, self.end.unsigned_abs()),
            (Field::LogStatus, _) => match self.log_status {
                LogStatus::Ok => out.word("OK"),
                LogStatus::NoData => out.word("NODATA"),
                LogStatus::SkipData => out.word("SKIPDATA"),
            },
            (_, Some(flow)) => flow.put_field(field, told, out),
            (_, None) => out.nothing(),
        }
    }
}

impl Flow {
    #[inline(always)]
    fn put_field(&self, field: Field, told: Told<'_>, out: &mut impl Out) {
        match field {
            Field::Srcaddr => out.address(self.source),
            Field::Dstaddr => out.address(self.destination),
            Field::Srcport => out.number(u64::from(self.source_port)),
            Field::Dstport => out.number(u64::from(self.destination_port)),
            Field::Protocol => out.number(u64::from(self.protocol)),
            Field::Packets => out.number(self.packets),
            Field::Bytes => out.number(self.bytes),
            Field::Action => match self.action {
                Action::Accept => out.word("ACCEPT"),
                Action::Reject => out.word("REJECT"),
            },
            Field::TcpFlags => match (self.protocol, self.tcp_flags.value()) {
                (TCP, Some(flags)) => out.number(u64::from(flags)),
                (TCP, None) => out.nothing(),
                _ => out.number(0),
            },
            Field::Type => out.word(if self.source.is_ipv4() {
                "IPv4"
            } else {
                "IPv6"
            }),
            Field::PktSrcaddr => out.address(self.packet_source),
            Field::PktDstaddr => out.address(self.packet_destination),
            Field::PktSrcAwsService => put_text(out, told.names.service(self.packet_source)),
            Field::PktDstAwsService => put_text(out, told.names.service(self.packet_destination)),
            Field::FlowDirection => out.word(match self.direction {
                Direction::Ingress => "ingress",
                Direction::Egress => "egress",
            }),
            Field::TrafficPath => match (self.direction, self.traffic_path) {
                (Direction::Egress, Some(path)) => out.number(path as u64),
                _ => out.nothing(),
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
            _ => out.nothing(),
        }
    }

    fn next_hop<'a>(&self, told: Told<'a>) -> Option<&'a Interface> {
        let next = told.plan.interfaces.get(&self.why.next_hop()?)?;
        Some(next)
    }

    /// What decided, in words of the configuration.
    fn put_own(&self, field: Field, told: Told<'_>, out: &mut impl Out) {
        let why = &self.why;
        let now = |rule: RuleRef| told.names.rule(why.generation(), rule);
        match field {
            Field::OpenvpcSecurityGroupRule => {
                let rule = why.security_group_rule();
                match rule.and_then(|(revision, rule)| told.names.rule(revision, rule)) {
                    Some(RuleText::SecurityGroupRule(id)) => out.word(&id),
                    _ => out.nothing(),
                }
            }
            Field::OpenvpcNetworkAcl | Field::OpenvpcNetworkAclRule => {
                match (why.network_acl_entry().and_then(now), field) {
                    (Some(RuleText::NetworkAclEntry { acl, .. }), Field::OpenvpcNetworkAcl) => {
                        out.word(&acl)
                    }
                    (Some(RuleText::NetworkAclEntry { number, .. }), _) => out.word(&number),
                    _ => out.nothing(),
                }
            }
            Field::OpenvpcRevision => out.number(why.generation()),
            Field::OpenvpcDropReason => put_text(out, why.drop().map(|reason| reason.name())),
            _ => match (why.route().and_then(now), field) {
                (Some(RuleText::Route { table, .. }), Field::OpenvpcRouteTable) => out.word(&table),
                (Some(RuleText::Route { destination, .. }), Field::OpenvpcRoute) => {
                    out.word(&destination)
                }
                (Some(RuleText::Route { gateway, .. }), _) => put_text(out, gateway.as_deref()),
                _ => out.nothing(),
            },
        }
    }
}

fn put_text(out: &mut impl Out, text: Option<&str>) {
    match text {
        Some(text) => out.word(text),
        None => out.nothing(),
    }
}

/// The line of a SKIPDATA record in which `\u{1}` and `\u{2}` stand for its start and end, so that it can be completed by
/// who has to give records up and knows nothing of formats.
pub(crate) fn skipped_line(interface: &Interface, format: &Format, told: Told<'_>) -> String {
    let record = Shown {
        start: 0,
        end: 0,
        flow: None,
        log_status: LogStatus::SkipData,
    };
    let mut line = Text::default();
    for (at, field) in format.fields().iter().enumerate() {
        if at > 0 {
            line.put_bytes(b" ");
        }
        match field {
            Field::Start => line.put_bytes(&[1]),
            Field::End => line.put_bytes(&[2]),
            _ if put_same(*field, format, interface, &mut line) => {}
            _ => record.put_field(*field, told, &mut line),
        }
    }
    line.copy()
}

impl Record {
    /// The record as a line of its own.
    pub fn line(&self, format: &Format, told: Told<'_>) -> String {
        let mut line = Text::default();
        let template = Template::of(format, &self.interface);
        self.shown().render(&template, told, &mut line);
        line.copy().trim_end_matches('\n').to_owned()
    }

    /// What one field shows; `None` for `-`, and for what is of the interface alone.
    pub fn word(&self, field: Field, told: Told<'_>) -> Option<String> {
        let mut word = Word(None);
        self.shown().put_field(field, told, &mut word);
        word.0
    }
}

/// One field by itself.
struct Word(Option<String>);

impl Out for Word {
    fn number(&mut self, number: u64) {
        self.0 = Some(number.to_string());
    }

    fn number_again(&mut self, _: usize, number: u64) {
        self.number(number);
    }

    fn address(&mut self, address: IpAddr) {
        self.0 = Some(address_text(address));
    }

    fn word(&mut self, word: &str) {
        self.0 = Some(word.to_owned());
    }

    fn nothing(&mut self) {}
}

impl std::fmt::Debug for Told<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Told")
    }
}
