//! What this machine must allow before `openvpc up` begins, and the user namespace of a daemon that is not root.

use std::fs;
use std::io;

use nix::sched::{CloneFlags, unshare};

use crate::ports::{PortKind, best_kind};

/// Something is missing; the sentence says what and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Missing(pub String);

/// What was found to work with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Findings {
    /// Whether the daemon has the machine's own root, or only that of a user namespace.
    pub root: bool,
    pub port_kind: PortKind,
}

/// Linux 5.12: mount_setattr(2), by which a whole tree becomes read-only.
const KERNEL_MIN: (u32, u32) = (5, 12);

/// Checks the machine and, without root, enters a user namespace in which this process is root.
///
/// Must be called while the process has one thread: the kernel lets only such a one change its user namespace.
///
/// # Errors
/// What is missing, in one sentence, with the way out.
pub fn prepare() -> Result<Findings, Missing> {
    check_kernel(&release())?;
    let root = has_root_capabilities();
    if !root {
        enter_user_namespace()?;
    }
    Ok(Findings {
        root,
        port_kind: best_kind(),
    })
}

fn check_kernel(release: &str) -> Result<(), Missing> {
    if version(release) >= KERNEL_MIN {
        return Ok(());
    }
    let (major, minor) = KERNEL_MIN;
    Err(Missing(format!(
        "this kernel is Linux {release}, openvpc needs {major}.{minor} or newer: update the kernel"
    )))
}

/// Major and minor number of the running kernel.
pub(crate) fn kernel_version() -> (u32, u32) {
    version(&release())
}

fn release() -> String {
    let name = nix::sys::utsname::uname().ok();
    name.and_then(|name| Some(name.release().to_str()?.to_owned()))
        .unwrap_or_default()
}

fn version(release: &str) -> (u32, u32) {
    let mut numbers = release
        .split(|c: char| !c.is_ascii_digit())
        .map_while(|number| number.parse().ok());
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0))
}

/// Root of a container may lack the capabilities of root.
fn has_root_capabilities() -> bool {
    const NEEDED: u64 = 1 << 12 | 1 << 13 | 1 << 21 | 1 << 7 | 1 << 6; // NET_ADMIN, NET_RAW, SYS_ADMIN, SETUID, SETGID
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let effective = status.lines().find_map(|line| line.strip_prefix("CapEff:"));
    let effective = effective
        .and_then(|bits| u64::from_str_radix(bits.trim(), 16).ok())
        .unwrap_or(0);
    effective & NEEDED == NEEDED
}

fn enter_user_namespace() -> Result<(), Missing> {
    let (uid, gid) = (nix::unistd::geteuid(), nix::unistd::getegid());
    unshare(CloneFlags::CLONE_NEWUSER).map_err(|errno| Missing(user_namespace_refused(errno)))?;
    let map = || -> io::Result<()> {
        fs::write("/proc/self/setgroups", "deny")?;
        fs::write("/proc/self/uid_map", format!("0 {uid} 1\n"))?;
        fs::write("/proc/self/gid_map", format!("0 {gid} 1\n"))
    };
    map().map_err(|error| {
        Missing(format!(
            "the kernel refused to map this user in a user namespace ({error}): run openvpc as root"
        ))
    })
}

fn user_namespace_refused(errno: nix::errno::Errno) -> String {
    let setting = |path: &str| {
        fs::read_to_string(path)
            .ok()
            .map(|value| value.trim().to_owned())
    };
    if setting("/proc/sys/user/max_user_namespaces").as_deref() == Some("0") {
        return "user namespaces are switched off: run openvpc as root, or set user.max_user_namespaces=10000 with sysctl"
            .into();
    }
    if setting("/proc/sys/kernel/unprivileged_userns_clone").as_deref() == Some("0") {
        return "user namespaces are for root only: run openvpc as root, or set kernel.unprivileged_userns_clone=1 with \
                sysctl"
            .into();
    }
    if setting("/proc/sys/kernel/apparmor_restrict_unprivileged_userns").as_deref() == Some("1") {
        return "AppArmor restricts user namespaces: run openvpc as root, or set \
                kernel.apparmor_restrict_unprivileged_userns=0 with sysctl"
            .into();
    }
    format!(
        "the kernel refused a user namespace ({}): run openvpc as root",
        errno.desc()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_kernel_is_named_with_the_way_out() {
        assert!(check_kernel("5.12.0").is_ok());
        assert!(check_kernel("6.18.44-generic").is_ok());
        let refusal = check_kernel("5.10.0-30-amd64").unwrap_err().to_string();
        assert!(
            refusal.contains("5.10.0-30-amd64") && refusal.contains("5.12"),
            "{refusal}"
        );
        assert!(check_kernel("").is_err());
    }
}
