//! Actions on VPC endpoints (`GE-1` to `GE-13`, `IE-1` to `IE-12`).
//!
//! [`request`] holds what a call can say, whichever kind of endpoint it is about; [`service`] what there is to connect to;
//! [`policy`] judges documents. What only a gateway endpoint does is in [`gateway`], an interface endpoint in
//! [`interface`].

mod addressing;
mod gateway;
mod interface;
mod policy;
mod private_dns;
mod request;
mod service;

use openvpc_ec2::{Error, Resource};
use openvpc_model::*;
use serde_json::{Value, json};

use crate::describe::{Describe, Filter, describe, select, tag_set};
use crate::entity::Entity;
use crate::ids::parse_id;
use crate::request::{read, required};
use crate::{Action, Cx, tags, vpc_endpoint_service};

pub use gateway::check_is_no_endpoints;
use request::{CreateRequest, DeleteRequest, ModifyRequest};

#[rustfmt::skip]
pub const ACTIONS: &[Action] = &[
    ("CreateVpcEndpoint", |cx, input| create(cx, read(input)?)),
    ("ModifyVpcEndpoint", |cx, input| modify(cx, read(input)?)),
    ("DeleteVpcEndpoints", |cx, input| delete(cx, read(input)?)),
    ("DescribeVpcEndpoints", |cx, input| describe::<VpcEndpoint>(cx, &input)),
    ("DescribeVpcEndpointAssociations", |cx, input| describe_associations(cx, &input)),
    ("DescribeVpcEndpointServices", |cx, input| service::describe(cx, &input)),
];

impl Describe for VpcEndpoint {
    const LIST: &'static str = "VpcEndpoints";
    const IDS: &'static str = "VpcEndpointIds";
    #[rustfmt::skip]
    const FILTERS: &'static [Filter<VpcEndpoint>] = &[
        ("ip-address-type", |e, _| vec![ip_address_type(e).to_owned()]),
        ("service-name", |e, cx| vec![e.service.name(cx.region_name())]),
        ("service-region", |_, cx| vec![cx.region_name().to_owned()]),
        ("vpc-id", |e, _| vec![e.vpc.to_string()]),
        ("vpc-endpoint-id", |e, _| vec![e.id.to_string()]),
        ("vpc-endpoint-state", |e, _| vec![e.state.as_str().to_owned()]),
        ("vpc-endpoint-type", |e, _| vec![e.kind.as_str().to_owned()]),
    ];

    /// As `GE-10` and `IE-11` have it.
    fn render(&self, cx: &Cx) -> Value {
        let mut rendered = json!({
            "VpcEndpointId": self.id,
            "VpcEndpointType": self.kind.as_str(),
            "VpcId": self.vpc,
            "ServiceName": self.service.name(cx.region_name()),
            "ServiceRegion": cx.region_name(),
            "State": self.state.as_str(),
            "PolicyDocument": self.policy_document(),
            "RouteTableIds": gateway::route_tables(cx, self.id),
            "SubnetIds": [],
            "Groups": [],
            "NetworkInterfaceIds": [],
            "DnsEntries": [],
            "IpAddressType": ip_address_type(self),
            "DnsOptions": {"DnsRecordIpType": "service-defined"},
            "PrivateDnsEnabled": false,
            "RequesterManaged": false,
            "CreationTimestamp": self.created_at,
            "OwnerId": self.owner,
            "Tags": tag_set(cx, self.id),
        });
        if let Some(own) = self.interface() {
            interface::render(cx, self, own, &mut rendered);
        }
        rendered
    }
}

fn ip_address_type(endpoint: &VpcEndpoint) -> &'static str {
    let interface = endpoint.interface();
    interface
        .map_or(EndpointIpAddressType::Ipv4, |own| own.ip_address_type)
        .as_str()
}

