//! What a refused caller is told: AWS's code, its wording, its HTTP status.
//!
//! All wording lives in this file, and in `resource.rs` for what differs only by the noun.
//! A constructor exists for each code that the EC2 actions share; [`Error::new`] serves a
//! code that one action alone uses. Source: spec 06 §1 "Status", "Missing input"; the EC2
//! API reference's list of error codes.

use std::borrow::Cow;
use std::fmt;

use crate::resource::Resource;

/// A refusal in AWS's words. Rendered by [`crate::encode::error_xml`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    code: Cow<'static, str>,
    message: String,
}

impl Error {
    /// A refusal with any code. Prefer a named constructor where one exists.
    pub fn new(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            message: message.into(),
        }
    }

    /// AWS's code, such as `InvalidVpcID.NotFound`.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// AWS's sentence for people.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The HTTP status that carries this code in the EC2 dialect.
    pub fn status(&self) -> u16 {
        status_of(&self.code)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for Error {}

/// The HTTP status of a code (spec 06 §1 "Status"): 400 unless listed.
pub fn status_of(code: &str) -> u16 {
    match code {
        "AuthFailure" => 401,
        "SignatureDoesNotMatch"
        | "UnauthorizedOperation"
        | "InvalidClientTokenId"
        | "MissingAuthenticationToken"
        | "OptInRequired"
        | "AccessDenied"
        | "ExpiredToken" => 403,
        "NoSuchEntity" => 404,
        "EntityAlreadyExists" | "DeleteConflict" | "LimitExceeded" => 409,
        "DryRunOperation" => 412,
        "RequestEntityTooLarge" => 413,
        "InternalError" | "InternalFailure" => 500,
        "RequestLimitExceeded" | "Unavailable" | "ServiceUnavailable" => 503,
        _ => 400,
    }
}

/// Resources: unknown, malformed, in the way, too many, already there.
impl Error {
    /// The id is well formed and names nothing that the caller owns.
    pub fn not_found(resource: Resource, id: &str) -> Self {
        Self::new(
            resource.facts().not_found,
            resource.not_found_message(clip(id)),
        )
    }

    /// The id does not have the resource's form: prefix and 8 or 17 hex digits.
    pub fn malformed_id(resource: Resource, id: &str) -> Self {
        let (facts, id) = (resource.facts(), clip(id));
        Self::new(
            facts.malformed,
            format!("Invalid id: \"{id}\" (expecting \"{}...\")", facts.prefix),
        )
    }

    /// Something still depends on the resource: `DependencyViolation`.
    pub fn dependency_violation(resource: Resource, id: &str) -> Self {
        let noun = resource.facts().noun;
        Self::new(
            "DependencyViolation",
            format!("The {noun} '{id}' has dependencies and cannot be deleted."),
        )
    }

    /// `DependencyViolation` in other words.
    pub fn dependency(message: impl Into<String>) -> Self {
        Self::new("DependencyViolation", message)
    }

    /// A quota: `VpcLimitExceeded`, `CidrLimitExceeded`, … with AWS's usual sentence.
    pub fn limit_exceeded(code: &'static str, things: &str) -> Self {
        Self::new(
            code,
            format!("The maximum number of {things} has been reached."),
        )
    }

    /// `Resource.AlreadyAssociated`: `what` is e.g. `resource igw-…`.
    pub fn already_associated(what: &str) -> Self {
        Self::new(
            "Resource.AlreadyAssociated",
            format!("{what} is already associated"),
        )
    }

    /// `Gateway.NotAttached` (IGW-5).
    pub fn gateway_not_attached(gateway: &str, network: &str) -> Self {
        Self::new(
            "Gateway.NotAttached",
            format!("resource {gateway} is not attached to network {network}"),
        )
    }

    /// `OperationNotPermitted`.
    pub fn operation_not_permitted(message: impl Into<String>) -> Self {
        Self::new("OperationNotPermitted", message)
    }

    /// `UnsupportedOperation`.
    pub fn unsupported_operation(message: impl Into<String>) -> Self {
        Self::new("UnsupportedOperation", message)
    }

    /// `IncorrectState`, `IncorrectInstanceState` and their like.
    pub fn incorrect_state(code: &'static str, id: &str, state: &str) -> Self {
        Self::new(
            code,
            format!(
                "The resource '{id}' is in state '{state}', which does not allow this operation."
            ),
        )
    }
}

/// Parameters: absent, ill-formed, at odds with each other.
impl Error {
    /// `MissingParameter`: a required parameter is absent.
    pub fn missing_parameter(name: &str) -> Self {
        Self::new(
            "MissingParameter",
            format!("The request must contain the parameter {name}"),
        )
    }

    /// `InvalidParameterValue` with AWS's common sentence.
    pub fn invalid_value(name: &str, value: &str) -> Self {
        let value = clip(value);
        Self::new(
            "InvalidParameterValue",
            format!("Value ({value}) for parameter {name} is invalid."),
        )
    }

    /// [`Error::invalid_value`] that also says why; `why` is a sentence.
    pub fn invalid_value_because(name: &str, value: &str, why: &str) -> Self {
        let value = clip(value);
        Self::new(
            "InvalidParameterValue",
            format!("Value ({value}) for parameter {name} is invalid. {why}"),
        )
    }

    /// `InvalidParameterValue` in other words.
    pub fn invalid_parameter_value(message: impl Into<String>) -> Self {
        Self::new("InvalidParameterValue", message)
    }

    /// `InvalidParameterCombination` in other words.
    pub fn invalid_parameter_combination(message: impl Into<String>) -> Self {
        Self::new("InvalidParameterCombination", message)
    }

    /// `InvalidParameterCombination`: two parameters that exclude each other.
    pub fn exclusive(one: &str, other: &str) -> Self {
        Self::new(
            "InvalidParameterCombination",
            format!("The parameter {one} cannot be used with the parameter {other}"),
        )
    }

    /// `InvalidParameter` in other words (flow logs, endpoints).
    pub fn invalid_parameter(message: impl Into<String>) -> Self {
        Self::new("InvalidParameter", message)
    }

    /// An unknown filter name.
    pub fn invalid_filter(name: &str) -> Self {
        Self::new(
            "InvalidParameterValue",
            format!("The filter '{}' is invalid", clip(name)),
        )
    }

    /// Page size out of the action's range.
    pub fn invalid_max_results(value: i64, least: i64, most: i64) -> Self {
        Self::new(
            "InvalidParameterValue",
            format!(
                "Value ( {value} ) for parameter maxResults is invalid. Expecting a value between {least} and {most}."
            ),
        )
    }

    /// A page token that this region did not hand out.
    pub fn invalid_next_token() -> Self {
        Self::new("InvalidNextToken", "The token is not valid.")
    }

    /// The client token was used before with other parameters.
    pub fn idempotent_parameter_mismatch(token: &str) -> Self {
        Self::new(
            "IdempotentParameterMismatch",
            format!(
                "The client token '{}' was used in an earlier request with different parameters.",
                clip(token)
            ),
        )
    }
}

/// Addresses, blocks and rules: the nouns of VPC networking.
impl Error {
    /// VPC-1: mask outside /16…/28.
    pub fn invalid_vpc_range(cidr: &str) -> Self {
        Self::new("InvalidVpc.Range", format!("The CIDR '{cidr}' is invalid."))
    }

    /// SUB-1: outside the VPC's blocks, or a mask outside /16…/28.
    pub fn invalid_subnet_range(cidr: &str) -> Self {
        Self::new(
            "InvalidSubnet.Range",
            format!("The CIDR '{cidr}' is invalid."),
        )
    }

    /// SUB-1: overlap with a sibling.
    pub fn invalid_subnet_conflict(cidr: &str) -> Self {
        Self::new(
            "InvalidSubnet.Conflict",
            format!("The CIDR '{cidr}' conflicts with another subnet"),
        )
    }

    /// Text that is no address block at all.
    pub fn not_a_cidr(name: &str, value: &str) -> Self {
        let value = clip(value);
        Self::new(
            "InvalidParameterValue",
            format!(
                "Value ({value}) for parameter {name} is invalid. This is not a valid CIDR block."
            ),
        )
    }

    /// RT-6: the destination is taken by a route with another target.
    pub fn route_already_exists(destination: &str) -> Self {
        Self::new(
            "RouteAlreadyExists",
            format!("The route identified by {destination} already exists."),
        )
    }

    /// RT-6: DeleteRoute of a destination that the table does not have.
    pub fn route_not_found(table: &str, destination: &str) -> Self {
        Self::new(
            "InvalidRoute.NotFound",
            format!("no route with destination-cidr-block {destination} in route table {table}"),
        )
    }

    /// RT-6: ReplaceRoute of a destination that the table does not have.
    pub fn no_route_to_replace(table: &str, destination: &str) -> Self {
        Self::invalid_parameter_value(format!(
            "There is no route defined for '{destination}' in the route table. Use CreateRoute instead. ({table})"
        ))
    }

    /// The address belongs to another interface, or an Elastic IP is still associated.
    pub fn address_in_use(address: &str) -> Self {
        Self::new(
            "InvalidIPAddress.InUse",
            format!("Address {address} is in use."),
        )
    }

    /// DescribeAddresses and kin by an address that is not the caller's.
    pub fn address_not_found(address: &str) -> Self {
        Self::new(
            "InvalidAddress.NotFound",
            format!("Address '{address}' not found."),
        )
    }

    /// The subnet has no address left.
    pub fn insufficient_free_addresses(subnet: &str) -> Self {
        Self::new(
            "InsufficientFreeAddressesInSubnet",
            format!(
                "The subnet '{subnet}' does not have enough free addresses to satisfy the request."
            ),
        )
    }

    /// SG-10: a rule that the group already has.
    pub fn duplicate_permission(rule: &str) -> Self {
        Self::new(
            "InvalidPermission.Duplicate",
            format!("the specified rule \"{rule}\" already exists"),
        )
    }

    /// SG-10: revoke of a rule that the group does not have.
    pub fn permission_not_found() -> Self {
        Self::new(
            "InvalidPermission.NotFound",
            "The specified rule does not exist in this security group.",
        )
    }

    /// SG-10: a rule that contradicts itself.
    pub fn malformed_permission(message: impl Into<String>) -> Self {
        Self::new("InvalidPermission.Malformed", message)
    }

    /// SG-10: the name is taken in the VPC.
    pub fn duplicate_group(name: &str, vpc: &str) -> Self {
        Self::new(
            "InvalidGroup.Duplicate",
            format!("The security group '{name}' already exists for VPC '{vpc}'"),
        )
    }

    /// SG-2: the name `default`.
    pub fn reserved_group(name: &str) -> Self {
        Self::new(
            "InvalidGroup.Reserved",
            format!("The security group '{name}' is reserved"),
        )
    }

    /// SG-2: the default group cannot be deleted by a user.
    pub fn cannot_delete_group(id: &str, name: &str) -> Self {
        Self::new(
            "CannotDelete",
            format!("the specified group: \"{id}\" name: \"{name}\" cannot be deleted by a user"),
        )
    }

    /// ACL-6: the rule number is taken in that direction.
    pub fn acl_entry_exists(number: u16) -> Self {
        Self::new(
            "NetworkAclEntryAlreadyExists",
            format!("The network acl entry identified by {number} already exists."),
        )
    }

    /// ACL-6: no entry of that number in that direction.
    pub fn acl_entry_not_found(number: u16) -> Self {
        Self::new(
            "InvalidNetworkAclEntry.NotFound",
            format!("The network acl entry identified by {number} does not exist."),
        )
    }

    /// Spec 01 §7: the same resource, traffic type and destination again.
    pub fn flow_log_exists() -> Self {
        Self::new(
            "FlowLogAlreadyExists",
            "Error. There is an existing Flow Log with the same configuration and log destination.",
        )
    }

    /// A tag key with the reserved prefix, or of the wrong length.
    pub fn invalid_tag_key(key: &str) -> Self {
        let key = clip(key);
        Self::new(
            "InvalidTagKey.Malformed",
            format!(
                "Tag keys starting with 'aws:' are reserved, or the key is empty or too long: '{key}'"
            ),
        )
    }

    /// More than 50 tags on a resource.
    pub fn tag_limit_exceeded() -> Self {
        Self::new("TagLimitExceeded", "More than 50 tags specified")
    }

    /// A TagSpecification whose type is not what the call makes.
    pub fn not_taggable(kind: &str) -> Self {
        let kind = clip(kind);
        Self::invalid_parameter_value(format!(
            "'{kind}' is not a valid taggable resource type for this operation."
        ))
    }

    /// An id that CreateTags and DeleteTags cannot place.
    pub fn invalid_id(id: &str) -> Self {
        Self::new("InvalidID", format!("The ID '{}' is not valid", clip(id)))
    }
}

/// Requests as a whole: who asks, for what, how often.
impl Error {
    /// No such action in the service's model.
    pub fn invalid_action(action: &str) -> Self {
        Self::new(
            "InvalidAction",
            format!(
                "The action {} is not valid for this web service.",
                clip(action)
            ),
        )
    }

    /// The action exists in AWS's model and is not built here: never a fake success.
    pub fn not_built(action: &str) -> Self {
        Self::new(
            "UnsupportedOperation",
            format!("The action {action} is not built in openvpc yet."),
        )
    }

    /// The API version is none that AWS published.
    pub fn no_such_version(version: &str) -> Self {
        Self::new(
            "NoSuchVersion",
            format!(
                "The version {} is not valid for this web service.",
                clip(version)
            ),
        )
    }

    /// The form cannot be read.
    pub fn malformed_query(why: &str) -> Self {
        Self::new(
            "MalformedQueryString",
            format!("The query string is malformed: {why}"),
        )
    }

    /// The body is over the limit.
    pub fn request_too_large(bytes_max: usize) -> Self {
        Self::new(
            "RequestEntityTooLarge",
            format!("The request body is larger than {bytes_max} bytes."),
        )
    }

    /// Everything held, and the caller asked not to go on.
    pub fn dry_run() -> Self {
        Self::new(
            "DryRunOperation",
            "Request would have succeeded, but DryRun flag is set.",
        )
    }

    /// The caller's identity has no such right.
    pub fn unauthorized() -> Self {
        Self::new(
            "UnauthorizedOperation",
            "You are not authorized to perform this operation.",
        )
    }

    /// EC2: the access key is unknown.
    pub fn auth_failure() -> Self {
        Self::new(
            "AuthFailure",
            "AWS was not able to validate the provided access credentials",
        )
    }

    /// Other query services: the access key is unknown.
    pub fn invalid_client_token_id() -> Self {
        Self::new(
            "InvalidClientTokenId",
            "The security token included in the request is invalid.",
        )
    }

    /// The request carries no signature at all.
    pub fn missing_authentication_token() -> Self {
        Self::new(
            "MissingAuthenticationToken",
            "Request is missing Authentication Token",
        )
    }

    /// A signature is there and cannot be read.
    pub fn incomplete_signature(why: &str) -> Self {
        Self::new(
            "IncompleteSignature",
            format!("The request signature does not conform to AWS standards: {why}"),
        )
    }

    /// The key is known and signed something else.
    pub fn signature_does_not_match() -> Self {
        Self::new(
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided. \
             Check your AWS Secret Access Key and signing method. Consult the service documentation for details.",
        )
    }

    /// The date signed is more than 15 minutes away, or a presigned URL is past its end.
    pub fn request_expired() -> Self {
        Self::new("RequestExpired", "Request has expired.")
    }

    /// Too many calls: SDKs try again.
    pub fn request_limit_exceeded() -> Self {
        Self::new("RequestLimitExceeded", "Request limit exceeded.")
    }

    /// The store cannot take writes now: SDKs try again.
    pub fn unavailable(why: &str) -> Self {
        Self::new("Unavailable", why)
    }

    /// Our own fault; details go to the log, not to the caller.
    pub fn internal() -> Self {
        Self::new("InternalError", "An internal error has occurred")
    }
}

/// Caller's text that is repeated in a message, cut to a bounded length.
fn clip(text: &str) -> &str {
    const ECHO_BYTES_MAX: usize = 512;
    let mut end = text.len().min(ECHO_BYTES_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_carry_the_status_that_sdks_act_on() {
        for (error, status) in [
            (Error::auth_failure(), 401),
            (Error::signature_does_not_match(), 403),
            (Error::missing_authentication_token(), 403),
            (Error::dry_run(), 412),
            (Error::request_limit_exceeded(), 503),
            (Error::internal(), 500),
            (Error::not_found(Resource::Vpc, "vpc-1"), 400),
        ] {
            assert_eq!(error.status(), status, "{error}");
        }
    }

    #[test]
    fn wording_that_clients_match_on() {
        for (error, text) in [
            (
                Error::not_found(Resource::Vpc, "vpc-0aaaaaaaaaaaaaaaa"),
                "InvalidVpcID.NotFound: The vpc ID 'vpc-0aaaaaaaaaaaaaaaa' does not exist",
            ),
            (
                Error::malformed_id(Resource::Vpc, "x"),
                "InvalidVpcID.Malformed: Invalid id: \"x\" (expecting \"vpc-...\")",
            ),
            (
                Error::missing_parameter("vpcId"),
                "MissingParameter: The request must contain the parameter vpcId",
            ),
            (
                Error::dry_run(),
                "DryRunOperation: Request would have succeeded, but DryRun flag is set.",
            ),
        ] {
            assert_eq!(error.to_string(), text);
        }
    }

    #[test]
    fn echoed_text_is_bounded_and_cut_between_characters() {
        let long = "é".repeat(10_000);
        for error in [
            Error::invalid_action(&long),
            Error::not_found(Resource::Vpc, &long),
            Error::malformed_id(Resource::Vpc, &long),
            Error::invalid_value("VpcId", &long),
        ] {
            assert!(error.message().len() < 600, "{}", error.code());
        }
    }
}
