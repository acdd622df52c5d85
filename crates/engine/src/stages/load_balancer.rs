//! The node of a Network Load Balancer: a TCP connection to one of its listeners goes on to a living target, always the
//! same for one five-tuple, and answers come back as from the node (EP-8 … EP-10).
//!
//! It stands at an interface of its own, without a port. Its state is the binding ([`crate::nat`]) that a NAT gateway
//! keeps too: a known one passes whatever its groups say now. Where clients' addresses are preserved, answers are caught
//! at the target's interface, whatever its route table says; else the node speaks from a port of its own, as it always
//! does for an endpoint (IP-6) and for a health check. Who calls, a target may be told by [`proxy_protocol`].
//! Reads: the node's listeners, what probes found. Writes: bindings, the node's cells and counters. Exits: the `Balancer`
//! reasons, `ErrorPortAllocation`, `SecurityGroupIngress`, those of [`crate::stages::middle`].
//! Source: Network Load Balancer guide; RFC 5382 for what is on the way after an end.

use std::net::{IpAddr, Ipv4Addr};

use openvpc_wire::packet::protocol;
use openvpc_wire::{Quoted, Transport};

use crate::flow::{Direction, TrafficPath};
use crate::identity::{self, Identity, MAC, ROUTER_MAC};
use crate::ids::{EniIndex, PortId};
use crate::nat::{Binding, Endpoint, IDLE_SECS, Mapping, Opening, Query};
use crate::snapshot::{Eni, EniKind, Listener, LoadBalancerNode};
use crate::stages::conntrack::{self, is_icmp_error};
use crate::stages::deliver::Way;
use crate::stages::local::Asker;
use crate::stages::middle::{Leaving, Middle, Passage};
use crate::stages::{network_acl, proxy_protocol, vpc_endpoint};
use crate::table::Handle;
use crate::trace::Decision;
use crate::verdict::{DropReason, Stage};
use crate::walk::{Exit, Walk};

/// How a packet reached a node.
#[derive(Clone, Copy)]
struct Arrival {
    /// The interface that the client called: the node's own, or an endpoint's.
    entrance: EniIndex,
    /// The cell that the node's interface recorded it in, which it does for no endpoint.
    incoming: Option<Handle>,
}

/// Takes a packet that is addressed to a node.
pub(crate) fn arrive(walk: &mut Walk<'_>, index: EniIndex, way: Way) -> Result<PortId, Exit> {
    let node = Middle::of(walk, index)?;
    node.enter(walk, way)?;
    if let Some(query) = query(index, walk, false)
        && let Some((handle, binding)) = walk.state.nat.inward(&query, walk.now)
    {
        let incoming = node.accept(walk);
        return back(walk, &node, (handle, binding), incoming);
    }
    if is_icmp_error(&walk.facts) {
        let incoming = node.accept(walk);
        return error(walk, &node, incoming);
    }
    from_client(walk, &node, index)
}

/// Takes a packet that an endpoint leads to a node, by the way that no record shows and no network ACL sees (IP-6).
pub(crate) fn from_endpoint(
    walk: &mut Walk<'_>,
    endpoint: EniIndex,
    node: EniIndex,
) -> Result<PortId, Exit> {
    let node = Middle::of(walk, node)?;
    node.check_hops(walk)?;
    from_client(walk, &node, endpoint)
}

/// Whether an interface is a node's.
pub(crate) fn is_at(eni: Option<&Eni>) -> bool {
    eni.is_some_and(|eni| eni.kind == EniKind::LoadBalancer)
}

/// The listeners of a node.
fn listeners<'a>(walk: &Walk<'a>, index: EniIndex) -> Result<&'a LoadBalancerNode, Exit> {
    let node = walk.snapshot.load_balancer(index);
    node.ok_or(Exit::Between(DropReason::Blackhole))
}

