//! Random policies and requests against a second opinion: a small evaluator over the JSON itself, written from the IAM
//! user guide and sharing no code with the real one.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::judge::{Caller, Effect, Evaluator, Request, Said};
use crate::sessions::Bearer;
use crate::{Documents, Principal};

mod second_opinion {
    use std::net::Ipv4Addr;

    use serde_json::Value;

    pub type Context = [(String, String)];

    fn list(value: &Value) -> Vec<String> {
        let one = |value: &Value| match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        match value {
            Value::Array(all) => all.iter().map(one).collect(),
            value => vec![one(value)],
        }
    }

    fn get<'c>(context: &'c Context, key: &str) -> Vec<&'c str> {
        let key = key.to_lowercase();
        let found = context
            .iter()
            .filter(|(name, _)| name.to_lowercase() == key);
        found.map(|(_, value)| value.as_str()).collect()
    }

    /// A pattern as (wildcard or not, character); none when a variable has no value.
    fn expand(pattern: &str, context: &Context) -> Option<Vec<(bool, char)>> {
        let mut out = Vec::new();
        let chars: Vec<char> = pattern.chars().collect();
        let mut i = 0;
        while i < chars.len() {
            if chars[i..].starts_with(&['$', '{'])
                && let Some(len) = chars[i..].iter().position(|c| *c == '}')
            {
                let inner: String = chars[i + 2..i + len].iter().collect();
                i += len + 1;
                if ["*", "?", "$"].contains(&inner.as_str()) {
                    out.extend(inner.chars().map(|c| (false, c)));
                    continue;
                }
                let (key, default) = match inner.split_once(',') {
                    Some((key, default)) => (key.trim().to_owned(), Some(default)),
                    None => (inner.clone(), None),
                };
                let value = match (get(context, &key).as_slice(), default) {
                    ([one], _) => (*one).to_owned(),
                    (_, Some(default)) => default.trim().trim_matches('\'').to_owned(),
                    _ => return None,
                };
                out.extend(value.chars().map(|c| (false, c)));
                continue;
            }
            out.push((['*', '?'].contains(&chars[i]), chars[i]));
            i += 1;
        }
        Some(out)
    }

    /// By the definition: `*` takes nothing, or one character and more.
    fn glob(pattern: &[(bool, char)], text: &[char]) -> bool {
        match (pattern.first(), text.first()) {
            (None, None) => true,
            (Some((true, '*')), None) => glob(&pattern[1..], text),
            (Some((true, '*')), Some(_)) => glob(&pattern[1..], text) || glob(pattern, &text[1..]),
            (Some((true, _)), Some(_)) => glob(&pattern[1..], &text[1..]),
            (Some((false, wanted)), Some(found)) if wanted == found => {
                glob(&pattern[1..], &text[1..])
            }
            _ => false,
        }
    }

    pub fn like(pattern: &str, text: &str, context: &Context) -> bool {
        let text: Vec<char> = text.chars().collect();
        expand(pattern, context).is_some_and(|pattern| glob(&pattern, &text))
    }

    fn literal(pattern: &str, context: &Context) -> Option<String> {
        Some(
            expand(pattern, context)?
                .into_iter()
                .map(|(_, c)| c)
                .collect(),
        )
    }

    fn in_block(block: &str, address: &str) -> bool {
        let (net, len) = block.split_once('/').unwrap_or((block, "32"));
        let (Ok(net), Ok(len), Ok(address)) = (
            net.parse::<Ipv4Addr>(),
            len.parse::<u32>(),
            address.parse::<Ipv4Addr>(),
        ) else {
            return false;
        };
        let mask = u32::MAX.checked_shl(32 - len).unwrap_or(0);
        u32::from(net) & mask == u32::from(address) & mask
    }

    fn one(operator: &str, wanted: &str, value: &str, context: &Context) -> bool {
        let Some(text) = literal(wanted, context) else {
            return false;
        };
        let numbers = || Some((value.parse::<f64>().ok()?, text.parse::<f64>().ok()?));
        match operator {
            "StringEquals" => text == value,
            "StringEqualsIgnoreCase" | "Bool" => text.eq_ignore_ascii_case(value),
            "StringLike" => like(wanted, value, context),
            "IpAddress" => in_block(&text, value),
            "NumericLessThan" => numbers().is_some_and(|(value, wanted)| value < wanted),
            "NumericGreaterThanEquals" => numbers().is_some_and(|(value, wanted)| value >= wanted),
            other => panic!("{other}"),
        }
    }

    fn condition(operator: &str, key: &str, wanted: &Value, context: &Context) -> bool {
        let wanted = list(wanted);
        let values = get(context, key);
        let (set, operator) = match operator.split_once(':') {
            Some((set, operator)) => (Some(set), operator),
            None => (None, operator),
        };
        if operator == "Null" {
            let absent = values.is_empty().to_string();
            return wanted
                .iter()
                .any(|wanted| one("Bool", wanted, &absent, context));
        }
        let (operator, if_exists) = match operator.strip_suffix("IfExists") {
            Some(operator) => (operator, true),
            None => (operator, false),
        };
        let (operator, negated) = match operator {
            "StringNotEquals" => ("StringEquals", true),
            "StringNotLike" => ("StringLike", true),
            "NotIpAddress" => ("IpAddress", true),
            operator => (operator, false),
        };
        let hit = |value: &&str| {
            wanted
                .iter()
                .any(|wanted| one(operator, wanted, value, context))
        };
        match (set, values.is_empty()) {
            (Some("ForAllValues"), _) => values.iter().all(|value| hit(value) != negated),
            (Some(_), true) => if_exists,
            (Some(_), false) => values.iter().any(|value| hit(value) != negated),
            (None, true) => if_exists || negated,
            (None, false) => values.iter().any(hit) != negated,
        }
    }

    /// Whether a statement is about a request; `names` are the caller's, none for an identity's own policy.
    pub fn about(
        statement: &Value,
        names: Option<&[String]>,
        action: &str,
        resource: &str,
        context: &Context,
    ) -> bool {
        let patterns = |name: &str| statement.get(name).map(list);
        let action_hit = |all: Vec<String>| {
            all.iter()
                .any(|p| like(&p.to_lowercase(), &action.to_lowercase(), &[]))
        };
        let resource_hit = |all: Vec<String>| all.iter().any(|p| like(p, resource, context));
        let is_action = match (patterns("Action"), patterns("NotAction")) {
            (Some(all), _) => action_hit(all),
            (None, Some(all)) => !action_hit(all),
            (None, None) => false,
        };
        let is_resource = match (patterns("Resource"), patterns("NotResource")) {
            (Some(all), _) => resource_hit(all),
            (None, Some(all)) => !resource_hit(all),
            (None, None) => false,
        };
        let listed = |value: &Value| match value {
            Value::String(_) => vec!["*".to_owned()],
            value => list(&value["AWS"]),
        };
        let is_named = match (
            names,
            statement.get("Principal"),
            statement.get("NotPrincipal"),
        ) {
            (None, ..) => true,
            (Some(names), Some(value), _) => {
                let listed = listed(value);
                listed.contains(&"*".to_owned()) || names.iter().any(|name| listed.contains(name))
            }
            (Some(names), None, Some(value)) => {
                let listed = listed(value);
                !listed.contains(&"*".to_owned())
                    && (names.is_empty() || !names.iter().all(|name| listed.contains(name)))
            }
            (Some(_), None, None) => false,
        };
        let empty = serde_json::Map::new();
        let conditions = statement
            .get("Condition")
            .and_then(Value::as_object)
            .unwrap_or(&empty);
        let met = conditions.iter().all(|(operator, keys)| {
            let mut keys = keys.as_object().unwrap().iter();
            keys.all(|(key, wanted)| condition(operator, key, wanted, context))
        });
        is_action && is_resource && is_named && met
    }

    /// Deny first, then Allow.
    pub fn says(statements: &[Value], about: impl Fn(&Value) -> bool) -> Option<bool> {
        let mut effects: Vec<&str> = statements
            .iter()
            .filter(|s| about(s))
            .map(|s| s["Effect"].as_str().unwrap())
            .collect();
        effects.sort_by_key(|effect| *effect != "Deny");
        effects.first().map(|effect| *effect == "Allow")
    }
}

