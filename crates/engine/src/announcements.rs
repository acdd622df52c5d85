//! When the router advertises itself without being asked (RFC 4861 §6.2.4).
//!
//! Only to interfaces that asked once: their hosts would forget the router after its lifetime, and the others do not
//! listen. Bounded by the number of ports; a bounded number per call.

use std::collections::VecDeque;

use crate::ids::{EniIndex, Time};

/// A third of the router's lifetime, so that two may get lost.
const INTERVAL_SECS: u64 = openvpc_wire::ndp::ROUTER_LIFETIME_SECS as u64 / 3;
/// Advertisements per call.
const DUE_MAX: usize = 16;

/// The interfaces that asked, in the order in which they are due.
#[derive(Default)]
pub(crate) struct Announcements {
    due: VecDeque<(Time, EniIndex)>,
}

impl Announcements {
    /// Notes that an interface was told at `now`.
    pub(crate) fn told(&mut self, eni: EniIndex, now: Time) {
        // Linear, as is forgetting; hosts ask when their link comes up.
        self.forget(eni);
        self.due.push_back((now.plus_secs(INTERVAL_SECS), eni));
    }

    /// The interfaces to be told by `now`; each is to be noted again.
    pub(crate) fn take_due(&mut self, now: Time) -> Vec<EniIndex> {
        let ready = self.due.iter().take(DUE_MAX);
        let count = ready.take_while(|(due, _)| *due <= now).count();
        self.due.drain(..count).map(|(_, eni)| eni).collect()
    }

    /// Forgets an interface whose port is gone.
    pub(crate) fn forget(&mut self, eni: EniIndex) {
        self.due.retain(|(_, known)| *known != eni);
    }
}
