//! Links, addresses and routes by rtnetlink (rtnetlink(7)), synchronously and without a heap.
//!
//! A sandbox's init is one small thread without a runtime and needs three of these messages, the daemon five: a
//! hundred lines of encoding are less than an asynchronous netlink stack in a process that should stay under a megabyte.
//! Byte order: host order in headers, network order in addresses, as the kernel wants it.

use std::io;
use std::net::IpAddr;
use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd};

use nix::sys::socket::{
    AddressFamily, MsgFlags, NetlinkAddr, SockFlag, SockProtocol, SockType, bind, recv, sendto,
    socket,
};
use nix::unistd::Pid;

/// A route netlink socket in the network namespace in which it was opened.
pub struct Netlink {
    socket: OwnedFd,
    sequence: u32,
}

/// One end of a veth pair that is to appear in another namespace.
pub struct VethPeer<'a> {
    pub name: &'a str,
    pub mac: [u8; 6],
    pub place: Place<'a>,
}

/// A network namespace.
#[derive(Clone, Copy)]
pub enum Place<'a> {
    /// That of a process.
    Process(Pid),
    /// That of an open file.
    File(BorrowedFd<'a>),
}

/// What to change of a link; `None` leaves it.
#[derive(Default)]
pub struct LinkChange {
    pub up: Option<bool>,
    pub mtu: Option<u32>,
    pub mac: Option<[u8; 6]>,
}

/// linux/rtnetlink.h; libc does not have it.
const RTAX_MTU: u16 = 2;

/// A route by one link.
pub struct Route {
    pub destination: IpAddr,
    pub prefix_len: u8,
    /// Counts as on the link, whatever the addresses say.
    pub gateway: Option<IpAddr>,
    /// The address that packets of this host bear by default.
    pub source: Option<IpAddr>,
    pub link: u32,
    pub table: u32,
    pub metric: u32,
    /// Of the way, where it is less than the link's.
    pub mtu: Option<u32>,
}

impl Netlink {
    pub fn open() -> io::Result<Self> {
        let socket = socket(
            AddressFamily::Netlink,
            SockType::Raw,
            SockFlag::SOCK_CLOEXEC,
            SockProtocol::NetlinkRoute,
        )?;
        bind(socket.as_raw_fd(), &NetlinkAddr::new(0, 0))?;
        Ok(Self {
            socket,
            sequence: 0,
        })
    }

    /// Makes a veth pair: `name` here, `peer` in another namespace, both with `mtu`, both down.
    pub fn add_veth(&mut self, name: &str, mtu: u32, peer: &VethPeer<'_>) -> io::Result<()> {
        self.add_veth_at(0, name, mtu, peer)
    }

    /// The same with a chosen index for the end here; 0 leaves the choice to the kernel.
    pub fn add_veth_at(
        &mut self,
        index: u32,
        name: &str,
        mtu: u32,
        peer: &VethPeer<'_>,
    ) -> io::Result<()> {
        let mut message = Message::new(libc::RTM_NEWLINK, libc::NLM_F_CREATE | libc::NLM_F_EXCL);
        message.push(&link_header(index, 0, 0));
        message.attribute(libc::IFLA_IFNAME, c_name(name).as_ref());
        message.attribute(libc::IFLA_MTU, &mtu.to_ne_bytes());
        message.nested(libc::IFLA_LINKINFO, |message| {
            message.attribute(libc::IFLA_INFO_KIND, b"veth");
            message.nested(libc::IFLA_INFO_DATA, |message| {
                message.nested(VETH_INFO_PEER, |message| {
                    message.push(&link_header(0, 0, 0));
                    message.attribute(libc::IFLA_IFNAME, c_name(peer.name).as_ref());
                    message.attribute(libc::IFLA_MTU, &mtu.to_ne_bytes());
                    message.attribute(libc::IFLA_ADDRESS, &peer.mac);
                    let (kind, number) = match peer.place {
                        Place::Process(pid) => (libc::IFLA_NET_NS_PID, pid.as_raw()),
                        Place::File(file) => (libc::IFLA_NET_NS_FD, file.as_raw_fd()),
                    };
                    message.attribute(kind, &number.to_ne_bytes());
                });
            });
        });
        self.request(message)
    }

    pub fn delete_link(&mut self, index: u32) -> io::Result<()> {
        let mut message = Message::new(libc::RTM_DELLINK, 0);
        message.push(&link_header(index, 0, 0));
        self.request(message)
    }

    pub fn change_link(&mut self, index: u32, change: &LinkChange) -> io::Result<()> {
        let mut message = Message::new(libc::RTM_NEWLINK, 0);
        let up = libc::IFF_UP as u32;
        let (flags, mask) = change
            .up
            .map_or((0, 0), |wanted| (if wanted { up } else { 0 }, up));
        message.push(&link_header(index, flags, mask));
        if let Some(mtu) = change.mtu {
            message.attribute(libc::IFLA_MTU, &mtu.to_ne_bytes());
        }
        if let Some(mac) = change.mac {
            message.attribute(libc::IFLA_ADDRESS, &mac);
        }
        self.request(message)
    }

