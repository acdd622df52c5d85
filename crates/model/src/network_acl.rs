//! Network ACLs and their entries.

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use crate::{AccountId, NetworkAclId, VpcId};

/// A network ACL: ordered, stateless, at the subnet's edge (`ACL-1`). The closing deny entries
/// 32767 and 32768 (`ACL-2`) are implied, not stored. Subnets name their ACL, not the other way round.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkAcl {
    pub id: NetworkAclId,
    pub owner: AccountId,
    pub vpc: VpcId,
    pub is_default: bool,
    /// Unique by (direction, number); ascending by number within a direction.
    pub entries: Vec<NetworkAclEntry>,
}

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkAclEntry {
    pub rule_number: RuleNumber,
    /// Outbound if true, inbound otherwise.
    pub is_egress: bool,
    pub allow: bool,
    pub traffic: AclTraffic,
    pub cidr: IpNet,
}

/// 1 to 32766.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct RuleNumber(u16);

impl RuleNumber {
    /// The largest number that a user may take.
    pub const MAX: u16 = 32766;

    /// The number itself.
    pub fn get(self) -> u16 {
        self.0
    }
}

impl TryFrom<u16> for RuleNumber {
    type Error = String;
    fn try_from(number: u16) -> Result<Self, String> {
        match number {
            1..=Self::MAX => Ok(RuleNumber(number)),
            _ => Err(format!("rule number {number} is outside 1-{}", Self::MAX)),
        }
    }
}

impl From<RuleNumber> for u16 {
    fn from(number: RuleNumber) -> u16 {
        number.0
    }
}

/// Which packets an entry speaks of, apart from the addresses (`ACL-4`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum AclTraffic {
    /// `-1`: every protocol, every port.
    All,
    /// Destination ports `from..=to`.
    Tcp { from: u16, to: u16 },
    /// Destination ports `from..=to`.
    Udp { from: u16, to: u16 },
    /// Type and code; `None` is any (`-1`).
    Icmp { kind: Option<u8>, code: Option<u8> },
    /// Type and code; `None` is any (`-1`).
    Icmpv6 { kind: Option<u8>, code: Option<u8> },
    /// Any other IANA protocol number.
    Protocol(u8),
}
