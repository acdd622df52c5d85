//! elbv2 2015-12-01: names and types of 28 actions.
//!
//! Made by `cargo xtask generate-model` from the service model in botocore 1.44.5
//! (Apache-2.0). Not edited by hand.

#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_imports)]

use crate::table::row::{Blob, Boolean, Double, Integer, Long, String, Timestamp, l, list, opt, req, s, shape};
use crate::table::{Action, Dialect, List, Service, Structure};

pub static SERVICE: Service = Service {
    name: "elbv2",
    version: "2015-12-01",
    older_versions: &[],
    dialect: Dialect::Query,
    namespace: "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/",
    actions: &[
        Action { name: "AddTags", input: Some(&ADD_TAGS_INPUT), output: Some(&ADD_TAGS_OUTPUT), result_wrapper: Some("AddTagsResult") },
        Action { name: "CreateListener", input: Some(&CREATE_LISTENER_INPUT), output: Some(&CREATE_LISTENER_OUTPUT), result_wrapper: Some("CreateListenerResult") },
        Action { name: "CreateLoadBalancer", input: Some(&CREATE_LOAD_BALANCER_INPUT), output: Some(&CREATE_LOAD_BALANCER_OUTPUT), result_wrapper: Some("CreateLoadBalancerResult") },
        Action { name: "CreateTargetGroup", input: Some(&CREATE_TARGET_GROUP_INPUT), output: Some(&CREATE_TARGET_GROUP_OUTPUT), result_wrapper: Some("CreateTargetGroupResult") },
        Action { name: "DeleteListener", input: Some(&DELETE_LISTENER_INPUT), output: Some(&DELETE_LISTENER_OUTPUT), result_wrapper: Some("DeleteListenerResult") },
        Action { name: "DeleteLoadBalancer", input: Some(&DELETE_LOAD_BALANCER_INPUT), output: Some(&DELETE_LOAD_BALANCER_OUTPUT), result_wrapper: Some("DeleteLoadBalancerResult") },
        Action { name: "DeleteTargetGroup", input: Some(&DELETE_TARGET_GROUP_INPUT), output: Some(&DELETE_TARGET_GROUP_OUTPUT), result_wrapper: Some("DeleteTargetGroupResult") },
        Action { name: "DeregisterTargets", input: Some(&DEREGISTER_TARGETS_INPUT), output: Some(&DEREGISTER_TARGETS_OUTPUT), result_wrapper: Some("DeregisterTargetsResult") },
        Action { name: "DescribeAccountLimits", input: Some(&DESCRIBE_ACCOUNT_LIMITS_INPUT), output: Some(&DESCRIBE_ACCOUNT_LIMITS_OUTPUT), result_wrapper: Some("DescribeAccountLimitsResult") },
        Action { name: "DescribeCapacityReservation", input: Some(&DESCRIBE_CAPACITY_RESERVATION_INPUT), output: Some(&DESCRIBE_CAPACITY_RESERVATION_OUTPUT), result_wrapper: Some("DescribeCapacityReservationResult") },
        Action { name: "DescribeListenerAttributes", input: Some(&DESCRIBE_LISTENER_ATTRIBUTES_INPUT), output: Some(&DESCRIBE_LISTENER_ATTRIBUTES_OUTPUT), result_wrapper: Some("DescribeListenerAttributesResult") },
        Action { name: "DescribeListeners", input: Some(&DESCRIBE_LISTENERS_INPUT), output: Some(&DESCRIBE_LISTENERS_OUTPUT), result_wrapper: Some("DescribeListenersResult") },
        Action { name: "DescribeLoadBalancerAttributes", input: Some(&DESCRIBE_LOAD_BALANCER_ATTRIBUTES_INPUT), output: Some(&DESCRIBE_LOAD_BALANCER_ATTRIBUTES_OUTPUT), result_wrapper: Some("DescribeLoadBalancerAttributesResult") },
        Action { name: "DescribeLoadBalancers", input: Some(&DESCRIBE_LOAD_BALANCERS_INPUT), output: Some(&DESCRIBE_LOAD_BALANCERS_OUTPUT), result_wrapper: Some("DescribeLoadBalancersResult") },
        Action { name: "DescribeTags", input: Some(&DESCRIBE_TAGS_INPUT), output: Some(&DESCRIBE_TAGS_OUTPUT), result_wrapper: Some("DescribeTagsResult") },
        Action { name: "DescribeTargetGroupAttributes", input: Some(&DESCRIBE_TARGET_GROUP_ATTRIBUTES_INPUT), output: Some(&DESCRIBE_TARGET_GROUP_ATTRIBUTES_OUTPUT), result_wrapper: Some("DescribeTargetGroupAttributesResult") },
        Action { name: "DescribeTargetGroups", input: Some(&DESCRIBE_TARGET_GROUPS_INPUT), output: Some(&DESCRIBE_TARGET_GROUPS_OUTPUT), result_wrapper: Some("DescribeTargetGroupsResult") },
        Action { name: "DescribeTargetHealth", input: Some(&DESCRIBE_TARGET_HEALTH_INPUT), output: Some(&DESCRIBE_TARGET_HEALTH_OUTPUT), result_wrapper: Some("DescribeTargetHealthResult") },
        Action { name: "ModifyListener", input: Some(&MODIFY_LISTENER_INPUT), output: Some(&MODIFY_LISTENER_OUTPUT), result_wrapper: Some("ModifyListenerResult") },
        Action { name: "ModifyListenerAttributes", input: Some(&MODIFY_LISTENER_ATTRIBUTES_INPUT), output: Some(&MODIFY_LISTENER_ATTRIBUTES_OUTPUT), result_wrapper: Some("ModifyListenerAttributesResult") },
        Action { name: "ModifyLoadBalancerAttributes", input: Some(&MODIFY_LOAD_BALANCER_ATTRIBUTES_INPUT), output: Some(&MODIFY_LOAD_BALANCER_ATTRIBUTES_OUTPUT), result_wrapper: Some("ModifyLoadBalancerAttributesResult") },
        Action { name: "ModifyTargetGroup", input: Some(&MODIFY_TARGET_GROUP_INPUT), output: Some(&MODIFY_TARGET_GROUP_OUTPUT), result_wrapper: Some("ModifyTargetGroupResult") },
        Action { name: "ModifyTargetGroupAttributes", input: Some(&MODIFY_TARGET_GROUP_ATTRIBUTES_INPUT), output: Some(&MODIFY_TARGET_GROUP_ATTRIBUTES_OUTPUT), result_wrapper: Some("ModifyTargetGroupAttributesResult") },
        Action { name: "RegisterTargets", input: Some(&REGISTER_TARGETS_INPUT), output: Some(&REGISTER_TARGETS_OUTPUT), result_wrapper: Some("RegisterTargetsResult") },
        Action { name: "RemoveTags", input: Some(&REMOVE_TAGS_INPUT), output: Some(&REMOVE_TAGS_OUTPUT), result_wrapper: Some("RemoveTagsResult") },
        Action { name: "SetIpAddressType", input: Some(&SET_IP_ADDRESS_TYPE_INPUT), output: Some(&SET_IP_ADDRESS_TYPE_OUTPUT), result_wrapper: Some("SetIpAddressTypeResult") },
        Action { name: "SetSecurityGroups", input: Some(&SET_SECURITY_GROUPS_INPUT), output: Some(&SET_SECURITY_GROUPS_OUTPUT), result_wrapper: Some("SetSecurityGroupsResult") },
        Action { name: "SetSubnets", input: Some(&SET_SUBNETS_INPUT), output: Some(&SET_SUBNETS_OUTPUT), result_wrapper: Some("SetSubnetsResult") },
    ],
    other_actions: &[
        "AddListenerCertificates", "AddTrustStoreRevocations", "CreateRule", "CreateTrustStore",
        "DeleteRule", "DeleteSharedTrustStoreAssociation", "DeleteTrustStore", "DescribeListenerCertificates",
        "DescribeRules", "DescribeSSLPolicies", "DescribeTrustStoreAssociations", "DescribeTrustStoreRevocations",
        "DescribeTrustStores", "GetResourcePolicy", "GetTrustStoreCaCertificatesBundle", "GetTrustStoreRevocationContent",
        "ModifyCapacityReservation", "ModifyIpPools", "ModifyRule", "ModifyTrustStore",
        "RemoveListenerCertificates", "RemoveTrustStoreRevocations", "SetRulePriorities",
    ],
};

