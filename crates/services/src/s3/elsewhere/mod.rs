//! An S3 elsewhere that keeps what is in buckets (`openvpc up --service s3=http://…`).
//!
//! Who signs is proved here, and who may is decided here: by identity policies, those of endpoints, and the policies of
//! buckets, which with a bucket's owner and what keeps it from the public stay here too. What may be done is asked of the other
//! S3 in path style, signed anew with a key that it is given for this, or with the caller's own: so it must know either. Its
//! answer comes back as it is.

mod exchange;
mod permission;
mod request;
mod sign;

use std::mem::take;
use std::sync::Arc;

use chrono::Utc;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Request, Response, Uri};
use http_body_util::{BodyExt, Limited};
use hyper::body::{Bytes, Incoming};
use percent_encoding::utf8_percent_encode;
use s3s::route::S3Route;
use s3s::{Body, S3Request, S3Response, S3Result};

use super::access::{Asked, Caller, Doorman, parameters};
use super::body::{Claims, announced};
use super::refuse::{invalid_argument, refuse};
use super::service_put::{ServicePut, ServicePutError};
use crate::Origin;
use exchange::{exchange, passed_on};
use permission::{Place, action, is_kept_here};
use request::{ESCAPED, ESCAPED_IN_PATHS, NOT_PASSED_ON, headers, keys, query, source_of};

pub use sign::SigningKey;

/// A list of keys to delete: a thousand, of 1,024 bytes.
const LIST_LEN_MAX_BYTES: usize = 4 << 20;

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
