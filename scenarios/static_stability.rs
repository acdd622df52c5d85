//! The daemon dies and packets go on (T-2, T-3, C-7): established flows and new ones, judged as before, counted to the
//! byte. On both data paths.

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::support::{Options, Privilege, User, eventually};

const PUBLIC: &str = "192.0.2.10";
const WEB: &str = "198.51.100.80";

/// Says a number every 20 ms to an echo server, and writes down the longest wait for the answer, in milliseconds.
const TALK: &str = "
import os, socket, sys, time
s = socket.create_connection((sys.argv[1], 7777))
worst, n = 0, 0
while True:
    n += 1
    then = time.monotonic()
    s.sendall(b'%8d' % n)
    got = b''
    while len(got) < 8:
        part = s.recv(8 - len(got))
        if not part:
            raise SystemExit('hung up')
        got += part
    assert int(got) == n, (got, n)
    worst = max(worst, time.monotonic() - then)
    with open(sys.argv[2] + '.new', 'w') as said:
        said.write('%d %d' % (n, worst * 1000))
    os.replace(sys.argv[2] + '.new', sys.argv[2])
    time.sleep(0.02)
";
const ECHO: &str = "
import socketserver
class Echo(socketserver.BaseRequestHandler):
    def handle(self):
        while data := self.request.recv(4096):
            self.request.sendall(data)
socketserver.ThreadingTCPServer.allow_reuse_address = True
socketserver.ThreadingTCPServer(('0.0.0.0', 7777), Echo).serve_forever()
";

/// How far a conversation has come: words said, and the longest wait for an answer.
fn talk(user: &User, host: &str, name: &str) -> Option<(u64, u64)> {
    let said = user.sh(host, &format!("cat /tmp/{name}"));
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    let (words, wait) = said.trim().split_once(' ')?;
    Some((words.parse().ok()?, wait.parse().ok()?))
}

