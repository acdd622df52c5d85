//! Which actions get a row in the tables: those of spec 06 §2 and §4.

/// A service to generate and the actions wanted of it.
pub struct Wanted {
    /// botocore's folder name, also the table's file name and, but for `elbv2`, the signature's scope.
    pub service: &'static str,
    pub version: &'static str,
    /// Separated by white space.
    pub actions: &'static str,
}

/// Every table. A new service is one more row here.
pub const SERVICES: &[Wanted] = &[
    Wanted {
        service: "ec2",
        version: "2016-11-15",
        actions: EC2,
    },
    Wanted {
        service: "sts",
        version: "2011-06-15",
        actions: "GetCallerIdentity AssumeRole GetSessionToken GetAccessKeyInfo",
    },
    Wanted {
        service: "iam",
        version: "2010-05-08",
        actions: IAM,
    },
    Wanted {
        service: "elbv2",
        version: "2015-12-01",
        actions: ELBV2,
    },
];

const EC2: &str = "
CreateVpc DeleteVpc DescribeVpcs DescribeVpcAttribute ModifyVpcAttribute ModifyVpcTenancy
AssociateVpcCidrBlock DisassociateVpcCidrBlock CreateDefaultVpc

CreateSubnet DeleteSubnet DescribeSubnets ModifySubnetAttribute AssociateSubnetCidrBlock
DisassociateSubnetCidrBlock CreateDefaultSubnet CreateSubnetCidrReservation
DeleteSubnetCidrReservation GetSubnetCidrReservations

CreateRouteTable DeleteRouteTable DescribeRouteTables CreateRoute ReplaceRoute DeleteRoute
AssociateRouteTable DisassociateRouteTable ReplaceRouteTableAssociation
EnableVgwRoutePropagation DisableVgwRoutePropagation

CreateInternetGateway DeleteInternetGateway DescribeInternetGateways AttachInternetGateway
DetachInternetGateway
CreateEgressOnlyInternetGateway DeleteEgressOnlyInternetGateway DescribeEgressOnlyInternetGateways

CreateNatGateway DeleteNatGateway DescribeNatGateways AssociateNatGatewayAddress
DisassociateNatGatewayAddress AssignPrivateNatGatewayAddress UnassignPrivateNatGatewayAddress

AllocateAddress ReleaseAddress DescribeAddresses AssociateAddress DisassociateAddress
DescribeAddressesAttribute

CreateNetworkInterface DeleteNetworkInterface DescribeNetworkInterfaces
DescribeNetworkInterfaceAttribute ModifyNetworkInterfaceAttribute ResetNetworkInterfaceAttribute
AttachNetworkInterface DetachNetworkInterface AssignPrivateIpAddresses UnassignPrivateIpAddresses
AssignIpv6Addresses UnassignIpv6Addresses

CreateSecurityGroup DeleteSecurityGroup DescribeSecurityGroups AuthorizeSecurityGroupIngress
AuthorizeSecurityGroupEgress RevokeSecurityGroupIngress RevokeSecurityGroupEgress
DescribeSecurityGroupRules ModifySecurityGroupRules UpdateSecurityGroupRuleDescriptionsIngress
UpdateSecurityGroupRuleDescriptionsEgress DescribeSecurityGroupReferences
DescribeStaleSecurityGroups GetSecurityGroupsForVpc

CreateNetworkAcl DeleteNetworkAcl DescribeNetworkAcls CreateNetworkAclEntry ReplaceNetworkAclEntry
DeleteNetworkAclEntry ReplaceNetworkAclAssociation

CreateManagedPrefixList ModifyManagedPrefixList DeleteManagedPrefixList DescribeManagedPrefixLists
GetManagedPrefixListEntries GetManagedPrefixListAssociations RestoreManagedPrefixListVersion
DescribePrefixLists

CreateDhcpOptions DeleteDhcpOptions DescribeDhcpOptions AssociateDhcpOptions

CreateFlowLogs DescribeFlowLogs DeleteFlowLogs GetFlowLogsIntegrationTemplate

