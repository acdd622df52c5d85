//! Bad IPv6 headers (RFC 8200, RFC 7112, RFC 5095, RFC 6946, RFC 6980). The rule behind the list: a packet whose
//! upper-layer header is not found within a fixed number of headers is dropped, so that nothing is hidden behind them.
//!
//! | Item | Test |
//! |---|---|
//! | 0 … 64 extension headers | `chains_have_an_end` |
//! | Hop-by-Hop not first, repeated Destination Options, routing header 0 | `headers_out_of_place` |
//! | header length past the end | `headers_that_lie_about_their_length` |
//! | unknown next header | `unknown_headers_are_judged_by_number` |
//! | fragment header twice, atomic fragment | `fragments::two_fragment_headers`, `fragments::an_atomic_fragment_is_a_packet_of_its_own` |
//! | first fragment without the whole chain | `the_chain_ends_in_the_first_fragment` |
//! | payload length 0, jumbo | `payload_lengths` |
//! | NDP in fragments | `ndp_does_not_come_in_fragments` |
//! | v4-mapped, v4-compatible, 6to4, Teredo sources | `sources_that_embed_ipv4` |
//! | 64:ff9b::/96 with a private address inside | `translated_private_addresses_lead_nowhere` |
//! | unique local addresses to the internet gateway | `unique_local_addresses_do_not_cross` |

use openvpc_engine::DropReason::{
    FragmentWithoutFirst, HeaderChain, Malformed, MartianSource, NdpUnanswered, NoInternetHost,
    NoPublicAddress, PrivateAtGateway, SecurityGroupIngress, SourceCheck, SourceRouted,
};
use openvpc_testkit::{FrameSpec, L4, Lab, Shot, build, ingress, udp};

use super::{fragment_header, ipv6_chain, stage, udp_bytes};

/// Eight bytes of padding options.
fn options(number: u8) -> (u8, Vec<u8>) {
    (number, vec![0, 1, 4, 0, 0, 0, 0])
}

fn routing(kind: u8, left: u8) -> (u8, Vec<u8>) {
    (43, vec![0, kind, left, 0, 0, 0, 0])
}

#[test]
fn payload_lengths() {
    let (lab, a, b) = stage();
    let good = ipv6_chain(&a, &b, &[], udp_bytes());
    let with = |len: u16| {
        let mut frame = good.clone();
        frame[18..20].copy_from_slice(&len.to_be_bytes());
        lab.raw(&a, frame)
    };
    lab.raw(&a, good.clone()).reaches(&b);
    for len in [0, 1, 7, 17, 65_535] {
        with(len).dropped(Malformed);
    }
    // A jumbogram (RFC 2675): length 0, and the real one in a Hop-by-Hop option.
    let mut jumbo = ipv6_chain(&a, &b, &[(0, vec![0, 0xc2, 4, 0, 1, 0, 16])], udp_bytes());
    jumbo[18..20].fill(0);
    lab.raw(&a, jumbo).dropped(Malformed);
    // Padding behind the packet is cut off.
    let mut padded = good.clone();
    padded.extend_from_slice(&[0xaa; 9]);
    let out = lab.raw(&a, padded).reaches(&b);
    assert_eq!(out.frames()[0].len(), good.len());
}

#[test]
fn chains_have_an_end() {
    let (lab, a, b) = stage();
    let send = |count: usize| {
        lab.raw(
            &a,
            ipv6_chain(&a, &b, &vec![routing(4, 0); count], udp_bytes()),
        )
    };
    for count in 0..=6 {
        send(count).reaches(&b);
    }
    for count in 7..=64 {
        send(count).dropped(HeaderChain);
    }
    // Nothing behind the chain, or too little.
    lab.raw(&a, ipv6_chain(&a, &b, &[], (59, vec![0; 8])))
        .dropped(HeaderChain);
    lab.raw(&a, ipv6_chain(&a, &b, &[options(0)], (17, vec![0; 7])))
        .dropped(Malformed);
    lab.raw(&a, ipv6_chain(&a, &b, &[options(0)], (17, vec![])))
        .dropped(Malformed);
    lab.balances();
}

