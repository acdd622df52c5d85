//! Actions on security groups (`SG-1` to `SG-12`).
//!
//! [`permissions`] reads and writes `IpPermission`s, [`rules`] adds, removes and edits rules,
//! [`references`] tells who refers to whom.

mod permissions;
mod references;
mod rules;

use openvpc_ec2::Error;
use openvpc_model::*;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::defaults;
use crate::describe::{Describe, Filter, describe, listing, tag_set};
use crate::entity::{Entity, arn};
use crate::filters::Filters;
use crate::ids::{not_found, parse_id};
use crate::paging::Page;
use crate::request::{read, required};
use crate::tags::{self, TagSpecification};
use crate::{Action, Cx};
use permissions::{is_plain, protocol_and_ports, render_permissions};

pub const ACTIONS: &[Action] = &[
    ("CreateSecurityGroup", |cx, input| create(cx, read(input)?)),
    ("DeleteSecurityGroup", |cx, input| delete(cx, read(input)?)),
    ("DescribeSecurityGroups", describe_security_groups),
    ("GetSecurityGroupsForVpc", |cx, input| {
        groups_for_vpc(cx, &input)
    }),
    ("AuthorizeSecurityGroupIngress", |cx, input| {
        rules::authorize(cx, read(input)?, false)
    }),
    ("AuthorizeSecurityGroupEgress", |cx, input| {
        rules::authorize(cx, read(input)?, true)
    }),
    ("RevokeSecurityGroupIngress", |cx, input| {
        rules::revoke(cx, read(input)?, false)
    }),
    ("RevokeSecurityGroupEgress", |cx, input| {
        rules::revoke(cx, read(input)?, true)
    }),
    ("DescribeSecurityGroupRules", |cx, input| {
        rules::describe(cx, &input)
    }),
    ("ModifySecurityGroupRules", |cx, input| {
        rules::modify(cx, read(input)?)
    }),
    ("UpdateSecurityGroupRuleDescriptionsIngress", |cx, input| {
        rules::update_descriptions(cx, read(input)?, false)
    }),
    ("UpdateSecurityGroupRuleDescriptionsEgress", |cx, input| {
        rules::update_descriptions(cx, read(input)?, true)
    }),
    ("DescribeSecurityGroupReferences", |cx, input| {
        references::references(cx, read(input)?)
    }),
    ("DescribeStaleSecurityGroups", |cx, input| {
        references::stale(cx, &input)
    }),
];

/// The group that every VPC is born with; the name is taken for good.
const DEFAULT_GROUP: &str = "default";

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct CreateRequest {
    group_name: Option<String>,
    description: Option<String>,
    vpc_id: Option<String>,
    tag_specifications: Vec<TagSpecification>,
}

fn create(cx: &mut Cx, req: CreateRequest) -> Result<Value, Error> {
    let name = required(&req.group_name, "groupName")?;
    let description = required(&req.description, "groupDescription")?;
    if name == DEFAULT_GROUP {
        return Err(Error::reserved_group(name));
    }
    if name.to_ascii_lowercase().starts_with("sg-") {
        let why = "Group names cannot start with 'sg-'.";
        return Err(Error::invalid_value_because("groupName", name, why));
    }
    for (member, text) in [("groupName", name), ("groupDescription", description)] {
        if !is_plain(text) {
            let why = "Character sets beyond ASCII letters, digits and ._-:/()#,@[]+=&;{}!$* are \
                       not supported; at most 255 characters.";
            return Err(Error::invalid_value_because(member, text, why));
        }
    }
    let vpc = match &req.vpc_id {
        Some(id) => cx.find::<Vpc>(id)?,
        None => default_vpc(cx)?,
    };
    let (vpc_id, has_ipv6) = (vpc.id, !vpc.ipv6_cidr_blocks.is_empty());
    if cx
        .own::<SecurityGroup>()
        .any(|g| g.vpc == vpc_id && g.name == name)
    {
        return Err(Error::duplicate_group(name, &vpc_id.to_string()));
    }
    if cx.own::<SecurityGroup>().count() >= cx.quotas().security_groups_per_region {
        return Err(Error::limit_exceeded(
            "SecurityGroupLimitExceeded",
            "security groups",
        ));
    }
    let tags = tags::at_creation(&req.tag_specifications, SecurityGroup::TAG_TYPE, &[])?;
    let group = SecurityGroup {
        id: cx.new_id(),
        owner: cx.account().clone(),
        vpc: vpc_id,
        name: name.to_owned(),
        description: description.to_owned(),
        rules: defaults::default_egress_rules(cx, has_ipv6),
    };
    let (id, arn) = (group.id, arn(cx.region_name(), &group));
    cx.put(group);
    cx.set_tags(id, tags);
    Ok(json!({"GroupId": id, "SecurityGroupArn": arn, "Tags": tag_set(cx, id)}))
}

