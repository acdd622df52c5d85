//! Subnets.

use std::net::Ipv4Addr;

use ipnet::{Ipv4Net, Ipv6Net};
use serde::{Deserialize, Serialize};

use crate::{
    AccountId, NetworkAclAssociationId, NetworkAclId, SubnetCidrAssociationId, SubnetId, VpcId,
};

/// A subnet: a range of a VPC's addresses in exactly one availability zone (`SUB-4`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subnet {
    pub id: SubnetId,
    pub owner: AccountId,
    pub vpc: VpcId,
    /// None if it is IPv6-only; then its one IPv6 block stays.
    pub cidr: Option<Ipv4Net>,
    pub ipv6_cidr_blocks: Vec<SubnetIpv6CidrBlock>,
    /// Zone name, such as `us-east-1a`.
    pub availability_zone: String,
    /// Every subnet has exactly one network ACL; which one is kept here.
    pub network_acl: NetworkAclId,
    pub network_acl_association: NetworkAclAssociationId,
    pub default_for_az: bool,
    pub map_public_ip_on_launch: bool,
    pub assign_ipv6_address_on_creation: bool,
    pub enable_dns64: bool,
    /// `ip-name` or `resource-name`.
    pub private_dns_hostname_type: String,
    pub enable_resource_name_dns_a_record: bool,
    pub enable_resource_name_dns_aaaa_record: bool,
}

impl Subnet {
    /// Whether no interface in it has an IPv4 address (`ipv6Native`).
    pub fn is_ipv6_only(&self) -> bool {
        self.cidr.is_none()
    }

    /// Whether one of its interfaces could have an IPv4 address.
    pub fn contains(&self, address: Ipv4Addr) -> bool {
        self.cidr.is_some_and(|cidr| cidr.contains(&address))
    }
}

/// One IPv6 block of a subnet, a /64.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubnetIpv6CidrBlock {
    pub association_id: SubnetCidrAssociationId,
    pub cidr: Ipv6Net,
}
