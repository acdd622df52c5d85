//! Identities: users, groups, roles, policies, instance profiles and access keys.
//!
//! IAM is global: an account has one set of them for all regions, beside the regions in [`crate::World`]. Names are
//! the keys, as in the API; AWS's ids (`AIDA…`) tell a name's later bearer from an earlier one.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{AccountId, Tags, UnixMillis};

/// Text that no log may show.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(pub String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// What users, groups, roles, instance profiles and managed policies have in common.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IamEntity {
    pub name: String,
    /// `/`, or `/a/b/`.
    pub path: String,
    /// Unique for ever, such as `AROA` and 17 more characters.
    pub id: String,
    pub created_at: UnixMillis,
    pub tags: Tags,
}

/// The policies of a user, group or role.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentityPolicies {
    /// Documents as sent, by name.
    pub inline: BTreeMap<String, String>,
    /// ARNs of managed policies.
    pub attached: BTreeSet<String>,
    /// ARN of the managed policy that nothing may exceed.
    pub boundary: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IamUser {
    pub entity: IamEntity,
    pub policies: IdentityPolicies,
    /// Names of groups.
    pub groups: BTreeSet<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IamGroup {
    pub entity: IamEntity,
    pub policies: IdentityPolicies,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IamRole {
    pub entity: IamEntity,
    pub policies: IdentityPolicies,
    /// Who may assume it; a document as sent.
    pub trust: String,
    pub description: Option<String>,
    /// 3600 to 43200.
    pub session_secs_max: u32,
    /// `flow-logs.vpc.amazonaws.com` for a role that belongs to a service.
    pub linked_service: Option<String>,
}

/// A policy of the account's own; those of AWS are facts of the program, not state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManagedPolicy {
    pub entity: IamEntity,
    pub description: Option<String>,
    /// By number: `v1` is 1. Never empty.
    pub versions: BTreeMap<u32, PolicyVersion>,
    pub default_version: u32,
    /// Numbers are not used again.
    pub next_version: u32,
    pub updated_at: UnixMillis,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyVersion {
    pub document: String,
    pub created_at: UnixMillis,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstanceProfile {
    pub entity: IamEntity,
    /// Name of its one role.
    pub role: Option<String>,
}

/// A long-term key of a user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessKey {
    /// `AKIA` and 16 more characters.
    pub id: String,
    pub secret: Secret,
    pub account: AccountId,
    /// Name of the user.
    pub user: String,
    pub active: bool,
    pub created_at: UnixMillis,
}

/// Declares, for every kind of named thing, its two events and its place in the account.
macro_rules! named {
    ($($table:ident: $kind:ident => $put:ident, $deleted:ident;)*) => {
        /// A change to the identities of an account.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        pub enum IamEvent {
            $(
                #[doc = concat!("A ", stringify!($kind), " was made or changed: it is now this.")]
                $put($kind),
                #[doc = concat!("The ", stringify!($kind), " of this name is gone.")]
                $deleted(String),
            )*
            AccessKeyPut(AccessKey),
            AccessKeyDeleted(String),
            /// What temporary credentials of all accounts are sealed with, drawn once.
            SessionKeyPut(Secret),
        }

        /// All identities of one account, by name.
        #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
        pub struct IamAccount {
            $(pub $table: BTreeMap<String, $kind>,)*
        }

        impl Iam {
            /// Makes the account what the event says.
            pub fn apply(&mut self, account: &AccountId, event: IamEvent) {
                match event {
                    $(
                        IamEvent::$put(thing) => {
                            let account = self.accounts.entry(account.clone()).or_default();
                            account.$table.insert(thing.entity.name.clone(), thing);
                        }
                        IamEvent::$deleted(name) => {
                            if let Some(account) = self.accounts.get_mut(account) {
                                account.$table.remove(&name);
                            }
                        }
                    )*
                    IamEvent::AccessKeyPut(key) => {
                        self.access_keys.insert(key.id.clone(), key);
                    }
                    IamEvent::AccessKeyDeleted(id) => {
                        self.access_keys.remove(&id);
                    }
                    IamEvent::SessionKeyPut(key) => self.session_key = Some(key),
                }
            }
        }
    };
}

named! {
    users: IamUser => UserPut, UserDeleted;
    groups: IamGroup => GroupPut, GroupDeleted;
    roles: IamRole => RolePut, RoleDeleted;
    policies: ManagedPolicy => PolicyPut, PolicyDeleted;
    instance_profiles: InstanceProfile => InstanceProfilePut, InstanceProfileDeleted;
}

/// The identities of all accounts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Iam {
    pub accounts: BTreeMap<AccountId, IamAccount>,
    /// Of all accounts, by id: a request names nothing else.
    pub access_keys: BTreeMap<String, AccessKey>,
    /// None until the first temporary credentials are made.
    pub session_key: Option<Secret>,
}

static NOBODY: IamAccount = IamAccount {
    users: BTreeMap::new(),
    groups: BTreeMap::new(),
    roles: BTreeMap::new(),
    policies: BTreeMap::new(),
    instance_profiles: BTreeMap::new(),
};

impl Iam {
    /// The identities of an account; none for one that has made none.
    pub fn account(&self, account: &AccountId) -> &IamAccount {
        self.accounts.get(account).unwrap_or(&NOBODY)
    }
}

impl IamEntity {
    /// `arn:aws:iam::<account>:<kind><path><name>`, such as `kind` `role`.
    pub fn arn(&self, account: &AccountId, kind: &str) -> String {
        format!("arn:aws:iam::{account}:{kind}{}{}", self.path, self.name)
    }
}
