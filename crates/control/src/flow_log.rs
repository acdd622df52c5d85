//! Actions on flow logs (`FL-1` to `FL-8`, `CW-3` to `CW-5`; spec 01 §10).

use openvpc_ec2::Error;
use openvpc_model::*;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::describe::{listing, tag_set};
use crate::entity::Entity;
use crate::filters::Filters;
use crate::ids::parse_id;
use crate::paging::Page;
use crate::request::{read, required, unsupported};
use crate::tags::{self, TagSpecification};
use crate::{Action, Cx};

pub const ACTIONS: &[Action] = &[
    ("CreateFlowLogs", |cx, input| create(cx, read(input)?)),
    ("DeleteFlowLogs", |cx, input| delete(cx, read(input)?)),
    ("DescribeFlowLogs", describe),
];

/// AWS: CreateFlowLogs takes up to 1000 resources.
const RESOURCES_MAX: usize = 1000;
const CLOUD_WATCH_LOGS: &str = "cloud-watch-logs";

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct CreateRequest {
    resource_ids: Vec<String>,
    resource_type: Option<String>,
    traffic_type: Option<String>,
    log_destination_type: Option<String>,
    log_destination: Option<String>,
    log_group_name: Option<String>,
    log_format: Option<String>,
    deliver_logs_permission_arn: Option<String>,
    deliver_cross_account_role: Option<String>,
    max_aggregation_interval: Option<i64>,
    destination_options: Option<Value>,
    tag_specifications: Vec<TagSpecification>,
    client_token: Option<String>,
}

fn create(cx: &mut Cx, req: CreateRequest) -> Result<Value, Error> {
    if req.resource_ids.is_empty() {
        return Err(Error::missing_parameter("resourceId"));
    }
    if req.resource_ids.len() > RESOURCES_MAX {
        return Err(Error::invalid_parameter(format!(
            "At most {RESOURCES_MAX} resources can be named in one call."
        )));
    }
    let resource_type = required(&req.resource_type, "resourceType")?;
    let mut resources = Vec::with_capacity(req.resource_ids.len());
    for id in &req.resource_ids {
        let resource = find_resource(cx, resource_type, id)?;
        if resources.contains(&resource) {
            return Err(Error::invalid_parameter(format!(
                "Resource {id} is given twice."
            )));
        }
        resources.push(resource);
    }
    let traffic_type = traffic_type(required(&req.traffic_type, "trafficType")?)?;
    let max_aggregation_interval_seconds = match req.max_aggregation_interval {
        None | Some(600) => 600,
        Some(60) => 60,
        Some(_) => {
            return Err(Error::invalid_parameter(
                "Invalid Flow Log Max Aggregation Interval",
            ));
        }
    };
    let log_format = match req.log_format.as_deref() {
        None => DEFAULT_LOG_FORMAT.to_owned(),
        Some(format) => {
            parse_log_format(format).map_err(Error::invalid_parameter)?;
            format.to_owned()
        }
    };
    let tags = tags::at_creation(&req.tag_specifications, FlowLog::TAG_TYPE, &[])?;
    let destination = match destination(cx, &req)? {
        Ok(destination) => destination,
        Err(refusal) => return Ok(all_refused(&req, &refusal)),
    };
    let mut made: Vec<FlowLog> = Vec::with_capacity(resources.len());
    for resource in resources {
        let same_resource = || cx.own::<FlowLog>().filter(|log| log.resource == resource);
        let same =
            |log: &FlowLog| log.traffic_type == traffic_type && log.destination == destination;
        if same_resource().any(same) {
            return Err(Error::flow_log_exists());
        }
        if same_resource().count() >= cx.quotas().flow_logs_per_resource {
            return Err(Error::limit_exceeded(
                "FlowLogsLimitExceeded",
                "flow logs per resource",
            ));
        }
        made.push(FlowLog {
            id: cx.new_id(),
            owner: cx.account().clone(),
            resource,
            traffic_type,
            destination: destination.clone(),
            log_format: log_format.clone(),
            max_aggregation_interval_seconds,
            deliver_logs_permission_arn: req.deliver_logs_permission_arn.clone(),
            created_at: cx.now(),
        });
    }
    let ids: Vec<FlowLogId> = made.iter().map(|log| log.id).collect();
    for log in made {
        let id = log.id;
        cx.put(log);
        cx.set_tags(id, tags.clone());
    }
    Ok(answer(&req, json!(ids), json!([])))
}

fn answer(req: &CreateRequest, ids: Value, unsuccessful: Value) -> Value {
    let mut answer = json!({"FlowLogIds": ids, "Unsuccessful": unsuccessful});
    if let Some(token) = &req.client_token {
        answer["ClientToken"] = json!(token);
    }
    answer
}

/// The call succeeds although every resource was refused: that is how AWS tells of a bad bucket.
fn all_refused(req: &CreateRequest, refusal: &Error) -> Value {
    let error = json!({"Code": refusal.code(), "Message": refusal.message()});
    let refused = req.resource_ids.iter();
    let refused = refused.map(|id| json!({"ResourceId": id, "Error": error}));
    answer(req, json!([]), refused.collect())
}

