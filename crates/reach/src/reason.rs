//! Why a packet was dropped, in words.

use std::borrow::Cow;

use openvpc_engine::explain::{End, Leg};
use openvpc_engine::trace::{Decision, Step};
use openvpc_engine::{DropReason, EniIndex, Explanation, PortId};

use crate::flow::Flow;
use crate::place::At;
use crate::report::{interface_name, port_name};
use crate::scene::{Scene, instance_of};

/// The step at which a flow was stopped.
#[derive(Clone, Copy, Debug)]
pub struct Stop<'e> {
    /// The leg on which.
    pub leg: &'e Leg,
    /// The step that decided.
    pub step: &'e Step,
    /// What it decided.
    pub reason: DropReason,
    /// It was the answer that was stopped.
    pub back: bool,
}

impl<'e> Stop<'e> {
    /// Where a flow was stopped, if it was.
    pub fn of(explanation: &'e Explanation) -> Option<Stop<'e>> {
        let (reason, back) = explanation.lost()?;
        let journey = match back {
            false => &explanation.forward,
            true => explanation.back.as_ref()?,
        };
        let leg = journey.legs.last()?;
        Some(Stop {
            leg,
            step: leg.trace.steps.last()?,
            reason,
            back,
        })
    }

    /// The interface at which it was stopped.
    pub fn interface(&self) -> Option<EniIndex> {
        match self.step.at {
            PortId::Eni(eni) => Some(eni),
            PortId::Outside(_) | PortId::Services => None,
        }
    }
}

/// What the verdict rests on.
pub fn sentence(scene: &Scene<'_>, flow: &Flow, explanation: &Explanation) -> String {
    let Some(stop) = Stop::of(explanation) else {
        return match (explanation.forward.end, explanation.is_reachable()) {
            (End::Answered, _) => "the subnet's router answers".to_owned(),
            (_, true) => "every rule on the way lets it through, there and back".to_owned(),
            (_, false) => "a router answered with an error".to_owned(),
        };
    };
    let what = stopped(scene, flow, &stop);
    match stop.back {
        false => what,
        true => format!("it arrives, but its answer does not come back: {what}"),
    }
}

fn stopped(scene: &Scene<'_>, flow: &Flow, stop: &Stop<'_>) -> String {
    let at = port_name(scene, stop.step.at);
    let groups = || {
        let eni = stop.interface().and_then(|index| scene.interface(index));
        let groups = eni.map(|(_, _, eni)| eni.security_groups.clone());
        let groups: Vec<String> = groups
            .unwrap_or_default()
            .iter()
            .map(|group| group.to_string())
            .collect();
        match groups.len() {
            0 => "its security groups".to_owned(),
            _ => groups.join(", "),
        }
    };
    let ruled = stop
        .step
        .rule
        .and_then(|rule| scene.names.rule(rule))
        .map(|name| name.to_string());
    match stop.reason {
        DropReason::SecurityGroupIngress => {
            format!("no inbound rule of {} lets it in to {at}", groups())
        }
        DropReason::SecurityGroupEgress => {
            format!("no outbound rule of {} lets it out of {at}", groups())
        }
        DropReason::NetworkAclInbound | DropReason::NetworkAclOutbound => match ruled {
            Some(entry) => format!("{entry} denies it"),
            None => "the subnet has no network ACL that allows it".to_owned(),
        },
        DropReason::NoInternetHost if is_without_public_address(flow, stop) => format!(
            "{} has no public address, so nobody outside can send to it",
            flow.destination.label
        ),
        DropReason::ReceiverNotAttached => match idle(scene, flow) {
            Some(state) => format!("{} is {state}", flow.destination.label),
            None => of_drop(stop.reason).into_owned(),
        },
        DropReason::PortNotAttached => match idle_source(scene, stop) {
            Some(state) => format!("{} is {state}", flow.source.label),
            None => of_drop(stop.reason).into_owned(),
        },
        DropReason::Blackhole => match ruled {
            Some(route) => format!("{route} is a blackhole: its target is gone or cannot carry"),
            None => of_drop(stop.reason).into_owned(),
        },
        reason => of_drop(reason).into_owned(),
    }
}

/// A packet from outside that had to be addressed to a private address.
pub fn is_without_public_address(flow: &Flow, stop: &Stop<'_>) -> bool {
    let from_outside = matches!(stop.leg.from, PortId::Outside(_));
    from_outside && !stop.back && matches!(flow.destination.at, At::Interface(..))
}

/// The state of the destination's instance, if it is not up.
fn idle(scene: &Scene<'_>, flow: &Flow) -> Option<String> {
    let At::Interface(id, _) = flow.destination.at else {
        return None;
    };
    let (_, region, eni) = crate::scene::find_interface(scene.world, id)?;
    Some(match instance_of(region, eni) {
        Some(instance) => instance.state.code_and_name().1.to_owned(),
        None => "attached to no instance".to_owned(),
    })
}

fn idle_source(scene: &Scene<'_>, stop: &Stop<'_>) -> Option<String> {
    let PortId::Eni(index) = stop.leg.from else {
        return None;
    };
    let (_, region, eni) = scene.interface(index)?;
    Some(match instance_of(region, eni) {
        Some(instance) => instance.state.code_and_name().1.to_owned(),
        None => format!(
            "{} is attached to no instance",
            interface_name(scene, index)
        ),
    })
}

/// What an interface or gateway says no to, without names.
pub fn of_drop(reason: DropReason) -> Cow<'static, str> {
    let words = match reason {
        DropReason::PortNotAttached => "nothing runs behind the sender's interface",
        DropReason::NoPolicy => "the sender's interface is not known to the data plane",
        DropReason::RuntFrame
        | DropReason::UnknownEtherType
        | DropReason::Malformed
        | DropReason::BadChecksum
        | DropReason::BadOffload
        | DropReason::HeaderChain => "the packet is malformed",
        DropReason::SourceRouted => "source routing is not allowed",
        DropReason::OverMtu => "the packet is longer than the interface's MTU",
        DropReason::ForeignMac => "its Ethernet source is not the interface's own",
        DropReason::UnknownMac => "nobody in the subnet has its Ethernet destination",
        DropReason::MartianSource => "its source address never travels",
        DropReason::SourceCheck => {
            "source/destination check: the source is not the interface's own address"
        }
        DropReason::ArpUnanswered | DropReason::NdpUnanswered => {
            "nobody in the subnet has the address"
        }
        DropReason::DhcpUnanswered => "only the subnet's router answers DHCP",
        DropReason::Multicast => "a VPC carries no multicast or broadcast",
        DropReason::LocalServiceAbsent => "the service does not listen there",
        DropReason::IdentityTableFull => "too many callers of services at once",
        DropReason::UnknownIdentity => "the service answers nobody that asked",
        DropReason::RouterAddress => "the subnet's router answers nothing but pings",
        DropReason::UnroutableDestination => "its destination is never routed",
        DropReason::IcmpRedirect => "redirects are not let in",
        DropReason::FragmentWithoutFirst
        | DropReason::TinyFragment
        | DropReason::FragmentOverlap
        | DropReason::FragmentTableFull => "a fragment that cannot be judged",
        DropReason::NoConnection => "it belongs to no connection that the interface tracks",
        DropReason::UnrelatedIcmpError => "the ICMP error is about no flow of the interface",
        DropReason::ConntrackFull => "the interface tracks as many connections as it may",
        DropReason::SecurityGroupEgress => "no outbound rule allows it",
        DropReason::SecurityGroupIngress => "no inbound rule allows it",
        DropReason::NetworkAclOutbound | DropReason::NetworkAclInbound => "no entry allows it",
        DropReason::NoRoute => "no route leads to the destination",
        DropReason::Blackhole => "the route's target is gone or cannot carry",
        DropReason::NoSuchHost => "nobody in the VPC has the address",
        DropReason::RouteLoop => "the routes lead in a circle",
        DropReason::TtlExceeded => "its TTL is used up",
        DropReason::PacketTooBig => "it is too long for the path",
        DropReason::NoPublicAddress => {
            "the source has no public address, so nothing can leave by the internet gateway"
        }
        DropReason::PrivateAtGateway => "an internet gateway carries no private addresses",
        DropReason::NoInternetHost => "nobody on the internet has the address",
        DropReason::NoReturnRoute => {
            "the receiver's route table does not lead back to an internet gateway"
        }
        DropReason::EgressOnlyForeignSource => "the source is no interface of the VPC",
        DropReason::EgressOnlyDestination => {
            "an egress-only gateway carries to global addresses only"
        }
        DropReason::EgressOnlyUnsolicited => {
            "an egress-only gateway lets in answers only, and this is none"
        }
        DropReason::NatProtocol => {
            "a NAT gateway carries TCP, UDP and pings only, over IPv4 or from IPv6 to 64:ff9b::/96"
        }
        DropReason::Nat64Destination => "the IPv4 address inside of 64:ff9b::/96 never travels",
        DropReason::Nat64Untranslatable => "the other IP version has no word for it",
        DropReason::NatFragment => "a NAT gateway carries no fragments of TCP and ICMP",
        DropReason::NatForeignSource => "the source is outside the NAT gateway's VPC",
        DropReason::NatUnsolicited => "a NAT gateway lets in answers only, and this is none",
        DropReason::ErrorPortAllocation => "the NAT gateway has no port left",
        DropReason::NatNoConnection => "the NAT gateway knows no such connection",
        DropReason::PeeringNotTransitive => {
            "a peering connection leads to the far VPC's own addresses and no further"
        }
        DropReason::ReceiverNotAttached => "nothing runs behind the receiver's interface",
        DropReason::DestinationCheck => {
            "source/destination check: the address is not the interface's own"
        }
        DropReason::GatewayEndpointProtocol => {
            "a gateway endpoint carries TCP and pings over IPv4 only"
        }
        DropReason::GatewayEndpointForeignSource => {
            "a gateway endpoint carries from the VPC's own interfaces only"
        }
        DropReason::GatewayEndpointTooBig => "it is too long for the endpoint",
        DropReason::GatewayEndpointNoService => "no service listens there",
        DropReason::EndpointProtocol => "an interface endpoint carries TCP over IPv4 only",
        DropReason::EndpointOverMtu => "it is too long for the endpoint",
        DropReason::EndpointUnused => "nobody stands behind the endpoint, or has accepted it yet",
        DropReason::BalancerProtocol => "the load balancer takes TCP only",
        DropReason::BalancerNoListener => "the load balancer has no listener at that port",
        DropReason::BalancerNoTarget => "the load balancer has no target that it may choose there",
        // What has no words of its own yet has a telling name.
        other => return Cow::Owned(spelled(other.name())),
    };
    Cow::Borrowed(words)
}

/// `NoSuchHost` as `no such host`.
pub(crate) fn spelled(name: &str) -> String {
    let mut words = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.push(c.to_ascii_lowercase());
    }
    words
}

/// Whether a step says no.
pub fn refuses(step: &Step) -> bool {
    matches!(step.decision, Decision::Drop(_) | Decision::Refused(_))
}