    /// Adds an address without a route to its prefix, and without duplicate detection: the router answers for every address of the link already.
    pub fn add_address(&mut self, index: u32, address: IpAddr, prefix_len: u8) -> io::Result<()> {
        self.address(
            libc::RTM_NEWADDR,
            libc::NLM_F_CREATE | libc::NLM_F_REPLACE,
            index,
            address,
            prefix_len,
        )
    }

    pub fn remove_address(
        &mut self,
        index: u32,
        address: IpAddr,
        prefix_len: u8,
    ) -> io::Result<()> {
        self.address(libc::RTM_DELADDR, 0, index, address, prefix_len)
    }

    fn address(
        &mut self,
        kind: u16,
        flags: i32,
        index: u32,
        address: IpAddr,
        prefix_len: u8,
    ) -> io::Result<()> {
        let mut message = Message::new(kind, flags);
        message.push(&[
            family(address),
            prefix_len,
            libc::IFA_F_NODAD as u8,
            libc::RT_SCOPE_UNIVERSE,
        ]);
        message.push(&index.to_ne_bytes());
        let flags = libc::IFA_F_NODAD | libc::IFA_F_NOPREFIXROUTE;
        message.attribute(libc::IFA_FLAGS, &flags.to_ne_bytes());
        message.ip_attribute(libc::IFA_LOCAL, address);
        message.ip_attribute(libc::IFA_ADDRESS, address);
        if let IpAddr::V4(v4) = address {
            let host_bits = u32::MAX.checked_shr(u32::from(prefix_len)).unwrap_or(0);
            message.attribute(
                libc::IFA_BROADCAST,
                &(u32::from(v4) | host_bits).to_be_bytes(),
            );
        }
        self.request(message)
    }

    /// Adds a route, or takes the place of one to the same destination with the same table and metric.
    pub fn replace_route(&mut self, route: &Route) -> io::Result<()> {
        let mut message =
            Message::new(libc::RTM_NEWROUTE, libc::NLM_F_CREATE | libc::NLM_F_REPLACE);
        let scope = match (route.gateway, route.destination) {
            (None, IpAddr::V4(_)) => libc::RT_SCOPE_LINK,
            _ => libc::RT_SCOPE_UNIVERSE,
        };
        message.push(&[
            family(route.destination),
            route.prefix_len,
            0,
            0,
            libc::RT_TABLE_UNSPEC,
            libc::RTPROT_STATIC,
            scope,
            libc::RTN_UNICAST,
        ]);
        let flags = if route.gateway.is_some() {
            RTNH_F_ONLINK
        } else {
            0
        };
        message.push(&flags.to_ne_bytes());
        message.ip_attribute(libc::RTA_DST, route.destination);
        if let Some(gateway) = route.gateway {
            message.ip_attribute(libc::RTA_GATEWAY, gateway);
        }
        if let Some(source) = route.source {
            message.ip_attribute(libc::RTA_PREFSRC, source);
        }
        message.attribute(libc::RTA_OIF, &route.link.to_ne_bytes());
        message.attribute(libc::RTA_TABLE, &route.table.to_ne_bytes());
        message.attribute(libc::RTA_PRIORITY, &route.metric.to_ne_bytes());
        if let Some(mtu) = route.mtu {
            message.nested(libc::RTA_METRICS, |message| {
                message.attribute(RTAX_MTU, &mtu.to_ne_bytes());
            });
        }
        self.request(message)
    }

    /// Sends what bears the source address `from` to a table of its own; the table's number is the rule's priority.
    pub fn add_rule(&mut self, from: IpAddr, table: u32) -> io::Result<()> {
        let flags = libc::NLM_F_CREATE | libc::NLM_F_EXCL;
        match self.rule(libc::RTM_NEWRULE, flags, from, table) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            outcome => outcome,
        }
    }

    pub fn remove_rule(&mut self, from: IpAddr, table: u32) -> io::Result<()> {
        self.rule(libc::RTM_DELRULE, 0, from, table)
    }

    fn rule(&mut self, kind: u16, flags: i32, from: IpAddr, table: u32) -> io::Result<()> {
        let mut message = Message::new(kind, flags);
        let from_len = if from.is_ipv4() { 32 } else { 128 };
        // fib_rule_hdr: family, lengths of destination and source, service, table, two reserved, action, flags.
        let to_table = FR_ACT_TO_TBL;
        message.push(&[family(from), 0, from_len, 0, 0, 0, 0, to_table]);
        message.push(&[0; 4]);
        message.ip_attribute(FRA_SRC, from);
        message.attribute(FRA_PRIORITY, &table.to_ne_bytes());
        message.attribute(FRA_TABLE, &table.to_ne_bytes());
        self.request(message)
    }

    /// Sends one request and waits for the kernel's answer to it.
    fn request(&mut self, mut message: Message) -> io::Result<()> {
        self.sequence = self.sequence.wrapping_add(1);
        let bytes = message.finish(self.sequence)?;
        sendto(
            self.socket.as_raw_fd(),
            bytes,
            &NetlinkAddr::new(0, 0),
            MsgFlags::empty(),
        )?;
        let mut answer = [0u8; 4096];
        loop {
            let len = match recv(self.socket.as_raw_fd(), &mut answer, MsgFlags::empty()) {
                Err(nix::errno::Errno::EINTR) => continue,
                received => received?,
            };
            // nlmsghdr: length, type, flags, sequence, port; then, in an error message, the negated errno.
            let word = |at: usize| {
                answer
                    .get(at..at + 4)
                    .and_then(|bytes| bytes.try_into().ok())
                    .map(i32::from_ne_bytes)
            };
            let kind = u16::from_ne_bytes([answer[4], answer[5]]);
            if len < 20 || kind != libc::NLMSG_ERROR as u16 || word(8) != Some(self.sequence as i32)
            {
                continue;
            }
            return match word(16) {
                Some(0) => Ok(()),
                Some(errno) => Err(io::Error::from_raw_os_error(-errno)),
                None => Err(io::ErrorKind::UnexpectedEof.into()),
            };
        }
    }
}

