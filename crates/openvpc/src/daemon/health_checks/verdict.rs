//! What a row of probes means (Network Load Balancer guide, "Health checks for target groups").

use openvpc_model::{HealthCheck, ProbeFailure, TargetState};

/// The state of a target as one node sees it, and how many probes in a row speak for another.
#[derive(Debug, Clone, Copy)]
pub struct Verdict {
    state: TargetState,
    against: u8,
}

impl Default for Verdict {
    fn default() -> Verdict {
        Verdict {
            state: TargetState::Initial,
            against: 0,
        }
    }
}

impl Verdict {
    pub fn state(&self) -> TargetState {
        self.state
    }

    /// Takes in one probe. A new target is healthy after its first success.
    pub fn note(&mut self, check: &HealthCheck, found: Result<(), ProbeFailure>) {
        let (next, threshold) = match (self.state, found) {
            (TargetState::Healthy, Ok(())) => return self.against = 0,
            (TargetState::Initial, Ok(())) => (TargetState::Healthy, 1),
            (TargetState::Unhealthy(_), Ok(())) => (TargetState::Healthy, check.healthy_threshold),
            // It stays so; the latest reason is shown.
            (TargetState::Unhealthy(_), Err(why)) => {
                *self = Verdict {
                    state: TargetState::Unhealthy(why),
                    against: 0,
                };
                return;
            }
            (TargetState::Initial | TargetState::Healthy, Err(why)) => {
                (TargetState::Unhealthy(why), check.unhealthy_threshold)
            }
        };
        self.against += 1;
        if self.against >= threshold {
            *self = Verdict {
                state: next,
                against: 0,
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use openvpc_model::HealthCheckProtocol;

    use super::*;

    #[test]
    fn thresholds_count_probes_in_a_row() {
        let check = HealthCheck {
            protocol: HealthCheckProtocol::Tcp,
            port: None,
            interval_secs: 10,
            timeout_secs: 5,
            healthy_threshold: 3,
            unhealthy_threshold: 2,
        };
        let timeout = ProbeFailure::Timeout;
        let unhealthy = TargetState::Unhealthy(timeout);
        let mut verdict = Verdict::default();
        for (found, state) in [
            (Ok(()), TargetState::Healthy),
            (Err(timeout), TargetState::Healthy),
            (Ok(()), TargetState::Healthy),
            (Err(timeout), TargetState::Healthy),
            (Err(timeout), unhealthy),
            (Ok(()), unhealthy),
            (Ok(()), unhealthy),
            (
                Err(ProbeFailure::Failed),
                TargetState::Unhealthy(ProbeFailure::Failed),
            ),
            (Ok(()), TargetState::Unhealthy(ProbeFailure::Failed)),
            (Ok(()), TargetState::Unhealthy(ProbeFailure::Failed)),
            (Ok(()), TargetState::Healthy),
        ] {
            verdict.note(&check, found);
            assert_eq!(verdict.state(), state);
        }
        let mut fresh = Verdict::default();
        fresh.note(&check, Err(timeout));
        assert_eq!(fresh.state(), TargetState::Initial);
        fresh.note(&check, Err(timeout));
        assert_eq!(fresh.state(), unhealthy);
    }
}
