//! Adding, removing and editing the rules of a security group (`SG-2` to `SG-11`).

use openvpc_ec2::Error;
use openvpc_model::*;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::permissions::{
    GroupPair, IpPermission, IpRange, NewRule, check_not_stale, describe_rule, missing_peer,
    parse_cidr, parse_cidr_v6, parse_description, parse_group_pair, parse_permissions,
    parse_traffic, protocol_and_ports, render_group_pair, render_permission,
};
use super::{find_by_name, find_group};
use crate::Cx;
use crate::describe::{listing, render_tags};
use crate::entity::SECURITY_GROUP_RULE as TAG_TYPE;
use crate::filters::Filters;
use crate::ids::{not_found, parse_id};
use crate::paging::Page;
use crate::prefix_list;
use crate::tags::{self, TagSpecification};

/// Authorize… and Revoke…: rules as permissions, in the older single form, or by id.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct RulesRequest {
    group_id: Option<String>,
    group_name: Option<String>,
    ip_permissions: Vec<IpPermission>,
    security_group_rule_ids: Vec<String>,
    ip_protocol: Option<String>,
    from_port: Option<i64>,
    to_port: Option<i64>,
    cidr_ip: Option<String>,
    source_security_group_name: Option<String>,
    source_security_group_owner_id: Option<String>,
    tag_specifications: Vec<TagSpecification>,
}

impl RulesRequest {
    fn has_single_form(&self) -> bool {
        self.ip_protocol.is_some()
            || self.from_port.is_some()
            || self.to_port.is_some()
            || self.cidr_ip.is_some()
            || self.source_security_group_name.is_some()
    }

    /// The rules spoken of. The single form with a group and no protocol means all traffic.
    fn rules(&self, cx: &Cx, group: &SecurityGroup) -> Result<Vec<NewRule>, Error> {
        if !self.has_single_form() {
            if self.ip_permissions.is_empty() {
                return Err(Error::missing_parameter("ipPermissions"));
            }
            return parse_permissions(cx, group, &self.ip_permissions);
        }
        if !self.ip_permissions.is_empty() {
            return Err(Error::exclusive("ipPermissions", "ipProtocol"));
        }
        let name = self.source_security_group_name.as_ref();
        let permission = IpPermission {
            ip_protocol: match &self.ip_protocol {
                None if name.is_some() => Some("-1".to_owned()),
                protocol => protocol.clone(),
            },
            from_port: self.from_port,
            to_port: self.to_port,
            ip_ranges: Vec::from_iter(self.cidr_ip.clone().map(|cidr| IpRange {
                cidr_ip: Some(cidr),
                description: None,
            })),
            user_id_group_pairs: Vec::from_iter(name.map(|name| GroupPair {
                group_name: Some(name.clone()),
                user_id: self.source_security_group_owner_id.clone(),
                ..GroupPair::default()
            })),
            ..IpPermission::default()
        };
        parse_permissions(cx, group, &[permission])
    }
}

/// Adds rules, all or none.
pub fn authorize(cx: &mut Cx, req: RulesRequest, is_egress: bool) -> Result<Value, Error> {
    let mut group = find_group(cx, &req.group_id, &req.group_name)?.clone();
    let new = req.rules(cx, &group)?;
    let tags = tags::at_creation(&req.tag_specifications, TAG_TYPE, &[])?;
    for rule in &new {
        let mut side = group.rules.iter().filter(|r| r.is_egress == is_egress);
        if side.any(|known| rule.is_said_by(known)) {
            return Err(Error::duplicate_permission(&describe_rule(rule)));
        }
        check_not_stale(cx, &group, &rule.peer)?;
    }
    let first = group.rules.len();
    for rule in new {
        group.rules.push(SecurityGroupRule {
            id: cx.new_id(),
            is_egress,
            traffic: rule.traffic,
            peer: rule.peer,
            description: rule.description,
        });
    }
    check_quota(cx, &group, is_egress)?;
    let added = group.rules[first..].to_vec();
    let shown = group.clone();
    cx.put(group);
    for rule in &added {
        cx.set_tags(rule.id, tags.clone());
    }
    let rules: Value = added.iter().map(|rule| render(cx, &shown, rule)).collect();
    Ok(json!({"Return": true, "SecurityGroupRules": rules}))
}

