//! Who calls, from where, and the question whether they may.

use openvpc_iam::Principal;

use crate::Origin;

/// Whose an access key is.
#[derive(Debug, Clone)]
pub struct Key {
    pub principal: Principal,
}

impl Key {
    pub fn account(&self) -> &str {
        self.principal.account.as_str()
    }

    pub fn arn(&self) -> &str {
        &self.principal.arn
    }
}

/// Why a key that signed well is no one's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadKey {
    Unknown,
    /// The session token is absent or not the key's.
    BadToken,
    Expired,
}

/// One question to the policies.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    pub origin: &'a Origin,
    /// None for an anonymous request.
    pub caller: Option<&'a Key>,
    /// The region that the signature names.
    pub region: Option<&'a str>,
    /// Such as `s3:GetObject`.
    pub action: &'a str,
    /// The resource's ARN.
    pub resource: &'a str,
    /// The account that owns the resource.
    pub owner: &'a str,
    /// The resource's own policy, such as a bucket policy.
    pub resource_policy: Option<&'a str>,
    /// Condition keys of the service's own, such as `s3:prefix`.
    pub keys: &'a [(String, String)],
}

/// A refusal; the message names the kind of policy that refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denied {
    pub message: String,
}

/// Knows the keys and judges policies; the daemon implements it.
pub trait Gatekeeper: Send + Sync + 'static {
    /// What a key of this id signs with. A temporary key's secret is told before its token is seen: a signature alone
    /// proves nobody.
    fn secret(&self, id: &str) -> Option<String>;

    /// Whose the key is, by its id and the session token that came with it.
    ///
    /// # Errors
    /// Nobody's, or nobody's any more.
    fn key(&self, id: &str, token: Option<&str>) -> Result<Key, BadKey>;

    /// Whether identity, resource and endpoint policies allow a request.
    ///
    /// # Errors
    /// What AWS would say.
    fn judge(&self, ask: Ask) -> Result<(), Denied>;
}

impl Ask<'_> {
    /// The caller as messages name them.
    pub fn who(&self) -> &str {
        self.caller.map_or("anonymous", Key::arn)
    }

    /// The refusal; `why` ends the sentence: "because no … allows …" or "with an explicit deny in …".
    pub fn refusal(&self, why: &str) -> Denied {
        Denied {
            message: format!(
                "User: {} is not authorized to perform: {} on resource: \"{}\" {why}",
                self.who(),
                self.action,
                self.resource
            ),
        }
    }
}
