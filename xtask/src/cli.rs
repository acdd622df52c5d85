//! `cargo xtask cli`: the command line's reference.

use std::process::Command;

use crate::Failure;
use crate::test::step;

/// Has the program's own test write `docs/cli.md`, or compare it.
pub fn run(args: &[String]) -> Result<(), Failure> {
    let check = match args {
        [] => false,
        [flag] if flag == "--check" => true,
        _ => return Err("usage: cargo xtask cli [--check]".into()),
    };
    let mut command = Command::new("cargo");
    // The whole workspace's features, so that nothing is built that a test run has not built.
    command.args(["test", "--workspace", "--bin", "openvpc", "docs_cli_md"]);
    if !check {
        command.env("UPDATE_CLI_REFERENCE", "1");
    }
    step(&mut command)
}
