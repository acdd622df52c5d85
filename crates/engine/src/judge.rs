//! What one interface says about a flow, without a packet and without state: for flow-log records, which tell of flows
//! that were.
//!
//! A record is the joint result of an interface's security groups and of its subnet's network ACL, for one direction
//! (spec 01 §5). So that is what is asked here, of the same functions that judge packets, in the order of the pipeline.
//! What connection tracking would add is told by the caller: which direction began the flow, and which answered.
//!
//! A record does not tell an ICMP message's type: it is taken for an echo. It does not tell who handed the packet over
//! either: the owner of its source is taken for the sender.

use std::net::IpAddr;

use openvpc_wire::packet::protocol;

use crate::facts::Facts;
use crate::flow::{Action, Direction};
use crate::ids::{EniIndex, RuleRef};
use crate::snapshot::{Eni, EniKind, Snapshot};
use crate::stages::{network_acl, security_group};
use crate::verdict::DropReason;

/// One direction of a flow at one interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Sighting {
    /// The interface that saw it.
    pub eni: EniIndex,
    /// Seen from there.
    pub direction: Direction,
    /// As in the packet.
    pub source: IpAddr,
    /// As in the packet.
    pub destination: IpAddr,
    /// 0 for portless protocols.
    pub source_port: u16,
    /// 0 for portless protocols.
    pub destination_port: u16,
    /// IANA number.
    pub protocol: u8,
}

/// What the interface says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// It passes; the rule or entry that was asked last and let it.
    Accept(Option<RuleRef>),
    /// It is refused, and by what.
    Reject(DropReason, Option<RuleRef>),
    /// It is an answer, and what it answers is refused: it would not come to be.
    NeverBegun(DropReason, Option<RuleRef>),
}

impl Judgement {
    fn of(passed: Result<Option<RuleRef>, Refusal>) -> Judgement {
        match passed {
            Ok(rule) => Judgement::Accept(rule),
            Err((reason, rule)) => Judgement::Reject(reason, rule),
        }
    }

    /// As a record shows it; none for what would not be there.
    pub fn action(&self) -> Option<Action> {
        match self {
            Judgement::Accept(_) => Some(Action::Accept),
            Judgement::Reject(..) => Some(Action::Reject),
            Judgement::NeverBegun(..) => None,
        }
    }
}

/// The first packet of a flow before an interface. Whoever wants to know of its answer too asks for both here: what is asked
/// about a first packet is asked once then.
#[derive(Clone, Copy, Debug)]
pub struct Opening<'a> {
    at: At<'a>,
    seen: Sighting,
    /// Whether it is tracked, and the rule that let it pass.
    passed: Result<(bool, Option<RuleRef>), Refusal>,
}

impl Opening<'_> {
    /// Of the first packet, and of all that go its way.
    pub fn judgement(&self) -> Judgement {
        Judgement::of(self.passed.map(|(_, rule)| rule))
    }

    /// Of the packets that answer.
    pub fn answer(&self) -> Judgement {
        match self.passed {
            Err((reason, rule)) => Judgement::NeverBegun(reason, rule),
            Ok((tracked, _)) => {
                let answer = self.seen.answer();
                let facts = facts(&answer, false);
                Judgement::of(self.at.answer(answer.direction, &facts, tracked))
            }
        }
    }
}

impl Sighting {
    /// The other direction of the flow at the same interface.
    fn answer(&self) -> Sighting {
        Sighting {
            eni: self.eni,
            direction: self.direction.reverse(),
            source: self.destination,
            destination: self.source,
            source_port: self.destination_port,
            destination_port: self.source_port,
            protocol: self.protocol,
        }
    }

    fn peer(&self) -> IpAddr {
        match self.direction {
            Direction::Ingress => self.source,
            Direction::Egress => self.destination,
        }
    }
}

impl Snapshot {
    /// Judges the first packet of a flow at an interface; `None` if the interface is not in the snapshot.
    pub fn opening(&self, first: &Sighting) -> Option<Opening<'_>> {
        let eni = self.eni(first.eni)?;
        let at = At {
            snapshot: self,
            index: first.eni,
            eni,
            peer: self.owner(eni.vpc, first.peer()),
        };
        Some(Opening {
            at,
            seen: *first,
            passed: at.opening(first.direction, &facts(first, true)),
        })
    }
}