/// A packet of a client, by the interface that it called.
fn from_client(walk: &mut Walk<'_>, node: &Middle<'_>, entrance: EniIndex) -> Result<PortId, Exit> {
    let query = query(entrance, walk, true);
    let known = query.and_then(|query| walk.state.nat.outward(&query, walk.now));
    let known = known.filter(|(_, binding)| binding.gateway == node.index);
    let direct = entrance == node.index;
    if known.is_none() && (direct || listeners(walk, node.index)?.asks_groups_of_endpoints) {
        node.ask_groups(walk, Direction::Ingress)
            .map_err(|reason| match direct {
                true => Exit::Receiver(node.index, reason),
                // No record shows the way from an endpoint to its service.
                false => Exit::Between(reason),
            })?;
    }
    let incoming = match direct {
        true => node.accept(walk),
        false => None,
    };
    let unfit = Exit::Between(DropReason::BalancerProtocol);
    let Transport::Tcp(tcp) = walk.packet().transport else {
        return Err(unfit);
    };
    let query = query.ok_or(unfit)?;
    if walk.packet().fragment.is_some() {
        return Err(unfit);
    }
    node.spend_ttl(walk)?;
    let listener = listeners(walk, node.index)?.listener(walk.facts.destination_port);
    let Some(listener) = listener else {
        return Err(walk.reset_sender(node.index, &tcp, DropReason::BalancerNoListener));
    };
    let opens = walk.segment.is_some_and(|segment| segment.opens());
    // Data of a SYN would stand where the header belongs; its sender says it again (RFC 7413 §4.1.3).
    if opens && listener.introduces_clients && tcp.payload_len != 0 {
        return Err(unfit);
    }
    let bound = match known.filter(|(_, binding)| !(opens && is_over(walk, listener, binding))) {
        Some((handle, binding)) if is_cut_off(walk, listener, &binding) => {
            walk.state.nat.remove(handle);
            return Err(walk.reset_sender(node.index, &tcp, DropReason::BalancerNoTarget));
        }
        Some(bound) => bound,
        None if !opens => {
            return Err(walk.reset_sender(node.index, &tcp, DropReason::BalancerNoConnection));
        }
        None => {
            let opened = open(walk, node, listener, query);
            opened.map_err(|reason| walk.reset_sender(node.index, &tcp, reason))?
        }
    };
    if opens && listener.introduces_clients {
        let first = tcp.sequence.wrapping_add(1);
        walk.state.nat.introduce(bound.0, first);
    }
    let arrival = Arrival { entrance, incoming };
    let port = forward(walk, node, bound, arrival, opens)?;
    let label = listeners(walk, node.index)?.endpoint_label(entrance);
    proxy_protocol::toward_target(walk, node.index, port, (bound.0, &bound.1), label);
    Ok(port)
}

/// Whether a fresh SYN begins another connection: the old one is over, or its target no longer takes any.
fn is_over(walk: &Walk<'_>, listener: &Listener, binding: &Binding) -> bool {
    let takes = listener.targets.contains(&binding.remote)
        && walk
            .state
            .balance
            .is_healthy(binding.gateway, binding.remote);
    binding.is_closed() || !takes
}

/// Whether the connection ends since its target was found unhealthy. One that drains keeps its connections.
fn is_cut_off(walk: &Walk<'_>, listener: &Listener, binding: &Binding) -> bool {
    let healthy = walk
        .state
        .balance
        .is_healthy(binding.gateway, binding.remote);
    listener.terminates_unhealthy && !healthy && listener.targets.contains(&binding.remote)
}

