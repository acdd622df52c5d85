//! Requests as people, tools and attackers send them: what is read, and what is refused how.

#![allow(clippy::unwrap_used)]

use openvpc_ec2::generated::{ec2, sts};
use openvpc_ec2::table::{Service, Shape, Structure};
use openvpc_ec2::{Error, decode, decode::INDEX_MAX, form};
use proptest::prelude::*;
use serde_json::{Value, json};

const VERSION: &str = "Version=2016-11-15";

/// Decodes `Action=…&…`, the version added.
fn read(form: &str) -> Result<Value, Error> {
    decode(&ec2::SERVICE, b"", format!("{VERSION}&{form}").as_bytes()).map(|request| request.input)
}

#[track_caller]
fn refused(form: &str, code: &str, text: &str) {
    let error = read(form).unwrap_err();
    assert_eq!(error.code(), code, "{error}");
    assert!(error.message().contains(text), "{error}");
}

#[test]
fn lists_are_read_by_index_with_gaps_in_any_order() {
    let input = read("Action=DescribeVpcs&VpcId.30=c&VpcId.2=b&VpcId.10000=d&VpcId.1=a").unwrap();
    assert_eq!(input, json!({"VpcIds": ["a", "b", "c", "d"]}));
}

#[test]
fn query_and_body_are_one_form() {
    let request = decode(
        &ec2::SERVICE,
        b"Action=DescribeVpcs&VpcId.1=a",
        VERSION.as_bytes(),
    )
    .unwrap();
    assert_eq!(request.input, json!({"VpcIds": ["a"]}));
}

#[test]
fn an_action_that_aws_has_is_told_from_one_that_nobody_has() {
    refused(
        "Action=MakeCoffee",
        "InvalidAction",
        "The action MakeCoffee is not valid for this web service.",
    );
    refused("Action=describeVpcs", "InvalidAction", "describeVpcs");
    refused(
        "Action=CreateTransitGateway",
        "UnsupportedOperation",
        "CreateTransitGateway",
    );
    refused("VpcId.1=a", "MissingAction", "Action");
}

#[test]
fn versions() {
    let at = |version: &str| {
        decode(&ec2::SERVICE, b"Action=DescribeVpcs", version.as_bytes()).map(|_| ())
    };
    at("Version=2016-11-15").unwrap();
    at("Version=2014-10-01").unwrap();
    assert_eq!(
        at("Version=2999-01-01").unwrap_err().code(),
        "NoSuchVersion"
    );
    assert_eq!(
        at("Version=2011-06-15").unwrap_err().code(),
        "NoSuchVersion"
    );
    assert_eq!(at("").unwrap_err().code(), "MissingParameter");
    decode(
        &sts::SERVICE,
        b"Action=GetCallerIdentity",
        b"Version=2011-06-15",
    )
    .unwrap();
}

#[test]
fn required_parameters_are_named_as_the_form_calls_them() {
    refused(
        "Action=DeleteVpc",
        "MissingParameter",
        "The request must contain the parameter VpcId",
    );
    refused(
        "Action=CreateFlowLogs&ResourceType=VPC",
        "MissingParameter",
        "parameter ResourceId",
    );
    refused(
        "Action=CreateFlowLogs&ResourceType=VPC&ResourceId=",
        "MissingParameter",
        "parameter ResourceId",
    );
    refused(
        "Action=ModifySecurityGroupRules&GroupId=sg-1&SecurityGroupRule.1.SecurityGroupRule.FromPort=1",
        "MissingParameter",
        "parameter SecurityGroupRule.1.SecurityGroupRuleId",
    );
}

#[test]
fn scalars_of_another_type_are_refused_by_name() {
    for (parameter, values) in [
        ("DryRun", &["", "yes", "1", "truee"][..]),
        (
            "MaxResults",
            &[
                "",
                "x",
                "1.0",
                "+5",
                "1e3",
                " 1",
                "2147483648",
                "٣",
                "--1",
                "-",
            ],
        ),
        ("Filter.1.Name", &["a%00b", "%1b", "%EF%BF%BF"]),
    ] {
        for value in values {
            let name = format!("for parameter {parameter} is invalid");
            refused(
                &format!("Action=DescribeVpcs&{parameter}={value}"),
                "InvalidParameterValue",
                &name,
            );
        }
    }
    assert_eq!(
        read("Action=DescribeVpcs&MaxResults=-1&DryRun=TRUE").unwrap(),
        json!({"MaxResults": -1, "DryRun": true})
    );
    refused(
        "Action=ModifyInstanceAttribute&InstanceId=i-1&UserData.Value=%2A",
        "InvalidParameterValue",
        "base64",
    );
}

#[test]
fn a_known_parameter_in_the_wrong_form_is_never_dropped() {
    for form in [
        "VpcId=vpc-1",
        "VpcId.0=vpc-1",
        "VpcId.01=vpc-1",
        "VpcId.10001=vpc-1",
        "VpcId.99999999999=vpc-1",
        "VpcId.member.1=vpc-1",
        "VpcId.item.1=vpc-1",
        "VpcId.x=vpc-1",
        "VpcId.=vpc-1",
        "VpcId.-1=vpc-1",
        "VpcId.1.Value=vpc-1",
        "Filter.1=x",
        "DryRun.1=true",
    ] {
        refused(
            &format!("Action=DescribeVpcs&{form}"),
            "InvalidParameterValue",
            form.split('=').next().unwrap(),
        );
    }
    refused(
        "Action=ModifyVpcAttribute&VpcId=v&EnableDnsSupport=true",
        "InvalidParameterValue",
        "EnableDnsSupport",
    );
}

