//! VPC user guide, "DNS64 and NAT64": NAT-11, and RFC 7915 for what stands in the packets.

use openvpc_engine::DropReason::{
    ErrorPortAllocation, Nat64Destination, Nat64Untranslatable, NatForeignSource, NatFragment,
    NatProtocol, NatUnsolicited, NetworkAclInbound, NetworkAclOutbound, NoSuchHost,
    PrivateAtGateway,
};
use openvpc_engine::{Limits, Verdict};
use openvpc_testkit::{Host, L4, Shot, To, egress};
use openvpc_wire::packet::protocol;
use openvpc_wire::{GsoKind, Offload, Transport};

use crate::nat_gateway::{self, Behind, source_port};

/// 198.51.100.80, as an IPv6 host calls it.
const WEB: &str = "64:ff9b::c633:6450";

/// Hosts behind a NAT gateway, which reach IPv4 by it also as IPv6.
fn translated(limits: Limits) -> Behind {
    let behind = nat_gateway::behind(limits);
    let own = behind.inside.address(false).to_string();
    assert_eq!(own, "2001:db8:1234:1a02::10");
    let to = To::Nat(&behind.nat);
    behind.lab.route(&behind.inside, "64:ff9b::/96", to);
    behind
}

fn stage() -> Behind {
    translated(Limits::default())
}

fn shot(from: &Host, to: &str, l4: L4) -> Shot {
    Shot::new(from, from, false, l4).to_address(to)
}

fn ping(from: &Host, to: &str, id: u8) -> Shot {
    let mut message = vec![128, 0, 0, 0, 0, id, 0, 1];
    message.extend(0..56);
    shot(from, to, L4::Icmp(message))
}

fn udp(from: &Host, to: &str, port: u16, len: usize) -> Shot {
    let (ports, payload) = ((5_000, port), vec![0x55; len]);
    shot(from, to, L4::Udp { ports, payload })
}

fn tcp(flags: u8, ports: (u16, u16), numbers: (u32, u32), len: usize) -> L4 {
    L4::Tcp {
        ports,
        sequence: numbers.0,
        acknowledgement: numbers.1,
        flags,
        payload: vec![7; len],
    }
}

#[test]
fn a_ping_leaves_as_ipv4_and_its_answer_comes_back_as_ipv6() {
    let Behind {
        lab,
        inside,
        nat,
        web,
        ..
    } = stage();
    let out = lab
        .send(ping(&inside, WEB, 7).times(4))
        .reaches(&web)
        .seen_as("192.0.2.9", "198.51.100.80");
    assert_eq!(out.verdict(), Verdict::Translated { port: web.port() });
    assert_eq!(out.packet().protocol, protocol::ICMP);
    // The router of the subnet, and the gateway (NAT-4).
    assert_eq!(out.packet().ttl, 62);
    let back = out
        .answered()
        .reaches(&inside)
        .seen_as(WEB, "2001:db8:1234:1a02::10");
    assert!(matches!(
        back.packet().transport,
        Transport::Icmp {
            kind: 129,
            code: 0,
            id: 7
        }
    ));
    // 40 bytes of header on one side, 20 on the other.
    lab.flow_log(&inside).reads_in_full([
        "2001:db8:1234:1a02::10 64:ff9b::c633:6450 0 0 58 4 416 ACCEPT 0 egress 1 2001:db8:1234:1a02::10 64:ff9b::c633:6450",
        "64:ff9b::c633:6450 2001:db8:1234:1a02::10 0 0 58 4 416 ACCEPT 0 ingress - 64:ff9b::c633:6450 2001:db8:1234:1a02::10",
    ]);
    lab.flow_log(&nat).reads_in_full([
        "2001:db8:1234:1a02::10 64:ff9b::c633:6450 0 0 58 4 416 ACCEPT 0 ingress - 2001:db8:1234:1a02::10 64:ff9b::c633:6450",
        "10.0.0.220 198.51.100.80 0 0 1 4 336 ACCEPT 0 egress 8 10.0.0.220 198.51.100.80",
        "198.51.100.80 10.0.0.220 0 0 1 4 336 ACCEPT 0 ingress - 198.51.100.80 10.0.0.220",
        "64:ff9b::c633:6450 2001:db8:1234:1a02::10 0 0 58 4 416 ACCEPT 0 egress 1 64:ff9b::c633:6450 2001:db8:1234:1a02::10",
    ]);
    lab.balances();
}

