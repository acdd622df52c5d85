//! Which policies speak for whom.

use serde_json::json;

use crate::principal::{look_up_key, policies_of};
use crate::testing::Bench;

fn document(action: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"{action}","Resource":"*"}}]}}"#
    )
}

#[test]
fn a_users_policies_are_its_own_and_its_groups() {
    let mut bench = Bench::new();
    bench.ok(
        "CreateUser",
        json!({"UserName": "Bob", "Tags": [{"Key": "team", "Value": "red"}]}),
    );
    bench.ok("CreateGroup", json!({"GroupName": "g"}));
    bench.ok(
        "AddUserToGroup",
        json!({"GroupName": "g", "UserName": "Bob"}),
    );
    bench.ok(
        "PutUserPolicy",
        json!({"UserName": "Bob", "PolicyName": "p", "PolicyDocument": document("s3:A")}),
    );
    bench.ok(
        "PutGroupPolicy",
        json!({"GroupName": "g", "PolicyName": "p", "PolicyDocument": document("s3:B")}),
    );
    let arn = bench.ok(
        "CreatePolicy",
        json!({"PolicyName": "m", "PolicyDocument": document("s3:C")}),
    )["Policy"]["Arn"]
        .clone();
    bench.ok(
        "AttachGroupPolicy",
        json!({"GroupName": "g", "PolicyArn": arn}),
    );
    bench.ok(
        "PutUserPermissionsBoundary",
        json!({"UserName": "Bob", "PermissionsBoundary": arn}),
    );
    let key = bench.ok("CreateAccessKey", json!({"UserName": "Bob"}))["AccessKey"].clone();
    let known = look_up_key(&bench.world, key["AccessKeyId"].as_str().unwrap(), None).unwrap();
    assert_eq!(known.secret.0, key["SecretAccessKey"].as_str().unwrap());
    assert_eq!(known.principal.arn, "arn:aws:iam::123456789012:user/Bob");
    let policies = policies_of(&bench.world, &known.principal).unwrap();
    assert_eq!(
        policies.identity,
        [document("s3:A"), document("s3:B"), document("s3:C")]
    );
    assert_eq!(policies.boundary, Some(document("s3:C").as_str()));
    assert_eq!(policies.session, None);
    let context = known.principal.context(&bench.world);
    for (key, value) in [
        ("aws:username", "Bob"),
        ("aws:PrincipalTag/team", "red"),
        ("aws:PrincipalType", "User"),
    ] {
        assert!(
            context.contains(&(key.to_owned(), value.to_owned())),
            "{context:?}"
        );
    }
    assert!(
        policies_of(&bench.world, &bench.principal).is_none(),
        "root needs none"
    );
}
