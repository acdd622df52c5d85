//! VPCs and their address blocks.

use ipnet::{Ipv4Net, Ipv6Net};
use serde::{Deserialize, Serialize};

use crate::{AccountId, DhcpOptionsId, VpcCidrAssociationId, VpcId};

/// A virtual private cloud. AWS: VPC user guide, "VPC basics".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vpc {
    pub id: VpcId,
    pub owner: AccountId,
    /// IPv4 blocks, the primary first; never empty (`VPC-6`).
    pub cidr_blocks: Vec<VpcCidrBlock>,
    /// IPv6 blocks, each a /56 (`VPC-5`).
    pub ipv6_cidr_blocks: Vec<VpcIpv6CidrBlock>,
    /// The DHCP options in force; `None` after association with `default` (`DHCP-2`).
    pub dhcp_options: Option<DhcpOptionsId>,
    pub is_default: bool,
    pub enable_dns_support: bool,
    pub enable_dns_hostnames: bool,
    pub enable_network_address_usage_metrics: bool,
    /// `default` or `dedicated`: kept and echoed, without effect here.
    pub instance_tenancy: String,
}

impl Vpc {
    /// The block given at creation. The resolver sits at its base plus two.
    pub fn primary_cidr(&self) -> Ipv4Net {
        self.cidr_blocks[0].cidr
    }
}

/// One IPv4 block of a VPC, in canonical form (no host bits).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VpcCidrBlock {
    pub association_id: VpcCidrAssociationId,
    pub cidr: Ipv4Net,
}

/// One IPv6 block of a VPC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VpcIpv6CidrBlock {
    pub association_id: VpcCidrAssociationId,
    pub cidr: Ipv6Net,
}
