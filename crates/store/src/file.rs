//! The tables, and how a row is written.
//!
//! | Table | Key | Value |
//! |---|---|---|
//! | `meta` | `format` | [`FORMAT_VERSION`] |
//! | `meta` | `entries_len_bytes` | sum of the lengths in `entries` |
//! | `entries` | revision | row of an `Entry` |
//! | `checkpoints` | revision | row of a `World`: at most two, the base (where the log begins) and the newest |
//!
//! A row is eight bytes of SHA-256 over the revision and the rest, then JSON. The file's own page
//! checksums are checked when it is opened; the row's digest also catches a row under a wrong key.

use openvpc_model::{Entry, World};
use redb::{
    Database, Durability, ReadTransaction, ReadableDatabase, ReadableTable, ReadableTableMetadata,
    TableDefinition, WriteTransaction,
};
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};

use crate::FORMAT_VERSION;

const META: TableDefinition<&str, u64> = TableDefinition::new("meta");
const ENTRIES: TableDefinition<u64, &[u8]> = TableDefinition::new("entries");
const CHECKPOINTS: TableDefinition<u64, &[u8]> = TableDefinition::new("checkpoints");

const FORMAT: &str = "format";
const ENTRIES_LEN: &str = "entries_len_bytes";
const DIGEST_LEN: usize = 8;

/// What reading or writing the tables can run into.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FileError {
    #[error("{0}")]
    Database(#[from] redb::Error),
    #[error("format {0}")]
    UnknownFormat(u64),
    #[error("{0}")]
    Damaged(String),
}

/// redb has an error type per verb; all of them lead to its common one.
macro_rules! from_redb {
    ($($error:ident),*) => {$(
        impl From<redb::$error> for FileError {
            fn from(error: redb::$error) -> Self {
                FileError::Database(error.into())
            }
        }
    )*};
}
from_redb!(
    DatabaseError,
    TransactionError,
    TableError,
    StorageError,
    CommitError,
    SetDurabilityError
);

/// How long the log is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct LogLen {
    pub entries: u64,
    pub bytes: u64,
}

/// Makes the tables in a new database, or checks the format of an old one.
pub(crate) fn prepare(database: &Database) -> Result<(), FileError> {
    if let Some(found) = format_of(database)? {
        return match found {
            FORMAT_VERSION => Ok(()),
            other => Err(FileError::UnknownFormat(other)),
        };
    }
    let transaction = begin(database)?;
    transaction
        .open_table(META)?
        .insert(FORMAT, FORMAT_VERSION)?;
    transaction.open_table(ENTRIES)?;
    transaction.open_table(CHECKPOINTS)?;
    transaction.commit()?;
    Ok(())
}

fn format_of(database: &Database) -> Result<Option<u64>, FileError> {
    let transaction = database.begin_read()?;
    if transaction.list_tables()?.next().is_none() {
        return Ok(None);
    }
    let Ok(meta) = transaction.open_table(META) else {
        return Err(FileError::Damaged("it is another program's".to_owned()));
    };
    let format = meta.get(FORMAT)?.map(|guard| guard.value());
    format
        .map(Some)
        .ok_or_else(|| FileError::Damaged("it has no format number".to_owned()))
}

/// Replays the newest checkpoint at or before `until` and the entries from there up to `until`.
/// `None` if the log begins later.
pub(crate) fn replay(database: &Database, until: u64) -> Result<Option<World>, FileError> {
    let transaction = database.begin_read()?;
    let checkpoints = transaction.open_table(CHECKPOINTS)?;
    let mut world = match checkpoints.range(..=until)?.next_back() {
        Some(row) => {
            let (revision, bytes) = row?;
            from_row(revision.value(), bytes.value())?
        }
        None if checkpoints.is_empty()? => World::default(),
        None => return Ok(None),
    };
    for entry in entries_in(&transaction, world.revision, until)? {
        let entry = entry?;
        if entry.revision != world.revision + 1 {
            return Err(FileError::Damaged(format!(
                "revision {} is missing",
                world.revision + 1
            )));
        }
        world.apply(entry);
    }
    Ok(Some(world))
}

/// Durable entries after `after`, and the first revision that could be asked for.
pub(crate) fn read_entries(
    database: &Database,
    after: u64,
    limit: usize,
) -> Result<Result<Vec<Entry>, u64>, FileError> {
    let transaction = database.begin_read()?;
    let base = base_of(&transaction)?;
    if after < base {
        return Ok(Err(base));
    }
    let entries = entries_in(&transaction, after, u64::MAX)?;
    Ok(Ok(entries.take(limit).collect::<Result<_, _>>()?))
}

fn entries_in(
    transaction: &ReadTransaction,
    after: u64,
    until: u64,
) -> Result<impl Iterator<Item = Result<Entry, FileError>> + use<>, FileError> {
    let rows = transaction
        .open_table(ENTRIES)?
        .range(after + 1..=until.max(after + 1))?;
    Ok(rows
        .map(|row| {
            let (revision, bytes) = row?;
            from_row::<Entry>(revision.value(), bytes.value())
        })
        .take_while(move |entry| !matches!(entry, Ok(entry) if entry.revision > until)))
}

