//! The AWS Query dialects of EC2 and STS: bytes to a typed request, an answer or a refusal
//! to XML, and whether a request was signed by whom it says.
//!
//! Speaks AWS and decides nothing: shapes come from the generated table, meaning from
//! `control`. Sans-IO: bytes, time and credentials arrive as arguments.

pub mod decode;
pub mod encode;
pub mod error;
pub mod form;
pub mod generated;
pub mod resource;
pub mod sigv4;
pub mod table;
pub mod timestamp;
mod xml;

pub use decode::{Request, decode};
pub use error::Error;
pub use resource::Resource;