/// Makes an endpoint of the kind that is asked for, `Gateway` if none is (`GE-2`).
fn create(cx: &mut Cx, req: CreateRequest) -> Result<Value, Error> {
    let vpc = cx.find::<Vpc>(required(&req.vpc_id, "vpcId")?)?.id;
    let kind = req.kind()?;
    let name = required(&req.service_name, "serviceName")?;
    let service = service::find(cx, name, req.service_region.as_deref(), kind)?;
    let tags = tags::at_creation(&req.tag_specifications, VpcEndpoint::TAG_TYPE, &[])?;
    let policy = policy::read(req.policy_document.as_deref(), &service, cx.region_name())?;
    let blank = VpcEndpoint {
        id: cx.new_id(),
        owner: cx.account().clone(),
        vpc,
        state: vpc_endpoint_service::first_state(cx, &service),
        service,
        policy,
        kind: VpcEndpointKind::Gateway,
        created_at: cx.now(),
    };
    let id = blank.id;
    match kind {
        request::Kind::Gateway => gateway::create(cx, &req, blank)?,
        request::Kind::Interface => interface::create(cx, &req, blank)?,
    }
    cx.set_tags(id, tags);
    let made = cx.get::<VpcEndpoint>(id).ok_or_else(Error::internal)?;
    let mut answer = json!({"VpcEndpoint": made.render(cx)});
    // Its interfaces are being made (`IE-8`), for no longer than this answer.
    if made.interface().is_some() && made.is_available() {
        answer["VpcEndpoint"]["State"] = json!("pending");
    }
    if let Some(token) = req.client_token {
        answer["ClientToken"] = json!(token);
    }
    Ok(answer)
}

/// Changes what can change: policy, and routes or interfaces (`GE-8`, `IE-9`). All or nothing.
fn modify(cx: &mut Cx, req: ModifyRequest) -> Result<Value, Error> {
    let id = required(&req.vpc_endpoint_id, "vpcEndpointId")?;
    let mut endpoint = cx.find::<VpcEndpoint>(id)?.clone();
    let document = req.policy_document.as_deref();
    let policy = policy::read(document, &endpoint.service, cx.region_name())?;
    match (policy, req.reset_policy) {
        (Some(_), Some(true)) => {
            return Err(Error::exclusive("policyDocument", "resetPolicy"));
        }
        (Some(policy), _) => endpoint.policy = Some(policy),
        (None, Some(true)) => endpoint.policy = None,
        (None, _) => {}
    }
    match &endpoint.kind {
        VpcEndpointKind::Gateway => gateway::modify(cx, &req, endpoint)?,
        VpcEndpointKind::Interface(_) => interface::modify(cx, &req, endpoint)?,
    }
    Ok(json!({"Return": true}))
}

/// Deletes those that are there and tells which were not (`GE-9`).
fn delete(cx: &mut Cx, req: DeleteRequest) -> Result<Value, Error> {
    if req.vpc_endpoint_ids.is_empty() {
        return Err(Error::missing_parameter("vpcEndpointIds"));
    }
    let mut unsuccessful = Vec::new();
    for text in &req.vpc_endpoint_ids {
        let id = parse_id::<VpcEndpointId>(text)?;
        let own = cx.get::<VpcEndpoint>(id);
        let own = own
            .filter(|endpoint| endpoint.owner == *cx.account())
            .cloned();
        match own {
            Some(endpoint) => remove(cx, &endpoint),
            None => unsuccessful.push(json!({
                "ResourceId": text,
                "Error": {
                    "Code": "InvalidVpcEndpoint.NotFound",
                    "Message": Error::not_found(Resource::VpcEndpoint, text).message(),
                },
            })),
        }
    }
    Ok(json!({"Unsuccessful": unsuccessful}))
}

fn remove(cx: &mut Cx, endpoint: &VpcEndpoint) {
    match &endpoint.kind {
        VpcEndpointKind::Gateway => gateway::delete(cx, endpoint.id),
        VpcEndpointKind::Interface(own) => interface::delete(cx, own),
    }
    vpc_endpoint_service::forget(cx, NotificationSubject::Endpoint(endpoint.id));
    cx.delete::<VpcEndpoint>(endpoint.id);
}

/// DescribeVpcEndpointAssociations tells of endpoints of resources and service networks, of which there are none.
fn describe_associations(cx: &Cx, input: &Value) -> Result<Value, Error> {
    select::<VpcEndpoint>(cx, input)?;
    Ok(json!({"VpcEndpointAssociations": []}))
}
