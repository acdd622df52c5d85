//! IPv6 extension headers and fragments are no way round a rule (RFC 7112, RFC 8200 §4): a port is judged, recorded and
//! tracked wherever in the chain it stands. What is malformed is in `bad_input::ipv6`.

use openvpc_engine::DropReason::{
    EgressOnlyUnsolicited, FragmentOverlap, FragmentWithoutFirst, NetworkAclInbound,
    SecurityGroupIngress, TinyFragment,
};
use openvpc_testkit::{Host, Lab, To, ingress, udp};

use crate::bad_input::{fragment_header, ipv6_chain};

/// Chains that may stand before a transport header.
fn chains() -> Vec<Vec<(u8, Vec<u8>)>> {
    let options = |number: u8| (number, vec![0, 1, 4, 0, 0, 0, 0]);
    let long = (60, [vec![2, 1, 20], vec![0; 20]].concat());
    let routing = (43, vec![0, 4, 0, 0, 0, 0, 0]);
    let atomic = fragment_header(0, false);
    vec![
        vec![],
        vec![options(0)],
        vec![options(60)],
        vec![routing.clone()],
        vec![atomic.clone()],
        vec![options(0), options(60), routing, atomic, long.clone()],
        vec![long],
    ]
}

fn datagram(ports: (u16, u16)) -> (u8, Vec<u8>) {
    let mut bytes = [ports.0.to_be_bytes(), ports.1.to_be_bytes()].concat();
    bytes.extend_from_slice(&[0, 16, 0x12, 0x34, 1, 2, 3, 4, 5, 6, 7, 8]);
    (17, bytes)
}

fn stage() -> (Lab, Host, Host) {
    let lab = Lab::vpc("10.0.0.0/16")
        .ipv6("2001:db8:1:100::/56")
        .internet_gateway();
    let (a, b) = (
        lab.eni("10.0.1.10").ipv6(0x10).open(),
        lab.eni("10.0.2.10").ipv6(0x10),
    );
    let b = b.security_group([ingress("udp 53 from ::/0")]);
    (lab, a, b)
}

#[test]
fn a_port_is_judged_wherever_it_stands() {
    let (lab, a, b) = stage();
    for (number, chain) in chains().iter().enumerate() {
        let port = 4_000 + number as u16;
        for _ in 0..2 {
            lab.raw(&a, ipv6_chain(&a, &b, chain, datagram((port, 53))))
                .reaches(&b);
            lab.raw(&a, ipv6_chain(&a, &b, chain, datagram((port, 54))))
                .dropped(SecurityGroupIngress);
        }
    }
    lab.network_acl(&b).inbound("1 deny udp 53 from ::/0");
    for chain in chains() {
        lab.raw(&a, ipv6_chain(&a, &b, &chain, datagram((5_000, 53))))
            .dropped(NetworkAclInbound);
    }
    lab.balances();
}

/// The same five-tuple is the same flow, whatever stands before it: one record, one tracked flow.
#[test]
fn a_chain_makes_no_flow_of_its_own() {
    let (lab, a, b) = stage();
    for chain in chains() {
        lab.raw(&a, ipv6_chain(&a, &b, &chain, datagram((4_000, 53))))
            .reaches(&b);
        lab.raw(&b, ipv6_chain(&b, &a, &chain, datagram((53, 4_000))))
            .reaches(&a);
    }
    let log = lab.flow_log(&b);
    let packets: Vec<_> = log
        .cells()
        .iter()
        .map(|cell| (cell.source_port, cell.destination_port))
        .collect();
    assert_eq!(packets.len(), 2, "{packets:?}");
    assert!(packets.contains(&(4_000, 53)) && packets.contains(&(53, 4_000)));
    assert_eq!(lab.counters(&b).conntrack_entries, 1);
    lab.balances();
}

