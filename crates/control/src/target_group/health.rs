//! DescribeTargetHealth: what is registered, from the world; how it is, from the probes of the running daemon.

use openvpc_ec2::Error;
use openvpc_model::*;
use serde::Deserialize;
use serde_json::{Value, json};

use super::load_balancer_of;
use super::targets::TargetDescription;
use crate::Cx;
use crate::elb::find;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct HealthRequest {
    target_group_arn: String,
    #[serde(default)]
    targets: Vec<TargetDescription>,
}

pub fn describe(cx: &mut Cx, req: HealthRequest) -> Result<Value, Error> {
    let group = find::<TargetGroup>(cx, &req.target_group_arn)?;
    let delay = group.attributes.deregistration_delay_secs;
    let shown = |target: &&RegisteredTarget| target.is_shown(delay, cx.now());
    let mut rows = Vec::new();
    if req.targets.is_empty() {
        let registered = group.targets.iter().filter(shown);
        rows.extend(registered.map(|target| row(cx, group, target)));
    }
    for description in &req.targets {
        let target = description.target(group)?;
        rows.push(match group.target(&target).filter(shown) {
            Some(target) => row(cx, group, target),
            None => json!({
                "Target": {"Id": target.id.to_string(), "Port": target.port},
                "TargetHealth": health("unused", Some(("Target.NotRegistered", "Target is not registered to the target group"))),
            }),
        });
    }
    Ok(json!({ "TargetHealthDescriptions": rows }))
}

fn row(cx: &Cx, group: &TargetGroup, registered: &RegisteredTarget) -> Value {
    let target = registered.target;
    let port = group.health_check.port.unwrap_or(target.port);
    let mut described = json!({"Id": target.id.to_string(), "Port": target.port});
    if registered.in_all_zones {
        described["AvailabilityZone"] = "all".into();
    }
    json!({
        "Target": described,
        "HealthCheckPort": port.to_string(),
        "TargetHealth": state(cx, group, registered),
    })
}

fn state(cx: &Cx, group: &TargetGroup, registered: &RegisteredTarget) -> Value {
    if registered.draining_since.is_some() {
        return health(
            "draining",
            Some((
                "Target.DeregistrationInProgress",
                "Target deregistration is in progress",
            )),
        );
    }
    if let TargetId::Instance(id) = registered.target.id {
        let state = cx
            .get::<Instance>(id)
            .map_or(InstanceState::Terminated, |instance| instance.state);
        if !matches!(state, InstanceState::Pending | InstanceState::Running) {
            let description = format!("Target is in the {} state", state.code_and_name().1);
            return health("unused", Some(("Target.InvalidState", &description)));
        }
    }
    let Some(lb) = load_balancer_of(cx, group.id) else {
        return health(
            "unused",
            Some((
                "Target.NotInUse",
                "Target group is not configured to receive traffic from the load balancer",
            )),
        );
    };
    if !is_in_enabled_zone(cx, group, lb, registered) {
        return health(
            "unused",
            Some((
                "Target.NotInUse",
                "Target is in an Availability Zone that is not enabled for the load balancer",
            )),
        );
    }
    let found = cx
        .target_health()
        .states
        .get(&(group.id, registered.target));
    match found.copied().unwrap_or(TargetState::Initial) {
        TargetState::Healthy => health("healthy", None),
        TargetState::Initial => health(
            "initial",
            Some((
                "Elb.InitialHealthChecking",
                "Initial health checks in progress",
            )),
        ),
        TargetState::Unhealthy(ProbeFailure::Timeout) => {
            health("unhealthy", Some(("Target.Timeout", "Request timed out")))
        }
        TargetState::Unhealthy(ProbeFailure::Failed) => health(
            "unhealthy",
            Some(("Target.FailedHealthChecks", "Health checks failed")),
        ),
        TargetState::Unhealthy(ProbeFailure::ResponseCode(code)) => {
            let description = format!("Health checks failed with these codes: [{code}]");
            health(
                "unhealthy",
                Some(("Target.ResponseCodeMismatch", &description)),
            )
        }
    }
}

/// Whether some node may choose the target.
fn is_in_enabled_zone(
    cx: &Cx,
    group: &TargetGroup,
    lb: &LoadBalancer,
    registered: &RegisteredTarget,
) -> bool {
    if registered.in_all_zones || group.attributes.cross_zone.unwrap_or(lb.cross_zone) {
        return true;
    }
    let zone = match registered.target.id {
        TargetId::Instance(id) => cx
            .interfaces_of(id)
            .first()
            .map(|eni| eni.availability_zone.as_str()),
        TargetId::Ip(address) => cx
            .all::<Subnet>()
            .find(|subnet| subnet.vpc == group.vpc && subnet.contains(address))
            .map(|subnet| subnet.availability_zone.as_str()),
    };
    let mut nodes = lb
        .nodes
        .values()
        .filter_map(|eni| cx.get::<NetworkInterface>(*eni));
    nodes.any(|node| Some(node.availability_zone.as_str()) == zone)
}

fn health(state: &str, reason: Option<(&str, &str)>) -> Value {
    match reason {
        None => json!({"State": state}),
        Some((reason, description)) => {
            json!({"State": state, "Reason": reason, "Description": description})
        }
    }
}