/// The VPC of a request that names none.
///
/// # Errors
/// `VPCIdNotSpecified`.
pub fn default_vpc<'c>(cx: &'c Cx) -> Result<&'c Vpc, Error> {
    cx.own::<Vpc>()
        .find(|vpc| vpc.is_default)
        .ok_or_else(|| Error::new("VPCIdNotSpecified", "No default VPC for this user"))
}

/// A group named by id, or by name in the default VPC.
fn find_group<'c>(
    cx: &'c Cx,
    id: &Option<String>,
    name: &Option<String>,
) -> Result<&'c SecurityGroup, Error> {
    match (id, name) {
        (Some(id), _) => cx.find::<SecurityGroup>(id),
        (None, Some(name)) => find_by_name(cx, name),
        (None, None) => Err(Error::missing_parameter("groupId")),
    }
}

/// A group of the default VPC by name.
///
/// # Errors
/// `InvalidGroup.NotFound`, `VPCIdNotSpecified`.
pub fn find_by_name<'c>(cx: &'c Cx, name: &str) -> Result<&'c SecurityGroup, Error> {
    let vpc = default_vpc(cx)?.id;
    cx.own::<SecurityGroup>()
        .find(|g| g.vpc == vpc && g.name == name)
        .ok_or_else(|| not_found::<SecurityGroupId>(name))
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct DeleteRequest {
    group_id: Option<String>,
    group_name: Option<String>,
}

fn delete(cx: &mut Cx, req: DeleteRequest) -> Result<Value, Error> {
    let group = find_group(cx, &req.group_id, &req.group_name)?;
    let id = group.id;
    if group.name == DEFAULT_GROUP {
        return Err(Error::cannot_delete_group(&id.to_string(), &group.name));
    }
    let held = cx
        .all::<NetworkInterface>()
        .any(|eni| eni.security_groups.contains(&id))
        || cx.all::<VpcEndpoint>().any(|endpoint| {
            let own = endpoint.interface();
            own.is_some_and(|own| own.security_groups.contains(&id))
        });
    // What only a peer refers to goes stale there (PCX-44).
    if held || references::to(cx, id).any(|other| other.vpc == group.vpc) {
        return Err(Error::dependency(format!(
            "resource {id} has a dependent object"
        )));
    }
    for rule in group.rules.clone() {
        cx.set_tags(rule.id, Tags::new());
    }
    cx.delete::<SecurityGroup>(id);
    Ok(json!({"Return": true, "GroupId": id}))
}

fn describe_security_groups(cx: &mut Cx, mut input: Value) -> Result<Value, Error> {
    let names = input["GroupNames"].take();
    let names = names.as_array().map(Vec::as_slice).unwrap_or_default();
    if !names.is_empty() {
        let mut ids = match input["GroupIds"].take() {
            Value::Array(ids) => ids,
            _ => Vec::new(),
        };
        for name in names {
            ids.push(json!(
                find_by_name(cx, name.as_str().unwrap_or_default())?.id
            ));
        }
        input["GroupIds"] = Value::Array(ids);
    }
    describe::<SecurityGroup>(cx, &input)
}