CreateVpcEndpoint ModifyVpcEndpoint DeleteVpcEndpoints DescribeVpcEndpoints
DescribeVpcEndpointServices DescribeVpcEndpointAssociations
CreateVpcEndpointServiceConfiguration ModifyVpcEndpointServiceConfiguration
DeleteVpcEndpointServiceConfigurations DescribeVpcEndpointServiceConfigurations
DescribeVpcEndpointServicePermissions ModifyVpcEndpointServicePermissions
DescribeVpcEndpointConnections AcceptVpcEndpointConnections RejectVpcEndpointConnections
StartVpcEndpointServicePrivateDnsVerification CreateVpcEndpointConnectionNotification
ModifyVpcEndpointConnectionNotification DeleteVpcEndpointConnectionNotifications
DescribeVpcEndpointConnectionNotifications

CreateVpcPeeringConnection AcceptVpcPeeringConnection RejectVpcPeeringConnection
DeleteVpcPeeringConnection DescribeVpcPeeringConnections ModifyVpcPeeringConnectionOptions

CreateNetworkInsightsPath DeleteNetworkInsightsPath DescribeNetworkInsightsPaths
StartNetworkInsightsAnalysis DescribeNetworkInsightsAnalyses DeleteNetworkInsightsAnalysis

RunInstances TerminateInstances StartInstances StopInstances RebootInstances DescribeInstances
DescribeInstanceAttribute ModifyInstanceAttribute DescribeInstanceTypes DescribeImages
DescribeInstanceStatus DescribeInstanceCreditSpecifications ModifyInstanceMetadataOptions
DescribeVolumes GetConsoleOutput

AssociateIamInstanceProfile DisassociateIamInstanceProfile ReplaceIamInstanceProfileAssociation
DescribeIamInstanceProfileAssociations

CreateTags DeleteTags DescribeTags DescribeRegions DescribeAvailabilityZones
DescribeAccountAttributes
";

const ELBV2: &str = "
CreateLoadBalancer DescribeLoadBalancers DeleteLoadBalancer DescribeLoadBalancerAttributes
ModifyLoadBalancerAttributes SetSubnets SetSecurityGroups SetIpAddressType
DescribeCapacityReservation

CreateTargetGroup DescribeTargetGroups ModifyTargetGroup DeleteTargetGroup
DescribeTargetGroupAttributes ModifyTargetGroupAttributes RegisterTargets DeregisterTargets
DescribeTargetHealth

CreateListener DescribeListeners ModifyListener DeleteListener DescribeListenerAttributes
ModifyListenerAttributes

AddTags RemoveTags DescribeTags DescribeAccountLimits
";

const IAM: &str = "
CreateUser GetUser ListUsers UpdateUser DeleteUser TagUser UntagUser ListUserTags
CreateAccessKey ListAccessKeys UpdateAccessKey DeleteAccessKey GetAccessKeyLastUsed

CreateGroup GetGroup ListGroups UpdateGroup DeleteGroup AddUserToGroup RemoveUserFromGroup
ListGroupsForUser

CreateRole GetRole ListRoles UpdateRole UpdateRoleDescription UpdateAssumeRolePolicy DeleteRole
TagRole UntagRole ListRoleTags CreateServiceLinkedRole DeleteServiceLinkedRole
GetServiceLinkedRoleDeletionStatus

PutUserPolicy GetUserPolicy ListUserPolicies DeleteUserPolicy
PutRolePolicy GetRolePolicy ListRolePolicies DeleteRolePolicy
PutGroupPolicy GetGroupPolicy ListGroupPolicies DeleteGroupPolicy

CreatePolicy GetPolicy ListPolicies DeletePolicy CreatePolicyVersion GetPolicyVersion
ListPolicyVersions SetDefaultPolicyVersion DeletePolicyVersion ListEntitiesForPolicy TagPolicy
UntagPolicy ListPolicyTags

AttachUserPolicy DetachUserPolicy ListAttachedUserPolicies
AttachRolePolicy DetachRolePolicy ListAttachedRolePolicies
AttachGroupPolicy DetachGroupPolicy ListAttachedGroupPolicies

PutUserPermissionsBoundary DeleteUserPermissionsBoundary
PutRolePermissionsBoundary DeleteRolePermissionsBoundary

CreateInstanceProfile GetInstanceProfile ListInstanceProfiles DeleteInstanceProfile
AddRoleToInstanceProfile RemoveRoleFromInstanceProfile ListInstanceProfilesForRole
TagInstanceProfile UntagInstanceProfile ListInstanceProfileTags

ListAccountAliases
";
