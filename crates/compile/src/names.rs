//! From the engine's numbers back to AWS ids, for traces.

use std::fmt;

use ipnet::IpNet;
use openvpc_engine::{
    EniIndex, NetworkAclIndex, RouteTableIndex, RuleRef, SecurityGroupIndex, Shared, SubnetIndex,
    VpcIndex,
};
use openvpc_flowlog::RuleText;
use openvpc_model::{
    NetworkAclId, NetworkInterfaceId, RouteTableId, RouteTarget, SecurityGroupId,
    SecurityGroupRuleId, SubnetId, VpcId,
};
use serde::{Deserialize, Serialize};

/// The meaning of every number in one snapshot. Copies share what they have in common, as those of snapshots do.
#[derive(Debug, Clone, Default)]
pub struct Names {
    pub(crate) rules: Shared<RuleRef, RuleName>,
    pub(crate) vpcs: Shared<VpcIndex, VpcId>,
    pub(crate) subnets: Shared<SubnetIndex, SubnetId>,
    pub(crate) security_groups: Shared<SecurityGroupIndex, SecurityGroupId>,
    pub(crate) network_acls: Shared<NetworkAclIndex, Option<NetworkAclId>>,
    pub(crate) route_tables: Shared<RouteTableIndex, Option<RouteTableId>>,
    pub(crate) network_interfaces: Shared<EniIndex, NetworkInterfaceId>,
    /// Where routes lead that leave their VPC by a gateway.
    pub(crate) gateways: Shared<RuleRef, RouteTarget>,
    pub(crate) epoch: u64,
}

/// One rule, entry or route that can decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RuleName {
    SecurityGroupRule {
        group: SecurityGroupId,
        rule: SecurityGroupRuleId,
    },
    NetworkAclEntry {
        acl: NetworkAclId,
        is_egress: bool,
        /// 32767 and 32768 are the closing denies, shown as `*`.
        rule_number: u16,
    },
    Route {
        table: RouteTableId,
        destination: IpNet,
    },
}

impl fmt::Display for RuleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RuleName::SecurityGroupRule { group, rule } => write!(f, "rule {rule} of {group}"),
            RuleName::NetworkAclEntry {
                acl,
                is_egress,
                rule_number,
            } => {
                let direction = if *is_egress { "outbound" } else { "inbound" };
                match rule_number {
                    32767.. => write!(f, "{direction} entry * of {acl}"),
                    number => write!(f, "{direction} entry {number} of {acl}"),
                }
            }
            RuleName::Route { table, destination } => write!(f, "route {destination} of {table}"),
        }
    }
}

impl RuleName {
    /// The rule as flow logs show it; `gateway` is where it leads, if it is a route.
    pub fn text(&self, gateway: Option<RouteTarget>) -> RuleText {
        match self {
            RuleName::SecurityGroupRule { rule, .. } => {
                RuleText::SecurityGroupRule(rule.to_string())
            }
            RuleName::NetworkAclEntry {
                acl, rule_number, ..
            } => RuleText::NetworkAclEntry {
                acl: acl.to_string(),
                number: match rule_number {
                    32767.. => "*".to_owned(),
                    number => number.to_string(),
                },
            },
            RuleName::Route { table, destination } => RuleText::Route {
                table: table.to_string(),
                destination: destination.to_string(),
                gateway: gateway.and_then(gateway_id),
            },
        }
    }
}

fn gateway_id(target: RouteTarget) -> Option<String> {
    match target {
        RouteTarget::Local => None,
        RouteTarget::InternetGateway(id) => Some(id.to_string()),
        RouteTarget::NetworkInterface(id) => Some(id.to_string()),
        RouteTarget::NatGateway(id) => Some(id.to_string()),
        RouteTarget::EgressOnlyInternetGateway(id) => Some(id.to_string()),
        RouteTarget::VpcPeeringConnection(id) => Some(id.to_string()),
        RouteTarget::VpcEndpoint(id) => Some(id.to_string()),
    }
}

impl Names {
    /// Gives a rule its number.
    pub(crate) fn add_rule(&mut self, name: RuleName) -> RuleRef {
        self.rules.push(name)
    }

    /// The rule, entry or route of a trace's step.
    pub fn rule(&self, reference: RuleRef) -> Option<RuleName> {
        self.rules.get(reference).copied()
    }

    /// How many rules, entries and routes have had names since [`Names::epoch`].
    pub fn rules(&self) -> usize {
        self.rules.slots()
    }

    /// How many numbers of any kind have been given since [`Names::epoch`].
    pub(crate) fn numbers(&self) -> usize {
        self.rules.slots()
            + self.vpcs.slots()
            + self.subnets.slots()
            + self.security_groups.slots()
            + self.network_acls.slots()
            + self.route_tables.slots()
    }

    /// The revision at which numbers were given anew; since then a number means the same rule.
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// Where a route leads that leaves its VPC by a gateway.
    pub fn gateway(&self, route: RuleRef) -> Option<RouteTarget> {
        self.gateways.get(route).copied()
    }

    /// A VPC.
    pub fn vpc(&self, index: VpcIndex) -> Option<VpcId> {
        self.vpcs.get(index).copied()
    }

    /// A subnet.
    pub fn subnet(&self, index: SubnetIndex) -> Option<SubnetId> {
        self.subnets.get(index).copied()
    }

    /// A security group.
    pub fn security_group(&self, index: SecurityGroupIndex) -> Option<SecurityGroupId> {
        self.security_groups.get(index).copied()
    }

    /// A network ACL; none for the one that stands in for a missing one.
    pub fn network_acl(&self, index: NetworkAclIndex) -> Option<NetworkAclId> {
        self.network_acls.get(index).copied().flatten()
    }

    /// A route table; none for the one that stands in for a missing one.
    pub fn route_table(&self, index: RouteTableIndex) -> Option<RouteTableId> {
        self.route_tables.get(index).copied().flatten()
    }

    /// A network interface.
    pub fn network_interface(&self, index: EniIndex) -> Option<NetworkInterfaceId> {
        self.network_interfaces.get(index).copied()
    }
}
