//! CreateTargetGroup and ModifyTargetGroup: what is probed, and how.

use std::ops::RangeInclusive;

use openvpc_ec2::Error;
use openvpc_model::*;
use serde::Deserialize;
use serde_json::{Value, json};

use super::render;
use crate::Cx;
use crate::elb::{self, check_name, clip, find, unsupported, validation};
use crate::tags::Tag;

/// Network Load Balancer guide, "Health checks for target groups".
const INTERVAL_SECS: RangeInclusive<i64> = 5..=300;
const TIMEOUT_SECS: RangeInclusive<i64> = 2..=120;
const THRESHOLD: RangeInclusive<i64> = 2..=10;
const INTERVAL_DEFAULT: u16 = 30;
const TCP_TIMEOUT_DEFAULT: u16 = 10;
const HTTP_TIMEOUT_DEFAULT: u16 = 6;
const HEALTHY_DEFAULT: u8 = 5;
const UNHEALTHY_DEFAULT: u8 = 2;
const PATH_BYTES_MAX: usize = 1024;

/// The members about health checks, of both calls.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct CheckRequest {
    health_check_protocol: Option<String>,
    health_check_port: Option<String>,
    health_check_enabled: Option<bool>,
    health_check_path: Option<String>,
    health_check_interval_seconds: Option<i64>,
    health_check_timeout_seconds: Option<i64>,
    healthy_threshold_count: Option<i64>,
    unhealthy_threshold_count: Option<i64>,
    matcher: Option<Matcher>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Matcher {
    http_code: Option<String>,
    grpc_code: Option<String>,
}

impl CheckRequest {
    /// The checks that the request makes of those that are there.
    fn apply(&self, mut check: HealthCheck) -> Result<HealthCheck, Error> {
        if self.health_check_enabled == Some(false) {
            return Err(elb::invalid_configuration(
                "Health checks cannot be disabled for target groups of this target type",
            ));
        }
        match self.health_check_protocol.as_deref() {
            None => {}
            Some("TCP") => check.protocol = HealthCheckProtocol::Tcp,
            Some("HTTP") if check.protocol == HealthCheckProtocol::Tcp => {
                check.protocol = HealthCheckProtocol::Http {
                    path: "/".to_owned(),
                    matcher: HttpCodes::default(),
                };
            }
            Some("HTTP") => {}
            Some("HTTPS") => {
                return Err(elb::invalid_configuration(
                    "Health checks over HTTPS are not supported: use HTTP or TCP.",
                ));
            }
            Some(other) => {
                return Err(validation(format!(
                    "Health check protocol '{}' must be one of 'TCP', 'HTTP', 'HTTPS'",
                    clip(other)
                )));
            }
        }
        self.apply_http(&mut check.protocol)?;
        match self.health_check_port.as_deref() {
            None => {}
            Some("traffic-port") => check.port = None,
            Some(text) => {
                let port = text.parse::<u16>().ok().filter(|port| *port != 0);
                let refused = || {
                    let text = clip(text);
                    validation(format!(
                        "Health check port '{text}' must be 'traffic-port' or a number between 1 and 65535"
                    ))
                };
                check.port = Some(port.ok_or_else(refused)?);
            }
        }
        let within = |value: Option<i64>, range: RangeInclusive<i64>, what: &str| match value {
            None => Ok(None),
            Some(value) if range.contains(&value) => Ok(Some(value)),
            Some(value) => Err(validation(format!(
                "{what} '{value}' must be between {} and {}",
                range.start(),
                range.end()
            ))),
        };
        let interval = within(
            self.health_check_interval_seconds,
            INTERVAL_SECS,
            "Health check interval",
        )?;
        let timeout = within(
            self.health_check_timeout_seconds,
            TIMEOUT_SECS,
            "Health check timeout",
        )?;
        let healthy = within(
            self.healthy_threshold_count,
            THRESHOLD,
            "Healthy threshold count",
        )?;
        let unhealthy = within(
            self.unhealthy_threshold_count,
            THRESHOLD,
            "Unhealthy threshold count",
        )?;
        check.interval_secs = interval.map_or(check.interval_secs, |secs| secs as u16);
        check.timeout_secs = timeout.map_or(check.timeout_secs, |secs| secs as u16);
        check.healthy_threshold = healthy.map_or(check.healthy_threshold, |count| count as u8);
        check.unhealthy_threshold =
            unhealthy.map_or(check.unhealthy_threshold, |count| count as u8);
        if check.timeout_secs > check.interval_secs {
            return Err(validation(
                "Health check timeout must be smaller than or equal to the interval",
            ));
        }
        Ok(check)
    }

    fn apply_http(&self, protocol: &mut HealthCheckProtocol) -> Result<(), Error> {
        let codes = self
            .matcher
            .as_ref()
            .and_then(|matcher| matcher.http_code.as_ref());
        unsupported(
            &self
                .matcher
                .as_ref()
                .and_then(|matcher| matcher.grpc_code.as_ref()),
            "Matcher.GrpcCode",
        )?;
        match protocol {
            HealthCheckProtocol::Tcp => match (&self.health_check_path, codes) {
                (None, None) => Ok(()),
                _ => Err(elb::invalid_configuration(
                    "Health check path and matcher are not supported for health checks with protocol TCP",
                )),
            },
            HealthCheckProtocol::Http { path, matcher } => {
                if let Some(wanted) = &self.health_check_path {
                    let fine = wanted.starts_with('/')
                        && wanted.len() <= PATH_BYTES_MAX
                        && wanted.bytes().all(|byte| byte.is_ascii_graphic());
                    if !fine {
                        return Err(validation(format!(
                            "Health check path '{}' must begin with '/' and have at most {PATH_BYTES_MAX} printable characters",
                            clip(wanted)
                        )));
                    }
                    path.clone_from(wanted);
                }
                if let Some(text) = codes {
                    *matcher = HttpCodes::parse(text).ok_or_else(|| {
                        validation(format!(
                            "HTTP codes '{}' must be within 200-599",
                            clip(text)
                        ))
                    })?;
                }
                Ok(())
            }
        }
    }

