//! Describe calls in a region with 10,000 network interfaces: a page is to take 10 ms at most.

use std::hint::black_box;
use std::net::Ipv4Addr;

use criterion::{Criterion, criterion_group, criterion_main};
use openvpc_control::{Caller, Settings, handle};
use openvpc_model::*;
use rand::SeedableRng;
use rand::rngs::SmallRng;
use serde_json::{Value, json};

const ACCOUNT: &str = "123456789012";
const REGION: &str = "us-east-1";
const INTERFACES: u32 = 10_000;
const SUBNETS: u32 = 200;

/// A control plane without a journal.
struct Plane {
    world: World,
    settings: Settings,
    rng: SmallRng,
}

impl Plane {
    fn call(&mut self, action: &str, input: Value) -> Value {
        let mut caller = Caller {
            region: REGION,
            account: account(),
            identity: None,
            now: 0,
            bucket: None,
            rng: &mut self.rng,
        };
        match handle(&self.world, &self.settings, &mut caller, action, input) {
            Ok(outcome) => {
                if !outcome.events.is_empty() {
                    self.apply(outcome.events);
                }
                outcome.response
            }
            Err(refusal) => panic!("{action}: {refusal}"),
        }
    }

    fn apply(&mut self, events: Vec<Event>) {
        self.world.apply(Entry {
            revision: self.world.revision + 1,
            at: 0,
            region: REGION.to_owned(),
            account: account(),
            action: "Bench".to_owned(),
            events,
        });
    }

    /// A VPC of 200 subnets that share 10,000 interfaces.
    fn crowded() -> Plane {
        let mut plane = Plane {
            world: World::default(),
            settings: Settings::default(),
            rng: SmallRng::seed_from_u64(7),
        };
        let vpc = plane.call("CreateVpc", json!({"CidrBlock": "10.0.0.0/16"}));
        let vpc = &vpc["Vpc"]["VpcId"];
        for n in 0..SUBNETS {
            let input = json!({"VpcId": vpc, "CidrBlock": format!("10.0.{n}.0/24")});
            plane.call("CreateSubnet", input);
        }
        let region = &plane.world.regions[REGION];
        let subnets = region
            .subnets
            .values()
            .filter(|s| Some(s.vpc.to_string().as_str()) == vpc.as_str());
        let subnets: Vec<Subnet> = subnets.cloned().collect();
        let group = region
            .security_groups
            .values()
            .find(|g| g.vpc == subnets[0].vpc);
        let groups: Vec<_> = group.map(|g| g.id).into_iter().collect();
        let interfaces = (0..INTERFACES).map(|n| {
            let subnet = &subnets[(n % SUBNETS) as usize];
            let first = subnet.cidr.map_or(0, |cidr| u32::from(cidr.network()));
            let ip = first + 4 + n / SUBNETS;
            Event::NetworkInterfacePut(NetworkInterface {
                id: NetworkInterfaceId::from_random(u128::from(n) << 40),
                serial: n,
                owner: account(),
                vpc: subnet.vpc,
                subnet: subnet.id,
                availability_zone: subnet.availability_zone.clone(),
                description: "one of many".to_owned(),
                mac: MacAddress::from_random(u64::from(n)),
                private_ips: vec![Ipv4Addr::from(ip)],
                ipv6_addresses: Vec::new(),
                auto_public_ip: None,
                security_groups: groups.clone(),
                source_dest_check: true,
                connection_tracking: ConnectionTracking::default(),
                attachment: None,
                kind: NetworkInterfaceKind::Interface,
                detached: None,
                requester_id: None,
            })
        });
        let interfaces = interfaces.collect();
        plane.apply(interfaces);
        plane
    }
}

fn account() -> AccountId {
    match ACCOUNT.parse() {
        Ok(account) => account,
        Err(refusal) => panic!("{refusal}"),
    }
}

fn describe(c: &mut Criterion) {
    let mut plane = Plane::crowded();
    let last = {
        let mut input = json!({"MaxResults": 1000});
        for _ in 0..9 {
            let page = plane.call("DescribeNetworkInterfaces", input.clone());
            input["NextToken"] = page["NextToken"].clone();
        }
        input
    };
    let subnet = plane.world.regions[REGION]
        .subnets
        .keys()
        .next()
        .map(SubnetId::to_string);
    for (name, action, input) in [
        (
            "interfaces, first page",
            "DescribeNetworkInterfaces",
            json!({"MaxResults": 1000}),
        ),
        ("interfaces, last page", "DescribeNetworkInterfaces", last),
        (
            "interfaces, of one subnet",
            "DescribeNetworkInterfaces",
            json!({"Filters": [{"Name": "subnet-id", "Values": [subnet]}]}),
        ),
        ("subnets, all", "DescribeSubnets", json!({})),
    ] {
        c.bench_function(name, |b| {
            b.iter(|| black_box(plane.call(action, input.clone())))
        });
    }
}

criterion_group!(benches, describe);
criterion_main!(benches);
