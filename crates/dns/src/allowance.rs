//! How often an interface may ask (`DNS-1`: 1024 packets per second and interface).

use std::collections::HashMap;
use std::time::Duration;

/// Queries of one interface in one second; those beyond get no answer.
pub const QUERIES_PER_SECOND: u32 = 1_024;

/// Interfaces counted at once. More than ask within one second in a region's quota of 5,000 interfaces, ten times over.
const INTERFACES_MAX: usize = 65_536;

const WINDOW: Duration = Duration::from_secs(1);

/// Counts the queries of each interface in windows of one second, which begin with its first query: in any window exactly
/// [`QUERIES_PER_SECOND`] pass. When the table is full of interfaces that asked within the last second, further ones are
/// refused until that second is over.
#[derive(Debug, Default)]
pub struct Allowance {
    windows: HashMap<u32, Window>,
}

#[derive(Debug, Clone, Copy)]
struct Window {
    began: Duration,
    queries: u32,
}

impl Window {
    fn is_over(&self, now: Duration) -> bool {
        now.saturating_sub(self.began) >= WINDOW
    }
}

impl Allowance {
    /// Whether the interface may have one more query answered.
    pub fn take(&mut self, interface: u32, now: Duration) -> bool {
        if self.windows.len() >= INTERFACES_MAX && !self.windows.contains_key(&interface) {
            self.windows.retain(|_, window| !window.is_over(now));
            if self.windows.len() >= INTERFACES_MAX {
                return false;
            }
        }
        let fresh = Window {
            began: now,
            queries: 0,
        };
        let window = self.windows.entry(interface).or_insert(fresh);
        if window.is_over(now) {
            *window = fresh;
        }
        if window.queries == QUERIES_PER_SECOND {
            return false;
        }
        window.queries += 1;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interface_gets_1024_answers_a_second_and_others_theirs() {
        let mut allowance = Allowance::default();
        let passed = |allowance: &mut Allowance, interface, from: u64, millis: u64| {
            (0..20 * millis)
                .filter(|n| allowance.take(interface, Duration::from_micros(from * 1_000 + n * 50)))
                .count()
        };
        assert_eq!(passed(&mut allowance, 1, 0, 1_000), 1_024);
        assert_eq!(passed(&mut allowance, 2, 500, 100), 1_024);
        assert_eq!(passed(&mut allowance, 1, 1_000, 5_000), 5 * 1_024);
    }

    #[test]
    fn a_full_table_refuses_strangers_until_a_second_has_passed() {
        let mut allowance = Allowance::default();
        let most = INTERFACES_MAX as u32;
        assert!((0..most).all(|n| allowance.take(n, Duration::ZERO)));
        assert!(!allowance.take(most, Duration::from_millis(999)));
        assert!(allowance.take(7, Duration::from_millis(999)));
        assert!(allowance.take(most, Duration::from_secs(1)));
        assert!(allowance.windows.len() <= INTERFACES_MAX);
    }
}
