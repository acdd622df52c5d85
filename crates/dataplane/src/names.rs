//! What numbers of rules mean: kept as long as a flow record may bear them, and told to the daemon as they come.

use std::collections::VecDeque;

use openvpc_compile::{Names, RuleName};
use openvpc_engine::RuleRef;
use openvpc_model::RouteTarget;
use serde::{Deserialize, Serialize};

/// Numberings that are kept. Within one a number means the same rule, and a flow that is walked with gets numbers of the
/// newest; so only what was counted before a storm of changes is ever older, and shows `-`.
const NUMBERINGS_MAX: usize = 256;
/// Rules of all of them together.
const RULES_MAX: usize = 1 << 20;

/// A rule, and where it leads if it is a route.
type Named = (RuleName, Option<RouteTarget>);

/// Numbers that mean something since a revision; those of one numbering follow each other.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NewNames {
    /// The revision at which numbers were given anew.
    pub epoch: u64,
    /// The first revision whose packets bear numbers of this numbering.
    pub first_revision: u64,
    /// The number of the first of them.
    pub from: usize,
    /// What they mean.
    pub rules: Vec<Named>,
}

/// All numberings that packets may still bear.
#[derive(Debug, Default)]
pub struct Numberings(VecDeque<NewNames>);

impl Numberings {
    /// Takes in what a snapshot has new; costs no more than that.
    pub fn note(&mut self, revision: u64, names: &Names) -> NewNames {
        let known = self.0.back().filter(|last| last.epoch == names.epoch());
        let (first_revision, from) = known.map_or((revision, 0), |last| {
            (last.first_revision, last.rules.len())
        });
        let references = (from..names.rules()).map(|number| RuleRef(number as u32));
        let named = references.filter_map(|at| Some((names.rule(at)?, names.gateway(at))));
        let new = NewNames {
            epoch: names.epoch(),
            first_revision,
            from,
            rules: named.collect(),
        };
        self.add(new.clone());
        new
    }

    /// Takes in what another has noted.
    pub fn add(&mut self, new: NewNames) {
        match self.0.back_mut().filter(|last| last.epoch == new.epoch) {
            // Told twice is known once.
            Some(last) if last.rules.len() == new.from => last.rules.extend(new.rules),
            Some(_) => {}
            None => self.0.push_back(new),
        }
        let rules = |kept: &VecDeque<NewNames>| -> usize {
            kept.iter().map(|numbering| numbering.rules.len()).sum()
        };
        while self.0.len() > NUMBERINGS_MAX || self.0.len() > 1 && rules(&self.0) > RULES_MAX {
            self.0.pop_front();
        }
    }

    /// All of them, the oldest first.
    pub fn all(&self) -> impl Iterator<Item = &NewNames> {
        self.0.iter()
    }

    /// What a number means in packets of a revision.
    pub fn find(&self, revision: u64, rule: RuleRef) -> Option<&Named> {
        let first = |numbering: &NewNames| numbering.first_revision <= revision;
        let after = self.0.partition_point(first);
        let numbering = self.0.get(after.checked_sub(1)?)?;
        numbering.rules.get(rule.0 as usize)
    }

    /// Forgets all, as after a reset, when revisions begin again.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}
