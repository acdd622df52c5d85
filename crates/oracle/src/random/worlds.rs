//! Worlds and their changes.

use std::net::{Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net};
use rand::Rng;
use rand::seq::IndexedRandom;

use super::{ALL, Author, ip};
use crate::bench::Edit;
use crate::world::{
    Acl, Eni, Entry, Group, Kind, Peer, Peering, Route, Rule, Subnet, Target, User, Vpc, World,
};

impl Author {
    pub(super) fn edit(&mut self, world: &World) -> Edit {
        let eni = self.rng.random_range(0..world.enis.len());
        match self.rng.random_range(0..12) {
            10 if !world.peerings.is_empty() => {
                let peering = self.rng.random_range(0..world.peerings.len());
                Edit::Peering(peering, self.yes(60))
            }
            11 if world.enis.iter().any(|eni| eni.user == User::NatGateway) => {
                self.edit_nat_gateway(world)
            }
            0..3 => {
                let group = self.rng.random_range(0..world.groups.len());
                let vpc = world.groups[group].vpc;
                Edit::Group(group, self.group(world, vpc))
            }
            3..5 => {
                let acl = self.rng.random_range(0..world.acls.len());
                Edit::Acl(acl, self.acl(world))
            }
            5..7 => {
                let subnet = self.rng.random_range(0..world.subnets.len());
                let subnet = &world.subnets[subnet];
                Edit::Table(subnet.table, self.table(world, subnet.vpc, subnet.table))
            }
            7 => {
                let vpc = self.rng.random_range(0..world.vpcs.len());
                match world.vpcs[vpc].edge {
                    _ if self.yes(30) => {
                        let number = self.yes(70).then(|| self.rng.random_range(1..=2));
                        Edit::EgressOnly(vpc, number)
                    }
                    Some(_) if self.yes(20) => Edit::Edge(vpc, None),
                    Some(table) if self.yes(50) => Edit::Table(table, self.edge_table(world, vpc)),
                    _ => Edit::Gateway(vpc, self.yes(80)),
                }
            }
            8 if world.enis[eni].user == User::Host => {
                let vpc = world.vpc_of(eni);
                Edit::Groups(eni, self.groups(world, vpc))
            }
            _ if self.yes(50) => Edit::Check(eni, self.yes(70)),
            _ if world.enis[eni].user != User::Host => Edit::Check(eni, true),
            _ => {
                let place = self.rng.random_range(0..world.enis[eni].ipv4.len());
                let public = self.yes(70).then(|| self.public());
                Edit::Public(eni, place, public)
            }
        }
    }

    /// A world of one to four VPCs, mostly with the same addresses.
    pub fn world(&mut self) -> World {
        let mut world = World::default();
        for vpc in 0..self.rng.random_range(1..=4) {
            self.vpc(&mut world, vpc);
        }
        for vpc in 0..world.vpcs.len() {
            for _ in 0..self.rng.random_range(2..=4) {
                world.groups.push(Group {
                    vpc,
                    ingress: Vec::new(),
                    egress: Vec::new(),
                });
            }
        }
        self.enis(&mut world);
        self.nat_gateways(&mut world);
        self.peerings(&mut world);
        world.outside = vec![
            vec![ip("203.0.113.12"), ip("2001:db8:f00d::12")],
            vec![ip("198.51.100.80"), ip("2001:db8:f00d::80")],
            vec![ip("198.51.100.7"), ip("100.64.7.7"), ip("192.168.77.7")],
        ];
        for group in 0..world.groups.len() {
            let vpc = world.groups[group].vpc;
            world.groups[group] = self.group(&world, vpc);
        }
        for acl in 0..world.acls.len() {
            world.acls[acl] = self.acl(&world);
        }
        for subnet in world.subnets.clone() {
            world.tables[subnet.table] = self.table(&world, subnet.vpc, subnet.table);
        }
        for vpc in 0..world.vpcs.len() {
            if self.yes(30) {
                let edge = self.edge_table(&world, vpc);
                world.vpcs[vpc].edge = Some(world.tables.len());
                world.tables.push(edge);
            }
        }
        world
    }

