//! What a subnet's router answers: ARP, NDP, DHCP, pings (SUB-2, SUB-6, DHCP-1, SG-9, spec 01 §7).

use std::net::Ipv4Addr;

use openvpc_engine::DropReason::{ArpUnanswered, LocalServiceAbsent, NdpUnanswered, RouterAddress};
use openvpc_engine::{Mac, UnloggedClass};
use openvpc_testkit::{FrameSpec, Host, L4, Lab, build, ping, udp};
use openvpc_wire::Transport;
use openvpc_wire::arp::Arp;
use smoltcp::wire::{DhcpMessageType, DhcpPacket, DhcpRepr, EthernetAddress};

fn stage() -> (Lab, Host, Host) {
    let lab = Lab::vpc("10.0.0.0/16")
        .ipv6("2001:db8:1:100::/56")
        .internet_gateway();
    let web = lab.eni("10.0.1.10").ipv6(0x10).public("192.0.2.10");
    let peer = lab.eni("10.0.1.11").ipv6(0x11);
    (lab, web, peer)
}

pub(crate) fn arp(from: &Host, sender: &str, target: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let (sender, target) = (sender.parse().unwrap(), target.parse().unwrap());
    Arp {
        request: true,
        sender_mac: from.mac(),
        sender,
        target_mac: Mac([0; 6]),
        target,
    }
    .emit(&mut out);
    out
}

#[test]
fn arp_is_answered_for_neighbours_router_and_services() {
    let (lab, web, peer) = stage();
    let owner = |target: &str| {
        let out = lab.raw(&web, arp(&web, "10.0.1.10", target)).replied();
        let answer = Arp::parse(out.frames()[0]).unwrap();
        assert_eq!(
            (answer.request, answer.sender, answer.target_mac),
            (false, target.parse().unwrap(), web.mac())
        );
        answer.sender_mac
    };
    assert_eq!(owner("10.0.1.11"), peer.mac());
    assert_eq!(owner("10.0.1.1"), web.router_mac());
    assert_eq!(owner("169.254.169.254"), web.router_mac());
    for nobody in ["10.0.1.77", "10.0.2.10", "10.0.1.10", "203.0.113.12"] {
        lab.raw(&web, arp(&web, "10.0.1.10", nobody))
            .dropped(ArpUnanswered);
    }
    lab.balances();
}

pub(crate) fn solicitation(from: &Host, source: &str, target: &str) -> Vec<u8> {
    let mut message = vec![135, 0, 0, 0, 0, 0, 0, 0];
    message.extend_from_slice(&target.parse::<std::net::Ipv6Addr>().unwrap().octets());
    message.extend_from_slice(&[1, 1]);
    message.extend_from_slice(&from.mac().0);
    ndp(from, source, message)
}

pub(crate) fn ndp(from: &Host, source: &str, message: Vec<u8>) -> Vec<u8> {
    build(&FrameSpec {
        source_mac: from.mac(),
        destination_mac: Mac([0x33, 0x33, 0, 0, 0, 1]),
        source: source.parse().unwrap(),
        destination: "ff02::1".parse().unwrap(),
        ttl: 255,
        l4: L4::Icmp(message),
    })
}

#[test]
fn neighbours_are_discovered() {
    let (lab, web, peer) = stage();
    let own = web.address(false).to_string();
    let owner = |target: &str| {
        let out = lab.raw(&web, solicitation(&web, &own, target)).replied();
        let packet = out.packet();
        assert!(matches!(
            packet.transport,
            Transport::Icmp { kind: 136, .. }
        ));
        assert_eq!(
            (packet.ttl, packet.destination.to_string()),
            (255, own.clone())
        );
        Mac::read(out.frames()[0], packet.l4 + 26).unwrap()
    };
    assert_eq!(owner(&peer.address(false).to_string()), peer.mac());
    for router in [
        "2001:db8:1:101::1",
        "fe80:ec2::1",
        &web.router_mac().link_local().to_string(),
    ] {
        assert_eq!(owner(router), web.router_mac());
    }
    lab.raw(&web, solicitation(&web, &own, "2001:db8:1:101::77"))
        .dropped(NdpUnanswered);
    // Duplicate-address detection of one's own address meets silence.
    lab.raw(&web, solicitation(&web, "::", &own))
        .dropped(NdpUnanswered);
    lab.raw(
        &web,
        solicitation(&web, "::", &peer.address(false).to_string()),
    )
    .replied();
    lab.balances();
}

const SOLICITATION: [u8; 8] = [133, 0, 0, 0, 0, 0, 0, 0];

