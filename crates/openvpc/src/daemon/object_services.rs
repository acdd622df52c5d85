//! S3 and DynamoDB at the daemon's edge: which request is theirs, who calls, and who may.

use std::path::Path;
use std::sync::Arc;

use hyper::Request;
use hyper::body::Incoming;
use openvpc_services::dynamodb::{DynamoDb, Refusal, permissions};
use openvpc_services::s3::{self, Elsewhere, Store};
use openvpc_services::{Ask, BadKey, Denied, Gatekeeper, Key, Origin, Place};
use serde_json::Value;

use super::api::{Call, Reply};
use super::authority::{Authority, Question};
use super::control_plane::Identity;
use super::upstream::{self, Upstream};

const JSON: &str = "application/x-amz-json-1.0";

/// Asks the policies.
struct Door(Authority);

impl Gatekeeper for Door {
    fn secret(&self, id: &str) -> Option<String> {
        self.0.secret(id)
    }

    fn key(&self, id: &str, token: Option<&str>) -> Result<Key, BadKey> {
        let principal = self.0.principal(id, token)?;
        Ok(Key { principal })
    }

    fn judge(&self, ask: Ask) -> Result<(), Denied> {
        let question = Question {
            caller: ask.caller.map(|key| &key.principal),
            origin: ask.origin,
            region: ask.region,
            permission: ask.action,
            resource: ask.resource,
            owner: ask.owner,
            resource_policy: ask.resource_policy,
            keys: ask.keys,
        };
        self.0
            .judge(&question)
            .map_err(|denial| ask.refusal(&denial.0))
    }
}

/// Both services and what they keep.
pub struct ObjectServices {
    s3: s3::Front,
    store: Arc<Store>,
    dynamodb: Arc<DynamoDb>,
    /// Who serves DynamoDB instead.
    upstream: Option<upstream::DynamoDb>,
    gatekeeper: Arc<dyn Gatekeeper>,
}

impl ObjectServices {
    /// Opens what the data directory holds, or a place that ends with the process.
    ///
    /// # Errors
    /// A sentence for the user.
    pub fn open(
        data_dir: Option<&Path>,
        authority: Authority,
        upstreams: Vec<Upstream>,
    ) -> Result<ObjectServices, String> {
        let (elsewhere, upstream) = each_once(upstreams)?;
        let place = |name| match data_dir {
            Some(dir) => Place::Directory(dir.join(name)),
            None => Place::Memory,
        };
        let store = Store::open(&place("s3")).map_err(|error| error.to_string())?;
        let store = Arc::new(store.with_objects_at(elsewhere));
        let dynamodb = DynamoDb::open(place("dynamodb"))
            .map_err(|error| format!("the tables of DynamoDB cannot be opened: {error}"))?;
        let gatekeeper: Arc<dyn Gatekeeper> = Arc::new(Door(authority));
        Ok(ObjectServices {
            s3: s3::S3::new(store.clone(), gatekeeper.clone()).front(),
            store,
            dynamodb: Arc::new(dynamodb),
            upstream,
            gatekeeper,
        })
    }

    /// What S3 keeps.
    pub fn store(&self) -> &Arc<Store> {
        &self.store
    }

    /// Forgets all buckets and tables.
    ///
    /// # Errors
    /// A sentence for the user.
    pub fn reset(&self) -> Result<(), String> {
        self.store.reset()?;
        self.dynamodb.reset()
    }

    /// Answers a request for S3, its body still on the way.
    pub async fn s3(
        &self,
        mut request: Request<Incoming>,
        origin: Origin,
    ) -> Result<hyper::Response<s3::Body>, s3::HttpError> {
        request.extensions_mut().insert(origin);
        self.s3.call(request.map(s3::Body::from)).await
    }

    /// Answers a call of DynamoDB, signed by `identity`.
    pub async fn dynamodb(&self, call: &Call, identity: Identity) -> Reply {
        match self.judged(call, identity).await {
            Ok((status, answer)) => Reply::new(status, JSON, answer),
            Err(refusal) => dynamodb_refusal(&refusal),
        }
    }