    fn vpc(&mut self, world: &mut World, number: usize) {
        let blocks = [
            "10.0.0.0/16",
            "10.0.0.0/16",
            "10.0.0.0/20",
            "10.2.0.0/16",
            "10.3.0.0/16",
            "172.31.0.0/16",
        ];
        let block: Ipv4Net = self.pick(&blocks).parse().unwrap();
        let mut ipv4 = vec![block];
        if block.prefix_len() == 16 && block.network().octets()[0] == 10 && self.yes(30) {
            ipv4.push("10.1.0.0/16".parse().unwrap());
        }
        let ipv6 = self
            .yes(75)
            .then(|| format!("2001:db8:{}00::/56", number + 1).parse().unwrap());
        world.vpcs.push(Vpc {
            ipv4: ipv4.clone(),
            ipv6: ipv6.into_iter().collect(),
            internet_gateway: self.yes(85),
            edge: None,
            egress_only: self.yes(60).then(|| self.rng.random_range(1..=2)),
        });
        let subnets = self.rng.random_range(1..=3);
        for n in 0..subnets {
            let within = self.pick(&ipv4);
            let network = u32::from(within.network()) + 256 * n;
            let own = n == 0 || self.yes(70);
            if own {
                world.acls.push(Acl::default());
                world.tables.push(Vec::new());
            }
            let ipv6 = ipv6.filter(|_| self.yes(85)).map(|block: ipnet::Ipv6Net| {
                let network = u128::from(block.network()) + (u128::from(n) << 64);
                ipnet::Ipv6Net::new(Ipv6Addr::from(network), 64).unwrap()
            });
            world.subnets.push(Subnet {
                vpc: number,
                ipv4: Ipv4Net::new(Ipv4Addr::from(network), 24).unwrap(),
                ipv6,
                acl: world.acls.len() - 1,
                table: world.tables.len() - 1,
            });
        }
    }

    fn enis(&mut self, world: &mut World) {
        for subnet in 0..world.subnets.len() {
            for n in 0..self.rng.random_range(1..=3u32) {
                let of = &world.subnets[subnet];
                let first = u32::from(of.ipv4.network()) + 10 + n;
                let mut ipv4 = vec![(Ipv4Addr::from(first), None)];
                if self.yes(20) {
                    ipv4.push((Ipv4Addr::from(first + 100), None));
                }
                for own in &mut ipv4 {
                    if self.yes(60) {
                        own.1 = Some(self.public());
                    }
                }
                let ipv6 = of
                    .ipv6
                    .iter()
                    .map(|block| Ipv6Addr::from(u128::from(block.network()) + 16 + u128::from(n)));
                let eni = Eni {
                    subnet,
                    user: User::Host,
                    ipv4,
                    ipv6: ipv6.collect(),
                    groups: self.groups(world, of.vpc),
                    check: self.yes(80),
                    timeouts: self.pick(&[[432_000, 180, 30], [60, 60, 60], [3_600, 120, 45]]),
                };
                world.enis.push(eni);
                // Public addresses are unique in the world.
                let last = world.enis.len() - 1;
                for place in 0..world.enis[last].ipv4.len() {
                    let public = world.enis[last].ipv4[place].1;
                    let mut all = world.enis.iter().flat_map(|eni| &eni.ipv4);
                    let claims = all.clone().filter(|own| own.1 == public).count();
                    if claims > 1 {
                        world.enis[last].ipv4[place].1 = None;
                    } else {
                        let _ = all.next();
                    }
                }
            }
        }
    }

    /// None to three of them, mostly with one public address each.
    fn nat_gateways(&mut self, world: &mut World) {
        for vpc in 0..world.vpcs.len() {
            let count = self.pick(&[0, 1, 1, 2, 2]);
            for _ in 0..count {
                let all: Vec<usize> = (0..world.subnets.len())
                    .filter(|subnet| world.subnets[*subnet].vpc == vpc)
                    .collect();
                let subnet = self.pick(&all);
                let number = world.enis.len();
                let addresses = self.pick(&[1, 1, 1, 2, 3]);
                world.enis.push(Eni {
                    subnet,
                    user: User::NatGateway,
                    ipv4: self.gateway_addresses(world, subnet, number, addresses),
                    ipv6: Vec::new(),
                    groups: Vec::new(),
                    check: true,
                    timeouts: [432_000, 180, 30],
                });
            }
        }
    }

