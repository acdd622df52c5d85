//! VPC endpoints: private ways from a VPC to a service.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    AccountId, NetworkInterfaceId, SecurityGroupId, SubnetId, UnixMillis, VpcEndpointId,
    VpcEndpointServiceId, VpcId,
};

/// What an endpoint without a policy of its own lets through: everything (`GP-1`).
const GATEWAY_POLICY: &str = r#"{"Version":"2008-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#;
/// The same of an interface endpoint (`IP-7`).
const INTERFACE_POLICY: &str =
    r#"{"Statement":[{"Action":"*","Effect":"Allow","Principal":"*","Resource":"*"}]}"#;

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

    /// The policy in force.
    pub fn policy_document(&self) -> &str {
        match (&self.policy, &self.kind) {
            (Some(policy), _) => policy,
            (None, VpcEndpointKind::Gateway) => GATEWAY_POLICY,
            (None, VpcEndpointKind::Interface(_)) => INTERFACE_POLICY,
        }
    }

    /// The name that stands for all its interfaces, wherever it is asked (`IN-1`); none of a gateway endpoint.
    pub fn dns_name(&self, region: &str) -> Option<String> {
        self.named(region, "")
    }

    /// The name that stands for its interface in one zone.
    pub fn zonal_dns_name(&self, region: &str, zone: &str) -> Option<String> {
        self.named(region, &format!("-{zone}"))
    }

    fn named(&self, region: &str, zone: &str) -> Option<String> {
        let label = &self.interface()?.dns_label;
        let domain = self.service.vpce_domain(region);
        Some(format!("{}-{label}{zone}.{domain}", self.id))
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

    /// The domain of the names that its interface endpoints have (spec 04 §3).
    pub fn vpce_domain(&self, region: &str) -> String {
        match self {
            EndpointService::Aws(short) => format!("{short}.{region}.vpce.amazonaws.com"),
            EndpointService::Customer(id) => format!("{id}.{region}.vpce.amazonaws.com"),
        }
    }

    /// The service of AWS that it is, if it is one.
    pub fn aws(&self) -> Option<AwsEndpointService> {
        match self {
            EndpointService::Aws(short) => {
                let mut all = aws_endpoint_services().into_iter();
                all.find(|service| service.name == short)
            }
            EndpointService::Customer(_) => None,
        }
    }
}

/// A service of AWS that endpoints can lead to. Interface endpoints can lead to each, gateway endpoints to some.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AwsEndpointService {
    /// As in `com.amazonaws.<region>.<name>`.
    pub name: &'static str,
    /// Whether there is a prefix list of it, to which a gateway endpoint routes (`GE-1`).
    pub gateway: bool,
}

impl AwsEndpointService {
    /// Whether private DNS may be kept from the VPC itself, whose own queries then lead to the public addresses (`IN-5`).
    pub fn has_inbound_only_names(self) -> bool {
        self.name == "s3"
    }

    /// Whether each name below an endpoint's own is an endpoint name too: `bucket.vpce-…`, `control.vpce-…` (`IN-5`).
    pub fn has_names_below(self) -> bool {
        self.name == "s3"
    }

    /// The names that private DNS of an interface endpoint takes over (`IN-2`, `IN-5`).
    pub fn private_dns_names(self, region: &str) -> Vec<String> {
        let name = |front: &str| format!("{front}.{region}.amazonaws.com");
        match self.name {
            "s3" => vec![
                name("s3"),
                name("*.s3"),
                name("*.s3-control"),
                name("*.s3-accesspoint"),
            ],
            short => vec![name(short)],
        }
    }
}

/// All of them, ascending by name (spec 04 §6).
pub fn aws_endpoint_services() -> [AwsEndpointService; 11] {
    [
        "dynamodb",
        "ec2",
        "elasticloadbalancing",
        "logs",
        "monitoring",
        "s3",
        "secretsmanager",
        "sns",
        "sqs",
        "ssm",
        "sts",
    ]
    .map(|name| AwsEndpointService {
        name,
        gateway: matches!(name, "s3" | "dynamodb"),
    })
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

impl VpcEndpointKind {
    /// The value on the wire.
    pub fn as_str(&self) -> &'static str {
        match self {
            VpcEndpointKind::Gateway => "Gateway",
            VpcEndpointKind::Interface(_) => "Interface",
        }
    }
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
    /// The private names are not for the VPC itself (`IN-5`).
    #[serde(default)]
    pub private_dns_only_for_inbound_resolver: bool,
    /// The eight letters and digits that follow the id in its names (spec 04 §3).
    pub dns_label: String,
    pub ip_address_type: EndpointIpAddressType,
    /// `DnsRecordIpType`: of which families its names tell addresses, where it was said; none is `service-defined`, as the
    /// addresses are.
    #[serde(default)]
    pub dns_record_ip_type: Option<EndpointIpAddressType>,
}

impl InterfaceEndpoint {
    /// The families that its names tell.
    pub fn dns_records(&self) -> EndpointIpAddressType {
        self.dns_record_ip_type.unwrap_or(self.ip_address_type)
    }
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
