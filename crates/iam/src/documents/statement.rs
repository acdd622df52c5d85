//! A document and its statements: whom, what, on what, when.

use openvpc_model::AccountId;
use serde_json::{Map, Value};

use super::condition::Condition;
use super::pattern::Pattern;
use crate::judge::{Caller, Effect, Named, Naming, Request, Said};

/// What a document is for, which says what must be in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// It speaks for an identity: no principal, but resources.
    Identity,
    /// It says who may assume a role: a principal, and no resources.
    Trust,
    /// It belongs to a resource or an endpoint: a principal and resources.
    Resource,
}

#[derive(Debug)]
pub struct Document {
    statements: Vec<Statement>,
}

#[derive(Debug)]
struct Statement {
    allows: bool,
    principal: Option<Principals>,
    actions: Matching,
    resources: Option<Matching>,
    conditions: Vec<Condition>,
}

/// `Action` or `NotAction`, `Resource` or `NotResource`.
#[derive(Debug)]
struct Matching {
    negated: bool,
    patterns: Vec<Pattern>,
    /// The patterns as they are written.
    texts: Vec<String>,
}

/// `Principal` or `NotPrincipal`.
#[derive(Debug, Default)]
struct Principals {
    negated: bool,
    everyone: bool,
    aws: Vec<String>,
    services: Vec<String>,
}

impl Document {
    /// Reads a document; the refusal is a sentence that names the place.
    pub fn read(text: &str) -> Result<Document, String> {
        let value = super::json::read(text)
            .map_err(|error| format!("This policy contains invalid Json: {error}"))?;
        let document = value
            .as_object()
            .ok_or("Syntax errors in policy: it is not an object.")?;
        known(document, &["Version", "Id", "Statement"], "the policy")?;
        let variables = match document.get("Version").map(Value::as_str) {
            None | Some(Some("2008-10-17")) => false,
            Some(Some("2012-10-17")) => true,
            Some(_) => {
                return Err(
                    "Syntax errors in policy: Version must be 2012-10-17 or 2008-10-17.".to_owned(),
                );
            }
        };
        let statements = match document.get("Statement") {
            Some(Value::Array(all)) => all.iter().collect(),
            Some(one @ Value::Object(_)) => vec![one],
            _ => return Err("Syntax errors in policy: there is no Statement.".to_owned()),
        };
        let statements = statements.into_iter().enumerate().map(|(n, statement)| {
            Statement::read(statement, variables)
                .map_err(|why| format!("Syntax errors in policy: Statement[{n}]: {why}."))
        });
        Ok(Document {
            statements: statements.collect::<Result<_, _>>()?,
        })
    }

    /// That it may serve a purpose; the refusal is a sentence.
    pub fn check(&self, purpose: Purpose) -> Result<(), String> {
        for statement in &self.statements {
            let (principal, resources) = (&statement.principal, &statement.resources);
            let negated = principal.as_ref().is_some_and(|names| names.negated);
            match purpose {
                Purpose::Resource if principal.is_none() => {
                    return Err("Missing required field Principal".to_owned());
                }
                Purpose::Resource if resources.is_none() => {
                    return Err("Missing required field Resource".to_owned());
                }
                // It would let in everyone whom nobody thought of.
                Purpose::Resource if negated && statement.allows => {
                    return Err("Allow with NotPrincipal is not allowed.".to_owned());
                }
                Purpose::Trust if negated => {
                    return Err("Has prohibited field NotPrincipal".to_owned());
                }
                Purpose::Identity if principal.is_some() => {
                    return Err("Policy document should not specify a principal.".to_owned());
                }
                Purpose::Identity if resources.is_none() => {
                    return Err("Policy statement must contain resources.".to_owned());
                }
                Purpose::Trust if resources.is_some() => {
                    return Err("Has prohibited field Resource".to_owned());
                }
                Purpose::Trust if principal.is_none() => {
                    return Err("Missing required field Principal".to_owned());
                }
                Purpose::Identity | Purpose::Trust | Purpose::Resource => {}
            }
        }
        Ok(())
    }

    /// What it says to a request, of anybody or of who is named.
    pub fn judge(&self, principal: Option<Named>, request: &Request) -> Effect {
        let mut effect = Effect::Nothing;
        for statement in &self.statements {
            if statement.is_about(principal, request) {
                match statement.allows {
                    false => return Effect::Deny,
                    true => effect = Effect::Allow,
                }
            }
        }
        effect
    }

    /// What it says to a caller whom it names in one way or another.
    pub fn judge_caller(&self, caller: &Caller, request: &Request) -> Said {
        let mut said = Said::Nothing;
        for statement in &self.statements {
            let names = statement.principal.as_ref();
            let naming = names.and_then(|names| names.naming(caller, statement.allows));
            let Some(naming) = naming.filter(|_| statement.matches(request)) else {
                continue;
            };
            match statement.allows {
                false => return Said::Deny,
                true => said = said.max(Said::Allow(naming)),
            }
        }
        said
    }

