//! What numbers and addresses are called, for the few fields that show it.

use std::net::IpAddr;

use openvpc_engine::RuleRef;

/// Who knows names.
pub trait Names {
    /// What a number means under one revision of the configuration; none if its names are not kept any more. For our
    /// own columns only.
    fn rule(&self, revision: u64, rule: RuleRef) -> Option<RuleText>;

    /// The service that a public address belongs to, as in AWS's list of its address ranges: `S3`, `DYNAMODB`, `EC2`,
    /// `AMAZON` … (`pkt-src-aws-service`).
    fn service(&self, address: IpAddr) -> Option<&'static str>;
}

/// A rule, entry or route in AWS's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RuleText {
    /// `sgr-…`
    SecurityGroupRule(String),
    NetworkAclEntry {
        /// `acl-…`
        acl: String,
        /// `*` for the closing deny.
        number: String,
    },
    Route {
        /// `rtb-…`
        table: String,
        destination: String,
        /// `igw-…`, `nat-…` and the like; none for a route within the VPC.
        gateway: Option<String>,
    },
}

/// Knows no names.
pub struct NoNames;

impl Names for NoNames {
    fn rule(&self, _: u64, _: RuleRef) -> Option<RuleText> {
        None
    }

    fn service(&self, _: IpAddr) -> Option<&'static str> {
        None
    }
}
