//! Real sandboxes on real interfaces: as root and as an ordinary user, with TAPs and with packet sockets.
//!
//! Each case runs in a process of its own, because it changes its namespaces; the ordinary user is `nobody`, who runs a
//! copy of this program from a folder that everybody may enter. Without root only the `user` ways are run.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[allow(dead_code)] // each program uses a part of it
mod lab;

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, exit};
use std::time::{Duration, Instant};

use lab::{B6, Lab, descendants, transfer};
use openvpc_host::{ExecRequest, InterfaceSpec, PortKind, Status, WindowSize, preflight};

type Case = (&'static str, fn(PortKind));

const CASES: &[Case] = &[
    (
        "commands_run_with_their_streams_status_and_terminal",
        commands,
    ),
    ("root_inside_cannot_touch_the_host", isolation),
    ("packets_pass_between_instances_and_the_internet", packets),
    (
        "root_inside_sets_its_own_network_and_nothing_else",
        settings,
    ),
    ("homes_show_toolchains_only", homes),
    ("what_ignores_a_hang_up_is_killed", hang_up),
    ("interfaces_come_and_go_while_it_runs", interfaces),
    (
        "a_destroyed_interface_takes_nothing_else_down",
        destroyed_interface,
    ),
    ("nothing_is_left_behind", nothing_left),
    ("a_killed_daemon_takes_its_sandboxes_along", killed_daemon),
];

fn main() {
    openvpc_host::main_if_init();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    if transfer::play(&words) {
        return;
    }
    match words.as_slice() {
        ["--run", name, kind] => {
            let root = nix::unistd::geteuid().is_root();
            assert_eq!(preflight::prepare().unwrap().root, root);
            let case = CASES.iter().find(|(known, _)| known == name).unwrap();
            case.1(kind_named(kind));
        }
        ["--as-nobody", program, rest @ ..] => as_nobody(Path::new(program), rest),
        // By hand: `--shell packet i-a 'ip addr'`.
        ["--shell", kind, host, line] => {
            preflight::prepare().unwrap();
            let lab = Lab::quiet(kind_named(kind));
            lab.launch_outside();
            for (name, serial) in [("i-a", 1), ("i-b", 2)] {
                lab.launch_instance(name, serial);
                lab.hosts.ready(name).wait().unwrap().unwrap();
            }
            let (status, text) = lab.sh(host, &format!("exec 2>&1; {line}"));
            print!("{text}");
            exit(status.exit_code());
        }
        words if words.contains(&"--list") => {
            let names = all().into_iter().filter(|_| !words.contains(&"--ignored"));
            names.for_each(|name| println!("{name}: test"));
        }
        words => {
            let wanted = |name: &str| {
                let filters: Vec<_> = words
                    .iter()
                    .filter(|word| !word.starts_with("--"))
                    .collect();
                filters.is_empty() || filters.iter().any(|filter| name.contains(*filter))
            };
            let failed: Vec<String> = all()
                .into_iter()
                .filter(|name| wanted(name))
                .filter(|name| !passes(name))
                .collect();
            if !failed.is_empty() {
                eprintln!("failed: {failed:?}");
                exit(1);
            }
        }
    }
}

fn kind_named(name: &str) -> PortKind {
    match name {
        "tap" => PortKind::Tap,
        "fast" => PortKind::Fast,
        _ => PortKind::Packet,
    }
}

/// Every case for each user and kind of port, as `root::tap::name`.
fn all() -> Vec<String> {
    let ways = [
        "root::tap",
        "root::packet",
        "root::fast",
        "user::packet",
        "user::tap",
    ];
    ways.iter()
        .flat_map(|way| CASES.iter().map(move |(name, _)| format!("{way}::{name}")))
        .collect()
}

fn passes(full_name: &str) -> bool {
    let mut parts = full_name.splitn(3, "::");
    let (user, kind, name) = (
        parts.next().unwrap(),
        parts.next().unwrap(),
        parts.next().unwrap(),
    );
    let root = nix::unistd::geteuid().is_root();
    if user == "root" && !root {
        println!("{full_name}: left out, not root");
        return true;
    }
    let own = std::env::current_exe().unwrap();
    let folder = std::env::temp_dir().join(format!("openvpc-test-{}", std::process::id()));
    let mut command = if user == "user" && root {
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::set_permissions(&folder, PermissionsExt::from_mode(0o755)).unwrap();
        let copy = folder.join("test");
        std::fs::copy(&own, &copy).unwrap();
        let mut command = Command::new(&copy);
        command
            .arg("--as-nobody")
            .arg(&copy)
            .current_dir("/")
            .env("HOME", "/");
        command
    } else {
        Command::new(own)
    };
    eprintln!("{full_name}");
    let status = command.args(["--run", name, kind]).status().unwrap();
    let _ = std::fs::remove_dir_all(folder);
    println!(
        "{full_name}: {}",
        if status.success() { "ok" } else { "FAILED" }
    );
    status.success()
}

/// Becomes an ordinary user on a machine where, as on most, everybody may open `/dev/net/tun`.
fn as_nobody(program: &Path, arguments: &[&str]) -> ! {
    use nix::mount::{MsFlags, mount};
    use nix::sys::stat::{Mode, SFlag, makedev, mknod, umask};
    nix::sched::unshare(nix::sched::CloneFlags::CLONE_NEWNS).unwrap();
    let private = MsFlags::MS_REC | MsFlags::MS_PRIVATE;
    mount(None::<&str>, "/", None::<&str>, private, None::<&str>).unwrap();
    let tun = program.with_file_name("tun");
    umask(Mode::empty());
    mknod(
        &tun,
        SFlag::S_IFCHR,
        Mode::from_bits_truncate(0o666),
        makedev(10, 200),
    )
    .unwrap();
    mount(
        Some(&tun),
        "/dev/net/tun",
        None::<&str>,
        MsFlags::MS_BIND,
        None::<&str>,
    )
    .unwrap();
    let error = Command::new(program)
        .args(arguments)
        .uid(65_534)
        .gid(65_534)
        .exec();
    panic!("{error}");
}

fn commands(kind: PortKind) {
    let lab = Lab::new(kind);
    lab.launch_instance("i-a", 1);
    let (status, text) = lab.sh(
        "i-a",
        "hostname; cat /etc/hostname; echo $HOME; pwd; exit 7",
    );
    assert_eq!(status, Status::Exited(7), "{text}");
    assert_eq!(text, "ip-10-0-1-10\nip-10-0-1-10\n/tmp/home\n/tmp/home\n");
    assert_eq!(lab.sh("i-a", "kill -9 $$").0, Status::Signaled(9));
    assert_eq!(
        lab.exec("i-a", ExecRequest::new(["/no/such/program"])).0,
        Status::Exited(127)
    );
    assert_eq!(
        lab.exec("i-a", ExecRequest::new(["/etc/passwd"])).0,
        Status::Exited(126)
    );

    let mut request = ExecRequest::new(["sh", "-c", "echo $GREETING; pwd; tty; stty size"]);
    request.environment = vec!["GREETING=hello".into()];
    request.directory = Some("/tmp".into());
    request.terminal = Some(WindowSize {
        rows: 33,
        columns: 99,
    });
    let command = lab
        .hosts
        .exec("i-a", request, None)
        .wait()
        .unwrap()
        .unwrap();
    let mut text = String::new();
    let mut master = std::fs::File::from(command.terminal.unwrap());
    // The master ends with an error once the last process has closed the terminal.
    let _ = std::io::Read::read_to_string(&mut master, &mut text);
    assert_eq!(command.exit.wait().unwrap(), Status::Exited(0));
    assert_eq!(text, "hello\r\n/tmp\r\n/dev/pts/0\r\n33 99\r\n");

    // An orphan is adopted and buried; a command that nobody waits for is hung up.
    lab.ok(
        "i-a",
        "(sleep 0.05 &) ; sleep 0.2; ! grep -l '^State:.Z' /proc/[0-9]*/status && ! pgrep sleep",
    );
    let streams = || [0, 1, 2].map(|_| std::fs::File::open("/dev/null").unwrap().into());
    let sleeping = lab
        .hosts
        .exec("i-a", ExecRequest::new(["sleep", "1000"]), Some(streams()))
        .wait()
        .unwrap()
        .unwrap();
    drop(sleeping.control);
    assert_eq!(sleeping.exit.wait().unwrap(), Status::Signaled(1));

    assert!(
        lab.hosts
            .exec("i-none", ExecRequest::new(["true"]), Some(streams()))
            .wait()
            .unwrap()
            .is_err()
    );
    assert!(
        lab.hosts
            .launch(lab::instance("i-a", 2))
            .wait()
            .unwrap()
            .is_err(),
        "the name is taken"
    );
}

/// What root in a sandbox might try (T-22). Every line must fail, and the last ones must see nothing.
/// AWS: EC2 user guide, "Elastic network interfaces": attached while the instance runs ("hot attach").
fn interfaces(kind: PortKind) {
    use lab::interface;
    let lab = Lab::new(kind);
    lab.launch_instance("i-a", 1);
    lab.launch_instance("i-b", 2);
    for name in ["i-a", "i-b"] {
        lab.hosts.ready(name).wait().unwrap().unwrap();
    }
    let set = |name: &str, wanted: Vec<InterfaceSpec>| {
        lab.hosts.set_interfaces(name, wanted).wait().unwrap()
    };
    let ping = |to: &str| format!("ping -c 1 -W 1 {to}");
    set("i-a", vec![interface(0, 1), interface(3, 4)]).unwrap();
    lab.eventually("i-a", "ip -4 addr show eth3 | grep 10.0.1.13/24");
    lab.ok("i-a", "ip link show eth3 | grep 'mtu 9001'");
    lab.ok("i-a", "grep 02:00:00:00:01:04 /sys/class/net/eth3/address");
    // Answers leave by the interface whose address was asked for: else the source check drops them.
    lab.ok("i-b", &ping("10.0.1.10"));
    lab.ok("i-b", &ping("10.0.1.13"));
    lab.ok(
        "i-a",
        "ip route get 10.0.1.11 from 10.0.1.13 | grep 'dev eth3'",
    );
    lab.ok("i-a", "ip route get 203.0.113.12 | grep 'dev eth0'");
    // Asked again, nothing changes; another address comes alone.
    set("i-a", vec![interface(0, 1), interface(3, 4)]).unwrap();
    lab.ok("i-b", &ping("10.0.1.13"));
    let mut more = interface(3, 4);
    more.network.secondary_ipv4 = vec![("10.0.1.99".parse().unwrap(), 24)];
    set("i-a", vec![interface(0, 1), more]).unwrap();
    lab.eventually("i-a", "ip -4 addr show eth3 | grep 10.0.1.99/24");
    lab.ok("i-a", "ip rule | grep 'from 10.0.1.99 lookup 10003'");
    set("i-a", vec![interface(0, 1), interface(3, 4)]).unwrap();
    lab.eventually("i-a", "! ip -4 addr show eth3 | grep 10.0.1.99/24");

    // It moves: gone at once from one, soon at the other, at once usable under the same name again.
    set("i-a", vec![interface(0, 1), interface(3, 5)]).unwrap();
    set("i-b", vec![interface(0, 2), interface(1, 4)]).unwrap();
    lab.eventually("i-b", "ip -4 addr show eth1 | grep 10.0.1.13/24");
    lab.eventually("i-a", "ip -4 addr show eth3 | grep 10.0.1.14/24");
    lab.ok("i-a", &ping("10.0.1.13"));
    lab.ok("i-b", &ping("10.0.1.14"));
    set("i-b", vec![interface(0, 2)]).unwrap();
    lab.ok("i-b", "! ip link show eth1");
    lab.ok("i-b", "! ip rule | grep 10001");
    assert_eq!(lab.sh("i-a", &ping("10.0.1.13")).0, Status::Exited(1));
    // Whatever root does to an interface is its own affair.
    lab.ok("i-a", "ip link set eth3 down && ip link set eth3 name mine");
    set("i-a", vec![interface(0, 1)]).unwrap();
    lab.ok("i-a", "! ip link show mine");
    lab.ok("i-a", &ping("10.0.1.11"));
}

/// Whoever is root in an instance is a stranger to the people of this machine.
fn homes(kind: PortKind) {
    let lab = Lab::new(kind);
    lab.launch_instance("i-a", 1);
    let shown = lab.ok("i-a", "find /root /home -mindepth 1 -maxdepth 2 2>&1; true");
    let toolchains = [
        ".pyenv", ".rustup", ".cargo", ".rbenv", ".nvm", ".sdkman", ".local",
    ];
    for path in shown.lines() {
        let known = toolchains.iter().any(|name| path.contains(name));
        assert!(known || path.matches('/').count() == 2, "{path}");
    }
    let own = Path::new("/root/.profile").exists() || Path::new("/root/.bashrc").exists();
    if own {
        lab.ok("i-a", "! ls /root/.profile /root/.bashrc");
    }
    lab.ok("i-a", "! touch /root/x && ! umount /root && ! umount /home");
    lab.ok("i-a", "touch ~/x");
}

/// A client that goes away takes along what it ran, whether that minds or not.
fn hang_up(kind: PortKind) {
    let lab = Lab::new(kind);
    lab.launch_instance("i-a", 1);
    let stubborn = "trap '' HUP TERM; echo up; while :; do touch /tmp/beat; sleep 0.1; done";
    let minds = "echo up; while :; do touch /tmp/other; sleep 0.1; done";
    for line in [stubborn, minds] {
        drop(lab.background("i-a", ExecRequest::new(["sh", "-c", line])));
    }
    lab.ok(
        "i-a",
        "sleep 1; rm /tmp/beat /tmp/other; sleep 1; test -e /tmp/beat",
    );
    lab.ok("i-a", "! test -e /tmp/other");
    lab.ok("i-a", "sleep 4; rm /tmp/beat; sleep 1; ! test -e /tmp/beat");
}

/// A router or NAT instance needs `net.ipv4.ip_forward`; the machine and its other instances must not feel it.
fn settings(kind: PortKind) {
    let lab = Lab::new(kind);
    lab.launch_instance("i-a", 1);
    lab.launch_instance("i-b", 2);
    let before = (network_settings(), network_settings());
    let writable = "find /proc/sys -path /proc/sys/net -prune -o -type f -writable -print";
    assert_eq!(lab.ok("i-a", writable), "", "beyond the network");
    // Every setting that is a number is made another one, if that is allowed.
    lab.ok(
        "i-a",
        "find /proc/sys/net -type f | while read -r file; do
            value=$(cat $file 2>&-) || continue
            case $value in
                ''|*[!0-9]*) ;;
                0) (echo 1 > $file) 2>&- ;;
                *) (echo $((value - 1)) > $file) 2>&- ;;
            esac
        done; true",
    );
    // One switch for the whole kernel, where there is one; nor by a namespace within, whose settings are all read-only.
    let switch = "/proc/sys/net/netfilter/nf_hooks_lwtunnel";
    let refused = format!("! test -e {switch} || ! sh -c 'cat {switch} > {switch}' 2>&-");
    lab.ok("i-a", &refused);
    lab.ok(
        "i-a",
        &format!("! umount {switch} && ! umount /proc/sys/net/netfilter && {refused}"),
    );
    let within = "find /proc/sys/net -type f -writable -print";
    assert_eq!(lab.ok("i-a", &format!("unshare -Urn {within}")), "");
    assert_eq!(lab.ok("i-a", &format!("unshare -n {within}")), "");
    lab.ok("i-a", "sysctl -w net.ipv4.ip_forward=1");
    lab.ok("i-a", "sysctl -w net.ipv6.conf.all.forwarding=1");
    lab.ok("i-a", "grep 1 /proc/sys/net/ipv4/ip_forward");
    let after = network_settings();
    let changed: Vec<_> = before
        .0
        .iter()
        .filter(|(path, value)| before.1.get(*path) == Some(value))
        // Links of others may go meanwhile.
        .filter(|(path, value)| after.get(*path).is_some_and(|now| now != *value))
        .collect();
    assert!(changed.is_empty(), "{changed:?}");
    let forwards = std::fs::read_to_string("/proc/sys/net/ipv4/ip_forward").unwrap();
    assert_eq!(lab.ok("i-b", "cat /proc/sys/net/ipv4/ip_forward"), forwards);
}

