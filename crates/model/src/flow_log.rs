//! Flow logs: what is to be recorded, and where records go.

use serde::{Deserialize, Serialize};

use crate::{
    AccountId, FlowLogId, NetworkInterface, NetworkInterfaceId, SubnetId, UnixMillis, VpcId,
};

/// A flow log, immutable but for its tags (`FL-5`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowLog {
    pub id: FlowLogId,
    pub owner: AccountId,
    pub resource: FlowLogResource,
    pub traffic_type: TrafficType,
    pub destination: FlowLogDestination,
    /// The format as text, `${field}` tokens separated by single spaces.
    pub log_format: String,
    /// 60 or 600 seconds.
    pub max_aggregation_interval_seconds: u32,
    pub deliver_logs_permission_arn: Option<String>,
    /// Whether IAM had that role when the log was made; then it must have it ever after.
    #[serde(default)]
    pub role_is_known: bool,
    /// How delivery fared lately.
    #[serde(default)]
    pub delivery: FlowLogDelivery,
    pub created_at: UnixMillis,
}

impl FlowLog {
    /// Whether an interface is covered: its own log, its subnet's or its VPC's (`FL-1`).
    pub fn covers(&self, eni: &NetworkInterface) -> bool {
        match self.resource {
            FlowLogResource::Vpc(id) => id == eni.vpc,
            FlowLogResource::Subnet(id) => id == eni.subnet,
            FlowLogResource::NetworkInterface(id) => id == eni.id,
        }
    }
}

/// What is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum FlowLogResource {
    Vpc(VpcId),
    Subnet(SubnetId),
    NetworkInterface(NetworkInterfaceId),
}

/// Which records are kept (`FL-4`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum TrafficType {
    Accept,
    Reject,
    All,
}

impl TrafficType {
    /// The value on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            TrafficType::Accept => "ACCEPT",
            TrafficType::Reject => "REJECT",
            TrafficType::All => "ALL",
        }
    }
}

/// Where records go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum FlowLogDestination {
    /// A log group, by name.
    CloudWatchLogs {
        log_group: String,
    },
    S3(FlowLogBucket),
}

/// A bucket, and how objects in it are laid out (`S3-3` to `S3-7`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowLogBucket {
    /// As it was sent, which clients compare with what they read back.
    pub arn: String,
    pub name: String,
    /// Without a slash at either end; empty for none.
    pub folder: String,
    /// As they were sent, if they were.
    pub options: Option<FlowLogObjects>,
}

/// What objects of flow logs are, and under which prefixes they lie.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowLogObjects {
    pub parquet: bool,
    pub hive_compatible_partitions: bool,
    pub per_hour_partition: bool,
}

impl FlowLogDestination {
    /// Whether two logs of one resource would write to the same place.
    pub fn is_same_place(&self, other: &FlowLogDestination) -> bool {
        match (self, other) {
            (FlowLogDestination::S3(one), FlowLogDestination::S3(other)) => {
                (&one.name, &one.folder) == (&other.name, &other.folder)
            }
            (one, other) => one == other,
        }
    }
}

/// How the delivery of a flow log's records fares (`CW-5`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum FlowLogDelivery {
    #[default]
    Success,
    /// The sink does not let the service write.
    AccessError,
    /// The sink could not take records for another reason.
    UnknownError,
}
