//! What a request asks for, told by its method, its place and its query alone: what is handed on need not be known here.

use http::{HeaderMap, Method, Uri};
use percent_encoding::percent_decode_str;
use s3s::S3Result;
use s3s::host::S3Host;

use crate::s3::access::{Hosts, parameters};
use crate::s3::refuse::refuse;

/// What a request is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    Account,
    Bucket(String),
    Object(String, String),
}

impl Place {
    /// By the host's name, if it names a bucket, and the path.
    ///
    /// # Errors
    /// `InvalidURI`
    pub fn of(headers: &HeaderMap, uri: &Uri) -> S3Result<Place> {
        let bad = || refuse("InvalidURI", 400, "Couldn't parse the specified URI.");
        let path = percent_decode_str(uri.path()).decode_utf8();
        let path = path.map_err(|_| bad())?.into_owned();
        let path = path.strip_prefix('/').ok_or_else(bad)?;
        let host = headers.get("host").and_then(|host| host.to_str().ok());
        let named = Hosts.parse_host_header(host.unwrap_or_default())?;
        Ok(match named.bucket() {
            Some(bucket) => Place::within(bucket, path),
            None => match path.split_once('/') {
                Some((bucket, key)) => Place::within(bucket, key),
                None if path.is_empty() => Place::Account,
                None => Place::within(path, ""),
            },
        })
    }

    fn within(bucket: &str, key: &str) -> Place {
        match key {
            "" => Place::Bucket(bucket.to_owned()),
            key => Place::Object(bucket.to_owned(), key.to_owned()),
        }
    }

    pub fn bucket(&self) -> Option<&str> {
        match self {
            Place::Account => None,
            Place::Bucket(bucket) | Place::Object(bucket, _) => Some(bucket),
        }
    }

    pub fn key(&self) -> Option<&str> {
        match self {
            Place::Account | Place::Bucket(_) => None,
            Place::Object(_, key) => Some(key),
        }
    }
}

/// What a bucket's shell keeps here, whoever keeps what is in it: policies decide who may do what, and that is decided here.
const KEPT_HERE: [&str; 3] = ["policy", "policyStatus", "publicAccessBlock"];

/// Whether a request is about something that is kept here.
pub fn is_kept_here(place: &Place, uri: &Uri) -> bool {
    let names = |kept: &str| parameters(uri).any(|(name, _)| name == kept);
    matches!(place, Place::Bucket(_)) && KEPT_HERE.into_iter().any(names)
}

/// The permission that a request needs (service authorization reference, Amazon S3). What is not listed may be done by whom
/// everything is allowed.
pub fn action(method: &Method, place: &Place, uri: &Uri) -> &'static str {
    let has = |wanted: &str| parameters(uri).any(|(name, _)| name == wanted);
    if is_ambiguous(place, uri) {
        return "s3:*";
    }
    let reads = matches!(*method, Method::GET | Method::HEAD);
    match place {
        Place::Account if reads => "s3:ListAllMyBuckets",
        Place::Account => "s3:*",
        Place::Bucket(_) => {
            let row = OF_BUCKETS.iter().find(|(name, ..)| has(name));
            match (row, method) {
                (Some((_, read, _)), _) if reads => read,
                (Some((_, _, write)), &Method::PUT | &Method::DELETE) => write,
                (Some(_), _) => "s3:*",
                (None, _) if reads => "s3:ListBucket",
                (None, &Method::PUT) => "s3:CreateBucket",
                (None, &Method::DELETE) => "s3:DeleteBucket",
                (None, _) => "s3:*",
            }
        }
        Place::Object(..) => {
            let row = OF_OBJECTS.iter().find(|(name, ..)| has(name));
            let of_version = has("versionId");
            match (row, method) {
                (Some((_, read, ..)), _) if reads => read,
                (Some((_, _, write, _)), &Method::PUT | &Method::POST) => write,
                (Some((.., delete)), &Method::DELETE) => delete,
                (None, _) if reads && of_version => "s3:GetObjectVersion",
                (None, _) if reads => "s3:GetObject",
                (None, &Method::PUT) => "s3:PutObject",
                (None, &Method::DELETE) if of_version => "s3:DeleteObjectVersion",
                (None, &Method::DELETE) => "s3:DeleteObject",
                (Some(_) | None, _) => "s3:*",
            }
        }
    }
}

