//! AWS STS: who am I, and credentials that expire.

use openvpc_ec2::Error;
use openvpc_model::{AccountId, Event, IamEvent, Secret, World};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::judge::{Evaluator, Request, may_assume, sentence};
use crate::policy::look_up;
use crate::principal::of_bearer;
use crate::refuse::{access_denied, constraint, malformed_document, validation};
use crate::sessions::{Bearer, Credentials, Session, new_access_key, new_session_key};
use crate::{Caller, Outcome, Principal, cx, document, keys};

/// A session of a role that a session of a role assumed.
const CHAINED_SECS_MAX: i64 = 3600;
const ROLE_SECS_DEFAULT: i64 = 3600;
const SECS_MIN: i64 = 900;
/// GetSessionToken: of users, and of a root.
const USER_SECS: (i64, i64) = (43_200, 129_600);
const ROOT_SECS_MAX: i64 = 3600;
const POLICY_LEN_MAX: usize = 2048;
const POLICY_ARNS_MAX: usize = 10;

/// Serves one STS call.
///
/// # Errors
/// What the caller is told instead of an answer.
pub fn handle_sts(
    world: &World,
    caller: &mut Caller,
    evaluator: &dyn Evaluator,
    action: &str,
    input: Value,
) -> Result<Outcome, Error> {
    let principal = caller.principal;
    match action {
        "GetCallerIdentity" => Ok(unchanged(json!({
            "UserId": principal.user_id,
            "Account": principal.account.as_str(),
            "Arn": principal.arn,
        }))),
        "GetAccessKeyInfo" => {
            let id = input["AccessKeyId"].as_str().unwrap_or_default();
            match keys::account_of(id) {
                Some(account) => Ok(unchanged(json!({"Account": account.as_str()}))),
                None => Err(validation(
                    "The access key ID is not of a form that tells an account.",
                )),
            }
        }
        "AssumeRole" => assume_role(world, caller, evaluator, cx::read(input)?),
        "GetSessionToken" => get_session_token(world, caller, &input),
        _ => Err(Error::not_built(action)),
    }
}

