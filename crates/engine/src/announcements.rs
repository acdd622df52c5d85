//! When the router advertises itself without being asked (RFC 4861 §6.2.4).
//!
//! Only to interfaces that asked once: their hosts would forget the router after its lifetime, and the others do not
//! listen. Bounded by the number of ports; a bounded number per call; a host that asks all the time costs no more each
//! time than one that asks once.

use std::collections::VecDeque;

use hashbrown::HashMap;

use crate::ids::{EniIndex, Time};

/// A third of the router's lifetime: one that is late by as much again is still in time.
const INTERVAL_SECS: u64 = openvpc_wire::ndp::ROUTER_LIFETIME_SECS as u64 / 3;
/// Interfaces looked at per call.
const DUE_MAX: usize = 16;

/// The interfaces that asked.
#[derive(Default)]
pub(crate) struct Announcements {
    due: HashMap<EniIndex, Time>,
    /// One entry for each, about in the order in which they are due; its time may be an older one.
    order: VecDeque<(Time, EniIndex)>,
}

impl Announcements {
    /// Notes that an interface was told at `now`.
    pub(crate) fn told(&mut self, eni: EniIndex, now: Time) {
        let due = now.plus_secs(INTERVAL_SECS);
        if self.due.insert(eni, due).is_none() {
            self.order.push_back((due, eni));
        }
    }

    /// The interfaces to be told by `now`; each is to be noted again.
    pub(crate) fn take_due(&mut self, now: Time) -> Vec<EniIndex> {
        let ready = self.order.iter().take(DUE_MAX);
        let count = ready.take_while(|(due, _)| *due <= now).count();
        let mut ready = Vec::with_capacity(count);
        for _ in 0..count {
            let Some((_, eni)) = self.order.pop_front() else {
                break;
            };
            match self.due.get(&eni) {
                // It has asked in between.
                Some(due) if *due > now => self.order.push_back((*due, eni)),
                Some(_) => {
                    self.due.remove(&eni);
                    ready.push(eni);
                }
                None => {}
            }
        }
        ready
    }

    /// Forgets an interface whose port is gone.
    pub(crate) fn forget(&mut self, eni: EniIndex) {
        if self.due.remove(&eni).is_some() {
            self.order.retain(|(_, known)| *known != eni);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENI: EniIndex = EniIndex(7);

    #[test]
    fn who_asks_often_is_remembered_once() {
        let mut table = Announcements::default();
        for second in 0..1_000 {
            table.told(ENI, Time::from_secs(second));
        }
        assert_eq!(table.order.len(), 1);
        assert!(table.take_due(Time::from_secs(1_598)).is_empty());
        assert_eq!(table.take_due(Time::from_secs(1_599)), [ENI]);
        assert!(
            table.take_due(Time::from_secs(9_999)).is_empty(),
            "told by nobody"
        );
    }

    #[test]
    fn who_comes_and_goes_leaves_nothing() {
        let mut table = Announcements::default();
        for second in 0..100 {
            table.told(ENI, Time::from_secs(second));
            table.forget(ENI);
        }
        assert!(table.order.is_empty() && table.due.is_empty());
    }

    #[test]
    fn a_call_does_a_bounded_amount() {
        let mut table = Announcements::default();
        for number in 0..100 {
            table.told(EniIndex(number), Time::default());
        }
        let late = Time::from_secs(600);
        let mut told = 0;
        for _ in 0..7 {
            let due = table.take_due(late);
            assert!(due.len() <= DUE_MAX);
            told += due.len();
        }
        assert_eq!(told, 100);
    }
}
