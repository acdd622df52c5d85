//! Commands inside a sandbox: started as children of its init, found again by the daemon's number for them.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::ffi::{CString, OsStr, OsString};
use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::fcntl::{OFlag, open};
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, kill, killpg, sigaction};
use nix::sys::stat::Mode;
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::{ForkResult, Pid, dup2_stderr, dup2_stdin, dup2_stdout, execve, fork, setsid};

use super::files::HOME;
use super::protocol::{ExecRequest, Status};
use crate::sys;

/// Commands at one time in one sandbox; more are refused.
const COMMANDS_MAX: usize = 1024;
/// For a command to end after its client went away.
const GRACE: Duration = Duration::from_secs(5);

pub struct Processes {
    running: BTreeMap<i32, u32>,
    /// When to kill whom that was hung up on.
    hung_up: BTreeMap<u32, Instant>,
    environment: Vec<(OsString, OsString)>,
}

impl Processes {
    pub fn new(environment: Vec<(String, String)>) -> Self {
        let environment = environment
            .into_iter()
            .map(|(name, value)| (name.into(), value.into()))
            .collect();
        Self {
            running: BTreeMap::new(),
            hung_up: BTreeMap::new(),
            environment,
        }
    }

    /// Starts a command in a session of its own. Answers the master of its terminal, if it asked for one.
    ///
    /// # Errors
    /// The status to report when no process could be made.
    pub fn spawn(
        &mut self,
        id: u32,
        request: &ExecRequest,
        fds: Vec<OwnedFd>,
    ) -> Result<Option<OwnedFd>, Status> {
        const NOT_STARTED: Status = Status::Exited(125);
        if self.running.len() >= COMMANDS_MAX {
            return Err(NOT_STARTED);
        }
        let (streams, master) = match (&request.terminal, <[OwnedFd; 3]>::try_from(fds)) {
            (None, Ok(streams)) => (Streams::Given(streams), None),
            (Some(size), _) => {
                let (master, peer) =
                    open_terminal(size.rows, size.columns).map_err(|_| NOT_STARTED)?;
                (Streams::Terminal(peer), Some(master))
            }
            (None, Err(_)) => return Err(NOT_STARTED),
        };
        // SAFETY: the init has one thread, so the child may do anything.
        match unsafe { fork() } {
            Ok(ForkResult::Child) => {
                let Err(error) = self.become_command(request, streams);
                let program = request
                    .arguments
                    .first()
                    .map(OsString::as_os_str)
                    .unwrap_or_default();
                let _ = writeln!(
                    io::stderr(),
                    "openvpc: {}: {}",
                    program.display(),
                    error.desc()
                );
                std::process::exit(if error == Errno::ENOENT { 127 } else { 126 });
            }
            Ok(ForkResult::Parent { child }) => {
                self.running.insert(child.as_raw(), id);
                Ok(master)
            }
            Err(_) => Err(NOT_STARTED),
        }
    }

    fn become_command(&self, request: &ExecRequest, streams: Streams) -> Result<Infallible, Errno> {
        let session = setsid();
        match &streams {
            Streams::Given([stdin, stdout, stderr]) => {
                dup2_stdin(stdin)?;
                dup2_stdout(stdout)?;
                dup2_stderr(stderr)?;
            }
            Streams::Terminal(terminal) => {
                dup2_stdin(terminal)?;
                dup2_stdout(terminal)?;
                dup2_stderr(terminal)?;
                sys::set_controlling_terminal(terminal).map_err(errno)?;
            }
        }
        session?;
        SigSet::empty().thread_set_mask()?;
        let default = SigAction::new(SigHandler::SigDfl, SaFlags::empty(), SigSet::empty());
        // SAFETY: the default disposition runs no code of ours. (Rust programs start with SIGPIPE ignored.)
        unsafe { sigaction(Signal::SIGPIPE, &default)? };
        nix::unistd::chdir(request.directory.as_deref().unwrap_or(Path::new(HOME)))?;

        let mut environment = self.environment.clone();
        for assignment in &request.environment {
            let mut parts = assignment.as_bytes().splitn(2, |byte| *byte == b'=');
            let (Some(name), Some(value)) = (parts.next(), parts.next()) else {
                continue;
            };
            environment.retain(|(known, _)| known.as_bytes() != name);
            environment.push((
                OsStr::from_bytes(name).into(),
                OsStr::from_bytes(value).into(),
            ));
        }
        let path = environment
            .iter()
            .find(|(name, _)| name == "PATH")
            .map(|(_, value)| value.clone());
        let arguments: Vec<CString> = request
            .arguments
            .iter()
            .map(|argument| c_string(argument.as_bytes()))
            .collect();
        let variables: Vec<CString> = environment
            .iter()
            .map(|(name, value)| c_string(&[name.as_bytes(), b"=", value.as_bytes()].concat()))
            .collect();
        let program = arguments.first().ok_or(Errno::EINVAL)?;
        // Above the three streams nothing passes on, whatever its flags say.
        sys::close_on_execute(3).map_err(errno)?;
        if program.as_bytes().contains(&b'/') {
            return execve(program, &arguments, &variables);
        }
        let mut refusal = Errno::ENOENT;
        for folder in path
            .unwrap_or_default()
            .as_bytes()
            .split(|byte| *byte == b':')
            .filter(|folder| !folder.is_empty())
        {
            let candidate = c_string(&[folder, b"/", program.as_bytes()].concat());
            let Err(error) = execve(&candidate, &arguments, &variables);
            // A folder that may not be entered has no programs, as for a shell.
            if nix::sys::stat::stat(candidate.as_c_str()).is_ok() {
                refusal = error;
            }
        }
        Err(refusal)
    }

