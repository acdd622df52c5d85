//! Opening a store, and the caller's side of the queue.

use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use openvpc_model::{Entry, World};
use redb::{Builder, Database, StorageBackend, backends::InMemoryBackend};
use tokio::sync::{oneshot, watch};

use crate::file::{self, FileError, LogLen};
use crate::ticket::{self, gone};
use crate::writer::{Command, Writer};
use crate::{DirectoryLock, Journal, Progress, StoreError, Ticket};

/// Entries that may wait for the disk; beyond, callers are refused rather than memory filled.
const QUEUE_MAX: usize = 4_096;

/// Pages kept in memory. The journal is read once at the start and then only written.
const CACHE_LEN_BYTES: usize = 4 << 20;

/// Where a store lives.
#[derive(Debug)]
pub enum Place {
    /// A data directory, made if need be; the file in it is [`Place::FILE_NAME`].
    Directory(PathBuf),
    /// Nowhere: gone with the process.
    Memory,
    /// Any storage at all: tests record and break it.
    Backend(Box<dyn StorageBackend>),
}

impl Place {
    /// The journal's file in the data directory.
    pub const FILE_NAME: &str = "journal.redb";
}

/// How often to checkpoint and how much of the past to keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// A checkpoint after this many entries: what a start has to replay at most.
    pub checkpoint_every: u64,
    /// Entries kept for audit and time travel.
    pub entries_max: u64,
    /// Their bytes. Both limits can be passed by `checkpoint_every` entries.
    pub entries_len_max_bytes: u64,
}

impl Settings {
    /// For a data directory: 20,000 entries or 64 MiB of them.
    pub const DURABLE: Settings = Settings {
        checkpoint_every: 1_000,
        entries_max: 20_000,
        entries_len_max_bytes: 64 << 20,
    };
    /// For memory: 1,000 entries or 4 MiB of them.
    pub const EPHEMERAL: Settings = Settings {
        checkpoint_every: 500,
        entries_max: 1_000,
        entries_len_max_bytes: 4 << 20,
    };

    pub(crate) fn keep(&self) -> LogLen {
        LogLen {
            entries: self.entries_max,
            bytes: self.entries_len_max_bytes,
        }
    }
}

/// The embedded journal.
#[derive(Debug)]
pub struct Store {
    database: Arc<Database>,
    queue: Mutex<Queue>,
    progress: watch::Receiver<Progress>,
    /// Whose free space is watched; `None` without a directory.
    directory: Option<PathBuf>,
    writer: Option<JoinHandle<()>>,
    /// After the writer's handle, so that the directory is free only when the writer has ended.
    _lock: Option<DirectoryLock>,
}

/// The tail of the journal as its callers see it: queued, perhaps not yet durable.
#[derive(Debug)]
struct Queue {
    /// `None` once the store is being dropped.
    commands: Option<SyncSender<Command>>,
    last_revision: u64,
}

impl Store {
    /// Opens or makes a store and replays it.
    ///
    /// # Errors
    /// [`StoreError::InUse`], [`StoreError::UnknownFormat`], [`StoreError::Damaged`] or
    /// [`StoreError::Open`]; each leaves the directory as it was.
    pub fn open(place: Place) -> Result<(Store, World), StoreError> {
        let settings = match &place {
            Place::Memory => Settings::EPHEMERAL,
            Place::Directory(_) | Place::Backend(_) => Settings::DURABLE,
        };
        Store::open_with(place, settings)
    }

