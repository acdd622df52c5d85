//! The region as plain lists; positions are names. Everything is found by looking at all of it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// Everything that has a say about a packet.
#[derive(Clone, Debug, Default)]
pub struct World {
    /// VPCs.
    pub vpcs: Vec<Vpc>,
    /// Subnets of all VPCs.
    pub subnets: Vec<Subnet>,
    /// Route tables of all VPCs.
    pub tables: Vec<Vec<Route>>,
    /// Network ACLs of all VPCs.
    pub acls: Vec<Acl>,
    /// Security groups of all VPCs.
    pub groups: Vec<Group>,
    /// Interfaces.
    pub enis: Vec<Eni>,
    /// Peering connections.
    pub peerings: Vec<Peering>,
    /// Addresses of each host of the simulated internet.
    pub outside: Vec<Vec<IpAddr>>,
}

/// A VPC.
#[derive(Clone, Debug)]
pub struct Vpc {
    /// IPv4 blocks, the primary one first.
    pub ipv4: Vec<Ipv4Net>,
    /// IPv6 blocks.
    pub ipv6: Vec<Ipv6Net>,
    /// An internet gateway is attached.
    pub internet_gateway: bool,
    /// The gateway's own table.
    pub edge: Option<usize>,
    /// The number of its egress-only internet gateway.
    pub egress_only: Option<u64>,
}

/// A peering connection between two VPCs.
#[derive(Clone, Copy, Debug)]
pub struct Peering {
    /// Requester and accepter.
    pub vpcs: [usize; 2],
    /// Accepted and not deleted.
    pub active: bool,
    /// The two are in different regions.
    pub between_regions: bool,
}

impl Peering {
    /// The VPC at the other end.
    pub fn far(&self, from: usize) -> Option<usize> {
        match self.vpcs {
            [a, b] if a == from => Some(b),
            [a, b] if b == from => Some(a),
            _ => None,
        }
    }
}

/// A subnet.
#[derive(Clone, Debug)]
pub struct Subnet {
    /// Its VPC.
    pub vpc: usize,
    /// IPv4 block.
    pub ipv4: Ipv4Net,
    /// IPv6 block.
    pub ipv6: Option<Ipv6Net>,
    /// Its network ACL.
    pub acl: usize,
    /// Its route table.
    pub table: usize,
}

impl Subnet {
    /// Whether the address is on-link here.
    pub fn contains(&self, address: IpAddr) -> bool {
        match address {
            IpAddr::V4(address) => self.ipv4.contains(&address),
            IpAddr::V6(address) => self.ipv6.is_some_and(|block| block.contains(&address)),
        }
    }
}

/// An interface.
#[derive(Clone, Debug)]
pub struct Eni {
    /// Its subnet.
    pub subnet: usize,
    /// Whose it is.
    pub user: User,
    /// Private addresses with their public ones, the primary first.
    pub ipv4: Vec<(Ipv4Addr, Option<Ipv4Addr>)>,
    /// IPv6 addresses, the primary first.
    pub ipv6: Vec<Ipv6Addr>,
    /// Its security groups.
    pub groups: Vec<usize>,
    /// Source/destination check.
    pub check: bool,
    /// Idle seconds of TCP established, UDP stream and UDP single (SG-8).
    pub timeouts: [u64; 3],
}

/// Who stands behind an interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum User {
    /// A host.
    Host,
    /// A NAT gateway.
    NatGateway,
    /// A NAT gateway that was deleted: nobody owns its addresses any more.
    Deleted,
}

impl Eni {
    /// Whether the address is one of its own.
    pub fn owns(&self, address: IpAddr) -> bool {
        match address {
            _ if self.user == User::Deleted => false,
            IpAddr::V4(address) => self.ipv4.iter().any(|(own, _)| *own == address),
            IpAddr::V6(address) => self.ipv6.contains(&address),
        }
    }

