//! Each disagreement that the random run found and the rules decided, against the engine or against the oracle, as small
//! as it gets.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use openvpc_oracle::bench::Edit;
use openvpc_oracle::packet::{ACK, Quote, RST, SYN};
use openvpc_oracle::world::{
    Acl, Eni, Entry, Group, Kind, Peer, Route, Rule, Subnet, Target, User, Vpc,
};
use openvpc_oracle::{Bench, Body, Fate, NextHop, Packet, Port, Step, World};

/// SG-7: only an all-ports rule in the other direction leaves a connection untracked. That the *answers* would look like
/// answers of an untracked flow the other way round says nothing about a SYN: it tells who opened.
#[test]
fn an_outward_connection_is_tracked_though_its_answers_match_an_open_ingress_rule() {
    let open = |protocol, from, to| Rule {
        kind: Kind { protocol, from, to },
        peer: Peer::Cidr("0.0.0.0/0".parse().unwrap()),
    };
    let high_ports = Group {
        vpc: 0,
        ingress: vec![open(6, 1_024, 65_535)],
        egress: vec![open(-1, -1, -1)],
    };
    let closed = Group {
        vpc: 0,
        ingress: Vec::new(),
        egress: Vec::new(),
    };
    let mut bench = Bench::new(two_neighbours(high_ports, closed));
    let client = "10.0.0.10".parse().unwrap();
    let server = "10.0.0.11".parse().unwrap();
    let syn = Packet {
        from: Port::Eni(0),
        to: NextHop::Neighbour(1),
        source: client,
        destination: server,
        body: Body::Tcp {
            ports: (44_763, 40_000),
            flags: SYN,
            numbers: (1_000, 0),
        },
        payload: 0,
        piece: None,
    };
    let answer = Packet {
        from: Port::Eni(1),
        to: NextHop::Neighbour(0),
        source: server,
        destination: client,
        body: Body::Tcp {
            ports: (40_000, 44_763),
            flags: SYN | ACK,
            numbers: (2_000, 1_001),
        },
        payload: 0,
        piece: None,
    };
    bench.step(&Step::Send(syn)).unwrap();
    // The client loses all its rules; what is tracked goes on.
    bench.step(&Step::Edit(Edit::Groups(0, vec![1]))).unwrap();
    let judgement = bench.step(&Step::Send(answer)).unwrap().unwrap();
    assert!(matches!(judgement.fate, Fate::Delivered { .. }));
}

/// IGW-2: the gateway turns a packet to one's own public address round, and it comes in as from anybody.
#[test]
fn an_interface_reaches_itself_by_its_public_address() {
    let open = |protocol| Rule {
        kind: Kind {
            protocol,
            from: -1,
            to: -1,
        },
        peer: Peer::Cidr("0.0.0.0/0".parse().unwrap()),
    };
    let all = Group {
        vpc: 0,
        ingress: vec![open(-1)],
        egress: vec![open(-1)],
    };
    let mut world = two_neighbours(all.clone(), all);
    let route = |to: &str, via| Route {
        to: to.parse().unwrap(),
        via,
    };
    world.tables[0] = vec![
        route("10.0.0.0/16", Target::Local),
        route("0.0.0.0/0", Target::InternetGateway),
    ];
    let entry = Entry {
        number: 100,
        allow: true,
        kind: open(-1).kind,
        peer: "0.0.0.0/0".parse().unwrap(),
    };
    world.acls[0] = Acl {
        inbound: vec![entry],
        outbound: vec![entry],
    };
    world.vpcs[0].internet_gateway = true;
    world.enis[0].ipv4[0].1 = Some("192.0.2.10".parse().unwrap());
    let mut bench = Bench::new(world);
    let packet = Packet {
        from: Port::Eni(0),
        to: NextHop::Router,
        source: "10.0.0.10".parse().unwrap(),
        destination: "192.0.2.10".parse().unwrap(),
        body: Body::Udp {
            ports: (40_000, 53),
        },
        payload: 1,
        piece: None,
    };
    let judgement = bench.step(&Step::Send(packet)).unwrap().unwrap();
    let Fate::Delivered { port, seen, .. } = judgement.fate else {
        panic!("{judgement:?}");
    };
    assert_eq!(port, Port::Eni(0));
    let addresses: [std::net::IpAddr; 2] =
        ["192.0.2.10", "10.0.0.10"].map(|address| address.parse().unwrap());
    assert_eq!([seen.source, seen.destination], addresses);
}

