//! Routing: where a packet goes that its sender gave to the router, or straight to a neighbour (RT-2, RT-9, RT-10).
//!
//! Reads: the sender's subnet, its route table, the owners of addresses. Exits: `NoRoute`, `Blackhole`, `NoSuchHost`,
//! `RouteLoop`, all after the sender's interface accepted the packet; `UnknownMac`, `Multicast` before.

use openvpc_wire::Mac;

use crate::facts::Facts;
use crate::flow::TrafficPath;
use crate::ids::{EniIndex, GatewayId, RuleRef};
use crate::route::{Peering, Target};
use crate::snapshot::{Eni, EniKind, Snapshot, Subnet};
use crate::stages::deliver::Way;
use crate::stages::{egress_only_internet_gateway, load_balancer, vpc_endpoint};
use crate::verdict::DropReason;

/// To whom the sender addressed the frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Addressee {
    /// To a neighbour by its own Ethernet address: the frame stays as it is.
    Neighbour(EniIndex),
    /// To the router, for a neighbour: no route table, no network ACL.
    NeighbourByRouter(EniIndex),
    /// To the router, for elsewhere.
    Router,
}

/// The next interface, or the internet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hop {
    Interface(EniIndex),
    Internet,
    EgressOnly(GatewayId),
    /// The NAT gateway at this interface.
    Nat(EniIndex),
    Peering(Peering),
    GatewayEndpoint(GatewayId),
}

/// A route table's answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Routed {
    pub hop: Result<Hop, DropReason>,
    pub rule: Option<RuleRef>,
}

impl Routed {
    /// What the sender's flow record says about the way.
    pub(crate) fn path(&self) -> Option<TrafficPath> {
        match self.hop {
            Ok(Hop::Interface(_) | Hop::Nat(_)) => Some(TrafficPath::SameVpc),
            Ok(Hop::Internet | Hop::EgressOnly(_)) => Some(TrafficPath::InternetGateway),
            Ok(Hop::GatewayEndpoint(_)) => Some(TrafficPath::GatewayEndpoint),
            Ok(Hop::Peering(peering)) => Some(match peering.between_regions {
                true => TrafficPath::PeeringCrossRegion,
                false => TrafficPath::Peering,
            }),
            Err(_) => None,
        }
    }

    /// SG-7: whether something on the way keeps flows, so that the sender's must be tracked.
    pub(crate) fn keeps_flows(&self, snapshot: &Snapshot, facts: &Facts) -> bool {
        match self.hop {
            Ok(Hop::EgressOnly(_) | Hop::Nat(_)) => true,
            Ok(Hop::Interface(next)) => is_tracking(snapshot.eni(next)),
            Ok(Hop::Peering(peering)) => {
                let owner = snapshot.owner(peering.far, facts.destination);
                owner.is_some_and(|owner| is_tracking(snapshot.eni(owner)))
            }
            Ok(Hop::Internet | Hop::GatewayEndpoint(_)) | Err(_) => false,
        }
    }
}

/// Whether flows to an interface are tracked at their sender's whatever the rules say (SG-7).
pub(crate) fn is_tracking(eni: Option<&Eni>) -> bool {
    vpc_endpoint::is_at(eni) || load_balancer::is_at(eni)
}

/// How a packet that begins at the interface of a gateway or endpoint reaches the next one: what stays in the subnet passes
/// no edge of it.
pub(crate) fn way(snapshot: &Snapshot, eni: &Eni, routed: &Routed, facts: &Facts) -> Way {
    let owner = snapshot.owner(eni.vpc, facts.destination);
    let near = |next| {
        let next = snapshot.eni(next);
        next.is_some_and(|next| next.subnet == eni.subnet)
    };
    match routed.hop {
        Ok(Hop::Interface(next)) if owner == Some(next) && near(next) => Way::SameSubnet,
        _ => Way::AcrossSubnets,
    }
}

/// Reads the Ethernet destination.
pub(crate) fn addressee(
    snapshot: &Snapshot,
    index: EniIndex,
    eni: &Eni,
    subnet: &Subnet,
    destination_mac: Mac,
    facts: &Facts,
) -> Result<Addressee, DropReason> {
    if destination_mac == subnet.router_mac {
        let owner = snapshot.owner(eni.vpc, facts.destination);
        let near = |owner: &EniIndex| {
            snapshot
                .eni(*owner)
                .is_some_and(|owner| owner.subnet == eni.subnet)
        };
        return Ok(match owner.filter(near) {
            Some(owner) if owner != index => Addressee::NeighbourByRouter(owner),
            _ => Addressee::Router,
        });
    }
    if destination_mac.is_group() {
        return Err(DropReason::Multicast);
    }
    match snapshot.by_mac(eni.subnet, destination_mac) {
        Some(neighbour) if neighbour != index => Ok(Addressee::Neighbour(neighbour)),
        _ => Err(DropReason::UnknownMac),
    }
}

/// Asks the route table of the sender's subnet.
pub(crate) fn decide(
    snapshot: &Snapshot,
    index: EniIndex,
    eni: &Eni,
    subnet: &Subnet,
    facts: &Facts,
) -> Routed {
    let table = snapshot.parts().route_tables.get(subnet.route_table);
    let Some(route) = table.and_then(|table| table.lookup(facts.destination)) else {
        return Routed {
            hop: Err(DropReason::NoRoute),
            rule: None,
        };
    };
    let hop = match route.target {
        Target::Local => match snapshot.owner(eni.vpc, facts.destination) {
            Some(owner) if owner == index => Err(DropReason::RouteLoop),
            Some(owner) => Ok(Hop::Interface(owner)),
            None => Err(DropReason::NoSuchHost),
        },
        Target::NetworkInterface(next) if next == index => Err(DropReason::RouteLoop),
        Target::NetworkInterface(next) => match snapshot.eni(next) {
            Some(target) if target.vpc == eni.vpc => Ok(Hop::Interface(next)),
            _ => Err(DropReason::Blackhole),
        },
        Target::NatGateway(next) if next == index => Err(DropReason::RouteLoop),
        Target::NatGateway(next) => match snapshot.eni(next) {
            Some(gateway) if gateway.vpc == eni.vpc && gateway.kind == EniKind::NatGateway => {
                Ok(Hop::Nat(next))
            }
            _ => Err(DropReason::Blackhole),
        },
        Target::InternetGateway => Ok(Hop::Internet),
        Target::Peering(peering) => Ok(Hop::Peering(peering)),
        Target::GatewayEndpoint(endpoint) => Ok(Hop::GatewayEndpoint(endpoint)),
        Target::EgressOnlyInternetGateway(gateway)
            if facts.destination.is_ipv6()
                && egress_only_internet_gateway::exists(snapshot, eni.vpc, gateway) =>
        {
            Ok(Hop::EgressOnly(gateway))
        }
        Target::EgressOnlyInternetGateway(_) | Target::Blackhole => Err(DropReason::Blackhole),
    };
    Routed {
        hop,
        rule: Some(route.reference),
    }
}
