//! An S3 elsewhere that keeps what is in buckets (`openvpc up --service s3=http://…`).
//!
//! Who signs is proved here, and who may is decided here: by identity policies, those of endpoints, and the policies of
//! buckets, which with a bucket's owner and what keeps it from the public stay here too. What may be done is asked of the other
//! S3 in path style, signed anew with a key that it is given for this, or with the caller's own: so it must know either. Its
//! answer comes back as it is.

mod exchange;
mod permission;
mod sign;

use std::mem::take;
use std::sync::Arc;

use chrono::Utc;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, Uri};
use http_body_util::{BodyExt, Limited};
use hyper::body::{Bytes, Incoming};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use s3s::dto::Delete;
use s3s::route::S3Route;
use s3s::xml::{Deserialize, Deserializer};
use s3s::{Body, S3Request, S3Response, S3Result};

use super::access::{Asked, Caller, Doorman, parameters};
use super::body::{Claims, announced};
use super::refuse::{invalid_argument, refuse};
use super::service_put::{ServicePut, ServicePutError};
use crate::Origin;
use exchange::{exchange, passed_on};
use permission::{Place, action, is_kept_here};

pub use sign::SigningKey;

/// All but what RFC 3986 §2.3 leaves plain.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');
const ESCAPED_IN_PATHS: &AsciiSet = &ESCAPED.remove(b'/');

/// A list of keys to delete: a thousand, of 1,024 bytes.
const LIST_LEN_MAX_BYTES: usize = 4 << 20;

/// Of this hop alone (RFC 9110 §7.6.1), or of a signature that is made anew.
const NOT_PASSED_ON: [&str; 17] = [
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

/// Where the other S3 is.
#[derive(Debug, Clone)]
pub struct Elsewhere {
    address: Arc<str>,
    /// What everything is signed with there; without it, callers' own keys.
    key: Option<SigningKey>,
}

/// Who signs there.
struct Signer {
    key: SigningKey,
    token: Option<HeaderValue>,
}

/// A request that may be handed on.
struct Asking<'a> {
    method: &'a Method,
    place: &'a Place,
    query: String,
    headers: HeaderMap,
    region: &'a str,
    signer: Option<Signer>,
}

impl Elsewhere {
    /// At `HOST:PORT`.
    pub fn at(address: &str, key: Option<SigningKey>) -> Elsewhere {
        Elsewhere {
            address: address.into(),
            key,
        }
    }

    async fn ask(
        &self,
        asking: Asking<'_>,
        body: Body,
        claims: Option<Claims>,
    ) -> S3Result<Response<Incoming>> {
        let mut head = self.head(&asking)?;
        if let Some(signer) = &asking.signer {
            if let Some(token) = &signer.token {
                head.headers.insert("x-amz-security-token", token.clone());
            }
            sign::sign(&mut head, &signer.key, asking.region, Utc::now());
        }
        exchange(&self.address, head, body, claims).await
    }

    fn head(&self, asking: &Asking) -> S3Result<Parts> {
        let mut path = "/".to_owned();
        if let Some(bucket) = asking.place.bucket() {
            path.extend(utf8_percent_encode(bucket, ESCAPED));
        }
        if let Some(key) = asking.place.key() {
            path.push('/');
            path.extend(utf8_percent_encode(key, ESCAPED_IN_PATHS));
        }
        if !asking.query.is_empty() {
            path = format!("{path}?{}", asking.query);
        }
        let request = Request::builder().method(asking.method).uri(path).body(());
        let request = request.map_err(|error| invalid_argument(error.to_string()))?;
        let (mut head, ()) = request.into_parts();
        head.headers = asking.headers.clone();
        let host = HeaderValue::from_str(&self.address);
        let host = host.map_err(|error| invalid_argument(error.to_string()))?;
        head.headers.insert("host", host);
        Ok(head)
    }

    /// Puts an object that a service of AWS writes. It has no key of its own: it is signed if there is one for everything.
    ///
    /// # Errors
    /// The other S3 refuses, or does not answer.
    pub async fn put(&self, put: &ServicePut<'_>) -> Result<(), ServicePutError> {
        let mut headers = HeaderMap::new();
        headers.insert("content-length", put.bytes.len().into());
        if let Ok(kind) = HeaderValue::from_str(put.content_type) {
            headers.insert("content-type", kind);
        }
        let asking = Asking {
            method: &Method::PUT,
            place: &Place::Object(put.bucket.to_owned(), put.key.to_owned()),
            query: String::new(),
            headers,
            region: "us-east-1",
            signer: self.signer(None),
        };
        let body = Body::from(Bytes::copy_from_slice(put.bytes));
        let answer = self.ask(asking, body, None).await;
        let answer = answer.map_err(|error| ServicePutError::Storage(error.to_string()))?;
        match answer.status().as_u16() {
            200..300 => Ok(()),
            403 => Err(ServicePutError::AccessDenied),
            404 => Err(ServicePutError::NoSuchBucket),
            status => Err(ServicePutError::Storage(format!(
                "the S3 elsewhere answers {status}"
            ))),
        }
    }

    /// Whether it has a bucket, asked for who signed a request here.
    pub async fn has_bucket(
        &self,
        bucket: &str,
        credentials: Option<&s3s::auth::Credentials>,
        headers: &HeaderMap,
    ) -> S3Result<bool> {
        let asking = Asking {
            method: &Method::HEAD,
            place: &Place::Bucket(bucket.to_owned()),
            query: String::new(),
            headers: HeaderMap::new(),
            region: "us-east-1",
            signer: self.signer(credentials.map(|signed| (signed, headers))),
        };
        let answer = self.ask(asking, Body::empty(), None).await?;
        Ok(answer.status().is_success())
    }

