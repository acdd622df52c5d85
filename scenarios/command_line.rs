//! The command line as scripts outside the repository rely on it.

use std::io::Write;
use std::net::TcpStream;
use std::process::Stdio;
use std::time::{Duration, Instant};

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::signal::Signal;
use serde_json::Value;

use crate::support::{Daemon, Options, Privilege, aws_cli, eventually, leftovers, stdout_of};

fn launch(daemon: &Daemon) -> String {
    let output = aws_cli(daemon)
        .args("ec2 run-instances --image-id ami-0abcdef1234567890 --instance-type t3.micro --query Instances[0].InstanceId --output text".split(' '))
        .output()
        .unwrap();
    let id = stdout_of(&output);
    let waited = aws_cli(daemon)
        .args(["ec2", "wait", "instance-running", "--instance-ids", &id])
        .output()
        .unwrap();
    stdout_of(&waited);
    id
}

fn exec_is_transparent(privilege: Privilege) {
    let daemon = Daemon::start(privilege);
    let id = launch(&daemon);
    let run = |command: &[&str]| {
        let words: Vec<&str> = ["exec", &id, "--"].iter().chain(command).copied().collect();
        daemon.openvpc(&words).output().unwrap()
    };
    let output = run(&["sh", "-c", "echo out; echo err >&2; exit 7"]);
    assert_eq!(output.status.code(), Some(7));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "out\n");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "err\n");
    assert_eq!(run(&["sh", "-c", "kill -9 $$"]).status.code(), Some(137));
    assert_eq!(run(&["no-such-program"]).status.code(), Some(127));

    let mut child = daemon
        .openvpc(&["exec", &id, "--", "wc", "-c"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(&[b'x'; 100_000])
        .unwrap();
    assert_eq!(stdout_of(&child.wait_with_output().unwrap()), "100000");

    // Its own host name, processes and temporary files; the host's files are out of reach.
    let name = stdout_of(&run(&["hostname"]));
    assert!(name.starts_with("ip-172-31-"), "{name}");
    let processes: u32 = stdout_of(&run(&["sh", "-c", "ls -d /proc/[0-9]* | wc -l"]))
        .parse()
        .unwrap();
    assert!(processes < 8, "{processes} processes");
    stdout_of(&run(&[
        "sh",
        "-c",
        "echo mine > /tmp/x && test ! -e /tmp/openvpc",
    ]));
    for path in ["/etc/passwd", "/usr/bin/env", "/new-file"] {
        let written = run(&["sh", "-c", &format!("echo x >> {path}")]);
        assert!(!written.status.success(), "{path} was written");
    }
    assert!(!run(&["mount", "-o", "remount,rw", "/"]).status.success());
    // A socket of a family without namespaces would go round every rule (AF_VSOCK is 40).
    let vsock = run(&["python3", "-c", "import socket; socket.socket(40, 1)"]);
    assert_ne!(vsock.status.code(), Some(0), "a vsock socket was made");
    let resolver = stdout_of(&run(&["cat", "/etc/resolv.conf"]));
    assert!(resolver.contains("nameserver 172.31.0.2"), "{resolver}");

    let nobody = daemon
        .openvpc(&["exec", "i-0aaaaaaaaaaaaaaaa", "--", "true"])
        .output()
        .unwrap();
    assert!(!nobody.status.success());
    assert!(String::from_utf8_lossy(&nobody.stderr).contains("i-0aaaaaaaaaaaaaaaa"));
}

#[test]
fn exec_is_transparent_for_this_user() {
    exec_is_transparent(Privilege::Own);
}

#[test]
fn exec_is_transparent_without_privileges() {
    exec_is_transparent(Privilege::Rootless);
}

#[test]
fn another_user_is_turned_away_in_words() {
    let daemon = Daemon::start(Privilege::Rootless);
    if !nix::unistd::geteuid().is_root() {
        return; // There is no other user to be.
    }
    let mut stranger = std::process::Command::new(env!("CARGO_BIN_EXE_openvpc"));
    let output = stranger
        .arg("status")
        .env("OPENVPC_SOCKET", daemon.socket())
        .output()
        .unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("another user's"), "{said}");
}

