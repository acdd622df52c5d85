//! The way between regions takes time: frames that cross it wait their turn here. First in, first out, for every way is
//! equally long; sans-IO, with the time as an argument.

use std::collections::VecDeque;
use std::time::Duration;

use openvpc_engine::{Offload, PortId, Time};

/// Frames on the way; what comes beyond them is lost, as in a full router.
const FRAMES_MAX: usize = 65_536;
/// Bytes on the way, likewise.
const BYTES_MAX: usize = 64 << 20;

/// A frame that has been judged and is on its way to a port.
#[derive(Debug, PartialEq, Eq)]
pub struct Delayed {
    pub port: PortId,
    pub frame: Box<[u8]>,
    pub offload: Offload,
    due: Time,
}

/// The frames on their way.
#[derive(Debug)]
pub struct DelayLine {
    delay: Duration,
    frames: VecDeque<Delayed>,
    bytes: usize,
}

impl DelayLine {
    pub fn new(delay: Duration) -> DelayLine {
        DelayLine {
            delay,
            frames: VecDeque::new(),
            bytes: 0,
        }
    }

    /// Sends a frame on its way; false if there is no room for it.
    pub fn push(&mut self, now: Time, port: PortId, frame: &[u8], offload: &Offload) -> bool {
        let bytes = self.bytes + frame.len();
        if self.frames.len() == FRAMES_MAX || bytes > BYTES_MAX {
            return false;
        }
        let delay = u64::try_from(self.delay.as_nanos()).unwrap_or(u64::MAX);
        self.bytes = bytes;
        self.frames.push_back(Delayed {
            port,
            frame: frame.into(),
            offload: *offload,
            due: Time(now.0.saturating_add(delay)),
        });
        true
    }

    /// The next frame that has arrived by `now`.
    pub fn pop(&mut self, now: Time) -> Option<Delayed> {
        if self.frames.front()?.due > now {
            return None;
        }
        let arrived = self.frames.pop_front()?;
        self.bytes -= arrived.frame.len();
        Some(arrived)
    }

    /// How long until the next frame arrives.
    pub fn wait(&self, now: Time) -> Option<Duration> {
        let next = self.frames.front()?;
        Some(Duration::from_nanos(next.due.since(now)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PORT: PortId = PortId::Outside(0);

    fn ms(milliseconds: u64) -> Time {
        Time(milliseconds * 1_000_000)
    }

    #[test]
    fn frames_arrive_in_order_when_their_time_has_come() {
        let mut line = DelayLine::new(Duration::from_millis(40));
        let offload = Offload::default();
        assert!(line.push(ms(0), PORT, b"one", &offload));
        assert!(line.push(ms(5), PORT, b"two", &offload));
        assert_eq!(line.pop(ms(39)), None);
        assert_eq!(line.wait(ms(39)), Some(Duration::from_millis(1)));
        assert_eq!(&*line.pop(ms(40)).unwrap().frame, b"one");
        assert_eq!(line.pop(ms(44)), None);
        assert_eq!(&*line.pop(ms(50)).unwrap().frame, b"two");
        assert_eq!((line.pop(ms(99)), line.wait(ms(99))), (None, None));
    }

    #[test]
    fn what_finds_no_room_is_lost_and_room_comes_back() {
        let mut line = DelayLine::new(Duration::ZERO);
        let frame = vec![0; 65_000];
        let mut taken = 0;
        while line.push(ms(0), PORT, &frame, &Offload::default()) {
            taken += 1;
        }
        assert_eq!(taken, BYTES_MAX / frame.len());
        assert!(line.pop(ms(0)).is_some());
        assert!(line.push(ms(0), PORT, &frame, &Offload::default()));
        let mut line = DelayLine::new(Duration::ZERO);
        let small = std::iter::repeat_n([0u8; 60], FRAMES_MAX + 1);
        let taken = small.filter(|frame| line.push(ms(0), PORT, frame, &Offload::default()));
        assert_eq!(taken.count(), FRAMES_MAX);
    }
}
