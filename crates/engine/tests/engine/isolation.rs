//! Isolation invariants (I-1 … I-5, I-15): what never reaches another port, whatever the rules say.

use openvpc_engine::DropReason::{
    ForeignMac, MartianSource, Multicast, NoPolicy, NoSuchHost, PortNotAttached, SourceCheck,
    UnknownEtherType, UnknownMac,
};
use openvpc_engine::{Engine, Frame, Limits, Mac, PortId, Time, UnloggedClass, Verdict};
use openvpc_testkit::{Lab, ping, udp};

/// I-5: the VPC is part of every key.
#[test]
fn two_vpcs_of_the_same_cidr_never_meet() {
    let lab = Lab::vpc("10.0.0.0/16");
    let other = lab.another_vpc("10.0.0.0/16");
    let (a, b) = (lab.eni("10.0.1.10").open(), lab.eni("10.0.2.10").open());
    let (twin_a, twin_b) = (other.eni("10.0.1.10").open(), other.eni("10.0.2.10").open());
    lab.send(ping(&a, &b)).reaches(&b).answered().reaches(&a);
    lab.send(ping(&twin_a, &twin_b))
        .reaches(&twin_b)
        .answered()
        .reaches(&twin_a);
    let only = other.eni("10.0.3.10").open();
    lab.send(ping(&a, &only)).dropped(NoSuchHost);
    // Not even by its Ethernet address.
    lab.send(ping(&a, &b).to_mac(twin_b.mac()))
        .dropped(UnknownMac);
    lab.balances();
}

/// I-1.
#[test]
fn a_checked_interface_uses_its_own_addresses_only() {
    let lab = Lab::vpc("10.0.0.0/16").ipv6("2001:db8:1:100::/56");
    let (a, b) = (
        lab.eni("10.0.1.10").ipv6(0x10).open(),
        lab.eni("10.0.2.10").ipv6(0x10).open(),
    );
    lab.send(ping(&a, &b).from_address("10.0.1.11"))
        .dropped(SourceCheck);
    lab.send(
        ping(&a, &b)
            .over_ipv6(&b)
            .from_address("2001:db8:1:101::99"),
    )
    .dropped(SourceCheck);
    let a = a.without_source_dest_check();
    lab.send(ping(&a, &b).from_address("10.0.1.11")).reaches(&b);
    lab.flow_log(&b).reads(["10.0.1.11 10.0.2.10 ACCEPT"]);
    lab.balances();
}

#[test]
fn the_ethernet_source_is_always_the_interfaces_own() {
    let lab = Lab::vpc("10.0.0.0/16");
    let a = lab.eni("10.0.1.10").open().without_source_dest_check();
    let b = lab.eni("10.0.2.10").open();
    for mac in [
        b.mac(),
        a.router_mac(),
        Mac([3, 0, 0, 0, 0, 1]),
        Mac([0; 6]),
        Mac::BROADCAST,
    ] {
        lab.send(ping(&a, &b).from_mac(mac)).dropped(ForeignMac);
    }
    assert_eq!(
        lab.counters(&a)
            .egress
            .unlogged(UnloggedClass::Spoofed)
            .packets,
        5
    );
    lab.balances();
}

/// A warm cache entry of the same five-tuple does not excuse a foreign Ethernet source.
#[test]
fn a_remembered_flow_does_not_cover_another_ethernet_pair() {
    let lab = Lab::vpc("10.0.0.0/16");
    let (a, b, c) = (
        lab.eni("10.0.1.10").open(),
        lab.eni("10.0.2.10").open(),
        lab.eni("10.0.1.11").open(),
    );
    let flow = || udp(&a, &b, 7, 8);
    lab.send(flow()).reaches(&b);
    lab.send(flow()).reaches(&b);
    lab.send(flow().from_mac(c.mac())).dropped(ForeignMac);
    lab.send(flow().to_mac(b.mac())).dropped(UnknownMac);
}

/// I-2.
#[test]
fn some_sources_never_leave_a_port() {
    let lab = Lab::vpc("10.0.0.0/16").ipv6("2001:db8:1:100::/56");
    let a = lab
        .eni("10.0.1.10")
        .ipv6(0x10)
        .open()
        .without_source_dest_check();
    let b = lab.eni("10.0.2.10").ipv6(0x10).open();
    for source in [
        "0.0.0.0",
        "0.1.2.3",
        "127.0.0.1",
        "169.254.1.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
    ] {
        lab.send(udp(&a, &b, 1, 2).from_address(source))
            .dropped(MartianSource);
    }
    for source in [
        "::",
        "::1",
        "::ffff:10.0.1.10",
        "::10.0.1.10",
        "fe80::1",
        "ff02::1",
    ] {
        lab.send(ping(&a, &b).over_ipv6(&b).from_address(source))
            .dropped(MartianSource);
    }
    let own_link_local = a.mac().link_local().to_string();
    lab.send(ping(&a, &b).over_ipv6(&b).from_address(&own_link_local))
        .dropped(MartianSource);
    lab.balances();
}

