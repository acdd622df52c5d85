//! One listener for every AWS service: the signature's scope tells which one is meant.

use std::sync::{Arc, RwLock};

use hyper::body::Bytes;
use openvpc_ec2::{Error, encode, generated, sigv4, table};
use openvpc_iam::permission;
use openvpc_logs::{Caller as LogsCaller, Logs};
use openvpc_model::TargetHealth;
use openvpc_services::Origin;
use openvpc_services::dynamodb::Refusal;
use serde_json::{Value, json};
use tokio::sync::oneshot;

use super::authority::Authority;
use super::consoles::Consoles;
use super::control_plane::{Answer, ControlPlane, Identity, now};
use super::flow_logs::{NamedBucket, put_template};
use super::metrics::{self, Metrics};
use super::object_services::{ObjectServices, dynamodb_refusal};

/// A request as it came.
#[derive(Clone)]
pub struct Call {
    pub method: String,
    pub path: String,
    /// Without the question mark.
    pub query: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
    /// Where it came from, as its port proves.
    pub origin: Origin,
    /// The service whose address it came to; none at the API's own listener, which serves all.
    pub service: Option<&'static str>,
}

impl Call {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, value)| value.as_str())
    }
}

/// What goes back.
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: String,
}

impl Reply {
    pub fn new(status: u16, content_type: &str, body: String) -> Reply {
        Reply {
            status,
            headers: vec![("content-type", content_type.to_owned())],
            body,
        }
    }

    pub fn text(status: u16, text: &str) -> Reply {
        Reply::new(status, "text/plain", text.to_owned())
    }

    /// Tells the revision that the answer shows, for `openvpc wait-applied`.
    fn at_revision(mut self, revision: u64) -> Reply {
        self.headers
            .push(("x-openvpc-revision", revision.to_string()));
        self
    }
}

/// What empties the daemon; the answer is an error sentence or nothing.
pub type ResetRequest = oneshot::Sender<Result<(), String>>;

pub struct Api {
    pub control_plane: Arc<ControlPlane>,
    pub logs: Arc<Logs>,
    pub authority: Authority,
    pub objects: Arc<ObjectServices>,
    pub metrics: Metrics,
    pub target_health: Arc<RwLock<TargetHealth>>,
    pub consoles: Arc<Consoles>,
    /// Whether only this machine can reach the listener.
    pub on_loopback: bool,
    pub resets: tokio::sync::mpsc::Sender<ResetRequest>,
}

impl Api {
    /// Answers one request.
    pub async fn answer(&self, call: Call) -> Reply {
        match (call.method.as_str(), call.path.as_str()) {
            // A browser names the page that sends it; no page of anyone's may empty the daemon.
            ("POST", "/_openvpc/reset") if call.header("origin").is_some() => {
                Reply::text(403, "a web page cannot reset the daemon\n")
            }
            ("POST", "/_openvpc/reset") if !self.on_loopback => Reply::text(
                403,
                "reset over HTTP is served on loopback only: use openvpc reset\n",
            ),
            ("POST", "/_openvpc/reset") => self.reset().await,
            ("GET", "/_openvpc/health") => Reply::text(200, "ok\n"),
            ("GET", "/_openvpc/metrics") if !self.on_loopback => {
                Reply::text(403, "metrics are served on loopback only\n")
            }
            ("GET", "/_openvpc/metrics") => match self.metrics.text().await {
                Ok(text) => Reply::new(200, metrics::CONTENT_TYPE, text),
                Err(stopped) => Reply::text(503, &format!("{stopped}\n")),
            },
            ("GET" | "POST", _) => self.aws(call).await,
            _ => Reply::text(405, "the AWS APIs served here take GET and POST\n"),
        }
    }

    async fn reset(&self) -> Reply {
        let (done, outcome) = oneshot::channel();
        // When nobody takes the request, `done` is dropped and the outcome tells.
        let _ = self.resets.send(done).await;
        match outcome.await {
            Ok(Ok(())) => Reply::text(200, "reset\n"),
            Ok(Err(reason)) => Reply::text(403, &format!("{reason}\n")),
            Err(_) => Reply::text(503, "the daemon is stopping\n"),
        }
    }

    async fn aws(&self, call: Call) -> Reply {
        let request_id = uuid();
        let (service, identity) = at_its_address(&call, self.verify(&call));
        let reply = self.served(&service, call, identity, &request_id).await;
        self.metrics.calls.count(&service, reply.status);
        reply
    }

