//! What waits is there after a crash, leaves when its sink has it, and has an end.
#![allow(clippy::unwrap_used)]

use openvpc_delivery::*;
use openvpc_flowlog::{Columns, Destination, Records};

fn sink(flow_log: &str) -> Sink {
    Sink {
        flow_log: flow_log.to_owned(),
        account: "123456789012".to_owned(),
        region: "us-east-1".to_owned(),
        destination: Destination::LogGroup("fl".to_owned()),
        format: "${interface-id} ${start} ${end}".to_owned(),
    }
}

/// A minute's lines of one interface.
fn portion(flow_log: &str, interface: &str, minute: i64, lines: usize) -> Portion {
    let (from, to) = (minute * 60, minute * 60 + 60);
    Portion {
        flow_log: flow_log.to_owned(),
        interface: interface.to_owned(),
        log_stream: format!("{interface}-all"),
        id: format!("{flow_log}/{interface}/{minute}"),
        period: period_of(to),
        window: (from, to),
        starts: (0..lines).map(|n| (from + n as i64 % 60) * 1_000).collect(),
        records: Records::Lines(
            (0..lines)
                .map(|n| format!("{interface} {} {to}\n", from + n as i64 % 60))
                .collect(),
        ),
        skipped: format!("{interface} \u{1} \u{2}"),
    }
}

fn everything(spool: &Spool) -> Vec<Portion> {
    let sinks = spool.sinks().unwrap();
    let waiting = sinks
        .iter()
        .map(|sink| spool.waiting(&sink.flow_log, usize::MAX).unwrap().unwrap());
    waiting
        .flat_map(|waiting| waiting.portions)
        .map(|(_, portion)| portion)
        .collect()
}

#[test]
fn what_was_put_is_there_after_a_crash_and_gone_once_delivered() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::Directory(folder.path().to_owned());
    let put = [
        portion("fl-1", "eni-1", 1, 3),
        portion("fl-2", "eni-1", 1, 2),
        portion("fl-1", "eni-2", 1, 1),
    ];
    {
        let spool = Spool::open(&place).unwrap();
        let sinks = [sink("fl-1"), sink("fl-2")];
        assert_eq!(spool.put(&sinks, &put, Some(120_000), None).unwrap(), 0);
    }
    let spool = Spool::open(&place).unwrap();
    assert_eq!(spool.sinks().unwrap(), [sink("fl-1"), sink("fl-2")]);
    let waiting = spool.waiting("fl-1", usize::MAX).unwrap().unwrap();
    assert_eq!(waiting.sink, sink("fl-1"));
    let (numbers, portions): (Vec<u64>, Vec<Portion>) = waiting.portions.into_iter().unzip();
    assert_eq!(portions, [put[0].clone(), put[2].clone()]);
    let ids = portions.into_iter().map(|portion| portion.id);
    let went: Vec<(u64, String)> = numbers.into_iter().zip(ids).collect();

    let bytes: u64 = put.iter().map(|portion| portion.len_bytes() as u64).sum();
    assert_eq!(spool.len_bytes().unwrap(), bytes);
    spool.delivered("fl-1", &went, None).unwrap();
    assert_eq!(spool.sinks().unwrap(), [sink("fl-2")]);
    assert_eq!(spool.waiting("fl-1", usize::MAX).unwrap(), None);
    assert_eq!(spool.len_bytes().unwrap(), put[1].len_bytes() as u64);
}

/// An open window that nobody closed is told at the next start, until somebody has declared it.
#[test]
fn a_window_that_a_crash_cut_off_is_told_until_it_is_declared() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::Directory(folder.path().to_owned());
    let open = || Spool::open(&place).unwrap();
    let begin = |now_ms| open().begin(now_ms).unwrap().open_since;
    assert_eq!(begin(1_000), None, "the very first start");
    assert_eq!(begin(2_000), Some(1_000), "nothing was closed");
    assert_eq!(begin(3_000), Some(1_000), "nor declared");
    open().put(&[], &[], Some(60_000), None).unwrap();
    assert_eq!(begin(70_000), Some(60_000));
    open().put(&[], &[], None, None).unwrap();
    assert_eq!(begin(80_000), None, "an orderly end");
}

