//! Tests of `flow_log/`.

use openvpc_model::*;
use serde_json::{Value, json};

use crate::testing::{Bench, START, count, text};
use crate::{Bucket, lifecycle};

const ROLE: &str = "arn:aws:iam::123456789012:role/flow-logs";

struct Stage {
    bench: Bench,
    vpc: String,
    subnet: String,
    eni: String,
}

impl Stage {
    fn new() -> Stage {
        let mut bench = Bench::new();
        let vpc = bench.ok("CreateVpc", json!({"CidrBlock": "10.0.0.0/16"}));
        let vpc = text(&vpc, "/Vpc/VpcId");
        let subnet = json!({"VpcId": vpc, "CidrBlock": "10.0.1.0/24"});
        let subnet = text(&bench.ok("CreateSubnet", subnet), "/Subnet/SubnetId");
        let eni = bench.place_interface(&subnet, "10.0.1.10").id.to_string();
        Stage {
            bench,
            vpc,
            subnet,
            eni,
        }
    }

    /// A request for a log of the VPC to the group `flows`, with some members changed; `null`
    /// takes a member out.
    fn request(&self, changes: Value) -> Value {
        let mut request = json!({
            "ResourceType": "VPC",
            "ResourceIds": [self.vpc],
            "TrafficType": "ALL",
            "LogGroupName": "flows",
            "DeliverLogsPermissionArn": ROLE,
        });
        let members = request.as_object_mut().unwrap();
        for (name, value) in changes.as_object().unwrap() {
            match value {
                Value::Null => members.remove(name),
                value => members.insert(name.clone(), value.clone()),
            };
        }
        request
    }

    #[track_caller]
    fn create(&mut self, changes: Value) -> Value {
        let request = self.request(changes);
        self.bench.ok("CreateFlowLogs", request)
    }

    /// Creates one flow log; its id.
    #[track_caller]
    fn made(&mut self, changes: Value) -> String {
        let answer = self.create(changes);
        assert_eq!(answer["Unsuccessful"], json!([]));
        assert_eq!(count(&answer, "FlowLogIds"), 1);
        text(&answer, "/FlowLogIds/0")
    }

    /// What Describe tells of one flow log.
    #[track_caller]
    fn seen(&mut self, id: &str) -> Value {
        let answer = self
            .bench
            .ok("DescribeFlowLogs", json!({"FlowLogIds": [id]}));
        assert_eq!(count(&answer, "FlowLogs"), 1);
        answer["FlowLogs"][0].clone()
    }

    /// Code and message of a call that must be refused, and that nothing was made.
    #[track_caller]
    fn refusal(&mut self, changes: Value) -> (String, String) {
        let request = self.request(changes);
        let refusal = self.bench.refusal("CreateFlowLogs", request);
        assert_eq!(self.listed(json!({})), Vec::<String>::new());
        (refusal.code().to_owned(), refusal.message().to_owned())
    }

    /// Ids that Describe answers.
    #[track_caller]
    fn listed(&mut self, request: Value) -> Vec<String> {
        let answer = self.bench.ok("DescribeFlowLogs", request);
        let logs = answer["FlowLogs"].as_array().unwrap();
        logs.iter().map(|log| text(log, "/FlowLogId")).collect()
    }
}

#[test]
fn golden_flow_logs() {
    let mut stage = Stage::new();
    let tags = json!([{"ResourceType": "vpc-flow-log", "Tags": [{"Key": "Name", "Value": "web"}]}]);
    let request = stage.request(json!({"TagSpecifications": tags, "ClientToken": "once"}));
    let made = stage.bench.golden("CreateFlowLogs", request);
    let ids = json!({"FlowLogIds": made["FlowLogIds"]});
    stage.bench.golden("DescribeFlowLogs", ids.clone());
    stage.bench.golden("DeleteFlowLogs", ids);
}

#[test]
fn fl_1_a_log_on_a_vpc_a_subnet_or_an_interface() {
    let mut stage = Stage::new();
    for (kind, resource) in [
        ("VPC", stage.vpc.clone()),
        ("Subnet", stage.subnet.clone()),
        ("NetworkInterface", stage.eni.clone()),
    ] {
        let id = stage.made(json!({"ResourceType": kind, "ResourceIds": [resource]}));
        assert_eq!(stage.seen(&id)["ResourceId"], resource, "{kind}");
    }
}

