//! What a VPC sees: names and their addresses, as plain values.
//!
//! Names here are ASCII, in lower case, without the closing dot. Private names of addresses are not listed: `ip-10-0-1-5`
//! says its address, and only the blocks that it may lie in are kept. So a view costs what its instances cost, not its
//! blocks.

use std::collections::{HashMap, HashSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::Ipv4Net;

/// A VPC, told from every other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct VpcKey(pub u64);

/// What every VPC sees, at one revision.
#[derive(Debug, Clone, Default)]
pub struct Views {
    pub revision: u64,
    pub vpcs: HashMap<VpcKey, View>,
    /// By the interface's serial number.
    pub askers: HashMap<u32, Asker>,
    pub public: Public,
}

/// An interface that may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asker {
    pub vpc: VpcKey,
    /// Whether its subnet has `EnableDns64` (`SUB-5`).
    pub dns64: bool,
}

/// One VPC's own names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct View {
    /// `enableDnsSupport`: without it nothing is answered (`DNS-1`).
    pub dns_support: bool,
    /// Whether both DNS attributes are on: without them Amazon's host names do not exist here (`DNS-2`).
    pub host_names: bool,
    /// The domain of private names in the region.
    pub domain: String,
    /// Where addresses of private names may lie: the VPC's own blocks, and those of peers whose names it may see.
    pub named_blocks: Vec<Ipv4Net>,
    /// The same in other regions, each with the domain of its names: only of peers that allow it (spec 05 §3).
    pub far_blocks: Vec<(String, Ipv4Net)>,
    /// The VPCs whose public names stand for private addresses here: this one, and peers that allow it.
    pub near: HashSet<VpcKey>,
    /// Resource names, whole, with the addresses that the subnet's attributes give them; perhaps none.
    pub resources: HashMap<String, Addresses>,
    /// Names of IPv6 addresses, for reverse look-ups.
    pub ipv6_hosts: HashMap<Ipv6Addr, String>,
    /// Names of this VPC alone that go before all others (`DNS-4`): private names of interface endpoints.
    pub private_names: HashMap<String, Addresses>,
    /// Names of which every name below is one of this VPC alone: those of S3's interface endpoints.
    pub private_families: HashMap<String, Addresses>,
}

/// What everyone sees.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Public {
    /// The domains of public host names, one a region: what is not in `hosts` does not exist in them.
    pub domains: HashSet<String>,
    /// Public host names (`DNS-3`).
    pub hosts: HashMap<String, PublicHost>,
    /// Names of public addresses, for reverse look-ups.
    pub pointers: HashMap<IpAddr, String>,
    /// Everything else: hosts of the internet, services, regional and zonal names of endpoints.
    pub names: HashMap<String, Addresses>,
    /// Names of which every name below is there, and leads to these addresses: buckets of S3.
    pub families: HashMap<String, Addresses>,
}

/// The addresses of the nearest family above a name; a name has at most 127 labels.
fn family_of<'f>(families: &'f HashMap<String, Addresses>, name: &str) -> Option<&'f Addresses> {
    let mut rest = name;
    while let Some((_, above)) = rest.split_once('.').filter(|_| !families.is_empty()) {
        if let Some(addresses) = families.get(above) {
            return Some(addresses);
        }
        rest = above;
    }
    None
}

/// A public host name's two addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublicHost {
    pub vpc: VpcKey,
    /// What the VPC itself is told.
    pub private: Ipv4Addr,
    /// What everyone else is told.
    pub public: Ipv4Addr,
}

/// The addresses of one name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Addresses {
    pub ipv4: Vec<Ipv4Addr>,
    pub ipv6: Vec<Ipv6Addr>,
}

/// What a name is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// It is there, with these addresses; with none there is no data of any type.
    Host(Addresses),
    /// The name of an address leads to this name.
    Pointer(String),
    /// It does not exist, for everything in this zone is known here.
    Nothing { zone: String },
    /// Nothing is known of it.
    Unknown,
}

impl View {
    /// Looks a name up in the order of `DNS-4`: private names of endpoints, the VPC's names, public names.
    pub fn find(&self, public: &Public, name: &str) -> Found {
        let private = self.private_names.get(name);
        if let Some(addresses) = private.or_else(|| family_of(&self.private_families, name)) {
            return Found::Host(addresses.clone());
        }
        if let Some(found) = self.find_private(name) {
            return found;
        }
        if let Some(address) = self.find_far(name) {
            return Found::Host(Addresses {
                ipv4: vec![address],
                ipv6: Vec::new(),
            });
        }
        if let Some(label) = name.strip_suffix(".in-addr.arpa") {
            return self.find_ipv4_pointer(public, label);
        }
        if let Some(label) = name.strip_suffix(".ip6.arpa") {
            return self.find_ipv6_pointer(public, label);
        }
        self.find_public(public, name)
    }

    fn find_private(&self, name: &str) -> Option<Found> {
        if is_above_or_at(name, &self.domain) {
            return Some(Found::Host(Addresses::default()));
        }
        let label = name.strip_suffix(self.domain.as_str())?.strip_suffix('.')?;
        let addresses = match address_in(label, "ip-") {
            _ if !self.host_names => None,
            Some(address) if self.is_named(address) => Some(Addresses {
                ipv4: vec![address],
                ipv6: Vec::new(),
            }),
            _ => self.resources.get(name).cloned(),
        };
        Some(addresses.map_or_else(
            || Found::Nothing {
                zone: self.domain.clone(),
            },
            Found::Host,
        ))
    }

