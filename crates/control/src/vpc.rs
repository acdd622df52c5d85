//! Actions on VPCs and their address blocks (`VPC-1` to `VPC-10`).

use std::net::Ipv4Addr;

use ipnet::{IpNet, Ipv4Net};
use openvpc_ec2::{Error, Resource};
use openvpc_model::*;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::defaults;
use crate::describe::{Describe, Filter, describe, tag_set};
use crate::entity::Entity;
use crate::ids::{not_found, parse_id};
use crate::pools;
use crate::request::{AttributeBool, done, ipv4_cidr, ipv6_cidr, read, required, unsupported};
use crate::tags::{self, TagSpecification};
use crate::{Action, Cx};

pub const ACTIONS: &[Action] = &[
    ("CreateVpc", |cx, input| create_vpc(cx, read(input)?)),
    ("DeleteVpc", |cx, input| delete_vpc(cx, read(input)?)),
    ("DescribeVpcs", |cx, input| describe::<Vpc>(cx, &input)),
    ("DescribeVpcAttribute", |cx, input| {
        describe_vpc_attribute(cx, read(input)?)
    }),
    ("ModifyVpcAttribute", |cx, input| {
        modify_vpc_attribute(cx, read(input)?)
    }),
    ("ModifyVpcTenancy", |cx, input| {
        modify_vpc_tenancy(cx, read(input)?)
    }),
    ("AssociateVpcCidrBlock", |cx, input| {
        associate_vpc_cidr_block(cx, read(input)?)
    }),
    ("DisassociateVpcCidrBlock", |cx, input| {
        disassociate_vpc_cidr_block(cx, read(input)?)
    }),
    ("CreateDefaultVpc", |cx, _| create_default_vpc(cx)),
    ("DescribeVpcClassicLink", |_, _| Err(classic_link())),
    ("DescribeVpcClassicLinkDnsSupport", |_, _| {
        Err(classic_link())
    }),
];

/// What a VPC's block may never touch: this network, loopback, link-local, multicast.
const NEVER: [Ipv4Net; 4] = [
    Ipv4Net::new_assert(Ipv4Addr::new(0, 0, 0, 0), 8),
    Ipv4Net::new_assert(Ipv4Addr::new(127, 0, 0, 0), 8),
    Ipv4Net::new_assert(Ipv4Addr::new(169, 254, 0, 0), 16),
    Ipv4Net::new_assert(Ipv4Addr::new(224, 0, 0, 0), 4),
];

impl Describe for Vpc {
    const LIST: &'static str = "Vpcs";
    const IDS: &'static str = "VpcIds";
    #[rustfmt::skip]
    const FILTERS: &'static [Filter<Vpc>] = &[
        ("vpc-id", |v, _| vec![v.id.to_string()]),
        ("owner-id", |v, _| vec![v.owner.to_string()]),
        ("state", |_, _| vec!["available".to_owned()]),
        ("cidr", |v, _| vec![v.primary_cidr().to_string()]),
        ("cidr-block", |v, _| vec![v.primary_cidr().to_string()]),
        ("cidrBlock", |v, _| vec![v.primary_cidr().to_string()]),
        ("cidr-block-association.cidr-block", |v, _| v.cidr_blocks.iter().map(|b| b.cidr.to_string()).collect()),
        ("cidr-block-association.association-id", |v, _| v.cidr_blocks.iter().map(|b| b.association_id.to_string()).collect()),
        ("cidr-block-association.state", |v, _| v.cidr_blocks.iter().map(|_| "associated".to_owned()).collect()),
        ("ipv6-cidr-block-association.ipv6-cidr-block", |v, _| v.ipv6_cidr_blocks.iter().map(|b| b.cidr.to_string()).collect()),
        ("ipv6-cidr-block-association.association-id", |v, _| v.ipv6_cidr_blocks.iter().map(|b| b.association_id.to_string()).collect()),
        ("ipv6-cidr-block-association.ipv6-pool", |v, _| v.ipv6_cidr_blocks.iter().map(|_| "Amazon".to_owned()).collect()),
        ("ipv6-cidr-block-association.state", |v, _| v.ipv6_cidr_blocks.iter().map(|_| "associated".to_owned()).collect()),
        ("dhcp-options-id", |v, _| vec![dhcp_options_id(v)]),
        ("is-default", |v, _| vec![v.is_default.to_string()]),
        ("isDefault", |v, _| vec![v.is_default.to_string()]),
    ];

    fn render(&self, cx: &Cx) -> Value {
        let ipv4 = self.cidr_blocks.iter();
        let ipv6 = self.ipv6_cidr_blocks.iter();
        json!({
            "VpcId": self.id,
            "OwnerId": self.owner,
            "State": "available",
            "CidrBlock": self.primary_cidr(),
            "CidrBlockAssociationSet": ipv4.map(|b| render_block(b, "associated")).collect::<Value>(),
            "Ipv6CidrBlockAssociationSet": ipv6.map(|b| render_ipv6_block(cx, b, "associated")).collect::<Value>(),
            "DhcpOptionsId": dhcp_options_id(self),
            "InstanceTenancy": self.instance_tenancy,
            "IsDefault": self.is_default,
            "Tags": tag_set(cx, self.id),
        })
    }
}

