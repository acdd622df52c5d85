//! What becomes of a request: accepted, rejected, deleted (`PCX-6` to `PCX-9`).

use openvpc_ec2::Error;
use openvpc_model::*;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{change, overlap, render, vpc_of};
use crate::Cx;
use crate::request::{done, required};

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct AnswerRequest {
    vpc_peering_connection_id: Option<String>,
}

impl AnswerRequest {
    fn find(&self, cx: &Cx) -> Result<VpcPeeringConnection, Error> {
        let id = required(&self.vpc_peering_connection_id, "vpcPeeringConnectionId")?;
        cx.find::<VpcPeeringConnection>(id).cloned()
    }
}

/// Joins the two VPCs. A VPC that has come to overlap the other since the request makes it fail (`VPC-9`).
pub fn accept(cx: &mut Cx, req: AnswerRequest) -> Result<Value, Error> {
    let peering = req.find(cx)?;
    check_accepter(cx, &peering, "accept", "accepted")?;
    check_pending(&peering, "provisioning")?;
    let ends = [&peering.requester, &peering.accepter];
    let [Some(near), Some(far)] = ends.map(|end| vpc_of(cx, end)) else {
        change(cx, &peering, PeeringStatus::Failed);
        return Err(invalid_transition(&peering, "failed", "provisioning"));
    };
    if overlap(near, far) {
        return Err(invalid_transition(&peering, "failed", "provisioning"));
    }
    for end in ends {
        let all = cx.all_in::<VpcPeeringConnection>(&end.region);
        let of_end = |p: &&VpcPeeringConnection| p.is_active() && p.far_end(end.vpc).is_some();
        let active = all.filter(of_end).count();
        if active >= cx.quotas().active_peerings_per_vpc {
            return Err(Error::limit_exceeded(
                "ActiveVpcPeeringConnectionPerVpcLimitExceeded",
                "active VPC peering connections per VPC",
            ));
        }
    }
    let active = change(cx, &peering, PeeringStatus::Active);
    let answer = render(cx, &active, "provisioning", "Provisioning");
    Ok(json!({"VpcPeeringConnection": answer}))
}

/// `PCX-8`.
pub fn reject(cx: &mut Cx, req: AnswerRequest) -> Result<Value, Error> {
    let peering = req.find(cx)?;
    check_accepter(cx, &peering, "reject", "rejected")?;
    check_pending(&peering, "rejected")?;
    change(cx, &peering, PeeringStatus::Rejected);
    done()
}

/// `PCX-9`.
pub fn delete(cx: &mut Cx, req: AnswerRequest) -> Result<Value, Error> {
    let peering = req.find(cx)?;
    match peering.status {
        PeeringStatus::Active => {}
        PeeringStatus::PendingAcceptance if peering.owner == *cx.account() => {}
        PeeringStatus::PendingAcceptance => return Err(not_yours(cx, &peering, "delete")),
        _ => {
            let from = peering.status.as_str();
            return Err(invalid_transition(&peering, from, "deleting"));
        }
    }
    let by = cx.account().clone();
    change(cx, &peering, PeeringStatus::Deleted { by });
    done()
}

/// By the accepter's owner, in the accepter's region (`PCX-6`).
fn check_accepter(
    cx: &Cx,
    peering: &VpcPeeringConnection,
    verb: &str,
    participle: &str,
) -> Result<(), Error> {
    if peering.accepter_owner != *cx.account() {
        return Err(not_yours(cx, peering, verb));
    }
    let (here, there) = (cx.region_name(), &peering.accepter.region);
    match here == there {
        true => Ok(()),
        false => Err(Error::operation_not_permitted(format!(
            "Incorrect region ({here}) specified for this request. VPC peering connection {} must \
             be {participle} in region {there}",
            peering.id
        ))),
    }
}

fn not_yours(cx: &Cx, peering: &VpcPeeringConnection, verb: &str) -> Error {
    Error::operation_not_permitted(format!(
        "User ({}) cannot {verb} peering {}",
        cx.account(),
        peering.id
    ))
}

fn check_pending(peering: &VpcPeeringConnection, to: &str) -> Result<(), Error> {
    match peering.status {
        PeeringStatus::PendingAcceptance => Ok(()),
        _ => Err(invalid_transition(peering, peering.status.as_str(), to)),
    }
}

fn invalid_transition(peering: &VpcPeeringConnection, from: &str, to: &str) -> Error {
    Error::new(
        "InvalidStateTransition",
        format!(
            "Invalid state transition for {}, attempted to transition from {from} to {to}",
            peering.id
        ),
    )
}