/// RFC 4861 §4.2: addresses by DHCPv6 (M and O), a lifetime of 1,800 s, the router's MAC, MTU 9001, and the /64 on the
/// link but not for autoconfiguration.
fn is_advertisement(frame: &[u8], host: &Host) {
    let router = host.router_mac();
    assert_eq!(
        (&frame[..6], &frame[6..12]),
        (&host.mac().0[..], &router.0[..])
    );
    assert_eq!((frame[20], frame[21]), (58, 255), "ICMPv6, from the link");
    assert_eq!(frame[22..38], router.link_local().octets());
    let mut expected = vec![134, 0, frame[56], frame[57], 64, 0xc0, 0x07, 0x08];
    expected.extend_from_slice(&[0; 8]);
    expected.extend_from_slice(&[1, 1]);
    expected.extend_from_slice(&router.0);
    expected.extend_from_slice(&[5, 1, 0, 0, 0, 0, 0x23, 0x29]);
    expected.extend_from_slice(&[3, 4, 64, 0x80]);
    expected.extend_from_slice(&[0xff; 8]);
    expected.extend_from_slice(&[0; 4]);
    let prefix: std::net::Ipv6Addr = "2001:db8:1:101::".parse().unwrap();
    expected.extend_from_slice(&prefix.octets());
    assert_eq!(frame[54..], expected);
}

#[test]
fn a_router_solicitation_is_answered_with_the_prefix() {
    let (lab, web, _) = stage();
    let link_local = web.mac().link_local().to_string();
    // A host may make up its own link-local address (RFC 7217).
    let made_up = "fe80::7b1d:99c0:4ab2:e5";
    for (source, to) in [
        (&*link_local, &*link_local),
        (made_up, made_up),
        ("::", "ff02::1"),
    ] {
        let out = lab
            .raw(&web, ndp(&web, source, SOLICITATION.to_vec()))
            .replied();
        assert_eq!(out.packet().destination.to_string(), to);
        is_advertisement(out.frames()[0], &web);
    }
    lab.flow_log(&web).is_empty();
    lab.balances();
}

/// Who asked once is told again before the router's lifetime is over; the others have nobody who listens.
#[test]
fn the_router_reminds_those_who_asked() {
    let (lab, web, peer) = stage();
    let ask = || {
        let source = web.mac().link_local().to_string();
        lab.raw(&web, ndp(&web, &source, SOLICITATION.to_vec()))
            .replied();
    };
    assert_eq!(lab.sent_within_secs(10_000), []);
    ask();
    ask();
    assert_eq!(lab.sent_within_secs(599), []);
    for _ in 0..3 {
        let told = lab.sent_within_secs(601);
        assert_eq!(told.len(), 1, "{peer:?} did not ask");
        assert_eq!(told[0].0, web.port());
        assert_eq!(
            told[0].1[38..54],
            "ff02::1".parse::<std::net::Ipv6Addr>().unwrap().octets()
        );
        is_advertisement(&told[0].1, &web);
    }
    lab.balances();
    web.detach();
    assert_eq!(lab.sent_within_secs(601), []);
    web.attach();
    assert_eq!(lab.sent_within_secs(601), []);
}

#[test]
fn a_subnet_without_ipv6_has_no_ipv6_router() {
    let lab = Lab::vpc("10.0.0.0/16");
    let web = lab.eni("10.0.1.10");
    let source = web.mac().link_local().to_string();
    lab.raw(&web, ndp(&web, &source, SOLICITATION.to_vec()))
        .dropped(NdpUnanswered);
}

