//! Uploads in parts: each part a blob, completion one row that names them in order.

use std::collections::BTreeMap;

use s3s::dto::*;
use s3s::{S3Request, S3Result};

use super::body::{Claims, claims, hex, stream};
use super::headers::{checked, headers, wishes};
use super::index::{ObjectRow, PartRow, UploadRow};
use super::objects::{
    WriteConditions, blocking, caller, check_copy, composite_etag, opaque_id, unhex,
};
use super::refuse::{invalid_argument, no_such_bucket, no_such_upload, refuse};
use super::{S3, now_ms, timestamp};

/// All parts but the last have this length at least.
const PART_LEN_MIN: u64 = 5 << 20;
/// Uploads begun and neither completed nor aborted, of all buckets: beyond, no new one begins.
const UPLOADS_MAX: usize = 10_000;

impl S3 {
    pub async fn begin(
        &self,
        mut request: S3Request<CreateMultipartUploadInput>,
    ) -> S3Result<CreateMultipartUploadOutput> {
        wishes!(request.input).check()?;
        let headers = checked(headers!(request.input))?;
        let input = request.input;
        let id = opaque_id();
        let row = UploadRow {
            bucket: input.bucket,
            key: input.key,
            started_ms: now_ms(),
            headers,
        };
        blocking(|| -> S3Result<()> {
            let change = self.store.index.change()?;
            if change.bucket(&row.bucket)?.is_none() {
                return Err(no_such_bucket());
            }
            if change.uploads()? >= UPLOADS_MAX {
                return Err(refuse(
                    "SlowDown",
                    503,
                    "Too many uploads are unfinished: complete or abort some",
                ));
            }
            change.put_upload(&id, &row)?;
            Ok(change.commit()?)
        })?;
        Ok(CreateMultipartUploadOutput {
            bucket: Some(row.bucket),
            key: Some(row.key),
            upload_id: Some(id),
            checksum_algorithm: input.checksum_algorithm,
            server_side_encryption: Some(ServerSideEncryption::from_static("AES256")),
            ..CreateMultipartUploadOutput::default()
        })
    }

    fn upload(&self, id: &str, bucket: &str, key: &str) -> S3Result<UploadRow> {
        let row = self.store.index.upload(id)?;
        row.filter(|row| row.bucket == bucket && row.key == key)
            .ok_or_else(no_such_upload)
    }

    async fn put_part(
        &self,
        id: &str,
        number: i32,
        body: Option<StreamingBlob>,
        claims: Claims,
    ) -> S3Result<(PartRow, BTreeMap<String, String>)> {
        let number = u32::try_from(number)
            .ok()
            .filter(|n| (1..=10_000).contains(n));
        let number = number.ok_or_else(|| {
            invalid_argument("Part number must be an integer between 1 and 10000, inclusive")
        })?;
        let received = self.store.receive(body, claims).await?;
        let row = PartRow {
            piece: received.piece,
            etag: hex(&received.md5),
            modified_ms: now_ms(),
        };
        let old = blocking(|| -> S3Result<_> {
            let change = self.store.index.change()?;
            change.upload(id)?.ok_or_else(no_such_upload)?;
            let old = change.put_part(id, number, &row)?;
            change.commit()?;
            Ok(old)
        })?;
        received.draft.keep();
        if let Some(old) = old {
            self.store.blobs.remove([old.piece.blob.as_str()]);
        }
        Ok((row, received.checksums))
    }

    pub async fn part(
        &self,
        mut request: S3Request<UploadPartInput>,
    ) -> S3Result<UploadPartOutput> {
        let claims = claims!(request);
        let input = request.input;
        self.upload(&input.upload_id, &input.bucket, &input.key)?;
        let (row, sums) = self
            .put_part(&input.upload_id, input.part_number, input.body, claims)
            .await?;
        let mut output = UploadPartOutput {
            e_tag: Some(ETag::Strong(row.etag)),
            ..UploadPartOutput::default()
        };
        super::objects::set_checksums!(output, sums);
        Ok(output)
    }

