//! One packet, in order: the nine steps of the table, each a few lines.

use std::net::{IpAddr, Ipv4Addr};
use std::rc::Rc;

use crate::fragments::Datagrams;
use crate::nat::{Asked, Bindings, End};
use crate::packet::{Body, NextHop, Packet, Port};
use crate::rules::{self, Look, Way};
use crate::tracking::Tracking;
use crate::world::{User, World};

/// What becomes of a packet.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fate {
    /// It comes out of a port.
    Delivered {
        /// Where.
        port: Port,
        /// As the receiver sees it.
        seen: Packet,
        /// The interface that sent it straight to the receiver, if it was no router.
        neighbour: Option<usize>,
    },
    /// Nothing comes out.
    Dropped,
    /// A NAT gateway resets its sender (NAT-6).
    Reset,
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
    /// Rows that let it pass on the way.
    pub passed: Vec<&'static str>,
    /// What the engine chose though it may not.
    pub violation: Option<&'static str>,
}

/// The evaluator and what it has seen.
pub struct Oracle {
    /// The configuration of now; edits are simply made.
    pub world: World,
    pub(crate) tracking: Tracking,
    pub(crate) bindings: Bindings,
    pub(crate) claim: Claim,
    /// What the engine may not have chosen.
    pub(crate) violation: Option<&'static str>,
    /// NAT gateways that the packet was led through.
    pub(crate) row: Vec<usize>,
    /// It is told in the other IP version by now.
    pub(crate) retold: bool,
    pub(crate) passed: Vec<&'static str>,
    datagrams: Datagrams,
    records: Vec<Record>,
}

/// What the engine says that a NAT gateway took for a flow.
pub type Claim = Rc<dyn Fn(&Asked) -> Option<End>>;

pub(crate) type Verdict = (Fate, &'static str);

impl Oracle {
    /// An oracle that has seen nothing, and whom it asks for what only the engine can choose.
    pub fn new(world: World, claim: Claim) -> Oracle {
        Oracle {
            world,
            claim,
            tracking: Tracking::default(),
            bindings: Bindings::default(),
            datagrams: Datagrams::default(),
            violation: None,
            row: Vec::new(),
            retold: false,
            passed: Vec::new(),
            records: Vec::new(),
        }
    }

    /// Judges a packet at `now` (nanoseconds).
    pub fn judge(&mut self, packet: &Packet, now: u64) -> Judgement {
        self.records.clear();
        self.row.clear();
        self.retold = false;
        self.passed.clear();
        self.violation = None;
        let (fate, why) = match packet.from {
            Port::Eni(eni) => self.leave_eni(eni, packet, now),
            Port::Outside(_) if never_a_source(packet.source) => {
                (Fate::Dropped, "I-2: impossible source")
            }
            // The internet checks nobody's source.
            Port::Outside(_) => match self.datagrams.admit(packet, now) {
                Ok(packet) => self.on_the_internet(&packet, now),
                Err(why) => (Fate::Dropped, why),
            },
        };
        if let Fate::Delivered { .. } = fate {
            self.datagrams.passed(packet);
            if packet.is_later() {
                self.passed.push("I-12: a later piece follows the first");
            }
        }
        Judgement {
            fate,
            records: self.records.clone(),
            why,
            passed: self.passed.clone(),
            violation: self.violation,
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
        let packet = &match self.datagrams.admit(packet, now) {
            Ok(packet) => packet,
            Err(why) => return (Fate::Dropped, why),
        };
        let neighbour = match packet.to {
            NextHop::Router => None,
            NextHop::Neighbour(other)
                if other != eni
                    && self.world.enis[other].subnet == subnet
                    && self.world.enis[other].user != User::Deleted =>
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
        let always = neighbour.is_none() && self.is_always_tracked(eni, packet.destination);
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

    /// Steps 7 to 9.
    pub(crate) fn arrive(
        &mut self,
        eni: usize,
        packet: &Packet,
        how: Arrival,
        now: u64,
    ) -> Verdict {
        let receiver = &self.world.enis[eni];
        if receiver.user == User::NatGateway {
            return self.through_nat(eni, packet, how, now);
        }
        // SG-5: a group reference means who really sent it.
        let peer = match how {
            Arrival::Neighbour(sender) | Arrival::Routed(sender) | Arrival::Peered(sender) => {
                let direct = self.world.enis[sender].owns(packet.source);
                direct.then_some(sender)
            }
            Arrival::Internet => None,
        };
        let look = Look::at(packet, Way::Ingress, peer);
        let acl = &self.world.acls[self.world.subnets[receiver.subnet].acl];
        let neighbour = match how {
            Arrival::Neighbour(sender) => Some(sender),
            _ => None,
        };
        // ACL-1: at the subnet edge only; what went to the router for elsewhere left the subnet (RT-10).
        let owned = !receiver.check || receiver.owns(packet.destination);
        if neighbour.is_none() && !rules::acl_allows(&acl.inbound, &look) {
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
            seen: *packet,
            // A gateway has no Ethernet address of its own.
            neighbour: neighbour.filter(|sender| self.world.enis[*sender].user == User::Host),
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
        if let Body::Error { about, .. } = packet.body {
            // I-11: to the sender of a packet of a live flow; whatever the rules say.
            let quoted = about.packet();
            let flow = self.tracking.find(eni, of, way.back(), &quoted, now);
            let related = about.source == packet.destination && flow.is_some();
            if related {
                self.passed.push("I-11: an error about a live flow");
            }
            return related.then_some(true);
        }
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
            Body::Udp { .. } | Body::Error { .. } | Body::Other(_) => true,
        };
        begins.then_some(true)
    }

    fn note(&mut self, eni: usize, way: Way, packet: &Packet, tracked: bool, now: u64) {
        if let Body::Error { .. } = packet.body {
            return; // I-11: it creates no state, and keeps none alive.
        }
        let of = &self.world.enis[eni];
        self.tracking.accept(eni, of, (way, packet), !tracked, now);
    }

    pub(crate) fn log(&mut self, eni: usize, way: Way, accept: bool, packet: &Packet) {
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
pub(crate) enum Arrival {
    /// Of an interface of the same subnet, which sent it straight.
    Neighbour(usize),
    /// Of an interface of this VPC.
    Routed(usize),
    /// Of an interface of a peer.
    Peered(usize),
    /// By the internet gateway or the egress-only one.
    Internet,
}

fn plus(address: Ipv4Addr, n: u32) -> Ipv4Addr {
    Ipv4Addr::from(u32::from(address) + n)
}

/// I-2.
pub(crate) fn never_a_source(address: IpAddr) -> bool {
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
pub(crate) fn not_for_the_internet(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            let [a, b, ..] = address.octets();
            address.is_private() || a == 100 && b & 0xc0 == 64
        }
        IpAddr::V6(address) => address.is_unique_local() || address.is_multicast(),
    }
}
