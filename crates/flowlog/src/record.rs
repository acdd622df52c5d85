//! One record, and how it reads.

use std::fmt::{self, Write};
use std::net::IpAddr;
use std::sync::Arc;

use openvpc_engine::{Action, Direction, TcpFlags, TrafficPath};

use crate::{Field, Format, Interface};

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
}

impl Record {
    /// The record as a line, without its end.
    pub fn render(&self, format: &Format) -> String {
        let mut line = String::with_capacity(format.fields().len() * 10);
        for (at, field) in format.fields().iter().enumerate() {
            if at > 0 {
                line.push(' ');
            }
            // Writing into a string cannot fail.
            let _ = self.write_field(*field, format, &mut line);
        }
        line
    }

    fn write_field(&self, field: Field, format: &Format, out: &mut String) -> fmt::Result {
        let interface = &*self.interface;
        match field {
            Field::Version => return write!(out, "{}", format.version()),
            Field::AccountId => out.push_str(&interface.account),
            Field::InterfaceId => out.push_str(&interface.id),
            Field::Start => return write!(out, "{}", self.start),
            Field::End => return write!(out, "{}", self.end),
            Field::LogStatus => out.push_str(match self.status {
                Status::Flow(_) => "OK",
                Status::NoData => "NODATA",
                Status::SkipData => "SKIPDATA",
            }),
            Field::VpcId => out.push_str(&interface.vpc),
            Field::SubnetId => out.push_str(&interface.subnet),
            Field::InstanceId => out.push_str(interface.instance.as_deref().unwrap_or("-")),
            Field::Region => out.push_str(&interface.region),
            Field::AzId => out.push_str(interface.az_id.as_deref().unwrap_or("-")),
            Field::InterfaceType => {
                out.push_str(interface.interface_type.as_deref().unwrap_or("-"))
            }
            _ => match &self.status {
                Status::Flow(flow) => return flow.write_field(field, out),
                Status::NoData | Status::SkipData => out.push('-'),
            },
        }
        Ok(())
    }
}

impl Flow {
    fn write_field(&self, field: Field, out: &mut String) -> fmt::Result {
        match field {
            Field::Srcaddr => write!(out, "{}", self.source),
            Field::Dstaddr => write!(out, "{}", self.destination),
            Field::Srcport => write!(out, "{}", self.source_port),
            Field::Dstport => write!(out, "{}", self.destination_port),
            Field::Protocol => write!(out, "{}", self.protocol),
            Field::Packets => write!(out, "{}", self.packets),
            Field::Bytes => write!(out, "{}", self.bytes),
            Field::Action => out.write_str(match self.action {
                Action::Accept => "ACCEPT",
                Action::Reject => "REJECT",
            }),
            Field::TcpFlags => match (self.protocol, self.tcp_flags.value()) {
                (TCP, Some(flags)) => write!(out, "{flags}"),
                (TCP, None) => out.write_char('-'),
                _ => out.write_char('0'),
            },
            Field::Type => out.write_str(if self.source.is_ipv4() {
                "IPv4"
            } else {
                "IPv6"
            }),
            Field::PktSrcaddr => write!(out, "{}", self.packet_source),
            Field::PktDstaddr => write!(out, "{}", self.packet_destination),
            Field::FlowDirection => out.write_str(match self.direction {
                Direction::Ingress => "ingress",
                Direction::Egress => "egress",
            }),
            Field::TrafficPath => match (self.direction, self.traffic_path) {
                (Direction::Egress, Some(path)) => write!(out, "{}", path as u8),
                _ => out.write_char('-'),
            },
            // What no part of this version can know: services by address range, encryption control,
            // block public access, containers, tags, next hops.
            _ => out.write_char('-'),
        }
    }
}
