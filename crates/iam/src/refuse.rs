//! Refusals in IAM's words.
//!
//! Source: IAM API reference, "Common Errors" and the errors of each action; the wording is what the service says.

use openvpc_ec2::Error;

/// `NoSuchEntity`, 404.
pub fn no_such(what: &str, name: &str) -> Error {
    Error::new(
        "NoSuchEntity",
        format!("The {what} with name {} cannot be found.", clip(name)),
    )
}

pub fn no_such_policy(arn: &str) -> Error {
    Error::new(
        "NoSuchEntity",
        format!("Policy {} was not found.", clip(arn)),
    )
}

/// Attaching what is not there, or what may not be attached.
pub fn not_attachable(arn: &str) -> Error {
    Error::new(
        "NoSuchEntity",
        format!("Policy {} does not exist or is not attachable.", clip(arn)),
    )
}

pub fn no_such_instance_profile(name: &str) -> Error {
    Error::new(
        "NoSuchEntity",
        format!("Instance Profile {} cannot be found.", clip(name)),
    )
}

/// `NoSuchEntity` in other words.
pub fn nothing(message: impl Into<String>) -> Error {
    Error::new("NoSuchEntity", message)
}

/// `EntityAlreadyExists`, 409.
pub fn exists(message: impl Into<String>) -> Error {
    Error::new("EntityAlreadyExists", message)
}

/// `DeleteConflict`, 409.
pub fn in_use(message: &str) -> Error {
    Error::new("DeleteConflict", message)
}

/// `LimitExceeded`, 409.
pub fn quota(name: &str, most: usize) -> Error {
    Error::new(
        "LimitExceeded",
        format!("Cannot exceed quota for {name}: {most}"),
    )
}

/// `LimitExceeded` in other words.
pub fn limit(message: impl Into<String>) -> Error {
    Error::new("LimitExceeded", message)
}

pub fn validation(message: impl Into<String>) -> Error {
    Error::new("ValidationError", message)
}

/// `ValidationError` in the words of the service's own checks of members.
pub fn constraint(member: &str, value: &str, must: &str) -> Error {
    validation(format!(
        "1 validation error detected: Value '{}' at '{member}' failed to satisfy constraint: Member must {must}",
        clip(value)
    ))
}

pub fn invalid_input(message: impl Into<String>) -> Error {
    Error::new("InvalidInput", message)
}

pub fn malformed_document(message: impl Into<String>) -> Error {
    Error::new("MalformedPolicyDocument", message)
}

pub fn access_denied(message: impl Into<String>) -> Error {
    Error::new("AccessDenied", message)
}

/// What is echoed is bounded.
fn clip(text: &str) -> &str {
    const ECHO_BYTES_MAX: usize = 512;
    let mut end = text.len().min(ECHO_BYTES_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}
