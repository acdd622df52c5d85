//! Identities: the stock client makes them, and they outlive the daemon.

use nix::sys::signal::Signal;
use serde_json::Value;

use crate::support::{Options, User};

const TRUST_EC2: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
const READ: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:Get*","s3:List*"],"Resource":"*"}]}"#;

fn user_of(folder: &tempfile::TempDir) -> User {
    User::of_daemon_with(Options {
        data_dir: Some(folder.path().join("state")),
        ..Options::default()
    })
}

#[test]
fn identities_outlive_a_killed_daemon() {
    let folder = tempfile::tempdir().unwrap();
    let user = user_of(&folder);
    user.aws("iam create-user --user-name Bob --tags Key=team,Value=red");
    let key = user.text(
        "iam create-access-key --user-name Bob",
        "/AccessKey/AccessKeyId",
    );
    user.aws(&format!(
        "iam create-role --role-name web --assume-role-policy-document {TRUST_EC2}"
    ));
    user.aws(&format!(
        "iam put-role-policy --role-name web --policy-name read --policy-document {READ}"
    ));
    let policy = user.text(
        &format!("iam create-policy --policy-name read --policy-document {READ}"),
        "/Policy/Arn",
    );
    user.aws(&format!(
        "iam attach-role-policy --role-name web --policy-arn {policy}"
    ));
    user.aws("iam create-instance-profile --instance-profile-name web");
    user.aws("iam add-role-to-instance-profile --instance-profile-name web --role-name web");
    let questions = [
        "iam get-user --user-name Bob",
        "iam list-access-keys --user-name Bob",
        "iam get-role --role-name web",
        "iam get-role-policy --role-name web --policy-name read",
        "iam list-attached-role-policies --role-name web",
        "iam get-instance-profile --instance-profile-name web",
    ];
    let before: Vec<Value> = questions.iter().map(|words| user.aws(words)).collect();
    assert_eq!(before[1]["AccessKeyMetadata"][0]["AccessKeyId"], *key);
    // The client decodes documents: what was sent is what is shown.
    let document: Value = serde_json::from_str(READ).unwrap();
    assert_eq!(before[3]["PolicyDocument"], document);

    user.daemon.end_with(Signal::SIGKILL);
    let user = user_of(&folder);
    for (words, shown) in questions.iter().zip(before) {
        assert_eq!(user.aws(words), shown, "{words}");
    }
    let refused = user.aws_refused("iam get-role --role-name other");
    assert!(refused.contains("NoSuchEntity"), "{refused}");
}
