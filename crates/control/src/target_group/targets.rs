//! RegisterTargets and DeregisterTargets.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;
use openvpc_ec2::Error;
use openvpc_model::*;
use serde::Deserialize;
use serde_json::Value;

use crate::Cx;
use crate::elb::{clip, find, unsupported, validation};
use crate::request::done;

/// Addresses outside the VPC that targets may have: private ones, reached by peering (ELBv2 API reference,
/// RegisterTargets).
const PRIVATE: [Ipv4Net; 4] = [
    Ipv4Net::new_assert(Ipv4Addr::new(10, 0, 0, 0), 8),
    Ipv4Net::new_assert(Ipv4Addr::new(100, 64, 0, 0), 10),
    Ipv4Net::new_assert(Ipv4Addr::new(172, 16, 0, 0), 12),
    Ipv4Net::new_assert(Ipv4Addr::new(192, 168, 0, 0), 16),
];

/// One `Targets.member.N`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct TargetDescription {
    pub id: String,
    pub port: Option<i64>,
    pub availability_zone: Option<String>,
    pub quic_server_id: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct TargetsRequest {
    target_group_arn: String,
    targets: Vec<TargetDescription>,
}

impl TargetDescription {
    fn port(&self, group: &TargetGroup) -> Result<u16, Error> {
        let Some(port) = self.port else {
            return Ok(group.port);
        };
        let port = u16::try_from(port).ok().filter(|port| *port != 0);
        port.ok_or_else(|| validation("A target's port must be between 1 and 65535"))
    }

    /// Its name as the group knows targets; whether such a one exists is not asked.
    pub fn target(&self, group: &TargetGroup) -> Result<Target, Error> {
        let port = self.port(group)?;
        let shown = clip(&self.id);
        let id = match group.kind {
            TargetKind::Instance => self.id.parse().map(TargetId::Instance).map_err(|_| {
                Error::new(
                    "InvalidTarget",
                    format!("Instance ID '{shown}' is not valid"),
                )
            })?,
            TargetKind::Ip => self.id.parse().map(TargetId::Ip).map_err(|_| {
                validation(format!(
                    "The IP address '{shown}' is not a valid IPv4 address"
                ))
            })?,
        };
        Ok(Target { id, port })
    }
}

/// A target that is there already stays as it is; one that drains is taken back.
pub fn register(cx: &mut Cx, req: TargetsRequest) -> Result<Value, Error> {
    let mut group = find::<TargetGroup>(cx, &req.target_group_arn)?.clone();
    forget_drained(cx, &mut group);
    for description in &req.targets {
        unsupported(&description.quic_server_id, "QuicServerId")?;
        let target = description.target(&group)?;
        let in_all_zones = check(cx, &group, description, target.id)?;
        let registered = RegisteredTarget {
            target,
            in_all_zones,
            draining_since: None,
        };
        match group
            .targets
            .iter_mut()
            .find(|known| known.target == target)
        {
            Some(known) => *known = registered,
            None => group.targets.push(registered),
        }
    }
    if group.targets.len() > cx.quotas().targets_per_target_group {
        return Err(Error::new(
            "TooManyTargets",
            "You've reached the limit on the number of targets",
        ));
    }
    cx.put(group);
    done()
}

/// Whether every zone's node may choose the target.
fn check(
    cx: &Cx,
    group: &TargetGroup,
    description: &TargetDescription,
    id: TargetId,
) -> Result<bool, Error> {
    let zone = description.availability_zone.as_deref();
    let invalid = |message: String| Err(Error::new("InvalidTarget", message));
    match id {
        TargetId::Instance(id) => {
            if zone.is_some() {
                return Err(validation(
                    "You cannot specify an Availability Zone when the target type is 'instance'",
                ));
            }
            let instance = cx
                .get::<Instance>(id)
                .filter(|instance| instance.owner == *cx.account());
            let Some(instance) = instance else {
                return invalid(format!("The instance ID '{id}' is not valid"));
            };
            if !matches!(
                instance.state,
                InstanceState::Pending | InstanceState::Running
            ) {
                return invalid(format!(
                    "The following targets are not in a running state and cannot be registered: '{id}'"
                ));
            }
            let primary = cx.interfaces_of(id).into_iter().next();
            match primary.is_some_and(|eni| eni.vpc == group.vpc) {
                true => Ok(false),
                false => invalid(format!(
                    "The following targets are not in the target group VPC '{}': '{id}'",
                    group.vpc
                )),
            }
        }
        TargetId::Ip(address) => {
            let vpc = cx.get::<Vpc>(group.vpc);
            let inside = vpc.is_some_and(|vpc| {
                vpc.cidr_blocks
                    .iter()
                    .any(|block| block.cidr.contains(&address))
            });
            match (inside, zone) {
                (true, None) => Ok(false),
                (true, Some("all")) => Ok(true),
                (true, Some(zone)) => {
                    let known = cx.region_info().zone(zone).is_some();
                    let home = cx
                        .all::<Subnet>()
                        .find(|subnet| subnet.vpc == group.vpc && subnet.contains(address));
                    let other = home.is_some_and(|home| home.availability_zone != zone);
                    match known && !other {
                        true => Ok(false),
                        false => invalid(format!(
                            "The Availability Zone '{}' is not that of the IP address '{address}'",
                            clip(zone)
                        )),
                    }
                }
                (false, Some("all")) if PRIVATE.iter().any(|block| block.contains(&address)) => {
                    Ok(true)
                }
                (false, Some("all")) => invalid(format!(
                    "The IP address '{address}' is not within a private range"
                )),
                (false, _) => invalid(format!(
                    "The IP address '{address}' lies outside the VPC: the Availability Zone must be specified as 'all'"
                )),
            }
        }
    }
}

/// Without a port every registration of the id is meant.
pub fn deregister(cx: &mut Cx, req: TargetsRequest) -> Result<Value, Error> {
    let mut group = find::<TargetGroup>(cx, &req.target_group_arn)?.clone();
    forget_drained(cx, &mut group);
    let in_use = super::load_balancer_of(cx, group.id).is_some();
    for description in &req.targets {
        let target = description.target(&group)?;
        let is_meant = |known: &RegisteredTarget| {
            known.target.id == target.id && (description.port.is_none() || known.target == target)
        };
        match in_use && group.attributes.deregistration_delay_secs > 0 {
            true => {
                let now = cx.now();
                for known in group.targets.iter_mut().filter(|known| is_meant(known)) {
                    known.draining_since.get_or_insert(now);
                }
            }
            false => group.targets.retain(|known| !is_meant(known)),
        }
    }
    cx.put(group);
    done()
}

/// Those whose delay is over are shown no more, and are forgotten with the next change.
fn forget_drained(cx: &Cx, group: &mut TargetGroup) {
    let delay = group.attributes.deregistration_delay_secs;
    group
        .targets
        .retain(|target| target.is_shown(delay, cx.now()));
}
