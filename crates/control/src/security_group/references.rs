//! Which groups refer to which.

use openvpc_ec2::Error;
use openvpc_model::*;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Cx;
use crate::describe::listing;
use crate::paging::Page;
use crate::vpc_peering_connection;

/// Other groups with a rule whose peer is this group. A group's rules about itself do not count.
pub fn to<'c>(cx: &'c Cx, id: SecurityGroupId) -> impl Iterator<Item = &'c SecurityGroup> {
    let refers = move |rule: &SecurityGroupRule| match &rule.peer {
        RulePeer::SecurityGroup { id: peer, .. } => *peer == id,
        RulePeer::Ipv4(_) | RulePeer::Ipv6(_) | RulePeer::PrefixList(_) => false,
    };
    cx.all::<SecurityGroup>()
        .filter(move |g| g.id != id && g.rules.iter().any(refers))
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ReferencesRequest {
    group_id: Vec<String>,
}

/// Groups of **other** VPCs that refer to the given ones, by a peering connection (`PCX-43`).
pub fn references(cx: &Cx, req: ReferencesRequest) -> Result<Value, Error> {
    if req.group_id.is_empty() {
        return Err(Error::missing_parameter("groupId"));
    }
    let mut set = Vec::new();
    for id in &req.group_id {
        let group = cx.find::<SecurityGroup>(id)?;
        let mut vpcs: Vec<VpcId> = to(cx, group.id)
            .filter(|g| g.vpc != group.vpc)
            .map(|g| g.vpc)
            .collect();
        vpcs.sort_unstable();
        vpcs.dedup();
        for vpc in vpcs {
            let mut reference = json!({"GroupId": group.id, "ReferencingVpcId": vpc});
            if let Some(peering) = vpc_peering_connection::between(cx, group.vpc, vpc) {
                reference["VpcPeeringConnectionId"] = json!(peering.id);
            }
            set.push(reference);
        }
    }
    Ok(json!({"SecurityGroupReferenceSet": set}))
}

/// Groups of a VPC with rules about a peer's group that is gone, or whose peering is (`PCX-42`): within
/// a VPC a group that is referred to cannot be deleted (`SG-10`).
pub fn stale(cx: &Cx, input: &Value) -> Result<Value, Error> {
    let vpc = input["VpcId"].as_str().filter(|id| !id.is_empty());
    let vpc = cx
        .find::<Vpc>(vpc.ok_or_else(|| Error::missing_parameter("vpcId"))?)?
        .id;
    let page = Page::read(cx, "StaleSecurityGroupSet", input, (5, 255))?;
    let mut groups: Vec<_> = cx.own::<SecurityGroup>().filter(|g| g.vpc == vpc).collect();
    groups.sort_unstable_by_key(|g| g.id);
    let stale = groups
        .into_iter()
        .filter_map(|g| Some((g.id, render_stale(cx, g)?)));
    let (groups, token) = page.take(stale)?;
    Ok(listing("StaleSecurityGroupSet", groups, token))
}

fn render_stale(cx: &Cx, group: &SecurityGroup) -> Option<Value> {
    let gone = |rule: &&SecurityGroupRule| match &rule.peer {
        RulePeer::SecurityGroup { id, peer_vpc, .. } => {
            let ended = |far| {
                let peering = vpc_peering_connection::between(cx, group.vpc, far);
                !peering.is_some_and(VpcPeeringConnection::is_active)
            };
            cx.get::<SecurityGroup>(*id).is_none() || peer_vpc.is_some_and(ended)
        }
        RulePeer::Ipv4(_) | RulePeer::Ipv6(_) | RulePeer::PrefixList(_) => false,
    };
    let side = |egress: bool| -> Vec<Value> {
        let rules = group
            .rules
            .iter()
            .filter(|r| r.is_egress == egress)
            .filter(gone);
        rules
            .map(|rule| render_stale_rule(cx, group, rule))
            .collect()
    };
    let (ingress, egress) = (side(false), side(true));
    if ingress.is_empty() && egress.is_empty() {
        return None;
    }
    Some(json!({
        "GroupId": group.id,
        "GroupName": group.name,
        "Description": group.description,
        "VpcId": group.vpc,
        "StaleIpPermissions": ingress,
        "StaleIpPermissionsEgress": egress,
    }))
}

fn render_stale_rule(cx: &Cx, group: &SecurityGroup, rule: &SecurityGroupRule) -> Value {
    let peer = std::iter::once((&rule.peer, rule.description.as_deref()));
    let mut permission = super::permissions::render_permission(cx, group.vpc, rule.traffic, peer);
    if let Value::Object(members) = &mut permission {
        members.remove("Ipv6Ranges");
    }
    permission["IpRanges"] = json!([]);
    permission["PrefixListIds"] = json!([]);
    permission
}
