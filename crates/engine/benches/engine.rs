//! What a packet costs in the engine: one of an established flow, and the first one of a flow with 60 rules per
//! direction at both ends (goals in docs/performance.md: 150 ns and 1.5 µs on one core).

#![allow(clippy::unwrap_used)]

use std::hint::black_box;
use std::net::Ipv4Addr;
use std::sync::Arc;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use openvpc_engine::{
    AclEntry, Backend, ConntrackTimeouts, DhcpOptions, Endpoint, Engine, Eni, EniIndex, EniKind,
    Frame, GatewayId, Limits, Listener, LoadBalancerNode, Mac, NetworkAcl, NetworkAclIndex,
    OutsideHost, Peer, PortId, PortRange, PrivateIpv4, Route, RouteTable, RouteTableIndex, RuleRef,
    SecurityGroup, SecurityGroupIndex, SecurityRule, Snapshot, SnapshotParts, Subnet, SubnetIndex,
    Target, Time, Traffic, Verdict, Vpc, VpcIndex,
};
use openvpc_testkit::{FrameSpec, L4, build};

const RULES: u32 = 60;
const A: PortId = PortId::Eni(EniIndex(0));
const BOB: PortId = PortId::Outside(0);

fn mac(last: u8) -> Mac {
    Mac([2, 0, 0, 0, 0, last])
}

/// The egress-only gateway; IPv6 leaves by it.
const VALVE: GatewayId = GatewayId(1);

/// The NAT gateway's interface; 100.2.0.0/16 is reached by it.
const NAT: EniIndex = EniIndex(2);

/// The interface of an endpoint, in a fourth subnet.
const ENDPOINT: EniIndex = EniIndex(3);
const SERVICE: &str = "198.18.30.10";

/// The node of a load balancer, in a fifth subnet, whose target is the second interface; and that of an endpoint to it.
const NODE: EniIndex = EniIndex(4);
const TO_NODE: EniIndex = EniIndex(5);

fn target() -> Endpoint {
    Endpoint {
        address: Ipv4Addr::new(10, 0, 1, 10),
        port: 443,
    }
}

