//! Bad TCP (RFC 9293, RFC 5961).
//!
//! | Item | Test |
//! |---|---|
//! | SYN with data, simultaneous open | `a_syn_with_data_and_a_simultaneous_open` |
//! | SYN+FIN, null, Xmas, ACK without SYN, SYN-ACK to nobody, urgent without a connection | `flags_that_open_nothing`, `impossible_flags_are_recorded_as_unknown` |
//! | data offset < 5 or past the end | `header_lengths` |
//! | RST out of the window and exact | `only_a_reset_that_its_receiver_believes_ends_a_connection` |
//! | SYN on TIME_WAIT | `a_syn_on_time_wait_begins_anew` |
//! | urgent within a connection | `urgent_data_is_data` |
//! | pickup in mid-flow after a restart only if the flow was stored | `nothing_is_picked_up_in_mid_flow` |

use openvpc_engine::DropReason::{Malformed, NoConnection, SecurityGroupIngress};
use openvpc_engine::{Engine, Frame, Limits, Time, Verdict};
use openvpc_testkit::{Host, L4, Lab, Shot, egress, ingress, syn};

use super::{segment, stage};

const FIN: u8 = 1;
const SYN: u8 = 2;
const RST: u8 = 4;
const PSH: u8 = 8;
const ACK: u8 = 16;
const URG: u8 = 32;

/// Two instances between which rules allow TCP, so that every flow is tracked.
fn tracked() -> (Lab, Host, Host) {
    let lab = Lab::vpc("10.0.0.0/16");
    let rules = || {
        [
            ingress("tcp from 10.0.0.0/16"),
            egress("tcp to 10.0.0.0/16"),
        ]
    };
    let a = lab.eni("10.0.1.10").security_group(rules());
    let b = lab.eni("10.0.2.10").security_group(rules());
    (lab, a, b)
}

#[test]
fn header_lengths() {
    let (lab, a, b) = stage();
    for offset in [0x00, 0x10, 0x40, 0x60, 0xf0] {
        lab.send(syn(&a, &b, 80).edit(|frame| frame[46] = offset))
            .dropped(Malformed);
    }
    for len in 0..20 {
        lab.send(Shot::new(&a, &b, true, L4::Raw(6, vec![0x50; len])))
            .dropped(Malformed);
    }
    lab.flow_log(&a).is_empty();
    lab.balances();
}

/// Null, FIN, SYN+FIN, SYN+RST, SYN+ACK, RST+ACK, FIN+ACK, ACK, Xmas, everything, URG alone: no state, and rejected.
#[test]
fn flags_that_open_nothing() {
    let (lab, a, b) = tracked();
    let of = |flags: u8| segment(&a, &b, (4_000 + u16::from(flags), 80), (7, 9), flags, 0);
    for flags in [
        0,
        FIN,
        SYN | FIN,
        SYN | RST,
        ACK,
        SYN | ACK,
        RST | ACK,
        FIN | ACK,
        FIN | PSH | URG,
        0x3f,
        RST,
        URG,
        URG | ACK,
        PSH | ACK,
    ] {
        lab.send(of(flags)).dropped(NoConnection);
    }
    assert_eq!(lab.counters(&a).conntrack_entries, 0);
    assert!(
        lab.flow_log(&a)
            .cells()
            .iter()
            .all(|cell| cell.action == openvpc_engine::Action::Reject)
    );
    lab.flow_log(&b).is_empty();
    lab.send(of(SYN)).reaches(&b);
    lab.send(of(SYN | PSH | URG)).reaches(&b);
    lab.balances();
}

/// Where rules leave the flow untracked, odd flags pass, and the record shows `-` (spec 01 §3).
#[test]
fn impossible_flags_are_recorded_as_unknown() {
    let lab = Lab::vpc("10.0.0.0/16");
    let a = lab.eni("10.0.1.10").open();
    let b = lab.eni("10.0.2.10").open();
    lab.send(segment(&a, &b, (1, 80), (7, 0), FIN | PSH | URG, 0))
        .reaches(&b);
    assert_eq!(lab.flow_log(&a).cells()[0].tcp_flags.value(), Some(1));
    lab.send(segment(&a, &b, (1, 80), (7, 0), SYN | FIN, 0))
        .reaches(&b);
    assert_eq!(lab.flow_log(&a).cells()[0].tcp_flags.value(), None);
}

