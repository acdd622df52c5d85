//! The interface of a load balancer's node, around its balancing: a packet enters by the network ACL of its subnet, is
//! balanced, is routed by its subnet's table, and leaves by the ACL again; the interface records both.
//!
//! Reads: the interface, its subnet, its subnet's route table. Writes: the interface's cells and counters. Exits:
//! `ZoneLost`, `NetworkAclInbound`, `NetworkAclOutbound`, `SecurityGroupEgress`, the reasons of routing.

use std::net::{IpAddr, Ipv4Addr};

use crate::flow::{Action, Direction, TrafficPath};
use crate::ids::{EniIndex, PortId};
use crate::pipeline;
use crate::snapshot::{Eni, Subnet};
use crate::stages::deliver::Way;
use crate::stages::{network_acl, route, security_group};
use crate::table::Handle;
use crate::trace::Decision;
use crate::verdict::{DropReason, Stage};
use crate::walk::{Exit, Walk, subnet_of};

/// Routers that a packet may cross before it is taken to go in a circle of gateways.
const HOPS_MAX: u8 = 8;

/// A flow through a gateway, as the packets after the first are noted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Passage {
    pub gateway: EniIndex,
    pub binding: Handle,
    pub outward: bool,
    /// The interface's flow cells, in and out; none where the flow is not recorded.
    pub cells: [Option<Handle>; 2],
}

/// The gateway that a packet is at.
#[derive(Clone, Copy)]
pub(crate) struct Middle<'a> {
    pub index: EniIndex,
    pub eni: &'a Eni,
    pub subnet: &'a Subnet,
}

/// What a gateway has found out about a packet that it lets go on.
#[derive(Clone, Copy)]
pub(crate) struct Leaving {
    /// The flow that it belongs to; none for an error about one.
    pub binding: Option<Handle>,
    /// From the inside, or back to it.
    pub outward: bool,
    /// The cell of the interface that it was recorded in as it came; none where that is not recorded.
    pub incoming: Option<Handle>,
    /// The way in is not recorded at all.
    pub unrecorded: bool,
    /// The gateway's own groups must allow it out.
    pub ask_groups: bool,
}

impl<'a> Middle<'a> {
    pub(crate) fn of(walk: &Walk<'a>, index: EniIndex) -> Result<Middle<'a>, Exit> {
        let gone = Exit::Between(DropReason::Blackhole);
        let eni = walk.snapshot.eni(index).ok_or(gone)?;
        let subnet = subnet_of(walk.snapshot, eni).ok_or(gone)?;
        if subnet.lost {
            return Err(Exit::Between(DropReason::ZoneLost));
        }
        Ok(Middle { index, eni, subnet })
    }

    pub(crate) fn addresses(&self) -> Vec<Ipv4Addr> {
        self.eni.ipv4.iter().map(|own| own.address).collect()
    }

    /// Into the gateway's subnet, as far as its interface.
    pub(crate) fn enter(&self, walk: &mut Walk<'_>, way: Way) -> Result<(), Exit> {
        self.check_hops(walk)?;
        let count = walk.count();
        walk.state.count_wire(self.index, Direction::Ingress, count);
        if way == Way::AcrossSubnets {
            let at = PortId::Eni(self.index);
            network_acl::pass(walk, at, self.eni.subnet, Direction::Ingress)
                .map_err(|reason| Exit::Receiver(self.index, reason))?;
        }
        Ok(())
    }

    pub(crate) fn check_hops(&self, walk: &Walk<'_>) -> Result<(), Exit> {
        match walk.rewrite.hops >= HOPS_MAX {
            true => Err(Exit::Between(DropReason::RouteLoop)),
            false => Ok(()),
        }
    }

    /// Its interface's record of a packet that came in.
    pub(crate) fn accept(&self, walk: &mut Walk<'_>) -> Option<Handle> {
        walk.record(
            self.index,
            self.eni,
            Direction::Ingress,
            Action::Accept,
            None,
        )
    }

    /// A router like any other, that shows its own address (NAT-4): the private one to the VPC, the public one to the
    /// internet.
    pub(crate) fn spend_ttl(&self, walk: &mut Walk<'_>) -> Result<(), Exit> {
        let own = self.eni.ipv4.first();
        let address = own.map(|own| match walk.in_port {
            PortId::Outside(_) => own.public.unwrap_or(own.address),
            _ => own.address,
        });
        walk.spend_ttl(address.map(IpAddr::from))
    }

    /// Out of the gateway, by its subnet's route table and network ACL, to wherever the packet goes now.
    pub(crate) fn leave(&self, walk: &mut Walk<'_>, leaving: Leaving) -> Result<PortId, Exit> {
        let Middle { index, eni, subnet } = *self;
        let snapshot = walk.snapshot;
        let routed = route::decide(snapshot, index, eni, subnet, &walk.facts);
        let decision = routed.hop.map_or_else(Decision::Drop, |_| Decision::Pass);
        walk.step(Stage::Route, walk.in_port, decision, routed.rule);
        let way = route::way(snapshot, eni, &routed, &walk.facts);
        let count = walk.count();
        walk.state.count_wire(index, Direction::Egress, count);
        if leaving.ask_groups {
            self.ask_groups(walk, Direction::Egress)
                .map_err(|reason| Exit::Middle(index, reason))?;
        }
        if way == Way::AcrossSubnets {
            network_acl::pass(walk, PortId::Eni(index), eni.subnet, Direction::Egress)
                .map_err(|reason| Exit::Middle(index, reason))?;
        }
        let path: Option<TrafficPath> = routed.path();
        let outgoing = walk.record(index, eni, Direction::Egress, Action::Accept, path);
        let recorded = outgoing.is_some() && (leaving.unrecorded || leaving.incoming.is_some());
        walk.pass_nat(leaving.binding.filter(|_| recorded).map(|binding| Passage {
            gateway: index,
            binding,
            outward: leaving.outward,
            cells: [leaving.incoming, outgoing],
        }));
        // A group peer matches what comes straight from a member (SG-5).
        walk.sender = Some(index);
        let hop = routed.hop.map_err(Exit::Between)?;
        pipeline::follow(walk, hop, (index, eni), way)
    }

    /// Asks the interface's groups about a packet that begins a flow; without groups everything passes (NAT-7, EP-10).
    pub(crate) fn ask_groups(
        &self,
        walk: &mut Walk<'_>,
        direction: Direction,
    ) -> Result<(), DropReason> {
        if self.eni.security_groups.is_empty() {
            return Ok(());
        }
        let (facts, sender) = (&walk.facts, walk.sender);
        let allowed =
            security_group::evaluate(walk.snapshot, self.eni, direction, facts, sender, true);
        let at = PortId::Eni(self.index);
        match allowed {
            Some(allowed) => {
                walk.step(Stage::SecurityGroup, at, Decision::Pass, Some(allowed.rule));
                Ok(())
            }
            None => {
                let reason = match direction {
                    Direction::Ingress => DropReason::SecurityGroupIngress,
                    Direction::Egress => DropReason::SecurityGroupEgress,
                };
                walk.step(Stage::SecurityGroup, at, Decision::Drop(reason), None);
                Err(reason)
            }
        }
    }
}