/// `SG-11`: each direction and family apart.
fn check_quota(cx: &Cx, group: &SecurityGroup, is_egress: bool) -> Result<(), Error> {
    let rules = group.rules.iter().filter(|r| r.is_egress == is_egress);
    match prefix_list::exceeds_rules(cx, rules) {
        false => Ok(()),
        true => Err(Error::limit_exceeded(
            "RulesPerSecurityGroupLimitExceeded",
            "rules per security group",
        )),
    }
}

/// Removes rules, all or none; in a default VPC what is not there is listed instead of refused.
pub fn revoke(cx: &mut Cx, req: RulesRequest, is_egress: bool) -> Result<Value, Error> {
    let mut group = find_group(cx, &req.group_id, &req.group_name)?.clone();
    let mut unknown = Vec::new();
    let mut revoked: Vec<SecurityGroupRuleId> = Vec::new();
    if !req.security_group_rule_ids.is_empty() {
        if !req.ip_permissions.is_empty() || req.has_single_form() {
            return Err(Error::exclusive("ipPermissions", "securityGroupRuleIds"));
        }
        for id in &req.security_group_rule_ids {
            revoked.push(rule_of(&group, id, Some(is_egress))?.id);
        }
    } else {
        for rule in req.rules(cx, &group)? {
            let mut side = group.rules.iter().filter(|r| r.is_egress == is_egress);
            match side.find(|known| rule.is_said_by(known)) {
                Some(known) => revoked.push(known.id),
                None => unknown.push(rule),
            }
        }
    }
    let in_default_vpc = cx.get::<Vpc>(group.vpc).is_some_and(|vpc| vpc.is_default);
    if !unknown.is_empty() && !in_default_vpc {
        return Err(Error::permission_not_found());
    }
    let (gone, kept): (Vec<_>, Vec<_>) = group
        .rules
        .into_iter()
        .partition(|r| revoked.contains(&r.id));
    group.rules = kept;
    let answer = json!({
        "Return": true,
        "UnknownIpPermissions": unknown.iter().map(|rule| render_unknown(cx, &group, rule)).collect::<Value>(),
        "RevokedSecurityGroupRules": gone.iter().map(|r| render_revoked(&group, r)).collect::<Value>(),
    });
    for rule in &gone {
        cx.set_tags(rule.id, Tags::new());
    }
    if !gone.is_empty() {
        cx.put(group);
    }
    Ok(answer)
}

/// A rule of a group by id, in the direction that the call is about.
fn rule_of<'g>(
    group: &'g SecurityGroup,
    id: &str,
    is_egress: Option<bool>,
) -> Result<&'g SecurityGroupRule, Error> {
    let parsed = parse_id::<SecurityGroupRuleId>(id)?;
    let mut rules = group.rules.iter();
    rules
        .find(|r| r.id == parsed && is_egress.is_none_or(|egress| egress == r.is_egress))
        .ok_or_else(|| not_found::<SecurityGroupRuleId>(id))
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ModifyRequest {
    group_id: Option<String>,
    security_group_rules: Vec<RuleUpdate>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct RuleUpdate {
    security_group_rule_id: Option<String>,
    security_group_rule: Option<RuleBody>,
    description: Option<String>,
}

/// A rule as ModifySecurityGroupRules takes it: exactly one peer.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct RuleBody {
    ip_protocol: Option<String>,
    from_port: Option<i64>,
    to_port: Option<i64>,
    cidr_ipv4: Option<String>,
    cidr_ipv6: Option<String>,
    prefix_list_id: Option<String>,
    referenced_group_id: Option<String>,
    description: Option<String>,
}

/// Rewrites rules in place; they keep their ids and direction.
pub fn modify(cx: &mut Cx, req: ModifyRequest) -> Result<Value, Error> {
    let mut group = find_group(cx, &req.group_id, &None)?.clone();
    if req.security_group_rules.is_empty() {
        return Err(Error::missing_parameter("securityGroupRules"));
    }
    for update in &req.security_group_rules {
        let id = update.security_group_rule_id.as_deref();
        let id = id.ok_or_else(|| Error::missing_parameter("securityGroupRuleId"))?;
        let id = rule_of(&group, id, None)?.id;
        let body = update.security_group_rule.as_ref();
        let body = body.ok_or_else(|| Error::missing_parameter("securityGroupRule"))?;
        let traffic = parse_traffic(body.ip_protocol.as_deref(), body.from_port, body.to_port)?;
        let peer = body_peer(cx, &group, body)?;
        let description = parse_description(body.description.as_deref())?;
        if let Some(rule) = group.rules.iter_mut().find(|r| r.id == id) {
            (rule.traffic, rule.peer, rule.description) = (traffic, peer, description);
        }
    }
    check_unique(&group)?;
    check_quota(cx, &group, false)?;
    check_quota(cx, &group, true)?;
    cx.put(group);
    Ok(json!({"Return": true}))
}

