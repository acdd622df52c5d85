//! Who is at the door: keys, bucket names in host names, and the question to the policies before an
//! operation's body is read.

use std::sync::Arc;

use http::{HeaderMap, Uri};
use s3s::access::{S3Access, S3AccessContext};
use s3s::auth::{S3Auth, SecretKey};
use s3s::dto::PostObjectInput;
use s3s::host::{S3Host, VirtualHost};
use s3s::{S3Error, S3Request, S3Result};

use super::form::Beginning;
use super::objects::caller;
use super::refuse::{invalid_argument, no_such_bucket, refuse};
use super::{Store, policy, region};
use crate::{Ask, BadKey, Gatekeeper, Key, Origin};

/// API reference, "Authenticating requests: using query parameters": seven days.
const PRESIGNED_SECS_MAX: u64 = 604_800;

#[derive(Clone)]
pub struct Doorman {
    pub store: Arc<Store>,
    pub gatekeeper: Arc<dyn Gatekeeper>,
}

/// `bucket.s3.<region>.amazonaws.com` names a bucket, and some names of endpoints do; every other host is path style.
pub struct Hosts;

impl S3Host for Hosts {
    fn parse_host_header<'a>(&'a self, host: &'a str) -> S3Result<VirtualHost<'a>> {
        let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
        if let Some(name_of_endpoint) = name.strip_suffix(".vpce.amazonaws.com") {
            return Ok(match bucket_at_endpoint(name_of_endpoint) {
                Some(bucket) => VirtualHost::new(name).with_bucket(bucket),
                None => VirtualHost::new(name),
            });
        }
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

/// The bucket that a name of an interface endpoint says (`IN-5`): `mine.bucket.vpce-….s3.<region>`. Without one it is path
/// style, as `bucket.vpce-…` is.
fn bucket_at_endpoint(name: &str) -> Option<&str> {
    let (front, _region) = name.rsplit_once(".s3.")?;
    let (front, _endpoint) = front.rsplit_once('.')?;
    front.strip_suffix(".bucket")
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
        let operation = cx.s3_op().name().to_owned();
        let operation = operation.as_str();
        let form = cx.extensions_mut().get::<Beginning>().cloned();
        let origin = cx.extensions_mut().get::<Origin>().cloned();
        let asked = Asked {
            operation,
            uri: cx.uri(),
            headers: cx.headers(),
            access_key: cx.credentials().map(|signed| signed.access_key.as_str()),
            form: form.filter(|_| operation == FORM),
        };
        let of_version = parameters(asked.uri).any(|(name, _)| name == "versionId");
        let action = action(operation, of_version);
        let bucket = cx.s3_path().get_bucket_name().map(str::to_owned);
        let object = cx.s3_path().get_object_key().map(str::to_owned);
        let door = self.admit(&asked, origin.unwrap_or_default(), bucket.as_deref())?;
        cx.extensions_mut().insert(door.clone());
        if operation == FORM && self.store.elsewhere.is_some() {
            let message = "Forms are not handed on to the S3 elsewhere: put the object instead";
            return Err(refuse("NotImplemented", 501, message));
        }
        match operation {
            // Judged key by key, when the body has been read.
            "DeleteObjects" => door.signed()?,
            // Judged once its form has told the key.
            FORM => {}
            _ => door.may(&self.store, action, bucket.as_deref(), object.as_deref())?,
        }
        self.adopt(&door, bucket.as_deref(), cx).await
    }

    async fn post_object(&self, request: &mut S3Request<PostObjectInput>) -> S3Result<()> {
        let PostObjectInput { bucket, key, .. } = &request.input;
        caller(request)?.may(&self.store, "s3:PutObject", Some(bucket), Some(key))
    }
}

/// Form posts, which `s3s` tells from other requests.
const FORM: &str = "PostObject";

/// A request as far as it has been read.
pub struct Asked<'r> {
    /// What it asks for, by the name that S3 has for it.
    pub operation: &'r str,
    pub uri: &'r Uri,
    pub headers: &'r HeaderMap,
    /// Of who signed it.
    pub access_key: Option<&'r str>,
    /// If it is a form that asks.
    pub form: Option<Beginning>,
}

impl Doorman {
    /// Who calls, and with what for policies to look at.
    ///
    /// # Errors
    /// A key that is no one's, or something that must not be taken for something else.
    pub fn admit(&self, asked: &Asked, origin: Origin, bucket: Option<&str>) -> S3Result<Caller> {
        let key = match asked.access_key {
            Some(id) => {
                let key = self.gatekeeper.key(id, session_token(asked).as_deref());
                Some(key.map_err(refuse_key)?)
            }
            None => None,
        };
        check_query(asked)?;
        check_header(asked)?;
        let keys = condition_keys(asked)?;
        let expected = asked.headers.get("x-amz-expected-bucket-owner");
        let expected = expected.map(|owner| String::from_utf8_lossy(owner.as_bytes()).into_owned());
        if let Some(bucket) = bucket {
            check_owner(&self.store, bucket, expected.as_deref())?;
        }
        Ok(Caller {
            gatekeeper: self.gatekeeper.clone(),
            origin,
            key,
            keys,
        })
    }
}

