//! Parts of a subnet that addresses are not picked from.

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use crate::{AccountId, SubnetCidrReservationId, SubnetId};

/// A subnet CIDR reservation. AWS: VPC user guide, "Subnet CIDR reservations".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubnetCidrReservation {
    pub id: SubnetCidrReservationId,
    pub owner: AccountId,
    pub subnet: SubnetId,
    /// Inside one block of the subnet; no two reservations of a subnet overlap.
    pub cidr: IpNet,
    pub kind: ReservationKind,
    pub description: Option<String>,
}

/// What a reservation keeps its addresses for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ReservationKind {
    /// For prefixes of interfaces.
    Prefix,
    /// For interfaces that name their address.
    Explicit,
}

impl ReservationKind {
    /// The value on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            ReservationKind::Prefix => "prefix",
            ReservationKind::Explicit => "explicit",
        }
    }
}
