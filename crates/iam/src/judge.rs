//! Whether policies let a principal do something: the questions that IAM, STS and the edge ask.
//!
//! What one document says is the [`Evaluator`]'s answer; how the answers add up is here (IAM user guide, "Policy
//! evaluation logic"): an explicit deny anywhere decides; then the boundary and the session policies must allow too.

use openvpc_model::{AccountId, World};

use crate::principal::{Policies, Principal, policies_of};
use crate::sessions::Bearer;

/// What one document, or several, say to one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    Allow,
    /// A Deny matches.
    Deny,
    /// Nothing matches.
    Nothing,
}

/// One request, as documents see it.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// Such as `ec2:CreateVpc`.
    pub action: &'a str,
    pub resource: &'a str,
    /// Condition keys and their values.
    pub context: &'a [(String, String)],
}

/// Reads documents.
pub trait Evaluator: Send + Sync {
    /// What an identity's document says; it names no principal.
    fn identity(&self, document: &str, request: &Request) -> Effect;

    /// What a document that names principals says to one of them: an ARN, an account's root or a service.
    fn to_principal(&self, document: &str, principal: Named, request: &Request) -> Effect;

    /// What a resource's or an endpoint's document says to a caller.
    fn to_caller(&self, document: &str, caller: &Caller, request: &Request) -> Said;
}

/// Who asks, by every name that a document may give.
#[derive(Debug, Clone, Copy)]
pub struct Caller<'a> {
    /// None for an anonymous request.
    pub principal: Option<&'a Principal>,
    /// `GP-3`: in a gateway endpoint's policy an account's name is its root user's alone.
    pub account_is_root: bool,
}

/// How a document names a caller whom it allows, the strongest last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Naming {
    /// By its account, which leaves the word to the caller's own policies.
    Account,
    /// `*`
    Everyone,
    /// The role that the caller bears.
    Role,
    /// The very user or session.
    Exact,
}

/// What a document that names callers says to one of them, the strongest last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Said {
    Nothing,
    Allow(Naming),
    Deny,
}

