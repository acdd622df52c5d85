//! Who is at the door: keys, bucket names in host names, and the question to the policies before an
//! operation's body is read.

use std::sync::Arc;

use s3s::access::{S3Access, S3AccessContext};
use s3s::auth::{S3Auth, SecretKey};
use s3s::host::{S3Host, VirtualHost};
use s3s::{S3Error, S3Result};

use super::Store;
use super::refuse::{no_such_bucket, refuse};
use crate::{Ask, BadKey, Gatekeeper, Key, Origin};

#[derive(Clone)]
pub struct Doorman {
    pub store: Arc<Store>,
    pub gatekeeper: Arc<dyn Gatekeeper>,
}

/// `bucket.s3.<region>.amazonaws.com` names a bucket; every other host is path style.
pub struct Hosts;

impl S3Host for Hosts {
    fn parse_host_header<'a>(&'a self, host: &'a str) -> S3Result<VirtualHost<'a>> {
        let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
        if let Some(front) = name.strip_suffix(".amazonaws.com")
            && let Some((bucket, _)) = front
                .rsplit_once(".s3.")
                .or_else(|| Some((front.strip_suffix(".s3")?, "")))
        {
            return Ok(VirtualHost::new(name).with_bucket(bucket));
        }
        Ok(VirtualHost::new(name))
    }
}

#[async_trait::async_trait]
impl S3Auth for Doorman {
    async fn get_secret_key(&self, access_key: &str) -> S3Result<SecretKey> {
        match self.gatekeeper.secret(access_key) {
            Some(secret) => Ok(secret.into()),
            None => Err(refuse_key(BadKey::Unknown)),
        }
    }
}

#[async_trait::async_trait]
impl S3Access for Doorman {
    async fn check(&self, cx: &mut S3AccessContext<'_>) -> S3Result<()> {
        let token = session_token(cx);
        let key = match cx.credentials() {
            Some(credentials) => {
                let key = self
                    .gatekeeper
                    .key(&credentials.access_key, token.as_deref());
                Some(key.map_err(refuse_key)?)
            }
            None => None,
        };
        let many = cx.s3_op().name() == "DeleteObjects";
        let action = action(cx.s3_op().name());
        let bucket = cx.s3_path().get_bucket_name().map(str::to_owned);
        let object = cx.s3_path().get_object_key().map(str::to_owned);
        let door = Caller {
            gatekeeper: self.gatekeeper.clone(),
            origin: cx
                .extensions_mut()
                .get::<Origin>()
                .cloned()
                .unwrap_or_default(),
            key,
        };
        cx.extensions_mut().insert(door.clone());
        // Judged key by key, when the body has been read.
        if many {
            return door.signed();
        }
        door.may(&self.store, action, bucket.as_deref(), object.as_deref())
    }
}

/// `X-Amz-Security-Token`, which the signature covers.
fn session_token(cx: &S3AccessContext<'_>) -> Option<String> {
    const NAME: &str = "x-amz-security-token";
    if let Some(value) = cx.headers().get(NAME) {
        return Some(String::from_utf8_lossy(value.as_bytes()).into_owned());
    }
    let pairs = cx.uri().query()?.split('&');
    let mut pairs = pairs.filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.find(|(name, _)| name.eq_ignore_ascii_case(NAME))?;
    let value = percent_encoding::percent_decode_str(value);
    Some(value.decode_utf8_lossy().into_owned())
}

fn refuse_key(bad: BadKey) -> S3Error {
    match bad {
        BadKey::Unknown => refuse(
            "InvalidAccessKeyId",
            403,
            "The AWS Access Key Id you provided does not exist in our records.",
        ),
        BadKey::BadToken => refuse(
            "InvalidToken",
            400,
            "The provided token is malformed or otherwise invalid.",
        ),
        BadKey::Expired => refuse("ExpiredToken", 400, "The provided token has expired."),
    }
}

/// The caller of one request, for questions that arise later.
#[derive(Clone)]
pub struct Caller {
    pub gatekeeper: Arc<dyn Gatekeeper>,
    pub origin: Origin,
    pub key: Option<Key>,
}

impl Caller {
    /// Anonymous callers have no account to act for.
    pub fn signed(&self) -> S3Result<()> {
        match self.key {
            Some(_) => Ok(()),
            None => Err(refuse("AccessDenied", 403, "Access Denied")),
        }
    }

