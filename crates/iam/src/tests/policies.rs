//! Inline and managed policies, their versions and attachments.

use serde_json::{Value, json};

use crate::testing::Bench;

const ALLOW_ALL: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
const ADMIN: &str = "arn:aws:iam::aws:policy/AdministratorAccess";

fn bench() -> Bench {
    let mut bench = Bench::new();
    bench.ok("CreateUser", json!({"UserName": "Bob"}));
    bench.ok("CreateGroup", json!({"GroupName": "Admins"}));
    bench.ok(
        "CreateRole",
        json!({"RoleName": "web", "AssumeRolePolicyDocument": TRUST}),
    );
    bench
}

/// A holder's member and value beside more members.
fn of(kind: &str, mut more: Value) -> Value {
    let name = match kind {
        "User" => "Bob",
        "Group" => "Admins",
        _ => "web",
    };
    more[format!("{kind}Name")] = name.into();
    more
}

#[test]
fn inline_policies_of_users_groups_and_roles() {
    let mut bench = bench();
    for kind in ["User", "Group", "Role"] {
        let named = of(kind, json!({"PolicyName": "p"}));
        let put = of(
            kind,
            json!({"PolicyName": "p", "PolicyDocument": ALLOW_ALL}),
        );
        bench.ok(&format!("Put{kind}Policy"), put.clone());
        bench.ok(&format!("Put{kind}Policy"), put);
        let got = bench.ok(&format!("Get{kind}Policy"), named.clone());
        let document =
            percent_encoding::percent_decode_str(got["PolicyDocument"].as_str().unwrap())
                .decode_utf8()
                .unwrap();
        assert_eq!(document, ALLOW_ALL);
        let list = match kind {
            "User" => "ListUserPolicies",
            "Group" => "ListGroupPolicies",
            _ => "ListRolePolicies",
        };
        assert_eq!(
            bench.ok(list, of(kind, json!({})))["PolicyNames"],
            json!(["p"])
        );
        assert_eq!(
            bench.refused(&format!("Delete{kind}"), of(kind, json!({}))),
            "DeleteConflict"
        );
        bench.ok(&format!("Delete{kind}Policy"), named.clone());
        let refusal = bench.refusal(&format!("Get{kind}Policy"), named);
        let noun = kind.to_lowercase();
        assert_eq!(
            refusal.message(),
            format!("The {noun} policy with name p cannot be found.")
        );
    }
}

#[test]
fn attached_policies_of_users_groups_and_roles() {
    let mut bench = bench();
    let policy = bench.ok(
        "CreatePolicy",
        json!({"PolicyName": "p", "PolicyDocument": ALLOW_ALL, "Path": "/x/"}),
    );
    let arn = policy["Policy"]["Arn"].as_str().unwrap();
    assert_eq!(arn, "arn:aws:iam::123456789012:policy/x/p");
    for kind in ["User", "Group", "Role"] {
        for arn in [arn, ADMIN] {
            bench.ok(
                &format!("Attach{kind}Policy"),
                of(kind, json!({"PolicyArn": arn})),
            );
        }
        let list = format!("ListAttached{kind}Policies");
        let listed = bench.ok(&list, of(kind, json!({})));
        assert_eq!(
            listed["AttachedPolicies"],
            json!([
            {"PolicyName": "AdministratorAccess", "PolicyArn": ADMIN}, {"PolicyName": "p", "PolicyArn": arn}])
        );
        let below = bench.ok(&list, of(kind, json!({"PathPrefix": "/x/"})));
        assert_eq!(below["AttachedPolicies"].as_array().unwrap().len(), 1);
        let refusal = bench.refusal(&format!("Delete{kind}"), of(kind, json!({})));
        assert_eq!(
            refusal.to_string(),
            "DeleteConflict: Cannot delete entity, must detach all policies first."
        );
    }
    let entities = bench.ok("ListEntitiesForPolicy", json!({"PolicyArn": arn}));
    assert_eq!(entities["PolicyRoles"][0]["RoleName"], "web");
    assert_eq!(entities["PolicyUsers"][0]["UserName"], "Bob");
    assert_eq!(
        bench.ok("GetPolicy", json!({"PolicyArn": arn}))["Policy"]["AttachmentCount"],
        3
    );
    let refusal = bench.refusal("DeletePolicy", json!({"PolicyArn": arn}));
    assert_eq!(
        refusal.to_string(),
        "DeleteConflict: Cannot delete a policy attached to entities."
    );
    for kind in ["User", "Group", "Role"] {
        bench.ok(
            &format!("Detach{kind}Policy"),
            of(kind, json!({"PolicyArn": arn})),
        );
        assert_eq!(
            bench.refused(
                &format!("Detach{kind}Policy"),
                of(kind, json!({"PolicyArn": arn}))
            ),
            "NoSuchEntity"
        );
    }
    bench.ok("DeletePolicy", json!({"PolicyArn": arn}));
    let attach = of("Role", json!({"PolicyArn": arn}));
    let refusal = bench.refusal("AttachRolePolicy", attach);
    assert_eq!(
        refusal.message(),
        format!("Policy {arn} does not exist or is not attachable.")
    );
    for bad in ["p", "arn:aws:s3:::b", "arn:aws:iam::123456789012:role/p"] {
        assert_eq!(
            bench.refused("AttachRolePolicy", of("Role", json!({"PolicyArn": bad}))),
            "InvalidInput"
        );
    }
}

