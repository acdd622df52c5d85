//! S3 and DynamoDB from the host machine, with the stock clients.

use nix::sys::signal::Signal;

use crate::support::{Daemon, Options, Privilege, aws_cli, boto3, s3cmd, stdout_of};

#[test]
fn boto3_stores_objects_and_items() {
    let daemon = Daemon::start_with(Options {
        arguments: vec![
            "--credential".to_owned(),
            "stranger:secret:444455556666".to_owned(),
        ],
        ..Options::default()
    });
    let output = boto3(&daemon, include_str!("clients/boto3_objects.py"))
        .output()
        .unwrap();
    assert_eq!(stdout_of(&output), "done");
}

/// Amazon S3 user guide, "Bucket policy examples", with the exact refusals.
#[test]
fn bucket_policies_open_and_close() {
    let daemon = Daemon::start_with(Options {
        arguments: vec![
            "--credential".to_owned(),
            "stranger:secret:444455556666".to_owned(),
        ],
        ..Options::default()
    });
    let program = include_str!("clients/boto3_bucket_policies.py");
    let output = boto3(&daemon, program).output().unwrap();
    assert_eq!(stdout_of(&output), "done");
}

/// Objects and items that were acknowledged are there after kill -9 in the middle of more puts.
#[test]
fn acknowledged_objects_outlive_a_killed_daemon() {
    let folder = tempfile::tempdir().unwrap();
    let start = || Daemon::start_with(Options::kept_in(folder.path()));
    let daemon = start();
    let acknowledged = folder.path().join("acknowledged");
    let program = "
import boto3, sys
from botocore.config import Config
s3 = boto3.client('s3', config=Config(retries={'max_attempts': 0}))
s3.create_bucket(Bucket='good')
with open(sys.argv[1], 'w') as log:
    for n in range(1000000):
        s3.put_object(Bucket='good', Key=f'k{n}', Body=str(n).encode() * 1000)
        print(n, file=log, flush=True)
";
    let mut writer = boto3(&daemon, program)
        .arg(&acknowledged)
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let count = || {
        let text = std::fs::read_to_string(&acknowledged).unwrap_or_default();
        text.lines().count()
    };
    crate::support::eventually("puts are acknowledged", || (count() > 20).then_some(()));
    daemon.end_with(Signal::SIGKILL);
    writer.wait().unwrap();
    let last = count() - 1;

    let daemon = start();
    let check = "
import boto3, sys
s3 = boto3.client('s3')
for n in range(int(sys.argv[1]) + 1):
    assert s3.get_object(Bucket='good', Key=f'k{n}')['Body'].read() == str(n).encode() * 1000, n
print('whole')
";
    let output = boto3(&daemon, check)
        .arg(last.to_string())
        .output()
        .unwrap();
    assert_eq!(stdout_of(&output), "whole");
}

/// A client that shares no code with AWS's: it signs, lists and compares in its own way.
#[test]
fn a_third_party_client_keeps_a_folder_in_step() {
    let daemon = Daemon::start(Privilege::Own);
    let run = |arguments: &[&str]| stdout_of(&s3cmd(&daemon).args(arguments).output().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let [there, back] = ["there/", "back/"].map(|name| folder.path().join(name));
    std::fs::create_dir_all(there.join("deep er")).unwrap();
    std::fs::create_dir(&back).unwrap();
    // Larger than a part (15 MB), so that it goes up in two.
    let large: Vec<u8> = (0..16_000_000u32).map(|n| (n / 7) as u8).collect();
    std::fs::write(there.join("large"), &large).unwrap();
    std::fs::write(there.join("deep er/ü+%41"), "small").unwrap();

    run(&["mb", "s3://good"]);
    run(&["sync", there.to_str().unwrap(), "s3://good/a/"]);
    let again = run(&["sync", there.to_str().unwrap(), "s3://good/a/"]);
    assert!(!again.contains("upload:"), "{again}");
    run(&["sync", "s3://good/a/", back.to_str().unwrap()]);
    assert_eq!(std::fs::read(back.join("large")).unwrap(), large);
    let small = std::fs::read(back.join("deep er/ü+%41")).unwrap();
    assert_eq!(small, b"small");

    std::fs::remove_file(there.join("large")).unwrap();
    run(&[
        "sync",
        "--delete-removed",
        there.to_str().unwrap(),
        "s3://good/a/",
    ]);
    let listed = run(&["ls", "--recursive", "s3://good"]);
    assert!(listed.ends_with("s3://good/a/deep er/ü+%41"), "{listed}");
    assert_eq!(listed.lines().count(), 1, "{listed}");
}

#[test]
fn reset_empties_buckets_and_tables() {
    let daemon = Daemon::start(Privilege::Own);
    let aws = |arguments: &[&str]| stdout_of(&aws_cli(&daemon).args(arguments).output().unwrap());
    aws(&["s3", "mb", "s3://good"]);
    assert!(aws(&["s3", "ls"]).ends_with(" good"));
    stdout_of(&daemon.openvpc(&["reset"]).output().unwrap());
    assert_eq!(aws(&["s3", "ls"]), "");
}

/// `up --service dynamodb=…`: who has signed and may is handed on, nobody else is.
#[test]
fn dynamodb_can_be_served_elsewhere() {
    use std::io::{Read, Write};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let service = format!("dynamodb=http://{}", listener.local_addr().unwrap());
    let served = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = Vec::new();
        let mut piece = [0; 4096];
        while !request.ends_with(b"{}") {
            let len = stream.read(&mut piece).unwrap();
            request.extend_from_slice(&piece[..len]);
        }
        let body = r#"{"TableNames":["theirs"]}"#;
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/x-amz-json-1.0";
        let len = body.len();
        write!(
            stream,
            "{head}\r\ncontent-length: {len}\r\nconnection: close\r\n\r\n{body}"
        )
        .unwrap();
        String::from_utf8_lossy(&request).to_ascii_lowercase()
    });
    let daemon = Daemon::start_with(Options {
        arguments: vec!["--service".to_owned(), service],
        ..Options::default()
    });
    let list = || {
        let mut command = aws_cli(&daemon);
        command.args([
            "dynamodb",
            "list-tables",
            "--query",
            "TableNames[0]",
            "--output",
            "text",
        ]);
        command
    };
    let forged = list()
        .env("AWS_SECRET_ACCESS_KEY", "wrong")
        .output()
        .unwrap();
    assert!(!forged.status.success());
    assert_eq!(stdout_of(&list().output().unwrap()), "theirs");
    let request = served.join().unwrap();
    assert!(
        request.contains("x-amz-target: dynamodb_20120810.listtables"),
        "{request}"
    );
    // It is gone now, and that is told.
    let gone = list().output().unwrap();
    let said = String::from_utf8_lossy(&gone.stderr).into_owned();
    assert!(said.contains("ServiceUnavailable"), "{said}");
}
