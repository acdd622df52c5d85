//! One object: put, get, head, delete, copy.

use s3s::dto::*;
use s3s::{S3Request, S3Result};

use super::access::{Caller, check_owner};
use super::blob::Pin;
use super::body::{Received, base64, claims, hex, stream};
use super::headers::{checked, headers, read_http_date, wishes};
use super::index::{Change, ObjectRow};
use super::refuse::{
    disk, invalid_argument, no_such_bucket, no_such_key, precondition_failed, refuse,
};
use super::{S3, now_ms, timestamp};

/// What a caller may demand of the object that is there already.
#[derive(Default, Clone)]
pub struct WriteConditions {
    pub if_match: Option<ETagCondition>,
    pub if_none_match: Option<ETagCondition>,
}

impl WriteConditions {
    fn check(&self, there: Option<&ObjectRow>) -> S3Result<()> {
        match (&self.if_none_match, there) {
            (Some(ETagCondition::Any), Some(_)) => return Err(precondition_failed()),
            (Some(ETagCondition::ETag(_)), _) => {
                return Err(refuse(
                    "NotImplemented",
                    501,
                    "A header you provided implies functionality that is not implemented: If-None-Match takes * only",
                ));
            }
            _ => {}
        }
        match (&self.if_match, there) {
            (None, _) => Ok(()),
            (Some(_), None) => Err(no_such_key()),
            (Some(condition), Some(row)) if holds(condition, row) => Ok(()),
            (Some(_), Some(_)) => Err(precondition_failed()),
        }
    }
}

/// Runs what waits for the disk on a thread that may wait.
pub fn blocking<T>(work: impl FnOnce() -> T) -> T {
    tokio::task::block_in_place(work)
}

pub fn caller<T>(request: &S3Request<T>) -> S3Result<Caller> {
    let caller = request.extensions.get::<Caller>().cloned();
    caller.ok_or_else(|| refuse("AccessDenied", 403, "Access Denied"))
}

/// Keys of 1 to 1,024 bytes; `s3s` has checked the length.
fn check_key(key: &str) -> S3Result<()> {
    match key.is_empty() || key.len() > 1024 {
        true => Err(refuse("KeyTooLongError", 400, "Your key is too long")),
        false => Ok(()),
    }
}

/// Sets checksum members from an object's row.
macro_rules! set_checksums {
    ($output:expr, $sums:expr) => {{
        let sums = &$sums;
        $output.checksum_crc32 = sums.get("CRC32").cloned();
        $output.checksum_crc32c = sums.get("CRC32C").cloned();
        $output.checksum_crc64nvme = sums.get("CRC64NVME").cloned();
        $output.checksum_sha1 = sums.get("SHA1").cloned();
        $output.checksum_sha256 = sums.get("SHA256").cloned();
    }};
}
pub(crate) use set_checksums;

pub fn etag(row: &ObjectRow) -> ETag {
    ETag::Strong(row.etag.clone())
}

impl S3 {
    /// Gives an object its new bytes, if the conditions hold at that very moment.
    pub fn install(
        &self,
        change: Change,
        bucket: &str,
        key: &str,
        row: &ObjectRow,
        conditions: &WriteConditions,
    ) -> S3Result<()> {
        if change.bucket(bucket)?.is_none() {
            return Err(no_such_bucket());
        }
        let old = change.object(bucket, key)?;
        conditions.check(old.as_ref())?;
        change.put_object(bucket, key, row)?;
        change.commit()?;
        if let Some(old) = old {
            self.store
                .blobs
                .remove(old.pieces.iter().map(|piece| piece.blob.as_str()));
        }
        Ok(())
    }

    pub async fn put(&self, mut request: S3Request<PutObjectInput>) -> S3Result<PutObjectOutput> {
        check_key(&request.input.key)?;
        wishes!(request.input).check()?;
        if request.input.write_offset_bytes.is_some() {
            return Err(refuse(
                "NotImplemented",
                501,
                "A header you provided implies functionality that is not implemented: appending",
            ));
        }
        let headers = checked(headers!(request.input))?;
        let claims = claims!(request);
        let input = request.input;
        let conditions = WriteConditions {
            if_match: input.if_match,
            if_none_match: input.if_none_match,
        };
        let Received {
            draft,
            piece,
            md5,
            checksums,
        } = self.store.receive(input.body, claims).await?;
        let row = ObjectRow {
            len: piece.len,
            pieces: vec![piece],
            etag: hex(&md5),
            modified_ms: now_ms(),
            checksums,
            headers,
        };
        blocking(|| {
            let change = self.store.index.change()?;
            self.install(change, &input.bucket, &input.key, &row, &conditions)
        })?;
        draft.keep();
        let mut output = PutObjectOutput {
            e_tag: Some(etag(&row)),
            server_side_encryption: Some(ServerSideEncryption::from_static("AES256")),
            ..PutObjectOutput::default()
        };
        set_checksums!(output, row.checksums);
        Ok(output)
    }

