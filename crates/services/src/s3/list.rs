//! Lists: keys in the order of their bytes, by prefix and delimiter, a page at a time.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use s3s::S3Result;
use s3s::dto::*;

use super::buckets::owner;
use super::index::{ObjectRow, Walk};
use super::objects::{NULL_VERSION, blocking, etag};
use super::refuse::invalid_argument;
use super::{S3, timestamp};

const PAGE_LEN_MAX: i32 = 1000;
/// What `encoding-type=url` leaves as it is.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'*')
    .remove(b'/');

/// What to list.
pub struct Query<'a> {
    pub bucket: &'a str,
    pub prefix: &'a str,
    pub delimiter: &'a str,
    /// Keys and prefixes up to and with this one were shown already.
    pub after: &'a str,
    pub max: usize,
}

#[derive(Default)]
pub struct Page {
    /// The bucket's, and so every object's.
    pub owner: String,
    pub objects: Vec<(String, ObjectRow)>,
    pub prefixes: Vec<String>,
    /// The last thing shown, when there is more.
    pub next: Option<String>,
}

/// The least byte string above all that begin with `prefix`.
fn beyond(prefix: &str) -> Vec<u8> {
    // UTF-8 has no byte 0xff.
    [prefix.as_bytes(), b"\xff"].concat()
}

impl S3 {
    pub fn page(&self, query: &Query) -> S3Result<Page> {
        let mut page = Page {
            owner: self.bucket_row(query.bucket)?.owner,
            ..Page::default()
        };
        if query.max == 0 {
            return Ok(page);
        }
        let skipped = !query.delimiter.is_empty()
            && query.after.starts_with(query.prefix)
            && query.after[query.prefix.len()..].ends_with(query.delimiter);
        let after = match skipped {
            true => beyond(query.after),
            false => [query.after.as_bytes(), b"\0"].concat(),
        };
        let from = match query.after.is_empty() {
            true => query.prefix.as_bytes().to_vec(),
            false => after.max(query.prefix.as_bytes().to_vec()),
        };
        let mut last = String::new();
        blocking(|| {
            self.store.index.walk(query.bucket, from, |key, row| {
                let key = String::from_utf8_lossy(key);
                let Some(rest) = key.strip_prefix(query.prefix) else {
                    return Ok(Walk::End);
                };
                if page.objects.len() + page.prefixes.len() == query.max {
                    page.next = Some(last.clone());
                    return Ok(Walk::End);
                }
                if !query.delimiter.is_empty()
                    && let Some(at) = rest.find(query.delimiter)
                {
                    let common = &key[..query.prefix.len() + at + query.delimiter.len()];
                    last = common.to_owned();
                    page.prefixes.push(common.to_owned());
                    return Ok(Walk::Seek(beyond(common)));
                }
                last = key.to_string();
                page.objects
                    .push((key.into_owned(), serde_json::from_slice(row)?));
                Ok(Walk::Next)
            })
        })?;
        Ok(page)
    }

    pub fn list_v2(&self, input: ListObjectsV2Input) -> S3Result<ListObjectsV2Output> {
        let max = limit(input.max_keys)?;
        let encode = encoder(input.encoding_type.as_ref())?;
        let token = input
            .continuation_token
            .as_deref()
            .map(read_token)
            .transpose()?;
        let page = self.page(&Query {
            bucket: &input.bucket,
            prefix: input.prefix.as_deref().unwrap_or_default(),
            delimiter: input.delimiter.as_deref().unwrap_or_default(),
            after: token
                .as_deref()
                .or(input.start_after.as_deref())
                .unwrap_or_default(),
            max,
        })?;
        let owner = (input.fetch_owner == Some(true)).then(|| owner(&page.owner));
        Ok(ListObjectsV2Output {
            name: Some(input.bucket),
            prefix: Some(encode(input.prefix.as_deref().unwrap_or_default())),
            max_keys: Some(max as i32),
            key_count: Some((page.objects.len() + page.prefixes.len()) as i32),
            continuation_token: input.continuation_token,
            is_truncated: Some(page.next.is_some()),
            next_continuation_token: page.next.as_deref().map(token_of),
            contents: Some(contents(page.objects, owner.as_ref(), encode)),
            common_prefixes: Some(prefixes(page.prefixes, encode)),
            delimiter: input.delimiter.as_deref().map(encode),
            encoding_type: input.encoding_type,
            start_after: input.start_after.as_deref().map(encode),
            request_charged: None,
        })
    }

    pub fn list_v1(&self, input: ListObjectsInput) -> S3Result<ListObjectsOutput> {
        let max = limit(input.max_keys)?;
        let encode = encoder(input.encoding_type.as_ref())?;
        let page = self.page(&Query {
            bucket: &input.bucket,
            prefix: input.prefix.as_deref().unwrap_or_default(),
            delimiter: input.delimiter.as_deref().unwrap_or_default(),
            after: input.marker.as_deref().unwrap_or_default(),
            max,
        })?;
        let owner = owner(&page.owner);
        Ok(ListObjectsOutput {
            name: Some(input.bucket),
            prefix: Some(encode(input.prefix.as_deref().unwrap_or_default())),
            marker: Some(encode(input.marker.as_deref().unwrap_or_default())),
            max_keys: Some(max as i32),
            is_truncated: Some(page.next.is_some()),
            next_marker: page.next.as_deref().map(encode),
            contents: Some(contents(page.objects, Some(&owner), encode)),
            common_prefixes: Some(prefixes(page.prefixes, encode)),
            delimiter: input.delimiter.as_deref().map(encode),
            encoding_type: input.encoding_type,
            request_charged: None,
        })
    }