const BOB: &str = "arn:aws:iam::123456789012:user/Bob";
const ROOT: &str = "arn:aws:iam::123456789012:root";
const ANN: &str = "arn:aws:iam::123456789012:user/Ann";

fn one_of(values: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop::sample::select(values).prop_map(str::to_owned)
}

fn some(values: &'static [&'static str]) -> impl Strategy<Value = Value> {
    let many = prop::collection::vec(one_of(values), 1..4).prop_map(|all| json!(all));
    prop_oneof![one_of(values).prop_map(Value::String), many]
}

const ACTIONS: &[&str] = &[
    "*",
    "s3:*",
    "s3:Get*",
    "S3:getobject",
    "s3:?etObject",
    "s3:Put*",
    "ec2:*",
    "s3:*t*Object",
];
const RESOURCES: &[&str] = &[
    "*",
    "arn:aws:s3:::a",
    "arn:aws:s3:::a/*",
    "arn:aws:s3:::?/k",
    "arn:aws:s3:::*/k*k",
    "arn:aws:s3:::a/${aws:username}/*",
    "arn:aws:s3:::a/${aws:none,'k'}",
    "arn:aws:s3:::a/${*}",
    "arn:*a*a*a*b",
];
const WANTED: &[&str] = &[
    "vpce-1",
    "vpce-2",
    "vpce-*",
    "VPCE-1",
    "Bob",
    "${aws:username}",
    "${aws:none}",
    "*",
    "10.0.0.0/8",
    "10.0.1.5",
    "5",
    "50",
    "true",
    "false",
];
const KEYS: &[&str] = &[
    "aws:SourceVpce",
    "AWS:sourcevpce",
    "aws:SourceIp",
    "aws:username",
    "s3:max-keys",
    "aws:TagKeys",
    "aws:SecureTransport",
    "aws:none",
];
const OPERATORS: &[&str] = &[
    "StringEquals",
    "StringNotEquals",
    "StringLike",
    "StringNotLike",
    "StringEqualsIgnoreCase",
    "IpAddress",
    "NotIpAddress",
    "Bool",
    "Null",
    "NumericLessThan",
    "NumericGreaterThanEquals",
    "StringEqualsIfExists",
    "StringNotLikeIfExists",
    "IpAddressIfExists",
    "ForAnyValue:StringLike",
    "ForAllValues:StringEquals",
    "ForAnyValue:StringNotEquals",
];

