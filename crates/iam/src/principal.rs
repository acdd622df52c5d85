//! Who a key is, and what policies speak for it.

use openvpc_model::{
    AccountId, Iam, IamAccount, IamRole, IdentityPolicies, Secret, UnixMillis, World,
};

use crate::policy::look_up;
use crate::sessions::{Bearer, Session, secret_of};

/// Who calls, as a key proves it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    pub account: AccountId,
    /// As GetCallerIdentity and refusals tell it.
    pub arn: String,
    /// As GetCallerIdentity tells it.
    pub user_id: String,
    pub bearer: Bearer,
    /// ARN of the user or role, whatever the session: `aws:PrincipalArn`.
    pub identity_arn: String,
    /// None for a long-term key.
    pub session: Option<Session>,
}

impl Principal {
    /// The root of an account, who may do everything in it.
    pub fn root(account: AccountId) -> Principal {
        let arn = format!("arn:aws:iam::{account}:root");
        Principal {
            user_id: account.to_string(),
            identity_arn: arn.clone(),
            arn,
            account,
            bearer: Bearer::Root,
            session: None,
        }
    }

    pub fn is_root(&self) -> bool {
        self.bearer == Bearer::Root
    }

    /// The user's name, if it is one.
    pub fn user(&self) -> Option<&str> {
        match &self.bearer {
            Bearer::User { name, .. } => Some(name),
            Bearer::Root | Bearer::Role { .. } => None,
        }
    }

    /// Whether its credentials are over.
    pub fn is_expired(&self, now: UnixMillis) -> bool {
        let session = self.session.as_ref();
        session.is_some_and(|session| session.expires_at <= now)
    }

    /// What conditions and variables of policies can ask of it (IAM user guide, "Global condition keys").
    pub fn context(&self, world: &World) -> Vec<(String, String)> {
        let own = world.iam.account(&self.account);
        let mut keys = vec![
            ("aws:PrincipalArn".to_owned(), self.identity_arn.clone()),
            ("aws:PrincipalAccount".to_owned(), self.account.to_string()),
            ("aws:userid".to_owned(), self.user_id.clone()),
        ];
        let (kind, tags) = match &self.bearer {
            Bearer::Root => ("Account", None),
            Bearer::User { name, .. } => {
                keys.push(("aws:username".to_owned(), name.clone()));
                ("User", own.users.get(name).map(|user| &user.entity.tags))
            }
            Bearer::Role { name, .. } => (
                "AssumedRole",
                own.roles.get(name).map(|role| &role.entity.tags),
            ),
        };
        keys.push(("aws:PrincipalType".to_owned(), kind.to_owned()));
        for (key, value) in tags.into_iter().flatten() {
            keys.push((format!("aws:PrincipalTag/{key}"), value.clone()));
        }
        if let Some(session) = &self.session {
            let at = openvpc_ec2::timestamp::format(session.issued_at).unwrap_or_default();
            keys.push(("aws:TokenIssueTime".to_owned(), at));
        }
        keys
    }
}

/// A key that was found; the signature is yet to be checked, and the end of a session.
pub struct Known {
    pub secret: Secret,
    pub principal: Principal,
}

/// The bearer of a key of IAM's, by the key's id and the session token that came with it.
pub fn look_up_key(world: &World, access_key: &str, token: Option<&str>) -> Option<Known> {
    match (world.iam.access_keys.get(access_key), token) {
        (Some(key), None) if key.active => {
            let user = world.iam.account(&key.account).users.get(&key.user)?;
            let bearer = Bearer::User {
                name: key.user.clone(),
                id: user.entity.id.clone(),
            };
            let principal = of_bearer(world, key.account.clone(), bearer, None)?;
            Some(Known {
                secret: key.secret.clone(),
                principal,
            })
        }
        (None, Some(token)) => {
            let session_key = world.iam.session_key.as_ref()?;
            let session = Session::open(session_key, access_key, token)?;
            let (account, bearer) = (session.account.clone(), session.bearer.clone());
            let principal = of_bearer(world, account, bearer, Some(session))?;
            Some(Known {
                secret: secret_of(session_key, access_key),
                principal,
            })
        }
        _ => None,
    }
}

