//! The internet gateway: 1:1 translation of IPv4, none of IPv6, and the rules of the edge (IGW-2 … IGW-5).
//!
//! An edge table may steer what comes in to an interface that is not its addressee (RT-12): a firewall, which is then the
//! receiver in every respect, so that its own subnet must lead back to the gateway (IGW-4).
//!
//! Reads: public mappings, the edge table, the receiver's route table. Plans: new addresses. Exits: the `InternetGateway`
//! reasons, `Blackhole`, `RouteLoop`, none of which any interface logs.

use std::net::{IpAddr, Ipv4Addr};

use openvpc_wire::icmp::IcmpError;

use crate::defects::{Defect, planted};
use crate::ids::{EniIndex, PortId, VpcIndex};
use crate::route::Target;
use crate::snapshot::PublicOwner;
use crate::stages::{deliver, egress_only_internet_gateway, outside, public_zone};
use crate::trace::Decision;
use crate::verdict::{DropReason, Stage};
use crate::walk::{Exit, Walk, subnet_of};

/// MTU of the gateway and of every link beyond it (IGW-5).
pub(crate) const INTERNET_MTU: u16 = 1_500;

/// Takes a packet out of `vpc`.
pub(crate) fn outbound(walk: &mut Walk<'_>, vpc: VpcIndex) -> Result<(), DropReason> {
    let attached = walk
        .snapshot
        .parts()
        .vpcs
        .get(vpc)
        .is_some_and(|vpc| vpc.internet_gateway);
    if !attached {
        return Err(DropReason::Blackhole);
    }
    if is_private(walk.facts.destination) {
        return Err(DropReason::PrivateAtGateway);
    }
    match walk.facts.source {
        IpAddr::V4(source) => {
            let public = walk
                .snapshot
                .public_of(vpc, source)
                .or(planted(Defect::GatewayWithoutPublicAddress).then_some(source))
                .ok_or(DropReason::NoPublicAddress)?;
            set_source(walk, public);
            translate_quoted_destination(walk, vpc);
        }
        IpAddr::V6(_) => {
            walk.snapshot
                .owner(vpc, walk.facts.source)
                .ok_or(DropReason::NoPublicAddress)?;
        }
    }
    Ok(())
}

/// Finds the receiver on the internet: an outside host, or an interface behind its VPC's gateway.
pub(crate) fn cross(walk: &mut Walk<'_>) -> Result<PortId, Exit> {
    check_size(walk, INTERNET_MTU)?;
    match walk.snapshot.public_owner(walk.facts.destination) {
        Some(PublicOwner::Outside(host)) => outside::deliver(walk, host),
        Some(PublicOwner::Eni { eni, private }) => {
            let receiver = match return_target(walk, eni) {
                Some(Target::EgressOnlyInternetGateway(gateway)) => {
                    egress_only_internet_gateway::inbound(walk, eni, gateway).map(|()| eni)
                }
                _ => inbound(walk, eni, private),
            }
            .map_err(Exit::Between)?;
            (walk.sender, walk.departed, walk.accepted) = (None, None, None);
            deliver::to_interface(walk, receiver, deliver::Way::AcrossSubnets)
        }
        Some(PublicOwner::Service) => public_zone::deliver(walk),
        None => Err(Exit::Between(DropReason::NoInternetHost)),
    }
}

/// Where the receiver's subnet sends the reply; it decides by which gateway a packet comes in (IGW-4).
fn return_target(walk: &Walk<'_>, index: EniIndex) -> Option<Target> {
    let snapshot = walk.snapshot;
    let subnet = subnet_of(snapshot, snapshot.eni(index)?)?;
    let table = snapshot.parts().route_tables.get(subnet.route_table)?;
    Some(table.lookup(walk.facts.source)?.target)
}

/// Takes a packet into the VPC of `index`, the owner of its address; returns the interface that gets it.
fn inbound(walk: &mut Walk<'_>, index: EniIndex, private: IpAddr) -> Result<EniIndex, DropReason> {
    let snapshot = walk.snapshot;
    let eni = snapshot.eni(index).ok_or(DropReason::NoInternetHost)?;
    let attached = snapshot
        .parts()
        .vpcs
        .get(eni.vpc)
        .is_some_and(|vpc| vpc.internet_gateway);
    if !attached {
        return Err(DropReason::NoInternetHost);
    }
    if is_private(walk.facts.source) {
        return Err(DropReason::PrivateAtGateway);
    }
    let receiver = steer(walk, index, eni.vpc, private)?;
    let comes_back = return_target(walk, receiver) == Some(Target::InternetGateway);
    if !comes_back && !planted(Defect::GatewayIntoPrivateSubnet) {
        return Err(DropReason::NoReturnRoute);
    }
    if let IpAddr::V4(private) = private {
        set_destination(walk, private);
    }
    Ok(receiver)
}