    fn signer(&self, caller: Option<(&s3s::auth::Credentials, &HeaderMap)>) -> Option<Signer> {
        if let Some(key) = self.key.clone() {
            return Some(Signer { key, token: None });
        }
        let (signed, headers) = caller?;
        Some(Signer {
            key: SigningKey {
                id: signed.access_key.clone(),
                secret: signed.secret_key.expose().to_owned(),
            },
            token: headers.get("x-amz-security-token").cloned(),
        })
    }
}

/// Takes requests that were signed well, and hands on what may be.
pub struct Route {
    pub doorman: Doorman,
    pub elsewhere: Elsewhere,
}

#[async_trait::async_trait]
impl S3Route for Route {
    fn is_match(
        &self,
        method: &Method,
        uri: &Uri,
        headers: &HeaderMap,
        _: &mut http::Extensions,
    ) -> bool {
        // A form has been read by now, and is not one to be handed on.
        let is_form = *method == Method::POST && super::form::is_form(headers);
        let place = Place::of(headers, uri);
        !is_form && place.is_ok_and(|place| !is_kept_here(&place, uri))
    }

    /// [`Route::call`] asks, which knows what about.
    async fn check_access(&self, _: &mut S3Request<Body>) -> S3Result<()> {
        Ok(())
    }

    async fn call(&self, mut request: S3Request<Body>) -> S3Result<S3Response<Body>> {
        let place = Place::of(&request.headers, &request.uri)?;
        let origin = request.extensions.get::<Origin>().cloned();
        let asked = Asked {
            operation: "",
            uri: &request.uri,
            headers: &request.headers,
            access_key: request
                .credentials
                .as_ref()
                .map(|signed| signed.access_key.as_str()),
            form: None,
        };
        let caller = self
            .doorman
            .admit(&asked, origin.unwrap_or_default(), place.bucket())?;
        let body = take(&mut request.input);
        let body = self.judge(&caller, &request, &place, body).await?;

        let region = request
            .region
            .as_ref()
            .map_or("us-east-1", |region| region.as_str());
        let announced = announced(&request.headers);
        let claims = announced.map(|algorithm| Claims {
            algorithm: Some(algorithm),
            trailers: request.trailing_headers.take(),
            ..Claims::default()
        });
        let credentials = request.credentials.as_ref();
        let asking = Asking {
            method: &request.method,
            place: &place,
            query: query(&request.uri),
            headers: headers(&request.headers, &request.method)?,
            region,
            signer: self
                .elsewhere
                .signer(credentials.map(|signed| (signed, &request.headers))),
        };
        let answer = self.elsewhere.ask(asking, body, claims).await?;
        let (head, body) = answer.into_parts();
        if head.status.is_success() {
            self.note(&caller, &request.method, &place, &request.uri, region)?;
        }
        let mut answer = S3Response::with_status(passed_on(body), head.status);
        answer.headers = head.headers;
        for name in NOT_PASSED_ON {
            answer.headers.remove(name);
        }
        Ok(answer)
    }
}

impl Route {
    /// Asks the policies, for all that the request is about. The body comes back, read or not.
    async fn judge(
        &self,
        caller: &Caller,
        request: &S3Request<Body>,
        place: &Place,
        body: Body,
    ) -> S3Result<Body> {
        let store = &self.doorman.store;
        let names_keys = request.method == Method::POST
            && matches!(place, Place::Bucket(_))
            && parameters(&request.uri).any(|(name, _)| name == "delete");
        if names_keys {
            caller.signed()?;
            let list = Limited::new(body, LIST_LEN_MAX_BYTES).collect().await;
            let list = list
                .map_err(|_| refuse("MalformedXML", 400, "The list of keys cannot be read"))?
                .to_bytes();
            for (key, action) in keys(&list)? {
                caller.may(store, action, place.bucket(), Some(&key))?;
            }
            return Ok(Body::from(list));
        }
        let action = action(&request.method, place, &request.uri);
        caller.may(store, action, place.bucket(), place.key())?;
        for source in request.headers.get_all("x-amz-copy-source") {
            let (bucket, key, action) = source_of(source).ok_or_else(|| {
                invalid_argument("Copy Source must mention the source bucket and key")
            })?;
            caller.may(store, action, Some(&bucket), Some(&key))?;
        }
        if action == "s3:CreateBucket"
            && let Some(bucket) = place.bucket()
            && let Some(row) = store.index.bucket(bucket)?
            && row.owner != caller.account()?
        {
            return Err(refuse(
                "BucketAlreadyExists",
                409,
                "The requested bucket name is not available. Please select a different name and try again.",
            ));
        }
        Ok(body)
    }

    /// Makes a bucket's shell here when the other S3 has made the bucket, and takes it away with it.
    fn note(
        &self,
        caller: &Caller,
        method: &Method,
        place: &Place,
        uri: &Uri,
        region: &str,
    ) -> S3Result<()> {
        let Place::Bucket(bucket) = place else {
            return Ok(());
        };
        let store = &self.doorman.store;
        let account = caller.account()?;
        let noted = tokio::task::block_in_place(|| match action(method, place, uri) {
            "s3:CreateBucket" => store.make_bucket(bucket, account, region),
            "s3:DeleteBucket" => store.forget_bucket(bucket),
            _ => Ok(()),
        });
        noted.map_err(|error| refuse("InternalError", 500, error))
    }
}

/// The query in its canonical form, without the signature that may be in it.
fn query(uri: &Uri) -> String {
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
fn headers(of: &HeaderMap, method: &Method) -> S3Result<HeaderMap> {
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
fn source_of(source: &HeaderValue) -> Option<(String, String, &'static str)> {
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
fn keys(list: &[u8]) -> S3Result<Vec<(String, &'static str)>> {
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
