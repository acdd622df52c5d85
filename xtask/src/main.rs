//! Tasks of the repository: `cargo xtask <task>`.

use std::process::ExitCode;

mod bpf;
mod cli;
mod console;
#[cfg(test)]
mod docs;
mod fuzz;
mod generate_model;
mod golden;
mod test;

const HELP: &str = "\
cargo xtask <task>

  test [--fast]
      Checks formatting, lints and generated files, and runs every test; as root also the
      tours on the ebpf data path. --fast leaves out what needs the stock AWS clients.

  bpf [--check]
      Makes crates/flowcache/bpf/abi.h and compiles the flow cache's program into the object
      beside it, with clang-14. --check only compares, and fails on a difference.
  cli [--check]
      Writes docs/cli.md from what the program says of itself. --check only compares, as every
      test run does.

  console [--check]
      Tests the console and builds its page into console/dist, with npm. --check only compares,
      and fails on a difference.

  fuzz [TARGET …] [--seconds N]
      Runs the targets of fuzz/ (default: all) for N seconds each (default: 60) under
      libFuzzer, which needs a C++ compiler. What it finds lies in
      target/fuzz/TARGET/artifacts: shrink it, put it into fuzz/regressions/TARGET, name it.

  fuzz-corpus [--check]
      Writes fuzz/corpus from the targets' seeds. --check only compares, and fails on a
      difference.

  generate-model [--check] [--botocore DIR] [--python PYTHON]
      Writes the tables of crates/ec2/src/generated from the public service models that
      botocore ships: names and types, no descriptions. --check only compares, and fails
      on a difference. DIR is a botocore package folder; without it, the one that PYTHON
      (default: python3) imports.

  golden [--check] [--python PYTHON]
      Rewrites crates/ec2/tests/golden with botocore: forms that it makes, requests that it
      signs, answers that it reads back. --check only compares, and fails on a difference.
";

fn main() -> ExitCode {
    if let Some(code) = fuzz::wrap() {
        return code;
    }
    let args: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match args.first().map(String::as_str) {
        Some("bpf") => bpf::run(&args[1..]),
        Some("cli") => cli::run(&args[1..]),
        Some("console") => console::run(&args[1..]),
        Some("fuzz") => fuzz::run(&args[1..]),
        Some("fuzz-corpus") => fuzz::corpus(&args[1..]),
        Some("generate-model") => generate_model::run(&args[1..]),
        Some("golden") => golden::run(&args[1..]),
        Some("test") => test::run(&args[1..]),
        Some("help" | "--help" | "-h") | None => {
            print!("{HELP}");
            Ok(())
        }
        Some(other) => Err(format!("no such task: {other}\n\n{HELP}").into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::FAILURE
        }
    }
}

/// What a task fails with: a sentence for the person who started it.
type Failure = Box<dyn std::error::Error>;

/// The repository's root.
fn root() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}