/// SG-7 too: it is tracked although every rule is open.
#[test]
fn a_connection_lives_through_it_and_ends_with_a_reset_after_350_idle_seconds() {
    let Behind {
        lab, inside, web, ..
    } = stage();
    let ports = (40_000, 80);
    let segment = |flags, numbers, len| shot(&inside, WEB, tcp(flags, ports, numbers, len));
    let opened = lab.send(segment(2, (1_000, 0), 0)).reaches(&web);
    let mapped = opened.segment().source_port;
    assert!(mapped >= 1_024);
    opened.answered().reaches(&inside);
    for round in 0..3u32 {
        let len = 300 * (round as usize + 1);
        lab.send(segment(24, (1_001, 5_001), len))
            .reaches(&web)
            .seen_as("192.0.2.9", "198.51.100.80");
        let answer = tcp(24, (80, mapped), (5_001, 1_001), len);
        lab.send(Shot::new(&web, &web, true, answer).to_address("192.0.2.9"))
            .reaches(&inside)
            .seen_as(WEB, "2001:db8:1234:1a02::10");
    }
    lab.wait_secs(351);
    let out = lab.send(segment(16, (1_901, 5_901), 0)).replied();
    assert_eq!(out.segment().flags & 4, 4, "a reset (NAT-6)");
    out.seen_as(WEB, "2001:db8:1234:1a02::10");
    lab.balances();
}

#[test]
fn a_large_segment_is_cut_by_whoever_gets_it() {
    let Behind {
        lab, inside, web, ..
    } = stage();
    let ports = (40_000, 80);
    let opened = lab.send(shot(&inside, WEB, tcp(2, ports, (1_000, 0), 0)));
    opened.reaches(&web).answered().reaches(&inside);
    let before = lab.counters(&inside).egress.accept;
    let offload = Offload {
        needs_csum: true,
        csum_start: 54,
        csum_offset: 16,
        gso: GsoKind::Tcp6,
        gso_size: 1_000,
        hdr_len: 74,
    };
    for _ in 0..2 {
        let large = shot(&inside, WEB, tcp(24, ports, (1_001, 5_001), 2_500));
        let out = lab.send(large.offload(offload)).reaches(&web);
        assert_eq!(out.packet().ip_len(), 20 + 20 + 2_500);
    }
    let counted = lab.counters(&inside).egress.accept.since(before);
    assert_eq!((counted.packets, counted.bytes), (6, 2 * (2_500 + 3 * 60)));
}

/// NAT-4.
#[test]
fn fragments_of_datagrams_pass_and_of_nothing_else() {
    let Behind {
        lab, inside, web, ..
    } = stage();
    let mut id = 0x0001_0200_u32;
    let mut piece = |shot: Shot, from: u16, to: u16| {
        id += u32::from(from == 0);
        shot.edit(|bytes| {
            let above = bytes.split_off(54);
            let more = usize::from(to) < above.len();
            bytes.extend([bytes[20], 0]);
            bytes.extend((from | u16::from(more)).to_be_bytes());
            bytes.extend(id.to_be_bytes());
            bytes.extend(&above[usize::from(from)..usize::from(to)]);
            bytes[20] = 44;
            let len = (8 + to - from).to_be_bytes();
            bytes[18..20].copy_from_slice(&len);
        })
    };
    let whole = || udp(&inside, WEB, 53, 92);
    let first = lab.send(piece(whole(), 0, 48)).reaches(&web);
    assert_eq!(first.packet().fragment.map(|it| it.id), Some(0x0201));
    let later = lab.send(piece(whole(), 48, 100)).reaches(&web);
    let place = later.packet().fragment.expect("a fragment");
    assert_eq!((place.id, place.offset, place.more), (0x0201, 48, false));
    // The datagram's checksum is right: both pieces together are what one packet would have been.
    let together = lab.send(whole()).reaches(&web);
    let bytes = |outcome: &openvpc_testkit::Outcome| outcome.frames()[0][34..].to_vec();
    assert_eq!([bytes(&first), bytes(&later)].concat(), bytes(&together));

    let segment = shot(&inside, WEB, tcp(2, (1, 80), (0, 0), 40));
    lab.send(piece(segment, 0, 48)).dropped(NatFragment);
    lab.send(piece(ping(&inside, WEB, 9), 0, 48))
        .dropped(NatFragment);
    lab.balances();
}

