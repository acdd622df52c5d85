//! What survives a crash: the journal of [`Entry`]s and a checkpoint of the [`World`].
//!
//! This is the step between `control`, which names the events of a call, and the answer to the
//! caller: [`Journal::append`] hands an entry to a writer thread, which makes whole batches durable
//! with one sync (group commit); the answer may leave only when the [`Ticket`] says so (`I-19`).
//! Opening replays the newest checkpoint and the entries after it into the same world, byte for
//! byte (`I-20`).
//!
//! **Invariant**: the meaning of an event is not known here; entries are bytes with a revision.
//!
//! **Invariant**: after a failed write or sync nothing is ever acknowledged again by this process.
//! A sync that failed once says nothing when it is repeated, so the daemon must end (`C-5`).
//!
//! The `logs` service keeps its events in a database file of its own beside this one: redb has one
//! writer per file, and megabytes of log events in the journal's transactions would delay every API
//! answer; besides, logs may be thrown away without touching the region.

#![forbid(unsafe_code)]

mod error;
mod file;
mod lock;
mod store;
mod ticket;
mod writer;

use openvpc_model::Entry;
use tokio::sync::watch;

pub use error::StoreError;
pub use lock::DirectoryLock;
pub use store::{Place, Settings, Store};
pub use ticket::{Progress, Ticket};

/// The layout of the tables; a file with another number is refused, never converted silently.
pub const FORMAT_VERSION: u64 = 1;

/// An append-only log with one order for everybody. [`Store`] keeps it in a file or in memory; a
/// distributed log would sit behind the same three verbs.
pub trait Journal: Send + Sync {
    /// Queues the next entry. Does not block: a full queue is refused.
    ///
    /// # Errors
    /// [`StoreError::Busy`] and [`StoreError::DiskFull`] leave everything as it was, and the call
    /// may be repeated. [`StoreError::OutOfOrder`] if the revision is not the next one.
    /// [`StoreError::Failed`] once writing has failed: the daemon must end.
    fn append(&self, entry: Entry) -> Result<Ticket, StoreError>;

    /// How far the log is durable, as it goes on.
    fn progress(&self) -> watch::Receiver<Progress>;

    /// Durable entries after a revision, in order, at most `limit`.
    ///
    /// # Errors
    /// [`StoreError::Trimmed`] if the log no longer reaches back that far.
    fn entries(&self, after: u64, limit: usize) -> Result<Vec<Entry>, StoreError>;
}
