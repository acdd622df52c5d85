//! Signatures: what a request claims, and that nobody passes without the secret.

use chrono::{DateTime, Utc};
use openvpc_ec2::sigv4::{Claim, Credential, Received, SigningRequest, sign};

use super::Input;
use crate::Target;

/// Method, path and query, headers and body, a line each but the body; behind an instruction that edits a request that was
/// signed well.
pub const SIGV4: Target = Target {
    name: "sigv4",
    run: sigv4,
    seeds,
};

const KEY: &str = "AKIAEXAMPLE";
const SECRET: &str = "the secret";

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_735_787_045, 0).unwrap()
}

fn seeds() -> Vec<(&'static str, Vec<u8>)> {
    let of = |text: &str| [&[0, 0, 0, 0][..], text.as_bytes()].concat();
    let scope = "AKIAEXAMPLE/20250102/us-east-1/ec2/aws4_request";
    let zeros = "0".repeat(64);
    let header = format!(
        "POST\n/\n\nhost:127.0.0.1:4566\nx-amz-date:20250102T030405Z\nauthorization:AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host;x-amz-date, Signature={zeros}\n\nAction=DescribeVpcs"
    );
    let presigned = format!(
        "GET\n/bucket/key\nX-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={}&X-Amz-Date=20250102T030405Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature={zeros}\nhost:localhost\n\n",
        scope.replace('/', "%2F")
    );
    vec![
        ("header", of(&header)),
        ("presigned", of(&presigned)),
        ("anonymous", of("GET\n/\n\nhost:localhost\n\n")),
        ("edited", vec![1, 0, 5, b'x']),
        ("edited_body", vec![2, 0, 3, b'x']),
    ]
}

fn sigv4(bytes: &[u8]) {
    let mut input = Input(bytes);
    let (what, at, new) = (input.byte(), input.word(), input.byte());
    edited(what, usize::from(at), new);
    let Ok(text) = std::str::from_utf8(input.0) else {
        return;
    };
    let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
    let mut lines = head.split('\n');
    let mut line = || lines.next().unwrap_or_default();
    let (method, path, query) = (line(), line(), line());
    let headers: Vec<(&str, &[u8])> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name, value.as_bytes()))
        .collect();
    let request = Received {
        method,
        path,
        query,
        headers: &headers,
        body: body.as_bytes(),
    };
    let Ok(claim) = Claim::read(&request) else {
        return;
    };
    assert!(!claim.service().is_empty() && !claim.region().is_empty());
    // Nobody signs with a secret that nobody told them.
    assert!(verify(&claim, &request).is_err(), "a forgery passed");
}

fn verify(claim: &Claim, request: &Received<'_>) -> Result<(), ()> {
    let known = |key: &str| {
        (key == KEY).then_some(Credential {
            secret_key: SECRET,
            account: "123456789012",
            session_token: None,
        })
    };
    claim.verify(request, now(), known).map(drop).map_err(drop)
}

/// A request signed well passes; with one byte changed it does not.
fn edited(what: u8, at: usize, new: u8) {
    let mut headers = vec![("host".to_owned(), "127.0.0.1:4566".to_owned())];
    let mut parts = [
        b"POST".to_vec(),
        b"/some/path".to_vec(),
        b"Action=DescribeVpcs".to_vec(),
    ];
    let [method, path, body] = &parts;
    let signature = sign(&SigningRequest {
        method: std::str::from_utf8(method).unwrap(),
        path: std::str::from_utf8(path).unwrap(),
        query: "",
        headers: &headers,
        body,
        region: "us-east-1",
        service: "ec2",
        access_key: KEY,
        secret_key: SECRET,
        now: now(),
    });
    headers.extend(signature);
    let before = (parts.clone(), headers.clone());
    match what % 8 {
        0 => {}
        part @ 1..=3 => {
            let part = &mut parts[usize::from(part) - 1];
            let at = at % part.len();
            part[at] = new;
        }
        header => {
            let value = &mut headers[usize::from(header) % 3].1;
            let mut bytes = std::mem::take(value).into_bytes();
            let at = at % bytes.len();
            bytes[at] = new;
            *value = String::from_utf8_lossy(&bytes).into_owned();
        }
    }
    let [Ok(method), Ok(path)] = [&parts[0], &parts[1]].map(|part| std::str::from_utf8(part))
    else {
        return;
    };
    let sent: Vec<(&str, &[u8])> = headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_bytes()))
        .collect();
    let request = Received {
        method,
        path,
        query: "",
        headers: &sent,
        body: &parts[2],
    };
    let passed = Claim::read(&request).is_ok_and(|claim| verify(&claim, &request).is_ok());
    // White space at the ends of a header's value is no part of it (RFC 9110 §5.5).
    let trimmed = |headers: &[(String, String)]| -> Vec<String> {
        let words = |value: &str| value.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
        headers.iter().map(|(_, value)| words(value)).collect()
    };
    let same = before.0 == parts && trimmed(&before.1) == trimmed(&headers);
    assert!(same || !passed, "a forgery passed: {parts:?} {headers:?}");
    let untouched = before == (parts.clone(), headers.clone());
    assert!(passed || !untouched, "a good one did not pass");
}