    async fn served(
        &self,
        service: &str,
        call: Call,
        identity: Result<Identity, Error>,
        request_id: &str,
    ) -> Reply {
        match service {
            "ec2" => {
                self.query(&generated::EC2, call, identity, request_id)
                    .await
            }
            "iam" => {
                self.query(&generated::IAM, call, identity, request_id)
                    .await
            }
            "sts" => {
                self.query(&generated::STS, call, identity, request_id)
                    .await
            }
            "elasticloadbalancing" => {
                self.query(&generated::ELBV2, call, identity, request_id)
                    .await
            }
            "logs" => self.json_logs(call, identity, request_id).await,
            "dynamodb" => match identity {
                Ok(identity) => self.objects.dynamodb(&call, identity).await,
                Err(error) => dynamodb_refusal(&Refusal::new(
                    400,
                    "com.amazon.coral.service",
                    error.code(),
                    error.message(),
                )),
            },
            other => {
                let message = format!(
                    "openvpc does not serve {other} yet; it serves ec2, elasticloadbalancing, iam, sts, logs, s3 and dynamodb"
                );
                // A target names an operation of a JSON protocol, whose clients read no XML.
                if call.header("x-amz-target").is_some() {
                    let error = json_error("UnsupportedOperation", &message);
                    return Reply::new(400, "application/x-amz-json-1.0", error.to_string());
                }
                refusal(
                    &generated::EC2,
                    request_id,
                    &Error::new("UnsupportedOperation", message),
                )
            }
        }
    }

    /// Proves who signed. A refusal speaks the dialect of the service that was meant, as far as
    /// that is known.
    fn verify(&self, call: &Call) -> (String, Result<Identity, Error>) {
        let headers: Vec<(&str, &[u8])> = call
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_bytes()))
            .collect();
        let request = sigv4::Received {
            method: &call.method,
            path: &call.path,
            query: &call.query,
            headers: &headers,
            body: &call.body,
        };
        let claim = match sigv4::Claim::read(&request) {
            Ok(claim) => claim,
            Err(refusal) => {
                let meant = match (call.service, call.header("x-amz-target")) {
                    (Some(service), _) => service,
                    (None, Some(target)) if target.starts_with("DynamoDB_") => "dynamodb",
                    (None, Some(_)) => "logs",
                    (None, None) => "ec2",
                };
                return (meant.to_owned(), Err(refusal.error(meant)));
            }
        };
        let service = claim.service().to_owned();
        let token = claim.session_token();
        let known = self.authority.look_up(claim.access_key(), token);
        let proved = claim.verify(&request, chrono::Utc::now(), |_| {
            known.as_ref().map(|known| sigv4::Credential {
                secret_key: &known.secret.0,
                account: known.principal.account.as_str(),
                // Looked up by it, so it is the key's.
                session_token: token,
            })
        });
        let identity = proved
            .map_err(|refusal| refusal.error(&service))
            .and_then(|proved| {
                let known = known.as_ref().ok_or_else(Error::internal)?;
                if known.principal.is_expired(now()) {
                    return Err(sigv4::Refusal::KeyExpired.error(&service));
                }
                // To an account that has not opted in, a region knows none of its keys.
                let plane = &self.control_plane;
                if !is_global(&service) && plane.settings().region(&proved.region).is_none() {
                    return Err(sigv4::Refusal::UnknownKey.error(&service));
                }
                Ok(Identity {
                    region: proved.region,
                    principal: known.principal.clone(),
                })
            });
        (service, identity)
    }

    /// EC2 and STS: a form in, XML out.
    async fn query(
        &self,
        service: &'static table::Service,
        call: Call,
        identity: Result<Identity, Error>,
        request_id: &str,
    ) -> Reply {
        let judged = async {
            let identity = identity?;
            let request = openvpc_ec2::decode(service, call.query.as_bytes(), &call.body)?;
            let (plane, action) = (&self.control_plane, request.action.name);
            self.authority.authorize(
                &identity,
                &call.origin,
                service.name,
                action,
                &request.input,
            )?;
            let (response, revision) = match service.name {
                "sts" => {
                    let evaluator = self.authority.evaluator();
                    let answer = plane.call_sts(&identity, evaluator, action, request.input);
                    (answer.await?.response, None)
                }
                "iam" => {
                    let answer = plane.call_iam(&identity, action, request.input).await?;
                    (answer.response, Some(answer.revision))
                }
                "elbv2" => {
                    let health = &self.target_health;
                    let answer = plane.call_elb(&identity, health, action, request.input);
                    let answer = answer.await?;
                    (answer.response, Some(answer.revision))
                }
                _ => {
                    let answer = self.ec2(&identity, &call.origin, action, request.input);
                    let answer = answer.await?;
                    (answer.response, Some(answer.revision))
                }
            };
            let xml = encode::response(service, request.action, request_id, &response).map_err(
                |error| {
                    tracing::error!(%error, "an answer has not the shape of its action");
                    Error::new("InternalError", "An internal error has occurred")
                },
            )?;
            Ok((xml, revision))
        };
        match judged.await {
            Ok((xml, revision)) => {
                let reply = Reply::new(200, encode::CONTENT_TYPE, xml);
                match revision {
                    Some(revision) => reply.at_revision(revision),
                    None => reply,
                }
            }
            Err(error) => refusal(service, request_id, &error),
        }
    }

    /// One call of EC2. Of one that makes flow logs, S3 is asked about the bucket before, and given its policy after.
    async fn ec2(
        &self,
        identity: &Identity,
        origin: &Origin,
        action: &str,
        input: Value,
    ) -> Result<Answer, Error> {
        let store = self.objects.store();
        let bucket = match action {
            "CreateFlowLogs" => NamedBucket::of(store, &self.authority, identity, origin, &input),
            _ => None,
        };
        let says = bucket.as_ref().map(|bucket| bucket.says);
        let config = input["ConfigDeliveryS3DestinationArn"].clone();
        let mut answer = self
            .control_plane
            .call(identity, says, action, input)
            .await?;
        if action == "GetConsoleOutput" {
            self.consoles.show(&mut answer.response);
        }
        if let Some(bucket) = bucket {
            tokio::task::block_in_place(|| {
                bucket.settle(store, &self.authority, identity, &answer.response);
            });
        }
        if action == "GetFlowLogsIntegrationTemplate" {
            let to = config.as_str().unwrap_or_default();
            return put_template(store, &self.authority, identity, origin, to, answer);
        }
        Ok(answer)
    }

    /// CloudWatch Logs: JSON 1.1 both ways.
    async fn json_logs(
        &self,
        call: Call,
        identity: Result<Identity, Error>,
        request_id: &str,
    ) -> Reply {
        const JSON: &str = "application/x-amz-json-1.1";
        let outcome = async {
            let identity = identity.map_err(|e| (400, json_error(e.code(), e.message())))?;
            let target = call.header("x-amz-target").unwrap_or_default();
            let Some(operation) = target.strip_prefix("Logs_20140328.").map(str::to_owned) else {
                let message = "the header X-Amz-Target names no operation of Logs_20140328";
                return Err((400, json_error("UnknownOperationException", message)));
            };
            let input: Value = serde_json::from_slice(&call.body).map_err(|e| {
                (
                    400,
                    json_error(
                        "SerializationException",
                        &format!("the body is not JSON: {e}"),
                    ),
                )
            })?;
            let permission = format!("logs:{operation}");
            let resource = permission::logs_resource(&identity.region, identity.account(), &input);
            self.authority
                .allowed(
                    &identity.principal,
                    &call.origin,
                    Some(&identity.region),
                    &permission,
                    &resource,
                )
                .map_err(|sentence| (400, json_error("AccessDeniedException", &sentence)))?;
            let logs = self.logs.clone();
            // The log store syncs to disk: not on a thread that serves others.
            let handled = tokio::task::spawn_blocking(move || {
                let caller = LogsCaller {
                    account: identity.account().as_str(),
                    region: &identity.region,
                    now_ms: now(),
                };
                logs.handle(caller, &operation, input)
            });
            match handled.await {
                Ok(Ok(answer)) => Ok(answer),
                Ok(Err(error)) => Err((error.status(), json_error(error.kind, &error.message))),
                Err(_) => Err((
                    500,
                    json_error(
                        "ServiceUnavailableException",
                        "an internal error has occurred",
                    ),
                )),
            }
        };
        let (status, body) = match outcome.await {
            Ok(answer) => (200, answer),
            Err(refused) => refused,
        };
        let mut reply = Reply::new(status, JSON, body.to_string());
        reply
            .headers
            .push(("x-amzn-requestid", request_id.to_owned()));
        reply
    }
}

