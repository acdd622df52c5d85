//! Actions on Network Load Balancers (`EP-8`, `EP-10`).
//!
//! [`create`] makes them; [`nodes`] places a node in each subnet; [`attributes`] holds what can be changed one by one.

mod attributes;
mod create;
mod nodes;

use openvpc_ec2::Error;
use openvpc_model::*;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::elb::{self, Named, find, in_use, page, unsupported, validation};
use crate::request::{done, read};
use crate::{Action, Cx};
use nodes::SubnetMapping;

pub const ACTIONS: &[Action] = &[
    ("CreateLoadBalancer", |cx, input| {
        create::create(cx, read(input)?)
    }),
    ("DescribeLoadBalancers", |cx, input| describe(cx, &input)),
    ("DeleteLoadBalancer", |cx, input| delete(cx, read(input)?)),
    ("DescribeLoadBalancerAttributes", |cx, input| {
        attributes::describe(cx, read(input)?)
    }),
    ("ModifyLoadBalancerAttributes", |cx, input| {
        attributes::modify(cx, read(input)?)
    }),
    ("SetSubnets", |cx, input| set_subnets(cx, read(input)?)),
    ("SetSecurityGroups", |cx, input| {
        set_security_groups(cx, read(input)?)
    }),
    ("SetIpAddressType", |cx, input| {
        set_ip_address_type(cx, read(input)?)
    }),
    ("DescribeCapacityReservation", |cx, input| {
        capacity_reservation(cx, read(input)?)
    }),
];

/// The hosted zones of Network Load Balancers' names. AWS General Reference, "Elastic Load Balancing endpoints and
/// quotas".
#[rustfmt::skip]
const HOSTED_ZONES: &[(&str, &str)] = &[
    ("ap-northeast-1", "Z31USIVHYNEOWT"), ("ap-northeast-2", "ZIBE1TIR4HY56"), ("ap-northeast-3", "Z1GWIQ4HH19I5X"),
    ("ap-south-1", "ZVDDRBQ08TROA"), ("ap-southeast-1", "ZKVM4W9LS7TM"), ("ap-southeast-2", "ZCT6FZBF4DROD"),
    ("ca-central-1", "Z2EPGBW3API2WT"), ("eu-central-1", "Z3F0SRJ5LGBH90"), ("eu-north-1", "Z1UDT6IFJ4EJM"),
    ("eu-west-1", "Z2IFOLAFXWLO4F"), ("eu-west-2", "ZD4D7Y8KGAS4G"), ("eu-west-3", "Z1CMS0P5QUZ6D5"),
    ("sa-east-1", "ZTK26PT1VY4CU"), ("us-east-1", "Z26RNL4JYFTOTI"), ("us-east-2", "ZLMOA37VPKANP"),
    ("us-west-1", "Z24FKFUX50B4VW"), ("us-west-2", "Z18D5FSROUN65G"),
];

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct OneRequest {
    load_balancer_arn: String,
}

fn describe(cx: &Cx, input: &Value) -> Result<Value, Error> {
    let texts = |member: &str| -> Vec<&str> {
        let list = input[member].as_array().into_iter().flatten();
        list.filter_map(Value::as_str).collect()
    };
    let (arns, names) = (texts("LoadBalancerArns"), texts("Names"));
    let found: Vec<&LoadBalancer> = match (arns.is_empty(), names.is_empty()) {
        (true, true) => cx.own::<LoadBalancer>().collect(),
        (false, false) => {
            return Err(validation(
                "Load balancer names and ARNs cannot be given together",
            ));
        }
        (false, true) => arns
            .iter()
            .map(|arn| find(cx, arn))
            .collect::<Result<_, _>>()?,
        (true, false) => {
            let by_name = |name: &&str| cx.own::<LoadBalancer>().find(|lb| lb.name == **name);
            let found: Option<Vec<_>> = names.iter().map(by_name).collect();
            found.ok_or_else(|| {
                let names = names.join(", ");
                Error::new(
                    "LoadBalancerNotFound",
                    format!("Load balancers '[{}]' not found", elb::clip(&names)),
                )
            })?
        }
    };
    page(input, "LoadBalancers", found, |lb| render(cx, lb))
}