    /// An object with its bytes held fast.
    pub fn look_up(&self, bucket: &str, key: &str) -> S3Result<(ObjectRow, Pin)> {
        blocking(|| {
            self.store.blobs.pin(|| {
                let row = self
                    .store
                    .index
                    .object(bucket, key)?
                    .ok_or_else(no_such_key)?;
                let ids = row.pieces.iter().map(|piece| piece.blob.clone()).collect();
                Ok((row, ids))
            })
        })
    }

    pub async fn get(&self, request: S3Request<GetObjectInput>) -> S3Result<GetObjectOutput> {
        let caller = caller(&request)?;
        let input = request.input;
        let version = input.version_id.as_deref();
        let (row, pin) = self.found(&caller, &input.bucket, &input.key, version)?;
        check_read(
            &row,
            [&input.if_match, &input.if_none_match],
            [&input.if_modified_since, &input.if_unmodified_since],
        )?;
        let (range, part) = self.range(&row, input.range, input.part_number)?;
        let whole = range == (0..row.len);
        let h = row.headers.clone();
        let mut output = GetObjectOutput {
            accept_ranges: Some("bytes".to_owned()),
            cache_control: input.response_cache_control.or(h.cache_control),
            content_disposition: input.response_content_disposition.or(h.content_disposition),
            content_encoding: input.response_content_encoding.or(h.content_encoding),
            content_language: input.response_content_language.or(h.content_language),
            expires: input
                .response_expires
                .or_else(|| h.expires.as_deref().and_then(read_http_date)),
            content_type: input
                .response_content_type
                .or(h.content_type)
                .or_else(|| Some("binary/octet-stream".to_owned())),
            content_length: Some((range.end - range.start) as i64),
            content_range: (!whole || part).then(|| {
                format!(
                    "bytes {}-{}/{}",
                    range.start,
                    range.end.saturating_sub(1),
                    row.len
                )
            }),
            e_tag: Some(etag(&row)),
            last_modified: Some(timestamp(row.modified_ms)),
            metadata: (!h.metadata.is_empty()).then(|| h.metadata.into_iter().collect()),
            server_side_encryption: Some(ServerSideEncryption::from_static("AES256")),
            parts_count: part.then_some(row.pieces.len() as i32),
            ..GetObjectOutput::default()
        };
        if whole && input.checksum_mode.is_some() {
            set_checksums!(output, row.checksums);
        }
        output.body = Some(stream(self.store.clone(), row.pieces, pin, range));
        Ok(output)
    }

    pub async fn head(&self, request: S3Request<HeadObjectInput>) -> S3Result<HeadObjectOutput> {
        let caller = caller(&request)?;
        let input = request.input;
        let version = input.version_id.as_deref();
        let (row, _pin) = self.found(&caller, &input.bucket, &input.key, version)?;
        check_read(
            &row,
            [&input.if_match, &input.if_none_match],
            [&input.if_modified_since, &input.if_unmodified_since],
        )?;
        let (range, part) = self.range(&row, input.range, input.part_number)?;
        let h = row.headers.clone();
        let mut output = HeadObjectOutput {
            accept_ranges: Some("bytes".to_owned()),
            cache_control: h.cache_control,
            content_disposition: h.content_disposition,
            content_encoding: h.content_encoding,
            content_language: h.content_language,
            expires: h.expires.as_deref().and_then(read_http_date),
            content_type: h
                .content_type
                .or_else(|| Some("binary/octet-stream".to_owned())),
            content_length: Some((range.end - range.start) as i64),
            e_tag: Some(etag(&row)),
            last_modified: Some(timestamp(row.modified_ms)),
            metadata: (!h.metadata.is_empty()).then(|| h.metadata.into_iter().collect()),
            server_side_encryption: Some(ServerSideEncryption::from_static("AES256")),
            parts_count: part.then_some(row.pieces.len() as i32),
            ..HeadObjectOutput::default()
        };
        if input.checksum_mode.is_some() {
            set_checksums!(output, row.checksums);
        }
        Ok(output)
    }

