//! The instance metadata service at 169.254.169.254 and fd00:ec2::254 (MD-1, MD-2): HTTP/1.1 at the edge, bounded in
//! connections per interface, header size, body and time. [`answer`] has the rules, [`tree`] what there is to read, [`role`]
//! the session that an instance profile gives.

mod answer;
mod role;
mod tokens;
mod tree;

use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use nix::sys::socket::{setsockopt, sockopt};
use openvpc_iam::judge::Evaluator;
use openvpc_model::{InstanceId, MetadataOptions};
use tokio::net::{TcpListener, TcpStream};

use super::super::control_plane::{ControlPlane, now};
use super::super::dns::shares::Shares;
use super::Identities;
use answer::{Answer, Request, answer, refuse};
use tokens::Tokens;
use tree::{Node, Subject};

/// Connections: of all interfaces, and of one. Beyond, a new one is closed.
const CONNECTIONS_MAX: (usize, usize) = (2_048, 64);
/// Request line and headers must fit in.
const HEADER_LEN_MAX: usize = 16 * 1024;
/// A connection that says nothing for so long is closed: far sooner than its identity is forgotten.
const HEADER_TIMEOUT: Duration = Duration::from_secs(20);
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// Hop limit of everything but the answer to a PUT.
const HOPS: u8 = 64;

/// The service of all instances.
pub struct Metadata {
    control_plane: Arc<ControlPlane>,
    identities: Identities,
    evaluator: Arc<dyn Evaluator>,
    tokens: Mutex<Tokens>,
    connections: Arc<Shares<u32>>,
}

/// What one request needs to know of the world, read at once.
struct Seen {
    instance: InstanceId,
    options: MetadataOptions,
    latest: Node,
}

impl Metadata {
    pub fn new(
        control_plane: Arc<ControlPlane>,
        identities: Identities,
        evaluator: Arc<dyn Evaluator>,
    ) -> Arc<Metadata> {
        Arc::new(Metadata {
            control_plane,
            identities,
            evaluator,
            tokens: Mutex::default(),
            connections: Shares::new(CONNECTIONS_MAX),
        })
    }

    /// Answers connections for as long as it is polled.
    pub async fn serve(self: Arc<Self>, listener: TcpListener) {
        loop {
            let Ok((stream, peer)) = listener.accept().await else {
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            };
            let Some(identity) = self.identities.of(peer.ip()).await else {
                continue;
            };
            let Some(share) = self.connections.take(identity.eni.0) else {
                continue;
            };
            let service = self.clone();
            tokio::spawn(async move {
                if let Err(error) = service.converse(stream, peer).await {
                    tracing::debug!(%error, "a metadata connection ended");
                }
                drop(share);
            });
        }
    }

    async fn converse(self: Arc<Self>, stream: TcpStream, peer: SocketAddr) -> io::Result<()> {
        let stream = stream.into_std()?;
        let socket = Arc::new(stream.try_clone()?);
        let stream = TcpStream::from_std(stream)?;
        let service = service_fn(move |request| {
            let (service, socket) = (self.clone(), socket.clone());
            async move { Ok::<_, Infallible>(service.respond(request, peer.ip(), &socket).await) }
        });
        hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADER_TIMEOUT)
            .max_buf_size(HEADER_LEN_MAX)
            .serve_connection(TokioIo::new(stream), service)
            .await
            .map_err(io::Error::other)
    }

    /// Whatever body the request has is left unread; the connection ends if there is one.
    async fn respond(
        &self,
        request: hyper::Request<Incoming>,
        peer: IpAddr,
        socket: &std::net::TcpStream,
    ) -> Response<Full<Bytes>> {
        // Asked again for each request: the interface may be gone since the connection came.
        let seen = match self.identities.of(peer).await {
            Some(identity) => {
                self.prepare_sessions().await;
                self.see(identity.eni.0)
            }
            None => None,
        };
        let Some(seen) = seen else {
            return render(refuse(404), "text/html");
        };
        let is_off = peer.is_ipv6() && seen.options.http_protocol_ipv6 != "enabled";
        let is_put = request.method() == hyper::Method::PUT;
        let hops = match is_put {
            true => seen.options.http_put_response_hop_limit,
            false => HOPS,
        };
        if set_hops(socket, peer, hops).is_err() || is_off {
            return render(refuse(403), "text/html");
        }
        let header = |name: &str| request.headers().get(name)?.to_str().ok();
        let asked = Request {
            method: request.method().as_str(),
            path: request.uri().path(),
            token: header("x-aws-ec2-metadata-token"),
            ttl: header("x-aws-ec2-metadata-token-ttl-seconds"),
            forwarded: request.headers().contains_key("x-forwarded-for"),
        };
        let fresh = base64::engine::general_purpose::URL_SAFE.encode(rand::random::<[u8; 40]>());
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        let Seen {
            instance,
            options,
            latest,
        } = seen;
        let answer = answer(
            &asked,
            instance,
            &options,
            &mut tokens,
            fresh,
            now(),
            || latest,
        );
        let kind = match (answer.status, asked.path) {
            (200, path) if path.ends_with("/user-data") => "application/octet-stream",
            (200, _) => "text/plain",
            _ => "text/html",
        };
        render(answer, kind)
    }

    /// Sessions need a key that is drawn once; without a profile there is nobody to give a session to.
    async fn prepare_sessions(&self) {
        let owner = {
            let world = self.control_plane.world();
            match &world.iam.session_key {
                Some(_) => None,
                None => role::first_owner(&world),
            }
        };
        if let Some(owner) = owner
            && let Err(error) = self.control_plane.draw_session_key(&owner).await
        {
            tracing::warn!(%error, "instances get no credentials");
        }
    }

    /// The instance behind an interface, as the world is now: a change of its options counts at once.
    fn see(&self, serial: u32) -> Option<Seen> {
        let world = self.control_plane.world();
        world.regions.iter().find_map(|(name, region)| {
            let mut interfaces = region.network_interfaces.values();
            let eni = interfaces.find(|eni| eni.serial == serial)?;
            let bond = eni.attachment.as_ref()?;
            let instance = region.instances.get(&bond.instance)?;
            let subject = Subject {
                name,
                info: self.control_plane.settings().region(name),
                region,
                instance,
                role: role::session(&world.iam, instance, &*self.evaluator, now()),
            };
            Some(Seen {
                instance: instance.id,
                options: instance.metadata_options.clone(),
                latest: tree::latest(&subject),
            })
        })
    }
}

/// How far what is sent from now on may travel (MD-1: the token must not leave the instance).
fn set_hops(socket: &std::net::TcpStream, peer: IpAddr, hops: u8) -> io::Result<()> {
    match peer {
        IpAddr::V4(_) => socket.set_ttl(u32::from(hops)),
        IpAddr::V6(_) => Ok(setsockopt(socket, sockopt::Ipv6Ttl, &i32::from(hops))?),
    }
}

fn render(answer: Answer, kind: &'static str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from(answer.body));
    *response.status_mut() =
        StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(
        "content-type",
        hyper::header::HeaderValue::from_static(kind),
    );
    headers.insert("server", hyper::header::HeaderValue::from_static("EC2ws"));
    if let Some(ttl) = answer.ttl {
        headers.insert("x-aws-ec2-metadata-token-ttl-seconds", ttl.into());
    }
    response
}
