//! The file system that a sandbox sees: the host's, read-only, without its secrets; everything writable in one bounded
//! memory file system.
//!
//! Built in a mount namespace of a first user namespace and then copied into that of a second one, in which root lives:
//! a copy into a less privileged namespace arrives locked (mount_namespaces(7), "Restrictions on mount namespaces"), so
//! root can neither lift a read-only flag nor a cover. The rule for `/proc` is closed by default: whatever is not a
//! process or the namespace's own network settings is read-only, because the kernel guards many of these files by
//! ownership alone and root here may own the same files as the host's root.

use std::ffi::CString;
use std::fs::{self, DirBuilder, File, Permissions};
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use nix::mount::{MsFlags, mount};

use super::homes;
use super::protocol::Setup;
use super::trust;
use crate::{applets, sys};

/// Where the sandbox's own files lie.
pub const OWN: &str = "/run/openvpc";
/// The folder of the built-in programs, last in `PATH`.
pub const BIN: &str = "/run/openvpc/bin";
/// The folder of those that come before the host's own, first in `PATH`.
pub const SBIN: &str = "/run/openvpc/sbin";
/// A writable home, whoever runs.
pub const HOME: &str = "/tmp/home";
const HOSTS: &str = "/run/openvpc/etc/hosts";
const HOSTNAME: &str = "/run/openvpc/etc/hostname";
const RESOLV_CONF: &str = "/run/openvpc/etc/resolv.conf";
const EMPTY: &str = "/run/openvpc/empty";
const BLANK: &str = "/run/openvpc/blank";

/// A failed step, in words.
#[derive(Debug, thiserror::Error)]
#[error("{what}: {source}")]
pub struct SetupError {
    what: String,
    source: io::Error,
}

/// Says what was being done when a step failed.
pub trait Context<T> {
    fn context(self, what: impl Into<String>) -> Result<T, SetupError>;
}

impl<T, E: Into<io::Error>> Context<T> for Result<T, E> {
    fn context(self, what: impl Into<String>) -> Result<T, SetupError> {
        self.map_err(|error| SetupError {
            what: what.into(),
            source: error.into(),
        })
    }
}

/// Turns the copied mount tree into the sandbox's. The caller is the first process of its pid namespace.
///
/// What is still missing, [`NetworkSettings::open`] adds.
pub fn build(setup: &Setup) -> Result<NetworkSettings, SetupError> {
    mount(
        None::<&str>,
        "/",
        None::<&str>,
        MsFlags::MS_REC | MsFlags::MS_PRIVATE,
        None::<&str>,
    )
    .context("cutting the mounts off from the host's")?;
    sys::mount_attributes(
        c"/",
        libc::MOUNT_ATTR_RDONLY | libc::MOUNT_ATTR_NOSUID,
        true,
    )
    .context("making the host's files read-only (needs Linux 5.12 or newer)")?;
    // Opened now: the covers below may hide its path.
    let executable = open_path(&setup.executable);

    let options = format!("size={},nr_inodes=65536,mode=755", setup.scratch_bytes);
    let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
    mount(
        Some("tmpfs"),
        "/run",
        Some("tmpfs"),
        flags,
        Some(options.as_str()),
    )
    .context("mounting /run")?;
    for (path, mode) in [
        (OWN, 0o755),
        (BIN, 0o755),
        (SBIN, 0o755),
        (EMPTY, 0o555),
        ("/run/openvpc/etc", 0o755),
        ("/run/openvpc/scratch", 0o755),
        ("/run/openvpc/scratch/tmp", 0o1777),
        ("/run/openvpc/scratch/var-tmp", 0o1777),
        ("/run/openvpc/dev", 0o755),
        ("/run/openvpc/dev/pts", 0o755),
        ("/run/openvpc/dev/shm", 0o1777),
        ("/run/lock", 0o1777),
    ] {
        DirBuilder::new().create(path).context(path)?;
        fs::set_permissions(path, Permissions::from_mode(mode)).context(path)?;
    }
    fs::write(BLANK, "").context(BLANK)?;

    if let Ok(executable) = executable {
        let program = format!("{OWN}/openvpc");
        fs::write(&program, "").context(&*program)?;
        // A daemon whose file was replaced since it started leaves its instances without the built-in programs.
        if bind_open(&executable, Path::new(&program)).is_ok() {
            for name in applets::NAMES {
                symlink("../openvpc", Path::new(BIN).join(name)).context(*name)?;
            }
            for name in applets::FIRST_NAMES {
                symlink("../openvpc", Path::new(SBIN).join(name)).context(*name)?;
            }
        }
    }
    devices()?;
    cover("/run/openvpc/scratch/tmp", "/tmp")?;
    cover("/run/openvpc/scratch/var-tmp", "/var/tmp")?;
    DirBuilder::new().mode(0o755).create(HOME).context(HOME)?;
    let settings = processes()?;
    names(setup)?;
    if let Some(authority) = &setup.certificate_authority {
        trust::install(authority)?;
    }
    homes::cover(&setup.homes)?;
    setup.hidden.iter().try_for_each(|path| hide(path))?;
    Ok(settings)
}

