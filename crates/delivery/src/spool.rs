//! The durable queue between windows and sinks.
//!
//! One transaction takes a whole window; one takes out what a sink has got. Bounded: past its bytes the oldest portions
//! are given up one by one, each for a SKIPDATA line, and where even those are too many, those of one flow log and
//! interface become one. So memory and disk have an end, and no loss is silent.

use std::collections::BTreeMap;
use std::path::PathBuf;

use openvpc_disk::{Database, Options};
use openvpc_flowlog::{Batch, Records};
use redb::{
    AccessGuard, ReadTransaction, ReadableTable, StorageError, Table, TableDefinition,
    WriteTransaction,
};

use crate::{PERIOD_SECS, Portion, Sink, portions};

/// Head (JSON), timestamps (little-endian), lines; by flow log and number.
type Row = (&'static str, &'static [u8], &'static str);
const PORTIONS: TableDefinition<(&str, u64), Row> = TableDefinition::new("portions");
/// Columns (postcard) of the portions that have those in place of lines.
const COLUMNS: TableDefinition<(&str, u64), &[u8]> = TableDefinition::new("columns");
/// Sinks of flow logs that have, or lately had, portions.
const SINKS: TableDefinition<&str, &str> = TableDefinition::new("sinks");
/// The next part of a flow log's period, where there was one.
const PARTS: TableDefinition<(&str, i64), u32> = TableDefinition::new("parts");
const META: TableDefinition<&str, i64> = TableDefinition::new("meta");

mod meta {
    /// The layout of the tables.
    pub const FORMAT: &str = "format";
    /// Numbers of portions.
    pub const NEXT: &str = "next";
    pub const BYTES: &str = "bytes";
    /// Unix milliseconds at which the open window began; absent after an orderly end.
    pub const OPEN_SINCE: &str = "open-since";
    /// Whose readings the closed windows hold, and up to which.
    pub const READ_OF: &str = "read-of";
    pub const READ_TO: &str = "read-to";
}

/// The first one had no columns, the second no columns of IPv4 addresses alone: both are read as they are.
const FORMAT_VERSION: i64 = 3;
const EARLIER: [i64; 2] = [1, 2];
const CACHE_LEN_BYTES: usize = 4 << 20;
/// Part numbers are forgotten when nothing can be late for their period any more.
const PARTS_KEPT_SECS: i64 = 86_400;

/// Where the spool lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// An existing data directory.
    Directory(PathBuf),
    /// Gone with the process.
    Memory,
}

impl Place {
    const FILE_NAME: &str = "flow-log-spool.redb";
}

/// What the spool holds at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    pub bytes: u64,
}

impl Limits {
    pub const DURABLE: Limits = Limits { bytes: 256 << 20 };
    pub const EPHEMERAL: Limits = Limits { bytes: 32 << 20 };
}

/// Why the spool did not do it; nothing was changed then.
#[derive(Debug, thiserror::Error)]
pub enum SpoolError {
    #[error("the spool of flow logs: {0}")]
    Database(Box<redb::Error>),
    #[error("the spool of flow logs holds a row that is not of this version: {0}")]
    Row(#[from] serde_json::Error),
    #[error("the spool of flow logs holds columns that are not of this version: {0}")]
    Columns(#[from] postcard::Error),
    #[error("the spool of flow logs has format {0}, which this version does not know")]
    Format(i64),
}

macro_rules! from_redb {
    ($($kind:ident),*) => {$(
        impl From<redb::$kind> for SpoolError {
            fn from(error: redb::$kind) -> SpoolError {
                SpoolError::Database(Box::new(error.into()))
            }
        }
    )*};
}
from_redb!(
    DatabaseError,
    TransactionError,
    TableError,
    StorageError,
    CommitError
);

type Result<T> = std::result::Result<T, SpoolError>;

/// What waits for a sink, and what has been left open.
#[derive(Debug)]
pub struct Spool {
    database: Database,
    limits: Limits,
}

/// What an earlier process has left open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Begun {
    /// Since when, if it did not end in order, Unix milliseconds.
    pub open_since: Option<i64>,
    /// How far what was counted is in windows that the spool has taken.
    pub read: Option<ReadTo>,
}

/// How far somebody's readings are in the spool. It comes with the windows, in one transaction, so that none of them is
/// ever told twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadTo {
    /// Who counts.
    pub source: u64,
    /// The number of the last reading.
    pub number: u64,
}