/// The resource of a flow log, of the caller's own (`FL-6`).
fn find_resource(cx: &Cx, kind: &str, id: &str) -> Result<FlowLogResource, Error> {
    match kind {
        "VPC" => Ok(FlowLogResource::Vpc(cx.find::<Vpc>(id)?.id)),
        "Subnet" => Ok(FlowLogResource::Subnet(cx.find::<Subnet>(id)?.id)),
        "NetworkInterface" => {
            let eni = cx.find::<NetworkInterface>(id)?;
            Ok(FlowLogResource::NetworkInterface(eni.id))
        }
        "TransitGateway" | "TransitGatewayAttachment" | "RegionalNatGateway" => {
            Err(Error::unsupported_operation(format!(
                "Flow logs of resource type {kind} are not built in openvpc."
            )))
        }
        other => Err(Error::invalid_value("resourceType", other)),
    }
}

fn traffic_type(text: &str) -> Result<TrafficType, Error> {
    match text {
        "ACCEPT" => Ok(TrafficType::Accept),
        "REJECT" => Ok(TrafficType::Reject),
        "ALL" => Ok(TrafficType::All),
        other => Err(Error::invalid_value("trafficType", other)),
    }
}

/// Where records go. The inner error is one that AWS reports per resource.
fn destination(cx: &Cx, req: &CreateRequest) -> Result<Result<FlowLogDestination, Error>, Error> {
    let kind = req
        .log_destination_type
        .as_deref()
        .unwrap_or(CLOUD_WATCH_LOGS);
    let group = req.log_group_name.as_deref().filter(|g| !g.is_empty());
    let arn = req.log_destination.as_deref().filter(|d| !d.is_empty());
    match kind {
        CLOUD_WATCH_LOGS | "s3" => {}
        "kinesis-data-firehose" => {
            return Err(Error::invalid_parameter(
                "LogDestinationType kinesis-data-firehose is not supported by openvpc.",
            ));
        }
        other => return Err(Error::invalid_value("logDestinationType", other)),
    }
    if kind != CLOUD_WATCH_LOGS && group.is_some() {
        return Err(Error::invalid_parameter(
            "LogDestination type must be cloud-watch-logs if LogGroupName is provided.",
        ));
    }
    if kind == "s3" {
        let arn = arn.ok_or_else(no_destination)?;
        if !arn.starts_with("arn:aws:s3:::") {
            return Err(Error::invalid_parameter(format!(
                "LogDestination: {arn} is invalid."
            )));
        }
        return Ok(Err(Error::new(
            "UnsupportedOperation",
            format!("LogDestination: {arn}: delivery to S3 is not built in openvpc yet."),
        )));
    }
    let log_group = match (group, arn) {
        (None, None) => return Err(no_destination()),
        (Some(_), Some(_)) => {
            return Err(Error::invalid_parameter(
                "Please only provide LogGroupName or only provide LogDestination.",
            ));
        }
        (Some(group), None) => group,
        (None, Some(arn)) => log_group_of(cx, arn)?,
    };
    check_log_group(log_group)?;
    let role = req
        .deliver_logs_permission_arn
        .as_deref()
        .unwrap_or_default();
    if role.is_empty() {
        return Err(Error::invalid_parameter(
            "DeliverLogsPermissionArn can't be empty if LogDestinationType is cloud-watch-logs.",
        ));
    }
    check_role(role)?;
    unsupported(&req.deliver_cross_account_role, "DeliverCrossAccountRole")?;
    if req.destination_options.is_some() {
        return Err(Error::invalid_parameter(
            "DestinationOptions can only be given if LogDestinationType is s3.",
        ));
    }
    Ok(Ok(FlowLogDestination::CloudWatchLogs {
        log_group: log_group.to_owned(),
    }))
}

fn no_destination() -> Error {
    Error::invalid_parameter("LogDestination can't be empty if LogGroupName is not provided.")
}

/// The name in `arn:aws:logs:<region>:<account>:log-group:<name>[:*]`, of this region and account.
fn log_group_of<'a>(cx: &Cx, arn: &'a str) -> Result<&'a str, Error> {
    let prefix = format!(
        "arn:aws:logs:{}:{}:log-group:",
        cx.region_name(),
        cx.account()
    );
    let name = arn
        .strip_prefix(&prefix)
        .map(|name| name.strip_suffix(":*").unwrap_or(name));
    name.ok_or_else(|| {
        let arn: String = arn.chars().take(512).collect();
        Error::invalid_parameter(format!(
            "LogDestination: {arn} is invalid. Expecting a log group of this region and account: \
             {prefix}<name>"
        ))
    })
}

/// CloudWatch Logs: 1 to 512 of `a-zA-Z0-9_-/.#`.
fn check_log_group(name: &str) -> Result<(), Error> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-/.#".contains(c);
    if name.is_empty() || name.len() > 512 || !name.chars().all(plain) {
        let name: String = name.chars().take(64).collect();
        return Err(Error::invalid_parameter(format!(
            "LogGroupName: {name} is invalid."
        )));
    }
    Ok(())
}

