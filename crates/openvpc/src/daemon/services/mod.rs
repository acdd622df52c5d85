//! What answers at the link-local addresses of every subnet: sockets in the services' namespace, and who is behind each
//! peer that they see (D10). The answers themselves are pure functions of what the peer is allowed to see.

mod metadata;
mod time_sync;

use std::collections::{HashMap, HashSet};
use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener, UdpSocket};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, Instant};

use openvpc_dataplane::DataPlane;
use openvpc_dns::ForwardRule;
use openvpc_engine::{EniIndex, Identity, Service};
use openvpc_host::{ServiceNamespace, outside};
use openvpc_iam::judge::Evaluator;
use tokio::sync::watch;

use super::control_plane::ControlPlane;
use super::dns::{DnsService, Identify};
use metadata::Metadata;

/// Opens the sockets of services.
pub struct ServiceSockets {
    namespace: ServiceNamespace,
}

impl ServiceSockets {
    /// Opens them in the data plane's namespace for services.
    pub fn new(namespace: ServiceNamespace) -> ServiceSockets {
        ServiceSockets { namespace }
    }

    /// The UDP sockets of a service, one per address family that this kernel has; ready for tokio's `from_std`.
    pub fn udp(&self, service: Service) -> io::Result<Vec<UdpSocket>> {
        self.namespace.run(move || {
            each_family(service, |address| {
                let socket = UdpSocket::bind(address)?;
                socket.set_nonblocking(true)?;
                Ok(socket)
            })
        })
    }

    /// Runs `work` on a thread of its own in the services' namespace, until it ends.
    pub fn spawn(&self, name: &str, work: impl FnOnce() + Send + 'static) -> io::Result<()> {
        self.namespace.spawn(name, work)
    }

    /// TCP listeners at addresses of the public zone; ready for tokio's `from_std`.
    pub fn public(&self, addresses: Vec<SocketAddr>) -> io::Result<Vec<TcpListener>> {
        self.namespace.run(move || {
            let listen = |address| {
                let listener = TcpListener::bind(address)?;
                listener.set_nonblocking(true)?;
                Ok(listener)
            };
            addresses.into_iter().map(listen).collect()
        })
    }

    /// The TCP listeners of a service, as [`ServiceSockets::udp`].
    pub fn tcp(&self, service: Service) -> io::Result<Vec<TcpListener>> {
        self.namespace.run(move || {
            each_family(service, |address| {
                let listener = TcpListener::bind(address)?;
                listener.set_nonblocking(true)?;
                Ok(listener)
            })
        })
    }
}

fn each_family<T>(
    service: Service,
    open: impl Fn(SocketAddr) -> io::Result<T>,
) -> io::Result<Vec<T>> {
    let at = |ipv4| open(SocketAddr::new(service.internal(ipv4), port(service)));
    let mut opened = vec![at(true)?];
    match at(false) {
        Ok(socket) => opened.push(socket),
        Err(error) => tracing::warn!(%error, ?service, "does not answer over IPv6"),
    }
    Ok(opened)
}

fn port(service: Service) -> u16 {
    match service {
        Service::Resolver => 53,
        Service::Metadata => 80,
        Service::TimeSync => 123,
    }
}

/// For how long an answer of the data plane holds. It gives an address to somebody else only after ten minutes of silence
/// and all other addresses, so that within this time it cannot come to mean another.
const KNOWN_FOR: Duration = Duration::from_secs(1);
/// Answers kept; when there are more, all are asked for again.
const KNOWN_MAX: usize = 65_536;

/// Tells who is behind a peer. To be asked for every request, not once per connection.
#[derive(Clone)]
pub struct Identities {
    data_plane: DataPlane,
    known: Arc<Mutex<HashMap<IpAddr, (Identity, Instant)>>>,
}

impl Identities {
    pub fn new(data_plane: DataPlane) -> Identities {
        Identities {
            data_plane,
            known: Arc::default(),
        }
    }

    /// The interface behind `peer`; `None` if it is gone. The interface's serial is `eni.0`.
    pub async fn of(&self, peer: IpAddr) -> Option<Identity> {
        if let Some((identity, at)) = self.known().get(&peer)
            && at.elapsed() < KNOWN_FOR
        {
            return Some(*identity);
        }
        let identity = self.data_plane.identity(peer).await.ok().flatten()?;
        let mut known = self.known();
        if known.len() >= KNOWN_MAX {
            known.clear();
        }
        known.insert(peer, (identity, Instant::now()));
        Some(identity)
    }
}

impl Identities {
    fn known(&self) -> MutexGuard<'_, HashMap<IpAddr, (Identity, Instant)>> {
        // An entry is whole or absent.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Identify for Identities {
    async fn identify(&self, peer: IpAddr) -> Option<u32> {
        Some(self.of(peer).await?.eni.0)
    }
}

/// Starts every service; they end with the runtime.
pub fn serve(
    sockets: &ServiceSockets,
    identities: &Identities,
    control_plane: &Arc<ControlPlane>,
    evaluator: Arc<dyn Evaluator>,
    applied: watch::Receiver<u64>,
    forward: Vec<ForwardRule>,
    idle_nodes: Arc<RwLock<HashSet<EniIndex>>>,
) -> io::Result<()> {
    for socket in sockets.udp(Service::TimeSync)? {
        let socket = tokio::net::UdpSocket::from_std(socket)?;
        tokio::spawn(time_sync::serve(socket));
    }
    let metadata = Metadata::new(control_plane.clone(), identities.clone(), evaluator);
    for listener in sockets.tcp(Service::Metadata)? {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        tokio::spawn(metadata.clone().serve(listener));
    }
    serve_resolver(
        sockets,
        identities,
        control_plane,
        applied,
        forward,
        idle_nodes,
    )
}

fn serve_resolver(
    sockets: &ServiceSockets,
    identities: &Identities,
    control_plane: &Arc<ControlPlane>,
    applied: watch::Receiver<u64>,
    forward: Vec<ForwardRule>,
    idle_nodes: Arc<RwLock<HashSet<EniIndex>>>,
) -> io::Result<()> {
    let world = control_plane.clone();
    let outside: Vec<(String, Vec<IpAddr>)> = outside::ALL
        .iter()
        .map(|host| (host.dns_name(), vec![host.ipv4.into(), host.ipv6.into()]))
        .collect();
    let views = Box::new(move || {
        let idle = idle_nodes.read().unwrap_or_else(PoisonError::into_inner);
        let mut views = openvpc_compile::dns_views_around(&world.world(), &outside, &idle);
        drop(idle);
        let regions = world.settings().regions.iter();
        let regions = regions.map(|region| region.name.as_str());
        openvpc_compile::name_public_services(regions, &mut views.public);
        views
    });
    let resolver = DnsService::new(forward, views, applied, identities.clone());
    for socket in sockets.udp(Service::Resolver)? {
        let socket = tokio::net::UdpSocket::from_std(socket)?;
        let resolver = resolver.clone();
        tokio::spawn(async move {
            let error = resolver.serve_udp(socket).await;
            tracing::error!(%error, "the resolver answers no datagrams any more");
        });
    }
    for listener in sockets.tcp(Service::Resolver)? {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        tokio::spawn(resolver.clone().serve_tcp(listener));
    }
    Ok(())
}
