//! The AWS Query dialects of EC2 and STS: bytes to a typed request, an answer or a refusal to XML.
//!
//! Speaks AWS and decides nothing: shapes come from the generated table, meaning from `control`.

pub mod error;
pub mod resource;

pub use error::Error;
pub use resource::Resource;
