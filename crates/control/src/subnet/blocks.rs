//! The address blocks of a subnet: where they fit, and IPv6 blocks that come and go (`SUB-1`).

use ipnet::{Ipv4Net, Ipv6Net};
use openvpc_ec2::Error;
use openvpc_model::*;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Cx;
use crate::ids::{not_found, parse_id};
use crate::request::{ipv4_cidr, ipv6_cidr, overlap, required, unsupported};

/// The one length of a subnet's IPv6 block (`SUB-1`).
const IPV6_PREFIX: u8 = 64;

/// Reads a block that fits into the VPC and beside its other subnets (`SUB-1`).
pub fn subnet_cidr(cx: &Cx, vpc: &Vpc, text: &str) -> Result<Ipv4Net, Error> {
    let cidr = ipv4_cidr(text, "cidrBlock")?;
    let inside = vpc.cidr_blocks.iter().any(|b| b.cidr.contains(&cidr));
    if !(16..=28).contains(&cidr.prefix_len()) || !inside {
        return Err(Error::invalid_subnet_range(text));
    }
    let siblings = cx.all::<Subnet>().filter(|s| s.vpc == vpc.id);
    match siblings
        .filter_map(|s| s.cidr)
        .any(|known| overlap(known, cidr))
    {
        true => Err(Error::invalid_subnet_conflict(text)),
        false => Ok(cidr),
    }
}

/// The same for IPv6: a /64 out of a block of the VPC.
pub fn subnet_ipv6_cidr(cx: &Cx, vpc: &Vpc, text: &str) -> Result<Ipv6Net, Error> {
    let cidr = ipv6_cidr(text, "ipv6CidrBlock")?;
    let inside = vpc.ipv6_cidr_blocks.iter().any(|b| b.cidr.contains(&cidr));
    if cidr.prefix_len() != IPV6_PREFIX || !inside {
        return Err(Error::invalid_subnet_range(text));
    }
    let siblings = cx.all::<Subnet>().filter(|s| s.vpc == vpc.id);
    let taken = siblings
        .flat_map(|s| &s.ipv6_cidr_blocks)
        .any(|b| b.cidr == cidr);
    match taken {
        true => Err(Error::invalid_subnet_conflict(text)),
        false => Ok(cidr),
    }
}

pub fn render_block(block: &SubnetIpv6CidrBlock, state: &str) -> Value {
    json!({
        "AssociationId": block.association_id,
        "Ipv6CidrBlock": block.cidr,
        "Ipv6CidrBlockState": {"State": state},
    })
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct AssociateSubnetCidrBlockRequest {
    subnet_id: Option<String>,
    ipv6_cidr_block: Option<String>,
    ipv6_ipam_pool_id: Option<String>,
    ipv6_netmask_length: Option<i64>,
}

/// Gives a subnet its one IPv6 block.
pub fn associate_subnet_cidr_block(
    cx: &mut Cx,
    req: AssociateSubnetCidrBlockRequest,
) -> Result<Value, Error> {
    unsupported(&req.ipv6_ipam_pool_id, "Ipv6IpamPoolId")?;
    unsupported(&req.ipv6_netmask_length, "Ipv6NetmaskLength")?;
    let mut subnet = cx
        .find::<Subnet>(required(&req.subnet_id, "subnetId")?)?
        .clone();
    let vpc = cx.get::<Vpc>(subnet.vpc).ok_or_else(Error::internal)?;
    let cidr = subnet_ipv6_cidr(cx, vpc, required(&req.ipv6_cidr_block, "ipv6CidrBlock")?)?;
    if !subnet.ipv6_cidr_blocks.is_empty() {
        return Err(Error::new(
            "CidrLimitExceeded",
            format!("The subnet '{}' already has an IPv6 CIDR block.", subnet.id),
        ));
    }
    let association_id = cx.new_id();
    let block = SubnetIpv6CidrBlock {
        association_id,
        cidr,
    };
    let answer = json!({
        "SubnetId": subnet.id,
        "Ipv6CidrBlockAssociation": render_block(&block, "associating"),
    });
    subnet.ipv6_cidr_blocks.push(block);
    cx.put(subnet);
    Ok(answer)
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct DisassociateSubnetCidrBlockRequest {
    association_id: Option<String>,
}

/// Takes an IPv6 block away, unless an interface has an address of it, or the subnet no other block.
pub fn disassociate_subnet_cidr_block(
    cx: &mut Cx,
    req: DisassociateSubnetCidrBlockRequest,
) -> Result<Value, Error> {
    let text = required(&req.association_id, "associationId")?;
    let id = parse_id::<SubnetCidrAssociationId>(text)?;
    let holds = |s: &Subnet| {
        s.ipv6_cidr_blocks
            .iter()
            .position(|b| b.association_id == id)
    };
    let mut subnet = cx
        .own::<Subnet>()
        .find(|s| holds(s).is_some())
        .cloned()
        .ok_or_else(|| not_found::<SubnetCidrAssociationId>(text))?;
    if subnet.is_ipv6_only() {
        return Err(Error::operation_not_permitted(format!(
            "The IPv6 CIDR block of the IPv6-only subnet '{}' cannot be disassociated.",
            subnet.id
        )));
    }
    let n = holds(&subnet).unwrap_or_default();
    let block = subnet.ipv6_cidr_blocks.remove(n);
    let in_use = cx
        .all::<NetworkInterface>()
        .filter(|eni| eni.subnet == subnet.id)
        .any(|eni| eni.ipv6_addresses.iter().any(|ip| block.cidr.contains(ip)));
    if in_use {
        return Err(Error::dependency(format!(
            "The subnet CIDR block with association ID {text} has addresses in use and cannot be disassociated."
        )));
    }
    subnet.assign_ipv6_address_on_creation = false;
    let answer = json!({
        "SubnetId": subnet.id,
        "Ipv6CidrBlockAssociation": render_block(&block, "disassociating"),
    });
    cx.put(subnet);
    Ok(answer)
}
