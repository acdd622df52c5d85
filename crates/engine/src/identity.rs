//! Who is behind a source address that a service sees (D10): towards the services port every interface's address
//! becomes a unique internal one, and back. A service learns who asks from this table alone, never from a packet.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use hashbrown::HashMap;
use openvpc_wire::Mac;
use serde::{Deserialize, Serialize};

use crate::ids::{EniIndex, GatewayId, Time};
use crate::table::{Handle, Table};

/// Silence after which an identity may be forgotten: far longer than any service keeps a silent connection, so that
/// nothing it ever said can be taken for somebody else's.
pub(crate) const IDLE_SECS: u64 = 600;
/// Identities looked at per call, at most.
const EXPIRE_MAX: usize = 1_024;
/// Low bits of an internal address; higher bits say that it is one. Reused only after all others.
const NUMBERS: u32 = 1 << 24;

/// The Ethernet address of the services' own interface.
pub const MAC: Mac = Mac([0x02, 0x00, 0x5e, 0x02, 0x00, 0x02]);
/// The router at the other end of its link; it has every address that the services do not have.
pub const ROUTER_MAC: Mac = Mac([0x02, 0x00, 0x5e, 0x02, 0x00, 0x01]);

/// A service with an address of its own on every subnet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Service {
    /// DNS-1.
    Resolver,
    /// MD-1.
    Metadata,
    /// MD-3.
    TimeSync,
}

impl Service {
    /// Where it listens behind the services port, whatever address it was asked at.
    pub const fn internal(self, ipv4: bool) -> IpAddr {
        let host = match self {
            Service::Resolver => (253, 0x253),
            Service::Metadata => (254, 0x254),
            Service::TimeSync => (123, 0x123),
        };
        if ipv4 {
            IpAddr::V4(Ipv4Addr::new(169, 254, 169, host.0))
        } else {
            IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, host.1))
        }
    }
}

/// Where a service of the public zone, known by its IPv4 address, listens over IPv6 for those who come by an interface
/// endpoint. No address of the internet: only endpoints lead there.
pub const fn service_ipv6(ipv4: Ipv4Addr) -> Ipv6Addr {
    let [a, b, c, d] = ipv4.octets();
    let [high, low] = [u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d])];
    Ipv6Addr::new(0xfd00, 0xec2, 0x443, 0, 0, 0, high, low)
}

/// By which way a request reaches the services.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Via {
    /// A link-local service of the subnet, asked at this address (the resolver has several).
    LinkLocal(Service, IpAddr),
    /// A public service at this address, through this gateway endpoint (GE-29).
    GatewayEndpoint(GatewayId, IpAddr),
    /// A public service at this address, through the interface endpoint whose interface the identity names.
    InterfaceEndpoint(IpAddr),
    /// The other way round: the target at this address, as the node of a load balancer sees it. What the daemon sends to
    /// the internal address is a probe of it.
    HealthCheck,
}

/// Who asks, and by which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Identity {
    /// The interface whose port the packets came by; the endpoint's own, for those through an interface endpoint; the
    /// node's of a health check.
    pub eni: EniIndex,
    /// The source address that they bear: the interface's own, or what the endpoint's interface saw; the target's of a
    /// health check.
    pub source: IpAddr,
    /// The way.
    pub via: Via,
}

/// An identity that packets bear, for as long as nobody else is given its address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pass(Handle);

#[derive(Clone, Copy)]
struct Known {
    identity: Identity,
    heard: Time,
}

/// Numbers are ours, and nobody can choose them.
const SEED: u64 = 0;

/// All identities, bounded.
pub(crate) struct Identities {
    max: usize,
    passes: HashMap<Identity, Pass>,
    /// By number.
    known: Table<4, Known>,
    /// How many each interface has.
    held: HashMap<EniIndex, usize>,
    /// How many have been given out.
    given: u64,
    /// Where the next look for idle ones begins.
    order: std::collections::VecDeque<Pass>,
}

impl Identities {
    pub(crate) fn new(max: u32) -> Identities {
        Identities {
            max: max.min(NUMBERS / 2) as usize,
            passes: HashMap::new(),
            known: Table::new(SEED),
            held: HashMap::new(),
            given: 0,
            order: std::collections::VecDeque::new(),
        }
    }

    /// The internal address of an identity that sends now; `None` when the table is full of busy ones.
    pub(crate) fn internal(&mut self, identity: Identity, now: Time) -> Option<(IpAddr, Pass)> {
        let ipv4 = identity.source.is_ipv4();
        if let Some(&pass) = self.passes.get(&identity)
            && let Some(known) = self.known.get_mut(pass.0)
        {
            known.heard = now;
            let number = self.known.key(pass.0).copied().map(u32::from_be_bytes)?;
            return Some((address(number, ipv4), pass));
        }
        if !self.has_room(identity.eni) {
            self.expire(now);
            if !self.has_room(identity.eni) {
                return None;
            }
        }
        // At most half of the numbers are in use.
        let number = loop {
            self.given += 1;
            let number = (self.given % u64::from(NUMBERS)) as u32;
            if number != 0 && self.known.find(&number.to_be_bytes()).is_none() {
                break number;
            }
        };
        *self.held.entry(identity.eni).or_default() += 1;
        let known = Known {
            identity,
            heard: now,
        };
        let pass = Pass(self.known.insert(number.to_be_bytes(), known));
        self.passes.insert(identity, pass);
        self.order.push_back(pass);
        Some((address(number, ipv4), pass))
    }