    /// The bytes that a read is about, and whether it named a part.
    fn range(
        &self,
        row: &ObjectRow,
        range: Option<Range>,
        part: Option<i32>,
    ) -> S3Result<(std::ops::Range<u64>, bool)> {
        let unsatisfiable = || {
            refuse(
                "InvalidRange",
                416,
                "The requested range is not satisfiable",
            )
        };
        match (range, part) {
            (Some(range), _) => Ok((range.check(row.len).map_err(|_| unsatisfiable())?, false)),
            (None, Some(number)) => {
                let index = usize::try_from(number).ok().and_then(|n| n.checked_sub(1));
                let index = index
                    .filter(|&i| i < row.pieces.len().max(1))
                    .ok_or_else(|| {
                        refuse(
                            "InvalidPartNumber",
                            416,
                            "The requested partnumber is not satisfiable",
                        )
                    })?;
                let start = row.pieces[..index].iter().map(|piece| piece.len).sum();
                let len = row.pieces.get(index).map_or(0, |piece| piece.len);
                Ok((start..start + len, true))
            }
            (None, None) => Ok((0..row.len, false)),
        }
    }

    /// Deletes an object if it is there; only if it is the one that is meant, where one is.
    pub fn delete_key(
        &self,
        bucket: &str,
        key: &str,
        if_match: Option<&ETagCondition>,
    ) -> S3Result<()> {
        blocking(|| {
            let change = self.store.index.removal()?;
            if let Some(old) = change.object(bucket, key)? {
                if if_match.is_some_and(|condition| !holds(condition, &old)) {
                    return Err(precondition_failed());
                }
                change.delete_object(bucket, key)?;
                change.commit()?;
                self.store
                    .blobs
                    .remove(old.pieces.iter().map(|piece| piece.blob.as_str()));
            }
            Ok(())
        })
    }

    pub async fn delete_many(
        &self,
        request: S3Request<DeleteObjectsInput>,
    ) -> S3Result<DeleteObjectsOutput> {
        let caller = caller(&request)?;
        let input = request.input;
        if input.delete.objects.is_empty() || input.delete.objects.len() > 1000 {
            return Err(refuse(
                "MalformedXML",
                400,
                "The XML you provided was not well-formed or did not validate against our published schema",
            ));
        }
        if self.store.index.bucket(&input.bucket)?.is_none() {
            return Err(no_such_bucket());
        }
        let (mut deleted, mut errors) = (Vec::new(), Vec::new());
        for object in input.delete.objects {
            let key = object.key;
            let outcome = caller
                .may(
                    &self.store,
                    match object.version_id {
                        None => "s3:DeleteObject",
                        Some(_) => "s3:DeleteObjectVersion",
                    },
                    Some(&input.bucket),
                    Some(&key),
                )
                .and_then(|()| check_version(object.version_id.as_deref()))
                .and_then(|()| {
                    let meant = object.e_tag.map(ETagCondition::ETag);
                    self.delete_key(&input.bucket, &key, meant.as_ref())
                });
            match outcome {
                Ok(()) => deleted.push(DeletedObject {
                    key: Some(key),
                    version_id: object.version_id,
                    ..DeletedObject::default()
                }),
                Err(error) => errors.push(Error {
                    code: Some(error.code().as_str().to_owned()),
                    message: error.message().map(str::to_owned),
                    key: Some(key),
                    version_id: object.version_id,
                }),
            }
        }
        let quiet = input.delete.quiet == Some(true);
        Ok(DeleteObjectsOutput {
            deleted: (!quiet).then_some(deleted),
            errors: (!errors.is_empty()).then_some(errors),
            ..DeleteObjectsOutput::default()
        })
    }

    /// The source of a copy, if the caller may read it and it is in a bucket of whom the caller takes for its owner.
    pub fn source(
        &self,
        caller: &Caller,
        source: &CopySource,
        owner: Option<&str>,
    ) -> S3Result<(ObjectRow, Pin)> {
        let CopySource::Bucket {
            bucket,
            key,
            version_id,
        } = source
        else {
            return Err(refuse(
                "NotImplemented",
                501,
                "access points are not implemented",
            ));
        };
        check_version(version_id.as_deref())?;
        check_owner(&self.store, bucket, owner)?;
        caller.may(&self.store, "s3:GetObject", Some(bucket), Some(key))?;
        self.found(caller, bucket, key, None)
    }

    /// As [`S3::look_up`], in the version that is asked for; only who may list the bucket learns that there is no such key (S3 API reference, GetObject).
    pub fn found(
        &self,
        caller: &Caller,
        bucket: &str,
        key: &str,
        version: Option<&str>,
    ) -> S3Result<(ObjectRow, Pin)> {
        check_version(version)?;
        self.look_up(bucket, key).map_err(|error| {
            let may_list = || caller.may(&self.store, "s3:ListBucket", Some(bucket), None);
            match error.code().as_str() {
                "NoSuchKey" => may_list().err().unwrap_or(error),
                _ => error,
            }
        })
    }

