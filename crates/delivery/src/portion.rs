//! What waits in the spool: some records of one flow log, of one interface and window.

use std::collections::HashMap;

use openvpc_flowlog::{Batch, Destination, FlowLog, Records};
use serde::{Deserialize, Serialize};

use crate::period_of;

/// Where a flow log's lines go, as it was when they were written; so they arrive even if the log is deleted meanwhile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sink {
    /// `fl-…`
    pub flow_log: String,
    pub account: String,
    pub region: String,
    pub destination: Destination,
    /// The log's format as text, which an object's head and schema come from.
    pub format: String,
}

impl Sink {
    pub fn of(flow_log: &FlowLog) -> Sink {
        Sink {
            flow_log: flow_log.id.clone(),
            account: flow_log.account.clone(),
            region: flow_log.region.clone(),
            destination: flow_log.destination.clone(),
            format: flow_log.format.to_string(),
        }
    }
}

/// Lines that are delivered, or given up, together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Portion {
    pub flow_log: String,
    /// `eni-…`
    pub interface: String,
    /// The log stream of the interface (`CW-1`).
    pub log_stream: String,
    /// The same for the same lines, ever: flow log, window and number; of a declaration also its time.
    pub id: String,
    /// Unix seconds of the five minutes in which its records ended (`S3-5`).
    pub period: i64,
    /// The window, Unix seconds.
    pub window: (i64, i64),
    /// Of each line, milliseconds: what an event's timestamp is (`CW-2`).
    pub starts: Vec<i64>,
    /// In the form in which the sink wants them; a declaration of what was given up is a line.
    pub records: Records,
    /// The line that takes the place of all of them if they must be given up: SKIPDATA, `\u{1}` and `\u{2}` standing
    /// for beginning and end of its time.
    pub skipped: String,
}

impl Portion {
    /// Bytes that it costs.
    pub fn len_bytes(&self) -> usize {
        const OVERHEAD_BYTES: usize = 64;
        let names = self.flow_log.len() + self.interface.len() + self.log_stream.len();
        let records = match &self.records {
            Records::Lines(text) => text.len(),
            Records::Columns(columns) => columns.len_bytes(),
        };
        let lines = records + 8 * self.starts.len();
        OVERHEAD_BYTES + names + self.id.len() + lines + self.skipped.len()
    }

    pub fn lines(&self) -> usize {
        self.starts.len()
    }

    /// Timestamp and line of each record.
    pub fn events(&self) -> impl Iterator<Item = (i64, &str)> {
        self.starts
            .iter()
            .copied()
            .zip(self.records.lines().lines())
    }

    /// Gives the lines up: one SKIPDATA line takes their place. It has an id of its own, so that a sink which has the lines
    /// already, or has declared less, does not take it for them.
    pub fn give_up(&mut self) {
        let (from, to) = self.window;
        let lines = self.id.split('!').next().unwrap_or_default();
        self.id = format!("{lines}!{from}-{to}");
        let line = self.skipped.replace('\u{1}', &from.to_string());
        self.records = Records::Lines(line.replace('\u{2}', &to.to_string()) + "\n");
        self.starts = vec![from * 1_000];
        self.period = period_of(to);
    }

    /// Gives all of these up, so that one SKIPDATA line is left for each flow log and interface.
    pub fn merged(portions: Vec<Portion>) -> Vec<Portion> {
        let mut merged: Vec<Portion> = Vec::new();
        let mut places: HashMap<(String, String), usize> = HashMap::new();
        for mut portion in portions {
            let key = (portion.flow_log.clone(), portion.interface.clone());
            match places.get(&key) {
                Some(at) => merged[*at].give_up_with(&portion),
                None => {
                    portion.give_up();
                    places.insert(key, merged.len());
                    merged.push(portion);
                }
            }
        }
        merged
    }

    /// Takes a later portion of the same log and interface, which is given up too, into this one's declaration.
    pub(crate) fn give_up_with(&mut self, later: &Portion) {
        self.window.0 = self.window.0.min(later.window.0);
        self.window.1 = self.window.1.max(later.window.1);
        self.give_up();
    }
}

/// The portions of a closed window's batch: one, or one per period if its records ended in several.
pub fn portions(batch: Batch) -> Vec<Portion> {
    let window = batch.window_ms;
    let log_stream = batch.log_stream();
    let empty = |period, more: usize| Portion {
        flow_log: batch.flow_log.id.clone(),
        interface: batch.interface.id.clone(),
        log_stream: log_stream.clone(),
        id: match more {
            0 => batch.id.clone(),
            more => format!("{}/{more}", batch.id),
        },
        period,
        window: (window.0.div_euclid(1_000), window.1.div_euclid(1_000)),
        starts: Vec::new(),
        records: Records::Lines(String::new()),
        skipped: batch.skipped.clone(),
    };
    let period = batch.times.first().map_or(0, |(_, end)| period_of(*end));
    if batch.times.iter().all(|(_, end)| period_of(*end) == period) {
        let alone = empty(period, 0);
        return vec![Portion {
            starts: batch.times.iter().map(|(start, _)| start * 1_000).collect(),
            records: batch.records,
            ..alone
        }];
    }
    let mut rows_of: Vec<(i64, Vec<usize>)> = Vec::new();
    for (row, (_, end)) in batch.times.iter().enumerate() {
        let period = period_of(*end);
        match rows_of.iter_mut().find(|(known, _)| *known == period) {
            Some((_, rows)) => rows.push(row),
            None => rows_of.push((period, vec![row])),
        }
    }
    let portion = |(more, (period, rows)): (usize, (i64, Vec<usize>))| Portion {
        starts: rows.iter().map(|row| batch.times[*row].0 * 1_000).collect(),
        records: select(&batch.records, &rows),
        ..empty(period, more)
    };
    rows_of.into_iter().enumerate().map(portion).collect()
}

/// Some of the records, ascending.
fn select(records: &Records, rows: &[usize]) -> Records {
    match records {
        Records::Columns(columns) => Records::Columns(columns.select(rows)),
        Records::Lines(text) => {
            let mut rows = rows.iter().peekable();
            let lines = text.split_inclusive('\n').enumerate();
            let wanted = lines.filter(|(row, _)| rows.next_if_eq(&row).is_some());
            Records::Lines(wanted.map(|(_, line)| line).collect())
        }
    }
}
