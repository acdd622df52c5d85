//! Actions on NAT gateways (`NAT-1` to `NAT-3`, `NAT-8`, `NAT-10`).
//!
//! [`create`] makes one, or one that has failed; [`addresses`] gives and takes secondary addresses.
//! The gateway owns an interface that users cannot change (`ENI-4`); its addresses are that
//! interface's, and Elastic IP addresses stand on them as on any other.

pub mod addresses;
mod create;

use openvpc_ec2::Error;
use openvpc_model::*;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::describe::{Describe, Filter, describe, tag_set};
use crate::ids::not_found;
use crate::network_interface;
use crate::request::{read, required};
use crate::{Action, Cx};

#[rustfmt::skip]
pub const ACTIONS: &[Action] = &[
    ("CreateNatGateway", |cx, input| create::create(cx, read(input)?)),
    ("DeleteNatGateway", |cx, input| delete(cx, read(input)?)),
    ("DescribeNatGateways", describe_nat_gateways),
    ("AssociateNatGatewayAddress", |cx, input| addresses::associate(cx, read(input)?)),
    ("DisassociateNatGatewayAddress", |cx, input| addresses::disassociate(cx, read(input)?)),
    ("AssignPrivateNatGatewayAddress", |cx, input| addresses::assign(cx, read(input)?)),
    ("UnassignPrivateNatGatewayAddress", |cx, input| addresses::unassign(cx, read(input)?)),
];

impl Describe for NatGateway {
    const LIST: &'static str = "NatGateways";
    const IDS: &'static str = "NatGatewayIds";
    const FILTERS: &'static [Filter<NatGateway>] = &[
        ("nat-gateway-id", |n, _| vec![n.id.to_string()]),
        ("state", |n, _| vec![n.state.as_str().to_owned()]),
        ("subnet-id", |n, _| vec![n.subnet.to_string()]),
        ("vpc-id", |n, _| vec![n.vpc.to_string()]),
    ];

    fn render(&self, cx: &Cx) -> Value {
        let mut rendered = json!({
            "NatGatewayId": self.id,
            "VpcId": self.vpc,
            "SubnetId": self.subnet,
            "State": self.state.as_str(),
            "ConnectivityType": self.connectivity.as_str(),
            "AvailabilityMode": "zonal",
            "CreateTime": self.created_at,
            "NatGatewayAddresses": render_addresses(cx, self),
            "Tags": tag_set(cx, self.id),
        });
        if let NatGatewayState::Failed { code, message, .. } = &self.state {
            rendered["FailureCode"] = json!(code);
            rendered["FailureMessage"] = json!(message);
        }
        if let Some(at) = self.state.ended_at() {
            rendered["DeleteTime"] = json!(at);
        }
        rendered
    }
}

/// DescribeNatGateways calls its filters `Filter`, other calls `Filters`.
fn describe_nat_gateways(cx: &mut Cx, mut input: Value) -> Result<Value, Error> {
    let filters = input["Filter"].take();
    if let Value::Object(members) = &mut input {
        members.remove("Filter");
        members.insert("Filters".to_owned(), filters);
    }
    describe::<NatGateway>(cx, &input)
}

fn render_addresses(cx: &Cx, nat: &NatGateway) -> Value {
    if let Some(eni) = interface(cx, nat) {
        let ips = eni.private_ips.iter();
        return ips
            .map(|ip| render_address(cx, eni, *ip, "succeeded"))
            .collect();
    }
    let status = match nat.state {
        NatGatewayState::Failed { .. } => "failed",
        NatGatewayState::Available | NatGatewayState::Deleted { .. } => "succeeded",
    };
    let former = nat.former_addresses.iter().enumerate();
    former
        .map(|(n, address)| {
            let members = [
                ("AllocationId", address.allocation.map(|id| json!(id))),
                (
                    "NetworkInterfaceId",
                    address.network_interface.map(|id| json!(id)),
                ),
                ("PrivateIp", address.private_ip.map(|ip| json!(ip))),
                ("PublicIp", address.public_ip.map(|ip| json!(ip))),
                ("IsPrimary", Some(json!(n == 0))),
                ("Status", Some(json!(status))),
            ];
            let members = members.into_iter();
            Value::Object(Map::from_iter(
                members.filter_map(|(name, value)| Some((name.to_owned(), value?))),
            ))
        })
        .collect()
}

/// One address of a living gateway.
fn render_address(cx: &Cx, eni: &NetworkInterface, ip: std::net::Ipv4Addr, status: &str) -> Value {
    let mut rendered = json!({
        "NetworkInterfaceId": eni.id,
        "PrivateIp": ip,
        "IsPrimary": Some(ip) == eni.primary_ip(),
        "Status": status,
    });
    if let Some(association) = network_interface::association(cx, eni, ip) {
        rendered["PublicIp"] = json!(association.public_ip);
        if let Some((allocation, association)) = association.elastic {
            rendered["AllocationId"] = json!(allocation);
            rendered["AssociationId"] = json!(association);
        }
    }
    rendered
}

fn interface<'c>(cx: &'c Cx, nat: &NatGateway) -> Option<&'c NetworkInterface> {
    cx.get(nat.network_interface?)
}

/// The caller's gateway, if it is neither failed nor deleted, with its interface.
///
/// # Errors
/// `NatGatewayMalformed`, `NatGatewayNotFound`.
fn find_live(cx: &Cx, id: &Option<String>) -> Result<(NatGateway, NetworkInterface), Error> {
    let text = required(id, "natGatewayId")?;
    let nat = cx.find::<NatGateway>(text)?;
    match interface(cx, nat) {
        Some(eni) if nat.is_live() => Ok((nat.clone(), eni.clone())),
        _ => Err(not_found::<NatGatewayId>(text)),
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct DeleteRequest {
    nat_gateway_id: Option<String>,
}

/// Deletes a gateway and its interface; its Elastic IP addresses are free again, routes to it
/// become blackholes (`NAT-10`). It is seen as deleted for a while (`NAT-2`).
fn delete(cx: &mut Cx, req: DeleteRequest) -> Result<Value, Error> {
    let text = required(&req.nat_gateway_id, "natGatewayId")?;
    let mut nat = cx.find::<NatGateway>(text)?.clone();
    if matches!(nat.state, NatGatewayState::Deleted { .. }) {
        return Err(not_found::<NatGatewayId>(text));
    }
    if let Some(eni) = interface(cx, &nat).cloned() {
        let former = eni.private_ips.iter().map(|ip| {
            let association = network_interface::association(cx, &eni, *ip);
            FormerNatAddress {
                network_interface: Some(eni.id),
                private_ip: Some(*ip),
                allocation: association.as_ref().and_then(|a| Some(a.elastic?.0)),
                public_ip: association.as_ref().map(|a| a.public_ip),
            }
        });
        nat.former_addresses = former.collect();
        network_interface::create::remove(cx, &eni);
    }
    nat.network_interface = None;
    nat.state = NatGatewayState::Deleted { at: cx.now() };
    let id = nat.id;
    cx.put(nat);
    Ok(json!({"NatGatewayId": id}))
}
