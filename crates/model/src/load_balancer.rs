//! Network Load Balancers and their listeners (`EP-8`). Source: ELBv2 API reference; Network Load Balancer guide.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    AccountId, ListenerId, LoadBalancerId, NetworkInterfaceId, SecurityGroupId, SubnetId,
    TargetGroupId, UnixMillis, VpcId,
};

/// A Network Load Balancer: one node a subnet, each of which spreads connections over targets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoadBalancer {
    pub id: LoadBalancerId,
    pub owner: AccountId,
    pub name: String,
    pub vpc: VpcId,
    pub scheme: LoadBalancerScheme,
    /// Its nodes: one network interface a subnet, of one zone each.
    pub nodes: BTreeMap<SubnetId, NetworkInterfaceId>,
    /// Empty for one that was made without: none can be given to it then.
    pub security_groups: Vec<SecurityGroupId>,
    /// `EP-10`.
    pub enforce_groups_on_private_link: bool,
    pub cross_zone: bool,
    pub deletion_protection: bool,
    pub created_at: UnixMillis,
}

impl LoadBalancer {
    /// What an ARN says after `loadbalancer/`, and a listener's after `listener/`.
    pub fn path(&self) -> String {
        format!("net/{}/{}", self.name, self.id.hex())
    }

    pub fn arn(&self, region: &str) -> String {
        elb_arn(region, &self.owner, "loadbalancer", &self.path())
    }

    /// The name that leads to all its nodes.
    pub fn dns_name(&self, region: &str) -> String {
        format!("{}-{}.elb.{region}.amazonaws.com", self.name, self.id.hex())
    }

    /// The name of its node in a zone.
    pub fn zonal_dns_name(&self, region: &str, zone: &str) -> String {
        format!("{zone}.{}", self.dns_name(region))
    }

    /// Of the interfaces of its nodes.
    pub fn node_description(&self) -> String {
        format!("ELB {}", self.path())
    }
}

/// `arn:aws:elasticloadbalancing:<region>:<account>:<kind>/<path>`.
pub fn elb_arn(region: &str, owner: &AccountId, kind: &str, path: &str) -> String {
    format!("arn:aws:elasticloadbalancing:{region}:{owner}:{kind}/{path}")
}

/// Whether nodes have public addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum LoadBalancerScheme {
    InternetFacing,
    Internal,
}

impl LoadBalancerScheme {
    /// The value on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            LoadBalancerScheme::InternetFacing => "internet-facing",
            LoadBalancerScheme::Internal => "internal",
        }
    }
}

/// A TCP port of a load balancer, and who gets its connections.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listener {
    pub id: ListenerId,
    pub owner: AccountId,
    pub load_balancer: LoadBalancerId,
    pub port: u16,
    pub target_group: TargetGroupId,
    /// `tcp.idle_timeout.seconds`.
    pub idle_secs: u16,
}

impl Listener {
    /// Of a listener of `load_balancer`.
    pub fn arn(&self, region: &str, load_balancer: &LoadBalancer) -> String {
        let path = format!("{}/{}", load_balancer.path(), self.id.hex());
        elb_arn(region, &self.owner, "listener", &path)
    }
}
