//! One daemon per data directory.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;
use std::sync::Arc;

use crate::StoreError;

/// The exclusive hold on a data directory. The kernel releases it when the process ends, however
/// it ends; the number in the file only serves the message to the second daemon.
#[derive(Debug)]
pub struct DirectoryLock {
    _file: File,
}

impl DirectoryLock {
    /// Takes the directory, which must exist.
    ///
    /// # Errors
    /// [`StoreError::InUse`] while another process holds it.
    pub fn acquire(directory: &Path) -> Result<DirectoryLock, StoreError> {
        let path = directory.join("lock");
        let open = |source| StoreError::Open {
            path: path.clone(),
            source: Arc::new(source),
        };
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(open)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut text = String::new();
                let pid = match file.read_to_string(&mut text) {
                    Ok(_) => text.trim().parse().ok(),
                    Err(_) => None,
                };
                return Err(StoreError::InUse {
                    path: directory.to_owned(),
                    pid,
                });
            }
            Err(TryLockError::Error(source)) => return Err(open(source)),
        }
        file.set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| writeln!(file, "{}", std::process::id()))
            .map_err(open)?;
        Ok(DirectoryLock { _file: file })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_daemon_is_told_who_was_first() {
        let directory = tempfile::tempdir().unwrap();
        let first = DirectoryLock::acquire(directory.path()).unwrap();
        let refusal = DirectoryLock::acquire(directory.path()).unwrap_err();
        assert_eq!(
            refusal.to_string(),
            format!(
                "the data directory {} is in use by another openvpc (pid {}); stop it or choose another --data-dir",
                directory.path().display(),
                std::process::id()
            )
        );
        drop(first);
        DirectoryLock::acquire(directory.path()).unwrap();
    }
}
