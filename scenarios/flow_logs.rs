//! VPC user guide, "Publish flow logs to Amazon S3" and "to CloudWatch Logs": real packets, read back by stock clients.

use std::collections::BTreeSet;
use std::time::Duration;

use nix::sys::signal::Signal;
use serde_json::{Value, json};

use crate::support::{
    Daemon, Network, Options, Privilege, User, aws_cli, boto3, eventually, stdout_of,
};

pub const ROLE: &str = "arn:aws:iam::123456789012:role/flow-logs";
const ADDRESS: &str = "10.0.1.10";
pub const PUBLIC: &str = "192.0.2.10";
const BOB: &str = "203.0.113.12";

/// A flow log into the group `fl`, and one into the bucket `archive`.
pub const TO_GROUP: [&str; 4] = [
    "--log-group-name",
    "fl",
    "--deliver-logs-permission-arn",
    ROLE,
];
pub const TO_BUCKET: [&str; 4] = [
    "--log-destination-type",
    "s3",
    "--log-destination",
    "arn:aws:s3:::archive",
];

/// A public instance at [`ADDRESS`] and [`PUBLIC`], and its interface.
pub fn web(user: &User, network: &Network) -> (String, String) {
    let Network { subnets, group, .. } = network;
    let instance = user.launch(&format!(
        "--subnet-id {} --security-group-ids {group} --private-ip-address {ADDRESS}",
        subnets[0]
    ));
    let words = format!("ec2 allocate-address --domain vpc --address {PUBLIC}");
    let allocation = user.text(&words, "/AllocationId");
    user.aws(&format!(
        "ec2 associate-address --allocation-id {allocation} --instance-id {instance}"
    ));
    let words = format!("ec2 describe-instances --instance-ids {instance}");
    let eni = "/Reservations/0/Instances/0/NetworkInterfaces/0/NetworkInterfaceId";
    (instance.clone(), user.text(&words, eni))
}

/// Makes one flow log of all traffic; what the call answered.
fn create(user: &User, vpc: &str, more: &[&str]) -> Value {
    let output = aws_cli(&user.daemon)
        .args(["ec2", "create-flow-logs", "--resource-type", "VPC"])
        .args([
            "--resource-ids",
            vpc,
            "--traffic-type",
            "ALL",
            "--output",
            "json",
        ])
        .args(more)
        .output()
        .unwrap();
    serde_json::from_str(&stdout_of(&output)).unwrap()
}

pub fn make(user: &User, vpc: &str, more: &[&str]) -> String {
    let answer = create(user, vpc, more);
    let id = answer.pointer("/FlowLogIds/0").and_then(Value::as_str);
    id.unwrap_or_else(|| panic!("{answer}")).to_owned()
}

fn keys(user: &User, bucket: &str) -> Vec<String> {
    let listed = user.aws(&format!("s3api list-objects-v2 --bucket {bucket}"));
    let objects = listed["Contents"].as_array().cloned().unwrap_or_default();
    let key = |object: &Value| object["Key"].as_str().unwrap().to_owned();
    objects.iter().map(key).collect()
}

/// Every line of a bucket's text objects, head lines apart.
pub fn object_lines(user: &User, bucket: &str) -> Vec<String> {
    let program = "
import boto3, gzip, sys
s3 = boto3.client('s3')
for page in s3.get_paginator('list_objects_v2').paginate(Bucket=sys.argv[1]):
    for item in page.get('Contents', []):
        body = s3.get_object(Bucket=sys.argv[1], Key=item['Key'])['Body'].read()
        print('\\n'.join(gzip.decompress(body).decode().splitlines()[1:]))
";
    let output = boto3(&user.daemon, program).arg(bucket).output().unwrap();
    stdout_of(&output).lines().map(str::to_owned).collect()
}

