//! The interfaces of a sandbox, as its init keeps them: links up, addresses, leases, routes.
//!
//! Routes are those of an Amazon Linux instance (AWS: EC2 user guide, "Configure your network interface using
//! ec2-net-utils"): in the main table each interface has its subnet and a default route, the lower the index the better
//! the metric; and each has a table of its own. While there are several interfaces, packets that bear an interface's
//! address follow its table, so that answers leave by the interface that was asked; by any other one the engine's
//! source check would drop them. What root changes beside that is left alone.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::os::fd::BorrowedFd;
use std::time::Instant;

use super::dhcp::{self, Change, Lease};
use super::dhcpv6;
use super::protocol::{InterfaceConfig, Ipv4, Ipv6};
use crate::netlink::{LinkChange, Netlink, Route, link_index};

/// Metric of `eth0`'s routes, and the distance to the next interface's.
const METRIC_FIRST: u32 = 512;
const METRIC_STEP: u32 = 10;
/// The table of `eth0`, and the priority of the rules that lead to it.
const TABLE_FIRST: u32 = 10_000;
const MAIN: u32 = libc::RT_TABLE_MAIN as u32;

/// All interfaces of a sandbox but `lo`.
pub struct Interfaces {
    netlink: Netlink,
    held: BTreeMap<u16, Interface>,
    /// Installed rules: which source address follows which table.
    rules: BTreeSet<(IpAddr, u32)>,
}

/// What an interface was given.
pub struct Granted {
    pub index: u16,
    /// None on an IPv6-only subnet.
    pub ipv4: Option<Lease>,
    pub ipv6: dhcpv6::Lease,
}

struct Interface {
    config: InterfaceConfig,
    link: u32,
    dhcp: Option<dhcp::Client>,
    lease: Option<Lease>,
    dhcpv6: Option<dhcpv6::Client>,
    /// IPv6 addresses that were set, with prefix lengths.
    ipv6: BTreeSet<(Ipv6Addr, u8)>,
    /// A lease that is applied and not yet reported, because the other family is still being asked about.
    untold: Option<Lease>,
}

/// An address by DHCPv6 says nothing of its neighbours (RFC 8415 §6.4); the router does.
const HOST_PREFIX_LEN: u8 = 128;

impl Interfaces {
    /// # Errors
    /// The kernel's about `lo`.
    pub fn new() -> io::Result<Self> {
        let mut netlink = Netlink::open()?;
        netlink.change_link(link_index("lo")?, &UP)?;
        Ok(Self {
            netlink,
            held: BTreeMap::new(),
            rules: BTreeSet::new(),
        })
    }

    /// Makes the interfaces those wanted. The daemon has made the new links and taken the old ones away.
    ///
    /// # Errors
    /// The first of the kernel's; all the others are configured nevertheless.
    pub fn adopt(&mut self, wanted: Vec<InterfaceConfig>) -> io::Result<()> {
        let same = |held: &Interface, wanted: &InterfaceConfig| {
            (held.config.index, held.config.mac) == (wanted.index, wanted.mac)
        };
        self.held
            .retain(|_, held| wanted.iter().any(|wanted| same(held, wanted)));
        let mut outcome = Ok(());
        for config in wanted {
            let done = match self.held.get_mut(&config.index) {
                Some(held) => held.change(&mut self.netlink, config),
                None => Interface::bring_up(&mut self.netlink, config).map(|new| {
                    self.held.insert(new.config.index, new);
                }),
            };
            outcome = outcome.and(done);
        }
        self.follow_sources();
        outcome
    }

    /// When to call [`Interfaces::advance`] at the latest.
    pub fn deadline(&self) -> Option<Instant> {
        let held = self.held.values();
        let deadlines = held.flat_map(|held| {
            let ipv4 = held.dhcp.as_ref().map(dhcp::Client::deadline);
            let ipv6 = held.dhcpv6.as_ref().map(dhcpv6::Client::deadline);
            ipv4.into_iter().chain(ipv6)
        });
        deadlines.min()
    }

    /// To be watched for reading.
    pub fn sockets(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        self.held.values().flat_map(|held| {
            let ipv4 = held.dhcp.as_ref().and_then(dhcp::Client::socket);
            let ipv6 = held.dhcpv6.as_ref().and_then(dhcpv6::Client::socket);
            ipv4.into_iter().chain(ipv6)
        })
    }

    /// Asks for every lease anew, before its time.
    pub fn renew(&mut self) {
        for held in self.held.values_mut() {
            if let Some(client) = &mut held.dhcp {
                client.renew();
            }
            if let Some(client) = &mut held.dhcpv6 {
                client.refresh();
            }
        }
    }

