//! The address blocks of a VPC: the primary, secondary ones, IPv6 (`VPC-1`, `VPC-2`, `VPC-5` to `VPC-8`).

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;
use openvpc_ec2::Error;
use openvpc_model::*;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Cx;
use crate::defaults;
use crate::ids::{not_found, parse_id};
use crate::pools;
use crate::request::{ipv4_cidr, ipv6_cidr, overlap, required, unsupported};
use crate::vpc_peering_connection;

/// What a VPC's block may never touch: this network, loopback, link-local, multicast.
const NEVER: [Ipv4Net; 4] = [
    Ipv4Net::new_assert(Ipv4Addr::new(0, 0, 0, 0), 8),
    Ipv4Net::new_assert(Ipv4Addr::new(127, 0, 0, 0), 8),
    Ipv4Net::new_assert(Ipv4Addr::new(169, 254, 0, 0), 16),
    Ipv4Net::new_assert(Ipv4Addr::new(224, 0, 0, 0), 4),
];

/// The blocks that CreateVpc and AssociateVpcCidrBlock may be asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct BlockRequest {
    pub cidr_block: Option<String>,
    amazon_provided_ipv6_cidr_block: Option<bool>,
    ipv6_cidr_block: Option<String>,
    ipv6_pool: Option<String>,
    ipv6_cidr_block_network_border_group: Option<String>,
    ipv4_ipam_pool_id: Option<String>,
    ipv4_netmask_length: Option<i64>,
    ipv6_ipam_pool_id: Option<String>,
    ipv6_netmask_length: Option<i64>,
}

impl BlockRequest {
    pub fn wants_ipv6(&self) -> bool {
        self.amazon_provided_ipv6_cidr_block == Some(true) || self.ipv6_cidr_block.is_some()
    }

    /// A new IPv6 block: Amazon's choice, or the one named (our own: AWS lets people name only
    /// blocks that they brought; here the pool is everybody's).
    pub fn new_ipv6_block(&self, cx: &mut Cx) -> Result<VpcIpv6CidrBlock, Error> {
        if self.amazon_provided_ipv6_cidr_block == Some(true) && self.ipv6_cidr_block.is_some() {
            return Err(Error::exclusive(
                "amazonProvidedIpv6CidrBlock",
                "ipv6CidrBlock",
            ));
        }
        let group = self.ipv6_cidr_block_network_border_group.as_deref();
        if let Some(group) = group.filter(|g| *g != cx.region_name()) {
            return Err(Error::invalid_value(
                "ipv6CidrBlockNetworkBorderGroup",
                group,
            ));
        }
        let wanted = self.ipv6_cidr_block.as_deref();
        let wanted = wanted
            .map(|text| ipv6_cidr(text, "ipv6CidrBlock"))
            .transpose()?;
        Ok(VpcIpv6CidrBlock {
            association_id: cx.new_id(),
            cidr: pools::vpc_ipv6_block(cx, wanted)?,
        })
    }

    pub fn refuse_unsupported(&self) -> Result<(), Error> {
        unsupported(&self.ipv4_ipam_pool_id, "Ipv4IpamPoolId")?;
        unsupported(&self.ipv4_netmask_length, "Ipv4NetmaskLength")?;
        unsupported(&self.ipv6_ipam_pool_id, "Ipv6IpamPoolId")?;
        unsupported(&self.ipv6_netmask_length, "Ipv6NetmaskLength")?;
        match self.ipv6_pool.as_deref() {
            None | Some("Amazon") => Ok(()),
            Some(pool) => Err(Error::invalid_value("ipv6Pool", pool)),
        }
    }
}

pub fn render_block(block: &VpcCidrBlock, state: &str) -> Value {
    json!({
        "AssociationId": block.association_id,
        "CidrBlock": block.cidr,
        "CidrBlockState": {"State": state},
    })
}

pub fn render_ipv6_block(cx: &Cx, block: &VpcIpv6CidrBlock, state: &str) -> Value {
    json!({
        "AssociationId": block.association_id,
        "Ipv6CidrBlock": block.cidr,
        "Ipv6CidrBlockState": {"State": state},
        "NetworkBorderGroup": cx.region_name(),
        "Ipv6Pool": "Amazon",
    })
}

