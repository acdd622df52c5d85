//! Actions on network ACLs (`ACL-1` to `ACL-7`). Entries have their own file, [`entries`].

mod entries;

use openvpc_ec2::{Error, Resource};
use openvpc_model::*;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::describe::{Describe, Filter, describe, tag_set};
use crate::entity::Entity;
use crate::ids::{not_found, parse_id};
use crate::request::{done, read, required};
use crate::tags::{self, TagSpecification};
use crate::{Action, Cx};
use entries::{protocol_number, render_entries};

pub const ACTIONS: &[Action] = &[
    ("CreateNetworkAcl", |cx, input| create(cx, read(input)?)),
    ("DeleteNetworkAcl", |cx, input| delete(cx, read(input)?)),
    ("DescribeNetworkAcls", |cx, input| {
        describe::<NetworkAcl>(cx, &input)
    }),
    ("CreateNetworkAclEntry", |cx, input| {
        entries::create(cx, read(input)?)
    }),
    ("ReplaceNetworkAclEntry", |cx, input| {
        entries::replace(cx, read(input)?)
    }),
    ("DeleteNetworkAclEntry", |cx, input| {
        entries::delete(cx, read(input)?)
    }),
    ("ReplaceNetworkAclAssociation", |cx, input| {
        replace_association(cx, read(input)?)
    }),
];

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct CreateRequest {
    vpc_id: Option<String>,
    client_token: Option<String>,
    tag_specifications: Vec<TagSpecification>,
}

/// A new ACL denies everything (`ACL-3`).
fn create(cx: &mut Cx, req: CreateRequest) -> Result<Value, Error> {
    let vpc = cx.find::<Vpc>(required(&req.vpc_id, "vpcId")?)?.id;
    let tags = tags::at_creation(&req.tag_specifications, NetworkAcl::TAG_TYPE, &[])?;
    let siblings = cx.own::<NetworkAcl>().filter(|a| a.vpc == vpc).count();
    if siblings >= cx.quotas().network_acls_per_vpc {
        return Err(Error::limit_exceeded(
            "NetworkAclLimitExceeded",
            "network ACLs",
        ));
    }
    let acl = NetworkAcl {
        id: cx.new_id(),
        owner: cx.account().clone(),
        vpc,
        is_default: false,
        entries: Vec::new(),
    };
    cx.put(acl.clone());
    cx.set_tags(acl.id, tags);
    let mut answer = json!({"NetworkAcl": acl.render(cx)});
    if let Some(token) = req.client_token {
        answer["ClientToken"] = json!(token);
    }
    Ok(answer)
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct DeleteRequest {
    network_acl_id: Option<String>,
}

fn delete(cx: &mut Cx, req: DeleteRequest) -> Result<Value, Error> {
    let acl = cx.find::<NetworkAcl>(required(&req.network_acl_id, "networkAclId")?)?;
    let id = acl.id;
    if acl.is_default {
        return Err(Error::invalid_parameter_value(format!(
            "cannot delete default network ACL {id}"
        )));
    }
    if subnets_of(cx, id).next().is_some() {
        return Err(Error::dependency_violation(
            Resource::NetworkAcl,
            &id.to_string(),
        ));
    }
    cx.delete::<NetworkAcl>(id);
    done()
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct ReplaceAssociationRequest {
    association_id: Option<String>,
    network_acl_id: Option<String>,
}

/// `ACL-7`: the bond gets a new id even when the ACL stays the same.
fn replace_association(cx: &mut Cx, req: ReplaceAssociationRequest) -> Result<Value, Error> {
    let text = required(&req.association_id, "associationId")?;
    let association = parse_id::<NetworkAclAssociationId>(text)?;
    let acl = cx.find::<NetworkAcl>(required(&req.network_acl_id, "networkAclId")?)?;
    let subnet = cx
        .own::<Subnet>()
        .find(|s| s.network_acl_association == association);
    let mut subnet = subnet
        .ok_or_else(|| not_found::<NetworkAclAssociationId>(text))?
        .clone();
    if acl.vpc != subnet.vpc {
        return Err(Error::invalid_parameter_value(format!(
            "Network ACL {} and subnet {} belong to different networks",
            acl.id, subnet.id
        )));
    }
    subnet.network_acl = acl.id;
    subnet.network_acl_association = cx.new_id();
    let new = subnet.network_acl_association;
    cx.put(subnet);
    Ok(json!({"NewAssociationId": new}))
}

fn subnets_of<'c>(cx: &'c Cx, acl: NetworkAclId) -> impl Iterator<Item = &'c Subnet> {
    cx.all::<Subnet>().filter(move |s| s.network_acl == acl)
}

