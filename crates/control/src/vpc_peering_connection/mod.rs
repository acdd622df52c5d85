//! Actions on VPC peering connections (`PCX-1` to `PCX-14`, `PCX-20` to `PCX-24`).
//!
//! [`request`] makes one, or one that has failed; [`answer`] accepts, rejects and deletes; [`options`] says what names
//! lead to. A connection stands in the tables of both its ends' regions and is seen by both their owners.

mod answer;
mod options;
mod request;

use openvpc_ec2::Error;
use openvpc_model::*;
use serde_json::{Value, json};

use crate::describe::{Describe, Filter, describe, tag_set};
use crate::lifecycle::PEERING_PATIENCE_MILLIS;
use crate::request::read;
use crate::{Action, Cx};

#[rustfmt::skip]
pub const ACTIONS: &[Action] = &[
    ("CreateVpcPeeringConnection", |cx, input| request::create(cx, read(input)?)),
    ("AcceptVpcPeeringConnection", |cx, input| answer::accept(cx, read(input)?)),
    ("RejectVpcPeeringConnection", |cx, input| answer::reject(cx, read(input)?)),
    ("DeleteVpcPeeringConnection", |cx, input| answer::delete(cx, read(input)?)),
    ("DescribeVpcPeeringConnections", |cx, input| describe::<VpcPeeringConnection>(cx, &input)),
    ("ModifyVpcPeeringConnectionOptions", |cx, input| options::modify(cx, read(input)?)),
];

impl Describe for VpcPeeringConnection {
    const LIST: &'static str = "VpcPeeringConnections";
    const IDS: &'static str = "VpcPeeringConnectionIds";
    #[rustfmt::skip]
    const FILTERS: &'static [Filter<VpcPeeringConnection>] = &[
        ("vpc-peering-connection-id", |p, _| vec![p.id.to_string()]),
        ("status-code", |p, _| vec![p.status.as_str().to_owned()]),
        ("status-message", |p, _| vec![message(p)]),
        ("expiration-time", |p, _| openvpc_ec2::timestamp::format(expires_at(p)).into_iter().collect()),
        ("requester-vpc-info.vpc-id", |p, _| vec![p.requester.vpc.to_string()]),
        ("requester-vpc-info.owner-id", |p, _| vec![p.owner.to_string()]),
        ("requester-vpc-info.cidr-block", |p, cx| blocks(cx, &p.requester)),
        ("accepter-vpc-info.vpc-id", |p, _| vec![p.accepter.vpc.to_string()]),
        ("accepter-vpc-info.owner-id", |p, _| vec![p.accepter_owner.to_string()]),
        ("accepter-vpc-info.cidr-block", |p, cx| blocks(cx, &p.accepter)),
    ];

    fn render(&self, cx: &Cx) -> Value {
        render(cx, self, self.status.as_str(), &message(self))
    }
}

/// When an unanswered request expires (`PCX-10`).
fn expires_at(peering: &VpcPeeringConnection) -> UnixMillis {
    peering.requested_at + PEERING_PATIENCE_MILLIS
}

fn message(peering: &VpcPeeringConnection) -> String {
    match &peering.status {
        PeeringStatus::PendingAcceptance => {
            format!("Pending Acceptance by {}", peering.accepter_owner)
        }
        PeeringStatus::Active => "Active".to_owned(),
        PeeringStatus::Failed => {
            "Failed due to incorrect VPC-ID, Account ID, or overlapping CIDR range".to_owned()
        }
        PeeringStatus::Expired => format!("Expired: not accepted by {}", peering.accepter_owner),
        PeeringStatus::Rejected => "Inactive".to_owned(),
        PeeringStatus::Deleted { by } => format!("Deleted by {by}"),
    }
}

/// The connection as it stands in an answer, with the status that the answer tells.
fn render(cx: &Cx, peering: &VpcPeeringConnection, code: &str, message: &str) -> Value {
    let pending = peering.status == PeeringStatus::PendingAcceptance;
    let mut rendered = json!({
        "VpcPeeringConnectionId": peering.id,
        "Status": {"Code": code, "Message": message},
        "RequesterVpcInfo": render_end(cx, peering, &peering.owner, &peering.requester, true),
        "AccepterVpcInfo": render_end(cx, peering, &peering.accepter_owner, &peering.accepter, !pending),
        "Tags": tag_set(cx, peering.id),
    });
    if pending {
        rendered["ExpirationTime"] = json!(expires_at(peering));
    }
    rendered
}

