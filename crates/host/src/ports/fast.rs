//! Ports of the `ebpf` data path: a veth pair at whose host end the flow cache's program forwards what it knows.
//!
//! The program runs before packet sockets of one protocol and after those of all protocols. So a port has one socket for
//! each protocol that the engine reads: they see what the program lets through, and nothing that it has redirected. What
//! the program redirects must find its interface in the namespace that it came in by: all host ends live in one.

use std::cell::Cell;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use nix::sched::{CloneFlags, setns};
use openvpc_engine::PortId;
use openvpc_flowcache::loader::Program;
use openvpc_flowcache::{Attached, Link, LoadError, PortCounters, Table, abi, load};

use super::factory::enter_switch_namespace;
use super::{Interface, Port, PortKind};
use crate::netlink::{LinkChange, Netlink, Place, VethPeer};
use crate::sys;

/// Directions of flows that the kernel remembers: 32 MiB.
const SLOTS: u32 = 262_144;
/// Frames a second that one port may send up for long, and at once: several times what an instance's new flows and what
/// only the engine can do ever come to, and a fraction of what the engine serves.
const UP_PER_SEC: u32 = 200_000;
const UP_BURST: u32 = 20_000;
/// What the engine reads, and each socket of a port in this order.
const PROTOCOLS: [i32; 3] = [libc::ETH_P_IP, libc::ETH_P_IPV6, libc::ETH_P_ARP];
/// The first interface of a namespace.
const LOOPBACK: u32 = 1;
const INDEX_MIN: u32 = LOOPBACK + 1;

/// The program in the kernel, and the namespace in which its ports are; clones are the same.
#[derive(Clone)]
pub struct FastPorts {
    program: Program,
    pub(crate) table: Table,
    namespace: Arc<File>,
    next_index: Arc<AtomicU32>,
}

/// What a port of this kind has beside its sockets.
pub(crate) struct FastEnd {
    pub table: Table,
    pub link: Link,
    told: Cell<PortCounters>,
    /// Detaches the program when it goes.
    _attached: Attached,
}

impl FastPorts {
    /// Loads the program and makes the namespace.
    ///
    /// # Errors
    /// What this machine lacks.
    pub fn start() -> Result<Self, LoadError> {
        let loaded = load(SLOTS)?;
        let program = loaded.program();
        let trial = program.clone();
        let thread = std::thread::spawn(move || {
            enter_switch_namespace()?;
            // With the first instance it would be too late to learn that this kernel has no such hook.
            drop(trial.attach(LOOPBACK)?);
            File::open("/proc/thread-self/ns/net")
        });
        let made = thread
            .join()
            .map_err(|_| io::Error::other("making the switch's namespace panicked"))?;
        let namespace = made.map_err(|error| LoadError::Refused(error.to_string()))?;
        Ok(Self {
            program,
            table: loaded.table,
            namespace: Arc::new(namespace),
            next_index: Arc::new(AtomicU32::new(INDEX_MIN)),
        })
    }

    /// Moves the calling thread into the ports' namespace.
    pub(crate) fn enter(&self) -> io::Result<()> {
        Ok(setns(self.namespace.as_fd(), CloneFlags::CLONE_NEWNET)?)
    }

    /// Makes an interface at `place` and its port; the calling thread must be in the ports' namespace. Also returns the
    /// index of the host's end.
    pub(crate) fn make(
        &self,
        netlink: &mut Netlink,
        interface: Interface<'_>,
        place: Place<'_>,
    ) -> io::Result<(Port, u32)> {
        let peer = VethPeer {
            name: interface.name,
            mac: interface.mac,
            place,
        };
        let index = self.make_link(netlink, interface.mtu, &peer)?;
        let port = self.open(netlink, index, interface.mac).inspect_err(|_| {
            // The pair also goes when the sandbox does; what failed is the better error.
            let _ = netlink.delete_link(index);
        })?;
        Ok((port, index))
    }

    /// The program finds a port by the number of its interface, which is therefore ours to choose: small, and not again
    /// before all others, for the end of a namespace takes its links away only after a while.
    fn make_link(&self, netlink: &mut Netlink, mtu: u32, peer: &VethPeer<'_>) -> io::Result<u32> {
        let span = abi::PORTS - INDEX_MIN;
        for _ in 0..span {
            let drawn = self.next_index.fetch_add(1, Ordering::Relaxed);
            let index = INDEX_MIN + drawn % span;
            match netlink.add_veth_at(index, &format!("port{index}"), mtu, peer) {
                Err(error) if is_taken(&error) => {}
                made => return made.map(|()| index),
            }
        }
        Err(io::Error::other("all ports of the data path are taken"))
    }

    /// Nothing passes before the data path attaches the port: the program drops what comes in at an unknown one.
    fn open(&self, netlink: &mut Netlink, index: u32, mac: [u8; 6]) -> io::Result<Port> {
        let attached = self.program.attach(index)?;
        let mut doors = Vec::new();
        for protocol in PROTOCOLS {
            doors.push(open_socket(index, protocol as u16)?);
        }
        // Bound to no protocol it hears nothing, and the kernel reads what it sends.
        let out = open_socket(index, 0)?;
        let up = LinkChange {
            up: Some(true),
            ..LinkChange::default()
        };
        netlink.change_link(index, &up)?;
        let end = FastEnd {
            table: self.table.clone(),
            link: Link {
                ifindex: index,
                mac,
            },
            told: Cell::default(),
            _attached: attached,
        };
        Ok(Port {
            doors,
            out: Some(out),
            kind: PortKind::Fast,
            fast: Some(end),
        })
    }
}

impl FastEnd {
    /// What the program dropped since this was asked last.
    pub(crate) fn take_drops(&self) -> PortCounters {
        let now = self.table.port_counters(self.link.ifindex);
        let before = self.told.replace(now);
        PortCounters {
            up: now.up.wrapping_sub(before.up),
            foreign: now.foreign.wrapping_sub(before.foreign),
            shed: now.shed.wrapping_sub(before.shed),
        }
    }

    pub(crate) fn attach(&self, id: PortId) {
        self.table.attach(id, self.link, UP_PER_SEC, UP_BURST);
    }
}

fn open_socket(index: u32, protocol: u16) -> io::Result<OwnedFd> {
    let socket = sys::packet_socket(index, protocol)?;
    super::factory::prepare_packet_socket(&socket)?;
    Ok(socket)
}

fn is_taken(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::EEXIST | libc::EBUSY))
}
