//! What is to be recorded: neutral descriptions, made from the model by whoever knows it.

use std::sync::Arc;

use hashbrown::HashMap;
use openvpc_engine::{Action, EniIndex};
use serde::{Deserialize, Serialize};

use crate::Format;

/// All flow logs in force and the interfaces they cover.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    pub flow_logs: Vec<Arc<FlowLog>>,
    /// Every interface there is. One that a flow log names and is not here is left out.
    pub interfaces: HashMap<EniIndex, Arc<Interface>>,
}

/// A flow log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlowLog {
    /// `fl-…`
    pub id: String,
    pub account: String,
    pub region: String,
    pub destination: Destination,
    pub filter: Filter,
    pub format: Format,
    /// The interfaces of its VPC, subnet or interface (`FL-1`).
    pub interfaces: Vec<EniIndex>,
}

/// Where a flow log's lines go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Destination {
    /// CloudWatch Logs: the group's name.
    LogGroup(String),
    /// S3.
    Bucket(Bucket),
}

impl Destination {
    /// Whether records are written there as columns, not as lines.
    pub fn wants_columns(&self) -> bool {
        match self {
            Destination::LogGroup(_) => false,
            Destination::Bucket(bucket) => bucket.file_format == FileFormat::Parquet,
        }
    }
}

/// A bucket, and how the objects in it are laid out (`S3-3`, `S3-4`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bucket {
    pub name: String,
    /// Without a slash at either end; empty for none.
    pub folder: String,
    pub file_format: FileFormat,
    pub hive_compatible_partitions: bool,
    pub per_hour_partition: bool,
}

/// What objects are (`S3-2`, `S3-6`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum FileFormat {
    PlainText,
    Parquet,
}

/// Which records a flow log keeps (`FL-4`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filter {
    Accept,
    Reject,
    All,
}

impl Filter {
    /// Whether records of this action are kept.
    pub fn keeps(self, action: Action) -> bool {
        match self {
            Filter::All => true,
            Filter::Accept => action == Action::Accept,
            Filter::Reject => action == Action::Reject,
        }
    }

    /// The end of the log stream's name (`CW-1`).
    pub fn suffix(self) -> &'static str {
        match self {
            Filter::All => "all",
            Filter::Accept => "accept",
            Filter::Reject => "reject",
        }
    }
}

/// What records say of an interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interface {
    /// `eni-…`
    pub id: String,
    pub account: String,
    pub vpc: String,
    pub subnet: String,
    /// `None` for a service's interface.
    pub instance: Option<String>,
    pub region: String,
    /// Zone id, such as `use1-az1`.
    pub az_id: Option<String>,
    /// `nat_gateway` and the like; `None` for an ordinary one.
    pub interface_type: Option<String>,
}