    /// Reads what came and does what is due; answers which interfaces got addresses, of both families where both are asked
    /// for, so that an instance that is said to run has both.
    pub fn advance(&mut self, now: Instant) -> Vec<Granted> {
        let mut granted = Vec::new();
        for (index, held) in &mut self.held {
            match held.dhcp.as_mut().and_then(|client| client.advance(now)) {
                None => {}
                Some(Change::Lost(lease)) => {
                    held.lease = None;
                    let address = lease.address.into();
                    // The instance's root may have removed it already.
                    let _ = self
                        .netlink
                        .remove_address(held.link, address, lease.prefix_len);
                }
                Some(Change::Bound(lease)) => {
                    // Root may have taken the link down or away: then the lease stands, and counts for nothing.
                    if held.apply(&mut self.netlink, &lease).is_ok() {
                        held.untold = Some(lease.clone());
                    }
                    held.lease = Some(lease);
                }
            }
            let client = held.dhcpv6.as_mut();
            let changed = client.is_some_and(|client| client.advance(now));
            if changed {
                // As above.
                let _ = held.apply_ipv6(&mut self.netlink);
            }
            let settled = held
                .dhcpv6
                .as_ref()
                .is_none_or(|client| client.is_settled(now));
            let lease = held.untold.take_if(|_| settled);
            let is_ipv6_only = matches!(held.config.network.ipv4, Ipv4::None);
            if lease.is_some() || is_ipv6_only && changed && settled {
                let ipv6 = held.dhcpv6.as_ref().map(dhcpv6::Client::lease);
                granted.push(Granted {
                    index: *index,
                    ipv4: lease,
                    ipv6: ipv6.cloned().unwrap_or_default(),
                });
            }
        }
        self.follow_sources();
        granted
    }

    /// Installs the rules that are due and removes those that are not.
    fn follow_sources(&mut self) {
        let due: BTreeSet<(IpAddr, u32)> = match self.held.len() {
            0 | 1 => BTreeSet::new(),
            _ => self.held.values().flat_map(Interface::sources).collect(),
        };
        for (from, table) in self.rules.difference(&due) {
            let _ = self.netlink.remove_rule(*from, *table);
        }
        for (from, table) in due.difference(&self.rules) {
            let _ = self.netlink.add_rule(*from, *table);
        }
        self.rules = due;
    }
}

const UP: LinkChange = LinkChange {
    up: Some(true),
    mtu: None,
    mac: None,
};

impl Interface {
    fn bring_up(netlink: &mut Netlink, config: InterfaceConfig) -> io::Result<Self> {
        let link = link_index(&InterfaceConfig::name(config.index))?;
        netlink.change_link(link, &UP)?;
        let mut interface = Self {
            config: InterfaceConfig {
                network: Default::default(),
                ..config.clone()
            },
            link,
            dhcp: None,
            lease: None,
            dhcpv6: None,
            ipv6: BTreeSet::new(),
            untold: None,
        };
        match config.network.ipv4 {
            Ipv4::Dhcp => interface.dhcp = Some(dhcp::Client::start(link, config.mac)?),
            Ipv4::Static {
                address,
                prefix_len,
                gateway,
            } => interface.apply_ipv4(netlink, address, prefix_len, gateway)?,
            Ipv4::None => {}
        }
        interface.change(netlink, config)?;
        Ok(interface)
    }

    /// Gives it the addresses of a new configuration and takes away those of the old one that are not in it.
    fn change(&mut self, netlink: &mut Netlink, config: InterfaceConfig) -> io::Result<()> {
        let before = std::mem::replace(&mut self.config, config);
        let (old, new) = (before.network, self.config.network.clone());
        for (address, prefix_len) in old.secondary_ipv4 {
            if !new.secondary_ipv4.iter().any(|(kept, _)| *kept == address) {
                // Root may have removed it already; so with the IPv6 ones.
                let _ = netlink.remove_address(self.link, address.into(), prefix_len);
            }
        }
        for (address, prefix_len) in &new.secondary_ipv4 {
            netlink.add_address(self.link, (*address).into(), *prefix_len)?;
        }
        match (new.ipv6, &mut self.dhcpv6) {
            (Ipv6::Dhcp(listed), Some(client)) => {
                if old.ipv6 != Ipv6::Dhcp(listed) {
                    client.refresh();
                }
                Ok(())
            }
            (Ipv6::Dhcp(_), none) => {
                *none = Some(dhcpv6::Client::start(self.link, self.config.mac)?);
                Ok(())
            }
            (Ipv6::None | Ipv6::Static { .. }, client) => {
                *client = None;
                self.apply_ipv6(netlink)
            }
        }
    }

