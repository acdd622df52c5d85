//! Random worlds of endpoints: the engine and the tables must agree on whom a service sees, and on whether its answer comes
//! back. `OPENVPC_ORACLE_ENDPOINT_WORLDS` says how many (default 300), `OPENVPC_ORACLE_SEED` where to begin.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

use ipnet::Ipv4Net;
use openvpc_engine::{GatewayId, Identity, PortId, Verdict, Via};
use openvpc_oracle::endpoints::{Client, Interface, Seen, Subnet, Target, World};
use openvpc_testkit::{Host, Lab, To, egress, ingress, syn};
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

const SERVICES: [&str; 2] = ["198.18.10.10", "198.18.20.10"];
/// The third is the peer of both others.
const VPCS: [&str; 3] = ["10.0.0.0/16", "10.0.0.0/16", "10.1.0.0/16"];
const QUESTIONS: usize = 60;

fn net(text: &str) -> Ipv4Net {
    text.parse().unwrap()
}

fn some(rng: &mut SmallRng, from: &[&str]) -> Vec<Ipv4Net> {
    let all = from.iter();
    all.filter(|_| rng.random_bool(0.6))
        .map(|text| net(text))
        .collect()
}

/// A world on paper.
fn draw(rng: &mut SmallRng) -> World {
    let mut world = World {
        vpcs: VPCS.map(net).to_vec(),
        services: SERVICES.map(|text| text.parse().unwrap()).to_vec(),
        ..World::default()
    };
    for (vpc, block) in world.vpcs.clone().into_iter().enumerate() {
        let [a, b, ..] = block.network().octets();
        for third in 1..=3 {
            let at = |last| Ipv4Addr::new(a, b, third, last);
            let mut routes = Vec::new();
            for block in [
                "0.0.0.0/0",
                "198.18.0.0/16",
                "198.18.10.0/24",
                "198.18.10.10/32",
                "198.18.20.0/24",
            ] {
                match rng.random_range(0..6) {
                    0 | 1 => routes.push((net(block), Target::Internet)),
                    2 | 3 => {
                        routes.push((net(block), Target::GatewayEndpoint(rng.random_range(1..4))))
                    }
                    _ => {}
                }
            }
            let peer = if vpc == 2 { rng.random_range(0..2) } else { 2 };
            if rng.random_bool(0.7) {
                routes.push((world.vpcs[peer], Target::Peer(peer)));
            }
            let subnet = world.subnets.len();
            world.subnets.push(Subnet {
                vpc,
                block: Ipv4Net::new(at(0), 24).unwrap(),
                routes,
                lost: rng.random_bool(0.1),
            });
            world.clients.push(Client {
                subnet,
                address: at(10),
                public: rng
                    .random_bool(0.5)
                    .then(|| Ipv4Addr::new(192, 0, 2, subnet as u8 + 1)),
                egress: some(rng, &["0.0.0.0/0", "10.0.0.0/8", "198.18.10.0/24"]),
            });
            if rng.random_bool(0.7) {
                world.interfaces.push(Interface {
                    subnet,
                    address: at(5),
                    service: world.services[rng.random_range(0..2)],
                    ingress: some(rng, &["10.0.0.0/16", "10.1.1.0/24", "10.0.1.0/24"]),
                });
            }
        }
    }
    world
}

/// The same before the engine.
struct Built {
    lab: Lab,
    clients: Vec<Host>,
    interfaces: Vec<Host>,
    /// By the numbers on paper.
    gateways: Vec<GatewayId>,
    services: Host,
}

fn build(world: &World) -> Built {
    let lab = Lab::vpc(VPCS[0]);
    let vpcs = [
        lab.first(),
        lab.another_vpc(VPCS[1]),
        lab.another_vpc(VPCS[2]),
    ];
    for vpc in &vpcs {
        vpc.internet_gateway();
    }
    for service in &world.services {
        lab.public_service(&service.to_string());
    }
    let gateways: Vec<GatewayId> = (0..4).map(|_| lab.gateway_endpoint()).collect();
    let mut clients = Vec::new();
    for client in &world.clients {
        let subnet = &world.subnets[client.subnet];
        let host = vpcs[subnet.vpc].eni(&client.address.to_string());
        let rules = client.egress.iter();
        let host = host.security_group(rules.map(|block| egress(&format!("tcp 443 to {block}"))));
        let host = match client.public {
            Some(public) => host.public(&public.to_string()),
            None => host,
        };
        // The lab's own default.
        lab.no_route(&host, "0.0.0.0/0");
        for (block, target) in &subnet.routes {
            let to = match target {
                Target::Internet => To::InternetGateway,
                Target::GatewayEndpoint(number) => To::GatewayEndpoint(gateways[*number as usize]),
                Target::Peer(far) => To::Peer(&vpcs[*far]),
            };
            lab.route(&host, &block.to_string(), to);
        }
        lab.zone_lost(&host, subnet.lost);
        clients.push(host);
    }
    let mut interfaces = Vec::new();
    for interface in &world.interfaces {
        let vpc = &vpcs[world.subnets[interface.subnet].vpc];
        let (address, service) = (interface.address.to_string(), interface.service.to_string());
        let rules = interface.ingress.iter();
        let rules = rules.map(|block| ingress(&format!("tcp 443 from {block}")));
        interfaces.push(vpc.vpc_endpoint(&address, &service).security_group(rules));
    }
    let services = lab.services();
    Built {
        lab,
        clients,
        interfaces,
        gateways,
        services,
    }
}

