//! What goes to which sink, and when.
//!
//! A sink that refuses or fails is asked again, sooner at first and then about every half minute, a full disk every few
//! seconds; what waits stays in the spool. Time and sinks arrive as arguments, so ten minutes without a sink are a test.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use openvpc_flowlog::{Bucket, Destination, Format};

use crate::spool::{Spool, SpoolError, Waiting};
use crate::{Object, PERIOD_SECS, Portion, RAW_LEN_MAX_BYTES, Sink, object, object_key};

/// Batches that a log stream remembers are 64; so many at most go there at once, or a repetition would not be known.
const PORTIONS_AT_ONCE_MAX: usize = 64;
const EVENTS_LEN_MAX_BYTES: usize = 8 << 20;
const RETRY_FIRST: Duration = Duration::from_millis(500);
const RETRY_MAX: Duration = Duration::from_secs(30);
/// What is not refused but fails is a disk, nearly always a full one: once there is room, delivery goes on by itself (`C-6`).
const RETRY_FAULT_MAX: Duration = Duration::from_secs(4);
/// How often periods are looked at that have ended.
const LOOK_EVERY: Duration = Duration::from_secs(10);

/// Why a sink did not take what it should.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// It may not be written: the role, the bucket's policy, no bucket.
    Access,
    Fault(String),
}

impl From<SpoolError> for Refusal {
    fn from(error: SpoolError) -> Refusal {
        Refusal::Fault(error.to_string())
    }
}

/// Where lines go. Either takes all of what it is given or refuses; what it has it may be given again, and keeps once.
pub trait Sinks {
    /// Adds the portions' lines to their log streams; a portion that a stream has is known by its id.
    ///
    /// # Errors
    /// [`Refusal`]; some streams may have theirs nevertheless.
    fn put_events(&self, sink: &Sink, group: &str, portions: &[Portion]) -> Result<(), Refusal>;

    /// Puts an object in place of one of its name.
    ///
    /// # Errors
    /// [`Refusal`]
    fn put_object(
        &self,
        sink: &Sink,
        bucket: &str,
        key: &str,
        object: &Object,
    ) -> Result<(), Refusal>;
}

/// A service that lines go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    Logs,
    S3,
}

impl Service {
    fn takes(self, destination: &Destination) -> bool {
        match destination {
            Destination::LogGroup(_) => self == Service::Logs,
            Destination::Bucket(_) => self == Service::S3,
        }
    }

    fn len_max_bytes(self) -> usize {
        match self {
            Service::Logs => EVENTS_LEN_MAX_BYTES,
            Service::S3 => RAW_LEN_MAX_BYTES,
        }
    }
}

/// Takes what waits to one service, one flow log after the other: a slow service holds up its own only.
#[derive(Debug)]
pub struct Courier {
    spool: Arc<Spool>,
    service: Service,
    /// Objects go as soon as there is something, not when their five minutes are over.
    at_once: bool,
    failing: HashMap<String, Failing>,
}

/// A sink that did not take what it should.
#[derive(Debug)]
struct Failing {
    again_at: Instant,
    patience: Duration,
}

impl Courier {
    pub fn new(spool: Arc<Spool>, service: Service, at_once: bool) -> Courier {
        Courier {
            spool,
            service,
            at_once,
            failing: HashMap::new(),
        }
    }

    /// When to look again, should nothing come into the spool before.
    pub fn again_at(&self, now: Instant) -> Instant {
        let failing = self.failing.values().map(|failing| failing.again_at);
        failing.fold(now + LOOK_EVERY, Instant::min).max(now)
    }

    /// Flow logs for which something waits, and whose sink may be asked now.
    ///
    /// # Errors
    /// Only when the storage fails.
    pub fn due(&mut self, now: Instant) -> Result<Vec<String>, SpoolError> {
        let mut waiting = self.spool.sinks()?;
        waiting.retain(|sink| self.service.takes(&sink.destination));
        self.failing
            .retain(|flow_log, _| waiting.iter().any(|sink| sink.flow_log == *flow_log));
        let flow_logs = waiting.into_iter().map(|sink| sink.flow_log);
        let may_go = |flow_log: &String| match self.failing.get(flow_log) {
            Some(failing) => failing.again_at <= now,
            None => true,
        };
        Ok(flow_logs.filter(may_go).collect())
    }

