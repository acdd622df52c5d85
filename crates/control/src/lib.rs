//! What an API action does: judges a request against the world, answers, and names the events.
//!
//! Stands between `ec2` (bytes) and `store` (durability). A handler is a pure function of world,
//! settings, caller and request: no clock, no randomness of its own, no I/O. One file per resource;
//! each exports its `ACTIONS`. What all calls share is written once: [`cx`] (reading the world and
//! emitting events), [`describe`] with [`filters`] and [`paging`], [`tags`], client tokens, dry runs
//! and the default VPC that an account finds in every region.

#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod cx;
pub mod describe;
pub mod domain_proof;
pub mod entity;
pub mod fault;
pub mod filters;
pub mod ids;
pub mod lifecycle;
pub mod paging;
pub mod request;
pub mod settings;

mod client_token;
mod defaults;
mod pools;

mod address;
mod dhcp_options;
mod egress_only_internet_gateway;
mod elb;
mod flow_log;
mod instance;
mod internet_gateway;
mod listener;
mod load_balancer;
mod nat_gateway;
mod network_acl;
mod network_insights;
mod network_interface;
mod prefix_list;
mod region;
mod route;
mod route_table;
mod security_group;
mod subnet;
mod tags;
mod target_group;
mod vpc;
mod vpc_endpoint;
mod vpc_endpoint_service;
mod vpc_peering_connection;

use openvpc_ec2::Error;
use openvpc_model::{AccountId, Event, TargetHealth, UnixMillis, World};
use serde_json::Value;

pub use cx::Cx;
pub use flow_log::{bucket_of, may_deliver, may_make_log_group};
pub use settings::{Quotas, RegionInfo, Settings, Zone};

/// Who calls, where and when: all that a call may know beside its request.
pub struct Caller<'a> {
    /// Region of the signature's scope.
    pub region: &'a str,
    pub account: AccountId,
    /// ARN of the user or role that calls; none for the account's root.
    pub identity: Option<&'a str>,
    pub now: UnixMillis,
    /// What S3 says of the bucket that CreateFlowLogs names, if it names one.
    pub bucket: Option<Bucket>,
    /// Where ids and addresses are drawn from.
    pub rng: &'a mut dyn rand::RngCore,
}

/// What a bucket says to flow logs that are to go there (`S3-7`, `S3-8`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bucket {
    Missing,
    /// Its policy lets the service write, or will as soon as the service has written it.
    Accepts,
    /// Its policy does not, and it is not the caller's to change.
    Refuses,
    /// Its policy would become too long.
    PolicyTooLong,
}

/// The answer to a call, and what is to be made durable before it is given.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Member names as in the service model (`VpcId`).
    pub response: Value,
    /// Empty when the call changed nothing.
    pub events: Vec<Event>,
}

/// What serves one action: request in member names → answer in member names.
pub type Handler = fn(&mut Cx, Value) -> Result<Value, Error>;

/// A row of a resource's table of actions.
pub type Action = (&'static str, Handler);

/// Every resource's actions.
const ACTIONS: &[&[Action]] = &[
    vpc::ACTIONS,
    subnet::ACTIONS,
    route_table::ACTIONS,
    route::ACTIONS,
    internet_gateway::ACTIONS,
    egress_only_internet_gateway::ACTIONS,
    nat_gateway::ACTIONS,
    vpc_peering_connection::ACTIONS,
    vpc_endpoint::ACTIONS,
    vpc_endpoint_service::ACTIONS,
    address::ACTIONS,
    network_interface::ACTIONS,
    security_group::ACTIONS,
    network_acl::ACTIONS,
    prefix_list::ACTIONS,
    dhcp_options::ACTIONS,
    instance::ACTIONS,
    flow_log::ACTIONS,
    network_insights::ACTIONS,
    tags::ACTIONS,
    region::ACTIONS,
];

/// The actions of Elastic Load Balancing.
const ELB_ACTIONS: &[&[Action]] = &[
    load_balancer::ACTIONS,
    target_group::ACTIONS,
    listener::ACTIONS,
    elb::ACTIONS,
];

/// Actions whose dry run is answered before the arguments are looked at (spec 06 §1, `DryRun`).
const PERMISSION_BEFORE_ARGUMENTS: [&str; 3] = ["CreateRoute", "ReplaceRoute", "DeleteRoute"];

/// Serves one EC2 call.
///
/// # Errors
/// What the caller is told instead of an answer; nothing is then to be written down. A dry run
/// that would have succeeded is the error `DryRunOperation`.
pub fn handle(
    world: &World,
    settings: &Settings,
    caller: &mut Caller,
    action: &str,
    input: Value,
) -> Result<Outcome, Error> {
    let handler = find(ACTIONS, action)?;
    let dry_run = input["DryRun"].as_bool() == Some(true);
    if dry_run && PERMISSION_BEFORE_ARGUMENTS.contains(&action) {
        return Err(Error::dry_run());
    }
    let mut cx = Cx::new(world, settings, caller)?;
    defaults::bootstrap(&mut cx);
    let response = client_token::once(&mut cx, action, input, handler)?;
    if dry_run {
        return Err(Error::dry_run());
    }
    Ok(Outcome {
        response,
        events: cx.into_events(),
    })
}

/// Serves one call of Elastic Load Balancing; `health` is what its probes know of targets.
///
/// # Errors
/// What the caller is told instead of an answer; nothing is then to be written down.
pub fn handle_elb(
    world: &World,
    settings: &Settings,
    caller: &mut Caller,
    health: &TargetHealth,
    action: &str,
    input: Value,
) -> Result<Outcome, Error> {
    let handler = find(ELB_ACTIONS, action)?;
    let mut cx = Cx::new(world, settings, caller)?.with_target_health(health);
    defaults::bootstrap(&mut cx);
    let response = handler(&mut cx, input)?;
    Ok(Outcome {
        response,
        events: cx.into_events(),
    })
}

fn find(actions: &[&[Action]], action: &str) -> Result<Handler, Error> {
    actions
        .iter()
        .copied()
        .flatten()
        .find(|(name, _)| *name == action)
        .map(|(_, handler)| *handler)
        .ok_or_else(|| Error::not_built(action))
}

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
