//! What the router of a subnet answers itself: ARP, neighbour and router discovery, DHCP (DHCPv6 in [`dhcpv6`](super::dhcpv6)),
//! and pings to its own address. Resolver, metadata and time service have their addresses here too: [`service`] says so, and
//! [`services`](super::services) carries the packet to them. None of this is filtered or logged (SG-9, ACL-5, spec 01 §7).
//!
//! Reads: interface, subnet, VPC. Writes: the reply buffer. Exits: the `Local` reasons and answers ("hairpins").

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use openvpc_wire::arp::Arp;
use openvpc_wire::dhcp::{self, Answer, Lease, Question, Wish};
use openvpc_wire::dhcpv6;
use openvpc_wire::icmp;
use openvpc_wire::ip::Envelope;
use openvpc_wire::ndp::{self, RouterAdvertisement, Solicitation};
use openvpc_wire::packet::protocol;
use openvpc_wire::{Mac, Transport};

use crate::counters::UnloggedClass;
use crate::identity::Service;
use crate::ids::EniIndex;
use crate::snapshot::{Eni, Snapshot, Subnet, Vpc};
use crate::stages::admit::{VPC_MTU, is_martian};
use crate::verdict::DropReason;
use crate::walk::Walk;

/// Length of a lease, as AWS gives it.
const LEASE_SECS: u32 = 3_600;
/// The router's fixed link-local address (SUB-6).
const ROUTER_LINK_LOCAL: Ipv6Addr = Ipv6Addr::new(0xfe80, 0xec2, 0, 0, 0, 0, 0, 1);

/// The interface that asks, and where it stands.
#[derive(Clone, Copy)]
pub(crate) struct Asker<'a> {
    pub index: EniIndex,
    pub eni: &'a Eni,
    pub subnet: &'a Subnet,
    pub vpc: &'a Vpc,
}

impl<'a> Asker<'a> {
    pub(crate) fn of(snapshot: &'a Snapshot, index: EniIndex) -> Option<Asker<'a>> {
        let eni = snapshot.eni(index)?;
        let subnet = snapshot.parts().subnets.get(eni.subnet)?;
        let vpc = snapshot.parts().vpcs.get(eni.vpc)?;
        Some(Asker {
            index,
            eni,
            subnet,
            vpc,
        })
    }

    /// Whether a link-local source may be its own. Nobody else is on its link but the router.
    pub(crate) fn may_claim(&self, source: Ipv6Addr) -> bool {
        source.is_unicast_link_local() && !self.is_router_ipv6(source)
    }

    pub(crate) fn is_router_ipv6(&self, address: Ipv6Addr) -> bool {
        Some(address) == self.subnet.router_ipv6()
            || address == self.subnet.router_mac.link_local()
            || address == ROUTER_LINK_LOCAL
    }
}

/// Who is asked for by ARP or neighbour solicitation, and what is at that address.
fn resolve(snapshot: &Snapshot, asker: &Asker<'_>, target: IpAddr) -> Option<(Mac, bool)> {
    if asker.eni.owns(target) {
        return None;
    }
    let router = match target {
        IpAddr::V4(target) => Some(target) == asker.subnet.router_ipv4(),
        IpAddr::V6(target) => asker.is_router_ipv6(target),
    };
    if router || service(asker, target).is_some() {
        return Some((asker.subnet.router_mac, true));
    }
    let owner = snapshot.eni(snapshot.owner(asker.eni.vpc, target)?)?;
    (owner.subnet == asker.eni.subnet).then_some((owner.mac, false))
}

/// Answers an ARP request into `reply`.
pub(crate) fn answer_arp(
    snapshot: &Snapshot,
    asker: &Asker<'_>,
    frame: &[u8],
    reply: &mut Vec<u8>,
) -> bool {
    let Some(arp) = Arp::parse(frame) else {
        return false;
    };
    let honest = arp.sender_mac == asker.eni.mac
        && (arp.sender.is_unspecified() || asker.eni.owns(arp.sender.into()));
    if !arp.request || !honest {
        return false;
    }
    let Some((mac, _)) = resolve(snapshot, asker, arp.target.into()) else {
        return false;
    };
    arp.answer(mac).emit(reply);
    true
}

/// What becomes of a packet here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Local {
    /// Not the router's business.
    Elsewhere,
    /// The reply buffer holds the answer.
    Answered(UnloggedClass),
    /// For [`services`](super::services).
    Service(Service),
}