    pub async fn part_copy(
        &self,
        request: S3Request<UploadPartCopyInput>,
    ) -> S3Result<UploadPartCopyOutput> {
        let caller = caller(&request)?;
        let input = request.input;
        self.upload(&input.upload_id, &input.bucket, &input.key)?;
        let (source, pin) = self.source(
            &caller,
            &input.copy_source,
            input.expected_source_bucket_owner.as_deref(),
        )?;
        check_copy(
            &source,
            [
                &input.copy_source_if_match,
                &input.copy_source_if_none_match,
            ],
            [
                &input.copy_source_if_modified_since,
                &input.copy_source_if_unmodified_since,
            ],
        )?;
        let range = match &input.copy_source_range {
            None => 0..source.len,
            Some(text) => Range::parse(text)
                .ok()
                .and_then(|range| range.check(source.len).ok())
                .ok_or_else(|| {
                    refuse(
                        "InvalidRange",
                        416,
                        "The requested range is not satisfiable",
                    )
                })?,
        };
        let claims = Claims {
            len: i64::try_from(range.end - range.start).ok(),
            ..Claims::default()
        };
        let body = stream(self.store.clone(), source.pieces, pin, range);
        let (row, _) = self
            .put_part(&input.upload_id, input.part_number, Some(body), claims)
            .await?;
        Ok(UploadPartCopyOutput {
            copy_part_result: Some(CopyPartResult {
                e_tag: Some(ETag::Strong(row.etag)),
                last_modified: Some(timestamp(row.modified_ms)),
                ..CopyPartResult::default()
            }),
            ..UploadPartCopyOutput::default()
        })
    }

    pub async fn complete(
        &self,
        request: S3Request<CompleteMultipartUploadInput>,
    ) -> S3Result<CompleteMultipartUploadOutput> {
        let input = request.input;
        let upload = self.upload(&input.upload_id, &input.bucket, &input.key)?;
        let listed = input
            .multipart_upload
            .and_then(|m| m.parts)
            .unwrap_or_default();
        if listed.is_empty() {
            return Err(refuse(
                "MalformedXML",
                400,
                "The XML you provided was not well-formed or did not validate against our published schema",
            ));
        }
        let conditions = WriteConditions {
            if_match: input.if_match,
            if_none_match: input.if_none_match,
        };
        let row = blocking(|| -> S3Result<ObjectRow> {
            let change = self.store.index.change()?;
            change
                .upload(&input.upload_id)?
                .ok_or_else(no_such_upload)?;
            let mut parts = change.take_upload(&input.upload_id)?;
            let (mut pieces, mut md5s, mut before) = (Vec::new(), Vec::new(), 0);
            let count = listed.len();
            for (i, listed) in listed.iter().enumerate() {
                let number = listed
                    .part_number
                    .and_then(|n| u32::try_from(n).ok())
                    .unwrap_or(0);
                if number <= before {
                    return Err(refuse(
                        "InvalidPartOrder",
                        400,
                        "The list of parts was not in ascending order. Parts must be ordered by part number.",
                    ));
                }
                before = number;
                let said = listed.e_tag.as_ref().map(ETag::value);
                let part = parts
                    .remove(&number)
                    .filter(|part| said == Some(part.etag.as_str()));
                let part = part.ok_or_else(|| {
                    refuse(
                        "InvalidPart",
                        400,
                        "One or more of the specified parts could not be found. The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
                    )
                })?;
                if i + 1 < count && part.piece.len < PART_LEN_MIN {
                    return Err(refuse(
                        "EntityTooSmall",
                        400,
                        "Your proposed upload is smaller than the minimum allowed size",
                    ));
                }
                md5s.extend(unhex(&part.etag)?);
                pieces.push(part.piece);
            }
            let row = ObjectRow {
                len: pieces.iter().map(|piece| piece.len).sum(),
                etag: composite_etag(&md5s, count),
                pieces,
                modified_ms: now_ms(),
                checksums: BTreeMap::new(),
                headers: upload.headers,
            };
            self.install(change, &input.bucket, &input.key, &row, &conditions)?;
            self.store
                .blobs
                .remove(parts.values().map(|part| part.piece.blob.as_str()));
            Ok(row)
        })?;
        Ok(CompleteMultipartUploadOutput {
            location: Some(format!("/{}/{}", input.bucket, input.key)),
            bucket: Some(input.bucket),
            key: Some(input.key),
            e_tag: Some(ETag::Strong(row.etag)),
            server_side_encryption: Some(ServerSideEncryption::from_static("AES256")),
            ..CompleteMultipartUploadOutput::default()
        })
    }

