//! What the numbers of recent snapshots are called: kept for as long as a flow record may still bear them.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::{PoisonError, RwLock};

use openvpc_compile::{Names, RuleName};
use openvpc_control::Settings;
use openvpc_engine::RuleRef;
use openvpc_flowlog::RuleText;
use openvpc_model::{RouteTarget, aws_service_of};

/// Numberings that are kept. Within one a number means the same rule, and a flow that is walked with gets numbers of the
/// newest; so only what was counted before a storm of changes is ever older, and shows `-`.
const NUMBERINGS_MAX: usize = 256;
/// Rules of all of them together.
const RULES_MAX: usize = 1 << 20;

/// Names of the newest snapshots; the applier adds to them.
pub struct RuleNames {
    settings: Settings,
    kept: RwLock<VecDeque<Numbering>>,
}

/// What numbers meant from one revision to the next at which they were given anew.
struct Numbering {
    epoch: u64,
    first_revision: u64,
    rules: Vec<(RuleName, Option<RouteTarget>)>,
}

impl RuleNames {
    pub fn new(settings: Settings) -> RuleNames {
        RuleNames {
            settings,
            kept: RwLock::default(),
        }
    }

    /// Keeps the names of a snapshot that is about to be installed; costs what is new in them.
    pub fn keep(&self, revision: u64, names: &Names) {
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        if kept.back().is_none_or(|last| last.epoch != names.epoch()) {
            kept.push_back(Numbering {
                epoch: names.epoch(),
                first_revision: revision,
                rules: Vec::new(),
            });
        }
        if let Some(last) = kept.back_mut() {
            let new = last.rules.len()..names.rules();
            let references = new.map(|number| RuleRef(number as u32));
            let named = references.filter_map(|at| Some((names.rule(at)?, names.gateway(at))));
            last.rules.extend(named);
        }
        let rules = |kept: &VecDeque<Numbering>| -> usize {
            kept.iter().map(|numbering| numbering.rules.len()).sum()
        };
        while kept.len() > NUMBERINGS_MAX || kept.len() > 1 && rules(&kept) > RULES_MAX {
            kept.pop_front();
        }
    }

    /// Forgets all, as after a reset, when revisions begin again.
    pub fn forget(&self) {
        self.kept
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }
}

impl openvpc_flowlog::Names for RuleNames {
    fn rule(&self, revision: u64, rule: RuleRef) -> Option<RuleText> {
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        let after = kept.partition_point(|numbering| numbering.first_revision <= revision);
        let numbering = kept.get(after.checked_sub(1)?)?;
        let (name, gateway) = numbering.rules.get(rule.0 as usize)?;
        Some(name.text(*gateway))
    }

    /// Elastic and other public addresses are EC2's, in AWS's list too.
    fn service(&self, address: IpAddr) -> Option<&'static str> {
        let of_pool = match address {
            IpAddr::V4(address) => self.settings.public_pool.contains(&address),
            IpAddr::V6(address) => self.settings.ipv6_pool.contains(&address),
        };
        aws_service_of(address).or(of_pool.then_some("EC2"))
    }
}
