//! Policy documents: read, and asked.

use openvpc_iam::Documents;
use openvpc_iam::judge::{Effect, Evaluator, Named, Request};
use serde_json::{Value, json};

use crate::Target;

/// Action, resource and condition keys (`name=value`), a line each, an empty line, the document.
pub const POLICY: Target = Target {
    name: "policy",
    run: policy,
    seeds: || {
        let of = |document: &str| {
            let head = "s3:GetObject\narn:aws:s3:::bucket/a/b\naws:SourceIp=192.0.2.7\naws:username=jo\n\n";
            [head.as_bytes(), document.as_bytes()].concat()
        };
        vec![
            (
                "allow",
                of(
                    r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}}"#,
                ),
            ),
            (
                "not",
                of(
                    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","NotAction":"s3:*","NotResource":["arn:aws:s3:::*/a"]},{"Effect":"Allow","Action":"*","Resource":"*"}]}"#,
                ),
            ),
            (
                "condition",
                of(
                    r#"{"Version":"2012-10-17","Statement":[{"Sid":"1","Effect":"Allow","Action":["s3:?etObject"],"Resource":"arn:aws:s3:::bucket/${aws:username}*","Condition":{"IpAddress":{"aws:SourceIp":["192.0.2.0/24"]},"StringNotLikeIfExists":{"aws:PrincipalTag/x":"*"},"Null":{"aws:x":"true"}}}]}"#,
                ),
            ),
            (
                "sets",
                of(
                    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"ForAllValues:StringEquals":{"aws:TagKeys":["a"]},"ForAnyValue:NumericLessThan":{"s3:max-keys":"10"},"DateGreaterThan":{"aws:CurrentTime":"2020-01-01T00:00:00Z"},"Bool":{"aws:SecureTransport":"true"}}}]}"#,
                ),
            ),
            (
                "principals",
                of(
                    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":["123456789012","arn:aws:iam::123456789012:user/jo"],"Service":"ec2.amazonaws.com"},"Action":"*","Resource":"*"},{"Effect":"Deny","NotPrincipal":{"AWS":"*"},"Action":"*","Resource":"*"}]}"#,
                ),
            ),
            (
                "slow",
                of(
                    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*a*a*a*a*a*a*a*b","Resource":"*?*?*?*?*?*?*"}]}"#,
                ),
            ),
        ]
    },
};

fn policy(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let (head, document) = text.split_once("\n\n").unwrap_or(("", text));
    let mut lines = head.lines();
    let (action, resource) = (
        lines.next().unwrap_or_default(),
        lines.next().unwrap_or_default(),
    );
    let context: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let request = Request {
        action,
        resource,
        context: &context,
    };
    let documents = Documents::default();
    let own = documents.identity(document, &request);
    assert_eq!(
        documents.identity(document, &request),
        own,
        "once remembered"
    );
    for arn in ["arn:aws:iam::123456789012:user/jo", "*", ""] {
        documents.to_principal(document, Named::Arn(arn), &request);
    }
    documents.to_principal(document, Named::Service("ec2.amazonaws.com"), &request);
    if own != Effect::Allow {
        return;
    }
    // What allows still can be denied, and an explicit Deny wins.
    let mut whole: Value = serde_json::from_str(document).expect("what allows is JSON");
    let statements = match whole["Statement"].take() {
        Value::Array(all) => all,
        one => vec![one],
    };
    let deny = json!({"Effect": "Deny", "Action": "*", "Resource": "*"});
    whole["Statement"] = statements.into_iter().chain([deny]).collect();
    let denied = documents.identity(&whole.to_string(), &request);
    assert_eq!(denied, Effect::Deny, "{whole}");
}
