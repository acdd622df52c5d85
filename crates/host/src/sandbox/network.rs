//! The interfaces of a sandbox, as its init keeps them: links up, addresses, leases, routes.
//!
//! Routes are those of an Amazon Linux instance (AWS: EC2 user guide, "Configure your network interface using
//! ec2-net-utils"): in the main table each interface has its subnet and a default route, the lower the index the better
//! the metric; and each has a table of its own. While there are several interfaces, packets that bear an interface's
//! address follow its table, so that answers leave by the interface that was asked; by any other one the engine's
//! source check would drop them. What root changes beside that is left alone.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::os::fd::BorrowedFd;
use std::time::Instant;

use super::dhcp::{self, Change, Lease};
use super::protocol::{InterfaceConfig, Ipv4};
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

struct Interface {
    config: InterfaceConfig,
    link: u32,
    dhcp: Option<dhcp::Client>,
    lease: Option<Lease>,
}

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
        let clients = self.held.values().filter_map(|held| held.dhcp.as_ref());
        clients.map(dhcp::Client::deadline).min()
    }

    /// To be watched for reading.
    pub fn sockets(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        let clients = self.held.values().filter_map(|held| held.dhcp.as_ref());
        clients.filter_map(dhcp::Client::socket)
    }

    /// Reads what came and does what is due; answers the leases that were granted and applied.
    pub fn advance(&mut self, now: Instant) -> Vec<(u16, Lease)> {
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
                        granted.push((*index, lease.clone()));
                    }
                    held.lease = Some(lease);
                }
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
        for (address, prefix_len) in old.ipv6 {
            if !new.ipv6.iter().any(|(kept, _)| *kept == address) {
                let _ = netlink.remove_address(self.link, address.into(), prefix_len);
            }
        }
        for (address, prefix_len) in &new.secondary_ipv4 {
            netlink.add_address(self.link, (*address).into(), *prefix_len)?;
        }
        for (address, prefix_len) in &new.ipv6 {
            netlink.add_address(self.link, (*address).into(), *prefix_len)?;
            self.route_to_subnet(netlink, (*address).into(), *prefix_len)?;
        }
        if let Some(gateway) = new.ipv6_gateway {
            self.route_by(netlink, gateway.into(), None)?;
        }
        Ok(())
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
                (std::net::Ipv6Addr::from(network).into(), None)
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
            IpAddr::V6(_) => std::net::Ipv6Addr::UNSPECIFIED.into(),
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
        let ipv6 = network.ipv6.iter().map(|(address, _)| IpAddr::V6(*address));
        ipv4.chain(ipv6).map(|address| (address, self.table()))
    }
}
