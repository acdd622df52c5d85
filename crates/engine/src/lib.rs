//! One sans-IO engine: snapshot + frame + now → verdict.
//!
//! It answers what a VPC's router, security groups, network ACLs and gateways do with each packet, keeps the
//! connection-tracking state that this takes, and counts every flow for flow logs. It knows no AWS id strings, no
//! clock, no sockets and no threads.
#![forbid(unsafe_code)]

pub mod counters;
#[cfg_attr(not(feature = "planted-defects"), doc(hidden))]
pub mod defects;
pub mod explain;
pub mod fast_path;
pub mod flow;
pub mod ids;
pub mod judge;
pub mod limits;
pub mod route;
pub mod shared;
mod shared_map;
pub mod snapshot;
pub mod trace;
pub mod verdict;

mod admission;
mod announcements;
mod balance;
mod cache;
mod cells;
mod conntrack;
mod delegation;
mod engine;
mod facts;
mod fragments;
pub mod identity;
mod nat;
mod pipeline;
mod rewrite;
mod same_ports;
mod stages;
mod state;
mod table;
mod walk;

pub use cells::Sweep;
pub use counters::{Count, DirectionCounters, EniCounters, UnloggedClass};
pub use engine::Engine;
pub use explain::{Explainer, Explanation, Probe, Question};
pub use fast_path::{
    FastAdmission, FastCounters, FastId, FastKey, FastPath, FastReading, FastReport, FastWay,
    FastWindow,
};
pub use flow::{Action, Direction, FlowCell, TcpFlags, TrafficPath, Why};
pub use identity::{Identity, Service, Via};
pub use ids::{
    Dense, EniIndex, GatewayId, NetworkAclIndex, PortId, RegionIndex, RouteTableIndex, RuleRef,
    SecurityGroupIndex, SubnetIndex, Time, VpcIndex,
};
pub use judge::{Judgement, Opening, Sighting};
pub use limits::Limits;
pub use nat::{Endpoint, NatGatewayCounters};
pub use openvpc_wire::{Frame, GsoKind, Mac, Offload, proxy_protocol};
pub use rewrite::{Rewrite, Version};
pub use route::{Peering, Route, RouteTable, Target};
pub use shared::Shared;
pub use snapshot::{
    AclEntry, Backend, ConntrackTimeouts, DhcpOptions, EndpointLabel, Eni, EniKind, Listener,
    LoadBalancerNode, NetworkAcl, OutsideHost, Peer, PortRange, PrivateIpv4, SecurityGroup,
    SecurityRule, Snapshot, SnapshotError, SnapshotParts, Subnet, Traffic, Vpc,
};
pub use trace::{Seen, Step, Trace};
pub use verdict::{DropReason, Stage, Verdict};
