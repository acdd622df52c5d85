//! I-17: of every interface and direction, what crossed the wire is what flow logs show as ACCEPT and as REJECT, and what is
//! named as shown by none. A packet socket in the instance counts beside the engine, and the delivered lines are added up.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::support::{Options, User, aws_cli, eventually, stdout_of};

const SERVER: &str = "10.0.1.10";
const CLIENT: &str = "10.0.2.10";
const GROUP: &str = "fl";
const FORMAT: &str =
    "${interface-id} ${flow-direction} ${action} ${packets} ${bytes} ${log-status}";
/// Payloads of the storm: so many datagrams to as many ports, of which every other one is refused.
const STORM: u64 = 3_000;

/// Packets and bytes.
type Count = [u64; 2];

/// By interface, direction and class.
type Classes = BTreeMap<(String, String, String), Count>;

/// What the daemon counts, by interface, direction and class.
fn counted(user: &User) -> Classes {
    let mut classes = Classes::new();
    for line in user.get("/_openvpc/metrics").lines() {
        for (at, what) in ["packets", "bytes"].iter().enumerate() {
            let name = format!("openvpc_interface_{what}_total{{");
            let Some(rest) = line.strip_prefix(&name) else {
                continue;
            };
            let label = |label: &str| {
                let rest = rest.split(&format!("{label}=\"")).nth(1).unwrap();
                rest.split('"').next().unwrap().to_owned()
            };
            let key = (label("interface"), label("direction"), label("class"));
            let value = rest.rsplit(' ').next().unwrap();
            classes.entry(key).or_default()[at] = value.parse().unwrap();
        }
    }
    classes
}

/// What the lines of the log group add up to, by interface, direction and action.
fn recorded(user: &User) -> Classes {
    let mut command = aws_cli(&user.daemon);
    command.args(["logs", "filter-log-events", "--output", "json"]);
    let output = command.args(["--log-group-name", GROUP]).output().unwrap();
    let answer: Value = serde_json::from_str(&stdout_of(&output)).unwrap();
    let mut classes = Classes::new();
    for event in answer["events"].as_array().unwrap() {
        let line = event["message"].as_str().unwrap();
        let words: Vec<&str> = line.split(' ').collect();
        let [eni, direction, action, packets, bytes, status] = words[..] else {
            panic!("{line}");
        };
        assert_ne!(status, "SKIPDATA", "{line}");
        if status == "OK" {
            let key = (eni.to_owned(), direction.to_owned(), action.to_lowercase());
            let sum = classes.entry(key).or_default();
            sum[0] += packets.parse::<u64>().unwrap();
            sum[1] += bytes.parse::<u64>().unwrap();
        }
    }
    classes
}

/// What the packet socket in an instance has counted, in and out, while nothing went by.
fn witnessed(user: &User, instance: &str) -> [Count; 2] {
    let told: Value = serde_json::from_str(&user.ok(instance, "cat /tmp/wire.json")).unwrap();
    assert_eq!(told["lost"], 0, "the witness missed something");
    ["in", "out"].map(|side| serde_json::from_value(told[side].clone()).unwrap())
}

/// The daemon's numbers and the witnesses', of one quiet moment.
fn quiet(user: &User, instances: &[&str]) -> (Classes, Vec<[Count; 2]>) {
    eventually("a moment without packets", || {
        let before = counted(user);
        std::thread::sleep(std::time::Duration::from_millis(300));
        let seen = instances.iter().map(|i| witnessed(user, i)).collect();
        (counted(user) == before).then_some((before, seen))
    })
}

/// `openvpc exec` of a Python program.
fn python(user: &User, instance: &str, program: &str) {
    let name = "/tmp/program.py";
    user.ok(
        instance,
        &format!("cat > {name} <<'END'\n{program}END\npython3 {name}"),
    );
}