/// Every setting of this network namespace and of the machine's network that can be read.
fn network_settings() -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![PathBuf::from("/proc/sys/net")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(value) = std::fs::read_to_string(&path) {
                found.insert(path, value);
            }
        }
    }
    found
}

fn isolation(kind: PortKind) {
    let lab = Lab::new(kind);
    lab.launch_instance("i-a", 1);
    for attempt in [
        "touch /etc/made-by-a-test",
        "touch /made-by-a-test",
        "echo x >> /etc/passwd",
        "mount -o remount,rw /",
        "mount -o remount,bind,rw /",
        "umount /etc/hosts",
        "umount -l /proc/sys",
        "umount -l /dev",
        "umount -l /run",
        "mount -o remount,rw /sys",
        "mount -o remount,bind,rw /sys",
        "mount -o remount,bind,rw /proc/sys",
        "mkdir /tmp/p && mount -t proc proc /tmp/p",
        "mkdir /tmp/s && mount -t sysfs sysfs /tmp/s && touch /tmp/s/x && echo 1 > /tmp/s/power/state",
        "echo x > /proc/sys/kernel/core_pattern",
        "echo x > /proc/sysrq-trigger",
        "cat /proc/1/environ | grep -q .",
        "ls /proc/1/fd/0",
        "kill -9 1 && sleep 0.2 && kill -0 1 && false",
        "mknod /tmp/disk b 254 0 && head -c 1 /tmp/disk",
        "grep -q : /etc/shadow",
        "mkdir /tmp/b && mount --bind / /tmp/b && grep -q : /tmp/b/etc/shadow",
        "mkdir -p /tmp/b && mount --rbind / /tmp/b && umount -l /tmp/b/etc/shadow",
        "mkdir -p /tmp/b && mount --bind /etc /tmp/b && grep -q : /tmp/b/shadow",
        "mount --move /dev /tmp/b",
        "echo 9999 > /proc/sys/kernel/pid_max",
        "ls /var/lib | grep -q .",
        "chroot / sh -c 'touch /etc/made-by-a-test'",
        "unshare -m sh -c 'mount -o remount,bind,rw / && touch /made-by-a-test'",
        "unshare -rm sh -c 'umount -l /etc/hosts'",
        "nsenter -t 1 -m touch /made-by-a-test",
        "ls /run | grep -v -e openvpc -e lock -e mount | grep .",
        "ls /tmp | grep -v -e home -e '^[bps]$' -e disk | grep -q .",
        "env | grep -v ^PATH= | grep -i -e secret -e token -e CARGO",
    ] {
        let (status, text) = lab.sh("i-a", &format!("exec 2>&1; {attempt}"));
        assert_ne!(status, Status::Exited(0), "{attempt}: {text}");
    }
    assert!(!Path::new("/made-by-a-test").exists());
    // What must work: own files, own processes only, own devices, own network's settings, built-in programs.
    lab.ok("i-a", "echo x > /tmp/f && echo x > /run/f && echo x > /dev/shm/f && echo x > ~/f && cat /dev/null");
    lab.ok("i-a", "test $(ls -d /proc/[0-9]* | wc -l) -le 5");
    lab.ok(
        "i-a",
        "test \"$(ls /sys/class/net | tr '\\n' ' ')\" = 'eth0 lo '",
    );
    lab.ok("i-a", "echo 1 > /proc/sys/net/ipv4/ip_forward");
    lab.ok(
        "i-a",
        "ls -l /run/openvpc/bin/ping && ! touch /run/openvpc/openvpc",
    );
    // Memory is bounded, and the host's is not touched by filling it.
    let (status, _) = lab.sh("i-a", "head -c 400m /dev/zero > /tmp/big");
    assert_ne!(status, Status::Exited(0));
}

