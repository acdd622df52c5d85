//! What the daemon and a sandbox's init say to each other, over a socket pair that keeps message borders (unix(7)).
//!
//! A message is a header's length (4 bytes, host order), the header as JSON, and for a command its raw strings, each
//! ended by a zero byte; descriptors travel beside it. Neither side trusts a length: a bad message ends the sandbox.

use std::ffi::OsString;
use std::io::{self, IoSlice, IoSliceMut};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;

use nix::sys::socket::{
    AddressFamily, Backlog, ControlMessage, ControlMessageOwned, MsgFlags, SockFlag, SockType,
    UnixAddr, bind, connect, getsockopt, listen, recv, recvmsg, sendmsg, socket, socketpair,
    sockopt,
};
use nix::sys::stat::{Mode, umask};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// From the daemon.
#[derive(Debug, Serialize, Deserialize)]
pub enum Order {
    /// The first message: what to build.
    Setup(Box<Setup>),
    /// All interfaces that should be there; new ones exist already. The first time it ends the building.
    Interfaces(Vec<InterfaceConfig>),
    /// Run a command (strings: directory, arguments, environment). Descriptors: its three streams, or none for a terminal.
    Exec {
        id: u32,
        arguments: usize,
        terminal: Option<WindowSize>,
    },
    /// Signal the process group of a command.
    Signal { id: u32, signal: i32 },
    /// Hang up on a command, and kill it if it does not mind.
    HangUp { id: u32 },
}

/// From the init.
#[derive(Debug, Serialize, Deserialize)]
pub enum Report {
    /// Namespaces stand; interfaces may be put in.
    Namespaces,
    /// The interfaces are up; static addresses are set.
    Up,
    /// Addresses were leased, or leased again after a change.
    Leased {
        /// Of which interface.
        index: u16,
        /// None on an IPv6-only subnet.
        address: Option<Ipv4Addr>,
    },
    /// A command runs. With a terminal the descriptor of its master is beside.
    Started {
        id: u32,
    },
    Exited {
        id: u32,
        status: Status,
    },
    /// It is about to end, and wants to begin anew.
    Reboots,
    /// Setting up failed for good.
    Failed(String),
}

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    Exited(i32),
    Signaled(i32),
}

impl Status {
    /// As a shell reports it: 128 + n for signal n.
    pub fn exit_code(self) -> i32 {
        match self {
            Self::Exited(code) => code,
            Self::Signaled(signal) => 128 + signal,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WindowSize {
    pub rows: u16,
    pub columns: u16,
}

/// Everything an init needs to know; nothing that its root should not.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Setup {
    pub hostname: String,
    /// The program that plays the applets, as a path of the host.
    pub executable: PathBuf,
    /// Identity map of user and group ids, as `/proc/PID/uid_map` reads it.
    pub uid_map: String,
    pub gid_map: String,
    /// Files and folders of the host that read as empty.
    pub hidden: Vec<PathBuf>,
    /// Home folders of the host, and folders of such, of which only toolchains are shown.
    pub homes: Vec<PathBuf>,
    /// Of everything writable together.
    pub scratch_bytes: u64,
    pub environment: Vec<(String, String)>,
    /// Used until DHCP names others.
    pub nameservers: Vec<IpAddr>,
    /// A certificate (PEM) to be trusted beside the machine's own.
    pub certificate_authority: Option<String>,
}

/// One interface as its sandbox should have it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InterfaceConfig {
    /// Its name is `eth` and this number.
    pub index: u16,
    pub mac: [u8; 6],
    pub network: Network,
}

impl InterfaceConfig {
    /// The name of the interface with an index.
    pub fn name(index: u16) -> String {
        format!("eth{index}")
    }
}

/// The addresses of one interface.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Network {
    pub ipv4: Ipv4,
    /// Beside that of `ipv4`, with prefix lengths; DHCP does not tell them.
    pub secondary_ipv4: Vec<(Ipv4Addr, u8)>,
    pub ipv6: Ipv6,
}