#[test]
fn fl_1_what_is_sent_and_what_is_defaulted_reads_back() {
    let mut stage = Stage::new();
    let id = stage.made(json!({}));
    let arn = "arn:aws:logs:us-east-1:123456789012:log-group:flows";
    let wanted = json!({
        "FlowLogId": id,
        "FlowLogStatus": "ACTIVE",
        "ResourceId": stage.vpc,
        "TrafficType": "ALL",
        "LogDestinationType": "cloud-watch-logs",
        "LogDestination": arn,
        "LogGroupName": "flows",
        "LogFormat": DEFAULT_LOG_FORMAT,
        "DestinationOptions": null,
        "MaxAggregationInterval": 600,
        "DeliverLogsPermissionArn": ROLE,
        "DeliverLogsStatus": "SUCCESS",
        "DeliverLogsErrorMessage": null,
        "CreationTime": START,
        "Tags": [],
    });
    assert_eq!(stage.seen(&id), wanted);

    let id = stage.made(json!({
        "LogGroupName": null,
        "LogDestination": "arn:aws:logs:us-east-1:123456789012:log-group:/vpc/b:*",
        "LogDestinationType": "cloud-watch-logs",
        "LogFormat": "${dstport} ${version}",
        "MaxAggregationInterval": 60,
        "TrafficType": "REJECT",
        "DeliverLogsPermissionArn": "arn:aws:iam::123456789012:role/service-role/a_b@c",
    }));
    let seen = stage.seen(&id);
    assert_eq!(seen["LogGroupName"], "/vpc/b");
    let arn = "arn:aws:logs:us-east-1:123456789012:log-group:/vpc/b";
    assert_eq!(seen["LogDestination"], arn);
    assert_eq!(seen["LogFormat"], "${dstport} ${version}");
    assert_eq!(seen["MaxAggregationInterval"], 60);
    assert_eq!(seen["TrafficType"], "REJECT");
}

#[test]
fn fl_6_a_resource_must_be_the_callers_own() {
    let mut stage = Stage::new();
    for (kind, id, code) in [
        ("VPC", "vpc-0aaaaaaaaaaaaaaaa", "InvalidVpcID.NotFound"),
        (
            "Subnet",
            "subnet-0aaaaaaaaaaaaaaaa",
            "InvalidSubnetID.NotFound",
        ),
        (
            "NetworkInterface",
            "eni-0aaaaaaaaaaaaaaaa",
            "InvalidNetworkInterfaceID.NotFound",
        ),
        ("VPC", "subnet-0aaaaaaaaaaaaaaaa", "InvalidVpcID.Malformed"),
    ] {
        let (found, _) = stage.refusal(json!({"ResourceType": kind, "ResourceIds": [id]}));
        assert_eq!(found, code, "{kind} {id}");
    }
    let known = json!({"ResourceIds": [stage.vpc, "vpc-0aaaaaaaaaaaaaaaa"]});
    assert_eq!(stage.refusal(known).0, "InvalidVpcID.NotFound");

    stage.bench.account = "210987654321".parse().unwrap();
    assert_eq!(stage.refusal(json!({})).0, "InvalidVpcID.NotFound");
}

