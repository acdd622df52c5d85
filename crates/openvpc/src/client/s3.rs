//! Objects: listed and read.

use std::io::Read;

use super::{Client, Refusal, Xml, encode};
use openvpc_ec2::sigv4;
use sha2::{Digest, Sha256};

impl Client {
    /// The keys below a prefix, in their order; `Err` beyond `max` of them.
    pub fn s3_keys(&self, bucket: &str, prefix: &str, max: usize) -> Result<Vec<String>, Refusal> {
        let (mut keys, mut token): (Vec<String>, Option<String>) = (Vec::new(), None);
        loop {
            let mut query = format!("list-type=2&prefix={}", encode(prefix));
            if let Some(token) = &token {
                query = format!("continuation-token={}&{query}", encode(token));
            }
            let mut body = String::new();
            self.get("s3", &format!("/{bucket}"), &query)?
                .read_to_string(&mut body)
                .map_err(|e| e.to_string())?;
            let page = Xml::parse(&body)?;
            let contents = page.children_named("Contents");
            keys.extend(contents.map(|object| object.text("Key")));
            if keys.len() > max {
                return Err(format!("more than {max} objects below s3://{bucket}/{prefix}").into());
            }
            token = Some(page.text("NextContinuationToken")).filter(|token| !token.is_empty());
            if token.is_none() {
                return Ok(keys);
            }
        }
    }

    /// An object's bytes.
    pub fn s3_object(&self, bucket: &str, key: &str) -> Result<impl Read + use<>, Refusal> {
        self.get("s3", &format!("/{bucket}/{key}"), "")
    }

    fn get(&self, service: &str, path: &str, query: &str) -> Result<impl Read + use<>, Refusal> {
        let host = self.endpoint.split("://").nth(1).unwrap_or_default();
        let nothing: String = Sha256::digest(b"")
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let headers = vec![
            ("host".to_owned(), host.to_owned()),
            ("x-amz-content-sha256".to_owned(), nothing),
        ];
        let signed = sigv4::sign(&sigv4::SigningRequest {
            method: "GET",
            path,
            query,
            headers: &headers,
            body: b"",
            region: &self.region,
            service,
            access_key: &self.access_key,
            secret_key: &self.secret_key,
            now: chrono::Utc::now(),
        });
        let escaped: Vec<String> = path.split('/').map(encode).collect();
        let url = format!("{}{}?{query}", self.endpoint, escaped.join("/"));
        let mut request = self.agent.get(url.trim_end_matches('?'));
        for (name, value) in headers[1..].iter().chain(&signed) {
            request = request.header(name, value);
        }
        let mut response = request
            .call()
            .map_err(|e| format!("{}: {e}", self.endpoint))?;
        if response.status().as_u16() != 200 {
            let body = response.body_mut().read_to_string();
            let error = Xml::parse(&body.map_err(|e| e.to_string())?)?;
            return Err(Refusal {
                code: error.text("Code"),
                message: error.text("Message"),
            });
        }
        Ok(response.into_body().into_reader())
    }
}
