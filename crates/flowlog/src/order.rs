//! The order in which records are told: sums by interface, then by start, then as they came.

use std::ops::Range;

use hashbrown::HashMap;
use openvpc_engine::{Action, EniIndex};

use crate::flows::{Flows, Sum};

/// Few enough that they are sorted by comparison more quickly than by their bytes.
const FEW: usize = 512;

/// Sums in their order.
pub(crate) struct Order {
    places: Vec<Place>,
    /// Where an interface's places lie.
    ranges: HashMap<EniIndex, Range<usize>>,
}

/// Where a sum is, and what must be known of it before it is looked at: sums are many and far from each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// Interface and start, Unix seconds.
    key: u64,
    /// Place in its segment.
    at: u32,
    /// The segment, and a bit for either.
    more: u32,
}

impl Place {
    const REJECT: u32 = 1;
    const DIFFERS: u32 = 2;
    const SEGMENT_FROM: u32 = 2;

    fn of(sum: &Sum, segment: u32, at: u32) -> Place {
        let of = |is: bool, bit: u32| if is { bit } else { 0 };
        let start = sum.times().0.clamp(0, i64::from(u32::MAX)) as u64;
        Place {
            key: u64::from(sum.eni().0) << 32 | start,
            at,
            more: segment << Place::SEGMENT_FROM
                | of(sum.action() == Action::Reject, Place::REJECT)
                | of(sum.differs_from_packet(), Place::DIFFERS),
        }
    }

    fn eni(self) -> EniIndex {
        EniIndex((self.key >> 32) as u32)
    }

    pub(crate) fn segment(self) -> usize {
        (self.more >> Place::SEGMENT_FROM) as usize
    }

    pub(crate) fn action(self) -> Action {
        match self.more & Place::REJECT {
            0 => Action::Accept,
            _ => Action::Reject,
        }
    }

    /// [`Sum::differs_from_packet`]
    pub(crate) fn differs_from_packet(self) -> bool {
        self.more & Place::DIFFERS != 0
    }

    pub(crate) fn sum(self, segments: &[Flows]) -> &Sum {
        &segments[self.segment()].sums()[self.at as usize]
    }
}

impl Order {
    pub(crate) fn of(segments: &[Flows]) -> Order {
        let mut places = Vec::with_capacity(segments.iter().map(Flows::len).sum());
        for (segment, flows) in (0..).zip(segments) {
            let sums = flows.sums().iter().zip(0..);
            places.extend(sums.map(|(sum, at)| Place::of(sum, segment, at)));
        }
        sort(&mut places);
        let mut ranges = HashMap::new();
        let mut from = 0;
        for of_one in places.chunk_by(|a, b| a.eni() == b.eni()) {
            ranges.insert(of_one[0].eni(), from..from + of_one.len());
            from += of_one.len();
        }
        Order { places, ranges }
    }

    /// An interface's places.
    pub(crate) fn places(&self, eni: EniIndex) -> &[Place] {
        let range = self.ranges.get(&eni).cloned();
        &self.places[range.unwrap_or_default()]
    }
}

/// Sorts by key, what is equal as it came: byte by byte from the lowest on, those only in which keys differ.
fn sort(places: &mut Vec<Place>) {
    if places.len() < FEW {
        return places.sort_by_key(|place| place.key);
    }
    let first = places[0].key;
    let different = places
        .iter()
        .fold(0, |bits, place| bits | place.key ^ first);
    let mut sorted = places.clone();
    for shift in (0..u64::BITS).step_by(8) {
        if different >> shift & 0xff == 0 {
            continue;
        }
        let byte = |place: &Place| usize::from((place.key >> shift) as u8);
        let mut next = [0; 256];
        for place in &*places {
            next[byte(place)] += 1;
        }
        let mut before = 0;
        for next in &mut next {
            before += std::mem::replace(next, before);
        }
        for place in &*places {
            let next = &mut next[byte(place)];
            sorted[*next] = *place;
            *next += 1;
        }
        std::mem::swap(places, &mut sorted);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_are_sorted_as_few_are() {
        let place = |n: u32| Place {
            key: u64::from(n.wrapping_mul(2_654_435_761) >> 20) << (n % 4 * 13),
            at: n,
            more: 0,
        };
        for len in [0, 1, FEW as u32 - 1, FEW as u32, 20_000] {
            let mut places: Vec<Place> = (0..len).map(place).collect();
            let mut wanted = places.clone();
            wanted.sort_by_key(|place| place.key);
            sort(&mut places);
            assert_eq!(places, wanted);
        }
    }
}