fn packets_go_on(privilege: Privilege) {
    let folder = tempfile::tempdir().unwrap();
    let start = || {
        User::of_daemon_with(Options {
            privilege,
            ..Options::kept_in(folder.path())
        })
    };
    let user = start();
    let network = user.network();
    let [public, private] = &network.subnets;
    let group = &network.group;
    let make_group = |name: &str| {
        let words = format!(
            "ec2 create-security-group --group-name {name} --description {name} --vpc-id {}",
            network.vpc
        );
        user.text(&words, "/GroupId")
    };
    // What a narrow rule lets in is tracked.
    let talkers = make_group("talkers");
    for cidr in ["203.0.113.12/32", "10.0.0.0/16"] {
        user.aws(&format!(
            "ec2 authorize-security-group-ingress --group-id {talkers} --protocol tcp --port 7777 --cidr {cidr}"
        ));
    }
    let a = user.launch(&format!(
        "--subnet-id {public} --security-group-ids {talkers} --private-ip-address 10.0.1.10"
    ));
    let words = format!("ec2 allocate-address --domain vpc --address {PUBLIC}");
    let allocation = user.text(&words, "/AllocationId");
    user.aws(&format!(
        "ec2 associate-address --allocation-id {allocation} --instance-id {a}"
    ));
    // B is in the other subnet, behind a NAT gateway; nobody may begin anything with C.
    let b = user.launch(&format!(
        "--subnet-id {private} --security-group-ids {group} --private-ip-address 10.0.2.10"
    ));
    let shut = make_group("shut");
    user.launch(&format!(
        "--subnet-id {private} --security-group-ids {shut} --private-ip-address 10.0.2.11"
    ));
    let (nat_address, _) = user.elastic_address();
    let nat = user.nat_gateway(public, &format!("--allocation-id {nat_address}"));
    let table = user.lone_table(&network, 1);
    user.aws(&format!(
        "ec2 create-route --route-table-id {table} --destination-cidr-block 0.0.0.0/0 --nat-gateway-id {nat}"
    ));

    let in_background = |host: &str, program: &str, arguments: &str| {
        let line = format!("nohup python3 -c \"$0\" {arguments} > /tmp/said 2>&1 &");
        let target: &[&str] = match host.starts_with("i-") {
            true => &["exec", host],
            false => &["internet", "exec", host],
        };
        let words = [target, &["--", "sh", "-c", &line, program]].concat();
        let mut command = user.daemon.openvpc(&words);
        assert!(command.status().unwrap().success());
    };
    for host in [&a, "bob"] {
        in_background(host, ECHO, "");
    }
    for (host, to, name) in [
        (b.as_str(), "10.0.1.10", "within"),
        ("bob", PUBLIC, "inward"),
    ] {
        user.soon(host, &format!("nc -z -w 1 {to} 7777"));
        in_background(host, TALK, &format!("{to} /tmp/{name}"));
    }
    user.soon(&b, "nc -z -w 1 203.0.113.12 7777");
    in_background(&b, TALK, "203.0.113.12 /tmp/nat");
    // New connections all the while, to whom they may reach and to whom they may not.
    let connect = |to: &str, name: &str| {
        let line = format!(
            "nohup sh -c 'while :; do nc -z -w 1 {to} && echo yes >> /tmp/{name} || echo no >> /tmp/{name}; sleep 0.05; done' > /dev/null 2>&1 &"
        );
        user.ok(&b, &line);
    };
    connect(&format!("{WEB} 80"), "new");
    connect("10.0.2.11 22", "refused");
    let talks = [
        (b.clone(), "within"),
        ("bob".to_owned(), "inward"),
        (b.clone(), "nat"),
    ];
    for (host, name) in &talks {
        eventually(name, || {
            talk(&user, host, name)
                .filter(|(words, _)| *words > 20)
                .map(drop)
        });
    }

    let before: Vec<u64> = talks
        .iter()
        .map(|(host, name)| talk(&user, host, name).unwrap().0)
        .collect();
    let data_plane = user.daemon.data_plane_pid();
    user.daemon.end_with(Signal::SIGKILL);
    // Nobody answers for a while.
    std::thread::sleep(std::time::Duration::from_secs(2));
    let user = start();
    assert!(
        user.daemon
            .said
            .iter()
            .any(|line| line.starts_with("taken over")),
        "{:?}",
        user.daemon.said
    );
    assert_eq!(user.daemon.data_plane_pid(), data_plane);

    for ((host, name), before) in talks.iter().zip(before) {
        let (words, wait) = talk(&user, host, name).unwrap();
        eprintln!("{name}: {words} words, the longest wait {wait} ms");
        // Two seconds without a daemon are a hundred words; half of that on a busy machine.
        assert!(words >= before + 50, "{name}: {before} and then {words}");
        eventually("the conversation goes on", || {
            (talk(&user, host, name)?.0 > words + 10).then_some(())
        });
    }
    let counted = |name: &str, what: &str| -> usize {
        let line = format!("grep -c {what} /tmp/{name} || true");
        user.ok(&b, &line).trim().parse().unwrap()
    };
    assert_eq!(counted("new", "no"), 0, "no new connection failed");
    assert!(counted("new", "yes") >= 20);
    assert_eq!(counted("refused", "yes"), 0, "nothing was let through");
    assert!(counted("refused", "no") >= 2);

    // What the API says counts as before: tracked connections go on, new ones do not begin (SG-7).
    user.aws(&format!(
        "ec2 revoke-security-group-ingress --group-id {talkers} --protocol tcp --port 7777 --cidr 203.0.113.12/32"
    ));
    eventually("new connections are refused", || {
        let refused = !user
            .sh("bob", &format!("nc -z -w 1 {PUBLIC} 7777"))
            .status
            .success();
        refused.then_some(())
    });
    let words = talk(&user, "bob", "inward").unwrap().0;
    eventually("an established one goes on", || {
        (talk(&user, "bob", "inward")?.0 > words + 10).then_some(())
    });
    assert!(user.daemon.end_with(Signal::SIGTERM).success());
    assert!(std::fs::read_link(format!("/proc/{data_plane}/exe")).is_err());
}

#[test]
fn packets_go_on_without_the_daemon() {
    packets_go_on(Privilege::Own);
}

#[test]
fn packets_go_on_without_the_daemon_of_a_user() {
    packets_go_on(Privilege::Rootless);
}

