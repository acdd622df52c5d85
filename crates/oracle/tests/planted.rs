//! The test of the tests: every defect planted in the engine must be seen.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use openvpc_engine::defects::{Defect, plant};
use openvpc_oracle::{play, run};

const DEFECTS: [Defect; 48] = [
    Defect::VpcNotInKey,
    Defect::SourceCheckSkipped,
    Defect::DestinationCheckSkipped,
    Defect::AclSparesReplies,
    Defect::AclOrderReversed,
    Defect::AclWithinSubnet,
    Defect::GroupsForgetFlows,
    Defect::UntrackedTracked,
    Defect::SynTakenForAnswer,
    Defect::GroupMatchesForwarded,
    Defect::FlowsNeverExpire,
    Defect::ShortestPrefix,
    Defect::BlackholeFallsThrough,
    Defect::GatewayWithoutPublicAddress,
    Defect::GatewayPassesPrivate,
    Defect::GatewayIntoPrivateSubnet,
    Defect::EgressOnlyUnsolicited,
    Defect::EgressOnlyEndless,
    Defect::EgressOnlyUntracked,
    Defect::EdgeTableIgnored,
    Defect::EdgeTableAskedBeforeTranslation,
    Defect::LocalBeforeLongest,
    Defect::PeeringTransitive,
    Defect::PeeringWithoutAcl,
    Defect::FragmentAlone,
    Defect::FragmentOfRefused,
    Defect::FragmentOverlaps,
    Defect::ErrorUnrelated,
    Defect::ErrorToAnyone,
    Defect::ErrorRefreshes,
    Defect::ErrorQuoteUntranslated,
    Defect::NatAnswersFromAnyPort,
    Defect::NatPingsIn,
    Defect::NatFragmentsPass,
    Defect::NatProtocolsPass,
    Defect::NatLowPorts,
    Defect::NatNeverExpires,
    Defect::NatWithoutReset,
    Defect::NatErrorsShowInside,
    Defect::NatClosedForGood,
    Defect::NatWithoutAclInbound,
    Defect::NatWithoutAclOutbound,
    Defect::NatUntracked,
    Defect::NatForeignSources,
    Defect::Nat64Anywhere,
    Defect::CacheOutlivesSnapshot,
    Defect::CountersReadDestructively,
    Defect::RejectLoggedAsAccept,
];

/// Each is found within this many worlds of a thousand steps.
const WORLDS_MAX: u64 = 1_000;

#[test]
fn every_planted_defect_is_seen() {
    let next = AtomicUsize::new(0);
    let missed = Mutex::new(Vec::new());
    let work = || {
        while let Some(defect) = DEFECTS.get(next.fetch_add(1, Ordering::Relaxed)) {
            if !is_seen(*defect) {
                missed.lock().unwrap().push(*defect);
            }
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, |n| n.get().min(8));
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(work);
        }
    });
    let missed = missed.into_inner().unwrap();
    println!("planted {}, missed {}", DEFECTS.len(), missed.len());
    assert!(missed.is_empty(), "not seen: {missed:?}");
}

/// Defects are planted in the engines of one thread.
fn is_seen(defect: Defect) -> bool {
    plant(Some(defect));
    let found = (1..=WORLDS_MAX).find_map(|seed| Some((seed, play(seed, 1_000).err()?)));
    plant(None);
    // The defect is to blame: without it, the same story is told alike.
    let Some((seed, story)) = found.filter(|(_, story)| run(story).is_ok()) else {
        return false;
    };
    println!("{defect:?}: seed {seed}, step {}", story.steps.len());
    true
}
