//! Route tables: longest prefix within the address family (RT-2, RT-3).

use std::net::IpAddr;

use ipnet::IpNet;

use crate::defects::{Defect, planted};
use crate::ids::{EniIndex, GatewayId, RuleRef, VpcIndex};

/// Where a route sends packets. Each kind of gateway has its variant here and its stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// Inside the VPC: to whichever interface owns the destination.
    Local,
    /// Through the VPC's internet gateway.
    InternetGateway,
    /// Through this egress-only internet gateway of the VPC; carries IPv6 only (EO-21).
    EgressOnlyInternetGateway(GatewayId),
    /// Through the NAT gateway whose interface this is.
    NatGateway(EniIndex),
    /// Into another VPC by an active peering connection.
    Peering(Peering),
    /// To a service of the public zone by this gateway endpoint of the VPC; carries TCP and echo over IPv4 only (GE-26).
    GatewayEndpoint(GatewayId),
    /// To one interface, whatever the destination (middlebox, NAT instance).
    NetworkInterface(EniIndex),
    /// The target is gone or cannot carry (RT-9).
    Blackhole,
}

/// The far end of an active peering connection, seen from one of its two VPCs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peering {
    /// The other VPC.
    pub far: VpcIndex,
    /// The two VPCs are in different regions (PCX-37).
    pub between_regions: bool,
}

/// One route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// Destination block, canonical or not.
    pub destination: IpNet,
    /// Where it leads.
    pub target: Target,
    /// For traces.
    pub reference: RuleRef,
}

/// A frozen route table.
#[derive(Clone, Debug, Default)]
pub struct RouteTable {
    ipv4: Vec<Level>,
    ipv6: Vec<Level>,
}

/// All routes of one prefix length, ascending by network.
#[derive(Clone, Debug)]
struct Level {
    mask: u128,
    routes: Vec<(u128, Route)>,
}

impl RouteTable {
    /// Builds the table. Of two routes with the same destination the earlier one counts, so the caller sorts by RT-3:
    /// local, static, prefix list, propagated.
    pub fn new(routes: impl IntoIterator<Item = Route>) -> RouteTable {
        let mut table = RouteTable::default();
        for route in routes {
            let (bits, levels) = match route.destination {
                IpNet::V4(_) => (32, &mut table.ipv4),
                IpNet::V6(_) => (128, &mut table.ipv6),
            };
            let mask = mask(route.destination.prefix_len(), bits);
            let network = number(route.destination.addr()) & mask;
            let at = levels.partition_point(|level| level.mask > mask);
            if levels.get(at).is_none_or(|level| level.mask != mask) {
                levels.insert(
                    at,
                    Level {
                        mask,
                        routes: Vec::new(),
                    },
                );
            }
            let level = &mut levels[at].routes;
            if let Err(place) = level.binary_search_by_key(&network, |(network, _)| *network) {
                level.insert(place, (network, route));
            }
        }
        table
    }

    /// The route of the longest prefix that contains `address`; at most one binary search per prefix length in use.
    pub fn lookup(&self, address: IpAddr) -> Option<&Route> {
        let levels = match address {
            IpAddr::V4(_) => &self.ipv4,
            IpAddr::V6(_) => &self.ipv6,
        };
        let address = number(address);
        let mut matching = levels.iter().filter_map(|level| {
            let at = level
                .routes
                .binary_search_by_key(&(address & level.mask), |(network, _)| *network)
                .ok()?;
            Some(&level.routes[at].1)
        });
        if planted(Defect::ShortestPrefix) {
            return matching.next_back();
        }
        if planted(Defect::BlackholeFallsThrough) {
            return matching.find(|route| route.target != Target::Blackhole);
        }
        if planted(Defect::LocalBeforeLongest) {
            let mut local = matching.clone();
            if let Some(local) = local.find(|route| route.target == Target::Local) {
                return Some(local);
            }
        }
        matching.next()
    }
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(u32::from(address)),
        IpAddr::V6(address) => u128::from(address),
    }
}

fn mask(prefix_len: u8, bits: u32) -> u128 {
    let all = u128::MAX >> (128 - bits);
    let free = bits - u32::from(prefix_len);
    if free == 128 {
        0
    } else {
        (all >> free) << free
    }
}
