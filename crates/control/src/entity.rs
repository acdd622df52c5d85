//! What every resource of the region has: an id, an owner, a table, two events, a tag type.

use openvpc_ec2::Error;
use openvpc_model::*;

use crate::ids::{Key, not_found};

/// Rules are tagged like resources, though they live in their group.
const RULE_TAG_TYPE: &str = "security-group-rule";

/// A resource that lives in one of the region's tables.
pub trait Entity: Clone + 'static {
    type Id: Key;

    /// The type in TagSpecification, in ARNs and in DescribeTags (spec 06 §1 "Tags").
    const TAG_TYPE: &'static str;

    fn id(&self) -> Self::Id;
    fn owner(&self) -> &AccountId;
    /// Whether an account may know of it: its owner, and for what joins two accounts the other one too.
    fn is_visible_to(&self, account: &AccountId) -> bool;
    fn table(region: &Region) -> &Table<Self::Id, Self>;
    fn put(self) -> Event;
    fn deleted(id: Self::Id) -> Event;
}

/// The tag type of security-group rules: they have ids and tags, and live in their group.
pub const SECURITY_GROUP_RULE: &str = "security-group-rule";

macro_rules! entities {
    ($($kind:ident[$id:ident] in $table:ident, $tag_type:literal, $put:ident, $deleted:ident $(, also of $other:ident)?;)*
     @elastic_load_balancing $($elb_kind:ident[$elb_id:ident] in $elb_table:ident, $elb_type:literal, $elb_put:ident, $elb_deleted:ident;)*) => {
        $(entities! { impl $kind[$id] in $table, $tag_type, $put, $deleted $(, also of $other)? })*
        $(entities! { impl $elb_kind[$elb_id] in $elb_table, $elb_type, $elb_put, $elb_deleted })*


        /// The tag type of whatever resource an id names, by its prefix; `None` for an id that
        /// cannot be tagged.
        pub fn tag_type_of(id: &str) -> Option<&'static str> {
            $(if id.parse::<$id>().is_ok() {
                return Some($tag_type);
            })*
            id.parse::<SecurityGroupRuleId>().ok().map(|_| RULE_TAG_TYPE)
        }

        /// That an id names something of the caller's that can be tagged.
        ///
        /// # Errors
        /// `InvalidID` for an id that cannot be tagged; the resource's not-found code.
        pub fn check_taggable(cx: &crate::Cx, id: &str) -> Result<(), Error> {
            $(if id.parse::<$id>().is_ok() {
                return cx.find::<$kind>(id).map(|_| ());
            })*
            let Ok(rule) = id.parse::<SecurityGroupRuleId>() else {
                return Err(Error::invalid_id(id));
            };
            let mut rules = cx.own::<SecurityGroup>().flat_map(|group| &group.rules);
            match rules.any(|r| r.id == rule) {
                true => Ok(()),
                false => Err(not_found::<SecurityGroupRuleId>(id)),
            }
        }

        /// The id that an event deletes.
        pub fn deleted_id(event: &Event) -> Option<String> {
            match event {
                $(Event::$deleted(id) => Some(id.to_string()),)*
                $(Event::$elb_deleted(id) => Some(id.to_string()),)*
                _ => None,
            }
        }

        /// The id that an event puts.
        pub fn put_id(event: &Event) -> Option<String> {
            match event {
                $(Event::$put(resource) => Some(resource.id.to_string()),)*
                $(Event::$elb_put(resource) => Some(resource.id.to_string()),)*
                _ => None,
            }
        }
    };
    (impl $kind:ident[$id:ident] in $table:ident, $tag_type:literal, $put:ident, $deleted:ident $(, also of $other:ident)?) => {
        impl Entity for $kind {
            type Id = $id;
            const TAG_TYPE: &'static str = $tag_type;
            fn id(&self) -> $id {
                self.id
            }
            fn owner(&self) -> &AccountId {
                &self.owner
            }
            fn is_visible_to(&self, account: &AccountId) -> bool {
                self.owner == *account $(|| self.$other == *account)?
            }
            fn table(region: &Region) -> &Table<$id, Self> {
                &region.$table
            }
            fn put(self) -> Event {
                Event::$put(self)
            }
            fn deleted(id: $id) -> Event {
                Event::$deleted(id)
            }
        }
    };
}

