//! The console: a page for people, on a port of its own, that reads and changes nothing.
//!
//! Whoever reaches the port may read everything, so it is on loopback only, as the API with its built-in key is. A page of
//! somebody else's in the user's browser reaches the port too, but learns nothing: requests for another host's name are
//! refused (DNS rebinding), and answers allow no other origin to read them.

mod describe;
mod flows;
mod history;
mod pages;

use std::convert::Infallible;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{HOST, HeaderValue};
use hyper::service::service_fn;
use hyper::{HeaderMap, Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use openvpc_model::AccountId;
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use super::control_plane::ControlPlane;
use super::http::{bind, bind_at_once};
use super::live_flows::LiveFlows;

/// Where it is unless told, or on any free port if another openvpc is there.
const DEFAULT: SocketAddr = SocketAddr::V4(std::net::SocketAddrV4::new(
    std::net::Ipv4Addr::LOCALHOST,
    4567,
));
/// Connections served at once; more wait to be accepted.
const CONNECTIONS_MAX: usize = 64;
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);
const HEADER_LEN_MAX: usize = 16 * 1024;

/// What the command line says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    Off,
    At(SocketAddr),
}

impl std::str::FromStr for Choice {
    type Err = String;

    fn from_str(text: &str) -> Result<Choice, String> {
        if text == "off" {
            return Ok(Choice::Off);
        }
        match text.parse::<SocketAddr>() {
            Ok(address) if address.ip().is_loopback() => Ok(Choice::At(address)),
            Ok(_) => Err(
                "the console asks nobody for a key, so it is served on loopback only".to_owned(),
            ),
            Err(_) => Err("an address such as 127.0.0.1:4567, or off".to_owned()),
        }
    }
}

/// Binds the port.
///
/// # Errors
/// A sentence for the user.
pub fn listen(choice: Option<&Choice>) -> Result<Option<TcpListener>, String> {
    match choice {
        Some(Choice::Off) => Ok(None),
        Some(Choice::At(address)) => bind(*address, "--console").map(Some),
        None => {
            let any = SocketAddr::new(DEFAULT.ip(), 0);
            bind_at_once(DEFAULT)
                .or_else(|_| bind(any, "--console"))
                .map(Some)
        }
    }
}

/// What the console reads.
pub struct Console {
    pub control_plane: Arc<ControlPlane>,
    /// Of the keys of the command line.
    pub accounts: Vec<AccountId>,
    pub live_flows: Arc<LiveFlows>,
    /// Held while one is answered.
    pub questions: tokio::sync::Mutex<()>,
}

/// Serves until the task is dropped.
pub async fn serve(listener: TcpListener, console: Arc<Console>) -> std::io::Result<()> {
    let address = listener.local_addr()?;
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let Ok(place) = places.clone().acquire_owned().await else {
            return Ok(());
        };
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let console = console.clone();
        tokio::spawn(async move {
            let service = service_fn(move |request| answer(console.clone(), address, request));
            let served = hyper::server::conn::http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(HEADER_TIMEOUT)
                .max_buf_size(HEADER_LEN_MAX)
                .serve_connection(TokioIo::new(stream), service)
                .await;
            if let Err(error) = served {
                tracing::debug!(%error, "a console's connection ended");
            }
            drop(place);
        });
    }
}

type Answer = Response<Full<Bytes>>;

