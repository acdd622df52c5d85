//! Bytes of objects: one file each, with a random name, so no key ever meets the file system.
//!
//! A blob is whole and on the disk before the index names it. One that the index no longer names is
//! removed when its last reader has gone; what a crash left unnamed is swept at the next start.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Kept free for the index, so that a full disk still lets objects be read and deleted.
pub const RESERVE_BYTES: u64 = 32 << 20;

#[derive(Debug)]
pub struct Blobs {
    dir: PathBuf,
    durable: bool,
    /// Readers of each blob, and whether it is to go with the last one; readers look up under this lock.
    pins: Mutex<HashMap<String, (usize, bool)>>,
    /// Bytes that puts leave free.
    reserve: u64,
}

impl Blobs {
    pub fn open(dir: PathBuf, durable: bool, reserve: u64) -> io::Result<Blobs> {
        std::fs::create_dir_all(&dir)?;
        Ok(Blobs {
            dir,
            durable,
            pins: Mutex::default(),
            reserve,
        })
    }

    pub fn path(&self, id: &str) -> PathBuf {
        self.dir.join(id)
    }

    /// A new empty blob that nothing names yet; dropping it before [`Draft::finish`] removes it.
    pub fn draft(self: &Arc<Self>) -> io::Result<(Draft, File)> {
        let id = format!("{:032x}", rand::random::<u128>());
        let file = File::create_new(self.path(&id))?;
        let draft = Draft {
            blobs: self.clone(),
            id,
            kept: false,
        };
        Ok((draft, file))
    }

    /// Refuses what would leave less than the reserve.
    pub fn room_for(&self, len: u64) -> io::Result<()> {
        if openvpc_disk::is_full(&self.dir, self.reserve.saturating_add(len)) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        Ok(())
    }

    /// A second name for a blob's bytes.
    pub fn link(self: &Arc<Self>, from: &str) -> io::Result<Draft> {
        let id = format!("{:032x}", rand::random::<u128>());
        std::fs::hard_link(self.path(from), self.path(&id))?;
        Ok(Draft {
            blobs: self.clone(),
            id,
            kept: false,
        })
    }

    /// Makes the names of new blobs durable.
    pub fn sync_names(&self) -> io::Result<()> {
        match self.durable {
            true => File::open(&self.dir)?.sync_all(),
            false => Ok(()),
        }
    }

    pub fn sync(&self, file: &File) -> io::Result<()> {
        match self.durable {
            true => file.sync_all(),
            false => Ok(()),
        }
    }

    fn pins(&self) -> MutexGuard<'_, HashMap<String, (usize, bool)>> {
        self.pins.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks up and pins in one step, so that no blob vanishes in between.
    pub fn pin<T, E>(
        self: &Arc<Self>,
        look_up: impl FnOnce() -> Result<(T, Vec<String>), E>,
    ) -> Result<(T, Pin), E> {
        let mut pins = self.pins();
        let (found, ids) = look_up()?;
        for id in &ids {
            pins.entry(id.clone()).or_default().0 += 1;
        }
        let pin = Pin {
            blobs: self.clone(),
            ids,
        };
        Ok((found, pin))
    }

    /// Removes blobs that the index no longer names.
    pub fn remove<'a>(&self, ids: impl IntoIterator<Item = &'a str>) {
        let mut pins = self.pins();
        for id in ids {
            match pins.get_mut(id) {
                Some(pin) => pin.1 = true,
                None => self.unlink(id),
            }
        }
    }

    fn unlink(&self, id: &str) {
        if let Err(error) = std::fs::remove_file(self.path(id)) {
            tracing::warn!(%error, id, "cannot remove an object's bytes; the next start will");
        }
    }

    /// Removes every file that `named` does not hold.
    pub fn sweep(&self, named: &HashSet<String>) -> io::Result<()> {
        for entry in std::fs::read_dir(&self.dir)? {
            let entry = entry?;
            let known = entry
                .file_name()
                .to_str()
                .is_some_and(|n| named.contains(n));
            if !known {
                std::fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }
}

/// A blob that is being written.
#[derive(Debug)]
pub struct Draft {
    blobs: Arc<Blobs>,
    id: String,
    kept: bool,
}

impl Draft {
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The index names it now.
    pub fn keep(mut self) {
        self.kept = true;
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.kept {
            self.blobs.unlink(&self.id);
        }
    }
}

/// Keeps blobs on the disk while they are read.
#[derive(Debug)]
pub struct Pin {
    blobs: Arc<Blobs>,
    ids: Vec<String>,
}

impl Drop for Pin {
    fn drop(&mut self) {
        let mut pins = self.blobs.pins();
        for id in &self.ids {
            if let Some(pin) = pins.get_mut(id) {
                pin.0 -= 1;
                if pin.0 == 0 {
                    let doomed = pin.1;
                    pins.remove(id);
                    if doomed {
                        self.blobs.unlink(id);
                    }
                }
            }
        }
    }
}