    /// Sets the IPv6 addresses and routes that hold now, and takes away what was set before.
    fn apply_ipv6(&mut self, netlink: &mut Netlink) -> io::Result<()> {
        let (wanted, on_link, router): (BTreeSet<_>, _, _) = match &self.config.network.ipv6 {
            Ipv6::None => (BTreeSet::new(), None, None),
            Ipv6::Static {
                address,
                prefix_len,
                gateway,
            } => {
                let own = (*address, *prefix_len);
                (BTreeSet::from([own]), Some(own), *gateway)
            }
            Ipv6::Dhcp(_) => match &self.dhcpv6 {
                Some(client) => {
                    let lease = client.lease();
                    let own = lease.addresses.iter().map(|own| (*own, HOST_PREFIX_LEN));
                    (own.collect(), lease.on_link, lease.router)
                }
                None => (BTreeSet::new(), None, None),
            },
        };
        for (address, prefix_len) in self.ipv6.difference(&wanted) {
            // Root may have removed it already.
            let _ = netlink.remove_address(self.link, (*address).into(), *prefix_len);
        }
        for (address, prefix_len) in wanted.difference(&self.ipv6) {
            netlink.add_address(self.link, (*address).into(), *prefix_len)?;
        }
        self.ipv6 = wanted;
        if let Some((prefix, prefix_len)) = on_link {
            self.route_to_subnet(netlink, prefix.into(), prefix_len)?;
        }
        match router {
            Some(router) => self.route_by(netlink, router.into(), None),
            None => Ok(()),
        }
    }

    fn apply(&self, netlink: &mut Netlink, lease: &Lease) -> io::Result<()> {
        if let Some(mtu) = lease.mtu.filter(|mtu| *mtu >= 576) {
            let change = LinkChange {
                mtu: Some(u32::from(mtu)),
                ..LinkChange::default()
            };
            netlink.change_link(self.link, &change)?;
        }
        self.apply_ipv4(netlink, lease.address, lease.prefix_len, lease.router)
    }

    fn apply_ipv4(
        &self,
        netlink: &mut Netlink,
        address: Ipv4Addr,
        prefix_len: u8,
        gateway: Option<Ipv4Addr>,
    ) -> io::Result<()> {
        netlink.add_address(self.link, address.into(), prefix_len)?;
        self.route_to_subnet(netlink, address.into(), prefix_len)?;
        match gateway {
            Some(gateway) => self.route_by(netlink, gateway.into(), Some(address.into())),
            None => Ok(()),
        }
    }

    /// The neighbours of an address, in the main table and in the interface's own.
    fn route_to_subnet(
        &self,
        netlink: &mut Netlink,
        address: IpAddr,
        prefix_len: u8,
    ) -> io::Result<()> {
        let (destination, source) = match address {
            IpAddr::V4(v4) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(prefix_len));
                let network = u32::from(v4) & mask.unwrap_or(0);
                (Ipv4Addr::from(network).into(), Some(address))
            }
            IpAddr::V6(v6) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(prefix_len));
                let network = u128::from(v6) & mask.unwrap_or(0);
                (Ipv6Addr::from(network).into(), None)
            }
        };
        self.route(netlink, destination, prefix_len, None, source)
    }

    /// The default route of a gateway's family.
    fn route_by(
        &self,
        netlink: &mut Netlink,
        gateway: IpAddr,
        source: Option<IpAddr>,
    ) -> io::Result<()> {
        let all: IpAddr = match gateway {
            IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
            IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
        };
        self.route(netlink, all, 0, Some(gateway), source)
    }

    fn route(
        &self,
        netlink: &mut Netlink,
        destination: IpAddr,
        prefix_len: u8,
        gateway: Option<IpAddr>,
        source: Option<IpAddr>,
    ) -> io::Result<()> {
        let index = u32::from(self.config.index);
        for table in [MAIN, self.table()] {
            netlink.replace_route(&Route {
                destination,
                prefix_len,
                gateway,
                source,
                link: self.link,
                table,
                metric: METRIC_FIRST + METRIC_STEP * index,
                mtu: None,
            })?;
        }
        Ok(())
    }

    fn table(&self) -> u32 {
        TABLE_FIRST + u32::from(self.config.index)
    }

    /// Its addresses, each with the table that packets from it follow.
    fn sources(&self) -> impl Iterator<Item = (IpAddr, u32)> {
        let network = &self.config.network;
        let first = match network.ipv4 {
            Ipv4::Dhcp => self.lease.as_ref().map(|lease| lease.address),
            Ipv4::Static { address, .. } => Some(address),
            Ipv4::None => None,
        };
        let secondary = network.secondary_ipv4.iter().map(|(address, _)| *address);
        let ipv4 = first.into_iter().chain(secondary).map(IpAddr::V4);
        let ipv6 = self.ipv6.iter().map(|(address, _)| IpAddr::V6(*address));
        ipv4.chain(ipv6).map(|address| (address, self.table()))
    }
}
