//! Who reaches whom, and why not: the engine's explanations in AWS's nouns.
//!
//! Stands above `control`, `compile` and `engine` and beside the daemon. A [`Scene`] is a world compiled for questions;
//! [`report`] names what the engine decided; [`repair`] looks for the smallest changes that would let a flow through, and
//! offers none that it has not tried on a copy of the world.
//!
//! **Invariant**: no rule is read here to decide anything. Whether a flow passes is what [`openvpc_engine::Explainer`]
//! says of a compiled world, and whether a change is possible is what `control` says of it.

#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod analysis;
pub mod ask;
pub mod call;
pub mod expect;
pub mod flow;
pub mod place;
pub mod plan;
pub mod reason;
pub mod record;
pub mod repair;
pub mod report;
pub mod rule_text;
pub mod scene;
pub mod text;
pub mod trial;
pub mod why;
pub mod workshop;

pub use ask::Ask;
pub use call::Call;
pub use flow::{Flow, Traffic};
pub use place::{Place, Unresolved, resolve};
pub use report::{Report, report};
pub use scene::{Host, Scene};
pub use why::why;
pub use workshop::Workshop;
