//! Elastic IP addresses.

use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};

use crate::{AccountId, AddressAssociationId, AllocationId, NetworkInterfaceId};

/// An Elastic IP address (`EIP-1`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    pub id: AllocationId,
    pub owner: AccountId,
    pub public_ip: Ipv4Addr,
    pub association: Option<AddressAssociation>,
}

/// The private address that an Elastic IP address stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddressAssociation {
    pub id: AddressAssociationId,
    pub network_interface: NetworkInterfaceId,
    pub private_ip: Ipv4Addr,
}
