//! A second opinion: a small, slow, obvious evaluator of the packet rules, for tests only.
//!
//! It was written from the rule tables (ids such as `SG-6`, `IGW-4`; "step n" is one packet's order of checks) by someone
//! who had not read the engine's stages, and shares no code with them: every look-up is a linear scan over [`World`], and
//! [`convert`] alone turns that world into the engine's snapshot. [`Bench`] sends each packet through both and compares
//! where it came out and with which addresses, what each interface counted, and what the flow logs will show.
//!
//! Packets come from [`random::Author`], which knows the world and answers what was delivered: conversations, replies,
//! middleboxes that forward, edits of the configuration and pauses in between. A failure prints its seed and the shortest
//! story that still fails.
//!
//! The random run is bounded by `OPENVPC_ORACLE_PACKETS` (default 1,000,000) and starts at `OPENVPC_ORACLE_SEED`
//! (default 1). The long run:
//!
//! ```text
//! OPENVPC_ORACLE_PACKETS=10000000 cargo test --release -p openvpc-oracle --test random -- --nocapture
//! ```
//!
//! [`endpoints`] is a second, smaller world with an evaluator of its own: as whom services see those who come by gateway and
//! interface endpoints, by peers and by the internet (`tests/endpoints.rs`).
//!
//! `tests/explain.rs` holds explanations against both: what is explained is what happens (`OPENVPC_ORACLE_QUESTIONS`,
//! default 20,000).
//!
//! Where the tables leave something open, the oracle follows the product's documented choice, so an agreement there proves
//! only that the choice is kept: idle times of half-open and closed TCP and of ICMP; what is still on the way after a close
//! passes for a minute (10 s after a reset), a SYN begins anew; an echo reply that nobody asked for is refused; a UDP flow
//! is a stream from the second request after an answer on; an untracked flow goes on asking the rules; a packet that a
//! route table sends to a neighbour of its sender leaves the subnet and enters it again, by both ACLs; a NAT gateway's ports
//! are free a minute after a connection's end, four of them may stand in a row, none forwards what a neighbour hands it; none
//! tells a packet in the other IP version twice.
//! Which free port a gateway takes, the engine chooses; the oracle checks that it may. Not judged: TTL and sizes, offloads,
//! sequence-number checks, load balancers, `traffic_path` and `tcp-flags`.
#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
// Verdicts are told as they are: nothing here is meant to be fast.
#![allow(clippy::result_large_err)]

pub mod bench;
pub mod convert;
pub mod endpoints;
mod fragments;
mod gateways;
pub mod judge;
pub mod nat;
mod nat64;
pub mod packet;
pub mod random;
pub mod rules;
pub mod story;
pub mod tracking;
pub mod world;

pub use bench::{Bench, Step};
pub use judge::{Fate, Judgement, Oracle, Record};
pub use packet::{Body, NextHop, Packet, Port};
pub use story::{Story, play, run, shortest};
pub use world::World;