async fn answer(
    console: Arc<Console>,
    address: SocketAddr,
    request: Request<Incoming>,
) -> Result<Answer, Infallible> {
    let mut answer = if !is_for(request.headers(), address) {
        text(
            StatusCode::MISDIRECTED_REQUEST,
            "this is not the host that was asked for\n",
        )
    } else if request.method() != Method::GET {
        text(
            StatusCode::METHOD_NOT_ALLOWED,
            "the console only reads: GET\n",
        )
    } else {
        console
            .get(request.uri().path(), &Query::of(request.uri().query()))
            .await
    };
    for (name, value) in pages::HEADERS {
        answer
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    Ok(answer)
}

/// Whether a request names this port by a name of the machine itself.
fn is_for(headers: &HeaderMap, address: SocketAddr) -> bool {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let own = [format!("localhost:{}", address.port()), address.to_string()];
    host.is_some_and(|host| own.iter().any(|own| own.eq_ignore_ascii_case(host)))
}

/// A refusal for the reader.
struct Refusal(StatusCode, String);

impl Refusal {
    /// What was asked is no question, or has no answer.
    fn bad(sentence: impl ToString) -> Refusal {
        Refusal(StatusCode::BAD_REQUEST, sentence.to_string())
    }

    /// It is the console that did not do it.
    fn broken(what: &str) -> Refusal {
        Refusal(StatusCode::INTERNAL_SERVER_ERROR, format!("{what} broke"))
    }
}

impl Console {
    async fn get(&self, path: &str, query: &Query) -> Answer {
        if let Some((content_type, content)) = pages::find(path) {
            return whole(StatusCode::OK, content_type, Bytes::from_static(content));
        }
        match self.read(path, query).await {
            Ok(value) => whole(StatusCode::OK, "application/json", value.to_string().into()),
            Err(Refusal(status, sentence)) => text(status, &format!("{sentence}\n")),
        }
    }

    async fn read(&self, path: &str, query: &Query) -> Result<Value, Refusal> {
        match path {
            "/api/scope" => Ok(self.scope()),
            "/api/revision" => Ok(json!({"revision": self.control_plane.world().revision})),
            "/api/describe" => {
                self.describe(query.get("region"), query.get("account"))
                    .await
            }
            "/api/flows" => Ok(self.flows(query.get("after"))),
            "/api/plot" => self.plot(query),
            "/api/queries" => Ok(Console::queries()),
            "/api/query" => self.query(query).await,
            "/api/why" => self.why(query).await,
            _ => Err(Refusal(
                StatusCode::NOT_FOUND,
                "there is nothing here".to_owned(),
            )),
        }
    }
}

/// The parameters of a request, decoded.
struct Query(Vec<(String, String)>);

impl Query {
    fn of(text: Option<&str>) -> Query {
        let pairs = text.unwrap_or_default().split('&').filter_map(|pair| {
            let (name, value) = pair.split_once('=')?;
            Some((decoded(name)?, decoded(value)?))
        });
        Query(pairs.collect())
    }

    /// A parameter; nothing if it is absent or empty.
    fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(own, _)| own == name);
        found
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }
}

fn decoded(text: &str) -> Option<String> {
    let spaced = text.replace('+', " ");
    let decoded = percent_encoding::percent_decode_str(&spaced).decode_utf8();
    decoded.ok().map(|text| text.into_owned())
}

fn text(status: StatusCode, text: &str) -> Answer {
    whole(status, "text/plain; charset=utf-8", text.to_owned().into())
}

fn whole(status: StatusCode, content_type: &'static str, body: Bytes) -> Answer {
    let mut answer = Response::new(Full::new(body));
    *answer.status_mut() = status;
    answer
        .headers_mut()
        .insert("content-type", HeaderValue::from_static(content_type));
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_machines_own_names_lead_to_it() {
        let address: SocketAddr = "127.0.0.1:4567".parse().unwrap();
        let asked = |host: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(HOST, host.parse().unwrap());
            is_for(&headers, address)
        };
        assert!(asked("127.0.0.1:4567") && asked("localhost:4567") && asked("LOCALHOST:4567"));
        for host in [
            "evil.example",
            "evil.example:4567",
            "127.0.0.1",
            "127.0.0.1:4566",
            "localhost.evil.example:4567",
        ] {
            assert!(!asked(host), "{host}");
        }
        assert!(!is_for(&HeaderMap::new(), address));
    }

    #[test]
    fn a_console_is_on_loopback_or_off() {
        assert_eq!("off".parse(), Ok(Choice::Off));
        assert!(matches!("127.0.0.1:0".parse(), Ok(Choice::At(_))));
        assert!(matches!("[::1]:9000".parse(), Ok(Choice::At(_))));
        for bad in ["0.0.0.0:4567", "10.0.0.1:80", "4567", "on", ""] {
            assert!(bad.parse::<Choice>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_query_is_decoded() {
        let query = Query::of(Some("a=x%20y+z&b=&c&d=%ff&e=1=2"));
        assert_eq!(query.get("a"), Some("x y z"));
        assert_eq!(query.get("b"), None);
        assert_eq!(query.get("c"), None);
        assert_eq!(query.get("d"), None);
        assert_eq!(query.get("e"), Some("1=2"));
    }
}