#[test]
fn ready_tells_the_data_path_and_what_to_export() {
    let choosing = |choice: &str, privilege| {
        Daemon::start_with(Options {
            privilege,
            arguments: vec!["--data-path".to_owned(), choice.to_owned()],
            ..Options::default()
        })
    };
    // The best that there is; and if it is not, why.
    let rootless = choosing("auto", Privilege::Rootless).said.join("\n");
    assert!(rootless.contains("data path: user ("), "{rootless}");
    let why = "; not ebpf: the kernel refuses eBPF to all but root)";
    assert!(rootless.contains(why), "{rootless}");
    if nix::unistd::geteuid().is_root() {
        let said = choosing("auto", Privilege::Own).said.join("\n");
        assert!(said.contains("data path: ebpf ("), "{said}");
    }

    let daemon = choosing("user", Privilege::Own);
    let said = daemon.said.join("\n");
    assert!(said.contains("data path: user ("), "{said}");
    assert!(!said.contains("ebpf"), "{said}");
    for variable in [
        "AWS_ENDPOINT_URL",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
    ] {
        assert!(said.contains(&format!("export {variable}=")), "{said}");
    }
}

fn an_end_leaves_nothing_behind(privilege: Privilege, signal: Signal) {
    let daemon = Daemon::start(privilege);
    launch(&daemon);
    let folder = daemon.socket().parent().unwrap().to_owned();
    assert!(
        leftovers(&folder).len() >= 4,
        "the daemon, bob, web and an instance"
    );
    let mounts = || {
        std::fs::read_to_string("/proc/self/mountinfo")
            .unwrap()
            .matches(folder.to_str().unwrap())
            .count()
    };
    let socket = daemon.socket();
    // The folder goes with the daemon's guard, the program in it with the folder; links in /proc stay.
    let status = daemon.end_with(signal);
    assert_eq!(status.success(), signal != Signal::SIGKILL, "{status}");
    eventually("all processes are gone", || {
        leftovers(&folder).is_empty().then_some(())
    });
    assert_eq!(mounts(), 0);
    assert!(signal == Signal::SIGKILL || !socket.exists());
}

#[test]
fn sigterm_leaves_nothing_behind() {
    an_end_leaves_nothing_behind(Privilege::Own, Signal::SIGTERM);
}

#[test]
fn sigint_leaves_nothing_behind_without_privileges() {
    an_end_leaves_nothing_behind(Privilege::Rootless, Signal::SIGINT);
}

#[test]
fn a_closed_terminal_leaves_nothing_behind() {
    an_end_leaves_nothing_behind(Privilege::Own, Signal::SIGHUP);
}

#[test]
fn even_kill_leaves_no_process_behind() {
    an_end_leaves_nothing_behind(Privilege::Own, Signal::SIGKILL);
}

#[test]
fn reset_empties_an_ephemeral_daemon() {
    let daemon = Daemon::start(Privilege::Own);
    let id = launch(&daemon);
    let began = Instant::now();
    stdout_of(&daemon.openvpc(&["reset"]).output().unwrap());
    assert!(began.elapsed() < Duration::from_secs(5));
    let instances = aws_cli(&daemon)
        .args(["ec2", "describe-instances"])
        .output()
        .unwrap();
    let answer: Value = serde_json::from_str(&stdout_of(&instances)).unwrap();
    assert_eq!(answer["Reservations"], serde_json::json!([]));
    assert!(
        !daemon
            .openvpc(&["exec", &id, "--", "true"])
            .output()
            .unwrap()
            .status
            .success()
    );
    let again = launch(&daemon);
    assert_ne!(again, id);
    stdout_of(
        &daemon
            .openvpc(&["exec", &again, "--", "true"])
            .output()
            .unwrap(),
    );
}

