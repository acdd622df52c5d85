//! VPC endpoints: private ways from a VPC to a service.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    AccountId, NetworkInterfaceId, SecurityGroupId, SubnetId, UnixMillis, VpcEndpointId,
    VpcEndpointServiceId, VpcId,
};

/// A VPC endpoint (`GE-2`, `IE-1`). One that was deleted is gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VpcEndpoint {
    pub id: VpcEndpointId,
    pub owner: AccountId,
    pub vpc: VpcId,
    pub service: EndpointService,
    pub state: VpcEndpointState,
    /// The policy as it was given; none is the default one, which lets everything through (`GP-1`).
    pub policy: Option<String>,
    pub kind: VpcEndpointKind,
    pub created_at: UnixMillis,
}

impl VpcEndpoint {
    /// Whether packets may pass.
    pub fn is_available(&self) -> bool {
        self.state == VpcEndpointState::Available
    }

    /// What an interface endpoint has; none of a gateway endpoint.
    pub fn interface(&self) -> Option<&InterfaceEndpoint> {
        match &self.kind {
            VpcEndpointKind::Gateway => None,
            VpcEndpointKind::Interface(interface) => Some(interface),
        }
    }
}

/// What an endpoint leads to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum EndpointService {
    /// An AWS service of the endpoint's own region, by its short name: `s3` of `com.amazonaws.<region>.s3`.
    Aws(String),
    /// Somebody's own, behind load balancers (`EP-1`).
    Customer(VpcEndpointServiceId),
}

impl EndpointService {
    /// As in `ServiceName`.
    pub fn name(&self, region: &str) -> String {
        match self {
            EndpointService::Aws(short) => format!("com.amazonaws.{region}.{short}"),
            EndpointService::Customer(id) => format!("com.amazonaws.vpce.{region}.{id}"),
        }
    }
}

/// How an endpoint stands in its VPC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum VpcEndpointKind {
    /// By routes to the service's prefix list, which stand in the route tables themselves
    /// ([`crate::RouteTarget`]): its tables are those that have one.
    Gateway,
    /// By network interfaces with private addresses.
    Interface(InterfaceEndpoint),
}

/// The life of an endpoint. `pending` and `deleting` are never stored: they last no longer than the answer that says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum VpcEndpointState {
    Available,
    /// The provider has not yet answered (`IE-8`).
    PendingAcceptance,
    Rejected,
}

impl VpcEndpointState {
    /// The value on the wire, lower camel case (`GE-2`).
    pub fn as_str(self) -> &'static str {
        match self {
            VpcEndpointState::Available => "available",
            VpcEndpointState::PendingAcceptance => "pendingAcceptance",
            VpcEndpointState::Rejected => "rejected",
        }
    }
}

/// What only an interface endpoint has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InterfaceEndpoint {
    /// One network interface a chosen subnet, of one zone each (`IE-2`, `IE-7`).
    pub network_interfaces: BTreeMap<SubnetId, NetworkInterfaceId>,
    /// Those of all its interfaces, kept here too since it may have none.
    pub security_groups: Vec<SecurityGroupId>,
    pub private_dns: bool,
    /// The eight letters and digits that follow the id in its names (spec 04 §3).
    pub dns_label: String,
    pub ip_address_type: EndpointIpAddressType,
}

/// Which families an interface endpoint has addresses of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum EndpointIpAddressType {
    Ipv4,
    Dualstack,
    Ipv6,
}

impl EndpointIpAddressType {
    /// The value on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            EndpointIpAddressType::Ipv4 => "ipv4",
            EndpointIpAddressType::Dualstack => "dualstack",
            EndpointIpAddressType::Ipv6 => "ipv6",
        }
    }
}
