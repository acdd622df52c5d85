//! A rule in a group of the interface: for the other end's group where the two may know each other, else for its address.

use std::net::IpAddr;

use openvpc_engine::explain::Header;
use openvpc_engine::{DropReason, PortId, Probe};
use openvpc_model::SecurityGroupId;
use serde_json::{Value, json};

use super::{Owner, Remedy};
use crate::Call;
use crate::flow::Flow;
use crate::reason::Stop;
use crate::scene::Scene;

pub(crate) fn remedies(scene: &Scene<'_>, flow: &Flow, stop: &Stop<'_>) -> Vec<Remedy> {
    let Some(owner) = Owner::of(scene, stop.step.at) else {
        return Vec::new();
    };
    let egress = stop.reason == DropReason::SecurityGroupEgress;
    let seen = stop.step.packet;
    let peer = if egress {
        seen.destination
    } else {
        seen.source
    };
    let (action, way, preposition) = match egress {
        true => ("AuthorizeSecurityGroupEgress", "out of", "to"),
        false => ("AuthorizeSecurityGroupIngress", "in to", "from"),
    };
    let Some(group) = chosen_group(&owner) else {
        return Vec::new();
    };
    let rule = |peer: Value, peer_text: String| {
        let mut permission = traffic(&stop.leg.sent, seen.destination_port);
        let (Some(members), Value::Object(peer)) = (permission.as_object_mut(), peer) else {
            return None;
        };
        members.extend(peer);
        let input = json!({"GroupId": group, "IpPermissions": [permission]});
        let traffic = flow.traffic;
        let summary = format!("let {traffic} {way} {group} {preposition} {peer_text}");
        Some(owner.remedy(summary, vec![Call::new(action, input)]))
    };
    let by_group = peer_group(scene, stop, &owner, egress).and_then(|peer| {
        let pair = json!({"UserIdGroupPairs": [{"GroupId": peer}]});
        rule(pair, format!("members of {peer}"))
    });
    let by_address = match peer {
        IpAddr::V4(address) => {
            let block = format!("{address}/32");
            rule(json!({"IpRanges": [{"CidrIp": block}]}), block)
        }
        IpAddr::V6(address) => {
            let block = format!("{address}/128");
            rule(json!({"Ipv6Ranges": [{"CidrIpv6": block}]}), block)
        }
    };
    [by_group, by_address].into_iter().flatten().collect()
}

/// The group to put a rule into: one of the interface's own that is not the VPC's default, which is shared by chance.
fn chosen_group(owner: &Owner<'_>) -> Option<SecurityGroupId> {
    let groups = owner.eni.security_groups.iter();
    let mut known = groups.filter_map(|id| owner.region.security_groups.get(id));
    let own = known.clone().find(|group| group.name != "default");
    own.or_else(|| known.next()).map(|group| group.id)
}

/// A group of the other end, which is an interface of the same VPC that the packet comes straight from or goes to.
fn peer_group(
    scene: &Scene<'_>,
    stop: &Stop<'_>,
    owner: &Owner<'_>,
    egress: bool,
) -> Option<SecurityGroupId> {
    let peer = match egress {
        false => stop.leg.from,
        true => {
            let vpc = scene.snapshot().eni(owner.index)?.vpc;
            PortId::Eni(scene.snapshot().owner(vpc, stop.leg.sent.destination)?)
        }
    };
    let peer = Owner::of(scene, peer).filter(|peer| peer.eni.vpc == owner.eni.vpc)?;
    chosen_group(&peer)
}

/// Protocol and ports of a permission.
fn traffic(sent: &Header, port: u16) -> Value {
    let ports = |protocol: &str| json!({"IpProtocol": protocol, "FromPort": port, "ToPort": port});
    match sent.probe {
        Probe::Tcp { .. } => ports("tcp"),
        Probe::Udp { .. } => ports("udp"),
        Probe::Echo { .. } => {
            let protocol = if sent.source.is_ipv4() {
                "icmp"
            } else {
                "icmpv6"
            };
            json!({"IpProtocol": protocol, "FromPort": -1, "ToPort": -1})
        }
        Probe::Protocol(number) => json!({"IpProtocol": number.to_string()}),
    }
}
