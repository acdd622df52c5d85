//! Fifty VPCs with one CIDR, joined to a few others by connections that come and go, with routes on one side, both or
//! neither: nothing arrives that a second, simple look at the configuration does not allow, and everything arrives that it
//! allows (PCX-30 to PCX-34; "a VPC is part of every key").
//!
//! The configuration is made by API calls and enforced change by change, as the daemon does it. `OPENVPC_ISOLATION_PACKETS`
//! says how many packets are sent in all (default 1,000,000).
#![allow(clippy::unwrap_used)]

use std::net::Ipv4Addr;
use std::sync::Arc;

use ipnet::Ipv4Net;
use openvpc_compile::{Changes, Compiler};
use openvpc_control::{Caller, Settings, handle};
use openvpc_engine::{Engine, EniIndex, Frame, Limits, Mac, PortId, Time};
use openvpc_model::{AccountId, Entry, World};
use openvpc_testkit::{FrameSpec, L4, build};
use rand::rngs::SmallRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};

const REGION: &str = "us-east-1";
const SPOKES: usize = 50;
const HUBS: usize = 8;
/// Packets between two changes of the configuration.
const BETWEEN_CHANGES: usize = 500;

/// What the test knows of a VPC, from its own calls.
struct Vpc {
    id: String,
    cidr: Ipv4Net,
    table: String,
    group: String,
    hosts: Vec<Host>,
    /// Destination and connection.
    routes: Vec<(Ipv4Net, usize)>,
}

#[derive(Clone)]
struct Host {
    subnet: String,
    interface: String,
    serial: u32,
    address: Ipv4Addr,
    mac: Mac,
    router: Mac,
}

struct Connection {
    id: String,
    ends: [usize; 2],
    is_active: bool,
}

struct Lab {
    world: World,
    settings: Settings,
    rng: SmallRng,
    compiler: Compiler,
    changes: Changes,
    engine: Engine,
    vpcs: Vec<Vpc>,
    connections: Vec<Connection>,
}

impl Lab {
    fn new(seed: u64) -> Lab {
        let mut settings = Settings::default();
        settings.quotas.vpcs_per_region = 100;
        settings.quotas.outstanding_peering_requests = 1_000;
        settings.quotas.active_peerings_per_vpc = 1_000;
        let mut lab = Lab {
            world: World::default(),
            settings,
            rng: SmallRng::seed_from_u64(seed),
            compiler: Compiler::default(),
            changes: Changes::everything(),
            engine: Engine::new(Limits::default()),
            vpcs: Vec::new(),
            connections: Vec::new(),
        };
        for _ in 0..SPOKES {
            lab.add_vpc(0);
        }
        for hub in 0..HUBS {
            lab.add_vpc(100 + hub);
        }
        lab.enforce();
        lab
    }

    fn call(&mut self, action: &str, input: Value) -> Value {
        let account: AccountId = "123456789012".parse().unwrap();
        let mut caller = Caller {
            region: REGION,
            account: account.clone(),
            identity: None,
            now: 1_735_787_045_000,
            bucket: None,
            rng: &mut self.rng,
        };
        let outcome = handle(&self.world, &self.settings, &mut caller, action, input);
        let outcome = outcome.unwrap_or_else(|refusal| panic!("{action}: {refusal}"));
        let entry = Entry {
            revision: self.world.revision + 1,
            at: 0,
            region: REGION.to_owned(),
            account,
            action: action.to_owned(),
            events: outcome.events,
        };
        self.changes.note(&self.world, &entry);
        self.world.apply(entry);
        outcome.response
    }

    fn made(&mut self, action: &str, input: Value, pointer: &str) -> String {
        let answer = self.call(action, input);
        answer
            .pointer(pointer)
            .unwrap()
            .as_str()
            .unwrap()
            .to_owned()
    }

    fn enforce(&mut self) {
        let changes = std::mem::take(&mut self.changes);
        let compiled = self.compiler.compile(&self.world, &[], &changes).unwrap();
        let snapshot = Arc::new(compiled.snapshot.clone());
        for host in self.vpcs.iter_mut().flat_map(|vpc| &mut vpc.hosts) {
            let eni = snapshot.eni(EniIndex(host.serial)).unwrap();
            host.router = snapshot.parts().subnets.get(eni.subnet).unwrap().router_mac;
        }
        self.engine.install(snapshot);
    }