fn packets(kind: PortKind) {
    let lab = Lab::new(kind);
    lab.launch_outside();
    lab.launch_instance("i-a", 1);
    lab.launch_instance("i-b", 2);
    assert_eq!(
        lab.hosts.ready("i-a").wait().unwrap().unwrap(),
        Some(lab::A)
    );
    assert_eq!(
        lab.hosts.ready("i-b").wait().unwrap().unwrap(),
        Some(lab::B)
    );
    lab.ok("i-a", "ip -4 addr show eth0 | grep -q 10.0.1.10/24");
    lab.ok("i-a", "ip route | grep -q 'default via 10.0.1.1'");
    assert_eq!(
        lab.ok("i-a", "cat /etc/resolv.conf"),
        "search ec2.internal\nnameserver 10.0.0.2\n"
    );
    let text = lab.ok("i-a", "/run/openvpc/bin/ping -c 4 -i 0.05 10.0.1.11");
    assert!(
        text.contains("4 packets transmitted, 4 received, 0% packet loss"),
        "{text}"
    );
    let text = lab.ok("i-a", &format!("/run/openvpc/bin/ping -c 2 -i 0.05 {B6}"));
    assert!(text.contains("2 packets transmitted, 2 received"), "{text}");
    // A whole jumbo frame, and one byte too many.
    lab.ok(
        "i-a",
        "/run/openvpc/bin/ping -c 1 -W 1 -M do -s 8973 10.0.1.11",
    );
    let (status, text) = lab.sh(
        "i-a",
        "/run/openvpc/bin/ping -c 1 -W 1 -M do -s 8974 10.0.1.11",
    );
    assert!(
        status != Status::Exited(0) && text.contains("message too long, mtu=9001"),
        "{text}"
    );
    // Through the internet gateway, both ways.
    lab.ok("bob", "/run/openvpc/bin/ping -c 2 -i 0.05 192.0.2.10");
    lab.ok("i-a", "/run/openvpc/bin/ping -c 2 -i 0.05 203.0.113.12");
    lab.ok(
        "i-a",
        "/run/openvpc/bin/ping -c 2 -i 0.05 2001:db8:ffff::12",
    );
    let (status, _) = lab.sh("i-a", "/run/openvpc/bin/ping -c 1 -W 0.2 10.0.1.200");
    assert_eq!(status, Status::Exited(1), "nobody answers there");
    // A service that tells whom it sees.
    let service = openvpc_host::outside::ALL[1].service_request().unwrap();
    let streams = [0, 1, 2].map(|_| std::fs::File::open("/dev/null").unwrap().into());
    let _web = lab
        .hosts
        .exec("web", service, Some(streams))
        .wait()
        .unwrap()
        .unwrap();
    let fetch = "for i in 1 2 3 4 5 6 7 8; do curl -s -m 2 http://198.51.100.80/ && exit 0; sleep 0.05; done; exit 1";
    assert_eq!(lab.ok("i-a", fetch), "192.0.2.10\n");
    // Streams with large segments: through a subnet, over IPv6, and cut for the internet's MTU.
    for (from, destination) in [
        ("i-a", "10.0.1.11:5001".into()),
        ("i-a", format!("[{B6}]:5001")),
        ("bob", "192.0.2.11:5001".into()),
    ] {
        let _receiver = lab.background(
            "i-b",
            ExecRequest::new([transfer::OWN, "--inside", "receive"]),
        );
        let send = ExecRequest::new([transfer::OWN, "--inside", "send", &destination, "32"]);
        let (status, text) = lab.exec(from, send);
        assert_eq!(status, Status::Exited(0), "{destination}: {text}");
    }
    let losses = lab.data_path.losses().wait().unwrap();
    assert_eq!(
        (losses.no_port, losses.garbage, losses.refused),
        (0, 0, 0),
        "{losses:?}"
    );
}

