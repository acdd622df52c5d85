//! What a region can be asked, beyond its tables.

use serde::{Deserialize, Serialize};

use crate::*;

/// How many client tokens a region remembers; the oldest are forgotten first.
pub const CLIENT_TOKENS_MAX: usize = 10_000;

/// A used client token: the same token with the same arguments gets the same answer again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientToken {
    pub account: AccountId,
    pub action: String,
    pub token: String,
    /// SHA-256 of the arguments, hex.
    pub arguments: String,
    /// The answer that was given, as JSON text.
    pub answer: String,
    pub at: UnixMillis,
}

/// Whose tags of a resource: an account that joins in a resource of another one gives it tags of its own (`PCX-13`).
pub fn tag_holder(resource: &str, account: &AccountId) -> String {
    format!("{resource}/{account}")
}

impl Region {
    /// Forgets the tags that anybody gave a resource.
    pub(crate) fn forget_tags(&mut self, resource: &str) {
        self.tags.remove(resource);
        // Few resources are of two accounts, and their tags stand side by side.
        let first = format!("{resource}/");
        let theirs = self.tags.range(first.clone()..);
        let theirs = theirs.take_while(|(holder, _)| holder.starts_with(&first));
        let theirs: Vec<String> = theirs.map(|(holder, _)| holder.clone()).collect();
        for holder in theirs {
            self.tags.remove(&holder);
        }
    }

    pub(crate) fn remember_client_token(&mut self, token: ClientToken) {
        if self.client_tokens.len() == CLIENT_TOKENS_MAX {
            self.client_tokens.pop_front();
        }
        self.client_tokens.push_back(token);
    }

    /// The route table that a subnet uses: its own association or else the VPC's main table.
    pub fn route_table_of(&self, subnet: &Subnet) -> Option<&RouteTable> {
        let mut main = None;
        for table in self.route_tables.values().filter(|t| t.vpc == subnet.vpc) {
            for association in &table.associations {
                match association.target {
                    AssociationTarget::Subnet(id) if id == subnet.id => return Some(table),
                    AssociationTarget::Main => main = Some(table),
                    AssociationTarget::Subnet(_) | AssociationTarget::InternetGateway(_) => {}
                }
            }
        }
        main
    }

    /// The internet gateway attached to a VPC.
    pub fn internet_gateway_of(&self, vpc: VpcId) -> Option<&InternetGateway> {
        self.internet_gateways
            .values()
            .find(|igw| igw.vpc == Some(vpc))
    }

    /// Whether a route's target is there and can carry (`RT-9`); otherwise it is a blackhole.
    pub fn is_route_active(&self, vpc: VpcId, target: RouteTarget) -> bool {
        match target {
            RouteTarget::Local => true,
            RouteTarget::InternetGateway(id) => self
                .internet_gateways
                .get(&id)
                .is_some_and(|igw| igw.vpc == Some(vpc)),
            RouteTarget::NetworkInterface(id) => self
                .network_interfaces
                .get(&id)
                .is_some_and(NetworkInterface::can_carry),
            RouteTarget::NatGateway(id) => self
                .nat_gateways
                .get(&id)
                .is_some_and(|nat| nat.is_live() && nat.vpc == vpc),
            RouteTarget::EgressOnlyInternetGateway(id) => self
                .egress_only_internet_gateways
                .get(&id)
                .is_some_and(|gateway| gateway.vpc == vpc),
            RouteTarget::VpcPeeringConnection(id) => self
                .vpc_peering_connections
                .get(&id)
                .is_some_and(|peering| peering.is_active() && peering.far_end(vpc).is_some()),
            RouteTarget::VpcEndpoint(id) => self
                .vpc_endpoints
                .get(&id)
                .is_some_and(|endpoint| endpoint.is_available() && endpoint.vpc == vpc),
        }
    }
}
