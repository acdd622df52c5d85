//! T-14 by a clock that is an argument: sinks that are down for ten minutes, refuse, fail, lose their answers or are slow, and
//! a daemon that dies meanwhile. Both sinks then have every line once, or a SKIPDATA line in whose time it lies.
#![allow(clippy::unwrap_used)]

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::sync::Arc;
use std::time::{Duration, Instant};

use openvpc_delivery::*;
use openvpc_flowlog::{Bucket, Destination, FileFormat, Records};
use openvpc_logs::{Caller, Delivery, Logs};
use serde_json::json;

const ACCOUNT: &str = "123456789012";
const REGION: &str = "us-east-1";
/// 2025-01-02T03:05:00Z, the beginning of a period.
const BEGIN: i64 = 1_735_787_100;
const MINUTE: i64 = 60;
const ENIS: [&str; 3] = ["eni-1", "eni-2", "eni-3"];
const LINES: usize = 40;

fn to_group() -> Sink {
    Sink {
        flow_log: "fl-1".to_owned(),
        account: ACCOUNT.to_owned(),
        region: REGION.to_owned(),
        destination: Destination::LogGroup("fl".to_owned()),
        format: "${interface-id} ${start} ${end} ${bytes} ${log-status}".to_owned(),
    }
}

fn to_bucket() -> Sink {
    Sink {
        flow_log: "fl-2".to_owned(),
        destination: Destination::Bucket(Bucket {
            name: "archive".to_owned(),
            folder: String::new(),
            file_format: FileFormat::PlainText,
            hive_compatible_partitions: false,
            per_hour_partition: false,
        }),
        ..to_group()
    }
}

