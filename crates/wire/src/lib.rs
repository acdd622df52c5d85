//! Bytes and headers: views that check before they read, editors that keep checksums right, emitters for the few
//! messages a router originates.
//!
//! Nothing here allocates while parsing, and nothing here knows what a VPC is. All multi-byte fields are network
//! order in the buffers and host order in the values handed out.
#![forbid(unsafe_code)]

pub mod arp;
pub mod checksum;
pub mod cut;
pub mod dhcp;
pub mod dhcpv6;
pub mod edit;
pub mod ethernet;
pub mod icmp;
pub mod ip;
mod ipv6;
pub mod nat64;
pub mod ndp;
pub mod packet;
pub mod proxy_protocol;
pub mod quoted;
pub mod tcp;

mod frame;
mod mac;

pub use frame::{Frame, GsoKind, Offload};
pub use mac::{Mac, MacParseError};
pub use packet::{Fragment, Packet, ParseError, Tcp, Transport};
pub use quoted::Quoted;
