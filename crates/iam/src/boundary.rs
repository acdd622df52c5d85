//! Permissions boundaries: a managed policy that a user's or role's permissions may not exceed.

use openvpc_ec2::Error;
use openvpc_model::IdentityPolicies;
use serde_json::{Value, json};

use crate::Action;
use crate::cx::{Cx, done};
use crate::holder::{self, Kind, text};
use crate::policy;

pub const ACTIONS: &[Action] = &[
    ("PutUserPermissionsBoundary", |cx, input| {
        put(cx, Kind::User, &input)
    }),
    ("DeleteUserPermissionsBoundary", |cx, input| {
        delete(cx, Kind::User, &input)
    }),
    ("PutRolePermissionsBoundary", |cx, input| {
        put(cx, Kind::Role, &input)
    }),
    ("DeleteRolePermissionsBoundary", |cx, input| {
        delete(cx, Kind::Role, &input)
    }),
];

fn put(cx: &mut Cx, kind: Kind, input: &Value) -> Result<Value, Error> {
    let arn = text(input, "PermissionsBoundary");
    let holder = holder::find_changeable(cx, kind, input)?;
    check(cx, Some(arn))?;
    let mut policies = holder.policies.clone();
    policies.boundary = Some(arn.to_owned());
    holder::put(cx, kind, &holder.entity.name, policies);
    done()
}

fn delete(cx: &mut Cx, kind: Kind, input: &Value) -> Result<Value, Error> {
    let holder = holder::find_changeable(cx, kind, input)?;
    let mut policies = holder.policies.clone();
    policies.boundary = None;
    holder::put(cx, kind, &holder.entity.name, policies);
    done()
}

/// That a boundary's policy is there.
///
/// # Errors
/// `NoSuchEntity`, `InvalidInput` for what is no ARN of a policy.
pub fn check(cx: &Cx, arn: Option<&str>) -> Result<(), Error> {
    match arn {
        Some(arn) => policy::check_arn(arn).and_then(|()| policy::find(cx, arn).map(drop)),
        None => Ok(()),
    }
}

/// Adds the boundary to an answer, if there is one.
pub fn show(shown: &mut Value, policies: &IdentityPolicies) {
    if let Some(arn) = &policies.boundary {
        shown["PermissionsBoundary"] = json!({
            "PermissionsBoundaryType": "Policy",
            "PermissionsBoundaryArn": arn,
        });
    }
}
