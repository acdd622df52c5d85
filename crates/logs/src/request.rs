//! From JSON to what an operation reads.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::LogsError;

/// Reads an operation's input; an absent body is an empty one.
pub(crate) fn parse<T: DeserializeOwned>(input: Value) -> Result<T, LogsError> {
    let input = match input {
        Value::Null => Value::Object(serde_json::Map::new()),
        other => other,
    };
    serde_json::from_value(input).map_err(|error| LogsError::serialization(error.to_string()))
}

/// A member that must be there.
pub(crate) fn required<'a>(value: &'a Option<String>, member: &str) -> Result<&'a str, LogsError> {
    value.as_deref().ok_or_else(|| LogsError::missing(member))
}

/// A page size within 1 and `max`, which is also the default.
pub(crate) fn page_size(limit: Option<i64>, max: usize) -> Result<usize, LogsError> {
    match limit {
        None => Ok(max),
        Some(limit @ 1..) if limit as usize <= max => Ok(limit as usize),
        Some(limit @ ..=0) => Err(LogsError::constraint(
            "limit",
            &limit.to_string(),
            "have value greater than or equal to 1",
        )),
        Some(limit) => Err(LogsError::constraint(
            "limit",
            &limit.to_string(),
            &format!("have value less than or equal to {max}"),
        )),
    }
}
