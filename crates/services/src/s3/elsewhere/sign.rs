//! Signs what is handed on (API reference, "Authenticating Requests: Using the Authorization Header"). The payload is not
//! signed: it is passed on while it comes, and its signature was checked on the way.

use chrono::{DateTime, Utc};
use http::HeaderValue;
use http::request::Parts;
use openvpc_ec2::sigv4::{Scope, signature};

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
pub const UNSIGNED: &str = "UNSIGNED-PAYLOAD";

/// An access key.
#[derive(Clone)]
pub struct SigningKey {
    pub id: String,
    pub secret: String,
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningKey").field("id", &self.id).finish()
    }
}

/// Adds time, payload and signature to a request whose path and query are in their canonical form. Host and all headers of
/// AWS's are signed.
pub fn sign(head: &mut Parts, key: &SigningKey, region: &str, now: DateTime<Utc>) {
    let time = now.format("%Y%m%dT%H%M%SZ").to_string();
    let date = &time[..time.len().min(8)];
    if let Ok(time) = HeaderValue::from_str(&time) {
        head.headers.insert("x-amz-date", time);
    }
    let unsigned = HeaderValue::from_static(UNSIGNED);
    head.headers.insert("x-amz-content-sha256", unsigned);

    let is_signed = |name: &&str| *name == "host" || name.starts_with("x-amz-");
    let names = head.headers.keys().map(|name| name.as_str());
    let mut names: Vec<&str> = names.filter(is_signed).collect();
    names.sort_unstable();
    let mut canonical = format!(
        "{}\n{}\n{}\n",
        head.method,
        head.uri.path(),
        head.uri.query().unwrap_or_default()
    );
    for name in &names {
        let values = head.headers.get_all(*name).iter();
        let values = values.map(|value| {
            let text = String::from_utf8_lossy(value.as_bytes());
            text.split_ascii_whitespace().collect::<Vec<_>>().join(" ")
        });
        canonical += &format!("{name}:{}\n", values.collect::<Vec<_>>().join(","));
    }
    let names = names.join(";");
    canonical += &format!("\n{names}\n{UNSIGNED}");

    let service = "s3";
    let scope = Scope {
        date,
        region,
        service,
    };
    let signature = signature(&key.secret, &scope, &time, canonical.as_bytes());
    let authorization = format!(
        "{ALGORITHM} Credential={}/{date}/{region}/{service}/aws4_request, SignedHeaders={names}, Signature={signature}",
        key.id
    );
    if let Ok(value) = HeaderValue::from_str(&authorization) {
        head.headers.insert("authorization", value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As botocore's `S3SigV4Auth` signs the same request.
    #[test]
    fn a_request_is_signed_as_by_the_stock_client() {
        let request = http::Request::builder()
            .method("PUT")
            .uri("/bucket/a%20b?partNumber=1&uploadId=x%2Fy")
            .header("host", "127.0.0.1:9000")
            .header("content-type", "text/plain")
            .header("x-amz-meta-a", " one   two ")
            .body(())
            .unwrap();
        let (mut head, ()) = request.into_parts();
        let key = SigningKey {
            id: "AKIDEXAMPLE".to_owned(),
            secret: "secret".to_owned(),
        };
        let now = DateTime::from_timestamp(1_735_787_100, 0).unwrap();
        sign(&mut head, &key, "us-east-1", now);
        let authorization = head.headers["authorization"].to_str().unwrap();
        let wanted = [
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20250102/us-east-1/s3/aws4_request",
            "SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-meta-a",
            "Signature=cbe0b43ac6dbcb623f964f2db9ac4419fca97002a0c287761fa8ed8288bf1e66",
        ];
        assert_eq!(authorization, wanted.join(", "));
    }
}
