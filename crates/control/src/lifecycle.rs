//! What happens to an instance without a call: it has started, it has ended, it is forgotten.
//!
//! The daemon tells what became of a sandbox; the answers are the events to write down. An instance
//! that is gone meanwhile, or has moved on, yields none.

use openvpc_model::{
    AnalysisState, Attachment, AttachmentState, Detached, Event, FlowLogDelivery, FlowLogId,
    FlowLogResource, Instance, InstanceId, InstanceState, NatGateway, NatGatewayId,
    NetworkInsightsAnalysis, NetworkInsightsAnalysisId, NetworkInterface, NetworkInterfaceId,
    PeeringStatus, Region, UnixMillis, VpcPeeringConnection, VpcPeeringConnectionId,
};

/// How long a terminated instance stays visible. AWS: EC2 user guide, "Terminate instances".
const TERMINATED_VISIBLE_MILLIS: UnixMillis = 3_600_000;
/// AWS: VPC peering guide, "VPC peering connection lifecycle": an unanswered request expires after a week.
pub(crate) const PEERING_PATIENCE_MILLIS: UnixMillis = 7 * 86_400_000;
/// The same: one that failed, was rejected or deleted is seen for two hours. AWS shows some of them to the other
/// account for two days.
const PEERING_VISIBLE_MILLIS: UnixMillis = 2 * 3_600_000;
/// The same.
const PEERING_EXPIRED_VISIBLE_MILLIS: UnixMillis = 2 * 86_400_000;
/// AWS: VPC user guide, "NAT gateway basics": about an hour.
const NAT_GATEWAY_VISIBLE_MILLIS: UnixMillis = 3_600_000;
/// How many that are gone a region shows of each kind; the longest gone are forgotten before their time (choice).
pub(crate) const GONE_MAX: usize = 1_000;

/// How a flow log's delivery fares now.
pub fn flow_log_delivery(region: &Region, id: FlowLogId, delivery: FlowLogDelivery) -> Vec<Event> {
    match region.flow_logs.get(&id) {
        Some(log) if log.delivery != delivery => {
            let mut log = log.clone();
            log.delivery = delivery;
            vec![Event::FlowLogPut(log)]
        }
        Some(_) | None => Vec::new(),
    }
}

/// The sandbox runs.
pub fn started(region: &Region, id: InstanceId, _now: UnixMillis) -> Vec<Event> {
    change(region, id, |instance| {
        let pending = instance.state == InstanceState::Pending;
        pending.then(|| {
            instance.state = InstanceState::Running;
            instance.booted = true;
        })
    })
}

/// The sandbox could not be made: the instance terminates, as one does on AWS for want of capacity.
pub fn start_failed(region: &Region, id: InstanceId, now: UnixMillis, reason: &str) -> Vec<Event> {
    let Some(instance) = region.instances.get(&id) else {
        return Vec::new();
    };
    match instance.state {
        InstanceState::Pending => {
            let message = format!("Server.InternalError: Internal error on launch: {reason}");
            terminated(
                region,
                instance,
                now,
                Some(("Server.InternalError".to_owned(), message)),
            )
        }
        // A restart that fails leaves a stopped instance, which can be started again.
        InstanceState::Running => change(region, id, |instance| {
            instance.state = InstanceState::Stopped;
            let message = format!("Server.InternalError: Internal error on restart: {reason}");
            instance.state_reason = Some(("Server.InternalError".to_owned(), message));
            Some(())
        }),
        _ => Vec::new(),
    }
}

/// The data path has done what an interface's bond was waiting for: put it into its running instance, or let go of it.
pub fn interface_settled(region: &Region, id: NetworkInterfaceId, now: UnixMillis) -> Vec<Event> {
    let Some(eni) = region.network_interfaces.get(&id) else {
        return Vec::new();
    };
    match eni.attachment.as_ref().map(|bond| bond.state) {
        Some(AttachmentState::Attaching) => vec![Event::NetworkInterfacePut(bound(eni))],
        Some(AttachmentState::Detaching) => vec![Event::NetworkInterfacePut(let_go(eni, now))],
        Some(AttachmentState::Attached) | None => Vec::new(),
    }
}

/// With its bond made.
fn bound(eni: &NetworkInterface) -> NetworkInterface {
    let state = AttachmentState::Attached;
    let bond = eni.attachment.clone();
    NetworkInterface {
        attachment: bond.map(|bond| Attachment { state, ..bond }),
        ..eni.clone()
    }
}

/// With its bond undone.
fn let_go(eni: &NetworkInterface, at: UnixMillis) -> NetworkInterface {
    let detached = eni.attachment.clone();
    NetworkInterface {
        attachment: None,
        detached: detached.map(|attachment| Detached { attachment, at }),
        auto_public_ip: None,
        ..eni.clone()
    }
}

fn is_leaving(eni: &NetworkInterface) -> bool {
    let bond = eni.attachment.as_ref();
    bond.is_some_and(|bond| bond.state == AttachmentState::Detaching)
}

