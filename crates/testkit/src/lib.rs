//! A laboratory for the engine: VPCs, interfaces and outside hosts in a few words, packets sent through, and what
//! became of them. For tests only.
//!
//! Every frame goes through three engines: one that remembers verdicts, one that has them replayed by a fast path, and one
//! that does neither. They must agree on every verdict, byte and counter, so each test is also a test of cache
//! transparency (I-13). Every frame that arrives has its
//! checksums verified by another implementation than ours.
#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod check;
mod fast;
mod flow_log;
mod frames;
mod host;
mod lab;
mod outcome;
mod packets;
mod rules;
mod tcp;
mod world;

pub use fast::SoftPath;
pub use flow_log::FlowLog;
pub use frames::{FrameSpec, L4, build, mend_ipv4_header, set_ttl};
pub use host::Host;
pub use lab::{Acl, Lab, To, VpcRef, introducing_listener, listener, preserving_listener};
pub use outcome::Outcome;
pub use packets::{Shot, ping, syn, udp};
pub use rules::{RuleText, egress, ingress};
pub use tcp::Call;