/// Two subnets with one interface each, 60 rules per direction of which the last matches, 20 ACL entries per direction
/// of which the last matches, an internet gateway, a NAT gateway in a third subnet, and one outside host. So with IPv6, but
/// for an egress-only gateway.
fn snapshot() -> Snapshot {
    let mut parts = SnapshotParts {
        generation: 1,
        ..SnapshotParts::default()
    };
    let vpc: VpcIndex = parts.vpcs.push(Arc::new(Vpc {
        ipv4: vec!["10.0.0.0/16".parse().unwrap()],
        ipv6: vec!["2001:db8:1:100::/56".parse().unwrap()],
        internet_gateway: true,
        edge_table: None,
        egress_only_gateway: Some(VALVE),
        dns_support: true,
        dhcp: Arc::new(DhcpOptions::default()),
    }));
    let entries = || -> Vec<AclEntry> {
        let decoys = (1..20u16).map(|n| AclEntry {
            reference: RuleRef(u32::from(n)),
            rule_number: n,
            allow: false,
            traffic: Traffic::Tcp(PortRange { from: n, to: n }),
            cidr: "10.0.0.0/8".parse().unwrap(),
        });
        let all = [(100, "0.0.0.0/0"), (101, "::/0")].map(|(rule_number, cidr)| AclEntry {
            reference: RuleRef(100),
            rule_number,
            allow: true,
            traffic: Traffic::All,
            cidr: cidr.parse().unwrap(),
        });
        decoys.chain(all).collect()
    };
    let network_acl: NetworkAclIndex = parts.network_acls.push(Arc::new(NetworkAcl {
        inbound: entries(),
        outbound: entries(),
    }));
    let route = |destination: &str, target| Route {
        destination: destination.parse().unwrap(),
        target,
        reference: RuleRef(0),
    };
    let routes = [
        route("10.0.0.0/16", Target::Local),
        route("0.0.0.0/0", Target::InternetGateway),
        route("100.2.0.0/16", Target::NatGateway(NAT)),
        route("2001:db8:1:100::/56", Target::Local),
        route("::/0", Target::EgressOnlyInternetGateway(VALVE)),
    ];
    let route_table: RouteTableIndex = parts.route_tables.push(Arc::new(RouteTable::new(routes)));
    let rules = |peer: &str| -> Vec<SecurityRule> {
        let rule = |n: u32, peer: &str, port| SecurityRule {
            reference: RuleRef(n),
            traffic: Traffic::Udp(PortRange {
                from: port,
                to: port,
            }),
            peer: Peer::Ipv4(peer.parse().unwrap()),
        };
        let decoys = (1..RULES).map(|n| rule(n, &format!("10.9.{n}.0/24"), n as u16));
        let ipv6 = SecurityRule {
            peer: Peer::Ipv6("::/1".parse().unwrap()),
            ..rule(RULES, peer, 9_000)
        };
        let tcp = SecurityRule {
            traffic: Traffic::Tcp(PortRange { from: 443, to: 443 }),
            ..rule(RULES, peer, 443)
        };
        let last = [rule(RULES, peer, 9_000), ipv6, tcp];
        decoys.chain(last).collect()
    };
    let group: SecurityGroupIndex = parts.security_groups.push(Arc::new(SecurityGroup {
        ingress: rules("0.0.0.0/1"),
        egress: rules("0.0.0.0/1"),
    }));
    let public_table: RouteTableIndex = parts.route_tables.push(Arc::new(RouteTable::new([
        route("10.0.0.0/16", Target::Local),
        route("0.0.0.0/0", Target::InternetGateway),
    ])));
    for number in 0..6u8 {
        let nat_gateway = EniIndex(u32::from(number)) == NAT;
        let subnet: SubnetIndex = parts.subnets.push(Arc::new(Subnet {
            vpc,
            ipv4: Some(format!("10.0.{number}.0/24").parse().unwrap()),
            ipv6: Some(format!("2001:db8:1:10{number}::/64").parse().unwrap()),
            router_mac: mac(0xf0 + number),
            network_acl,
            route_table: match nat_gateway {
                true => public_table,
                false => route_table,
            },
            lost: false,
        }));
        let eni = Eni {
            vpc,
            subnet,
            mac: mac(number),
            ipv4: vec![PrivateIpv4 {
                address: Ipv4Addr::new(10, 0, number, 10),
                public: Some(Ipv4Addr::new(192, 0, 2, 10 + number)),
            }],
            ipv6: vec![format!("2001:db8:1:10{number}::10").parse().unwrap()],
            security_groups: vec![group],
            kind: match EniIndex(u32::from(number)) {
                NAT => EniKind::NatGateway,
                ENDPOINT => EniKind::VpcEndpoint(Backend::Service(SERVICE.parse().unwrap())),
                NODE => EniKind::LoadBalancer,
                TO_NODE => EniKind::VpcEndpoint(Backend::LoadBalancer(NODE)),
                _ => EniKind::Port,
            },
            source_dest_check: true,
            hostname: String::new(),
            timeouts: ConntrackTimeouts::default(),
        };
        parts
            .enis
            .insert(EniIndex(u32::from(number)), Arc::new(eni));
    }
    let listener = Listener {
        port: 443,
        idle_secs: 350,
        preserves_client_ip: false,
        terminates_unhealthy: true,
        introduces_clients: false,
        targets: vec![target()],
    };
    let node = LoadBalancerNode {
        listeners: vec![listener],
        ..LoadBalancerNode::default()
    };
    parts.load_balancers.insert(NODE, Arc::new(node));
    parts.public_services.push(SERVICE.parse().unwrap());
    parts.outside.push(Arc::new(OutsideHost {
        mac: mac(0x80),
        addresses: [
            "100.1.1.1",
            "100.1.1.2",
            "100.1.1.3",
            "100.1.1.4",
            "100.1.1.5",
            "100.2.1.1",
            "2001:db8:ffff::12",
        ]
        .map(|own| own.parse().unwrap())
        .to_vec(),
        router_mac: mac(0x81),
        router_ipv4: Ipv4Addr::new(192, 0, 0, 1),
        router_ipv6: "2001:db8:ffff::1".parse().unwrap(),
    }));
    Snapshot::new(parts).unwrap()
}

