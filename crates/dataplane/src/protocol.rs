//! What daemon and data plane say to each other.
//!
//! Who connects is greeted with a [`Greeting`]; then it says [`ToPlane::TakeOver`] and is the daemon from then on, or
//! [`ToPlane::Down`]. Orders are numbered, and answered under their number in any order. Both sides are one user's, and
//! of one version.

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::time::Duration;

use openvpc_engine::{Endpoint, EniIndex, Identity};
use openvpc_host::{HostError, HostEvent, InterfaceSpec, LaunchSpec, Status, WindowSize};
use serde::{Deserialize, Serialize};

use crate::readings::Ends;

/// Of these messages, and of what they carry. Another number is another language.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "/4");

/// What carries packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DataPathChoice {
    /// The best that this machine allows.
    Auto,
    /// The kernel forwards what the engine has decided.
    Ebpf,
    /// The engine alone.
    User,
}

/// What a data plane is made of. One that runs on takes over only what does not concern instances that stand already.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Config {
    /// What carries packets.
    pub data_path: DataPathChoice,
    /// Whether the machine's own root runs it.
    pub is_root: bool,
    /// Files and folders that no host may see.
    pub hidden: Vec<PathBuf>,
    /// Whether hosts see the machine's home folders.
    pub share_home: bool,
    /// A certificate (PEM) that hosts trust.
    pub certificate_authority: String,
    /// How long a packet takes between regions.
    pub region_latency: Option<Duration>,
    /// How often windows of flow logs close while no daemon closes them.
    pub window: Duration,
    /// Addresses of the public zone.
    pub public: Vec<IpAddr>,
    /// The folder that it outlives its daemon in.
    pub folder: Option<PathBuf>,
}

/// The first message to whoever connects. Beside it: the user namespace.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Greeting {
    /// [`VERSION`] of the process.
    pub version: String,
    /// Its number.
    pub pid: u32,
    /// Whether the machine's own root runs it.
    pub is_root: bool,
}

/// Messages to the data plane.
#[derive(Debug, Serialize, Deserialize)]
pub enum ToPlane {
    /// Be the daemon from now on.
    TakeOver(Box<Config>),
    /// End, with all instances. A daemon that is there is asked to do it.
    Down,
    /// Do this.
    Order(u64, Order),
}

/// Orders of the daemon.
#[derive(Debug, Serialize, Deserialize)]
pub enum Order {
    /// [`openvpc_host::Hosts::launch`].
    Launch(Box<LaunchSpec>),
    /// [`openvpc_host::Hosts::ready`].
    Ready(String),
    /// [`openvpc_host::Hosts::set_interfaces`].
    Interfaces(String, Vec<InterfaceSpec>),
    /// [`openvpc_host::Hosts::terminate`].
    Terminate(String),
    /// [`openvpc_host::Hosts::exec`]; the strings of the request are beside the message, and so are the streams.
    Exec {
        /// The host.
        host: String,
        /// As the request's encoding has it.
        arguments: usize,
        /// Give it a terminal.
        terminal: Option<WindowSize>,
    },
    /// Signal a command.
    Signal(u64, i32),
    /// Hang up on a command.
    HangUp(u64),
    /// [`openvpc_host::Hosts::running`].
    Running,
    /// Follow this world (JSON beside the message).
    World,
    /// Follow these entries (JSON beside the message).
    Entries,
    /// [`openvpc_engine::Engine::identity`].
    Identity(IpAddr),
    /// [`openvpc_engine::Engine::probe_address`].
    ProbeAddress(EniIndex, Ipv4Addr),
    /// [`openvpc_engine::Engine::set_target_health`].
    TargetHealth(EniIndex, Endpoint, bool),
    /// Read the flow cells. What ends with the reading.
    Read(Ends),
    /// What was read up to this number is written down.
    Written(u64),
    /// All that was read after this number and is not known to be written down.
    Unread(u64),
    /// All counters.
    Counters,
    /// Forget every flow and everything counted, as if nothing had ever been.
    BeginAnew,
    /// End every host.
    EndHosts,
    /// End.
    End,
}

/// Messages to the daemon.
#[derive(Debug, Serialize, Deserialize)]
pub enum ToDaemon {
    /// It is this data plane's daemon now. Beside it: the services' network namespace.
    Welcome(Welcome),
    /// It cannot be, and why.
    Refused(String),
    /// To an order.
    Answer(u64, Answer),
    /// A host changed by itself.
    Event(HostEvent),
    /// What new numbers of rules mean, before any packet is judged by them (beside the message).
    Names,
    /// Somebody asked for the end of all.
    Down,
}

/// To a daemon that takes over.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Welcome {
    /// Whether it ran before.
    pub ran_before: bool,
    /// Tells this data plane from all others.
    pub id: u64,
    /// The engine's clock now, in nanoseconds.
    pub now: u64,
    /// What carries packets and why, for people.
    pub data_path: String,
}

/// Answers to orders.
#[derive(Debug, Serialize, Deserialize)]
pub enum Answer {
    /// It is done.
    Done,
    /// It is not.
    Failed(Failure),
    /// A host has its addresses.
    Ready(Option<Ipv4Addr>),
    /// A command runs, under this number; beside it the master of its terminal, if it has one.
    Started(u64),
    /// The command of this order has ended.
    Exited(Status),
    /// The hosts (beside the message).
    Running,
    /// Who it is.
    Identity(Option<Identity>),
    /// Where.
    Address(Option<IpAddr>),
    /// A reading under its number (beside the message).
    Reading(u64),
    /// Readings (beside the message).
    Unread,
    /// Counters (beside the message).
    Counters,
}

/// Why an order failed.
#[derive(Debug, Serialize, Deserialize)]
pub enum Failure {
    /// [`HostError::AlreadyRunning`].
    AlreadyRunning(String),
    /// [`HostError::NotRunning`].
    NotRunning(String),
    /// In words.
    Other(String),
}

impl From<HostError> for Failure {
    fn from(error: HostError) -> Failure {
        match error {
            HostError::AlreadyRunning(name) => Failure::AlreadyRunning(name),
            HostError::NotRunning(name) => Failure::NotRunning(name),
            other => Failure::Other(other.to_string()),
        }
    }
}

impl From<Failure> for HostError {
    fn from(failure: Failure) -> HostError {
        match failure {
            Failure::AlreadyRunning(name) => HostError::AlreadyRunning(name),
            Failure::NotRunning(name) => HostError::NotRunning(name),
            Failure::Other(what) => HostError::Told(what),
        }
    }
}
