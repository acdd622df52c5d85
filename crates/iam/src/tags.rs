//! Tags of users, roles, policies and instance profiles.

use openvpc_ec2::Error;
use openvpc_model::{IamEvent, Tags};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::cx::{Cx, done, read};
use crate::holder::text;
use crate::names::{Tag, tagged};
use crate::paging::page;
use crate::{Action, instance_profile, policy, role, user};

pub const ACTIONS: &[Action] = &[
    ("TagUser", |cx, input| tag(cx, Noun::User, input)),
    ("UntagUser", |cx, input| untag(cx, Noun::User, input)),
    ("ListUserTags", |cx, input| list(cx, Noun::User, &input)),
    ("TagRole", |cx, input| tag(cx, Noun::Role, input)),
    ("UntagRole", |cx, input| untag(cx, Noun::Role, input)),
    ("ListRoleTags", |cx, input| list(cx, Noun::Role, &input)),
    ("TagPolicy", |cx, input| tag(cx, Noun::Policy, input)),
    ("UntagPolicy", |cx, input| untag(cx, Noun::Policy, input)),
    ("ListPolicyTags", |cx, input| list(cx, Noun::Policy, &input)),
    ("TagInstanceProfile", |cx, input| {
        tag(cx, Noun::InstanceProfile, input)
    }),
    ("UntagInstanceProfile", |cx, input| {
        untag(cx, Noun::InstanceProfile, input)
    }),
    ("ListInstanceProfileTags", |cx, input| {
        list(cx, Noun::InstanceProfile, &input)
    }),
];

#[derive(Clone, Copy)]
enum Noun {
    User,
    Role,
    Policy,
    InstanceProfile,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[derive(Default)]
struct Change {
    tags: Vec<Tag>,
    tag_keys: Vec<String>,
}

/// Lets `change` work on the tags of what the request names, and writes the thing down if it did.
fn with_tags(
    cx: &mut Cx,
    noun: Noun,
    input: &Value,
    change: impl FnOnce(&Tags) -> Result<Option<Tags>, Error>,
) -> Result<Tags, Error> {
    macro_rules! on {
        ($found:expr, $put:ident) => {{
            let mut thing = $found?.clone();
            if let Some(tags) = change(&thing.entity.tags)? {
                thing.entity.tags = tags;
                cx.emit(IamEvent::$put(thing.clone()));
            }
            Ok(thing.entity.tags)
        }};
    }
    match noun {
        Noun::User => on!(user::find(cx, text(input, "UserName")), UserPut),
        Noun::Role => on!(role::find(cx, text(input, "RoleName")), RolePut),
        Noun::Policy => on!(policy::find_own(cx, text(input, "PolicyArn")), PolicyPut),
        Noun::InstanceProfile => on!(
            instance_profile::find(cx, text(input, "InstanceProfileName")),
            InstanceProfilePut
        ),
    }
}

fn tag(cx: &mut Cx, noun: Noun, input: Value) -> Result<Value, Error> {
    let change: Change = read(input.clone())?;
    with_tags(cx, noun, &input, |tags| tagged(tags, change.tags).map(Some))?;
    done()
}

fn untag(cx: &mut Cx, noun: Noun, input: Value) -> Result<Value, Error> {
    let change: Change = read(input.clone())?;
    with_tags(cx, noun, &input, |tags| {
        let mut tags = tags.clone();
        tags.retain(|key, _| !change.tag_keys.contains(key));
        Ok(Some(tags))
    })?;
    done()
}

fn list(cx: &mut Cx, noun: Noun, input: &Value) -> Result<Value, Error> {
    let tags = with_tags(cx, noun, input, |_| Ok(None))?;
    let tags = tags
        .into_iter()
        .map(|(key, value)| (key.clone(), (key, value)));
    page(
        input,
        "Tags",
        tags,
        |(key, value)| json!({"Key": key, "Value": value}),
    )
}

/// Adds tags to an answer, if there are any.
pub fn show(shown: &mut Value, tags: &Tags) {
    if !tags.is_empty() {
        let tags = tags.iter();
        shown["Tags"] = tags
            .map(|(key, value)| json!({"Key": key, "Value": value}))
            .collect();
    }
}
