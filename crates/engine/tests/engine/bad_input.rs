//! Named bad packets with their verdicts (reliability list: Ethernet, IPv4, IPv6, TCP, UDP/ICMP), and random ones.

use openvpc_engine::DropReason::{
    BadChecksum, BadOffload, HeaderChain, Malformed, NoConnection, OverMtu, RuntFrame,
    SourceRouted, UnknownEtherType,
};
use openvpc_engine::{DropReason, GsoKind, Offload, UnloggedClass, Verdict};
use openvpc_testkit::{Host, L4, Lab, Shot, egress, ingress, mend_ipv4_header, ping, syn, udp};

use crate::fragments::{fragment_header, ipv6_chain, udp_bytes};

fn stage() -> (Lab, Host, Host) {
    let lab = Lab::vpc("10.0.0.0/16")
        .ipv6("2001:db8:1:100::/56")
        .internet_gateway();
    let a = lab.eni("10.0.1.10").ipv6(0x10).open();
    let b = lab.eni("10.0.2.10").ipv6(0x10).open();
    (lab, a, b)
}

/// An edit of a good UDP packet a → b, with the header checksum made right again.
fn edited(
    lab: &Lab,
    a: &Host,
    b: &Host,
    edit: impl FnOnce(&mut Vec<u8>),
) -> openvpc_testkit::Outcome {
    lab.send(udp(a, b, 4_000, 53).edit(|frame| {
        edit(frame);
        mend_ipv4_header(frame);
    }))
}

#[test]
fn runts() {
    let (lab, a, b) = stage();
    for len in 0..14 {
        lab.raw(&a, udp(&a, &b, 1, 2).bytes()[..len].to_vec())
            .dropped(RuntFrame);
    }
    for len in 14..34 {
        lab.raw(&a, udp(&a, &b, 1, 2).bytes()[..len].to_vec())
            .dropped(Malformed);
    }
    lab.balances();
}

#[test]
fn ip_version_against_ethertype() {
    let (lab, a, b) = stage();
    lab.send(udp(&a, &b, 1, 2).edit(|frame| frame[12..14].copy_from_slice(&[0x86, 0xdd])))
        .dropped(Malformed);
    lab.send(
        ping(&a, &b)
            .over_ipv6(&b)
            .edit(|frame| frame[12..14].copy_from_slice(&[8, 0])),
    )
    .dropped(Malformed);
    lab.send(udp(&a, &b, 1, 2).edit(|frame| frame[12] = 0x81))
        .dropped(UnknownEtherType);
}

#[test]
fn ipv4_lengths() {
    let (lab, a, b) = stage();
    edited(&lab, &a, &b, |frame| frame[14] = 0x44).dropped(Malformed);
    lab.send(udp(&a, &b, 1, 2).edit(|frame| frame[14] = 0x4f))
        .dropped(BadChecksum);
    edited(&lab, &a, &b, |frame| {
        frame[16..18].copy_from_slice(&19u16.to_be_bytes())
    })
    .dropped(Malformed);
    edited(&lab, &a, &b, |frame| {
        frame[16..18].copy_from_slice(&61u16.to_be_bytes())
    })
    .dropped(Malformed);
    edited(&lab, &a, &b, |frame| frame[20] |= 0x80).dropped(Malformed);
    lab.send(udp(&a, &b, 1, 2).edit(|frame| frame[24] ^= 1))
        .dropped(BadChecksum);
    assert_eq!(
        lab.counters(&a)
            .egress
            .unlogged(UnloggedClass::Malformed)
            .packets,
        6
    );
    lab.flow_log(&a).is_empty();
}

/// Trailing bytes are neither logged nor forwarded.
#[test]
fn ethernet_padding_is_cut_off() {
    let (lab, a, b) = stage();
    let out = lab
        .send(udp(&a, &b, 1, 2).edit(|frame| frame.extend_from_slice(&[0xaa; 40])))
        .reaches(&b);
    assert_eq!(out.frames()[0].len(), 14 + 60);
    assert_eq!(lab.flow_log(&a).cells()[0].window().bytes, 60);
}

#[test]
fn ipv4_options() {
    let (lab, a, b) = stage();
    let with = |options: [u8; 4]| {
        let mut frame = udp(&a, &b, 1, 2).bytes().to_vec();
        frame.splice(34..34, options);
        frame[14] = 0x46;
        frame[16..18].copy_from_slice(&64u16.to_be_bytes());
        mend_ipv4_header(&mut frame);
        lab.raw(&a, frame)
    };
    with([131, 3, 4, 0]).dropped(SourceRouted);
    with([137, 3, 4, 0]).dropped(SourceRouted);
    with([1, 131, 3, 4]).dropped(SourceRouted);
    with([7, 0, 0, 0]).dropped(Malformed);
    with([7, 5, 0, 0]).dropped(Malformed);
    with([1, 1, 1, 7]).dropped(Malformed);
    with([148, 4, 0, 0]).reaches(&b);
    with([0, 131, 131, 131]).reaches(&b);
}

