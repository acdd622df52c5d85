//! From the engine's monotonic clock to Unix time that never goes back.
//!
//! Packets are timed on the monotonic clock; records show Unix time. When the wall clock is set
//! forward, so is this one at the next window's end; when it is set back, this one runs at half
//! speed until the wall has caught up. So a window never ends before it began, and the next always
//! begins where it ended.

use openvpc_engine::Time;

const NS_PER_MS: u64 = 1_000_000;

/// A straight line from one clock to the other, bent at each [`Clock::adjust`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock {
    at: Time,
    unix_ms: i64,
    /// Ahead of the wall: half speed.
    slow: bool,
}

impl Clock {
    /// Starts with the wall's time.
    pub fn new(at: Time, wall_ms: i64) -> Clock {
        Clock {
            at,
            unix_ms: wall_ms,
            slow: false,
        }
    }

    /// Unix time in milliseconds of a moment after the last adjustment; earlier moments are that one.
    pub fn unix_ms(&self, at: Time) -> i64 {
        let elapsed_ms = (at.since(self.at) / NS_PER_MS) as i64;
        self.unix_ms
            + if self.slow {
                elapsed_ms / 2
            } else {
                elapsed_ms
            }
    }

    /// The first moment at which [`Clock::unix_ms`] is `unix_ms`.
    pub fn time_of(&self, unix_ms: i64) -> Time {
        let elapsed_ms = unix_ms.saturating_sub(self.unix_ms).max(0) as u64;
        let elapsed_ms = if self.slow {
            elapsed_ms.saturating_mul(2)
        } else {
            elapsed_ms
        };
        Time(
            self.at
                .0
                .saturating_add(elapsed_ms.saturating_mul(NS_PER_MS)),
        )
    }

    /// Takes note of the wall's time.
    pub fn adjust(&mut self, at: Time, wall_ms: i64) {
        let unix_ms = self.unix_ms(at);
        *self = Clock {
            at,
            unix_ms: unix_ms.max(wall_ms),
            slow: wall_ms < unix_ms,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_follows_the_wall_forward_at_once_and_backward_slowly() {
        let mut clock = Clock::new(Time::from_secs(10), 1_000_000);
        assert_eq!(clock.unix_ms(Time::from_secs(70)), 1_060_000);
        clock.adjust(Time::from_secs(70), 4_660_000);
        assert_eq!(clock.unix_ms(Time::from_secs(70)), 4_660_000);
        clock.adjust(Time::from_secs(80), 4_640_000);
        assert_eq!(clock.unix_ms(Time::from_secs(80)), 4_670_000);
        assert_eq!(clock.unix_ms(Time::from_secs(100)), 4_680_000);
        assert_eq!(clock.time_of(4_680_000), Time::from_secs(100));
        // 60 s later both say the same, and go on together.
        clock.adjust(Time::from_secs(140), 4_700_000);
        assert_eq!(clock.unix_ms(Time::from_secs(150)), 4_710_000);
    }
}
