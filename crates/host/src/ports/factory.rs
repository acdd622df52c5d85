//! Makes interfaces: one end in a sandbox, the other a [`Port`].
//!
//! Works on a thread of its own that lives in the switch namespace, a network namespace without any address, in which
//! the host ends of veth pairs stay. Enters a sandbox only to make a TAP there, because a TAP belongs where its
//! descriptor was opened.

use std::fs::{self, File};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use nix::sched::{CloneFlags, setns, unshare};
use nix::unistd::Pid;

use super::fast::FastPorts;
use super::{Port, PortKind, open_tun};
use crate::netlink::{LinkChange, Netlink, Place, VethPeer, link_index};
use crate::sys;

/// The interface to make.
#[derive(Clone, Copy, Debug)]
pub struct Interface<'a> {
    pub name: &'a str,
    pub mac: [u8; 6],
    pub mtu: u32,
}

/// An interface that was made.
pub struct Made {
    pub port: Port,
    /// The host's end of a veth pair.
    pub host_end: Option<u32>,
}

pub struct PortFactory {
    kind: PortKind,
    fast: Option<FastPorts>,
    home: File,
    netlink: Netlink,
    made: u64,
}

impl PortFactory {
    /// Moves the calling thread into a new switch namespace, or that of the fast ports, where it must stay.
    ///
    /// # Errors
    /// Without the right to make network namespaces.
    pub fn new(kind: PortKind, fast: Option<FastPorts>) -> io::Result<Self> {
        match &fast {
            Some(fast) => fast.enter()?,
            None => enter_switch_namespace()?,
        }
        Ok(Self {
            kind: if fast.is_some() { PortKind::Fast } else { kind },
            fast,
            home: File::open("/proc/thread-self/ns/net")?,
            netlink: Netlink::open()?,
            made: 0,
        })
    }

    /// Makes an interface in the network namespace of a sandbox.
    pub fn make(
        &mut self,
        pid: Pid,
        pidfd: BorrowedFd<'_>,
        interface: Interface<'_>,
    ) -> io::Result<Made> {
        if let Some(fast) = &self.fast {
            let place = Place::Process(pid);
            let (port, index) = fast.make(&mut self.netlink, interface, place)?;
            return Ok(Made {
                port,
                host_end: Some(index),
            });
        }
        match self.kind {
            PortKind::Tap => {
                setns(pidfd, CloneFlags::CLONE_NEWNET)?;
                let tap = make_tap(interface);
                setns(&self.home, CloneFlags::CLONE_NEWNET)?;
                Ok(Made {
                    port: Port::new(tap?, PortKind::Tap),
                    host_end: None,
                })
            }
            PortKind::Packet | PortKind::Fast => {
                self.made += 1;
                let name = format!("port{}", self.made);
                let peer = VethPeer {
                    name: interface.name,
                    mac: interface.mac,
                    place: Place::Process(pid),
                };
                self.netlink.add_veth(&name, interface.mtu, &peer)?;
                let index = link_index(&name)?;
                let port = open_packet_port(&mut self.netlink, index).inspect_err(|_| {
                    // The pair also goes when the sandbox does; what failed is the better error.
                    let _ = self.netlink.delete_link(index);
                })?;
                Ok(Made {
                    port,
                    host_end: Some(index),
                })
            }
        }
    }

    /// Takes an interface away for good; when this returns, its name is free again.
    pub fn unmake(&mut self, port: Option<Port>, host_end: Option<u32>) {
        drop(port);
        if let Some(index) = host_end {
            // One that the sandbox's root has destroyed is gone already.
            let _ = self.netlink.delete_link(index);
        }
    }
}

/// Makes an interface in `namespace`, which is the calling thread's; the thread may be in another one afterwards.
pub fn make_remote(
    kind: PortKind,
    fast: Option<&FastPorts>,
    interface: Interface<'_>,
    namespace: &File,
) -> io::Result<Port> {
    if let Some(fast) = fast {
        fast.enter()?;
        let mut netlink = Netlink::open()?;
        let place = Place::File(namespace.as_fd());
        return Ok(fast.make(&mut netlink, interface, place)?.0);
    }
    match kind {
        PortKind::Tap => Ok(Port::new(make_tap(interface)?, PortKind::Tap)),
        PortKind::Packet | PortKind::Fast => {
            // The socket keeps this namespace alive, and the interface keeps the pair.
            enter_switch_namespace()?;
            let mut netlink = Netlink::open()?;
            let peer = VethPeer {
                name: interface.name,
                mac: interface.mac,
                place: Place::File(namespace.as_fd()),
            };
            netlink.add_veth("port", interface.mtu, &peer)?;
            open_packet_port(&mut netlink, link_index("port")?)
        }
    }
}

/// Moves the calling thread into a new network namespace for the host ends of veth pairs.
pub(super) fn enter_switch_namespace() -> io::Result<()> {
    unshare(CloneFlags::CLONE_NEWNET)?;
    // No address of any kind may come to be on a tenant's port (I-4).
    for scope in ["all", "default"] {
        let path = format!("/proc/sys/net/ipv6/conf/{scope}/disable_ipv6");
        if fs::exists(&path)? {
            fs::write(&path, "1")?;
        }
    }
    Ok(())
}

/// In the sandbox's namespace.
fn make_tap(interface: Interface<'_>) -> io::Result<OwnedFd> {
    let tap = open_tun()?;
    sys::make_tap(&tap, interface.name)?;
    let segmentation = libc::TUN_F_CSUM | libc::TUN_F_TSO4 | libc::TUN_F_TSO6;
    // UDP segmentation came with Linux 6.2.
    sys::set_tap_offload(&tap, segmentation | libc::TUN_F_USO4 | libc::TUN_F_USO6)
        .or_else(|_| sys::set_tap_offload(&tap, segmentation))?;
    let change = LinkChange {
        up: None,
        mtu: Some(interface.mtu),
        mac: Some(interface.mac),
    };
    Netlink::open()?.change_link(link_index(interface.name)?, &change)?;
    Ok(tap)
}

/// In the switch namespace: nothing but this socket looks at the link.
fn open_packet_port(netlink: &mut Netlink, index: u32) -> io::Result<Port> {
    let socket = sys::packet_socket(index, libc::ETH_P_ALL as u16)?;
    prepare_packet_socket(&socket)?;
    netlink.change_link(
        index,
        &LinkChange {
            up: Some(true),
            ..LinkChange::default()
        },
    )?;
    Ok(Port::new(socket, PortKind::Packet))
}

pub(super) fn prepare_packet_socket(socket: &OwnedFd) -> io::Result<()> {
    sys::set_option(socket, libc::SOL_PACKET, libc::PACKET_VNET_HDR, 1)?;
    sys::set_option(socket, libc::SOL_PACKET, libc::PACKET_IGNORE_OUTGOING, 1)?;
    let wanted: usize = 4 << 20;
    // Beyond the usual limit where that is allowed.
    nix::sys::socket::setsockopt(socket, nix::sys::socket::sockopt::RcvBufForce, &wanted).or_else(
        |_| nix::sys::socket::setsockopt(socket, nix::sys::socket::sockopt::RcvBuf, &wanted),
    )?;
    nix::sys::socket::setsockopt(socket, nix::sys::socket::sockopt::SndBuf, &wanted)?;
    Ok(())
}
