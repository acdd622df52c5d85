//! Which log gets what, and when windows begin and end.
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::BTreeMap;
use std::time::Duration;

use common::*;
use openvpc_engine::{Action, Count, EniIndex, FlowCell, Time, Why};
use openvpc_flowlog::*;
use proptest::prelude::*;

const SHORT: &str = "${interface-id} ${action} ${packets} ${log-status}";

fn rejected(eni: u32, packets: u64) -> FlowCell {
    FlowCell {
        action: Action::Reject,
        ..cell(eni, packets, packets * 60, BEGIN + 1, BEGIN + 1)
    }
}

fn accepted(eni: u32, packets: u64) -> FlowCell {
    cell(eni, packets, packets * 60, BEGIN + 1, BEGIN + 1)
}

/// `FL-2`, `FL-4`: one copy per log, each through its own filter.
#[test]
fn each_log_gets_its_own_copy() {
    let plan = plan(vec![
        flow_log("fl-vpc", Filter::All, SHORT, &[1, 2]),
        flow_log("fl-subnet", Filter::Accept, SHORT, &[1]),
        flow_log("fl-eni", Filter::Reject, SHORT, &[1]),
    ]);
    let closed = aggregator(plan).close_now(&reading(
        BEGIN + 60,
        vec![accepted(1, 3), rejected(1, 2), accepted(2, 1)],
    ));
    assert_eq!(
        lines(&closed),
        [
            "fl-vpc eni-1-all: eni-1 ACCEPT 3 OK",
            "fl-vpc eni-1-all: eni-1 REJECT 2 OK",
            "fl-vpc eni-2-all: eni-2 ACCEPT 1 OK",
            "fl-subnet eni-1-accept: eni-1 ACCEPT 3 OK",
            "fl-eni eni-1-reject: eni-1 REJECT 2 OK",
        ]
    );
}

/// Spec 01 §11, check 3; an interface whose traffic the filter leaves out is not idle.
#[test]
fn an_idle_interface_has_one_no_data_per_window_and_log() {
    let mut aggregator = aggregator(plan(vec![
        flow_log("fl-a", Filter::All, SHORT, &[1, 2]),
        flow_log("fl-r", Filter::Reject, SHORT, &[1, 2]),
    ]));
    let first = aggregator.close_now(&reading(BEGIN + 60, vec![accepted(1, 1)]));
    assert_eq!(
        lines(&first),
        [
            "fl-a eni-1-all: eni-1 ACCEPT 1 OK",
            "fl-a eni-2-all: eni-2 - - NODATA",
            "fl-r eni-2-reject: eni-2 - - NODATA",
        ]
    );
    let second = aggregator.close_now(&reading(BEGIN + 120, vec![]));
    assert_eq!(
        lines(&second)
            .iter()
            .filter(|line| line.ends_with("NODATA"))
            .count(),
        4
    );
}

#[test]
fn windows_end_at_multiples_of_the_interval() {
    let mut aggregator = Aggregator::new(Duration::from_secs(60), at(BEGIN + 10), ms(BEGIN + 10));
    assert_eq!(aggregator.deadline(), at(BEGIN + 60));
    // A timer a little early or late shifts nothing.
    for (closed_at, next) in [(59_990, 120), (120_020, 180), (180_000, 240)] {
        let mut reading = reading(BEGIN, vec![]);
        reading.at = Time(closed_at * 1_000_000);
        reading.wall_ms = ms(BEGIN) + closed_at as i64;
        aggregator.close_now(&reading);
        assert_eq!(aggregator.deadline(), at(BEGIN + next));
    }
}

