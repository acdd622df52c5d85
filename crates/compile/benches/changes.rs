//! One rule, route, interface, subnet, peering connection and NAT gateway changed in regions of 100, 1,000 and 10,000
//! interfaces: what is compiled and installed grows with the change. A region has a VPC for ten interfaces, a group of 50 rules for five, a peering connection for ten VPCs.

use std::hint::black_box;
use std::sync::Arc;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use openvpc_compile::{Changes, Compiler, compile};
use openvpc_engine::{Engine, Limits};
use openvpc_model::*;

#[path = "../tests/common/mod.rs"]
mod common;
use common::*;

const REGION: &str = "us-east-1";
const RULES: u32 = 50;

/// A world that goes from revision to revision by one event each.
struct Plane {
    world: World,
    compiler: Compiler,
    changes: Changes,
    engine: Engine,
}

impl Plane {
    fn new(interfaces: u32) -> Plane {
        let mut plane = Plane {
            world: World::default(),
            compiler: Compiler::default(),
            changes: Changes::everything(),
            engine: Engine::new(Limits::default()),
        };
        let events = (0..interfaces / 10).flat_map(vpc_of_ten).collect();
        plane.happen(events);
        plane.follow();
        plane
    }

    fn happen(&mut self, events: Vec<Event>) {
        let entry = Entry {
            revision: self.world.revision + 1,
            at: 0,
            region: REGION.to_owned(),
            account: owner(),
            action: "Bench".to_owned(),
            events,
        };
        self.changes.note(&self.world, &entry);
        self.world.apply(entry);
    }

    /// Compiles and installs what has changed.
    fn follow(&mut self) {
        let changes = std::mem::take(&mut self.changes);
        match self.compiler.compile(&self.world, &[], &changes) {
            Ok(compiled) => self.engine.install(Arc::new(compiled.snapshot.clone())),
            Err(error) => panic!("{error}"),
        }
    }

    /// A rule of the first group more or less.
    fn toggle_rule(&mut self) {
        let mut group = self.world.regions[REGION].security_groups[&id("sg-", 0)].clone();
        match group.rules.len() as u32 > RULES {
            true => drop(group.rules.pop()),
            false => group.rules.push(port_rule(0, RULES)),
        }
        self.happen(vec![Event::SecurityGroupPut(group)]);
    }

    /// An interface of the first subnet more or less.
    fn toggle_interface(&mut self) {
        let serial = u32::MAX / 2;
        let region = &self.world.regions[REGION];
        let event = match region.network_interfaces.contains_key(&id("eni-", serial)) {
            true => Event::NetworkInterfaceDeleted(id("eni-", serial)),
            false => {
                let home = region.subnets[&id("subnet-", 0)].clone();
                let mut interface = eni(self.world.next_interface_serial, &home, "10.0.1.200");
                interface.id = id("eni-", serial);
                interface.security_groups = vec![id("sg-", 0)];
                Event::NetworkInterfacePut(interface)
            }
        };
        self.happen(vec![event]);
    }

    /// The first peering connection active or not.
    fn toggle_peering(&mut self) {
        let region = &self.world.regions[REGION];
        let mut connection = region.vpc_peering_connections[&id("pcx-", 0)].clone();
        connection.status = match connection.is_active() {
            true => PeeringStatus::PendingAcceptance,
            false => PeeringStatus::Active,
        };
        self.happen(vec![Event::VpcPeeringConnectionPut(connection)]);
    }

    /// A NAT gateway at the first interface, there or deleted.
    fn toggle_nat_gateway(&mut self) {
        let known = self.world.regions[REGION].nat_gateways.get(&id("nat-", 0));
        let is_live = known.is_some_and(NatGateway::is_live);
        let gateway = NatGateway {
            id: id("nat-", 0),
            owner: owner(),
            vpc: id("vpc-", 0),
            subnet: id("subnet-", 0),
            connectivity: NatConnectivity::Private,
            state: match is_live {
                true => NatGatewayState::Deleted { at: 0 },
                false => NatGatewayState::Available,
            },
            created_at: 0,
            network_interface: (!is_live).then(|| id("eni-", 0)),
            former_addresses: Vec::new(),
        };
        self.happen(vec![Event::NatGatewayPut(gateway)]);
    }

    /// The first subnet as before.
    fn change_subnet(&mut self) {
        let subnet = self.world.regions[REGION].subnets[&id("subnet-", 0)].clone();
        self.happen(vec![Event::SubnetPut(subnet)]);
    }

