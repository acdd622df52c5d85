//! Policies of buckets, and what keeps a bucket from the public.
//!
//! Source: Amazon S3 user guide, "Bucket policies", "Blocking public access to your Amazon S3 storage".

use s3s::dto::*;
use s3s::{S3Request, S3Result};

use super::S3;
use super::canned::unset;
use super::index::{BucketRow, PublicAccessBlock};
use super::objects::caller;
use super::refuse::refuse;

/// A new bucket's: nothing public.
pub const BLOCKED: Option<PublicAccessBlock> = Some(PublicAccessBlock {
    block_acls: true,
    ignore_acls: true,
    block_policy: true,
    restrict_buckets: true,
});

/// Whether a bucket with a public policy is kept to its owner's account.
pub fn is_restricted(row: &BucketRow) -> bool {
    let restricts = row.public_access_block.is_some_and(|b| b.restrict_buckets);
    restricts && row.policy.as_deref().is_some_and(openvpc_iam::is_public)
}

impl S3 {
    pub fn policy(&self, request: &S3Request<GetBucketPolicyInput>) -> S3Result<String> {
        let row = self.own_row(request, &request.input.bucket)?;
        row.policy
            .ok_or_else(|| unset("NoSuchBucketPolicy", "The bucket policy does not exist"))
    }

    pub fn set_policy(&self, request: &S3Request<PutBucketPolicyInput>) -> S3Result<()> {
        let PutBucketPolicyInput { bucket, policy, .. } = &request.input;
        let row = self.own_row(request, bucket)?;
        openvpc_iam::check_bucket(policy, bucket)
            .map_err(|why| refuse("MalformedPolicy", 400, why))?;
        let blocks = row.public_access_block.is_some_and(|b| b.block_policy);
        if blocks && openvpc_iam::is_public(policy) {
            let caller = caller(request)?;
            let who = caller.key.as_ref().map_or("anonymous", |key| key.arn());
            return Err(refuse(
                "AccessDenied",
                403,
                format!(
                    "User: {who} is not authorized to perform: s3:PutBucketPolicy on resource: \"arn:aws:s3:::{bucket}\" because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access."
                ),
            ));
        }
        self.edit(bucket, |row| row.policy = Some(policy.clone()))
    }

    pub fn drop_policy(&self, request: &S3Request<DeleteBucketPolicyInput>) -> S3Result<()> {
        let bucket = &request.input.bucket;
        self.own_row(request, bucket)?;
        self.edit(bucket, |row| row.policy = None)
    }

    /// Whether the bucket's policy opens it to the public.
    pub fn is_public(&self, bucket: &str) -> S3Result<bool> {
        let policy = self
            .bucket_row(bucket)?
            .policy
            .ok_or_else(|| unset("NoSuchBucketPolicy", "The bucket policy does not exist"))?;
        Ok(openvpc_iam::is_public(&policy))
    }

    pub fn public_access(&self, bucket: &str) -> S3Result<GetPublicAccessBlockOutput> {
        let block = self.bucket_row(bucket)?.public_access_block;
        let block = block.ok_or_else(|| {
            unset(
                "NoSuchPublicAccessBlockConfiguration",
                "The public access block configuration was not found",
            )
        })?;
        Ok(GetPublicAccessBlockOutput {
            public_access_block_configuration: Some(PublicAccessBlockConfiguration {
                block_public_acls: Some(block.block_acls),
                block_public_policy: Some(block.block_policy),
                ignore_public_acls: Some(block.ignore_acls),
                restrict_public_buckets: Some(block.restrict_buckets),
            }),
        })
    }

    pub fn set_public_access(&self, input: PutPublicAccessBlockInput) -> S3Result<()> {
        let wanted = input.public_access_block_configuration;
        let block = PublicAccessBlock {
            block_acls: wanted.block_public_acls == Some(true),
            ignore_acls: wanted.ignore_public_acls == Some(true),
            block_policy: wanted.block_public_policy == Some(true),
            restrict_buckets: wanted.restrict_public_buckets == Some(true),
        };
        self.edit(&input.bucket, |row| row.public_access_block = Some(block))
    }

    /// The bucket, for what only its owner's account may do, whatever policies say (S3 API reference, PutBucketPolicy).
    fn own_row<T>(&self, request: &S3Request<T>, bucket: &str) -> S3Result<BucketRow> {
        let row = self.bucket_row(bucket)?;
        match caller(request)?.key {
            Some(key) if key.account() != row.owner => Err(refuse(
                "MethodNotAllowed",
                405,
                "The specified method is not allowed against this resource.",
            )),
            _ => Ok(row),
        }
    }
}
