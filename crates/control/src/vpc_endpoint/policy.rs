//! Endpoint policies at the door (`GP-2`).

use openvpc_ec2::Error;
use openvpc_iam::{check_endpoint, is_full_access};
use openvpc_model::EndpointService;

/// The document that a call gives, as it was written; none given is none. Before a provider's own service nobody reads
/// policies, so that only one that filters nothing fits.
///
/// # Errors
/// `InvalidPolicyDocument`, with the place of the mistake; `InvalidParameter`.
pub fn read(
    document: Option<&str>,
    service: &EndpointService,
    region: &str,
) -> Result<Option<String>, Error> {
    let Some(document) = document.filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    check_endpoint(document).map_err(|why| Error::new("InvalidPolicyDocument", why))?;
    match service {
        EndpointService::Customer(_) if !is_full_access(document) => {
            Err(Error::invalid_parameter(format!(
                "Service {} only supports the full-access endpoint policy.",
                service.name(region)
            )))
        }
        EndpointService::Customer(_) | EndpointService::Aws(_) => Ok(Some(document.to_owned())),
    }
}