#[test]
fn headers_out_of_place() {
    let (lab, a, b) = stage();
    let send = |headers: &[(u8, Vec<u8>)]| lab.raw(&a, ipv6_chain(&a, &b, headers, udp_bytes()));
    send(&[options(0)]).reaches(&b);
    send(&[options(0), options(60)]).reaches(&b);
    send(&[options(60), options(0)]).dropped(HeaderChain);
    send(&[options(0), options(0)]).dropped(HeaderChain);
    send(&[options(60), options(60)]).reaches(&b);
    send(&[options(60), options(60), options(60)]).dropped(HeaderChain);
    for left in [0, 1, 255] {
        send(&[routing(0, left)]).dropped(SourceRouted);
    }
    send(&[routing(4, 1)]).dropped(SourceRouted);
    send(&[options(0), routing(2, 1)]).dropped(SourceRouted);
    send(&[routing(4, 0)]).reaches(&b);
    lab.balances();
}

#[test]
fn headers_that_lie_about_their_length() {
    let (lab, a, b) = stage();
    for number in [0, 43, 60] {
        for len in [3, 4, 200, 255] {
            let header = (number, vec![len, 4, 0, 0, 0, 0, 0]);
            lab.raw(&a, ipv6_chain(&a, &b, &[header], udp_bytes()))
                .dropped(HeaderChain);
        }
        // It ends before its first eight bytes do.
        lab.raw(&a, ipv6_chain(&a, &b, &[], (number, vec![17, 0, 4])))
            .dropped(HeaderChain);
    }
    lab.raw(&a, ipv6_chain(&a, &b, &[], (44, vec![17, 0, 0, 1])))
        .dropped(HeaderChain);
    lab.balances();
}

/// Authentication, mobility, HIP, shim6, experiments: not looked behind, so a rule about UDP does not pass them.
#[test]
fn unknown_headers_are_judged_by_number() {
    let (lab, a, b) = stage();
    let udp_only = [ingress("udp 53 from ::/0")];
    let b = b.security_group(udp_only);
    let behind = |number: u8| {
        let mut bytes = vec![17, 4, 0, 0, 0, 0, 0, 0];
        bytes.extend_from_slice(&udp_bytes().1);
        lab.raw(&a, ipv6_chain(&a, &b, &[], (number, bytes)))
    };
    lab.raw(&a, ipv6_chain(&a, &b, &[], udp_bytes()))
        .reaches(&b);
    for number in [50, 51, 135, 139, 140, 200, 253, 254, 255] {
        behind(number).dropped(SecurityGroupIngress);
    }
    // ICMP belongs to IPv4.
    behind(1).dropped(Malformed);
    lab.balances();
}

#[test]
fn the_chain_ends_in_the_first_fragment() {
    let (lab, a, b) = stage();
    let first = fragment_header(0, true);
    let open = |upper| lab.raw(&a, ipv6_chain(&a, &b, std::slice::from_ref(&first), upper));
    open((60, vec![17, 9, 0, 0, 0, 0, 0, 0])).dropped(HeaderChain);
    open((60, vec![17, 0, 1, 4, 0, 0, 0, 0])).dropped(openvpc_engine::DropReason::TinyFragment);
    open((43, vec![17, 0, 0, 1, 0, 0, 0, 0])).dropped(SourceRouted);
    // What would follow is nobody's.
    let second = ipv6_chain(&a, &b, &[fragment_header(8, false)], (60, vec![0; 16]));
    lab.raw(&a, second).dropped(FragmentWithoutFirst);
    lab.balances();
}