/// Asks the gateway's edge table about the address inside the VPC: to its owner, or to another interface (RT-12).
fn steer(
    walk: &mut Walk<'_>,
    owner: EniIndex,
    vpc: VpcIndex,
    private: IpAddr,
) -> Result<EniIndex, DropReason> {
    let snapshot = walk.snapshot;
    let Some(edge) = snapshot
        .parts()
        .vpcs
        .get(vpc)
        .and_then(|vpc| vpc.edge_table)
    else {
        return Ok(owner);
    };
    if planted(Defect::EdgeTableIgnored) {
        return Ok(owner);
    }
    let address = match planted(Defect::EdgeTableAskedBeforeTranslation) {
        true => walk.facts.destination,
        false => private,
    };
    let table = snapshot.parts().route_tables.get(edge);
    let route = table.and_then(|table| table.lookup(address));
    let receiver = match route.map(|route| route.target) {
        Some(Target::Local) => Ok(owner),
        Some(Target::NetworkInterface(next)) if walk.in_port == PortId::Eni(next) => {
            Err(DropReason::RouteLoop)
        }
        Some(Target::NetworkInterface(next)) => match snapshot.eni(next) {
            Some(target) if target.vpc == vpc => Ok(next),
            _ => Err(DropReason::Blackhole),
        },
        Some(
            Target::Blackhole
            | Target::InternetGateway
            | Target::EgressOnlyInternetGateway(_)
            | Target::NatGateway(_)
            | Target::Peering(_)
            | Target::GatewayEndpoint(_),
        ) => Err(DropReason::Blackhole),
        // A table that was not compiled leads nowhere.
        None => Err(DropReason::NoRoute),
    };
    let decision = receiver.map_or_else(Decision::Drop, |_| Decision::Pass);
    let rule = route.map(|route| route.reference);
    walk.step(Stage::Route, walk.in_port, decision, rule);
    receiver
}

/// Onto a link of this MTU: what is too long is cut if it may be, else reported (IGW-5).
pub(crate) fn check_size(walk: &mut Walk<'_>, mtu: u16) -> Result<(), Exit> {
    let mtu = walk.as_it_came(mtu);
    walk.mtu = mtu;
    fit(walk, mtu)
}

/// Onto a link that carries packets which came no longer than this.
pub(crate) fn fit(walk: &mut Walk<'_>, mtu: u16) -> Result<(), Exit> {
    if walk.arrival.segment_len <= usize::from(mtu) {
        return Ok(());
    }
    let whole = walk.arrival.segment_len == walk.packet().ip_len();
    if !walk.packet().dont_fragment && whole {
        walk.cut = Some(walk.cut.map_or(mtu, |known| known.min(mtu)));
        walk.repeatable = false;
        return Ok(());
    }
    Err(walk.router_error(IcmpError::PacketTooBig { mtu }, DropReason::PacketTooBig))
}

fn set_source(walk: &mut Walk<'_>, public: Ipv4Addr) {
    walk.facts.source = public.into();
    walk.rewrite.source = Some(public);
    walk.step(
        Stage::InternetGateway,
        walk.in_port,
        Decision::Translated(public.into()),
        None,
    );
}

/// An error that leaves quotes a packet that came in: it must show the address that its sender knows.
fn translate_quoted_destination(walk: &mut Walk<'_>, vpc: VpcIndex) {
    let snapshot = walk.snapshot;
    if let Some(quoted) = &mut walk.quoted
        && let IpAddr::V4(private) = quoted.destination
        && let Some(public) = snapshot.public_of(vpc, private)
    {
        quoted.destination = public.into();
        walk.quoted_rewrite.destination = Some(public);
    }
}

fn set_destination(walk: &mut Walk<'_>, private: Ipv4Addr) {
    let public = walk.facts.destination;
    walk.facts.destination = private.into();
    walk.rewrite.destination = Some(private);
    if let Some(quoted) = &mut walk.quoted
        && quoted.source == public
        && !planted(Defect::ErrorQuoteUntranslated)
    {
        quoted.source = private.into();
        walk.quoted_rewrite.source = Some(private);
    }
    walk.step(
        Stage::InternetGateway,
        walk.in_port,
        Decision::Translated(private.into()),
        None,
    );
}

/// IGW-3: RFC 1918, RFC 6598, and unique local IPv6 addresses.
fn is_private(address: IpAddr) -> bool {
    if planted(Defect::GatewayPassesPrivate) {
        return false;
    }
    match address {
        IpAddr::V4(address) => {
            let [first, second, ..] = address.octets();
            address.is_private() || (first == 100 && (64..128).contains(&second))
        }
        IpAddr::V6(address) => address.is_unique_local(),
    }
}
