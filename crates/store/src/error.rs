//! What can go wrong with the store, each in one sentence that says what to do.

use std::path::PathBuf;
use std::sync::Arc;

/// A fault of the store.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    #[error(
        "the data directory {} is in use by another openvpc{}; stop it or choose another --data-dir",
        path.display(),
        pid.map(|pid| format!(" (pid {pid})")).unwrap_or_default()
    )]
    InUse { path: PathBuf, pid: Option<u32> },

    #[error(
        "{} was written in store format {found}, and this openvpc reads format {}; use the version that wrote it, or another --data-dir",
        path.display(),
        crate::FORMAT_VERSION
    )]
    UnknownFormat { path: PathBuf, found: u64 },

    #[error(
        "the state file {} is damaged ({what}); restore it from a copy, or move it away to start empty",
        path.display()
    )]
    Damaged { path: PathBuf, what: String },

    #[error(
        "cannot open {}: {source}; choose another --data-dir, one that this user may make and write, or --ephemeral",
        path.display()
    )]
    Open {
        path: PathBuf,
        source: Arc<std::io::Error>,
    },

    #[error("the journal's queue is full; try again")]
    Busy,

    #[error("the data directory's disk is full; free some space and try again")]
    DiskFull,

    #[error("the journal expects revision {expected}, not {found}")]
    OutOfOrder { expected: u64, found: u64 },

    #[error("the journal begins after revision {first}; older entries have been trimmed")]
    Trimmed { first: u64 },

    #[error("the journal was reset")]
    Reset,

    #[error("writing the journal failed: {0}; openvpc must be restarted")]
    Failed(Arc<str>),

    #[error("reading the journal failed: {0}")]
    Read(Arc<str>),
}
