//! Random worlds, packets and edits: oracle and engine must agree on every one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use openvpc_oracle::bench::Rows;
use openvpc_oracle::{play, shortest};

const STEPS_PER_WORLD: usize = 1_000;

/// Rows without which a run would prove nothing about what they stand for.
const MET: [&str; 20] = [
    "I-11: an error about a live flow",
    "I-12: a later piece follows the first",
    "I-12: its first piece did not pass",
    "I-12: overlapping pieces",
    "NAT-4: a piece goes out",
    "NAT-4: a piece comes in",
    "NAT-6: an error comes in",
    "NAT-6: an error goes out",
    "NAT-8: out",
    "NAT-8: back",
    "NAT-11: into IPv4",
    "NAT-11: into IPv6",
    "NAT-11: a piece into IPv4",
    "NAT-11: a piece into IPv6",
    "NAT-11: an error into IPv4",
    "NAT-11: an error into IPv6",
    "PCX-31: the connection is not active",
    "PCX-34: no address of the other VPC",
    "PCX-34: into the other VPC",
    "PCX-36: into the other VPC by IPv6",
];

#[test]
fn engine_and_oracle_agree_on_random_worlds() {
    let packets = number("OPENVPC_ORACLE_PACKETS", 1_000_000);
    let seed = AtomicU64::new(number("OPENVPC_ORACLE_SEED", 1));
    let (sent, delivered) = (AtomicU64::new(0), AtomicU64::new(0));
    let replayed = AtomicU64::new(0);
    let (worlds, failed) = (AtomicU64::new(0), AtomicBool::new(false));
    let rows = Mutex::new(Rows::new());
    let threads = std::thread::available_parallelism().map_or(1, |n| n.get().min(8));
    let work = || {
        while sent.load(Ordering::Relaxed) < packets && !failed.load(Ordering::Relaxed) {
            let seed = seed.fetch_add(1, Ordering::Relaxed);
            match play(seed, STEPS_PER_WORLD) {
                Ok(([more, arrived, by_path], met)) => {
                    replayed.fetch_add(by_path, Ordering::Relaxed);
                    let mut rows = rows.lock().unwrap();
                    for (row, count) in met {
                        *rows.entry(row).or_default() += count;
                    }
                    drop(rows);
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
    let replayed = replayed.into_inner();
    println!(
        "oracle: 0 disagreements in {sent} packets ({delivered} delivered, {replayed} by a fast path), {} worlds, seeds up to {}",
        worlds.into_inner(),
        seed.into_inner()
    );
    assert!(delivered * 5 > sent, "too little gets through to mean much");
    assert!(replayed * 50 > sent, "too little is replayed to mean much");
    let rows = rows.into_inner().unwrap();
    for (row, count) in &rows {
        println!("{count:>9} {row}");
    }
    if packets >= 1_000_000 {
        let met = |row: &&str| rows.get(*row).copied().unwrap_or_default();
        let rare: Vec<_> = MET.iter().filter(|row| met(row) < 50).collect();
        assert!(rare.is_empty(), "hardly tried: {rare:?}");
    }
}

fn number(variable: &str, default: u64) -> u64 {
    let value = std::env::var(variable).ok();
    value.map_or(default, |value| value.parse().expect("a number"))
}