    pub async fn copy(
        &self,
        mut request: S3Request<CopyObjectInput>,
    ) -> S3Result<CopyObjectOutput> {
        let caller = caller(&request)?;
        check_key(&request.input.key)?;
        wishes!(request.input).check()?;
        let replace = request
            .input
            .metadata_directive
            .as_ref()
            .is_some_and(|d| d.as_str() == "REPLACE");
        let headers = checked(headers!(request.input))?;
        let input = request.input;
        if let CopySource::Bucket { bucket, key, .. } = &input.copy_source
            && **bucket == *input.bucket
            && **key == *input.key
            && !replace
        {
            return Err(refuse(
                "InvalidRequest",
                400,
                "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
            ));
        }
        let (mut row, _pin) = self.source(
            &caller,
            &input.copy_source,
            input.expected_source_bucket_owner.as_deref(),
        )?;
        check_copy(
            &row,
            [
                &input.copy_source_if_match,
                &input.copy_source_if_none_match,
            ],
            [
                &input.copy_source_if_modified_since,
                &input.copy_source_if_unmodified_since,
            ],
        )?;
        let mut drafts = Vec::new();
        blocking(|| -> S3Result<()> {
            self.store.blobs.room_for(0).map_err(|e| disk(&e))?;
            for piece in &mut row.pieces {
                let draft = self.store.blobs.link(&piece.blob).map_err(|e| disk(&e))?;
                piece.blob = draft.id().to_owned();
                drafts.push(draft);
            }
            self.store.blobs.sync_names().map_err(|e| disk(&e))?;
            if replace {
                row.headers = headers;
            }
            row.modified_ms = now_ms();
            let change = self.store.index.change()?;
            self.install(
                change,
                &input.bucket,
                &input.key,
                &row,
                &WriteConditions::default(),
            )
        })?;
        drafts.into_iter().for_each(super::blob::Draft::keep);
        let mut result = CopyObjectResult {
            e_tag: Some(etag(&row)),
            last_modified: Some(timestamp(row.modified_ms)),
            ..CopyObjectResult::default()
        };
        set_checksums!(result, row.checksums);
        Ok(CopyObjectOutput {
            copy_object_result: Some(result),
            server_side_encryption: Some(ServerSideEncryption::from_static("AES256")),
            ..CopyObjectOutput::default()
        })
    }
}

/// The one version that an object of a bucket without versioning has.
pub const NULL_VERSION: &str = "null";

/// # Errors
/// `NoSuchVersion`: no other one was ever kept.
pub fn check_version(asked: Option<&str>) -> S3Result<()> {
    match asked {
        None | Some(NULL_VERSION) => Ok(()),
        Some(_) => Err(refuse(
            "NoSuchVersion",
            404,
            "The specified version does not exist.",
        )),
    }
}

fn holds(condition: &ETagCondition, row: &ObjectRow) -> bool {
    match condition {
        ETagCondition::Any => true,
        ETagCondition::ETag(etag) => etag.value() == row.etag,
    }
}

/// Conditions of a read, in the order of RFC 9110 §13.2.2.
fn check_read(
    row: &ObjectRow,
    [if_match, if_none_match]: [&Option<ETagCondition>; 2],
    [since, unmodified]: [&Option<Timestamp>; 2],
) -> S3Result<()> {
    let holds = |condition: &ETagCondition| holds(condition, row);
    let modified = timestamp(row.modified_ms);
    match (if_match, unmodified) {
        (Some(condition), _) if !holds(condition) => return Err(precondition_failed()),
        (None, Some(at)) if modified > *at => return Err(precondition_failed()),
        _ => {}
    }
    let not_modified = || refuse("NotModified", 304, "Not Modified");
    match (if_none_match, since) {
        (Some(condition), _) if holds(condition) => Err(not_modified()),
        (None, Some(at)) if modified <= *at => Err(not_modified()),
        _ => Ok(()),
    }
}

/// Conditions on the source of a copy.
pub fn check_copy(
    row: &ObjectRow,
    etags: [&Option<ETagCondition>; 2],
    times: [&Option<Timestamp>; 2],
) -> S3Result<()> {
    check_read(row, etags, times).map_err(|_| precondition_failed())
}

/// A multipart object's tag: the MD5 of its parts' MD5s, and their number.
pub fn composite_etag(md5s: &[u8], parts: usize) -> String {
    use s3s::crypto::Checksum as _;
    let md5 = s3s::crypto::Md5::checksum(md5s);
    format!("{}-{parts}", hex(md5.as_ref()))
}

/// Undoes [`hex`].
pub fn unhex(text: &str) -> S3Result<Vec<u8>> {
    (0..text.len() / 2)
        .map(|i| u8::from_str_radix(text.get(2 * i..2 * i + 2).unwrap_or("?"), 16))
        .collect::<Result<_, _>>()
        .map_err(|_| invalid_argument("an entity tag is not hexadecimal"))
}

/// A random id that says nothing.
pub fn opaque_id() -> String {
    let bits: [u8; 24] = rand::random();
    base64(&bits).replace('+', "-").replace('/', "_")
}
