//! Security groups and network ACLs, rule by rule (SG-1, SG-3…SG-5, SG-7, ACL-1…ACL-4).

use std::net::IpAddr;

use crate::packet::{Body, Packet};
use crate::world::{Entry, Kind, Peer, Rule, World};

/// Seen from the interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Way {
    /// To it.
    Ingress,
    /// From it.
    Egress,
}

impl Way {
    /// The other one.
    pub fn back(self) -> Way {
        match self {
            Way::Ingress => Way::Egress,
            Way::Egress => Way::Ingress,
        }
    }
}

/// What a rule looks at: the other end's address, and the packet as it is or turned round.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// IANA number.
    pub protocol: u8,
    /// Destination port.
    pub port: u16,
    /// ICMP type and code.
    pub icmp: Option<(u8, u8)>,
    /// The other end.
    pub peer: IpAddr,
    /// The interface that really is the other end, if one is.
    pub peer_eni: Option<usize>,
}

impl Look {
    /// At a packet going `way` at an interface.
    pub fn at(packet: &Packet, way: Way, peer_eni: Option<usize>) -> Look {
        Look {
            protocol: packet.protocol(),
            port: packet.ports().1,
            icmp: packet.icmp(),
            peer: match way {
                Way::Ingress => packet.source,
                Way::Egress => packet.destination,
            },
            peer_eni,
        }
    }

    /// At the packet that this one would be the reply to.
    pub fn turned(self, packet: &Packet) -> Look {
        Look {
            port: packet.ports().0,
            ..self
        }
    }
}

/// SG-4, ACL-4: protocol, then ports, or type and code.
pub fn is_kind(kind: Kind, look: &Look) -> bool {
    if kind.protocol == -1 {
        return true;
    }
    if kind.protocol != i16::from(look.protocol) {
        return false;
    }
    match (look.protocol, look.icmp) {
        (6 | 17, _) => kind.from <= i32::from(look.port) && i32::from(look.port) <= kind.to,
        (1 | 58, Some((icmp, code))) => {
            (kind.from == -1 || kind.from == i32::from(icmp))
                && (kind.to == -1 || kind.to == i32::from(code))
        }
        _ => true,
    }
}

/// Rules of all groups of an interface (SG-1).
fn rules(world: &World, eni: usize, way: Way) -> impl Iterator<Item = &Rule> {
    world.enis[eni]
        .groups
        .iter()
        .flat_map(move |group| match way {
            Way::Ingress => &world.groups[*group].ingress,
            Way::Egress => &world.groups[*group].egress,
        })
}

/// Whether the groups of an interface allow it.
pub fn security_groups_allow(world: &World, eni: usize, way: Way, look: &Look) -> bool {
    rules(world, eni, way).any(|rule| {
        is_kind(rule.kind, look)
            && match rule.peer {
                Peer::Cidr(block) => block.contains(&look.peer),
                // SG-5, PCX-40: private addresses of holders in this VPC or a peer; not when somebody else sent the packet.
                Peer::Group(group) => {
                    let theirs = world.groups[group].vpc;
                    let holder = match way {
                        Way::Ingress => look.peer_eni,
                        Way::Egress => world.owner(theirs, look.peer),
                    };
                    world.shares_groups(world.vpc_of(eni), theirs)
                        && holder.is_some_and(|holder| world.enis[holder].groups.contains(&group))
                }
            }
    })
}

/// SG-7: a rule open to all addresses allows it, and the other direction is open to all ports and addresses.
pub fn open_both_ways(world: &World, eni: usize, way: Way, look: &Look) -> bool {
    let tcp_or_udp = matches!(look.protocol, 6 | 17);
    let to_all = |rule: &&Rule| {
        matches!(rule.peer, Peer::Cidr(block)
            if block.prefix_len() == 0 && block.addr().is_ipv4() == look.peer.is_ipv4())
    };
    let all_ports = |rule: &Rule| {
        let Kind { protocol, from, to } = rule.kind;
        protocol == -1 || protocol == i16::from(look.protocol) && from == 0 && to == 65_535
    };
    tcp_or_udp
        && rules(world, eni, way)
            .filter(to_all)
            .any(|rule| is_kind(rule.kind, look))
        && rules(world, eni, way.back()).filter(to_all).any(all_ports)
}

/// ACL-1, ACL-2: lowest number first, first match wins, else deny. `peer` is the end outside the subnet.
pub fn acl_allows(entries: &[Entry], look: &Look) -> bool {
    let mut first: Option<&Entry> = None;
    for entry in entries {
        let matches = is_kind(entry.kind, look) && entry.peer.contains(&look.peer);
        if matches && first.is_none_or(|first| entry.number < first.number) {
            first = Some(entry);
        }
    }
    first.is_some_and(|entry| entry.allow)
}

/// The field of a packet that stands for ports in a tracked flow: the identifier for echoes (NAT-6 says the same).
pub fn tracked_ports(packet: &Packet) -> (u16, u16) {
    match packet.body {
        Body::Tcp { ports, .. } | Body::Udp { ports } => ports,
        Body::Echo { id, .. } => (id, id),
        Body::Error { .. } | Body::Other(_) => (0, 0),
    }
}
