//! The first process of a sandbox: builds it, then waits, reaps, runs commands and keeps the leases.
//!
//! Single-threaded, small, and dead with the daemon: it ends when its control socket closes, and the kernel kills it
//! when the daemon's thread dies; with it goes every process of the sandbox. Its root cannot trace it (not dumpable).

use std::ffi::OsStr;
use std::io::{self, Read, Write};
use std::net::IpAddr;
use std::os::fd::AsFd;
use std::path::Path;
use std::time::{Duration, Instant};
use std::{env, fs};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sched::{CloneFlags, setns, unshare};
use nix::sys::prctl;
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use nix::unistd::{ForkResult, fork};

use super::dhcp;
use super::files::{self, Context, NetworkSettings, SetupError};
use super::network::{Granted, Interfaces};
use super::process::Processes;
use super::protocol::{Channel, ExecRequest, Order, Report, Setup};
use crate::{applets, sys};

/// The name by which the program is told that it is an init.
pub const INIT_NAME: &str = "openvpc-init";
/// After so long without work an init gives its memory back.
const QUIET: Duration = Duration::from_millis(300);

/// Becomes a sandbox's init or a built-in program if started as one, and never returns then.
///
/// Must be the first thing that `main` does, while the process has one thread.
pub fn main_if_init() {
    let mut arguments = env::args_os();
    let Some(program) = arguments.next() else {
        return;
    };
    let Some(name) = Path::new(&program).file_name().and_then(OsStr::to_str) else {
        return;
    };
    if name == INIT_NAME {
        if let Some(control) = sys::take_control_socket() {
            std::process::exit(run(Channel::new(control)));
        }
    } else if applets::NAMES.contains(&name) || applets::FIRST_NAMES.contains(&name) {
        std::process::exit(applets::run(name, arguments));
    }
}

fn run(control: Channel) -> i32 {
    match start(&control).and_then(|init| init.serve(&control)) {
        Ok(()) => 0,
        Err(error) => {
            // If even this cannot be sent, the daemon sees the end of the process.
            let _ = control.send(&Report::Failed(error.to_string()), &[], &[]);
            1
        }
    }
}

struct Init {
    processes: Processes,
    signals: SignalFd,
    interfaces: Interfaces,
    hostname: String,
}

/// From a bare process in new namespaces to interfaces that are up.
fn start(control: &Channel) -> Result<Init, SetupError> {
    let setup = match next_order(control)? {
        Order::Setup(setup) => *setup,
        other => return Err(unexpected(&other)),
    };
    bound_processes()?;
    let settings = files::build(&setup)?;
    enter_inner_namespaces(&setup, &settings)?;
    drop(settings);
    files::mount_sysfs()?;
    nix::unistd::sethostname(&setup.hostname).context("setting the hostname")?;
    prepare_network()?;
    control
        .send(&Report::Namespaces, &[], &[])
        .context("reporting")?;

    let wanted = match next_order(control)? {
        Order::Interfaces(wanted) => wanted,
        other => return Err(unexpected(&other)),
    };
    let mut interfaces = Interfaces::new().context("bringing lo up")?;
    interfaces
        .adopt(wanted)
        .context("configuring the interfaces")?;
    control.send(&Report::Up, &[], &[]).context("reporting")?;

    let mut mask = SigSet::empty();
    // Beside the ends of children: what tells a first process to power off or to reboot (signal(7), systemd(1)), and to
    // renew its leases.
    for signal in [
        Signal::SIGCHLD,
        Signal::SIGTERM,
        Signal::SIGINT,
        Signal::SIGPWR,
        Signal::SIGHUP,
    ] {
        mask.add(signal);
    }
    mask.thread_block().context("blocking signals")?;
    let signals = SignalFd::with_flags(&mask, SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK)
        .context("signalfd")?;
    let processes = Processes::new(setup.environment);
    env::set_current_dir("/").context("entering /")?;
    Ok(Init {
        processes,
        signals,
        interfaces,
        hostname: setup.hostname,
    })
}

fn next_order(control: &Channel) -> Result<Order, SetupError> {
    match control
        .receive::<Order>()
        .context("reading the control socket")?
    {
        Some(received) => Ok(received.message),
        None => Err(io::Error::from(io::ErrorKind::UnexpectedEof)).context("the daemon is gone"),
    }
}

fn unexpected(order: &Order) -> SetupError {
    match Err::<(), _>(io::Error::from(io::ErrorKind::InvalidData))
        .context(format!("unexpected {order:?}"))
    {
        Err(error) => error,
        Ok(()) => unreachable!("made of an error"),
    }
}

