//! Amazon S3: the wire from `s3s`, everything beneath our own.
//!
//! Keys are opaque bytes in an index; bytes of objects lie in files with random names. A put is
//! durable in three steps: the file's bytes, its name, then the row that makes it an object; a crash
//! between them leaves a file that nothing names, which the next start removes.
//!
//! Source: Amazon S3 API reference, version 2006-03-01.

mod access;
mod answer;
mod api;
mod attributes;
mod blob;
mod body;
mod buckets;
mod canned;
mod elsewhere;
mod form;
mod headers;
mod index;
mod list;
mod objects;
mod policy;
mod refuse;
mod region;
mod service_put;
mod uploads;

use std::path::Path;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use s3s::config::{S3Config, StaticConfigProvider};
use s3s::service::{S3Service as Service, S3ServiceBuilder};
use tokio::sync::Semaphore;

use crate::{Gatekeeper, Place};
use blob::Blobs;
use index::Index;
use openvpc_disk::{Database, Options};

pub use answer::Front;
pub use blob::RESERVE_BYTES;
pub use elsewhere::{Elsewhere, SigningKey};
pub use s3s::{Body, HttpError};
pub use service_put::{POLICY_LEN_MAX_BYTES, ServiceCaller, ServicePut, ServicePutError};

/// Pages of the index kept in memory.
const CACHE_LEN_BYTES: usize = 64 << 20;

/// The file of a form (`PostObject`), which is read as a whole before anybody is asked whether it may be.
const FORM_FILE_LEN_MAX_BYTES: u64 = 16 << 20;

/// Bodies written or read at once; more wait their turn.
const TRANSFERS_MAX: usize = 128;

/// Why the store cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("the object store in {0}: {1}")]
    Io(String, #[source] std::io::Error),
    #[error("the object store's index cannot be opened: {0}")]
    Index(String),
}

/// All buckets and objects.
pub struct Store {
    index: Index,
    blobs: Arc<Blobs>,
    transfers: Arc<Semaphore>,
    /// Who keeps what is in buckets, if not this store.
    elsewhere: Option<Elsewhere>,
    /// Ends with the store.
    _scratch: Option<tempfile::TempDir>,
}

impl Store {
    /// Opens or makes the store, and removes what a crash left half-written.
    ///
    /// # Errors
    /// The folder cannot be used, or what is in it is damaged.
    pub fn open(place: &Place) -> Result<Store, OpenError> {
        Store::open_with_reserve(place, RESERVE_BYTES)
    }

