//! An explanation in AWS's nouns: what a person reads, and what `--output json` prints.

use openvpc_compile::RuleName;
use openvpc_engine::explain::{End, Header, Journey, Leg};
use openvpc_engine::trace::{Decision, Step};
use openvpc_engine::{DropReason, EniIndex, Explanation, PortId, Probe, Question, Stage};
use openvpc_model::{NetworkInterface, Region, VpcId};
use serde::{Deserialize, Serialize};

use crate::flow::Flow;
use crate::place::name_of;
use crate::reason;
use crate::rule_text;
use crate::scene::{Scene, instance_of};

/// What became of a flow, and what would help it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Whether the source would hear an answer.
    pub reachable: bool,
    /// As it was asked for.
    pub source: String,
    /// As it was asked for.
    pub destination: String,
    /// Such as `tcp/443`.
    pub traffic: String,
    /// The first packet, as the source sends it.
    pub packet: String,
    /// Its destination address.
    pub address: String,
    /// The sandbox that would send it: an instance, or a host that exists.
    #[serde(default)]
    pub sender: Option<String>,
    /// What the verdict rests on, in a sentence.
    pub because: String,
    /// The engine's name for why it was dropped.
    pub drop_reason: Option<String>,
    /// The first packet's way.
    pub forward: Vec<Hop>,
    /// The answer's way, if there was one.
    #[serde(rename = "return")]
    pub back: Option<Vec<Hop>>,
    /// Changes that let the flow through, each tried on a copy of the world; the smallest first.
    #[serde(default)]
    pub changes: Vec<Change>,
    /// What is true only of this question.
    #[serde(default)]
    pub notes: Vec<String>,
}

/// One thing that decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hop {
    /// What it is, such as `network ACL, outbound`.
    pub what: String,
    /// At which interface, gateway or host.
    pub at: String,
    /// Whether the packet went on.
    pub passed: bool,
    /// Which rule decided, such as `entry 100 of acl-…`.
    pub rule: Option<String>,
    /// What that rule says, or what happened.
    pub text: String,
}

/// A change that would let the flow through.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// In a sentence.
    pub summary: String,
    /// The AWS CLI commands that do it.
    pub commands: Vec<String>,
}

/// Names what the engine decided.
pub fn report(
    scene: &Scene<'_>,
    flow: &Flow,
    question: &Question,
    explanation: &Explanation,
) -> Report {
    let lost = explanation.lost();
    Report {
        reachable: explanation.is_reachable(),
        source: flow.source.label.clone(),
        destination: flow.destination.label.clone(),
        traffic: flow.traffic.to_string(),
        packet: packet(&Header {
            source: question.source,
            destination: question.destination,
            probe: question.probe,
            answer: false,
        }),
        address: question.destination.to_string(),
        sender: sender(scene, question.from),
        because: reason::sentence(scene, flow, explanation),
        drop_reason: lost.map(|(reason, _)| reason.name().to_owned()),
        forward: hops(scene, &explanation.forward),
        back: explanation.back.as_ref().map(|back| hops(scene, back)),
        changes: Vec::new(),
        notes: Vec::new(),
    }
}

fn sender(scene: &Scene<'_>, from: PortId) -> Option<String> {
    match from {
        PortId::Services => None,
        // Who is only imagined has no name in DNS.
        PortId::Outside(number) => {
            let host = scene.host(number).filter(|host| !host.dns_name.is_empty());
            host.map(|host| host.name.clone())
        }
        PortId::Eni(index) => {
            let (_, region, eni) = scene.interface(index)?;
            instance_of(region, eni).map(|instance| instance.id.to_string())
        }
    }
}

/// A packet's addresses and ports.
pub fn packet(header: &Header) -> String {
    let (source, destination) = (header.source, header.destination);
    let bracketed = |address: std::net::IpAddr, port: u16| match address.is_ipv6() {
        true => format!("[{address}]:{port}"),
        false => format!("{address}:{port}"),
    };
    match header.probe {
        Probe::Tcp {
            source_port,
            destination_port,
        }
        | Probe::Udp {
            source_port,
            destination_port,
        } => format!(
            "{} → {}",
            bracketed(source, source_port),
            bracketed(destination, destination_port)
        ),
        Probe::Echo { .. } | Probe::Protocol(_) => format!("{source} → {destination}"),
    }
}