/// Binds a connection to a target.
fn open(
    walk: &mut Walk<'_>,
    node: &Middle<'_>,
    listener: &Listener,
    query: Query,
) -> Result<(Handle, Binding), DropReason> {
    let facts = walk.facts;
    let chosen = walk
        .state
        .balance
        .choose(node.index, &listener.targets, &facts);
    let remote = chosen.ok_or(DropReason::BalancerNoTarget)?;
    let addresses = node.addresses();
    // Answers of a target elsewhere would not come by here, and no endpoint's client is known there (IP-6).
    let own = walk.snapshot.owner(node.eni.vpc, remote.address.into());
    let preserving = listener.preserves_client_ip && query.gateway == node.index;
    let mapping = match own.filter(|_| preserving) {
        Some(target) => Mapping::Preserved(target),
        None => Mapping::Ports(&addresses),
    };
    let opening = Opening {
        query,
        gateway: node.index,
        remote,
        mapping,
        idle_secs: listener.idle_secs,
        max: walk.state.limits.nat_flows_per_gateway_max,
    };
    let opened = walk.state.nat.balance(&opening, walk.now);
    opened.ok_or(DropReason::ErrorPortAllocation)
}

/// On to the target.
fn forward(
    walk: &mut Walk<'_>,
    node: &Middle<'_>,
    (handle, binding): (Handle, Binding),
    arrival: Arrival,
    opens: bool,
) -> Result<PortId, Exit> {
    set_destination(walk, binding.remote);
    if !binding.is_preserved() {
        set_source(walk, binding.mapped);
    }
    touch(walk, handle, true);
    let leaving = Leaving {
        binding: Some(handle),
        outward: true,
        incoming: arrival.incoming,
        unrecorded: arrival.entrance != node.index,
        ask_groups: opens,
    };
    node.leave(walk, leaving)
}

/// An answer of a target, back to whoever called.
fn back(
    walk: &mut Walk<'_>,
    node: &Middle<'_>,
    (handle, binding): (Handle, Binding),
    incoming: Option<Handle>,
) -> Result<PortId, Exit> {
    if walk.packet().fragment.is_some() {
        return Err(Exit::Between(DropReason::BalancerProtocol));
    }
    node.spend_ttl(walk)?;
    touch(walk, handle, false);
    proxy_protocol::from_target(walk, handle);
    set_source(walk, binding.front);
    set_destination(walk, binding.inside);
    if is_probe(&binding) {
        return to_prober(walk);
    }
    if binding.entrance != node.index {
        walk.pass_nat(incoming.map(|cell| Passage {
            gateway: node.index,
            binding: handle,
            outward: false,
            cells: [Some(cell), None],
        }));
        return vpc_endpoint::back_from_node(walk, binding.entrance, node.index);
    }
    let leaving = Leaving {
        binding: Some(handle),
        outward: false,
        incoming,
        unrecorded: false,
        ask_groups: false,
    };
    node.leave(walk, leaving)
}

/// An answer to a preserved address, as it leaves its target's interface.
#[derive(Clone, Copy)]
pub(crate) struct Preserved {
    handle: Handle,
    binding: Binding,
}

/// Whether a packet that an interface sends is such an answer.
pub(crate) fn preserved(walk: &Walk<'_>, index: EniIndex) -> Option<Preserved> {
    if walk.state.nat.has_no_preserved() || walk.facts.protocol != protocol::TCP {
        return None;
    }
    let query = query(index, walk, false)?;
    let (handle, binding) = walk.state.nat.preserved(&query, walk.now)?;
    let node = walk.snapshot.eni(binding.gateway)?;
    (node.kind == EniKind::LoadBalancer).then_some(Preserved { handle, binding })
}

/// Takes such an answer out of the target's subnet and into the node's, where it becomes one of the node.
pub(crate) fn back_from_target(
    walk: &mut Walk<'_>,
    asker: &Asker<'_>,
    answer: Preserved,
) -> Result<PortId, Exit> {
    let Asker { index, eni, .. } = *asker;
    let Preserved { handle, binding } = answer;
    let node = Middle::of(walk, binding.gateway)?;
    let admission = conntrack::admit(walk, index, eni, Direction::Egress).map_err(Exit::Sender)?;
    walk.sender = Some(index);
    let way = match node.eni.subnet == eni.subnet {
        true => Way::SameSubnet,
        false => Way::AcrossSubnets,
    };
    if way == Way::AcrossSubnets {
        network_acl::pass(walk, walk.in_port, eni.subnet, Direction::Egress)
            .map_err(Exit::Sender)?;
    }
    let path = Some(TrafficPath::SameVpc);
    walk.accept(index, eni, Direction::Egress, admission, path);
    node.enter(walk, way)?;
    let incoming = node.accept(walk);
    back(walk, &node, (handle, binding), incoming)
}