fn engine(snapshot: &Arc<Snapshot>) -> Engine {
    let engine = Engine::new(Limits {
        conntrack_per_eni_max: 1 << 20,
        flow_cells_per_eni_max: 1 << 20,
        ..Limits::default()
    });
    start(engine, snapshot)
}

fn start(mut engine: Engine, snapshot: &Arc<Snapshot>) -> Engine {
    engine.install(snapshot.clone());
    for port in [A, PortId::Eni(EniIndex(1)), BOB, PortId::Services] {
        engine.attach_port(port);
    }
    engine.set_target_health(NODE, target(), true);
    engine
}

fn frame(destination: &str, source_port: u16) -> Vec<u8> {
    let source = match destination.contains(':') {
        true => "2001:db8:1:100::10",
        false => "10.0.0.10",
    };
    build(&FrameSpec {
        source_mac: mac(0),
        destination_mac: mac(0xf0),
        source: source.parse().unwrap(),
        destination: destination.parse().unwrap(),
        ttl: 64,
        l4: L4::Udp {
            ports: (source_port, 9_000),
            payload: vec![0; 64],
        },
    })
}

fn tcp(destination: &str, flags: u8) -> Vec<u8> {
    build(&FrameSpec {
        source_mac: mac(0),
        destination_mac: mac(0xf0),
        source: "10.0.0.10".parse().unwrap(),
        destination: destination.parse().unwrap(),
        ttl: 64,
        l4: L4::Tcp {
            ports: (5_000, 443),
            sequence: 1_000,
            acknowledgement: 0,
            flags,
            payload: vec![0; 64 * usize::from(flags != 2)],
        },
    })
}

fn pass(engine: &mut Engine, bytes: &[u8], scratch: &mut [u8], now: Time) {
    scratch[..bytes.len()].copy_from_slice(bytes);
    let verdict = engine.process(A, &mut Frame::new(&mut scratch[..bytes.len()]), now);
    assert!(matches!(black_box(verdict), Verdict::Forward { .. }));
}

fn established(criterion: &mut Criterion) {
    let snapshot = Arc::new(snapshot());
    let mut group = criterion.benchmark_group("established");
    group.throughput(Throughput::Elements(1));
    for (name, destination) in [
        ("between subnets", "10.0.1.10"),
        ("through the internet gateway", "100.1.1.1"),
        ("through a NAT gateway", "100.2.1.1"),
        ("between subnets, IPv6", "2001:db8:1:101::10"),
        ("through the egress-only gateway", "2001:db8:ffff::12"),
    ] {
        let mut engine = engine(&snapshot);
        let mut scratch = [0u8; 256];
        let bytes = frame(destination, 5_000);
        let mut now = 0;
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                now += 100;
                pass(&mut engine, &bytes, &mut scratch, Time(now));
            });
        });
    }
    for (name, destination) in [
        ("between subnets, TCP", "10.0.1.10"),
        ("through an interface endpoint, TCP", "10.0.3.10"),
        ("through a load balancer, TCP", "10.0.4.10"),
        ("through an endpoint service, TCP", "10.0.5.10"),
    ] {
        let mut engine = engine(&snapshot);
        let mut scratch = [0u8; 256];
        pass(&mut engine, &tcp(destination, 2), &mut scratch, Time(0));
        let bytes = tcp(destination, 16);
        let mut now = 0;
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                now += 100;
                pass(&mut engine, &bytes, &mut scratch, Time(now));
            });
        });
    }
    // As many flows as keep the tables out of the processor's caches.
    let mut many = engine(&snapshot);
    let flows: Vec<Vec<u8>> = (0..50_000u16)
        .map(|port| frame("10.0.1.10", port + 1_000))
        .collect();
    let mut scratch = [0u8; 256];
    let mut at = 0;
    for bytes in &flows {
        pass(&mut many, bytes, &mut scratch, Time(0));
    }
    group.bench_function("one of 50,000 flows", |bencher| {
        bencher.iter(|| {
            at = (at + 7_919) % flows.len();
            pass(&mut many, &flows[at], &mut scratch, Time(1));
        });
    });
    group.finish();
}

