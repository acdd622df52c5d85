//! Endpoint policies at the door (`GP-2`).

use openvpc_ec2::Error;
use openvpc_iam::check_endpoint;

/// The document that a call gives, as it was written; none given is none.
///
/// # Errors
/// `InvalidPolicyDocument`, with the place of the mistake.
pub fn read(document: Option<&str>) -> Result<Option<String>, Error> {
    let Some(document) = document.filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    check_endpoint(document).map_err(|why| Error::new("InvalidPolicyDocument", why))?;
    Ok(Some(document.to_owned()))
}
