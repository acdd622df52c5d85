//! One packet on its way: what is known of it, what is planned for it, and how its walk can end.

use std::net::IpAddr;

use openvpc_wire::icmp::{self, IcmpError};
use openvpc_wire::ip::Envelope;
use openvpc_wire::nat64::{self, Told};
use openvpc_wire::packet::tcp_flag;
use openvpc_wire::{Packet, Quoted, Tcp};

use crate::cache::{LEGS_MAX, Leg};
use crate::cells::Addition;
use crate::conntrack::Segment;
use crate::counters::{Count, UnloggedClass};
use crate::defects::{Defect, planted};
use crate::facts::Facts;
use crate::flow::{Action, Direction, TrafficPath, Why};
use crate::fragments::DatagramKey;
use crate::identity::Pass;
use crate::ids::{EniIndex, PortId, RuleRef, Time};
use crate::rewrite::{QuotedRewrite, Rewrite, Version};
use crate::snapshot::{Eni, Snapshot, Subnet};
use crate::stages::admit::{Arrival, VPC_MTU};
use crate::stages::conntrack::Admission;
use crate::stages::middle::Passage;
use crate::stages::nat_gateway::ROW_MAX;
use crate::stages::proxy_protocol;
use crate::state::{Sight, State};
use crate::table::Handle;
use crate::trace::{Decision, Step, Trace};
use crate::verdict::{Account, DropReason, Stage, Verdict};

/// How a walk ends before delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Dropped at the sender's interface, which accounts for it.
    Sender(DropReason),
    /// Dropped at the receiver's interface, which accounts for it.
    Receiver(EniIndex, DropReason),
    /// Dropped as it left the interface of a gateway, which accounts for it.
    Middle(EniIndex, DropReason),
    /// Dropped where no interface sees it.
    Between(DropReason),
    /// The router answered a request of this class.
    Answer(UnloggedClass),
    /// A packet that an interface had accepted went no further, and its sender is told: by the router's error, or a reset.
    Error(DropReason),
}

/// The packet, the plan, and what the engine has.
pub(crate) struct Walk<'a> {
    pub snapshot: &'a Snapshot,
    pub state: &'a mut State,
    pub in_port: PortId,
    pub now: Time,
    /// The frame as it came.
    pub bytes: &'a [u8],
    pub arrival: &'a Arrival,
    /// The packet as it stands now.
    pub facts: Facts,
    /// The packet that it quotes, as it stands now.
    pub quoted: Option<Quoted>,
    pub segment: Option<Segment>,
    pub datagram: Option<DatagramKey>,
    /// The interface it came straight from.
    pub sender: Option<EniIndex>,
    pub rewrite: Rewrite,
    pub quoted_rewrite: QuotedRewrite,
    /// Its route leads through a gateway that keeps flows (SG-7).
    pub tracked_way: bool,
    /// An egress-only gateway let it in, as an answer.
    pub answers: bool,
    /// New source and destination on the way to a service or back.
    pub service: Option<(IpAddr, IpAddr)>,
    /// The longest packet that the path carries, as it came: before it was turned into the other IP version.
    pub mtu: u16,
    /// As flow logs count it where it is now.
    pub count: Count,
    /// By how much each packet has grown since it came.
    pub growth: isize,
    /// What an ICMP error says in the other IP version.
    pub told: Option<Told>,
    /// Longer segments than this must not be announced.
    pub mss_max: Option<u16>,
    /// It must be cut for its path, into pieces of this length as it came.
    pub cut: Option<u16>,
    /// What is done to it before its target knows who calls.
    pub introduction: Option<Box<proxy_protocol::Edit>>,
    pub legs: [Option<Leg>; LEGS_MAX],
    /// NAT gateways that it was led through.
    pub nat_row: [Option<EniIndex>; ROW_MAX],
    /// Its passage through a NAT gateway or the node of a load balancer.
    pub nat: Option<Passage>,
    /// The identity by which it passes an endpoint.
    pub pass: Option<Pass>,
    /// What has decided at the interface that the packet is at.
    pub why: Why,
    /// The cell that the packet left its latest interface by, and that interface.
    pub departed: Option<(EniIndex, Handle)>,
    /// The cell of the interface that accepted it last.
    pub accepted: Option<Handle>,
    /// Every interface on the way knows the flow, so that the next packet may be recalled.
    pub repeatable: bool,
    pub trace: Option<&'a mut Trace>,
}

