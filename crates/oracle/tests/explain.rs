//! What is explained is what happens: in random worlds an explanation's every leg, there and back, fares as the same packet
//! does in an engine that carries packets, and as the oracle says.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::cell::RefCell;
use std::net::IpAddr;
use std::rc::Rc;
use std::sync::Arc;

use openvpc_engine::explain::{End, Header, Journey, Leg};
use openvpc_engine::{
    DropReason, Engine, EniIndex, Explainer, Frame, Limits, Probe, Question, Seen, Snapshot, Time,
    Verdict,
};
use openvpc_oracle::nat::Asked;
use openvpc_oracle::packet::{ACK, SYN};
use openvpc_oracle::random::Author;
use openvpc_oracle::world::User;
use openvpc_oracle::{Body, Fate, NextHop, Oracle, Packet, Port, World, convert};
use rand::rngs::SmallRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};

/// Unless `OPENVPC_ORACLE_QUESTIONS` says otherwise.
const QUESTIONS: u64 = 20_000;
const QUESTIONS_PER_WORLD: u64 = 500;
const SECOND: u64 = 1_000_000_000;

/// What real packets meet, and what the tables say they should.
struct Reality<'w> {
    world: &'w World,
    engine: Rc<RefCell<Engine>>,
    oracle: Oracle,
}

impl Reality<'_> {
    fn new(world: &World, snapshot: Arc<Snapshot>) -> Reality<'_> {
        let mut engine = Engine::new(Limits::default());
        for port in ports(world) {
            engine.attach_port(port.id());
        }
        engine.install(snapshot);
        let engine = Rc::new(RefCell::new(engine));
        let asked = engine.clone();
        let claim = move |flow: &Asked| {
            let gateway = EniIndex(flow.gateway as u32);
            let engine = asked.borrow();
            engine.nat_mapping(gateway, flow.protocol, flow.inside, flow.far)
        };
        Reality {
            world,
            engine,
            oracle: Oracle::new(world.clone(), Rc::new(claim)),
        }
    }

    fn agrees(&mut self, leg: &Leg) -> Result<(), String> {
        let from = *ports(self.world)
            .iter()
            .find(|port| port.id() == leg.from)
            .ok_or("a port of no one")?;
        let near = self.neighbour(from, leg.sent.destination);
        if let Verdict::Drop(DropReason::ArpUnanswered | DropReason::NdpUnanswered) = leg.verdict {
            return match near {
                None => Ok(()),
                Some(eni) => Err(format!("interface {eni} would have answered")),
            };
        }
        let packet = packet(from, near, &leg.sent);
        let subnet = match from {
            Port::Eni(eni) => Some(self.world.enis[eni].subnet),
            Port::Outside(_) => None,
        };
        let mut bytes = packet.frame(subnet);
        let now = Time(SECOND);
        let verdict = self
            .engine
            .borrow_mut()
            .process(from.id(), &mut Frame::new(&mut bytes), now);
        if verdict != leg.verdict {
            return Err(format!("the engine says {verdict:?}"));
        }
        let judgement = self.oracle.judge(&packet, SECOND);
        let agrees = match (judgement.fate, leg.verdict, leg.arrived) {
            (
                Fate::Delivered { port, seen, .. },
                Verdict::Forward { port: to } | Verdict::Translated { port: to },
                Some(arrived),
            ) => {
                let seen = (seen.source, seen.destination, seen.ports());
                let Seen {
                    source,
                    destination,
                    source_port,
                    destination_port,
                } = arrived.seen();
                port.id() == to && (source, destination, (source_port, destination_port)) == seen
            }
            (Fate::Dropped, Verdict::Drop(_), None) => true,
            (Fate::Reset, Verdict::Reply, None) => true,
            (Fate::Local, Verdict::Drop(_) | Verdict::Reply, None) => true,
            _ => false,
        };
        match agrees {
            true => Ok(()),
            false => Err(format!("the oracle says {judgement:?}")),
        }
    }

    /// The interface on the link that has the address.
    fn neighbour(&self, from: Port, address: IpAddr) -> Option<usize> {
        let Port::Eni(own) = from else {
            return None;
        };
        let subnet = self.world.enis[own].subnet;
        let on_link = self.world.subnets[subnet].contains(address);
        let mut all = self.world.enis.iter().enumerate();
        let owner = all.find(|(eni, known)| {
            *eni != own
                && known.subnet == subnet
                && known.user != User::Deleted
                && known.owns(address)
                && on_link
        });
        owner.map(|(eni, _)| eni)
    }
}

fn ports(world: &World) -> Vec<Port> {
    let enis = (0..world.enis.len()).filter(|eni| world.enis[*eni].user == User::Host);
    let enis = enis.map(Port::Eni);
    enis.chain((0..world.outside.len()).map(Port::Outside))
        .collect()
}

