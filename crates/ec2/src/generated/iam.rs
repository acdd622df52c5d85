//! iam 2010-05-08: names and types of 83 actions.
//!
//! Made by `cargo xtask generate-model` from the service model in botocore 1.44.5
//! (Apache-2.0). Not edited by hand.

#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_imports)]

use crate::table::row::{Blob, Boolean, Double, Integer, Long, String, Timestamp, l, list, opt, req, s, shape};
use crate::table::{Action, Dialect, List, Service, Structure};

pub static SERVICE: Service = Service {
    name: "iam",
    version: "2010-05-08",
    older_versions: &[],
    dialect: Dialect::Query,
    namespace: "https://iam.amazonaws.com/doc/2010-05-08/",
    actions: &[
        Action { name: "AddRoleToInstanceProfile", input: Some(&ADD_ROLE_TO_INSTANCE_PROFILE_REQUEST), output: None, result_wrapper: None },
        Action { name: "AddUserToGroup", input: Some(&ADD_USER_TO_GROUP_REQUEST), output: None, result_wrapper: None },
        Action { name: "AttachGroupPolicy", input: Some(&ATTACH_GROUP_POLICY_REQUEST), output: None, result_wrapper: None },
        Action { name: "AttachRolePolicy", input: Some(&ATTACH_ROLE_POLICY_REQUEST), output: None, result_wrapper: None },
        Action { name: "AttachUserPolicy", input: Some(&ATTACH_USER_POLICY_REQUEST), output: None, result_wrapper: None },
        Action { name: "CreateAccessKey", input: Some(&CREATE_ACCESS_KEY_REQUEST), output: Some(&CREATE_ACCESS_KEY_RESPONSE), result_wrapper: Some("CreateAccessKeyResult") },
        Action { name: "CreateGroup", input: Some(&CREATE_GROUP_REQUEST), output: Some(&CREATE_GROUP_RESPONSE), result_wrapper: Some("CreateGroupResult") },
        Action { name: "CreateInstanceProfile", input: Some(&CREATE_INSTANCE_PROFILE_REQUEST), output: Some(&CREATE_INSTANCE_PROFILE_RESPONSE), result_wrapper: Some("CreateInstanceProfileResult") },
        Action { name: "CreatePolicy", input: Some(&CREATE_POLICY_REQUEST), output: Some(&CREATE_POLICY_RESPONSE), result_wrapper: Some("CreatePolicyResult") },
        Action { name: "CreatePolicyVersion", input: Some(&CREATE_POLICY_VERSION_REQUEST), output: Some(&CREATE_POLICY_VERSION_RESPONSE), result_wrapper: Some("CreatePolicyVersionResult") },
        Action { name: "CreateRole", input: Some(&CREATE_ROLE_REQUEST), output: Some(&CREATE_ROLE_RESPONSE), result_wrapper: Some("CreateRoleResult") },
        Action { name: "CreateServiceLinkedRole", input: Some(&CREATE_SERVICE_LINKED_ROLE_REQUEST), output: Some(&CREATE_SERVICE_LINKED_ROLE_RESPONSE), result_wrapper: Some("CreateServiceLinkedRoleResult") },
        Action { name: "CreateUser", input: Some(&CREATE_USER_REQUEST), output: Some(&CREATE_USER_RESPONSE), result_wrapper: Some("CreateUserResult") },
        Action { name: "DeleteAccessKey", input: Some(&DELETE_ACCESS_KEY_REQUEST), output: None, result_wrapper: None },
        Action { name: "DeleteGroup", input: Some(&DELETE_GROUP_REQUEST), output: None, result_wrapper: None },
        Action { name: "DeleteGroupPolicy", input: Some(&DELETE_GROUP_POLICY_REQUEST), output: None, result_wrapper: None },
        Action { name: "DeleteInstanceProfile", input: Some(&DELETE_INSTANCE_PROFILE_REQUEST), output: None, result_wrapper: None },
        Action { name: "DeletePolicy", input: Some(&DELETE_POLICY_REQUEST), output: None, result_wrapper: None },
        Action { name: "DeletePolicyVersion", input: Some(&DELETE_POLICY_VERSION_REQUEST), output: None, result_wrapper: None },
        Action { name: "DeleteRole", input: Some(&DELETE_ROLE_REQUEST), output: None, result_wrapper: None },
        Action { name: "DeleteRolePermissionsBoundary", input: Some(&DELETE_ROLE_PERMISSIONS_BOUNDARY_REQUEST), output: None, result_wrapper: None },
        Action { name: "DeleteRolePolicy", input: Some(&DELETE_ROLE_POLICY_REQUEST), output: None, result_wrapper: None },
        Action { name: "DeleteServiceLinkedRole", input: Some(&DELETE_SERVICE_LINKED_ROLE_REQUEST), output: Some(&DELETE_SERVICE_LINKED_ROLE_RESPONSE), result_wrapper: Some("DeleteServiceLinkedRoleResult") },
        Action { name: "DeleteUser", input: Some(&DELETE_USER_REQUEST), output: None, result_wrapper: None },
        Action { name: "DeleteUserPermissionsBoundary", input: Some(&DELETE_USER_PERMISSIONS_BOUNDARY_REQUEST), output: None, result_wrapper: None },
        Action { name: "DeleteUserPolicy", input: Some(&DELETE_USER_POLICY_REQUEST), output: None, result_wrapper: None },
        Action { name: "DetachGroupPolicy", input: Some(&DETACH_GROUP_POLICY_REQUEST), output: None, result_wrapper: None },
        Action { name: "DetachRolePolicy", input: Some(&DETACH_ROLE_POLICY_REQUEST), output: None, result_wrapper: None },
        Action { name: "DetachUserPolicy", input: Some(&DETACH_USER_POLICY_REQUEST), output: None, result_wrapper: None },
        Action { name: "GetAccessKeyLastUsed", input: Some(&GET_ACCESS_KEY_LAST_USED_REQUEST), output: Some(&GET_ACCESS_KEY_LAST_USED_RESPONSE), result_wrapper: Some("GetAccessKeyLastUsedResult") },
        Action { name: "GetGroup", input: Some(&GET_GROUP_REQUEST), output: Some(&GET_GROUP_RESPONSE), result_wrapper: Some("GetGroupResult") },
        Action { name: "GetGroupPolicy", input: Some(&GET_GROUP_POLICY_REQUEST), output: Some(&GET_GROUP_POLICY_RESPONSE), result_wrapper: Some("GetGroupPolicyResult") },
        Action { name: "GetInstanceProfile", input: Some(&GET_INSTANCE_PROFILE_REQUEST), output: Some(&GET_INSTANCE_PROFILE_RESPONSE), result_wrapper: Some("GetInstanceProfileResult") },
        Action { name: "GetPolicy", input: Some(&GET_POLICY_REQUEST), output: Some(&GET_POLICY_RESPONSE), result_wrapper: Some("GetPolicyResult") },
        Action { name: "GetPolicyVersion", input: Some(&GET_POLICY_VERSION_REQUEST), output: Some(&GET_POLICY_VERSION_RESPONSE), result_wrapper: Some("GetPolicyVersionResult") },
        Action { name: "GetRole", input: Some(&GET_ROLE_REQUEST), output: Some(&GET_ROLE_RESPONSE), result_wrapper: Some("GetRoleResult") },
        Action { name: "GetRolePolicy", input: Some(&GET_ROLE_POLICY_REQUEST), output: Some(&GET_ROLE_POLICY_RESPONSE), result_wrapper: Some("GetRolePolicyResult") },
        Action { name: "GetServiceLinkedRoleDeletionStatus", input: Some(&GET_SERVICE_LINKED_ROLE_DELETION_STATUS_REQUEST), output: Some(&GET_SERVICE_LINKED_ROLE_DELETION_STATUS_RESPONSE), result_wrapper: Some("GetServiceLinkedRoleDeletionStatusResult") },
        Action { name: "GetUser", input: Some(&GET_USER_REQUEST), output: Some(&GET_USER_RESPONSE), result_wrapper: Some("GetUserResult") },
        Action { name: "GetUserPolicy", input: Some(&GET_USER_POLICY_REQUEST), output: Some(&GET_USER_POLICY_RESPONSE), result_wrapper: Some("GetUserPolicyResult") },
        Action { name: "ListAccessKeys", input: Some(&LIST_ACCESS_KEYS_REQUEST), output: Some(&LIST_ACCESS_KEYS_RESPONSE), result_wrapper: Some("ListAccessKeysResult") },
        Action { name: "ListAccountAliases", input: Some(&LIST_ACCOUNT_ALIASES_REQUEST), output: Some(&LIST_ACCOUNT_ALIASES_RESPONSE), result_wrapper: Some("ListAccountAliasesResult") },
        Action { name: "ListAttachedGroupPolicies", input: Some(&LIST_ATTACHED_GROUP_POLICIES_REQUEST), output: Some(&LIST_ATTACHED_GROUP_POLICIES_RESPONSE), result_wrapper: Some("ListAttachedGroupPoliciesResult") },
        Action { name: "ListAttachedRolePolicies", input: Some(&LIST_ATTACHED_ROLE_POLICIES_REQUEST), output: Some(&LIST_ATTACHED_ROLE_POLICIES_RESPONSE), result_wrapper: Some("ListAttachedRolePoliciesResult") },
        Action { name: "ListAttachedUserPolicies", input: Some(&LIST_ATTACHED_USER_POLICIES_REQUEST), output: Some(&LIST_ATTACHED_USER_POLICIES_RESPONSE), result_wrapper: Some("ListAttachedUserPoliciesResult") },
        Action { name: "ListEntitiesForPolicy", input: Some(&LIST_ENTITIES_FOR_POLICY_REQUEST), output: Some(&LIST_ENTITIES_FOR_POLICY_RESPONSE), result_wrapper: Some("ListEntitiesForPolicyResult") },
        Action { name: "ListGroupPolicies", input: Some(&LIST_GROUP_POLICIES_REQUEST), output: Some(&LIST_GROUP_POLICIES_RESPONSE), result_wrapper: Some("ListGroupPoliciesResult") },
        Action { name: "ListGroups", input: Some(&LIST_GROUPS_REQUEST), output: Some(&LIST_GROUPS_RESPONSE), result_wrapper: Some("ListGroupsResult") },
        Action { name: "ListGroupsForUser", input: Some(&LIST_GROUPS_FOR_USER_REQUEST), output: Some(&LIST_GROUPS_FOR_USER_RESPONSE), result_wrapper: Some("ListGroupsForUserResult") },
        Action { name: "ListInstanceProfileTags", input: Some(&LIST_INSTANCE_PROFILE_TAGS_REQUEST), output: Some(&LIST_INSTANCE_PROFILE_TAGS_RESPONSE), result_wrapper: Some("ListInstanceProfileTagsResult") },
        Action { name: "ListInstanceProfiles", input: Some(&LIST_INSTANCE_PROFILES_REQUEST), output: Some(&LIST_INSTANCE_PROFILES_RESPONSE), result_wrapper: Some("ListInstanceProfilesResult") },
        Action { name: "ListInstanceProfilesForRole", input: Some(&LIST_INSTANCE_PROFILES_FOR_ROLE_REQUEST), output: Some(&LIST_INSTANCE_PROFILES_FOR_ROLE_RESPONSE), result_wrapper: Some("ListInstanceProfilesForRoleResult") },
        Action { name: "ListPolicies", input: Some(&LIST_POLICIES_REQUEST), output: Some(&LIST_POLICIES_RESPONSE), result_wrapper: Some("ListPoliciesResult") },
        Action { name: "ListPolicyTags", input: Some(&LIST_POLICY_TAGS_REQUEST), output: Some(&LIST_POLICY_TAGS_RESPONSE), result_wrapper: Some("ListPolicyTagsResult") },
        Action { name: "ListPolicyVersions", input: Some(&LIST_POLICY_VERSIONS_REQUEST), output: Some(&LIST_POLICY_VERSIONS_RESPONSE), result_wrapper: Some("ListPolicyVersionsResult") },
        Action { name: "ListRolePolicies", input: Some(&LIST_ROLE_POLICIES_REQUEST), output: Some(&LIST_ROLE_POLICIES_RESPONSE), result_wrapper: Some("ListRolePoliciesResult") },
        Action { name: "ListRoleTags", input: Some(&LIST_ROLE_TAGS_REQUEST), output: Some(&LIST_ROLE_TAGS_RESPONSE), result_wrapper: Some("ListRoleTagsResult") },
        Action { name: "ListRoles", input: Some(&LIST_ROLES_REQUEST), output: Some(&LIST_ROLES_RESPONSE), result_wrapper: Some("ListRolesResult") },
        Action { name: "ListUserPolicies", input: Some(&LIST_USER_POLICIES_REQUEST), output: Some(&LIST_USER_POLICIES_RESPONSE), result_wrapper: Some("ListUserPoliciesResult") },
        Action { name: "ListUserTags", input: Some(&LIST_USER_TAGS_REQUEST), output: Some(&LIST_USER_TAGS_RESPONSE), result_wrapper: Some("ListUserTagsResult") },
        Action { name: "ListUsers", input: Some(&LIST_USERS_REQUEST), output: Some(&LIST_USERS_RESPONSE), result_wrapper: Some("ListUsersResult") },
        Action { name: "PutGroupPolicy", input: Some(&PUT_GROUP_POLICY_REQUEST), output: None, result_wrapper: None },
        Action { name: "PutRolePermissionsBoundary", input: Some(&PUT_ROLE_PERMISSIONS_BOUNDARY_REQUEST), output: None, result_wrapper: None },
        Action { name: "PutRolePolicy", input: Some(&PUT_ROLE_POLICY_REQUEST), output: None, result_wrapper: None },
        Action { name: "PutUserPermissionsBoundary", input: Some(&PUT_USER_PERMISSIONS_BOUNDARY_REQUEST), output: None, result_wrapper: None },
        Action { name: "PutUserPolicy", input: Some(&PUT_USER_POLICY_REQUEST), output: None, result_wrapper: None },
        Action { name: "RemoveRoleFromInstanceProfile", input: Some(&REMOVE_ROLE_FROM_INSTANCE_PROFILE_REQUEST), output: None, result_wrapper: None },
        Action { name: "RemoveUserFromGroup", input: Some(&REMOVE_USER_FROM_GROUP_REQUEST), output: None, result_wrapper: None },
        Action { name: "SetDefaultPolicyVersion", input: Some(&SET_DEFAULT_POLICY_VERSION_REQUEST), output: None, result_wrapper: None },
        Action { name: "TagInstanceProfile", input: Some(&TAG_INSTANCE_PROFILE_REQUEST), output: None, result_wrapper: None },
        Action { name: "TagPolicy", input: Some(&TAG_POLICY_REQUEST), output: None, result_wrapper: None },
        Action { name: "TagRole", input: Some(&TAG_ROLE_REQUEST), output: None, result_wrapper: None },
        Action { name: "TagUser", input: Some(&TAG_USER_REQUEST), output: None, result_wrapper: None },
        Action { name: "UntagInstanceProfile", input: Some(&UNTAG_INSTANCE_PROFILE_REQUEST), output: None, result_wrapper: None },
        Action { name: "UntagPolicy", input: Some(&UNTAG_POLICY_REQUEST), output: None, result_wrapper: None },
        Action { name: "UntagRole", input: Some(&UNTAG_ROLE_REQUEST), output: None, result_wrapper: None },
        Action { name: "UntagUser", input: Some(&UNTAG_USER_REQUEST), output: None, result_wrapper: None },
        Action { name: "UpdateAccessKey", input: Some(&UPDATE_ACCESS_KEY_REQUEST), output: None, result_wrapper: None },
        Action { name: "UpdateAssumeRolePolicy", input: Some(&UPDATE_ASSUME_ROLE_POLICY_REQUEST), output: None, result_wrapper: None },
        Action { name: "UpdateGroup", input: Some(&UPDATE_GROUP_REQUEST), output: None, result_wrapper: None },
        Action { name: "UpdateRole", input: Some(&UPDATE_ROLE_REQUEST), output: Some(&UPDATE_ROLE_RESPONSE), result_wrapper: Some("UpdateRoleResult") },
        Action { name: "UpdateRoleDescription", input: Some(&UPDATE_ROLE_DESCRIPTION_REQUEST), output: Some(&UPDATE_ROLE_DESCRIPTION_RESPONSE), result_wrapper: Some("UpdateRoleDescriptionResult") },
        Action { name: "UpdateUser", input: Some(&UPDATE_USER_REQUEST), output: None, result_wrapper: None },
    ],
    other_actions: &[
        "AcceptDelegationRequest", "AcquireRole", "AddClientIDToOpenIDConnectProvider", "AssociateDelegationRequest",
        "ChangePassword", "CreateAccountAlias", "CreateDelegationRequest", "CreateLoginProfile",
        "CreateOpenIDConnectProvider", "CreateSAMLProvider", "CreateServiceSpecificCredential", "CreateVirtualMFADevice",
        "DeactivateMFADevice", "DeleteAccountAlias", "DeleteAccountPasswordPolicy", "DeleteLoginProfile",
        "DeleteOpenIDConnectProvider", "DeleteSAMLProvider", "DeleteSSHPublicKey", "DeleteServerCertificate",
        "DeleteServiceSpecificCredential", "DeleteSigningCertificate", "DeleteVirtualMFADevice", "DisableOrganizationsRootCredentialsManagement",
        "DisableOrganizationsRootSessions", "DisableOutboundWebIdentityFederation", "EnableMFADevice", "EnableOrganizationsRootCredentialsManagement",
        "EnableOrganizationsRootSessions", "EnableOutboundWebIdentityFederation", "GenerateCredentialReport", "GenerateOrganizationsAccessReport",
        "GenerateServiceLastAccessedDetails", "GetAccountAuthorizationDetails", "GetAccountPasswordPolicy", "GetAccountProperties",
        "GetAccountSummary", "GetContextKeysForCustomPolicy", "GetContextKeysForPrincipalPolicy", "GetCredentialReport",
        "GetDelegationRequest", "GetHumanReadableSummary", "GetLoginProfile", "GetMFADevice",
        "GetOpenIDConnectProvider", "GetOrganizationsAccessReport", "GetOutboundWebIdentityFederationInfo", "GetRoleTemplateVersion",
        "GetSAMLProvider", "GetSSHPublicKey", "GetServerCertificate", "GetServiceLastAccessedDetails",
        "GetServiceLastAccessedDetailsWithEntities", "ListDelegationRequests", "ListMFADeviceTags", "ListMFADevices",
        "ListOpenIDConnectProviderTags", "ListOpenIDConnectProviders", "ListOrganizationsFeatures", "ListPoliciesGrantingServiceAccess",
        "ListSAMLProviderTags", "ListSAMLProviders", "ListSSHPublicKeys", "ListServerCertificateTags",
        "ListServerCertificates", "ListServiceSpecificCredentials", "ListSigningCertificates", "ListVirtualMFADevices",
        "PutAccountProperties", "RejectDelegationRequest", "RemoveClientIDFromOpenIDConnectProvider", "ResetServiceSpecificCredential",
        "ResyncMFADevice", "SendDelegationToken", "SetSecurityTokenServicePreferences", "SimulateCustomPolicy",
        "SimulatePrincipalPolicy", "TagMFADevice", "TagOpenIDConnectProvider", "TagSAMLProvider",
        "TagServerCertificate", "UntagMFADevice", "UntagOpenIDConnectProvider", "UntagSAMLProvider",
        "UntagServerCertificate", "UpdateAccountPasswordPolicy", "UpdateDelegationRequest", "UpdateLoginProfile",
        "UpdateOpenIDConnectProviderThumbprint", "UpdateSAMLProvider", "UpdateSSHPublicKey", "UpdateServerCertificate",
        "UpdateServiceSpecificCredential", "UpdateSigningCertificate", "UploadSSHPublicKey", "UploadServerCertificate",
        "UploadSigningCertificate",
    ],
};

