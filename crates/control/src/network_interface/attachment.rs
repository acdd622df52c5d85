//! Binding interfaces to instances (`ENI-3`).

use openvpc_ec2::Error;
use openvpc_model::*;
use serde::Deserialize;
use serde_json::{Value, json};

use super::find_changeable;
use crate::Cx;
use crate::ids::{not_found, parse_id};
use crate::instance::types::limits_of;
use crate::request::{done, required};

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct AttachRequest {
    network_interface_id: Option<String>,
    instance_id: Option<String>,
    device_index: Option<i64>,
    network_card_index: Option<i64>,
}

pub fn attach(cx: &mut Cx, req: AttachRequest) -> Result<Value, Error> {
    let eni_id = required(&req.network_interface_id, "networkInterfaceId")?;
    let instance_id = required(&req.instance_id, "instanceId")?;
    let index = req
        .device_index
        .ok_or_else(|| Error::missing_parameter("deviceIndex"))?;
    let device_index = u16::try_from(index)
        .map_err(|_| Error::invalid_value("deviceIndex", &index.to_string()))?;
    if req.network_card_index.is_some_and(|card| card != 0) {
        return Err(Error::invalid_parameter_value(
            "The instance has one network card, index 0.",
        ));
    }
    let mut eni = find_changeable(cx, eni_id)?;
    let instance = cx.find::<Instance>(instance_id)?;
    if eni.attachment.is_some() {
        return Err(Error::new(
            "InvalidNetworkInterface.InUse",
            format!("Interface: [{eni_id}] in use."),
        ));
    }
    let (code, state) = instance.state.code_and_name();
    match instance.state {
        InstanceState::Pending | InstanceState::Running | InstanceState::Stopped => {}
        InstanceState::ShuttingDown | InstanceState::Terminated | InstanceState::Stopping => {
            return Err(Error::new(
                "IncorrectState",
                format!(
                    "Instance '{instance_id}' is in state {code} ({state}): it must be running or stopped."
                ),
            ));
        }
    }
    let home = cx.get::<Subnet>(instance.subnet);
    if home.is_none_or(|subnet| subnet.availability_zone != eni.availability_zone) {
        return Err(Error::invalid_parameter_combination(
            "You may not attach a network interface to an instance if they are not in the same availability zone",
        ));
    }
    let attached = cx.interfaces_of(instance.id);
    let taken = |eni: &&NetworkInterface| {
        eni.attachment
            .as_ref()
            .is_some_and(|a| a.device_index == device_index)
    };
    if attached.iter().any(taken) {
        return Err(Error::invalid_parameter_value(format!(
            "Instance '{instance_id}' already has an interface attached at device index '{index}'."
        )));
    }
    let most = limits_of(&instance.instance_type).interfaces;
    if attached.len() >= most {
        return Err(Error::new(
            "AttachmentLimitExceeded",
            format!(
                "Interface count {} exceeds the limit for {}",
                attached.len() + 1,
                instance.instance_type
            ),
        ));
    }
    // The data path tells when it is there; a stopped instance has nowhere to put it yet.
    let state = match instance.state.wants_sandbox() {
        true => AttachmentState::Attaching,
        false => AttachmentState::Attached,
    };
    let instance = instance.id;
    let id: AttachmentId = cx.new_id();
    eni.attachment = Some(Attachment {
        id,
        instance,
        device_index,
        delete_on_termination: false,
        attached_at: cx.now(),
        state,
    });
    cx.put(eni);
    Ok(json!({"AttachmentId": id, "NetworkCardIndex": 0}))
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct DetachRequest {
    attachment_id: Option<String>,
}

pub fn detach(cx: &mut Cx, req: DetachRequest) -> Result<Value, Error> {
    let text = required(&req.attachment_id, "attachmentId")?;
    let id = parse_id::<AttachmentId>(text)?;
    let named = |eni: &&NetworkInterface| eni.attachment.as_ref().is_some_and(|a| a.id == id);
    let eni = cx.own::<NetworkInterface>().find(named);
    let eni_id = eni
        .ok_or_else(|| not_found::<AttachmentId>(text))?
        .id
        .to_string();
    let mut eni = find_changeable(cx, &eni_id)?;
    if eni.attachment.as_ref().is_some_and(|a| a.device_index == 0) {
        return Err(Error::operation_not_permitted(
            "The network interface at device index 0 cannot be detached.",
        ));
    }
    let at = cx.now();
    let is_running = |attachment: &Attachment| {
        let instance = cx.get::<Instance>(attachment.instance);
        instance.is_some_and(|instance| instance.state.wants_sandbox())
    };
    match eni.attachment.take() {
        // Final when the data path has let go of it, which the daemon reports.
        Some(attachment) if is_running(&attachment) => {
            let state = AttachmentState::Detaching;
            eni.attachment = Some(Attachment {
                state,
                ..attachment
            });
        }
        bond => eni.detached = bond.map(|attachment| Detached { attachment, at }),
    }
    cx.put(eni);
    done()
}

/// How long a bond that was undone is shown as `detached`: Terraform waits to see it so.
const DETACHED_VISIBLE_MILLIS: UnixMillis = 60_000;

/// The bond that an interface shows, with its status: `attaching` until the instance has come up.
pub fn shown<'e>(cx: &Cx, eni: &'e NetworkInterface) -> Option<(&'e Attachment, &'static str)> {
    if let Some(attachment) = &eni.attachment {
        return Some((attachment, status(cx, attachment)));
    }
    let detached = eni.detached.as_ref();
    let fresh = detached.filter(|d| cx.now() - d.at < DETACHED_VISIBLE_MILLIS);
    fresh.map(|d| (&d.attachment, "detached"))
}

fn status(cx: &Cx, attachment: &Attachment) -> &'static str {
    let instance = cx.get::<Instance>(attachment.instance).map(|i| i.state);
    match (attachment.state, instance) {
        (AttachmentState::Detaching, _) => "detaching",
        (AttachmentState::Attaching, _) | (_, Some(InstanceState::Pending)) => "attaching",
        (AttachmentState::Attached, _) => "attached",
    }
}

/// The bond of an interface as an answer shows it.
pub fn render(cx: &Cx, eni: &NetworkInterface) -> Option<Value> {
    let (attachment, status) = shown(cx, eni)?;
    Some(json!({
        "AttachmentId": attachment.id,
        "InstanceId": attachment.instance,
        "InstanceOwnerId": eni.owner,
        "DeviceIndex": attachment.device_index,
        "NetworkCardIndex": 0,
        "Status": status,
        "AttachTime": attachment.attached_at,
        "DeleteOnTermination": attachment.delete_on_termination,
    }))
}