fn body_peer(cx: &Cx, group: &SecurityGroup, body: &RuleBody) -> Result<RulePeer, Error> {
    let given = [
        &body.cidr_ipv4,
        &body.cidr_ipv6,
        &body.prefix_list_id,
        &body.referenced_group_id,
    ];
    if given.into_iter().flatten().count() > 1 {
        return Err(Error::invalid_parameter_combination(
            "Only one of cidrIpv4, cidrIpv6, prefixListId, or referencedGroupId can be specified",
        ));
    }
    if let Some(cidr) = &body.cidr_ipv4 {
        parse_cidr(cidr)
    } else if let Some(cidr) = &body.cidr_ipv6 {
        parse_cidr_v6(cidr)
    } else if let Some(list) = &body.prefix_list_id {
        prefix_list::named(cx, list).map(RulePeer::PrefixList)
    } else if body.referenced_group_id.is_some() {
        let pair = GroupPair {
            group_id: body.referenced_group_id.clone(),
            ..GroupPair::default()
        };
        let peer = parse_group_pair(cx, group, &pair)?;
        check_not_stale(cx, group, &peer)?;
        Ok(peer)
    } else {
        Err(missing_peer())
    }
}

/// No two rules of a direction may say the same (`SG-10`).
fn check_unique(group: &SecurityGroup) -> Result<(), Error> {
    let mut seen = std::collections::HashSet::new();
    for rule in &group.rules {
        if !seen.insert((rule.is_egress, rule.traffic, &rule.peer)) {
            return Err(Error::duplicate_permission(&describe_rule(&NewRule {
                traffic: rule.traffic,
                peer: rule.peer.clone(),
                description: None,
            })));
        }
    }
    Ok(())
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct DescriptionsRequest {
    group_id: Option<String>,
    group_name: Option<String>,
    ip_permissions: Vec<IpPermission>,
    security_group_rule_descriptions: Vec<RuleUpdate>,
}

/// Gives existing rules other descriptions; a missing description removes it.
pub fn update_descriptions(
    cx: &mut Cx,
    req: DescriptionsRequest,
    is_egress: bool,
) -> Result<Value, Error> {
    let mut group = match &req.group_id {
        None if req.group_name.is_some() => {
            find_by_name(cx, req.group_name.as_deref().unwrap_or_default())?.clone()
        }
        id => find_group(cx, id, &None)?.clone(),
    };
    let mut updates = Vec::new();
    match (
        req.ip_permissions.is_empty(),
        req.security_group_rule_descriptions.is_empty(),
    ) {
        (true, true) => return Err(Error::missing_parameter("ipPermissions")),
        (false, false) => {
            return Err(Error::exclusive(
                "ipPermissions",
                "securityGroupRuleDescriptions",
            ));
        }
        (false, true) => {
            for rule in parse_permissions(cx, &group, &req.ip_permissions)? {
                let mut side = group.rules.iter().filter(|r| r.is_egress == is_egress);
                let known = side.find(|known| rule.is_said_by(known));
                updates.push((
                    known.ok_or_else(Error::permission_not_found)?.id,
                    rule.description,
                ));
            }
        }
        (true, false) => {
            for update in &req.security_group_rule_descriptions {
                let id = update.security_group_rule_id.as_deref().unwrap_or_default();
                let id = rule_of(&group, id, Some(is_egress))?.id;
                updates.push((id, parse_description(update.description.as_deref())?));
            }
        }
    }
    for (id, description) in updates {
        if let Some(rule) = group.rules.iter_mut().find(|r| r.id == id) {
            rule.description = description;
        }
    }
    cx.put(group);
    Ok(json!({"Return": true}))
}

const FILTERS: [&str; 2] = ["group-id", "security-group-rule-id"];

/// DescribeSecurityGroupRules: the rules of all groups, each on its own.
pub fn describe(cx: &Cx, input: &Value) -> Result<Value, Error> {
    let filters = Filters::read(input, &FILTERS)?;
    let page = Page::read(cx, "SecurityGroupRules", input, (5, 1000))?;
    let mut wanted = Vec::new();
    for id in input["SecurityGroupRuleIds"]
        .as_array()
        .into_iter()
        .flatten()
    {
        wanted.push(parse_id::<SecurityGroupRuleId>(
            id.as_str().unwrap_or_default(),
        )?);
    }
    let mut rules: Vec<(SecurityGroupRuleId, (&SecurityGroup, &SecurityGroupRule))> = cx
        .own::<SecurityGroup>()
        .flat_map(|g| g.rules.iter().map(move |r| (r.id, (g, r))))
        .filter(|(id, _)| wanted.is_empty() || wanted.contains(id))
        .collect();
    if let Some(missing) = wanted
        .iter()
        .find(|id| rules.iter().all(|(known, _)| known != *id))
    {
        return Err(not_found::<SecurityGroupRuleId>(missing));
    }
    rules.retain(|(id, (group, _))| {
        let values = |name: &str| match name {
            "group-id" => vec![group.id.to_string()],
            _ => vec![id.to_string()],
        };
        filters.pass(|| cx.tags(id).clone(), values)
    });
    rules.sort_unstable_by_key(|(id, _)| *id);
    let (rules, token) = page.take(rules.into_iter())?;
    let rendered = rules
        .into_iter()
        .map(|(group, rule)| render(cx, group, rule))
        .collect();
    Ok(listing("SecurityGroupRules", rendered, token))
}

/// A rule as it stands in answers of its own.
fn render(cx: &Cx, group: &SecurityGroup, rule: &SecurityGroupRule) -> Value {
    let (mut item, peer) = render_common(group, rule);
    item.insert("GroupOwnerId".to_owned(), json!(group.owner));
    if let RulePeer::SecurityGroup {
        id,
        owner,
        peer_vpc,
    } = peer
    {
        let info = render_group_pair(cx, group.vpc, *id, owner, *peer_vpc);
        item.insert("ReferencedGroupInfo".to_owned(), info);
    }
    let (region, owner, id) = (cx.region_name(), &group.owner, rule.id);
    let arn = format!("arn:aws:ec2:{region}:{owner}:{TAG_TYPE}/{id}");
    item.insert("SecurityGroupRuleArn".to_owned(), json!(arn));
    item.insert("Tags".to_owned(), render_tags(cx.tags(id)));
    Value::Object(item)
}

fn render_revoked(group: &SecurityGroup, rule: &SecurityGroupRule) -> Value {
    let (mut item, peer) = render_common(group, rule);
    if let RulePeer::SecurityGroup { id, .. } = peer {
        item.insert("ReferencedGroupId".to_owned(), json!(id));
    }
    Value::Object(item)
}

/// What both renderings share: all but the group that is referred to. Ports are -1 where the
/// protocol has none.
fn render_common<'r>(
    group: &SecurityGroup,
    rule: &'r SecurityGroupRule,
) -> (Map<String, Value>, &'r RulePeer) {
    let (protocol, ports) = protocol_and_ports(rule.traffic);
    let (from, to) = ports.unwrap_or((-1, -1));
    let members = [
        ("SecurityGroupRuleId", Some(json!(rule.id))),
        ("GroupId", Some(json!(group.id))),
        ("IsEgress", Some(json!(rule.is_egress))),
        ("IpProtocol", Some(json!(protocol))),
        ("FromPort", Some(json!(from))),
        ("ToPort", Some(json!(to))),
        ("Description", rule.description.as_ref().map(|d| json!(d))),
        match &rule.peer {
            RulePeer::Ipv4(net) => ("CidrIpv4", Some(json!(net))),
            RulePeer::Ipv6(net) => ("CidrIpv6", Some(json!(net))),
            RulePeer::PrefixList(id) => ("PrefixListId", Some(json!(id))),
            RulePeer::SecurityGroup { .. } => ("ReferencedGroupId", None),
        },
    ];
    let members = members
        .into_iter()
        .filter_map(|(name, v)| Some((name.to_owned(), v?)));
    (members.collect(), &rule.peer)
}

fn render_unknown(cx: &Cx, group: &SecurityGroup, rule: &NewRule) -> Value {
    let peer = std::iter::once((&rule.peer, rule.description.as_deref()));
    render_permission(cx, group.vpc, rule.traffic, peer)
}
