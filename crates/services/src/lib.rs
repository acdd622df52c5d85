//! S3 and DynamoDB, for all accounts and regions: signed HTTP in, durable answers out.
//!
//! The daemon's edge says where a request came from ([`Origin`], an HTTP extension, never a header)
//! and who may do what ([`Gatekeeper`]). Everything beneath, from the wire to the disk, is here, in a
//! crate of its own, so that work on packets never builds it.

#![forbid(unsafe_code)]

pub mod dynamodb;
mod gatekeeper;
mod origin;
pub mod s3;

pub use gatekeeper::{Ask, BadKey, Denied, Gatekeeper, Key};
pub use openvpc_iam::Principal;
pub use origin::Origin;

/// Where state is kept.
#[derive(Debug, Clone)]
pub enum Place {
    /// Nowhere: it ends with the process.
    Memory,
    Directory(std::path::PathBuf),
}
