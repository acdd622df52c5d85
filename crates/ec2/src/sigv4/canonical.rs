//! The canonical form of a request, and its signature.

use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};

use super::{ALGORITHM, Received, hex};
use crate::{Error, form};

/// Where and when a signature holds.
pub struct Scope<'a> {
    /// `YYYYMMDD`.
    pub date: &'a str,
    pub region: &'a str,
    pub service: &'a str,
}

/// Method, path, query, headers and payload hash, one to a line; headers, two lines more.
///
/// # Errors
/// A query that cannot be read.
pub(super) fn request(
    request: &Received<'_>,
    signed_headers: &[&str],
    is_presigned: bool,
    payload_hash: &str,
) -> Result<Vec<u8>, Error> {
    let mut out = Vec::with_capacity(512);
    out.extend_from_slice(request.method.as_bytes());
    out.push(b'\n');
    escape(&mut out, request.path, b"/");
    out.push(b'\n');
    out.extend_from_slice(query(request.query, is_presigned)?.as_bytes());
    out.push(b'\n');
    for name in signed_headers {
        out.extend_from_slice(name.as_bytes());
        out.push(b':');
        for (at, value) in request.header(name).enumerate() {
            out.extend_from_slice(if at == 0 { b"" } else { b"," });
            collapse(&mut out, value);
        }
        out.push(b'\n');
    }
    out.push(b'\n');
    out.extend_from_slice(signed_headers.join(";").as_bytes());
    out.push(b'\n');
    out.extend_from_slice(payload_hash.as_bytes());
    Ok(out)
}

/// The signature, in hex, of a canonical request.
pub fn signature(secret: &str, scope: &Scope<'_>, time: &str, canonical: &[u8]) -> String {
    let hash = hex(&Sha256::digest(canonical));
    let Scope {
        date,
        region,
        service,
    } = scope;
    let text = format!("{ALGORITHM}\n{time}\n{date}/{region}/{service}/aws4_request\n{hash}");
    let mut key = hmac(format!("AWS4{secret}").as_bytes(), date);
    for part in [region, service, "aws4_request", text.as_str()] {
        key = hmac(&key, part);
    }
    hex(&key)
}

fn hmac(key: &[u8], text: &str) -> [u8; 32] {
    // HMAC takes keys of every length (RFC 2104 §2): the error cannot occur.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        return [0; 32];
    };
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().into()
}

/// Pairs decoded as `form` decodes them, escaped anew, ascending; a presigned request's own
/// signature left out.
fn query(query: &str, is_presigned: bool) -> Result<String, Error> {
    let mut pairs = Vec::new();
    for (name, value) in form::parse(query.as_bytes())? {
        if is_presigned && name == "X-Amz-Signature" {
            continue;
        }
        let mut pair = [Vec::new(), Vec::new()];
        escape(&mut pair[0], &name, b"");
        escape(&mut pair[1], &value, b"");
        pairs.push(pair.map(|part| String::from_utf8_lossy(&part).into_owned()));
    }
    pairs.sort_unstable();
    let pairs: Vec<String> = pairs
        .into_iter()
        .map(|[name, value]| format!("{name}={value}"))
        .collect();
    Ok(pairs.join("&"))
}

/// RFC 3986 §2.1: all but unreserved characters and those in `also_plain`.
fn escape(out: &mut Vec<u8>, text: &str, also_plain: &[u8]) {
    for &byte in text.as_bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) || also_plain.contains(&byte) {
            out.push(byte);
        } else {
            out.extend_from_slice(format!("%{byte:02X}").as_bytes());
        }
    }
}

/// A header's value without white space at the ends, runs of it made one space.
fn collapse(out: &mut Vec<u8>, value: &[u8]) {
    let words = value
        .split(u8::is_ascii_whitespace)
        .filter(|word| !word.is_empty());
    for (at, word) in words.enumerate() {
        out.extend_from_slice(if at == 0 { b"" } else { b" " });
        out.extend_from_slice(word);
    }
}
