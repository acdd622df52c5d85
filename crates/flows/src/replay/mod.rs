//! Replay: recorded flows judged against another configuration, by the engine.
//!
//! Records are added up to conversations: both directions of one flow at one interface ([`Conversations`]). Who began a
//! conversation is told by TCP flags, else by ports, else by time; where nothing tells, both are tried, and only an
//! answer on which both agree counts. Then each side is asked of the configuration ([`judge`]), and where the action would be
//! another one than the log's, that is a [`Change`].
//!
//! What the log cannot decide is counted as unjudged, by reason, and never guessed.

mod conversation;
mod judge;

use std::net::IpAddr;
use std::sync::Arc;

use hashbrown::HashMap;
use openvpc_engine::{Direction, DropReason, EniIndex, RuleRef, Snapshot, VpcIndex};

pub use conversation::Conversations;

use crate::top::Sum;

/// Different changes told apart; the rest is only counted.
const CHANGES_MAX: usize = 100_000;

/// What to judge against: a compiled world, and what its interfaces and VPCs are called.
#[derive(Debug)]
pub struct Configuration {
    pub snapshot: Arc<Snapshot>,
    /// By `eni-…`.
    pub interfaces: HashMap<String, EniIndex>,
    /// By `vpc-…`.
    pub vpcs: HashMap<String, VpcIndex>,
}

/// Why a record was not judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Unjudged {
    /// It is no flow: NODATA or SKIPDATA.
    NoFlow,
    /// Its format lacks addresses, protocol or action.
    MissingFields,
    /// Neither its interface nor one with its address is in the configuration.
    UnknownInterface,
    /// Several interfaces have the address, or neither end can be told to be the interface.
    Ambiguous,
    /// It depends on who began, which nothing in the log tells.
    WhoBegan,
    /// No rule would refuse it: what refused it was the state of its connection.
    State,
}

impl Unjudged {
    /// In words.
    pub fn text(self) -> &'static str {
        match self {
            Unjudged::NoFlow => "no flow (NODATA, SKIPDATA)",
            Unjudged::MissingFields => "the format lacks addresses, protocol or action",
            Unjudged::UnknownInterface => "the interface is not in the configuration",
            Unjudged::Ambiguous => {
                "the address belongs to several interfaces, or both ends may be the interface"
            }
            Unjudged::WhoBegan => "it depends on which side began, which the log does not tell",
            Unjudged::State => "refused by the state of its connection, not by a rule",
        }
    }
}

/// How an action changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Turn {
    /// ACCEPT → REJECT.
    Refused,
    /// REJECT → ACCEPT.
    Admitted,
    /// ACCEPT → no record: what it answers is refused.
    NeverBegun,
}

/// What tells changes apart. The port of the side that began is left out, so that a client's connections are one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ChangeKey {
    pub turn: Turn,
    pub eni: EniIndex,
    pub direction: Direction,
    pub source: IpAddr,
    pub destination: IpAddr,
    pub protocol: u8,
    /// The port of the side that answers; 0 for portless protocols.
    pub port: u16,
    /// Why it would be refused.
    pub reason: Option<DropReason>,
    /// The rule that would decide.
    pub rule: Option<RuleRef>,
}

/// What would change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub key: ChangeKey,
    /// Sides of conversations.
    pub flows: u64,
    pub sum: Sum,
}

/// The outcome of a replay.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    pub records: u64,
    /// Sides of conversations whose action stays.
    pub same: u64,
    /// By turn, then by bytes.
    pub changes: Vec<Change>,
    /// Sides beyond [`CHANGES_MAX`] different changes.
    pub untold: u64,
    /// Records or sides, by reason.
    pub unjudged: Vec<(Unjudged, u64)>,
}

/// A replay under way.
#[derive(Debug)]
pub struct Replay<'c> {
    configuration: &'c Configuration,
    conversations: Conversations,
    records: u64,
    tally: Tally,
}

#[derive(Debug, Default)]
struct Tally {
    same: u64,
    changes: HashMap<ChangeKey, (u64, Sum)>,
    untold: u64,
    unjudged: HashMap<Unjudged, u64>,
}

impl<'c> Replay<'c> {
    /// Nothing added yet.
    pub fn new(configuration: &'c Configuration) -> Replay<'c> {
        Replay {
            configuration,
            conversations: Conversations::default(),
            records: 0,
            tally: Tally::default(),
        }
    }

    /// Adds a record.
    pub fn add(&mut self, row: &crate::Row) {
        self.records += 1;
        if let Err(reason) = self.conversations.add(self.configuration, row) {
            *self.tally.unjudged.entry(reason).or_default() += 1;
        }
        // A log longer than memory is judged in parts; a conversation across the border is two.
        if self.conversations.is_full() {
            self.settle();
        }
    }

    /// Judges what was added.
    pub fn report(mut self) -> Report {
        self.settle();
        let mut changes: Vec<Change> = self
            .tally
            .changes
            .into_iter()
            .map(|(key, (flows, sum))| Change { key, flows, sum })
            .collect();
        changes.sort_by_key(|change| {
            let key = &change.key;
            let ends = (
                key.source,
                key.destination,
                key.port,
                key.eni,
                key.direction,
            );
            (key.turn, std::cmp::Reverse(change.sum.bytes), ends)
        });
        let mut unjudged: Vec<_> = self.tally.unjudged.into_iter().collect();
        unjudged.sort();
        Report {
            records: self.records,
            same: self.tally.same,
            changes,
            untold: self.tally.untold,
            unjudged,
        }
    }

    fn settle(&mut self) {
        for conversation in self.conversations.take() {
            judge::conversation(&self.configuration.snapshot, &conversation, &mut self.tally);
        }
    }
}

impl Tally {
    fn unjudged(&mut self, reason: Unjudged) {
        *self.unjudged.entry(reason).or_default() += 1;
    }

    fn changed(&mut self, key: ChangeKey, sum: Sum) {
        let room = self.changes.len() < CHANGES_MAX;
        match self.changes.get_mut(&key) {
            Some((flows, known)) => {
                *flows += 1;
                known.add(sum);
            }
            None if room => drop(self.changes.insert(key, (1, sum))),
            None => self.untold += 1,
        }
    }
}
