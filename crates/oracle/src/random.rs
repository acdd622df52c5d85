//! Worlds, conversations and edits by chance, all from one seed.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net};
use rand::rngs::SmallRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};

use crate::bench::{Edit, Step};
use crate::judge::{Fate, Judgement};
use crate::packet::{ACK, Body, FIN, NextHop, Packet, Port, RST, SYN};
use crate::world::{Acl, Eni, Entry, Group, Kind, Peer, Route, Rule, Subnet, Target, Vpc, World};

/// Writes a story as it happens.
pub struct Author {
    rng: SmallRng,
    talks: Vec<Talk>,
    client: u16,
    /// The conversation, its speaker and the packet of the latest step.
    latest: Option<(usize, usize, Packet)>,
}

/// A conversation between two ports.
#[derive(Clone, Debug)]
struct Talk {
    sides: [Side; 2],
    body: Body,
    said: usize,
    sequence: [u32; 2],
}

/// One end, as it sees the addresses.
#[derive(Clone, Copy, Debug)]
struct Side {
    port: Port,
    near: IpAddr,
    far: IpAddr,
}

const PORTS: [u16; 5] = [22, 53, 80, 443, 40_000];
const TALKS_MAX: usize = 24;

impl Author {
    /// The author of this seed.
    pub fn new(seed: u64) -> Author {
        Author {
            rng: SmallRng::seed_from_u64(seed),
            talks: Vec::new(),
            client: 0,
            latest: None,
        }
    }

    /// The next step, in the world of now.
    pub fn step(&mut self, world: &World) -> Step {
        let chance: u32 = self.rng.random_range(0..1_000);
        self.latest = None;
        match chance {
            0..12 => Step::Edit(self.edit(world)),
            12..20 => {
                let waits = [1, 5, 20, 29, 31, 61, 121, 179, 181, 601, 3_600, 432_001];
                Step::Wait(self.pick(&waits))
            }
            20..28 => Step::Sweep,
            _ => Step::Send(self.packet(world)),
        }
    }

    /// Learns what became of the latest packet.
    pub fn hear(&mut self, world: &World, judgement: &Judgement) {
        let Some((talk, speaker, packet)) = self.latest.take() else {
            return;
        };
        let Fate::Delivered {
            port,
            source,
            destination,
            ..
        } = judgement.fate
        else {
            if self.yes(30) {
                self.talks.swap_remove(talk);
            }
            return;
        };
        let talk = &mut self.talks[talk];
        let foreign = matches!(port, Port::Eni(eni) if !world.enis[eni].owns(destination));
        if foreign {
            // A middlebox: it sends the packet on, in the speaker's stead.
            talk.sides[speaker] = Side {
                port,
                near: source,
                far: destination,
            };
            return;
        }
        talk.sides[1 - speaker] = Side {
            port,
            near: destination,
            far: source,
        };
        talk.said += 1;
        if let Body::Tcp { flags, .. } = packet.body {
            if flags & RST != 0 {
                talk.said = 9;
            }
            let length = u32::from(packet.payload) + u32::from(flags & (SYN | FIN) != 0);
            talk.sequence[speaker] = talk.sequence[speaker].wrapping_add(length);
        }
    }

    fn packet(&mut self, world: &World) -> Packet {
        if self.talks.len() < TALKS_MAX && (self.talks.is_empty() || self.yes(12)) {
            let talk = self.talk(world);
            self.talks.push(talk);
        } else if self.talks.len() == TALKS_MAX && self.yes(5) {
            let gone = self.rng.random_range(0..self.talks.len());
            self.talks.swap_remove(gone);
        }
        let number = self.rng.random_range(0..self.talks.len());
        let talk = self.talks[number].clone();
        let (speaker, body, payload) = self.line(&talk);
        let side = talk.sides[speaker];
        let mut packet = Packet {
            from: side.port,
            to: next_hop(world, side.port, side.far),
            source: side.near,
            destination: side.far,
            body,
            payload,
        };
        self.latest = Some((number, speaker, packet));
        if self.yes(3) {
            self.twist(world, &mut packet);
            self.latest = None;
        }
        packet
    }

