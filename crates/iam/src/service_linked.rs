//! Roles that belong to services. Their services are not built, so the role is a name for the books.

use std::collections::BTreeSet;

use openvpc_ec2::Error;
use openvpc_model::{IamEvent, IamRole, IdentityPolicies};
use serde_json::{Value, json};

use crate::Action;
use crate::cx::Cx;
use crate::holder::text;
use crate::refuse::{invalid_input, nothing};
use crate::role;

/// Service and the name of its role (service authorization reference; each service's user guide).
const SERVICES: [(&str, &str); 7] = [
    ("autoscaling.amazonaws.com", "AWSServiceRoleForAutoScaling"),
    ("ecs.amazonaws.com", "AWSServiceRoleForECS"),
    ("eks.amazonaws.com", "AWSServiceRoleForAmazonEKS"),
    (
        "elasticloadbalancing.amazonaws.com",
        "AWSServiceRoleForElasticLoadBalancing",
    ),
    ("rds.amazonaws.com", "AWSServiceRoleForRDS"),
    ("spot.amazonaws.com", "AWSServiceRoleForEC2Spot"),
    ("vpce.amazonaws.com", "AWSServiceRoleForVPCEndpoints"),
];

pub const ACTIONS: &[Action] = &[
    ("CreateServiceLinkedRole", |cx, input| create(cx, &input)),
    ("DeleteServiceLinkedRole", |cx, input| delete(cx, &input)),
    ("GetServiceLinkedRoleDeletionStatus", |cx, input| {
        deletion(cx, &input)
    }),
];

fn create(cx: &mut Cx, input: &Value) -> Result<Value, Error> {
    let service = text(input, "AWSServiceName");
    let row = SERVICES.iter().find(|(known, _)| *known == service);
    let (_, base) = row.ok_or_else(|| {
        invalid_input(format!(
            "Service role creation for {} is not supported in openvpc.",
            service.chars().take(128).collect::<String>()
        ))
    })?;
    let name = match input["CustomSuffix"].as_str() {
        None => (*base).to_owned(),
        Some(_) => {
            return Err(invalid_input(
                "Custom suffix is not allowed for this service.",
            ));
        }
    };
    if cx.own().roles.contains_key(&name) {
        return Err(invalid_input(format!(
            "Service role name {name} has been taken in this account, please try a different suffix."
        )));
    }
    role::check_room(cx, &name)?;
    let trust = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole",
    }]});
    let path = format!("/aws-service-role/{service}/");
    let made = IamRole {
        entity: cx.new_entity("AROA", &name, path, Default::default()),
        policies: IdentityPolicies {
            attached: BTreeSet::new(),
            ..IdentityPolicies::default()
        },
        trust: trust.to_string(),
        description: input["Description"].as_str().map(str::to_owned),
        session_secs_max: 3600,
        linked_service: Some(service.to_owned()),
    };
    let answer = json!({"Role": role::render(cx, &made)});
    cx.emit(IamEvent::RolePut(made));
    Ok(answer)
}

/// Nothing uses such a role, so it is gone when the call is answered.
fn delete(cx: &mut Cx, input: &Value) -> Result<Value, Error> {
    let role = role::find(cx, text(input, "RoleName"))?;
    let name = role.entity.name.clone();
    let Some(service) = &role.linked_service else {
        return Err(nothing(format!(
            "The role {name} is not a service-linked role."
        )));
    };
    let task = format!("task/aws-service-role/{service}/{name}/{}", role.entity.id);
    cx.emit(IamEvent::RoleDeleted(name));
    Ok(json!({"DeletionTaskId": task}))
}

fn deletion(_: &mut Cx, input: &Value) -> Result<Value, Error> {
    let task = text(input, "DeletionTaskId");
    match task.starts_with("task/aws-service-role/") {
        true => Ok(json!({"Status": "SUCCEEDED"})),
        false => Err(nothing("The deletion task cannot be found.")),
    }
}
