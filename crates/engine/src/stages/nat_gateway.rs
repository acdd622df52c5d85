//! The NAT gateway: many inside endpoints behind a few IPv4 addresses, outward only (NAT-4 … NAT-9). What comes as IPv6 to
//! 64:ff9b::/96 leaves as IPv4, and its answers come back as IPv6 (NAT-11); rules see it as it is on their side.
//!
//! It stands at an interface of its own, which has no port and no groups: a packet enters it by the network ACL of its
//! subnet, is translated, is routed by its subnet's table, and leaves by the ACL again; the interface records both. Reads:
//! the gateway's interface, subnet and VPC. Writes: bindings, the interface's cells and counters. Exits: the `Nat` reasons
//! and `ErrorPortAllocation`, which no record shows: the gateway's interface has accepted by then.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use openvpc_wire::packet::{protocol, tcp_flag};
use openvpc_wire::quoted::icmp_checksum_holds;
use openvpc_wire::{Quoted, Transport, nat64};

use crate::defects::{Defect, planted};
use crate::flow::{Action, Direction, TrafficPath};
use crate::ids::{EniIndex, PortId};
use crate::nat::{Binding, Endpoint, Query};
use crate::pipeline;
use crate::rewrite::Version;
use crate::snapshot::{Eni, Subnet};
use crate::stages::admit::{VPC_MTU, is_martian};
use crate::stages::conntrack::is_icmp_error;
use crate::stages::deliver::Way;
use crate::stages::internet_gateway::fit;
use crate::stages::middle::Passage;
use crate::stages::network_acl;
use crate::stages::route::{self, Hop, Routed};
use crate::table::Handle;
use crate::trace::Decision;
use crate::verdict::{DropReason, Stage};
use crate::walk::{Exit, Walk, subnet_of};

/// NAT gateways that may lead a packet on, one after the other (choice).
pub(crate) const ROW_MAX: usize = 4;
/// Routers that a packet may cross before it is taken to go in a circle of gateways.
const HOPS_MAX: u8 = 8;

/// The flow of a packet: known, or to be opened at this port.
#[derive(Clone, Copy)]
enum Flow {
    Known(Handle),
    New(Query, Endpoint),
}

/// The gateway that a packet is at.
#[derive(Clone, Copy)]
struct Gateway<'a> {
    index: EniIndex,
    eni: &'a Eni,
    subnet: &'a Subnet,
}