/// What happens to instances while no daemon is there is found out by the next.
#[test]
fn an_instance_that_ends_meanwhile_is_found_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let start = || User::of_daemon_with(Options::kept_in(folder.path()));
    let user = start();
    let network = user.network();
    let subnet = &network.subnets[0];
    let ends = user.launch(&format!("--subnet-id {subnet}"));
    // What its user data has left running prints, to a console that nobody reads for a while.
    let script = folder.path().join("user-data");
    let beats = "#!/bin/sh\nwhile :; do echo beat | tee -a /tmp/beats; sleep 0.1; done &\n";
    std::fs::write(&script, beats).unwrap();
    let stays = user.launch(&format!(
        "--subnet-id {subnet} --user-data file://{}",
        script.display()
    ));
    user.soon(&stays, "test -s /tmp/beats");
    user.ok(&ends, "nohup sh -c 'sleep 1; poweroff' > /dev/null 2>&1 &");
    user.daemon.end_with(Signal::SIGKILL);
    std::thread::sleep(std::time::Duration::from_secs(2));
    let user = start();
    let state = |id: &str| {
        let words = format!("ec2 describe-instances --instance-ids {id}");
        user.text(&words, "/Reservations/0/Instances/0/State/Name")
    };
    eventually("the one that has ended is stopped", || {
        (state(&ends) == "stopped").then_some(())
    });
    assert_eq!(state(&stays), "running");
    let beats = || -> usize {
        user.ok(&stays, "wc -l < /tmp/beats")
            .trim()
            .parse()
            .unwrap()
    };
    let before = beats();
    eventually("its heart beats", || (beats() > before + 5).then_some(()));
    // It can be changed like any other.
    user.aws(&format!("ec2 terminate-instances --instance-ids {stays}"));
    user.aws(&format!(
        "ec2 wait instance-terminated --instance-ids {stays}"
    ));
}

#[test]
fn instances_that_run_on_are_taken_over_or_ended_but_never_lost() {
    let folder = tempfile::tempdir().unwrap();
    let start = || User::of_daemon_with(Options::kept_in(folder.path()));
    let user = start();
    let network = user.network();
    let id = user.launch(&format!("--subnet-id {}", network.subnets[0]));
    let data_plane = user.daemon.data_plane_pid();
    let program = format!("/proc/{data_plane}/exe");
    let state = folder.path().join("state");
    user.daemon.end_with(Signal::SIGKILL);

    // A socket that instances would see is no socket for them.
    let up = |more: &[&str]| {
        std::process::Command::new(folder.path().join("openvpc"))
            .args(["up", "--listen", "127.0.0.1:0", "--console", "off"])
            .arg("--data-dir")
            .arg(&state)
            .args(more)
            .output()
            .unwrap()
    };
    let elsewhere = folder.path().join("elsewhere");
    let refused = up(&["--socket", elsewhere.to_str().unwrap()]);
    let reason = String::from_utf8_lossy(&refused.stderr);
    assert!(
        !refused.status.success()
            && reason.contains("was not hidden from")
            && reason.contains("openvpc down"),
        "{reason}"
    );

    let user = start();
    assert_eq!(user.daemon.data_plane_pid(), data_plane);
    user.soon(&id, "true");
    // A second daemon on the folder does not disturb the first.
    let refused = up(&["--socket", elsewhere.to_str().unwrap()]);
    assert!(!refused.status.success());
    user.ok(&id, "true");

    user.daemon.end_with(Signal::SIGKILL);
    let down = || {
        std::process::Command::new(folder.path().join("openvpc"))
            .args(["down", "--data-dir"])
            .arg(&state)
            .output()
            .unwrap()
    };
    assert!(down().status.success());
    assert!(std::fs::read_link(&program).is_err(), "ended");
    assert!(String::from_utf8_lossy(&down().stdout).contains("nothing runs"));

    // With a daemon, both end, in good order.
    let user = start();
    user.soon(&id, "true");
    let pid = user.daemon.pid();
    assert!(down().status.success());
    eventually("the daemon has ended", || {
        let running = std::fs::read_link(format!("/proc/{pid}/exe")).is_ok();
        (!running).then_some(())
    });

    // Without what carries packets there is no daemon.
    let user = start();
    user.soon(&id, "true");
    kill(Pid::from_raw(user.daemon.data_plane_pid()), Signal::SIGKILL).unwrap();
    let pid = user.daemon.pid();
    eventually("the daemon has ended", || {
        let running = std::fs::read_link(format!("/proc/{pid}/exe")).is_ok();
        (!running).then_some(())
    });
    drop(user);
    let user = start();
    user.soon(&id, "true");
}