/// An ICMP error about a flow: it must show each side the other as it knows it.
fn error(walk: &mut Walk<'_>, node: &Middle<'_>, incoming: Option<Handle>) -> Result<PortId, Exit> {
    let unsolicited = Exit::Between(DropReason::BalancerUnsolicited);
    let quoted = walk.quoted.ok_or(unsolicited)?;
    let (near, far) = quoted_ends(&quoted).ok_or(unsolicited)?;
    let ask = |near, remote| Query {
        gateway: node.index,
        protocol: quoted.protocol,
        near,
        inside: None,
        remote,
    };
    // About what the node sent to a target, or about what it sent to a client.
    let about_request = walk.state.nat.inward(&ask(near, far), walk.now);
    let about_answer = || walk.state.nat.outward(&ask(far, near), walk.now);
    let (binding, from_target) = match about_request {
        Some((_, binding)) => (binding, true),
        None => (about_answer().ok_or(unsolicited)?.1, false),
    };
    // The other side of an endpoint is told nothing (IP-5).
    if is_probe(&binding) || binding.entrance != node.index {
        return Err(unsolicited);
    }
    node.spend_ttl(walk)?;
    let (source, destination, near, far) = match from_target {
        true => (binding.front, binding.inside, binding.inside, binding.front),
        false => (
            binding.mapped,
            binding.remote,
            binding.remote,
            binding.mapped,
        ),
    };
    set_addresses(walk, source.address, destination.address);
    set_quoted(walk, near, far);
    let leaving = Leaving {
        binding: None,
        outward: !from_target,
        incoming,
        unrecorded: false,
        ask_groups: false,
    };
    node.leave(walk, leaving)
}

/// Takes a packet of the daemon's probes to the target that its destination stands for.
pub(crate) fn probe(walk: &mut Walk<'_>, target: Identity) -> Result<PortId, Exit> {
    let unknown = Exit::Between(DropReason::UnknownIdentity);
    walk.repeatable = false;
    let Transport::Tcp(_) = walk.packet().transport else {
        return Err(unknown);
    };
    listeners(walk, target.eni).map_err(|_| unknown)?;
    let node = Middle::of(walk, target.eni)?;
    node.check_hops(walk)?;
    let query = query(node.index, walk, true).ok_or(unknown)?;
    let IpAddr::V4(address) = target.source else {
        return Err(unknown);
    };
    let opens = walk.segment.is_some_and(|segment| segment.opens());
    let bound = match walk.state.nat.outward(&query, walk.now) {
        Some((_, binding)) if opens && binding.is_closed() => None,
        bound => bound,
    };
    let bound = match bound {
        Some(bound) => bound,
        None if !opens => return Err(Exit::Between(DropReason::BalancerNoConnection)),
        None => {
            let opening = Opening {
                query,
                gateway: node.index,
                remote: Endpoint {
                    address,
                    port: query.remote.port,
                },
                mapping: Mapping::Ports(&node.addresses()),
                idle_secs: IDLE_SECS,
                max: walk.state.limits.nat_flows_per_gateway_max,
            };
            let opened = walk.state.nat.balance(&opening, walk.now);
            opened.ok_or(Exit::Between(DropReason::ErrorPortAllocation))?
        }
    };
    let arrival = Arrival {
        // Not recorded: it comes from nowhere in the VPC.
        entrance: node.index,
        incoming: None,
    };
    forward(walk, &node, bound, arrival, opens)
}