pub fn group_lines(user: &User, group: &str) -> Vec<String> {
    let mut command = aws_cli(&user.daemon);
    let output = command
        .args([
            "logs",
            "filter-log-events",
            "--output",
            "json",
            "--log-group-name",
            group,
        ])
        .output()
        .unwrap();
    let Ok(answer) = serde_json::from_slice::<Value>(&output.stdout) else {
        return Vec::new();
    };
    let events = answer["events"].as_array().cloned().unwrap_or_default();
    let line = |event: &Value| event["message"].as_str().unwrap().to_owned();
    events.iter().map(line).collect()
}

/// Packets that an interface's ingress lines tell of Bob's pings.
pub fn pings_of(eni: &str, lines: &[String]) -> u64 {
    let of_ping = format!(" {eni} {BOB} {ADDRESS} 0 0 1 ");
    let packets = |line: &String| line.split(' ').nth(8).unwrap().parse::<u64>().unwrap();
    let ours = lines.iter().filter(|line| line.contains(&of_ping));
    ours.map(packets).sum()
}

pub fn status(user: &User, flow_log: &str) -> (String, Value) {
    let words = format!("ec2 describe-flow-logs --flow-log-ids {flow_log}");
    let log = user.aws(&words)["FlowLogs"][0].clone();
    let status = log["DeliverLogsStatus"].as_str().unwrap().to_owned();
    (status, log["DeliverLogsErrorMessage"].clone())
}

/// `S3-1` to `S3-8`, `CW-1`, `CW-2`: three logs of one VPC tell the same, in three forms, to readers that others wrote.
#[test]
fn both_sinks_tell_third_party_readers_the_same() {
    let user = User::of_new_daemon(Privilege::Own);
    let network = user.network();
    let (_, eni) = web(&user, &network);
    user.aws("s3api create-bucket --bucket flow-archive");
    make(&user, &network.vpc, &TO_GROUP);
    let text = make(
        &user,
        &network.vpc,
        &[
            "--log-destination-type",
            "s3",
            "--log-destination",
            "arn:aws:s3:::flow-archive/net/",
            "--destination-options",
            "FileFormat=plain-text,HiveCompatiblePartitions=false,PerHourPartition=true",
        ],
    );
    let format = "${version} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${protocol} ${packets} ${bytes} ${start} ${action} ${log-status} ${flow-direction} ${traffic-path} ${next-hop-interface-id} ${openvpc-security-group-rule} ${openvpc-network-acl-rule} ${openvpc-gateway} ${openvpc-revision}";
    make(
        &user,
        &network.vpc,
        &[
            "--log-destination-type",
            "s3",
            "--log-destination",
            "arn:aws:s3:::flow-archive",
            "--log-format",
            format,
            "--destination-options",
            "FileFormat=parquet,HiveCompatiblePartitions=true,PerHourPartition=true",
        ],
    );
    // The service wrote the policy itself, for both folders (`S3-8`).
    let policy = user.text("s3api get-bucket-policy --bucket flow-archive", "/Policy");
    for part in [
        "delivery.logs.amazonaws.com",
        "flow-archive/net/AWSLogs/123456789012/*",
        "flow-archive/AWSLogs/aws-account-id=123456789012/*",
    ] {
        assert!(policy.contains(part), "{policy}");
    }

    let marker = "6f70656e76706321".repeat(2);
    user.ok("bob", &format!("ping -c 4 -i 0.2 -p {marker} {PUBLIC}"));
    let inward = format!("{BOB} {ADDRESS} ACCEPT");
    let outward = format!("{ADDRESS} {BOB} ACCEPT");
    let wanted = json!({
        format!("{inward} packets"): 4, format!("{inward} bytes"): 336,
        format!("{outward} packets"): 4, format!("{outward} bytes"): 336,
    });
    let program = include_str!("clients/flow_log_readers.py");
    let told = eventually("all readers have the ping", || {
        let arguments = ["fl", "flow-archive", &eni];
        let output = boto3(&user.daemon, program)
            .args(arguments)
            .output()
            .unwrap();
        let told: Value = serde_json::from_slice(&output.stdout).ok()?;
        let all = ["logs", "text", "parquet"].map(|sink| &told[sink]);
        (all == [&wanted; 3]).then_some(told)
    });
    for (column, kind) in [
        ("version", "INTEGER"),
        ("srcaddr", "VARCHAR"),
        ("packets", "BIGINT"),
        ("start", "BIGINT"),
        ("traffic_path", "INTEGER"),
        ("next_hop_interface_id", "VARCHAR"),
        ("openvpc_security_group_rule", "VARCHAR"),
    ] {
        assert_eq!(told["types"][column], kind, "{column}");
    }
    // Bob's ping was let in by the group's rule, its answer left by the gateway that the route names.
    let rule = user.text(
        &format!(
            "ec2 describe-security-group-rules --filters Name=group-id,Values={}",
            network.group
        ),
        "/SecurityGroupRules/0/SecurityGroupRuleId",
    );
    let why = told["why"][0].as_array().unwrap();
    assert!(
        why[0].as_str().unwrap().starts_with("sgr-"),
        "{why:?} {rule}"
    );
    assert!(why[1].as_str().unwrap().starts_with("igw-"), "{why:?}");
    assert_eq!(
        (&why[2], &why[3], &why[4]),
        (&json!("100"), &json!("-"), &json!(true))
    );

    // `S3-3`, `S3-5`: the documented name.
    let prefix = "net/AWSLogs/123456789012/vpcflowlogs/us-east-1/";
    let name = keys(&user, "flow-archive");
    let name = name.iter().find(|key| key.starts_with(prefix)).unwrap();
    let file = name.rsplit('/').next().unwrap();
    assert_eq!(name[prefix.len()..].matches('/').count(), 4, "{name}");
    assert!(file.starts_with(&format!("123456789012_vpcflowlogs_us-east-1_{text}_")));
    let minute: u32 = file[file.find('T').unwrap() + 3..][..2].parse().unwrap();
    assert_eq!(minute % 5, 0, "{file}");
    assert!(file.ends_with(".log.gz"));
    // I-18: nothing of a payload is anywhere.
    for line in group_lines(&user, "fl") {
        assert!(!line.contains("openvpc!"), "{line}");
    }
}

