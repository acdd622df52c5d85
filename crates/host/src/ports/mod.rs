//! Ports: the daemon's ends of the sandboxes' interfaces.
//!
//! Two kinds carry the `user` data path: a TAP whose descriptor the daemon holds, and, where `/dev/net/tun` may not be
//! opened, a veth pair whose host end is read and written by a packet socket. Both move whole Ethernet frames behind a
//! virtio-net header, so that checksums and segmentation are left to whoever can do them best. A port of the `ebpf` path
//! is a third kind: the same frames, only fewer of them.

mod factory;
mod fast;
pub mod virtio;

use std::io::{self, IoSlice, IoSliceMut};
use std::os::fd::OwnedFd;

use nix::errno::Errno;
use nix::sys::uio::{readv, writev};
use openvpc_engine::Offload;

use crate::sys;

pub use factory::{Interface, PortFactory, make_remote};
pub use fast::FastPorts;

/// How interfaces are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PortKind {
    Tap,
    /// A veth pair with a packet socket on the host's end.
    Packet,
    /// A veth pair whose host end has the flow cache's program, and packet sockets for what that lets through.
    Fast,
}

impl std::fmt::Display for PortKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Tap => "tap",
            Self::Packet => "veth with packet socket",
            Self::Fast => "veth with flow cache",
        })
    }
}

/// The daemon's end of one interface. Closing a TAP's takes the interface away; a veth pair goes with its namespace.
pub struct Port {
    /// Frames come in by these.
    doors: Vec<OwnedFd>,
    /// They go out by this one, or by the only door.
    out: Option<OwnedFd>,
    kind: PortKind,
    fast: Option<fast::FastEnd>,
}

/// What came of reading a port.
#[derive(Debug)]
pub enum Received {
    /// A frame of this many bytes, and the work its sender left.
    Frame(usize, Offload),
    /// Bytes that are no frame: a header that contradicts itself.
    Garbage,
    /// Nothing for now.
    Empty,
    /// The interface is gone for good.
    Gone,
}

/// What came of writing to a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    Done,
    /// The queue is full; the frame is lost, as on a wire.
    Full,
    /// The interface is down, or does not take this frame.
    Refused,
    /// The interface is gone for good.
    Gone,
}

/// The longest frame: a maximal IP packet behind an Ethernet header, and room for a tag.
pub const FRAME_LEN_MAX: usize = 65_535 + 18;

impl Port {
    pub(crate) fn new(fd: OwnedFd, kind: PortKind) -> Self {
        Self {
            doors: vec![fd],
            out: None,
            kind,
            fast: None,
        }
    }

    /// Where frames come in, to be waited for.
    pub(crate) fn doors(&self) -> &[OwnedFd] {
        &self.doors
    }

    pub(crate) fn fast(&self) -> Option<&fast::FastEnd> {
        self.fast.as_ref()
    }

    /// Frames that the doors had no room for, since this was asked last.
    pub(crate) fn take_overflow(&self) -> u32 {
        let lost = self.doors.iter().map(sys::take_packet_drops);
        lost.filter_map(Result::ok).sum()
    }

    pub fn kind(&self) -> PortKind {
        self.kind
    }

    /// Reads one frame of a door into `buffer`, which should hold [`FRAME_LEN_MAX`] bytes.
    pub fn receive(&self, door: usize, buffer: &mut [u8]) -> Received {
        let Some(fd) = self.doors.get(door) else {
            return Received::Empty;
        };
        let mut header = [0; virtio::HEADER_LEN];
        let mut parts = [IoSliceMut::new(&mut header), IoSliceMut::new(buffer)];
        match readv(fd, &mut parts) {
            Ok(len) => match (len.checked_sub(virtio::HEADER_LEN), virtio::decode(&header)) {
                (Some(len), Some(offload)) => Received::Frame(len, offload),
                _ => Received::Garbage,
            },
            Err(Errno::EAGAIN | Errno::EINTR) => Received::Empty,
            // A packet socket says once that its link went down; it comes back by itself.
            Err(Errno::ENETDOWN) => Received::Empty,
            // EINVAL, ENOBUFS and the like concern one frame.
            Err(errno) if !is_gone(errno) => Received::Garbage,
            Err(_) => Received::Gone,
        }
    }

    /// Writes one frame.
    pub fn send(&self, frame: &[u8], offload: &Offload) -> Sent {
        let header = virtio::encode(offload);
        let Some(fd) = self.out.as_ref().or(self.doors.first()) else {
            return Sent::Gone;
        };
        match writev(fd, &[IoSlice::new(&header), IoSlice::new(frame)]) {
            Ok(_) => Sent::Done,
            Err(Errno::EAGAIN | Errno::ENOBUFS | Errno::EINTR) => Sent::Full,
            Err(errno) if is_gone(errno) => Sent::Gone,
            Err(_) => Sent::Refused,
        }
    }
}

/// EBADFD: a TAP without its device. ENXIO, ENODEV: a packet socket without its link.
fn is_gone(errno: Errno) -> bool {
    matches!(errno, Errno::EBADFD | Errno::ENXIO | Errno::ENODEV)
}

/// Opens the TAP device and asks for nothing: tells whether TAPs may be made here.
pub fn best_kind() -> PortKind {
    match open_tun() {
        Ok(_) => PortKind::Tap,
        Err(_) => PortKind::Packet,
    }
}

fn open_tun() -> io::Result<OwnedFd> {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = std::fs::File::options();
    Ok(options
        .read(true)
        .write(true)
        .custom_flags(libc::O_NONBLOCK)
        .open("/dev/net/tun")?
        .into())
}