entities! {
    Vpc[VpcId] in vpcs, "vpc", VpcPut, VpcDeleted;
    Subnet[SubnetId] in subnets, "subnet", SubnetPut, SubnetDeleted;
    SubnetCidrReservation[SubnetCidrReservationId] in subnet_cidr_reservations, "subnet-cidr-reservation", SubnetCidrReservationPut, SubnetCidrReservationDeleted;
    RouteTable[RouteTableId] in route_tables, "route-table", RouteTablePut, RouteTableDeleted;
    InternetGateway[InternetGatewayId] in internet_gateways, "internet-gateway", InternetGatewayPut, InternetGatewayDeleted;
    EgressOnlyInternetGateway[EgressOnlyInternetGatewayId] in egress_only_internet_gateways, "egress-only-internet-gateway", EgressOnlyInternetGatewayPut, EgressOnlyInternetGatewayDeleted;
    NatGateway[NatGatewayId] in nat_gateways, "natgateway", NatGatewayPut, NatGatewayDeleted;
    VpcPeeringConnection[VpcPeeringConnectionId] in vpc_peering_connections, "vpc-peering-connection", VpcPeeringConnectionPut, VpcPeeringConnectionDeleted, also of accepter_owner;
    VpcEndpoint[VpcEndpointId] in vpc_endpoints, "vpc-endpoint", VpcEndpointPut, VpcEndpointDeleted;
    VpcEndpointService[VpcEndpointServiceId] in vpc_endpoint_services, "vpc-endpoint-service", VpcEndpointServicePut, VpcEndpointServiceDeleted;
    ConnectionNotification[ConnectionNotificationId] in connection_notifications, "vpc-endpoint-connection-notification", ConnectionNotificationPut, ConnectionNotificationDeleted;
    Address[AllocationId] in addresses, "elastic-ip", AddressPut, AddressDeleted;
    NetworkInterface[NetworkInterfaceId] in network_interfaces, "network-interface", NetworkInterfacePut, NetworkInterfaceDeleted;
    SecurityGroup[SecurityGroupId] in security_groups, "security-group", SecurityGroupPut, SecurityGroupDeleted;
    NetworkAcl[NetworkAclId] in network_acls, "network-acl", NetworkAclPut, NetworkAclDeleted;
    PrefixList[PrefixListId] in prefix_lists, "prefix-list", PrefixListPut, PrefixListDeleted;
    DhcpOptions[DhcpOptionsId] in dhcp_options, "dhcp-options", DhcpOptionsPut, DhcpOptionsDeleted;
    Instance[InstanceId] in instances, "instance", InstancePut, InstanceDeleted;
    FlowLog[FlowLogId] in flow_logs, "vpc-flow-log", FlowLogPut, FlowLogDeleted;
    NetworkInsightsPath[NetworkInsightsPathId] in network_insights_paths, "network-insights-path", NetworkInsightsPathPut, NetworkInsightsPathDeleted;
    NetworkInsightsAnalysis[NetworkInsightsAnalysisId] in network_insights_analyses, "network-insights-analysis", NetworkInsightsAnalysisPut, NetworkInsightsAnalysisDeleted;
    // Tagged by calls of their own, by ARN.
    @elastic_load_balancing
    LoadBalancer[LoadBalancerId] in load_balancers, "loadbalancer", LoadBalancerPut, LoadBalancerDeleted;
    Listener[ListenerId] in listeners, "listener", ListenerPut, ListenerDeleted;
    TargetGroup[TargetGroupId] in target_groups, "targetgroup", TargetGroupPut, TargetGroupDeleted;
}

/// `arn:aws:ec2:<region>:<account>:<type>/<id>`.
pub fn arn<T: Entity>(region: &str, resource: &T) -> String {
    let (owner, kind, id) = (resource.owner(), T::TAG_TYPE, resource.id());
    format!("arn:aws:ec2:{region}:{owner}:{kind}/{id}")
}