/// Whether another reader of the query may take a request for something else: it names several things, or one without a value
/// that is not known here.
fn is_ambiguous(place: &Place, uri: &Uri) -> bool {
    const MAY_BE_EMPTY: [&str; 10] = [
        "",
        "continuation-token",
        "delete",
        "delimiter",
        "encoding-type",
        "key-marker",
        "marker",
        "prefix",
        "start-after",
        "upload-id-marker",
    ];
    let is_known = |wanted: &str| match place {
        Place::Account => false,
        Place::Bucket(_) => OF_BUCKETS.iter().any(|(name, ..)| *name == wanted),
        Place::Object(..) => OF_OBJECTS.iter().any(|(name, ..)| *name == wanted),
    };
    let named = parameters(uri).filter(|(name, _)| is_known(name)).count();
    let is_odd = |(name, value): (String, String)| {
        value.is_empty() && !is_known(&name) && !MAY_BE_EMPTY.contains(&name.as_str())
    };
    named > 1 || parameters(uri).any(is_odd)
}

/// Parameter of the query, what reading needs, and what changing and deleting does.
const OF_BUCKETS: [(&str, &str, &str); 19] = [
    (
        "accelerate",
        "s3:GetAccelerateConfiguration",
        "s3:PutAccelerateConfiguration",
    ),
    ("acl", "s3:GetBucketAcl", "s3:PutBucketAcl"),
    (
        "analytics",
        "s3:GetAnalyticsConfiguration",
        "s3:PutAnalyticsConfiguration",
    ),
    ("cors", "s3:GetBucketCORS", "s3:PutBucketCORS"),
    (
        "encryption",
        "s3:GetEncryptionConfiguration",
        "s3:PutEncryptionConfiguration",
    ),
    (
        "inventory",
        "s3:GetInventoryConfiguration",
        "s3:PutInventoryConfiguration",
    ),
    (
        "lifecycle",
        "s3:GetLifecycleConfiguration",
        "s3:PutLifecycleConfiguration",
    ),
    ("location", "s3:GetBucketLocation", "s3:*"),
    ("logging", "s3:GetBucketLogging", "s3:PutBucketLogging"),
    (
        "notification",
        "s3:GetBucketNotification",
        "s3:PutBucketNotification",
    ),
    (
        "object-lock",
        "s3:GetBucketObjectLockConfiguration",
        "s3:PutBucketObjectLockConfiguration",
    ),
    (
        "ownershipControls",
        "s3:GetBucketOwnershipControls",
        "s3:PutBucketOwnershipControls",
    ),
    (
        "replication",
        "s3:GetReplicationConfiguration",
        "s3:PutReplicationConfiguration",
    ),
    (
        "requestPayment",
        "s3:GetBucketRequestPayment",
        "s3:PutBucketRequestPayment",
    ),
    ("tagging", "s3:GetBucketTagging", "s3:PutBucketTagging"),
    ("uploads", "s3:ListBucketMultipartUploads", "s3:*"),
    (
        "versioning",
        "s3:GetBucketVersioning",
        "s3:PutBucketVersioning",
    ),
    ("versions", "s3:ListBucketVersions", "s3:*"),
    ("website", "s3:GetBucketWebsite", "s3:PutBucketWebsite"),
];