impl Describe for SecurityGroup {
    const LIST: &'static str = "SecurityGroups";
    const IDS: &'static str = "GroupIds";
    #[rustfmt::skip]
    const FILTERS: &'static [Filter<SecurityGroup>] = &[
        ("group-id", |g, _| vec![g.id.to_string()]),
        ("group-name", |g, _| vec![g.name.clone()]),
        ("description", |g, _| vec![g.description.clone()]),
        ("owner-id", |g, _| vec![g.owner.to_string()]),
        ("vpc-id", |g, _| vec![g.vpc.to_string()]),
        ("ip-permission.protocol", |g, _| each(g, false, protocol)),
        ("ip-permission.from-port", |g, _| each(g, false, from_port)),
        ("ip-permission.to-port", |g, _| each(g, false, to_port)),
        ("ip-permission.cidr", |g, _| each(g, false, cidr)),
        ("ip-permission.ipv6-cidr", |g, _| each(g, false, ipv6_cidr)),
        ("ip-permission.group-id", |g, _| each(g, false, group_id)),
        ("ip-permission.group-name", |g, cx| group_names(g, false, cx)),
        ("ip-permission.user-id", |g, _| each(g, false, user_id)),
        ("ip-permission.prefix-list-id", |g, _| each(g, false, prefix_list_id)),
        ("egress.ip-permission.protocol", |g, _| each(g, true, protocol)),
        ("egress.ip-permission.from-port", |g, _| each(g, true, from_port)),
        ("egress.ip-permission.to-port", |g, _| each(g, true, to_port)),
        ("egress.ip-permission.cidr", |g, _| each(g, true, cidr)),
        ("egress.ip-permission.ipv6-cidr", |g, _| each(g, true, ipv6_cidr)),
        ("egress.ip-permission.group-id", |g, _| each(g, true, group_id)),
        ("egress.ip-permission.group-name", |g, cx| group_names(g, true, cx)),
        ("egress.ip-permission.user-id", |g, _| each(g, true, user_id)),
        ("egress.ip-permission.prefix-list-id", |g, _| each(g, true, prefix_list_id)),
    ];

    fn render(&self, cx: &Cx) -> Value {
        let side = |egress| self.rules.iter().filter(move |r| r.is_egress == egress);
        json!({
            "GroupId": self.id,
            "GroupName": self.name,
            "Description": self.description,
            "OwnerId": self.owner,
            "VpcId": self.vpc,
            "SecurityGroupArn": arn(cx.region_name(), self),
            "IpPermissions": render_permissions(cx, self.vpc, side(false)),
            "IpPermissionsEgress": render_permissions(cx, self.vpc, side(true)),
            "Tags": tag_set(cx, self.id),
        })
    }
}

/// What a filter finds in each rule of one direction.
fn each(
    group: &SecurityGroup,
    egress: bool,
    part: fn(&SecurityGroupRule) -> Option<String>,
) -> Vec<String> {
    let side = group.rules.iter().filter(|r| r.is_egress == egress);
    side.filter_map(part).collect()
}

fn protocol(rule: &SecurityGroupRule) -> Option<String> {
    Some(protocol_and_ports(rule.traffic).0)
}

fn from_port(rule: &SecurityGroupRule) -> Option<String> {
    protocol_and_ports(rule.traffic)
        .1
        .map(|(from, _)| from.to_string())
}

fn to_port(rule: &SecurityGroupRule) -> Option<String> {
    protocol_and_ports(rule.traffic)
        .1
        .map(|(_, to)| to.to_string())
}

fn cidr(rule: &SecurityGroupRule) -> Option<String> {
    match &rule.peer {
        RulePeer::Ipv4(net) => Some(net.to_string()),
        RulePeer::Ipv6(_) | RulePeer::SecurityGroup { .. } | RulePeer::PrefixList(_) => None,
    }
}

fn ipv6_cidr(rule: &SecurityGroupRule) -> Option<String> {
    match &rule.peer {
        RulePeer::Ipv6(net) => Some(net.to_string()),
        RulePeer::Ipv4(_) | RulePeer::SecurityGroup { .. } | RulePeer::PrefixList(_) => None,
    }
}

fn group_id(rule: &SecurityGroupRule) -> Option<String> {
    match &rule.peer {
        RulePeer::SecurityGroup { id, .. } => Some(id.to_string()),
        RulePeer::Ipv4(_) | RulePeer::Ipv6(_) | RulePeer::PrefixList(_) => None,
    }
}

fn prefix_list_id(rule: &SecurityGroupRule) -> Option<String> {
    match &rule.peer {
        RulePeer::PrefixList(id) => Some(id.to_string()),
        RulePeer::Ipv4(_) | RulePeer::Ipv6(_) | RulePeer::SecurityGroup { .. } => None,
    }
}

