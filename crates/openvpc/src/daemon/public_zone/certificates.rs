//! The local certificate authority: made once per data directory, trusted by instances, good for AWS's names only.
//!
//! A server shows a certificate for whatever name it is asked by: names of buckets and of endpoints come and go.

use std::collections::HashMap;
use std::fmt;
use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, GeneralSubtree, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, NameConstraints,
};
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::server::{ClientHello, ResolvesServerCert};
use tokio_rustls::rustls::sign::{CertifiedKey, SigningKey};

const CERTIFICATE: &str = "ca.pem";
const KEY: &str = "ca.key";
/// What the authority is good for.
const DOMAIN: &str = "amazonaws.com";
/// Certificates kept, each some 2 kB; when there are more, all are made anew as they are asked for.
const CERTIFICATES_MAX: usize = 1_024;

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

    /// A server's side of TLS, for every name below `amazonaws.com`.
    ///
    /// # Errors
    /// A sentence for the user.
    pub fn server(self) -> Result<Arc<ServerConfig>, String> {
        let failed = |error: &dyn std::fmt::Display| {
            format!("no certificates for the public zone can be made: {error}")
        };
        let certificates = Certificates::new(self.issuer).map_err(|e| failed(&*e))?;
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|e| failed(&e))?
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(certificates));
        Ok(Arc::new(config))
    }
}

/// Certificates by the name that they are for, made when they are first asked for, all with one key.
struct Certificates {
    issuer: Issuer<'static, KeyPair>,
    key: KeyPair,
    signs: Arc<dyn SigningKey>,
    /// By the domain whose names they are for.
    known: Mutex<HashMap<String, Arc<CertifiedKey>>>,
}

impl Certificates {
    fn new(issuer: Issuer<'static, KeyPair>) -> Result<Certificates, Box<dyn std::error::Error>> {
        let key = KeyPair::generate()?;
        let der = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        Ok(Certificates {
            issuer,
            signs: ring::sign::any_supported_type(&der)?,
            key,
            known: Mutex::default(),
        })
    }

    /// The certificate for a name and its neighbours: one for each domain, not for each bucket.
    fn of(&self, name: &str) -> Option<Arc<CertifiedKey>> {
        let name = name.to_ascii_lowercase();
        let (_, domain) = name.split_once('.')?;
        if domain != DOMAIN && !domain.ends_with(&format!(".{DOMAIN}")) {
            return None;
        }
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(certificate) = known.get(domain) {
            return Some(certificate.clone());
        }
        let made = self.make(domain);
        let made = made.inspect_err(|error| tracing::debug!(%error, domain, "no certificate"));
        let made = Arc::new(made.ok()?);
        if known.len() >= CERTIFICATES_MAX {
            known.clear();
        }
        known.insert(domain.to_owned(), made.clone());
        Some(made)
    }

    fn make(&self, domain: &str) -> Result<CertifiedKey, rcgen::Error> {
        let mut params = CertificateParams::new(vec![format!("*.{domain}"), domain.to_owned()])?;
        params.distinguished_name.push(DnType::CommonName, DOMAIN);
        params.use_authority_key_identifier_extension = true;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let certificate = params.signed_by(&self.key, &self.issuer)?;
        let chain = vec![certificate.der().clone()];
        Ok(CertifiedKey::new(chain, self.signs.clone()))
    }
}

impl fmt::Debug for Certificates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificates").finish_non_exhaustive()
    }
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.of(hello.server_name()?)
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
        permitted_subtrees: vec![GeneralSubtree::DnsName(DOMAIN.to_owned())],
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
        again.server().unwrap();
    }

    #[test]
    fn a_certificate_is_for_a_domain_of_the_authoritys() {
        let certificates = Certificates::new(Authority::open(None).unwrap().issuer).unwrap();
        for name in [
            "sts.amazonaws.com",
            "b.s3.us-east-1.amazonaws.com",
            "vpce-0a-x.logs.us-east-1.vpce.amazonaws.com",
            "mine.bucket.vpce-0a-x.s3.us-east-1.vpce.amazonaws.com",
        ] {
            assert!(certificates.of(name).is_some(), "{name}");
        }
        let one = certificates.of("one.s3.us-east-1.amazonaws.com").unwrap();
        let other = certificates.of("Other.s3.us-east-1.amazonaws.com").unwrap();
        assert!(Arc::ptr_eq(&one, &other));
        for name in [
            "amazonaws.com",
            "www.example.com",
            "a.evilamazonaws.com",
            "",
        ] {
            assert!(certificates.of(name).is_none(), "{name}");
        }
        for n in 0..2 * CERTIFICATES_MAX {
            certificates.of(&format!("a.b{n}.amazonaws.com"));
        }
        assert!(certificates.known.lock().unwrap().len() <= CERTIFICATES_MAX);
    }

    #[test]
    fn a_lost_key_is_told() {
        let dir = tempfile::tempdir().unwrap();
        Authority::open(Some(dir.path())).unwrap();
        fs::remove_file(dir.path().join(KEY)).unwrap();
        assert!(Authority::open(Some(dir.path())).is_err());
    }
}
