//! The VPC's resolver (`DNS-1`): the bytes of a query, who asks, and the time in; an answer, a question for a server
//! elsewhere, or silence out.
//!
//! [`Views`] is what every VPC sees, as plain values that `compile` makes of the world. [`Resolver::answer`] walks one
//! query: the interface's allowance ([`Allowance`]) → the VPC's `enableDnsSupport` → the message ([`message`]) → the name
//! ([`View::find`]) → DNS64 → the records. Names that nobody here knows go to the server that a [`ForwardRule`] names,
//! else they do not exist.
//!
//! **Invariant**: sans-IO. No socket, no clock, no randomness; an answer depends on nothing that another VPC holds but its
//! public names.

#![forbid(unsafe_code)]

mod allowance;
mod dns64;
mod forward;
mod message;
mod resolver;
pub mod txt;
mod view;

pub use allowance::{Allowance, QUERIES_PER_SECOND};
pub use forward::{ForwardRule, ParseForwardRuleError, Pending, Progress};
pub use message::Transport;
pub use resolver::{Outcome, Resolver};
pub use view::{Addresses, Asker, Found, Public, PublicHost, View, Views, VpcKey};