    fn of_new(&self) -> Result<HealthCheck, Error> {
        let http = self.health_check_protocol.as_deref() == Some("HTTP");
        let interval = self
            .health_check_interval_seconds
            .unwrap_or(INTERVAL_DEFAULT.into());
        let timeout = match http {
            true => HTTP_TIMEOUT_DEFAULT,
            false => TCP_TIMEOUT_DEFAULT,
        };
        self.apply(HealthCheck {
            protocol: HealthCheckProtocol::Tcp,
            port: None,
            interval_secs: INTERVAL_DEFAULT,
            // A short interval takes the default along.
            timeout_secs: u16::try_from(interval).unwrap_or(timeout).min(timeout),
            healthy_threshold: HEALTHY_DEFAULT,
            unhealthy_threshold: UNHEALTHY_DEFAULT,
        })
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CreateRequest {
    name: String,
    protocol: Option<String>,
    protocol_version: Option<String>,
    port: Option<i64>,
    vpc_id: Option<String>,
    target_type: Option<String>,
    ip_address_type: Option<String>,
    target_control_port: Option<i64>,
    #[serde(default)]
    tags: Vec<Tag>,
    #[serde(flatten)]
    check: CheckRequest,
}

impl CreateRequest {
    fn kind(&self) -> Result<TargetKind, Error> {
        match self.protocol.as_deref() {
            Some("TCP") => {}
            Some(
                known @ ("HTTP" | "HTTPS" | "TLS" | "UDP" | "TCP_UDP" | "GENEVE" | "QUIC"
                | "TCP_QUIC"),
            ) => {
                return Err(elb::invalid_configuration(format!(
                    "Target groups of the protocol {known} are not supported: ask for TCP."
                )));
            }
            None => return Err(validation("A protocol must be specified")),
            Some(other) => {
                return Err(validation(format!(
                    "Protocol '{}' is not valid",
                    clip(other)
                )));
            }
        }
        unsupported(&self.protocol_version, "ProtocolVersion")?;
        unsupported(&self.target_control_port, "TargetControlPort")?;
        unsupported(
            &self.ip_address_type.as_ref().filter(|kind| *kind != "ipv4"),
            "An IpAddressType other than ipv4",
        )?;
        match self.target_type.as_deref() {
            None | Some("instance") => Ok(TargetKind::Instance),
            Some("ip") => Ok(TargetKind::Ip),
            Some(known @ ("lambda" | "alb")) => Err(elb::invalid_configuration(format!(
                "Targets of the type {known} are not supported."
            ))),
            Some(other) => Err(validation(format!(
                "Target type '{}' is not valid",
                clip(other)
            ))),
        }
    }
}

/// Makes a target group. The same request again gets the one that it made.
pub fn create(cx: &mut Cx, req: CreateRequest) -> Result<Value, Error> {
    check_name(&req.name, "target group")?;
    let kind = req.kind()?;
    let port = req
        .port
        .ok_or_else(|| validation("A port must be specified"))?;
    let port = u16::try_from(port)
        .ok()
        .filter(|port| *port != 0)
        .ok_or_else(|| validation(format!("Port '{port}' must be between 1 and 65535")))?;
    let vpc = req
        .vpc_id
        .as_deref()
        .ok_or_else(|| validation("A VPC ID must be specified"))?;
    let vpc = cx
        .find::<Vpc>(vpc)
        .map_err(|_| validation(format!("The VPC ID '{}' is not found", clip(vpc))))?;
    let mut group = TargetGroup {
        vpc: vpc.id,
        owner: cx.account().clone(),
        id: TargetGroupId::from_random(0),
        name: req.name,
        port,
        kind,
        health_check: req.check.of_new()?,
        attributes: TargetGroupAttributes::default(),
        targets: Vec::new(),
    };
    let tags = elb::tags_at_creation(&req.tags)?;
    if let Some(known) = cx
        .own::<TargetGroup>()
        .find(|known| known.name == group.name)
    {
        let same = known.vpc == group.vpc
            && known.port == group.port
            && known.kind == group.kind
            && known.health_check == group.health_check;
        return match same {
            true => Ok(json!({"TargetGroups": [render(cx, known)]})),
            false => Err(Error::new(
                "DuplicateTargetGroupName",
                format!(
                    "A target group with the same name '{}' exists, but with different settings",
                    group.name
                ),
            )),
        };
    }
    if cx.own::<TargetGroup>().count() >= cx.quotas().target_groups_per_region {
        return Err(Error::new(
            "TooManyTargetGroups",
            "The maximum number of target groups has been reached",
        ));
    }
    group.id = cx.new_id();
    cx.put(group.clone());
    cx.set_tags(group.id, tags);
    Ok(json!({"TargetGroups": [render(cx, &group)]}))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ModifyRequest {
    target_group_arn: String,
    #[serde(flatten)]
    check: CheckRequest,
}

pub fn modify(cx: &mut Cx, req: ModifyRequest) -> Result<Value, Error> {
    let mut group = find::<TargetGroup>(cx, &req.target_group_arn)?.clone();
    group.health_check = req.check.apply(group.health_check)?;
    cx.put(group.clone());
    Ok(json!({"TargetGroups": [render(cx, &group)]}))
}