fn dhcp_options_id(vpc: &Vpc) -> String {
    vpc.dhcp_options
        .map_or_else(|| "default".to_owned(), |id| id.to_string())
}

fn render_block(block: &VpcCidrBlock, state: &str) -> Value {
    json!({
        "AssociationId": block.association_id,
        "CidrBlock": block.cidr,
        "CidrBlockState": {"State": state},
    })
}

fn render_ipv6_block(cx: &Cx, block: &VpcIpv6CidrBlock, state: &str) -> Value {
    json!({
        "AssociationId": block.association_id,
        "Ipv6CidrBlock": block.cidr,
        "Ipv6CidrBlockState": {"State": state},
        "NetworkBorderGroup": cx.region_name(),
        "Ipv6Pool": "Amazon",
    })
}

/// The blocks that CreateVpc and AssociateVpcCidrBlock may be asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct BlockRequest {
    cidr_block: Option<String>,
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
    fn wants_ipv6(&self) -> bool {
        self.amazon_provided_ipv6_cidr_block == Some(true) || self.ipv6_cidr_block.is_some()
    }

    /// A new IPv6 block: Amazon's choice, or the one named (our own: AWS lets people name only
    /// blocks that they brought; here the pool is everybody's).
    fn new_ipv6_block(&self, cx: &mut Cx) -> Result<VpcIpv6CidrBlock, Error> {
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

    fn refuse_unsupported(&self) -> Result<(), Error> {
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

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct CreateVpcRequest {
    #[serde(flatten)]
    blocks: BlockRequest,
    instance_tenancy: Option<String>,
    tag_specifications: Vec<TagSpecification>,
}

fn create_vpc(cx: &mut Cx, req: CreateVpcRequest) -> Result<Value, Error> {
    req.blocks.refuse_unsupported()?;
    let cidr = vpc_cidr(required(&req.blocks.cidr_block, "cidrBlock")?)?;
    let tenancy = req.instance_tenancy.as_deref().unwrap_or("default");
    if !matches!(tenancy, "default" | "dedicated") {
        return Err(unsupported_tenancy(tenancy));
    }
    let tags = tags::at_creation(&req.tag_specifications, Vpc::TAG_TYPE, &[])?;
    check_vpc_quota(cx)?;
    let id = cx.new_id();
    let primary = VpcCidrBlock {
        association_id: cx.new_id(),
        cidr,
    };
    let mut vpc = Vpc {
        instance_tenancy: tenancy.to_owned(),
        ..defaults::blank_vpc(cx, id, primary)
    };
    if req.blocks.wants_ipv6() {
        vpc.ipv6_cidr_blocks.push(req.blocks.new_ipv6_block(cx)?);
    }
    defaults::create_vpc_with_parts(cx, vpc);
    cx.set_tags(id, tags);
    created(cx, id)
}

/// A new VPC as its creator first sees it: `pending`, its IPv6 block `associating` (`VPC-3`, `VPC-5`).
fn created(cx: &Cx, id: VpcId) -> Result<Value, Error> {
    let vpc = cx.get::<Vpc>(id).ok_or_else(Error::internal)?;
    let mut rendered = vpc.render(cx);
    rendered["State"] = json!("pending");
    let ipv6 = vpc.ipv6_cidr_blocks.iter();
    rendered["Ipv6CidrBlockAssociationSet"] = ipv6
        .map(|b| render_ipv6_block(cx, b, "associating"))
        .collect();
    Ok(json!({"Vpc": rendered}))
}

fn check_vpc_quota(cx: &Cx) -> Result<(), Error> {
    if cx.own::<Vpc>().count() >= cx.quotas().vpcs_per_region {
        return Err(Error::limit_exceeded("VpcLimitExceeded", "VPCs"));
    }
    Ok(())
}

fn unsupported_tenancy(tenancy: &str) -> Error {
    Error::new(
        "UnsupportedTenancy",
        format!("The tenancy value '{tenancy}' is not supported."),
    )
}

/// Reads a block that a VPC may have: /16 to /28, canonical (`VPC-1`, `VPC-2`).
fn vpc_cidr(text: &str) -> Result<Ipv4Net, Error> {
    let cidr = ipv4_cidr(text, "cidrBlock")?;
    let allowed =
        (16..=28).contains(&cidr.prefix_len()) && !NEVER.iter().any(|n| n.contains(&cidr));
    match allowed {
        true => Ok(cidr),
        false => Err(Error::invalid_vpc_range(text)),
    }
}

fn create_default_vpc(cx: &mut Cx) -> Result<Value, Error> {
    if let Some(vpc) = cx.own::<Vpc>().find(|v| v.is_default) {
        return Err(Error::new(
            "DefaultVpcAlreadyExists",
            format!(
                "A Default VPC already exists for this account in this region: {}.",
                vpc.id
            ),
        ));
    }
    check_vpc_quota(cx)?;
    let id = defaults::create_default_vpc(cx);
    created(cx, id)
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct VpcRequest {
    vpc_id: Option<String>,
}

/// Deletes a VPC and the parts it was born with, unless anything else is in it (`VPC-10`).
fn delete_vpc(cx: &mut Cx, req: VpcRequest) -> Result<Value, Error> {
    let text = required(&req.vpc_id, "vpcId")?;
    let id = cx.find::<Vpc>(text)?.id;
    let occupied = cx.all::<Subnet>().any(|s| s.vpc == id)
        || cx.all::<NetworkInterface>().any(|eni| eni.vpc == id)
        || cx.all::<InternetGateway>().any(|igw| igw.vpc == Some(id))
        || cx.all::<RouteTable>().any(|t| t.vpc == id && !t.is_main())
        || cx.all::<NetworkAcl>().any(|a| a.vpc == id && !a.is_default)
        || cx
            .all::<SecurityGroup>()
            .any(|g| g.vpc == id && g.name != "default");
    if occupied {
        return Err(Error::dependency_violation(Resource::Vpc, text));
    }
    let groups = cx.all::<SecurityGroup>().filter(|g| g.vpc == id);
    let rules: Vec<_> = groups.flat_map(|g| &g.rules).map(|r| r.id).collect();
    for rule in rules {
        cx.set_tags(rule, Tags::new());
    }
    delete_where::<RouteTable>(cx, |t| t.vpc == id);
    delete_where::<NetworkAcl>(cx, |a| a.vpc == id);
    delete_where::<SecurityGroup>(cx, |g| g.vpc == id);
    delete_where::<FlowLog>(cx, |log| log.resource == FlowLogResource::Vpc(id));
    cx.delete::<Vpc>(id);
    done()
}

/// Deletes every resource of a kind for which `doomed` holds.
pub fn delete_where<T: Entity>(cx: &mut Cx, doomed: impl Fn(&T) -> bool) {
    let ids: Vec<T::Id> = cx.all::<T>().filter(|r| doomed(r)).map(T::id).collect();
    for id in ids {
        cx.delete::<T>(id);
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct DescribeVpcAttributeRequest {
    vpc_id: Option<String>,
    attribute: Option<String>,
}

fn describe_vpc_attribute(cx: &mut Cx, req: DescribeVpcAttributeRequest) -> Result<Value, Error> {
    let vpc = cx.find::<Vpc>(required(&req.vpc_id, "vpcId")?)?;
    let (member, value) = match required(&req.attribute, "attribute")? {
        "enableDnsSupport" => ("EnableDnsSupport", vpc.enable_dns_support),
        "enableDnsHostnames" => ("EnableDnsHostnames", vpc.enable_dns_hostnames),
        "enableNetworkAddressUsageMetrics" => (
            "EnableNetworkAddressUsageMetrics",
            vpc.enable_network_address_usage_metrics,
        ),
        other => return Err(Error::invalid_value("attribute", other)),
    };
    Ok(json!({"VpcId": vpc.id, member: {"Value": value}}))
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct ModifyVpcAttributeRequest {
    vpc_id: Option<String>,
    enable_dns_support: Option<AttributeBool>,
    enable_dns_hostnames: Option<AttributeBool>,
    enable_network_address_usage_metrics: Option<AttributeBool>,
}

fn modify_vpc_attribute(cx: &mut Cx, req: ModifyVpcAttributeRequest) -> Result<Value, Error> {
    let mut vpc = cx.find::<Vpc>(required(&req.vpc_id, "vpcId")?)?.clone();
    type Field = fn(&mut Vpc) -> &mut bool;
    let given: [(Option<AttributeBool>, Field); 3] = [
        (req.enable_dns_support, |v| &mut v.enable_dns_support),
        (req.enable_dns_hostnames, |v| &mut v.enable_dns_hostnames),
        (req.enable_network_address_usage_metrics, |v| {
            &mut v.enable_network_address_usage_metrics
        }),
    ];
    let given = given.into_iter();
    let mut given = given.filter_map(|(wrapper, field)| Some((wrapper?.value?, field)));
    let Some((value, field)) = given.next() else {
        return Err(Error::invalid_parameter_combination(
            "No attributes specified.",
        ));
    };
    if given.next().is_some() {
        return Err(Error::invalid_parameter_combination(
            "Fields for multiple attribute types specified",
        ));
    }
    *field(&mut vpc) = value;
    cx.put(vpc);
    done()
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct ModifyVpcTenancyRequest {
    vpc_id: Option<String>,
    instance_tenancy: Option<String>,
}

/// Tenancy can only be given up.
fn modify_vpc_tenancy(cx: &mut Cx, req: ModifyVpcTenancyRequest) -> Result<Value, Error> {
    let mut vpc = cx.find::<Vpc>(required(&req.vpc_id, "vpcId")?)?.clone();
    match required(&req.instance_tenancy, "instanceTenancy")? {
        "default" => vpc.instance_tenancy = "default".to_owned(),
        other => return Err(unsupported_tenancy(other)),
    }
    cx.put(vpc);
    Ok(json!({"ReturnValue": true}))
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct AssociateVpcCidrBlockRequest {
    vpc_id: Option<String>,
    #[serde(flatten)]
    blocks: BlockRequest,
}

fn associate_vpc_cidr_block(
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
    let swallowed = tables
        .flat_map(|t| &t.routes)
        .find(|route| matches!(route.destination.network(), IpNet::V4(net) if cidr.contains(&net)));
    match swallowed {
        None => Ok(()),
        Some(route) => Err(refuse(&format!(
            "is the same as or larger than the route destination {}.",
            route.destination.network()
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

/// Whether two blocks share an address.
pub fn overlap(a: Ipv4Net, b: Ipv4Net) -> bool {
    a.contains(&b) || b.contains(&a)
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
struct DisassociateVpcCidrBlockRequest {
    association_id: Option<String>,
}

fn disassociate_vpc_cidr_block(
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
                .any(|s| s.vpc == vpc.id && block.cidr.contains(&s.cidr))
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

fn classic_link() -> Error {
    Error::unsupported_operation("EC2-Classic is not available: every network is a VPC.")
}
