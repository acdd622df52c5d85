//! What can be changed about a VPC, and asked of it, one attribute at a time (`VPC-4`).

use openvpc_ec2::Error;
use openvpc_model::Vpc;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Cx;
use crate::request::{AttributeBool, done, required};

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct DescribeVpcAttributeRequest {
    vpc_id: Option<String>,
    attribute: Option<String>,
}

pub fn describe_vpc_attribute(
    cx: &mut Cx,
    req: DescribeVpcAttributeRequest,
) -> Result<Value, Error> {
    let vpc = cx.find::<Vpc>(required(&req.vpc_id, "vpcId")?)?;
    let (member, value) = match required(&req.attribute, "attribute")? {
        "enableDnsSupport" => ("EnableDnsSupport", vpc.enable_dns_support),
        "enableDnsHostnames" => ("EnableDnsHostnames", vpc.enable_dns_hostnames),
        "enableNetworkAddressUsageMetrics" => (
            "EnableNetworkAddressUsageMetrics",
            vpc.enable_network_address_usage_metrics,
        ),
        other => return Err(Error::invalid_value("attribute", other)),
    };
    Ok(json!({"VpcId": vpc.id, member: {"Value": value}}))
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ModifyVpcAttributeRequest {
    vpc_id: Option<String>,
    enable_dns_support: Option<AttributeBool>,
    enable_dns_hostnames: Option<AttributeBool>,
    enable_network_address_usage_metrics: Option<AttributeBool>,
}

pub fn modify_vpc_attribute(cx: &mut Cx, req: ModifyVpcAttributeRequest) -> Result<Value, Error> {
    let mut vpc = cx.find::<Vpc>(required(&req.vpc_id, "vpcId")?)?.clone();
    type Field = fn(&mut Vpc) -> &mut bool;
    let given: [(Option<AttributeBool>, Field); 3] = [
        (req.enable_dns_support, |v| &mut v.enable_dns_support),
        (req.enable_dns_hostnames, |v| &mut v.enable_dns_hostnames),
        (req.enable_network_address_usage_metrics, |v| {
            &mut v.enable_network_address_usage_metrics
        }),
    ];
    let given = given.into_iter();
    let mut given = given.filter_map(|(wrapper, field)| Some((wrapper?.value?, field)));
    let Some((value, field)) = given.next() else {
        return Err(Error::invalid_parameter_combination(
            "No attributes specified.",
        ));
    };
    if given.next().is_some() {
        return Err(Error::invalid_parameter_combination(
            "Fields for multiple attribute types specified",
        ));
    }
    *field(&mut vpc) = value;
    cx.put(vpc);
    done()
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ModifyVpcTenancyRequest {
    vpc_id: Option<String>,
    instance_tenancy: Option<String>,
}

/// Tenancy can only be given up.
pub fn modify_vpc_tenancy(cx: &mut Cx, req: ModifyVpcTenancyRequest) -> Result<Value, Error> {
    let mut vpc = cx.find::<Vpc>(required(&req.vpc_id, "vpcId")?)?.clone();
    match required(&req.instance_tenancy, "instanceTenancy")? {
        "default" => vpc.instance_tenancy = "default".to_owned(),
        other => return Err(unsupported_tenancy(other)),
    }
    cx.put(vpc);
    Ok(json!({"ReturnValue": true}))
}

pub fn unsupported_tenancy(tenancy: &str) -> Error {
    Error::new(
        "UnsupportedTenancy",
        format!("The tenancy value '{tenancy}' is not supported."),
    )
}