    fn gateway_addresses(
        &mut self,
        world: &World,
        subnet: usize,
        number: usize,
        count: u32,
    ) -> Vec<(Ipv4Addr, Option<Ipv4Addr>)> {
        let before = world.enis[..number].iter();
        let number = before.filter(|eni| eni.user != User::Host).count();
        let first = u32::from(world.subnets[subnet].ipv4.network()) + 150 + 3 * number as u32;
        let public = self.yes(80);
        let address = |n: u32| {
            let last = 80 + 3 * number as u32 + n;
            let elastic = Ipv4Addr::new(192, 0, 2, last as u8);
            (Ipv4Addr::from(first + n), public.then_some(elastic))
        };
        (0..count).map(address).collect()
    }

    fn edit_nat_gateway(&mut self, world: &World) -> Edit {
        let all: Vec<usize> = (0..world.enis.len())
            .filter(|eni| world.enis[*eni].user == User::NatGateway)
            .collect();
        let gateway = self.pick(&all);
        if self.yes(10) {
            return Edit::DeleteNatGateway(gateway);
        }
        let count = self.rng.random_range(1..=3);
        let subnet = world.enis[gateway].subnet;
        Edit::Addresses(
            gateway,
            self.gateway_addresses(world, subnet, gateway, count),
        )
    }

    /// PCX-4: only where no blocks overlap.
    fn peerings(&mut self, world: &mut World) {
        for a in 0..world.vpcs.len() {
            for b in a + 1..world.vpcs.len() {
                let apart = |one: &Ipv4Net| {
                    let other = &world.vpcs[b].ipv4;
                    other
                        .iter()
                        .all(|other| !one.contains(other) && !other.contains(one))
                };
                if world.vpcs[a].ipv4.iter().all(apart) && self.yes(70) {
                    world.peerings.push(Peering {
                        vpcs: [a, b],
                        active: self.yes(80),
                        between_regions: self.yes(20),
                    });
                }
            }
        }
    }

    fn groups(&mut self, world: &World, vpc: usize) -> Vec<usize> {
        let all: Vec<usize> = (0..world.groups.len())
            .filter(|group| world.groups[*group].vpc == vpc)
            .collect();
        let count = self.rng.random_range(1..=2);
        all.choose_multiple(&mut self.rng, count).copied().collect()
    }

    fn group(&mut self, world: &World, vpc: usize) -> Group {
        let side = |author: &mut Author, ample: u32| {
            let mut rules = Vec::new();
            if author.yes(ample) {
                for block in ["0.0.0.0/0", "::/0"] {
                    rules.push(Rule {
                        kind: ALL,
                        peer: Peer::Cidr(block.parse().unwrap()),
                    });
                }
            }
            for _ in 0..author.rng.random_range(0..=3) {
                let kind = author.kind();
                let peer = if author.yes(30) {
                    let peers = world.peerings.iter().filter_map(|peering| peering.far(vpc));
                    let peers: Vec<usize> = peers.collect();
                    let of = match author.yes(35) {
                        true => peers.choose(&mut author.rng).copied(),
                        false => None,
                    };
                    Peer::Group(author.groups(world, of.unwrap_or(vpc))[0])
                } else {
                    Peer::Cidr(author.block(world))
                };
                rules.push(Rule { kind, peer });
            }
            rules
        };
        let (ingress, egress) = (side(self, 25), side(self, 65));
        Group {
            vpc,
            ingress,
            egress,
        }
    }

