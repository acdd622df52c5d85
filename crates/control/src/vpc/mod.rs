//! Actions on VPCs (`VPC-1` to `VPC-10`).

mod attributes;
mod blocks;

use openvpc_ec2::{Error, Resource};
use openvpc_model::*;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::defaults;
use crate::describe::{Describe, Filter, describe, tag_set};
use crate::entity::Entity;
use crate::request::{done, read, required};
use crate::tags::{self, TagSpecification};
use crate::{Action, Cx, vpc_peering_connection};

use attributes::{
    describe_vpc_attribute, modify_vpc_attribute, modify_vpc_tenancy, unsupported_tenancy,
};
use blocks::{
    BlockRequest, associate_vpc_cidr_block, disassociate_vpc_cidr_block, render_block,
    render_ipv6_block, vpc_cidr,
};

#[rustfmt::skip]
pub const ACTIONS: &[Action] = &[
    ("CreateVpc", |cx, input| create_vpc(cx, read(input)?)),
    ("DeleteVpc", |cx, input| delete_vpc(cx, read(input)?)),
    ("DescribeVpcs", |cx, input| describe::<Vpc>(cx, &input)),
    ("DescribeVpcAttribute", |cx, input| describe_vpc_attribute(cx, read(input)?)),
    ("ModifyVpcAttribute", |cx, input| modify_vpc_attribute(cx, read(input)?)),
    ("ModifyVpcTenancy", |cx, input| modify_vpc_tenancy(cx, read(input)?)),
    ("AssociateVpcCidrBlock", |cx, input| associate_vpc_cidr_block(cx, read(input)?)),
    ("DisassociateVpcCidrBlock", |cx, input| disassociate_vpc_cidr_block(cx, read(input)?)),
    ("CreateDefaultVpc", |cx, _| create_default_vpc(cx)),
    ("DescribeVpcClassicLink", |_, _| Err(classic_link())),
    ("DescribeVpcClassicLinkDnsSupport", |_, _| Err(classic_link())),
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
        || cx.all::<VpcEndpoint>().any(|endpoint| endpoint.vpc == id)
        || cx.all::<InternetGateway>().any(|igw| igw.vpc == Some(id))
        || cx.all::<EgressOnlyInternetGateway>().any(|g| g.vpc == id)
        || cx
            .all::<NatGateway>()
            .any(|nat| nat.vpc == id && nat.is_live())
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
    vpc_peering_connection::end_all_of(cx, id);
    cx.delete_where::<RouteTable>(|t| t.vpc == id);
    cx.delete_where::<NetworkAcl>(|a| a.vpc == id);
    cx.delete_where::<SecurityGroup>(|g| g.vpc == id);
    cx.delete_where::<FlowLog>(|log| log.resource == FlowLogResource::Vpc(id));
    cx.delete::<Vpc>(id);
    done()
}

fn classic_link() -> Error {
    Error::unsupported_operation("EC2-Classic is not available: every network is a VPC.")
}