/// Answers, refuses or lets go on.
pub(crate) fn answer(walk: &mut Walk<'_>, asker: &Asker<'_>) -> Result<Local, DropReason> {
    match walk.packet().transport {
        Transport::Udp {
            source_port,
            destination_port,
        } => {
            match (source_port, destination_port) {
                (68, 67) | (_, 68) => return answer_dhcp(walk, asker, destination_port),
                (_, dhcpv6::SERVER_PORT) if !walk.packet().is_ipv4() => {
                    return super::dhcpv6::answer(walk, asker);
                }
                // A server among the instances.
                (dhcpv6::SERVER_PORT, _) | (_, dhcpv6::CLIENT_PORT | dhcpv6::SERVER_PORT) => {
                    return Err(DropReason::DhcpUnanswered);
                }
                _ => {}
            }
        }
        Transport::Icmp { kind, .. }
            if walk.facts.protocol == protocol::ICMPV6 && ndp::is_ndp(kind) =>
        {
            return answer_ndp(walk, asker);
        }
        Transport::Icmp { kind: 5, .. } if walk.facts.protocol == protocol::ICMP => {
            return Err(DropReason::IcmpRedirect);
        }
        _ => {}
    }
    let destination = walk.facts.destination;
    let router = match destination {
        IpAddr::V4(destination) => Some(destination) == asker.subnet.router_ipv4(),
        IpAddr::V6(destination) => asker.is_router_ipv6(destination),
    };
    if router {
        return answer_echo(walk, asker);
    }
    if let Some(service) = service(asker, destination) {
        return Ok(Local::Service(service));
    }
    if is_group(destination) {
        return Err(DropReason::Multicast);
    }
    if is_martian(destination) || in_service_range(destination) {
        return Err(DropReason::UnroutableDestination);
    }
    Ok(Local::Elsewhere)
}

/// Which service lives at an address, seen from an interface.
pub(crate) fn service(asker: &Asker<'_>, address: IpAddr) -> Option<Service> {
    match address {
        IpAddr::V4(address) if Some(address) == asker.vpc.resolver() => Some(Service::Resolver),
        IpAddr::V4(address) => match address.octets() {
            [169, 254, 169, 253] => Some(Service::Resolver),
            [169, 254, 169, 254] => Some(Service::Metadata),
            [169, 254, 169, 123] => Some(Service::TimeSync),
            _ => None,
        },
        IpAddr::V6(address) => match address.segments() {
            [0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x253] => Some(Service::Resolver),
            [0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254] => Some(Service::Metadata),
            [0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x123] => Some(Service::TimeSync),
            _ => None,
        },
    }
}

/// RT-8: fd00:ec2::/32 is never routed; 169.254/16 is martian anyway.
fn in_service_range(address: IpAddr) -> bool {
    matches!(address, IpAddr::V6(address) if address.segments()[..2] == [0xfd00, 0xec2])
}

fn is_group(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.octets()[0] >= 224,
        IpAddr::V6(address) => address.is_multicast(),
    }
}

fn answer_echo(walk: &mut Walk<'_>, asker: &Asker<'_>) -> Result<Local, DropReason> {
    let packet = walk.packet();
    let Transport::Icmp { kind, code: 0, .. } = packet.transport else {
        return Err(DropReason::RouterAddress);
    };
    let usable = !packet.source.is_unspecified() && packet.fragment.is_none();
    if !icmp::is_echo_request(kind, packet.is_ipv4()) || !usable {
        return Err(DropReason::RouterAddress);
    }
    let envelope = Envelope {
        source_mac: asker.subnet.router_mac,
        destination_mac: asker.eni.mac,
        source: packet.destination,
        destination: packet.source,
    };
    icmp::emit_echo_reply(&mut walk.state.reply, &envelope, walk.bytes, packet);
    Ok(Local::Answered(UnloggedClass::Router))
}

/// What the router tells on a subnet with an IPv6 block; on others there is no IPv6 router.
pub(crate) fn advertisement(subnet: &Subnet) -> Option<RouterAdvertisement> {
    Some(RouterAdvertisement {
        mac: subnet.router_mac,
        mtu: u32::from(VPC_MTU),
        prefix: subnet.ipv6?.network(),
    })
}

