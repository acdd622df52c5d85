//! A daemon under test.

use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// Who the daemon runs as.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Privilege {
    /// Whoever runs the tests.
    Own,
    /// A user without any privilege. The same as [`Privilege::Own`] when the tests are not run by root.
    Rootless,
}

const NOBODY: u32 = 65534;

/// How to start a daemon.
pub struct Options {
    pub privilege: Privilege,
    pub data_dir: Option<PathBuf>,
    /// Where the program and its socket lie, if not in a folder of this one daemon.
    pub home: Option<PathBuf>,
    pub arguments: Vec<String>,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            privilege: Privilege::Own,
            data_dir: None,
            home: None,
            arguments: Vec::new(),
        }
    }
}

impl Options {
    /// A daemon whose state stays in a folder when it ends, and whose instances run on if it is killed: until the next
    /// daemon on the folder, or the folder's end.
    pub fn kept_in(folder: &Path) -> Options {
        Options {
            data_dir: Some(folder.join("state")),
            home: Some(folder.to_owned()),
            ..Options::default()
        }
    }
}

/// A running daemon, ended when dropped.
pub struct Daemon {
    child: Child,
    endpoint: String,
    folder: tempfile::TempDir,
    socket: PathBuf,
    pub said: Vec<String>,
    program: PathBuf,
    privilege: Privilege,
}

impl Daemon {
    /// An ephemeral daemon with windows of one second.
    pub fn start(privilege: Privilege) -> Daemon {
        Daemon::start_with(Options {
            privilege,
            ..Options::default()
        })
    }

    pub fn start_with(options: Options) -> Daemon {
        let folder = tempfile::Builder::new()
            .prefix("openvpc-test-")
            .tempdir_in("/tmp")
            .unwrap();
        let home = options.home.as_deref().unwrap_or(folder.path());
        for open in [folder.path(), home] {
            std::fs::set_permissions(open, PermissionsExt::from_mode(0o777)).unwrap();
        }
        // A user without privileges may not be allowed to walk into the build folder.
        let program = home.join("openvpc");
        let built = Path::new(env!("CARGO_BIN_EXE_openvpc"));
        if !program.exists() {
            std::fs::hard_link(built, &program)
                .or_else(|_| std::fs::copy(built, &program).map(drop))
                .unwrap();
        }
        let rootless = options.privilege == Privilege::Rootless && nix::unistd::geteuid().is_root();
        let socket = home.join("socket");
        let mut command = Command::new(&program);
        command.arg("up").arg("--socket").arg(&socket);
        match &options.data_dir {
            Some(dir) => command.arg("--data-dir").arg(dir),
            None => command.arg("--ephemeral"),
        };
        if !options.arguments.iter().any(|a| a == "--listen") {
            command.args(["--listen", "127.0.0.1:0"]);
        }
        if !options.arguments.iter().any(|a| a == "--console") {
            command.args(["--console", "off"]);
        }
        if !options.arguments.iter().any(|a| a == "--flow-log-interval") {
            command.args(["--flow-log-interval", "1"]);
        }
        command.args(&options.arguments);
        if rootless {
            // Whatever the other tests are to run on: eBPF is for root.
            command
                .uid(NOBODY)
                .gid(NOBODY)
                .env_remove("OPENVPC_DATA_PATH");
        }
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = Vec::new();
        let mut endpoint = None;
        for line in BufReader::new(child.stdout.take().unwrap())
            .lines()
            .map_while(Result::ok)
        {
            endpoint = line
                .strip_prefix("ready ")
                .and_then(|r| r.split_whitespace().next())
                .map(str::to_owned);
            said.push(line);
            if endpoint.is_some() {
                break;
            }
        }
        let Some(endpoint) = endpoint else {
            panic!("not ready: {:?}; {said:?}", child.wait());
        };
        Daemon {
            child,
            endpoint,
            folder,
            socket,
            said,
            program,
            privilege: options.privilege,
        }
    }

    /// `http://127.0.0.1:PORT`.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Where its program lies.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// An `openvpc` command of the same user, pointed at this daemon.
    pub fn openvpc(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(arguments)
            .env("OPENVPC_SOCKET", self.socket())
            .stdin(Stdio::null());
        if self.privilege == Privilege::Rootless && nix::unistd::geteuid().is_root() {
            command
                .uid(NOBODY)
                .gid(NOBODY)
                .env_remove("OPENVPC_DATA_PATH");
        }
        command
    }

    pub fn socket(&self) -> PathBuf {
        self.socket.clone()
    }

    /// The process that carries packets.
    pub fn data_plane_pid(&self) -> i32 {
        let status = self.openvpc(&["status", "--output", "json"]).output();
        let status: serde_json::Value = serde_json::from_slice(&status.unwrap().stdout).unwrap();
        status["data plane pid"].as_i64().unwrap() as i32
    }

    /// Ends as with the machine: every process is killed, the one that carries packets too.
    pub fn crash(self) {
        let data_plane = Pid::from_raw(self.data_plane_pid());
        self.end_with(Signal::SIGKILL);
        kill(data_plane, Signal::SIGKILL).unwrap();
        let alive = || std::fs::read_link(format!("/proc/{data_plane}/exe")).is_ok();
        super::eventually("the data plane is gone", || (!alive()).then_some(()));
    }

    /// Sends a signal and waits for the end.
    pub fn end_with(mut self, signal: Signal) -> std::process::ExitStatus {
        kill(Pid::from_raw(self.child.id() as i32), signal).unwrap();
        self.child.wait().unwrap()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            let _ = kill(Pid::from_raw(self.child.id() as i32), Signal::SIGTERM);
            let _ = self.child.wait();
        }
    }
}

/// Processes that still run the daemon's program: sandboxes that outlived it.
pub fn leftovers(program_folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        if let Ok(exe) = std::fs::read_link(entry.path().join("exe"))
            && exe.starts_with(program_folder)
        {
            found.push(format!(
                "{} {}",
                entry.file_name().to_string_lossy(),
                exe.display()
            ));
        }
    }
    found
}