fn destroyed_interface(kind: PortKind) {
    let lab = Lab::new(kind);
    lab.launch_outside();
    lab.launch_instance("i-a", 1);
    lab.launch_instance("i-b", 2);
    lab.hosts.ready("i-b").wait().unwrap().unwrap();
    lab.ok("i-a", "ip link del eth0");
    let cpu_before = cpu_time();
    std::thread::sleep(Duration::from_millis(300));
    assert!(
        cpu_time() - cpu_before < Duration::from_millis(150),
        "the data path spins on a dead port"
    );
    // Its frames go nowhere, the others' do.
    assert_ne!(
        lab.sh("i-b", "/run/openvpc/bin/ping -c 1 -W 0.2 10.0.1.10")
            .0,
        Status::Exited(0)
    );
    lab.ok("i-b", "/run/openvpc/bin/ping -c 1 -W 1 203.0.113.12");
    lab.hosts.terminate("i-a").wait().unwrap().unwrap();
    lab.launch_instance("i-a", 1);
    lab.hosts.ready("i-a").wait().unwrap().unwrap();
    lab.ok("i-b", "/run/openvpc/bin/ping -c 1 -W 1 10.0.1.10");
}

fn nothing_left(kind: PortKind) {
    let before = namespaces();
    let mounts_before = std::fs::read_to_string("/proc/self/mounts").unwrap();
    let lab = Lab::new(kind);
    lab.launch_outside();
    for serial in 1..=4 {
        lab.launch_instance(&format!("i-{serial}"), serial);
    }
    lab.ok(
        "i-1",
        "sleep 1000 >/dev/null 2>&1 & setsid sleep 1000 >/dev/null 2>&1 & exec true",
    );
    assert!(children() >= 6);
    assert!(namespaces().len() > before.len());
    drop(lab);
    assert_eq!(children(), 0, "processes are left");
    assert_eq!(
        std::fs::read_to_string("/proc/self/mounts").unwrap(),
        mounts_before
    );
    assert_eq!(namespaces(), before, "namespaces are left");
}

