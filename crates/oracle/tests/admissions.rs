//! What flows may begin without asking, held against the oracle: of every source port in the range it must let the first
//! packet through, and the answer back; of the port beside the range it must not.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::rc::Rc;

use openvpc_engine::{FastAdmission, PortId};
use openvpc_oracle::packet::{ACK, FIN, SYN};
use openvpc_oracle::random::Author;
use openvpc_oracle::world::{Entry, Kind};
use openvpc_oracle::{Bench, Body, Fate, NextHop, Oracle, Packet, Port, Step, World, convert};
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

const WORLDS: u64 = 1_000;
const CALLS_PER_WORLD: usize = 40;

/// Puts entries about parts of all ports before the others of some ACLs: what the answers meet.
fn split_ports(world: &mut World, rng: &mut SmallRng) {
    let sides = world
        .acls
        .iter_mut()
        .flat_map(|acl| [&mut acl.inbound, &mut acl.outbound]);
    for entries in sides {
        entries.retain(|entry| entry.number >= 10);
        for number in 1..=rng.random_range(0..8) {
            let ends: [u16; 2] = rng.random();
            let block = ["0.0.0.0/0", "::/0", "10.0.0.0/8"][rng.random_range(0..3)];
            entries.push(Entry {
                number,
                allow: rng.random(),
                kind: Kind {
                    protocol: 6,
                    from: i32::from(ends[0].min(ends[1]).max(1_024)),
                    to: i32::from(ends[0].max(ends[1]).max(1_024)),
                },
                peer: block.parse().unwrap(),
            });
        }
    }
}

/// A first packet from this port and its answer, sent the way it came; whether both are delivered.
fn passes(world: &World, first: &Packet, port: u16, answered: bool) -> bool {
    let mut oracle = Oracle::new(world.clone(), Rc::new(|_| None));
    let first = with_source_port(first, port);
    let Fate::Delivered { port: to, seen, .. } = oracle.judge(&first, 1_000_000_000).fate else {
        return false;
    };
    if !answered {
        return true;
    }
    let answer = answer(world, &seen, to, SYN | ACK);
    let Fate::Delivered { port: back, .. } = oracle.judge(&answer, 1_001_000_000).fate else {
        return false;
    };
    back == first.from
}

/// What a host answers: on its link straight to its neighbour, elsewhere by the router.
fn answer(world: &World, seen: &Packet, from: Port, flags: u8) -> Packet {
    let turned = |(one, other): (u16, u16)| (other, one);
    let neighbour = match from {
        Port::Eni(eni) => {
            let owner = world.owner(world.vpc_of(eni), seen.source);
            owner.filter(|owner| world.enis[*owner].subnet == world.enis[eni].subnet)
        }
        Port::Outside(_) => None,
    };
    Packet {
        from,
        to: neighbour.map_or(NextHop::Router, NextHop::Neighbour),
        source: seen.destination,
        destination: seen.source,
        body: match seen.body {
            Body::Tcp { ports, numbers, .. } => Body::Tcp {
                ports: turned(ports),
                flags,
                numbers: (numbers.1, numbers.0.wrapping_add(1)),
            },
            Body::Udp { ports } => Body::Udp {
                ports: turned(ports),
            },
            body => body,
        },
        ..*seen
    }
}

fn with_source_port(packet: &Packet, port: u16) -> Packet {
    let body = match packet.body {
        Body::Tcp {
            ports,
            flags,
            numbers,
        } => Body::Tcp {
            ports: (port, ports.1),
            flags,
            numbers,
        },
        Body::Udp { ports } => Body::Udp {
            ports: (port, ports.1),
        },
        body => body,
    };
    Packet { body, ..*packet }
}

