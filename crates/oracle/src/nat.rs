//! NAT gateways (NAT-1…NAT-11): at each one's interface the two legs, and a list of bindings.
//!
//! Which free port a gateway takes is its own affair: the engine's choice is a [`crate::judge::Claim`], which must be one
//! that the table allows.

use std::net::{IpAddr, Ipv4Addr};

use crate::judge::{Arrival, Fate, Oracle, Verdict, never_a_source};
use crate::nat64;
use crate::packet::{Body, FIN, Packet, Quote, RST};
use crate::rules::{self, Look, Way};
use crate::world::{Eni, User};

/// NAT-6.
const IDLE_SECS: u64 = 350;
/// Choice: after both sides finished, or the inside reset.
const CLOSED_SECS: u64 = 60;

/// An address and what stands for a port in it.
pub type End = (Ipv4Addr, u16);
/// The same behind a gateway, where there is IPv6 too.
pub type Inside = (IpAddr, u16);

/// One translated flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The gateway's interface.
    pub gateway: usize,
    /// IANA number, as in IPv4.
    pub protocol: u8,
    /// The end behind the gateway.
    pub inside: Inside,
    /// The far end; port 0 for echoes.
    pub far: End,
}

#[derive(Clone, Debug)]
struct Binding {
    flow: Asked,
    own: End,
    last: u64,
    finished: [bool; 2],
    over: bool,
}

/// Bindings of all gateways.
#[derive(Clone, Debug, Default)]
pub struct Bindings(Vec<Binding>);

impl Bindings {
    fn expire(&mut self, gateway: usize, of: &Eni, now: u64) {
        self.0.retain(|binding| {
            let secs = if binding.over { CLOSED_SECS } else { IDLE_SECS };
            binding.flow.gateway != gateway
                || now - binding.last < secs * 1_000_000_000 && of.owns(IpAddr::V4(binding.own.0))
        });
    }

    fn of_flow(&self, flow: &Asked) -> Option<&Binding> {
        self.0.iter().find(|binding| binding.flow == *flow)
    }

    fn inward(&self, gateway: usize, protocol: u8, own: End, far: End) -> Option<&Binding> {
        self.0.iter().find(|binding| {
            (binding.flow.gateway, binding.flow.protocol) == (gateway, protocol)
                && binding.own == own
                && binding.flow.far == far
        })
    }
}

/// A packet on its way out of a gateway, and the flow that it belongs to.
struct Translated {
    packet: Packet,
    flow: Asked,
    own: End,
    /// Outward 0, inward 1.
    side: usize,
}

impl Oracle {
    /// A packet has come to a gateway's interface.
    pub(crate) fn through_nat(
        &mut self,
        gateway: usize,
        packet: &Packet,
        how: Arrival,
        now: u64,
    ) -> Verdict {
        let of = self.world.enis[gateway].clone();
        let look = Look::at(packet, Way::Ingress, None);
        let acl = &self.world.acls[self.world.subnets[of.subnet].acl];
        let neighbour = matches!(how, Arrival::Neighbour(_));
        if !neighbour && !rules::acl_allows(&acl.inbound, &look) {
            self.log(gateway, Way::Ingress, false, packet);
            return (Fate::Dropped, "NAT-7: network ACL inbound");
        }
        self.log(gateway, Way::Ingress, true, packet);
        if matches!(packet.body, Body::Other(_)) {
            return (Fate::Dropped, "NAT-4: TCP, UDP, ICMP only");
        }
        if packet.is_fragment() && packet.protocol() != 17 {
            return (Fate::Dropped, "NAT-4: fragments of UDP only");
        }
        let destination = match packet.destination {
            IpAddr::V4(destination) => Some(destination),
            IpAddr::V6(destination) => nat64::inside_of(destination),
        };
        let Some(destination) = destination else {
            return (Fate::Dropped, "NAT-11: IPv6 to 64:ff9b::/96 only");
        };
        if never_a_source(destination.into()) {
            return (Fate::Dropped, "NAT-11: an address that never travels");
        }
        self.bindings.expire(gateway, &of, now);
        let translated = match (of.owns(packet.destination), packet.source) {
            (true, IpAddr::V4(source)) => self.inward(gateway, packet, (source, destination)),
            (true, IpAddr::V6(_)) => Err((Fate::Dropped, "a gateway has no IPv6 address")),
            // Choice: it forwards what a route table leads to it, not what a neighbour hands it.
            (false, _) if neighbour => Err((Fate::Dropped, "not routed to the gateway")),
            (false, _) => self.outward(gateway, packet, destination),
        };
        match translated {
            Ok(translated) => self.leave_nat(gateway, translated, now),
            Err(verdict) => verdict,
        }
    }