/// The daemon's part is played by a child of this process, which kills it with no chance to clean up.
fn killed_daemon(kind: PortKind) {
    match unsafe_free_fork() {
        None => {
            let lab = Lab::new(kind);
            lab.launch_instance("i-a", 1);
            lab.ok("i-a", "sleep 1000 >/dev/null 2>&1 & exec true");
            std::fs::write(marker(), "up").unwrap();
            std::thread::sleep(Duration::from_secs(20));
            exit(1);
        }
        Some(mut daemon) => {
            let start = Instant::now();
            while !marker().exists() {
                assert!(
                    start.elapsed() < Duration::from_secs(20),
                    "the daemon did not come up"
                );
                std::thread::sleep(Duration::from_millis(10));
            }
            let family = descendants(daemon.id());
            assert!(family.len() >= 2, "{family:?}");
            daemon.kill().unwrap();
            daemon.wait().unwrap();
            let _ = std::fs::remove_file(marker());
            let start = Instant::now();
            while family.iter().any(|pid| alive(*pid)) {
                assert!(
                    start.elapsed() < Duration::from_secs(10),
                    "processes outlive the daemon"
                );
                std::thread::sleep(Duration::from_millis(10));
            }
        }
    }
}

fn marker() -> std::path::PathBuf {
    let parent = std::env::var("MARKER").unwrap_or_else(|_| std::process::id().to_string());
    std::env::temp_dir().join(format!("openvpc-test-marker-{parent}"))
}