/// CVE-2023-1668 is this class: protocol 0 and 255 are judged like any other number.
#[test]
fn odd_protocol_numbers_are_judged_by_the_rules() {
    let (lab, a, b) = stage();
    let b = b.security_group([ingress("17 from 10.0.0.0/16")]);
    for number in [0u8, 255, 2, 47, 50, 132] {
        let shot = Shot::new(&a, &b, true, L4::Raw(number, vec![0; 24]));
        lab.send(shot).dropped(DropReason::SecurityGroupIngress);
    }
    lab.send(Shot::new(&a, &b, true, L4::Raw(58, vec![0; 24])))
        .dropped(Malformed);
}

#[test]
fn source_equal_to_destination() {
    let (lab, a, b) = stage();
    let router = a.router_mac();
    lab.send(syn(&a, &b, 139).to_address("10.0.1.10").to_mac(router))
        .dropped(DropReason::RouteLoop);
}

#[test]
fn over_the_mtu() {
    let (lab, a, b) = stage();
    let of = |payload| {
        Shot::new(
            &a,
            &b,
            true,
            L4::Udp {
                ports: (1, 2),
                payload: vec![0; payload],
            },
        )
    };
    lab.send(of(9_001 - 28)).reaches(&b);
    lab.send(of(9_002 - 28)).dropped(OverMtu);
}

#[test]
fn ipv6_lengths_and_chains() {
    let (lab, a, b) = stage();
    let good = ipv6_chain(&a, &b, &[], udp_bytes());
    lab.raw(&a, good.clone()).reaches(&b);
    let mut jumbo = good.clone();
    jumbo[18..20].fill(0);
    lab.raw(&a, jumbo).dropped(Malformed);
    let mut long = good.clone();
    long[19] += 1;
    lab.raw(&a, long).dropped(Malformed);

    let hop = || (0u8, vec![0, 1, 4, 0, 0, 0, 0]);
    let options = || (60u8, vec![0, 1, 4, 0, 0, 0, 0]);
    let routing = |kind, left| (43u8, vec![0, kind, left, 0, 0, 0, 0]);
    let send = |headers: &[(u8, Vec<u8>)]| lab.raw(&a, ipv6_chain(&a, &b, headers, udp_bytes()));
    send(&[hop()]).reaches(&b);
    send(&[hop(), options()]).reaches(&b);
    send(&[options(), hop()]).dropped(HeaderChain);
    send(&[options(), options()]).reaches(&b);
    send(&[options(), options(), options()]).dropped(HeaderChain);
    send(&[routing(0, 1)]).dropped(SourceRouted);
    send(&[routing(0, 0)]).dropped(SourceRouted);
    send(&[routing(4, 1)]).dropped(SourceRouted);
    send(&[routing(4, 0)]).reaches(&b);
    for count in 7..=64 {
        send(&vec![routing(4, 0); count]).dropped(HeaderChain);
    }
    lab.raw(&a, ipv6_chain(&a, &b, &[], (59, vec![0; 8])))
        .dropped(HeaderChain);
    // RFC 7112: the chain must end in the first fragment.
    let open = ipv6_chain(
        &a,
        &b,
        &[fragment_header(0, true)],
        (60, vec![17, 9, 0, 0, 0, 0, 0, 0]),
    );
    lab.raw(&a, open).dropped(HeaderChain);
    lab.balances();
}

#[test]
fn tcp_header_lengths() {
    let (lab, a, b) = stage();
    for (offset, reason) in [(0x40, Malformed), (0x60, Malformed), (0xf0, Malformed)] {
        lab.send(syn(&a, &b, 80).edit(|frame| frame[46] = offset))
            .dropped(reason);
    }
    lab.send(Shot::new(&a, &b, true, L4::Raw(6, vec![0; 19])))
        .dropped(Malformed);
}

/// Flag combinations that open nothing make no state and are rejected, where flows are tracked.
#[test]
fn tcp_flag_games() {
    let lab = Lab::vpc("10.0.0.0/16");
    let a = lab
        .eni("10.0.1.10")
        .security_group([egress("tcp to 10.0.0.0/16")]);
    let b = lab
        .eni("10.0.2.10")
        .security_group([ingress("tcp from 10.0.0.0/16")]);
    let of = |flags: u8| {
        let ports = (4_000 + u16::from(flags), 80);
        Shot::new(
            &a,
            &b,
            true,
            L4::Tcp {
                ports,
                sequence: 7,
                acknowledgement: 9,
                flags,
                payload: vec![],
            },
        )
    };
    for flags in [
        0u8, 0x01, 0x03, 0x06, 0x10, 0x12, 0x14, 0x11, 0x29, 0x3f, 0x04,
    ] {
        lab.send(of(flags)).dropped(NoConnection);
    }
    assert_eq!(lab.counters(&a).conntrack_entries, 0);
    lab.send(of(0x02)).reaches(&b);
    lab.send(of(0xc2 & 0x3f)).reaches(&b);
    lab.balances();
}

