//! boto3: waiters, paginators, resources.

use crate::support::{Daemon, Privilege, boto3, stdout_of};

#[test]
fn boto3_builds_pages_and_tears_down() {
    let daemon = Daemon::start(Privilege::Own);
    let output = boto3(&daemon, include_str!("clients/boto3_tour.py"))
        .output()
        .unwrap();
    assert_eq!(stdout_of(&output), "done");
}
