//! Instances.

use serde::{Deserialize, Serialize};

use crate::{
    AccountId, ImageId, InstanceId, NetworkInterfaceId, ProfileAssociationId, ReservationId,
    SubnetId, UnixMillis, VpcId,
};

/// An instance: a sandbox with network interfaces. Which interfaces are attached is told by
/// [`crate::NetworkInterface::attachment`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instance {
    pub id: InstanceId,
    pub owner: AccountId,
    pub reservation: ReservationId,
    pub launch_index: u32,
    pub image: ImageId,
    pub instance_type: String,
    pub state: InstanceState,
    /// Why the state was left: code and message, such as `Client.UserInitiatedShutdown`.
    pub state_reason: Option<(String, String)>,
    pub vpc: VpcId,
    pub subnet: SubnetId,
    /// The interface with device index 0, kept after termination for the record.
    pub primary_interface: NetworkInterfaceId,
    pub key_name: Option<String>,
    /// As sent, base64.
    pub user_data: Option<String>,
    /// It has been up once: its user data is not run again.
    #[serde(default)]
    pub booted: bool,
    /// How many reboots were asked for: its sandbox is begun anew whenever there are more.
    #[serde(default)]
    pub reboots: u64,
    pub launched_at: UnixMillis,
    pub terminated_at: Option<UnixMillis>,
    pub client_token: Option<String>,
    /// Whether a public address is lent to the primary interface at every start (`EIP-3`).
    #[serde(default)]
    pub associate_public_ip: bool,
    pub disable_api_termination: bool,
    /// `stop` or `terminate`.
    pub shutdown_behavior: String,
    pub metadata_options: MetadataOptions,
    /// What gives it a role.
    #[serde(default)]
    pub profile: Option<ProfileAssociation>,
}

/// The bond between an instance and an instance profile of its account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfileAssociation {
    pub id: ProfileAssociationId,
    /// Name of the profile, its ARN and its unique id when the bond was made.
    pub profile: String,
    pub arn: String,
    pub profile_id: String,
    pub at: UnixMillis,
}

/// Where an instance is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum InstanceState {
    Pending,
    Running,
    ShuttingDown,
    Terminated,
    Stopping,
    Stopped,
}

impl InstanceState {
    /// Code and name on the wire.
    pub fn code_and_name(self) -> (u16, &'static str) {
        match self {
            InstanceState::Pending => (0, "pending"),
            InstanceState::Running => (16, "running"),
            InstanceState::ShuttingDown => (32, "shutting-down"),
            InstanceState::Terminated => (48, "terminated"),
            InstanceState::Stopping => (64, "stopping"),
            InstanceState::Stopped => (80, "stopped"),
        }
    }

    /// Whether a sandbox should exist for it.
    pub fn wants_sandbox(self) -> bool {
        matches!(self, InstanceState::Pending | InstanceState::Running)
    }
}

/// How the metadata service answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetadataOptions {
    /// `optional` or `required`.
    pub http_tokens: String,
    pub http_put_response_hop_limit: u8,
    /// `enabled` or `disabled`.
    pub http_endpoint: String,
    pub http_protocol_ipv6: String,
    pub instance_metadata_tags: String,
}

impl Default for MetadataOptions {
    fn default() -> Self {
        MetadataOptions {
            http_tokens: "optional".to_owned(),
            http_put_response_hop_limit: 1,
            http_endpoint: "enabled".to_owned(),
            http_protocol_ipv6: "disabled".to_owned(),
            instance_metadata_tags: "disabled".to_owned(),
        }
    }
}
