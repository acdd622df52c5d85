//! Endpoint services: what a provider offers to endpoints of others (`EP-1` to `EP-7`, `EP-11`).

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{
    AccountId, ConnectionNotificationId, LoadBalancerId, UnixMillis, VpcEndpointId,
    VpcEndpointServiceId, VpcEndpointServicePermissionId,
};

/// A service behind Network Load Balancers, which interface endpoints can lead to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VpcEndpointService {
    pub id: VpcEndpointServiceId,
    pub owner: AccountId,
    /// Never empty; a load balancer serves one service (`EP-2`).
    pub load_balancers: BTreeSet<LoadBalancerId>,
    /// Whether each endpoint waits for the provider's word (`EP-5`).
    pub acceptance_required: bool,
    /// Who beside the owner may know of it, by ARN or `*` (`EP-4`).
    pub allowed_principals: BTreeMap<String, VpcEndpointServicePermissionId>,
    pub private_dns_name: Option<ProviderDnsName>,
    pub created_at: UnixMillis,
}

impl VpcEndpointService {
    /// The name of a service, from which its endpoints' names are made (spec 04 §3).
    pub fn base_dns_name(&self, region: &str) -> String {
        format!("{}.{region}.vpce.amazonaws.com", self.id)
    }

    /// Whether endpoints may take its private name over.
    pub fn verified_dns_name(&self) -> Option<&str> {
        let name = self.private_dns_name.as_ref();
        let verified = name.filter(|name| name.state == DnsNameState::Verified);
        verified.map(|name| name.name.as_str())
    }
}

/// A provider's own name for its service, which it must show to be its own (`EP-7`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderDnsName {
    pub name: String,
    pub state: DnsNameState,
    /// The label of the TXT record below the domain, with its underscore.
    pub record: String,
    /// What that must say.
    pub value: String,
    /// Since when somebody is to look for it.
    pub asked_at: Option<UnixMillis>,
}

/// How far the proof is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum DnsNameState {
    PendingVerification,
    Verified,
    Failed,
}

impl DnsNameState {
    /// The value on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            DnsNameState::PendingVerification => "pendingVerification",
            DnsNameState::Verified => "verified",
            DnsNameState::Failed => "failed",
        }
    }
}

/// Somebody who wants to be told of connections. It is kept; nothing is sent (`EP-11`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectionNotification {
    pub id: ConnectionNotificationId,
    pub owner: AccountId,
    pub subject: NotificationSubject,
    /// The ARN of an SNS topic.
    pub topic: String,
    pub events: BTreeSet<ConnectionEvent>,
}

/// What a notification is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum NotificationSubject {
    Service(VpcEndpointServiceId),
    Endpoint(VpcEndpointId),
}

/// What is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ConnectionEvent {
    Accept,
    Connect,
    Delete,
    Reject,
}

impl ConnectionEvent {
    pub const ALL: [ConnectionEvent; 4] = [
        ConnectionEvent::Accept,
        ConnectionEvent::Connect,
        ConnectionEvent::Delete,
        ConnectionEvent::Reject,
    ];

    /// The value on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            ConnectionEvent::Accept => "Accept",
            ConnectionEvent::Connect => "Connect",
            ConnectionEvent::Delete => "Delete",
            ConnectionEvent::Reject => "Reject",
        }
    }
}