    /// The address that flow logs show for its side; the packet's own where it has none of that family.
    pub fn primary(&self, like: IpAddr) -> IpAddr {
        match like {
            IpAddr::V4(_) => self.ipv4.first().map_or(like, |(own, _)| (*own).into()),
            IpAddr::V6(_) => self.ipv6.first().map_or(like, |own| (*own).into()),
        }
    }
}

/// A route.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Route {
    /// Destination block.
    pub to: IpNet,
    /// Target.
    pub via: Target,
}

/// Where a route leads.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Target {
    /// `local`.
    Local,
    /// The VPC's internet gateway.
    InternetGateway,
    /// An egress-only internet gateway, by its number.
    EgressOnly(u64),
    /// The NAT gateway whose interface this is.
    NatGateway(usize),
    /// A peering connection.
    Peering(usize),
    /// An interface of the VPC.
    Eni(usize),
    /// Gone.
    Blackhole,
}

/// Which packets: protocol number or −1, and ports or ICMP type and code (−1 any), as in the API.
#[derive(Clone, Copy, PartialEq)]
pub struct Kind {
    /// IANA number, −1 for all.
    pub protocol: i16,
    /// First port, or ICMP type.
    pub from: i32,
    /// Last port, or ICMP code.
    pub to: i32,
}

impl std::fmt::Debug for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}..{}", self.protocol, self.from, self.to)
    }
}

/// A security group.
#[derive(Clone, Debug)]
pub struct Group {
    /// Its VPC.
    pub vpc: usize,
    /// Ingress rules.
    pub ingress: Vec<Rule>,
    /// Egress rules.
    pub egress: Vec<Rule>,
}

/// An allow rule.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rule {
    /// Which packets.
    pub kind: Kind,
    /// The other end.
    pub peer: Peer,
}

/// The other end of a rule.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Peer {
    /// A block.
    Cidr(IpNet),
    /// Holders of a group.
    Group(usize),
}

/// A network ACL; entries in any order.
#[derive(Clone, Debug, Default)]
pub struct Acl {
    /// Into the subnet.
    pub inbound: Vec<Entry>,
    /// Out of the subnet.
    pub outbound: Vec<Entry>,
}

/// A numbered entry.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Entry {
    /// 1–32766.
    pub number: u16,
    /// Allow or deny.
    pub allow: bool,
    /// Which packets.
    pub kind: Kind,
    /// The other end.
    pub peer: IpNet,
}

impl World {
    /// The VPC of an interface.
    pub fn vpc_of(&self, eni: usize) -> usize {
        self.subnets[self.enis[eni].subnet].vpc
    }

    /// The interface of a VPC that owns an address.
    pub fn owner(&self, vpc: usize, address: IpAddr) -> Option<usize> {
        (0..self.enis.len()).find(|eni| self.vpc_of(*eni) == vpc && self.enis[*eni].owns(address))
    }

    /// The VPC at the other end of a connection that carries (PCX-31).
    pub fn peer(&self, vpc: usize, peering: usize) -> Option<usize> {
        let peering = &self.peerings[peering];
        peering.far(vpc).filter(|_| peering.active)
    }

    /// PCX-40…42: whether rules of one VPC may name groups of the other.
    pub fn shares_groups(&self, vpc: usize, other: usize) -> bool {
        vpc == other
            || self.peerings.iter().any(|peering| {
                peering.active && !peering.between_regions && peering.far(vpc) == Some(other)
            })
    }

    /// RT-2: longest prefix; the earlier of equals.
    pub fn route(&self, subnet: usize, destination: IpAddr) -> Option<Target> {
        self.longest(self.subnets[subnet].table, destination)
    }

    /// RT-2 in any table, a gateway's too.
    pub fn longest(&self, table: usize, destination: IpAddr) -> Option<Target> {
        let mut best: Option<Route> = None;
        for route in &self.tables[table] {
            let longer = best.is_none_or(|best| route.to.prefix_len() > best.to.prefix_len());
            if route.to.contains(&destination) && longer {
                best = Some(*route);
            }
        }
        best.map(|route| route.via)
    }
}
