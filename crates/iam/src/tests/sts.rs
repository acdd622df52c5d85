//! Temporary credentials (IAM user guide, "Temporary security credentials", "Methods to assume a role").

use serde_json::{Value, json};

use crate::instance;
use crate::judge::{Request, identity_allows};
use crate::principal::{look_up_key, policies_of};
use crate::testing::{Bench, Plain};
use crate::{Principal, sts};

const NOTHING: &str = r#"{"Version":"2012-10-17","Statement":[]}"#;
const MAY_ASSUME: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"}]}"#;
const READ: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:GetObject","s3:ListBucket"],"Resource":"*"}]}"#;
const ROLE: &str = "arn:aws:iam::123456789012:role/app/web";

fn trust(principal: Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}]})
}

/// A role at [`ROLE`] that reads S3.
fn role(bench: &mut Bench, trust: Value) {
    bench.ok(
        "CreateRole",
        json!({"RoleName": "web", "Path": "/app/", "AssumeRolePolicyDocument": trust.to_string()}),
    );
    bench.ok(
        "PutRolePolicy",
        json!({"RoleName": "web", "PolicyName": "p", "PolicyDocument": READ}),
    );
}

fn assume(bench: &mut Bench, more: Value) -> Result<Value, openvpc_ec2::Error> {
    let mut input = json!({"RoleArn": ROLE, "RoleSessionName": "cli"});
    input
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    bench.sts("AssumeRole", input)
}

fn allows(bench: &Bench, principal: &Principal, action: &str) -> bool {
    let request = Request {
        action,
        resource: "*",
        context: &[],
    };
    identity_allows(&Plain, &bench.world, principal, &request).is_ok()
}

#[test]
fn a_session_of_a_role_may_what_the_role_may_until_it_ends() {
    let mut bench = Bench::new();
    role(
        &mut bench,
        trust(json!({"AWS": "arn:aws:iam::123456789012:root"})),
    );
    bench.principal = bench.user("Bob", MAY_ASSUME);
    let answer = assume(&mut bench, json!({})).unwrap();
    let session = bench.bearer(&answer);
    assert_eq!(
        session.arn,
        "arn:aws:sts::123456789012:assumed-role/web/cli"
    );
    assert_eq!(answer["AssumedRoleUser"]["Arn"], session.arn);
    assert_eq!(session.identity_arn, ROLE);
    assert!(session.user_id.starts_with("AROA") && session.user_id.ends_with(":cli"));
    assert_eq!(
        policies_of(&bench.world, &session).unwrap().identity,
        [READ]
    );
    assert!(allows(&bench, &session, "s3:GetObject") && !allows(&bench, &session, "s3:PutObject"));
    assert!(!session.is_expired(bench.now + 3_599_999));
    assert!(session.is_expired(bench.now + 3_600_000));

    bench.principal = session;
    let whoami = bench.sts("GetCallerIdentity", json!({})).unwrap();
    assert_eq!(
        whoami["Arn"],
        "arn:aws:sts::123456789012:assumed-role/web/cli"
    );
    assert_eq!(
        bench.sts("GetSessionToken", json!({})).unwrap_err().code(),
        "AccessDenied"
    );
}

#[test]
fn who_may_assume_a_role() {
    let (bob, account) = (
        "arn:aws:iam::123456789012:user/Bob",
        "arn:aws:iam::123456789012:root",
    );
    for (trusted, policy, wanted) in [
        (json!({"AWS": bob}), NOTHING, true),
        (json!({"AWS": account}), NOTHING, false),
        (json!({"AWS": account}), MAY_ASSUME, true),
        (
            json!({"AWS": "arn:aws:iam::123456789012:user/Eve"}),
            MAY_ASSUME,
            false,
        ),
        (json!({"Service": "ec2.amazonaws.com"}), MAY_ASSUME, false),
        (
            json!({"AWS": bob}),
            &MAY_ASSUME.replace("Allow", "Deny"),
            false,
        ),
    ] {
        let mut bench = Bench::new();
        role(&mut bench, trust(trusted.clone()));
        bench.principal = bench.user("Bob", policy);
        let outcome = assume(&mut bench, json!({}));
        assert_eq!(outcome.is_ok(), wanted, "{trusted} {policy}: {outcome:?}");
        if let Err(refusal) = outcome {
            assert_eq!(refusal.code(), "AccessDenied");
            let start = format!(
                "User: {bob} is not authorized to perform: sts:AssumeRole on resource: {ROLE} "
            );
            assert!(refusal.message().starts_with(&start), "{refusal}");
        }
    }
}

