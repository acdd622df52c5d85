//! The control socket: what the command line asks the daemon, beside the AWS API.
//!
//! One `SOCK_SEQPACKET` connection per command; each message is one JSON document, files travel
//! beside it (`SCM_RIGHTS`). The socket is the owner's alone: mode 0600, and the peer's user is
//! checked again when it connects.

use std::fs::File;
use std::io::{Seek, Write};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};

use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::sys::socket::{Backlog, Shutdown, UnixAddr, shutdown};
use openvpc_flows::{Filter, Row};
use openvpc_host::{Channel, WindowSize};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::questions::Question;

/// What the command line asks.
#[derive(Debug, Serialize, Deserialize)]
pub enum Request {
    /// Run a program; standard streams come as three files beside the message.
    Exec(ExecRequest),
    /// Show flow records as they come, or those of the last seconds.
    Flows(FlowsRequest),
    Reset,
    Status,
    /// Lose an availability zone, by id or name, or restore it; answered once that is enforced.
    FaultZone {
        zone: String,
        down: bool,
    },
    /// Which faults are in force.
    FaultList,
    /// A question about reachability. The answer is written into the first file beside the message; what the question is
    /// about comes in the second.
    Ask(Question),
    /// Tell the whole configuration, without identities.
    World,
    /// Wait until the revision (the newest if none is said) is enforced.
    WaitApplied {
        revision: Option<u64>,
    },
    /// Wait until flow logs have delivered what was seen so far.
    WaitDelivered,
}

/// A program to run in an instance or an outside host.
#[derive(Debug, Serialize, Deserialize)]
pub struct ExecRequest {
    /// Instance id or outside host's name.
    pub target: String,
    pub command: Vec<String>,
    pub environment: Vec<(String, String)>,
    /// Set if the caller sits at a terminal.
    pub terminal: Option<WindowSize>,
}

/// Which flow records a command line wants.
#[derive(Debug, Serialize, Deserialize)]
pub struct FlowsRequest {
    pub filter: Filter,
    /// How many seconds back to begin.
    pub last_secs: u32,
    /// Whether to go on with what comes.
    pub follow: bool,
}

/// What the daemon answers.
#[derive(Debug, Serialize, Deserialize)]
pub enum Answer {
    /// Flow records, after `lost` others (whatever the filter) that went by because nobody took them.
    Flows { lost: u64, rows: Vec<Row> },
    /// A part of a long text.
    Part(String),
    /// The command is carried out.
    Done(Value),
    /// The program runs at a terminal; its other end comes as a file beside the message.
    Terminal,
    /// The program ended with this status (128 + signal when a signal ended it).
    Exited { status: u8 },
    /// It was not carried out, and why.
    Refused { reason: String },
}

/// One end of a connection.
pub struct Connection(Channel);

impl Connection {
    /// Connects to a daemon.
    ///
    /// # Errors
    /// A sentence for the user when nobody listens there.
    pub fn open(path: &Path) -> Result<Connection, String> {
        let channel = Channel::connect(&address_of(path)?).map_err(|e| {
            format!(
                "no daemon answers at {} ({}): start one with `openvpc up`, or name its socket with --socket or OPENVPC_SOCKET",
                path.display(),
                e.desc()
            )
        })?;
        Ok(Connection(channel))
    }

    /// Sends one message with its files.
    pub fn send(&self, message: &impl Serialize, files: &[BorrowedFd]) -> Result<(), String> {
        self.0
            .send(message, &[], files)
            .map_err(|e| format!("cannot send to the other side: {e}"))
    }

    /// Asks the daemon for something. One that has turned this user away has said why before.
    pub fn ask(&self, request: &Request, files: &[BorrowedFd]) -> Result<(), String> {
        self.send(request, files)
            .map_err(|gone| match self.receive() {
                Ok(Some((Answer::Refused { reason }, _))) => reason,
                _ => gone,
            })
    }

    /// Receives the next message and its files; `None` when the other side closed.
    pub fn receive<T: DeserializeOwned>(&self) -> Result<Option<(T, Vec<OwnedFd>)>, String> {
        let read = || {
            let received = self.0.receive();
            received.map_err(|e| format!("cannot read from the other side: {e}"))
        };
        // A side that closed with something unread is told first as a reset, even if it had answered.
        let received = match read()? {
            None => read()?,
            some => some,
        };
        Ok(received.map(|received| (received.message, received.fds)))
    }
}

