//! What a write says of its object beside the bytes: headers that are kept, and wishes, which are refused where they are
//! not fulfilled.

use s3s::S3Result;
use s3s::dto::{Timestamp, TimestampFormat};

use super::index::Headers;
use super::refuse::refuse;

/// Metadata is limited to 2 KB (user guide, "Working with object metadata").
pub fn checked(headers: Headers) -> S3Result<Headers> {
    let len: usize = headers
        .metadata
        .iter()
        .map(|(name, value)| name.len() + value.len())
        .sum();
    match len > 2048 {
        true => Err(refuse(
            "MetadataTooLarge",
            400,
            "Your metadata headers exceed the maximum allowed metadata size",
        )),
        false => Ok(headers),
    }
}

/// `Expires`, as it is kept.
pub fn http_date(at: &Timestamp) -> Option<String> {
    let mut text = Vec::new();
    at.format(TimestampFormat::HttpDate, &mut text).ok()?;
    String::from_utf8(text).ok()
}

/// Undoes [`http_date`].
pub fn read_http_date(text: &str) -> Option<Timestamp> {
    Timestamp::parse(TimestampFormat::HttpDate, text).ok()
}

/// The stored headers of any input that creates an object.
macro_rules! headers {
    ($input:expr) => {
        $crate::s3::index::Headers {
            content_type: $input.content_type.take(),
            content_encoding: $input.content_encoding.take(),
            content_language: $input.content_language.take(),
            content_disposition: $input.content_disposition.take(),
            cache_control: $input.cache_control.take(),
            expires: $input
                .expires
                .as_ref()
                .and_then($crate::s3::headers::http_date),
            metadata: $input
                .metadata
                .take()
                .unwrap_or_default()
                .into_iter()
                .collect(),
        }
    };
}
pub(crate) use headers;

/// What a write may wish for its object.
#[derive(Default)]
pub struct Wishes<'a> {
    pub acl: Option<&'a str>,
    pub grants: bool,
    pub encryption: Option<&'a str>,
    pub storage_class: Option<&'a str>,
    /// Tags, locks, redirects, keys of the customer.
    pub others: bool,
}

impl Wishes<'_> {
    /// Refuses what would otherwise be pretended.
    ///
    /// # Errors
    /// `AccessControlListNotSupported`: objects are the bucket owner's alone; `InvalidStorageClass`, `NotImplemented`.
    pub fn check(&self) -> S3Result<()> {
        let owners = [None, Some("private"), Some("bucket-owner-full-control")];
        if self.grants || !owners.contains(&self.acl) {
            return Err(refuse(
                "AccessControlListNotSupported",
                400,
                "The bucket does not allow ACLs",
            ));
        }
        let not_built = |what: &str| {
            Err(refuse(
                "NotImplemented",
                501,
                format!(
                    "A header you provided implies functionality that is not implemented: {what}"
                ),
            ))
        };
        match (self.encryption, self.storage_class) {
            _ if self.others => not_built("object tags, locks, redirects and keys of the customer"),
            (Some(other), _) if other != "AES256" => {
                not_built("encryption by other keys than S3's")
            }
            (_, Some(other)) if other != "STANDARD" => match STORAGE_CLASSES.contains(&other) {
                true => not_built("storage classes other than STANDARD"),
                false => Err(refuse(
                    "InvalidStorageClass",
                    400,
                    "The storage class you specified is not valid",
                )),
            },
            _ => Ok(()),
        }
    }
}

/// S3 API reference, PutObject, `x-amz-storage-class`.
const STORAGE_CLASSES: [&str; 9] = [
    "DEEP_ARCHIVE",
    "EXPRESS_ONEZONE",
    "GLACIER",
    "GLACIER_IR",
    "INTELLIGENT_TIERING",
    "ONEZONE_IA",
    "OUTPOSTS",
    "REDUCED_REDUNDANCY",
    "STANDARD_IA",
];

/// The wishes in any input that creates an object.
macro_rules! wishes {
    ($input:expr) => {
        $crate::s3::headers::Wishes {
            acl: $input.acl.as_ref().map(|acl| acl.as_str()),
            grants: $input.grant_full_control.is_some()
                || $input.grant_read.is_some()
                || $input.grant_read_acp.is_some()
                || $input.grant_write_acp.is_some(),
            encryption: $input
                .server_side_encryption
                .as_ref()
                .map(|kind| kind.as_str()),
            storage_class: $input.storage_class.as_ref().map(|class| class.as_str()),
            others: $input.tagging.is_some()
                || $input.sse_customer_algorithm.is_some()
                || $input.ssekms_key_id.is_some()
                || $input.object_lock_mode.is_some()
                || $input.object_lock_legal_hold_status.is_some()
                || $input.website_redirect_location.is_some(),
        }
    };
}
pub(crate) use wishes;
