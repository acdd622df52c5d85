//! Policy documents at the door: their form, their length, and how answers carry them.

use openvpc_ec2::Error;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::documents::{Document, Purpose};
use crate::refuse::{malformed_document, quota};

/// Characters of a managed policy, spaces not counted.
pub const MANAGED_LEN_MAX: usize = 6144;
/// Characters of a role's trust policy, spaces not counted.
const TRUST_LEN_MAX: usize = 2048;

/// RFC 3986: what is not unreserved is encoded.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// A document as answers carry it.
pub fn encode(document: &str) -> String {
    utf8_percent_encode(document, ENCODED).to_string()
}

/// Characters that count.
pub fn len(document: &str) -> usize {
    document.chars().filter(|c| !c.is_whitespace()).count()
}

/// # Errors
/// `LimitExceeded`.
pub fn check_len(document: &str, quota_name: &str, most: usize) -> Result<(), Error> {
    match len(document) <= most {
        true => Ok(()),
        false => Err(quota(quota_name, most)),
    }
}

/// That a document may speak for an identity.
///
/// # Errors
/// `MalformedPolicyDocument`.
pub fn check_identity(document: &str) -> Result<(), Error> {
    check(document, Purpose::Identity)
}

/// That a document may say who assumes a role.
///
/// # Errors
/// `MalformedPolicyDocument`, `LimitExceeded`.
pub fn check_trust(document: &str) -> Result<(), Error> {
    check(document, Purpose::Trust)?;
    check_len(document, "ACLSizePerRole", TRUST_LEN_MAX)
}

fn check(document: &str, purpose: Purpose) -> Result<(), Error> {
    Document::read(document)
        .and_then(|document| document.check(purpose))
        .map_err(malformed_document)
}
