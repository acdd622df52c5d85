//! One request to the other S3, over a connection of its own. Bodies pass through piece by piece, as their receiver takes them.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::{Stream, StreamExt, TryStreamExt};
use http::{Request, Response};
use http_body_util::{BodyExt, StreamBody};
use hyper::body::{Bytes, Frame, Incoming};
use hyper_util::rt::TokioIo;
use s3s::checksum::ChecksumHasher;
use s3s::dto::StreamingBlob;
use s3s::{Body, S3Error, S3Result};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep_until, timeout};

use crate::s3::body::{Claims, check, hasher, named};
use crate::s3::refuse::refuse;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// What does not move for so long is given up.
const IDLE_TIMEOUT: Duration = Duration::from_secs(60);

/// Sends a request and waits for the head of the answer.
///
/// # Errors
/// `ServiceUnavailable`: nobody answers there; or what is wrong with the body.
pub async fn exchange(
    address: &str,
    head: http::request::Parts,
    body: Body,
    claims: Option<Claims>,
) -> S3Result<Response<Incoming>> {
    let connected = timeout(CONNECT_TIMEOUT, TcpStream::connect(address)).await;
    let stream = connected
        .map_err(|_| unavailable(address, &"no connection in time"))?
        .map_err(|error| unavailable(address, &error))?;
    // Whether a piece waits for another one shall not depend on how long it is.
    let _ = stream.set_nodelay(true);
    let shaken = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = shaken.map_err(|error| unavailable(address, &error))?;
    let connection = tokio::spawn(connection);
    let passage = Passage::default();
    let body = StreamBody::new(Box::pin(
        pieces(body, claims, passage.clone()).map_ok(Frame::data),
    ));
    let answered = sender.send_request(Request::from_parts(head, body));
    tokio::pin!(answered);
    loop {
        let patience = passage.moved_at() + IDLE_TIMEOUT;
        tokio::select! {
            answer = &mut answered => {
                return answer.map_err(|error| match passage.fault() {
                    Some(fault) => fault,
                    None => unavailable(address, &error),
                });
            }
            () = sleep_until(patience) => {
                if passage.moved_at() + IDLE_TIMEOUT <= Instant::now() {
                    connection.abort();
                    return Err(unavailable(address, &"no answer in time"));
                }
            }
        }
    }
}

/// The body of an answer.
pub fn passed_on(body: Incoming) -> Body {
    let pieces = futures::stream::try_unfold(body, |mut body| async move {
        loop {
            let frame = timeout(IDLE_TIMEOUT, body.frame()).await;
            let frame = frame.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?;
            let Some(frame) = frame.transpose().map_err(io::Error::other)? else {
                return io::Result::Ok(None);
            };
            if let Ok(piece) = frame.into_data() {
                return Ok(Some((piece, body)));
            }
        }
    });
    StreamingBlob::wrap(Box::pin(pieces)).into()
}

fn unavailable(address: &str, error: &dyn std::fmt::Display) -> S3Error {
    tracing::warn!(address, %error, "the S3 elsewhere");
    refuse(
        "ServiceUnavailable",
        503,
        "The S3 to which requests are handed on does not answer. Please try again.",
    )
}

/// How a body fares on its way there.
#[derive(Clone)]
struct Passage(Arc<Mutex<(Instant, Option<S3Error>)>>);

impl Default for Passage {
    fn default() -> Passage {
        Passage(Arc::new(Mutex::new((Instant::now(), None))))
    }
}

impl Passage {
    fn moved_at(&self) -> Instant {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).0
    }

    fn moved(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).0 = Instant::now();
    }

    fn failed(&self, fault: S3Error) -> io::Error {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).1 = Some(fault);
        io::Error::other("the body is not what was said of it")
    }

    fn fault(&self) -> Option<S3Error> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .1
            .take()
    }
}

/// A body's pieces. Where its checksum comes behind it, the last piece is kept back until that is right: what is wrong never
/// arrives whole, and so leaves no object.
fn pieces(
    body: Body,
    claims: Option<Claims>,
    passage: Passage,
) -> impl Stream<Item = io::Result<Bytes>> + Send {
    struct Passing {
        body: Option<Box<dyn Stream<Item = Result<Bytes, s3s::StdError>> + Send + Unpin>>,
        sums: Option<(Claims, ChecksumHasher)>,
        kept: Option<Bytes>,
        passage: Passage,
    }
    let body = Box::pin(body).into_data_stream();
    let passing = Passing {
        body: Some(Box::new(body)),
        sums: claims.map(|claims| {
            let hasher = hasher(&claims);
            (claims, hasher)
        }),
        kept: None,
        passage,
    };
    futures::stream::try_unfold(passing, |mut passing| async move {
        while let Some(body) = &mut passing.body {
            match body.next().await {
                Some(Ok(piece)) => {
                    passing.passage.moved();
                    let Some((_, hasher)) = &mut passing.sums else {
                        return Ok(Some((piece, passing)));
                    };
                    hasher.update(&piece);
                    if let Some(before) = passing.kept.replace(piece) {
                        return Ok(Some((before, passing)));
                    }
                }
                Some(Err(error)) => {
                    let fault = match error.downcast::<S3Error>() {
                        Ok(refusal) => *refusal,
                        Err(error) => refuse(
                            "IncompleteBody",
                            400,
                            format!("The request body did not arrive whole: {error}"),
                        ),
                    };
                    return Err(passing.passage.failed(fault));
                }
                None => {
                    passing.body = None;
                    if let Some((claims, hasher)) = passing.sums.take() {
                        let sums = named(hasher.finalize());
                        check(&claims, &[], &sums)
                            .map_err(|fault| passing.passage.failed(fault))?;
                    }
                }
            }
        }
        Ok(passing.kept.take().map(|last| (last, passing)))
    })
}
