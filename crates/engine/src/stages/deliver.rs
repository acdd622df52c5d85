//! Delivery to an interface: the receiver's half of the walk (00 §12, steps 7–9).
//!
//! Reads: the receiver's interface and subnet. Writes: its flow state, cells, counters. Exits: `ReceiverNotAttached`,
//! `ZoneLost`, `NetworkAclInbound`, the conntrack and security-group reasons, `DestinationCheck`.

use crate::defects::{Defect, planted};
use crate::flow::Direction;
use crate::ids::{EniIndex, PortId};
use crate::snapshot::EniKind;
use crate::stages::{conntrack, load_balancer, nat_gateway, network_acl, vpc_endpoint};
use crate::trace::Decision;
use crate::verdict::{DropReason, Stage};
use crate::walk::{Exit, Walk, subnet_of};

/// How the packet reaches the receiver's subnet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// The sender addressed it to the receiver's Ethernet address.
    SameLink,
    /// By the router, from the same subnet.
    SameSubnet,
    /// By the router, from another subnet or from a gateway.
    AcrossSubnets,
}

/// Judges the packet at the receiver and plans its hand-over.
pub(crate) fn to_interface(walk: &mut Walk<'_>, index: EniIndex, way: Way) -> Result<PortId, Exit> {
    let snapshot = walk.snapshot;
    let absent = Exit::Between(DropReason::ReceiverNotAttached);
    let eni = snapshot.eni(index).ok_or(absent)?;
    let port = PortId::Eni(index);
    match eni.kind {
        EniKind::NatGateway => return nat_gateway::arrive(walk, index, way),
        EniKind::LoadBalancer => return load_balancer::arrive(walk, index, way),
        EniKind::Port if !walk.state.attached.contains(&port) => return Err(absent),
        EniKind::Port | EniKind::VpcEndpoint(_) => {}
    }
    let subnet = subnet_of(snapshot, eni).ok_or(absent)?;
    if subnet.lost {
        return Err(Exit::Between(DropReason::ZoneLost));
    }
    walk.state
        .count_wire(index, Direction::Ingress, walk.count());
    if way == Way::AcrossSubnets || planted(Defect::AclWithinSubnet) {
        let refused = |reason| Exit::Receiver(index, reason);
        network_acl::pass(walk, port, eni.subnet, Direction::Ingress).map_err(refused)?;
    }
    let admission = conntrack::admit(walk, index, eni, Direction::Ingress)
        .map_err(|reason| Exit::Receiver(index, reason))?;
    if eni.source_dest_check
        && !eni.owns(walk.facts.destination)
        && !planted(Defect::DestinationCheckSkipped)
    {
        let reason = DropReason::DestinationCheck;
        walk.step(Stage::Deliver, port, Decision::Drop(reason), None);
        return Err(Exit::Receiver(index, reason));
    }
    walk.accept(index, eni, Direction::Ingress, admission, None);
    if let EniKind::VpcEndpoint(backend) = eni.kind {
        return vpc_endpoint::onward(walk, index, backend);
    }
    if way != Way::SameLink {
        walk.rewrite.macs = Some((eni.mac, subnet.router_mac));
    }
    walk.step(Stage::Deliver, port, Decision::Pass, None);
    Ok(port)
}
