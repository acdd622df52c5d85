//! Managed policies: the account's own, and those of AWS.

use std::collections::{BTreeMap, HashMap};

use openvpc_ec2::Error;
use openvpc_model::{
    AccountId, IamAccount, IamEvent, IdentityPolicies, ManagedPolicy, PolicyVersion, UnixMillis,
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::aws_managed::{self, AwsPolicy};
use crate::cx::{Cx, done, read};
use crate::holder::text;
use crate::names::{Tag, check_name, is_taken, path, tagged};
use crate::paging::{is_below, page};
use crate::refuse::{exists, in_use, invalid_input, no_such_policy, quota};
use crate::{Action, document, tags};

const NAME_LEN_MAX: usize = 128;
const POLICIES_MAX: usize = 1500;

pub const ACTIONS: &[Action] = &[
    ("CreatePolicy", |cx, input| create(cx, read(input)?)),
    ("GetPolicy", |cx, input| get(cx, &input)),
    ("ListPolicies", |cx, input| list(cx, &input)),
    ("DeletePolicy", |cx, input| delete(cx, &input)),
];

/// A managed policy of either kind.
#[derive(Clone, Copy)]
pub enum Policy<'a> {
    Own(&'a ManagedPolicy),
    Aws(&'static AwsPolicy),
}

impl<'a> Policy<'a> {
    pub fn name(self) -> &'a str {
        match self {
            Policy::Own(own) => &own.entity.name,
            Policy::Aws(aws) => aws.name,
        }
    }

    pub fn path(self) -> &'a str {
        match self {
            Policy::Own(own) => &own.entity.path,
            Policy::Aws(aws) => aws.path,
        }
    }

    pub fn arn(self, account: &AccountId) -> String {
        match self {
            Policy::Own(own) => own.entity.arn(account, "policy"),
            Policy::Aws(aws) => aws.arn(),
        }
    }

    /// What it says now.
    pub fn document(self) -> &'a str {
        match self {
            Policy::Own(own) => own
                .versions
                .get(&own.default_version)
                .map_or("", |version| &version.document),
            Policy::Aws(aws) => aws.document,
        }
    }

    /// Number of the version in force.
    pub fn default_version(self) -> u32 {
        match self {
            Policy::Own(own) => own.default_version,
            Policy::Aws(_) => 1,
        }
    }

    /// Number, document and time of every version.
    pub fn versions(self) -> Vec<(u32, &'a str, UnixMillis)> {
        match self {
            Policy::Own(own) => own
                .versions
                .iter()
                .map(|(number, version)| (*number, version.document.as_str(), version.created_at))
                .collect(),
            Policy::Aws(aws) => vec![(1, aws.document, aws_managed::CREATED_AT)],
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CreateRequest {
    policy_name: String,
    path: Option<String>,
    policy_document: String,
    description: Option<String>,
    #[serde(default)]
    tags: Vec<Tag>,
}

fn create(cx: &mut Cx, req: CreateRequest) -> Result<Value, Error> {
    check_name(&req.policy_name, "policyName", NAME_LEN_MAX)?;
    let path = path(req.path)?;
    document::check_identity(&req.policy_document)?;
    document::check_len(
        &req.policy_document,
        "PolicySize",
        document::MANAGED_LEN_MAX,
    )?;
    let tags = tagged(&Default::default(), req.tags)?;
    if is_taken(&req.policy_name, cx.own().policies.keys()) {
        let name = &req.policy_name;
        return Err(exists(format!(
            "A policy called {name} already exists. Duplicate names are not allowed."
        )));
    }
    if cx.own().policies.len() >= POLICIES_MAX {
        return Err(quota("PoliciesPerAccount", POLICIES_MAX));
    }
    let first = PolicyVersion {
        document: req.policy_document,
        created_at: cx.now(),
    };
    let policy = ManagedPolicy {
        entity: cx.new_entity("ANPA", &req.policy_name, path, tags),
        description: req.description.filter(|text| !text.is_empty()),
        versions: BTreeMap::from([(1, first)]),
        default_version: 1,
        next_version: 2,
        updated_at: cx.now(),
    };
    let mut shown = render(cx, Policy::Own(&policy), &Uses::default());
    tags::show(&mut shown, &policy.entity.tags);
    cx.emit(IamEvent::PolicyPut(policy));
    Ok(json!({"Policy": shown}))
}

/// That a text has the form of a policy's ARN.
///
/// # Errors
/// `InvalidInput`.
pub fn check_arn(arn: &str) -> Result<(), Error> {
    let rest = arn.strip_prefix("arn:aws:iam::");
    match rest.and_then(|rest| rest.split_once(":policy/")) {
        Some((account, name)) if !name.is_empty() && (account == "aws" || account.len() == 12) => {
            Ok(())
        }
        _ => Err(invalid_input(format!(
            "ARN {} is not valid.",
            arn.chars().take(512).collect::<String>()
        ))),
    }
}

/// The policy of an ARN, seen from an account.
pub fn look_up<'a>(own: &'a IamAccount, account: &AccountId, arn: &str) -> Option<Policy<'a>> {
    if let Some(aws) = aws_managed::find(arn) {
        return Some(Policy::Aws(aws));
    }
    let policy = own.policies.get(arn.rsplit_once('/')?.1)?;
    (policy.entity.arn(account, "policy") == arn).then_some(Policy::Own(policy))
}