/// A whole short connection, or a few datagrams, as far as they get.
fn call(bench: &mut Bench, first: &Packet) {
    let send = |bench: &mut Bench, packet: &Packet| {
        let judged = bench.step(&Step::Send(*packet));
        judged.expect("the judges agree").expect("a packet").fate
    };
    let Fate::Delivered { port, seen, .. } = send(bench, first) else {
        return;
    };
    let flagged = |packet: &Packet, flags| match packet.body {
        Body::Tcp { ports, numbers, .. } => Packet {
            body: Body::Tcp {
                ports,
                flags,
                numbers,
            },
            ..*packet
        },
        _ => *packet,
    };
    let back = answer(&bench.oracle.world, &seen, port, SYN | ACK);
    send(bench, &back);
    for flags in [ACK, FIN | ACK] {
        send(bench, &flagged(first, flags));
        send(bench, &flagged(&back, flags));
    }
}

/// The first packet that an admission is about, from any port.
fn first_packet(world: &World, admission: &FastAdmission) -> Packet {
    let key = &admission.way.key;
    let ports = (0, key.destination_port);
    Packet {
        from: port(key.port),
        to: (0..world.enis.len())
            .find(|eni| convert::eni_mac(*eni) == key.destination_mac)
            .map_or(NextHop::Router, NextHop::Neighbour),
        source: key.source,
        destination: key.destination,
        body: match key.protocol {
            6 => Body::Tcp {
                ports,
                flags: SYN,
                numbers: (1, 0),
            },
            _ => Body::Udp { ports },
        },
        payload: 0,
        piece: None,
    }
}

fn port(id: PortId) -> Port {
    match id {
        PortId::Eni(eni) => Port::Eni(eni.0 as usize),
        PortId::Outside(host) => Port::Outside(usize::from(host)),
        PortId::Services => panic!("services begin nothing"),
    }
}

#[test]
fn no_port_of_a_range_is_judged_otherwise_and_none_beside_it_alike() {
    let (mut ranges, mut narrow, mut inside, mut beside) = (0, 0, 0, 0);
    let mut admitted = 0;
    for seed in 0..WORLDS {
        let mut author = Author::new(seed);
        let mut rng = SmallRng::seed_from_u64(seed);
        let mut world = author.world();
        split_ports(&mut world, &mut rng);
        let mut bench = Bench::over(world.clone(), true);
        for _ in 0..CALLS_PER_WORLD {
            let Step::Send(packet) = author.step(&world) else {
                continue;
            };
            let flagless = Packet {
                piece: None,
                payload: 0,
                ..packet
            };
            let body = match packet.body {
                Body::Tcp { ports, .. } => Body::Tcp {
                    ports,
                    flags: SYN,
                    numbers: (1, 0),
                },
                body @ Body::Udp { .. } => body,
                Body::Echo { .. } | Body::Error { .. } | Body::Other(_) => continue,
            };
            for _ in 0..4 {
                let first = Packet { body, ..flagless };
                call(&mut bench, &with_source_port(&first, rng.random()));
            }
        }
        admitted += bench.fast_counters().admitted;
        for admission in bench.admissions() {
            let first = first_packet(&world, &admission);
            let answered = admission.back.is_some();
            let (low, high) = admission.source_ports.clone().into_inner();
            ranges += 1;
            narrow += u32::from((low, high) != (0, u16::MAX));
            let mut ports = vec![low, high];
            ports.extend((0..6).map(|_| rng.random_range(low..=high)));
            for port in ports {
                inside += 1;
                assert!(
                    passes(&world, &first, port, answered),
                    "seed {seed}: from port {port} of {admission:?}"
                );
            }
            for port in [low.checked_sub(1), high.checked_add(1)]
                .into_iter()
                .flatten()
            {
                beside += 1;
                assert!(
                    !passes(&world, &first, port, answered),
                    "seed {seed}: from port {port}, beside {admission:?}"
                );
            }
        }
    }
    println!(
        "admissions: 0 disagreements about {ranges} ranges, {narrow} of them not all ports: {inside} ports inside, {beside} beside; {admitted} flows began so"
    );
    assert!(narrow > 25, "hardly tried: {narrow}");
    assert!(admitted > 1_000, "hardly tried: {admitted}");
}
