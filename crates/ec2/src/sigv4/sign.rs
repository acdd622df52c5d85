//! The other side of the handshake: signs a request, for our own clients and tests.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use super::{ALGORITHM, Received, canonical, hex};

/// A request to be signed.
#[derive(Debug, Clone, Copy)]
pub struct SigningRequest<'a> {
    pub method: &'a str,
    pub path: &'a str,
    /// Without the question mark.
    pub query: &'a str,
    /// Names in lower case; all are signed, `host` must be among them.
    pub headers: &'a [(String, String)],
    pub body: &'a [u8],
    pub region: &'a str,
    pub service: &'a str,
    pub access_key: &'a str,
    pub secret_key: &'a str,
    pub now: DateTime<Utc>,
}

/// The headers that make it a signed request: `x-amz-date` and `authorization`.
pub fn sign(request: &SigningRequest<'_>) -> [(String, String); 2] {
    let time = request.now.format("%Y%m%dT%H%M%SZ").to_string();
    let date = &time[..time.len().min(8)];
    let mut headers: Vec<(&str, &[u8])> = request
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_bytes()))
        .collect();
    headers.push(("x-amz-date", time.as_bytes()));
    let mut names: Vec<&str> = headers.iter().map(|(name, _)| *name).collect();
    names.sort_unstable();
    names.dedup();
    let received = Received {
        method: request.method,
        path: request.path,
        query: request.query,
        headers: &headers,
        body: request.body,
    };
    let payload = hex(&Sha256::digest(request.body));
    // Only a query can be unreadable; what is signed without it is refused.
    let canonical = canonical::request(&received, &names, false, &payload).unwrap_or_default();
    let SigningRequest {
        region,
        service,
        access_key,
        ..
    } = request;
    let scope = canonical::Scope {
        date,
        region,
        service,
    };
    let signature = canonical::signature(request.secret_key, &scope, &time, &canonical);
    let authorization = format!(
        "{ALGORITHM} Credential={access_key}/{date}/{region}/{service}/aws4_request, SignedHeaders={}, Signature={signature}",
        names.join(";")
    );
    [
        ("x-amz-date".to_owned(), time),
        ("authorization".to_owned(), authorization),
    ]
}
