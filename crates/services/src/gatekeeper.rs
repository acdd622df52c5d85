//! Who calls, from where, and the question whether they may.

use std::net::IpAddr;

/// Where a request came from, as the port it arrived on proves it (`GE-29`). It travels as an
/// extension of the HTTP request; nothing that the caller says can set it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// The public source address; none when the request came through an endpoint (`GP-4`).
    pub source_ip: Option<IpAddr>,
    /// The private source address of a request through an endpoint.
    pub vpc_source_ip: Option<IpAddr>,
    pub vpc: Option<String>,
    pub endpoint: Option<String>,
}

/// What an access key is.
#[derive(Debug, Clone)]
pub struct Key {
    pub secret: String,
    pub account: String,
    pub arn: String,
    /// What a temporary key's requests must also carry.
    pub session_token: Option<String>,
}

/// One question to the policies.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    pub origin: &'a Origin,
    /// None for an anonymous request.
    pub caller: Option<&'a Key>,
    /// Such as `s3:GetObject`.
    pub action: &'a str,
    /// The resource's ARN.
    pub resource: &'a str,
    /// The account that owns the resource.
    pub owner: &'a str,
    /// The resource's own policy, such as a bucket policy.
    pub resource_policy: Option<&'a str>,
}

/// A refusal; the message names the kind of policy that refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denied {
    pub message: String,
}

/// Knows the keys and judges policies; the daemon implements it.
pub trait Gatekeeper: Send + Sync + 'static {
    /// The key by its id.
    fn key(&self, id: &str) -> Option<Key>;

    /// Whether identity, resource and endpoint policies allow a request.
    ///
    /// # Errors
    /// What AWS would say.
    fn judge(&self, ask: Ask) -> Result<(), Denied>;

    /// Whether [`Ask::resource_policy`] is obeyed. Otherwise no such policy is accepted: one that is
    /// stored and not enforced would be worse than none.
    fn obeys_resource_policies(&self) -> bool;
}

impl Ask<'_> {
    /// The caller as messages name them.
    pub fn who(&self) -> &str {
        self.caller.map_or("anonymous", |key| key.arn.as_str())
    }

    /// The refusal when nothing allows a request.
    pub fn refusal(&self, because: &str) -> Denied {
        Denied {
            message: format!(
                "User: {} is not authorized to perform: {} on resource: \"{}\" because {because}",
                self.who(),
                self.action,
                self.resource
            ),
        }
    }
}