impl<'a> Caller<'a> {
    /// Its names, with what each is worth; none for an anonymous caller, whom only `*` names.
    pub fn names(&self) -> impl Iterator<Item = (Naming, std::borrow::Cow<'a, str>)> + use<'a> {
        let account_is_root = self.account_is_root;
        self.principal.into_iter().flat_map(move |principal| {
            let root = format!("arn:aws:iam::{}:root", principal.account);
            let exact = (Naming::Exact, principal.arn.as_str().into());
            let role = (Naming::Role, principal.identity_arn.as_str().into());
            let names = match principal.bearer {
                Bearer::Root => [None, None, Some((Naming::Exact, root.into()))],
                _ if account_is_root => [Some(exact), Some(role), None],
                _ => [
                    Some(exact),
                    Some(role),
                    Some((Naming::Account, root.into())),
                ],
            };
            names.into_iter().flatten()
        })
    }
}

/// Someone whom a document may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named<'a> {
    /// `AWS`: an ARN.
    Arn(&'a str),
    /// `AWS`: the whole account, by its root's ARN or its number.
    Account(&'a AccountId),
    /// `Service`, such as `ec2.amazonaws.com`.
    Service(&'a str),
}

/// Why not, as it ends the sentence "… is not authorized to perform … ".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denial(pub String);

impl Denial {
    /// Whether a Deny decided, and not the want of an Allow.
    pub fn is_explicit(&self) -> bool {
        self.0.starts_with("with ")
    }
}

/// Whether the policies of a principal allow a request.
///
/// # Errors
/// The reason, in AWS's words.
pub fn identity_allows(
    evaluator: &dyn Evaluator,
    world: &World,
    principal: &Principal,
    request: &Request,
) -> Result<(), Denial> {
    let Some(policies) = policies_of(world, principal) else {
        return Ok(());
    };
    allowed_by(evaluator, &policies, request)
}

/// Whether policies, taken together, allow a request.
///
/// # Errors
/// The reason, in AWS's words.
pub fn allowed_by(
    evaluator: &dyn Evaluator,
    policies: &Policies,
    request: &Request,
) -> Result<(), Denial> {
    allowed_in(evaluator, policies, Needed::ALL, request)
}

/// Which kinds of a principal's policies must allow; a deny counts in every kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Needed {
    pub identity: bool,
    pub session: bool,
    pub boundary: bool,
}

impl Needed {
    pub const ALL: Needed = Needed {
        identity: true,
        session: true,
        boundary: true,
    };
}

/// As [`allowed_by`], when a resource's policy has spared some kinds.
///
/// # Errors
/// The reason, in AWS's words.
pub fn allowed_in(
    evaluator: &dyn Evaluator,
    policies: &Policies,
    needed: Needed,
    request: &Request,
) -> Result<(), Denial> {
    let kinds = [
        (
            Some(policies.identity.clone()),
            "an identity-based policy",
            "identity-based policy",
            needed.identity,
        ),
        (
            policies.session.clone(),
            "a session policy",
            "session policy",
            needed.session,
        ),
        (
            policies.boundary.map(|one| vec![one]),
            "a permissions boundary",
            "permissions boundary",
            needed.boundary,
        ),
    ];
    let effects = kinds.map(|(documents, with_article, kind, needed)| {
        let effect = documents.map(|documents| evaluate(evaluator, &documents, request));
        (effect, with_article, kind, needed)
    });
    for (effect, with_article, ..) in &effects {
        if *effect == Some(Effect::Deny) {
            return Err(Denial(format!("with an explicit deny in {with_article}")));
        }
    }
    for (effect, _, kind, needed) in &effects {
        if *needed && *effect == Some(Effect::Nothing) {
            let action = request.action;
            return Err(Denial(format!(
                "because no {kind} allows the {action} action"
            )));
        }
    }
    Ok(())
}

fn evaluate(evaluator: &dyn Evaluator, documents: &[&str], request: &Request) -> Effect {
    let mut effect = Effect::Nothing;
    for document in documents {
        match evaluator.identity(document, request) {
            Effect::Deny => return Effect::Deny,
            Effect::Allow => effect = Effect::Allow,
            Effect::Nothing => {}
        }
    }
    effect
}

/// Whether a role's trust policy lets a service assume it; `context` says for whom the service acts.
pub fn service_may_assume(
    evaluator: &dyn Evaluator,
    trust: &str,
    role_arn: &str,
    service: &str,
    context: &[(String, String)],
) -> bool {
    let request = Request {
        action: "sts:AssumeRole",
        resource: role_arn,
        context,
    };
    evaluator.to_principal(trust, Named::Service(service), &request) == Effect::Allow
}

/// Whether a principal may assume a role (IAM user guide, "Methods to assume a role"): the trust policy must name it, or
/// its account, which leaves the word to its own policies. Of another account both must allow.
///
/// # Errors
/// The reason, in AWS's words.
pub fn may_assume(
    evaluator: &dyn Evaluator,
    world: &World,
    principal: &Principal,
    owner: &AccountId,
    trust: &str,
    request: &Request,
) -> Result<(), Denial> {
    let no_trust = || {
        let action = request.action;
        Denial(format!(
            "because no resource-based policy allows the {action} action"
        ))
    };
    let mut directly = Effect::Nothing;
    for arn in [&principal.arn, &principal.identity_arn] {
        match evaluator.to_principal(trust, Named::Arn(arn), request) {
            Effect::Deny => {
                return Err(Denial(
                    "with an explicit deny in a resource-based policy".to_owned(),
                ));
            }
            Effect::Allow => directly = Effect::Allow,
            Effect::Nothing => {}
        }
    }
    let through_account =
        evaluator.to_principal(trust, Named::Account(&principal.account), request);
    let own = identity_allows(evaluator, world, principal, request);
    match (directly, through_account) {
        (_, Effect::Deny) => Err(Denial(
            "with an explicit deny in a resource-based policy".to_owned(),
        )),
        (Effect::Allow, _) if principal.account == *owner => match own {
            // Who is named needs no policy of its own, but may not be denied by one.
            Err(denial) if denial.is_explicit() => Err(denial),
            _ => Ok(()),
        },
        (Effect::Allow, _) | (_, Effect::Allow) => own,
        _ if principal.bearer == Bearer::Root => Err(no_trust()),
        _ => match own {
            Err(denial) => Err(denial),
            Ok(()) => Err(no_trust()),
        },
    }
}

/// A refused caller's sentence.
pub fn sentence(principal: &Principal, action: &str, resource: &str, denial: &Denial) -> String {
    let (who, why) = (&principal.arn, &denial.0);
    format!("User: {who} is not authorized to perform: {action} on resource: {resource} {why}")
}