/// I-3, SUB-2.
#[test]
fn group_destinations_and_unknown_ethertypes_stay_where_they_are() {
    let lab = Lab::vpc("10.0.0.0/16").ipv6("2001:db8:1:100::/56");
    let (a, b) = (
        lab.eni("10.0.1.10").ipv6(0x10).open(),
        lab.eni("10.0.1.11").ipv6(0x11).open(),
    );
    lab.send(udp(&a, &b, 1, 2).to_address("224.0.0.251"))
        .dropped(Multicast);
    lab.send(udp(&a, &b, 1, 2).to_address("255.255.255.255"))
        .dropped(Multicast);
    lab.send(udp(&a, &b, 1, 2).to_address("10.0.1.255"))
        .dropped(NoSuchHost);
    lab.send(ping(&a, &b).over_ipv6(&b).to_address("ff02::1"))
        .dropped(Multicast);
    lab.send(udp(&a, &b, 1, 2).to_mac(Mac::BROADCAST))
        .dropped(Multicast);
    lab.send(udp(&a, &b, 1, 2).to_mac(Mac([2, 9, 9, 9, 9, 9])))
        .dropped(UnknownMac);
    for ethertype in [0x8100u16, 0x88a8, 0x88cc, 0x0000, 0x0042, 0x8863] {
        let frame =
            udp(&a, &b, 1, 2).edit(|bytes| bytes[12..14].copy_from_slice(&ethertype.to_be_bytes()));
        lab.send(frame).dropped(UnknownEtherType);
    }
    lab.balances();
}

/// I-4.
#[test]
fn nothing_passes_before_policy_or_attachment() {
    let lab = Lab::vpc("10.0.0.0/16");
    let (a, b) = (lab.eni("10.0.1.10").open(), lab.eni("10.0.1.11").open());
    a.detach();
    lab.send(ping(&a, &b)).dropped(PortNotAttached);
    a.attach();
    lab.send(ping(&a, &b)).reaches(&b);

    let mut bare = Engine::new(Limits::default());
    bare.attach_port(a.port());
    let mut bytes = ping(&a, &b).bytes().to_vec();
    let verdict = bare.process(a.port(), &mut Frame::new(&mut bytes), Time::from_secs(1));
    assert_eq!(verdict, Verdict::Drop(NoPolicy));
}

/// I-4: what was tracked before the port went away is not tracked after it came back.
#[test]
fn detaching_forgets_flows_and_verdicts() {
    use openvpc_testkit::{egress, ingress};
    let lab = Lab::vpc("10.0.0.0/16");
    let tight = || {
        [
            ingress("tcp 22 from 10.0.0.0/16"),
            egress("all to 10.0.0.0/16"),
        ]
    };
    let (a, b) = (
        lab.eni("10.0.1.10").security_group(tight()),
        lab.eni("10.0.1.11").security_group(tight()),
    );
    let mut call = lab.tcp(&a, &b, 22);
    call.handshake();
    call.client(16, 1).reaches(&b);
    b.detach();
    call.client(16, 1)
        .dropped(openvpc_engine::DropReason::ReceiverNotAttached);
    b.attach();
    call.client(16, 1)
        .dropped(openvpc_engine::DropReason::NoConnection);
    assert_eq!(lab.counters(&b).conntrack_entries, 0);
}

/// I-20: generations never go down.
#[test]
fn an_older_snapshot_is_not_installed() {
    use openvpc_engine::{Snapshot, SnapshotParts};
    use std::sync::Arc;
    let of = |generation| {
        Arc::new(
            Snapshot::new(SnapshotParts {
                generation,
                ..SnapshotParts::default()
            })
            .unwrap(),
        )
    };
    let mut engine = Engine::new(Limits::default());
    engine.install(of(5));
    engine.install(of(4));
    assert_eq!(engine.snapshot().unwrap().generation(), 5);
}

#[test]
fn an_unknown_port_is_closed() {
    let lab = Lab::vpc("10.0.0.0/16");
    let (a, b) = (lab.eni("10.0.1.10").open(), lab.eni("10.0.1.11").open());
    lab.send(ping(&a, &b)).reaches(&b);
    let mut engine = Engine::new(Limits::default());
    let mut bytes = ping(&a, &b).bytes().to_vec();
    for port in [PortId::Outside(9), PortId::Eni(openvpc_engine::EniIndex(9))] {
        let verdict = engine.process(port, &mut Frame::new(&mut bytes), Time::from_secs(1));
        assert_eq!(verdict, Verdict::Drop(PortNotAttached));
    }
}
