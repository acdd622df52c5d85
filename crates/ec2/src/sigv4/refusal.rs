//! Why a signature is refused, and the code by which each service says so.

use crate::Error;

/// Why a request is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// It carries no signature.
    Missing,
    /// It carries something that cannot be read as one; why.
    Unreadable(&'static str),
    /// Its time is too far from ours, or a presigned request's life is over.
    Expired,
    /// The temporary key that signed it is over.
    KeyExpired,
    /// Nobody has that access key, or its session token is another.
    UnknownKey,
    /// The key's secret signs this request differently.
    Mismatch,
    /// It is scoped to another service than the one that was asked.
    OtherService(&'static str),
    /// It is scoped to another region than the one that was asked.
    OtherRegion,
}

impl Refusal {
    /// The refusal in a service's words; `service` is that of the claim, `""` if there is none.
    pub fn error(self, service: &str) -> Error {
        let is_json = matches!(service, "logs" | "dynamodb");
        match self {
            Self::Missing if is_json => Error::new(
                "MissingAuthenticationTokenException",
                "Missing Authentication Token",
            ),
            Self::Missing => Error::missing_authentication_token(),
            Self::Unreadable(why) if is_json => Error::new("IncompleteSignatureException", why),
            Self::Unreadable(why) => Error::incomplete_signature(why),
            Self::Expired if is_json => {
                Error::new("InvalidSignatureException", "Signature expired")
            }
            Self::Expired => Error::request_expired(),
            Self::KeyExpired if is_json => Error::new(
                "ExpiredTokenException",
                "The security token included in the request is expired",
            ),
            Self::KeyExpired if matches!(service, "ec2" | "") => Error::request_expired(),
            Self::KeyExpired => Error::new(
                "ExpiredToken",
                "The security token included in the request is expired",
            ),
            Self::UnknownKey if is_json => Error::new(
                "UnrecognizedClientException",
                "The security token included in the request is invalid.",
            ),
            Self::UnknownKey if matches!(service, "ec2" | "") => Error::auth_failure(),
            Self::UnknownKey => Error::invalid_client_token_id(),
            Self::Mismatch if is_json => Error::new(
                "InvalidSignatureException",
                Error::signature_does_not_match().message(),
            ),
            Self::Mismatch => Error::signature_does_not_match(),
            Self::OtherService(asked) => {
                let message = format!("Credential should be scoped to correct service: '{asked}'.");
                Error::new(wrong_scope(is_json), message)
            }
            Self::OtherRegion => Error::new(
                wrong_scope(is_json),
                "Credential should be scoped to a valid region.",
            ),
        }
    }
}

fn wrong_scope(is_json: bool) -> &'static str {
    match is_json {
        true => "InvalidSignatureException",
        false => "SignatureDoesNotMatch",
    }
}
