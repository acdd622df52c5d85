//! The virtio-net header before each frame of a TAP or packet socket (VIRTIO 1.2 §5.1.6; 10 bytes, host order as Linux
//! has it for both kinds).

use openvpc_engine::{GsoKind, Offload};

pub const HEADER_LEN: usize = 10;

const NEEDS_CSUM: u8 = 1;
const GSO_NONE: u8 = 0;
const GSO_TCPV4: u8 = 1;
const GSO_TCPV6: u8 = 4;
const GSO_UDP_L4: u8 = 5;
/// Tells of congestion marks; the kernel sets it by itself where it matters.
const GSO_ECN: u8 = 0x80;

/// `None` for a kind of segmentation that was never agreed upon.
pub fn decode(header: &[u8; HEADER_LEN]) -> Option<Offload> {
    let word = |at: usize| u16::from_ne_bytes([header[at], header[at + 1]]);
    let gso = match header[1] & !GSO_ECN {
        GSO_NONE => GsoKind::None,
        GSO_TCPV4 => GsoKind::Tcp4,
        GSO_TCPV6 => GsoKind::Tcp6,
        GSO_UDP_L4 => GsoKind::UdpL4,
        _ => return None,
    };
    let needs_csum = header[0] & NEEDS_CSUM != 0;
    let (gso_size, hdr_len) = if gso == GsoKind::None {
        (0, 0)
    } else {
        (word(4), word(2))
    };
    let (csum_start, csum_offset) = if needs_csum {
        (word(6), word(8))
    } else {
        (0, 0)
    };
    Some(Offload {
        needs_csum,
        csum_start,
        csum_offset,
        gso,
        gso_size,
        hdr_len,
    })
}

pub fn encode(offload: &Offload) -> [u8; HEADER_LEN] {
    let mut header = [0; HEADER_LEN];
    header[0] = if offload.needs_csum { NEEDS_CSUM } else { 0 };
    header[1] = match offload.gso {
        GsoKind::None => GSO_NONE,
        GsoKind::Tcp4 => GSO_TCPV4,
        GsoKind::Tcp6 => GSO_TCPV6,
        GsoKind::UdpL4 => GSO_UDP_L4,
    };
    let words = [
        offload.hdr_len,
        offload.gso_size,
        offload.csum_start,
        offload.csum_offset,
    ];
    for (to, word) in header[2..].chunks_exact_mut(2).zip(words) {
        to.copy_from_slice(&word.to_ne_bytes());
    }
    header
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_port_reported_is_what_the_next_port_is_told() {
        let offload = Offload {
            needs_csum: true,
            csum_start: 34,
            csum_offset: 16,
            gso: GsoKind::Tcp4,
            gso_size: 1448,
            hdr_len: 66,
        };
        assert_eq!(decode(&encode(&offload)), Some(offload));
        assert_eq!(
            decode(&encode(&Offload::default())),
            Some(Offload::default())
        );
    }

    #[test]
    fn an_unknown_kind_of_segmentation_is_no_frame() {
        assert_eq!(
            decode(&[0, 3, 0, 0, 0, 0, 0, 0, 0, 0]),
            None,
            "UFO was never agreed upon"
        );
    }
}