/// How far somebody's readings are in the spool comes and stays with the windows that hold them.
#[test]
fn a_window_comes_with_how_far_it_was_read() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::Directory(folder.path().to_owned());
    let open = || Spool::open(&place).unwrap();
    let read = |number| ReadTo {
        source: u64::MAX - 5,
        number,
    };
    assert_eq!(open().begin(1_000).unwrap().read, None);
    open().read_from(read(0)).unwrap();
    assert_eq!(open().begin(1_000).unwrap().read, Some(read(0)));
    open().put(&[], &[], Some(2_000), Some(read(7))).unwrap();
    let begun = Begun {
        open_since: Some(2_000),
        read: Some(read(7)),
    };
    assert_eq!(open().begin(3_000).unwrap(), begun);
}

/// A bucket's objects are numbered within their five minutes, so that a repeated put has the same name.
#[test]
fn parts_of_a_period_count_up_as_they_are_delivered() {
    let spool = Spool::open(&Place::Memory).unwrap();
    spool
        .put(
            &[sink("fl-1")],
            &[portion("fl-1", "eni-1", 1, 1)],
            None,
            None,
        )
        .unwrap();
    assert_eq!(spool.next_part("fl-1", 0).unwrap(), 0);
    let went = [(0, "fl-1/eni-1/1".to_owned())];
    spool.delivered("fl-1", &went, Some((0, 0))).unwrap();
    assert_eq!(spool.next_part("fl-1", 0).unwrap(), 1);
    assert_eq!(spool.next_part("fl-1", 300).unwrap(), 0);
    assert_eq!(spool.next_part("fl-2", 0).unwrap(), 0);
}

/// `LimitExceeded` never: the oldest lines are given up, and every one of them lies in the time of a SKIPDATA line of its
/// interface.
#[test]
fn beyond_its_bytes_the_oldest_lines_are_given_up_and_declared() {
    let limits = Limits { bytes: 20_000 };
    let spool = Spool::open_with(&Place::Memory, limits).unwrap();
    let mut lost = 0;
    for minute in 0..50 {
        let portions = ["eni-1", "eni-2"].map(|eni| portion("fl-1", eni, minute, 20));
        lost += spool.put(&[sink("fl-1")], &portions, None, None).unwrap();
        assert!(spool.len_bytes().unwrap() <= limits.bytes);
    }
    let left = everything(&spool);
    let is_declaration = |portion: &&Portion| portion.lines() == 1;
    let kept: usize = left
        .iter()
        .filter(|p| !is_declaration(p))
        .map(Portion::lines)
        .sum();
    assert!(lost > 0);
    for eni in ["eni-1", "eni-2"] {
        let declared: Vec<(i64, i64)> = left
            .iter()
            .filter(|p| p.interface == eni && is_declaration(p))
            .map(|p| {
                let words: Vec<&str> = p.records.lines().trim_end().split(' ').collect();
                assert_eq!(words[0], eni);
                (words[1].parse().unwrap(), words[2].parse().unwrap())
            })
            .collect();
        let whole: Vec<i64> = left
            .iter()
            .filter(|p| p.interface == eni && !is_declaration(p))
            .map(|p| p.window.0)
            .collect();
        for from in (0..50).map(|minute| minute * 60) {
            let is_declared = declared.iter().any(|(a, b)| *a <= from && from + 60 <= *b);
            assert!(
                is_declared != whole.contains(&from),
                "{eni} {from}: {declared:?}"
            );
        }
    }
    assert!(kept < 50 * 40);
}

#[test]
fn lines_given_up_without_a_spool_leave_one_declaration_per_log_and_interface() {
    let portions = (0..3)
        .flat_map(|minute| ["eni-1", "eni-2"].map(|eni| portion("fl-1", eni, minute, 5)))
        .collect();
    let merged = Portion::merged(portions);
    let texts: Vec<&str> = merged
        .iter()
        .map(|portion| portion.records.lines())
        .collect();
    assert_eq!(texts, ["eni-1 0 180\n", "eni-2 0 180\n"]);
}

