//! Attributes of target groups.

use openvpc_ec2::Error;
use openvpc_model::TargetGroup;
use serde::Deserialize;
use serde_json::Value;

use super::OneRequest;
use crate::Cx;
use crate::elb::{self, Attribute, Attributes, find, flag, number};

const DEREGISTRATION_DELAY: &str = "deregistration_delay.timeout_seconds";
const PRESERVE_CLIENT_IP: &str = "preserve_client_ip.enabled";
const CROSS_ZONE: &str = "load_balancing.cross_zone.enabled";
const TERMINATE_UNHEALTHY: &str = "target_health_state.unhealthy.connection_termination.enabled";
const PROXY_PROTOCOL: &str = "proxy_protocol_v2.enabled";
const AS_THE_LOAD_BALANCER: &str = "use_load_balancer_configuration";

/// Attributes that have one value here, as AWS has them unless told otherwise.
#[rustfmt::skip]
const FIXED: [(&str, &str); 8] = [
    ("deregistration_delay.connection_termination.enabled", "false"),
    ("stickiness.enabled", "false"),
    ("stickiness.type", "source_ip"),
    ("target_group_health.dns_failover.minimum_healthy_targets.count", "1"),
    ("target_group_health.dns_failover.minimum_healthy_targets.percentage", "off"),
    ("target_group_health.unhealthy_state_routing.minimum_healthy_targets.count", "1"),
    ("target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage", "off"),
    ("target_health_state.unhealthy.draining_interval_seconds", "0"),
];

fn attributes(group: &TargetGroup) -> Attributes {
    let own = &group.attributes;
    let cross_zone = own
        .cross_zone
        .map_or_else(|| AS_THE_LOAD_BALANCER.to_owned(), |on| on.to_string());
    let own = [
        (
            DEREGISTRATION_DELAY,
            own.deregistration_delay_secs.to_string(),
        ),
        (PRESERVE_CLIENT_IP, group.preserves_client_ip().to_string()),
        (CROSS_ZONE, cross_zone),
        (TERMINATE_UNHEALTHY, own.terminate_unhealthy.to_string()),
        (PROXY_PROTOCOL, own.proxy_protocol_v2.to_string()),
    ];
    let fixed = FIXED.iter().map(|(key, value)| (*key, (*value).to_owned()));
    fixed.chain(own).collect()
}

pub fn describe(cx: &mut Cx, req: OneRequest) -> Result<Value, Error> {
    let group = find::<TargetGroup>(cx, &req.target_group_arn)?;
    Ok(elb::render_attributes(attributes(group)))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ModifyRequest {
    target_group_arn: String,
    attributes: Vec<Attribute>,
}

pub fn modify(cx: &mut Cx, req: ModifyRequest) -> Result<Value, Error> {
    let mut group = find::<TargetGroup>(cx, &req.target_group_arn)?.clone();
    let known = attributes(&group);
    let own = &mut group.attributes;
    elb::set_attributes(&req.attributes, &known, |key, value| {
        let set: Result<(), Error> = match key {
            DEREGISTRATION_DELAY => {
                number(key, value, 0..=3600).map(|secs| own.deregistration_delay_secs = secs)
            }
            PRESERVE_CLIENT_IP => flag(key, value).map(|on| own.preserve_client_ip = Some(on)),
            CROSS_ZONE if value == AS_THE_LOAD_BALANCER => {
                own.cross_zone = None;
                Ok(())
            }
            CROSS_ZONE => flag(key, value).map(|on| own.cross_zone = Some(on)),
            TERMINATE_UNHEALTHY => flag(key, value).map(|on| own.terminate_unhealthy = on),
            PROXY_PROTOCOL => flag(key, value).map(|on| own.proxy_protocol_v2 = on),
            _ => return None,
        };
        Some(set)
    })?;
    let answer = elb::render_attributes(attributes(&group));
    cx.put(group);
    Ok(answer)
}
