//! Names, and the ARNs that stand for them.

use crate::{Caller, LogsError};

/// Longest group or stream name.
const NAME_LEN_MAX: usize = 512;

/// Checks a log group name: 1 to 512 of `a-zA-Z0-9._/#-`.
pub(crate) fn check_group(name: &str) -> Result<(), LogsError> {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"._/#-".contains(&b);
    if name.is_empty() || name.len() > NAME_LEN_MAX || !name.bytes().all(fits) {
        return Err(LogsError::constraint(
            "logGroupName",
            &shown(name),
            "satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+ and have length between 1 and 512",
        ));
    }
    Ok(())
}

/// Checks a log stream name: 1 to 512 characters without `:` and `*`.
pub(crate) fn check_stream(name: &str) -> Result<(), LogsError> {
    if name.is_empty() || name.chars().count() > NAME_LEN_MAX || name.contains([':', '*']) {
        return Err(LogsError::constraint(
            "logStreamName",
            &shown(name),
            "satisfy regular expression pattern: [^:*]* and have length between 1 and 512",
        ));
    }
    Ok(())
}

/// As much of a refused value as an error message should repeat.
fn shown(value: &str) -> String {
    value.chars().take(NAME_LEN_MAX).collect()
}

/// The group's ARN without the closing `:*`.
pub(crate) fn group_arn(caller: Caller, group: &str) -> String {
    format!(
        "arn:aws:logs:{}:{}:log-group:{group}",
        caller.region, caller.account
    )
}

/// The stream's ARN.
pub(crate) fn stream_arn(caller: Caller, group: &str, stream: &str) -> String {
    format!("{}:log-stream:{stream}", group_arn(caller, group))
}

/// The group that an ARN of this caller's names; with or without the closing `:*`.
pub(crate) fn group_of_arn<'a>(caller: Caller, arn: &'a str) -> Result<&'a str, LogsError> {
    let name = arn
        .strip_prefix(group_arn(caller, "").as_str())
        .ok_or_else(LogsError::no_resource)?;
    Ok(name.strip_suffix(":*").unwrap_or(name))
}

/// The group meant by `logGroupName` or `logGroupIdentifier`, of which exactly one is given.
pub(crate) fn group_of<'a>(
    caller: Caller,
    name: Option<&'a str>,
    identifier: Option<&'a str>,
) -> Result<&'a str, LogsError> {
    let name = match (name, identifier) {
        (Some(_), Some(_)) => {
            return Err(LogsError::invalid(
                "Only one of logGroupName and logGroupIdentifier can be given.",
            ));
        }
        (Some(name), None) => name,
        (None, Some(arn)) if arn.starts_with("arn:") => group_of_arn(caller, arn)?,
        (None, Some(name)) => name,
        (None, None) => return Err(LogsError::missing("logGroupName")),
    };
    check_group(name)?;
    Ok(name)
}