impl<'a> Walk<'a> {
    pub(crate) fn new(
        snapshot: &'a Snapshot,
        state: &'a mut State,
        in_port: PortId,
        now: Time,
        bytes: &'a [u8],
        arrival: &'a Arrival,
        trace: Option<&'a mut Trace>,
    ) -> Walk<'a> {
        let packet = &arrival.packet;
        let quoted = if packet.is_icmp_error() {
            Quoted::parse(bytes, packet)
        } else {
            None
        };
        Walk {
            snapshot,
            state,
            in_port,
            now,
            bytes,
            arrival,
            facts: Facts::of(packet),
            quoted,
            segment: arrival.segment(bytes),
            datagram: None,
            sender: None,
            rewrite: Rewrite::default(),
            quoted_rewrite: QuotedRewrite::default(),
            tracked_way: false,
            answers: false,
            service: None,
            mtu: VPC_MTU,
            count: arrival.count,
            growth: 0,
            told: None,
            mss_max: None,
            cut: None,
            introduction: None,
            legs: [None; LEGS_MAX],
            nat_row: [None; ROW_MAX],
            nat: None,
            pass: None,
            why: Why::under(snapshot.generation()),
            departed: None,
            accepted: None,
            repeatable: true,
            trace,
        }
    }

    pub(crate) fn packet(&self) -> &'a Packet {
        &self.arrival.packet
    }

    /// Notes which rule decided, and writes a step into the trace, if there is one.
    pub(crate) fn step(
        &mut self,
        stage: Stage,
        at: PortId,
        decision: Decision,
        rule: Option<RuleRef>,
    ) {
        match (stage, decision) {
            // Its number may be of an earlier snapshot: conntrack has noted which.
            (_, Decision::KnownFlow) => {}
            (Stage::SecurityGroup, _) => self.why = self.why.by_security_group(rule),
            (Stage::NetworkAcl, _) => self.why = self.why.by_network_acl(rule),
            (Stage::Route, _) => self.why = self.why.by_route(rule),
            _ => {}
        }
        if let Some(trace) = &mut self.trace {
            trace.steps.push(Step {
                stage,
                at,
                decision,
                rule,
                packet: self.facts.seen(),
            });
        }
    }

    /// Commits what an interface decided in favour of the packet: its flow state, its flow cell, its counters. Returns
    /// the flow, if it belongs to one.
    pub(crate) fn accept(
        &mut self,
        index: EniIndex,
        eni: &Eni,
        direction: Direction,
        admission: Admission,
        path: Option<TrafficPath>,
    ) -> Option<Handle> {
        let flow = match admission {
            Admission::Known(flow) => {
                self.state
                    .touch_walked(flow, direction, self.segment.as_ref(), self.now);
                Some(flow)
            }
            Admission::Open(draft) => {
                let (flow, more) =
                    self.state
                        .conntrack
                        .open(&draft, self.segment.as_ref(), self.now);
                if let Some(counters) = self.state.counters.get_mut(index) {
                    counters.conntrack_entries += more;
                }
                // What had its place before.
                self.state.take_back_flow(flow, self.now);
                Some(flow)
            }
            Admission::Pass => None,
        };
        let cell = self.record(index, eni, direction, Action::Accept, path);
        match flow {
            Some(flow) => {
                let leg = Leg {
                    eni: index,
                    direction,
                    flow,
                    cell,
                    beyond: self.rewrite.version.is_some(),
                    answers: self.answers && direction == Direction::Ingress,
                };
                match self.legs.iter_mut().find(|place| place.is_none()) {
                    Some(place) => *place = Some(leg),
                    None => self.repeatable = false,
                }
            }
            None => self.repeatable = false,
        }
        flow
    }

    /// Notes a passage through a gateway that keeps flows. A packet is remembered with one at most.
    pub(crate) fn pass_nat(&mut self, passage: Option<Passage>) {
        if passage.is_none() || self.nat.is_some() {
            self.repeatable = false;
        }
        self.nat = passage;
    }

    /// One router, one hop (RFC 791 §3.2); `router` is its address, if it is not the sender's own.
    pub(crate) fn spend_ttl(&mut self, router: Option<IpAddr>) -> Result<(), Exit> {
        if self.packet().ttl <= 1 + self.rewrite.hops {
            return Err(self.error_from(IcmpError::TimeExceeded, DropReason::TtlExceeded, router));
        }
        self.rewrite.hops += 1;
        Ok(())
    }

    /// Lets the gateway or node at `at` send a reset to the sender of a TCP packet, as from whom it was for; else drops it
    /// for `reason`.
    pub(crate) fn reset_sender(&mut self, at: EniIndex, segment: &Tcp, reason: DropReason) -> Exit {
        let Some(envelope) = self.router_envelope() else {
            return Exit::Between(reason);
        };
        if segment.flags & tcp_flag::RST != 0 {
            return Exit::Between(reason);
        }
        let envelope = Envelope {
            source: self.packet().destination,
            ..envelope
        };
        openvpc_wire::tcp::emit_reset(&mut self.state.reply, &envelope, segment);
        let decision = Decision::Refused(reason);
        self.step(reason.stage(), PortId::Eni(at), decision, None);
        Exit::Error(reason)
    }

    /// Writes the packet into a flow cell of an interface.
    pub(crate) fn record(
        &mut self,
        index: EniIndex,
        eni: &Eni,
        direction: Direction,
        action: Action,
        path: Option<TrafficPath>,
    ) -> Option<Handle> {
        let own = match direction {
            Direction::Ingress => self.facts.destination,
            Direction::Egress => self.facts.source,
        };
        let why = std::mem::replace(&mut self.why, Why::under(self.snapshot.generation()));
        let from = match direction {
            Direction::Ingress => self.departed.take(),
            Direction::Egress => None,
        };
        let sight = Sight {
            eni: index,
            direction,
            facts: &self.facts,
            primary: eni.primary(own).unwrap_or(own),
            path,
            addition: Addition {
                count: self.count,
                ..self.arrival.addition(self.now)
            },
            why: why.with_next_hop(from.map(|(eni, _)| eni)),
        };
        let cell = self.state.record(&sight, action);
        self.accepted = cell.filter(|_| action == Action::Accept);
        match (direction, from) {
            (Direction::Ingress, Some((_, departed))) => {
                self.state.cells.note_next_hop(departed, index)
            }
            (Direction::Ingress, None) => {}
            (Direction::Egress, _) => self.departed = cell.map(|cell| (index, cell)),
        }
        cell
    }

    /// Accounts for a walk that did not lead to a port.
    pub(crate) fn leave(&mut self, exit: Exit) -> Verdict {
        let (place, reason) = match exit {
            Exit::Answer(class) => {
                if let PortId::Eni(index) = self.in_port {
                    self.state
                        .count_unlogged(index, Direction::Egress, class, self.arrival.count);
                }
                self.state.count_reply(self.in_port, class);
                return Verdict::Reply;
            }
            Exit::Error(reason) => {
                self.note_drop(reason);
                self.state.count_reply(self.in_port, UnloggedClass::Router);
                return Verdict::Reply;
            }
            Exit::Sender(reason) => (Some((self.in_port, Direction::Egress)), reason),
            Exit::Receiver(index, reason) => {
                (Some((PortId::Eni(index), Direction::Ingress)), reason)
            }
            Exit::Middle(index, reason) => (Some((PortId::Eni(index), Direction::Egress)), reason),
            Exit::Between(reason) => (None, reason),
        };
        if let Some((PortId::Eni(index), direction)) = place
            && let Some(eni) = self.snapshot.eni(index)
        {
            self.why = self.why.dropped(Some(reason));
            match reason.account() {
                Account::Reject => {
                    let action = match planted(Defect::RejectLoggedAsAccept) {
                        true => Action::Accept,
                        false => Action::Reject,
                    };
                    self.record(index, eni, direction, action, None);
                }
                Account::Unlogged(class) => {
                    self.state
                        .count_unlogged(index, direction, class, self.count);
                }
                Account::AfterAccept => {}
            }
        }
        if reason.account() == Account::AfterAccept {
            self.note_drop(reason);
        }
        self.state.drops.count(reason);
        let at = place.map_or(self.in_port, |(port, _)| port);
        let told = self.trace.as_ref().and_then(|trace| trace.steps.last());
        if told.is_none_or(|step| step.decision != Decision::Drop(reason)) {
            self.step(reason.stage(), at, Decision::Drop(reason), None);
        }
        Verdict::Drop(reason)
    }

    /// Has the records of the interface that accepted the packet last tell why it went no further.
    fn note_drop(&mut self, reason: DropReason) {
        if let Some(accepted) = self.accepted {
            self.state.cells.note_drop(accepted, reason);
        }
    }

    /// Lets the router of the sender's link send an error about the packet, where RFC 1812 §4.3.2.7 and RFC 4443 §2.4
    /// allow one; else drops it for `reason`.
    pub(crate) fn router_error(&mut self, error: IcmpError, reason: DropReason) -> Exit {
        self.error_from(error, reason, None)
    }

    fn error_from(&mut self, error: IcmpError, reason: DropReason, router: Option<IpAddr>) -> Exit {
        let packet = self.packet();
        let later = packet.fragment.is_some_and(|fragment| fragment.offset != 0);
        let Some(mut envelope) = self.router_envelope() else {
            return Exit::Between(reason);
        };
        envelope.source = router.unwrap_or(envelope.source);
        if packet.is_icmp_error() || later {
            return Exit::Between(reason);
        }
        icmp::emit_error(&mut self.state.reply, &envelope, error, self.bytes, packet);
        Exit::Error(reason)
    }

    /// From the router of the link the packet came by, to its sender.
    fn router_envelope(&self) -> Option<Envelope> {
        let destination = self.packet().source;
        let (source_mac, destination_mac, ipv4, ipv6) = match self.in_port {
            PortId::Eni(index) => {
                let eni = self.snapshot.eni(index)?;
                let subnet = self.snapshot.parts().subnets.get(eni.subnet)?;
                (
                    subnet.router_mac,
                    eni.mac,
                    subnet.router_ipv4(),
                    subnet.router_ipv6(),
                )
            }
            PortId::Services => return None,
            PortId::Outside(host) => {
                let host = self.snapshot.outside(host)?;
                (
                    host.router_mac,
                    host.mac,
                    Some(host.router_ipv4),
                    Some(host.router_ipv6),
                )
            }
        };
        let source = match destination {
            IpAddr::V4(_) => IpAddr::from(ipv4?),
            IpAddr::V6(_) => IpAddr::from(ipv6?),
        };
        Some(Envelope {
            source_mac,
            destination_mac,
            source,
            destination,
        })
    }

    /// Counts what the packet weighs, once per edge it reaches.
    pub(crate) fn count(&self) -> Count {
        self.count
    }

    /// IP length of each packet, where it is now.
    pub(crate) fn segment_len(&self) -> usize {
        self.arrival.segment_len.saturating_add_signed(self.growth)
    }

    /// How long a packet may have come that is to fit a link of this MTU, from here on.
    pub(crate) fn as_it_came(&self, mtu: u16) -> u16 {
        let mtu = usize::from(mtu).saturating_add_signed(-self.growth);
        u16::try_from(mtu).unwrap_or(u16::MAX)
    }

    /// Turns the packet into one of the other IP version from here on; the facts are the caller's to change.
    pub(crate) fn turn(&mut self, version: Version) -> Result<(), DropReason> {
        let (packet, quoted) = (self.packet(), self.quoted.as_ref());
        let len = nat64::translated_len(packet, quoted);
        if self.rewrite.version.is_some() || len > usize::from(u16::MAX) {
            return Err(DropReason::Nat64Untranslatable);
        }
        if !nat64::fragment_fits(self.bytes, packet) {
            return Err(DropReason::NatFragment);
        }
        self.growth = len as isize - packet.ip_len() as isize;
        let packets = self.count.packets as i64;
        let bytes = self.count.bytes;
        self.count.bytes = bytes.saturating_add_signed(packets * self.growth as i64);
        self.repeatable &= self.arrival.has_plain_header();
        self.rewrite.version = Some(version);
        Ok(())
    }
}

/// The subnet of an interface; a snapshot is checked for it.
pub(crate) fn subnet_of<'a>(snapshot: &'a Snapshot, eni: &Eni) -> Option<&'a Subnet> {
    snapshot
        .parts()
        .subnets
        .get(eni.subnet)
        .map(|subnet| &**subnet)
}
