//! Starting a data plane, and finding one that runs on.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nix::fcntl::OFlag;
use nix::sched::{CloneFlags, setns};
use nix::sys::socket::{AddressFamily, Backlog, SockFlag, SockType, UnixAddr, socketpair};
use nix::sys::stat::Mode;
use openvpc_host::{Channel, Received};

use crate::client::{DataPlane, Told};
use crate::protocol::{Config, Greeting, ToDaemon, ToPlane, VERSION};

/// The name by which the program is told that it is a data plane.
pub(crate) const NAME: &str = "openvpc-dataplane";
/// In the daemon's folder: where the process is found, and what it says to nobody else.
const SOCKET: &str = "dataplane.sock";
const LOG: &str = "dataplane.log";

/// The first descriptor beyond the standard streams.
const FIRST_FREE: i32 = 3;
/// The end of a process after it has said that it ends.
const END_WAIT: Duration = Duration::from_secs(5);

/// Why there is no data plane.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct StartError(String);

fn refused(what: &str) -> impl Fn(io::Error) -> StartError {
    move |error| StartError(format!("{what}: {error}"))
}

/// A data plane that has outlived its daemon, or has one now.
pub struct Running {
    channel: Channel,
    greeting: Greeting,
    user_namespace: OwnedFd,
}

impl Running {
    /// Looks for one in a daemon's folder.
    ///
    /// # Errors
    /// It is of another version: it can only be ended.
    pub fn find(folder: &Path) -> Result<Option<Running>, StartError> {
        let Some(running) = Running::greeted(folder)? else {
            return Ok(None);
        };
        let greeting = &running.greeting;
        if greeting.version != VERSION {
            return Err(StartError(format!(
                "instances of another openvpc run on (data plane {}, process {}; this is {VERSION}): end them with `openvpc down`, or start that version again",
                greeting.version, greeting.pid
            )));
        }
        Ok(Some(running))
    }

    fn greeted(folder: &Path) -> Result<Option<Running>, StartError> {
        let Ok(channel) = connect_to(folder) else {
            return Ok(None);
        };
        let received = channel.receive::<Greeting>();
        let received =
            received.map_err(refused("the data plane that runs on is not understood"))?;
        let Some(Received {
            message: greeting,
            fds,
            ..
        }) = received
        else {
            return Ok(None);
        };
        let user_namespace = fds.into_iter().next();
        Ok(user_namespace.map(|user_namespace| Running {
            channel,
            greeting,
            user_namespace,
        }))
    }

    /// Enters its user namespace, where this process then is what the one before was. The process must have one thread.
    ///
    /// # Errors
    /// It is another user's.
    pub fn join(&self) -> Result<(), StartError> {
        let is_here = || -> io::Result<bool> {
            let here = nix::sys::stat::stat("/proc/self/ns/user")?;
            let there = nix::sys::stat::fstat(&self.user_namespace)?;
            Ok((here.st_dev, here.st_ino) == (there.st_dev, there.st_ino))
        };
        if is_here().map_err(refused("looking at namespaces"))? {
            return Ok(());
        }
        setns(&self.user_namespace, CloneFlags::CLONE_NEWUSER).map_err(|errno| {
            StartError(format!(
                "instances run on that another user started ({errno}): let that user start openvpc, or end them"
            ))
        })
    }

    /// Whether the machine's own root runs it.
    pub fn is_root(&self) -> bool {
        self.greeting.is_root
    }

    /// Becomes its daemon.
    ///
    /// # Errors
    /// What it does not take over.
    pub fn take_over(self, config: Config, told: Told) -> Result<DataPlane, StartError> {
        let order = ToPlane::TakeOver(Box::new(config));
        let sent = self.channel.send(&order, &[], &[]);
        sent.map_err(refused("the data plane that runs on is gone"))?;
        welcomed(self.channel, self.greeting.pid, told).map_err(|StartError(reason)| {
            StartError(format!(
                "{reason}: start openvpc as before, or end them with `openvpc down`"
            ))
        })
    }
}

/// Starts a data plane; it lives as long as this process, or in a folder until it is told to end.
///
/// # Errors
/// What this machine does not allow.
pub fn start(config: Config, told: Told) -> Result<DataPlane, StartError> {
    let start = refused("cannot start the data plane");
    let (here, there) = socketpair(
        AddressFamily::Unix,
        SockType::SeqPacket,
        None,
        SockFlag::SOCK_CLOEXEC,
    )
    .map_err(|errno| start(errno.into()))?;
    // What the daemon was handed by whoever started it is not to be kept open by what outlives it.
    openvpc_host::close_on_execute(FIRST_FREE).map_err(&start)?;
    let mut command = Command::new("/proc/self/exe");
    command.arg0(NAME).stdin(there).stdout(Stdio::null());
    if let Some(folder) = &config.folder {
        let mut log = OpenOptions::new();
        log.write(true).create(true).truncate(true).mode(0o600);
        command.stderr(log.open(folder.join(LOG)).map_err(&start)?);
        // It must not keep a folder busy that somebody wants to unmount.
        command.current_dir("/");
    }
    let mut child = command.spawn().map_err(&start)?;
    let channel = Channel::new(here);
    drop(command);
    let pid = child.id();
    let order = ToPlane::TakeOver(Box::new(config));
    channel.send(&order, &[], &[]).map_err(&start)?;
    let welcomed = welcomed(channel, pid, told);
    // Its end is seen by the connection; this only takes note of it.
    let reaper = std::thread::Builder::new().name("reaper".to_owned());
    let waited = reaper.spawn(move || drop(child.wait()));
    waited.map_err(start)?;
    welcomed
}

