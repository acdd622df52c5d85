//! What calls about endpoints can say, of either kind: each kind refuses what is not for it.

use openvpc_ec2::Error;
use serde::Deserialize;

use crate::tags::TagSpecification;

/// The kinds that can be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Gateway,
    Interface,
}

impl Kind {
    /// The value on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Gateway => "Gateway",
            Kind::Interface => "Interface",
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct CreateRequest {
    pub vpc_id: Option<String>,
    pub service_name: Option<String>,
    pub service_region: Option<String>,
    pub vpc_endpoint_type: Option<String>,
    pub route_table_ids: Vec<String>,
    pub subnet_ids: Vec<String>,
    pub subnet_configurations: Vec<SubnetConfiguration>,
    pub security_group_ids: Vec<String>,
    pub private_dns_enabled: Option<bool>,
    pub policy_document: Option<String>,
    pub ip_address_type: Option<String>,
    pub dns_options: Option<DnsOptions>,
    pub client_token: Option<String>,
    pub tag_specifications: Vec<TagSpecification>,
}

impl CreateRequest {
    /// # Errors
    /// `InvalidVpcEndpointType`; `UnsupportedOperation` for AWS's kinds that are not built.
    pub fn kind(&self) -> Result<Kind, Error> {
        match self.vpc_endpoint_type.as_deref() {
            None | Some("" | "Gateway") => Ok(Kind::Gateway),
            Some("Interface") => Ok(Kind::Interface),
            Some(known @ ("GatewayLoadBalancer" | "Resource" | "ServiceNetwork")) => {
                Err(Error::unsupported_operation(format!(
                    "VPC endpoints of the type {known} are not supported."
                )))
            }
            Some(other) => Err(Error::new(
                "InvalidVpcEndpointType",
                format!("The Vpc Endpoint type '{other}' is invalid"),
            )),
        }
    }
}

/// One `SubnetConfiguration.N`: the address that the endpoint's interface is to have in a subnet.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct SubnetConfiguration {
    pub subnet_id: Option<String>,
    pub ipv4: Option<String>,
    pub ipv6: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct DnsOptions {
    pub dns_record_ip_type: Option<String>,
    pub private_dns_only_for_inbound_resolver_endpoint: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ModifyRequest {
    pub vpc_endpoint_id: Option<String>,
    pub add_route_table_ids: Vec<String>,
    pub remove_route_table_ids: Vec<String>,
    pub add_subnet_ids: Vec<String>,
    pub remove_subnet_ids: Vec<String>,
    pub subnet_configurations: Vec<SubnetConfiguration>,
    pub add_security_group_ids: Vec<String>,
    pub remove_security_group_ids: Vec<String>,
    pub private_dns_enabled: Option<bool>,
    pub policy_document: Option<String>,
    pub reset_policy: Option<bool>,
    pub ip_address_type: Option<String>,
    pub dns_options: Option<DnsOptions>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct DeleteRequest {
    pub vpc_endpoint_ids: Vec<String>,
}
