//! Cumulative counters per interface. They are never reset, so that any two readings can be subtracted (D6).

use serde::{Deserialize, Serialize};

use crate::verdict::DropReason;

/// Packets and bytes at IP level. A frame that is to be segmented counts as its segments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Count {
    /// Packets.
    pub packets: u64,
    /// Bytes from the IP header on.
    pub bytes: u64,
}

impl Count {
    /// Adds another count.
    #[inline]
    pub fn add(&mut self, other: Count) {
        self.packets += other.packets;
        self.bytes += other.bytes;
    }

    /// What came since `earlier`.
    pub fn since(self, earlier: Count) -> Count {
        Count {
            packets: self.packets - earlier.packets,
            bytes: self.bytes - earlier.bytes,
        }
    }
}

/// Traffic at an interface that no flow log shows (spec 01 §7, I-17).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum UnloggedClass {
    /// ARP and other frames without an IP packet (bytes count as 0).
    NonIp,
    /// Neighbour and router discovery.
    Ndp,
    /// DHCP.
    Dhcp,
    /// To or from the router itself, its ICMP errors included.
    Router,
    /// Resolver, metadata, time service.
    LocalService,
    /// A source the port may not use.
    Spoofed,
    /// Headers that do not parse.
    Malformed,
    /// Group destinations.
    Multicast,
    /// No such neighbour.
    Undeliverable,
    /// Fragments that cannot be judged.
    Fragment,
    /// Past the connection-tracking allowance.
    ConntrackFull,
    /// Refused by the receiver's destination check.
    DestinationCheck,
    /// Before attach, or before policy.
    NotAttached,
}

impl UnloggedClass {
    /// Number of classes.
    pub const COUNT: usize = UnloggedClass::ALL.len();

    /// All classes, in their order.
    pub const ALL: [UnloggedClass; 13] = [
        UnloggedClass::NonIp,
        UnloggedClass::Ndp,
        UnloggedClass::Dhcp,
        UnloggedClass::Router,
        UnloggedClass::LocalService,
        UnloggedClass::Spoofed,
        UnloggedClass::Malformed,
        UnloggedClass::Multicast,
        UnloggedClass::Undeliverable,
        UnloggedClass::Fragment,
        UnloggedClass::ConntrackFull,
        UnloggedClass::DestinationCheck,
        UnloggedClass::NotAttached,
    ];
}

/// One direction of an interface. `wire = accept + reject + Σ unlogged`, always.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct DirectionCounters {
    /// Everything that reached the interface's edge in this direction.
    pub wire: Count,
    /// What flow cells (or `overflow`) hold as ACCEPT.
    pub accept: Count,
    /// What flow cells (or `overflow`) hold as REJECT.
    pub reject: Count,
    /// What no flow log shows, by [`UnloggedClass`].
    pub unlogged: [Count; UnloggedClass::COUNT],
    /// The part of `accept` and `reject` that found no flow cell: to be declared as SKIPDATA.
    pub overflow: Count,
}

impl DirectionCounters {
    /// The count of one unlogged class.
    pub fn unlogged(&self, class: UnloggedClass) -> Count {
        self.unlogged[class as usize]
    }
}

/// Counters of one interface.
#[derive(Clone, Debug, Default)]
pub struct EniCounters {
    /// To the interface.
    pub ingress: DirectionCounters,
    /// From the interface.
    pub egress: DirectionCounters,
    /// Tracked flows right now.
    pub conntrack_entries: u32,
    /// Flow cells right now.
    pub flow_cells: u32,
}

/// Frames dropped, by reason.
#[derive(Clone, Debug)]
pub struct DropCounters([u64; DropReason::ALL.len()]);

impl Default for DropCounters {
    fn default() -> DropCounters {
        DropCounters([0; DropReason::ALL.len()])
    }
}

impl DropCounters {
    /// Counts one frame.
    pub(crate) fn count(&mut self, reason: DropReason) {
        self.0[reason as usize] += 1;
    }

    /// Frames dropped for `reason`.
    pub fn get(&self, reason: DropReason) -> u64 {
        self.0[reason as usize]
    }

    /// All reasons that occurred.
    pub fn iter(&self) -> impl Iterator<Item = (DropReason, u64)> + '_ {
        DropReason::ALL
            .iter()
            .map(|reason| (*reason, self.get(*reason)))
            .filter(|(_, frames)| *frames > 0)
    }
}