/// What 262,140 tracked flows of one interface weigh: alone, with their flow-log cells, and with remembered verdicts.
fn memory(_: &mut Criterion) {
    let flows = 1 << 20;
    for (what, flow_cells_per_eni_max, cache_entries_max) in [
        ("alone", 0, 1),
        ("with their flow-log cells", flows, 1),
        (
            "with cells and remembered verdicts",
            flows,
            Limits::default().cache_entries_max,
        ),
    ] {
        let engine = Engine::new(Limits {
            conntrack_per_eni_max: flows,
            flow_cells_per_eni_max,
            cache_entries_max,
            ..Limits::default()
        });
        weigh(what, engine);
    }
}

fn weigh(what: &str, engine: Engine) {
    let before = resident_kib();
    let mut engine = start(engine, &Arc::new(snapshot()));
    let mut scratch = [0u8; 256];
    for host in 1..=5 {
        for port in 10_000..62_428u16 {
            let bytes = frame(&format!("100.1.1.{host}"), port);
            pass(&mut engine, &bytes, &mut scratch, Time(0));
        }
    }
    let flows = engine
        .eni_counters(EniIndex(0))
        .map(|c| c.conntrack_entries);
    let mib = (resident_kib() - before) as f64 / 1_024.0;
    println!(
        "{} tracked flows {what}: {mib:.1} MiB resident",
        flows.unwrap_or(0)
    );
}

fn resident_kib() -> i64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    line.unwrap()
        .split_whitespace()
        .nth(1)
        .unwrap()
        .parse()
        .unwrap()
}

fn first_packet(criterion: &mut Criterion) {
    let snapshot = Arc::new(snapshot());
    const BATCH: usize = 4_096;
    let mut group = criterion.benchmark_group("first packet, 60 rules a direction");
    group.throughput(Throughput::Elements(BATCH as u64));
    for (name, destination, used) in [
        ("between subnets", "10.0.1.10", true),
        ("through the internet gateway", "100.1.1.1", true),
        ("between subnets, tables yet to grow", "10.0.1.10", false),
    ] {
        let flows: Vec<Vec<u8>> = (0..BATCH as u16)
            .map(|port| frame(destination, port + 1_000))
            .collect();
        let mut scratch = [0u8; 256];
        group.bench_function(name, |bencher| {
            bencher.iter_batched_ref(
                || match used {
                    true => used_engine(&snapshot, &flows),
                    false => engine(&snapshot),
                },
                |engine| {
                    flows
                        .iter()
                        .for_each(|bytes| pass(engine, bytes, &mut scratch, Time(1)))
                },
                BatchSize::PerIteration,
            );
        });
    }
    group.finish();
}

/// An engine that had as many flows before, and has forgotten them.
fn used_engine(snapshot: &Arc<Snapshot>, flows: &[Vec<u8>]) -> Engine {
    let mut engine = engine(snapshot);
    let mut scratch = [0u8; 256];
    for bytes in flows {
        pass(&mut engine, bytes, &mut scratch, Time(1));
    }
    for port in [A, PortId::Eni(EniIndex(1))] {
        engine.detach_port(port);
        engine.attach_port(port);
    }
    for _ in 0..2 {
        engine.sweep_flows(Time(1 << 50), |_| {});
    }
    engine
}

criterion_group!(benches, memory, established, first_packet);
criterion_main!(benches);
