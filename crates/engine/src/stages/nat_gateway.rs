//! The NAT gateway: many inside endpoints behind a few addresses, IPv4 only, outward only (NAT-4 … NAT-9).
//!
//! It stands at an interface of its own, which has no port and no groups: a packet enters it by the network ACL of its
//! subnet, is translated, is routed by its subnet's table, and leaves by the ACL again; the interface records both. Reads:
//! the gateway's interface, subnet and VPC. Writes: bindings, the interface's cells and counters. Exits: the `Nat` reasons
//! and `ErrorPortAllocation`, which no record shows: the gateway's interface has accepted by then.

use std::net::{IpAddr, Ipv4Addr};

use openvpc_wire::packet::{protocol, tcp_flag};
use openvpc_wire::{Quoted, Transport};

use crate::defects::{Defect, planted};
use crate::flow::{Action, Direction, TrafficPath};
use crate::ids::{EniIndex, PortId};
use crate::nat::{Binding, Endpoint, Query};
use crate::pipeline;
use crate::snapshot::{Eni, Subnet};
use crate::stages::conntrack::is_icmp_error;
use crate::stages::deliver::Way;
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
    let vpc = walk.snapshot.parts().vpcs.get(gateway.eni.vpc);
    let (IpAddr::V4(source), IpAddr::V4(_)) = (walk.facts.source, walk.facts.destination) else {
        return Err(Exit::Between(DropReason::NatProtocol));
    };
    let of_vpc = vpc.is_some_and(|vpc| vpc.ipv4.iter().any(|block| block.contains(&source)));
    if !of_vpc && !planted(Defect::NatForeignSources) {
        return Err(Exit::Between(DropReason::NatForeignSource));
    }
    spend_ttl(walk, &gateway)?;
    let flow = if is_icmp_error(&walk.facts) {
        translate_error_outward(walk, &gateway).map_err(Exit::Between)?;
        None
    } else {
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
        let (_, binding) = find_quoted(walk, &gateway, &quoted, false).ok_or(unsolicited)?;
        spend_ttl(walk, &gateway)?;
        set_destination(walk, &gateway, binding.inside.address);
        translate_quoted_source(walk, binding.inside);
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
        let Endpoint { address, port } = binding.inside;
        set_destination(walk, &gateway, address);
        walk.rewrite.destination_port = Some(port);
        match walk.facts.protocol {
            protocol::ICMP => walk.facts.icmp_id = port,
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
        protocol::TCP | protocol::ICMP
            if walk.packet().fragment.is_some() && !planted(Defect::NatFragmentsPass) =>
        {
            Err(DropReason::NatFragment)
        }
        protocol::TCP => Ok(()),
        protocol::ICMP if matches!(walk.facts.icmp_kind, 0 | 8) || is_icmp_error(&walk.facts) => {
            Ok(())
        }
        _ if planted(Defect::NatProtocolsPass) => Ok(()),
        _ => Err(DropReason::NatProtocol),
    }
}

/// The gateway is a router like any other, but shows its own address (NAT-4): the private one to the VPC, the public one
/// to the internet.
fn spend_ttl(walk: &mut Walk<'_>, gateway: &Gateway<'_>) -> Result<(), Exit> {
    let own = gateway.eni.ipv4.first();
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
        return Err(walk.reset_sender(&tcp, DropReason::NatNoConnection));
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
    let (IpAddr::V4(near), IpAddr::V4(far)) = (facts.source, facts.destination) else {
        return None;
    };
    let ports = match facts.protocol {
        protocol::ICMP => (facts.icmp_id, 0),
        _ => (facts.source_port, facts.destination_port),
    };
    Some(make_query(
        gateway,
        facts.protocol,
        (near, ports.0),
        (far, ports.1),
    ))
}

fn make_query(
    gateway: &Gateway<'_>,
    protocol: u8,
    near: (Ipv4Addr, u16),
    remote: (Ipv4Addr, u16),
) -> Query {
    let endpoint = |(address, port)| Endpoint { address, port };
    Query {
        gateway: gateway.index,
        protocol,
        near: endpoint(near),
        remote: endpoint(remote),
    }
}

/// The binding of a packet that an ICMP error quotes: `returning` if the error goes out, so that what it quotes came in.
fn find_quoted(
    walk: &Walk<'_>,
    gateway: &Gateway<'_>,
    quoted: &Quoted,
    returning: bool,
) -> Option<(Handle, Binding)> {
    let (IpAddr::V4(source), IpAddr::V4(destination)) = (quoted.source, quoted.destination) else {
        return None;
    };
    let (mut near, mut remote) = (
        (source, quoted.source_port),
        (destination, quoted.destination_port),
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
    let query = make_query(gateway, quoted.protocol, near, remote);
    let found = match returning {
        true => walk.state.nat.outward(&query, walk.now),
        false => walk.state.nat.inward(&query, walk.now),
    };
    found.filter(|(_, binding)| gateway.eni.owns(binding.mapped.address.into()))
}

/// An error about an answer: it must not show who got the answer.
fn translate_error_outward(walk: &mut Walk<'_>, gateway: &Gateway<'_>) -> Result<(), DropReason> {
    let quoted = walk.quoted.ok_or(DropReason::NatUnsolicited)?;
    let found = find_quoted(walk, gateway, &quoted, true);
    let (_, binding) = found.ok_or(DropReason::NatUnsolicited)?;
    let Endpoint { address, port } = binding.mapped;
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
    translated(walk, gateway, address);
}

fn set_destination(walk: &mut Walk<'_>, gateway: &Gateway<'_>, address: Ipv4Addr) {
    walk.facts.destination = address.into();
    walk.rewrite.destination = Some(address);
    translated(walk, gateway, address);
}

fn translated(walk: &mut Walk<'_>, gateway: &Gateway<'_>, address: Ipv4Addr) {
    let decision = Decision::Translated(address.into());
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
    let near = matches!(walk.facts.destination, IpAddr::V4(to)
        if subnet.ipv4.is_some_and(|block| block.contains(&to)));
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
