//! What an honest stack sends seldom or never: fragments, ICMP errors, and packets with something wrong in them.

use std::net::Ipv4Addr;

use rand::Rng;
use rand::seq::{IndexedRandom, SliceRandom};

use super::{Author, next_hop};
use crate::packet::{ACK, Body, NextHop, Packet, Piece, Port, Quote};
use crate::world::{User, World};

impl Author {
    /// Cuts a packet into pieces, of which the first is sent now, mostly, and the others with the next steps.
    pub(super) fn cut(&mut self, packet: &mut Packet) {
        if matches!(packet.body, Body::Tcp { flags, .. } if flags != ACK) {
            return;
        }
        packet.payload = self.rng.random_range(60..200);
        // An identification is used again within a protocol only; IPv6 does not tell them apart.
        if packet.source.is_ipv6() || !self.yes(5) {
            self.datagram = self.datagram.wrapping_add(1);
        }
        let (id, len) = (self.datagram, packet.l4_len());
        let mut pieces = Vec::new();
        let mut from = 0;
        while from < len {
            let to = len.min(from + 8 * self.rng.random_range(3..10));
            pieces.push(Piece { id, from, to });
            from = to;
        }
        if self.yes(15) {
            pieces[1..].shuffle(&mut self.rng);
        }
        if self.yes(10) {
            pieces.shuffle(&mut self.rng);
        }
        if self.yes(10) {
            // Something that overlaps: the same again, or one that begins earlier or ends later.
            let mut piece = pieces[self.rng.random_range(0..pieces.len())];
            match self.rng.random_range(0..3) {
                0 if piece.from > 8 => piece.from -= 8,
                1 if piece.to + 8 < len && piece.to % 8 == 0 => piece.to += 8,
                _ => {}
            }
            pieces.push(piece);
        }
        if self.yes(3) {
            // Too little of the header in the first one.
            pieces[0].to = len.min(pieces[0].from + 8);
        }
        for piece in &pieces[1..] {
            self.pieces.push_back(Packet {
                piece: Some(*piece),
                ..*packet
            });
        }
        packet.piece = Some(pieces[0]);
    }

    pub(super) fn next_piece(&mut self) -> Packet {
        let number = match self.yes(80) {
            true => 0,
            false => self.rng.random_range(0..self.pieces.len()),
        };
        self.pieces
            .remove(number)
            .unwrap_or_else(|| unreachable!("there are some"))
    }

    /// An ICMP error about something that was heard: by who heard it, or by a router somewhere, or made up.
    pub(super) fn error(&mut self, world: &World) -> Packet {
        let number = self.rng.random_range(0..self.heard.len());
        let (port, seen) = self.heard[number];
        let ipv4 = seen.source.is_ipv4();
        let mut about = Quote::of(&seen);
        if self.yes(15) {
            match self.rng.random_range(0..5) {
                0 => about.ports.0 ^= 1,
                1 => about.ports.1 ^= 1,
                2 => about.reply = !about.reply,
                3 => std::mem::swap(&mut about.source, &mut about.destination),
                _ => {
                    let other = self.port(world);
                    about.source = self.address(world, other, ipv4);
                }
            }
            if matches!(about.protocol, 1 | 58) {
                about.ports.1 = about.ports.0;
            }
        }
        let from = if self.yes(85) { port } else { self.port(world) };
        let source = match self.yes(75) && from == port {
            true => seen.destination,
            false => self.address(world, from, ipv4),
        };
        let kind = match ipv4 {
            true => self.pick(&[(3, 3), (3, 4), (11, 0), (3, 1), (12, 0)]),
            false => self.pick(&[(1, 4), (2, 0), (3, 0), (4, 0)]),
        };
        // To who sent what it is about, but for a few that try somebody else.
        let destination = match self.yes(4) {
            true => {
                let sender = seen.from;
                self.address(world, sender, ipv4)
            }
            false => seen.source,
        };
        Packet {
            from,
            to: next_hop(world, from, destination),
            source,
            destination,
            body: Body::Error {
                kind,
                rest: 0,
                about,
            },
            payload: 0,
            piece: None,
        }
    }

    /// Something that an honest stack would not send.
    pub(super) fn twist(&mut self, world: &World, packet: &mut Packet) {
        let ipv4 = packet.source.is_ipv4();
        let other = self.port(world);
        match self.rng.random_range(0..9) {
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
                let strange = ["fd00:ec2::254", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe"];
                packet.destination = self.pick(&strange).parse().unwrap();
                packet.to = NextHop::Router;
            }
            6 => match &mut packet.body {
                Body::Tcp { ports, .. } | Body::Udp { ports } => ports.1 = ports.1.wrapping_add(1),
                Body::Echo { id, .. } => *id = id.wrapping_add(1),
                Body::Error { about, .. } => about.ports.0 = about.ports.0.wrapping_add(1),
                Body::Other(_) => {}
            },
            7 => {
                // Straight to a NAT gateway, by its private address or its public one.
                let gateways = world.enis.iter().filter(|eni| eni.user == User::NatGateway);
                let all: Vec<(Ipv4Addr, Option<Ipv4Addr>)> =
                    gateways.flat_map(|eni| eni.ipv4.clone()).collect();
                if ipv4 && let Some((private, public)) = all.choose(&mut self.rng) {
                    let to = if self.yes(50) { *public } else { None };
                    packet.destination = to.unwrap_or(*private).into();
                    packet.to = next_hop(world, packet.from, packet.destination);
                }
            }
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
}