/// A `/dev` of eight harmless devices, own terminals and own shared memory.
fn devices() -> Result<(), SetupError> {
    let dev = Path::new("/run/openvpc/dev");
    for name in ["null", "zero", "full", "random", "urandom", "tty"] {
        let (from, to) = (Path::new("/dev").join(name), dev.join(name));
        fs::write(&to, "").context(name)?;
        bind(&from, &to).context(format!("binding /dev/{name}"))?;
    }
    let options = Some("newinstance,ptmxmode=0666,mode=0620");
    let flags = MsFlags::MS_NOSUID | MsFlags::MS_NOEXEC;
    mount(
        Some("devpts"),
        "/run/openvpc/dev/pts",
        Some("devpts"),
        flags,
        options,
    )
    .context("mounting /dev/pts")?;
    for (target, name) in [
        ("pts/ptmx", "ptmx"),
        ("/proc/self/fd", "fd"),
        ("/proc/self/fd/0", "stdin"),
        ("/proc/self/fd/1", "stdout"),
        ("/proc/self/fd/2", "stderr"),
    ] {
        symlink(target, dev.join(name)).context(name)?;
    }
    cover("/run/openvpc/dev", "/dev")
}

/// The settings under `/proc/sys/net`, writable beneath covers that are not.
pub struct NetworkSettings(File);

impl NetworkSettings {
    /// Opens those of the network namespace that the caller is in, in the mount namespace that the caller is in: settings of
    /// the sandbox's own network are its root's business.
    ///
    /// Each network namespace has entries of its own there, and what is mounted on them is met by nobody else. So those of
    /// namespaces that an instance makes for itself stay read-only; a read-only mount on the one entry of
    /// [`GLOBAL_SETTINGS`] would not hold for them.
    ///
    /// # Errors
    /// When a mount fails.
    pub fn open(&self) -> io::Result<()> {
        let from = PathBuf::from(format!("/proc/self/fd/{}", self.0.as_raw_fd()));
        for entry in fs::read_dir(NETWORK_SETTINGS)? {
            let name = entry?.file_name();
            let place = Path::new(NETWORK_SETTINGS).join(&name);
            if place.is_dir() {
                bind(&from.join(&name), &place)?;
            }
        }
        let there = |setting: &&Path| setting.exists();
        let mut global = GLOBAL_SETTINGS.into_iter().map(Path::new).filter(there);
        global.try_for_each(read_only)
    }
}

const NETWORK_SETTINGS: &str = "/proc/sys/net";
/// Settings that stand among a network namespace's own, but are one switch for the whole kernel.
const GLOBAL_SETTINGS: [&str; 1] = ["/proc/sys/net/netfilter/nf_hooks_lwtunnel"];

/// A `/proc` of this pid namespace only, in which nothing can be changed yet but processes.
fn processes() -> Result<NetworkSettings, SetupError> {
    let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV | MsFlags::MS_NOEXEC;
    mount(Some("proc"), "/proc", Some("proc"), flags, None::<&str>)
        .context("mounting /proc (a container must not mask it)")?;
    let net = open_path(Path::new(NETWORK_SETTINGS)).context("opening /proc/sys/net")?;
    for entry in fs::read_dir("/proc").context("reading /proc")? {
        let entry = entry.context("reading /proc")?;
        let name = entry.file_name();
        let is_process = name.as_bytes().iter().all(u8::is_ascii_digit);
        let Ok(metadata) = entry.metadata() else {
            continue;
        };
        let writable = metadata.is_dir() || metadata.permissions().mode() & 0o222 != 0;
        if is_process || metadata.is_symlink() || !writable {
            continue;
        }
        read_only(&entry.path()).context(format!("protecting {}", entry.path().display()))?;
    }
    Ok(NetworkSettings(net))
}

