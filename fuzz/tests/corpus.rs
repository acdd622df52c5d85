//! The corpus replayed with every test run: seeds, what once broke, and a few thousand mutations of both.

#![allow(clippy::unwrap_used)]

use std::path::Path;

use openvpc_fuzz::{TARGETS, Target, corpus, regressions, target};
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

/// Mutations of one target in a test run; the long run is `cargo xtask fuzz`.
const MUTATIONS: usize = 1_500;
const LEN_MAX: usize = 4_096;

fn files(folder: &Path) -> Vec<Vec<u8>> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
        .iter()
        .map(|path| std::fs::read(path).unwrap())
        .collect()
}

fn replay(target: &Target) {
    let mut inputs = files(&corpus(target.name));
    assert_eq!(
        inputs.len(),
        (target.seeds)().len(),
        "{}: run cargo xtask fuzz-corpus",
        target.name
    );
    inputs.extend(files(&regressions(target.name)));
    inputs.push(Vec::new());
    inputs.iter().for_each(|input| (target.run)(input));
    let mut random = SmallRng::seed_from_u64(0x6f70_656e);
    for _ in 0..MUTATIONS {
        let mut input = inputs[random.random_range(0..inputs.len())].clone();
        for _ in 0..random.random_range(1..6) {
            mutate(&mut input, &inputs, &mut random);
        }
        input.truncate(LEN_MAX);
        (target.run)(&input);
    }
}

/// Changes, doubles, removes or borrows a stretch of bytes.
fn mutate(input: &mut Vec<u8>, others: &[Vec<u8>], random: &mut SmallRng) {
    let at = random.random_range(0..=input.len());
    let to = (at + random.random_range(0..12)).min(input.len());
    match random.random_range(0..6) {
        0 if at < input.len() => input[at] = random.random(),
        1 if at < input.len() => input[at] ^= 1 << random.random_range(0..8),
        2 if at < input.len() => input[at] = [0, 1, 0x7f, 0x80, 0xff][random.random_range(0..5)],
        3 => drop(input.drain(at..to)),
        4 => {
            let doubled = input[at..to].to_vec();
            input.splice(at..at, doubled);
        }
        _ => {
            let other = &others[random.random_range(0..others.len())];
            let from = random.random_range(0..=other.len());
            input.truncate(at);
            input.extend_from_slice(&other[from..]);
        }
    }
}

macro_rules! replayed {
    ($($name:ident)*) => {
        $(#[test]
        fn $name() {
            replay(target(stringify!($name)).unwrap());
        })*

        #[test]
        fn no_target_is_left_out() {
            let here = [$(stringify!($name)),*];
            let all: Vec<_> = TARGETS.iter().map(|target| target.name).collect();
            assert_eq!(all, here);
        }
    };
}

replayed! {
    frame edit nat64 arp_ndp dhcp dhcpv6 engine dns_query dns_answer ec2_query sigv4 control logs log_format recorded_flows policy s3 exec
    user_data plan expectations flow_record
}

/// Generated files are as their generator makes them.
#[test]
fn the_corpus_is_current() {
    for target in TARGETS {
        for (name, bytes) in (target.seeds)() {
            let path = corpus(target.name).join(name);
            let there = std::fs::read(&path).ok();
            assert!(
                there.as_ref() == Some(&bytes),
                "{}: run cargo xtask fuzz-corpus",
                path.display()
            );
        }
    }
}
