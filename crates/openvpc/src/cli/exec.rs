//! `openvpc exec` and `openvpc internet exec`: a program in a sandbox, as if it ran here.

use std::io::{IsTerminal, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::process::ExitCode;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use nix::sys::termios::{self, SetArg, Termios};

use openvpc_host::{WindowSize, set_window_size, window_size};

use crate::daemon::control_socket::{Answer, Connection, ExecRequest, Request};

/// Runs `command` in `target` and returns its exit status.
pub fn run(socket: &Path, target: &str, command: Vec<String>) -> Result<ExitCode, String> {
    let (stdin, stdout, stderr) = (std::io::stdin(), std::io::stdout(), std::io::stderr());
    let at_terminal = stdin.is_terminal() && stdout.is_terminal();
    let connection = Connection::open(socket)?;
    let environment = std::env::var("TERM")
        .map(|term| vec![("TERM".to_owned(), term)])
        .unwrap_or_default();
    let request = Request::Exec(ExecRequest {
        target: target.to_owned(),
        command,
        environment,
        terminal: at_terminal.then(|| size_of(&stdout)),
    });
    connection.ask(&request, &[stdin.as_fd(), stdout.as_fd(), stderr.as_fd()])?;
    loop {
        match connection.receive::<Answer>()? {
            Some((Answer::Exited { status }, _)) => return Ok(ExitCode::from(status)),
            Some((Answer::Refused { reason }, _)) => return Err(reason),
            Some((Answer::Terminal, files)) => {
                let terminal = files
                    .into_iter()
                    .next()
                    .ok_or("the daemon sent no terminal")?;
                return relay(&connection, terminal).map(ExitCode::from);
            }
            Some((Answer::Done(_) | Answer::Flows { .. } | Answer::Part(_), _)) => continue,
            None => return Err("the daemon is gone, and the program with it".to_owned()),
        }
    }
}

/// The size of a terminal; 24 by 80 where it does not tell.
fn size_of(terminal: &impl AsFd) -> WindowSize {
    let (rows, columns) = window_size(terminal).unwrap_or((24, 80));
    WindowSize { rows, columns }
}

/// The user's terminal in raw mode; as it was when dropped.
struct RawMode(Termios);

impl RawMode {
    fn enter() -> Result<RawMode, String> {
        let stdin = std::io::stdin();
        let before = termios::tcgetattr(&stdin)
            .map_err(|e| format!("cannot read the terminal's mode: {e}"))?;
        let mut raw = before.clone();
        termios::cfmakeraw(&mut raw);
        termios::tcsetattr(&stdin, SetArg::TCSANOW, &raw)
            .map_err(|e| format!("cannot set the terminal: {e}"))?;
        Ok(RawMode(before))
    }
}

impl Drop for RawMode {
    fn drop(&mut self) {
        let _ = termios::tcsetattr(std::io::stdin(), SetArg::TCSANOW, &self.0);
    }
}

/// Carries bytes between the user's terminal and the program's until the program ends.
fn relay(connection: &Connection, terminal: OwnedFd) -> Result<u8, String> {
    let mut window_changes = SigSet::empty();
    window_changes.add(Signal::SIGWINCH);
    window_changes.thread_block().map_err(|e| e.to_string())?;
    let signals =
        SignalFd::with_flags(&window_changes, SfdFlags::SFD_CLOEXEC).map_err(|e| e.to_string())?;
    let _raw = RawMode::enter()?;
    let mut terminal = std::fs::File::from(terminal);
    let (mut stdin_open, mut terminal_open) = (true, true);
    let mut buffer = [0; 16 * 1024];
    loop {
        let stdin = std::io::stdin();
        let want = |open: bool| {
            if open {
                PollFlags::POLLIN
            } else {
                PollFlags::empty()
            }
        };
        // A closed side is still listed, as -1 would be, but no longer asked about.
        let mut waits = [
            PollFd::new(connection.as_fd(), PollFlags::POLLIN),
            PollFd::new(signals.as_fd(), PollFlags::POLLIN),
            PollFd::new(terminal.as_fd(), want(terminal_open)),
            PollFd::new(stdin.as_fd(), want(stdin_open)),
        ];
        let waits = if terminal_open {
            &mut waits[..]
        } else {
            &mut waits[..2]
        };
        match poll(waits, PollTimeout::NONE) {
            Ok(_) | Err(nix::errno::Errno::EINTR) => {}
            Err(e) => return Err(e.to_string()),
        }
        let ready: Vec<bool> = waits.iter().map(|w| w.any().unwrap_or(false)).collect();
        if ready.get(2) == Some(&true) {
            // A terminal whose program is gone reads as an error; its status is on the way.
            match terminal.read(&mut buffer) {
                Ok(length) if length > 0 => show(&buffer[..length])?,
                Ok(_) | Err(_) => terminal_open = false,
            }
        }
        if stdin_open && ready.get(3) == Some(&true) {
            match nix::unistd::read(&stdin, &mut buffer) {
                Ok(0) | Err(_) => stdin_open = false,
                Ok(length) => terminal
                    .write_all(&buffer[..length])
                    .map_err(|e| e.to_string())?,
            }
        }
        if ready[1] {
            let _ = signals.read_signal();
            if let Some((rows, columns)) = window_size(&std::io::stdout()) {
                let _ = set_window_size(&terminal, rows, columns);
            }
        }
        if ready[0] {
            match connection.receive::<Answer>()? {
                Some((Answer::Exited { status }, _)) => {
                    drain(&mut terminal, &mut buffer);
                    return Ok(status);
                }
                Some((Answer::Refused { reason }, _)) => return Err(reason),
                Some(_) => {}
                None => return Err("the daemon is gone, and the program with it".to_owned()),
            }
        }
    }
}

/// Writes what the program said, at once.
fn show(bytes: &[u8]) -> Result<(), String> {
    let mut stdout = std::io::stdout().lock();
    stdout
        .write_all(bytes)
        .and_then(|()| stdout.flush())
        .map_err(|e| e.to_string())
}

/// Prints what the program had still written when it ended.
fn drain(terminal: &mut std::fs::File, buffer: &mut [u8]) {
    loop {
        let mut wait = [PollFd::new(terminal.as_fd(), PollFlags::POLLIN)];
        let more = poll(&mut wait, PollTimeout::ZERO).unwrap_or(0) > 0;
        if !more {
            return;
        }
        match terminal.read(buffer) {
            Ok(0) | Err(_) => return,
            Ok(length) => drop(show(&buffer[..length])),
        }
    }
}