    /// Opens a store with other limits.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn open_with(place: Place, settings: Settings) -> Result<(Store, World), StoreError> {
        let (path, lock) = match &place {
            Place::Directory(directory) => {
                // User data of instances is nobody else's business.
                let mut builder = DirBuilder::new();
                builder.recursive(true).mode(0o700);
                builder
                    .create(directory)
                    .map_err(|source| StoreError::Open {
                        path: directory.clone(),
                        source: Arc::new(source),
                    })?;
                let lock = DirectoryLock::acquire(directory)?;
                (directory.join(Place::FILE_NAME), Some(lock))
            }
            Place::Memory => (PathBuf::from("(memory)"), None),
            Place::Backend(_) => (PathBuf::from("(storage)"), None),
        };
        let (database, world) = guarded(&path, || open_database(place, &path))?;
        let database = Arc::new(database);
        let directory = lock.as_ref().and(path.parent()).map(Path::to_owned);
        let (sender, commands) = sync_channel(QUEUE_MAX);
        let (progress_sender, progress) = watch::channel(Progress {
            epoch: 0,
            durable: world.revision,
            failure: None,
        });
        let writer = Writer {
            database: database.clone(),
            commands,
            progress: progress_sender,
            world: world.clone(),
            settings,
            since_checkpoint: 0,
            log_len: LogLen::default(),
        };
        let writer = std::thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || writer.run())
            .map_err(|source| StoreError::Open {
                path,
                source: Arc::new(source),
            })?;
        let store = Store {
            database,
            queue: Mutex::new(Queue {
                commands: Some(sender),
                last_revision: world.revision,
            }),
            progress,
            directory,
            writer: Some(writer),
            _lock: lock,
        };
        Ok((store, world))
    }

    /// The last durable revision.
    pub fn durable_revision(&self) -> u64 {
        self.progress.borrow().durable
    }

    /// Completes when a revision is durable: for reads, which must not show what a crash could undo.
    ///
    /// # Errors
    /// [`StoreError::Failed`], or [`StoreError::Reset`] if the journal was emptied meanwhile.
    pub fn wait_durable(
        &self,
        revision: u64,
    ) -> impl Future<Output = Result<(), StoreError>> + Send + 'static {
        ticket::wait_durable(self.progress.clone(), revision)
    }

    /// Completes only when writing has failed, with the reason: the daemon must then end.
    pub fn failed(&self) -> impl Future<Output = StoreError> + Send + 'static {
        let mut progress = self.progress.clone();
        async move {
            match progress.wait_for(|p| p.failure.is_some()).await {
                Ok(p) => p.check().err().unwrap_or_else(gone),
                Err(_) => gone(),
            }
        }
    }

    /// The world as it was at a revision, as far back as the log reaches.
    ///
    /// # Errors
    /// [`StoreError::Trimmed`] if that is too long ago.
    pub fn world_at(&self, revision: u64) -> Result<World, StoreError> {
        match file::replay(&self.database, revision).map_err(read)? {
            Some(world) => Ok(world),
            None => match file::read_entries(&self.database, 0, 0).map_err(read)? {
                Err(first) => Err(StoreError::Trimmed { first }),
                Ok(_) => Err(StoreError::Trimmed { first: revision }),
            },
        }
    }

    /// Empties the journal: revision 0, an empty world. Entries queued before are gone with the
    /// rest, although their tickets may say that they were durable.
    ///
    /// # Errors
    /// [`StoreError::Busy`] or [`StoreError::Failed`].
    pub fn reset(&self) -> Result<Ticket, StoreError> {
        let (done, receiver) = oneshot::channel();
        let mut queue = self.queue();
        self.send(&queue, Command::Reset { done })?;
        queue.last_revision = 0;
        Ok(Ticket {
            revision: 0,
            done: receiver,
        })
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        // The queue's two fields are never left half-changed.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether writing now would risk an error in the middle of a transaction. Asked each time, so
    /// that the store recovers by itself when space is freed (`C-6`).
    fn is_disk_full(&self) -> bool {
        let Some(directory) = &self.directory else {
            return false;
        };
        openvpc_disk::is_full(directory, openvpc_disk::RESERVE_LEN_BYTES)
    }

    fn send(&self, queue: &Queue, command: Command) -> Result<(), StoreError> {
        self.progress.borrow().check()?;
        let commands = queue.commands.as_ref().ok_or_else(gone)?;
        commands.try_send(command).map_err(|error| match error {
            TrySendError::Full(_) => StoreError::Busy,
            TrySendError::Disconnected(_) => gone(),
        })
    }
}

