//! The nouns that errors speak of: id prefix, noun, codes for "unknown" and "malformed".
//!
//! Source: spec 06 §1 (ids, malformed codes) and §2 (`NF` codes); where AWS spells one code
//! two ways the spelling is the one that Terraform's provider tests for.

/// A kind of resource that a caller names by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Resource {
    Vpc,
    VpcCidrAssociation,
    Subnet,
    SubnetCidrAssociation,
    SubnetCidrReservation,
    RouteTable,
    /// `rtbassoc-…`
    RouteTableAssociation,
    InternetGateway,
    /// A route's target that may be an internet or virtual private gateway.
    Gateway,
    EgressOnlyInternetGateway,
    NatGateway,
    /// `eipalloc-…`
    Allocation,
    /// `eipassoc-…`
    AddressAssociation,
    NetworkInterface,
    /// `eni-attach-…`
    Attachment,
    SecurityGroup,
    SecurityGroupRule,
    NetworkAcl,
    /// `aclassoc-…`
    NetworkAclAssociation,
    PrefixList,
    DhcpOptions,
    FlowLog,
    VpcEndpoint,
    VpcEndpointService,
    VpcEndpointConnectionNotification,
    VpcPeeringConnection,
    NetworkInsightsPath,
    NetworkInsightsAnalysis,
    Instance,
    /// `iip-assoc-…`
    ProfileAssociation,
    Image,
    Volume,
}

/// What is said about one kind of resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// Id prefix with its hyphen, e.g. `vpc-`.
    pub prefix: &'static str,
    /// The noun of messages, e.g. `vpc`.
    pub noun: &'static str,
    /// Code when no such resource is the caller's.
    pub not_found: &'static str,
    /// Code when the text is no id of this kind.
    pub malformed: &'static str,
}

impl Resource {
    /// Every kind, for tables and tests.
    pub const ALL: [Self; 32] = [
        Self::Vpc,
        Self::VpcCidrAssociation,
        Self::Subnet,
        Self::SubnetCidrAssociation,
        Self::SubnetCidrReservation,
        Self::RouteTable,
        Self::RouteTableAssociation,
        Self::InternetGateway,
        Self::Gateway,
        Self::EgressOnlyInternetGateway,
        Self::NatGateway,
        Self::Allocation,
        Self::AddressAssociation,
        Self::NetworkInterface,
        Self::Attachment,
        Self::SecurityGroup,
        Self::SecurityGroupRule,
        Self::NetworkAcl,
        Self::NetworkAclAssociation,
        Self::PrefixList,
        Self::DhcpOptions,
        Self::FlowLog,
        Self::VpcEndpoint,
        Self::VpcEndpointService,
        Self::VpcEndpointConnectionNotification,
        Self::VpcPeeringConnection,
        Self::NetworkInsightsPath,
        Self::NetworkInsightsAnalysis,
        Self::Instance,
        Self::ProfileAssociation,
        Self::Image,
        Self::Volume,
    ];