fn every_byte_is_accounted_for(data_path: &str) {
    let user = User::of_daemon_with(Options {
        arguments: vec!["--data-path".into(), data_path.into()],
        ..Options::default()
    });
    let network = user.network();
    let mut command = aws_cli(&user.daemon);
    command.args(["ec2", "create-flow-logs", "--resource-type", "VPC"]);
    command.args(["--resource-ids", &network.vpc, "--traffic-type", "ALL"]);
    command.args(["--log-group-name", GROUP, "--log-format", FORMAT]);
    let role = "arn:aws:iam::123456789012:role/flow-logs";
    let output = command.args(["--deliver-logs-permission-arn", role]);
    stdout_of(&output.output().unwrap());
    let words = format!(
        "ec2 create-security-group --group-name half --description half --vpc-id {}",
        network.vpc
    );
    let group = user.text(&words, "/GroupId");
    for rule in ["tcp --port 7", "icmp --port -1", "udp --port 20000-21499"] {
        user.aws(&format!(
            "ec2 authorize-security-group-ingress --group-id {group} --protocol {rule} --cidr 10.0.0.0/16"
        ));
    }
    let launch = |subnet: &str, group: &str, address: &str| {
        user.launch(&format!(
            "--subnet-id {subnet} --security-group-ids {group} --private-ip-address {address}"
        ))
    };
    let server = launch(&network.subnets[0], &group, SERVER);
    let client = launch(&network.subnets[1], &network.group, CLIENT);
    user.soon(&client, &format!("ping -c 1 -W 1 {SERVER}"));
    let witness = include_str!("clients/wire_witness.py");
    for instance in [&server, &client] {
        user.ok(
            instance,
            &format!(
                "cat > /tmp/witness.py <<'END'\n{witness}END\n(setsid python3 /tmp/witness.py /tmp/wire.json > /tmp/witness.log 2>&1 &)"
            ),
        );
        user.soon(instance, "cat /tmp/wire.json");
    }
    user.ok(&server, "(setsid nc -l 7 < /dev/zero > /dev/null 2>&1 &)");
    let instances = [server.as_str(), client.as_str()];
    let (counted_before, witnessed_before) = quiet(&user, &instances);

    python(&user, &client, TRAFFIC);
    user.ok(&client, &format!("ping -c 50 -i 0.01 {SERVER}"));

    let (counted_after, witnessed_after) = quiet(&user, &instances);
    let enis = instances.map(|instance| {
        user.text(
            &format!("ec2 describe-instances --instance-ids {instance}"),
            "/Reservations/0/Instances/0/NetworkInterfaces/0/NetworkInterfaceId",
        )
    });
    let of = |classes: &Classes, eni: &str, direction: &str, class: &str| -> Count {
        let key = (eni.to_owned(), direction.to_owned(), class.to_owned());
        classes.get(&key).copied().unwrap_or_default()
    };
    for (at, eni) in enis.iter().enumerate() {
        for (side, direction) in ["ingress", "egress"].into_iter().enumerate() {
            let now = |class| of(&counted_after, eni, direction, class);
            let parts = ["accept", "reject", "unlogged"].map(now);
            let sum = [0, 1].map(|what| parts.iter().map(|part| part[what]).sum::<u64>());
            assert_eq!(now("wire"), sum, "{eni} {direction}: {parts:?}");
            assert_eq!(now("overflow"), [0, 0]);
            // The witness sees all that leaves the instance, and of what is to come in only what was let in.
            let passed = |classes: &Classes, what: usize| {
                let wire = of(classes, eni, direction, "wire")[what];
                let refused = of(classes, eni, direction, "reject")[what];
                wire - if direction == "ingress" { refused } else { 0 }
            };
            for what in [0, 1] {
                let counted = passed(&counted_after, what) - passed(&counted_before, what);
                let seen = witnessed_after[at][side][what] - witnessed_before[at][side][what];
                assert_eq!(
                    counted, seen,
                    "{eni} {direction}, packets or bytes ({what})"
                );
            }
        }
    }
    let refused = of(&counted_after, &enis[0], "ingress", "reject");
    assert_eq!(refused, [STORM / 2, STORM / 2 * (100 + 28)]);
    let page = user.get("/_openvpc/metrics");
    for class in ["LocalService", "Spoofed", "Malformed"] {
        let series = page.lines().find(|line| {
            line.starts_with("openvpc_interface_unlogged_packets_total")
                && line.contains(&enis[1])
                && line.contains("egress")
                && line.contains(class)
        });
        assert!(series.is_some(), "{class} has no number of its own");
    }

    // All of it was since the flow log was made, so its lines tell the same once the last window has closed.
    eventually("the records add up to the counters", || {
        let lines = recorded(&user);
        let same = enis.iter().all(|eni| {
            let mut all = ["ingress", "egress"]
                .into_iter()
                .flat_map(|direction| ["accept", "reject"].map(|action| (direction, action)));
            all.all(|(direction, action)| {
                of(&lines, eni, direction, action) == of(&counted_after, eni, direction, action)
            })
        });
        same.then_some(())
    });
}

/// A stream in large frames, a storm of new flows, link-local services, a stranger's source, a checksum that is wrong.
const TRAFFIC: &str = r#"
import socket, struct, urllib.request

with socket.create_connection(("10.0.1.10", 7)) as stream:
    stream.sendall(bytes(2_000_000))
    received = 0
    while received < 2_000_000:
        received += len(stream.recv(1 << 16))

resolver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
resolver.settimeout(10)

def ask():
    resolver.sendto(bytes.fromhex("123401000001000000000000036f6e65077965737465720000010001"), ("10.0.0.2", 53))
    resolver.recv(1500)

# An answer says that what was sent before the question has been judged: a port's queue is never full.
storm = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for n in range(3_000):
    storm.sendto(bytes(100), ("10.0.1.10", 20_000 + n))
    if n % 100 == 99:
        ask()
token = urllib.request.Request(
    "http://169.254.169.254/latest/api/token", method="PUT", headers={"X-aws-ec2-metadata-token-ttl-seconds": "60"})
urllib.request.urlopen(token, timeout=10).read()

router = next(line.split()[3] for line in open("/proc/net/arp") if line.startswith("10.0.2.1 "))
own = open("/sys/class/net/eth0/address").read().strip()
ethernet = bytes.fromhex(router.replace(":", "") + own.replace(":", "") + "0800")

def packet(source, error):
    header = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 48, 1, 0, 64, 17, 0, socket.inet_aton(source), socket.inet_aton("10.0.1.10"))
    total = sum(struct.unpack(">10H", header))
    total = (total & 0xffff) + (total >> 16)
    checksum = ~(total + (total >> 16)) & 0xffff ^ error
    return header[:10] + struct.pack(">H", checksum) + header[12:] + struct.pack(">HHHH", 9, 20_001, 28, 0) + bytes(20)

raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
raw.bind(("eth0", 0x0800))
for _ in range(5):
    raw.send(ethernet + packet("10.9.9.9", 0))
    raw.send(ethernet + packet("10.0.2.10", 1))
"#;

#[test]
fn every_byte_is_accounted_for_by_the_user_path() {
    every_byte_is_accounted_for("user");
}

#[test]
fn every_byte_is_accounted_for_by_the_kernel_path() {
    if !nix::unistd::geteuid().is_root() {
        println!("left out: needs root");
        return;
    }
    every_byte_is_accounted_for("ebpf");
}