    /// Who says what next.
    fn line(&mut self, talk: &Talk) -> (usize, Body, u8) {
        let payload = self.rng.random_range(0..40);
        let anyone = self.rng.random_range(0..2);
        match talk.body {
            Body::Tcp { ports, .. } => {
                let script = [
                    (0, SYN),
                    (1, SYN | ACK),
                    (0, ACK),
                    (0, ACK),
                    (1, ACK),
                    (0, ACK),
                    (1, ACK),
                    (0, ACK | FIN),
                    (1, ACK | FIN),
                    (0, ACK),
                    (1, ACK),
                    (0, SYN),
                ];
                let planned = script[if talk.said < 12 {
                    talk.said
                } else {
                    1 + (talk.said - 1) % 11
                }];
                // A reset only where all agree on the sequence numbers; the tables say nothing of others.
                let (speaker, flags) = match talk.said {
                    3..=6 if self.yes(6) => (anyone, self.pick(&[RST, RST | ACK])),
                    _ => planned,
                };
                let ports = turned(ports, speaker);
                let acknowledged = if flags & ACK == 0 {
                    0
                } else {
                    talk.sequence[1 - speaker]
                };
                let numbers = (talk.sequence[speaker], acknowledged);
                let body = Body::Tcp {
                    ports,
                    flags,
                    numbers,
                };
                let silent = flags & (SYN | FIN | RST) != 0 || (8..11).contains(&talk.said);
                (speaker, body, if silent { 0 } else { payload })
            }
            Body::Udp { ports } => {
                let speaker = if self.yes(80) { talk.said % 2 } else { anyone };
                let ports = turned(ports, speaker);
                (speaker, Body::Udp { ports }, payload)
            }
            Body::Echo { id, .. } => {
                let speaker = if self.yes(90) { talk.said % 2 } else { anyone };
                let reply = (speaker == 1) ^ self.yes(2);
                (speaker, Body::Echo { reply, id }, payload)
            }
            Body::Other(protocol) => (anyone, Body::Other(protocol), payload + 12),
        }
    }

    fn talk(&mut self, world: &World) -> Talk {
        let ipv4 = self.yes(60);
        let from = self.port(world);
        let to = loop {
            let to = self.port(world);
            if to != from {
                break to;
            }
        };
        let near = self.address(world, from, ipv4);
        let there = self.address(world, to, ipv4);
        // Across the internet one calls the public address, sometimes by mistake the private one.
        let public = |port: Port, private: IpAddr| match (port, private) {
            (Port::Eni(eni), IpAddr::V4(own)) => {
                let known = world.enis[eni].ipv4.iter().find(|known| known.0 == own);
                known
                    .and_then(|known| known.1)
                    .map_or(private, IpAddr::from)
            }
            _ => private,
        };
        let same = matches!((from, to), (Port::Eni(a), Port::Eni(b)) if world.vpc_of(a) == world.vpc_of(b));
        let called = if same && !self.yes(10) || self.yes(5) {
            there
        } else {
            public(to, there)
        };
        let seen_as = if same { near } else { public(from, near) };
        self.client = 32_768 + (self.client + 1) % 28_000;
        let ports = (self.client, self.pick(&PORTS));
        let body = match self.rng.random_range(0..10) {
            0..5 => Body::Tcp {
                ports,
                flags: 0,
                numbers: (0, 0),
            },
            5..7 => Body::Udp { ports },
            7..9 => Body::Echo {
                reply: false,
                id: self.rng.random_range(1..4),
            },
            _ => Body::Other(self.pick(&[47, 50, 132])),
        };
        let said = if self.yes(8) {
            self.rng.random_range(0..12)
        } else {
            0
        };
        Talk {
            sides: [
                Side {
                    port: from,
                    near,
                    far: called,
                },
                Side {
                    port: to,
                    near: there,
                    far: seen_as,
                },
            ],
            body,
            said,
            sequence: [self.rng.random(), self.rng.random()],
        }
    }

    /// Something that an honest stack would not send.
    fn twist(&mut self, world: &World, packet: &mut Packet) {
        let ipv4 = packet.source.is_ipv4();
        let other = self.port(world);
        match self.rng.random_range(0..8) {
            0 => packet.source = self.address(world, other, ipv4),
            1 => {
                packet.destination = self.address(world, other, ipv4);
                packet.to = next_hop(world, packet.from, packet.destination);
            }
            2 => packet.to = NextHop::Neighbour(self.rng.random_range(0..world.enis.len())),
            3 => packet.to = NextHop::Nobody,
            4 if ipv4 => packet.source = self.pick(&["127.0.0.1", "169.254.1.1"]).parse().unwrap(),
            4 => packet.source = "::ffff:10.0.0.10".parse().unwrap(),
            5 if ipv4 => {
                let strange = ["169.254.169.254", "10.0.0.2", "100.64.7.7", "192.168.77.7"];
                packet.destination = self.pick(&strange).parse().unwrap();
                packet.to = NextHop::Router;
            }
            5 => {
                packet.destination = "fd00:ec2::254".parse().unwrap();
                packet.to = NextHop::Router;
            }
            6 => match &mut packet.body {
                Body::Tcp { ports, .. } | Body::Udp { ports } => ports.1 = ports.1.wrapping_add(1),
                Body::Echo { id, .. } => *id = id.wrapping_add(1),
                Body::Other(_) => {}
            },
            _ => {
                if let Port::Eni(eni) = packet.from {
                    let router = u32::from(world.subnets[world.enis[eni].subnet].ipv4.network());
                    if ipv4 {
                        packet.destination = Ipv4Addr::from(router + 1).into();
                        packet.to = NextHop::Router;
                    }
                }
            }
        }
        if let Port::Outside(_) = packet.from {
            packet.to = NextHop::Router;
        }
    }

