//! Actions on listeners of Network Load Balancers: TCP ports, each of which forwards to one target group.

use openvpc_ec2::Error;
use openvpc_model::*;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::elb::{self, Attribute, Attributes, Named, find, number, page, unsupported, validation};
use crate::load_balancer::listeners_of;
use crate::request::{done, read};
use crate::tags::Tag;
use crate::{Action, Cx};

pub const ACTIONS: &[Action] = &[
    ("CreateListener", |cx, input| create(cx, read(input)?)),
    ("DescribeListeners", |cx, input| describe(cx, &input)),
    ("ModifyListener", |cx, input| modify(cx, read(input)?)),
    ("DeleteListener", |cx, input| delete(cx, read(input)?)),
    ("DescribeListenerAttributes", |cx, input| {
        describe_attributes(cx, read(input)?)
    }),
    ("ModifyListenerAttributes", |cx, input| {
        modify_attributes(cx, read(input)?)
    }),
];

/// Network Load Balancer guide, "Idle timeout for TCP": 350 s unless told, 60 to 6000.
const IDLE_SECS: u16 = 350;
const IDLE_TIMEOUT: &str = "tcp.idle_timeout.seconds";

/// One `DefaultActions.member.N`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListenerAction {
    #[serde(rename = "Type")]
    kind: String,
    target_group_arn: Option<String>,
    forward_config: Option<ForwardConfig>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ForwardConfig {
    #[serde(default)]
    target_groups: Vec<WeightedGroup>,
    target_group_stickiness_config: Option<Stickiness>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct WeightedGroup {
    target_group_arn: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Stickiness {
    enabled: Option<bool>,
}

/// What CreateListener and ModifyListener both say.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListenerRequest {
    load_balancer_arn: Option<String>,
    listener_arn: Option<String>,
    protocol: Option<String>,
    port: Option<i64>,
    #[serde(default)]
    default_actions: Vec<ListenerAction>,
    #[serde(default)]
    tags: Vec<Tag>,
    ssl_policy: Option<String>,
    certificates: Option<Value>,
    alpn_policy: Option<Value>,
    mutual_authentication: Option<Value>,
}

impl ListenerRequest {
    fn check(&self) -> Result<(), Error> {
        match self.protocol.as_deref() {
            None | Some("TCP") => {}
            Some("UDP" | "TCP_UDP" | "TLS" | "QUIC" | "TCP_QUIC") => {
                return Err(Error::new(
                    "UnsupportedProtocol",
                    "Listeners of this protocol are not supported: ask for TCP",
                ));
            }
            Some(other) => {
                return Err(validation(format!(
                    "Listener protocol '{}' is not supported with load balancer type 'network'",
                    elb::clip(other)
                )));
            }
        }
        unsupported(&self.ssl_policy, "SslPolicy")?;
        unsupported(&self.certificates, "Certificates")?;
        unsupported(&self.alpn_policy, "AlpnPolicy")?;
        unsupported(&self.mutual_authentication, "MutualAuthentication")
    }

    fn port(&self) -> Result<Option<u16>, Error> {
        let read = |port: i64| u16::try_from(port).ok().filter(|port| *port != 0);
        let refused = |port: i64| validation(format!("Port '{port}' must be between 1 and 65535"));
        self.port
            .map(|port| read(port).ok_or_else(|| refused(port)))
            .transpose()
    }

    /// The one target group that the default action forwards to.
    fn target_group<'c>(&self, cx: &'c Cx) -> Result<Option<&'c TargetGroup>, Error> {
        let action = match self.default_actions.as_slice() {
            [] => return Ok(None),
            [action] => action,
            _ => {
                return Err(Error::new(
                    "TooManyActions",
                    "You have specified too many actions",
                ));
            }
        };
        if action.kind != "forward" {
            return Err(Error::new(
                "InvalidLoadBalancerAction",
                format!(
                    "Actions of type '{}' are not supported with TCP listeners",
                    elb::clip(&action.kind)
                ),
            ));
        }
        let configured = action.forward_config.as_ref();
        let sticky = configured.and_then(|config| config.target_group_stickiness_config.as_ref());
        if sticky.is_some_and(|sticky| sticky.enabled == Some(true)) {
            return Err(elb::invalid_configuration(
                "Target group stickiness is not supported.",
            ));
        }
        let groups = configured.map_or(&[][..], |config| &config.target_groups);
        if groups.len() > 1 {
            return Err(elb::invalid_configuration(
                "Weighted target groups are not supported.",
            ));
        }
        let named = groups
            .first()
            .and_then(|group| group.target_group_arn.as_ref());
        match (&action.target_group_arn, named) {
            (Some(one), Some(other)) if one != other => Err(validation(
                "The target group of an action and of its forward configuration must be the same",
            )),
            (Some(arn), _) | (None, Some(arn)) => find(cx, arn).map(Some),
            (None, None) => Err(validation("A target group ARN must be specified")),
        }
    }
}