/// As lists show a load balancer: `active` at once, which the data path makes true before the first packet.
pub fn render(cx: &Cx, lb: &LoadBalancer) -> Value {
    let zone = HOSTED_ZONES
        .iter()
        .find(|(region, _)| *region == cx.region_name());
    let mut rendered = json!({
        "LoadBalancerArn": lb.arn(cx.region_name()),
        "DNSName": lb.dns_name(cx.region_name()),
        "CanonicalHostedZoneId": zone.map(|(_, id)| *id),
        "CreatedTime": lb.created_at,
        "LoadBalancerName": lb.name,
        "Scheme": lb.scheme.as_str(),
        "VpcId": lb.vpc,
        "State": {"Code": "active"},
        "Type": "network",
        "AvailabilityZones": nodes::render(cx, lb),
        "IpAddressType": "ipv4",
    });
    if !lb.security_groups.is_empty() {
        rendered["SecurityGroups"] = json!(lb.security_groups);
        rendered["EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic"] =
            on_off(lb.enforce_groups_on_private_link).into();
    }
    rendered
}

fn on_off(on: bool) -> &'static str {
    match on {
        true => "on",
        false => "off",
    }
}

/// One that is gone already is as good as deleted (ELBv2 API reference, DeleteLoadBalancer).
fn delete(cx: &mut Cx, req: OneRequest) -> Result<Value, Error> {
    let arn = &req.load_balancer_arn;
    let lb = match find::<LoadBalancer>(cx, arn) {
        Ok(lb) => lb.clone(),
        Err(gone) if gone.code() == LoadBalancer::NOT_FOUND => return done(),
        Err(error) => return Err(error),
    };
    if lb.deletion_protection {
        return Err(Error::operation_not_permitted(format!(
            "Load balancer '{arn}' cannot be deleted because deletion protection is enabled"
        )));
    }
    if serves_endpoints(cx, lb.id) {
        return Err(in_use(format!(
            "Load balancer '{arn}' cannot be deleted because it is currently associated with another service"
        )));
    }
    let listeners: Vec<ListenerId> = listeners_of(cx, lb.id)
        .map(|listener| listener.id)
        .collect();
    for listener in listeners {
        cx.delete::<Listener>(listener);
    }
    for eni in lb.nodes.values() {
        nodes::remove(cx, *eni);
    }
    cx.delete::<LoadBalancer>(lb.id);
    done()
}

/// Whether an endpoint service stands before it (`EP-2`).
fn serves_endpoints(cx: &Cx, id: LoadBalancerId) -> bool {
    crate::vpc_endpoint_service::serves(cx, id).is_some()
}

pub fn listeners_of<'c>(cx: &'c Cx, id: LoadBalancerId) -> impl Iterator<Item = &'c Listener> {
    cx.all::<Listener>()
        .filter(move |listener| listener.load_balancer == id)
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SubnetsRequest {
    load_balancer_arn: String,
    #[serde(default)]
    subnets: Vec<String>,
    #[serde(default)]
    subnet_mappings: Vec<SubnetMapping>,
    ip_address_type: Option<String>,
    enable_prefix_for_ipv6_source_nat: Option<String>,
}

