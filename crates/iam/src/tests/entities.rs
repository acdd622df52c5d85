//! Users, groups, roles, instance profiles and keys.

use serde_json::{Value, json};

use crate::testing::Bench;

const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;

#[test]
fn every_action_listed_is_in_the_services_model_and_every_one_there_is_listed() {
    let mut listed: Vec<&str> = crate::ACTIONS
        .iter()
        .copied()
        .flatten()
        .map(|(name, _)| *name)
        .collect();
    listed.sort_unstable();
    let known: Vec<&str> = openvpc_ec2::generated::IAM
        .actions
        .iter()
        .map(|a| a.name)
        .collect();
    assert_eq!(listed, known);
}

#[test]
fn a_user_comes_is_renamed_and_goes() {
    let mut bench = Bench::new();
    let made = bench.ok("CreateUser", json!({"UserName": "Bob", "Path": "/division_abc/", "Tags": [{"Key": "Dept", "Value": "A"}]}));
    let user = &made["User"];
    assert_eq!(
        user["Arn"],
        "arn:aws:iam::123456789012:user/division_abc/Bob"
    );
    assert!(user["UserId"].as_str().unwrap().starts_with("AIDA"));
    assert_eq!(
        bench.refused("CreateUser", json!({"UserName": "bob"})),
        "EntityAlreadyExists"
    );
    assert_eq!(bench.ok("GetUser", json!({"UserName": "Bob"})), made);
    let key = bench.ok("CreateAccessKey", json!({"UserName": "Bob"}))["AccessKey"].clone();
    bench.ok(
        "UpdateUser",
        json!({"UserName": "Bob", "NewUserName": "Robert", "NewPath": "/"}),
    );
    let renamed = bench.ok("GetUser", json!({"UserName": "Robert"}));
    assert_eq!(renamed["User"]["UserId"], user["UserId"]);
    assert_eq!(
        renamed["User"]["Arn"],
        "arn:aws:iam::123456789012:user/Robert"
    );
    let keys = bench.ok("ListAccessKeys", json!({"UserName": "Robert"}));
    assert_eq!(
        keys["AccessKeyMetadata"][0]["AccessKeyId"],
        key["AccessKeyId"]
    );
    let refusal = bench.refusal("GetUser", json!({"UserName": "Bob"}));
    assert_eq!(
        refusal.to_string(),
        "NoSuchEntity: The user with name Bob cannot be found."
    );
    assert_eq!(refusal.status(), 404);
    assert_eq!(
        bench.refused("DeleteUser", json!({"UserName": "Robert"})),
        "DeleteConflict"
    );
    bench.ok(
        "DeleteAccessKey",
        json!({"UserName": "Robert", "AccessKeyId": key["AccessKeyId"]}),
    );
    bench.ok("DeleteUser", json!({"UserName": "Robert"}));
    assert!(bench.world.iam.access_keys.is_empty());
    assert_eq!(bench.ok("ListUsers", json!({}))["Users"], json!([]));
}

#[test]
fn a_user_has_two_keys_at_most_and_each_can_be_put_to_sleep() {
    let mut bench = Bench::new();
    bench.ok("CreateUser", json!({"UserName": "Bob"}));
    let key = bench.ok("CreateAccessKey", json!({"UserName": "Bob"}))["AccessKey"].clone();
    let id = key["AccessKeyId"].as_str().unwrap();
    assert_eq!((id.len(), &id[..4]), (20, "AKIA"));
    assert_eq!(key["SecretAccessKey"].as_str().unwrap().len(), 40);
    bench.ok("CreateAccessKey", json!({"UserName": "Bob"}));
    let refusal = bench.refusal("CreateAccessKey", json!({"UserName": "Bob"}));
    assert_eq!(
        refusal.to_string(),
        "LimitExceeded: Cannot exceed quota for AccessKeysPerUser: 2"
    );
    bench.ok(
        "UpdateAccessKey",
        json!({"UserName": "Bob", "AccessKeyId": id, "Status": "Inactive"}),
    );
    assert!(crate::principal::look_up_key(&bench.world, id, None).is_none());
    bench.ok(
        "UpdateAccessKey",
        json!({"UserName": "Bob", "AccessKeyId": id, "Status": "Active"}),
    );
    assert!(crate::principal::look_up_key(&bench.world, id, None).is_some());
    assert!(crate::principal::look_up_key(&bench.world, id, Some("token")).is_none());
    let listed = bench
        .ok("ListAccessKeys", json!({"UserName": "Bob"}))
        .to_string();
    assert!(!listed.contains("Secret"), "{listed}");
    assert!(!format!("{:?}", bench.world).contains(key["SecretAccessKey"].as_str().unwrap()));
    assert_eq!(
        bench.refused(
            "UpdateAccessKey",
            json!({"UserName": "Bob", "AccessKeyId": id, "Status": "Off"})
        ),
        "ValidationError"
    );
    assert_eq!(
        bench.refused(
            "DeleteAccessKey",
            json!({"UserName": "Bob", "AccessKeyId": "AKIAIOSFODNN7EXAMPLE"})
        ),
        "NoSuchEntity"
    );
}

