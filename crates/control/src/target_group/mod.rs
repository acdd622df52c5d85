//! Actions on target groups (`EP-8`).
//!
//! [`create`] makes and changes them; [`attributes`] holds what can be changed one by one; [`targets`] registers who gets
//! connections; [`health`] tells how those are.

mod attributes;
mod create;
mod health;
mod targets;

use openvpc_ec2::Error;
use openvpc_model::*;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::elb::{self, Named, find, in_use, page, validation};
use crate::request::{done, read};
use crate::{Action, Cx};

pub const ACTIONS: &[Action] = &[
    ("CreateTargetGroup", |cx, input| {
        create::create(cx, read(input)?)
    }),
    ("DescribeTargetGroups", |cx, input| describe(cx, &input)),
    ("ModifyTargetGroup", |cx, input| {
        create::modify(cx, read(input)?)
    }),
    ("DeleteTargetGroup", |cx, input| delete(cx, read(input)?)),
    ("DescribeTargetGroupAttributes", |cx, input| {
        attributes::describe(cx, read(input)?)
    }),
    ("ModifyTargetGroupAttributes", |cx, input| {
        attributes::modify(cx, read(input)?)
    }),
    ("RegisterTargets", |cx, input| {
        targets::register(cx, read(input)?)
    }),
    ("DeregisterTargets", |cx, input| {
        targets::deregister(cx, read(input)?)
    }),
    ("DescribeTargetHealth", |cx, input| {
        health::describe(cx, read(input)?)
    }),
];

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct OneRequest {
    target_group_arn: String,
}

fn describe(cx: &Cx, input: &Value) -> Result<Value, Error> {
    let texts = |member: &str| -> Vec<&str> {
        let list = input[member].as_array().into_iter().flatten();
        list.filter_map(Value::as_str).collect()
    };
    let (arns, names) = (texts("TargetGroupArns"), texts("Names"));
    let balancer = input["LoadBalancerArn"].as_str();
    let asked = usize::from(!arns.is_empty())
        + usize::from(!names.is_empty())
        + usize::from(balancer.is_some());
    if asked > 1 {
        return Err(validation(
            "Target group names, target group ARNs and a load balancer ARN cannot be given together",
        ));
    }
    let found: Vec<&TargetGroup> = if let Some(arn) = balancer {
        let lb = find::<LoadBalancer>(cx, arn)?.id;
        let used =
            |group: &&TargetGroup| load_balancer_of(cx, group.id).is_some_and(|of| of.id == lb);
        cx.own::<TargetGroup>().filter(used).collect()
    } else if !arns.is_empty() {
        arns.iter()
            .map(|arn| find(cx, arn))
            .collect::<Result<_, _>>()?
    } else if !names.is_empty() {
        let by_name = |name: &&str| cx.own::<TargetGroup>().find(|group| group.name == **name);
        let found: Option<Vec<_>> = names.iter().map(by_name).collect();
        found.ok_or_else(elb::not_found::<TargetGroup>)?
    } else {
        cx.own::<TargetGroup>().collect()
    };
    page(input, "TargetGroups", found, |group| render(cx, group))
}

/// The load balancer that forwards to a target group; there is one at most.
pub fn load_balancer_of<'c>(cx: &'c Cx, id: TargetGroupId) -> Option<&'c LoadBalancer> {
    let mut uses = cx.all::<Listener>();
    let listener = uses.find(|listener| listener.target_group == id)?;
    cx.get(listener.load_balancer)
}

fn render(cx: &Cx, group: &TargetGroup) -> Value {
    let check = &group.health_check;
    let lb = load_balancer_of(cx, group.id).map(|lb| lb.arn(cx.region_name()));
    let port = check
        .port
        .map_or_else(|| "traffic-port".to_owned(), |port| port.to_string());
    let mut rendered = json!({
        "TargetGroupArn": group.arn(cx.region_name()),
        "TargetGroupName": group.name,
        "Protocol": "TCP",
        "Port": group.port,
        "VpcId": group.vpc,
        "HealthCheckProtocol": "TCP",
        "HealthCheckPort": port,
        "HealthCheckEnabled": true,
        "HealthCheckIntervalSeconds": check.interval_secs,
        "HealthCheckTimeoutSeconds": check.timeout_secs,
        "HealthyThresholdCount": check.healthy_threshold,
        "UnhealthyThresholdCount": check.unhealthy_threshold,
        "LoadBalancerArns": lb.into_iter().collect::<Vec<_>>(),
        "TargetType": group.kind.as_str(),
        "IpAddressType": "ipv4",
    });
    if let HealthCheckProtocol::Http { path, matcher } = &check.protocol {
        rendered["HealthCheckProtocol"] = "HTTP".into();
        rendered["HealthCheckPath"] = path.as_str().into();
        rendered["Matcher"] = json!({"HttpCode": matcher.as_str()});
    }
    rendered
}

fn delete(cx: &mut Cx, req: OneRequest) -> Result<Value, Error> {
    let arn = &req.target_group_arn;
    let id = match find::<TargetGroup>(cx, arn) {
        Ok(group) => group.id,
        Err(gone) if gone.code() == TargetGroup::NOT_FOUND => return done(),
        Err(error) => return Err(error),
    };
    if load_balancer_of(cx, id).is_some() {
        return Err(in_use(format!(
            "Target group '{arn}' is currently in use by a listener or a rule"
        )));
    }
    cx.delete::<TargetGroup>(id);
    done()
}