    fn outward(
        &mut self,
        gateway: usize,
        packet: &Packet,
        destination: Ipv4Addr,
    ) -> Result<Translated, Verdict> {
        let vpc = &self.world.vpcs[self.world.vpc_of(gateway)];
        let inside_vpc = match packet.source {
            IpAddr::V4(source) => vpc.ipv4.iter().any(|block| block.contains(&source)),
            IpAddr::V6(source) => vpc.ipv6.iter().any(|block| block.contains(&source)),
        };
        if !inside_vpc {
            return Err((Fate::Dropped, "NAT-9: a source outside the VPC"));
        }
        let asked = |inside: u16, far: u16| Asked {
            gateway,
            protocol: match packet.protocol() {
                58 => 1,
                other => other,
            },
            inside: (packet.source, inside),
            far: (destination, far),
        };
        let flow = match packet.body {
            Body::Tcp { ports, .. } | Body::Udp { ports } => asked(ports.0, ports.1),
            Body::Echo { id, reply: false } => asked(id, 0),
            Body::Echo { reply: true, .. } => {
                return Err((Fate::Dropped, "NAT-4: an answer to nobody"));
            }
            Body::Error { about, .. } => {
                return self.error_outward(gateway, packet, destination, about);
            }
            Body::Other(_) => return Err((Fate::Dropped, "NAT-4: TCP, UDP, ICMP only")),
        };
        if packet.source.is_ipv6() && self.retold {
            return Err((Fate::Dropped, "NAT-11: told again already"));
        }
        let known = self.bindings.of_flow(&flow).map(|binding| binding.own);
        let own = match known {
            Some(own) => own,
            None => {
                if let Body::Tcp { flags, .. } = packet.body
                    && !packet.opens_tcp()
                {
                    let reset = flags & RST != 0;
                    let fate = if reset { Fate::Dropped } else { Fate::Reset };
                    return Err((fate, "NAT-6: the entry has expired"));
                }
                self.allocate(&flow)
            }
        };
        Ok(Translated {
            packet: with_source(&self.in_ipv4(packet, own.0, destination)?, own),
            flow,
            own,
            side: 0,
        })
    }

    /// NAT-11, outward: from an address of the gateway.
    fn in_ipv4(
        &mut self,
        packet: &Packet,
        source: Ipv4Addr,
        destination: Ipv4Addr,
    ) -> Result<Packet, Verdict> {
        match packet.source {
            IpAddr::V4(_) => Ok(*packet),
            IpAddr::V6(_) => self.retell(packet, source.into(), destination.into()),
        }
    }

    /// NAT-11, inward: to the inside, if that is of IPv6.
    fn in_ipv6(
        &mut self,
        packet: &Packet,
        source: Ipv4Addr,
        inside: IpAddr,
    ) -> Result<Packet, Verdict> {
        match inside {
            IpAddr::V4(_) => Ok(*packet),
            IpAddr::V6(_) => self.retell(packet, nat64::bearing(source).into(), inside),
        }
    }

    fn retell(
        &mut self,
        packet: &Packet,
        source: IpAddr,
        destination: IpAddr,
    ) -> Result<Packet, Verdict> {
        if self.retold {
            return Err((Fate::Dropped, "NAT-11: told again already"));
        }
        self.retold = true;
        let retold = nat64::retold(packet, source, destination);
        self.passed.push(match (packet.body, packet.source) {
            (Body::Error { .. }, IpAddr::V4(_)) => "NAT-11: an error into IPv6",
            (Body::Error { .. }, IpAddr::V6(_)) => "NAT-11: an error into IPv4",
            (_, IpAddr::V4(_)) if packet.is_fragment() => "NAT-11: a piece into IPv6",
            (_, IpAddr::V6(_)) if packet.is_fragment() => "NAT-11: a piece into IPv4",
            (_, IpAddr::V4(_)) => "NAT-11: into IPv6",
            (_, IpAddr::V6(_)) => "NAT-11: into IPv4",
        });
        retold.ok_or((Fate::Dropped, "NAT-11: no such error in the other version"))
    }

    /// NAT-5: any address of the gateway, any port of 1024–65535 that is not in use towards this far end.
    fn allocate(&mut self, flow: &Asked) -> End {
        let of = &self.world.enis[flow.gateway];
        let Some(own) = (self.claim)(flow) else {
            // The packet did not pass, so nothing was kept.
            return (of.ipv4[0].0, 0);
        };
        let taken = self
            .bindings
            .inward(flow.gateway, flow.protocol, own, flow.far)
            .is_some();
        if taken || own.1 < 1_024 || !of.owns(IpAddr::V4(own.0)) {
            self.violation = Some("NAT-5: not a port that it may take");
        }
        own
    }

