//! API calls, one JSON object a line: `{"action": "CreateRoute", "parameters": {…}}`, with `region` where it is another.
//! A text `$N.POINTER` stands for what line N's answer holds at a JSON pointer, such as `$1./Vpc/VpcId`.

use serde::Deserialize;
use serde_json::Value;

use super::{Forecast, Ground};
use crate::trial::Trial;

/// Calls of one plan.
const CALLS_MAX: usize = 10_000;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    action: String,
    #[serde(default)]
    parameters: Value,
    region: Option<String>,
}

pub(super) fn apply(
    ground: &Ground<'_>,
    trial: &mut Trial,
    file: &str,
    forecast: &mut Forecast,
) -> Result<(), String> {
    let mut answers: Vec<(usize, Value)> = Vec::new();
    for (number, text) in file.lines().enumerate() {
        let (line, text) = (number + 1, text.trim());
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        if answers.len() == CALLS_MAX {
            return Err(format!("more than {CALLS_MAX} calls"));
        }
        let call: Line = serde_json::from_str(text).map_err(|error| {
            format!(
                "line {line}: {error}; a plan is `terraform show -json` output, or a line \
                 {{\"action\": …, \"parameters\": …}} for each call"
            )
        })?;
        let parameters =
            filled_in(&call.parameters, &answers).map_err(|why| format!("line {line}: {why}"))?;
        let region = call.region.as_deref().unwrap_or(ground.region);
        let by = (region, ground.account);
        let answer = trial
            .act(ground.workshop.settings, by, &call.action, parameters)
            .map_err(|refusal| format!("line {line}: {}: {refusal}", call.action))?;
        forecast.calls.push(call.action);
        answers.push((line, answer));
    }
    match answers.is_empty() {
        true => Err("the plan is empty".to_owned()),
        false => Ok(()),
    }
}

fn filled_in(value: &Value, answers: &[(usize, Value)]) -> Result<Value, String> {
    match value {
        Value::String(text) => match text.strip_prefix('$').and_then(|rest| rest.split_once('.')) {
            Some((line, pointer)) => {
                let answer = answers.iter().find(|(known, _)| known.to_string() == line);
                let found = answer.and_then(|(_, answer)| answer.pointer(pointer));
                found
                    .cloned()
                    .ok_or_else(|| format!("{text} names nothing that an earlier line answered"))
            }
            None => Ok(value.clone()),
        },
        Value::Array(items) => items.iter().map(|item| filled_in(item, answers)).collect(),
        Value::Object(members) => {
            let members = members.iter();
            let members =
                members.map(|(name, value)| Ok((name.clone(), filled_in(value, answers)?)));
            Ok(Value::Object(members.collect::<Result<_, String>>()?))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(value.clone()),
    }
}
