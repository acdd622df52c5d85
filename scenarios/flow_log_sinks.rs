//! T-14 with real sinks: an outage of both, with a daemon that dies in it, and a bucket whose disk hangs. How ten minutes
//! of it go, and what a spool without room does, is in `crates/delivery/tests/outages.rs`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use nix::sys::signal::Signal;
use openvpc_logs::{Delivery, Limits, Logs, Place};
use serde_json::json;

use crate::flow_logs::{PUBLIC, TO_BUCKET, TO_GROUP, group_lines, make, object_lines};
use crate::flow_logs::{pings_of, status, web};
use crate::support::{Options, User, eventually};

fn ping(user: &User, count: u32) {
    user.ok("bob", &format!("ping -c {count} -i 0.2 {PUBLIC}"));
}

/// Bob's pings that either sink tells of.
fn both(user: &User, eni: &str) -> [u64; 2] {
    [group_lines(user, "fl"), object_lines(user, "archive")].map(|lines| pings_of(eni, &lines))
}

/// Neither sink has a line twice; how many SKIPDATA lines of the interface there are in each.
fn declared(user: &User, eni: &str) -> [usize; 2] {
    [group_lines(user, "fl"), object_lines(user, "archive")].map(|lines| {
        let once: BTreeSet<&String> = lines.iter().collect();
        assert_eq!(once.len(), lines.len(), "no line is there twice");
        let skipped = |line: &&String| line.contains(eni) && line.ends_with(" SKIPDATA");
        lines.iter().filter(skipped).count()
    })
}

/// The role may not write any more, nor does the bucket's policy let the service in; the daemon is killed meanwhile.
#[test]
fn both_sinks_get_everything_once_after_an_outage() {
    let folder = tempfile::tempdir().unwrap();
    let start = || User::of_daemon_with(Options::kept_in(folder.path()));
    let user = start();
    let network = user.network();
    let (_, eni) = web(&user, &network);
    user.aws("s3api create-bucket --bucket archive");
    let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
        "Principal": {"Service": "vpc-flow-logs.amazonaws.com"}, "Action": "sts:AssumeRole"}]});
    user.aws(&format!(
        "iam create-role --role-name flow-logs --assume-role-policy-document {trust}"
    ));
    let may = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
        "Action": "logs:*", "Resource": "*"}]});
    let let_role = format!(
        "iam put-role-policy --role-name flow-logs --policy-name p --policy-document {may}"
    );
    user.aws(&let_role);
    let logs = [&TO_GROUP, &TO_BUCKET].map(|to| make(&user, &network.vpc, to));
    let policy = user.text("s3api get-bucket-policy --bucket archive", "/Policy");
    user.soon("bob", &format!("ping -c 1 -W 1 {PUBLIC}"));
    ping(&user, 2);
    let before = eventually("both sinks have the first pings", || {
        let [in_group, in_bucket] = both(&user, &eni);
        (in_group >= 3 && in_group == in_bucket).then_some(in_group)
    });

    user.aws("iam delete-role-policy --role-name flow-logs --policy-name p");
    user.aws("s3api delete-bucket-policy --bucket archive");
    ping(&user, 3);
    for log in &logs {
        eventually("the outage shows", || {
            (status(&user, log) == ("FAILED".to_owned(), json!("Access error"))).then_some(())
        });
    }
    ping(&user, 4);
    assert_eq!(both(&user, &eni), [before; 2], "nothing goes meanwhile");
    // An end in good order: what was counted waits in the spool. The crash after it finds nothing open but the next window.
    assert!(user.daemon.end_with(Signal::SIGTERM).success());
    let user = start();
    user.soon("bob", &format!("ping -c 1 -W 1 {PUBLIC}"));
    user.daemon.crash();

    let user = start();
    user.soon("bob", &format!("ping -c 1 -W 1 {PUBLIC}"));
    user.aws(&let_role);
    let put = format!("s3api put-bucket-policy --bucket archive --policy {policy}");
    user.aws(&put);
    for log in &logs {
        eventually("it is well again", || {
            (status(&user, log).0 == "SUCCESS").then_some(())
        });
    }
    // Seven of the outage, and one now; those of the crash were counted or are declared.
    let flows = |lines: Vec<String>| -> BTreeSet<String> {
        lines
            .into_iter()
            .filter(|line| line.ends_with(" OK"))
            .collect()
    };
    eventually("both sinks have the same", || {
        let [in_group, in_bucket] =
            [group_lines(&user, "fl"), object_lines(&user, "archive")].map(flows);
        let pings = pings_of(&eni, &Vec::from_iter(in_group.clone()));
        (in_group == in_bucket && pings >= before + 8).then_some(())
    });
    assert_eq!(declared(&user, &eni), [1; 2], "the crash is declared once");
}

/// As many log groups as CloudWatch Logs keeps, made in the state that a daemon finds.
fn fill_with_log_groups(state: &Path) {
    std::fs::create_dir(state).unwrap();
    let logs = Logs::open(Place::Directory(state.to_owned())).unwrap();
    let group = |n: u64| Delivery {
        account: "123456789012".to_owned(),
        region: "us-east-1".to_owned(),
        log_group: format!("other-{n}"),
        log_stream: "s".to_owned(),
        source: "test".to_owned(),
        batch_id: n.to_string(),
        makes_group: true,
        events: Vec::new(),
    };
    let groups: Vec<Delivery> = (0..Limits::DURABLE.groups_max).map(group).collect();
    assert_eq!(logs.deliver(&groups, 0).unwrap().refused, []);
}

