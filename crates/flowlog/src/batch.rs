//! Records of one window in portions that one call can deliver (`CW-1`, `CW-2`).

use std::sync::Arc;

use crate::record::{Shown, Template, skipped_line};
use crate::text::Text;
use crate::{Columns, FlowLog, Interface, Told};

/// Events and bytes of one portion: what PutLogEvents takes.
const EVENTS_MAX: usize = 10_000;
const LEN_MAX_BYTES: usize = 1_048_576;
const EVENT_OVERHEAD_BYTES: usize = 26;
/// Longer than any line: 256 fields of the longest kind.
const LINE_LEN_MAX_BYTES: usize = 32 << 10;

/// Records in the form in which their sink wants them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Records {
    /// A line for each, each with its end.
    Lines(String),
    Columns(Columns),
}

impl Records {
    /// The lines; none of columns.
    pub fn lines(&self) -> &str {
        match self {
            Records::Lines(lines) => lines,
            Records::Columns(_) => "",
        }
    }
}

/// Records of one flow log for one interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    pub flow_log: Arc<FlowLog>,
    pub interface: Arc<Interface>,
    pub window_ms: (i64, i64),
    /// Flow log, window and portion: the same if the same window is delivered again.
    pub id: String,
    /// Start and end of each record, Unix seconds; ascending by start.
    pub times: Vec<(i64, i64)>,
    /// Columns where a flow log makes Parquet, else lines.
    pub records: Records,
    /// The SKIPDATA line of the interface, `\u{1}` and `\u{2}` standing for its start and end.
    pub skipped: String,
}

impl Batch {
    /// `<eni-id>-all`, `-accept` or `-reject`.
    pub fn log_stream(&self) -> String {
        format!("{}-{}", self.interface.id, self.flow_log.filter.suffix())
    }

    /// Record start in milliseconds and line, ascending by time.
    pub fn events(&self) -> impl Iterator<Item = (i64, &str)> {
        let starts = self.times.iter().map(|(start, _)| start * 1_000);
        starts.zip(self.records.lines().lines())
    }
}

/// Packs one interface's records of one window for one flow log.
pub(crate) struct Packer<'a> {
    flow_log: &'a Arc<FlowLog>,
    window_ms: (i64, i64),
    told: Told<'a>,
    /// Records that are still to come.
    expected: usize,
    len_bytes: usize,
    portions: usize,
    /// Of the interface that the records are of.
    template: Option<Template>,
    /// The open batch's columns, if it is one of columns.
    columns: Option<Columns>,
    open: Option<Batch>,
    /// The open batch's lines: in one place for all batches, which stays in the processor's cache.
    lines: &'a mut Text,
}

impl<'a> Packer<'a> {
    /// A packer for about so many records, which writes their lines in a place of the caller's.
    pub(crate) fn new(
        flow_log: &'a Arc<FlowLog>,
        window_ms: (i64, i64),
        told: Told<'a>,
        expected: usize,
        lines: &'a mut Text,
    ) -> Packer<'a> {
        lines.clear();
        Packer {
            flow_log,
            window_ms,
            told,
            expected,
            len_bytes: 0,
            portions: 0,
            template: None,
            columns: None,
            open: None,
            lines,
        }
    }

    /// Adds records of the interface; they come by their start.
    pub(crate) fn add(
        &mut self,
        interface: &Arc<Interface>,
        mut records: &[Shown],
        out: &mut Vec<Batch>,
    ) {
        let (from, to) = self.window_ms;
        let format = &self.flow_log.format;
        while !records.is_empty() {
            let expected = self.expected.clamp(1, EVENTS_MAX);
            let batch = self.open.get_or_insert_with(|| Batch {
                flow_log: self.flow_log.clone(),
                interface: interface.clone(),
                window_ms: self.window_ms,
                id: format!("{}/{from}-{to}/{}", self.flow_log.id, self.portions),
                times: Vec::with_capacity(expected),
                records: Records::Lines(String::new()),
                skipped: skipped_line(interface, format, self.told),
            });
            let added = if self.flow_log.destination.wants_columns() {
                let columns = &mut self.columns;
                let columns =
                    columns.get_or_insert_with(|| Columns::of(format, interface, expected));
                let (fitting, _) = records.split_at(records.len().min(EVENTS_MAX - columns.rows));
                columns.add(fitting, format, self.told);
                fitting
            } else {
                let template = &mut self.template;
                let template = template.get_or_insert_with(|| Template::of(format, interface));
                let before = self.lines.len();
                records[0].render(template, self.told, self.lines);
                // The line's end is not the event's.
                self.len_bytes += self.lines.len() - before - 1 + EVENT_OVERHEAD_BYTES;
                &records[..1]
            };
            let times = added.iter().map(|record| (record.start, record.end));
            batch.times.extend(times);
            records = &records[added.len()..];
            let is_full = batch.times.len() == EVENTS_MAX
                || self.len_bytes > LEN_MAX_BYTES - LINE_LEN_MAX_BYTES;
            if is_full {
                self.expected = self.expected.saturating_sub(batch.times.len());
                self.finish(out);
            }
        }
    }

    /// Ends what is open.
    pub(crate) fn finish(&mut self, out: &mut Vec<Batch>) {
        if let Some(mut batch) = self.open.take() {
            batch.records = match self.columns.take() {
                Some(columns) => Records::Columns(columns),
                None => Records::Lines(self.lines.copy()),
            };
            self.lines.clear();
            out.push(batch);
            self.portions += 1;
            self.len_bytes = 0;
        }
    }
}
