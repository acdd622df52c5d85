//! The test of the tests: every defect planted in the engine must be seen.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use openvpc_engine::defects::{Defect, plant};
use openvpc_oracle::{play, run};

const DEFECTS: [Defect; 25] = [
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
    Defect::CacheOutlivesSnapshot,
    Defect::CountersReadDestructively,
    Defect::RejectLoggedAsAccept,
];

/// Each is found within this many worlds of a thousand steps.
const WORLDS_MAX: u64 = 500;

#[test]
fn every_planted_defect_is_seen() {
    let mut missed = Vec::new();
    for defect in DEFECTS {
        plant(Some(defect));
        let found = (1..=WORLDS_MAX).find_map(|seed| Some((seed, play(seed, 1_000).err()?)));
        plant(None);
        match found {
            // The defect is to blame: without it, the same story is told alike.
            Some((seed, story)) if run(&story).is_ok() => {
                println!("{defect:?}: seed {seed}, step {}", story.steps.len());
            }
            _ => missed.push(defect),
        }
    }
    println!("planted {}, missed {}", DEFECTS.len(), missed.len());
    assert!(missed.is_empty(), "not seen: {missed:?}");
}