/// A new flow log sees nothing of the time before it; a deleted one delivers nothing more (`FL-7`).
#[test]
fn a_change_of_plan_cuts_the_window() {
    let old = flow_log("fl-old", Filter::All, SHORT, &[1]);
    let new = flow_log("fl-new", Filter::All, SHORT, &[1, 2]);
    let mut aggregator = aggregator(plan(vec![old.clone()]));
    aggregator.read(&reading(BEGIN + 20, vec![accepted(1, 5)]));
    aggregator.configure(plan(vec![old, new.clone()]), at(BEGIN + 20));
    let closed = aggregator.close_now(&reading(BEGIN + 60, vec![accepted(1, 2)]));
    assert_eq!(
        lines(&closed),
        [
            "fl-old eni-1-all: eni-1 ACCEPT 7 OK",
            "fl-new eni-1-all: eni-1 ACCEPT 2 OK",
            "fl-new eni-2-all: eni-2 - - NODATA",
        ]
    );
    aggregator.read(&reading(BEGIN + 80, vec![accepted(1, 1)]));
    aggregator.configure(plan(vec![new]), at(BEGIN + 80));
    let closed = aggregator.close_now(&reading(BEGIN + 120, vec![]));
    assert_eq!(lines(&closed)[0], "fl-new eni-1-all: eni-1 ACCEPT 1 OK");
    assert!(lines(&closed).iter().all(|line| line.starts_with("fl-new")));
}

#[test]
fn a_new_log_reports_no_data_only_for_its_own_time() {
    let mut aggregator = aggregator(Plan::default());
    aggregator.configure(
        plan(vec![flow_log("fl-1", Filter::All, "${start} ${end}", &[1])]),
        at(BEGIN + 40),
    );
    let closed = aggregator.close_now(&reading(BEGIN + 60, vec![]));
    assert_eq!(
        lines(&closed),
        [format!("fl-1 eni-1-all: {} {}", BEGIN + 40, BEGIN + 60)]
    );
}

#[test]
fn a_deleted_interface_still_gets_its_last_records_and_no_more() {
    let mut aggregator = aggregator(plan(vec![flow_log("fl-1", Filter::All, SHORT, &[1, 2])]));
    aggregator.read(&reading(BEGIN + 20, vec![accepted(1, 5)]));
    aggregator.configure(
        plan(vec![flow_log("fl-1", Filter::All, SHORT, &[2])]),
        at(BEGIN + 20),
    );
    let closed = aggregator.close_now(&reading(BEGIN + 60, vec![]));
    assert_eq!(
        lines(&closed),
        [
            "fl-1 eni-1-all: eni-1 ACCEPT 5 OK",
            "fl-1 eni-2-all: eni-2 - - NODATA"
        ]
    );
    let closed = aggregator.close_now(&reading(BEGIN + 120, vec![]));
    assert_eq!(lines(&closed), ["fl-1 eni-2-all: eni-2 - - NODATA"]);
}

/// What an interface was while packets passed is told of them, though it is detached or deleted before the window ends.
#[test]
fn records_tell_of_interfaces_as_they_were() {
    let format = "${interface-id} ${instance-id} ${next-hop-interface-id} ${log-status}";
    let log = flow_log("fl-1", Filter::All, format, &[1]);
    let mut before = plan(vec![log]);
    let peer = EniIndex(2);
    before.interfaces.insert(peer, interface("eni-2"));
    let mut aggregator = aggregator(before.clone());
    let flow = FlowCell {
        why: Why::default().with_next_hop(Some(peer)),
        ..accepted(1, 5)
    };
    aggregator.read(&reading(BEGIN + 20, vec![flow.clone()]));
    let mut after = before.clone();
    after.interfaces.remove(&peer);
    let detached = Interface {
        instance: None,
        ..(*interface("eni-1")).clone()
    };
    after
        .interfaces
        .insert(EniIndex(1), std::sync::Arc::new(detached));
    aggregator.configure(after.clone(), at(BEGIN + 20));
    let closed = aggregator.close_now(&reading(BEGIN + 60, vec![]));
    let instance = "i-01234567890123456";
    assert_eq!(
        lines(&closed),
        [format!("fl-1 eni-1-all: eni-1 {instance} eni-2 OK")]
    );
    assert_eq!(
        aggregator.plan(),
        &after,
        "once it is told, it is forgotten"
    );
    let closed = aggregator.close_now(&reading(BEGIN + 120, vec![]));
    assert_eq!(lines(&closed), ["fl-1 eni-1-all: eni-1 - - NODATA"]);
    // What goes and comes back within a window is there.
    aggregator.configure(before.clone(), at(BEGIN + 130));
    aggregator.configure(after, at(BEGIN + 140));
    aggregator.configure(before.clone(), at(BEGIN + 150));
    aggregator.close_now(&reading(BEGIN + 180, vec![flow]));
    assert_eq!(aggregator.plan(), &before);
}

