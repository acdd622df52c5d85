//! An optional account of one packet's walk, for `openvpc why` and for failing tests.

use std::net::IpAddr;

use crate::ids::{PortId, RuleRef};
use crate::verdict::{DropReason, Stage};

/// The steps of one packet, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trace {
    /// What each stage decided.
    pub steps: Vec<Step>,
}

/// What one stage decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// The stage.
    pub stage: Stage,
    /// At whose port: the sender's or the receiver's.
    pub at: PortId,
    /// What it decided.
    pub decision: Decision,
    /// The rule, entry or route that decided, if one did.
    pub rule: Option<RuleRef>,
}

/// A stage's decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Let pass (or: nothing to say).
    Pass,
    /// Passed because the flow is known, whatever the rules say now.
    KnownFlow,
    /// Passed without being tracked (SG-7).
    Untracked,
    /// Source or destination was translated to this address.
    Translated(IpAddr),
    /// The router answered.
    Answered,
    /// Dropped.
    Drop(DropReason),
}
