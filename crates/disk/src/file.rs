//! The file beneath a database, whose blocks are there before they are written to.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{PoisonError, RwLock};

use nix::fcntl::{FallocateFlags, fallocate};
use redb::StorageBackend;

use crate::is_want_of_room;

/// Blocks that a file has beyond its end, where there was room for them, and that are asked for when it grows. A database
/// doubles its file and uses the lowest free page, so this is what removals meet first; the rest of what it grew by is
/// taken as it is written, under the reserve.
const AHEAD_LEN_BYTES: u64 = 2 << 20;

/// How a handle fares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Health {
    Well,
    /// A write found no room: another handle may try again.
    Full,
    /// Anything else: what the disk holds is unknown.
    Broken,
}

/// What the file and whoever opened it know of each other.
#[derive(Debug, Default)]
pub struct Handle {
    health: AtomicU8,
    /// Another handle has taken over. Reads hold it, so that none sees what the other writes.
    is_retired: RwLock<bool>,
}

impl Handle {
    pub fn health(&self) -> Health {
        match self.health.load(Ordering::Acquire) {
            0 => Health::Well,
            1 => Health::Full,
            _ => Health::Broken,
        }
    }

    /// Ends all access by this handle.
    pub fn retire(&self) {
        *self
            .is_retired
            .write()
            .unwrap_or_else(PoisonError::into_inner) = true;
    }

    /// Notes an error; no write follows one.
    fn note(&self, error: io::Error) -> io::Error {
        let health = match is_want_of_room(&error) {
            true => Health::Full,
            false => Health::Broken,
        };
        self.health.fetch_max(health as u8, Ordering::AcqRel);
        error
    }

    fn may_write(&self) -> io::Result<()> {
        match self.health() {
            Health::Well => Ok(()),
            Health::Full => Err(crate::full()),
            Health::Broken => Err(io::Error::other("the disk has failed before")),
        }
    }
}

/// A file that fails as a whole: after a failed write no other one is tried. It takes no locks; who opens it holds the
/// directory's.
#[derive(Debug)]
pub struct ReservedFile {
    file: File,
    handle: Arc<Handle>,
}

impl ReservedFile {
    /// Opens or makes a file.
    ///
    /// # Errors
    /// The operating system's.
    pub fn open(path: &Path, handle: Arc<Handle>) -> io::Result<ReservedFile> {
        let mut options = File::options();
        options.read(true).write(true).create(true).truncate(false);
        let file = options.open(path)?;
        let len = file.metadata()?.len();
        // If there is room.
        let _ = allocate(&file, len);
        Ok(ReservedFile { file, handle })
    }
}

/// Takes the blocks that follow on a place in a file, where the file system can; its length stays.
fn allocate(file: &File, from: u64) -> io::Result<()> {
    let flags = FallocateFlags::FALLOC_FL_KEEP_SIZE;
    match fallocate(file, flags, from as i64, AHEAD_LEN_BYTES as i64) {
        Ok(()) => Ok(()),
        Err(errno) => {
            let error = io::Error::from(errno);
            match is_want_of_room(&error) {
                true => Err(error),
                false => Ok(()),
            }
        }
    }
}

impl StorageBackend for ReservedFile {
    fn len(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let retired = self.handle.is_retired.read();
        if *retired.unwrap_or_else(PoisonError::into_inner) {
            return Err(io::Error::other("the file was opened anew"));
        }
        let read = self.file.read_exact_at(out, offset);
        read.map_err(|error| self.handle.note(error))
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.handle.may_write()?;
        let before = self.file.metadata()?.len();
        let room = match len > before {
            true => allocate(&self.file, before),
            false => Ok(()),
        };
        let set = room.and_then(|()| self.file.set_len(len));
        if set.is_ok() {
            // The next blocks ahead, if there is room.
            let _ = allocate(&self.file, len);
        }
        set.map_err(|error| self.handle.note(error))
    }

    fn sync_data(&self) -> io::Result<()> {
        self.handle.may_write()?;
        let synced = self.file.sync_data();
        synced.map_err(|error| self.handle.note(error))
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.handle.may_write()?;
        let written = self.file.write_all_at(data, offset);
        written.map_err(|error| self.handle.note(error))
    }
}
