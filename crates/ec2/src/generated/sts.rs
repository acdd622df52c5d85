//! sts 2011-06-15: names and types of 4 actions.
//!
//! Made by `cargo xtask generate-model` from the service model in botocore 1.44.5
//! (Apache-2.0). Not edited by hand.

#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_imports)]

use crate::table::row::{Blob, Boolean, Double, Integer, Long, String, Timestamp, l, list, opt, req, s, shape};
use crate::table::{Action, Dialect, List, Service, Structure};

pub static SERVICE: Service = Service {
    name: "sts",
    version: "2011-06-15",
    older_versions: &[],
    dialect: Dialect::Query,
    namespace: "https://sts.amazonaws.com/doc/2011-06-15/",
    actions: &[
        Action { name: "AssumeRole", input: Some(&ASSUME_ROLE_REQUEST), output: Some(&ASSUME_ROLE_RESPONSE), result_wrapper: Some("AssumeRoleResult") },
        Action { name: "GetAccessKeyInfo", input: Some(&GET_ACCESS_KEY_INFO_REQUEST), output: Some(&GET_ACCESS_KEY_INFO_RESPONSE), result_wrapper: Some("GetAccessKeyInfoResult") },
        Action { name: "GetCallerIdentity", input: Some(&GET_CALLER_IDENTITY_REQUEST), output: Some(&GET_CALLER_IDENTITY_RESPONSE), result_wrapper: Some("GetCallerIdentityResult") },
        Action { name: "GetSessionToken", input: Some(&GET_SESSION_TOKEN_REQUEST), output: Some(&GET_SESSION_TOKEN_RESPONSE), result_wrapper: Some("GetSessionTokenResult") },
    ],
    other_actions: &[
        "AssumeRoleWithSAML", "AssumeRoleWithWebIdentity", "AssumeRoot", "DecodeAuthorizationMessage",
        "GetDelegatedAccessToken", "GetFederationToken", "GetWebIdentityToken",
    ],
};

static ASSUME_ROLE_REQUEST: Structure = shape(&[
    opt("DurationSeconds", "DurationSeconds", "DurationSeconds", Integer),
    opt("ExternalId", "ExternalId", "ExternalId", String),
    opt("MinimumSessionTokenSize", "MinimumSessionTokenSize", "MinimumSessionTokenSize", Integer),
    opt("Policy", "Policy", "Policy", String),
    opt("PolicyArns", "PolicyArns", "PolicyArns", l(&POLICY_DESCRIPTOR_LIST_TYPE)),
    opt("ProvidedContexts", "ProvidedContexts", "ProvidedContexts", l(&PROVIDED_CONTEXTS_LIST_TYPE)),
    req("RoleArn", "RoleArn", "RoleArn", String),
    req("RoleSessionName", "RoleSessionName", "RoleSessionName", String),
    opt("SerialNumber", "SerialNumber", "SerialNumber", String),
    opt("SourceIdentity", "SourceIdentity", "SourceIdentity", String),
    opt("Tags", "Tags", "Tags", l(&TAG_LIST_TYPE)),
    opt("TokenCode", "TokenCode", "TokenCode", String),
    opt("TransitiveTagKeys", "TransitiveTagKeys", "TransitiveTagKeys", l(&TAG_KEY_LIST_TYPE)),
]);
static ASSUME_ROLE_RESPONSE: Structure = shape(&[
    opt("AssumedRoleUser", "AssumedRoleUser", "AssumedRoleUser", s(&ASSUMED_ROLE_USER)),
    opt("Credentials", "Credentials", "Credentials", s(&CREDENTIALS)),
    opt("PackedPolicySize", "PackedPolicySize", "PackedPolicySize", Integer),
    opt("SessionTokenSize", "SessionTokenSize", "SessionTokenSize", Integer),
    opt("SessionTokenUtilization", "SessionTokenUtilization", "SessionTokenUtilization", Integer),
    opt("SourceIdentity", "SourceIdentity", "SourceIdentity", String),
]);
static ASSUMED_ROLE_USER: Structure = shape(&[
    req("Arn", "Arn", "Arn", String),
    req("AssumedRoleId", "AssumedRoleId", "AssumedRoleId", String),
]);
static CREDENTIALS: Structure = shape(&[
    req("AccessKeyId", "AccessKeyId", "AccessKeyId", String),
    req("Expiration", "Expiration", "Expiration", Timestamp),
    req("SecretAccessKey", "SecretAccessKey", "SecretAccessKey", String),
    req("SessionToken", "SessionToken", "SessionToken", String),
]);
static GET_ACCESS_KEY_INFO_REQUEST: Structure = shape(&[
    req("AccessKeyId", "AccessKeyId", "AccessKeyId", String),
]);
static GET_ACCESS_KEY_INFO_RESPONSE: Structure = shape(&[
    opt("Account", "Account", "Account", String),
]);
static GET_CALLER_IDENTITY_REQUEST: Structure = shape(&[
]);
static GET_CALLER_IDENTITY_RESPONSE: Structure = shape(&[
    opt("Account", "Account", "Account", String),
    opt("Arn", "Arn", "Arn", String),
    opt("UserId", "UserId", "UserId", String),
]);
static GET_SESSION_TOKEN_REQUEST: Structure = shape(&[
    opt("DurationSeconds", "DurationSeconds", "DurationSeconds", Integer),
    opt("MinimumSessionTokenSize", "MinimumSessionTokenSize", "MinimumSessionTokenSize", Integer),
    opt("SerialNumber", "SerialNumber", "SerialNumber", String),
    opt("TokenCode", "TokenCode", "TokenCode", String),
]);
static GET_SESSION_TOKEN_RESPONSE: Structure = shape(&[
    opt("Credentials", "Credentials", "Credentials", s(&CREDENTIALS)),
    opt("SessionTokenSize", "SessionTokenSize", "SessionTokenSize", Integer),
    opt("SessionTokenUtilization", "SessionTokenUtilization", "SessionTokenUtilization", Integer),
]);
static POLICY_DESCRIPTOR_TYPE: Structure = shape(&[
    opt("arn", "arn", "arn", String),
]);
static PROVIDED_CONTEXT: Structure = shape(&[
    opt("ContextAssertion", "ContextAssertion", "ContextAssertion", String),
    opt("ProviderArn", "ProviderArn", "ProviderArn", String),
]);
static PROVIDED_CONTEXTS_LIST_TYPE: List = list(Some("member"), "member", s(&PROVIDED_CONTEXT));
static TAG: Structure = shape(&[
    req("Key", "Key", "Key", String),
    req("Value", "Value", "Value", String),
]);
static POLICY_DESCRIPTOR_LIST_TYPE: List = list(Some("member"), "member", s(&POLICY_DESCRIPTOR_TYPE));
static TAG_KEY_LIST_TYPE: List = list(Some("member"), "member", String);
static TAG_LIST_TYPE: List = list(Some("member"), "member", s(&TAG));
