//! VPC peering connections.

use serde::{Deserialize, Serialize};

use crate::{AccountId, Region, UnixMillis, VpcId, VpcPeeringConnectionId};

/// A connection between two VPCs, which may be of two accounts and of two regions. It stands in the tables of both
/// regions ([`crate::World::apply`]).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VpcPeeringConnection {
    pub id: VpcPeeringConnectionId,
    /// The requester's account.
    pub owner: AccountId,
    pub requester: PeeringEnd,
    pub accepter_owner: AccountId,
    pub accepter: PeeringEnd,
    pub status: PeeringStatus,
    pub requested_at: UnixMillis,
    /// When it came to the status it has.
    pub status_at: UnixMillis,
}

/// One of the two VPCs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeeringEnd {
    pub vpc: VpcId,
    pub region: String,
    /// Whether public names of this VPC's hosts lead to their private addresses when the other VPC asks (`PCX-20`).
    pub allow_dns_resolution_from_remote_vpc: bool,
}

/// The life of a connection. `initiating-request` and `provisioning` are never stored: they last no longer than the
/// answer that says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum PeeringStatus {
    PendingAcceptance,
    Active,
    /// `PCX-3`.
    Failed,
    /// `PCX-10`.
    Expired,
    Rejected,
    Deleted {
        by: AccountId,
    },
}

impl PeeringStatus {
    /// The code on the wire.
    pub fn as_str(&self) -> &'static str {
        match self {
            PeeringStatus::PendingAcceptance => "pending-acceptance",
            PeeringStatus::Active => "active",
            PeeringStatus::Failed => "failed",
            PeeringStatus::Expired => "expired",
            PeeringStatus::Rejected => "rejected",
            PeeringStatus::Deleted { .. } => "deleted",
        }
    }

    /// Whether it carries or may come to carry packets: what keeps another one between the same VPCs out (`PCX-5`).
    pub fn is_live(&self) -> bool {
        matches!(
            self,
            PeeringStatus::PendingAcceptance | PeeringStatus::Active
        )
    }
}

impl VpcPeeringConnection {
    pub fn is_active(&self) -> bool {
        self.status == PeeringStatus::Active
    }

    /// Whether it is one of the two VPCs' own.
    pub fn joins(&self, one: VpcId, other: VpcId) -> bool {
        self.far_end(one).is_some_and(|far| far.vpc == other)
    }

    /// The other end, seen from a VPC.
    pub fn far_end(&self, near: VpcId) -> Option<&PeeringEnd> {
        match near {
            _ if near == self.requester.vpc => Some(&self.accepter),
            _ if near == self.accepter.vpc => Some(&self.requester),
            _ => None,
        }
    }

    pub fn is_between_regions(&self) -> bool {
        self.requester.region != self.accepter.region
    }
}

impl Region {
    /// The active connection between two VPCs.
    pub fn active_peering(&self, one: VpcId, other: VpcId) -> Option<&VpcPeeringConnection> {
        let mut all = self.vpc_peering_connections.values();
        all.find(|connection| connection.is_active() && connection.joins(one, other))
    }
}