impl Built {
    /// What the service learns of a packet that reached it.
    fn seen(&self, world: &World, client: usize, source: IpAddr, to: IpAddr) -> Seen {
        let private = IpAddr::from(world.clients[client].address);
        let Some(Identity {
            eni,
            source: known,
            via,
        }) = self.lab.identity(source)
        else {
            let IpAddr::V4(source) = source else {
                panic!("over IPv6");
            };
            return Seen::Public(source);
        };
        assert_eq!(known, private, "the private address");
        match via {
            Via::GatewayEndpoint(endpoint, asked) => {
                assert_eq!((Some(eni), asked), (self.clients[client].eni(), to));
                let number = self.gateways.iter().position(|own| *own == endpoint);
                Seen::Gateway(number.unwrap() as u64)
            }
            Via::InterfaceEndpoint(_) => {
                let number = self
                    .interfaces
                    .iter()
                    .position(|own| own.eni() == Some(eni));
                Seen::Interface(number.unwrap())
            }
            Via::LinkLocal(..) | Via::HealthCheck => panic!("{via:?}"),
        }
    }
}

#[test]
fn services_see_whom_the_tables_say() {
    let number = |variable: &str, default: u64| {
        let value = std::env::var(variable).ok();
        value.map_or(default, |value| value.parse().expect("a number"))
    };
    let first = number("OPENVPC_ORACLE_SEED", 1);
    let mut met: BTreeMap<&str, u32> = BTreeMap::new();
    for seed in first..first + number("OPENVPC_ORACLE_ENDPOINT_WORLDS", 300) {
        let mut rng = SmallRng::seed_from_u64(seed);
        let world = draw(&mut rng);
        let built = build(&world);
        let own = world.interfaces.iter().map(|interface| interface.address);
        let everybody: Vec<Ipv4Addr> = own
            .chain(world.services.clone())
            .chain(["198.18.10.99".parse().unwrap(), "10.1.2.5".parse().unwrap()])
            .collect();
        for _ in 0..QUESTIONS {
            let client = rng.random_range(0..world.clients.len());
            let to = everybody[rng.random_range(0..everybody.len())];
            let wanted = world.ask(client, to);
            let shot = syn(&built.clients[client], &built.services, 443);
            let sent = built.lab.send(shot.to_address(&to.to_string()));
            let reached = sent.verdict()
                == Verdict::Forward {
                    port: PortId::Services,
                };
            let found =
                reached.then(|| built.seen(&world, client, sent.packet().source, to.into()));
            let story = || format!("seed {seed}: client {client} calls {to}: {world:#?}");
            assert_eq!(found, wanted, "{}", story());
            let Some(seen) = found else {
                *met.entry("nobody").or_default() += 1;
                continue;
            };
            let kind = match (seen, world.answers(client, seen)) {
                (Seen::Public(_), _) => "by the internet",
                (Seen::Gateway(_), _) => "by a gateway endpoint",
                (Seen::Interface(_), true) => "by an interface endpoint",
                (Seen::Interface(_), false) => "without a way back",
            };
            *met.entry(kind).or_default() += 1;
            let answer = sent.answered();
            let back = answer.verdict()
                == Verdict::Forward {
                    port: built.clients[client].port(),
                };
            assert_eq!(back, world.answers(client, seen), "the answer; {}", story());
            if back {
                assert_eq!(answer.packet().source, IpAddr::from(to), "{}", story());
            }
        }
        built.lab.balances();
    }
    println!("{met:?}");
    assert!(
        met.len() == 5 && met.values().all(|count| *count > 50),
        "{met:?}"
    );
}
