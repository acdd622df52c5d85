//! Objects that a service of AWS writes, which has no key: only the bucket's policy has a say (`S3-7`).

use std::io::Write;

use openvpc_iam::judge::{Effect, Evaluator, Named, Request};
use s3s::crypto::{Checksum as _, Crc64Nvme, Md5};

use super::body::{base64, hex};
use super::index::{BucketRow, Headers, IndexError, ObjectRow, Piece};
use super::{Store, now_ms};

/// Longest policy of a bucket (S3 user guide, "Bucket policies").
pub const POLICY_LEN_MAX_BYTES: usize = 20 << 10;

/// Who writes, and for whom.
#[derive(Debug, Clone, Copy)]
pub struct ServiceCaller<'a> {
    /// Such as `delivery.logs.amazonaws.com`.
    pub service: &'a str,
    /// `aws:SourceAccount`
    pub account: &'a str,
    /// `aws:SourceArn`
    pub arn: &'a str,
}

/// An object to be put.
#[derive(Debug, Clone, Copy)]
pub struct ServicePut<'a> {
    pub bucket: &'a str,
    pub key: &'a str,
    pub content_type: &'a str,
    pub bytes: &'a [u8],
}

/// Why it was not put; then nothing has changed.
#[derive(Debug, thiserror::Error)]
pub enum ServicePutError {
    #[error("the bucket does not exist")]
    NoSuchBucket,
    #[error("the bucket's policy does not allow it")]
    AccessDenied,
    #[error("the object store: {0}")]
    Storage(String),
}

impl From<IndexError> for ServicePutError {
    fn from(error: IndexError) -> ServicePutError {
        ServicePutError::Storage(error.to_string())
    }
}

impl From<std::io::Error> for ServicePutError {
    fn from(error: std::io::Error) -> ServicePutError {
        ServicePutError::Storage(error.to_string())
    }
}

impl Store {
    /// The account that owns a bucket.
    ///
    /// # Errors
    /// `NoSuchBucket`, or the storage's.
    pub fn bucket_owner(&self, bucket: &str) -> Result<String, ServicePutError> {
        let row = self.index.bucket(bucket)?;
        Ok(row.ok_or(ServicePutError::NoSuchBucket)?.owner)
    }

    /// Whether the bucket's policy lets a service do all of these: actions and what of the bucket each is about, such as
    /// `/key`, or nothing for the bucket itself.
    ///
    /// # Errors
    /// `NoSuchBucket`, `AccessDenied`, or the storage's.
    pub fn service_may(
        &self,
        evaluator: &dyn Evaluator,
        caller: &ServiceCaller,
        bucket: &str,
        asked: &[(&str, &str)],
    ) -> Result<(), ServicePutError> {
        let row = self.index.bucket(bucket)?;
        let row = row.ok_or(ServicePutError::NoSuchBucket)?;
        let allowed = |(action, path): &(&str, &str)| {
            let resource = format!("arn:aws:s3:::{bucket}{path}");
            allows(&row, evaluator, caller, action, &resource)
        };
        match asked.iter().all(allowed) {
            true => Ok(()),
            false => Err(ServicePutError::AccessDenied),
        }
    }

    /// Puts an object, durable when this returns. The calling thread waits for the disk.
    ///
    /// # Errors
    /// [`ServicePutError`]; a full disk is the storage's.
    pub fn service_put(
        &self,
        evaluator: &dyn Evaluator,
        caller: &ServiceCaller,
        put: &ServicePut,
    ) -> Result<(), ServicePutError> {
        let path = format!("/{}", put.key);
        self.service_may(evaluator, caller, put.bucket, &[("s3:PutObject", &path)])?;
        self.put_whole(put)
    }

    /// Puts an object for whom somebody else has judged, durable when this returns. The calling thread waits for the disk.
    ///
    /// # Errors
    /// `NoSuchBucket`; a full disk is the storage's.
    pub fn put_whole(&self, put: &ServicePut) -> Result<(), ServicePutError> {
        if let Some(elsewhere) = &self.elsewhere {
            return tokio::runtime::Handle::current().block_on(elsewhere.put(put));
        }
        self.blobs.room_for(put.bytes.len() as u64)?;
        let (draft, mut file) = self.blobs.draft()?;
        file.write_all(put.bytes)?;
        self.blobs.sync(&file)?;
        self.blobs.sync_names()?;
        let len = put.bytes.len() as u64;
        let crc = base64(Crc64Nvme::checksum(put.bytes).as_ref());
        let row = ObjectRow {
            pieces: vec![Piece {
                blob: draft.id().to_owned(),
                len,
            }],
            len,
            etag: hex(Md5::checksum(put.bytes).as_ref()),
            modified_ms: now_ms(),
            checksums: [("CRC64NVME".to_owned(), crc)].into(),
            headers: Headers {
                content_type: Some(put.content_type.to_owned()),
                ..Headers::default()
            },
        };
        let change = self.index.change()?;
        if change.bucket(put.bucket)?.is_none() {
            return Err(ServicePutError::NoSuchBucket);
        }
        let old = change.object(put.bucket, put.key)?;
        change.put_object(put.bucket, put.key, &row)?;
        change.commit()?;
        draft.keep();
        let pieces = old.into_iter().flat_map(|old| old.pieces);
        let pieces: Vec<String> = pieces.map(|piece| piece.blob).collect();
        self.blobs.remove(pieces.iter().map(String::as_str));
        Ok(())
    }

    /// Writes a bucket's policy in its owner's stead, in place of the one that was there.
    ///
    /// # Errors
    /// `NoSuchBucket`, or the storage's.
    pub fn set_policy(&self, bucket: &str, policy: &str) -> Result<(), ServicePutError> {
        let change = self.index.change()?;
        let row = change.bucket(bucket)?;
        let mut row = row.ok_or(ServicePutError::NoSuchBucket)?;
        row.policy = Some(policy.to_owned());
        change.put_bucket(bucket, &row)?;
        Ok(change.commit()?)
    }
}

fn allows(
    row: &BucketRow,
    evaluator: &dyn Evaluator,
    caller: &ServiceCaller,
    action: &str,
    resource: &str,
) -> bool {
    let Some(policy) = &row.policy else {
        return false;
    };
    let context = [
        ("s3:x-amz-acl", "bucket-owner-full-control"),
        ("aws:SourceAccount", caller.account),
        ("aws:SourceArn", caller.arn),
        ("aws:SecureTransport", "true"),
    ];
    let context = context.map(|(key, value)| (key.to_owned(), value.to_owned()));
    let request = Request {
        action,
        resource,
        context: &context,
    };
    let said = evaluator.to_principal(policy, Named::Service(caller.service), &request);
    said == Effect::Allow
}