impl<'a> Gateway<'a> {
    fn of(walk: &Walk<'a>, index: EniIndex) -> Result<Gateway<'a>, Exit> {
        let gone = Exit::Between(DropReason::Blackhole);
        let eni = walk.snapshot.eni(index).ok_or(gone)?;
        let subnet = subnet_of(walk.snapshot, eni).ok_or(gone)?;
        if subnet.lost {
            return Err(Exit::Between(DropReason::ZoneLost));
        }
        Ok(Gateway { index, eni, subnet })
    }

    fn addresses(&self) -> Vec<Ipv4Addr> {
        self.eni.ipv4.iter().map(|own| own.address).collect()
    }
}

/// Takes a packet that a route leads to the gateway: what goes to a router for elsewhere leaves its subnet (RT-10).
pub(crate) fn outbound(walk: &mut Walk<'_>, index: EniIndex) -> Result<PortId, Exit> {
    let gateway = Gateway::of(walk, index)?;
    if gateway.eni.owns(walk.facts.destination) {
        return arrive(walk, index, Way::AcrossSubnets);
    }
    join_row(walk, index)?;
    let incoming = enter(walk, &gateway, Way::AcrossSubnets)?;
    check_fit(walk).map_err(Exit::Between)?;
    let remote = remote(walk).map_err(Exit::Between)?;
    if !is_inside(walk, &gateway) && !planted(Defect::NatForeignSources) {
        return Err(Exit::Between(DropReason::NatForeignSource));
    }
    spend_ttl(walk, &gateway)?;
    let flow = if is_icmp_error(&walk.facts) {
        translate_error_outward(walk, &gateway, remote).map_err(Exit::Between)?;
        None
    } else {
        to_ipv4(walk, remote).map_err(Exit::Between)?;
        let (flow, mapped) = bind(walk, &gateway)?;
        let Endpoint { address, port } = mapped;
        set_source(walk, &gateway, address);
        walk.rewrite.source_port = Some(port);
        match walk.facts.protocol {
            protocol::ICMP => walk.facts.icmp_id = port,
            _ => walk.facts.source_port = port,
        }
        Some(flow)
    };
    onward(walk, &gateway, flow, incoming, true)
}

/// Takes a packet that is addressed to the gateway's interface: an answer, or nothing that it wants.
pub(crate) fn arrive(walk: &mut Walk<'_>, index: EniIndex, way: Way) -> Result<PortId, Exit> {
    let gateway = Gateway::of(walk, index)?;
    let incoming = enter(walk, &gateway, way)?;
    check_fit(walk).map_err(Exit::Between)?;
    let unsolicited = Exit::Between(DropReason::NatUnsolicited);
    let flow = if is_icmp_error(&walk.facts) {
        let quoted = walk.quoted.ok_or(unsolicited)?;
        let (handle, binding) = find_quoted(walk, &gateway, &quoted, false).ok_or(unsolicited)?;
        spend_ttl(walk, &gateway)?;
        let inside = walk.state.nat.inside(handle, &binding).ok_or(unsolicited)?;
        match inside.0 {
            IpAddr::V4(address) => {
                set_destination(walk, &gateway, address);
                translate_quoted_source(walk, binding.inside);
            }
            IpAddr::V6(address) => error_to_ipv6(walk, &gateway, (address, inside.1))?,
        }
        None
    } else {
        // A request is no answer, though it bears the identifier of one.
        let request = walk.facts.protocol == protocol::ICMP && walk.facts.icmp_kind != 0;
        if request && !planted(Defect::NatPingsIn) {
            return Err(unsolicited);
        }
        let query = query(walk, &gateway, false).ok_or(unsolicited)?;
        let opens = walk.segment.is_some_and(|segment| segment.opens());
        let found = walk.state.nat.inward(&query, walk.now);
        let (handle, binding) = found
            .filter(|(_, binding)| gateway.eni.owns(binding.mapped.address.into()))
            .filter(|(_, binding)| !(opens && binding.is_closed()))
            .ok_or(unsolicited)?;
        spend_ttl(walk, &gateway)?;
        let inside = walk.state.nat.inside(handle, &binding);
        let (address, port) = inside.ok_or(unsolicited)?;
        match address {
            IpAddr::V4(address) => set_destination(walk, &gateway, address),
            IpAddr::V6(address) => to_ipv6(walk, &gateway, address)?,
        }
        walk.rewrite.destination_port = Some(port);
        match walk.facts.protocol {
            protocol::ICMP | protocol::ICMPV6 => walk.facts.icmp_id = port,
            _ => walk.facts.destination_port = port,
        }
        Some(Flow::Known(handle))
    };
    onward(walk, &gateway, flow, incoming, false)
}

/// One more gateway in the row that leads the packet on: none twice, and not too many.
fn join_row(walk: &mut Walk<'_>, index: EniIndex) -> Result<(), Exit> {
    for place in &mut walk.nat_row {
        match place {
            Some(known) if *known != index => {}
            Some(_) => break,
            None => {
                *place = Some(index);
                return Ok(());
            }
        }
    }
    Err(Exit::Between(DropReason::RouteLoop))
}

/// Into the gateway's subnet, and its interface's record.
fn enter(walk: &mut Walk<'_>, gateway: &Gateway<'_>, way: Way) -> Result<Option<Handle>, Exit> {
    let Gateway { index, eni, .. } = *gateway;
    if walk.rewrite.hops >= HOPS_MAX {
        return Err(Exit::Between(DropReason::RouteLoop));
    }
    let count = walk.count();
    walk.state.count_wire(index, Direction::Ingress, count);
    if way == Way::AcrossSubnets && !planted(Defect::NatWithoutAclInbound) {
        network_acl::pass(walk, PortId::Eni(index), eni.subnet, Direction::Ingress)
            .map_err(|reason| Exit::Receiver(index, reason))?;
    }
    Ok(walk.record(index, eni, Direction::Ingress, Action::Accept, None))
}

/// NAT-4.
fn check_fit(walk: &Walk<'_>) -> Result<(), DropReason> {
    match walk.facts.protocol {
        protocol::UDP => Ok(()),
        protocol::TCP | protocol::ICMP | protocol::ICMPV6
            if walk.packet().fragment.is_some() && !planted(Defect::NatFragmentsPass) =>
        {
            Err(DropReason::NatFragment)
        }
        protocol::TCP => Ok(()),
        protocol::ICMP if matches!(walk.facts.icmp_kind, 0 | 8) || is_icmp_error(&walk.facts) => {
            Ok(())
        }
        protocol::ICMPV6 if matches!(walk.facts.icmp_kind, 1..=4 | 128 | 129) => Ok(()),
        _ if planted(Defect::NatProtocolsPass) => Ok(()),
        _ => Err(DropReason::NatProtocol),
    }
}

/// The IPv4 address that a packet on its way out is for. IPv6 is carried to the well-known prefix only, and not to what never
/// travels, which the sender's own router would have kept from IPv4 (NAT-11).
fn remote(walk: &Walk<'_>) -> Result<Ipv4Addr, DropReason> {
    match walk.facts.destination {
        IpAddr::V4(remote) => Ok(remote),
        IpAddr::V6(to) => {
            let remote = nat64::extract(to).ok_or(DropReason::NatProtocol)?;
            match is_martian(remote.into()) && !planted(Defect::Nat64Anywhere) {
                true => Err(DropReason::Nat64Destination),
                false => Ok(remote),
            }
        }
    }
}

/// NAT-9.
fn is_inside(walk: &Walk<'_>, gateway: &Gateway<'_>) -> bool {
    let vpc = walk.snapshot.parts().vpcs.get(gateway.eni.vpc);
    vpc.is_some_and(|vpc| match walk.facts.source {
        IpAddr::V4(source) => vpc.ipv4.iter().any(|block| block.contains(&source)),
        IpAddr::V6(source) => vpc.ipv6.iter().any(|block| block.contains(&source)),
    })
}

/// Lets an IPv6 packet go on as IPv4, to `remote`; whom it comes from is found out next. An IPv4 packet stays as it is.
fn to_ipv4(walk: &mut Walk<'_>, remote: Ipv4Addr) -> Result<(), DropReason> {
    let facts = &mut walk.facts;
    if facts.destination.is_ipv4() {
        return Ok(());
    }
    let other = nat64::other_protocol(facts.protocol, facts.icmp_kind);
    (facts.protocol, facts.icmp_kind) = other.ok_or(DropReason::NatProtocol)?;
    facts.destination = remote.into();
    walk.rewrite.destination = Some(remote);
    walk.turn(Version::Ipv4)
}

/// Lets an IPv4 packet go on as IPv6, to the inside.
fn to_ipv6(walk: &mut Walk<'_>, gateway: &Gateway<'_>, inside: Ipv6Addr) -> Result<(), Exit> {
    let between = Exit::Between;
    let unknown = between(DropReason::NatProtocol);
    let facts = &mut walk.facts;
    let other = nat64::other_protocol(facts.protocol, facts.icmp_kind);
    (facts.protocol, facts.icmp_kind) = other.ok_or(unknown)?;
    turn_inward(walk, gateway, inside).map_err(between)?;
    // A fragment header more than its own header grows by: what is cut has one in each piece.
    let longest = walk.as_it_came(VPC_MTU);
    walk.mtu = walk.mtu.min(longest);
    match walk.packet().dont_fragment {
        true => fit(walk, longest),
        false if walk.arrival.segment_len <= usize::from(longest) => Ok(()),
        false => fit(walk, VPC_MTU - 28),
    }
}

/// The addresses of a packet that goes on as IPv6.
fn turn_inward(
    walk: &mut Walk<'_>,
    gateway: &Gateway<'_>,
    inside: Ipv6Addr,
) -> Result<(), DropReason> {
    let IpAddr::V4(source) = walk.facts.source else {
        return Err(DropReason::Nat64Untranslatable);
    };
    walk.turn(Version::Ipv6 {
        source,
        destination: inside,
    })?;
    // These addresses are the last word.
    walk.service = None;
    walk.facts.source = nat64::embed(source).into();
    walk.facts.destination = inside.into();
    translated(walk, gateway, inside.into());
    Ok(())
}

/// What an ICMP error says in the other IP version.
fn tell(walk: &mut Walk<'_>, quoted: &Quoted) -> Result<(), DropReason> {
    let untranslatable = DropReason::Nat64Untranslatable;
    if !icmp_checksum_holds(walk.bytes, walk.packet()) {
        return Err(untranslatable);
    }
    let told = nat64::error_in_other_version(walk.bytes, walk.packet(), quoted);
    let told = told.ok_or(untranslatable)?;
    let facts = &mut walk.facts;
    facts.protocol = match facts.protocol {
        protocol::ICMP => protocol::ICMPV6,
        _ => protocol::ICMP,
    };
    (facts.icmp_kind, facts.icmp_code, facts.icmp_id) = (told.kind, told.code, 0);
    walk.told = Some(told);
    Ok(())
}

/// An error of the IPv4 side about what the inside sent.
fn error_to_ipv6(
    walk: &mut Walk<'_>,
    gateway: &Gateway<'_>,
    (address, port): (Ipv6Addr, u16),
) -> Result<(), Exit> {
    let quoted = walk
        .quoted
        .ok_or(Exit::Between(DropReason::NatUnsolicited))?;
    tell(walk, &quoted).map_err(Exit::Between)?;
    turn_inward(walk, gateway, address).map_err(Exit::Between)?;
    walk.quoted = turned(&quoted).map(|quoted| Quoted {
        source: address.into(),
        source_port: match quoted.protocol {
            protocol::ICMPV6 => quoted.source_port,
            _ => port,
        },
        icmp_id: match quoted.protocol {
            protocol::ICMPV6 => port,
            _ => quoted.icmp_id,
        },
        ..quoted
    });
    Ok(())
}

/// A quotation with its addresses and its protocol in the other IP version; `None` if that has none for them.
fn turned(quoted: &Quoted) -> Option<Quoted> {
    let turn = |address| match address {
        IpAddr::V4(address) => Some(IpAddr::from(nat64::embed(address))),
        IpAddr::V6(address) => nat64::extract(address).map(IpAddr::from),
    };
    let (protocol, icmp_kind) = nat64::other_protocol(quoted.protocol, quoted.icmp_kind)?;
    Some(Quoted {
        source: turn(quoted.source).unwrap_or(quoted.source),
        destination: turn(quoted.destination).unwrap_or(quoted.destination),
        protocol,
        icmp_kind,
        ..*quoted
    })
}

/// The gateway is a router like any other, but shows its own address (NAT-4): the private one to the VPC, the public one
/// to the internet.
fn spend_ttl(walk: &mut Walk<'_>, gateway: &Gateway<'_>) -> Result<(), Exit> {
    // To IPv6 it has no address: there the router answers.
    let own = gateway.eni.ipv4.first().filter(|_| walk.packet().is_ipv4());
    let address = own.map(|own| match walk.in_port {
        PortId::Outside(_) => own.public.unwrap_or(own.address),
        _ => own.address,
    });
    walk.spend_ttl(address.map(IpAddr::from))
}

/// The flow of a packet on its way out, as it is known or as it would be, and as whom the gateway speaks for it.
fn bind(walk: &mut Walk<'_>, gateway: &Gateway<'_>) -> Result<(Flow, Endpoint), Exit> {
    if walk.facts.protocol == protocol::ICMP && walk.facts.icmp_kind != 8 {
        return Err(Exit::Between(DropReason::NatUnsolicited));
    }
    let query = query(walk, gateway, true).ok_or(Exit::Between(DropReason::NatProtocol))?;
    if let Some((handle, binding)) = walk.state.nat.outward(&query, walk.now) {
        // An address that was taken from the gateway takes its flows along.
        if gateway.eni.owns(binding.mapped.address.into()) {
            return Ok((Flow::Known(handle), binding.mapped));
        }
        walk.state.nat.remove(handle);
    }
    if let Transport::Tcp(tcp) = walk.packet().transport
        && tcp.flags & (tcp_flag::SYN | tcp_flag::ACK) != tcp_flag::SYN
    {
        if planted(Defect::NatWithoutReset) {
            return Err(Exit::Between(DropReason::NatNoConnection));
        }
        return Err(walk.reset_sender(gateway.index, &tcp, DropReason::NatNoConnection));
    }
    let max = walk.state.limits.nat_flows_per_gateway_max;
    let chosen = walk.state.nat.choose(&query, &gateway.addresses(), max);
    let mapped = chosen.ok_or(Exit::Between(DropReason::ErrorPortAllocation))?;
    Ok((Flow::New(query, mapped), mapped))
}

/// What the packet asks the bindings: its near end is the source on the way out, the destination on the way in.
fn query(walk: &Walk<'_>, gateway: &Gateway<'_>, outward: bool) -> Option<Query> {
    let facts = match outward {
        true => walk.facts,
        false => walk.facts.reversed(),
    };
    let (near, IpAddr::V4(far)) = (facts.source, facts.destination) else {
        return None;
    };
    let ports = match facts.protocol {
        protocol::ICMP => (facts.icmp_id, 0),
        _ => (facts.source_port, facts.destination_port),
    };
    Some(Query::of(
        gateway.index,
        facts.protocol,
        (near, ports.0),
        (far, ports.1),
    ))
}

/// The binding of a packet that an ICMP error quotes: `returning` if the error goes out, so that what it quotes came in.
fn find_quoted(
    walk: &Walk<'_>,
    gateway: &Gateway<'_>,
    quoted: &Quoted,
    returning: bool,
) -> Option<(Handle, Binding)> {
    let (mut near, mut remote) = (
        (quoted.source, quoted.source_port),
        (quoted.destination, quoted.destination_port),
    );
    if returning {
        std::mem::swap(&mut near, &mut remote);
    }
    if quoted.protocol == protocol::ICMP {
        // Requests go out and replies come in, and nothing else does (I-11).
        if quoted.icmp_kind != if returning { 0 } else { 8 } {
            return None;
        }
        (near.1, remote.1) = (quoted.icmp_id, 0);
    }
    let IpAddr::V4(far) = remote.0 else {
        return None;
    };
    let query = Query::of(gateway.index, quoted.protocol, near, (far, remote.1));
    let found = match returning {
        true => walk.state.nat.outward(&query, walk.now),
        false => walk.state.nat.inward(&query, walk.now),
    };
    found.filter(|(_, binding)| gateway.eni.owns(binding.mapped.address.into()))
}

/// An error about an answer: it must not show who got the answer. In IPv6 the address that is quoted as the answer's source
/// stands for the one that it came from.
fn translate_error_outward(
    walk: &mut Walk<'_>,
    gateway: &Gateway<'_>,
    remote: Ipv4Addr,
) -> Result<(), DropReason> {
    let quoted = walk.quoted.ok_or(DropReason::NatUnsolicited)?;
    let ipv6 = walk.facts.destination.is_ipv6();
    let asked = match ipv6 {
        true => turned(&quoted),
        false => Some(quoted),
    };
    let asked = asked.ok_or(DropReason::NatUnsolicited)?;
    let found = find_quoted(walk, gateway, &asked, true);
    let (_, binding) = found.ok_or(DropReason::NatUnsolicited)?;
    let Endpoint { address, port } = binding.mapped;
    if ipv6 {
        tell(walk, &quoted)?;
        walk.facts.destination = remote.into();
        walk.rewrite.destination = Some(remote);
        walk.turn(Version::Ipv4)?;
        walk.quoted = Some(asked);
    }
    set_source(walk, gateway, address);
    if planted(Defect::NatErrorsShowInside) {
        return Ok(());
    }
    walk.quoted_rewrite.destination = Some(address);
    walk.quoted_rewrite.destination_port = Some(port);
    if let Some(quoted) = &mut walk.quoted {
        quoted.destination = address.into();
        match quoted.protocol {
            protocol::ICMP => quoted.icmp_id = port,
            _ => quoted.destination_port = port,
        }
    }
    Ok(())
}

fn translate_quoted_source(walk: &mut Walk<'_>, inside: Endpoint) {
    walk.quoted_rewrite.source = Some(inside.address);
    walk.quoted_rewrite.source_port = Some(inside.port);
    if let Some(quoted) = &mut walk.quoted {
        quoted.source = inside.address.into();
        match quoted.protocol {
            protocol::ICMP => quoted.icmp_id = inside.port,
            _ => quoted.source_port = inside.port,
        }
    }
}

fn set_source(walk: &mut Walk<'_>, gateway: &Gateway<'_>, address: Ipv4Addr) {
    walk.facts.source = address.into();
    walk.rewrite.source = Some(address);
    translated(walk, gateway, address.into());
}

fn set_destination(walk: &mut Walk<'_>, gateway: &Gateway<'_>, address: Ipv4Addr) {
    walk.facts.destination = address.into();
    walk.rewrite.destination = Some(address);
    translated(walk, gateway, address.into());
}

fn translated(walk: &mut Walk<'_>, gateway: &Gateway<'_>, address: IpAddr) {
    let decision = Decision::Translated(address);
    walk.step(
        Stage::NatGateway,
        PortId::Eni(gateway.index),
        decision,
        None,
    );
}

/// Notes a packet that has left by the gateway: one that its ACL refuses takes no port and keeps nothing alive.
fn note(walk: &mut Walk<'_>, flow: Flow, outward: bool) -> Handle {
    let handle = match flow {
        Flow::Known(handle) => handle,
        Flow::New(query, mapped) => walk.state.nat.open(&query, mapped, walk.now),
    };
    let flags = walk.segment.map_or(0, |segment| segment.tcp.flags);
    walk.state.nat.touch(handle, outward, flags, walk.now);
    handle
}

/// Out of the gateway, by its subnet's route table and network ACL, to wherever the packet goes now.
fn onward(
    walk: &mut Walk<'_>,
    gateway: &Gateway<'_>,
    flow: Option<Flow>,
    incoming: Option<Handle>,
    outward: bool,
) -> Result<PortId, Exit> {
    let Gateway { index, eni, subnet } = *gateway;
    let snapshot = walk.snapshot;
    // RT-10: what is on its own subnet, it reaches without a table and an ACL.
    let near = match walk.facts.destination {
        IpAddr::V4(to) => subnet.ipv4.is_some_and(|block| block.contains(&to)),
        IpAddr::V6(to) => subnet.ipv6.is_some_and(|block| block.contains(&to)),
    };
    let owner = snapshot.owner(eni.vpc, walk.facts.destination);
    let routed = match near {
        false => route::decide(snapshot, index, eni, subnet, &walk.facts),
        true => Routed {
            hop: owner
                .filter(|owner| *owner != index)
                .map_or(Err(DropReason::NoSuchHost), |owner| {
                    Ok(Hop::Interface(owner))
                }),
            rule: None,
        },
    };
    let decision = routed.hop.map_or_else(Decision::Drop, |_| Decision::Pass);
    walk.step(Stage::Route, PortId::Eni(index), decision, routed.rule);
    let way = match near {
        true => Way::SameSubnet,
        false => Way::AcrossSubnets,
    };
    let count = walk.count();
    walk.state.count_wire(index, Direction::Egress, count);
    if way == Way::AcrossSubnets && !planted(Defect::NatWithoutAclOutbound) {
        network_acl::pass(walk, PortId::Eni(index), eni.subnet, Direction::Egress)
            .map_err(|reason| Exit::Middle(index, reason))?;
    }
    let binding = flow.map(|flow| note(walk, flow, outward));
    let path: Option<TrafficPath> = routed.path();
    let outgoing = walk.record(index, eni, Direction::Egress, Action::Accept, path);
    walk.pass_nat(match (binding, incoming, outgoing) {
        (Some(binding), Some(incoming), Some(outgoing)) => Some(Passage {
            gateway: index,
            binding,
            outward,
            cells: [Some(incoming), Some(outgoing)],
        }),
        _ => None,
    });
    // A group peer matches what comes straight from a member (SG-5), and a gateway is a member of none.
    walk.sender = Some(index);
    let hop = routed.hop.map_err(Exit::Between)?;
    pipeline::follow(walk, hop, (index, eni), way)
}