/// As to a spool that refuses in the middle, and takes it the next time.
#[test]
fn a_window_that_was_told_in_part_is_told_again() {
    let logs = || {
        vec![
            flow_log("fl-1", Filter::All, DEFAULT_FORMAT, &[1, 2]),
            flow_log("fl-2", Filter::All, DEFAULT_FORMAT, &[2, 3]),
        ]
    };
    let last = reading(BEGIN + 60, vec![accepted(1, 5), accepted(2, 7)]);
    let wanted = aggregator(plan(logs())).close_now(&last).batches;
    assert_eq!(wanted.len(), 4);
    let mut aggregator = aggregator(plan(logs()));
    aggregator.read(&last);
    for fails_at in 0..4 {
        let mut told = Vec::new();
        let outcome = aggregator.tell(last.end(), &NoNames, |batch| {
            told.push(batch);
            if told.len() > fails_at {
                Err(())
            } else {
                Ok(())
            }
        });
        assert_eq!((outcome, &*told), (Err(()), &wanted[..=fails_at]));
    }
    let mut told = Vec::new();
    let outcome = aggregator.tell(last.end(), &NoNames, |batch| {
        told.push(batch);
        Ok::<(), ()>(())
    });
    assert_eq!((outcome, told), (Ok(()), wanted));
    aggregator.begin_next(last.end());
    let next = aggregator.close_now(&reading(BEGIN + 120, vec![]));
    let nothing = |batch: &Batch| batch.records.lines().ends_with("NODATA\n");
    assert_eq!(next.batches.len(), 4);
    assert!(next.batches.iter().all(nothing), "{next:?}");
}

/// D6: an overflow is declared once, however long it stays on the counter.
#[test]
fn an_overflow_is_declared_once() {
    let mut aggregator = aggregator(plan(vec![flow_log("fl-1", Filter::All, SHORT, &[1])]));
    let with = |unix, packets, cells| {
        let mut reading = reading(unix, cells);
        reading.overflow.push((EniIndex(1), packets));
        reading
    };
    let first = aggregator.close_now(&with(BEGIN + 60, 3, vec![accepted(1, 1)]));
    assert_eq!(
        lines(&first),
        [
            "fl-1 eni-1-all: eni-1 - - SKIPDATA",
            "fl-1 eni-1-all: eni-1 ACCEPT 1 OK"
        ]
    );
    let second = aggregator.close_now(&with(BEGIN + 120, 3, vec![]));
    assert_eq!(lines(&second), ["fl-1 eni-1-all: eni-1 - - NODATA"]);
    let third = aggregator.close_now(&with(BEGIN + 180, 4, vec![]));
    assert_eq!(lines(&third), ["fl-1 eni-1-all: eni-1 - - SKIPDATA"]);
}

#[test]
fn beyond_its_bound_the_aggregator_declares_what_it_skips() {
    let mut aggregator =
        Aggregator::with_records_max(Duration::from_secs(60), at(BEGIN), ms(BEGIN), 2);
    aggregator.configure(
        plan(vec![flow_log("fl-1", Filter::All, SHORT, &[1, 2])]),
        at(BEGIN),
    );
    let port = |source_port| FlowCell {
        source_port,
        ..accepted(1, 1)
    };
    let cells = vec![port(1), port(2), port(1), port(3), accepted(2, 1)];
    assert_eq!(
        lines(&aggregator.close_now(&reading(BEGIN + 60, cells))),
        [
            "fl-1 eni-1-all: eni-1 - - SKIPDATA",
            "fl-1 eni-1-all: eni-1 ACCEPT 2 OK",
            "fl-1 eni-1-all: eni-1 ACCEPT 1 OK",
            "fl-1 eni-2-all: eni-2 - - SKIPDATA",
        ]
    );
    let next = aggregator.close_now(&reading(BEGIN + 120, vec![port(9)]));
    assert_eq!(lines(&next)[0], "fl-1 eni-1-all: eni-1 ACCEPT 1 OK");
}

