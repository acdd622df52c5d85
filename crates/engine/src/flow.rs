//! Flow cells: what flow logs are made of. One cell per interface, direction, address pair, ports, protocol and action;
//! its counters only grow, its window is read and closed by each sweep.

use std::fmt;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::counters::Count;
use crate::ids::{EniIndex, RuleRef, Time};
use crate::verdict::DropReason;

/// Seen from the interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[repr(u8)]
pub enum Direction {
    /// To the interface.
    Ingress,
    /// From the interface.
    Egress,
}

impl Direction {
    /// The other one.
    pub const fn reverse(self) -> Direction {
        match self {
            Direction::Ingress => Direction::Egress,
            Direction::Egress => Direction::Ingress,
        }
    }
}

/// The joint result of security groups and network ACL for one direction at one interface (spec 01 §5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[repr(u8)]
pub enum Action {
    /// Both allowed it.
    Accept,
    /// One refused it, or it came after the connection had closed.
    Reject,
}

/// Where an egress packet went (spec 01 §4), by AWS's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[repr(u8)]
pub enum TrafficPath {
    /// Another resource in the same VPC.
    SameVpc = 1,
    /// Peering in one region.
    Peering = 4,
    /// Peering between regions.
    PeeringCrossRegion = 5,
    /// Gateway endpoint.
    GatewayEndpoint = 7,
    /// Internet gateway.
    InternetGateway = 8,
}

impl TrafficPath {
    const ALL: [TrafficPath; 5] = [
        TrafficPath::SameVpc,
        TrafficPath::Peering,
        TrafficPath::PeeringCrossRegion,
        TrafficPath::GatewayEndpoint,
        TrafficPath::InternetGateway,
    ];

    /// The path of AWS's number.
    pub(crate) fn of_number(number: u16) -> Option<TrafficPath> {
        TrafficPath::ALL
            .into_iter()
            .find(|path| *path as u16 == number)
    }
}

/// TCP flags as flow logs show them (spec 01 §3): FIN 1, SYN 2, RST 4, SYN-ACK 18, OR-ed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TcpFlags(u8);

impl TcpFlags {
    const IMPOSSIBLE: u8 = 0x80;

    /// The recorded part of a TCP header's flag byte.
    #[inline]
    pub fn of_header(flags: u8) -> TcpFlags {
        let (fin, syn, rst, ack) = (flags & 1, flags & 2, flags & 4, flags & 16);
        if syn != 0 && (fin != 0 || rst != 0) || fin != 0 && rst != 0 {
            return TcpFlags(TcpFlags::IMPOSSIBLE);
        }
        TcpFlags(fin | rst | if syn != 0 { syn | ack } else { 0 })
    }

    /// Adds another packet's flags.
    #[inline]
    pub fn add(&mut self, other: TcpFlags) {
        self.0 |= other.0;
    }

    /// The number a record shows; `None` (`-`) if one packet bore an impossible combination.
    pub fn value(self) -> Option<u8> {
        (self.0 & TcpFlags::IMPOSSIBLE == 0).then_some(self.0)
    }
}

/// What decided about the latest packet of a flow that was walked with, by the numbers of the snapshot of that time.
/// Packets that a remembered verdict forwards were decided by the same.
#[derive(Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Why {
    generation: u64,
    security_group_rule: Maybe,
    /// Generations since the one that its number is of.
    rule_age: u32,
    network_acl_entry: Maybe,
    route: Maybe,
    next_hop: Maybe,
    drop: Option<DropReason>,
}

/// A number, or none, in four bytes: there is one `Why` for each cell.
#[derive(Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
struct Maybe(u32);

impl Maybe {
    fn of(number: Option<u32>) -> Maybe {
        Maybe(number.map_or(0, |number| number.wrapping_add(1)))
    }

    fn get(self) -> Option<u32> {
        self.0.checked_sub(1)
    }
}

impl Why {
    /// Nothing has decided yet, under the snapshot of this generation.
    pub fn under(generation: u64) -> Why {
        Why {
            generation,
            ..Why::default()
        }
    }

    /// With the rule of the interface's groups that allows the flow.
    pub fn by_security_group(mut self, rule: Option<RuleRef>) -> Why {
        self.security_group_rule = Maybe::of(rule.map(|rule| rule.0));
        self
    }

    /// With the rule that a known flow was opened by, so many generations ago.
    pub fn by_known_flow(mut self, rule: RuleRef, age: u32) -> Why {
        self.rule_age = age;
        self.by_security_group(Some(rule))
    }