#[test]
fn versions_of_a_policy() {
    let mut bench = bench();
    let arn = bench.ok(
        "CreatePolicy",
        json!({"PolicyName": "p", "PolicyDocument": ALLOW_ALL}),
    )["Policy"]["Arn"]
        .clone();
    for n in 2..=5 {
        let version = json!({"PolicyArn": arn, "PolicyDocument": ALLOW_ALL.replacen('*', &format!("s3:Get{n}"), 1), "SetAsDefault": n == 3});
        let made = bench.ok("CreatePolicyVersion", version);
        assert_eq!(made["PolicyVersion"]["VersionId"], format!("v{n}"));
    }
    let sixth = json!({"PolicyArn": arn, "PolicyDocument": ALLOW_ALL});
    assert_eq!(
        bench.refused("CreatePolicyVersion", sixth.clone()),
        "LimitExceeded"
    );
    let listed = bench.ok("ListPolicyVersions", json!({"PolicyArn": arn}));
    let ids: Vec<&str> = listed["Versions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|v| v["VersionId"].as_str().unwrap())
        .collect();
    assert_eq!(ids, ["v5", "v4", "v3", "v2", "v1"]);
    assert_eq!(
        bench.ok("GetPolicy", json!({"PolicyArn": arn}))["Policy"]["DefaultVersionId"],
        "v3"
    );
    let get = bench.ok(
        "GetPolicyVersion",
        json!({"PolicyArn": arn, "VersionId": "v3"}),
    );
    assert!(
        get["PolicyVersion"]["Document"]
            .as_str()
            .unwrap()
            .contains("s3%3AGet3")
    );
    assert_eq!(get["PolicyVersion"]["IsDefaultVersion"], true);
    assert_eq!(
        bench.refused(
            "DeletePolicyVersion",
            json!({"PolicyArn": arn, "VersionId": "v3"})
        ),
        "DeleteConflict"
    );
    assert_eq!(
        bench.refused(
            "DeletePolicyVersion",
            json!({"PolicyArn": arn, "VersionId": "v9"})
        ),
        "NoSuchEntity"
    );
    bench.ok(
        "DeletePolicyVersion",
        json!({"PolicyArn": arn, "VersionId": "v5"}),
    );
    let again = bench.ok("CreatePolicyVersion", sixth);
    assert_eq!(
        again["PolicyVersion"]["VersionId"], "v6",
        "numbers are not used again"
    );
    bench.ok(
        "SetDefaultPolicyVersion",
        json!({"PolicyArn": arn, "VersionId": "v1"}),
    );
    assert_eq!(
        bench.refused("DeletePolicy", json!({"PolicyArn": arn})),
        "DeleteConflict"
    );
    for id in ["v2", "v3", "v4", "v6"] {
        bench.ok(
            "DeletePolicyVersion",
            json!({"PolicyArn": arn, "VersionId": id}),
        );
    }
    bench.ok("DeletePolicy", json!({"PolicyArn": arn}));
}

#[test]
fn the_policies_of_aws_are_there_and_not_ours_to_change() {
    let mut bench = bench();
    let got = bench.ok("GetPolicy", json!({"PolicyArn": ADMIN}));
    assert_eq!(got["Policy"]["DefaultVersionId"], "v1");
    let version = bench.ok(
        "GetPolicyVersion",
        json!({"PolicyArn": ADMIN, "VersionId": "v1"}),
    );
    let document = version["PolicyVersion"]["Document"].as_str().unwrap();
    assert_eq!(
        percent_encoding::percent_decode_str(document)
            .decode_utf8()
            .unwrap(),
        ALLOW_ALL
    );
    for action in ["DeletePolicy", "TagPolicy"] {
        let input = match action {
            "TagPolicy" => json!({"PolicyArn": ADMIN, "Tags": [{"Key": "k", "Value": "v"}]}),
            _ => json!({"PolicyArn": ADMIN}),
        };
        assert_eq!(bench.refused(action, input), "AccessDenied");
    }
    let of_aws = bench.ok("ListPolicies", json!({"Scope": "AWS", "MaxItems": 1000}));
    assert_eq!(
        of_aws["Policies"].as_array().unwrap().len(),
        crate::aws_managed::ALL.len()
    );
    assert_eq!(
        bench.ok("ListPolicies", json!({"Scope": "Local"}))["Policies"],
        json!([])
    );
    for policy in crate::aws_managed::ALL {
        crate::document::check_identity(policy.document).unwrap();
    }
}

#[test]
fn what_is_no_policy_is_refused() {
    let mut bench = bench();
    for document in ["", "x", "[]", "{\"Version\":"] {
        let put = json!({"RoleName": "web", "PolicyName": "p", "PolicyDocument": document});
        assert_eq!(
            bench.refused("PutRolePolicy", put),
            "MalformedPolicyDocument",
            "{document}"
        );
        let create = json!({"PolicyName": "p", "PolicyDocument": document});
        assert_eq!(
            bench.refused("CreatePolicy", create),
            "MalformedPolicyDocument",
            "{document}"
        );
        let trust = json!({"RoleName": "web", "PolicyDocument": document});
        assert_eq!(
            bench.refused("UpdateAssumeRolePolicy", trust),
            "MalformedPolicyDocument",
            "{document}"
        );
    }
}

#[test]
fn quotas_on_the_size_of_policies() {
    let mut bench = bench();
    let sized = |len: usize| {
        let rest = ALLOW_ALL.len() - 1;
        format!(
            "{}   \n",
            ALLOW_ALL.replacen('*', &format!("s3:{}", "a".repeat(len - rest - 3)), 1)
        )
    };
    let fits = json!({"UserName": "Bob", "PolicyName": "p", "PolicyDocument": sized(2048)});
    bench.ok("PutUserPolicy", fits);
    let more = json!({"UserName": "Bob", "PolicyName": "q", "PolicyDocument": ALLOW_ALL});
    let refusal = bench.refusal("PutUserPolicy", more);
    assert_eq!(
        refusal.to_string(),
        "LimitExceeded: Maximum policy size of 2048 bytes exceeded for user Bob"
    );
    let managed = |len| json!({"PolicyName": "m", "PolicyDocument": sized(len)});
    let refusal = bench.refusal("CreatePolicy", managed(6145));
    assert_eq!(
        refusal.to_string(),
        "LimitExceeded: Cannot exceed quota for PolicySize: 6144"
    );
    bench.ok("CreatePolicy", managed(6144));
    for n in 0..10 {
        let arn = bench.ok(
            "CreatePolicy",
            json!({"PolicyName": format!("p{n}"), "PolicyDocument": ALLOW_ALL}),
        )["Policy"]["Arn"]
            .clone();
        bench.ok(
            "AttachRolePolicy",
            json!({"RoleName": "web", "PolicyArn": arn}),
        );
    }
    let eleventh = json!({"RoleName": "web", "PolicyArn": ADMIN});
    let refusal = bench.refusal("AttachRolePolicy", eleventh);
    assert_eq!(
        refusal.to_string(),
        "LimitExceeded: Cannot exceed quota for PoliciesPerRole: 10"
    );
}

#[test]
fn tags_of_all_that_has_them() {
    let mut bench = bench();
    let arn = bench.ok(
        "CreatePolicy",
        json!({"PolicyName": "p", "PolicyDocument": ALLOW_ALL}),
    )["Policy"]["Arn"]
        .clone();
    bench.ok(
        "CreateInstanceProfile",
        json!({"InstanceProfileName": "ip"}),
    );
    for (noun, member, name) in [
        ("User", "UserName", json!("Bob")),
        ("Role", "RoleName", json!("web")),
        ("Policy", "PolicyArn", arn),
        ("InstanceProfile", "InstanceProfileName", json!("ip")),
    ] {
        let with = |mut more: Value| {
            more[member] = name.clone();
            more
        };
        let tags = json!([{"Key": "a", "Value": "1"}, {"Key": "b", "Value": ""}]);
        bench.ok(&format!("Tag{noun}"), with(json!({"Tags": tags})));
        bench.ok(
            &format!("Tag{noun}"),
            with(json!({"Tags": [{"Key": "A", "Value": "2"}]})),
        );
        bench.ok(
            &format!("Untag{noun}"),
            with(json!({"TagKeys": ["b", "zz"]})),
        );
        let listed = bench.ok(&format!("List{noun}Tags"), with(json!({})));
        assert_eq!(
            listed["Tags"],
            json!([{"Key": "A", "Value": "2"}]),
            "{noun}"
        );
    }
}

#[test]
fn a_boundary_is_a_managed_policy_in_use() {
    let mut bench = bench();
    let arn = bench.ok(
        "CreatePolicy",
        json!({"PolicyName": "b", "PolicyDocument": ALLOW_ALL}),
    )["Policy"]["Arn"]
        .clone();
    bench.ok(
        "PutUserPermissionsBoundary",
        json!({"UserName": "Bob", "PermissionsBoundary": arn}),
    );
    let user = bench.ok("GetUser", json!({"UserName": "Bob"}));
    assert_eq!(
        user["User"]["PermissionsBoundary"]["PermissionsBoundaryArn"],
        arn
    );
    assert_eq!(
        bench.refused("DeletePolicy", json!({"PolicyArn": arn})),
        "DeleteConflict"
    );
    bench.ok("DeleteUserPermissionsBoundary", json!({"UserName": "Bob"}));
    bench.ok("DeletePolicy", json!({"PolicyArn": arn}));
    let gone = json!({"UserName": "Bob", "PermissionsBoundary": arn});
    assert_eq!(
        bench.refused("PutUserPermissionsBoundary", gone),
        "NoSuchEntity"
    );
}