fn statement() -> impl Strategy<Value = Value> {
    let condition = prop::collection::vec((one_of(OPERATORS), one_of(KEYS), some(WANTED)), 0..3);
    let aws = some(&["*", BOB, ANN, "123456789012", ROOT, "444455556666"])
        .prop_map(|names| json!({"AWS": names}));
    let principal = prop_oneof![Just(json!("*")), aws];
    let parts = (
        any::<[bool; 4]>(),
        some(ACTIONS),
        some(RESOURCES),
        principal,
        condition,
    );
    parts.prop_map(
        |(
            [allow, not_action, not_resource, not_principal],
            action,
            resource,
            principal,
            conditions,
        )| {
            let mut statement = Map::new();
            let name = |negated: bool, name: &str| {
                if negated {
                    format!("Not{name}")
                } else {
                    name.to_owned()
                }
            };
            statement.insert(
                "Effect".to_owned(),
                if allow { "Allow" } else { "Deny" }.into(),
            );
            statement.insert(name(not_action, "Action"), action);
            statement.insert(name(not_resource, "Resource"), resource);
            // Nothing stores an Allow with NotPrincipal.
            statement.insert(name(not_principal && !allow, "Principal"), principal);
            let mut all = Map::new();
            for (operator, key, wanted) in conditions {
                let keys = all.entry(operator).or_insert_with(|| json!({}));
                keys[key] = wanted;
            }
            if !all.is_empty() {
                statement.insert("Condition".to_owned(), all.into());
            }
            Value::Object(statement)
        },
    )
}