fn welcomed(channel: Channel, pid: u32, told: Told) -> Result<DataPlane, StartError> {
    match channel.receive::<ToDaemon>() {
        Ok(Some(Received {
            message: ToDaemon::Welcome(welcome),
            fds,
            ..
        })) => {
            let services = fds.into_iter().next().map(File::from);
            let services = services.ok_or_else(|| StartError("no namespace came along".into()))?;
            DataPlane::new(channel, pid, welcome, services, told)
                .map_err(refused("cannot start a thread"))
        }
        Ok(Some(Received {
            message: ToDaemon::Refused(reason),
            ..
        })) => Err(StartError(reason)),
        Ok(Some(_)) => Err(StartError("the data plane spoke out of turn".to_owned())),
        Ok(None) => Err(StartError("the data plane ended at once".to_owned())),
        Err(error) => Err(refused("the data plane is not understood")(error)),
    }
}

/// Ends what runs in a folder, with or without a daemon; false if nothing does.
///
/// # Errors
/// It does not end.
pub fn down(folder: &Path) -> Result<bool, StartError> {
    let Some(running) = Running::greeted(folder)? else {
        return Ok(false);
    };
    let sent = running.channel.send(&ToPlane::Down, &[], &[]);
    sent.map_err(refused("the data plane is gone"))?;
    // The other side closes when it has ended.
    while let Ok(Some(_)) = running.channel.receive::<serde_json::Value>() {}
    match await_end(running.greeting.pid) {
        true => Ok(true),
        false => Err(StartError(format!(
            "process {} does not end",
            running.greeting.pid
        ))),
    }
}

/// Waits until a process runs no program any more.
pub(crate) fn await_end(pid: u32) -> bool {
    let program = format!("/proc/{pid}/exe");
    let end = Instant::now() + END_WAIT;
    while std::fs::read_link(&program).is_ok() {
        if Instant::now() > end {
            return false;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    true
}

/// Listens in a folder, whatever lay there before.
///
/// # Errors
/// What the folder refuses.
pub(crate) fn listen(folder: &Path) -> Result<OwnedFd, String> {
    let path = folder.join(SOCKET);
    let attempt = || -> io::Result<OwnedFd> {
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let (_folder, address) = address_in(folder)?;
        Ok(Channel::listen(&address, Backlog::new(8)?)?)
    };
    attempt().map_err(|error| format!("cannot listen at {}: {error}", path.display()))
}

/// Whether there is a socket in the folder.
pub(crate) fn is_listened_at(folder: &Path) -> bool {
    let found = std::fs::symlink_metadata(folder.join(SOCKET));
    // Whatever else keeps it from being looked at may pass.
    !found.is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
}

/// Can be found no more.
pub(crate) fn forget(folder: &Path) {
    let _ = std::fs::remove_file(folder.join(SOCKET));
}

fn connect_to(folder: &Path) -> io::Result<Channel> {
    let (_folder, address) = address_in(folder)?;
    Ok(Channel::connect(&address)?)
}

/// By way of the open folder, for a socket's path has a bound that a folder's has not (unix(7)).
fn address_in(folder: &Path) -> io::Result<(OwnedFd, UnixAddr)> {
    let flags = OFlag::O_PATH | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
    let folder = nix::fcntl::open(folder, flags, Mode::empty())?;
    let number = folder.as_fd().as_raw_fd();
    let address = UnixAddr::new(format!("/proc/self/fd/{number}/{SOCKET}").as_str())?;
    Ok((folder, address))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Somebody who greets one caller in a folder, as a data plane of a version does.
    fn greeting_in(folder: &Path, version: &str) -> std::thread::JoinHandle<()> {
        let listener = listen(folder).unwrap();
        let greeting = Greeting {
            version: version.to_owned(),
            pid: 4_242,
            is_root: false,
        };
        std::thread::spawn(move || {
            let channel = Channel::accept(listener.as_fd()).unwrap();
            let user = File::open("/proc/self/ns/user").unwrap();
            channel.send(&greeting, &[], &[user.as_fd()]).unwrap();
        })
    }

    #[test]
    fn another_version_is_refused_by_name_with_the_way_out() {
        let folder = tempfile::tempdir().unwrap();
        let greeter = greeting_in(folder.path(), "0.0.9/7");
        let refusal = Running::find(folder.path()).err().unwrap().to_string();
        for told in ["0.0.9/7", VERSION, "4242", "openvpc down"] {
            assert!(refusal.contains(told), "{told}: {refusal}");
        }
        greeter.join().unwrap();

        let greeter = greeting_in(folder.path(), VERSION);
        let found = Running::find(folder.path()).unwrap().unwrap();
        found.join().unwrap();
        greeter.join().unwrap();
    }

    #[test]
    fn where_nobody_listens_nothing_runs() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Running::find(folder.path()).unwrap().is_none());
        assert!(
            Running::find(&folder.path().join("none"))
                .unwrap()
                .is_none()
        );
        // A socket that its process has left behind.
        drop(listen(folder.path()).unwrap());
        assert!(is_listened_at(folder.path()));
        assert!(Running::find(folder.path()).unwrap().is_none());
        assert!(!down(folder.path()).unwrap());
        forget(folder.path());
        assert!(!is_listened_at(folder.path()));
    }
}