type Refusal = (DropReason, Option<RuleRef>);

/// An interface that is asked about a flow.
#[derive(Clone, Copy, Debug)]
struct At<'a> {
    snapshot: &'a Snapshot,
    index: EniIndex,
    eni: &'a Eni,
    /// Who owns the address of the flow's other end, in the interface's VPC.
    peer: Option<EniIndex>,
}

impl At<'_> {
    /// The first packet of a flow: whether it is tracked, and the rule that let it pass.
    fn opening(
        &self,
        direction: Direction,
        facts: &Facts,
    ) -> Result<(bool, Option<RuleRef>), Refusal> {
        match direction {
            Direction::Egress => {
                let (tracked, rule) = self.ask_groups(direction, facts, true)?;
                self.ask_acl(direction, facts)?;
                Ok((tracked, rule))
            }
            Direction::Ingress => {
                self.ask_acl(direction, facts)?;
                self.ask_groups(direction, facts, true)
            }
        }
    }

    /// The other direction of a flow that was let in or out: a tracked one passes the groups (SG-6), the network ACL
    /// knows no flows (ACL-1).
    fn answer(
        &self,
        direction: Direction,
        facts: &Facts,
        tracked: bool,
    ) -> Result<Option<RuleRef>, Refusal> {
        let mut rule = None;
        if !tracked {
            rule = self.ask_groups(direction, facts, false)?.1;
        }
        let entry = self.ask_acl(direction, facts)?;
        Ok(rule.or(entry))
    }

    fn ask_groups(
        &self,
        direction: Direction,
        facts: &Facts,
        opens: bool,
    ) -> Result<(bool, Option<RuleRef>), Refusal> {
        // NAT-7: nobody asks a NAT gateway's groups.
        if self.eni.kind == EniKind::NatGateway {
            return Ok((true, None));
        }
        let sender = match direction {
            Direction::Ingress => self.peer,
            Direction::Egress => Some(self.index),
        };
        let opens = opens && facts.protocol == protocol::TCP;
        let (snapshot, eni) = (self.snapshot, self.eni);
        match security_group::evaluate(snapshot, eni, direction, facts, sender, opens) {
            Some(allowed) => Ok((allowed.tracked, Some(allowed.rule))),
            None => Err((
                match direction {
                    Direction::Ingress => DropReason::SecurityGroupIngress,
                    Direction::Egress => DropReason::SecurityGroupEgress,
                },
                None,
            )),
        }
    }

    /// The entry that lets it pass, if the packet meets the network ACL at all.
    fn ask_acl(&self, direction: Direction, facts: &Facts) -> Result<Option<RuleRef>, Refusal> {
        if self.is_neighbour() {
            return Ok(None);
        }
        let decided = network_acl::evaluate(self.snapshot, self.eni.subnet, direction, facts);
        match (decided.allow, direction) {
            (true, _) => Ok(decided.rule),
            (false, Direction::Ingress) => Err((DropReason::NetworkAclInbound, decided.rule)),
            (false, Direction::Egress) => Err((DropReason::NetworkAclOutbound, decided.rule)),
        }
    }

    /// Whether the packet stays in the subnet, as [`crate::stages::route::addressee`] has it. What a NAT gateway
    /// translates was routed to it.
    fn is_neighbour(&self) -> bool {
        let peer = self.peer.and_then(|peer| self.snapshot.eni(peer));
        let near = peer.is_some_and(|peer| peer.subnet == self.eni.subnet);
        near && self.eni.kind != EniKind::NatGateway
    }
}

/// As a packet of this direction shows them; ICMP as an echo request or reply.
fn facts(seen: &Sighting, request: bool) -> Facts {
    let icmp_kind = match (seen.protocol, request) {
        (protocol::ICMP, true) => 8,
        (protocol::ICMPV6, true) => 128,
        (protocol::ICMPV6, false) => 129,
        _ => 0,
    };
    Facts {
        source: seen.source,
        destination: seen.destination,
        protocol: seen.protocol,
        source_port: seen.source_port,
        destination_port: seen.destination_port,
        icmp_kind,
        icmp_code: 0,
        icmp_id: 0,
    }
}