    fn edit(&mut self, world: &World) -> Edit {
        let eni = self.rng.random_range(0..world.enis.len());
        match self.rng.random_range(0..10) {
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
                Edit::Table(subnet.table, self.table(world, subnet.vpc))
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
            8 => {
                let vpc = world.vpc_of(eni);
                Edit::Groups(eni, self.groups(world, vpc))
            }
            _ if self.yes(50) => Edit::Check(eni, self.yes(70)),
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
            world.tables[subnet.table] = self.table(&world, subnet.vpc);
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
        let blocks = ["10.0.0.0/16", "10.0.0.0/16", "10.0.0.0/20", "172.31.0.0/16"];
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
                    Peer::Group(author.groups(world, vpc)[0])
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

    fn table(&mut self, world: &World, vpc: usize) -> Vec<Route> {
        let of = &world.vpcs[vpc];
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
            } else if self.yes(75) {
                add(everything, Target::InternetGateway);
            } else if self.yes(40) {
                add(everything, self.target(world, vpc));
            }
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
        // RT-4: a whole subnet, by way of an interface.
        for subnet in world.subnets.iter().filter(|subnet| subnet.vpc == vpc) {
            let blocks = [Some(subnet.ipv4.into()), subnet.ipv6.map(IpNet::V6)];
            for block in blocks.into_iter().flatten() {
                if self.yes(15)
                    && let Some(eni) = self.eni_of(world, vpc)
                {
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
            .filter(|eni| world.vpc_of(*eni) == vpc)
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

    fn port(&mut self, world: &World) -> Port {
        if self.yes(25) {
            Port::Outside(self.rng.random_range(0..world.outside.len()))
        } else {
            Port::Eni(self.rng.random_range(0..world.enis.len()))
        }
    }

    fn address(&mut self, world: &World, port: Port, ipv4: bool) -> IpAddr {
        let all: Vec<IpAddr> = match port {
            Port::Eni(eni) => {
                let of = &world.enis[eni];
                let v4 = of.ipv4.iter().map(|own| IpAddr::from(own.0));
                v4.chain(of.ipv6.iter().map(|own| IpAddr::from(*own)))
                    .collect()
            }
            Port::Outside(host) => world.outside[host].clone(),
        };
        let family: Vec<IpAddr> = all
            .into_iter()
            .filter(|address| address.is_ipv4() == ipv4)
            .collect();
        match family.choose(&mut self.rng) {
            Some(address) => *address,
            None if ipv4 => ip("10.0.0.77"),
            None => ip("2001:db8:100::77"),
        }
    }

    fn public(&mut self) -> Ipv4Addr {
        Ipv4Addr::new(192, 0, 2, self.rng.random_range(1..=60))
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.rng.random_range(0..from.len())]
    }

    fn yes(&mut self, percent: u32) -> bool {
        self.rng.random_range(0..100) < percent
    }
}

const ALL: Kind = Kind {
    protocol: -1,
    from: -1,
    to: -1,
};

/// What a stack would ask ARP for.
fn next_hop(world: &World, from: Port, destination: IpAddr) -> NextHop {
    let Port::Eni(eni) = from else {
        return NextHop::Router;
    };
    let subnet = world.enis[eni].subnet;
    if !world.subnets[subnet].contains(destination) {
        return NextHop::Router;
    }
    let neighbour =
        |other: &usize| world.enis[*other].subnet == subnet && world.enis[*other].owns(destination);
    (0..world.enis.len())
        .find(neighbour)
        .map_or(NextHop::Nobody, NextHop::Neighbour)
}

fn turned(ports: (u16, u16), speaker: usize) -> (u16, u16) {
    if speaker == 0 {
        ports
    } else {
        (ports.1, ports.0)
    }
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}
