//! Conditions (IAM user guide, "IAM JSON policy elements: Condition operators", "Multivalued context keys").

use std::net::IpAddr;

use ipnet::IpNet;

use super::pattern::{Pattern, values};
use crate::judge::Request;

/// How the values of a key are taken together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Set {
    /// The key has one value.
    Single,
    ForAnyValue,
    ForAllValues,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Equals,
    EqualsIgnoreCase,
    Like,
    Arn,
    Number(Order),
    Date(Order),
    Bool,
    Ip,
    Null,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// One operator on one key.
#[derive(Debug, Clone)]
pub struct Condition {
    set: Set,
    comparison: Comparison,
    negated: bool,
    if_exists: bool,
    key: String,
    wanted: Vec<Pattern>,
}

impl Condition {
    /// Reads an operator with a key and its values; the refusal is a sentence.
    pub fn read(
        operator: &str,
        key: &str,
        wanted: &[String],
        variables: bool,
    ) -> Result<Condition, String> {
        let (set, name) = match operator.split_once(':') {
            None => (Set::Single, operator),
            Some(("ForAnyValue", name)) => (Set::ForAnyValue, name),
            Some(("ForAllValues", name)) => (Set::ForAllValues, name),
            Some(_) => return Err(format!("there is no condition operator {operator}")),
        };
        let (name, if_exists) = match name.strip_suffix("IfExists") {
            Some(name) => (name, true),
            None => (name, false),
        };
        let (comparison, negated) =
            comparison(name).ok_or_else(|| format!("there is no condition operator {operator}"))?;
        let wildcards = matches!(comparison, Comparison::Like | Comparison::Arn);
        let wanted = wanted
            .iter()
            .map(|text| Pattern::new(text, variables, wildcards));
        Ok(Condition {
            set,
            comparison,
            negated,
            if_exists,
            key: key.to_owned(),
            wanted: wanted.collect(),
        })
    }

    /// Whether a request meets it.
    pub fn holds(&self, request: &Request) -> bool {
        let mut found = values(request, &self.key).peekable();
        if self.comparison == Comparison::Null {
            let is_absent = found.peek().is_none().to_string();
            return self
                .wanted
                .iter()
                .any(|wanted| wanted.matches(&is_absent, true, request));
        }
        if found.peek().is_none() {
            return match self.set {
                Set::ForAllValues => true,
                Set::ForAnyValue => self.if_exists,
                Set::Single => self.if_exists || self.negated,
            };
        }
        let mut each = found.map(|value| self.matches(value, request) != self.negated);
        match self.set {
            Set::ForAllValues => each.all(|holds| holds),
            Set::ForAnyValue => each.any(|holds| holds),
            Set::Single if self.negated => each.all(|holds| holds),
            Set::Single => each.any(|holds| holds),
        }
    }

    /// Whether it lets in few enough that a bucket open to everyone under it is not public (Amazon S3 user guide, "The
    /// meaning of \"public\""): a fixed value of a key that says who or from where.
    pub fn narrows(&self) -> bool {
        const KEYS: [&str; 9] = [
            "aws:SourceIp",
            "aws:SourceArn",
            "aws:SourceVpc",
            "aws:SourceVpce",
            "aws:SourceAccount",
            "aws:PrincipalArn",
            "aws:PrincipalAccount",
            "aws:PrincipalOrgID",
            "aws:userid",
        ];
        let positive = !self.negated && !self.if_exists && self.set != Set::ForAllValues;
        let fixed = |wanted: &Pattern| match (self.comparison, wanted.fixed()) {
            (_, None) => false,
            (Comparison::Ip, Some(text)) => block(&text).is_some_and(|net| match net {
                IpNet::V4(net) => net.prefix_len() >= 8,
                IpNet::V6(net) => net.prefix_len() >= 32,
            }),
            (comparison, Some(_)) => matches!(
                comparison,
                Comparison::Equals
                    | Comparison::EqualsIgnoreCase
                    | Comparison::Like
                    | Comparison::Arn
            ),
        };
        let mut keys = KEYS.iter();
        positive
            && keys.any(|key| key.eq_ignore_ascii_case(&self.key))
            && self.wanted.iter().all(fixed)
    }