impl Journal for Store {
    fn append(&self, entry: Entry) -> Result<Ticket, StoreError> {
        let mut queue = self.queue();
        let revision = entry.revision;
        if revision != queue.last_revision + 1 {
            return Err(StoreError::OutOfOrder {
                expected: queue.last_revision + 1,
                found: revision,
            });
        }
        if self.is_disk_full() {
            return Err(StoreError::DiskFull);
        }
        let (done, receiver) = oneshot::channel();
        self.send(&queue, Command::Append { entry, done })?;
        queue.last_revision = revision;
        Ok(Ticket {
            revision,
            done: receiver,
        })
    }

    fn progress(&self) -> watch::Receiver<Progress> {
        self.progress.clone()
    }

    fn entries(&self, after: u64, limit: usize) -> Result<Vec<Entry>, StoreError> {
        file::read_entries(&self.database, after, limit)
            .map_err(read)?
            .map_err(|first| StoreError::Trimmed { first })
    }
}

impl Drop for Store {
    /// Lets the writer finish what is queued, so that the next start finds a clean file.
    fn drop(&mut self) {
        self.queue().commands = None;
        if let Some(writer) = self.writer.take() {
            let _ = writer.join();
        }
    }
}

fn read(error: FileError) -> StoreError {
    StoreError::Read(error.to_string().into())
}

fn open_database(place: Place, path: &Path) -> Result<(Database, World), FileError> {
    let mut builder = Builder::new();
    builder.set_cache_size(CACHE_LEN_BYTES);
    let database = match place {
        Place::Directory(_) => builder
            .set_check_integrity_on_open(true)
            .create_with_backend(openvpc_disk::backend(path).map_err(redb::Error::Io)?)?,
        Place::Memory => builder.create_with_backend(InMemoryBackend::new())?,
        Place::Backend(backend) => builder.create_with_backend(Boxed(backend))?,
    };
    file::prepare(&database)?;
    let world = file::replay(&database, u64::MAX)?
        .ok_or_else(|| FileError::Damaged("the log has no beginning".to_owned()))?;
    Ok((database, world))
}

/// Turns every way in which a file can be unreadable, even an assertion inside the database or
/// in replay, into one sentence with the file's name (`C-4`).
fn guarded<T>(path: &Path, open: impl FnOnce() -> Result<T, FileError>) -> Result<T, StoreError> {
    let path = path.to_owned();
    let error = match catch_unwind(AssertUnwindSafe(open)) {
        Ok(Ok(opened)) => return Ok(opened),
        Ok(Err(error)) => error,
        Err(_) => {
            return Err(StoreError::Damaged {
                path,
                what: "its structure contradicts itself".to_owned(),
            });
        }
    };
    Err(match error {
        FileError::UnknownFormat(found) => StoreError::UnknownFormat { path, found },
        FileError::Damaged(what) => StoreError::Damaged { path, what },
        FileError::Database(redb::Error::DatabaseAlreadyOpen) => {
            StoreError::InUse { path, pid: None }
        }
        FileError::Database(redb::Error::Io(source))
            if source.kind() != io::ErrorKind::InvalidData =>
        {
            StoreError::Open {
                path,
                source: Arc::new(source),
            }
        }
        FileError::Database(error) => StoreError::Damaged {
            path,
            what: error.to_string(),
        },
    })
}

/// A boxed backend is a backend.
#[derive(Debug)]
struct Boxed(Box<dyn StorageBackend>);

impl StorageBackend for Boxed {
    fn len(&self) -> Result<u64, io::Error> {
        self.0.len()
    }
    fn read(&self, offset: u64, out: &mut [u8]) -> Result<(), io::Error> {
        self.0.read(offset, out)
    }
    fn set_len(&self, len: u64) -> Result<(), io::Error> {
        self.0.set_len(len)
    }
    fn sync_data(&self) -> Result<(), io::Error> {
        self.0.sync_data()
    }
    fn write(&self, offset: u64, data: &[u8]) -> Result<(), io::Error> {
        self.0.write(offset, data)
    }
    fn close(&self) -> Result<(), io::Error> {
        self.0.close()
    }
}