/// Columns wait as lines do; where they must be given up, a line stands for them.
#[test]
fn columns_outlive_a_crash_too() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::Directory(folder.path().to_owned());
    let format = "${interface-id} ${start} ${end}".parse().unwrap();
    let with_columns = |minute| {
        let portion = portion("fl-1", "eni-1", minute, 1_000);
        let columns = Columns::of_lines(&format, portion.records.lines()).unwrap();
        Portion {
            records: Records::Columns(columns),
            ..portion
        }
    };
    let put = [
        with_columns(1),
        portion("fl-1", "eni-2", 1, 3),
        with_columns(2),
    ];
    let limits = Limits {
        bytes: put.iter().map(|portion| portion.len_bytes() as u64).sum(),
    };
    {
        let spool = Spool::open_with(&place, limits).unwrap();
        assert_eq!(spool.put(&[sink("fl-1")], &put, None, None).unwrap(), 0);
    }
    let spool = Spool::open_with(&place, limits).unwrap();
    assert_eq!(everything(&spool), put);
    let went = [(1, put[1].id.clone())];
    spool.delivered("fl-1", &went, None).unwrap();
    let third = with_columns(3);
    assert_eq!(
        spool
            .put(&[], std::slice::from_ref(&third), None, None)
            .unwrap(),
        2_000
    );
    let left = everything(&spool);
    let declared = Records::Lines("eni-1 60 180\n".to_owned());
    assert_eq!(left[0].records, declared);
    assert_eq!(left[1..], [third]);
    spool.reset().unwrap();
    assert_eq!(spool.len_bytes().unwrap(), 0);
    assert_eq!(spool.put(&[sink("fl-1")], &put, None, None).unwrap(), 0);
    assert_eq!(everything(&spool), put);
}

/// The layout before there were columns.
#[test]
fn a_spool_of_lines_alone_is_read_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::Directory(folder.path().to_owned());
    let put = [portion("fl-1", "eni-1", 1, 3)];
    let spool = Spool::open(&place).unwrap();
    spool.put(&[sink("fl-1")], &put, None, None).unwrap();
    drop(spool);
    let meta = redb::TableDefinition::<&str, i64>::new("meta");
    let columns = redb::TableDefinition::<(&str, u64), &[u8]>::new("columns");
    let change = |format: i64| {
        let file = folder.path().join("flow-log-spool.redb");
        let database = redb::Database::open(file).unwrap();
        let change = database.begin_write().unwrap();
        change.delete_table(columns).unwrap();
        change
            .open_table(meta)
            .unwrap()
            .insert("format", format)
            .unwrap();
        change.commit().unwrap();
    };
    change(1);
    assert_eq!(everything(&Spool::open(&place).unwrap()), put);
    change(4);
    let refused = Spool::open(&place).unwrap_err().to_string();
    assert_eq!(
        refused,
        "the spool of flow logs has format 4, which this version does not know"
    );
}

#[test]
fn the_oldest_period_is_outlined_and_read_one_portion_after_the_other() {
    let spool = Spool::open(&Place::Memory).unwrap();
    assert_eq!(spool.outline("fl-1", usize::MAX).unwrap(), None);
    // A record of an earlier period came late.
    let put = [
        portion("fl-1", "eni-1", 7, 100),
        portion("fl-1", "eni-1", 2, 100),
        portion("fl-2", "eni-1", 1, 100),
        portion("fl-1", "eni-2", 3, 100),
    ];
    let sinks = [sink("fl-1"), sink("fl-2")];
    spool.put(&sinks, &put, None, None).unwrap();
    let outline = |len_max| spool.outline("fl-1", len_max).unwrap().unwrap();
    let of_period = |period, len_max| -> Vec<Portion> {
        let portions = spool.of_period("fl-1", period, len_max).unwrap();
        portions.map(|portion| portion.unwrap().1).collect()
    };
    let all = outline(usize::MAX);
    assert_eq!((&all.sink, all.period), (&sink("fl-1"), 0));
    let oldest = [put[1].clone(), put[3].clone()];
    assert_eq!(of_period(0, usize::MAX), oldest);
    let lines: usize = oldest.iter().map(|p| p.records.lines().len()).sum();
    assert!(
        (lines..2 * lines).contains(&all.len_bytes),
        "{} of {lines}",
        all.len_bytes
    );
    // As many as there is room for, and one at least.
    let one = outline(1);
    assert_eq!((one.period, of_period(300, 1)), (300, vec![put[0].clone()]));
    let two = one.len_bytes * 5 / 2;
    assert_eq!(
        (outline(two).period, of_period(0, two)),
        (0, vec![put[1].clone()])
    );
}
