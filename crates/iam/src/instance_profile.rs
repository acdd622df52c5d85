//! Instance profiles: what carries a role into an instance.

use openvpc_ec2::Error;
use openvpc_model::{IamEvent, InstanceProfile};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::cx::{Cx, done, read};
use crate::holder::text;
use crate::names::{Tag, check_name, is_taken, path, tagged};
use crate::paging::{is_below, page};
use crate::refuse::{exists, in_use, no_such, no_such_instance_profile, quota};
use crate::{Action, role, tags};

const NAME_LEN_MAX: usize = 128;
const INSTANCE_PROFILES_MAX: usize = 1000;

pub const ACTIONS: &[Action] = &[
    ("CreateInstanceProfile", |cx, input| {
        create(cx, read(input)?)
    }),
    ("GetInstanceProfile", |cx, input| get(cx, &input)),
    ("ListInstanceProfiles", |cx, input| list(cx, &input)),
    ("DeleteInstanceProfile", |cx, input| delete(cx, &input)),
    ("AddRoleToInstanceProfile", |cx, input| add_role(cx, &input)),
    ("RemoveRoleFromInstanceProfile", |cx, input| {
        remove_role(cx, &input)
    }),
    ("ListInstanceProfilesForRole", |cx, input| {
        list_for_role(cx, &input)
    }),
];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CreateRequest {
    instance_profile_name: String,
    path: Option<String>,
    #[serde(default)]
    tags: Vec<Tag>,
}

fn create(cx: &mut Cx, req: CreateRequest) -> Result<Value, Error> {
    let name = &req.instance_profile_name;
    check_name(name, "instanceProfileName", NAME_LEN_MAX)?;
    let (path, tags) = (path(req.path)?, tagged(&Default::default(), req.tags)?);
    if is_taken(name, cx.own().instance_profiles.keys()) {
        return Err(exists(format!("Instance Profile {name} already exists.")));
    }
    if cx.own().instance_profiles.len() >= INSTANCE_PROFILES_MAX {
        return Err(quota("InstanceProfilesPerAccount", INSTANCE_PROFILES_MAX));
    }
    let profile = InstanceProfile {
        entity: cx.new_entity("AIPA", name, path, tags),
        role: None,
    };
    let answer = json!({"InstanceProfile": render_whole(cx, &profile)});
    cx.emit(IamEvent::InstanceProfilePut(profile));
    Ok(answer)
}

/// The instance profile of this name.
///
/// # Errors
/// `NoSuchEntity`.
pub fn find<'a>(cx: &Cx<'a>, name: &str) -> Result<&'a InstanceProfile, Error> {
    let found = cx.own().instance_profiles.get(name);
    found.ok_or_else(|| no_such_instance_profile(name))
}

fn named<'a>(cx: &Cx<'a>, input: &Value) -> Result<&'a InstanceProfile, Error> {
    find(cx, text(input, "InstanceProfileName"))
}

fn get(cx: &mut Cx, input: &Value) -> Result<Value, Error> {
    let profile = named(cx, input)?;
    Ok(json!({"InstanceProfile": render_whole(cx, profile)}))
}

fn list(cx: &mut Cx, input: &Value) -> Result<Value, Error> {
    let profiles = cx.own().instance_profiles.iter();
    let profiles = profiles
        .filter(|(_, profile)| is_below(input, &profile.entity.path))
        .map(|(name, profile)| (name.clone(), profile));
    page(input, "InstanceProfiles", profiles, |profile| {
        render(cx, profile)
    })
}

fn list_for_role(cx: &mut Cx, input: &Value) -> Result<Value, Error> {
    let role = role::find(cx, text(input, "RoleName"))?;
    let profiles = cx.own().instance_profiles.iter();
    let profiles = profiles
        .filter(|(_, profile)| profile.role.as_ref() == Some(&role.entity.name))
        .map(|(name, profile)| (name.clone(), profile));
    page(input, "InstanceProfiles", profiles, |profile| {
        render(cx, profile)
    })
}

fn delete(cx: &mut Cx, input: &Value) -> Result<Value, Error> {
    let profile = named(cx, input)?;
    if profile.role.is_some() {
        return Err(in_use(
            "Cannot delete entity, must remove roles from instance profile first.",
        ));
    }
    cx.emit(IamEvent::InstanceProfileDeleted(
        profile.entity.name.clone(),
    ));
    done()
}

fn add_role(cx: &mut Cx, input: &Value) -> Result<Value, Error> {
    let mut profile = named(cx, input)?.clone();
    let role = role::find(cx, text(input, "RoleName"))?;
    if role.linked_service.is_some() {
        return Err(crate::holder::unmodifiable(&role.entity.name));
    }
    if profile.role.is_some() {
        return Err(quota("InstanceSessionsPerInstanceProfile", 1));
    }
    profile.role = Some(role.entity.name.clone());
    cx.emit(IamEvent::InstanceProfilePut(profile));
    done()
}

fn remove_role(cx: &mut Cx, input: &Value) -> Result<Value, Error> {
    let mut profile = named(cx, input)?.clone();
    let name = text(input, "RoleName");
    if profile.role.as_deref() != Some(name) {
        return Err(no_such("role", name));
    }
    profile.role = None;
    cx.emit(IamEvent::InstanceProfilePut(profile));
    done()
}

fn render(cx: &Cx, profile: &InstanceProfile) -> Value {
    let entity = &profile.entity;
    let role = profile
        .role
        .as_ref()
        .and_then(|name| cx.own().roles.get(name));
    let roles: Vec<Value> = role
        .into_iter()
        .map(|role| role::render(cx, role))
        .collect();
    json!({
        "Path": entity.path,
        "InstanceProfileName": entity.name,
        "InstanceProfileId": entity.id,
        "Arn": entity.arn(cx.account(), "instance-profile"),
        "CreateDate": entity.created_at,
        "Roles": roles,
    })
}

fn render_whole(cx: &Cx, profile: &InstanceProfile) -> Value {
    let mut shown = render(cx, profile);
    tags::show(&mut shown, &profile.entity.tags);
    shown
}
