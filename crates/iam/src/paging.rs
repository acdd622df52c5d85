//! `Marker`, `MaxItems` and `PathPrefix`, as every List of IAM has them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openvpc_ec2::Error;
use serde_json::{Value, json};

use crate::refuse::{constraint, invalid_input};

const ITEMS_MAX: i64 = 1000;
const ITEMS_DEFAULT: i64 = 100;

/// One page of a list, in the order of its keys.
///
/// # Errors
/// `ValidationError` for a page size out of range, `InvalidInput` for a marker that was not handed out.
pub fn page<T>(
    input: &Value,
    list: &str,
    items: impl Iterator<Item = (String, T)>,
    render: impl Fn(T) -> Value,
) -> Result<Value, Error> {
    let size = input["MaxItems"].as_i64().unwrap_or(ITEMS_DEFAULT);
    if !(1..=ITEMS_MAX).contains(&size) {
        let must = "have value from 1 to 1000";
        return Err(constraint("maxItems", &size.to_string(), must));
    }
    let after = match input["Marker"].as_str() {
        None => None,
        Some(marker) => Some(read(marker).ok_or_else(|| invalid_input("Invalid Marker."))?),
    };
    let mut left: Vec<(String, T)> = items
        .filter(|(key, _)| after.as_ref().is_none_or(|after| key > after))
        .collect();
    left.sort_by(|(a, _), (b, _)| a.cmp(b));
    let is_truncated = left.len() > size as usize;
    left.truncate(size as usize);
    let marker = left.last().map(|(key, _)| URL_SAFE_NO_PAD.encode(key));
    let shown: Vec<Value> = left.into_iter().map(|(_, item)| render(item)).collect();
    let mut answer = json!({list: shown, "IsTruncated": is_truncated});
    if is_truncated && let Some(marker) = marker {
        answer["Marker"] = marker.into();
    }
    Ok(answer)
}

fn read(marker: &str) -> Option<String> {
    String::from_utf8(URL_SAFE_NO_PAD.decode(marker).ok()?).ok()
}

/// Whether a thing's path is one that was asked for.
pub fn is_below(input: &Value, path: &str) -> bool {
    path.starts_with(input["PathPrefix"].as_str().unwrap_or("/"))
}
