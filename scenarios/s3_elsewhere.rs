//! `up --service s3=…`: another S3 keeps what is in buckets. Here it is a second daemon's; who may do what is asked of the first.

use crate::flow_logs::{PUBLIC, TO_BUCKET, make, object_lines, pings_of, status, web};
use crate::support::{Daemon, Options, Privilege, User, aws_cli, boto3, eventually, stdout_of};

fn before(other: &Daemon, key: &str) -> Options {
    let address = other.endpoint().trim_start_matches("http://");
    Options {
        arguments: vec!["--service".to_owned(), format!("s3=http://{key}{address}")],
        ..Options::default()
    }
}

fn listed(daemon: &Daemon, bucket: &str) -> String {
    let mut command = aws_cli(daemon);
    let output = command.args(["s3", "ls", "--recursive", bucket]).output();
    stdout_of(&output.unwrap())
}

/// The stock client's commands, which upload in parts and by checksums that follow.
#[test]
fn objects_can_be_kept_elsewhere() {
    let other = Daemon::start(Privilege::Own);
    let daemon = Daemon::start_with(before(&other, ""));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    let bytes: Vec<u8> = (0..20_000_000_u32)
        .map(|n| (n.wrapping_mul(n) >> 7) as u8)
        .collect();
    std::fs::write(&file, &bytes).unwrap();
    let back = folder.path().join("back");
    let [file, back] = [&file, &back].map(|path| path.to_str().unwrap());
    let aws = |arguments: &[&str]| stdout_of(&aws_cli(&daemon).args(arguments).output().unwrap());
    aws(&["s3", "mb", "s3://box"]);
    aws(&["s3", "cp", "--quiet", file, "s3://box/in/parts"]);
    aws(&["s3", "cp", "--quiet", "s3://box/in/parts", "s3://box/copy"]);
    aws(&["s3", "cp", "--quiet", "s3://box/copy", back]);
    assert!(std::fs::read(back).unwrap() == bytes);
    assert_eq!(listed(&daemon, "box").lines().count(), 2);
    assert_eq!(listed(&other, "box"), listed(&daemon, "box"));

    let mut forged = aws_cli(&daemon);
    forged
        .env("AWS_SECRET_ACCESS_KEY", "wrong")
        .args(["s3", "ls"]);
    let said = String::from_utf8_lossy(&forged.output().unwrap().stderr).into_owned();
    assert!(said.contains("SignatureDoesNotMatch"), "{said}");
    aws(&["s3", "rb", "--force", "s3://box"]);
    assert_eq!(aws(&["s3", "ls"]), "");

    // It is gone now, and that is told.
    drop(other);
    let gone = aws_cli(&daemon).args(["s3", "ls"]).output().unwrap();
    let said = String::from_utf8_lossy(&gone.stderr).into_owned();
    assert!(said.contains("ServiceUnavailable"), "{said}");
}

#[test]
fn a_program_sees_no_difference_but_policies() {
    let other = Daemon::start(Privilege::Own);
    let daemon = Daemon::start_with(before(&other, ""));
    let program = include_str!("clients/boto3_s3_elsewhere.py");
    let mut command = boto3(&daemon, program);
    command.args([daemon.endpoint(), other.endpoint()]);
    let output = command.arg(daemon.pid().to_string()).output().unwrap();
    assert_eq!(stdout_of(&output), "done");
}

/// Flow logs go there too, signed with the key that the address names; a key that the other S3 does not know shows as
/// `Access error`.
#[test]
fn flow_logs_are_delivered_elsewhere() {
    let other = Daemon::start(Privilege::Own);
    let user = User::of_daemon_with(before(&other, "test:test@"));
    let network = user.network();
    let (_, eni) = web(&user, &network);
    user.aws("s3api create-bucket --bucket archive");
    let log = make(&user, &network.vpc, &TO_BUCKET);
    user.soon("bob", &format!("ping -c 1 -W 1 {PUBLIC}"));
    user.ok("bob", &format!("ping -c 2 -i 0.2 {PUBLIC}"));
    eventually("the pings are told", || {
        (pings_of(&eni, &object_lines(&user, "archive")) == 3).then_some(())
    });
    assert!(listed(&other, "archive").contains("AWSLogs/123456789012/vpcflowlogs/"));
    assert_eq!(status(&user, &log).0, "SUCCESS");

    // With callers' own keys only, there is none for a service.
    let user = User::of_daemon_with(before(&other, ""));
    let network = user.network();
    web(&user, &network);
    user.aws("s3api put-public-access-block --bucket archive --public-access-block-configuration BlockPublicAcls=true");
    let log = make(&user, &network.vpc, &TO_BUCKET);
    user.soon("bob", &format!("ping -c 1 -W 1 {PUBLIC}"));
    eventually("it is refused", || {
        (status(&user, &log) == ("FAILED".to_owned(), "Access error".into())).then_some(())
    });
}