/// The revision after which the log begins.
fn base_of(transaction: &ReadTransaction) -> Result<u64, FileError> {
    let checkpoints = transaction.open_table(CHECKPOINTS)?;
    let entries = transaction.open_table(ENTRIES)?;
    Ok(match (entries.first()?, checkpoints.first()?) {
        (Some((first, _)), _) => first.value() - 1,
        (None, Some((checkpoint, _))) => checkpoint.value(),
        (None, None) => 0,
    })
}

/// Appends entries in one durable transaction.
pub(crate) fn append(database: &Database, entries: &[Entry]) -> Result<LogLen, FileError> {
    let transaction = begin(database)?;
    let len = {
        let mut table = transaction.open_table(ENTRIES)?;
        let mut meta = transaction.open_table(META)?;
        let mut bytes = meta.get(ENTRIES_LEN)?.map_or(0, |guard| guard.value());
        for entry in entries {
            let row = to_row(entry.revision, entry)?;
            bytes += row.len() as u64;
            table.insert(entry.revision, row.as_slice())?;
        }
        meta.insert(ENTRIES_LEN, bytes)?;
        LogLen {
            entries: table.len()?,
            bytes,
        }
    };
    transaction.commit()?;
    Ok(len)
}

/// Writes the newest checkpoint. If the log is longer than `keep`, its older part is folded into
/// the base, so that what is left is at most half of `keep` and still begins at a checkpoint.
pub(crate) fn checkpoint(
    database: &Database,
    world: &World,
    len: LogLen,
    keep: LogLen,
) -> Result<(), FileError> {
    let mut base = None;
    if len.entries > keep.entries || len.bytes > keep.bytes {
        let of_entries = len.entries.saturating_sub(keep.entries / 2);
        let of_bytes = len.entries * len.bytes.saturating_sub(keep.bytes / 2) / len.bytes.max(1);
        let folded = of_entries.max(of_bytes).min(len.entries);
        let begins = world.revision - len.entries + folded;
        base = replay(database, begins)?;
    }
    let transaction = begin(database)?;
    {
        let mut checkpoints = transaction.open_table(CHECKPOINTS)?;
        let mut entries = transaction.open_table(ENTRIES)?;
        let mut meta = transaction.open_table(META)?;
        if let Some(base) = base {
            let mut bytes = meta.get(ENTRIES_LEN)?.map_or(0, |guard| guard.value());
            for row in entries.extract_from_if(..=base.revision, |_, _| true)? {
                bytes -= row?.1.value().len() as u64;
            }
            meta.insert(ENTRIES_LEN, bytes)?;
            checkpoints.retain(|_, _| false)?;
            checkpoints.insert(base.revision, to_row(base.revision, &base)?.as_slice())?;
        }
        let first = checkpoints.first()?.map(|(revision, _)| revision.value());
        checkpoints.retain(|revision, _| Some(revision) == first)?;
        if first.is_none() {
            let empty = World::default();
            checkpoints.insert(0, to_row(0, &empty)?.as_slice())?;
        }
        checkpoints.insert(world.revision, to_row(world.revision, world)?.as_slice())?;
    }
    transaction.commit()?;
    Ok(())
}

/// Empties everything.
pub(crate) fn clear(database: &Database) -> Result<(), FileError> {
    let transaction = begin(database)?;
    transaction.delete_table(ENTRIES)?;
    transaction.delete_table(CHECKPOINTS)?;
    transaction.open_table(ENTRIES)?;
    transaction.open_table(CHECKPOINTS)?;
    transaction.open_table(META)?.remove(ENTRIES_LEN)?;
    transaction.commit()?;
    Ok(())
}

fn begin(database: &Database) -> Result<WriteTransaction, FileError> {
    let mut transaction = database.begin_write()?;
    transaction.set_durability(Durability::Immediate)?;
    Ok(transaction)
}

fn digest(revision: u64, json: &[u8]) -> [u8; DIGEST_LEN] {
    let mut hasher = Sha256::new();
    hasher.update(revision.to_be_bytes());
    hasher.update(json);
    let mut digest = [0; DIGEST_LEN];
    digest.copy_from_slice(&hasher.finalize()[..DIGEST_LEN]);
    digest
}

fn to_row<T: Serialize>(revision: u64, value: &T) -> Result<Vec<u8>, FileError> {
    let mut row = vec![0; DIGEST_LEN];
    serde_json::to_writer(&mut row, value)
        .map_err(|error| FileError::Damaged(format!("revision {revision}: {error}")))?;
    let digest = digest(revision, &row[DIGEST_LEN..]);
    row[..DIGEST_LEN].copy_from_slice(&digest);
    Ok(row)
}

fn from_row<T: DeserializeOwned>(revision: u64, row: &[u8]) -> Result<T, FileError> {
    let damaged = |what: String| FileError::Damaged(format!("revision {revision}: {what}"));
    let (found, json) = row
        .split_at_checked(DIGEST_LEN)
        .ok_or_else(|| damaged("the row is cut".to_owned()))?;
    if found != digest(revision, json) {
        return Err(damaged("the digest differs".to_owned()));
    }
    serde_json::from_slice(json).map_err(|error| damaged(error.to_string()))
}
