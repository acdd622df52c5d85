//! The order of the stages. Everything that a packet can meet is called from here, in the order in which it meets it.

use std::net::IpAddr;

use openvpc_wire::cut::fragment_to;
use openvpc_wire::edit::{self, Side};
use openvpc_wire::ethernet::{self, Ethernet};
use openvpc_wire::nat64::Told;
use openvpc_wire::{Frame, Packet, Quoted};

use crate::cache::{self, Remembered};
use crate::counters::{Count, UnloggedClass};
use crate::flow::{Direction, TrafficPath};
use crate::fragments::DatagramKey;
use crate::identity;
use crate::ids::{EniIndex, PortId, Time};
use crate::rewrite::{QuotedRewrite, Rewrite};
use crate::snapshot::{Eni, OutsideHost, Snapshot};
use crate::stages::admit::{self, Arrival, Reading, SourceKind};
use crate::stages::conntrack;
use crate::stages::deliver::{self, Way};
use crate::stages::local::{self, Asker, Local};
use crate::stages::route::{self, Addressee, Hop};
use crate::stages::{
    egress_only_internet_gateway, fragment, gateway_endpoint, internet_gateway, load_balancer,
    nat_gateway, network_acl, outside, peering, proxy_protocol, services,
};
use crate::state::State;
use crate::trace::{Decision, Trace};
use crate::verdict::{DropReason, Stage, Verdict};
use crate::walk::{Exit, Walk};

/// Decides one frame of an attached port, remembering nothing of former frames but tracked flows.
pub(crate) fn decide(
    snapshot: &Snapshot,
    state: &mut State,
    in_port: PortId,
    frame: &mut Frame<'_>,
    reading: Reading,
    now: Time,
    trace: Option<&mut Trace>,
) -> Verdict {
    let arrival = match reading {
        Reading::Ip(arrival) => arrival,
        Reading::Arp(ethernet) => {
            return answer_arp(snapshot, state, in_port, ethernet, frame.bytes);
        }
        Reading::Bad(reason, count) => return state.drop_unread(in_port, count, reason),
    };
    if let PortId::Eni(index) = in_port {
        state.count_wire(index, Direction::Egress, arrival.count);
    }
    let walked = {
        let mut walk = Walk::new(snapshot, state, in_port, now, frame.bytes, &arrival, trace);
        match walk_from(&mut walk) {
            Ok(port) => Ok(Passed::of(port, &mut walk)),
            Err(exit) => Err(walk.leave(exit)),
        }
    };
    match walked {
        Ok(passed) => carry_out(snapshot, state, in_port, frame, &arrival, passed),
        Err(verdict) => verdict,
    }
}

fn walk_from(walk: &mut Walk<'_>) -> Result<PortId, Exit> {
    let snapshot = walk.snapshot;
    match walk.in_port {
        PortId::Eni(index) => {
            let asker = Asker::of(snapshot, index).ok_or(Exit::Sender(DropReason::NoPolicy))?;
            from_interface(walk, &asker)
        }
        PortId::Outside(number) => {
            let host = snapshot
                .outside(number)
                .ok_or(Exit::Between(DropReason::NoPolicy))?;
            from_outside(walk, host)
        }
        PortId::Services => services::back(walk),
    }
}

/// 00 §12, steps 1 to 6; the receiver's half is [`deliver::to_interface`].
fn from_interface(walk: &mut Walk<'_>, asker: &Asker<'_>) -> Result<PortId, Exit> {
    let Asker {
        index, eni, subnet, ..
    } = *asker;
    let (snapshot, at) = (walk.snapshot, walk.in_port);
    if subnet.lost {
        return Err(Exit::Sender(DropReason::ZoneLost));
    }
    if walk.arrival.ethernet.source != eni.mac {
        return Err(Exit::Sender(DropReason::ForeignMac));
    }
    let source = admit::check_source(eni, walk.packet()).map_err(Exit::Sender)?;
    match local::answer(walk, asker).map_err(Exit::Sender)? {
        Local::Elsewhere => {}
        Local::Answered(class) => {
            walk.step(Stage::Local, at, Decision::Answered, None);
            return Err(Exit::Answer(class));
        }
        Local::Service(service) => {
            return services::toward(walk, asker, service).map_err(Exit::Sender);
        }
    }
    if source == SourceKind::LinkOnly {
        return Err(Exit::Sender(DropReason::MartianSource));
    }
    fragment::resolve(walk).map_err(Exit::Sender)?;
    if let Some(answer) = load_balancer::preserved(walk, index) {
        walk.step(Stage::Admit, at, Decision::Pass, None);
        return load_balancer::back_from_target(walk, asker, answer);
    }
    let mac = walk.arrival.ethernet.destination;
    let addressee =
        route::addressee(snapshot, index, eni, subnet, mac, &walk.facts).map_err(Exit::Sender)?;
    walk.step(Stage::Admit, at, Decision::Pass, None);

    let (neighbour, way) = match addressee {
        Addressee::Neighbour(neighbour) => (neighbour, Way::SameLink),
        Addressee::NeighbourByRouter(neighbour) => (neighbour, Way::SameSubnet),
        Addressee::Router => return leave_subnet(walk, asker),
    };
    walk.tracked_way = route::is_tracking(snapshot.eni(neighbour));
    let admission = conntrack::admit(walk, index, eni, Direction::Egress).map_err(Exit::Sender)?;
    walk.sender = Some(index);
    walk.accept(
        index,
        eni,
        Direction::Egress,
        admission,
        Some(TrafficPath::SameVpc),
    );
    deliver::to_interface(walk, neighbour, way)
}

