//! Bytes and headers: views that check before they read, editors that keep checksums right, emitters for the few
//! messages a router originates.
//!
//! Nothing here allocates while parsing, and nothing here knows what a VPC is. All multi-byte fields are network
//! order in the buffers and host order in the values handed out.
#![forbid(unsafe_code)]

mod frame;
mod mac;

pub use frame::{Frame, GsoKind, Offload};
pub use mac::Mac;