pub(crate) fn dhcp(from: &Host, change: impl FnOnce(&mut DhcpRepr<'_>)) -> Vec<u8> {
    let unspecified = Ipv4Addr::UNSPECIFIED;
    let mut repr = DhcpRepr {
        message_type: DhcpMessageType::Discover,
        transaction_id: 0x1234,
        secs: 0,
        client_hardware_address: EthernetAddress(from.mac().0),
        client_ip: unspecified,
        your_ip: unspecified,
        server_ip: unspecified,
        router: None,
        subnet_mask: None,
        relay_agent_ip: unspecified,
        broadcast: false,
        requested_ip: None,
        client_identifier: None,
        server_identifier: None,
        parameter_request_list: None,
        dns_servers: None,
        max_size: None,
        lease_duration: None,
        renew_duration: None,
        rebind_duration: None,
        additional_options: &[],
    };
    change(&mut repr);
    let mut payload = vec![0; repr.buffer_len()];
    repr.emit(&mut DhcpPacket::new_unchecked(&mut payload[..]))
        .unwrap();
    build(&FrameSpec {
        source_mac: from.mac(),
        destination_mac: Mac::BROADCAST,
        source: unspecified.into(),
        destination: Ipv4Addr::BROADCAST.into(),
        ttl: 64,
        l4: L4::Udp {
            ports: (68, 67),
            payload,
        },
    })
}

#[test]
fn dhcp_gives_the_interface_its_own_address() {
    let (lab, web, _) = stage();
    let offer = lab.raw(&web, dhcp(&web, |_| {})).replied();
    let read = |frame: &[u8]| -> (
        DhcpMessageType,
        Ipv4Addr,
        Option<u32>,
        Vec<Ipv4Addr>,
        Vec<(u8, Vec<u8>)>,
    ) {
        let packet = DhcpPacket::new_checked(&frame[42..]).unwrap();
        let repr = DhcpRepr::parse(&packet).unwrap();
        assert_eq!(repr.router, Some(Ipv4Addr::new(10, 0, 1, 1)));
        assert_eq!(repr.subnet_mask, Some(Ipv4Addr::new(255, 255, 255, 0)));
        assert_eq!(repr.transaction_id, 0x1234);
        let options = packet
            .options()
            .map(|option| (option.kind, option.data.to_vec()))
            .collect();
        let servers = repr.dns_servers.iter().flatten().copied().collect();
        (
            repr.message_type,
            repr.your_ip,
            repr.lease_duration,
            servers,
            options,
        )
    };
    let own = Ipv4Addr::new(10, 0, 1, 10);
    let (kind, address, lease, servers, options) = read(offer.frames()[0]);
    assert_eq!(
        (kind, address, lease),
        (DhcpMessageType::Offer, own, Some(3_600))
    );
    assert_eq!(servers, [Ipv4Addr::new(10, 0, 0, 2)]);
    assert!(options.contains(&(12, b"host-0".to_vec())));
    assert!(options.contains(&(15, b"ec2.internal".to_vec())));
    assert!(options.contains(&(26, 9_001u16.to_be_bytes().to_vec())));
    assert_eq!(offer.packet().destination, std::net::IpAddr::from(own));

    let request = |wanted: Ipv4Addr| {
        dhcp(&web, |repr| {
            repr.message_type = DhcpMessageType::Request;
            repr.requested_ip = Some(wanted);
            repr.server_identifier = Some(Ipv4Addr::new(10, 0, 1, 1));
        })
    };
    let ack = lab.raw(&web, request(own)).replied();
    assert_eq!(read(ack.frames()[0]).0, DhcpMessageType::Ack);
    let nak = lab
        .raw(&web, request(Ipv4Addr::new(10, 0, 1, 99)))
        .replied();
    let packet = DhcpPacket::new_checked(&nak.frames()[0][42..]).unwrap();
    assert_eq!(
        DhcpRepr::parse(&packet).unwrap().message_type,
        DhcpMessageType::Nak
    );
    lab.flow_log(&web).is_empty();
    lab.balances();
}

#[test]
fn the_router_answers_pings_and_nothing_else() {
    let (lab, web, peer) = stage();
    lab.send(ping(&web, &peer).to_address("10.0.1.1").times(3))
        .replied()
        .seen_as("10.0.1.1", "10.0.1.10");
    lab.send(
        ping(&web, &peer)
            .over_ipv6(&peer)
            .to_address("2001:db8:1:101::1"),
    )
    .replied();
    lab.send(udp(&web, &peer, 1, 161).to_address("10.0.1.1"))
        .dropped(RouterAddress);
    lab.flow_log(&web).is_empty();
    assert_eq!(
        lab.counters(&web)
            .egress
            .unlogged(UnloggedClass::Router)
            .packets,
        5
    );
    lab.balances();
}

/// Spec 01 §7, row 11: never logged, never filtered. Nothing answers yet.
#[test]
fn resolver_metadata_and_time_are_not_logged() {
    let (lab, web, peer) = stage();
    lab.network_acl(&web).outbound("1 deny all to 0.0.0.0/0");
    for (address, port) in [
        ("10.0.0.2", 53),
        ("169.254.169.253", 53),
        ("169.254.169.254", 80),
        ("169.254.169.123", 123),
    ] {
        lab.send(udp(&web, &peer, 5_000, port).to_address(address))
            .dropped(LocalServiceAbsent);
    }
    for address in ["fd00:ec2::253", "fd00:ec2::254", "fd00:ec2::123"] {
        lab.send(ping(&web, &peer).over_ipv6(&peer).to_address(address))
            .dropped(LocalServiceAbsent);
    }
    lab.flow_log(&web).is_empty();
    lab.balances();
}

#[test]
fn the_link_of_an_outside_host_answers_for_every_address() {
    let (lab, web, _) = stage();
    let bob = lab.internet("203.0.113.12");
    let out = lab
        .raw(&bob, arp(&bob, "203.0.113.12", "192.0.2.10"))
        .replied();
    assert_eq!(
        Arp::parse(out.frames()[0]).unwrap().sender_mac,
        bob.router_mac()
    );
    lab.raw(&bob, arp(&bob, "203.0.113.12", "203.0.113.12"))
        .dropped(ArpUnanswered);
    let six = lab.internet("2001:db8:ffff::12");
    let own = web.address(false).to_string();
    let out = lab
        .raw(&six, solicitation(&six, "2001:db8:ffff::12", &own))
        .replied();
    assert_eq!(
        Mac::read(out.frames()[0], out.packet().l4 + 26),
        Some(six.router_mac())
    );
    lab.raw(
        &six,
        solicitation(&six, "2001:db8:ffff::12", "2001:db8:ffff::12"),
    )
    .dropped(NdpUnanswered);
}