/// NAT-5, NAT-7: what the gateway's ACL refuses on its way out takes no port. (Seen as a later mid-stream segment that the
/// gateway translated instead of resetting its sender.)
#[test]
fn a_connection_that_the_gateways_acl_refused_is_unknown() {
    let mut world = behind_a_nat_gateway();
    world.acls[1].outbound[0].allow = false;
    let mut bench = Bench::new(world);
    let judgement = bench.step(&Step::Send(segment(SYN, 0))).unwrap().unwrap();
    assert_eq!(judgement.fate, Fate::Dropped);
    let judgement = bench.step(&Step::Send(segment(ACK, 1))).unwrap().unwrap();
    assert_eq!(judgement.fate, Fate::Reset);
}

/// NAT-6: a connection between the ports of one that was reset a moment ago lives as long as any.
#[test]
fn a_new_connection_on_the_ports_of_a_closed_one_lives() {
    let mut bench = Bench::new(behind_a_nat_gateway());
    for (flags, sequence) in [(SYN, 0), (RST | ACK, 1), (SYN, 1)] {
        bench.step(&Step::Send(segment(flags, sequence))).unwrap();
    }
    // Too long for the ports of a closed one, too short for an opening one at the instance.
    bench.step(&Step::Wait(59)).unwrap();
    bench.step(&Step::Send(segment(ACK, 2))).unwrap();
    bench.step(&Step::Wait(2)).unwrap();
    bench.step(&Step::Send(segment(SYN, 2))).unwrap();
}

/// NAT-4: a ping from outside is no answer, though it bears the identifier of one that is awaited.
#[test]
fn a_ping_with_the_identifier_of_a_query_does_not_come_in() {
    let mut bench = Bench::new(behind_a_nat_gateway());
    let ping = Packet {
        body: Body::Echo {
            reply: false,
            id: 7,
        },
        ..segment(ACK, 0)
    };
    let out = bench.step(&Step::Send(ping)).unwrap().unwrap();
    let Fate::Delivered { seen, .. } = out.fate else {
        panic!("{out:?}");
    };
    let Body::Echo { id, .. } = seen.body else {
        panic!("{seen:?}");
    };
    for (reply, comes) in [(false, false), (true, true)] {
        let back = Packet {
            from: Port::Outside(0),
            source: seen.destination,
            destination: seen.source,
            body: Body::Echo { reply, id },
            ..ping
        };
        let judgement = bench.step(&Step::Send(back)).unwrap().unwrap();
        let came = matches!(judgement.fate, Fate::Delivered { .. });
        assert_eq!(came, comes, "{judgement:?}");
    }
}

/// I-11: an error about an echo reply, of which the inside sends none, is about no flow.
#[test]
fn an_error_about_a_reply_that_nobody_sent_does_not_come_in() {
    let mut bench = Bench::new(behind_a_nat_gateway());
    let ping = Packet {
        body: Body::Echo {
            reply: false,
            id: 7,
        },
        ..segment(ACK, 0)
    };
    let out = bench.step(&Step::Send(ping)).unwrap().unwrap();
    let Fate::Delivered { seen, .. } = out.fate else {
        panic!("{out:?}");
    };
    for (reply, comes) in [(true, false), (false, true)] {
        let about = Quote {
            reply,
            ..Quote::of(&seen)
        };
        let error = Packet {
            from: Port::Outside(0),
            source: seen.destination,
            destination: seen.source,
            body: Body::Error {
                kind: (3, 1),
                rest: 0,
                about,
            },
            ..ping
        };
        let judgement = bench.step(&Step::Send(error)).unwrap().unwrap();
        let came = matches!(judgement.fate, Fate::Delivered { .. });
        assert_eq!(came, comes, "{judgement:?}");
    }
}