/// Portions of one flow log, the oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    pub sink: Sink,
    pub portions: Vec<(u64, Portion)>,
}

/// What waits of one flow log's oldest period, without the records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outline {
    pub sink: Sink,
    pub period: i64,
    pub len_bytes: usize,
}

impl Spool {
    /// Opens or makes the spool.
    ///
    /// # Errors
    /// The file is damaged, or another version's.
    pub fn open(place: &Place) -> Result<Spool> {
        let limits = match place {
            Place::Directory(_) => Limits::DURABLE,
            Place::Memory => Limits::EPHEMERAL,
        };
        Spool::open_with(place, limits)
    }

    /// The same with other limits.
    ///
    /// # Errors
    /// As [`Spool::open`].
    pub fn open_with(place: &Place, limits: Limits) -> Result<Spool> {
        let database = match place {
            Place::Directory(dir) => {
                let options = Options::with_cache(CACHE_LEN_BYTES);
                Database::open(dir.join(Place::FILE_NAME), options)?
            }
            Place::Memory => Database::in_memory(CACHE_LEN_BYTES)?,
        };
        let spool = Spool { database, limits };
        spool.shrink(|change| {
            change.open_table(PORTIONS)?;
            change.open_table(COLUMNS)?;
            change.open_table(SINKS)?;
            change.open_table(PARTS)?;
            let mut meta = change.open_table(META)?;
            let found = meta.get(meta::FORMAT)?.map(|found| found.value());
            match found {
                Some(FORMAT_VERSION) => Ok(()),
                Some(other) if !EARLIER.contains(&other) => Err(SpoolError::Format(other)),
                Some(_) | None => {
                    meta.insert(meta::FORMAT, FORMAT_VERSION)?;
                    Ok(())
                }
            }
        })?;
        Ok(spool)
    }

    /// What was left open, if something was; and from now on a window is open since `now_ms`.
    ///
    /// # Errors
    /// Only when the storage fails.
    pub fn begin(&self, now_ms: i64) -> Result<Begun> {
        self.shrink(|change| {
            let mut meta = change.open_table(META)?;
            let value = |name| Ok::<_, StorageError>(meta.get(name)?.map(|value| value.value()));
            let begun = Begun {
                open_since: value(meta::OPEN_SINCE)?,
                read: value(meta::READ_OF)?
                    .zip(value(meta::READ_TO)?)
                    .map(|(source, number)| ReadTo {
                        source: source as u64,
                        number: number as u64,
                    }),
            };
            // What was not declared yet must still be, should this process end before it does.
            meta.insert(meta::OPEN_SINCE, begun.open_since.unwrap_or(now_ms))?;
            Ok(begun)
        })
    }

    /// Says whose readings come from now on, when nothing of an earlier window has to be declared.
    ///
    /// # Errors
    /// Only when the storage fails.
    pub fn read_from(&self, read: ReadTo) -> Result<()> {
        self.shrink(|change| {
            let mut meta = change.open_table(META)?;
            meta.insert(meta::READ_OF, read.source as i64)?;
            meta.insert(meta::READ_TO, read.number as i64)?;
            Ok(())
        })
    }

    /// [`Spool::fill`] with portions that are at hand.
    ///
    /// # Errors
    /// As [`Spool::fill`].
    pub fn put(
        &self,
        sinks: &[Sink],
        portions: &[Portion],
        open_since: Option<i64>,
        read: Option<ReadTo>,
    ) -> Result<usize> {
        self.fill(open_since, read, |filling| filling.all(sinks, portions))
    }