impl AsFd for Connection {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// `sockaddr_un`, less the final zero (unix(7)).
const PATH_MAX: usize = 107;

fn address_of(path: &Path) -> Result<UnixAddr, String> {
    UnixAddr::new(path).map_err(|e| match e {
        nix::Error::ENAMETOOLONG => format!(
            "the socket's path {} is too long for a socket: name one of at most {PATH_MAX} bytes with --socket or OPENVPC_SOCKET",
            path.display()
        ),
        e => format!(
            "no socket can be at {} ({}): name another with --socket or OPENVPC_SOCKET",
            path.display(),
            e.desc()
        ),
    })
}

/// Asks one thing and waits for the answer.
pub fn call(socket: &Path, request: &Request) -> Result<Value, String> {
    let connection = Connection::open(socket)?;
    connection.ask(request, &[])?;
    match connection.receive::<Answer>()? {
        Some((Answer::Done(value), _)) => Ok(value),
        Some((Answer::Refused { reason }, _)) => Err(reason),
        Some((other, _)) => Err(format!("the daemon answered out of turn: {other:?}")),
        None => Err("the daemon closed the connection without an answer".to_owned()),
    }
}

/// Asks a question about reachability; question and answer may be longer than a message.
pub fn ask_question(
    socket: &Path,
    question: Question,
    about: Option<&str>,
) -> Result<Value, String> {
    let mut answer = anonymous_file("answer")?;
    let mut files = vec![answer.try_clone().map_err(|e| e.to_string())?];
    if let Some(about) = about {
        let mut file = anonymous_file("question")?;
        file.write_all(about.as_bytes())
            .and_then(|()| file.rewind())
            .map_err(|e| format!("cannot hand the file over: {e}"))?;
        files.push(file);
    }
    let files: Vec<BorrowedFd> = files.iter().map(AsFd::as_fd).collect();
    let connection = Connection::open(socket)?;
    connection.ask(&Request::Ask(question), &files)?;
    match connection.receive::<Answer>()? {
        Some((Answer::Done(_), _)) => {}
        Some((Answer::Refused { reason }, _)) => return Err(reason),
        Some((other, _)) => return Err(format!("the daemon answered out of turn: {other:?}")),
        None => return Err("the daemon closed the connection without an answer".to_owned()),
    }
    answer
        .rewind()
        .map_err(|e| format!("cannot read the answer: {e}"))?;
    serde_json::from_reader(std::io::BufReader::new(answer))
        .map_err(|e| format!("the daemon answered strangely: {e}"))
}

fn anonymous_file(name: &str) -> Result<File, String> {
    memfd_create(name, MFdFlags::MFD_CLOEXEC)
        .map(File::from)
        .map_err(|e| format!("cannot make a file in memory: {e}"))
}

/// The daemon's end: a listening socket that is removed when dropped.
pub struct Listener {
    fd: OwnedFd,
    path: PathBuf,
}

impl Listener {
    /// Listens at `path`, replacing a socket that nobody answers any more.
    ///
    /// # Errors
    /// A sentence for the user when another daemon answers there or the folder refuses.
    pub fn bind(path: &Path) -> Result<Listener, String> {
        if Connection::open(path).is_ok() {
            return Err(format!(
                "another openvpc answers at {}: stop it, or choose another --socket",
                path.display()
            ));
        }
        if let Ok(metadata) = std::fs::symlink_metadata(path) {
            use std::os::unix::fs::FileTypeExt;
            if !metadata.file_type().is_socket() {
                return Err(format!(
                    "{} exists and is not a socket: choose another --socket",
                    path.display()
                ));
            }
            std::fs::remove_file(path)
                .map_err(|e| format!("cannot replace {}: {e}", path.display()))?;
        }
        let backlog = Backlog::new(64).map_err(|e| e.to_string())?;
        let fd = Channel::listen(&address_of(path)?, backlog).map_err(|e| {
            format!(
                "cannot listen at {}: {e}; choose another --socket",
                path.display()
            )
        })?;
        Ok(Listener {
            fd,
            path: path.to_owned(),
        })
    }

    /// Waits for the next command line; `None` when the listener was shut down. Strangers are
    /// turned away.
    pub fn accept(&self) -> Option<Connection> {
        loop {
            let channel = match Channel::accept(self.fd.as_fd()) {
                Ok(channel) => channel,
                Err(error) if error.kind() == std::io::ErrorKind::ConnectionAborted => continue,
                Err(_) => return None,
            };
            let is_own = channel.is_own_users();
            let connection = Connection(channel);
            if is_own {
                return Some(connection);
            }
            let reason = "this daemon is another user's: start one of your own with `openvpc up`";
            // Whoever does not wait for the sentence needs none.
            let _ = connection.send(
                &Answer::Refused {
                    reason: reason.to_owned(),
                },
                &[],
            );
        }
    }

    /// Wakes whoever waits in [`Listener::accept`], for good.
    pub fn shut_down(&self) {
        let _ = shutdown(self.fd.as_raw_fd(), Shutdown::Both);
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_too_long_is_refused_with_what_to_do() {
        let long = Path::new("/tmp").join("x".repeat(200));
        let refusal = Listener::bind(&long).err().unwrap();
        assert!(refusal.contains("at most 107 bytes"), "{refusal}");
        assert!(refusal.contains("--socket"), "{refusal}");
    }
}