    pub fn account(&self) -> S3Result<&str> {
        match &self.key {
            Some(key) => Ok(key.account()),
            None => Err(refuse("AccessDenied", 403, "Access Denied")),
        }
    }

    /// Asks the policies about a bucket or an object in it.
    ///
    /// # Errors
    /// `AccessDenied`, or `NoSuchBucket`.
    pub fn may(
        &self,
        store: &Store,
        action: &str,
        bucket: Option<&str>,
        key: Option<&str>,
    ) -> S3Result<()> {
        let own = self.key.as_ref().map_or("", Key::account);
        let (resource, owner, policy) = match bucket {
            None => ("*".to_owned(), own.to_owned(), None),
            Some(bucket) => {
                let row = store.index.bucket(bucket)?;
                let resource = match key {
                    Some(key) => format!("arn:aws:s3:::{bucket}/{key}"),
                    None => format!("arn:aws:s3:::{bucket}"),
                };
                match row {
                    Some(row) if action != "s3:CreateBucket" => (resource, row.owner, row.policy),
                    Some(_) => (resource, own.to_owned(), None),
                    None if action == "s3:CreateBucket" => (resource, own.to_owned(), None),
                    None if self.key.is_none() => {
                        return Err(refuse("AccessDenied", 403, "Access Denied"));
                    }
                    None => return Err(no_such_bucket()),
                }
            }
        };
        let ask = Ask {
            origin: &self.origin,
            caller: self.key.as_ref(),
            action,
            resource: &resource,
            owner: &owner,
            resource_policy: policy.as_deref(),
        };
        self.gatekeeper
            .judge(ask)
            .map_err(|denied| -> S3Error { refuse("AccessDenied", 403, denied.message) })
    }
}

/// The permission that an operation needs (service authorization reference, Amazon S3).
fn action(operation: &str) -> &'static str {
    match operation {
        "ListBuckets" => "s3:ListAllMyBuckets",
        "CreateBucket" => "s3:CreateBucket",
        "DeleteBucket" => "s3:DeleteBucket",
        "HeadBucket" | "ListObjects" | "ListObjectsV2" => "s3:ListBucket",
        "ListObjectVersions" => "s3:ListBucketVersions",
        "GetBucketLocation" => "s3:GetBucketLocation",
        "GetBucketPolicy" => "s3:GetBucketPolicy",
        "GetBucketPolicyStatus" => "s3:GetBucketPolicyStatus",
        "PutBucketPolicy" => "s3:PutBucketPolicy",
        "DeleteBucketPolicy" => "s3:DeleteBucketPolicy",
        "GetBucketTagging" => "s3:GetBucketTagging",
        "PutBucketTagging" | "DeleteBucketTagging" => "s3:PutBucketTagging",
        "GetBucketAcl" => "s3:GetBucketAcl",
        "GetBucketVersioning" => "s3:GetBucketVersioning",
        "GetBucketCors" => "s3:GetBucketCORS",
        "GetBucketWebsite" => "s3:GetBucketWebsite",
        "GetBucketLogging" => "s3:GetBucketLogging",
        "GetBucketNotificationConfiguration" => "s3:GetBucketNotification",
        "GetBucketRequestPayment" => "s3:GetBucketRequestPayment",
        "GetBucketAccelerateConfiguration" => "s3:GetAccelerateConfiguration",
        "GetBucketLifecycleConfiguration" => "s3:GetLifecycleConfiguration",
        "GetBucketReplication" => "s3:GetReplicationConfiguration",
        "GetBucketEncryption" => "s3:GetEncryptionConfiguration",
        "GetObjectLockConfiguration" => "s3:GetBucketObjectLockConfiguration",
        "GetPublicAccessBlock" => "s3:GetBucketPublicAccessBlock",
        "GetBucketOwnershipControls" => "s3:GetBucketOwnershipControls",
        "GetObject" | "HeadObject" => "s3:GetObject",
        "PutObject"
        | "CopyObject"
        | "CreateMultipartUpload"
        | "UploadPart"
        | "UploadPartCopy"
        | "CompleteMultipartUpload" => "s3:PutObject",
        "DeleteObject" => "s3:DeleteObject",
        "AbortMultipartUpload" => "s3:AbortMultipartUpload",
        "ListParts" => "s3:ListMultipartUploadParts",
        "ListMultipartUploads" => "s3:ListBucketMultipartUploads",
        // Not served; the answer is NotImplemented for whoever may do everything.
        _ => "s3:*",
    }
}