    /// Of a bucket without versioning every object is its own latest version, `null` (S3 API reference, ListObjectVersions).
    pub fn list_versions(
        &self,
        input: ListObjectVersionsInput,
    ) -> S3Result<ListObjectVersionsOutput> {
        let max = limit(input.max_keys)?;
        let encode = encoder(input.encoding_type.as_ref())?;
        if input.version_id_marker.is_some() && input.key_marker.is_none() {
            return Err(invalid_argument(
                "A version-id marker cannot be specified without a key marker.",
            ));
        }
        let page = self.page(&Query {
            bucket: &input.bucket,
            prefix: input.prefix.as_deref().unwrap_or_default(),
            delimiter: input.delimiter.as_deref().unwrap_or_default(),
            after: input.key_marker.as_deref().unwrap_or_default(),
            max,
        })?;
        let ends_in_object = page.objects.last().map(|(key, _)| key) == page.next.as_ref();
        let owner = owner(&page.owner);
        Ok(ListObjectVersionsOutput {
            name: Some(input.bucket),
            prefix: Some(encode(input.prefix.as_deref().unwrap_or_default())),
            key_marker: Some(encode(input.key_marker.as_deref().unwrap_or_default())),
            version_id_marker: Some(input.version_id_marker.unwrap_or_default()),
            max_keys: Some(max as i32),
            is_truncated: Some(page.next.is_some()),
            next_key_marker: page.next.as_deref().map(encode),
            next_version_id_marker: (page.next.is_some() && ends_in_object)
                .then(|| NULL_VERSION.to_owned()),
            versions: Some(versions(page.objects, &owner, encode)),
            delete_markers: None,
            common_prefixes: Some(prefixes(page.prefixes, encode)),
            delimiter: input.delimiter.as_deref().map(encode),
            encoding_type: input.encoding_type,
            request_charged: None,
        })
    }
}

fn limit(max: Option<i32>) -> S3Result<usize> {
    let max = max.unwrap_or(PAGE_LEN_MAX).min(PAGE_LEN_MAX);
    usize::try_from(max).map_err(|_| {
        invalid_argument("Argument maxKeys must be an integer between 0 and 2147483647")
    })
}

type Encode = fn(&str) -> String;

fn encoder(kind: Option<&EncodingType>) -> S3Result<Encode> {
    match kind.map(EncodingType::as_str) {
        None => Ok(str::to_owned),
        Some("url") => Ok(|text| utf8_percent_encode(text, PLAIN).to_string()),
        Some(_) => Err(invalid_argument(
            "Invalid Encoding Method specified in Request",
        )),
    }
}

fn contents(
    objects: Vec<(String, ObjectRow)>,
    owner: Option<&Owner>,
    encode: Encode,
) -> Vec<Object> {
    objects
        .into_iter()
        .map(|(key, row)| Object {
            key: Some(encode(&key)),
            e_tag: Some(etag(&row)),
            last_modified: Some(timestamp(row.modified_ms)),
            size: Some(row.len as i64),
            storage_class: Some(ObjectStorageClass::from_static("STANDARD")),
            owner: owner.cloned(),
            ..Object::default()
        })
        .collect()
}

fn versions(
    objects: Vec<(String, ObjectRow)>,
    owner: &Owner,
    encode: Encode,
) -> Vec<ObjectVersion> {
    objects
        .into_iter()
        .map(|(key, row)| ObjectVersion {
            key: Some(encode(&key)),
            version_id: Some(NULL_VERSION.to_owned()),
            is_latest: Some(true),
            e_tag: Some(etag(&row)),
            last_modified: Some(timestamp(row.modified_ms)),
            size: Some(row.len as i64),
            storage_class: Some(ObjectVersionStorageClass::from_static("STANDARD")),
            owner: Some(owner.clone()),
            ..ObjectVersion::default()
        })
        .collect()
}

fn prefixes(found: Vec<String>, encode: Encode) -> Vec<CommonPrefix> {
    found
        .into_iter()
        .map(|prefix| CommonPrefix {
            prefix: Some(encode(&prefix)),
        })
        .collect()
}

/// Opaque to callers, and safe in XML and in a query.
fn token_of(after: &str) -> String {
    super::body::hex(after.as_bytes())
}

fn read_token(token: &str) -> S3Result<String> {
    let bad = || invalid_argument("The continuation token provided is incorrect");
    if token.is_empty() || !token.len().is_multiple_of(2) || token.len() > 2 * 1024 {
        return Err(bad());
    }
    let bytes = super::objects::unhex(token).map_err(|_| bad())?;
    String::from_utf8(bytes).map_err(|_| bad())
}