/// The policy that a request names.
///
/// # Errors
/// `NoSuchEntity`.
pub fn find<'a>(cx: &Cx<'a>, arn: &str) -> Result<Policy<'a>, Error> {
    look_up(cx.own(), cx.account(), arn).ok_or_else(|| no_such_policy(arn))
}

/// The account's own policy that a request names.
///
/// # Errors
/// `InvalidInput`, `NoSuchEntity`, `AccessDenied` for a policy of AWS.
pub fn find_own<'a>(cx: &Cx<'a>, arn: &str) -> Result<&'a ManagedPolicy, Error> {
    check_arn(arn)?;
    match find(cx, arn)? {
        Policy::Own(own) => Ok(own),
        Policy::Aws(aws) => Err(crate::refuse::access_denied(format!(
            "Policy {} belongs to AWS and cannot be changed.",
            aws.arn()
        ))),
    }
}

fn get(cx: &mut Cx, input: &Value) -> Result<Value, Error> {
    let arn = text(input, "PolicyArn");
    check_arn(arn)?;
    let policy = find(cx, arn)?;
    let mut shown = render(cx, policy, &Uses::count(cx.own()));
    if let Policy::Own(own) = policy {
        shown["Description"] = json!(own.description);
        tags::show(&mut shown, &own.entity.tags);
    }
    Ok(json!({"Policy": shown}))
}

fn list(cx: &mut Cx, input: &Value) -> Result<Value, Error> {
    let uses = Uses::count(cx.own());
    let scope = input["Scope"].as_str().unwrap_or("All");
    let of_aws = aws_managed::ALL
        .iter()
        .map(Policy::Aws)
        .filter(|_| scope != "Local");
    let own = cx
        .own()
        .policies
        .values()
        .map(Policy::Own)
        .filter(|_| scope != "AWS");
    let only_attached = input["OnlyAttached"] == true;
    let usage = input["PolicyUsageFilter"].as_str();
    let policies = own
        .chain(of_aws)
        .filter(|policy| is_below(input, policy.path()))
        .map(|policy| (policy.arn(cx.account()), policy))
        .filter(|(arn, _)| !only_attached || uses.attached.contains_key(arn.as_str()))
        .filter(|(arn, _)| match usage {
            Some("PermissionsBoundary") => uses.boundaries.contains_key(arn.as_str()),
            _ => true,
        });
    page(input, "Policies", policies, |policy| {
        render(cx, policy, &uses)
    })
}

fn delete(cx: &mut Cx, input: &Value) -> Result<Value, Error> {
    let arn = text(input, "PolicyArn");
    let policy = find_own(cx, arn)?;
    let uses = Uses::count(cx.own());
    if uses.attached.contains_key(arn) || uses.boundaries.contains_key(arn) {
        return Err(in_use("Cannot delete a policy attached to entities."));
    }
    if policy.versions.len() > 1 {
        return Err(in_use(
            "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.",
        ));
    }
    cx.emit(IamEvent::PolicyDeleted(policy.entity.name.clone()));
    done()
}

/// How many users, groups and roles have each policy.
#[derive(Default)]
struct Uses<'a> {
    attached: HashMap<&'a str, usize>,
    boundaries: HashMap<&'a str, usize>,
}

impl<'a> Uses<'a> {
    fn count(own: &'a IamAccount) -> Uses<'a> {
        let users = own.users.values().map(|user| &user.policies);
        let groups = own.groups.values().map(|group| &group.policies);
        let roles = own.roles.values().map(|role| &role.policies);
        let mut uses = Uses::default();
        for policies in users.chain(groups).chain(roles) {
            let IdentityPolicies {
                attached, boundary, ..
            } = policies;
            for arn in attached {
                *uses.attached.entry(arn).or_default() += 1;
            }
            if let Some(arn) = boundary {
                *uses.boundaries.entry(arn).or_default() += 1;
            }
        }
        uses
    }
}

fn render(cx: &Cx, policy: Policy, uses: &Uses) -> Value {
    let arn = policy.arn(cx.account());
    let (id, created_at, updated_at) = match policy {
        Policy::Own(own) => (own.entity.id.clone(), own.entity.created_at, own.updated_at),
        Policy::Aws(aws) => (aws.id(), aws_managed::CREATED_AT, aws_managed::CREATED_AT),
    };
    json!({
        "PolicyName": policy.name(),
        "PolicyId": id,
        "Path": policy.path(),
        "DefaultVersionId": format!("v{}", policy.default_version()),
        "AttachmentCount": uses.attached.get(arn.as_str()).copied().unwrap_or(0),
        "PermissionsBoundaryUsageCount": uses.boundaries.get(arn.as_str()).copied().unwrap_or(0),
        "IsAttachable": true,
        "CreateDate": created_at,
        "UpdateDate": updated_at,
        "Arn": arn,
    })
}
