//! Roles, and who may assume them.

use openvpc_ec2::Error;
use openvpc_model::{IamEvent, IamRole, IdentityPolicies};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::cx::{Cx, done, read};
use crate::holder::{check_bare, text, unmodifiable};
use crate::names::{Tag, check_name, is_taken, path, tagged};
use crate::paging::{is_below, page};
use crate::refuse::{constraint, exists, in_use, no_such, quota};
use crate::{Action, boundary, document, tags};

const NAME_LEN_MAX: usize = 64;
const ROLES_MAX: usize = 5000;
const DESCRIPTION_LEN_MAX: usize = 1000;
const SESSION_SECS: std::ops::RangeInclusive<i64> = 3600..=43_200;

pub const ACTIONS: &[Action] = &[
    ("CreateRole", |cx, input| create(cx, read(input)?)),
    ("GetRole", |cx, input| get(cx, &input)),
    ("ListRoles", |cx, input| list(cx, &input)),
    ("UpdateRole", |cx, input| update(cx, read(input)?)),
    ("UpdateRoleDescription", |cx, input| describe(cx, &input)),
    ("UpdateAssumeRolePolicy", |cx, input| trust(cx, &input)),
    ("DeleteRole", |cx, input| delete(cx, &input)),
];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CreateRequest {
    role_name: String,
    path: Option<String>,
    assume_role_policy_document: String,
    description: Option<String>,
    max_session_duration: Option<i64>,
    permissions_boundary: Option<String>,
    #[serde(default)]
    tags: Vec<Tag>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct UpdateRequest {
    role_name: String,
    description: Option<String>,
    max_session_duration: Option<i64>,
}

fn create(cx: &mut Cx, req: CreateRequest) -> Result<Value, Error> {
    check_name(&req.role_name, "roleName", NAME_LEN_MAX)?;
    let path = path(req.path)?;
    if path.starts_with("/aws-service-role/") {
        return Err(Error::new(
            "AccessDenied",
            "Roles under /aws-service-role/ are made by CreateServiceLinkedRole.",
        ));
    }
    document::check_trust(&req.assume_role_policy_document)?;
    check_description(req.description.as_deref())?;
    boundary::check(cx, req.permissions_boundary.as_deref())?;
    let role = IamRole {
        session_secs_max: session_secs(req.max_session_duration.unwrap_or(3600))?,
        entity: {
            let tags = tagged(&Default::default(), req.tags)?;
            check_room(cx, &req.role_name)?;
            cx.new_entity("AROA", &req.role_name, path, tags)
        },
        policies: IdentityPolicies {
            boundary: req.permissions_boundary,
            ..IdentityPolicies::default()
        },
        trust: req.assume_role_policy_document,
        description: req.description.filter(|text| !text.is_empty()),
        linked_service: None,
    };
    let mut shown = render(cx, &role);
    tags::show(&mut shown, &role.entity.tags);
    boundary::show(&mut shown, &role.policies);
    cx.emit(IamEvent::RolePut(role));
    Ok(json!({"Role": shown}))
}

/// That a role of this name may be made.
///
/// # Errors
/// `EntityAlreadyExists`, `LimitExceeded`.
pub fn check_room(cx: &Cx, name: &str) -> Result<(), Error> {
    if is_taken(name, cx.own().roles.keys()) {
        return Err(exists(format!("Role with name {name} already exists.")));
    }
    if cx.own().roles.len() >= ROLES_MAX {
        return Err(quota("RolesPerAccount", ROLES_MAX));
    }
    Ok(())
}

fn session_secs(secs: i64) -> Result<u32, Error> {
    match u32::try_from(secs) {
        Ok(fine) if SESSION_SECS.contains(&secs) => Ok(fine),
        _ => {
            let must = "have value from 3600 to 43200";
            Err(constraint("maxSessionDuration", &secs.to_string(), must))
        }
    }
}

fn check_description(text: Option<&str>) -> Result<(), Error> {
    match text {
        Some(text) if text.chars().count() > DESCRIPTION_LEN_MAX => {
            let must = "have length less than or equal to 1000";
            Err(constraint("description", text, must))
        }
        _ => Ok(()),
    }
}

/// The role of this name.
///
/// # Errors
/// `NoSuchEntity`.
pub fn find<'a>(cx: &Cx<'a>, name: &str) -> Result<&'a IamRole, Error> {
    cx.own()
        .roles
        .get(name)
        .ok_or_else(|| no_such("role", name))
}