#[test]
fn reset_of_kept_state_needs_permission() {
    let folder = tempfile::tempdir().unwrap();
    for allowed in [false, true] {
        let arguments = if allowed {
            vec!["--allow-reset".to_owned()]
        } else {
            Vec::new()
        };
        let daemon = Daemon::start_with(Options {
            arguments,
            ..Options::kept_in(folder.path())
        });
        let output = daemon.openvpc(&["reset"]).output().unwrap();
        assert_eq!(
            output.status.success(),
            allowed,
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        if !allowed {
            assert!(String::from_utf8_lossy(&output.stderr).contains("--allow-reset"));
        }
    }
}

#[test]
fn a_body_cut_short_is_not_called_too_long() {
    use std::io::{Read, Write};
    let daemon = Daemon::start(Privilege::Own);
    let address = daemon.endpoint().trim_start_matches("http://");
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    stream
        .write_all(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nAction=")
        .unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    let mut said = [0; 12];
    stream.read_exact(&mut said).unwrap();
    assert_eq!(&said, b"HTTP/1.1 400");
}

/// Most shells and services begin with 1,024 descriptors, and the API alone takes as many connections.
#[test]
fn more_connections_than_it_was_given_descriptors_for_harm_no_daemon() {
    const GIVEN: u64 = 1_024;
    let (own, most) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    let set = |limit| setrlimit(Resource::RLIMIT_NOFILE, limit, most).unwrap();
    set(GIVEN);
    let daemon = Daemon::start(Privilege::Own);
    set(own.max(most.min(2 * GIVEN)));
    let id = launch(&daemon);
    let address = daemon.endpoint().strip_prefix("http://").unwrap();
    let connections: Vec<_> = (0..1_000)
        .map_while(|_| TcpStream::connect(address).ok())
        .collect();
    // The flows are read meanwhile, which takes a descriptor.
    std::thread::sleep(Duration::from_secs(3));
    assert_eq!(connections.len(), 1_000);
    drop(connections);
    let limit = daemon
        .openvpc(&["exec", &id, "--", "sh", "-c", "ulimit -n"])
        .output();
    assert_eq!(stdout_of(&limit.unwrap()), GIVEN.to_string());
}

#[test]
fn a_wrong_secret_is_refused() {
    let daemon = Daemon::start(Privilege::Own);
    let wrong = aws_cli(&daemon)
        .env("AWS_SECRET_ACCESS_KEY", "wrong")
        .args(["ec2", "describe-vpcs"])
        .output()
        .unwrap();
    assert!(
        String::from_utf8_lossy(&wrong.stderr).contains("SignatureDoesNotMatch"),
        "{wrong:?}"
    );
    let stranger = aws_cli(&daemon)
        .env("AWS_ACCESS_KEY_ID", "nobody")
        .args(["ec2", "describe-vpcs"])
        .output()
        .unwrap();
    assert!(
        String::from_utf8_lossy(&stranger.stderr).contains("AuthFailure"),
        "{stranger:?}"
    );
    let identity = aws_cli(&daemon)
        .args(["sts", "get-caller-identity"])
        .output()
        .unwrap();
    assert!(stdout_of(&identity).contains("123456789012"));
}

/// SNS speaks XML and KMS JSON; each client must be able to read why.
#[test]
fn a_service_that_is_not_served_says_so_in_its_own_dialect() {
    let daemon = Daemon::start(Privilege::Own);
    for words in [["sns", "list-topics"], ["kms", "list-keys"]] {
        let output = aws_cli(&daemon).args(words).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        let reason = format!("does not serve {}", words[0]);
        assert!(said.contains("UnsupportedOperation"), "{words:?}: {said}");
        assert!(said.contains(&reason), "{words:?}: {said}");
    }
}

#[test]
fn each_mishap_at_start_is_one_clear_sentence() {
    let daemon = Daemon::start(Privilege::Own);
    let port = daemon.endpoint().rsplit(':').next().unwrap().to_owned();
    let other = tempfile::tempdir().unwrap();
    let socket = other.path().join("s");
    let socket = socket.to_str().unwrap();
    let refused = |arguments: &[&str]| {
        let output = daemon
            .openvpc(&[&["up", "--socket", socket], arguments].concat())
            .output()
            .unwrap();
        assert!(!output.status.success(), "{arguments:?}");
        let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        assert_eq!(said.lines().count(), 1, "{said}");
        said
    };
    let listen = format!("127.0.0.1:{port}");
    assert!(refused(&["--ephemeral", "--listen", &listen]).contains(&listen));
    assert!(refused(&["--ephemeral", "--listen", "0.0.0.0:0"]).contains("--credential"));
    assert!(
        refused(&[
            "--data-dir",
            "/proc/no-such-place",
            "--listen",
            "127.0.0.1:0"
        ])
        .contains("/proc/no-such-place")
    );
    let nowhere = ["--data-dir", "/proc/no-such-place"];
    assert!(refused(&nowhere).contains("choose another --data-dir"));
    let missing = ["--ephemeral", "--credentials-file", "/no/such/file"];
    assert!(refused(&missing).contains("name another with --credentials-file"));
    let long = format!("/tmp/{}", "x".repeat(200));
    let output = daemon
        .openvpc(&[
            "up",
            "--ephemeral",
            "--listen",
            "127.0.0.1:0",
            "--socket",
            &long,
        ])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("at most 107 bytes"), "{said}");

    let state = other.path().join("state");
    let first = Daemon::start_with(Options {
        data_dir: Some(state.clone()),
        ..Options::default()
    });
    let said = refused(&[
        "--data-dir",
        state.to_str().unwrap(),
        "--listen",
        "127.0.0.1:0",
    ]);
    assert!(
        said.contains("in use") && said.contains(&first.pid().to_string()),
        "{said}"
    );
}