    fn inward(
        &mut self,
        gateway: usize,
        packet: &Packet,
        (source, destination): (Ipv4Addr, Ipv4Addr),
    ) -> Result<Translated, Verdict> {
        let unsolicited = Err((Fate::Dropped, "NAT-4: nothing inside asked for it"));
        let ends = match packet.body {
            Body::Tcp { ports, .. } | Body::Udp { ports } => (ports.1, ports.0),
            Body::Echo { id, reply: true } => (id, 0),
            Body::Echo { reply: false, .. } => return unsolicited,
            Body::Error { about, .. } => {
                return self.error_inward(gateway, packet, source, about);
            }
            Body::Other(_) => return unsolicited,
        };
        let found = self.bindings.inward(
            gateway,
            packet.protocol(),
            (destination, ends.0),
            (source, ends.1),
        );
        let found = found.filter(|binding| !(binding.over && packet.opens_tcp()));
        let Some(binding) = found.cloned() else {
            return unsolicited;
        };
        let (inside, port) = binding.flow.inside;
        let packet = self.in_ipv6(packet, source, inside)?;
        Ok(Translated {
            packet: with_destination(&packet, (inside, port)),
            flow: binding.flow,
            own: binding.own,
            side: 1,
        })
    }

    /// NAT-6: an error of the inside about what the far end sent.
    fn error_outward(
        &mut self,
        gateway: usize,
        packet: &Packet,
        destination: Ipv4Addr,
        about: Quote,
    ) -> Result<Translated, Verdict> {
        let unrelated = Err((Fate::Dropped, "I-11: an error about no live flow"));
        // As the gateway knows the far end: the IPv4 address that an IPv6 one bears.
        let far = match about.source {
            IpAddr::V4(_) => Some(about.source),
            IpAddr::V6(source) => nat64::inside_of(source).map(IpAddr::from),
        };
        let Some(far) = far else {
            return unrelated;
        };
        let about = match packet.source {
            IpAddr::V4(_) => about,
            IpAddr::V6(_) => nat64::requoted(&about, far, about.destination),
        };
        let [far, inside] = quoted_ends(&about);
        let found = self.bindings.0.iter().find(|binding| {
            let flow = &binding.flow;
            (flow.gateway, flow.protocol) == (gateway, about.protocol)
                && flow.inside == inside
                && (IpAddr::from(flow.far.0), flow.far.1) == far
                && (about.protocol != 1 || about.reply)
        });
        let Some(binding) = found.cloned() else {
            return unrelated;
        };
        let packet = self.in_ipv4(packet, binding.own.0, destination)?;
        let Body::Error { kind, rest, .. } = packet.body else {
            return unrelated;
        };
        let about = Quote {
            destination: binding.own.0.into(),
            ports: quote_ports(&about, (about.ports.0, binding.own.1)),
            ..about
        };
        Ok(Translated {
            packet: Packet {
                source: binding.own.0.into(),
                body: Body::Error { kind, rest, about },
                ..packet
            },
            flow: binding.flow,
            own: binding.own,
            side: 0,
        })
    }

    /// NAT-6: an error from outside about what the inside sent.
    fn error_inward(
        &mut self,
        gateway: usize,
        packet: &Packet,
        source: Ipv4Addr,
        about: Quote,
    ) -> Result<Translated, Verdict> {
        let unrelated = Err((Fate::Dropped, "I-11: an error about no live flow"));
        let [own, far] = quoted_ends(&about);
        let ((IpAddr::V4(own), own_port), (IpAddr::V4(far), far_port)) = (own, far) else {
            return unrelated;
        };
        let (own, far) = ((own, own_port), (far, far_port));
        if about.source != packet.destination || about.protocol == 1 && about.reply {
            return unrelated;
        }
        let found = self.bindings.inward(gateway, about.protocol, own, far);
        let Some(binding) = found.cloned() else {
            return unrelated;
        };
        let (inside, port) = binding.flow.inside;
        let packet = self.in_ipv6(packet, source, inside)?;
        let Body::Error { kind, rest, .. } = packet.body else {
            return unrelated;
        };
        let about = Quote {
            ports: quote_ports(&about, (port, about.ports.1)),
            ..about
        };
        let about = match inside {
            IpAddr::V4(_) => Quote {
                source: inside,
                ..about
            },
            IpAddr::V6(_) => nat64::requoted(&about, inside, nat64::bearing(far.0).into()),
        };
        Ok(Translated {
            packet: Packet {
                destination: inside,
                body: Body::Error { kind, rest, about },
                ..packet
            },
            flow: binding.flow,
            own: binding.own,
            side: 1,
        })
    }

