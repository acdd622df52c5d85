//! GetFlowLogsIntegrationTemplate: a CloudFormation template that makes a flow log's bucket a table of Athena, with the
//! predefined queries that its columns allow.
//!
//! Source: VPC user guide, "Query flow logs using Amazon Athena", "Predefined queries".

use openvpc_ec2::Error;
use openvpc_model::*;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Cx;
use crate::request::required;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Request {
    flow_log_id: Option<String>,
    config_delivery_s3_destination_arn: Option<String>,
    integrate_services: Option<IntegrateServices>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct IntegrateServices {
    athena_integrations: Vec<AthenaIntegration>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct AthenaIntegration {
    integration_result_s3_destination_arn: Option<String>,
    partition_load_frequency: Option<String>,
}

/// Answers the template itself; the daemon puts it where `ConfigDeliveryS3DestinationArn` says and answers its address.
pub(super) fn template(cx: &mut Cx, req: Request) -> Result<Value, Error> {
    let log = cx.find::<FlowLog>(required(&req.flow_log_id, "flowLogId")?)?;
    let to = required(
        &req.config_delivery_s3_destination_arn,
        "configDeliveryS3DestinationArn",
    )?;
    bucket_arn(to)?;
    let integrations = req
        .integrate_services
        .unwrap_or_default()
        .athena_integrations;
    let [integration] = &integrations[..] else {
        return Err(Error::invalid_parameter(
            "IntegrateServices must have one Athena integration.",
        ));
    };
    let results = required(
        &integration.integration_result_s3_destination_arn,
        "integrationResultS3DestinationArn",
    )?;
    bucket_arn(results)?;
    match required(
        &integration.partition_load_frequency,
        "partitionLoadFrequency",
    )? {
        "none" | "daily" | "weekly" | "monthly" => {}
        other => return Err(Error::invalid_value("partitionLoadFrequency", other)),
    }
    let FlowLogDestination::S3(bucket) = &log.destination else {
        return Err(Error::invalid_parameter(format!(
            "Flow log {} does not publish to Amazon S3.",
            log.id
        )));
    };
    let fields = parse_log_format(&log.log_format).map_err(Error::invalid_parameter)?;
    let table = Table {
        log,
        bucket,
        fields: &fields,
        region: cx.region_name(),
    };
    Ok(json!({"Result": table.template(results)}))
}

fn bucket_arn(arn: &str) -> Result<(), Error> {
    match super::destination::split_bucket_arn(arn) {
        Some(_) => Ok(()),
        None => Err(Error::invalid_parameter(format!(
            "{} is not the ARN of a bucket.",
            arn.chars().take(512).collect::<String>()
        ))),
    }
}

/// What Athena is to see of a flow log.
struct Table<'a> {
    log: &'a FlowLog,
    bucket: &'a FlowLogBucket,
    fields: &'a [&'static str],
    region: &'a str,
}

