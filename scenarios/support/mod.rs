//! What scenarios stand on: a daemon to start and stop, clients to call it with.

mod clients;
mod daemon;
mod records;
mod shell;

pub use clients::{
    ansible_playbook, aws_cli, boto3, client_packages, client_python, guide_shell, s3cmd, terraform,
};
pub use daemon::{Daemon, Options, Privilege, leftovers};
pub use records::{DEFAULT_FORMAT, records};
pub use shell::{Network, User};

use std::process::Output;

/// Standard output of a run that must have succeeded.
pub fn stdout_of(output: &Output) -> String {
    assert!(
        output.status.success(),
        "{}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// Tries again until `probe` gives something, for at most forty seconds.
pub fn eventually<T>(what: &str, mut probe: impl FnMut() -> Option<T>) -> T {
    // Seconds on an idle machine; many times that beside other work.
    let end = std::time::Instant::now() + std::time::Duration::from_secs(40);
    loop {
        if let Some(found) = probe() {
            return found;
        }
        assert!(
            std::time::Instant::now() < end,
            "not within forty seconds: {what}"
        );
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
}