/// Reads a block that a VPC may have: /16 to /28, canonical (`VPC-1`, `VPC-2`).
pub fn vpc_cidr(text: &str) -> Result<Ipv4Net, Error> {
    let cidr = ipv4_cidr(text, "cidrBlock")?;
    let allowed =
        (16..=28).contains(&cidr.prefix_len()) && !NEVER.iter().any(|n| n.contains(&cidr));
    match allowed {
        true => Ok(cidr),
        false => Err(Error::invalid_vpc_range(text)),
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct AssociateVpcCidrBlockRequest {
    vpc_id: Option<String>,
    #[serde(flatten)]
    blocks: BlockRequest,
}

pub fn associate_vpc_cidr_block(
    cx: &mut Cx,
    req: AssociateVpcCidrBlockRequest,
) -> Result<Value, Error> {
    req.blocks.refuse_unsupported()?;
    let vpc = cx.find::<Vpc>(required(&req.vpc_id, "vpcId")?)?.clone();
    match (&req.blocks.cidr_block, req.blocks.wants_ipv6()) {
        (Some(_), true) => Err(Error::exclusive("cidrBlock", "amazonProvidedIpv6CidrBlock")),
        (Some(text), false) => associate_ipv4(cx, vpc, text),
        (None, true) => {
            let block = req.blocks.new_ipv6_block(cx)?;
            associate_ipv6(cx, vpc, block)
        }
        (None, false) => Err(Error::missing_parameter("cidrBlock")),
    }
}

fn associate_ipv4(cx: &mut Cx, mut vpc: Vpc, text: &str) -> Result<Value, Error> {
    let cidr = vpc_cidr(text)?;
    check_secondary(cx, &vpc, cidr)?;
    vpc_peering_connection::check_new_block(cx, vpc.id, cidr)?;
    if vpc.cidr_blocks.len() >= cx.quotas().ipv4_blocks_per_vpc {
        return Err(cidr_limit(vpc.id));
    }
    let block = VpcCidrBlock {
        association_id: cx.new_id(),
        cidr,
    };
    let answer = json!({
        "VpcId": vpc.id,
        "CidrBlockAssociation": render_block(&block, "associating"),
    });
    vpc.cidr_blocks.push(block);
    add_local_route(cx, vpc.id, RouteDestination::Ipv4(cidr));
    cx.put(vpc);
    Ok(answer)
}

fn associate_ipv6(cx: &mut Cx, mut vpc: Vpc, block: VpcIpv6CidrBlock) -> Result<Value, Error> {
    if vpc.ipv6_cidr_blocks.len() >= cx.quotas().ipv6_blocks_per_vpc {
        return Err(cidr_limit(vpc.id));
    }
    let answer = json!({
        "VpcId": vpc.id,
        "Ipv6CidrBlockAssociation": render_ipv6_block(cx, &block, "associating"),
    });
    if vpc.ipv6_cidr_blocks.is_empty() {
        defaults::open_for_ipv6(cx, vpc.id);
    }
    add_local_route(cx, vpc.id, RouteDestination::Ipv6(block.cidr));
    vpc.ipv6_cidr_blocks.push(block);
    cx.put(vpc);
    Ok(answer)
}

fn cidr_limit(vpc: VpcId) -> Error {
    Error::new(
        "CidrLimitExceeded",
        format!("This network '{vpc}' has met its maximum number of allowed CIDRs"),
    )
}

/// Whether a VPC may have this block beside those it has (`VPC-7`, `VPC-8`).
fn check_secondary(cx: &Cx, vpc: &Vpc, cidr: Ipv4Net) -> Result<(), Error> {
    let refuse = |why: &str| Error::new("InvalidVpc.Range", format!("The CIDR '{cidr}' {why}"));
    if let Some(own) = vpc.cidr_blocks.iter().find(|b| overlap(b.cidr, cidr)) {
        return Err(refuse(&format!(
            "overlaps with the VPC's CIDR block {}.",
            own.cidr
        )));
    }
    if restricted_beside(vpc)
        .iter()
        .any(|range| overlap(*range, cidr))
    {
        return Err(refuse(
            "is restricted. Use a CIDR from the same private address range as the current VPC CIDR, \
             or use a publicly-routable CIDR.",
        ));
    }
    let tables = cx.all::<RouteTable>().filter(|t| t.vpc == vpc.id);
    let swallowed = tables.flat_map(|t| &t.routes).find(
        |route| matches!(route.destination, RouteDestination::Ipv4(net) if cidr.contains(&net)),
    );
    match swallowed {
        None => Ok(()),
        Some(route) => Err(refuse(&format!(
            "is the same as or larger than the route destination {}.",
            route.destination
        ))),
    }
}

/// Ranges that a secondary block may not touch, by the range of the primary (`VPC-8`).
fn restricted_beside(vpc: &Vpc) -> Vec<Ipv4Net> {
    const TEN: Ipv4Net = Ipv4Net::new_assert(Ipv4Addr::new(10, 0, 0, 0), 8);
    const TEN_LOW: Ipv4Net = Ipv4Net::new_assert(Ipv4Addr::new(10, 0, 0, 0), 15);
    const TEN_ZERO: Ipv4Net = Ipv4Net::new_assert(Ipv4Addr::new(10, 0, 0, 0), 16);
    const TWELVE: Ipv4Net = Ipv4Net::new_assert(Ipv4Addr::new(172, 16, 0, 0), 12);
    const DEFAULT_VPC: Ipv4Net = Ipv4Net::new_assert(Ipv4Addr::new(172, 31, 0, 0), 16);
    const SIXTEEN: Ipv4Net = Ipv4Net::new_assert(Ipv4Addr::new(192, 168, 0, 0), 16);
    const BENCHMARK: Ipv4Net = Ipv4Net::new_assert(Ipv4Addr::new(198, 19, 0, 0), 16);
    let primary = vpc.primary_cidr();
    if TEN.contains(&primary) {
        let low = vpc.cidr_blocks.iter().any(|b| TEN_LOW.contains(&b.cidr));
        let mut ranges = vec![TWELVE, SIXTEEN, BENCHMARK];
        ranges.extend(low.then_some(TEN_ZERO));
        ranges
    } else if TWELVE.contains(&primary) {
        vec![TEN, SIXTEEN, DEFAULT_VPC, BENCHMARK]
    } else if SIXTEEN.contains(&primary) {
        vec![TEN, TWELVE, BENCHMARK]
    } else if BENCHMARK.contains(&primary) {
        vec![TEN, TWELVE, SIXTEEN]
    } else {
        vec![TEN, TWELVE, SIXTEEN, BENCHMARK]
    }
}

fn add_local_route(cx: &mut Cx, vpc: VpcId, destination: RouteDestination) {
    let tables = cx.all::<RouteTable>().filter(|t| t.vpc == vpc);
    for mut table in tables.cloned().collect::<Vec<_>>() {
        let locals = table
            .routes
            .iter()
            .take_while(|r| r.target == RouteTarget::Local);
        table
            .routes
            .insert(locals.count(), defaults::local_route(destination));
        cx.put(table);
    }
}

fn remove_local_route(cx: &mut Cx, vpc: VpcId, destination: RouteDestination) {
    let tables = cx.all::<RouteTable>().filter(|t| t.vpc == vpc);
    for mut table in tables.cloned().collect::<Vec<_>>() {
        table.routes.retain(|r| r.destination != destination);
        cx.put(table);
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct DisassociateVpcCidrBlockRequest {
    association_id: Option<String>,
}

pub fn disassociate_vpc_cidr_block(
    cx: &mut Cx,
    req: DisassociateVpcCidrBlockRequest,
) -> Result<Value, Error> {
    let text = required(&req.association_id, "associationId")?;
    let id = parse_id::<VpcCidrAssociationId>(text)?;
    for mut vpc in cx.own::<Vpc>().cloned().collect::<Vec<_>>() {
        if let Some(n) = vpc.cidr_blocks.iter().position(|b| b.association_id == id) {
            if n == 0 {
                return Err(Error::operation_not_permitted(format!(
                    "The vpc CIDR block with association ID {text} may not be disassociated. \
                     It is the primary IPv4 CIDR block of the VPC"
                )));
            }
            let block = vpc.cidr_blocks.remove(n);
            if cx
                .all::<Subnet>()
                .any(|s| s.vpc == vpc.id && s.cidr.is_some_and(|cidr| block.cidr.contains(&cidr)))
            {
                return Err(block_in_use(text));
            }
            remove_local_route(cx, vpc.id, RouteDestination::Ipv4(block.cidr));
            let block = render_block(&block, "disassociating");
            let answer = json!({"VpcId": vpc.id, "CidrBlockAssociation": block});
            cx.put(vpc);
            return Ok(answer);
        }
        if let Some(n) = vpc
            .ipv6_cidr_blocks
            .iter()
            .position(|b| b.association_id == id)
        {
            let block = vpc.ipv6_cidr_blocks.remove(n);
            let inside = |s: &Subnet| {
                s.ipv6_cidr_blocks
                    .iter()
                    .any(|b| block.cidr.contains(&b.cidr))
            };
            if cx.all::<Subnet>().any(inside) {
                return Err(block_in_use(text));
            }
            remove_local_route(cx, vpc.id, RouteDestination::Ipv6(block.cidr));
            let block = render_ipv6_block(cx, &block, "disassociating");
            let answer = json!({"VpcId": vpc.id, "Ipv6CidrBlockAssociation": block});
            cx.put(vpc);
            return Ok(answer);
        }
    }
    Err(not_found::<VpcCidrAssociationId>(text))
}

fn block_in_use(association: &str) -> Error {
    Error::dependency(format!(
        "The vpc CIDR block with association ID {association} has subnets and cannot be disassociated."
    ))
}
