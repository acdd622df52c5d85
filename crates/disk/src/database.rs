//! The database that its users hold: the same whether or not its handle had to be opened anew.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use redb::backends::InMemoryBackend;
use redb::{
    Builder, DatabaseError, ReadTransaction, ReadableDatabase, StorageError, TransactionError,
    WriteTransaction,
};

use crate::file::{Handle, Health, ReservedFile};
use crate::{full, is_full};

/// How long whoever comes next is refused after a handle could not be opened anew.
const REOPEN_EVERY: Duration = Duration::from_secs(1);

/// How to open a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Pages kept in memory.
    pub cache_len_bytes: usize,
    /// Free space under which nothing is added.
    pub reserve_len_bytes: u64,
    /// Every page is looked at before the file is used.
    pub check_integrity: bool,
}

impl Options {
    pub const fn with_cache(cache_len_bytes: usize) -> Options {
        Options {
            cache_len_bytes,
            reserve_len_bytes: crate::RESERVE_LEN_BYTES,
            check_integrity: false,
        }
    }
}

/// A database in a file or in memory.
#[derive(Debug)]
pub struct Database {
    current: RwLock<Opened>,
    /// `None` in memory, which has no disk that could be full.
    file: Option<(PathBuf, Options)>,
    refused_at: Mutex<Option<Instant>>,
}

#[derive(Debug, Clone)]
struct Opened {
    database: Arc<redb::Database>,
    handle: Arc<Handle>,
}

impl Opened {
    fn at(path: &Path, options: Options) -> Result<Opened, DatabaseError> {
        let handle = Arc::new(Handle::default());
        let file = ReservedFile::open(path, handle.clone())?;
        let mut builder = Builder::new();
        builder
            .set_cache_size(options.cache_len_bytes)
            .set_check_integrity_on_open(options.check_integrity);
        let database = Arc::new(builder.create_with_backend(file)?);
        Ok(Opened { database, handle })
    }
}

impl Database {
    /// Opens or makes a database file. Nobody else may have it open: hold a lock on its directory.
    ///
    /// # Errors
    /// The file is damaged, or the disk's.
    pub fn open(path: PathBuf, options: Options) -> Result<Database, DatabaseError> {
        let opened = Opened::at(&path, options)?;
        Ok(Database {
            current: RwLock::new(opened),
            file: Some((path, options)),
            refused_at: Mutex::default(),
        })
    }

    /// A database that is gone with its process.
    ///
    /// # Errors
    /// The database's own.
    pub fn in_memory(cache_len_bytes: usize) -> Result<Database, DatabaseError> {
        let mut builder = Builder::new();
        builder.set_cache_size(cache_len_bytes);
        let database = builder.create_with_backend(InMemoryBackend::new())?;
        Ok(Database {
            current: RwLock::new(Opened {
                database: Arc::new(database),
                handle: Arc::default(),
            }),
            file: None,
            refused_at: Mutex::default(),
        })
    }

    /// A view of what is there now.
    ///
    /// # Errors
    /// Only when the storage fails.
    pub fn begin_read(&self) -> Result<ReadTransaction, TransactionError> {
        self.current()?.begin_read()
    }

    /// A transaction that adds something. Waits for the one before it to end.
    ///
    /// # Errors
    /// [`io::ErrorKind::StorageFull`] while the disk has less than the reserve; and when the storage fails.
    pub fn begin_write(&self) -> Result<WriteTransaction, TransactionError> {
        if let Some((path, options)) = &self.file
            && let Some(directory) = path.parent()
            && is_full(directory, options.reserve_len_bytes)
        {
            return Err(io_error(full()));
        }
        self.begin_removal()
    }

    /// A transaction that only removes: a full disk lets it through. Waits for the one before it to end.
    ///
    /// # Errors
    /// Only when the storage fails.
    pub fn begin_removal(&self) -> Result<WriteTransaction, TransactionError> {
        match self.current()?.begin_write() {
            // The one that it waited for has failed.
            Err(TransactionError::Storage(StorageError::PreviousIo)) => {
                self.current()?.begin_write()
            }
            other => other,
        }
    }

    /// The handle to use, opened anew if a full disk had shut the one before.
    fn current(&self) -> Result<Arc<redb::Database>, TransactionError> {
        let opened = self.current.read().unwrap_or_else(PoisonError::into_inner);
        if opened.handle.health() != Health::Full {
            return Ok(opened.database.clone());
        }
        drop(opened);
        let mut opened = self.current.write().unwrap_or_else(PoisonError::into_inner);
        let Some((path, options)) = &self.file else {
            return Ok(opened.database.clone());
        };
        if opened.handle.health() != Health::Full {
            return Ok(opened.database.clone());
        }
        let mut refused_at = self
            .refused_at
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if refused_at.is_some_and(|at| at.elapsed() < REOPEN_EVERY) {
            return Err(io_error(full()));
        }
        opened.handle.retire();
        match Opened::at(path, *options) {
            Ok(anew) => {
                *opened = anew;
                *refused_at = None;
                Ok(opened.database.clone())
            }
            Err(error) => {
                *refused_at = Some(Instant::now());
                Err(match error {
                    DatabaseError::Storage(error) => error.into(),
                    other => io_error(io::Error::other(other.to_string())),
                })
            }
        }
    }
}

fn io_error(error: io::Error) -> TransactionError {
    TransactionError::Storage(StorageError::Io(error))
}
