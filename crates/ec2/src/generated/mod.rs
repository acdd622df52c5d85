//! One table a service, made by `cargo xtask generate-model`.

pub mod ec2;
pub mod elbv2;
pub mod iam;
pub mod sts;

pub use ec2::SERVICE as EC2;
pub use elbv2::SERVICE as ELBV2;
pub use iam::SERVICE as IAM;
pub use sts::SERVICE as STS;

use crate::table::Service;

/// Every service that speaks a Query dialect.
pub static SERVICES: [&Service; 4] = [&EC2, &STS, &IAM, &ELBV2];
