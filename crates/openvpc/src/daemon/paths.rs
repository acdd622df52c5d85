//! Where things are kept when nothing is said.

use std::path::PathBuf;

fn is_root() -> bool {
    nix::unistd::geteuid().is_root()
}

fn env_dir(variable: &str) -> Option<PathBuf> {
    std::env::var_os(variable)
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
}

/// The control socket: `$XDG_RUNTIME_DIR/openvpc.sock`, `/run/openvpc.sock` for root, or else a
/// name of the user's own in `/tmp`.
pub fn default_socket() -> PathBuf {
    if is_root() {
        return PathBuf::from("/run/openvpc.sock");
    }
    match env_dir("XDG_RUNTIME_DIR") {
        Some(dir) => dir.join("openvpc.sock"),
        None => PathBuf::from(format!("/tmp/openvpc-{}.sock", nix::unistd::geteuid())),
    }
}

/// The data directory: `/var/lib/openvpc` for root, else `$XDG_STATE_HOME/openvpc` or
/// `~/.local/state/openvpc`.
pub fn default_data_dir() -> Result<PathBuf, String> {
    if is_root() {
        return Ok(PathBuf::from("/var/lib/openvpc"));
    }
    env_dir("XDG_STATE_HOME")
        .or_else(|| env_dir("HOME").map(|home| home.join(".local/state")))
        .map(|dir| dir.join("openvpc"))
        .ok_or_else(|| {
            "neither XDG_STATE_HOME nor HOME is set: say --data-dir DIR or --ephemeral".to_owned()
        })
}
