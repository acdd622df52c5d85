//! Fragments: the first one is judged like a whole packet, the later ones by what the first one showed, and only if it
//! passed (I-12).
//!
//! Writes: the table of datagrams. Exits: the `Fragment` reasons.

use crate::defects::{Defect, planted};
use crate::facts::Facts;
use crate::fragments::DatagramKey;
use crate::verdict::DropReason;
use crate::walk::Walk;

/// Finds out what to judge the packet by.
pub(crate) fn resolve(walk: &mut Walk<'_>) -> Result<(), DropReason> {
    let packet = walk.packet();
    let Some(fragment) = packet.fragment else {
        return Ok(());
    };
    let key = DatagramKey {
        port: walk.in_port,
        source: packet.source,
        destination: packet.destination,
        protocol: if packet.is_ipv4() { packet.protocol } else { 0 },
        id: fragment.id,
    };
    walk.repeatable = false;
    let len = (packet.end - packet.l4) as u32;
    if fragment.offset == 0 {
        walk.datagram = Some(key);
        return walk
            .state
            .fragments
            .first(key, Facts::of(packet), len, walk.now);
    }
    let facts = walk.state.fragments.later(
        &key,
        u32::from(fragment.offset),
        len,
        fragment.more,
        walk.now,
    );
    walk.facts = match facts {
        Err(DropReason::FragmentWithoutFirst) if planted(Defect::FragmentAlone) => walk.facts,
        facts => facts?,
    };
    Ok(())
}