    /// No interface takes more than half of the table: behind one, anybody may invent senders (ENI-2).
    fn has_room(&self, eni: EniIndex) -> bool {
        let held = self.held.get(&eni).copied().unwrap_or(0);
        self.passes.len() < self.max && held < self.max.div_ceil(2)
    }

    /// Whether a pass is still its identity's.
    #[inline]
    pub(crate) fn holds(&self, pass: Pass) -> bool {
        self.known.get(pass.0).is_some()
    }

    /// Notes that a packet of an identity went by again.
    #[inline]
    pub(crate) fn touch(&mut self, pass: Pass, now: Time) {
        if let Some(known) = self.known.get_mut(pass.0) {
            known.heard = known.heard.max(now);
        }
    }

    /// Who is behind an internal address.
    pub(crate) fn find(&self, internal: IpAddr) -> Option<(Identity, Pass)> {
        let pass = Pass(self.known.find(&number(internal)?.to_be_bytes())?);
        let Known { identity, .. } = *self.known.get(pass.0)?;
        (identity.source.is_ipv4() == internal.is_ipv4()).then_some((identity, pass))
    }

    /// Forgets what was silent for long.
    pub(crate) fn expire(&mut self, now: Time) {
        for _ in 0..EXPIRE_MAX.min(self.order.len()) {
            let Some(pass) = self.order.pop_front() else {
                return;
            };
            match self.known.get(pass.0) {
                Some(known) if now.since(known.heard) >= IDLE_SECS * 1_000_000_000 => {
                    if let Some(held) = self.held.get_mut(&known.identity.eni) {
                        *held = held.saturating_sub(1);
                        if *held == 0 {
                            self.held.remove(&known.identity.eni);
                        }
                    }
                    self.passes.remove(&known.identity);
                    self.known.remove(pass.0);
                }
                Some(_) => self.order.push_back(pass),
                None => {}
            }
        }
    }

    /// Forgets interfaces that are gone. Their numbers are not given out again before all others.
    pub(crate) fn forget(&mut self, gone: impl Fn(EniIndex) -> bool) {
        let known = &mut self.known;
        self.passes.retain(|identity, pass| {
            let stays = !gone(identity.eni);
            if !stays {
                known.remove(pass.0);
            }
            stays
        });
        self.held.retain(|eni, _| !gone(*eni));
        self.order.retain(|pass| known.get(pass.0).is_some());
    }
}

/// 240.0.0.0/8 and fd00:ec2:ffff::/96: no instance can have them.
fn address(number: u32, ipv4: bool) -> IpAddr {
    if ipv4 {
        Ipv4Addr::from(240 << 24 | number).into()
    } else {
        let [high, low] = [(number >> 16) as u16, number as u16];
        Ipv6Addr::new(0xfd00, 0xec2, 0xffff, 0, 0, 0, high, low).into()
    }
}

/// Whether an address can be an identity's.
pub fn is_internal(address: IpAddr) -> bool {
    number(address).is_some()
}

fn number(internal: IpAddr) -> Option<u32> {
    match internal {
        IpAddr::V4(internal) => {
            let bits = u32::from(internal);
            (bits >> 24 == 240).then_some(bits & 0xff_ffff)
        }
        IpAddr::V6(internal) => match internal.segments() {
            [0xfd00, 0xec2, 0xffff, 0, 0, 0, high, low] => {
                Some(u32::from(high) << 16 | u32::from(low))
            }
            _ => None,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asks(eni: u32) -> Identity {
        let at = Service::Metadata.internal(true);
        Identity {
            eni: EniIndex(eni),
            source: Ipv4Addr::new(10, 0, 1, 5).into(),
            via: Via::LinkLocal(Service::Metadata, at),
        }
    }

    #[test]
    fn a_full_table_forgets_only_what_was_silent_and_reuses_no_address() {
        let mut table = Identities::new(2);
        let (first, pass) = table.internal(asks(1), Time::from_secs(0)).unwrap();
        let (second, _) = table.internal(asks(2), Time::from_secs(500)).unwrap();
        assert_ne!(first, second);
        assert_eq!(
            table.internal(asks(3), Time::from_secs(599)),
            None,
            "both are busy"
        );
        assert!(table.holds(pass));
        let (third, _) = table.internal(asks(3), Time::from_secs(600)).unwrap();
        assert!(!table.holds(pass));
        let found = |internal| table.find(internal).map(|(identity, _)| identity);
        assert_eq!(found(first), None);
        assert_eq!(found(second), Some(asks(2)));
        assert_eq!(found(third), Some(asks(3)));
        assert!(third != first && third != second);
    }

    #[test]
    fn one_interface_cannot_fill_the_table() {
        let mut table = Identities::new(8);
        let from = |last: u8| Identity {
            source: Ipv4Addr::new(10, 0, 1, last).into(),
            ..asks(1)
        };
        let got = (1..=8).filter(|last| table.internal(from(*last), Time::default()).is_some());
        assert_eq!(got.count(), 4);
        assert!(table.internal(asks(2), Time::default()).is_some());
        let later = Time::from_secs(600);
        assert!(table.internal(from(9), later).is_some(), "they were silent");
    }

    #[test]
    fn a_detached_interface_is_nobody() {
        let mut table = Identities::new(8);
        let (old, _) = table.internal(asks(1), Time::default()).unwrap();
        table.forget(|eni| eni == EniIndex(1));
        assert_eq!(table.find(old), None);
        let (new, _) = table.internal(asks(1), Time::default()).unwrap();
        assert_ne!(new, old);
    }
}
