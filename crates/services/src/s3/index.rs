//! What exists: buckets, objects, uploads in parts. One transaction per change, durable when it
//! returns; the order of keys is that of their bytes, as S3 lists them.

use std::collections::{BTreeMap, HashSet};

use openvpc_disk::Database;
use redb::{ReadableTable, TableDefinition, WriteTransaction};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

const BUCKETS: TableDefinition<&str, &[u8]> = TableDefinition::new("buckets");
/// Bucket, NUL, key: a bucket's name holds no NUL, so no key can reach into another bucket.
const OBJECTS: TableDefinition<&[u8], &[u8]> = TableDefinition::new("objects");
const UPLOADS: TableDefinition<&str, &[u8]> = TableDefinition::new("uploads");
const PARTS: TableDefinition<(&str, u32), &[u8]> = TableDefinition::new("parts");

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct BucketRow {
    pub owner: String,
    pub region: String,
    pub created_ms: u64,
    pub policy: Option<String>,
    pub tags: Option<Vec<(String, String)>>,
    /// None when it was deleted.
    #[serde(default = "blocked")]
    pub public_access_block: Option<PublicAccessBlock>,
}

/// What keeps a bucket from the public, whatever its policy says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicAccessBlock {
    pub block_acls: bool,
    pub ignore_acls: bool,
    pub block_policy: bool,
    pub restrict_buckets: bool,
}

