//! `cargo xtask bpf`: the flow cache's program, from C to the object that the daemon embeds.

use std::process::Command;

use crate::{Failure, root};

#[path = "../../crates/flowcache/src/abi.rs"]
#[allow(dead_code, reason = "the crate reads the rest")]
mod abi;

/// Always the same one, so that everybody makes the same bytes.
const COMPILER: &str = "clang-14";
const SOURCE: &str = "flowcache.bpf.c";
const OBJECT: &str = "flowcache.bpf.o";

/// Makes `abi.h` and the object; with `--check` compares instead of writing.
pub fn run(args: &[String]) -> Result<(), Failure> {
    let check = match args {
        [] => false,
        [flag] if flag == "--check" => true,
        _ => return Err("usage: cargo xtask bpf [--check]".into()),
    };
    let folder = root().join("crates/flowcache/bpf");
    let header = folder.join("abi.h");
    if !check {
        std::fs::write(&header, abi::header())?;
    } else if std::fs::read_to_string(&header)? != abi::header() {
        return Err("crates/flowcache/bpf/abi.h is not current: run `cargo xtask bpf`".into());
    }
    let built = match check {
        true => std::path::absolute(root())?.join("target/tmp").join(OBJECT),
        false => std::path::absolute(&folder)?.join(OBJECT),
    };
    if let Some(parent) = built.parent() {
        std::fs::create_dir_all(parent)?;
    }
    // No debug information: the program needs no BTF, and the object names no folder of whoever made it.
    let mut compile = Command::new(COMPILER);
    compile.args(["-target", "bpf", "-mcpu=v3", "-O2"]);
    compile.args(["-Wall", "-Wextra", "-Werror", "-Wno-unused-function"]);
    compile.args([
        "-nostdinc",
        "-I/usr/include",
        "-I/usr/include/x86_64-linux-gnu",
    ]);
    compile.args(["-c", SOURCE, "-o"]).arg(&built);
    step_in(&mut compile, &folder)?;
    if std::fs::read(&built)? != std::fs::read(folder.join(OBJECT))? {
        return Err(format!(
            "crates/flowcache/bpf/{OBJECT} is not what its sources make: run `cargo xtask bpf`"
        )
        .into());
    }
    Ok(())
}

/// Whether this machine can make it. Users need not: the object is committed.
pub fn can_build() -> bool {
    let version = Command::new(COMPILER).arg("--version").output();
    version.is_ok_and(|output| output.status.success())
        && std::path::Path::new("/usr/include/linux/bpf.h").exists()
}

fn step_in(command: &mut Command, folder: &std::path::Path) -> Result<(), Failure> {
    let folder = folder.to_owned();
    eprintln!("» {command:?}");
    match command.current_dir(folder).status()?.success() {
        true => Ok(()),
        false => Err(format!("failed: {command:?}").into()),
    }
}
