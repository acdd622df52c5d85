//! Attributes of an instance: read and changed one at a time.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use openvpc_ec2::Error;
use openvpc_model::*;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{images, types};
use crate::Cx;
use crate::describe::listing;
use crate::filters::Filters;
use crate::paging::Page;
use crate::request::{AttributeBool, done, required};
use crate::security_group::{groups_for_interface, render_groups};

/// AWS: before base64.
const USER_DATA_BYTES_MAX: usize = 16_384;

/// Checks user data as it is sent, base64.
///
/// # Errors
/// `InvalidUserData.Malformed`; `InvalidParameterValue` when too long.
pub fn check_user_data(text: &str) -> Result<(), Error> {
    let raw = STANDARD.decode(text).map_err(|_| {
        Error::new(
            "InvalidUserData.Malformed",
            "Invalid BASE64 encoding of user data.",
        )
    })?;
    if raw.len() > USER_DATA_BYTES_MAX {
        return Err(Error::invalid_parameter_value(format!(
            "User data is limited to {USER_DATA_BYTES_MAX} bytes"
        )));
    }
    Ok(())
}

/// Checks what an instance does when it shuts itself down.
///
/// # Errors
/// `InvalidParameterValue`.
pub fn check_shutdown_behavior(text: &str) -> Result<(), Error> {
    match text {
        "stop" | "terminate" => Ok(()),
        other => Err(Error::invalid_value(
            "instanceInitiatedShutdownBehavior",
            other,
        )),
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct DescribeRequest {
    instance_id: Option<String>,
    attribute: Option<String>,
}

/// Answers the asked attribute and no other.
pub fn describe(cx: &Cx, req: DescribeRequest) -> Result<Value, Error> {
    let instance = cx.find::<Instance>(required(&req.instance_id, "instanceId")?)?;
    let eth0 = super::primary(cx, instance);
    let value = |value: Value| json!({"Value": value});
    let (member, attribute) = match required(&req.attribute, "attribute")? {
        "instanceType" => ("InstanceType", value(json!(instance.instance_type))),
        "userData" => (
            "UserData",
            match &instance.user_data {
                Some(data) => value(json!(data)),
                None => json!({}),
            },
        ),
        "disableApiTermination" => (
            "DisableApiTermination",
            value(json!(instance.disable_api_termination)),
        ),
        "disableApiStop" => ("DisableApiStop", value(json!(false))),
        "instanceInitiatedShutdownBehavior" => (
            "InstanceInitiatedShutdownBehavior",
            value(json!(instance.shutdown_behavior)),
        ),
        "rootDeviceName" => ("RootDeviceName", value(json!(images::ROOT_DEVICE))),
        "blockDeviceMapping" => ("BlockDeviceMappings", json!([])),
        "productCodes" => ("ProductCodes", json!([])),
        "sourceDestCheck" => (
            "SourceDestCheck",
            value(json!(eth0.is_none_or(|eni| eni.source_dest_check))),
        ),
        "groupSet" => ("Groups", render_groups(cx, &super::groups(cx, instance))),
        "ebsOptimized" => ("EbsOptimized", value(json!(false))),
        "enaSupport" => ("EnaSupport", value(json!(true))),
        "sriovNetSupport" => ("SriovNetSupport", json!({})),
        "kernel" => ("KernelId", json!({})),
        "ramdisk" => ("RamdiskId", json!({})),
        "enclaveOptions" => ("EnclaveOptions", json!({"Enabled": false})),
        other => return Err(Error::invalid_value("attribute", other)),
    };
    Ok(json!({"InstanceId": instance.id, member: attribute}))
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ModifyRequest {
    instance_id: Option<String>,
    attribute: Option<String>,
    value: Option<String>,
    groups: Vec<String>,
    source_dest_check: Option<AttributeBool>,
    disable_api_termination: Option<AttributeBool>,
    disable_api_stop: Option<AttributeBool>,
    instance_initiated_shutdown_behavior: Option<AttributeText>,
    user_data: Option<AttributeText>,
    instance_type: Option<AttributeText>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct AttributeText {
    value: Option<String>,
}

impl ModifyRequest {
    /// Reads the older form, `Attribute` and `Value`, into the newer one.
    fn unfold(mut self) -> Result<ModifyRequest, Error> {
        let Some(attribute) = self.attribute.take() else {
            return Ok(self);
        };
        let text = self.value.take().unwrap_or_default();
        let flag = || match text.to_ascii_lowercase().as_str() {
            "true" => Ok(AttributeBool { value: Some(true) }),
            "false" => Ok(AttributeBool { value: Some(false) }),
            _ => Err(Error::invalid_value("value", &text)),
        };
        let words = || AttributeText {
            value: Some(text.clone()),
        };
        match attribute.as_str() {
            "sourceDestCheck" => self.source_dest_check = Some(flag()?),
            "disableApiTermination" => self.disable_api_termination = Some(flag()?),
            "disableApiStop" => self.disable_api_stop = Some(flag()?),
            "instanceInitiatedShutdownBehavior" => {
                self.instance_initiated_shutdown_behavior = Some(words());
            }
            "userData" => self.user_data = Some(words()),
            "instanceType" => self.instance_type = Some(words()),
            other => return Err(Error::invalid_value("attribute", other)),
        }
        Ok(self)
    }
}

/// Changes exactly one attribute.
pub fn modify(cx: &mut Cx, req: ModifyRequest) -> Result<Value, Error> {
    let mut instance = cx
        .find::<Instance>(required(&req.instance_id, "instanceId")?)?
        .clone();
    let req = req.unfold()?;
    let given = [
        !req.groups.is_empty(),
        req.source_dest_check.is_some(),
        req.disable_api_termination.is_some(),
        req.disable_api_stop.is_some(),
        req.instance_initiated_shutdown_behavior.is_some(),
        req.user_data.is_some(),
        req.instance_type.is_some(),
    ];
    match given.iter().filter(|given| **given).count() {
        0 => {
            return Err(Error::invalid_parameter_combination(
                "No attributes specified, or none that can be changed.",
            ));
        }
        1 => {}
        _ => {
            return Err(Error::invalid_parameter_combination(
                "Fields for multiple attribute types specified: give one attribute per call.",
            ));
        }
    }
    if instance.state == InstanceState::Terminated {
        let id = instance.id;
        return Err(Error::new(
            "IncorrectInstanceState",
            format!("The instance '{id}' is terminated."),
        ));
    }
    if !req.groups.is_empty() || req.source_dest_check.is_some() {
        return modify_interface(cx, &instance, &req);
    }
    if let Some(flag) = req.disable_api_termination {
        instance.disable_api_termination = of(flag.value)?;
    } else if let Some(flag) = req.disable_api_stop {
        if of(flag.value)? {
            return Err(Error::unsupported_operation(
                "Stop protection is not supported.",
            ));
        }
    } else if let Some(text) = req.instance_initiated_shutdown_behavior {
        instance.shutdown_behavior = of(text.value)?;
        check_shutdown_behavior(&instance.shutdown_behavior)?;
    } else if let Some(text) = req.user_data {
        check_stopped(&instance)?;
        let data = text.value.filter(|data| !data.is_empty());
        data.as_deref().map_or(Ok(()), check_user_data)?;
        instance.user_data = data;
    } else if let Some(text) = req.instance_type {
        check_stopped(&instance)?;
        instance.instance_type = of(text.value)?;
        if !types::exists(&instance.instance_type) {
            return Err(Error::invalid_value(
                "instanceType",
                &instance.instance_type,
            ));
        }
    }
    cx.put(instance);
    done()
}

fn of<T>(value: Option<T>) -> Result<T, Error> {
    value.ok_or_else(|| Error::missing_parameter("value"))
}

/// User data and type are read at start.
fn check_stopped(instance: &Instance) -> Result<(), Error> {
    match instance.state {
        InstanceState::Stopped => Ok(()),
        _ => Err(Error::new(
            "IncorrectInstanceState",
            format!(
                "The instance '{}' is not in the 'stopped' state.",
                instance.id
            ),
        )),
    }
}

/// Groups and source/destination check are the interface's, and an instance with several
/// interfaces has no one of its own.
fn modify_interface(cx: &mut Cx, instance: &Instance, req: &ModifyRequest) -> Result<Value, Error> {
    let attached = cx.interfaces_of(instance.id);
    let [eni] = attached.as_slice() else {
        return Err(Error::new(
            "InvalidInstanceID",
            format!(
                "There are multiple interfaces attached to instance '{}'. Please specify an \
                 interface ID for the operation instead.",
                instance.id
            ),
        ));
    };
    let mut eni = NetworkInterface::clone(eni);
    if let Some(flag) = req.source_dest_check {
        eni.source_dest_check = of(flag.value)?;
    } else {
        eni.security_groups = groups_for_interface(cx, eni.vpc, &req.groups)?;
    }
    cx.put(eni);
    done()
}

/// How the metadata service is to answer: at launch, and changed later.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct MetadataRequest {
    instance_id: Option<String>,
    http_tokens: Option<String>,
    http_put_response_hop_limit: Option<i64>,
    http_endpoint: Option<String>,
    http_protocol_ipv6: Option<String>,
    instance_metadata_tags: Option<String>,
}

impl MetadataRequest {
    /// Lays what is said over what was.
    ///
    /// # Errors
    /// `InvalidParameterValue`.
    pub fn lay_over(&self, options: &mut MetadataOptions) -> Result<(), Error> {
        const SWITCH: [&str; 2] = ["enabled", "disabled"];
        choose(
            &mut options.http_tokens,
            &self.http_tokens,
            &["optional", "required"],
            "httpTokens",
        )?;
        choose(
            &mut options.http_endpoint,
            &self.http_endpoint,
            &SWITCH,
            "httpEndpoint",
        )?;
        choose(
            &mut options.http_protocol_ipv6,
            &self.http_protocol_ipv6,
            &SWITCH,
            "httpProtocolIpv6",
        )?;
        let tags = &self.instance_metadata_tags;
        choose(
            &mut options.instance_metadata_tags,
            tags,
            &SWITCH,
            "instanceMetadataTags",
        )?;
        match self.http_put_response_hop_limit {
            None => {}
            Some(hops @ 1..=64) => options.http_put_response_hop_limit = hops as u8,
            Some(hops) => {
                return Err(Error::invalid_value(
                    "httpPutResponseHopLimit",
                    &hops.to_string(),
                ));
            }
        }
        Ok(())
    }
}

fn choose(
    slot: &mut String,
    wish: &Option<String>,
    choices: &[&str],
    name: &str,
) -> Result<(), Error> {
    match wish.as_deref() {
        None | Some("") => {}
        Some(wish) if choices.contains(&wish) => *slot = wish.to_owned(),
        Some(other) => return Err(Error::invalid_value(name, other)),
    }
    Ok(())
}

pub fn modify_metadata_options(cx: &mut Cx, req: MetadataRequest) -> Result<Value, Error> {
    let mut instance = cx
        .find::<Instance>(required(&req.instance_id, "instanceId")?)?
        .clone();
    req.lay_over(&mut instance.metadata_options)?;
    let answer = json!({
        "InstanceId": instance.id,
        "InstanceMetadataOptions": render_metadata_options(&instance.metadata_options),
    });
    cx.put(instance);
    Ok(answer)
}

pub fn render_metadata_options(options: &MetadataOptions) -> Value {
    json!({
        "State": "applied",
        "HttpTokens": options.http_tokens,
        "HttpPutResponseHopLimit": options.http_put_response_hop_limit,
        "HttpEndpoint": options.http_endpoint,
        "HttpProtocolIpv6": options.http_protocol_ipv6,
        "InstanceMetadataTags": options.instance_metadata_tags,
    })
}

/// Burstable types have credits; here they are never used up.
pub fn credit_specifications(cx: &Cx, input: &Value) -> Result<Value, Error> {
    let filters = Filters::read(input, &["instance-id"])?;
    let page = Page::read(cx, "InstanceCreditSpecifications", input, (5, 1000))?;
    let mut wanted = Vec::new();
    for id in input["InstanceIds"].as_array().into_iter().flatten() {
        wanted.push(cx.find::<Instance>(id.as_str().unwrap_or_default())?.id);
    }
    let mut instances: Vec<&Instance> = cx
        .own::<Instance>()
        .filter(|i| i.instance_type.starts_with('t'))
        .filter(|i| wanted.is_empty() || wanted.contains(&i.id))
        .filter(|i| filters.pass(|| cx.tags(i.id).clone(), |_| vec![i.id.to_string()]))
        .collect();
    instances.sort_unstable_by_key(|i| i.id);
    let (instances, token) = page.take(instances.into_iter().map(|i| (i.id, i)))?;
    let render = |i: &Instance| {
        let credits = if i.instance_type.starts_with("t2.") {
            "standard"
        } else {
            "unlimited"
        };
        json!({"InstanceId": i.id, "CpuCredits": credits})
    };
    let rendered = instances.into_iter().map(render).collect();
    Ok(listing("InstanceCreditSpecifications", rendered, token))
}
