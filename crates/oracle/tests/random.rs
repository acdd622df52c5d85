//! Random worlds, packets and edits: oracle and engine must agree on every one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use openvpc_oracle::{play, shortest};

const STEPS_PER_WORLD: usize = 1_000;

#[test]
fn engine_and_oracle_agree_on_random_worlds() {
    let packets = number("OPENVPC_ORACLE_PACKETS", 1_000_000);
    let seed = AtomicU64::new(number("OPENVPC_ORACLE_SEED", 1));
    let (sent, delivered) = (AtomicU64::new(0), AtomicU64::new(0));
    let (worlds, failed) = (AtomicU64::new(0), AtomicBool::new(false));
    let threads = std::thread::available_parallelism().map_or(1, |n| n.get().min(8));
    let work = || {
        while sent.load(Ordering::Relaxed) < packets && !failed.load(Ordering::Relaxed) {
            let seed = seed.fetch_add(1, Ordering::Relaxed);
            match play(seed, STEPS_PER_WORLD) {
                Ok([more, arrived]) => {
                    sent.fetch_add(more, Ordering::Relaxed);
                    delivered.fetch_add(arrived, Ordering::Relaxed);
                    worlds.fetch_add(1, Ordering::Relaxed);
                }
                Err(story) => {
                    failed.store(true, Ordering::Relaxed);
                    eprintln!("seed {seed}:\n{}", shortest(&story));
                }
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(work);
        }
    });
    assert!(!failed.into_inner(), "a disagreement, see above");
    let (sent, delivered) = (sent.into_inner(), delivered.into_inner());
    println!(
        "oracle: 0 disagreements in {sent} packets ({delivered} delivered), {} worlds, seeds up to {}",
        worlds.into_inner(),
        seed.into_inner()
    );
    assert!(delivered * 5 > sent, "too little gets through to mean much");
}

fn number(variable: &str, default: u64) -> u64 {
    let value = std::env::var(variable).ok();
    value.map_or(default, |value| value.parse().expect("a number"))
}