    /// The row of this kind.
    #[rustfmt::skip]
    pub const fn facts(self) -> Facts {
        const fn row(prefix: &'static str, noun: &'static str, not_found: &'static str, malformed: &'static str) -> Facts {
            Facts { prefix, noun, not_found, malformed }
        }
        match self {
            Self::Vpc => row("vpc-", "vpc", "InvalidVpcID.NotFound", "InvalidVpcID.Malformed"),
            Self::VpcCidrAssociation => row("vpc-cidr-assoc-", "vpc CIDR block association", "InvalidVpcCidrBlockAssociationID.NotFound", "InvalidVpcCidrBlockAssociationID.Malformed"),
            Self::Subnet => row("subnet-", "subnet", "InvalidSubnetID.NotFound", "InvalidSubnetID.Malformed"),
            Self::SubnetCidrAssociation => row("subnet-cidr-assoc-", "subnet CIDR block association", "InvalidSubnetCidrBlockAssociationID.NotFound", "InvalidSubnetCidrBlockAssociationID.Malformed"),
            Self::SubnetCidrReservation => row("scr-", "subnet CIDR reservation", "InvalidSubnetCidrReservationID.NotFound", "InvalidSubnetCidrReservationID.Malformed"),
            Self::RouteTable => row("rtb-", "routeTable", "InvalidRouteTableID.NotFound", "InvalidRouteTableId.Malformed"),
            Self::RouteTableAssociation => row("rtbassoc-", "association", "InvalidAssociationID.NotFound", "InvalidAssociationID.Malformed"),
            Self::InternetGateway => row("igw-", "internetGateway", "InvalidInternetGatewayID.NotFound", "InvalidInternetGatewayId.Malformed"),
            Self::Gateway => row("igw-", "gateway", "InvalidGatewayID.NotFound", "InvalidGatewayID.Malformed"),
            Self::EgressOnlyInternetGateway => row("eigw-", "eigw", "InvalidGatewayID.NotFound", "InvalidEgressOnlyInternetGatewayId.Malformed"),
            Self::NatGateway => row("nat-", "Nat Gateway", "NatGatewayNotFound", "NatGatewayMalformed"),
            Self::Allocation => row("eipalloc-", "allocation", "InvalidAllocationID.NotFound", "InvalidAllocationID.Malformed"),
            Self::AddressAssociation => row("eipassoc-", "association", "InvalidAssociationID.NotFound", "InvalidAssociationID.Malformed"),
            Self::NetworkInterface => row("eni-", "networkInterface", "InvalidNetworkInterfaceID.NotFound", "InvalidNetworkInterfaceId.Malformed"),
            Self::Attachment => row("eni-attach-", "network interface attachment", "InvalidAttachmentID.NotFound", "InvalidAttachmentId.Malformed"),
            Self::SecurityGroup => row("sg-", "security group", "InvalidGroup.NotFound", "InvalidGroupId.Malformed"),
            Self::SecurityGroupRule => row("sgr-", "security group rule", "InvalidSecurityGroupRuleId.NotFound", "InvalidSecurityGroupRuleId.Malformed"),
            Self::NetworkAcl => row("acl-", "networkAcl", "InvalidNetworkAclID.NotFound", "InvalidNetworkAclId.Malformed"),
            Self::NetworkAclAssociation => row("aclassoc-", "association", "InvalidAssociationID.NotFound", "InvalidAssociationID.Malformed"),
            Self::PrefixList => row("pl-", "prefix list", "InvalidPrefixListID.NotFound", "InvalidPrefixListId.Malformed"),
            Self::DhcpOptions => row("dopt-", "dhcpOption", "InvalidDhcpOptionID.NotFound", "InvalidDhcpOptionsId.Malformed"),
            Self::FlowLog => row("fl-", "flow log", "InvalidFlowLogId.NotFound", "InvalidFlowLogId.Malformed"),
            Self::VpcEndpoint => row("vpce-", "Vpc Endpoint Id", "InvalidVpcEndpointId.NotFound", "InvalidVpcEndpointId.Malformed"),
            Self::VpcEndpointService => row("vpce-svc-", "VpcEndpointService Id", "InvalidVpcEndpointServiceId.NotFound", "InvalidVpcEndpointServiceId.Malformed"),
            Self::VpcEndpointConnectionNotification => row("vpce-nfn-", "connection notification", "InvalidConnectionNotification.NotFound", "InvalidConnectionNotification.Malformed"),
            Self::VpcPeeringConnection => row("pcx-", "vpcPeeringConnection", "InvalidVpcPeeringConnectionID.NotFound", "InvalidVpcPeeringConnectionId.Malformed"),
            Self::NetworkInsightsPath => row("nip-", "network insights path", "InvalidNetworkInsightsPathId.NotFound", "InvalidNetworkInsightsPathId.Malformed"),
            Self::NetworkInsightsAnalysis => row("nia-", "network insights analysis", "InvalidNetworkInsightsAnalysisId.NotFound", "InvalidNetworkInsightsAnalysisId.Malformed"),
            Self::Instance => row("i-", "instance", "InvalidInstanceID.NotFound", "InvalidInstanceID.Malformed"),
            Self::ProfileAssociation => row("iip-assoc-", "association", "InvalidAssociationID.NotFound", "InvalidAssociationID.Malformed"),
            Self::Image => row("ami-", "image", "InvalidAMIID.NotFound", "InvalidAMIID.Malformed"),
            Self::Volume => row("vol-", "volume", "InvalidVolume.NotFound", "InvalidVolumeID.Malformed"),
        }
    }

    /// AWS's sentence for an unknown id.
    pub(crate) fn not_found_message(self, id: &str) -> String {
        match self {
            Self::NatGateway => format!("The Nat Gateway {id} was not found"),
            Self::SecurityGroup => format!("The security group '{id}' does not exist"),
            Self::ProfileAssociation => {
                format!("An invalid association-id of '{id}' was given")
            }
            Self::Image => format!("The image id '[{id}]' does not exist"),
            Self::VpcEndpoint | Self::VpcEndpointService => {
                format!("The {} '{id}' does not exist", self.facts().noun)
            }
            Self::FlowLog => {
                format!("These flow log ids in the input list are not found: [TotalCount: 1] {id}")
            }
            _ => format!("The {} ID '{id}' does not exist", self.facts().noun),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_kind_is_listed_once_and_has_its_row() {
        let kinds: HashSet<_> = Resource::ALL.into_iter().collect();
        assert_eq!(kinds.len(), Resource::ALL.len());
        for kind in Resource::ALL {
            let facts = kind.facts();
            assert!(facts.prefix.ends_with('-'), "{kind:?}");
            assert!(facts.malformed.ends_with("Malformed"), "{kind:?}");
            assert!(facts.not_found.ends_with("NotFound"), "{kind:?}");
            let message = kind.not_found_message("id-1");
            assert!(message.contains("id-1"), "{message}");
        }
    }
}
