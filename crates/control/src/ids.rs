//! Ids in requests: parsed into types, refused with the codes of their resource.

use std::fmt::Display;
use std::str::FromStr;

use openvpc_ec2::{Error, Resource};
use openvpc_model::*;

/// What a resource's table is sorted by, and what can be drawn.
pub trait Key: Copy + Ord + Display {
    /// Makes an id of random bits.
    fn from_random(random: u128) -> Self;
}

/// An id of EC2, which can be read and refused too. Those of Elastic Load Balancing stand in ARNs only.
pub trait Id: Key + FromStr {
    /// Which codes a wrong one earns.
    const RESOURCE: Resource;
}

macro_rules! ids {
    ($($id:ident: $resource:ident;)*) => {$(
        impl Id for $id {
            const RESOURCE: Resource = Resource::$resource;
        }
        keys! { $id }
    )*};
}

macro_rules! keys {
    ($($id:ident)*) => {$(
        impl Key for $id {
            fn from_random(random: u128) -> Self {
                $id::from_random(random)
            }
        }
    )*};
}

keys! { LoadBalancerId ListenerId TargetGroupId }

ids! {
    VpcId: Vpc;
    VpcCidrAssociationId: VpcCidrAssociation;
    SubnetId: Subnet;
    SubnetCidrAssociationId: SubnetCidrAssociation;
    SubnetCidrReservationId: SubnetCidrReservation;
    RouteTableId: RouteTable;
    RouteTableAssociationId: RouteTableAssociation;
    InternetGatewayId: InternetGateway;
    EgressOnlyInternetGatewayId: EgressOnlyInternetGateway;
    NatGatewayId: NatGateway;
    VpcPeeringConnectionId: VpcPeeringConnection;
    VpcEndpointId: VpcEndpoint;
    VpcEndpointServiceId: VpcEndpointService;
    VpcEndpointServicePermissionId: VpcEndpointService;
    ConnectionNotificationId: VpcEndpointConnectionNotification;
    AllocationId: Allocation;
    AddressAssociationId: AddressAssociation;
    NetworkInterfaceId: NetworkInterface;
    AttachmentId: Attachment;
    SecurityGroupId: SecurityGroup;
    SecurityGroupRuleId: SecurityGroupRule;
    NetworkAclId: NetworkAcl;
    NetworkAclAssociationId: NetworkAclAssociation;
    PrefixListId: PrefixList;
    DhcpOptionsId: DhcpOptions;
    InstanceId: Instance;
    ReservationId: Instance;
    ProfileAssociationId: ProfileAssociation;
    ImageId: Image;
    FlowLogId: FlowLog;
    NetworkInsightsPathId: NetworkInsightsPath;
    NetworkInsightsAnalysisId: NetworkInsightsAnalysis;
}

/// Reads an id.
///
/// # Errors
/// `Invalid…ID.Malformed`.
pub fn parse_id<I: Id>(text: &str) -> Result<I, Error> {
    text.parse()
        .map_err(|_| Error::malformed_id(I::RESOURCE, text))
}

/// That an id names nothing of the caller's.
pub fn not_found<I: Id>(id: impl Display) -> Error {
    Error::not_found(I::RESOURCE, &id.to_string())
}
