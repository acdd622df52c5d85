//! Writes `corpus/` from the targets' seeds; with `--check` it only compares.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use openvpc_fuzz::{TARGETS, corpus};

fn main() -> ExitCode {
    let check = std::env::args().nth(1).as_deref() == Some("--check");
    let wanted: BTreeMap<PathBuf, Vec<u8>> = TARGETS
        .iter()
        .flat_map(|target| {
            let seeds = (target.seeds)().into_iter();
            seeds.map(|(name, bytes)| (corpus(target.name).join(name), bytes))
        })
        .collect();
    let there = TARGETS.iter().flat_map(|target| {
        let entries = std::fs::read_dir(corpus(target.name)).into_iter().flatten();
        entries.flatten().map(|entry| entry.path())
    });
    let extra: Vec<PathBuf> = there.filter(|path| !wanted.contains_key(path)).collect();
    let stale: Vec<_> = wanted
        .iter()
        .filter(|(path, bytes)| std::fs::read(path).ok().as_ref() != Some(bytes))
        .collect();
    if check {
        for path in stale.iter().map(|(path, _)| *path).chain(&extra) {
            eprintln!("not as generated: {}", path.display());
        }
        return match stale.is_empty() && extra.is_empty() {
            true => ExitCode::SUCCESS,
            false => ExitCode::FAILURE,
        };
    }
    let write = || -> std::io::Result<()> {
        for path in &extra {
            std::fs::remove_file(path)?;
        }
        for (path, bytes) in stale {
            std::fs::create_dir_all(path.parent().unwrap_or(path))?;
            std::fs::write(path, bytes)?;
        }
        Ok(())
    };
    match write() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("corpus: {error}");
            ExitCode::FAILURE
        }
    }
}