impl Describe for NetworkAcl {
    const LIST: &'static str = "NetworkAcls";
    const IDS: &'static str = "NetworkAclIds";
    #[rustfmt::skip]
    const FILTERS: &'static [Filter<NetworkAcl>] = &[
        ("network-acl-id", |a, _| vec![a.id.to_string()]),
        ("owner-id", |a, _| vec![a.owner.to_string()]),
        ("vpc-id", |a, _| vec![a.vpc.to_string()]),
        ("default", |a, _| vec![a.is_default.to_string()]),
        ("association.association-id", |a, cx| subnets_of(cx, a.id).map(|s| s.network_acl_association.to_string()).collect()),
        ("association.network-acl-id", |a, cx| subnets_of(cx, a.id).map(|s| s.network_acl.to_string()).collect()),
        ("association.subnet-id", |a, cx| subnets_of(cx, a.id).map(|s| s.id.to_string()).collect()),
        ("entry.cidr", |a, _| each(a, |e| (!is_ipv6(e)).then(|| e.cidr.to_string()))),
        ("entry.ipv6-cidr", |a, _| each(a, |e| is_ipv6(e).then(|| e.cidr.to_string()))),
        ("entry.egress", |a, _| each(a, |e| Some(e.is_egress.to_string()))),
        ("entry.rule-action", |a, _| each(a, |e| Some(action(e).to_owned()))),
        ("entry.rule-number", |a, _| each(a, |e| Some(e.rule_number.get().to_string()))),
        ("entry.protocol", |a, _| each(a, |e| Some(protocol_number(e.traffic).to_string()))),
        ("entry.icmp.type", |a, _| each(a, |e| icmp(e).map(|(kind, _)| kind))),
        ("entry.icmp.code", |a, _| each(a, |e| icmp(e).map(|(_, code)| code))),
        ("entry.port-range.from", |a, _| each(a, |e| ports(e).map(|(from, _)| from))),
        ("entry.port-range.to", |a, _| each(a, |e| ports(e).map(|(_, to)| to))),
    ];

    fn render(&self, cx: &Cx) -> Value {
        let association = |s: &Subnet| {
            json!({
                "NetworkAclAssociationId": s.network_acl_association,
                "NetworkAclId": s.network_acl,
                "SubnetId": s.id,
            })
        };
        let has_ipv6 = cx
            .get::<Vpc>(self.vpc)
            .is_some_and(|v| !v.ipv6_cidr_blocks.is_empty());
        json!({
            "NetworkAclId": self.id,
            "VpcId": self.vpc,
            "OwnerId": self.owner,
            "IsDefault": self.is_default,
            "Entries": render_entries(self, has_ipv6),
            "Associations": subnets_of(cx, self.id).map(association).collect::<Value>(),
            "Tags": tag_set(cx, self.id),
        })
    }
}

/// What a filter finds in each entry.
fn each(acl: &NetworkAcl, part: fn(&NetworkAclEntry) -> Option<String>) -> Vec<String> {
    acl.entries.iter().filter_map(part).collect()
}

fn is_ipv6(entry: &NetworkAclEntry) -> bool {
    matches!(entry.cidr, ipnet::IpNet::V6(_))
}

fn action(entry: &NetworkAclEntry) -> &'static str {
    if entry.allow { "allow" } else { "deny" }
}

fn ports(entry: &NetworkAclEntry) -> Option<(String, String)> {
    match entry.traffic {
        AclTraffic::Tcp { from, to } | AclTraffic::Udp { from, to } => {
            Some((from.to_string(), to.to_string()))
        }
        AclTraffic::All
        | AclTraffic::Icmp { .. }
        | AclTraffic::Icmpv6 { .. }
        | AclTraffic::Protocol(_) => None,
    }
}

fn icmp(entry: &NetworkAclEntry) -> Option<(String, String)> {
    let any = |octet: Option<u8>| octet.map_or(-1, i64::from).to_string();
    match entry.traffic {
        AclTraffic::Icmp { kind, code } | AclTraffic::Icmpv6 { kind, code } => {
            Some((any(kind), any(code)))
        }
        AclTraffic::All
        | AclTraffic::Tcp { .. }
        | AclTraffic::Udp { .. }
        | AclTraffic::Protocol(_) => None,
    }
}