fn hops(scene: &Scene<'_>, journey: &Journey) -> Vec<Hop> {
    let mut hops = Vec::new();
    for (number, leg) in journey.legs.iter().enumerate() {
        if number > 0 {
            hops.push(Hop {
                what: "middlebox".to_owned(),
                at: port_name(scene, leg.from),
                passed: true,
                rule: None,
                text: "is taken to send it on".to_owned(),
            });
        }
        let steps = leg.trace.steps.iter();
        hops.extend(steps.filter_map(|step| hop(scene, leg, step)));
    }
    if matches!(journey.end, End::Refused(_)) {
        hops.push(Hop {
            what: "router".to_owned(),
            at: journey
                .legs
                .last()
                .map_or_else(String::new, |leg| port_name(scene, leg.from)),
            passed: false,
            rule: None,
            text: "answered with an ICMP error or a reset".to_owned(),
        });
    }
    hops
}

/// A step as a hop; `None` where there is nothing to tell.
fn hop(scene: &Scene<'_>, leg: &Leg, step: &Step) -> Option<Hop> {
    let (passed, refusal) = match step.decision {
        Decision::Drop(reason) | Decision::Refused(reason) => (false, Some(reason)),
        Decision::Pass
        | Decision::KnownFlow
        | Decision::Untracked
        | Decision::Translated(_)
        | Decision::Answered => (true, None),
    };
    if passed && step.stage == Stage::Admit {
        return None;
    }
    let name = step.rule.and_then(|rule| scene.names.rule(rule));
    let rule_says = name.and_then(|name| rule_text::text(scene.world, name));
    let text = match (rule_says, step.decision, refusal) {
        (_, Decision::KnownFlow, _) => "answers a tracked flow: no rule is asked".to_owned(),
        (_, Decision::Translated(address), _) => translated(step, address),
        (_, Decision::Answered, _) => "the router answers".to_owned(),
        (Some(says), _, _) => says,
        (None, _, Some(reason)) => reason::of_drop(reason).into_owned(),
        (
            None,
            Decision::Pass | Decision::Untracked | Decision::Drop(_) | Decision::Refused(_),
            None,
        ) => match step.stage {
            Stage::Deliver => "delivered".to_owned(),
            _ => "passes".to_owned(),
        },
    };
    Some(Hop {
        what: what(scene, leg, step),
        at: place(scene, leg, step),
        passed,
        rule: name.map(|name| name.to_string()),
        text,
    })
}

/// Which of the packet's addresses a translation changed.
fn translated(step: &Step, address: std::net::IpAddr) -> String {
    match (step.packet.source == address, step.packet.source_port) {
        (true, 0) => format!("source becomes {address}"),
        (true, port) => format!("source becomes {address}:{port}"),
        (false, _) => format!("destination becomes {address}"),
    }
}

/// Whether a step was taken where the packet left an interface rather than where it came to one.
pub fn is_egress(scene: &Scene<'_>, leg: &Leg, step: &Step) -> bool {
    let name = step.rule.and_then(|rule| scene.names.rule(rule));
    match (name, step.decision) {
        (Some(RuleName::NetworkAclEntry { is_egress, .. }), _) => is_egress,
        (_, Decision::Drop(DropReason::NetworkAclOutbound | DropReason::SecurityGroupEgress)) => {
            true
        }
        (_, Decision::Drop(DropReason::NetworkAclInbound | DropReason::SecurityGroupIngress)) => {
            false
        }
        _ => step.at == leg.from,
    }
}

fn what(scene: &Scene<'_>, leg: &Leg, step: &Step) -> String {
    let egress = is_egress(scene, leg, step);
    let way = if egress { "out" } else { "in" };
    match step.stage {
        Stage::Admit => "interface".to_owned(),
        Stage::Local => "subnet router".to_owned(),
        Stage::Fragment => "fragments".to_owned(),
        Stage::Conntrack | Stage::SecurityGroup => format!("security group {way}"),
        Stage::NetworkAcl => format!("network ACL {way}"),
        Stage::Route => "route".to_owned(),
        Stage::InternetGateway => "internet gateway".to_owned(),
        Stage::EgressOnlyInternetGateway => "egress-only gateway".to_owned(),
        Stage::NatGateway => "NAT gateway".to_owned(),
        Stage::Peering => "peering".to_owned(),
        Stage::Deliver => "delivery".to_owned(),
        // What has no words of its own yet has a telling name.
        other => reason::spelled(&format!("{other:?}")),
    }
}