/// Spec 01 §10, the table of conditions.
#[test]
fn create_refuses_wrong_arguments_and_makes_nothing() {
    let mut stage = Stage::new();
    let vpc = stage.vpc.clone();
    let bucket = "arn:aws:s3:::bucket";
    let group = "arn:aws:logs:us-east-1:123456789012:log-group:flows";
    let invalid = "InvalidParameter";
    for (changes, code, message) in [
        (
            json!({"LogGroupName": null}),
            invalid,
            "LogDestination can't be empty if LogGroupName is not provided.",
        ),
        (
            json!({"LogGroupName": null, "LogDestinationType": "s3"}),
            invalid,
            "LogDestination can't be empty if LogGroupName is not provided.",
        ),
        (
            json!({"LogDestinationType": "s3", "LogDestination": bucket}),
            invalid,
            "LogDestination type must be cloud-watch-logs if LogGroupName is provided.",
        ),
        (
            json!({"LogDestination": group}),
            invalid,
            "LogDestination and LogGroupName can't both be provided.",
        ),
        (
            json!({"DeliverLogsPermissionArn": null}),
            invalid,
            "DeliverLogsPermissionArn can't be empty if LogDestinationType is cloud-watch-logs.",
        ),
        (
            json!({"MaxAggregationInterval": 61}),
            invalid,
            "Invalid Flow Log Max Aggregation Interval",
        ),
        (
            json!({"LogFormat": "${version} ${payload}"}),
            invalid,
            "LogFormat has an unknown field: payload",
        ),
        (
            json!({"LogGroupName": null, "LogDestinationType": "kinesis-data-firehose",
                "LogDestination": "arn:aws:firehose:us-east-1:123456789012:deliverystream/x"}),
            invalid,
            "LogDestinationType kinesis-data-firehose is not built in openvpc yet.",
        ),
        (
            json!({"DestinationOptions": {"FileFormat": "parquet"}}),
            invalid,
            "DestinationOptions can't be provided if LogDestinationType is cloud-watch-logs.",
        ),
        (
            json!({"DeliverCrossAccountRole": ROLE}),
            "UnsupportedOperation",
            "The parameter DeliverCrossAccountRole is not supported.",
        ),
        (
            json!({"TagFieldSpecifications": []}),
            "UnsupportedOperation",
            "The parameter TagFieldSpecifications is not supported.",
        ),
        (
            json!({"TrafficType": null}),
            "MissingParameter",
            "The request must contain the parameter trafficType",
        ),
        (
            json!({"TrafficType": "all"}),
            "InvalidParameterValue",
            "Value (all) for parameter trafficType is invalid.",
        ),
        (
            json!({"ResourceType": null}),
            "MissingParameter",
            "The request must contain the parameter resourceType",
        ),
        (
            json!({"ResourceType": "Instance"}),
            "InvalidParameterValue",
            "Value (Instance) for parameter resourceType is invalid.",
        ),
        (
            json!({"ResourceType": "TransitGateway"}),
            "UnsupportedOperation",
            "Flow logs of resource type TransitGateway are not built in openvpc yet.",
        ),
        (
            json!({"LogDestinationType": "file"}),
            "InvalidParameterValue",
            "Value (file) for parameter logDestinationType is invalid.",
        ),
        (
            json!({"ResourceIds": []}),
            "MissingParameter",
            "The request must contain the parameter resourceId",
        ),
        (
            json!({"ResourceIds": vec![vpc.clone(); 1001]}),
            invalid,
            "At most 1000 resources can be named in one call.",
        ),
        (
            json!({"TagSpecifications": [{"ResourceType": "vpc", "Tags": [{"Key": "a"}]}]}),
            "InvalidParameterValue",
            "'vpc' is not a valid taggable resource type for this operation.",
        ),
    ] {
        let found = stage.refusal(changes.clone());
        assert_eq!(found, (code.to_owned(), message.to_owned()), "{changes}");
    }
    let twice = stage.refusal(json!({"ResourceIds": [vpc, vpc]}));
    assert_eq!(twice.1, format!("The resource {vpc} is named twice."));
}

/// `CW-4`; clients retry on this sentence.
#[test]
fn cw_4_a_role_that_is_none_cannot_be_assumed() {
    let mut stage = Stage::new();
    for role in [
        "flow-logs",
        "arn:aws:iam::123456789012:role/",
        "arn:aws:iam::12345678901:role/flow-logs",
        "arn:aws:iam::123456789012:user/flow-logs",
        "arn:aws:iam::123456789012:role//flow-logs",
        "arn:aws:iam::123456789012:role/flow logs",
        "arn:aws:s3:::bucket",
    ] {
        let found = stage.refusal(json!({"DeliverLogsPermissionArn": role}));
        let wanted = ("InvalidParameter", "Unable to assume given IAM role");
        assert_eq!((found.0.as_str(), found.1.as_str()), wanted, "{role}");
    }
}

