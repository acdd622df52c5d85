//! Steps 5 and 6: the route table, and what stands where it leads: internet gateway, egress-only internet gateway,
//! peering connection. NAT gateways have a file of their own.

use std::net::IpAddr;

use crate::judge::{Arrival, Fate, Oracle, Verdict, not_for_the_internet};
use crate::packet::{Body, Packet, Port};
use crate::rules::Way;
use crate::world::{Target, User};

/// Choice: NAT gateways in a row.
const NAT_ROW_MAX: usize = 4;

impl Oracle {
    /// Step 5.
    pub(crate) fn route(&mut self, eni: usize, packet: &Packet, now: u64) -> Verdict {
        let subnet = self.world.enis[eni].subnet;
        let vpc = self.world.subnets[subnet].vpc;
        let receiver = match self.world.route(subnet, packet.destination) {
            None => return (Fate::Dropped, "step 5: no route"),
            Some(Target::Blackhole) => return (Fate::Dropped, "RT-9: blackhole"),
            Some(Target::InternetGateway) => return self.out_by_gateway(vpc, packet, now),
            Some(Target::EgressOnly(_)) => {
                return match self.valve(eni, packet.destination) {
                    Some(gateway) => self.out_by_valve(eni, gateway, packet, now),
                    None => (Fate::Dropped, "RT-9: the egress-only gateway is gone"),
                };
            }
            Some(Target::NatGateway(gateway)) => {
                let Some(gateway) = self.nat_target(gateway) else {
                    return (Fate::Dropped, "RT-9: the NAT gateway is gone");
                };
                if self.row.contains(&gateway) || self.row.len() == NAT_ROW_MAX {
                    return (Fate::Dropped, "a circle of NAT gateways");
                }
                self.row.push(gateway);
                gateway
            }
            Some(Target::Peering(peering)) => return self.cross(eni, peering, packet, now),
            Some(Target::Eni(receiver)) => receiver,
            Some(Target::Local) => match self.world.owner(vpc, packet.destination) {
                Some(receiver) => receiver,
                None => return (Fate::Dropped, "nobody in the VPC has this address"),
            },
        };
        if receiver == eni {
            return (Fate::Dropped, "routed back to its sender");
        }
        self.arrive(receiver, packet, Arrival::Routed(eni), now)
    }

    /// PCX-34: into the other VPC, to the owner of an address there; no table of it is asked.
    fn cross(&mut self, eni: usize, peering: usize, packet: &Packet, now: u64) -> Verdict {
        let Some(far) = self.world.peer(self.world.vpc_of(eni), peering) else {
            return (Fate::Dropped, "PCX-31: the connection is not active");
        };
        let of = &self.world.vpcs[far];
        let within = match packet.destination {
            IpAddr::V4(to) => of.ipv4.iter().any(|block| block.contains(&to)),
            IpAddr::V6(to) => of.ipv6.iter().any(|block| block.contains(&to)),
        };
        if !within {
            return (Fate::Dropped, "PCX-34: no address of the other VPC");
        }
        match self.world.owner(far, packet.destination) {
            Some(receiver) => {
                self.passed.push(match packet.destination {
                    IpAddr::V4(_) => "PCX-34: into the other VPC",
                    IpAddr::V6(_) => "PCX-36: into the other VPC by IPv6",
                });
                self.arrive(receiver, packet, Arrival::Peered(eni), now)
            }
            None => (Fate::Dropped, "nobody in the other VPC has this address"),
        }
    }

    /// SG-7: flows through an egress-only or a NAT gateway are tracked whatever the rules.
    pub(crate) fn is_always_tracked(&self, eni: usize, far: IpAddr) -> bool {
        let subnet = self.world.enis[eni].subnet;
        let nat = match self.world.route(subnet, far) {
            Some(Target::NatGateway(gateway)) => self.nat_target(gateway),
            _ => None,
        };
        nat.is_some() || self.valve(eni, far).is_some()
    }

    /// The egress-only gateway by which an interface's subnet reaches an address, if there is one that carries it.
    fn valve(&self, eni: usize, far: IpAddr) -> Option<u64> {
        let vpc = &self.world.vpcs[self.world.vpc_of(eni)];
        let subnet = self.world.enis[eni].subnet;
        match self.world.route(subnet, far) {
            Some(Target::EgressOnly(number)) if far.is_ipv6() => {
                vpc.egress_only.filter(|own| *own == number)
            }
            _ => None,
        }
    }

    /// Step 6, by the egress-only gateway: EO-20, EO-22, EO-32.
    fn out_by_valve(&mut self, eni: usize, gateway: u64, packet: &Packet, now: u64) -> Verdict {
        let vpc = self.world.vpc_of(eni);
        if self.world.owner(vpc, packet.source).is_none() {
            return (Fate::Dropped, "EO-22: source is no interface of the VPC");
        }
        if not_for_the_internet(packet.destination) {
            return (Fate::Dropped, "EO-32: no global destination");
        }
        let of = &self.world.enis[eni];
        // An error belongs to another flow.
        let own = !matches!(packet.body, Body::Error { .. });
        if let Some(flow) = self.tracking.find(eni, of, Way::Egress, packet, now)
            && own
        {
            flow.leaves_by(gateway);
        }
        self.on_the_internet(packet, now)
    }

