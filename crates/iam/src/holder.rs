//! Those who hold policies: users, groups and roles, as one thing.

use openvpc_ec2::Error;
use openvpc_model::{IamEntity, IamEvent, IdentityPolicies};
use serde_json::Value;

use crate::cx::Cx;
use crate::refuse::{no_such, validation};

/// Which kind of holder an action is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    User,
    Group,
    Role,
}

impl Kind {
    /// As messages say it.
    pub fn noun(self) -> &'static str {
        match self {
            Kind::User => "user",
            Kind::Group => "group",
            Kind::Role => "role",
        }
    }

    /// The request's member that names the holder.
    pub fn member(self) -> &'static str {
        match self {
            Kind::User => "UserName",
            Kind::Group => "GroupName",
            Kind::Role => "RoleName",
        }
    }

    /// How many characters of inline policies it may hold, spaces not counted.
    pub fn inline_len_max(self) -> usize {
        match self {
            Kind::User => 2048,
            Kind::Group => 5120,
            Kind::Role => 10_240,
        }
    }

    /// The quota on managed policies attached, by name.
    pub fn attached_quota(self) -> &'static str {
        match self {
            Kind::User => "PoliciesPerUser",
            Kind::Group => "PoliciesPerGroup",
            Kind::Role => "PoliciesPerRole",
        }
    }
}

/// A holder as it is.
pub struct Holder<'a> {
    pub entity: &'a IamEntity,
    pub policies: &'a IdentityPolicies,
    /// A role that belongs to a service is not the account's to change.
    pub is_service_linked: bool,
}

/// The holder that a request names.
///
/// # Errors
/// `NoSuchEntity`.
pub fn find<'a>(cx: &Cx<'a>, kind: Kind, input: &Value) -> Result<Holder<'a>, Error> {
    let name = text(input, kind.member());
    let own = cx.own();
    let found = match kind {
        Kind::User => own
            .users
            .get(name)
            .map(|user| (&user.entity, &user.policies, false)),
        Kind::Group => own
            .groups
            .get(name)
            .map(|group| (&group.entity, &group.policies, false)),
        Kind::Role => own
            .roles
            .get(name)
            .map(|role| (&role.entity, &role.policies, role.linked_service.is_some())),
    };
    let (entity, policies, is_service_linked) = found.ok_or_else(|| no_such(kind.noun(), name))?;
    Ok(Holder {
        entity,
        policies,
        is_service_linked,
    })
}

/// As [`find`], for an action that changes it.
///
/// # Errors
/// `NoSuchEntity`, `UnmodifiableEntity`.
pub fn find_changeable<'a>(cx: &Cx<'a>, kind: Kind, input: &Value) -> Result<Holder<'a>, Error> {
    let holder = find(cx, kind, input)?;
    if holder.is_service_linked {
        return Err(unmodifiable(&holder.entity.name));
    }
    Ok(holder)
}

/// `UnmodifiableEntity`: only the service may change its role.
pub fn unmodifiable(role: &str) -> Error {
    let message = format!(
        "Cannot perform the operation on the protected role '{role}' - this role is only modifiable by AWS"
    );
    Error::new("UnmodifiableEntity", message)
}

/// Gives a holder other policies.
pub fn put(cx: &mut Cx, kind: Kind, name: &str, policies: IdentityPolicies) {
    let own = cx.own();
    let event = match kind {
        Kind::User => own.users.get(name).cloned().map(|mut user| {
            user.policies = policies;
            IamEvent::UserPut(user)
        }),
        Kind::Group => own.groups.get(name).cloned().map(|mut group| {
            group.policies = policies;
            IamEvent::GroupPut(group)
        }),
        Kind::Role => own.roles.get(name).cloned().map(|mut role| {
            role.policies = policies;
            IamEvent::RolePut(role)
        }),
    };
    if let Some(event) = event {
        cx.emit(event);
    }
}

/// A text of the request, empty when absent.
pub fn text<'v>(input: &'v Value, member: &str) -> &'v str {
    input[member].as_str().unwrap_or_default()
}

/// That a holder may go.
///
/// # Errors
/// `DeleteConflict`.
pub fn check_bare(policies: &IdentityPolicies) -> Result<(), Error> {
    use crate::refuse::in_use;
    if !policies.attached.is_empty() {
        return Err(in_use(
            "Cannot delete entity, must detach all policies first.",
        ));
    }
    if !policies.inline.is_empty() {
        return Err(in_use("Cannot delete entity, must delete policies first."));
    }
    Ok(())
}

/// The user that a request names, or the caller when it names none.
///
/// # Errors
/// `ValidationError` when the caller is no user.
pub fn user_name(cx: &Cx, input: &Value) -> Result<String, Error> {
    match (input["UserName"].as_str(), cx.principal().user()) {
        (Some(name), _) => Ok(name.to_owned()),
        (None, Some(name)) => Ok(name.to_owned()),
        (None, None) => Err(validation(
            "Must specify userName when calling with non-User credentials",
        )),
    }
}
