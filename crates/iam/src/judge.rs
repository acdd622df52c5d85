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
    let kinds = [
        (
            Some(policies.identity.clone()),
            "an identity-based policy",
            "identity-based policy",
        ),
        (
            policies.session.clone(),
            "a session policy",
            "session policy",
        ),
        (
            policies.boundary.map(|one| vec![one]),
            "a permissions boundary",
            "permissions boundary",
        ),
    ];
    let effects = kinds.map(|(documents, with_article, kind)| {
        let effect = documents.map(|documents| evaluate(evaluator, &documents, request));
        (effect, with_article, kind)
    });
    for (effect, with_article, _) in &effects {
        if *effect == Some(Effect::Deny) {
            return Err(Denial(format!("with an explicit deny in {with_article}")));
        }
    }
    for (effect, _, kind) in &effects {
        if *effect == Some(Effect::Nothing) {
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

/// Whether a role's trust policy lets a service assume it.
pub fn service_may_assume(
    evaluator: &dyn Evaluator,
    trust: &str,
    role_arn: &str,
    service: &str,
) -> bool {
    let request = Request {
        action: "sts:AssumeRole",
        resource: role_arn,
        context: &[],
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
            Err(denial) if denial.0.starts_with("with ") => Err(denial),
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
