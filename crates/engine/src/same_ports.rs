//! Over which source ports interfaces say the same.
//!
//! A source port is nothing that a rule asks about, but it is the destination port of the answers. So what is asked about
//! each port is whether the interfaces on the way let a flow from it begin, and let it be answered: of [`Snapshot::judge`],
//! which asks the functions that judge packets. What it says can change only where a range of some rule or entry begins or
//! ends.

use std::ops::RangeInclusive;

use crate::judge::{Judgement, Sighting};
use crate::snapshot::{PortRange, Snapshot, Traffic};
use openvpc_wire::packet::protocol;

/// Neighbouring ranges that are asked about in each direction; what lies beyond is not claimed.
const STEPS_MAX: usize = 64;

impl Snapshot {
    /// The longest run of source ports around `port` over which each of these interfaces lets the flow begin, and be
    /// answered if `answers` matter, whatever connection tracking adds (it only lets more answers pass). None if not even
    /// that of `port` may. The sightings are those of the first packet, and their source port does not matter.
    pub(crate) fn same_source_ports(
        &self,
        first: &[Sighting],
        answers: bool,
        port: u16,
    ) -> Option<RangeInclusive<u16>> {
        let passes = |port: u16| {
            first.iter().all(|seen| {
                let seen = Sighting {
                    source_port: port,
                    ..*seen
                };
                let accepts = |judgement| matches!(judgement, Judgement::Accept(_));
                self.opening(&seen).is_some_and(|opening| {
                    accepts(opening.judgement()) && (!answers || accepts(opening.answer()))
                })
            })
        };
        if !passes(port) {
            return None;
        }
        if !answers {
            return Some(0..=u16::MAX);
        }
        let cuts = self.cuts(first);
        let after = cuts.partition_point(|cut| *cut <= port);
        let mut low = after.checked_sub(1).map_or(0, |at| cuts[at]);
        for at in (0..after).rev().take(STEPS_MAX) {
            low = cuts[at];
            let below = at.checked_sub(1).map_or(0, |at| cuts[at]);
            if !passes(below) {
                break;
            }
            low = below;
        }
        let mut high = cuts.get(after).map_or(u16::MAX, |cut| cut - 1);
        for at in (after..cuts.len()).take(STEPS_MAX) {
            if !passes(cuts[at]) {
                break;
            }
            high = cuts.get(at + 1).map_or(u16::MAX, |cut| cut - 1);
        }
        Some(low..=high)
    }

    /// The ports, 0 apart, at which a range of a rule of the interfaces or of their subnets begins, or has just ended.
    fn cuts(&self, first: &[Sighting]) -> Vec<u16> {
        let mut cuts = Vec::new();
        let mut cut = |number: u8, traffic: Traffic| {
            let PortRange { from, to } = match (number, traffic) {
                (protocol::TCP, Traffic::Tcp(ports)) | (protocol::UDP, Traffic::Udp(ports)) => {
                    ports
                }
                _ => return,
            };
            cuts.extend((from > 0).then_some(from));
            cuts.extend(to.checked_add(1));
        };
        let parts = self.parts();
        for seen in first {
            let Some(eni) = self.eni(seen.eni) else {
                continue;
            };
            let subnet = parts.subnets.get(eni.subnet);
            let acl = subnet.and_then(|subnet| parts.network_acls.get(subnet.network_acl));
            for entry in acl
                .iter()
                .flat_map(|acl| acl.inbound.iter().chain(&acl.outbound))
            {
                cut(seen.protocol, entry.traffic);
            }
            let groups = eni.security_groups.iter();
            for group in groups.filter_map(|group| parts.security_groups.get(*group)) {
                for rule in group.ingress.iter().chain(&group.egress) {
                    cut(seen.protocol, rule.traffic);
                }
            }
        }
        cuts.sort_unstable();
        cuts.dedup();
        cuts
    }
}