#[test]
fn many_records_go_in_portions_of_ten_thousand() {
    let cells = (0..25_000)
        .map(|n| FlowCell {
            source_port: n,
            ..accepted(1, 1)
        })
        .collect();
    let mut aggregator = aggregator(plan(vec![flow_log("fl-1", Filter::All, SHORT, &[1])]));
    let closed = aggregator.close_now(&reading(BEGIN + 60, cells));
    let sizes: Vec<usize> = closed
        .batches
        .iter()
        .map(|batch| batch.times.len())
        .collect();
    assert_eq!(sizes, [10_000, 10_000, 5_000]);
    let ids: Vec<&str> = closed
        .batches
        .iter()
        .map(|batch| batch.id.as_str())
        .collect();
    let window = format!("fl-1/{}-{}", ms(BEGIN), ms(BEGIN + 60));
    assert_eq!(ids, [0, 1, 2].map(|n| format!("{window}/{n}")));
}

proptest! {
    /// D6, spec 01 §11 check 5: over any windows, with plan changes in between, the records of a
    /// log that covers everything add up to the counters; windows neither overlap nor gap, whatever
    /// the wall clock does; every line lies in its window.
    #[test]
    fn records_add_up_to_the_counters(
        steps in prop::collection::vec(
            // Interface, port, packets, seconds, wall clock error, what happens then.
            (0_u32..3, 0_u16..3, 0_u64..5, 1_u64..90, -100_i64..100, 0_u8..4), 1..60),
    ) {
        let everything = || plan(vec![flow_log("fl-1", Filter::All, "${interface-id} ${srcport} ${packets} ${bytes} ${start} ${end} ${log-status}", &[0, 1, 2])]);
        let mut aggregator = aggregator(everything());
        let mut counters: BTreeMap<(u32, u16), Count> = BTreeMap::new();
        let mut open: BTreeMap<(u32, u16), FlowCell> = BTreeMap::new();
        let mut recorded: BTreeMap<(u32, u16), Count> = BTreeMap::new();
        let (mut now, mut wall_error, mut end) = (BEGIN, 0, ms(BEGIN));
        let mut close = |aggregator: &mut Aggregator, reading: &Reading| {
            let closed = aggregator.close_now(reading);
            prop_assert_eq!(closed.window_ms.0, end);
            prop_assert!(closed.window_ms.1 >= end);
            end = closed.window_ms.1;
            for (at, line) in closed.batches.iter().flat_map(Batch::events) {
                let words: Vec<&str> = line.split(' ').collect();
                let (start, last): (i64, i64) = (words[4].parse().unwrap(), words[5].parse().unwrap());
                prop_assert!(closed.window_ms.0 / 1_000 <= start && start <= last && last * 1_000 <= closed.window_ms.1);
                prop_assert_eq!(at, start * 1_000);
                if words[6] == "OK" {
                    let key = (words[0][4..].parse().unwrap(), words[1].parse().unwrap());
                    let sum = recorded.entry(key).or_default();
                    sum.add(Count { packets: words[2].parse().unwrap(), bytes: words[3].parse().unwrap() });
                }
            }
            Ok(())
        };
        for (eni, source_port, packets, seconds, error, then) in steps {
            now += seconds as i64;
            if packets > 0 {
                let count = Count { packets, bytes: packets * 100 };
                counters.entry((eni, source_port)).or_default().add(count);
                let cell = open.entry((eni, source_port)).or_insert_with(|| FlowCell { source_port, ..cell(eni, 0, 0, now, now) });
                cell.total.add(count);
                cell.last = at(now);
            }
            wall_error += error;
            let taken = |open: &mut BTreeMap<_, _>| Reading {
                wall_ms: ms(now + wall_error),
                ..reading(now, std::mem::take(open).into_values().collect())
            };
            match then {
                0 => close(&mut aggregator, &taken(&mut open))?,
                1 => {
                    aggregator.read(&taken(&mut open));
                    aggregator.configure(everything(), at(now));
                }
                _ => {}
            }
        }
        close(&mut aggregator, &Reading { wall_ms: ms(now), ..reading(now, open.into_values().collect()) })?;
        prop_assert_eq!(recorded, counters);
    }
}
