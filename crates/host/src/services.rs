//! The services' own network namespace: one interface behind [`PortId::Services`], all service addresses on it, and
//! nothing else. A socket opened in it stays in it, whichever thread uses it later.
//!
//! Instances reach it only by the engine, which has already said who they are (D10).

use std::fs::{self, File};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::os::fd::AsFd;

use nix::sched::{CloneFlags, setns, unshare};
use openvpc_engine::{PortId, Service, identity};

use crate::datapath::DataPathHandle;
use crate::netlink::{LinkChange, Netlink, Route, link_index};
use crate::ports::{FastPorts, Interface, Port, PortKind, make_remote};

/// MTU inside a VPC (spec 00 §12).
const MTU: u32 = 9_001;
/// MTU through a VPC endpoint (spec 00 §12): what is longer would be dropped without a word.
const ENDPOINT_MTU: u32 = 8_500;
/// MTU beyond an internet gateway (IGW-5).
const INTERNET_MTU: u32 = 1_500;
const NAME: &str = "services";
/// The other end of the link: any address that is no service's, since the engine answers for all of them.
const GATEWAY: IpAddr = IpAddr::V4(Ipv4Addr::new(169, 254, 0, 1));

/// The namespace; it lives as long as this or a socket in it.
pub struct ServiceNamespace {
    namespace: File,
}

impl ServiceNamespace {
    /// Makes the namespace with its interface (a fast port where there are some), which also has these addresses of the public zone (D9), and attaches that
    /// to the data path.
    ///
    /// # Errors
    /// What this machine does not allow.
    pub fn start(
        kind: PortKind,
        fast: Option<FastPorts>,
        public: Vec<IpAddr>,
        data_path: &DataPathHandle,
    ) -> io::Result<Self> {
        let (namespace, port) = elsewhere(move || build(kind, fast.as_ref(), &public))??;
        let attached = data_path.attach(PortId::Services, port).wait();
        attached.map_err(io::Error::other)??;
        Ok(Self { namespace })
    }

    /// The namespace that another process has made and handed over.
    pub fn of(namespace: File) -> Self {
        Self { namespace }
    }

    /// What another process needs to enter it.
    ///
    /// # Errors
    /// Without a descriptor left.
    pub fn file(&self) -> io::Result<File> {
        self.namespace.try_clone()
    }

    /// Runs `open` on a thread that lives in the namespace: to open sockets there.
    ///
    /// # Errors
    /// Without a thread, or what `open` says.
    pub fn run<T: Send + 'static>(
        &self,
        open: impl FnOnce() -> io::Result<T> + Send + 'static,
    ) -> io::Result<T> {
        let namespace = self.namespace.try_clone()?;
        elsewhere(move || {
            setns(namespace.as_fd(), CloneFlags::CLONE_NEWNET)?;
            open()
        })?
    }
}

impl ServiceNamespace {
    /// Runs `work` on a thread of this name that lives in the namespace, and does not wait for its end.
    ///
    /// # Errors
    /// Without a thread.
    pub fn spawn(&self, name: &str, work: impl FnOnce() + Send + 'static) -> io::Result<()> {
        let namespace = self.namespace.try_clone()?;
        let thread = std::thread::Builder::new().name(name.to_owned());
        thread.spawn(
            move || match setns(namespace.as_fd(), CloneFlags::CLONE_NEWNET) {
                Ok(()) => work(),
                Err(error) => tracing::error!(%error, "cannot enter the services' namespace"),
            },
        )?;
        Ok(())
    }
}

/// Runs `work` on a thread that is thrown away afterwards with the namespace it went to.
fn elsewhere<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> io::Result<T> {
    let thread = std::thread::Builder::new()
        .name("services-setup".into())
        .spawn(work)?;
    thread
        .join()
        .map_err(|_| io::Error::other("the services' set-up panicked"))
}

/// On a thread of its own: the namespace, its interface, and the daemon's end of that.
fn build(kind: PortKind, fast: Option<&FastPorts>, public: &[IpAddr]) -> io::Result<(File, Port)> {
    unshare(CloneFlags::CLONE_NEWNET)?;
    let namespace = File::open("/proc/thread-self/ns/net")?;
    // Addresses are those below, and none that a router would advertise.
    for setting in ["accept_ra", "accept_redirects"] {
        let path = format!("/proc/sys/net/ipv6/conf/default/{setting}");
        if fs::exists(&path)? {
            fs::write(&path, "0")?;
        }
    }
    let interface = Interface {
        name: NAME,
        mac: identity::MAC.0,
        mtu: MTU,
    };
    let port = make_remote(kind, fast, interface, &namespace)?;
    setns(namespace.as_fd(), CloneFlags::CLONE_NEWNET)?;
    configure(public)?;
    Ok((namespace, port))
}

fn configure(public: &[IpAddr]) -> io::Result<()> {
    let mut netlink = Netlink::open()?;
    let up = LinkChange {
        up: Some(true),
        ..LinkChange::default()
    };
    let link = link_index(NAME)?;
    netlink.change_link(link, &up)?;
    let ipv6 = fs::exists("/proc/sys/net/ipv6")?;
    for service in [Service::Resolver, Service::Metadata, Service::TimeSync] {
        netlink.add_address(link, service.internal(true), 32)?;
        if ipv6 {
            netlink.add_address(link, service.internal(false), 128)?;
        }
    }
    for address in public {
        match address {
            IpAddr::V4(_) => netlink.add_address(link, *address, 32)?,
            IpAddr::V6(_) if ipv6 => netlink.add_address(link, *address, 128)?,
            IpAddr::V6(_) => {}
        }
    }
    // Identities stand for interfaces of VPCs; what is not one of them is on the internet.
    let gateway6 = IpAddr::V6(identity::ROUTER_MAC.link_local());
    let routes = [
        Some((
            Ipv4Addr::new(240, 0, 0, 0).into(),
            8,
            GATEWAY,
            Some(ENDPOINT_MTU),
        )),
        Some((Ipv4Addr::UNSPECIFIED.into(), 0, GATEWAY, Some(INTERNET_MTU))),
        ipv6.then_some((
            Ipv6Addr::new(0xfd00, 0xec2, 0xffff, 0, 0, 0, 0, 0).into(),
            96,
            gateway6,
            Some(ENDPOINT_MTU),
        )),
        ipv6.then_some((Ipv6Addr::UNSPECIFIED.into(), 0, gateway6, None)),
    ];
    for (destination, prefix_len, gateway, mtu) in routes.into_iter().flatten() {
        netlink.replace_route(&Route {
            destination,
            prefix_len,
            gateway: Some(gateway),
            source: None,
            link,
            table: u32::from(libc::RT_TABLE_MAIN),
            metric: 0,
            mtu,
        })?;
    }
    Ok(())
}