/// The sandbox has ended as the instance's state asked.
pub fn ended(region: &Region, id: InstanceId, now: UnixMillis) -> Vec<Event> {
    let Some(instance) = region.instances.get(&id) else {
        return Vec::new();
    };
    match instance.state {
        InstanceState::ShuttingDown => {
            terminated(region, instance, now, instance.state_reason.clone())
        }
        InstanceState::Stopping => stopped(region, instance, now, instance.state_reason.clone()),
        _ => Vec::new(),
    }
}

/// The sandbox ended by itself: the instance has shut itself down, and its attribute
/// `instanceInitiatedShutdownBehavior` tells what that means.
pub fn shut_down(region: &Region, id: InstanceId, now: UnixMillis) -> Vec<Event> {
    let Some(instance) = region.instances.get(&id) else {
        return Vec::new();
    };
    let reason = (
        "Client.InstanceInitiatedShutdown".to_owned(),
        "Client.InstanceInitiatedShutdown: Instance initiated shutdown".to_owned(),
    );
    match (instance.state, instance.shutdown_behavior.as_str()) {
        (InstanceState::Pending | InstanceState::Running, "terminate") => {
            terminated(region, instance, now, Some(reason))
        }
        (InstanceState::Pending | InstanceState::Running, _) => {
            stopped(region, instance, now, Some(reason))
        }
        _ => ended(region, id, now),
    }
}

/// Terminated instances whose time to be seen is over.
pub fn expired(region: &Region, now: UnixMillis) -> Vec<InstanceId> {
    let terminated = |instance: &&Instance| instance.state == InstanceState::Terminated;
    let gone = region.instances.values().filter(terminated);
    let gone = gone.filter_map(|instance| Some((instance.terminated_at?, instance.id)));
    due(gone.collect(), now - TERMINATED_VISIBLE_MILLIS)
}

/// Failed and deleted NAT gateways whose time to be seen is over (`NAT-2`).
pub fn expired_nat_gateways(region: &Region, now: UnixMillis) -> Vec<&NatGateway> {
    let ended = region.nat_gateways.values();
    let ended = ended.filter_map(|nat| Some((nat.state.ended_at()?, nat.id)));
    due(ended.collect(), now - NAT_GATEWAY_VISIBLE_MILLIS)
        .iter()
        .filter_map(|id| region.nat_gateways.get(id))
        .collect()
}

/// What has been gone since `until` or before, and the longest gone of those beyond [`GONE_MAX`].
fn due<I: Ord>(mut gone: Vec<(UnixMillis, I)>, until: UnixMillis) -> Vec<I> {
    gone.sort_unstable();
    let beyond = gone.len().saturating_sub(GONE_MAX);
    let late = gone.partition_point(|(at, _)| *at <= until);
    gone.truncate(late.max(beyond));
    gone.into_iter().map(|(_, id)| id).collect()
}

/// Analyses that have not ended yet.
pub fn running_analyses(region: &Region) -> impl Iterator<Item = &NetworkInsightsAnalysis> {
    let all = region.network_insights_analyses.values();
    all.filter(|analysis| analysis.state == AnalysisState::Running)
}

/// An analysis has found something, or failed. One that was deleted meanwhile stays so.
pub fn analysis_ended(
    region: &Region,
    id: NetworkInsightsAnalysisId,
    state: AnalysisState,
) -> Vec<Event> {
    let running = region.network_insights_analyses.get(&id);
    let running = running.filter(|analysis| analysis.state == AnalysisState::Running);
    let ended = running.cloned().map(|analysis| {
        Event::NetworkInsightsAnalysisPut(NetworkInsightsAnalysis { state, ..analysis })
    });
    ended.into_iter().collect()
}

/// Forgets a failed or deleted NAT gateway.
pub fn remove_nat_gateway(region: &Region, id: NatGatewayId) -> Vec<Event> {
    let ended = region
        .nat_gateways
        .get(&id)
        .is_some_and(|nat| !nat.is_live());
    match ended {
        true => vec![Event::NatGatewayDeleted(id)],
        false => Vec::new(),
    }
}

/// Peering connections of this region's VPCs that nobody answered in time, or that have ended and need not be seen any
/// longer. The requester's region watches.
pub fn due_peerings<'r>(
    name: &str,
    region: &'r Region,
    now: UnixMillis,
) -> impl Iterator<Item = &'r VpcPeeringConnection> {
    let all = region.vpc_peering_connections.values();
    all.filter(move |peering| peering.requester.region == name && is_due(peering, now))
}

fn is_due(peering: &VpcPeeringConnection, now: UnixMillis) -> bool {
    match peering.status {
        PeeringStatus::Active => false,
        PeeringStatus::PendingAcceptance => peering.requested_at + PEERING_PATIENCE_MILLIS <= now,
        PeeringStatus::Expired => peering.status_at + PEERING_EXPIRED_VISIBLE_MILLIS <= now,
        PeeringStatus::Failed | PeeringStatus::Rejected | PeeringStatus::Deleted { .. } => {
            peering.status_at + PEERING_VISIBLE_MILLIS <= now
        }
    }
}

