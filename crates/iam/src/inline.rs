//! Inline policies of users, groups and roles.

use openvpc_ec2::Error;
use serde_json::{Value, json};

use crate::cx::{Cx, done};
use crate::holder::{self, Kind, text};
use crate::names::check_name;
use crate::paging::page;
use crate::refuse::{limit, no_such};
use crate::{Action, document};

const NAME_LEN_MAX: usize = 128;

pub const ACTIONS: &[Action] = &[
    ("PutUserPolicy", |cx, input| put(cx, Kind::User, &input)),
    ("GetUserPolicy", |cx, input| get(cx, Kind::User, &input)),
    ("ListUserPolicies", |cx, input| list(cx, Kind::User, &input)),
    ("DeleteUserPolicy", |cx, input| {
        delete(cx, Kind::User, &input)
    }),
    ("PutGroupPolicy", |cx, input| put(cx, Kind::Group, &input)),
    ("GetGroupPolicy", |cx, input| get(cx, Kind::Group, &input)),
    ("ListGroupPolicies", |cx, input| {
        list(cx, Kind::Group, &input)
    }),
    ("DeleteGroupPolicy", |cx, input| {
        delete(cx, Kind::Group, &input)
    }),
    ("PutRolePolicy", |cx, input| put(cx, Kind::Role, &input)),
    ("GetRolePolicy", |cx, input| get(cx, Kind::Role, &input)),
    ("ListRolePolicies", |cx, input| list(cx, Kind::Role, &input)),
    ("DeleteRolePolicy", |cx, input| {
        delete(cx, Kind::Role, &input)
    }),
];

fn put(cx: &mut Cx, kind: Kind, input: &Value) -> Result<Value, Error> {
    let (name, document) = (text(input, "PolicyName"), text(input, "PolicyDocument"));
    check_name(name, "policyName", NAME_LEN_MAX)?;
    let holder = holder::find_changeable(cx, kind, input)?;
    document::check_identity(document)?;
    let mut policies = holder.policies.clone();
    policies.inline.insert(name.to_owned(), document.to_owned());
    let len: usize = policies
        .inline
        .values()
        .map(|text| document::len(text))
        .sum();
    let most = kind.inline_len_max();
    if len > most {
        let (noun, holder) = (kind.noun(), &holder.entity.name);
        return Err(limit(format!(
            "Maximum policy size of {most} bytes exceeded for {noun} {holder}"
        )));
    }
    holder::put(cx, kind, &holder.entity.name, policies);
    done()
}

fn get(cx: &mut Cx, kind: Kind, input: &Value) -> Result<Value, Error> {
    let holder = holder::find(cx, kind, input)?;
    let name = text(input, "PolicyName");
    let document = holder
        .policies
        .inline
        .get(name)
        .ok_or_else(|| missing(kind, name))?;
    Ok(json!({
        kind.member(): holder.entity.name,
        "PolicyName": name,
        "PolicyDocument": document::encode(document),
    }))
}

fn list(cx: &mut Cx, kind: Kind, input: &Value) -> Result<Value, Error> {
    let holder = holder::find(cx, kind, input)?;
    let names = holder
        .policies
        .inline
        .keys()
        .map(|name| (name.clone(), name));
    page(input, "PolicyNames", names, |name| name.as_str().into())
}

fn delete(cx: &mut Cx, kind: Kind, input: &Value) -> Result<Value, Error> {
    let holder = holder::find_changeable(cx, kind, input)?;
    let name = text(input, "PolicyName");
    let mut policies = holder.policies.clone();
    if policies.inline.remove(name).is_none() {
        return Err(missing(kind, name));
    }
    holder::put(cx, kind, &holder.entity.name, policies);
    done()
}

fn missing(kind: Kind, name: &str) -> Error {
    no_such(&format!("{} policy", kind.noun()), name)
}