/// NAT-5: an address that was taken from a gateway takes its flows along, and with them the errors about them.
#[test]
fn an_error_about_a_flow_of_an_address_that_is_gone_does_not_go_out() {
    let mut bench = Bench::new(behind_a_nat_gateway());
    bench.step(&Step::Send(segment(SYN, 0))).unwrap();
    let other = vec![("10.0.1.201".parse().unwrap(), None)];
    bench.step(&Step::Edit(Edit::Addresses(1, other))).unwrap();
    let about = Quote {
        source: "203.0.113.12".parse().unwrap(),
        destination: "10.0.0.10".parse().unwrap(),
        protocol: 6,
        ports: (80, 40_000),
        reply: false,
    };
    let error = Packet {
        body: Body::Error {
            kind: (3, 3),
            rest: 0,
            about,
        },
        ..segment(ACK, 0)
    };
    let judgement = bench.step(&Step::Send(error)).unwrap().unwrap();
    assert_eq!(judgement.fate, Fate::Dropped);
    assert_eq!(
        judgement.records.len(),
        2,
        "at the sender and into the gateway"
    );
}

/// RT-10: what is on the gateway's own subnet, it reaches without a table, even one that leads to itself.
#[test]
fn a_gateway_reaches_its_own_subnet_without_a_table() {
    let mut world = behind_a_nat_gateway();
    let neighbour = Eni {
        subnet: 1,
        ipv4: vec![("10.0.1.10".parse().unwrap(), None)],
        ..world.enis[0].clone()
    };
    world.enis.push(neighbour);
    let there = Route {
        to: "10.0.1.0/24".parse().unwrap(),
        via: Target::NatGateway(1),
    };
    world.tables[0].push(there);
    world.tables[1].push(there);
    let mut bench = Bench::new(world);
    let packet = Packet {
        destination: "10.0.1.10".parse().unwrap(),
        ..segment(SYN, 0)
    };
    let judgement = bench.step(&Step::Send(packet)).unwrap().unwrap();
    let Fate::Delivered { port, .. } = judgement.fate else {
        panic!("{judgement:?}");
    };
    assert_eq!(port, Port::Eni(2));
}

/// NAT-4: what a table leads to the gateway and is for the gateway itself is an answer or nothing, and takes no port.
#[test]
fn a_packet_for_the_gateway_itself_is_not_translated() {
    let mut world = behind_a_nat_gateway();
    world.tables[0].push(Route {
        to: "10.0.1.0/24".parse().unwrap(),
        via: Target::NatGateway(1),
    });
    let mut bench = Bench::new(world);
    let packet = Packet {
        destination: "10.0.1.200".parse().unwrap(),
        ..segment(SYN, 0)
    };
    let judgement = bench.step(&Step::Send(packet)).unwrap().unwrap();
    assert_eq!(judgement.fate, Fate::Dropped);
    // One record at each interface, and none of the gateway's way out.
    assert_eq!(judgement.records.len(), 2);
}

/// Two gateways that lead to each other pass a packet on once each.
#[test]
fn a_circle_of_two_gateways_is_left_at_once() {
    let mut world = behind_a_nat_gateway();
    world.subnets.push(Subnet {
        ipv4: "10.0.2.0/24".parse().unwrap(),
        table: 2,
        ..world.subnets[1].clone()
    });
    world.enis.push(Eni {
        subnet: 2,
        ipv4: vec![("10.0.2.200".parse().unwrap(), None)],
        ..world.enis[1].clone()
    });
    let to = "0.0.0.0/0".parse().unwrap();
    let via = Target::NatGateway;
    world.tables[1] = vec![Route { to, via: via(2) }];
    world.tables.push(vec![Route { to, via: via(1) }]);
    let mut bench = Bench::new(world);
    let judgement = bench.step(&Step::Send(segment(SYN, 0))).unwrap().unwrap();
    assert_eq!(judgement.fate, Fate::Dropped);
    assert_eq!(judgement.records.len(), 5);
}

