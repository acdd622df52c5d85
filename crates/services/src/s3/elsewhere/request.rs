//! What of a request is handed on, and what it names beside its place.

use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use s3s::S3Result;
use s3s::dto::Delete;
use s3s::xml::{Deserialize, Deserializer};

use crate::s3::access::parameters;
use crate::s3::refuse::refuse;

/// All but what RFC 3986 §2.3 leaves plain.
pub const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');
pub const ESCAPED_IN_PATHS: &AsciiSet = &ESCAPED.remove(b'/');

/// Of this hop alone (RFC 9110 §7.6.1), or of a signature that is made anew.
pub const NOT_PASSED_ON: [&str; 17] = [
    "authorization",
    "connection",
    "date",
    "expect",
    "host",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "x-amz-content-sha256",
    "x-amz-date",
    "x-amz-decoded-content-length",
    // Owners are known here.
    "x-amz-expected-bucket-owner",
    "x-amz-security-token",
];

/// The query in its canonical form, without the signature that may be in it.
pub fn query(uri: &Uri) -> String {
    const OF_SIGNATURES: [&str; 10] = [
        "AWSAccessKeyId",
        "Expires",
        "Signature",
        "X-Amz-Algorithm",
        "X-Amz-Credential",
        "X-Amz-Date",
        "X-Amz-Expires",
        "X-Amz-Security-Token",
        "X-Amz-Signature",
        "X-Amz-SignedHeaders",
    ];
    let stays = |(name, _): &(String, String)| {
        !name.is_empty() && !OF_SIGNATURES.iter().any(|of| name.eq_ignore_ascii_case(of))
    };
    let escape = |text: &str| utf8_percent_encode(text, ESCAPED).to_string();
    let pairs = parameters(uri).filter(stays);
    let mut pairs: Vec<(String, String)> = pairs
        .map(|(name, value)| (escape(&name), escape(&value)))
        .collect();
    pairs.sort();
    let pairs: Vec<String> = pairs
        .into_iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    pairs.join("&")
}

/// What is passed on of a request's head.
///
/// # Errors
/// `MissingContentLength`
pub fn headers(of: &HeaderMap, method: &Method) -> S3Result<HeaderMap> {
    let is_chunked = of.contains_key("transfer-encoding");
    let mut headers = of.clone();
    let has_trailer = headers.remove("x-amz-trailer").is_some();
    for name in NOT_PASSED_ON {
        headers.remove(name);
    }
    if has_trailer {
        // Checked here; there it would be a name without a value.
        headers.remove("x-amz-sdk-checksum-algorithm");
    }
    let encodings = headers
        .get("content-encoding")
        .and_then(|value| value.to_str().ok());
    if let Some(encodings) = encodings {
        let kept = encodings.split(',').map(str::trim);
        let kept: Vec<&str> = kept.filter(|coding| *coding != "aws-chunked").collect();
        let kept = kept.join(",");
        headers.remove("content-encoding");
        if let Some(kept) = Some(kept).filter(|kept| !kept.is_empty())
            && let Ok(value) = HeaderValue::from_str(&kept)
        {
            headers.insert("content-encoding", value);
        }
    }
    let has_body = matches!(*method, Method::PUT | Method::POST);
    if has_body && !headers.contains_key("content-length") {
        if is_chunked {
            return Err(refuse(
                "MissingContentLength",
                411,
                "You must provide the Content-Length HTTP header.",
            ));
        }
        headers.insert(HeaderName::from_static("content-length"), 0.into());
    }
    Ok(headers)
}

/// What a copy is of, and what reading it needs.
pub fn source_of(source: &HeaderValue) -> Option<(String, String, &'static str)> {
    let source = source.to_str().ok()?;
    let (path, action) = match source.split_once("?versionId=") {
        Some((path, _)) => (path, "s3:GetObjectVersion"),
        None => (source, "s3:GetObject"),
    };
    let path = percent_decode_str(path).decode_utf8().ok()?;
    let (bucket, key) = path.trim_start_matches('/').split_once('/')?;
    (!key.is_empty()).then(|| (bucket.to_owned(), key.to_owned(), action))
}

/// The keys that a list says, and what deleting each needs.
pub fn keys(list: &[u8]) -> S3Result<Vec<(String, &'static str)>> {
    let mut reader = Deserializer::new(list);
    let list = Delete::deserialize(&mut reader)
        .and_then(|list| reader.expect_eof().map(|()| list))
        .map_err(|_| {
            refuse(
                "MalformedXML",
                400,
                "The XML you provided was not well-formed or did not validate against our published schema",
            )
        })?;
    let keys = list.objects.into_iter().map(|object| {
        let action = match object.version_id {
            Some(_) => "s3:DeleteObjectVersion",
            None => "s3:DeleteObject",
        };
        (object.key, action)
    });
    Ok(keys.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_passed_on_without_its_signature() {
        let of = |uri: &str| query(&uri.parse().unwrap());
        assert_eq!(of("/b/k"), "");
        assert_eq!(of("/b/k?uploads"), "uploads=");
        assert_eq!(
            of("/b?prefix=a/b%20c&list-type=2"),
            "list-type=2&prefix=a%2Fb%20c"
        );
        let presigned = "/b/k?X-Amz-Algorithm=A&X-Amz-Credential=c&X-Amz-Date=d&X-Amz-Expires=9\
            &X-Amz-Security-Token=t&X-Amz-SignedHeaders=host&x-id=GetObject&X-Amz-Signature=s";
        assert_eq!(of(presigned), "x-id=GetObject");
    }

    #[test]
    fn of_a_head_what_concerns_the_object_is_passed_on() {
        let mut of = HeaderMap::new();
        for (name, value) in [
            ("authorization", "AWS4-HMAC-SHA256 …"),
            ("content-encoding", "aws-chunked, gzip"),
            ("content-length", "5"),
            ("content-type", "text/plain"),
            ("expect", "100-continue"),
            ("host", "b.s3.us-east-1.amazonaws.com"),
            ("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
            ("x-amz-date", "20250102T030500Z"),
            ("x-amz-decoded-content-length", "5"),
            ("x-amz-meta-a", "b"),
            ("x-amz-sdk-checksum-algorithm", "CRC32"),
            ("x-amz-trailer", "x-amz-checksum-crc32"),
        ] {
            let value = HeaderValue::from_bytes(value.as_bytes()).unwrap();
            of.insert(name, value);
        }
        let passed = headers(&of, &Method::PUT).unwrap();
        let mut passed: Vec<String> = passed
            .iter()
            .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
            .collect();
        passed.sort();
        assert_eq!(
            passed,
            [
                "content-encoding: gzip",
                "content-length: 5",
                "content-type: text/plain",
                "x-amz-meta-a: b"
            ]
        );
        let none = HeaderMap::new();
        assert_eq!(headers(&none, &Method::PUT).unwrap()["content-length"], "0");
        assert!(headers(&none, &Method::GET).unwrap().is_empty());
    }

    #[test]
    fn a_copys_source_is_told() {
        let of = |text: &'static str| source_of(&HeaderValue::from_static(text));
        let told =
            |bucket: &str, key: &str, action| Some((bucket.to_owned(), key.to_owned(), action));
        assert_eq!(of("/b/a%20b/c"), told("b", "a b/c", "s3:GetObject"));
        assert_eq!(of("b/k?versionId=7"), told("b", "k", "s3:GetObjectVersion"));
        assert_eq!(of("/b"), None);
    }
}