/// `CW-4`: here any role ARN that is well formed can be assumed.
fn check_role(arn: &str) -> Result<(), Error> {
    let role = arn
        .strip_prefix("arn:aws:iam::")
        .and_then(|rest| rest.split_once(":role/"))
        .is_some_and(|(account, name)| account.parse::<AccountId>().is_ok() && !name.is_empty());
    if !role {
        let arn: String = arn.chars().take(512).collect();
        return Err(Error::invalid_parameter(format!(
            "DeliverLogsPermissionArn: {arn} is not the ARN of a role."
        )));
    }
    Ok(())
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct DeleteRequest {
    flow_log_ids: Vec<String>,
}

/// Deletes all or, if any is unknown, none.
fn delete(cx: &mut Cx, req: DeleteRequest) -> Result<Value, Error> {
    if req.flow_log_ids.is_empty() {
        return Err(Error::missing_parameter("flowLogId"));
    }
    let (mut found, mut missing) = (Vec::new(), Vec::new());
    for text in &req.flow_log_ids {
        let id = parse_id::<FlowLogId>(text)?;
        match cx.find::<FlowLog>(text) {
            Ok(_) => found.push(id),
            Err(_) => missing.push(text.as_str()),
        }
    }
    if !missing.is_empty() {
        return Err(Error::new(
            "InvalidFlowLogId.NotFound",
            format!(
                "These flow log ids in the input list are not found: [TotalCount: {}] {}",
                missing.len(),
                missing.join(", ")
            ),
        ));
    }
    found.sort_unstable();
    found.dedup();
    for id in found {
        cx.delete::<FlowLog>(id);
    }
    Ok(json!({"Unsuccessful": []}))
}

const FILTERS: [&str; 6] = [
    "deliver-log-status",
    "log-destination-type",
    "flow-log-id",
    "log-group-name",
    "resource-id",
    "traffic-type",
];

/// Unlike other calls, unknown ids are no error, and the filters' member is `Filter`.
fn describe(cx: &mut Cx, mut input: Value) -> Result<Value, Error> {
    if input["Filters"].is_null() {
        input["Filters"] = input["Filter"].clone();
    }
    let filters = Filters::read(&input, &FILTERS)?;
    let page = Page::read(cx, "FlowLogs", &input, (5, 1000))?;
    let mut wanted = Vec::new();
    for id in input["FlowLogIds"].as_array().into_iter().flatten() {
        wanted.push(parse_id::<FlowLogId>(id.as_str().unwrap_or_default())?);
    }
    let values = |log: &FlowLog, name: &str| {
        let value = match name {
            "deliver-log-status" => "SUCCESS".to_owned(),
            "log-destination-type" => destination_type(log).to_owned(),
            "flow-log-id" => log.id.to_string(),
            "log-group-name" => log_group(log).to_owned(),
            "resource-id" => resource_id(log),
            _ => log.traffic_type.as_str().to_owned(),
        };
        vec![value]
    };
    let logs = cx
        .own::<FlowLog>()
        .filter(|log| wanted.is_empty() || wanted.contains(&log.id))
        .filter(|log| filters.pass(|| cx.tags(log.id).clone(), |name| values(log, name)));
    let (logs, token) = page.take(logs.map(|log| (log.id, log)))?;
    let rendered = logs.into_iter().map(|log| render(cx, log)).collect();
    Ok(listing("FlowLogs", rendered, token))
}

fn render(cx: &Cx, log: &FlowLog) -> Value {
    let (region, owner, group) = (cx.region_name(), &log.owner, log_group(log));
    json!({
        "FlowLogId": log.id,
        "FlowLogStatus": "ACTIVE",
        "ResourceId": resource_id(log),
        "TrafficType": log.traffic_type.as_str(),
        "LogDestinationType": destination_type(log),
        "LogDestination": format!("arn:aws:logs:{region}:{owner}:log-group:{group}"),
        "LogGroupName": group,
        "LogFormat": log.log_format,
        "MaxAggregationInterval": log.max_aggregation_interval_seconds,
        "DeliverLogsPermissionArn": log.deliver_logs_permission_arn,
        "DeliverLogsStatus": "SUCCESS",
        "CreationTime": log.created_at,
        "Tags": tag_set(cx, log.id),
    })
}

fn resource_id(log: &FlowLog) -> String {
    match log.resource {
        FlowLogResource::Vpc(id) => id.to_string(),
        FlowLogResource::Subnet(id) => id.to_string(),
        FlowLogResource::NetworkInterface(id) => id.to_string(),
    }
}

fn destination_type(log: &FlowLog) -> &'static str {
    match log.destination {
        FlowLogDestination::CloudWatchLogs { .. } => CLOUD_WATCH_LOGS,
    }
}

fn log_group(log: &FlowLog) -> &str {
    match &log.destination {
        FlowLogDestination::CloudWatchLogs { log_group } => log_group,
    }
}
