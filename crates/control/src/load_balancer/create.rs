//! CreateLoadBalancer.

use std::collections::BTreeMap;

use openvpc_ec2::Error;
use openvpc_model::*;
use serde::Deserialize;
use serde_json::{Value, json};

use super::nodes::{self, SubnetMapping};
use super::{check_ip_address_type, render};
use crate::Cx;
use crate::elb::{self, check_name, unsupported, validation};
use crate::security_group::groups_for_interface;
use crate::tags::Tag;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CreateRequest {
    name: String,
    #[serde(default)]
    subnets: Vec<String>,
    #[serde(default)]
    subnet_mappings: Vec<SubnetMapping>,
    #[serde(default)]
    security_groups: Vec<String>,
    scheme: Option<String>,
    #[serde(default)]
    tags: Vec<Tag>,
    #[serde(rename = "Type")]
    kind: Option<String>,
    ip_address_type: Option<String>,
    customer_owned_ipv4_pool: Option<String>,
    enable_prefix_for_ipv6_source_nat: Option<String>,
    ipam_pools: Option<Value>,
}

impl CreateRequest {
    fn check(&self) -> Result<(), Error> {
        match self.kind.as_deref() {
            Some("network") => {}
            None | Some("application") => {
                return Err(elb::invalid_configuration(
                    "Application Load Balancers are not supported: ask for the type network.",
                ));
            }
            Some("gateway") => {
                return Err(elb::invalid_configuration(
                    "Gateway Load Balancers are not supported.",
                ));
            }
            Some(other) => {
                return Err(validation(format!(
                    "'{}' is no type of load balancer",
                    elb::clip(other)
                )));
            }
        }
        check_name(&self.name, "load balancer")?;
        if self.name.starts_with("internal-") {
            return Err(validation(format!(
                "The load balancer name '{}' cannot begin with 'internal-'",
                self.name
            )));
        }
        check_ip_address_type(self.ip_address_type.as_deref())?;
        unsupported(&self.customer_owned_ipv4_pool, "CustomerOwnedIpv4Pool")?;
        let source_nat = self.enable_prefix_for_ipv6_source_nat.as_ref();
        unsupported(
            &source_nat.filter(|on| *on != "off"),
            "EnablePrefixForIpv6SourceNat",
        )?;
        unsupported(&self.ipam_pools, "IpamPools")
    }

    fn scheme(&self) -> Result<LoadBalancerScheme, Error> {
        match self.scheme.as_deref() {
            None | Some("internet-facing") => Ok(LoadBalancerScheme::InternetFacing),
            Some("internal") => Ok(LoadBalancerScheme::Internal),
            Some(other) => Err(Error::new(
                "InvalidScheme",
                format!("'{}' is no scheme of load balancers", elb::clip(other)),
            )),
        }
    }
}

/// Makes a load balancer. The same request again gets the one that it made (ELBv2 API reference: "This operation is
/// idempotent").
pub fn create(cx: &mut Cx, req: CreateRequest) -> Result<Value, Error> {
    req.check()?;
    let scheme = req.scheme()?;
    let tags = elb::tags_at_creation(&req.tags)?;
    let subnets = nodes::subnets(cx, &req.subnets, &req.subnet_mappings)?;
    let vpc = subnets[0].0.vpc;
    let security_groups = security_groups(cx, vpc, &req.security_groups)?;
    if let Some(known) = cx.own::<LoadBalancer>().find(|lb| lb.name == req.name) {
        let asked = subnets.iter().map(|(subnet, _)| subnet.id);
        let same = known
            .nodes
            .keys()
            .copied()
            .eq(asked.collect::<std::collections::BTreeSet<_>>())
            && known.scheme == scheme
            && known.security_groups == security_groups;
        return match same {
            true => Ok(json!({"LoadBalancers": [render(cx, known)]})),
            false => Err(Error::new(
                "DuplicateLoadBalancerName",
                format!(
                    "A load balancer with the same name '{}' exists, but with different settings",
                    req.name
                ),
            )),
        };
    }
    if cx.own::<LoadBalancer>().count() >= cx.quotas().load_balancers_per_region {
        return Err(Error::new(
            "TooManyLoadBalancers",
            "The maximum number of load balancers has been reached",
        ));
    }
    let has_gateway = cx.all::<InternetGateway>().any(|igw| igw.vpc == Some(vpc));
    if scheme == LoadBalancerScheme::InternetFacing && !has_gateway {
        return Err(Error::new(
            "InvalidSubnet",
            format!("VPC {vpc} has no internet gateway"),
        ));
    }
    let mut lb = LoadBalancer {
        id: cx.new_id(),
        owner: cx.account().clone(),
        name: req.name,
        vpc,
        scheme,
        nodes: BTreeMap::new(),
        security_groups,
        enforce_groups_on_private_link: true,
        cross_zone: false,
        deletion_protection: false,
        created_at: cx.now(),
    };
    for (subnet, mapping) in &subnets {
        let eni = nodes::add(cx, &lb, subnet, mapping)?;
        lb.nodes.insert(subnet.id, eni);
    }
    cx.put(lb.clone());
    cx.set_tags(lb.id, tags);
    let mut rendered = render(cx, &lb);
    rendered["State"] = json!({"Code": "provisioning"});
    Ok(json!({"LoadBalancers": [rendered]}))
}

/// The groups that a request names; none if it names none.
///
/// # Errors
/// `InvalidSecurityGroup`.
pub fn security_groups(
    cx: &Cx,
    vpc: VpcId,
    names: &[String],
) -> Result<Vec<SecurityGroupId>, Error> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    groups_for_interface(cx, vpc, names)
        .map_err(|error| Error::new("InvalidSecurityGroup", error.message()))
}