#[test]
fn names_and_paths_are_checked() {
    let mut bench = Bench::new();
    let long = "a".repeat(65);
    for name in ["", "a b", "a/b", "é", long.as_str()] {
        assert_eq!(
            bench.refused("CreateUser", json!({"UserName": name})),
            "ValidationError",
            "{name}"
        );
        let role = json!({"RoleName": name, "AssumeRolePolicyDocument": TRUST});
        assert_eq!(
            bench.refused("CreateRole", role),
            "ValidationError",
            "{name}"
        );
    }
    for path in ["", "a", "/a", "a/", "//", "/a b/"] {
        assert_eq!(
            bench.refused("CreateUser", json!({"UserName": "x", "Path": path})),
            "ValidationError",
            "{path}"
        );
    }
    bench.ok("CreateUser", json!({"UserName": "a_B+=,.@-9"}));
    for tags in [
        json!([{"Key": "a", "Value": "1"}, {"Key": "A", "Value": "2"}]),
        json!([{"Key": "aws:x", "Value": "1"}]),
    ] {
        assert_eq!(
            bench.refused("CreateUser", json!({"UserName": "t", "Tags": tags})),
            "InvalidInput"
        );
    }
}

#[test]
fn a_role_and_its_instance_profile() {
    let mut bench = Bench::new();
    let made = bench.ok(
        "CreateRole",
        json!({"RoleName": "web", "AssumeRolePolicyDocument": TRUST, "Description": "d",
        "MaxSessionDuration": 7200, "Tags": [{"Key": "k", "Value": "v"}]}),
    );
    let role = &made["Role"];
    assert_eq!(role["Arn"], "arn:aws:iam::123456789012:role/web");
    assert!(role["RoleId"].as_str().unwrap().starts_with("AROA"));
    let encoded = role["AssumeRolePolicyDocument"].as_str().unwrap();
    assert!(
        encoded.starts_with("%7B%22Version%22%3A%222012-10-17%22"),
        "{encoded}"
    );
    let mut got = bench.ok("GetRole", json!({"RoleName": "web"}));
    assert_eq!(got["Role"]["RoleLastUsed"].take(), json!({}));
    got["Role"].as_object_mut().unwrap().remove("RoleLastUsed");
    assert_eq!(got, made);

    bench.ok(
        "CreateInstanceProfile",
        json!({"InstanceProfileName": "web"}),
    );
    bench.ok(
        "AddRoleToInstanceProfile",
        json!({"InstanceProfileName": "web", "RoleName": "web"}),
    );
    let refusal = bench.refusal(
        "AddRoleToInstanceProfile",
        json!({"InstanceProfileName": "web", "RoleName": "web"}),
    );
    assert_eq!(
        refusal.to_string(),
        "LimitExceeded: Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1"
    );
    let profiles = bench.ok("ListInstanceProfilesForRole", json!({"RoleName": "web"}));
    assert_eq!(
        profiles["InstanceProfiles"][0]["Roles"][0]["RoleName"],
        "web"
    );
    assert_eq!(
        bench.refused("DeleteRole", json!({"RoleName": "web"})),
        "DeleteConflict"
    );
    assert_eq!(
        bench.refused(
            "DeleteInstanceProfile",
            json!({"InstanceProfileName": "web"})
        ),
        "DeleteConflict"
    );
    bench.ok(
        "RemoveRoleFromInstanceProfile",
        json!({"InstanceProfileName": "web", "RoleName": "web"}),
    );
    assert_eq!(
        bench.refused(
            "RemoveRoleFromInstanceProfile",
            json!({"InstanceProfileName": "web", "RoleName": "web"})
        ),
        "NoSuchEntity"
    );
    bench.ok(
        "DeleteInstanceProfile",
        json!({"InstanceProfileName": "web"}),
    );
    bench.ok("UpdateRole", json!({"RoleName": "web"}));
    let updated = bench.ok("GetRole", json!({"RoleName": "web"}));
    assert_eq!(updated["Role"]["MaxSessionDuration"], 3600);
    assert_eq!(updated["Role"]["Description"], Value::Null);
    bench.ok("DeleteRole", json!({"RoleName": "web"}));
    let refusal = bench.refusal("GetRole", json!({"RoleName": "web"}));
    assert_eq!(
        refusal.to_string(),
        "NoSuchEntity: The role with name web cannot be found."
    );
    let refusal = bench.refusal("GetInstanceProfile", json!({"InstanceProfileName": "web"}));
    assert_eq!(
        refusal.to_string(),
        "NoSuchEntity: Instance Profile web cannot be found."
    );
}

