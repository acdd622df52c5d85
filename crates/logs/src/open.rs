//! Opening and emptying the log file.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use openvpc_disk::{Database, Options};
use redb::WriteTransaction;

use crate::tables::{Tables, counter};
use crate::{Limits, Logs, LogsError, OpenError};

/// The layout of the tables.
const FORMAT_VERSION: u64 = 1;

/// Pages kept in memory.
const CACHE_LEN_BYTES: usize = 8 << 20;

/// Where the logs live.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// An existing data directory; the file in it is [`Place::FILE_NAME`].
    Directory(PathBuf),
    /// Gone with the process.
    Memory,
}

impl Place {
    /// The log file in the data directory, apart from the journal's: log events shall neither delay
    /// API writes nor endanger them.
    pub const FILE_NAME: &str = "logs.redb";
}

impl Logs {
    /// Opens or makes the logs, with limits fit for the place.
    ///
    /// # Errors
    /// [`OpenError`] if the file is damaged, another program's or another version's.
    pub fn open(place: Place) -> Result<Logs, OpenError> {
        let limits = match place {
            Place::Directory(_) => Limits::DURABLE,
            Place::Memory => Limits::EPHEMERAL,
        };
        Logs::open_with(place, limits)
    }

    /// Opens the logs with other limits.
    ///
    /// # Errors
    /// As [`Logs::open`].
    pub fn open_with(place: Place, limits: Limits) -> Result<Logs, OpenError> {
        let path = match &place {
            Place::Directory(directory) => directory.join(Place::FILE_NAME),
            Place::Memory => PathBuf::from("(memory)"),
        };
        let unusable = |what: String| OpenError::Unusable {
            path: path.clone(),
            what,
        };
        // The database asserts what a file altered behind its back may break.
        let opened = catch_unwind(AssertUnwindSafe(|| open_database(&place, &path)));
        let database = opened
            .map_err(|_| unusable("its structure contradicts itself".to_owned()))?
            .map_err(|error| unusable(error.to_string()))?;
        let logs = Logs { database, limits };
        match logs.prepare() {
            Ok(FORMAT_VERSION) => Ok(logs),
            Ok(found) => Err(OpenError::UnknownFormat {
                path,
                found,
                expected: FORMAT_VERSION,
            }),
            Err(error) => Err(unusable(error.message)),
        }
    }

    /// Makes the tables that are missing and returns the format. A full disk is no reason not to begin.
    fn prepare(&self) -> Result<u64, LogsError> {
        self.remove(
            |tables| match crate::tables::counter(&tables.meta, counter::FORMAT)? {
                0 => tables.count(counter::FORMAT, FORMAT_VERSION),
                found => Ok(found),
            },
        )
    }

    /// Forgets every group, stream and event.
    ///
    /// # Errors
    /// Only when the storage fails.
    pub fn reset(&self) -> Result<(), LogsError> {
        self.remove(|tables| {
            tables.groups.retain(|_, _| false)?;
            tables.streams.retain(|_, _| false)?;
            tables.events.retain(|_, _| false)?;
            tables.arrivals.retain(|_, _| false)?;
            tables.sizes.retain(|_, _| false)?;
            for name in [counter::EVENTS, counter::BYTES, counter::DISCARDED] {
                tables.meta.insert(name, 0)?;
            }
            Ok(())
        })
    }

    /// Runs one durable transaction: all of `change` or, on an error, nothing. A disk with too little room refuses it.
    pub(crate) fn write<T>(
        &self,
        change: impl FnOnce(&mut Tables) -> Result<T, LogsError>,
    ) -> Result<T, LogsError> {
        commit(self.database.begin_write()?, change)
    }

    /// The same for what only removes, which needs no room.
    pub(crate) fn remove<T>(
        &self,
        change: impl FnOnce(&mut Tables) -> Result<T, LogsError>,
    ) -> Result<T, LogsError> {
        commit(self.database.begin_removal()?, change)
    }
}

fn commit<T>(
    transaction: WriteTransaction,
    change: impl FnOnce(&mut Tables) -> Result<T, LogsError>,
) -> Result<T, LogsError> {
    let result = change(&mut Tables::open(&transaction)?);
    match result {
        Ok(value) => {
            transaction.commit()?;
            Ok(value)
        }
        Err(error) => {
            transaction.abort()?;
            Err(error)
        }
    }
}

fn open_database(place: &Place, path: &Path) -> Result<Database, redb::DatabaseError> {
    match place {
        Place::Directory(_) => {
            Database::open(path.to_owned(), Options::with_cache(CACHE_LEN_BYTES))
        }
        Place::Memory => Database::in_memory(CACHE_LEN_BYTES),
    }
}
