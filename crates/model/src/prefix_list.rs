//! Managed prefix lists: sets of blocks that rules and routes refer to by one name.

use std::net::Ipv4Addr;

use ipnet::{IpNet, Ipv4Net};
use serde::{Deserialize, Serialize};

use crate::{AccountId, PrefixListId, Region};

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

/// A list that AWS keeps for one of its services (`PL-2`): the same in every region (choice).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AwsPrefixList {
    pub id: PrefixListId,
    /// As in `com.amazonaws.<region>.<service>`.
    pub service: &'static str,
    pub cidr: Ipv4Net,
}

/// AWS's lists, ascending by id; each weighs 1 in quotas. Services have addresses of the range for
/// benchmarks (RFC 2544).
pub fn aws_prefix_lists() -> [AwsPrefixList; 2] {
    let list = |number, service, third| AwsPrefixList {
        id: PrefixListId::from_short(number),
        service,
        cidr: Ipv4Net::new_assert(Ipv4Addr::new(198, 18, third, 0), 24),
    };
    [
        list(0x02cd_2c6b, "dynamodb", 20),
        list(0x63a5_400a, "s3", 10),
    ]
}

impl Region {
    /// The blocks of a list, AWS's or a customer's; none of a list that is not there.
    pub fn prefix_list_cidrs(&self, id: PrefixListId) -> Vec<IpNet> {
        if let Some(list) = self.prefix_lists.get(&id) {
            let entries = list.latest().entries.iter();
            return entries.map(|entry| entry.cidr).collect();
        }
        let lists = aws_prefix_lists().into_iter();
        let of_aws = lists.filter(|list| list.id == id);
        of_aws.map(|list| IpNet::V4(list.cidr)).collect()
    }
}
