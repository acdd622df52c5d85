//! CloudWatch Logs without HTTP: an operation's name and JSON in, JSON or an error out.
//!
//! The daemon decodes `X-Amz-Target: Logs_20140328.<Operation>` and calls [`Logs::handle`]; flow-log
//! delivery comes in by [`Logs::deliver`], which makes group and stream on demand (`CW-3`) and takes
//! each batch exactly once. Events are durable when a call returns.
//!
//! Bounded: expired events go by [`Logs::expire`] and are never shown before that; beyond the
//! [`Limits`] the events that arrived first are discarded and counted in [`Logs::usage`], as a
//! recorder on one machine should rather forget the oldest than stop.
//!
//! Calls block on the disk; call them from a thread that may wait.
//!
//! Source: Amazon CloudWatch Logs API reference, version 2014-03-28.

#![forbid(unsafe_code)]

mod deliver;
mod error;
mod events;
mod filter;
mod group;
mod limits;
mod name;
mod open;
mod pattern;
mod put;
mod request;
mod stream;
mod tables;
mod tags;

use openvpc_disk::Database;
use serde_json::Value;

pub use deliver::{Delivered, Delivery};
pub use error::{LogsError, OpenError};
pub use limits::{Limits, Usage};
pub use open::Place;

/// The service, for all accounts and regions.
#[derive(Debug)]
pub struct Logs {
    database: Database,
    limits: Limits,
}

/// Who asks, where and when.
#[derive(Debug, Clone, Copy)]
pub struct Caller<'a> {
    pub account: &'a str,
    pub region: &'a str,
    /// Wall clock, milliseconds since the Unix epoch.
    pub now_ms: i64,
}

impl Logs {
    /// Carries out one operation, such as `PutLogEvents`.
    ///
    /// # Errors
    /// The service's own: `ResourceNotFoundException`, `ResourceAlreadyExistsException`,
    /// `InvalidParameterException`, `UnknownOperationException` …
    pub fn handle(
        &self,
        caller: Caller,
        operation: &str,
        input: Value,
    ) -> Result<Value, LogsError> {
        match operation {
            "CreateLogGroup" => self.create_log_group(caller, request::parse(input)?),
            "DeleteLogGroup" => self.delete_log_group(caller, request::parse(input)?),
            "DescribeLogGroups" => self.describe_log_groups(caller, request::parse(input)?),
            "PutRetentionPolicy" => self.put_retention_policy(caller, request::parse(input)?),
            "DeleteRetentionPolicy" => self.delete_retention_policy(caller, request::parse(input)?),
            "CreateLogStream" => self.create_log_stream(caller, request::parse(input)?),
            "DeleteLogStream" => self.delete_log_stream(caller, request::parse(input)?),
            "DescribeLogStreams" => self.describe_log_streams(caller, request::parse(input)?),
            "PutLogEvents" => self.put_log_events(caller, request::parse(input)?),
            "GetLogEvents" => self.get_log_events(caller, request::parse(input)?),
            "FilterLogEvents" => self.filter_log_events(caller, request::parse(input)?),
            "TagResource" => self.tag_resource(caller, request::parse(input)?),
            "UntagResource" => self.untag_resource(caller, request::parse(input)?),
            "ListTagsForResource" => self.list_tags_for_resource(caller, request::parse(input)?),
            other => Err(LogsError::unknown_operation(other)),
        }
    }
}
