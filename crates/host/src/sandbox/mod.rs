//! A Linux sandbox that plays an instance or a host of the internet (D12): its own network, mounts, processes, name and
//! root, over the host's programs.
//!
//! Here is the daemon's side: start, speak to, end. [`init`] is the other side, in the sandbox.

mod dhcp;
mod dhcpv6;
pub mod files;
mod homes;
pub mod init;
mod network;
mod process;
pub mod protocol;
mod trust;

use std::ffi::CString;
use std::fs::{self, File};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};

use nix::sys::wait::{Id, WaitPidFlag, waitid};
use nix::unistd::Pid;

use crate::sys;
use protocol::{Channel, Order, Received, Report, Setup};

/// A running sandbox. Dropping it kills every process in it and waits for them.
pub struct Sandbox {
    pid: Pid,
    pidfd: OwnedFd,
    control: Channel,
}

impl Sandbox {
    /// Starts the first process of a sandbox and hands it `setup`; it reports when there is something to do.
    ///
    /// The sandbox dies with the calling *thread*, which therefore should live as long as the daemon.
    ///
    /// # Errors
    /// What the kernel refused.
    pub fn start(executable: &OwnedFd, setup: &Setup) -> io::Result<Self> {
        let (control, init_end) = Channel::pair()?;
        let argv = [CString::new(init::INIT_NAME)?];
        let spawned = sys::spawn_in_namespaces(executable, &argv, &init_end)?;
        let process = PathBuf::from("/proc").join(spawned.pid.to_string());
        let identities = || {
            fs::write(process.join("uid_map"), &setup.uid_map)?;
            fs::write(process.join("gid_map"), &setup.gid_map)
        };
        // Dropped before it is released, the process ends by itself; it is waited for below.
        let mapped = identities();
        let pid = spawned.pid;
        let (pid, pidfd) = match mapped {
            Ok(()) => spawned.release()?,
            Err(error) => {
                drop(spawned);
                nix::sys::wait::waitpid(pid, None)?;
                return Err(error);
            }
        };
        let sandbox = Self {
            pid,
            pidfd,
            control,
        };
        sandbox
            .control
            .send(&Order::Setup(Box::new(setup.clone())), &[], &[])?;
        Ok(sandbox)
    }

    /// As the daemon's pid namespace counts it.
    pub fn pid(&self) -> Pid {
        self.pid
    }

    /// Names the process without the danger that its number is another's by now.
    pub fn pidfd(&self) -> BorrowedFd<'_> {
        self.pidfd.as_fd()
    }

    /// Readable when a report is there.
    pub fn control(&self) -> BorrowedFd<'_> {
        self.control.as_fd()
    }

    pub fn order(&self, order: &Order, strings: &[u8], fds: &[BorrowedFd<'_>]) -> io::Result<()> {
        self.control.send(order, strings, fds)
    }

    /// Kills every process of it, without waiting.
    pub fn kill(&self) {
        sys::kill(&self.pidfd);
    }

    /// Waits for the next report; `None` when the sandbox has ended.
    pub fn report(&self) -> io::Result<Option<Received<Report>>> {
        self.control.receive()
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.kill();
        // The kernel lets the first process of a pid namespace end last, so after this nothing of the sandbox runs.
        while let Err(nix::errno::Errno::EINTR) =
            waitid(Id::PIDFd(self.pidfd.as_fd()), WaitPidFlag::WEXITED)
        {}
    }
}

/// What is the same in every sandbox of a daemon.
pub struct Template {
    /// Opened once, so that replacing the file does not matter to a running daemon.
    pub executable: OwnedFd,
    executable_path: PathBuf,
    uid_map: String,
    gid_map: String,
    hidden: Vec<PathBuf>,
    homes: Vec<PathBuf>,
    environment: Vec<(String, String)>,
    certificate_authority: Option<String>,
}

/// Bytes that one sandbox may write in all.
const SCRATCH_BYTES: u64 = 256 << 20;

impl Template {
    /// Reads what every sandbox takes over from this process. `hidden`: the daemon's own folders and sockets.
    /// `share_home`: home folders are seen, but for keys.
    /// `certificate_authority`: whom sandboxes trust beside the machine's authorities.
    pub fn new(
        hidden: &[PathBuf],
        share_home: bool,
        certificate_authority: Option<String>,
    ) -> io::Result<Self> {
        let mut hidden = hidden.to_vec();
        hidden.extend(SYSTEM_SECRETS.iter().map(PathBuf::from));
        for home in homes() {
            hidden.extend(
                HOME_SECRETS
                    .iter()
                    .map(|name| home.join(name))
                    .filter(|path| path.exists()),
            );
        }
        let mut environment = environment();
        if certificate_authority.is_some() {
            let variables = trust::VARIABLES.iter();
            environment
                .extend(variables.map(|name| ((*name).to_owned(), trust::BUNDLE.to_owned())));
        }
        Ok(Self {
            executable: File::open("/proc/self/exe")?.into(),
            executable_path: std::env::current_exe()?,
            uid_map: identity_map("/proc/self/uid_map")?,
            gid_map: identity_map("/proc/self/gid_map")?,
            hidden,
            homes: if share_home {
                Vec::new()
            } else {
                homes::covered()
            },
            environment,
            certificate_authority,
        })
    }