impl Table<'_> {
    fn template(&self, results: &str) -> String {
        let id = self.log.id.to_string().replace('-', "");
        let mut resources = json!({
            "VPCFlowLogsAthenaDatabase": {
                "Type": "AWS::Glue::Database",
                "Properties": {
                    "CatalogId": {"Ref": "AWS::AccountId"},
                    "DatabaseInput": {"Name": format!("vpcflowlogsathenadatabase{id}")},
                },
            },
            "VPCFlowLogsAthenaTable": self.table(&id),
            "VPCFlowLogsAthenaWorkGroup": {
                "Type": "AWS::Athena::WorkGroup",
                "Properties": {
                    "Name": format!("{}workgroup", self.log.id),
                    "WorkGroupConfiguration": {
                        "ResultConfiguration": {
                            "OutputLocation": format!("s3://{}", results.trim_start_matches("arn:aws:s3:::")),
                        },
                    },
                },
            },
        });
        for query in QUERIES.iter().filter(|query| query.fits(self.fields)) {
            resources[query.name] = json!({
                "Type": "AWS::Athena::NamedQuery",
                "DependsOn": ["VPCFlowLogsAthenaTable", "VPCFlowLogsAthenaWorkGroup"],
                "Properties": {
                    "Name": query.name,
                    "Description": query.shows,
                    "Database": format!("vpcflowlogsathenadatabase{id}"),
                    "WorkGroup": format!("{}workgroup", self.log.id),
                    "QueryString": query.sql.replace("{table}", &format!("vpcflowlogsathenatable{id}")),
                },
            });
        }
        // JSON is YAML, and CloudFormation reads both.
        let template = json!({
            "AWSTemplateFormatVersion": "2010-09-09",
            "Description": "CloudFormation template of the integration of VPC Flow Logs with Athena",
            "Resources": resources,
        });
        format!("{template:#}\n")
    }

    fn table(&self, id: &str) -> Value {
        let options = self.bucket.options.unwrap_or_default();
        let columns: Vec<Value> = self
            .fields
            .iter()
            .map(|name| json!({"Name": name.replace('-', "_"), "Type": sql_type(name)}))
            .collect();
        let (input, output, serde, parameters) = match options.parquet {
            true => (
                "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
                "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
                "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
                json!({"serialization.format": "1"}),
            ),
            false => (
                "org.apache.hadoop.mapred.TextInputFormat",
                "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
                "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
                json!({"field.delim": " ", "serialization.format": " "}),
            ),
        };
        let (location, partition) = self.location(options);
        let mut projection = json!({
            "EXTERNAL": "true",
            "skip.header.line.count": if options.parquet { "0" } else { "1" },
            "projection.enabled": "true",
            "storage.location.template": format!("{location}{partition}"),
        });
        let mut keys = vec![
            ("year", "2020,2100", 4),
            ("month", "1,12", 2),
            ("day", "1,31", 2),
        ];
        if options.per_hour_partition {
            keys.push(("hour", "0,23", 2));
        }
        for (name, range, digits) in &keys {
            projection[format!("projection.{name}.type")] = json!("integer");
            projection[format!("projection.{name}.range")] = json!(range);
            projection[format!("projection.{name}.digits")] = json!(digits.to_string());
        }
        let keys: Vec<Value> = keys
            .iter()
            .map(|(name, ..)| json!({"Name": name, "Type": "string"}))
            .collect();
        json!({
            "Type": "AWS::Glue::Table",
            "DependsOn": "VPCFlowLogsAthenaDatabase",
            "Properties": {
                "CatalogId": {"Ref": "AWS::AccountId"},
                "DatabaseName": format!("vpcflowlogsathenadatabase{id}"),
                "TableInput": {
                    "Name": format!("vpcflowlogsathenatable{id}"),
                    "TableType": "EXTERNAL_TABLE",
                    "PartitionKeys": keys,
                    "Parameters": projection,
                    "StorageDescriptor": {
                        "Columns": columns,
                        "Location": location,
                        "InputFormat": input,
                        "OutputFormat": output,
                        "SerdeInfo": {"SerializationLibrary": serde, "Parameters": parameters},
                    },
                },
            },
        })
    }

    /// Where the objects lie, and the pattern of their partitions (`S3-3`, `S3-4`).
    fn location(&self, options: FlowLogObjects) -> (String, &'static str) {
        let FlowLogBucket { name, folder, .. } = self.bucket;
        let slash = if folder.is_empty() { "" } else { "/" };
        let (account, region) = (&self.log.owner, self.region);
        let base = format!("s3://{name}/{folder}{slash}AWSLogs");
        match (
            options.hive_compatible_partitions,
            options.per_hour_partition,
        ) {
            (true, hourly) => (
                format!(
                    "{base}/aws-account-id={account}/aws-service=vpcflowlogs/aws-region={region}/"
                ),
                match hourly {
                    true => "year=${year}/month=${month}/day=${day}/hour=${hour}",
                    false => "year=${year}/month=${month}/day=${day}",
                },
            ),
            (false, hourly) => (
                format!("{base}/{account}/vpcflowlogs/{region}/"),
                match hourly {
                    true => "${year}/${month}/${day}/${hour}",
                    false => "${year}/${month}/${day}",
                },
            ),
        }
    }
}