#[test]
fn unknown_parameters_are_ignored_and_make_nothing() {
    let form =
        "Action=DescribeVpcs&Foo=1&Foo=2&Foo.Bar.1=x&Filter.1.Foo=x&VpcId=&.=1&=2&X-Amz-Date=z";
    assert_eq!(read(form).unwrap(), json!({"VpcIds": []}));
    let form = "Action=CreateNetworkAclEntry&NetworkAclId=a&RuleNumber=1&Protocol=1&RuleAction=deny&Egress=true&Icmp.Foo=1";
    assert_eq!(read(form).unwrap().get("IcmpTypeCode"), None);
}

#[test]
fn what_is_there_twice_is_refused() {
    refused(
        "Action=DescribeVpcs&Action=DeleteVpc",
        "MalformedQueryString",
        "Action is there twice",
    );
    refused(
        "Action=DescribeVpcs&VpcId.1=a&VpcId.1=b",
        "MalformedQueryString",
        "VpcId.1 is there twice",
    );
    let error = decode(
        &ec2::SERVICE,
        b"Action=DescribeVpcs",
        b"Action=DeleteVpc&Version=2016-11-15",
    )
    .unwrap_err();
    assert_eq!(error.code(), "MalformedQueryString");
}

#[test]
fn the_query_dialect_counts_members() {
    let read = |form: &str| {
        let form =
            format!("Version=2011-06-15&Action=AssumeRole&RoleArn=a&RoleSessionName=n&{form}");
        decode(&sts::SERVICE, b"", form.as_bytes()).map(|request| request.input)
    };
    let both = json!([{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]);
    let form =
        "Tags.member.1.Key=a&Tags.member.1.Value=1&Tags.member.2.Key=b&Tags.member.2.Value=2";
    assert_eq!(read(form).unwrap()["Tags"], both);
    assert_eq!(read("Tags=").unwrap()["Tags"], json!([]));
    let error = read("Tags.member.1.Key=a").unwrap_err();
    assert!(
        error.message().ends_with("parameter Tags.member.1.Value"),
        "{error}"
    );
    for flat in [
        "Tags.1.Key=a",
        "Tags.member=a",
        "Tags.member.0.Key=a",
        "Tags.Tag.1.Key=a",
    ] {
        assert_eq!(
            read(flat).unwrap_err().code(),
            "InvalidParameterValue",
            "{flat}"
        );
    }
}

#[test]
fn the_largest_request_is_read() {
    let ids: String = (1..=9_998).map(|at| format!("&VpcId.{at}=v")).collect();
    let input = read(&format!("Action=DescribeVpcs{ids}")).unwrap();
    assert_eq!(
        input["VpcIds"].as_array().unwrap().len(),
        form::PARAMETERS_MAX - 2
    );
    refused(
        &format!("Action=DescribeVpcs{ids}&VpcId.{INDEX_MAX}=v"),
        "MalformedQueryString",
        "parameters",
    );
    let half = "a&".repeat(form::PARAMETERS_MAX / 2 + 1);
    assert_eq!(
        decode(&ec2::SERVICE, half.as_bytes(), half.as_bytes())
            .unwrap_err()
            .code(),
        "MalformedQueryString"
    );
}

#[test]
fn tables_are_sorted_and_end() {
    fn depth(structure: &Structure, so_far: u32) {
        assert!(
            so_far < 16,
            "a shape that never ends would need a bound in decode"
        );
        assert!(
            structure
                .members
                .is_sorted_by(|one, next| one.name < next.name)
        );
        for member in structure.members {
            let mut shape = member.shape;
            while let Shape::List(list) = shape {
                shape = list.shape;
            }
            if let Shape::Structure(structure) = shape {
                depth(structure, so_far + 1);
            }
        }
    }
    let services: [&Service; 2] = [&ec2::SERVICE, &sts::SERVICE];
    for service in services {
        assert!(
            service
                .actions
                .is_sorted_by(|one, next| one.name < next.name)
        );
        assert!(service.other_actions.is_sorted());
        for action in service.actions {
            for structure in [action.input, action.output].into_iter().flatten() {
                depth(structure, 0);
            }
        }
    }
}

/// Pieces that reach further into the reader than plain noise does.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        "(Action|Version|VpcId|Filter|DryRun|MaxResults|TagSpecification|Tag|NetworkInterface|Value|Name|Key)",
        "[0-9]{1,6}",
        "[.=&%+]",
        "(DescribeVpcs|RunInstances|AssumeRole|2016-11-15|2011-06-15|true)",
        "\\PC{0,4}",
    ]
}

proptest! {
    #[test]
    fn bytes_never_panic(query in any::<Vec<u8>>(), body in any::<Vec<u8>>()) {
        let _ = decode(&ec2::SERVICE, &query, &body);
    }

    #[test]
    fn almost_forms_never_panic(pieces in prop::collection::vec(piece(), 0..60)) {
        let tail = pieces.concat();
        for (service, head) in [
            (&ec2::SERVICE, "Action=RunInstances&Version=2016-11-15&"),
            (&ec2::SERVICE, "Action=DescribeVpcs&Version=2016-11-15&"),
            (&sts::SERVICE, "Action=AssumeRole&Version=2011-06-15&"),
            (&ec2::SERVICE, ""),
        ] {
            let _ = decode(service, b"", format!("{head}{tail}").as_bytes());
        }
    }

    /// Any text that XML can carry arrives as it was sent.
    #[test]
    fn text_arrives_as_it_was_sent(text in "[\\PC\t\n\r]*") {
        let escaped: String = text.bytes().map(|byte| format!("%{byte:02x}")).collect();
        let input = read(&format!("Action=DeleteVpc&VpcId={escaped}")).unwrap();
        prop_assert_eq!(input["VpcId"].as_str(), Some(text.as_str()));
    }
}
