//! NAT gateways.

use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};

use crate::{
    AccountId, AllocationId, NatGatewayId, NetworkInterfaceId, SubnetId, UnixMillis, VpcId,
};

/// A NAT gateway: many private sources behind few addresses, of one subnet (`NAT-1`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NatGateway {
    pub id: NatGatewayId,
    pub owner: AccountId,
    pub vpc: VpcId,
    pub subnet: SubnetId,
    pub connectivity: NatConnectivity,
    pub state: NatGatewayState,
    pub created_at: UnixMillis,
    /// Its own interface, whose private addresses are its sources; none once it has failed or is
    /// deleted. Elastic addresses stand on those as on any interface's ([`crate::Address`]).
    pub network_interface: Option<NetworkInterfaceId>,
    /// What a failed or deleted one had, for as long as it is seen; empty while it lives.
    pub former_addresses: Vec<FormerNatAddress>,
}

impl NatGateway {
    /// Whether routes to it can carry (`RT-9`) and it counts against the quota (`NAT-2`).
    pub fn is_live(&self) -> bool {
        match self.state {
            NatGatewayState::Available => true,
            NatGatewayState::Failed { .. } | NatGatewayState::Deleted { .. } => false,
        }
    }
}

/// Where a NAT gateway leads: to the internet by Elastic addresses, or to other networks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum NatConnectivity {
    Public,
    Private,
}

impl NatConnectivity {
    /// The value on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            NatConnectivity::Public => "public",
            NatConnectivity::Private => "private",
        }
    }
}

/// The life of a NAT gateway (`NAT-2`). `pending` and `deleting` are never stored: they last no
/// longer than the answer that says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum NatGatewayState {
    Available,
    /// `NAT-3`.
    Failed {
        code: String,
        message: String,
        at: UnixMillis,
    },
    Deleted {
        at: UnixMillis,
    },
}

impl NatGatewayState {
    /// The value on the wire.
    pub fn as_str(&self) -> &'static str {
        match self {
            NatGatewayState::Available => "available",
            NatGatewayState::Failed { .. } => "failed",
            NatGatewayState::Deleted { .. } => "deleted",
        }
    }

    /// When it came to its end.
    pub fn ended_at(&self) -> Option<UnixMillis> {
        match self {
            NatGatewayState::Available => None,
            NatGatewayState::Failed { at, .. } | NatGatewayState::Deleted { at } => Some(*at),
        }
    }
}

/// An address of a NAT gateway that is no more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormerNatAddress {
    pub network_interface: Option<NetworkInterfaceId>,
    pub private_ip: Option<Ipv4Addr>,
    pub allocation: Option<AllocationId>,
    pub public_ip: Option<Ipv4Addr>,
}