    /// 10.`block`.0.0/16 with two subnets and a host in each, everything open.
    fn add_vpc(&mut self, block: usize) {
        let cidr = format!("10.{block}.0.0/16");
        let id = self.made("CreateVpc", json!({"CidrBlock": cidr}), "/Vpc/VpcId");
        let table = self.world.regions[REGION].route_tables.values();
        let mut table = table.filter(|table| table.vpc.to_string() == id);
        let table = table.next().unwrap().id.to_string();
        let group = json!({"GroupName": "open", "Description": "open", "VpcId": id});
        let group = self.made("CreateSecurityGroup", group, "/GroupId");
        let all = json!([{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]);
        let open = json!({"GroupId": group, "IpPermissions": all});
        self.call("AuthorizeSecurityGroupIngress", open);
        let mut vpc = Vpc {
            id,
            cidr: cidr.parse().unwrap(),
            table,
            group,
            hosts: Vec::new(),
            routes: Vec::new(),
        };
        for number in [1, 2] {
            let subnet = json!({"VpcId": vpc.id, "CidrBlock": format!("10.{block}.{number}.0/24")});
            let subnet = self.made("CreateSubnet", subnet, "/Subnet/SubnetId");
            let address = Ipv4Addr::new(10, block as u8, number, 10);
            vpc.hosts.push(self.add_host(subnet, &vpc.group, address));
        }
        self.vpcs.push(vpc);
    }

    fn add_host(&mut self, subnet: String, group: &str, address: Ipv4Addr) -> Host {
        let input = json!({"SubnetId": subnet, "PrivateIpAddress": address, "Groups": [group]});
        let pointer = "/NetworkInterface/NetworkInterfaceId";
        let interface = self.made("CreateNetworkInterface", input, pointer);
        let known = &self.world.regions[REGION].network_interfaces[&interface.parse().unwrap()];
        self.engine.attach_port(PortId::Eni(EniIndex(known.serial)));
        Host {
            subnet,
            serial: known.serial,
            address,
            mac: Mac(known.mac.0),
            router: Mac([0; 6]),
            interface,
        }
    }

    fn change(&mut self) {
        match self.rng.random_range(0..12) {
            0..=2 => self.connect(),
            3..=7 => self.route(),
            8 => self.unroute(),
            9 | 10 => self.disconnect(),
            _ => self.replace_host(),
        }
        self.enforce();
    }

    /// Peers a spoke or a hub with a hub, if they are not.
    fn connect(&mut self) {
        let hub = SPOKES + self.rng.random_range(0..HUBS);
        let other = self.rng.random_range(0..SPOKES + HUBS);
        let ends = [other, hub];
        let joined = |c: &Connection| c.ends == ends || c.ends == [hub, other];
        if other == hub || self.connections.iter().any(|c| c.is_active && joined(c)) {
            return;
        }
        let input = json!({"VpcId": self.vpcs[other].id, "PeerVpcId": self.vpcs[hub].id});
        let pointer = "/VpcPeeringConnection/VpcPeeringConnectionId";
        let id = self.made("CreateVpcPeeringConnection", input, pointer);
        let accept = json!({"VpcPeeringConnectionId": id});
        self.call("AcceptVpcPeeringConnection", accept);
        let is_active = true;
        self.connections.push(Connection {
            id,
            ends,
            is_active,
        });
    }

    fn disconnect(&mut self) {
        let active: Vec<usize> = (0..self.connections.len())
            .filter(|n| self.connections[*n].is_active)
            .collect();
        // Most of the time there are many.
        if let Some(chosen) = active.choose(&mut self.rng).filter(|_| active.len() > 40) {
            let connection = &mut self.connections[*chosen];
            connection.is_active = false;
            let input = json!({"VpcPeeringConnectionId": connection.id});
            self.call("DeleteVpcPeeringConnection", input);
        }
    }

    /// A route at one end of a connection: to all of the other end, to a subnet, to a host, or to what is not there.
    fn route(&mut self) {
        let active: Vec<usize> = (0..self.connections.len())
            .filter(|n| self.connections[*n].is_active)
            .collect();
        let Some(chosen) = active.choose(&mut self.rng).copied() else {
            return;
        };
        let [mut near, mut far] = self.connections[chosen].ends;
        if self.rng.random() {
            (near, far) = (far, near);
        }
        if self.rng.random_bool(0.2) {
            far = self.rng.random_range(0..SPOKES + HUBS);
        }
        let block = self.vpcs[far].cidr;
        let host = self.vpcs[far].hosts.choose(&mut self.rng).unwrap().address;
        let length = *[16, 16, 24, 32].choose(&mut self.rng).unwrap();
        let destination = Ipv4Net::new(host, length).unwrap().trunc();
        let vpc = &self.vpcs[near];
        // A route within the VPC's own block cannot lead to a connection.
        if vpc.cidr.contains(&block) {
            return;
        }
        let known = vpc
            .routes
            .iter()
            .position(|(known, _)| *known == destination);
        let input = json!({
            "RouteTableId": vpc.table,
            "DestinationCidrBlock": destination,
            "VpcPeeringConnectionId": self.connections[chosen].id,
        });
        match known {
            Some(known) => {
                self.vpcs[near].routes[known].1 = chosen;
                self.call("ReplaceRoute", input);
            }
            None if vpc.routes.len() < 40 => {
                self.vpcs[near].routes.push((destination, chosen));
                self.call("CreateRoute", input);
            }
            None => {}
        }
    }

    fn unroute(&mut self) {
        let near = self.rng.random_range(0..self.vpcs.len());
        let vpc = &mut self.vpcs[near];
        if let Some((destination, _)) = vpc.routes.pop() {
            let input = json!({"RouteTableId": vpc.table, "DestinationCidrBlock": destination});
            self.call("DeleteRoute", input);
        }
    }

    /// Another interface takes an address over.
    fn replace_host(&mut self) {
        let near = self.rng.random_range(0..self.vpcs.len());
        let number = self.rng.random_range(0..2);
        let old = self.vpcs[near].hosts[number].clone();
        self.engine.detach_port(PortId::Eni(EniIndex(old.serial)));
        let gone = json!({"NetworkInterfaceId": old.interface});
        self.call("DeleteNetworkInterface", gone);
        let group = self.vpcs[near].group.clone();
        self.vpcs[near].hosts[number] = self.add_host(old.subnet, &group, old.address);
    }

    /// Where a packet from a VPC is to arrive, by the configuration as the test remembers it.
    fn allowed(&self, from: usize, to: Ipv4Addr) -> Option<u32> {
        let owner = |vpc: &Vpc| {
            let mut hosts = vpc.hosts.iter();
            hosts
                .find(|host| host.address == to)
                .map(|host| host.serial)
        };
        let vpc = &self.vpcs[from];
        if vpc.cidr.contains(&to) {
            return owner(vpc);
        }
        let routes = vpc.routes.iter().filter(|(block, _)| block.contains(&to));
        let (_, connection) = routes.max_by_key(|(block, _)| block.prefix_len())?;
        let connection = &self.connections[*connection];
        let [one, other] = connection.ends;
        let far = &self.vpcs[if one == from { other } else { one }];
        let crosses = connection.is_active && far.cidr.contains(&to);
        crosses.then(|| owner(far)).flatten()
    }

    /// Sends a packet and compares; tells whether it arrived across a connection.
    fn send(&mut self, number: usize) -> bool {
        let from = self.rng.random_range(0..self.vpcs.len());
        let host = self.vpcs[from].hosts.choose(&mut self.rng).unwrap().clone();
        let far = self.rng.random_range(0..self.vpcs.len());
        let to = match self.rng.random_range(0..20) {
            0 => Ipv4Addr::new(203, 0, 113, 12),
            1 => Ipv4Addr::from(u32::from(self.vpcs[far].hosts[0].address) + 1),
            _ => self.vpcs[far].hosts.choose(&mut self.rng).unwrap().address,
        };
        if to == host.address {
            return false;
        }
        let mut bytes = build(&FrameSpec {
            source_mac: host.mac,
            destination_mac: host.router,
            source: host.address.into(),
            destination: to.into(),
            ttl: 64,
            l4: L4::Udp {
                ports: (40_000, 1_000 + (number % 4) as u16),
                payload: vec![1; 8],
            },
        });
        let port = PortId::Eni(EniIndex(host.serial));
        let now = Time(number as u64 * 1_000);
        let verdict = self.engine.process(port, &mut Frame::new(&mut bytes), now);
        let arrived = verdict.port();
        let allowed = self.allowed(from, to);
        let expected = allowed.map(|serial| PortId::Eni(EniIndex(serial)));
        let case = || {
            let (id, routes) = (&self.vpcs[from].id, &self.vpcs[from].routes);
            format!(
                "{} of {id} to {to}: {verdict:?}; routes {routes:?}",
                host.address
            )
        };
        assert_eq!(arrived, expected, "{}", case());
        allowed.is_some() && !self.vpcs[from].cidr.contains(&to)
    }
}

fn nobody_gets_what_is_not_allowed(seed: u64) {
    let packets = std::env::var("OPENVPC_ISOLATION_PACKETS").ok();
    let packets = packets.and_then(|text| text.parse().ok());
    let packets: usize = packets.unwrap_or(1_000_000) / 4;
    let mut lab = Lab::new(seed);
    for _ in 0..200 {
        lab.change();
    }
    let mut crossed = 0;
    for number in 0..packets {
        if number % BETWEEN_CHANGES == 0 {
            lab.change();
        }
        crossed += usize::from(lab.send(number));
    }
    // Or the test shows nothing.
    assert!(
        crossed > packets / 100,
        "{crossed} of {packets} crossed a connection"
    );
}

#[test]
fn fifty_vpcs_with_one_cidr_first_quarter() {
    nobody_gets_what_is_not_allowed(1);
}

#[test]
fn fifty_vpcs_with_one_cidr_second_quarter() {
    nobody_gets_what_is_not_allowed(2);
}

#[test]
fn fifty_vpcs_with_one_cidr_third_quarter() {
    nobody_gets_what_is_not_allowed(3);
}

#[test]
fn fifty_vpcs_with_one_cidr_last_quarter() {
    nobody_gets_what_is_not_allowed(4);
}