    /// Signals a command and what it started in its session's first group.
    pub fn signal(&self, id: u32, signal: i32) {
        let Ok(signal) = Signal::try_from(signal) else {
            return;
        };
        if let Some((pid, _)) = self.running.iter().find(|(_, known)| **known == id) {
            let pid = Pid::from_raw(*pid);
            // One that has only just been made has no group yet; one that has just ended needs no signal.
            let _ = killpg(pid, signal).or_else(|_| kill(pid, signal));
        }
    }

    /// Tells every process to end and waits a while for it; the kernel kills the rest when the init ends.
    pub fn end_all(&mut self) {
        const WAIT: Duration = Duration::from_millis(500);
        const STEP: Duration = Duration::from_millis(10);
        let _ = kill(Pid::from_raw(-1), Signal::SIGTERM);
        let end = Instant::now() + WAIT;
        while Instant::now() < end {
            match waitpid(None, Some(WaitPidFlag::WNOHANG)) {
                Err(Errno::ECHILD) => return,
                Ok(WaitStatus::StillAlive) => std::thread::sleep(STEP),
                _ => {}
            }
        }
    }

    /// Hangs up on a command whose client is gone; it has a while to end.
    pub fn hang_up(&mut self, id: u32, now: Instant) {
        self.signal(id, Signal::SIGHUP as i32);
        self.signal(id, Signal::SIGCONT as i32);
        if self.running.values().any(|known| *known == id) {
            self.hung_up.insert(id, now + GRACE);
        }
    }

    /// When to call [`Processes::enforce`].
    pub fn deadline(&self) -> Option<Instant> {
        self.hung_up.values().min().copied()
    }

    /// Kills those whose time is over.
    pub fn enforce(&mut self, now: Instant) {
        let over: Vec<u32> = self
            .hung_up
            .iter()
            .filter(|(_, at)| **at <= now)
            .map(|(id, _)| *id)
            .collect();
        for id in over {
            self.hung_up.remove(&id);
            self.signal(id, Signal::SIGKILL as i32);
        }
    }

    /// Buries every ended child, orphans included, and answers the commands among them.
    pub fn reap(&mut self) -> Vec<(u32, Status)> {
        let mut ended = Vec::new();
        loop {
            let (pid, status) = match waitpid(None, Some(WaitPidFlag::WNOHANG)) {
                Ok(WaitStatus::Exited(pid, code)) => (pid, Status::Exited(code)),
                Ok(WaitStatus::Signaled(pid, signal, _)) => (pid, Status::Signaled(signal as i32)),
                Err(Errno::EINTR) => continue,
                Ok(WaitStatus::StillAlive) | Err(_) => return ended,
                Ok(_) => continue,
            };
            if let Some(id) = self.running.remove(&pid.as_raw()) {
                self.hung_up.remove(&id);
                ended.push((id, status));
            }
        }
    }
}

enum Streams {
    Given([OwnedFd; 3]),
    Terminal(OwnedFd),
}

/// A terminal of the sandbox's own: master and the command's side.
fn open_terminal(rows: u16, columns: u16) -> io::Result<(OwnedFd, OwnedFd)> {
    let master = open(
        "/dev/pts/ptmx",
        OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_CLOEXEC,
        Mode::empty(),
    )?;
    let peer = sys::open_pty_peer(&master)?;
    sys::set_window_size(&master, rows, columns)?;
    Ok((master, peer))
}

fn c_string(bytes: &[u8]) -> CString {
    // Zero bytes cannot arrive: they separate the strings on the wire.
    CString::new(bytes).unwrap_or_default()
}

fn errno(error: io::Error) -> Errno {
    Errno::from_raw(error.raw_os_error().unwrap_or(libc::EIO))
}
