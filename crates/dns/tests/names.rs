//! Which name means what, to whom: spec 00 §10, 04 §3, 05 §3 as tables.
#![allow(clippy::unwrap_used)]

mod lab;

use hickory_proto::op::ResponseCode;
use hickory_proto::rr::{RData, RecordType};
use lab::*;

fn check(rows: &[(u32, &str, RecordType, &str)]) {
    for (interface, name, kind, expected) in rows {
        assert_eq!(
            ask(*interface, name, *kind),
            *expected,
            "interface {interface} asks for {name} {kind}"
        );
    }
}

/// `DNS-2`: private names of addresses.
#[test]
fn private_names_mean_their_address_inside_the_vpc() {
    check(&[
        (
            ONE,
            "ip-10-0-1-5.ec2.internal.",
            RecordType::A,
            "NOERROR 10.0.1.5",
        ),
        // Any address in the VPC's blocks, and none outside.
        (
            ONE,
            "ip-10-0-255-254.ec2.internal.",
            RecordType::A,
            "NOERROR 10.0.255.254",
        ),
        (ONE, "ip-10-1-0-5.ec2.internal.", RecordType::A, "NXDOMAIN"),
        (
            ONE,
            "ip-10-0-1-5.ec2.internal.",
            RecordType::AAAA,
            "NOERROR",
        ),
        (ONE, "ip-10-0-1-5.ec2.internal.", RecordType::MX, "NOERROR"),
        // Written otherwise it is another name.
        (ONE, "ip-10-0-1-05.ec2.internal.", RecordType::A, "NXDOMAIN"),
        (
            ONE,
            "ip-10-0-1-256.ec2.internal.",
            RecordType::A,
            "NXDOMAIN",
        ),
        (ONE, "ip-10-0-1.ec2.internal.", RecordType::A, "NXDOMAIN"),
        (
            ONE,
            "ip-10-0-1-5-6.ec2.internal.",
            RecordType::A,
            "NXDOMAIN",
        ),
        (
            ONE,
            "x.ip-10-0-1-5.ec2.internal.",
            RecordType::A,
            "NXDOMAIN",
        ),
        (
            ONE,
            "ip-10-0-1-5.eu-west-1.compute.internal.",
            RecordType::A,
            "NXDOMAIN",
        ),
        (ONE, "ip-10-0-1-5xec2.internal.", RecordType::A, "NXDOMAIN"),
        (ONE, "ec2.internal.", RecordType::A, "NOERROR"),
        (ONE, "internal.", RecordType::A, "NOERROR"),
        (ONE, "nternal.", RecordType::A, "NXDOMAIN"),
        (ONE, ".", RecordType::NS, "NXDOMAIN"),
    ]);
}

/// `DNS-1`, `DNS-2`: both attributes.
#[test]
fn both_attributes_decide() {
    check(&[
        (
            UNNAMED,
            "ip-10-0-1-5.ec2.internal.",
            RecordType::A,
            "NXDOMAIN",
        ),
        (
            UNNAMED,
            "5.1.0.10.in-addr.arpa.",
            RecordType::PTR,
            "NXDOMAIN",
        ),
        (
            UNNAMED,
            "web.example.com.",
            RecordType::A,
            "NOERROR 198.51.100.80",
        ),
        (SILENT, "web.example.com.", RecordType::A, ""),
        (SILENT, "ip-10-0-1-5.ec2.internal.", RecordType::A, ""),
        (STRANGER, "web.example.com.", RecordType::A, ""),
    ]);
}

