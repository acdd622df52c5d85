//! One table a service, made by `cargo xtask generate-model`.

pub mod ec2;
pub mod sts;

use crate::table::Service;

/// Every service that speaks a Query dialect.
pub static SERVICES: [&Service; 2] = [&ec2::SERVICE, &sts::SERVICE];
