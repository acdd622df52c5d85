//! Create, modify and delete endpoint service configurations (`EP-1`, `EP-2`, `EP-6`).

use std::collections::{BTreeMap, BTreeSet};

use openvpc_ec2::{Error, Resource};
use openvpc_model::*;
use serde::Deserialize;
use serde_json::{Value, json};

use super::connections::is_live;
use super::notifications::forget;
use super::private_dns;
use crate::Cx;
use crate::describe::Describe;
use crate::elb;
use crate::entity::Entity;
use crate::ids::parse_id;
use crate::request::{required, unsupported};
use crate::tags::{self, TagSpecification};

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct CreateRequest {
    acceptance_required: Option<bool>,
    private_dns_name: Option<String>,
    network_load_balancer_arns: Vec<String>,
    gateway_load_balancer_arns: Vec<String>,
    supported_ip_address_types: Vec<String>,
    supported_regions: Vec<String>,
    tag_specifications: Vec<TagSpecification>,
    client_token: Option<String>,
}

pub fn create(cx: &mut Cx, req: CreateRequest) -> Result<Value, Error> {
    let (network, gateway) = (
        req.network_load_balancer_arns.is_empty(),
        req.gateway_load_balancer_arns.is_empty(),
    );
    if network == gateway {
        return Err(Error::invalid_parameter(
            "exactly one of network_load_balancer_arn or gateway_load_balancer_arn is a required member",
        ));
    }
    if let Some(arn) = req.gateway_load_balancer_arns.first() {
        return Err(Error::new(
            "InvalidGatewayLoadBalancerArn.NotFound",
            format!(
                "The Gateway Load Balancer '{}' does not exist",
                elb::clip(arn)
            ),
        ));
    }
    check_ip_address_types(&req.supported_ip_address_types)?;
    check_regions(cx, &req.supported_regions)?;
    let load_balancers = load_balancers(cx, &req.network_load_balancer_arns, None)?;
    let tags = tags::at_creation(&req.tag_specifications, VpcEndpointService::TAG_TYPE, &[])?;
    if cx.own::<VpcEndpointService>().count() >= cx.quotas().endpoint_services_per_region {
        return Err(Error::limit_exceeded(
            "VpcEndpointServiceLimitExceeded",
            "VPC endpoint services",
        ));
    }
    let private_dns_name = match req.private_dns_name.as_deref() {
        None | Some("") => None,
        Some(name) => Some(private_dns::new(cx, name)?),
    };
    let service = VpcEndpointService {
        id: cx.new_id(),
        owner: cx.account().clone(),
        load_balancers,
        acceptance_required: req.acceptance_required.unwrap_or(true),
        allowed_principals: BTreeMap::new(),
        private_dns_name,
        created_at: cx.now(),
    };
    cx.put(service.clone());
    cx.set_tags(service.id, tags);
    let mut answer = json!({"ServiceConfiguration": service.render(cx)});
    if let Some(token) = req.client_token {
        answer["ClientToken"] = json!(token);
    }
    Ok(answer)
}

/// The caller's load balancers behind these ARNs, none of which serves another service (`EP-2`).
fn load_balancers(
    cx: &Cx,
    arns: &[String],
    own: Option<VpcEndpointServiceId>,
) -> Result<BTreeSet<LoadBalancerId>, Error> {
    let mut found = BTreeSet::new();
    for arn in arns {
        let lb = elb::find::<LoadBalancer>(cx, arn).map_err(|error| {
            let shown = elb::clip(arn);
            match error.code() {
                "ValidationError" => Error::new(
                    "InvalidNetworkLoadBalancerArn.Malformed",
                    format!("The Network Load Balancer ARN '{shown}' is malformed"),
                ),
                _ => Error::new(
                    "InvalidNetworkLoadBalancerArn.NotFound",
                    format!("The Network Load Balancer '{shown}' does not exist"),
                ),
            }
        })?;
        if serves(cx, lb.id).is_some_and(|service| Some(service.id) != own) {
            return Err(Error::invalid_parameter(format!(
                "The Network Load Balancer '{arn}' is already associated with another VPC endpoint service"
            )));
        }
        found.insert(lb.id);
    }
    Ok(found)
}

/// The service that a load balancer stands behind.
pub fn serves<'c>(cx: &'c Cx, id: LoadBalancerId) -> Option<&'c VpcEndpointService> {
    let mut services = cx.all::<VpcEndpointService>();
    services.find(|service| service.load_balancers.contains(&id))
}

fn check_ip_address_types(wanted: &[String]) -> Result<(), Error> {
    match wanted.iter().find(|kind| *kind != "ipv4") {
        None => Ok(()),
        Some(kind) if kind == "ipv6" => Err(Error::unsupported_operation(
            "Endpoint services over IPv6 are not supported.",
        )),
        Some(kind) => Err(Error::invalid_parameter(format!(
            "'{}' is no IP address type of endpoint services",
            elb::clip(kind)
        ))),
    }
}

