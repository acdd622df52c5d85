//! One conversation before the engine.

use openvpc_engine::{Action, Direction, Judgement, Opening, Sighting, Snapshot};

use super::conversation::{Conversation, Seen};
use super::{ChangeKey, Tally, Turn, Unjudged};

/// Which side of the conversation a direction is.
#[derive(Clone, Copy)]
enum Side {
    /// Its first packet went this way.
    Began,
    /// Its first packet came the other way.
    Answered,
}

pub(super) fn conversation(snapshot: &Snapshot, conversation: &Conversation, tally: &mut Tally) {
    let begun = conversation.begun();
    let opening = |from: Direction| {
        // Where nobody knows who began, both are tried.
        let may_be = begun.is_none_or(|begun| begun == from);
        let opening = || snapshot.opening(&conversation.sighting(from));
        may_be.then(opening).flatten()
    };
    let [ingress, egress] = &[Direction::Ingress, Direction::Egress].map(opening);
    for (direction, with_it, with_other) in [
        (Direction::Ingress, ingress, egress),
        (Direction::Egress, egress, ingress),
    ] {
        let seen = conversation.seen(direction);
        if !seen.is_there() {
            continue;
        }
        let sighting = conversation.sighting(direction);
        match judge(with_it, with_other) {
            Ok((side, judgement)) => compare(&sighting, side, seen, &judgement, tally),
            Err(reason) => tally.unjudged(reason),
        }
    }
}

/// What is said of a direction of a conversation that began with it, or with the other.
fn judge(
    with_it: &Option<Opening<'_>>,
    with_other: &Option<Opening<'_>>,
) -> Result<(Side, Judgement), Unjudged> {
    match (with_it, with_other) {
        (Some(opening), None) => Ok((Side::Began, opening.judgement())),
        (None, Some(opening)) => Ok((Side::Answered, opening.answer())),
        (None, None) => Err(Unjudged::UnknownInterface),
        (Some(opening), Some(other)) => {
            let (began, answered) = (opening.judgement(), other.answer());
            match began.action() == answered.action() {
                true => Ok((Side::Began, began)),
                false => Err(Unjudged::WhoBegan),
            }
        }
    }
}

/// What was accepted and what was refused are two records, each of which may turn.
fn compare(sighting: &Sighting, side: Side, seen: &Seen, judgement: &Judgement, tally: &mut Tally) {
    if seen.accepted.records > 0 {
        match turn(judgement) {
            None => tally.same += 1,
            Some(turn) => tally.changed(key(sighting, side, judgement, turn), seen.accepted),
        }
    }
    if seen.rejected.records > 0 {
        match judgement.action() {
            // After the close of a connection, or in its middle: rules had no say.
            Some(Action::Accept) if seen.accepted.records > 0 || is_of_state(sighting, seen) => {
                tally.unjudged(Unjudged::State);
            }
            Some(Action::Accept) => {
                let key = key(sighting, side, judgement, Turn::Admitted);
                tally.changed(key, seen.rejected);
            }
            Some(Action::Reject) | None => tally.same += 1,
        }
    }
}

fn turn(judgement: &Judgement) -> Option<Turn> {
    match judgement {
        Judgement::Accept(_) => None,
        Judgement::Reject(..) => Some(Turn::Refused),
        Judgement::NeverBegun(..) => Some(Turn::NeverBegun),
    }
}

fn is_of_state(sighting: &Sighting, seen: &Seen) -> bool {
    const TCP: u8 = 6;
    sighting.protocol == TCP && seen.lacks_opening()
}

fn key(sighting: &Sighting, side: Side, judgement: &Judgement, turn: Turn) -> ChangeKey {
    let (reason, rule) = match *judgement {
        Judgement::Accept(rule) => (None, rule),
        Judgement::Reject(reason, rule) | Judgement::NeverBegun(reason, rule) => {
            (Some(reason), rule)
        }
    };
    ChangeKey {
        turn,
        eni: sighting.eni,
        direction: sighting.direction,
        source: sighting.source,
        destination: sighting.destination,
        protocol: sighting.protocol,
        port: match side {
            Side::Began => sighting.destination_port,
            Side::Answered => sighting.source_port,
        },
        reason,
        rule,
    }
}
