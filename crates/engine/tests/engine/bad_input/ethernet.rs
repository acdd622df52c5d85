//! Bad Ethernet frames (IEEE 802.3 §3; I-1, I-3).
//!
//! | Item | Test |
//! |---|---|
//! | runt, 0–13 bytes | `runts` |
//! | VLAN, QinQ | `vlan_tags_are_not_ours_to_follow` |
//! | 802.3 length, ethertype 0 | `a_length_is_no_ethertype` |
//! | IP version ≠ ethertype | `ip_version_against_ethertype` |
//! | group source MAC, another's MAC | `the_source_is_the_interfaces_own` |
//! | jumbo over MTU | `over_the_mtu` |

use openvpc_engine::DropReason::{ForeignMac, Malformed, OverMtu, RuntFrame, UnknownEtherType};
use openvpc_engine::{Mac, UnloggedClass};
use openvpc_testkit::{Lab, ping, udp};

use super::{stage, udp_of};

/// What never became a packet is counted as it is named, and shows in no flow log.
#[track_caller]
fn unlogged(lab: &Lab, host: &openvpc_testkit::Host, class: UnloggedClass, packets: u64) {
    assert_eq!(lab.counters(host).egress.unlogged(class).packets, packets);
    lab.flow_log(host).is_empty();
    lab.balances();
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
    unlogged(&lab, &a, UnloggedClass::NonIp, 14);
    unlogged(&lab, &a, UnloggedClass::Malformed, 20);
}

/// 802.1Q and 802.1ad: the inner packet is never looked for, even one that the rules would pass.
#[test]
fn vlan_tags_are_not_ours_to_follow() {
    let (lab, a, b) = stage();
    let tagged = |tags: &[u8]| {
        let mut frame = udp(&a, &b, 1, 2).bytes().to_vec();
        frame.splice(12..12, tags.iter().copied());
        lab.raw(&a, frame)
    };
    tagged(&[0x81, 0x00, 0, 1]).dropped(UnknownEtherType);
    tagged(&[0x81, 0x00, 0, 0]).dropped(UnknownEtherType);
    tagged(&[0x88, 0xa8, 0, 1, 0x81, 0x00, 0, 2]).dropped(UnknownEtherType);
    tagged(&[0x91, 0x00, 0, 1]).dropped(UnknownEtherType);
    unlogged(&lab, &a, UnloggedClass::NonIp, 4);
}

#[test]
fn a_length_is_no_ethertype() {
    let (lab, a, b) = stage();
    for kind in [0u16, 1, 46, 60, 1_500, 1_535, 0x0801, 0x86dc] {
        lab.send(
            udp(&a, &b, 1, 2).edit(|frame| frame[12..14].copy_from_slice(&kind.to_be_bytes())),
        )
        .dropped(UnknownEtherType);
    }
    // LLC and SNAP that name IPv4.
    let snap = |frame: &mut Vec<u8>| {
        frame.splice(12..14, [0, 68, 0xaa, 0xaa, 3, 0, 0, 0, 8, 0]);
    };
    lab.send(udp(&a, &b, 1, 2).edit(snap))
        .dropped(UnknownEtherType);
    unlogged(&lab, &a, UnloggedClass::NonIp, 9);
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
    for version in [0u8, 1, 5, 7, 15] {
        lab.send(udp(&a, &b, 1, 2).edit(|frame| frame[14] = version << 4 | 5))
            .dropped(Malformed);
    }
    unlogged(&lab, &a, UnloggedClass::Malformed, 7);
}

/// Also for an interface whose addresses are not checked: the Ethernet address is (I-1).
#[test]
fn the_source_is_the_interfaces_own() {
    let (lab, a, b) = stage();
    let a = a.without_source_dest_check();
    let group = Mac([a.mac().0[0] | 1, a.mac().0[1], 0, 0, 0, 1]);
    for mac in [
        group,
        Mac::BROADCAST,
        Mac([0x33, 0x33, 0, 0, 0, 1]),
        Mac([0; 6]),
        b.mac(),
        a.router_mac(),
    ] {
        lab.send(udp(&a, &b, 1, 2).from_mac(mac))
            .dropped(ForeignMac);
    }
    unlogged(&lab, &a, UnloggedClass::Spoofed, 6);
    lab.flow_log(&b).is_empty();
}

#[test]
fn over_the_mtu() {
    let (lab, a, b) = stage();
    lab.send(udp_of(&a, &b, 9_001 - 28)).reaches(&b);
    let _ = lab.flow_log(&a);
    lab.send(udp_of(&a, &b, 9_002 - 28)).dropped(OverMtu);
    lab.send(udp_of(&a, &b, 65_535 - 28)).dropped(OverMtu);
    unlogged(&lab, &a, UnloggedClass::Malformed, 2);
}