/// The type of a field's column (spec 01 §2).
fn sql_type(field: &str) -> &'static str {
    match field {
        "version" | "srcport" | "dstport" | "protocol" | "tcp-flags" | "traffic-path"
        | "encryption-status" => "int",
        "packets" | "bytes" | "start" | "end" | "openvpc-revision" => "bigint",
        _ => "string",
    }
}

/// A predefined query.
struct Query {
    name: &'static str,
    shows: &'static str,
    /// Fields that it reads.
    needs: &'static [&'static str],
    sql: &'static str,
}

impl Query {
    fn fits(&self, fields: &[&str]) -> bool {
        self.needs.iter().all(|field| fields.contains(field))
    }
}

#[rustfmt::skip]
const QUERIES: &[Query] = &[
    Query { name: "VpcFlowLogsAcceptedTraffic", shows: "The TCP connections that were allowed based on your security groups and network ACLs",
        needs: &["interface-id", "srcaddr", "dstaddr", "srcport", "dstport", "protocol", "action", "bytes"],
        sql: "SELECT interface_id, srcaddr, srcport, dstaddr, dstport, sum(bytes) AS bytes FROM {table} WHERE protocol = 6 AND action = 'ACCEPT' GROUP BY 1, 2, 3, 4, 5 ORDER BY bytes DESC LIMIT 100" },
    Query { name: "VpcFlowLogsAdminPortTraffic", shows: "The 10 IP addresses with the most traffic at administrative ports",
        needs: &["srcaddr", "dstaddr", "dstport", "bytes"],
        sql: "SELECT ip, sum(bytes) AS total_bytes FROM (SELECT srcaddr AS ip, bytes FROM {table} WHERE dstport IN (22, 53, 67, 68, 123, 143, 161, 162, 389, 464, 465, 989, 990, 1433, 1434, 1812, 1813, 3306, 3389, 5432, 5900) UNION ALL SELECT dstaddr AS ip, bytes FROM {table} WHERE dstport IN (22, 53, 67, 68, 123, 143, 161, 162, 389, 464, 465, 989, 990, 1433, 1434, 1812, 1813, 3306, 3389, 5432, 5900)) GROUP BY ip ORDER BY total_bytes DESC LIMIT 10" },
    Query { name: "VpcFlowLogsIPv4Traffic", shows: "The total bytes of IPv4 traffic recorded", needs: &["type", "bytes"],
        sql: "SELECT sum(bytes) AS total_bytes FROM {table} WHERE type = 'IPv4'" },
    Query { name: "VpcFlowLogsIPv6Traffic", shows: "The total bytes of IPv6 traffic recorded", needs: &["type", "bytes"],
        sql: "SELECT sum(bytes) AS total_bytes FROM {table} WHERE type = 'IPv6'" },
    Query { name: "VpcFlowLogsRejectedTCPTraffic", shows: "The TCP connections that were rejected based on your security groups or network ACLs",
        needs: &["interface-id", "srcaddr", "dstaddr", "dstport", "protocol", "action", "packets"],
        sql: "SELECT interface_id, srcaddr, dstaddr, dstport, sum(packets) AS packets FROM {table} WHERE protocol = 6 AND action = 'REJECT' GROUP BY 1, 2, 3, 4 ORDER BY packets DESC LIMIT 100" },
    Query { name: "VpcFlowLogsRejectedTraffic", shows: "The traffic that was rejected based on your security groups or network ACLs",
        needs: &["interface-id", "srcaddr", "dstaddr", "protocol", "action", "packets"],
        sql: "SELECT interface_id, srcaddr, dstaddr, protocol, sum(packets) AS packets FROM {table} WHERE action = 'REJECT' GROUP BY 1, 2, 3, 4 ORDER BY packets DESC LIMIT 100" },
    Query { name: "VpcFlowLogsSshRdpTraffic", shows: "The SSH and RDP traffic", needs: &["srcaddr", "dstaddr", "dstport", "action", "packets"],
        sql: "SELECT srcaddr, dstaddr, dstport, action, sum(packets) AS packets FROM {table} WHERE dstport IN (22, 3389) GROUP BY 1, 2, 3, 4 ORDER BY packets DESC" },
    Query { name: "VpcFlowLogsTopTalkers", shows: "The 50 IP addresses with the most traffic recorded", needs: &["srcaddr", "dstaddr", "bytes"],
        sql: "SELECT ip, sum(bytes) AS total_bytes FROM (SELECT srcaddr AS ip, bytes FROM {table} UNION ALL SELECT dstaddr AS ip, bytes FROM {table}) GROUP BY ip ORDER BY total_bytes DESC LIMIT 50" },
    Query { name: "VpcFlowLogsTopTalkersPacketLevel", shows: "The 50 packet-level IP addresses with the most traffic recorded", needs: &["pkt-srcaddr", "pkt-dstaddr", "bytes"],
        sql: "SELECT ip, sum(bytes) AS total_bytes FROM (SELECT pkt_srcaddr AS ip, bytes FROM {table} UNION ALL SELECT pkt_dstaddr AS ip, bytes FROM {table}) GROUP BY ip ORDER BY total_bytes DESC LIMIT 50" },
    Query { name: "VpcFlowLogsTopTalkingInstances", shows: "The IDs of the 50 instances with the most traffic recorded", needs: &["instance-id", "bytes"],
        sql: "SELECT instance_id, sum(bytes) AS total_bytes FROM {table} GROUP BY instance_id ORDER BY total_bytes DESC LIMIT 50" },
    Query { name: "VpcFlowLogsTopTalkingSubnets", shows: "The IDs of the 50 subnets with the most traffic recorded", needs: &["subnet-id", "bytes"],
        sql: "SELECT subnet_id, sum(bytes) AS total_bytes FROM {table} GROUP BY subnet_id ORDER BY total_bytes DESC LIMIT 50" },
    Query { name: "VpcFlowLogsTopTCPTraffic", shows: "All TCP traffic recorded for a source IP address", needs: &["srcaddr", "protocol", "bytes"],
        sql: "SELECT srcaddr, sum(bytes) AS total_bytes FROM {table} WHERE protocol = 6 GROUP BY srcaddr ORDER BY total_bytes DESC LIMIT 50" },
    Query { name: "VpcFlowLogsTotalBytesTransferred", shows: "The 50 pairs of source and destination IP addresses with the most bytes recorded", needs: &["srcaddr", "dstaddr", "bytes"],
        sql: "SELECT srcaddr, dstaddr, sum(bytes) AS total_bytes FROM {table} GROUP BY srcaddr, dstaddr ORDER BY total_bytes DESC LIMIT 50" },
    Query { name: "VpcFlowLogsTotalBytesTransferredPacketLevel", shows: "The 50 pairs of packet-level source and destination IP addresses with the most bytes recorded", needs: &["pkt-srcaddr", "pkt-dstaddr", "bytes"],
        sql: "SELECT pkt_srcaddr, pkt_dstaddr, sum(bytes) AS total_bytes FROM {table} GROUP BY pkt_srcaddr, pkt_dstaddr ORDER BY total_bytes DESC LIMIT 50" },
    Query { name: "VpcFlowLogsTrafficFrmSrcAddr", shows: "The traffic recorded for a specific source IP address", needs: &["srcaddr"],
        sql: "SELECT * FROM {table} WHERE srcaddr = '?' LIMIT 50" },
    Query { name: "VpcFlowLogsTrafficToDstAddr", shows: "The traffic recorded for a specific destination IP address", needs: &["dstaddr"],
        sql: "SELECT * FROM {table} WHERE dstaddr = '?' LIMIT 50" },
];
