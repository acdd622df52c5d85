//! Lies about the link (RFC 826, RFC 4861, RFC 2131, RFC 8415; I-3): none reaches another port, none makes state.
//!
//! | Item | Test |
//! |---|---|
//! | ARP reply unasked, Ethernet ≠ sender MAC | `arp_lies_go_nowhere` |
//! | gratuitous ARP for gateway or victim | `gratuitous_arp_takes_no_address` |
//! | NA override for the router, RA, redirect | `ndp_lies_go_nowhere` |
//! | NS flood over the /64 | `a_flood_of_solicitations_leaves_nothing_behind` |
//! | RS storm | `a_storm_of_router_solicitations_is_answered_to_its_sender_only` |
//! | DHCP server answers from an instance, DHCPv6 reply | `dhcp_lies_go_nowhere` |
//! | DHCP starved with random chaddr | `dhcp_cannot_be_starved` |
//! | DHCP option overrun | `dhcp_options_that_overrun`, `dhcp_cut_anywhere` |
//! | MLD | `multicast_listeners_are_not_heard` |

use std::net::Ipv4Addr;

use openvpc_engine::DropReason::{
    ArpUnanswered, DhcpUnanswered, ForeignMac, IcmpRedirect, Multicast, NdpUnanswered,
};
use openvpc_engine::{Mac, UnloggedClass, Verdict};
use openvpc_testkit::{FrameSpec, Host, L4, Lab, Shot, build, mend_ipv4_header, udp};
use smoltcp::wire::{DhcpMessageType, EthernetAddress};

use super::numbers;
use crate::subnet_router::{arp, dhcp, ndp, solicitation};

fn stage() -> (Lab, Host, Host) {
    let lab = Lab::vpc("10.0.0.0/16").ipv6("2001:db8:1:100::/56");
    let web = lab.eni("10.0.1.10").ipv6(0x10);
    let peer = lab.eni("10.0.1.11").ipv6(0x11);
    (lab, web, peer)
}

#[test]
fn arp_lies_go_nowhere() {
    let (lab, web, peer) = stage();
    lab.raw(&web, arp(&web, "10.0.1.1", "10.0.1.11"))
        .dropped(ArpUnanswered);
    lab.raw(&web, arp(&peer, "10.0.1.11", "10.0.1.1"))
        .dropped(ForeignMac);
    let mut mixed = arp(&web, "10.0.1.10", "10.0.1.11");
    mixed[22..28].copy_from_slice(&peer.mac().0);
    lab.raw(&web, mixed).dropped(ArpUnanswered);
    let mut unasked = arp(&web, "10.0.1.1", "10.0.1.11");
    unasked[21] = 2;
    lab.raw(&web, unasked).dropped(ArpUnanswered);
    lab.raw(&web, arp(&web, "10.0.1.10", "10.0.1.1")[..30].to_vec())
        .dropped(ArpUnanswered);
    lab.raw(&web, arp(&web, "0.0.0.0", "10.0.1.11")).replied();
}

/// Requests and replies in which sender and target are one, by broadcast: for the router, a neighbour, and oneself.
#[test]
fn gratuitous_arp_takes_no_address() {
    let (lab, web, peer) = stage();
    for address in ["10.0.1.1", "10.0.1.11", "10.0.1.10", "169.254.169.254"] {
        for operation in [1, 2] {
            let mut frame = arp(&web, address, address);
            frame[21] = operation;
            lab.raw(&web, frame).dropped(ArpUnanswered);
        }
    }
    // What others are told has not changed.
    let answer = lab
        .raw(&peer, arp(&peer, "10.0.1.11", "10.0.1.1"))
        .replied();
    assert_eq!(answer.frames()[0][22..28], peer.router_mac().0);
    assert_eq!(lab.counters(&peer).ingress.wire.packets, 1);
    lab.balances();
}