/// One of the two VPCs; its blocks are not told before it has agreed (`PCX-2`).
fn render_end(
    cx: &Cx,
    peering: &VpcPeeringConnection,
    owner: &AccountId,
    end: &PeeringEnd,
    with_blocks: bool,
) -> Value {
    let mut rendered = json!({"OwnerId": owner, "VpcId": end.vpc, "Region": end.region});
    if let Some(vpc) = vpc_of(cx, end).filter(|_| with_blocks) {
        let ipv4 = vpc.cidr_blocks.iter();
        let ipv6 = vpc.ipv6_cidr_blocks.iter();
        rendered["CidrBlock"] = json!(vpc.primary_cidr());
        rendered["CidrBlockSet"] = ipv4.map(|block| json!({"CidrBlock": block.cidr})).collect();
        if !vpc.ipv6_cidr_blocks.is_empty() {
            rendered["Ipv6CidrBlockSet"] = ipv6
                .map(|block| json!({"Ipv6CidrBlock": block.cidr}))
                .collect();
        }
    }
    if peering.is_active() {
        rendered["PeeringOptions"] = options::render(end);
    }
    rendered
}

fn vpc_of<'c>(cx: &'c Cx, end: &PeeringEnd) -> Option<&'c Vpc> {
    cx.get_in::<Vpc>(&end.region, end.vpc)
}

fn blocks(cx: &Cx, end: &PeeringEnd) -> Vec<String> {
    let vpc = vpc_of(cx, end);
    let blocks = vpc.map(|vpc| vpc.cidr_blocks.iter().map(|block| block.cidr.to_string()));
    blocks.into_iter().flatten().collect()
}

/// Whether any block of one VPC overlaps any of another, whatever is meant to be routed (`PCX-4`).
fn overlap(one: &Vpc, other: &Vpc) -> bool {
    let ipv4 = |a: &VpcCidrBlock| {
        let mut blocks = other.cidr_blocks.iter();
        blocks.any(|b| crate::request::overlap(a.cidr, b.cidr))
    };
    let ipv6 = |a: &VpcIpv6CidrBlock| {
        let mut blocks = other.ipv6_cidr_blocks.iter();
        blocks.any(|b| a.cidr.contains(&b.cidr) || b.cidr.contains(&a.cidr))
    };
    one.cidr_blocks.iter().any(ipv4) || one.ipv6_cidr_blocks.iter().any(ipv6)
}

/// Gives a connection another status, from now on.
fn change(
    cx: &mut Cx,
    peering: &VpcPeeringConnection,
    status: PeeringStatus,
) -> VpcPeeringConnection {
    let changed = VpcPeeringConnection {
        status,
        status_at: cx.now(),
        ..peering.clone()
    };
    cx.put(changed.clone());
    changed
}

fn live_of<'c>(cx: &'c Cx, vpc: VpcId) -> impl Iterator<Item = &'c VpcPeeringConnection> {
    let all = cx.all::<VpcPeeringConnection>();
    all.filter(move |peering| peering.status.is_live() && peering.far_end(vpc).is_some())
}

/// Ends the connections of a VPC that is about to be deleted, which they do not hold up (`PCX-14`).
pub fn end_all_of(cx: &mut Cx, vpc: VpcId) {
    let doomed: Vec<VpcPeeringConnection> = live_of(cx, vpc).cloned().collect();
    let by = cx.account().clone();
    for peering in doomed {
        change(cx, &peering, PeeringStatus::Deleted { by: by.clone() });
    }
}

/// Judges a further block of a VPC by its connections (`VPC-9`): it may not overlap an active peer's, a requester whose
/// request is open may add none, and a request to a VPC that comes to overlap fails.
///
/// # Errors
/// `InvalidVpc.Range`, `OperationNotPermitted`.
pub fn check_new_block(cx: &mut Cx, vpc: VpcId, cidr: ipnet::Ipv4Net) -> Result<(), Error> {
    let mut failing = Vec::new();
    for peering in live_of(cx, vpc) {
        let far = peering.far_end(vpc).and_then(|far| vpc_of(cx, far));
        let far = far.map(|far| far.cidr_blocks.iter());
        let mut far = far.into_iter().flatten();
        let overlaps = far.any(|block| crate::request::overlap(block.cidr, cidr));
        match (&peering.status, overlaps) {
            (PeeringStatus::Active, true) => {
                return Err(Error::new(
                    "InvalidVpc.Range",
                    format!(
                        "The CIDR '{cidr}' overlaps with a CIDR block of the VPC at the other end of {}.",
                        peering.id
                    ),
                ));
            }
            (PeeringStatus::PendingAcceptance, _) if peering.requester.vpc == vpc => {
                return Err(Error::operation_not_permitted(format!(
                    "The network '{vpc}' cannot be given CIDR blocks while its request {} is \
                     pending acceptance.",
                    peering.id
                )));
            }
            (PeeringStatus::PendingAcceptance, true) => failing.push(peering.clone()),
            _ => {}
        }
    }
    for peering in failing {
        change(cx, &peering, PeeringStatus::Failed);
    }
    Ok(())
}

/// The connection by which a rule of one VPC names a group of another: the active one, or the latest that was.
pub fn between<'c>(cx: &'c Cx, near: VpcId, far: VpcId) -> Option<&'c VpcPeeringConnection> {
    let all = cx.all::<VpcPeeringConnection>();
    let all = all.filter(|peering| peering.joins(near, far));
    all.max_by_key(|peering| (peering.is_active(), peering.status_at))
}
