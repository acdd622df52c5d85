//! Actions on flow logs (`FL-1` to `FL-8`, `CW-3` to `CW-5`; spec 01 §10).

mod create;
mod destination;
mod integration;
mod role;

use std::collections::BTreeSet;

use openvpc_ec2::Error;
use openvpc_model::*;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::describe::{Filter, listing, tag_set};
use crate::filters::Filters;
use crate::ids::parse_id;
use crate::paging::Page;
use crate::request::read;
use crate::{Action, Cx};

use create::create;
pub use destination::bucket_of;
pub use role::{may_deliver, may_make_log_group};

#[rustfmt::skip]
pub const ACTIONS: &[Action] = &[
    ("CreateFlowLogs", |cx, input| create(cx, read(input)?)),
    ("DeleteFlowLogs", |cx, input| delete(cx, read(input)?)),
    ("DescribeFlowLogs", describe),
    ("GetFlowLogsIntegrationTemplate", |cx, input| integration::template(cx, read(input)?)),
];

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
    let (mut found, mut missing) = (BTreeSet::new(), BTreeSet::new());
    for text in &req.flow_log_ids {
        let id = parse_id::<FlowLogId>(text)?;
        match cx.find::<FlowLog>(text) {
            Ok(_) => found.insert(id),
            Err(_) => missing.insert(id),
        };
    }
    if !missing.is_empty() {
        return Err(not_found(&missing));
    }
    for id in found {
        cx.delete::<FlowLog>(id);
    }
    Ok(json!({"Unsuccessful": []}))
}

fn not_found(missing: &BTreeSet<FlowLogId>) -> Error {
    let ids: Vec<String> = missing.iter().map(ToString::to_string).collect();
    Error::new(
        "InvalidFlowLogId.NotFound",
        format!(
            "These flow log ids in the input list are not found: [TotalCount: {}] {}",
            ids.len(),
            ids.join(", ")
        ),
    )
}

const FILTERS: &[Filter<FlowLog>] = &[
    ("deliver-log-status", |log, cx| {
        vec![delivery(cx, log).status.to_owned()]
    }),
    ("log-destination-type", |log, _| {
        vec![destination::kind(&log.destination).to_owned()]
    }),
    ("flow-log-id", |log, _| vec![log.id.to_string()]),
    ("log-group-name", |log, _| {
        let group = destination::log_group(&log.destination);
        group.map(str::to_owned).into_iter().collect()
    }),
    ("resource-id", |log, _| vec![resource_id(log.resource)]),
    ("traffic-type", |log, _| {
        vec![log.traffic_type.as_str().to_owned()]
    }),
];

/// Unlike in other Describe calls unknown ids are no error, and the filters' member is `Filter`.
fn describe(cx: &mut Cx, mut input: Value) -> Result<Value, Error> {
    input["Filters"] = input["Filter"].take();
    let names: Vec<&str> = FILTERS.iter().map(|(name, _)| *name).collect();
    let filters = Filters::read(&input, &names)?;
    let page = Page::read(cx, "FlowLogs", &input, (5, 1000))?;
    let mut wanted = BTreeSet::new();
    for id in input["FlowLogIds"].as_array().into_iter().flatten() {
        wanted.insert(parse_id::<FlowLogId>(id.as_str().unwrap_or_default())?);
    }
    let values = |log: &FlowLog, name: &str| {
        let filter = FILTERS.iter().find(|(known, _)| *known == name);
        filter
            .map(|(_, values)| values(log, cx))
            .unwrap_or_default()
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
    let delivery = delivery(cx, log);
    json!({
        "FlowLogId": log.id,
        "FlowLogStatus": "ACTIVE",
        "ResourceId": resource_id(log.resource),
        "TrafficType": log.traffic_type.as_str(),
        "LogDestinationType": destination::kind(&log.destination),
        "LogDestination": destination::arn(cx, &log.destination),
        "LogGroupName": destination::log_group(&log.destination),
        "DestinationOptions": destination::options(&log.destination),
        "LogFormat": log.log_format,
        "MaxAggregationInterval": log.max_aggregation_interval_seconds,
        "DeliverLogsPermissionArn": log.deliver_logs_permission_arn,
        "DeliverLogsStatus": delivery.status,
        "DeliverLogsErrorMessage": delivery.error_message,
        "CreationTime": log.created_at,
        "Tags": tag_set(cx, log.id),
    })
}

fn resource_id(resource: FlowLogResource) -> String {
    match resource {
        FlowLogResource::Vpc(id) => id.to_string(),
        FlowLogResource::Subnet(id) => id.to_string(),
        FlowLogResource::NetworkInterface(id) => id.to_string(),
    }
}

/// How the delivery of records fares, as DescribeFlowLogs tells it (`CW-5`).
struct Delivery {
    /// `SUCCESS` or `FAILED`.
    status: &'static str,
    /// Beside `FAILED`: `Access error`, `Rate limited` or `Unknown error`.
    error_message: Option<&'static str>,
}

/// The one place where answers learn of delivery: IAM says of a role what counts for the very next record, and what a
/// sink said last has been written down.
fn delivery(cx: &Cx, log: &FlowLog) -> Delivery {
    let failed = |error_message| Delivery {
        status: "FAILED",
        error_message: Some(error_message),
    };
    if !role::may_deliver(cx.iam(), cx.region_name(), log) {
        return failed("Access error");
    }
    match log.delivery {
        FlowLogDelivery::AccessError => failed("Access error"),
        FlowLogDelivery::UnknownError => failed("Unknown error"),
        FlowLogDelivery::Success => Delivery {
            status: "SUCCESS",
            error_message: None,
        },
    }
}