#[test]
fn a_syn_with_data_and_a_simultaneous_open() {
    let (lab, a, b) = tracked();
    lab.send(segment(&a, &b, (1, 2), (100, 0), SYN, 50))
        .reaches(&b);
    lab.send(segment(&a, &b, (5, 6), (100, 0), SYN, 0))
        .reaches(&b);
    lab.send(segment(&b, &a, (6, 5), (900, 0), SYN, 0))
        .reaches(&a);
    lab.send(segment(&a, &b, (5, 6), (100, 901), SYN | ACK, 0))
        .reaches(&b);
    lab.send(segment(&b, &a, (6, 5), (900, 101), SYN | ACK, 0))
        .reaches(&a);
    lab.wait_secs(3_600);
    lab.send(segment(&a, &b, (5, 6), (101, 901), ACK, 5))
        .reaches(&b);
}

/// RFC 5961 §3: a blind reset changes nothing, wherever it lies; the exact one ends the connection.
#[test]
fn only_a_reset_that_its_receiver_believes_ends_a_connection() {
    let (lab, a, b) = tracked();
    let mut call = lab.tcp(&a, &b, 80);
    call.handshake();
    call.client(PSH | ACK, 100).reaches(&b);
    call.server(ACK, 0).reaches(&a);
    let [client, server] = call.next_sequences();
    let reset =
        |sequence: u32| segment(&b, &a, (80, call.client_port()), (sequence, client), RST, 0);
    for far in [
        1,
        2,
        65_535,
        65_536,
        1 << 20,
        1 << 30,
        1 << 31,
        u32::MAX - 5_000,
    ] {
        lab.send(reset(server.wrapping_add(far))).reaches(&a);
        lab.send(reset(server.wrapping_sub(far).wrapping_sub(1)))
            .reaches(&a);
    }
    // Twenty seconds later, when a reset connection would be forgotten, it still lives, its rules gone or not.
    lab.wait_secs(20);
    let b = b.security_group([]);
    call.client(ACK, 10).reaches(&b);
    call.server(ACK, 10).reaches(&a);
    call.server(RST, 0).reaches(&a);
    lab.wait_secs(11);
    call.client(ACK, 10).dropped(NoConnection);
}

/// RFC 9293 §3.6.1: another connection; the rules are asked anew.
#[test]
fn a_syn_on_time_wait_begins_anew() {
    let (lab, a, b) = tracked();
    let mut call = lab.tcp(&a, &b, 80);
    call.handshake();
    call.close();
    let again = || segment(&a, &b, (call.client_port(), 80), (9_000_000, 0), SYN, 0);
    lab.send(again()).reaches(&b);
    let mut other = lab.tcp(&a, &b, 80);
    other.handshake();
    other.close();
    let again = segment(&a, &b, (other.client_port(), 80), (9_000_000, 0), SYN, 0);
    let _b = b.security_group([]);
    lab.send(again).dropped(SecurityGroupIngress);
}

#[test]
fn urgent_data_is_data() {
    let (lab, a, b) = tracked();
    let mut call = lab.tcp(&a, &b, 23);
    call.handshake();
    call.client(URG | PSH | ACK, 1).reaches(&b);
    call.server(ACK, 0).reaches(&a);
    lab.balances();
}

/// An engine that was started anew knows no connection, and makes none up from what it sees.
#[test]
fn nothing_is_picked_up_in_mid_flow() {
    let (lab, a, b) = tracked();
    let mut call = lab.tcp(&a, &b, 80);
    call.handshake();
    let [client, server] = call.next_sequences();
    let data = segment(
        &a,
        &b,
        (call.client_port(), 80),
        (client, server),
        PSH | ACK,
        10,
    );
    lab.send(data.clone()).reaches(&b);
    let mut restarted = Engine::new(Limits::default());
    restarted.install(lab.snapshot());
    restarted.attach_port(a.port());
    restarted.attach_port(b.port());
    for _ in 0..3 {
        let mut bytes = data.bytes().to_vec();
        let verdict = restarted.process(a.port(), &mut Frame::new(&mut bytes), Time::from_secs(9));
        assert_eq!(verdict, Verdict::Drop(NoConnection));
    }
    // A new one is welcome.
    let mut bytes = syn(&a, &b, 80).bytes().to_vec();
    let verdict = restarted.process(a.port(), &mut Frame::new(&mut bytes), Time::from_secs(9));
    assert_eq!(verdict, Verdict::Forward { port: b.port() });
}