/// The index of a link in the calling thread's network namespace.
pub fn link_index(name: &str) -> io::Result<u32> {
    Ok(nix::net::if_::if_nametoindex(name)?)
}

const VETH_INFO_PEER: u16 = 1;
const RTNH_F_ONLINK: u32 = 4;
// linux/fib_rules.h
const FR_ACT_TO_TBL: u8 = 1;
const FRA_SRC: u16 = 2;
const FRA_PRIORITY: u16 = 6;
const FRA_TABLE: u16 = 15;
const HEADER_LEN: usize = 16;
const NLA_F_NESTED: u16 = 1 << 15;

/// One request under construction. Larger than the largest of ours; what does not fit is refused, not cut.
struct Message {
    bytes: [u8; 512],
    len: usize,
    overflow: bool,
}

impl Message {
    fn new(kind: u16, flags: i32) -> Self {
        let mut message = Self {
            bytes: [0; 512],
            len: HEADER_LEN,
            overflow: false,
        };
        message.bytes[4..6].copy_from_slice(&kind.to_ne_bytes());
        let flags = (flags | libc::NLM_F_REQUEST | libc::NLM_F_ACK) as u16;
        message.bytes[6..8].copy_from_slice(&flags.to_ne_bytes());
        message
    }

    fn push(&mut self, data: &[u8]) {
        let padded = data.len().next_multiple_of(4);
        match self.bytes.get_mut(self.len..self.len + padded) {
            Some(room) => {
                room[..data.len()].copy_from_slice(data);
                self.len += padded;
            }
            None => self.overflow = true,
        }
    }

    fn attribute(&mut self, kind: u16, data: &[u8]) {
        let head = attribute_header(kind, 4 + data.len());
        self.push(&head);
        self.push(data);
    }

    fn ip_attribute(&mut self, kind: u16, address: IpAddr) {
        match address {
            IpAddr::V4(v4) => self.attribute(kind, &v4.octets()),
            IpAddr::V6(v6) => self.attribute(kind, &v6.octets()),
        }
    }

    fn nested(&mut self, kind: u16, inner: impl FnOnce(&mut Self)) {
        let start = self.len;
        self.push(&[0; 4]);
        inner(self);
        let head = attribute_header(kind | NLA_F_NESTED, self.len - start);
        if let Some(room) = self.bytes.get_mut(start..start + 4) {
            room.copy_from_slice(&head);
        }
    }

    fn finish(&mut self, sequence: u32) -> io::Result<&[u8]> {
        if self.overflow {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        self.bytes[0..4].copy_from_slice(&(self.len as u32).to_ne_bytes());
        self.bytes[8..12].copy_from_slice(&sequence.to_ne_bytes());
        Ok(&self.bytes[..self.len])
    }
}

fn attribute_header(kind: u16, len: usize) -> [u8; 4] {
    let mut head = [0; 4];
    head[0..2].copy_from_slice(&(len as u16).to_ne_bytes());
    head[2..4].copy_from_slice(&kind.to_ne_bytes());
    head
}

/// ifinfomsg: family, type, index, flags, mask.
fn link_header(index: u32, flags: u32, mask: u32) -> [u8; 16] {
    let mut header = [0; 16];
    header[4..8].copy_from_slice(&index.to_ne_bytes());
    header[8..12].copy_from_slice(&flags.to_ne_bytes());
    header[12..16].copy_from_slice(&mask.to_ne_bytes());
    header
}

fn family(address: IpAddr) -> u8 {
    match address {
        IpAddr::V4(_) => libc::AF_INET as u8,
        IpAddr::V6(_) => libc::AF_INET6 as u8,
    }
}

/// A link name as the kernel reads it, zero-terminated; longer names than it allows are cut to their refusal.
fn c_name(name: &str) -> [u8; 16] {
    let mut bytes = [0; 16];
    for (to, from) in bytes.iter_mut().zip(name.bytes().take(15)) {
        *to = from;
    }
    bytes
}