/// Enters the user namespace in which the sandbox's root lives, with the namespaces that this root may command.
///
/// The mounts built so far arrive in it locked. A helper that stays outside writes the identity maps: only a process of
/// the parent namespace may map more than itself. It also opens the settings of the new network namespace, so that what
/// stays closed among them arrives locked too.
fn enter_inner_namespaces(setup: &Setup, settings: &NetworkSettings) -> Result<(), SetupError> {
    let (mut wait, mut go) = io::pipe().context("making a pipe")?;
    // SAFETY: the process has one thread, so the child may do anything.
    match unsafe { fork() }.context("starting a helper")? {
        ForkResult::Child => {
            drop(go);
            let mapped = wait
                .read_exact(&mut [0])
                .and_then(|()| fs::write("/proc/1/uid_map", &setup.uid_map))
                .and_then(|()| fs::write("/proc/1/gid_map", &setup.gid_map))
                .and_then(|()| fs::File::open("/proc/1/ns/net"))
                .and_then(|network| Ok(setns(network, CloneFlags::CLONE_NEWNET)?))
                .and_then(|()| settings.open());
            std::process::exit(
                mapped
                    .err()
                    .and_then(|error| error.raw_os_error())
                    .unwrap_or(0),
            );
        }
        ForkResult::Parent { child } => {
            unshare(
                CloneFlags::CLONE_NEWUSER
                    | CloneFlags::CLONE_NEWNET
                    | CloneFlags::CLONE_NEWUTS
                    | CloneFlags::CLONE_NEWIPC,
            )
            .context("making the inner namespaces")?;
            go.write_all(b"+").context("starting the maps")?;
            match nix::sys::wait::waitpid(child, None).context("waiting for the maps")? {
                nix::sys::wait::WaitStatus::Exited(_, 0) => {}
                nix::sys::wait::WaitStatus::Exited(_, errno) => {
                    return Err(io::Error::from_raw_os_error(errno))
                        .context("mapping identities and opening network settings");
                }
                _ => {
                    return Err(io::Error::from(io::ErrorKind::Interrupted))
                        .context("mapping identities and opening network settings");
                }
            }
            unshare(CloneFlags::CLONE_NEWNS).context("copying the mounts")?;
        }
    }
    // After the last change of credentials, which would clear them.
    prctl::set_pdeathsig(Some(Signal::SIGKILL)).context("tying life to the daemon's")?;
    prctl::set_dumpable(false).context("hiding from debuggers")?;
    prctl::set_no_new_privs().context("refusing new privileges")?;
    sys::keep_sockets_inside().context("keeping sockets inside")
}

/// Bounds a sandbox's processes, where the kernel counts them per pid namespace (Linux 6.14); before that the setting is
/// the whole machine's, and not ours to change.
fn bound_processes() -> Result<(), SetupError> {
    const PROCESSES_MAX: &str = "4096";
    if crate::preflight::kernel_version() >= (6, 14) {
        fs::write("/proc/sys/kernel/pid_max", PROCESSES_MAX).context("bounding processes")?;
    }
    Ok(())
}

/// This process asks for the IPv6 addresses and the router; the kernel need not look for them or test them.
fn prepare_network() -> Result<(), SetupError> {
    // Loose, whatever the host's own setting: with several interfaces answers may come in by another.
    for (scope, value) in [("all", "0"), ("default", "2")] {
        let path = format!("/proc/sys/net/ipv4/conf/{scope}/rp_filter");
        fs::write(&path, value).context(path)?;
    }
    for name in [
        "accept_ra",
        "accept_dad",
        "router_solicitations",
        "dad_transmits",
    ] {
        let path = format!("/proc/sys/net/ipv6/conf/default/{name}");
        if Path::new(&path).exists() {
            fs::write(&path, "0").context(path)?;
        }
    }
    Ok(())
}

