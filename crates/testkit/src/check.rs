//! A second opinion on frames that arrive: smoltcp verifies every checksum that the engine may have edited.

use openvpc_engine::{GsoKind, Offload};
use smoltcp::wire::{
    EthernetFrame, EthernetProtocol, Icmpv4Packet, Icmpv6Packet, IpAddress, IpProtocol, Ipv4Packet,
    Ipv6Packet, TcpPacket, UdpPacket,
};

/// Panics unless the frame is whole and its finished checksums hold; the transport's only if it held in `original`, as
/// the sender made it.
pub(crate) fn verify(frame: &[u8], offload: &Offload, original: Option<&[u8]>) {
    assert_headers(frame);
    let finished = !offload.needs_csum && offload.gso == GsoKind::None;
    if finished && original.is_none_or(transport_holds) {
        assert!(transport_holds(frame), "transport checksum");
    }
}

fn assert_headers(frame: &[u8]) {
    let ethernet = EthernetFrame::new_checked(frame).expect("an Ethernet header");
    match ethernet.ethertype() {
        EthernetProtocol::Ipv4 => {
            let packet = Ipv4Packet::new_checked(ethernet.payload()).expect("an IPv4 packet");
            assert!(packet.verify_checksum(), "IPv4 header checksum");
            assert_eq!(
                usize::from(packet.total_len()),
                ethernet.payload().len(),
                "no padding goes out"
            );
        }
        EthernetProtocol::Ipv6 => {
            Ipv6Packet::new_checked(ethernet.payload()).expect("an IPv6 packet");
        }
        _ => {}
    }
}

/// Whether the transport checksum holds, or there is none to check.
fn transport_holds(frame: &[u8]) -> bool {
    let Ok(ethernet) = EthernetFrame::new_checked(frame) else {
        return false;
    };
    match ethernet.ethertype() {
        EthernetProtocol::Ipv4 => Ipv4Packet::new_checked(ethernet.payload()).is_ok_and(|packet| {
            let ends = (packet.src_addr().into(), packet.dst_addr().into());
            let whole = !packet.more_frags() && packet.frag_offset() == 0;
            !whole || verify_transport(packet.next_header(), packet.payload(), ends)
        }),
        EthernetProtocol::Ipv6 => Ipv6Packet::new_checked(ethernet.payload()).is_ok_and(|packet| {
            let ends = (packet.src_addr().into(), packet.dst_addr().into());
            verify_transport(packet.next_header(), packet.payload(), ends)
        }),
        _ => true,
    }
}

fn verify_transport(
    protocol: IpProtocol,
    payload: &[u8],
    (source, destination): (IpAddress, IpAddress),
) -> bool {
    match protocol {
        IpProtocol::Tcp => TcpPacket::new_checked(payload)
            .is_ok_and(|tcp| tcp.verify_checksum(&source, &destination)),
        IpProtocol::Udp => UdpPacket::new_checked(payload)
            .is_ok_and(|udp| udp.verify_checksum(&source, &destination)),
        IpProtocol::Icmp => {
            Icmpv4Packet::new_checked(payload).is_ok_and(|icmp| icmp.verify_checksum())
        }
        IpProtocol::Icmpv6 => match (source, destination) {
            (IpAddress::Ipv6(source), IpAddress::Ipv6(destination)) => {
                Icmpv6Packet::new_checked(payload)
                    .is_ok_and(|icmp| icmp.verify_checksum(&source, &destination))
            }
            _ => false,
        },
        _ => true,
    }
}