    fn matches(&self, value: &str, request: &Request) -> bool {
        self.wanted.iter().any(|wanted| match self.comparison {
            Comparison::Equals | Comparison::Like => wanted.matches(value, false, request),
            Comparison::EqualsIgnoreCase | Comparison::Bool => wanted.matches(value, true, request),
            Comparison::Arn => wanted.matches_arn(value, request),
            Comparison::Number(order) => both(wanted, value, request, |text| text.parse().ok())
                .is_some_and(|(wanted, value): (f64, f64)| order.holds(value.partial_cmp(&wanted))),
            Comparison::Date(order) => both(wanted, value, request, millis)
                .is_some_and(|(wanted, value)| order.holds(Some(value.cmp(&wanted)))),
            Comparison::Ip => {
                let net = wanted.text(request).and_then(|text| block(&text));
                let address = value.parse::<IpAddr>().ok();
                net.zip(address)
                    .is_some_and(|(net, address)| net.contains(&address))
            }
            Comparison::Null => false,
        })
    }
}

impl Order {
    fn holds(self, found: Option<std::cmp::Ordering>) -> bool {
        found.is_some_and(|found| match self {
            Order::Equal => found.is_eq(),
            Order::Less => found.is_lt(),
            Order::LessOrEqual => found.is_le(),
            Order::Greater => found.is_gt(),
            Order::GreaterOrEqual => found.is_ge(),
        })
    }
}

/// The comparison of an operator, and whether it is turned round.
fn comparison(name: &str) -> Option<(Comparison, bool)> {
    use Comparison::{Arn, Bool, Date, Equals, EqualsIgnoreCase, Ip, Like, Null, Number};
    Some(match name {
        "StringEquals" | "BinaryEquals" => (Equals, false),
        "StringNotEquals" => (Equals, true),
        "StringEqualsIgnoreCase" => (EqualsIgnoreCase, false),
        "StringNotEqualsIgnoreCase" => (EqualsIgnoreCase, true),
        "StringLike" => (Like, false),
        "StringNotLike" => (Like, true),
        "ArnEquals" | "ArnLike" => (Arn, false),
        "ArnNotEquals" | "ArnNotLike" => (Arn, true),
        "Bool" => (Bool, false),
        "IpAddress" => (Ip, false),
        "NotIpAddress" => (Ip, true),
        "Null" => (Null, false),
        _ => {
            let (kind, order): (fn(Order) -> Comparison, &str) = match name.strip_prefix("Numeric")
            {
                Some(order) => (Number, order),
                None => (Date, name.strip_prefix("Date")?),
            };
            match order {
                "Equals" => (kind(Order::Equal), false),
                "NotEquals" => (kind(Order::Equal), true),
                "LessThan" => (kind(Order::Less), false),
                "LessThanEquals" => (kind(Order::LessOrEqual), false),
                "GreaterThan" => (kind(Order::Greater), false),
                "GreaterThanEquals" => (kind(Order::GreaterOrEqual), false),
                _ => return None,
            }
        }
    })
}

fn both<T>(
    wanted: &Pattern,
    value: &str,
    request: &Request,
    read: impl Fn(&str) -> Option<T>,
) -> Option<(T, T)> {
    Some((read(&wanted.text(request)?)?, read(value)?))
}

/// A time as text, or in seconds since 1970.
fn millis(text: &str) -> Option<i64> {
    let seconds = text.parse::<i64>().ok().map(|seconds| seconds * 1000);
    seconds.or_else(|| openvpc_ec2::timestamp::parse(text))
}

fn block(text: &str) -> Option<IpNet> {
    let address = || text.parse::<IpAddr>().ok().map(IpNet::from);
    text.parse().ok().or_else(address)
}
