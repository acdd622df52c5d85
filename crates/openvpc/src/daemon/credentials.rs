//! Who may call: access keys, their secrets and their accounts.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::Path;

use openvpc_model::AccountId;

/// Most keys that can be configured.
const KEYS_MAX: usize = 10_000;

/// One access key's secret and owner.
#[derive(Clone)]
pub struct Credential {
    pub secret: String,
    pub account: AccountId,
}

/// All configured access keys.
#[derive(Clone, Default)]
pub struct Credentials(HashMap<String, Credential>);

impl Credentials {
    /// Reads `ACCESSKEY:SECRET:ACCOUNT` texts; adds `test`/`test` of account 123456789012 when the
    /// listener is on loopback.
    ///
    /// # Errors
    /// A sentence for the user; one when a listener elsewhere would have no credential at all.
    pub fn load(
        texts: &[String],
        file: Option<&Path>,
        listen: SocketAddr,
    ) -> Result<Credentials, String> {
        let mut credentials = Credentials::default();
        for text in texts {
            credentials.add(text, "--credential")?;
        }
        if let Some(path) = file {
            let lines = std::fs::read_to_string(path).map_err(|e| {
                format!(
                    "cannot read the credentials file {}: {e}; make it, with a line ACCESSKEY:SECRET:ACCOUNT each, or name another with --credentials-file",
                    path.display()
                )
            })?;
            for line in lines
                .lines()
                .map(str::trim)
                .filter(|line| !line.is_empty() && !line.starts_with('#'))
            {
                credentials.add(line, &path.display().to_string())?;
            }
        }
        if listen.ip().is_loopback() {
            let account = "123456789012"
                .parse()
                .map_err(|e: openvpc_model::ParseIdError| e.to_string())?;
            let test = Credential {
                secret: "test".to_owned(),
                account,
            };
            credentials.0.entry("test".to_owned()).or_insert(test);
        } else if credentials.0.is_empty() {
            return Err(format!(
                "listening on {listen}, which others can reach, needs credentials of your own: add --credential ACCESSKEY:SECRET:ACCOUNT"
            ));
        }
        Ok(credentials)
    }

    /// Whose keys they are.
    pub fn accounts(&self) -> Vec<AccountId> {
        self.0.values().map(|key| key.account.clone()).collect()
    }

    /// The message never repeats the text: it may hold a secret.
    fn add(&mut self, text: &str, source: &str) -> Result<(), String> {
        let form = || {
            format!(
                "{source}: a credential reads ACCESSKEY:SECRET:ACCOUNT, with an account of 12 digits"
            )
        };
        let (key, rest) = text.split_once(':').ok_or_else(form)?;
        let (secret, account) = rest.rsplit_once(':').ok_or_else(form)?;
        if key.is_empty() || secret.is_empty() {
            return Err(form());
        }
        let account = account.parse().map_err(|_| form())?;
        if self.0.len() == KEYS_MAX {
            return Err(format!("{source}: more than {KEYS_MAX} credentials"));
        }
        self.0.insert(
            key.to_owned(),
            Credential {
                secret: secret.to_owned(),
                account,
            },
        );
        Ok(())
    }

    /// The credential of an access key.
    pub fn get(&self, access_key: &str) -> Option<&Credential> {
        self.0.get(access_key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(texts: &[&str], listen: &str) -> Result<Credentials, String> {
        let texts: Vec<String> = texts.iter().map(|t| (*t).to_owned()).collect();
        Credentials::load(&texts, None, listen.parse().unwrap())
    }

    #[test]
    fn loopback_accepts_test_and_whoever_is_configured() {
        let credentials = load(&["AKIA:se:cret:111122223333"], "127.0.0.1:1").unwrap();
        assert_eq!(
            credentials.get("test").unwrap().account.as_str(),
            "123456789012"
        );
        assert_eq!(credentials.get("AKIA").unwrap().secret, "se:cret");
    }

    #[test]
    fn a_missing_file_is_refused_with_what_to_do() {
        let file = Path::new("/nonexistent/credentials");
        let refusal = Credentials::load(&[], Some(file), "127.0.0.1:1".parse().unwrap());
        let refusal = refusal.err().unwrap();
        assert!(refusal.contains("/nonexistent/credentials"), "{refusal}");
        assert!(refusal.contains("--credentials-file"), "{refusal}");
    }

    #[test]
    fn elsewhere_nobody_is_let_in_by_default() {
        assert!(load(&[], "0.0.0.0:1").is_err());
        assert!(
            load(&["AKIA:secret:111122223333"], "0.0.0.0:1")
                .unwrap()
                .get("test")
                .is_none()
        );
    }

    #[test]
    fn a_refusal_does_not_repeat_the_secret() {
        for text in [
            "AKIA:hunter2",
            "AKIA:hunter2:12",
            ":hunter2:111122223333",
            "hunter2",
        ] {
            let refusal = load(&[text], "127.0.0.1:1").err().unwrap();
            assert!(!refusal.contains("hunter2"), "{refusal}");
        }
    }
}