/// Ports in the second fragment, or changed by it, or brought by it alone.
#[test]
fn fragments_smuggle_no_port() {
    let (lab, a, b) = stage();
    let options = (60, vec![0, 1, 4, 0, 0, 0, 0]);
    let send = |id: u8, offset: u16, more: bool, chain: &[(u8, Vec<u8>)], upper| {
        let (number, mut header) = fragment_header(offset, more);
        header[6] = id;
        let headers = [&[(number, header)], chain].concat();
        lab.raw(&a, ipv6_chain(&a, &b, &headers, upper))
    };
    // The first fragment ends before the ports.
    send(1, 0, true, &[], (60, [&[17][..], &options.1].concat())).dropped(TinyFragment);
    send(1, 8, false, &[], datagram((4_000, 54))).dropped(FragmentWithoutFirst);
    // The first one is refused, so nothing of it passes.
    send(2, 0, true, &[], datagram((4_000, 54))).dropped(SecurityGroupIngress);
    send(2, 16, false, &[], (17, vec![0; 8])).dropped(FragmentWithoutFirst);
    // The second one would change the ports of the first.
    send(3, 0, true, &[], datagram((4_000, 53))).reaches(&b);
    send(3, 0, true, &[], datagram((4_000, 54))).dropped(FragmentOverlap);
    // A whole packet beside it is judged for itself.
    send(3, 0, false, &[], datagram((4_000, 54))).dropped(SecurityGroupIngress);
    // Options between the fragment header and the ports.
    let hidden = [options.clone()];
    send(4, 0, true, &hidden, datagram((4_000, 54))).dropped(SecurityGroupIngress);
    send(5, 0, true, &[options], datagram((4_000, 53))).reaches(&b);
    lab.balances();
}

/// EO-23, EO-27: an answer is one by its ports, not by where they stand.
#[test]
fn a_chain_opens_no_egress_only_gateway() {
    let (lab, _, b) = stage();
    let b = b.open();
    let gateway = lab.egress_only_gateway();
    lab.route(&b, "::/0", To::EgressOnly(gateway));
    let web = lab.internet("2001:db8:ffff::80");
    for chain in chains() {
        lab.raw(&web, ipv6_chain(&web, &b, &chain, datagram((9, 53))))
            .dropped(EgressOnlyUnsolicited);
    }
    lab.send(udp(&b, &web, 4_000, 9)).reaches(&web);
    for chain in chains() {
        lab.raw(&web, ipv6_chain(&web, &b, &chain, datagram((9, 4_000))))
            .reaches(&b);
        lab.raw(&web, ipv6_chain(&web, &b, &chain, datagram((9, 4_001))))
            .dropped(EgressOnlyUnsolicited);
    }
    lab.balances();
}

/// EO-23 for a long answer: its later fragments follow the first, and a stranger's have none to follow.
#[test]
fn a_long_answer_comes_in_by_fragments() {
    let (lab, _, b) = stage();
    let b = b.open();
    let gateway = lab.egress_only_gateway();
    lab.route(&b, "::/0", To::EgressOnly(gateway));
    let [web, bob] = ["2001:db8:ffff::80", "2001:db8:ffff::12"].map(|host| lab.internet(host));
    let piece = |from: &Host, offset: u16, more: bool, upper| {
        let frame = ipv6_chain(from, &b, &[fragment_header(offset, more)], upper);
        lab.raw(from, frame)
    };
    lab.send(udp(&b, &web, 4_000, 9)).reaches(&web);
    piece(&web, 16, false, (17, vec![7; 800])).dropped(FragmentWithoutFirst);
    piece(&bob, 0, true, datagram((9, 4_000))).dropped(EgressOnlyUnsolicited);
    piece(&bob, 16, false, (17, vec![7; 800])).dropped(FragmentWithoutFirst);
    let later = |offset: u16, more: bool| {
        let mut header = fragment_header(offset, more);
        header.1[6] = 10;
        let payload = match offset {
            0 => datagram((9, 4_000)),
            _ => (17, vec![7; 800]),
        };
        lab.raw(&web, ipv6_chain(&web, &b, &[header], payload))
    };
    later(0, true).reaches(&b);
    later(16, true).reaches(&b);
    later(816, false).reaches(&b);
    // It has idled out at the gateway: nothing of the datagram passes any more.
    lab.wait_secs(200);
    later(0, true).dropped(EgressOnlyUnsolicited);
    later(16, false).dropped(FragmentWithoutFirst);
    lab.balances();
}
