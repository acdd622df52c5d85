//! `cargo xtask test`: all that must hold before a commit lands.

use std::process::Command;

use crate::{Failure, bpf, console, generate_model, golden, root};

/// Formatting, lints, generated files, tests; `--fast` leaves out what needs the stock AWS clients.
pub fn run(args: &[String]) -> Result<(), Failure> {
    let fast = match args {
        [] => false,
        [flag] if flag == "--fast" => true,
        _ => return Err("usage: cargo xtask test [--fast]".into()),
    };
    cargo(&["fmt", "--all", "--check"])?;
    cargo(&[
        "clippy",
        "--workspace",
        "--all-targets",
        "--",
        "--deny",
        "warnings",
    ])?;
    if !fast {
        let clients = root().join("target/tmp/clients");
        step(Command::new(root().join("scenarios/clients/install")).arg(&clients))?;
        let python = clients.join("bin/python");
        let check = [
            "--check".to_owned(),
            "--python".to_owned(),
            python.display().to_string(),
        ];
        generate_model::run(&check)?;
        golden::run(&check)?;
        if bpf::can_build() {
            bpf::run(&["--check".to_owned()])?;
        } else {
            eprintln!("» no clang-14: the flow cache's object is taken as it is");
        }
        if console::can_build() {
            console::run(&["--check".to_owned()])?;
        } else {
            eprintln!("» no npm: console/dist is taken as it is");
        }
    }
    let runner: &[&str] = if has_nextest() {
        &["nextest", "run"]
    } else {
        &["test"]
    };
    let mut arguments = [runner, &["--workspace"]].concat();
    if fast {
        arguments.extend(["--lib", "--bins"]);
    }
    cargo(&arguments)
}

fn has_nextest() -> bool {
    let version = Command::new("cargo")
        .args(["nextest", "--version"])
        .output();
    version.is_ok_and(|output| output.status.success())
}

fn cargo(arguments: &[&str]) -> Result<(), Failure> {
    step(Command::new("cargo").args(arguments))
}

/// Runs a command in the repository's root.
pub fn step(command: &mut Command) -> Result<(), Failure> {
    eprintln!("» {command:?}");
    match command.current_dir(root()).status()?.success() {
        true => Ok(()),
        false => Err(format!("failed: {command:?}").into()),
    }
}