/// Own hostname, hosts and resolver files over the host's, where it has them.
fn names(setup: &Setup) -> Result<(), SetupError> {
    write_hostname(&setup.hostname).context(HOSTNAME)?;
    write_hosts(&setup.hostname, None).context(HOSTS)?;
    let lines: String = setup
        .nameservers
        .iter()
        .map(|server| format!("nameserver {server}\n"))
        .collect();
    write_resolver(&lines).context(RESOLV_CONF)?;
    for own in [HOSTNAME, HOSTS, RESOLV_CONF] {
        let own = Path::new(own);
        let Some(name) = own.file_name() else {
            continue;
        };
        let mut place = Path::new("/etc").join(name);
        if let Ok(target) = fs::read_link(&place) {
            place = Path::new("/etc").join(target);
            // A link into /run (systemd's resolver) points into the new, empty one.
            if place.starts_with("/run") || place.starts_with("/etc/../run") {
                let target = Path::new("/").join(place.strip_prefix("/etc/..").unwrap_or(&place));
                if let Some(folder) = target.parent() {
                    fs::create_dir_all(folder).context("the resolver's folder")?;
                }
                symlink(own, &target).context("the resolver's file")?;
                continue;
            }
        }
        if place.exists() {
            bind(own, &place).context(format!("binding {}", place.display()))?;
        }
    }
    Ok(())
}

pub fn write_hostname(hostname: &str) -> io::Result<()> {
    fs::write(HOSTNAME, format!("{hostname}\n"))
}

/// The hosts file; programs that ask for their own name need no resolver.
pub fn write_hosts(hostname: &str, address: Option<std::net::IpAddr>) -> io::Result<()> {
    let mut text = String::from("127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n");
    if let Some(address) = address {
        let short = hostname.split('.').next().unwrap_or(hostname);
        text.push_str(&format!("{address} {hostname} {short}\n"));
    }
    fs::write(HOSTS, text)
}

pub fn write_resolver(text: &str) -> io::Result<()> {
    fs::write(RESOLV_CONF, text)
}

/// What only the second user namespace may mount: a view of its own network devices. Read-only stays locked, because the
/// host's own view below it is.
pub fn mount_sysfs() -> Result<(), SetupError> {
    let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV | MsFlags::MS_NOEXEC | MsFlags::MS_RDONLY;
    mount(Some("sysfs"), "/sys", Some("sysfs"), flags, None::<&str>)
        .or_else(|_| {
            mount(
                Some("tmpfs"),
                "/sys",
                Some("tmpfs"),
                flags,
                Some("size=0,nr_inodes=1"),
            )
        })
        .context("mounting /sys")
}

/// Makes `path` read as empty. A path that does not exist hides already.
fn hide(path: &Path) -> Result<(), SetupError> {
    let Ok(path) = path.canonicalize() else {
        return Ok(());
    };
    let Ok(metadata) = path.metadata() else {
        return Ok(());
    };
    let cover = Path::new(if metadata.is_dir() { EMPTY } else { BLANK });
    let hidden = bind(cover, &path)
        .and_then(|()| sys::mount_attributes(&c_path(&path)?, libc::MOUNT_ATTR_RDONLY, false));
    hidden.context(format!("hiding {}", path.display()))
}

fn cover(own: &str, place: &str) -> Result<(), SetupError> {
    if !Path::new(place).is_dir() {
        return Ok(());
    }
    let flags = MsFlags::MS_BIND | MsFlags::MS_REC;
    mount(Some(own), place, None::<&str>, flags, None::<&str>).context(format!("covering {place}"))
}

pub fn bind(from: &Path, to: &Path) -> io::Result<()> {
    Ok(mount(
        Some(from),
        to,
        None::<&str>,
        MsFlags::MS_BIND,
        None::<&str>,
    )?)
}

/// Names a place by a descriptor, so that later covers do not matter.
pub fn open_path(path: &Path) -> io::Result<File> {
    File::options()
        .read(true)
        .custom_flags(libc::O_PATH)
        .open(path)
}

pub fn bind_open(from: &File, to: &Path) -> io::Result<()> {
    bind(
        &PathBuf::from(format!("/proc/self/fd/{}", from.as_raw_fd())),
        to,
    )
}

fn read_only(path: &Path) -> io::Result<()> {
    bind(path, path)?;
    sys::mount_attributes(&c_path(path)?, libc::MOUNT_ATTR_RDONLY, true)
}

pub fn c_path(path: &Path) -> io::Result<CString> {
    Ok(CString::new(path.as_os_str().as_bytes())?)
}