#[test]
fn groups_hold_users() {
    let mut bench = Bench::new();
    bench.ok("CreateGroup", json!({"GroupName": "Admins"}));
    bench.ok("CreateUser", json!({"UserName": "Bob"}));
    bench.ok(
        "AddUserToGroup",
        json!({"GroupName": "Admins", "UserName": "Bob"}),
    );
    assert_eq!(
        bench.refused("DeleteGroup", json!({"GroupName": "Admins"})),
        "DeleteConflict"
    );
    assert_eq!(
        bench.refused("DeleteUser", json!({"UserName": "Bob"})),
        "DeleteConflict"
    );
    bench.ok(
        "UpdateGroup",
        json!({"GroupName": "Admins", "NewGroupName": "Test_1"}),
    );
    let group = bench.ok("GetGroup", json!({"GroupName": "Test_1"}));
    assert_eq!(group["Users"][0]["UserName"], "Bob");
    let groups = bench.ok("ListGroupsForUser", json!({"UserName": "Bob"}));
    assert_eq!(
        groups["Groups"][0]["Arn"],
        "arn:aws:iam::123456789012:group/Test_1"
    );
    bench.ok(
        "RemoveUserFromGroup",
        json!({"GroupName": "Test_1", "UserName": "Bob"}),
    );
    bench.ok("DeleteGroup", json!({"GroupName": "Test_1"}));
    bench.ok("DeleteUser", json!({"UserName": "Bob"}));
}

#[test]
fn lists_come_in_pages_and_by_path() {
    let mut bench = Bench::new();
    for n in 0..5 {
        let path = if n == 3 { "/x/" } else { "/" };
        bench.ok(
            "CreateUser",
            json!({"UserName": format!("u{n}"), "Path": path}),
        );
    }
    let (mut seen, mut marker) = (Vec::new(), Value::Null);
    loop {
        let page = bench.ok("ListUsers", json!({"MaxItems": 2, "Marker": marker}));
        seen.extend(
            page["Users"]
                .as_array()
                .unwrap()
                .iter()
                .map(|u| u["UserName"].clone()),
        );
        if page["IsTruncated"] == false {
            assert_eq!(page["Marker"], Value::Null);
            break;
        }
        marker = page["Marker"].clone();
    }
    assert_eq!(seen, ["u0", "u1", "u2", "u3", "u4"]);
    let below = bench.ok("ListUsers", json!({"PathPrefix": "/x"}));
    assert_eq!(below["Users"].as_array().unwrap().len(), 1);
    assert_eq!(
        bench.refused("ListUsers", json!({"MaxItems": 0})),
        "ValidationError"
    );
    assert_eq!(
        bench.refused("ListUsers", json!({"Marker": "%"})),
        "InvalidInput"
    );
}

#[test]
fn a_service_linked_role_is_the_services_own() {
    let mut bench = Bench::new();
    let made = bench.ok(
        "CreateServiceLinkedRole",
        json!({"AWSServiceName": "elasticloadbalancing.amazonaws.com"}),
    );
    let name = made["Role"]["RoleName"].as_str().unwrap().to_owned();
    assert_eq!(
        made["Role"]["Path"],
        "/aws-service-role/elasticloadbalancing.amazonaws.com/"
    );
    for (action, input) in [
        ("DeleteRole", json!({"RoleName": name})),
        (
            "AttachRolePolicy",
            json!({"RoleName": name, "PolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}),
        ),
        (
            "UpdateAssumeRolePolicy",
            json!({"RoleName": name, "PolicyDocument": TRUST}),
        ),
    ] {
        assert_eq!(
            bench.refused(action, input),
            "UnmodifiableEntity",
            "{action}"
        );
    }
    let task = bench.ok("DeleteServiceLinkedRole", json!({"RoleName": name}));
    let status = bench.ok("GetServiceLinkedRoleDeletionStatus", task);
    assert_eq!(status["Status"], "SUCCEEDED");
    assert_eq!(
        bench.refused(
            "CreateServiceLinkedRole",
            json!({"AWSServiceName": "x.amazonaws.com"})
        ),
        "InvalidInput"
    );
}

#[test]
fn accounts_do_not_see_each_others_identities() {
    let mut bench = Bench::new();
    bench.ok("CreateUser", json!({"UserName": "Bob"}));
    let key =
        bench.ok("CreateAccessKey", json!({"UserName": "Bob"}))["AccessKey"]["AccessKeyId"].clone();
    bench.principal = crate::Principal::root("210987654321".parse().unwrap());
    assert_eq!(
        bench.refused("GetUser", json!({"UserName": "Bob"})),
        "NoSuchEntity"
    );
    bench.ok("CreateUser", json!({"UserName": "Bob"}));
    assert_eq!(
        bench.ok("ListAccessKeys", json!({"UserName": "Bob"}))["AccessKeyMetadata"],
        json!([])
    );
    assert_eq!(
        bench.refused(
            "DeleteAccessKey",
            json!({"UserName": "Bob", "AccessKeyId": key})
        ),
        "NoSuchEntity"
    );
    assert_eq!(
        bench.refused("GetAccessKeyLastUsed", json!({"AccessKeyId": key})),
        "NoSuchEntity"
    );
}
