//! Whom a load balancer's node chooses: one of its listener's targets that live, always the same for one five-tuple.
//!
//! By rendezvous hashing: each target draws a number from the five-tuple, and the highest wins. So a target that dies or
//! comes back moves no connection but its own. Cost linear in the targets, once a connection.

use std::net::IpAddr;

use hashbrown::HashSet;
use rapidhash::v3::RapidSecrets;

use crate::facts::{Facts, put_address};
use crate::ids::EniIndex;
use crate::nat::Endpoint;
use crate::table::hash;

/// What the daemon's probes found, and the secret of the choice.
pub(crate) struct Balance {
    secrets: RapidSecrets,
    /// The targets that a node may choose. Bounded by whoever probes.
    healthy: HashSet<(EniIndex, Endpoint)>,
}

impl Balance {
    pub(crate) fn new(seed: u64) -> Balance {
        Balance {
            secrets: RapidSecrets::seed(seed),
            healthy: HashSet::new(),
        }
    }

    /// Notes how a node finds a target; one of which nothing is known is not chosen.
    pub(crate) fn set(&mut self, node: EniIndex, target: Endpoint, healthy: bool) {
        match healthy {
            true => self.healthy.insert((node, target)),
            false => self.healthy.remove(&(node, target)),
        };
    }

    /// Forgets nodes that are gone.
    pub(crate) fn retain(&mut self, is_node: impl Fn(EniIndex) -> bool) {
        self.healthy.retain(|(node, _)| is_node(*node));
    }

    pub(crate) fn is_healthy(&self, node: EniIndex, target: Endpoint) -> bool {
        self.healthy.contains(&(node, target))
    }

    /// The target of a connection (EP-9); `None` if none lives.
    pub(crate) fn choose(
        &self,
        node: EniIndex,
        targets: &[Endpoint],
        facts: &Facts,
    ) -> Option<Endpoint> {
        let living = targets
            .iter()
            .copied()
            .filter(|target| self.is_healthy(node, *target));
        living.max_by_key(|target| (self.draw(*target, facts), *target))
    }

    fn draw(&self, target: Endpoint, facts: &Facts) -> u64 {
        let mut key = [0; 42];
        put_address(&mut key[..16], facts.source);
        put_address(&mut key[16..32], facts.destination);
        put_address(&mut key[32..36], IpAddr::V4(target.address));
        key[36..38].copy_from_slice(&facts.source_port.to_ne_bytes());
        key[38..40].copy_from_slice(&facts.destination_port.to_ne_bytes());
        key[40..42].copy_from_slice(&target.port.to_ne_bytes());
        hash(&self.secrets, &key)
    }
}