    /// Takes a closed window's portions, which hold all that was read up to `read`, as `put` gives them. The next window is
    /// open since `open_since`; none is when nothing goes on. How many lines had to be given up for it.
    ///
    /// # Errors
    /// Only when the storage fails, and then none was taken.
    pub fn fill(
        &self,
        open_since: Option<i64>,
        read: Option<ReadTo>,
        put: impl FnOnce(&mut Filling<'_>) -> Result<()>,
    ) -> Result<usize> {
        self.write(|change| {
            {
                let mut meta = change.open_table(META)?;
                let value = |name| Ok::<_, StorageError>(meta.get(name)?.map_or(0, |v| v.value()));
                let mut filling = Filling {
                    sinks: change.open_table(SINKS)?,
                    rows: Rows::open(change)?,
                    next: value(meta::NEXT)?,
                    bytes: value(meta::BYTES)?,
                    of: String::new(),
                };
                put(&mut filling)?;
                meta.insert(meta::NEXT, filling.next)?;
                meta.insert(meta::BYTES, filling.bytes)?;
                match open_since {
                    Some(since) => meta.insert(meta::OPEN_SINCE, since)?,
                    None => meta.remove(meta::OPEN_SINCE)?,
                };
                if let Some(read) = read {
                    meta.insert(meta::READ_OF, read.source as i64)?;
                    meta.insert(meta::READ_TO, read.number as i64)?;
                }
            }
            self.give_up_beyond_limit(change)
        })
    }

    /// The sinks of flow logs for which something waits.
    ///
    /// # Errors
    /// Only when the storage fails.
    pub fn sinks(&self) -> Result<Vec<Sink>> {
        let read = self.database.begin_read()?;
        let rows = read.open_table(PORTIONS)?;
        let sinks = read.open_table(SINKS)?;
        let mut found: Vec<Sink> = Vec::new();
        let mut from = (String::new(), 0);
        // One look-up for each flow log: what waits for one lies together.
        while let Some(row) = rows.range((from.0.as_str(), from.1)..)?.next() {
            let flow_log = row?.0.value().0.to_owned();
            if let Some(sink) = sinks.get(flow_log.as_str())? {
                found.push(serde_json::from_str(sink.value())?);
            }
            from = (flow_log, u64::MAX);
        }
        Ok(found)
    }

    /// The oldest portions that wait for a flow log's sink, of at most so many bytes but for the first.
    ///
    /// # Errors
    /// Only when the storage fails.
    pub fn waiting(&self, flow_log: &str, len_max_bytes: usize) -> Result<Option<Waiting>> {
        let read = self.database.begin_read()?;
        let Some(sink) = sink(&read, flow_log)? else {
            return Ok(None);
        };
        let rows = rows_within(&read, flow_log, len_max_bytes)?;
        let portions = rows.map(|row| {
            let row = row?;
            Ok((row.number, row.portion(flow_log, row.head()?)?))
        });
        Ok(Some(Waiting {
            sink,
            portions: portions.collect::<Result<_>>()?,
        }))
    }

    /// What waits of a flow log's oldest period, among the oldest portions of at most so many bytes but for the first.
    ///
    /// # Errors
    /// Only when the storage fails.
    pub fn outline(&self, flow_log: &str, len_max_bytes: usize) -> Result<Option<Outline>> {
        let read = self.database.begin_read()?;
        let Some(sink) = sink(&read, flow_log)? else {
            return Ok(None);
        };
        let mut oldest: Option<Outline> = None;
        for row in rows_within(&read, flow_log, len_max_bytes)? {
            let row = row?;
            let (period, len_bytes) = (row.head()?.period, row.len_bytes());
            match &mut oldest {
                Some(known) if known.period == period => known.len_bytes += len_bytes,
                Some(known) if known.period < period => {}
                _ => {
                    oldest = Some(Outline {
                        sink: sink.clone(),
                        period,
                        len_bytes,
                    });
                }
            }
        }
        Ok(oldest)
    }

    /// The portions of a period among a flow log's oldest of at most so many bytes but for the first, one after the other:
    /// an object's are too many to be in memory at once.
    ///
    /// # Errors
    /// Only when the storage fails.
    pub fn of_period(
        &self,
        flow_log: &str,
        period: i64,
        len_max_bytes: usize,
    ) -> Result<impl Iterator<Item = Result<(u64, Portion)>>> {
        let rows = rows_within(&self.database.begin_read()?, flow_log, len_max_bytes)?;
        let portion = move |row: Result<Stored>| {
            let row = row?;
            let head = row.head()?;
            if head.period != period {
                return Ok(None);
            }
            Ok(Some((row.number, row.portion(flow_log, head)?)))
        };
        Ok(rows.filter_map(move |row| portion(row).transpose()))
    }

    /// The number of the object that comes next for a flow log's period.
    ///
    /// # Errors
    /// Only when the storage fails.
    pub fn next_part(&self, flow_log: &str, period: i64) -> Result<u32> {
        let parts = self.database.begin_read()?.open_table(PARTS)?;
        Ok(parts
            .get((flow_log, period))?
            .map_or(0, |part| part.value()))
    }

    /// The sink has these portions, told by number and id; `object` is the period and part that it has them as, if it is a
    /// bucket. What was given up while the sink took it stays: the declaration speaks for others, too.
    ///
    /// # Errors
    /// Only when the storage fails; they are then to be delivered again, under the same names.
    pub fn delivered(
        &self,
        flow_log: &str,
        went: &[(u64, String)],
        object: Option<(i64, u32)>,
    ) -> Result<()> {
        self.shrink(|change| {
            let mut rows = Rows::open(change)?;
            let mut freed = 0;
            for (number, id) in went {
                let Some(portion) = rows.take(flow_log, *number)? else {
                    continue;
                };
                match portion.id == *id {
                    true => freed += portion.len_bytes() as i64,
                    false => rows.put(*number, &portion)?,
                }
            }
            let mut meta = change.open_table(META)?;
            let bytes = meta.get(meta::BYTES)?.map_or(0, |bytes| bytes.value());
            meta.insert(meta::BYTES, bytes - freed)?;
            if let Some((period, part)) = object {
                let mut parts = change.open_table(PARTS)?;
                parts.insert((flow_log, period), part + 1)?;
                let old = period - PARTS_KEPT_SECS.max(PERIOD_SECS);
                parts.retain_in((flow_log, i64::MIN)..(flow_log, old), |_, _| false)?;
            }
            let left = rows
                .portions
                .range((flow_log, 0)..=(flow_log, u64::MAX))?
                .next();
            if left.is_none() {
                change.open_table(SINKS)?.remove(flow_log)?;
            }
            Ok(())
        })
    }

    /// Bytes that wait.
    ///
    /// # Errors
    /// Only when the storage fails.
    pub fn len_bytes(&self) -> Result<u64> {
        let meta = self.database.begin_read()?.open_table(META)?;
        Ok(meta
            .get(meta::BYTES)?
            .map_or(0, |bytes| bytes.value().max(0) as u64))
    }

    /// Forgets everything that waits.
    ///
    /// # Errors
    /// Only when the storage fails.
    pub fn reset(&self) -> Result<()> {
        self.shrink(|change| {
            change.open_table(PORTIONS)?.retain(|_, _| false)?;
            change.open_table(COLUMNS)?.retain(|_, _| false)?;
            change.open_table(SINKS)?.retain(|_, _| false)?;
            change.open_table(PARTS)?.retain(|_, _| false)?;
            change.open_table(META)?.insert(meta::BYTES, 0)?;
            Ok(())
        })
    }

    /// Makes room as the head of this file says; how many lines are lost by it.
    fn give_up_beyond_limit(&self, change: &WriteTransaction) -> Result<usize> {
        let mut meta = change.open_table(META)?;
        let mut bytes = meta.get(meta::BYTES)?.map_or(0, |bytes| bytes.value());
        let limit = self.limits.bytes as i64;
        if bytes <= limit {
            return Ok(0);
        }
        // A little more than needed, so that not every window has to look through all.
        let goal = limit - limit / 8;
        let mut rows = Rows::open(change)?;
        let mut by_age: Vec<(u64, String)> = Vec::new();
        for row in rows.portions.iter()? {
            let (key, _) = row?;
            let (flow_log, number) = key.value();
            by_age.push((number, flow_log.to_owned()));
        }
        by_age.sort();
        let mut lost = 0;
        let mut declared: BTreeMap<(String, String), (u64, Portion)> = BTreeMap::new();
        for (number, flow_log) in by_age {
            if bytes <= goal {
                break;
            }
            let Some(mut portion) = rows.take(&flow_log, number)? else {
                continue;
            };
            bytes -= portion.len_bytes() as i64;
            lost += portion.lines();
            portion.give_up();
            let key = (flow_log, portion.interface.clone());
            let (number, declaration) = match declared.remove(&key) {
                Some((first, mut declaration)) => {
                    bytes -= declaration.len_bytes() as i64;
                    declaration.give_up_with(&portion);
                    (first, declaration)
                }
                None => (number, portion),
            };
            bytes += declaration.len_bytes() as i64;
            rows.put(number, &declaration)?;
            declared.insert(key, (number, declaration));
        }
        meta.insert(meta::BYTES, bytes)?;
        Ok(lost)
    }

    /// One durable transaction: all of `change` or, on an error, nothing. A disk with too little room refuses it.
    fn write<T>(&self, change: impl FnOnce(&WriteTransaction) -> Result<T>) -> Result<T> {
        commit(self.database.begin_write()?, change)
    }

    /// The same for what makes the spool no larger, which needs no room.
    fn shrink<T>(&self, change: impl FnOnce(&WriteTransaction) -> Result<T>) -> Result<T> {
        commit(self.database.begin_removal()?, change)
    }
}

fn commit<T>(
    transaction: WriteTransaction,
    change: impl FnOnce(&WriteTransaction) -> Result<T>,
) -> Result<T> {
    let value = change(&transaction)?;
    transaction.commit()?;
    Ok(value)
}

fn sink(read: &ReadTransaction, flow_log: &str) -> Result<Option<Sink>> {
    let found = read.open_table(SINKS)?.get(flow_log)?;
    let sink = found.map(|sink| serde_json::from_str(sink.value()));
    Ok(sink.transpose()?)
}

/// A flow log's oldest rows of at most so many bytes but for the first.
fn rows_within(
    read: &ReadTransaction,
    flow_log: &str,
    len_max_bytes: usize,
) -> Result<impl Iterator<Item = Result<Stored>> + use<>> {
    let portions = read.open_table(PORTIONS)?;
    let columns = read.open_table(COLUMNS)?;
    let mut rows = portions.range((flow_log, 0)..=(flow_log, u64::MAX))?;
    let mut len = 0;
    let mut next = move || -> Result<Option<Stored>> {
        let Some(row) = rows.next() else {
            return Ok(None);
        };
        let (key, row) = row?;
        let stored = Stored {
            number: key.value().1,
            columns: columns.get(key.value())?,
            row,
        };
        let before = len;
        len += stored.len_bytes();
        Ok((before == 0 || len <= len_max_bytes).then_some(stored))
    };
    Ok(std::iter::from_fn(move || next().transpose()).fuse())
}

/// A portion as it lies there.
struct Stored {
    number: u64,
    row: AccessGuard<'static, Row>,
    columns: Option<AccessGuard<'static, &'static [u8]>>,
}

impl Stored {
    fn columns(&self) -> Option<&[u8]> {
        self.columns.as_ref().map(|columns| columns.value())
    }