/// A segment of 10.0.0.10 to an outside host's port 80.
fn segment(flags: u8, sequence: u32) -> Packet {
    Packet {
        from: Port::Eni(0),
        to: NextHop::Router,
        source: "10.0.0.10".parse().unwrap(),
        destination: "203.0.113.12".parse().unwrap(),
        body: Body::Tcp {
            ports: (40_000, 80),
            flags,
            numbers: (sequence, u32::from(flags & ACK != 0)),
        },
        payload: 0,
        piece: None,
    }
}

/// 10.0.0.10 behind a public NAT gateway at 10.0.1.200 in a subnet of its own, all rules open.
fn behind_a_nat_gateway() -> World {
    let all = Kind {
        protocol: -1,
        from: -1,
        to: -1,
    };
    let everywhere = "0.0.0.0/0".parse().unwrap();
    let rule = Rule {
        kind: all,
        peer: Peer::Cidr(everywhere),
    };
    let open = Group {
        vpc: 0,
        ingress: vec![rule],
        egress: vec![rule],
    };
    let mut world = two_neighbours(open.clone(), open);
    let entry = Entry {
        number: 100,
        allow: true,
        kind: all,
        peer: everywhere,
    };
    let acl = Acl {
        inbound: vec![entry],
        outbound: vec![entry],
    };
    world.acls = vec![acl.clone(), acl];
    world.vpcs[0].internet_gateway = true;
    world.subnets.push(Subnet {
        ipv4: "10.0.1.0/24".parse().unwrap(),
        acl: 1,
        table: 1,
        ..world.subnets[0].clone()
    });
    world.enis[1] = Eni {
        subnet: 1,
        user: User::NatGateway,
        ipv4: vec![(
            "10.0.1.200".parse().unwrap(),
            Some("192.0.2.9".parse().unwrap()),
        )],
        groups: Vec::new(),
        ..world.enis[1].clone()
    };
    let local = Route {
        to: "10.0.0.0/16".parse().unwrap(),
        via: Target::Local,
    };
    let out = |via| Route {
        to: everywhere,
        via,
    };
    world.tables = vec![
        vec![local, out(Target::NatGateway(1))],
        vec![local, out(Target::InternetGateway)],
    ];
    world.outside = vec![vec!["203.0.113.12".parse().unwrap()]];
    world
}

/// Two interfaces on one subnet that hold the first group; the second is held by nobody.
fn two_neighbours(held: Group, spare: Group) -> World {
    let eni = |address: &str| Eni {
        subnet: 0,
        user: User::Host,
        ipv4: vec![(address.parse().unwrap(), None)],
        ipv6: Vec::new(),
        groups: vec![0],
        check: true,
        timeouts: [432_000, 180, 30],
    };
    World {
        vpcs: vec![Vpc {
            ipv4: vec!["10.0.0.0/16".parse().unwrap()],
            ipv6: Vec::new(),
            internet_gateway: false,
            edge: None,
            egress_only: None,
        }],
        subnets: vec![Subnet {
            vpc: 0,
            ipv4: "10.0.0.0/24".parse().unwrap(),
            ipv6: None,
            acl: 0,
            table: 0,
        }],
        tables: vec![Vec::new()],
        acls: vec![Default::default()],
        groups: vec![held, spare],
        enis: vec![eni("10.0.0.10"), eni("10.0.0.11")],
        peerings: Vec::new(),
        outside: Vec::new(),
    }
}
