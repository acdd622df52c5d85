//! What a question costs in regions of 1,000 and 10,000 instances (goals: `why` 20 ms at 10,000 interfaces, with the changes
//! that would help; who reaches whom among 1,000 interfaces, a million questions, in 10 s on one core). A region has a VPC
//! for ten instances, with two groups of 50 rules.
#![allow(clippy::unwrap_used)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use openvpc_compile::{Changes, Compiler};
use openvpc_model::World;
use openvpc_reach::{Ask, Flow, Scene, Traffic, Workshop, resolve};
use serde_json::json;

#[path = "../tests/common/mod.rs"]
mod common;
use common::{NOW, Owner, hosts};

const RULES: u16 = 50;

/// An account whose quotas leave room, with so many instances, called `iN`.
fn region(instances: usize) -> Owner {
    let mut owner = Owner::new();
    let quotas = &mut owner.settings.quotas;
    quotas.vpcs_per_region = instances;
    quotas.security_groups_per_region = instances;
    quotas.interfaces_per_region = 2 * instances;
    quotas.instances_per_region = 2 * instances;
    for n in 0..instances / 10 {
        let vpc = owner.vpc(&format!("10.{}.0.0/16", n % 200));
        let subnet = owner.subnet(&vpc, &format!("10.{}.1.0/24", n % 200));
        let permissions: Vec<_> = (0..RULES)
            .map(|port| {
                let block = json!([{"CidrIp": format!("10.{}.0.0/16", n % 200)}]);
                json!({"IpProtocol": "tcp", "FromPort": 100 + port, "ToPort": 100 + port, "IpRanges": block})
            })
            .collect();
        for half in 0..2 {
            let group = owner.group(&vpc, &format!("g{half}"));
            let input = json!({"GroupId": group, "IpPermissions": permissions});
            owner.call("AuthorizeSecurityGroupIngress", input);
            for host in 0..5 {
                let (number, last) = (10 * n + 5 * half + host, 10 + 5 * half + host);
                let address = format!("10.{}.1.{last}", n % 200);
                owner.instance(&format!("i{number}"), &subnet, &group, &address);
            }
        }
    }
    owner
}

fn compiler(world: &World) -> Compiler {
    let outside: Vec<_> = hosts().iter().map(|host| host.engine.clone()).collect();
    let mut compiler = Compiler::default();
    let everything = Changes::everything();
    compiler.compile(world, &outside, &everything).unwrap();
    compiler
}

fn ask(source: &str, destination: &str) -> Ask {
    Ask::Flow {
        source: source.to_owned(),
        destination: destination.to_owned(),
        protocol: None,
        source_port: None,
        ipv6: false,
    }
}

fn why(c: &mut Criterion) {
    let mut bench = c.benchmark_group("why");
    bench.sample_size(10);
    for instances in [1_000, 10_000] {
        let owner = region(instances);
        let hosts = hosts();
        let workshop = Workshop {
            settings: &owner.settings,
            hosts: &hosts,
            now: NOW,
            compiler: compiler(owner.world()),
        };
        for (name, ask, reachable) in [
            ("reachable", ask("i0", "i7:149"), true),
            ("refused by a group", ask("i0", "i7:5432"), false),
            ("without a way", ask("i0", "internet:443"), false),
        ] {
            let answer = ask.answer(&workshop, owner.world()).unwrap();
            assert_eq!(answer.reachable, reachable, "{answer:?}");
            bench.bench_function(BenchmarkId::new(name, instances), |b| {
                // The daemon's copy of the world is part of the question.
                b.iter(|| black_box(ask.answer(&workshop, &owner.world().clone())));
            });
        }
    }
    bench.finish();
}

/// All pairs of the first of 1,000 instances with all others; prints what all of them would take.
fn all_pairs(_: &mut Criterion) {
    const INSTANCES: usize = 1_000;
    const SOURCES: usize = 100;
    let owner = region(INSTANCES);
    let hosts = hosts();
    let world = owner.world();
    let places: Vec<_> = (0..INSTANCES)
        .map(|n| resolve(world, &hosts, &format!("i{n}")).unwrap())
        .collect();
    let mut scene = Scene::new(world, &hosts, &[]).unwrap();
    let (mut reached, mut asked) = (0, 0);
    let start = Instant::now();
    for source in places.iter().step_by(INSTANCES / SOURCES) {
        for destination in places.iter().filter(|other| *other != source) {
            let flow = Flow {
                source: source.clone(),
                destination: destination.clone(),
                traffic: Traffic::Tcp(149),
                source_port: 49_152,
                ipv6: false,
            };
            let question = flow.question(world, &scene.hosts).unwrap();
            reached += usize::from(scene.ask(&question).is_reachable());
            asked += 1;
        }
    }
    let each: Duration = start.elapsed() / asked;
    assert_eq!(reached, SOURCES * 9, "those of one VPC reach each other");
    let all = each * (INSTANCES * (INSTANCES - 1)) as u32;
    println!("all pairs of {INSTANCES} interfaces: {each:?} each, {all:?} in all");
}

criterion_group!(benches, why, all_pairs);
criterion_main!(benches);
