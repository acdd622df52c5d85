//! Bytes from anywhere into every parser, and what must hold for all of them.
//!
//! A target takes bytes and panics if something is wrong: not only on a panic of what it tries, but on every broken
//! promise that it can see (a round trip that changes something, a checksum that an edit broke, a frame in another VPC).
//! The same functions serve three ways: `tests/corpus.rs` replays `corpus/` and `regressions/` with every test run,
//! and mutates them a little; `cargo xtask fuzz` runs them for long under libFuzzer, guided by coverage.
//!
//! `corpus/<target>/` is generated from [`Target::seeds`]; `regressions/<target>/` holds what once broke, one file and
//! one named test each.

#![forbid(unsafe_code)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod targets;

pub use targets::TARGETS;

/// One door for bytes.
pub struct Target {
    pub name: &'static str,
    /// Panics if a promise is broken.
    pub run: fn(&[u8]),
    /// Good input, by name: what to begin with.
    pub seeds: fn() -> Vec<(&'static str, Vec<u8>)>,
}

/// The target of a name.
pub fn target(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}

/// The folder of a target's generated seeds.
pub fn corpus(target: &str) -> std::path::PathBuf {
    folder("corpus", target)
}

/// The folder of what once broke a target.
pub fn regressions(target: &str) -> std::path::PathBuf {
    folder("regressions", target)
}

fn folder(kind: &str, target: &str) -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join(kind)
        .join(target)
}
