//! Whether one request to a service may pass: endpoint policy, the caller's own policies and the resource's policy,
//! taken together.
//!
//! Source: IAM user guide, "Policy evaluation logic"; Amazon S3 user guide, "How Amazon S3 authorizes a request";
//! AWS PrivateLink guide, "Control access to VPC endpoints using endpoint policies".

use crate::Principal;
use crate::judge::{Caller, Denial, Evaluator, Naming, Needed, Request, Said, allowed_in};
use crate::principal::Policies;
use crate::sessions::Bearer;

/// What the root user of a bucket's owner may always do, so that it cannot lock itself out; an endpoint's policy still
/// binds it (S3 API reference, DeleteBucketPolicy).
const NEVER_LOCKED: [&str; 3] = [
    "s3:GetBucketPolicy",
    "s3:PutBucketPolicy",
    "s3:DeleteBucketPolicy",
];

/// What an endpoint lets through.
#[derive(Debug, Clone, Copy)]
pub struct EndpointPolicy<'a> {
    pub text: &'a str,
    /// A gateway endpoint's, in which an account's name is its root user's alone (`GP-3`); elsewhere it is everybody's of
    /// the account.
    pub is_gateways: bool,
}

/// One request with everything that has a say in it.
#[derive(Debug, Clone, Copy)]
pub struct Access<'a> {
    /// None for an anonymous request.
    pub caller: Option<&'a Principal>,
    /// The caller's own policies; none for a root and for an anonymous caller.
    pub policies: Option<&'a Policies<'a>>,
    /// The policy of the endpoint that the request came through.
    pub endpoint_policy: Option<EndpointPolicy<'a>>,
    pub resource_policy: Option<&'a str>,
    /// The account that owns the resource.
    pub owner: &'a str,
    pub request: Request<'a>,
}

impl Access<'_> {
    /// Whether the policies allow it: no Deny anywhere; the endpoint's policy allows; then the caller's own or the
    /// resource's policy within an account, both across accounts (`03 §3`).
    ///
    /// # Errors
    /// The reason, in AWS's words, with the kind of policy that refused.
    pub fn decide(&self, evaluator: &dyn Evaluator) -> Result<(), Denial> {
        let no = |kind: &str| {
            let action = self.request.action;
            Denial(format!("because no {kind} allows the {action} action"))
        };
        let deny = |kind: &str| Denial(format!("with an explicit deny in {kind}"));
        let said = |document: Option<&str>, account_is_root: bool| {
            let caller = Caller {
                principal: self.caller,
                account_is_root,
            };
            document.map(|text| evaluator.to_caller(text, &caller, &self.request))
        };
        let is_owner = self
            .caller
            .is_some_and(|c| c.account.as_str() == self.owner);
        let is_root = self.caller.is_some_and(Principal::is_root);
        let endpoint = self
            .endpoint_policy
            .and_then(|policy| said(Some(policy.text), policy.is_gateways));
        let unlocked = is_root && is_owner && NEVER_LOCKED.contains(&self.request.action);
        let resource = match unlocked {
            true => Said::Nothing,
            false => said(self.resource_policy, false).unwrap_or(Said::Nothing),
        };

        if endpoint == Some(Said::Deny) {
            return Err(deny("a VPC endpoint policy"));
        }
        let naming = match resource {
            Said::Deny => return Err(deny("a resource-based policy")),
            Said::Allow(naming) => Some(naming),
            Said::Nothing => None,
        };
        let needed = match is_owner {
            true => self.needed(naming),
            false => Needed::ALL,
        };
        // Before the endpoint's silence, for a Deny of the caller's own policies comes first.
        let own = match self.policies {
            Some(policies) => allowed_in(evaluator, policies, needed, &self.request),
            None => Ok(()),
        };
        if let Err(denial) = &own
            && denial.is_explicit()
        {
            return own;
        }
        if endpoint == Some(Said::Nothing) {
            return Err(no("VPC endpoint policy"));
        }
        own?;
        match naming {
            None if !is_owner => Err(no("resource-based policy")),
            _ => Ok(()),
        }
    }

    /// What the caller's own policies must still allow in its own account (IAM user guide, "Evaluating identity-based
    /// policies with resource-based policies"): who is named needs none; a role that is named, whatever the session,
    /// stays within its boundary and the session's policies.
    fn needed(&self, naming: Option<Naming>) -> Needed {
        let role = matches!(
            self.caller.map(|caller| &caller.bearer),
            Some(Bearer::Role { .. })
        );
        match naming {
            None | Some(Naming::Account) => Needed::ALL,
            Some(Naming::Everyone | Naming::Role) if role => Needed {
                identity: false,
                ..Needed::ALL
            },
            Some(_) => Needed {
                identity: false,
                boundary: false,
                session: !role,
            },
        }
    }
}