impl Network {
    /// Whether an address is asked for over the wire, and one without it is none yet.
    pub fn is_leased(&self) -> bool {
        match self.ipv4 {
            Ipv4::Dhcp => true,
            Ipv4::None => matches!(self.ipv6, Ipv6::Dhcp(_)),
            Ipv4::Static { .. } => false,
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ipv4 {
    /// Asked for over the wire, and renewed.
    #[default]
    Dhcp,
    Static {
        address: Ipv4Addr,
        prefix_len: u8,
        gateway: Option<Ipv4Addr>,
    },
    None,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ipv6 {
    #[default]
    None,
    /// Asked for over the wire: the router, and these addresses by DHCPv6. What is set is what the server gives; this
    /// list, when it changes, says that it is time to ask again.
    Dhcp(Vec<Ipv6Addr>),
    Static {
        address: Ipv6Addr,
        prefix_len: u8,
        gateway: Option<Ipv6Addr>,
    },
}

/// A command to run in a sandbox.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExecRequest {
    /// The first is the program, looked for in the sandbox's `PATH` when it has no slash.
    pub arguments: Vec<OsString>,
    /// `NAME=value`, over the sandbox's own.
    pub environment: Vec<OsString>,
    /// The home folder when `None`.
    pub directory: Option<PathBuf>,
    /// Give it a terminal of this size instead of three streams.
    pub terminal: Option<WindowSize>,
}

impl ExecRequest {
    pub fn new<S: Into<OsString>>(arguments: impl IntoIterator<Item = S>) -> Self {
        Self {
            arguments: arguments.into_iter().map(Into::into).collect(),
            ..Self::default()
        }
    }

    /// Directory, arguments and environment, each ended by a zero byte.
    ///
    /// # Errors
    /// `InvalidInput` for no program, a zero byte in a string, or strings beyond [`COMMAND_LEN_MAX`].
    pub fn strings(&self) -> io::Result<Vec<u8>> {
        let mut strings = Vec::new();
        let directory = self
            .directory
            .as_deref()
            .map_or("".as_ref(), |path| path.as_os_str());
        for string in [directory].into_iter().chain(
            self.arguments
                .iter()
                .chain(&self.environment)
                .map(OsString::as_os_str),
        ) {
            if string.as_bytes().contains(&0) {
                return Err(invalid("a zero byte in the command"));
            }
            strings.extend_from_slice(string.as_bytes());
            strings.push(0);
        }
        if self.arguments.is_empty() {
            return Err(invalid("no command given"));
        }
        if strings.len() > COMMAND_LEN_MAX {
            return Err(invalid("the command is longer than 96 KiB"));
        }
        Ok(strings)
    }

    /// # Errors
    /// As [`ExecRequest::strings`].
    pub fn encode(&self, id: u32) -> io::Result<(Order, Vec<u8>)> {
        let strings = self.strings()?;
        Ok((
            Order::Exec {
                id,
                arguments: self.arguments.len(),
                terminal: self.terminal,
            },
            strings,
        ))
    }

    /// The inverse of [`ExecRequest::strings`].
    pub fn decode(arguments: usize, terminal: Option<WindowSize>, strings: &[u8]) -> Option<Self> {
        let mut strings = strings
            .strip_suffix(&[0])?
            .split(|byte| *byte == 0)
            .map(|s| OsString::from_vec(s.to_vec()));
        let directory = strings
            .next()
            .filter(|directory| !directory.is_empty())
            .map(PathBuf::from);
        let all: Vec<OsString> = strings.collect();
        if arguments == 0 || arguments > all.len() {
            return None;
        }
        let (arguments, environment) = all.split_at(arguments);
        Some(Self {
            arguments: arguments.to_vec(),
            environment: environment.to_vec(),
            directory,
            terminal,
        })
    }
}

/// Below the kernel's default socket buffer, so that one message always fits.
pub const COMMAND_LEN_MAX: usize = 96 * 1024;
const MESSAGE_LEN_MAX: usize = COMMAND_LEN_MAX + 32 * 1024;
const FDS_MAX: usize = 3;

/// One end of the conversation.
pub struct Channel(OwnedFd);

/// A received message.
pub struct Received<T> {
    pub message: T,
    pub strings: Vec<u8>,
    pub fds: Vec<OwnedFd>,
}

impl Channel {
    pub fn new(socket: OwnedFd) -> Self {
        Self(socket)
    }

    /// Two connected ends, neither of which survives an execute. This one never waits to send.
    pub fn pair() -> io::Result<(Self, OwnedFd)> {
        let (here, there) = socketpair(
            AddressFamily::Unix,
            SockType::SeqPacket,
            None,
            SockFlag::SOCK_CLOEXEC,
        )?;
        nix::fcntl::fcntl(
            &here,
            nix::fcntl::FcntlArg::F_SETFL(nix::fcntl::OFlag::O_NONBLOCK),
        )?;
        Ok((Self(here), there))
    }

    /// Connects to where somebody listens.
    pub fn connect(address: &UnixAddr) -> nix::Result<Self> {
        let socket = unix_socket()?;
        connect(socket.as_raw_fd(), address)?;
        Ok(Self(socket))
    }

    /// Listens at an address whose name is this user's alone: its mode is narrowed before it exists.
    pub fn listen(address: &UnixAddr, backlog: Backlog) -> nix::Result<OwnedFd> {
        let socket = unix_socket()?;
        let mask = umask(Mode::from_bits_truncate(0o177));
        let bound = bind(socket.as_raw_fd(), address);
        umask(mask);
        bound?;
        listen(&socket, backlog)?;
        Ok(socket)
    }

    /// Whether the other end was opened by this process's user.
    pub fn is_own_users(&self) -> bool {
        let peer = getsockopt(&self.0, sockopt::PeerCredentials);
        peer.is_ok_and(|peer| peer.uid() == nix::unistd::geteuid().as_raw())
    }

    /// Waits for the next connection to a listening `SOCK_SEQPACKET` socket.
    pub fn accept(listener: BorrowedFd<'_>) -> io::Result<Self> {
        loop {
            match nix::sys::socket::accept4(listener.as_raw_fd(), SockFlag::SOCK_CLOEXEC) {
                // SAFETY: the kernel just made this descriptor for this process; nobody else owns it.
                Ok(fd) => return Ok(Self(unsafe { OwnedFd::from_raw_fd(fd) })),
                Err(nix::errno::Errno::EINTR) => continue,
                Err(errno) => return Err(errno.into()),
            }
        }
    }

    /// Sends one message: a header, raw strings, and descriptors.
    pub fn send(
        &self,
        message: &impl Serialize,
        strings: &[u8],
        fds: &[BorrowedFd<'_>],
    ) -> io::Result<()> {
        let header = serde_json::to_vec(message)?;
        if header.len() + strings.len() + 4 > MESSAGE_LEN_MAX {
            return Err(invalid("message too long"));
        }
        let header_len = (header.len() as u32).to_ne_bytes();
        let parts = [
            IoSlice::new(&header_len),
            IoSlice::new(&header),
            IoSlice::new(strings),
        ];
        let raw: Vec<RawFd> = fds.iter().map(AsRawFd::as_raw_fd).collect();
        let control = [ControlMessage::ScmRights(&raw)];
        let control = if raw.is_empty() {
            &[][..]
        } else {
            &control[..]
        };
        loop {
            match sendmsg::<()>(
                self.0.as_raw_fd(),
                &parts,
                control,
                MsgFlags::MSG_NOSIGNAL,
                None,
            ) {
                Err(nix::errno::Errno::EINTR) => continue,
                sent => return sent.map(drop).map_err(Into::into),
            }
        }
    }

    /// Waits for the next message; `None` when the other end is gone.
    pub fn receive<T: DeserializeOwned>(&self) -> io::Result<Option<Received<T>>> {
        let peek = MsgFlags::MSG_PEEK | MsgFlags::MSG_TRUNC;
        let len = loop {
            match recv(self.0.as_raw_fd(), &mut [], peek) {
                Err(nix::errno::Errno::EINTR) => continue,
                Err(nix::errno::Errno::ECONNRESET) | Ok(0) => return Ok(None),
                len => break len?,
            }
        };
        if len > MESSAGE_LEN_MAX {
            return Err(invalid("message too long"));
        }
        let mut bytes = vec![0; len];
        let mut space = nix::cmsg_space!([RawFd; FDS_MAX]);
        let mut parts = [IoSliceMut::new(&mut bytes)];
        let received = match recvmsg::<()>(
            self.0.as_raw_fd(),
            &mut parts,
            Some(&mut space),
            MsgFlags::MSG_CMSG_CLOEXEC,
        ) {
            // The other side closed since the message was looked at; it is still there, and this is told once.
            Err(nix::errno::Errno::ECONNRESET | nix::errno::Errno::EINTR) => return self.receive(),
            received => received?,
        };
        let mut fds = Vec::new();
        for control in received.cmsgs()? {
            if let ControlMessageOwned::ScmRights(raw) = control {
                // SAFETY: the kernel just installed these descriptors for this process; nobody else owns them.
                fds.extend(
                    raw.into_iter()
                        .map(|fd| unsafe { OwnedFd::from_raw_fd(fd) }),
                );
            }
        }
        let header_len = bytes
            .first_chunk()
            .map_or(0, |len| u32::from_ne_bytes(*len) as usize);
        let (header, strings) = bytes
            .get(4..)
            .and_then(|rest| rest.split_at_checked(header_len))
            .ok_or_else(|| invalid("short message"))?;
        Ok(Some(Received {
            message: serde_json::from_slice(header)?,
            strings: strings.to_vec(),
            fds,
        }))
    }
}

impl AsFd for Channel {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

fn unix_socket() -> nix::Result<OwnedFd> {
    let flags = SockFlag::SOCK_CLOEXEC;
    socket(AddressFamily::Unix, SockType::SeqPacket, flags, None)
}

fn invalid(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_survives_the_wire_with_its_descriptors() {
        let (daemon, init) = Channel::pair().unwrap();
        let init = Channel::new(init);
        let request = ExecRequest {
            arguments: vec!["sh".into(), OsString::from_vec(vec![0xff, b'x'])],
            environment: vec!["A=b".into()],
            directory: Some("/tmp".into()),
            terminal: Some(WindowSize {
                rows: 24,
                columns: 80,
            }),
        };
        let (order, strings) = request.encode(7).unwrap();
        daemon.send(&order, &strings, &[daemon.as_fd()]).unwrap();
        let received = init.receive::<Order>().unwrap().unwrap();
        let Order::Exec {
            id: 7,
            arguments,
            terminal,
        } = received.message
        else {
            panic!("{:?}", received.message)
        };
        assert_eq!(
            ExecRequest::decode(arguments, terminal, &received.strings),
            Some(request)
        );
        assert_eq!(received.fds.len(), 1);
        drop(received);
        drop(daemon);
        assert!(init.receive::<Order>().unwrap().is_none());
    }

    #[test]
    fn a_command_that_does_not_fit_is_refused() {
        assert!(
            ExecRequest::new(["x".repeat(COMMAND_LEN_MAX)])
                .encode(1)
                .is_err()
        );
        assert!(ExecRequest::new(["a\0b"]).encode(1).is_err());
        assert!(ExecRequest::default().encode(1).is_err());
        assert!(ExecRequest::decode(3, None, b"\0a\0").is_none());
    }

    #[test]
    fn a_message_with_a_lying_header_length_is_an_error() {
        let (daemon, init) = Channel::pair().unwrap();
        nix::unistd::write(&daemon.0, &[0xff; 8]).unwrap();
        assert!(Channel::new(init).receive::<Order>().is_err());
    }
}
