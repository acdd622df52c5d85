//! The API's listener: HTTP/1.1, bounded in connections, header size, body size and time.

use std::convert::Infallible;
use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::{Duration, Instant};

use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use openvpc_model::PublicService;
use openvpc_services::Origin;
use openvpc_services::s3::Body;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::Semaphore;

use super::api::{Api, Call, Reply};
use super::object_services::is_s3;

/// Connections served at once; more wait to be accepted.
const CONNECTIONS_MAX: usize = 1024;
/// One connection's buffer: request line and headers must fit in.
const HEADER_LEN_MAX: usize = 64 * 1024;
/// PutLogEvents is the longest call: 1 MiB of events, escaped.
const BODY_LEN_MAX: usize = 4 * 1024 * 1024;
/// BatchWriteItem takes 16 MB.
const TABLE_BODY_LEN_MAX: usize = 17 * 1024 * 1024;
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);
const BODY_TIMEOUT: Duration = Duration::from_secs(30);
/// How long an address in use is waited for: the kernel takes that of a daemon that was killed away only after all its memory.
const IN_USE_WAIT: Duration = Duration::from_secs(1);
/// How long the rest of a refused body is taken in.
const LINGER: Duration = Duration::from_secs(2);

/// Binds a listener, before any privilege or namespace is changed; `flag` is where its address comes from.
///
/// # Errors
/// A sentence for the user.
pub fn bind(address: SocketAddr, flag: &str) -> Result<TcpListener, String> {
    let end = Instant::now() + IN_USE_WAIT;
    let bound = loop {
        match bind_at_once(address) {
            Err(e) if e.kind() == ErrorKind::AddrInUse && Instant::now() < end => {
                std::thread::sleep(Duration::from_millis(10));
            }
            bound => break bound,
        }
    };
    bound.map_err(|e| match e.kind() {
        ErrorKind::AddrInUse => {
            format!("{address} is in use, perhaps by another openvpc: stop it, or choose another {flag} ADDRESS")
        }
        ErrorKind::PermissionDenied => {
            format!("this user may not listen on {address}: choose a port from 1024 up with {flag} ADDRESS")
        }
        _ => format!("cannot listen on {address}: {e}; choose another {flag} ADDRESS"),
    })
}

/// The same for who has another address to go to.
///
/// # Errors
/// The operating system's.
pub fn bind_at_once(address: SocketAddr) -> std::io::Result<TcpListener> {
    let listener = TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// Serves until the task is dropped.
pub async fn serve(listener: TcpListener, api: Arc<Api>) -> std::io::Result<()> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let Ok(place) = places.clone().acquire_owned().await else {
            return Ok(());
        };
        let (stream, peer) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of descriptors, most likely: those in use will be given back.
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let _ = stream.set_nodelay(true);
        let api = api.clone();
        // Everyone who reaches this listener is outside every VPC.
        let origin = Origin::outside(peer, false);
        tokio::spawn(async move {
            serve_connection(stream, api, Door::Loopback(origin)).await;
            drop(place);
        });
    }
}

/// By which listener a request came.
#[derive(Clone)]
pub enum Door {
    /// The API's own, on the machine: outside every VPC.
    Loopback(Origin),
    /// That of a service in the public zone.
    Zone(PublicService, Origin),
}

/// Serves one connection to its end.
pub async fn serve_connection<S>(stream: S, api: Arc<Api>, door: Door)
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    let service = service_fn(move |request| answer(api.clone(), request, door.clone()));
    let served = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .max_buf_size(HEADER_LEN_MAX)
        .serve_connection(TokioIo::new(stream), service)
        .without_shutdown()
        .await;
    match served {
        Ok(parts) => linger(parts.io.into_inner()).await,
        Err(error) => tracing::debug!(%error, "connection ended"),
    }
}

/// Hangs up, and takes in for a while what the other side is still sending: closing a socket with bytes unread resets the
/// connection, and the answer to a refused upload would be lost with it (RFC 9112 §9.6).
async fn linger<S>(mut stream: S)
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    let drained = async {
        stream.shutdown().await?;
        let mut rest = vec![0; 16 * 1024];
        while stream.read(&mut rest).await? > 0 {}
        std::io::Result::Ok(())
    };
    let _ = tokio::time::timeout(LINGER, drained).await;
}

async fn answer(
    api: Arc<Api>,
    request: Request<Incoming>,
    door: Door,
) -> Result<Response<Body>, Infallible> {
    let (origin, service) = match door {
        Door::Loopback(origin) => (origin, None),
        // The daemon itself is the machine's alone.
        Door::Zone(..) if request.uri().path().starts_with("/_openvpc/") => {
            return Ok(render(Reply::text(404, "not found\n")));
        }
        Door::Zone(service, origin) => (origin, Some(service.name)),
    };
    // Behind an address is one service, whatever the request says: security groups and endpoints judged by the address.
    let for_s3 = service.map_or_else(|| is_s3(&request), |service| service == "s3");
    if for_s3 {
        let answered = api.objects.s3(request, origin).await;
        let answer = answered.unwrap_or_else(|error| {
            tracing::error!(?error, "S3 could not answer");
            render(Reply::text(500, "an internal error has occurred\n"))
        });
        api.metrics.calls.count("s3", answer.status().as_u16());
        return Ok(answer);
    }
    let (head, body) = request.into_parts();
    let target = head.headers.get("x-amz-target");
    let body_len_max = match target.is_some_and(|t| t.as_bytes().starts_with(b"DynamoDB_")) {
        true => TABLE_BODY_LEN_MAX,
        false => BODY_LEN_MAX,
    };
    let reply = match tokio::time::timeout(BODY_TIMEOUT, Limited::new(body, body_len_max).collect())
        .await
    {
        Ok(Ok(body)) => {
            let headers: Option<Vec<(String, String)>> = head
                .headers
                .iter()
                .map(|(name, value)| {
                    Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
                })
                .collect();
            match headers {
                Some(headers) => {
                    let call = Call {
                        method: head.method.as_str().to_owned(),
                        path: head.uri.path().to_owned(),
                        query: head.uri.query().unwrap_or_default().to_owned(),
                        headers,
                        body: body.to_bytes(),
                        origin,
                        service,
                    };
                    api.answer(call).await
                }
                None => Reply::text(400, "a header is not ASCII text\n"),
            }
        }
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            Reply::text(413, "the request's body is too long\n")
        }
        Ok(Err(_)) => Reply::text(400, "the request's body is cut short or malformed\n"),
        Err(_) => Reply::text(408, "the request's body did not arrive in time\n"),
    };
    Ok(render(reply))
}

fn render(reply: Reply) -> Response<Body> {
    let mut response = Response::new(Body::from(reply.body));
    *response.status_mut() =
        StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in reply.headers {
        if let Ok(value) = value.parse() {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_is_given_back_at_once_is_waited_for() {
        let killed = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = killed.local_addr().unwrap();
        let teardown = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(100));
            drop(killed);
        });
        let bound = bind(address, "--listen").unwrap();
        teardown.join().unwrap();
        let refusal = bind(address, "--listen").unwrap_err();
        assert!(refusal.contains("is in use"), "{refusal}");
        drop(bound);
    }
}
