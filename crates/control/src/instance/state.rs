//! Starting, stopping, rebooting and terminating: the call names the wish, the daemon reports the deed.

use openvpc_ec2::Error;
use openvpc_model::*;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Cx;
use crate::describe::listing;
use crate::filters::Filters;
use crate::paging::Page;
use crate::pools;

/// Reason of an instance that its owner stopped or terminated.
pub const USER_INITIATED: (&str, &str) = (
    "Client.UserInitiatedShutdown",
    "Client.UserInitiatedShutdown: User initiated shutdown",
);

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct StateRequest {
    instance_ids: Vec<String>,
}

impl StateRequest {
    /// The instances named, each once. Unknown ones are told all together, as AWS does.
    fn instances(&self, cx: &Cx) -> Result<Vec<Instance>, Error> {
        if self.instance_ids.is_empty() {
            return Err(Error::missing_parameter("InstanceId"));
        }
        let mut found: Vec<Instance> = Vec::new();
        let mut missing = Vec::new();
        for id in &self.instance_ids {
            match cx.find::<Instance>(id) {
                Ok(instance) if found.iter().any(|known| known.id == instance.id) => {}
                Ok(instance) => found.push(instance.clone()),
                Err(e) if e.code().ends_with("NotFound") => missing.push(id.as_str()),
                Err(e) => return Err(e),
            }
        }
        match missing.as_slice() {
            [] => Ok(found),
            [one] => Err(Error::not_found(openvpc_ec2::Resource::Instance, one)),
            several => Err(Error::new(
                "InvalidInstanceID.NotFound",
                format!("The instance IDs '{}' do not exist", several.join(", ")),
            )),
        }
    }
}

/// StartInstances: stopped instances become pending; running ones stay.
pub fn start(cx: &mut Cx, req: StateRequest) -> Result<Value, Error> {
    let instances = req.instances(cx)?;
    for instance in &instances {
        match instance.state {
            InstanceState::Stopped | InstanceState::Pending | InstanceState::Running => {}
            InstanceState::ShuttingDown | InstanceState::Terminated | InstanceState::Stopping => {
                return Err(wrong_state(instance, "started"));
            }
        }
    }
    let mut changes = Vec::new();
    for instance in instances {
        let before = instance.state;
        let after = match before {
            InstanceState::Stopped => InstanceState::Pending,
            other => other,
        };
        changes.push(render_change(&instance, before, after));
        if before == InstanceState::Stopped {
            lend_public_ip(cx, &instance)?;
            let launched_at = cx.now();
            cx.put(Instance {
                state: after,
                state_reason: None,
                launched_at,
                ..instance
            });
        }
    }
    Ok(json!({"StartingInstances": changes}))
}

/// `EIP-3`: a started instance gets a new public address, unless an Elastic one stands there.
fn lend_public_ip(cx: &mut Cx, instance: &Instance) -> Result<(), Error> {
    if !instance.associate_public_ip {
        return Ok(());
    }
    let Some(mut eni) = cx
        .get::<NetworkInterface>(instance.primary_interface)
        .cloned()
    else {
        return Ok(());
    };
    let bond = |ip| crate::network_interface::association(cx, &eni, ip);
    if eni.primary_ip().is_some_and(|ip| bond(ip).is_none()) {
        eni.auto_public_ip = Some(pools::free_public_ip(cx)?);
        cx.put(eni);
    }
    Ok(())
}

/// StopInstances: running instances become stopping; stopped ones stay.
pub fn stop(cx: &mut Cx, req: StateRequest) -> Result<Value, Error> {
    let instances = req.instances(cx)?;
    for instance in &instances {
        match instance.state {
            InstanceState::Running | InstanceState::Stopping | InstanceState::Stopped => {}
            InstanceState::Pending | InstanceState::ShuttingDown | InstanceState::Terminated => {
                return Err(wrong_state(instance, "stopped"));
            }
        }
    }
    let mut changes = Vec::new();
    for instance in instances {
        let before = instance.state;
        let after = match before {
            InstanceState::Running => InstanceState::Stopping,
            other => other,
        };
        changes.push(render_change(&instance, before, after));
        if after != before {
            cx.put(Instance {
                state: after,
                state_reason: user_initiated(),
                ..instance
            });
        }
    }
    Ok(json!({"StoppingInstances": changes}))
}

/// RebootInstances: running instances begin anew, with their addresses and without a change of state; terminated ones are
/// passed over (EC2 API reference, `RebootInstances`).
pub fn reboot(cx: &mut Cx, req: StateRequest) -> Result<Value, Error> {
    let instances = req.instances(cx)?;
    for instance in &instances {
        match instance.state {
            InstanceState::Pending
            | InstanceState::Running
            | InstanceState::ShuttingDown
            | InstanceState::Terminated => {}
            InstanceState::Stopping | InstanceState::Stopped => {
                return Err(wrong_state(instance, "rebooted"));
            }
        }
    }
    for instance in instances {
        if matches!(
            instance.state,
            InstanceState::Pending | InstanceState::Running
        ) {
            let reboots = instance.reboots + 1;
            cx.put(Instance {
                reboots,
                ..instance
            });
        }
    }
    Ok(json!({}))
}