    fn len_bytes(&self) -> usize {
        let (head, starts, lines) = self.row.value();
        head.len() + starts.len() + lines.len() + self.columns().map_or(0, <[u8]>::len)
    }

    fn head(&self) -> Result<Head> {
        Ok(serde_json::from_str(self.row.value().0)?)
    }

    fn portion(&self, flow_log: &str, head: Head) -> Result<Portion> {
        let (_, starts, lines) = self.row.value();
        read_row(flow_log, head, (starts, lines), self.columns())
    }
}

/// A spool that is being filled: what is put need not be in memory at once.
pub struct Filling<'t> {
    sinks: Table<'t, &'static str, &'static str>,
    rows: Rows<'t>,
    next: i64,
    bytes: i64,
    /// The flow log whose batch came last.
    of: String,
}

impl Filling<'_> {
    /// Takes portions, and where they go.
    ///
    /// # Errors
    /// Only when the storage fails.
    pub fn all(&mut self, sinks: &[Sink], portions: &[Portion]) -> Result<()> {
        sinks.iter().try_for_each(|sink| self.sink(sink))?;
        let mut portions = portions.iter();
        portions.try_for_each(|portion| self.portion(portion))
    }

    fn sink(&mut self, sink: &Sink) -> Result<()> {
        let text = serde_json::to_string(sink)?;
        self.sinks.insert(sink.flow_log.as_str(), text.as_str())?;
        Ok(())
    }

    fn portion(&mut self, portion: &Portion) -> Result<()> {
        self.rows.put(self.next as u64, portion)?;
        self.next += 1;
        self.bytes += portion.len_bytes() as i64;
        Ok(())
    }

    /// Takes a batch as its portions, with where they go.
    ///
    /// # Errors
    /// Only when the storage fails.
    pub fn batch(&mut self, batch: Batch) -> Result<()> {
        // Those of one flow log come together.
        if self.of != batch.flow_log.id {
            self.of.clone_from(&batch.flow_log.id);
            self.sink(&Sink::of(&batch.flow_log))?;
        }
        let mut portions = portions(batch).into_iter();
        portions.try_for_each(|portion| self.portion(&portion))
    }
}