    async fn judged(&self, call: &Call, identity: Identity) -> Result<(u16, String), Refusal> {
        let coral =
            |code, message: &str| Refusal::new(400, "com.amazon.coral.service", code, message);
        let target = call.header("x-amz-target").unwrap_or_default();
        let operation = target.strip_prefix("DynamoDB_20120810.").ok_or_else(|| {
            coral(
                "UnknownOperationException",
                "the header X-Amz-Target names no operation of DynamoDB_20120810",
            )
        })?;
        let input: Value = serde_json::from_slice(&call.body).map_err(|e| {
            coral(
                "SerializationException",
                &format!("the body is not JSON: {e}"),
            )
        })?;
        let account = identity.account().to_string();
        let key = Key {
            principal: identity.principal.clone(),
        };
        let prefix = format!("arn:aws:dynamodb:{}:{account}:table/", identity.region);
        for (action, table) in permissions(operation, &input) {
            let resource = format!("{prefix}{table}");
            let ask = Ask {
                origin: &call.origin,
                caller: Some(&key),
                region: Some(&identity.region),
                action: &action,
                resource: &resource,
                owner: &account,
                resource_policy: None,
                keys: &[],
            };
            let judged = self.gatekeeper.judge(ask);
            judged.map_err(|denied| Refusal::denied(&denied.message))?;
        }
        if let Some(upstream) = self.upstream.clone() {
            let call = call.clone();
            let asked = tokio::task::spawn_blocking(move || upstream.ask(&call));
            return match asked.await {
                Ok(Ok(answer)) => Ok(answer),
                Ok(Err(error)) => Err(unavailable(&error)),
                Err(error) => Err(unavailable(&error)),
            };
        }
        let (dynamodb, region) = (self.dynamodb.clone(), identity.region);
        let operation = operation.to_owned();
        // The tables sync to disk: not on a thread that serves others.
        let handled = tokio::task::spawn_blocking(move || {
            dynamodb.handle(&account, &region, &operation, input)
        });
        let handled = handled.await.unwrap_or_else(|_| {
            Err(Refusal::new(
                500,
                "com.amazonaws.dynamodb.v20120810",
                "InternalServerError",
                "Internal server error",
            ))
        });
        handled.map(|answer| (200, answer.to_string()))
    }
}

/// Who serves S3, and who DynamoDB, if not this daemon.
fn each_once(
    upstreams: Vec<Upstream>,
) -> Result<(Option<Elsewhere>, Option<upstream::DynamoDb>), String> {
    let (mut s3, mut dynamodb) = (None, None);
    for upstream in upstreams {
        let is_second = match upstream {
            Upstream::S3(elsewhere) => s3.replace(elsewhere).is_some(),
            Upstream::DynamoDb(upstream) => dynamodb.replace(upstream).is_some(),
        };
        if is_second {
            return Err("--service names somebody else for a service twice".to_owned());
        }
    }
    Ok((s3, dynamodb))
}

/// Nobody serves DynamoDB where it was said to be served.
fn unavailable(error: &dyn std::fmt::Display) -> Refusal {
    tracing::warn!(%error, "the DynamoDB elsewhere");
    Refusal::new(
        503,
        "com.amazonaws.dynamodb.v20120810",
        "ServiceUnavailable",
        "the service to which calls are handed on does not answer",
    )
}

/// A refusal on the wire.
pub fn dynamodb_refusal(refusal: &Refusal) -> Reply {
    Reply::new(refusal.status, JSON, refusal.body.to_string())
}

/// Whether a request is for S3: by its host, by its signature's scope, or, since no other service
/// takes unsigned requests or has paths, by its path.
pub fn is_s3<B>(request: &Request<B>) -> bool {
    let header = |name| {
        let value = request.headers().get(name);
        value
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    };
    let path = request.uri().path();
    if path.starts_with("/_openvpc/") {
        return false;
    }
    let host = header("host");
    if host.starts_with("s3.") || host.contains(".s3.") {
        return true;
    }
    let authorization = header("authorization");
    if !authorization.is_empty() {
        return authorization.contains("/s3/aws4_request") || authorization.starts_with("AWS ");
    }
    let query = request.uri().query().unwrap_or_default();
    if let Some((_, credential)) = query.split_once("X-Amz-Credential=") {
        let credential = credential.split('&').next().unwrap_or_default();
        let credential = percent_encoding::percent_decode_str(credential).decode_utf8_lossy();
        return credential.ends_with("/s3/aws4_request");
    }
    path != "/"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(path: &str, headers: &[(&str, &str)]) -> Request<()> {
        let mut request = Request::builder().uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).unwrap()
    }

    #[test]
    fn the_scope_of_the_signature_names_the_service() {
        let scope = |service: &str| {
            format!(
                "AWS4-HMAC-SHA256 Credential=test/20261124/us-east-1/{service}/aws4_request, SignedHeaders=host, Signature=0"
            )
        };
        assert!(is_s3(&request("/", &[("authorization", &scope("s3"))])));
        assert!(!is_s3(&request("/", &[("authorization", &scope("ec2"))])));
        let presigned = "/b/k?X-Amz-Credential=test%2F20261124%2Fus-east-1%2Fs3%2Faws4_request";
        assert!(is_s3(&request(presigned, &[])));
        assert!(is_s3(&request("/b/k", &[])), "an anonymous read");
        assert!(!is_s3(&request("/_openvpc/health", &[])));
        assert!(!is_s3(&request("/", &[])));
    }
}
