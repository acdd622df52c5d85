//! Temporary credentials that carry themselves.
//!
//! A session is written down nowhere. Its token is the session's description with a seal over it; its secret is made
//! from the id of its access key. Both need the key of [`openvpc_model::Iam::session_key`], which is drawn once and
//! durable, so sessions outlive the daemon, cost the journal nothing and cannot pile up. A role's end is theirs: the
//! description names the role by its unique id.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use openvpc_model::{AccountId, Secret, UnixMillis};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::keys;

/// Longest token that is looked at: session policies fit in.
const TOKEN_LEN_MAX: usize = 8192;
const SEAL_LEN: usize = 32;
/// What the session key is used for; one must not stand for the other.
const FOR_SEALS: &[u8] = b"openvpc session seal\0";
const FOR_KEYS: &[u8] = b"openvpc session access key\0";
const FOR_SECRETS: &[u8] = b"openvpc session secret\0";

/// Who a session is of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Bearer {
    Root,
    /// A user, by name and unique id.
    User {
        name: String,
        id: String,
    },
    /// A role, by name and unique id, and the name of the session.
    Role {
        name: String,
        id: String,
        session: String,
    },
}

/// What a token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    pub access_key: String,
    pub account: AccountId,
    pub bearer: Bearer,
    pub issued_at: UnixMillis,
    pub expires_at: UnixMillis,
    /// Inline session policy, which the session may not exceed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// Managed session policies.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub policy_arns: Vec<String>,
}

/// What the caller of AssumeRole and its like is handed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    pub access_key: String,
    pub secret: Secret,
    pub token: String,
    pub expires_at: UnixMillis,
}

/// A new session key.
pub fn new_session_key(rng: &mut dyn rand::RngCore) -> Secret {
    let mut bits = [0; 32];
    rng.fill_bytes(&mut bits);
    Secret(STANDARD.encode(bits))
}

/// A new id for a session's access key.
pub fn new_access_key(account: &AccountId, rng: &mut dyn rand::RngCore) -> String {
    keys::access_key_id("ASIA", account, rng)
}

/// The id of an access key for one purpose: always the same.
pub fn access_key_of(session_key: &Secret, account: &AccountId, purpose: &str) -> String {
    let digest = digest(session_key, FOR_KEYS, purpose.as_bytes());
    let mut bits = [0; 8];
    bits.copy_from_slice(&digest[..8]);
    keys::access_key_id_with("ASIA", account, u64::from_be_bytes(bits))
}

impl Session {
    /// The credentials of this session.
    pub fn seal(&self, session_key: &Secret) -> Credentials {
        // A struct of texts and numbers has a JSON form.
        let text = serde_json::to_vec(self).unwrap_or_default();
        let mut token = digest(session_key, FOR_SEALS, &text).to_vec();
        token.extend(text);
        Credentials {
            access_key: self.access_key.clone(),
            secret: secret_of(session_key, &self.access_key),
            token: STANDARD.encode(token),
            expires_at: self.expires_at,
        }
    }

    /// The session that a token describes, if its seal is ours and it goes with the access key.
    pub fn open(session_key: &Secret, access_key: &str, token: &str) -> Option<Session> {
        if token.len() > TOKEN_LEN_MAX {
            return None;
        }
        let token = STANDARD.decode(token).ok()?;
        let (seal, text) = token.split_at_checked(SEAL_LEN)?;
        mac(session_key, FOR_SEALS, text).verify_slice(seal).ok()?;
        let session: Session = serde_json::from_slice(text).ok()?;
        (session.access_key == access_key).then_some(session)
    }
}

/// The secret that goes with a session's access key.
pub fn secret_of(session_key: &Secret, access_key: &str) -> Secret {
    let digest = digest(session_key, FOR_SECRETS, access_key.as_bytes());
    Secret(STANDARD.encode(&digest[..30]))
}

fn mac(session_key: &Secret, purpose: &[u8], text: &[u8]) -> Hmac<Sha256> {
    #[expect(clippy::expect_used, reason = "HMAC takes keys of every length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(session_key.0.as_bytes()).expect("a key");
    mac.update(purpose);
    mac.update(text);
    mac
}

fn digest(session_key: &Secret, purpose: &[u8], text: &[u8]) -> [u8; SEAL_LEN] {
    mac(session_key, purpose, text)
        .finalize()
        .into_bytes()
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(access_key: &str) -> Session {
        Session {
            access_key: access_key.to_owned(),
            account: "123456789012".parse().unwrap(),
            bearer: Bearer::Role {
                name: "r".to_owned(),
                id: "AROAX".to_owned(),
                session: "s".to_owned(),
            },
            issued_at: 1,
            expires_at: 2,
            policy: None,
            policy_arns: Vec::new(),
        }
    }

    #[test]
    fn a_token_opens_with_the_key_that_sealed_it_and_its_own_access_key_only() {
        let key = Secret("one".to_owned());
        let made = session("ASIA1").seal(&key);
        assert_eq!(made.secret.0.len(), 40);
        assert_eq!(
            Session::open(&key, "ASIA1", &made.token),
            Some(session("ASIA1"))
        );
        assert_eq!(Session::open(&key, "ASIA2", &made.token), None);
        let other = Secret("two".to_owned());
        assert_eq!(Session::open(&other, "ASIA1", &made.token), None);
        assert_ne!(secret_of(&other, "ASIA1"), made.secret);
    }

    #[test]
    fn a_token_changed_in_any_byte_is_none() {
        let key = Secret("one".to_owned());
        let token = session("ASIA1").seal(&key).token;
        for at in 0..token.len() {
            let mut changed = token.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert_eq!(Session::open(&key, "ASIA1", &changed), None, "{at}");
        }
        for text in ["", "AAAA", "not base64!", &"A".repeat(100_000)] {
            assert_eq!(Session::open(&key, "ASIA1", text), None);
        }
    }
}
