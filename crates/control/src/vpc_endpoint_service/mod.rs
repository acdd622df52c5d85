//! Actions on endpoint services, the provider's side of PrivateLink (`EP-1` to `EP-11`).
//!
//! [`configuration`] makes and changes them; [`permissions`] tells who may know of one; [`connections`] accepts and
//! rejects endpoints; [`private_dns`] is about a provider's own name; [`notifications`] keeps who wants to be told.

mod configuration;
mod connections;
mod notifications;
mod permissions;
mod private_dns;

use openvpc_model::*;
use serde_json::{Value, json};

use crate::describe::{Describe, Filter, describe, tag_set};
use crate::request::read;
use crate::{Action, Cx};

pub use configuration::serves;
pub use notifications::forget;
pub use permissions::is_allowed;

#[rustfmt::skip]
pub const ACTIONS: &[Action] = &[
    ("CreateVpcEndpointServiceConfiguration", |cx, input| configuration::create(cx, read(input)?)),
    ("ModifyVpcEndpointServiceConfiguration", |cx, input| configuration::modify(cx, read(input)?)),
    ("DeleteVpcEndpointServiceConfigurations", |cx, input| configuration::delete(cx, read(input)?)),
    ("DescribeVpcEndpointServiceConfigurations", |cx, input| describe::<VpcEndpointService>(cx, &input)),
    ("ModifyVpcEndpointServicePermissions", |cx, input| permissions::modify(cx, read(input)?)),
    ("DescribeVpcEndpointServicePermissions", |cx, input| permissions::describe(cx, &input)),
    ("AcceptVpcEndpointConnections", |cx, input| connections::accept(cx, read(input)?)),
    ("RejectVpcEndpointConnections", |cx, input| connections::reject(cx, read(input)?)),
    ("DescribeVpcEndpointConnections", |cx, input| connections::describe(cx, &input)),
    ("StartVpcEndpointServicePrivateDnsVerification", |cx, input| private_dns::start(cx, read(input)?)),
    ("CreateVpcEndpointConnectionNotification", |cx, input| notifications::create(cx, read(input)?)),
    ("ModifyVpcEndpointConnectionNotification", |cx, input| notifications::modify(cx, read(input)?)),
    ("DeleteVpcEndpointConnectionNotifications", |cx, input| notifications::delete(cx, read(input)?)),
    ("DescribeVpcEndpointConnectionNotifications", |cx, input| notifications::describe(cx, &input)),
];

impl Describe for VpcEndpointService {
    const LIST: &'static str = "ServiceConfigurations";
    const IDS: &'static str = "ServiceIds";
    #[rustfmt::skip]
    const FILTERS: &'static [Filter<VpcEndpointService>] = &[
        ("service-name", |s, cx| vec![name(cx, s)]),
        ("service-id", |s, _| vec![s.id.to_string()]),
        ("service-state", |_, _| vec!["Available".to_owned()]),
        ("supported-ip-address-types", |_, _| vec!["ipv4".to_owned()]),
    ];

    /// `EP-1`.
    fn render(&self, cx: &Cx) -> Value {
        let region = cx.region_name();
        let arns = self.load_balancers.iter().filter_map(|id| {
            let lb = cx.get::<LoadBalancer>(*id)?;
            Some(lb.arn(region))
        });
        let zones = zones(cx, self);
        let ids = zones.iter().filter_map(|zone| {
            let zone = cx.region_info().zone(zone)?;
            Some(zone.id.clone())
        });
        let mut rendered = json!({
            "ServiceType": [{"ServiceType": "Interface"}],
            "ServiceId": self.id,
            "ServiceName": name(cx, self),
            "ServiceState": "Available",
            "AvailabilityZones": zones,
            "AvailabilityZoneIds": ids.collect::<Vec<_>>(),
            "AcceptanceRequired": self.acceptance_required,
            "ManagesVpcEndpoints": false,
            "NetworkLoadBalancerArns": arns.collect::<Vec<_>>(),
            "SupportedIpAddressTypes": ["ipv4"],
            "SupportedRegions": [{"Region": region, "ServiceState": "Available"}],
            "BaseEndpointDnsNames": [self.base_dns_name(region)],
            "RemoteAccessEnabled": false,
            "Tags": tag_set(cx, self.id),
        });
        if let Some(own) = &self.private_dns_name {
            rendered["PrivateDnsName"] = json!(own.name);
            rendered["PrivateDnsNameConfiguration"] = private_dns::render(own);
        }
        rendered
    }
}

/// As in `ServiceName`.
pub fn name(cx: &Cx, service: &VpcEndpointService) -> String {
    EndpointService::Customer(service.id).name(cx.region_name())
}

/// The zones of a service: those in which its load balancers have nodes (`EP-3`), ascending.
pub fn zones(cx: &Cx, service: &VpcEndpointService) -> Vec<String> {
    let balancers = service.load_balancers.iter();
    let balancers = balancers.filter_map(|id| cx.get::<LoadBalancer>(*id));
    let nodes = balancers.flat_map(|lb| lb.nodes.values());
    let nodes = nodes.filter_map(|eni| cx.get::<NetworkInterface>(*eni));
    let mut zones: Vec<String> = nodes.map(|eni| eni.availability_zone.clone()).collect();
    zones.sort_unstable();
    zones.dedup();
    zones
}

/// What a new endpoint to a service is at first (`IE-8`).
pub fn first_state(cx: &Cx, service: &EndpointService) -> VpcEndpointState {
    let customers = match service {
        EndpointService::Aws(_) => None,
        EndpointService::Customer(id) => cx.get::<VpcEndpointService>(*id),
    };
    match customers.is_some_and(|service| service.acceptance_required) {
        true => VpcEndpointState::PendingAcceptance,
        false => VpcEndpointState::Available,
    }
}

/// What a consumer is told of a service: a row of DescribeVpcEndpointServices.
pub fn details(cx: &Cx, service: &VpcEndpointService) -> Value {
    let rendered = service.render(cx);
    let mut details = json!({
        "Owner": service.owner,
        "VpcEndpointPolicySupported": false,
        "ServiceRegion": cx.region_name(),
    });
    for member in [
        "ServiceName",
        "ServiceId",
        "ServiceType",
        "AvailabilityZones",
        "AvailabilityZoneIds",
        "BaseEndpointDnsNames",
        "AcceptanceRequired",
        "ManagesVpcEndpoints",
        "SupportedIpAddressTypes",
        "Tags",
    ] {
        details[member] = rendered[member].clone();
    }
    if let Some(own) = &service.private_dns_name {
        details["PrivateDnsName"] = json!(own.name);
        details["PrivateDnsNames"] = json!([{"PrivateDnsName": own.name}]);
        details["PrivateDnsNameVerificationState"] = json!(own.state.as_str());
    }
    details
}
