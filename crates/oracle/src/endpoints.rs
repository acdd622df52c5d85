//! Who is asked by what: reach of services through gateway endpoints, interface endpoints and the internet, as the tables of
//! specs 03 §2 and 04 §4 have it. A question is one SYN to port 443; everything is found by looking at all of it.
//!
//! Addresses are IPv4, network ACLs are open, and rules are about tcp/443 alone: what those add is the packet oracle's.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

/// VPCs with their subnets, routes, hosts and endpoints.
#[derive(Clone, Debug, Default)]
pub struct World {
    /// Their blocks; two may be the same.
    pub vpcs: Vec<Ipv4Net>,
    /// Addresses of services on the internet.
    pub services: Vec<Ipv4Addr>,
    /// Subnets of all VPCs.
    pub subnets: Vec<Subnet>,
    /// Those who ask.
    pub clients: Vec<Client>,
    /// Interfaces of endpoints.
    pub interfaces: Vec<Interface>,
}

/// A subnet, with a route table of its own.
#[derive(Clone, Debug)]
pub struct Subnet {
    /// Its VPC.
    pub vpc: usize,
    /// Its block.
    pub block: Ipv4Net,
    /// Beside the local one.
    pub routes: Vec<(Ipv4Net, Target)>,
    /// Its zone is lost.
    pub lost: bool,
}

/// Where a route leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// The internet gateway.
    Internet,
    /// A gateway endpoint by its number.
    GatewayEndpoint(u64),
    /// A peer.
    Peer(usize),
}

/// A host.
#[derive(Clone, Debug)]
pub struct Client {
    /// Its subnet.
    pub subnet: usize,
    /// Its address.
    pub address: Ipv4Addr,
    /// Its public address.
    pub public: Option<Ipv4Addr>,
    /// Where its groups let it connect.
    pub egress: Vec<Ipv4Net>,
}

/// The interface of an endpoint.
#[derive(Clone, Debug)]
pub struct Interface {
    /// Its subnet.
    pub subnet: usize,
    /// Its address.
    pub address: Ipv4Addr,
    /// The service that it stands for.
    pub service: Ipv4Addr,
    /// From where its groups let connections in.
    pub ingress: Vec<Ipv4Net>,
}

/// As whom a service sees a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// By its public address.
    Public(Ipv4Addr),
    /// By its private one, through a gateway endpoint (GE-29).
    Gateway(u64),
    /// By its private one, through this interface of an endpoint (IP-7).
    Interface(usize),
}

impl World {
    /// As whom a service is asked when a client calls an address; none if no service is.
    pub fn ask(&self, client: usize, to: Ipv4Addr) -> Option<Seen> {
        let asker = &self.clients[client];
        let subnet = &self.subnets[asker.subnet];
        let may = asker.egress.iter().any(|block| block.contains(&to));
        if subnet.lost || !may {
            return None;
        }
        if self.vpcs[subnet.vpc].contains(&to) {
            return self.enter(subnet.vpc, to, asker);
        }
        match route(subnet, to)? {
            // GE-20, GE-22: what is no service of the list's is nobody's there.
            Target::GatewayEndpoint(number) => {
                self.services.contains(&to).then_some(Seen::Gateway(number))
            }
            Target::Internet => {
                let public = asker.public.filter(|_| self.services.contains(&to));
                public.map(Seen::Public)
            }
            // GE-30, PCX-34: into the other VPC and no further.
            Target::Peer(far) => {
                let within = self.vpcs[far].contains(&to);
                within.then(|| self.enter(far, to, asker)).flatten()
            }
        }
    }

    /// Whether what the service answers comes back.
    pub fn answers(&self, client: usize, seen: Seen) -> bool {
        let home = self.subnets[self.clients[client].subnet].vpc;
        match seen {
            Seen::Public(_) | Seen::Gateway(_) => true,
            // The way back is that of the interface's own subnet.
            Seen::Interface(number) => {
                let from = &self.subnets[self.interfaces[number].subnet];
                from.vpc == home
                    || route(from, self.clients[client].address) == Some(Target::Peer(home))
            }
        }
    }

    /// IP-1, IP-2, IP-9: to the interface of an endpoint in a VPC.
    fn enter(&self, vpc: usize, to: Ipv4Addr, asker: &Client) -> Option<Seen> {
        let all = self.interfaces.iter();
        let number = all.clone().position(|interface| {
            interface.address == to && self.subnets[interface.subnet].vpc == vpc
        })?;
        let interface = &self.interfaces[number];
        let lets_in = interface
            .ingress
            .iter()
            .any(|block| block.contains(&asker.address));
        let lost = self.subnets[interface.subnet].lost;
        (lets_in && !lost).then_some(Seen::Interface(number))
    }
}

/// RT-2: the longest prefix.
fn route(subnet: &Subnet, to: Ipv4Addr) -> Option<Target> {
    let fitting = subnet
        .routes
        .iter()
        .filter(|(block, _)| block.contains(&to));
    let best = fitting.max_by_key(|(block, _)| block.prefix_len());
    best.map(|(_, target)| *target)
}
