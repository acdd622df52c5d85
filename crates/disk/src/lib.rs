//! A database file that a full disk can refuse, but neither break nor keep shut.
//!
//! The database behind it trusts no handle any more on which a write has failed: from then on that one answers nothing, not
//! even reads, until it is opened anew. So three things are done here, in this order:
//!
//! 1. What adds is refused while the disk has less than a reserve ([`Database::begin_write`]); what only removes is let
//!    through ([`Database::begin_removal`]).
//! 2. A file has its blocks before anything is written to them ([`file`]), so that removing finds room on a disk that
//!    has none left.
//! 3. Where a write fails for want of room all the same, the handle is opened anew by whoever asks next. Nothing of the
//!    failed transaction is there: it had not reached the header, whose blocks the file has from its beginning.
//!
//! A disk that fails otherwise stays shut (`C-5`): after a failed sync nobody knows what it holds.

#![forbid(unsafe_code)]

mod database;
mod file;

pub use database::{Database, Options};

use std::io;
use std::path::Path;
use std::sync::Arc;

/// Free space under which nothing is added: more than the largest transaction of any of the daemon's databases needs.
pub const RESERVE_LEN_BYTES: u64 = 16 << 20;

/// Whether the file system of a directory has less than so many bytes left for this user. One that cannot tell is taken
/// to have room.
pub fn is_full(directory: &Path, reserve: u64) -> bool {
    nix::sys::statvfs::statvfs(directory)
        .is_ok_and(|disk| disk.blocks_available() * disk.fragment_size() < reserve)
}

/// A file for a database whose users keep the reserve by themselves, and which stays shut after a failed write.
///
/// # Errors
/// The operating system's.
pub fn backend(path: &Path) -> io::Result<impl redb::StorageBackend> {
    file::ReservedFile::open(path, Arc::default())
}

/// Whether an error means that the disk, or the user's share of it, is full.
pub fn is_want_of_room(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
    )
}

/// The refusal of a full disk.
pub(crate) fn full() -> io::Error {
    io::ErrorKind::StorageFull.into()
}