#[test]
fn ndp_lies_go_nowhere() {
    let (lab, web, peer) = stage();
    let own = web.address(false).to_string();
    let advert = |kind: u8| ndp(&web, &own, [vec![kind], vec![0; 31]].concat());
    for kind in [134, 136, 137] {
        lab.raw(&web, advert(kind)).dropped(NdpUnanswered);
    }
    let mut far = solicitation(&web, &own, "fe80:ec2::1");
    far[21] = 64;
    lab.raw(&web, far).dropped(NdpUnanswered);
    let mut broken = solicitation(&web, &own, "fe80:ec2::1");
    broken[60] ^= 1;
    lab.raw(&web, broken).dropped(NdpUnanswered);
    lab.raw(
        &web,
        solicitation(&web, &peer.address(false).to_string(), "fe80:ec2::1"),
    )
    .dropped(openvpc_engine::DropReason::SourceCheck);
    let redirect = Shot::new(&web, &peer, true, L4::Icmp(vec![5, 1, 0, 0, 10, 0, 1, 1]));
    lab.send(redirect).dropped(IcmpRedirect);
}

/// There is no table of neighbours to fill: owners of addresses come from the snapshot.
#[test]
fn a_flood_of_solicitations_leaves_nothing_behind() {
    let (lab, web, peer) = stage();
    let own = web.address(false).to_string();
    let mut random = numbers();
    for _ in 0..5_000 {
        let target = format!(
            "2001:db8:1:101:{:x}:{:x}::9",
            random() as u16 | 1,
            random() as u16
        );
        lab.raw(&web, solicitation(&web, &own, &target))
            .dropped(NdpUnanswered);
    }
    lab.raw(
        &web,
        solicitation(&web, &own, &peer.address(false).to_string()),
    )
    .replied();
    assert_eq!(lab.counters(&web).conntrack_entries, 0);
    assert_eq!(lab.counters(&peer).ingress.wire.packets, 0);
    lab.balances();
}

#[test]
fn a_storm_of_router_solicitations_is_answered_to_its_sender_only() {
    let (lab, web, peer) = stage();
    let link_local = web.mac().link_local().to_string();
    for source in [&link_local[..], "::"] {
        for _ in 0..500 {
            let out = lab
                .raw(&web, ndp(&web, source, vec![133, 0, 0, 0, 0, 0, 0, 0]))
                .replied();
            assert_eq!(out.frames()[0][..6], web.mac().0);
        }
    }
    assert_eq!(lab.counters(&peer).ingress.wire.packets, 0);
    lab.balances();
}

#[test]
fn dhcp_lies_go_nowhere() {
    let (lab, web, peer) = stage();
    lab.raw(
        &web,
        dhcp(&web, |repr| {
            repr.client_hardware_address = EthernetAddress([2, 7, 7, 7, 7, 7])
        }),
    )
    .dropped(DhcpUnanswered);
    lab.raw(
        &web,
        dhcp(&web, |repr| repr.message_type = DhcpMessageType::Offer),
    )
    .dropped(DhcpUnanswered);
    lab.raw(
        &web,
        dhcp(&web, |repr| {
            repr.relay_agent_ip = Ipv4Addr::new(10, 0, 1, 10)
        }),
    )
    .dropped(DhcpUnanswered);
    lab.raw(
        &web,
        dhcp(&web, |repr| {
            repr.server_identifier = Some(Ipv4Addr::new(9, 9, 9, 9))
        }),
    )
    .dropped(DhcpUnanswered);
    // A server among the instances.
    lab.send(udp(&web, &peer, 67, 68)).dropped(DhcpUnanswered);
    let server6 = Shot::new(
        &web,
        &peer,
        false,
        L4::Udp {
            ports: (547, 546),
            payload: vec![0; 8],
        },
    );
    lab.send(server6).dropped(DhcpUnanswered);
    lab.balances();
}