/// Lets a request expire (`PCX-10`), or forgets a connection that has ended.
pub fn settle_peering(region: &Region, id: VpcPeeringConnectionId, now: UnixMillis) -> Vec<Event> {
    let peering = region.vpc_peering_connections.get(&id);
    let Some(peering) = peering.filter(|peering| is_due(peering, now)) else {
        return Vec::new();
    };
    match peering.status {
        PeeringStatus::PendingAcceptance => {
            vec![Event::VpcPeeringConnectionPut(VpcPeeringConnection {
                status: PeeringStatus::Expired,
                status_at: now,
                ..peering.clone()
            })]
        }
        _ => vec![Event::VpcPeeringConnectionDeleted(id)],
    }
}

/// Forgets a terminated instance.
pub fn remove(region: &Region, id: InstanceId, _now: UnixMillis) -> Vec<Event> {
    let terminated = region
        .instances
        .get(&id)
        .is_some_and(|i| i.state == InstanceState::Terminated);
    if terminated {
        vec![Event::InstanceDeleted(id)]
    } else {
        Vec::new()
    }
}

fn change(
    region: &Region,
    id: InstanceId,
    edit: impl FnOnce(&mut Instance) -> Option<()>,
) -> Vec<Event> {
    let Some(mut instance) = region.instances.get(&id).cloned() else {
        return Vec::new();
    };
    match edit(&mut instance) {
        Some(()) => vec![Event::InstancePut(instance)],
        None => Vec::new(),
    }
}

/// Interfaces stay attached; the public address that was lent at launch is given back (`EIP-3`).
fn stopped(
    region: &Region,
    instance: &Instance,
    now: UnixMillis,
    reason: Option<(String, String)>,
) -> Vec<Event> {
    let settled = |eni: &NetworkInterface| match is_leaving(eni) {
        true => let_go(eni, now),
        false => bound(eni),
    };
    let mut events: Vec<Event> = attached(region, instance.id)
        .filter(|eni| {
            let bond = eni.attachment.as_ref().map(|bond| bond.state);
            eni.auto_public_ip.is_some() || bond != Some(AttachmentState::Attached)
        })
        .map(|eni| {
            Event::NetworkInterfacePut(NetworkInterface {
                auto_public_ip: None,
                ..settled(eni)
            })
        })
        .collect();
    events.push(Event::InstancePut(Instance {
        state: InstanceState::Stopped,
        state_reason: reason,
        ..instance.clone()
    }));
    events
}

/// Interfaces made at launch go with the instance, their flow logs with them; others are detached; Elastic IP addresses of
/// those that go are disassociated, not released.
fn terminated(
    region: &Region,
    instance: &Instance,
    now: UnixMillis,
    reason: Option<(String, String)>,
) -> Vec<Event> {
    let mut events = Vec::new();
    for eni in attached(region, instance.id) {
        let bond = eni.attachment.as_ref();
        if is_leaving(eni) || !bond.is_some_and(|a| a.delete_on_termination) {
            events.push(Event::NetworkInterfacePut(let_go(eni, now)));
            continue;
        }
        for address in region.addresses.values() {
            if address
                .association
                .as_ref()
                .is_some_and(|a| a.network_interface == eni.id)
            {
                events.push(Event::AddressPut(openvpc_model::Address {
                    association: None,
                    ..address.clone()
                }));
            }
        }
        let of_it = FlowLogResource::NetworkInterface(eni.id);
        let logs = region
            .flow_logs
            .values()
            .filter(|log| log.resource == of_it);
        events.extend(logs.map(|log| Event::FlowLogDeleted(log.id)));
        events.push(Event::NetworkInterfaceDeleted(eni.id));
    }
    events.push(Event::InstancePut(Instance {
        state: InstanceState::Terminated,
        state_reason: reason,
        terminated_at: Some(now),
        ..instance.clone()
    }));
    events
}

fn attached(region: &Region, id: InstanceId) -> impl Iterator<Item = &NetworkInterface> {
    let holds =
        move |eni: &&NetworkInterface| eni.attachment.as_ref().is_some_and(|a| a.instance == id);
    region.network_interfaces.values().filter(holds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_gone_is_forgotten_by_time_and_by_number() {
        let gone = |count: usize| (0..count).rev().map(|n| (n as i64, n)).collect::<Vec<_>>();
        assert!(due(gone(GONE_MAX), -1).is_empty());
        assert_eq!(due(gone(GONE_MAX), 2), [0, 1, 2]);
        assert_eq!(due(gone(GONE_MAX + 2), -1), [0, 1], "the longest gone");
        assert_eq!(due(gone(GONE_MAX + 2), 3), [0, 1, 2, 3]);
        assert_eq!(due(gone(3), 9), [0, 1, 2]);
    }
}
