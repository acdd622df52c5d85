//! Target groups: who gets a load balancer's connections, and how it is told that they live (`EP-8`).

use std::collections::BTreeMap;
use std::fmt;
use std::net::Ipv4Addr;
use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use crate::{AccountId, InstanceId, TargetGroupId, UnixMillis, VpcId, elb_arn};

/// A group of targets for TCP.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetGroup {
    pub id: TargetGroupId,
    pub owner: AccountId,
    pub name: String,
    pub vpc: VpcId,
    /// Of targets that name none.
    pub port: u16,
    pub kind: TargetKind,
    pub health_check: HealthCheck,
    pub attributes: TargetGroupAttributes,
    pub targets: Vec<RegisteredTarget>,
}

impl TargetGroup {
    pub fn arn(&self, region: &str) -> String {
        let path = format!("{}/{}", self.name, self.id.hex());
        elb_arn(region, &self.owner, "targetgroup", &path)
    }

    /// Whether targets see the address of the client rather than the node's: by default those by instance id do
    /// (Network Load Balancer guide, "Client IP preservation").
    pub fn preserves_client_ip(&self) -> bool {
        let by_default = self.kind == TargetKind::Instance;
        self.attributes.preserve_client_ip.unwrap_or(by_default)
    }

    /// A registered target.
    pub fn target(&self, target: &Target) -> Option<&RegisteredTarget> {
        self.targets.iter().find(|known| known.target == *target)
    }
}

/// How targets of a group are named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum TargetKind {
    Instance,
    Ip,
}

impl TargetKind {
    /// The value on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            TargetKind::Instance => "instance",
            TargetKind::Ip => "ip",
        }
    }
}

/// Somebody who takes connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Target {
    pub id: TargetId,
    pub port: u16,
}

/// By whichever name the group knows its targets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum TargetId {
    /// The primary address of its primary interface.
    Instance(InstanceId),
    Ip(Ipv4Addr),
}

impl fmt::Display for TargetId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TargetId::Instance(id) => id.fmt(f),
            TargetId::Ip(address) => address.fmt(f),
        }
    }
}

/// A target in its group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisteredTarget {
    pub target: Target,
    /// Set for an address outside the VPC, which every zone's node may choose (`AvailabilityZone=all`).
    pub in_all_zones: bool,
    /// Since when it has been deregistered: it gets no new connections, and is shown until its delay is over.
    pub draining_since: Option<UnixMillis>,
}

impl RegisteredTarget {
    /// Whether it is still to be seen.
    pub fn is_shown(&self, delay_secs: u32, now: UnixMillis) -> bool {
        self.draining_since
            .is_none_or(|since| now < since + i64::from(delay_secs) * 1000)
    }
}

/// Probes of targets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HealthCheck {
    pub protocol: HealthCheckProtocol,
    /// None is the port that the target gets connections at (`traffic-port`).
    pub port: Option<u16>,
    pub interval_secs: u16,
    pub timeout_secs: u16,
    pub healthy_threshold: u8,
    pub unhealthy_threshold: u8,
}

/// What a probe does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum HealthCheckProtocol {
    /// It is enough to be connected.
    Tcp,
    /// `GET path` must be answered by one of these codes.
    Http { path: String, matcher: HttpCodes },
}

/// Status codes as `Matcher.HttpCode` names them: `200`, `200,202`, `200-399`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct HttpCodes {
    text: String,
    ranges: Vec<RangeInclusive<u16>>,
}

impl HttpCodes {
    /// Ranges in one matcher, at most (choice).
    const RANGES_MAX: usize = 32;

    /// Reads a matcher; `None` unless every code lies in 200–599.
    pub fn parse(text: &str) -> Option<HttpCodes> {
        let code = |text: &str| {
            let digits = text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_digit());
            text.parse::<u16>()
                .ok()
                .filter(|code| digits && (200..=599).contains(code))
        };
        let range = |part: &str| match part.split_once('-') {
            None => code(part).map(|one| one..=one),
            Some((from, to)) => {
                let (from, to) = (code(from)?, code(to)?);
                (from <= to).then_some(from..=to)
            }
        };
        let ranges: Option<Vec<_>> = text.split(',').map(range).collect();
        let ranges = ranges.filter(|ranges| ranges.len() <= Self::RANGES_MAX)?;
        Some(HttpCodes {
            text: text.to_owned(),
            ranges,
        })
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    pub fn contains(&self, code: u16) -> bool {
        self.ranges.iter().any(|range| range.contains(&code))
    }
}

impl Default for HttpCodes {
    /// What Network Load Balancers take for success.
    fn default() -> HttpCodes {
        HttpCodes {
            text: "200-399".to_owned(),
            ranges: vec![200..=399],
        }
    }
}

impl TryFrom<String> for HttpCodes {
    type Error = String;
    fn try_from(text: String) -> Result<HttpCodes, String> {
        HttpCodes::parse(&text).ok_or_else(|| format!("not HTTP codes: {text:?}"))
    }
}

impl From<HttpCodes> for String {
    fn from(codes: HttpCodes) -> String {
        codes.text
    }
}

/// What ModifyTargetGroupAttributes can change here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetGroupAttributes {
    /// `deregistration_delay.timeout_seconds`.
    pub deregistration_delay_secs: u32,
    /// `preserve_client_ip.enabled`, where it was said.
    pub preserve_client_ip: Option<bool>,
    /// `load_balancing.cross_zone.enabled`; none is the load balancer's own choice.
    pub cross_zone: Option<bool>,
    /// `target_health_state.unhealthy.connection_termination.enabled`.
    pub terminate_unhealthy: bool,
    /// `proxy_protocol_v2.enabled`.
    #[serde(default)]
    pub proxy_protocol_v2: bool,
}

impl Default for TargetGroupAttributes {
    fn default() -> TargetGroupAttributes {
        TargetGroupAttributes {
            deregistration_delay_secs: 300,
            preserve_client_ip: None,
            cross_zone: None,
            terminate_unhealthy: true,
            proxy_protocol_v2: false,
        }
    }
}

/// How targets are, as their probes found them: known to the running daemon alone, and never written down.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TargetHealth {
    pub states: BTreeMap<(TargetGroupId, Target), TargetState>,
}

/// What probes say of a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TargetState {
    /// No verdict yet.
    Initial,
    Healthy,
    Unhealthy(ProbeFailure),
}

/// Why a probe failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProbeFailure {
    /// No connection, or no answer, in time.
    Timeout,
    /// The connection was refused or broke.
    Failed,
    /// An HTTP answer of another code.
    ResponseCode(u16),
}

#[cfg(test)]
mod tests {
    use super::HttpCodes;

    #[test]
    fn a_matcher_is_read_strictly() {
        let codes = HttpCodes::parse("200,202,300-399").unwrap();
        assert!(codes.contains(200) && codes.contains(350) && !codes.contains(201));
        for text in ["", "199", "600", "2000", "200-", "300-200", "200,", "+20"] {
            assert_eq!(HttpCodes::parse(text), None, "{text}");
        }
    }
}
