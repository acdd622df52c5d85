//! Each disagreement that the random run found and the rules decided, against the engine or against the oracle, as small
//! as it gets.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use openvpc_oracle::bench::Edit;
use openvpc_oracle::packet::{ACK, SYN};
use openvpc_oracle::world::{Acl, Eni, Entry, Group, Kind, Peer, Route, Rule, Subnet, Target, Vpc};
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
    };
    let judgement = bench.step(&Step::Send(packet)).unwrap().unwrap();
    let Fate::Delivered {
        port,
        source,
        destination,
        ..
    } = judgement.fate
    else {
        panic!("{judgement:?}");
    };
    assert_eq!(port, Port::Eni(0));
    let addresses: [std::net::IpAddr; 2] =
        ["192.0.2.10", "10.0.0.10"].map(|address| address.parse().unwrap());
    assert_eq!([source, destination], addresses);
}

/// Two interfaces on one subnet that hold the first group; the second is held by nobody.
fn two_neighbours(held: Group, spare: Group) -> World {
    let eni = |address: &str| Eni {
        subnet: 0,
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
        outside: Vec::new(),
    }
}
