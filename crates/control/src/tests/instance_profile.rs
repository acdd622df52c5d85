//! EC2 user guide, "IAM roles for Amazon EC2": which profile an instance has.

use openvpc_model::*;
use serde_json::{Value, json};

use crate::testing::{ACCOUNT, Bench, count, text};

const ARN: &str = "arn:aws:iam::123456789012:instance-profile/app/web";

fn profile(name: &str, path: &str, role: Option<&str>) -> Event {
    Event::Iam(IamEvent::InstanceProfilePut(InstanceProfile {
        entity: IamEntity {
            name: name.to_owned(),
            path: path.to_owned(),
            id: format!("AIPA{name}"),
            created_at: 0,
            tags: Tags::new(),
        },
        role: role.map(str::to_owned),
    }))
}

fn bench() -> Bench {
    let mut bench = Bench::new();
    let profiles = vec![
        profile("web", "/app/", Some("web")),
        profile("db", "/", Some("db")),
        profile("empty", "/", None),
    ];
    bench.apply("CreateInstanceProfile", profiles);
    bench
}

fn run(more: Value) -> Value {
    let mut input = json!({"ImageId": "ami-0abcdef1234567890", "MinCount": 1, "MaxCount": 1});
    if !more.is_null() {
        input["IamInstanceProfile"] = more;
    }
    input
}

fn associations(bench: &mut Bench) -> Value {
    bench.ok("DescribeIamInstanceProfileAssociations", json!({}))["IamInstanceProfileAssociations"]
        .clone()
}

#[test]
fn an_instance_is_launched_with_a_profile_by_name_or_arn() {
    let mut bench = bench();
    for named in [json!({"Name": "web"}), json!({"Arn": ARN})] {
        let launched = bench.ok("RunInstances", run(named));
        let shown = &launched["Instances"][0]["IamInstanceProfile"];
        assert_eq!(*shown, json!({"Arn": ARN, "Id": "AIPAweb"}));
    }
    let filter = json!({"Filters": [{"Name": "iam-instance-profile.arn", "Values": [ARN]}]});
    assert_eq!(
        count(&bench.ok("DescribeInstances", filter), "Reservations"),
        2
    );
    assert_eq!(associations(&mut bench).as_array().unwrap().len(), 2);
    bench.account = "210987654321".parse().unwrap();
    assert_ne!(bench.account.as_str(), ACCOUNT);
    let refusal = bench.refusal("RunInstances", run(json!({"Name": "web"})));
    assert_eq!(refusal.code(), "InvalidParameterValue", "another account's");
}

/// Terraform tries again on these texts.
#[test]
fn a_profile_that_is_not_there_or_has_no_role_is_refused() {
    let mut bench = bench();
    for (named, message) in [
        (
            json!({"Name": "x"}),
            "Value (x) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name",
        ),
        (
            json!({"Arn": "arn:aws:iam::123456789012:instance-profile/web"}),
            "Value (arn:aws:iam::123456789012:instance-profile/web) for parameter iamInstanceProfile.arn is invalid. Invalid IAM Instance Profile ARN",
        ),
        (
            json!({"Name": "empty"}),
            "IAM Instance Profile \"arn:aws:iam::123456789012:instance-profile/empty\" has no associated IAM Roles",
        ),
    ] {
        let refusal = bench.refusal("RunInstances", run(named));
        assert_eq!(
            refusal.to_string(),
            format!("InvalidParameterValue: {message}")
        );
    }
    let both = run(json!({"Name": "web", "Arn": ARN}));
    assert_eq!(
        bench.refused("RunInstances", both),
        "InvalidParameterCombination"
    );
}

#[test]
fn a_profile_comes_is_replaced_and_goes() {
    let mut bench = bench();
    let instance = text(
        &bench.ok("RunInstances", run(Value::Null)),
        "/Instances/0/InstanceId",
    );
    let associate = json!({"InstanceId": instance, "IamInstanceProfile": {"Name": "web"}});
    let made = bench.ok("AssociateIamInstanceProfile", associate.clone());
    assert_eq!(
        text(&made, "/IamInstanceProfileAssociation/State"),
        "associating"
    );
    let first = text(&made, "/IamInstanceProfileAssociation/AssociationId");
    assert_eq!(
        bench.refused("AssociateIamInstanceProfile", associate),
        "IncorrectState"
    );
    assert_eq!(associations(&mut bench)[0]["State"], "associated");

    let replace = json!({"AssociationId": first, "IamInstanceProfile": {"Name": "db"}});
    let made = bench.ok("ReplaceIamInstanceProfileAssociation", replace.clone());
    let second = text(&made, "/IamInstanceProfileAssociation/AssociationId");
    assert_ne!(first, second);
    let refusal = bench.refusal("ReplaceIamInstanceProfileAssociation", replace);
    assert_eq!(
        refusal.to_string(),
        format!("InvalidAssociationID.NotFound: An invalid association-id of '{first}' was given")
    );
    let by_id = json!({"AssociationIds": [second]});
    let shown = bench.ok("DescribeIamInstanceProfileAssociations", by_id);
    assert_eq!(
        text(
            &shown,
            "/IamInstanceProfileAssociations/0/IamInstanceProfile/Id"
        ),
        "AIPAdb"
    );
    let other = json!({"Filters": [{"Name": "instance-id", "Values": ["i-0123456789abcdef0"]}]});
    let shown = bench.ok("DescribeIamInstanceProfileAssociations", other);
    assert_eq!(count(&shown, "IamInstanceProfileAssociations"), 0);

    let gone = json!({"AssociationId": second});
    let shown = bench.ok("DisassociateIamInstanceProfile", gone);
    assert_eq!(
        text(&shown, "/IamInstanceProfileAssociation/State"),
        "disassociating"
    );
    assert_eq!(associations(&mut bench), json!([]));
    let described = bench.ok("DescribeInstances", json!({"InstanceIds": [instance]}));
    assert_eq!(
        described["Reservations"][0]["Instances"][0]["IamInstanceProfile"],
        Value::Null
    );
}