/// Each interface has one address, whoever it says it is: nothing is handed out, so nothing runs out.
#[test]
fn dhcp_cannot_be_starved() {
    let (lab, web, peer) = stage();
    let mut random = numbers();
    for _ in 0..2_000 {
        let bytes = random().to_be_bytes();
        let mac = EthernetAddress([2, bytes[1], bytes[2], bytes[3], bytes[4], bytes[5]]);
        lab.raw(&web, dhcp(&web, |repr| repr.client_hardware_address = mac))
            .dropped(DhcpUnanswered);
    }
    for host in [&web, &peer] {
        lab.raw(host, dhcp(host, |_| {})).replied();
    }
    let dhcp = lab.counters(&web).egress.unlogged(UnloggedClass::Dhcp);
    assert_eq!(dhcp.packets, 2_001);
    lab.balances();
}

/// Options whose length leads past the end of the message, or that never end.
#[test]
fn dhcp_options_that_overrun() {
    let (lab, web, _) = stage();
    let whole = dhcp(&web, |_| {});
    let options = 42 + 240;
    for tail in [
        &[53, 255][..],
        &[53, 1],
        &[53],
        &[53, 0],
        &[53, 1, 1, 50, 255, 1],
        &[53, 1, 1, 50, 4, 1],
        &[53, 1, 1, 61, 200],
        &[0; 60],
        &[255],
        &[],
    ] {
        let mut frame = [&whole[..options], tail].concat();
        let len = frame.len();
        frame[16..18].copy_from_slice(&((len - 14) as u16).to_be_bytes());
        frame[38..40].copy_from_slice(&((len - 34) as u16).to_be_bytes());
        mend_ipv4_header(&mut frame);
        // Either a whole message type came before the overrun, or nothing is answered.
        let outcome = lab.raw(&web, frame);
        let asked = tail.starts_with(&[53, 1, 1]);
        match outcome.verdict() {
            Verdict::Reply => assert!(asked, "{tail:?}"),
            verdict => assert_eq!(verdict, Verdict::Drop(DhcpUnanswered), "{tail:?}"),
        }
    }
    lab.balances();
}

/// Never worse than unanswered.
#[test]
fn dhcp_cut_anywhere() {
    let (lab, web, _) = stage();
    let whole = dhcp(&web, |_| {});
    for len in 42..whole.len() {
        let mut cut = whole[..len].to_vec();
        let (ip, udp) = ((len - 14) as u16, (len - 34) as u16);
        cut[16..18].copy_from_slice(&ip.to_be_bytes());
        cut[38..40].copy_from_slice(&udp.to_be_bytes());
        mend_ipv4_header(&mut cut);
        let verdict = lab.raw(&web, cut).verdict();
        assert!(
            matches!(verdict, Verdict::Reply | Verdict::Drop(DhcpUnanswered)),
            "{len}"
        );
    }
    lab.balances();
}

/// Reports go to groups, which nobody joins: with the router alert that they bear, and from the link-local address.
#[test]
fn multicast_listeners_are_not_heard() {
    let (lab, web, peer) = stage();
    for source in [
        web.mac().link_local().to_string(),
        "::".to_owned(),
        web.address(false).to_string(),
    ] {
        for kind in [130, 131, 132, 143] {
            let mut frame = build(&FrameSpec {
                source_mac: web.mac(),
                destination_mac: Mac([0x33, 0x33, 0, 0, 0, 0x16]),
                source: source.parse().unwrap(),
                destination: "ff02::16".parse().unwrap(),
                ttl: 1,
                l4: L4::Icmp([vec![kind, 0, 0, 0], vec![0; 24]].concat()),
            });
            frame.splice(54..54, [58, 0, 5, 2, 0, 0, 1, 0]);
            frame[20] = 0;
            frame[19] += 8;
            lab.raw(&web, frame).dropped(Multicast);
        }
    }
    assert_eq!(lab.counters(&peer).ingress.wire.packets, 0);
    lab.balances();
}