/// Spec 01 §10, `CW-5`: what a bucket refuses waits, shows as `Access error`, and arrives whole once it may.
#[test]
fn a_bucket_that_refuses_gets_everything_once_it_accepts() {
    let user = User::of_daemon_with(Options {
        arguments: vec![
            "--credential".to_owned(),
            "stranger:secret:444455556666".to_owned(),
        ],
        ..Options::default()
    });
    let network = user.network();
    let (_, eni) = web(&user, &network);
    let refused = |bucket: &str| {
        let arn = format!("arn:aws:s3:::{bucket}");
        let to = ["--log-destination-type", "s3", "--log-destination", &arn];
        let answer = create(&user, &network.vpc, &to);
        assert_eq!(answer["FlowLogIds"], json!([]));
        let message = answer.pointer("/Unsuccessful/0/Error/Message");
        message.and_then(Value::as_str).unwrap().to_owned()
    };
    assert_eq!(
        refused("nowhere"),
        "LogDestination: nowhere does not exist."
    );
    let foreign = aws_cli(&user.daemon)
        .args(["s3api", "create-bucket", "--bucket", "foreign"])
        .env("AWS_ACCESS_KEY_ID", "stranger")
        .env("AWS_SECRET_ACCESS_KEY", "secret")
        .output()
        .unwrap();
    stdout_of(&foreign);
    assert!(refused("foreign").starts_with("Access Denied for LogDestination: foreign"));

    user.aws("s3api create-bucket --bucket own");
    let to_bucket = [
        "--log-destination-type",
        "s3",
        "--log-destination",
        "arn:aws:s3:::own",
    ];
    let log = make(&user, &network.vpc, &to_bucket);
    let policy = user.text("s3api get-bucket-policy --bucket own", "/Policy");
    user.aws("s3api delete-bucket-policy --bucket own");
    user.ok("bob", &format!("ping -c 3 -i 0.2 {PUBLIC}"));
    eventually("the refusal shows", || {
        (status(&user, &log) == ("FAILED".to_owned(), json!("Access error"))).then_some(())
    });
    user.ok("bob", &format!("ping -c 2 -i 0.2 {PUBLIC}"));
    std::thread::sleep(Duration::from_secs(2));
    let output = aws_cli(&user.daemon)
        .args([
            "s3api",
            "put-bucket-policy",
            "--bucket",
            "own",
            "--policy",
            &policy,
        ])
        .output()
        .unwrap();
    stdout_of(&output);
    eventually("it is well again", || {
        (status(&user, &log) == ("SUCCESS".to_owned(), Value::Null)).then_some(())
    });
    let pings = || pings_of(&eni, &object_lines(&user, "own"));
    eventually("all five pings are there", || (pings() == 5).then_some(()));
}

