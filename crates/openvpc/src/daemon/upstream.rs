//! Services that somebody else serves (`openvpc up --service dynamodb=http://…`): calls whose signer has been proved and
//! whose policies allow them are handed on, and the answer comes back as it is.
//!
//! To DynamoDB they go as they came. What is signed for is handed on too, and is good for nothing there: an upstream that checks
//! signatures must be told the same keys. To S3 they go as `openvpc_services::s3` hands them on.

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use openvpc_services::s3::{Elsewhere, SigningKey};

use super::api::Call;

/// BatchGetItem answers up to 16 MB.
const ANSWER_LEN_MAX: u64 = 17 * 1024 * 1024;
const TIMEOUT: Duration = Duration::from_secs(30);
/// What is handed on of the head; the rest concerns this hop alone, or is nobody's business.
const HEADERS: [&str; 5] = [
    "authorization",
    "content-type",
    "x-amz-date",
    "x-amz-security-token",
    "x-amz-target",
];

/// One `--service NAME=URL`.
#[derive(Debug, Clone)]
pub enum Upstream {
    DynamoDb(DynamoDb),
    S3(Elsewhere),
}

/// A DynamoDB.
#[derive(Debug, Clone)]
pub struct DynamoDb {
    url: Arc<str>,
    agent: ureq::Agent,
}

impl FromStr for Upstream {
    type Err = String;

    fn from_str(text: &str) -> Result<Upstream, String> {
        let (name, url) = text
            .split_once('=')
            .ok_or("a service and its address: dynamodb=http://127.0.0.1:8000")?;
        if !matches!(name, "dynamodb" | "s3") {
            return Err(format!(
                "{name} cannot be served elsewhere: only dynamodb and s3 can"
            ));
        }
        if url.starts_with("https:") {
            return Err("an upstream is asked over plain http only".to_owned());
        }
        // What the address holds beside host and port may be a secret: it is not repeated.
        let form = match name {
            "s3" => {
                "the address is not of the form http://HOST:PORT or http://KEY:SECRET@HOST:PORT"
            }
            _ => "the address is not of the form http://HOST:PORT",
        };
        let rest = url.strip_prefix("http://").ok_or(form)?;
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let (user, address) = match rest.rsplit_once('@') {
            Some((user, address)) => (Some(user), address),
            None => (None, rest),
        };
        let uri: hyper::Uri = format!("http://{address}").parse().map_err(|_| form)?;
        let is_host = uri.path() == "/" && uri.query().is_none();
        let is_host = is_host && uri.authority().is_some_and(|named| named == address);
        if !is_host || (name == "dynamodb" && user.is_some()) {
            return Err(form.to_owned());
        }
        if name == "dynamodb" {
            return Ok(Upstream::DynamoDb(DynamoDb::at(&format!(
                "http://{address}"
            ))));
        }
        let key = user.map(signing_key).transpose().map_err(|()| form)?;
        let with_port = match uri.port() {
            Some(_) => address.to_owned(),
            None => format!("{address}:80"),
        };
        Ok(Upstream::S3(Elsewhere::at(&with_port, key)))
    }
}

/// `KEY:SECRET`, either escaped as addresses are: a secret may have a slash.
fn signing_key(user: &str) -> Result<SigningKey, ()> {
    let text = |text: &str| {
        let text = percent_encoding::percent_decode_str(text).decode_utf8();
        text.map(|text| text.into_owned()).map_err(|_| ())
    };
    let (id, secret) = user.split_once(':').ok_or(())?;
    let key = SigningKey {
        id: text(id)?,
        secret: text(secret)?,
    };
    let is_plain = !key.id.is_empty() && key.id.bytes().all(|byte| byte.is_ascii_graphic());
    is_plain.then_some(key).ok_or(())
}

impl DynamoDb {
    fn at(url: &str) -> DynamoDb {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(TIMEOUT))
            .build();
        DynamoDb {
            url: url.into(),
            agent: config.into(),
        }
    }

    /// Hands a call on and waits for the answer: status and body. Blocks.
    ///
    /// # Errors
    /// A sentence: nobody answers there, or not in time.
    pub fn ask(&self, call: &Call) -> Result<(u16, String), String> {
        let failed = |error: ureq::Error| format!("{}: {error}", self.url);
        let mut request = self.agent.post(&*self.url);
        for name in HEADERS {
            if let Some(value) = call.header(name) {
                request = request.header(name, value);
            }
        }
        let mut answer = request.send(&call.body[..]).map_err(failed)?;
        let status = answer.status().as_u16();
        let body = answer.body_mut().with_config().limit(ANSWER_LEN_MAX);
        Ok((status, body.read_to_string().map_err(failed)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dynamodb_and_s3_over_plain_http_can_be_elsewhere() {
        for text in [
            "dynamodb=http://127.0.0.1:8000",
            "dynamodb=http://127.0.0.1:8000/",
            "s3=http://127.0.0.1:9000",
            "s3=http://minio",
            "s3=http://[::1]:9000/",
            "s3=http://minioadmin:a%2Fb%3Ac@127.0.0.1:9000",
        ] {
            assert!(text.parse::<Upstream>().is_ok(), "{text}");
        }
        for (text, why) in [
            ("dynamodb", "a service and its address"),
            ("ec2=http://127.0.0.1:9000", "only dynamodb and s3"),
            ("dynamodb=https://127.0.0.1:8000", "plain http"),
            ("s3=https://127.0.0.1:8000", "plain http"),
            ("dynamodb=http://127.0.0.1:8000/path", "of the form"),
            ("dynamodb=127.0.0.1:8000", "form"),
            ("dynamodb=http://", "form"),
            ("dynamodb=http://key:secret@127.0.0.1:8000", "form"),
            ("s3=http://127.0.0.1:9000?a=b", "form"),
            ("s3=http://key@127.0.0.1:9000", "form"),
            ("s3=http://:secret@127.0.0.1:9000", "form"),
            ("s3=http://key:secret@", "form"),
        ] {
            let refusal = text.parse::<Upstream>().unwrap_err();
            assert!(refusal.contains(why), "{text}: {refusal}");
            assert!(!refusal.contains("secret"), "{refusal}");
        }
    }

    #[test]
    fn a_key_is_read_as_addresses_escape_it() {
        let key = signing_key("AKIA:a%2Fb:c").unwrap();
        assert_eq!((key.id.as_str(), key.secret.as_str()), ("AKIA", "a/b:c"));
    }
}