/// Refuses who signed for another service or region than that of the address, which speaks its own dialect.
fn at_its_address(
    call: &Call,
    (service, identity): (String, Result<Identity, Error>),
) -> (String, Result<Identity, Error>) {
    let Some(asked) = call.service else {
        return (service, identity);
    };
    let identity = match identity {
        Ok(_) if service != asked => Err(sigv4::Refusal::OtherService(asked).error(asked)),
        Ok(identity)
            if call
                .origin
                .region
                .is_some_and(|region| region != identity.region) =>
        {
            Err(sigv4::Refusal::OtherRegion.error(asked))
        }
        // A refusal in words of the service that was claimed says less.
        Err(_) if service != asked => Err(sigv4::Refusal::OtherService(asked).error(asked)),
        other => other,
    };
    (asked.to_owned(), identity)
}

/// Services of the account as a whole, whose scope names a region all the same.
fn is_global(service: &str) -> bool {
    matches!(service, "iam" | "sts")
}

fn refusal(service: &'static table::Service, request_id: &str, error: &Error) -> Reply {
    Reply::new(
        error.status(),
        encode::CONTENT_TYPE,
        encode::error_xml(service, request_id, error),
    )
}

fn json_error(code: &str, message: &str) -> Value {
    json!({"__type": code, "message": message})
}

/// A random version 4 UUID.
fn uuid() -> String {
    let bits: u128 = rand::random();
    let bits = bits & !(0xf000 << 64) & !(0xc000 << 48) | (0x4000 << 64) | (0x8000 << 48);
    let hex = format!("{bits:032x}");
    format!(
        "{}-{}-{}-{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..]
    )
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_request_id_is_a_version_4_uuid() {
        let id = super::uuid();
        let parts: Vec<&str> = id.split('-').collect();
        assert_eq!(
            parts.iter().map(|p| p.len()).collect::<Vec<_>>(),
            [8, 4, 4, 4, 12]
        );
        assert!(parts[2].starts_with('4'));
        assert!(matches!(parts[3].as_bytes()[0], b'8' | b'9' | b'a' | b'b'));
    }
}