/// 00 §12, steps 3 to 6, for a packet that leaves its subnet. The route is looked up before anything is asked, since it
/// says whether the flow must be tracked; its result is used only after the sender's interface accepted the packet.
fn leave_subnet(walk: &mut Walk<'_>, asker: &Asker<'_>) -> Result<PortId, Exit> {
    let Asker {
        index, eni, subnet, ..
    } = *asker;
    let (snapshot, at) = (walk.snapshot, walk.in_port);
    let routed = route::decide(snapshot, index, eni, subnet, &walk.facts);
    walk.tracked_way = routed.keeps_flows(snapshot, &walk.facts);
    let admission = conntrack::admit(walk, index, eni, Direction::Egress).map_err(Exit::Sender)?;
    walk.sender = Some(index);
    network_acl::pass(walk, at, eni.subnet, Direction::Egress).map_err(Exit::Sender)?;
    let decision = routed.hop.map_or_else(Decision::Drop, |_| Decision::Pass);
    walk.step(Stage::Route, at, decision, routed.rule);
    let flow = walk.accept(index, eni, Direction::Egress, admission, routed.path());
    let hop = routed.hop.map_err(Exit::Between)?;
    walk.spend_ttl(None)?;
    match hop {
        Hop::EgressOnly(gateway) => {
            egress_only_internet_gateway::outbound(walk, eni.vpc, gateway, flow)
                .map_err(Exit::Between)?;
            internet_gateway::cross(walk)
        }
        // What went to the router for elsewhere left its subnet, even if a route leads back into it (RT-10).
        hop => follow(walk, hop, (index, eni), Way::AcrossSubnets),
    }
}

/// Takes a packet where its route leads, from an interface that has accepted it. What an egress-only gateway notes at the
/// sender's flow is not for the interfaces of gateways.
pub(crate) fn follow(
    walk: &mut Walk<'_>,
    hop: Hop,
    (index, eni): (EniIndex, &Eni),
    way: Way,
) -> Result<PortId, Exit> {
    match hop {
        Hop::Interface(next) => deliver::to_interface(walk, next, way),
        Hop::Nat(gateway) => nat_gateway::outbound(walk, gateway),
        Hop::Peering(peering) => peering::cross(walk, peering),
        Hop::GatewayEndpoint(endpoint) => gateway_endpoint::outbound(walk, index, endpoint),
        Hop::Internet => {
            internet_gateway::outbound(walk, eni.vpc).map_err(Exit::Between)?;
            internet_gateway::cross(walk)
        }
        Hop::EgressOnly(gateway) => {
            egress_only_internet_gateway::outbound(walk, eni.vpc, gateway, None)
                .map_err(Exit::Between)?;
            internet_gateway::cross(walk)
        }
    }
}

fn from_outside(walk: &mut Walk<'_>, host: &OutsideHost) -> Result<PortId, Exit> {
    outside::admit(walk, host)?;
    fragment::resolve(walk).map_err(Exit::Between)?;
    walk.step(Stage::Admit, walk.in_port, Decision::Pass, None);
    walk.spend_ttl(None)?;
    internet_gateway::cross(walk)
}

fn answer_arp(
    snapshot: &Snapshot,
    state: &mut State,
    in_port: PortId,
    ethernet: Ethernet,
    bytes: &[u8],
) -> Verdict {
    let frame = Count {
        packets: 1,
        bytes: 0,
    };
    let (known, sender, answered) = match in_port {
        PortId::Eni(index) => match Asker::of(snapshot, index) {
            Some(asker) if asker.subnet.lost => {
                return state.drop_unread(in_port, frame, DropReason::ZoneLost);
            }
            Some(asker) => (
                true,
                asker.eni.mac,
                local::answer_arp(snapshot, &asker, bytes, &mut state.reply),
            ),
            None => (false, ethernet.source, false),
        },
        PortId::Outside(number) => match snapshot.outside(number) {
            Some(host) => (
                true,
                host.mac,
                outside::answer_arp(host, bytes, &mut state.reply),
            ),
            None => (false, ethernet.source, false),
        },
        PortId::Services => (
            true,
            identity::MAC,
            services::answer_arp(bytes, &mut state.reply),
        ),
    };
    let reason = match (known, ethernet.source == sender, answered) {
        (true, true, true) => {
            state.count_request(in_port, UnloggedClass::NonIp, frame);
            state.count_reply(in_port, UnloggedClass::NonIp);
            return Verdict::Reply;
        }
        (true, true, false) => DropReason::ArpUnanswered,
        (true, false, _) => DropReason::ForeignMac,
        (false, _, _) => DropReason::NoPolicy,
    };
    state.drop_unread(in_port, frame, reason)
}

