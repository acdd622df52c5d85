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
    /// At whose port: the sender's, the receiver's, or that of a gateway's interface between them.
    pub at: PortId,
    /// What it decided.
    pub decision: Decision,
    /// The rule, entry or route that decided, if one did.
    pub rule: Option<RuleRef>,
    /// The packet as it stood then; after the stage, if it was translated.
    pub packet: Seen,
}

/// Addresses and ports of a packet at one point of its walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// IP source.
    pub source: IpAddr,
    /// IP destination.
    pub destination: IpAddr,
    /// 0 for portless protocols.
    pub source_port: u16,
    /// 0 for portless protocols.
    pub destination_port: u16,
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
    /// Turned away with a reset, for this reason.
    Refused(DropReason),
    /// Dropped.
    Drop(DropReason),
}