    pub fn setup(&self, hostname: String, nameservers: Vec<std::net::IpAddr>) -> Setup {
        Setup {
            hostname,
            executable: self.executable_path.clone(),
            uid_map: self.uid_map.clone(),
            gid_map: self.gid_map.clone(),
            hidden: self.hidden.clone(),
            homes: self.homes.clone(),
            scratch_bytes: SCRATCH_BYTES,
            environment: self.environment.clone(),
            nameservers,
            certificate_authority: self.certificate_authority.clone(),
        }
    }
}

/// Maps each identity that this process has to itself.
fn identity_map(path: &str) -> io::Result<String> {
    let map = fs::read_to_string(path)?;
    let extents = map.lines().filter_map(|line| {
        let mut fields = line.split_ascii_whitespace();
        let (inside, _outside, count) = (fields.next()?, fields.next()?, fields.next()?);
        Some(format!("{inside} {inside} {count}\n"))
    });
    Ok(extents.collect())
}

/// Files of the host that no instance may read, whoever the daemon runs as.
const SYSTEM_SECRETS: &[&str] = &[
    "/etc/shadow",
    "/etc/shadow-",
    "/etc/gshadow",
    "/etc/gshadow-",
    "/etc/ssl/private",
    "/etc/ssh",
    "/etc/sudoers",
    "/etc/sudoers.d",
    "/etc/krb5.keytab",
    "/etc/kubernetes",
    "/var/lib/docker",
    "/var/lib/containerd",
    "/var/lib/kubelet",
    "/boot",
];

/// The same, below every home folder.
const HOME_SECRETS: &[&str] = &[
    ".ssh",
    ".aws",
    ".azure",
    ".gnupg",
    ".kube",
    ".docker",
    ".netrc",
    ".git-credentials",
    ".npmrc",
    ".pypirc",
    ".pgpass",
    ".my.cnf",
    ".vault-token",
    ".terraform.d/credentials.tfrc.json",
    ".cargo/credentials",
    ".cargo/credentials.toml",
    ".config",
    ".local/share/keyrings",
    ".mozilla",
    ".bash_history",
    ".zsh_history",
    ".python_history",
];

fn homes() -> Vec<PathBuf> {
    let mut homes = vec![PathBuf::from("/root")];
    homes.extend(std::env::var_os("HOME").map(PathBuf::from));
    homes.extend(
        fs::read_dir("/home")
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path()),
    );
    homes.sort();
    homes.dedup();
    homes
}

/// Variables that say where programs are or how people read, none that may hold a secret.
fn environment() -> Vec<(String, String)> {
    const PASSED: &[&str] = &[
        "LANG",
        "LC_ALL",
        "TZ",
        "TERM",
        "PYENV_ROOT",
        "RUSTUP_HOME",
        "JAVA_HOME",
        "NVM_DIR",
        "RBENV_ROOT",
        "GOROOT",
    ];
    // Tools that look below HOME, which is another one in a sandbox.
    const BELOW_HOME: &[(&str, &str)] = &[
        ("PYENV_ROOT", ".pyenv"),
        ("RUSTUP_HOME", ".rustup"),
        ("RBENV_ROOT", ".rbenv"),
    ];
    const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    let path = std::env::var("PATH").unwrap_or_else(|_| PATH.to_owned());
    let mut variables = vec![
        (
            "PATH".to_owned(),
            format!("{}:{path}:{}", files::SBIN, files::BIN),
        ),
        ("HOME".to_owned(), files::HOME.to_owned()),
        ("USER".to_owned(), "root".to_owned()),
        ("SHELL".to_owned(), "/bin/sh".to_owned()),
    ];
    for name in PASSED {
        variables.extend(
            std::env::var(name)
                .ok()
                .map(|value| ((*name).to_owned(), value)),
        );
    }
    let home = std::env::var_os("HOME").map(PathBuf::from);
    for (name, folder) in BELOW_HOME {
        let unset = variables.iter().all(|(known, _)| known != name);
        let found = home
            .as_deref()
            .map(|home: &Path| home.join(folder))
            .filter(|path| unset && path.is_dir());
        variables
            .extend(found.and_then(|path| Some(((*name).to_owned(), path.to_str()?.to_owned()))));
    }
    variables
}