    /// With the entry of the subnet's network ACL.
    pub fn by_network_acl(mut self, entry: Option<RuleRef>) -> Why {
        self.network_acl_entry = Maybe::of(entry.map(|entry| entry.0));
        self
    }

    /// With the route that the packet took.
    pub fn by_route(mut self, route: Option<RuleRef>) -> Why {
        self.route = Maybe::of(route.map(|route| route.0));
        self
    }

    /// With the interface at the other end of the hop.
    pub fn with_next_hop(mut self, eni: Option<EniIndex>) -> Why {
        self.next_hop = Maybe::of(eni.map(|eni| eni.0));
        self
    }

    /// With the end of its way.
    pub fn dropped(mut self, reason: Option<DropReason>) -> Why {
        self.drop = reason;
        self
    }

    /// The configuration's revision.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// The rule that allows the flow, with the generation that numbered it: the one that a tracked flow was opened under.
    pub fn security_group_rule(&self) -> Option<(u64, RuleRef)> {
        let rule = self.security_group_rule.get()?;
        let generation = self.generation.checked_sub(u64::from(self.rule_age))?;
        Some((generation, RuleRef(rule)))
    }

    /// The entry that allowed or denied it; none within a subnet.
    pub fn network_acl_entry(&self) -> Option<RuleRef> {
        self.network_acl_entry.get().map(RuleRef)
    }

    /// The route that it took out of its subnet.
    pub fn route(&self) -> Option<RuleRef> {
        self.route.get().map(RuleRef)
    }

    /// The interface that it went to, or came straight from.
    pub fn next_hop(&self) -> Option<EniIndex> {
        self.next_hop.get().map(EniIndex)
    }

    /// Why it went no further, be it at this interface or after it.
    pub fn drop(&self) -> Option<DropReason> {
        self.drop
    }
}

impl fmt::Debug for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Why")
            .field("generation", &self.generation)
            .field("security_group_rule", &self.security_group_rule())
            .field("network_acl_entry", &self.network_acl_entry())
            .field("route", &self.route())
            .field("next_hop", &self.next_hop())
            .field("drop", &self.drop)
            .finish()
    }
}

/// One flow at one interface.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowCell {
    /// The interface that saw it.
    pub eni: EniIndex,
    /// Seen from that interface.
    pub direction: Direction,
    /// Allowed or refused.
    pub action: Action,
    /// `srcaddr`: the sender, or the interface's primary address when it sends.
    pub source: IpAddr,
    /// `dstaddr`: the receiver, or the interface's primary address when it receives.
    pub destination: IpAddr,
    /// `pkt-srcaddr`: as in the packet at this interface.
    pub packet_source: IpAddr,
    /// `pkt-dstaddr`: as in the packet at this interface.
    pub packet_destination: IpAddr,
    /// 0 for ICMP and portless protocols.
    pub source_port: u16,
    /// 0 for ICMP and portless protocols.
    pub destination_port: u16,
    /// IANA number.
    pub protocol: u8,
    /// Egress only.
    pub traffic_path: Option<TrafficPath>,
    /// Everything since the cell was made; never reset.
    pub total: Count,
    /// `total` at the previous sweep.
    pub swept: Count,
    /// First packet since the previous sweep.
    pub first: Time,
    /// Last packet since the previous sweep.
    pub last: Time,
    /// Flags of the packets since the previous sweep.
    pub tcp_flags: TcpFlags,
    /// What decided.
    pub why: Why,
}

impl FlowCell {
    /// Packets and bytes since the previous sweep.
    pub fn window(&self) -> Count {
        self.total.since(self.swept)
    }
}

#[cfg(test)]
mod tests {
    use super::TcpFlags;

    #[test]
    fn flags_are_recorded_as_the_guide_shows() {
        let of = |flags: u8| TcpFlags::of_header(flags).value();
        assert_eq!(of(0x02), Some(2), "SYN");
        assert_eq!(of(0x12), Some(18), "SYN-ACK");
        assert_eq!(of(0x42), Some(2), "SYN+ECE");
        assert_eq!(of(0x10), Some(0), "ACK");
        assert_eq!(of(0x18), Some(0), "PSH+ACK");
        assert_eq!(of(0x11), Some(1), "FIN+ACK");
        assert_eq!(of(0x14), Some(4), "RST+ACK");
        assert_eq!(of(0x03), None, "SYN+FIN");
    }
}