/// A minute's lines of one interface; each differs from all others.
fn portion(sink: &Sink, eni: &str, minute: i64) -> Portion {
    let (from, to) = (BEGIN + minute * MINUTE, BEGIN + (minute + 1) * MINUTE);
    let end = to - 1;
    Portion {
        flow_log: sink.flow_log.clone(),
        interface: eni.to_owned(),
        log_stream: format!("{eni}-all"),
        id: format!("{}/{eni}/{minute}", sink.flow_log),
        period: period_of(end),
        window: (from, to),
        starts: vec![from * 1_000; LINES],
        records: Records::Lines(
            (0..LINES)
                .map(|n| format!("{eni} {from} {end} {n} OK\n"))
                .collect(),
        ),
        skipped: format!("{eni} \u{1} \u{2} - SKIPDATA"),
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Mood {
    Well,
    /// 403, or no such bucket.
    Refuses,
    /// 503, or a disk that fails.
    Fails,
    /// It takes what it gets, and its answer never comes.
    LosesAnswers,
}

/// CloudWatch Logs as it is, and objects by name.
struct Outside {
    logs: Logs,
    objects: RefCell<BTreeMap<String, Vec<u8>>>,
    mood: Cell<Mood>,
    now: Cell<i64>,
    asked: Cell<u32>,
    /// What else happens while a sink takes its time.
    meanwhile: RefCell<Option<Box<dyn FnOnce()>>>,
}

impl Outside {
    fn new() -> Outside {
        Outside {
            logs: Logs::open(openvpc_logs::Place::Memory).unwrap(),
            objects: RefCell::default(),
            mood: Cell::new(Mood::Well),
            now: Cell::new(BEGIN),
            asked: Cell::new(0),
            meanwhile: RefCell::default(),
        }
    }

    fn asked(&self, take: impl FnOnce()) -> Result<(), Refusal> {
        self.asked.set(self.asked.get() + 1);
        if let Some(meanwhile) = self.meanwhile.take() {
            meanwhile();
        }
        match self.mood.get() {
            Mood::Refuses => return Err(Refusal::Access),
            Mood::Fails => return Err(Refusal::Fault("503".to_owned())),
            Mood::Well | Mood::LosesAnswers => take(),
        }
        match self.mood.get() {
            Mood::LosesAnswers => Err(Refusal::Fault("no answer".to_owned())),
            _ => Ok(()),
        }
    }

    /// Every line that CloudWatch Logs has, and every line of all objects, head lines apart.
    fn both(&self) -> [Vec<String>; 2] {
        [self.group_lines(), self.object_lines()]
    }

    fn group_lines(&self) -> Vec<String> {
        let caller = Caller {
            account: ACCOUNT,
            region: REGION,
            now_ms: self.now.get() * 1_000,
        };
        let (mut lines, mut token) = (Vec::new(), serde_json::Value::Null);
        loop {
            let mut input = json!({"logGroupName": "fl"});
            if !token.is_null() {
                input["nextToken"] = token;
            }
            let answer = self.logs.handle(caller, "FilterLogEvents", input).unwrap();
            let events = answer["events"].as_array().unwrap();
            let line = |event: &serde_json::Value| event["message"].as_str().unwrap().to_owned();
            lines.extend(events.iter().map(line));
            token = answer["nextToken"].clone();
            if token.is_null() {
                return lines;
            }
        }
    }

    fn object_lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for bytes in self.objects.borrow().values() {
            let mut text = String::new();
            let mut packed = flate2::read::MultiGzDecoder::new(bytes.as_slice());
            packed.read_to_string(&mut text).unwrap();
            lines.extend(text.lines().skip(1).map(str::to_owned));
        }
        lines
    }
}

impl Sinks for Outside {
    fn put_events(&self, sink: &Sink, group: &str, portions: &[Portion]) -> Result<(), Refusal> {
        self.asked(|| {
            let delivery = |portion: &Portion| Delivery {
                account: sink.account.clone(),
                region: sink.region.clone(),
                log_group: group.to_owned(),
                log_stream: portion.log_stream.clone(),
                source: sink.flow_log.clone(),
                batch_id: portion.id.clone(),
                makes_group: true,
                events: portion
                    .events()
                    .map(|(at, line)| (at, line.to_owned()))
                    .collect(),
            };
            let deliveries: Vec<Delivery> = portions.iter().map(delivery).collect();
            let now_ms = self.now.get() * 1_000;
            let delivered = self.logs.deliver(&deliveries, now_ms).unwrap();
            assert_eq!(delivered.refused, []);
        })
    }

    fn put_object(&self, _: &Sink, _: &str, key: &str, object: &Object) -> Result<(), Refusal> {
        self.asked(|| {
            let mut objects = self.objects.borrow_mut();
            objects.insert(key.to_owned(), object.bytes.clone());
        })
    }
}

/// How a flow log's delivery changed, and after how many seconds.
type Status = Vec<(i64, Result<(), Refusal>)>;

/// A spool whose windows are a minute long, and both couriers.
struct Daemon {
    spool: Arc<Spool>,
    couriers: [Courier; 2],
    status: [Status; 2],
    begun: Instant,
}

impl Daemon {
    fn start(place: &Place, limits: Limits) -> Daemon {
        let spool = Arc::new(Spool::open_with(place, limits).unwrap());
        let courier = |service| Courier::new(spool.clone(), service, false);
        Daemon {
            couriers: [courier(Service::Logs), courier(Service::S3)],
            status: Default::default(),
            begun: Instant::now(),
            spool,
        }
    }

    fn close_window(&self, minute: i64) -> usize {
        let sinks = [to_group(), to_bucket()];
        let portions: Vec<Portion> = sinks
            .iter()
            .flat_map(|sink| ENIS.map(|eni| portion(sink, eni, minute)))
            .collect();
        self.spool.put(&sinks, &portions, None, None).unwrap()
    }

    fn carry(&mut self, second: i64, outside: &Outside) {
        let now = self.begun + Duration::from_secs(second as u64);
        outside.now.set(BEGIN + second);
        for (courier, status) in self.couriers.iter_mut().zip(&mut self.status) {
            for flow_log in courier.due(now).unwrap() {
                let wall_ms = (BEGIN + second) * 1_000;
                let outcome = courier.deliver(&flow_log, wall_ms, outside);
                courier.settle(&flow_log, &outcome, now);
                if status.last().is_none_or(|(_, last)| *last != outcome) {
                    status.push((second, outcome));
                }
            }
        }
    }

    /// Lets seconds pass; windows close at full minutes. How many lines are given up meanwhile.
    fn run(&mut self, seconds: std::ops::Range<i64>, outside: &Outside) -> usize {
        let mut lost = 0;
        for second in seconds {
            if second > 0 && second % MINUTE == 0 {
                lost += self.close_window(second / MINUTE - 1);
            }
            self.carry(second, outside);
        }
        lost
    }

    fn is_empty(&self) -> bool {
        self.spool.len_bytes().unwrap() == 0
    }
}

const ROOMY: Limits = Limits { bytes: 64 << 20 };

/// All lines of so many minutes.
fn told_in(minutes: i64) -> BTreeSet<String> {
    let texts = (0..minutes).flat_map(|minute| {
        ENIS.map(|eni| portion(&to_group(), eni, minute).records.lines().to_owned())
    });
    let lines = texts.flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>());
    lines.collect()
}

