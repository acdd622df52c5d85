//! An entry with a free number before the one that denies.

use std::net::IpAddr;

use openvpc_engine::{DropReason, Probe};
use openvpc_model::{NetworkAcl, RuleNumber};
use serde_json::json;

use super::{Owner, Remedy};
use crate::Call;
use crate::reason::Stop;
use crate::scene::Scene;

/// Numbers that AWS's guide leaves between entries.
const STEP: u16 = 10;

pub(crate) fn remedies(scene: &Scene<'_>, stop: &Stop<'_>) -> Vec<Remedy> {
    let Some(owner) = Owner::of(scene, stop.step.at) else {
        return Vec::new();
    };
    let subnet = owner.region.subnets.get(&owner.eni.subnet);
    let Some(acl) = subnet.and_then(|subnet| owner.region.network_acls.get(&subnet.network_acl))
    else {
        return Vec::new();
    };
    let egress = stop.reason == DropReason::NetworkAclOutbound;
    let denies = stop.step.rule.and_then(|rule| scene.names.rule(rule));
    let denies = match denies {
        Some(openvpc_compile::RuleName::NetworkAclEntry { rule_number, .. }) => rule_number,
        _ => RuleNumber::MAX + 1,
    };
    let Some(number) = free_number(acl, egress, denies) else {
        return Vec::new();
    };
    let (seen, sent) = (stop.step.packet, stop.leg.sent);
    let peer = if egress {
        seen.destination
    } else {
        seen.source
    };
    let (range, text) = match (sent.probe, sent.answer) {
        (Probe::Tcp { .. } | Probe::Udp { .. }, false) => (
            Some((seen.destination_port, seen.destination_port)),
            format!("port {}", seen.destination_port),
        ),
        // Answers go to whatever port their asker chose.
        (Probe::Tcp { .. } | Probe::Udp { .. }, true) => {
            (Some((1024, u16::MAX)), "ports 1024-65535".to_owned())
        }
        (Probe::Echo { .. } | Probe::Protocol(_), _) => (None, String::new()),
    };
    let mut input = json!({
        "NetworkAclId": acl.id,
        "RuleNumber": number,
        "Egress": egress,
        "RuleAction": "allow",
        "Protocol": sent.protocol().to_string(),
    });
    let block = match peer {
        IpAddr::V4(address) => {
            let block = format!("{address}/32");
            input["CidrBlock"] = json!(block);
            block
        }
        IpAddr::V6(address) => {
            let block = format!("{address}/128");
            input["Ipv6CidrBlock"] = json!(block);
            block
        }
    };
    if let Some((from, to)) = range {
        input["PortRange"] = json!({"From": from, "To": to});
    }
    if let Probe::Echo { .. } = sent.probe {
        input["IcmpTypeCode"] = json!({"Type": -1, "Code": -1});
    }
    let way = if egress { "out of" } else { "in to" };
    let preposition = if egress { "to" } else { "from" };
    let of = if text.is_empty() { "" } else { " " };
    let (acl, subnet) = (acl.id, owner.eni.subnet);
    let protocol = name(sent.protocol());
    let summary = format!(
        "allow {protocol}{of}{text} {preposition} {block} {way} {subnet} by entry {number} of {acl}"
    );
    let create = Call::new("CreateNetworkAclEntry", input);
    vec![owner.remedy(summary, vec![create])]
}

fn name(protocol: u8) -> String {
    match protocol {
        1 => "icmp".to_owned(),
        6 => "tcp".to_owned(),
        17 => "udp".to_owned(),
        58 => "icmpv6".to_owned(),
        number => format!("protocol {number}"),
    }
}

/// A number before `denies` that no entry of the direction has: ten before it, or the first that is free below.
fn free_number(acl: &NetworkAcl, egress: bool, denies: u16) -> Option<u16> {
    let taken = |number: u16| {
        let mut entries = acl.entries.iter();
        entries.any(|entry| entry.is_egress == egress && entry.rule_number.get() == number)
    };
    let last = acl.entries.iter().filter(|entry| entry.is_egress == egress);
    let last = last.map(|entry| entry.rule_number.get()).max().unwrap_or(0);
    // The closing deny comes after every entry, and there is room behind the last one.
    if denies > RuleNumber::MAX {
        let next = (last / STEP + 1).checked_mul(STEP)?;
        return (next <= RuleNumber::MAX).then_some(next);
    }
    let mut below = (1..denies).rev();
    let tidy = denies.saturating_sub(STEP);
    match tidy > 0 && !taken(tidy) {
        true => Some(tidy),
        false => below.find(|number| !taken(*number)),
    }
}
