//! DHCP options sets.

use serde::{Deserialize, Serialize};

use crate::{AccountId, DhcpOptionsId};

/// A DHCP options set, immutable once made (`DHCP-1`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DhcpOptions {
    pub id: DhcpOptionsId,
    pub owner: AccountId,
    /// Key and values in the order given, such as `domain-name-servers` and `AmazonProvidedDNS`.
    pub configurations: Vec<(String, Vec<String>)>,
    /// Whether it is the set that the account found in the region, for every new VPC (`VPC-3`).
    #[serde(default)]
    pub is_default: bool,
}
