//! A file system without much room, which only root may mount.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};

/// A folder on a disk of so much room (as tmpfs(5) writes it) that this thread and what it starts alone see, and that is
/// gone with them; none without root.
pub fn mounted(size: &str) -> Option<tempfile::TempDir> {
    if !nix::unistd::geteuid().is_root() {
        eprintln!("left out: only root may mount a disk");
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    unshare(CloneFlags::CLONE_NEWNS).unwrap();
    let private = MsFlags::MS_REC | MsFlags::MS_PRIVATE;
    mount(None::<&str>, "/", None::<&str>, private, None::<&str>).unwrap();
    let (kind, flags) = (Some("tmpfs"), MsFlags::empty());
    let options = format!("size={size}");
    mount(kind, folder.path(), kind, flags, Some(options.as_str())).unwrap();
    Some(folder)
}

/// Takes all the room there is.
pub fn fill(folder: &Path) -> PathBuf {
    let path = folder.join("filler");
    let mut file = File::create(&path).unwrap();
    for len in [1 << 16, 1 << 12, 1] {
        while file.write_all(&vec![7; len]).is_ok() {}
    }
    path
}