/// `DNS-2`: resource names have the families that the subnet's attributes give them.
#[test]
fn resource_names_are_of_their_own_vpc() {
    check(&[
        (
            ONE,
            "i-0aaaaaaaaaaaaaaaa.ec2.internal.",
            RecordType::A,
            "NOERROR 10.0.1.10",
        ),
        (
            ONE,
            "i-0aaaaaaaaaaaaaaaa.ec2.internal.",
            RecordType::AAAA,
            "NOERROR 2001:db8:1234::a",
        ),
        (
            ONE,
            "i-0bbbbbbbbbbbbbbbb.ec2.internal.",
            RecordType::AAAA,
            "NOERROR",
        ),
        (
            ONE,
            "i-0cccccccccccccccc.ec2.internal.",
            RecordType::A,
            "NOERROR",
        ),
        (
            ONE,
            "i-0dddddddddddddddd.ec2.internal.",
            RecordType::A,
            "NXDOMAIN",
        ),
        (
            TWO,
            "i-0aaaaaaaaaaaaaaaa.ec2.internal.",
            RecordType::A,
            "NXDOMAIN",
        ),
    ]);
}

/// `DNS-3` and spec 05 §3: the public name is the way home inside, and the public address elsewhere.
#[test]
fn public_names_depend_on_where_they_are_asked() {
    let name = "ec2-192-0-2-25.compute-1.amazonaws.com.";
    check(&[
        (ONE, name, RecordType::A, "NOERROR 10.0.1.10"),
        (TWO, name, RecordType::A, "NOERROR 192.0.2.25"),
        (UNNAMED, name, RecordType::A, "NOERROR 192.0.2.25"),
        (PEER, name, RecordType::A, "NOERROR 10.0.1.10"),
        (
            PEER,
            "ec2-192-0-2-26.compute-1.amazonaws.com.",
            RecordType::A,
            "NOERROR 192.0.2.26",
        ),
        (
            ONE,
            "ec2-192-0-2-27.compute-1.amazonaws.com.",
            RecordType::A,
            "NXDOMAIN",
        ),
        (ONE, "compute-1.amazonaws.com.", RecordType::A, "NOERROR"),
        (
            PEER,
            "ip-10-0-1-10.ec2.internal.",
            RecordType::A,
            "NOERROR 10.0.1.10",
        ),
    ]);
}

/// `DNS-4`, spec 04 §3: private DNS of an endpoint hides the public name, in its own VPC only.
#[test]
fn private_names_of_endpoints_go_first_and_stay_in() {
    let name = "logs.us-east-1.amazonaws.com.";
    check(&[
        (ONE, name, RecordType::A, "NOERROR 10.0.1.50 10.0.2.50"),
        (TWO, name, RecordType::A, "NOERROR 198.18.30.10"),
        (PEER, name, RecordType::A, "NOERROR 198.18.30.10"),
    ]);
}

#[test]
fn addresses_lead_back_to_names() {
    let host_v6 = "a.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.4.3.2.1.8.b.d.0.1.0.0.2.ip6.arpa.";
    check(&[
        (
            ONE,
            "5.1.0.10.in-addr.arpa.",
            RecordType::PTR,
            "NOERROR ip-10-0-1-5.ec2.internal.",
        ),
        (ONE, "5.1.1.10.in-addr.arpa.", RecordType::PTR, "NXDOMAIN"),
        (ONE, "1.0.10.in-addr.arpa.", RecordType::PTR, "NOERROR"),
        (ONE, "10.in-addr.arpa.", RecordType::PTR, "NOERROR"),
        (ONE, "11.in-addr.arpa.", RecordType::PTR, "NXDOMAIN"),
        (ONE, "1.5.1.0.10.in-addr.arpa.", RecordType::PTR, "NXDOMAIN"),
        (ONE, "05.1.0.10.in-addr.arpa.", RecordType::PTR, "NXDOMAIN"),
        (ONE, "5.1.0.10.in-addr.arpa.", RecordType::A, "NOERROR"),
        (
            ONE,
            "25.2.0.192.in-addr.arpa.",
            RecordType::PTR,
            "NOERROR ec2-192-0-2-25.compute-1.amazonaws.com.",
        ),
        (
            ONE,
            host_v6,
            RecordType::PTR,
            "NOERROR i-0aaaaaaaaaaaaaaaa.ec2.internal.",
        ),
        // Another VPC's host is nobody's.
        (TWO, host_v6, RecordType::PTR, "NXDOMAIN"),
        (ONE, "g.ip6.arpa.", RecordType::PTR, "NXDOMAIN"),
    ]);
}

