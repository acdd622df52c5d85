//! A bucket answers in its own region only: at another region's address a client is told where to go.
//!
//! Source: Amazon S3 user guide, "Making requests", "Virtual hosting of buckets"; API reference, "Error responses". At the
//! API's own listener, which has no region, every bucket answers.

use http::{HeaderMap, HeaderName, HeaderValue, Uri};
use s3s::{HttpRequest, S3Result};

use super::refuse::refuse;
use crate::Origin;

/// Where a refusal tells the front what to name as `Endpoint`. It does not leave by this header.
pub const ENDPOINT: &str = "x-openvpc-endpoint";
/// Likewise, as `Region`: some clients sign anew for it.
pub const REGION: &str = "x-openvpc-region";

/// Of the address without a region (`s3.amazonaws.com`).
const GLOBAL: &str = "us-east-1";

/// That a request is signed for the region whose address it came to; at one of no region, for any that might be one.
///
/// # Errors
/// `AuthorizationHeaderMalformed`.
pub fn check_scope(request: &HttpRequest, asked: Option<&str>) -> S3Result<()> {
    let Some(signed) = scope_region(request.headers(), request.uri()) else {
        return Ok(());
    };
    let is_right = match asked {
        Some(asked) => signed == asked,
        None => signed.parse::<s3s::region::Region>().is_ok(),
    };
    if is_right {
        return Ok(());
    }
    let asked = asked.unwrap_or(GLOBAL);
    let mut refusal = refuse(
        "AuthorizationHeaderMalformed",
        400,
        format!(
            "The authorization header is malformed; the region '{signed}' is wrong; expecting '{asked}'"
        ),
    );
    if let Ok(region) = HeaderValue::from_str(asked) {
        refusal.set_headers(HeaderMap::from_iter([(
            HeaderName::from_static(REGION),
            region,
        )]));
    }
    Err(refusal)
}

/// That a bucket is of the region whose address was asked.
///
/// # Errors
/// `PermanentRedirect`, with the region in a header, which clients follow, and the endpoint in the body.
pub fn check_bucket(origin: &Origin, bucket: &str, region: &str) -> S3Result<()> {
    if origin.region.is_none_or(|asked| asked == region) {
        return Ok(());
    }
    let mut refusal = refuse(
        "PermanentRedirect",
        301,
        "The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.",
    );
    let mut headers = HeaderMap::new();
    if let Ok(region) = HeaderValue::from_str(region) {
        headers.insert("x-amz-bucket-region", region);
    }
    if let Ok(endpoint) = HeaderValue::from_str(&format!("{bucket}.s3.{region}.amazonaws.com")) {
        headers.insert(ENDPOINT, endpoint);
    }
    refusal.set_headers(headers);
    Err(refusal)
}

/// The region that a signature names: the third part of its credential, in a header or in the query.
fn scope_region(headers: &HeaderMap, uri: &Uri) -> Option<String> {
    let credential = match headers.get("authorization") {
        Some(header) => {
            let (_, rest) = header.to_str().ok()?.split_once("Credential=")?;
            rest.split(',').next()?.to_owned()
        }
        None => {
            let pairs = uri.query()?.split('&');
            let mut pairs = pairs.filter_map(|pair| pair.split_once('='));
            let (_, value) = pairs.find(|(name, _)| *name == "X-Amz-Credential")?;
            let value = percent_encoding::percent_decode_str(value);
            value.decode_utf8_lossy().into_owned()
        }
    };
    credential.split('/').nth(2).map(str::to_owned)
}
