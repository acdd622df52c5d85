//! Where the records of a new flow log are to go, and whether they may (spec 01 §9, §10).

use openvpc_ec2::Error;
use openvpc_model::*;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::request::unsupported;
use crate::{Bucket, Cx};

const CLOUD_WATCH_LOGS: &str = "cloud-watch-logs";
const S3: &str = "s3";
/// What leaves room in a key of 1,024 bytes for the rest of it.
const FOLDER_LEN_MAX_BYTES: usize = 700;
/// CloudWatch Logs: a group's name has at most 512 characters.
const LOG_GROUP_CHARS_MAX: usize = 512;
/// IAM: at most 512 characters of path and 64 of name.
const ROLE_CHARS_MAX: usize = 576;
/// How much of a wrong text a refusal repeats.
const SHOWN_CHARS_MAX: usize = 512;

/// The members of CreateFlowLogs that say where records go.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Request {
    log_destination_type: Option<String>,
    log_destination: Option<String>,
    log_group_name: Option<String>,
    pub(super) deliver_logs_permission_arn: Option<String>,
    deliver_cross_account_role: Option<String>,
    destination_options: Option<Options>,
}

/// `DestinationOptions`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Options {
    file_format: Option<String>,
    hive_compatible_partitions: Option<bool>,
    per_hour_partition: Option<bool>,
}

/// A destination that is well formed.
pub(super) enum Destination {
    Served(FlowLogDestination),
    /// One that cannot be written to: AWS says so per resource, in a call that succeeds.
    Refused(Error),
}

/// Judges the destination.
///
/// # Errors
/// `InvalidParameter` for members that are missing, ill-formed or at odds with each other.
pub(super) fn read(cx: &Cx, req: &Request) -> Result<Destination, Error> {
    let kind = req.log_destination_type.as_deref();
    let group = req.log_group_name.as_deref().filter(|g| !g.is_empty());
    let arn = req.log_destination.as_deref().filter(|d| !d.is_empty());
    match kind.unwrap_or(CLOUD_WATCH_LOGS) {
        CLOUD_WATCH_LOGS => log_group_given(cx, req, group, arn).map(Destination::Served),
        S3 => bucket(cx, req, group, arn),
        "kinesis-data-firehose" => Err(Error::invalid_parameter(
            "LogDestinationType kinesis-data-firehose is not built in openvpc yet.",
        )),
        other => Err(Error::invalid_value("logDestinationType", other)),
    }
}

/// `CW-3`, `CW-4`: the group need not exist; the role must be one that could be assumed.
fn log_group_given(
    cx: &Cx,
    req: &Request,
    group: Option<&str>,
    arn: Option<&str>,
) -> Result<FlowLogDestination, Error> {
    let log_group = match (group, arn) {
        (None, None) => return Err(no_destination()),
        (Some(_), Some(_)) => {
            return Err(Error::invalid_parameter(
                "LogDestination and LogGroupName can't both be provided.",
            ));
        }
        (Some(group), None) => group,
        (None, Some(arn)) => name_in_arn(cx, arn)?,
    };
    check_log_group(log_group)?;
    let role = req.deliver_logs_permission_arn.as_deref();
    match role.filter(|role| !role.is_empty()) {
        None => {
            return Err(Error::invalid_parameter(
                "DeliverLogsPermissionArn can't be empty if LogDestinationType is cloud-watch-logs.",
            ));
        }
        Some(role) if !is_role(role) => {
            return Err(Error::invalid_parameter("Unable to assume given IAM role"));
        }
        Some(_) => {}
    }
    unsupported(&req.deliver_cross_account_role, "DeliverCrossAccountRole")?;
    if req.destination_options.is_some() {
        return Err(Error::invalid_parameter(
            "DestinationOptions can't be provided if LogDestinationType is cloud-watch-logs.",
        ));
    }
    let log_group = log_group.to_owned();
    Ok(FlowLogDestination::CloudWatchLogs { log_group })
}

/// `S3-7`: the bucket must be there and let the service write.
fn bucket(
    cx: &Cx,
    req: &Request,
    group: Option<&str>,
    arn: Option<&str>,
) -> Result<Destination, Error> {
    if group.is_some() {
        return Err(Error::invalid_parameter(
            "LogDestination type must be cloud-watch-logs if LogGroupName is provided.",
        ));
    }
    let arn = arn.ok_or_else(no_destination)?;
    let (name, folder) = split_bucket_arn(arn).ok_or_else(|| {
        let arn = shown(arn);
        Error::invalid_parameter(format!("LogDestination: {arn} is not the ARN of a bucket."))
    })?;
    if folder == "AWSLogs" || folder.starts_with("AWSLogs/") {
        return Err(Error::invalid_parameter(format!(
            "LogDestination: {}: the folder can't be AWSLogs, which is a reserved term.",
            shown(arn)
        )));
    }
    if req.deliver_logs_permission_arn.is_some() {
        return Err(Error::invalid_parameter(
            "DeliverLogsPermissionArn can't be provided if LogDestinationType is s3.",
        ));
    }
    unsupported(&req.deliver_cross_account_role, "DeliverCrossAccountRole")?;
    let options = req.destination_options.as_ref().map(objects).transpose()?;
    let refused = |code, message| Ok(Destination::Refused(Error::new(code, message)));
    match cx.bucket() {
        None | Some(Bucket::Missing) => {
            refused("400", format!("LogDestination: {name} does not exist."))
        }
        Some(Bucket::Refuses) => refused(
            "400",
            format!(
                "Access Denied for LogDestination: {name}. Please check LogDestination permission."
            ),
        ),
        Some(Bucket::PolicyTooLong) => refused(
            "LogDestinationPermissionIssueException",
            format!("LogDestination: {name}: its policy would have more than 20 KB."),
        ),
        Some(Bucket::Accepts) => Ok(Destination::Served(FlowLogDestination::S3(FlowLogBucket {
            arn: arn.to_owned(),
            name: name.to_owned(),
            folder: folder.to_owned(),
            options,
        }))),
    }
}