/// RFC 6980: not even in an atomic fragment.
#[test]
fn ndp_does_not_come_in_fragments() {
    let lab = Lab::vpc("10.0.0.0/16").ipv6("2001:db8:1:100::/56");
    let a = lab.eni("10.0.1.10").ipv6(0x10).open();
    let solicitation = |fragment: Option<[u8; 2]>, kind: u8| {
        let target: std::net::Ipv6Addr = "fe80:ec2::1".parse().unwrap();
        let mut message = vec![kind, 0, 0, 0, 0, 0, 0, 0];
        message.extend_from_slice(&target.octets());
        let mut frame = build(&FrameSpec {
            source_mac: a.mac(),
            destination_mac: a.router_mac(),
            source: a.address(false),
            destination: target.into(),
            ttl: 255,
            l4: L4::Icmp(message),
        });
        if let Some([high, low]) = fragment {
            frame.splice(54..54, [58, 0, high, low, 0, 0, 0, 9]);
            frame[20] = 44;
            frame[19] += 8;
        }
        lab.raw(&a, frame)
    };
    solicitation(None, 135).replied();
    for place in [[0, 0], [0, 1]] {
        for kind in [133, 135, 136, 134, 137] {
            solicitation(Some(place), kind).dropped(NdpUnanswered);
        }
    }
    solicitation(Some([0, 8]), 135).dropped(openvpc_engine::DropReason::RouterAddress);
    lab.balances();
}

/// From an instance, never one that it does not own, and the impossible ones not even with the check off; 6to4 and
/// Teredo are addresses like others, which no interface of a VPC has.
#[test]
fn sources_that_embed_ipv4() {
    let (lab, a, b) = stage();
    let bob = lab.internet("2001:db8:ffff::12");
    let from = |to, source: &str| udp(&a, to, 1, 2).over_ipv6(to).from_address(source);
    let impossible = [
        "::ffff:10.0.2.10",
        "::10.0.2.10",
        "::ffff:203.0.113.9",
        "::2",
    ];
    let foreign = ["2002:a00:20a::1", "2001:0:a00:20a::1", "64:ff9b::a00:20a"];
    for source in impossible {
        lab.send(from(&b, source)).dropped(MartianSource);
    }
    for source in foreign {
        lab.send(from(&b, source)).dropped(SourceCheck);
    }
    let a = a.without_source_dest_check();
    let from = |to, source: &str| udp(&a, to, 1, 2).over_ipv6(to).from_address(source);
    for source in impossible {
        lab.send(from(&b, source)).dropped(MartianSource);
        lab.send(udp(&bob, &b, 1, 2).over_ipv6(&b).from_address(source))
            .dropped(MartianSource);
    }
    for source in foreign {
        lab.send(from(&bob, source)).dropped(NoPublicAddress);
    }
    lab.balances();
}

/// There is nobody behind the well-known prefix but a NAT gateway, if a route leads to one (NAT-11).
#[test]
fn translated_private_addresses_lead_nowhere() {
    let (lab, a, b) = stage();
    for inside in ["64:ff9b::a00:20a", "64:ff9b::c0a8:1", "64:ff9b::7f00:1"] {
        lab.send(udp(&a, &b, 1, 2).over_ipv6(&b).to_address(inside))
            .dropped(NoInternetHost);
    }
    lab.flow_log(&b).is_empty();
    lab.balances();
}

/// IGW-3, for IPv6.
#[test]
fn unique_local_addresses_do_not_cross() {
    let (lab, a, b) = stage();
    let bob = lab.internet("2001:db8:ffff::12");
    for ula in ["fd12::1", "fc00::1", "fdff:ffff::1"] {
        lab.send(udp(&a, &b, 1, 2).over_ipv6(&b).to_address(ula))
            .dropped(PrivateAtGateway);
        lab.send(Shot::new(&bob, &a, false, L4::Raw(17, udp_bytes().1)).from_address(ula))
            .dropped(PrivateAtGateway);
    }
    lab.balances();
}