static ACTION: Structure = shape(&[
    opt("AuthenticateCognitoConfig", "AuthenticateCognitoConfig", "AuthenticateCognitoConfig", s(&AUTHENTICATE_COGNITO_ACTION_CONFIG)),
    opt("AuthenticateOidcConfig", "AuthenticateOidcConfig", "AuthenticateOidcConfig", s(&AUTHENTICATE_OIDC_ACTION_CONFIG)),
    opt("FixedResponseConfig", "FixedResponseConfig", "FixedResponseConfig", s(&FIXED_RESPONSE_ACTION_CONFIG)),
    opt("ForwardConfig", "ForwardConfig", "ForwardConfig", s(&FORWARD_ACTION_CONFIG)),
    opt("JwtValidationConfig", "JwtValidationConfig", "JwtValidationConfig", s(&JWT_VALIDATION_ACTION_CONFIG)),
    opt("Order", "Order", "Order", Integer),
    opt("RedirectConfig", "RedirectConfig", "RedirectConfig", s(&REDIRECT_ACTION_CONFIG)),
    opt("TargetGroupArn", "TargetGroupArn", "TargetGroupArn", String),
    req("Type", "Type", "Type", String),
]);
static ACTIONS: List = list(Some("member"), "member", s(&ACTION));
static ADD_TAGS_INPUT: Structure = shape(&[
    req("ResourceArns", "ResourceArns", "ResourceArns", l(&RESOURCE_ARNS)),
    req("Tags", "Tags", "Tags", l(&TAG_LIST)),
]);
static ADD_TAGS_OUTPUT: Structure = shape(&[
]);
static ADMINISTRATIVE_OVERRIDE: Structure = shape(&[
    opt("Description", "Description", "Description", String),
    opt("Reason", "Reason", "Reason", String),
    opt("State", "State", "State", String),
]);
static ALPN_POLICY_NAME: List = list(Some("member"), "member", String);
static ANOMALY_DETECTION: Structure = shape(&[
    opt("MitigationInEffect", "MitigationInEffect", "MitigationInEffect", String),
    opt("Result", "Result", "Result", String),
]);
static AUTHENTICATE_COGNITO_ACTION_CONFIG: Structure = shape(&[
    opt("OnUnauthenticatedRequest", "OnUnauthenticatedRequest", "OnUnauthenticatedRequest", String),
    opt("Scope", "Scope", "Scope", String),
    opt("SessionCookieName", "SessionCookieName", "SessionCookieName", String),
    opt("SessionTimeout", "SessionTimeout", "SessionTimeout", Long),
    req("UserPoolArn", "UserPoolArn", "UserPoolArn", String),
    req("UserPoolClientId", "UserPoolClientId", "UserPoolClientId", String),
    req("UserPoolDomain", "UserPoolDomain", "UserPoolDomain", String),
]);
static AUTHENTICATE_OIDC_ACTION_CONFIG: Structure = shape(&[
    req("AuthorizationEndpoint", "AuthorizationEndpoint", "AuthorizationEndpoint", String),
    req("ClientId", "ClientId", "ClientId", String),
    opt("ClientSecret", "ClientSecret", "ClientSecret", String),
    req("Issuer", "Issuer", "Issuer", String),
    opt("OnUnauthenticatedRequest", "OnUnauthenticatedRequest", "OnUnauthenticatedRequest", String),
    opt("Scope", "Scope", "Scope", String),
    opt("SessionCookieName", "SessionCookieName", "SessionCookieName", String),
    opt("SessionTimeout", "SessionTimeout", "SessionTimeout", Long),
    req("TokenEndpoint", "TokenEndpoint", "TokenEndpoint", String),
    opt("UseExistingClientSecret", "UseExistingClientSecret", "UseExistingClientSecret", Boolean),
    req("UserInfoEndpoint", "UserInfoEndpoint", "UserInfoEndpoint", String),
]);
static AVAILABILITY_ZONE: Structure = shape(&[
    opt("LoadBalancerAddresses", "LoadBalancerAddresses", "LoadBalancerAddresses", l(&LOAD_BALANCER_ADDRESSES)),
    opt("OutpostId", "OutpostId", "OutpostId", String),
    opt("SourceNatIpv6Prefixes", "SourceNatIpv6Prefixes", "SourceNatIpv6Prefixes", l(&SOURCE_NAT_IPV6_PREFIXES)),
    opt("SubnetId", "SubnetId", "SubnetId", String),
    opt("ZoneName", "ZoneName", "ZoneName", String),
]);
static AVAILABILITY_ZONES: List = list(Some("member"), "member", s(&AVAILABILITY_ZONE));
static CAPACITY_RESERVATION_STATUS: Structure = shape(&[
    opt("Code", "Code", "Code", String),
    opt("Reason", "Reason", "Reason", String),
]);
static CERTIFICATE: Structure = shape(&[
    opt("CertificateArn", "CertificateArn", "CertificateArn", String),
    opt("IsDefault", "IsDefault", "IsDefault", Boolean),
]);
static CERTIFICATE_LIST: List = list(Some("member"), "member", s(&CERTIFICATE));
static CREATE_LISTENER_INPUT: Structure = shape(&[
    opt("AlpnPolicy", "AlpnPolicy", "AlpnPolicy", l(&ALPN_POLICY_NAME)),
    opt("Certificates", "Certificates", "Certificates", l(&CERTIFICATE_LIST)),
    req("DefaultActions", "DefaultActions", "DefaultActions", l(&ACTIONS)),
    req("LoadBalancerArn", "LoadBalancerArn", "LoadBalancerArn", String),
    opt("MutualAuthentication", "MutualAuthentication", "MutualAuthentication", s(&MUTUAL_AUTHENTICATION_ATTRIBUTES)),
    opt("Port", "Port", "Port", Integer),
    opt("Protocol", "Protocol", "Protocol", String),
    opt("SslPolicy", "SslPolicy", "SslPolicy", String),
    opt("Tags", "Tags", "Tags", l(&TAG_LIST)),
]);
static CREATE_LISTENER_OUTPUT: Structure = shape(&[
    opt("Listeners", "Listeners", "Listeners", l(&LISTENERS)),
]);
static CREATE_LOAD_BALANCER_INPUT: Structure = shape(&[
    opt("CustomerOwnedIpv4Pool", "CustomerOwnedIpv4Pool", "CustomerOwnedIpv4Pool", String),
    opt("EnablePrefixForIpv6SourceNat", "EnablePrefixForIpv6SourceNat", "EnablePrefixForIpv6SourceNat", String),
    opt("IpAddressType", "IpAddressType", "IpAddressType", String),
    opt("IpamPools", "IpamPools", "IpamPools", s(&IPAM_POOLS)),
    req("Name", "Name", "Name", String),
    opt("Scheme", "Scheme", "Scheme", String),
    opt("SecurityGroups", "SecurityGroups", "SecurityGroups", l(&SECURITY_GROUPS)),
    opt("SubnetMappings", "SubnetMappings", "SubnetMappings", l(&SUBNET_MAPPINGS)),
    opt("Subnets", "Subnets", "Subnets", l(&SUBNETS)),
    opt("Tags", "Tags", "Tags", l(&TAG_LIST)),
    opt("Type", "Type", "Type", String),
]);
static CREATE_LOAD_BALANCER_OUTPUT: Structure = shape(&[
    opt("LoadBalancers", "LoadBalancers", "LoadBalancers", l(&LOAD_BALANCERS)),
]);
static CREATE_TARGET_GROUP_INPUT: Structure = shape(&[
    opt("HealthCheckEnabled", "HealthCheckEnabled", "HealthCheckEnabled", Boolean),
    opt("HealthCheckIntervalSeconds", "HealthCheckIntervalSeconds", "HealthCheckIntervalSeconds", Integer),
    opt("HealthCheckPath", "HealthCheckPath", "HealthCheckPath", String),
    opt("HealthCheckPort", "HealthCheckPort", "HealthCheckPort", String),
    opt("HealthCheckProtocol", "HealthCheckProtocol", "HealthCheckProtocol", String),
    opt("HealthCheckTimeoutSeconds", "HealthCheckTimeoutSeconds", "HealthCheckTimeoutSeconds", Integer),
    opt("HealthyThresholdCount", "HealthyThresholdCount", "HealthyThresholdCount", Integer),
    opt("IpAddressType", "IpAddressType", "IpAddressType", String),
    opt("Matcher", "Matcher", "Matcher", s(&MATCHER)),
    req("Name", "Name", "Name", String),
    opt("Port", "Port", "Port", Integer),
    opt("Protocol", "Protocol", "Protocol", String),
    opt("ProtocolVersion", "ProtocolVersion", "ProtocolVersion", String),
    opt("Tags", "Tags", "Tags", l(&TAG_LIST)),
    opt("TargetControlPort", "TargetControlPort", "TargetControlPort", Integer),
    opt("TargetType", "TargetType", "TargetType", String),
    opt("UnhealthyThresholdCount", "UnhealthyThresholdCount", "UnhealthyThresholdCount", Integer),
    opt("VpcId", "VpcId", "VpcId", String),
]);
static CREATE_TARGET_GROUP_OUTPUT: Structure = shape(&[
    opt("TargetGroups", "TargetGroups", "TargetGroups", l(&TARGET_GROUPS)),
]);
static DELETE_LISTENER_INPUT: Structure = shape(&[
    req("ListenerArn", "ListenerArn", "ListenerArn", String),
]);
static DELETE_LISTENER_OUTPUT: Structure = shape(&[
]);
static DELETE_LOAD_BALANCER_INPUT: Structure = shape(&[
    req("LoadBalancerArn", "LoadBalancerArn", "LoadBalancerArn", String),
]);
static DELETE_LOAD_BALANCER_OUTPUT: Structure = shape(&[
]);
static DELETE_TARGET_GROUP_INPUT: Structure = shape(&[
    req("TargetGroupArn", "TargetGroupArn", "TargetGroupArn", String),
]);
static DELETE_TARGET_GROUP_OUTPUT: Structure = shape(&[
]);
static DEREGISTER_TARGETS_INPUT: Structure = shape(&[
    req("TargetGroupArn", "TargetGroupArn", "TargetGroupArn", String),
    req("Targets", "Targets", "Targets", l(&TARGET_DESCRIPTIONS)),
]);
static DEREGISTER_TARGETS_OUTPUT: Structure = shape(&[
]);
static DESCRIBE_ACCOUNT_LIMITS_INPUT: Structure = shape(&[
    opt("Marker", "Marker", "Marker", String),
    opt("PageSize", "PageSize", "PageSize", Integer),
]);
static DESCRIBE_ACCOUNT_LIMITS_OUTPUT: Structure = shape(&[
    opt("Limits", "Limits", "Limits", l(&LIMITS)),
    opt("NextMarker", "NextMarker", "NextMarker", String),
]);
static DESCRIBE_CAPACITY_RESERVATION_INPUT: Structure = shape(&[
    req("LoadBalancerArn", "LoadBalancerArn", "LoadBalancerArn", String),
]);
static DESCRIBE_CAPACITY_RESERVATION_OUTPUT: Structure = shape(&[
    opt("CapacityReservationState", "CapacityReservationState", "CapacityReservationState", l(&ZONAL_CAPACITY_RESERVATION_STATES)),
    opt("DecreaseRequestsRemaining", "DecreaseRequestsRemaining", "DecreaseRequestsRemaining", Integer),
    opt("LastModifiedTime", "LastModifiedTime", "LastModifiedTime", Timestamp),
    opt("MinimumLoadBalancerCapacity", "MinimumLoadBalancerCapacity", "MinimumLoadBalancerCapacity", s(&MINIMUM_LOAD_BALANCER_CAPACITY)),
]);
static DESCRIBE_LISTENER_ATTRIBUTES_INPUT: Structure = shape(&[
    req("ListenerArn", "ListenerArn", "ListenerArn", String),
]);
static DESCRIBE_LISTENER_ATTRIBUTES_OUTPUT: Structure = shape(&[
    opt("Attributes", "Attributes", "Attributes", l(&LISTENER_ATTRIBUTES)),
]);
static DESCRIBE_LISTENERS_INPUT: Structure = shape(&[
    opt("ListenerArns", "ListenerArns", "ListenerArns", l(&LISTENER_ARNS)),
    opt("LoadBalancerArn", "LoadBalancerArn", "LoadBalancerArn", String),
    opt("Marker", "Marker", "Marker", String),
    opt("PageSize", "PageSize", "PageSize", Integer),
]);
static DESCRIBE_LISTENERS_OUTPUT: Structure = shape(&[
    opt("Listeners", "Listeners", "Listeners", l(&LISTENERS)),
    opt("NextMarker", "NextMarker", "NextMarker", String),
]);
static DESCRIBE_LOAD_BALANCER_ATTRIBUTES_INPUT: Structure = shape(&[
    req("LoadBalancerArn", "LoadBalancerArn", "LoadBalancerArn", String),
]);
static DESCRIBE_LOAD_BALANCER_ATTRIBUTES_OUTPUT: Structure = shape(&[
    opt("Attributes", "Attributes", "Attributes", l(&LOAD_BALANCER_ATTRIBUTES)),
]);
static DESCRIBE_LOAD_BALANCERS_INPUT: Structure = shape(&[
    opt("LoadBalancerArns", "LoadBalancerArns", "LoadBalancerArns", l(&LOAD_BALANCER_ARNS)),
    opt("Marker", "Marker", "Marker", String),
    opt("Names", "Names", "Names", l(&LOAD_BALANCER_NAMES)),
    opt("PageSize", "PageSize", "PageSize", Integer),
]);
static DESCRIBE_LOAD_BALANCERS_OUTPUT: Structure = shape(&[
    opt("LoadBalancers", "LoadBalancers", "LoadBalancers", l(&LOAD_BALANCERS)),
    opt("NextMarker", "NextMarker", "NextMarker", String),
]);
static DESCRIBE_TAGS_INPUT: Structure = shape(&[
    req("ResourceArns", "ResourceArns", "ResourceArns", l(&RESOURCE_ARNS)),
]);
static DESCRIBE_TAGS_OUTPUT: Structure = shape(&[
    opt("TagDescriptions", "TagDescriptions", "TagDescriptions", l(&TAG_DESCRIPTIONS)),
]);
static DESCRIBE_TARGET_GROUP_ATTRIBUTES_INPUT: Structure = shape(&[
    req("TargetGroupArn", "TargetGroupArn", "TargetGroupArn", String),
]);
static DESCRIBE_TARGET_GROUP_ATTRIBUTES_OUTPUT: Structure = shape(&[
    opt("Attributes", "Attributes", "Attributes", l(&TARGET_GROUP_ATTRIBUTES)),
]);
static DESCRIBE_TARGET_GROUPS_INPUT: Structure = shape(&[
    opt("LoadBalancerArn", "LoadBalancerArn", "LoadBalancerArn", String),
    opt("Marker", "Marker", "Marker", String),
    opt("Names", "Names", "Names", l(&TARGET_GROUP_NAMES)),
    opt("PageSize", "PageSize", "PageSize", Integer),
    opt("TargetGroupArns", "TargetGroupArns", "TargetGroupArns", l(&TARGET_GROUP_ARNS)),
]);
static DESCRIBE_TARGET_GROUPS_OUTPUT: Structure = shape(&[
    opt("NextMarker", "NextMarker", "NextMarker", String),
    opt("TargetGroups", "TargetGroups", "TargetGroups", l(&TARGET_GROUPS)),
]);
static DESCRIBE_TARGET_HEALTH_INPUT: Structure = shape(&[
    opt("Include", "Include", "Include", l(&LIST_OF_DESCRIBE_TARGET_HEALTH_INCLUDE_OPTIONS)),
    req("TargetGroupArn", "TargetGroupArn", "TargetGroupArn", String),
    opt("Targets", "Targets", "Targets", l(&TARGET_DESCRIPTIONS)),
]);
static DESCRIBE_TARGET_HEALTH_OUTPUT: Structure = shape(&[
    opt("TargetHealthDescriptions", "TargetHealthDescriptions", "TargetHealthDescriptions", l(&TARGET_HEALTH_DESCRIPTIONS)),
]);
static FIXED_RESPONSE_ACTION_CONFIG: Structure = shape(&[
    opt("ContentType", "ContentType", "ContentType", String),
    opt("MessageBody", "MessageBody", "MessageBody", String),
    req("StatusCode", "StatusCode", "StatusCode", String),
]);
static FORWARD_ACTION_CONFIG: Structure = shape(&[
    opt("TargetGroupStickinessConfig", "TargetGroupStickinessConfig", "TargetGroupStickinessConfig", s(&TARGET_GROUP_STICKINESS_CONFIG)),
    opt("TargetGroups", "TargetGroups", "TargetGroups", l(&TARGET_GROUP_LIST)),
]);
static IPAM_POOLS: Structure = shape(&[
    opt("Ipv4IpamPoolId", "Ipv4IpamPoolId", "Ipv4IpamPoolId", String),
]);
static JWT_VALIDATION_ACTION_ADDITIONAL_CLAIM: Structure = shape(&[
    req("Format", "Format", "Format", String),
    req("Name", "Name", "Name", String),
    req("Values", "Values", "Values", l(&JWT_VALIDATION_ACTION_ADDITIONAL_CLAIM_VALUES)),
]);
static JWT_VALIDATION_ACTION_ADDITIONAL_CLAIM_VALUES: List = list(Some("member"), "member", String);
static JWT_VALIDATION_ACTION_ADDITIONAL_CLAIMS: List = list(Some("member"), "member", s(&JWT_VALIDATION_ACTION_ADDITIONAL_CLAIM));
static JWT_VALIDATION_ACTION_CONFIG: Structure = shape(&[
    opt("AdditionalClaims", "AdditionalClaims", "AdditionalClaims", l(&JWT_VALIDATION_ACTION_ADDITIONAL_CLAIMS)),
    req("Issuer", "Issuer", "Issuer", String),
    req("JwksEndpoint", "JwksEndpoint", "JwksEndpoint", String),
]);
static LIMIT: Structure = shape(&[
    opt("Max", "Max", "Max", String),
    opt("Name", "Name", "Name", String),
]);
static LIMITS: List = list(Some("member"), "member", s(&LIMIT));
static LIST_OF_DESCRIBE_TARGET_HEALTH_INCLUDE_OPTIONS: List = list(Some("member"), "member", String);
static LISTENER: Structure = shape(&[
    opt("AlpnPolicy", "AlpnPolicy", "AlpnPolicy", l(&ALPN_POLICY_NAME)),
    opt("Certificates", "Certificates", "Certificates", l(&CERTIFICATE_LIST)),
    opt("DefaultActions", "DefaultActions", "DefaultActions", l(&ACTIONS)),
    opt("ListenerArn", "ListenerArn", "ListenerArn", String),
    opt("LoadBalancerArn", "LoadBalancerArn", "LoadBalancerArn", String),
    opt("MutualAuthentication", "MutualAuthentication", "MutualAuthentication", s(&MUTUAL_AUTHENTICATION_ATTRIBUTES)),
    opt("Port", "Port", "Port", Integer),
    opt("Protocol", "Protocol", "Protocol", String),
    opt("SslPolicy", "SslPolicy", "SslPolicy", String),
]);
static LISTENER_ARNS: List = list(Some("member"), "member", String);
static LISTENER_ATTRIBUTE: Structure = shape(&[
    opt("Key", "Key", "Key", String),
    opt("Value", "Value", "Value", String),
]);
static LISTENER_ATTRIBUTES: List = list(Some("member"), "member", s(&LISTENER_ATTRIBUTE));
static LISTENERS: List = list(Some("member"), "member", s(&LISTENER));
static LOAD_BALANCER: Structure = shape(&[
    opt("AvailabilityZones", "AvailabilityZones", "AvailabilityZones", l(&AVAILABILITY_ZONES)),
    opt("CanonicalHostedZoneId", "CanonicalHostedZoneId", "CanonicalHostedZoneId", String),
    opt("CreatedTime", "CreatedTime", "CreatedTime", Timestamp),
    opt("CustomerOwnedIpv4Pool", "CustomerOwnedIpv4Pool", "CustomerOwnedIpv4Pool", String),
    opt("DNSName", "DNSName", "DNSName", String),
    opt("EnablePrefixForIpv6SourceNat", "EnablePrefixForIpv6SourceNat", "EnablePrefixForIpv6SourceNat", String),
    opt("EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic", "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic", "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic", String),
    opt("IpAddressType", "IpAddressType", "IpAddressType", String),
    opt("IpamPools", "IpamPools", "IpamPools", s(&IPAM_POOLS)),
    opt("LoadBalancerArn", "LoadBalancerArn", "LoadBalancerArn", String),
    opt("LoadBalancerName", "LoadBalancerName", "LoadBalancerName", String),
    opt("Scheme", "Scheme", "Scheme", String),
    opt("SecurityGroups", "SecurityGroups", "SecurityGroups", l(&SECURITY_GROUPS)),
    opt("State", "State", "State", s(&LOAD_BALANCER_STATE)),
    opt("Type", "Type", "Type", String),
    opt("VpcId", "VpcId", "VpcId", String),
]);
static LOAD_BALANCER_ADDRESS: Structure = shape(&[
    opt("AllocationId", "AllocationId", "AllocationId", String),
    opt("IPv6Address", "IPv6Address", "IPv6Address", String),
    opt("IpAddress", "IpAddress", "IpAddress", String),
    opt("PrivateIPv4Address", "PrivateIPv4Address", "PrivateIPv4Address", String),
]);
static LOAD_BALANCER_ADDRESSES: List = list(Some("member"), "member", s(&LOAD_BALANCER_ADDRESS));
static LOAD_BALANCER_ARNS: List = list(Some("member"), "member", String);
static LOAD_BALANCER_ATTRIBUTE: Structure = shape(&[
    opt("Key", "Key", "Key", String),
    opt("Value", "Value", "Value", String),
]);
static LOAD_BALANCER_ATTRIBUTES: List = list(Some("member"), "member", s(&LOAD_BALANCER_ATTRIBUTE));
static LOAD_BALANCER_NAMES: List = list(Some("member"), "member", String);
static LOAD_BALANCER_STATE: Structure = shape(&[
    opt("Code", "Code", "Code", String),
    opt("Reason", "Reason", "Reason", String),
]);
static LOAD_BALANCERS: List = list(Some("member"), "member", s(&LOAD_BALANCER));
static MATCHER: Structure = shape(&[
    opt("GrpcCode", "GrpcCode", "GrpcCode", String),
    opt("HttpCode", "HttpCode", "HttpCode", String),
]);
static MINIMUM_LOAD_BALANCER_CAPACITY: Structure = shape(&[
    opt("CapacityUnits", "CapacityUnits", "CapacityUnits", Integer),
]);
static MODIFY_LISTENER_ATTRIBUTES_INPUT: Structure = shape(&[
    req("Attributes", "Attributes", "Attributes", l(&LISTENER_ATTRIBUTES)),
    req("ListenerArn", "ListenerArn", "ListenerArn", String),
]);
static MODIFY_LISTENER_ATTRIBUTES_OUTPUT: Structure = shape(&[
    opt("Attributes", "Attributes", "Attributes", l(&LISTENER_ATTRIBUTES)),
]);
static MODIFY_LISTENER_INPUT: Structure = shape(&[
    opt("AlpnPolicy", "AlpnPolicy", "AlpnPolicy", l(&ALPN_POLICY_NAME)),
    opt("Certificates", "Certificates", "Certificates", l(&CERTIFICATE_LIST)),
    opt("DefaultActions", "DefaultActions", "DefaultActions", l(&ACTIONS)),
    req("ListenerArn", "ListenerArn", "ListenerArn", String),
    opt("MutualAuthentication", "MutualAuthentication", "MutualAuthentication", s(&MUTUAL_AUTHENTICATION_ATTRIBUTES)),
    opt("Port", "Port", "Port", Integer),
    opt("Protocol", "Protocol", "Protocol", String),
    opt("SslPolicy", "SslPolicy", "SslPolicy", String),
]);
static MODIFY_LISTENER_OUTPUT: Structure = shape(&[
    opt("Listeners", "Listeners", "Listeners", l(&LISTENERS)),
]);
static MODIFY_LOAD_BALANCER_ATTRIBUTES_INPUT: Structure = shape(&[
    req("Attributes", "Attributes", "Attributes", l(&LOAD_BALANCER_ATTRIBUTES)),
    req("LoadBalancerArn", "LoadBalancerArn", "LoadBalancerArn", String),
]);
static MODIFY_LOAD_BALANCER_ATTRIBUTES_OUTPUT: Structure = shape(&[
    opt("Attributes", "Attributes", "Attributes", l(&LOAD_BALANCER_ATTRIBUTES)),
]);
static MODIFY_TARGET_GROUP_ATTRIBUTES_INPUT: Structure = shape(&[
    req("Attributes", "Attributes", "Attributes", l(&TARGET_GROUP_ATTRIBUTES)),
    req("TargetGroupArn", "TargetGroupArn", "TargetGroupArn", String),
]);
static MODIFY_TARGET_GROUP_ATTRIBUTES_OUTPUT: Structure = shape(&[
    opt("Attributes", "Attributes", "Attributes", l(&TARGET_GROUP_ATTRIBUTES)),
]);
static MODIFY_TARGET_GROUP_INPUT: Structure = shape(&[
    opt("HealthCheckEnabled", "HealthCheckEnabled", "HealthCheckEnabled", Boolean),
    opt("HealthCheckIntervalSeconds", "HealthCheckIntervalSeconds", "HealthCheckIntervalSeconds", Integer),
    opt("HealthCheckPath", "HealthCheckPath", "HealthCheckPath", String),
    opt("HealthCheckPort", "HealthCheckPort", "HealthCheckPort", String),
    opt("HealthCheckProtocol", "HealthCheckProtocol", "HealthCheckProtocol", String),
    opt("HealthCheckTimeoutSeconds", "HealthCheckTimeoutSeconds", "HealthCheckTimeoutSeconds", Integer),
    opt("HealthyThresholdCount", "HealthyThresholdCount", "HealthyThresholdCount", Integer),
    opt("Matcher", "Matcher", "Matcher", s(&MATCHER)),
    req("TargetGroupArn", "TargetGroupArn", "TargetGroupArn", String),
    opt("UnhealthyThresholdCount", "UnhealthyThresholdCount", "UnhealthyThresholdCount", Integer),
]);
static MODIFY_TARGET_GROUP_OUTPUT: Structure = shape(&[
    opt("TargetGroups", "TargetGroups", "TargetGroups", l(&TARGET_GROUPS)),
]);
static MUTUAL_AUTHENTICATION_ATTRIBUTES: Structure = shape(&[
    opt("AdvertiseTrustStoreCaNames", "AdvertiseTrustStoreCaNames", "AdvertiseTrustStoreCaNames", String),
    opt("IgnoreClientCertificateExpiry", "IgnoreClientCertificateExpiry", "IgnoreClientCertificateExpiry", Boolean),
    opt("Mode", "Mode", "Mode", String),
    opt("TrustStoreArn", "TrustStoreArn", "TrustStoreArn", String),
    opt("TrustStoreAssociationStatus", "TrustStoreAssociationStatus", "TrustStoreAssociationStatus", String),
]);
static REDIRECT_ACTION_CONFIG: Structure = shape(&[
    opt("Host", "Host", "Host", String),
    opt("Path", "Path", "Path", String),
    opt("Port", "Port", "Port", String),
    opt("Protocol", "Protocol", "Protocol", String),
    opt("Query", "Query", "Query", String),
    req("StatusCode", "StatusCode", "StatusCode", String),
]);
static REGISTER_TARGETS_INPUT: Structure = shape(&[
    req("TargetGroupArn", "TargetGroupArn", "TargetGroupArn", String),
    req("Targets", "Targets", "Targets", l(&TARGET_DESCRIPTIONS)),
]);
static REGISTER_TARGETS_OUTPUT: Structure = shape(&[
]);
static REMOVE_TAGS_INPUT: Structure = shape(&[
    req("ResourceArns", "ResourceArns", "ResourceArns", l(&RESOURCE_ARNS)),
    req("TagKeys", "TagKeys", "TagKeys", l(&TAG_KEYS)),
]);
static REMOVE_TAGS_OUTPUT: Structure = shape(&[
]);
static RESOURCE_ARNS: List = list(Some("member"), "member", String);
static SECURITY_GROUPS: List = list(Some("member"), "member", String);
static SET_IP_ADDRESS_TYPE_INPUT: Structure = shape(&[
    req("IpAddressType", "IpAddressType", "IpAddressType", String),
    req("LoadBalancerArn", "LoadBalancerArn", "LoadBalancerArn", String),
]);
static SET_IP_ADDRESS_TYPE_OUTPUT: Structure = shape(&[
    opt("IpAddressType", "IpAddressType", "IpAddressType", String),
]);
static SET_SECURITY_GROUPS_INPUT: Structure = shape(&[
    opt("EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic", "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic", "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic", String),
    req("LoadBalancerArn", "LoadBalancerArn", "LoadBalancerArn", String),
    req("SecurityGroups", "SecurityGroups", "SecurityGroups", l(&SECURITY_GROUPS)),
]);
static SET_SECURITY_GROUPS_OUTPUT: Structure = shape(&[
    opt("EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic", "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic", "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic", String),
    opt("SecurityGroupIds", "SecurityGroupIds", "SecurityGroupIds", l(&SECURITY_GROUPS)),
]);
static SET_SUBNETS_INPUT: Structure = shape(&[
    opt("EnablePrefixForIpv6SourceNat", "EnablePrefixForIpv6SourceNat", "EnablePrefixForIpv6SourceNat", String),
    opt("IpAddressType", "IpAddressType", "IpAddressType", String),
    req("LoadBalancerArn", "LoadBalancerArn", "LoadBalancerArn", String),
    opt("SubnetMappings", "SubnetMappings", "SubnetMappings", l(&SUBNET_MAPPINGS)),
    opt("Subnets", "Subnets", "Subnets", l(&SUBNETS)),
]);
static SET_SUBNETS_OUTPUT: Structure = shape(&[
    opt("AvailabilityZones", "AvailabilityZones", "AvailabilityZones", l(&AVAILABILITY_ZONES)),
    opt("EnablePrefixForIpv6SourceNat", "EnablePrefixForIpv6SourceNat", "EnablePrefixForIpv6SourceNat", String),
    opt("IpAddressType", "IpAddressType", "IpAddressType", String),
]);
static SOURCE_NAT_IPV6_PREFIXES: List = list(Some("member"), "member", String);
static SUBNET_MAPPING: Structure = shape(&[
    opt("AllocationId", "AllocationId", "AllocationId", String),
    opt("IPv6Address", "IPv6Address", "IPv6Address", String),
    opt("PrivateIPv4Address", "PrivateIPv4Address", "PrivateIPv4Address", String),
    opt("SourceNatIpv6Prefix", "SourceNatIpv6Prefix", "SourceNatIpv6Prefix", String),
    opt("SubnetId", "SubnetId", "SubnetId", String),
]);
static SUBNET_MAPPINGS: List = list(Some("member"), "member", s(&SUBNET_MAPPING));
static SUBNETS: List = list(Some("member"), "member", String);
static TAG: Structure = shape(&[
    req("Key", "Key", "Key", String),
    opt("Value", "Value", "Value", String),
]);
static TAG_DESCRIPTION: Structure = shape(&[
    opt("ResourceArn", "ResourceArn", "ResourceArn", String),
    opt("Tags", "Tags", "Tags", l(&TAG_LIST)),
]);
static TAG_DESCRIPTIONS: List = list(Some("member"), "member", s(&TAG_DESCRIPTION));
static TAG_KEYS: List = list(Some("member"), "member", String);
static TAG_LIST: List = list(Some("member"), "member", s(&TAG));
static TARGET_DESCRIPTION: Structure = shape(&[
    opt("AvailabilityZone", "AvailabilityZone", "AvailabilityZone", String),
    req("Id", "Id", "Id", String),
    opt("Port", "Port", "Port", Integer),
    opt("QuicServerId", "QuicServerId", "QuicServerId", String),
]);
static TARGET_DESCRIPTIONS: List = list(Some("member"), "member", s(&TARGET_DESCRIPTION));
static TARGET_GROUP: Structure = shape(&[
    opt("HealthCheckEnabled", "HealthCheckEnabled", "HealthCheckEnabled", Boolean),
    opt("HealthCheckIntervalSeconds", "HealthCheckIntervalSeconds", "HealthCheckIntervalSeconds", Integer),
    opt("HealthCheckPath", "HealthCheckPath", "HealthCheckPath", String),
    opt("HealthCheckPort", "HealthCheckPort", "HealthCheckPort", String),
    opt("HealthCheckProtocol", "HealthCheckProtocol", "HealthCheckProtocol", String),
    opt("HealthCheckTimeoutSeconds", "HealthCheckTimeoutSeconds", "HealthCheckTimeoutSeconds", Integer),
    opt("HealthyThresholdCount", "HealthyThresholdCount", "HealthyThresholdCount", Integer),
    opt("IpAddressType", "IpAddressType", "IpAddressType", String),
    opt("LoadBalancerArns", "LoadBalancerArns", "LoadBalancerArns", l(&LOAD_BALANCER_ARNS)),
    opt("Matcher", "Matcher", "Matcher", s(&MATCHER)),
    opt("Port", "Port", "Port", Integer),
    opt("Protocol", "Protocol", "Protocol", String),
    opt("ProtocolVersion", "ProtocolVersion", "ProtocolVersion", String),
    opt("TargetControlPort", "TargetControlPort", "TargetControlPort", Integer),
    opt("TargetGroupArn", "TargetGroupArn", "TargetGroupArn", String),
    opt("TargetGroupName", "TargetGroupName", "TargetGroupName", String),
    opt("TargetType", "TargetType", "TargetType", String),
    opt("UnhealthyThresholdCount", "UnhealthyThresholdCount", "UnhealthyThresholdCount", Integer),
    opt("VpcId", "VpcId", "VpcId", String),
]);
static TARGET_GROUP_ARNS: List = list(Some("member"), "member", String);
static TARGET_GROUP_ATTRIBUTE: Structure = shape(&[
    opt("Key", "Key", "Key", String),
    opt("Value", "Value", "Value", String),
]);
static TARGET_GROUP_ATTRIBUTES: List = list(Some("member"), "member", s(&TARGET_GROUP_ATTRIBUTE));
static TARGET_GROUP_LIST: List = list(Some("member"), "member", s(&TARGET_GROUP_TUPLE));
static TARGET_GROUP_NAMES: List = list(Some("member"), "member", String);
static TARGET_GROUP_STICKINESS_CONFIG: Structure = shape(&[
    opt("DurationSeconds", "DurationSeconds", "DurationSeconds", Integer),
    opt("Enabled", "Enabled", "Enabled", Boolean),
]);
static TARGET_GROUP_TUPLE: Structure = shape(&[
    opt("TargetGroupArn", "TargetGroupArn", "TargetGroupArn", String),
    opt("Weight", "Weight", "Weight", Integer),
]);
static TARGET_GROUPS: List = list(Some("member"), "member", s(&TARGET_GROUP));
static TARGET_HEALTH: Structure = shape(&[
    opt("Description", "Description", "Description", String),
    opt("Reason", "Reason", "Reason", String),
    opt("State", "State", "State", String),
]);
static TARGET_HEALTH_DESCRIPTION: Structure = shape(&[
    opt("AdministrativeOverride", "AdministrativeOverride", "AdministrativeOverride", s(&ADMINISTRATIVE_OVERRIDE)),
    opt("AnomalyDetection", "AnomalyDetection", "AnomalyDetection", s(&ANOMALY_DETECTION)),
    opt("HealthCheckPort", "HealthCheckPort", "HealthCheckPort", String),
    opt("Target", "Target", "Target", s(&TARGET_DESCRIPTION)),
    opt("TargetHealth", "TargetHealth", "TargetHealth", s(&TARGET_HEALTH)),
]);
static TARGET_HEALTH_DESCRIPTIONS: List = list(Some("member"), "member", s(&TARGET_HEALTH_DESCRIPTION));
static ZONAL_CAPACITY_RESERVATION_STATE: Structure = shape(&[
    opt("AvailabilityZone", "AvailabilityZone", "AvailabilityZone", String),
    opt("EffectiveCapacityUnits", "EffectiveCapacityUnits", "EffectiveCapacityUnits", Double),
    opt("State", "State", "State", s(&CAPACITY_RESERVATION_STATUS)),
]);
static ZONAL_CAPACITY_RESERVATION_STATES: List = list(Some("member"), "member", s(&ZONAL_CAPACITY_RESERVATION_STATE));