fn blocked() -> Option<PublicAccessBlock> {
    super::policy::BLOCKED
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Headers {
    pub content_type: Option<String>,
    pub content_encoding: Option<String>,
    pub content_language: Option<String>,
    pub content_disposition: Option<String>,
    pub cache_control: Option<String>,
    #[serde(default)]
    pub expires: Option<String>,
    pub metadata: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Piece {
    pub blob: String,
    pub len: u64,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ObjectRow {
    pub pieces: Vec<Piece>,
    pub len: u64,
    pub etag: String,
    pub modified_ms: u64,
    /// By the algorithm's name, in base 64.
    pub checksums: BTreeMap<String, String>,
    pub headers: Headers,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct UploadRow {
    pub bucket: String,
    pub key: String,
    pub started_ms: u64,
    pub headers: Headers,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PartRow {
    pub piece: Piece,
    pub etag: String,
    pub modified_ms: u64,
}

#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    #[error("the object index: {0}")]
    Database(Box<redb::Error>),
    #[error("the object index holds a row that is not of this version: {0}")]
    Row(#[from] serde_json::Error),
}

macro_rules! from_redb {
    ($($kind:ident),*) => {$(
        impl From<redb::$kind> for IndexError {
            fn from(error: redb::$kind) -> IndexError {
                IndexError::Database(Box::new(error.into()))
            }
        }
    )*};
}
from_redb!(
    DatabaseError,
    TransactionError,
    TableError,
    StorageError,
    CommitError
);

pub type Result<T> = std::result::Result<T, IndexError>;

#[derive(Debug)]
pub struct Index {
    database: Database,
}

/// One change in the making; dropped without [`Change::commit`] it never was.
pub struct Change(WriteTransaction);

fn address(bucket: &str, key: &str) -> Vec<u8> {
    [bucket.as_bytes(), b"\0", key.as_bytes()].concat()
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    Ok(serde_json::from_slice(bytes)?)
}

impl Index {
    pub fn open(database: Database) -> Result<Index> {
        let index = Index { database };
        let change = index.removal()?;
        change.0.open_table(BUCKETS)?;
        change.0.open_table(OBJECTS)?;
        change.0.open_table(UPLOADS)?;
        change.0.open_table(PARTS)?;
        change.commit()?;
        Ok(index)
    }

    /// Waits for the change before it to end. Refused by a disk with too little room.
    pub fn change(&self) -> Result<Change> {
        Ok(Change(self.database.begin_write()?))
    }

    /// The same for what only removes, which needs no room.
    pub fn removal(&self) -> Result<Change> {
        Ok(Change(self.database.begin_removal()?))
    }

    pub fn bucket(&self, name: &str) -> Result<Option<BucketRow>> {
        let table = self.database.begin_read()?.open_table(BUCKETS)?;
        table.get(name)?.map(|row| parse(row.value())).transpose()
    }

    pub fn buckets(&self) -> Result<Vec<(String, BucketRow)>> {
        let table = self.database.begin_read()?.open_table(BUCKETS)?;
        table
            .iter()?
            .map(|row| {
                let (name, row) = row?;
                Ok((name.value().to_owned(), parse(row.value())?))
            })
            .collect()
    }

    pub fn object(&self, bucket: &str, key: &str) -> Result<Option<ObjectRow>> {
        let table = self.database.begin_read()?.open_table(OBJECTS)?;
        let row = table.get(address(bucket, key).as_slice())?;
        row.map(|row| parse(row.value())).transpose()
    }

    /// Walks keys from `from` on, in order; `visit` says where to go on from, or ends the walk.
    pub fn walk(
        &self,
        bucket: &str,
        from: Vec<u8>,
        mut visit: impl FnMut(&[u8], &[u8]) -> Result<Walk>,
    ) -> Result<()> {
        let table = self.database.begin_read()?.open_table(OBJECTS)?;
        let start = address(bucket, "");
        let end = [bucket.as_bytes(), b"\x01"].concat();
        let mut from = [start.as_slice(), &from].concat();
        'seek: loop {
            for row in table.range(from.as_slice()..end.as_slice())? {
                let (key, row) = row?;
                match visit(&key.value()[start.len()..], row.value())? {
                    Walk::Next => {}
                    Walk::Seek(to) => {
                        from = [start.as_slice(), &to].concat();
                        continue 'seek;
                    }
                    Walk::End => return Ok(()),
                }
            }
            return Ok(());
        }
    }

    pub fn upload(&self, id: &str) -> Result<Option<UploadRow>> {
        let table = self.database.begin_read()?.open_table(UPLOADS)?;
        table.get(id)?.map(|row| parse(row.value())).transpose()
    }

    pub fn uploads(&self, bucket: &str) -> Result<Vec<(String, UploadRow)>> {
        let table = self.database.begin_read()?.open_table(UPLOADS)?;
        let mut found: Vec<(String, UploadRow)> = Vec::new();
        for row in table.iter()? {
            let (id, row) = row?;
            let row: UploadRow = parse(row.value())?;
            if row.bucket == bucket {
                found.push((id.value().to_owned(), row));
            }
        }
        found.sort_by(|a, b| (&a.1.key, &a.0).cmp(&(&b.1.key, &b.0)));
        Ok(found)
    }

    pub fn parts(&self, upload: &str) -> Result<BTreeMap<u32, PartRow>> {
        let table = self.database.begin_read()?.open_table(PARTS)?;
        table
            .range((upload, 0)..=(upload, u32::MAX))?
            .map(|row| {
                let (key, row) = row?;
                Ok((key.value().1, parse(row.value())?))
            })
            .collect()
    }

    /// The name of every blob that anything holds.
    pub fn blobs(&self) -> Result<HashSet<String>> {
        let read = self.database.begin_read()?;
        let mut named = HashSet::new();
        for row in read.open_table(OBJECTS)?.iter()? {
            let row: ObjectRow = parse(row?.1.value())?;
            named.extend(row.pieces.into_iter().map(|piece| piece.blob));
        }
        for row in read.open_table(PARTS)?.iter()? {
            let row: PartRow = parse(row?.1.value())?;
            named.insert(row.piece.blob);
        }
        Ok(named)
    }
}

/// How a walk goes on.
pub enum Walk {
    Next,
    Seek(Vec<u8>),
    End,
}

impl Change {
    pub fn commit(self) -> Result<()> {
        Ok(self.0.commit()?)
    }

    /// Forgets everything.
    pub fn clear(&self) -> Result<()> {
        self.0.open_table(BUCKETS)?.retain(|_, _| false)?;
        self.0.open_table(OBJECTS)?.retain(|_, _| false)?;
        self.0.open_table(UPLOADS)?.retain(|_, _| false)?;
        self.0.open_table(PARTS)?.retain(|_, _| false)?;
        Ok(())
    }

    pub fn bucket(&self, name: &str) -> Result<Option<BucketRow>> {
        let table = self.0.open_table(BUCKETS)?;
        let row = table.get(name)?;
        row.map(|row| parse(row.value())).transpose()
    }

    pub fn put_bucket(&self, name: &str, row: &BucketRow) -> Result<()> {
        let bytes = serde_json::to_vec(row)?;
        self.0.open_table(BUCKETS)?.insert(name, bytes.as_slice())?;
        Ok(())
    }

    pub fn delete_bucket(&self, name: &str) -> Result<()> {
        self.0.open_table(BUCKETS)?.remove(name)?;
        Ok(())
    }

    pub fn has_objects(&self, bucket: &str) -> Result<bool> {
        let table = self.0.open_table(OBJECTS)?;
        let end = [bucket.as_bytes(), b"\x01"].concat();
        let first = table
            .range(address(bucket, "").as_slice()..end.as_slice())?
            .next()
            .is_some();
        Ok(first)
    }

    pub fn object(&self, bucket: &str, key: &str) -> Result<Option<ObjectRow>> {
        let table = self.0.open_table(OBJECTS)?;
        let row = table
            .get(address(bucket, key).as_slice())?
            .map(|row| parse(row.value()));
        row.transpose()
    }

    pub fn put_object(&self, bucket: &str, key: &str, row: &ObjectRow) -> Result<()> {
        let bytes = serde_json::to_vec(row)?;
        let mut table = self.0.open_table(OBJECTS)?;
        table.insert(address(bucket, key).as_slice(), bytes.as_slice())?;
        Ok(())
    }

    pub fn delete_object(&self, bucket: &str, key: &str) -> Result<()> {
        let mut table = self.0.open_table(OBJECTS)?;
        table.remove(address(bucket, key).as_slice())?;
        Ok(())
    }

    pub fn upload(&self, id: &str) -> Result<Option<UploadRow>> {
        let table = self.0.open_table(UPLOADS)?;
        let row = table.get(id)?;
        row.map(|row| parse(row.value())).transpose()
    }

    /// How many are unfinished.
    pub fn uploads(&self) -> Result<usize> {
        use redb::ReadableTableMetadata;
        Ok(self.0.open_table(UPLOADS)?.len()? as usize)
    }

    pub fn put_upload(&self, id: &str, row: &UploadRow) -> Result<()> {
        let bytes = serde_json::to_vec(row)?;
        self.0.open_table(UPLOADS)?.insert(id, bytes.as_slice())?;
        Ok(())
    }

    /// Forgets an upload; gives back its parts.
    pub fn take_upload(&self, id: &str) -> Result<BTreeMap<u32, PartRow>> {
        self.0.open_table(UPLOADS)?.remove(id)?;
        let mut table = self.0.open_table(PARTS)?;
        let mut parts = BTreeMap::new();
        for row in table.extract_from_if((id, 0)..=(id, u32::MAX), |_, _| true)? {
            let (key, row) = row?;
            parts.insert(key.value().1, parse(row.value())?);
        }
        Ok(parts)
    }

    /// Puts a part; gives back the one it replaces.
    pub fn put_part(&self, upload: &str, number: u32, row: &PartRow) -> Result<Option<PartRow>> {
        let bytes = serde_json::to_vec(row)?;
        let mut table = self.0.open_table(PARTS)?;
        let old = table.insert((upload, number), bytes.as_slice())?;
        old.map(|row| parse(row.value())).transpose()
    }
}