fn packet(from: Port, near: Option<usize>, header: &Header) -> Packet {
    let body = match header.probe {
        Probe::Tcp {
            source_port,
            destination_port,
        } => Body::Tcp {
            ports: (source_port, destination_port),
            flags: if header.answer { SYN | ACK } else { SYN },
            numbers: (0, u32::from(header.answer)),
        },
        Probe::Udp {
            source_port,
            destination_port,
        } => Body::Udp {
            ports: (source_port, destination_port),
        },
        Probe::Echo { id } => Body::Echo {
            reply: header.answer,
            id,
        },
        Probe::Protocol(number) => Body::Other(number),
    };
    Packet {
        from,
        to: near.map_or(NextHop::Router, NextHop::Neighbour),
        source: header.source,
        destination: header.destination,
        body,
        payload: 8,
        piece: None,
    }
}

fn addresses(world: &World, port: Port) -> Vec<IpAddr> {
    match port {
        Port::Eni(eni) => {
            let eni = &world.enis[eni];
            let own = eni.ipv4.iter().map(|(own, _)| IpAddr::V4(*own));
            own.chain(eni.ipv6.iter().map(|own| IpAddr::V6(*own)))
                .collect()
        }
        Port::Outside(host) => world.outside[host].clone(),
    }
}

fn question(world: &World, rng: &mut SmallRng) -> Option<Question> {
    let ports = ports(world);
    let from = *ports.choose(rng)?;
    let source = *addresses(world, from).choose(rng)?;
    let mut known: Vec<IpAddr> = ports
        .iter()
        .flat_map(|port| addresses(world, *port))
        .collect();
    let public = world.enis.iter().flat_map(|eni| &eni.ipv4);
    known.extend(public.filter_map(|(_, public)| public.map(IpAddr::V4)));
    known.extend(
        ["10.0.1.1", "10.0.1.77", "192.0.2.9", "2001:db8:1::9"].map(|a| {
            let address: IpAddr = a.parse().unwrap();
            address
        }),
    );
    known.retain(|address| address.is_ipv4() == source.is_ipv4() && *address != source);
    let destination = *known.choose(rng)?;
    let destination_port = *[22, 53, 80, 443, 40_000].choose(rng)?;
    let source_port = 49_152;
    let probe = match rng.random_range(0..8) {
        0..4 => Probe::Tcp {
            source_port,
            destination_port,
        },
        4..6 => Probe::Udp {
            source_port,
            destination_port,
        },
        6 => Probe::Echo { id: 7 },
        _ => Probe::Protocol(47),
    };
    Some(Question {
        from: from.id(),
        source,
        destination,
        probe,
    })
}

#[test]
fn an_explanation_is_what_happens() {
    let wanted = std::env::var("OPENVPC_ORACLE_QUESTIONS").ok();
    let wanted = wanted.map_or(QUESTIONS, |number| number.parse().expect("a number"));
    let (mut asked, mut reachable, mut lost_on_the_way_back) = (0, 0, 0);
    for seed in 1.. {
        if asked >= wanted {
            break;
        }
        let world = Author::new(seed).world();
        let Ok(snapshot) = Snapshot::new(convert::parts(&world, 1)) else {
            continue;
        };
        let snapshot = Arc::new(snapshot);
        let attached = ports(&world).into_iter().map(Port::id);
        let mut explainer = Explainer::new(snapshot.clone(), attached);
        let mut rng = SmallRng::seed_from_u64(seed);
        for _ in 0..QUESTIONS_PER_WORLD {
            let Some(question) = question(&world, &mut rng) else {
                continue;
            };
            asked += 1;
            let explanation = explainer.ask(&question);
            let mut reality = Reality::new(&world, snapshot.clone());
            let ways = [Some(&explanation.forward), explanation.back.as_ref()];
            let legs = |way: &Journey| way.legs.clone();
            for leg in ways.into_iter().flatten().flat_map(legs) {
                if let Err(how) = reality.agrees(&leg) {
                    panic!("seed {seed}, {question:?}: {how} of {leg:#?}");
                }
            }
            reachable += u64::from(explanation.is_reachable());
            let back = explanation.back.as_ref().map(|back| back.end);
            lost_on_the_way_back += u64::from(matches!(back, Some(End::Lost(_))));
        }
    }
    println!(
        "explain: 0 disagreements in {asked} questions ({reachable} reachable, {lost_on_the_way_back} lost on the way back)"
    );
    assert!(
        reachable * 20 > asked,
        "too little gets through to mean much"
    );
    assert!(
        lost_on_the_way_back * 200 > asked,
        "too few answers get lost"
    );
}
