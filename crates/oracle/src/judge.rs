//! One packet, in order: the nine steps of the table, each a few lines.

use std::net::{IpAddr, Ipv4Addr};

use crate::packet::{Body, NextHop, Packet, Port};
use crate::rules::{self, Look, Way};
use crate::tracking::Tracking;
use crate::world::{Target, World};

/// What becomes of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It comes out of a port with these addresses.
    Delivered {
        /// Where.
        port: Port,
        /// Source as the receiver sees it.
        source: IpAddr,
        /// Destination as the receiver sees it.
        destination: IpAddr,
        /// Sent straight to the receiver, not by a router.
        neighbour: bool,
    },
    /// Nothing comes out.
    Dropped,
    /// The router's own affair: it may answer the sender, nobody else sees it (step 2).
    Local,
}

/// What a flow log shows of one packet at one interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Record {
    /// The interface.
    pub eni: usize,
    /// Direction.
    pub way: Way,
    /// ACCEPT or REJECT.
    pub accept: bool,
    /// `srcaddr`.
    pub source: IpAddr,
    /// `dstaddr`.
    pub destination: IpAddr,
    /// `pkt-srcaddr`, `pkt-dstaddr`.
    pub in_packet: (IpAddr, IpAddr),
    /// `srcport`, `dstport`.
    pub ports: (u16, u16),
    /// `protocol`.
    pub protocol: u8,
}

/// A fate, its records and the sentence why.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// What becomes of it.
    pub fate: Fate,
    /// What is logged, in order.
    pub records: Vec<Record>,
    /// The deciding row.
    pub why: &'static str,
}

/// The evaluator and what it has seen.
#[derive(Clone, Debug)]
pub struct Oracle {
    /// The configuration of now; edits are simply made.
    pub world: World,
    tracking: Tracking,
    records: Vec<Record>,
}