/// What a row's head tells.
#[derive(serde::Serialize, serde::Deserialize)]
struct Head {
    interface: String,
    log_stream: String,
    id: String,
    period: i64,
    window: (i64, i64),
    skipped: String,
}

/// Portions that are being put or taken.
struct Rows<'t> {
    portions: Table<'t, (&'static str, u64), Row>,
    columns: Table<'t, (&'static str, u64), &'static [u8]>,
}

impl<'t> Rows<'t> {
    fn open(change: &'t WriteTransaction) -> Result<Rows<'t>> {
        Ok(Rows {
            portions: change.open_table(PORTIONS)?,
            columns: change.open_table(COLUMNS)?,
        })
    }

    fn put(&mut self, number: u64, portion: &Portion) -> Result<()> {
        let head = serde_json::to_string(&Head {
            interface: portion.interface.clone(),
            log_stream: portion.log_stream.clone(),
            id: portion.id.clone(),
            period: portion.period,
            window: portion.window,
            skipped: portion.skipped.clone(),
        })?;
        let starts: Vec<u8> = portion
            .starts
            .iter()
            .flat_map(|at| at.to_le_bytes())
            .collect();
        let key = (portion.flow_log.as_str(), number);
        let lines = portion.records.lines();
        self.portions
            .insert(key, (head.as_str(), starts.as_slice(), lines))?;
        if let Records::Columns(columns) = &portion.records {
            let columns = postcard::to_stdvec(columns)?;
            self.columns.insert(key, columns.as_slice())?;
        }
        Ok(())
    }

    fn take(&mut self, flow_log: &str, number: u64) -> Result<Option<Portion>> {
        let key = (flow_log, number);
        let (row, columns) = (self.portions.remove(key)?, self.columns.remove(key)?);
        let columns = columns.as_ref().map(|columns| columns.value());
        let read = |(head, starts, lines): (&str, &[u8], &str)| {
            let head = serde_json::from_str(head)?;
            read_row(flow_log, head, (starts, lines), columns)
        };
        row.map(|row| read(row.value())).transpose()
    }
}

fn read_row(
    flow_log: &str,
    head: Head,
    (starts, lines): (&[u8], &str),
    columns: Option<&[u8]>,
) -> Result<Portion> {
    let (starts, _) = starts.as_chunks::<8>();
    Ok(Portion {
        flow_log: flow_log.to_owned(),
        interface: head.interface,
        log_stream: head.log_stream,
        id: head.id,
        period: head.period,
        window: head.window,
        starts: starts.iter().map(|at| i64::from_le_bytes(*at)).collect(),
        records: match columns {
            Some(columns) => Records::Columns(postcard::from_bytes(columns)?),
            None => Records::Lines(lines.to_owned()),
        },
        skipped: head.skipped,
    })
}