fn request() -> impl Strategy<Value = (String, String, Vec<(String, String)>)> {
    let action = one_of(&[
        "s3:GetObject",
        "s3:PutObject",
        "ec2:RunInstances",
        "S3:GETOBJECT",
    ]);
    let resource = one_of(&[
        "arn:aws:s3:::a",
        "arn:aws:s3:::a/k",
        "arn:aws:s3:::b/kk",
        "arn:aws:s3:::a/Bob/x",
        "arn:aws:s3:::a/*",
        "arn:aaaaab",
        "arn:aaaaaa",
    ]);
    let value = one_of(&[
        "vpce-1",
        "vpce-2",
        "Bob",
        "10.0.1.5",
        "192.0.2.1",
        "5",
        "49.5",
        "true",
        "FALSE",
        "",
    ]);
    let key = one_of(&[
        "aws:SourceVpce",
        "aws:SourceIp",
        "aws:username",
        "s3:max-keys",
        "aws:TagKeys",
        "aws:SecureTransport",
    ]);
    (action, resource, prop::collection::vec((key, value), 0..5))
}

fn bob() -> Principal {
    let bearer = Bearer::User {
        name: "Bob".to_owned(),
        id: "AIDA1".to_owned(),
    };
    Principal {
        arn: BOB.to_owned(),
        identity_arn: BOB.to_owned(),
        bearer,
        ..Principal::root("123456789012".parse().unwrap())
    }
}

/// What each says in one language: none for nothing, else whether it allows.
fn of_effect(effect: Effect) -> Option<bool> {
    match effect {
        Effect::Allow => Some(true),
        Effect::Deny => Some(false),
        Effect::Nothing => None,
    }
}

fn of_said(said: Said) -> Option<bool> {
    match said {
        Said::Allow(_) => Some(true),
        Said::Deny => Some(false),
        Said::Nothing => None,
    }
}

/// The account is known by its number and by its root's ARN; one of them listed lists it.
fn with_account_once(statement: &Value) -> Value {
    serde_json::from_str(
        &statement
            .to_string()
            .replace("\"123456789012\"", &format!("\"{ROOT}\"")),
    )
    .unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn two_evaluators_agree(statements in prop::collection::vec(statement(), 1..5), (action, resource, context) in request()) {
        let documents = Documents::default();
        let request = Request { action: &action, resource: &resource, context: &context };
        let document = |statements: &[Value]| json!({"Version": "2012-10-17", "Statement": statements}).to_string();
        let plain: Vec<Value> = statements.iter().map(with_account_once).collect();
        let root = Principal::root("123456789012".parse().unwrap());
        let bob = bob();
        for (principal, account_is_root, names) in [
            (None, false, vec![]),
            (Some(&bob), false, vec![BOB.to_owned(), ROOT.to_owned()]),
            (Some(&bob), true, vec![BOB.to_owned()]),
            (Some(&root), true, vec![ROOT.to_owned()]),
        ] {
            let caller = Caller { principal, account_is_root };
            let found = of_said(documents.to_caller(&document(&statements), &caller, &request));
            let wanted = second_opinion::says(&plain, |s| second_opinion::about(s, Some(&names), &action, &resource, &context));
            prop_assert_eq!(found, wanted, "{:?} {}", names, document(&statements));
        }
        // The same as an identity's policy, without principals.
        let own: Vec<Value> = statements.iter().cloned().map(|mut statement| {
            let members = statement.as_object_mut().unwrap();
            members.remove("Principal");
            members.remove("NotPrincipal");
            statement
        }).collect();
        let found = of_effect(documents.identity(&document(&own), &request));
        let wanted = second_opinion::says(&own, |s| second_opinion::about(s, None, &action, &resource, &context));
        prop_assert_eq!(found, wanted, "{}", document(&own));
    }
}
