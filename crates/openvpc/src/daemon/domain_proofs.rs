//! Looks for the TXT records by which providers show that the private DNS names of their endpoint services are theirs
//! (`EP-7`): at the servers that `--dns-forward` names, for whom else would a record of a public domain be known to.

use std::sync::Arc;
use std::time::Duration;

use openvpc_control::domain_proof::{self, DomainProof};
use openvpc_dns::{ForwardRule, txt};
use tokio::sync::watch;

use super::control_plane::{ControlPlane, now};
use super::dns::upstream;

/// Between two looks for a record that was not there.
const PAUSE: Duration = Duration::from_secs(5);
/// Names asked for at once; more wait for the next look.
const AT_ONCE_MAX: usize = 64;

pub struct DomainProofs {
    pub control_plane: Arc<ControlPlane>,
    pub rules: Vec<ForwardRule>,
    /// Revisions that are enforced.
    pub applied: watch::Receiver<u64>,
}

impl DomainProofs {
    /// Looks for as long as it is polled.
    pub async fn run(mut self) {
        loop {
            let wanted = self.wanted();
            let proofs = wanted.iter().take(AT_ONCE_MAX);
            let looks = proofs.map(|(region, proof)| self.look(region.clone(), proof.clone()));
            let mut running = tokio::task::JoinSet::new();
            for look in looks {
                running.spawn(look);
            }
            while running.join_next().await.is_some() {}
            match wanted.is_empty() {
                true => {
                    if self.applied.changed().await.is_err() {
                        return;
                    }
                }
                false => tokio::time::sleep(PAUSE).await,
            }
        }
    }

    fn wanted(&self) -> Vec<(String, DomainProof)> {
        let world = self.control_plane.world();
        let regions = world.regions.iter();
        let wanted = regions.flat_map(|(name, region)| {
            domain_proof::wanted(region).map(move |proof| (name.clone(), proof))
        });
        wanted.collect()
    }

    fn look(
        &self,
        region: String,
        proof: DomainProof,
    ) -> impl Future<Output = ()> + Send + 'static {
        let control_plane = self.control_plane.clone();
        let question = txt::ask(&self.rules, &proof.name);
        async move {
            let found = match question {
                Some(question) => txt::texts(&upstream::ask(question).await),
                None => Vec::new(),
            };
            let what = "PrivateDnsNameLookedFor";
            let told = control_plane.happen(&region, &proof.owner, what, |world| {
                let region = world.regions.get(&region);
                region.map_or_else(Vec::new, |region| {
                    domain_proof::looked(region, &proof, &found, now())
                })
            });
            if let Err(error) = told.await {
                tracing::error!(service = %proof.service, %error, "could not be written down");
            }
        }
    }
}
