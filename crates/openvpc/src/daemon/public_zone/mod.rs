//! The public zone (D9): the AWS services at addresses on the internet, over TLS and plain HTTP. Where a request came
//! from is what the engine let the packets bear (D10).

mod certificates;

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use openvpc_model::public_services;
use openvpc_services::Origin;
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;

use super::api::Api;
use super::http::{self, Door};
use super::services::ServiceSockets;

pub use certificates::Authority;

/// Connections served at once, of everyone together; more wait to be accepted.
const CONNECTIONS_MAX: usize = 1_024;
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// The addresses of all services.
pub fn addresses() -> Vec<IpAddr> {
    let services = public_services().into_iter();
    services.map(|service| service.address.into()).collect()
}

/// What the services' certificate is for.
fn names<'a>(regions: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut names = ["*.amazonaws.com", "*.s3.amazonaws.com"]
        .map(str::to_owned)
        .to_vec();
    for region in regions {
        for below in ["", "s3.", "s3.dualstack.", "ddb."] {
            names.push(format!("*.{below}{region}.amazonaws.com"));
        }
        names.push(format!("s3.dualstack.{region}.amazonaws.com"));
    }
    names
}

/// Starts all services; they end with the runtime.
///
/// # Errors
/// A sentence for the user.
pub fn serve(
    sockets: &ServiceSockets,
    authority: &Authority,
    api: &Arc<Api>,
) -> Result<(), String> {
    let regions = &api.control_plane.settings().regions;
    let config = authority.server(names(regions.iter().map(|region| region.name.as_str())))?;
    let acceptor = TlsAcceptor::from(config);
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let start = |service: Ipv4Addr, port, tls: Option<TlsAcceptor>| -> io::Result<()> {
        let listener = sockets.public(SocketAddr::new(service.into(), port))?;
        let (api, places) = (api.clone(), places.clone());
        tokio::spawn(async move {
            let error = accept(listener, tls, places, api).await;
            tracing::error!(?error, %service, port, "a public service takes no connections any more");
        });
        Ok(())
    };
    for service in public_services() {
        start(service.address, 443, Some(acceptor.clone()))
            .and_then(|()| start(service.address, 80, None))
            .map_err(|error| {
                format!("cannot serve {} in the public zone: {error}", service.name)
            })?;
    }
    Ok(())
}

async fn accept(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    places: Arc<Semaphore>,
    api: Arc<Api>,
) -> io::Result<()> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
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
        let door = Door::Zone(Origin::outside(peer, tls.is_some()));
        let (api, tls) = (api.clone(), tls.clone());
        tokio::spawn(async move {
            match tls {
                None => http::serve_connection(stream, api, door).await,
                Some(tls) => {
                    let shaken = tokio::time::timeout(HANDSHAKE_TIMEOUT, tls.accept(stream));
                    match shaken.await {
                        Ok(Ok(stream)) => http::serve_connection(stream, api, door).await,
                        Ok(Err(error)) => tracing::debug!(%error, "no TLS"),
                        Err(_) => tracing::debug!("a TLS handshake took too long"),
                    }
                }
            }
            drop(place);
        });
    }
}
