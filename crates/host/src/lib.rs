//! Linux: links, namespaces, sandboxes, and the event loop of the data paths.
//!
//! Moves frames and asks the time; **Invariant:** no branch here allows or denies a packet, that All
//! `unsafe` of the workspace is here and in `flowcache`, each block with its reason.
//!
//! A daemon calls, in this order: [`main_if_init`] first thing in `main`; [`preflight::prepare`] while it has one thread;
//! [`DataPath::start`]; [`Hosts::start`]; and drops them in the reverse order.
#![deny(unsafe_op_in_unsafe_fn, clippy::undocumented_unsafe_blocks)]

mod applets;
mod datapath;
mod delay;
mod hosts;
mod netlink;
pub mod outside;
mod ports;
pub mod preflight;
mod reply;
mod sandbox;
mod services;
mod sys;
pub mod user_data;

pub use datapath::{DataPath, DataPathHandle, Losses};
pub use hosts::{
    Command, CommandControl, HostError, HostEvent, Hosts, HostsConfig, InterfaceSpec, LaunchSpec,
};
pub use ports::{FastPorts, PortKind};
pub use reply::{Reply, Stopped};
pub use sandbox::init::main_if_init;
pub use sandbox::protocol::{
    Channel, ExecRequest, Ipv4, Ipv6, Network, Received, Status, WindowSize,
};
pub use services::ServiceNamespace;
pub use sys::{close_on_execute, set_window_size, take_all_descriptors, window_size};
