//! `C-6`: a disk that somebody else fills up. What adds is refused with one sentence, reading and deleting go on, nothing is
//! lost or broken, and everything goes on by itself once there is room.

use std::time::Duration;

use nix::sys::signal::Signal;

use crate::flow_logs::{TO_BUCKET, TO_GROUP, group_lines, make, object_lines, pings_of, web};
use crate::support::{Options, User, aws_cli, eventually};

#[path = "../crates/disk/tests/small_disk/mod.rs"]
mod small_disk;

fn put(user: &User, key: &str) -> std::process::Output {
    let mut command = aws_cli(&user.daemon);
    command.args(["s3api", "put-object", "--bucket", "files", "--key", key]);
    command.args(["--body", "/etc/hostname"]).output().unwrap()
}

#[test]
fn a_full_disk_refuses_what_adds_and_loses_nothing() {
    let Some(folder) = small_disk::mounted("128m") else {
        return;
    };
    let home = tempfile::tempdir().unwrap();
    let start = || {
        User::of_daemon_with(Options {
            // The program has no room there.
            home: Some(home.path().to_owned()),
            ..Options::kept_in(folder.path())
        })
    };
    let user = start();
    let network = user.network();
    let (_, eni) = web(&user, &network);
    for bucket in ["archive", "files"] {
        user.aws(&format!("s3api create-bucket --bucket {bucket}"));
    }
    assert!(put(&user, "kept").status.success() && put(&user, "old").status.success());
    user.aws("logs create-log-group --log-group-name old");
    make(&user, &network.vpc, &TO_GROUP);
    make(&user, &network.vpc, &TO_BUCKET);
    let ping = |count: u32| {
        let line = format!("ping -c {count} -i 0.2 {}", crate::flow_logs::PUBLIC);
        user.ok("bob", &line);
    };
    user.soon(
        "bob",
        &format!("ping -c 1 -W 1 {}", crate::flow_logs::PUBLIC),
    );
    let both = |user: &User| {
        [group_lines(user, "fl"), object_lines(user, "archive")].map(|lines| pings_of(&eni, &lines))
    };
    let before = eventually("both sinks have the first pings", || {
        let [in_group, in_bucket] = both(&user);
        (in_group > 0 && in_group == in_bucket).then_some(in_group)
    });

    let filler = small_disk::fill(folder.path());
    ping(3);
    for (words, code) in [
        ("ec2 create-vpc --cidr-block 10.1.0.0/16", "(Unavailable)"),
        ("s3api create-bucket --bucket more", "(InsufficientStorage)"),
        (
            "logs create-log-group --log-group-name more",
            "(ServiceUnavailableException)",
        ),
    ] {
        let refusal = user.aws_refused(words);
        assert!(
            refusal.contains(code) && refusal.contains("full"),
            "{words}: {refusal}"
        );
    }
    let refused = put(&user, "more");
    let refusal = String::from_utf8_lossy(&refused.stderr);
    assert!(refusal.contains("(InsufficientStorage)"), "{refusal}");
    // A second look finds what the first one found: no database has shut itself.
    for _ in 0..2 {
        user.aws("ec2 describe-vpcs");
        user.aws("s3api head-object --bucket files --key kept");
        assert!(pings_of(&eni, &group_lines(&user, "fl")) >= before);
    }
    user.aws("s3api delete-object --bucket files --key old");
    user.aws("logs delete-log-group --log-group-name old");
    ping(2);
    // Windows close meanwhile, with nowhere to go.
    std::thread::sleep(Duration::from_secs(2));
    // Nor is a full disk a reason not to come back.
    user.daemon.end_with(Signal::SIGKILL);
    let user = start();
    assert!(pings_of(&eni, &group_lines(&user, "fl")) >= before);
    let refusal = user.aws_refused("ec2 create-vpc --cidr-block 10.1.0.0/16");
    assert!(refusal.contains("(Unavailable)"), "{refusal}");

    std::fs::remove_file(filler).unwrap();
    eventually("what was counted meanwhile is delivered to both", || {
        (both(&user) == [before + 5; 2]).then_some(())
    });
    user.aws("ec2 create-vpc --cidr-block 10.1.0.0/16");
    user.aws("logs create-log-group --log-group-name more");
    assert!(put(&user, "more").status.success());

    user.daemon.end_with(Signal::SIGKILL);
    let user = start();
    assert_eq!(
        both(&user),
        [before + 5; 2],
        "no record is lost or told twice"
    );
    let lines = group_lines(&user, "fl");
    assert!(
        !lines.iter().any(|line| line.ends_with("SKIPDATA")),
        "a kill loses nothing: {lines:?}"
    );
    user.aws("s3api head-object --bucket files --key more");
    user.aws_refused("s3api head-object --bucket files --key old");
}