    /// A route of the first table more or less.
    fn toggle_route(&mut self) {
        let mut table = self.world.regions[REGION].route_tables[&id("rtb-", 0)].clone();
        let extra = route(
            "10.200.0.0/16",
            RouteTarget::VpcPeeringConnection(id("pcx-", 0)),
        );
        match table.routes.last() == Some(&extra) {
            true => drop(table.routes.pop()),
            false => table.routes.push(extra),
        }
        self.happen(vec![Event::RouteTablePut(table)]);
    }
}

/// A VPC, its subnet, table and ACL, two groups of 50 rules, ten interfaces, and a connection to a neighbour for every tenth.
fn vpc_of_ten(n: u32) -> Vec<Event> {
    let cidr = format!("10.{}.0.0/16", n % 200);
    let subnet = subnet(n, n, &format!("10.{}.1.0/24", n % 200));
    let local = Route {
        origin: RouteOrigin::CreateRouteTable,
        ..route(&cidr, RouteTarget::Local)
    };
    let mut events = vec![
        Event::VpcPut(vpc(n, &cidr)),
        Event::NetworkAclPut(NetworkAcl {
            id: id("acl-", n),
            owner: owner(),
            vpc: id("vpc-", n),
            is_default: true,
            entries: vec![acl_entry(100, false, true), acl_entry(100, true, true)],
        }),
        Event::RouteTablePut(table(n, n, vec![local], AssociationTarget::Main)),
        Event::SubnetPut(subnet.clone()),
    ];
    for group in [2 * n, 2 * n + 1] {
        events.push(Event::SecurityGroupPut(SecurityGroup {
            id: id("sg-", group),
            owner: owner(),
            vpc: id("vpc-", n),
            name: format!("g{group}"),
            description: String::new(),
            rules: (0..RULES).map(|number| port_rule(group, number)).collect(),
        }));
    }
    for host in 0..10 {
        let serial = 10 * n + host;
        let address = format!("10.{}.1.{}", n % 200, 10 + host);
        let mut interface = eni(serial, &subnet, &address);
        interface.security_groups = vec![id("sg-", 2 * n + host % 2)];
        events.push(Event::NetworkInterfacePut(interface));
    }
    if n.is_multiple_of(10) {
        events.push(Event::VpcPeeringConnectionPut(peering(n, n, n + 1)));
    }
    events
}

fn port_rule(group: u32, number: u32) -> SecurityGroupRule {
    let port = number as u16;
    let traffic = RuleTraffic::Tcp {
        from: port,
        to: port,
    };
    rule(group * 100 + number, false, traffic, everyone())
}

fn peering(n: u32, near: u32, far: u32) -> VpcPeeringConnection {
    let end = |n| PeeringEnd {
        vpc: id("vpc-", n),
        region: REGION.to_owned(),
        allow_dns_resolution_from_remote_vpc: false,
    };
    VpcPeeringConnection {
        id: id("pcx-", n),
        owner: owner(),
        requester: end(near),
        accepter_owner: owner(),
        accepter: end(far),
        status: PeeringStatus::Active,
        requested_at: 0,
        status_at: 0,
    }
}

/// Makes a change, or takes it back.
type Toggle = fn(&mut Plane);

fn changes(c: &mut Criterion) {
    for interfaces in [100, 1_000, 10_000] {
        let mut plane = Plane::new(interfaces);
        let mut bench = c.benchmark_group("enforce");
        let kinds: [(&str, Toggle); 6] = [
            ("rule", Plane::toggle_rule),
            ("route", Plane::toggle_route),
            ("interface", Plane::toggle_interface),
            ("subnet", Plane::change_subnet),
            ("peering", Plane::toggle_peering),
            ("nat_gateway", Plane::toggle_nat_gateway),
        ];
        for (name, change) in kinds {
            bench.bench_function(BenchmarkId::new(name, interfaces), |b| {
                b.iter(|| {
                    change(&mut plane);
                    plane.follow();
                });
            });
        }
        bench.sample_size(10);
        bench.bench_function(BenchmarkId::new("from_scratch", interfaces), |b| {
            b.iter(|| black_box(compile(&plane.world, Vec::new())));
        });
        bench.finish();
    }
}

criterion_group!(benches, changes);
criterion_main!(benches);