/// T-14: a machine that crashes again and again delivers no record twice, none that was counted durably is missing, and
/// what was not is declared.
#[test]
fn records_outlive_crashes_once_each() {
    const ROUNDS: usize = 4;
    let (lines, eni, sent, unanswered) = records_of_rounds(ROUNDS, |daemon| daemon.crash());
    for lines in &lines {
        let skipped = |line: &&String| line.contains(&eni) && line.ends_with(" SKIPDATA");
        assert_eq!(
            lines.iter().filter(skipped).count(),
            ROUNDS,
            "each crash is declared once"
        );
        let pings = pings_of(&eni, lines);
        let counted = sent - 2 * ROUNDS as u64;
        assert!(
            (counted..=sent + unanswered).contains(&pings),
            "{pings} of {sent} pings, and {unanswered} without an answer"
        );
    }
}

/// T-2: a daemon that is killed again and again loses nothing at all, for what carries packets goes on counting.
#[test]
fn a_killed_daemon_loses_no_record() {
    const ROUNDS: usize = 5;
    let kill = |daemon: Daemon| {
        daemon.end_with(Signal::SIGKILL);
    };
    let (lines, eni, sent, unanswered) = records_of_rounds(ROUNDS, kill);
    for lines in &lines {
        let skipped = lines.iter().filter(|line| line.ends_with(" SKIPDATA"));
        assert_eq!(skipped.count(), 0, "nothing is to be declared");
        let pings = pings_of(&eni, lines);
        assert!(
            (sent..=sent + unanswered).contains(&pings),
            "{pings} of {sent} pings, and {unanswered} without an answer"
        );
    }
}

/// … nor what an interface carried that was deleted before, in the same window; and a flow log that was made in it is told
/// nothing of the time before.
#[test]
fn a_killed_daemon_forgets_nothing_of_what_changed_in_the_window() {
    let folder = tempfile::tempdir().unwrap();
    let start = || {
        // A window that only an orderly end closes.
        let interval = ["--flow-log-interval", "600"].map(str::to_owned);
        User::of_daemon_with(Options {
            arguments: interval.to_vec(),
            ..Options::kept_in(folder.path())
        })
    };
    let user = start();
    let network = user.network();
    let (instance, eni) = web(&user, &network);
    let format = "${interface-id} ${instance-id} ${srcaddr} ${packets} ${log-status}";
    let make_into = |name| {
        let [group, _, role, arn] = TO_GROUP;
        let more = [group, name, role, arn, "--log-format", format];
        make(&user, &network.vpc, &more);
    };
    make_into("early");
    user.ok("bob", "true");
    eventually("bob is answered", || {
        user.pings("bob", PUBLIC).then_some(())
    });
    user.ok("bob", &format!("ping -c 5 -i 0.2 {PUBLIC}"));
    make_into("late");
    // It begins when what was counted before has been read.
    std::thread::sleep(Duration::from_secs(2));
    user.ok("bob", &format!("ping -c 2 -i 0.2 {PUBLIC}"));
    user.aws(&format!(
        "ec2 terminate-instances --instance-ids {instance}"
    ));
    user.aws(&format!(
        "ec2 wait instance-terminated --instance-ids {instance}"
    ));
    user.daemon.end_with(Signal::SIGKILL);

    assert!(start().daemon.end_with(Signal::SIGTERM).success());
    let user = start();
    let wanted = format!("{eni} {instance} {BOB} ");
    let [early, late] = ["early", "late"].map(|group| {
        eventually("the pings are recorded", || {
            let lines = group_lines(&user, group);
            let line = lines.iter().find_map(|line| line.strip_prefix(&wanted))?;
            line.strip_suffix(" OK")?.parse::<u64>().ok()
        })
    });
    assert!(early >= 8, "{early}");
    assert_eq!(late, 2);
}