impl Doorman {
    /// Makes the shell of a bucket that was elsewhere before: it is the account's that asks first for what is kept here, and
    /// may.
    async fn adopt(
        &self,
        door: &Caller,
        bucket: Option<&str>,
        cx: &S3AccessContext<'_>,
    ) -> S3Result<()> {
        let (Some(elsewhere), Some(bucket)) = (&self.store.elsewhere, bucket) else {
            return Ok(());
        };
        let is_there = self.store.index.bucket(bucket)?.is_some();
        if is_there
            || !elsewhere
                .has_bucket(bucket, cx.credentials(), cx.headers())
                .await?
        {
            return Ok(());
        }
        let account = door.account()?;
        let make = || self.store.make_bucket(bucket, account, "us-east-1");
        tokio::task::block_in_place(make).map_err(|error| refuse("InternalError", 500, error))
    }
}

/// Refuses to take for an object's content what is said to a part of S3 that is not here, and addresses that open for too
/// long.
fn check_query(asked: &Asked) -> S3Result<()> {
    for (name, value) in parameters(asked.uri) {
        if value.is_empty() && !name.is_empty() && asked.operation == "PutObject" {
            return Err(refuse(
                "NotImplemented",
                501,
                format!("PUT of {name} is not implemented"),
            ));
        }
        let secs: Option<u64> = value.parse().ok();
        if name == "X-Amz-Expires" && secs.is_some_and(|secs| secs > PRESIGNED_SECS_MAX) {
            return Err(refuse(
                "AuthorizationQueryParametersError",
                400,
                "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds",
            ));
        }
    }
    Ok(())
}

/// A header signed by Version 2 bears no time within which it is good. AWS takes none for newer buckets (user guide,
/// "Signature Version 2 turned off").
fn check_header(asked: &Asked) -> S3Result<()> {
    let header = asked.headers.get("authorization");
    match header.is_some_and(|header| header.as_bytes().starts_with(b"AWS ")) {
        false => Ok(()),
        true => Err(refuse(
            "InvalidRequest",
            400,
            "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.",
        )),
    }
}

/// Who names the owner that a bucket should have is served by no other's (user guide, "Verifying bucket ownership").
///
/// # Errors
/// `AccessDenied`.
pub fn check_owner(store: &Store, bucket: &str, expected: Option<&str>) -> S3Result<()> {
    let Some(expected) = expected else {
        return Ok(());
    };
    match store.index.bucket(bucket)? {
        Some(row) if row.owner != expected => Err(refuse("AccessDenied", 403, "Access Denied")),
        _ => Ok(()),
    }
}

/// What policies can ask of a request of S3 (service authorization reference, "Condition keys for Amazon S3"). A
/// caller may write these, for they are the request itself, and nothing of where it comes from.
///
/// # Errors
/// `InvalidArgument`: one is there twice, so that the policies could judge the one and the operation use the other.
fn condition_keys(asked: &Asked) -> S3Result<Vec<(String, String)>> {
    const PARAMETERS: [&str; 3] = ["prefix", "delimiter", "max-keys"];
    const HEADERS: [&str; 5] = [
        "x-amz-acl",
        "x-amz-copy-source",
        "x-amz-content-sha256",
        "x-amz-server-side-encryption",
        "x-amz-metadata-directive",
    ];
    let mut keys = Vec::new();
    for (name, value) in parameters(asked.uri) {
        if PARAMETERS.contains(&name.as_str()) {
            keys.push((format!("s3:{name}"), value));
        }
    }
    for name in HEADERS {
        for value in asked.headers.get_all(name) {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            keys.push((format!("s3:{name}"), value));
        }
    }
    let mut names: Vec<&str> = keys.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    if let Some(twice) = names.windows(2).find(|pair| pair[0] == pair[1]) {
        let name = twice[0].trim_start_matches("s3:");
        return Err(invalid_argument(format!("{name} is there twice")));
    }
    if asked.access_key.is_some() {
        let kind = Signature::of(asked);
        keys.push(("s3:authType".to_owned(), kind.auth_type().to_owned()));
        if let Some(version) = kind.version() {
            keys.push(("s3:signatureversion".to_owned(), version.to_owned()));
        }
    }
    Ok(keys)
}

/// By what a request is signed, which `s3s` looks for in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Signature {
    Form,
    QueryOfVersion2,
    Query,
    Header,
}

impl Signature {
    fn of(asked: &Asked) -> Signature {
        let has = |wanted| parameters(asked.uri).any(|(name, _)| name == wanted);
        match asked.operation {
            FORM => Signature::Form,
            _ if has("Signature") => Signature::QueryOfVersion2,
            _ if has("X-Amz-Signature") => Signature::Query,
            _ => Signature::Header,
        }
    }

