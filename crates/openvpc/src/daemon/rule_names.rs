//! What the numbers of recent snapshots are called: the data plane tells them, before any record bears them.

use std::net::IpAddr;
use std::sync::{PoisonError, RwLock};

use openvpc_control::Settings;
use openvpc_dataplane::{NewNames, Numberings};
use openvpc_engine::RuleRef;
use openvpc_flowlog::RuleText;
use openvpc_model::aws_service_of;

/// Names of the newest snapshots.
pub struct RuleNames {
    settings: Settings,
    kept: RwLock<Numberings>,
}

impl RuleNames {
    pub fn new(settings: Settings) -> RuleNames {
        RuleNames {
            settings,
            kept: RwLock::default(),
        }
    }

    /// Keeps what was told.
    pub fn keep(&self, new: NewNames) {
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        kept.add(new);
    }

    /// Forgets all, as after a reset, when revisions begin again.
    pub fn forget(&self) {
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        kept.clear();
    }
}

impl openvpc_flowlog::Names for RuleNames {
    fn rule(&self, revision: u64, rule: RuleRef) -> Option<RuleText> {
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        let (name, gateway) = kept.find(revision, rule)?;
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