/// Where a step was taken, by the id that a person would look up.
fn place(scene: &Scene<'_>, leg: &Leg, step: &Step) -> String {
    let world = scene.world;
    if step.stage == Stage::InternetGateway {
        let vpc = gateway_vpc(scene, leg, step);
        let mut regions = world.regions.values();
        let gateway = vpc.and_then(|vpc| regions.find_map(|r| r.internet_gateway_of(vpc)));
        return match (gateway, vpc) {
            (Some(gateway), _) => gateway.id.to_string(),
            (None, Some(vpc)) => vpc.to_string(),
            (None, None) => port_name(scene, step.at),
        };
    }
    // An edge table is no subnet's.
    if let Some(RuleName::Route { table, .. }) = step.rule.and_then(|rule| scene.names.rule(rule))
        && let Some((region, table)) = rule_text::find_table(world, table)
    {
        return rule_text::with_name(region, &table.id.to_string());
    }
    let eni = match step.at {
        PortId::Eni(eni) => eni,
        PortId::Outside(_) | PortId::Services => return port_name(scene, step.at),
    };
    let Some((_, region, interface)) = scene.interface(eni) else {
        return port_name(scene, step.at);
    };
    match step.stage {
        Stage::NetworkAcl => rule_text::with_name(region, &interface.subnet.to_string()),
        Stage::Route => {
            let subnet = region.subnets.get(&interface.subnet);
            let table = subnet.and_then(|subnet| region.route_table_of(subnet));
            table.map_or_else(
                || interface.subnet.to_string(),
                |table| rule_text::with_name(region, &table.id.to_string()),
            )
        }
        Stage::EgressOnlyInternetGateway => {
            let mut all = region.egress_only_internet_gateways.values();
            all.find(|gateway| gateway.vpc == interface.vpc)
                .map_or_else(
                    || interface.vpc.to_string(),
                    |gateway| gateway.id.to_string(),
                )
        }
        Stage::NatGateway => nat_gateway(region, interface),
        // Everything else happens at an interface.
        _ => port_name(scene, step.at),
    }
}

/// The VPC whose internet gateway a step was taken at: a packet that is given a public address leaves the sender's, one
/// that is given a private one comes into the receiver's.
pub(crate) fn gateway_vpc(scene: &Scene<'_>, leg: &Leg, step: &Step) -> Option<VpcId> {
    let comes_in = match step.decision {
        Decision::Translated(address) => scene.snapshot().public_owner(address).is_none(),
        Decision::Drop(_)
        | Decision::Refused(_)
        | Decision::Pass
        | Decision::KnownFlow
        | Decision::Untracked
        | Decision::Answered => !matches!(step.at, PortId::Eni(_)),
    };
    let mut steps = leg.trace.steps.iter();
    let at = match comes_in {
        false => step.at,
        true => {
            steps.find(|known| std::ptr::eq(*known, step));
            steps
                .map(|later| later.at)
                .find(|at| matches!(at, PortId::Eni(_)))?
        }
    };
    match at {
        PortId::Eni(index) => scene.interface(index).map(|(_, _, eni)| eni.vpc),
        PortId::Outside(_) | PortId::Services => None,
    }
}

fn nat_gateway(region: &Region, interface: &NetworkInterface) -> String {
    let mut all = region.nat_gateways.values();
    let nat = all.find(|nat| nat.network_interface == Some(interface.id));
    nat.map_or_else(|| interface.id.to_string(), |nat| nat.id.to_string())
}

/// An interface, host or service as a person knows it.
pub fn port_name(scene: &Scene<'_>, port: PortId) -> String {
    match port {
        PortId::Services => "AWS services".to_owned(),
        PortId::Outside(number) => scene
            .host(number)
            .map_or_else(|| format!("host {number}"), |host| host.name.clone()),
        PortId::Eni(index) => interface_name(scene, index),
    }
}

/// Such as `eni-… (db)`.
pub fn interface_name(scene: &Scene<'_>, index: EniIndex) -> String {
    let Some((_, region, eni)) = scene.interface(index) else {
        return format!("interface {}", index.0);
    };
    let own = name_of(region, &eni.id.to_string());
    let instance = eni.attachment.as_ref().map(|a| a.instance.to_string());
    let of_instance = instance.as_ref().and_then(|id| name_of(region, id));
    match own.or(of_instance).map(str::to_owned).or(instance) {
        Some(name) => format!("{} ({name})", eni.id),
        None => eni.id.to_string(),
    }
}
