//! Actions on internet gateways (`IGW-1`, `IGW-5`).

use openvpc_ec2::{Error, Resource};
use openvpc_model::*;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::describe::{Describe, Filter, describe, tag_set};
use crate::entity::Entity;
use crate::request::{done, read, required};
use crate::tags::{self, TagSpecification};
use crate::{Action, Cx};

#[rustfmt::skip]
pub const ACTIONS: &[Action] = &[
    ("CreateInternetGateway", |cx, input| create_internet_gateway(cx, read(input)?)),
    ("DeleteInternetGateway", |cx, input| delete_internet_gateway(cx, read(input)?)),
    ("DescribeInternetGateways", |cx, input| describe::<InternetGateway>(cx, &input)),
    ("AttachInternetGateway", |cx, input| attach_internet_gateway(cx, read(input)?)),
    ("DetachInternetGateway", |cx, input| detach_internet_gateway(cx, read(input)?)),
];

impl Describe for InternetGateway {
    const LIST: &'static str = "InternetGateways";
    const IDS: &'static str = "InternetGatewayIds";
    #[rustfmt::skip]
    const FILTERS: &'static [Filter<InternetGateway>] = &[
        ("internet-gateway-id", |g, _| vec![g.id.to_string()]),
        ("owner-id", |g, _| vec![g.owner.to_string()]),
        ("attachment.vpc-id", |g, _| g.vpc.iter().map(VpcId::to_string).collect()),
        ("attachment.state", |g, _| g.vpc.iter().map(|_| "available".to_owned()).collect()),
    ];

    fn render(&self, cx: &Cx) -> Value {
        let attachments = self.vpc.iter();
        let attachments = attachments.map(|vpc| json!({"VpcId": vpc, "State": "available"}));
        json!({
            "InternetGatewayId": self.id,
            "OwnerId": self.owner,
            "Attachments": attachments.collect::<Value>(),
            "Tags": tag_set(cx, self.id),
        })
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct CreateInternetGatewayRequest {
    tag_specifications: Vec<TagSpecification>,
}

fn create_internet_gateway(cx: &mut Cx, req: CreateInternetGatewayRequest) -> Result<Value, Error> {
    let tags = tags::at_creation(&req.tag_specifications, InternetGateway::TAG_TYPE, &[])?;
    if cx.own::<InternetGateway>().count() >= cx.quotas().internet_gateways_per_region {
        return Err(Error::limit_exceeded(
            "InternetGatewayLimitExceeded",
            "internet gateways",
        ));
    }
    let igw = InternetGateway {
        id: cx.new_id(),
        owner: cx.account().clone(),
        vpc: None,
    };
    cx.put(igw.clone());
    cx.set_tags(igw.id, tags);
    Ok(json!({"InternetGateway": igw.render(cx)}))
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct InternetGatewayRequest {
    internet_gateway_id: Option<String>,
    vpc_id: Option<String>,
}

impl InternetGatewayRequest {
    fn gateway(&self, cx: &Cx) -> Result<InternetGateway, Error> {
        let text = required(&self.internet_gateway_id, "internetGatewayId")?;
        cx.find::<InternetGateway>(text).cloned()
    }

    fn vpc(&self, cx: &Cx) -> Result<VpcId, Error> {
        let text = required(&self.vpc_id, "vpcId")?;
        Ok(cx.find::<Vpc>(text)?.id)
    }
}

fn delete_internet_gateway(cx: &mut Cx, req: InternetGatewayRequest) -> Result<Value, Error> {
    let igw = req.gateway(cx)?;
    if igw.vpc.is_some() {
        return Err(Error::dependency_violation(
            Resource::InternetGateway,
            &igw.id.to_string(),
        ));
    }
    cx.delete::<InternetGateway>(igw.id);
    done()
}

fn attach_internet_gateway(cx: &mut Cx, req: InternetGatewayRequest) -> Result<Value, Error> {
    let mut igw = req.gateway(cx)?;
    let vpc = req.vpc(cx)?;
    if let Some(other) = igw.vpc {
        return Err(Error::new(
            "Resource.AlreadyAssociated",
            format!("resource {} is already attached to network {other}", igw.id),
        ));
    }
    if cx
        .all::<InternetGateway>()
        .any(|other| other.vpc == Some(vpc))
    {
        return Err(Error::invalid_parameter_value(format!(
            "Network {vpc} already has an internet gateway attached"
        )));
    }
    igw.vpc = Some(vpc);
    cx.put(igw);
    done()
}

/// Detaches a gateway through which no public address is mapped; edge tables lose it too.
fn detach_internet_gateway(cx: &mut Cx, req: InternetGatewayRequest) -> Result<Value, Error> {
    let mut igw = req.gateway(cx)?;
    let named = required(&req.vpc_id, "vpcId")?;
    // Also when that VPC is gone: whoever took it down beforehand has what he wants (Terraform goes on at this code only).
    if igw.vpc.is_none() && named.parse::<VpcId>().is_ok() {
        return Err(Error::gateway_not_attached(&igw.id.to_string(), named));
    }
    let vpc = req.vpc(cx)?;
    if igw.vpc != Some(vpc) {
        return Err(Error::gateway_not_attached(
            &igw.id.to_string(),
            &vpc.to_string(),
        ));
    }
    if has_mapped_addresses(cx, vpc) {
        return Err(Error::dependency(format!(
            "Network {vpc} has some mapped public address(es). \
             Please unmap those public address(es) before detaching the gateway."
        )));
    }
    let edge = AssociationTarget::InternetGateway(igw.id);
    let serves = |t: &&RouteTable| t.associations.iter().any(|a| a.target == edge);
    let table = cx.all::<RouteTable>().find(serves).cloned();
    if let Some(mut table) = table {
        table.associations.retain(|a| a.target != edge);
        cx.put(table);
    }
    igw.vpc = None;
    cx.put(igw);
    done()
}

/// Whether an interface of the VPC has a public or Elastic address.
fn has_mapped_addresses(cx: &Cx, vpc: VpcId) -> bool {
    let elastic = cx.all::<Address>().filter_map(|a| a.association.as_ref());
    let mut elastic = elastic.filter_map(|a| cx.get::<NetworkInterface>(a.network_interface));
    let mut automatic = cx
        .all::<NetworkInterface>()
        .filter(|eni| eni.auto_public_ip.is_some());
    elastic.any(|eni| eni.vpc == vpc) || automatic.any(|eni| eni.vpc == vpc)
}
