//! Asking for a connection (`PCX-1` to `PCX-5`).

use openvpc_ec2::Error;
use openvpc_model::*;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{change, overlap, render};
use crate::Cx;
use crate::entity::Entity;
use crate::ids::parse_id;
use crate::request::required;
use crate::tags::{self, TagSpecification};

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct CreateRequest {
    vpc_id: Option<String>,
    peer_vpc_id: Option<String>,
    peer_owner_id: Option<String>,
    peer_region: Option<String>,
    tag_specifications: Vec<TagSpecification>,
}

/// Makes a connection that waits for its acceptance. What the requester cannot know of a VPC of another account is
/// not refused: the request is taken, and fails (`PCX-3`).
pub fn create(cx: &mut Cx, req: CreateRequest) -> Result<Value, Error> {
    let near = cx.find::<Vpc>(required(&req.vpc_id, "vpcId")?)?.clone();
    let far = parse_id::<VpcId>(required(&req.peer_vpc_id, "peerVpcId")?)?;
    let accepter_owner = match req.peer_owner_id.as_deref() {
        None => cx.account().clone(),
        Some(text) => text
            .parse()
            .map_err(|_| Error::invalid_value("peerOwnerId", text))?,
    };
    let region = req.peer_region.as_deref().unwrap_or(cx.region_name());
    if cx.settings().region(region).is_none() {
        return Err(Error::invalid_value("peerRegion", region));
    }
    let region = region.to_owned();
    let tags = tags::at_creation(&req.tag_specifications, VpcPeeringConnection::TAG_TYPE, &[])?;
    if far == near.id {
        return Err(Error::invalid_value_because(
            "peerVpcId",
            &far.to_string(),
            "A VPC cannot be peered with itself.",
        ));
    }
    check_new(cx, near.id, far)?;
    let peer = cx.get_in::<Vpc>(&region, far);
    let peer = peer.filter(|peer| peer.owner == accepter_owner);
    let fits = peer.is_some_and(|peer| !overlap(&near, peer));
    let end = |vpc, region| PeeringEnd {
        vpc,
        region,
        allow_dns_resolution_from_remote_vpc: false,
    };
    let request = VpcPeeringConnection {
        id: cx.new_id(),
        owner: cx.account().clone(),
        requester: end(near.id, cx.region_name().to_owned()),
        accepter_owner,
        accepter: end(far, region),
        status: PeeringStatus::PendingAcceptance,
        requested_at: cx.now(),
        status_at: cx.now(),
    };
    cx.put(request.clone());
    cx.set_tags(request.id, tags);
    let message = format!("Initiating Request to {}", request.accepter_owner);
    let answer = render(cx, &request, "initiating-request", &message);
    if !fits {
        change(cx, &request, PeeringStatus::Failed);
    }
    Ok(json!({"VpcPeeringConnection": answer}))
}

/// One live connection between two VPCs (`PCX-5`), and not too many open requests (`PCX-12`).
fn check_new(cx: &Cx, near: VpcId, far: VpcId) -> Result<(), Error> {
    let mut all = cx.all::<VpcPeeringConnection>();
    if let Some(known) = all.find(|p| p.status.is_live() && p.joins(near, far)) {
        return Err(Error::new(
            "VpcPeeringConnectionAlreadyExists",
            format!(
                "The VPC peering connection {} between {near} and {far} already exists.",
                known.id
            ),
        ));
    }
    let open = |p: &&VpcPeeringConnection| {
        p.status == PeeringStatus::PendingAcceptance
            && p.owner == *cx.account()
            && p.requester.region == cx.region_name()
    };
    let open = cx.all::<VpcPeeringConnection>().filter(open).count();
    match open < cx.quotas().outstanding_peering_requests {
        true => Ok(()),
        false => Err(Error::limit_exceeded(
            "OutstandingVpcPeeringConnectionLimitExceeded",
            "outstanding VPC peering connection requests",
        )),
    }
}