/// The role [`ROLE`] as IAM has it: what it trusts, and what it may.
fn iam_role(service: &str, action: &str) -> Event {
    let resource = "arn:aws:logs:*:*:log-group:*";
    role_of(
        json!({"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}),
        json!({"Effect": "Allow", "Action": action, "Resource": resource}),
    )
}

/// The role of these statements.
fn role_of(trust: Value, may: Value) -> Event {
    let [trust, may] = [trust, may].map(|statement| json!({"Statement": [statement]}));
    Event::Iam(IamEvent::RolePut(IamRole {
        entity: IamEntity {
            name: "flow-logs".to_owned(),
            path: "/".to_owned(),
            id: "AROAX".to_owned(),
            created_at: 0,
            tags: Tags::new(),
        },
        policies: IdentityPolicies {
            inline: [("p".to_owned(), may.to_string())].into(),
            ..IdentityPolicies::default()
        },
        trust: trust.to_string(),
        description: None,
        session_secs_max: 3600,
        linked_service: None,
    }))
}

#[test]
fn cw_4_a_role_that_iam_knows_must_trust_the_service() {
    let mut stage = Stage::new();
    let other = iam_role("ec2.amazonaws.com", "logs:*");
    stage.bench.apply("CreateRole", vec![other]);
    let wanted = ("InvalidParameter", "Unable to assume given IAM role");
    let wanted = (wanted.0.to_owned(), wanted.1.to_owned());
    assert_eq!(stage.refusal(json!({})), wanted);
    let right = iam_role("vpc-flow-logs.amazonaws.com", "logs:*");
    stage.bench.apply("UpdateAssumeRolePolicy", vec![right]);
    let id = stage.made(json!({}));
    assert_eq!(stage.seen(&id)["DeliverLogsStatus"], "SUCCESS");
}

/// VPC user guide, "IAM role for publishing flow logs to CloudWatch Logs": what its trust policy asks for keeps the service
/// from acting for others.
#[test]
fn cw_4_a_role_may_trust_the_service_for_one_accounts_flow_logs_only() {
    let mut stage = Stage::new();
    let role = |account: &str, flow_log: &str, stream: &str| {
        role_of(
            json!({"Effect": "Allow", "Action": "sts:AssumeRole",
            "Principal": {"Service": "vpc-flow-logs.amazonaws.com"},
            "Condition": {
                "StringEquals": {"aws:SourceAccount": account},
                "ArnLike": {"aws:SourceArn": format!("arn:aws:ec2:us-east-1:{account}:vpc-flow-log/{flow_log}")},
            }}),
            json!({"Effect": "Allow", "Action": "logs:*",
                "Resource": format!("arn:aws:logs:us-east-1:123456789012:log-group:flows:log-stream:{stream}")}),
        )
    };
    let theirs = role("210987654321", "*", "*");
    stage.bench.apply("CreateRole", vec![theirs.clone()]);
    let refusal = stage.refusal(json!({}));
    assert_eq!(refusal.1, "Unable to assume given IAM role");
    let ours = role("123456789012", "*", "eni-*");
    stage
        .bench
        .apply("UpdateAssumeRolePolicy", vec![ours.clone()]);
    let id = stage.made(json!({}));
    for (event, status) in [
        (ours, "SUCCESS"),
        (role("123456789012", &id, "eni-*-all"), "SUCCESS"),
        (role("123456789012", "fl-0aaaaaaaaaaaaaaaa", "*"), "FAILED"),
        (role("123456789012", &id, "eni-*-accept"), "FAILED"),
        (theirs, "FAILED"),
    ] {
        stage.bench.apply("Test", vec![event.clone()]);
        let seen = stage.seen(&id);
        assert_eq!(seen["DeliverLogsStatus"], status, "{event:?}");
    }
}

#[test]
fn cw_5_a_role_that_may_not_write_shows_as_failed() {
    let mut stage = Stage::new();
    let service = "vpc-flow-logs.amazonaws.com";
    let unknown_role = stage.made(json!({"LogGroupName": "other", "DeliverLogsPermissionArn": "arn:aws:iam::123456789012:role/made-up"}));
    stage
        .bench
        .apply("CreateRole", vec![iam_role(service, "logs:*")]);
    let id = stage.made(json!({}));
    let gone = Event::Iam(IamEvent::RoleDeleted("flow-logs".to_owned()));
    for (event, status) in [
        (iam_role(service, "logs:Describe*"), "FAILED"),
        (iam_role(service, "logs:*"), "SUCCESS"),
        (iam_role("ec2.amazonaws.com", "logs:*"), "FAILED"),
        (gone, "FAILED"),
        (iam_role(service, "logs:*"), "SUCCESS"),
    ] {
        stage.bench.apply("Test", vec![event.clone()]);
        let seen = stage.seen(&id);
        assert_eq!(seen["DeliverLogsStatus"], status, "{event:?}");
        let why = if status == "FAILED" {
            json!("Access error")
        } else {
            Value::Null
        };
        assert_eq!(seen["DeliverLogsErrorMessage"], why);
        assert_eq!(seen["FlowLogStatus"], "ACTIVE");
        assert_eq!(stage.seen(&unknown_role)["DeliverLogsStatus"], "SUCCESS");
    }
}

#[test]
fn cw_3_a_group_need_not_exist_but_must_have_a_name_that_could() {
    let mut stage = Stage::new();
    for group in ["a b", "a:b", "ä", &"a".repeat(513)] {
        let (code, _) = stage.refusal(json!({"LogGroupName": group}));
        assert_eq!(code, "InvalidParameter", "{group}");
    }
    for arn in [
        "flows",
        "arn:aws:s3:::bucket",
        "arn:aws:logs:us-east-1:123456789012:log-group:",
        "arn:aws:logs:us-east-1:123456789012:log-group:flows:log-stream:a",
        "arn:aws:logs:us-west-2:123456789012:log-group:flows",
        "arn:aws:logs:us-east-1:210987654321:log-group:flows",
    ] {
        let (code, _) = stage.refusal(json!({"LogGroupName": null, "LogDestination": arn}));
        assert_eq!(code, "InvalidParameter", "{arn}");
    }
    stage.made(json!({"LogGroupName": "a".repeat(512)}));
}

/// Spec 01 §2.
#[test]
fn every_field_may_stand_in_a_format() {
    let mut stage = Stage::new();
    assert_eq!(FLOW_LOG_FIELDS.len(), 62);
    for (name, _) in FLOW_LOG_FIELDS {
        let format = format!("${{{name}}}");
        let id = stage.made(json!({"LogFormat": format, "LogGroupName": name}));
        assert_eq!(stage.seen(&id)["LogFormat"], format);
    }
    let all: Vec<String> = FLOW_LOG_FIELDS
        .iter()
        .rev()
        .map(|(name, _)| format!("${{{name}}}"))
        .collect();
    let id = stage.made(json!({"LogFormat": all.join(" ")}));
    assert_eq!(stage.seen(&id)["LogFormat"], all.join(" "));
}

/// Spec 01 §2.
#[test]
fn a_format_is_fields_with_single_spaces_between() {
    let mut stage = Stage::new();
    for format in [
        "",
        " ",
        "version",
        "$version",
        "${version",
        "${}",
        "${Version}",
        "${version}${action}",
        "${version},${action}",
        "${version}  ${action}",
        "${version}\t${action}",
        "${version} ${action} ",
        " ${version}",
        "${version} OK",
    ] {
        let (code, _) = stage.refusal(json!({"LogFormat": format}));
        assert_eq!(code, "InvalidParameter", "{format:?}");
    }
}

/// Members of a request for a log of the subnet to a bucket.
fn to_bucket(stage: &Stage, arn: &str) -> Value {
    json!({
        "ResourceType": "Subnet",
        "ResourceIds": [stage.subnet],
        "LogGroupName": null,
        "DeliverLogsPermissionArn": null,
        "LogDestinationType": "s3",
        "LogDestination": arn,
    })
}

/// `S3-7`, `S3-8`, spec 01 §10: the call succeeds and says of each resource why it has no log.
#[test]
fn a_bucket_that_is_missing_or_refuses_is_told_per_resource() {
    let mut stage = Stage::new();
    let request = to_bucket(&stage, "arn:aws:s3:::bucket/folder/");
    for (bucket, code, message) in [
        (None, "400", "LogDestination: bucket does not exist."),
        (
            Some(Bucket::Missing),
            "400",
            "LogDestination: bucket does not exist.",
        ),
        (
            Some(Bucket::Refuses),
            "400",
            "Access Denied for LogDestination: bucket. Please check LogDestination permission.",
        ),
        (
            Some(Bucket::PolicyTooLong),
            "LogDestinationPermissionIssueException",
            "LogDestination: bucket: its policy would have more than 20 KB.",
        ),
    ] {
        stage.bench.bucket = bucket;
        let answer = stage.create(request.clone());
        assert_eq!(answer["FlowLogIds"], json!([]));
        let error = json!({"Code": code, "Message": message});
        let wanted = json!([{"ResourceId": stage.subnet, "Error": error}]);
        assert_eq!(answer["Unsuccessful"], wanted);
        assert_eq!(stage.listed(json!({})), Vec::<String>::new());
    }
}

/// `S3-7`: what is no bucket, or may not be.
#[test]
fn s3_7_a_bucket_with_a_folder_that_may_be_one() {
    let mut stage = Stage::new();
    stage.bench.bucket = Some(Bucket::Accepts);
    for arn in [
        "bucket",
        "arn:aws:s3:::",
        "arn:aws:s3:::/folder",
        "arn:aws:s3:::Bucket",
        "arn:aws:s3:::bucket/a//b",
        "arn:aws:s3:::bucket/a b",
        "arn:aws:s3:::bucket/AWSLogs",
        "arn:aws:s3:::bucket/AWSLogs/",
        "arn:aws:s3:::bucket/AWSLogs/more",
    ] {
        let request = to_bucket(&stage, arn);
        assert_eq!(stage.refusal(request).0, "InvalidParameter", "{arn}");
    }
    let mut with_role = to_bucket(&stage, "arn:aws:s3:::bucket");
    with_role["DeliverLogsPermissionArn"] = json!(ROLE);
    assert_eq!(stage.refusal(with_role).0, "InvalidParameter");
    let mut other_format = to_bucket(&stage, "arn:aws:s3:::bucket");
    other_format["DestinationOptions"] = json!({"FileFormat": "orc"});
    assert_eq!(stage.refusal(other_format).0, "InvalidParameterValue");
}

/// Clients compare what they sent with what they read back.
#[test]
fn a_log_to_a_bucket_reads_back_as_it_was_sent() {
    let mut stage = Stage::new();
    stage.bench.bucket = Some(Bucket::Accepts);
    let request = to_bucket(&stage, "arn:aws:s3:::bucket/net/");
    let id = stage.made(request);
    let seen = stage.seen(&id);
    assert_eq!(seen["LogDestinationType"], "s3");
    assert_eq!(seen["LogDestination"], "arn:aws:s3:::bucket/net/");
    assert_eq!(seen["LogGroupName"], Value::Null);
    assert_eq!(seen["DestinationOptions"], Value::Null);
    assert_eq!(seen["DeliverLogsStatus"], "SUCCESS");

    let again = to_bucket(&stage, "arn:aws:s3:::bucket/net");
    let again = stage.request(again);
    let refused = stage.bench.refused("CreateFlowLogs", again);
    assert_eq!(refused, "FlowLogAlreadyExists");

    let mut request = to_bucket(&stage, "arn:aws:s3:::bucket");
    request["DestinationOptions"] = json!({"FileFormat": "parquet", "PerHourPartition": true});
    let id = stage.made(request);
    let options = json!({
        "FileFormat": "parquet", "HiveCompatiblePartitions": false, "PerHourPartition": true,
    });
    assert_eq!(stage.seen(&id)["DestinationOptions"], options);
    let by_type = json!({"Filter": [{"Name": "log-destination-type", "Values": ["s3"]}]});
    assert_eq!(stage.listed(by_type).len(), 2);
}

/// `CW-5`, of a bucket whose policy changes later.
#[test]
fn what_a_sink_said_last_shows_as_the_logs_status() {
    let mut stage = Stage::new();
    stage.bench.bucket = Some(Bucket::Accepts);
    let request = to_bucket(&stage, "arn:aws:s3:::bucket");
    let id = stage.made(request);
    for (delivery, status, message) in [
        (
            FlowLogDelivery::AccessError,
            "FAILED",
            json!("Access error"),
        ),
        (
            FlowLogDelivery::UnknownError,
            "FAILED",
            json!("Unknown error"),
        ),
        (FlowLogDelivery::Success, "SUCCESS", Value::Null),
    ] {
        let region = &stage.bench.world.regions["us-east-1"];
        let events = lifecycle::flow_log_delivery(region, id.parse().unwrap(), delivery);
        assert_eq!(events.len(), 1);
        stage.bench.apply("FlowLogDelivery", events);
        let region = &stage.bench.world.regions["us-east-1"];
        let again = lifecycle::flow_log_delivery(region, id.parse().unwrap(), delivery);
        assert!(again.is_empty());
        let seen = stage.seen(&id);
        assert_eq!(seen["DeliverLogsStatus"], status);
        assert_eq!(seen["DeliverLogsErrorMessage"], message);
        assert_eq!(seen["FlowLogStatus"], "ACTIVE");
    }
}

#[test]
fn fl_2_the_same_log_again_is_refused_another_is_not() {
    let mut stage = Stage::new();
    stage.made(json!({}));
    let again = stage.request(json!({"MaxAggregationInterval": 60, "LogFormat": "${bytes}"}));
    let refusal = stage.bench.refusal("CreateFlowLogs", again);
    assert_eq!(refusal.code(), "FlowLogAlreadyExists");
    let message =
        "Error. There is an existing Flow Log with the same configuration and log destination.";
    assert_eq!(refusal.message(), message);
    let by_arn = json!({
        "LogGroupName": null,
        "LogDestination": "arn:aws:logs:us-east-1:123456789012:log-group:flows",
    });
    let by_arn = stage.request(by_arn);
    assert_eq!(
        stage.bench.refused("CreateFlowLogs", by_arn),
        "FlowLogAlreadyExists"
    );
    stage.made(json!({"LogGroupName": "others"}));
    stage.made(json!({"TrafficType": "REJECT"}));
    stage.made(json!({"ResourceType": "Subnet", "ResourceIds": [stage.subnet]}));
}

/// Spec 01 §10: 200 even when some resources failed.
#[test]
fn one_resource_may_fail_while_others_get_their_log() {
    let mut stage = Stage::new();
    let vpcs = stage.bench.ok("DescribeVpcs", json!({}));
    let default = vpcs["Vpcs"].as_array().unwrap().iter();
    let default = default.map(|vpc| text(vpc, "/VpcId"));
    let default = default.filter(|id| *id != stage.vpc).collect::<Vec<_>>();
    assert_eq!(default.len(), 1);
    stage.made(json!({}));
    let both = json!({"ResourceIds": [stage.vpc, default[0]]});
    let answer = stage.create(both.clone());
    assert_eq!(count(&answer, "FlowLogIds"), 1);
    let id = text(&answer, "/FlowLogIds/0");
    assert_eq!(stage.seen(&id)["ResourceId"], default[0]);
    assert_eq!(count(&answer, "Unsuccessful"), 1);
    let failed = &answer["Unsuccessful"][0];
    assert_eq!(failed["ResourceId"], stage.vpc);
    assert_eq!(failed["Error"]["Code"], "FlowLogAlreadyExists");

    let both = stage.request(both);
    assert_eq!(
        stage.bench.refused("CreateFlowLogs", both),
        "FlowLogAlreadyExists"
    );
}

#[test]
fn fl_8_250_logs_per_resource() {
    let mut stage = Stage::new();
    for n in 0..250 {
        stage.made(json!({"LogGroupName": format!("group-{n}")}));
    }
    let more = stage.request(json!({"LogGroupName": "group-250"}));
    assert_eq!(
        stage.bench.refused("CreateFlowLogs", more),
        "FlowLogsLimitExceeded"
    );
    stage.made(json!({"ResourceType": "Subnet", "ResourceIds": [stage.subnet]}));
    let first = stage.listed(json!({"MaxResults": 5})).remove(0);
    let first = json!({"FlowLogIds": [first]});
    stage.bench.ok("DeleteFlowLogs", first);
    stage.made(json!({"LogGroupName": "group-250"}));
}

#[test]
fn a_client_token_makes_one_log() {
    let mut stage = Stage::new();
    let token = json!({"ClientToken": "terraform-1"});
    let first = stage.create(token.clone());
    assert_eq!(first["ClientToken"], "terraform-1");
    assert_eq!(stage.create(token), first);
    assert_eq!(stage.listed(json!({})).len(), 1);
    let other = stage.request(json!({"ClientToken": "terraform-1", "TrafficType": "REJECT"}));
    assert_eq!(
        stage.bench.refused("CreateFlowLogs", other),
        "IdempotentParameterMismatch"
    );
}

#[test]
fn a_dry_run_makes_nothing() {
    let mut stage = Stage::new();
    assert_eq!(stage.refusal(json!({"DryRun": true})).0, "DryRunOperation");
    let wrong = json!({"DryRun": true, "MaxAggregationInterval": 1});
    assert_eq!(stage.refusal(wrong).0, "InvalidParameter");
}

#[test]
fn describe_filters_and_pages() {
    let mut stage = Stage::new();
    let tags = json!([{"ResourceType": "vpc-flow-log", "Tags": [{"Key": "team", "Value": "red"}]}]);
    let vpc_log = stage.made(json!({"TagSpecifications": tags}));
    let (subnet, eni) = (stage.subnet.clone(), stage.eni.clone());
    let reject =
        json!({"ResourceType": "Subnet", "ResourceIds": [subnet], "TrafficType": "REJECT"});
    let subnet_log = stage.made(reject);
    let eni_log = stage.made(json!({
        "ResourceType": "NetworkInterface",
        "ResourceIds": [eni],
        "LogGroupName": "others",
    }));
    let mut all = vec![vpc_log.clone(), subnet_log.clone(), eni_log.clone()];
    all.sort();
    for (name, value, wanted) in [
        ("deliver-log-status", "SUCCESS", all.clone()),
        ("deliver-log-status", "FAILED", vec![]),
        ("log-destination-type", "cloud-watch-logs", all.clone()),
        ("log-destination-type", "s3", vec![]),
        ("flow-log-id", &vpc_log, vec![vpc_log.clone()]),
        ("log-group-name", "oth*", vec![eni_log.clone()]),
        ("resource-id", &subnet, vec![subnet_log.clone()]),
        ("traffic-type", "REJECT", vec![subnet_log.clone()]),
        ("tag:team", "red", vec![vpc_log.clone()]),
        ("tag:team", "blue", vec![]),
        ("tag-key", "team", vec![vpc_log.clone()]),
    ] {
        let filter = json!({"Filter": [{"Name": name, "Values": [value]}]});
        assert_eq!(stage.listed(filter), wanted, "{name}={value}");
    }
    let unknown = json!({"Filter": [{"Name": "vpc-id", "Values": ["x"]}]});
    assert_eq!(
        stage.bench.refused("DescribeFlowLogs", unknown),
        "InvalidParameterValue"
    );
    let narrow = json!({
        "FlowLogIds": [subnet_log, eni_log],
        "Filter": [{"Name": "log-group-name", "Values": ["flows"]}],
    });
    assert_eq!(stage.listed(narrow), [subnet_log]);

    for n in 0..4 {
        stage.made(json!({"LogGroupName": format!("page-{n}")}));
    }
    let first = stage.bench.ok("DescribeFlowLogs", json!({"MaxResults": 5}));
    assert_eq!(count(&first, "FlowLogs"), 5);
    let rest = json!({"MaxResults": 5, "NextToken": first["NextToken"]});
    let rest = stage.bench.ok("DescribeFlowLogs", rest);
    assert_eq!(count(&rest, "FlowLogs"), 2);
    assert!(rest.get("NextToken").is_none());
}

#[test]
fn describe_of_an_unknown_id_is_an_empty_list() {
    let mut stage = Stage::new();
    stage.made(json!({}));
    let unknown = json!({"FlowLogIds": ["fl-0aaaaaaaaaaaaaaaa"]});
    assert_eq!(stage.listed(unknown), Vec::<String>::new());
    assert_eq!(
        stage
            .bench
            .refused("DescribeFlowLogs", json!({"FlowLogIds": ["vpc-1"]})),
        "InvalidFlowLogId.Malformed"
    );
    stage.bench.account = "210987654321".parse().unwrap();
    assert_eq!(stage.listed(json!({})), Vec::<String>::new());
}

#[test]
fn fl_7_delete_takes_all_or_none() {
    let mut stage = Stage::new();
    let id = stage.made(json!({}));
    let (b, c) = ("fl-0bbbbbbbbbbbbbbbb", "fl-0cccccccccccccccc");
    let mixed = json!({"FlowLogIds": [c, id, b, c]});
    let refusal = stage.bench.refusal("DeleteFlowLogs", mixed);
    assert_eq!(refusal.code(), "InvalidFlowLogId.NotFound");
    assert_eq!(
        refusal.message(),
        format!("These flow log ids in the input list are not found: [TotalCount: 2] {b}, {c}")
    );
    assert_eq!(stage.listed(json!({})), vec![id.clone()]);

    let delete = json!({"FlowLogIds": [id, id]});
    let account = stage.bench.account.clone();
    stage.bench.account = "210987654321".parse().unwrap();
    assert_eq!(
        stage.bench.refused("DeleteFlowLogs", delete.clone()),
        "InvalidFlowLogId.NotFound"
    );
    stage.bench.account = account;
    let answer = stage.bench.ok("DeleteFlowLogs", delete.clone());
    assert_eq!(answer, json!({"Unsuccessful": []}));
    assert_eq!(stage.listed(json!({})), Vec::<String>::new());
    assert_eq!(
        stage.bench.refused("DeleteFlowLogs", delete),
        "InvalidFlowLogId.NotFound"
    );
    assert_eq!(
        stage
            .bench
            .refused("DeleteFlowLogs", json!({"FlowLogIds": []})),
        "MissingParameter"
    );
}

#[test]
fn fl_5_only_tags_change() {
    let mut stage = Stage::new();
    let id = stage.made(json!({}));
    let tag = json!({"Resources": [id], "Tags": [{"Key": "team", "Value": "red"}]});
    stage.bench.ok("CreateTags", tag);
    let tags = json!([{"Key": "team", "Value": "red"}]);
    assert_eq!(stage.seen(&id)["Tags"], tags);
}

#[test]
fn a_call_over_several_resources_writes_one_event_each() {
    let mut stage = Stage::new();
    let vpcs = stage.bench.ok("DescribeVpcs", json!({}));
    let vpcs = vpcs["Vpcs"].as_array().unwrap().iter();
    let vpcs: Vec<String> = vpcs.map(|vpc| text(vpc, "/VpcId")).collect();
    let request = stage.request(json!({"ResourceIds": vpcs}));
    let outcome = stage.bench.judge("CreateFlowLogs", request).unwrap();
    let put = |event: &Event| matches!(event, Event::FlowLogPut(_));
    assert_eq!(outcome.events.len(), vpcs.len());
    assert!(outcome.events.iter().all(put));
}