    fn acl(&mut self, world: &World) -> Acl {
        let side = |author: &mut Author| {
            let mut entries: Vec<Entry> = Vec::new();
            if author.yes(75) {
                for (number, block) in [(100, "0.0.0.0/0"), (101, "::/0")] {
                    entries.push(Entry {
                        number,
                        allow: true,
                        kind: ALL,
                        peer: block.parse().unwrap(),
                    });
                }
            }
            for _ in 0..author.rng.random_range(0..=3) {
                let entry = Entry {
                    number: author.rng.random_range(1..200),
                    allow: author.yes(50),
                    kind: author.kind(),
                    peer: author.block(world),
                };
                if entries.iter().all(|known| known.number != entry.number) {
                    entries.push(entry);
                }
            }
            entries
        };
        let (inbound, outbound) = (side(self), side(self));
        Acl { inbound, outbound }
    }

    fn table(&mut self, world: &World, vpc: usize, number: usize) -> Vec<Route> {
        let of = &world.vpcs[vpc];
        let gateways: Vec<usize> = (0..world.enis.len())
            .filter(|eni| world.enis[*eni].user == User::NatGateway && world.vpc_of(*eni) == vpc)
            .collect();
        // Where a gateway stands, the way is mostly out.
        let stands = |gateway: &usize| world.subnets[world.enis[*gateway].subnet].table == number;
        let by_nat = if gateways.iter().any(stands) { 10 } else { 70 };
        let nat = gateways
            .choose(&mut self.rng)
            .map(|nat| Target::NatGateway(*nat));
        let local = |to: IpNet| Route {
            to,
            via: Target::Local,
        };
        let mut routes: Vec<Route> = of.ipv4.iter().map(|block| local((*block).into())).collect();
        routes.extend(of.ipv6.iter().map(|block| local((*block).into())));
        let mut add = |to: &str, via: Target| {
            let to = to.parse().unwrap();
            if routes.iter().all(|route| route.to != to) {
                routes.push(Route { to, via });
            }
        };
        for everything in ["0.0.0.0/0", "::/0"] {
            if everything == "::/0" && self.yes(35) {
                let number = self.rng.random_range(1..=2);
                add(everything, Target::EgressOnly(number));
            } else if let Some(nat) = nat
                && everything == "0.0.0.0/0"
                && self.yes(by_nat)
            {
                add(everything, nat);
            } else if self.yes(75) {
                add(everything, Target::InternetGateway);
            } else if self.yes(40) {
                add(everything, self.target(world, vpc));
            }
        }
        if let Some(nat) = nat
            && self.yes(70)
        {
            let to = self.pick(&["64:ff9b::/96", "64:ff9b::/96", "::/0", "64:ff9b::/97"]);
            add(to, nat);
        }
        for block in [
            "203.0.113.0/24",
            "203.0.113.12/32",
            "192.0.2.0/24",
            "2001:db8:f00d::/64",
        ] {
            if self.yes(20) {
                add(block, self.target(world, vpc));
            }
        }
        // PCX-30: the whole of a peer, or nothing.
        for (peering, of) in world.peerings.iter().enumerate() {
            let Some(far) = of.far(vpc) else {
                continue;
            };
            let hidden = self.yes(15);
            let via = match nat {
                Some(nat) if hidden => nat,
                _ => Target::Peering(peering),
            };
            if self.yes(80) {
                for block in &world.vpcs[far].ipv4 {
                    add(&block.to_string(), via);
                }
                for block in &world.vpcs[far].ipv6 {
                    add(&block.to_string(), Target::Peering(peering));
                }
            }
        }
        // PCX-34: beyond a peer, to what it could reach.
        for peering in 0..world.peerings.len() {
            let beyond = self.rng.random_range(0..world.vpcs.len());
            if world.peerings[peering].far(vpc).is_some() && self.yes(20) {
                let block = world.vpcs[beyond].ipv4[0];
                add(&block.to_string(), Target::Peering(peering));
                add("0.0.0.0/0", Target::Peering(peering));
            }
        }
        // RT-4: a whole subnet, by way of an interface or a NAT gateway.
        for subnet in world.subnets.iter().filter(|subnet| subnet.vpc == vpc) {
            let blocks = [Some(subnet.ipv4.into()), subnet.ipv6.map(IpNet::V6)];
            for block in blocks.into_iter().flatten() {
                if !self.yes(15) {
                    continue;
                }
                if let Some(nat) = nat
                    && block.addr().is_ipv4()
                    && self.yes(30)
                {
                    add(&block.to_string(), nat);
                } else if let Some(eni) = self.eni_of(world, vpc) {
                    add(&block.to_string(), Target::Eni(eni));
                }
            }
        }
        routes
    }