fn create(cx: &mut Cx, req: ListenerRequest) -> Result<Value, Error> {
    let arn = req.load_balancer_arn.as_deref().unwrap_or_default();
    let lb = find::<LoadBalancer>(cx, arn)?.clone();
    req.check()?;
    let port = req
        .port()?
        .ok_or_else(|| validation("A listener port must be specified"))?;
    if req.protocol.is_none() {
        return Err(validation("A listener protocol must be specified"));
    }
    let group = req
        .target_group(cx)?
        .ok_or_else(|| validation("A default action must be specified"))?;
    check_free(cx, &lb, port, None)?;
    check_group(cx, &lb, group)?;
    let target_group = group.id;
    if listeners_of(cx, lb.id).count() >= cx.quotas().listeners_per_load_balancer {
        return Err(Error::new(
            "TooManyListeners",
            "You've reached the limit on the number of listeners per load balancer",
        ));
    }
    let tags = elb::tags_at_creation(&req.tags)?;
    let listener = Listener {
        id: cx.new_id(),
        owner: cx.account().clone(),
        load_balancer: lb.id,
        port,
        target_group,
        idle_secs: IDLE_SECS,
    };
    cx.put(listener.clone());
    cx.set_tags(listener.id, tags);
    Ok(json!({"Listeners": [render(cx, &listener)]}))
}

fn check_free(cx: &Cx, lb: &LoadBalancer, port: u16, own: Option<ListenerId>) -> Result<(), Error> {
    let mut others = listeners_of(cx, lb.id).filter(|listener| Some(listener.id) != own);
    match others.any(|other| other.port == port) {
        false => Ok(()),
        true => Err(Error::new(
            "DuplicateListener",
            format!(
                "A listener already exists on this port for this load balancer '{}'",
                lb.arn(cx.region_name())
            ),
        )),
    }
}

/// A target group serves one load balancer, of its own VPC.
fn check_group(cx: &Cx, lb: &LoadBalancer, group: &TargetGroup) -> Result<(), Error> {
    let arn = group.arn(cx.region_name());
    if group.vpc != lb.vpc {
        return Err(elb::invalid_configuration(format!(
            "The target group '{arn}' and the load balancer must be in the same VPC"
        )));
    }
    let mut uses = cx
        .all::<Listener>()
        .filter(|listener| listener.target_group == group.id);
    match uses.any(|listener| listener.load_balancer != lb.id) {
        false => Ok(()),
        true => Err(Error::new(
            "TargetGroupAssociationLimit",
            format!(
                "The following target groups cannot be associated with more than one load balancer: {arn}"
            ),
        )),
    }
}

fn describe(cx: &Cx, input: &Value) -> Result<Value, Error> {
    let arns = input["ListenerArns"]
        .as_array()
        .filter(|arns| !arns.is_empty());
    let found: Vec<&Listener> = match (input["LoadBalancerArn"].as_str(), arns) {
        (Some(arn), None) => listeners_of(cx, find::<LoadBalancer>(cx, arn)?.id).collect(),
        (None, Some(arns)) => {
            let arns = arns.iter().filter_map(Value::as_str);
            arns.map(|arn| find(cx, arn)).collect::<Result<_, _>>()?
        }
        _ => {
            return Err(validation(
                "You must specify either listener ARNs or a load balancer ARN",
            ));
        }
    };
    page(input, "Listeners", found, |listener| render(cx, listener))
}

fn render(cx: &Cx, listener: &Listener) -> Value {
    let group = cx.get::<TargetGroup>(listener.target_group);
    let group = group.map(|group| group.arn(cx.region_name()));
    let lb = cx.get::<LoadBalancer>(listener.load_balancer);
    json!({
        "ListenerArn": Named::arn(listener, cx),
        "LoadBalancerArn": lb.map(|lb| lb.arn(cx.region_name())),
        "Port": listener.port,
        "Protocol": "TCP",
        "DefaultActions": [{
            "Type": "forward",
            "Order": 1,
            "TargetGroupArn": group,
            "ForwardConfig": {
                "TargetGroups": [{"TargetGroupArn": group}],
            },
        }],
    })
}

fn modify(cx: &mut Cx, req: ListenerRequest) -> Result<Value, Error> {
    let mut listener =
        find::<Listener>(cx, req.listener_arn.as_deref().unwrap_or_default())?.clone();
    req.check()?;
    let lb = cx.get::<LoadBalancer>(listener.load_balancer).cloned();
    let lb = lb.ok_or_else(elb::not_found::<LoadBalancer>)?;
    if let Some(port) = req.port()? {
        check_free(cx, &lb, port, Some(listener.id))?;
        listener.port = port;
    }
    if let Some(group) = req.target_group(cx)? {
        check_group(cx, &lb, group)?;
        listener.target_group = group.id;
    }
    cx.put(listener.clone());
    Ok(json!({"Listeners": [render(cx, &listener)]}))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct OneRequest {
    listener_arn: String,
}

fn delete(cx: &mut Cx, req: OneRequest) -> Result<Value, Error> {
    let id = find::<Listener>(cx, &req.listener_arn)?.id;
    cx.delete::<Listener>(id);
    done()
}

fn attributes(listener: &Listener) -> Attributes {
    Attributes::from([(IDLE_TIMEOUT, listener.idle_secs.to_string())])
}

fn describe_attributes(cx: &mut Cx, req: OneRequest) -> Result<Value, Error> {
    let listener = find::<Listener>(cx, &req.listener_arn)?;
    Ok(elb::render_attributes(attributes(listener)))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ModifyAttributesRequest {
    listener_arn: String,
    attributes: Vec<Attribute>,
}

fn modify_attributes(cx: &mut Cx, req: ModifyAttributesRequest) -> Result<Value, Error> {
    let mut listener = find::<Listener>(cx, &req.listener_arn)?.clone();
    let known = attributes(&listener);
    elb::set_attributes(&req.attributes, &known, |key, value| match key {
        IDLE_TIMEOUT => {
            Some(number(key, value, 60..=6000).map(|secs| listener.idle_secs = secs as u16))
        }
        _ => None,
    })?;
    let answer = elb::render_attributes(attributes(&listener));
    cx.put(listener);
    Ok(answer)
}