    /// Whether it lets everybody do everything with everything.
    pub fn allows_all(&self) -> bool {
        let all =
            |matching: &Matching| !matching.negated && matching.texts.iter().any(|t| t == "*");
        let (mut allows, mut denies) = (false, false);
        for statement in &self.statements {
            let everyone = statement.principal.as_ref().is_some_and(|p| p.everyone);
            let everything =
                all(&statement.actions) && statement.resources.as_ref().is_some_and(all);
            denies |= !statement.allows;
            allows |= statement.allows && everyone && everything && statement.conditions.is_empty();
        }
        allows && !denies
    }

    /// Its statements' resource patterns, as they are written, negated ones too.
    pub fn resources(&self) -> impl Iterator<Item = &str> {
        let resources = self.statements.iter().flat_map(|s| &s.resources);
        resources.flat_map(|r| r.texts.iter().map(String::as_str))
    }

    /// Its statements' action patterns, as they are written.
    pub fn actions(&self) -> impl Iterator<Item = &str> {
        let actions = self.statements.iter().map(|s| &s.actions);
        actions.flat_map(|a| a.texts.iter().map(String::as_str))
    }

    /// Whether a statement allows everyone something, under no condition that narrows it.
    pub fn allows_everyone(&self, narrows: impl Fn(&Condition) -> bool) -> bool {
        self.statements.iter().any(|statement| {
            let everyone = |names: &Principals| names.everyone || names.negated;
            statement.allows
                && statement.principal.as_ref().is_some_and(everyone)
                && !statement.conditions.iter().any(&narrows)
        })
    }
}

impl Statement {
    fn read(value: &Value, variables: bool) -> Result<Statement, String> {
        let members = value.as_object().ok_or("it is not an object")?;
        let all = [
            "Sid",
            "Effect",
            "Principal",
            "NotPrincipal",
            "Action",
            "NotAction",
            "Resource",
            "NotResource",
            "Condition",
        ];
        known(members, &all, "it")?;
        let allows = match members.get("Effect").and_then(Value::as_str) {
            Some("Allow") => true,
            Some("Deny") => false,
            _ => return Err("Effect must be Allow or Deny".to_owned()),
        };
        // Actions have no variables, and their case does not count.
        let actions = matching(members, "Action", "NotAction", false)?
            .ok_or("there is neither Action nor NotAction")?;
        Ok(Statement {
            allows,
            principal: named(members)?,
            actions,
            resources: matching(members, "Resource", "NotResource", variables)?,
            conditions: conditions(members.get("Condition"), variables)?,
        })
    }

    fn is_about(&self, principal: Option<Named>, request: &Request) -> bool {
        let names = match (principal, &self.principal) {
            (Some(named), Some(principals)) => principals.have(named),
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        };
        names && self.matches(request)
    }

    /// Whether it is about what is asked, whoever asks.
    fn matches(&self, request: &Request) -> bool {
        self.actions.matches(request.action, true, request)
            && self
                .resources
                .as_ref()
                .is_none_or(|r| r.matches(request.resource, false, request))
            && self
                .conditions
                .iter()
                .all(|condition| condition.holds(request))
    }
}

impl Matching {
    fn matches(&self, text: &str, fold_case: bool, request: &Request) -> bool {
        let mut patterns = self.patterns.iter();
        patterns.any(|pattern| pattern.matches(text, fold_case, request)) != self.negated
    }
}

impl Principals {
    /// How a caller is named. `NotPrincipal` spares from a Deny only whose every name is listed, the account's too, and
    /// lets an Allow reach only whose no name is listed.
    fn naming(&self, caller: &Caller, allows: bool) -> Option<Naming> {
        if !self.negated {
            let named = caller.names().filter(|(_, name)| self.list(name));
            let everyone = self.everyone.then_some(Naming::Everyone);
            return named.map(|(naming, _)| naming).max().max(everyone);
        }
        let mut names = caller.names().peekable();
        let spared = match (allows, names.peek().is_some()) {
            (_, false) => false,
            (false, true) => names.all(|(_, name)| self.list(&name)),
            (true, true) => names.any(|(_, name)| self.list(&name)),
        };
        (!spared && !self.everyone).then_some(Naming::Everyone)
    }

    fn list(&self, name: &str) -> bool {
        // An account is its root's ARN or its number.
        let number = name.strip_suffix(":root");
        let number = number.and_then(|arn| arn.rsplit(':').next());
        let mut all = self.aws.iter().map(String::as_str);
        all.any(|known| known == name || Some(known) == number)
    }

