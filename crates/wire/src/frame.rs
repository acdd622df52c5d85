//! A frame as it stands between a port and the engine: Ethernet bytes in a caller-owned buffer, and what the sender's
//! stack left for "hardware" to finish (virtio-net header, VIRTIO 1.2 §5.1.6.2).

/// An Ethernet frame in the caller's buffer, edited in place.
#[derive(Debug)]
pub struct Frame<'a> {
    /// Destination address first, no preamble, no checksum trailer. The engine may shorten it (padding), never grow it.
    pub bytes: &'a mut [u8],
    /// Work the sender's stack has not done yet.
    pub offload: Offload,
}

impl<'a> Frame<'a> {
    /// A frame whose checksums are complete and which is one segment.
    pub fn new(bytes: &'a mut [u8]) -> Frame<'a> {
        Frame {
            bytes,
            offload: Offload::default(),
        }
    }

    /// A frame with the offload state its port reported.
    pub fn with_offload(bytes: &'a mut [u8], offload: Offload) -> Frame<'a> {
        Frame { bytes, offload }
    }

    /// Drops the bytes from `len` on (Ethernet padding).
    pub fn truncate(&mut self, len: usize) {
        if len < self.bytes.len() {
            let bytes = std::mem::take(&mut self.bytes);
            self.bytes = &mut bytes[..len];
        }
    }
}

/// What is left to do on a frame: a checksum to fill in, a large segment to cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Offload {
    /// The checksum covers everything from `csum_start` on and goes to `csum_start + csum_offset`; that field holds the
    /// pseudo-header sum for now (Linux `CHECKSUM_PARTIAL`).
    pub needs_csum: bool,
    /// Bytes from the start of the frame.
    pub csum_start: u16,
    /// Bytes from `csum_start`.
    pub csum_offset: u16,
    /// How the frame is to be cut.
    pub gso: GsoKind,
    /// Payload bytes per segment; 0 with [`GsoKind::None`].
    pub gso_size: u16,
    /// All header bytes to repeat on each segment, a hint that the engine recomputes and does not trust.
    pub hdr_len: u16,
}

/// Segmentation kinds of the virtio-net header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum GsoKind {
    /// One packet.
    #[default]
    None,
    /// TCP over IPv4 (`VIRTIO_NET_HDR_GSO_TCPV4`).
    Tcp4,
    /// TCP over IPv6 (`VIRTIO_NET_HDR_GSO_TCPV6`).
    Tcp6,
    /// UDP datagrams of equal length (`VIRTIO_NET_HDR_GSO_UDP_L4`).
    UdpL4,
}
