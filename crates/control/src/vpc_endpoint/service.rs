//! What an endpoint can lead to: AWS's services in this region (spec 04 §6), each by one way or two (`GE-13`).

use openvpc_ec2::Error;
use openvpc_model::*;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::request::Kind;
use crate::Cx;
use crate::filters::Filters;
use crate::paging::Page;
use crate::vpc_endpoint_service::{self, is_allowed};

/// The service of that name, if endpoints of a kind can lead to it (`GE-1`, `IE-12`).
///
/// # Errors
/// `InvalidServiceName`; `InvalidParameter` for the wrong kind.
pub fn find(
    cx: &Cx,
    name: &str,
    region: Option<&str>,
    kind: Kind,
) -> Result<EndpointService, Error> {
    let offers: Vec<Offer> = offers(cx).filter(|offer| offer.name == name).collect();
    let is_here = region.is_none_or(|region| region == cx.region_name());
    if offers.is_empty() || !is_here {
        return Err(unknown(name));
    }
    match offers.iter().find(|offer| offer.kind == kind) {
        Some(offer) => Ok(offer.service.clone()),
        None => {
            let kinds: Vec<&str> = offers.iter().map(|offer| offer.kind.as_str()).collect();
            Err(Error::invalid_parameter(format!(
                "Endpoint type ({}) does not match available service types ([{}]).",
                kind.as_str(),
                kinds.join(", ")
            )))
        }
    }
}

fn unknown(name: &str) -> Error {
    Error::new(
        "InvalidServiceName",
        format!("The Vpc Endpoint Service '{name}' does not exist"),
    )
}

/// One way to one service: a row of DescribeVpcEndpointServices.
struct Offer {
    name: String,
    kind: Kind,
    service: EndpointService,
    details: Value,
}

/// All that the caller can connect to, ascending by name and kind.
fn offers<'c>(cx: &'c Cx) -> impl Iterator<Item = Offer> + 'c {
    let customers = cx.all::<VpcEndpointService>();
    let customers = customers.filter(|service| is_allowed(cx, service));
    aws_offers(cx).chain(customers.map(|service| of_customer(cx, service)))
}

fn of_customer(cx: &Cx, service: &VpcEndpointService) -> Offer {
    let id = EndpointService::Customer(service.id);
    Offer {
        name: id.name(cx.region_name()),
        kind: Kind::Interface,
        service: id,
        details: vpc_endpoint_service::details(cx, service),
    }
}

fn aws_offers<'c>(cx: &'c Cx) -> impl Iterator<Item = Offer> + 'c {
    aws_endpoint_services()
        .into_iter()
        .flat_map(move |service| {
            let kinds = [Kind::Gateway, Kind::Interface].into_iter();
            let kinds = kinds.filter(move |kind| match kind {
                Kind::Gateway => service.gateway,
                Kind::Interface => true,
            });
            kinds.map(move |kind| of_aws(cx, service, kind))
        })
}

fn of_aws(cx: &Cx, service: AwsEndpointService, kind: Kind) -> Offer {
    let region = cx.region_name();
    let id = EndpointService::Aws(service.name.to_owned());
    let name = id.name(region);
    let zones = &cx.region_info().zones;
    let base = match kind {
        Kind::Gateway => format!("{}.{region}.amazonaws.com", service.name),
        Kind::Interface => format!("{}.{region}.vpce.amazonaws.com", service.name),
    };
    let mut details = json!({
        "ServiceName": name,
        "ServiceId": service_id(&name, kind),
        "ServiceType": [{"ServiceType": kind.as_str()}],
        "ServiceRegion": region,
        "AvailabilityZones": zones.iter().map(|zone| &zone.name).collect::<Vec<_>>(),
        "AvailabilityZoneIds": zones.iter().map(|zone| &zone.id).collect::<Vec<_>>(),
        "Owner": "amazon",
        "BaseEndpointDnsNames": [base],
        "VpcEndpointPolicySupported": true,
        "AcceptanceRequired": false,
        "ManagesVpcEndpoints": false,
        "SupportedIpAddressTypes": ["ipv4"],
        "Tags": [],
    });
    if kind == Kind::Interface {
        details["SupportedIpAddressTypes"] = json!(["ipv4", "ipv6"]);
        let private = service.private_dns_names(region);
        details["PrivateDnsName"] = json!(private.first());
        details["PrivateDnsNames"] = private
            .iter()
            .map(|name| json!({"PrivateDnsName": name}))
            .collect();
        details["PrivateDnsNameVerificationState"] = json!("verified");
    }
    Offer {
        name,
        kind,
        service: id,
        details,
    }
}

/// An id that a service always has.
fn service_id(name: &str, kind: Kind) -> VpcEndpointServiceId {
    let digest = Sha256::digest(format!("{name} {}", kind.as_str()));
    let mut low = [0; 16];
    low.copy_from_slice(&digest[..16]);
    VpcEndpointServiceId::from_random(u128::from_be_bytes(low))
}

const FILTERS: [&str; 5] = [
    "owner",
    "service-name",
    "service-region",
    "service-type",
    "supported-ip-address-types",
];

/// DescribeVpcEndpointServices: the names, and what there is to know about each.
pub fn describe(cx: &Cx, input: &Value) -> Result<Value, Error> {
    let filters = Filters::read(input, &FILTERS)?;
    let page = Page::read(cx, "ServiceDetails", input, (5, 1000))?;
    let texts = |member: &str| -> Vec<&str> {
        let texts = input[member].as_array().into_iter().flatten();
        texts.filter_map(Value::as_str).collect()
    };
    let (names, regions) = (texts("ServiceNames"), texts("ServiceRegions"));
    let mut offers: Vec<Offer> = offers(cx).collect();
    if let Some(name) = names
        .iter()
        .find(|name| offers.iter().all(|offer| offer.name != **name))
    {
        return Err(unknown(name));
    }
    offers.retain(|offer| names.is_empty() || names.contains(&offer.name.as_str()));
    offers.retain(|_| regions.is_empty() || regions.contains(&cx.region_name()));
    offers.retain(|offer| {
        let values = |filter: &str| match filter {
            "owner" => offer.details["Owner"]
                .as_str()
                .map(str::to_owned)
                .into_iter()
                .collect(),
            "service-name" => vec![offer.name.clone()],
            "service-region" => vec![cx.region_name().to_owned()],
            "service-type" => vec![offer.kind.as_str().to_owned()],
            _ => {
                let types = offer.details["SupportedIpAddressTypes"].as_array();
                let types = types.into_iter().flatten().filter_map(Value::as_str);
                types.map(str::to_owned).collect()
            }
        };
        filters.pass(Tags::new, values)
    });
    let rows = offers.into_iter();
    let rows = rows.map(|offer| {
        let key = format!("{} {}", offer.name, offer.kind.as_str());
        (key, offer)
    });
    let (offers, token) = page.take(rows)?;
    let mut names: Vec<&String> = offers.iter().map(|offer| &offer.name).collect();
    names.dedup();
    let mut answer = json!({
        "ServiceNames": names,
        "ServiceDetails": offers.iter().map(|offer| &offer.details).collect::<Vec<_>>(),
    });
    if let Some(token) = token {
        answer["NextToken"] = json!(token);
    }
    Ok(answer)
}