/// Runs this same case again as a child; `None` in the child.
fn unsafe_free_fork() -> Option<std::process::Child> {
    if std::env::var_os("MARKER").is_some() {
        return None;
    }
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(std::env::args().skip(1))
        .env("MARKER", std::process::id().to_string());
    Some(command.spawn().unwrap())
}

/// Namespaces that any thread of this process or of those below it is in, and what this process holds open.
fn namespaces() -> BTreeSet<String> {
    let own = std::process::id();
    let family = descendants(own).into_iter().chain([own]);
    let tasks = family.flat_map(|pid| {
        std::fs::read_dir(format!("/proc/{pid}/task"))
            .into_iter()
            .flatten()
            .flatten()
    });
    let of_tasks = tasks.flat_map(|task| {
        ["net", "mnt", "pid", "user"].map(|kind| task.path().join("ns").join(kind))
    });
    let open = std::fs::read_dir("/proc/self/fd")
        .unwrap()
        .flatten()
        .map(|fd| fd.path());
    of_tasks
        .chain(open)
        .filter_map(|link| Some(std::fs::read_link(link).ok()?.display().to_string()))
        .collect()
}

fn children() -> usize {
    descendants(std::process::id()).len()
}

fn alive(pid: u32) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| !stat.contains(") Z "))
}

fn cpu_time() -> Duration {
    let usage = nix::sys::resource::getrusage(nix::sys::resource::UsageWho::RUSAGE_SELF).unwrap();
    let time = usage.user_time() + usage.system_time();
    Duration::from_micros(u64::try_from(time.tv_sec() * 1_000_000 + time.tv_usec()).unwrap())
}