    /// `s3:authType`.
    fn auth_type(self) -> &'static str {
        match self {
            Signature::Form => "POST",
            Signature::QueryOfVersion2 | Signature::Query => "REST-QUERY-STRING",
            Signature::Header => "REST-HEADER",
        }
    }

    /// `s3:signatureversion`; a form is not shown here with its fields.
    fn version(self) -> Option<&'static str> {
        match self {
            Signature::Form => None,
            Signature::QueryOfVersion2 => Some("AWS"),
            Signature::Query | Signature::Header => Some("AWS4-HMAC-SHA256"),
        }
    }
}

/// The query's names and values, decoded.
pub fn parameters(uri: &Uri) -> impl Iterator<Item = (String, String)> {
    let pairs = uri.query().unwrap_or_default().split('&');
    pairs.map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let text = |text: &str| {
            let text = text.replace('+', " ");
            let bytes = percent_encoding::percent_decode_str(&text);
            bytes.decode_utf8_lossy().into_owned()
        };
        (text(name), text(value))
    })
}

/// `X-Amz-Security-Token`, which the signature covers; that of a form, its policy.
fn session_token(asked: &Asked) -> Option<String> {
    const NAME: &str = "x-amz-security-token";
    if let Some(form) = &asked.form {
        return form.field(asked.headers, NAME);
    }
    if let Some(value) = asked.headers.get(NAME) {
        return Some(String::from_utf8_lossy(value.as_bytes()).into_owned());
    }
    let pairs = asked.uri.query()?.split('&');
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
    /// Condition keys of S3's own.
    pub keys: Vec<(String, String)>,
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
        let (resource, owner, document, region) = match bucket {
            None => ("*".to_owned(), own.to_owned(), None, None),
            Some(bucket) => {
                let row = store.index.bucket(bucket)?;
                let resource = match key {
                    Some(key) => format!("arn:aws:s3:::{bucket}/{key}"),
                    None => format!("arn:aws:s3:::{bucket}"),
                };
                match row {
                    Some(row) if action != "s3:CreateBucket" => {
                        region::check_bucket(&self.origin, bucket, &row.region)?;
                        if policy::is_restricted(&row) && own != row.owner {
                            return Err(refuse(
                                "AccessDenied",
                                403,
                                "because public access is prevented by the RestrictPublicBuckets setting in S3 Block Public Access.",
                            ));
                        }
                        (resource, row.owner, row.policy, Some(row.region))
                    }
                    // One of which nothing is kept here is the caller's own, as far as policies of the account go.
                    None if store.elsewhere.is_some() && self.key.is_some() => {
                        (resource, own.to_owned(), None, None)
                    }
                    None if action != "s3:CreateBucket" && self.key.is_some() => {
                        return Err(no_such_bucket());
                    }
                    None if self.key.is_none() => {
                        return Err(refuse("AccessDenied", 403, "Access Denied"));
                    }
                    Some(_) | None => (resource, own.to_owned(), None, None),
                }
            }
        };
        let ask = Ask {
            origin: &self.origin,
            caller: self.key.as_ref(),
            region: region.as_deref(),
            action,
            resource: &resource,
            owner: &owner,
            resource_policy: document.as_deref(),
            keys: &self.keys,
        };
        self.gatekeeper
            .judge(ask)
            .map_err(|denied| -> S3Error { refuse("AccessDenied", 403, denied.message) })
    }
}

/// The permission that an operation needs (service authorization reference, Amazon S3).
fn action(operation: &str, of_version: bool) -> &'static str {
    match operation {
        "GetObject" | "HeadObject" if of_version => "s3:GetObjectVersion",
        "DeleteObject" if of_version => "s3:DeleteObjectVersion",
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
        "PutPublicAccessBlock" | "DeletePublicAccessBlock" => "s3:PutBucketPublicAccessBlock",
        "GetPublicAccessBlock" => "s3:GetBucketPublicAccessBlock",
        "GetBucketOwnershipControls" => "s3:GetBucketOwnershipControls",
        "GetObject" | "HeadObject" | "GetObjectAttributes" => "s3:GetObject",
        "GetObjectTagging" => "s3:GetObjectTagging",
        "GetObjectAcl" => "s3:GetObjectAcl",
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_names_a_bucket_or_none() {
        for (host, bucket) in [
            ("s3.us-east-1.amazonaws.com", None),
            ("mine.s3.us-east-1.amazonaws.com:443", Some("mine")),
            ("my.dotted.s3.us-east-1.amazonaws.com", Some("my.dotted")),
            ("127.0.0.1:4566", None),
            ("vpce-0a-x.s3.us-east-1.vpce.amazonaws.com", None),
            ("bucket.vpce-0a-x.s3.us-east-1.vpce.amazonaws.com", None),
            ("control.vpce-0a-x.s3.us-east-1.vpce.amazonaws.com", None),
            (
                "mine.bucket.vpce-0a-x.s3.us-east-1.vpce.amazonaws.com",
                Some("mine"),
            ),
            (
                "my.dotted.bucket.vpce-0a-x.s3.us-east-1.vpce.amazonaws.com",
                Some("my.dotted"),
            ),
            ("vpce.amazonaws.com", None),
            (".vpce.amazonaws.com", None),
        ] {
            let parsed = Hosts.parse_host_header(host).unwrap();
            assert_eq!(parsed.bucket(), bucket, "{host}");
        }
    }
}
