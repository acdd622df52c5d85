//! Buckets and what is set on them.

use s3s::dto::*;
use s3s::{S3Request, S3Result};

use super::index::BucketRow;
use super::objects::{blocking, caller};
use super::refuse::{no_such_bucket, refuse};
use super::{S3, now_ms, timestamp};

/// Per account (service quotas, 2024).
const BUCKETS_MAX: usize = 10_000;

impl S3 {
    pub fn bucket_row(&self, bucket: &str) -> S3Result<BucketRow> {
        self.store.index.bucket(bucket)?.ok_or_else(no_such_bucket)
    }

    pub fn create(&self, request: S3Request<CreateBucketInput>) -> S3Result<CreateBucketOutput> {
        let caller = caller(&request)?;
        let owner = caller.account()?.to_owned();
        let signed_for = request
            .region
            .as_ref()
            .map(|region| region.as_str().to_owned());
        let input = request.input;
        if input.object_lock_enabled_for_bucket == Some(true) {
            return Err(refuse(
                "NotImplemented",
                501,
                "object locks are not implemented",
            ));
        }
        let enforced = ObjectOwnership::BUCKET_OWNER_ENFORCED;
        if let Some(other) = input.object_ownership.filter(|it| it.as_str() != enforced) {
            return Err(refuse(
                "NotImplemented",
                501,
                format!("the object ownership {} is not implemented", other.as_str()),
            ));
        }
        let private = input.acl.is_none_or(|acl| acl.as_str() == "private");
        let grants = input.grant_full_control.is_some()
            || input.grant_read.is_some()
            || input.grant_read_acp.is_some()
            || input.grant_write.is_some()
            || input.grant_write_acp.is_some();
        if grants || !private {
            return Err(refuse(
                "InvalidBucketAclWithObjectOwnership",
                400,
                "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting",
            ));
        }
        let constraint = input
            .create_bucket_configuration
            .and_then(|configuration| configuration.location_constraint)
            .map(|constraint| match constraint.as_str() {
                "EU" => "eu-west-1".to_owned(),
                region => region.to_owned(),
            });
        let scope = signed_for.unwrap_or_else(|| "us-east-1".to_owned());
        let region = match (constraint, scope.as_str()) {
            (Some(constraint), "us-east-1") => constraint,
            (Some(constraint), scope) if constraint == scope => constraint,
            (None, "us-east-1") => scope,
            (constraint, _) => {
                let constraint = constraint.unwrap_or_else(|| "unspecified".to_owned());
                return Err(refuse(
                    "IllegalLocationConstraintException",
                    400,
                    format!(
                        "The {constraint} location constraint is incompatible for the region specific endpoint this request was sent to."
                    ),
                ));
            }
        };
        let row = BucketRow {
            owner,
            region,
            created_ms: now_ms(),
            policy: None,
            tags: None,
            public_access_block: super::policy::BLOCKED,
        };
        blocking(|| -> S3Result<()> {
            let change = self.store.index.change()?;
            match change.bucket(&input.bucket)? {
                Some(there) if there.owner == row.owner => {
                    return Err(refuse(
                        "BucketAlreadyOwnedByYou",
                        409,
                        "Your previous request to create the named bucket succeeded and you already own it.",
                    ));
                }
                Some(_) => {
                    return Err(refuse(
                        "BucketAlreadyExists",
                        409,
                        "The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.",
                    ));
                }
                None => {}
            }
            let own = self
                .store
                .index
                .buckets()?
                .iter()
                .filter(|b| b.1.owner == row.owner)
                .count();
            if own >= BUCKETS_MAX {
                return Err(refuse(
                    "TooManyBuckets",
                    400,
                    "You have attempted to create more buckets than allowed",
                ));
            }
            change.put_bucket(&input.bucket, &row)?;
            Ok(change.commit()?)
        })?;
        Ok(CreateBucketOutput {
            location: Some(format!("/{}", input.bucket)),
        })
    }

