//! What Terraform and others read of a bucket on which it was never set: AWS's own answers for a
//! new bucket, with encryption by S3's keys, objects owned by the bucket's owner, no public access.

use s3s::S3Error;
use s3s::dto::*;

use super::buckets::owner;
use super::index::BucketRow;
use super::refuse::refuse;

pub fn unset(code: &str, what: &str) -> S3Error {
    refuse(code, 404, what.to_owned())
}

pub fn acl(row: &BucketRow) -> GetBucketAclOutput {
    let owner = owner(&row.owner);
    let grantee = Grantee {
        display_name: None,
        email_address: None,
        id: owner.id.clone(),
        type_: Type::from_static(Type::CANONICAL_USER),
        uri: None,
    };
    GetBucketAclOutput {
        grants: Some(vec![Grant {
            grantee: Some(grantee),
            permission: Some(Permission::from_static(Permission::FULL_CONTROL)),
        }]),
        owner: Some(owner),
    }
}

pub fn encryption() -> GetBucketEncryptionOutput {
    let default = ServerSideEncryptionByDefault {
        kms_master_key_id: None,
        sse_algorithm: ServerSideEncryption::from_static(ServerSideEncryption::AES256),
    };
    GetBucketEncryptionOutput {
        server_side_encryption_configuration: Some(ServerSideEncryptionConfiguration {
            rules: vec![ServerSideEncryptionRule {
                apply_server_side_encryption_by_default: Some(default),
                bucket_key_enabled: Some(false),
            }],
        }),
    }
}

pub fn ownership() -> GetBucketOwnershipControlsOutput {
    GetBucketOwnershipControlsOutput {
        ownership_controls: Some(OwnershipControls {
            rules: vec![OwnershipControlsRule {
                object_ownership: ObjectOwnership::from_static(
                    ObjectOwnership::BUCKET_OWNER_ENFORCED,
                ),
            }],
        }),
    }
}
