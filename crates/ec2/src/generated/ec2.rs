//! ec2 2016-11-15: names and types of 157 actions.
//!
//! Made by `cargo xtask generate-model` from the service model in botocore 1.44.5
//! (Apache-2.0). Not edited by hand.

#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_imports)]

use crate::table::row::{Blob, Boolean, Double, Integer, Long, String, Timestamp, l, list, opt, req, s, shape};
use crate::table::{Action, Dialect, List, Service, Structure};

pub static SERVICE: Service = Service {
    name: "ec2",
    version: "2016-11-15",
    older_versions: &["2014-09-01", "2014-10-01", "2015-03-01", "2015-04-15", "2015-10-01", "2016-04-01", "2016-09-15"],
    dialect: Dialect::Ec2,
    namespace: "http://ec2.amazonaws.com/doc/2016-11-15/",
    actions: &[
        Action { name: "AcceptVpcEndpointConnections", input: Some(&ACCEPT_VPC_ENDPOINT_CONNECTIONS_REQUEST), output: Some(&ACCEPT_VPC_ENDPOINT_CONNECTIONS_RESULT), result_wrapper: None },
        Action { name: "AcceptVpcPeeringConnection", input: Some(&ACCEPT_VPC_PEERING_CONNECTION_REQUEST), output: Some(&ACCEPT_VPC_PEERING_CONNECTION_RESULT), result_wrapper: None },
        Action { name: "AllocateAddress", input: Some(&ALLOCATE_ADDRESS_REQUEST), output: Some(&ALLOCATE_ADDRESS_RESULT), result_wrapper: None },
        Action { name: "AssignIpv6Addresses", input: Some(&ASSIGN_IPV6_ADDRESSES_REQUEST), output: Some(&ASSIGN_IPV6_ADDRESSES_RESULT), result_wrapper: None },
        Action { name: "AssignPrivateIpAddresses", input: Some(&ASSIGN_PRIVATE_IP_ADDRESSES_REQUEST), output: Some(&ASSIGN_PRIVATE_IP_ADDRESSES_RESULT), result_wrapper: None },
        Action { name: "AssignPrivateNatGatewayAddress", input: Some(&ASSIGN_PRIVATE_NAT_GATEWAY_ADDRESS_REQUEST), output: Some(&ASSIGN_PRIVATE_NAT_GATEWAY_ADDRESS_RESULT), result_wrapper: None },
        Action { name: "AssociateAddress", input: Some(&ASSOCIATE_ADDRESS_REQUEST), output: Some(&ASSOCIATE_ADDRESS_RESULT), result_wrapper: None },
        Action { name: "AssociateDhcpOptions", input: Some(&ASSOCIATE_DHCP_OPTIONS_REQUEST), output: None, result_wrapper: None },
        Action { name: "AssociateIamInstanceProfile", input: Some(&ASSOCIATE_IAM_INSTANCE_PROFILE_REQUEST), output: Some(&ASSOCIATE_IAM_INSTANCE_PROFILE_RESULT), result_wrapper: None },
        Action { name: "AssociateNatGatewayAddress", input: Some(&ASSOCIATE_NAT_GATEWAY_ADDRESS_REQUEST), output: Some(&ASSOCIATE_NAT_GATEWAY_ADDRESS_RESULT), result_wrapper: None },
        Action { name: "AssociateRouteTable", input: Some(&ASSOCIATE_ROUTE_TABLE_REQUEST), output: Some(&ASSOCIATE_ROUTE_TABLE_RESULT), result_wrapper: None },
        Action { name: "AssociateSubnetCidrBlock", input: Some(&ASSOCIATE_SUBNET_CIDR_BLOCK_REQUEST), output: Some(&ASSOCIATE_SUBNET_CIDR_BLOCK_RESULT), result_wrapper: None },
        Action { name: "AssociateVpcCidrBlock", input: Some(&ASSOCIATE_VPC_CIDR_BLOCK_REQUEST), output: Some(&ASSOCIATE_VPC_CIDR_BLOCK_RESULT), result_wrapper: None },
        Action { name: "AttachInternetGateway", input: Some(&ATTACH_INTERNET_GATEWAY_REQUEST), output: None, result_wrapper: None },
        Action { name: "AttachNetworkInterface", input: Some(&ATTACH_NETWORK_INTERFACE_REQUEST), output: Some(&ATTACH_NETWORK_INTERFACE_RESULT), result_wrapper: None },
        Action { name: "AuthorizeSecurityGroupEgress", input: Some(&AUTHORIZE_SECURITY_GROUP_EGRESS_REQUEST), output: Some(&AUTHORIZE_SECURITY_GROUP_EGRESS_RESULT), result_wrapper: None },
        Action { name: "AuthorizeSecurityGroupIngress", input: Some(&AUTHORIZE_SECURITY_GROUP_INGRESS_REQUEST), output: Some(&AUTHORIZE_SECURITY_GROUP_INGRESS_RESULT), result_wrapper: None },
        Action { name: "CreateDefaultSubnet", input: Some(&CREATE_DEFAULT_SUBNET_REQUEST), output: Some(&CREATE_DEFAULT_SUBNET_RESULT), result_wrapper: None },
        Action { name: "CreateDefaultVpc", input: Some(&CREATE_DEFAULT_VPC_REQUEST), output: Some(&CREATE_DEFAULT_VPC_RESULT), result_wrapper: None },
        Action { name: "CreateDhcpOptions", input: Some(&CREATE_DHCP_OPTIONS_REQUEST), output: Some(&CREATE_DHCP_OPTIONS_RESULT), result_wrapper: None },
        Action { name: "CreateEgressOnlyInternetGateway", input: Some(&CREATE_EGRESS_ONLY_INTERNET_GATEWAY_REQUEST), output: Some(&CREATE_EGRESS_ONLY_INTERNET_GATEWAY_RESULT), result_wrapper: None },
        Action { name: "CreateFlowLogs", input: Some(&CREATE_FLOW_LOGS_REQUEST), output: Some(&CREATE_FLOW_LOGS_RESULT), result_wrapper: None },
        Action { name: "CreateInternetGateway", input: Some(&CREATE_INTERNET_GATEWAY_REQUEST), output: Some(&CREATE_INTERNET_GATEWAY_RESULT), result_wrapper: None },
        Action { name: "CreateManagedPrefixList", input: Some(&CREATE_MANAGED_PREFIX_LIST_REQUEST), output: Some(&CREATE_MANAGED_PREFIX_LIST_RESULT), result_wrapper: None },
        Action { name: "CreateNatGateway", input: Some(&CREATE_NAT_GATEWAY_REQUEST), output: Some(&CREATE_NAT_GATEWAY_RESULT), result_wrapper: None },
        Action { name: "CreateNetworkAcl", input: Some(&CREATE_NETWORK_ACL_REQUEST), output: Some(&CREATE_NETWORK_ACL_RESULT), result_wrapper: None },
        Action { name: "CreateNetworkAclEntry", input: Some(&CREATE_NETWORK_ACL_ENTRY_REQUEST), output: None, result_wrapper: None },
        Action { name: "CreateNetworkInsightsPath", input: Some(&CREATE_NETWORK_INSIGHTS_PATH_REQUEST), output: Some(&CREATE_NETWORK_INSIGHTS_PATH_RESULT), result_wrapper: None },
        Action { name: "CreateNetworkInterface", input: Some(&CREATE_NETWORK_INTERFACE_REQUEST), output: Some(&CREATE_NETWORK_INTERFACE_RESULT), result_wrapper: None },
        Action { name: "CreateRoute", input: Some(&CREATE_ROUTE_REQUEST), output: Some(&CREATE_ROUTE_RESULT), result_wrapper: None },
        Action { name: "CreateRouteTable", input: Some(&CREATE_ROUTE_TABLE_REQUEST), output: Some(&CREATE_ROUTE_TABLE_RESULT), result_wrapper: None },
        Action { name: "CreateSecurityGroup", input: Some(&CREATE_SECURITY_GROUP_REQUEST), output: Some(&CREATE_SECURITY_GROUP_RESULT), result_wrapper: None },
        Action { name: "CreateSubnet", input: Some(&CREATE_SUBNET_REQUEST), output: Some(&CREATE_SUBNET_RESULT), result_wrapper: None },
        Action { name: "CreateSubnetCidrReservation", input: Some(&CREATE_SUBNET_CIDR_RESERVATION_REQUEST), output: Some(&CREATE_SUBNET_CIDR_RESERVATION_RESULT), result_wrapper: None },
        Action { name: "CreateTags", input: Some(&CREATE_TAGS_REQUEST), output: None, result_wrapper: None },
        Action { name: "CreateVpc", input: Some(&CREATE_VPC_REQUEST), output: Some(&CREATE_VPC_RESULT), result_wrapper: None },
        Action { name: "CreateVpcEndpoint", input: Some(&CREATE_VPC_ENDPOINT_REQUEST), output: Some(&CREATE_VPC_ENDPOINT_RESULT), result_wrapper: None },
        Action { name: "CreateVpcEndpointConnectionNotification", input: Some(&CREATE_VPC_ENDPOINT_CONNECTION_NOTIFICATION_REQUEST), output: Some(&CREATE_VPC_ENDPOINT_CONNECTION_NOTIFICATION_RESULT), result_wrapper: None },
        Action { name: "CreateVpcEndpointServiceConfiguration", input: Some(&CREATE_VPC_ENDPOINT_SERVICE_CONFIGURATION_REQUEST), output: Some(&CREATE_VPC_ENDPOINT_SERVICE_CONFIGURATION_RESULT), result_wrapper: None },
        Action { name: "CreateVpcPeeringConnection", input: Some(&CREATE_VPC_PEERING_CONNECTION_REQUEST), output: Some(&CREATE_VPC_PEERING_CONNECTION_RESULT), result_wrapper: None },
        Action { name: "DeleteDhcpOptions", input: Some(&DELETE_DHCP_OPTIONS_REQUEST), output: None, result_wrapper: None },
        Action { name: "DeleteEgressOnlyInternetGateway", input: Some(&DELETE_EGRESS_ONLY_INTERNET_GATEWAY_REQUEST), output: Some(&DELETE_EGRESS_ONLY_INTERNET_GATEWAY_RESULT), result_wrapper: None },
        Action { name: "DeleteFlowLogs", input: Some(&DELETE_FLOW_LOGS_REQUEST), output: Some(&DELETE_FLOW_LOGS_RESULT), result_wrapper: None },
        Action { name: "DeleteInternetGateway", input: Some(&DELETE_INTERNET_GATEWAY_REQUEST), output: None, result_wrapper: None },
        Action { name: "DeleteManagedPrefixList", input: Some(&DELETE_MANAGED_PREFIX_LIST_REQUEST), output: Some(&DELETE_MANAGED_PREFIX_LIST_RESULT), result_wrapper: None },
        Action { name: "DeleteNatGateway", input: Some(&DELETE_NAT_GATEWAY_REQUEST), output: Some(&DELETE_NAT_GATEWAY_RESULT), result_wrapper: None },
        Action { name: "DeleteNetworkAcl", input: Some(&DELETE_NETWORK_ACL_REQUEST), output: None, result_wrapper: None },
        Action { name: "DeleteNetworkAclEntry", input: Some(&DELETE_NETWORK_ACL_ENTRY_REQUEST), output: None, result_wrapper: None },
        Action { name: "DeleteNetworkInsightsAnalysis", input: Some(&DELETE_NETWORK_INSIGHTS_ANALYSIS_REQUEST), output: Some(&DELETE_NETWORK_INSIGHTS_ANALYSIS_RESULT), result_wrapper: None },
        Action { name: "DeleteNetworkInsightsPath", input: Some(&DELETE_NETWORK_INSIGHTS_PATH_REQUEST), output: Some(&DELETE_NETWORK_INSIGHTS_PATH_RESULT), result_wrapper: None },
        Action { name: "DeleteNetworkInterface", input: Some(&DELETE_NETWORK_INTERFACE_REQUEST), output: None, result_wrapper: None },
        Action { name: "DeleteRoute", input: Some(&DELETE_ROUTE_REQUEST), output: None, result_wrapper: None },
        Action { name: "DeleteRouteTable", input: Some(&DELETE_ROUTE_TABLE_REQUEST), output: None, result_wrapper: None },
        Action { name: "DeleteSecurityGroup", input: Some(&DELETE_SECURITY_GROUP_REQUEST), output: Some(&DELETE_SECURITY_GROUP_RESULT), result_wrapper: None },
        Action { name: "DeleteSubnet", input: Some(&DELETE_SUBNET_REQUEST), output: None, result_wrapper: None },
        Action { name: "DeleteSubnetCidrReservation", input: Some(&DELETE_SUBNET_CIDR_RESERVATION_REQUEST), output: Some(&DELETE_SUBNET_CIDR_RESERVATION_RESULT), result_wrapper: None },
        Action { name: "DeleteTags", input: Some(&DELETE_TAGS_REQUEST), output: None, result_wrapper: None },
        Action { name: "DeleteVpc", input: Some(&DELETE_VPC_REQUEST), output: None, result_wrapper: None },
        Action { name: "DeleteVpcEndpointConnectionNotifications", input: Some(&DELETE_VPC_ENDPOINT_CONNECTION_NOTIFICATIONS_REQUEST), output: Some(&DELETE_VPC_ENDPOINT_CONNECTION_NOTIFICATIONS_RESULT), result_wrapper: None },
        Action { name: "DeleteVpcEndpointServiceConfigurations", input: Some(&DELETE_VPC_ENDPOINT_SERVICE_CONFIGURATIONS_REQUEST), output: Some(&DELETE_VPC_ENDPOINT_SERVICE_CONFIGURATIONS_RESULT), result_wrapper: None },
        Action { name: "DeleteVpcEndpoints", input: Some(&DELETE_VPC_ENDPOINTS_REQUEST), output: Some(&DELETE_VPC_ENDPOINTS_RESULT), result_wrapper: None },
        Action { name: "DeleteVpcPeeringConnection", input: Some(&DELETE_VPC_PEERING_CONNECTION_REQUEST), output: Some(&DELETE_VPC_PEERING_CONNECTION_RESULT), result_wrapper: None },
        Action { name: "DescribeAccountAttributes", input: Some(&DESCRIBE_ACCOUNT_ATTRIBUTES_REQUEST), output: Some(&DESCRIBE_ACCOUNT_ATTRIBUTES_RESULT), result_wrapper: None },
        Action { name: "DescribeAddresses", input: Some(&DESCRIBE_ADDRESSES_REQUEST), output: Some(&DESCRIBE_ADDRESSES_RESULT), result_wrapper: None },
        Action { name: "DescribeAddressesAttribute", input: Some(&DESCRIBE_ADDRESSES_ATTRIBUTE_REQUEST), output: Some(&DESCRIBE_ADDRESSES_ATTRIBUTE_RESULT), result_wrapper: None },
        Action { name: "DescribeAvailabilityZones", input: Some(&DESCRIBE_AVAILABILITY_ZONES_REQUEST), output: Some(&DESCRIBE_AVAILABILITY_ZONES_RESULT), result_wrapper: None },
        Action { name: "DescribeDhcpOptions", input: Some(&DESCRIBE_DHCP_OPTIONS_REQUEST), output: Some(&DESCRIBE_DHCP_OPTIONS_RESULT), result_wrapper: None },
        Action { name: "DescribeEgressOnlyInternetGateways", input: Some(&DESCRIBE_EGRESS_ONLY_INTERNET_GATEWAYS_REQUEST), output: Some(&DESCRIBE_EGRESS_ONLY_INTERNET_GATEWAYS_RESULT), result_wrapper: None },
        Action { name: "DescribeFlowLogs", input: Some(&DESCRIBE_FLOW_LOGS_REQUEST), output: Some(&DESCRIBE_FLOW_LOGS_RESULT), result_wrapper: None },
        Action { name: "DescribeIamInstanceProfileAssociations", input: Some(&DESCRIBE_IAM_INSTANCE_PROFILE_ASSOCIATIONS_REQUEST), output: Some(&DESCRIBE_IAM_INSTANCE_PROFILE_ASSOCIATIONS_RESULT), result_wrapper: None },
        Action { name: "DescribeImages", input: Some(&DESCRIBE_IMAGES_REQUEST), output: Some(&DESCRIBE_IMAGES_RESULT), result_wrapper: None },
        Action { name: "DescribeInstanceAttribute", input: Some(&DESCRIBE_INSTANCE_ATTRIBUTE_REQUEST), output: Some(&INSTANCE_ATTRIBUTE), result_wrapper: None },
        Action { name: "DescribeInstanceCreditSpecifications", input: Some(&DESCRIBE_INSTANCE_CREDIT_SPECIFICATIONS_REQUEST), output: Some(&DESCRIBE_INSTANCE_CREDIT_SPECIFICATIONS_RESULT), result_wrapper: None },
        Action { name: "DescribeInstanceStatus", input: Some(&DESCRIBE_INSTANCE_STATUS_REQUEST), output: Some(&DESCRIBE_INSTANCE_STATUS_RESULT), result_wrapper: None },
        Action { name: "DescribeInstanceTypes", input: Some(&DESCRIBE_INSTANCE_TYPES_REQUEST), output: Some(&DESCRIBE_INSTANCE_TYPES_RESULT), result_wrapper: None },
        Action { name: "DescribeInstances", input: Some(&DESCRIBE_INSTANCES_REQUEST), output: Some(&DESCRIBE_INSTANCES_RESULT), result_wrapper: None },
        Action { name: "DescribeInternetGateways", input: Some(&DESCRIBE_INTERNET_GATEWAYS_REQUEST), output: Some(&DESCRIBE_INTERNET_GATEWAYS_RESULT), result_wrapper: None },
        Action { name: "DescribeManagedPrefixLists", input: Some(&DESCRIBE_MANAGED_PREFIX_LISTS_REQUEST), output: Some(&DESCRIBE_MANAGED_PREFIX_LISTS_RESULT), result_wrapper: None },
        Action { name: "DescribeNatGateways", input: Some(&DESCRIBE_NAT_GATEWAYS_REQUEST), output: Some(&DESCRIBE_NAT_GATEWAYS_RESULT), result_wrapper: None },
        Action { name: "DescribeNetworkAcls", input: Some(&DESCRIBE_NETWORK_ACLS_REQUEST), output: Some(&DESCRIBE_NETWORK_ACLS_RESULT), result_wrapper: None },
        Action { name: "DescribeNetworkInsightsAnalyses", input: Some(&DESCRIBE_NETWORK_INSIGHTS_ANALYSES_REQUEST), output: Some(&DESCRIBE_NETWORK_INSIGHTS_ANALYSES_RESULT), result_wrapper: None },
        Action { name: "DescribeNetworkInsightsPaths", input: Some(&DESCRIBE_NETWORK_INSIGHTS_PATHS_REQUEST), output: Some(&DESCRIBE_NETWORK_INSIGHTS_PATHS_RESULT), result_wrapper: None },
        Action { name: "DescribeNetworkInterfaceAttribute", input: Some(&DESCRIBE_NETWORK_INTERFACE_ATTRIBUTE_REQUEST), output: Some(&DESCRIBE_NETWORK_INTERFACE_ATTRIBUTE_RESULT), result_wrapper: None },
        Action { name: "DescribeNetworkInterfaces", input: Some(&DESCRIBE_NETWORK_INTERFACES_REQUEST), output: Some(&DESCRIBE_NETWORK_INTERFACES_RESULT), result_wrapper: None },
        Action { name: "DescribePrefixLists", input: Some(&DESCRIBE_PREFIX_LISTS_REQUEST), output: Some(&DESCRIBE_PREFIX_LISTS_RESULT), result_wrapper: None },
        Action { name: "DescribeRegions", input: Some(&DESCRIBE_REGIONS_REQUEST), output: Some(&DESCRIBE_REGIONS_RESULT), result_wrapper: None },
        Action { name: "DescribeRouteTables", input: Some(&DESCRIBE_ROUTE_TABLES_REQUEST), output: Some(&DESCRIBE_ROUTE_TABLES_RESULT), result_wrapper: None },
        Action { name: "DescribeSecurityGroupReferences", input: Some(&DESCRIBE_SECURITY_GROUP_REFERENCES_REQUEST), output: Some(&DESCRIBE_SECURITY_GROUP_REFERENCES_RESULT), result_wrapper: None },
        Action { name: "DescribeSecurityGroupRules", input: Some(&DESCRIBE_SECURITY_GROUP_RULES_REQUEST), output: Some(&DESCRIBE_SECURITY_GROUP_RULES_RESULT), result_wrapper: None },
        Action { name: "DescribeSecurityGroups", input: Some(&DESCRIBE_SECURITY_GROUPS_REQUEST), output: Some(&DESCRIBE_SECURITY_GROUPS_RESULT), result_wrapper: None },
        Action { name: "DescribeStaleSecurityGroups", input: Some(&DESCRIBE_STALE_SECURITY_GROUPS_REQUEST), output: Some(&DESCRIBE_STALE_SECURITY_GROUPS_RESULT), result_wrapper: None },
        Action { name: "DescribeSubnets", input: Some(&DESCRIBE_SUBNETS_REQUEST), output: Some(&DESCRIBE_SUBNETS_RESULT), result_wrapper: None },
        Action { name: "DescribeTags", input: Some(&DESCRIBE_TAGS_REQUEST), output: Some(&DESCRIBE_TAGS_RESULT), result_wrapper: None },
        Action { name: "DescribeVolumes", input: Some(&DESCRIBE_VOLUMES_REQUEST), output: Some(&DESCRIBE_VOLUMES_RESULT), result_wrapper: None },
        Action { name: "DescribeVpcAttribute", input: Some(&DESCRIBE_VPC_ATTRIBUTE_REQUEST), output: Some(&DESCRIBE_VPC_ATTRIBUTE_RESULT), result_wrapper: None },
        Action { name: "DescribeVpcEndpointAssociations", input: Some(&DESCRIBE_VPC_ENDPOINT_ASSOCIATIONS_REQUEST), output: Some(&DESCRIBE_VPC_ENDPOINT_ASSOCIATIONS_RESULT), result_wrapper: None },
        Action { name: "DescribeVpcEndpointConnectionNotifications", input: Some(&DESCRIBE_VPC_ENDPOINT_CONNECTION_NOTIFICATIONS_REQUEST), output: Some(&DESCRIBE_VPC_ENDPOINT_CONNECTION_NOTIFICATIONS_RESULT), result_wrapper: None },
        Action { name: "DescribeVpcEndpointConnections", input: Some(&DESCRIBE_VPC_ENDPOINT_CONNECTIONS_REQUEST), output: Some(&DESCRIBE_VPC_ENDPOINT_CONNECTIONS_RESULT), result_wrapper: None },
        Action { name: "DescribeVpcEndpointServiceConfigurations", input: Some(&DESCRIBE_VPC_ENDPOINT_SERVICE_CONFIGURATIONS_REQUEST), output: Some(&DESCRIBE_VPC_ENDPOINT_SERVICE_CONFIGURATIONS_RESULT), result_wrapper: None },
        Action { name: "DescribeVpcEndpointServicePermissions", input: Some(&DESCRIBE_VPC_ENDPOINT_SERVICE_PERMISSIONS_REQUEST), output: Some(&DESCRIBE_VPC_ENDPOINT_SERVICE_PERMISSIONS_RESULT), result_wrapper: None },
        Action { name: "DescribeVpcEndpointServices", input: Some(&DESCRIBE_VPC_ENDPOINT_SERVICES_REQUEST), output: Some(&DESCRIBE_VPC_ENDPOINT_SERVICES_RESULT), result_wrapper: None },
        Action { name: "DescribeVpcEndpoints", input: Some(&DESCRIBE_VPC_ENDPOINTS_REQUEST), output: Some(&DESCRIBE_VPC_ENDPOINTS_RESULT), result_wrapper: None },
        Action { name: "DescribeVpcPeeringConnections", input: Some(&DESCRIBE_VPC_PEERING_CONNECTIONS_REQUEST), output: Some(&DESCRIBE_VPC_PEERING_CONNECTIONS_RESULT), result_wrapper: None },
        Action { name: "DescribeVpcs", input: Some(&DESCRIBE_VPCS_REQUEST), output: Some(&DESCRIBE_VPCS_RESULT), result_wrapper: None },
        Action { name: "DetachInternetGateway", input: Some(&DETACH_INTERNET_GATEWAY_REQUEST), output: None, result_wrapper: None },
        Action { name: "DetachNetworkInterface", input: Some(&DETACH_NETWORK_INTERFACE_REQUEST), output: None, result_wrapper: None },
        Action { name: "DisableVgwRoutePropagation", input: Some(&DISABLE_VGW_ROUTE_PROPAGATION_REQUEST), output: None, result_wrapper: None },
        Action { name: "DisassociateAddress", input: Some(&DISASSOCIATE_ADDRESS_REQUEST), output: None, result_wrapper: None },
        Action { name: "DisassociateIamInstanceProfile", input: Some(&DISASSOCIATE_IAM_INSTANCE_PROFILE_REQUEST), output: Some(&DISASSOCIATE_IAM_INSTANCE_PROFILE_RESULT), result_wrapper: None },
        Action { name: "DisassociateNatGatewayAddress", input: Some(&DISASSOCIATE_NAT_GATEWAY_ADDRESS_REQUEST), output: Some(&DISASSOCIATE_NAT_GATEWAY_ADDRESS_RESULT), result_wrapper: None },
        Action { name: "DisassociateRouteTable", input: Some(&DISASSOCIATE_ROUTE_TABLE_REQUEST), output: None, result_wrapper: None },
        Action { name: "DisassociateSubnetCidrBlock", input: Some(&DISASSOCIATE_SUBNET_CIDR_BLOCK_REQUEST), output: Some(&DISASSOCIATE_SUBNET_CIDR_BLOCK_RESULT), result_wrapper: None },
        Action { name: "DisassociateVpcCidrBlock", input: Some(&DISASSOCIATE_VPC_CIDR_BLOCK_REQUEST), output: Some(&DISASSOCIATE_VPC_CIDR_BLOCK_RESULT), result_wrapper: None },
        Action { name: "EnableVgwRoutePropagation", input: Some(&ENABLE_VGW_ROUTE_PROPAGATION_REQUEST), output: None, result_wrapper: None },
        Action { name: "GetConsoleOutput", input: Some(&GET_CONSOLE_OUTPUT_REQUEST), output: Some(&GET_CONSOLE_OUTPUT_RESULT), result_wrapper: None },
        Action { name: "GetFlowLogsIntegrationTemplate", input: Some(&GET_FLOW_LOGS_INTEGRATION_TEMPLATE_REQUEST), output: Some(&GET_FLOW_LOGS_INTEGRATION_TEMPLATE_RESULT), result_wrapper: None },
        Action { name: "GetManagedPrefixListAssociations", input: Some(&GET_MANAGED_PREFIX_LIST_ASSOCIATIONS_REQUEST), output: Some(&GET_MANAGED_PREFIX_LIST_ASSOCIATIONS_RESULT), result_wrapper: None },
        Action { name: "GetManagedPrefixListEntries", input: Some(&GET_MANAGED_PREFIX_LIST_ENTRIES_REQUEST), output: Some(&GET_MANAGED_PREFIX_LIST_ENTRIES_RESULT), result_wrapper: None },
        Action { name: "GetSecurityGroupsForVpc", input: Some(&GET_SECURITY_GROUPS_FOR_VPC_REQUEST), output: Some(&GET_SECURITY_GROUPS_FOR_VPC_RESULT), result_wrapper: None },
        Action { name: "GetSubnetCidrReservations", input: Some(&GET_SUBNET_CIDR_RESERVATIONS_REQUEST), output: Some(&GET_SUBNET_CIDR_RESERVATIONS_RESULT), result_wrapper: None },
        Action { name: "ModifyInstanceAttribute", input: Some(&MODIFY_INSTANCE_ATTRIBUTE_REQUEST), output: None, result_wrapper: None },
        Action { name: "ModifyInstanceMetadataOptions", input: Some(&MODIFY_INSTANCE_METADATA_OPTIONS_REQUEST), output: Some(&MODIFY_INSTANCE_METADATA_OPTIONS_RESULT), result_wrapper: None },
        Action { name: "ModifyManagedPrefixList", input: Some(&MODIFY_MANAGED_PREFIX_LIST_REQUEST), output: Some(&MODIFY_MANAGED_PREFIX_LIST_RESULT), result_wrapper: None },
        Action { name: "ModifyNetworkInterfaceAttribute", input: Some(&MODIFY_NETWORK_INTERFACE_ATTRIBUTE_REQUEST), output: None, result_wrapper: None },
        Action { name: "ModifySecurityGroupRules", input: Some(&MODIFY_SECURITY_GROUP_RULES_REQUEST), output: Some(&MODIFY_SECURITY_GROUP_RULES_RESULT), result_wrapper: None },
        Action { name: "ModifySubnetAttribute", input: Some(&MODIFY_SUBNET_ATTRIBUTE_REQUEST), output: None, result_wrapper: None },
        Action { name: "ModifyVpcAttribute", input: Some(&MODIFY_VPC_ATTRIBUTE_REQUEST), output: None, result_wrapper: None },
        Action { name: "ModifyVpcEndpoint", input: Some(&MODIFY_VPC_ENDPOINT_REQUEST), output: Some(&MODIFY_VPC_ENDPOINT_RESULT), result_wrapper: None },
        Action { name: "ModifyVpcEndpointConnectionNotification", input: Some(&MODIFY_VPC_ENDPOINT_CONNECTION_NOTIFICATION_REQUEST), output: Some(&MODIFY_VPC_ENDPOINT_CONNECTION_NOTIFICATION_RESULT), result_wrapper: None },
        Action { name: "ModifyVpcEndpointServiceConfiguration", input: Some(&MODIFY_VPC_ENDPOINT_SERVICE_CONFIGURATION_REQUEST), output: Some(&MODIFY_VPC_ENDPOINT_SERVICE_CONFIGURATION_RESULT), result_wrapper: None },
        Action { name: "ModifyVpcEndpointServicePermissions", input: Some(&MODIFY_VPC_ENDPOINT_SERVICE_PERMISSIONS_REQUEST), output: Some(&MODIFY_VPC_ENDPOINT_SERVICE_PERMISSIONS_RESULT), result_wrapper: None },
        Action { name: "ModifyVpcPeeringConnectionOptions", input: Some(&MODIFY_VPC_PEERING_CONNECTION_OPTIONS_REQUEST), output: Some(&MODIFY_VPC_PEERING_CONNECTION_OPTIONS_RESULT), result_wrapper: None },
        Action { name: "ModifyVpcTenancy", input: Some(&MODIFY_VPC_TENANCY_REQUEST), output: Some(&MODIFY_VPC_TENANCY_RESULT), result_wrapper: None },
        Action { name: "RebootInstances", input: Some(&REBOOT_INSTANCES_REQUEST), output: None, result_wrapper: None },
        Action { name: "RejectVpcEndpointConnections", input: Some(&REJECT_VPC_ENDPOINT_CONNECTIONS_REQUEST), output: Some(&REJECT_VPC_ENDPOINT_CONNECTIONS_RESULT), result_wrapper: None },
        Action { name: "RejectVpcPeeringConnection", input: Some(&REJECT_VPC_PEERING_CONNECTION_REQUEST), output: Some(&REJECT_VPC_PEERING_CONNECTION_RESULT), result_wrapper: None },
        Action { name: "ReleaseAddress", input: Some(&RELEASE_ADDRESS_REQUEST), output: None, result_wrapper: None },
        Action { name: "ReplaceIamInstanceProfileAssociation", input: Some(&REPLACE_IAM_INSTANCE_PROFILE_ASSOCIATION_REQUEST), output: Some(&REPLACE_IAM_INSTANCE_PROFILE_ASSOCIATION_RESULT), result_wrapper: None },
        Action { name: "ReplaceNetworkAclAssociation", input: Some(&REPLACE_NETWORK_ACL_ASSOCIATION_REQUEST), output: Some(&REPLACE_NETWORK_ACL_ASSOCIATION_RESULT), result_wrapper: None },
        Action { name: "ReplaceNetworkAclEntry", input: Some(&REPLACE_NETWORK_ACL_ENTRY_REQUEST), output: None, result_wrapper: None },
        Action { name: "ReplaceRoute", input: Some(&REPLACE_ROUTE_REQUEST), output: None, result_wrapper: None },
        Action { name: "ReplaceRouteTableAssociation", input: Some(&REPLACE_ROUTE_TABLE_ASSOCIATION_REQUEST), output: Some(&REPLACE_ROUTE_TABLE_ASSOCIATION_RESULT), result_wrapper: None },
        Action { name: "ResetNetworkInterfaceAttribute", input: Some(&RESET_NETWORK_INTERFACE_ATTRIBUTE_REQUEST), output: None, result_wrapper: None },
        Action { name: "RestoreManagedPrefixListVersion", input: Some(&RESTORE_MANAGED_PREFIX_LIST_VERSION_REQUEST), output: Some(&RESTORE_MANAGED_PREFIX_LIST_VERSION_RESULT), result_wrapper: None },
        Action { name: "RevokeSecurityGroupEgress", input: Some(&REVOKE_SECURITY_GROUP_EGRESS_REQUEST), output: Some(&REVOKE_SECURITY_GROUP_EGRESS_RESULT), result_wrapper: None },
        Action { name: "RevokeSecurityGroupIngress", input: Some(&REVOKE_SECURITY_GROUP_INGRESS_REQUEST), output: Some(&REVOKE_SECURITY_GROUP_INGRESS_RESULT), result_wrapper: None },
        Action { name: "RunInstances", input: Some(&RUN_INSTANCES_REQUEST), output: Some(&RESERVATION), result_wrapper: None },
        Action { name: "StartInstances", input: Some(&START_INSTANCES_REQUEST), output: Some(&START_INSTANCES_RESULT), result_wrapper: None },
        Action { name: "StartNetworkInsightsAnalysis", input: Some(&START_NETWORK_INSIGHTS_ANALYSIS_REQUEST), output: Some(&START_NETWORK_INSIGHTS_ANALYSIS_RESULT), result_wrapper: None },
        Action { name: "StartVpcEndpointServicePrivateDnsVerification", input: Some(&START_VPC_ENDPOINT_SERVICE_PRIVATE_DNS_VERIFICATION_REQUEST), output: Some(&START_VPC_ENDPOINT_SERVICE_PRIVATE_DNS_VERIFICATION_RESULT), result_wrapper: None },
        Action { name: "StopInstances", input: Some(&STOP_INSTANCES_REQUEST), output: Some(&STOP_INSTANCES_RESULT), result_wrapper: None },
        Action { name: "TerminateInstances", input: Some(&TERMINATE_INSTANCES_REQUEST), output: Some(&TERMINATE_INSTANCES_RESULT), result_wrapper: None },
        Action { name: "UnassignIpv6Addresses", input: Some(&UNASSIGN_IPV6_ADDRESSES_REQUEST), output: Some(&UNASSIGN_IPV6_ADDRESSES_RESULT), result_wrapper: None },
        Action { name: "UnassignPrivateIpAddresses", input: Some(&UNASSIGN_PRIVATE_IP_ADDRESSES_REQUEST), output: None, result_wrapper: None },
        Action { name: "UnassignPrivateNatGatewayAddress", input: Some(&UNASSIGN_PRIVATE_NAT_GATEWAY_ADDRESS_REQUEST), output: Some(&UNASSIGN_PRIVATE_NAT_GATEWAY_ADDRESS_RESULT), result_wrapper: None },
        Action { name: "UpdateSecurityGroupRuleDescriptionsEgress", input: Some(&UPDATE_SECURITY_GROUP_RULE_DESCRIPTIONS_EGRESS_REQUEST), output: Some(&UPDATE_SECURITY_GROUP_RULE_DESCRIPTIONS_EGRESS_RESULT), result_wrapper: None },
        Action { name: "UpdateSecurityGroupRuleDescriptionsIngress", input: Some(&UPDATE_SECURITY_GROUP_RULE_DESCRIPTIONS_INGRESS_REQUEST), output: Some(&UPDATE_SECURITY_GROUP_RULE_DESCRIPTIONS_INGRESS_RESULT), result_wrapper: None },
    ],
    other_actions: &[
        "AcceptAddressTransfer", "AcceptCapacityReservationBillingOwnership", "AcceptReservedInstancesExchangeQuote", "AcceptTransitGatewayClientVpnAttachment",
        "AcceptTransitGatewayMulticastDomainAssociations", "AcceptTransitGatewayPeeringAttachment", "AcceptTransitGatewayVpcAttachment", "AdvertiseByoipCidr",
        "AllocateHosts", "AllocateIpamPoolCidr", "ApplySecurityGroupsToClientVpnTargetNetwork", "AssociateApplicationStatusCheck",
        "AssociateCapacityReservationBillingOwner", "AssociateClientVpnTargetNetwork", "AssociateEnclaveCertificateIamRole", "AssociateInstanceEventWindow",
        "AssociateIpamByoasn", "AssociateIpamResourceDiscovery", "AssociateKmsKeyId", "AssociateNetworkingFlexCostAllocationPolicy",
        "AssociateRouteServer", "AssociateSecurityGroupVpc", "AssociateTransitGatewayMulticastDomain", "AssociateTransitGatewayPolicyTable",
        "AssociateTransitGatewayRouteTable", "AssociateTrunkInterface", "AttachClassicLinkVpc", "AttachImageWatermark",
        "AttachVerifiedAccessTrustProvider", "AttachVolume", "AttachVpnGateway", "AuthorizeClientVpnIngress",
        "BatchModifyIpamRoutingPolicyRegistrations", "BundleInstance", "CancelBundleTask", "CancelCapacityReservation",
        "CancelCapacityReservationFleets", "CancelConversionTask", "CancelDeclarativePoliciesReport", "CancelExportTask",
        "CancelImageLaunchPermission", "CancelImportTask", "CancelReservedInstancesListing", "CancelSpotFleetRequests",
        "CancelSpotInstanceRequests", "ConfirmProductInstance", "CopyFpgaImage", "CopyImage",
        "CopySnapshot", "CopyVolumes", "CreateApplicationStatusCheck", "CreateCapacityManagerDataExport",
        "CreateCapacityReservation", "CreateCapacityReservationBySplitting", "CreateCapacityReservationCancellationQuote", "CreateCapacityReservationDateChangeQuote",
        "CreateCapacityReservationFleet", "CreateCarrierGateway", "CreateClientVpnEndpoint", "CreateClientVpnRoute",
        "CreateCoipCidr", "CreateCoipPool", "CreateCustomerGateway", "CreateDelegateMacVolumeOwnershipTask",
        "CreateFleet", "CreateFpgaImage", "CreateImage", "CreateImageUsageReport",
        "CreateInstanceConnectEndpoint", "CreateInstanceEventWindow", "CreateInstanceExportTask", "CreateInterruptibleCapacityReservationAllocation",
        "CreateIpam", "CreateIpamExternalResourceVerificationToken", "CreateIpamInternetRegistryAssociation", "CreateIpamPolicy",
        "CreateIpamPool", "CreateIpamPrefixListResolver", "CreateIpamPrefixListResolverTarget", "CreateIpamResourceDiscovery",
        "CreateIpamRoutingPolicyRegistration", "CreateIpamScope", "CreateKeyPair", "CreateLaunchTemplate",
        "CreateLaunchTemplateVersion", "CreateLocalGatewayRoute", "CreateLocalGatewayRouteTable", "CreateLocalGatewayRouteTableVirtualInterfaceGroupAssociation",
        "CreateLocalGatewayRouteTableVpcAssociation", "CreateLocalGatewayVirtualInterface", "CreateLocalGatewayVirtualInterfaceGroup", "CreateMacSystemIntegrityProtectionModificationTask",
        "CreateMetricCategory", "CreateNetworkInsightsAccessScope", "CreateNetworkInterfacePermission", "CreateNetworkingFlexCostAllocationPolicy",
        "CreatePlacementGroup", "CreatePublicIpv4Pool", "CreateReplaceRootVolumeTask", "CreateReservedInstancesListing",
        "CreateRestoreImageTask", "CreateRouteServer", "CreateRouteServerEndpoint", "CreateRouteServerPeer",
        "CreateSecondaryNetwork", "CreateSecondarySubnet", "CreateSnapshot", "CreateSnapshots",
        "CreateSpotDatafeedSubscription", "CreateStoreImageTask", "CreateTrafficMirrorFilter", "CreateTrafficMirrorFilterRule",
        "CreateTrafficMirrorSession", "CreateTrafficMirrorTarget", "CreateTransitGateway", "CreateTransitGatewayConnect",
        "CreateTransitGatewayConnectPeer", "CreateTransitGatewayMeteringPolicy", "CreateTransitGatewayMeteringPolicyEntry", "CreateTransitGatewayMulticastDomain",
        "CreateTransitGatewayNetworkFunctionAttachment", "CreateTransitGatewayPeeringAttachment", "CreateTransitGatewayPolicyTable", "CreateTransitGatewayPolicyTableEntry",
        "CreateTransitGatewayPrefixListReference", "CreateTransitGatewayRoute", "CreateTransitGatewayRouteTable", "CreateTransitGatewayRouteTableAnnouncement",
        "CreateTransitGatewayVpcAttachment", "CreateVerifiedAccessEndpoint", "CreateVerifiedAccessGroup", "CreateVerifiedAccessInstance",
        "CreateVerifiedAccessTrustProvider", "CreateVolume", "CreateVpcBlockPublicAccessExclusion", "CreateVpcEncryptionControl",
        "CreateVpnConcentrator", "CreateVpnConnection", "CreateVpnConnectionRoute", "CreateVpnGateway",
        "DeleteApplicationStatusCheck", "DeleteCapacityManagerDataExport", "DeleteCarrierGateway", "DeleteClientVpnEndpoint",
        "DeleteClientVpnEndpointAuthorizationPolicy", "DeleteClientVpnRoute", "DeleteCoipCidr", "DeleteCoipPool",
        "DeleteCustomerGateway", "DeleteFleets", "DeleteFpgaImage", "DeleteImageUsageReport",
        "DeleteInstanceConnectEndpoint", "DeleteInstanceEventWindow", "DeleteIpam", "DeleteIpamExternalResourceVerificationToken",
        "DeleteIpamInternetRegistryAssociation", "DeleteIpamPolicy", "DeleteIpamPool", "DeleteIpamPrefixListResolver",
        "DeleteIpamPrefixListResolverTarget", "DeleteIpamResourceDiscovery", "DeleteIpamRoutingPolicyRegistration", "DeleteIpamScope",
        "DeleteKeyPair", "DeleteLaunchTemplate", "DeleteLaunchTemplateVersions", "DeleteLocalGatewayRoute",
        "DeleteLocalGatewayRouteTable", "DeleteLocalGatewayRouteTableVirtualInterfaceGroupAssociation", "DeleteLocalGatewayRouteTableVpcAssociation", "DeleteLocalGatewayVirtualInterface",
        "DeleteLocalGatewayVirtualInterfaceGroup", "DeleteMetricCategory", "DeleteNetworkInsightsAccessScope", "DeleteNetworkInsightsAccessScopeAnalysis",
        "DeleteNetworkInterfacePermission", "DeleteNetworkingFlexCostAllocationPolicies", "DeletePlacementGroup", "DeletePublicIpv4Pool",
        "DeleteQueuedReservedInstances", "DeleteRouteServer", "DeleteRouteServerEndpoint", "DeleteRouteServerPeer",
        "DeleteSecondaryNetwork", "DeleteSecondarySubnet", "DeleteSnapshot", "DeleteSpotDatafeedSubscription",
        "DeleteTrafficMirrorFilter", "DeleteTrafficMirrorFilterRule", "DeleteTrafficMirrorSession", "DeleteTrafficMirrorTarget",
        "DeleteTransitGateway", "DeleteTransitGatewayClientVpnAttachment", "DeleteTransitGatewayConnect", "DeleteTransitGatewayConnectPeer",
        "DeleteTransitGatewayMeteringPolicy", "DeleteTransitGatewayMeteringPolicyEntry", "DeleteTransitGatewayMulticastDomain", "DeleteTransitGatewayNetworkFunctionAttachment",
        "DeleteTransitGatewayPeeringAttachment", "DeleteTransitGatewayPolicyTable", "DeleteTransitGatewayPolicyTableEntry", "DeleteTransitGatewayPrefixListReference",
        "DeleteTransitGatewayRoute", "DeleteTransitGatewayRouteTable", "DeleteTransitGatewayRouteTableAnnouncement", "DeleteTransitGatewayVpcAttachment",
        "DeleteVerifiedAccessEndpoint", "DeleteVerifiedAccessGroup", "DeleteVerifiedAccessInstance", "DeleteVerifiedAccessTrustProvider",
        "DeleteVolume", "DeleteVpcBlockPublicAccessExclusion", "DeleteVpcEncryptionControl", "DeleteVpnConcentrator",
        "DeleteVpnConnection", "DeleteVpnConnectionRoute", "DeleteVpnGateway", "DeprovisionByoipCidr",
        "DeprovisionIpamByoasn", "DeprovisionIpamPoolCidr", "DeprovisionPublicIpv4PoolCidr", "DeregisterImage",
        "DeregisterInstanceEventNotificationAttributes", "DeregisterTransitGatewayMulticastGroupMembers", "DeregisterTransitGatewayMulticastGroupSources", "DescribeAccountVpcEncryptionControl",
        "DescribeAddressTransfers", "DescribeAggregateIdFormat", "DescribeApplicationStatus", "DescribeApplicationStatusCheckAssociations",
        "DescribeApplicationStatusChecks", "DescribeAwsNetworkPerformanceMetricSubscriptions", "DescribeBundleTasks", "DescribeByoipCidrs",
        "DescribeCapacityBlockExtensionHistory", "DescribeCapacityBlockExtensionOfferings", "DescribeCapacityBlockOfferings", "DescribeCapacityBlockStatus",
        "DescribeCapacityBlocks", "DescribeCapacityManagerDataExports", "DescribeCapacityReservationBillingRequests", "DescribeCapacityReservationCancellationQuotes",
        "DescribeCapacityReservationDateChangeQuotes", "DescribeCapacityReservationFleets", "DescribeCapacityReservationTopology", "DescribeCapacityReservations",
        "DescribeCarrierGateways", "DescribeClassicLinkInstances", "DescribeClientVpnAuthorizationRules", "DescribeClientVpnConnections",
        "DescribeClientVpnEndpoints", "DescribeClientVpnRoutes", "DescribeClientVpnTargetNetworks", "DescribeCoipPools",
        "DescribeConversionTasks", "DescribeCustomerGateways", "DescribeDeclarativePoliciesReports", "DescribeElasticGpus",
        "DescribeExportImageTasks", "DescribeExportTasks", "DescribeFastLaunchImages", "DescribeFastSnapshotRestores",
        "DescribeFleetHistory", "DescribeFleetInstances", "DescribeFleets", "DescribeFpgaImageAttribute",
        "DescribeFpgaImages", "DescribeHostReservationOfferings", "DescribeHostReservations", "DescribeHosts",
        "DescribeIdFormat", "DescribeIdentityIdFormat", "DescribeImageAttribute", "DescribeImageReferences",
        "DescribeImageUsageReportEntries", "DescribeImageUsageReports", "DescribeImportImageTasks", "DescribeImportSnapshotTasks",
        "DescribeInstanceConnectEndpoints", "DescribeInstanceEventNotificationAttributes", "DescribeInstanceEventWindows", "DescribeInstanceImageMetadata",
        "DescribeInstanceSqlHaHistoryStates", "DescribeInstanceSqlHaStates", "DescribeInstanceTopology", "DescribeInstanceTypeOfferings",
        "DescribeIpamByoasn", "DescribeIpamExternalResourceVerificationTokens", "DescribeIpamInternetRegistryAssociations", "DescribeIpamPolicies",
        "DescribeIpamPoolAllocations", "DescribeIpamPools", "DescribeIpamPrefixListResolverTargets", "DescribeIpamPrefixListResolvers",
        "DescribeIpamResourceDiscoveries", "DescribeIpamResourceDiscoveryAssociations", "DescribeIpamScopes", "DescribeIpams",
        "DescribeIpv6Pools", "DescribeKeyPairs", "DescribeLaunchTemplateVersions", "DescribeLaunchTemplates",
        "DescribeLocalGatewayRouteTableVirtualInterfaceGroupAssociations", "DescribeLocalGatewayRouteTableVpcAssociations", "DescribeLocalGatewayRouteTables", "DescribeLocalGatewayVirtualInterfaceGroups",
        "DescribeLocalGatewayVirtualInterfaces", "DescribeLocalGateways", "DescribeLockedSnapshots", "DescribeMacHosts",
        "DescribeMacModificationTasks", "DescribeMetricCategories", "DescribeMovingAddresses", "DescribeNetworkInsightsAccessScopeAnalyses",
        "DescribeNetworkInsightsAccessScopes", "DescribeNetworkInterfacePermissions", "DescribeNetworkingFlexCostAllocationPolicies", "DescribeNetworkingFlexCostAllocationPolicyAssociations",
        "DescribeOutpostLags", "DescribePlacementGroups", "DescribePrincipalIdFormat", "DescribePublicIpv4Pools",
        "DescribeReplaceRootVolumeTasks", "DescribeReservedInstances", "DescribeReservedInstancesListings", "DescribeReservedInstancesModifications",
        "DescribeReservedInstancesOfferings", "DescribeRouteServerEndpoints", "DescribeRouteServerPeers", "DescribeRouteServers",
        "DescribeScheduledInstanceAvailability", "DescribeScheduledInstances", "DescribeSecondaryInterfaces", "DescribeSecondaryNetworks",
        "DescribeSecondarySubnets", "DescribeSecurityGroupVpcAssociations", "DescribeServiceLinkVirtualInterfaces", "DescribeSnapshotAttribute",
        "DescribeSnapshotTierStatus", "DescribeSnapshots", "DescribeSpotDatafeedSubscription", "DescribeSpotFleetInstances",
        "DescribeSpotFleetRequestHistory", "DescribeSpotFleetRequests", "DescribeSpotInstanceRequests", "DescribeSpotPriceHistory",
        "DescribeStoreImageTasks", "DescribeTrafficMirrorFilterRules", "DescribeTrafficMirrorFilters", "DescribeTrafficMirrorSessions",
        "DescribeTrafficMirrorTargets", "DescribeTransitGatewayAttachments", "DescribeTransitGatewayConnectPeers", "DescribeTransitGatewayConnects",
        "DescribeTransitGatewayMeteringPolicies", "DescribeTransitGatewayMulticastDomains", "DescribeTransitGatewayNetworkFunctionAttachments", "DescribeTransitGatewayPeeringAttachments",
        "DescribeTransitGatewayPolicyTables", "DescribeTransitGatewayRouteTableAnnouncements", "DescribeTransitGatewayRouteTables", "DescribeTransitGatewayVpcAttachments",
        "DescribeTransitGateways", "DescribeTrunkInterfaceAssociations", "DescribeVerifiedAccessEndpoints", "DescribeVerifiedAccessGroups",
        "DescribeVerifiedAccessInstanceLoggingConfigurations", "DescribeVerifiedAccessInstances", "DescribeVerifiedAccessTrustProviders", "DescribeVolumeAttribute",
        "DescribeVolumeStatus", "DescribeVolumesModifications", "DescribeVpcBlockPublicAccessExclusions", "DescribeVpcBlockPublicAccessOptions",
        "DescribeVpcClassicLink", "DescribeVpcClassicLinkDnsSupport", "DescribeVpcEncryptionControls", "DescribeVpnConcentrators",
        "DescribeVpnConnections", "DescribeVpnGateways", "DetachClassicLinkVpc", "DetachImageWatermark",
        "DetachVerifiedAccessTrustProvider", "DetachVolume", "DetachVpnGateway", "DisableAddressTransfer",
        "DisableAllowedImagesSettings", "DisableApplicationStatusCheckSuppression", "DisableAwsNetworkPerformanceMetricSubscription", "DisableCapacityManager",
        "DisableEbsEncryptionByDefault", "DisableFastLaunch", "DisableFastSnapshotRestores", "DisableImage",
        "DisableImageBlockPublicAccess", "DisableImageDeprecation", "DisableImageDeregistrationProtection", "DisableInstanceSqlHaStandbyDetections",
        "DisableIpamOrganizationAdminAccount", "DisableIpamPolicy", "DisableRouteServerPropagation", "DisableSerialConsoleAccess",
        "DisableSnapshotBlockPublicAccess", "DisableTransitGatewayRouteTablePropagation", "DisableVpcClassicLink", "DisableVpcClassicLinkDnsSupport",
        "DisassociateApplicationStatusCheck", "DisassociateCapacityReservationBillingOwner", "DisassociateClientVpnTargetNetwork", "DisassociateEnclaveCertificateIamRole",
        "DisassociateInstanceEventWindow", "DisassociateIpamByoasn", "DisassociateIpamResourceDiscovery", "DisassociateKmsKeyId",
        "DisassociateNetworkingFlexCostAllocationPolicy", "DisassociateRouteServer", "DisassociateSecurityGroupVpc", "DisassociateTransitGatewayMulticastDomain",
        "DisassociateTransitGatewayPolicyTable", "DisassociateTransitGatewayRouteTable", "DisassociateTrunkInterface", "EnableAddressTransfer",
        "EnableAllowedImagesSettings", "EnableApplicationStatusCheckSuppression", "EnableAwsNetworkPerformanceMetricSubscription", "EnableCapacityManager",
        "EnableEbsEncryptionByDefault", "EnableFastLaunch", "EnableFastSnapshotRestores", "EnableImage",
        "EnableImageBlockPublicAccess", "EnableImageDeprecation", "EnableImageDeregistrationProtection", "EnableInstanceSqlHaStandbyDetections",
        "EnableIpamInternetRegistryAssociation", "EnableIpamOrganizationAdminAccount", "EnableIpamPolicy", "EnableReachabilityAnalyzerOrganizationSharing",
        "EnableRouteServerPropagation", "EnableSerialConsoleAccess", "EnableSnapshotBlockPublicAccess", "EnableTransitGatewayRouteTablePropagation",
        "EnableVolumeIO", "EnableVpcClassicLink", "EnableVpcClassicLinkDnsSupport", "ExportClientVpnClientCertificateRevocationList",
        "ExportClientVpnClientConfiguration", "ExportImage", "ExportTransitGatewayRoutes", "ExportVerifiedAccessInstanceClientConfiguration",
        "GetActiveVpnTunnelStatus", "GetAllowedImagesSettings", "GetAssociatedEnclaveCertificateIamRoles", "GetAssociatedIpv6PoolCidrs",
        "GetAwsNetworkPerformanceData", "GetCapacityManagerAttributes", "GetCapacityManagerMetricData", "GetCapacityManagerMetricDimensions",
        "GetCapacityManagerMonitoredTagKeys", "GetCapacityManagerSupportabilityScores", "GetCapacityReservationUsage", "GetClientVpnEndpointAuthorizationPolicy",
        "GetCoipPoolUsage", "GetConsoleScreenshot", "GetDeclarativePoliciesReportSummary", "GetDefaultCreditSpecification",
        "GetEbsDefaultKmsKeyId", "GetEbsEncryptionByDefault", "GetEnabledIpamPolicy", "GetGroupsForCapacityReservation",
        "GetHostReservationPurchasePreview", "GetImageAncestry", "GetImageBlockPublicAccessState", "GetImageFindings",
        "GetInstanceMetadataDefaults", "GetInstanceTpmEkPub", "GetInstanceTypesFromInstanceRequirements", "GetInstanceUefiData",
        "GetIpamAddressHistory", "GetIpamDiscoveredAccounts", "GetIpamDiscoveredPublicAddresses", "GetIpamDiscoveredResourceCidrs",
        "GetIpamDiscoveredRoutes", "GetIpamInternetRegistryAssociationAsns", "GetIpamInternetRegistryAssociationCidrs", "GetIpamPolicyAllocationRules",
        "GetIpamPolicyOrganizationTargets", "GetIpamPoolAllocations", "GetIpamPoolCidrs", "GetIpamPrefixListResolverRules",
        "GetIpamPrefixListResolverVersionEntries", "GetIpamPrefixListResolverVersions", "GetIpamResourceCidrs", "GetIpamRouteOriginAuthorizations",
        "GetIpamRouteProtectionFindings", "GetIpamRoutingPolicyRegistrationDeltas", "GetIpamRoutingPolicyRegistrations", "GetLaunchTemplateData",
        "GetManagedResourceVisibility", "GetNetworkInsightsAccessScopeAnalysisFindings", "GetNetworkInsightsAccessScopeContent", "GetNetworkingFlexCostAllocationPolicyVersions",
        "GetPasswordData", "GetReservedInstancesExchangeQuote", "GetRouteServerAssociations", "GetRouteServerPropagations",
        "GetRouteServerRoutingDatabase", "GetSerialConsoleAccessStatus", "GetSnapshotBlockPublicAccessState", "GetSpotPlacementScores",
        "GetTransitGatewayAttachmentNatConfiguration", "GetTransitGatewayAttachmentPropagations", "GetTransitGatewayMeteringPolicyEntries", "GetTransitGatewayMulticastDomainAssociations",
        "GetTransitGatewayPolicyTableAssociations", "GetTransitGatewayPolicyTableEntries", "GetTransitGatewayPrefixListReferences", "GetTransitGatewayRouteTableAssociations",
        "GetTransitGatewayRouteTablePropagations", "GetVerifiedAccessEndpointPolicy", "GetVerifiedAccessEndpointTargets", "GetVerifiedAccessGroupPolicy",
        "GetVpcResourcesBlockingEncryptionEnforcement", "GetVpnConnectionDeviceSampleConfiguration", "GetVpnConnectionDeviceTypes", "GetVpnTunnelReplacementStatus",
        "ImportClientVpnClientCertificateRevocationList", "ImportImage", "ImportInstance", "ImportKeyPair",
        "ImportSnapshot", "ImportVolume", "ListImagesInRecycleBin", "ListSnapshotsInRecycleBin",
        "ListVolumesInRecycleBin", "LockSnapshot", "ModifyAccountVpcEncryptionControl", "ModifyAddressAttribute",
        "ModifyApplicationStatusCheck", "ModifyAvailabilityZoneGroup", "ModifyCapacityReservation", "ModifyCapacityReservationFleet",
        "ModifyClientVpnEndpoint", "ModifyClientVpnEndpointAuthorizationPolicy", "ModifyDefaultCreditSpecification", "ModifyEbsDefaultKmsKeyId",
        "ModifyFleet", "ModifyFpgaImageAttribute", "ModifyHosts", "ModifyIdFormat",
        "ModifyIdentityIdFormat", "ModifyImageAttribute", "ModifyInstanceCapacityReservationAttributes", "ModifyInstanceConnectEndpoint",
        "ModifyInstanceCpuOptions", "ModifyInstanceCreditSpecification", "ModifyInstanceEventStartTime", "ModifyInstanceEventWindow",
        "ModifyInstanceMaintenanceOptions", "ModifyInstanceMetadataDefaults", "ModifyInstanceNetworkPerformanceOptions", "ModifyInstancePlacement",
        "ModifyIpam", "ModifyIpamPolicyAllocationRules", "ModifyIpamPool", "ModifyIpamPoolAllocation",
        "ModifyIpamPrefixListResolver", "ModifyIpamPrefixListResolverTarget", "ModifyIpamResourceCidr", "ModifyIpamResourceDiscovery",
        "ModifyIpamRoutingPolicyRegistration", "ModifyIpamScope", "ModifyLaunchTemplate", "ModifyLocalGatewayRoute",
        "ModifyManagedResourceVisibility", "ModifyMetricCategory", "ModifyNetworkingFlexCostAllocationPolicy", "ModifyPrivateDnsNameOptions",
        "ModifyPublicIpDnsNameOptions", "ModifyReservedInstances", "ModifyRouteServer", "ModifySnapshotAttribute",
        "ModifySnapshotTier", "ModifySpotFleetRequest", "ModifyTrafficMirrorFilterNetworkServices", "ModifyTrafficMirrorFilterRule",
        "ModifyTrafficMirrorSession", "ModifyTransitGateway", "ModifyTransitGatewayAttachmentNatConfiguration", "ModifyTransitGatewayMeteringPolicy",
        "ModifyTransitGatewayNetworkFunctionAttachment", "ModifyTransitGatewayPeeringAttachment", "ModifyTransitGatewayPolicyTableEntry", "ModifyTransitGatewayPrefixListReference",
        "ModifyTransitGatewayVpcAttachment", "ModifyVerifiedAccessEndpoint", "ModifyVerifiedAccessEndpointPolicy", "ModifyVerifiedAccessGroup",
        "ModifyVerifiedAccessGroupPolicy", "ModifyVerifiedAccessInstance", "ModifyVerifiedAccessInstanceLoggingConfiguration", "ModifyVerifiedAccessTrustProvider",
        "ModifyVolume", "ModifyVolumeAttribute", "ModifyVpcBlockPublicAccessExclusion", "ModifyVpcBlockPublicAccessOptions",
        "ModifyVpcEncryptionControl", "ModifyVpcEndpointPayerResponsibility", "ModifyVpcEndpointServicePayerResponsibility", "ModifyVpnConnection",
        "ModifyVpnConnectionOptions", "ModifyVpnTunnelCertificate", "ModifyVpnTunnelOptions", "MonitorInstances",
        "MoveAddressToVpc", "MoveByoipCidrToIpam", "MoveCapacityReservationInstances", "ProvisionByoipCidr",
        "ProvisionIpamByoasn", "ProvisionIpamPoolCidr", "ProvisionPublicIpv4PoolCidr", "PurchaseCapacityBlock",
        "PurchaseCapacityBlockExtension", "PurchaseHostReservation", "PurchaseReservedInstancesOffering", "PurchaseScheduledInstances",
        "RegisterImage", "RegisterInstanceEventNotificationAttributes", "RegisterTransitGatewayMulticastGroupMembers", "RegisterTransitGatewayMulticastGroupSources",
        "RejectCapacityReservationBillingOwnership", "RejectTransitGatewayClientVpnAttachment", "RejectTransitGatewayMulticastDomainAssociations", "RejectTransitGatewayPeeringAttachment",
        "RejectTransitGatewayVpcAttachment", "ReleaseHosts", "ReleaseIpamPoolAllocation", "ReplaceImageCriteriaInAllowedImagesSettings",
        "ReplaceImageInstanceTypeSpecification", "ReplaceTransitGatewayRoute", "ReplaceVpnTunnel", "ReportInstanceStatus",
        "RequestSpotFleet", "RequestSpotInstances", "ResetAddressAttribute", "ResetEbsDefaultKmsKeyId",
        "ResetFpgaImageAttribute", "ResetImageAttribute", "ResetInstanceAttribute", "ResetSnapshotAttribute",
        "RestoreAddressToClassic", "RestoreImageFromRecycleBin", "RestoreSnapshotFromRecycleBin", "RestoreSnapshotTier",
        "RestoreVolumeFromRecycleBin", "RevokeClientVpnIngress", "RunScheduledInstances", "SearchLocalGatewayRoutes",
        "SearchTransitGatewayMulticastGroups", "SearchTransitGatewayRoutes", "SendDiagnosticInterrupt", "StartDeclarativePoliciesReport",
        "StartNetworkInsightsAccessScopeAnalysis", "TerminateClientVpnConnections", "UnlockSnapshot", "UnmonitorInstances",
        "UpdateCapacityManagerMonitoredTagKeys", "UpdateCapacityManagerOrganizationsAccess", "UpdateInterruptibleCapacityReservationAllocation", "ValidateSecurityGroupQuotasForInterface",
        "WithdrawByoipCidr",
    ],
};

static ACCEPT_VPC_ENDPOINT_CONNECTIONS_REQUEST: Structure = shape(&[
    opt("DryRun", "DryRun", "DryRun", Boolean),
    req("ServiceId", "ServiceId", "ServiceId", String),
    opt("TransitGatewayAttachmentIds", "TransitGatewayAttachmentId", "TransitGatewayAttachmentId", l(&TRANSIT_GATEWAY_ATTACHMENT_ID_LIST)),
    req("VpcEndpointIds", "VpcEndpointId", "VpcEndpointId", l(&VPC_ENDPOINT_ID_LIST)),
]);
static ACCEPT_VPC_ENDPOINT_CONNECTIONS_RESULT: Structure = shape(&[
    opt("Unsuccessful", "Unsuccessful", "unsuccessful", l(&UNSUCCESSFUL_ITEM_SET)),
]);
static ACCEPT_VPC_PEERING_CONNECTION_REQUEST: Structure = shape(&[
    opt("DryRun", "DryRun", "dryRun", Boolean),
    req("VpcPeeringConnectionId", "VpcPeeringConnectionId", "vpcPeeringConnectionId", String),
]);
static ACCEPT_VPC_PEERING_CONNECTION_RESULT: Structure = shape(&[
    opt("VpcPeeringConnection", "VpcPeeringConnection", "vpcPeeringConnection", s(&VPC_PEERING_CONNECTION)),
]);
static ACCOUNT_ATTRIBUTE: Structure = shape(&[
    opt("AttributeName", "AttributeName", "attributeName", String),
    opt("AttributeValues", "AttributeValueSet", "attributeValueSet", l(&ACCOUNT_ATTRIBUTE_VALUE_LIST)),
]);
static ACCOUNT_ATTRIBUTE_LIST: List = list(None, "item", s(&ACCOUNT_ATTRIBUTE));
static ACCOUNT_ATTRIBUTE_NAME_STRING_LIST: List = list(None, "attributeName", String);
static ACCOUNT_ATTRIBUTE_VALUE: Structure = shape(&[
    opt("AttributeValue", "AttributeValue", "attributeValue", String),
]);
static ACCOUNT_ATTRIBUTE_VALUE_LIST: List = list(None, "item", s(&ACCOUNT_ATTRIBUTE_VALUE));
static ADD_PREFIX_LIST_ENTRIES: List = list(None, "member", s(&ADD_PREFIX_LIST_ENTRY));
static ADD_PREFIX_LIST_ENTRY: Structure = shape(&[
    req("Cidr", "Cidr", "Cidr", String),
    opt("Description", "Description", "Description", String),
]);
static ADDED_PRINCIPAL: Structure = shape(&[
    opt("PermissionType", "PermissionType", "permissionType", String),
    opt("Principal", "Principal", "principal", String),
    opt("PrincipalType", "PrincipalType", "principalType", String),
    opt("ServiceId", "ServiceId", "serviceId", String),
    opt("ServicePermissionId", "ServicePermissionId", "servicePermissionId", String),
]);
static ADDED_PRINCIPAL_SET: List = list(None, "item", s(&ADDED_PRINCIPAL));
static ADDITIONAL_DETAIL: Structure = shape(&[
    opt("AdditionalDetailType", "AdditionalDetailType", "additionalDetailType", String),
    opt("Component", "Component", "component", s(&ANALYSIS_COMPONENT)),
    opt("LoadBalancers", "LoadBalancerSet", "loadBalancerSet", l(&ANALYSIS_COMPONENT_LIST)),
    opt("RuleGroupRuleOptionsPairs", "RuleGroupRuleOptionsPairSet", "ruleGroupRuleOptionsPairSet", l(&RULE_GROUP_RULE_OPTIONS_PAIR_LIST)),
    opt("RuleGroupTypePairs", "RuleGroupTypePairSet", "ruleGroupTypePairSet", l(&RULE_GROUP_TYPE_PAIR_LIST)),
    opt("RuleOptions", "RuleOptionSet", "ruleOptionSet", l(&RULE_OPTION_LIST)),
    opt("ServiceName", "ServiceName", "serviceName", String),
    opt("VpcEndpointService", "VpcEndpointService", "vpcEndpointService", s(&ANALYSIS_COMPONENT)),
]);
static ADDITIONAL_DETAIL_LIST: List = list(None, "item", s(&ADDITIONAL_DETAIL));
static ADDRESS: Structure = shape(&[
    opt("AllocationId", "AllocationId", "allocationId", String),
    opt("AssociationId", "AssociationId", "associationId", String),
    opt("CarrierIp", "CarrierIp", "carrierIp", String),
    opt("CustomerOwnedIp", "CustomerOwnedIp", "customerOwnedIp", String),
    opt("CustomerOwnedIpv4Pool", "CustomerOwnedIpv4Pool", "customerOwnedIpv4Pool", String),
    opt("Domain", "Domain", "domain", String),
    opt("InstanceId", "InstanceId", "instanceId", String),
    opt("NetworkBorderGroup", "NetworkBorderGroup", "networkBorderGroup", String),
    opt("NetworkInterfaceId", "NetworkInterfaceId", "networkInterfaceId", String),
    opt("NetworkInterfaceOwnerId", "NetworkInterfaceOwnerId", "networkInterfaceOwnerId", String),
    opt("PrivateIpAddress", "PrivateIpAddress", "privateIpAddress", String),
    opt("PublicIp", "PublicIp", "publicIp", String),
    opt("PublicIpv4Pool", "PublicIpv4Pool", "publicIpv4Pool", String),
    opt("ServiceManaged", "ServiceManaged", "serviceManaged", String),
    opt("SubnetId", "SubnetId", "subnetId", String),
    opt("Tags", "TagSet", "tagSet", l(&TAG_LIST)),
]);
static ADDRESS_ATTRIBUTE: Structure = shape(&[
    opt("AllocationId", "AllocationId", "allocationId", String),
    opt("PtrRecord", "PtrRecord", "ptrRecord", String),
    opt("PtrRecordUpdate", "PtrRecordUpdate", "ptrRecordUpdate", s(&PTR_UPDATE_STATUS)),
    opt("PublicIp", "PublicIp", "publicIp", String),
]);
static ADDRESS_LIST: List = list(None, "item", s(&ADDRESS));
static ADDRESS_SET: List = list(None, "item", s(&ADDRESS_ATTRIBUTE));
static ALLOCATE_ADDRESS_REQUEST: Structure = shape(&[
    opt("Address", "Address", "Address", String),
    opt("CustomerOwnedIpv4Pool", "CustomerOwnedIpv4Pool", "CustomerOwnedIpv4Pool", String),
    opt("Domain", "Domain", "Domain", String),
    opt("DryRun", "DryRun", "dryRun", Boolean),
    opt("IpamPoolId", "IpamPoolId", "IpamPoolId", String),
    opt("NetworkBorderGroup", "NetworkBorderGroup", "NetworkBorderGroup", String),
    opt("PublicIpv4Pool", "PublicIpv4Pool", "PublicIpv4Pool", String),
    opt("TagSpecifications", "TagSpecification", "TagSpecification", l(&TAG_SPECIFICATION_LIST)),
]);
static ALLOCATE_ADDRESS_RESULT: Structure = shape(&[
    opt("AllocationId", "AllocationId", "allocationId", String),
    opt("CarrierIp", "CarrierIp", "carrierIp", String),
    opt("CustomerOwnedIp", "CustomerOwnedIp", "customerOwnedIp", String),
    opt("CustomerOwnedIpv4Pool", "CustomerOwnedIpv4Pool", "customerOwnedIpv4Pool", String),
    opt("Domain", "Domain", "domain", String),
    opt("NetworkBorderGroup", "NetworkBorderGroup", "networkBorderGroup", String),
    opt("PublicIp", "PublicIp", "publicIp", String),
    opt("PublicIpv4Pool", "PublicIpv4Pool", "publicIpv4Pool", String),
]);
static ALLOCATION_ID_LIST: List = list(None, "AllocationId", String);
static ALLOCATION_IDS: List = list(None, "item", String);
static ALLOWED_PRINCIPAL: Structure = shape(&[
    opt("PermissionType", "PermissionType", "permissionType", String),
    opt("Principal", "Principal", "principal", String),
    opt("PrincipalType", "PrincipalType", "principalType", String),
    opt("ServiceId", "ServiceId", "serviceId", String),
    opt("ServicePermissionId", "ServicePermissionId", "servicePermissionId", String),
    opt("Tags", "TagSet", "tagSet", l(&TAG_LIST)),
]);
static ALLOWED_PRINCIPAL_SET: List = list(None, "item", s(&ALLOWED_PRINCIPAL));
static ALTERNATE_PATH_HINT: Structure = shape(&[
    opt("ComponentArn", "ComponentArn", "componentArn", String),
    opt("ComponentId", "ComponentId", "componentId", String),
]);
static ALTERNATE_PATH_HINT_LIST: List = list(None, "item", s(&ALTERNATE_PATH_HINT));
static ANALYSIS_ACL_RULE: Structure = shape(&[
    opt("Cidr", "Cidr", "cidr", String),
    opt("Egress", "Egress", "egress", Boolean),
    opt("PortRange", "PortRange", "portRange", s(&PORT_RANGE)),
    opt("Protocol", "Protocol", "protocol", String),
    opt("RuleAction", "RuleAction", "ruleAction", String),
    opt("RuleNumber", "RuleNumber", "ruleNumber", Integer),
]);
static ANALYSIS_COMPONENT: Structure = shape(&[
    opt("Arn", "Arn", "arn", String),
    opt("Id", "Id", "id", String),
    opt("Name", "Name", "name", String),
]);
static ANALYSIS_COMPONENT_LIST: List = list(None, "item", s(&ANALYSIS_COMPONENT));
static ANALYSIS_LOAD_BALANCER_LISTENER: Structure = shape(&[
    opt("InstancePort", "InstancePort", "instancePort", Integer),
    opt("LoadBalancerPort", "LoadBalancerPort", "loadBalancerPort", Integer),
]);
static ANALYSIS_LOAD_BALANCER_TARGET: Structure = shape(&[
    opt("Address", "Address", "address", String),
    opt("AvailabilityZone", "AvailabilityZone", "availabilityZone", String),
    opt("AvailabilityZoneId", "AvailabilityZoneId", "availabilityZoneId", String),
    opt("Instance", "Instance", "instance", s(&ANALYSIS_COMPONENT)),
    opt("Port", "Port", "port", Integer),
]);
static ANALYSIS_PACKET_HEADER: Structure = shape(&[
    opt("DestinationAddresses", "DestinationAddressSet", "destinationAddressSet", l(&IP_ADDRESS_LIST)),
    opt("DestinationPortRanges", "DestinationPortRangeSet", "destinationPortRangeSet", l(&PORT_RANGE_LIST)),
    opt("Protocol", "Protocol", "protocol", String),
    opt("SourceAddresses", "SourceAddressSet", "sourceAddressSet", l(&IP_ADDRESS_LIST)),
    opt("SourcePortRanges", "SourcePortRangeSet", "sourcePortRangeSet", l(&PORT_RANGE_LIST)),
]);
static ANALYSIS_ROUTE_TABLE_ROUTE: Structure = shape(&[
    opt("CarrierGatewayId", "CarrierGatewayId", "carrierGatewayId", String),
    opt("CoreNetworkArn", "CoreNetworkArn", "coreNetworkArn", String),
    opt("DestinationCidr", "DestinationCidr", "destinationCidr", String),
    opt("DestinationPrefixListId", "DestinationPrefixListId", "destinationPrefixListId", String),
    opt("EgressOnlyInternetGatewayId", "EgressOnlyInternetGatewayId", "egressOnlyInternetGatewayId", String),
    opt("GatewayId", "GatewayId", "gatewayId", String),
    opt("InstanceId", "InstanceId", "instanceId", String),
    opt("LocalGatewayId", "LocalGatewayId", "localGatewayId", String),
    opt("NatGatewayId", "NatGatewayId", "natGatewayId", String),
    opt("NetworkInterfaceId", "NetworkInterfaceId", "networkInterfaceId", String),
    opt("Origin", "Origin", "origin", String),
    opt("State", "State", "state", String),
    opt("TransitGatewayId", "TransitGatewayId", "transitGatewayId", String),
    opt("VpcPeeringConnectionId", "VpcPeeringConnectionId", "vpcPeeringConnectionId", String),
]);
static ANALYSIS_SECURITY_GROUP_RULE: Structure = shape(&[
    opt("Cidr", "Cidr", "cidr", String),
    opt("Direction", "Direction", "direction", String),
    opt("PortRange", "PortRange", "portRange", s(&PORT_RANGE)),
    opt("PrefixListId", "PrefixListId", "prefixListId", String),
    opt("Protocol", "Protocol", "protocol", String),
    opt("SecurityGroupId", "SecurityGroupId", "securityGroupId", String),
]);
static ANALYSIS_TRANSIT_GATEWAY_POLICY_TABLE_ENTRY: Structure = shape(&[
    opt("DestinationCidr", "DestinationCidr", "destinationCidr", String),
    opt("DestinationPortRange", "DestinationPortRange", "destinationPortRange", s(&PORT_RANGE)),
    opt("Protocol", "Protocol", "protocol", String),
    opt("RuleNumber", "RuleNumber", "ruleNumber", Integer),
    opt("SourceCidr", "SourceCidr", "sourceCidr", String),
    opt("SourcePortRange", "SourcePortRange", "sourcePortRange", s(&PORT_RANGE)),
    opt("TargetRouteTableId", "TargetRouteTableId", "targetRouteTableId", String),
]);
static APPLICATION_STATUS_SUMMARY: Structure = shape(&[
    opt("ImpairedSince", "ImpairedSince", "impairedSince", Timestamp),
    opt("Status", "Status", "status", String),
]);
static ARCHITECTURE_TYPE_LIST: List = list(None, "item", String);
static ARN_LIST: List = list(None, "item", String);
static ASSIGN_IPV6_ADDRESSES_REQUEST: Structure = shape(&[
    opt("Ipv6AddressCount", "Ipv6AddressCount", "ipv6AddressCount", Integer),
    opt("Ipv6Addresses", "Ipv6Addresses", "ipv6Addresses", l(&IPV6_ADDRESS_LIST)),
    opt("Ipv6PrefixCount", "Ipv6PrefixCount", "Ipv6PrefixCount", Integer),
    opt("Ipv6Prefixes", "Ipv6Prefix", "Ipv6Prefix", l(&IP_PREFIX_LIST)),
    req("NetworkInterfaceId", "NetworkInterfaceId", "networkInterfaceId", String),
]);
static ASSIGN_IPV6_ADDRESSES_RESULT: Structure = shape(&[
    opt("AssignedIpv6Addresses", "AssignedIpv6Addresses", "assignedIpv6Addresses", l(&IPV6_ADDRESS_LIST)),
    opt("AssignedIpv6Prefixes", "AssignedIpv6PrefixSet", "assignedIpv6PrefixSet", l(&IP_PREFIX_LIST)),
    opt("NetworkInterfaceId", "NetworkInterfaceId", "networkInterfaceId", String),
]);
static ASSIGN_PRIVATE_IP_ADDRESSES_REQUEST: Structure = shape(&[
    opt("AllowReassignment", "AllowReassignment", "allowReassignment", Boolean),
    opt("Ipv4PrefixCount", "Ipv4PrefixCount", "Ipv4PrefixCount", Integer),
    opt("Ipv4Prefixes", "Ipv4Prefix", "Ipv4Prefix", l(&IP_PREFIX_LIST)),
    req("NetworkInterfaceId", "NetworkInterfaceId", "networkInterfaceId", String),
    opt("PrivateIpAddresses", "PrivateIpAddress", "privateIpAddress", l(&PRIVATE_IP_ADDRESS_STRING_LIST)),
    opt("SecondaryPrivateIpAddressCount", "SecondaryPrivateIpAddressCount", "secondaryPrivateIpAddressCount", Integer),
]);
static ASSIGN_PRIVATE_IP_ADDRESSES_RESULT: Structure = shape(&[
    opt("AssignedIpv4Prefixes", "AssignedIpv4PrefixSet", "assignedIpv4PrefixSet", l(&IPV4_PREFIXES_LIST)),
    opt("AssignedPrivateIpAddresses", "AssignedPrivateIpAddressesSet", "assignedPrivateIpAddressesSet", l(&ASSIGNED_PRIVATE_IP_ADDRESS_LIST)),
    opt("NetworkInterfaceId", "NetworkInterfaceId", "networkInterfaceId", String),
]);
static ASSIGN_PRIVATE_NAT_GATEWAY_ADDRESS_REQUEST: Structure = shape(&[
    opt("DryRun", "DryRun", "DryRun", Boolean),
    req("NatGatewayId", "NatGatewayId", "NatGatewayId", String),
    opt("PrivateIpAddressCount", "PrivateIpAddressCount", "PrivateIpAddressCount", Integer),
    opt("PrivateIpAddresses", "PrivateIpAddress", "PrivateIpAddress", l(&IP_LIST)),
]);
static ASSIGN_PRIVATE_NAT_GATEWAY_ADDRESS_RESULT: Structure = shape(&[
    opt("NatGatewayAddresses", "NatGatewayAddressSet", "natGatewayAddressSet", l(&NAT_GATEWAY_ADDRESS_LIST)),
    opt("NatGatewayId", "NatGatewayId", "natGatewayId", String),
]);
static ASSIGNED_PRIVATE_IP_ADDRESS: Structure = shape(&[
    opt("PrivateIpAddress", "PrivateIpAddress", "privateIpAddress", String),
]);
static ASSIGNED_PRIVATE_IP_ADDRESS_LIST: List = list(None, "item", s(&ASSIGNED_PRIVATE_IP_ADDRESS));
static ASSOCIATE_ADDRESS_REQUEST: Structure = shape(&[
    opt("AllocationId", "AllocationId", "AllocationId", String),
    opt("AllowReassociation", "AllowReassociation", "allowReassociation", Boolean),
    opt("DryRun", "DryRun", "dryRun", Boolean),
    opt("InstanceId", "InstanceId", "InstanceId", String),
    opt("NetworkInterfaceId", "NetworkInterfaceId", "networkInterfaceId", String),
    opt("PrivateIpAddress", "PrivateIpAddress", "privateIpAddress", String),
    opt("PublicIp", "PublicIp", "PublicIp", String),
]);
static ASSOCIATE_ADDRESS_RESULT: Structure = shape(&[
    opt("AssociationId", "AssociationId", "associationId", String),
]);
static ASSOCIATE_DHCP_OPTIONS_REQUEST: Structure = shape(&[
    req("DhcpOptionsId", "DhcpOptionsId", "DhcpOptionsId", String),
    opt("DryRun", "DryRun", "dryRun", Boolean),
    req("VpcId", "VpcId", "VpcId", String),
]);
static ASSOCIATE_IAM_INSTANCE_PROFILE_REQUEST: Structure = shape(&[
    req("IamInstanceProfile", "IamInstanceProfile", "IamInstanceProfile", s(&IAM_INSTANCE_PROFILE_SPECIFICATION)),
    req("InstanceId", "InstanceId", "InstanceId", String),
]);
static ASSOCIATE_IAM_INSTANCE_PROFILE_RESULT: Structure = shape(&[
    opt("IamInstanceProfileAssociation", "IamInstanceProfileAssociation", "iamInstanceProfileAssociation", s(&IAM_INSTANCE_PROFILE_ASSOCIATION)),
]);
static ASSOCIATE_NAT_GATEWAY_ADDRESS_REQUEST: Structure = shape(&[
    req("AllocationIds", "AllocationId", "AllocationId", l(&ALLOCATION_ID_LIST)),
    opt("AvailabilityZone", "AvailabilityZone", "AvailabilityZone", String),
    opt("AvailabilityZoneId", "AvailabilityZoneId", "AvailabilityZoneId", String),
    opt("DryRun", "DryRun", "DryRun", Boolean),
    req("NatGatewayId", "NatGatewayId", "NatGatewayId", String),
    opt("PrivateIpAddresses", "PrivateIpAddress", "PrivateIpAddress", l(&IP_LIST)),
]);
static ASSOCIATE_NAT_GATEWAY_ADDRESS_RESULT: Structure = shape(&[
    opt("NatGatewayAddresses", "NatGatewayAddressSet", "natGatewayAddressSet", l(&NAT_GATEWAY_ADDRESS_LIST)),
    opt("NatGatewayId", "NatGatewayId", "natGatewayId", String),
]);
static ASSOCIATE_ROUTE_TABLE_REQUEST: Structure = shape(&[
    opt("DryRun", "DryRun", "dryRun", Boolean),
    opt("GatewayId", "GatewayId", "GatewayId", String),
    opt("PublicIpv4Pool", "PublicIpv4Pool", "PublicIpv4Pool", String),
    req("RouteTableId", "RouteTableId", "routeTableId", String),
    opt("SubnetId", "SubnetId", "subnetId", String),
]);
static ASSOCIATE_ROUTE_TABLE_RESULT: Structure = shape(&[
    opt("AssociationId", "AssociationId", "associationId", String),
    opt("AssociationState", "AssociationState", "associationState", s(&ROUTE_TABLE_ASSOCIATION_STATE)),
]);
static ASSOCIATE_SUBNET_CIDR_BLOCK_REQUEST: Structure = shape(&[
    opt("Ipv6CidrBlock", "Ipv6CidrBlock", "ipv6CidrBlock", String),
    opt("Ipv6IpamPoolId", "Ipv6IpamPoolId", "Ipv6IpamPoolId", String),
    opt("Ipv6NetmaskLength", "Ipv6NetmaskLength", "Ipv6NetmaskLength", Integer),
    req("SubnetId", "SubnetId", "subnetId", String),
]);
static ASSOCIATE_SUBNET_CIDR_BLOCK_RESULT: Structure = shape(&[
    opt("Ipv6CidrBlockAssociation", "Ipv6CidrBlockAssociation", "ipv6CidrBlockAssociation", s(&SUBNET_IPV6_CIDR_BLOCK_ASSOCIATION)),
    opt("SubnetId", "SubnetId", "subnetId", String),
]);
static ASSOCIATE_VPC_CIDR_BLOCK_REQUEST: Structure = shape(&[
    opt("AmazonProvidedIpv6CidrBlock", "AmazonProvidedIpv6CidrBlock", "amazonProvidedIpv6CidrBlock", Boolean),
    opt("CidrBlock", "CidrBlock", "CidrBlock", String),
    opt("Ipv4IpamPoolId", "Ipv4IpamPoolId", "Ipv4IpamPoolId", String),
    opt("Ipv4NetmaskLength", "Ipv4NetmaskLength", "Ipv4NetmaskLength", Integer),
    opt("Ipv6CidrBlock", "Ipv6CidrBlock", "Ipv6CidrBlock", String),
    opt("Ipv6CidrBlockNetworkBorderGroup", "Ipv6CidrBlockNetworkBorderGroup", "Ipv6CidrBlockNetworkBorderGroup", String),
    opt("Ipv6IpamPoolId", "Ipv6IpamPoolId", "Ipv6IpamPoolId", String),
    opt("Ipv6NetmaskLength", "Ipv6NetmaskLength", "Ipv6NetmaskLength", Integer),
    opt("Ipv6Pool", "Ipv6Pool", "Ipv6Pool", String),
    req("VpcId", "VpcId", "vpcId", String),
]);
static ASSOCIATE_VPC_CIDR_BLOCK_RESULT: Structure = shape(&[
    opt("CidrBlockAssociation", "CidrBlockAssociation", "cidrBlockAssociation", s(&VPC_CIDR_BLOCK_ASSOCIATION)),
    opt("Ipv6CidrBlockAssociation", "Ipv6CidrBlockAssociation", "ipv6CidrBlockAssociation", s(&VPC_IPV6_CIDR_BLOCK_ASSOCIATION)),
    opt("VpcId", "VpcId", "vpcId", String),
]);
static ASSOCIATED_SUBNET_LIST: List = list(None, "item", String);
static ASSOCIATION_ID_LIST: List = list(None, "AssociationId", String);
static ATHENA_INTEGRATION: Structure = shape(&[
    req("IntegrationResultS3DestinationArn", "IntegrationResultS3DestinationArn", "IntegrationResultS3DestinationArn", String),
    opt("PartitionEndDate", "PartitionEndDate", "PartitionEndDate", Timestamp),
    req("PartitionLoadFrequency", "PartitionLoadFrequency", "PartitionLoadFrequency", String),
    opt("PartitionStartDate", "PartitionStartDate", "PartitionStartDate", Timestamp),
]);
static ATHENA_INTEGRATIONS_SET: List = list(None, "item", s(&ATHENA_INTEGRATION));
static ATTACH_INTERNET_GATEWAY_REQUEST: Structure = shape(&[
    opt("DryRun", "DryRun", "dryRun", Boolean),
    req("InternetGatewayId", "InternetGatewayId", "internetGatewayId", String),
    req("VpcId", "VpcId", "vpcId", String),
]);
static ATTACH_NETWORK_INTERFACE_REQUEST: Structure = shape(&[
    req("DeviceIndex", "DeviceIndex", "deviceIndex", Integer),
    opt("DryRun", "DryRun", "dryRun", Boolean),
    opt("EnaQueueCount", "EnaQueueCount", "EnaQueueCount", Integer),
    opt("EnaSrdSpecification", "EnaSrdSpecification", "EnaSrdSpecification", s(&ENA_SRD_SPECIFICATION)),
    req("InstanceId", "InstanceId", "instanceId", String),
    opt("NetworkCardIndex", "NetworkCardIndex", "NetworkCardIndex", Integer),
    req("NetworkInterfaceId", "NetworkInterfaceId", "networkInterfaceId", String),
]);
static ATTACH_NETWORK_INTERFACE_RESULT: Structure = shape(&[
    opt("AttachmentId", "AttachmentId", "attachmentId", String),
    opt("NetworkCardIndex", "NetworkCardIndex", "networkCardIndex", Integer),
]);
static ATTACHMENT_ENA_SRD_SPECIFICATION: Structure = shape(&[
    opt("EnaSrdEnabled", "EnaSrdEnabled", "enaSrdEnabled", Boolean),
    opt("EnaSrdUdpSpecification", "EnaSrdUdpSpecification", "enaSrdUdpSpecification", s(&ATTACHMENT_ENA_SRD_UDP_SPECIFICATION)),
]);
static ATTACHMENT_ENA_SRD_UDP_SPECIFICATION: Structure = shape(&[
    opt("EnaSrdUdpEnabled", "EnaSrdUdpEnabled", "enaSrdUdpEnabled", Boolean),
]);
static ATTRIBUTE_BOOLEAN_VALUE: Structure = shape(&[
    opt("Value", "Value", "value", Boolean),
]);
static ATTRIBUTE_VALUE: Structure = shape(&[
    opt("Value", "Value", "value", String),
]);
static AUTHORIZE_SECURITY_GROUP_EGRESS_REQUEST: Structure = shape(&[
    opt("CidrIp", "CidrIp", "cidrIp", String),
    opt("DryRun", "DryRun", "dryRun", Boolean),
    opt("FromPort", "FromPort", "fromPort", Integer),
    req("GroupId", "GroupId", "groupId", String),
    opt("IpPermissions", "IpPermissions", "ipPermissions", l(&IP_PERMISSION_LIST)),
    opt("IpProtocol", "IpProtocol", "ipProtocol", String),
    opt("SourceSecurityGroupName", "SourceSecurityGroupName", "sourceSecurityGroupName", String),
    opt("SourceSecurityGroupOwnerId", "SourceSecurityGroupOwnerId", "sourceSecurityGroupOwnerId", String),
    opt("TagSpecifications", "TagSpecification", "TagSpecification", l(&TAG_SPECIFICATION_LIST)),
    opt("ToPort", "ToPort", "toPort", Integer),
]);
static AUTHORIZE_SECURITY_GROUP_EGRESS_RESULT: Structure = shape(&[
    opt("Return", "Return", "return", Boolean),
    opt("SecurityGroupRules", "SecurityGroupRuleSet", "securityGroupRuleSet", l(&SECURITY_GROUP_RULE_LIST)),
]);
static AUTHORIZE_SECURITY_GROUP_INGRESS_REQUEST: Structure = shape(&[
    opt("CidrIp", "CidrIp", "CidrIp", String),
    opt("DryRun", "DryRun", "dryRun", Boolean),
    opt("FromPort", "FromPort", "FromPort", Integer),
    opt("GroupId", "GroupId", "GroupId", String),
    opt("GroupName", "GroupName", "GroupName", String),
    opt("IpPermissions", "IpPermissions", "IpPermissions", l(&IP_PERMISSION_LIST)),
    opt("IpProtocol", "IpProtocol", "IpProtocol", String),
    opt("SourceSecurityGroupName", "SourceSecurityGroupName", "SourceSecurityGroupName", String),
    opt("SourceSecurityGroupOwnerId", "SourceSecurityGroupOwnerId", "SourceSecurityGroupOwnerId", String),
    opt("TagSpecifications", "TagSpecification", "TagSpecification", l(&TAG_SPECIFICATION_LIST)),
    opt("ToPort", "ToPort", "ToPort", Integer),
]);
static AUTHORIZE_SECURITY_GROUP_INGRESS_RESULT: Structure = shape(&[
    opt("Return", "Return", "return", Boolean),
    opt("SecurityGroupRules", "SecurityGroupRuleSet", "securityGroupRuleSet", l(&SECURITY_GROUP_RULE_LIST)),
]);
static AVAILABILITY_ZONE: Structure = shape(&[
    opt("Geography", "GeographySet", "geographySet", l(&AVAILABILITY_ZONE_GEOGRAPHY_LIST)),
    opt("GroupLongName", "GroupLongName", "groupLongName", String),
    opt("GroupName", "GroupName", "groupName", String),
    opt("Messages", "MessageSet", "messageSet", l(&AVAILABILITY_ZONE_MESSAGE_LIST)),
    opt("NetworkBorderGroup", "NetworkBorderGroup", "networkBorderGroup", String),
    opt("OptInStatus", "OptInStatus", "optInStatus", String),
    opt("ParentZoneId", "ParentZoneId", "parentZoneId", String),
    opt("ParentZoneName", "ParentZoneName", "parentZoneName", String),
    opt("RegionName", "RegionName", "regionName", String),
    opt("State", "ZoneState", "zoneState", String),
    opt("SubGeography", "SubGeographySet", "subGeographySet", l(&AVAILABILITY_ZONE_SUB_GEOGRAPHY_LIST)),
    opt("ZoneId", "ZoneId", "zoneId", String),
    opt("ZoneName", "ZoneName", "zoneName", String),
    opt("ZoneType", "ZoneType", "zoneType", String),
]);
static AVAILABILITY_ZONE_ADDRESS: Structure = shape(&[
    opt("AllocationIds", "AllocationId", "AllocationId", l(&ALLOCATION_ID_LIST)),
    opt("AvailabilityZone", "AvailabilityZone", "AvailabilityZone", String),
    opt("AvailabilityZoneId", "AvailabilityZoneId", "AvailabilityZoneId", String),
]);
static AVAILABILITY_ZONE_ADDRESSES: List = list(None, "AvailabilityZoneAddress", s(&AVAILABILITY_ZONE_ADDRESS));
static AVAILABILITY_ZONE_GEOGRAPHY: Structure = shape(&[
    opt("Name", "Name", "name", String),
]);
static AVAILABILITY_ZONE_GEOGRAPHY_LIST: List = list(None, "item", s(&AVAILABILITY_ZONE_GEOGRAPHY));
static AVAILABILITY_ZONE_LIST: List = list(None, "item", s(&AVAILABILITY_ZONE));
static AVAILABILITY_ZONE_MESSAGE: Structure = shape(&[
    opt("Message", "Message", "message", String),
]);
static AVAILABILITY_ZONE_MESSAGE_LIST: List = list(None, "item", s(&AVAILABILITY_ZONE_MESSAGE));
static AVAILABILITY_ZONE_SUB_GEOGRAPHY: Structure = shape(&[
    opt("Name", "Name", "name", String),
]);
static AVAILABILITY_ZONE_SUB_GEOGRAPHY_LIST: List = list(None, "item", s(&AVAILABILITY_ZONE_SUB_GEOGRAPHY));
static BANDWIDTH_WEIGHTING_TYPE_LIST: List = list(None, "item", String);
static BLOCK_DEVICE_MAPPING: Structure = shape(&[
    opt("DeviceName", "DeviceName", "deviceName", String),
    opt("Ebs", "Ebs", "ebs", s(&EBS_BLOCK_DEVICE)),
    opt("NoDevice", "NoDevice", "noDevice", String),
    opt("VirtualName", "VirtualName", "virtualName", String),
]);
static BLOCK_DEVICE_MAPPING_LIST: List = list(None, "item", s(&BLOCK_DEVICE_MAPPING));
static BLOCK_DEVICE_MAPPING_REQUEST_LIST: List = list(None, "BlockDeviceMapping", s(&BLOCK_DEVICE_MAPPING));
static BLOCK_PUBLIC_ACCESS_STATES: Structure = shape(&[
    opt("InternetGatewayBlockMode", "InternetGatewayBlockMode", "internetGatewayBlockMode", String),
]);
static BOOT_MODE_TYPE_LIST: List = list(None, "item", String);
static CAPACITY_RESERVATION_SPECIFICATION: Structure = shape(&[
    opt("CapacityReservationPreference", "CapacityReservationPreference", "CapacityReservationPreference", String),
    opt("CapacityReservationTarget", "CapacityReservationTarget", "CapacityReservationTarget", s(&CAPACITY_RESERVATION_TARGET)),
]);
static CAPACITY_RESERVATION_SPECIFICATION_RESPONSE: Structure = shape(&[
    opt("CapacityReservationPreference", "CapacityReservationPreference", "capacityReservationPreference", String),
    opt("CapacityReservationTarget", "CapacityReservationTarget", "capacityReservationTarget", s(&CAPACITY_RESERVATION_TARGET_RESPONSE)),
]);
static CAPACITY_RESERVATION_TARGET: Structure = shape(&[
    opt("CapacityReservationId", "CapacityReservationId", "CapacityReservationId", String),
    opt("CapacityReservationResourceGroupArn", "CapacityReservationResourceGroupArn", "CapacityReservationResourceGroupArn", String),
]);
static CAPACITY_RESERVATION_TARGET_RESPONSE: Structure = shape(&[
    opt("CapacityReservationId", "CapacityReservationId", "capacityReservationId", String),
    opt("CapacityReservationResourceGroupArn", "CapacityReservationResourceGroupArn", "capacityReservationResourceGroupArn", String),
]);
static CIDR_BLOCK: Structure = shape(&[
    opt("CidrBlock", "CidrBlock", "cidrBlock", String),
]);
static CIDR_BLOCK_SET: List = list(None, "item", s(&CIDR_BLOCK));
static CONNECTION_NOTIFICATION: Structure = shape(&[
    opt("ConnectionEvents", "ConnectionEvents", "connectionEvents", l(&VALUE_STRING_LIST)),
    opt("ConnectionNotificationArn", "ConnectionNotificationArn", "connectionNotificationArn", String),
    opt("ConnectionNotificationId", "ConnectionNotificationId", "connectionNotificationId", String),
    opt("ConnectionNotificationState", "ConnectionNotificationState", "connectionNotificationState", String),
    opt("ConnectionNotificationType", "ConnectionNotificationType", "connectionNotificationType", String),
    opt("ServiceId", "ServiceId", "serviceId", String),
    opt("ServiceRegion", "ServiceRegion", "serviceRegion", String),
    opt("VpcEndpointId", "VpcEndpointId", "vpcEndpointId", String),
]);
static CONNECTION_NOTIFICATION_IDS_LIST: List = list(None, "item", String);
static CONNECTION_NOTIFICATION_SET: List = list(None, "item", s(&CONNECTION_NOTIFICATION));
static CONNECTION_TRACKING_CONFIGURATION: Structure = shape(&[
    opt("TcpEstablishedTimeout", "TcpEstablishedTimeout", "tcpEstablishedTimeout", Integer),
    opt("UdpStreamTimeout", "UdpStreamTimeout", "udpStreamTimeout", Integer),
    opt("UdpTimeout", "UdpTimeout", "udpTimeout", Integer),
]);
static CONNECTION_TRACKING_SPECIFICATION_REQUEST: Structure = shape(&[
    opt("TcpEstablishedTimeout", "TcpEstablishedTimeout", "TcpEstablishedTimeout", Integer),
    opt("UdpStreamTimeout", "UdpStreamTimeout", "UdpStreamTimeout", Integer),
    opt("UdpTimeout", "UdpTimeout", "UdpTimeout", Integer),
]);
static CONNECTION_TRACKING_SPECIFICATION_RESPONSE: Structure = shape(&[
    opt("TcpEstablishedTimeout", "TcpEstablishedTimeout", "tcpEstablishedTimeout", Integer),
    opt("UdpStreamTimeout", "UdpStreamTimeout", "udpStreamTimeout", Integer),
    opt("UdpTimeout", "UdpTimeout", "udpTimeout", Integer),
]);
static CORE_COUNT_LIST: List = list(None, "item", Integer);
static CPU_OPTIONS: Structure = shape(&[
    opt("AmdSevSnp", "AmdSevSnp", "amdSevSnp", String),
    opt("CoreCount", "CoreCount", "coreCount", Integer),
    opt("NestedVirtualization", "NestedVirtualization", "nestedVirtualization", String),
    opt("ThreadsPerCore", "ThreadsPerCore", "threadsPerCore", Integer),
]);
static CPU_OPTIONS_REQUEST: Structure = shape(&[
    opt("AmdSevSnp", "AmdSevSnp", "AmdSevSnp", String),
    opt("CoreCount", "CoreCount", "CoreCount", Integer),
    opt("NestedVirtualization", "NestedVirtualization", "NestedVirtualization", String),
    opt("ThreadsPerCore", "ThreadsPerCore", "ThreadsPerCore", Integer),
]);
static CREATE_DEFAULT_SUBNET_REQUEST: Structure = shape(&[
    opt("AvailabilityZone", "AvailabilityZone", "AvailabilityZone", String),
    opt("AvailabilityZoneId", "AvailabilityZoneId", "AvailabilityZoneId", String),
    opt("DryRun", "DryRun", "DryRun", Boolean),
    opt("Ipv6Native", "Ipv6Native", "Ipv6Native", Boolean),
]);
static CREATE_DEFAULT_SUBNET_RESULT: Structure = shape(&[
    opt("Subnet", "Subnet", "subnet", s(&SUBNET)),
]);
static CREATE_DEFAULT_VPC_REQUEST: Structure = shape(&[
    opt("DryRun", "DryRun", "DryRun", Boolean),
]);
static CREATE_DEFAULT_VPC_RESULT: Structure = shape(&[
    opt("Vpc", "Vpc", "vpc", s(&VPC)),
]);
static CREATE_DHCP_OPTIONS_REQUEST: Structure = shape(&[
    req("DhcpConfigurations", "DhcpConfiguration", "dhcpConfiguration", l(&NEW_DHCP_CONFIGURATION_LIST)),
    opt("DryRun", "DryRun", "dryRun", Boolean),
    opt("TagSpecifications", "TagSpecification", "TagSpecification", l(&TAG_SPECIFICATION_LIST)),
]);
static CREATE_DHCP_OPTIONS_RESULT: Structure = shape(&[
    opt("DhcpOptions", "DhcpOptions", "dhcpOptions", s(&DHCP_OPTIONS)),
]);
static CREATE_EGRESS_ONLY_INTERNET_GATEWAY_REQUEST: Structure = shape(&[
    opt("ClientToken", "ClientToken", "ClientToken", String),
    opt("DryRun", "DryRun", "DryRun", Boolean),
    opt("TagSpecifications", "TagSpecification", "TagSpecification", l(&TAG_SPECIFICATION_LIST)),
    req("VpcId", "VpcId", "VpcId", String),
]);
static CREATE_EGRESS_ONLY_INTERNET_GATEWAY_RESULT: Structure = shape(&[
    opt("ClientToken", "ClientToken", "clientToken", String),
    opt("EgressOnlyInternetGateway", "EgressOnlyInternetGateway", "egressOnlyInternetGateway", s(&EGRESS_ONLY_INTERNET_GATEWAY)),
]);
static CREATE_FLOW_LOGS_REQUEST: Structure = shape(&[
    opt("ClientToken", "ClientToken", "ClientToken", String),
    opt("DeliverCrossAccountRole", "DeliverCrossAccountRole", "DeliverCrossAccountRole", String),
    opt("DeliverLogsPermissionArn", "DeliverLogsPermissionArn", "DeliverLogsPermissionArn", String),
    opt("DestinationOptions", "DestinationOptions", "DestinationOptions", s(&DESTINATION_OPTIONS_REQUEST)),
    opt("DryRun", "DryRun", "DryRun", Boolean),
    opt("LogDestination", "LogDestination", "LogDestination", String),
    opt("LogDestinationType", "LogDestinationType", "LogDestinationType", String),
    opt("LogFormat", "LogFormat", "LogFormat", String),
    opt("LogGroupName", "LogGroupName", "LogGroupName", String),
    opt("MaxAggregationInterval", "MaxAggregationInterval", "MaxAggregationInterval", Integer),
    req("ResourceIds", "ResourceId", "ResourceId", l(&FLOW_LOG_RESOURCE_IDS)),
    req("ResourceType", "ResourceType", "ResourceType", String),
    opt("TagFieldSpecifications", "TagFieldSpecification", "TagFieldSpecification", l(&TAG_FIELD_SPECIFICATION_LIST_REQUEST)),
    opt("TagSpecifications", "TagSpecification", "TagSpecification", l(&TAG_SPECIFICATION_LIST)),
    opt("TrafficType", "TrafficType", "TrafficType", String),
]);
static CREATE_FLOW_LOGS_RESULT: Structure = shape(&[
    opt("ClientToken", "ClientToken", "clientToken", String),
    opt("FlowLogIds", "FlowLogIdSet", "flowLogIdSet", l(&VALUE_STRING_LIST)),
    opt("Unsuccessful", "Unsuccessful", "unsuccessful", l(&UNSUCCESSFUL_ITEM_SET)),
]);
static CREATE_INTERNET_GATEWAY_REQUEST: Structure = shape(&[
    opt("DryRun", "DryRun", "dryRun", Boolean),
    opt("TagSpecifications", "TagSpecification", "TagSpecification", l(&TAG_SPECIFICATION_LIST)),
]);
static CREATE_INTERNET_GATEWAY_RESULT: Structure = shape(&[
    opt("InternetGateway", "InternetGateway", "internetGateway", s(&INTERNET_GATEWAY)),
]);
static CREATE_MANAGED_PREFIX_LIST_REQUEST: Structure = shape(&[
    req("AddressFamily", "AddressFamily", "AddressFamily", String),
    opt("ClientToken", "ClientToken", "ClientToken", String),
    opt("DryRun", "DryRun", "DryRun", Boolean),
    opt("Entries", "Entry", "Entry", l(&ADD_PREFIX_LIST_ENTRIES)),
    req("MaxEntries", "MaxEntries", "MaxEntries", Integer),
    req("PrefixListName", "PrefixListName", "PrefixListName", String),
    opt("TagSpecifications", "TagSpecification", "TagSpecification", l(&TAG_SPECIFICATION_LIST)),
]);
static CREATE_MANAGED_PREFIX_LIST_RESULT: Structure = shape(&[
    opt("PrefixList", "PrefixList", "prefixList", s(&MANAGED_PREFIX_LIST)),
]);
static CREATE_NAT_GATEWAY_REQUEST: Structure = shape(&[
    opt("AllocationId", "AllocationId", "AllocationId", String),
    opt("AvailabilityMode", "AvailabilityMode", "AvailabilityMode", String),
    opt("AvailabilityZoneAddresses", "AvailabilityZoneAddress", "AvailabilityZoneAddress", l(&AVAILABILITY_ZONE_ADDRESSES)),
    opt("ClientToken", "ClientToken", "ClientToken", String),
    opt("ConnectivityType", "ConnectivityType", "ConnectivityType", String),
    opt("DryRun", "DryRun", "DryRun", Boolean),
    opt("PrivateIpAddress", "PrivateIpAddress", "PrivateIpAddress", String),
    opt("SecondaryAllocationIds", "SecondaryAllocationId", "SecondaryAllocationId", l(&ALLOCATION_ID_LIST)),
    opt("SecondaryPrivateIpAddressCount", "SecondaryPrivateIpAddressCount", "SecondaryPrivateIpAddressCount", Integer),
    opt("SecondaryPrivateIpAddresses", "SecondaryPrivateIpAddress", "SecondaryPrivateIpAddress", l(&IP_LIST)),
    opt("SubnetId", "SubnetId", "SubnetId", String),
    opt("TagSpecifications", "TagSpecification", "TagSpecification", l(&TAG_SPECIFICATION_LIST)),
    opt("VpcId", "VpcId", "VpcId", String),
]);
static CREATE_NAT_GATEWAY_RESULT: Structure = shape(&[
    opt("ClientToken", "ClientToken", "clientToken", String),
    opt("NatGateway", "NatGateway", "natGateway", s(&NAT_GATEWAY)),
]);
static CREATE_NETWORK_ACL_ENTRY_REQUEST: Structure = shape(&[
    opt("CidrBlock", "CidrBlock", "cidrBlock", String),
    opt("DryRun", "DryRun", "dryRun", Boolean),
    req("Egress", "Egress", "egress", Boolean),
    opt("IcmpTypeCode", "Icmp", "Icmp", s(&ICMP_TYPE_CODE)),
    opt("Ipv6CidrBlock", "Ipv6CidrBlock", "ipv6CidrBlock", String),
    req("NetworkAclId", "NetworkAclId", "networkAclId", String),
    opt("PortRange", "PortRange", "portRange", s(&PORT_RANGE)),
    req("Protocol", "Protocol", "protocol", String),
    req("RuleAction", "RuleAction", "ruleAction", String),
    req("RuleNumber", "RuleNumber", "ruleNumber", Integer),
]);
static CREATE_NETWORK_ACL_REQUEST: Structure = shape(&[
    opt("ClientToken", "ClientToken", "ClientToken", String),
    opt("DryRun", "DryRun", "dryRun", Boolean),
    opt("TagSpecifications", "TagSpecification", "TagSpecification", l(&TAG_SPECIFICATION_LIST)),
    req("VpcId", "VpcId", "vpcId", String),
]);
static CREATE_NETWORK_ACL_RESULT: Structure = shape(&[
    opt("ClientToken", "ClientToken", "clientToken", String),
    opt("NetworkAcl", "NetworkAcl", "networkAcl", s(&NETWORK_ACL)),
]);
static CREATE_NETWORK_INSIGHTS_PATH_REQUEST: Structure = shape(&[
    req("ClientToken", "ClientToken", "ClientToken", String),
    opt("Destination", "Destination", "Destination", String),
    opt("DestinationIp", "DestinationIp", "DestinationIp", String),
    opt("DestinationPort", "DestinationPort", "DestinationPort", Integer),
    opt("DryRun", "DryRun", "DryRun", Boolean),
    opt("FilterAtDestination", "FilterAtDestination", "FilterAtDestination", s(&PATH_REQUEST_FILTER)),
    opt("FilterAtSource", "FilterAtSource", "FilterAtSource", s(&PATH_REQUEST_FILTER)),
    req("Protocol", "Protocol", "Protocol", String),
    req("Source", "Source", "Source", String),
    opt("SourceIp", "SourceIp", "SourceIp", String),
    opt("TagSpecifications", "TagSpecification", "TagSpecification", l(&TAG_SPECIFICATION_LIST)),
]);
static CREATE_NETWORK_INSIGHTS_PATH_RESULT: Structure = shape(&[
    opt("NetworkInsightsPath", "NetworkInsightsPath", "networkInsightsPath", s(&NETWORK_INSIGHTS_PATH)),
]);
static CREATE_NETWORK_INTERFACE_REQUEST: Structure = shape(&[
    opt("ClientToken", "ClientToken", "ClientToken", String),
    opt("ConnectionTrackingSpecification", "ConnectionTrackingSpecification", "ConnectionTrackingSpecification", s(&CONNECTION_TRACKING_SPECIFICATION_REQUEST)),
    opt("Description", "Description", "description", String),
    opt("DryRun", "DryRun", "dryRun", Boolean),
    opt("EnablePrimaryIpv6", "EnablePrimaryIpv6", "EnablePrimaryIpv6", Boolean),
    opt("Groups", "SecurityGroupId", "SecurityGroupId", l(&SECURITY_GROUP_ID_STRING_LIST)),
    opt("InterfaceType", "InterfaceType", "InterfaceType", String),
    opt("Ipv4PrefixCount", "Ipv4PrefixCount", "Ipv4PrefixCount", Integer),
    opt("Ipv4Prefixes", "Ipv4Prefix", "Ipv4Prefix", l(&IPV4_PREFIX_LIST)),
    opt("Ipv6AddressCount", "Ipv6AddressCount", "ipv6AddressCount", Integer),
    opt("Ipv6Addresses", "Ipv6Addresses", "ipv6Addresses", l(&INSTANCE_IPV6_ADDRESS_LIST)),
    opt("Ipv6PrefixCount", "Ipv6PrefixCount", "Ipv6PrefixCount", Integer),
    opt("Ipv6Prefixes", "Ipv6Prefix", "Ipv6Prefix", l(&IPV6_PREFIX_LIST)),
    opt("Operator", "Operator", "Operator", s(&OPERATOR_REQUEST)),
    opt("PrivateIpAddress", "PrivateIpAddress", "privateIpAddress", String),
    opt("PrivateIpAddresses", "PrivateIpAddresses", "privateIpAddresses", l(&PRIVATE_IP_ADDRESS_SPECIFICATION_LIST)),
    opt("SecondaryPrivateIpAddressCount", "SecondaryPrivateIpAddressCount", "secondaryPrivateIpAddressCount", Integer),
    req("SubnetId", "SubnetId", "subnetId", String),
    opt("TagSpecifications", "TagSpecification", "TagSpecification", l(&TAG_SPECIFICATION_LIST)),
]);
static CREATE_NETWORK_INTERFACE_RESULT: Structure = shape(&[
    opt("ClientToken", "ClientToken", "clientToken", String),
    opt("NetworkInterface", "NetworkInterface", "networkInterface", s(&NETWORK_INTERFACE)),
]);
static CREATE_PEERING_CONNECTION_OPTIONS_REQUEST: Structure = shape(&[
    opt("AllowMultipathResilience", "AllowMultipathResilience", "AllowMultipathResilience", Boolean),
    opt("MultipathResilienceMode", "MultipathResilienceMode", "MultipathResilienceMode", String),
]);
static CREATE_ROUTE_REQUEST: Structure = shape(&[
    opt("CarrierGatewayId", "CarrierGatewayId", "CarrierGatewayId", String),
    opt("CoreNetworkArn", "CoreNetworkArn", "CoreNetworkArn", String),
    opt("DestinationCidrBlock", "DestinationCidrBlock", "destinationCidrBlock", String),
    opt("DestinationIpv6CidrBlock", "DestinationIpv6CidrBlock", "destinationIpv6CidrBlock", String),
    opt("DestinationPrefixListId", "DestinationPrefixListId", "DestinationPrefixListId", String),
    opt("DryRun", "DryRun", "dryRun", Boolean),
    opt("EgressOnlyInternetGatewayId", "EgressOnlyInternetGatewayId", "egressOnlyInternetGatewayId", String),
    opt("GatewayId", "GatewayId", "gatewayId", String),
    opt("InstanceId", "InstanceId", "instanceId", String),
    opt("LocalGatewayId", "LocalGatewayId", "LocalGatewayId", String),
    opt("NatGatewayId", "NatGatewayId", "natGatewayId", String),
    opt("NetworkInterfaceId", "NetworkInterfaceId", "networkInterfaceId", String),
    opt("OdbNetworkArn", "OdbNetworkArn", "OdbNetworkArn", String),
    req("RouteTableId", "RouteTableId", "routeTableId", String),
    opt("TransitGatewayId", "TransitGatewayId", "TransitGatewayId", String),
    opt("VpcEndpointId", "VpcEndpointId", "VpcEndpointId", String),
    opt("VpcPeeringConnectionId", "VpcPeeringConnectionId", "vpcPeeringConnectionId", String),
]);
static CREATE_ROUTE_RESULT: Structure = shape(&[
    opt("Return", "Return", "return", Boolean),
]);
static CREATE_ROUTE_TABLE_REQUEST: Structure = shape(&[
    opt("ClientToken", "ClientToken", "ClientToken", String),
    opt("DryRun", "DryRun", "dryRun", Boolean),
    opt("TagSpecifications", "TagSpecification", "TagSpecification", l(&TAG_SPECIFICATION_LIST)),
    req("VpcId", "VpcId", "vpcId", String),
]);
static CREATE_ROUTE_TABLE_RESULT: Structure = shape(&[
    opt("ClientToken", "ClientToken", "clientToken", String),
    opt("RouteTable", "RouteTable", "routeTable", s(&ROUTE_TABLE)),
]);
static CREATE_SECURITY_GROUP_REQUEST: Structure = shape(&[
    req("Description", "GroupDescription", "GroupDescription", String),
    opt("DryRun", "DryRun", "dryRun", Boolean),
    req("GroupName", "GroupName", "GroupName", String),
    opt("TagSpecifications", "TagSpecification", "TagSpecification", l(&TAG_SPECIFICATION_LIST)),
    opt("VpcId", "VpcId", "VpcId", String),
]);
static CREATE_SECURITY_GROUP_RESULT: Structure = shape(&[
    opt("GroupId", "GroupId", "groupId", String),
    opt("SecurityGroupArn", "SecurityGroupArn", "securityGroupArn", String),
    opt("Tags", "TagSet", "tagSet", l(&TAG_LIST)),
]);
static CREATE_SUBNET_CIDR_RESERVATION_REQUEST: Structure = shape(&[
    req("Cidr", "Cidr", "Cidr", String),
    opt("Description", "Description", "Description", String),
    opt("DryRun", "DryRun", "DryRun", Boolean),
    req("ReservationType", "ReservationType", "ReservationType", String),
    req("SubnetId", "SubnetId", "SubnetId", String),
    opt("TagSpecifications", "TagSpecification", "TagSpecification", l(&TAG_SPECIFICATION_LIST)),
]);
static CREATE_SUBNET_CIDR_RESERVATION_RESULT: Structure = shape(&[
    opt("SubnetCidrReservation", "SubnetCidrReservation", "subnetCidrReservation", s(&SUBNET_CIDR_RESERVATION)),
]);
static CREATE_SUBNET_REQUEST: Structure = shape(&[
    opt("AvailabilityZone", "AvailabilityZone", "AvailabilityZone", String),
    opt("AvailabilityZoneId", "AvailabilityZoneId", "AvailabilityZoneId", String),
    opt("CidrBlock", "CidrBlock", "CidrBlock", String),
    opt("DryRun", "DryRun", "dryRun", Boolean),
    opt("Ipv4IpamPoolId", "Ipv4IpamPoolId", "Ipv4IpamPoolId", String),
    opt("Ipv4NetmaskLength", "Ipv4NetmaskLength", "Ipv4NetmaskLength", Integer),
    opt("Ipv6CidrBlock", "Ipv6CidrBlock", "Ipv6CidrBlock", String),
    opt("Ipv6IpamPoolId", "Ipv6IpamPoolId", "Ipv6IpamPoolId", String),
    opt("Ipv6Native", "Ipv6Native", "Ipv6Native", Boolean),
    opt("Ipv6NetmaskLength", "Ipv6NetmaskLength", "Ipv6NetmaskLength", Integer),
    opt("OutpostArn", "OutpostArn", "OutpostArn", String),
    opt("TagSpecifications", "TagSpecification", "TagSpecification", l(&TAG_SPECIFICATION_LIST)),
    req("VpcId", "VpcId", "VpcId", String),
]);
static CREATE_SUBNET_RESULT: Structure = shape(&[
    opt("Subnet", "Subnet", "subnet", s(&SUBNET)),
]);
static CREATE_TAGS_REQUEST: Structure = shape(&[
    opt("DryRun", "DryRun", "dryRun", Boolean),
    req("Resources", "ResourceId", "ResourceId", l(&RESOURCE_ID_LIST)),
    req("Tags", "Tag", "Tag", l(&TAG_LIST)),
]);
static CREATE_VPC_ENDPOINT_CONNECTION_NOTIFICATION_REQUEST: Structure = shape(&[
    opt("ClientToken", "ClientToken", "ClientToken", String),
    req("ConnectionEvents", "ConnectionEvents", "ConnectionEvents", l(&VALUE_STRING_LIST)),
    req("ConnectionNotificationArn", "ConnectionNotificationArn", "ConnectionNotificationArn", String),
    opt("DryRun", "DryRun", "DryRun", Boolean),
    opt("ServiceId", "ServiceId", "ServiceId", String),
    opt("VpcEndpointId", "VpcEndpointId", "VpcEndpointId", String),
]);
static CREATE_VPC_ENDPOINT_CONNECTION_NOTIFICATION_RESULT: Structure = shape(&[
    opt("ClientToken", "ClientToken", "clientToken", String),
    opt("ConnectionNotification", "ConnectionNotification", "connectionNotification", s(&CONNECTION_NOTIFICATION)),
]);
static CREATE_VPC_ENDPOINT_REQUEST: Structure = shape(&[
    opt("ClientToken", "ClientToken", "ClientToken", String),
    opt("DnsOptions", "DnsOptions", "DnsOptions", s(&DNS_OPTIONS_SPECIFICATION)),
    opt("DryRun", "DryRun", "DryRun", Boolean),
    opt("IpAddressType", "IpAddressType", "IpAddressType", String),
    opt("PolicyDocument", "PolicyDocument", "PolicyDocument", String),
    opt("PrivateDnsEnabled", "PrivateDnsEnabled", "PrivateDnsEnabled", Boolean),
    opt("ResourceConfigurationArn", "ResourceConfigurationArn", "ResourceConfigurationArn", String),
    opt("RouteTableIds", "RouteTableId", "RouteTableId", l(&VPC_ENDPOINT_ROUTE_TABLE_ID_LIST)),
    opt("SecurityGroupIds", "SecurityGroupId", "SecurityGroupId", l(&VPC_ENDPOINT_SECURITY_GROUP_ID_LIST)),
    opt("ServiceName", "ServiceName", "ServiceName", String),
    opt("ServiceNetworkArn", "ServiceNetworkArn", "ServiceNetworkArn", String),
    opt("ServiceRegion", "ServiceRegion", "ServiceRegion", String),
    opt("SubnetConfigurations", "SubnetConfiguration", "SubnetConfiguration", l(&SUBNET_CONFIGURATIONS_LIST)),
    opt("SubnetIds", "SubnetId", "SubnetId", l(&VPC_ENDPOINT_SUBNET_ID_LIST)),
    opt("TagSpecifications", "TagSpecification", "TagSpecification", l(&TAG_SPECIFICATION_LIST)),
    opt("VpcEndpointType", "VpcEndpointType", "VpcEndpointType", String),
    req("VpcId", "VpcId", "VpcId", String),
]);
static CREATE_VPC_ENDPOINT_RESULT: Structure = shape(&[
    opt("ClientToken", "ClientToken", "clientToken", String),
    opt("VpcEndpoint", "VpcEndpoint", "vpcEndpoint", s(&VPC_ENDPOINT)),
]);
static CREATE_VPC_ENDPOINT_SERVICE_CONFIGURATION_REQUEST: Structure = shape(&[
    opt("AcceptanceRequired", "AcceptanceRequired", "AcceptanceRequired", Boolean),
    opt("ClientToken", "ClientToken", "ClientToken", String),
    opt("DryRun", "DryRun", "DryRun", Boolean),
    opt("GatewayLoadBalancerArns", "GatewayLoadBalancerArn", "GatewayLoadBalancerArn", l(&VALUE_STRING_LIST)),
    opt("NetworkLoadBalancerArns", "NetworkLoadBalancerArn", "NetworkLoadBalancerArn", l(&VALUE_STRING_LIST)),
    opt("PrivateDnsName", "PrivateDnsName", "PrivateDnsName", String),
    opt("SupportedIpAddressTypes", "SupportedIpAddressType", "SupportedIpAddressType", l(&VALUE_STRING_LIST)),
    opt("SupportedRegions", "SupportedRegion", "SupportedRegion", l(&VALUE_STRING_LIST)),
    opt("TagSpecifications", "TagSpecification", "TagSpecification", l(&TAG_SPECIFICATION_LIST)),
]);
static CREATE_VPC_ENDPOINT_SERVICE_CONFIGURATION_RESULT: Structure = shape(&[
    opt("ClientToken", "ClientToken", "clientToken", String),
    opt("ServiceConfiguration", "ServiceConfiguration", "serviceConfiguration", s(&SERVICE_CONFIGURATION)),
]);
static CREATE_VPC_PEERING_CONNECTION_REQUEST: Structure = shape(&[
    opt("DryRun", "DryRun", "dryRun", Boolean),
    opt("PeerOwnerId", "PeerOwnerId", "peerOwnerId", String),
    opt("PeerRegion", "PeerRegion", "PeerRegion", String),
    opt("PeerVpcId", "PeerVpcId", "peerVpcId", String),
    opt("RequesterPeeringConnectionOptions", "RequesterPeeringConnectionOptions", "RequesterPeeringConnectionOptions", s(&CREATE_PEERING_CONNECTION_OPTIONS_REQUEST)),
    opt("TagSpecifications", "TagSpecification", "TagSpecification", l(&TAG_SPECIFICATION_LIST)),
    req("VpcId", "VpcId", "vpcId", String),
]);
static CREATE_VPC_PEERING_CONNECTION_RESULT: Structure = shape(&[
    opt("VpcPeeringConnection", "VpcPeeringConnection", "vpcPeeringConnection", s(&VPC_PEERING_CONNECTION)),
]);
static CREATE_VPC_REQUEST: Structure = shape(&[
    opt("AmazonProvidedIpv6CidrBlock", "AmazonProvidedIpv6CidrBlock", "amazonProvidedIpv6CidrBlock", Boolean),
    opt("CidrBlock", "CidrBlock", "CidrBlock", String),
    opt("DryRun", "DryRun", "dryRun", Boolean),
    opt("InstanceTenancy", "InstanceTenancy", "instanceTenancy", String),
    opt("Ipv4IpamPoolId", "Ipv4IpamPoolId", "Ipv4IpamPoolId", String),
    opt("Ipv4NetmaskLength", "Ipv4NetmaskLength", "Ipv4NetmaskLength", Integer),
    opt("Ipv6CidrBlock", "Ipv6CidrBlock", "Ipv6CidrBlock", String),
    opt("Ipv6CidrBlockNetworkBorderGroup", "Ipv6CidrBlockNetworkBorderGroup", "Ipv6CidrBlockNetworkBorderGroup", String),
    opt("Ipv6IpamPoolId", "Ipv6IpamPoolId", "Ipv6IpamPoolId", String),
    opt("Ipv6NetmaskLength", "Ipv6NetmaskLength", "Ipv6NetmaskLength", Integer),
    opt("Ipv6Pool", "Ipv6Pool", "Ipv6Pool", String),
    opt("TagSpecifications", "TagSpecification", "TagSpecification", l(&TAG_SPECIFICATION_LIST)),
    opt("VpcEncryptionControl", "VpcEncryptionControl", "VpcEncryptionControl", s(&VPC_ENCRYPTION_CONTROL_CONFIGURATION)),
]);
static CREATE_VPC_RESULT: Structure = shape(&[
    opt("Vpc", "Vpc", "vpc", s(&VPC)),
]);
static CREDIT_SPECIFICATION_REQUEST: Structure = shape(&[
    req("CpuCredits", "CpuCredits", "CpuCredits", String),
]);
static DEFAULT_CONNECTION_TRACKING_CONFIGURATION: Structure = shape(&[
    opt("DefaultTcpEstablishedTimeout", "DefaultTcpEstablishedTimeout", "defaultTcpEstablishedTimeout", Integer),
    opt("DefaultUdpStreamTimeout", "DefaultUdpStreamTimeout", "defaultUdpStreamTimeout", Integer),
    opt("DefaultUdpTimeout", "DefaultUdpTimeout", "defaultUdpTimeout", Integer),
]);
static DELETE_DHCP_OPTIONS_REQUEST: Structure = shape(&[
    req("DhcpOptionsId", "DhcpOptionsId", "DhcpOptionsId", String),
    opt("DryRun", "DryRun", "dryRun", Boolean),
]);
static DELETE_EGRESS_ONLY_INTERNET_GATEWAY_REQUEST: Structure = shape(&[
    opt("DryRun", "DryRun", "DryRun", Boolean),
    req("EgressOnlyInternetGatewayId", "EgressOnlyInternetGatewayId", "EgressOnlyInternetGatewayId", String),
]);
static DELETE_EGRESS_ONLY_INTERNET_GATEWAY_RESULT: Structure = shape(&[
    opt("ReturnCode", "ReturnCode", "returnCode", Boolean),
]);
static DELETE_FLOW_LOGS_REQUEST: Structure = shape(&[
    opt("DryRun", "DryRun", "DryRun", Boolean),
    req("FlowLogIds", "FlowLogId", "FlowLogId", l(&FLOW_LOG_ID_LIST)),
]);
static DELETE_FLOW_LOGS_RESULT: Structure = shape(&[
    opt("Unsuccessful", "Unsuccessful", "unsuccessful", l(&UNSUCCESSFUL_ITEM_SET)),
]);
static DELETE_INTERNET_GATEWAY_REQUEST: Structure = shape(&[
    opt("DryRun", "DryRun", "dryRun", Boolean),
    req("InternetGatewayId", "InternetGatewayId", "internetGatewayId", String),
]);
static DELETE_MANAGED_PREFIX_LIST_REQUEST: Structure = shape(&[
    opt("DryRun", "DryRun", "DryRun", Boolean),
    req("PrefixListId", "PrefixListId", "PrefixListId", String),
]);
static DELETE_MANAGED_PREFIX_LIST_RESULT: Structure = shape(&[
    opt("PrefixList", "PrefixList", "prefixList", s(&MANAGED_PREFIX_LIST)),
]);
static DELETE_NAT_GATEWAY_REQUEST: Structure = shape(&[
    opt("DryRun", "DryRun", "DryRun", Boolean),
    req("NatGatewayId", "NatGatewayId", "NatGatewayId", String),
]);
static DELETE_NAT_GATEWAY_RESULT: Structure = shape(&[
    opt("NatGatewayId", "NatGatewayId", "natGatewayId", String),
]);
static DELETE_NETWORK_ACL_ENTRY_REQUEST: Structure = shape(&[
    opt("DryRun", "DryRun", "dryRun", Boolean),
    req("Egress", "Egress", "egress", Boolean),
    req("NetworkAclId", "NetworkAclId", "networkAclId", String),
    req("RuleNumber", "RuleNumber", "ruleNumber", Integer),
]);
static DELETE_NETWORK_ACL_REQUEST: Structure = shape(&[
    opt("DryRun", "DryRun", "dryRun", Boolean),
    req("NetworkAclId", "NetworkAclId", "networkAclId", String),
]);
static DELETE_NETWORK_INSIGHTS_ANALYSIS_REQUEST: Structure = shape(&[
    opt("DryRun", "DryRun", "DryRun", Boolean),
    req("NetworkInsightsAnalysisId", "NetworkInsightsAnalysisId", "NetworkInsightsAnalysisId", String),
]);
static DELETE_NETWORK_INSIGHTS_ANALYSIS_RESULT: Structure = shape(&[
    opt("NetworkInsightsAnalysisId", "NetworkInsightsAnalysisId", "networkInsightsAnalysisId", String),
]);
static DELETE_NETWORK_INSIGHTS_PATH_REQUEST: Structure = shape(&[
    opt("DryRun", "DryRun", "DryRun", Boolean),
    req("NetworkInsightsPathId", "NetworkInsightsPathId", "NetworkInsightsPathId", String),
]);
static DELETE_NETWORK_INSIGHTS_PATH_RESULT: Structure = shape(&[
    opt("NetworkInsightsPathId", "NetworkInsightsPathId", "networkInsightsPathId", String),
]);
static DELETE_NETWORK_INTERFACE_REQUEST: Structure = shape(&[
    opt("DryRun", "DryRun", "dryRun", Boolean),
    req("NetworkInterfaceId", "NetworkInterfaceId", "networkInterfaceId", String),
]);
static DELETE_ROUTE_REQUEST: Structure = shape(&[
    opt("DestinationCidrBlock", "DestinationCidrBlock", "destinationCidrBlock", String),
    opt("DestinationIpv6CidrBlock", "DestinationIpv6CidrBlock", "destinationIpv6CidrBlock", String),
    opt("DestinationPrefixListId", "DestinationPrefixListId", "DestinationPrefixListId", String),
    opt("DryRun", "DryRun", "dryRun", Boolean),
    req("RouteTableId", "RouteTableId", "routeTableId", String),
]);
static DELETE_ROUTE_TABLE_REQUEST: Structure = shape(&[
    opt("DryRun", "DryRun", "dryRun", Boolean),
    req("RouteTableId", "RouteTableId", "routeTableId", String),
]);
static DELETE_SECURITY_GROUP_REQUEST: Structure = shape(&[
    opt("DryRun", "DryRun", "dryRun", Boolean),
    opt("GroupId", "GroupId", "GroupId", String),
    opt("GroupName", "GroupName", "GroupName", String),
]);
static DELETE_SECURITY_GROUP_RESULT: Structure = shape(&[
    opt("GroupId", "GroupId", "groupId", String),
    opt("Return", "Return", "return", Boolean),
]);
static DELETE_SUBNET_CIDR_RESERVATION_REQUEST: Structure = shape(&[
    opt("DryRun", "DryRun", "DryRun", Boolean),
    req("SubnetCidrReservationId", "SubnetCidrReservationId", "SubnetCidrReservationId", String),
]);
static DELETE_SUBNET_CIDR_RESERVATION_RESULT: Structure = shape(&[
    opt("DeletedSubnetCidrReservation", "DeletedSubnetCidrReservation", "deletedSubnetCidrReservation", s(&SUBNET_CIDR_RESERVATION)),
]);
static DELETE_SUBNET_REQUEST: Structure = shape(&[
    opt("DryRun", "DryRun", "dryRun", Boolean),
    req("SubnetId", "SubnetId", "SubnetId", String),
]);
static DELETE_TAGS_REQUEST: Structure = shape(&[
    opt("DryRun", "DryRun", "dryRun", Boolean),
    req("Resources", "ResourceId", "resourceId", l(&RESOURCE_ID_LIST)),
    opt("Tags", "Tag", "tag", l(&TAG_LIST)),
]);
static DELETE_VPC_ENDPOINT_CONNECTION_NOTIFICATIONS_REQUEST: Structure = shape(&[
    req("ConnectionNotificationIds", "ConnectionNotificationId", "ConnectionNotificationId", l(&CONNECTION_NOTIFICATION_IDS_LIST)),
    opt("DryRun", "DryRun", "DryRun", Boolean),
]);
static DELETE_VPC_ENDPOINT_CONNECTION_NOTIFICATIONS_RESULT: Structure = shape(&[
    opt("Unsuccessful", "Unsuccessful", "unsuccessful", l(&UNSUCCESSFUL_ITEM_SET)),
]);
static DELETE_VPC_ENDPOINT_SERVICE_CONFIGURATIONS_REQUEST: Structure = shape(&[
    opt("DryRun", "DryRun", "DryRun", Boolean),
    req("ServiceIds", "ServiceId", "ServiceId", l(&VPC_ENDPOINT_SERVICE_ID_LIST)),
]);
static DELETE_VPC_ENDPOINT_SERVICE_CONFIGURATIONS_RESULT: Structure = shape(&[
    opt("Unsuccessful", "Unsuccessful", "unsuccessful", l(&UNSUCCESSFUL_ITEM_SET)),
]);
static DELETE_VPC_ENDPOINTS_REQUEST: Structure = shape(&[
    opt("DryRun", "DryRun", "DryRun", Boolean),
    req("VpcEndpointIds", "VpcEndpointId", "VpcEndpointId", l(&VPC_ENDPOINT_ID_LIST)),
]);
static DELETE_VPC_ENDPOINTS_RESULT: Structure = shape(&[
    opt("Unsuccessful", "Unsuccessful", "unsuccessful", l(&UNSUCCESSFUL_ITEM_SET)),
]);
static DELETE_VPC_PEERING_CONNECTION_REQUEST: Structure = shape(&[
    opt("DryRun", "DryRun", "dryRun", Boolean),
    req("VpcPeeringConnectionId", "VpcPeeringConnectionId", "vpcPeeringConnectionId", String),
]);
static DELETE_VPC_PEERING_CONNECTION_RESULT: Structure = shape(&[
    opt("Return", "Return", "return", Boolean),
]);
static DELETE_VPC_REQUEST: Structure = shape(&[
    opt("DryRun", "DryRun", "dryRun", Boolean),
    req("VpcId", "VpcId", "VpcId", String),
]);
static DESCRIBE_ACCOUNT_ATTRIBUTES_REQUEST: Structure = shape(&[
    opt("AttributeNames", "AttributeName", "attributeName", l(&ACCOUNT_ATTRIBUTE_NAME_STRING_LIST)),
    opt("DryRun", "DryRun", "dryRun", Boolean),
]);
static DESCRIBE_ACCOUNT_ATTRIBUTES_RESULT: Structure = shape(&[
    opt("AccountAttributes", "AccountAttributeSet", "accountAttributeSet", l(&ACCOUNT_ATTRIBUTE_LIST)),
]);
static DESCRIBE_ADDRESSES_ATTRIBUTE_REQUEST: Structure = shape(&[
    opt("AllocationIds", "AllocationId", "AllocationId", l(&ALLOCATION_IDS)),
    opt("Attribute", "Attribute", "Attribute", String),
    opt("DryRun", "DryRun", "DryRun", Boolean),
    opt("MaxResults", "MaxResults", "MaxResults", Integer),
    opt("NextToken", "NextToken", "NextToken", String),
]);
static DESCRIBE_ADDRESSES_ATTRIBUTE_RESULT: Structure = shape(&[
    opt("Addresses", "AddressSet", "addressSet", l(&ADDRESS_SET)),
    opt("NextToken", "NextToken", "nextToken", String),
]);
static DESCRIBE_ADDRESSES_REQUEST: Structure = shape(&[
    opt("AllocationIds", "AllocationId", "AllocationId", l(&ALLOCATION_ID_LIST)),
    opt("DryRun", "DryRun", "dryRun", Boolean),
    opt("Filters", "Filter", "Filter", l(&FILTER_LIST)),
    opt("PublicIps", "PublicIp", "PublicIp", l(&PUBLIC_IP_STRING_LIST)),
]);
static DESCRIBE_ADDRESSES_RESULT: Structure = shape(&[
    opt("Addresses", "AddressesSet", "addressesSet", l(&ADDRESS_LIST)),
]);
static DESCRIBE_AVAILABILITY_ZONES_REQUEST: Structure = shape(&[
    opt("AllAvailabilityZones", "AllAvailabilityZones", "AllAvailabilityZones", Boolean),
    opt("DryRun", "DryRun", "dryRun", Boolean),
    opt("Filters", "Filter", "Filter", l(&FILTER_LIST)),
    opt("ZoneIds", "ZoneId", "ZoneId", l(&ZONE_ID_STRING_LIST)),
    opt("ZoneNames", "ZoneName", "ZoneName", l(&ZONE_NAME_STRING_LIST)),
]);
static DESCRIBE_AVAILABILITY_ZONES_RESULT: Structure = shape(&[
    opt("AvailabilityZones", "AvailabilityZoneInfo", "availabilityZoneInfo", l(&AVAILABILITY_ZONE_LIST)),
]);
static DESCRIBE_DHCP_OPTIONS_REQUEST: Structure = shape(&[
    opt("DhcpOptionsIds", "DhcpOptionsId", "DhcpOptionsId", l(&DHCP_OPTIONS_ID_STRING_LIST)),
    opt("DryRun", "DryRun", "dryRun", Boolean),
    opt("Filters", "Filter", "Filter", l(&FILTER_LIST)),
    opt("MaxResults", "MaxResults", "MaxResults", Integer),
    opt("NextToken", "NextToken", "NextToken", String),
]);
static DESCRIBE_DHCP_OPTIONS_RESULT: Structure = shape(&[
    opt("DhcpOptions", "DhcpOptionsSet", "dhcpOptionsSet", l(&DHCP_OPTIONS_LIST)),
    opt("NextToken", "NextToken", "nextToken", String),
]);
static DESCRIBE_EGRESS_ONLY_INTERNET_GATEWAYS_REQUEST: Structure = shape(&[
    opt("DryRun", "DryRun", "DryRun", Boolean),
    opt("EgressOnlyInternetGatewayIds", "EgressOnlyInternetGatewayId", "EgressOnlyInternetGatewayId", l(&EGRESS_ONLY_INTERNET_GATEWAY_ID_LIST)),
    opt("Filters", "Filter", "Filter", l(&FILTER_LIST)),
    opt("MaxResults", "MaxResults", "MaxResults", Integer),
    opt("NextToken", "NextToken", "NextToken", String),
]);
static DESCRIBE_EGRESS_ONLY_INTERNET_GATEWAYS_RESULT: Structure = shape(&[
    opt("EgressOnlyInternetGateways", "EgressOnlyInternetGatewaySet", "egressOnlyInternetGatewaySet", l(&EGRESS_ONLY_INTERNET_GATEWAY_LIST)),
    opt("NextToken", "NextToken", "nextToken", String),
]);
static DESCRIBE_FLOW_LOGS_REQUEST: Structure = shape(&[
    opt("DryRun", "DryRun", "DryRun", Boolean),
    opt("Filter", "Filter", "Filter", l(&FILTER_LIST)),
    opt("FlowLogIds", "FlowLogId", "FlowLogId", l(&FLOW_LOG_ID_LIST)),
    opt("MaxResults", "MaxResults", "MaxResults", Integer),
    opt("NextToken", "NextToken", "NextToken", String),
]);
static DESCRIBE_FLOW_LOGS_RESULT: Structure = shape(&[
    opt("FlowLogs", "FlowLogSet", "flowLogSet", l(&FLOW_LOG_SET)),
    opt("NextToken", "NextToken", "nextToken", String),
]);
static DESCRIBE_IAM_INSTANCE_PROFILE_ASSOCIATIONS_REQUEST: Structure = shape(&[
    opt("AssociationIds", "AssociationId", "AssociationId", l(&ASSOCIATION_ID_LIST)),
    opt("Filters", "Filter", "Filter", l(&FILTER_LIST)),
    opt("MaxResults", "MaxResults", "MaxResults", Integer),
    opt("NextToken", "NextToken", "NextToken", String),
]);
static DESCRIBE_IAM_INSTANCE_PROFILE_ASSOCIATIONS_RESULT: Structure = shape(&[
    opt("IamInstanceProfileAssociations", "IamInstanceProfileAssociationSet", "iamInstanceProfileAssociationSet", l(&IAM_INSTANCE_PROFILE_ASSOCIATION_SET)),
    opt("NextToken", "NextToken", "nextToken", String),
]);
static DESCRIBE_IMAGES_REQUEST: Structure = shape(&[
    opt("DryRun", "DryRun", "dryRun", Boolean),
    opt("ExecutableUsers", "ExecutableBy", "ExecutableBy", l(&EXECUTABLE_BY_STRING_LIST)),
    opt("Filters", "Filter", "Filter", l(&FILTER_LIST)),
    opt("ImageIds", "ImageId", "ImageId", l(&IMAGE_ID_STRING_LIST)),
    opt("IncludeDeprecated", "IncludeDeprecated", "IncludeDeprecated", Boolean),
    opt("IncludeDisabled", "IncludeDisabled", "IncludeDisabled", Boolean),
    opt("MaxResults", "MaxResults", "MaxResults", Integer),
    opt("NextToken", "NextToken", "NextToken", String),
    opt("Owners", "Owner", "Owner", l(&OWNER_STRING_LIST)),
]);
static DESCRIBE_IMAGES_RESULT: Structure = shape(&[
    opt("Images", "ImagesSet", "imagesSet", l(&IMAGE_LIST)),
    opt("NextToken", "NextToken", "nextToken", String),
]);
static DESCRIBE_INSTANCE_ATTRIBUTE_REQUEST: Structure = shape(&[
    req("Attribute", "Attribute", "attribute", String),
    opt("DryRun", "DryRun", "dryRun", Boolean),
    req("InstanceId", "InstanceId", "instanceId", String),
]);
static DESCRIBE_INSTANCE_CREDIT_SPECIFICATIONS_REQUEST: Structure = shape(&[
    opt("DryRun", "DryRun", "DryRun", Boolean),
    opt("Filters", "Filter", "Filter", l(&FILTER_LIST)),
    opt("InstanceIds", "InstanceId", "InstanceId", l(&INSTANCE_ID_STRING_LIST)),
    opt("MaxResults", "MaxResults", "MaxResults", Integer),
    opt("NextToken", "NextToken", "NextToken", String),
]);
static DESCRIBE_INSTANCE_CREDIT_SPECIFICATIONS_RESULT: Structure = shape(&[
    opt("InstanceCreditSpecifications", "InstanceCreditSpecificationSet", "instanceCreditSpecificationSet", l(&INSTANCE_CREDIT_SPECIFICATION_LIST)),
    opt("NextToken", "NextToken", "nextToken", String),
]);
static DESCRIBE_INSTANCE_STATUS_REQUEST: Structure = shape(&[
    opt("DryRun", "DryRun", "dryRun", Boolean),
    opt("Filters", "Filter", "Filter", l(&FILTER_LIST)),
    opt("IncludeAllInstances", "IncludeAllInstances", "includeAllInstances", Boolean),
    opt("IncludeManagedResources", "IncludeManagedResources", "IncludeManagedResources", Boolean),
    opt("InstanceIds", "InstanceId", "InstanceId", l(&INSTANCE_ID_STRING_LIST)),
    opt("MaxResults", "MaxResults", "MaxResults", Integer),
    opt("NextToken", "NextToken", "NextToken", String),
]);
static DESCRIBE_INSTANCE_STATUS_RESULT: Structure = shape(&[
    opt("InstanceStatuses", "InstanceStatusSet", "instanceStatusSet", l(&INSTANCE_STATUS_LIST)),
    opt("NextToken", "NextToken", "nextToken", String),
]);
static DESCRIBE_INSTANCE_TYPES_REQUEST: Structure = shape(&[
    opt("DryRun", "DryRun", "DryRun", Boolean),
    opt("Filters", "Filter", "Filter", l(&FILTER_LIST)),
    opt("IncludeUnsupportedInRegion", "IncludeUnsupportedInRegion", "IncludeUnsupportedInRegion", Boolean),
    opt("InstanceTypes", "InstanceType", "InstanceType", l(&REQUEST_INSTANCE_TYPE_LIST)),
    opt("MaxResults", "MaxResults", "MaxResults", Integer),
    opt("NextToken", "NextToken", "NextToken", String),
]);
static DESCRIBE_INSTANCE_TYPES_RESULT: Structure = shape(&[
    opt("InstanceTypes", "InstanceTypeSet", "instanceTypeSet", l(&INSTANCE_TYPE_INFO_LIST)),
    opt("NextToken", "NextToken", "nextToken", String),
]);
static DESCRIBE_INSTANCES_REQUEST: Structure = shape(&[
    opt("DryRun", "DryRun", "dryRun", Boolean),
    opt("Filters", "Filter", "Filter", l(&FILTER_LIST)),
    opt("IncludeManagedResources", "IncludeManagedResources", "IncludeManagedResources", Boolean),
    opt("InstanceIds", "InstanceId", "InstanceId", l(&INSTANCE_ID_STRING_LIST)),
    opt("MaxResults", "MaxResults", "maxResults", Integer),
    opt("NextToken", "NextToken", "nextToken", String),
]);
static DESCRIBE_INSTANCES_RESULT: Structure = shape(&[
    opt("NextToken", "NextToken", "nextToken", String),
    opt("Reservations", "ReservationSet", "reservationSet", l(&RESERVATION_LIST)),
]);
static DESCRIBE_INTERNET_GATEWAYS_REQUEST: Structure = shape(&[
    opt("DryRun", "DryRun", "dryRun", Boolean),
    opt("Filters", "Filter", "Filter", l(&FILTER_LIST)),
    opt("InternetGatewayIds", "InternetGatewayId", "internetGatewayId", l(&INTERNET_GATEWAY_ID_LIST)),
    opt("MaxResults", "MaxResults", "MaxResults", Integer),
    opt("NextToken", "NextToken", "NextToken", String),
]);
static DESCRIBE_INTERNET_GATEWAYS_RESULT: Structure = shape(&[
    opt("InternetGateways", "InternetGatewaySet", "internetGatewaySet", l(&INTERNET_GATEWAY_LIST)),
    opt("NextToken", "NextToken", "nextToken", String),
]);
static DESCRIBE_MANAGED_PREFIX_LISTS_REQUEST: Structure = shape(&[
    opt("DryRun", "DryRun", "DryRun", Boolean),
    opt("Filters", "Filter", "Filter", l(&FILTER_LIST)),
    opt("MaxResults", "MaxResults", "MaxResults", Integer),
    opt("NextToken", "NextToken", "NextToken", String),
    opt("PrefixListIds", "PrefixListId", "PrefixListId", l(&VALUE_STRING_LIST)),
]);
static DESCRIBE_MANAGED_PREFIX_LISTS_RESULT: Structure = shape(&[
    opt("NextToken", "NextToken", "nextToken", String),
    opt("PrefixLists", "PrefixListSet", "prefixListSet", l(&MANAGED_PREFIX_LIST_SET)),
]);
static DESCRIBE_NAT_GATEWAYS_REQUEST: Structure = shape(&[
    opt("DryRun", "DryRun", "DryRun", Boolean),
    opt("Filter", "Filter", "Filter", l(&FILTER_LIST)),
    opt("MaxResults", "MaxResults", "MaxResults", Integer),
    opt("NatGatewayIds", "NatGatewayId", "NatGatewayId", l(&NAT_GATEWAY_ID_STRING_LIST)),
    opt("NextToken", "NextToken", "NextToken", String),
]);
static DESCRIBE_NAT_GATEWAYS_RESULT: Structure = shape(&[
    opt("NatGateways", "NatGatewaySet", "natGatewaySet", l(&NAT_GATEWAY_LIST)),
    opt("NextToken", "NextToken", "nextToken", String),
]);
static DESCRIBE_NETWORK_ACLS_REQUEST: Structure = shape(&[
    opt("DryRun", "DryRun", "dryRun", Boolean),
    opt("Filters", "Filter", "Filter", l(&FILTER_LIST)),
    opt("MaxResults", "MaxResults", "MaxResults", Integer),
    opt("NetworkAclIds", "NetworkAclId", "NetworkAclId", l(&NETWORK_ACL_ID_STRING_LIST)),
    opt("NextToken", "NextToken", "NextToken", String),
]);
static DESCRIBE_NETWORK_ACLS_RESULT: Structure = shape(&[
    opt("NetworkAcls", "NetworkAclSet", "networkAclSet", l(&NETWORK_ACL_LIST)),
    opt("NextToken", "NextToken", "nextToken", String),
]);
static DESCRIBE_NETWORK_INSIGHTS_ANALYSES_REQUEST: Structure = shape(&[
    opt("AnalysisEndTime", "AnalysisEndTime", "AnalysisEndTime", Timestamp),
    opt("AnalysisStartTime", "AnalysisStartTime", "AnalysisStartTime", Timestamp),
    opt("DryRun", "DryRun", "DryRun", Boolean),
    opt("Filters", "Filter", "Filter", l(&FILTER_LIST)),
    opt("MaxResults", "MaxResults", "MaxResults", Integer),
    opt("NetworkInsightsAnalysisIds", "NetworkInsightsAnalysisId", "NetworkInsightsAnalysisId", l(&NETWORK_INSIGHTS_ANALYSIS_ID_LIST)),
    opt("NetworkInsightsPathId", "NetworkInsightsPathId", "NetworkInsightsPathId", String),
    opt("NextToken", "NextToken", "NextToken", String),
]);
static DESCRIBE_NETWORK_INSIGHTS_ANALYSES_RESULT: Structure = shape(&[
    opt("NetworkInsightsAnalyses", "NetworkInsightsAnalysisSet", "networkInsightsAnalysisSet", l(&NETWORK_INSIGHTS_ANALYSIS_LIST)),
    opt("NextToken", "NextToken", "nextToken", String),
]);
static DESCRIBE_NETWORK_INSIGHTS_PATHS_REQUEST: Structure = shape(&[
    opt("DryRun", "DryRun", "DryRun", Boolean),
    opt("Filters", "Filter", "Filter", l(&FILTER_LIST)),
    opt("MaxResults", "MaxResults", "MaxResults", Integer),
    opt("NetworkInsightsPathIds", "NetworkInsightsPathId", "NetworkInsightsPathId", l(&NETWORK_INSIGHTS_PATH_ID_LIST)),
    opt("NextToken", "NextToken", "NextToken", String),
]);
static DESCRIBE_NETWORK_INSIGHTS_PATHS_RESULT: Structure = shape(&[
    opt("NetworkInsightsPaths", "NetworkInsightsPathSet", "networkInsightsPathSet", l(&NETWORK_INSIGHTS_PATH_LIST)),
    opt("NextToken", "NextToken", "nextToken", String),
]);
static DESCRIBE_NETWORK_INTERFACE_ATTRIBUTE_REQUEST: Structure = shape(&[
    opt("Attribute", "Attribute", "attribute", String),
    opt("DryRun", "DryRun", "dryRun", Boolean),
    req("NetworkInterfaceId", "NetworkInterfaceId", "networkInterfaceId", String),
]);
static DESCRIBE_NETWORK_INTERFACE_ATTRIBUTE_RESULT: Structure = shape(&[
    opt("AssociatePublicIpAddress", "AssociatePublicIpAddress", "associatePublicIpAddress", Boolean),
    opt("Attachment", "Attachment", "attachment", s(&NETWORK_INTERFACE_ATTACHMENT)),
    opt("Description", "Description", "description", s(&ATTRIBUTE_VALUE)),
    opt("Groups", "GroupSet", "groupSet", l(&GROUP_IDENTIFIER_LIST)),
    opt("NetworkInterfaceId", "NetworkInterfaceId", "networkInterfaceId", String),
    opt("SourceDestCheck", "SourceDestCheck", "sourceDestCheck", s(&ATTRIBUTE_BOOLEAN_VALUE)),
]);
static DESCRIBE_NETWORK_INTERFACES_REQUEST: Structure = shape(&[
    opt("DryRun", "DryRun", "dryRun", Boolean),
    opt("Filters", "Filter", "filter", l(&FILTER_LIST)),
    opt("IncludeManagedResources", "IncludeManagedResources", "IncludeManagedResources", Boolean),
    opt("MaxResults", "MaxResults", "MaxResults", Integer),
    opt("NetworkInterfaceIds", "NetworkInterfaceId", "NetworkInterfaceId", l(&NETWORK_INTERFACE_ID_LIST)),
    opt("NextToken", "NextToken", "NextToken", String),
]);
static DESCRIBE_NETWORK_INTERFACES_RESULT: Structure = shape(&[
    opt("NetworkInterfaces", "NetworkInterfaceSet", "networkInterfaceSet", l(&NETWORK_INTERFACE_LIST)),
    opt("NextToken", "NextToken", "nextToken", String),
]);
static DESCRIBE_PREFIX_LISTS_REQUEST: Structure = shape(&[
    opt("DryRun", "DryRun", "DryRun", Boolean),
    opt("Filters", "Filter", "Filter", l(&FILTER_LIST)),
    opt("MaxResults", "MaxResults", "MaxResults", Integer),
    opt("NextToken", "NextToken", "NextToken", String),
    opt("PrefixListIds", "PrefixListId", "PrefixListId", l(&PREFIX_LIST_RESOURCE_ID_STRING_LIST)),
]);
static DESCRIBE_PREFIX_LISTS_RESULT: Structure = shape(&[
    opt("NextToken", "NextToken", "nextToken", String),
    opt("PrefixLists", "PrefixListSet", "prefixListSet", l(&PREFIX_LIST_SET)),
]);
static DESCRIBE_REGIONS_REQUEST: Structure = shape(&[
    opt("AllRegions", "AllRegions", "AllRegions", Boolean),
    opt("DryRun", "DryRun", "dryRun", Boolean),
    opt("Filters", "Filter", "Filter", l(&FILTER_LIST)),
    opt("RegionNames", "RegionName", "RegionName", l(&REGION_NAME_STRING_LIST)),
]);
static DESCRIBE_REGIONS_RESULT: Structure = shape(&[
    opt("Regions", "RegionInfo", "regionInfo", l(&REGION_LIST)),
]);
static DESCRIBE_ROUTE_TABLES_REQUEST: Structure = shape(&[
    opt("DryRun", "DryRun", "dryRun", Boolean),
    opt("Filters", "Filter", "Filter", l(&FILTER_LIST)),
    opt("MaxResults", "MaxResults", "MaxResults", Integer),
    opt("NextToken", "NextToken", "NextToken", String),
    opt("RouteTableIds", "RouteTableId", "RouteTableId", l(&ROUTE_TABLE_ID_STRING_LIST)),
]);
static DESCRIBE_ROUTE_TABLES_RESULT: Structure = shape(&[
    opt("NextToken", "NextToken", "nextToken", String),
    opt("RouteTables", "RouteTableSet", "routeTableSet", l(&ROUTE_TABLE_LIST)),
]);
static DESCRIBE_SECURITY_GROUP_REFERENCES_REQUEST: Structure = shape(&[
    opt("DryRun", "DryRun", "DryRun", Boolean),
    req("GroupId", "GroupId", "GroupId", l(&GROUP_IDS)),
]);
static DESCRIBE_SECURITY_GROUP_REFERENCES_RESULT: Structure = shape(&[
    opt("SecurityGroupReferenceSet", "SecurityGroupReferenceSet", "securityGroupReferenceSet", l(&SECURITY_GROUP_REFERENCES)),
]);
static DESCRIBE_SECURITY_GROUP_RULES_REQUEST: Structure = shape(&[
    opt("DryRun", "DryRun", "DryRun", Boolean),
    opt("Filters", "Filter", "Filter", l(&FILTER_LIST)),
    opt("MaxResults", "MaxResults", "MaxResults", Integer),
    opt("NextToken", "NextToken", "NextToken", String),
    opt("SecurityGroupRuleIds", "SecurityGroupRuleId", "SecurityGroupRuleId", l(&SECURITY_GROUP_RULE_ID_LIST)),
]);
static DESCRIBE_SECURITY_GROUP_RULES_RESULT: Structure = shape(&[
    opt("NextToken", "NextToken", "nextToken", String),
    opt("SecurityGroupRules", "SecurityGroupRuleSet", "securityGroupRuleSet", l(&SECURITY_GROUP_RULE_LIST)),
]);
static DESCRIBE_SECURITY_GROUPS_REQUEST: Structure = shape(&[
    opt("DryRun", "DryRun", "dryRun", Boolean),
    opt("Filters", "Filter", "Filter", l(&FILTER_LIST)),
    opt("GroupIds", "GroupId", "GroupId", l(&GROUP_ID_STRING_LIST)),
    opt("GroupNames", "GroupName", "GroupName", l(&GROUP_NAME_STRING_LIST)),
    opt("MaxResults", "MaxResults", "MaxResults", Integer),
    opt("NextToken", "NextToken", "NextToken", String),
]);
static DESCRIBE_SECURITY_GROUPS_RESULT: Structure = shape(&[
    opt("NextToken", "NextToken", "nextToken", String),
    opt("SecurityGroups", "SecurityGroupInfo", "securityGroupInfo", l(&SECURITY_GROUP_LIST)),
]);
static DESCRIBE_STALE_SECURITY_GROUPS_REQUEST: Structure = shape(&[
    opt("DryRun", "DryRun", "DryRun", Boolean),
    opt("MaxResults", "MaxResults", "MaxResults", Integer),
    opt("NextToken", "NextToken", "NextToken", String),
    req("VpcId", "VpcId", "VpcId", String),
]);
static DESCRIBE_STALE_SECURITY_GROUPS_RESULT: Structure = shape(&[
    opt("NextToken", "NextToken", "nextToken", String),
    opt("StaleSecurityGroupSet", "StaleSecurityGroupSet", "staleSecurityGroupSet", l(&STALE_SECURITY_GROUP_SET)),
]);
static DESCRIBE_SUBNETS_REQUEST: Structure = shape(&[
    opt("DryRun", "DryRun", "dryRun", Boolean),
    opt("Filters", "Filter", "Filter", l(&FILTER_LIST)),
    opt("MaxResults", "MaxResults", "MaxResults", Integer),
    opt("NextToken", "NextToken", "NextToken", String),
    opt("SubnetIds", "SubnetId", "SubnetId", l(&SUBNET_ID_STRING_LIST)),
]);
static DESCRIBE_SUBNETS_RESULT: Structure = shape(&[
    opt("NextToken", "NextToken", "nextToken", String),
    opt("Subnets", "SubnetSet", "subnetSet", l(&SUBNET_LIST)),
]);
static DESCRIBE_TAGS_REQUEST: Structure = shape(&[
    opt("DryRun", "DryRun", "dryRun", Boolean),
    opt("Filters", "Filter", "Filter", l(&FILTER_LIST)),
    opt("MaxResults", "MaxResults", "maxResults", Integer),
    opt("NextToken", "NextToken", "nextToken", String),
]);
static DESCRIBE_TAGS_RESULT: Structure = shape(&[
    opt("NextToken", "NextToken", "nextToken", String),
    opt("Tags", "TagSet", "tagSet", l(&TAG_DESCRIPTION_LIST)),
]);
static DESCRIBE_VOLUMES_REQUEST: Structure = shape(&[
    opt("DryRun", "DryRun", "dryRun", Boolean),
    opt("Filters", "Filter", "Filter", l(&FILTER_LIST)),
    opt("IncludeManagedResources", "IncludeManagedResources", "IncludeManagedResources", Boolean),
    opt("MaxResults", "MaxResults", "maxResults", Integer),
    opt("NextToken", "NextToken", "nextToken", String),
    opt("VolumeIds", "VolumeId", "VolumeId", l(&VOLUME_ID_STRING_LIST)),
]);
static DESCRIBE_VOLUMES_RESULT: Structure = shape(&[
    opt("NextToken", "NextToken", "nextToken", String),
    opt("Volumes", "VolumeSet", "volumeSet", l(&VOLUME_LIST)),
]);
static DESCRIBE_VPC_ATTRIBUTE_REQUEST: Structure = shape(&[
    req("Attribute", "Attribute", "Attribute", String),
    opt("DryRun", "DryRun", "dryRun", Boolean),
    req("VpcId", "VpcId", "VpcId", String),
]);
static DESCRIBE_VPC_ATTRIBUTE_RESULT: Structure = shape(&[
    opt("EnableDnsHostnames", "EnableDnsHostnames", "enableDnsHostnames", s(&ATTRIBUTE_BOOLEAN_VALUE)),
    opt("EnableDnsSupport", "EnableDnsSupport", "enableDnsSupport", s(&ATTRIBUTE_BOOLEAN_VALUE)),
    opt("EnableNetworkAddressUsageMetrics", "EnableNetworkAddressUsageMetrics", "enableNetworkAddressUsageMetrics", s(&ATTRIBUTE_BOOLEAN_VALUE)),
    opt("VpcId", "VpcId", "vpcId", String),
]);
static DESCRIBE_VPC_ENDPOINT_ASSOCIATIONS_REQUEST: Structure = shape(&[
    opt("DryRun", "DryRun", "DryRun", Boolean),
    opt("Filters", "Filter", "Filter", l(&FILTER_LIST)),
    opt("MaxResults", "MaxResults", "MaxResults", Integer),
    opt("NextToken", "NextToken", "NextToken", String),
    opt("VpcEndpointIds", "VpcEndpointId", "VpcEndpointId", l(&VPC_ENDPOINT_ID_LIST)),
]);
static DESCRIBE_VPC_ENDPOINT_ASSOCIATIONS_RESULT: Structure = shape(&[
    opt("NextToken", "NextToken", "nextToken", String),
    opt("VpcEndpointAssociations", "VpcEndpointAssociationSet", "vpcEndpointAssociationSet", l(&VPC_ENDPOINT_ASSOCIATION_SET)),
]);
static DESCRIBE_VPC_ENDPOINT_CONNECTION_NOTIFICATIONS_REQUEST: Structure = shape(&[
    opt("ConnectionNotificationId", "ConnectionNotificationId", "ConnectionNotificationId", String),
    opt("DryRun", "DryRun", "DryRun", Boolean),
    opt("Filters", "Filter", "Filter", l(&FILTER_LIST)),
    opt("MaxResults", "MaxResults", "MaxResults", Integer),
    opt("NextToken", "NextToken", "NextToken", String),
]);
static DESCRIBE_VPC_ENDPOINT_CONNECTION_NOTIFICATIONS_RESULT: Structure = shape(&[
    opt("ConnectionNotificationSet", "ConnectionNotificationSet", "connectionNotificationSet", l(&CONNECTION_NOTIFICATION_SET)),
    opt("NextToken", "NextToken", "nextToken", String),
]);
static DESCRIBE_VPC_ENDPOINT_CONNECTIONS_REQUEST: Structure = shape(&[
    opt("DryRun", "DryRun", "DryRun", Boolean),
    opt("Filters", "Filter", "Filter", l(&FILTER_LIST)),
    opt("MaxResults", "MaxResults", "MaxResults", Integer),
    opt("NextToken", "NextToken", "NextToken", String),
]);
static DESCRIBE_VPC_ENDPOINT_CONNECTIONS_RESULT: Structure = shape(&[
    opt("NextToken", "NextToken", "nextToken", String),
    opt("VpcEndpointConnections", "VpcEndpointConnectionSet", "vpcEndpointConnectionSet", l(&VPC_ENDPOINT_CONNECTION_SET)),
]);
static DESCRIBE_VPC_ENDPOINT_SERVICE_CONFIGURATIONS_REQUEST: Structure = shape(&[
    opt("DryRun", "DryRun", "DryRun", Boolean),
    opt("Filters", "Filter", "Filter", l(&FILTER_LIST)),
    opt("MaxResults", "MaxResults", "MaxResults", Integer),
    opt("NextToken", "NextToken", "NextToken", String),
    opt("ServiceIds", "ServiceId", "ServiceId", l(&VPC_ENDPOINT_SERVICE_ID_LIST)),
]);
static DESCRIBE_VPC_ENDPOINT_SERVICE_CONFIGURATIONS_RESULT: Structure = shape(&[
    opt("NextToken", "NextToken", "nextToken", String),
    opt("ServiceConfigurations", "ServiceConfigurationSet", "serviceConfigurationSet", l(&SERVICE_CONFIGURATION_SET)),
]);
static DESCRIBE_VPC_ENDPOINT_SERVICE_PERMISSIONS_REQUEST: Structure = shape(&[
    opt("DryRun", "DryRun", "DryRun", Boolean),
    opt("Filters", "Filter", "Filter", l(&FILTER_LIST)),
    opt("MaxResults", "MaxResults", "MaxResults", Integer),
    opt("NextToken", "NextToken", "NextToken", String),
    req("ServiceId", "ServiceId", "ServiceId", String),
]);
static DESCRIBE_VPC_ENDPOINT_SERVICE_PERMISSIONS_RESULT: Structure = shape(&[
    opt("AllowedPrincipals", "AllowedPrincipals", "allowedPrincipals", l(&ALLOWED_PRINCIPAL_SET)),
    opt("NextToken", "NextToken", "nextToken", String),
]);
static DESCRIBE_VPC_ENDPOINT_SERVICES_REQUEST: Structure = shape(&[
    opt("DryRun", "DryRun", "DryRun", Boolean),
    opt("Filters", "Filter", "Filter", l(&FILTER_LIST)),
    opt("MaxResults", "MaxResults", "MaxResults", Integer),
    opt("NextToken", "NextToken", "NextToken", String),
    opt("ServiceNames", "ServiceName", "ServiceName", l(&VALUE_STRING_LIST)),
    opt("ServiceRegions", "ServiceRegion", "ServiceRegion", l(&VALUE_STRING_LIST)),
]);
static DESCRIBE_VPC_ENDPOINT_SERVICES_RESULT: Structure = shape(&[
    opt("NextToken", "NextToken", "nextToken", String),
    opt("ServiceDetails", "ServiceDetailSet", "serviceDetailSet", l(&SERVICE_DETAIL_SET)),
    opt("ServiceNames", "ServiceNameSet", "serviceNameSet", l(&VALUE_STRING_LIST)),
]);
static DESCRIBE_VPC_ENDPOINTS_REQUEST: Structure = shape(&[
    opt("DryRun", "DryRun", "DryRun", Boolean),
    opt("Filters", "Filter", "Filter", l(&FILTER_LIST)),
    opt("MaxResults", "MaxResults", "MaxResults", Integer),
    opt("NextToken", "NextToken", "NextToken", String),
    opt("VpcEndpointIds", "VpcEndpointId", "VpcEndpointId", l(&VPC_ENDPOINT_ID_LIST)),
]);
static DESCRIBE_VPC_ENDPOINTS_RESULT: Structure = shape(&[
    opt("NextToken", "NextToken", "nextToken", String),
    opt("VpcEndpoints", "VpcEndpointSet", "vpcEndpointSet", l(&VPC_ENDPOINT_SET)),
]);
static DESCRIBE_VPC_PEERING_CONNECTIONS_REQUEST: Structure = shape(&[
    opt("DryRun", "DryRun", "dryRun", Boolean),
    opt("Filters", "Filter", "Filter", l(&FILTER_LIST)),
    opt("MaxResults", "MaxResults", "MaxResults", Integer),
    opt("NextToken", "NextToken", "NextToken", String),
    opt("VpcPeeringConnectionIds", "VpcPeeringConnectionId", "VpcPeeringConnectionId", l(&VPC_PEERING_CONNECTION_ID_LIST)),
]);
static DESCRIBE_VPC_PEERING_CONNECTIONS_RESULT: Structure = shape(&[
    opt("NextToken", "NextToken", "nextToken", String),
    opt("VpcPeeringConnections", "VpcPeeringConnectionSet", "vpcPeeringConnectionSet", l(&VPC_PEERING_CONNECTION_LIST)),
]);
static DESCRIBE_VPCS_REQUEST: Structure = shape(&[
    opt("DryRun", "DryRun", "dryRun", Boolean),
    opt("Filters", "Filter", "Filter", l(&FILTER_LIST)),
    opt("MaxResults", "MaxResults", "MaxResults", Integer),
    opt("NextToken", "NextToken", "NextToken", String),
    opt("VpcIds", "VpcId", "VpcId", l(&VPC_ID_STRING_LIST)),
]);
static DESCRIBE_VPCS_RESULT: Structure = shape(&[
    opt("NextToken", "NextToken", "nextToken", String),
    opt("Vpcs", "VpcSet", "vpcSet", l(&VPC_LIST)),
]);
static DESTINATION_OPTIONS_REQUEST: Structure = shape(&[
    opt("FileFormat", "FileFormat", "FileFormat", String),
    opt("HiveCompatiblePartitions", "HiveCompatiblePartitions", "HiveCompatiblePartitions", Boolean),
    opt("PerHourPartition", "PerHourPartition", "PerHourPartition", Boolean),
]);
static DESTINATION_OPTIONS_RESPONSE: Structure = shape(&[
    opt("FileFormat", "FileFormat", "fileFormat", String),
    opt("HiveCompatiblePartitions", "HiveCompatiblePartitions", "hiveCompatiblePartitions", Boolean),
    opt("PerHourPartition", "PerHourPartition", "perHourPartition", Boolean),
]);
static DETACH_INTERNET_GATEWAY_REQUEST: Structure = shape(&[
    opt("DryRun", "DryRun", "dryRun", Boolean),
    req("InternetGatewayId", "InternetGatewayId", "internetGatewayId", String),
    req("VpcId", "VpcId", "vpcId", String),
]);
static DETACH_NETWORK_INTERFACE_REQUEST: Structure = shape(&[
    req("AttachmentId", "AttachmentId", "attachmentId", String),
    opt("DryRun", "DryRun", "dryRun", Boolean),
    opt("Force", "Force", "force", Boolean),
]);
static DHCP_CONFIGURATION: Structure = shape(&[
    opt("Key", "Key", "key", String),
    opt("Values", "ValueSet", "valueSet", l(&DHCP_CONFIGURATION_VALUE_LIST)),
]);
static DHCP_CONFIGURATION_LIST: List = list(None, "item", s(&DHCP_CONFIGURATION));
static DHCP_CONFIGURATION_VALUE_LIST: List = list(None, "item", s(&ATTRIBUTE_VALUE));
static DHCP_OPTIONS: Structure = shape(&[
    opt("DhcpConfigurations", "DhcpConfigurationSet", "dhcpConfigurationSet", l(&DHCP_CONFIGURATION_LIST)),
    opt("DhcpOptionsId", "DhcpOptionsId", "dhcpOptionsId", String),
    opt("OwnerId", "OwnerId", "ownerId", String),
    opt("Tags", "TagSet", "tagSet", l(&TAG_LIST)),
]);
static DHCP_OPTIONS_ID_STRING_LIST: List = list(None, "DhcpOptionsId", String);
static DHCP_OPTIONS_LIST: List = list(None, "item", s(&DHCP_OPTIONS));
static DISABLE_VGW_ROUTE_PROPAGATION_REQUEST: Structure = shape(&[
    opt("DryRun", "DryRun", "DryRun", Boolean),
    req("GatewayId", "GatewayId", "GatewayId", String),
    req("RouteTableId", "RouteTableId", "RouteTableId", String),
]);
static DISASSOCIATE_ADDRESS_REQUEST: Structure = shape(&[
    opt("AssociationId", "AssociationId", "AssociationId", String),
    opt("DryRun", "DryRun", "dryRun", Boolean),
    opt("PublicIp", "PublicIp", "PublicIp", String),
]);
static DISASSOCIATE_IAM_INSTANCE_PROFILE_REQUEST: Structure = shape(&[
    req("AssociationId", "AssociationId", "AssociationId", String),
]);
static DISASSOCIATE_IAM_INSTANCE_PROFILE_RESULT: Structure = shape(&[
    opt("IamInstanceProfileAssociation", "IamInstanceProfileAssociation", "iamInstanceProfileAssociation", s(&IAM_INSTANCE_PROFILE_ASSOCIATION)),
]);
static DISASSOCIATE_NAT_GATEWAY_ADDRESS_REQUEST: Structure = shape(&[
    req("AssociationIds", "AssociationId", "AssociationId", l(&EIP_ASSOCIATION_ID_LIST)),
    opt("DryRun", "DryRun", "DryRun", Boolean),
    opt("MaxDrainDurationSeconds", "MaxDrainDurationSeconds", "MaxDrainDurationSeconds", Integer),
    req("NatGatewayId", "NatGatewayId", "NatGatewayId", String),
]);
static DISASSOCIATE_NAT_GATEWAY_ADDRESS_RESULT: Structure = shape(&[
    opt("NatGatewayAddresses", "NatGatewayAddressSet", "natGatewayAddressSet", l(&NAT_GATEWAY_ADDRESS_LIST)),
    opt("NatGatewayId", "NatGatewayId", "natGatewayId", String),
]);
static DISASSOCIATE_ROUTE_TABLE_REQUEST: Structure = shape(&[
    req("AssociationId", "AssociationId", "associationId", String),
    opt("DryRun", "DryRun", "dryRun", Boolean),
]);
static DISASSOCIATE_SUBNET_CIDR_BLOCK_REQUEST: Structure = shape(&[
    req("AssociationId", "AssociationId", "associationId", String),
]);
static DISASSOCIATE_SUBNET_CIDR_BLOCK_RESULT: Structure = shape(&[
    opt("Ipv6CidrBlockAssociation", "Ipv6CidrBlockAssociation", "ipv6CidrBlockAssociation", s(&SUBNET_IPV6_CIDR_BLOCK_ASSOCIATION)),
    opt("SubnetId", "SubnetId", "subnetId", String),
]);
static DISASSOCIATE_VPC_CIDR_BLOCK_REQUEST: Structure = shape(&[
    req("AssociationId", "AssociationId", "associationId", String),
]);
static DISASSOCIATE_VPC_CIDR_BLOCK_RESULT: Structure = shape(&[
    opt("CidrBlockAssociation", "CidrBlockAssociation", "cidrBlockAssociation", s(&VPC_CIDR_BLOCK_ASSOCIATION)),
    opt("Ipv6CidrBlockAssociation", "Ipv6CidrBlockAssociation", "ipv6CidrBlockAssociation", s(&VPC_IPV6_CIDR_BLOCK_ASSOCIATION)),
    opt("VpcId", "VpcId", "vpcId", String),
]);
static DISK_INFO: Structure = shape(&[
    opt("Count", "Count", "count", Integer),
    opt("SizeInGB", "SizeInGB", "sizeInGB", Long),
    opt("Type", "Type", "type", String),
]);
static DISK_INFO_LIST: List = list(None, "item", s(&DISK_INFO));
static DNS_ENTRY: Structure = shape(&[
    opt("DnsName", "DnsName", "dnsName", String),
    opt("HostedZoneId", "HostedZoneId", "hostedZoneId", String),
]);
static DNS_ENTRY_SET: List = list(None, "item", s(&DNS_ENTRY));
static DNS_OPTIONS: Structure = shape(&[
    opt("DnsRecordIpType", "DnsRecordIpType", "dnsRecordIpType", String),
    opt("PrivateDnsOnlyForInboundResolverEndpoint", "PrivateDnsOnlyForInboundResolverEndpoint", "privateDnsOnlyForInboundResolverEndpoint", Boolean),
    opt("PrivateDnsPreference", "PrivateDnsPreference", "privateDnsPreference", String),
    opt("PrivateDnsSpecifiedDomains", "PrivateDnsSpecifiedDomainSet", "privateDnsSpecifiedDomainSet", l(&PRIVATE_DNS_SPECIFIED_DOMAIN_SET)),
]);
static DNS_OPTIONS_SPECIFICATION: Structure = shape(&[
    opt("DnsRecordIpType", "DnsRecordIpType", "DnsRecordIpType", String),
    opt("PrivateDnsOnlyForInboundResolverEndpoint", "PrivateDnsOnlyForInboundResolverEndpoint", "PrivateDnsOnlyForInboundResolverEndpoint", Boolean),
    opt("PrivateDnsPreference", "PrivateDnsPreference", "PrivateDnsPreference", String),
    opt("PrivateDnsSpecifiedDomains", "PrivateDnsSpecifiedDomain", "PrivateDnsSpecifiedDomain", l(&PRIVATE_DNS_SPECIFIED_DOMAIN_SET)),
]);
static EBS_BLOCK_DEVICE: Structure = shape(&[
    opt("AvailabilityZone", "AvailabilityZone", "availabilityZone", String),
    opt("AvailabilityZoneId", "AvailabilityZoneId", "AvailabilityZoneId", String),
    opt("DeleteOnTermination", "DeleteOnTermination", "deleteOnTermination", Boolean),
    opt("EbsCardIndex", "EbsCardIndex", "EbsCardIndex", Integer),
    opt("Encrypted", "Encrypted", "encrypted", Boolean),
    opt("Iops", "Iops", "iops", Integer),
    opt("KmsKeyId", "KmsKeyId", "kmsKeyId", String),
    opt("OutpostArn", "OutpostArn", "outpostArn", String),
    opt("SnapshotId", "SnapshotId", "snapshotId", String),
    opt("Throughput", "Throughput", "throughput", Integer),
    opt("VolumeInitializationRate", "VolumeInitializationRate", "VolumeInitializationRate", Integer),
    opt("VolumeSize", "VolumeSize", "volumeSize", Integer),
    opt("VolumeType", "VolumeType", "volumeType", String),
]);
static EBS_CARD_INFO: Structure = shape(&[
    opt("BaselineBandwidthInMbps", "BaselineBandwidthInMbps", "baselineBandwidthInMbps", Integer),
    opt("BaselineIops", "BaselineIops", "baselineIops", Integer),
    opt("BaselineThroughputInMBps", "BaselineThroughputInMBps", "baselineThroughputInMBps", Double),
    opt("EbsCardIndex", "EbsCardIndex", "ebsCardIndex", Integer),
    opt("MaximumBandwidthInMbps", "MaximumBandwidthInMbps", "maximumBandwidthInMbps", Integer),
    opt("MaximumIops", "MaximumIops", "maximumIops", Integer),
    opt("MaximumThroughputInMBps", "MaximumThroughputInMBps", "maximumThroughputInMBps", Double),
]);
static EBS_CARD_INFO_LIST: List = list(None, "item", s(&EBS_CARD_INFO));
static EBS_INFO: Structure = shape(&[
    opt("AttachmentLimitType", "AttachmentLimitType", "attachmentLimitType", String),
    opt("EbsCards", "EbsCardSet", "ebsCardSet", l(&EBS_CARD_INFO_LIST)),
    opt("EbsOptimizedInfo", "EbsOptimizedInfo", "ebsOptimizedInfo", s(&EBS_OPTIMIZED_INFO)),
    opt("EbsOptimizedSupport", "EbsOptimizedSupport", "ebsOptimizedSupport", String),
    opt("EncryptionSupport", "EncryptionSupport", "encryptionSupport", String),
    opt("MaximumEbsAttachments", "MaximumEbsAttachments", "maximumEbsAttachments", Integer),
    opt("MaximumEbsCards", "MaximumEbsCards", "maximumEbsCards", Integer),
    opt("NvmeSupport", "NvmeSupport", "nvmeSupport", String),
]);
static EBS_INSTANCE_BLOCK_DEVICE: Structure = shape(&[
    opt("AssociatedResource", "AssociatedResource", "associatedResource", String),
    opt("AttachTime", "AttachTime", "attachTime", Timestamp),
    opt("DeleteOnTermination", "DeleteOnTermination", "deleteOnTermination", Boolean),
    opt("EbsCardIndex", "EbsCardIndex", "ebsCardIndex", Integer),
    opt("Operator", "Operator", "operator", s(&OPERATOR_RESPONSE)),
    opt("Status", "Status", "status", String),
    opt("VolumeId", "VolumeId", "volumeId", String),
    opt("VolumeOwnerId", "VolumeOwnerId", "volumeOwnerId", String),
]);
static EBS_INSTANCE_BLOCK_DEVICE_SPECIFICATION: Structure = shape(&[
    opt("DeleteOnTermination", "DeleteOnTermination", "deleteOnTermination", Boolean),
    opt("VolumeId", "VolumeId", "volumeId", String),
]);
static EBS_OPTIMIZED_INFO: Structure = shape(&[
    opt("BaselineBandwidthInMbps", "BaselineBandwidthInMbps", "baselineBandwidthInMbps", Integer),
    opt("BaselineIops", "BaselineIops", "baselineIops", Integer),
    opt("BaselineThroughputInMBps", "BaselineThroughputInMBps", "baselineThroughputInMBps", Double),
    opt("MaximumBandwidthInMbps", "MaximumBandwidthInMbps", "maximumBandwidthInMbps", Integer),
    opt("MaximumIops", "MaximumIops", "maximumIops", Integer),
    opt("MaximumThroughputInMBps", "MaximumThroughputInMBps", "maximumThroughputInMBps", Double),
]);
static EBS_STATUS_DETAILS: Structure = shape(&[
    opt("ImpairedSince", "ImpairedSince", "impairedSince", Timestamp),
    opt("Name", "Name", "name", String),
    opt("Status", "Status", "status", String),
]);
static EBS_STATUS_DETAILS_LIST: List = list(None, "item", s(&EBS_STATUS_DETAILS));
static EBS_STATUS_SUMMARY: Structure = shape(&[
    opt("Details", "Details", "details", l(&EBS_STATUS_DETAILS_LIST)),
    opt("Status", "Status", "status", String),
]);
static EFA_INFO: Structure = shape(&[
    opt("MaximumEfaInterfaces", "MaximumEfaInterfaces", "maximumEfaInterfaces", Integer),
]);
static EGRESS_ONLY_INTERNET_GATEWAY: Structure = shape(&[
    opt("Attachments", "AttachmentSet", "attachmentSet", l(&INTERNET_GATEWAY_ATTACHMENT_LIST)),
    opt("EgressOnlyInternetGatewayId", "EgressOnlyInternetGatewayId", "egressOnlyInternetGatewayId", String),
    opt("Tags", "TagSet", "tagSet", l(&TAG_LIST)),
]);
static EGRESS_ONLY_INTERNET_GATEWAY_ID_LIST: List = list(None, "item", String);
static EGRESS_ONLY_INTERNET_GATEWAY_LIST: List = list(None, "item", s(&EGRESS_ONLY_INTERNET_GATEWAY));
static EIP_ASSOCIATION_ID_LIST: List = list(None, "item", String);
static ELASTIC_GPU_ASSOCIATION: Structure = shape(&[
    opt("ElasticGpuAssociationId", "ElasticGpuAssociationId", "elasticGpuAssociationId", String),
    opt("ElasticGpuAssociationState", "ElasticGpuAssociationState", "elasticGpuAssociationState", String),
    opt("ElasticGpuAssociationTime", "ElasticGpuAssociationTime", "elasticGpuAssociationTime", String),
    opt("ElasticGpuId", "ElasticGpuId", "elasticGpuId", String),
]);
static ELASTIC_GPU_ASSOCIATION_LIST: List = list(None, "item", s(&ELASTIC_GPU_ASSOCIATION));
static ELASTIC_GPU_SPECIFICATION: Structure = shape(&[
    req("Type", "Type", "Type", String),
]);
static ELASTIC_GPU_SPECIFICATIONS: List = list(None, "item", s(&ELASTIC_GPU_SPECIFICATION));
static ELASTIC_INFERENCE_ACCELERATOR: Structure = shape(&[
    opt("Count", "Count", "Count", Integer),
    req("Type", "Type", "Type", String),
]);
static ELASTIC_INFERENCE_ACCELERATOR_ASSOCIATION: Structure = shape(&[
    opt("ElasticInferenceAcceleratorArn", "ElasticInferenceAcceleratorArn", "elasticInferenceAcceleratorArn", String),
    opt("ElasticInferenceAcceleratorAssociationId", "ElasticInferenceAcceleratorAssociationId", "elasticInferenceAcceleratorAssociationId", String),
    opt("ElasticInferenceAcceleratorAssociationState", "ElasticInferenceAcceleratorAssociationState", "elasticInferenceAcceleratorAssociationState", String),
    opt("ElasticInferenceAcceleratorAssociationTime", "ElasticInferenceAcceleratorAssociationTime", "elasticInferenceAcceleratorAssociationTime", Timestamp),
]);
static ELASTIC_INFERENCE_ACCELERATOR_ASSOCIATION_LIST: List = list(None, "item", s(&ELASTIC_INFERENCE_ACCELERATOR_ASSOCIATION));
static ELASTIC_INFERENCE_ACCELERATORS: List = list(None, "item", s(&ELASTIC_INFERENCE_ACCELERATOR));
static ENA_SRD_SPECIFICATION: Structure = shape(&[
    opt("EnaSrdEnabled", "EnaSrdEnabled", "EnaSrdEnabled", Boolean),
    opt("EnaSrdUdpSpecification", "EnaSrdUdpSpecification", "EnaSrdUdpSpecification", s(&ENA_SRD_UDP_SPECIFICATION)),
]);
static ENA_SRD_SPECIFICATION_REQUEST: Structure = shape(&[
    opt("EnaSrdEnabled", "EnaSrdEnabled", "EnaSrdEnabled", Boolean),
    opt("EnaSrdUdpSpecification", "EnaSrdUdpSpecification", "EnaSrdUdpSpecification", s(&ENA_SRD_UDP_SPECIFICATION_REQUEST)),
]);
static ENA_SRD_UDP_SPECIFICATION: Structure = shape(&[
    opt("EnaSrdUdpEnabled", "EnaSrdUdpEnabled", "EnaSrdUdpEnabled", Boolean),
]);
static ENA_SRD_UDP_SPECIFICATION_REQUEST: Structure = shape(&[
    opt("EnaSrdUdpEnabled", "EnaSrdUdpEnabled", "EnaSrdUdpEnabled", Boolean),
]);
static ENABLE_VGW_ROUTE_PROPAGATION_REQUEST: Structure = shape(&[
    opt("DryRun", "DryRun", "DryRun", Boolean),
    req("GatewayId", "GatewayId", "GatewayId", String),
    req("RouteTableId", "RouteTableId", "RouteTableId", String),
]);
static ENCLAVE_OPTIONS: Structure = shape(&[
    opt("Enabled", "Enabled", "enabled", Boolean),
]);
static ENCLAVE_OPTIONS_REQUEST: Structure = shape(&[
    opt("Enabled", "Enabled", "Enabled", Boolean),
]);
static EXECUTABLE_BY_STRING_LIST: List = list(None, "ExecutableBy", String);
static EXPLANATION: Structure = shape(&[
    opt("Acl", "Acl", "acl", s(&ANALYSIS_COMPONENT)),
    opt("AclRule", "AclRule", "aclRule", s(&ANALYSIS_ACL_RULE)),
    opt("Address", "Address", "address", String),
    opt("Addresses", "AddressSet", "addressSet", l(&IP_ADDRESS_LIST)),
    opt("AttachedTo", "AttachedTo", "attachedTo", s(&ANALYSIS_COMPONENT)),
    opt("AvailabilityZoneIds", "AvailabilityZoneIdSet", "availabilityZoneIdSet", l(&VALUE_STRING_LIST)),
    opt("AvailabilityZones", "AvailabilityZoneSet", "availabilityZoneSet", l(&VALUE_STRING_LIST)),
    opt("Cidrs", "CidrSet", "cidrSet", l(&VALUE_STRING_LIST)),
    opt("ClassicLoadBalancerListener", "ClassicLoadBalancerListener", "classicLoadBalancerListener", s(&ANALYSIS_LOAD_BALANCER_LISTENER)),
    opt("Component", "Component", "component", s(&ANALYSIS_COMPONENT)),
    opt("ComponentAccount", "ComponentAccount", "componentAccount", String),
    opt("ComponentRegion", "ComponentRegion", "componentRegion", String),
    opt("CustomerGateway", "CustomerGateway", "customerGateway", s(&ANALYSIS_COMPONENT)),
    opt("Destination", "Destination", "destination", s(&ANALYSIS_COMPONENT)),
    opt("DestinationVpc", "DestinationVpc", "destinationVpc", s(&ANALYSIS_COMPONENT)),
    opt("Direction", "Direction", "direction", String),
    opt("ElasticLoadBalancerListener", "ElasticLoadBalancerListener", "elasticLoadBalancerListener", s(&ANALYSIS_COMPONENT)),
    opt("ExplanationCode", "ExplanationCode", "explanationCode", String),
    opt("FirewallStatefulRule", "FirewallStatefulRule", "firewallStatefulRule", s(&FIREWALL_STATEFUL_RULE)),
    opt("FirewallStatelessRule", "FirewallStatelessRule", "firewallStatelessRule", s(&FIREWALL_STATELESS_RULE)),
    opt("IngressRouteTable", "IngressRouteTable", "ingressRouteTable", s(&ANALYSIS_COMPONENT)),
    opt("InternetGateway", "InternetGateway", "internetGateway", s(&ANALYSIS_COMPONENT)),
    opt("LoadBalancerArn", "LoadBalancerArn", "loadBalancerArn", String),
    opt("LoadBalancerListenerPort", "LoadBalancerListenerPort", "loadBalancerListenerPort", Integer),
    opt("LoadBalancerTarget", "LoadBalancerTarget", "loadBalancerTarget", s(&ANALYSIS_LOAD_BALANCER_TARGET)),
    opt("LoadBalancerTargetGroup", "LoadBalancerTargetGroup", "loadBalancerTargetGroup", s(&ANALYSIS_COMPONENT)),
    opt("LoadBalancerTargetGroups", "LoadBalancerTargetGroupSet", "loadBalancerTargetGroupSet", l(&ANALYSIS_COMPONENT_LIST)),
    opt("LoadBalancerTargetPort", "LoadBalancerTargetPort", "loadBalancerTargetPort", Integer),
    opt("MissingComponent", "MissingComponent", "missingComponent", String),
    opt("NatGateway", "NatGateway", "natGateway", s(&ANALYSIS_COMPONENT)),
    opt("NetworkInterface", "NetworkInterface", "networkInterface", s(&ANALYSIS_COMPONENT)),
    opt("PacketField", "PacketField", "packetField", String),
    opt("Port", "Port", "port", Integer),
    opt("PortRanges", "PortRangeSet", "portRangeSet", l(&PORT_RANGE_LIST)),
    opt("PrefixList", "PrefixList", "prefixList", s(&ANALYSIS_COMPONENT)),
    opt("Protocols", "ProtocolSet", "protocolSet", l(&STRING_LIST)),
    opt("RouteTable", "RouteTable", "routeTable", s(&ANALYSIS_COMPONENT)),
    opt("RouteTableRoute", "RouteTableRoute", "routeTableRoute", s(&ANALYSIS_ROUTE_TABLE_ROUTE)),
    opt("SecurityGroup", "SecurityGroup", "securityGroup", s(&ANALYSIS_COMPONENT)),
    opt("SecurityGroupRule", "SecurityGroupRule", "securityGroupRule", s(&ANALYSIS_SECURITY_GROUP_RULE)),
    opt("SecurityGroups", "SecurityGroupSet", "securityGroupSet", l(&ANALYSIS_COMPONENT_LIST)),
    opt("SourceVpc", "SourceVpc", "sourceVpc", s(&ANALYSIS_COMPONENT)),
    opt("State", "State", "state", String),
    opt("Subnet", "Subnet", "subnet", s(&ANALYSIS_COMPONENT)),
    opt("SubnetRouteTable", "SubnetRouteTable", "subnetRouteTable", s(&ANALYSIS_COMPONENT)),
    opt("TransitGateway", "TransitGateway", "transitGateway", s(&ANALYSIS_COMPONENT)),
    opt("TransitGatewayAttachment", "TransitGatewayAttachment", "transitGatewayAttachment", s(&ANALYSIS_COMPONENT)),
    opt("TransitGatewayPolicyTable", "TransitGatewayPolicyTable", "transitGatewayPolicyTable", s(&ANALYSIS_COMPONENT)),
    opt("TransitGatewayPolicyTableEntry", "TransitGatewayPolicyTableEntry", "transitGatewayPolicyTableEntry", s(&ANALYSIS_TRANSIT_GATEWAY_POLICY_TABLE_ENTRY)),
    opt("TransitGatewayRouteTable", "TransitGatewayRouteTable", "transitGatewayRouteTable", s(&ANALYSIS_COMPONENT)),
    opt("TransitGatewayRouteTableRoute", "TransitGatewayRouteTableRoute", "transitGatewayRouteTableRoute", s(&TRANSIT_GATEWAY_ROUTE_TABLE_ROUTE)),
    opt("Vpc", "Vpc", "vpc", s(&ANALYSIS_COMPONENT)),
    opt("VpcEndpoint", "VpcEndpoint", "vpcEndpoint", s(&ANALYSIS_COMPONENT)),
    opt("VpcPeeringConnection", "VpcPeeringConnection", "vpcPeeringConnection", s(&ANALYSIS_COMPONENT)),
    opt("VpnConnection", "VpnConnection", "vpnConnection", s(&ANALYSIS_COMPONENT)),
    opt("VpnGateway", "VpnGateway", "vpnGateway", s(&ANALYSIS_COMPONENT)),
]);
static EXPLANATION_LIST: List = list(None, "item", s(&EXPLANATION));
static FILTER: Structure = shape(&[
    opt("Name", "Name", "Name", String),
    opt("Values", "Value", "Value", l(&VALUE_STRING_LIST)),
]);
static FILTER_LIST: List = list(None, "Filter", s(&FILTER));
static FILTER_PORT_RANGE: Structure = shape(&[
    opt("FromPort", "FromPort", "fromPort", Integer),
    opt("ToPort", "ToPort", "toPort", Integer),
]);
static FIREWALL_STATEFUL_RULE: Structure = shape(&[
    opt("DestinationPorts", "DestinationPortSet", "destinationPortSet", l(&PORT_RANGE_LIST)),
    opt("Destinations", "DestinationSet", "destinationSet", l(&VALUE_STRING_LIST)),
    opt("Direction", "Direction", "direction", String),
    opt("Protocol", "Protocol", "protocol", String),
    opt("RuleAction", "RuleAction", "ruleAction", String),
    opt("RuleGroupArn", "RuleGroupArn", "ruleGroupArn", String),
    opt("SourcePorts", "SourcePortSet", "sourcePortSet", l(&PORT_RANGE_LIST)),
    opt("Sources", "SourceSet", "sourceSet", l(&VALUE_STRING_LIST)),
]);
static FIREWALL_STATELESS_RULE: Structure = shape(&[
    opt("DestinationPorts", "DestinationPortSet", "destinationPortSet", l(&PORT_RANGE_LIST)),
    opt("Destinations", "DestinationSet", "destinationSet", l(&VALUE_STRING_LIST)),
    opt("Priority", "Priority", "priority", Integer),
    opt("Protocols", "ProtocolSet", "protocolSet", l(&PROTOCOL_INT_LIST)),
    opt("RuleAction", "RuleAction", "ruleAction", String),
    opt("RuleGroupArn", "RuleGroupArn", "ruleGroupArn", String),
    opt("SourcePorts", "SourcePortSet", "sourcePortSet", l(&PORT_RANGE_LIST)),
    opt("Sources", "SourceSet", "sourceSet", l(&VALUE_STRING_LIST)),
]);
static FLOW_LOG: Structure = shape(&[
    opt("CreationTime", "CreationTime", "creationTime", Timestamp),
    opt("DeliverCrossAccountRole", "DeliverCrossAccountRole", "deliverCrossAccountRole", String),
    opt("DeliverLogsErrorMessage", "DeliverLogsErrorMessage", "deliverLogsErrorMessage", String),
    opt("DeliverLogsPermissionArn", "DeliverLogsPermissionArn", "deliverLogsPermissionArn", String),
    opt("DeliverLogsStatus", "DeliverLogsStatus", "deliverLogsStatus", String),
    opt("DestinationOptions", "DestinationOptions", "destinationOptions", s(&DESTINATION_OPTIONS_RESPONSE)),
    opt("FlowLogId", "FlowLogId", "flowLogId", String),
    opt("FlowLogStatus", "FlowLogStatus", "flowLogStatus", String),
    opt("LogDestination", "LogDestination", "logDestination", String),
    opt("LogDestinationType", "LogDestinationType", "logDestinationType", String),
    opt("LogFormat", "LogFormat", "logFormat", String),
    opt("LogGroupName", "LogGroupName", "logGroupName", String),
    opt("MaxAggregationInterval", "MaxAggregationInterval", "maxAggregationInterval", Integer),
    opt("ResourceId", "ResourceId", "resourceId", String),
    opt("TagFieldSpecifications", "TagFieldSpecificationSet", "tagFieldSpecificationSet", l(&TAG_FIELD_SPECIFICATION_LIST_RESPONSE)),
    opt("Tags", "TagSet", "tagSet", l(&TAG_LIST)),
    opt("TrafficType", "TrafficType", "trafficType", String),
]);
static FLOW_LOG_ID_LIST: List = list(None, "item", String);
static FLOW_LOG_RESOURCE_IDS: List = list(None, "item", String);
static FLOW_LOG_SET: List = list(None, "item", s(&FLOW_LOG));
static FPGA_DEVICE_INFO: Structure = shape(&[
    opt("Count", "Count", "count", Integer),
    opt("Manufacturer", "Manufacturer", "manufacturer", String),
    opt("MemoryInfo", "MemoryInfo", "memoryInfo", s(&FPGA_DEVICE_MEMORY_INFO)),
    opt("Name", "Name", "name", String),
]);
static FPGA_DEVICE_INFO_LIST: List = list(None, "item", s(&FPGA_DEVICE_INFO));
static FPGA_DEVICE_MEMORY_INFO: Structure = shape(&[
    opt("SizeInMiB", "SizeInMiB", "sizeInMiB", Integer),
]);
static FPGA_INFO: Structure = shape(&[
    opt("Fpgas", "Fpgas", "fpgas", l(&FPGA_DEVICE_INFO_LIST)),
    opt("TotalFpgaMemoryInMiB", "TotalFpgaMemoryInMiB", "totalFpgaMemoryInMiB", Integer),
]);
static GET_CONSOLE_OUTPUT_REQUEST: Structure = shape(&[
    opt("DryRun", "DryRun", "dryRun", Boolean),
    req("InstanceId", "InstanceId", "InstanceId", String),
    opt("Latest", "Latest", "Latest", Boolean),
]);
static GET_CONSOLE_OUTPUT_RESULT: Structure = shape(&[
    opt("InstanceId", "InstanceId", "instanceId", String),
    opt("Output", "Output", "output", String),
    opt("Timestamp", "Timestamp", "timestamp", Timestamp),
]);
static GET_FLOW_LOGS_INTEGRATION_TEMPLATE_REQUEST: Structure = shape(&[
    req("ConfigDeliveryS3DestinationArn", "ConfigDeliveryS3DestinationArn", "ConfigDeliveryS3DestinationArn", String),
    opt("DryRun", "DryRun", "DryRun", Boolean),
    req("FlowLogId", "FlowLogId", "FlowLogId", String),
    req("IntegrateServices", "IntegrateService", "IntegrateService", s(&INTEGRATE_SERVICES)),
]);
static GET_FLOW_LOGS_INTEGRATION_TEMPLATE_RESULT: Structure = shape(&[
    opt("Result", "Result", "result", String),
]);
static GET_MANAGED_PREFIX_LIST_ASSOCIATIONS_REQUEST: Structure = shape(&[
    opt("DryRun", "DryRun", "DryRun", Boolean),
    opt("MaxResults", "MaxResults", "MaxResults", Integer),
    opt("NextToken", "NextToken", "NextToken", String),
    req("PrefixListId", "PrefixListId", "PrefixListId", String),
]);
static GET_MANAGED_PREFIX_LIST_ASSOCIATIONS_RESULT: Structure = shape(&[
    opt("NextToken", "NextToken", "nextToken", String),
    opt("PrefixListAssociations", "PrefixListAssociationSet", "prefixListAssociationSet", l(&PREFIX_LIST_ASSOCIATION_SET)),
]);
static GET_MANAGED_PREFIX_LIST_ENTRIES_REQUEST: Structure = shape(&[
    opt("DryRun", "DryRun", "DryRun", Boolean),
    opt("MaxResults", "MaxResults", "MaxResults", Integer),
    opt("NextToken", "NextToken", "NextToken", String),
    req("PrefixListId", "PrefixListId", "PrefixListId", String),
    opt("TargetVersion", "TargetVersion", "TargetVersion", Long),
]);
static GET_MANAGED_PREFIX_LIST_ENTRIES_RESULT: Structure = shape(&[
    opt("Entries", "EntrySet", "entrySet", l(&PREFIX_LIST_ENTRY_SET)),
    opt("NextToken", "NextToken", "nextToken", String),
]);
static GET_SECURITY_GROUPS_FOR_VPC_REQUEST: Structure = shape(&[
    opt("DryRun", "DryRun", "DryRun", Boolean),
    opt("Filters", "Filter", "Filter", l(&FILTER_LIST)),
    opt("MaxResults", "MaxResults", "MaxResults", Integer),
    opt("NextToken", "NextToken", "NextToken", String),
    req("VpcId", "VpcId", "VpcId", String),
]);
static GET_SECURITY_GROUPS_FOR_VPC_RESULT: Structure = shape(&[
    opt("NextToken", "NextToken", "nextToken", String),
    opt("SecurityGroupForVpcs", "SecurityGroupForVpcSet", "securityGroupForVpcSet", l(&SECURITY_GROUP_FOR_VPC_LIST)),
]);
static GET_SUBNET_CIDR_RESERVATIONS_REQUEST: Structure = shape(&[
    opt("DryRun", "DryRun", "DryRun", Boolean),
    opt("Filters", "Filter", "Filter", l(&FILTER_LIST)),
    opt("MaxResults", "MaxResults", "MaxResults", Integer),
    opt("NextToken", "NextToken", "NextToken", String),
    req("SubnetId", "SubnetId", "SubnetId", String),
]);
static GET_SUBNET_CIDR_RESERVATIONS_RESULT: Structure = shape(&[
    opt("NextToken", "NextToken", "nextToken", String),
    opt("SubnetIpv4CidrReservations", "SubnetIpv4CidrReservationSet", "subnetIpv4CidrReservationSet", l(&SUBNET_CIDR_RESERVATION_LIST)),
    opt("SubnetIpv6CidrReservations", "SubnetIpv6CidrReservationSet", "subnetIpv6CidrReservationSet", l(&SUBNET_CIDR_RESERVATION_LIST)),
]);
static GPU_DEVICE_INFO: Structure = shape(&[
    opt("Count", "Count", "count", Integer),
    opt("GpuPartitionSize", "GpuPartitionSize", "gpuPartitionSize", Double),
    opt("LogicalGpuCount", "LogicalGpuCount", "logicalGpuCount", Integer),
    opt("Manufacturer", "Manufacturer", "manufacturer", String),
    opt("MemoryInfo", "MemoryInfo", "memoryInfo", s(&GPU_DEVICE_MEMORY_INFO)),
    opt("Name", "Name", "name", String),
    opt("Workloads", "WorkloadSet", "workloadSet", l(&WORKLOADS_LIST)),
]);
static GPU_DEVICE_INFO_LIST: List = list(None, "item", s(&GPU_DEVICE_INFO));
static GPU_DEVICE_MEMORY_INFO: Structure = shape(&[
    opt("SizeInMiB", "SizeInMiB", "sizeInMiB", Integer),
]);
static GPU_INFO: Structure = shape(&[
    opt("Gpus", "Gpus", "gpus", l(&GPU_DEVICE_INFO_LIST)),
    opt("TotalGpuMemoryInMiB", "TotalGpuMemoryInMiB", "totalGpuMemoryInMiB", Integer),
]);
static GROUP_ID_STRING_LIST: List = list(None, "groupId", String);
static GROUP_IDENTIFIER: Structure = shape(&[
    opt("GroupId", "GroupId", "groupId", String),
    opt("GroupName", "GroupName", "groupName", String),
]);
static GROUP_IDENTIFIER_LIST: List = list(None, "item", s(&GROUP_IDENTIFIER));
static GROUP_IDENTIFIER_SET: List = list(None, "item", s(&SECURITY_GROUP_IDENTIFIER));
static GROUP_IDS: List = list(None, "item", String);
static GROUP_NAME_STRING_LIST: List = list(None, "GroupName", String);
static HIBERNATION_OPTIONS: Structure = shape(&[
    opt("Configured", "Configured", "configured", Boolean),
]);
static HIBERNATION_OPTIONS_REQUEST: Structure = shape(&[
    opt("Configured", "Configured", "Configured", Boolean),
]);
static IAM_INSTANCE_PROFILE: Structure = shape(&[
    opt("Arn", "Arn", "arn", String),
    opt("Id", "Id", "id", String),
]);
static IAM_INSTANCE_PROFILE_ASSOCIATION: Structure = shape(&[
    opt("AssociationId", "AssociationId", "associationId", String),
    opt("IamInstanceProfile", "IamInstanceProfile", "iamInstanceProfile", s(&IAM_INSTANCE_PROFILE)),
    opt("InstanceId", "InstanceId", "instanceId", String),
    opt("State", "State", "state", String),
    opt("Timestamp", "Timestamp", "timestamp", Timestamp),
]);
static IAM_INSTANCE_PROFILE_ASSOCIATION_SET: List = list(None, "item", s(&IAM_INSTANCE_PROFILE_ASSOCIATION));
static IAM_INSTANCE_PROFILE_SPECIFICATION: Structure = shape(&[
    opt("Arn", "Arn", "arn", String),
    opt("Name", "Name", "name", String),
]);
static ICMP_TYPE_CODE: Structure = shape(&[
    opt("Code", "Code", "code", Integer),
    opt("Type", "Type", "type", Integer),
]);
static IMAGE: Structure = shape(&[
    opt("Architecture", "Architecture", "architecture", String),
    opt("BlockDeviceMappings", "BlockDeviceMapping", "blockDeviceMapping", l(&BLOCK_DEVICE_MAPPING_LIST)),
    opt("BootMode", "BootMode", "bootMode", String),
    opt("CreationDate", "CreationDate", "creationDate", String),
    opt("DeprecationTime", "DeprecationTime", "deprecationTime", String),
    opt("DeregistrationProtection", "DeregistrationProtection", "deregistrationProtection", String),
    opt("Description", "Description", "description", String),
    opt("EnaSupport", "EnaSupport", "enaSupport", Boolean),
    opt("FreeTierEligible", "FreeTierEligible", "freeTierEligible", Boolean),
    opt("Hypervisor", "Hypervisor", "hypervisor", String),
    opt("ImageAllowed", "ImageAllowed", "imageAllowed", Boolean),
    opt("ImageId", "ImageId", "imageId", String),
    opt("ImageLocation", "ImageLocation", "imageLocation", String),
    opt("ImageOwnerAlias", "ImageOwnerAlias", "imageOwnerAlias", String),
    opt("ImageType", "ImageType", "imageType", String),
    opt("ImageWatermarks", "ImageWatermarkSet", "imageWatermarkSet", l(&IMAGE_WATERMARK_LIST)),
    opt("ImdsSupport", "ImdsSupport", "imdsSupport", String),
    opt("InstanceTypeSpecification", "InstanceTypeSpecification", "instanceTypeSpecification", s(&INSTANCE_TYPE_SPECIFICATION)),
    opt("KernelId", "KernelId", "kernelId", String),
    opt("LastLaunchedTime", "LastLaunchedTime", "lastLaunchedTime", String),
    opt("Name", "Name", "name", String),
    opt("OwnerId", "ImageOwnerId", "imageOwnerId", String),
    opt("Platform", "Platform", "platform", String),
    opt("PlatformDetails", "PlatformDetails", "platformDetails", String),
    opt("ProductCodes", "ProductCodes", "productCodes", l(&PRODUCT_CODE_LIST)),
    opt("Public", "IsPublic", "isPublic", Boolean),
    opt("PublicSsmParameterName", "PublicSsmParameterName", "publicSsmParameterName", String),
    opt("RamdiskId", "RamdiskId", "ramdiskId", String),
    opt("RootDeviceName", "RootDeviceName", "rootDeviceName", String),
    opt("RootDeviceType", "RootDeviceType", "rootDeviceType", String),
    opt("ScanResults", "ScanResults", "scanResults", s(&SCAN_RESULTS)),
    opt("SourceImageId", "SourceImageId", "sourceImageId", String),
    opt("SourceImageRegion", "SourceImageRegion", "sourceImageRegion", String),
    opt("SourceInstanceId", "SourceInstanceId", "sourceInstanceId", String),
    opt("SriovNetSupport", "SriovNetSupport", "sriovNetSupport", String),
    opt("State", "ImageState", "imageState", String),
    opt("StateReason", "StateReason", "stateReason", s(&STATE_REASON)),
    opt("Tags", "TagSet", "tagSet", l(&TAG_LIST)),
    opt("TpmSupport", "TpmSupport", "tpmSupport", String),
    opt("UsageOperation", "UsageOperation", "usageOperation", String),
    opt("VirtualizationType", "VirtualizationType", "virtualizationType", String),
]);
static IMAGE_ID_STRING_LIST: List = list(None, "ImageId", String);
static IMAGE_LIST: List = list(None, "item", s(&IMAGE));
static IMAGE_WATERMARK: Structure = shape(&[
    opt("SourceImageCreationTime", "SourceImageCreationTime", "sourceImageCreationTime", Timestamp),
    opt("SourceImageId", "SourceImageId", "sourceImageId", String),
    opt("SourceImageRegion", "SourceImageRegion", "sourceImageRegion", String),
    opt("WatermarkCreationTime", "WatermarkCreationTime", "watermarkCreationTime", Timestamp),
    opt("WatermarkKey", "WatermarkKey", "watermarkKey", String),
]);
static IMAGE_WATERMARK_LIST: List = list(None, "item", s(&IMAGE_WATERMARK));
static INFERENCE_ACCELERATOR_INFO: Structure = shape(&[
    opt("Accelerators", "Accelerators", "accelerators", l(&INFERENCE_DEVICE_INFO_LIST)),
    opt("TotalInferenceMemoryInMiB", "TotalInferenceMemoryInMiB", "totalInferenceMemoryInMiB", Integer),
]);
static INFERENCE_DEVICE_INFO: Structure = shape(&[
    opt("Count", "Count", "count", Integer),
    opt("Manufacturer", "Manufacturer", "manufacturer", String),
    opt("MemoryInfo", "MemoryInfo", "memoryInfo", s(&INFERENCE_DEVICE_MEMORY_INFO)),
    opt("Name", "Name", "name", String),
]);
static INFERENCE_DEVICE_INFO_LIST: List = list(None, "member", s(&INFERENCE_DEVICE_INFO));
static INFERENCE_DEVICE_MEMORY_INFO: Structure = shape(&[
    opt("SizeInMiB", "SizeInMiB", "sizeInMiB", Integer),
]);
static INSTANCE: Structure = shape(&[
    opt("AmiLaunchIndex", "AmiLaunchIndex", "amiLaunchIndex", Integer),
    opt("Architecture", "Architecture", "architecture", String),
    opt("BlockDeviceMappings", "BlockDeviceMapping", "blockDeviceMapping", l(&INSTANCE_BLOCK_DEVICE_MAPPING_LIST)),
    opt("BootMode", "BootMode", "bootMode", String),
    opt("CapacityBlockId", "CapacityBlockId", "capacityBlockId", String),
    opt("CapacityReservationId", "CapacityReservationId", "capacityReservationId", String),
    opt("CapacityReservationSpecification", "CapacityReservationSpecification", "capacityReservationSpecification", s(&CAPACITY_RESERVATION_SPECIFICATION_RESPONSE)),
    opt("ClientToken", "ClientToken", "clientToken", String),
    opt("CpuOptions", "CpuOptions", "cpuOptions", s(&CPU_OPTIONS)),
    opt("CurrentInstanceBootMode", "CurrentInstanceBootMode", "currentInstanceBootMode", String),
    opt("EbsOptimized", "EbsOptimized", "ebsOptimized", Boolean),
    opt("ElasticGpuAssociations", "ElasticGpuAssociationSet", "elasticGpuAssociationSet", l(&ELASTIC_GPU_ASSOCIATION_LIST)),
    opt("ElasticInferenceAcceleratorAssociations", "ElasticInferenceAcceleratorAssociationSet", "elasticInferenceAcceleratorAssociationSet", l(&ELASTIC_INFERENCE_ACCELERATOR_ASSOCIATION_LIST)),
    opt("EnaSupport", "EnaSupport", "enaSupport", Boolean),
    opt("EnclaveOptions", "EnclaveOptions", "enclaveOptions", s(&ENCLAVE_OPTIONS)),
    opt("HibernationOptions", "HibernationOptions", "hibernationOptions", s(&HIBERNATION_OPTIONS)),
    opt("Hypervisor", "Hypervisor", "hypervisor", String),
    opt("IamInstanceProfile", "IamInstanceProfile", "iamInstanceProfile", s(&IAM_INSTANCE_PROFILE)),
    opt("ImageId", "ImageId", "imageId", String),
    opt("InstanceId", "InstanceId", "instanceId", String),
    opt("InstanceLifecycle", "InstanceLifecycle", "instanceLifecycle", String),
    opt("InstanceType", "InstanceType", "instanceType", String),
    opt("Ipv6Address", "Ipv6Address", "ipv6Address", String),
    opt("KernelId", "KernelId", "kernelId", String),
    opt("KeyName", "KeyName", "keyName", String),
    opt("LaunchTime", "LaunchTime", "launchTime", Timestamp),
    opt("Licenses", "LicenseSet", "licenseSet", l(&LICENSE_LIST)),
    opt("MaintenanceOptions", "MaintenanceOptions", "maintenanceOptions", s(&INSTANCE_MAINTENANCE_OPTIONS)),
    opt("MetadataOptions", "MetadataOptions", "metadataOptions", s(&INSTANCE_METADATA_OPTIONS_RESPONSE)),
    opt("Monitoring", "Monitoring", "monitoring", s(&MONITORING)),
    opt("NetworkInterfaces", "NetworkInterfaceSet", "networkInterfaceSet", l(&INSTANCE_NETWORK_INTERFACE_LIST)),
    opt("NetworkPerformanceOptions", "NetworkPerformanceOptions", "networkPerformanceOptions", s(&INSTANCE_NETWORK_PERFORMANCE_OPTIONS)),
    opt("Operator", "Operator", "operator", s(&OPERATOR_RESPONSE)),
    opt("OutpostArn", "OutpostArn", "outpostArn", String),
    opt("Placement", "Placement", "placement", s(&PLACEMENT)),
    opt("Platform", "Platform", "platform", String),
    opt("PlatformDetails", "PlatformDetails", "platformDetails", String),
    opt("PrivateDnsName", "PrivateDnsName", "privateDnsName", String),
    opt("PrivateDnsNameOptions", "PrivateDnsNameOptions", "privateDnsNameOptions", s(&PRIVATE_DNS_NAME_OPTIONS_RESPONSE)),
    opt("PrivateIpAddress", "PrivateIpAddress", "privateIpAddress", String),
    opt("ProductCodes", "ProductCodes", "productCodes", l(&PRODUCT_CODE_LIST)),
    opt("PublicDnsName", "DnsName", "dnsName", String),
    opt("PublicIpAddress", "IpAddress", "ipAddress", String),
    opt("RamdiskId", "RamdiskId", "ramdiskId", String),
    opt("RootDeviceName", "RootDeviceName", "rootDeviceName", String),
    opt("RootDeviceType", "RootDeviceType", "rootDeviceType", String),
    opt("SecondaryInterfaces", "SecondaryInterfaceSet", "secondaryInterfaceSet", l(&INSTANCE_SECONDARY_INTERFACE_LIST)),
    opt("SecurityGroups", "GroupSet", "groupSet", l(&GROUP_IDENTIFIER_LIST)),
    opt("SourceDestCheck", "SourceDestCheck", "sourceDestCheck", Boolean),
    opt("SpotInstanceRequestId", "SpotInstanceRequestId", "spotInstanceRequestId", String),
    opt("SriovNetSupport", "SriovNetSupport", "sriovNetSupport", String),
    opt("State", "InstanceState", "instanceState", s(&INSTANCE_STATE)),
    opt("StateReason", "StateReason", "stateReason", s(&STATE_REASON)),
    opt("StateTransitionReason", "Reason", "reason", String),
    opt("SubnetId", "SubnetId", "subnetId", String),
    opt("Tags", "TagSet", "tagSet", l(&TAG_LIST)),
    opt("TpmSupport", "TpmSupport", "tpmSupport", String),
    opt("UsageOperation", "UsageOperation", "usageOperation", String),
    opt("UsageOperationUpdateTime", "UsageOperationUpdateTime", "usageOperationUpdateTime", Timestamp),
    opt("VirtualizationType", "VirtualizationType", "virtualizationType", String),
    opt("VpcId", "VpcId", "vpcId", String),
]);
static INSTANCE_ATTACHMENT_ENA_SRD_SPECIFICATION: Structure = shape(&[
    opt("EnaSrdEnabled", "EnaSrdEnabled", "enaSrdEnabled", Boolean),
    opt("EnaSrdUdpSpecification", "EnaSrdUdpSpecification", "enaSrdUdpSpecification", s(&INSTANCE_ATTACHMENT_ENA_SRD_UDP_SPECIFICATION)),
]);
static INSTANCE_ATTACHMENT_ENA_SRD_UDP_SPECIFICATION: Structure = shape(&[
    opt("EnaSrdUdpEnabled", "EnaSrdUdpEnabled", "enaSrdUdpEnabled", Boolean),
]);
static INSTANCE_ATTRIBUTE: Structure = shape(&[
    opt("BlockDeviceMappings", "BlockDeviceMapping", "blockDeviceMapping", l(&INSTANCE_BLOCK_DEVICE_MAPPING_LIST)),
    opt("DisableApiStop", "DisableApiStop", "disableApiStop", s(&ATTRIBUTE_BOOLEAN_VALUE)),
    opt("DisableApiTermination", "DisableApiTermination", "disableApiTermination", s(&ATTRIBUTE_BOOLEAN_VALUE)),
    opt("EbsOptimized", "EbsOptimized", "ebsOptimized", s(&ATTRIBUTE_BOOLEAN_VALUE)),
    opt("EnaSupport", "EnaSupport", "enaSupport", s(&ATTRIBUTE_BOOLEAN_VALUE)),
    opt("EnclaveOptions", "EnclaveOptions", "enclaveOptions", s(&ENCLAVE_OPTIONS)),
    opt("Groups", "GroupSet", "groupSet", l(&GROUP_IDENTIFIER_LIST)),
    opt("InstanceId", "InstanceId", "instanceId", String),
    opt("InstanceInitiatedShutdownBehavior", "InstanceInitiatedShutdownBehavior", "instanceInitiatedShutdownBehavior", s(&ATTRIBUTE_VALUE)),
    opt("InstanceType", "InstanceType", "instanceType", s(&ATTRIBUTE_VALUE)),
    opt("KernelId", "Kernel", "kernel", s(&ATTRIBUTE_VALUE)),
    opt("ProductCodes", "ProductCodes", "productCodes", l(&PRODUCT_CODE_LIST)),
    opt("RamdiskId", "Ramdisk", "ramdisk", s(&ATTRIBUTE_VALUE)),
    opt("RootDeviceName", "RootDeviceName", "rootDeviceName", s(&ATTRIBUTE_VALUE)),
    opt("SourceDestCheck", "SourceDestCheck", "sourceDestCheck", s(&ATTRIBUTE_BOOLEAN_VALUE)),
    opt("SriovNetSupport", "SriovNetSupport", "sriovNetSupport", s(&ATTRIBUTE_VALUE)),
    opt("UserData", "UserData", "userData", s(&ATTRIBUTE_VALUE)),
]);
static INSTANCE_BLOCK_DEVICE_MAPPING: Structure = shape(&[
    opt("DeviceName", "DeviceName", "deviceName", String),
    opt("Ebs", "Ebs", "ebs", s(&EBS_INSTANCE_BLOCK_DEVICE)),
]);
static INSTANCE_BLOCK_DEVICE_MAPPING_LIST: List = list(None, "item", s(&INSTANCE_BLOCK_DEVICE_MAPPING));
static INSTANCE_BLOCK_DEVICE_MAPPING_SPECIFICATION: Structure = shape(&[
    opt("DeviceName", "DeviceName", "deviceName", String),
    opt("Ebs", "Ebs", "ebs", s(&EBS_INSTANCE_BLOCK_DEVICE_SPECIFICATION)),
    opt("NoDevice", "NoDevice", "noDevice", String),
    opt("VirtualName", "VirtualName", "virtualName", String),
]);
static INSTANCE_BLOCK_DEVICE_MAPPING_SPECIFICATION_LIST: List = list(None, "item", s(&INSTANCE_BLOCK_DEVICE_MAPPING_SPECIFICATION));
static INSTANCE_CREDIT_SPECIFICATION: Structure = shape(&[
    opt("CpuCredits", "CpuCredits", "cpuCredits", String),
    opt("InstanceId", "InstanceId", "instanceId", String),
]);
static INSTANCE_CREDIT_SPECIFICATION_LIST: List = list(None, "item", s(&INSTANCE_CREDIT_SPECIFICATION));
static INSTANCE_ID_STRING_LIST: List = list(None, "InstanceId", String);
static INSTANCE_IPV4_PREFIX: Structure = shape(&[
    opt("Ipv4Prefix", "Ipv4Prefix", "ipv4Prefix", String),
]);
static INSTANCE_IPV4_PREFIX_LIST: List = list(None, "item", s(&INSTANCE_IPV4_PREFIX));
static INSTANCE_IPV6_ADDRESS: Structure = shape(&[
    opt("Ipv6Address", "Ipv6Address", "ipv6Address", String),
    opt("IsPrimaryIpv6", "IsPrimaryIpv6", "isPrimaryIpv6", Boolean),
]);
static INSTANCE_IPV6_ADDRESS_LIST: List = list(None, "item", s(&INSTANCE_IPV6_ADDRESS));
static INSTANCE_IPV6_PREFIX: Structure = shape(&[
    opt("Ipv6Prefix", "Ipv6Prefix", "ipv6Prefix", String),
]);
static INSTANCE_IPV6_PREFIX_LIST: List = list(None, "item", s(&INSTANCE_IPV6_PREFIX));
static INSTANCE_LIST: List = list(None, "item", s(&INSTANCE));
static INSTANCE_MAINTENANCE_OPTIONS: Structure = shape(&[
    opt("AutoRecovery", "AutoRecovery", "autoRecovery", String),
    opt("RebootMigration", "RebootMigration", "rebootMigration", String),
]);
static INSTANCE_MAINTENANCE_OPTIONS_REQUEST: Structure = shape(&[
    opt("AutoRecovery", "AutoRecovery", "AutoRecovery", String),
]);
static INSTANCE_MARKET_OPTIONS_REQUEST: Structure = shape(&[
    opt("MarketType", "MarketType", "MarketType", String),
    opt("SpotOptions", "SpotOptions", "SpotOptions", s(&SPOT_MARKET_OPTIONS)),
]);
static INSTANCE_METADATA_OPTIONS_REQUEST: Structure = shape(&[
    opt("HttpEndpoint", "HttpEndpoint", "HttpEndpoint", String),
    opt("HttpProtocolIpv6", "HttpProtocolIpv6", "HttpProtocolIpv6", String),
    opt("HttpPutResponseHopLimit", "HttpPutResponseHopLimit", "HttpPutResponseHopLimit", Integer),
    opt("HttpTokens", "HttpTokens", "HttpTokens", String),
    opt("InstanceMetadataTags", "InstanceMetadataTags", "InstanceMetadataTags", String),
]);
static INSTANCE_METADATA_OPTIONS_RESPONSE: Structure = shape(&[
    opt("HttpEndpoint", "HttpEndpoint", "httpEndpoint", String),
    opt("HttpProtocolIpv6", "HttpProtocolIpv6", "httpProtocolIpv6", String),
    opt("HttpPutResponseHopLimit", "HttpPutResponseHopLimit", "httpPutResponseHopLimit", Integer),
    opt("HttpTokens", "HttpTokens", "httpTokens", String),
    opt("InstanceMetadataTags", "InstanceMetadataTags", "instanceMetadataTags", String),
    opt("State", "State", "state", String),
]);
static INSTANCE_NETWORK_INTERFACE: Structure = shape(&[
    opt("Association", "Association", "association", s(&INSTANCE_NETWORK_INTERFACE_ASSOCIATION)),
    opt("Attachment", "Attachment", "attachment", s(&INSTANCE_NETWORK_INTERFACE_ATTACHMENT)),
    opt("ConnectionTrackingConfiguration", "ConnectionTrackingConfiguration", "connectionTrackingConfiguration", s(&CONNECTION_TRACKING_SPECIFICATION_RESPONSE)),
    opt("Description", "Description", "description", String),
    opt("Groups", "GroupSet", "groupSet", l(&GROUP_IDENTIFIER_LIST)),
    opt("InterfaceType", "InterfaceType", "interfaceType", String),
    opt("Ipv4Prefixes", "Ipv4PrefixSet", "ipv4PrefixSet", l(&INSTANCE_IPV4_PREFIX_LIST)),
    opt("Ipv6Addresses", "Ipv6AddressesSet", "ipv6AddressesSet", l(&INSTANCE_IPV6_ADDRESS_LIST)),
    opt("Ipv6Prefixes", "Ipv6PrefixSet", "ipv6PrefixSet", l(&INSTANCE_IPV6_PREFIX_LIST)),
    opt("MacAddress", "MacAddress", "macAddress", String),
    opt("NetworkInterfaceId", "NetworkInterfaceId", "networkInterfaceId", String),
    opt("Operator", "Operator", "operator", s(&OPERATOR_RESPONSE)),
    opt("OwnerId", "OwnerId", "ownerId", String),
    opt("PrivateDnsName", "PrivateDnsName", "privateDnsName", String),
    opt("PrivateIpAddress", "PrivateIpAddress", "privateIpAddress", String),
    opt("PrivateIpAddresses", "PrivateIpAddressesSet", "privateIpAddressesSet", l(&INSTANCE_PRIVATE_IP_ADDRESS_LIST)),
    opt("SourceDestCheck", "SourceDestCheck", "sourceDestCheck", Boolean),
    opt("Status", "Status", "status", String),
    opt("SubnetId", "SubnetId", "subnetId", String),
    opt("VpcId", "VpcId", "vpcId", String),
]);
static INSTANCE_NETWORK_INTERFACE_ASSOCIATION: Structure = shape(&[
    opt("CarrierIp", "CarrierIp", "carrierIp", String),
    opt("CustomerOwnedIp", "CustomerOwnedIp", "customerOwnedIp", String),
    opt("IpOwnerId", "IpOwnerId", "ipOwnerId", String),
    opt("PublicDnsName", "PublicDnsName", "publicDnsName", String),
    opt("PublicIp", "PublicIp", "publicIp", String),
]);
static INSTANCE_NETWORK_INTERFACE_ATTACHMENT: Structure = shape(&[
    opt("AttachTime", "AttachTime", "attachTime", Timestamp),
    opt("AttachmentId", "AttachmentId", "attachmentId", String),
    opt("DeleteOnTermination", "DeleteOnTermination", "deleteOnTermination", Boolean),
    opt("DeviceIndex", "DeviceIndex", "deviceIndex", Integer),
    opt("EnaQueueCount", "EnaQueueCount", "enaQueueCount", Integer),
    opt("EnaSrdSpecification", "EnaSrdSpecification", "enaSrdSpecification", s(&INSTANCE_ATTACHMENT_ENA_SRD_SPECIFICATION)),
    opt("NetworkCardIndex", "NetworkCardIndex", "networkCardIndex", Integer),
    opt("Status", "Status", "status", String),
]);
static INSTANCE_NETWORK_INTERFACE_LIST: List = list(None, "item", s(&INSTANCE_NETWORK_INTERFACE));
static INSTANCE_NETWORK_INTERFACE_SPECIFICATION: Structure = shape(&[
    opt("AssociateCarrierIpAddress", "AssociateCarrierIpAddress", "AssociateCarrierIpAddress", Boolean),
    opt("AssociatePublicIpAddress", "AssociatePublicIpAddress", "associatePublicIpAddress", Boolean),
    opt("ConnectionTrackingSpecification", "ConnectionTrackingSpecification", "ConnectionTrackingSpecification", s(&CONNECTION_TRACKING_SPECIFICATION_REQUEST)),
    opt("DeleteOnTermination", "DeleteOnTermination", "deleteOnTermination", Boolean),
    opt("Description", "Description", "description", String),
    opt("DeviceIndex", "DeviceIndex", "deviceIndex", Integer),
    opt("EnaQueueCount", "EnaQueueCount", "EnaQueueCount", Integer),
    opt("EnaSrdSpecification", "EnaSrdSpecification", "EnaSrdSpecification", s(&ENA_SRD_SPECIFICATION_REQUEST)),
    opt("Groups", "SecurityGroupId", "SecurityGroupId", l(&SECURITY_GROUP_ID_STRING_LIST)),
    opt("InterfaceType", "InterfaceType", "InterfaceType", String),
    opt("Ipv4PrefixCount", "Ipv4PrefixCount", "Ipv4PrefixCount", Integer),
    opt("Ipv4Prefixes", "Ipv4Prefix", "Ipv4Prefix", l(&IPV4_PREFIX_LIST)),
    opt("Ipv6AddressCount", "Ipv6AddressCount", "ipv6AddressCount", Integer),
    opt("Ipv6Addresses", "Ipv6Addresses", "ipv6AddressesSet", l(&INSTANCE_IPV6_ADDRESS_LIST)),
    opt("Ipv6PrefixCount", "Ipv6PrefixCount", "Ipv6PrefixCount", Integer),
    opt("Ipv6Prefixes", "Ipv6Prefix", "Ipv6Prefix", l(&IPV6_PREFIX_LIST)),
    opt("NetworkCardIndex", "NetworkCardIndex", "NetworkCardIndex", Integer),
    opt("NetworkInterfaceId", "NetworkInterfaceId", "networkInterfaceId", String),
    opt("PrimaryIpv6", "PrimaryIpv6", "PrimaryIpv6", Boolean),
    opt("PrivateIpAddress", "PrivateIpAddress", "privateIpAddress", String),
    opt("PrivateIpAddresses", "PrivateIpAddresses", "privateIpAddressesSet", l(&PRIVATE_IP_ADDRESS_SPECIFICATION_LIST)),
    opt("SecondaryPrivateIpAddressCount", "SecondaryPrivateIpAddressCount", "secondaryPrivateIpAddressCount", Integer),
    opt("SubnetId", "SubnetId", "subnetId", String),
]);
static INSTANCE_NETWORK_INTERFACE_SPECIFICATION_LIST: List = list(None, "item", s(&INSTANCE_NETWORK_INTERFACE_SPECIFICATION));
static INSTANCE_NETWORK_PERFORMANCE_OPTIONS: Structure = shape(&[
    opt("BandwidthWeighting", "BandwidthWeighting", "bandwidthWeighting", String),
]);
static INSTANCE_NETWORK_PERFORMANCE_OPTIONS_REQUEST: Structure = shape(&[
    opt("BandwidthWeighting", "BandwidthWeighting", "BandwidthWeighting", String),
]);
static INSTANCE_PRIVATE_IP_ADDRESS: Structure = shape(&[
    opt("Association", "Association", "association", s(&INSTANCE_NETWORK_INTERFACE_ASSOCIATION)),
    opt("Primary", "Primary", "primary", Boolean),
    opt("PrivateDnsName", "PrivateDnsName", "privateDnsName", String),
    opt("PrivateIpAddress", "PrivateIpAddress", "privateIpAddress", String),
]);
static INSTANCE_PRIVATE_IP_ADDRESS_LIST: List = list(None, "item", s(&INSTANCE_PRIVATE_IP_ADDRESS));
static INSTANCE_SECONDARY_INTERFACE: Structure = shape(&[
    opt("Attachment", "Attachment", "attachment", s(&INSTANCE_SECONDARY_INTERFACE_ATTACHMENT)),
    opt("InterfaceType", "InterfaceType", "interfaceType", String),
    opt("MacAddress", "MacAddress", "macAddress", String),
    opt("OwnerId", "OwnerId", "ownerId", String),
    opt("PrivateIpAddresses", "PrivateIpAddressSet", "privateIpAddressSet", l(&INSTANCE_SECONDARY_INTERFACE_PRIVATE_IP_ADDRESS_LIST)),
    opt("SecondaryInterfaceId", "SecondaryInterfaceId", "secondaryInterfaceId", String),
    opt("SecondaryNetworkId", "SecondaryNetworkId", "secondaryNetworkId", String),
    opt("SecondarySubnetId", "SecondarySubnetId", "secondarySubnetId", String),
    opt("SourceDestCheck", "SourceDestCheck", "sourceDestCheck", Boolean),
    opt("Status", "Status", "status", String),
]);
static INSTANCE_SECONDARY_INTERFACE_ATTACHMENT: Structure = shape(&[
    opt("AttachTime", "AttachTime", "attachTime", Timestamp),
    opt("AttachmentId", "AttachmentId", "attachmentId", String),
    opt("DeleteOnTermination", "DeleteOnTermination", "deleteOnTermination", Boolean),
    opt("DeviceIndex", "DeviceIndex", "deviceIndex", Integer),
    opt("NetworkCardIndex", "NetworkCardIndex", "networkCardIndex", Integer),
    opt("Status", "Status", "status", String),
]);
static INSTANCE_SECONDARY_INTERFACE_LIST: List = list(None, "item", s(&INSTANCE_SECONDARY_INTERFACE));
static INSTANCE_SECONDARY_INTERFACE_PRIVATE_IP_ADDRESS: Structure = shape(&[
    opt("PrivateIpAddress", "PrivateIpAddress", "privateIpAddress", String),
]);
static INSTANCE_SECONDARY_INTERFACE_PRIVATE_IP_ADDRESS_LIST: List = list(None, "item", s(&INSTANCE_SECONDARY_INTERFACE_PRIVATE_IP_ADDRESS));
static INSTANCE_SECONDARY_INTERFACE_PRIVATE_IP_ADDRESS_LIST_REQUEST: List = list(None, "item", s(&INSTANCE_SECONDARY_INTERFACE_PRIVATE_IP_ADDRESS_REQUEST));
static INSTANCE_SECONDARY_INTERFACE_PRIVATE_IP_ADDRESS_REQUEST: Structure = shape(&[
    req("PrivateIpAddress", "PrivateIpAddress", "PrivateIpAddress", String),
]);
static INSTANCE_SECONDARY_INTERFACE_SPECIFICATION_LIST_REQUEST: List = list(None, "item", s(&INSTANCE_SECONDARY_INTERFACE_SPECIFICATION_REQUEST));
static INSTANCE_SECONDARY_INTERFACE_SPECIFICATION_REQUEST: Structure = shape(&[
    opt("DeleteOnTermination", "DeleteOnTermination", "DeleteOnTermination", Boolean),
    opt("DeviceIndex", "DeviceIndex", "DeviceIndex", Integer),
    opt("InterfaceType", "InterfaceType", "InterfaceType", String),
    opt("NetworkCardIndex", "NetworkCardIndex", "NetworkCardIndex", Integer),
    opt("PrivateIpAddressCount", "PrivateIpAddressCount", "PrivateIpAddressCount", Integer),
    opt("PrivateIpAddresses", "PrivateIpAddress", "PrivateIpAddress", l(&INSTANCE_SECONDARY_INTERFACE_PRIVATE_IP_ADDRESS_LIST_REQUEST)),
    opt("SecondarySubnetId", "SecondarySubnetId", "SecondarySubnetId", String),
]);
static INSTANCE_STATE: Structure = shape(&[
    opt("Code", "Code", "code", Integer),
    opt("Name", "Name", "name", String),
]);
static INSTANCE_STATE_CHANGE: Structure = shape(&[
    opt("CurrentState", "CurrentState", "currentState", s(&INSTANCE_STATE)),
    opt("InstanceId", "InstanceId", "instanceId", String),
    opt("PreviousState", "PreviousState", "previousState", s(&INSTANCE_STATE)),
]);
static INSTANCE_STATE_CHANGE_LIST: List = list(None, "item", s(&INSTANCE_STATE_CHANGE));
static INSTANCE_STATUS: Structure = shape(&[
    opt("ApplicationStatus", "ApplicationStatus", "applicationStatus", s(&APPLICATION_STATUS_SUMMARY)),
    opt("AttachedEbsStatus", "AttachedEbsStatus", "attachedEbsStatus", s(&EBS_STATUS_SUMMARY)),
    opt("AvailabilityZone", "AvailabilityZone", "availabilityZone", String),
    opt("AvailabilityZoneId", "AvailabilityZoneId", "availabilityZoneId", String),
    opt("Events", "EventsSet", "eventsSet", l(&INSTANCE_STATUS_EVENT_LIST)),
    opt("InstanceId", "InstanceId", "instanceId", String),
    opt("InstanceState", "InstanceState", "instanceState", s(&INSTANCE_STATE)),
    opt("InstanceStatus", "InstanceStatus", "instanceStatus", s(&INSTANCE_STATUS_SUMMARY)),
    opt("Operator", "Operator", "operator", s(&OPERATOR_RESPONSE)),
    opt("OutpostArn", "OutpostArn", "outpostArn", String),
    opt("PerformanceStatus", "PerformanceStatus", "performanceStatus", s(&PERFORMANCE_STATUS_SUMMARY)),
    opt("SystemStatus", "SystemStatus", "systemStatus", s(&INSTANCE_STATUS_SUMMARY)),
]);
static INSTANCE_STATUS_DETAILS: Structure = shape(&[
    opt("ImpairedSince", "ImpairedSince", "impairedSince", Timestamp),
    opt("Name", "Name", "name", String),
    opt("Status", "Status", "status", String),
]);
static INSTANCE_STATUS_DETAILS_LIST: List = list(None, "item", s(&INSTANCE_STATUS_DETAILS));
static INSTANCE_STATUS_EVENT: Structure = shape(&[
    opt("Code", "Code", "code", String),
    opt("Description", "Description", "description", String),
    opt("InstanceEventId", "InstanceEventId", "instanceEventId", String),
    opt("NotAfter", "NotAfter", "notAfter", Timestamp),
    opt("NotBefore", "NotBefore", "notBefore", Timestamp),
    opt("NotBeforeDeadline", "NotBeforeDeadline", "notBeforeDeadline", Timestamp),
]);
static INSTANCE_STATUS_EVENT_LIST: List = list(None, "item", s(&INSTANCE_STATUS_EVENT));
static INSTANCE_STATUS_LIST: List = list(None, "item", s(&INSTANCE_STATUS));
static INSTANCE_STATUS_SUMMARY: Structure = shape(&[
    opt("Details", "Details", "details", l(&INSTANCE_STATUS_DETAILS_LIST)),
    opt("Status", "Status", "status", String),
]);
static INSTANCE_STORAGE_INFO: Structure = shape(&[
    opt("Disks", "Disks", "disks", l(&DISK_INFO_LIST)),
    opt("EncryptionSupport", "EncryptionSupport", "encryptionSupport", String),
    opt("NvmeSupport", "NvmeSupport", "nvmeSupport", String),
    opt("TotalSizeInGB", "TotalSizeInGB", "totalSizeInGB", Long),
]);
static INSTANCE_TYPE_INFO: Structure = shape(&[
    opt("AutoRecoverySupported", "AutoRecoverySupported", "autoRecoverySupported", Boolean),
    opt("BareMetal", "BareMetal", "bareMetal", Boolean),
    opt("BurstablePerformanceSupported", "BurstablePerformanceSupported", "burstablePerformanceSupported", Boolean),
    opt("CurrentGeneration", "CurrentGeneration", "currentGeneration", Boolean),
    opt("DedicatedHostsSupported", "DedicatedHostsSupported", "dedicatedHostsSupported", Boolean),
    opt("EbsInfo", "EbsInfo", "ebsInfo", s(&EBS_INFO)),
    opt("FpgaInfo", "FpgaInfo", "fpgaInfo", s(&FPGA_INFO)),
    opt("FreeTierEligible", "FreeTierEligible", "freeTierEligible", Boolean),
    opt("GpuInfo", "GpuInfo", "gpuInfo", s(&GPU_INFO)),
    opt("HibernationSupported", "HibernationSupported", "hibernationSupported", Boolean),
    opt("Hypervisor", "Hypervisor", "hypervisor", String),
    opt("InferenceAcceleratorInfo", "InferenceAcceleratorInfo", "inferenceAcceleratorInfo", s(&INFERENCE_ACCELERATOR_INFO)),
    opt("InstanceStorageInfo", "InstanceStorageInfo", "instanceStorageInfo", s(&INSTANCE_STORAGE_INFO)),
    opt("InstanceStorageSupported", "InstanceStorageSupported", "instanceStorageSupported", Boolean),
    opt("InstanceType", "InstanceType", "instanceType", String),
    opt("MediaAcceleratorInfo", "MediaAcceleratorInfo", "mediaAcceleratorInfo", s(&MEDIA_ACCELERATOR_INFO)),
    opt("MemoryInfo", "MemoryInfo", "memoryInfo", s(&MEMORY_INFO)),
    opt("NetworkInfo", "NetworkInfo", "networkInfo", s(&NETWORK_INFO)),
    opt("NeuronInfo", "NeuronInfo", "neuronInfo", s(&NEURON_INFO)),
    opt("NitroEnclavesSupport", "NitroEnclavesSupport", "nitroEnclavesSupport", String),
    opt("NitroTpmInfo", "NitroTpmInfo", "nitroTpmInfo", s(&NITRO_TPM_INFO)),
    opt("NitroTpmSupport", "NitroTpmSupport", "nitroTpmSupport", String),
    opt("PhcSupport", "PhcSupport", "phcSupport", String),
    opt("PlacementGroupInfo", "PlacementGroupInfo", "placementGroupInfo", s(&PLACEMENT_GROUP_INFO)),
    opt("ProcessorInfo", "ProcessorInfo", "processorInfo", s(&PROCESSOR_INFO)),
    opt("RebootMigrationSupport", "RebootMigrationSupport", "rebootMigrationSupport", String),
    opt("SupportedBootModes", "SupportedBootModes", "supportedBootModes", l(&BOOT_MODE_TYPE_LIST)),
    opt("SupportedInRegion", "SupportedInRegion", "supportedInRegion", Boolean),
    opt("SupportedRootDeviceTypes", "SupportedRootDeviceTypes", "supportedRootDeviceTypes", l(&ROOT_DEVICE_TYPE_LIST)),
    opt("SupportedUsageClasses", "SupportedUsageClasses", "supportedUsageClasses", l(&USAGE_CLASS_TYPE_LIST)),
    opt("SupportedVirtualizationTypes", "SupportedVirtualizationTypes", "supportedVirtualizationTypes", l(&VIRTUALIZATION_TYPE_LIST)),
    opt("VCpuInfo", "VCpuInfo", "vCpuInfo", s(&V_CPU_INFO)),
]);
static INSTANCE_TYPE_INFO_LIST: List = list(None, "item", s(&INSTANCE_TYPE_INFO));
static INSTANCE_TYPE_ITEM: Structure = shape(&[
    opt("InstanceType", "InstanceType", "instanceType", String),
]);
static INSTANCE_TYPE_SPECIFICATION: Structure = shape(&[
    opt("SupportedInstanceTypes", "SupportedInstanceTypeSet", "supportedInstanceTypeSet", l(&SUPPORTED_INSTANCE_TYPE_SET)),
    opt("UnsupportedInstanceTypes", "UnsupportedInstanceTypeSet", "unsupportedInstanceTypeSet", l(&UNSUPPORTED_INSTANCE_TYPE_SET)),
]);
static INTEGRATE_SERVICES: Structure = shape(&[
    opt("AthenaIntegrations", "AthenaIntegration", "AthenaIntegration", l(&ATHENA_INTEGRATIONS_SET)),
]);
static INTERNET_GATEWAY: Structure = shape(&[
    opt("Attachments", "AttachmentSet", "attachmentSet", l(&INTERNET_GATEWAY_ATTACHMENT_LIST)),
    opt("InternetGatewayId", "InternetGatewayId", "internetGatewayId", String),
    opt("OwnerId", "OwnerId", "ownerId", String),
    opt("Tags", "TagSet", "tagSet", l(&TAG_LIST)),
]);
static INTERNET_GATEWAY_ATTACHMENT: Structure = shape(&[
    opt("State", "State", "state", String),
    opt("VpcId", "VpcId", "vpcId", String),
]);
static INTERNET_GATEWAY_ATTACHMENT_LIST: List = list(None, "item", s(&INTERNET_GATEWAY_ATTACHMENT));
static INTERNET_GATEWAY_ID_LIST: List = list(None, "item", String);
static INTERNET_GATEWAY_LIST: List = list(None, "item", s(&INTERNET_GATEWAY));
static IP_ADDRESS_LIST: List = list(None, "item", String);
static IP_LIST: List = list(None, "item", String);
static IP_PERMISSION: Structure = shape(&[
    opt("FromPort", "FromPort", "fromPort", Integer),
    opt("IpProtocol", "IpProtocol", "ipProtocol", String),
    opt("IpRanges", "IpRanges", "ipRanges", l(&IP_RANGE_LIST)),
    opt("Ipv6Ranges", "Ipv6Ranges", "ipv6Ranges", l(&IPV6_RANGE_LIST)),
    opt("PrefixListIds", "PrefixListIds", "prefixListIds", l(&PREFIX_LIST_ID_LIST)),
    opt("ToPort", "ToPort", "toPort", Integer),
    opt("UserIdGroupPairs", "Groups", "groups", l(&USER_ID_GROUP_PAIR_LIST)),
]);
static IP_PERMISSION_LIST: List = list(None, "item", s(&IP_PERMISSION));
static IP_PREFIX_LIST: List = list(None, "item", String);
static IP_RANGE: Structure = shape(&[
    opt("CidrIp", "CidrIp", "cidrIp", String),
    opt("Description", "Description", "description", String),
]);
static IP_RANGE_LIST: List = list(None, "item", s(&IP_RANGE));
static IP_RANGES: List = list(None, "item", String);
static IPV4_PREFIX_LIST: List = list(None, "item", s(&IPV4_PREFIX_SPECIFICATION_REQUEST));
static IPV4_PREFIX_SPECIFICATION: Structure = shape(&[
    opt("Ipv4Prefix", "Ipv4Prefix", "ipv4Prefix", String),
]);
static IPV4_PREFIX_SPECIFICATION_REQUEST: Structure = shape(&[
    opt("Ipv4Prefix", "Ipv4Prefix", "Ipv4Prefix", String),
]);
static IPV4_PREFIXES_LIST: List = list(None, "item", s(&IPV4_PREFIX_SPECIFICATION));
static IPV6_ADDRESS_LIST: List = list(None, "item", String);
static IPV6_CIDR_BLOCK: Structure = shape(&[
    opt("Ipv6CidrBlock", "Ipv6CidrBlock", "ipv6CidrBlock", String),
]);
static IPV6_CIDR_BLOCK_SET: List = list(None, "item", s(&IPV6_CIDR_BLOCK));
static IPV6_PREFIX_LIST: List = list(None, "item", s(&IPV6_PREFIX_SPECIFICATION_REQUEST));
static IPV6_PREFIX_SPECIFICATION: Structure = shape(&[
    opt("Ipv6Prefix", "Ipv6Prefix", "ipv6Prefix", String),
]);
static IPV6_PREFIX_SPECIFICATION_REQUEST: Structure = shape(&[
    opt("Ipv6Prefix", "Ipv6Prefix", "Ipv6Prefix", String),
]);
static IPV6_PREFIXES_LIST: List = list(None, "item", s(&IPV6_PREFIX_SPECIFICATION));
static IPV6_RANGE: Structure = shape(&[
    opt("CidrIpv6", "CidrIpv6", "cidrIpv6", String),
    opt("Description", "Description", "description", String),
]);
static IPV6_RANGE_LIST: List = list(None, "item", s(&IPV6_RANGE));
static LAST_ERROR: Structure = shape(&[
    opt("Code", "Code", "code", String),
    opt("Message", "Message", "message", String),
]);
static LAUNCH_TEMPLATE_SPECIFICATION: Structure = shape(&[
    opt("LaunchTemplateId", "LaunchTemplateId", "LaunchTemplateId", String),
    opt("LaunchTemplateName", "LaunchTemplateName", "LaunchTemplateName", String),
    opt("Version", "Version", "Version", String),
]);
static LICENSE_CONFIGURATION: Structure = shape(&[
    opt("LicenseConfigurationArn", "LicenseConfigurationArn", "licenseConfigurationArn", String),
]);
static LICENSE_CONFIGURATION_REQUEST: Structure = shape(&[
    opt("LicenseConfigurationArn", "LicenseConfigurationArn", "LicenseConfigurationArn", String),
]);
static LICENSE_LIST: List = list(None, "item", s(&LICENSE_CONFIGURATION));
static LICENSE_SPECIFICATION_LIST_REQUEST: List = list(None, "item", s(&LICENSE_CONFIGURATION_REQUEST));
static MANAGED_PREFIX_LIST: Structure = shape(&[
    opt("AddressFamily", "AddressFamily", "addressFamily", String),
    opt("IpamPrefixListResolverSyncEnabled", "IpamPrefixListResolverSyncEnabled", "ipamPrefixListResolverSyncEnabled", Boolean),
    opt("IpamPrefixListResolverTargetId", "IpamPrefixListResolverTargetId", "ipamPrefixListResolverTargetId", String),
    opt("MaxEntries", "MaxEntries", "maxEntries", Integer),
    opt("OwnerId", "OwnerId", "ownerId", String),
    opt("PrefixListArn", "PrefixListArn", "prefixListArn", String),
    opt("PrefixListId", "PrefixListId", "prefixListId", String),
    opt("PrefixListName", "PrefixListName", "prefixListName", String),
    opt("State", "State", "state", String),
    opt("StateMessage", "StateMessage", "stateMessage", String),
    opt("Tags", "TagSet", "tagSet", l(&TAG_LIST)),
    opt("Version", "Version", "version", Long),
]);
static MANAGED_PREFIX_LIST_SET: List = list(None, "item", s(&MANAGED_PREFIX_LIST));
static MEDIA_ACCELERATOR_INFO: Structure = shape(&[
    opt("Accelerators", "Accelerators", "accelerators", l(&MEDIA_DEVICE_INFO_LIST)),
    opt("TotalMediaMemoryInMiB", "TotalMediaMemoryInMiB", "totalMediaMemoryInMiB", Integer),
]);
static MEDIA_DEVICE_INFO: Structure = shape(&[
    opt("Count", "Count", "count", Integer),
    opt("Manufacturer", "Manufacturer", "manufacturer", String),
    opt("MemoryInfo", "MemoryInfo", "memoryInfo", s(&MEDIA_DEVICE_MEMORY_INFO)),
    opt("Name", "Name", "name", String),
]);
static MEDIA_DEVICE_INFO_LIST: List = list(None, "item", s(&MEDIA_DEVICE_INFO));
static MEDIA_DEVICE_MEMORY_INFO: Structure = shape(&[
    opt("SizeInMiB", "SizeInMiB", "sizeInMiB", Integer),
]);
static MEMORY_INFO: Structure = shape(&[
    opt("SizeInMiB", "SizeInMiB", "sizeInMiB", Long),
]);
static METRIC_CATEGORY_ID_LIST: List = list(None, "item", String);
static MODIFY_INSTANCE_ATTRIBUTE_REQUEST: Structure = shape(&[
    opt("Attribute", "Attribute", "attribute", String),
    opt("BlockDeviceMappings", "BlockDeviceMapping", "blockDeviceMapping", l(&INSTANCE_BLOCK_DEVICE_MAPPING_SPECIFICATION_LIST)),
    opt("DisableApiStop", "DisableApiStop", "DisableApiStop", s(&ATTRIBUTE_BOOLEAN_VALUE)),
    opt("DisableApiTermination", "DisableApiTermination", "disableApiTermination", s(&ATTRIBUTE_BOOLEAN_VALUE)),
    opt("DryRun", "DryRun", "dryRun", Boolean),
    opt("EbsOptimized", "EbsOptimized", "ebsOptimized", s(&ATTRIBUTE_BOOLEAN_VALUE)),
    opt("EnaSupport", "EnaSupport", "enaSupport", s(&ATTRIBUTE_BOOLEAN_VALUE)),
    opt("EnclaveOptions", "EnclaveOptions", "EnclaveOptions", s(&ENCLAVE_OPTIONS_REQUEST)),
    opt("Groups", "GroupId", "GroupId", l(&GROUP_ID_STRING_LIST)),
    req("InstanceId", "InstanceId", "instanceId", String),
    opt("InstanceInitiatedShutdownBehavior", "InstanceInitiatedShutdownBehavior", "instanceInitiatedShutdownBehavior", s(&ATTRIBUTE_VALUE)),
    opt("InstanceType", "InstanceType", "instanceType", s(&ATTRIBUTE_VALUE)),
    opt("Kernel", "Kernel", "kernel", s(&ATTRIBUTE_VALUE)),
    opt("Ramdisk", "Ramdisk", "ramdisk", s(&ATTRIBUTE_VALUE)),
    opt("SourceDestCheck", "SourceDestCheck", "SourceDestCheck", s(&ATTRIBUTE_BOOLEAN_VALUE)),
    opt("SriovNetSupport", "SriovNetSupport", "sriovNetSupport", s(&ATTRIBUTE_VALUE)),
    opt("UserData", "UserData", "userData", s(&SECURE_BLOB_ATTRIBUTE_VALUE)),
    opt("Value", "Value", "value", String),
]);
static MODIFY_INSTANCE_METADATA_OPTIONS_REQUEST: Structure = shape(&[
    opt("DryRun", "DryRun", "DryRun", Boolean),
    opt("HttpEndpoint", "HttpEndpoint", "HttpEndpoint", String),
    opt("HttpProtocolIpv6", "HttpProtocolIpv6", "HttpProtocolIpv6", String),
    opt("HttpPutResponseHopLimit", "HttpPutResponseHopLimit", "HttpPutResponseHopLimit", Integer),
    opt("HttpTokens", "HttpTokens", "HttpTokens", String),
    req("InstanceId", "InstanceId", "InstanceId", String),
    opt("InstanceMetadataTags", "InstanceMetadataTags", "InstanceMetadataTags", String),
]);
static MODIFY_INSTANCE_METADATA_OPTIONS_RESULT: Structure = shape(&[
    opt("InstanceId", "InstanceId", "instanceId", String),
    opt("InstanceMetadataOptions", "InstanceMetadataOptions", "instanceMetadataOptions", s(&INSTANCE_METADATA_OPTIONS_RESPONSE)),
]);
static MODIFY_MANAGED_PREFIX_LIST_REQUEST: Structure = shape(&[
    opt("AddEntries", "AddEntry", "AddEntry", l(&ADD_PREFIX_LIST_ENTRIES)),
    opt("CurrentVersion", "CurrentVersion", "CurrentVersion", Long),
    opt("DryRun", "DryRun", "DryRun", Boolean),
    opt("IpamPrefixListResolverSyncEnabled", "IpamPrefixListResolverSyncEnabled", "IpamPrefixListResolverSyncEnabled", Boolean),
    opt("MaxEntries", "MaxEntries", "MaxEntries", Integer),
    req("PrefixListId", "PrefixListId", "PrefixListId", String),
    opt("PrefixListName", "PrefixListName", "PrefixListName", String),
    opt("RemoveEntries", "RemoveEntry", "RemoveEntry", l(&REMOVE_PREFIX_LIST_ENTRIES)),
]);
static MODIFY_MANAGED_PREFIX_LIST_RESULT: Structure = shape(&[
    opt("PrefixList", "PrefixList", "prefixList", s(&MANAGED_PREFIX_LIST)),
]);
static MODIFY_NETWORK_INTERFACE_ATTRIBUTE_REQUEST: Structure = shape(&[
    opt("AssociatePublicIpAddress", "AssociatePublicIpAddress", "AssociatePublicIpAddress", Boolean),
    opt("AssociatedSubnetIds", "AssociatedSubnetId", "AssociatedSubnetId", l(&SUBNET_ID_LIST)),
    opt("Attachment", "Attachment", "attachment", s(&NETWORK_INTERFACE_ATTACHMENT_CHANGES)),
    opt("ConnectionTrackingSpecification", "ConnectionTrackingSpecification", "ConnectionTrackingSpecification", s(&CONNECTION_TRACKING_SPECIFICATION_REQUEST)),
    opt("Description", "Description", "description", s(&ATTRIBUTE_VALUE)),
    opt("DryRun", "DryRun", "dryRun", Boolean),
    opt("EnaSrdSpecification", "EnaSrdSpecification", "EnaSrdSpecification", s(&ENA_SRD_SPECIFICATION)),
    opt("EnablePrimaryIpv6", "EnablePrimaryIpv6", "EnablePrimaryIpv6", Boolean),
    opt("Groups", "SecurityGroupId", "SecurityGroupId", l(&SECURITY_GROUP_ID_STRING_LIST)),
    req("NetworkInterfaceId", "NetworkInterfaceId", "networkInterfaceId", String),
    opt("SourceDestCheck", "SourceDestCheck", "sourceDestCheck", s(&ATTRIBUTE_BOOLEAN_VALUE)),
]);
static MODIFY_SECURITY_GROUP_RULES_REQUEST: Structure = shape(&[
    opt("DryRun", "DryRun", "DryRun", Boolean),
    req("GroupId", "GroupId", "GroupId", String),
    req("SecurityGroupRules", "SecurityGroupRule", "SecurityGroupRule", l(&SECURITY_GROUP_RULE_UPDATE_LIST)),
]);
static MODIFY_SECURITY_GROUP_RULES_RESULT: Structure = shape(&[
    opt("Return", "Return", "return", Boolean),
]);
static MODIFY_SUBNET_ATTRIBUTE_REQUEST: Structure = shape(&[
    opt("AssignIpv6AddressOnCreation", "AssignIpv6AddressOnCreation", "AssignIpv6AddressOnCreation", s(&ATTRIBUTE_BOOLEAN_VALUE)),
    opt("CustomerOwnedIpv4Pool", "CustomerOwnedIpv4Pool", "CustomerOwnedIpv4Pool", String),
    opt("DisableLniAtDeviceIndex", "DisableLniAtDeviceIndex", "DisableLniAtDeviceIndex", s(&ATTRIBUTE_BOOLEAN_VALUE)),
    opt("EnableDns64", "EnableDns64", "EnableDns64", s(&ATTRIBUTE_BOOLEAN_VALUE)),
    opt("EnableLniAtDeviceIndex", "EnableLniAtDeviceIndex", "EnableLniAtDeviceIndex", Integer),
    opt("EnableResourceNameDnsAAAARecordOnLaunch", "EnableResourceNameDnsAAAARecordOnLaunch", "EnableResourceNameDnsAAAARecordOnLaunch", s(&ATTRIBUTE_BOOLEAN_VALUE)),
    opt("EnableResourceNameDnsARecordOnLaunch", "EnableResourceNameDnsARecordOnLaunch", "EnableResourceNameDnsARecordOnLaunch", s(&ATTRIBUTE_BOOLEAN_VALUE)),
    opt("MapCustomerOwnedIpOnLaunch", "MapCustomerOwnedIpOnLaunch", "MapCustomerOwnedIpOnLaunch", s(&ATTRIBUTE_BOOLEAN_VALUE)),
    opt("MapPublicIpOnLaunch", "MapPublicIpOnLaunch", "MapPublicIpOnLaunch", s(&ATTRIBUTE_BOOLEAN_VALUE)),
    opt("PrivateDnsHostnameTypeOnLaunch", "PrivateDnsHostnameTypeOnLaunch", "PrivateDnsHostnameTypeOnLaunch", String),
    req("SubnetId", "SubnetId", "subnetId", String),
]);
static MODIFY_VPC_ATTRIBUTE_REQUEST: Structure = shape(&[
    opt("EnableDnsHostnames", "EnableDnsHostnames", "EnableDnsHostnames", s(&ATTRIBUTE_BOOLEAN_VALUE)),
    opt("EnableDnsSupport", "EnableDnsSupport", "EnableDnsSupport", s(&ATTRIBUTE_BOOLEAN_VALUE)),
    opt("EnableNetworkAddressUsageMetrics", "EnableNetworkAddressUsageMetrics", "EnableNetworkAddressUsageMetrics", s(&ATTRIBUTE_BOOLEAN_VALUE)),
    req("VpcId", "VpcId", "vpcId", String),
]);
static MODIFY_VPC_ENDPOINT_CONNECTION_NOTIFICATION_REQUEST: Structure = shape(&[
    opt("ConnectionEvents", "ConnectionEvents", "ConnectionEvents", l(&VALUE_STRING_LIST)),
    opt("ConnectionNotificationArn", "ConnectionNotificationArn", "ConnectionNotificationArn", String),
    req("ConnectionNotificationId", "ConnectionNotificationId", "ConnectionNotificationId", String),
    opt("DryRun", "DryRun", "DryRun", Boolean),
]);
static MODIFY_VPC_ENDPOINT_CONNECTION_NOTIFICATION_RESULT: Structure = shape(&[
    opt("ReturnValue", "Return", "return", Boolean),
]);
static MODIFY_VPC_ENDPOINT_REQUEST: Structure = shape(&[
    opt("AddRouteTableIds", "AddRouteTableId", "AddRouteTableId", l(&VPC_ENDPOINT_ROUTE_TABLE_ID_LIST)),
    opt("AddSecurityGroupIds", "AddSecurityGroupId", "AddSecurityGroupId", l(&VPC_ENDPOINT_SECURITY_GROUP_ID_LIST)),
    opt("AddSubnetIds", "AddSubnetId", "AddSubnetId", l(&VPC_ENDPOINT_SUBNET_ID_LIST)),
    opt("DnsOptions", "DnsOptions", "DnsOptions", s(&DNS_OPTIONS_SPECIFICATION)),
    opt("DryRun", "DryRun", "DryRun", Boolean),
    opt("IpAddressType", "IpAddressType", "IpAddressType", String),
    opt("PolicyDocument", "PolicyDocument", "PolicyDocument", String),
    opt("PrivateDnsEnabled", "PrivateDnsEnabled", "PrivateDnsEnabled", Boolean),
    opt("RemoveRouteTableIds", "RemoveRouteTableId", "RemoveRouteTableId", l(&VPC_ENDPOINT_ROUTE_TABLE_ID_LIST)),
    opt("RemoveSecurityGroupIds", "RemoveSecurityGroupId", "RemoveSecurityGroupId", l(&VPC_ENDPOINT_SECURITY_GROUP_ID_LIST)),
    opt("RemoveSubnetIds", "RemoveSubnetId", "RemoveSubnetId", l(&VPC_ENDPOINT_SUBNET_ID_LIST)),
    opt("ResetPolicy", "ResetPolicy", "ResetPolicy", Boolean),
    opt("SubnetConfigurations", "SubnetConfiguration", "SubnetConfiguration", l(&SUBNET_CONFIGURATIONS_LIST)),
    req("VpcEndpointId", "VpcEndpointId", "VpcEndpointId", String),
]);
static MODIFY_VPC_ENDPOINT_RESULT: Structure = shape(&[
    opt("Return", "Return", "return", Boolean),
]);
static MODIFY_VPC_ENDPOINT_SERVICE_CONFIGURATION_REQUEST: Structure = shape(&[
    opt("AcceptanceRequired", "AcceptanceRequired", "AcceptanceRequired", Boolean),
    opt("AddGatewayLoadBalancerArns", "AddGatewayLoadBalancerArn", "AddGatewayLoadBalancerArn", l(&VALUE_STRING_LIST)),
    opt("AddNetworkLoadBalancerArns", "AddNetworkLoadBalancerArn", "AddNetworkLoadBalancerArn", l(&VALUE_STRING_LIST)),
    opt("AddSupportedIpAddressTypes", "AddSupportedIpAddressType", "AddSupportedIpAddressType", l(&VALUE_STRING_LIST)),
    opt("AddSupportedRegions", "AddSupportedRegion", "AddSupportedRegion", l(&VALUE_STRING_LIST)),
    opt("DryRun", "DryRun", "DryRun", Boolean),
    opt("PrivateDnsName", "PrivateDnsName", "PrivateDnsName", String),
    opt("RemoveGatewayLoadBalancerArns", "RemoveGatewayLoadBalancerArn", "RemoveGatewayLoadBalancerArn", l(&VALUE_STRING_LIST)),
    opt("RemoveNetworkLoadBalancerArns", "RemoveNetworkLoadBalancerArn", "RemoveNetworkLoadBalancerArn", l(&VALUE_STRING_LIST)),
    opt("RemovePrivateDnsName", "RemovePrivateDnsName", "RemovePrivateDnsName", Boolean),
    opt("RemoveSupportedIpAddressTypes", "RemoveSupportedIpAddressType", "RemoveSupportedIpAddressType", l(&VALUE_STRING_LIST)),
    opt("RemoveSupportedRegions", "RemoveSupportedRegion", "RemoveSupportedRegion", l(&VALUE_STRING_LIST)),
    req("ServiceId", "ServiceId", "ServiceId", String),
]);
static MODIFY_VPC_ENDPOINT_SERVICE_CONFIGURATION_RESULT: Structure = shape(&[
    opt("Return", "Return", "return", Boolean),
]);
static MODIFY_VPC_ENDPOINT_SERVICE_PERMISSIONS_REQUEST: Structure = shape(&[
    opt("AddAllowedPrincipals", "AddAllowedPrincipals", "AddAllowedPrincipals", l(&VALUE_STRING_LIST)),
    opt("DryRun", "DryRun", "DryRun", Boolean),
    opt("PermissionType", "PermissionType", "PermissionType", String),
    opt("RemoveAllowedPrincipals", "RemoveAllowedPrincipals", "RemoveAllowedPrincipals", l(&VALUE_STRING_LIST)),
    req("ServiceId", "ServiceId", "ServiceId", String),
]);
static MODIFY_VPC_ENDPOINT_SERVICE_PERMISSIONS_RESULT: Structure = shape(&[
    opt("AddedPrincipals", "AddedPrincipalSet", "addedPrincipalSet", l(&ADDED_PRINCIPAL_SET)),
    opt("ReturnValue", "Return", "return", Boolean),
]);
static MODIFY_VPC_PEERING_CONNECTION_OPTIONS_REQUEST: Structure = shape(&[
    opt("AccepterPeeringConnectionOptions", "AccepterPeeringConnectionOptions", "AccepterPeeringConnectionOptions", s(&PEERING_CONNECTION_OPTIONS_REQUEST)),
    opt("DryRun", "DryRun", "DryRun", Boolean),
    opt("RequesterPeeringConnectionOptions", "RequesterPeeringConnectionOptions", "RequesterPeeringConnectionOptions", s(&PEERING_CONNECTION_OPTIONS_REQUEST)),
    req("VpcPeeringConnectionId", "VpcPeeringConnectionId", "VpcPeeringConnectionId", String),
]);
static MODIFY_VPC_PEERING_CONNECTION_OPTIONS_RESULT: Structure = shape(&[
    opt("AccepterPeeringConnectionOptions", "AccepterPeeringConnectionOptions", "accepterPeeringConnectionOptions", s(&PEERING_CONNECTION_OPTIONS)),
    opt("RequesterPeeringConnectionOptions", "RequesterPeeringConnectionOptions", "requesterPeeringConnectionOptions", s(&PEERING_CONNECTION_OPTIONS)),
]);
static MODIFY_VPC_TENANCY_REQUEST: Structure = shape(&[
    opt("DryRun", "DryRun", "DryRun", Boolean),
    req("InstanceTenancy", "InstanceTenancy", "InstanceTenancy", String),
    req("VpcId", "VpcId", "VpcId", String),
]);
static MODIFY_VPC_TENANCY_RESULT: Structure = shape(&[
    opt("ReturnValue", "Return", "return", Boolean),
]);
static MONITORING: Structure = shape(&[
    opt("MetricCategoryIds", "MetricCategoryIdSet", "metricCategoryIdSet", l(&METRIC_CATEGORY_ID_LIST)),
    opt("State", "State", "state", String),
]);
static NAT_GATEWAY: Structure = shape(&[
    opt("AttachedAppliances", "AttachedApplianceSet", "attachedApplianceSet", l(&NAT_GATEWAY_ATTACHED_APPLIANCE_LIST)),
    opt("AutoProvisionZones", "AutoProvisionZones", "autoProvisionZones", String),
    opt("AutoScalingIps", "AutoScalingIps", "autoScalingIps", String),
    opt("AvailabilityMode", "AvailabilityMode", "availabilityMode", String),
    opt("ConnectivityType", "ConnectivityType", "connectivityType", String),
    opt("CreateTime", "CreateTime", "createTime", Timestamp),
    opt("DeleteTime", "DeleteTime", "deleteTime", Timestamp),
    opt("FailureCode", "FailureCode", "failureCode", String),
    opt("FailureMessage", "FailureMessage", "failureMessage", String),
    opt("NatGatewayAddresses", "NatGatewayAddressSet", "natGatewayAddressSet", l(&NAT_GATEWAY_ADDRESS_LIST)),
    opt("NatGatewayId", "NatGatewayId", "natGatewayId", String),
    opt("ProvisionedBandwidth", "ProvisionedBandwidth", "provisionedBandwidth", s(&PROVISIONED_BANDWIDTH)),
    opt("RouteTableId", "RouteTableId", "routeTableId", String),
    opt("State", "State", "state", String),
    opt("SubnetId", "SubnetId", "subnetId", String),
    opt("Tags", "TagSet", "tagSet", l(&TAG_LIST)),
    opt("VpcId", "VpcId", "vpcId", String),
]);
static NAT_GATEWAY_ADDRESS: Structure = shape(&[
    opt("AllocationId", "AllocationId", "allocationId", String),
    opt("AssociationId", "AssociationId", "associationId", String),
    opt("AvailabilityZone", "AvailabilityZone", "availabilityZone", String),
    opt("AvailabilityZoneId", "AvailabilityZoneId", "availabilityZoneId", String),
    opt("FailureMessage", "FailureMessage", "failureMessage", String),
    opt("IsPrimary", "IsPrimary", "isPrimary", Boolean),
    opt("NetworkInterfaceId", "NetworkInterfaceId", "networkInterfaceId", String),
    opt("PrivateIp", "PrivateIp", "privateIp", String),
    opt("PublicIp", "PublicIp", "publicIp", String),
    opt("Status", "Status", "status", String),
]);
static NAT_GATEWAY_ADDRESS_LIST: List = list(None, "item", s(&NAT_GATEWAY_ADDRESS));
static NAT_GATEWAY_ATTACHED_APPLIANCE: Structure = shape(&[
    opt("ApplianceArn", "ApplianceArn", "applianceArn", String),
    opt("AttachmentState", "AttachmentState", "attachmentState", String),
    opt("FailureCode", "FailureCode", "failureCode", String),
    opt("FailureMessage", "FailureMessage", "failureMessage", String),
    opt("ModificationState", "ModificationState", "modificationState", String),
    opt("Type", "Type", "type", String),
    opt("VpcEndpointId", "VpcEndpointId", "vpcEndpointId", String),
]);
static NAT_GATEWAY_ATTACHED_APPLIANCE_LIST: List = list(None, "item", s(&NAT_GATEWAY_ATTACHED_APPLIANCE));
static NAT_GATEWAY_ID_STRING_LIST: List = list(None, "item", String);
static NAT_GATEWAY_LIST: List = list(None, "item", s(&NAT_GATEWAY));
static NETWORK_ACL: Structure = shape(&[
    opt("Associations", "AssociationSet", "associationSet", l(&NETWORK_ACL_ASSOCIATION_LIST)),
    opt("Entries", "EntrySet", "entrySet", l(&NETWORK_ACL_ENTRY_LIST)),
    opt("IsDefault", "Default", "default", Boolean),
    opt("NetworkAclId", "NetworkAclId", "networkAclId", String),
    opt("OwnerId", "OwnerId", "ownerId", String),
    opt("Tags", "TagSet", "tagSet", l(&TAG_LIST)),
    opt("VpcId", "VpcId", "vpcId", String),
]);
static NETWORK_ACL_ASSOCIATION: Structure = shape(&[
    opt("NetworkAclAssociationId", "NetworkAclAssociationId", "networkAclAssociationId", String),
    opt("NetworkAclId", "NetworkAclId", "networkAclId", String),
    opt("SubnetId", "SubnetId", "subnetId", String),
]);
static NETWORK_ACL_ASSOCIATION_LIST: List = list(None, "item", s(&NETWORK_ACL_ASSOCIATION));
static NETWORK_ACL_ENTRY: Structure = shape(&[
    opt("CidrBlock", "CidrBlock", "cidrBlock", String),
    opt("Egress", "Egress", "egress", Boolean),
    opt("IcmpTypeCode", "IcmpTypeCode", "icmpTypeCode", s(&ICMP_TYPE_CODE)),
    opt("Ipv6CidrBlock", "Ipv6CidrBlock", "ipv6CidrBlock", String),
    opt("PortRange", "PortRange", "portRange", s(&PORT_RANGE)),
    opt("Protocol", "Protocol", "protocol", String),
    opt("RuleAction", "RuleAction", "ruleAction", String),
    opt("RuleNumber", "RuleNumber", "ruleNumber", Integer),
]);
static NETWORK_ACL_ENTRY_LIST: List = list(None, "item", s(&NETWORK_ACL_ENTRY));
static NETWORK_ACL_ID_STRING_LIST: List = list(None, "item", String);
static NETWORK_ACL_LIST: List = list(None, "item", s(&NETWORK_ACL));
static NETWORK_CARD_INFO: Structure = shape(&[
    opt("AdditionalFlexibleNetworkInterfaces", "AdditionalFlexibleNetworkInterfaces", "additionalFlexibleNetworkInterfaces", Integer),
    opt("BaselineBandwidthInGbps", "BaselineBandwidthInGbps", "baselineBandwidthInGbps", Double),
    opt("DefaultEnaQueueCountPerInterface", "DefaultEnaQueueCountPerInterface", "defaultEnaQueueCountPerInterface", Integer),
    opt("InterfaceTypes", "InterfaceTypeSet", "interfaceTypeSet", l(&NETWORK_CARD_INTERFACE_TYPE_LIST)),
    opt("MaximumEnaQueueCount", "MaximumEnaQueueCount", "maximumEnaQueueCount", Integer),
    opt("MaximumEnaQueueCountPerInterface", "MaximumEnaQueueCountPerInterface", "maximumEnaQueueCountPerInterface", Integer),
    opt("MaximumNetworkInterfaces", "MaximumNetworkInterfaces", "maximumNetworkInterfaces", Integer),
    opt("NetworkCardIndex", "NetworkCardIndex", "networkCardIndex", Integer),
    opt("NetworkPerformance", "NetworkPerformance", "networkPerformance", String),
    opt("PeakBandwidthInGbps", "PeakBandwidthInGbps", "peakBandwidthInGbps", Double),
]);
static NETWORK_CARD_INFO_LIST: List = list(None, "item", s(&NETWORK_CARD_INFO));
static NETWORK_CARD_INTERFACE_TYPE_LIST: List = list(None, "item", String);
static NETWORK_INFO: Structure = shape(&[
    opt("BandwidthWeightings", "BandwidthWeightings", "bandwidthWeightings", l(&BANDWIDTH_WEIGHTING_TYPE_LIST)),
    opt("ConnectionTrackingConfiguration", "ConnectionTrackingConfiguration", "connectionTrackingConfiguration", s(&DEFAULT_CONNECTION_TRACKING_CONFIGURATION)),
    opt("DefaultNetworkCardIndex", "DefaultNetworkCardIndex", "defaultNetworkCardIndex", Integer),
    opt("EfaInfo", "EfaInfo", "efaInfo", s(&EFA_INFO)),
    opt("EfaSupported", "EfaSupported", "efaSupported", Boolean),
    opt("EnaSrdSupported", "EnaSrdSupported", "enaSrdSupported", Boolean),
    opt("EnaSupport", "EnaSupport", "enaSupport", String),
    opt("EncryptionInTransitSupported", "EncryptionInTransitSupported", "encryptionInTransitSupported", Boolean),
    opt("FlexibleEnaQueuesSupport", "FlexibleEnaQueuesSupport", "flexibleEnaQueuesSupport", String),
    opt("Ipv4AddressesPerInterface", "Ipv4AddressesPerInterface", "ipv4AddressesPerInterface", Integer),
    opt("Ipv4AddressesPerSecondaryInterface", "Ipv4AddressesPerSecondaryInterface", "ipv4AddressesPerSecondaryInterface", Integer),
    opt("Ipv6AddressesPerInterface", "Ipv6AddressesPerInterface", "ipv6AddressesPerInterface", Integer),
    opt("Ipv6Supported", "Ipv6Supported", "ipv6Supported", Boolean),
    opt("MaximumNetworkCards", "MaximumNetworkCards", "maximumNetworkCards", Integer),
    opt("MaximumNetworkInterfaces", "MaximumNetworkInterfaces", "maximumNetworkInterfaces", Integer),
    opt("MaximumSecondaryNetworkInterfaces", "MaximumSecondaryNetworkInterfaces", "maximumSecondaryNetworkInterfaces", Integer),
    opt("NetworkCards", "NetworkCards", "networkCards", l(&NETWORK_CARD_INFO_LIST)),
    opt("NetworkPerformance", "NetworkPerformance", "networkPerformance", String),
    opt("SecondaryNetworkSupported", "SecondaryNetworkSupported", "secondaryNetworkSupported", Boolean),
]);
static NETWORK_INSIGHTS_ANALYSIS: Structure = shape(&[
    opt("AdditionalAccounts", "AdditionalAccountSet", "additionalAccountSet", l(&VALUE_STRING_LIST)),
    opt("AlternatePathHints", "AlternatePathHintSet", "alternatePathHintSet", l(&ALTERNATE_PATH_HINT_LIST)),
    opt("Explanations", "ExplanationSet", "explanationSet", l(&EXPLANATION_LIST)),
    opt("FilterInArns", "FilterInArnSet", "filterInArnSet", l(&ARN_LIST)),
    opt("FilterOutArns", "FilterOutArnSet", "filterOutArnSet", l(&ARN_LIST)),
    opt("ForwardPathComponents", "ForwardPathComponentSet", "forwardPathComponentSet", l(&PATH_COMPONENT_LIST)),
    opt("NetworkInsightsAnalysisArn", "NetworkInsightsAnalysisArn", "networkInsightsAnalysisArn", String),
    opt("NetworkInsightsAnalysisId", "NetworkInsightsAnalysisId", "networkInsightsAnalysisId", String),
    opt("NetworkInsightsPathId", "NetworkInsightsPathId", "networkInsightsPathId", String),
    opt("NetworkPathFound", "NetworkPathFound", "networkPathFound", Boolean),
    opt("ReturnPathComponents", "ReturnPathComponentSet", "returnPathComponentSet", l(&PATH_COMPONENT_LIST)),
    opt("StartDate", "StartDate", "startDate", Timestamp),
    opt("Status", "Status", "status", String),
    opt("StatusMessage", "StatusMessage", "statusMessage", String),
    opt("SuggestedAccounts", "SuggestedAccountSet", "suggestedAccountSet", l(&VALUE_STRING_LIST)),
    opt("Tags", "TagSet", "tagSet", l(&TAG_LIST)),
    opt("WarningMessage", "WarningMessage", "warningMessage", String),
]);
static NETWORK_INSIGHTS_ANALYSIS_ID_LIST: List = list(None, "item", String);
static NETWORK_INSIGHTS_ANALYSIS_LIST: List = list(None, "item", s(&NETWORK_INSIGHTS_ANALYSIS));
static NETWORK_INSIGHTS_PATH: Structure = shape(&[
    opt("CreatedDate", "CreatedDate", "createdDate", Timestamp),
    opt("Destination", "Destination", "destination", String),
    opt("DestinationArn", "DestinationArn", "destinationArn", String),
    opt("DestinationIp", "DestinationIp", "destinationIp", String),
    opt("DestinationPort", "DestinationPort", "destinationPort", Integer),
    opt("FilterAtDestination", "FilterAtDestination", "filterAtDestination", s(&PATH_FILTER)),
    opt("FilterAtSource", "FilterAtSource", "filterAtSource", s(&PATH_FILTER)),
    opt("NetworkInsightsPathArn", "NetworkInsightsPathArn", "networkInsightsPathArn", String),
    opt("NetworkInsightsPathId", "NetworkInsightsPathId", "networkInsightsPathId", String),
    opt("Protocol", "Protocol", "protocol", String),
    opt("Source", "Source", "source", String),
    opt("SourceArn", "SourceArn", "sourceArn", String),
    opt("SourceIp", "SourceIp", "sourceIp", String),
    opt("Tags", "TagSet", "tagSet", l(&TAG_LIST)),
]);
static NETWORK_INSIGHTS_PATH_ID_LIST: List = list(None, "item", String);
static NETWORK_INSIGHTS_PATH_LIST: List = list(None, "item", s(&NETWORK_INSIGHTS_PATH));
static NETWORK_INTERFACE: Structure = shape(&[
    opt("AssociatedSubnets", "AssociatedSubnetSet", "associatedSubnetSet", l(&ASSOCIATED_SUBNET_LIST)),
    opt("Association", "Association", "association", s(&NETWORK_INTERFACE_ASSOCIATION)),
    opt("Attachment", "Attachment", "attachment", s(&NETWORK_INTERFACE_ATTACHMENT)),
    opt("AvailabilityZone", "AvailabilityZone", "availabilityZone", String),
    opt("AvailabilityZoneId", "AvailabilityZoneId", "availabilityZoneId", String),
    opt("ConnectionTrackingConfiguration", "ConnectionTrackingConfiguration", "connectionTrackingConfiguration", s(&CONNECTION_TRACKING_CONFIGURATION)),
    opt("DenyAllIgwTraffic", "DenyAllIgwTraffic", "denyAllIgwTraffic", Boolean),
    opt("Description", "Description", "description", String),
    opt("Groups", "GroupSet", "groupSet", l(&GROUP_IDENTIFIER_LIST)),
    opt("InterfaceType", "InterfaceType", "interfaceType", String),
    opt("Ipv4Prefixes", "Ipv4PrefixSet", "ipv4PrefixSet", l(&IPV4_PREFIXES_LIST)),
    opt("Ipv6Address", "Ipv6Address", "ipv6Address", String),
    opt("Ipv6Addresses", "Ipv6AddressesSet", "ipv6AddressesSet", l(&NETWORK_INTERFACE_IPV6_ADDRESSES_LIST)),
    opt("Ipv6Native", "Ipv6Native", "ipv6Native", Boolean),
    opt("Ipv6Prefixes", "Ipv6PrefixSet", "ipv6PrefixSet", l(&IPV6_PREFIXES_LIST)),
    opt("MacAddress", "MacAddress", "macAddress", String),
    opt("NetworkInterfaceId", "NetworkInterfaceId", "networkInterfaceId", String),
    opt("Operator", "Operator", "operator", s(&OPERATOR_RESPONSE)),
    opt("OutpostArn", "OutpostArn", "outpostArn", String),
    opt("OwnerId", "OwnerId", "ownerId", String),
    opt("PrivateDnsName", "PrivateDnsName", "privateDnsName", String),
    opt("PrivateIpAddress", "PrivateIpAddress", "privateIpAddress", String),
    opt("PrivateIpAddresses", "PrivateIpAddressesSet", "privateIpAddressesSet", l(&NETWORK_INTERFACE_PRIVATE_IP_ADDRESS_LIST)),
    opt("PublicDnsName", "PublicDnsName", "publicDnsName", String),
    opt("PublicIpDnsNameOptions", "PublicIpDnsNameOptions", "publicIpDnsNameOptions", s(&PUBLIC_IP_DNS_NAME_OPTIONS)),
    opt("RequesterId", "RequesterId", "requesterId", String),
    opt("RequesterManaged", "RequesterManaged", "requesterManaged", Boolean),
    opt("SourceDestCheck", "SourceDestCheck", "sourceDestCheck", Boolean),
    opt("Status", "Status", "status", String),
    opt("SubnetId", "SubnetId", "subnetId", String),
    opt("TagSet", "TagSet", "tagSet", l(&TAG_LIST)),
    opt("VpcId", "VpcId", "vpcId", String),
]);
static NETWORK_INTERFACE_ASSOCIATION: Structure = shape(&[
    opt("AllocationId", "AllocationId", "allocationId", String),
    opt("AssociationId", "AssociationId", "associationId", String),
    opt("CarrierIp", "CarrierIp", "carrierIp", String),
    opt("CustomerOwnedIp", "CustomerOwnedIp", "customerOwnedIp", String),
    opt("IpOwnerId", "IpOwnerId", "ipOwnerId", String),
    opt("PublicDnsName", "PublicDnsName", "publicDnsName", String),
    opt("PublicIp", "PublicIp", "publicIp", String),
]);
static NETWORK_INTERFACE_ATTACHMENT: Structure = shape(&[
    opt("AttachTime", "AttachTime", "attachTime", Timestamp),
    opt("AttachmentId", "AttachmentId", "attachmentId", String),
    opt("DeleteOnTermination", "DeleteOnTermination", "deleteOnTermination", Boolean),
    opt("DeviceIndex", "DeviceIndex", "deviceIndex", Integer),
    opt("EnaQueueCount", "EnaQueueCount", "enaQueueCount", Integer),
    opt("EnaSrdSpecification", "EnaSrdSpecification", "enaSrdSpecification", s(&ATTACHMENT_ENA_SRD_SPECIFICATION)),
    opt("InstanceId", "InstanceId", "instanceId", String),
    opt("InstanceOwnerId", "InstanceOwnerId", "instanceOwnerId", String),
    opt("NetworkCardIndex", "NetworkCardIndex", "networkCardIndex", Integer),
    opt("Status", "Status", "status", String),
]);
static NETWORK_INTERFACE_ATTACHMENT_CHANGES: Structure = shape(&[
    opt("AttachmentId", "AttachmentId", "attachmentId", String),
    opt("DefaultEnaQueueCount", "DefaultEnaQueueCount", "DefaultEnaQueueCount", Boolean),
    opt("DeleteOnTermination", "DeleteOnTermination", "deleteOnTermination", Boolean),
    opt("EnaQueueCount", "EnaQueueCount", "EnaQueueCount", Integer),
]);
static NETWORK_INTERFACE_ID_LIST: List = list(None, "item", String);
static NETWORK_INTERFACE_IPV6_ADDRESS: Structure = shape(&[
    opt("Ipv6Address", "Ipv6Address", "ipv6Address", String),
    opt("IsPrimaryIpv6", "IsPrimaryIpv6", "isPrimaryIpv6", Boolean),
    opt("PublicIpv6DnsName", "PublicIpv6DnsName", "publicIpv6DnsName", String),
]);
static NETWORK_INTERFACE_IPV6_ADDRESSES_LIST: List = list(None, "item", s(&NETWORK_INTERFACE_IPV6_ADDRESS));
static NETWORK_INTERFACE_LIST: List = list(None, "item", s(&NETWORK_INTERFACE));
static NETWORK_INTERFACE_PRIVATE_IP_ADDRESS: Structure = shape(&[
    opt("Association", "Association", "association", s(&NETWORK_INTERFACE_ASSOCIATION)),
    opt("Primary", "Primary", "primary", Boolean),
    opt("PrivateDnsName", "PrivateDnsName", "privateDnsName", String),
    opt("PrivateIpAddress", "PrivateIpAddress", "privateIpAddress", String),
]);
static NETWORK_INTERFACE_PRIVATE_IP_ADDRESS_LIST: List = list(None, "item", s(&NETWORK_INTERFACE_PRIVATE_IP_ADDRESS));
static NEURON_DEVICE_CORE_INFO: Structure = shape(&[
    opt("Count", "Count", "count", Integer),
    opt("Version", "Version", "version", Integer),
]);
static NEURON_DEVICE_INFO: Structure = shape(&[
    opt("CoreInfo", "CoreInfo", "coreInfo", s(&NEURON_DEVICE_CORE_INFO)),
    opt("Count", "Count", "count", Integer),
    opt("MemoryInfo", "MemoryInfo", "memoryInfo", s(&NEURON_DEVICE_MEMORY_INFO)),
    opt("Name", "Name", "name", String),
]);
static NEURON_DEVICE_INFO_LIST: List = list(None, "item", s(&NEURON_DEVICE_INFO));
static NEURON_DEVICE_MEMORY_INFO: Structure = shape(&[
    opt("SizeInMiB", "SizeInMiB", "sizeInMiB", Integer),
]);
static NEURON_INFO: Structure = shape(&[
    opt("NeuronDevices", "NeuronDevices", "neuronDevices", l(&NEURON_DEVICE_INFO_LIST)),
    opt("TotalNeuronDeviceMemoryInMiB", "TotalNeuronDeviceMemoryInMiB", "totalNeuronDeviceMemoryInMiB", Integer),
]);
static NEW_DHCP_CONFIGURATION: Structure = shape(&[
    opt("Key", "Key", "Key", String),
    opt("Values", "Value", "Value", l(&VALUE_STRING_LIST)),
]);
static NEW_DHCP_CONFIGURATION_LIST: List = list(None, "item", s(&NEW_DHCP_CONFIGURATION));
static NITRO_TPM_INFO: Structure = shape(&[
    opt("SupportedVersions", "SupportedVersions", "supportedVersions", l(&NITRO_TPM_SUPPORTED_VERSIONS_LIST)),
]);
static NITRO_TPM_SUPPORTED_VERSIONS_LIST: List = list(None, "item", String);
static OPERATOR_REQUEST: Structure = shape(&[
    opt("Principal", "Principal", "Principal", String),
]);
static OPERATOR_RESPONSE: Structure = shape(&[
    opt("HiddenByDefault", "HiddenByDefault", "hiddenByDefault", Boolean),
    opt("Managed", "Managed", "managed", Boolean),
    opt("Principal", "Principal", "principal", String),
]);
static OWNER_STRING_LIST: List = list(None, "Owner", String);
static PATH_COMPONENT: Structure = shape(&[
    opt("AclRule", "AclRule", "aclRule", s(&ANALYSIS_ACL_RULE)),
    opt("AdditionalDetails", "AdditionalDetailSet", "additionalDetailSet", l(&ADDITIONAL_DETAIL_LIST)),
    opt("AttachedTo", "AttachedTo", "attachedTo", s(&ANALYSIS_COMPONENT)),
    opt("Component", "Component", "component", s(&ANALYSIS_COMPONENT)),
    opt("DestinationVpc", "DestinationVpc", "destinationVpc", s(&ANALYSIS_COMPONENT)),
    opt("ElasticLoadBalancerListener", "ElasticLoadBalancerListener", "elasticLoadBalancerListener", s(&ANALYSIS_COMPONENT)),
    opt("Explanations", "ExplanationSet", "explanationSet", l(&EXPLANATION_LIST)),
    opt("FirewallStatefulRule", "FirewallStatefulRule", "firewallStatefulRule", s(&FIREWALL_STATEFUL_RULE)),
    opt("FirewallStatelessRule", "FirewallStatelessRule", "firewallStatelessRule", s(&FIREWALL_STATELESS_RULE)),
    opt("InboundHeader", "InboundHeader", "inboundHeader", s(&ANALYSIS_PACKET_HEADER)),
    opt("OutboundHeader", "OutboundHeader", "outboundHeader", s(&ANALYSIS_PACKET_HEADER)),
    opt("RouteTableRoute", "RouteTableRoute", "routeTableRoute", s(&ANALYSIS_ROUTE_TABLE_ROUTE)),
    opt("SecurityGroupRule", "SecurityGroupRule", "securityGroupRule", s(&ANALYSIS_SECURITY_GROUP_RULE)),
    opt("SequenceNumber", "SequenceNumber", "sequenceNumber", Integer),
    opt("ServiceName", "ServiceName", "serviceName", String),
    opt("SourceVpc", "SourceVpc", "sourceVpc", s(&ANALYSIS_COMPONENT)),
    opt("Subnet", "Subnet", "subnet", s(&ANALYSIS_COMPONENT)),
    opt("TransitGateway", "TransitGateway", "transitGateway", s(&ANALYSIS_COMPONENT)),
    opt("TransitGatewayPolicyTableEntry", "TransitGatewayPolicyTableEntry", "transitGatewayPolicyTableEntry", s(&ANALYSIS_TRANSIT_GATEWAY_POLICY_TABLE_ENTRY)),
    opt("TransitGatewayRouteTableRoute", "TransitGatewayRouteTableRoute", "transitGatewayRouteTableRoute", s(&TRANSIT_GATEWAY_ROUTE_TABLE_ROUTE)),
    opt("Vpc", "Vpc", "vpc", s(&ANALYSIS_COMPONENT)),
]);
static PATH_COMPONENT_LIST: List = list(None, "item", s(&PATH_COMPONENT));
static PATH_FILTER: Structure = shape(&[
    opt("DestinationAddress", "DestinationAddress", "destinationAddress", String),
    opt("DestinationPortRange", "DestinationPortRange", "destinationPortRange", s(&FILTER_PORT_RANGE)),
    opt("SourceAddress", "SourceAddress", "sourceAddress", String),
    opt("SourcePortRange", "SourcePortRange", "sourcePortRange", s(&FILTER_PORT_RANGE)),
]);
static PATH_REQUEST_FILTER: Structure = shape(&[
    opt("DestinationAddress", "DestinationAddress", "DestinationAddress", String),
    opt("DestinationPortRange", "DestinationPortRange", "DestinationPortRange", s(&REQUEST_FILTER_PORT_RANGE)),
    opt("SourceAddress", "SourceAddress", "SourceAddress", String),
    opt("SourcePortRange", "SourcePortRange", "SourcePortRange", s(&REQUEST_FILTER_PORT_RANGE)),
]);
static PAYER_RESPONSIBILITY_ENTRY: Structure = shape(&[
    opt("PayerResponsibilityType", "PayerResponsibilityType", "payerResponsibilityType", String),
    opt("Scope", "Scope", "scope", String),
]);
static PAYER_RESPONSIBILITY_SET: List = list(None, "item", s(&PAYER_RESPONSIBILITY_ENTRY));
static PEERING_CONNECTION_OPTIONS: Structure = shape(&[
    opt("AllowDnsResolutionFromRemoteVpc", "AllowDnsResolutionFromRemoteVpc", "allowDnsResolutionFromRemoteVpc", Boolean),
    opt("AllowEgressFromLocalClassicLinkToRemoteVpc", "AllowEgressFromLocalClassicLinkToRemoteVpc", "allowEgressFromLocalClassicLinkToRemoteVpc", Boolean),
    opt("AllowEgressFromLocalVpcToRemoteClassicLink", "AllowEgressFromLocalVpcToRemoteClassicLink", "allowEgressFromLocalVpcToRemoteClassicLink", Boolean),
    opt("AllowMultipathResilience", "AllowMultipathResilience", "allowMultipathResilience", Boolean),
    opt("MultipathResilienceMode", "MultipathResilienceMode", "multipathResilienceMode", String),
]);
static PEERING_CONNECTION_OPTIONS_REQUEST: Structure = shape(&[
    opt("AllowDnsResolutionFromRemoteVpc", "AllowDnsResolutionFromRemoteVpc", "AllowDnsResolutionFromRemoteVpc", Boolean),
    opt("AllowEgressFromLocalClassicLinkToRemoteVpc", "AllowEgressFromLocalClassicLinkToRemoteVpc", "AllowEgressFromLocalClassicLinkToRemoteVpc", Boolean),
    opt("AllowEgressFromLocalVpcToRemoteClassicLink", "AllowEgressFromLocalVpcToRemoteClassicLink", "AllowEgressFromLocalVpcToRemoteClassicLink", Boolean),
    opt("AllowMultipathResilience", "AllowMultipathResilience", "AllowMultipathResilience", Boolean),
    opt("MultipathResilienceMode", "MultipathResilienceMode", "MultipathResilienceMode", String),
]);
static PERFORMANCE_STATUS_SUMMARY: Structure = shape(&[
    opt("ImpairedSince", "ImpairedSince", "impairedSince", Timestamp),
    opt("Remediation", "Remediation", "remediation", String),
    opt("Status", "Status", "status", String),
]);
static PLACEMENT: Structure = shape(&[
    opt("Affinity", "Affinity", "affinity", String),
    opt("AvailabilityZone", "AvailabilityZone", "availabilityZone", String),
    opt("AvailabilityZoneId", "AvailabilityZoneId", "availabilityZoneId", String),
    opt("GroupId", "GroupId", "groupId", String),
    opt("GroupName", "GroupName", "groupName", String),
    opt("HostId", "HostId", "hostId", String),
    opt("HostResourceGroupArn", "HostResourceGroupArn", "hostResourceGroupArn", String),
    opt("PartitionNumber", "PartitionNumber", "partitionNumber", Integer),
    opt("SpreadDomain", "SpreadDomain", "spreadDomain", String),
    opt("Tenancy", "Tenancy", "tenancy", String),
]);
static PLACEMENT_GROUP_INFO: Structure = shape(&[
    opt("SupportedStrategies", "SupportedStrategies", "supportedStrategies", l(&PLACEMENT_GROUP_STRATEGY_LIST)),
]);
static PLACEMENT_GROUP_STRATEGY_LIST: List = list(None, "item", String);
static PORT_RANGE: Structure = shape(&[
    opt("From", "From", "from", Integer),
    opt("To", "To", "to", Integer),
]);
static PORT_RANGE_LIST: List = list(None, "item", s(&PORT_RANGE));
static PREFIX_LIST: Structure = shape(&[
    opt("Cidrs", "CidrSet", "cidrSet", l(&VALUE_STRING_LIST)),
    opt("PrefixListId", "PrefixListId", "prefixListId", String),
    opt("PrefixListName", "PrefixListName", "prefixListName", String),
]);
static PREFIX_LIST_ASSOCIATION: Structure = shape(&[
    opt("ResourceId", "ResourceId", "resourceId", String),
    opt("ResourceOwner", "ResourceOwner", "resourceOwner", String),
]);
static PREFIX_LIST_ASSOCIATION_SET: List = list(None, "item", s(&PREFIX_LIST_ASSOCIATION));
static PREFIX_LIST_ENTRY: Structure = shape(&[
    opt("Cidr", "Cidr", "cidr", String),
    opt("Description", "Description", "description", String),
]);
static PREFIX_LIST_ENTRY_SET: List = list(None, "item", s(&PREFIX_LIST_ENTRY));
static PREFIX_LIST_ID: Structure = shape(&[
    opt("Description", "Description", "description", String),
    opt("PrefixListId", "PrefixListId", "prefixListId", String),
]);
static PREFIX_LIST_ID_LIST: List = list(None, "item", s(&PREFIX_LIST_ID));
static PREFIX_LIST_ID_SET: List = list(None, "item", String);
static PREFIX_LIST_RESOURCE_ID_STRING_LIST: List = list(None, "item", String);
static PREFIX_LIST_SET: List = list(None, "item", s(&PREFIX_LIST));
static PRIVATE_DNS_DETAILS: Structure = shape(&[
    opt("PrivateDnsName", "PrivateDnsName", "privateDnsName", String),
]);
static PRIVATE_DNS_DETAILS_SET: List = list(None, "item", s(&PRIVATE_DNS_DETAILS));
static PRIVATE_DNS_NAME_CONFIGURATION: Structure = shape(&[
    opt("Name", "Name", "name", String),
    opt("State", "State", "state", String),
    opt("Type", "Type", "type", String),
    opt("Value", "Value", "value", String),
]);
static PRIVATE_DNS_NAME_OPTIONS_ON_LAUNCH: Structure = shape(&[
    opt("EnableResourceNameDnsAAAARecord", "EnableResourceNameDnsAAAARecord", "enableResourceNameDnsAAAARecord", Boolean),
    opt("EnableResourceNameDnsARecord", "EnableResourceNameDnsARecord", "enableResourceNameDnsARecord", Boolean),
    opt("HostnameType", "HostnameType", "hostnameType", String),
]);
static PRIVATE_DNS_NAME_OPTIONS_REQUEST: Structure = shape(&[
    opt("EnableResourceNameDnsAAAARecord", "EnableResourceNameDnsAAAARecord", "EnableResourceNameDnsAAAARecord", Boolean),
    opt("EnableResourceNameDnsARecord", "EnableResourceNameDnsARecord", "EnableResourceNameDnsARecord", Boolean),
    opt("HostnameType", "HostnameType", "HostnameType", String),
]);
static PRIVATE_DNS_NAME_OPTIONS_RESPONSE: Structure = shape(&[
    opt("EnableResourceNameDnsAAAARecord", "EnableResourceNameDnsAAAARecord", "enableResourceNameDnsAAAARecord", Boolean),
    opt("EnableResourceNameDnsARecord", "EnableResourceNameDnsARecord", "enableResourceNameDnsARecord", Boolean),
    opt("HostnameType", "HostnameType", "hostnameType", String),
]);
static PRIVATE_DNS_SPECIFIED_DOMAIN_SET: List = list(None, "item", String);
static PRIVATE_IP_ADDRESS_SPECIFICATION: Structure = shape(&[
    opt("Primary", "Primary", "primary", Boolean),
    opt("PrivateIpAddress", "PrivateIpAddress", "privateIpAddress", String),
]);
static PRIVATE_IP_ADDRESS_SPECIFICATION_LIST: List = list(None, "item", s(&PRIVATE_IP_ADDRESS_SPECIFICATION));
static PRIVATE_IP_ADDRESS_STRING_LIST: List = list(None, "PrivateIpAddress", String);
static PROCESSOR_INFO: Structure = shape(&[
    opt("Manufacturer", "Manufacturer", "manufacturer", String),
    opt("SupportedArchitectures", "SupportedArchitectures", "supportedArchitectures", l(&ARCHITECTURE_TYPE_LIST)),
    opt("SupportedFeatures", "SupportedFeatures", "supportedFeatures", l(&SUPPORTED_ADDITIONAL_PROCESSOR_FEATURE_LIST)),
    opt("SustainedClockSpeedInGhz", "SustainedClockSpeedInGhz", "sustainedClockSpeedInGhz", Double),
]);
static PRODUCT_CODE: Structure = shape(&[
    opt("ProductCodeId", "ProductCode", "productCode", String),
    opt("ProductCodeType", "Type", "type", String),
]);
static PRODUCT_CODE_LIST: List = list(None, "item", s(&PRODUCT_CODE));
static PROPAGATING_VGW: Structure = shape(&[
    opt("GatewayId", "GatewayId", "gatewayId", String),
]);
static PROPAGATING_VGW_LIST: List = list(None, "item", s(&PROPAGATING_VGW));
static PROTOCOL_INT_LIST: List = list(None, "item", Integer);
static PROVISIONED_BANDWIDTH: Structure = shape(&[
    opt("ProvisionTime", "ProvisionTime", "provisionTime", Timestamp),
    opt("Provisioned", "Provisioned", "provisioned", String),
    opt("RequestTime", "RequestTime", "requestTime", Timestamp),
    opt("Requested", "Requested", "requested", String),
    opt("Status", "Status", "status", String),
]);
static PTR_UPDATE_STATUS: Structure = shape(&[
    opt("Reason", "Reason", "reason", String),
    opt("Status", "Status", "status", String),
    opt("Value", "Value", "value", String),
]);
static PUBLIC_IP_DNS_NAME_OPTIONS: Structure = shape(&[
    opt("DnsHostnameType", "DnsHostnameType", "dnsHostnameType", String),
    opt("PublicDualStackDnsName", "PublicDualStackDnsName", "publicDualStackDnsName", String),
    opt("PublicIpv4DnsName", "PublicIpv4DnsName", "publicIpv4DnsName", String),
    opt("PublicIpv6DnsName", "PublicIpv6DnsName", "publicIpv6DnsName", String),
]);
static PUBLIC_IP_STRING_LIST: List = list(None, "PublicIp", String);
static REBOOT_INSTANCES_REQUEST: Structure = shape(&[
    opt("DryRun", "DryRun", "dryRun", Boolean),
    req("InstanceIds", "InstanceId", "InstanceId", l(&INSTANCE_ID_STRING_LIST)),
]);
static REFERENCED_SECURITY_GROUP: Structure = shape(&[
    opt("GroupId", "GroupId", "groupId", String),
    opt("PeeringStatus", "PeeringStatus", "peeringStatus", String),
    opt("UserId", "UserId", "userId", String),
    opt("VpcId", "VpcId", "vpcId", String),
    opt("VpcPeeringConnectionId", "VpcPeeringConnectionId", "vpcPeeringConnectionId", String),
]);
static REGION: Structure = shape(&[
    opt("Endpoint", "RegionEndpoint", "regionEndpoint", String),
    opt("Geography", "GeographySet", "geographySet", l(&REGION_GEOGRAPHY_LIST)),
    opt("OptInStatus", "OptInStatus", "optInStatus", String),
    opt("RegionName", "RegionName", "regionName", String),
]);
static REGION_GEOGRAPHY: Structure = shape(&[
    opt("Name", "Name", "name", String),
]);
static REGION_GEOGRAPHY_LIST: List = list(None, "item", s(&REGION_GEOGRAPHY));
static REGION_LIST: List = list(None, "item", s(&REGION));
static REGION_NAME_STRING_LIST: List = list(None, "RegionName", String);
static REJECT_VPC_ENDPOINT_CONNECTIONS_REQUEST: Structure = shape(&[
    opt("DryRun", "DryRun", "DryRun", Boolean),
    req("ServiceId", "ServiceId", "ServiceId", String),
    opt("TransitGatewayAttachmentIds", "TransitGatewayAttachmentId", "TransitGatewayAttachmentId", l(&TRANSIT_GATEWAY_ATTACHMENT_ID_LIST)),
    req("VpcEndpointIds", "VpcEndpointId", "VpcEndpointId", l(&VPC_ENDPOINT_ID_LIST)),
]);
static REJECT_VPC_ENDPOINT_CONNECTIONS_RESULT: Structure = shape(&[
    opt("Unsuccessful", "Unsuccessful", "unsuccessful", l(&UNSUCCESSFUL_ITEM_SET)),
]);
static REJECT_VPC_PEERING_CONNECTION_REQUEST: Structure = shape(&[
    opt("DryRun", "DryRun", "dryRun", Boolean),
    req("VpcPeeringConnectionId", "VpcPeeringConnectionId", "vpcPeeringConnectionId", String),
]);
static REJECT_VPC_PEERING_CONNECTION_RESULT: Structure = shape(&[
    opt("Return", "Return", "return", Boolean),
]);
static RELEASE_ADDRESS_REQUEST: Structure = shape(&[
    opt("AllocationId", "AllocationId", "AllocationId", String),
    opt("DryRun", "DryRun", "dryRun", Boolean),
    opt("NetworkBorderGroup", "NetworkBorderGroup", "NetworkBorderGroup", String),
    opt("PublicIp", "PublicIp", "PublicIp", String),
]);
static REMOVE_PREFIX_LIST_ENTRIES: List = list(None, "member", s(&REMOVE_PREFIX_LIST_ENTRY));
static REMOVE_PREFIX_LIST_ENTRY: Structure = shape(&[
    req("Cidr", "Cidr", "Cidr", String),
]);
static REPLACE_IAM_INSTANCE_PROFILE_ASSOCIATION_REQUEST: Structure = shape(&[
    req("AssociationId", "AssociationId", "AssociationId", String),
    req("IamInstanceProfile", "IamInstanceProfile", "IamInstanceProfile", s(&IAM_INSTANCE_PROFILE_SPECIFICATION)),
]);
static REPLACE_IAM_INSTANCE_PROFILE_ASSOCIATION_RESULT: Structure = shape(&[
    opt("IamInstanceProfileAssociation", "IamInstanceProfileAssociation", "iamInstanceProfileAssociation", s(&IAM_INSTANCE_PROFILE_ASSOCIATION)),
]);
static REPLACE_NETWORK_ACL_ASSOCIATION_REQUEST: Structure = shape(&[
    req("AssociationId", "AssociationId", "associationId", String),
    opt("DryRun", "DryRun", "dryRun", Boolean),
    req("NetworkAclId", "NetworkAclId", "networkAclId", String),
]);
static REPLACE_NETWORK_ACL_ASSOCIATION_RESULT: Structure = shape(&[
    opt("NewAssociationId", "NewAssociationId", "newAssociationId", String),
]);
static REPLACE_NETWORK_ACL_ENTRY_REQUEST: Structure = shape(&[
    opt("CidrBlock", "CidrBlock", "cidrBlock", String),
    opt("DryRun", "DryRun", "dryRun", Boolean),
    req("Egress", "Egress", "egress", Boolean),
    opt("IcmpTypeCode", "Icmp", "Icmp", s(&ICMP_TYPE_CODE)),
    opt("Ipv6CidrBlock", "Ipv6CidrBlock", "ipv6CidrBlock", String),
    req("NetworkAclId", "NetworkAclId", "networkAclId", String),
    opt("PortRange", "PortRange", "portRange", s(&PORT_RANGE)),
    req("Protocol", "Protocol", "protocol", String),
    req("RuleAction", "RuleAction", "ruleAction", String),
    req("RuleNumber", "RuleNumber", "ruleNumber", Integer),
]);
static REPLACE_ROUTE_REQUEST: Structure = shape(&[
    opt("CarrierGatewayId", "CarrierGatewayId", "CarrierGatewayId", String),
    opt("CoreNetworkArn", "CoreNetworkArn", "CoreNetworkArn", String),
    opt("DestinationCidrBlock", "DestinationCidrBlock", "destinationCidrBlock", String),
    opt("DestinationIpv6CidrBlock", "DestinationIpv6CidrBlock", "destinationIpv6CidrBlock", String),
    opt("DestinationPrefixListId", "DestinationPrefixListId", "DestinationPrefixListId", String),
    opt("DryRun", "DryRun", "dryRun", Boolean),
    opt("EgressOnlyInternetGatewayId", "EgressOnlyInternetGatewayId", "egressOnlyInternetGatewayId", String),
    opt("GatewayId", "GatewayId", "gatewayId", String),
    opt("InstanceId", "InstanceId", "instanceId", String),
    opt("LocalGatewayId", "LocalGatewayId", "LocalGatewayId", String),
    opt("LocalTarget", "LocalTarget", "LocalTarget", Boolean),
    opt("NatGatewayId", "NatGatewayId", "natGatewayId", String),
    opt("NetworkInterfaceId", "NetworkInterfaceId", "networkInterfaceId", String),
    opt("OdbNetworkArn", "OdbNetworkArn", "OdbNetworkArn", String),
    req("RouteTableId", "RouteTableId", "routeTableId", String),
    opt("TransitGatewayId", "TransitGatewayId", "TransitGatewayId", String),
    opt("VpcEndpointId", "VpcEndpointId", "VpcEndpointId", String),
    opt("VpcPeeringConnectionId", "VpcPeeringConnectionId", "vpcPeeringConnectionId", String),
]);
static REPLACE_ROUTE_TABLE_ASSOCIATION_REQUEST: Structure = shape(&[
    req("AssociationId", "AssociationId", "associationId", String),
    opt("DryRun", "DryRun", "dryRun", Boolean),
    req("RouteTableId", "RouteTableId", "routeTableId", String),
]);
static REPLACE_ROUTE_TABLE_ASSOCIATION_RESULT: Structure = shape(&[
    opt("AssociationState", "AssociationState", "associationState", s(&ROUTE_TABLE_ASSOCIATION_STATE)),
    opt("NewAssociationId", "NewAssociationId", "newAssociationId", String),
]);
static REQUEST_FILTER_PORT_RANGE: Structure = shape(&[
    opt("FromPort", "FromPort", "FromPort", Integer),
    opt("ToPort", "ToPort", "ToPort", Integer),
]);
static REQUEST_INSTANCE_TYPE_LIST: List = list(None, "member", String);
static RESERVATION: Structure = shape(&[
    opt("Groups", "GroupSet", "groupSet", l(&GROUP_IDENTIFIER_LIST)),
    opt("Instances", "InstancesSet", "instancesSet", l(&INSTANCE_LIST)),
    opt("OwnerId", "OwnerId", "ownerId", String),
    opt("RequesterId", "RequesterId", "requesterId", String),
    opt("ReservationId", "ReservationId", "reservationId", String),
]);
static RESERVATION_LIST: List = list(None, "item", s(&RESERVATION));
static RESET_NETWORK_INTERFACE_ATTRIBUTE_REQUEST: Structure = shape(&[
    opt("DryRun", "DryRun", "dryRun", Boolean),
    req("NetworkInterfaceId", "NetworkInterfaceId", "networkInterfaceId", String),
    opt("SourceDestCheck", "SourceDestCheck", "sourceDestCheck", String),
]);
static RESOURCE_ID_LIST: List = list(None, "member", String);
static RESTORE_MANAGED_PREFIX_LIST_VERSION_REQUEST: Structure = shape(&[
    req("CurrentVersion", "CurrentVersion", "CurrentVersion", Long),
    opt("DryRun", "DryRun", "DryRun", Boolean),
    req("PrefixListId", "PrefixListId", "PrefixListId", String),
    req("PreviousVersion", "PreviousVersion", "PreviousVersion", Long),
]);
static RESTORE_MANAGED_PREFIX_LIST_VERSION_RESULT: Structure = shape(&[
    opt("PrefixList", "PrefixList", "prefixList", s(&MANAGED_PREFIX_LIST)),
]);
static REVOKE_SECURITY_GROUP_EGRESS_REQUEST: Structure = shape(&[
    opt("CidrIp", "CidrIp", "cidrIp", String),
    opt("DryRun", "DryRun", "dryRun", Boolean),
    opt("FromPort", "FromPort", "fromPort", Integer),
    req("GroupId", "GroupId", "groupId", String),
    opt("IpPermissions", "IpPermissions", "ipPermissions", l(&IP_PERMISSION_LIST)),
    opt("IpProtocol", "IpProtocol", "ipProtocol", String),
    opt("SecurityGroupRuleIds", "SecurityGroupRuleId", "SecurityGroupRuleId", l(&SECURITY_GROUP_RULE_ID_LIST)),
    opt("SourceSecurityGroupName", "SourceSecurityGroupName", "sourceSecurityGroupName", String),
    opt("SourceSecurityGroupOwnerId", "SourceSecurityGroupOwnerId", "sourceSecurityGroupOwnerId", String),
    opt("ToPort", "ToPort", "toPort", Integer),
]);
static REVOKE_SECURITY_GROUP_EGRESS_RESULT: Structure = shape(&[
    opt("Return", "Return", "return", Boolean),
    opt("RevokedSecurityGroupRules", "RevokedSecurityGroupRuleSet", "revokedSecurityGroupRuleSet", l(&REVOKED_SECURITY_GROUP_RULE_LIST)),
    opt("UnknownIpPermissions", "UnknownIpPermissionSet", "unknownIpPermissionSet", l(&IP_PERMISSION_LIST)),
]);
static REVOKE_SECURITY_GROUP_INGRESS_REQUEST: Structure = shape(&[
    opt("CidrIp", "CidrIp", "CidrIp", String),
    opt("DryRun", "DryRun", "dryRun", Boolean),
    opt("FromPort", "FromPort", "FromPort", Integer),
    opt("GroupId", "GroupId", "GroupId", String),
    opt("GroupName", "GroupName", "GroupName", String),
    opt("IpPermissions", "IpPermissions", "IpPermissions", l(&IP_PERMISSION_LIST)),
    opt("IpProtocol", "IpProtocol", "IpProtocol", String),
    opt("SecurityGroupRuleIds", "SecurityGroupRuleId", "SecurityGroupRuleId", l(&SECURITY_GROUP_RULE_ID_LIST)),
    opt("SourceSecurityGroupName", "SourceSecurityGroupName", "SourceSecurityGroupName", String),
    opt("SourceSecurityGroupOwnerId", "SourceSecurityGroupOwnerId", "SourceSecurityGroupOwnerId", String),
    opt("ToPort", "ToPort", "ToPort", Integer),
]);
static REVOKE_SECURITY_GROUP_INGRESS_RESULT: Structure = shape(&[
    opt("Return", "Return", "return", Boolean),
    opt("RevokedSecurityGroupRules", "RevokedSecurityGroupRuleSet", "revokedSecurityGroupRuleSet", l(&REVOKED_SECURITY_GROUP_RULE_LIST)),
    opt("UnknownIpPermissions", "UnknownIpPermissionSet", "unknownIpPermissionSet", l(&IP_PERMISSION_LIST)),
]);
static REVOKED_SECURITY_GROUP_RULE: Structure = shape(&[
    opt("CidrIpv4", "CidrIpv4", "cidrIpv4", String),
    opt("CidrIpv6", "CidrIpv6", "cidrIpv6", String),
    opt("Description", "Description", "description", String),
    opt("FromPort", "FromPort", "fromPort", Integer),
    opt("GroupId", "GroupId", "groupId", String),
    opt("IpProtocol", "IpProtocol", "ipProtocol", String),
    opt("IsEgress", "IsEgress", "isEgress", Boolean),
    opt("PrefixListId", "PrefixListId", "prefixListId", String),
    opt("ReferencedGroupId", "ReferencedGroupId", "referencedGroupId", String),
    opt("SecurityGroupRuleId", "SecurityGroupRuleId", "securityGroupRuleId", String),
    opt("ToPort", "ToPort", "toPort", Integer),
]);
static REVOKED_SECURITY_GROUP_RULE_LIST: List = list(None, "item", s(&REVOKED_SECURITY_GROUP_RULE));
static ROOT_DEVICE_TYPE_LIST: List = list(None, "item", String);
static ROUTE: Structure = shape(&[
    opt("CarrierGatewayId", "CarrierGatewayId", "carrierGatewayId", String),
    opt("CoreNetworkArn", "CoreNetworkArn", "coreNetworkArn", String),
    opt("DestinationCidrBlock", "DestinationCidrBlock", "destinationCidrBlock", String),
    opt("DestinationIpv6CidrBlock", "DestinationIpv6CidrBlock", "destinationIpv6CidrBlock", String),
    opt("DestinationPrefixListId", "DestinationPrefixListId", "destinationPrefixListId", String),
    opt("EgressOnlyInternetGatewayId", "EgressOnlyInternetGatewayId", "egressOnlyInternetGatewayId", String),
    opt("GatewayId", "GatewayId", "gatewayId", String),
    opt("InstanceId", "InstanceId", "instanceId", String),
    opt("InstanceOwnerId", "InstanceOwnerId", "instanceOwnerId", String),
    opt("IpAddress", "IpAddress", "ipAddress", String),
    opt("LocalGatewayId", "LocalGatewayId", "localGatewayId", String),
    opt("NatGatewayId", "NatGatewayId", "natGatewayId", String),
    opt("NetworkInterfaceId", "NetworkInterfaceId", "networkInterfaceId", String),
    opt("OdbNetworkArn", "OdbNetworkArn", "odbNetworkArn", String),
    opt("Origin", "Origin", "origin", String),
    opt("State", "State", "state", String),
    opt("TransitGatewayId", "TransitGatewayId", "transitGatewayId", String),
    opt("VpcPeeringConnectionId", "VpcPeeringConnectionId", "vpcPeeringConnectionId", String),
]);
static ROUTE_LIST: List = list(None, "item", s(&ROUTE));
static ROUTE_TABLE: Structure = shape(&[
    opt("Associations", "AssociationSet", "associationSet", l(&ROUTE_TABLE_ASSOCIATION_LIST)),
    opt("OwnerId", "OwnerId", "ownerId", String),
    opt("PropagatingVgws", "PropagatingVgwSet", "propagatingVgwSet", l(&PROPAGATING_VGW_LIST)),
    opt("RouteTableId", "RouteTableId", "routeTableId", String),
    opt("Routes", "RouteSet", "routeSet", l(&ROUTE_LIST)),
    opt("Tags", "TagSet", "tagSet", l(&TAG_LIST)),
    opt("VpcId", "VpcId", "vpcId", String),
]);
static ROUTE_TABLE_ASSOCIATION: Structure = shape(&[
    opt("AssociationState", "AssociationState", "associationState", s(&ROUTE_TABLE_ASSOCIATION_STATE)),
    opt("GatewayId", "GatewayId", "gatewayId", String),
    opt("Main", "Main", "main", Boolean),
    opt("PublicIpv4Pool", "PublicIpv4Pool", "publicIpv4Pool", String),
    opt("RouteTableAssociationId", "RouteTableAssociationId", "routeTableAssociationId", String),
    opt("RouteTableId", "RouteTableId", "routeTableId", String),
    opt("SubnetId", "SubnetId", "subnetId", String),
]);
static ROUTE_TABLE_ASSOCIATION_LIST: List = list(None, "item", s(&ROUTE_TABLE_ASSOCIATION));
static ROUTE_TABLE_ASSOCIATION_STATE: Structure = shape(&[
    opt("State", "State", "state", String),
    opt("StatusMessage", "StatusMessage", "statusMessage", String),
]);
static ROUTE_TABLE_ID_STRING_LIST: List = list(None, "item", String);
static ROUTE_TABLE_LIST: List = list(None, "item", s(&ROUTE_TABLE));
static RULE_GROUP_RULE_OPTIONS_PAIR: Structure = shape(&[
    opt("RuleGroupArn", "RuleGroupArn", "ruleGroupArn", String),
    opt("RuleOptions", "RuleOptionSet", "ruleOptionSet", l(&RULE_OPTION_LIST)),
]);
static RULE_GROUP_RULE_OPTIONS_PAIR_LIST: List = list(None, "item", s(&RULE_GROUP_RULE_OPTIONS_PAIR));
static RULE_GROUP_TYPE_PAIR: Structure = shape(&[
    opt("RuleGroupArn", "RuleGroupArn", "ruleGroupArn", String),
    opt("RuleGroupType", "RuleGroupType", "ruleGroupType", String),
]);
static RULE_GROUP_TYPE_PAIR_LIST: List = list(None, "item", s(&RULE_GROUP_TYPE_PAIR));
static RULE_OPTION: Structure = shape(&[
    opt("Keyword", "Keyword", "keyword", String),
    opt("Settings", "SettingSet", "settingSet", l(&STRING_LIST)),
]);
static RULE_OPTION_LIST: List = list(None, "item", s(&RULE_OPTION));
static RUN_INSTANCES_MONITORING_ENABLED: Structure = shape(&[
    req("Enabled", "Enabled", "enabled", Boolean),
    opt("MetricCategoryIds", "MetricCategoryId", "MetricCategoryId", l(&METRIC_CATEGORY_ID_LIST)),
]);
static RUN_INSTANCES_REQUEST: Structure = shape(&[
    opt("AdditionalInfo", "AdditionalInfo", "additionalInfo", String),
    opt("BlockDeviceMappings", "BlockDeviceMapping", "BlockDeviceMapping", l(&BLOCK_DEVICE_MAPPING_REQUEST_LIST)),
    opt("CapacityReservationSpecification", "CapacityReservationSpecification", "CapacityReservationSpecification", s(&CAPACITY_RESERVATION_SPECIFICATION)),
    opt("ClientToken", "ClientToken", "clientToken", String),
    opt("CpuOptions", "CpuOptions", "CpuOptions", s(&CPU_OPTIONS_REQUEST)),
    opt("CreditSpecification", "CreditSpecification", "CreditSpecification", s(&CREDIT_SPECIFICATION_REQUEST)),
    opt("DisableApiStop", "DisableApiStop", "DisableApiStop", Boolean),
    opt("DisableApiTermination", "DisableApiTermination", "disableApiTermination", Boolean),
    opt("DryRun", "DryRun", "dryRun", Boolean),
    opt("EbsOptimized", "EbsOptimized", "ebsOptimized", Boolean),
    opt("ElasticGpuSpecification", "ElasticGpuSpecification", "ElasticGpuSpecification", l(&ELASTIC_GPU_SPECIFICATIONS)),
    opt("ElasticInferenceAccelerators", "ElasticInferenceAccelerator", "ElasticInferenceAccelerator", l(&ELASTIC_INFERENCE_ACCELERATORS)),
    opt("EnablePrimaryIpv6", "EnablePrimaryIpv6", "EnablePrimaryIpv6", Boolean),
    opt("EnclaveOptions", "EnclaveOptions", "EnclaveOptions", s(&ENCLAVE_OPTIONS_REQUEST)),
    opt("HibernationOptions", "HibernationOptions", "HibernationOptions", s(&HIBERNATION_OPTIONS_REQUEST)),
    opt("IamInstanceProfile", "IamInstanceProfile", "iamInstanceProfile", s(&IAM_INSTANCE_PROFILE_SPECIFICATION)),
    opt("ImageId", "ImageId", "ImageId", String),
    opt("InstanceInitiatedShutdownBehavior", "InstanceInitiatedShutdownBehavior", "instanceInitiatedShutdownBehavior", String),
    opt("InstanceMarketOptions", "InstanceMarketOptions", "InstanceMarketOptions", s(&INSTANCE_MARKET_OPTIONS_REQUEST)),
    opt("InstanceType", "InstanceType", "InstanceType", String),
    opt("Ipv6AddressCount", "Ipv6AddressCount", "Ipv6AddressCount", Integer),
    opt("Ipv6Addresses", "Ipv6Address", "Ipv6Address", l(&INSTANCE_IPV6_ADDRESS_LIST)),
    opt("KernelId", "KernelId", "KernelId", String),
    opt("KeyName", "KeyName", "KeyName", String),
    opt("LaunchTemplate", "LaunchTemplate", "LaunchTemplate", s(&LAUNCH_TEMPLATE_SPECIFICATION)),
    opt("LicenseSpecifications", "LicenseSpecification", "LicenseSpecification", l(&LICENSE_SPECIFICATION_LIST_REQUEST)),
    opt("MaintenanceOptions", "MaintenanceOptions", "MaintenanceOptions", s(&INSTANCE_MAINTENANCE_OPTIONS_REQUEST)),
    req("MaxCount", "MaxCount", "MaxCount", Integer),
    opt("MetadataOptions", "MetadataOptions", "MetadataOptions", s(&INSTANCE_METADATA_OPTIONS_REQUEST)),
    req("MinCount", "MinCount", "MinCount", Integer),
    opt("Monitoring", "Monitoring", "Monitoring", s(&RUN_INSTANCES_MONITORING_ENABLED)),
    opt("NetworkInterfaces", "NetworkInterface", "networkInterface", l(&INSTANCE_NETWORK_INTERFACE_SPECIFICATION_LIST)),
    opt("NetworkPerformanceOptions", "NetworkPerformanceOptions", "NetworkPerformanceOptions", s(&INSTANCE_NETWORK_PERFORMANCE_OPTIONS_REQUEST)),
    opt("Operator", "Operator", "Operator", s(&OPERATOR_REQUEST)),
    opt("Placement", "Placement", "Placement", s(&PLACEMENT)),
    opt("PrivateDnsNameOptions", "PrivateDnsNameOptions", "PrivateDnsNameOptions", s(&PRIVATE_DNS_NAME_OPTIONS_REQUEST)),
    opt("PrivateIpAddress", "PrivateIpAddress", "privateIpAddress", String),
    opt("RamdiskId", "RamdiskId", "RamdiskId", String),
    opt("SecondaryInterfaces", "SecondaryInterface", "SecondaryInterface", l(&INSTANCE_SECONDARY_INTERFACE_SPECIFICATION_LIST_REQUEST)),
    opt("SecurityGroupIds", "SecurityGroupId", "SecurityGroupId", l(&SECURITY_GROUP_ID_STRING_LIST)),
    opt("SecurityGroups", "SecurityGroup", "SecurityGroup", l(&SECURITY_GROUP_STRING_LIST)),
    opt("SubnetId", "SubnetId", "SubnetId", String),
    opt("TagSpecifications", "TagSpecification", "TagSpecification", l(&TAG_SPECIFICATION_LIST)),
    opt("UserData", "UserData", "UserData", String),
]);
static SCAN_RESULTS: Structure = shape(&[
    opt("CriticalFixAvailableSince", "CriticalFixAvailableSince", "criticalFixAvailableSince", Timestamp),
    opt("FindingScanDate", "FindingScanDate", "findingScanDate", Timestamp),
    opt("HighFixAvailableSince", "HighFixAvailableSince", "highFixAvailableSince", Timestamp),
    opt("HighestFindingSeverityLabel", "HighestFindingSeverityLabel", "highestFindingSeverityLabel", String),
    opt("InformationalFixAvailableSince", "InformationalFixAvailableSince", "informationalFixAvailableSince", Timestamp),
    opt("LowFixAvailableSince", "LowFixAvailableSince", "lowFixAvailableSince", Timestamp),
    opt("MediumFixAvailableSince", "MediumFixAvailableSince", "mediumFixAvailableSince", Timestamp),
]);
static SECURE_BLOB_ATTRIBUTE_VALUE: Structure = shape(&[
    opt("Value", "Value", "value", Blob),
]);
static SECURITY_GROUP: Structure = shape(&[
    opt("Description", "GroupDescription", "groupDescription", String),
    opt("GroupId", "GroupId", "groupId", String),
    opt("GroupName", "GroupName", "groupName", String),
    opt("IpPermissions", "IpPermissions", "ipPermissions", l(&IP_PERMISSION_LIST)),
    opt("IpPermissionsEgress", "IpPermissionsEgress", "ipPermissionsEgress", l(&IP_PERMISSION_LIST)),
    opt("OwnerId", "OwnerId", "ownerId", String),
    opt("SecurityGroupArn", "SecurityGroupArn", "securityGroupArn", String),
    opt("Tags", "TagSet", "tagSet", l(&TAG_LIST)),
    opt("VpcId", "VpcId", "vpcId", String),
]);
static SECURITY_GROUP_FOR_VPC: Structure = shape(&[
    opt("Description", "Description", "description", String),
    opt("GroupId", "GroupId", "groupId", String),
    opt("GroupName", "GroupName", "groupName", String),
    opt("OwnerId", "OwnerId", "ownerId", String),
    opt("PrimaryVpcId", "PrimaryVpcId", "primaryVpcId", String),
    opt("Tags", "TagSet", "tagSet", l(&TAG_LIST)),
]);
static SECURITY_GROUP_FOR_VPC_LIST: List = list(None, "item", s(&SECURITY_GROUP_FOR_VPC));
static SECURITY_GROUP_ID_STRING_LIST: List = list(None, "SecurityGroupId", String);
static SECURITY_GROUP_IDENTIFIER: Structure = shape(&[
    opt("GroupId", "GroupId", "groupId", String),
    opt("GroupName", "GroupName", "groupName", String),
]);
static SECURITY_GROUP_LIST: List = list(None, "item", s(&SECURITY_GROUP));
static SECURITY_GROUP_REFERENCE: Structure = shape(&[
    opt("GroupId", "GroupId", "groupId", String),
    opt("ReferencingVpcId", "ReferencingVpcId", "referencingVpcId", String),
    opt("TransitGatewayId", "TransitGatewayId", "transitGatewayId", String),
    opt("VpcPeeringConnectionId", "VpcPeeringConnectionId", "vpcPeeringConnectionId", String),
]);
static SECURITY_GROUP_REFERENCES: List = list(None, "item", s(&SECURITY_GROUP_REFERENCE));
static SECURITY_GROUP_RULE: Structure = shape(&[
    opt("CidrIpv4", "CidrIpv4", "cidrIpv4", String),
    opt("CidrIpv6", "CidrIpv6", "cidrIpv6", String),
    opt("Description", "Description", "description", String),
    opt("FromPort", "FromPort", "fromPort", Integer),
    opt("GroupId", "GroupId", "groupId", String),
    opt("GroupOwnerId", "GroupOwnerId", "groupOwnerId", String),
    opt("IpProtocol", "IpProtocol", "ipProtocol", String),
    opt("IsEgress", "IsEgress", "isEgress", Boolean),
    opt("PrefixListId", "PrefixListId", "prefixListId", String),
    opt("ReferencedGroupInfo", "ReferencedGroupInfo", "referencedGroupInfo", s(&REFERENCED_SECURITY_GROUP)),
    opt("SecurityGroupRuleArn", "SecurityGroupRuleArn", "securityGroupRuleArn", String),
    opt("SecurityGroupRuleId", "SecurityGroupRuleId", "securityGroupRuleId", String),
    opt("Tags", "TagSet", "tagSet", l(&TAG_LIST)),
    opt("ToPort", "ToPort", "toPort", Integer),
]);
static SECURITY_GROUP_RULE_DESCRIPTION: Structure = shape(&[
    opt("Description", "Description", "Description", String),
    opt("SecurityGroupRuleId", "SecurityGroupRuleId", "SecurityGroupRuleId", String),
]);
static SECURITY_GROUP_RULE_DESCRIPTION_LIST: List = list(None, "item", s(&SECURITY_GROUP_RULE_DESCRIPTION));
static SECURITY_GROUP_RULE_ID_LIST: List = list(None, "item", String);
static SECURITY_GROUP_RULE_LIST: List = list(None, "item", s(&SECURITY_GROUP_RULE));
static SECURITY_GROUP_RULE_REQUEST: Structure = shape(&[
    opt("CidrIpv4", "CidrIpv4", "CidrIpv4", String),
    opt("CidrIpv6", "CidrIpv6", "CidrIpv6", String),
    opt("Description", "Description", "Description", String),
    opt("FromPort", "FromPort", "FromPort", Integer),
    opt("IpProtocol", "IpProtocol", "IpProtocol", String),
    opt("PrefixListId", "PrefixListId", "PrefixListId", String),
    opt("ReferencedGroupId", "ReferencedGroupId", "ReferencedGroupId", String),
    opt("ToPort", "ToPort", "ToPort", Integer),
]);
static SECURITY_GROUP_RULE_UPDATE: Structure = shape(&[
    opt("SecurityGroupRule", "SecurityGroupRule", "SecurityGroupRule", s(&SECURITY_GROUP_RULE_REQUEST)),
    req("SecurityGroupRuleId", "SecurityGroupRuleId", "SecurityGroupRuleId", String),
]);
static SECURITY_GROUP_RULE_UPDATE_LIST: List = list(None, "item", s(&SECURITY_GROUP_RULE_UPDATE));
static SECURITY_GROUP_STRING_LIST: List = list(None, "SecurityGroup", String);
static SERVICE_CONFIGURATION: Structure = shape(&[
    opt("AcceptanceRequired", "AcceptanceRequired", "acceptanceRequired", Boolean),
    opt("AvailabilityZoneIds", "AvailabilityZoneIdSet", "availabilityZoneIdSet", l(&VALUE_STRING_LIST)),
    opt("AvailabilityZones", "AvailabilityZoneSet", "availabilityZoneSet", l(&VALUE_STRING_LIST)),
    opt("BaseEndpointDnsNames", "BaseEndpointDnsNameSet", "baseEndpointDnsNameSet", l(&VALUE_STRING_LIST)),
    opt("GatewayLoadBalancerArns", "GatewayLoadBalancerArnSet", "gatewayLoadBalancerArnSet", l(&VALUE_STRING_LIST)),
    opt("ManagesVpcEndpoints", "ManagesVpcEndpoints", "managesVpcEndpoints", Boolean),
    opt("NetworkLoadBalancerArns", "NetworkLoadBalancerArnSet", "networkLoadBalancerArnSet", l(&VALUE_STRING_LIST)),
    opt("PayerResponsibility", "PayerResponsibility", "payerResponsibility", String),
    opt("PrivateDnsName", "PrivateDnsName", "privateDnsName", String),
    opt("PrivateDnsNameConfiguration", "PrivateDnsNameConfiguration", "privateDnsNameConfiguration", s(&PRIVATE_DNS_NAME_CONFIGURATION)),
    opt("RemoteAccessEnabled", "RemoteAccessEnabled", "remoteAccessEnabled", Boolean),
    opt("ServiceId", "ServiceId", "serviceId", String),
    opt("ServiceName", "ServiceName", "serviceName", String),
    opt("ServiceState", "ServiceState", "serviceState", String),
    opt("ServiceType", "ServiceType", "serviceType", l(&SERVICE_TYPE_DETAIL_SET)),
    opt("SupportedIpAddressTypes", "SupportedIpAddressTypeSet", "supportedIpAddressTypeSet", l(&SUPPORTED_IP_ADDRESS_TYPES)),
    opt("SupportedRegions", "SupportedRegionSet", "supportedRegionSet", l(&SUPPORTED_REGION_SET)),
    opt("Tags", "TagSet", "tagSet", l(&TAG_LIST)),
]);
static SERVICE_CONFIGURATION_SET: List = list(None, "item", s(&SERVICE_CONFIGURATION));
static SERVICE_DETAIL: Structure = shape(&[
    opt("AcceptanceRequired", "AcceptanceRequired", "acceptanceRequired", Boolean),
    opt("AvailabilityZoneIds", "AvailabilityZoneIdSet", "availabilityZoneIdSet", l(&VALUE_STRING_LIST)),
    opt("AvailabilityZones", "AvailabilityZoneSet", "availabilityZoneSet", l(&VALUE_STRING_LIST)),
    opt("BaseEndpointDnsNames", "BaseEndpointDnsNameSet", "baseEndpointDnsNameSet", l(&VALUE_STRING_LIST)),
    opt("ManagesVpcEndpoints", "ManagesVpcEndpoints", "managesVpcEndpoints", Boolean),
    opt("Owner", "Owner", "owner", String),
    opt("PayerResponsibility", "PayerResponsibility", "payerResponsibility", String),
    opt("PrivateDnsName", "PrivateDnsName", "privateDnsName", String),
    opt("PrivateDnsNameVerificationState", "PrivateDnsNameVerificationState", "privateDnsNameVerificationState", String),
    opt("PrivateDnsNames", "PrivateDnsNameSet", "privateDnsNameSet", l(&PRIVATE_DNS_DETAILS_SET)),
    opt("ServiceId", "ServiceId", "serviceId", String),
    opt("ServiceName", "ServiceName", "serviceName", String),
    opt("ServiceRegion", "ServiceRegion", "serviceRegion", String),
    opt("ServiceType", "ServiceType", "serviceType", l(&SERVICE_TYPE_DETAIL_SET)),
    opt("SupportedIpAddressTypes", "SupportedIpAddressTypeSet", "supportedIpAddressTypeSet", l(&SUPPORTED_IP_ADDRESS_TYPES)),
    opt("Tags", "TagSet", "tagSet", l(&TAG_LIST)),
    opt("VpcEndpointPolicySupported", "VpcEndpointPolicySupported", "vpcEndpointPolicySupported", Boolean),
]);
static SERVICE_DETAIL_SET: List = list(None, "item", s(&SERVICE_DETAIL));
static SERVICE_TYPE_DETAIL: Structure = shape(&[
    opt("ServiceType", "ServiceType", "serviceType", String),
]);
static SERVICE_TYPE_DETAIL_SET: List = list(None, "item", s(&SERVICE_TYPE_DETAIL));
static SPOT_MARKET_OPTIONS: Structure = shape(&[
    opt("BlockDurationMinutes", "BlockDurationMinutes", "BlockDurationMinutes", Integer),
    opt("InstanceInterruptionBehavior", "InstanceInterruptionBehavior", "InstanceInterruptionBehavior", String),
    opt("MaxPrice", "MaxPrice", "MaxPrice", String),
    opt("SpotInstanceType", "SpotInstanceType", "SpotInstanceType", String),
    opt("ValidUntil", "ValidUntil", "ValidUntil", Timestamp),
]);
static STALE_IP_PERMISSION: Structure = shape(&[
    opt("FromPort", "FromPort", "fromPort", Integer),
    opt("IpProtocol", "IpProtocol", "ipProtocol", String),
    opt("IpRanges", "IpRanges", "ipRanges", l(&IP_RANGES)),
    opt("PrefixListIds", "PrefixListIds", "prefixListIds", l(&PREFIX_LIST_ID_SET)),
    opt("ToPort", "ToPort", "toPort", Integer),
    opt("UserIdGroupPairs", "Groups", "groups", l(&USER_ID_GROUP_PAIR_SET)),
]);
static STALE_IP_PERMISSION_SET: List = list(None, "item", s(&STALE_IP_PERMISSION));
static STALE_SECURITY_GROUP: Structure = shape(&[
    opt("Description", "Description", "description", String),
    opt("GroupId", "GroupId", "groupId", String),
    opt("GroupName", "GroupName", "groupName", String),
    opt("StaleIpPermissions", "StaleIpPermissions", "staleIpPermissions", l(&STALE_IP_PERMISSION_SET)),
    opt("StaleIpPermissionsEgress", "StaleIpPermissionsEgress", "staleIpPermissionsEgress", l(&STALE_IP_PERMISSION_SET)),
    opt("VpcId", "VpcId", "vpcId", String),
]);
static STALE_SECURITY_GROUP_SET: List = list(None, "item", s(&STALE_SECURITY_GROUP));
static START_INSTANCES_REQUEST: Structure = shape(&[
    opt("AdditionalInfo", "AdditionalInfo", "additionalInfo", String),
    opt("DryRun", "DryRun", "dryRun", Boolean),
    req("InstanceIds", "InstanceId", "InstanceId", l(&INSTANCE_ID_STRING_LIST)),
]);
static START_INSTANCES_RESULT: Structure = shape(&[
    opt("StartingInstances", "InstancesSet", "instancesSet", l(&INSTANCE_STATE_CHANGE_LIST)),
]);
static START_NETWORK_INSIGHTS_ANALYSIS_REQUEST: Structure = shape(&[
    opt("AdditionalAccounts", "AdditionalAccount", "AdditionalAccount", l(&VALUE_STRING_LIST)),
    req("ClientToken", "ClientToken", "ClientToken", String),
    opt("DryRun", "DryRun", "DryRun", Boolean),
    opt("FilterInArns", "FilterInArn", "FilterInArn", l(&ARN_LIST)),
    opt("FilterOutArns", "FilterOutArn", "FilterOutArn", l(&ARN_LIST)),
    req("NetworkInsightsPathId", "NetworkInsightsPathId", "NetworkInsightsPathId", String),
    opt("TagSpecifications", "TagSpecification", "TagSpecification", l(&TAG_SPECIFICATION_LIST)),
]);
static START_NETWORK_INSIGHTS_ANALYSIS_RESULT: Structure = shape(&[
    opt("NetworkInsightsAnalysis", "NetworkInsightsAnalysis", "networkInsightsAnalysis", s(&NETWORK_INSIGHTS_ANALYSIS)),
]);
static START_VPC_ENDPOINT_SERVICE_PRIVATE_DNS_VERIFICATION_REQUEST: Structure = shape(&[
    opt("DryRun", "DryRun", "DryRun", Boolean),
    req("ServiceId", "ServiceId", "ServiceId", String),
]);
static START_VPC_ENDPOINT_SERVICE_PRIVATE_DNS_VERIFICATION_RESULT: Structure = shape(&[
    opt("ReturnValue", "Return", "return", Boolean),
]);
static STATE_REASON: Structure = shape(&[
    opt("Code", "Code", "code", String),
    opt("Message", "Message", "message", String),
]);
static STOP_INSTANCES_REQUEST: Structure = shape(&[
    opt("DryRun", "DryRun", "dryRun", Boolean),
    opt("Force", "Force", "force", Boolean),
    opt("Hibernate", "Hibernate", "Hibernate", Boolean),
    req("InstanceIds", "InstanceId", "InstanceId", l(&INSTANCE_ID_STRING_LIST)),
    opt("SkipOsShutdown", "SkipOsShutdown", "SkipOsShutdown", Boolean),
]);
static STOP_INSTANCES_RESULT: Structure = shape(&[
    opt("StoppingInstances", "InstancesSet", "instancesSet", l(&INSTANCE_STATE_CHANGE_LIST)),
]);
static STRING_LIST: List = list(None, "item", String);
static SUBNET: Structure = shape(&[
    opt("AssignIpv6AddressOnCreation", "AssignIpv6AddressOnCreation", "assignIpv6AddressOnCreation", Boolean),
    opt("AvailabilityZone", "AvailabilityZone", "availabilityZone", String),
    opt("AvailabilityZoneId", "AvailabilityZoneId", "availabilityZoneId", String),
    opt("AvailableIpAddressCount", "AvailableIpAddressCount", "availableIpAddressCount", Integer),
    opt("BlockPublicAccessStates", "BlockPublicAccessStates", "blockPublicAccessStates", s(&BLOCK_PUBLIC_ACCESS_STATES)),
    opt("CidrBlock", "CidrBlock", "cidrBlock", String),
    opt("CustomerOwnedIpv4Pool", "CustomerOwnedIpv4Pool", "customerOwnedIpv4Pool", String),
    opt("DefaultForAz", "DefaultForAz", "defaultForAz", Boolean),
    opt("EnableDns64", "EnableDns64", "enableDns64", Boolean),
    opt("EnableLniAtDeviceIndex", "EnableLniAtDeviceIndex", "enableLniAtDeviceIndex", Integer),
    opt("Ipv6CidrBlockAssociationSet", "Ipv6CidrBlockAssociationSet", "ipv6CidrBlockAssociationSet", l(&SUBNET_IPV6_CIDR_BLOCK_ASSOCIATION_SET)),
    opt("Ipv6Native", "Ipv6Native", "ipv6Native", Boolean),
    opt("MapCustomerOwnedIpOnLaunch", "MapCustomerOwnedIpOnLaunch", "mapCustomerOwnedIpOnLaunch", Boolean),
    opt("MapPublicIpOnLaunch", "MapPublicIpOnLaunch", "mapPublicIpOnLaunch", Boolean),
    opt("OutpostArn", "OutpostArn", "outpostArn", String),
    opt("OwnerId", "OwnerId", "ownerId", String),
    opt("PrivateDnsNameOptionsOnLaunch", "PrivateDnsNameOptionsOnLaunch", "privateDnsNameOptionsOnLaunch", s(&PRIVATE_DNS_NAME_OPTIONS_ON_LAUNCH)),
    opt("State", "State", "state", String),
    opt("SubnetArn", "SubnetArn", "subnetArn", String),
    opt("SubnetId", "SubnetId", "subnetId", String),
    opt("Tags", "TagSet", "tagSet", l(&TAG_LIST)),
    opt("Type", "Type", "type", String),
    opt("VpcId", "VpcId", "vpcId", String),
]);
static SUBNET_CIDR_BLOCK_STATE: Structure = shape(&[
    opt("State", "State", "state", String),
    opt("StatusMessage", "StatusMessage", "statusMessage", String),
]);
static SUBNET_CIDR_RESERVATION: Structure = shape(&[
    opt("Cidr", "Cidr", "cidr", String),
    opt("Description", "Description", "description", String),
    opt("OwnerId", "OwnerId", "ownerId", String),
    opt("ReservationType", "ReservationType", "reservationType", String),
    opt("SubnetCidrReservationId", "SubnetCidrReservationId", "subnetCidrReservationId", String),
    opt("SubnetId", "SubnetId", "subnetId", String),
    opt("Tags", "TagSet", "tagSet", l(&TAG_LIST)),
]);
static SUBNET_CIDR_RESERVATION_LIST: List = list(None, "item", s(&SUBNET_CIDR_RESERVATION));
static SUBNET_CONFIGURATION: Structure = shape(&[
    opt("Ipv4", "Ipv4", "Ipv4", String),
    opt("Ipv6", "Ipv6", "Ipv6", String),
    opt("SubnetId", "SubnetId", "SubnetId", String),
]);
static SUBNET_CONFIGURATIONS_LIST: List = list(None, "item", s(&SUBNET_CONFIGURATION));
static SUBNET_ID_LIST: List = list(None, "AssociatedSubnetId", String);
static SUBNET_ID_STRING_LIST: List = list(None, "SubnetId", String);
static SUBNET_IP_PREFIXES: Structure = shape(&[
    opt("IpPrefixes", "IpPrefixSet", "ipPrefixSet", l(&VALUE_STRING_LIST)),
    opt("SubnetId", "SubnetId", "subnetId", String),
]);
static SUBNET_IP_PREFIXES_LIST: List = list(None, "item", s(&SUBNET_IP_PREFIXES));
static SUBNET_IPV6_CIDR_BLOCK_ASSOCIATION: Structure = shape(&[
    opt("AssociationId", "AssociationId", "associationId", String),
    opt("IpSource", "IpSource", "ipSource", String),
    opt("Ipv6AddressAttribute", "Ipv6AddressAttribute", "ipv6AddressAttribute", String),
    opt("Ipv6CidrBlock", "Ipv6CidrBlock", "ipv6CidrBlock", String),
    opt("Ipv6CidrBlockState", "Ipv6CidrBlockState", "ipv6CidrBlockState", s(&SUBNET_CIDR_BLOCK_STATE)),
]);
static SUBNET_IPV6_CIDR_BLOCK_ASSOCIATION_SET: List = list(None, "item", s(&SUBNET_IPV6_CIDR_BLOCK_ASSOCIATION));
static SUBNET_LIST: List = list(None, "item", s(&SUBNET));
static SUPPORTED_ADDITIONAL_PROCESSOR_FEATURE_LIST: List = list(None, "item", String);
static SUPPORTED_INSTANCE_TYPE_SET: List = list(None, "item", s(&INSTANCE_TYPE_ITEM));
static SUPPORTED_IP_ADDRESS_TYPES: List = list(None, "item", String);
static SUPPORTED_REGION_DETAIL: Structure = shape(&[
    opt("Region", "Region", "region", String),
    opt("ServiceState", "ServiceState", "serviceState", String),
]);
static SUPPORTED_REGION_SET: List = list(None, "item", s(&SUPPORTED_REGION_DETAIL));
static TAG: Structure = shape(&[
    opt("Key", "Key", "key", String),
    opt("Value", "Value", "value", String),
]);
static TAG_DESCRIPTION: Structure = shape(&[
    opt("Key", "Key", "key", String),
    opt("ResourceId", "ResourceId", "resourceId", String),
    opt("ResourceType", "ResourceType", "resourceType", String),
    opt("Value", "Value", "value", String),
]);
static TAG_DESCRIPTION_LIST: List = list(None, "item", s(&TAG_DESCRIPTION));
static TAG_FIELD_SPECIFICATION_LIST_REQUEST: List = list(None, "item", s(&TAG_FIELD_SPECIFICATION_REQUEST));
static TAG_FIELD_SPECIFICATION_LIST_RESPONSE: List = list(None, "item", s(&TAG_FIELD_SPECIFICATION_RESPONSE));
static TAG_FIELD_SPECIFICATION_REQUEST: Structure = shape(&[
    opt("ResourceType", "ResourceType", "ResourceType", String),
    opt("TagKeys", "TagKey", "TagKey", l(&TAG_KEY_LIST)),
]);
static TAG_FIELD_SPECIFICATION_RESPONSE: Structure = shape(&[
    opt("ResourceType", "ResourceType", "resourceType", String),
    opt("TagKeys", "TagKeySet", "tagKeySet", l(&TAG_KEY_LIST)),
]);
static TAG_KEY_LIST: List = list(None, "item", String);
static TAG_LIST: List = list(None, "item", s(&TAG));
static TAG_SPECIFICATION: Structure = shape(&[
    opt("ResourceType", "ResourceType", "resourceType", String),
    opt("Tags", "Tag", "Tag", l(&TAG_LIST)),
]);
static TAG_SPECIFICATION_LIST: List = list(None, "item", s(&TAG_SPECIFICATION));
static TERMINATE_INSTANCES_REQUEST: Structure = shape(&[
    opt("DryRun", "DryRun", "dryRun", Boolean),
    opt("Force", "Force", "Force", Boolean),
    req("InstanceIds", "InstanceId", "InstanceId", l(&INSTANCE_ID_STRING_LIST)),
    opt("SkipOsShutdown", "SkipOsShutdown", "SkipOsShutdown", Boolean),
]);
static TERMINATE_INSTANCES_RESULT: Structure = shape(&[
    opt("TerminatingInstances", "InstancesSet", "instancesSet", l(&INSTANCE_STATE_CHANGE_LIST)),
]);
static THREADS_PER_CORE_LIST: List = list(None, "item", Integer);
static TRANSIT_GATEWAY_ATTACHMENT_ID_LIST: List = list(None, "item", String);
static TRANSIT_GATEWAY_ROUTE_TABLE_ROUTE: Structure = shape(&[
    opt("AttachmentId", "AttachmentId", "attachmentId", String),
    opt("DestinationCidr", "DestinationCidr", "destinationCidr", String),
    opt("PrefixListId", "PrefixListId", "prefixListId", String),
    opt("ResourceId", "ResourceId", "resourceId", String),
    opt("ResourceType", "ResourceType", "resourceType", String),
    opt("RouteOrigin", "RouteOrigin", "routeOrigin", String),
    opt("State", "State", "state", String),
]);
static UNASSIGN_IPV6_ADDRESSES_REQUEST: Structure = shape(&[
    opt("Ipv6Addresses", "Ipv6Addresses", "ipv6Addresses", l(&IPV6_ADDRESS_LIST)),
    opt("Ipv6Prefixes", "Ipv6Prefix", "Ipv6Prefix", l(&IP_PREFIX_LIST)),
    req("NetworkInterfaceId", "NetworkInterfaceId", "networkInterfaceId", String),
]);
static UNASSIGN_IPV6_ADDRESSES_RESULT: Structure = shape(&[
    opt("NetworkInterfaceId", "NetworkInterfaceId", "networkInterfaceId", String),
    opt("UnassignedIpv6Addresses", "UnassignedIpv6Addresses", "unassignedIpv6Addresses", l(&IPV6_ADDRESS_LIST)),
    opt("UnassignedIpv6Prefixes", "UnassignedIpv6PrefixSet", "unassignedIpv6PrefixSet", l(&IP_PREFIX_LIST)),
]);
static UNASSIGN_PRIVATE_IP_ADDRESSES_REQUEST: Structure = shape(&[
    opt("Ipv4Prefixes", "Ipv4Prefix", "Ipv4Prefix", l(&IP_PREFIX_LIST)),
    req("NetworkInterfaceId", "NetworkInterfaceId", "networkInterfaceId", String),
    opt("PrivateIpAddresses", "PrivateIpAddress", "privateIpAddress", l(&PRIVATE_IP_ADDRESS_STRING_LIST)),
]);
static UNASSIGN_PRIVATE_NAT_GATEWAY_ADDRESS_REQUEST: Structure = shape(&[
    opt("DryRun", "DryRun", "DryRun", Boolean),
    opt("MaxDrainDurationSeconds", "MaxDrainDurationSeconds", "MaxDrainDurationSeconds", Integer),
    req("NatGatewayId", "NatGatewayId", "NatGatewayId", String),
    req("PrivateIpAddresses", "PrivateIpAddress", "PrivateIpAddress", l(&IP_LIST)),
]);
static UNASSIGN_PRIVATE_NAT_GATEWAY_ADDRESS_RESULT: Structure = shape(&[
    opt("NatGatewayAddresses", "NatGatewayAddressSet", "natGatewayAddressSet", l(&NAT_GATEWAY_ADDRESS_LIST)),
    opt("NatGatewayId", "NatGatewayId", "natGatewayId", String),
]);
static UNSUCCESSFUL_ITEM: Structure = shape(&[
    opt("Error", "Error", "error", s(&UNSUCCESSFUL_ITEM_ERROR)),
    opt("ResourceId", "ResourceId", "resourceId", String),
]);
static UNSUCCESSFUL_ITEM_ERROR: Structure = shape(&[
    opt("Code", "Code", "code", String),
    opt("Message", "Message", "message", String),
]);
static UNSUCCESSFUL_ITEM_SET: List = list(None, "item", s(&UNSUCCESSFUL_ITEM));
static UNSUPPORTED_INSTANCE_TYPE_SET: List = list(None, "item", s(&INSTANCE_TYPE_ITEM));
static UPDATE_SECURITY_GROUP_RULE_DESCRIPTIONS_EGRESS_REQUEST: Structure = shape(&[
    opt("DryRun", "DryRun", "DryRun", Boolean),
    opt("GroupId", "GroupId", "GroupId", String),
    opt("GroupName", "GroupName", "GroupName", String),
    opt("IpPermissions", "IpPermissions", "IpPermissions", l(&IP_PERMISSION_LIST)),
    opt("SecurityGroupRuleDescriptions", "SecurityGroupRuleDescription", "SecurityGroupRuleDescription", l(&SECURITY_GROUP_RULE_DESCRIPTION_LIST)),
]);
static UPDATE_SECURITY_GROUP_RULE_DESCRIPTIONS_EGRESS_RESULT: Structure = shape(&[
    opt("Return", "Return", "return", Boolean),
]);
static UPDATE_SECURITY_GROUP_RULE_DESCRIPTIONS_INGRESS_REQUEST: Structure = shape(&[
    opt("DryRun", "DryRun", "DryRun", Boolean),
    opt("GroupId", "GroupId", "GroupId", String),
    opt("GroupName", "GroupName", "GroupName", String),
    opt("IpPermissions", "IpPermissions", "IpPermissions", l(&IP_PERMISSION_LIST)),
    opt("SecurityGroupRuleDescriptions", "SecurityGroupRuleDescription", "SecurityGroupRuleDescription", l(&SECURITY_GROUP_RULE_DESCRIPTION_LIST)),
]);
static UPDATE_SECURITY_GROUP_RULE_DESCRIPTIONS_INGRESS_RESULT: Structure = shape(&[
    opt("Return", "Return", "return", Boolean),
]);
static USAGE_CLASS_TYPE_LIST: List = list(None, "item", String);
static USER_ID_GROUP_PAIR: Structure = shape(&[
    opt("Description", "Description", "description", String),
    opt("GroupId", "GroupId", "groupId", String),
    opt("GroupName", "GroupName", "groupName", String),
    opt("PeeringStatus", "PeeringStatus", "peeringStatus", String),
    opt("UserId", "UserId", "userId", String),
    opt("VpcId", "VpcId", "vpcId", String),
    opt("VpcPeeringConnectionId", "VpcPeeringConnectionId", "vpcPeeringConnectionId", String),
]);
static USER_ID_GROUP_PAIR_LIST: List = list(None, "item", s(&USER_ID_GROUP_PAIR));
static USER_ID_GROUP_PAIR_SET: List = list(None, "item", s(&USER_ID_GROUP_PAIR));
static V_CPU_INFO: Structure = shape(&[
    opt("DefaultCores", "DefaultCores", "defaultCores", Integer),
    opt("DefaultThreadsPerCore", "DefaultThreadsPerCore", "defaultThreadsPerCore", Integer),
    opt("DefaultVCpus", "DefaultVCpus", "defaultVCpus", Integer),
    opt("ValidCores", "ValidCores", "validCores", l(&CORE_COUNT_LIST)),
    opt("ValidThreadsPerCore", "ValidThreadsPerCore", "validThreadsPerCore", l(&THREADS_PER_CORE_LIST)),
]);
static VALUE_STRING_LIST: List = list(None, "item", String);
static VIRTUALIZATION_TYPE_LIST: List = list(None, "item", String);
static VOLUME: Structure = shape(&[
    opt("Attachments", "AttachmentSet", "attachmentSet", l(&VOLUME_ATTACHMENT_LIST)),
    opt("AvailabilityZone", "AvailabilityZone", "availabilityZone", String),
    opt("AvailabilityZoneId", "AvailabilityZoneId", "availabilityZoneId", String),
    opt("CreateTime", "CreateTime", "createTime", Timestamp),
    opt("Encrypted", "Encrypted", "encrypted", Boolean),
    opt("FastRestored", "FastRestored", "fastRestored", Boolean),
    opt("Iops", "Iops", "iops", Integer),
    opt("KmsKeyId", "KmsKeyId", "kmsKeyId", String),
    opt("MultiAttachEnabled", "MultiAttachEnabled", "multiAttachEnabled", Boolean),
    opt("Operator", "Operator", "operator", s(&OPERATOR_RESPONSE)),
    opt("OutpostArn", "OutpostArn", "outpostArn", String),
    opt("OwnerId", "OwnerId", "ownerId", String),
    opt("Size", "Size", "size", Integer),
    opt("SnapshotId", "SnapshotId", "snapshotId", String),
    opt("SourceVolumeId", "SourceVolumeId", "sourceVolumeId", String),
    opt("SseType", "SseType", "sseType", String),
    opt("State", "Status", "status", String),
    opt("Tags", "TagSet", "tagSet", l(&TAG_LIST)),
    opt("Throughput", "Throughput", "throughput", Integer),
    opt("VolumeArn", "VolumeArn", "volumeArn", String),
    opt("VolumeId", "VolumeId", "volumeId", String),
    opt("VolumeInitializationRate", "VolumeInitializationRate", "volumeInitializationRate", Integer),
    opt("VolumeType", "VolumeType", "volumeType", String),
]);
static VOLUME_ATTACHMENT: Structure = shape(&[
    opt("AssociatedResource", "AssociatedResource", "associatedResource", String),
    opt("AttachTime", "AttachTime", "attachTime", Timestamp),
    opt("DeleteOnTermination", "DeleteOnTermination", "deleteOnTermination", Boolean),
    opt("Device", "Device", "device", String),
    opt("EbsCardIndex", "EbsCardIndex", "ebsCardIndex", Integer),
    opt("InstanceId", "InstanceId", "instanceId", String),
    opt("InstanceOwningService", "InstanceOwningService", "instanceOwningService", String),
    opt("State", "Status", "status", String),
    opt("VolumeId", "VolumeId", "volumeId", String),
]);
static VOLUME_ATTACHMENT_LIST: List = list(None, "item", s(&VOLUME_ATTACHMENT));
static VOLUME_ID_STRING_LIST: List = list(None, "VolumeId", String);
static VOLUME_LIST: List = list(None, "item", s(&VOLUME));
static VPC: Structure = shape(&[
    opt("BlockPublicAccessStates", "BlockPublicAccessStates", "blockPublicAccessStates", s(&BLOCK_PUBLIC_ACCESS_STATES)),
    opt("CidrBlock", "CidrBlock", "cidrBlock", String),
    opt("CidrBlockAssociationSet", "CidrBlockAssociationSet", "cidrBlockAssociationSet", l(&VPC_CIDR_BLOCK_ASSOCIATION_SET)),
    opt("DhcpOptionsId", "DhcpOptionsId", "dhcpOptionsId", String),
    opt("EncryptionControl", "EncryptionControl", "encryptionControl", s(&VPC_ENCRYPTION_CONTROL)),
    opt("InstanceTenancy", "InstanceTenancy", "instanceTenancy", String),
    opt("Ipv6CidrBlockAssociationSet", "Ipv6CidrBlockAssociationSet", "ipv6CidrBlockAssociationSet", l(&VPC_IPV6_CIDR_BLOCK_ASSOCIATION_SET)),
    opt("IsDefault", "IsDefault", "isDefault", Boolean),
    opt("OwnerId", "OwnerId", "ownerId", String),
    opt("State", "State", "state", String),
    opt("Tags", "TagSet", "tagSet", l(&TAG_LIST)),
    opt("VpcId", "VpcId", "vpcId", String),
]);
static VPC_CIDR_BLOCK_ASSOCIATION: Structure = shape(&[
    opt("AssociationId", "AssociationId", "associationId", String),
    opt("CidrBlock", "CidrBlock", "cidrBlock", String),
    opt("CidrBlockState", "CidrBlockState", "cidrBlockState", s(&VPC_CIDR_BLOCK_STATE)),
]);
static VPC_CIDR_BLOCK_ASSOCIATION_SET: List = list(None, "item", s(&VPC_CIDR_BLOCK_ASSOCIATION));
static VPC_CIDR_BLOCK_STATE: Structure = shape(&[
    opt("State", "State", "state", String),
    opt("StatusMessage", "StatusMessage", "statusMessage", String),
]);
static VPC_ENCRYPTION_CONTROL: Structure = shape(&[
    opt("Mode", "Mode", "mode", String),
    opt("ResourceExclusions", "ResourceExclusions", "resourceExclusions", s(&VPC_ENCRYPTION_CONTROL_EXCLUSIONS)),
    opt("State", "State", "state", String),
    opt("StateMessage", "StateMessage", "stateMessage", String),
    opt("Tags", "TagSet", "tagSet", l(&TAG_LIST)),
    opt("VpcEncryptionControlId", "VpcEncryptionControlId", "vpcEncryptionControlId", String),
    opt("VpcId", "VpcId", "vpcId", String),
]);
static VPC_ENCRYPTION_CONTROL_CONFIGURATION: Structure = shape(&[
    opt("ApiGatewayV2Exclusion", "ApiGatewayV2Exclusion", "ApiGatewayV2Exclusion", String),
    opt("EgressOnlyInternetGatewayExclusion", "EgressOnlyInternetGatewayExclusion", "EgressOnlyInternetGatewayExclusion", String),
    opt("ElasticFileSystemExclusion", "ElasticFileSystemExclusion", "ElasticFileSystemExclusion", String),
    opt("GlobalAcceleratorExclusion", "GlobalAcceleratorExclusion", "GlobalAcceleratorExclusion", String),
    opt("InternetGatewayExclusion", "InternetGatewayExclusion", "InternetGatewayExclusion", String),
    opt("LambdaExclusion", "LambdaExclusion", "LambdaExclusion", String),
    req("Mode", "Mode", "Mode", String),
    opt("NatGatewayExclusion", "NatGatewayExclusion", "NatGatewayExclusion", String),
    opt("VirtualPrivateGatewayExclusion", "VirtualPrivateGatewayExclusion", "VirtualPrivateGatewayExclusion", String),
    opt("VpcLatticeExclusion", "VpcLatticeExclusion", "VpcLatticeExclusion", String),
    opt("VpcPeeringExclusion", "VpcPeeringExclusion", "VpcPeeringExclusion", String),
]);
static VPC_ENCRYPTION_CONTROL_EXCLUSION: Structure = shape(&[
    opt("State", "State", "state", String),
    opt("StateMessage", "StateMessage", "stateMessage", String),
]);
static VPC_ENCRYPTION_CONTROL_EXCLUSIONS: Structure = shape(&[
    opt("ApiGatewayV2", "ApiGatewayV2", "apiGatewayV2", s(&VPC_ENCRYPTION_CONTROL_EXCLUSION)),
    opt("EgressOnlyInternetGateway", "EgressOnlyInternetGateway", "egressOnlyInternetGateway", s(&VPC_ENCRYPTION_CONTROL_EXCLUSION)),
    opt("ElasticFileSystem", "ElasticFileSystem", "elasticFileSystem", s(&VPC_ENCRYPTION_CONTROL_EXCLUSION)),
    opt("GlobalAccelerator", "GlobalAccelerator", "globalAccelerator", s(&VPC_ENCRYPTION_CONTROL_EXCLUSION)),
    opt("InternetGateway", "InternetGateway", "internetGateway", s(&VPC_ENCRYPTION_CONTROL_EXCLUSION)),
    opt("Lambda", "Lambda", "lambda", s(&VPC_ENCRYPTION_CONTROL_EXCLUSION)),
    opt("NatGateway", "NatGateway", "natGateway", s(&VPC_ENCRYPTION_CONTROL_EXCLUSION)),
    opt("VirtualPrivateGateway", "VirtualPrivateGateway", "virtualPrivateGateway", s(&VPC_ENCRYPTION_CONTROL_EXCLUSION)),
    opt("VpcLattice", "VpcLattice", "vpcLattice", s(&VPC_ENCRYPTION_CONTROL_EXCLUSION)),
    opt("VpcPeering", "VpcPeering", "vpcPeering", s(&VPC_ENCRYPTION_CONTROL_EXCLUSION)),
]);
static VPC_ENDPOINT: Structure = shape(&[
    opt("CreationTimestamp", "CreationTimestamp", "creationTimestamp", Timestamp),
    opt("DnsEntries", "DnsEntrySet", "dnsEntrySet", l(&DNS_ENTRY_SET)),
    opt("DnsOptions", "DnsOptions", "dnsOptions", s(&DNS_OPTIONS)),
    opt("FailureReason", "FailureReason", "failureReason", String),
    opt("Groups", "GroupSet", "groupSet", l(&GROUP_IDENTIFIER_SET)),
    opt("IpAddressType", "IpAddressType", "ipAddressType", String),
    opt("Ipv4Prefixes", "Ipv4PrefixSet", "ipv4PrefixSet", l(&SUBNET_IP_PREFIXES_LIST)),
    opt("Ipv6Prefixes", "Ipv6PrefixSet", "ipv6PrefixSet", l(&SUBNET_IP_PREFIXES_LIST)),
    opt("LastError", "LastError", "lastError", s(&LAST_ERROR)),
    opt("NetworkInterfaceIds", "NetworkInterfaceIdSet", "networkInterfaceIdSet", l(&VALUE_STRING_LIST)),
    opt("OwnerId", "OwnerId", "ownerId", String),
    opt("PayerResponsibilities", "PayerResponsibilitySet", "payerResponsibilitySet", l(&PAYER_RESPONSIBILITY_SET)),
    opt("PolicyDocument", "PolicyDocument", "policyDocument", String),
    opt("PrivateDnsEnabled", "PrivateDnsEnabled", "privateDnsEnabled", Boolean),
    opt("RequesterManaged", "RequesterManaged", "requesterManaged", Boolean),
    opt("ResourceConfigurationArn", "ResourceConfigurationArn", "resourceConfigurationArn", String),
    opt("RouteTableIds", "RouteTableIdSet", "routeTableIdSet", l(&VALUE_STRING_LIST)),
    opt("ServiceName", "ServiceName", "serviceName", String),
    opt("ServiceNetworkArn", "ServiceNetworkArn", "serviceNetworkArn", String),
    opt("ServiceRegion", "ServiceRegion", "serviceRegion", String),
    opt("State", "State", "state", String),
    opt("SubnetIds", "SubnetIdSet", "subnetIdSet", l(&VALUE_STRING_LIST)),
    opt("Tags", "TagSet", "tagSet", l(&TAG_LIST)),
    opt("VpcEndpointId", "VpcEndpointId", "vpcEndpointId", String),
    opt("VpcEndpointType", "VpcEndpointType", "vpcEndpointType", String),
    opt("VpcId", "VpcId", "vpcId", String),
]);
static VPC_ENDPOINT_ASSOCIATION: Structure = shape(&[
    opt("AssociatedResourceAccessibility", "AssociatedResourceAccessibility", "associatedResourceAccessibility", String),
    opt("AssociatedResourceArn", "AssociatedResourceArn", "associatedResourceArn", String),
    opt("DnsEntry", "DnsEntry", "dnsEntry", s(&DNS_ENTRY)),
    opt("FailureCode", "FailureCode", "failureCode", String),
    opt("FailureReason", "FailureReason", "failureReason", String),
    opt("Id", "Id", "id", String),
    opt("PrivateDnsEntry", "PrivateDnsEntry", "privateDnsEntry", s(&DNS_ENTRY)),
    opt("ResourceConfigurationGroupArn", "ResourceConfigurationGroupArn", "resourceConfigurationGroupArn", String),
    opt("ServiceNetworkArn", "ServiceNetworkArn", "serviceNetworkArn", String),
    opt("ServiceNetworkName", "ServiceNetworkName", "serviceNetworkName", String),
    opt("Tags", "TagSet", "tagSet", l(&TAG_LIST)),
    opt("VpcEndpointId", "VpcEndpointId", "vpcEndpointId", String),
]);
static VPC_ENDPOINT_ASSOCIATION_SET: List = list(None, "item", s(&VPC_ENDPOINT_ASSOCIATION));
static VPC_ENDPOINT_CONNECTION: Structure = shape(&[
    opt("CreationTimestamp", "CreationTimestamp", "creationTimestamp", Timestamp),
    opt("DnsEntries", "DnsEntrySet", "dnsEntrySet", l(&DNS_ENTRY_SET)),
    opt("GatewayLoadBalancerArns", "GatewayLoadBalancerArnSet", "gatewayLoadBalancerArnSet", l(&VALUE_STRING_LIST)),
    opt("IpAddressType", "IpAddressType", "ipAddressType", String),
    opt("NetworkLoadBalancerArns", "NetworkLoadBalancerArnSet", "networkLoadBalancerArnSet", l(&VALUE_STRING_LIST)),
    opt("PayerResponsibilities", "PayerResponsibilitySet", "payerResponsibilitySet", l(&PAYER_RESPONSIBILITY_SET)),
    opt("ServiceId", "ServiceId", "serviceId", String),
    opt("Tags", "TagSet", "tagSet", l(&TAG_LIST)),
    opt("TransitGatewayAttachmentId", "TransitGatewayAttachmentId", "transitGatewayAttachmentId", String),
    opt("TransitGatewayAttachmentOwner", "TransitGatewayAttachmentOwner", "transitGatewayAttachmentOwner", String),
    opt("VpcEndpointConnectionId", "VpcEndpointConnectionId", "vpcEndpointConnectionId", String),
    opt("VpcEndpointId", "VpcEndpointId", "vpcEndpointId", String),
    opt("VpcEndpointOwner", "VpcEndpointOwner", "vpcEndpointOwner", String),
    opt("VpcEndpointRegion", "VpcEndpointRegion", "vpcEndpointRegion", String),
    opt("VpcEndpointState", "VpcEndpointState", "vpcEndpointState", String),
]);
static VPC_ENDPOINT_CONNECTION_SET: List = list(None, "item", s(&VPC_ENDPOINT_CONNECTION));
static VPC_ENDPOINT_ID_LIST: List = list(None, "item", String);
static VPC_ENDPOINT_ROUTE_TABLE_ID_LIST: List = list(None, "item", String);
static VPC_ENDPOINT_SECURITY_GROUP_ID_LIST: List = list(None, "item", String);
static VPC_ENDPOINT_SERVICE_ID_LIST: List = list(None, "item", String);
static VPC_ENDPOINT_SET: List = list(None, "item", s(&VPC_ENDPOINT));
static VPC_ENDPOINT_SUBNET_ID_LIST: List = list(None, "item", String);
static VPC_ID_STRING_LIST: List = list(None, "VpcId", String);
static VPC_IPV6_CIDR_BLOCK_ASSOCIATION: Structure = shape(&[
    opt("AssociationId", "AssociationId", "associationId", String),
    opt("IpSource", "IpSource", "ipSource", String),
    opt("Ipv6AddressAttribute", "Ipv6AddressAttribute", "ipv6AddressAttribute", String),
    opt("Ipv6CidrBlock", "Ipv6CidrBlock", "ipv6CidrBlock", String),
    opt("Ipv6CidrBlockState", "Ipv6CidrBlockState", "ipv6CidrBlockState", s(&VPC_CIDR_BLOCK_STATE)),
    opt("Ipv6Pool", "Ipv6Pool", "ipv6Pool", String),
    opt("NetworkBorderGroup", "NetworkBorderGroup", "networkBorderGroup", String),
]);
static VPC_IPV6_CIDR_BLOCK_ASSOCIATION_SET: List = list(None, "item", s(&VPC_IPV6_CIDR_BLOCK_ASSOCIATION));
static VPC_LIST: List = list(None, "item", s(&VPC));
static VPC_PEERING_CONNECTION: Structure = shape(&[
    opt("AccepterVpcInfo", "AccepterVpcInfo", "accepterVpcInfo", s(&VPC_PEERING_CONNECTION_VPC_INFO)),
    opt("ExpirationTime", "ExpirationTime", "expirationTime", Timestamp),
    opt("MultipathResilienceStatus", "MultipathResilienceStatus", "multipathResilienceStatus", String),
    opt("RequesterVpcInfo", "RequesterVpcInfo", "requesterVpcInfo", s(&VPC_PEERING_CONNECTION_VPC_INFO)),
    opt("Status", "Status", "status", s(&VPC_PEERING_CONNECTION_STATE_REASON)),
    opt("Tags", "TagSet", "tagSet", l(&TAG_LIST)),
    opt("VpcPeeringConnectionId", "VpcPeeringConnectionId", "vpcPeeringConnectionId", String),
]);
static VPC_PEERING_CONNECTION_ID_LIST: List = list(None, "item", String);
static VPC_PEERING_CONNECTION_LIST: List = list(None, "item", s(&VPC_PEERING_CONNECTION));
static VPC_PEERING_CONNECTION_OPTIONS_DESCRIPTION: Structure = shape(&[
    opt("AllowDnsResolutionFromRemoteVpc", "AllowDnsResolutionFromRemoteVpc", "allowDnsResolutionFromRemoteVpc", Boolean),
    opt("AllowEgressFromLocalClassicLinkToRemoteVpc", "AllowEgressFromLocalClassicLinkToRemoteVpc", "allowEgressFromLocalClassicLinkToRemoteVpc", Boolean),
    opt("AllowEgressFromLocalVpcToRemoteClassicLink", "AllowEgressFromLocalVpcToRemoteClassicLink", "allowEgressFromLocalVpcToRemoteClassicLink", Boolean),
    opt("AllowMultipathResilience", "AllowMultipathResilience", "allowMultipathResilience", Boolean),
    opt("MultipathResilienceMode", "MultipathResilienceMode", "multipathResilienceMode", String),
]);
static VPC_PEERING_CONNECTION_STATE_REASON: Structure = shape(&[
    opt("Code", "Code", "code", String),
    opt("Message", "Message", "message", String),
]);
static VPC_PEERING_CONNECTION_VPC_INFO: Structure = shape(&[
    opt("CidrBlock", "CidrBlock", "cidrBlock", String),
    opt("CidrBlockSet", "CidrBlockSet", "cidrBlockSet", l(&CIDR_BLOCK_SET)),
    opt("Ipv6CidrBlockSet", "Ipv6CidrBlockSet", "ipv6CidrBlockSet", l(&IPV6_CIDR_BLOCK_SET)),
    opt("OwnerId", "OwnerId", "ownerId", String),
    opt("PeeringOptions", "PeeringOptions", "peeringOptions", s(&VPC_PEERING_CONNECTION_OPTIONS_DESCRIPTION)),
    opt("Region", "Region", "region", String),
    opt("VpcId", "VpcId", "vpcId", String),
]);
static WORKLOADS_LIST: List = list(None, "item", String);
static ZONE_ID_STRING_LIST: List = list(None, "ZoneId", String);
static ZONE_NAME_STRING_LIST: List = list(None, "ZoneName", String);
