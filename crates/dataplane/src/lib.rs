//! The process that carries packets: the engine, every port and every sandbox, apart from the daemon that answers API calls.
//!
//! It is the same program, started by the daemon under another name. A daemon that keeps state in a folder may die,
//! however it dies: packets go on, established flows and new ones, judged by the last revision that it had told. The next
//! daemon on that folder finds the process by its socket there, hands it the world, takes over what was counted and not
//! yet written down, and goes on ([`Running::take_over`]). Without a folder it ends with its daemon.
//!
//! What is in it parses packets of hostile instances; so it knows no secret, makes no file but its log, and speaks to
//! nobody but its daemon. It compiles snapshots itself, from the same journal entries: a change costs what it changes
//! ([`world`]), whatever the size of the world.
//!
//! [`main_if_data_plane`] must be called first thing in `main`.

#![forbid(unsafe_code)]

mod client;
mod counters;
mod names;
mod process;
pub mod protocol;
mod readings;
mod server;
mod start;
mod wire;
mod world;

pub use client::{Command, CommandControl, DataPlane, Ended, Steps, Told, Unread};
pub use counters::Counters;
pub use names::{NewNames, Numberings};
pub use protocol::{Config, DataPathChoice};
pub use readings::{Ends, Numbered};
pub use server::main_if_data_plane;
pub use start::{Running, StartError, down, start};
pub use world::Step;
