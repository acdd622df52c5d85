//! Public addresses, attachments, instances that are stopped, and checks that a middlebox must be without.

use openvpc_engine::PortId;
use openvpc_engine::snapshot::PublicOwner;
use openvpc_model::{InstanceState, NetworkInterface};
use serde_json::json;

use super::{Owner, Remedy, route};
use crate::Call;
use crate::flow::Flow;
use crate::place::At;
use crate::reason::Stop;
use crate::scene::{Scene, find_interface, instance_of};

/// An Elastic address for the interface that was to be reached from outside.
pub(crate) fn public_address(scene: &Scene<'_>, flow: &Flow) -> Vec<Remedy> {
    let At::Interface(id, _) = flow.destination.at else {
        return Vec::new();
    };
    let serial = find_interface(scene.world, id).map(|(_, _, eni)| eni.serial);
    let port = serial.map(|serial| PortId::Eni(openvpc_engine::EniIndex(serial)));
    port.and_then(|port| Owner::of(scene, port))
        .map_or_else(Vec::new, |owner| elastic(&owner))
}

/// An Elastic address for the interface that sends.
pub(crate) fn address_of_sender(scene: &Scene<'_>, stop: &Stop<'_>) -> Vec<Remedy> {
    Owner::of(scene, stop.leg.from).map_or_else(Vec::new, |owner| elastic(&owner))
}

/// Associates an address that is there, or a new one; a VPC without internet gateway gets one first.
fn elastic(owner: &Owner<'_>) -> Vec<Remedy> {
    let (_, mut calls) = route::internet_gateway(owner);
    let mut addresses = owner.region.addresses.values();
    let free = |address: &&openvpc_model::Address| {
        address.association.is_none() && address.owner == owner.eni.owner
    };
    let allocation = match addresses.find(free) {
        Some(address) => address.id.to_string(),
        None => {
            let input = json!({"Domain": "vpc"});
            calls.push(Call::making(
                "AllocateAddress",
                input,
                "eip",
                "/AllocationId",
            ));
            "$eip".to_owned()
        }
    };
    let input = json!({"AllocationId": allocation, "NetworkInterfaceId": owner.eni.id});
    calls.push(Call::new("AssociateAddress", input));
    vec![owner.remedy(format!("give {} a public address", owner.eni.id), calls)]
}

/// The receiver's VPC has an address on the internet but no gateway to it.
pub(crate) fn attach_at_receiver(scene: &Scene<'_>, stop: &Stop<'_>) -> Vec<Remedy> {
    let destination = stop.step.packet.destination;
    let Some(PublicOwner::Eni { eni, .. }) = scene.snapshot().public_owner(destination) else {
        return Vec::new();
    };
    let Some(owner) = Owner::of(scene, PortId::Eni(eni)) else {
        return Vec::new();
    };
    match route::internet_gateway(&owner) {
        (_, calls) if calls.is_empty() => Vec::new(),
        (_, calls) => {
            vec![owner.remedy(format!("give {} an internet gateway", owner.eni.vpc), calls)]
        }
    }
}

/// The receiver's subnet does not lead back to the internet.
pub(crate) fn way_back(scene: &Scene<'_>, stop: &Stop<'_>) -> Vec<Remedy> {
    let destination = stop.step.packet.destination;
    match scene.snapshot().public_owner(destination) {
        Some(PublicOwner::Eni { eni, .. }) => route::way_back(scene, PortId::Eni(eni), stop.leg),
        Some(PublicOwner::Outside(_) | PublicOwner::Service) | None => Vec::new(),
    }
}

/// Starts whichever end is stopped.
pub(crate) fn start(scene: &Scene<'_>, flow: &Flow, stop: &Stop<'_>) -> Vec<Remedy> {
    let receiver = match flow.destination.at {
        At::Interface(id, _) => find_interface(scene.world, id).map(|(_, _, eni)| eni.serial),
        At::Host(_) | At::Address(_) | At::Imagined(_) => None,
    };
    let receiver = receiver.map(|serial| PortId::Eni(openvpc_engine::EniIndex(serial)));
    let ends = [Some(stop.leg.from), receiver];
    let owners = ends
        .into_iter()
        .flatten()
        .filter_map(|port| Owner::of(scene, port));
    let idle = owners.filter_map(|owner| {
        let instance = instance_of(owner.region, owner.eni)?;
        (instance.state == InstanceState::Stopped).then_some((owner, instance.id))
    });
    let remedies = idle.map(|(owner, id)| {
        let call = Call::new("StartInstances", json!({"InstanceIds": [id]}));
        owner.remedy(format!("start {id}"), vec![call])
    });
    remedies.take(1).collect()
}

/// Turns the source/destination check of a middlebox off (ENI-2).
pub(crate) fn without_check(scene: &Scene<'_>, stop: &Stop<'_>) -> Vec<Remedy> {
    let Some(owner) = Owner::of(scene, stop.step.at) else {
        return Vec::new();
    };
    let NetworkInterface { id, .. } = owner.eni;
    let input = json!({"NetworkInterfaceId": id, "SourceDestCheck": {"Value": false}});
    let call = Call::new("ModifyNetworkInterfaceAttribute", input);
    vec![owner.remedy(
        format!("turn off the source/destination check of {id}"),
        vec![call],
    )]
}
