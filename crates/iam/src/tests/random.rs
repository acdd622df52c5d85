//! Whatever is asked, in whatever order: nothing dangles, and the journal tells the same again.

use openvpc_model::{Entry, World};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::testing::Bench;

const POLICY: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}"#;
const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;

/// Few names, so that calls meet.
fn name() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["a", "A", "b", "c"]).prop_map(str::to_owned)
}

fn call() -> impl Strategy<Value = (&'static str, Value)> {
    let kinds = prop::sample::select(vec!["User", "Group", "Role"]);
    let on_holder = (kinds, name(), name(), 0..6usize).prop_map(|(kind, holder, policy, what)| {
        let arn = format!("arn:aws:iam::123456789012:policy/{policy}");
        let (verb, mut input) = match what {
            0 => (
                "Put{}Policy",
                json!({"PolicyName": policy, "PolicyDocument": POLICY}),
            ),
            1 => ("Delete{}Policy", json!({"PolicyName": policy})),
            2 => ("Attach{}Policy", json!({"PolicyArn": arn})),
            3 => ("Detach{}Policy", json!({"PolicyArn": arn})),
            4 => ("Delete{}", json!({})),
            _ => ("Get{}", json!({})),
        };
        input[format!("{kind}Name")] = holder.into();
        let action = verb.replace("{}", kind);
        let known = openvpc_ec2::generated::IAM.action(&action);
        (known.map_or("GetUser", |row| row.name), input)
    });
    let other = (name(), name(), 0..18usize).prop_map(|(one, two, what)| match what {
        0 | 1 => ("CreateUser", json!({"UserName": one})),
        2 => ("CreateGroup", json!({"GroupName": one})),
        3 | 4 => (
            "CreateRole",
            json!({"RoleName": one, "AssumeRolePolicyDocument": TRUST}),
        ),
        5 | 6 => (
            "CreatePolicy",
            json!({"PolicyName": one, "PolicyDocument": POLICY}),
        ),
        7 => (
            "DeletePolicy",
            json!({"PolicyArn": format!("arn:aws:iam::123456789012:policy/{one}")}),
        ),
        8 => ("CreateInstanceProfile", json!({"InstanceProfileName": one})),
        9 | 10 => (
            "AddRoleToInstanceProfile",
            json!({"InstanceProfileName": one, "RoleName": two}),
        ),
        11 => (
            "RemoveRoleFromInstanceProfile",
            json!({"InstanceProfileName": one, "RoleName": two}),
        ),
        12 => ("DeleteInstanceProfile", json!({"InstanceProfileName": one})),
        13 => ("CreateAccessKey", json!({"UserName": one})),
        14 => ("UpdateUser", json!({"UserName": one, "NewUserName": two})),
        15 => (
            "UpdateGroup",
            json!({"GroupName": one, "NewGroupName": two}),
        ),
        16 => ("AddUserToGroup", json!({"UserName": one, "GroupName": two})),
        _ => (
            "RemoveUserFromGroup",
            json!({"UserName": one, "GroupName": two}),
        ),
    });
    prop_oneof![on_holder, other]
}

/// What a refusal must keep whole.
fn check(world: &World) {
    for (id, account) in &world.iam.accounts {
        let holders = account.users.values().map(|user| &user.policies);
        let holders = holders
            .chain(account.groups.values().map(|group| &group.policies))
            .chain(account.roles.values().map(|role| &role.policies));
        for arn in holders.flat_map(|policies| &policies.attached) {
            assert!(
                crate::policy::look_up(account, id, arn).is_some(),
                "{arn} dangles"
            );
        }
        for user in account.users.values() {
            for group in &user.groups {
                assert!(account.groups.contains_key(group), "group {group} dangles");
            }
        }
        for profile in account.instance_profiles.values() {
            if let Some(role) = &profile.role {
                assert!(account.roles.contains_key(role), "role {role} dangles");
            }
        }
        let names: Vec<String> = account
            .users
            .keys()
            .map(|name| name.to_lowercase())
            .collect();
        let mut told_apart = names.clone();
        told_apart.sort();
        told_apart.dedup();
        assert_eq!(names.len(), told_apart.len(), "{names:?}");
    }
    for key in world.iam.access_keys.values() {
        let users = &world.iam.account(&key.account).users;
        assert!(
            users.contains_key(&key.user),
            "the key of {} dangles",
            key.user
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn nothing_dangles_and_the_journal_tells_the_same(calls in prop::collection::vec(call(), 1..60)) {
        let mut bench = Bench::new();
        for (action, input) in calls {
            let before = bench.world.clone();
            if bench.call(action, input).is_err() {
                prop_assert_eq!(&before, &bench.world);
            }
            check(&bench.world);
        }
        let mut again = World::default();
        for line in &bench.journal {
            again.apply(serde_json::from_str::<Entry>(line).unwrap());
        }
        prop_assert_eq!(&again, &bench.world);
        let stored = serde_json::to_string(&bench.world).unwrap();
        prop_assert_eq!(serde_json::from_str::<World>(&stored).unwrap(), again);
    }
}

#[test]
fn a_world_from_before_there_were_identities_is_read() {
    let old = r#"{"revision":3,"regions":{},"next_interface_serial":7}"#;
    let world: World = serde_json::from_str(old).unwrap();
    assert!(world.iam.accounts.is_empty() && world.iam.session_key.is_none());
}