    /// As [`Store::open`], with another number of bytes that puts leave free.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn open_with_reserve(place: &Place, reserve: u64) -> Result<Store, OpenError> {
        match place {
            Place::Directory(dir) => Store::open_dir(dir, reserve, true, None),
            Place::Memory => {
                let scratch = tempfile::Builder::new().prefix("openvpc-s3-").tempdir();
                let scratch =
                    scratch.map_err(|e| OpenError::Io("a temporary folder".to_owned(), e))?;
                let dir = scratch.path().to_owned();
                Store::open_dir(&dir, reserve, false, Some(scratch))
            }
        }
    }

    /// Bytes in a folder, the index in memory and nothing synced: for tests that look at the folder.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn open_unsynced(dir: &Path) -> Result<Store, OpenError> {
        Store::open_dir(dir, 0, false, None)
    }

    fn open_dir(
        dir: &Path,
        reserve: u64,
        durable: bool,
        scratch: Option<tempfile::TempDir>,
    ) -> Result<Store, OpenError> {
        let io = |e| OpenError::Io(dir.display().to_string(), e);
        let blobs = Blobs::open(dir.join("blobs"), durable, reserve).map_err(io)?;
        let database = match durable {
            true => Database::open(dir.join("index.redb"), Options::with_cache(CACHE_LEN_BYTES)),
            false => Database::in_memory(CACHE_LEN_BYTES),
        };
        let database = database.map_err(|e| OpenError::Index(e.to_string()))?;
        let index = Index::open(database).map_err(|e| OpenError::Index(e.to_string()))?;
        let named = index.blobs().map_err(|e| OpenError::Index(e.to_string()))?;
        blobs.sweep(&named).map_err(io)?;
        if durable {
            std::fs::File::open(dir)
                .and_then(|dir| dir.sync_all())
                .map_err(io)?;
        }
        Ok(Store {
            index,
            blobs: Arc::new(blobs),
            transfers: Arc::new(Semaphore::new(TRANSFERS_MAX)),
            elsewhere: None,
            _scratch: scratch,
        })
    }

    /// The same, with objects elsewhere. What a bucket's policy needs stays here.
    #[must_use]
    pub fn with_objects_at(mut self, elsewhere: Option<Elsewhere>) -> Store {
        self.elsewhere = elsewhere;
        self
    }

    /// Forgets a bucket whose objects are elsewhere.
    ///
    /// # Errors
    /// A sentence for the user.
    fn forget_bucket(&self, name: &str) -> Result<(), String> {
        let forget = || -> index::Result<()> {
            let change = self.index.removal()?;
            change.delete_bucket(name)?;
            change.commit()
        };
        forget().map_err(|e| e.to_string())
    }

    /// Makes a bucket for the machine's own use, such as flow logs, if it is not there.
    ///
    /// # Errors
    /// A sentence for the user.
    pub fn make_bucket(&self, name: &str, owner: &str, region: &str) -> Result<(), String> {
        let make = || -> index::Result<()> {
            let change = self.index.change()?;
            if change.bucket(name)?.is_none() {
                let row = index::BucketRow {
                    owner: owner.to_owned(),
                    region: region.to_owned(),
                    created_ms: now_ms(),
                    policy: None,
                    tags: None,
                    public_access_block: policy::BLOCKED,
                };
                change.put_bucket(name, &row)?;
            }
            change.commit()
        };
        make().map_err(|e| e.to_string())
    }

    /// Forgets everything.
    ///
    /// # Errors
    /// A sentence for the user.
    pub fn reset(&self) -> Result<(), String> {
        let change = self.index.removal().map_err(|e| e.to_string())?;
        change.clear().map_err(|e| e.to_string())?;
        let named = self.index.blobs().map_err(|e| e.to_string())?;
        change.commit().map_err(|e| e.to_string())?;
        self.blobs.remove(named.iter().map(String::as_str));
        Ok(())
    }
}

/// The S3 service over a store.
#[derive(Clone)]
pub struct S3 {
    store: Arc<Store>,
    gatekeeper: Arc<dyn Gatekeeper>,
}

impl S3 {
    pub fn new(store: Arc<Store>, gatekeeper: Arc<dyn Gatekeeper>) -> S3 {
        S3 { store, gatekeeper }
    }

    fn service(self) -> Service {
        let doorman = access::Doorman {
            store: self.store.clone(),
            gatekeeper: self.gatekeeper.clone(),
        };
        let elsewhere = self.store.elsewhere.clone();
        let mut builder = S3ServiceBuilder::new(self);
        if let Some(elsewhere) = elsewhere {
            let doorman = doorman.clone();
            builder.set_route(elsewhere::Route { doorman, elsewhere });
        }
        builder.set_auth(doorman.clone());
        builder.set_access(doorman);
        builder.set_host(access::Hosts);
        let mut config = S3Config::default();
        config.post_object_max_file_size = FORM_FILE_LEN_MAX_BYTES;
        builder.set_config(Arc::new(StaticConfigProvider::new(Arc::new(config))));
        builder.build()
    }
}

fn now_ms() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_millis() as u64)
}

/// S3 shows whole seconds in headers, so whole seconds are what conditions compare.
fn timestamp(ms: u64) -> s3s::dto::Timestamp {
    (UNIX_EPOCH + std::time::Duration::from_secs(ms / 1000)).into()
}