fn answer_ndp(walk: &mut Walk<'_>, asker: &Asker<'_>) -> Result<Local, DropReason> {
    let packet = walk.packet();
    let IpAddr::V6(source) = packet.source else {
        return Err(DropReason::NdpUnanswered);
    };
    let asks = ndp::parse_solicitation(walk.bytes, packet).ok_or(DropReason::NdpUnanswered)?;
    let own = source.is_unspecified() || asker.may_claim(source) || asker.eni.owns(source.into());
    if !own {
        return Err(DropReason::NdpUnanswered);
    }
    match asks {
        Solicitation::Router => {
            let advertisement = advertisement(asker.subnet).ok_or(DropReason::NdpUnanswered)?;
            let destination = if source.is_unspecified() {
                ndp::ALL_NODES
            } else {
                source
            };
            advertisement.emit(&mut walk.state.reply, destination, asker.eni.mac);
            walk.state.announcements.told(asker.index, walk.now);
        }
        Solicitation::Neighbour { target } => {
            let (mac, router) =
                resolve(walk.snapshot, asker, target.into()).ok_or(DropReason::NdpUnanswered)?;
            let probe = source.is_unspecified();
            let envelope = Envelope {
                source_mac: mac,
                destination_mac: asker.eni.mac,
                source: target.into(),
                destination: if probe {
                    ndp::ALL_NODES.into()
                } else {
                    packet.source
                },
            };
            let reply = &mut walk.state.reply;
            ndp::emit_neighbour_advertisement(reply, &envelope, target, mac, router, !probe);
        }
    }
    Ok(Local::Answered(UnloggedClass::Ndp))
}

fn answer_dhcp(
    walk: &mut Walk<'_>,
    asker: &Asker<'_>,
    destination_port: u16,
) -> Result<Local, DropReason> {
    let packet = walk.packet();
    let server = asker
        .subnet
        .router_ipv4()
        .ok_or(DropReason::DhcpUnanswered)?;
    let to_server = packet.destination == IpAddr::from(Ipv4Addr::BROADCAST)
        || packet.destination == IpAddr::from(server);
    if destination_port != dhcp::SERVER_PORT || !to_server || packet.fragment.is_some() {
        return Err(DropReason::DhcpUnanswered);
    }
    let question = Question::parse(walk.bytes, packet).ok_or(DropReason::DhcpUnanswered)?;
    let chosen_other = question.server.is_some_and(|chosen| chosen != server);
    if question.client != asker.eni.mac || chosen_other {
        return Err(DropReason::DhcpUnanswered);
    }
    let address = asker
        .eni
        .ipv4
        .first()
        .ok_or(DropReason::DhcpUnanswered)?
        .address;
    let options = DhcpOptionBytes::of(asker);
    let lease = Lease {
        address,
        mask: asker
            .subnet
            .ipv4
            .map_or(Ipv4Addr::BROADCAST, |block| block.netmask()),
        router: server,
        duration_secs: LEASE_SECS,
        mtu: VPC_MTU,
        options: &options.list(),
    };
    let answer = match question.wish {
        Wish::Request(wanted) if wanted != Some(address) => Answer::Refuse,
        Wish::Discover | Wish::Request(_) | Wish::Inform => Answer::Configure(&lease),
    };
    let emitted = dhcp::emit(
        &mut walk.state.reply,
        &question,
        answer,
        server,
        asker.subnet.router_mac,
    );
    if emitted {
        Ok(Local::Answered(UnloggedClass::Dhcp))
    } else {
        Err(DropReason::DhcpUnanswered)
    }
}

/// A VPC's DHCP options as they go on the wire (RFC 2132).
struct DhcpOptionBytes {
    options: Vec<(u8, Vec<u8>)>,
}

impl DhcpOptionBytes {
    fn of(asker: &Asker<'_>) -> DhcpOptionBytes {
        let set = &asker.vpc.dhcp;
        let addresses = |list: &[Ipv4Addr]| {
            list.iter()
                .flat_map(|address| address.octets())
                .collect::<Vec<u8>>()
        };
        let mut options = vec![
            (6, addresses(&set.domain_name_servers)),
            (12, asker.eni.hostname.clone().into_bytes()),
            (15, set.domain_name.clone().unwrap_or_default().into_bytes()),
            (42, addresses(&set.ntp_servers)),
            (44, addresses(&set.netbios_name_servers)),
            (46, set.netbios_node_type.into_iter().collect()),
        ];
        options.retain(|(_, value)| !value.is_empty() && value.len() <= 255);
        DhcpOptionBytes { options }
    }

    fn list(&self) -> Vec<(u8, &[u8])> {
        self.options
            .iter()
            .map(|(code, value)| (*code, &value[..]))
            .collect()
    }
}