/// TerminateInstances: all or, if any is protected, none.
pub fn terminate(cx: &mut Cx, req: StateRequest) -> Result<Value, Error> {
    let instances = req.instances(cx)?;
    let protected =
        |i: &&Instance| i.disable_api_termination && i.state != InstanceState::Terminated;
    if let Some(instance) = instances.iter().find(protected) {
        return Err(Error::operation_not_permitted(format!(
            "The instance '{}' may not be terminated. Modify its 'disableApiTermination' instance \
             attribute and try again.",
            instance.id
        )));
    }
    let mut changes = Vec::new();
    for instance in instances {
        let before = instance.state;
        let after = match before {
            InstanceState::Terminated => before,
            _ => InstanceState::ShuttingDown,
        };
        changes.push(render_change(&instance, before, after));
        if after != before {
            cx.put(Instance {
                state: after,
                state_reason: user_initiated(),
                ..instance
            });
        }
    }
    Ok(json!({"TerminatingInstances": changes}))
}

fn user_initiated() -> Option<(String, String)> {
    let (code, message) = USER_INITIATED;
    Some((code.to_owned(), message.to_owned()))
}

fn wrong_state(instance: &Instance, wish: &str) -> Error {
    Error::new(
        "IncorrectInstanceState",
        format!(
            "This instance '{}' is not in a state from which it can be {wish}.",
            instance.id
        ),
    )
}

fn render_change(instance: &Instance, before: InstanceState, after: InstanceState) -> Value {
    json!({
        "InstanceId": instance.id,
        "CurrentState": render_state(after),
        "PreviousState": render_state(before),
    })
}

/// Of GetConsoleOutput.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ConsoleRequest {
    instance_id: String,
}

/// GetConsoleOutput: of which instance. What it printed is the daemon's to say; a terminated one shows it for as long as it is
/// seen. `Latest`, which AWS serves on Nitro instances, changes nothing: the output is always the latest.
///
/// # Errors
/// `InvalidInstanceID.Malformed`, `InvalidInstanceID.NotFound`.
pub fn console_output(cx: &Cx, req: ConsoleRequest) -> Result<Value, Error> {
    let request = StateRequest {
        instance_ids: vec![req.instance_id],
    };
    let instances = request.instances(cx)?;
    let instance = instances.first().ok_or_else(Error::internal)?;
    Ok(json!({
        "InstanceId": instance.id,
        "Timestamp": instance.launched_at,
    }))
}

fn render_state(state: InstanceState) -> Value {
    let (code, name) = state.code_and_name();
    json!({"Code": code, "Name": name})
}

/// Filters of DescribeInstanceStatus that Describe of instances does not have.
const STATUS_FILTERS: [&str; 8] = [
    "availability-zone",
    "instance-state-code",
    "instance-state-name",
    "instance-status.reachability",
    "instance-status.status",
    "system-status.reachability",
    "system-status.status",
    "event.code",
];

/// DescribeInstanceStatus: running instances, or all on request.
pub fn describe_status(cx: &Cx, input: &Value) -> Result<Value, Error> {
    let filters = Filters::read(input, &STATUS_FILTERS)?;
    let page = Page::read(cx, "InstanceStatuses", input, (5, 1000))?;
    let ids: Vec<String> = read_ids(input);
    let wanted = match ids.is_empty() {
        true => Vec::new(),
        false => StateRequest { instance_ids: ids }.instances(cx)?,
    };
    let all = input["IncludeAllInstances"].as_bool() == Some(true);
    let shown = |i: &&Instance| {
        (wanted.is_empty() || wanted.iter().any(|w| w.id == i.id))
            && (all || i.state == InstanceState::Running)
            && filters.pass(|| cx.tags(i.id).clone(), |name| status_values(cx, i, name))
    };
    let mut instances: Vec<&Instance> = cx.own::<Instance>().filter(shown).collect();
    instances.sort_unstable_by_key(|i| i.id);
    let (instances, token) = page.take(instances.into_iter().map(|i| (i.id, i)))?;
    let rendered = instances
        .into_iter()
        .map(|i| render_status(cx, i))
        .collect();
    Ok(listing("InstanceStatuses", rendered, token))
}

fn read_ids(input: &Value) -> Vec<String> {
    let ids = input["InstanceIds"].as_array().into_iter().flatten();
    ids.map(|id| id.as_str().unwrap_or_default().to_owned())
        .collect()
}

fn status_values(cx: &Cx, instance: &Instance, name: &str) -> Vec<String> {
    let (code, state) = instance.state.code_and_name();
    let (status, reachability) = health(instance);
    match name {
        "availability-zone" => super::zone(cx, instance).into_iter().collect(),
        "instance-state-code" => vec![code.to_string()],
        "instance-state-name" => vec![state.to_owned()],
        "instance-status.status" | "system-status.status" => vec![status.to_owned()],
        "instance-status.reachability" | "system-status.reachability" => {
            reachability.iter().map(|r| (*r).to_owned()).collect()
        }
        _ => Vec::new(),
    }
}

/// Status and reachability: a running sandbox is well, and nothing is said of others.
fn health(instance: &Instance) -> (&'static str, Option<&'static str>) {
    match instance.state {
        InstanceState::Running => ("ok", Some("passed")),
        InstanceState::Pending => ("initializing", Some("initializing")),
        InstanceState::ShuttingDown
        | InstanceState::Terminated
        | InstanceState::Stopping
        | InstanceState::Stopped => ("not-applicable", None),
    }
}

fn render_status(cx: &Cx, instance: &Instance) -> Value {
    let (status, reachability) = health(instance);
    let details: Value = reachability
        .iter()
        .map(|r| json!({"Name": "reachability", "Status": r}))
        .collect();
    json!({
        "InstanceId": instance.id,
        "AvailabilityZone": super::zone(cx, instance),
        "InstanceState": render_state(instance.state),
        "InstanceStatus": {"Status": status, "Details": details},
        "SystemStatus": {"Status": status, "Details": details},
    })
}
