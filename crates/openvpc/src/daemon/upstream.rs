//! A service that somebody else serves (`openvpc up --service dynamodb=http://…`): calls whose signer has been proved and
//! whose policies allow them are handed on as they came, and the answer comes back as it is.
//!
//! What is signed for is handed on too, and is good for nothing there: an upstream that checks signatures must be told the
//! same keys.

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

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

/// One `--service NAME=URL`. The one service that can be another's is DynamoDB.
#[derive(Debug, Clone)]
pub struct Upstream {
    url: Arc<str>,
    agent: ureq::Agent,
}

impl FromStr for Upstream {
    type Err = String;

    fn from_str(text: &str) -> Result<Upstream, String> {
        let (name, url) = text
            .split_once('=')
            .ok_or("a service and its address: dynamodb=http://127.0.0.1:8000")?;
        if name != "dynamodb" {
            return Err(format!(
                "{name} cannot be served elsewhere: only dynamodb can"
            ));
        }
        let uri: hyper::Uri = url.parse().map_err(|_| format!("{url} is no address"))?;
        match (uri.scheme_str(), uri.authority(), uri.path()) {
            (Some("http"), Some(_), "" | "/") => Ok(Upstream::at(url)),
            (Some("https"), ..) => Err("an upstream is asked over plain http only".to_owned()),
            _ => Err(format!("{url} is not of the form http://HOST:PORT")),
        }
    }
}

impl Upstream {
    fn at(url: &str) -> Upstream {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(TIMEOUT))
            .build();
        Upstream {
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
    fn only_dynamodb_over_plain_http_can_be_elsewhere() {
        assert!("dynamodb=http://127.0.0.1:8000".parse::<Upstream>().is_ok());
        for (text, why) in [
            ("dynamodb", "a service and its address"),
            ("s3=http://127.0.0.1:9000", "only dynamodb"),
            ("dynamodb=https://127.0.0.1:8000", "plain http"),
            ("dynamodb=http://127.0.0.1:8000/path", "of the form"),
            ("dynamodb=127.0.0.1:8000", "form"),
            ("dynamodb=http://", "no address"),
        ] {
            let refusal = text.parse::<Upstream>().unwrap_err();
            assert!(refusal.contains(why), "{text}: {refusal}");
        }
    }
}
