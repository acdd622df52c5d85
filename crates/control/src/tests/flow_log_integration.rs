//! Tests of `flow_log/integration.rs`.

use openvpc_model::*;
use serde_json::{Value, json};

use crate::Bucket;
use crate::testing::{Bench, text};

struct Stage {
    bench: Bench,
    vpc: String,
}

impl Stage {
    fn new() -> Stage {
        let mut bench = Bench::new();
        bench.bucket = Some(Bucket::Accepts);
        let vpc = bench.ok("CreateVpc", json!({"CidrBlock": "10.0.0.0/16"}));
        let vpc = text(&vpc, "/Vpc/VpcId");
        Stage { bench, vpc }
    }

    fn log(&mut self, arn: &str, format: &str, options: Value) -> String {
        let request = json!({
            "ResourceType": "VPC",
            "ResourceIds": [self.vpc],
            "TrafficType": "ALL",
            "LogDestinationType": "s3",
            "LogDestination": arn,
            "LogFormat": format,
            "DestinationOptions": options,
        });
        text(&self.bench.ok("CreateFlowLogs", request), "/FlowLogIds/0")
    }

    fn request(log: &str) -> Value {
        json!({
            "FlowLogId": log,
            "ConfigDeliveryS3DestinationArn": "arn:aws:s3:::templates/athena/",
            "IntegrateServices": {"AthenaIntegrations": [{
                "IntegrationResultS3DestinationArn": "arn:aws:s3:::results/",
                "PartitionLoadFrequency": "none",
            }]},
        })
    }

    /// The template, which is JSON, and so YAML.
    fn template(&mut self, log: &str) -> Value {
        let answer = self
            .bench
            .ok("GetFlowLogsIntegrationTemplate", Stage::request(log));
        serde_json::from_str(answer["Result"].as_str().unwrap()).unwrap()
    }
}

/// VPC user guide, "Query flow logs using Amazon Athena": a table of the log's own columns where its objects lie, and the
/// predefined queries that these columns allow.
#[test]
fn the_table_is_of_the_logs_own_columns_and_layout() {
    let mut stage = Stage::new();
    let options = json!({"FileFormat": "parquet", "HiveCompatiblePartitions": true, "PerHourPartition": true});
    let format = "${version} ${srcaddr} ${dstaddr} ${pkt-srcaddr} ${bytes} ${openvpc-drop-reason}";
    let log = stage.log("arn:aws:s3:::flows/net/", format, options);
    let template = stage.template(&log);
    let table = &template["Resources"]["VPCFlowLogsAthenaTable"]["Properties"]["TableInput"];
    let columns = json!([
        {"Name": "version", "Type": "int"},
        {"Name": "srcaddr", "Type": "string"},
        {"Name": "dstaddr", "Type": "string"},
        {"Name": "pkt_srcaddr", "Type": "string"},
        {"Name": "bytes", "Type": "bigint"},
        {"Name": "openvpc_drop_reason", "Type": "string"},
    ]);
    assert_eq!(table["StorageDescriptor"]["Columns"], columns);
    let location = "s3://flows/net/AWSLogs/aws-account-id=123456789012/aws-service=vpcflowlogs/aws-region=us-east-1/";
    assert_eq!(table["StorageDescriptor"]["Location"], location);
    let pattern = format!("{location}year=${{year}}/month=${{month}}/day=${{day}}/hour=${{hour}}");
    assert_eq!(table["Parameters"]["storage.location.template"], pattern);
    let resources = template["Resources"].as_object().unwrap();
    assert!(resources.contains_key("VpcFlowLogsTotalBytesTransferred"));
    assert!(
        !resources.contains_key("VpcFlowLogsTopTalkingInstances"),
        "no instance-id"
    );

    let log = stage.log("arn:aws:s3:::flows", DEFAULT_LOG_FORMAT, Value::Null);
    let template = stage.template(&log);
    let table = &template["Resources"]["VPCFlowLogsAthenaTable"]["Properties"]["TableInput"];
    let location = "s3://flows/AWSLogs/123456789012/vpcflowlogs/us-east-1/";
    assert_eq!(table["StorageDescriptor"]["Location"], location);
    assert_eq!(table["Parameters"]["skip.header.line.count"], "1");
    assert_eq!(table["PartitionKeys"].as_array().unwrap().len(), 3);
}

#[test]
fn what_cannot_be_integrated_is_refused() {
    let mut stage = Stage::new();
    let log = stage.log("arn:aws:s3:::flows", DEFAULT_LOG_FORMAT, Value::Null);
    for (member, value, code) in [
        (
            "FlowLogId",
            json!("fl-0aaaaaaaaaaaaaaaa"),
            "InvalidFlowLogId.NotFound",
        ),
        ("FlowLogId", Value::Null, "MissingParameter"),
        (
            "ConfigDeliveryS3DestinationArn",
            json!("templates"),
            "InvalidParameter",
        ),
        (
            "IntegrateServices",
            json!({"AthenaIntegrations": []}),
            "InvalidParameter",
        ),
    ] {
        let mut request = Stage::request(&log);
        request[member] = value;
        let refused = stage
            .bench
            .refused("GetFlowLogsIntegrationTemplate", request);
        assert_eq!(refused, code, "{member}");
    }
}