/// `CW-3`, `CW-5`: the log group is made with the first lines, and there can be no more groups. The lines wait, and the
/// flow log says that something is wrong which is not its role's fault; with room for a group all of them arrive.
#[test]
fn lines_wait_for_a_log_group_that_cannot_be_made_yet() {
    let folder = tempfile::tempdir().unwrap();
    fill_with_log_groups(&folder.path().join("state"));
    let user = User::of_daemon_with(Options::kept_in(folder.path()));
    let network = user.network();
    let (_, eni) = web(&user, &network);
    let log = make(&user, &network.vpc, &TO_GROUP);
    user.soon("bob", &format!("ping -c 1 -W 1 {PUBLIC}"));
    ping(&user, 3);
    eventually("the refusal shows", || {
        (status(&user, &log) == ("FAILED".to_owned(), json!("Unknown error"))).then_some(())
    });
    ping(&user, 2);
    assert_eq!(group_lines(&user, "fl").len(), 0);

    user.aws("logs delete-log-group --log-group-name other-7");
    eventually("all lines have come", || {
        let pings = pings_of(&eni, &group_lines(&user, "fl"));
        (pings == 6 && status(&user, &log).0 == "SUCCESS").then_some(())
    });
    let lines = group_lines(&user, "fl");
    let once: BTreeSet<&String> = lines.iter().collect();
    assert_eq!(once.len(), lines.len(), "no line is there twice");
}

/// A disk of its own for S3 that can be frozen; none without root or a loop device.
struct FrozenDisk {
    mounted: PathBuf,
    frozen: bool,
}

impl FrozenDisk {
    /// This thread and what it starts alone see it, and it is gone with them.
    fn mount_at(folder: &Path) -> Option<FrozenDisk> {
        if !nix::unistd::geteuid().is_root() {
            eprintln!("left out: only root may mount a disk");
            return None;
        }
        let image = folder.join("image");
        let file = std::fs::File::create(&image).unwrap();
        file.set_len(256 << 20).unwrap();
        let mounted = folder.join("state/s3");
        std::fs::create_dir_all(&mounted).unwrap();
        unshare(CloneFlags::CLONE_NEWNS).unwrap();
        let private = MsFlags::MS_REC | MsFlags::MS_PRIVATE;
        mount(None::<&str>, "/", None::<&str>, private, None::<&str>).unwrap();
        let done = |program: &str, words: &[&str], path: &Path| {
            let mut command = Command::new(program);
            let status = command.args(words).arg(path).status();
            status.is_ok_and(|status| status.success())
        };
        let image = image.to_str().unwrap();
        let made = done("mkfs.ext4", &["-q"], Path::new(image))
            && done("mount", &["-o", "loop", image], &mounted);
        if !made {
            eprintln!("left out: no ext4, or no loop device");
            return None;
        }
        Some(FrozenDisk {
            mounted,
            frozen: false,
        })
    }

    fn freeze(&mut self, frozen: bool) {
        let how = if frozen { "--freeze" } else { "--unfreeze" };
        let status = Command::new("fsfreeze")
            .arg(how)
            .arg(&self.mounted)
            .status();
        assert!(status.unwrap().success());
        self.frozen = frozen;
    }
}

impl Drop for FrozenDisk {
    fn drop(&mut self) {
        // Nothing that waits for a frozen disk can be ended.
        if self.frozen {
            self.freeze(false);
        }
    }
}

#[test]
fn a_bucket_that_hangs_holds_up_neither_packets_nor_the_log_group() {
    let folder = tempfile::tempdir().unwrap();
    let Some(mut disk) = FrozenDisk::mount_at(folder.path()) else {
        return;
    };
    let user = User::of_daemon_with(Options::kept_in(folder.path()));
    let network = user.network();
    let (_, eni) = web(&user, &network);
    user.aws("s3api create-bucket --bucket archive");
    make(&user, &network.vpc, &TO_GROUP);
    make(&user, &network.vpc, &TO_BUCKET);
    user.soon("bob", &format!("ping -c 1 -W 1 {PUBLIC}"));
    let before = eventually("both sinks have the first ping", || {
        let [in_group, in_bucket] = both(&user, &eni);
        (in_group > 0 && in_group == in_bucket).then_some(in_group)
    });

    disk.freeze(true);
    for n in 1..=3 {
        ping(&user, 2);
        eventually("the log group has them at once", || {
            (pings_of(&eni, &group_lines(&user, "fl")) == before + 2 * n).then_some(())
        });
    }
    assert_eq!(both(&user, &eni), [before + 6, before]);
    user.aws("ec2 describe-vpcs");
    disk.freeze(false);
    eventually("the bucket has them too", || {
        (both(&user, &eni) == [before + 6; 2]).then_some(())
    });
    assert_eq!(declared(&user, &eni), [0; 2], "nothing was lost");
    drop(user);
}
