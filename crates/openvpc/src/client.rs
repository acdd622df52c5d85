//! A small AWS client for the tours and for `openvpc flows`: signs, sends, and reads XML and JSON answers.
//!
//! They speak the public API as any client would; this is that client on a machine without the aws CLI.

mod s3;

use std::time::Duration;

use openvpc_ec2::sigv4;
use quick_xml::events::Event;
use serde_json::Value;

/// A region's API, called with one access key.
pub struct Client {
    agent: ureq::Agent,
    endpoint: String,
    region: String,
    access_key: String,
    secret_key: String,
}

/// What a call answered when it did not succeed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub code: String,
    pub message: String,
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl From<String> for Refusal {
    fn from(message: String) -> Refusal {
        Refusal {
            code: "ConnectionError".to_owned(),
            message,
        }
    }
}

impl Client {
    /// A client of the daemon at `endpoint` (`http://host:port`) with the built-in credentials.
    pub fn new(endpoint: &str, region: &str) -> Client {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(30)))
            .build();
        Client {
            agent: config.into(),
            endpoint: endpoint.trim_end_matches('/').to_owned(),
            region: region.to_owned(),
            access_key: "test".to_owned(),
            secret_key: "test".to_owned(),
        }
    }

    /// A client of what the environment names as the stock clients have it, or else of `endpoint`.
    pub fn of_environment(endpoint: &str) -> Client {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let endpoint = variable("AWS_ENDPOINT_URL").unwrap_or_else(|| endpoint.to_owned());
        let region = variable("AWS_DEFAULT_REGION").or_else(|| variable("AWS_REGION"));
        let mut client = Client::new(&endpoint, region.as_deref().unwrap_or("us-east-1"));
        if let (Some(access), Some(secret)) = (
            variable("AWS_ACCESS_KEY_ID"),
            variable("AWS_SECRET_ACCESS_KEY"),
        ) {
            (client.access_key, client.secret_key) = (access, secret);
        }
        client
    }

    /// What the daemon counts, for Prometheus.
    pub fn metrics(&self) -> Result<String, String> {
        let url = format!("{}/_openvpc/metrics", self.endpoint);
        let told = |error: ureq::Error| format!("{url}: {error}");
        let mut response = self.agent.get(&url).call().map_err(told)?;
        response.body_mut().read_to_string().map_err(told)
    }

    /// Calls an EC2 action with wire parameters, such as `("VpcId", "vpc-…")`.
    pub fn ec2(&self, action: &str, parameters: &[(&str, &str)]) -> Result<Xml, Refusal> {
        self.query("ec2", "2016-11-15", action, parameters)
    }

    /// Calls an IAM action.
    pub fn iam(&self, action: &str, parameters: &[(&str, &str)]) -> Result<Xml, Refusal> {
        self.query("iam", "2010-05-08", action, parameters)
    }

    /// Calls an Elastic Load Balancing action.
    pub fn elb(&self, action: &str, parameters: &[(&str, &str)]) -> Result<Xml, Refusal> {
        self.query("elasticloadbalancing", "2015-12-01", action, parameters)
    }

    /// Calls an STS action.
    pub fn sts(&self, action: &str, parameters: &[(&str, &str)]) -> Result<Xml, Refusal> {
        self.query("sts", "2011-06-15", action, parameters)
    }

    fn query(
        &self,
        service: &str,
        version: &str,
        action: &str,
        parameters: &[(&str, &str)],
    ) -> Result<Xml, Refusal> {
        let mut pairs = vec![("Action", action), ("Version", version)];
        pairs.extend_from_slice(parameters);
        let body: Vec<String> = pairs
            .iter()
            .map(|(k, v)| format!("{}={}", encode(k), encode(v)))
            .collect();
        let content_type = "application/x-www-form-urlencoded; charset=utf-8";
        let (status, answer) = self.post(service, content_type, None, body.join("&"))?;
        let xml = Xml::parse(&answer)?;
        if status == 200 {
            return Ok(xml);
        }
        let error = xml.find("Error").cloned().unwrap_or_default();
        Err(Refusal {
            code: error.text("Code"),
            message: error.text("Message"),
        })
    }

    /// Makes a bucket.
    pub fn make_bucket(&self, name: &str) -> Result<(), Refusal> {
        self.s3_put(&format!("/{name}"))
    }

    /// A PUT of S3 without a body; the path needs no encoding.
    fn s3_put(&self, path: &str) -> Result<(), Refusal> {
        // SHA-256 of nothing.
        const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        let headers = vec![
            ("host".to_owned(), self.host().to_owned()),
            ("x-amz-content-sha256".to_owned(), EMPTY.to_owned()),
        ];
        let signed = self.sign("s3", "PUT", path, &headers, b"");
        let headers = headers
            .iter()
            .chain(&signed)
            .filter(|(name, _)| name != "host");
        let url = format!("{}{path}", self.endpoint);
        let told = |error: ureq::Error| format!("{url}: {error}");
        let request = headers.fold(self.agent.put(&url), |r, (name, value)| {
            r.header(name, value)
        });
        let mut response = request.send_empty().map_err(told)?;
        let status = response.status().as_u16();
        let body = response.body_mut().read_to_vec().map_err(told)?;
        if status == 200 {
            return Ok(());
        }
        let error = Xml::parse(&String::from_utf8_lossy(&body))?;
        Err(Refusal {
            code: error.text("Code"),
            message: error.text("Message"),
        })
    }

    fn host(&self) -> &str {
        self.endpoint.split("://").nth(1).unwrap_or_default()
    }

    fn sign(
        &self,
        service: &str,
        method: &str,
        path: &str,
        headers: &[(String, String)],
        body: &[u8],
    ) -> [(String, String); 2] {
        sigv4::sign(&sigv4::SigningRequest {
            method,
            path,
            query: "",
            headers,
            body,
            region: &self.region,
            service,
            access_key: &self.access_key,
            secret_key: &self.secret_key,
            now: chrono::Utc::now(),
        })
    }

    /// Calls a CloudWatch Logs operation.
    pub fn logs(&self, operation: &str, input: &Value) -> Result<Value, Refusal> {
        let target = format!("Logs_20140328.{operation}");
        let (status, answer) = self.post(
            "logs",
            "application/x-amz-json-1.1",
            Some(&target),
            input.to_string(),
        )?;
        let value: Value = serde_json::from_str(&answer).map_err(|e| e.to_string())?;
        if status == 200 {
            return Ok(value);
        }
        let text = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
        Err(Refusal {
            code: text("__type"),
            message: text("message"),
        })
    }

    fn post(
        &self,
        service: &str,
        content_type: &str,
        target: Option<&str>,
        body: String,
    ) -> Result<(u16, String), String> {
        let mut headers = vec![
            ("content-type".to_owned(), content_type.to_owned()),
            ("host".to_owned(), self.host().to_owned()),
        ];
        if let Some(target) = target {
            headers.push(("x-amz-target".to_owned(), target.to_owned()));
        }
        let signed = self.sign(service, "POST", "/", &headers, body.as_bytes());
        let mut request = self.agent.post(format!("{}/", self.endpoint));
        for (name, value) in headers
            .iter()
            .chain(&signed)
            .filter(|(name, _)| name != "host")
        {
            request = request.header(name, value);
        }
        let mut response = request
            .send(body.as_bytes())
            .map_err(|e| format!("{}: {e}", self.endpoint))?;
        let status = response.status().as_u16();
        let answer = response
            .body_mut()
            .read_to_string()
            .map_err(|e| e.to_string())?;
        Ok((status, answer))
    }
}

