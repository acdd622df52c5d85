//! What a form says before its file (`PostObject`): `s3s` reads it, but tells nobody of the session token in it.
//!
//! Whether the signed policy covers the field is checked by `s3s`, as of every other field; whether the token is the key's, by
//! the gatekeeper.

use std::sync::{Arc, Mutex};

use http::HeaderMap;
use http_body_util::BodyExt;
use s3s::{Body, HttpRequest};

const FORM: &str = "multipart/form-data";
/// A form's fields but for the file have 20 kB at most (API reference, "POST Object").
const KEPT_LEN_MAX_BYTES: usize = 64 << 10;

/// The first bytes of a form that is being read.
#[derive(Debug, Clone, Default)]
pub struct Beginning(Arc<Mutex<Vec<u8>>>);

/// Keeps the beginning of a request's form, if it has one, with the request.
pub fn watch(request: HttpRequest) -> HttpRequest {
    if boundary(request.headers()).is_none() {
        return request;
    }
    let beginning = Beginning::default();
    let kept = beginning.clone();
    let mut request = request.map(|body| {
        let watched = body.map_frame(move |frame| {
            if let (Some(bytes), Ok(mut kept)) = (frame.data_ref(), kept.0.lock()) {
                let room = KEPT_LEN_MAX_BYTES - kept.len();
                kept.extend_from_slice(&bytes[..room.min(bytes.len())]);
            }
            frame
        });
        Body::http_body_unsync(watched)
    });
    request.extensions_mut().insert(beginning);
    request
}

impl Beginning {
    /// The value of a field that comes before the file.
    pub fn field(&self, headers: &HeaderMap, name: &str) -> Option<String> {
        let kept = self.0.lock().ok()?;
        let value = field(&kept, &boundary(headers)?, name)?;
        Some(String::from_utf8_lossy(value).into_owned())
    }
}

/// Whether a request is a form.
pub fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get("content-type");
    let kind = kind.map_or(&b""[..], |kind| kind.as_bytes());
    let kind = kind.trim_ascii_start();
    kind.get(..FORM.len())
        .is_some_and(|kind| kind.eq_ignore_ascii_case(FORM.as_bytes()))
}

/// What separates a form's parts (RFC 2046 §5.1.1).
fn boundary(headers: &HeaderMap) -> Option<String> {
    let kind = headers.get("content-type")?.to_str().ok()?;
    let mut parameters = kind.split(';').map(str::trim);
    let is_form = parameters.next()?.eq_ignore_ascii_case(FORM);
    let mut pairs = parameters.filter_map(|parameter| parameter.split_once('='));
    let (_, value) = pairs.find(|(name, _)| name.eq_ignore_ascii_case("boundary"))?;
    is_form.then(|| value.trim_matches('"').to_owned())
}

/// The value of a field in the form's first bytes.
fn field<'f>(mut form: &'f [u8], boundary: &str, name: &str) -> Option<&'f [u8]> {
    let between = format!("\r\n--{boundary}");
    // The first one has no line before it.
    form = form.strip_prefix(&between.as_bytes()[2..])?;
    loop {
        let (head, rest) = split(form, b"\r\n\r\n")?;
        let (value, after) = split(rest, between.as_bytes())?;
        match field_name(head)? {
            found if found.eq_ignore_ascii_case(name) => return Some(value),
            found if found.eq_ignore_ascii_case("file") => return None,
            _ => form = after,
        }
    }
}

/// `Content-Disposition: form-data; name="…"`
fn field_name(head: &[u8]) -> Option<&str> {
    let head = std::str::from_utf8(head).ok()?;
    let is_wanted = |line: &&str| {
        let name = line.split(':').next().unwrap_or_default();
        name.trim().eq_ignore_ascii_case("content-disposition")
    };
    let line = head.lines().find(is_wanted)?;
    let mut parameters = line.split(';').map(str::trim);
    let name = parameters.find_map(|parameter| parameter.strip_prefix("name="))?;
    Some(name.trim_matches('"'))
}

fn split<'t>(text: &'t [u8], at: &[u8]) -> Option<(&'t [u8], &'t [u8])> {
    let place = text.windows(at.len()).position(|window| window == at)?;
    Some((&text[..place], &text[place + at.len()..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORM: &str = "--b\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\na/b\r\n\
        --b\r\ncontent-disposition: form-data; name=\"X-Amz-Security-Token\"\r\nContent-Type: text/plain\r\n\r\nIQo//--b==\r\n\
        --b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\n\
        --b\r\nContent-Disposition: form-data; name=\"late\"\r\n\r\nx\r\n--b--\r\n";

    #[test]
    fn a_field_before_the_file_is_found() {
        let find = |name: &str| field(FORM.as_bytes(), "b", name);
        assert_eq!(find("key"), Some(&b"a/b"[..]));
        assert_eq!(find("x-amz-security-token"), Some(&b"IQo//--b=="[..]));
        assert_eq!(find("late"), None, "what follows the file is no field");
        assert_eq!(find("policy"), None);
        for len in 0..FORM.len() {
            let _ = field(&FORM.as_bytes()[..len], "b", "late");
        }
    }

    #[test]
    fn the_boundary_is_the_content_types() {
        let of = |kind: &str| {
            let value = http::HeaderValue::from_str(kind).unwrap();
            boundary(&HeaderMap::from_iter([(http::header::CONTENT_TYPE, value)]))
        };
        let b = Some("b".to_owned());
        assert_eq!(of("multipart/form-data; boundary=b"), b);
        assert_eq!(of("Multipart/Form-Data; charset=utf-8; Boundary=\"b\""), b);
        assert_eq!(of("multipart/mixed; boundary=b"), None);
        assert_eq!(of("multipart/form-data"), None);
        assert_eq!(boundary(&HeaderMap::new()), None);
    }
}
