//! CreateFlowLogs: one flow log per resource named.

use std::collections::{HashMap, HashSet};

use openvpc_ec2::Error;
use openvpc_model::*;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Cx;
use crate::entity::Entity;
use crate::request::{required, unsupported};
use crate::tags::{self, TagSpecification};

use super::destination::{self, Destination};
use super::resource_id;
use super::role;

/// AWS: CreateFlowLogs takes up to 1000 resources.
const RESOURCES_MAX: usize = 1000;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct CreateRequest {
    resource_ids: Vec<String>,
    resource_type: Option<String>,
    traffic_type: Option<String>,
    log_format: Option<String>,
    max_aggregation_interval: Option<i64>,
    tag_specifications: Vec<TagSpecification>,
    tag_field_specifications: Option<Value>,
    client_token: Option<String>,
    #[serde(flatten)]
    destination: destination::Request,
}

/// Makes the flow logs. Wrong arguments refuse the whole call; so does the first resource that
/// cannot take the log, unless others can: then it stands in `Unsuccessful`.
pub(super) fn create(cx: &mut Cx, req: CreateRequest) -> Result<Value, Error> {
    let resources = resources(cx, &req)?;
    let traffic_type = traffic_type(required(&req.traffic_type, "trafficType")?)?;
    let max_aggregation_interval_seconds = interval_seconds(req.max_aggregation_interval)?;
    let log_format = log_format(req.log_format)?;
    unsupported(&req.tag_field_specifications, "TagFieldSpecifications")?;
    let tags = tags::at_creation(&req.tag_specifications, FlowLog::TAG_TYPE, &[])?;
    let destination = match destination::read(cx, &req.destination)? {
        Destination::Served(destination) => destination,
        Destination::Refused(refusal) => {
            let refused = resources.into_iter().map(|r| (r, refusal.clone()));
            return Ok(answer(&[], refused.collect(), req.client_token));
        }
    };
    let role = req.destination.deliver_logs_permission_arn.as_deref();
    let role_is_known = match role {
        Some(role) => role::check(cx, role)?,
        None => false,
    };
    let (takers, refused) = sort_out(cx, resources, traffic_type, &destination)?;
    let mut made = Vec::with_capacity(takers.len());
    for resource in takers {
        let id: FlowLogId = cx.new_id();
        cx.put(FlowLog {
            id,
            owner: cx.account().clone(),
            resource,
            traffic_type,
            destination: destination.clone(),
            log_format: log_format.clone(),
            max_aggregation_interval_seconds,
            deliver_logs_permission_arn: req.destination.deliver_logs_permission_arn.clone(),
            role_is_known,
            delivery: FlowLogDelivery::Success,
            created_at: cx.now(),
        });
        cx.set_tags(id, tags.clone());
        made.push(id);
    }
    Ok(answer(&made, refused, req.client_token))
}

/// A resource without its flow log, and why.
type Unsuccessful = (FlowLogResource, Error);

fn answer(made: &[FlowLogId], refused: Vec<Unsuccessful>, client_token: Option<String>) -> Value {
    let refused: Vec<Value> = refused
        .into_iter()
        .map(|(resource, e)| {
            let error = json!({"Code": e.code(), "Message": e.message()});
            json!({"ResourceId": resource_id(resource), "Error": error})
        })
        .collect();
    let mut answer = json!({"FlowLogIds": made, "Unsuccessful": refused});
    if let Some(token) = client_token {
        answer["ClientToken"] = json!(token);
    }
    answer
}

/// The resources that can take one more log, and those that cannot.
///
/// # Errors
/// The first refusal, when no resource can.
fn sort_out(
    cx: &Cx,
    resources: Vec<FlowLogResource>,
    traffic_type: TrafficType,
    destination: &FlowLogDestination,
) -> Result<(Vec<FlowLogResource>, Vec<Unsuccessful>), Error> {
    let mut present: HashMap<FlowLogResource, Vec<&FlowLog>> = HashMap::new();
    for log in cx.own::<FlowLog>() {
        present.entry(log.resource).or_default().push(log);
    }
    let (mut takers, mut refused) = (Vec::new(), Vec::new());
    for resource in resources {
        let present = present.get(&resource).map_or(&[][..], Vec::as_slice);
        let same = |log: &&FlowLog| {
            log.traffic_type == traffic_type && log.destination.is_same_place(destination)
        };
        if present.iter().any(same) {
            refused.push((resource, Error::flow_log_exists()));
        } else if present.len() >= cx.quotas().flow_logs_per_resource {
            let full = Error::limit_exceeded("FlowLogsLimitExceeded", "flow logs per resource");
            refused.push((resource, full));
        } else {
            takers.push(resource);
        }
    }
    match refused.first() {
        Some((_, refusal)) if takers.is_empty() => Err(refusal.clone()),
        _ => Ok((takers, refused)),
    }
}

/// The resources named, each once and the caller's own (`FL-6`).
fn resources(cx: &Cx, req: &CreateRequest) -> Result<Vec<FlowLogResource>, Error> {
    if req.resource_ids.is_empty() {
        return Err(Error::missing_parameter("resourceId"));
    }
    if req.resource_ids.len() > RESOURCES_MAX {
        return Err(Error::invalid_parameter(format!(
            "At most {RESOURCES_MAX} resources can be named in one call."
        )));
    }
    let kind = required(&req.resource_type, "resourceType")?;
    let mut seen = HashSet::new();
    let mut resources = Vec::with_capacity(req.resource_ids.len());
    for id in &req.resource_ids {
        let resource = find_resource(cx, kind, id)?;
        if !seen.insert(resource) {
            return Err(Error::invalid_parameter(format!(
                "The resource {id} is named twice."
            )));
        }
        resources.push(resource);
    }
    Ok(resources)
}

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
                "Flow logs of resource type {kind} are not built in openvpc yet."
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

fn interval_seconds(asked: Option<i64>) -> Result<u32, Error> {
    match asked {
        Some(60) => Ok(60),
        None | Some(600) => Ok(600),
        Some(_) => Err(Error::invalid_parameter(
            "Invalid Flow Log Max Aggregation Interval",
        )),
    }
}

/// The format as it was sent, which clients compare with what they read back; so it is refused,
/// not tidied, when it has more between its fields than one space, or any around them.
fn log_format(asked: Option<String>) -> Result<String, Error> {
    let Some(format) = asked else {
        return Ok(DEFAULT_LOG_FORMAT.to_owned());
    };
    let fields = parse_log_format(&format).map_err(Error::invalid_parameter)?;
    let tokens: Vec<String> = fields.iter().map(|name| format!("${{{name}}}")).collect();
    if tokens.join(" ") != format {
        return Err(Error::invalid_parameter(
            "LogFormat must have single spaces between its fields, and none around them.",
        ));
    }
    Ok(format)
}