/// A flow that the daemon's probes began: its front is the internal address of the identity that names the target.
fn is_probe(binding: &Binding) -> bool {
    identity::is_internal(binding.front.address.into())
}

fn to_prober(walk: &mut Walk<'_>) -> Result<PortId, Exit> {
    let port = PortId::Services;
    if !walk.state.attached.contains(&port) {
        return Err(Exit::Between(DropReason::ReceiverNotAttached));
    }
    walk.repeatable = false;
    walk.rewrite.macs = Some((MAC, ROUTER_MAC));
    walk.step(Stage::Deliver, port, Decision::Pass, None);
    Ok(port)
}

/// What a TCP packet asks the bindings: its near end is the source on the way out, the destination on the way back.
fn query(gateway: EniIndex, walk: &Walk<'_>, outward: bool) -> Option<Query> {
    let facts = match outward {
        true => walk.facts,
        false => walk.facts.reversed(),
    };
    let (IpAddr::V4(near), IpAddr::V4(remote)) = (facts.source, facts.destination) else {
        return None;
    };
    let endpoint = |address, port| Endpoint { address, port };
    (facts.protocol == protocol::TCP).then_some(Query {
        gateway,
        protocol: protocol::TCP,
        near: endpoint(near, facts.source_port),
        inside: None,
        remote: endpoint(remote, facts.destination_port),
    })
}

fn quoted_ends(quoted: &Quoted) -> Option<(Endpoint, Endpoint)> {
    let (IpAddr::V4(source), IpAddr::V4(destination)) = (quoted.source, quoted.destination) else {
        return None;
    };
    let endpoint = |address, port| Endpoint { address, port };
    let tcp = quoted.protocol == protocol::TCP;
    tcp.then_some((
        endpoint(source, quoted.source_port),
        endpoint(destination, quoted.destination_port),
    ))
}

fn set_source(walk: &mut Walk<'_>, source: Endpoint) {
    walk.facts.source = source.address.into();
    walk.facts.source_port = source.port;
    walk.rewrite.source = Some(source.address);
    walk.rewrite.source_port = Some(source.port);
    translated(walk, source.address);
}

fn set_destination(walk: &mut Walk<'_>, destination: Endpoint) {
    walk.facts.destination = destination.address.into();
    walk.facts.destination_port = destination.port;
    walk.rewrite.destination = Some(destination.address);
    walk.rewrite.destination_port = Some(destination.port);
    translated(walk, destination.address);
}

fn set_addresses(walk: &mut Walk<'_>, source: Ipv4Addr, destination: Ipv4Addr) {
    (walk.facts.source, walk.facts.destination) = (source.into(), destination.into());
    (walk.rewrite.source, walk.rewrite.destination) = (Some(source), Some(destination));
    translated(walk, destination);
}

/// The quoted packet's ends.
fn set_quoted(walk: &mut Walk<'_>, source: Endpoint, destination: Endpoint) {
    let rewrite = &mut walk.quoted_rewrite;
    (rewrite.source, rewrite.source_port) = (Some(source.address), Some(source.port));
    rewrite.destination = Some(destination.address);
    rewrite.destination_port = Some(destination.port);
    if let Some(quoted) = &mut walk.quoted {
        (quoted.source, quoted.source_port) = (source.address.into(), source.port);
        quoted.destination = destination.address.into();
        quoted.destination_port = destination.port;
    }
}

fn translated(walk: &mut Walk<'_>, address: Ipv4Addr) {
    let decision = Decision::Translated(address.into());
    walk.step(Stage::LoadBalancer, walk.in_port, decision, None);
}

fn touch(walk: &mut Walk<'_>, handle: Handle, outward: bool) {
    let flags = walk.segment.map_or(0, |segment| segment.tcp.flags);
    walk.state.nat.touch(handle, outward, flags, walk.now);
}