    /// The address of a host in a peer of another region.
    fn find_far(&self, name: &str) -> Option<Ipv4Addr> {
        let mut far = self.far_blocks.iter().filter(|_| self.host_names);
        far.find_map(|(domain, block)| {
            let label = name.strip_suffix(domain.as_str())?.strip_suffix('.')?;
            address_in(label, "ip-").filter(|address| block.contains(address))
        })
    }

    fn is_named(&self, address: Ipv4Addr) -> bool {
        self.named_blocks
            .iter()
            .any(|block| block.contains(&address))
    }

    fn find_ipv4_pointer(&self, public: &Public, labels: &str) -> Found {
        let octets: Option<Vec<u8>> = labels.rsplit('.').map(decimal).collect();
        let Some(octets) = octets.filter(|octets| octets.len() <= 4) else {
            return Found::Unknown;
        };
        let mut address = [0; 4];
        address[..octets.len()].copy_from_slice(&octets);
        let address = Ipv4Addr::from(address);
        let prefix_len = 8 * octets.len() as u8;
        let above = |block: &Ipv4Net| {
            let asked = Ipv4Net::new_assert(address, prefix_len);
            asked.contains(block) || block.contains(&asked)
        };
        if prefix_len < 32 {
            // On the way to names (RFC 8020): there, and empty.
            return match self.host_names && self.named_blocks.iter().any(above) {
                true => Found::Host(Addresses::default()),
                false => Found::Unknown,
            };
        }
        if self.is_named(address) {
            return match self.host_names {
                true => {
                    let [a, b, c, d] = address.octets();
                    Found::Pointer(format!("ip-{a}-{b}-{c}-{d}.{}", self.domain))
                }
                false => Found::Nothing {
                    zone: "in-addr.arpa".to_owned(),
                },
            };
        }
        let mut far = self.far_blocks.iter().filter(|_| self.host_names);
        if let Some((domain, _)) = far.find(|(_, block)| block.contains(&address)) {
            let [a, b, c, d] = address.octets();
            return Found::Pointer(format!("ip-{a}-{b}-{c}-{d}.{domain}"));
        }
        pointer(public, address.into())
    }

    fn find_ipv6_pointer(&self, public: &Public, labels: &str) -> Found {
        let nibbles: Option<Vec<u8>> = labels.rsplit('.').map(nibble).collect();
        let Some(nibbles) = nibbles.filter(|nibbles| nibbles.len() == 32) else {
            return Found::Unknown;
        };
        let bits = nibbles
            .iter()
            .fold(0_u128, |bits, nibble| bits << 4 | u128::from(*nibble));
        let address = Ipv6Addr::from(bits);
        match self.ipv6_hosts.get(&address).filter(|_| self.host_names) {
            Some(name) => Found::Pointer(name.clone()),
            None => pointer(public, address.into()),
        }
    }

    fn find_public(&self, public: &Public, name: &str) -> Found {
        if let Some(host) = public.hosts.get(name) {
            let address = match self.near.contains(&host.vpc) {
                true => host.private,
                false => host.public,
            };
            return Found::Host(Addresses {
                ipv4: vec![address],
                ipv6: Vec::new(),
            });
        }
        if let Some(addresses) = public.names.get(name) {
            return Found::Host(addresses.clone());
        }
        if let Some(addresses) = family_of(&public.families, name) {
            return Found::Host(addresses.clone());
        }
        if public.domains.contains(name) {
            return Found::Host(Addresses::default());
        }
        match name.split_once('.') {
            Some((_, zone)) if public.domains.contains(zone) => Found::Nothing {
                zone: zone.to_owned(),
            },
            _ => Found::Unknown,
        }
    }
}

fn pointer(public: &Public, address: IpAddr) -> Found {
    match public.pointers.get(&address) {
        Some(name) => Found::Pointer(name.clone()),
        None => Found::Unknown,
    }
}

/// Whether a domain is, or lies under, this name.
fn is_above_or_at(name: &str, domain: &str) -> bool {
    match domain.strip_suffix(name) {
        Some(rest) => !name.is_empty() && (rest.is_empty() || rest.ends_with('.')),
        None => false,
    }
}

/// The address that a label like `ip-10-0-1-5` says, written as AWS writes it and no other way.
fn address_in(label: &str, prefix: &str) -> Option<Ipv4Addr> {
    let mut octets = label.strip_prefix(prefix)?.split('-').map(decimal);
    let mut next = || octets.next().flatten();
    let address = Ipv4Addr::new(next()?, next()?, next()?, next()?);
    octets.next().is_none().then_some(address)
}

/// A number from 0 to 255 without leading zeros.
fn decimal(text: &str) -> Option<u8> {
    let canonical =
        text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    text.parse().ok().filter(|_| canonical)
}

fn nibble(text: &str) -> Option<u8> {
    match text.as_bytes() {
        [digit @ b'0'..=b'9'] => Some(digit - b'0'),
        [digit @ b'a'..=b'f'] => Some(digit - b'a' + 10),
        _ => None,
    }
}

impl Addresses {
    /// Begins with another address each turn, so that who takes the first takes them all in turn.
    pub(crate) fn rotate(&mut self, turn: usize) {
        if !self.ipv4.is_empty() {
            let first = turn % self.ipv4.len();
            self.ipv4.rotate_left(first);
        }
        if !self.ipv6.is_empty() {
            let first = turn % self.ipv6.len();
            self.ipv6.rotate_left(first);
        }
    }

    /// Those of one name, of both families.
    pub fn of(addresses: &[IpAddr]) -> Addresses {
        let mut sorted = Addresses::default();
        for address in addresses {
            match address {
                IpAddr::V4(address) => sorted.ipv4.push(*address),
                IpAddr::V6(address) => sorted.ipv6.push(*address),
            }
        }
        sorted
    }
}