fn check_regions(cx: &Cx, wanted: &[String]) -> Result<(), Error> {
    match wanted.iter().all(|region| region == cx.region_name()) {
        true => Ok(()),
        false => Err(Error::unsupported_operation(
            "Endpoint services are offered in their own region only.",
        )),
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ModifyRequest {
    service_id: Option<String>,
    private_dns_name: Option<String>,
    remove_private_dns_name: Option<bool>,
    acceptance_required: Option<bool>,
    add_network_load_balancer_arns: Vec<String>,
    remove_network_load_balancer_arns: Vec<String>,
    add_gateway_load_balancer_arns: Option<Value>,
    remove_gateway_load_balancer_arns: Option<Value>,
    add_supported_ip_address_types: Vec<String>,
    remove_supported_ip_address_types: Option<Value>,
    add_supported_regions: Vec<String>,
    remove_supported_regions: Option<Value>,
}

pub fn modify(cx: &mut Cx, req: ModifyRequest) -> Result<Value, Error> {
    let id = required(&req.service_id, "serviceId")?;
    let mut service = cx.find::<VpcEndpointService>(id)?.clone();
    unsupported(
        &req.add_gateway_load_balancer_arns,
        "AddGatewayLoadBalancerArn",
    )?;
    unsupported(
        &req.remove_gateway_load_balancer_arns,
        "RemoveGatewayLoadBalancerArn",
    )?;
    unsupported(
        &req.remove_supported_ip_address_types,
        "RemoveSupportedIpAddressType",
    )?;
    unsupported(&req.remove_supported_regions, "RemoveSupportedRegion")?;
    check_ip_address_types(&req.add_supported_ip_address_types)?;
    check_regions(cx, &req.add_supported_regions)?;
    let added = load_balancers(cx, &req.add_network_load_balancer_arns, Some(service.id))?;
    let removed = load_balancers(cx, &req.remove_network_load_balancer_arns, Some(service.id))?;
    let mut changed = service.load_balancers.clone();
    changed.extend(added);
    changed.retain(|lb| !removed.contains(lb));
    if changed != service.load_balancers {
        if changed.is_empty() {
            return Err(Error::invalid_parameter(
                "A VPC endpoint service must have at least one load balancer",
            ));
        }
        if has_live_endpoints(cx, service.id) {
            return Err(existing_connections(service.id));
        }
        service.load_balancers = changed;
    }
    match (req.private_dns_name.as_deref(), req.remove_private_dns_name) {
        (Some(_), Some(true)) => {
            return Err(Error::exclusive("privateDnsName", "removePrivateDnsName"));
        }
        (Some(name), _) => service.private_dns_name = Some(private_dns::new(cx, name)?),
        (None, Some(true)) => service.private_dns_name = None,
        (None, _) => {}
    }
    if let Some(required) = req.acceptance_required {
        service.acceptance_required = required;
    }
    cx.put(service);
    Ok(json!({"Return": true}))
}

fn has_live_endpoints(cx: &Cx, id: VpcEndpointServiceId) -> bool {
    let mut endpoints = cx.all::<VpcEndpoint>();
    endpoints.any(|endpoint| endpoint.service == EndpointService::Customer(id) && is_live(endpoint))
}

/// `EP-6`.
fn existing_connections(id: VpcEndpointServiceId) -> Error {
    Error::new(
        "ExistingVpcEndpointConnections",
        format!("Service {id} has existing active VPC Endpoint connections!"),
    )
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct DeleteRequest {
    service_ids: Vec<String>,
}

/// Deletes those without live endpoints; rejected ones see their service go.
pub fn delete(cx: &mut Cx, req: DeleteRequest) -> Result<Value, Error> {
    if req.service_ids.is_empty() {
        return Err(Error::missing_parameter("serviceIds"));
    }
    let mut unsuccessful = Vec::new();
    for text in &req.service_ids {
        let id = parse_id::<VpcEndpointServiceId>(text)?;
        let own = cx.get::<VpcEndpointService>(id);
        let refused = match own.filter(|service| service.owner == *cx.account()) {
            None => Some(Error::new(
                // Spelt as no other call spells it (spec 06 §2).
                "InvalidVpcEndpointService.NotFound",
                Error::not_found(Resource::VpcEndpointService, text).message(),
            )),
            Some(_) if has_live_endpoints(cx, id) => Some(existing_connections(id)),
            Some(_) => None,
        };
        match refused {
            Some(error) => unsuccessful.push(json!({
                "ResourceId": text,
                "Error": {"Code": error.code(), "Message": error.message()},
            })),
            None => {
                forget(cx, NotificationSubject::Service(id));
                cx.delete::<VpcEndpointService>(id);
            }
        }
    }
    Ok(json!({ "Unsuccessful": unsuccessful }))
}
