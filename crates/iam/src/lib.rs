//! IAM and STS: who there is, what each may do, and keys that expire.
//!
//! Stands beside `control`: a handler is a pure function of world, caller and request, and names the events. IAM is
//! global, so it reads [`openvpc_model::World::iam`] and no region. One file per noun; [`principal`] tells who a key
//! is and [`principal::policies_of`] what policies speak for it; whether they allow is the policy crate's to say.
//! Source: IAM API reference; IAM user guide, "IAM and AWS STS quotas", "Reference policy element grammar".

#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod access;
mod documents;
pub mod instance;
pub mod judge;
pub mod keys;
pub mod permission;
pub mod principal;
pub mod sessions;
pub mod sts;

mod access_key;
mod attachment;
mod aws_managed;
mod boundary;
mod cx;
mod document;
mod group;
mod holder;
mod inline;
mod instance_profile;
mod names;
mod paging;
mod policy;
mod policy_version;
mod refuse;
mod role;
mod service_linked;
mod tags;
mod user;

use openvpc_ec2::Error;
use openvpc_model::{Event, UnixMillis, World};
use serde_json::Value;

pub use cx::Cx;
pub use documents::{Documents, check_bucket, check_endpoint, is_full_access, is_public};
pub use principal::Principal;

/// Who calls and when.
pub struct Caller<'a> {
    pub principal: &'a Principal,
    pub now: UnixMillis,
    /// Where ids and secrets are drawn from.
    pub rng: &'a mut dyn rand::RngCore,
}

/// The answer to a call, and what is to be made durable before it is given.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    pub response: Value,
    pub events: Vec<Event>,
}

/// What serves one action: request in member names → answer in member names.
type Handler = fn(&mut Cx, Value) -> Result<Value, Error>;

/// A row of a noun's table of actions.
type Action = (&'static str, Handler);

const ACTIONS: &[&[Action]] = &[
    user::ACTIONS,
    access_key::ACTIONS,
    group::ACTIONS,
    role::ACTIONS,
    service_linked::ACTIONS,
    policy::ACTIONS,
    policy_version::ACTIONS,
    inline::ACTIONS,
    attachment::ACTIONS,
    boundary::ACTIONS,
    instance_profile::ACTIONS,
    tags::ACTIONS,
];

/// Serves one IAM call.
///
/// # Errors
/// What the caller is told instead of an answer; nothing is then to be written down.
pub fn handle(
    world: &World,
    caller: &mut Caller,
    action: &str,
    input: Value,
) -> Result<Outcome, Error> {
    let mut rows = ACTIONS.iter().copied().flatten();
    let (_, handler) = rows
        .find(|(name, _)| *name == action)
        .ok_or_else(|| Error::not_built(action))?;
    let mut cx = Cx::new(world, caller);
    let response = handler(&mut cx, input)?;
    Ok(Outcome {
        response,
        events: cx.into_events(),
    })
}

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