    /// EO-23 to EO-28: in comes what answers.
    fn in_by_valve(&mut self, eni: usize, gateway: u64, packet: &Packet, now: u64) -> Verdict {
        let of = &self.world.enis[eni];
        // EO-26: an error asks for the flow of what it quotes.
        let flow = match packet.body {
            Body::Error { about, .. } => {
                let quoted = about.packet();
                let flow = self.tracking.find(eni, of, Way::Egress, &quoted, now);
                flow.filter(|_| about.source == packet.destination)
            }
            _ => self.tracking.find(eni, of, Way::Ingress, packet, now),
        };
        let answers = flow.is_some_and(|flow| {
            flow.awaits_answer_by(gateway, now) && !(flow.over && packet.opens_tcp())
        });
        match answers {
            true => self.arrive(eni, packet, Arrival::Internet, now),
            false => (Fate::Dropped, "EO-24: nothing inside asked for it"),
        }
    }

    /// Step 6, from the VPC: IGW-2, IGW-3.
    fn out_by_gateway(&mut self, vpc: usize, packet: &Packet, now: u64) -> Verdict {
        if !self.world.vpcs[vpc].internet_gateway {
            return (Fate::Dropped, "RT-9: no internet gateway attached");
        }
        if not_for_the_internet(packet.destination) {
            return (Fate::Dropped, "IGW-3: private destination");
        }
        let Some(owner) = self.world.owner(vpc, packet.source) else {
            return (Fate::Dropped, "IGW-3: source is no interface of the VPC");
        };
        let source = match packet.source {
            IpAddr::V6(_) => packet.source,
            IpAddr::V4(private) => {
                let mut own = self.world.enis[owner].ipv4.iter();
                match own.find(|own| own.0 == private).and_then(|own| own.1) {
                    Some(public) => public.into(),
                    None => return (Fate::Dropped, "IGW-2: no public address"),
                }
            }
        };
        let mut packet = Packet { source, ..*packet };
        if let Body::Error { about, .. } = &mut packet.body
            && let Some(public) = self.public(vpc, about.destination)
        {
            about.destination = public;
        }
        self.on_the_internet(&packet, now)
    }

    /// IGW-2: what the internet calls a private address.
    fn public(&self, vpc: usize, private: IpAddr) -> Option<IpAddr> {
        let owner = self.world.owner(vpc, private)?;
        let mut own = self.world.enis[owner].ipv4.iter();
        own.find(|own| IpAddr::from(own.0) == private)
            .and_then(|own| own.1)
            .map(IpAddr::from)
    }

    pub(crate) fn on_the_internet(&mut self, packet: &Packet, now: u64) -> Verdict {
        let to = packet.destination;
        let host = |host: &Vec<IpAddr>| host.contains(&to);
        if let Some(host) = self.world.outside.iter().position(host) {
            let port = Port::Outside(host);
            if packet.from == port {
                return (Fate::Dropped, "sent to itself");
            }
            let fate = Fate::Delivered {
                port,
                seen: *packet,
                neighbour: None,
            };
            return (fate, "an outside host");
        }
        // IGW-4: only the owner of the public address.
        for eni in 0..self.world.enis.len() {
            let of = &self.world.enis[eni];
            if of.user == User::Deleted {
                continue;
            }
            let private = match to {
                IpAddr::V6(_) => of.owns(to).then_some(to),
                IpAddr::V4(public) => {
                    let mut own = of.ipv4.iter();
                    own.find(|own| own.1 == Some(public))
                        .map(|own| own.0.into())
                }
            };
            if let Some(destination) = private {
                let mut inside = Packet {
                    destination,
                    ..*packet
                };
                if let Body::Error { about, .. } = &mut inside.body
                    && about.source == to
                {
                    about.source = destination;
                }
                return self.in_by_gateway(eni, &inside, now);
            }
        }
        (Fate::Dropped, "nobody on the internet has this address")
    }

    /// Step 6, into the VPC: IGW-3, IGW-4.
    fn in_by_gateway(&mut self, eni: usize, packet: &Packet, now: u64) -> Verdict {
        // The receiver's subnet decides by which of the two it comes in.
        if let Some(gateway) = self.valve(eni, packet.source) {
            return self.in_by_valve(eni, gateway, packet, now);
        }
        let vpc = &self.world.vpcs[self.world.vpc_of(eni)];
        if !vpc.internet_gateway {
            return (Fate::Dropped, "no internet gateway attached");
        }
        if not_for_the_internet(packet.source) {
            return (Fate::Dropped, "IGW-3: private source");
        }
        // RT-12: the gateway's table may hand it to somebody else, who then must be able to answer.
        let receiver = match vpc.edge {
            None => eni,
            Some(table) => match self.world.longest(table, packet.destination) {
                Some(Target::Local) => eni,
                Some(Target::Eni(middlebox)) if packet.from == Port::Eni(middlebox) => {
                    return (Fate::Dropped, "RT-12: steered back to its sender");
                }
                Some(Target::Eni(middlebox)) => middlebox,
                _ => return (Fate::Dropped, "RT-12: the edge table leads nowhere"),
            },
        };
        let subnet = self.world.enis[receiver].subnet;
        if self.world.route(subnet, packet.source) != Some(Target::InternetGateway) {
            return (Fate::Dropped, "IGW-4: the reply would not come back");
        }
        // Its own public address too: the gateway turns the packet round.
        self.arrive(receiver, packet, Arrival::Internet, now)
    }
}
