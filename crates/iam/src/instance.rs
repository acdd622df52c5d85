//! The session that an instance has through its instance profile (EC2 user guide, "IAM roles for Amazon EC2").
//!
//! Its credentials are a function of the instance, the role and the hour: every reader of one hour sees the same, a
//! new pair is there five hours before the old one ends, and a restart of the daemon changes nothing.

use openvpc_model::{AccountId, Iam, IamRole, InstanceProfile, Secret, UnixMillis};

use crate::sessions::{Bearer, Session, access_key_of};

const HOUR: UnixMillis = 3_600_000;
/// AWS: about six hours.
const LIFE_HOURS: i64 = 6;

/// The profile that an instance was given; none when it is gone, or another bears its name.
pub fn profile<'a>(
    iam: &'a Iam,
    account: &AccountId,
    name: &str,
    id: &str,
) -> Option<&'a InstanceProfile> {
    let profile = iam.account(account).instance_profiles.get(name)?;
    (profile.entity.id == id).then_some(profile)
}

/// The role that a profile carries.
pub fn role<'a>(
    iam: &'a Iam,
    account: &AccountId,
    profile: &InstanceProfile,
) -> Option<&'a IamRole> {
    iam.account(account).roles.get(profile.role.as_ref()?)
}

/// The session of an instance in a role, at a time.
pub fn session(
    session_key: &Secret,
    account: &AccountId,
    role: &IamRole,
    instance: &str,
    now: UnixMillis,
) -> Session {
    let issued_at = now - now.rem_euclid(HOUR);
    let what = format!("{account} {} {instance} {issued_at}", role.entity.id);
    Session {
        access_key: access_key_of(session_key, account, &what),
        account: account.clone(),
        bearer: Bearer::Role {
            name: role.entity.name.clone(),
            id: role.entity.id.clone(),
            session: instance.to_owned(),
        },
        issued_at,
        expires_at: issued_at + LIFE_HOURS * HOUR,
        policy: None,
        policy_arns: Vec::new(),
    }
}