/// RFC 7915 §4.5: IPv6 demands a checksum of UDP, IPv4 does not.
#[test]
fn a_datagram_without_a_checksum_gets_one_on_its_way_into_ipv6() {
    let Behind {
        lab, inside, web, ..
    } = stage();
    let out = lab.send(udp(&inside, WEB, 53, 32)).reaches(&web);
    let mapped = source_port(out.packet().transport);
    let answer = || {
        let ports = (53, mapped);
        let payload = vec![9; 40];
        Shot::new(&web, &web, true, L4::Udp { ports, payload }).to_address("192.0.2.9")
    };
    let unsummed = |bytes: &mut Vec<u8>| bytes[40..42].fill(0);
    let back = lab.send(answer().edit(unsummed)).reaches(&inside);
    let with = lab.send(answer()).reaches(&inside);
    assert_eq!(back.frames(), with.frames());
    let first_piece = answer().edit(unsummed).edit(|bytes| {
        bytes[20] |= 0x20;
        openvpc_testkit::mend_ipv4_header(bytes);
    });
    lab.send(first_piece).dropped(NatFragment);
    lab.balances();
}

/// The way beyond the gateway carries 1,500 bytes of IPv4, which are 1,520 of IPv6.
#[test]
fn each_side_hears_of_the_others_mtu_as_its_own() {
    let Behind {
        lab, inside, web, ..
    } = stage();
    let fits = lab.send(udp(&inside, WEB, 53, 1_520 - 48)).reaches(&web);
    assert_eq!(fits.packet().ip_len(), 1_500);
    assert!(fits.packet().dont_fragment);
    assert!(
        !lab.send(udp(&inside, WEB, 53, 1_000))
            .packet()
            .dont_fragment
    );
    let refused = lab.send(udp(&inside, WEB, 53, 1_521 - 48)).replied();
    let message = refused.frames()[0][54..].to_vec();
    assert_eq!((message[0], &message[4..8]), (2, &[0, 0, 0x05, 0xf0][..]));

    // A router on the IPv4 side that carries 1,400 bytes.
    let error = |message: [u8; 8], quote: &[u8]| {
        let message = [&message, quote].concat();
        Shot::new(&web, &web, true, L4::Icmp(message)).to_address("192.0.2.9")
    };
    let quote = fits.frames()[0][14..14 + 28].to_vec();
    let heard = lab
        .send(error([3, 4, 0, 0, 0, 0, 0x05, 0x78], &quote))
        .reaches(&inside);
    let message = heard.frames()[0][54..].to_vec();
    assert_eq!((message[0], &message[4..8]), (2, &[0, 0, 0x05, 0x8c][..]));
    // One that does not say: RFC 1191's next lower plateau is 1,492.
    let heard = lab.send(error([3, 4, 0, 0, 0, 0, 0, 0], &quote));
    let message = heard.reaches(&inside).frames()[0][54..].to_vec();
    assert_eq!(&message[4..8], [0, 0, 0x05, 0xe8]);
    lab.balances();
}

/// What is quoted shows each side what it knows (RFC 7915 §4.3, §5.3).
#[test]
fn errors_are_told_in_the_words_of_the_other_version() {
    let Behind {
        lab, inside, web, ..
    } = stage();
    let outward = [
        ((3, 3), (1, 4)),
        ((3, 1), (1, 0)),
        ((3, 13), (1, 1)),
        ((3, 2), (4, 1)),
        ((11, 0), (3, 0)),
        ((12, 0), (4, 0)),
    ];
    for ((kind, code), (as_kind, as_code)) in outward {
        let heard = lab
            .send(udp(&inside, WEB, 33_434, 32))
            .reaches(&web)
            .answered_by_error(kind, code, 28)
            .reaches(&inside)
            .seen_as(WEB, "2001:db8:1234:1a02::10");
        let packet = heard.packet();
        assert!(
            matches!(packet.transport, Transport::Icmp { kind, code, .. } if (kind, code) == (as_kind, as_code)),
            "{kind}/{code}: {packet:?}"
        );
        let quoted = openvpc_wire::Quoted::parse(heard.frames()[0], &packet).expect("a quotation");
        assert_eq!(quoted.source, inside.address(false));
        assert_eq!(quoted.destination.to_string(), WEB);
        assert_eq!(
            (quoted.source_port, quoted.destination_port),
            (5_000, 33_434)
        );
    }
    for (kind, code) in [(3, 14), (4, 0), (12, 1)] {
        lab.send(ping(&inside, WEB, 3))
            .reaches(&web)
            .answered_by_error(kind, code, 28)
            .dropped(Nat64Untranslatable);
    }
    for ((kind, code), (as_kind, as_code)) in [
        ((1, 4), (3, 3)),
        ((1, 0), (3, 1)),
        ((1, 1), (3, 10)),
        ((2, 0), (3, 4)),
        ((3, 0), (11, 0)),
    ] {
        let heard = lab
            .send(udp(&inside, WEB, 53, 32))
            .reaches(&web)
            .answered()
            .reaches(&inside)
            .answered_by_error(kind, code, 48)
            .reaches(&web)
            .seen_as("192.0.2.9", "198.51.100.80");
        let packet = heard.packet();
        assert!(
            matches!(packet.transport, Transport::Icmp { kind, code, .. } if (kind, code) == (as_kind, as_code)),
            "{kind}/{code}: {packet:?}"
        );
        let quoted = openvpc_wire::Quoted::parse(heard.frames()[0], &packet).expect("a quotation");
        assert_eq!(quoted.source.to_string(), "198.51.100.80");
        assert_eq!(quoted.destination.to_string(), "192.0.2.9");
        assert_ne!(quoted.destination_port, 5_000, "who is inside stays there");
    }
    // An error with a bad checksum is not healed.
    let bad = lab.send(udp(&inside, WEB, 99, 32)).reaches(&web);
    let quote = bad.frames()[0][14..42].to_vec();
    let message = [&[3, 3, 0, 0, 0, 0, 0, 0], &quote[..]].concat();
    let bad = Shot::new(&web, &web, true, L4::Icmp(message)).to_address("192.0.2.9");
    lab.send(bad.edit(|bytes| bytes[36] ^= 1))
        .dropped(Nat64Untranslatable);
    lab.balances();
}