fn unchanged(response: Value) -> Outcome {
    Outcome {
        response,
        events: Vec::new(),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AssumeRole {
    role_arn: String,
    role_session_name: String,
    duration_seconds: Option<i64>,
    policy: Option<String>,
    #[serde(default)]
    policy_arns: Vec<PolicyArn>,
    external_id: Option<String>,
    source_identity: Option<String>,
    #[serde(default)]
    tags: Vec<Value>,
    #[serde(default)]
    provided_contexts: Vec<Value>,
}

#[derive(Deserialize)]
struct PolicyArn {
    arn: String,
}

fn assume_role(
    world: &World,
    caller: &mut Caller,
    evaluator: &dyn Evaluator,
    req: AssumeRole,
) -> Result<Outcome, Error> {
    check_session_name(&req.role_session_name)?;
    if !req.tags.is_empty() || req.source_identity.is_some() || !req.provided_contexts.is_empty() {
        return Err(Error::unsupported_operation(
            "Session tags, SourceIdentity and ProvidedContexts are not supported.",
        ));
    }
    let principal = caller.principal;
    let (owner, name) = role_in(&req.role_arn)?;
    let own = world.iam.account(&owner);
    let role = own
        .roles
        .get(name)
        .filter(|role| role.entity.arn(&owner, "role") == req.role_arn);
    let mut context = principal.context(world);
    context.extend(req.external_id.map(|id| ("sts:ExternalId".to_owned(), id)));
    context.push((
        "sts:RoleSessionName".to_owned(),
        req.role_session_name.clone(),
    ));
    let action = "sts:AssumeRole";
    let request = Request {
        action,
        resource: &req.role_arn,
        context: &context,
    };
    // Whether a role exists is nobody's business who may not assume it.
    let denied =
        |why: &crate::judge::Denial| access_denied(sentence(principal, action, &req.role_arn, why));
    let Some(role) = role else {
        let why = format!("because no resource-based policy allows the {action} action");
        return Err(denied(&crate::judge::Denial(why)));
    };
    may_assume(evaluator, world, principal, &owner, &role.trust, &request)
        .map_err(|why| denied(&why))?;
    let chained = matches!(principal.bearer, Bearer::Role { .. });
    let secs = req.duration_seconds.unwrap_or(ROLE_SECS_DEFAULT);
    if chained && secs > CHAINED_SECS_MAX {
        return Err(validation(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
        ));
    }
    let most = i64::from(role.session_secs_max);
    if req.duration_seconds.is_some_and(|secs| secs > most) {
        return Err(validation(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        ));
    }
    check_secs(secs, 43_200)?;
    check_session_policies(world, &owner, req.policy.as_deref(), &req.policy_arns)?;
    let bearer = Bearer::Role {
        name: role.entity.name.clone(),
        id: role.entity.id.clone(),
        session: req.role_session_name,
    };
    let mut session = new_session(caller, owner, bearer, secs);
    session.policy = req.policy;
    session.policy_arns = req
        .policy_arns
        .into_iter()
        .map(|policy| policy.arn)
        .collect();
    let (credentials, events) = seal(world, caller, &session);
    let assumed = of_bearer(world, session.account.clone(), session.bearer.clone(), None);
    let assumed = assumed.ok_or_else(Error::internal)?;
    let mut response = json!({
        "Credentials": render(&credentials),
        "AssumedRoleUser": {"AssumedRoleId": assumed.user_id, "Arn": assumed.arn},
    });
    if let Some(policy) = &session.policy {
        response["PackedPolicySize"] = (document::len(policy) * 100 / POLICY_LEN_MAX).into();
    }
    Ok(Outcome { response, events })
}

fn get_session_token(world: &World, caller: &mut Caller, input: &Value) -> Result<Outcome, Error> {
    let principal = caller.principal;
    if principal.session.is_some() {
        return Err(access_denied(
            "Cannot call GetSessionToken with session credentials",
        ));
    }
    if input["TokenCode"].is_string() || input["SerialNumber"].is_string() {
        return Err(access_denied(
            "MultiFactorAuthentication failed, unable to validate MFA code. openvpc has no MFA devices.",
        ));
    }
    let asked = input["DurationSeconds"].as_i64();
    let secs = match principal.is_root() {
        // A root that asks for more gets an hour.
        true => asked.unwrap_or(ROOT_SECS_MAX).min(ROOT_SECS_MAX),
        false => asked.unwrap_or(USER_SECS.0),
    };
    check_secs(secs, USER_SECS.1)?;
    let session = new_session(
        caller,
        principal.account.clone(),
        principal.bearer.clone(),
        secs,
    );
    let (credentials, events) = seal(world, caller, &session);
    Ok(Outcome {
        response: json!({"Credentials": render(&credentials)}),
        events,
    })
}

fn new_session(caller: &mut Caller, account: AccountId, bearer: Bearer, secs: i64) -> Session {
    Session {
        access_key: new_access_key(&account, caller.rng),
        account,
        bearer,
        issued_at: caller.now,
        expires_at: caller.now + secs * 1000,
        policy: None,
        policy_arns: Vec::new(),
    }
}

/// The session's credentials, and the session key if this is the first use of it.
fn seal(world: &World, caller: &mut Caller, session: &Session) -> (Credentials, Vec<Event>) {
    let (key, events) = session_key(world, caller.rng);
    (session.seal(&key), events)
}

/// The key that seals sessions; drawn, with the event that says so, if there is none.
pub fn session_key(world: &World, rng: &mut dyn rand::RngCore) -> (Secret, Vec<Event>) {
    match &world.iam.session_key {
        Some(key) => (key.clone(), Vec::new()),
        None => {
            let key = new_session_key(rng);
            let drawn = Event::Iam(IamEvent::SessionKeyPut(key.clone()));
            (key, vec![drawn])
        }
    }
}

fn role_in(arn: &str) -> Result<(AccountId, &str), Error> {
    let rest = arn
        .strip_prefix("arn:aws:iam::")
        .and_then(|rest| rest.split_once(":role/"));
    let parsed = rest.and_then(|(account, role)| {
        let name = role.rsplit('/').next().filter(|name| !name.is_empty())?;
        Some((account.parse().ok()?, name))
    });
    parsed.ok_or_else(|| {
        let arn: String = arn.chars().take(512).collect();
        validation(format!("{arn} is invalid"))
    })
}

fn check_session_name(name: &str) -> Result<(), Error> {
    let is_fine = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
    if !(2..=64).contains(&name.len()) || !name.chars().all(is_fine) {
        let must = "satisfy regular expression pattern: [\\w+=,.@-]{2,64}";
        return Err(constraint("roleSessionName", name, must));
    }
    Ok(())
}

fn check_secs(secs: i64, most: i64) -> Result<(), Error> {
    match (SECS_MIN..=most).contains(&secs) {
        true => Ok(()),
        false => {
            let must = format!("have value from {SECS_MIN} to {most}");
            Err(constraint("durationSeconds", &secs.to_string(), &must))
        }
    }
}

fn check_session_policies(
    world: &World,
    owner: &AccountId,
    inline: Option<&str>,
    arns: &[PolicyArn],
) -> Result<(), Error> {
    if let Some(inline) = inline {
        document::check_identity(inline)?;
        if document::len(inline) > POLICY_LEN_MAX {
            let message =
                "Packed size of session policies consumes more than 100% of allotted space.";
            return Err(Error::new("PackedPolicyTooLarge", message));
        }
    }
    if arns.len() > POLICY_ARNS_MAX {
        let message = "Packed size of session policies consumes more than 100% of allotted space.";
        return Err(Error::new("PackedPolicyTooLarge", message));
    }
    let own = world.iam.account(owner);
    match arns
        .iter()
        .find(|policy| look_up(own, owner, &policy.arn).is_none())
    {
        None => Ok(()),
        Some(unknown) => {
            let arn: String = unknown.arn.chars().take(512).collect();
            Err(malformed_document(format!(
                "The policy {arn} does not exist."
            )))
        }
    }
}

fn render(credentials: &Credentials) -> Value {
    json!({
        "AccessKeyId": credentials.access_key,
        "SecretAccessKey": credentials.secret.0,
        "SessionToken": credentials.token,
        "Expiration": credentials.expires_at,
    })
}

/// Whether a call needs no permission (STS API reference).
pub fn needs_no_permission(principal: &Principal, action: &str) -> bool {
    // AssumeRole asks more than the caller's policies, and by itself.
    matches!(
        action,
        "GetCallerIdentity" | "GetSessionToken" | "AssumeRole"
    ) || principal.is_root()
}
