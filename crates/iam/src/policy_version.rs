//! Versions of managed policies: at most five, one of them in force.

use openvpc_ec2::Error;
use openvpc_model::{IamEvent, ManagedPolicy, PolicyVersion, UnixMillis};
use serde_json::{Value, json};

use crate::cx::{Cx, done};
use crate::holder::text;
use crate::paging::page;
use crate::policy::{check_arn, find, find_own};
use crate::refuse::{in_use, limit, nothing};
use crate::{Action, document};

const VERSIONS_MAX: usize = 5;

pub const ACTIONS: &[Action] = &[
    ("CreatePolicyVersion", |cx, input| create(cx, &input)),
    ("GetPolicyVersion", |cx, input| get(cx, &input)),
    ("ListPolicyVersions", |cx, input| list(cx, &input)),
    ("SetDefaultPolicyVersion", |cx, input| {
        set_default(cx, &input)
    }),
    ("DeletePolicyVersion", |cx, input| delete(cx, &input)),
];

fn create(cx: &mut Cx, input: &Value) -> Result<Value, Error> {
    let mut policy = find_own(cx, text(input, "PolicyArn"))?.clone();
    let document = text(input, "PolicyDocument");
    document::check_identity(document)?;
    document::check_len(document, "PolicySize", document::MANAGED_LEN_MAX)?;
    if policy.versions.len() >= VERSIONS_MAX {
        return Err(limit(
            "A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.",
        ));
    }
    let number = policy.next_version;
    policy.next_version += 1;
    policy.updated_at = cx.now();
    let version = PolicyVersion {
        document: document.to_owned(),
        created_at: cx.now(),
    };
    policy.versions.insert(number, version);
    if input["SetAsDefault"] == true {
        policy.default_version = number;
    }
    let shown = render(number, policy.default_version, cx.now());
    cx.emit(IamEvent::PolicyPut(policy));
    Ok(json!({"PolicyVersion": shown}))
}

fn get(cx: &mut Cx, input: &Value) -> Result<Value, Error> {
    let (arn, id) = (text(input, "PolicyArn"), text(input, "VersionId"));
    check_arn(arn)?;
    let policy = find(cx, arn)?;
    let mut versions = policy.versions().into_iter();
    let version = versions.find(|(number, ..)| format!("v{number}") == id);
    let (number, document, created_at) = version.ok_or_else(|| missing(arn, id))?;
    let mut shown = render(number, policy.default_version(), created_at);
    shown["Document"] = document::encode(document).into();
    Ok(json!({"PolicyVersion": shown}))
}

/// Newest first, as AWS lists them; the documents are left out.
fn list(cx: &mut Cx, input: &Value) -> Result<Value, Error> {
    let arn = text(input, "PolicyArn");
    check_arn(arn)?;
    let policy = find(cx, arn)?;
    let versions = policy.versions().into_iter();
    let versions =
        versions.map(|(number, _, at)| (format!("{:010}", u32::MAX - number), (number, at)));
    page(input, "Versions", versions, |(number, at)| {
        render(number, policy.default_version(), at)
    })
}

fn set_default(cx: &mut Cx, input: &Value) -> Result<Value, Error> {
    let (mut policy, number) = find_version(cx, input)?;
    policy.default_version = number;
    policy.updated_at = cx.now();
    cx.emit(IamEvent::PolicyPut(policy));
    done()
}

fn delete(cx: &mut Cx, input: &Value) -> Result<Value, Error> {
    let (mut policy, number) = find_version(cx, input)?;
    if policy.default_version == number {
        return Err(in_use("Cannot delete the default version of a policy."));
    }
    policy.versions.remove(&number);
    cx.emit(IamEvent::PolicyPut(policy));
    done()
}

fn find_version(cx: &Cx, input: &Value) -> Result<(ManagedPolicy, u32), Error> {
    let (arn, id) = (text(input, "PolicyArn"), text(input, "VersionId"));
    let policy = find_own(cx, arn)?.clone();
    let number = id.strip_prefix('v').and_then(|number| number.parse().ok());
    let number = number.filter(|number| policy.versions.contains_key(number));
    Ok((policy, number.ok_or_else(|| missing(arn, id))?))
}

fn missing(arn: &str, id: &str) -> Error {
    let id: String = id.chars().take(64).collect();
    nothing(format!(
        "Policy {arn} version {id} does not exist or is not attachable."
    ))
}

fn render(number: u32, default: u32, created_at: UnixMillis) -> Value {
    json!({
        "VersionId": format!("v{number}"),
        "IsDefaultVersion": number == default,
        "CreateDate": created_at,
    })
}
