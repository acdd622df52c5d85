//! The local certificate authority: made once per data directory, trusted by instances, good for AWS's names only.

use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, GeneralSubtree, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, NameConstraints,
};
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

const CERTIFICATE: &str = "ca.pem";
const KEY: &str = "ca.key";

/// The authority.
pub struct Authority {
    /// What to trust.
    pub pem: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    /// Reads the authority from the data directory, or makes it there; without one it ends with the process.
    ///
    /// # Errors
    /// A sentence for the user.
    pub fn open(data_dir: Option<&Path>) -> Result<Authority, String> {
        let failed = |error: &dyn std::fmt::Display| {
            format!("the certificate authority of the public zone cannot be used: {error}")
        };
        let kept = match data_dir {
            Some(dir) => read(&dir.join(CERTIFICATE), &dir.join(KEY)).map_err(|e| failed(&e))?,
            None => None,
        };
        let (pem, key) = match kept {
            Some((pem, key)) => (pem, KeyPair::from_pem(&key).map_err(|e| failed(&e))?),
            None => {
                let (pem, key) = make().map_err(|e| failed(&e))?;
                if let Some(dir) = data_dir {
                    // The certificate last: without it, both are made anew.
                    write(&dir.join(KEY), &key.serialize_pem()).map_err(|e| failed(&e))?;
                    write(&dir.join(CERTIFICATE), &pem).map_err(|e| failed(&e))?;
                }
                (pem, key)
            }
        };
        let issuer = Issuer::from_ca_cert_pem(&pem, key).map_err(|e| failed(&e))?;
        Ok(Authority { pem, issuer })
    }

    /// A server's side of TLS, with a certificate for these names.
    ///
    /// # Errors
    /// A sentence for the user.
    pub fn server(&self, names: Vec<String>) -> Result<Arc<ServerConfig>, String> {
        self.certified(names)
            .map_err(|error| format!("no certificate for the public zone: {error}"))
    }

    fn certified(
        &self,
        names: Vec<String>,
    ) -> Result<Arc<ServerConfig>, Box<dyn std::error::Error>> {
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::new(names)?;
        params
            .distinguished_name
            .push(DnType::CommonName, "amazonaws.com");
        params.use_authority_key_identifier_extension = true;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let certificate = params.signed_by(&key, &self.issuer)?;
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)?;
        Ok(Arc::new(config))
    }
}

fn make() -> Result<(String, KeyPair), rcgen::Error> {
    let key = KeyPair::generate()?;
    let mut params = CertificateParams::default();
    params
        .distinguished_name
        .push(DnType::CommonName, "openvpc local authority");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    // Whoever steals the key speaks for no other site.
    params.name_constraints = Some(NameConstraints {
        permitted_subtrees: vec![GeneralSubtree::DnsName("amazonaws.com".to_owned())],
        excluded_subtrees: Vec::new(),
    });
    Ok((params.self_signed(&key)?.pem(), key))
}

fn read(certificate: &Path, key: &Path) -> std::io::Result<Option<(String, String)>> {
    if !fs::exists(certificate)? {
        return Ok(None);
    }
    Ok(Some((
        fs::read_to_string(certificate)?,
        fs::read_to_string(key)?,
    )))
}

/// Whole or not at all, and for this user alone.
fn write(path: &Path, text: &str) -> std::io::Result<()> {
    let unfinished = path.with_extension("new");
    let mut file = fs::File::options()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&unfinished)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(unfinished, path)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn an_authority_is_made_once_and_its_key_is_secret() {
        let dir = tempfile::tempdir().unwrap();
        let first = Authority::open(Some(dir.path())).unwrap();
        let again = Authority::open(Some(dir.path())).unwrap();
        assert_eq!(first.pem, again.pem);
        let mode = fs::metadata(dir.path().join(KEY)).unwrap().permissions();
        assert_eq!(mode.mode() & 0o777, 0o600);
        assert_ne!(Authority::open(None).unwrap().pem, first.pem);
        again
            .server(vec!["*.us-east-1.amazonaws.com".into()])
            .unwrap();
    }

    #[test]
    fn a_lost_key_is_told() {
        let dir = tempfile::tempdir().unwrap();
        Authority::open(Some(dir.path())).unwrap();
        fs::remove_file(dir.path().join(KEY)).unwrap();
        assert!(Authority::open(Some(dir.path())).is_err());
    }
}
