//! A second opinion on frames that arrive: smoltcp verifies every checksum that the engine may have edited.

use openvpc_engine::{GsoKind, Offload};
use smoltcp::wire::{
    EthernetFrame, EthernetProtocol, Icmpv4Packet, Icmpv6Packet, IpAddress, IpProtocol, Ipv4Packet,
    Ipv6Packet, TcpPacket, UdpPacket,
};

/// Panics unless the frame is whole and its finished checksums hold.
pub(crate) fn verify(frame: &[u8], offload: &Offload) {
    let ethernet = EthernetFrame::new_checked(frame).expect("an Ethernet header");
    let finished = !offload.needs_csum && offload.gso == GsoKind::None;
    match ethernet.ethertype() {
        EthernetProtocol::Ipv4 => {
            let packet = Ipv4Packet::new_checked(ethernet.payload()).expect("an IPv4 packet");
            assert!(packet.verify_checksum(), "IPv4 header checksum");
            assert_eq!(
                usize::from(packet.total_len()),
                ethernet.payload().len(),
                "no padding goes out"
            );
            if finished && !packet.more_frags() && packet.frag_offset() == 0 {
                let ends = (packet.src_addr().into(), packet.dst_addr().into());
                verify_transport(packet.next_header(), packet.payload(), ends);
            }
        }
        EthernetProtocol::Ipv6 => {
            let packet = Ipv6Packet::new_checked(ethernet.payload()).expect("an IPv6 packet");
            if finished {
                let ends = (packet.src_addr().into(), packet.dst_addr().into());
                verify_transport(packet.next_header(), packet.payload(), ends);
            }
        }
        _ => {}
    }
}

fn verify_transport(
    protocol: IpProtocol,
    payload: &[u8],
    (source, destination): (IpAddress, IpAddress),
) {
    let holds = match protocol {
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
    };
    assert!(holds, "{protocol:?} checksum");
}
