//! The public zone (D9): the AWS services at addresses on the internet, over TLS and plain HTTP. Where a request came
//! from is what the engine let the packets bear (D10).

mod certificates;

use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use openvpc_engine::identity::service_ipv6;
use openvpc_engine::{EniIndex, Identity, Via, identity};
use openvpc_model::{PublicService, Region, VpcEndpoint, public_services};
use openvpc_services::Origin;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

use super::api::Api;
use super::dns::shares::Shares;
use super::http::{self, Door};
use super::services::{Identities, ServiceSockets};

pub use certificates::Authority;

/// Connections served at once: of everyone together, and of one caller. One that exceeds either is closed.
const CONNECTIONS_MAX: (usize, usize) = (1_024, 256);
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// What every listener shares.
struct Zone {
    api: Arc<Api>,
    identities: Identities,
    acceptor: TlsAcceptor,
    places: Arc<Shares<Peer>>,
}

/// Whom a connection counts for.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Peer {
    /// An endpoint's caller: the interface that the engine knows it by, and its address there.
    Identity(EniIndex, IpAddr),
    /// Somebody on the internet: all of a NAT gateway's hosts are one.
    Address(IpAddr),
}

/// Starts all services of all regions; they end with the runtime.
///
/// # Errors
/// A sentence for the user.
pub fn serve(
    sockets: &ServiceSockets,
    authority: Authority,
    identities: &Identities,
    api: &Arc<Api>,
) -> Result<(), String> {
    let config = authority.server()?;
    let zone = Arc::new(Zone {
        api: api.clone(),
        identities: identities.clone(),
        acceptor: TlsAcceptor::from(config),
        places: Shares::new(CONNECTIONS_MAX),
    });
    let services = public_services();
    let at = |port| {
        let addresses = services.iter();
        addresses.map(move |service| SocketAddr::new(service.address.into(), port))
    };
    let listeners = sockets.public(at(443).chain(at(80)).collect());
    let mut listeners =
        listeners.map_err(|error| format!("cannot serve the public zone: {error}"))?;
    let over_ipv6 = |port| {
        let addresses = services.iter();
        addresses.map(move |service| SocketAddr::new(service_ipv6(service.address).into(), port))
    };
    match sockets.public(over_ipv6(443).chain(over_ipv6(80)).collect()) {
        Ok(more) => listeners.extend(more),
        Err(error) => tracing::warn!(%error, "no service answers endpoints over IPv6"),
    }
    for (listener, service) in listeners.into_iter().zip(services.iter().cycle()) {
        let (zone, service) = (zone.clone(), *service);
        tokio::spawn(async move {
            let error = zone.accept(listener, service).await;
            tracing::error!(
                ?error,
                ?service,
                "a public service takes no connections any more"
            );
        });
    }
    Ok(())
}

impl Zone {
    async fn accept(
        self: Arc<Self>,
        listener: TcpListener,
        service: PublicService,
    ) -> io::Result<()> {
        let tls = listener.local_addr()?.port() == 443;
        let listener = tokio::net::TcpListener::from_std(listener)?;
        loop {
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
            let zone = self.clone();
            tokio::spawn(async move {
                let Some(caller) = zone.caller(peer.ip()).await else {
                    tracing::debug!(%peer, "came through an endpoint that is gone");
                    return;
                };
                let Some(place) = zone.places.take(caller) else {
                    tracing::debug!(%peer, "has as many connections as one may have");
                    return;
                };
                zone.converse(stream, peer, service, tls).await;
                drop(place);
            });
        }
    }

    async fn caller(&self, peer: IpAddr) -> Option<Peer> {
        match identity::is_internal(peer) {
            false => Some(Peer::Address(peer)),
            true => {
                let Identity { eni, source, .. } = self.identities.of(peer).await?;
                Some(Peer::Identity(eni, source))
            }
        }
    }

    async fn converse(
        &self,
        stream: TcpStream,
        peer: SocketAddr,
        service: PublicService,
        tls: bool,
    ) {
        let Some((service, origin)) = self.origin(peer, service, tls).await else {
            tracing::debug!(%peer, "came through an endpoint that is gone");
            return;
        };
        let door = Door::Zone(service, origin);
        if !tls {
            return http::serve_connection(stream, self.api.clone(), door).await;
        }
        match tokio::time::timeout(HANDSHAKE_TIMEOUT, self.acceptor.accept(stream)).await {
            Ok(Ok(stream)) => http::serve_connection(stream, self.api.clone(), door).await,
            Ok(Err(error)) => tracing::debug!(%error, "no TLS"),
            Err(_) => tracing::debug!("a TLS handshake took too long"),
        }
    }

    /// Where a connection came from, and the service that it is for. Through an endpoint, if its source is an identity's
    /// address (`GE-29`, `IP-7`); else from the internet, of which the source tells. None for an identity that is gone.
    async fn origin(
        &self,
        peer: SocketAddr,
        service: PublicService,
        tls: bool,
    ) -> Option<(PublicService, Origin)> {
        let (service, origin) = match identity::is_internal(peer.ip()) {
            false => (service, Origin::outside(peer, tls)),
            true => {
                let identity = self.identities.of(peer.ip()).await?;
                let world = self.api.control_plane.world();
                let region = world.regions.get(service.region)?;
                let endpoint = endpoint_of(region, &identity)?;
                let (id, vpc) = (endpoint.id.to_string(), endpoint.vpc.to_string());
                // That of a service that is not served has come to one that says so, in its name.
                let meant = endpoint.service.aws()?.name;
                let service = PublicService {
                    name: meant,
                    ..service
                };
                (service, Origin::through(id, vpc, identity.source, tls))
            }
        };
        let origin = Origin {
            region: Some(service.region),
            ..origin
        };
        Some((service, origin))
    }
}

/// The endpoint that an identity came through.
fn endpoint_of<'r>(region: &'r Region, identity: &Identity) -> Option<&'r VpcEndpoint> {
    let mut endpoints = region.vpc_endpoints.values();
    match identity.via {
        Via::GatewayEndpoint(number, _) => {
            endpoints.find(|endpoint| endpoint.id.low_bits() == number.0)
        }
        Via::InterfaceEndpoint(_) => {
            let mut interfaces = region.network_interfaces.values();
            let eni = interfaces.find(|eni| eni.serial == identity.eni.0)?.id;
            endpoints.find(|endpoint| {
                let own = endpoint.interface().into_iter();
                own.flat_map(|own| own.network_interfaces.values())
                    .any(|id| *id == eni)
            })
        }
        Via::LinkLocal(..) | Via::HealthCheck => None,
    }
}