    pub fn delete(&self, bucket: &str) -> S3Result<()> {
        blocking(|| {
            let change = self.store.index.removal()?;
            if change.bucket(bucket)?.is_none() {
                return Err(no_such_bucket());
            }
            if change.has_objects(bucket)? {
                return Err(refuse(
                    "BucketNotEmpty",
                    409,
                    "The bucket you tried to delete is not empty",
                ));
            }
            // Unfinished uploads do not hold a bucket; they go with it.
            let mut orphans = Vec::new();
            for (id, _) in self.store.index.uploads(bucket)? {
                orphans.extend(change.take_upload(&id)?.into_values());
            }
            change.delete_bucket(bucket)?;
            change.commit()?;
            self.store
                .blobs
                .remove(orphans.iter().map(|part| part.piece.blob.as_str()));
            Ok(())
        })
    }

    pub fn all(&self, request: S3Request<ListBucketsInput>) -> S3Result<ListBucketsOutput> {
        let caller = caller(&request)?;
        let account = caller.account()?;
        let prefix = request.input.prefix.unwrap_or_default();
        let after = request.input.continuation_token.unwrap_or_default();
        let region = request.input.bucket_region;
        let max = request.input.max_buckets.unwrap_or(10_000).clamp(1, 10_000) as usize;
        let mut buckets: Vec<Bucket> = self
            .store
            .index
            .buckets()?
            .into_iter()
            .filter(|(name, row)| {
                let there = region.as_ref().is_none_or(|region| *region == row.region);
                row.owner == account && there && name.starts_with(&prefix) && *name > after
            })
            .take(max + 1)
            .map(|(name, row)| Bucket {
                name: Some(name),
                bucket_region: Some(row.region),
                creation_date: Some(timestamp(row.created_ms)),
            })
            .collect();
        let more = buckets.len() > max;
        buckets.truncate(max);
        Ok(ListBucketsOutput {
            continuation_token: buckets.last().filter(|_| more).and_then(|b| b.name.clone()),
            buckets: Some(buckets),
            owner: Some(owner(account)),
            prefix: Some(prefix).filter(|prefix| !prefix.is_empty()),
        })
    }

    pub fn edit(&self, bucket: &str, edit: impl FnOnce(&mut BucketRow)) -> S3Result<()> {
        blocking(|| {
            let change = self.store.index.change()?;
            let mut row = change.bucket(bucket)?.ok_or_else(no_such_bucket)?;
            edit(&mut row);
            change.put_bucket(bucket, &row)?;
            Ok(change.commit()?)
        })
    }

    pub fn set_tags(&self, bucket: &str, tags: Option<Vec<Tag>>) -> S3Result<()> {
        let tags = tags
            .map(|tags| {
                tags.into_iter()
                    .map(|tag| (tag.key.unwrap_or_default(), tag.value.unwrap_or_default()))
                    .collect::<Vec<_>>()
            })
            .filter(|tags| !tags.is_empty());
        if let Some(tags) = &tags {
            let mut keys: Vec<&str> = tags.iter().map(|(key, _)| key.as_str()).collect();
            keys.sort_unstable();
            keys.dedup();
            let bad = keys.len() < tags.len()
                || tags.len() > 50
                || tags.iter().any(|(k, v)| {
                    k.is_empty() || k.chars().count() > 128 || v.chars().count() > 256
                });
            if bad {
                return Err(refuse(
                    "InvalidTag",
                    400,
                    "A bucket takes up to 50 tags with different keys of 1 to 128 characters and values of up to 256",
                ));
            }
        }
        self.edit(bucket, |row| row.tags = tags)
    }
}

/// Accounts are shown by their number: a canonical user id has no meaning here.
pub fn owner(account: &str) -> Owner {
    Owner {
        id: Some(account.to_owned()),
        ..Owner::default()
    }
}
