//! Examples of the IAM user guide, and what they say.

use serde_json::{Value, json};

use super::{Document, Documents, Purpose};
use crate::judge::{Effect, Evaluator, Named, Request};

/// What one statement says to a request of `action` on `resource` with these keys.
fn says(statement: Value, action: &str, resource: &str, context: &[(&str, &str)]) -> Effect {
    let document = json!({"Version": "2012-10-17", "Statement": statement}).to_string();
    let context: Vec<(String, String)> = context
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect();
    let request = Request {
        action,
        resource,
        context: &context,
    };
    Documents::default().identity(&document, &request)
}

fn allows(statement: Value, action: &str, resource: &str, context: &[(&str, &str)]) -> bool {
    says(statement, action, resource, context) == Effect::Allow
}

fn when(condition: Value) -> Value {
    json!({"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition})
}

#[test]
fn actions_and_resources() {
    let on = |action: Value, resource: Value| json!({"Effect": "Allow", "Action": action, "Resource": resource});
    for (statement, action, resource, wanted) in [
        (
            on(json!("s3:Get*"), json!("*")),
            "s3:GetObject",
            "arn:aws:s3:::b/k",
            true,
        ),
        (
            on(json!("S3:getobject"), json!("*")),
            "s3:GetObject",
            "arn:aws:s3:::b/k",
            true,
        ),
        (
            on(json!("s3:Get?bject"), json!("*")),
            "s3:GetObject",
            "x",
            true,
        ),
        (
            on(json!(["ec2:*", "s3:Put*"]), json!("*")),
            "s3:GetObject",
            "x",
            false,
        ),
        (
            on(json!("*"), json!("arn:aws:s3:::b/*")),
            "s3:GetObject",
            "arn:aws:s3:::b/a/b",
            true,
        ),
        (
            on(json!("*"), json!("arn:aws:s3:::b/*")),
            "s3:ListBucket",
            "arn:aws:s3:::b",
            false,
        ),
        (
            on(json!("*"), json!("arn:aws:s3:::B/*")),
            "s3:GetObject",
            "arn:aws:s3:::b/k",
            false,
        ),
        (
            json!({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}),
            "iam:GetUser",
            "x",
            false,
        ),
        (
            json!({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}),
            "s3:GetObject",
            "x",
            true,
        ),
        (
            json!({"Effect": "Allow", "Action": "*", "NotResource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"]}),
            "s3:GetObject",
            "arn:aws:s3:::b/k",
            false,
        ),
        (
            json!({"Effect": "Allow", "Action": "*", "NotResource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"]}),
            "s3:GetObject",
            "arn:aws:s3:::c/k",
            true,
        ),
    ] {
        assert_eq!(
            allows(statement.clone(), action, resource, &[]),
            wanted,
            "{statement} {action} {resource}"
        );
    }
}

#[test]
fn an_explicit_deny_wins() {
    let both = json!([
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": "s3:Delete*", "Resource": "*"},
    ]);
    assert_eq!(
        says(both.clone(), "s3:DeleteObject", "x", &[]),
        Effect::Deny
    );
    assert_eq!(says(both, "s3:GetObject", "x", &[]), Effect::Allow);
    assert_eq!(says(json!([]), "s3:GetObject", "x", &[]), Effect::Nothing);
}

