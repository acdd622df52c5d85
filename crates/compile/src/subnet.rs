//! Subnets.

use openvpc_engine::{Mac, NetworkAclIndex, RouteTableIndex, Subnet};
use openvpc_model::{Region, SubnetId};

use crate::region::Numbers;

/// Stands in for a network ACL that is not there: denies everything.
pub(crate) const CLOSED_ACL: NetworkAclIndex = NetworkAclIndex(0);
/// Stands in for a route table that is not there: leads nowhere.
pub(crate) const CLOSED_TABLE: RouteTableIndex = RouteTableIndex(0);

/// Compiles a subnet; `None` if its VPC is not there.
pub(crate) fn compile(
    region: &Region,
    subnet: &openvpc_model::Subnet,
    numbers: &Numbers,
) -> Option<Subnet> {
    let table = numbers
        .explicit_tables
        .get(&subnet.id)
        .or_else(|| numbers.main_tables.get(&subnet.vpc))
        .and_then(|id| numbers.route_tables.get(id));
    let acl = numbers.network_acls.get(&subnet.network_acl);
    Some(Subnet {
        vpc: *numbers.vpcs.get(&subnet.vpc)?,
        ipv4: subnet.cidr,
        ipv6: subnet.ipv6_cidr_blocks.first().map(|block| block.cidr),
        router_mac: router_mac(subnet.id),
        network_acl: acl.copied().unwrap_or(CLOSED_ACL),
        route_table: table.copied().unwrap_or(CLOSED_TABLE),
        lost: region.lost_zones.contains(&subnet.availability_zone),
    })
}

/// The router's Ethernet address on a subnet: made of the subnet's id, so that it survives restarts
/// as guests' ARP tables do. Interfaces begin with 02, so it can never be one of theirs.
fn router_mac(subnet: SubnetId) -> Mac {
    let text = subnet.to_string();
    // FNV-1a, 64 bits.
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    let [a, b, c, d, e, ..] = hash.to_be_bytes();
    Mac([0x06, a, b, c, d, e])
}