fn assert_once_each(lines: &[String], minutes: i64) {
    let found: BTreeSet<String> = lines.iter().cloned().collect();
    assert_eq!(found.len(), lines.len(), "no line is there twice");
    assert_eq!(found, told_in(minutes), "none is missing");
}

#[test]
fn sinks_that_are_down_for_ten_minutes_get_everything_once() {
    for (mood, asked_at_most) in [(Mood::Refuses, 60), (Mood::Fails, 400)] {
        let outside = Outside::new();
        let mut daemon = Daemon::start(&Place::Memory, ROOMY);
        daemon.run(0..121, &outside);
        let (down, up) = (121, 121 + 10 * MINUTE);
        outside.mood.set(mood);
        outside.asked.set(0);
        daemon.run(down..up, &outside);
        // Nobody is asked all the time.
        let asked = outside.asked.get();
        assert!((20..asked_at_most).contains(&asked), "{asked}");
        outside.mood.set(Mood::Well);
        daemon.run(up..25 * MINUTE + 1, &outside);

        for lines in outside.both() {
            assert_once_each(&lines, 25);
        }
        assert!(daemon.is_empty());
        let [group, bucket] = &daemon.status;
        for (status, noticed_within) in [(group, MINUTE), (bucket, PERIOD_SECS)] {
            let [(_, Ok(())), (failed_at, Err(_)), (well_at, Ok(()))] = status[..] else {
                panic!("{status:?}");
            };
            assert!((down..=down + noticed_within).contains(&failed_at));
            assert!((up..=up + 30).contains(&well_at), "{well_at}");
        }
    }
}

/// What a sink took and did not confirm it gets again under the same name, also from a daemon that died and came again.
#[test]
fn lost_answers_and_dying_daemons_double_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::Directory(folder.path().to_owned());
    let outside = Outside::new();
    for minute in 0..25 {
        // Every start is a daemon that knows only what its spool says, and ends without a word.
        let mut daemon = Daemon::start(&place, ROOMY);
        let moods = [Mood::LosesAnswers, Mood::Well, Mood::Fails, Mood::Refuses];
        outside.mood.set(moods[minute as usize % moods.len()]);
        daemon.run(minute * MINUTE..minute * MINUTE + 31, &outside);
        outside.mood.set(Mood::LosesAnswers);
        daemon.run(minute * MINUTE + 31..(minute + 1) * MINUTE, &outside);
    }
    let mut daemon = Daemon::start(&place, ROOMY);
    outside.mood.set(Mood::Well);
    daemon.run(25 * MINUTE..26 * MINUTE, &outside);
    for lines in outside.both() {
        assert_once_each(&lines, 25);
    }
    assert!(daemon.is_empty());
}

/// Every line of so many minutes is there, or a SKIPDATA line in whose time it lies; only the latter may be said twice.
fn assert_there_or_declared(lines: &[String], minutes: i64) -> usize {
    let is_declaration = |line: &&String| line.ends_with(" SKIPDATA");
    let flows: Vec<&String> = lines.iter().filter(|line| !is_declaration(line)).collect();
    let found: BTreeSet<&String> = flows.iter().copied().collect();
    assert_eq!(found.len(), flows.len(), "no line is there twice");
    let declared: Vec<(&str, i64, i64)> = lines
        .iter()
        .filter(is_declaration)
        .map(|line| {
            let words: Vec<&str> = line.split(' ').collect();
            (
                words[0],
                words[1].parse().unwrap(),
                words[2].parse().unwrap(),
            )
        })
        .collect();
    let mut missing = 0;
    for line in told_in(minutes) {
        let words: Vec<&str> = line.split(' ').collect();
        let (from, to): (i64, i64) = (words[1].parse().unwrap(), words[2].parse().unwrap());
        if !found.contains(&line) {
            missing += 1;
            let covers =
                |(eni, a, b): &(&str, i64, i64)| *eni == words[0] && *a <= from && to <= *b;
            assert!(declared.iter().any(covers), "{line}: {declared:?}");
        }
    }
    missing
}

/// Room for three minutes of both flow logs.
const NARROW: Limits = Limits { bytes: 40_000 };

