//! Records added up to conversations: one flow at one interface, both directions.

use std::hash::BuildHasher;
use std::net::IpAddr;

use hashbrown::{DefaultHashBuilder, HashTable};
use openvpc_engine::{Action, Direction, EniIndex, Sighting, VpcIndex};

use super::{Configuration, Unjudged};
use crate::address::Address;
use crate::row::{LogStatus, Row};
use crate::top::Sum;

/// Conversations in memory, about 300 bytes each.
const CONVERSATIONS_MAX: usize = 1_000_000;

const TCP: u8 = 6;
const SYN: u8 = 2;
const ACK: u8 = 16;
/// Ports below are servers' (RFC 6335 §6).
const SYSTEM_PORTS: u16 = 1_024;

/// What a direction of a conversation has shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Seen {
    /// Unix seconds of its first packet.
    pub first: Option<i64>,
    /// OR-ed, if any record told them.
    pub flags: Option<u8>,
    pub accepted: Sum,
    pub rejected: Sum,
}

impl Seen {
    const NOTHING: Seen = {
        let nothing = Sum {
            bytes: 0,
            packets: 0,
            records: 0,
        };
        Seen {
            first: None,
            flags: None,
            accepted: nothing,
            rejected: nothing,
        }
    };

    pub(super) fn is_there(&self) -> bool {
        self.accepted.records + self.rejected.records > 0
    }

    /// Its first packet is not among its records: a connection that had begun before, or was over.
    pub(super) fn lacks_opening(&self) -> bool {
        self.flags.is_some_and(|flags| flags & SYN == 0)
    }
}

/// One flow at one interface, its near end first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Key {
    eni: EniIndex,
    near_port: u16,
    far_port: u16,
    near: Address,
    far: Address,
    protocol: u8,
}

/// A conversation with all that the log shows of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Conversation {
    key: Key,
    pub ingress: Seen,
    pub egress: Seen,
}

const NOTHING_SEEN: Conversation = Conversation {
    key: Key {
        eni: EniIndex(0),
        near_port: 0,
        far_port: 0,
        near: Address::NONE,
        far: Address::NONE,
        protocol: 0,
    },
    ingress: Seen::NOTHING,
    egress: Seen::NOTHING,
};

impl Conversation {
    pub(super) fn sighting(&self, direction: Direction) -> Sighting {
        let key = &self.key;
        let near = (key.near.ip(), key.near_port);
        let far = (key.far.ip(), key.far_port);
        let (from, to) = match direction {
            Direction::Ingress => (far, near),
            Direction::Egress => (near, far),
        };
        Sighting {
            eni: key.eni,
            direction,
            source: from.0,
            destination: to.0,
            source_port: from.1,
            destination_port: to.1,
            protocol: key.protocol,
        }
    }

    pub(super) fn seen(&self, direction: Direction) -> &Seen {
        match direction {
            Direction::Ingress => &self.ingress,
            Direction::Egress => &self.egress,
        }
    }

    /// The direction of the first packet, if the log tells.
    pub(super) fn begun(&self) -> Option<Direction> {
        self.by_flags()
            .or_else(|| self.by_ports())
            .or_else(|| self.by_time())
    }

    /// Only a SYN without ACK opens; only its answer bears both.
    fn by_flags(&self) -> Option<Direction> {
        if self.key.protocol != TCP {
            return None;
        }
        [Direction::Ingress, Direction::Egress]
            .into_iter()
            .find_map(|direction| {
                let flags = self.seen(direction).flags?;
                match (flags & SYN, flags & ACK) {
                    (0, _) => None,
                    (_, 0) => Some(direction),
                    _ => Some(direction.reverse()),
                }
            })
    }

    fn by_ports(&self) -> Option<Direction> {
        let (near, far) = (self.key.near_port, self.key.far_port);
        if near == 0 || far == 0 {
            return None;
        }
        match (near < SYSTEM_PORTS, far < SYSTEM_PORTS) {
            (true, false) => Some(Direction::Ingress),
            (false, true) => Some(Direction::Egress),
            _ => None,
        }
    }

    /// An answer comes no earlier than its question. One direction alone is its own.
    fn by_time(&self) -> Option<Direction> {
        match (self.ingress.is_there(), self.egress.is_there()) {
            (true, false) => return Some(Direction::Ingress),
            (false, true) => return Some(Direction::Egress),
            _ => {}
        }
        let (ingress, egress) = (self.ingress.first?, self.egress.first?);
        match ingress.cmp(&egress) {
            std::cmp::Ordering::Less => Some(Direction::Ingress),
            std::cmp::Ordering::Greater => Some(Direction::Egress),
            std::cmp::Ordering::Equal => None,
        }
    }
}

/// Conversations by interface and flow. They lie in the order in which they came, so that a table that grows moves their
/// places only.
#[derive(Debug, Default)]
pub struct Conversations {
    hasher: DefaultHashBuilder,
    /// Hash and place of each.
    places: HashTable<(u64, u32)>,
    all: Vec<Conversation>,
}