/// `NAT-11`, RFC 6147.
#[test]
fn dns64_makes_up_only_what_is_missing() {
    check(&[
        (
            ONE_DNS64,
            "ipv4.example.com.",
            RecordType::AAAA,
            "NOERROR 64:ff9b::c633:6451",
        ),
        (
            ONE_DNS64,
            "web.example.com.",
            RecordType::AAAA,
            "NOERROR 2001:db8:ffff::80",
        ),
        (
            ONE_DNS64,
            "ipv4.example.com.",
            RecordType::A,
            "NOERROR 198.51.100.81",
        ),
        (
            ONE_DNS64,
            "nobody.example.com.",
            RecordType::AAAA,
            "NXDOMAIN",
        ),
        (
            ONE_DNS64,
            "i-0cccccccccccccccc.ec2.internal.",
            RecordType::AAAA,
            "NOERROR",
        ),
        (ONE, "ipv4.example.com.", RecordType::AAAA, "NOERROR"),
    ]);
    // One who checks signatures is told the truth.
    let mut validating = with_edns(query("ipv4.example.com.", RecordType::AAAA), 1232, true);
    validating.metadata.checking_disabled = true;
    assert!(ask_message(ONE_DNS64, &validating).answers.is_empty());
}

#[test]
fn localhost_never_leaves() {
    check(&[
        (ONE, "localhost.", RecordType::A, "NOERROR 127.0.0.1"),
        (ONE, "a.localhost.", RecordType::AAAA, "NOERROR ::1"),
    ]);
}

/// Random case is a client's defence and comes back as it was (RFC 5452, "0x20").
#[test]
fn case_means_nothing_and_is_kept() {
    let answer = ask_message(ONE, &query("iP-10-0-1-5.eC2.inTERnal.", RecordType::A));
    assert_eq!(
        answer.queries[0].name().to_ascii(),
        "iP-10-0-1-5.eC2.inTERnal."
    );
    assert_eq!(
        answer.answers[0].name.to_ascii(),
        "iP-10-0-1-5.eC2.inTERnal."
    );
    assert_eq!(answer.answers[0].ttl, 60);
}

/// RFC 2308: how long nothing may be remembered.
#[test]
fn nothing_is_said_with_the_zones_soa() {
    for (name, code, zone) in [
        (
            "none.ec2.internal.",
            ResponseCode::NXDomain,
            "ec2.internal.",
        ),
        ("none.example.org.", ResponseCode::NXDomain, "."),
    ] {
        let answer = ask_message(ONE, &query(name, RecordType::A));
        assert_eq!(answer.metadata.response_code, code);
        let [soa] = &answer.authorities[..] else {
            panic!("one record: {:?}", answer.authorities);
        };
        assert_eq!((soa.name.to_ascii().as_str(), soa.ttl), (zone, 60));
        assert!(matches!(&soa.data, RData::SOA(soa) if soa.minimum == 60));
    }
}

/// `IN-1`: whoever takes the first address takes each in turn.
#[test]
fn the_order_of_addresses_rotates() {
    let mut resolver = resolver(&[]);
    let mut ask = |name: &str| {
        let bytes = query(name, RecordType::A).to_vec().unwrap();
        text(&exchange(&mut resolver, ONE, &bytes).unwrap())
    };
    let private = "logs.us-east-1.amazonaws.com.";
    assert_eq!(ask(private), "NOERROR 10.0.1.50 10.0.2.50");
    assert_eq!(ask(private), "NOERROR 10.0.2.50 10.0.1.50");
    // One address is not turned, and turns nothing.
    assert_eq!(ask("ipv4.example.com."), "NOERROR 198.51.100.81");
    assert_eq!(ask(private), "NOERROR 10.0.1.50 10.0.2.50");
}