fn encode(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// One element of an answer, without attributes and namespaces.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Xml {
    name: String,
    text: String,
    children: Vec<Xml>,
}

impl Xml {
    /// Reads a document; what comes back is its root element.
    pub fn parse(document: &str) -> Result<Xml, String> {
        let mut reader = quick_xml::Reader::from_str(document);
        let mut open = vec![Xml::default()];
        loop {
            match reader.read_event().map_err(|e| format!("not XML: {e}"))? {
                Event::Start(start) => {
                    let name = String::from_utf8_lossy(start.local_name().as_ref()).into_owned();
                    open.push(Xml {
                        name,
                        ..Xml::default()
                    });
                }
                Event::Empty(empty) => {
                    let name = String::from_utf8_lossy(empty.local_name().as_ref()).into_owned();
                    if let Some(parent) = open.last_mut() {
                        parent.children.push(Xml {
                            name,
                            ..Xml::default()
                        });
                    }
                }
                Event::End(_) => {
                    if let (Some(done), Some(parent)) = (open.pop(), open.last_mut()) {
                        parent.children.push(done);
                    }
                }
                Event::Text(text) => {
                    if let Some(element) = open.last_mut() {
                        element
                            .text
                            .push_str(&text.decode().map_err(|e| e.to_string())?);
                    }
                }
                Event::GeneralRef(reference) => {
                    let character = match reference.decode().map_err(|e| e.to_string())?.as_ref() {
                        "amp" => '&',
                        "lt" => '<',
                        "gt" => '>',
                        "quot" => '"',
                        "apos" => '\'',
                        other => reference
                            .resolve_char_ref()
                            .ok()
                            .flatten()
                            .ok_or_else(|| format!("unknown &{other};"))?,
                    };
                    if let Some(element) = open.last_mut() {
                        element.text.push(character);
                    }
                }
                Event::Eof => break,
                _ => {}
            }
        }
        let document = open.into_iter().next().unwrap_or_default();
        document
            .children
            .into_iter()
            .next()
            .ok_or_else(|| "an empty document".to_owned())
    }

    /// The first element of that name, at any depth, in document order.
    pub fn find(&self, name: &str) -> Option<&Xml> {
        self.children.iter().find_map(|child| {
            if child.name == name {
                Some(child)
            } else {
                child.find(name)
            }
        })
    }

    /// The text of this element itself.
    pub fn own_text(&self) -> &str {
        &self.text
    }

    /// The text of the first element of that name, or nothing.
    pub fn text(&self, name: &str) -> String {
        self.find(name)
            .map(|element| element.text.clone())
            .unwrap_or_default()
    }

    /// The elements of that name right below this one.
    pub fn children_named<'x>(&'x self, name: &'x str) -> impl Iterator<Item = &'x Xml> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The `item`s of the first list of that name.
    pub fn items(&self, list: &str) -> &[Xml] {
        self.find(list)
            .map(|element| element.children.as_slice())
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_reads_as_a_tree() {
        let xml = Xml::parse(
            "<?xml version=\"1.0\"?><R xmlns=\"u\"><a><item><id>x&amp;y</id></item><item/></a></R>",
        )
        .unwrap();
        assert_eq!(xml.text("id"), "x&y");
        assert_eq!(xml.items("a").len(), 2);
        assert!(Xml::parse("").is_err());
    }
}
