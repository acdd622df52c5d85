//! Attributes of load balancers.

use openvpc_ec2::Error;
use openvpc_model::LoadBalancer;
use serde::Deserialize;
use serde_json::Value;

use super::OneRequest;
use crate::Cx;
use crate::elb::{self, Attribute, Attributes, find, flag};

const CROSS_ZONE: &str = "load_balancing.cross_zone.enabled";
const DELETION_PROTECTION: &str = "deletion_protection.enabled";

/// Attributes that have one value here, as AWS has them unless told otherwise.
const FIXED: [(&str, &str); 5] = [
    ("access_logs.s3.enabled", "false"),
    ("access_logs.s3.bucket", ""),
    ("access_logs.s3.prefix", ""),
    ("dns_record.client_routing_policy", "any_availability_zone"),
    ("zonal_shift.config.enabled", "false"),
];

fn attributes(lb: &LoadBalancer) -> Attributes {
    let own = [
        (CROSS_ZONE, lb.cross_zone.to_string()),
        (DELETION_PROTECTION, lb.deletion_protection.to_string()),
    ];
    let fixed = FIXED.iter().map(|(key, value)| (*key, (*value).to_owned()));
    fixed.chain(own).collect()
}

pub fn describe(cx: &mut Cx, req: OneRequest) -> Result<Value, Error> {
    let lb = find::<LoadBalancer>(cx, &req.load_balancer_arn)?;
    Ok(elb::render_attributes(attributes(lb)))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ModifyRequest {
    load_balancer_arn: String,
    attributes: Vec<Attribute>,
}

pub fn modify(cx: &mut Cx, req: ModifyRequest) -> Result<Value, Error> {
    let mut lb = find::<LoadBalancer>(cx, &req.load_balancer_arn)?.clone();
    let known = attributes(&lb);
    elb::set_attributes(&req.attributes, &known, |key, value| {
        let place = match key {
            CROSS_ZONE => &mut lb.cross_zone,
            DELETION_PROTECTION => &mut lb.deletion_protection,
            _ => return None,
        };
        Some(flag(key, value).map(|on| *place = on))
    })?;
    let answer = elb::render_attributes(attributes(&lb));
    cx.put(lb);
    Ok(answer)
}
