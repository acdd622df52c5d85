//! Endpoints as their provider sees them: to be accepted, to be rejected (`EP-5`, `IE-8`).

use openvpc_ec2::Error;
use openvpc_model::*;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Cx;
use crate::describe::{Describe, listing};
use crate::filters::Filters;
use crate::ids::{not_found, parse_id};
use crate::paging::Page;
use crate::request::required;

/// Whether an endpoint holds its service in place (`EP-6`).
pub fn is_live(endpoint: &VpcEndpoint) -> bool {
    match endpoint.state {
        VpcEndpointState::Available | VpcEndpointState::PendingAcceptance => true,
        VpcEndpointState::Rejected => false,
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ConnectionsRequest {
    service_id: Option<String>,
    vpc_endpoint_ids: Vec<String>,
}

/// Only one that waits can be accepted; one that is there already is.
pub fn accept(cx: &mut Cx, req: ConnectionsRequest) -> Result<Value, Error> {
    change(cx, &req, VpcEndpointState::Available, |state| {
        state != VpcEndpointState::Rejected
    })
}

/// Packets stop at once.
pub fn reject(cx: &mut Cx, req: ConnectionsRequest) -> Result<Value, Error> {
    change(cx, &req, VpcEndpointState::Rejected, |_| true)
}

fn change(
    cx: &mut Cx,
    req: &ConnectionsRequest,
    to: VpcEndpointState,
    may: impl Fn(VpcEndpointState) -> bool,
) -> Result<Value, Error> {
    let id = required(&req.service_id, "serviceId")?;
    let service = cx.find::<VpcEndpointService>(id)?.id;
    if req.vpc_endpoint_ids.is_empty() {
        return Err(Error::missing_parameter("vpcEndpointIds"));
    }
    let mut unsuccessful = Vec::new();
    for text in &req.vpc_endpoint_ids {
        let endpoint = parse_id::<VpcEndpointId>(text)?;
        let endpoint = cx.get::<VpcEndpoint>(endpoint);
        let leads_here =
            |endpoint: &&VpcEndpoint| endpoint.service == EndpointService::Customer(service);
        let refused = match endpoint.filter(leads_here).cloned() {
            None => not_found::<VpcEndpointId>(text),
            Some(endpoint) if !may(endpoint.state) => Error::new(
                "InvalidState",
                format!(
                    "The Vpc Endpoint '{text}' is in state '{}', which does not allow this operation.",
                    endpoint.state.as_str()
                ),
            ),
            Some(endpoint) => {
                cx.put(VpcEndpoint {
                    state: to,
                    ..endpoint
                });
                continue;
            }
        };
        unsuccessful.push(json!({
            "ResourceId": text,
            "Error": {"Code": refused.code(), "Message": refused.message()},
        }));
    }
    Ok(json!({ "Unsuccessful": unsuccessful }))
}

const FILTERS: [&str; 5] = [
    "ip-address-type",
    "service-id",
    "vpc-endpoint-id",
    "vpc-endpoint-owner",
    "vpc-endpoint-state",
];

/// Endpoints of all the caller's services.
pub fn describe(cx: &Cx, input: &Value) -> Result<Value, Error> {
    let filters = Filters::read(input, &FILTERS)?;
    let page = Page::read(cx, "VpcEndpointConnections", input, (5, 1000))?;
    let rows = cx.all::<VpcEndpoint>().filter_map(|endpoint| {
        let EndpointService::Customer(id) = endpoint.service else {
            return None;
        };
        let service = cx.get::<VpcEndpointService>(id);
        let service = service.filter(|service| service.owner == *cx.account())?;
        let values = |name: &str| match name {
            "service-id" => vec![id.to_string()],
            "vpc-endpoint-id" => vec![endpoint.id.to_string()],
            "vpc-endpoint-owner" => vec![endpoint.owner.to_string()],
            "vpc-endpoint-state" => vec![endpoint.state.as_str().to_owned()],
            _ => vec!["ipv4".to_owned()],
        };
        filters
            .pass(Tags::new, values)
            .then(|| (endpoint.id, render(cx, service, endpoint)))
    });
    let mut rows: Vec<_> = rows.collect();
    rows.sort_by_key(|(id, _)| *id);
    let (rows, token) = page.take(rows.into_iter())?;
    Ok(listing("VpcEndpointConnections", rows, token))
}

fn render(cx: &Cx, service: &VpcEndpointService, endpoint: &VpcEndpoint) -> Value {
    let consumer = endpoint.render(cx);
    let provider = service.render(cx);
    json!({
        "ServiceId": service.id,
        "VpcEndpointId": endpoint.id,
        "VpcEndpointOwner": endpoint.owner,
        "VpcEndpointState": endpoint.state.as_str(),
        "VpcEndpointRegion": cx.region_name(),
        "CreationTimestamp": endpoint.created_at,
        "DnsEntries": consumer["DnsEntries"],
        "NetworkLoadBalancerArns": provider["NetworkLoadBalancerArns"],
        "IpAddressType": consumer["IpAddressType"],
        // One connection an endpoint: it has the endpoint's digits.
        "VpcEndpointConnectionId": endpoint.id.to_string().replacen("vpce-", "vpce-con-", 1),
        "Tags": [],
    })
}
