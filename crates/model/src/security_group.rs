//! Security groups and their rules.

use ipnet::{Ipv4Net, Ipv6Net};
use serde::{Deserialize, Serialize};

use crate::{AccountId, PrefixListId, SecurityGroupId, SecurityGroupRuleId, VpcId};

/// A security group: allow rules only, stateful (`SG-1`, `SG-6`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecurityGroup {
    pub id: SecurityGroupId,
    pub owner: AccountId,
    pub vpc: VpcId,
    pub name: String,
    pub description: String,
    pub rules: Vec<SecurityGroupRule>,
}

/// One rule: one direction, one protocol, one peer (`SG-3`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecurityGroupRule {
    pub id: SecurityGroupRuleId,
    pub is_egress: bool,
    pub traffic: RuleTraffic,
    pub peer: RulePeer,
    pub description: Option<String>,
}

/// Which packets a rule speaks of, apart from the peer (`SG-4`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum RuleTraffic {
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
    /// Any other IANA protocol number; ports do not apply.
    Protocol(u8),
}

/// Whom a rule speaks of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum RulePeer {
    Ipv4(Ipv4Net),
    Ipv6(Ipv6Net),
    /// Private addresses of interfaces that hold the group (`SG-5`). The account is the group's owner.
    SecurityGroup {
        id: SecurityGroupId,
        owner: AccountId,
        /// The group's VPC, when it is another one than the rule's: one that was peered with it (`PCX-40`).
        #[serde(default)]
        peer_vpc: Option<VpcId>,
    },
    /// Every block of the list, AWS's or a customer's (`PL-3`).
    PrefixList(PrefixListId),
}