#[test]
fn what_ten_minutes_without_sinks_leave_no_room_for_is_declared_at_both() {
    let outside = Outside::new();
    let mut daemon = Daemon::start(&Place::Memory, NARROW);
    daemon.run(0..121, &outside);
    outside.mood.set(Mood::Fails);
    let mut lost = 0;
    for second in 121..721 {
        lost += daemon.run(second..second + 1, &outside);
        assert!(daemon.spool.len_bytes().unwrap() <= NARROW.bytes);
    }
    outside.mood.set(Mood::Well);
    lost += daemon.run(721..25 * MINUTE + 1, &outside);
    let missing = outside
        .both()
        .map(|lines| assert_there_or_declared(&lines, 25));
    assert!(missing.iter().all(|missing| *missing > 0), "{missing:?}");
    assert!(missing.iter().sum::<usize>() <= lost, "{missing:?} {lost}");
    assert!(daemon.is_empty());
}

/// Windows close while a slow sink takes its time, and the spool has no room for them: what is given up then stays
/// declared when the sink has taken the lines that it was declared together with.
#[test]
fn what_a_slow_sink_leaves_no_room_for_is_declared() {
    let outside = Outside::new();
    let mut daemon = Daemon::start(&Place::Memory, NARROW);
    outside.mood.set(Mood::Fails);
    daemon.run(0..5 * MINUTE, &outside);
    outside.mood.set(Mood::Well);
    let spool = daemon.spool.clone();
    *outside.meanwhile.borrow_mut() = Some(Box::new(move || {
        let busy = Daemon {
            couriers: [Service::Logs, Service::S3]
                .map(|service| Courier::new(spool.clone(), service, false)),
            status: Default::default(),
            begun: Instant::now(),
            spool,
        };
        assert!(
            (4..9)
                .map(|minute| busy.close_window(minute))
                .sum::<usize>()
                > 0
        );
    }));
    daemon.carry(9 * MINUTE, &outside);
    daemon.run(9 * MINUTE + 1..20 * MINUTE + 1, &outside);
    for lines in outside.both() {
        assert!(assert_there_or_declared(&lines, 20) > 0);
    }
    assert!(daemon.is_empty());
}

/// An answer was lost, and before anybody asked again the lines were given up: the stream knows the lines, but not yet the
/// declaration, which speaks for later ones too.
#[test]
fn a_declaration_is_not_taken_for_the_lines_that_it_replaces() {
    let outside = Outside::new();
    let mut daemon = Daemon::start(&Place::Memory, NARROW);
    outside.mood.set(Mood::LosesAnswers);
    daemon.run(0..MINUTE + 1, &outside);
    outside.mood.set(Mood::Fails);
    daemon.run(MINUTE + 1..12 * MINUTE, &outside);
    outside.mood.set(Mood::Well);
    daemon.run(12 * MINUTE..20 * MINUTE + 1, &outside);
    for lines in outside.both() {
        assert!(assert_there_or_declared(&lines, 20) > 0);
    }
}

/// `S3-1`: every five minutes, or sooner at 75 MB; what is left goes at the end, under another name.
#[test]
fn an_object_of_75_mb_goes_before_its_five_minutes_are_over() {
    let outside = Outside::new();
    let mut daemon = Daemon::start(&Place::Memory, Limits { bytes: 256 << 20 });
    let line = "eni-1 1735787100 1735787159 1 OK\n";
    let lines = (1 << 20) / line.len();
    let put = |spool: &Spool, megabytes: std::ops::Range<usize>| {
        let portions = megabytes.map(|n| Portion {
            id: format!("fl-2/eni-1/0/{n}"),
            starts: vec![BEGIN * 1_000; lines],
            records: Records::Lines(line.repeat(lines)),
            ..portion(&to_bucket(), "eni-1", 0)
        });
        let portions: Vec<Portion> = portions.collect();
        assert_eq!(spool.put(&[to_bucket()], &portions, None, None).unwrap(), 0);
    };
    put(&daemon.spool, 0..30);
    daemon.carry(MINUTE, &outside);
    assert_eq!(outside.objects.borrow().len(), 0);
    put(&daemon.spool, 30..70);
    daemon.carry(MINUTE + 1, &outside);
    assert_eq!(outside.objects.borrow().len(), 1);
    daemon.carry(PERIOD_SECS, &outside);
    assert_eq!(outside.objects.borrow().len(), 2);
    assert_eq!(outside.object_lines().len(), 70 * lines);
    assert!(daemon.is_empty());
}