impl Conversations {
    /// Adds a record to its conversation.
    ///
    /// # Errors
    /// Why it belongs to none.
    pub fn add(&mut self, configuration: &Configuration, row: &Row) -> Result<(), Unjudged> {
        if row.status != LogStatus::Ok {
            return Err(Unjudged::NoFlow);
        }
        let missing = Unjudged::MissingFields;
        let source = row.true_source().ok_or(missing)?;
        let destination = row.true_destination().ok_or(missing)?;
        let protocol = row.protocol.ok_or(missing)?;
        let action = row.action.ok_or(missing)?;
        let ports = match protocol {
            TCP | 17 => (
                row.source_port.ok_or(missing)?,
                row.destination_port.ok_or(missing)?,
            ),
            _ => (0, 0),
        };
        let (eni, direction) = find(configuration, row)?;
        let (from, to) = ((source, ports.0), (destination, ports.1));
        let (near, far) = match direction {
            Direction::Ingress => (to, from),
            Direction::Egress => (from, to),
        };
        let key = Key {
            eni,
            near_port: near.1,
            far_port: far.1,
            near: near.0.into(),
            far: far.0.into(),
            protocol,
        };
        let conversation = self.of(key);
        let seen = match direction {
            Direction::Ingress => &mut conversation.ingress,
            Direction::Egress => &mut conversation.egress,
        };
        let sum = match action {
            Action::Accept => &mut seen.accepted,
            Action::Reject => &mut seen.rejected,
        };
        sum.add(Sum {
            bytes: row.bytes.unwrap_or(0),
            packets: row.packets.unwrap_or(0),
            records: 1,
        });
        seen.first = match (seen.first, row.start) {
            (Some(known), Some(start)) => Some(known.min(start)),
            (known, start) => known.or(start),
        };
        if let Some(flags) = row.tcp_flags {
            seen.flags = Some(seen.flags.unwrap_or(0) | flags);
        }
        Ok(())
    }

    fn of(&mut self, key: Key) -> &mut Conversation {
        let hash = self.hasher.hash_one(key);
        let all = &mut self.all;
        let is_same = |(known, at): &(u64, u32)| *known == hash && all[*at as usize].key == key;
        let at = match self.places.find(hash, is_same) {
            Some((_, at)) => *at as usize,
            None => {
                let at = all.len();
                let place = (hash, at as u32);
                self.places.insert_unique(hash, place, |(hash, _)| *hash);
                // What was just put together in small pieces is not copied in larger ones without waiting for all of them.
                all.push(NOTHING_SEEN);
                all[at].key = key;
                at
            }
        };
        &mut all[at]
    }

    /// Whether they should be judged before more come.
    pub fn is_full(&self) -> bool {
        self.all.len() >= CONVERSATIONS_MAX
    }

    /// Takes all out, as they came.
    pub(super) fn take(&mut self) -> Vec<Conversation> {
        self.places.clear();
        std::mem::take(&mut self.all)
    }
}

/// The interface in the configuration that stands for the record's, and the direction seen from there.
fn find(configuration: &Configuration, row: &Row) -> Result<(EniIndex, Direction), Unjudged> {
    let snapshot = &configuration.snapshot;
    let (source, destination) = (
        row.source.or(row.packet_source),
        row.destination.or(row.packet_destination),
    );
    let by_id = row.place.interface.as_deref();
    if let Some(index) = by_id.and_then(|id| configuration.interfaces.get(id))
        && let Some(eni) = snapshot.eni(*index)
    {
        let owns = |address: Option<IpAddr>| address.is_some_and(|address| eni.owns(address));
        let direction = match (row.direction, owns(source), owns(destination)) {
            (Some(direction), ..) => direction,
            (None, false, true) => Direction::Ingress,
            (None, true, false) => Direction::Egress,
            _ => return Err(Unjudged::Ambiguous),
        };
        return Ok((*index, direction));
    }
    let of = |address: Option<IpAddr>| owner(configuration, row, address);
    match row.direction {
        Some(Direction::Ingress) => Ok((
            of(destination)?.ok_or(Unjudged::UnknownInterface)?,
            Direction::Ingress,
        )),
        Some(Direction::Egress) => Ok((
            of(source)?.ok_or(Unjudged::UnknownInterface)?,
            Direction::Egress,
        )),
        None => match (of(source)?, of(destination)?) {
            (None, Some(eni)) => Ok((eni, Direction::Ingress)),
            (Some(eni), None) => Ok((eni, Direction::Egress)),
            (None, None) => Err(Unjudged::UnknownInterface),
            (Some(_), Some(_)) => Err(Unjudged::Ambiguous),
        },
    }
}

/// The one interface with the address: in the record's VPC if the configuration has it, else in any.
fn owner(
    configuration: &Configuration,
    row: &Row,
    address: Option<IpAddr>,
) -> Result<Option<EniIndex>, Unjudged> {
    let Some(address) = address else {
        return Ok(None);
    };
    let in_vpc = |vpc: &VpcIndex| configuration.snapshot.owner(*vpc, address);
    let named = row.place.vpc.as_deref();
    if let Some(vpc) = named.and_then(|id| configuration.vpcs.get(id)) {
        return Ok(in_vpc(vpc));
    }
    let mut owners = configuration.vpcs.values().filter_map(in_vpc);
    match (owners.next(), owners.next()) {
        (Some(_), Some(_)) => Err(Unjudged::Ambiguous),
        (owner, _) => Ok(owner),
    }
}