    fn have(&self, named: Named) -> bool {
        let one_of = |names: &[String], name: &str| names.iter().any(|known| known == name);
        match named {
            Named::Arn(arn) => self.everyone || one_of(&self.aws, arn),
            Named::Account(account) => {
                one_of(&self.aws, account.as_str()) || one_of(&self.aws, &root(account))
            }
            Named::Service(service) => one_of(&self.services, service),
        }
    }
}

fn root(account: &AccountId) -> String {
    format!("arn:aws:iam::{account}:root")
}

/// Whom a statement names, if it names anybody.
fn named(members: &Map<String, Value>) -> Result<Option<Principals>, String> {
    match (members.get("Principal"), members.get("NotPrincipal")) {
        (Some(_), Some(_)) => Err("Principal and NotPrincipal exclude each other".to_owned()),
        (Some(value), None) => principals(value).map(Some),
        (None, Some(value)) => {
            let names = principals(value)?;
            let negated = true;
            Ok(Some(Principals { negated, ..names }))
        }
        (None, None) => Ok(None),
    }
}

fn principals(value: &Value) -> Result<Principals, String> {
    if *value == "*" {
        return Ok(Principals {
            everyone: true,
            ..Principals::default()
        });
    }
    let kinds = value.as_object().filter(|kinds| !kinds.is_empty());
    let kinds = kinds.ok_or("Principal is neither \"*\" nor an object")?;
    let mut principals = Principals::default();
    for (kind, names) in kinds {
        let names = texts(names).ok_or(format!(
            "Principal.{kind} is neither a text nor a list of texts"
        ))?;
        match kind.as_str() {
            "AWS" => {
                for name in names {
                    let is_account = name.len() == 12 && name.bytes().all(|b| b.is_ascii_digit());
                    if name == "*" {
                        principals.everyone = true;
                    } else if is_account
                        || (name.starts_with("arn:aws:") && !name.contains(['*', '?']))
                        || name.starts_with("AIDA")
                        || name.starts_with("AROA")
                    {
                        principals.aws.push(name);
                    } else {
                        return Err(format!("Invalid principal in policy: \"AWS\":\"{name}\""));
                    }
                }
            }
            "Service" => principals.services.extend(names),
            "Federated" | "CanonicalUser" => {}
            _ => return Err(format!("there is no kind of principal {kind}")),
        }
    }
    Ok(principals)
}

fn matching(
    members: &Map<String, Value>,
    name: &str,
    not_name: &str,
    variables: bool,
) -> Result<Option<Matching>, String> {
    let (value, negated, name) = match (members.get(name), members.get(not_name)) {
        (Some(_), Some(_)) => return Err(format!("{name} and {not_name} exclude each other")),
        (Some(value), None) => (value, false, name),
        (None, Some(value)) => (value, true, not_name),
        (None, None) => return Ok(None),
    };
    let texts = texts(value).filter(|texts| !texts.is_empty());
    let texts = texts.ok_or(format!("{name} is neither a text nor a list of texts"))?;
    for text in &texts {
        let is_fine = match name.ends_with("Action") {
            true => {
                text == "*"
                    || text
                        .split_once(':')
                        .is_some_and(|(service, action)| !service.is_empty() && !action.is_empty())
            }
            false => {
                text == "*"
                    || text.starts_with("arn:")
                    || text.starts_with('*')
                    || text.starts_with("${")
            }
        };
        if !is_fine {
            return Err(format!(
                "{name} {text} must be a service and an action, an ARN, or \"*\""
            ));
        }
    }
    let patterns = texts.iter().map(|text| Pattern::new(text, variables, true));
    Ok(Some(Matching {
        negated,
        patterns: patterns.collect(),
        texts,
    }))
}

fn conditions(value: Option<&Value>, variables: bool) -> Result<Vec<Condition>, String> {
    let Some(value) = value else {
        return Ok(Vec::new());
    };
    let operators = value.as_object().ok_or("Condition is not an object")?;
    let mut conditions = Vec::new();
    for (operator, keys) in operators {
        let keys = keys
            .as_object()
            .ok_or(format!("Condition.{operator} is not an object"))?;
        for (key, wanted) in keys {
            let wanted = texts(wanted).ok_or(format!(
                "Condition.{operator}.{key} is neither a text nor a list of texts"
            ))?;
            conditions.push(Condition::read(operator, key, &wanted, variables)?);
        }
    }
    Ok(conditions)
}

/// A text, a number, a boolean, or a list of them.
fn texts(value: &Value) -> Option<Vec<String>> {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    };
    match value {
        Value::Array(all) => all.iter().map(text).collect(),
        one => Some(vec![text(one)?]),
    }
}

fn known(members: &Map<String, Value>, names: &[&str], what: &str) -> Result<(), String> {
    match members.keys().find(|name| !names.contains(&name.as_str())) {
        Some(name) => {
            let name: String = name.chars().take(64).collect();
            Err(format!("{what} has the unknown member {name}"))
        }
        None => Ok(()),
    }
}
