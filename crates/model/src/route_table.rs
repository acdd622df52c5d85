//! Route tables, their routes and whom they serve.

use std::fmt;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use serde::{Deserialize, Serialize};

use crate::{
    AccountId, EgressOnlyInternetGatewayId, InternetGatewayId, NatGatewayId, NetworkInterfaceId,
    PrefixListId, RouteTableAssociationId, RouteTableId, SubnetId, VpcEndpointId, VpcId,
    VpcPeeringConnectionId,
};

/// A route table. AWS: VPC user guide, "Route table concepts".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteTable {
    pub id: RouteTableId,
    pub owner: AccountId,
    pub vpc: VpcId,
    /// Destinations are unique; `local` routes are kept like any other (`RT-1`).
    pub routes: Vec<Route>,
    pub associations: Vec<RouteTableAssociation>,
}

impl RouteTable {
    /// Whether subnets without an association of their own use this table (`RT-11`).
    pub fn is_main(&self) -> bool {
        self.associations
            .iter()
            .any(|a| a.target == AssociationTarget::Main)
    }

    /// Whether it steers what comes in by an internet gateway (`RT-12`).
    pub fn is_edge(&self) -> bool {
        self.associations
            .iter()
            .any(|a| matches!(a.target, AssociationTarget::InternetGateway(_)))
    }
}

/// One route.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    pub destination: RouteDestination,
    pub target: RouteTarget,
    pub origin: RouteOrigin,
}

/// What a route matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum RouteDestination {
    Ipv4(Ipv4Net),
    Ipv6(Ipv6Net),
    /// Every block of the list (`PL-3`).
    PrefixList(PrefixListId),
}

impl RouteDestination {
    /// The destination as a network of either family; none for a list.
    pub fn network(self) -> Option<IpNet> {
        match self {
            RouteDestination::Ipv4(net) => Some(IpNet::V4(net)),
            RouteDestination::Ipv6(net) => Some(IpNet::V6(net)),
            RouteDestination::PrefixList(_) => None,
        }
    }
}

impl fmt::Display for RouteDestination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RouteDestination::Ipv4(net) => net.fmt(f),
            RouteDestination::Ipv6(net) => net.fmt(f),
            RouteDestination::PrefixList(id) => id.fmt(f),
        }
    }
}

/// Where a route leads. A target that no longer exists makes the route a blackhole (`RT-9`);
/// that is derived from the region, never stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum RouteTarget {
    Local,
    InternetGateway(InternetGatewayId),
    NetworkInterface(NetworkInterfaceId),
    NatGateway(NatGatewayId),
    /// IPv6 only (`EO-7`).
    EgressOnlyInternetGateway(EgressOnlyInternetGatewayId),
    VpcPeeringConnection(VpcPeeringConnectionId),
    /// A gateway endpoint; such a route comes and goes with it (`GE-3`).
    VpcEndpoint(VpcEndpointId),
}

/// How a route came to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RouteOrigin {
    CreateRouteTable,
    CreateRoute,
    EnableVgwRoutePropagation,
}

/// Whom a route table serves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteTableAssociation {
    pub id: RouteTableAssociationId,
    pub target: AssociationTarget,
}

/// The kinds of association.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum AssociationTarget {
    /// All subnets of the VPC without an association of their own.
    Main,
    Subnet(SubnetId),
    /// An edge table (`RT-12`).
    InternetGateway(InternetGatewayId),
}
