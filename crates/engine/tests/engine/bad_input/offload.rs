//! Offload state (VIRTIO 1.2 §5.1.6.2) that contradicts the packet: a hostile instance writes it too.

use openvpc_engine::DropReason::BadOffload;
use openvpc_engine::{GsoKind, Offload};
use openvpc_testkit::udp;

use super::stage;

#[test]
fn offload_state_that_does_not_fit() {
    let (lab, a, b) = stage();
    let good = Offload {
        needs_csum: true,
        csum_start: 34,
        csum_offset: 6,
        ..Offload::default()
    };
    let shot = || udp(&a, &b, 1, 2);
    for bad in [
        Offload {
            csum_start: 14,
            ..good
        },
        Offload {
            csum_offset: 16,
            ..good
        },
        Offload {
            csum_start: 73,
            csum_offset: 6,
            ..good
        },
        Offload {
            csum_start: u16::MAX,
            csum_offset: u16::MAX,
            ..good
        },
        Offload {
            gso: GsoKind::Tcp4,
            gso_size: 100,
            ..good
        },
        Offload {
            gso: GsoKind::Tcp6,
            gso_size: 100,
            ..good
        },
        Offload {
            gso: GsoKind::UdpL4,
            gso_size: 0,
            ..good
        },
    ] {
        lab.send(shot().offload(bad)).dropped(BadOffload);
    }
    lab.balances();
}