/// Flow records of impossible flag combinations show `-` (spec 01 §3).
#[test]
fn impossible_flags_are_recorded_as_unknown() {
    let lab = Lab::vpc("10.0.0.0/16");
    let a = lab.eni("10.0.1.10").open();
    let b = lab.eni("10.0.2.10").open();
    let christmas = L4::Tcp {
        ports: (1, 80),
        sequence: 7,
        acknowledgement: 0,
        flags: 0x29,
        payload: vec![],
    };
    let both = L4::Tcp {
        ports: (1, 80),
        sequence: 7,
        acknowledgement: 0,
        flags: 0x03,
        payload: vec![],
    };
    lab.send(Shot::new(&a, &b, true, christmas)).reaches(&b);
    assert_eq!(lab.flow_log(&a).cells()[0].tcp_flags.value(), Some(1));
    lab.send(Shot::new(&a, &b, true, both)).reaches(&b);
    assert_eq!(lab.flow_log(&a).cells()[0].tcp_flags.value(), None);
}

#[test]
fn a_syn_with_data_and_a_simultaneous_open() {
    let lab = Lab::vpc("10.0.0.0/16");
    let rules = || {
        [
            ingress("tcp from 10.0.0.0/16"),
            egress("tcp to 10.0.0.0/16"),
        ]
    };
    let (a, b) = (
        lab.eni("10.0.1.10").security_group(rules()),
        lab.eni("10.0.2.10").security_group(rules()),
    );
    let tcp = |from: &Host, to: &Host, ports, sequence, acknowledgement, flags, len| {
        let payload = vec![1; len];
        Shot::new(
            from,
            to,
            true,
            L4::Tcp {
                ports,
                sequence,
                acknowledgement,
                flags,
                payload,
            },
        )
    };
    lab.send(tcp(&a, &b, (1, 2), 100, 0, 2, 50)).reaches(&b);
    lab.send(tcp(&a, &b, (5, 6), 100, 0, 2, 0)).reaches(&b);
    lab.send(tcp(&b, &a, (6, 5), 900, 0, 2, 0)).reaches(&a);
    lab.send(tcp(&a, &b, (5, 6), 100, 901, 18, 0)).reaches(&b);
    lab.send(tcp(&b, &a, (6, 5), 900, 101, 18, 0)).reaches(&a);
    lab.wait_secs(3_600);
    lab.send(tcp(&a, &b, (5, 6), 101, 901, 16, 5)).reaches(&b);
}

#[test]
fn udp_lengths() {
    let (lab, a, b) = stage();
    for length in [0u16, 7, 41, 65_535] {
        lab.send(
            udp(&a, &b, 1, 2).edit(|frame| frame[38..40].copy_from_slice(&length.to_be_bytes())),
        )
        .dropped(Malformed);
    }
    lab.send(Shot::new(&a, &b, true, L4::Raw(17, vec![0; 7])))
        .dropped(Malformed);
}

/// A tunnel is somebody's payload.
#[test]
fn tunnels_are_payload() {
    let (lab, a, b) = stage();
    let inner = ping(&b, &a).bytes().to_vec();
    let payload = [vec![8, 0, 0, 0, 0, 0, 1, 0], inner].concat();
    lab.send(Shot::new(
        &a,
        &b,
        true,
        L4::Udp {
            ports: (1, 4_789),
            payload,
        },
    ))
    .reaches(&b);
    lab.flow_log(&b).reads(["10.0.1.10 10.0.2.10 ACCEPT"]);
}

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

/// Random frames and random edits of good ones: no panic, counters that close, both engines alike.
#[test]
fn garbage_is_counted_and_dropped() {
    let (lab, a, b) = stage();
    let mut seed = 0x2545_f491_4f6c_dd1du64;
    let mut random = move || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed
    };
    let good = [
        udp(&a, &b, 1, 2).bytes().to_vec(),
        syn(&a, &b, 80).bytes().to_vec(),
        ping(&a, &b).bytes().to_vec(),
        ping(&a, &b).over_ipv6(&b).bytes().to_vec(),
        ipv6_chain(&a, &b, &[fragment_header(0, true)], udp_bytes()),
        ping(&a, &b).to_address("10.0.1.1").bytes().to_vec(),
    ];
    for _ in 0..30_000 {
        let mut frame = good[random() as usize % good.len()].clone();
        for _ in 0..random() % 6 {
            let at = random() as usize % frame.len();
            frame[at] = random() as u8;
        }
        if random() % 4 == 0 {
            frame.truncate(random() as usize % (frame.len() + 1));
        }
        if random() % 2 == 0 && frame.len() >= 34 && frame[14] >> 4 == 4 && (frame[14] & 15) >= 5 {
            let header = usize::from(frame[14] & 15) * 4;
            if frame.len() >= 14 + header {
                mend_ipv4_header(&mut frame);
            }
        }
        let verdict = lab.raw(&a, frame).verdict();
        assert!(matches!(
            verdict,
            Verdict::Forward { .. } | Verdict::Reply | Verdict::Drop(_)
        ));
    }
    let counters = lab.counters(&a);
    let mut sum = counters.egress.accept;
    sum.add(counters.egress.reject);
    counters
        .egress
        .unlogged
        .iter()
        .for_each(|class| sum.add(*class));
    assert_eq!(sum, counters.egress.wire);
    assert!(counters.egress.unlogged(UnloggedClass::Malformed).packets > 1_000);
}
