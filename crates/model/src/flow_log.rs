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
    CloudWatchLogs { log_group: String },
}
