//! The role that an instance has, and the credentials that it finds for it (EC2 user guide, "Retrieve security
//! credentials from instance metadata").

use openvpc_iam::instance::{profile, role, session as session_of};
use openvpc_iam::judge::{Evaluator, service_may_assume};
use openvpc_model::{AccountId, Iam, Instance, UnixMillis, World};

use super::tree::RoleSession;

/// The owner of some instance with a profile; none while there is no such instance.
pub fn first_owner(world: &World) -> Option<AccountId> {
    let instances = world
        .regions
        .values()
        .flat_map(|region| region.instances.values());
    let mut owners = instances.filter(|instance| instance.profile.is_some());
    owners.next().map(|instance| instance.owner.clone())
}

/// What the instance's profile gives it now: a role that was exchanged or taken away counts at once.
pub fn session(
    iam: &Iam,
    instance: &Instance,
    evaluator: &dyn Evaluator,
    now: UnixMillis,
) -> Option<RoleSession> {
    let association = instance.profile.as_ref()?;
    let account = &instance.owner;
    let none = |code| {
        Some(RoleSession {
            code,
            credentials: None,
        })
    };
    let Some(profile) = profile(iam, account, &association.profile, &association.profile_id) else {
        return none("InstanceProfileNotFound");
    };
    let (Some(role), Some(key)) = (role(iam, account, profile), &iam.session_key) else {
        return none("Success");
    };
    let arn = role.entity.arn(account, "role");
    if !service_may_assume(evaluator, &role.trust, &arn, "ec2.amazonaws.com", &[]) {
        return none("AssumeRoleUnauthorizedAccess");
    }
    let session = session_of(key, account, role, &instance.id.to_string(), now);
    let credentials = session.seal(key);
    Some(RoleSession {
        code: "Success",
        credentials: Some((role.entity.name.clone(), session, credentials)),
    })
}