/// What is left of a walk that led to a port.
struct Passed {
    port: PortId,
    remembered: Option<Remembered>,
    rewrite: Rewrite,
    quoted: Option<(Quoted, QuotedRewrite)>,
    datagram: Option<DatagramKey>,
    service: Option<(IpAddr, IpAddr)>,
    introduction: Option<Box<proxy_protocol::Edit>>,
    cut: Option<u16>,
    mss_max: Option<u16>,
    told: Option<Told>,
}

impl Passed {
    fn of(port: PortId, walk: &mut Walk<'_>) -> Passed {
        let (rewrite, mtu, legs) = (walk.rewrite, walk.mtu, walk.legs);
        let remembered = Remembered {
            port,
            rewrite,
            mtu,
            legs,
            nat: walk.nat,
            pass: walk.pass,
            from_services: walk.in_port == PortId::Services,
            far: walk.snapshot.is_between_regions(walk.in_port, port),
        };
        Passed {
            port,
            remembered: walk.repeatable.then_some(remembered),
            rewrite,
            quoted: walk.quoted.map(|quoted| (quoted, walk.quoted_rewrite)),
            datagram: walk.datagram,
            service: walk.service,
            introduction: walk.introduction.take(),
            cut: walk.cut,
            mss_max: walk.mss_max,
            told: walk.told,
        }
    }
}

/// Carries out the plan of a walk that led to a port.
fn carry_out(
    snapshot: &Snapshot,
    state: &mut State,
    in_port: PortId,
    frame: &mut Frame<'_>,
    arrival: &Arrival,
    passed: Passed,
) -> Verdict {
    let packet = &arrival.packet;
    state.admissions.note(passed.remembered);
    if let Some(remembered) = passed.remembered
        && let Some(key) = cache::key(in_port, frame.bytes, packet)
    {
        state.remember(key, remembered);
        state.offer(snapshot, &key, &remembered);
    }
    if let Some(datagram) = passed.datagram {
        state.fragments.pass(&datagram);
    }
    if passed.rewrite.version.is_some() {
        return carry_over(state, frame, packet, &passed);
    }
    passed.rewrite.apply(frame, packet);
    passed.finish(frame, packet);
    if let Some((quoted, rewrite)) = passed.quoted {
        rewrite.apply(frame, packet, &quoted);
    }
    frame.truncate(packet.end);
    if let Some(introduction) = passed.introduction {
        let (before, stays) = introduction.apply(frame, packet);
        state
            .extras
            .extend(before.map(|before| (passed.port, before)));
        if !stays {
            return Verdict::Replaced { port: passed.port };
        }
    }
    if let Some(mtu) = passed.cut {
        let extras = &mut state.extras;
        fragment_to(frame, packet, mtu, |piece| {
            extras.push_back((passed.port, piece))
        });
    }
    Verdict::Forward { port: passed.port }
}

impl Passed {
    /// The edits that come after the addresses.
    fn finish(&self, frame: &mut Frame<'_>, packet: &Packet) {
        if let Some(max) = self.mss_max {
            edit::clamp_mss(frame, packet, max);
        }
        if let Some((source, destination)) = self.service {
            edit::set_ip(frame, packet, Side::Source, source);
            edit::set_ip(frame, packet, Side::Destination, destination);
        }
    }
}

/// Carries out the plan of a walk on which the packet changed its IP version. Only IPv4 is ever cut, and before that.
fn carry_over(
    state: &mut State,
    frame: &mut Frame<'_>,
    packet: &Packet,
    passed: &Passed,
) -> Verdict {
    let Passed { port, rewrite, .. } = *passed;
    let mut later = Vec::new();
    if let Some(mtu) = passed.cut {
        fragment_to(frame, packet, mtu, |piece| later.push(piece));
    }
    for mut piece in later {
        let mut frame = Frame::new(&mut piece);
        if let Ok(packet) = Packet::parse(frame.bytes, ethernet::IPV4)
            && state
                .carry_over(&rewrite, &mut frame, &packet, None)
                .is_some()
        {
            let piece = state.translated.clone();
            state.extras.push_back((port, piece));
        }
    }
    let first = match passed.cut {
        // It is another packet now: the first piece.
        Some(_) => Packet::parse(frame.bytes, ethernet::IPV4).ok(),
        None => Some(*packet),
    };
    let error = passed.told.zip(passed.quoted.map(|(quoted, _)| quoted));
    let turned = first.and_then(|first| state.carry_over(&rewrite, frame, &first, error));
    let Some(turned) = turned else {
        // A plan of the other version has both addresses.
        state.drops.count(DropReason::Nat64Untranslatable);
        return Verdict::Drop(DropReason::Nat64Untranslatable);
    };
    let mut frame = Frame::with_offload(&mut state.translated, state.translated_offload);
    passed.finish(&mut frame, &turned);
    if let Some(introduction) = &passed.introduction {
        let (before, stays) = introduction.apply(&mut frame, &turned);
        state.extras.extend(before.map(|before| (port, before)));
        if !stays {
            return Verdict::Replaced { port };
        }
    }
    Verdict::Translated { port }
}
