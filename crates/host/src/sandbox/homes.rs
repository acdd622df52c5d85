//! Home folders of the host: an instance sees of them the toolchains that programs in its `PATH` need, and no more.
//!
//! Whoever plays an instance's root is a stranger to the people who work on this machine, even where the daemon runs as
//! root and could read all of their files.

use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use nix::mount::{MsFlags, mount};

use super::files::{Context, OWN, SetupError, bind_open, c_path, open_path};
use crate::sys;

/// The folder that holds people's homes.
const HOMES: &str = "/home";

/// Folders with programs only, below a home.
const TOOLCHAINS: &[&str] = &[
    ".pyenv",
    ".rustup",
    ".cargo/bin",
    ".rbenv",
    ".nvm",
    ".sdkman",
    ".local/share/uv/python",
];

/// What is to be covered on this machine: root's home, everybody's, and that of the daemon's user.
pub fn covered() -> Vec<PathBuf> {
    let mut folders = vec![PathBuf::from("/root"), PathBuf::from(HOMES)];
    let own = std::env::var_os("HOME").map(PathBuf::from);
    // A home of `/` is what users without one have; `/tmp` and the like are covered by the sandbox's own.
    let is_home = |path: &PathBuf| {
        path.is_absolute()
            && path.components().count() > 2
            && !folders.iter().any(|folder| path.starts_with(folder))
    };
    let own = own.filter(is_home);
    folders.extend(own);
    folders
}

/// Lays an empty folder over each, with the toolchains where they were.
pub fn cover(folders: &[PathBuf]) -> Result<(), SetupError> {
    for (number, folder) in folders.iter().enumerate() {
        if !folder.is_dir() {
            continue;
        }
        let own = PathBuf::from(format!("{OWN}/homes/{number}"));
        make(&own)?;
        for toolchain in toolchains(folder) {
            // What this user may not read is not shown either.
            let Ok(found) = open_path(&toolchain) else {
                continue;
            };
            let Ok(below) = toolchain.strip_prefix(folder) else {
                continue;
            };
            let place = own.join(below);
            make(&place)?;
            bind_open(&found, &place).context(format!("showing {}", toolchain.display()))?;
        }
        let what = || format!("covering {}", folder.display());
        let flags = MsFlags::MS_BIND | MsFlags::MS_REC;
        mount(Some(&own), folder, None::<&str>, flags, None::<&str>).context(what())?;
        let path = c_path(folder).context(what())?;
        sys::mount_attributes(&path, libc::MOUNT_ATTR_RDONLY, true).context(what())?;
    }
    Ok(())
}

fn make(folder: &Path) -> Result<(), SetupError> {
    let mut builder = DirBuilder::new();
    builder.recursive(true).mode(0o755);
    builder
        .create(folder)
        .context(format!("making {}", folder.display()))
}

fn toolchains(folder: &Path) -> Vec<PathBuf> {
    let homes: Vec<PathBuf> = match folder == Path::new(HOMES) {
        true => fs::read_dir(folder)
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path())
            .collect(),
        false => vec![folder.to_path_buf()],
    };
    let all = homes
        .iter()
        .flat_map(|home| TOOLCHAINS.iter().map(|name| home.join(name)));
    all.filter(|path| path.is_dir()).collect()
}