/// Ends a daemon in several rounds while pings come from the internet, each time a little later within a window of a
/// flow log. Then what a group and a bucket have, when both have the same; the instance's interface, how many pings it has
/// been sent, and how many more that it did not answer: one that came while it began may have reached its interface.
fn records_of_rounds(rounds: usize, end: impl Fn(Daemon)) -> ([Vec<String>; 2], String, u64, u64) {
    let folder = tempfile::tempdir().unwrap();
    let start = || User::of_daemon_with(Options::kept_in(folder.path()));
    let user = start();
    let network = user.network();
    let (instance, eni) = web(&user, &network);
    user.aws("s3api create-bucket --bucket archive");
    make(&user, &network.vpc, &TO_BUCKET);
    make(&user, &network.vpc, &TO_GROUP);
    user.ok("bob", "true");
    let inward = |lines: &[String]| pings_of(&eni, lines);
    let (mut sent, mut unanswered) = (0, 0);
    let mut running = Some(user);
    for round in 0..rounds {
        let user = running.take().unwrap_or_else(&start);
        eventually("bob is answered", || {
            let answered = user.pings("bob", PUBLIC);
            sent += u64::from(answered);
            unanswered += u64::from(!answered);
            answered.then_some(())
        });
        user.ok("bob", &format!("ping -c 3 -i 0.2 {PUBLIC}"));
        sent += 3;
        // But for two that each end before may have cut off.
        let counted = sent - 2 * round as u64;
        eventually("all pings so far are recorded", || {
            (inward(&group_lines(&user, "fl")) >= counted).then_some(())
        });
        user.ok("bob", &format!("ping -c 2 -i 0.2 {PUBLIC}"));
        sent += 2;
        std::thread::sleep(Duration::from_millis(150 * round as u64));
        end(user.daemon);
    }
    let user = start();
    user.soon(&instance, "true");
    let of_status = |lines: &[String], status: &str| -> Vec<String> {
        let mut lines: Vec<String> = lines.to_vec();
        lines.retain(|line| line.ends_with(status));
        lines.sort();
        lines
    };
    let lines = eventually("both sinks have the same", || {
        let in_group = group_lines(&user, "fl");
        let in_bucket = object_lines(&user, "archive");
        let same = of_status(&in_group, " OK") == of_status(&in_bucket, " OK");
        let told = inward(&in_group) >= sent
            || of_status(&in_group, " SKIPDATA").len() >= rounds
                && of_status(&in_bucket, " SKIPDATA").len() >= rounds;
        (same && told).then_some([in_group, in_bucket])
    });
    for lines in &lines {
        let once: BTreeSet<&String> = lines.iter().collect();
        assert_eq!(once.len(), lines.len(), "no line is there twice");
    }
    (lines, eni, sent, unanswered)
}

/// An orderly end leaves nothing to declare and loses nothing.
#[test]
fn an_orderly_restart_declares_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let start = || User::of_daemon_with(Options::kept_in(folder.path()));
    let user = start();
    let network = user.network();
    let (_, eni) = web(&user, &network);
    make(&user, &network.vpc, &TO_GROUP);
    user.soon("bob", &format!("ping -c 1 -W 1 {PUBLIC}"));
    user.ok("bob", &format!("ping -c 5 -i 0.2 {PUBLIC}"));
    assert!(user.daemon.end_with(Signal::SIGTERM).success());

    let user = start();
    let lines = eventually("six pings are recorded", || {
        let lines = group_lines(&user, "fl");
        (pings_of(&eni, &lines) == 6).then_some(lines)
    });
    assert!(
        !lines.iter().any(|line| line.ends_with("SKIPDATA")),
        "{lines:?}"
    );
}
