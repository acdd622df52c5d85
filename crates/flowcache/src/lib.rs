//! Verdicts remembered in the kernel: a small program at each port's veth pair replays what the engine has decided.
//!
//! `bpf/` holds the program, in C: [`loader`] puts it into the kernel from the committed object, so that nobody needs a
//! compiler; [`table`] is the engine's [`FastPath`](openvpc_engine::FastPath) over the maps that both share; [`abi`] says
//! what lies where. The program may forget and may send any packet up; it decides nothing (`docs/fast-path.md`).
//!
//! Byte order: host order in code, network order in keys, addresses and ports of the shared maps.

pub mod abi;
pub mod loader;
pub mod table;

mod kernel;
mod ring;
mod shared;

pub use kernel::{Attached, TestRun};
pub use loader::{LoadError, Loaded, load};
pub use table::{Link, PortCounters, Table};
