//! Managed prefix lists: sets of blocks that rules and routes refer to by one name.

use ipnet::{IpNet, Ipv4Net};
use serde::{Deserialize, Serialize};

use crate::{AccountId, PrefixListId, PublicBlocks, Region, public_blocks};

/// How many versions of a customer's list are kept, the latest included; the oldest go first.
pub const PREFIX_LIST_VERSIONS_MAX: usize = 20;

/// A customer's prefix list (`PL-1`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrefixList {
    pub id: PrefixListId,
    pub owner: AccountId,
    pub name: String,
    pub family: AddressFamily,
    /// What it weighs in quotas, however many entries it has.
    pub max_entries: u16,
    pub state: PrefixListState,
    /// Ascending, the latest last; never empty.
    pub versions: Vec<PrefixListVersion>,
}

impl PrefixList {
    /// The version in force: users always see the latest.
    pub fn latest(&self) -> &PrefixListVersion {
        &self.versions[self.versions.len() - 1]
    }

    /// Puts new entries in force, as the next version.
    pub fn add_version(&mut self, entries: Vec<PrefixListEntry>) {
        let version = self.latest().version + 1;
        if self.versions.len() == PREFIX_LIST_VERSIONS_MAX {
            self.versions.remove(0);
        }
        self.versions.push(PrefixListVersion { version, entries });
    }
}

/// The entries of a list, as they were at one time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrefixListVersion {
    /// 1, 2, 3 …
    pub version: u64,
    /// Ascending by block, no block twice.
    pub entries: Vec<PrefixListEntry>,
}

/// One block of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrefixListEntry {
    /// Without host bits.
    pub cidr: IpNet,
    pub description: Option<String>,
}

/// The family that all entries of a list are of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum AddressFamily {
    Ipv4,
    Ipv6,
}

impl AddressFamily {
    /// The value on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            AddressFamily::Ipv4 => "IPv4",
            AddressFamily::Ipv6 => "IPv6",
        }
    }
}

/// What was last done to a list; it is always complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PrefixListState {
    Created,
    Modified,
    Restored,
}

/// A list that AWS keeps for one of its services in one region (`PL-2`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AwsPrefixList {
    pub id: PrefixListId,
    pub region: &'static str,
    /// As in `com.amazonaws.<region>.<service>`.
    pub service: &'static str,
    /// The service's public addresses in the region (`GE-12`).
    pub cidr: Ipv4Net,
}

/// AWS's lists of all regions, no id twice; each weighs 1 in quotas.
pub fn aws_prefix_lists() -> impl Iterator<Item = AwsPrefixList> {
    public_blocks().flat_map(
        |PublicBlocks {
             region,
             s3,
             dynamodb,
             ..
         }| {
            // In us-east-1 they come to AWS's own ids, pl-63a5400a and pl-02cd2c6b.
            let list = move |base: u32, service, cidr: Ipv4Net| AwsPrefixList {
                id: PrefixListId::from_short(base + u32::from(cidr.network().octets()[2])),
                region,
                service,
                cidr,
            };
            [
                list(0x02cd_2c57, "dynamodb", dynamodb),
                list(0x63a5_4000, "s3", s3),
            ]
        },
    )
}

impl Region {
    /// The blocks of a list, AWS's or a customer's; none of a list that is not there.
    pub fn prefix_list_cidrs(&self, id: PrefixListId) -> Vec<IpNet> {
        if let Some(list) = self.prefix_lists.get(&id) {
            let entries = list.latest().entries.iter();
            return entries.map(|entry| entry.cidr).collect();
        }
        let of_aws = aws_prefix_lists().filter(|list| list.id == id);
        of_aws.map(|list| IpNet::V4(list.cidr)).collect()
    }
}
