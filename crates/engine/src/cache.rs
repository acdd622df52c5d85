//! Remembered verdicts: one entry per port, Ethernet pair and five-tuple. It only saves work: emptying it at any instant
//! changes no verdict and no counter (D5, I-13). A new snapshot empties it.

use hashbrown::HashTable;
use openvpc_wire::packet::{protocol, tcp_flag};
use openvpc_wire::{Packet, Transport};
use rapidhash::v3::RapidSecrets;

use crate::facts::put_address;
use crate::flow::Direction;
use crate::identity::Pass;
use crate::ids::{EniIndex, PortId};
use crate::rewrite::Rewrite;
use crate::stages::middle::Passage;
use crate::table::{Handle, hash};

/// Everything of a packet that its verdict may depend on, given the snapshot and its tracked flows.
pub(crate) type CacheKey = [u8; 56];

/// A verdict worth remembering is always "forward".
#[derive(Clone, Copy, Debug)]
pub(crate) struct Remembered {
    pub port: PortId,
    pub rewrite: Rewrite,
    /// Longest IP packet (per segment) that the path carries.
    pub mtu: u16,
    /// What the sender's, the receiver's and an endpoint's interface note.
    pub legs: [Option<Leg>; LEGS_MAX],
    /// What a NAT gateway or the node of a load balancer on the way notes.
    pub nat: Option<Passage>,
    /// The identity by which it passes an endpoint.
    pub pass: Option<Pass>,
    /// It comes from the services: an answer keeps nobody's identity.
    pub from_services: bool,
    /// It goes from one region to another.
    pub far: bool,
}

impl Remembered {
    /// What is noted at the flow by which both directions find each other: each meets the interfaces in its own order, so
    /// it is the one of the first place in the table.
    pub(crate) fn common_leg(&self) -> Option<&Leg> {
        let legs = self.legs.iter().flatten();
        legs.min_by_key(|leg| leg.flow.place())
    }
}

/// Interfaces that track a flow, on the longest way: a client's, an endpoint's, a target's.
pub(crate) const LEGS_MAX: usize = 3;

/// What one interface notes about a packet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Leg {
    pub eni: EniIndex,
    pub direction: Direction,
    pub flow: Handle,
    /// None where the interface has no room for one: it counts as overflow.
    pub cell: Option<Handle>,
    /// The packet has its other IP version there.
    pub beyond: bool,
    /// It came in as an answer, which it is only for so long (EO-28).
    pub answers: bool,
}

/// The table.
pub(crate) struct Cache {
    secrets: RapidSecrets,
    entries: HashTable<(CacheKey, Remembered)>,
    max: usize,
}

impl Cache {
    pub(crate) fn new(seed: u64, max: u32) -> Cache {
        Cache {
            secrets: RapidSecrets::seed(seed),
            entries: HashTable::new(),
            max: max as usize,
        }
    }

    #[inline]
    pub(crate) fn find(&self, key: &CacheKey) -> Option<&Remembered> {
        self.entries
            .find(hash(&self.secrets, key), |(known, _)| known == key)
            .map(|(_, remembered)| remembered)
    }

    /// Whether one more entry takes room that only emptying the cache can make.
    pub(crate) fn is_full(&self) -> bool {
        self.entries.len() >= self.max
    }

    pub(crate) fn insert(&mut self, key: CacheKey, remembered: Remembered) {
        if self.is_full() {
            self.entries.clear();
        }
        let code = hash(&self.secrets, &key);
        match self.entries.find_mut(code, |(known, _)| *known == key) {
            Some((_, known)) => *known = remembered,
            None => {
                let secrets = &self.secrets;
                self.entries
                    .insert_unique(code, (key, remembered), |(key, _)| hash(secrets, key));
            }
        }
    }

    pub(crate) fn clear(&mut self) {
        self.entries.clear();
    }
}

/// The key of a packet whose verdict may be remembered: whole, TCP without SYN, UDP or echo, with TTL to spare.
#[inline]
pub(crate) fn key(port: PortId, frame: &[u8], packet: &Packet) -> Option<CacheKey> {
    if packet.fragment.is_some() || packet.ttl <= 1 {
        return None;
    }
    let (near, far) = match packet.transport {
        Transport::Tcp(tcp) if tcp.flags & tcp_flag::SYN == 0 => {
            (tcp.source_port, tcp.destination_port)
        }
        Transport::Udp {
            source_port,
            destination_port,
        } => (source_port, destination_port),
        Transport::Icmp { kind, code, id } if is_echo(packet.protocol, kind) => {
            (id, u16::from(kind) << 8 | u16::from(code))
        }
        _ => return None,
    };
    let mut key = [0u8; 56];
    key[0..12].copy_from_slice(&frame[0..12]);
    put_port(&mut key, port);
    key[16..18].copy_from_slice(&near.to_ne_bytes());
    key[18..20].copy_from_slice(&far.to_ne_bytes());
    key[20] = packet.protocol;
    key[22] = u8::from(packet.is_ipv4());
    put_address(&mut key[24..40], packet.source);
    put_address(&mut key[40..56], packet.destination);
    Some(key)
}

/// Where its packets come in.
#[inline]
pub(crate) fn put_port(key: &mut CacheKey, port: PortId) {
    let (kind, number) = match port {
        PortId::Eni(eni) => (1, eni.0),
        PortId::Outside(host) => (2, u32::from(host)),
        PortId::Services => (3, 0),
    };
    key[12..16].copy_from_slice(&number.to_ne_bytes());
    key[21] = kind;
}

fn is_echo(number: u8, kind: u8) -> bool {
    match number {
        protocol::ICMP => matches!(kind, 0 | 8),
        _ => matches!(kind, 128 | 129),
    }
}