/// The bucket that a request for flow logs names, and the folder in it, if records are to go to S3.
pub fn bucket_of(input: &Value) -> Option<(&str, &str)> {
    if input["LogDestinationType"].as_str() != Some(S3) {
        return None;
    }
    split_bucket_arn(input["LogDestination"].as_str()?)
}

/// Bucket and folder of `arn:aws:s3:::bucket[/folder[/]]`.
pub(super) fn split_bucket_arn(arn: &str) -> Option<(&str, &str)> {
    let path = arn.strip_prefix("arn:aws:s3:::")?;
    let (name, folder) = path.split_once('/').unwrap_or((path, ""));
    let folder = folder.strip_suffix('/').unwrap_or(folder);
    let in_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || ".-_".contains(c);
    let in_folder = |c: char| c.is_ascii_alphanumeric() || "!-_.*'()=/".contains(c);
    let whole = folder.is_empty() || folder.split('/').all(|part| !part.is_empty());
    let fits = !name.is_empty()
        && name.len() <= 63
        && name.chars().all(in_name)
        && folder.len() <= FOLDER_LEN_MAX_BYTES
        && folder.chars().all(in_folder)
        && whole;
    fits.then_some((name, folder))
}

fn objects(options: &Options) -> Result<FlowLogObjects, Error> {
    Ok(FlowLogObjects {
        parquet: match options.file_format.as_deref() {
            None | Some("plain-text") => false,
            Some("parquet") => true,
            Some(other) => return Err(Error::invalid_value("fileFormat", other)),
        },
        hive_compatible_partitions: options.hive_compatible_partitions == Some(true),
        per_hour_partition: options.per_hour_partition == Some(true),
    })
}

fn no_destination() -> Error {
    Error::invalid_parameter("LogDestination can't be empty if LogGroupName is not provided.")
}

/// The name in `arn:aws:logs:<region>:<account>:log-group:<name>[:*]`, of this region and account.
fn name_in_arn<'a>(cx: &Cx, arn: &'a str) -> Result<&'a str, Error> {
    let prefix = log_group_arn(cx, "");
    let name = arn.strip_prefix(&prefix);
    let name = name.map(|name| name.strip_suffix(":*").unwrap_or(name));
    name.ok_or_else(|| {
        Error::invalid_parameter(format!(
            "LogDestination: {} is not the ARN of a log group of this region and account: \
             {prefix}<name>",
            shown(arn)
        ))
    })
}

/// The ARN of the caller's log group of that name, without `:*`.
pub(super) fn log_group_arn(cx: &Cx, name: &str) -> String {
    let (region, account) = (cx.region_name(), cx.account());
    format!("arn:aws:logs:{region}:{account}:log-group:{name}")
}

/// CloudWatch Logs: `a-zA-Z0-9_-/.#`.
fn check_log_group(name: &str) -> Result<(), Error> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-/.#".contains(c);
    if name.is_empty() || name.len() > LOG_GROUP_CHARS_MAX || !name.chars().all(plain) {
        let name = shown(name);
        return Err(Error::invalid_parameter(format!(
            "LogGroupName: {name} is not a name of a log group."
        )));
    }
    Ok(())
}

/// Whether a text is `arn:aws:iam::<account>:role/[<path>/]<name>`. What IAM says of it, if it knows it, is
/// [`super::role`]'s to ask.
fn is_role(arn: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
    arn.strip_prefix("arn:aws:iam::")
        .and_then(|rest| rest.split_once(":role/"))
        .is_some_and(|(account, role)| {
            let mut parts = role.split('/');
            role.len() <= ROLE_CHARS_MAX
                && account.parse::<AccountId>().is_ok()
                && parts.all(|part| !part.is_empty() && part.chars().all(plain))
        })
}

fn shown(text: &str) -> String {
    text.chars().take(SHOWN_CHARS_MAX).collect()
}

/// `LogDestinationType` of a flow log.
pub(super) fn kind(destination: &FlowLogDestination) -> &'static str {
    match destination {
        FlowLogDestination::CloudWatchLogs { .. } => CLOUD_WATCH_LOGS,
        FlowLogDestination::S3(_) => S3,
    }
}

/// `LogGroupName` of a flow log.
pub(super) fn log_group(destination: &FlowLogDestination) -> Option<&str> {
    match destination {
        FlowLogDestination::CloudWatchLogs { log_group } => Some(log_group),
        FlowLogDestination::S3(_) => None,
    }
}

/// `LogDestination` of a flow log.
pub(super) fn arn(cx: &Cx, destination: &FlowLogDestination) -> String {
    match destination {
        FlowLogDestination::CloudWatchLogs { log_group } => log_group_arn(cx, log_group),
        FlowLogDestination::S3(bucket) => bucket.arn.clone(),
    }
}

/// `DestinationOptions` of a flow log, as they were sent.
pub(super) fn options(destination: &FlowLogDestination) -> Option<Value> {
    let FlowLogDestination::S3(bucket) = destination else {
        return None;
    };
    let options = bucket.options?;
    Some(json!({
        "FileFormat": if options.parquet { "parquet" } else { "plain-text" },
        "HiveCompatiblePartitions": options.hive_compatible_partitions,
        "PerHourPartition": options.per_hour_partition,
    }))
}
