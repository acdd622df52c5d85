//! Worlds, conversations and edits by chance, all from one seed. Here is who says what to whom; [`worlds`] makes the worlds
//! and their changes, [`oddities`] what no honest stack would send, fragments and ICMP errors.

mod oddities;
mod worlds;

use std::collections::VecDeque;
use std::net::{IpAddr, Ipv4Addr};

use rand::rngs::SmallRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};

use crate::bench::Step;
use crate::judge::{Fate, Judgement};
use crate::nat64;
use crate::packet::{ACK, Body, FIN, NextHop, Packet, Port, RST, SYN};
use crate::world::{Kind, User, World};

/// Writes a story as it happens.
pub struct Author {
    rng: SmallRng,
    talks: Vec<Talk>,
    client: u16,
    /// The conversation, its speaker and the packet of the latest step.
    latest: Option<(usize, usize, Packet)>,
    /// What was delivered lately, and where: errors are about it.
    heard: VecDeque<(Port, Packet)>,
    /// Later pieces of datagrams, still to be sent.
    pieces: VecDeque<Packet>,
    datagram: u16,
}

/// A conversation between two ports.
#[derive(Clone, Debug)]
struct Talk {
    sides: [Side; 2],
    body: Body,
    said: usize,
    sequence: [u32; 2],
    /// Some of it went in pieces: all need not agree on sequence numbers.
    cut: bool,
}

/// One end, as it sees the addresses.
#[derive(Clone, Copy, Debug)]
struct Side {
    port: Port,
    near: IpAddr,
    far: IpAddr,
    /// Ports, its own first, or twice an identifier.
    ports: (u16, u16),
}

const PORTS: [u16; 5] = [22, 53, 80, 443, 40_000];
const TALKS_MAX: usize = 24;
const HEARD_MAX: usize = 12;

impl Author {
    /// The author of this seed.
    pub fn new(seed: u64) -> Author {
        Author {
            rng: SmallRng::seed_from_u64(seed),
            talks: Vec::new(),
            client: 0,
            latest: None,
            heard: VecDeque::new(),
            pieces: VecDeque::new(),
            datagram: 0,
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
        if let Fate::Delivered { port, seen, .. } = judgement.fate
            && !seen.is_later()
        {
            self.heard.push_back((port, seen));
            if self.heard.len() > HEARD_MAX {
                self.heard.pop_front();
            }
        }
        let Some((talk, speaker, packet)) = self.latest.take() else {
            return;
        };
        let Fate::Delivered { port, seen, .. } = judgement.fate else {
            if self.yes(30) {
                self.talks.swap_remove(talk);
            }
            return;
        };
        let talk = &mut self.talks[talk];
        let (source, destination, ports) = (seen.source, seen.destination, talking_ports(&seen));
        let foreign = matches!(port, Port::Eni(eni) if !world.enis[eni].owns(destination));
        if foreign {
            // A middlebox: it sends the packet on, in the speaker's stead.
            talk.sides[speaker] = Side {
                port,
                near: source,
                far: destination,
                ports,
            };
            return;
        }
        talk.sides[1 - speaker] = Side {
            port,
            near: destination,
            far: source,
            ports: (ports.1, ports.0),
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
        if !self.pieces.is_empty() && self.yes(40) {
            return self.next_piece();
        }
        if !self.heard.is_empty() && self.yes(8) {
            return self.error(world);
        }
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
            piece: None,
        };
        // Pieces that are told again in the other family are rare enough.
        let translated = talk.sides[0].far.is_ipv4() != talk.sides[1].near.is_ipv4();
        if self.yes(if translated { 8 } else { 4 }) {
            self.cut(&mut packet);
            self.talks[number].cut |= packet.piece.is_some();
        }
        self.latest = Some((number, speaker, packet)).filter(|_| !packet.is_later());
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
            Body::Tcp { .. } => {
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
                    3..=6 if !talk.cut && self.yes(6) => (anyone, self.pick(&[RST, RST | ACK])),
                    _ => planned,
                };
                let ports = talk.sides[speaker].ports;
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
            Body::Udp { .. } => {
                let speaker = if self.yes(80) { talk.said % 2 } else { anyone };
                let ports = talk.sides[speaker].ports;
                (speaker, Body::Udp { ports }, payload)
            }
            Body::Echo { .. } => {
                let speaker = if self.yes(90) { talk.said % 2 } else { anyone };
                let id = talk.sides[speaker].ports.0;
                let reply = (speaker == 1) ^ self.yes(2);
                (speaker, Body::Echo { reply, id }, payload)
            }
            Body::Other(_) | Body::Error { .. } => (anyone, talk.body, payload + 12),
        }
    }

    fn talk(&mut self, world: &World) -> Talk {
        let ipv4 = self.yes(60);
        // A NAT gateway is called by the address that bears an IPv4 one.
        let by_ipv4 = !ipv4 && self.yes(50);
        let from = self.port(world);
        let to = loop {
            let to = match self.yes(if by_ipv4 { 70 } else { 20 }) {
                true => Port::Outside(self.rng.random_range(0..world.outside.len())),
                false => self.port(world),
            };
            // What outside hosts say to each other proves little.
            let outside = matches!((from, to), (Port::Outside(_), Port::Outside(_)));
            if to != from && (!outside || self.yes(2)) {
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
        let (there, called_by_ipv4) = match by_ipv4 {
            true => {
                let there = self.address(world, to, true);
                let called = if self.yes(80) {
                    public(to, there)
                } else {
                    there
                };
                match called {
                    IpAddr::V4(called) => (there, Some(IpAddr::from(nat64::bearing(called)))),
                    IpAddr::V6(_) => (there, None),
                }
            }
            false => (there, None),
        };
        let same = matches!((from, to), (Port::Eni(a), Port::Eni(b)) if is_near(world, a, b));
        let called = if let Some(called) = called_by_ipv4 {
            called
        } else if same && !self.yes(10) || self.yes(5) {
            there
        } else {
            public(to, there)
        };
        let seen_as = match called.is_ipv4() == there.is_ipv4() {
            true if same => near,
            true => public(from, near),
            // Told again on its way: who the caller is then, its answer will say.
            false => self.address(world, from, true),
        };
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
        let ports = match body {
            Body::Echo { id, .. } => (id, id),
            _ => ports,
        };
        let side = |port, near, far, ports| Side {
            port,
            near,
            far,
            ports,
        };
        Talk {
            sides: [
                side(from, near, called, ports),
                side(to, there, seen_as, (ports.1, ports.0)),
            ],
            body,
            said,
            sequence: [self.rng.random(), self.rng.random()],
            cut: false,
        }
    }

    fn port(&mut self, world: &World) -> Port {
        if self.yes(20) {
            return Port::Outside(self.rng.random_range(0..world.outside.len()));
        }
        let hosts: Vec<usize> = (0..world.enis.len())
            .filter(|eni| world.enis[*eni].user == User::Host)
            .collect();
        Port::Eni(self.pick(&hosts))
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

/// Ports, or twice the identifier of an echo.
fn talking_ports(packet: &Packet) -> (u16, u16) {
    match packet.body {
        Body::Echo { id, .. } => (id, id),
        _ => packet.ports(),
    }
}

/// Whether the two call each other by private addresses: in one VPC, or in two that are peered.
fn is_near(world: &World, a: usize, b: usize) -> bool {
    let vpcs = [world.vpc_of(a), world.vpc_of(b)];
    let joins = |peering: &crate::world::Peering| peering.far(vpcs[0]) == Some(vpcs[1]);
    vpcs[0] == vpcs[1] || world.peerings.iter().any(joins)
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}
