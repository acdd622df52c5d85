//! `cargo xtask test`: all that must hold before a commit lands.

use std::process::Command;

use crate::{Failure, bpf, console, generate_model, golden, root};

/// Those that run on the `user` path too, where root would get the `ebpf` one: both families, rewrites, several VPCs.
const TOURS: &str = "binary(scenarios) and test(/^demos::the_(flow_logs|gateways|peering)_tour$/)";

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
    cargo(&arguments)?;
    if !fast && is_root() {
        // What the tours show must be the same whatever carries the packets.
        let mut tours = Command::new("cargo");
        tours.args(runner).arg("--workspace");
        match has_nextest() {
            true => tours.args(["-E", TOURS]),
            false => tours.args(["--test", "scenarios", "demos"]),
        };
        step(tours.env("OPENVPC_DATA_PATH", "user"))?;
    }
    Ok(())
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
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
