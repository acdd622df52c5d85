//! Documents of buckets and endpoints: whether one may be stored, and whether it opens a bucket to the public.
//!
//! Source: Amazon S3 user guide, "Policies and permissions in Amazon S3", "The meaning of \"public\"".

use super::condition::Condition;
use super::statement::{Document, Purpose};

/// Bytes of a bucket's policy.
const BUCKET_LEN_MAX: usize = 20 * 1024;
/// Characters of an endpoint's policy (`GP-2`).
const ENDPOINT_LEN_MAX: usize = 20_480;

/// That a document may be a bucket's; the refusal is the message of `MalformedPolicy`.
///
/// # Errors
/// What is wrong, in S3's words where it has some.
pub fn check_bucket(text: &str, bucket: &str) -> Result<(), String> {
    if text.len() > BUCKET_LEN_MAX {
        return Err("Policy exceeds the maximum allowed document size.".to_owned());
    }
    if !text.starts_with('{') {
        return Err("Policies must be valid JSON and the first byte must be '{'".to_owned());
    }
    let document = Document::read(text)?;
    if document.actions().next().is_none() {
        return Err("Could not parse the policy: Statement is empty!".to_owned());
    }
    document.check(Purpose::Resource)?;
    let is_s3 = |action: &&str| {
        let service = action.split(':').next().unwrap_or_default();
        **action == *"*" || service.eq_ignore_ascii_case("s3")
    };
    if let Some(action) = document.actions().find(|action| !is_s3(action)) {
        return Err(format!("Policy has invalid action: {action}"));
    }
    let own = format!("arn:aws:s3:::{bucket}");
    let is_own = |resource: &&str| {
        let rest = resource.strip_prefix(&own);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '*']))
    };
    match document.resources().find(|resource| !is_own(resource)) {
        Some(resource) => Err(format!(
            "Policy has invalid resource: {resource} is not in the bucket {bucket}"
        )),
        None => Ok(()),
    }
}

/// That a document may be an endpoint's; the refusal is the message of `InvalidPolicyDocument`.
///
/// # Errors
/// What is wrong, and where.
pub fn check_endpoint(text: &str) -> Result<(), String> {
    if text.chars().count() > ENDPOINT_LEN_MAX {
        return Err(format!(
            "The policy has more than {ENDPOINT_LEN_MAX} characters"
        ));
    }
    Document::read(text)?.check(Purpose::Resource)
}

/// Whether a bucket's policy lets in everyone, whom no condition with a fixed value narrows.
pub fn is_public(text: &str) -> bool {
    Document::read(text).is_ok_and(|document| document.allows_everyone(Condition::narrows))
}

/// Whether a document that may be an endpoint's filters nothing.
pub fn is_full_access(text: &str) -> bool {
    Document::read(text).is_ok_and(|document| document.allows_all())
}