/// NAT-7: its rules see each leg in the version that it has there.
#[test]
fn the_acl_of_its_subnet_sees_ipv6_on_one_leg_and_ipv4_on_the_other() {
    let Behind {
        lab,
        inside,
        nat,
        web,
        ..
    } = stage();
    let acl = lab.network_acl(&nat);
    acl.inbound("90 deny all from 2001:db8:1234:1a02::/64");
    lab.send(ping(&inside, WEB, 1)).dropped(NetworkAclInbound);
    acl.remove(90);
    acl.outbound("90 deny all to 198.51.100.0/24");
    lab.send(ping(&inside, WEB, 1)).dropped(NetworkAclOutbound);
    acl.remove(90);
    acl.outbound("90 deny icmp to 2001:db8:1234:1a02::/64");
    let heard = lab.send(ping(&inside, WEB, 1)).reaches(&web).answered();
    heard.reaches(&inside);
    acl.remove(90);
    acl.outbound("90 deny all to 2001:db8:1234:1a02::/64");
    let refused = lab.send(ping(&inside, WEB, 1)).reaches(&web).answered();
    refused.dropped(NetworkAclOutbound);
    lab.balances();
}

/// The sender's groups judge the address that it calls.
#[test]
fn a_rule_for_the_well_known_prefix_is_what_lets_a_host_out() {
    let Behind {
        lab, inside, web, ..
    } = stage();
    let inside = inside.security_group([egress("icmpv6 to 64:ff9b::/96")]);
    lab.send(ping(&inside, WEB, 1))
        .reaches(&web)
        .answered()
        .reaches(&inside);
    lab.send(udp(&inside, WEB, 53, 8))
        .dropped(openvpc_engine::DropReason::SecurityGroupEgress);
}

#[test]
fn what_it_cannot_carry_ends_at_the_gateway() {
    let Behind {
        lab, inside, nat, ..
    } = stage();
    for never in [
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b::e000:1",
        "64:ff9b::",
    ] {
        lab.send(ping(&inside, never, 1)).dropped(Nat64Destination);
    }
    lab.send(shot(&inside, WEB, L4::Raw(47, vec![0; 16])))
        .dropped(NatProtocol);
    let query = L4::Icmp(vec![130, 0, 0, 0, 0, 0, 0, 0]);
    lab.send(shot(&inside, WEB, query)).dropped(NatProtocol);
    // An answer that nobody asked for.
    let reply = L4::Icmp(vec![129, 0, 0, 0, 0, 1, 0, 1]);
    let answer = lab.send(shot(&inside, WEB, reply)).verdict();
    assert!(matches!(answer, Verdict::Drop(_)), "{answer:?}");
    // Private addresses, which nobody has: beyond the internet gateway and in the VPC.
    lab.send(ping(&inside, "64:ff9b::c0a8:1", 1))
        .dropped(PrivateAtGateway);
    lab.send(ping(&inside, "64:ff9b::a00:263", 1))
        .dropped(NoSuchHost);
    // It is no way out for IPv6 itself.
    lab.route(&inside, "::/0", To::Nat(&nat));
    lab.send(ping(&inside, "2001:db8:ffff::80", 1))
        .dropped(NatProtocol);
    // NAT-9, by a host that forwards for others.
    let forwards = inside.without_source_dest_check();
    lab.send(ping(&forwards, WEB, 1).from_address("2001:db8:9999::1"))
        .dropped(NatForeignSource);
    lab.balances();
}

