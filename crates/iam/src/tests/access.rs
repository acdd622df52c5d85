//! The three steps of one request, by the examples of the IAM and S3 guides.

use serde_json::{Value, json};

use crate::access::{Access, EndpointPolicy};
use crate::judge::Request;
use crate::principal::Policies;
use crate::sessions::Bearer;
use crate::{Documents, Principal};

const OWNER: &str = "123456789012";
const OTHER: &str = "444455556666";

fn user(account: &str, name: &str) -> Principal {
    let arn = format!("arn:aws:iam::{account}:user/{name}");
    Principal {
        arn: arn.clone(),
        identity_arn: arn,
        bearer: Bearer::User {
            name: name.to_owned(),
            id: "AIDA1".to_owned(),
        },
        ..Principal::root(account.parse().unwrap())
    }
}

fn role(name: &str) -> Principal {
    Principal {
        arn: format!("arn:aws:sts::{OWNER}:assumed-role/{name}/s"),
        identity_arn: format!("arn:aws:iam::{OWNER}:role/{name}"),
        bearer: Bearer::Role {
            name: name.to_owned(),
            id: "AROA1".to_owned(),
            session: "s".to_owned(),
        },
        ..Principal::root(OWNER.parse().unwrap())
    }
}

fn document(statements: Value) -> String {
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

fn names(effect: &str, principal: Value) -> String {
    document(json!({"Effect": effect, "Principal": principal, "Action": "s3:*", "Resource": "*"}))
}

/// What is decided of `s3:GetObject`; each policy is a document or none.
fn decide(
    caller: Option<&Principal>,
    [own, boundary, session]: [Option<&str>; 3],
    resource: Option<&str>,
    endpoint: Option<&str>,
) -> Result<(), String> {
    decide_action(
        "s3:GetObject",
        caller,
        [own, boundary, session],
        resource,
        endpoint,
    )
}

fn decide_action(
    action: &str,
    caller: Option<&Principal>,
    [own, boundary, session]: [Option<&str>; 3],
    resource: Option<&str>,
    endpoint: Option<&str>,
) -> Result<(), String> {
    let policies = Policies {
        identity: own.into_iter().collect(),
        boundary,
        session: session.map(|one| vec![one]),
    };
    let signed = caller.filter(|caller| !caller.is_root());
    let access = Access {
        caller,
        policies: signed.map(|_| &policies),
        endpoint_policy: endpoint.map(|text| EndpointPolicy {
            text,
            is_gateways: true,
        }),
        resource_policy: resource,
        owner: OWNER,
        request: Request {
            action,
            resource: "arn:aws:s3:::b/k",
            context: &[],
        },
    };
    access
        .decide(&Documents::default())
        .map_err(|denial| denial.0)
}

const NO_IDENTITY: &str = "because no identity-based policy allows the s3:GetObject action";
const NO_RESOURCE: &str = "because no resource-based policy allows the s3:GetObject action";
const NO_ENDPOINT: &str = "because no VPC endpoint policy allows the s3:GetObject action";
const NO_BOUNDARY: &str = "because no permissions boundary allows the s3:GetObject action";
const NO_SESSION: &str = "because no session policy allows the s3:GetObject action";

fn own(effect: &str) -> String {
    document(json!({"Effect": effect, "Action": "s3:*", "Resource": "*"}))
}

fn nothing() -> String {
    document(json!([]))
}

/// `03 §3`, step 3: one of the two within an account, both across accounts.
#[test]
fn identity_or_resource_within_an_account_and_both_across() {
    let (bob, eve) = (user(OWNER, "Bob"), user(OTHER, "Eve"));
    let allow = own("Allow");
    let opened = |arn: &str| names("Allow", json!({"AWS": arn}));
    let (to_bob, to_eve) = (opened(&bob.arn), opened(&eve.arn));
    let to_other = opened(OTHER);
    let to_owner = opened(OWNER);
    for (caller, own, resource, wanted) in [
        (&bob, None, None, Err(NO_IDENTITY)),
        (&bob, Some(&allow), None, Ok(())),
        (&bob, None, Some(&to_bob), Ok(())),
        // An account's name leaves the word to its administrator.
        (&bob, None, Some(&to_owner), Err(NO_IDENTITY)),
        (&eve, Some(&allow), None, Err(NO_RESOURCE)),
        (&eve, None, Some(&to_eve), Err(NO_IDENTITY)),
        (&eve, Some(&allow), Some(&to_eve), Ok(())),
        (&eve, Some(&allow), Some(&to_other), Ok(())),
        (&eve, Some(&allow), Some(&to_bob), Err(NO_RESOURCE)),
    ] {
        let own = own.map(String::as_str);
        let found = decide(
            Some(caller),
            [own, None, None],
            resource.map(String::as_str),
            None,
        );
        assert_eq!(
            found,
            wanted.map_err(str::to_owned),
            "{} {resource:?}",
            caller.arn
        );
    }
}

/// An explicit deny decides wherever it is, and the message says where.
#[test]
fn an_explicit_deny_anywhere_wins() {
    let bob = user(OWNER, "Bob");
    let (allow, deny) = (own("Allow"), own("Deny"));
    let (open, shut) = (names("Allow", json!("*")), names("Deny", json!("*")));
    let denied = |own: &String, boundary: Option<&String>, resource: &String, endpoint: &String| {
        let own = [Some(own.as_str()), boundary.map(String::as_str), None];
        decide(Some(&bob), own, Some(resource), Some(endpoint))
    };
    assert_eq!(denied(&allow, None, &open, &open), Ok(()));
    for (found, place) in [
        (
            denied(&deny, None, &open, &open),
            "an identity-based policy",
        ),
        (
            denied(&allow, Some(&deny), &open, &open),
            "a permissions boundary",
        ),
        (
            denied(&allow, None, &shut, &open),
            "a resource-based policy",
        ),
        (denied(&allow, None, &open, &shut), "a VPC endpoint policy"),
    ] {
        assert_eq!(found, Err(format!("with an explicit deny in {place}")));
    }
}

/// `GP-2`, `GP-3`: an endpoint's policy filters and grants nothing; an account's name in it is the root user alone.
#[test]
fn an_endpoints_policy_filters() {
    let (bob, root) = (user(OWNER, "Bob"), Principal::root(OWNER.parse().unwrap()));
    let allow = own("Allow");
    let everyone = names("Allow", json!("*"));
    let account = names(
        "Allow",
        json!({"AWS": format!("arn:aws:iam::{OWNER}:root")}),
    );
    let through = |caller, own: Option<&str>, endpoint: &str| {
        decide(Some(caller), [own, None, None], None, Some(endpoint))
    };
    assert_eq!(through(&bob, Some(&allow), &everyone), Ok(()));
    assert_eq!(through(&bob, None, &everyone), Err(NO_IDENTITY.to_owned()));
    assert_eq!(
        through(&bob, Some(&allow), &account),
        Err(NO_ENDPOINT.to_owned())
    );
    assert_eq!(through(&root, None, &account), Ok(()));
    assert_eq!(
        through(&root, None, &nothing()),
        Err(NO_ENDPOINT.to_owned())
    );
}

/// `GP-3` is about gateway endpoints alone: to an interface endpoint's policy an account is all that belong to it.
#[test]
fn an_interface_endpoints_policy_knows_whole_accounts() {
    let (bob, allow) = (user(OWNER, "Bob"), own("Allow"));
    let policies = Policies {
        identity: vec![allow.as_str()],
        boundary: None,
        session: None,
    };
    let through = |account: &str, is_gateways: bool| {
        let text = names("Allow", json!({"AWS": account}));
        let access = Access {
            caller: Some(&bob),
            policies: Some(&policies),
            endpoint_policy: Some(EndpointPolicy {
                text: &text,
                is_gateways,
            }),
            resource_policy: None,
            owner: OWNER,
            request: Request {
                action: "s3:GetObject",
                resource: "arn:aws:s3:::bucket/key",
                context: &[],
            },
        };
        access.decide(&Documents::default()).map_err(|no| no.0)
    };
    assert_eq!(through(OWNER, false), Ok(()));
    assert_eq!(through(OWNER, true), Err(NO_ENDPOINT.to_owned()));
    assert_eq!(through(OTHER, false), Err(NO_ENDPOINT.to_owned()));
}

/// `GP-7`.
#[test]
fn anonymous_callers_need_an_open_resource() {
    let (open, narrow) = (
        names("Allow", json!("*")),
        names("Allow", json!({"AWS": OWNER})),
    );
    let none = [None; 3];
    assert_eq!(decide(None, none, Some(&open), None), Ok(()));
    assert_eq!(decide(None, none, Some(&open), Some(&open)), Ok(()));
    assert_eq!(
        decide(None, none, None, Some(&open)),
        Err(NO_RESOURCE.to_owned())
    );
    assert_eq!(
        decide(None, none, Some(&narrow), None),
        Err(NO_RESOURCE.to_owned())
    );
    assert_eq!(
        decide(None, none, Some(&open), Some(&narrow)),
        Err(NO_ENDPOINT.to_owned())
    );
}

/// IAM user guide, "Permissions boundaries": who is named by a resource's policy, and what still binds it.
#[test]
fn a_named_session_is_freer_than_a_named_role() {
    let (bob, admin) = (user(OWNER, "Bob"), role("Admin"));
    let nothing = nothing();
    let opened = |arn: &str| names("Allow", json!({"AWS": arn}));
    let (everyone, to_role) = (names("Allow", json!("*")), opened(&admin.identity_arn));
    let to_session = opened(&admin.arn);
    let bound = [None, Some(nothing.as_str()), None];
    let limited = [None, None, Some(nothing.as_str())];
    for (caller, policies, resource, wanted) in [
        (&bob, bound, &everyone, Ok(())),
        (&admin, bound, &everyone, Err(NO_BOUNDARY)),
        (&admin, bound, &to_role, Err(NO_BOUNDARY)),
        (&admin, limited, &to_role, Err(NO_SESSION)),
        (&admin, [None; 3], &to_role, Ok(())),
        (&admin, bound, &to_session, Ok(())),
        (&admin, limited, &to_session, Ok(())),
    ] {
        let found = decide(Some(caller), policies, Some(resource), None);
        assert_eq!(
            found,
            wanted.map_err(str::to_owned),
            "{} {resource}",
            caller.arn
        );
    }
}

/// IAM user guide, "NotPrincipal with Deny": whoever is to be spared is listed with the account, a role with its session.
#[test]
fn not_principal_spares_whose_every_name_is_listed() {
    let (bob, ann, admin) = (user(OWNER, "Bob"), user(OWNER, "Ann"), role("Admin"));
    let root = Principal::root(OWNER.parse().unwrap());
    let allow = own("Allow");
    let but = |names: Value| {
        let deny = json!({"Effect": "Deny", "NotPrincipal": {"AWS": names}, "Action": "s3:*", "Resource": "*"});
        document(
            json!([{"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"}, deny]),
        )
    };
    let passes = |caller: Option<&Principal>, policy: &str| {
        decide(caller, [Some(&allow), None, None], Some(policy), None).is_ok()
    };
    let with_account = but(json!([bob.arn, OWNER]));
    assert!(passes(Some(&bob), &with_account));
    assert!(passes(Some(&root), &with_account));
    assert!(!passes(Some(&ann), &with_account));
    assert!(!passes(None, &with_account), "anonymous");
    assert!(
        !passes(Some(&bob), &but(json!([bob.arn]))),
        "without the account"
    );
    assert!(passes(
        Some(&admin),
        &but(json!([admin.arn, admin.identity_arn, OWNER]))
    ));
    assert!(!passes(
        Some(&admin),
        &but(json!([admin.identity_arn, OWNER]))
    ));
}

/// S3 API reference, DeleteBucketPolicy: the owner's root cannot lock itself out; an endpoint's policy still binds it.
#[test]
fn the_owners_root_may_always_take_the_policy_away() {
    let root = |account: &str| Principal::root(account.parse().unwrap());
    let (shut, open) = (names("Deny", json!("*")), names("Allow", json!("*")));
    let (owner, other) = (root(OWNER), root(OTHER));
    let none = [None; 3];
    for action in [
        "s3:DeleteBucketPolicy",
        "s3:PutBucketPolicy",
        "s3:GetBucketPolicy",
    ] {
        assert_eq!(
            decide_action(action, Some(&owner), none, Some(&shut), None),
            Ok(())
        );
        assert!(decide_action(action, Some(&other), none, Some(&shut), None).is_err());
        let bob = user(OWNER, "Bob");
        assert!(decide_action(action, Some(&bob), none, Some(&shut), None).is_err());
        let filtered = decide_action(action, Some(&owner), none, Some(&open), Some(&shut));
        assert_eq!(
            filtered,
            Err("with an explicit deny in a VPC endpoint policy".to_owned())
        );
    }
    assert!(
        decide(Some(&owner), none, Some(&shut), None).is_err(),
        "only the policy"
    );
}
