//! The certificate authority that a sandbox trusts beside the machine's own: who speaks for the public zone (D9).

use std::fs;
use std::path::Path;

use super::files::{Context, SetupError, bind};

/// The machine's authorities and ours in one file.
pub const BUNDLE: &str = "/run/openvpc/etc/ca-certificates.crt";
/// Where distributions keep theirs, and programs look for them.
const PLACES: &[&str] = &[
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];
/// What programs with authorities of their own ask instead: the AWS SDKs, OpenSSL's users, Python's requests, curl, Node.
pub const VARIABLES: &[&str] = &[
    "AWS_CA_BUNDLE",
    "SSL_CERT_FILE",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "NODE_EXTRA_CA_CERTS",
];

/// Puts `authority` (PEM) beside those of the machine, for this sandbox alone.
pub fn install(authority: &str) -> Result<(), SetupError> {
    let machine = PLACES
        .iter()
        .find_map(|place| fs::read_to_string(place).ok())
        .unwrap_or_default();
    fs::write(BUNDLE, format!("{machine}\n{authority}")).context(BUNDLE)?;
    let mut covered = Vec::new();
    for place in PLACES {
        let Ok(place) = Path::new(place).canonicalize() else {
            continue;
        };
        if !covered.contains(&place) {
            bind(Path::new(BUNDLE), &place).context(format!("binding {}", place.display()))?;
            covered.push(place);
        }
    }
    Ok(())
}
