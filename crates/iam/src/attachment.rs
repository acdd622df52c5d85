//! Managed policies attached to users, groups and roles.

use openvpc_ec2::Error;
use serde_json::{Value, json};

use crate::Action;
use crate::cx::{Cx, done};
use crate::holder::{self, Kind, text};
use crate::paging::{is_below, page};
use crate::policy;
use crate::refuse::{no_such_policy, not_attachable, quota};

const ATTACHED_MAX: usize = 10;

pub const ACTIONS: &[Action] = &[
    ("AttachUserPolicy", |cx, input| {
        attach(cx, Kind::User, &input)
    }),
    ("DetachUserPolicy", |cx, input| {
        detach(cx, Kind::User, &input)
    }),
    ("ListAttachedUserPolicies", |cx, input| {
        list(cx, Kind::User, &input)
    }),
    ("AttachGroupPolicy", |cx, input| {
        attach(cx, Kind::Group, &input)
    }),
    ("DetachGroupPolicy", |cx, input| {
        detach(cx, Kind::Group, &input)
    }),
    ("ListAttachedGroupPolicies", |cx, input| {
        list(cx, Kind::Group, &input)
    }),
    ("AttachRolePolicy", |cx, input| {
        attach(cx, Kind::Role, &input)
    }),
    ("DetachRolePolicy", |cx, input| {
        detach(cx, Kind::Role, &input)
    }),
    ("ListAttachedRolePolicies", |cx, input| {
        list(cx, Kind::Role, &input)
    }),
    ("ListEntitiesForPolicy", |cx, input| entities(cx, &input)),
];

fn attach(cx: &mut Cx, kind: Kind, input: &Value) -> Result<Value, Error> {
    let arn = text(input, "PolicyArn");
    let holder = holder::find_changeable(cx, kind, input)?;
    policy::check_arn(arn)?;
    policy::find(cx, arn).map_err(|_| not_attachable(arn))?;
    let mut policies = holder.policies.clone();
    policies.attached.insert(arn.to_owned());
    if policies.attached.len() > ATTACHED_MAX {
        return Err(quota(kind.attached_quota(), ATTACHED_MAX));
    }
    holder::put(cx, kind, &holder.entity.name, policies);
    done()
}

fn detach(cx: &mut Cx, kind: Kind, input: &Value) -> Result<Value, Error> {
    let arn = text(input, "PolicyArn");
    let holder = holder::find_changeable(cx, kind, input)?;
    policy::check_arn(arn)?;
    let mut policies = holder.policies.clone();
    if !policies.attached.remove(arn) {
        return Err(no_such_policy(arn));
    }
    holder::put(cx, kind, &holder.entity.name, policies);
    done()
}

fn list(cx: &mut Cx, kind: Kind, input: &Value) -> Result<Value, Error> {
    let holder = holder::find(cx, kind, input)?;
    let attached = holder.policies.attached.iter();
    let attached = attached
        .filter_map(|arn| policy::find(cx, arn).ok())
        .filter(|policy| is_below(input, policy.path()))
        .map(|policy| (policy.name().to_owned(), policy));
    page(
        input,
        "AttachedPolicies",
        attached,
        |policy| json!({"PolicyName": policy.name(), "PolicyArn": policy.arn(cx.account())}),
    )
}

/// Everyone who has a policy. The three lists are given whole: quotas bound them, and no client pages them.
fn entities(cx: &mut Cx, input: &Value) -> Result<Value, Error> {
    let arn = text(input, "PolicyArn");
    policy::find(cx, arn)?;
    let as_boundary = text(input, "PolicyUsageFilter") == "PermissionsBoundary";
    let filter = input["EntityFilter"].as_str();
    let wanted = |kind: &str| filter.is_none_or(|filter| filter == kind);
    let has = |policies: &openvpc_model::IdentityPolicies| match as_boundary {
        true => policies.boundary.as_deref() == Some(arn),
        false => policies.attached.contains(arn),
    };
    let own = cx.own();
    let users = own
        .users
        .values()
        .filter(|user| wanted("User") && has(&user.policies));
    let groups = own
        .groups
        .values()
        .filter(|group| wanted("Group") && has(&group.policies));
    let roles = own
        .roles
        .values()
        .filter(|role| wanted("Role") && has(&role.policies));
    Ok(json!({
        "PolicyUsers": users
            .map(|user| json!({"UserName": user.entity.name, "UserId": user.entity.id}))
            .collect::<Vec<_>>(),
        "PolicyGroups": groups
            .map(|group| json!({"GroupName": group.entity.name, "GroupId": group.entity.id}))
            .collect::<Vec<_>>(),
        "PolicyRoles": roles
            .map(|role| json!({"RoleName": role.entity.name, "RoleId": role.entity.id}))
            .collect::<Vec<_>>(),
        "IsTruncated": false,
    }))
}