fn find_changeable(cx: &Cx, name: &str) -> Result<IamRole, Error> {
    let role = find(cx, name)?;
    match role.linked_service {
        Some(_) => Err(unmodifiable(name)),
        None => Ok(role.clone()),
    }
}

fn get(cx: &mut Cx, input: &Value) -> Result<Value, Error> {
    let role = find(cx, text(input, "RoleName"))?;
    let mut shown = render(cx, role);
    tags::show(&mut shown, &role.entity.tags);
    boundary::show(&mut shown, &role.policies);
    shown["RoleLastUsed"] = json!({});
    Ok(json!({"Role": shown}))
}

fn list(cx: &mut Cx, input: &Value) -> Result<Value, Error> {
    let roles = cx.own().roles.iter();
    let roles = roles
        .filter(|(_, role)| is_below(input, &role.entity.path))
        .map(|(name, role)| (name.clone(), role));
    page(input, "Roles", roles, |role| render(cx, role))
}

fn update(cx: &mut Cx, req: UpdateRequest) -> Result<Value, Error> {
    let mut role = find_changeable(cx, &req.role_name)?;
    check_description(req.description.as_deref())?;
    // What the call does not say is set back (IAM API reference, UpdateRole).
    role.description = req.description.filter(|text| !text.is_empty());
    role.session_secs_max = session_secs(req.max_session_duration.unwrap_or(3600))?;
    cx.emit(IamEvent::RolePut(role));
    done()
}

fn describe(cx: &mut Cx, input: &Value) -> Result<Value, Error> {
    let mut role = find_changeable(cx, text(input, "RoleName"))?;
    let description = text(input, "Description");
    check_description(Some(description))?;
    role.description = Some(description.to_owned()).filter(|text| !text.is_empty());
    let answer = json!({"Role": render(cx, &role)});
    cx.emit(IamEvent::RolePut(role));
    Ok(answer)
}

fn trust(cx: &mut Cx, input: &Value) -> Result<Value, Error> {
    let mut role = find_changeable(cx, text(input, "RoleName"))?;
    role.trust = text(input, "PolicyDocument").to_owned();
    document::check_trust(&role.trust)?;
    cx.emit(IamEvent::RolePut(role));
    done()
}

fn delete(cx: &mut Cx, input: &Value) -> Result<Value, Error> {
    let role = find_changeable(cx, text(input, "RoleName"))?;
    let name = &role.entity.name;
    let mut profiles = cx.own().instance_profiles.values();
    if profiles.any(|profile| profile.role.as_ref() == Some(name)) {
        return Err(in_use(
            "Cannot delete entity, must remove roles from instance profile first.",
        ));
    }
    check_bare(&role.policies)?;
    cx.emit(IamEvent::RoleDeleted(name.clone()));
    done()
}

/// As lists show a role: without tags and boundary.
pub fn render(cx: &Cx, role: &IamRole) -> Value {
    let entity = &role.entity;
    json!({
        "Path": entity.path,
        "RoleName": entity.name,
        "RoleId": entity.id,
        "Arn": entity.arn(cx.account(), "role"),
        "CreateDate": entity.created_at,
        "AssumeRolePolicyDocument": document::encode(&role.trust),
        "Description": role.description,
        "MaxSessionDuration": role.session_secs_max,
    })
}