/// Parameter of the query, what reading needs, what changing does, and what deleting does.
const OF_OBJECTS: [(&str, &str, &str, &str); 10] = [
    ("acl", "s3:GetObjectAcl", "s3:PutObjectAcl", "s3:*"),
    ("attributes", "s3:GetObject", "s3:*", "s3:*"),
    (
        "legal-hold",
        "s3:GetObjectLegalHold",
        "s3:PutObjectLegalHold",
        "s3:*",
    ),
    ("restore", "s3:*", "s3:RestoreObject", "s3:*"),
    (
        "retention",
        "s3:GetObjectRetention",
        "s3:PutObjectRetention",
        "s3:*",
    ),
    ("select", "s3:*", "s3:GetObject", "s3:*"),
    (
        "tagging",
        "s3:GetObjectTagging",
        "s3:PutObjectTagging",
        "s3:DeleteObjectTagging",
    ),
    ("torrent", "s3:GetObjectTorrent", "s3:*", "s3:*"),
    (
        "uploadId",
        "s3:ListMultipartUploadParts",
        "s3:PutObject",
        "s3:AbortMultipartUpload",
    ),
    ("uploads", "s3:*", "s3:PutObject", "s3:*"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn asks(method: &str, host: &str, uri: &str) -> (Place, &'static str) {
        let host = http::HeaderValue::from_str(host).unwrap();
        let headers = HeaderMap::from_iter([(http::header::HOST, host)]);
        let uri: Uri = uri.parse().unwrap();
        let place = Place::of(&headers, &uri).unwrap();
        let action = action(&method.parse().unwrap(), &place, &uri);
        (place, action)
    }

    #[test]
    fn method_place_and_query_tell_the_permission() {
        for (method, uri, wanted) in [
            ("GET", "/", "s3:ListAllMyBuckets"),
            ("GET", "/b", "s3:ListBucket"),
            ("HEAD", "/b/", "s3:ListBucket"),
            ("GET", "/b?list-type=2&prefix=acl", "s3:ListBucket"),
            ("GET", "/b?versions", "s3:ListBucketVersions"),
            ("PUT", "/b", "s3:CreateBucket"),
            ("PUT", "/b?versioning", "s3:PutBucketVersioning"),
            ("DELETE", "/b?cors=", "s3:PutBucketCORS"),
            ("DELETE", "/b", "s3:DeleteBucket"),
            ("POST", "/b?uploads", "s3:*"),
            ("PUT", "/b?location", "s3:*"),
            ("GET", "/b/k", "s3:GetObject"),
            ("GET", "/b/k?versionId=1", "s3:GetObjectVersion"),
            ("PUT", "/b/k", "s3:PutObject"),
            ("PUT", "/b/k?tagging", "s3:PutObjectTagging"),
            ("POST", "/b/k?uploads", "s3:PutObject"),
            ("POST", "/b/k?uploadId=1", "s3:PutObject"),
            ("PUT", "/b/k?partNumber=1&uploadId=1", "s3:PutObject"),
            ("GET", "/b/k?uploadId=1", "s3:ListMultipartUploadParts"),
            ("DELETE", "/b/k?uploadId=1", "s3:AbortMultipartUpload"),
            ("DELETE", "/b/k?versionId=1", "s3:DeleteObjectVersion"),
            ("DELETE", "/b/k", "s3:DeleteObject"),
            ("POST", "/b/k", "s3:*"),
            ("GET", "/b?prefix=&delimiter=", "s3:ListBucket"),
            ("PUT", "/b/k?acl&tagging", "s3:*"),
            ("GET", "/b/k?uploadId=1&tagging", "s3:*"),
            ("GET", "/b?intelligent", "s3:*"),
        ] {
            assert_eq!(asks(method, "localhost", uri).1, wanted, "{method} {uri}");
        }
    }

    #[test]
    fn hosts_and_paths_name_buckets_and_keys() {
        let object = |bucket: &str, key: &str| Place::Object(bucket.to_owned(), key.to_owned());
        for (host, uri, wanted) in [
            ("127.0.0.1:4566", "/b/a%2Fb%20c//d", object("b", "a/b c//d")),
            ("b.s3.us-east-1.amazonaws.com", "/k/l", object("b", "k/l")),
            (
                "b.s3.amazonaws.com",
                "/?uploads",
                Place::Bucket("b".to_owned()),
            ),
            (
                "s3.us-east-1.amazonaws.com",
                "/b/",
                Place::Bucket("b".to_owned()),
            ),
        ] {
            assert_eq!(asks("GET", host, uri).0, wanted, "{host} {uri}");
        }
    }

    #[test]
    fn only_a_buckets_own_policies_are_kept_here() {
        for (uri, kept) in [
            ("/b?policy", true),
            ("/b?policyStatus", true),
            ("/b?publicAccessBlock=", true),
            ("/b?prefix=policy", false),
            ("/b/k?policy", false),
            ("/b", false),
        ] {
            let uri: Uri = uri.parse().unwrap();
            let place = Place::of(&HeaderMap::new(), &uri).unwrap();
            assert_eq!(is_kept_here(&place, &uri), kept, "{uri}");
        }
    }
}