#[test]
fn nothing_of_the_ipv4_side_comes_in_unasked() {
    let Behind {
        lab, inside, web, ..
    } = stage();
    let out = lab.send(udp(&inside, WEB, 53, 8)).reaches(&web);
    let mapped = source_port(out.packet().transport);
    let from = |port: u16| {
        let ports = (port, mapped);
        let payload = vec![1; 8];
        Shot::new(&web, &web, true, L4::Udp { ports, payload }).to_address("192.0.2.9")
    };
    lab.send(from(54)).dropped(NatUnsolicited);
    lab.send(from(53)).reaches(&inside);
    lab.wait_secs(351);
    lab.send(from(53)).dropped(NatUnsolicited);
}

/// IPv4-only services of the same VPC, and of what the gateway's subnet has a route to.
#[test]
fn hosts_of_the_vpc_are_reached_as_the_gateway() {
    let Behind {
        lab, inside, nat, ..
    } = stage();
    let server = lab.eni("10.0.2.10").open();
    lab.send(udp(&inside, "64:ff9b::a00:20a", 53, 8))
        .reaches(&server)
        .seen_as("10.0.0.220", "10.0.2.10")
        .answered()
        .reaches(&inside)
        .seen_as("64:ff9b::a00:20a", "2001:db8:1234:1a02::10");
    // A host of the gateway's own subnet, whose answer passes no edge of it.
    let near = lab.eni("10.0.0.7").ipv6(0x77).open();
    lab.route(&near, "64:ff9b::/96", To::Nat(&nat));
    lab.send(ping(&near, "64:ff9b::a00:20a", 4))
        .reaches(&server)
        .answered()
        .reaches(&near);
    lab.balances();
}

/// 9,001 bytes of IPv4 do not fit in 9,001 bytes as IPv6: they are cut, or their sender is told.
#[test]
fn what_grows_too_long_inside_the_vpc_is_cut_or_refused() {
    let Behind { lab, inside, .. } = stage();
    let server = lab.eni("10.0.2.10").open();
    let out = lab.send(udp(&inside, "64:ff9b::a00:20a", 53, 8));
    let mapped = source_port(out.reaches(&server).packet().transport);
    let answer = |len: usize| {
        let ports = (53, mapped);
        let payload = vec![3; len - 28];
        Shot::new(&server, &server, true, L4::Udp { ports, payload }).to_address("10.0.0.220")
    };
    let whole = lab.send(answer(8_981)).reaches(&inside);
    assert_eq!(whole.packet().ip_len(), 9_001);
    let cut = lab.send(answer(9_001)).reaches(&inside);
    let pieces: Vec<_> = cut.frames().iter().map(|frame| frame.len() - 14).collect();
    assert_eq!(pieces.len(), 2, "{pieces:?}");
    assert!(pieces.iter().all(|len| *len <= 9_001), "{pieces:?}");
    assert_eq!(pieces.iter().sum::<usize>(), 2 * 48 + 9_001 - 20);
    let told = answer(9_001).edit(|bytes| {
        bytes[20] |= 0x40;
        openvpc_testkit::mend_ipv4_header(bytes);
    });
    let told = lab.send(told).replied();
    let message = &told.frames()[0][34..];
    assert_eq!((message[0], message[1]), (3, 4));
    assert_eq!(u16::from_be_bytes([message[6], message[7]]), 8_981);
}

/// NAT-5: ports and the gateway's flows are shared with those of IPv4.
#[test]
fn both_versions_share_its_ports() {
    let limits = Limits {
        nat_flows_per_gateway_max: 2,
        ..Limits::default()
    };
    let Behind {
        lab,
        inside,
        nat,
        web,
        ..
    } = translated(limits);
    lab.send(openvpc_testkit::udp(&inside, &web, 5_000, 53))
        .reaches(&web);
    lab.send(udp(&inside, WEB, 53, 8)).reaches(&web);
    assert_eq!(lab.nat_gateway_counters(&nat).active, 2);
    lab.send(udp(&inside, WEB, 54, 8))
        .dropped(ErrorPortAllocation);
    assert_eq!(lab.nat_gateway_counters(&nat).error_port_allocation, 1);
}
