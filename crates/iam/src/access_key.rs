//! Access keys of users. Those of account roots come from the command line and are not IAM's.

use openvpc_ec2::Error;
use openvpc_model::{AccessKey, IamEvent};
use serde_json::{Value, json};

use crate::cx::{Cx, done};
use crate::holder::{text, user_name};
use crate::paging::page;
use crate::refuse::{nothing, quota, validation};
use crate::{Action, keys, user};

const KEYS_PER_USER_MAX: usize = 2;

pub const ACTIONS: &[Action] = &[
    ("CreateAccessKey", |cx, input| create(cx, &input)),
    ("ListAccessKeys", |cx, input| list(cx, &input)),
    ("UpdateAccessKey", |cx, input| update(cx, &input)),
    ("DeleteAccessKey", |cx, input| delete(cx, &input)),
    ("GetAccessKeyLastUsed", |cx, input| last_used(cx, &input)),
];

/// The keys of a user of the caller's account.
pub fn of_user<'a>(cx: &Cx<'a>, user: &str) -> impl Iterator<Item = &'a AccessKey> + use<'a> {
    let (account, user) = (cx.account(), user.to_owned());
    let keys = cx.iam().access_keys.values();
    keys.filter(move |key| key.user == user && key.account == *account)
}

fn create(cx: &mut Cx, input: &Value) -> Result<Value, Error> {
    let user = named(cx, input)?;
    if of_user(cx, &user).count() >= KEYS_PER_USER_MAX {
        return Err(quota("AccessKeysPerUser", KEYS_PER_USER_MAX));
    }
    let account = cx.account().clone();
    let key = AccessKey {
        id: keys::access_key_id("AKIA", &account, cx.rng()),
        secret: keys::secret(cx.rng()),
        account,
        user,
        active: true,
        created_at: cx.now(),
    };
    let mut shown = render(&key);
    shown["SecretAccessKey"] = key.secret.0.as_str().into();
    cx.emit(IamEvent::AccessKeyPut(key));
    Ok(json!({"AccessKey": shown}))
}

fn list(cx: &mut Cx, input: &Value) -> Result<Value, Error> {
    // Root has keys, and shows none: they are the command line's.
    if input["UserName"].is_null() && cx.principal().is_root() {
        return page(input, "AccessKeyMetadata", std::iter::empty(), render);
    }
    let keys = of_user(cx, &named(cx, input)?).map(|key| (key.id.clone(), key));
    page(input, "AccessKeyMetadata", keys, render)
}

fn update(cx: &mut Cx, input: &Value) -> Result<Value, Error> {
    let mut key = find(cx, input)?.clone();
    key.active = match text(input, "Status") {
        "Active" => true,
        "Inactive" => false,
        other => {
            return Err(crate::refuse::constraint(
                "status",
                other,
                "satisfy enum value set: [Active, Inactive]",
            ));
        }
    };
    cx.emit(IamEvent::AccessKeyPut(key));
    done()
}

fn delete(cx: &mut Cx, input: &Value) -> Result<Value, Error> {
    let id = find(cx, input)?.id.clone();
    cx.emit(IamEvent::AccessKeyDeleted(id));
    done()
}

/// Uses are not written down: every key reads as never used.
fn last_used(cx: &mut Cx, input: &Value) -> Result<Value, Error> {
    let id = text(input, "AccessKeyId");
    let key = cx.iam().access_keys.get(id);
    let key = key
        .filter(|key| key.account == *cx.account())
        .ok_or_else(|| no_such_key(id))?;
    Ok(json!({
        "UserName": key.user,
        "AccessKeyLastUsed": {"ServiceName": "N/A", "Region": "N/A"},
    }))
}

fn named(cx: &Cx, input: &Value) -> Result<String, Error> {
    if input["UserName"].is_null() && cx.principal().is_root() {
        return Err(validation(
            "The keys of an account's root are those of openvpc up --credential: name a user",
        ));
    }
    let name = user_name(cx, input)?;
    Ok(user::find(cx, &name)?.entity.name.clone())
}

fn find<'a>(cx: &Cx<'a>, input: &Value) -> Result<&'a AccessKey, Error> {
    let id = text(input, "AccessKeyId");
    let user = named(cx, input)?;
    let key = of_user(cx, &user).find(|key| key.id == id);
    key.ok_or_else(|| no_such_key(id))
}

fn no_such_key(id: &str) -> Error {
    let id: String = id.chars().take(128).collect();
    nothing(format!("The Access Key with id {id} cannot be found."))
}

fn render(key: &AccessKey) -> Value {
    json!({
        "UserName": key.user,
        "AccessKeyId": key.id,
        "Status": if key.active { "Active" } else { "Inactive" },
        "CreateDate": key.created_at,
    })
}
