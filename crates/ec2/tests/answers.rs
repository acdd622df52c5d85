//! Answers and refusals in both dialects; our own mistakes are told, not sent.

#![allow(clippy::unwrap_used)]

use openvpc_ec2::encode::{ShapeError, error_xml, response};
use openvpc_ec2::generated::{ec2, sts};
use openvpc_ec2::{Error, Resource};
use proptest::prelude::*;
use serde_json::{Value, json};

fn answer(action: &str, output: Value) -> Result<String, ShapeError> {
    response(
        &ec2::SERVICE,
        ec2::SERVICE.action(action).unwrap(),
        "r-1",
        &output,
    )
}

/// What is between the request id and the root's end.
#[track_caller]
fn inner(action: &str, output: Value) -> String {
    let xml = answer(action, output).unwrap();
    let head = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{action}Response xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><requestId>r-1</requestId>"
    );
    let inner = xml
        .strip_prefix(&head)
        .and_then(|rest| rest.strip_suffix(&format!("</{action}Response>")));
    inner.unwrap_or_else(|| panic!("{xml}")).to_owned()
}

#[test]
fn ec2_answers() {
    for (action, output, xml) in [
        ("DeleteVpc", json!({}), "<return>true</return>"),
        ("DeleteVpc", Value::Null, "<return>true</return>"),
        ("CreateRoute", json!({}), "<return>true</return>"),
        (
            "CreateRoute",
            json!({"Return": false}),
            "<return>false</return>",
        ),
        (
            "DeleteEgressOnlyInternetGateway",
            Value::Null,
            "<returnCode>true</returnCode>",
        ),
        (
            "DescribeVpcs",
            json!({"Vpcs": [], "NextToken": null}),
            "<vpcSet/>",
        ),
        (
            "DescribeVpcs",
            json!({"Vpcs": [{"VpcId": "vpc-1", "IsDefault": false, "Tags": [{"Key": "<a>", "Value": ""}]}]}),
            "<vpcSet><item><isDefault>false</isDefault><tagSet><item><key>&lt;a&gt;</key><value></value></item></tagSet><vpcId>vpc-1</vpcId></item></vpcSet>",
        ),
        (
            "CreateFlowLogs",
            json!({"FlowLogIds": ["fl-1"], "Unsuccessful": []}),
            "<flowLogIdSet><item>fl-1</item></flowLogIdSet><unsuccessful/>",
        ),
        (
            "CreateNatGateway",
            json!({"NatGateway": {"CreateTime": 1_735_787_045_000_i64}}),
            "<natGateway><createTime>2025-01-02T03:04:05.000Z</createTime></natGateway>",
        ),
    ] {
        assert_eq!(inner(action, output), xml, "{action}");
    }
}

#[test]
fn sts_answers_are_wrapped() {
    let action = sts::SERVICE.action("GetCallerIdentity").unwrap();
    let xml = response(
        &sts::SERVICE,
        action,
        "r-1",
        &json!({"Account": "123456789012"}),
    )
    .unwrap();
    assert_eq!(
        xml,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
         <GetCallerIdentityResult><Account>123456789012</Account></GetCallerIdentityResult>\
         <ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></GetCallerIdentityResponse>"
    );
}

#[test]
fn refusals_in_both_dialects() {
    let error = Error::not_found(Resource::Vpc, "vpc-<1>");
    assert_eq!(
        error_xml(&ec2::SERVICE, "r-1", &error),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <Response><Errors><Error><Code>InvalidVpcID.NotFound</Code>\
         <Message>The vpc ID 'vpc-&lt;1&gt;' does not exist</Message></Error></Errors>\
         <RequestID>r-1</RequestID></Response>"
    );
    assert_eq!(
        error_xml(&sts::SERVICE, "r-1", &Error::internal()),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Receiver</Type>\
         <Code>InternalError</Code><Message>An internal error has occurred</Message></Error>\
         <RequestId>r-1</RequestId></ErrorResponse>"
    );
    assert!(error_xml(&sts::SERVICE, "r-1", &error).contains("<Type>Sender</Type>"));
}

#[test]
fn an_answer_of_another_shape_is_our_mistake_and_says_where() {
    for (action, output, path) in [
        (
            "DescribeVpcs",
            json!({"Vpcs": [{}, {"VpcID": "x"}]}),
            "Vpcs.1.VpcID",
        ),
        ("DescribeVpcs", json!({"Vpcs": {}}), "Vpcs"),
        ("DescribeVpcs", json!({"Vpcs": [null]}), "Vpcs.0"),
        (
            "DescribeVpcs",
            json!({"Vpcs": [{"IsDefault": "true"}]}),
            "Vpcs.0.IsDefault",
        ),
        (
            "DescribeVpcs",
            json!({"Vpcs": [{"VpcId": 1}]}),
            "Vpcs.0.VpcId",
        ),
        (
            "DescribeSubnets",
            json!({"Subnets": [{"AvailableIpAddressCount": 1.5}]}),
            "Subnets.0.AvailableIpAddressCount",
        ),
        (
            "CreateNatGateway",
            json!({"NatGateway": {"CreateTime": "soon"}}),
            "NatGateway.CreateTime",
        ),
        (
            "CreateNatGateway",
            json!({"NatGateway": {"CreateTime": i64::MAX}}),
            "NatGateway.CreateTime",
        ),
        ("DeleteVpc", json!({"Return": true}), ""),
        ("DescribeVpcs", json!([]), ""),
    ] {
        let error = answer(action, output).unwrap_err();
        assert_eq!(
            (error.action, error.path.as_str()),
            (action, path),
            "{error}"
        );
    }
}

/// The characters of the one `<key>` in a document, read as an XML parser reads them.
fn key_of(xml: &str) -> String {
    let text = xml
        .split("<key>")
        .nth(1)
        .unwrap()
        .split("</key>")
        .next()
        .unwrap();
    assert!(!text.contains(['<', '>', '"', '\r']), "{text}");
    let text = text
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#13;", "\r");
    text.replace("&amp;", "&")
}

proptest! {
    #[test]
    fn text_comes_back_from_xml(text in any::<String>()) {
        let xml = answer("DescribeTags", json!({"Tags": [{"Key": text}]})).unwrap();
        let is_char = |c: &char| matches!(c, '\t' | '\n' | '\r' | ' '..) && !matches!(c, '\u{fffe}' | '\u{ffff}');
        let carried: String = text.chars().map(|c| if is_char(&c) { c } else { '\u{fffd}' }).collect();
        prop_assert_eq!(key_of(&xml), carried);
    }
}
