//! What goes to which sink, and when.
//!
//! A sink that refuses or fails is asked again, sooner at first and then about every half minute, a full disk every few
//! seconds; what waits stays in the spool. Time and sinks arrive as arguments, so ten minutes without a sink are a test.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use openvpc_flowlog::{Destination, Format};

use crate::spool::{Outline, Spool, SpoolError, Waiting};
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
        loop {
            let went = match self.service {
                Service::Logs => self.to_log_group(flow_log, sinks)?,
                Service::S3 => self.to_bucket(flow_log, wall_ms, sinks)?,
            };
            if !went {
                return Ok(());
            }
        }
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

    /// `CW-1` to `CW-3`: the oldest portions. Whether some went.
    fn to_log_group(&self, flow_log: &str, sinks: &impl Sinks) -> Result<bool, Refusal> {
        let Some(waiting) = self.spool.waiting(flow_log, EVENTS_LEN_MAX_BYTES)? else {
            return Ok(false);
        };
        let Waiting { sink, mut portions } = waiting;
        let Destination::LogGroup(group) = &sink.destination else {
            return Ok(false);
        };
        if portions.is_empty() {
            return Ok(false);
        }
        portions.truncate(PORTIONS_AT_ONCE_MAX);
        let went = names(&portions);
        let portions: Vec<Portion> = portions.into_iter().map(|(_, portion)| portion).collect();
        sinks.put_events(&sink, group, &portions)?;
        self.spool.delivered(&sink.flow_log, &went, None)?;
        Ok(true)
    }

    /// `S3-1` to `S3-6`: the oldest period's object, if its time has come. Whether one went.
    fn to_bucket(&self, flow_log: &str, wall_ms: i64, sinks: &impl Sinks) -> Result<bool, Refusal> {
        let Some(waiting) = self.spool.outline(flow_log, RAW_LEN_MAX_BYTES)? else {
            return Ok(false);
        };
        let Outline { sink, period, .. } = waiting;
        let Destination::Bucket(bucket) = &sink.destination else {
            return Ok(false);
        };
        let is_over = wall_ms / 1_000 >= period + PERIOD_SECS;
        let is_full = waiting.len_bytes > RAW_LEN_MAX_BYTES / 10 * 9;
        if !(self.at_once || is_over || is_full) {
            return Ok(false);
        }
        let format: Format = sink
            .format
            .parse()
            .map_err(|error: openvpc_flowlog::FormatError| Refusal::Fault(error.to_string()))?;
        let part = self.spool.next_part(&sink.flow_log, period)?;
        let (mut went, mut broken) = (Vec::new(), None);
        let portions = self.spool.of_period(flow_log, period, RAW_LEN_MAX_BYTES)?;
        let records = portions.map_while(|portion| match portion {
            Ok((number, portion)) => {
                went.push((number, portion.id));
                Some(portion.records)
            }
            Err(error) => {
                broken = Some(error);
                None
            }
        });
        let object = object(&format, bucket.file_format, records).map_err(Refusal::Fault)?;
        if let Some(error) = broken {
            return Err(error.into());
        }
        if went.is_empty() {
            // What was there a moment ago has been given up for a declaration, which is of another period.
            return Ok(true);
        }
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