#[test]
fn a_role_of_another_account_wants_both_policies() {
    for (policy, wanted) in [(NOTHING, false), (MAY_ASSUME, true)] {
        let mut bench = Bench::new();
        role(
            &mut bench,
            trust(json!({"AWS": "arn:aws:iam::210987654321:user/Eve"})),
        );
        bench.principal = Principal::root("210987654321".parse().unwrap());
        bench.principal = bench.user("Eve", policy);
        let outcome = assume(&mut bench, json!({}));
        assert_eq!(outcome.is_ok(), wanted, "{outcome:?}");
        if let Ok(answer) = outcome {
            assert_eq!(bench.bearer(&answer).account.as_str(), "123456789012");
        }
    }
}

#[test]
fn a_root_may_assume_what_trusts_its_account_and_nothing_else() {
    let mut bench = Bench::new();
    role(
        &mut bench,
        trust(json!({"AWS": "arn:aws:iam::123456789012:root"})),
    );
    assume(&mut bench, json!({})).unwrap();
    let service = trust(json!({"Service": "ec2.amazonaws.com"})).to_string();
    bench.ok(
        "UpdateAssumeRolePolicy",
        json!({"RoleName": "web", "PolicyDocument": service}),
    );
    assert_eq!(
        assume(&mut bench, json!({})).unwrap_err().code(),
        "AccessDenied"
    );
    bench.principal = Principal::root("210987654321".parse().unwrap());
    assert_eq!(
        assume(&mut bench, json!({})).unwrap_err().code(),
        "AccessDenied"
    );
}

/// IAM user guide, "Access to AWS accounts owned by third parties".
#[test]
fn an_external_id_is_asked_for() {
    let mut bench = Bench::new();
    let mut document = trust(json!({"AWS": "arn:aws:iam::123456789012:root"}));
    document["Statement"][0]["Condition"] = json!({"StringEquals": {"sts:ExternalId": "12345"}});
    role(&mut bench, document);
    assert_eq!(
        assume(&mut bench, json!({})).unwrap_err().code(),
        "AccessDenied"
    );
    assume(&mut bench, json!({"ExternalId": "12345"})).unwrap();
}

#[test]
fn durations() {
    let mut bench = Bench::new();
    role(
        &mut bench,
        trust(json!({"AWS": "arn:aws:iam::123456789012:root"})),
    );
    for (secs, code) in [(899, "ValidationError"), (3601, "ValidationError")] {
        assert_eq!(
            assume(&mut bench, json!({"DurationSeconds": secs}))
                .unwrap_err()
                .code(),
            code
        );
    }
    bench.ok(
        "UpdateRole",
        json!({"RoleName": "web", "MaxSessionDuration": 43_200}),
    );
    let answer = assume(&mut bench, json!({"DurationSeconds": 43_200})).unwrap();
    assert_eq!(answer["Credentials"]["Expiration"], bench.now + 43_200_000);
    bench.ok(
        "PutRolePolicy",
        json!({"RoleName": "web", "PolicyName": "a", "PolicyDocument": MAY_ASSUME}),
    );
    bench.principal = bench.bearer(&answer);
    let refusal = assume(&mut bench, json!({"DurationSeconds": 3601})).unwrap_err();
    assert!(refusal.message().contains("role chaining"), "{refusal}");
    assume(&mut bench, json!({"DurationSeconds": 3600})).unwrap();
}