/// Names all subnets that it is to have. A node that stays keeps its address.
fn set_subnets(cx: &mut Cx, req: SubnetsRequest) -> Result<Value, Error> {
    check_ip_address_type(req.ip_address_type.as_deref())?;
    unsupported(
        &req.enable_prefix_for_ipv6_source_nat
            .filter(|on| on != "off"),
        "EnablePrefixForIpv6SourceNat",
    )?;
    let mut lb = find::<LoadBalancer>(cx, &req.load_balancer_arn)?.clone();
    let subnets = nodes::subnets(cx, &req.subnets, &req.subnet_mappings)?;
    if subnets.iter().any(|(subnet, _)| subnet.vpc != lb.vpc) {
        return Err(Error::new(
            "InvalidSubnet",
            "All subnets must belong to the VPC of the load balancer",
        ));
    }
    let stays = |id: &SubnetId| subnets.iter().any(|(subnet, _)| subnet.id == *id);
    if serves_endpoints(cx, lb.id) && lb.nodes.keys().any(|id| !stays(id)) {
        return Err(invalid_while_serving());
    }
    let gone: Vec<_> = lb
        .nodes
        .iter()
        .filter(|(subnet, _)| !stays(subnet))
        .map(|(subnet, eni)| (*subnet, *eni))
        .collect();
    for (subnet, eni) in gone {
        nodes::remove(cx, eni);
        lb.nodes.remove(&subnet);
    }
    for (subnet, mapping) in &subnets {
        if !lb.nodes.contains_key(&subnet.id) {
            let eni = nodes::add(cx, &lb, subnet, mapping)?;
            lb.nodes.insert(subnet.id, eni);
        }
    }
    cx.put(lb.clone());
    Ok(json!({"AvailabilityZones": nodes::render(cx, &lb), "IpAddressType": "ipv4"}))
}

fn invalid_while_serving() -> Error {
    elb::invalid_configuration(
        "Subnets cannot be removed from a load balancer that is associated with an endpoint service",
    )
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SecurityGroupsRequest {
    load_balancer_arn: String,
    security_groups: Vec<String>,
    enforce_security_group_inbound_rules_on_private_link_traffic: Option<String>,
}

fn set_security_groups(cx: &mut Cx, req: SecurityGroupsRequest) -> Result<Value, Error> {
    let mut lb = find::<LoadBalancer>(cx, &req.load_balancer_arn)?.clone();
    let groups = create::security_groups(cx, lb.vpc, &req.security_groups)?;
    match (lb.security_groups.is_empty(), groups.is_empty()) {
        (true, false) => {
            return Err(elb::invalid_configuration(
                "You cannot associate security groups with a Network Load Balancer that was created without any",
            ));
        }
        (false, true) => {
            return Err(elb::invalid_configuration(
                "You cannot remove all security groups of a Network Load Balancer",
            ));
        }
        _ => lb.security_groups = groups,
    }
    match req
        .enforce_security_group_inbound_rules_on_private_link_traffic
        .as_deref()
    {
        None => {}
        Some("on") => lb.enforce_groups_on_private_link = true,
        Some("off") => lb.enforce_groups_on_private_link = false,
        Some(other) => {
            return Err(validation(format!(
                "'{}' is neither on nor off",
                elb::clip(other)
            )));
        }
    }
    for eni in lb.nodes.values() {
        if let Some(eni) = cx.get::<NetworkInterface>(*eni).cloned() {
            let security_groups = lb.security_groups.clone();
            cx.put(NetworkInterface {
                security_groups,
                ..eni
            });
        }
    }
    let answer = json!({
        "SecurityGroupIds": lb.security_groups,
        "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic": on_off(lb.enforce_groups_on_private_link),
    });
    cx.put(lb);
    Ok(answer)
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct IpAddressTypeRequest {
    load_balancer_arn: String,
    ip_address_type: String,
}

fn set_ip_address_type(cx: &mut Cx, req: IpAddressTypeRequest) -> Result<Value, Error> {
    find::<LoadBalancer>(cx, &req.load_balancer_arn)?;
    check_ip_address_type(Some(&req.ip_address_type))?;
    Ok(json!({"IpAddressType": "ipv4"}))
}

fn check_ip_address_type(wanted: Option<&str>) -> Result<(), Error> {
    match wanted {
        None | Some("ipv4") => Ok(()),
        Some("dualstack") => Err(elb::invalid_configuration(
            "The IP address type dualstack is not supported.",
        )),
        Some(other) => Err(validation(format!(
            "'{}' is no IP address type of Network Load Balancers",
            elb::clip(other)
        ))),
    }
}

/// Nobody reserves capacity here.
fn capacity_reservation(cx: &mut Cx, req: OneRequest) -> Result<Value, Error> {
    find::<LoadBalancer>(cx, &req.load_balancer_arn)?;
    Ok(json!({"CapacityReservationState": []}))
}
