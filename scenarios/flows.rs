//! Flow records for people: `openvpc flows` on real packets, beside the stock clients.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::{Options, Privilege, User, client_python, eventually, stdout_of};

/// A follower whose lines arrive here.
struct Follower {
    child: Child,
    lines: std::sync::mpsc::Receiver<String>,
}

impl Follower {
    fn start(user: &User, arguments: &[&str]) -> Follower {
        let words: Vec<&str> = ["flows", "--follow"]
            .iter()
            .chain(arguments)
            .copied()
            .collect();
        let mut child = user
            .daemon
            .openvpc(&words)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (sender, lines) = std::sync::mpsc::channel();
        let output = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        // It has asked before it is waited for.
        std::thread::sleep(Duration::from_millis(500));
        Follower { child, lines }
    }

    /// The first line that has all words, and when it came.
    fn line_with(&self, words: &[&str]) -> (String, Instant) {
        let end = Instant::now() + Duration::from_secs(10);
        loop {
            let line = self
                .lines
                .recv_timeout(end.saturating_duration_since(Instant::now()))
                .unwrap_or_else(|_| panic!("no line with {words:?}"));
            if words.iter().all(|word| line.contains(word)) {
                return (line, Instant::now());
            }
        }
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A client and a server in two subnets; the group lets in pings and port 443 only.
fn stage(user: &User) -> (String, String, String, String) {
    let network = user.network();
    let group = user.text(
        &format!(
            "ec2 create-security-group --group-name web --description web --vpc-id {}",
            network.vpc
        ),
        "/GroupId",
    );
    for rule in ["--protocol icmp --port -1", "--protocol tcp --port 443"] {
        user.aws(&format!(
            "ec2 authorize-security-group-ingress --group-id {group} {rule} --cidr 10.0.0.0/16"
        ));
    }
    let launch = |subnet: &str, address: &str| {
        user.launch(&format!(
            "--subnet-id {subnet} --security-group-ids {group} --private-ip-address {address}"
        ))
    };
    let client = launch(&network.subnets[0], "10.0.1.10");
    let server = launch(&network.subnets[1], "10.0.2.10");
    (network.vpc, group, client, server)
}

fn flows(user: &User, arguments: &[&str]) -> String {
    let words: Vec<&str> = ["flows"].iter().chain(arguments).copied().collect();
    stdout_of(&user.daemon.openvpc(&words).output().unwrap())
}

const REFUSED: &str = "nc -w 1 10.0.2.10 22 < /dev/null || true";

fn records_are_seen_while_they_happen(privilege: Privilege) {
    // A window of a minute: what is seen earlier comes from the engine's cells.
    let user = User::of_daemon_with(Options {
        privilege,
        arguments: vec!["--flow-log-interval".into(), "60".into()],
        ..Options::default()
    });
    let (vpc, _, client, server) = stage(&user);
    let all = Follower::start(&user, &["--vpc", &vpc, "--protocol", "icmp"]);
    let refused = Follower::start(
        &user,
        &["--rejected", "--dst", "10.0.2.0/24", "--port", "22"],
    );
    let json = Follower::start(
        &user,
        &["--instance", &server, "--rejected", "--output", "json"],
    );

    let sent = Instant::now();
    assert!(user.pings(&client, "10.0.2.10"));
    let (line, seen) = all.line_with(&["ACCEPT ingress", "10.0.1.10 → 10.0.2.10"]);
    assert!(
        seen - sent < Duration::from_secs(2),
        "{line} after {:?}",
        seen - sent
    );
    assert!(line.contains("icmp  1 packet, 84 B"), "{line}");

    let sent = Instant::now();
    user.sh(&client, REFUSED);
    let (line, seen) = refused.line_with(&["REJECT ingress", "→ 10.0.2.10:22", "tcp SYN"]);
    // The program waits a second for its answer; its first packet went at once.
    assert!(
        seen - sent < Duration::from_secs(3),
        "{line} after {:?}",
        seen - sent
    );
    let (line, _) = json.line_with(&["REJECT"]);
    let record: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(record["dstport"], 22);
    assert_eq!(record["flow-direction"], "ingress");
    assert_eq!(record["instance-id"], server.as_str());
    drop((all, refused, json));

    // Afterwards the same is in memory, ranked, drawn and asked for in SQL.
    let past = flows(&user, &["--rejected", "--output", "json"]);
    assert!(past.lines().count() >= 1, "{past}");
    let top: Value =
        serde_json::from_str(&flows(&user, &["top", "rejected", "--output", "json"])).unwrap();
    assert_eq!(top["rows"][0]["destination"], "10.0.2.10");
    assert_eq!(top["rows"][0]["port"], "22");
    let plot = flows(&user, &["plot", "--measure", "packets"]);
    assert!(
        plot.contains('#') && plot.contains('x') && !plot.contains('\x1b'),
        "{plot}"
    );
    let answer = flows(
        &user,
        &[
            "sql",
            "SELECT dstaddr, dstport, count(*) > 0 AS seen FROM vpc_flow_logs WHERE action = 'REJECT' GROUP BY dstaddr, dstport",
            "--output",
            "json",
        ],
    );
    assert_eq!(answer, r#"{"dstaddr":"10.0.2.10","dstport":22,"seen":1}"#);
    for query in flows(&user, &["sql", "--list"]).lines() {
        let name = query.split_whitespace().next().unwrap();
        flows(&user, &["sql", "--query", name]);
    }
    let refused = user
        .daemon
        .openvpc(&["flows", "sql", "DELETE FROM vpc_flow_logs"])
        .output()
        .unwrap();
    assert!(!refused.status.success());
}

#[test]
fn records_are_seen_while_they_happen_for_this_user() {
    records_are_seen_while_they_happen(Privilege::Own);
}

#[test]
fn records_are_seen_while_they_happen_without_privileges() {
    records_are_seen_while_they_happen(Privilege::Rootless);
}

#[test]
fn a_replay_tells_what_a_change_would_do() {
    let user = User::of_new_daemon(Privilege::Own);
    let (vpc, group, client, server) = stage(&user);
    user.aws(&format!(
        "ec2 create-flow-logs --resource-type VPC --resource-ids {vpc} --traffic-type ALL --log-group-name fl --deliver-logs-permission-arn arn:aws:iam::123456789012:role/r --max-aggregation-interval 60"
    ));
    // The same in the daemon's own S3, in both forms.
    user.aws("s3api create-bucket --bucket archive");
    for form in ["plain-text", "parquet"] {
        user.aws(&format!(
            "ec2 create-flow-logs --resource-type VPC --resource-ids {vpc} --traffic-type ALL --log-destination-type s3 --log-destination arn:aws:s3:::archive/{form}/ --destination-options FileFormat={form},HiveCompatiblePartitions=false,PerHourPartition=true --max-aggregation-interval 60"
        ));
    }
    assert!(user.pings(&client, "10.0.2.10"));
    user.sh(&server, "(nc -l 443 < /dev/null > /dev/null 2>&1 &)");
    user.sh(&client, "echo hello | nc -w 1 10.0.2.10 443");
    user.sh(&client, REFUSED);
    const SOURCES: [&str; 3] = ["fl", "s3://archive/plain-text/", "s3://archive/parquet/"];
    for source in SOURCES {
        eventually(&format!("the refusal is in {source}"), || {
            let query =
                "SELECT count(*) FROM vpc_flow_logs WHERE dstport = 22 AND action = 'REJECT'";
            let words = ["flows", "sql", query, "--from", source, "--output", "json"];
            let answer = user.daemon.openvpc(&words).output().unwrap();
            let rows = String::from_utf8_lossy(&answer.stdout);
            (answer.status.success() && rows.contains(':') && !rows.contains(":0}")).then_some(())
        });
    }

    let replay = |source: &[&str], against: &str| -> Value {
        let words: Vec<&str> = ["replay", "--against", against, "--output", "json"]
            .iter()
            .chain(source)
            .copied()
            .collect();
        serde_json::from_str(&flows(&user, &words)).unwrap()
    };
    for source in SOURCES {
        let same = replay(&["--from", source], "current");
        assert_eq!(same["changes"], serde_json::json!([]), "{source}: {same}");
    }

    // The change as calls: tried on a copy, and not made.
    let rules = user.aws(&format!(
        "ec2 describe-security-group-rules --filters Name=group-id,Values={group}"
    ));
    let rules = rules["SecurityGroupRules"].as_array().unwrap();
    let https = rules.iter().find(|rule| rule["FromPort"] == 443).unwrap();
    let https = https["SecurityGroupRuleId"].as_str().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("change.jsonl");
    std::fs::write(
        &file,
        format!(
            "# close 443, open 22\n\
             {{\"action\": \"RevokeSecurityGroupIngress\", \"parameters\": {{\"GroupId\": \"{group}\", \"SecurityGroupRuleIds\": [\"{https}\"]}}}}\n\
             {{\"action\": \"AuthorizeSecurityGroupIngress\", \"parameters\": {{\"GroupId\": \"{group}\", \"IpPermissions\": [{{\"IpProtocol\": \"tcp\", \"FromPort\": 22, \"ToPort\": 22, \"IpRanges\": [{{\"CidrIp\": \"10.0.1.0/24\"}}]}}]}}}}\n"
        ),
    )
    .unwrap();
    let file = file.to_str().unwrap();
    let recorded = SOURCES.map(|source| ["--from", source]);
    for source in recorded.into_iter().chain([["--last", "10m"]]) {
        let report = replay(&source, file);
        let found = |from: &str, to: Value, port: u64| {
            let changes = report["changes"].as_array().unwrap();
            changes
                .iter()
                .find(|c| c["from"] == from && c["to"] == to && c["port"] == port)
                .unwrap_or_else(|| panic!("{from} to {to} of {port} in {report}"))
                .clone()
        };
        let closed = found("ACCEPT", "REJECT".into(), 443);
        assert_eq!(closed["reason"], "SecurityGroupIngress");
        assert!(closed["cause"].as_str().unwrap().contains(&group));
        let opened = found("REJECT", "ACCEPT".into(), 22);
        assert!(
            opened["rule"].as_str().unwrap().contains("sgr-"),
            "{opened}"
        );
        found("ACCEPT", Value::Null, 443);
    }
    let words = [
        "flows",
        "replay",
        "--from",
        "fl",
        "--against",
        file,
        "--exit-code",
    ];
    let status = user.daemon.openvpc(&words).output().unwrap();
    assert_eq!(status.status.code(), Some(1), "something would change");

    // A world that was kept judges without the daemon's present one.
    user.aws("iam create-user --user-name eve");
    let words = "iam create-access-key --user-name eve";
    let secret = user.text(words, "/AccessKey/SecretAccessKey");
    let world = stdout_of(&user.daemon.openvpc(&["world"]).output().unwrap());
    assert!(world.contains(&group) && !world.contains(&secret));
    let kept = folder.path().join("world.json");
    std::fs::write(&kept, &world).unwrap();
    user.aws(&format!(
        "ec2 revoke-security-group-ingress --group-id {group} --security-group-rule-ids {https}"
    ));
    let before = replay(&["--from", "fl"], kept.to_str().unwrap());
    assert_eq!(before["changes"], serde_json::json!([]), "{before}");
    let now = replay(&["--from", "fl"], "current");
    assert_ne!(now["changes"], serde_json::json!([]));
}

#[test]
fn records_leave_as_ipfix_and_numbers_as_metrics() {
    let user = User::of_new_daemon(Privilege::Own);
    let (_, _, client, server) = stage(&user);
    let collector = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    collector
        .set_read_timeout(Some(Duration::from_secs(5)))
        .unwrap();
    let address = format!("udp://{}", collector.local_addr().unwrap());
    let mut exporter = user
        .daemon
        .openvpc(&["flows", "export", "--ipfix", &address, "--follow"])
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_millis(500));
    assert!(user.pings(&client, "10.0.2.10"));
    user.sh(&client, REFUSED);
    let mut datagram = [0; 2_000];
    let len = collector.recv(&mut datagram).unwrap();
    assert_eq!(datagram[..2], [0, 10], "IPFIX is version 10");
    assert_eq!(
        usize::from(u16::from_be_bytes([datagram[2], datagram[3]])),
        len
    );
    let _ = exporter.kill();
    let _ = exporter.wait();

    // Another implementation reads the file, with the registry's own names.
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("flows.ipfix");
    eventually("the refusal is in memory", || {
        (!flows(&user, &["--rejected", "--port", "22"]).is_empty()).then_some(())
    });
    flows(&user, &["export", "--ipfix", file.to_str().unwrap()]);
    let read = client_python(include_str!("clients/read_ipfix.py"))
        .arg(&file)
        .output()
        .unwrap();
    let records: Vec<Value> = stdout_of(&read)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let of = |status: u64, protocol: u64| {
        records
            .iter()
            .find(|r| {
                r["forwardingStatus"] == status
                    && r["protocolIdentifier"] == protocol
                    && r["flowDirection"] == 0
            })
            .unwrap_or_else(|| panic!("{status} {protocol} in {records:?}"))
    };
    let ping = of(64, 1);
    assert_eq!(
        (&ping["packetDeltaCount"], &ping["octetDeltaCount"]),
        (&1.into(), &84.into())
    );
    let refused = of(129, 6);
    assert_eq!(refused["sourceIPv4Address"], "10.0.1.10");
    assert_eq!(refused["destinationTransportPort"], 22);
    assert_eq!(refused["tcpControlBits"], 2);
    assert!(
        refused["interfaceName"]
            .as_str()
            .unwrap()
            .starts_with("eni-")
    );

    // Prometheus' numbers, as its text format has them.
    let text = user.get("/_openvpc/metrics");
    let value = |series: &str| {
        let line = text.lines().find(|line| line.starts_with(series));
        let line = line.unwrap_or_else(|| panic!("{series} in {text}"));
        line.rsplit(' ').next().unwrap().parse::<f64>().unwrap()
    };
    assert!(value("openvpc_dropped_frames_total{reason=\"SecurityGroupIngress\"") >= 1.0);
    assert_eq!(
        value("openvpc_revision "),
        value("openvpc_applied_revision ")
    );
    assert_eq!(value("openvpc_instances "), 2.0);
    assert!(value("openvpc_api_calls_total{service=\"ec2\",status=\"200\"}") >= 10.0);
    assert!(value("openvpc_flow_records_total ") >= 4.0);
    let eni = user.text(
        &format!(
            "ec2 describe-network-interfaces --filters Name=attachment.instance-id,Values={server}"
        ),
        "/NetworkInterfaces/0/NetworkInterfaceId",
    );
    let rejected = text.lines().find(|line| {
        line.starts_with("openvpc_interface_packets_total")
            && line.contains(&eni)
            && line.contains("\"ingress\"")
            && line.contains("\"reject\"")
    });
    assert!(!rejected.unwrap().ends_with(" 0"), "{rejected:?}");
}

/// As `zcat` and `grep` have it: what cannot be read to its end is told, the rest is read, and the exit status says so.
#[test]
fn a_damaged_file_is_told_and_the_others_are_read() {
    const LINES: &str = "srcaddr bytes end action log-status\n10.0.0.1 40 61 ACCEPT OK\n";
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).unwrap();
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(LINES.as_bytes()).unwrap();
    let packed = encoder.finish().unwrap();
    put("1.log.gz", &packed);
    put("4.log", LINES.as_bytes());
    let query = "SELECT sum(bytes) AS bytes FROM vpc_flow_logs";
    let commands = [&["sql", query][..], &["top"], &["plot"]];
    let run = |command: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_openvpc"))
            .arg("flows")
            .args(command)
            .args(["--output", "json", "--from"])
            .arg(folder.path())
            .output()
            .unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let shown: Value = serde_json::from_str(&text(output.stdout)).unwrap();
        let bytes = ["/bytes", "/total/bytes", "/bars/0/accepted"];
        let bytes = bytes.iter().find_map(|place| shown.pointer(place));
        let errors = text(output.stderr);
        (output.status.code(), bytes.and_then(Value::as_u64), errors)
    };
    for command in commands {
        assert_eq!(run(command), (Some(0), Some(80), String::new()));
    }

    // All but a part of the checksum: the line comes out.
    put("2.log.gz", &packed[..packed.len() - 4]);
    put("3.parquet", b"PAR1 and nothing more");
    for command in commands {
        let (code, bytes, errors) = run(command);
        assert_eq!((code, bytes), (Some(1), Some(120)), "{errors}");
        for told in ["2.log.gz", "3.parquet"] {
            assert!(errors.contains(told), "{errors}");
        }
        assert_eq!(errors.lines().count(), 2, "{errors}");
    }
}