    /// RT-12: the whole VPC's blocks to local or an interface, and some subnets by way of one.
    fn edge_table(&mut self, world: &World, vpc: usize) -> Vec<Route> {
        let of = &world.vpcs[vpc];
        let ipv4 = of.ipv4.iter().map(|block| IpNet::V4(*block));
        let blocks = ipv4.chain(of.ipv6.iter().map(|block| IpNet::V6(*block)));
        let mut routes: Vec<Route> = Vec::new();
        for to in blocks {
            let via = match self.yes(15) {
                true => self.middlebox(world, vpc),
                false => Target::Local,
            };
            routes.push(Route { to, via });
        }
        for subnet in world.subnets.iter().filter(|subnet| subnet.vpc == vpc) {
            let blocks = [Some(subnet.ipv4.into()), subnet.ipv6.map(IpNet::V6)];
            for to in blocks.into_iter().flatten() {
                if self.yes(40) && routes.iter().all(|route| route.to != to) {
                    let via = self.middlebox(world, vpc);
                    routes.push(Route { to, via });
                }
            }
        }
        routes
    }

    fn middlebox(&mut self, world: &World, vpc: usize) -> Target {
        match self.yes(90) {
            true => self
                .eni_of(world, vpc)
                .map_or(Target::Blackhole, Target::Eni),
            false => Target::Blackhole,
        }
    }

    fn target(&mut self, world: &World, vpc: usize) -> Target {
        match self.rng.random_range(0..3) {
            0 => Target::InternetGateway,
            1 => Target::Blackhole,
            _ => self
                .eni_of(world, vpc)
                .map_or(Target::Blackhole, Target::Eni),
        }
    }

    fn eni_of(&mut self, world: &World, vpc: usize) -> Option<usize> {
        let all: Vec<usize> = (0..world.enis.len())
            .filter(|eni| world.vpc_of(*eni) == vpc && world.enis[*eni].user == User::Host)
            .collect();
        // Mostly one that can forward.
        let unchecked = all.iter().copied().filter(|eni| !world.enis[*eni].check);
        let unchecked: Vec<usize> = unchecked.collect();
        match self.yes(60) && !unchecked.is_empty() {
            true => unchecked.choose(&mut self.rng).copied(),
            false => all.choose(&mut self.rng).copied(),
        }
    }

    fn kind(&mut self) -> Kind {
        let (from, to) = self.pick(&[(22, 22), (80, 80), (0, 65_535), (1_024, 65_535), (50, 500)]);
        match self.rng.random_range(0..10) {
            0..4 => Kind {
                protocol: 6,
                from,
                to,
            },
            4..6 => Kind {
                protocol: 17,
                from,
                to,
            },
            6 | 7 => {
                let protocol = self.pick(&[1, 58]);
                let request = if protocol == 1 { 8 } else { 128 };
                let (from, to) = self.pick(&[(-1, -1), (request, -1), (request, 0), (0, 0)]);
                Kind { protocol, from, to }
            }
            8 => Kind {
                protocol: self.pick(&[47, 50]),
                from: -1,
                to: -1,
            },
            _ => ALL,
        }
    }

    fn block(&mut self, world: &World) -> IpNet {
        let fixed = [
            "203.0.113.0/24",
            "192.0.2.0/24",
            "10.0.0.0/8",
            "10.0.0.10/32",
            "2001:db8::/32",
        ];
        match self.rng.random_range(0..5) {
            0 | 1 => self
                .pick(&["0.0.0.0/0", "0.0.0.0/0", "::/0"])
                .parse()
                .unwrap(),
            2 => {
                let subnet = self.rng.random_range(0..world.subnets.len());
                let subnet = &world.subnets[subnet];
                match subnet.ipv6 {
                    Some(block) if self.yes(50) => block.into(),
                    _ => subnet.ipv4.into(),
                }
            }
            _ => self.pick(&fixed).parse().unwrap(),
        }
    }
}
