//! Actions on egress-only internet gateways (`EO-1` to `EO-8`).

use openvpc_ec2::Error;
use openvpc_model::*;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::describe::{Describe, Filter, describe, tag_set};
use crate::entity::Entity;
use crate::request::{read, required};
use crate::tags::{self, TagSpecification};
use crate::{Action, Cx};

#[rustfmt::skip]
pub const ACTIONS: &[Action] = &[
    ("CreateEgressOnlyInternetGateway", |cx, input| create(cx, read(input)?)),
    ("DeleteEgressOnlyInternetGateway", |cx, input| delete(cx, read(input)?)),
    ("DescribeEgressOnlyInternetGateways", |cx, input| describe::<EgressOnlyInternetGateway>(cx, &input)),
];

impl Describe for EgressOnlyInternetGateway {
    const LIST: &'static str = "EgressOnlyInternetGateways";
    const IDS: &'static str = "EgressOnlyInternetGatewayIds";
    const PAGE: (i64, i64) = (5, 255);
    /// Tags only (`EO-5`).
    const FILTERS: &'static [Filter<EgressOnlyInternetGateway>] = &[];

    fn render(&self, cx: &Cx) -> Value {
        json!({
            "EgressOnlyInternetGatewayId": self.id,
            "Attachments": [{"VpcId": self.vpc, "State": "attached"}],
            "Tags": tag_set(cx, self.id),
        })
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct CreateRequest {
    vpc_id: Option<String>,
    client_token: Option<String>,
    tag_specifications: Vec<TagSpecification>,
}

/// Makes a gateway, attached and in force at once (`EO-1`, `EO-2`); one per VPC (`EO-3`), which
/// need not have an IPv6 block (`EO-4`).
fn create(cx: &mut Cx, req: CreateRequest) -> Result<Value, Error> {
    let vpc = cx.find::<Vpc>(required(&req.vpc_id, "vpcId")?)?.id;
    let kind = EgressOnlyInternetGateway::TAG_TYPE;
    let tags = tags::at_creation(&req.tag_specifications, kind, &[])?;
    if cx.all::<EgressOnlyInternetGateway>().any(|g| g.vpc == vpc) {
        return Err(Error::invalid_parameter_value(format!(
            "Network {vpc} already has an egress only internet gateway attached"
        )));
    }
    let count = cx.own::<EgressOnlyInternetGateway>().count();
    if count >= cx.quotas().egress_only_internet_gateways_per_region {
        return Err(Error::limit_exceeded(
            "EgressOnlyInternetGatewayLimitExceeded",
            "egress-only internet gateways",
        ));
    }
    let gateway = EgressOnlyInternetGateway {
        id: cx.new_id(),
        owner: cx.account().clone(),
        vpc,
    };
    cx.put(gateway.clone());
    cx.set_tags(gateway.id, tags);
    let mut answer = json!({"EgressOnlyInternetGateway": gateway.render(cx)});
    if let Some(token) = req.client_token {
        answer["ClientToken"] = json!(token);
    }
    Ok(answer)
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct DeleteRequest {
    egress_only_internet_gateway_id: Option<String>,
}

/// Deletes a gateway; routes to it stay, as blackholes (`EO-6`).
fn delete(cx: &mut Cx, req: DeleteRequest) -> Result<Value, Error> {
    let id = &req.egress_only_internet_gateway_id;
    let id = required(id, "egressOnlyInternetGatewayId")?;
    let id = cx.find::<EgressOnlyInternetGateway>(id)?.id;
    cx.delete::<EgressOnlyInternetGateway>(id);
    Ok(json!({"ReturnCode": true}))
}
