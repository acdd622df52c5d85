//! Users.

use std::collections::BTreeSet;

use openvpc_ec2::Error;
use openvpc_model::{IamEvent, IamUser, IdentityPolicies};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::cx::{Cx, done, read};
use crate::holder::{check_bare, text};
use crate::names::{Tag, check_name, is_taken, path, tagged};
use crate::paging::{is_below, page};
use crate::refuse::{exists, in_use, no_such, quota};
use crate::{Action, boundary, holder, tags};

const NAME_LEN_MAX: usize = 64;
const USERS_MAX: usize = 5000;

pub const ACTIONS: &[Action] = &[
    ("CreateUser", |cx, input| create(cx, read(input)?)),
    ("GetUser", |cx, input| get(cx, &input)),
    ("ListUsers", |cx, input| list(cx, &input)),
    ("UpdateUser", |cx, input| update(cx, read(input)?)),
    ("DeleteUser", |cx, input| delete(cx, &input)),
    ("ListAccountAliases", |_, input| no_aliases(&input)),
];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CreateRequest {
    user_name: String,
    path: Option<String>,
    permissions_boundary: Option<String>,
    #[serde(default)]
    tags: Vec<Tag>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct UpdateRequest {
    user_name: String,
    new_user_name: Option<String>,
    new_path: Option<String>,
}

fn create(cx: &mut Cx, req: CreateRequest) -> Result<Value, Error> {
    check_name(&req.user_name, "userName", NAME_LEN_MAX)?;
    check_free(cx, &req.user_name)?;
    if cx.own().users.len() >= USERS_MAX {
        return Err(quota("UsersPerAccount", USERS_MAX));
    }
    boundary::check(cx, req.permissions_boundary.as_deref())?;
    let tags = tagged(&Default::default(), req.tags)?;
    let user = IamUser {
        entity: cx.new_entity("AIDA", &req.user_name, path(req.path)?, tags),
        policies: IdentityPolicies {
            boundary: req.permissions_boundary,
            ..IdentityPolicies::default()
        },
        groups: BTreeSet::new(),
    };
    let answer = json!({"User": render_whole(cx, &user)});
    cx.emit(IamEvent::UserPut(user));
    Ok(answer)
}

fn check_free(cx: &Cx, name: &str) -> Result<(), Error> {
    if is_taken(name, cx.own().users.keys()) {
        return Err(exists(format!("User with name {name} already exists.")));
    }
    Ok(())
}

/// The user of this name.
///
/// # Errors
/// `NoSuchEntity`.
pub fn find<'a>(cx: &Cx<'a>, name: &str) -> Result<&'a IamUser, Error> {
    cx.own()
        .users
        .get(name)
        .ok_or_else(|| no_such("user", name))
}

fn get(cx: &mut Cx, input: &Value) -> Result<Value, Error> {
    let principal = cx.principal();
    if input["UserName"].is_null() && principal.is_root() {
        // Root has neither name nor path; its account is as old as time.
        return Ok(json!({"User": {
            "UserId": principal.account.as_str(),
            "Arn": principal.arn,
            "CreateDate": 0,
        }}));
    }
    let user = find(cx, &holder::user_name(cx, input)?)?;
    Ok(json!({"User": render_whole(cx, user)}))
}

fn list(cx: &mut Cx, input: &Value) -> Result<Value, Error> {
    let users = cx.own().users.iter();
    let users = users
        .filter(|(_, user)| is_below(input, &user.entity.path))
        .map(|(name, user)| (name.clone(), user));
    page(input, "Users", users, |user| render(cx, user))
}

fn update(cx: &mut Cx, req: UpdateRequest) -> Result<Value, Error> {
    let mut user = find(cx, &req.user_name)?.clone();
    if let Some(new) = req.new_path {
        user.entity.path = path(Some(new))?;
    }
    let Some(new) = req.new_user_name.filter(|new| *new != req.user_name) else {
        cx.emit(IamEvent::UserPut(user));
        return done();
    };
    check_name(&new, "newUserName", NAME_LEN_MAX)?;
    if !new.eq_ignore_ascii_case(&req.user_name) {
        check_free(cx, &new)?;
    }
    user.entity.name = new.clone();
    for key in crate::access_key::of_user(cx, &req.user_name) {
        let mut key = key.clone();
        key.user = new.clone();
        cx.emit(IamEvent::AccessKeyPut(key));
    }
    cx.emit(IamEvent::UserDeleted(req.user_name));
    cx.emit(IamEvent::UserPut(user));
    done()
}

fn delete(cx: &mut Cx, input: &Value) -> Result<Value, Error> {
    let user = find(cx, text(input, "UserName"))?;
    check_bare(&user.policies)?;
    if crate::access_key::of_user(cx, &user.entity.name)
        .next()
        .is_some()
    {
        return Err(in_use(
            "Cannot delete entity, must delete access keys first.",
        ));
    }
    if !user.groups.is_empty() {
        return Err(in_use(
            "Cannot delete entity, must remove users from group first.",
        ));
    }
    cx.emit(IamEvent::UserDeleted(user.entity.name.clone()));
    done()
}

/// Accounts have no other names here.
fn no_aliases(input: &Value) -> Result<Value, Error> {
    page(
        input,
        "AccountAliases",
        std::iter::empty(),
        |name: String| name.into(),
    )
}

/// As lists show a user: without tags and boundary.
pub fn render(cx: &Cx, user: &IamUser) -> Value {
    let entity = &user.entity;
    json!({
        "Path": entity.path,
        "UserName": entity.name,
        "UserId": entity.id,
        "Arn": entity.arn(cx.account(), "user"),
        "CreateDate": entity.created_at,
    })
}

fn render_whole(cx: &Cx, user: &IamUser) -> Value {
    let mut shown = render(cx, user);
    tags::show(&mut shown, &user.entity.tags);
    boundary::show(&mut shown, &user.policies);
    shown
}