impl Init {
    /// Waits for the daemon, for children and for the DHCP server, until the daemon is gone.
    fn serve(mut self, control: &Channel) -> Result<(), SetupError> {
        // Whether it did anything since it last gave its memory back.
        let mut grown = true;
        loop {
            let dues = [self.interfaces.deadline(), self.processes.deadline()];
            let deadline = dues.into_iter().flatten().min();
            let quiet_at = grown.then(|| Instant::now() + QUIET);
            let wake = [deadline, quiet_at].into_iter().flatten().min();
            let timeout = wake.map_or(PollTimeout::NONE, |at| {
                let wait = at.saturating_duration_since(Instant::now());
                PollTimeout::try_from(wait.as_millis().saturating_add(1))
                    .unwrap_or(PollTimeout::MAX)
            });
            let mut fds = vec![
                PollFd::new(control.as_fd(), PollFlags::POLLIN),
                PollFd::new(self.signals.as_fd(), PollFlags::POLLIN),
            ];
            let sockets = self.interfaces.sockets();
            fds.extend(sockets.map(|socket| PollFd::new(socket, PollFlags::POLLIN)));
            match poll(&mut fds, timeout) {
                Ok(0) if grown && quiet_at == wake => {
                    sys::release_clean_pages();
                    grown = false;
                    continue;
                }
                Ok(_) | Err(nix::errno::Errno::EINTR) => grown = true,
                Err(error) => return Err(error).context("waiting"),
            }
            let ready: Vec<bool> = fds.iter().map(|fd| fd.any().unwrap_or(false)).collect();
            if ready[2..].contains(&true) || deadline.is_some_and(|at| at <= Instant::now()) {
                self.keep_leases(control)?;
                self.processes.enforce(Instant::now());
            }
            if ready[1] {
                let mut ends = false;
                let mut reboots = false;
                while let Ok(Some(signal)) = self.signals.read_signal() {
                    match Signal::try_from(signal.ssi_signo as i32) {
                        Ok(Signal::SIGCHLD) => {}
                        Ok(Signal::SIGHUP) => self.interfaces.renew(),
                        Ok(Signal::SIGINT) => (ends, reboots) = (true, true),
                        _ => ends = true,
                    }
                }
                if ends {
                    self.processes.end_all();
                    if reboots {
                        control
                            .send(&Report::Reboots, &[], &[])
                            .context("reporting")?;
                    }
                    return Ok(());
                }
                for (id, status) in self.processes.reap() {
                    control
                        .send(&Report::Exited { id, status }, &[], &[])
                        .context("reporting")?;
                }
            }
            if ready[0] && !self.obey(control)? {
                return Ok(());
            }
        }
    }

    /// Follows one order; false when the daemon is gone.
    fn obey(&mut self, control: &Channel) -> Result<bool, SetupError> {
        let Some(received) = control
            .receive::<Order>()
            .context("reading the control socket")?
        else {
            return Ok(false);
        };
        match received.message {
            Order::Exec {
                id,
                arguments,
                terminal,
            } => {
                let request = ExecRequest::decode(arguments, terminal, &received.strings);
                match request.map(|request| self.processes.spawn(id, &request, received.fds)) {
                    Some(Ok(master)) => {
                        let fds: Vec<_> = master.iter().map(AsFd::as_fd).collect();
                        control
                            .send(&Report::Started { id }, &[], &fds)
                            .context("reporting")?;
                    }
                    Some(Err(status)) => {
                        control
                            .send(&Report::Exited { id, status }, &[], &[])
                            .context("reporting")?;
                    }
                    None => {
                        return Err(unexpected(&Order::Exec {
                            id,
                            arguments,
                            terminal,
                        }));
                    }
                }
            }
            Order::Signal { id, signal } => self.processes.signal(id, signal),
            Order::HangUp { id } => self.processes.hang_up(id, Instant::now()),
            // What its root has done to an interface is its own affair, and no reason to end.
            Order::Interfaces(wanted) => drop(self.interfaces.adopt(wanted)),
            other @ Order::Setup(_) => return Err(unexpected(&other)),
        }
        Ok(true)
    }

    fn keep_leases(&mut self, control: &Channel) -> Result<(), SetupError> {
        for granted in self.interfaces.advance(Instant::now()) {
            // The first interface names the host and its resolver.
            if granted.index == 0 {
                self.take_names(&granted)?;
            }
            let report = Report::Leased {
                index: granted.index,
                address: granted.ipv4.map(|lease| lease.address),
            };
            control.send(&report, &[], &[]).context("reporting")?;
        }
        Ok(())
    }

    fn take_names(&mut self, granted: &Granted) -> Result<(), SetupError> {
        let lease = granted.ipv4.as_ref();
        if let Some(hostname) = lease.and_then(|lease| lease.hostname.as_ref()) {
            nix::unistd::sethostname(hostname).context("setting the hostname")?;
            files::write_hostname(hostname).context("writing the hostname")?;
            self.hostname.clone_from(hostname);
        }
        let ipv4 = lease.map(|lease| IpAddr::V4(lease.address));
        let ipv6 = granted.ipv6.addresses.first().copied().map(IpAddr::V6);
        files::write_hosts(&self.hostname, ipv4.or(ipv6)).context("writing the hosts file")?;
        let others = &granted.ipv6.name_servers;
        let resolver = match lease {
            Some(lease) => lease.resolver_text(others),
            None => dhcp::resolver_text(None, &[], others),
        };
        if let Some(resolver) = resolver {
            files::write_resolver(&resolver).context("writing the resolver's file")?;
        }
        Ok(())
    }
}