type Verdict = (Fate, &'static str);

impl Oracle {
    /// An oracle that has seen nothing.
    pub fn new(world: World) -> Oracle {
        Oracle {
            world,
            tracking: Tracking::default(),
            records: Vec::new(),
        }
    }

    /// Judges a packet at `now` (nanoseconds).
    pub fn judge(&mut self, packet: &Packet, now: u64) -> Judgement {
        self.records.clear();
        let (fate, why) = match packet.from {
            Port::Eni(eni) => self.leave_eni(eni, packet, now),
            Port::Outside(_) if never_a_source(packet.source) => {
                (Fate::Dropped, "I-2: impossible source")
            }
            // The internet checks nobody's source.
            Port::Outside(_) => self.on_the_internet(packet, now),
        };
        Judgement {
            fate,
            records: self.records.clone(),
            why,
        }
    }

    fn leave_eni(&mut self, eni: usize, packet: &Packet, now: u64) -> Verdict {
        let sender = &self.world.enis[eni];
        let subnet = sender.subnet;
        if never_a_source(packet.source) {
            return (Fate::Dropped, "I-2: impossible source");
        }
        if sender.check && !sender.owns(packet.source) {
            return (Fate::Dropped, "step 1: source check (ENI-2)");
        }
        if self.is_local_service(subnet, packet.destination) {
            return (Fate::Local, "step 2: router, resolver, link-local services");
        }
        let neighbour = match packet.to {
            NextHop::Router => None,
            NextHop::Neighbour(other)
                if other != eni && self.world.enis[other].subnet == subnet =>
            {
                Some(other)
            }
            NextHop::Neighbour(_) | NextHop::Nobody => {
                return (Fate::Dropped, "nobody on the subnet has this MAC");
            }
        };
        let vpc = self.world.subnets[subnet].vpc;
        let peer = self.world.owner(vpc, packet.destination);
        let look = Look::at(packet, Way::Egress, peer);
        let valve = match neighbour {
            None => self.valve(eni, packet.destination),
            Some(_) => None,
        };
        let always = valve.is_some();
        let tracked = self.security_group((eni, always), Way::Egress, packet, &look, now);
        let Some(tracked) = tracked else {
            self.log(eni, Way::Egress, false, packet);
            return (Fate::Dropped, "step 3: security group egress");
        };
        let acl = &self.world.acls[self.world.subnets[subnet].acl];
        if neighbour.is_none() && !rules::acl_allows(&acl.outbound, &look) {
            self.log(eni, Way::Egress, false, packet);
            return (Fate::Dropped, "step 4: network ACL outbound");
        }
        self.log(eni, Way::Egress, true, packet);
        self.note(eni, Way::Egress, packet, tracked, now);
        match neighbour {
            Some(receiver) => self.arrive(receiver, packet, Arrival::Neighbour(eni), now),
            None => self.route(eni, packet, now),
        }
    }

    /// Step 5.
    fn route(&mut self, eni: usize, packet: &Packet, now: u64) -> Verdict {
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
        if let Some(flow) = self.tracking.find(eni, of, Way::Egress, packet, now) {
            flow.leaves_by(gateway);
        }
        self.on_the_internet(packet, now)
    }

    /// EO-23 to EO-28: in comes what answers.
    fn in_by_valve(&mut self, eni: usize, gateway: u64, packet: &Packet, now: u64) -> Verdict {
        let of = &self.world.enis[eni];
        let flow = self.tracking.find(eni, of, Way::Ingress, packet, now);
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
        self.on_the_internet(&Packet { source, ..*packet }, now)
    }

    fn on_the_internet(&mut self, packet: &Packet, now: u64) -> Verdict {
        let to = packet.destination;
        let host = |host: &Vec<IpAddr>| host.contains(&to);
        if let Some(host) = self.world.outside.iter().position(host) {
            let (port, source, destination) = (Port::Outside(host), packet.source, to);
            if packet.from == port {
                return (Fate::Dropped, "sent to itself");
            }
            let fate = Fate::Delivered {
                port,
                source,
                destination,
                neighbour: false,
            };
            return (fate, "an outside host");
        }
        // IGW-4: only the owner of the public address.
        for eni in 0..self.world.enis.len() {
            let of = &self.world.enis[eni];
            let private = match to {
                IpAddr::V6(_) => of.owns(to).then_some(to),
                IpAddr::V4(public) => {
                    let mut own = of.ipv4.iter();
                    own.find(|own| own.1 == Some(public))
                        .map(|own| own.0.into())
                }
            };
            if let Some(destination) = private {
                return self.in_by_gateway(
                    eni,
                    &Packet {
                        destination,
                        ..*packet
                    },
                    now,
                );
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

    /// Steps 7 to 9.
    fn arrive(&mut self, eni: usize, packet: &Packet, how: Arrival, now: u64) -> Verdict {
        let receiver = &self.world.enis[eni];
        // SG-5: a group reference means who really sent it.
        let peer = match how {
            Arrival::Neighbour(sender) | Arrival::Routed(sender) => {
                let direct = self.world.enis[sender].owns(packet.source);
                direct.then_some(sender)
            }
            Arrival::Internet => None,
        };
        let look = Look::at(packet, Way::Ingress, peer);
        let acl = &self.world.acls[self.world.subnets[receiver.subnet].acl];
        let neighbour = matches!(how, Arrival::Neighbour(_));
        // ACL-1: at the subnet edge only; what went to the router for elsewhere left the subnet (RT-10).
        let owned = !receiver.check || receiver.owns(packet.destination);
        if !neighbour && !rules::acl_allows(&acl.inbound, &look) {
            self.log(eni, Way::Ingress, false, packet);
            return (Fate::Dropped, "step 7: network ACL inbound");
        }
        let tracked = self.security_group((eni, false), Way::Ingress, packet, &look, now);
        let Some(tracked) = tracked else {
            self.log(eni, Way::Ingress, false, packet);
            return (Fate::Dropped, "step 8: security group ingress");
        };
        if !owned {
            return (Fate::Dropped, "step 8: destination check (ENI-2)");
        }
        self.log(eni, Way::Ingress, true, packet);
        self.note(eni, Way::Ingress, packet, tracked, now);
        let fate = Fate::Delivered {
            port: Port::Eni(eni),
            source: packet.source,
            destination: packet.destination,
            neighbour,
        };
        (fate, "step 9: delivered")
    }

    /// Steps 3 and 8: `None` refused, else whether the flow is tracked; `always` where SG-7 has it so whatever the rules.
    fn security_group(
        &mut self,
        (eni, always): (usize, bool),
        way: Way,
        packet: &Packet,
        look: &Look,
        now: u64,
    ) -> Option<bool> {
        let of = &self.world.enis[eni];
        let flow = self.tracking.find(eni, of, way, packet, now);
        let was_untracked = flow.as_ref().is_some_and(|flow| flow.untracked);
        if flow.is_some_and(|flow| !(flow.untracked || flow.over && packet.opens_tcp())) {
            return Some(true);
        }
        if !rules::security_groups_allow(&self.world, eni, way, look) {
            return None;
        }
        // SG-7, for the first packet of a flow and for the answers to one.
        let turned = look.turned(packet);
        let untracked = rules::open_both_ways(&self.world, eni, way, look)
            || !packet.opens_tcp() && rules::open_both_ways(&self.world, eni, way.back(), &turned);
        if !always && (untracked || was_untracked) {
            return Some(false);
        }
        // What is tracked begins at its beginning (SG-7: ICMP always is).
        let begins = match packet.body {
            Body::Tcp { .. } => packet.opens_tcp(),
            Body::Echo { reply, .. } => !reply,
            Body::Udp { .. } | Body::Other(_) => true,
        };
        begins.then_some(true)
    }

    fn note(&mut self, eni: usize, way: Way, packet: &Packet, tracked: bool, now: u64) {
        let of = &self.world.enis[eni];
        self.tracking.accept(eni, of, (way, packet), !tracked, now);
    }

    fn log(&mut self, eni: usize, way: Way, accept: bool, packet: &Packet) {
        let of = &self.world.enis[eni];
        let (mut source, mut destination) = (packet.source, packet.destination);
        match way {
            Way::Ingress => destination = of.primary(destination),
            Way::Egress => source = of.primary(source),
        }
        self.records.push(Record {
            eni,
            way,
            accept,
            source,
            destination,
            in_packet: (packet.source, packet.destination),
            ports: packet.ports(),
            protocol: packet.protocol(),
        });
    }

    /// SUB-2, SUB-6, DNS-1, MD-1, MD-3.
    fn is_local_service(&self, subnet: usize, to: IpAddr) -> bool {
        let subnet = &self.world.subnets[subnet];
        let vpc = &self.world.vpcs[subnet.vpc];
        match to {
            IpAddr::V4(to) => {
                to.is_link_local()
                    || to == plus(subnet.ipv4.network(), 1)
                    || to == plus(vpc.ipv4[0].network(), 2)
            }
            IpAddr::V6(to) => {
                to.segments()[..2] == [0xfd00, 0xec2]
                    || to.is_unicast_link_local()
                    || subnet
                        .ipv6
                        .is_some_and(|block| u128::from(to) == u128::from(block.network()) + 1)
            }
        }
    }
}

/// How a packet reaches its receiver.
#[derive(Clone, Copy, Debug)]
enum Arrival {
    Neighbour(usize),
    Routed(usize),
    Internet,
}

fn plus(address: Ipv4Addr, n: u32) -> Ipv4Addr {
    Ipv4Addr::from(u32::from(address) + n)
}

/// I-2.
fn never_a_source(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            let first = address.octets()[0];
            first == 0 || first == 127 || first >= 224 || address.is_link_local()
        }
        IpAddr::V6(address) => {
            address.is_multicast()
                || address.is_unicast_link_local()
                || address.segments()[..6] == [0; 6]
                || address.segments()[..6] == [0, 0, 0, 0, 0, 0xffff]
        }
    }
}

/// IGW-3: RFC 1918 and 100.64.0.0/10.
fn not_for_the_internet(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            let [a, b, ..] = address.octets();
            address.is_private() || a == 100 && b & 0xc0 == 64
        }
        IpAddr::V6(address) => address.is_unique_local() || address.is_multicast(),
    }
}
