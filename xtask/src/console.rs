//! `cargo xtask console`: the console's page, from its sources to the files that the daemon embeds.

use std::path::Path;
use std::process::Command;

use crate::test::step;
use crate::{Failure, root};

const FILES: [&str; 3] = ["index.html", "console.js", "console.css"];

/// Installs what it is built with, tests it and builds it; with `--check` compares instead of writing.
pub fn run(args: &[String]) -> Result<(), Failure> {
    let check = match args {
        [] => false,
        [flag] if flag == "--check" => true,
        _ => return Err("usage: cargo xtask console [--check]".into()),
    };
    let source = root().join("console");
    let npm = |arguments: &[&str]| {
        step(
            Command::new("npm")
                .args(arguments)
                .arg("--prefix")
                .arg(&source),
        )
    };
    npm(&["ci", "--no-audit", "--no-fund", "--silent"])?;
    npm(&["test", "--silent"])?;
    let built = match check {
        true => root().join("target/tmp/console"),
        false => source.join("dist"),
    };
    let mut build = Command::new("node");
    step(build.arg(source.join("build.mjs")).arg("--out").arg(&built))?;
    match FILES
        .iter()
        .find(|file| differs(&built, &source.join("dist"), file))
    {
        Some(file) => Err(format!(
            "console/dist/{file} is not what its sources make: run `cargo xtask console`"
        )
        .into()),
        None => Ok(()),
    }
}

fn differs(one: &Path, other: &Path, file: &str) -> bool {
    let read = |folder: &Path| std::fs::read(folder.join(file)).ok();
    read(one).is_none() || read(one) != read(other)
}

/// Whether this machine can build it. Users need not: the built files are committed.
pub fn can_build() -> bool {
    Command::new("npm")
        .arg("--version")
        .output()
        .is_ok_and(|output| output.status.success())
}
