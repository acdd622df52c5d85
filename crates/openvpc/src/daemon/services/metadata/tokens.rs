//! Session tokens of IMDSv2 (MD-1): valid for their own instance only, until their time is up. Sans-IO: time and
//! randomness come in.

use std::collections::{HashMap, VecDeque};

use openvpc_model::InstanceId;

/// Tokens of one instance; one more takes the place of its oldest.
const PER_INSTANCE_MAX: usize = 256;
/// Instances with tokens; beyond, those of the longest-expired are forgotten first, then nobody new gets any.
const INSTANCES_MAX: usize = 16_384;

/// All tokens given out.
#[derive(Default)]
pub struct Tokens {
    issued: HashMap<InstanceId, VecDeque<Issued>>,
}

struct Issued {
    token: String,
    ends_ms: i64,
}

impl Tokens {
    /// Notes a new token for `ttl_secs`; false when there is no room for another instance.
    pub fn issue(&mut self, instance: InstanceId, token: String, ttl_secs: u32, now: i64) -> bool {
        if !self.issued.contains_key(&instance) && self.issued.len() >= INSTANCES_MAX {
            self.issued
                .retain(|_, tokens| tokens.iter().any(|issued| issued.ends_ms > now));
            if self.issued.len() >= INSTANCES_MAX {
                return false;
            }
        }
        let tokens = self.issued.entry(instance).or_default();
        tokens.retain(|issued| issued.ends_ms > now);
        if tokens.len() >= PER_INSTANCE_MAX {
            tokens.pop_front();
        }
        tokens.push_back(Issued {
            token,
            ends_ms: now.saturating_add(i64::from(ttl_secs) * 1_000),
        });
        true
    }

    /// Whole seconds for which a token is still good; `None` if it is not.
    pub fn remaining_secs(&self, instance: InstanceId, token: &str, now: i64) -> Option<i64> {
        let mut tokens = self.issued.get(&instance)?.iter();
        let issued = tokens.find(|issued| issued.token == token && issued.ends_ms > now)?;
        Some((issued.ends_ms - now) / 1_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_good_on_its_own_host_for_its_own_time() {
        let (one, other) = (
            "i-00000000000000001".parse().expect("an id"),
            "i-00000000000000002".parse().expect("an id"),
        );
        let mut tokens = Tokens::default();
        assert!(tokens.issue(one, "t".into(), 60, 1_000));
        assert_eq!(tokens.remaining_secs(one, "t", 1_000), Some(60));
        assert_eq!(tokens.remaining_secs(other, "t", 1_000), None);
        assert_eq!(tokens.remaining_secs(one, "u", 1_000), None);
        assert_eq!(tokens.remaining_secs(one, "t", 61_000), None);
    }

    #[test]
    fn the_oldest_token_makes_room() {
        let one = "i-00000000000000001".parse().expect("an id");
        let mut tokens = Tokens::default();
        for n in 0..=PER_INSTANCE_MAX {
            assert!(tokens.issue(one, n.to_string(), 60, 0));
        }
        assert_eq!(tokens.remaining_secs(one, "0", 1), None);
        assert!(tokens.remaining_secs(one, "1", 1).is_some());
    }
}