static ACCESS_KEY: Structure = shape(&[
    req("AccessKeyId", "AccessKeyId", "AccessKeyId", String),
    opt("CreateDate", "CreateDate", "CreateDate", Timestamp),
    req("SecretAccessKey", "SecretAccessKey", "SecretAccessKey", String),
    req("Status", "Status", "Status", String),
    req("UserName", "UserName", "UserName", String),
]);
static ACCESS_KEY_LAST_USED: Structure = shape(&[
    opt("LastUsedDate", "LastUsedDate", "LastUsedDate", Timestamp),
    req("Region", "Region", "Region", String),
    req("ServiceName", "ServiceName", "ServiceName", String),
]);
static ACCESS_KEY_METADATA: Structure = shape(&[
    opt("AccessKeyId", "AccessKeyId", "AccessKeyId", String),
    opt("CreateDate", "CreateDate", "CreateDate", Timestamp),
    opt("Status", "Status", "Status", String),
    opt("UserName", "UserName", "UserName", String),
]);
static ADD_ROLE_TO_INSTANCE_PROFILE_REQUEST: Structure = shape(&[
    req("InstanceProfileName", "InstanceProfileName", "InstanceProfileName", String),
    req("RoleName", "RoleName", "RoleName", String),
]);
static ADD_USER_TO_GROUP_REQUEST: Structure = shape(&[
    req("GroupName", "GroupName", "GroupName", String),
    req("UserName", "UserName", "UserName", String),
]);
static ARN_LIST_TYPE: List = list(Some("member"), "member", String);
static ATTACH_GROUP_POLICY_REQUEST: Structure = shape(&[
    req("GroupName", "GroupName", "GroupName", String),
    req("PolicyArn", "PolicyArn", "PolicyArn", String),
]);
static ATTACH_ROLE_POLICY_REQUEST: Structure = shape(&[
    req("PolicyArn", "PolicyArn", "PolicyArn", String),
    req("RoleName", "RoleName", "RoleName", String),
]);
static ATTACH_USER_POLICY_REQUEST: Structure = shape(&[
    req("PolicyArn", "PolicyArn", "PolicyArn", String),
    req("UserName", "UserName", "UserName", String),
]);
static ATTACHED_PERMISSIONS_BOUNDARY: Structure = shape(&[
    opt("PermissionsBoundaryArn", "PermissionsBoundaryArn", "PermissionsBoundaryArn", String),
    opt("PermissionsBoundaryType", "PermissionsBoundaryType", "PermissionsBoundaryType", String),
]);
static ATTACHED_POLICY: Structure = shape(&[
    opt("PolicyArn", "PolicyArn", "PolicyArn", String),
    opt("PolicyName", "PolicyName", "PolicyName", String),
]);
static CREATE_ACCESS_KEY_REQUEST: Structure = shape(&[
    opt("UserName", "UserName", "UserName", String),
]);
static CREATE_ACCESS_KEY_RESPONSE: Structure = shape(&[
    req("AccessKey", "AccessKey", "AccessKey", s(&ACCESS_KEY)),
]);
static CREATE_GROUP_REQUEST: Structure = shape(&[
    req("GroupName", "GroupName", "GroupName", String),
    opt("Path", "Path", "Path", String),
]);
static CREATE_GROUP_RESPONSE: Structure = shape(&[
    req("Group", "Group", "Group", s(&GROUP)),
]);
static CREATE_INSTANCE_PROFILE_REQUEST: Structure = shape(&[
    req("InstanceProfileName", "InstanceProfileName", "InstanceProfileName", String),
    opt("Path", "Path", "Path", String),
    opt("Tags", "Tags", "Tags", l(&TAG_LIST_TYPE)),
]);
static CREATE_INSTANCE_PROFILE_RESPONSE: Structure = shape(&[
    req("InstanceProfile", "InstanceProfile", "InstanceProfile", s(&INSTANCE_PROFILE)),
]);
static CREATE_POLICY_REQUEST: Structure = shape(&[
    opt("Description", "Description", "Description", String),
    opt("Path", "Path", "Path", String),
    req("PolicyDocument", "PolicyDocument", "PolicyDocument", String),
    req("PolicyName", "PolicyName", "PolicyName", String),
    opt("Tags", "Tags", "Tags", l(&TAG_LIST_TYPE)),
]);
static CREATE_POLICY_RESPONSE: Structure = shape(&[
    opt("Policy", "Policy", "Policy", s(&POLICY)),
]);
static CREATE_POLICY_VERSION_REQUEST: Structure = shape(&[
    req("PolicyArn", "PolicyArn", "PolicyArn", String),
    req("PolicyDocument", "PolicyDocument", "PolicyDocument", String),
    opt("SetAsDefault", "SetAsDefault", "SetAsDefault", Boolean),
]);
static CREATE_POLICY_VERSION_RESPONSE: Structure = shape(&[
    opt("PolicyVersion", "PolicyVersion", "PolicyVersion", s(&POLICY_VERSION)),
]);
static CREATE_ROLE_REQUEST: Structure = shape(&[
    req("AssumeRolePolicyDocument", "AssumeRolePolicyDocument", "AssumeRolePolicyDocument", String),
    opt("Description", "Description", "Description", String),
    opt("MaxSessionDuration", "MaxSessionDuration", "MaxSessionDuration", Integer),
    opt("Path", "Path", "Path", String),
    opt("PermissionsBoundary", "PermissionsBoundary", "PermissionsBoundary", String),
    req("RoleName", "RoleName", "RoleName", String),
    opt("Tags", "Tags", "Tags", l(&TAG_LIST_TYPE)),
]);
static CREATE_ROLE_RESPONSE: Structure = shape(&[
    req("Role", "Role", "Role", s(&ROLE)),
]);
static CREATE_SERVICE_LINKED_ROLE_REQUEST: Structure = shape(&[
    req("AWSServiceName", "AWSServiceName", "AWSServiceName", String),
    opt("CustomSuffix", "CustomSuffix", "CustomSuffix", String),
    opt("Description", "Description", "Description", String),
]);
static CREATE_SERVICE_LINKED_ROLE_RESPONSE: Structure = shape(&[
    opt("Role", "Role", "Role", s(&ROLE)),
]);
static CREATE_USER_REQUEST: Structure = shape(&[
    opt("Path", "Path", "Path", String),
    opt("PermissionsBoundary", "PermissionsBoundary", "PermissionsBoundary", String),
    opt("Tags", "Tags", "Tags", l(&TAG_LIST_TYPE)),
    req("UserName", "UserName", "UserName", String),
]);
static CREATE_USER_RESPONSE: Structure = shape(&[
    opt("User", "User", "User", s(&USER)),
]);
static DELETE_ACCESS_KEY_REQUEST: Structure = shape(&[
    req("AccessKeyId", "AccessKeyId", "AccessKeyId", String),
    opt("UserName", "UserName", "UserName", String),
]);
static DELETE_GROUP_POLICY_REQUEST: Structure = shape(&[
    req("GroupName", "GroupName", "GroupName", String),
    req("PolicyName", "PolicyName", "PolicyName", String),
]);
static DELETE_GROUP_REQUEST: Structure = shape(&[
    req("GroupName", "GroupName", "GroupName", String),
]);
static DELETE_INSTANCE_PROFILE_REQUEST: Structure = shape(&[
    req("InstanceProfileName", "InstanceProfileName", "InstanceProfileName", String),
]);
static DELETE_POLICY_REQUEST: Structure = shape(&[
    req("PolicyArn", "PolicyArn", "PolicyArn", String),
]);
static DELETE_POLICY_VERSION_REQUEST: Structure = shape(&[
    req("PolicyArn", "PolicyArn", "PolicyArn", String),
    req("VersionId", "VersionId", "VersionId", String),
]);
static DELETE_ROLE_PERMISSIONS_BOUNDARY_REQUEST: Structure = shape(&[
    req("RoleName", "RoleName", "RoleName", String),
]);
static DELETE_ROLE_POLICY_REQUEST: Structure = shape(&[
    req("PolicyName", "PolicyName", "PolicyName", String),
    req("RoleName", "RoleName", "RoleName", String),
]);
static DELETE_ROLE_REQUEST: Structure = shape(&[
    req("RoleName", "RoleName", "RoleName", String),
]);
static DELETE_SERVICE_LINKED_ROLE_REQUEST: Structure = shape(&[
    req("RoleName", "RoleName", "RoleName", String),
]);
static DELETE_SERVICE_LINKED_ROLE_RESPONSE: Structure = shape(&[
    req("DeletionTaskId", "DeletionTaskId", "DeletionTaskId", String),
]);
static DELETE_USER_PERMISSIONS_BOUNDARY_REQUEST: Structure = shape(&[
    req("UserName", "UserName", "UserName", String),
]);
static DELETE_USER_POLICY_REQUEST: Structure = shape(&[
    req("PolicyName", "PolicyName", "PolicyName", String),
    req("UserName", "UserName", "UserName", String),
]);
static DELETE_USER_REQUEST: Structure = shape(&[
    req("UserName", "UserName", "UserName", String),
]);
static DELETION_TASK_FAILURE_REASON_TYPE: Structure = shape(&[
    opt("Reason", "Reason", "Reason", String),
    opt("RoleUsageList", "RoleUsageList", "RoleUsageList", l(&ROLE_USAGE_LIST_TYPE)),
]);
static DETACH_GROUP_POLICY_REQUEST: Structure = shape(&[
    req("GroupName", "GroupName", "GroupName", String),
    req("PolicyArn", "PolicyArn", "PolicyArn", String),
]);
static DETACH_ROLE_POLICY_REQUEST: Structure = shape(&[
    req("PolicyArn", "PolicyArn", "PolicyArn", String),
    req("RoleName", "RoleName", "RoleName", String),
]);
static DETACH_USER_POLICY_REQUEST: Structure = shape(&[
    req("PolicyArn", "PolicyArn", "PolicyArn", String),
    req("UserName", "UserName", "UserName", String),
]);
static GET_ACCESS_KEY_LAST_USED_REQUEST: Structure = shape(&[
    req("AccessKeyId", "AccessKeyId", "AccessKeyId", String),
]);
static GET_ACCESS_KEY_LAST_USED_RESPONSE: Structure = shape(&[
    opt("AccessKeyLastUsed", "AccessKeyLastUsed", "AccessKeyLastUsed", s(&ACCESS_KEY_LAST_USED)),
    opt("UserName", "UserName", "UserName", String),
]);
static GET_GROUP_POLICY_REQUEST: Structure = shape(&[
    req("GroupName", "GroupName", "GroupName", String),
    req("PolicyName", "PolicyName", "PolicyName", String),
]);
static GET_GROUP_POLICY_RESPONSE: Structure = shape(&[
    req("GroupName", "GroupName", "GroupName", String),
    req("PolicyDocument", "PolicyDocument", "PolicyDocument", String),
    req("PolicyName", "PolicyName", "PolicyName", String),
]);
static GET_GROUP_REQUEST: Structure = shape(&[
    req("GroupName", "GroupName", "GroupName", String),
    opt("Marker", "Marker", "Marker", String),
    opt("MaxItems", "MaxItems", "MaxItems", Integer),
]);
static GET_GROUP_RESPONSE: Structure = shape(&[
    req("Group", "Group", "Group", s(&GROUP)),
    opt("IsTruncated", "IsTruncated", "IsTruncated", Boolean),
    opt("Marker", "Marker", "Marker", String),
    req("Users", "Users", "Users", l(&USER_LIST_TYPE)),
]);
static GET_INSTANCE_PROFILE_REQUEST: Structure = shape(&[
    req("InstanceProfileName", "InstanceProfileName", "InstanceProfileName", String),
]);
static GET_INSTANCE_PROFILE_RESPONSE: Structure = shape(&[
    req("InstanceProfile", "InstanceProfile", "InstanceProfile", s(&INSTANCE_PROFILE)),
]);
static GET_POLICY_REQUEST: Structure = shape(&[
    req("PolicyArn", "PolicyArn", "PolicyArn", String),
]);
static GET_POLICY_RESPONSE: Structure = shape(&[
    opt("Policy", "Policy", "Policy", s(&POLICY)),
]);
static GET_POLICY_VERSION_REQUEST: Structure = shape(&[
    req("PolicyArn", "PolicyArn", "PolicyArn", String),
    req("VersionId", "VersionId", "VersionId", String),
]);
static GET_POLICY_VERSION_RESPONSE: Structure = shape(&[
    opt("PolicyVersion", "PolicyVersion", "PolicyVersion", s(&POLICY_VERSION)),
]);
static GET_ROLE_POLICY_REQUEST: Structure = shape(&[
    req("PolicyName", "PolicyName", "PolicyName", String),
    req("RoleName", "RoleName", "RoleName", String),
]);
static GET_ROLE_POLICY_RESPONSE: Structure = shape(&[
    req("PolicyDocument", "PolicyDocument", "PolicyDocument", String),
    req("PolicyName", "PolicyName", "PolicyName", String),
    req("RoleName", "RoleName", "RoleName", String),
]);
static GET_ROLE_REQUEST: Structure = shape(&[
    req("RoleName", "RoleName", "RoleName", String),
]);
static GET_ROLE_RESPONSE: Structure = shape(&[
    req("Role", "Role", "Role", s(&ROLE)),
]);
static GET_SERVICE_LINKED_ROLE_DELETION_STATUS_REQUEST: Structure = shape(&[
    req("DeletionTaskId", "DeletionTaskId", "DeletionTaskId", String),
]);
static GET_SERVICE_LINKED_ROLE_DELETION_STATUS_RESPONSE: Structure = shape(&[
    opt("Reason", "Reason", "Reason", s(&DELETION_TASK_FAILURE_REASON_TYPE)),
    req("Status", "Status", "Status", String),
]);
static GET_USER_POLICY_REQUEST: Structure = shape(&[
    req("PolicyName", "PolicyName", "PolicyName", String),
    req("UserName", "UserName", "UserName", String),
]);
static GET_USER_POLICY_RESPONSE: Structure = shape(&[
    req("PolicyDocument", "PolicyDocument", "PolicyDocument", String),
    req("PolicyName", "PolicyName", "PolicyName", String),
    req("UserName", "UserName", "UserName", String),
]);
static GET_USER_REQUEST: Structure = shape(&[
    opt("UserName", "UserName", "UserName", String),
]);
static GET_USER_RESPONSE: Structure = shape(&[
    req("User", "User", "User", s(&USER)),
]);
static GROUP: Structure = shape(&[
    req("Arn", "Arn", "Arn", String),
    req("CreateDate", "CreateDate", "CreateDate", Timestamp),
    req("GroupId", "GroupId", "GroupId", String),
    req("GroupName", "GroupName", "GroupName", String),
    req("Path", "Path", "Path", String),
]);
static INSTANCE_PROFILE: Structure = shape(&[
    req("Arn", "Arn", "Arn", String),
    req("CreateDate", "CreateDate", "CreateDate", Timestamp),
    req("InstanceProfileId", "InstanceProfileId", "InstanceProfileId", String),
    req("InstanceProfileName", "InstanceProfileName", "InstanceProfileName", String),
    req("Path", "Path", "Path", String),
    req("Roles", "Roles", "Roles", l(&ROLE_LIST_TYPE)),
    opt("Tags", "Tags", "Tags", l(&TAG_LIST_TYPE)),
]);
static LIST_ACCESS_KEYS_REQUEST: Structure = shape(&[
    opt("Marker", "Marker", "Marker", String),
    opt("MaxItems", "MaxItems", "MaxItems", Integer),
    opt("UserName", "UserName", "UserName", String),
]);
static LIST_ACCESS_KEYS_RESPONSE: Structure = shape(&[
    req("AccessKeyMetadata", "AccessKeyMetadata", "AccessKeyMetadata", l(&ACCESS_KEY_METADATA_LIST_TYPE)),
    opt("IsTruncated", "IsTruncated", "IsTruncated", Boolean),
    opt("Marker", "Marker", "Marker", String),
]);
static LIST_ACCOUNT_ALIASES_REQUEST: Structure = shape(&[
    opt("Marker", "Marker", "Marker", String),
    opt("MaxItems", "MaxItems", "MaxItems", Integer),
]);
static LIST_ACCOUNT_ALIASES_RESPONSE: Structure = shape(&[
    req("AccountAliases", "AccountAliases", "AccountAliases", l(&ACCOUNT_ALIAS_LIST_TYPE)),
    opt("IsTruncated", "IsTruncated", "IsTruncated", Boolean),
    opt("Marker", "Marker", "Marker", String),
]);
static LIST_ATTACHED_GROUP_POLICIES_REQUEST: Structure = shape(&[
    req("GroupName", "GroupName", "GroupName", String),
    opt("Marker", "Marker", "Marker", String),
    opt("MaxItems", "MaxItems", "MaxItems", Integer),
    opt("PathPrefix", "PathPrefix", "PathPrefix", String),
]);
static LIST_ATTACHED_GROUP_POLICIES_RESPONSE: Structure = shape(&[
    opt("AttachedPolicies", "AttachedPolicies", "AttachedPolicies", l(&ATTACHED_POLICIES_LIST_TYPE)),
    opt("IsTruncated", "IsTruncated", "IsTruncated", Boolean),
    opt("Marker", "Marker", "Marker", String),
]);
static LIST_ATTACHED_ROLE_POLICIES_REQUEST: Structure = shape(&[
    opt("Marker", "Marker", "Marker", String),
    opt("MaxItems", "MaxItems", "MaxItems", Integer),
    opt("PathPrefix", "PathPrefix", "PathPrefix", String),
    req("RoleName", "RoleName", "RoleName", String),
]);
static LIST_ATTACHED_ROLE_POLICIES_RESPONSE: Structure = shape(&[
    opt("AttachedPolicies", "AttachedPolicies", "AttachedPolicies", l(&ATTACHED_POLICIES_LIST_TYPE)),
    opt("IsTruncated", "IsTruncated", "IsTruncated", Boolean),
    opt("Marker", "Marker", "Marker", String),
]);
static LIST_ATTACHED_USER_POLICIES_REQUEST: Structure = shape(&[
    opt("Marker", "Marker", "Marker", String),
    opt("MaxItems", "MaxItems", "MaxItems", Integer),
    opt("PathPrefix", "PathPrefix", "PathPrefix", String),
    req("UserName", "UserName", "UserName", String),
]);
static LIST_ATTACHED_USER_POLICIES_RESPONSE: Structure = shape(&[
    opt("AttachedPolicies", "AttachedPolicies", "AttachedPolicies", l(&ATTACHED_POLICIES_LIST_TYPE)),
    opt("IsTruncated", "IsTruncated", "IsTruncated", Boolean),
    opt("Marker", "Marker", "Marker", String),
]);
static LIST_ENTITIES_FOR_POLICY_REQUEST: Structure = shape(&[
    opt("EntityFilter", "EntityFilter", "EntityFilter", String),
    opt("Marker", "Marker", "Marker", String),
    opt("MaxItems", "MaxItems", "MaxItems", Integer),
    opt("PathPrefix", "PathPrefix", "PathPrefix", String),
    req("PolicyArn", "PolicyArn", "PolicyArn", String),
    opt("PolicyUsageFilter", "PolicyUsageFilter", "PolicyUsageFilter", String),
]);
static LIST_ENTITIES_FOR_POLICY_RESPONSE: Structure = shape(&[
    opt("IsTruncated", "IsTruncated", "IsTruncated", Boolean),
    opt("Marker", "Marker", "Marker", String),
    opt("PolicyGroups", "PolicyGroups", "PolicyGroups", l(&POLICY_GROUP_LIST_TYPE)),
    opt("PolicyRoles", "PolicyRoles", "PolicyRoles", l(&POLICY_ROLE_LIST_TYPE)),
    opt("PolicyUsers", "PolicyUsers", "PolicyUsers", l(&POLICY_USER_LIST_TYPE)),
]);
static LIST_GROUP_POLICIES_REQUEST: Structure = shape(&[
    req("GroupName", "GroupName", "GroupName", String),
    opt("Marker", "Marker", "Marker", String),
    opt("MaxItems", "MaxItems", "MaxItems", Integer),
]);
static LIST_GROUP_POLICIES_RESPONSE: Structure = shape(&[
    opt("IsTruncated", "IsTruncated", "IsTruncated", Boolean),
    opt("Marker", "Marker", "Marker", String),
    req("PolicyNames", "PolicyNames", "PolicyNames", l(&POLICY_NAME_LIST_TYPE)),
]);
static LIST_GROUPS_FOR_USER_REQUEST: Structure = shape(&[
    opt("Marker", "Marker", "Marker", String),
    opt("MaxItems", "MaxItems", "MaxItems", Integer),
    req("UserName", "UserName", "UserName", String),
]);
static LIST_GROUPS_FOR_USER_RESPONSE: Structure = shape(&[
    req("Groups", "Groups", "Groups", l(&GROUP_LIST_TYPE)),
    opt("IsTruncated", "IsTruncated", "IsTruncated", Boolean),
    opt("Marker", "Marker", "Marker", String),
]);
static LIST_GROUPS_REQUEST: Structure = shape(&[
    opt("Marker", "Marker", "Marker", String),
    opt("MaxItems", "MaxItems", "MaxItems", Integer),
    opt("PathPrefix", "PathPrefix", "PathPrefix", String),
]);
static LIST_GROUPS_RESPONSE: Structure = shape(&[
    req("Groups", "Groups", "Groups", l(&GROUP_LIST_TYPE)),
    opt("IsTruncated", "IsTruncated", "IsTruncated", Boolean),
    opt("Marker", "Marker", "Marker", String),
]);
static LIST_INSTANCE_PROFILE_TAGS_REQUEST: Structure = shape(&[
    req("InstanceProfileName", "InstanceProfileName", "InstanceProfileName", String),
    opt("Marker", "Marker", "Marker", String),
    opt("MaxItems", "MaxItems", "MaxItems", Integer),
]);
static LIST_INSTANCE_PROFILE_TAGS_RESPONSE: Structure = shape(&[
    opt("IsTruncated", "IsTruncated", "IsTruncated", Boolean),
    opt("Marker", "Marker", "Marker", String),
    req("Tags", "Tags", "Tags", l(&TAG_LIST_TYPE)),
]);
static LIST_INSTANCE_PROFILES_FOR_ROLE_REQUEST: Structure = shape(&[
    opt("Marker", "Marker", "Marker", String),
    opt("MaxItems", "MaxItems", "MaxItems", Integer),
    req("RoleName", "RoleName", "RoleName", String),
]);
static LIST_INSTANCE_PROFILES_FOR_ROLE_RESPONSE: Structure = shape(&[
    req("InstanceProfiles", "InstanceProfiles", "InstanceProfiles", l(&INSTANCE_PROFILE_LIST_TYPE)),
    opt("IsTruncated", "IsTruncated", "IsTruncated", Boolean),
    opt("Marker", "Marker", "Marker", String),
]);
static LIST_INSTANCE_PROFILES_REQUEST: Structure = shape(&[
    opt("Marker", "Marker", "Marker", String),
    opt("MaxItems", "MaxItems", "MaxItems", Integer),
    opt("PathPrefix", "PathPrefix", "PathPrefix", String),
]);
static LIST_INSTANCE_PROFILES_RESPONSE: Structure = shape(&[
    req("InstanceProfiles", "InstanceProfiles", "InstanceProfiles", l(&INSTANCE_PROFILE_LIST_TYPE)),
    opt("IsTruncated", "IsTruncated", "IsTruncated", Boolean),
    opt("Marker", "Marker", "Marker", String),
]);
static LIST_POLICIES_REQUEST: Structure = shape(&[
    opt("Marker", "Marker", "Marker", String),
    opt("MaxItems", "MaxItems", "MaxItems", Integer),
    opt("OnlyAttached", "OnlyAttached", "OnlyAttached", Boolean),
    opt("PathPrefix", "PathPrefix", "PathPrefix", String),
    opt("PolicyUsageFilter", "PolicyUsageFilter", "PolicyUsageFilter", String),
    opt("Scope", "Scope", "Scope", String),
]);
static LIST_POLICIES_RESPONSE: Structure = shape(&[
    opt("IsTruncated", "IsTruncated", "IsTruncated", Boolean),
    opt("Marker", "Marker", "Marker", String),
    opt("Policies", "Policies", "Policies", l(&POLICY_LIST_TYPE)),
]);
static LIST_POLICY_TAGS_REQUEST: Structure = shape(&[
    opt("Marker", "Marker", "Marker", String),
    opt("MaxItems", "MaxItems", "MaxItems", Integer),
    req("PolicyArn", "PolicyArn", "PolicyArn", String),
]);
static LIST_POLICY_TAGS_RESPONSE: Structure = shape(&[
    opt("IsTruncated", "IsTruncated", "IsTruncated", Boolean),
    opt("Marker", "Marker", "Marker", String),
    req("Tags", "Tags", "Tags", l(&TAG_LIST_TYPE)),
]);
static LIST_POLICY_VERSIONS_REQUEST: Structure = shape(&[
    opt("Marker", "Marker", "Marker", String),
    opt("MaxItems", "MaxItems", "MaxItems", Integer),
    req("PolicyArn", "PolicyArn", "PolicyArn", String),
]);
static LIST_POLICY_VERSIONS_RESPONSE: Structure = shape(&[
    opt("IsTruncated", "IsTruncated", "IsTruncated", Boolean),
    opt("Marker", "Marker", "Marker", String),
    opt("Versions", "Versions", "Versions", l(&POLICY_DOCUMENT_VERSION_LIST_TYPE)),
]);
static LIST_ROLE_POLICIES_REQUEST: Structure = shape(&[
    opt("Marker", "Marker", "Marker", String),
    opt("MaxItems", "MaxItems", "MaxItems", Integer),
    req("RoleName", "RoleName", "RoleName", String),
]);
static LIST_ROLE_POLICIES_RESPONSE: Structure = shape(&[
    opt("IsTruncated", "IsTruncated", "IsTruncated", Boolean),
    opt("Marker", "Marker", "Marker", String),
    req("PolicyNames", "PolicyNames", "PolicyNames", l(&POLICY_NAME_LIST_TYPE)),
]);
static LIST_ROLE_TAGS_REQUEST: Structure = shape(&[
    opt("Marker", "Marker", "Marker", String),
    opt("MaxItems", "MaxItems", "MaxItems", Integer),
    req("RoleName", "RoleName", "RoleName", String),
]);
static LIST_ROLE_TAGS_RESPONSE: Structure = shape(&[
    opt("IsTruncated", "IsTruncated", "IsTruncated", Boolean),
    opt("Marker", "Marker", "Marker", String),
    req("Tags", "Tags", "Tags", l(&TAG_LIST_TYPE)),
]);
static LIST_ROLES_REQUEST: Structure = shape(&[
    opt("Marker", "Marker", "Marker", String),
    opt("MaxItems", "MaxItems", "MaxItems", Integer),
    opt("PathPrefix", "PathPrefix", "PathPrefix", String),
]);
static LIST_ROLES_RESPONSE: Structure = shape(&[
    opt("IsTruncated", "IsTruncated", "IsTruncated", Boolean),
    opt("Marker", "Marker", "Marker", String),
    req("Roles", "Roles", "Roles", l(&ROLE_LIST_TYPE)),
]);
static LIST_USER_POLICIES_REQUEST: Structure = shape(&[
    opt("Marker", "Marker", "Marker", String),
    opt("MaxItems", "MaxItems", "MaxItems", Integer),
    req("UserName", "UserName", "UserName", String),
]);
static LIST_USER_POLICIES_RESPONSE: Structure = shape(&[
    opt("IsTruncated", "IsTruncated", "IsTruncated", Boolean),
    opt("Marker", "Marker", "Marker", String),
    req("PolicyNames", "PolicyNames", "PolicyNames", l(&POLICY_NAME_LIST_TYPE)),
]);
static LIST_USER_TAGS_REQUEST: Structure = shape(&[
    opt("Marker", "Marker", "Marker", String),
    opt("MaxItems", "MaxItems", "MaxItems", Integer),
    req("UserName", "UserName", "UserName", String),
]);
static LIST_USER_TAGS_RESPONSE: Structure = shape(&[
    opt("IsTruncated", "IsTruncated", "IsTruncated", Boolean),
    opt("Marker", "Marker", "Marker", String),
    req("Tags", "Tags", "Tags", l(&TAG_LIST_TYPE)),
]);
static LIST_USERS_REQUEST: Structure = shape(&[
    opt("Marker", "Marker", "Marker", String),
    opt("MaxItems", "MaxItems", "MaxItems", Integer),
    opt("PathPrefix", "PathPrefix", "PathPrefix", String),
]);
static LIST_USERS_RESPONSE: Structure = shape(&[
    opt("IsTruncated", "IsTruncated", "IsTruncated", Boolean),
    opt("Marker", "Marker", "Marker", String),
    req("Users", "Users", "Users", l(&USER_LIST_TYPE)),
]);
static POLICY: Structure = shape(&[
    opt("Arn", "Arn", "Arn", String),
    opt("AttachmentCount", "AttachmentCount", "AttachmentCount", Integer),
    opt("CreateDate", "CreateDate", "CreateDate", Timestamp),
    opt("DefaultVersionId", "DefaultVersionId", "DefaultVersionId", String),
    opt("Description", "Description", "Description", String),
    opt("IsAttachable", "IsAttachable", "IsAttachable", Boolean),
    opt("Path", "Path", "Path", String),
    opt("PermissionsBoundaryUsageCount", "PermissionsBoundaryUsageCount", "PermissionsBoundaryUsageCount", Integer),
    opt("PolicyId", "PolicyId", "PolicyId", String),
    opt("PolicyName", "PolicyName", "PolicyName", String),
    opt("Tags", "Tags", "Tags", l(&TAG_LIST_TYPE)),
    opt("UpdateDate", "UpdateDate", "UpdateDate", Timestamp),
]);
static POLICY_GROUP: Structure = shape(&[
    opt("GroupId", "GroupId", "GroupId", String),
    opt("GroupName", "GroupName", "GroupName", String),
]);
static POLICY_GROUP_LIST_TYPE: List = list(Some("member"), "member", s(&POLICY_GROUP));
static POLICY_ROLE: Structure = shape(&[
    opt("RoleId", "RoleId", "RoleId", String),
    opt("RoleName", "RoleName", "RoleName", String),
]);
static POLICY_ROLE_LIST_TYPE: List = list(Some("member"), "member", s(&POLICY_ROLE));
static POLICY_USER: Structure = shape(&[
    opt("UserId", "UserId", "UserId", String),
    opt("UserName", "UserName", "UserName", String),
]);
static POLICY_USER_LIST_TYPE: List = list(Some("member"), "member", s(&POLICY_USER));
static POLICY_VERSION: Structure = shape(&[
    opt("CreateDate", "CreateDate", "CreateDate", Timestamp),
    opt("Document", "Document", "Document", String),
    opt("IsDefaultVersion", "IsDefaultVersion", "IsDefaultVersion", Boolean),
    opt("VersionId", "VersionId", "VersionId", String),
]);
static PUT_GROUP_POLICY_REQUEST: Structure = shape(&[
    req("GroupName", "GroupName", "GroupName", String),
    req("PolicyDocument", "PolicyDocument", "PolicyDocument", String),
    req("PolicyName", "PolicyName", "PolicyName", String),
]);
static PUT_ROLE_PERMISSIONS_BOUNDARY_REQUEST: Structure = shape(&[
    req("PermissionsBoundary", "PermissionsBoundary", "PermissionsBoundary", String),
    req("RoleName", "RoleName", "RoleName", String),
]);
static PUT_ROLE_POLICY_REQUEST: Structure = shape(&[
    req("PolicyDocument", "PolicyDocument", "PolicyDocument", String),
    req("PolicyName", "PolicyName", "PolicyName", String),
    req("RoleName", "RoleName", "RoleName", String),
]);
static PUT_USER_PERMISSIONS_BOUNDARY_REQUEST: Structure = shape(&[
    req("PermissionsBoundary", "PermissionsBoundary", "PermissionsBoundary", String),
    req("UserName", "UserName", "UserName", String),
]);
static PUT_USER_POLICY_REQUEST: Structure = shape(&[
    req("PolicyDocument", "PolicyDocument", "PolicyDocument", String),
    req("PolicyName", "PolicyName", "PolicyName", String),
    req("UserName", "UserName", "UserName", String),
]);
static REMOVE_ROLE_FROM_INSTANCE_PROFILE_REQUEST: Structure = shape(&[
    req("InstanceProfileName", "InstanceProfileName", "InstanceProfileName", String),
    req("RoleName", "RoleName", "RoleName", String),
]);
static REMOVE_USER_FROM_GROUP_REQUEST: Structure = shape(&[
    req("GroupName", "GroupName", "GroupName", String),
    req("UserName", "UserName", "UserName", String),
]);
static ROLE: Structure = shape(&[
    req("Arn", "Arn", "Arn", String),
    opt("AssumeRolePolicyDocument", "AssumeRolePolicyDocument", "AssumeRolePolicyDocument", String),
    req("CreateDate", "CreateDate", "CreateDate", Timestamp),
    opt("Description", "Description", "Description", String),
    opt("MaxSessionDuration", "MaxSessionDuration", "MaxSessionDuration", Integer),
    req("Path", "Path", "Path", String),
    opt("PermissionsBoundary", "PermissionsBoundary", "PermissionsBoundary", s(&ATTACHED_PERMISSIONS_BOUNDARY)),
    req("RoleId", "RoleId", "RoleId", String),
    opt("RoleLastUsed", "RoleLastUsed", "RoleLastUsed", s(&ROLE_LAST_USED)),
    req("RoleName", "RoleName", "RoleName", String),
    opt("SourceRoleTemplate", "SourceRoleTemplate", "SourceRoleTemplate", s(&SOURCE_ROLE_TEMPLATE)),
    opt("Tags", "Tags", "Tags", l(&TAG_LIST_TYPE)),
]);
static ROLE_LAST_USED: Structure = shape(&[
    opt("LastUsedDate", "LastUsedDate", "LastUsedDate", Timestamp),
    opt("Region", "Region", "Region", String),
]);
static ROLE_USAGE_LIST_TYPE: List = list(Some("member"), "member", s(&ROLE_USAGE_TYPE));
static ROLE_USAGE_TYPE: Structure = shape(&[
    opt("Region", "Region", "Region", String),
    opt("Resources", "Resources", "Resources", l(&ARN_LIST_TYPE)),
]);
static SET_DEFAULT_POLICY_VERSION_REQUEST: Structure = shape(&[
    req("PolicyArn", "PolicyArn", "PolicyArn", String),
    req("VersionId", "VersionId", "VersionId", String),
]);
static SOURCE_ROLE_TEMPLATE: Structure = shape(&[
    req("TemplateArn", "TemplateArn", "TemplateArn", String),
    req("TemplateMinorVersion", "TemplateMinorVersion", "TemplateMinorVersion", Integer),
]);
static TAG: Structure = shape(&[
    req("Key", "Key", "Key", String),
    req("Value", "Value", "Value", String),
]);
static TAG_INSTANCE_PROFILE_REQUEST: Structure = shape(&[
    req("InstanceProfileName", "InstanceProfileName", "InstanceProfileName", String),
    req("Tags", "Tags", "Tags", l(&TAG_LIST_TYPE)),
]);
static TAG_POLICY_REQUEST: Structure = shape(&[
    req("PolicyArn", "PolicyArn", "PolicyArn", String),
    req("Tags", "Tags", "Tags", l(&TAG_LIST_TYPE)),
]);
static TAG_ROLE_REQUEST: Structure = shape(&[
    req("RoleName", "RoleName", "RoleName", String),
    req("Tags", "Tags", "Tags", l(&TAG_LIST_TYPE)),
]);
static TAG_USER_REQUEST: Structure = shape(&[
    req("Tags", "Tags", "Tags", l(&TAG_LIST_TYPE)),
    req("UserName", "UserName", "UserName", String),
]);
static UNTAG_INSTANCE_PROFILE_REQUEST: Structure = shape(&[
    req("InstanceProfileName", "InstanceProfileName", "InstanceProfileName", String),
    req("TagKeys", "TagKeys", "TagKeys", l(&TAG_KEY_LIST_TYPE)),
]);
static UNTAG_POLICY_REQUEST: Structure = shape(&[
    req("PolicyArn", "PolicyArn", "PolicyArn", String),
    req("TagKeys", "TagKeys", "TagKeys", l(&TAG_KEY_LIST_TYPE)),
]);
static UNTAG_ROLE_REQUEST: Structure = shape(&[
    req("RoleName", "RoleName", "RoleName", String),
    req("TagKeys", "TagKeys", "TagKeys", l(&TAG_KEY_LIST_TYPE)),
]);
static UNTAG_USER_REQUEST: Structure = shape(&[
    req("TagKeys", "TagKeys", "TagKeys", l(&TAG_KEY_LIST_TYPE)),
    req("UserName", "UserName", "UserName", String),
]);
static UPDATE_ACCESS_KEY_REQUEST: Structure = shape(&[
    req("AccessKeyId", "AccessKeyId", "AccessKeyId", String),
    req("Status", "Status", "Status", String),
    opt("UserName", "UserName", "UserName", String),
]);
static UPDATE_ASSUME_ROLE_POLICY_REQUEST: Structure = shape(&[
    req("PolicyDocument", "PolicyDocument", "PolicyDocument", String),
    req("RoleName", "RoleName", "RoleName", String),
]);
static UPDATE_GROUP_REQUEST: Structure = shape(&[
    req("GroupName", "GroupName", "GroupName", String),
    opt("NewGroupName", "NewGroupName", "NewGroupName", String),
    opt("NewPath", "NewPath", "NewPath", String),
]);
static UPDATE_ROLE_DESCRIPTION_REQUEST: Structure = shape(&[
    req("Description", "Description", "Description", String),
    req("RoleName", "RoleName", "RoleName", String),
]);
static UPDATE_ROLE_DESCRIPTION_RESPONSE: Structure = shape(&[
    opt("Role", "Role", "Role", s(&ROLE)),
]);
static UPDATE_ROLE_REQUEST: Structure = shape(&[
    opt("Description", "Description", "Description", String),
    opt("MaxSessionDuration", "MaxSessionDuration", "MaxSessionDuration", Integer),
    req("RoleName", "RoleName", "RoleName", String),
]);
static UPDATE_ROLE_RESPONSE: Structure = shape(&[
]);
static UPDATE_USER_REQUEST: Structure = shape(&[
    opt("NewPath", "NewPath", "NewPath", String),
    opt("NewUserName", "NewUserName", "NewUserName", String),
    req("UserName", "UserName", "UserName", String),
]);
static USER: Structure = shape(&[
    req("Arn", "Arn", "Arn", String),
    req("CreateDate", "CreateDate", "CreateDate", Timestamp),
    opt("PasswordLastUsed", "PasswordLastUsed", "PasswordLastUsed", Timestamp),
    req("Path", "Path", "Path", String),
    opt("PermissionsBoundary", "PermissionsBoundary", "PermissionsBoundary", s(&ATTACHED_PERMISSIONS_BOUNDARY)),
    opt("Tags", "Tags", "Tags", l(&TAG_LIST_TYPE)),
    req("UserId", "UserId", "UserId", String),
    req("UserName", "UserName", "UserName", String),
]);
static ACCESS_KEY_METADATA_LIST_TYPE: List = list(Some("member"), "member", s(&ACCESS_KEY_METADATA));
static ACCOUNT_ALIAS_LIST_TYPE: List = list(Some("member"), "member", String);
static ATTACHED_POLICIES_LIST_TYPE: List = list(Some("member"), "member", s(&ATTACHED_POLICY));
static GROUP_LIST_TYPE: List = list(Some("member"), "member", s(&GROUP));
static INSTANCE_PROFILE_LIST_TYPE: List = list(Some("member"), "member", s(&INSTANCE_PROFILE));
static POLICY_DOCUMENT_VERSION_LIST_TYPE: List = list(Some("member"), "member", s(&POLICY_VERSION));
static POLICY_LIST_TYPE: List = list(Some("member"), "member", s(&POLICY));
static POLICY_NAME_LIST_TYPE: List = list(Some("member"), "member", String);
static ROLE_LIST_TYPE: List = list(Some("member"), "member", s(&ROLE));
static TAG_KEY_LIST_TYPE: List = list(Some("member"), "member", String);
static TAG_LIST_TYPE: List = list(Some("member"), "member", s(&TAG));
static USER_LIST_TYPE: List = list(Some("member"), "member", s(&USER));