fn user_id(rule: &SecurityGroupRule) -> Option<String> {
    match &rule.peer {
        RulePeer::SecurityGroup { owner, .. } => Some(owner.to_string()),
        RulePeer::Ipv4(_) | RulePeer::Ipv6(_) | RulePeer::PrefixList(_) => None,
    }
}

fn group_names(group: &SecurityGroup, egress: bool, cx: &Cx) -> Vec<String> {
    let ids = each(group, egress, group_id);
    let groups = ids
        .iter()
        .filter_map(|id| cx.find::<SecurityGroup>(id).ok());
    groups.map(|g| g.name.clone()).collect()
}

/// Groups as interfaces and instances show them.
pub fn render_groups(cx: &Cx, ids: &[SecurityGroupId]) -> Value {
    let groups = ids.iter().filter_map(|id| cx.get::<SecurityGroup>(*id));
    groups
        .map(|g| json!({"GroupId": g.id, "GroupName": g.name}))
        .collect()
}

/// The groups of a new or changed interface in a VPC; the default group when none is named.
///
/// # Errors
/// `InvalidGroup.NotFound` also for a group of another VPC, `InvalidParameterValue` for one named
/// twice, `SecurityGroupsPerInterfaceLimitExceeded`.
pub fn groups_for_interface(
    cx: &Cx,
    vpc: VpcId,
    names: &[String],
) -> Result<Vec<SecurityGroupId>, Error> {
    let mut groups = Vec::with_capacity(names.len());
    for name in names {
        let id = parse_id::<SecurityGroupId>(name)?;
        if cx.find::<SecurityGroup>(name)?.vpc != vpc {
            return Err(Error::new(
                "InvalidGroup.NotFound",
                format!("The security group '{id}' does not exist in VPC '{vpc}'"),
            ));
        }
        if groups.contains(&id) {
            return Err(Error::invalid_value_because(
                "groupId",
                name,
                "It is given twice.",
            ));
        }
        groups.push(id);
    }
    if groups.len() > cx.quotas().security_groups_per_interface {
        return Err(Error::limit_exceeded(
            "SecurityGroupsPerInterfaceLimitExceeded",
            "security groups per interface",
        ));
    }
    if groups.is_empty() {
        let default = cx
            .own::<SecurityGroup>()
            .find(|g| g.vpc == vpc && g.name == DEFAULT_GROUP);
        groups.extend(default.map(|g| g.id));
    }
    Ok(groups)
}

const FOR_VPC_FILTERS: [&str; 5] = [
    "group-id",
    "group-name",
    "description",
    "owner-id",
    "primary-vpc-id",
];

fn groups_for_vpc(cx: &Cx, input: &Value) -> Result<Value, Error> {
    let vpc = input["VpcId"].as_str().filter(|id| !id.is_empty());
    let vpc = vpc.ok_or_else(|| Error::missing_parameter("vpcId"))?;
    let vpc = cx.find::<Vpc>(vpc)?.id;
    let filters = Filters::read(input, &FOR_VPC_FILTERS)?;
    let page = Page::read(cx, "SecurityGroupForVpcs", input, (5, 1000))?;
    let values = |g: &SecurityGroup, name: &str| match name {
        "group-id" => vec![g.id.to_string()],
        "group-name" => vec![g.name.clone()],
        "description" => vec![g.description.clone()],
        "owner-id" => vec![g.owner.to_string()],
        _ => vec![g.vpc.to_string()],
    };
    let mut groups: Vec<_> = cx
        .own::<SecurityGroup>()
        .filter(|g| g.vpc == vpc)
        .filter(|g| filters.pass(|| cx.tags(g.id).clone(), |name| values(g, name)))
        .collect();
    groups.sort_unstable_by_key(|g| g.id);
    let (groups, token) = page.take(groups.into_iter().map(|g| (g.id, g)))?;
    let render = |g: &SecurityGroup| {
        json!({
            "GroupId": g.id,
            "GroupName": g.name,
            "Description": g.description,
            "OwnerId": g.owner,
            "PrimaryVpcId": g.vpc,
            "Tags": tag_set(cx, g.id),
        })
    };
    let rendered = groups.into_iter().map(render).collect();
    Ok(listing("SecurityGroupForVpcs", rendered, token))
}