    /// Out of the gateway's interface again (NAT-7), and on by its subnet's table.
    fn leave_nat(&mut self, gateway: usize, out: Translated, now: u64) -> Verdict {
        let subnet = self.world.enis[gateway].subnet;
        let packet = &out.packet;
        let vpc = self.world.vpc_of(gateway);
        let near = self.world.subnets[subnet].contains(packet.destination);
        let look = Look::at(packet, Way::Egress, None);
        let acl = &self.world.acls[self.world.subnets[subnet].acl];
        if !near && !rules::acl_allows(&acl.outbound, &look) {
            self.log(gateway, Way::Egress, false, packet);
            return (Fate::Dropped, "NAT-7: network ACL outbound");
        }
        self.log(gateway, Way::Egress, true, packet);
        self.passed.push(match (packet.body, out.side) {
            (Body::Error { .. }, 0) => "NAT-6: an error goes out",
            (Body::Error { .. }, _) => "NAT-6: an error comes in",
            (_, 0) if packet.is_fragment() => "NAT-4: a piece goes out",
            (_, _) if packet.is_fragment() => "NAT-4: a piece comes in",
            (_, 0) => "NAT-8: out",
            (_, _) => "NAT-8: back",
        });
        self.bindings.see(&out, now);
        if near {
            return match self.world.owner(vpc, packet.destination) {
                Some(owner) if owner != gateway => {
                    self.arrive(owner, packet, Arrival::Neighbour(gateway), now)
                }
                _ => (Fate::Dropped, "nobody on the subnet has this address"),
            };
        }
        self.route(gateway, packet, now)
    }

    /// RT-9, NAT-10: a route to a gateway that is there.
    pub(crate) fn nat_target(&self, eni: usize) -> Option<usize> {
        Some(eni).filter(|eni| self.world.enis[*eni].user == User::NatGateway)
    }
}

impl Bindings {
    /// Errors keep nothing alive (I-11).
    fn see(&mut self, out: &Translated, now: u64) {
        if matches!(out.packet.body, Body::Error { .. }) {
            return;
        }
        let known = self.0.iter_mut().find(|binding| binding.flow == out.flow);
        let binding = match known {
            Some(binding) => binding,
            None => {
                self.0.push(Binding {
                    flow: out.flow,
                    own: out.own,
                    last: now,
                    finished: [false; 2],
                    over: false,
                });
                let last = self.0.len() - 1;
                &mut self.0[last]
            }
        };
        if out.packet.opens_tcp() && out.side == 0 && binding.over {
            (binding.finished, binding.over) = ([false; 2], false);
        }
        if binding.over {
            return;
        }
        binding.last = now;
        if let Body::Tcp { flags, .. } = out.packet.body {
            binding.finished[out.side] |= flags & FIN != 0;
            let reset = flags & RST != 0 && out.side == 0;
            binding.over = reset || binding.finished == [true; 2];
        }
    }
}

/// The two ends that a quotation names, sender first; echoes have one identifier, the sender's.
fn quoted_ends(about: &Quote) -> [Inside; 2] {
    let (first, second) = match (about.protocol, about.reply) {
        (1, false) => (about.ports.0, 0),
        (1, true) => (0, about.ports.0),
        _ => about.ports,
    };
    [(about.source, first), (about.destination, second)]
}

fn quote_ports(about: &Quote, ports: (u16, u16)) -> (u16, u16) {
    match (about.protocol, about.reply) {
        (1, false) => (ports.0, ports.0),
        (1, true) => (ports.1, ports.1),
        _ => ports,
    }
}

fn with_source(packet: &Packet, (address, port): End) -> Packet {
    let mut packet = Packet {
        source: address.into(),
        ..*packet
    };
    match &mut packet.body {
        Body::Tcp { ports, .. } | Body::Udp { ports } => ports.0 = port,
        Body::Echo { id, .. } => *id = port,
        Body::Error { .. } | Body::Other(_) => {}
    }
    packet
}

fn with_destination(packet: &Packet, (address, port): Inside) -> Packet {
    let mut packet = Packet {
        destination: address,
        ..*packet
    };
    match &mut packet.body {
        Body::Tcp { ports, .. } | Body::Udp { ports } => ports.1 = port,
        Body::Echo { id, .. } => *id = port,
        Body::Error { .. } | Body::Other(_) => {}
    }
    packet
}