    /// Takes all that waits for a flow log's sink and may go, at a time in Unix milliseconds.
    ///
    /// # Errors
    /// The sink's refusal, or the spool's fault; what did not go still waits. [`Courier::settle`] wants to know of it.
    pub fn deliver(&self, flow_log: &str, wall_ms: i64, sinks: &impl Sinks) -> Result<(), Refusal> {
        while let Some(waiting) = self.spool.waiting(flow_log, self.service.len_max_bytes())?
            && !waiting.portions.is_empty()
        {
            let went = match waiting.sink.destination.clone() {
                Destination::LogGroup(group) => self.to_log_group(&group, waiting, sinks)?,
                Destination::Bucket(bucket) => self.to_bucket(&bucket, waiting, wall_ms, sinks)?,
            };
            if !went {
                break;
            }
        }
        Ok(())
    }

    /// Remembers how a sink fares, and so when it is asked again.
    pub fn settle(&mut self, flow_log: &str, outcome: &Result<(), Refusal>, now: Instant) {
        let longest = match outcome {
            Ok(()) => {
                self.failing.remove(flow_log);
                return;
            }
            Err(Refusal::Access) => RETRY_MAX,
            Err(Refusal::Fault(_)) => RETRY_FAULT_MAX,
        };
        let before = self.failing.get(flow_log).map(|failing| failing.patience);
        let patience = before.map_or(RETRY_FIRST, |before| (before * 2).min(longest));
        let again_at = now + patience;
        self.failing
            .insert(flow_log.to_owned(), Failing { again_at, patience });
    }

    /// `CW-1` to `CW-3`.
    fn to_log_group(
        &self,
        group: &str,
        waiting: Waiting,
        sinks: &impl Sinks,
    ) -> Result<bool, Refusal> {
        let Waiting { sink, mut portions } = waiting;
        portions.truncate(PORTIONS_AT_ONCE_MAX);
        let went = names(&portions);
        let portions: Vec<Portion> = portions.into_iter().map(|(_, portion)| portion).collect();
        sinks.put_events(&sink, group, &portions)?;
        self.spool.delivered(&sink.flow_log, &went, None)?;
        Ok(true)
    }

    /// `S3-1` to `S3-6`: the oldest period's object, if its time has come. Whether one went.
    fn to_bucket(
        &self,
        bucket: &Bucket,
        waiting: Waiting,
        wall_ms: i64,
        sinks: &impl Sinks,
    ) -> Result<bool, Refusal> {
        let Waiting { sink, mut portions } = waiting;
        let Some(period) = portions.iter().map(|(_, portion)| portion.period).min() else {
            return Ok(false);
        };
        portions.retain(|(_, portion)| portion.period == period);
        let is_over = wall_ms / 1_000 >= period + PERIOD_SECS;
        let len: usize = portions
            .iter()
            .map(|(_, portion)| portion.len_bytes())
            .sum();
        let is_full = len > RAW_LEN_MAX_BYTES / 10 * 9;
        if !(self.at_once || is_over || is_full) {
            return Ok(false);
        }
        let format: Format = sink
            .format
            .parse()
            .map_err(|error: openvpc_flowlog::FormatError| Refusal::Fault(error.to_string()))?;
        let part = self.spool.next_part(&sink.flow_log, period)?;
        let went = names(&portions);
        let records = portions.into_iter().map(|(_, portion)| portion.records);
        let object = object(&format, bucket.file_format, records).map_err(Refusal::Fault)?;
        let key = object_key(&sink, bucket, period, part);
        sinks.put_object(&sink, &bucket.name, &key, &object)?;
        self.spool
            .delivered(&sink.flow_log, &went, Some((period, part)))?;
        Ok(true)
    }
}

/// Numbers and ids, which outlive the lines.
fn names(portions: &[(u64, Portion)]) -> Vec<(u64, String)> {
    let names = portions.iter();
    names
        .map(|(number, portion)| (*number, portion.id.clone()))
        .collect()
}
