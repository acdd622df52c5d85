//! `cargo xtask fuzz`: the targets of `fuzz/` under libFuzzer, guided by coverage, with the stable compiler.
//!
//! The compiler's own coverage counters (SanitizerCoverage) need no nightly: they are an LLVM pass, asked for by stable
//! code-generation flags. They go into our crates only: this program is cargo's `RUSTC_WORKSPACE_WRAPPER`, so that
//! dependencies are those of the everyday build.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use crate::{Failure, root};

/// Set for the compiler's calls, which come back to this program.
const WRAPPING: &str = "OPENVPC_FUZZ_WRAPPING";
const SECONDS: u32 = 60;
/// Bytes of one input.
const LEN_MAX: u32 = 4_096;
/// MiB that a target may use before it counts as a finding, and seconds for one input.
const RSS_MAX_MIB: u32 = 1_024;
const INPUT_SECONDS_MAX: u32 = 5;

/// The counters, and all of a crate in one unit: the linker drops counters of units that it thinks unused.
const INSTRUMENTATION: &[&str] = &[
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Ccodegen-units=1",
    "-Clink-arg=-Wl,-z,nostart-stop-gc",
];

/// Acts as the compiler if cargo calls this program as one.
pub fn wrap() -> Option<ExitCode> {
    std::env::var_os(WRAPPING)?;
    let mut args: Vec<OsString> = std::env::args_os().skip(1).collect();
    let compiler = args.remove(0);
    let compiles = args.iter().any(|arg| arg == "--crate-name");
    let mut command = Command::new(compiler);
    command.args(&args);
    if compiles {
        command.args(INSTRUMENTATION);
    }
    let code = command.status().ok().and_then(|status| status.code());
    Some(ExitCode::from(
        code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1),
    ))
}

/// `fuzz [TARGET …] [--seconds N]`.
pub fn run(args: &[String]) -> Result<(), Failure> {
    let mut seconds = SECONDS;
    let mut chosen = Vec::new();
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--seconds" => {
                let value = args.next().ok_or("--seconds wants a number")?;
                seconds = value.parse().map_err(|_| "--seconds wants a number")?;
            }
            name => chosen.push(name.to_owned()),
        }
    }
    let known = targets()?;
    if let Some(unknown) = chosen.iter().find(|name| !known.contains(name)) {
        return Err(format!("no such target: {unknown}; there are {}", known.join(", ")).into());
    }
    if chosen.is_empty() {
        chosen = known;
    }
    build()?;
    let mut found = Vec::new();
    for target in &chosen {
        if !fuzz(target, seconds)? {
            found.push(target.as_str());
        }
    }
    match found.is_empty() {
        true => Ok(()),
        false => Err(format!(
            "found something in {}: see target/fuzz/*/artifacts",
            found.join(", ")
        )
        .into()),
    }
}

/// `fuzz-corpus [--check]`.
pub fn corpus(args: &[String]) -> Result<(), Failure> {
    let mut command = Command::new("cargo");
    command.args([
        "run",
        "--quiet",
        "--package",
        "openvpc-fuzz",
        "--bin",
        "corpus",
        "--",
    ]);
    crate::test::step(command.args(args))
}

/// Every target has a folder of seeds.
fn targets() -> Result<Vec<String>, Failure> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(root().join("fuzz/corpus"))? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

fn build() -> Result<(), Failure> {
    let mut command = Command::new("cargo");
    command
        .args(["build", "--package", "openvpc-fuzz", "--bin", "fuzz"])
        .args(["--features", "libfuzzer"])
        // Assertions and overflow checks stay on; only our own crates are compiled anew.
        .env("CARGO_PROFILE_DEV_OPT_LEVEL", "2")
        .env("RUSTC_WORKSPACE_WRAPPER", std::env::current_exe()?)
        .env(WRAPPING, "1");
    crate::test::step(&mut command)
}

/// Runs one target; false if it found something.
fn fuzz(target: &str, seconds: u32) -> Result<bool, Failure> {
    let work = root().join("target/fuzz").join(target);
    let (grown, artifacts) = (work.join("corpus"), work.join("artifacts"));
    for folder in [&grown, &artifacts] {
        std::fs::create_dir_all(folder)?;
    }
    let kept = |kind: &str| root().join("fuzz").join(kind).join(target);
    let folders = [grown, kept("corpus"), kept("regressions")];
    let status = Command::new(root().join("target/debug/fuzz"))
        .env("OPENVPC_FUZZ_TARGET", target)
        .env("RUST_BACKTRACE", "1")
        .arg(format!("-max_total_time={seconds}"))
        .arg(format!("-max_len={LEN_MAX}"))
        .arg(format!("-rss_limit_mb={RSS_MAX_MIB}"))
        .arg(format!("-timeout={INPUT_SECONDS_MAX}"))
        .arg(prefix(&artifacts))
        .arg("-print_final_stats=1")
        .args(folders.iter().filter(|folder| folder.is_dir()))
        .current_dir(&work)
        .status()?;
    eprintln!(
        "» fuzz {target}: {seconds} s, {}",
        match status.success() {
            true => "nothing found".to_owned(),
            false => format!("found something: {}", artifacts.display()),
        }
    );
    Ok(status.success())
}

fn prefix(artifacts: &Path) -> String {
    let folder: PathBuf = artifacts.join("");
    format!("-artifact_prefix={}", folder.display())
}
