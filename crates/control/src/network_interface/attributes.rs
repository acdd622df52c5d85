//! One attribute of an interface at a time.

use openvpc_ec2::Error;
use openvpc_model::*;
use serde::Deserialize;
use serde_json::{Value, json};

use super::connection_tracking::TrackingSpec;
use super::{attachment, find_changeable};
use crate::Cx;
use crate::ids::{not_found, parse_id};
use crate::request::{AttributeBool, done, required, unsupported};
use crate::security_group::{groups_for_interface, render_groups};

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct DescribeRequest {
    network_interface_id: Option<String>,
    attribute: Option<String>,
}

/// Answers the asked attribute and no other.
pub fn describe(cx: &Cx, req: DescribeRequest) -> Result<Value, Error> {
    let eni =
        cx.find::<NetworkInterface>(required(&req.network_interface_id, "networkInterfaceId")?)?;
    let mut answer = json!({"NetworkInterfaceId": eni.id});
    match required(&req.attribute, "attribute")? {
        "description" => answer["Description"] = json!({"Value": eni.description}),
        "groupSet" => answer["Groups"] = render_groups(cx, &eni.security_groups),
        "sourceDestCheck" => answer["SourceDestCheck"] = json!({"Value": eni.source_dest_check}),
        "attachment" => answer["Attachment"] = json!(attachment::render(cx, eni)),
        "associatePublicIpAddress" => {
            answer["AssociatePublicIpAddress"] = json!(eni.auto_public_ip.is_some());
        }
        other => return Err(Error::invalid_value("attribute", other)),
    }
    Ok(answer)
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ModifyRequest {
    network_interface_id: Option<String>,
    description: Option<AttributeText>,
    source_dest_check: Option<AttributeBool>,
    groups: Vec<String>,
    attachment: Option<AttachmentChange>,
    ena_srd_specification: Option<Value>,
    enable_primary_ipv6: Option<bool>,
    connection_tracking_specification: Option<TrackingSpec>,
    associate_public_ip_address: Option<bool>,
    associated_subnet_ids: Option<Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct AttributeText {
    value: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct AttachmentChange {
    attachment_id: Option<String>,
    delete_on_termination: Option<bool>,
}

/// Changes exactly one attribute, as AWS wants it.
pub fn modify(cx: &mut Cx, req: ModifyRequest) -> Result<Value, Error> {
    let mut eni = find_changeable(
        cx,
        required(&req.network_interface_id, "networkInterfaceId")?,
    )?;
    unsupported(&req.ena_srd_specification, "enaSrdSpecification")?;
    unsupported(
        &req.enable_primary_ipv6.filter(|on| *on),
        "enablePrimaryIpv6",
    )?;
    unsupported(&req.associate_public_ip_address, "associatePublicIpAddress")?;
    unsupported(&req.associated_subnet_ids, "associatedSubnetIds")?;
    let given = [
        req.description.is_some(),
        req.source_dest_check.is_some(),
        !req.groups.is_empty(),
        req.attachment.is_some(),
        req.connection_tracking_specification.is_some(),
    ];
    match given.iter().filter(|given| **given).count() {
        0 => {
            return Err(Error::invalid_parameter_combination(
                "No attributes specified.",
            ));
        }
        1 => {}
        _ => {
            return Err(Error::invalid_parameter_combination(
                "Fields for multiple attribute types specified: give one attribute per call.",
            ));
        }
    }
    if let Some(AttributeText { value }) = req.description {
        eni.description = value.unwrap_or_default();
    } else if let Some(AttributeBool { value }) = req.source_dest_check {
        eni.source_dest_check =
            value.ok_or_else(|| Error::missing_parameter("sourceDestCheck.value"))?;
    } else if let Some(change) = req.attachment {
        let id =
            parse_id::<AttachmentId>(required(&change.attachment_id, "attachment.attachmentId")?)?;
        let bond = eni.attachment.as_mut().filter(|bond| bond.id == id);
        let bond = bond.ok_or_else(|| not_found::<AttachmentId>(id))?;
        bond.delete_on_termination = change
            .delete_on_termination
            .ok_or_else(|| Error::missing_parameter("attachment.deleteOnTermination"))?;
    } else if let Some(spec) = req.connection_tracking_specification {
        spec.lay_over(&mut eni.connection_tracking)?;
    } else {
        eni.security_groups = groups_for_interface(cx, eni.vpc, &req.groups)?;
    }
    cx.put(eni);
    done()
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ResetRequest {
    network_interface_id: Option<String>,
    source_dest_check: Option<String>,
}

/// Source/destination check is the one attribute that can be reset: to on.
pub fn reset(cx: &mut Cx, req: ResetRequest) -> Result<Value, Error> {
    let mut eni = find_changeable(
        cx,
        required(&req.network_interface_id, "networkInterfaceId")?,
    )?;
    required(&req.source_dest_check, "sourceDestCheck")?;
    eni.source_dest_check = true;
    cx.put(eni);
    done()
}
