//! Tasks of the repository: `cargo xtask <task>`.

use std::process::ExitCode;

mod generate_model;
mod golden;
mod test;

const HELP: &str = "\
cargo xtask <task>

  test [--fast]
      Checks formatting, lints and generated files, and runs every test. --fast leaves out
      what needs the stock AWS clients.

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
    let args: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match args.first().map(String::as_str) {
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