#[test]
fn condition_operators() {
    for (condition, context, wanted) in [
        (
            json!({"StringEquals": {"aws:username": "Bob"}}),
            &[("aws:UserName", "Bob")][..],
            true,
        ),
        (
            json!({"StringEquals": {"aws:username": ["Eve", "Bob"]}}),
            &[("aws:username", "Bob")],
            true,
        ),
        (
            json!({"StringEquals": {"aws:username": "B*"}}),
            &[("aws:username", "Bob")],
            false,
        ),
        (json!({"StringEquals": {"aws:username": "Bob"}}), &[], false),
        (
            json!({"StringEqualsIfExists": {"aws:username": "Bob"}}),
            &[],
            true,
        ),
        (
            json!({"StringNotEquals": {"aws:username": "Bob"}}),
            &[],
            true,
        ),
        (
            json!({"StringNotEquals": {"aws:username": ["Bob", "Eve"]}}),
            &[("aws:username", "Eve")],
            false,
        ),
        (
            json!({"StringLike": {"aws:username": "B?b*"}}),
            &[("aws:username", "Bobby")],
            true,
        ),
        (
            json!({"StringNotLike": {"aws:username": "B*"}}),
            &[("aws:username", "Bob")],
            false,
        ),
        (
            json!({"StringEqualsIgnoreCase": {"aws:username": "BOB"}}),
            &[("aws:username", "bob")],
            true,
        ),
        (
            json!({"NumericLessThanEquals": {"s3:max-keys": "10"}}),
            &[("s3:max-keys", "10")],
            true,
        ),
        (
            json!({"NumericLessThan": {"s3:max-keys": 10}}),
            &[("s3:max-keys", "10")],
            false,
        ),
        (
            json!({"NumericLessThan": {"s3:max-keys": 10}}),
            &[("s3:max-keys", "x")],
            false,
        ),
        (
            json!({"DateGreaterThan": {"aws:CurrentTime": "2025-01-01T00:00:00Z"}}),
            &[("aws:CurrentTime", "2025-01-02T03:04:05.000Z")],
            true,
        ),
        (
            json!({"DateLessThan": {"aws:EpochTime": "1735689600"}}),
            &[("aws:EpochTime", "1735689599")],
            true,
        ),
        (
            json!({"Bool": {"aws:SecureTransport": "true"}}),
            &[("aws:SecureTransport", "true")],
            true,
        ),
        (
            json!({"Bool": {"aws:SecureTransport": true}}),
            &[("aws:SecureTransport", "false")],
            false,
        ),
        (
            json!({"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "2001:db8::/32"]}}),
            &[("aws:SourceIp", "203.0.113.9")],
            true,
        ),
        (
            json!({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}),
            &[],
            false,
        ),
        (
            json!({"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}),
            &[],
            true,
        ),
        (
            json!({"NotIpAddress": {"aws:SourceIp": "203.0.113.7"}}),
            &[("aws:SourceIp", "203.0.113.7")],
            false,
        ),
        (
            json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/app/*"}}),
            &[("aws:PrincipalArn", "arn:aws:iam::123456789012:role/app/web")],
            true,
        ),
        (
            json!({"ArnEquals": {"aws:PrincipalArn": "arn:aws:*:role/web"}}),
            &[("aws:PrincipalArn", "arn:aws:iam::123456789012:role/web")],
            false,
        ),
        (json!({"Null": {"aws:TokenIssueTime": "true"}}), &[], true),
        (json!({"Null": {"aws:TokenIssueTime": "false"}}), &[], false),
        (
            json!({"ForAllValues:StringEquals": {"k": ["a", "b"]}}),
            &[("k", "a"), ("k", "b")],
            true,
        ),
        (
            json!({"ForAllValues:StringEquals": {"k": ["a", "b"]}}),
            &[("k", "a"), ("k", "c")],
            false,
        ),
        (json!({"ForAllValues:StringEquals": {"k": "a"}}), &[], true),
        (
            json!({"ForAnyValue:StringEquals": {"k": "a"}}),
            &[("k", "a"), ("k", "c")],
            true,
        ),
        (json!({"ForAnyValue:StringEquals": {"k": "a"}}), &[], false),
        (
            json!({"ForAnyValue:StringNotEquals": {"k": "a"}}),
            &[("k", "a"), ("k", "c")],
            true,
        ),
        (
            json!({"StringEquals": {"a": "1"}, "Bool": {"b": "true"}}),
            &[("a", "1"), ("b", "false")],
            false,
        ),
    ] {
        assert_eq!(
            allows(when(condition.clone()), "s3:GetObject", "x", context),
            wanted,
            "{condition} {context:?}"
        );
    }
}

/// IAM user guide, "IAM policy elements: Variables and tags".
#[test]
fn variables() {
    let home = json!({"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::b/${aws:username}/*"});
    let bob = [("aws:username", "Bob")];
    assert!(allows(
        home.clone(),
        "s3:GetObject",
        "arn:aws:s3:::b/Bob/k",
        &bob
    ));
    assert!(!allows(
        home.clone(),
        "s3:GetObject",
        "arn:aws:s3:::b/Eve/k",
        &bob
    ));
    assert!(
        !allows(home.clone(), "s3:GetObject", "arn:aws:s3:::b//k", &[]),
        "a variable that is not there"
    );
    assert!(
        !allows(
            home,
            "s3:GetObject",
            "arn:aws:s3:::b/Eve/k",
            &[("aws:username", "*")]
        ),
        "no wildcard comes of a value"
    );
    let default = json!({"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::b/${aws:PrincipalTag/team, 'none'}"});
    assert!(allows(
        default.clone(),
        "s3:GetObject",
        "arn:aws:s3:::b/none",
        &[]
    ));
    assert!(allows(
        default,
        "s3:GetObject",
        "arn:aws:s3:::b/red",
        &[("aws:PrincipalTag/team", "red")]
    ));
    let literal = json!({"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::b/${*}"});
    assert!(allows(
        literal.clone(),
        "s3:GetObject",
        "arn:aws:s3:::b/*",
        &[]
    ));
    assert!(!allows(literal, "s3:GetObject", "arn:aws:s3:::b/x", &[]));
    let tag = when(json!({"ArnLike": {"a": "arn:aws:iam::1:role/${aws:PrincipalTag/team}"}}));
    let forged = [
        ("a", "arn:aws:iam::1:role/x"),
        ("aws:PrincipalTag/team", "*"),
    ];
    assert!(!allows(tag, "s3:GetObject", "x", &forged));
}

#[test]
fn whom_a_trust_policy_names() {
    let says = |principal: Value, named: Named| {
        let document = json!({"Statement": {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}});
        let request = Request {
            action: "sts:AssumeRole",
            resource: "x",
            context: &[],
        };
        Documents::default().to_principal(&document.to_string(), named, &request) == Effect::Allow
    };
    let account = "123456789012".parse().unwrap();
    let (bob, root) = (
        "arn:aws:iam::123456789012:user/Bob",
        "arn:aws:iam::123456789012:root",
    );
    assert!(says(json!({"AWS": bob}), Named::Arn(bob)));
    assert!(!says(json!({"AWS": bob}), Named::Account(&account)));
    for whole in [json!({"AWS": root}), json!({"AWS": [bob, "123456789012"]})] {
        assert!(says(whole, Named::Account(&account)));
    }
    assert!(!says(json!({"AWS": root}), Named::Arn(bob)));
    for everyone in [json!("*"), json!({"AWS": "*"})] {
        assert!(says(everyone, Named::Arn(bob)));
    }
    let ec2 = Named::Service("ec2.amazonaws.com");
    assert!(says(json!({"Service": ["ec2.amazonaws.com", "x"]}), ec2));
    assert!(!says(json!("*"), ec2));
}

#[test]
fn what_is_wrong_is_said_with_the_place() {
    let statement = |more: Value| {
        let mut statement = json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*"});
        statement
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
    };
    for (text, part) in [
        ("{\"Version\":".to_owned(), "line 1 column"),
        ("[]".to_owned(), "not an object"),
        ("{}".to_owned(), "no Statement"),
        (
            json!({"Version": "2020-01-01", "Statement": []}).to_string(),
            "Version",
        ),
        (
            json!({"Statement": [], "Extra": 1}).to_string(),
            "unknown member Extra",
        ),
        (
            statement(json!({"Effect": "Maybe"})),
            "Statement[0]: Effect",
        ),
        (statement(json!({"Action": "s3"})), "Action s3"),
        (statement(json!({"Action": []})), "Action"),
        (
            statement(json!({"NotAction": "s3:*"})),
            "exclude each other",
        ),
        (statement(json!({"Resource": "bucket"})), "Resource bucket"),
        (
            statement(json!({"Condition": {"StringIs": {"a": "b"}}})),
            "StringIs",
        ),
        (
            statement(json!({"Condition": {"StringEquals": "a"}})),
            "Condition.StringEquals",
        ),
        (
            statement(json!({"Principal": "*"})),
            "should not specify a principal",
        ),
        (
            statement(json!({"Principal": {"AWS": "Bob"}})),
            "Invalid principal",
        ),
        (
            statement(json!({"NotPrincipal": "*"})),
            "should not specify a principal",
        ),
        (
            statement(json!({"Principal": "*", "NotPrincipal": "*"})),
            "exclude each other",
        ),
    ] {
        let refusal = Document::read(&text).and_then(|document| document.check(Purpose::Identity));
        let refusal = refusal.unwrap_err();
        assert!(refusal.contains(part), "{text}: {refusal}");
        let request = Request {
            action: "s3:GetObject",
            resource: "x",
            context: &[],
        };
        assert_ne!(
            Documents::default().identity(&text, &request),
            Effect::Allow,
            "{text}"
        );
    }
    let trust = Document::read(&statement(json!({"Principal": "*"}))).unwrap();
    assert_eq!(
        trust.check(Purpose::Trust).unwrap_err(),
        "Has prohibited field Resource"
    );
}
