//! What names lead to across a connection (`PCX-20` to `PCX-24`).

use openvpc_ec2::Error;
use openvpc_model::*;
use serde::Deserialize;
use serde_json::{Value, json};

use super::vpc_of;
use crate::Cx;
use crate::request::required;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct OptionsRequest {
    vpc_peering_connection_id: Option<String>,
    requester_peering_connection_options: Option<EndOptions>,
    accepter_peering_connection_options: Option<EndOptions>,
}

/// The options of one end. Those of EC2-Classic are accepted and mean nothing.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct EndOptions {
    allow_dns_resolution_from_remote_vpc: Option<bool>,
}

/// The options of an end as they stand in an answer.
pub fn render(end: &PeeringEnd) -> Value {
    json!({
        "AllowDnsResolutionFromRemoteVpc": end.allow_dns_resolution_from_remote_vpc,
        "AllowEgressFromLocalClassicLinkToRemoteVpc": false,
        "AllowEgressFromLocalVpcToRemoteClassicLink": false,
    })
}

/// Sets the options of one end or of both: each by its owner, in its region (`PCX-23`).
pub fn modify(cx: &mut Cx, req: OptionsRequest) -> Result<Value, Error> {
    let id = required(&req.vpc_peering_connection_id, "vpcPeeringConnectionId")?;
    let mut peering = cx.find::<VpcPeeringConnection>(id)?.clone();
    if !peering.is_active() {
        return Err(Error::operation_not_permitted(format!(
            "Peering {id} is not active. Peering options can be added only to active peerings."
        )));
    }
    let (requester, accepter) = (
        &req.requester_peering_connection_options,
        &req.accepter_peering_connection_options,
    );
    if requester.is_none() && accepter.is_none() {
        return Err(Error::missing_parameter(
            "requesterPeeringConnectionOptions",
        ));
    }
    let resolves = [requester, accepter].into_iter().flatten();
    let mut resolves = resolves.filter_map(|wanted| wanted.allow_dns_resolution_from_remote_vpc);
    if resolves.any(|allow| allow) {
        check_names(cx, &peering)?;
    }
    let owners = [peering.owner.clone(), peering.accepter_owner.clone()];
    let [requester_owner, accepter_owner] = &owners;
    if let Some(wanted) = requester {
        set(cx, id, requester_owner, &mut peering.requester, wanted)?;
    }
    if let Some(wanted) = accepter {
        set(cx, id, accepter_owner, &mut peering.accepter, wanted)?;
    }
    cx.put(peering.clone());
    let mut answer = json!({});
    if requester.is_some() {
        answer["RequesterPeeringConnectionOptions"] = render(&peering.requester);
    }
    if accepter.is_some() {
        answer["AccepterPeeringConnectionOptions"] = render(&peering.accepter);
    }
    Ok(answer)
}

fn set(
    cx: &Cx,
    id: &str,
    owner: &AccountId,
    end: &mut PeeringEnd,
    wanted: &EndOptions,
) -> Result<(), Error> {
    if owner != cx.account() || end.region != cx.region_name() {
        return Err(Error::operation_not_permitted(format!(
            "User ({}) cannot modify the options of {} of peering {id} in region {}",
            cx.account(),
            end.vpc,
            cx.region_name(),
        )));
    }
    if let Some(allow) = wanted.allow_dns_resolution_from_remote_vpc {
        end.allow_dns_resolution_from_remote_vpc = allow;
    }
    Ok(())
}

/// `PCX-22`.
fn check_names(cx: &Cx, peering: &VpcPeeringConnection) -> Result<(), Error> {
    for end in [&peering.requester, &peering.accepter] {
        let named = |vpc: &Vpc| vpc.enable_dns_support && vpc.enable_dns_hostnames;
        if !vpc_of(cx, end).is_some_and(named) {
            return Err(Error::new(
                "InvalidVpcPeeringConnectionState.DnsHostnamesDisabled",
                format!(
                    "DNS resolution support requires DNS hostnames and DNS support to be enabled for {}",
                    end.vpc
                ),
            ));
        }
    }
    Ok(())
}
