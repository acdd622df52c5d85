//! Stock AWS clients from the Python package index, in a virtual environment below `target/`.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;

use super::Daemon;

/// The environment's `bin`, made at first use; other test processes wait for it.
fn bin() -> PathBuf {
    static BIN: LazyLock<PathBuf> = LazyLock::new(install);
    BIN.clone()
}

fn install() -> PathBuf {
    let venv = Path::new(env!("CARGO_TARGET_TMPDIR")).join("clients");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/clients/install");
    let output = Command::new(script).arg(&venv).output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    venv.join("bin")
}

/// Where the environment's Python packages lie; instances see them at the same place.
pub fn client_packages() -> PathBuf {
    let lib = bin().parent().unwrap().join("lib");
    let mut versions = std::fs::read_dir(lib).unwrap();
    versions
        .next()
        .unwrap()
        .unwrap()
        .path()
        .join("site-packages")
}

/// Leaves out the tester's own variables whose names begin so.
fn forget(command: &mut Command, prefix: &str) {
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with(prefix) {
            command.env_remove(name);
        }
    }
}

/// Only what a user is told to export, and nothing of the tester's own AWS configuration.
fn for_daemon(mut command: Command, daemon: &Daemon) -> Command {
    forget(&mut command, "AWS_");
    command
        .env("AWS_ENDPOINT_URL", daemon.endpoint())
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env("AWS_DEFAULT_REGION", "us-east-1")
        .env("AWS_CONFIG_FILE", "/dev/null")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
        .env("AWS_MAX_ATTEMPTS", "1")
        .env("AWS_PAGER", "");
    command
}

/// The stock `aws`, pointed at a daemon. The first command of a test starts it, the others are forks of that one: see
/// `clients/aws.py`.
pub fn aws_cli(daemon: &Daemon) -> Command {
    static SERVER: LazyLock<AwsServer> = LazyLock::new(AwsServer::start);
    let mut command = Command::new(bin().join("python"));
    command.args(["-I", "-S", AWS_SERVER, "run", &SERVER.name]);
    for_daemon(command, daemon)
}

const AWS_SERVER: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../scenarios/clients/aws.py"
);

struct AwsServer {
    name: String,
    /// Its standard input ends with this process, and so does it.
    _child: Child,
}

impl AwsServer {
    fn start() -> AwsServer {
        let name = format!("openvpc-test-aws-{}", std::process::id());
        let mut command = Command::new(bin().join("python"));
        forget(&mut command, "AWS_");
        let mut child = command
            .args([AWS_SERVER, "serve", &name])
            .env("AWS_CONFIG_FILE", "/dev/null")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // What a command says goes where it was told to; this would only be held open beyond the test's end.
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let said = BufReader::new(child.stdout.take().unwrap()).read_line(&mut line);
        assert!(said.is_ok() && line == "ready\n", "{said:?} {line:?}");
        AwsServer {
            name,
            _child: child,
        }
    }
}

/// The machine's own Terraform, pointed at a daemon, with nothing of the tester's configuration.
pub fn terraform(daemon: &Daemon) -> Command {
    let mut command = Command::new("terraform");
    forget(&mut command, "TF_");
    command
        .env("TF_CLI_CONFIG_FILE", "/dev/null")
        .env("TF_IN_AUTOMATION", "1")
        .env("TF_CLI_ARGS", "-no-color")
        .env("CHECKPOINT_DISABLE", "1");
    for_daemon(command, daemon)
}

/// Ansible on this machine alone, pointed at a daemon, with nothing of the tester's configuration.
pub fn ansible_playbook(daemon: &Daemon) -> Command {
    let mut command = Command::new(bin().join("ansible-playbook"));
    forget(&mut command, "ANSIBLE_");
    let configuration = daemon.folder().join("ansible.cfg");
    std::fs::write(&configuration, "").unwrap();
    command
        .args(["-i", "localhost,", "-c", "local"])
        .env("ANSIBLE_CONFIG", configuration)
        .env("ANSIBLE_PIPELINING", "1")
        .env("ANSIBLE_HOME", daemon.folder().join("ansible"))
        .env("ANSIBLE_PYTHON_INTERPRETER", bin().join("python"))
        .env("LC_ALL", "C.UTF-8");
    for_daemon(command, daemon)
}

/// `s3cmd`, pointed at a daemon.
pub fn s3cmd(daemon: &Daemon) -> Command {
    let mut command = Command::new(bin().join("s3cmd"));
    let host = daemon.endpoint().trim_start_matches("http://").to_owned();
    command.args(["--config", "/dev/null", "--no-ssl", "--no-progress"]);
    command.args(["--host", &host, "--host-bucket", &host]);
    command.env("LC_ALL", "C.UTF-8");
    for_daemon(command, daemon)
}

/// A Python program with the clients' packages, of no daemon.
pub fn client_python(program: &str) -> Command {
    let mut command = Command::new(bin().join("python"));
    command.args(["-c", program]);
    command
}

/// A Python program with boto3, pointed at a daemon.
pub fn boto3(daemon: &Daemon, program: &str) -> Command {
    let mut command = Command::new(bin().join("python"));
    command.args(["-c", program]);
    for_daemon(command, daemon)
}

/// A shell in which `aws` and `openvpc` are what a reader of the guide has.
pub fn guide_shell(daemon: &Daemon, script: &str) -> Command {
    let mut command = Command::new("bash");
    let paths = [bin(), daemon.folder().to_owned()];
    let inherited = std::env::var_os("PATH").unwrap_or_default();
    let all = paths.into_iter().chain(std::env::split_paths(&inherited));
    command
        .args(["-c", script])
        .env("PATH", std::env::join_paths(all).unwrap())
        .env("OPENVPC_SOCKET", daemon.socket());
    for_daemon(command, daemon)
}
