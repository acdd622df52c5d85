//! What is written down: state-carrying events, one journal entry per API call.
//!
//! An event holds the whole resource as it is afterwards. Applying one can therefore neither fail
//! nor depend on how the region came to be, and two events for one resource commute into the last.

use serde::{Deserialize, Serialize};

use crate::*;

/// One API call, or one thing that happened to the world, as it was made durable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// 1, 2, 3 … without gaps.
    pub revision: u64,
    pub at: UnixMillis,
    pub region: String,
    pub account: AccountId,
    /// The API action, or what else caused it (`InstanceRunning`).
    pub action: String,
    pub events: Vec<Event>,
}

/// Tags of one resource, by key.
pub type Tags = std::collections::BTreeMap<String, String>;

/// Declares, for every kind of resource, its two events and its place in the region.
macro_rules! resources {
    ($($table:ident: $kind:ident[$id:ty] => $put:ident, $deleted:ident;)*) => {
        /// A change to a region.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        pub enum Event {
            $(
                #[doc = concat!("A ", stringify!($kind), " was made or changed: it is now this.")]
                $put($kind),
                #[doc = concat!("A ", stringify!($kind), " is gone, and its tags with it.")]
                $deleted($id),
            )*
            /// The tags of a resource are now these; empty means none.
            TagsPut { resource: String, tags: Tags },
            /// A client token was used for the first time.
            ClientTokenPut(ClientToken),
            /// An availability zone is lost: nothing in it carries packets, until it is restored.
            ZoneLost(String),
            /// An availability zone is whole again.
            ZoneRestored(String),
            /// The account has been given its default VPC and default DHCP options in this region.
            AccountBootstrapped(AccountId),
            /// Identities of the entry's account changed; no region has a part in it.
            Iam(IamEvent),
        }

        /// Everything in one region, of all accounts.
        #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
        pub struct Region {
            $(#[serde(default)]
            pub $table: Table<$id, $kind>,)*
            /// By resource id as text, or [`tag_holder`]; no entry when there are none.
            pub tags: Table<String, Tags>,
            /// Oldest first; bounded by [`CLIENT_TOKENS_MAX`].
            pub client_tokens: Kept<std::collections::VecDeque<ClientToken>>,
            pub bootstrapped_accounts: std::collections::BTreeSet<AccountId>,
            /// Names of the availability zones that are lost.
            #[serde(default)]
            pub lost_zones: std::collections::BTreeSet<String>,
        }

        impl Region {
            /// Makes the region what the event says.
            pub fn apply(&mut self, event: Event) {
                match event {
                    $(
                        Event::$put(resource) => {
                            self.$table.insert(resource.id, resource);
                        }
                        Event::$deleted(id) => {
                            self.$table.remove(&id);
                            self.forget_tags(&id.to_string());
                        }
                    )*
                    Event::TagsPut { resource, tags } => {
                        if tags.is_empty() {
                            self.tags.remove(&resource);
                        } else {
                            self.tags.insert(resource, tags);
                        }
                    }
                    Event::ClientTokenPut(token) => self.remember_client_token(token),
                    Event::AccountBootstrapped(account) => {
                        self.bootstrapped_accounts.insert(account);
                    }
                    Event::ZoneLost(zone) => {
                        self.lost_zones.insert(zone);
                    }
                    Event::ZoneRestored(zone) => {
                        self.lost_zones.remove(&zone);
                    }
                    Event::Iam(_) => {}
                }
            }
        }
    };
}

resources! {
    vpcs: Vpc[VpcId] => VpcPut, VpcDeleted;
    subnets: Subnet[SubnetId] => SubnetPut, SubnetDeleted;
    subnet_cidr_reservations: SubnetCidrReservation[SubnetCidrReservationId] => SubnetCidrReservationPut, SubnetCidrReservationDeleted;
    route_tables: RouteTable[RouteTableId] => RouteTablePut, RouteTableDeleted;
    internet_gateways: InternetGateway[InternetGatewayId] => InternetGatewayPut, InternetGatewayDeleted;
    egress_only_internet_gateways: EgressOnlyInternetGateway[EgressOnlyInternetGatewayId] => EgressOnlyInternetGatewayPut, EgressOnlyInternetGatewayDeleted;
    nat_gateways: NatGateway[NatGatewayId] => NatGatewayPut, NatGatewayDeleted;
    vpc_peering_connections: VpcPeeringConnection[VpcPeeringConnectionId] => VpcPeeringConnectionPut, VpcPeeringConnectionDeleted;
    vpc_endpoints: VpcEndpoint[VpcEndpointId] => VpcEndpointPut, VpcEndpointDeleted;
    vpc_endpoint_services: VpcEndpointService[VpcEndpointServiceId] => VpcEndpointServicePut, VpcEndpointServiceDeleted;
    connection_notifications: ConnectionNotification[ConnectionNotificationId] => ConnectionNotificationPut, ConnectionNotificationDeleted;
    load_balancers: LoadBalancer[LoadBalancerId] => LoadBalancerPut, LoadBalancerDeleted;
    listeners: Listener[ListenerId] => ListenerPut, ListenerDeleted;
    target_groups: TargetGroup[TargetGroupId] => TargetGroupPut, TargetGroupDeleted;
    addresses: Address[AllocationId] => AddressPut, AddressDeleted;
    network_interfaces: NetworkInterface[NetworkInterfaceId] => NetworkInterfacePut, NetworkInterfaceDeleted;
    security_groups: SecurityGroup[SecurityGroupId] => SecurityGroupPut, SecurityGroupDeleted;
    network_acls: NetworkAcl[NetworkAclId] => NetworkAclPut, NetworkAclDeleted;
    prefix_lists: PrefixList[PrefixListId] => PrefixListPut, PrefixListDeleted;
    dhcp_options: DhcpOptions[DhcpOptionsId] => DhcpOptionsPut, DhcpOptionsDeleted;
    instances: Instance[InstanceId] => InstancePut, InstanceDeleted;
    flow_logs: FlowLog[FlowLogId] => FlowLogPut, FlowLogDeleted;
    network_insights_paths: NetworkInsightsPath[NetworkInsightsPathId] => NetworkInsightsPathPut, NetworkInsightsPathDeleted;
    network_insights_analyses: NetworkInsightsAnalysis[NetworkInsightsAnalysisId] => NetworkInsightsAnalysisPut, NetworkInsightsAnalysisDeleted;
}
