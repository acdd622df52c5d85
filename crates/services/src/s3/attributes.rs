//! What there is to know of an object beside its bytes: its size and sums, its tags, its access control list.

use s3s::dto::*;
use s3s::{S3Request, S3Result};

use super::objects::{caller, etag, set_checksums};
use super::{S3, canned, timestamp};

impl S3 {
    /// Those of an object's attributes that were asked for.
    pub fn attributes(
        &self,
        request: &S3Request<GetObjectAttributesInput>,
    ) -> S3Result<GetObjectAttributesOutput> {
        let input = &request.input;
        let version = input.version_id.as_deref();
        let (row, _pin) = self.found(&caller(request)?, &input.bucket, &input.key, version)?;
        let asked = |name: &str| {
            let lists = input.object_attributes.iter();
            let mut names = lists.flat_map(|list| list.as_str().split(','));
            names.any(|asked| asked.trim() == name)
        };
        let mut checksum = Checksum::default();
        set_checksums!(checksum, row.checksums);
        checksum.checksum_type = Some(ChecksumType::from_static(ChecksumType::FULL_OBJECT));
        let parts = GetObjectAttributesParts {
            total_parts_count: Some(row.pieces.len() as i32),
            ..GetObjectAttributesParts::default()
        };
        let is_of_parts = row.etag.contains('-');
        Ok(GetObjectAttributesOutput {
            e_tag: asked("ETag").then(|| etag(&row)),
            checksum: (asked("Checksum") && !row.checksums.is_empty()).then_some(checksum),
            object_parts: (asked("ObjectParts") && is_of_parts).then_some(parts),
            object_size: asked("ObjectSize").then_some(row.len as i64),
            storage_class: asked("StorageClass")
                .then(|| StorageClass::from_static(StorageClass::STANDARD)),
            last_modified: Some(timestamp(row.modified_ms)),
            ..GetObjectAttributesOutput::default()
        })
    }

    /// No object has tags: setting them is refused.
    pub fn object_tags(
        &self,
        request: &S3Request<GetObjectTaggingInput>,
    ) -> S3Result<GetObjectTaggingOutput> {
        let input = &request.input;
        let version = input.version_id.as_deref();
        self.found(&caller(request)?, &input.bucket, &input.key, version)?;
        Ok(GetObjectTaggingOutput {
            tag_set: Vec::new(),
            version_id: None,
        })
    }

    /// Every object is the bucket owner's, and nobody else's.
    pub fn object_acl(
        &self,
        request: &S3Request<GetObjectAclInput>,
    ) -> S3Result<GetObjectAclOutput> {
        let input = &request.input;
        let version = input.version_id.as_deref();
        self.found(&caller(request)?, &input.bucket, &input.key, version)?;
        let acl = canned::acl(&self.bucket_row(&input.bucket)?);
        Ok(GetObjectAclOutput {
            grants: acl.grants,
            owner: acl.owner,
            request_charged: None,
        })
    }
}