/// The principal; none when the user or role is gone, or another now bears its name.
pub fn of_bearer(
    world: &World,
    account: AccountId,
    bearer: Bearer,
    session: Option<Session>,
) -> Option<Principal> {
    let own = world.iam.account(&account);
    let (arn, user_id, identity_arn) = match &bearer {
        Bearer::Root => {
            return Some(Principal {
                session,
                ..Principal::root(account)
            });
        }
        Bearer::User { name, id } => {
            let entity = &own
                .users
                .get(name)
                .filter(|user| user.entity.id == *id)?
                .entity;
            let arn = entity.arn(&account, "user");
            (arn.clone(), id.clone(), arn)
        }
        Bearer::Role { name, id, session } => {
            let entity = &own
                .roles
                .get(name)
                .filter(|role| role.entity.id == *id)?
                .entity;
            (
                format!("arn:aws:sts::{account}:assumed-role/{name}/{session}"),
                format!("{id}:{session}"),
                entity.arn(&account, "role"),
            )
        }
    };
    Some(Principal {
        account,
        arn,
        user_id,
        bearer,
        identity_arn,
        session,
    })
}

/// The policies that speak for a principal, as documents.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Policies<'a> {
    /// Inline and managed policies of the user, of its groups, or of the role.
    pub identity: Vec<&'a str>,
    /// The permissions boundary; an allow must be in it too.
    pub boundary: Option<&'a str>,
    /// Session policies; an allow must be in one of them too.
    pub session: Option<Vec<&'a str>>,
}

/// The policies of a role, whoever bears it.
pub fn policies_of_role<'a>(iam: &'a Iam, account: &AccountId, role: &'a IamRole) -> Policies<'a> {
    let own = iam.account(account);
    let mut found = Policies::default();
    found.add(own, account, &role.policies);
    found.bound(own, account, &role.policies);
    found
}

/// The policies of a principal; none for a root, who needs no policy.
pub fn policies_of<'a>(world: &'a World, principal: &'a Principal) -> Option<Policies<'a>> {
    let account = &principal.account;
    let own = world.iam.account(account);
    let mut found = Policies::default();
    match &principal.bearer {
        Bearer::Root => return None,
        Bearer::User { name, .. } => {
            if let Some(user) = own.users.get(name) {
                found.add(own, account, &user.policies);
                found.bound(own, account, &user.policies);
                for group in user.groups.iter().filter_map(|name| own.groups.get(name)) {
                    found.add(own, account, &group.policies);
                }
            }
        }
        Bearer::Role { name, .. } => {
            if let Some(role) = own.roles.get(name) {
                found = policies_of_role(&world.iam, account, role);
            }
        }
    }
    if let Some(session) = &principal.session
        && (session.policy.is_some() || !session.policy_arns.is_empty())
    {
        let managed = session.policy_arns.iter();
        let managed = managed.filter_map(|arn| look_up(own, account, arn));
        let managed = managed.map(|policy| policy.document());
        found.session = Some(
            session
                .policy
                .as_deref()
                .into_iter()
                .chain(managed)
                .collect(),
        );
    }
    Some(found)
}

impl<'a> Policies<'a> {
    fn add(&mut self, own: &'a IamAccount, account: &AccountId, policies: &'a IdentityPolicies) {
        self.identity
            .extend(policies.inline.values().map(String::as_str));
        let attached = policies.attached.iter();
        let attached = attached.filter_map(|arn| look_up(own, account, arn));
        self.identity
            .extend(attached.map(|policy| policy.document()));
    }

    fn bound(&mut self, own: &'a IamAccount, account: &AccountId, policies: &'a IdentityPolicies) {
        // A boundary that is gone, which DeletePolicy prevents, would allow nothing.
        self.boundary = policies.boundary.as_deref().map(|arn| {
            look_up(own, account, arn).map_or("{\"Statement\":[]}", |policy| policy.document())
        });
    }
}