    pub async fn abort(&self, input: AbortMultipartUploadInput) -> S3Result<()> {
        self.upload(&input.upload_id, &input.bucket, &input.key)?;
        let parts = blocking(|| -> S3Result<_> {
            let change = self.store.index.removal()?;
            let parts = change.take_upload(&input.upload_id)?;
            change.commit()?;
            Ok(parts)
        })?;
        self.store
            .blobs
            .remove(parts.values().map(|part| part.piece.blob.as_str()));
        Ok(())
    }

    pub fn list_of_parts(&self, input: ListPartsInput) -> S3Result<ListPartsOutput> {
        self.upload(&input.upload_id, &input.bucket, &input.key)?;
        let max = input.max_parts.unwrap_or(1000).clamp(0, 1000) as usize;
        let marker = input.part_number_marker.unwrap_or(0).max(0) as u32;
        let mut parts: Vec<Part> = self
            .store
            .index
            .parts(&input.upload_id)?
            .range(marker + 1..)
            .take(max + 1)
            .map(|(number, part)| Part {
                part_number: i32::try_from(*number).ok(),
                e_tag: Some(ETag::Strong(part.etag.clone())),
                last_modified: Some(timestamp(part.modified_ms)),
                size: i64::try_from(part.piece.len).ok(),
                ..Part::default()
            })
            .collect();
        let more = parts.len() > max;
        parts.truncate(max);
        Ok(ListPartsOutput {
            bucket: Some(input.bucket),
            key: Some(input.key),
            upload_id: Some(input.upload_id),
            is_truncated: Some(more),
            max_parts: Some(max as i32),
            part_number_marker: Some(marker as i32),
            next_part_number_marker: parts.last().and_then(|part| part.part_number),
            parts: Some(parts),
            ..ListPartsOutput::default()
        })
    }

    pub fn list_of_uploads(
        &self,
        input: ListMultipartUploadsInput,
    ) -> S3Result<ListMultipartUploadsOutput> {
        let prefix = input.prefix.unwrap_or_default();
        let max = input.max_uploads.unwrap_or(1000).clamp(0, 1000) as usize;
        let after = (
            input.key_marker.clone().unwrap_or_default(),
            input.upload_id_marker.clone(),
        );
        let mut uploads: Vec<MultipartUpload> = self
            .store
            .index
            .uploads(&input.bucket)?
            .into_iter()
            .filter(|(_, row)| row.key.starts_with(&prefix))
            .filter(|(id, row)| match &after.1 {
                Some(marker) => (&row.key, id) > (&after.0, marker),
                None => row.key > after.0 || after.0.is_empty(),
            })
            .take(max + 1)
            .map(|(id, row)| MultipartUpload {
                key: Some(row.key),
                upload_id: Some(id),
                initiated: Some(timestamp(row.started_ms)),
                ..MultipartUpload::default()
            })
            .collect();
        let more = uploads.len() > max;
        uploads.truncate(max);
        let last = uploads.last().filter(|_| more);
        Ok(ListMultipartUploadsOutput {
            bucket: Some(input.bucket),
            prefix: Some(prefix),
            key_marker: input.key_marker,
            upload_id_marker: input.upload_id_marker,
            is_truncated: Some(more),
            max_uploads: Some(max as i32),
            next_key_marker: last.and_then(|upload| upload.key.clone()),
            next_upload_id_marker: last.and_then(|upload| upload.upload_id.clone()),
            uploads: Some(uploads),
            ..ListMultipartUploadsOutput::default()
        })
    }
}