#[test]
fn session_policies_and_boundaries_narrow() {
    let mut bench = Bench::new();
    role(
        &mut bench,
        trust(json!({"AWS": "arn:aws:iam::123456789012:root"})),
    );
    let list = READ
        .replace("\"s3:GetObject\",", "")
        .replace("s3:ListBucket", "s3:ListBucket\",\"s3:PutObject");
    let answer = assume(&mut bench, json!({"Policy": list})).unwrap();
    let session = bench.bearer(&answer);
    let may = |bench: &Bench| {
        ["s3:GetObject", "s3:ListBucket", "s3:PutObject"]
            .map(|action| allows(bench, &session, action))
    };
    assert_eq!(may(&bench), [false, true, false]);
    let arn = bench.ok(
        "CreatePolicy",
        json!({"PolicyName": "b", "PolicyDocument": MAY_ASSUME}),
    )["Policy"]["Arn"]
        .clone();
    bench.ok(
        "PutRolePermissionsBoundary",
        json!({"RoleName": "web", "PermissionsBoundary": arn}),
    );
    assert_eq!(may(&bench), [false, false, false]);
    let managed = assume(&mut bench, json!({"PolicyArns": [{"arn": arn}]})).unwrap();
    assert_eq!(
        policies_of(&bench.world, &bench.bearer(&managed))
            .unwrap()
            .session,
        Some(vec![MAY_ASSUME])
    );
    for (more, code) in [
        (json!({"Policy": "x"}), "MalformedPolicyDocument"),
        (
            json!({"Policy": READ.replace("s3:GetObject", &format!("s3:{}", "a".repeat(2048)))}),
            "PackedPolicyTooLarge",
        ),
        (
            json!({"PolicyArns": [{"arn": "arn:aws:iam::123456789012:policy/none"}]}),
            "MalformedPolicyDocument",
        ),
        (json!({"RoleSessionName": "a b"}), "ValidationError"),
        (json!({"RoleArn": "web"}), "ValidationError"),
        (
            json!({"RoleArn": "arn:aws:iam::123456789012:role/web"}),
            "AccessDenied",
        ),
        (
            json!({"Tags": [{"Key": "a", "Value": "b"}]}),
            "UnsupportedOperation",
        ),
    ] {
        assert_eq!(
            assume(&mut bench, more.clone()).unwrap_err().code(),
            code,
            "{more}"
        );
    }
}

#[test]
fn a_session_ends_with_its_role() {
    let mut bench = Bench::new();
    role(
        &mut bench,
        trust(json!({"AWS": "arn:aws:iam::123456789012:root"})),
    );
    let answer = assume(&mut bench, json!({})).unwrap();
    bench.ok(
        "DeleteRolePolicy",
        json!({"RoleName": "web", "PolicyName": "p"}),
    );
    bench.ok("DeleteRole", json!({"RoleName": "web"}));
    let text = |name: &str| answer["Credentials"][name].as_str().unwrap();
    let known = |bench: &Bench| {
        look_up_key(
            &bench.world,
            text("AccessKeyId"),
            Some(text("SessionToken")),
        )
        .is_some()
    };
    assert!(!known(&bench));
    role(
        &mut bench,
        trust(json!({"AWS": "arn:aws:iam::123456789012:root"})),
    );
    assert!(!known(&bench), "another role of the same name");
}

#[test]
fn get_session_token_of_users_and_roots() {
    let mut bench = Bench::new();
    let answer = bench
        .sts("GetSessionToken", json!({"DurationSeconds": 7200}))
        .unwrap();
    assert_eq!(
        answer["Credentials"]["Expiration"],
        bench.now + 3_600_000,
        "a root's lasts an hour"
    );
    assert!(bench.bearer(&answer).is_root());
    bench.principal = bench.user("Bob", READ);
    let answer = bench.sts("GetSessionToken", json!({})).unwrap();
    let session = bench.bearer(&answer);
    assert_eq!(session.arn, "arn:aws:iam::123456789012:user/Bob");
    assert!(allows(&bench, &session, "s3:GetObject"));
    let id = answer["Credentials"]["AccessKeyId"].as_str().unwrap();
    assert!(
        look_up_key(&bench.world, id, None).is_none(),
        "the token is needed"
    );
    let account = bench
        .sts("GetAccessKeyInfo", json!({"AccessKeyId": id}))
        .unwrap();
    assert_eq!(account["Account"], "123456789012");
}

#[test]
fn an_instances_credentials_are_the_same_for_an_hour_and_live_longer() {
    let mut bench = Bench::new();
    role(&mut bench, trust(json!({"Service": "ec2.amazonaws.com"})));
    let (key, drawn) = sts::session_key(&bench.world, &mut bench.rng);
    bench.apply("SessionKeyDrawn", drawn);
    assert_eq!(
        sts::session_key(&bench.world, &mut bench.rng),
        (key.clone(), Vec::new())
    );
    let account = bench.principal.account.clone();
    let role = &bench.world.iam.account(&account).roles["web"];
    let at = |now| instance::session(&key, &account, role, "i-1", now).seal(&key);
    let now = bench.now - bench.now.rem_euclid(3_600_000);
    assert_eq!(at(now), at(now + 3_599_999));
    assert_ne!(at(now).access_key, at(now + 3_600_000).access_key);
    assert!(at(now + 3_599_999).expires_at > now + 5 * 3_600_000);
    let other = instance::session(&key, &account, role, "i-2", now).seal(&key);
    assert_ne!(other.access_key, at(now).access_key);
    let known = look_up_key(&bench.world, &other.access_key, Some(&other.token)).unwrap();
    assert_eq!(
        known.principal.arn,
        "arn:aws:sts::123456789012:assumed-role/web/i-2"
    );
}
